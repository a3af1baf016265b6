//! The interval of a difference of quantiles where both distributions have a density there.
//!
//! A sample quantile is off by the share of trials on the wrong side of the true one, over the density (R. R. Bahadur, Annals
//! of Mathematical Statistics 37 (1966), 577-580). With sparsities (one over the density) s and t, and e the share of
//! trials that are beyond the quantile of one candidate and not of the other, the variance of the difference is
//!
//! ```text
//! p (1 - p) (t - s)² / n + 2 s t e / n
//! ```
//!
//! The first term is the luck that both share. The second is the luck that they do not, and is too large where so few
//! trials cross that one and the same trial is often the quantile of both: then the difference is that of this trial, and
//! has its variance d². Between the two limits the reciprocals are added: 1 / (1 / (2 s t e / n) + 1 / d²). That is an
//! interpolation and not a theorem; `docs/statistics.md` shows what it is worth.

use super::quantile::{quantile, rank_of};
use super::side::Side;
use super::tally::{Tally, student_reach};
use crate::random::special::{normal_density, normal_quantile};

/// From so many observations beyond the quantile on, a gap in the distribution can be told from a thin tail.
const DENSE: f64 = 40.0;

/// No more than this part of the tail serves to estimate the density.
const PART: f64 = 0.6;

/// The distribution must show no gap and no atom where the quantile lies with this probability.
const SURROUNDINGS: f64 = 0.99;

/// So many standard deviations above its mean, G in [`sparsity`] speaks against a density: one sample in two hundred of a
/// smooth distribution.
const UNEVEN: f64 = 3.5;

/// Half the width of the interval, if both candidates have a density at the quantile.
pub(super) fn half_width(base: &Side<'_>, other: &Side<'_>, p: f64, level: f64) -> Option<f64> {
    let n = base.sorted.len();
    let (count, own) = (n as f64, p * (1.0 - p));
    if count * p.min(1.0 - p) < DENSE {
        return None;
    }
    let reach = normal_quantile(f64::midpoint(level, 1.0));
    let places = bandwidth(count, p, reach);
    let here = rank_of(n, p);
    let near = Near { first: here - places, last: here + places };
    let [s, t] = [sparsity(base, &near, p)?, sparsity(other, &near, p)?];
    let Crossings { seen, unseen, spread, differences } = crossings(base, other, &near, own, (t - s) / count);
    let shared = own * (t - s) * (t - s) / count;
    let apart = 2.0 * s * t * seen / count;
    let weight = if apart == 0.0 || spread.is_infinite() { 1.0 } else { spread / (spread + apart) };
    let (by_density, by_trials) =
        (shared + apart * weight * weight + 2.0 * s * t * unseen / count, apart * weight * (1.0 - weight));
    let variance = by_density + by_trials;
    if variance == 0.0 {
        return None;
    }
    // Degrees of freedom: 2 m spacings estimate a density, for which Student's t is z + z³ / (4 m) for one quantile (D.
    // M. Kaplan, Journal of Econometrics 185 (2015), 20-32), and there are two of them; both parts together as F. E.
    // Satterthwaite, Biometrics Bulletin 2 (1946), 110-114.
    let freedom = 2.0 * places as f64 * (1.0 + 1.0 / (reach * reach));
    let noise = by_density * by_density / freedom + by_trials * by_trials / (differences - 1.0).max(1.0);
    Some(student_reach(variance * variance / noise, level) * libm::sqrt(variance))
}

/// Order statistics around the quantile, by their ranks from 1 on.
struct Near {
    first: usize,
    last: usize,
}

/// How many order statistics to either side tell the density: P. Hall and S. J. Sheather, Journal of the Royal Statistical
/// Society B 50 (1988), 381-391.
fn bandwidth(n: f64, p: f64, reach: f64) -> usize {
    let score = normal_quantile(p);
    let density = normal_density(score);
    let width = libm::pow(n, -1.0 / 3.0)
        * libm::pow(reach, 2.0 / 3.0)
        * libm::cbrt(1.5 * density * density / (2.0 * score * score + 1.0));
    libm::floor(n * width.min(PART * p.min(1.0 - p)) + 0.5).max(1.0) as usize
}

