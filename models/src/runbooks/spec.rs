//! The keys of a runbook, and their reading: its trigger, its regions and its steps.

use sim_core::random::Distribution;
use sim_settings::form::{self, Count, Flag, List, Name, Names as NamesOf, Number, OneOf, Sub, Table, Text, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Word, keys};

use crate::ids::{AlarmId, JourneyId, RegionId, ServiceId, StoreId};
use crate::people::{Delay, HoursKeys};
use crate::stores::Promotion;

keys! {
    /// The keys of `[[runbooks]]`.
    pub(crate) struct RunbookKeys {
        const NAME: Key<Text> = Key::required("name", "what the runbook is called").example("\"fail-over\"");
        const ON: Key<Sub<TriggerTable>> = Key::required("on", "what starts it");
        const HOSTED_IN: Key<NamesOf<RegionId>> = Key::required("hosted-in", "regions that its automation can run in, in order of preference");
        const STEPS: Key<List<StepTable>> = Key::required("steps", "what it does, in order");
        const STAND_DOWN: Key<Flag> = Key::convention(
            "stand-down",
            "whether it ends before a step that acts if the journeys that were down when it started are up again",
            "false",
            "automation does what it was told; an operator looks again in any case",
        );
    }
}
keys! {
    /// The trigger of a runbook.
    struct TriggerKeys {
        const ALARM: Key<Name<AlarmId>> = Key::required("alarm", "the alarm that starts it");
        const HEALTH_CHECK: Key<Name<RegionId>> = Key::required("health-check", "the region whose endpoint turns unhealthy");
        const OPERATOR: Key<form::Delay> = Key::required("operator", "how long an operator takes to notice that a journey is down");
    }
}
keys! {
    /// The journeys that an operator watches.
    struct OperatorKeys {
        const JOURNEY: Key<Option<Name<JourneyId>>> = Key::optional("journey", "the journey that the operator watches", "any of them");
    }
}
keys! {
    /// The keys of a step.
    struct StepKeys {
        const APPROVE: Key<form::Delay> = Key::required("approve", "how long people take to decide");
        const WAIT: Key<form::Delay> = Key::required("wait", "how long it waits");
        const PROMOTE: Key<Name<StoreId>> = Key::required("promote", "the store that gets a new writer, by managed failover");
        const DETACH: Key<Name<StoreId>> = Key::required("detach", "the store whose copy becomes a cluster of its own");
        const SWITCH_OVER: Key<Name<StoreId>> = Key::required("switch-over", "the store whose writer moves as planned");
        const REPOINT: Key<Name<StoreId>> = Key::required("repoint", "the store whose applications are told of a detached copy, wherever that can be reached");
        const RESTORE: Key<Name<StoreId>> = Key::required("restore", "the store that is restored from its newest backup of before anything was wrong with it");
        const SHIFT: Key<OneOf<Means>> = Key::required("shift", "the means by which traffic is shifted");
        const READMIT: Key<Name<RegionId>> = Key::required("readmit", "the region that DNS may answer with again, beside the others");
        const SCALE: Key<Count> = Key::required("scale", "the desired number of instances").unit("instances");
        const SUCCESS: Key<Number> =
            Key::convention("success", "probability that an attempt succeeds", "1", "nothing fails unless stated")
                .at_least(0.0)
                .at_most(1.0);
        const RETRIES: Key<Count> =
            Key::convention("retries", "further attempts after a failed one", "0", "none unless stated").at_most(1_000.0);
        const RETRY_AFTER: Key<form::Delay> = Key::convention(
            "retry-after",
            "how long people wait after an attempt that failed before they try again",
            "0s",
            "at once unless stated",
        );
        const TAKES: Key<form::Delay> = Key::convention("takes", "how long the action itself takes", "0s", "an API call");
    }
}
keys! {
    /// Where an action is done.
    struct TargetKeys {
        const TO: Key<Name<RegionId>> = Key::required("to", "the region that the step is about");
    }
}
keys! {
    /// What is scaled in the region.
    struct ScaledKeys {
        const SCALED: Key<Option<Name<ServiceId>>> = Key::optional("service", "the service whose group gets the size", "the service that clients enter");
    }
}
keys! {
    /// The key of steps that act upon a region.
    struct MayGoWrongKeys {
        const WRONG: Key<Option<Sub<WrongKeys>>> = Key::optional("wrong", "how people may do something else by mistake", "they make no mistake");
    }
}
keys! {
    /// How a step may be done wrong.
    struct WrongKeys {
        const PROBABILITY: Key<Number> = Key::required("probability", "probability that the step is done wrong").at_most(1.0);
        const NOTICED: Key<form::Delay> =
            Key::required("noticed", "how long it takes, once the wrong thing is done, until the right one is begun");
        const WRONG_TO: Key<Option<Name<RegionId>>> =
            Key::optional("to", "the region that it is done to by mistake", "it is done where it changes nothing");
    }
}

