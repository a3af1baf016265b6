//! The distribution of what requests took, all trials together, and how well it is known.

use std::sync::Arc;

use models::latency::Law;
use sim_core::stats::{Interval, Tally};

use super::GROUPS;

/// Seconds of a nanosecond.
const NANOSECOND: f64 = 1e-9;
/// Longer than anything that is waited for, in nanoseconds: a century.
const FOREVER: u64 = 3_200_000_000_000_000_000;
/// Shares that differ by less than this are the same.
const ROUNDING: f64 = 1e-9;

/// One path.
#[derive(Debug, Clone)]
struct Part {
    nanoseconds: u64,
    law: Option<Arc<Law>>,
    /// Requests by group.
    requests: [f64; GROUPS],
}

impl Part {
    /// P(it takes at most so many nanoseconds).
    fn until(&self, nanoseconds: u64) -> f64 {
        match (nanoseconds.checked_sub(self.nanoseconds), &self.law) {
            (None, _) => 0.0,
            (Some(_), None) => 1.0,
            (Some(left), Some(law)) => law.until(left as f64 * NANOSECOND),
        }
    }
}

/// What requests took.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    parts: Vec<Part>,
    /// Requests by group.
    all: [f64; GROUPS],
}

impl Distribution {
    pub(super) fn new(parts: impl Iterator<Item = (u64, Option<Arc<Law>>, [f64; GROUPS])>) -> Self {
        let parts: Vec<Part> = parts.map(|(nanoseconds, law, requests)| Part { nanoseconds, law, requests }).collect();
        let mut all = [0.0; GROUPS];
        for part in &parts {
            all.iter_mut().zip(&part.requests).for_each(|(sum, own)| *sum += own);
        }
        Self { parts, all }
    }

    /// How many requests there are.
    pub fn requests(&self) -> f64 {
        self.all.iter().sum()
    }

    /// Groups of trials that have any.
    pub fn groups(&self) -> usize {
        self.all.iter().filter(|requests| **requests > 0.0).count()
    }

    fn share(&self, nanoseconds: u64) -> f64 {
        let within = |part: &Part| part.until(nanoseconds) * part.requests.iter().sum::<f64>();
        self.parts.iter().map(within).sum::<f64>() / self.requests()
    }

    /// By how much the share may be off that takes at most so long: half of its 95 % interval, as that of a ratio of sums over groups
    /// of trials; nothing for fewer than two of them.
    fn reach(&self, nanoseconds: u64, share: f64, level: f64) -> Option<f64> {
        let mut within = [0.0; GROUPS];
        for part in &self.parts {
            let until = part.until(nanoseconds);
            within.iter_mut().zip(&part.requests).for_each(|(sum, own)| *sum += until * own);
        }
        let mut tally = Tally::new();
        for (own, all) in within.iter().zip(&self.all).filter(|(_, all)| **all > 0.0) {
            tally.add(own - share * all);
        }
        let Interval { low, high, .. } = tally.mean_interval(level)?;
        Some((high - low) / 2.0 * self.groups() as f64 / self.requests())
    }

    /// The share of requests that take at most so many seconds.
    pub fn share_within(&self, seconds: f64, level: f64) -> Option<Interval> {
        let nanoseconds = libm::round(seconds / NANOSECOND) as u64;
        let estimate = (self.requests() > 0.0).then(|| self.share(nanoseconds))?;
        let reach = self.reach(nanoseconds, estimate, level)?;
        Some(Interval { estimate, low: (estimate - reach).max(0.0), high: (estimate + reach).min(1.0), level })
    }

    /// The least number of nanoseconds within which so large a share has come back.
    fn point(&self, share: f64) -> u64 {
        let (mut below, mut at) = (None, FOREVER);
        loop {
            let middle = below.map_or(at / 2, |below: u64| below + (at - below) / 2);
            if below.map_or(at == 0, |below| at - below <= 1) {
                return at;
            }
            if self.share(middle) >= share - ROUNDING {
                at = middle;
            } else {
                below = Some(middle);
            }
        }
    }

    /// The quantile in seconds.
    pub fn value(&self, quantile: f64) -> Option<f64> {
        (self.requests() > 0.0).then(|| self.point(quantile) as f64 * NANOSECOND)
    }

    fn without(&self, group: usize) -> Self {
        let mut rest = self.clone();
        rest.all[group] = 0.0;
        rest.parts.iter_mut().for_each(|part| part.requests[group] = 0.0);
        rest
    }

    /// The quantile of another distribution minus this one's, in seconds, with its interval: both met the same trials, and each group
    /// of them is left out once (the delete-a-group jackknife). Nothing for fewer than two groups.
    pub fn difference(&self, other: &Self, quantile: f64, level: f64) -> Option<Interval> {
        let estimate = other.value(quantile)? - self.value(quantile)?;
        let mut tally = Tally::new();
        for group in (0..GROUPS).filter(|&group| self.all[group] > 0.0 || other.all[group] > 0.0) {
            tally.add(other.without(group).value(quantile)? - self.without(group).value(quantile)?);
        }
        let Interval { low, high, .. } = tally.mean_interval(level)?;
        // The spread of what is left is that of one group in so many, less one.
        let reach = (high - low) / 2.0 * (tally.count() - 1) as f64;
        Some(Interval { estimate, low: estimate - reach, high: estimate + reach, level })
    }

