//! What a runbook says: its trigger, where it runs, and its steps.

use sim_core::random::Distribution;
use sim_settings::{Key, Section};

use crate::people::Delay;
use crate::stores::Promotion;

const NAME: Key = Key::required("name", "what the runbook is called");
const ON: Key = Key::required("on", "what starts it");
const HOSTED_IN: Key = Key::required("hosted-in", "regions that its automation can run in, in order of preference");
const STEPS: Key = Key::required("steps", "what it does, in order");
const ALARM: Key = Key::required("alarm", "the alarm that starts it");
const HEALTH_CHECK: Key = Key::required("health-check", "the region whose endpoint turns unhealthy");
const OPERATOR: Key = Key::required("operator", "how long an operator takes to notice that a journey is down");
const JOURNEY: Key = Key::optional("journey", "the journey that the operator watches; any of them without");
const APPROVE: Key = Key::required("approve", "how long people take to decide");
const WAIT: Key = Key::required("wait", "how long it waits");
const PROMOTE: Key = Key::required("promote", "the store that gets a new writer, by managed failover");
const DETACH: Key = Key::required("detach", "the store whose copy becomes a cluster of its own");
const SWITCH_OVER: Key = Key::required("switch-over", "the store whose writer moves as planned");
const SHIFT: Key = Key::required("shift", "the means by which traffic is shifted");
const READMIT: Key = Key::required("readmit", "the region that DNS may answer with again, beside the others");
const SCALE: Key = Key::required("scale", "the desired number of instances");
const TO: Key = Key::required("to", "the region that the step is about");
const SUCCESS: Key =
    Key::convention("success", "probability that an attempt succeeds", "1", "nothing fails unless stated")
        .at_least(0.0)
        .at_most(1.0);
const RETRIES: Key =
    Key::convention("retries", "further attempts after a failed one", "0", "none unless stated").at_most(1_000.0);
const RETRY_AFTER: Key = Key::convention(
    "retry-after",
    "how long people wait after an attempt that failed before they try again",
    "0s",
    "at once unless stated",
);
const WRONG: Key = Key::optional("wrong", "how people may do something else by mistake");
const PROBABILITY: Key = Key::required("probability", "probability that the step is done wrong").at_most(1.0);
const NOTICED: Key =
    Key::required("noticed", "how long it takes, once the wrong thing is done, until the right one is begun");
const WRONG_TO: Key =
    Key::optional("to", "the region that it is done to by mistake; without it, it is done where it changes nothing");
const TAKES: Key = Key::convention("takes", "how long the action itself takes", "0s", "an API call");

/// The words that say what starts a runbook.
pub const TRIGGERS: [&str; 3] = [ALARM.name, HEALTH_CHECK.name, OPERATOR.name];

/// What starts a runbook.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// An alarm fires.
    Alarm(usize),
    /// A region's endpoint turns unhealthy.
    HealthCheck(usize),
    /// An operator notices that a journey is down.
    Operator {
        /// How long that takes from the first instant.
        delay: Delay,
        /// The journey, or any.
        journey: Option<usize>,
    },
}

/// How traffic is shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A record edit: control plane in us-east-1.
    RecordEdit,
    /// A routing control of Application Recovery Controller (ARC): data plane.
    RoutingControl,
    /// The traffic dials of Global Accelerator: control plane in us-west-2.
    TrafficDial,
    /// The dial of the S3 Multi-Region Access Points: an API that several regions accept.
    AccessPoint,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// People decide.
    Approve(Delay),
    /// Time passes.
    Wait(Distribution),
    /// A copy becomes the writer.
    Promote {
        /// Managed failover, detachment or planned switchover.
        how: Promotion,
        /// The store.
        store: usize,
        /// The region of the copy.
        to: usize,
    },
    /// Traffic goes to one region only.
    Shift {
        /// By which means.
        means: Means,
        /// The region.
        to: usize,
    },
    /// A region is let back into DNS answers beside the others.
    Readmit {
        /// The region.
        region: usize,
    },
    /// A group gets another desired size.
    Scale {
        /// The size.
        desired: u64,
        /// The region.
        to: usize,
    },
}

impl Action {
    /// Whether it does something to a region; people who decide and time that passes do not.
    const fn acts(&self) -> bool {
        !matches!(self, Self::Approve(_) | Self::Wait(_))
    }

    /// The same action upon another region.
    fn at(&self, other: usize) -> Self {
        let mut action = self.clone();
        match &mut action {
            Self::Promote { to, .. }
            | Self::Shift { to, .. }
            | Self::Readmit { region: to }
            | Self::Scale { to, .. } => {
                *to = other;
            }
            Self::Approve(_) | Self::Wait(_) => {}
        }
        action
    }
}