/// The words that say what starts a runbook.
pub const TRIGGERS: [&str; 3] = [ALARM.name, HEALTH_CHECK.name, OPERATOR.name];

/// The words that say what a step does.
const ACTIONS: [&str; 10] = [
    APPROVE.name,
    WAIT.name,
    PROMOTE.name,
    DETACH.name,
    SWITCH_OVER.name,
    REPOINT.name,
    RESTORE.name,
    SHIFT.name,
    READMIT.name,
    SCALE.name,
];

/// The trigger of a runbook.
#[derive(Clone, Copy, Debug)]
enum TriggerTable {}

impl Table for TriggerTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&TRIGGERS),
        Listing::Keys(TriggerKeys::KEYS),
        Listing::Beside(&[OPERATOR.name], &[Listing::Keys(OperatorKeys::KEYS), Listing::Keys(HoursKeys::KEYS)]),
    ];
}

/// A step of a runbook.
#[derive(Clone, Copy, Debug)]
enum StepTable {}

impl Table for StepTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&ACTIONS),
        Listing::Keys(StepKeys::KEYS),
        Listing::Beside(&[APPROVE.name], &[Listing::Keys(HoursKeys::KEYS)]),
        Listing::Beside(
            &[PROMOTE.name, DETACH.name, SWITCH_OVER.name, RESTORE.name, SHIFT.name, SCALE.name],
            &[Listing::Keys(TargetKeys::KEYS)],
        ),
        Listing::Beside(&[SCALE.name], &[Listing::Keys(ScaledKeys::KEYS)]),
        Listing::Beside(
            &[PROMOTE.name, DETACH.name, SWITCH_OVER.name, RESTORE.name, SHIFT.name, READMIT.name, SCALE.name],
            &[Listing::Keys(MayGoWrongKeys::KEYS)],
        ),
    ];
}

/// The trigger of a runbook.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// An alarm fires.
    Alarm(AlarmId),
    /// A region's endpoint turns unhealthy.
    HealthCheck(RegionId),
    /// An operator notices that a journey is down.
    Operator {
        /// How long that takes from the first instant.
        delay: Delay,
        /// The journey, or any.
        journey: Option<JourneyId>,
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

impl Words for Means {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new("record-edit", Self::RecordEdit, "an edit of DNS records: needs the control plane in us-east-1"),
        Word::new("arc", Self::RoutingControl, "a routing control of Application Recovery Controller: data plane"),
        Word::new(
            "traffic-dial",
            Self::TrafficDial,
            "the traffic dials of Global Accelerator: needs the control plane in us-west-2",
        ),
        Word::new(
            "access-point",
            Self::AccessPoint,
            "the dial of S3 Multi-Region Access Points: an API that several regions accept",
        ),
    ];
}

/// The action of a step.
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
        store: StoreId,
        /// The region of the copy.
        to: RegionId,
    },
    /// Applications are told of a store's detached copy.
    Repoint {
        /// The store.
        store: StoreId,
    },
    /// A store is restored from a backup.
    Restore {
        /// The store.
        store: StoreId,
        /// The region whose backup it is restored from, and where its writer is afterwards.
        to: RegionId,
    },
    /// Traffic goes to one region only.
    Shift {
        /// By which means.
        means: Means,
        /// The region.
        to: RegionId,
    },
    /// A region is let back into DNS answers beside the others.
    Readmit {
        /// The region.
        region: RegionId,
    },
    /// A group gets another desired size.
    Scale {
        /// The size.
        desired: u64,
        /// The region.
        to: RegionId,
        /// The service; the one that clients enter without.
        service: Option<ServiceId>,
    },
}

impl Action {
    /// Whether it does something to a region, which may be the wrong one.
    const fn has_target(&self) -> bool {
        !matches!(self, Self::Approve(_) | Self::Wait(_) | Self::Repoint { .. })
    }

    /// Whether it is done against an outage. Moving back what an outage moved is done because that is over.
    pub(super) const fn mends(&self) -> bool {
        match self {
            Self::Approve(_)
            | Self::Wait(_)
            | Self::Readmit { .. }
            | Self::Promote { how: Promotion::SwitchOver, .. } => false,
            Self::Promote { how: Promotion::Failover | Promotion::Detach, .. }
            | Self::Repoint { .. }
            | Self::Restore { .. }
            | Self::Shift { .. }
            | Self::Scale { .. } => true,
        }
    }

