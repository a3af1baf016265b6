//! Runbooks: what people and automation do about an outage, step by step.
//!
//! Modelled:      triggers (an alarm, a health check, an operator who notices); steps in order with durations, success
//!                probabilities and retries; automation that needs a region that is up, starts a step over when its
//!                region dies, and waits for the control planes that its actions need; people who keep their clock.
//! Not modelled:  hours of the day, wrong steps, more than one run at a time of the same runbook.
//! Sources:       design 5.6; no published figures exist for decision times.

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};

use crate::stores::Promotion;
use crate::world::World;

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
    Key::convention("success", "probability that an attempt succeeds", "1", "design 5.6").at_least(0.0).at_most(1.0);
const RETRIES: Key =
    Key::convention("retries", "further attempts after a failed one", "0", "design 5.6").at_most(1_000.0);
const TAKES: Key = Key::convention("takes", "how long the action itself takes", "0s", "design 5.6: an API call");

/// What starts a runbook.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// An alarm fires.
    Alarm(usize),
    /// A region's endpoint turns unhealthy.
    HealthCheck(usize),
    /// An operator notices that a journey is down.
    Operator {
        /// How long that takes from the first instant, in seconds.
        delay: Distribution,
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
#[derive(Debug, Clone)]
pub enum Action {
    /// People decide.
    Approve(Distribution),
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

/// One step of a runbook.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// Probability that an attempt succeeds.
    pub success: f64,
    /// Further attempts after a failed one.
    pub retries: u64,
    /// How long the action takes, in seconds, where it has no duration of its own.
    pub takes: Distribution,
}

/// A runbook.
#[derive(Debug, Clone)]
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
    /// Regions.
    pub regions: &'a [String],
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
            Some(match on.one_of(&["alarm", "health-check", "operator"])? {
                "alarm" => Trigger::Alarm(on.name(&ALARM, names.alarms)),
                "health-check" => Trigger::HealthCheck(on.name(&HEALTH_CHECK, names.regions)),
                _ => Trigger::Operator { delay: on.delay(&OPERATOR), journey: on.maybe_name(&JOURNEY, names.journeys) },
            })
        });
        let steps = section.sections(&STEPS).iter_mut().map(|step| Step::read(step, names)).collect();
        Self {
            name: section.text(&NAME),
            on: on.unwrap_or(Trigger::Alarm(0)),
            hosted_in: section.names(&HOSTED_IN, names.regions),
            steps,
        }
    }
}

impl Step {
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
            _ => Action::Approve(section.delay(&APPROVE)),
        };
        Self {
            action,
            success: section.number(&SUCCESS),
            retries: section.count(&RETRIES),
            takes: section.delay(&TAKES),
        }
    }
}

/// Regions of the deployment that host control planes for the whole of it.
#[derive(Debug, Clone, Default)]
pub struct ControlPlanes {
    /// That of DNS records.
    pub records: Option<usize>,
    /// That of accelerators.
    pub accelerator: Option<usize>,
    /// Those that turn the dials of access points, any of which will do; none if one of them is outside the deployment,
    /// where nothing strikes it.
    pub dials: Vec<usize>,
}

/// What can happen to a runbook.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// An operator has noticed.
    Noticed,
    /// The step under way ends.
    StepEnds,
}

/// What others may learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It starts.
    Started,
    /// A step begins.
    StepBegan(usize),
    /// A step waits: no region to run in, or no control plane that it needs.
    StepWaits(usize),
    /// An attempt at a step failed.
    StepFailed(usize),
    /// A step is done.
    StepDone(usize),
    /// A step was not needed: the writer answers the target without errors.
    StepSkipped(usize),
    /// A promotion is to be begun now; `effective` if this attempt will succeed. The answer is
    /// [`Runbook::promotion_begun`].
    Promote {
        /// The step.
        step: usize,
        /// Whether it will succeed.
        effective: bool,
    },
    /// The action of this step takes effect now.
    TakesEffect(usize),
    /// All steps are done.
    Finished,
    /// It gave up.
    Stopped,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Idle,
    /// Waits for a region to run in or for a control plane.
    Waiting,
    /// People are at it; they do not depend on any region.
    People,
    /// Automation is at it in this region.
    Working {
        host: usize,
    },
    /// A promotion is under way, watched from this region.
    Promoting {
        host: usize,
    },
}

/// A runbook at work.
#[derive(Debug)]
pub struct Runbook {
    parameters: Parameters,
    control: ControlPlanes,
    durations: Vec<Variate>,
    luck: Vec<Stream>,
    notice: Option<Variate>,

    stage: Stage,
    step: usize,
    attempts: u64,
    succeeds: bool,
    due: Option<Handle>,
    noticing: bool,
    up: Vec<bool>,
    control_up: Vec<bool>,
}

