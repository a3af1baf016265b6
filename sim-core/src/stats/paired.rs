//! Differences between two candidates that met the same trials.

use super::linear::half_width;
use super::quantile::{quantile, rank_of};
use super::side::{Observed, Side};
use super::{Interval, Tally, Unsupported};
use crate::random::{Stream, binomial_quantile};

/// Draws behind an interval from joint order statistics: its ends are then off by a sixth of a percent of probability.
const DRAWS: usize = 10_000;

/// Bounds of a figure. They are equal where it is known outright, and infinite on a side where nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// At least this.
    pub low: f64,
    /// At most this.
    pub high: f64,
}

impl Bounds {
    /// The bounds of a figure that is known.
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// `from` subtracted from `value`. An infinite one is known to exceed its limit, and nothing else.
    fn difference(value: f64, value_beyond: f64, from: f64, from_beyond: f64) -> Self {
        let least = |value: f64, beyond: f64| if value.is_finite() { value } else { beyond };
        Self {
            low: if from.is_finite() { least(value, value_beyond) - from } else { f64::NEG_INFINITY },
            high: if value.is_finite() { value - least(from, from_beyond) } else { f64::INFINITY },
        }
    }

    /// The figure, if it is known outright.
    pub fn known(&self) -> Option<f64> {
        (self.low == self.high).then_some(self.low)
    }

    /// Whether zero is ruled out.
    pub fn excludes_zero(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// How the interval of a difference was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Of a mean: Student's t over the differences trial by trial.
    Student,
    /// From the densities at both quantiles, the share of trials in which only one candidate is beyond its own, and how
    /// much the differences of trials vary nearby.
    Linear,
    /// From joint order statistics, which needs no density and is wider than it has to be where the pairs agree closely.
    JointRanks,
}

impl Method {
    /// Whether such intervals hold the truth at least as often as they say, instead of just as often.
    pub const fn is_conservative(self) -> bool {
        matches!(self, Self::JointRanks)
    }
}

/// A difference with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The estimate.
    pub estimate: Bounds,
    /// The interval: it holds the true difference with probability `level`.
    pub interval: Bounds,
    /// Probability with which such intervals hold the true value; at least, where the method is conservative.
    pub level: f64,
    /// How the interval was found.
    pub method: Method,
}

/// The mean of `other` minus that of `base`, with the t interval of the differences trial by trial; none for fewer than
/// two trials or where some are censored.
pub fn mean_difference(base: &[f64], other: &[f64], level: f64) -> Option<Difference> {
    assert_eq!(base.len(), other.len(), "pairs have two sides");
    let mut tally = Tally::new();
    for (base, other) in base.iter().zip(other) {
        // Two infinite values have no difference, and must not pass for a finite one.
        tally.add(if base.is_finite() { other - base } else { f64::INFINITY });
    }
    let Interval { estimate, low, high, level } = tally.mean_interval(level)?;
    let (estimate, interval) = (Bounds::exactly(estimate), Bounds { low, high });
    Some(Difference { estimate, interval, level, method: Method::Student })
}

/// The quantile `p` of `other` minus that of `base`, with an interval that respects the pairing.
///
/// Where both distributions show a density at the quantile it is [`Method::Linear`], from a first-order expansion; it has no
/// width at all only where the difference is the same in every trial. Where the trials beyond the quantile are few, some
/// are censored, or the order statistics show an atom or a gap, it is the range of the difference of order statistics
/// whose numbers are drawn from `stream` as they fall: the numbers of trials beyond neither, one or the other, or both
/// true quantiles are multinomial. Each candidate by itself then has the interval of [`super::quantile`].
///
/// Refused when the sample has no order statistics on both sides of the quantile.
pub fn quantile_difference(
    base: Observed<'_>,
    other: Observed<'_>,
    p: f64,
    level: f64,
    stream: &mut Stream,
) -> Result<Difference, Unsupported> {
    assert_eq!(base.values.len(), other.values.len(), "pairs have two sides");
    let pairs = [base.values, other.values];
    let sides = [Side::new(base), Side::new(other)];
    for side in &sides {
        quantile(&side.sorted, p, level)?;
    }
    let [base, other] = &sides;
    let rank = rank_of(base.sorted.len(), p);
    let estimate = Bounds::difference(other.sorted[rank - 1], other.beyond, base.sorted[rank - 1], base.beyond);
    if estimate.known().is_some() && constant(&pairs) {
        return Ok(Difference { estimate, interval: estimate, level, method: Method::Linear });
    }
    let (interval, method) = if let Some(reach) = half_width(base, other, p, level) {
        (Bounds { low: estimate.low - reach, high: estimate.high + reach }, Method::Linear)
    } else {
        let alone = base.beyond_rank(rank).zip(other.beyond_rank(rank)).filter(|(a, b)| !a && *b).count();
        // None seen is not none: H. Jeffreys' half an observation more.
        let one_only = (alone as f64 + 0.5) / base.sorted.len() as f64;
        (joint_ranks(base, other, p, one_only, level, stream), Method::JointRanks)
    };
    Ok(Difference { estimate, interval, level, method })
}