    /// The quantile in seconds with its interval: what the quantiles are at the ends of the interval of the share that takes at most
    /// as long (R. S. Woodruff, Journal of the American Statistical Association 47 (1952), 635-646). Nothing for fewer than two groups.
    pub fn quantile(&self, quantile: f64, level: f64) -> Option<Interval> {
        let estimate = (self.requests() > 0.0).then(|| self.point(quantile))?;
        let reach = self.reach(estimate, self.share(estimate), level)?;
        let end = |share: f64| self.point(share.clamp(0.0, 1.0)) as f64 * NANOSECOND;
        let (low, high) = if reach <= ROUNDING {
            (estimate as f64 * NANOSECOND, estimate as f64 * NANOSECOND)
        } else {
            (end(quantile - reach), end((quantile + reach).min(1.0 - ROUNDING)))
        };
        Some(Interval { estimate: estimate as f64 * NANOSECOND, low, high, level })
    }
}

#[cfg(test)]
mod tests {
    use models::latency::Laws;
    use sim_core::random::{Distribution as Given, LogNormal, Stream, StreamId};

    use super::*;

    fn law(distribution: &Given) -> (u64, Option<Arc<Law>>) {
        let mut laws = Laws::default();
        let time = laws.time(distribution);
        (libm::round(time.shift * 1e9) as u64, laws.law(time.law))
    }

    fn alike(requests: f64) -> [f64; GROUPS] {
        [requests; GROUPS]
    }

    /// A quarter takes 223 ms, the rest what two lognormals say: P(X <= x) is the mixture of closed forms.
    #[test]
    fn quantiles_of_a_mixture_are_right_within_a_thousandth_of_the_requests() {
        let lognormal = |median: f64, sigma: f64| {
            let spec = LogNormal { median: Some(median), sigma: Some(sigma), ..LogNormal::default() };
            Given::lognormal(&spec).expect("a lognormal")
        };
        let (quick, slow) = (lognormal(0.04, 0.8), lognormal(0.3, 0.5));
        let part = |given: &Given, requests: f64| {
            let (nanoseconds, law) = law(given);
            (nanoseconds, law, alike(requests))
        };
        let all = Distribution::new([(223_000_000, None, alike(1.0)), part(&quick, 2.0), part(&slow, 1.0)].into_iter());
        let exact = |x: f64| (f64::from(u8::from(x >= 0.223)) + 2.0 * quick.cdf(x) + slow.cdf(x)) / 4.0;
        for step in 1..1_000 {
            let p = f64::from(step) / 1_000.0;
            let found = all.quantile(p, 0.95).expect("twenty groups");
            // At the constant the distribution jumps by a quarter.
            let (at, before) = (exact(found.estimate), exact(found.estimate - 2e-9));
            assert!(before - 1e-3 <= p && p <= at + 1e-3, "{p}: {before} to {at}");
            // All groups are alike: nothing is left to chance.
            assert_eq!((found.low, found.high), (found.estimate, found.estimate));
            let share = all.share_within(found.estimate, 0.95).expect("twenty groups").estimate;
            assert!((share - at).abs() < 1e-3, "{share} {at}");
        }
    }

    #[test]
    fn a_constant_is_what_it_is_and_one_group_says_nothing_of_the_spread() {
        let mut only = [0.0; GROUPS];
        only[3] = 10.0;
        let one = Distribution::new(std::iter::once((223_000_001, None, only)));
        assert_eq!((one.value(0.5), one.quantile(0.5, 0.95).is_none()), (Some(0.223_000_001), true));
        assert_eq!(Distribution::default().value(0.5), None);
        let none = Distribution::new(std::iter::once((0, None, alike(1.0))));
        assert_eq!(none.value(0.99), Some(0.0));
    }

    /// Each group has a share of slow requests, drawn from U(0, 0.1): the p95 is quick or slow by chance. The interval of the share
    /// that is quick holds 0.95 in 95 % of runs: of 400 runs at most 40 fail but once in 10,000 (a binomial with 20 on average).
    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        let mut stream = Stream::new(StreamId::new(1, "groups", "shares"));
        let mut outside = 0;
        for _ in 0..400 {
            let shares: [f64; GROUPS] = std::array::from_fn(|_| 0.1 * stream.uniform());
            let quick = shares.map(|share| 100.0 * (1.0 - share));
            let slow = shares.map(|share| 100.0 * share);
            let all = Distribution::new([(1, None, quick), (2_000_000_000, None, slow)].into_iter());
            let found = all.share_within(1.0, 0.95).expect("twenty groups");
            outside += u32::from(found.low > 0.95 || found.high < 0.95);
        }
        assert!(outside <= 40, "{outside} of 400");
    }
}
