//! How long every request of every trial took: numbers of requests by path, from which percentiles over all of them follow.
//!
//! A path is a constant and a random duration. Numbers of requests are whole numbers of a small unit, rounded trial by trial, so that
//! they add up to the same however trials are divided among threads, batches and shards. Trials are in groups: what differs from
//! group to group says how well a percentile is known.

mod bytes;
mod distribution;
mod document;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use models::latency::Law;

pub use bytes::{read, write};
pub use distribution::Distribution;
pub use document::RequestsDocument;

/// Groups of trials.
pub const GROUPS: usize = 20;
/// Trials that follow each other and are of one group: as many as a batch has, so that a batch has few groups.
const TOGETHER: u64 = 25;
/// Parts of a request that are counted.
const PARTS: f64 = (1_u64 << 20) as f64;

/// Requests that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The journey.
    pub journey: u32,
    /// The population.
    pub population: u32,
    /// Before the clock started, until the journey was back for good, or after that.
    pub phase: u8,
    /// The group of the trial.
    pub group: u8,
    /// The constant part of what they took, in nanoseconds.
    pub nanoseconds: u64,
    /// The random part: its place among the distributions, counted from 1; 0 where there is none.
    pub law: u32,
}

/// Numbers of requests by what they took.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    laws: Vec<Arc<Law>>,
    /// In parts of a request.
    requests: BTreeMap<Key, u128>,
}

/// So many requests in parts, each of which is counted.
pub fn parts_of(requests: f64) -> u128 {
    (requests * PARTS).round() as u128
}

/// The group of a trial.
pub const fn group(trial: u64) -> u8 {
    (trial / TOGETHER % GROUPS as u64) as u8
}

impl Latencies {
    /// Counts these requests; `law` gives the distribution of a number that whoever counted them has for it, 0 being none.
    pub fn new(counted: &BTreeMap<Key, u128>, law: impl Fn(u32) -> Option<Arc<Law>>) -> Self {
        let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
        let mut own = Self::default();
        for number in counted.keys().map(|key| key.law) {
            numbers.entry(number).or_insert_with(|| law(number).map_or(0, |law| own.number(&law)));
        }
        for (key, requests) in counted {
            own.add(Key { law: numbers[&key.law], ..*key }, *requests);
        }
        own.in_order()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    fn add(&mut self, key: Key, requests: u128) {
        *self.requests.entry(key).or_default() += requests;
    }

    /// The number of a distribution.
    fn number(&mut self, law: &Arc<Law>) -> u32 {
        let known = self.laws.iter().position(|own| Arc::ptr_eq(own, law) || own == law);
        let place = known.unwrap_or_else(|| {
            self.laws.push(Arc::clone(law));
            self.laws.len() - 1
        });
        place as u32 + 1
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        let numbers: Vec<u32> = other.laws.iter().map(|law| self.number(law)).collect();
        for (key, requests) in &other.requests {
            let law = if key.law == 0 { 0 } else { numbers[key.law as usize - 1] };
            self.add(Key { law, ..*key }, *requests);
        }
    }

    /// The same with distributions in an order that depends on nothing but what they are.
    #[must_use]
    pub fn in_order(self) -> Self {
        let mut places: Vec<usize> = (0..self.laws.len()).collect();
        places.sort_by(|one, other| order(&self.laws[*one], &self.laws[*other]));
        let mut own =
            Self { laws: places.iter().map(|&place| Arc::clone(&self.laws[place])).collect(), ..Self::default() };
        let mut numbers = vec![0; self.laws.len()];
        places.iter().enumerate().for_each(|(now, &before)| numbers[before] = now as u32 + 1);
        for (key, requests) in self.requests {
            let law = if key.law == 0 { 0 } else { numbers[key.law as usize - 1] };
            own.add(Key { law, ..key }, requests);
        }
        own
    }

    /// What those requests took that are asked for.
    pub fn of(&self, asked: impl Fn(&Key) -> bool) -> Distribution {
        let mut sums: BTreeMap<(u64, u32), [u128; GROUPS]> = BTreeMap::new();
        for (key, requests) in self.requests.iter().filter(|(key, _)| asked(key)) {
            sums.entry((key.nanoseconds, key.law)).or_insert([0; GROUPS])[usize::from(key.group) % GROUPS] += requests;
        }
        let law = |number: u32| self.laws.get((number as usize).wrapping_sub(1));
        let mut sums: Vec<_> =
            sums.into_iter().map(|((nanoseconds, number), sums)| (nanoseconds, law(number), sums)).collect();
        // Sums of floating-point numbers are those of this order.
        sums.sort_by(|(one, law, _), (other, theirs, _)| {
            one.cmp(other).then_with(|| match (law, theirs) {
                (Some(law), Some(theirs)) => order(law, theirs),
                (law, theirs) => law.is_some().cmp(&theirs.is_some()),
            })
        });
        Distribution::new(
            sums.into_iter().map(|(nanoseconds, law, sums)| (nanoseconds, law.cloned(), sums.map(requests))),
        )
    }
}

fn requests(parts: u128) -> f64 {
    parts as f64 / PARTS
}

/// An order of distributions that depends on nothing but what they are.
fn order(one: &Law, other: &Law) -> Ordering {
    let ((first, masses, mean), (second, theirs, average)) = (one.parts(), other.parts());
    let each = || masses.iter().zip(theirs).map(|(own, their)| own.total_cmp(their)).find(|order| order.is_ne());
    (first.cmp(&second))
        .then(mean.total_cmp(&average))
        .then(masses.len().cmp(&theirs.len()))
        .then_with(|| each().unwrap_or(Ordering::Equal))
}

impl PartialEq for Latencies {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.clone().in_order(), other.clone().in_order());
        one.laws == other.laws && one.requests == other.requests
    }
}
