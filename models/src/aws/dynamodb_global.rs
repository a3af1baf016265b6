//! Amazon `DynamoDB` global tables, multi-Region eventual consistency: every copy takes reads and writes.
//!
//! Modelled:      local reads and writes; items that replicate independently with a delay; items in flight when a region
//!                is cut off, which are stranded until it returns, lost if it was destroyed, or overwritten by newer
//!                writes (last writer wins); items that a partition delays.
//! Not modelled:  order between items, transactions, capacity of the table, items merged into one replicated write.
//! Sources:       facts 6 ("typically within a second or less", 0.5 to 2.5 s nearby: documented; distribution: assumed).

use sim_core::component::{Component, Context};
use sim_core::random::Distribution;
use sim_core::settings::{Key, Section};
use sim_core::time::SimTime;

use crate::in_flight;
use crate::journeys::Access;
use crate::replicated_items::{Items, REWRITE};
use crate::stores::{Availability, Loss, Service, Settings, Signal, Site};
use crate::world::World;

const REGIONS: Key = Key::optional("regions", "regions that hold a copy; all of them without");
const DELAY: Key = Key::assumed(
    "replication-delay",
    "how long an item takes to another region",
    "{ lognormal = { median = \"800ms\", p99 = \"2.5s\" } }",
    "facts 6: typically within a second or less, 0.5 to 2.5 s nearby (documented); no distribution is published",
);

/// A global table.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Regions that hold a copy.
    pub regions: Vec<usize>,
    /// Replication delay in seconds.
    pub replication_delay: Distribution,
    /// Rewrites of an item per second.
    pub rewrite_rate: f64,
}

impl Settings for Parameters {
    type Service = Table;
    const KIND: &'static str = "dynamodb-global-table";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = (0..names.len()).collect();
        }
        let replication_delay = in_flight::read_time(section, &DELAY);
        Self { regions, replication_delay, rewrite_rate: section.number(&REWRITE) }
    }

    fn regions(&self) -> &[usize] {
        &self.regions
    }

    fn words(&self, _: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        format!("DynamoDB global table, items replicate in {}", delay(&self.replication_delay))
    }

    fn build(&self, site: Site<'_>) -> Table {
        Table::new(self, site)
    }
}

/// Nothing happens to a table by itself.
#[derive(Debug, Clone, Copy)]
pub enum Event {}

/// A global table at work.
#[derive(Debug)]
pub struct Table {
    parameters: Parameters,
    items: Items,
}

impl Table {
    /// A table at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Parameters { regions, replication_delay, rewrite_rate } = parameters;
        let items = Items::new(regions, |_, _| true, replication_delay, *rewrite_rate, site);
        Self { items, parameters: parameters.clone() }
    }
}

impl Service for Table {
    fn begin(&mut self, trial: u64) {
        self.items.begin(trial);
    }

    /// A read or a write from a region: local where there is a copy, else at any copy that answers.
    fn access(&self, _: Access, region: usize, world: &World) -> Availability {
        crate::stores::nearest_copy(&self.parameters.regions, region, world)
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.items.world_changed(world, ctx.now());
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.items.acknowledges(rates, now);
    }

    fn destroyed(&mut self, region: usize) {
        self.items.destroyed(region);
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.items.lag()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        self.items.loss(end)
    }
}

impl Component for Table {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, _: &mut Context<'_, Event, Signal>) {
        match event {}
    }
}
