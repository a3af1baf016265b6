//! Amazon `DynamoDB` global tables, multi-Region eventual (MREC) or strong (MRSC) consistency.

mod spec;

use sim_core::component::{Component, Context};
use sim_core::random::Trial;
use sim_core::time::SimTime;

pub use spec::{Consistency, Parameters};

use crate::about::About;
use crate::cause::Cause;
use crate::ids::RegionId;
use crate::needs::Access;
use crate::quorum::Quorum;
use crate::stores::replicated_items::Items;
use crate::stores::{Availability, Loss, Restored, Service, Settings as _, Signal, Site};
use crate::world::World;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "DynamoDB global tables",
    modelled: "eventual: local reads and writes; items that replicate independently with a delay; items in flight when a \
         region is cut off, which are stranded until it returns, lost if it was destroyed, or overwritten by newer \
         writes (last writer wins); items that a partition delays. A copy that was out has everything as soon as it \
         is back; what waited for it goes away with its own region if that follows. Where every copy is destroyed, \
         all that was acknowledged is lost. Strong: exactly three regions, of which one may be a witness; a write \
         needs its own copy and one more region, a strong read as well; an isolated region refuses both; what \
         succeeded is in two regions, so that the loss of one costs no data. With one region out such a table is one \
         loss away from refusing writes, not from losing them, and does not count as at risk; with two out it does. Where \
         the capacity of copies is limited, what is written anywhere loads every copy that it reaches: what replicates \
         comes first, and all regions shed the same share of their own writes",
    not_modelled: "order between items, transactions, capacity that grows with the load, items merged into one replicated write, \
         conflicts between regions, the sets of regions that AWS allows; what a strong table loses when two of its regions are \
         destroyed",
    sources: "\"typically within a second or less\", 0.5 to 2.5 s nearby: documented; distribution: assumed; MRSC: \
         documented, isolation inferred from the quorum",
};

/// Nothing happens to a table by itself.
#[derive(Debug, Clone, Copy)]
pub enum Event {}

/// How the copies of a table at work agree.
#[derive(Debug)]
enum Agreement {
    Eventual(Box<Items>),
    Strong { quorum: Quorum, strong_reads: bool },
}

/// A global table at work.
#[derive(Debug)]
pub struct Table {
    /// Regions with a copy in the file, and in this trial.
    regions: Vec<RegionId>,
    copies: Vec<RegionId>,
    agreement: Agreement,
}

impl Table {
    /// A table at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let copies = &parameters.regions;
        let agreement = match &parameters.consistency {
            Consistency::Eventual { replication_delay, rewrite_rate } => {
                Agreement::Eventual(Box::new(Items::new(copies, |_, _| true, replication_delay, *rewrite_rate, site)))
            }
            Consistency::Strong { strong_reads, .. } => {
                Agreement::Strong { quorum: Quorum::new(parameters.voters()), strong_reads: *strong_reads }
            }
        };
        Self { regions: copies.clone(), copies: copies.clone(), agreement }
    }
}

impl Service for Table {
    fn begin(&mut self, trial: Trial<'_>) {
        self.copies.clone_from(&self.regions);
        match &mut self.agreement {
            Agreement::Eventual(items) => {
                items.lie_in(&self.regions);
                items.begin(trial);
            }
            Agreement::Strong { quorum, .. } => quorum.begin(),
        }
    }

    /// A read or a write from a region: at its own copy, else at the nearest one that answers. Where two regions have to
    /// agree, a region that is cut off from both others cannot serve, not even from the copy that it has.
    fn access(&self, _: usize, access: Access, region: RegionId, world: &World) -> Availability {
        let nearest = crate::stores::nearest_copy(&self.copies, region, world);
        match &self.agreement {
            Agreement::Strong { quorum, strong_reads }
                if nearest.share > 0.0
                    && (access == Access::Write || *strong_reads)
                    && !quorum.agrees(nearest.at, world) =>
            {
                Availability::fails(Cause::Dependency, false)
            }
            Agreement::Strong { .. } | Agreement::Eventual(_) => nearest,
        }
    }

    fn carries(&self, from: RegionId, to: RegionId, world: &World) -> bool {
        let copies = self.copies.contains(&from) && self.copies.contains(&to);
        copies
            && match &self.agreement {
                Agreement::Eventual(items) => items.arrive(from, to, world),
                Agreement::Strong { .. } => world.reaches(from, to),
            }
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        match &mut self.agreement {
            Agreement::Eventual(items) => items.world_changed(world, ctx.now()),
            Agreement::Strong { quorum, .. } => quorum.world_changed(world),
        }
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            items.acknowledges(rates, now);
        }
    }

    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            items.stalls(from, to, begins);
        }
    }

    fn destroyed(&mut self, region: RegionId) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            items.destroyed(region);
        }
    }

    /// A region without a copy takes the place of the first one that had one.
    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            if !self.copies.contains(&restored.to)
                && let Some(first) = self.copies.first_mut()
            {
                *first = restored.to;
                items.lie_in(&self.copies);
            }
            items.restored(restored.point, world, ctx.now());
        }
        self.world_changed(world, ctx);
    }

    /// A strongly consistent table has no such metric; nothing ever lags.
    fn lag(&self) -> (f64, Option<SimTime>) {
        match &self.agreement {
            Agreement::Eventual(items) => items.lag(),
            Agreement::Strong { .. } => (0.0, None),
        }
    }

    /// Under strong consistency a write is in two regions, so that as long as two are up no single loss costs any.
    fn complete(&self) -> bool {
        match &self.agreement {
            Agreement::Eventual(items) => items.complete(),
            Agreement::Strong { quorum, .. } => quorum.stands(),
        }
    }

    /// A write that succeeded under strong consistency is in two regions: nothing is missing.
    fn loss(&mut self, end: SimTime) -> Loss {
        match &mut self.agreement {
            Agreement::Eventual(items) => items.loss(end),
            Agreement::Strong { .. } => Loss::default(),
        }
    }
}

impl Component for Table {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, _: &mut Context<'_, Event, Signal>) {
        match event {}
    }
}

#[cfg(test)]
mod tests;
