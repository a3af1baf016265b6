//! Launches: what is missing is ordered, tried, and tried again.

use sim_core::component::Context;

use super::{Event, Group, Signal};
use crate::compute::fleet::Stage;

impl Group {
    /// Orders what is missing, each in the live zone with the fewest.
    pub(super) fn order(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        while self.order_one(ctx).is_some() {}
    }

    /// Orders one instance if some are missing and it can be launched somewhere. Returns its place.
    pub(super) fn order_one(&mut self, ctx: &mut Context<'_, Event, Signal>) -> Option<usize> {
        if !self.control_up || self.members.count() >= self.desired {
            return None;
        }
        let zone = self.roomiest_zone()?;
        let from_pool = self.pool > 0;
        self.pool -= u64::from(from_pool);
        let index = self.members.add(zone, from_pool);
        ctx.signal(Signal::Ordered(index));
        self.attempt(index, ctx);
        Some(index)
    }

    /// The live zone with the fewest instances.
    pub(super) fn roomiest_zone(&self) -> Option<usize> {
        self.members.roomiest(self.zones_up.len(), |zone| self.zones_up[zone])
    }

    /// Tries to launch an instance, now or when the control plane is back.
    pub(super) fn attempt(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.members.change(index, |it| it.waits = !self.control_up);
        if !self.control_up {
            return;
        }
        let it = self.members.of(index);
        // Instances of a warm pool are started and not launched.
        if self.asks && !it.from_pool {
            ctx.signal(Signal::Asks { member: index, born: it.born });
        } else {
            self.launch(index, ctx);
        }
    }

    /// The region's launch rate lets an instance go on.
    pub fn granted(&mut self, index: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.members.of(index);
        if it.born == born && it.stage == Stage::Ordered {
            self.launch(index, ctx);
        }
    }

    /// Launches an instance that has its turn: that fails for want of capacity, or of what it needs.
    fn launch(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        let from_pool = self.members.of(index).from_pool;
        let safe = from_pool && self.parameters.warm_pool.as_ref().is_some_and(|pool| pool.running);
        let lacks_capacity = !safe && self.failing > 0.0 && self.attempts.uniform() < self.failing;
        // An instance of a pool that runs has got all that it needs.
        let lacks_needs = !safe && self.needs_failing > 0.0 && self.needs.uniform() < self.needs_failing;
        if lacks_capacity || lacks_needs {
            ctx.signal(Signal::LaunchFailed(index));
            ctx.schedule_in(self.parameters.launch_retry, Event::TryAgain(index as u32));
            return;
        }
        let time = match &mut self.pool_time {
            Some(time) if from_pool => time.draw_duration(),
            _ => self.launch_time.draw_duration(),
        };
        ctx.schedule_in(time, Event::Launched(index as u32));
    }

    /// Launches that waited for the control plane go on.
    pub(super) fn resume_launches(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        for index in 0..self.members.places() {
            if self.members.of(index).waits {
                self.relocate(index);
                self.attempt(index, ctx);
            }
        }
    }

    /// An attempt goes on in a live zone, if its own is out. Returns whether it could stay.
    fn relocate(&mut self, index: usize) -> bool {
        if self.zones_up[self.members.zone_of(index)] {
            return true;
        }
        if let Some(zone) = self.roomiest_zone() {
            self.members.change(index, |it| it.zone = zone);
        }
        false
    }

    /// A launch that failed is tried again.
    pub(super) fn try_again(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.relocate(index);
        self.attempt(index, ctx);
    }

    /// A launch is over. Instances on their way into a region or a zone that went out are launched again.
    pub(super) fn on_launched(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.region_up && self.relocate(index) {
            self.members.change(index, |it| it.stage = Stage::Registering);
            ctx.signal(Signal::Launched(index));
        } else {
            self.attempt(index, ctx);
        }
    }
}