impl Runbook {
    /// A runbook in a deployment of so many regions.
    pub fn new(parameters: &Parameters, regions: usize, control: &ControlPlanes, seed: u64) -> Self {
        let path = format!("runbooks/{}", parameters.name);
        let durations = parameters.steps.iter().enumerate().map(|(index, step)| {
            let distribution = match &step.action {
                Action::Approve(time) | Action::Wait(time) => time,
                _ => &step.takes,
            };
            Variate::new(distribution.clone(), StreamId::new(seed, &format!("{path}/step-{index}"), "duration"))
        });
        let luck = (0..parameters.steps.len())
            .map(|index| Stream::new(StreamId::new(seed, &format!("{path}/step-{index}"), "success")));
        let notice = match &parameters.on {
            Trigger::Operator { delay, .. } => Some(Variate::new(delay.clone(), StreamId::new(seed, &path, "notice"))),
            Trigger::Alarm(_) | Trigger::HealthCheck(_) => None,
        };
        Self {
            durations: durations.collect(),
            luck: luck.collect(),
            notice,
            control: control.clone(),
            stage: Stage::Idle,
            step: 0,
            attempts: 0,
            succeeds: true,
            due: None,
            noticing: false,
            up: vec![true; regions],
            control_up: vec![true; regions],
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: u64) {
        for duration in self.durations.iter_mut().chain(&mut self.notice) {
            duration.begin(trial);
        }
        for luck in &mut self.luck {
            luck.begin(trial);
        }
        self.stage = Stage::Idle;
        self.due = None;
        self.noticing = false;
        self.up.fill(true);
        self.control_up.fill(true);
    }

    /// The runbook as the file describes it.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Its trigger fired. A firing while it runs is ignored.
    pub fn trigger(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.stage != Stage::Idle || self.parameters.steps.is_empty() {
            return;
        }
        ctx.signal(Signal::Started);
        self.step = 0;
        self.attempts = 0;
        self.begin_step(ctx);
    }

    /// A journey went down: an operator who watches it will notice.
    pub fn journey_down(&mut self, journey: usize, ctx: &mut Context<'_, Event, Signal>) {
        let Trigger::Operator { journey: watched, .. } = self.parameters.on else { return };
        if self.noticing || self.stage != Stage::Idle || watched.is_some_and(|watched| watched != journey) {
            return;
        }
        if let Some(notice) = &mut self.notice {
            self.noticing = true;
            ctx.schedule_in(notice.draw_duration(), Event::Noticed);
        }
    }

    /// Whether its present step waits for a promotion of this store.
    pub fn awaits_promotion(&self, store: usize) -> bool {
        matches!(self.stage, Stage::Promoting { .. })
            && matches!(self.parameters.steps[self.step].action, Action::Promote { store: own, .. } if own == store)
    }

    /// The answer to [`Signal::Promote`]: whether something is under way now; if not, the step was not needed.
    pub fn promotion_begun(&mut self, begun: bool, ctx: &mut Context<'_, Event, Signal>) {
        if !begun {
            ctx.signal(Signal::StepSkipped(self.step));
            self.go_on(ctx);
        }
    }

    /// The promotion that its step waits for has ended.
    pub fn promotion_ended(&mut self, succeeded: bool, ctx: &mut Context<'_, Event, Signal>) {
        if succeeded {
            self.step_done(ctx);
        } else {
            self.step_failed(ctx);
        }
    }

    /// Regions or control planes went out or came back.
    pub fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        for region in 0..self.up.len() {
            self.up[region] = world.up(region);
            self.control_up[region] = world.control_up(region);
        }
        match self.stage {
            Stage::Waiting => self.begin_step(ctx),
            Stage::Working { host } | Stage::Promoting { host } if !self.up[host] => {
                if let Some(handle) = self.due.take() {
                    ctx.cancel(handle);
                }
                self.begin_step(ctx);
            }
            Stage::Idle | Stage::People | Stage::Working { .. } | Stage::Promoting { .. } => {}
        }
    }

    /// Whether the control plane that the present step needs is up.
    fn control_answers(&self) -> bool {
        match self.parameters.steps[self.step].action {
            Action::Promote { to, .. } | Action::Scale { to, .. } => self.control_up[to],
            Action::Shift { means: Means::RecordEdit, .. } => {
                self.control.records.is_none_or(|region| self.control_up[region])
            }
            Action::Shift { means: Means::TrafficDial, .. } => {
                self.control.accelerator.is_none_or(|region| self.control_up[region])
            }
            Action::Shift { means: Means::AccessPoint, .. } => {
                let dials = &self.control.dials;
                dials.is_empty() || dials.iter().any(|&region| self.control_up[region])
            }
            Action::Shift { means: Means::RoutingControl, .. }
            | Action::Readmit { .. }
            | Action::Approve(_)
            | Action::Wait(_) => true,
        }
    }

