//! Amazon `DynamoDB` global tables, multi-Region eventual consistency: every copy takes reads and writes.
//!
//! Modelled:      local reads and writes; items that replicate independently with a delay; items in flight when a region
//!                is cut off, which are stranded until it returns, lost if it was destroyed, or overwritten by newer
//!                writes (last writer wins); items that a partition delays.
//! Not modelled:  order between items, transactions, capacity of the table, items merged into one replicated write.
//! Sources:       facts 6 ("typically within a second or less", 0.5 to 2.5 s nearby: documented; distribution: assumed).
//!
//! Items in flight are an M/G/infinity system in equilibrium: their number is Poisson with mean (write rate x mean delay),
//! their ages follow the stationary excess of the delay (Takács, Introduction to the Theory of Queues, 1962, chapter 3).

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, binomial_quantile, poisson_quantile};
use sim_core::settings::{Key, Section};
use sim_core::time::SimTime;

use crate::journeys::Access;
use crate::stores::{AckLog, Availability, Loss, Service, Settings, Signal, Site};
use crate::world::World;

const REGIONS: Key = Key::optional("regions", "regions that hold a copy; all of them without");
const DELAY: Key = Key::assumed(
    "replication-delay",
    "how long an item takes to another region",
    "{ lognormal = { median = \"800ms\", p99 = \"2.5s\" } }",
    "facts 6: typically within a second or less, 0.5 to 2.5 s nearby (documented); no distribution is published",
);
const REWRITE: Key = Key::convention(
    "rewrite-rate",
    "how often an item is written again, per second",
    "0",
    "design 6.2: no overwriting unless stated",
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
        let replication_delay = section.delay(&DELAY);
        if !replication_delay.mean().is_finite() {
            let hint = "the number of items in flight is the write rate times the mean delay";
            section.reject("replication-delay", "an infinite mean", "a finite mean", Some(hint.to_owned()));
        }
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

/// Items of one region that have not arrived in another since the path was cut.
#[derive(Debug, Clone, Copy)]
struct Held {
    since: SimTime,
    in_flight: u64,
    oldest: f64,
    /// Writes acknowledged in the source before the path was cut.
    before: f64,
}

/// A region that was cut off with items that no survivor has.
#[derive(Debug, Clone, Copy)]
struct Stranding {
    region: usize,
    at: SimTime,
    count: f64,
    seconds: f64,
    returned: Option<SimTime>,
}

/// A global table at work.
#[derive(Debug)]
pub struct Table {
    parameters: Parameters,
    mean_delay: f64,
    count: usize,
    in_flight: Vec<Stream>,
    oldest: Vec<Stream>,
    rewritten: Stream,

    up: Vec<bool>,
    held: Vec<Option<Held>>,
    strandings: Vec<Stranding>,
    destroyed: Vec<bool>,
    delayed: f64,
    acknowledged: Vec<AckLog>,
}

impl Table {
    /// A table at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, seed, .. } = site;
        let count = regions.len();
        let pairs = |purpose: &str| {
            let mut streams = Vec::new();
            for from in regions {
                for to in regions {
                    streams.push(Stream::new(StreamId::new(seed, &format!("{path}/{from}/{to}"), purpose)));
                }
            }
            streams
        };
        Self {
            mean_delay: parameters.replication_delay.mean(),
            count,
            in_flight: pairs("items-in-flight"),
            oldest: pairs("oldest-item"),
            rewritten: Stream::new(StreamId::new(seed, path, "rewritten")),
            up: vec![true; count],
            held: vec![None; count * count],
            strandings: Vec::new(),
            destroyed: vec![false; count],
            delayed: 0.0,
            acknowledged: (0..count).map(|_| AckLog::default()).collect(),
            parameters: parameters.clone(),
        }
    }

    /// Partitions begin and heal. What was written meanwhile has been delayed, not lost.
    fn note_paths(&mut self, from: usize, world: &World, now: SimTime) {
        for to in self.parameters.regions.clone() {
            let pair = from * self.count + to;
            if world.linked(from, to) {
                if let Some(held) = self.held[pair].take() {
                    self.delayed += self.since(from, held, now);
                }
            } else if self.held[pair].is_none() {
                let (in_flight, oldest) = self.draw_in_flight(from, to);
                let before = self.acknowledged[from].until(now.as_secs_f64());
                self.held[pair] = Some(Held { since: now, in_flight, oldest, before });
            }
        }
    }

    fn since(&self, from: usize, held: Held, now: SimTime) -> f64 {
        held.in_flight as f64 + self.acknowledged[from].until(now.as_secs_f64()) - held.before
    }

    fn draw_in_flight(&mut self, from: usize, to: usize) -> (u64, f64) {
        let pair = from * self.count + to;
        let mean = self.acknowledged[from].rate() * self.mean_delay;
        let count = poisson_quantile(mean, self.in_flight[pair].uniform());
        if count == 0 {
            return (0, 0.0);
        }
        // The oldest of n independent ages is their quantile at U^(1/n).
        let largest = libm::pow(self.oldest[pair].uniform(), 1.0 / count as f64);
        (count, self.parameters.replication_delay.excess_quantile(largest))
    }

    /// A region is cut off: one draw per survivor, the largest count with its seconds.
    fn strand(&mut self, from: usize, world: &World, now: SimTime) {
        let mut worst: Option<(f64, f64)> = None;
        for to in self.parameters.regions.clone() {
            if to == from || !world.up(to) {
                continue;
            }
            let (count, seconds) = if let Some(held) = self.held[from * self.count + to] {
                let count = self.since(from, held, now);
                let behind = now.since(held.since).as_secs_f64();
                (count, if count > 0.0 { behind + held.oldest } else { 0.0 })
            } else {
                let (count, oldest) = self.draw_in_flight(from, to);
                (count as f64, oldest)
            };
            if worst.is_none_or(|(most, _)| count > most) {
                worst = Some((count, seconds));
            }
        }
        if let Some((count, seconds)) = worst {
            self.strandings.push(Stranding { region: from, at: now, count, seconds, returned: None });
        }
    }
}

