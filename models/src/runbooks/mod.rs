//! Runbooks: what people and automation do about an outage, step by step.

mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId, Variate};

use crate::about::About;
use crate::by_id::ById;
use crate::control_planes::{Editing, Seats};
use crate::ids::{JourneyId, RegionId, StoreId};
use crate::people::{Pace, WeekTime};
use crate::stores::Promotion;
use crate::subjects::numbered;
use crate::world::World;

pub(crate) use spec::RunbookKeys;
pub use spec::{Action, Means, Names, Parameters, Step, TRIGGERS, Trigger, Wrong};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Runbooks",
    modelled: "triggers (an alarm, a health check, an operator who notices); steps in order with durations, success \
         probabilities and retries; automation that needs a region that is up, starts a step over when its region \
         dies, and waits for the control planes that its actions need (control_planes); people who keep their \
         clock. Automation is on Lambda, and stops where that fails all invocations. Standing down: an operator \
         whom an outage leaves no time to notice it starts nothing, and before each step against an outage he looks \
         again: if the journeys that were down when he noticed are up, he ends it (`stand-down = true`: so does \
         automation). Each outage has a delay of its own until it is noticed. Steps that move back what an outage \
         moved (`switch-over`, `readmit`) are taken because it is over. A promotion that is not needed waits for no \
         control plane either. Delays by the hour of the week (people); steps done wrong, noticed and done again; \
         debates that end without a decision (an approval that fails) and are resumed later or never",
    not_modelled: "more than one run at a time of the same runbook; mistakes that nobody notices",
    sources: "no published figures exist for decision times",
};

/// The reason why a step waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// A region that its automation runs in.
    Host,
    /// The control plane or data plane that its action needs.
    Plane,
}

/// Events of a runbook.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// An operator has noticed.
    Noticed,
    /// The step under way ends.
    StepEnds,
    /// People begin the step again.
    Resumes,
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It starts.
    Started,
    /// A step begins.
    StepBegan(usize),
    /// A step waits.
    StepWaits {
        /// The step.
        step: usize,
        /// The reason.
        lacks: Lack,
    },
    /// The journeys that it is about are up again before this step: it ends.
    StoodDown(usize),
    /// The operator's reason is over: nothing starts.
    NothingToNotice,
    /// An attempt at a step failed.
    StepFailed(usize),
    /// A step is done.
    StepDone(usize),
    /// A step waits for the plane of a promotion, if that is needed at all. The answer is [`Runbook::wanted`].
    Asks(usize),
    /// A step was not needed: the writer answers the target without errors.
    StepSkipped(usize),
    /// A promotion is to be begun now; `effective` if this attempt will succeed. The answer is
    /// [`Runbook::promotion_begun`].
    Promote {
        /// The step.
        step: usize,
        /// Whether it will succeed.
        effective: bool,
        /// Whether it is begun in the wrong place.
        wrong: bool,
    },
    /// A restore is to be begun now; `effective` if this attempt will succeed. Its end is [`Runbook::promotion_ended`].
    Restore {
        /// The step.
        step: usize,
        /// Whether it will succeed.
        effective: bool,
        /// Whether it is begun in the wrong place.
        wrong: bool,
    },
    /// The action of this step takes effect now.
    TakesEffect {
        /// The step.
        step: usize,
        /// Whether it does so in the wrong place.
        wrong: bool,
    },
    /// The wrong thing is done instead of this step, and nobody knows yet.
    StepWrong(usize),
    /// All steps are done.
    Finished,
    /// It gave up.
    Stopped,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Idle,
    Waiting(Lack),
    /// It is about to learn whether it has to wait for the plane of a promotion; `said` if it has said so already.
    Asking {
        said: bool,
    },
    /// People are at it; they do not depend on any region.
    People,
    /// Automation is at it in this region.
    Working {
        host: RegionId,
    },
    /// A promotion or a restore is under way, watched from this region.
    Promoting {
        host: RegionId,
    },
    /// The runbook rests: people will try again, or have to notice first that the wrong thing was done.
    Pausing,
}

/// How the steps of a runbook go wrong.
#[derive(Debug)]
struct Mistake {
    luck: Stream,
    noticed: Variate,
}

/// A runbook at work.
#[derive(Debug)]
pub struct Runbook {
    parameters: Parameters,
    /// Where the plane of each step's action stands, as it is meant and as it may be done by mistake.
    seats: Vec<[Seats; 2]>,
    decisions: Vec<Option<Pace>>,
    durations: Vec<Variate>,
    luck: Vec<Stream>,
    pauses: Vec<Variate>,
    mistakes: Vec<Option<Mistake>>,
    notice: Option<Pace>,

