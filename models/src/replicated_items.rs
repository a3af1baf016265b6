//! Items that replicate one by one and in no order between the copies of a store, as in `DynamoDB` and S3.
//!
//! Modelled:      items in flight when a region is cut off, which are stranded until it returns, lost if it was destroyed,
//!                or overwritten by newer writes; items that a partition holds back, which are delayed.
//! Not modelled:  order between items, items merged into one replicated write.
//! Sources:       design 6.2.

use sim_core::random::{Distribution, Stream, StreamId, binomial_quantile};
use sim_core::settings::Key;
use sim_core::time::SimTime;

use crate::in_flight::{Draws, InFlight};
use crate::stores::{AckLog, Loss, Site};
use crate::world::World;

/// How often an item is written again.
pub const REWRITE: Key = Key::convention(
    "rewrite-rate",
    "how often an item is written again, per second",
    "0",
    "design 6.2: no overwriting unless stated",
);

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

/// The items of one store.
#[derive(Debug)]
pub struct Items {
    /// Regions that hold a copy, in the order of the file.
    regions: Vec<usize>,
    in_flight: InFlight,
    rewrite_rate: f64,
    /// Number of regions of the deployment; pairs are row = from, column = to.
    count: usize,
    draws: Vec<Draws>,
    rewritten: Stream,

    up: Vec<bool>,
    held: Vec<Option<Held>>,
    strandings: Vec<Stranding>,
    destroyed: Vec<bool>,
    delayed: f64,
    acknowledged: Vec<AckLog>,
}

impl Items {
    /// Items that are written in any of `regions` and reach the others after `delay`.
    pub fn new(regions: &[usize], delay: &Distribution, rewrite_rate: f64, site: Site<'_>) -> Self {
        let Site { path, regions: names, seed, .. } = site;
        let count = names.len();
        let mut draws = Vec::new();
        for from in names {
            for to in names {
                draws.push(Draws::new(seed, &format!("{path}/{from}/{to}"), "items-in-flight", "oldest-item"));
            }
        }
        Self {
            regions: regions.to_vec(),
            in_flight: InFlight::new(delay.clone()),
            rewrite_rate,
            count,
            draws,
            rewritten: Stream::new(StreamId::new(seed, path, "rewritten")),
            up: vec![true; count],
            held: vec![None; count * count],
            strandings: Vec::new(),
            destroyed: vec![false; count],
            delayed: 0.0,
            acknowledged: (0..count).map(|_| AckLog::default()).collect(),
        }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: u64) {
        for draws in &mut self.draws {
            draws.begin(trial);
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

    /// Places or paths changed: items are held back, stranded, or arrive after all.
    pub fn world_changed(&mut self, world: &World, now: SimTime) {
        for index in 0..self.regions.len() {
            let from = self.regions[index];
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
    pub fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    /// The region's data will never return.
    pub fn destroyed(&mut self, region: usize) {
        self.destroyed[region] = true;
    }

    /// Age of the newest write that some copy lacks, and since when it has been growing.
    pub fn lag(&self) -> (f64, Option<SimTime>) {
        (self.in_flight.mean(), self.held.iter().flatten().map(|held| held.since).min())
    }

    /// What happened until `end` to items that were in flight when their region was cut off.
    pub fn loss(&mut self, end: SimTime) -> Loss {
        let mut loss = Loss { delayed: self.delayed, ..Loss::default() };
        for stranding in &self.strandings {
            loss.seconds = loss.seconds.max(stranding.seconds);
            if self.destroyed[stranding.region] {
                loss.lost += stranding.count;
                continue;
            }
            let away = stranding.returned.unwrap_or(end).since(stranding.at).as_secs_f64();
            let probability = 1.0 - libm::exp(-self.rewrite_rate * away);
            let whole = libm::round(stranding.count) as u64;
            let overwritten = if probability > 0.0 && whole > 0 {
                binomial_quantile(whole, probability, self.rewritten.uniform()) as f64
            } else {
                0.0
            };
            loss.overwritten += overwritten;
            loss.stranded += stranding.count - overwritten.min(stranding.count);
        }
        for &from in &self.regions {
            for to in 0..self.count {
                if let Some(held) = self.held[from * self.count + to] {
                    loss.delayed += self.since(from, held, end);
                }
            }
        }
        loss
    }

    /// Partitions begin and heal. What was written meanwhile has been delayed, not lost.
    fn note_paths(&mut self, from: usize, world: &World, now: SimTime) {
        for index in 0..self.regions.len() {
            let to = self.regions[index];
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
        self.in_flight.draw(self.acknowledged[from].rate(), &mut self.draws[from * self.count + to])
    }

    /// A region is cut off: one draw per survivor, the largest count with its seconds.
    fn strand(&mut self, from: usize, world: &World, now: SimTime) {
        let mut worst: Option<(f64, f64)> = None;
        for index in 0..self.regions.len() {
            let to = self.regions[index];
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