impl Service for Table {
    /// Starts a trial.
    fn begin(&mut self, trial: u64) {
        for stream in self.in_flight.iter_mut().chain(&mut self.oldest) {
            stream.begin(trial);
        }
        self.rewritten.begin(trial);
        self.up.fill(true);
        self.held.fill(None);
        self.strandings.clear();
        self.destroyed.fill(false);
        self.delayed = 0.0;
        for log in &mut self.acknowledged {
            log.clear();
        }
    }

    /// A read or a write from a region: local where there is a copy, else at any copy that answers.
    fn access(&self, _: Access, region: usize, world: &World) -> Availability {
        crate::stores::nearest_copy(&self.parameters.regions, region, world)
    }

    /// Places or paths changed: items are held back, stranded, or arrive after all.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        let now = ctx.now();
        for from in self.parameters.regions.clone() {
            self.note_paths(from, world, now);
            if self.up[from] && !world.up(from) {
                self.strand(from, world, now);
            } else if !self.up[from] && world.up(from) {
                for stranding in self.strandings.iter_mut().filter(|stranding| stranding.region == from) {
                    stranding.returned.get_or_insert(now);
                }
            }
        }
        for region in 0..self.count {
            self.up[region] = world.up(region);
        }
    }

    /// From now on each region's copy acknowledges this many writes per second.
    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    /// The region's data will never return.
    fn destroyed(&mut self, region: usize) {
        self.destroyed[region] = true;
    }

    /// Age of the newest write that some copy lacks, and since when it has been growing.
    fn lag(&self) -> (f64, Option<SimTime>) {
        (self.mean_delay, self.held.iter().flatten().map(|held| held.since).min())
    }

    /// What happened until `end` to items that were in flight when their region was cut off.
    fn loss(&mut self, end: SimTime) -> Loss {
        let mut loss = Loss { delayed: self.delayed, ..Loss::default() };
        for stranding in &self.strandings {
            loss.seconds = loss.seconds.max(stranding.seconds);
            if self.destroyed[stranding.region] {
                loss.lost += stranding.count;
                continue;
            }
            let away = stranding.returned.unwrap_or(end).since(stranding.at).as_secs_f64();
            let probability = 1.0 - libm::exp(-self.parameters.rewrite_rate * away);
            let whole = libm::round(stranding.count) as u64;
            let overwritten = if probability > 0.0 && whole > 0 {
                binomial_quantile(whole, probability, self.rewritten.uniform()) as f64
            } else {
                0.0
            };
            loss.overwritten += overwritten;
            loss.stranded += stranding.count - overwritten.min(stranding.count);
        }
        for from in self.parameters.regions.clone() {
            for to in 0..self.count {
                if let Some(held) = self.held[from * self.count + to] {
                    loss.delayed += self.since(from, held, end);
                }
            }
        }
        loss
    }
}

impl Component for Table {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, _: &mut Context<'_, Event, Signal>) {
        match event {}
    }
}
