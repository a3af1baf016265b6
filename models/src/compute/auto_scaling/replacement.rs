//! Replacement: members that fail, what the group notices of them, and the batches in which they are replaced.
//!
//! A member whose host is gone is replaced as soon as that is noticed, however many there are. Members that fail checks
//! while their hosts exist wait for their batch: a tenth of the desired size at a time, the longest waiting first. They
//! are terminated and their successors ordered at the same instant, and the next batch begins when all of these serve and
//! are warm. A successor that fails meanwhile, or that leaves because the group shrinks, no longer holds the batch up;
//! launches of scaling never do. No batch begins while nothing could be launched, for want of the control plane or of a
//! live zone. A waiting member stays a member, is out of rotation, and leaves the queue when it is well again.
//!
//! Not modelled: that the group waits until it is above 90 % of its size before the first batch (its unfit members count
//! as size, so it nearly always is), and that AWS marks fewer at a time when all members are unhealthy (no number is
//! published): there recovery is slower than here.

use sim_core::component::Context;
use sim_core::time::SimDuration;

use super::{Event, Group, Signal};
use crate::compute::fleet::{Failure, Notice, Stage, Tracked as _};

/// Members that wait for their batch, and the batch under way.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Those that wait, the longest waiting first.
    waiting: Vec<usize>,
    /// Those that leave when the batch is over.
    leaving: Vec<usize>,
    /// Successors that do not serve yet or are not warm.
    open: usize,
    /// Whether the next batch is looked at when all that is noticed at this instant is.
    due: bool,
}

impl Queue {
    pub(super) fn begin(&mut self) {
        self.waiting.clear();
        self.leaving.clear();
        (self.open, self.due) = (0, false);
    }
}

impl Group {
    /// A member fails by one thing more; returns whether it fares worse than before. What fails `together` because hosts are
    /// gone is noticed together: the first draws the delay.
    pub fn fail(
        &mut self,
        instance: usize,
        failure: Failure,
        together: &mut Option<SimDuration>,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        let before = self.members.of(instance).failure();
        if before.is_none() {
            self.note_change(ctx);
        }
        self.members.change(instance, |it| it.fails_by(failure));
        if before >= Some(failure) {
            return false;
        }
        self.leaves_batch(instance, ctx);
        if failure == Failure::Terminated {
            // An earlier notice no longer matters.
            self.forgive(instance, ctx);
        }
        if self.is_seen(failure) && self.members.of(instance).notice == Notice::None {
            let delay = match failure {
                Failure::Terminated => *together.get_or_insert_with(|| self.replacement.draw_duration()),
                Failure::Application | Failure::Impaired => self.replacement.draw_duration(),
            };
            let due = ctx.schedule_in(delay, Event::Noticed(instance as u32));
            self.members.change(instance, |it| it.notice = Notice::Due(due));
        }
        true
    }

    /// One thing that a member failed by is over. Returns whether it fares better than before: it lives when all that struck
    /// it is over, and a host that is gone does not come back.
    pub fn recover(&mut self, instance: usize, failure: Failure, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let mut it = self.members.of(instance);
        let before = it.failure();
        it.is_over(failure);
        let left = it.failure();
        if left.is_none() && before.is_some() {
            self.note_change(ctx);
        }
        self.members.change(instance, |it| it.is_over(failure));
        if left == before {
            return false;
        }
        // What nobody sees is no reason to replace it.
        if left.is_none_or(|left| !self.is_seen(left)) {
            self.forgive(instance, ctx);
        }
        true
    }

    /// Whether the group learns of a failure.
    const fn is_seen(&self, failure: Failure) -> bool {
        !matches!(failure, Failure::Application) || self.parameters.balancer_checks
    }

    /// The load balancer took a member out of rotation.
    pub fn left_rotation(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.members.of(instance);
        if it.fit_for_service() {
            self.note_change(ctx);
        }
        self.members.change(instance, |it| it.in_rotation = false);
        if it.live() && it.notice == Notice::None && self.parameters.balancer_checks {
            let delay = self.rejection.draw_duration();
            let due = ctx.schedule_in(delay, Event::Noticed(instance as u32));
            self.members.change(instance, |it| it.notice = Notice::Due(due));
        }
    }

