//! What observations leave open of a law.

use super::law::{Family, Law};
use super::maximum::Fitted;
use super::observed::Observed;

/// Points of the grid along the shape and along the location.
const SHAPES: usize = 81;
const LOCATIONS: usize = 61;
/// The grid ends where the logarithm of the likelihood has fallen by so much.
const DEPTH: f64 = 16.0;

/// Laws of a family of two numbers with their probabilities, given the observations.
///
/// The prior is flat in the logarithms of a typical value and of the shape. For complete observations of a lognormal or
/// a Weibull, whose logarithms have a location and a scale, intervals from it hold the truth exactly as often as they
/// say, whatever the truth (it is the right Haar prior; J. O. Berger, Statistical Decision Theory, 2nd edition 1985,
/// section 6.6). With observations that were cut short they do so nearly.
#[derive(Clone, Debug)]
pub struct Posterior {
    laws: Vec<(Law, f64)>,
}

impl Posterior {
    /// The posterior of observations that are worth `worth` independent ones each. None for a mixture.
    pub fn new(fitted: &Fitted, observed: &[Observed], worth: f64) -> Option<Self> {
        let family = fitted.law.family();
        if family == Family::TwoLogNormals {
            return None;
        }
        let ln = |at: [f64; 2]| {
            let value = Law::at(family, at).ln_likelihood(observed) * worth;
            if value.is_nan() { f64::NEG_INFINITY } else { value }
        };
        let (peak, top) = (fitted.law.point(), ln(fitted.law.point()));
        let mut ridge = Ridge { location: peak[0], step: 0.5 / libm::sqrt(observed.len() as f64 * worth) };
        let end = |way: f64, mut ridge: Ridge| {
            let (mut step, mut at) = (0.1 * way, peak[1]);
            for _ in 0..40 {
                at += step;
                step *= 1.3;
                if ridge.top(at, &ln) < top - DEPTH {
                    break;
                }
            }
            at
        };
        let (low, high) = (end(-1.0, ridge), end(1.0, ridge));
        let mut laws = Vec::with_capacity(SHAPES * LOCATIONS);
        for index in 0..SHAPES {
            let shape = low + (high - low) * index as f64 / (SHAPES - 1) as f64;
            let best = ridge.top(shape, &ln);
            if best < top - DEPTH - 6.0 {
                continue;
            }
            let centre = ridge.location;
            let [below, above] = [-1.0, 1.0].map(|way| reach(centre, shape, way * ridge.step, best - DEPTH, &ln));
            let gap = (above - below) / (LOCATIONS - 1) as f64;
            for place in 0..LOCATIONS {
                let at = [below + gap * place as f64, shape];
                // Rows differ in the distance of their points.
                let weight = libm::exp(ln(at) - top) * gap;
                if weight > 0.0 {
                    laws.push((Law::at(family, at), weight));
                }
            }
        }
        let total: f64 = laws.iter().map(|law| law.1).sum();
        laws.iter_mut().for_each(|law| law.1 /= total);
        (total > 0.0).then_some(Self { laws })
    }

    /// The interval that holds the quantile `p` with probability `level`, half of the rest to either side.
    pub fn interval(&self, p: f64, level: f64) -> (f64, f64) {
        let mut values: Vec<(f64, f64)> = self.laws.iter().map(|(law, weight)| (law.quantile(p), *weight)).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at = |share: f64| {
            let mut sum = 0.0;
            let place = values.iter().find(|(_, weight)| {
                sum += weight;
                sum >= share
            });
            place.or(values.last()).map_or(f64::NAN, |place| place.0)
        };
        (at((1.0 - level) / 2.0), at(f64::midpoint(1.0, level)))
    }

    /// The value that the next observation exceeds with probability `1 - p`, all that is open taken into account.
    pub fn predictive(&self, p: f64) -> f64 {
        let above = |x: f64| self.laws.iter().map(|(law, weight)| weight * law.survival(x)).sum::<f64>();
        let quantiles = self.laws.iter().map(|(law, _)| law.quantile(p));
        let (low, high) = quantiles.fold((f64::INFINITY, 0.0_f64), |(low, high), q| (low.min(q), high.max(q)));
        let (mut low, mut high) = (libm::log(low), libm::log(high));
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if above(libm::exp(middle)) > 1.0 - p { low = middle } else { high = middle }
        }
        libm::exp(f64::midpoint(low, high))
    }

    /// The least and the largest share up to `x` that are plausible at `level`, for bands of charts.
    pub fn band(&self, x: f64, level: f64) -> (f64, f64) {
        let mut shares: Vec<(f64, f64)> = self.laws.iter().map(|(law, weight)| (law.cdf(x), *weight)).collect();
        shares.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at = |share: f64| {
            let mut sum = 0.0;
            let place = shares.iter().find(|(_, weight)| {
                sum += weight;
                sum >= share
            });
            place.or(shares.last()).map_or(f64::NAN, |place| place.0)
        };
        (at((1.0 - level) / 2.0), at(f64::midpoint(1.0, level)))
    }
}

/// The best location for each shape, followed from one shape to the next.
#[derive(Clone, Copy)]
struct Ridge {
    location: f64,
    step: f64,
}

impl Ridge {
    /// The largest value at this shape; the location moves there.
    fn top(&mut self, shape: f64, ln: &dyn Fn([f64; 2]) -> f64) -> f64 {
        let mut best = ln([self.location, shape]);
        let mut step = self.step;
        // Uphill in steps that grow while they help and shrink where they do not.
        for _ in 0..60 {
            let ways = [step, -step].map(|step| (self.location + step, ln([self.location + step, shape])));
            let way = if ways[0].1 > ways[1].1 { ways[0] } else { ways[1] };
            if way.1 > best {
                (self.location, best) = way;
                step *= 1.6;
            } else {
                step /= 2.5;
                if step < self.step * 1e-2 {
                    break;
                }
            }
        }
        best
    }
}

/// How far the location goes in one direction until the value has fallen to `floor`.
fn reach(from: f64, shape: f64, step: f64, floor: f64, ln: &dyn Fn([f64; 2]) -> f64) -> f64 {
    let (mut at, mut step) = (from, step);
    for _ in 0..60 {
        at += step;
        if ln([at, shape]) < floor {
            break;
        }
        step *= 1.2;
    }
    at
}
