//! A fleet under target tracking: it reads its datapoints as they arrive and resizes by them.

use sim_core::component::{Component, Context};
use sim_core::time::SimTime;

use super::{Datapoint, Signal, Size, Tracking, Verdict};

/// A fleet whose size may follow its load.
pub(crate) trait Tracked: Component<Signal = Signal> {
    /// The event at which it looks at its datapoints.
    fn measured() -> Self::Event;

    /// The policy, if it has one.
    fn tracking(&mut self) -> Option<&mut Tracking>;

    /// How many members are in service, if the region is up.
    fn serving(&self) -> Option<f64>;

    /// Its bounds, and the size that it aims at.
    fn bounds(&self) -> Size;

    /// Whether it may get smaller at this instant.
    fn may_shrink(&self, now: SimTime) -> bool;

    /// The policy resizes it.
    fn resize(&mut self, desired: u64, ctx: &mut Context<'_, Self::Event, Signal>);

    /// Load over capacity of the members that get requests, from now on, and their share of those that serve.
    #[inline]
    fn track(&mut self, utilization: f64, busy: f64, ctx: &mut Context<'_, Self::Event, Signal>) {
        let differs = self.tracking().and_then(|tracking| tracking.differs(utilization, busy));
        let Some(utilization) = differs else { return };
        let serving = self.serving();
        if self.tracking().is_some_and(|tracking| tracking.drifts(serving, utilization, ctx.now())) {
            return;
        }
        self.note_change(ctx);
        if let Some(tracking) = self.tracking() {
            tracking.set_utilization(utilization);
        }
    }

    /// Adds up what held until now, before something changes.
    fn note_change(&mut self, ctx: &mut Context<'_, Self::Event, Signal>) {
        self.read_datapoints(ctx);
        let serving = self.serving();
        if let Some(tracking) = self.tracking() {
            tracking.note_change(serving, Self::measured(), ctx);
        }
    }

    /// Scales by the datapoints that have arrived until now.
    fn read_datapoints(&mut self, ctx: &mut Context<'_, Self::Event, Signal>) {
        loop {
            let serving = self.serving();
            let next = self.tracking().and_then(|tracking| tracking.next_datapoint(serving, ctx.now()));
            let Some(point) = next else { return };
            self.on_datapoint(point, ctx);
        }
    }

    /// A datapoint may have arrived that resizes the fleet.
    fn on_measured(&mut self, ctx: &mut Context<'_, Self::Event, Signal>) {
        self.read_datapoints(ctx);
        let (serving, bounds) = (self.serving(), self.bounds());
        if let Some(tracking) = self.tracking() {
            tracking.look_ahead(serving, |verdict| verdict.size(bounds) != bounds.desired, Self::measured(), ctx);
        }
    }

    /// Scales by a datapoint.
    fn on_datapoint(&mut self, point: Datapoint, ctx: &mut Context<'_, Self::Event, Signal>) {
        let Some(verdict) = self.tracking().map(|tracking| tracking.judge(point)) else { return };
        if matches!(verdict, Verdict::Shrink(_)) && !self.may_shrink(ctx.now()) {
            // Not now, perhaps a period later.
            return;
        }
        let bounds = self.bounds();
        let size = verdict.size(bounds);
        if size != bounds.desired {
            self.resize(size, ctx);
        }
    }
}