/// One step of a runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// Probability that an attempt succeeds.
    pub success: f64,
    /// Further attempts after a failed one.
    pub retries: u64,
    /// From an attempt that failed until the next one, in seconds.
    pub retry_after: Distribution,
    /// How it may be done wrong.
    pub wrong: Option<Wrong>,
    /// How long the action takes, in seconds, where it has no duration of its own.
    pub takes: Distribution,
}

/// A step that people may do to the wrong thing: it takes its time and has its effect there, and some time after it is
/// done somebody notices and the right step is begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// Probability that it happens, once each time that a run of the runbook comes to the step.
    pub probability: f64,
    /// What is done; nothing of consequence without.
    pub action: Option<Action>,
    /// From when that is done until the step is begun as it was meant, in seconds.
    pub noticed: Distribution,
}

/// A runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// What starts it.
    pub on: Trigger,
    /// Where its automation can run.
    pub hosted_in: Vec<usize>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// Names that runbooks refer to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Regions: those that serve, then the others.
    pub regions: &'a [String],
    /// Those of them that serve.
    pub endpoints: &'a [String],
    /// The same and after them further ones that automation can run in.
    pub places: &'a [String],
    /// Stores.
    pub stores: &'a [String],
    /// Journeys.
    pub journeys: &'a [String],
    /// Alarms.
    pub alarms: &'a [String],
}

impl Parameters {
    /// Reads one `[[runbooks]]` entry.
    pub fn read(section: &mut Section<'_>, names: Names<'_>) -> Self {
        let on = section.section(&ON).and_then(|mut on| {
            Some(match on.one_of(&TRIGGERS)? {
                "alarm" => Trigger::Alarm(on.name(&ALARM, names.alarms)),
                "health-check" => Trigger::HealthCheck(on.name(&HEALTH_CHECK, names.endpoints)),
                _ => Trigger::Operator {
                    delay: Delay::read(&mut on, &OPERATOR),
                    journey: on.maybe_name(&JOURNEY, names.journeys),
                },
            })
        });
        let steps = section.sections(&STEPS).iter_mut().map(|step| Step::read(step, names)).collect();
        Self {
            name: section.text(&NAME),
            on: on.unwrap_or(Trigger::Alarm(0)),
            hosted_in: section.names(&HOSTED_IN, names.places),
            steps,
        }
    }
}

impl Step {
    /// What is done in it when all goes well, or when it is done wrong; `None` if that is of no consequence.
    pub fn done(&self, wrong: bool) -> Option<&Action> {
        if wrong { self.wrong.as_ref().and_then(|wrong| wrong.action.as_ref()) } else { Some(&self.action) }
    }

    fn read(section: &mut Section<'_>, names: Names<'_>) -> Self {
        let forms = ["approve", "wait", "promote", "detach", "switch-over", "shift", "readmit", "scale"];
        let promote = |section: &mut Section<'_>, key: &Key, how: Promotion| Action::Promote {
            how,
            store: section.name(key, names.stores),
            to: section.name(&TO, names.regions),
        };
        let action = match section.one_of(&forms) {
            Some("wait") => Action::Wait(section.delay(&WAIT)),
            Some("promote") => promote(section, &PROMOTE, Promotion::Failover),
            Some("detach") => promote(section, &DETACH, Promotion::Detach),
            Some("switch-over") => promote(section, &SWITCH_OVER, Promotion::SwitchOver),
            Some("shift") => {
                let means = [
                    ("record-edit", Means::RecordEdit),
                    ("arc", Means::RoutingControl),
                    ("traffic-dial", Means::TrafficDial),
                    ("access-point", Means::AccessPoint),
                ];
                Action::Shift { means: section.choice(&SHIFT, &means), to: section.name(&TO, names.regions) }
            }
            Some("readmit") => Action::Readmit { region: section.name(&READMIT, names.regions) },
            Some("scale") => Action::Scale { desired: section.count(&SCALE), to: section.name(&TO, names.regions) },
            _ => Action::Approve(Delay::read(section, &APPROVE)),
        };
        Self {
            success: section.number(&SUCCESS),
            retries: section.count(&RETRIES),
            retry_after: section.delay(&RETRY_AFTER),
            wrong: Wrong::read(section, &action, names),
            takes: section.delay(&TAKES),
            action,
        }
    }
}

impl Wrong {
    fn read(step: &mut Section<'_>, action: &Action, names: Names<'_>) -> Option<Self> {
        if !action.acts() {
            return None;
        }
        let mut section = step.section(&WRONG)?;
        let probability = section.number(&PROBABILITY);
        let to = section.maybe_name(&WRONG_TO, names.regions);
        Some(Self { probability, action: to.map(|to| action.at(to)), noticed: section.delay(&NOTICED) })
    }
}