    /// The load balancer took a member back.
    pub fn returned_to_rotation(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.members.of(instance);
        if it.fit_for_service() {
            self.note_change(ctx);
        }
        self.members.change(instance, |it| it.in_rotation = true);
        if it.live() {
            self.forgive(instance, ctx);
        }
    }

    /// It is noticed that a member is not fit.
    pub(super) fn on_noticed(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.members.change(instance, |it| it.notice = Notice::Waits);
        if self.members.of(instance).failure() != Some(Failure::Terminated) {
            self.queue.waiting.push(instance);
        }
        if self.control_up {
            self.act_on(instance, ctx);
        }
    }

    /// The control plane is back: what was noticed meanwhile has its consequences.
    pub(super) fn resume_replacements(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        for instance in 0..self.members.places() {
            if self.members.of(instance).notice == Notice::Waits {
                self.act_on(instance, ctx);
            }
        }
    }

    fn act_on(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(instance).failure() == Some(Failure::Terminated) {
            self.terminate(instance, ctx);
            self.order(ctx);
        } else {
            ctx.signal(Signal::Withdrawn(instance));
            self.batch_is_due(ctx);
        }
    }

    /// The next batch is looked at when all that happens at this instant has happened.
    pub(super) fn batch_is_due(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if !self.queue.due && self.queue.open == 0 && !self.queue.waiting.is_empty() {
            self.queue.due = true;
            ctx.schedule_at(ctx.now(), Event::BatchDue);
        }
    }

    pub(super) fn on_batch_due(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.queue.due = false;
        // Where the group has shrunk so far that no successor is due, the next batch follows at once.
        while self.queue.open == 0
            && !self.queue.waiting.is_empty()
            && self.control_up
            && self.roomiest_zone().is_some()
        {
            // Members that are missing already do not count for the batch.
            self.order(ctx);
            let (at_once, later) = self.parameters.replacement.batch(self.desired);
            let size = self.queue.waiting.len().min((at_once + later) as usize);
            for position in 0..size {
                let oldest = self.queue.waiting.remove(0);
                if (position as u64) < at_once {
                    self.terminate(oldest, ctx);
                } else {
                    self.members.change(oldest, |it| it.notice = Notice::Leaves);
                    self.queue.leaving.push(oldest);
                }
            }
            for _ in 0..size {
                let Some(successor) = self.order_one(ctx) else { break };
                self.members.change(successor, |it| it.successor = true);
                self.queue.open += 1;
            }
            if self.queue.open == 0 {
                self.let_leave(ctx);
            }
        }
    }

    /// A batch no longer waits for this member: it serves and is warm, or it never will.
    pub(super) fn leaves_batch(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        if !self.members.of(instance).successor {
            return;
        }
        self.members.change(instance, |it| it.successor = false);
        self.queue.open -= 1;
        if self.queue.open == 0 {
            self.let_leave(ctx);
            self.batch_is_due(ctx);
        }
    }

    /// Those whose successors were launched first leave.
    fn let_leave(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        while let Some(instance) = self.queue.leaving.pop() {
            self.terminate(instance, ctx);
        }
    }

    /// A member is fit again, or fares otherwise: nothing that was noticed stands.
    fn forgive(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        match self.members.of(instance).notice {
            Notice::None | Notice::Leaves => return,
            Notice::Due(due) => ctx.cancel(due),
            Notice::Waits => self.queue.waiting.retain(|&waiting| waiting != instance),
        }
        self.members.change(instance, |it| it.notice = Notice::None);
    }

    /// A member is gone for good.
    pub(super) fn terminate(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.forgive(instance, ctx);
        self.leaves_batch(instance, ctx);
        if self.members.of(instance).stage != Stage::Free {
            self.members.remove(instance);
            ctx.signal(Signal::Terminated(instance));
        }
    }
}