    fn begin_step(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let host = self.parameters.hosted_in.iter().copied().find(|&region| self.up[region]);
        let Some(host) = host.filter(|_| self.control_answers()) else {
            if self.stage != Stage::Waiting {
                ctx.signal(Signal::StepWaits(self.step));
            }
            self.stage = Stage::Waiting;
            return;
        };
        let success = self.parameters.steps[self.step].success;
        self.succeeds = success >= 1.0 || self.luck[self.step].uniform() < success;
        ctx.signal(Signal::StepBegan(self.step));
        match self.parameters.steps[self.step].action {
            Action::Promote { .. } => {
                self.stage = Stage::Promoting { host };
                ctx.signal(Signal::Promote { step: self.step, effective: self.succeeds });
            }
            Action::Approve(_) => {
                self.stage = Stage::People;
                self.work(ctx);
            }
            Action::Wait(_) | Action::Shift { .. } | Action::Readmit { .. } | Action::Scale { .. } => {
                self.stage = Stage::Working { host };
                self.work(ctx);
            }
        }
    }

    fn work(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let time = self.durations[self.step].draw_duration();
        self.due = Some(ctx.schedule_in(time, Event::StepEnds));
    }

    fn step_done(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        ctx.signal(Signal::StepDone(self.step));
        self.go_on(ctx);
    }

    fn go_on(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.attempts = 0;
        if self.step + 1 == self.parameters.steps.len() {
            self.stage = Stage::Idle;
            ctx.signal(Signal::Finished);
        } else {
            self.step += 1;
            self.begin_step(ctx);
        }
    }

    fn step_failed(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        ctx.signal(Signal::StepFailed(self.step));
        if self.attempts == self.parameters.steps[self.step].retries {
            self.stage = Stage::Idle;
            ctx.signal(Signal::Stopped);
        } else {
            self.attempts += 1;
            self.begin_step(ctx);
        }
    }
}

