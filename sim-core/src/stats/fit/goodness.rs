//! Whether observations can be of a law that was fitted to them.

use crate::random::{Stream, StreamId};

use super::kaplan_meier::KaplanMeier;
use super::law::Law;
use super::maximum::maximum;
use super::observed::Observed;

/// Samples that are drawn from the law.
const SAMPLES: u64 = 199;
/// Larger samples are thinned to so many: more of them only show that no family is exact.
const LARGEST: usize = 400;

/// How plausible a law is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plausibility {
    /// The statistic of Anderson and Darling.
    pub statistic: f64,
    /// The share of samples of the law that lie as far from their own fit, or farther.
    pub p: f64,
}

/// The plausibility of a law that was fitted to these observations, which are independent.
///
/// The distance is that of T. W. Anderson and D. A. Darling (Annals of Mathematical Statistics 23 (1952), 193-212) between
/// the law and the product-limit estimate, up to the largest value. Since the law was fitted, published tables do not hold:
/// samples of the law are cut short and rounded as the observations were, are fitted again, and are held against their
/// own fits (W. Stute and others, Metrika 40 (1993), 243-256). None where too few of them can be fitted.
pub fn plausibility(law: &Law, observed: &[Observed], seed: u64) -> Option<Plausibility> {
    let stride = observed.len().div_ceil(LARGEST).max(1);
    let observed: Vec<Observed> = observed.iter().copied().step_by(stride).collect();
    let law = if stride > 1 { maximum(law.family(), &observed)?.law } else { *law };
    let statistic = distance(&law, &observed);
    let stops = Stops::of(&observed);
    let mut stream = Stream::new(StreamId::new(seed, "fit", "goodness"));
    let (mut as_far, mut drawn) = (0_u32, 0_u32);
    for sample in 0..SAMPLES {
        stream.begin(sample);
        let again: Vec<Observed> = observed
            .iter()
            .map(|one| {
                let value = law.quantile(stream.uniform());
                seen(value, *one, stops.draw(&mut stream))
            })
            .collect();
        let Some(fitted) = maximum(law.family(), &again) else { continue };
        drawn += 1;
        as_far += u32::from(distance(&fitted.law, &again) >= statistic);
    }
    let enough = u64::from(drawn) * 2 > SAMPLES;
    enough.then(|| Plausibility { statistic, p: f64::from(as_far + 1) / f64::from(drawn + 1) })
}

/// A drawn value as it would have been observed: cut short at `stop`, rounded as `like` was.
fn seen(value: f64, like: Observed, stop: f64) -> Observed {
    if value > stop {
        return Observed::Above(stop);
    }
    match like {
        Observed::Between(low, high) => {
            let width = high - low;
            let cell = libm::floor((value - low) / width);
            Observed::Between((low + cell * width).max(0.0), low + (cell + 1.0) * width)
        }
        Observed::Exact(_) | Observed::Above(_) => Observed::Exact(value),
    }
}

/// When observations were cut short, or would have been: the product-limit estimate with the roles exchanged (B. Efron,
/// Journal of the American Statistical Association 76 (1981), 312-319).
struct Stops(Option<KaplanMeier>);

impl Stops {
    fn of(observed: &[Observed]) -> Self {
        let some = observed.iter().any(|one| !one.is_complete());
        let exchanged = observed.iter().map(|one| match one {
            Observed::Above(value) => Observed::Exact(*value),
            other => Observed::Above(other.middle()),
        });
        Self(some.then(|| KaplanMeier::new(&exchanged.collect::<Vec<_>>())))
    }

    fn draw(&self, stream: &mut Stream) -> f64 {
        let Some(stops) = &self.0 else { return f64::INFINITY };
        // Beyond the last stop nothing is known of stops, and nothing was stopped.
        stops.quantile(stream.uniform()).unwrap_or(f64::INFINITY)
    }
}

/// n times the integral of (k - u)^2 / (u (1 - u)), k being the product-limit estimate where the law's share is u.
fn distance(law: &Law, observed: &[Observed]) -> f64 {
    let estimate = KaplanMeier::new(observed);
    let whole = estimate.steps().last().is_some_and(|last| last.1 > 1.0 - 1e-9);
    let end = if whole { 1.0 } else { law.cdf(estimate.last()) };
    let (mut sum, mut from, mut share) = (0.0, 0.0, 0.0);
    for (value, next) in estimate.steps() {
        // No observation is impossible, whatever rounding says.
        let to = law.cdf(*value).clamp(1e-14, 1.0 - 1e-14).max(from);
        sum += area(share, from, to);
        (from, share) = (to, *next);
    }
    observed.len() as f64 * (sum + area(if whole { 1.0 } else { share }, from, end.max(from)))
}

/// The integral of (k - u)^2 / (u (1 - u)) between two shares: k^2 / u + (1 - k)^2 / (1 - u) - 1.
fn area(k: f64, from: f64, to: f64) -> f64 {
    let lower = if k > 0.0 { k * k * (libm::log(to) - libm::log(from)) } else { 0.0 };
    let upper = if k < 1.0 { (1.0 - k) * (1.0 - k) * (libm::log1p(-from) - libm::log1p(-to)) } else { 0.0 };
    lower + upper - (to - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published sum over the sorted values, without the product-limit estimate.
    #[test]
    fn without_stops_the_distance_is_that_of_the_textbook() {
        let law = Law::Weibull { shape: 1.0, scale: 1.0 };
        let values = [0.05_f64, 0.3, 0.31, 0.9, 1.4, 2.6, 5.0];
        let n = values.len() as f64;
        let sum: f64 = (0..values.len())
            .map(|index| {
                let (low, high) = (1.0 - (-values[index]).exp(), 1.0 - (-values[values.len() - 1 - index]).exp());
                (2.0 * index as f64 + 1.0) * (low.ln() + (1.0 - high).ln())
            })
            .sum();
        let observed = values.map(Observed::Exact);
        assert!((distance(&law, &observed) - (-n - sum / n)).abs() < 1e-10);
    }

    #[test]
    fn drawn_values_are_rounded_and_cut_as_the_observed_ones_were() {
        let minute = Observed::Between(120.0, 180.0);
        assert_eq!(seen(31.0, minute, f64::INFINITY), Observed::Between(0.0, 60.0));
        assert_eq!(seen(305.0, minute, f64::INFINITY), Observed::Between(300.0, 360.0));
        assert_eq!(seen(305.0, minute, 300.0), Observed::Above(300.0));
        assert_eq!(seen(305.0, Observed::Above(9.0), 400.0), Observed::Exact(305.0));
    }
}
