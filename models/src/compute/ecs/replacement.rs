//! Replacement: a task that is gone is replaced at once; the successor of an unhealthy one starts first.

use sim_core::component::Context;
use sim_core::time::SimDuration;

use super::{Event, Service, Signal};
use crate::compute::fleet::{Failure, Housed as _, Notice, Stage, Tracked as _};

impl Service {
    /// A task fails by one thing more; returns whether it fares worse than before.
    pub fn fail(
        &mut self,
        task: usize,
        failure: Failure,
        _together: &mut Option<SimDuration>,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        let before = self.members.of(task).failure();
        if before.is_none() {
            self.note_change(ctx);
        }
        self.members.change(task, |it| it.fails_by(failure));
        if before >= Some(failure) {
            return false;
        }
        if failure == Failure::Terminated {
            self.forgive(task, ctx);
            self.notice_in(task, SimDuration::ZERO, ctx);
        } else if !self.balanced && self.members.of(task).notice == Notice::None {
            let delay = self.container_check.draw_duration();
            self.notice_in(task, delay, ctx);
        }
        true
    }

    /// One thing that a task failed by is over. Returns whether it fares better than before.
    pub fn recover(&mut self, task: usize, failure: Failure, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let mut it = self.members.of(task);
        let before = it.failure();
        it.is_over(failure);
        let left = it.failure();
        if left.is_none() && before.is_some() {
            self.note_change(ctx);
        }
        self.members.change(task, |it| it.is_over(failure));
        if left == before {
            return false;
        }
        if left.is_none() && !self.balanced {
            self.forgive(task, ctx);
            self.reconcile(ctx);
        }
        true
    }

    /// The load balancer took a task out of rotation.
    pub fn left_rotation(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(task).fit_for_service() {
            self.note_change(ctx);
        }
        self.members.change(task, |it| it.in_rotation = false);
        if self.members.of(task).notice == Notice::None {
            let delay = self.notice.draw_duration();
            self.notice_in(task, delay, ctx);
        }
    }

    /// The load balancer took a task back.
    pub fn returned_to_rotation(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(task).fit_for_service() {
            self.note_change(ctx);
        }
        self.members.change(task, |it| it.in_rotation = true);
        if self.members.of(task).live() {
            self.forgive(task, ctx);
            self.reconcile(ctx);
        }
    }

    fn notice_in(&mut self, task: usize, delay: SimDuration, ctx: &mut Context<'_, Event, Signal>) {
        let born = self.members.of(task).born;
        let due = ctx.schedule_in(delay, Event::Noticed { task: task as u32, born });
        self.members.change(task, |it| it.notice = Notice::Due(due));
    }

    /// It is noticed that a task is gone or unhealthy.
    pub(super) fn on_noticed(&mut self, task: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.members.of(task);
        if it.stage == Stage::Free || it.born != born {
            return;
        }
        if it.failure() == Some(Failure::Terminated) {
            self.members.change(task, |it| it.notice = Notice::None);
            self.stop(task, ctx);
        } else {
            self.members.change(task, |it| it.notice = Notice::Leaves);
            self.unhealthy.push_back(task);
            ctx.signal(Signal::Withdrawn(task));
        }
        self.reconcile(ctx);
    }

    /// A task is healthy again, or fares otherwise: nothing that was noticed stands.
    fn forgive(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        match self.members.of(task).notice {
            Notice::None => return,
            Notice::Due(due) => ctx.cancel(due),
            Notice::Waits | Notice::Leaves => self.unhealthy.retain(|&other| other != task),
        }
        self.members.change(task, |it| it.notice = Notice::None);
    }

    /// A task stops.
    fn stop(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.forgive(task, ctx);
        self.leave_host(task);
        let never_ran = self.members.of(task).stage == Stage::Ordered;
        self.members.remove(task);
        // One that never ran is no target.
        if !never_ran {
            ctx.signal(Signal::Terminated(task));
        }
    }

    /// Brings the tasks to the desired number, as far as the ceiling allows.
    pub(super) fn reconcile(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if !self.place.control_up {
            return;
        }
        // Unhealthy ones stay as long as fewer than desired are healthy.
        let healthy = u64::from(self.members.in_service());
        while self.unhealthy.len() as u64 > self.desired.saturating_sub(healthy)
            && let Some(oldest) = self.unhealthy.pop_front()
        {
            self.note_change(ctx);
            self.stop(oldest, ctx);
        }
        while self.members.count() > self.desired {
            let Some(surplus) = self.members.newest_ordered().or_else(|| self.members.youngest()) else { break };
            self.note_change(ctx);
            self.stop(surplus, ctx);
        }
        let ceiling = self.parameters.ceiling(self.desired);
        while self.members.count() < self.desired {
            if self.members.count() + (self.unhealthy.len() as u64) < ceiling {
                if !self.order_one(ctx) {
                    break;
                }
            } else if !self.members.on_the_way()
                && let Some(oldest) = self.unhealthy.pop_front()
            {
                self.stop(oldest, ctx);
            } else {
                break;
            }
        }
        if self.pool.is_some() {
            self.resume(ctx);
        }
    }
}
