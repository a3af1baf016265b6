//! The log's reaction to places and paths: copies that are cut off or built anew, and a writer that loses its zone.

use super::{Event, Former, Outlet, ReplicatedLog, Standing};
use crate::ids::RegionId;
use crate::stores::{Promotion, Signal};
use crate::world::World;

impl ReplicatedLog {
    /// See [`crate::stores::Service::world_changed`]: cuts begin and heal, a writer may have lost its zone.
    pub fn places_changed(&mut self, world: &World, out: &mut impl Outlet) {
        for region in self.up.ids() {
            if world.up(region) && !self.up[region] && self.losses.is_destroyed(region) {
                self.comes_back_empty(region, out);
            }
            self.up[region] = world.up(region);
            if !self.up[region] {
                self.rebuilds.goes_out(region);
            }
            self.zones.look_at(region, world);
            for other in self.up.ids() {
                self.linked[(region, other)] = world.linked(region, other);
            }
            if self.endpoints.is_held_back(region) && world.linked(region, self.writer()) {
                self.follow(region, out);
            }
        }
        self.stop_writers();
        self.note_cuts(out);
        self.break_off_switch_over();
        for region in self.up.ids() {
            if !self.up[region] || !self.has_writer(region) || self.standing(region) == Standing::Gone {
                continue;
            }
            if let Some((time, failover)) = self.zones.fail_over(region) {
                out.signal(Signal::FailsOver(region));
                out.schedule_in(time, Event::InRegionFailoverEnds { writer: region, failover });
            }
        }
        out.signal(Signal::Changed);
    }

    /// A promotion stops the writer as soon as it reaches it, and a new writer the former one.
    pub(super) fn stop_writers(&mut self) {
        let writer = self.writer();
        if self.parameters.fences
            && let Some(step) = self.under_way
            && step.how == Promotion::Failover
            && step.effective
            && self.reaches(step.to, writer)
        {
            self.fenced = true;
        }
        for region in self.former.ids() {
            if self.former[region] == Former::OutOfReach && self.reaches(writer, region) {
                self.former[region] = Former::Stopped;
            }
        }
    }

    /// A switchover needs both ends well and the log to arrive until it is done; else it fails, and loses nothing.
    fn break_off_switch_over(&mut self) {
        let writer = self.writer();
        let zone_gone = self.up[writer] && !self.zones.stands(writer);
        if let Some(step) = &mut self.under_way
            && step.how == Promotion::SwitchOver
            && (zone_gone || self.copies.is_cut(step.to))
        {
            step.effective = false;
        }
    }

    /// A region whose data are gone is back. A copy is built anew; a writer has nothing to be built from, and stays away
    /// until another copy is promoted.
    fn comes_back_empty(&mut self, region: RegionId, out: &mut impl Outlet) {
        if self.copies.has(region) {
            self.copies.comes_back_empty(region);
            self.rebuilds.require(region, false);
            out.signal(Signal::RebuildsDue);
        }
        if region != self.writer() {
            self.losses.holds_anew(region);
        }
    }

    /// Whether a writer's log gets to a region.
    fn arrives(&self, writer: RegionId, region: RegionId) -> bool {
        self.has_writer(writer)
            && self.copies.arrives(writer, region)
            && self.reaches(writer, region)
            && self.standing(writer) != Standing::Gone
            && self.leaving() != Some(region)
    }

    /// Notes which copies follow a writer, and which are built anew from one, from now on.
    pub(super) fn note_cuts(&mut self, out: &mut impl Outlet) {
        let now = out.now();
        self.copies.apply_until(&self.losses, now);
        for index in 0..self.copies.topology().len() {
            let region = self.copies.topology()[index];
            let source = self.copies.source(region);
            if region == source {
                continue;
            }
            let gets = self.arrives(source, region);
            self.copies.connect(region, gets && self.rebuilds.is_whole(region), now);
            if let Some((time, rebuild)) = self.rebuilds.look_at(region, gets) {
                out.signal(Signal::RebuildBegan(region));
                out.schedule_in(time, Event::RebuildEnds { region, rebuild });
            }
        }
        self.note_stall(out);
    }

    /// A copy holds the log again.
    pub(super) fn on_rebuild_end(&mut self, region: RegionId, rebuild: u32, out: &mut impl Outlet) {
        if !self.rebuilds.end(region, rebuild) {
            return;
        }
        self.copies.renew(region);
        out.signal(Signal::Rebuilt(region));
        if self.is_whole() {
            out.signal(Signal::AllRebuilt);
        }
        out.signal(Signal::Changed);
        self.resume_waiting(out);
    }

    /// A writer goes on in another zone; applications keep its former address for some time, unless something in between
    /// follows it for them.
    pub(super) fn on_failover_end(&mut self, writer: RegionId, failover: u32, out: &mut impl Outlet) {
        if !self.zones.end(writer, failover) {
            return;
        }
        out.signal(Signal::Changed);
        if self.standing(writer) != Standing::Well {
            return;
        }
        out.signal(Signal::FailedOver(writer));
        for region in self.up.ids() {
            let forwarded = region != writer && self.forwards(region);
            if self.endpoints.points_to()[region] != writer || self.parameters.proxy || forwarded {
                continue;
            }
            let cached = self.endpoints.outdate(region);
            if cached.is_zero() {
                self.endpoints.refresh(region);
            } else {
                out.schedule_in(cached, Event::AddressFollows { region, writer, failover });
            }
        }
    }

    /// From when on no copy is within the bound. The bound belongs to the first writer's own configuration: a promoted
    /// copy keeps the default, as it must with two regions, or it would stall for want of any copy. One that was promoted
    /// over stays as it was left; one whose copy was detached is bound by those that it still has.
    fn note_stall(&mut self, out: &mut impl Outlet) {
        let first = self.parameters.place.writer;
        let bound = self.parameters.rpo_bound.filter(|_| self.promotions == 0 || self.former[first] == Former::Free);
        let Some(bound) = bound else { return };
        let stalls_at = self.copies.all_beyond(bound, first);
        if stalls_at == self.stalls_at {
            return;
        }
        self.stalls_at = stalls_at;
        self.stall(out);
        if let Some(at) = stalls_at.filter(|&at| at > out.now()) {
            out.schedule_at(at, Event::Stalls);
        }
    }

    /// The first writer holds commits back from now on, or takes them again.
    pub(super) fn stall(&mut self, out: &mut impl Outlet) {
        let stalled = self.stalls_at.is_some_and(|at| at <= out.now());
        if std::mem::replace(&mut self.stalled, stalled) != stalled {
            let writer = self.parameters.place.writer;
            out.signal(if stalled { Signal::CommitsHeld(writer) } else { Signal::CommitsGoOn(writer) });
        }
    }

    /// No copy follows the writer any more: one with a bound that has not heard of its successor will stall.
    pub(super) fn leave_all(&mut self, out: &mut impl Outlet) {
        if self.parameters.rpo_bound.is_some() && self.promotions == 0 {
            self.copies.cut_off_all(out.now());
            self.note_stall(out);
        }
    }
}
