//! Items that replicate one by one and in no order between the copies of a store, as in `DynamoDB` and S3.
//!
//! Modelled:      items in flight when a region is cut off, which are stranded until it returns, lost if it was destroyed,
//!                or overwritten by newer writes; items that a partition holds back, which are delayed; copies that
//!                nothing replicates from, whose own writes are held back for good. Each write is counted once.
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
    "no overwriting unless stated",
);

/// Items of one region that do not arrive in another since the path was cut.
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
    replicates: Vec<bool>,
    draws: Vec<Draws>,
    rewritten: Stream,

    up: Vec<bool>,
    held: Vec<Option<Held>>,
    /// How many faults hold items up on their way: row = from, column = to.
    held_up: Vec<u32>,
    strandings: Vec<Stranding>,
    destroyed: Vec<bool>,
    delayed: f64,
    acknowledged: Vec<AckLog>,
}

impl Items {
    /// Items that are written in any of `regions` and reach those others that they replicate to after `delay`.
    pub fn new(
        regions: &[usize],
        replicates: impl Fn(usize, usize) -> bool,
        delay: &Distribution,
        rewrite_rate: f64,
        site: Site<'_>,
    ) -> Self {
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
            replicates: (0..count * count).map(|pair| replicates(pair / count, pair % count)).collect(),
            draws,
            rewritten: Stream::new(StreamId::new(seed, path, "rewritten")),
            up: vec![true; count],
            held: vec![None; count * count],
            held_up: vec![0; count * count],
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
        self.held_up.fill(0);
        for &from in &self.regions {
            for &to in self.regions.iter().filter(|&&to| to != from) {
                let pair = from * self.count + to;
                // As if the path had been cut before anything was written, for good.
                let never = Held { since: SimTime::ZERO, in_flight: 0, oldest: 0.0, before: 0.0 };
                self.held[pair] = (!self.replicates[pair]).then_some(never);
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

    /// Replication from one region to another stops, or goes on.
    pub fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        let count = &mut self.held_up[from * self.count + to];
        *count = if begins { *count + 1 } else { *count - 1 };
    }

    /// The region's data will never return.
    pub fn destroyed(&mut self, region: usize) {
        self.destroyed[region] = true;
    }

    /// Age of the newest write that some copy lacks, and since when it has been growing.
    pub fn lag(&self) -> (f64, Option<SimTime>) {
        let cut = self.held.iter().zip(&self.replicates).filter(|(_, replicates)| **replicates);
        (self.in_flight.mean(), cut.filter_map(|(held, _)| held.as_ref()).map(|held| held.since).min())
    }

    /// Whether every copy gets new items.
    pub fn complete(&self) -> bool {
        self.regions.len() < 2 || self.lag().1.is_none() && self.regions.iter().all(|&region| self.up[region])
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
            // What no copy replicates is one and the same for all of them.
            let mut kept_apart: f64 = 0.0;
            for to in 0..self.count {
                let pair = from * self.count + to;
                let Some(held) = self.held[pair] else { continue };
                if self.replicates[pair] {
                    loss.delayed += self.since(from, held, end);
                } else {
                    kept_apart = kept_apart.max(self.since(from, held, end));
                }
            }
            loss.delayed += kept_apart;
        }
        loss
    }

    /// Partitions begin and heal. What was written meanwhile has been delayed, not lost.
    fn note_paths(&mut self, from: usize, world: &World, now: SimTime) {
        for index in 0..self.regions.len() {
            let to = self.regions[index];
            let pair = from * self.count + to;
            if to == from || !self.replicates[pair] {
                continue;
            }
            if world.linked(from, to) && self.held_up[pair] == 0 {
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

    /// Age of the oldest item that is held back, at the last write.
    fn age(&self, from: usize, held: Held, now: SimTime) -> f64 {
        let log = &self.acknowledged[from];
        let oldest =
            if held.in_flight > 0 { Some(held.since.as_secs_f64() - held.oldest) } else { log.first(held.since) };
        log.last(now).zip(oldest).map_or(0.0, |(last, oldest)| last - oldest)
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
                (count, if count > 0.0 { self.age(from, held, now) } else { 0.0 })
            } else {
                let (count, oldest) = self.draw_in_flight(from, to);
                (count as f64, oldest)
            };
            if worst.is_none_or(|(most, _)| count > most) {
                worst = Some((count, seconds));
            }
        }
        let Some((count, seconds)) = worst else { return };
        self.strandings.push(Stranding { region: from, at: now, count, seconds, returned: None });
        // What was held back until now is counted with the region; only what it writes later can be delayed.
        let before = self.acknowledged[from].until(now.as_secs_f64());
        for held in self.held[from * self.count..(from + 1) * self.count].iter_mut().flatten() {
            *held = Held { since: now, in_flight: 0, oldest: 0.0, before };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_nanos(seconds * 1_000_000_000)
    }

    fn world(regions: usize) -> World {
        World::new(&vec![3; regions], &vec![vec![0.1; regions]; regions])
    }

    /// Items of two regions without any in flight: what is counted is what is held back.
    fn items(replicates: impl Fn(usize, usize) -> bool, rewrite_rate: f64) -> Items {
        let names = ["here".to_owned(), "there".to_owned()];
        let site = Site { path: "stores/a", regions: &names, zones: &[3, 3], seed: 1 };
        let at_once = Distribution::constant(0.0).expect("a constant");
        let mut items = Items::new(&[0, 1], replicates, &at_once, rewrite_rate, site);
        items.begin(0);
        items
    }

    #[test]
    fn a_write_that_was_held_back_and_then_stranded_counts_once() {
        let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
        items.acknowledges(&[10.0, 0.0], at(0));
        world.set_cut(0, 1, true);
        items.world_changed(&world, at(100));
        world.set_out(0, true);
        items.world_changed(&world, at(160));
        items.acknowledges(&[0.0, 0.0], at(160));
        let loss = items.loss(at(1_000));
        assert_eq!((loss.stranded, loss.seconds, loss.delayed), (600.0, 60.0, 0.0), "10 per second for a minute");

        // Back, and still cut off: what it writes from now on is delayed, until the path heals.
        world.set_out(0, false);
        items.world_changed(&world, at(200));
        items.acknowledges(&[10.0, 0.0], at(200));
        world.set_cut(0, 1, false);
        items.world_changed(&world, at(230));
        let loss = items.loss(at(1_000));
        assert_eq!((loss.stranded, loss.lost, loss.delayed), (600.0, 0.0, 300.0));
    }

    #[test]
    fn the_age_is_that_of_the_oldest_write_at_the_last_one() {
        let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
        items.acknowledges(&[0.0, 0.0], at(0));
        world.set_cut(0, 1, true);
        items.world_changed(&world, at(100));
        items.acknowledges(&[10.0, 0.0], at(120));
        items.acknowledges(&[0.0, 0.0], at(150));
        world.set_out(0, true);
        items.world_changed(&world, at(400));
        items.destroyed(0);
        let loss = items.loss(at(1_000));
        assert_eq!((loss.lost, loss.stranded, loss.seconds), (300.0, 0.0, 30.0));
    }

    #[test]
    fn what_a_stall_holds_up_is_delayed_and_lost_with_its_region() {
        let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
        items.acknowledges(&[10.0, 0.0], at(0));
        items.stalls(0, 1, true);
        items.world_changed(&world, at(100));
        // A second stall of the same way ends first.
        items.stalls(0, 1, true);
        items.world_changed(&world, at(110));
        items.stalls(0, 1, false);
        items.world_changed(&world, at(120));
        assert_eq!(items.loss(at(130)).delayed, 300.0, "10 per second for 30 s");
        items.stalls(0, 1, false);
        items.world_changed(&world, at(140));
        assert_eq!(items.loss(at(1_000)).delayed, 400.0, "all that was written until it went on");
        items.stalls(0, 1, true);
        items.world_changed(&world, at(200));
        world.set_out(0, true);
        items.world_changed(&world, at(220));
        items.acknowledges(&[0.0, 0.0], at(220));
        let loss = items.loss(at(1_000));
        assert_eq!((loss.stranded, loss.seconds, loss.delayed), (200.0, 20.0, 400.0));
    }

    #[test]
    fn a_copy_that_nothing_replicates_from_keeps_its_writes_to_itself() {
        let (mut items, mut world) = (items(|from, _| from == 0, 0.0), world(2));
        items.acknowledges(&[10.0, 2.0], at(0));
        assert_eq!(items.loss(at(100)).delayed, 200.0, "those of the replica, until somebody copies them");
        assert_eq!(items.lag().1, None, "it is no backlog of the replication");
        world.set_out(1, true);
        items.world_changed(&world, at(100));
        items.acknowledges(&[12.0, 0.0], at(100));
        let loss = items.loss(at(200));
        assert_eq!((loss.stranded, loss.seconds, loss.delayed), (200.0, 100.0, 0.0));
        items.destroyed(1);
        assert_eq!(items.loss(at(200)).lost, 200.0);
    }

    #[test]
    fn items_that_return_late_are_overwritten_like_coins() {
        // 600 items, rewritten 0.002 times a second, 250 s away: each is overwritten with probability 1 - exp(-0.5).
        let probability = 1.0 - libm::exp(-0.5);
        let trials = 2_000;
        let mut sum = 0.0;
        for trial in 0..trials {
            let (mut items, mut world) = (items(|_, _| true, 0.002), world(2));
            items.begin(trial);
            items.acknowledges(&[10.0, 0.0], at(0));
            world.set_cut(0, 1, true);
            items.world_changed(&world, at(0));
            world.set_out(0, true);
            items.world_changed(&world, at(60));
            world.set_out(0, false);
            items.world_changed(&world, at(310));
            let loss = items.loss(at(1_000));
            assert_eq!(loss.stranded + loss.overwritten, 600.0);
            sum += loss.overwritten;
        }
        let mean = sum / trials as f64;
        let error = libm::sqrt(600.0 * probability * (1.0 - probability) / trials as f64);
        assert!((mean - 600.0 * probability).abs() < 5.0 * error, "{mean} against {}", 600.0 * probability);
    }
}
