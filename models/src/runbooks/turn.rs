//! A turn: one sequence of steps on its way, step by step. A run has one, and one more for each branch of steps that are
//! done side by side.

mod stage;

use std::ops::Range;

use sim_core::component::{Context, Handle};
use sim_core::time::SimTime;

use super::action::Action;
use super::equipment::Around;
use super::program::{Block, Stop, courses};
use super::{Event, Lack, Parameters, Signal};
use crate::ids::{RegionId, StoreId};
use crate::stores::Promotion;
use stage::Stage;
pub(super) use stage::{End, Went};

/// One sequence of steps on its way.
#[derive(Debug)]
pub(super) struct Turn {
    /// Its number among the turns of the runbook.
    own: usize,
    course: Vec<Stop>,
    place: usize,
    stage: Stage,
    attempts: u64,
    succeeds: bool,
    /// Whether the step under way is being done wrong.
    wrong: bool,
    /// Parts of the step under way that have had their effect, and when the next one may have its own.
    parts: u64,
    next_part: SimTime,
    due: Option<Handle>,
    /// How it ended.
    pub(super) ended: Option<End>,
}

/// The turns of a runbook: the first goes through its blocks, the others through the branches in these.
pub(super) fn turns(blocks: &[Block]) -> Vec<Turn> {
    let turn = |(own, course): (usize, Vec<Stop>)| Turn {
        own,
        course,
        place: 0,
        stage: Stage::Idle,
        attempts: 0,
        succeeds: true,
        wrong: false,
        parts: 0,
        next_part: SimTime::ZERO,
        due: None,
        ended: None,
    };
    courses(blocks).into_iter().enumerate().map(turn).collect()
}

impl Turn {
    /// Starts a trial in which nothing is under way.
    pub(super) fn rest(&mut self) {
        self.stage = Stage::Idle;
        self.due = None;
        self.ended = None;
    }

    /// Its present step.
    fn step(&self) -> usize {
        match self.course[self.place] {
            Stop::Step(step) => step,
            Stop::Fork(_) => unreachable!("a turn that has forked does nothing by itself"),
        }
    }

    /// The turns that it waits for, if it does.
    pub(super) fn forked(&self) -> Option<Range<usize>> {
        match &self.course[self.place] {
            Stop::Fork(turns) if self.stage == Stage::Forked => Some(turns.clone()),
            _ => None,
        }
    }

