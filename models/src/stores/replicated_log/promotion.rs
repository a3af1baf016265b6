//! How a copy becomes the writer, and how regions come to use it.

use sim_core::time::SimDuration;

use super::losses::Fate;
use super::{Event, Former, Outlet, ReplicatedLog};
use crate::ids::RegionId;
use crate::stores::{Attempt, Promotion, Restored, Signal};
use crate::world::World;

impl ReplicatedLog {
    /// See [`crate::stores::Service::needs_promotion`].
    pub fn is_in_need(&self, to: RegionId) -> bool {
        self.under_way.is_some() || !(to == self.writer() || self.answers_well(to))
    }

    /// See [`crate::stores::Service::promote`].
    pub fn begin_promotion(&mut self, attempt: Attempt, out: &mut impl Outlet) -> bool {
        // Where a copy has no other way of becoming the writer, its promotion is a detachment.
        let how = match attempt.how {
            Promotion::Detach if self.detach_time.is_none() => Promotion::Failover,
            how => how,
        };
        let Attempt { to, effective, .. } = attempt;
        let planned = how == Promotion::SwitchOver;
        if planned && self.switch_over_time.is_none() {
            return false;
        }
        if let Some(step) = self.under_way {
            if planned && step.to != to {
                self.wait(attempt, out);
            }
            return true;
        }
        if planned && self.copies.contains(to) && !self.rebuilds.is_whole(to) {
            self.wait(attempt, out);
            return true;
        }
        // A planned switchover loses nothing: it needs all clusters well, and a copy that the log reaches.
        let well = self.copies.topology().iter().all(|&region| self.up[region] && self.copies.contains(region));
        let ready = well && self.copies.contains(to) && !self.copies.is_cut(to);
        if self.answers_well(to) != planned || (planned && !ready) || to == self.writer() {
            return false;
        }
        // Only a copy that holds the log can be promoted, and only one of the writer's own by managed failover.
        let has_copy = if how == Promotion::Detach { self.copies.has(to) } else { self.copies.contains(to) };
        let effective = effective && has_copy && self.rebuilds.is_whole(to);
        self.copies.apply_until(&self.losses, out.now());
        let time = match (how, &mut self.detach_time, &mut self.switch_over_time) {
            (Promotion::Detach, Some(time), _) => time.draw_duration(),
            (Promotion::SwitchOver, _, Some(time)) => {
                time.draw_duration() + SimDuration::from_secs_f64(self.copies.needs(to))
            }
            _ => self.promotion_time.draw_duration(),
        };
        self.under_way = Some(Attempt { how, to, effective });
        if self.leaving().is_some() {
            self.copies.cut_off(to, out.now());
        }
        self.stop_writers();
        out.schedule_in(time, Event::PromotionEnds);
        out.signal(Signal::PromotionBegan { how, to });
        out.signal(Signal::Changed);
        true
    }

    /// A switchover waits until its copy is whole.
    fn wait(&mut self, attempt: Attempt, out: &mut impl Outlet) {
        if self.waiting.is_none_or(|step| step.to != attempt.to) {
            out.signal(Signal::SwitchOverWaits(attempt.to));
        }
        self.waiting = Some(attempt);
    }

    /// The switchover that waits begins, if its copy is whole, or fails if it cannot begin for another reason.
    pub(super) fn resume_waiting(&mut self, out: &mut impl Outlet) {
        let Some(step) = self.waiting.filter(|step| self.under_way.is_none() && self.rebuilds.is_whole(step.to)) else {
            return;
        };
        self.waiting = None;
        if !self.begin_promotion(step, out) {
            out.signal(Signal::PromotionFailed { how: step.how, to: step.to });
        }
    }

