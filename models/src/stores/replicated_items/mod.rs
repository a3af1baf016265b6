//! Items that replicate one by one and in no order between the copies of a store, as in `DynamoDB` and S3.
//!
//! Modelled:      items in flight when a region is cut off, which are stranded until it returns, lost if it was destroyed,
//!                or overwritten by newer writes; items that a partition holds back, which are delayed; items that wait
//!                for a copy that is out, and are stranded or lost when their own region follows; copies that nothing
//!                replicates from, whose own writes are held back for good. Each write is counted once.
//! Not modelled:  order between items, items merged into one replicated write; the time that a copy which was away needs
//!                to catch up: it has everything at once that a region which is up can send it.
//! Sources:       docs/design.md, "What does a promotion lose?".
//!
//! A region that goes out is held against the copies that are up: what the one lacks that lacks most is counted. Where
//! none is up it is held against those that will come back: what not even the best of them has is counted. Where there
//! will be none, because all were destroyed, everything is lost: of the writes, those of the trial are counted.

use sim_core::random::{Distribution, Stream, StreamId, Trial, binomial_quantile};
use sim_core::time::SimTime;
use sim_settings::form::Number;
use sim_settings::{Key, keys};

use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::RegionId;
use crate::in_flight::{Draws, InFlight};
use crate::stores::{AckLog, Loss, Site};
use crate::world::World;

keys! {
    /// The key of stores whose items replicate independently.
    pub(crate) struct RewriteKeys {
        /// How often an item is written again.
        pub const REWRITE: Key<Number> = Key::convention(
            "rewrite-rate",
            "how often an item is written again, per second",
            "0",
            "no overwriting unless stated",
        ).unit("per second");
    }
}

/// Items of one region that do not arrive in another for the time being.
#[derive(Debug, Clone, Copy)]
struct Held {
    since: SimTime,
    /// Writes per second just before.
    rate: f64,
    /// Items that were in flight then and the age of the oldest, once somebody has asked.
    in_flight: Option<(u64, f64)>,
    /// Writes acknowledged in the source before.
    before: f64,
    /// Writes acknowledged in the source up to which they count otherwise: as stranded with it, or as what a copy that
    /// came back empty has to get anew.
    counted: Option<f64>,
    /// Whether a partition or a stall has held them back, and not only an outage.
    apart: bool,
}

impl Held {
    /// Nothing was in flight; what is acknowledged from now on is held back.
    const fn empty(since: SimTime, before: f64) -> Self {
        Self { since, rate: 0.0, in_flight: Some((0, 0.0)), before, counted: None, apart: false }
    }
}

/// A region that was cut off with items that no survivor has.
#[derive(Debug, Clone, Copy)]
struct Stranding {
    region: RegionId,
    at: SimTime,
    count: f64,
    seconds: f64,
    returned: Option<SimTime>,
    /// Whether the region was destroyed before it returned.
    destroyed: bool,
}

/// The items of one store.
#[derive(Debug)]
pub struct Items {
    /// Regions that hold a copy, in the order of the file.
    regions: Vec<RegionId>,
    in_flight: InFlight,
    rewrite_rate: f64,
    /// Here and below: row = from, column = to.
    replicates: Grid<bool, RegionId, RegionId>,
    draws: Grid<Draws, RegionId, RegionId>,
    rewritten: Stream,

    up: ById<RegionId, bool>,
    held: Grid<Option<Held>, RegionId, RegionId>,
    /// How many faults hold items up on their way.
    held_up: Grid<u32, RegionId, RegionId>,
    strandings: Vec<Stranding>,
    /// Regions whose data are gone, until they are back.
    destroyed: ById<RegionId, bool>,
    delayed: f64,
    acknowledged: ById<RegionId, AckLog>,
}