/// 1 / density at the quantile, if there is one.
///
/// The slope of the quantile function between two order statistics (M. M. Siddiqui, Journal of Research of the National
/// Bureau of Standards 64B (1960), 145-150; D. A. Bloch and J. L. Gastwirth, Annals of Mathematical Statistics 39 (1968),
/// 1083-1085), taken along ln (u / (1 - u)) instead of u, along which an exponential tail is straight.
///
/// A gap or an atom makes the spacings uneven. Weighted with u (1 - u) they are about exponential; the sum G of the squares
/// of their shares has mean 2 / (k + 1) for k of them, and variance 4 (k - 1) / ((k + 1)² (k + 2) (k + 3)):
/// M. Greenwood, Journal of the Royal Statistical Society 109 (1946), 85-110.
fn sparsity(side: &Side<'_>, near: &Near, p: f64) -> Option<f64> {
    let (sorted, n) = (&side.sorted, side.sorted.len() as f64);
    let around = quantile(sorted, p, SURROUNDINGS).ok()?;
    let (low, high) = (near.first.min(around.low_rank as usize), near.last.max(around.high_rank as usize));
    if !sorted[high - 1].is_finite() || !sorted[low - 1].is_finite() {
        return None;
    }
    // Most of the distribution in one place: the quantile does not move.
    if sorted[low - 1] == sorted[high - 1] {
        return Some(0.0);
    }
    let (mut sum, mut squares) = (0.0, 0.0);
    for rank in low..high {
        let weighted = (sorted[rank] - sorted[rank - 1]) * rank as f64 * (n - rank as f64);
        sum += weighted;
        squares += weighted * weighted;
    }
    let k = (high - low) as f64;
    let deviation = libm::sqrt(4.0 * (k - 1.0) / ((k + 2.0) * (k + 3.0))) / (k + 1.0);
    if squares / (sum * sum) > 2.0 / (k + 1.0) + UNEVEN * deviation {
        return None;
    }
    let along = |rank: usize| libm::log((rank as f64 - 0.5) / (n - rank as f64 + 0.5));
    Some((sorted[near.last - 1] - sorted[near.first - 1]) / (along(near.last) - along(near.first)) / (p * (1.0 - p)))
}

/// Trials that are beyond the quantile of one candidate and not of the other.
struct Crossings {
    /// Their share, to one side.
    seen: f64,
    /// An allowance for crossings that the sample missed.
    unseen: f64,
    /// The variance of the differences of trials close to the quantile; infinite where it is not known.
    spread: f64,
    /// How many such trials there are.
    differences: f64,
}

/// Counts at every order statistic nearby: one alone would hardly have any where the luck agrees.
fn crossings(base: &Side<'_>, other: &Side<'_>, near: &Near, own: f64, drift: f64) -> Crossings {
    let (n, places) = (base.sorted.len() as f64, (near.last - near.first + 1) as f64);
    // How many order statistics nearby lie between the two ranks of a trial, the lower one included.
    let between =
        |from: u32, to: u32| (to as usize).min(near.last).saturating_sub((from as usize + 1).max(near.first) - 1);
    let (mut steps, mut up, mut down) = (0, 0_u32, 0_u32);
    let mut tally = Tally::new();
    for (trial, (&one, &two)) in base.ranks.iter().zip(&other.ranks).enumerate() {
        let (rise, fall) = (between(one, two), between(two, one));
        steps += rise;
        up += u32::from(rise > 0);
        down += u32::from(fall > 0);
        let both = (one + two) as usize;
        if rise + fall > 0 || (2 * near.first <= both + 2 && both < 2 * near.last) {
            tally.add(other.values[trial] - base.values[trial] - drift * both as f64 / 2.0);
        }
    }
    // The two directions have as many steps; the one of fewer trials has the longer ones. H. Jeffreys' half a trial more
    // crosses as far as those seen, among which counts one that crosses everything.
    let (steps, trials) = (steps as f64, f64::from(up.min(down)));
    let more = 0.5 / (1.0 + trials);
    let scale = (near.first..=near.last).map(|rank| rank as f64 * (n - rank as f64)).sum::<f64>() / (n * n * own);
    let spread = tally.variance();
    Crossings {
        seen: steps * (1.0 + more) / scale / n,
        unseen: places * more / scale / n,
        spread: if spread.is_finite() { spread } else { f64::INFINITY },
        differences: tally.count() as f64,
    }
}