/// Whether the difference is the same in every trial.
fn constant([base, other]: &[&[f64]; 2]) -> bool {
    let mut differences = base.iter().zip(*other).map(|(base, other)| if base == other { 0.0 } else { other - base });
    let first = differences.next();
    differences.all(|difference| Some(difference) == first)
}

/// The interval from joint order statistics.
fn joint_ranks(base: &Side<'_>, other: &Side<'_>, p: f64, one_only: f64, level: f64, stream: &mut Stream) -> Bounds {
    let n = base.sorted.len() as u64;
    // Of independent candidates this is p (1 - p); opposite luck is not looked for, so that the cells stay probabilities.
    let one_only = one_only.min(p * (1.0 - p));
    let both = p - one_only;
    let (mut lows, mut highs) = (Vec::with_capacity(DRAWS), Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        let up_to_both = binomial_quantile(n, both, stream.uniform());
        let rest = n - up_to_both;
        let up_to_base = binomial_quantile(rest, one_only / (1.0 - both), stream.uniform());
        let up_to_other = binomial_quantile(rest - up_to_base, one_only / (1.0 - both - one_only), stream.uniform());
        // The true quantile is between the last of these observations and the next, nobody knows where: all the way or
        // not at all, and the same for both, so that candidates that do not differ have no difference.
        let [here, next] = [0, 1].map(|step| {
            let (of_other, of_base) = (up_to_both + up_to_other + step, up_to_both + up_to_base + step);
            Bounds::difference(other.at(of_other), other.beyond, base.at(of_base), base.beyond)
        });
        lows.push(here.low.min(next.low));
        highs.push(here.high.max(next.high));
    }
    lows.sort_by(f64::total_cmp);
    highs.sort_by(f64::total_cmp);
    let cut = ((1.0 - level) / 2.0 * DRAWS as f64) as usize;
    Bounds { low: lows[cut], high: highs[DRAWS - 1 - cut] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::StreamId;

    fn stream() -> Stream {
        Stream::new(StreamId::new(1, "stats", "paired"))
    }

    fn uniforms(name: &str, n: usize) -> Vec<f64> {
        let mut stream = Stream::new(StreamId::new(1, "stats/paired", name));
        (0..n).map(|_| stream.uniform()).collect()
    }

    fn difference(base: &[f64], other: &[f64], p: f64) -> Difference {
        let observed = |values| Observed { values, beyond: 100.0 };
        quantile_difference(observed(base), observed(other), p, 0.95, &mut stream()).expect("large enough")
    }

    #[test]
    fn what_is_shifted_by_a_constant_differs_by_exactly_that() {
        // Eighths are exact in binary, so that sums are too.
        for n in [500_u64, 20_000] {
            let base: Vec<f64> = uniforms("shift", n as usize).iter().map(|u| (u * 1e6).floor() / 8.0).collect();
            let other: Vec<f64> = base.iter().map(|value| value - 4.5).collect();
            for p in [0.5, 0.99] {
                let found = difference(&base, &other, p);
                assert_eq!(found.estimate, Bounds::exactly(-4.5));
                let Bounds { low, high } = found.interval;
                assert!(low == -4.5 && high == -4.5, "{n} {p}: {found:?}");
                assert!(found.interval.excludes_zero());
            }
        }
    }

    #[test]
    fn pairs_that_never_disagreed_may_still_do_so() {
        // Trials below the median differ, and by little: the tails are the same as far as anybody saw.
        let base = uniforms("alike", 10_000);
        let other: Vec<f64> = base.iter().map(|&u| if u < 0.5 { u * 0.999 } else { u }).collect();
        let found = difference(&base, &other, 0.9);
        assert_eq!(found.estimate, Bounds::exactly(0.0));
        // e = 1/(2 n) and unit density: z sqrt(2 e / n) = 1.96 / n, up to the estimate of the density.
        let reach = 1.96 / 10_000.0;
        assert!(
            (found.interval.high / reach - 1.0).abs() < 0.2 && found.interval.low == -found.interval.high,
            "{found:?}"
        );
    }

    #[test]
    fn a_side_that_never_varies_leaves_the_interval_of_the_other() {
        let other = uniforms("constant", 2_000);
        let mut sorted = other.clone();
        sorted.sort_by(f64::total_cmp);
        let alone = quantile(&sorted, 0.9, 0.95).expect("large enough");
        let found = difference(&vec![0.0; 2_000], &other, 0.9);
        // The density is estimated from more observations than lie between the ends of the other interval, which is
        // 0.026 wide.
        assert!((found.interval.low - alone.low).abs() < 4e-3, "{found:?} {alone:?}");
        assert!((found.interval.high - alone.high).abs() < 4e-3, "{found:?} {alone:?}");
    }

    #[test]
    fn a_gap_at_the_quantile_is_told_from_a_density() {
        // 95 % take a minute, the others ten: the true p95 may lie on either side of the gap.
        let base: Vec<f64> =
            uniforms("gap", 4_000).iter().map(|&u| if u < 0.95 { 60.0 + u } else { 600.0 + u }).collect();
        let other: Vec<f64> = uniforms("none", 4_000).iter().map(|u| 60.0 + u).collect();
        let found = difference(&base, &other, 0.95);
        assert_eq!(found.method, Method::JointRanks);
        assert!(found.interval.low < -500.0 && found.interval.high > -5.0, "{found:?}");
    }

    #[test]
    fn pairs_that_agree_are_told_apart_more_sharply() {
        let shared = uniforms("shared", 5_000);
        let own = uniforms("own", 5_000);
        let paired: Vec<f64> = shared.iter().zip(&own).map(|(shared, own)| shared + 0.05 * own).collect();
        let shuffled: Vec<f64> =
            uniforms("other", 5_000).iter().zip(&own).map(|(other, own)| other + 0.05 * own).collect();
        let width = |found: Difference| found.interval.high - found.interval.low;
        let (sharp, blunt) = (width(difference(&shared, &paired, 0.5)), width(difference(&shared, &shuffled, 0.5)));
        // Correlation of the two sides of the median: all but about 1.25 % of the trials agree, instead of half.
        assert!(sharp < 0.35 * blunt, "{sharp} {blunt}");
    }

    #[test]
    fn censored_values_bound_the_difference_and_never_become_numbers() {
        let base = uniforms("censored", 1_000);
        // 10 % are not back, and were watched for 100 s.
        let other: Vec<f64> = base.iter().map(|&u| if u > 0.9 { f64::INFINITY } else { u }).collect();
        let found = difference(&base, &other, 0.99);
        assert_eq!(found.estimate.high, f64::INFINITY);
        assert!((found.estimate.low - 99.0).abs() < 0.03, "{found:?}");
        assert!(found.interval.low > 98.9 && found.interval.high == f64::INFINITY, "{found:?}");
        // The other way round the same holds with the sign turned.
        let found = difference(&other, &base, 0.99);
        assert!(found.interval.high < -98.9 && found.interval.low == f64::NEG_INFINITY, "{found:?}");
        // Neither is back: nothing is known, and zero not ruled out.
        let found = difference(&other, &other, 0.99);
        assert_eq!(found.interval, Bounds { low: f64::NEG_INFINITY, high: f64::INFINITY });
        assert!(!found.interval.excludes_zero() && found.estimate.known().is_none());
    }

    #[test]
    fn the_mean_of_pairs_has_the_error_of_their_differences() {
        // Differences 1, 2, 3: mean 2, standard error 1/sqrt(3), t of two degrees of freedom 4.302653.
        let found = mean_difference(&[10.0, 500.0, -7.0], &[11.0, 502.0, -4.0], 0.95).expect("three pairs");
        let reach = 4.302_653 / 3.0_f64.sqrt();
        assert_eq!(found.estimate, Bounds::exactly(2.0));
        assert!((found.interval.low - 2.0 + reach).abs() < 1e-5 && (found.interval.high - 2.0 - reach).abs() < 1e-5);
        assert!(mean_difference(&[1.0, f64::INFINITY], &[1.0, f64::INFINITY], 0.95).is_none());
        assert!(mean_difference(&[1.0], &[1.0], 0.95).is_none());
    }

    #[test]
    fn a_sample_that_is_too_small_is_refused() {
        let few = uniforms("few", 100);
        let observed = Observed { values: &few, beyond: 1.0 };
        let refusal = quantile_difference(observed, observed, 0.99, 0.95, &mut stream()).expect_err("too few");
        assert_eq!(refusal.needed, 299);
    }
}