impl Items {
    /// Items that are written in any of `regions` and reach those others that they replicate to after `delay`.
    pub fn new(
        regions: &[RegionId],
        replicates: impl Fn(RegionId, RegionId) -> bool,
        delay: &Distribution,
        rewrite_rate: f64,
        site: Site<'_>,
    ) -> Self {
        let Site { path, regions: names, seed, .. } = site;
        let count = names.len();
        let draws = |from: RegionId, to: RegionId| {
            let path = format!("{path}/{}/{}", names[from.index()], names[to.index()]);
            Draws::new(seed, &path, "items-in-flight", "oldest-item")
        };
        Self {
            regions: regions.to_vec(),
            in_flight: InFlight::new(delay.clone()),
            rewrite_rate,
            replicates: Grid::from_fn(count, count, replicates),
            draws: Grid::from_fn(count, count, draws),
            rewritten: Stream::new(StreamId::new(seed, path, "rewritten")),
            up: ById::new(count, true),
            held: Grid::new(count, count, None),
            held_up: Grid::new(count, count, 0),
            strandings: Vec::new(),
            destroyed: ById::new(count, false),
            delayed: 0.0,
            acknowledged: (0..count).map(|_| AckLog::default()).collect(),
        }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: Trial<'_>) {
        for draws in self.draws.cells_mut() {
            draws.begin(trial);
        }
        self.rewritten.begin(trial);
        self.up.fill(true);
        self.held.fill(None);
        self.held_up.fill(0);
        for &from in &self.regions {
            for &to in self.regions.iter().filter(|&&to| to != from) {
                let pair = (from, to);
                // As if the path had been cut before anything was written, for good.
                self.held[pair] = (!self.replicates[pair]).then_some(Held::empty(SimTime::ZERO, 0.0));
            }
        }
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
            let region = self.regions[index];
            if !self.up[region] && world.up(region) {
                self.come_back(region, now);
            }
        }
        for index in 0..self.regions.len() {
            let from = self.regions[index];
            self.note_paths(from, world, now);
            if self.up[from] && !world.up(from) {
                self.strand(from, world, now);
            }
        }
        for region in self.up.ids() {
            self.up[region] = world.up(region);
        }
    }

    /// The copies are in these regions from now on.
    pub fn lie_in(&mut self, regions: &[RegionId]) {
        self.regions.clear();
        self.regions.extend_from_slice(regions);
    }

    /// All copies are as they were at a point in time, in seconds. What went away with a region later is counted by whoever
    /// restored them; of what went away before and after it the part before it counts.
    pub fn restored(&mut self, point: f64, world: &World, now: SimTime) {
        self.strandings.retain_mut(|stranding| {
            let (at, age) = (stranding.at.as_secs_f64(), stranding.seconds);
            if at > point {
                // The oldest of them was as old as that; without bound, nothing of before the point is missing any more.
                let before = if age.is_finite() && age > 0.0 { (point - (at - age)) / age } else { 0.0 };
                stranding.count *= before.clamp(0.0, 1.0);
                stranding.seconds = (age - (at - point)).max(0.0);
            }
            stranding.count > 0.0
        });
        for index in 0..self.regions.len() {
            let from = self.regions[index];
            let before = self.acknowledged[from].until(now.as_secs_f64());
            for to in self.regions.iter().copied().filter(|&to| to != from) {
                let apart = !self.replicates[(from, to)];
                self.held[(from, to)] = apart.then_some(Held::empty(now, before));
            }
            self.destroyed[from] &= !world.up(from);
        }
    }

    /// From now on each region's copy acknowledges this many writes per second.
    pub fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    /// Replication from one region to another stops, or goes on.
    pub fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        let count = &mut self.held_up[(from, to)];
        *count = if begins { *count + 1 } else { *count - 1 };
    }

    /// The region's data will never return: what went away with it and what goes away now.
    pub fn destroyed(&mut self, region: RegionId) {
        self.destroyed[region] = true;
        for stranding in self.strandings.iter_mut().filter(|it| it.region == region && it.returned.is_none()) {
            stranding.destroyed = true;
        }
    }

    /// Whether what one copy takes arrives in another at this instant.
    pub fn arrive(&self, from: RegionId, to: RegionId, world: &World) -> bool {
        let pair = (from, to);
        self.replicates[pair] && self.held_up[pair] == 0 && world.reaches(from, to)
    }

    /// Age of the newest write that some copy lacks, and since when it has been growing.
    pub fn lag(&self) -> (f64, Option<SimTime>) {
        let cut = self.held.cells().iter().zip(self.replicates.cells()).filter(|(_, replicates)| **replicates);
        (self.in_flight.mean(), cut.filter_map(|(held, _)| held.as_ref()).map(|held| held.since).min())
    }

    /// Whether every copy gets new items.
    pub fn complete(&self) -> bool {
        self.regions.len() < 2 || self.lag().1.is_none() && self.regions.iter().all(|&region| self.up[region])
    }

    /// The fate until `end` of items that were in flight when their region was cut off.
    pub fn loss(&mut self, end: SimTime) -> Loss {
        let mut loss = Loss { delayed: self.delayed, ..Loss::default() };
        for stranding in &self.strandings {
            loss.seconds = loss.seconds.max(stranding.seconds);
            if stranding.destroyed {
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
        for index in 0..self.regions.len() {
            let from = self.regions[index];
            // Items that reach no copy are the same for all copies.
            let mut kept_apart: f64 = 0.0;
            for to in self.up.ids() {
                let pair = (from, to);
                if !self.replicates[pair] && self.held[pair].is_some() {
                    kept_apart = kept_apart.max(self.delayed_until(from, to, end));
                } else if self.held[pair].is_some_and(|held| held.apart) {
                    loss.delayed += self.delayed_until(from, to, end);
                }
            }
            loss.delayed += kept_apart;
        }
        loss
    }

    /// A region is back: with what it had, or with nothing if it was destroyed.
    fn come_back(&mut self, region: RegionId, now: SimTime) {
        for stranding in self.strandings.iter_mut().filter(|it| it.region == region) {
            stranding.returned.get_or_insert(now);
        }
        if !std::mem::take(&mut self.destroyed[region]) {
            return;
        }
        let before = self.acknowledged[region].until(now.as_secs_f64());
        for &other in self.regions.iter().filter(|&&other| other != region) {
            if let Some(held) = &mut self.held[(region, other)] {
                *held = Held::empty(now, before);
            }
            let pair = (other, region);
            if self.replicates[pair] {
                let counted = Some(self.acknowledged[other].until(now.as_secs_f64()));
                self.held[pair] = Some(Held { counted, ..Held::empty(SimTime::ZERO, 0.0) });
            }
        }
    }

    /// Notes which paths between regions are open, and since when the others are closed. Items that a partition or a
    /// stall held back meanwhile have been delayed.
    fn note_paths(&mut self, from: RegionId, world: &World, now: SimTime) {
        for index in 0..self.regions.len() {
            let to = self.regions[index];
            let pair = (from, to);
            if to == from || !self.replicates[pair] {
                continue;
            }
            let apart = !world.linked(from, to) || self.held_up[pair] > 0;
            if !apart && world.up(from) && world.up(to) {
                if self.held[pair].is_some_and(|held| held.apart) {
                    self.delayed += self.delayed_until(from, to, now);
                }
                self.held[pair] = None;
                continue;
            }
            let (rate, before) = (self.acknowledged[from].rate(), self.acknowledged[from].until(now.as_secs_f64()));
            let fresh = Held { rate, in_flight: None, ..Held::empty(now, before) };
            self.held[pair].get_or_insert(fresh).apart |= apart;
            if apart {
                self.drawn(from, to);
            }
        }
    }

    /// Items that are held back between two regions, with those in flight. There is one draw for each time.
    fn drawn(&mut self, from: RegionId, to: RegionId) -> Option<(Held, u64, f64)> {
        let pair = (from, to);
        let held = self.held[pair].as_mut()?;
        let draws = &mut self.draws[pair];
        let (count, oldest) = *held.in_flight.get_or_insert_with(|| self.in_flight.draw(held.rate, draws));
        Some((*held, count, oldest))
    }

    /// How many items are held back until `now` that do not count otherwise.
    fn delayed_until(&mut self, from: RegionId, to: RegionId, now: SimTime) -> f64 {
        let Some((held, in_flight, _)) = self.drawn(from, to) else { return 0.0 };
        let until = self.acknowledged[from].until(now.as_secs_f64());
        held.counted.map_or(in_flight as f64 + until - held.before, |counted| until - counted)
    }

    /// How many items another region lacks, and the age of the oldest at the last write.
    fn lacking(&mut self, from: RegionId, to: RegionId, now: SimTime) -> Option<(f64, f64)> {
        let (held, in_flight, oldest) = self.drawn(from, to)?;
        if held.since == now {
            return Some((in_flight as f64, oldest));
        }
        let log = &self.acknowledged[from];
        let count = in_flight as f64 + log.until(now.as_secs_f64()) - held.before;
        let first = if in_flight > 0 { Some(held.since.as_secs_f64() - oldest) } else { log.first(held.since) };
        let age = log.last(now).zip(first).map_or(0.0, |(last, first)| last - first);
        Some((count, if count > 0.0 { age } else { 0.0 }))
    }

    /// A region is cut off.
    fn strand(&mut self, from: RegionId, world: &World, now: SimTime) {
        let survived = self.regions.iter().any(|&to| to != from && world.up(to));
        let mut missing: Option<(f64, f64, SimTime)> = None;
        for index in 0..self.regions.len() {
            let to = self.regions[index];
            if to == from || if survived { !world.up(to) } else { self.destroyed[to] } {
                continue;
            }
            let Some((count, seconds)) = self.lacking(from, to, now) else { continue };
            if missing.is_none_or(|(known, ..)| if survived { count > known } else { count < known }) {
                let since = self.held[(from, to)].map_or(now, |held| held.since);
                missing = Some((count, seconds, since));
            }
        }
        let destroyed = self.destroyed[from];
        if missing.is_none() && destroyed {
            missing = Some(self.everything(now));
            self.strandings.clear();
        }
        let Some((count, seconds, since)) = missing else { return };
        // Items that came back and were never sent on are gone again: they count with this time.
        self.strandings.retain(|stranding| stranding.region != from || stranding.at < since);
        self.strandings.push(Stranding { region: from, at: now, count, seconds, returned: None, destroyed });
        let counted = self.acknowledged[from].until(now.as_secs_f64());
        for held in self.held.row_mut(from).iter_mut().flatten() {
            held.counted = Some(counted);
        }
    }

    /// All that was ever written; of it, what was acknowledged anywhere in this trial is counted.
    fn everything(&self, now: SimTime) -> (f64, f64, SimTime) {
        let count = self.acknowledged.iter().map(|log| log.until(now.as_secs_f64())).sum();
        // Without writes there is no age.
        let written = self.acknowledged.iter().any(|log| log.last(now).is_some());
        (count, if written { f64::INFINITY } else { 0.0 }, SimTime::ZERO)
    }
}

#[cfg(test)]
mod tests;
