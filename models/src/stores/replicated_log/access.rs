//! The outcome of reads and writes of each region: a pure function of the log's state.

use super::{Former, ReplicatedLog, Standing};
use crate::cause::Cause;
use crate::ids::RegionId;
use crate::stores::{Availability, Promotion};
use crate::world::World;

impl ReplicatedLog {
    /// A write from a region: to wherever its endpoint points.
    pub(super) fn write(&self, region: RegionId) -> Availability {
        let target = self.endpoints.points_to()[region];
        let reaches = self.reaches(region, target);
        if target != self.writer() {
            return self.write_to_former(region, target, reaches);
        }
        let promoting = self.under_way.is_some();
        let stopped = self.fenced || self.under_way.is_some_and(|step| step.how == Promotion::SwitchOver);
        let standing = self.standing(target);
        let outdated = self.endpoints.is_outdated(region);
        if reaches && !stopped && standing == Standing::Well && !outdated {
            if self.forwards(region) && !self.rebuilds.is_readable(region) {
                return Availability::fails(Cause::Dependency, false);
            }
            return self.answer(target, self.promotions == 0);
        }
        let cause = if promoting || (reaches && standing == Standing::FailingOver) {
            Cause::Promotion
        } else if reaches && standing == Standing::Well {
            Cause::EndpointUpdate
        } else if self.promotions > 0 && self.up[target] && standing != Standing::Gone {
            Cause::NoPath
        } else {
            Cause::Decision
        };
        // A writer that is out or cut off lets callers hang, and so does an address that it has left with its zone; one
        // that lives refuses at once.
        Availability::fails(cause, !reaches || standing != Standing::Well || outdated)
    }

    /// A write from a region that still points to a former writer.
    fn write_to_former(&self, region: RegionId, target: RegionId, reaches: bool) -> Availability {
        let takes = reaches && self.former[target] != Former::Stopped;
        match self.zones.standing(target) {
            Standing::Well if takes && !self.endpoints.is_outdated(region) => {
                self.answer(target, target == self.parameters.place.writer)
            }
            Standing::FailingOver if takes => Availability::fails(Cause::Promotion, true),
            standing => Availability::fails(Cause::EndpointUpdate, !reaches || standing != Standing::Well),
        }
    }

    /// The outcome at a writer that can be reached; `bounded` if the bound is its own.
    fn answer(&self, target: RegionId, bounded: bool) -> Availability {
        if self.stalled && bounded {
            Availability::fails(Cause::Dependency, false)
        } else {
            Availability::works(target)
        }
    }

    /// A read from a region: of its own copy, or, where it has none, of the nearest one that answers.
    pub(super) fn read(&self, region: RegionId, world: &World) -> Availability {
        let works = |copy: RegionId| self.copies.has(copy) && self.reading(region, copy).is_none();
        let answers = if self.copies.has(region) && world.up(region) {
            Some(region).filter(|&own| works(own))
        } else {
            world.nearest_that(region, works)
        };
        if let Some(copy) = answers {
            return Availability::works(copy);
        }
        let asked = world.nearest(region, self.copies.topology());
        let cause = asked.and_then(|copy| self.reading(region, copy)).unwrap_or(Cause::Dependency);
        Availability::fails(cause, cause != Cause::Dependency)
    }

    /// Why reads from a region of a copy that they reach fail, if they do.
    fn reading(&self, region: RegionId, copy: RegionId) -> Option<Cause> {
        // Those who still write to a former writer read there, whatever is being built beside it.
        let stays = self.former[copy] != Former::Stopped && self.endpoints.points_to()[region] == copy;
        if !stays && !self.rebuilds.is_readable(copy) {
            return Some(Cause::Dependency);
        }
        if self.parameters.standby_reads || !self.has_writer(copy) {
            return None;
        }
        match self.standing(copy) {
            Standing::Well => None,
            Standing::FailingOver => Some(Cause::Promotion),
            Standing::Gone => Some(Cause::Decision),
        }
    }

    /// Whether the writer answers a region without errors.
    pub(super) fn answers_well(&self, to: RegionId) -> bool {
        let writer = self.writer();
        self.write(to).share == 1.0 && self.endpoints.points_to()[to] == writer && !self.erring[writer]
    }
}
