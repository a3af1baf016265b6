//! Runbooks: what people and automation do about an outage, step by step.

mod action;
mod equipment;
mod on;
mod planes;
mod program;
mod spec;
mod step_spec;
mod subject;
#[cfg(test)]
mod tests;
mod trigger;
mod turn;

use sim_core::component::{Component, Context};
use sim_core::random::Trial;
use sim_core::time::SimTime;

use crate::about::About;
use crate::by_id::ById;
use crate::control_planes::Editing;
use crate::ids::{JourneyId, RegionId, StoreId};
use crate::people::WeekTime;
use crate::world::World;

pub use action::{Action, Crowd, Means};
use equipment::{Around, Equipment};
pub use program::{Block, Step, Wrong, shares};
pub use spec::Parameters;
pub(crate) use spec::RunbookKeys;
pub use step_spec::Names;
pub use subject::Named;
use trigger::{Cause, Watch};
pub use trigger::{Due, On, TRIGGERS, Trigger};
use turn::{End, Turn, Went};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Runbooks",
    modelled: "triggers (an alarm, a health check, an operator who notices, a planned time or one of every week), one of \
         several or all of several at the same time; steps in order or side by side, with durations, success \
         probabilities and retries, whose effect may come in equal parts; automation that needs a region that is up, starts a step over when its region \
         dies, and waits for the control planes that its actions need (control_planes); people who keep their \
         clock. Automation is on Lambda, and stops where that fails all invocations. Standing down: an operator \
         whom an outage leaves no time to notice it starts nothing, and before each step against an outage he looks \
         again: if the journeys that were down when he noticed are up, he ends it (`stand-down = true`: so does \
         automation). Each outage has a delay of its own until it is noticed. Steps that move back what an outage \
         moved (`switch-over`, `readmit`) are taken because it is over. A promotion that is not needed waits for no \
         control plane either. Delays by the hour of the week (people); steps done wrong, noticed and done again; \
         debates that end without a decision (an approval that fails) and are resumed later or never",
    not_modelled: "more than one run at a time of the same runbook; mistakes that nobody notices; parts of a ramp that fail. \
         A ramp that automation starts over goes on with the part that comes next, not before that would have come",
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
    /// An operator has noticed: by number of the trigger.
    Noticed(usize),
    /// A planned time has come: by number of the trigger.
    Due(usize),
    /// The step under way ends, or a part of it: by number of the turn.
    StepEnds(usize),
    /// People begin the step again: by number of the turn.
    Resumes(usize),
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
    /// A promotion is to be begun now; `effective` if this attempt will succeed. The answer is [`Runbook::promotion_begun`].
    Promote {
        /// The step.
        step: usize,
        /// Whether it will succeed.
        effective: bool,
        /// Whether it is begun in the wrong place.
        wrong: bool,
    },
    /// A restore is to be begun now; `effective` if this attempt will succeed. Its end is
    /// [`Runbook::restore_ended`]; where it cannot begin, or is not needed, [`Runbook::promotion_begun`] says so.
    Restore {
        /// The step.
        step: usize,
        /// Whether it will succeed.
        effective: bool,
        /// Whether it is begun in the wrong place.
        wrong: bool,
    },
    /// The action of this step takes effect now, or one of its parts does.
    TakesEffect {
        /// The step.
        step: usize,
        /// Whether it does so in the wrong place.
        wrong: bool,
        /// The part, counted from 1; a step without a ramp has one.
        part: u64,
    },
    /// The wrong thing is done instead of this step, and nobody knows yet.
    StepWrong(usize),
    /// All steps are done.
    Finished,
    /// It gave up.
    Stopped,
}

/// A promotion that a step asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is under way, or another one that the step may wait for.
    UnderWay,
    /// It is not needed.
    NotNeeded,
    /// It cannot begin.
    Impossible,
}

/// A runbook at work.
#[derive(Debug)]
pub struct Runbook {
    parameters: Parameters,
    equipment: Equipment,
    watch: Watch,
    /// The first goes through the blocks, the others through branches.
    turns: Vec<Turn>,

    week: WeekTime,
    running: bool,
    /// Whether the run under way ends where the journeys that it is about are up again.
    stands_down: bool,
    /// By journey, whether it is up, and whether the run is about it.
    up: ById<JourneyId, bool>,
    concerns: ById<JourneyId, bool>,
}

