//! A queue in each of its regions (Amazon SQS, Kinesis, Kafka): requests send messages to it, and a service works them off.
//!
//! Messages are a fluid, which the service consumes with what calls leave of its capacity, the oldest first. How fast that
//! is, the flows say: a message that fails at a need of the service stays, and is tried again.

mod delays;
mod line;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Trial};
use sim_core::time::{SimDuration, SimTime};
use sim_settings::form::{Name, Names};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, keys};

use crate::about::About;
use crate::by_id::ById;
use crate::cause::Cause;
use crate::ids::{RegionId, ServiceId};
use crate::needs::Access;
use crate::stores::{Availability, Backlog, Loss, Others, Service, Settings, Signal, Site, nearest_copy};
use crate::world::World;

use delays::Delays;
use line::Line;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Queues",
    modelled: "a copy in each region, which takes messages of its own region while that is up and the service is not impaired; \
         a service that consumes them, the oldest first, with what calls leave of the capacity of its live targets; messages \
         that fail at a need of that service stay and are tried again, which loads what it needs; a backlog counts as full \
         use of the service when it scales; messages of a region that goes out wait there until it returns, or are gone \
         with it, and so are those that are being worked on there: as many as the rate times the mean `response-time`",
    not_modelled: "the time that a message takes when nothing waits, time until a message that failed is seen again, messages that are \
         given up after some attempts or after the retention time, duplicates, order, limits of shards and partitions",
    sources: "regional, without replication: documented for SQS and Kinesis",
};

keys! {
    /// Keys of a queue.
    struct QueueKeys {
        const CONSUMED_BY: Key<Name<ServiceId>> = Key::required("consumed-by", "the service that works off the messages, in each of its regions those of the copy there");
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "regions that have a copy", "those of `consumed-by`");
    }
}

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Regions with a copy.
    pub regions: Vec<RegionId>,
    /// The service that consumes the messages.
    pub consumer: Option<ServiceId>,
    /// Mean seconds that it works on a message, by region; 0 where nobody says so.
    pub response: Vec<f64>,
}

impl Settings for Parameters {
    type Service = Queue;
    const KIND: &'static str = "queue";
    const MEANING: &'static str = "a queue in each region, which a service works off";
    const KEYS: Layout = &[Listing::Keys(QueueKeys::KEYS)];
    const KEEPS_DATA: bool = false;

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let regions = section.names(&REGIONS, names);
        if section.has(REGIONS.name) && regions.is_empty() && !names.is_empty() {
            section.reject(REGIONS.name, "no region", "at least one", None);
        }
        Self { regions, consumer: None, response: vec![0.0; names.len()] }
    }

    fn connect(&mut self, section: &mut Section<'_>, services: &[String]) {
        let consumer = section.name(&CONSUMED_BY, services);
        self.consumer = (!services.is_empty()).then_some(consumer);
    }

    /// Every copy needs a consumer, and what consumes must carry so and so much.
    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let Some(consumer) = self.consumer.and_then(|id| others.graph.services.get(id)) else { return };
        let name = &consumer.name;
        if self.consumer.is_some_and(|consumer| others.graph.is_entered(consumer)) {
            let found = format!("{name}, which clients enter");
            section.reject(
                CONSUMED_BY.name,
                found,
                "a service behind it: every cell of the entered one is a front",
                None,
            );
            return;
        }
        let unknown = consumer.tiers.iter().flatten().find(|tier| !tier.compute.carries_a_known_rate(&tier.work));
        if let Some(tier) = unknown {
            let found = format!("{name}, {}", tier.compute.noun());
            let expected = "instances, tasks, pods, or a managed service with `requests-per-second` or `concurrency`: what consumes has a \
                 capacity";
            section.reject(CONSUMED_BY.name, found, expected, None);
        }
        if let Some(lacking) = self.regions.iter().find(|region| !consumer.regions.contains(region)) {
            let found = format!("{}, where {name} does not run", others.regions[lacking.index()]);
            section.reject(REGIONS.name, found, format!("regions of {name}: nothing else works a copy off"), None);
        }
        if self.regions.is_empty() {
            self.regions.clone_from(&consumer.regions);
        }
        for (response, tier) in self.response.iter_mut().zip(&consumer.tiers) {
            let work = tier.as_ref().and_then(|tier| tier.work.response.as_ref());
            *response = work.map_or(0.0, Distribution::mean);
        }
    }

    fn consumer(&self) -> Option<ServiceId> {
        self.consumer
    }

    fn is_read(&self) -> bool {
        false
    }

    fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    fn is_restored_to(&self, _: RegionId) -> bool {
        false
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, _: &dyn Fn(&Distribution) -> String) -> String {
        let regions: Vec<String> = self.regions.iter().map(|&it| region(it)).collect();
        format!("a queue in {}", regions.join(", "))
    }

    fn build(&self, _: Site<'_>) -> Queue {
        Queue::new(self)
    }
}

/// Events of a queue.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Nothing waits in a region any more, if nothing has changed since.
    Empty {
        /// The region.
        region: RegionId,
        /// Which forecast this belongs to; a later one overrides it.
        forecast: u64,
    },
}

/// A region's copy.
#[derive(Debug, Clone, Default)]
struct Copy {
    up: bool,
    /// Whether the messages go with the region when it next goes out.
    doomed: bool,
    line: Line,
    /// Whether the line changes in another way than when its end was last forecast.
    stale: bool,
    forecast: u64,
    /// Messages that have been stranded by an outage that is under way.
    stranded: f64,
    /// Mean seconds that somebody works on a message.
    response: f64,
}

/// A queue at work.
#[derive(Debug)]
pub struct Queue {
    regions: Vec<RegionId>,
    copies: ById<RegionId, Copy>,
    backlog: Backlog,
    delays: Delays,
    loss: Loss,
}