    /// What it does and what to, as words with slashes between them: what the random numbers of its step go by. The size
    /// of a group and the means of a shift are no part of it.
    pub(super) fn subject(&self, regions: &[String], stores: &[String]) -> String {
        match self {
            Self::Approve(_) => APPROVE.name.to_owned(),
            Self::Wait(_) => WAIT.name.to_owned(),
            Self::Promote { how, store, to } => {
                let how = match how {
                    Promotion::Failover => PROMOTE.name,
                    Promotion::Detach => DETACH.name,
                    Promotion::SwitchOver => SWITCH_OVER.name,
                };
                format!("{how}/{}/{}", stores[store.index()], regions[to.index()])
            }
            Self::Repoint { store } => format!("{}/{}", REPOINT.name, stores[store.index()]),
            Self::Restore { store, to } => {
                format!("{}/{}/{}", RESTORE.name, stores[store.index()], regions[to.index()])
            }
            Self::Shift { to, .. } => format!("{}/{}", SHIFT.name, regions[to.index()]),
            Self::Readmit { region } => format!("{}/{}", READMIT.name, regions[region.index()]),
            Self::Scale { to, .. } => format!("{}/{}", SCALE.name, regions[to.index()]),
        }
    }

    /// The same action upon another region.
    fn at(&self, other: RegionId) -> Self {
        let mut action = self.clone();
        match &mut action {
            Self::Promote { to, .. }
            | Self::Restore { to, .. }
            | Self::Shift { to, .. }
            | Self::Readmit { region: to }
            | Self::Scale { to, .. } => {
                *to = other;
            }
            Self::Approve(_) | Self::Wait(_) | Self::Repoint { .. } => {}
        }
        action
    }
}

/// One step of a runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its action.
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
    /// The wrong action; none means one without consequence.
    pub action: Option<Action>,
    /// From when that is done until the step is begun as it was meant, in seconds.
    pub noticed: Distribution,
}

/// A runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// Its trigger.
    pub on: Trigger,
    /// Where its automation can run.
    pub hosted_in: Vec<RegionId>,
    /// Its action.
    pub steps: Vec<Step>,
    /// Whether it ends where the journeys that were down when it started are up again.
    pub stand_down: bool,
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
    /// Services.
    pub services: &'a [String],
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
        let on = on.unwrap_or(Trigger::Alarm(AlarmId::new(0)));
        let operator = matches!(on, Trigger::Operator { .. });
        let stand_down = section.get(&STAND_DOWN);
        if operator && !stand_down && section.has(STAND_DOWN.name) {
            section.reject(
                STAND_DOWN.name,
                "false",
                "true, or no such line: an operator looks again in any case",
                None,
            );
        }
        Self {
            name: section.get(&NAME),
            stand_down: stand_down || operator,
            on,
            hosted_in: section.names(&HOSTED_IN, names.places),
            steps,
        }
    }
}

impl Step {
    /// The action of the step when all goes well, or when it goes wrong; `None` if that is without consequence.
    pub fn done(&self, wrong: bool) -> Option<&Action> {
        if wrong { self.wrong.as_ref().and_then(|wrong| wrong.action.as_ref()) } else { Some(&self.action) }
    }

    fn read(section: &mut Section<'_>, names: Names<'_>) -> Self {
        let promote = |section: &mut Section<'_>, key: &Key<Name<StoreId>>, how: Promotion| Action::Promote {
            how,
            store: section.name(key, names.stores),
            to: section.name(&TO, names.regions),
        };
        let action = match section.one_of(&ACTIONS) {
            Some("wait") => Action::Wait(section.get(&WAIT)),
            Some("promote") => promote(section, &PROMOTE, Promotion::Failover),
            Some("detach") => promote(section, &DETACH, Promotion::Detach),
            Some("switch-over") => promote(section, &SWITCH_OVER, Promotion::SwitchOver),
            Some("repoint") => Action::Repoint { store: section.name(&REPOINT, names.stores) },
            Some("restore") => {
                Action::Restore { store: section.name(&RESTORE, names.stores), to: section.name(&TO, names.regions) }
            }
            Some("shift") => Action::Shift { means: section.get(&SHIFT), to: section.name(&TO, names.regions) },
            Some("readmit") => Action::Readmit { region: section.name(&READMIT, names.regions) },
            Some("scale") => Action::Scale {
                desired: section.get(&SCALE),
                to: section.name(&TO, names.regions),
                service: section.maybe_name(&SCALED, names.services),
            },
            _ => Action::Approve(Delay::read(section, &APPROVE)),
        };
        Self {
            success: section.get(&SUCCESS),
            retries: section.get(&RETRIES),
            retry_after: section.get(&RETRY_AFTER),
            wrong: Wrong::read(section, &action, names),
            takes: section.get(&TAKES),
            action,
        }
    }
}

impl Wrong {
    fn read(step: &mut Section<'_>, action: &Action, names: Names<'_>) -> Option<Self> {
        if !action.has_target() {
            return None;
        }
        let mut section = step.section(&WRONG)?;
        let probability = section.get(&PROBABILITY);
        let to = section.maybe_name(&WRONG_TO, names.regions);
        Some(Self { probability, action: to.map(|to| action.at(to)), noticed: section.get(&NOTICED) })
    }
}
