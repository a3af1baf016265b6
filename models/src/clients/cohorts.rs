//! Cohorts of resolvers, by kind: how a population is divided.

use std::ops::Range;

use sim_core::component::Handle;
use sim_core::time::{SimDuration, SimTime};

use super::spec::Parameters;

/// The whole population, in weight units.
pub(super) const WHOLE: u64 = 1 << 60;

/// The name that resolvers ask for.
#[derive(Debug, Clone, Copy)]
pub struct Asks<'a> {
    /// How long its answers may be kept.
    pub ttl: SimDuration,
    /// The place that stands for no answer, if there may be none, and how long that is kept.
    pub nothing: Option<(usize, SimDuration)>,
    /// The name, if it is not the first one.
    pub name: Option<&'a str>,
}

/// A group of resolvers that expire together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cohort {
    pub(super) weight: u64,
    pub(super) cached: u16,
    pub(super) traffic: u16,
    /// Whether it keeps an empty answer, whatever the time.
    pub(super) empty: bool,
    pub(super) reconnects: Option<Handle>,
}

/// Cohorts with the same effective TTL.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    pub(super) cohorts: Range<usize>,
    pub(super) period: u64,
    /// How long these keep an empty answer.
    pub(super) empty_for: SimDuration,
    /// Phases with their cohorts; sorted when first needed in a trial.
    pub(super) order: Vec<(u64, u32)>,
    pub(super) sorted: bool,
    /// Position in `order` and instant of the next expiry; never while nothing can change.
    pub(super) next: usize,
    pub(super) next_time: SimTime,
    /// Cohorts that hold another answer than the current one.
    pub(super) stale: usize,
}

/// Divides a population into cohorts: kind k gets max(1, round half up(share N)) cohorts that together weigh its share.
pub(super) fn divide(parameters: &Parameters, asks: Asks<'_>) -> (Vec<Cohort>, Vec<Kind>) {
    let mut cohorts = Vec::new();
    let mut kinds = Vec::new();
    let mut rest = WHOLE;
    let last = parameters.caching.len() - 1;
    for (index, &(share, rule)) in parameters.caching.iter().enumerate() {
        let count = (libm::floor(share * parameters.cohorts as f64 + 0.5) as usize).max(1);
        let weight = if index == last { rest } else { rest.min(libm::round(share * WHOLE as f64) as u64) };
        rest -= weight;
        let first = cohorts.len();
        let exponent = parameters.zipf.unwrap_or(0.0);
        let raw: Vec<f64> = (1..=count).map(|rank| libm::pow(rank as f64, -exponent)).collect();
        let sum: f64 = raw.iter().sum();
        let mut left = weight;
        for (rank, part) in raw.iter().enumerate() {
            // The last cohort takes what rounding left over, so that the kind weighs its share exactly.
            let own = libm::round(weight as f64 * (part / sum)) as u64;
            let own = if rank + 1 == count { left } else { own.min(left) };
            left -= own;
            cohorts.push(Cohort { weight: own, cached: 0, traffic: 0, empty: false, reconnects: None });
        }
        kinds.push(Kind {
            cohorts: first..cohorts.len(),
            period: rule.effective(asks.ttl).as_nanos(),
            empty_for: asks.nothing.map_or(SimDuration::ZERO, |(_, kept)| rule.effective(kept)),
            order: vec![(0, 0); count],
            sorted: false,
            next: 0,
            next_time: SimTime::NEVER,
            stale: 0,
        });
    }
    (cohorts, kinds)
}