impl Queue {
    /// A queue of this kind.
    pub fn new(parameters: &Parameters) -> Self {
        let last = parameters.regions.iter().map(|region| region.index() + 1).max().unwrap_or(0);
        let mut copies = ById::new(last, Copy::default());
        for &region in &parameters.regions {
            copies[region].response = parameters.response.get(region.index()).copied().unwrap_or_default();
        }
        Self {
            regions: parameters.regions.clone(),
            copies,
            backlog: Backlog::default(),
            delays: Delays::default(),
            loss: Loss::default(),
        }
    }

    /// Works out what happened until the end.
    fn finish(&mut self, end: SimTime) {
        let end = end.as_secs_f64();
        for copy in &mut self.copies {
            copy.line.advance(end, &mut self.delays);
        }
        self.note(end);
    }

    /// Notes how much waits, at an instant at which a line begins to change in another way.
    fn note(&mut self, now: f64) {
        self.backlog.note(now, self.copies.iter().map(|copy| copy.line.waiting_at(now)).sum());
    }

    /// All that waits in a region that is out is gone for good; returns how much that was.
    fn lose(&mut self, region: RegionId) -> f64 {
        let copy = &mut self.copies[region];
        let gone = copy.line.waiting();
        let stranded = std::mem::take(&mut copy.stranded);
        self.loss.lost += stranded;
        self.loss.stranded -= stranded;
        copy.stale = true;
        self.loss.seconds = self.loss.seconds.max(copy.line.age());
        copy.line.clear();
        gone
    }

    /// When lines that change in another way now will be empty, if nothing else changes.
    fn forecast(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        for (region, copy) in self.copies.pairs_mut().filter(|(_, copy)| copy.stale) {
            copy.stale = false;
            copy.forecast += 1;
            if let Some(seconds) = copy.line.empty_in() {
                // A hair later, so that nothing is left then.
                let wait = SimDuration::from_secs_f64(seconds) + SimDuration::from_nanos(1);
                ctx.schedule_in(wait, Event::Empty { region, forecast: copy.forecast });
            }
        }
    }
}

impl Service for Queue {
    fn begin(&mut self, _: Trial<'_>) {
        for copy in &mut self.copies {
            copy.line.begin();
            let (response, line) = (copy.response, std::mem::take(&mut copy.line));
            *copy = Copy { response, line, up: true, ..Copy::default() };
        }
        self.backlog.begin();
        self.delays.begin();
        self.loss = Loss::default();
    }

    fn access(&self, _: usize, access: Access, region: RegionId, world: &World) -> Availability {
        match access {
            Access::Write => nearest_copy(&self.regions, region, world),
            Access::Read => Availability::fails(Cause::Dependency, false),
        }
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        let now = ctx.now().as_secs_f64();
        for region in self.copies.ids() {
            let up = world.up(region);
            let copy = &mut self.copies[region];
            if std::mem::replace(&mut copy.up, up) == up {
                continue;
            }
            copy.line.advance(now, &mut self.delays);
            copy.stranded = 0.0;
            self.note(now);
            let copy = &mut self.copies[region];
            if !up {
                // What waits, and what is being worked on.
                copy.stranded = copy.line.waiting() + copy.line.consumed() * copy.response;
                self.loss.stranded += copy.stranded;
                self.loss.seconds = self.loss.seconds.max(copy.line.age());
                if std::mem::take(&mut copy.doomed) {
                    self.lose(region);
                    self.note(now);
                }
            }
        }
        self.forecast(ctx);
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        let now = now.as_secs_f64();
        for (copy, &rate) in self.copies.iter_mut().zip(rates) {
            copy.stale |= copy.line.arrive(rate, now, &mut self.delays);
        }
        if self.copies.iter().any(|copy| copy.stale) {
            self.note(now);
        }
    }

    fn waits(&self, at: RegionId) -> bool {
        self.copies.get(at).is_some_and(|copy| copy.line.waits())
    }

    fn consumes(&mut self, rates: &[f64], ctx: &mut Context<'_, Event, Signal>) {
        let now = ctx.now().as_secs_f64();
        for (copy, &rate) in self.copies.iter_mut().zip(rates) {
            copy.stale |= copy.line.consume(rate, now, &mut self.delays);
        }
        if self.copies.iter().any(|copy| copy.stale) {
            self.note(now);
            self.forecast(ctx);
        }
    }

    fn backlog(&mut self, end: SimTime) -> Option<&Backlog> {
        self.finish(end);
        self.backlog.oldest = self.copies.iter().map(|copy| copy.line.oldest()).fold(0.0, f64::max);
        self.backlog.delays = self.delays.mean().zip(self.delays.quantile(0.99));
        Some(&self.backlog)
    }

    /// A region that is up has its messages until it goes out, which it is about to.
    fn destroyed(&mut self, region: RegionId) {
        match self.copies.get_mut(region) {
            Some(copy) if copy.up => copy.doomed = true,
            Some(_) => {
                // What stands still may as well be gone since the last change.
                let gone = self.lose(region);
                self.backlog.drop(gone);
            }
            None => {}
        }
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        (0.0, None)
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        self.finish(end);
        self.loss
    }
}

impl Component for Queue {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, Event::Empty { region, forecast }: Event, ctx: &mut Context<'_, Event, Signal>) {
        if self.copies[region].forecast == forecast {
            let now = ctx.now().as_secs_f64();
            let line = &mut self.copies[region].line;
            line.advance(now, &mut self.delays);
            // Rounding may leave a hair.
            line.clear();
            self.note(now);
            ctx.signal(Signal::Changed);
        }
    }
}