impl Runbook {
    /// A runbook in a deployment of these parts.
    pub fn new(parameters: &Parameters, editing: Editing, named: Named<'_>, seed: u64) -> Self {
        let path = format!("runbooks/{}", parameters.name);
        let journeys = named.journeys.len();
        Self {
            equipment: Equipment::new(parameters, &path, editing, named, seed),
            watch: Watch::new(&parameters.on, &path, seed),
            turns: turn::turns(&parameters.blocks),
            week: WeekTime::default(),
            running: false,
            stands_down: false,
            up: ById::new(journeys, true),
            concerns: ById::new(journeys, false),
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial that begins at this instant of the week.
    pub fn begin(&mut self, trial: Trial<'_>, week: WeekTime, ctx: &mut Context<'_, Event, Signal>) {
        self.week = week;
        self.watch.begin(trial, week, ctx);
        self.equipment.begin(trial);
        self.turns.iter_mut().for_each(Turn::rest);
        self.running = false;
        self.up.fill(true);
        self.concerns.fill(false);
    }

    /// When planned work first starts it in this trial; never if none is planned.
    pub const fn planned(&self) -> SimTime {
        self.watch.planned()
    }

    /// Conditions of this kind hold from now on, or no longer. A firing while it runs is ignored.
    pub fn set(&mut self, concerns: impl Fn(&Trigger) -> bool, holds: bool, ctx: &mut Context<'_, Event, Signal>) {
        if let Some(cause) = self.watch.set(concerns, holds) {
            self.start(cause, ctx);
        }
    }

    /// Conditions of this kind have held since long before the trial.
    pub fn assume(&mut self, concerns: impl Fn(&Trigger) -> bool) {
        self.watch.assume(concerns);
    }

    fn start(&mut self, cause: Cause, ctx: &mut Context<'_, Event, Signal>) {
        if self.running || self.parameters.steps.is_empty() {
            return;
        }
        self.running = true;
        self.stands_down = self.parameters.stand_down || cause.noticed;
        for (concerns, up) in self.concerns.iter_mut().zip(&self.up) {
            *concerns = !up;
        }
        if let Some(journey) = cause.journey {
            self.concerns.fill(false);
            self.concerns[journey] = true;
        }
        ctx.signal(Signal::Started);
        self.turn(0, ctx, Turn::start);
    }

    /// Journeys went down or came back up: an operator who watches one that went down will notice.
    pub fn journeys_changed(&mut self, up: &ById<JourneyId, bool>, ctx: &mut Context<'_, Event, Signal>) {
        self.watch.journeys_changed(&self.up, up, (!self.running, self.week), ctx);
        self.up.copy_from(up);
        for turn in 0..self.turns.len() {
            self.turn(turn, ctx, |turn, around, ctx| turn.looks_again(around, ctx));
        }
    }

    /// Whether the journeys that the run is about are up again, if it ends for that.
    fn is_over(&self) -> bool {
        let mut concerns = self.concerns.iter().zip(&self.up).filter(|(concerns, _)| **concerns).peekable();
        self.running && self.stands_down && concerns.peek().is_some() && concerns.all(|(_, up)| *up)
    }

    /// A turn does something, and the run goes on by what becomes of it.
    fn turn(
        &mut self,
        turn: usize,
        ctx: &mut Context<'_, Event, Signal>,
        does: impl FnOnce(&mut Turn, &mut Around<'_>, &mut Context<'_, Event, Signal>) -> Went,
    ) {
        let over = self.is_over();
        let Self { parameters, equipment, turns, week, .. } = self;
        let went = does(&mut turns[turn], &mut Around { parameters, equipment, over, week: *week }, ctx);
        match went {
            Went::On => {}
            Went::Forks(branches) => {
                for branch in branches.clone() {
                    self.turns[branch].ended = None;
                }
                for branch in branches {
                    self.turn(branch, ctx, Turn::start);
                }
            }
            Went::Ends(end) => {
                self.turns[turn].ended = Some(end);
                if turn == 0 { self.end(end, ctx) } else { self.join(ctx) }
            }
        }
    }

    /// A branch is at its end: when all are, what waits for them goes on, or the run ends.
    fn join(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let Some(branches) = self.turns[0].forked() else { return };
        let ends = || self.turns[branches.clone()].iter().map(|turn| turn.ended);
        if ends().any(|end| end.is_none()) {
            return;
        }
        let any = |end: End| ends().any(|other| other == Some(end));
        if any(End::Stopped) {
            self.end(End::Stopped, ctx);
        } else if any(End::StoodDown) {
            self.end(End::StoodDown, ctx);
        } else {
            self.turn(0, ctx, Turn::go_on);
        }
    }

    /// The run is at its end.
    fn end(&mut self, end: End, ctx: &mut Context<'_, Event, Signal>) {
        self.running = false;
        self.turns.iter_mut().for_each(Turn::rest);
        match end {
            End::Through => ctx.signal(Signal::Finished),
            End::Stopped => ctx.signal(Signal::Stopped),
            // A journey that went down meanwhile is another outage.
            End::StoodDown => self.watch.look_again(&self.up, self.week, ctx),
        }
    }

    /// Whether a step waits for the control plane of this store to promote it, which may not be needed any more.
    pub fn waits_to_promote(&self, store: StoreId) -> bool {
        self.turns.iter().any(|turn| turn.waits_to_promote(&self.parameters, store))
    }

    /// Steps that wait for the control plane of this store to promote it look whether they still need to.
    pub fn look_again_at(&mut self, store: StoreId, ctx: &mut Context<'_, Event, Signal>) {
        for turn in 0..self.turns.len() {
            if self.turns[turn].waits_to_promote(&self.parameters, store) {
                self.turn(turn, ctx, Turn::begin_step);
            }
        }
    }

    /// Whether a step waits for the promotion of a store that has ended in this region.
    pub fn awaits_promotion(&self, store: StoreId, region: RegionId) -> bool {
        self.turns.iter().any(|turn| turn.awaits_promotion(&self.parameters, store, region))
    }

    /// The answer to [`Signal::Promote`] of this step.
    pub fn promotion_begun(&mut self, step: usize, begun: Begun, ctx: &mut Context<'_, Event, Signal>) {
        let Some(turn) = self.turns.iter().position(|turn| turn.promotes(step)) else { return };
        self.turn(turn, ctx, |turn, around, ctx| match begun {
            Begun::Impossible => turn.promotion_ended(false, around, ctx),
            Begun::UnderWay | Begun::NotNeeded => turn.promotion_begun(begun == Begun::UnderWay, around, ctx),
        });
    }

    /// The answer to [`Signal::Asks`] of this step: whether the promotion is needed.
    pub fn wanted(&mut self, step: usize, needed: bool, ctx: &mut Context<'_, Event, Signal>) {
        let Some(turn) = self.turns.iter().position(|turn| turn.asks(step)) else { return };
        self.turn(turn, ctx, |turn, around, ctx| turn.wanted(needed, around, ctx));
    }

    /// A promotion of a store has ended in this region: steps that wait for it go on.
    pub fn promotion_ended(
        &mut self,
        (store, region): (StoreId, RegionId),
        succeeded: bool,
        ctx: &mut Context<'_, Event, Signal>,
    ) {
        for turn in 0..self.turns.len() {
            if self.turns[turn].awaits_promotion(&self.parameters, store, region) {
                self.turn(turn, ctx, |turn, around, ctx| turn.promotion_ended(succeeded, around, ctx));
            }
        }
    }

    /// A restore of a store to this region has ended: steps that wait for it go on.
    pub fn restore_ended(
        &mut self,
        (store, region): (StoreId, RegionId),
        succeeded: bool,
        ctx: &mut Context<'_, Event, Signal>,
    ) {
        for turn in 0..self.turns.len() {
            if self.turns[turn].awaits_restore(&self.parameters, store, region) {
                self.turn(turn, ctx, |turn, around, ctx| turn.promotion_ended(succeeded, around, ctx));
            }
        }
    }

    /// Whether a step waits for the restore of a store to this region.
    pub fn awaits_restore(&self, store: StoreId, region: RegionId) -> bool {
        self.turns.iter().any(|turn| turn.awaits_restore(&self.parameters, store, region))
    }

    /// Regions or control planes went out or came back.
    pub fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.equipment.world_changed(world);
        for turn in 0..self.turns.len() {
            self.turn(turn, ctx, Turn::world_changed);
        }
    }
}

impl Component for Runbook {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Noticed(trigger) => {
                if let Some(cause) = self.watch.noticed(trigger) {
                    self.start(cause, ctx);
                }
            }
            Event::Due(trigger) => {
                if let Some(cause) = self.watch.due(trigger, ctx) {
                    self.start(cause, ctx);
                }
            }
            Event::StepEnds(turn) => self.turn(turn, ctx, Turn::step_ends),
            Event::Resumes(turn) => self.turn(turn, ctx, Turn::resumes),
        }
    }
}