impl Component for Runbook {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Noticed => {
                self.noticing = false;
                self.trigger(ctx);
            }
            Event::StepEnds if self.succeeds => {
                self.due = None;
                ctx.signal(Signal::TakesEffect(self.step));
                self.step_done(ctx);
            }
            Event::StepEnds => {
                self.due = None;
                self.step_failed(ctx);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::time::{SimDuration, SimTime};

    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn constant(seconds: f64) -> Distribution {
        Distribution::constant(seconds).expect("a constant")
    }

    fn step(action: Action) -> Step {
        Step { action, success: 1.0, retries: 0, takes: constant(5.0) }
    }

    fn promote() -> Step {
        step(Action::Promote { how: Promotion::Failover, store: 0, to: 1 })
    }

    fn world() -> World {
        World::new(&[3, 3, 3], &vec![vec![0.1; 3]; 3])
    }

    fn runbook(on: Trigger, steps: Vec<Step>) -> Harness<Runbook> {
        let parameters = Parameters { name: "mend".to_owned(), on, hosted_in: vec![1, 2], steps };
        let control = ControlPlanes { records: Some(0), ..ControlPlanes::default() };
        let mut alone = Harness::new(Runbook::new(&parameters, 3, &control, 1));
        alone.call(|runbook, _| runbook.begin(0));
        alone
    }

    fn set_out(alone: &mut Harness<Runbook>, world: &mut World, region: usize, begins: bool) {
        world.set_out(region, begins);
        alone.call(|runbook, ctx| runbook.world_changed(world, ctx));
    }

    /// When this was announced, in seconds.
    fn when(alone: &Harness<Runbook>, signal: Signal) -> Vec<f64> {
        alone.signals().iter().filter(|(_, own)| *own == signal).map(|(time, _)| time.as_secs_f64()).collect()
    }

    #[test]
    fn steps_follow_each_other_and_a_firing_meanwhile_is_ignored() {
        let steps = vec![step(Action::Approve(constant(60.0))), step(Action::Wait(constant(30.0))), promote()];
        let mut alone = runbook(Trigger::Alarm(0), steps);
        alone.call(Runbook::trigger);
        alone.run_until(at(10));
        alone.call(Runbook::trigger);
        alone.run_until(at(90) + SimDuration::from_nanos(1));
        assert_eq!(when(&alone, Signal::Started), [0.0]);
        assert_eq!(when(&alone, Signal::StepDone(0)), [60.0]);
        assert_eq!(when(&alone, Signal::Promote { step: 2, effective: true }), [90.0]);
        alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
        assert!(alone.component().awaits_promotion(0) && !alone.component().awaits_promotion(1));
        alone.run_until(at(200));
        alone.call(|runbook, ctx| runbook.promotion_ended(true, ctx));
        assert_eq!(when(&alone, Signal::Finished), [200.0]);
        alone.call(Runbook::trigger);
        assert_eq!(when(&alone, Signal::Started), [0.0, 200.0]);
    }

    #[test]
    fn automation_starts_its_step_over_elsewhere_when_its_region_dies() {
        let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![step(Action::Wait(constant(60.0)))]), world());
        alone.call(Runbook::trigger);
        alone.run_until(at(40));
        set_out(&mut alone, &mut world, 1, true);
        alone.run_until(at(200));
        assert_eq!(when(&alone, Signal::StepDone(0)), [100.0]);
    }

    #[test]
    fn people_keep_their_clock_but_what_follows_needs_a_region() {
        let steps = vec![step(Action::Approve(constant(60.0))), step(Action::Wait(constant(1.0)))];
        let (mut alone, mut world) = (runbook(Trigger::Alarm(0), steps), world());
        alone.call(Runbook::trigger);
        alone.run_until(at(40));
        set_out(&mut alone, &mut world, 1, true);
        set_out(&mut alone, &mut world, 2, true);
        alone.run_until(at(300));
        assert_eq!(when(&alone, Signal::StepDone(0)), [60.0]);
        assert_eq!(when(&alone, Signal::StepWaits(1)), [60.0]);
        set_out(&mut alone, &mut world, 2, false);
        alone.run_until(at(400));
        assert_eq!(when(&alone, Signal::Finished), [301.0]);
    }

    #[test]
    fn a_record_edit_waits_for_the_control_plane_of_dns_and_a_routing_control_for_nobody() {
        for (means, done) in [(Means::RecordEdit, 305.0), (Means::RoutingControl, 5.0)] {
            let steps = vec![step(Action::Shift { means, to: 1 })];
            let (mut alone, mut world) = (runbook(Trigger::Alarm(0), steps), world());
            set_out(&mut alone, &mut world, 0, true);
            alone.call(Runbook::trigger);
            alone.run_until(at(300));
            set_out(&mut alone, &mut world, 0, false);
            alone.run_until(at(400));
            assert_eq!(when(&alone, Signal::TakesEffect(0)), [done], "{means:?}");
        }
    }

    #[test]
    fn out_of_retries_it_stops() {
        let hopeless = Step { success: 0.0, retries: 2, ..step(Action::Scale { desired: 3, to: 1 }) };
        let mut alone = runbook(Trigger::Alarm(0), vec![hopeless, promote()]);
        alone.call(Runbook::trigger);
        alone.run_until(at(100));
        assert_eq!(when(&alone, Signal::StepFailed(0)), [5.0, 10.0, 15.0], "each takes its full time");
        assert_eq!(when(&alone, Signal::Stopped), [15.0]);
        assert!(when(&alone, Signal::TakesEffect(0)).is_empty());
        alone.call(Runbook::trigger);
        assert_eq!(when(&alone, Signal::Started), [0.0, 100.0], "it may be started again");
    }

    #[test]
    fn a_restarted_promotion_waits_for_the_one_under_way_and_a_needless_one_is_skipped() {
        let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![promote(), promote()]), world());
        alone.call(Runbook::trigger);
        alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
        alone.run_until(at(10));
        set_out(&mut alone, &mut world, 2, true);
        assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0], "it does not run there");
        set_out(&mut alone, &mut world, 2, false);
        // The other one takes over, for a moment only: the target itself answers no more.
        set_out(&mut alone, &mut world, 1, true);
        assert_eq!(when(&alone, Signal::StepWaits(0)), [10.0]);
        set_out(&mut alone, &mut world, 1, false);
        assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0, 10.0]);
        alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
        alone.run_until(at(20));
        alone.call(|runbook, ctx| runbook.promotion_ended(true, ctx));
        alone.call(|runbook, ctx| runbook.promotion_begun(false, ctx));
        assert_eq!(when(&alone, Signal::StepSkipped(1)), [20.0]);
        assert_eq!(when(&alone, Signal::Finished), [20.0]);
    }

    #[test]
    fn an_operator_notices_once_what_concerns_him() {
        let watches = Trigger::Operator { delay: constant(120.0), journey: Some(1) };
        let mut alone = runbook(watches, vec![step(Action::Wait(constant(1_000.0)))]);
        alone.call(|runbook, ctx| runbook.journey_down(0, ctx));
        alone.run_until(at(10));
        alone.call(|runbook, ctx| runbook.journey_down(1, ctx));
        alone.run_until(at(60));
        alone.call(|runbook, ctx| runbook.journey_down(1, ctx));
        alone.run_until(at(500));
        assert_eq!(when(&alone, Signal::Started), [130.0], "from the first instant");
    }
}