    week: WeekTime,
    stage: Stage,
    step: usize,
    attempts: u64,
    succeeds: bool,
    /// Whether the step under way is being done wrong.
    wrong: bool,
    due: Option<Handle>,
    /// The journeys that an operator is about to notice.
    noticing: Option<Handle>,
    /// By journey, whether it is up, and whether it was down when the run started.
    up: ById<JourneyId, bool>,
    concerns: ById<JourneyId, bool>,
    /// Whether automation runs, by region.
    hosts: ById<RegionId, bool>,
    /// Whether those planes answer.
    answers: Vec<[bool; 2]>,
}

impl Runbook {
    /// A runbook in a deployment of these regions and stores, with so many journeys.
    pub fn new(
        parameters: &Parameters,
        editing: Editing,
        regions: &[String],
        stores: &[String],
        journeys: usize,
        seed: u64,
    ) -> Self {
        let path = format!("runbooks/{}", parameters.name);
        let subjects = numbered(parameters.steps.iter().map(|step| step.action.subject(regions, stores)));
        let steps = || subjects.iter().map(|subject| format!("{path}/{subject}")).zip(&parameters.steps);
        let variate = |distribution: &Distribution, path: &str, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let decisions = steps().map(|(path, step)| match &step.action {
            Action::Approve(delay) => Some(Pace::new(delay, StreamId::new(seed, &path, "duration"))),
            _ => None,
        });
        let durations = steps().map(|(path, step)| match &step.action {
            Action::Wait(time) => variate(time, &path, "duration"),
            _ => variate(&step.takes, &path, "duration"),
        });
        let mistakes = steps().map(|(path, step)| {
            let luck = Stream::new(StreamId::new(seed, &path, "wrong"));
            step.wrong.as_ref().map(|wrong| Mistake { luck, noticed: variate(&wrong.noticed, &path, "noticed") })
        });
        let notice = match &parameters.on {
            Trigger::Operator { delay, .. } => Some(Pace::new(delay, StreamId::new(seed, &path, "notice"))),
            Trigger::Alarm(_) | Trigger::HealthCheck(_) => None,
        };
        Self {
            decisions: decisions.collect(),
            durations: durations.collect(),
            luck: steps().map(|(path, _)| Stream::new(StreamId::new(seed, &path, "success"))).collect(),
            pauses: steps().map(|(path, step)| variate(&step.retry_after, &path, "retry-after")).collect(),
            mistakes: mistakes.collect(),
            notice,
            week: WeekTime::default(),
            stage: Stage::Idle,
            step: 0,
            attempts: 0,
            succeeds: true,
            wrong: false,
            due: None,
            noticing: None,
            up: ById::new(journeys, true),
            concerns: ById::new(journeys, false),
            hosts: ById::new(regions.len(), true),
            answers: vec![[true; 2]; parameters.steps.len()],
            seats: parameters
                .steps
                .iter()
                .map(|step| [false, true].map(|wrong| Seats::new(step.done(wrong), editing, regions)))
                .collect(),
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial that begins at this instant of the week.
    pub fn begin(&mut self, trial: u64, week: WeekTime) {
        self.week = week;
        for pace in self.decisions.iter_mut().flatten().chain(&mut self.notice) {
            pace.begin(trial);
        }
        for duration in self.durations.iter_mut().chain(&mut self.pauses) {
            duration.begin(trial);
        }
        for mistake in self.mistakes.iter_mut().flatten() {
            mistake.luck.begin(trial);
            mistake.noticed.begin(trial);
        }
        for luck in &mut self.luck {
            luck.begin(trial);
        }
        self.stage = Stage::Idle;
        self.due = None;
        self.noticing = None;
        self.up.fill(true);
        self.concerns.fill(false);
        self.hosts.fill(true);
        self.answers.fill([true; 2]);
    }

    /// Its trigger fired. A firing while it runs is ignored.
    pub fn trigger(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.stage != Stage::Idle || self.parameters.steps.is_empty() {
            return;
        }
        for (concerns, up) in self.concerns.iter_mut().zip(&self.up) {
            *concerns = !up;
        }
        if let Trigger::Operator { journey: Some(journey), .. } = self.parameters.on {
            self.concerns.fill(false);
            self.concerns[journey] = true;
        }
        ctx.signal(Signal::Started);
        self.come_to(0, ctx);
    }

    /// Journeys went down or came back up: an operator who watches one that went down will notice.
    pub fn journeys_changed(&mut self, up: &ById<JourneyId, bool>, ctx: &mut Context<'_, Event, Signal>) {
        let went_down = up.ids().any(|journey| self.watches(journey) && self.up[journey] && !up[journey]);
        self.up.copy_from(up);
        if went_down {
            self.watch(ctx);
        } else if !self.sees_outage()
            && let Some(handle) = self.noticing.take()
        {
            ctx.cancel(handle);
            ctx.signal(Signal::NothingToNotice);
        }
        if matches!(self.stage, Stage::Waiting(_)) && self.is_over() {
            self.stand_down(ctx);
        }
    }

    /// Whether an operator watches a journey.
    fn watches(&self, journey: JourneyId) -> bool {
        match self.parameters.on {
            Trigger::Operator { journey: watched, .. } => watched.is_none_or(|watched| watched == journey),
            Trigger::Alarm(_) | Trigger::HealthCheck(_) => false,
        }
    }

    /// Whether a journey that an operator watches is down.
    fn sees_outage(&self) -> bool {
        self.up.ids().any(|journey| self.watches(journey) && !self.up[journey])
    }

    /// An operator will notice, unless he does so already or is at it.
    fn watch(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.noticing.is_some() || self.stage != Stage::Idle {
            return;
        }
        if let Some(notice) = &mut self.notice {
            self.noticing = Some(ctx.schedule_in(notice.draw(self.week, ctx.now()), Event::Noticed));
        }
    }

    /// Whether the present step is not needed any more: it would be done against an outage that is over.
    fn is_over(&self) -> bool {
        let mut concerns = self.concerns.iter().zip(&self.up).filter(|(concerns, _)| **concerns).peekable();
        self.parameters.stand_down
            && self.parameters.steps[self.step].action.mends()
            && concerns.peek().is_some()
            && concerns.all(|(_, up)| *up)
    }

    /// The run ends before its present step. A journey that went down meanwhile is another outage.
    fn stand_down(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.stage = Stage::Idle;
        ctx.signal(Signal::StoodDown(self.step));
        if self.sees_outage() {
            self.watch(ctx);
        }
    }

    /// Whether its present step waits for the control plane of this store to promote it, which may not be needed any more.
    pub fn waits_to_promote(&self, store: StoreId) -> bool {
        self.stage == Stage::Waiting(Lack::Plane)
            && matches!(self.action(), Some(Action::Promote { store: own, .. }) if *own == store)
    }

    /// Whether its present step waits for the promotion of a store that has ended in this region. A switchover waits for
    /// its own, any other step for whatever was under way.
    pub fn awaits_promotion(&self, store: StoreId, region: RegionId) -> bool {
        let Some(&Action::Promote { how, store: own, to }) = self.action() else { return false };
        let same = how != Promotion::SwitchOver || to == region;
        matches!(self.stage, Stage::Promoting { .. }) && own == store && same
    }

    /// Whether its present step waits for the restore of a store to this region, which has ended.
    pub fn awaits_restore(&self, store: StoreId, region: RegionId) -> bool {
        let restores =
            matches!(self.action(), Some(&Action::Restore { store: own, to }) if (own, to) == (store, region));
        matches!(self.stage, Stage::Promoting { .. }) && restores
    }

    /// The answer to [`Signal::Promote`]: whether something is under way now; if not, the step was not needed.
    pub fn promotion_begun(&mut self, begun: bool, ctx: &mut Context<'_, Event, Signal>) {
        if !begun && self.wrong {
            self.step_done(ctx);
        } else if !begun {
            ctx.signal(Signal::StepSkipped(self.step));
            self.go_on(ctx);
        }
    }

    /// The answer to [`Signal::Asks`]: whether the promotion is needed. One that is not needs no control plane either.
    pub fn wanted(&mut self, needed: bool, ctx: &mut Context<'_, Event, Signal>) {
        let Stage::Asking { said } = self.stage else { return };
        if !needed {
            ctx.signal(Signal::StepSkipped(self.step));
            self.go_on(ctx);
        } else if said {
            self.stage = Stage::Waiting(Lack::Plane);
        } else {
            self.wait(Lack::Plane, ctx);
        }
    }

    /// The promotion or restore that its step waits for has ended, or could not begin.
    pub fn promotion_ended(&mut self, succeeded: bool, ctx: &mut Context<'_, Event, Signal>) {
        // After the wrong action somebody has to notice that it was wrong.
        if succeeded || self.wrong {
            self.step_done(ctx);
        } else {
            self.step_failed(ctx);
        }
    }

    /// Regions or control planes went out or came back.
    pub fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        for (region, host) in self.hosts.pairs_mut() {
            *host = world.automates(region);
        }
        for (answers, seats) in self.answers.iter_mut().zip(&self.seats) {
            *answers = [seats[0].answer(world), seats[1].answer(world)];
        }
        match self.stage {
            Stage::Waiting(_) => self.begin_step(ctx),
            Stage::Working { host } | Stage::Promoting { host } if !self.hosts[host] => {
                if let Some(handle) = self.due.take() {
                    ctx.cancel(handle);
                }
                self.begin_step(ctx);
            }
            Stage::Idle
            | Stage::Asking { .. }
            | Stage::People
            | Stage::Working { .. }
            | Stage::Promoting { .. }
            | Stage::Pausing => {}
        }
    }

    /// The action of the present step: the right one, or the wrong one if that has a consequence.
    fn action(&self) -> Option<&Action> {
        self.parameters.steps[self.step].done(self.wrong)
    }

    fn wait(&mut self, lacks: Lack, ctx: &mut Context<'_, Event, Signal>) {
        if self.stage != Stage::Waiting(lacks) {
            self.stage = Stage::Waiting(lacks);
            ctx.signal(Signal::StepWaits { step: self.step, lacks });
        }
    }

    /// Begins the present step, or says what that waits for.
    pub fn begin_step(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.is_over() {
            return self.stand_down(ctx);
        }
        let host = self.parameters.hosted_in.iter().copied().find(|&region| self.hosts[region]);
        let Some(host) = host else { return self.wait(Lack::Host, ctx) };
        let answers = self.answers[self.step][usize::from(self.wrong)];
        if !answers && !self.wrong {
            if !matches!(self.action(), Some(Action::Promote { how: Promotion::Failover | Promotion::Detach, .. })) {
                return self.wait(Lack::Plane, ctx);
            }
            self.stage = Stage::Asking { said: self.stage == Stage::Waiting(Lack::Plane) };
            ctx.signal(Signal::Asks(self.step));
            return;
        }
        let success = if self.wrong { 1.0 } else { self.parameters.steps[self.step].success };
        self.succeeds = success >= 1.0 || self.luck[self.step].uniform() < success;
        ctx.signal(Signal::StepBegan(self.step));
        if !answers {
            // A mistake where nothing answers changes nothing, but it has to be noticed all the same.
            self.step_done(ctx);
            return;
        }
        if let Some(Action::Promote { .. }) = self.action() {
            self.stage = Stage::Promoting { host };
            ctx.signal(Signal::Promote { step: self.step, effective: self.succeeds, wrong: self.wrong });
            return;
        }
        if let Some(Action::Restore { .. }) = self.action() {
            self.stage = Stage::Promoting { host };
            ctx.signal(Signal::Restore { step: self.step, effective: self.succeeds, wrong: self.wrong });
            return;
        }
        let time = if let Some(decision) = &mut self.decisions[self.step] {
            self.stage = Stage::People;
            decision.draw(self.week, ctx.now())
        } else {
            self.stage = Stage::Working { host };
            self.durations[self.step].draw_duration()
        };
        self.due = Some(ctx.schedule_in(time, Event::StepEnds));
    }

    /// The run comes to a step: now it shows whether it will be done wrong at first.
    fn come_to(&mut self, step: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.step = step;
        self.attempts = 0;
        let probability = self.parameters.steps[step].wrong.as_ref().map_or(0.0, |wrong| wrong.probability);
        self.wrong = self.mistakes[step].as_mut().is_some_and(|mistake| mistake.luck.uniform() < probability);
        self.begin_step(ctx);
    }

    fn step_done(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.wrong {
            ctx.signal(Signal::StepWrong(self.step));
            self.notice_mistake(ctx);
        } else {
            ctx.signal(Signal::StepDone(self.step));
            self.go_on(ctx);
        }
    }

    /// Somebody will notice that the wrong thing was done; then the step is begun as it was meant.
    fn notice_mistake(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let mistake = self.mistakes[self.step].as_mut().expect("only a step that may be done wrong is");
        self.stage = Stage::Pausing;
        ctx.schedule_in(mistake.noticed.draw_duration(), Event::Resumes);
    }

    fn go_on(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.step + 1 == self.parameters.steps.len() {
            self.stage = Stage::Idle;
            ctx.signal(Signal::Finished);
        } else {
            self.come_to(self.step + 1, ctx);
        }
    }

    fn step_failed(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        ctx.signal(Signal::StepFailed(self.step));
        if self.attempts == self.parameters.steps[self.step].retries {
            self.stage = Stage::Idle;
            ctx.signal(Signal::Stopped);
            return;
        }
        self.attempts += 1;
        let pause = self.pauses[self.step].draw_duration();
        if pause.is_zero() {
            self.begin_step(ctx);
        } else {
            self.stage = Stage::Pausing;
            ctx.schedule_in(pause, Event::Resumes);
        }
    }
}

impl Component for Runbook {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Noticed => {
                self.noticing = None;
                self.trigger(ctx);
            }
            Event::StepEnds if self.succeeds => {
                self.due = None;
                ctx.signal(Signal::TakesEffect { step: self.step, wrong: self.wrong });
                self.step_done(ctx);
            }
            Event::StepEnds => {
                self.due = None;
                self.step_failed(ctx);
            }
            Event::Resumes => {
                self.wrong = false;
                self.begin_step(ctx);
            }
        }
    }
}
