//! Starts: what is missing is ordered, gets its turn and its room, and is tried again ever more slowly.

use sim_core::component::Context;
use sim_core::time::SimDuration;

use super::{Event, Service, Signal};
use crate::compute::fleet::{House, Housed, Stage};

impl Service {
    /// Orders one task, in the live zone with the fewest or wherever room is. Returns whether it could be ordered.
    pub(super) fn order_one(&mut self, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let zones = &self.place.zones_up;
        let Some(zone) = self.members.roomiest(zones.len(), |zone| zones[zone]) else { return false };
        let task = self.members.add(zone, false);
        ctx.signal(Signal::Ordered(task));
        self.attempt(task, ctx);
        true
    }

    /// Tries to start a task, now or when the control plane is back.
    fn attempt(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.pool.is_some() {
            self.attempt_on_host(task, ctx);
            return;
        }
        self.members.change(task, |it| it.waits = !self.place.control_up);
        if self.place.control_up {
            ctx.signal(Signal::Asks { member: task, born: self.members.of(task).born });
        }
    }

    /// The region's launch rate lets a task go on.
    pub fn granted(&mut self, task: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        if self.is(task, born, Stage::Ordered) {
            self.launch(task, ctx);
        }
    }

    /// Time until the next attempt after so many failed ones before this: it doubles every time, up to the longest.
    fn back_off(&self, failures: u32) -> SimDuration {
        let factor = 1_u64.checked_shl(failures.min(40)).unwrap_or(u64::MAX);
        let longest = self.parameters.launch_retry_longest;
        let (first, longest) = (self.parameters.launch_retry.as_nanos(), longest.as_nanos());
        SimDuration::from_nanos(first.saturating_mul(factor).min(longest.max(first)))
    }

    /// Starts that waited for the control plane or for room go on.
    pub(super) fn resume(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.pool.is_some() {
            self.house_waiting(ctx);
            return;
        }
        for task in 0..self.members.places() {
            let it = self.members.of(task);
            if it.stage == Stage::Ordered && it.waits {
                self.relocate(task);
                self.attempt(task, ctx);
            }
        }
    }

    /// Whether this task is still the one of this birth, in this stage.
    pub(super) fn is(&self, task: usize, born: u64, stage: Stage) -> bool {
        let it = self.members.of(task);
        it.born == born && it.stage == stage
    }

    /// A start on Fargate goes on in a live zone, if its own is out. Returns whether it could stay.
    fn relocate(&mut self, task: usize) -> bool {
        let zones = &self.place.zones_up;
        if zones[self.members.zone_of(task)] {
            return true;
        }
        if let Some(zone) = self.members.roomiest(zones.len(), |zone| zones[zone]) {
            self.members.change(task, |it| it.zone = zone);
        }
        false
    }

    /// A start that failed is tried again.
    pub(super) fn try_again(&mut self, task: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        if !self.is(task, born, Stage::Ordered) {
            return;
        }
        if self.pool.is_none() {
            self.relocate(task);
        } else if !self.has_host(task) {
            self.leave_host(task);
        }
        self.attempt(task, ctx);
    }

    /// A task runs, unless the region, its zone or its instance went out meanwhile: then it is started again.
    pub(super) fn on_started(&mut self, task: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        if !self.is(task, born, Stage::Ordered) {
            return;
        }
        let stays = if self.pool.is_none() { self.relocate(task) } else { self.has_host(task) };
        if self.place.region_up && stays {
            self.members.change(task, |it| (it.stage, it.failures) = (Stage::Registering, 0));
            ctx.signal(Signal::Launched(task));
        } else {
            if self.pool.is_some() && !stays {
                self.leave_host(task);
            }
            self.attempt(task, ctx);
        }
    }

    /// A zone goes out or comes back, and its instances with it; those that are gone stay away.
    pub fn set_zone(&mut self, zone: usize, up: bool, ctx: &mut Context<'_, Event, Signal>) {
        // Another service of the region may stand in more zones.
        let Some(own) = self.place.zones_up.get_mut(zone) else { return };
        *own = up;
        if let Some(pool) = &mut self.pool {
            pool.hosts.set_zone(zone, up);
        }
        if up {
            self.resume(ctx);
            self.reconcile(ctx);
        }
    }

    /// The instances of a zone are gone for good.
    pub fn lose_hosts(&mut self, zone: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.remove_hosts(zone, ctx);
    }
}

impl Housed for Service {
    fn house(&mut self) -> Option<House<'_>> {
        let pool = self.pool.as_mut()?;
        Some(House { members: &mut self.members, pool, place: &self.place })
    }

    /// Starts a task that has its turn or its room: it fails for want of capacity on Fargate, or of what it needs.
    fn launch(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        let on_fargate = self.pool.is_none();
        let lacks_capacity = on_fargate && self.place.failing > 0.0 && self.attempts.uniform() < self.place.failing;
        let lacks_needs = self.needs_failing > 0.0 && self.needs.uniform() < self.needs_failing;
        let born = self.members.of(task).born;
        if lacks_capacity || lacks_needs {
            ctx.signal(Signal::LaunchFailed(task));
            let failures = self.members.of(task).failures;
            self.members.change(task, |it| it.failures += 1);
            ctx.schedule_in(self.back_off(failures), Event::TryAgain { task: task as u32, born });
        } else {
            ctx.schedule_in(self.launch_time.draw_duration(), Event::Started { task: task as u32, born });
        }
    }
}