    pub(super) fn on_promotion_end(&mut self, out: &mut impl Outlet) {
        let Some(Attempt { how, to, effective }) = self.under_way.take() else { return };
        let former = self.writer();
        let fenced = std::mem::take(&mut self.fenced);
        out.signal(Signal::Changed);
        if !effective || !self.zones.enter(to, former) {
            out.signal(Signal::PromotionFailed { how, to });
            self.note_cuts(out);
            self.resume_waiting(out);
            return;
        }
        let now = out.now();
        match how {
            Promotion::SwitchOver => {
                self.losses.pass(to, now.as_secs_f64(), Fate::Lost, now);
                self.promotions += 1;
                let (up, linked, rebuilds) = (&self.up, &self.linked, &self.rebuilds);
                let follows = |copy: RegionId| rebuilds.is_whole(copy) && up[copy] && linked[(copy, to)];
                self.copies.move_to(to, follows, &self.losses, now);
            }
            Promotion::Failover => {
                let first = self.copies.lacks_from(to, &self.losses, now);
                self.losses.pass(to, first, Fate::Lost, now);
                self.leave_all(out);
                self.promotions += 1;
                self.copies.take_over(to, first, now);
                self.former[former] = match (self.losses.is_destroyed(former), self.parameters.fences) {
                    (true, _) => Former::Stopped,
                    (false, true) if fenced => Former::Stopped,
                    (false, true) => Former::OutOfReach,
                    (false, false) => Former::Free,
                };
                for index in 0..self.copies.topology().len() {
                    let region = self.copies.topology()[index];
                    if region != to {
                        let readable = region == former && self.up[former] && !self.losses.is_destroyed(former);
                        self.rebuilds.require(region, readable);
                        out.signal(Signal::RebuildsDue);
                    }
                }
                if self.up[former] {
                    self.losses.holds_anew(former);
                }
            }
            Promotion::Detach => {
                let first = self.copies.lacks_from(to, &self.losses, now);
                self.losses.pass(to, first, Fate::Left, now);
                self.promotions += 1;
                self.copies.detach(to, now);
                let gone = self.losses.is_destroyed(former);
                self.former[former] = if gone { Former::Stopped } else { Former::Free };
            }
        }
        self.former[to] = Former::Stopped;
        self.detached = how == Promotion::Detach;
        self.stop_writers();
        self.note_cuts(out);
        if self.detached {
            // The writer's name does not follow a detached copy: people or automation tell the applications.
            self.endpoints.forget();
            out.signal(Signal::Detached(to));
        } else {
            self.lead_to(to, out);
        }
        self.resume_waiting(out);
    }

    /// The regions are led to a new writer: by its name, or by copies of their own that hear of it.
    fn lead_to(&mut self, to: RegionId, out: &mut impl Outlet) {
        let changed = self.endpoints.change(out.now());
        for region in self.up.ids() {
            let at = self.endpoints.hears(region, changed);
            if !self.forwards(region) {
                out.schedule_at(at, Event::EndpointFollows { region, promotion: self.promotions });
            }
        }
        out.signal(Signal::Promoted(to));
        for region in self.up.ids() {
            if !self.forwards(region) {
                continue;
            }
            // A copy forwards to the writer that it knows, and hears of a new one unless a partition lies between.
            if self.linked[(region, to)] {
                self.follow(region, out);
            } else {
                self.endpoints.hold_back(region);
            }
        }
    }

    /// See [`crate::stores::Service::repoint`].
    pub fn tell_applications(&mut self, out: &mut impl Outlet) {
        if !self.detached {
            return;
        }
        let writer = self.writer();
        for region in self.up.ids() {
            if self.endpoints.points_to()[region] != writer && self.reaches(region, writer) {
                self.follow(region, out);
            }
        }
        out.signal(Signal::Repointed);
    }

    /// See [`crate::stores::Service::restored`]: one log again, from which every copy that the store has is whole. A region
    /// without a copy takes the place of the first writer's. A promotion under way comes to nothing.
    pub fn come_back(&mut self, restored: Restored, world: &World, out: &mut impl Outlet) {
        let Restored { to, point } = restored;
        let (former, now) = (self.writer(), out.now());
        self.copies.apply_until(&self.losses, now);
        self.copies.begin_anew(to, self.parameters.place.writer, now);
        self.losses.begin_anew(to, point, now);
        self.endpoints.lead_all_to(to);
        if !self.is_whole() {
            out.signal(Signal::AllRebuilt);
        }
        self.rebuilds.end_all();
        self.zones.enter(to, former);
        self.former.fill(Former::Stopped);
        (self.detached, self.fenced, self.stalled, self.stalls_at) = (false, false, false, None);
        // What was on its way to a former writer means nothing any more.
        self.promotions += 1;
        if let Some(step) = &mut self.under_way {
            step.effective = false;
        }
        if let Some(Attempt { how, to, .. }) = self.waiting.take() {
            out.signal(Signal::PromotionFailed { how, to });
        }
        self.places_changed(world, out);
    }

    /// A region writes to the present writer from now on.
    pub(super) fn follow(&mut self, region: RegionId, out: &mut impl Outlet) {
        self.endpoints.follow(region, self.writer());
        self.losses.close(self.endpoints.points_to(), out.now());
        out.signal(Signal::EndpointUpdated(region));
        out.signal(Signal::Changed);
    }
}