    /// The action of the present step: the right one, or the wrong one if that has a consequence.
    fn action<'a>(&self, parameters: &'a Parameters) -> Option<&'a Action> {
        parameters.steps[self.step()].done(self.wrong)
    }

    /// Whether it waits for something that its step needs.
    const fn waits(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    /// Whether its present step waits for the control plane of this store to promote it, which may not be needed any more.
    pub(super) fn waits_to_promote(&self, parameters: &Parameters, store: StoreId) -> bool {
        self.stage == Stage::Waiting(Lack::Plane)
            && matches!(self.action(parameters), Some(Action::Promote { store: own, .. }) if *own == store)
    }

    /// Whether its present step waits for the promotion of a store that has ended in this region. A switchover waits for
    /// its own, any other step for whatever was under way.
    pub(super) fn awaits_promotion(&self, parameters: &Parameters, store: StoreId, region: RegionId) -> bool {
        if !matches!(self.stage, Stage::Promoting { .. }) {
            return false;
        }
        let Some(&Action::Promote { how, store: own, to }) = self.action(parameters) else { return false };
        own == store && (how != Promotion::SwitchOver || to == region)
    }

    /// Whether its present step waits for the restore of a store to this region, which has ended.
    pub(super) fn awaits_restore(&self, parameters: &Parameters, store: StoreId, region: RegionId) -> bool {
        matches!(self.stage, Stage::Promoting { .. })
            && matches!(self.action(parameters), Some(&Action::Restore { store: own, to }) if (own, to) == (store, region))
    }

    /// Whether it has begun this promotion or restore.
    pub(super) fn promotes(&self, step: usize) -> bool {
        matches!(self.stage, Stage::Promoting { .. }) && self.step() == step
    }

    /// Whether it has asked whether this promotion is needed.
    pub(super) fn asks(&self, step: usize) -> bool {
        matches!(self.stage, Stage::Asking { .. }) && self.step() == step
    }

    /// It begins with its first step.
    pub(super) fn start(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        self.ended = None;
        if self.course.is_empty() {
            return Went::Ends(End::Through);
        }
        self.come_to(0, around, ctx)
    }

    /// Regions or control planes went out or came back.
    pub(super) fn world_changed(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        match self.stage {
            Stage::Waiting(_) => self.begin_step(around, ctx),
            Stage::Working { host } | Stage::Promoting { host } if !around.equipment.hosts[host] => {
                if let Some(handle) = self.due.take() {
                    ctx.cancel(handle);
                }
                self.begin_step(around, ctx)
            }
            Stage::Idle
            | Stage::Asking { .. }
            | Stage::People
            | Stage::Working { .. }
            | Stage::Promoting { .. }
            | Stage::Pausing
            | Stage::Forked => Went::On,
        }
    }

    /// What it is about may be over: if it waits, it ends.
    pub(super) fn looks_again(&mut self, around: &Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        if self.waits() && self.is_over(around) { self.stand_down(ctx) } else { Went::On }
    }

    /// Whether the present step is not needed any more: it would be done against an outage that is over.
    fn is_over(&self, around: &Around<'_>) -> bool {
        around.over && around.parameters.steps[self.step()].action.mends()
    }

    /// It ends before its present step.
    fn stand_down(&mut self, ctx: &mut Context<'_, Event, Signal>) -> Went {
        ctx.signal(Signal::StoodDown(self.step()));
        self.end(End::StoodDown)
    }

    fn end(&mut self, end: End) -> Went {
        self.stage = Stage::Idle;
        Went::Ends(end)
    }

    /// The answer to [`Signal::Promote`]: whether something is under way now; if not, the step was not needed.
    pub(super) fn promotion_begun(
        &mut self,
        begun: bool,
        around: &mut Around<'_>,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> Went {
        if begun {
            Went::On
        } else if self.wrong {
            self.step_done(around, ctx)
        } else {
            ctx.signal(Signal::StepSkipped(self.step()));
            self.go_on(around, ctx)
        }
    }

    /// The answer to [`Signal::Asks`]: whether the promotion is needed. One that is not needs no control plane either.
    pub(super) fn wanted(
        &mut self,
        needed: bool,
        around: &mut Around<'_>,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> Went {
        let Stage::Asking { said } = self.stage else { return Went::On };
        if !needed {
            ctx.signal(Signal::StepSkipped(self.step()));
            return self.go_on(around, ctx);
        }
        if said {
            self.stage = Stage::Waiting(Lack::Plane);
            return Went::On;
        }
        self.wait(Lack::Plane, ctx)
    }

    /// The promotion or restore that its step waits for has ended, or could not begin.
    pub(super) fn promotion_ended(
        &mut self,
        succeeded: bool,
        around: &mut Around<'_>,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> Went {
        // After the wrong action somebody has to notice that it was wrong.
        if succeeded || self.wrong { self.step_done(around, ctx) } else { self.step_failed(around, ctx) }
    }

    /// The time of its step is over, or of a part of it.
    pub(super) fn step_ends(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        self.due = None;
        if !self.succeeds {
            return self.step_failed(around, ctx);
        }
        let step = self.step();
        // Each part is an edit, or a flip of controls, of its own.
        if self.parts > 0 && !self.wrong && !around.equipment.answers[step][0] {
            return self.wait(Lack::Plane, ctx);
        }
        self.parts += 1;
        ctx.signal(Signal::TakesEffect { step, wrong: self.wrong, part: self.parts });
        match around.parameters.steps[step].ramp {
            Some(ramp) if self.parts < ramp.steps => {
                self.next_part = ctx.now() + ramp.every;
                self.due = Some(ctx.schedule_at(self.next_part, Event::StepEnds(self.own)));
                Went::On
            }
            _ => self.step_done(around, ctx),
        }
    }

    /// People begin the step again.
    pub(super) fn resumes(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        self.wrong = false;
        self.begin_step(around, ctx)
    }

    fn wait(&mut self, lacks: Lack, ctx: &mut Context<'_, Event, Signal>) -> Went {
        if self.stage != Stage::Waiting(lacks) {
            self.stage = Stage::Waiting(lacks);
            ctx.signal(Signal::StepWaits { step: self.step(), lacks });
        }
        Went::On
    }

    /// Begins the present step, or says what that waits for. A step whose effect is spread over time goes on with the part
    /// that comes next, and not before that would have come.
    pub(super) fn begin_step(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        if self.is_over(around) {
            return self.stand_down(ctx);
        }
        let (parameters, step) = (around.parameters, self.step());
        let host = parameters.hosted_in.iter().copied().find(|&region| around.equipment.hosts[region]);
        let Some(host) = host else { return self.wait(Lack::Host, ctx) };
        let answers = around.equipment.answers[step][usize::from(self.wrong)];
        if !answers && !self.wrong {
            if !matches!(
                self.action(parameters),
                Some(Action::Promote { how: Promotion::Failover | Promotion::Detach, .. })
            ) {
                return self.wait(Lack::Plane, ctx);
            }
            self.stage = Stage::Asking { said: self.stage == Stage::Waiting(Lack::Plane) };
            ctx.signal(Signal::Asks(step));
            return Went::On;
        }
        let success = if self.wrong { 1.0 } else { parameters.steps[step].success };
        self.succeeds = success >= 1.0 || around.equipment.luck[step].uniform() < success;
        ctx.signal(Signal::StepBegan(step));
        if !answers {
            // A mistake where nothing answers changes nothing, but it has to be noticed all the same.
            return self.step_done(around, ctx);
        }
        if let Some(Action::Promote { .. }) = self.action(parameters) {
            self.stage = Stage::Promoting { host };
            ctx.signal(Signal::Promote { step, effective: self.succeeds, wrong: self.wrong });
            return Went::On;
        }
        if let Some(Action::Restore { .. }) = self.action(parameters) {
            self.stage = Stage::Promoting { host };
            ctx.signal(Signal::Restore { step, effective: self.succeeds, wrong: self.wrong });
            return Went::On;
        }
        let time = if let Some(decision) = &mut around.equipment.decisions[step] {
            self.stage = Stage::People;
            decision.draw(around.week, ctx.now())
        } else {
            self.stage = Stage::Working { host };
            around.equipment.durations[step].draw_duration()
        };
        let ends = ctx.now() + time;
        let ends = if self.parts > 0 { ends.max(self.next_part) } else { ends };
        self.due = Some(ctx.schedule_at(ends, Event::StepEnds(self.own)));
        Went::On
    }

    /// It comes to this place of its course: if a step is there, now it shows whether it will be done wrong at first.
    fn come_to(&mut self, place: usize, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        self.place = place;
        self.attempts = 0;
        self.parts = 0;
        let step = match &self.course[place] {
            Stop::Step(step) => *step,
            Stop::Fork(turns) => {
                self.stage = Stage::Forked;
                return Went::Forks(turns.clone());
            }
        };
        let probability = around.parameters.steps[step].wrong.as_ref().map_or(0.0, |wrong| wrong.probability);
        let mistake = around.equipment.mistakes[step].as_mut();
        self.wrong = mistake.is_some_and(|mistake| mistake.luck.uniform() < probability);
        self.begin_step(around, ctx)
    }

    fn step_done(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        let step = self.step();
        if !self.wrong {
            ctx.signal(Signal::StepDone(step));
            return self.go_on(around, ctx);
        }
        // Somebody will notice that the wrong thing was done; then the step is begun as it was meant.
        ctx.signal(Signal::StepWrong(step));
        self.parts = 0;
        let mistake = around.equipment.mistakes[step].as_mut().expect("only a step that may be done wrong is");
        self.stage = Stage::Pausing;
        ctx.schedule_in(mistake.noticed.draw_duration(), Event::Resumes(self.own));
        Went::On
    }

    /// The present step, or the turns that it waited for, are done.
    pub(super) fn go_on(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        if self.place + 1 == self.course.len() {
            self.end(End::Through)
        } else {
            self.come_to(self.place + 1, around, ctx)
        }
    }

    fn step_failed(&mut self, around: &mut Around<'_>, ctx: &mut Context<'_, Event, Signal>) -> Went {
        let step = self.step();
        ctx.signal(Signal::StepFailed(step));
        if self.attempts == around.parameters.steps[step].retries {
            return self.end(End::Stopped);
        }
        self.attempts += 1;
        let pause = around.equipment.pauses[step].draw_duration();
        if pause.is_zero() {
            self.begin_step(around, ctx)
        } else {
            self.stage = Stage::Pausing;
            ctx.schedule_in(pause, Event::Resumes(self.own));
            Went::On
        }
    }
}
