//! Now one distribution, now another.

use super::family::Family;
use super::{Distribution, Invalid, not_negative};
use crate::random::special::increasing_root;
use std::sync::Arc;

/// How far the weights may be from adding up to 1.
const TOLERANCE: f64 = 1e-9;

/// A weighted mixture. Its draws invert the mixture's own distribution function, so that they grow with the uniform
/// number; choosing a part with one number and drawing from it with another would not.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    parts: Arc<[Part]>,
    /// The values at which the distribution function jumps, in increasing order.
    atoms: Arc<[Atom]>,
    /// The quantiles at 1 / n, 2 / n, .., (n - 1) / n: a draw starts between two of them.
    guide: Arc<[f64]>,
    mean: f64,
}

/// Cells of the guide.
const CELLS: usize = 128;

#[derive(Clone, Debug, PartialEq)]
struct Part {
    weight: f64,
    of: Distribution,
}

#[derive(Clone, Debug, PartialEq)]
struct Atom {
    value: f64,
    /// F just below the value.
    below: f64,
    /// F at the value.
    upto: f64,
}

impl Mixture {
    pub(super) fn new(parts: Vec<(f64, Distribution)>) -> Result<Self, Invalid> {
        let mut total = 0.0;
        for &(weight, _) in &parts {
            total += not_negative("a weight", weight)?;
        }
        if libm::fabs(total - 1.0) > TOLERANCE {
            return Err(Invalid::new(format!("the weights of a mixture add up to {total}, not 1")));
        }
        let parts: Arc<[Part]> = parts
            .into_iter()
            .filter(|&(weight, _)| weight > 0.0)
            .map(|(weight, of)| Part { weight: weight / total, of })
            .collect();
        let mut values: Vec<f64> = parts.iter().flat_map(|part| part.of.atoms()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let mut mixture = Self { parts, atoms: Arc::new([]), guide: Arc::new([]), mean: 0.0 };
        mixture.atoms = values
            .into_iter()
            .map(|value| Atom { value, below: mixture.cdf(value.next_down()), upto: mixture.cdf(value) })
            .collect();
        mixture.guide = (1..CELLS).map(|cell| mixture.quantile(cell as f64 / CELLS as f64)).collect();
        mixture.mean = mixture.sum(Distribution::mean);
        Ok(mixture)
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        let scaled = |part: &Part| Ok((part.weight, part.of.scaled(factor)?));
        Self::new(self.parts.iter().map(scaled).collect::<Result<_, _>>()?)
    }

    /// The values at which the distribution function jumps.
    pub(super) fn values(&self) -> Vec<f64> {
        self.atoms.iter().map(|atom| atom.value).collect()
    }

    /// Between which values the quantile lies.
    fn surroundings(&self, p: f64) -> (f64, f64) {
        let cell = (p * CELLS as f64) as usize;
        if let (Some(&from), Some(&to)) = (self.guide.get(cell.wrapping_sub(1)), self.guide.get(cell)) {
            return (from, to);
        }
        // In the outermost cells, or before there is a guide: between the least and the greatest of the parts' own.
        let quantiles = self.parts.iter().map(|part| part.of.quantile(p));
        quantiles.fold((f64::INFINITY, 0.0), |(least, greatest), q| (least.min(q), greatest.max(q)))
    }

    fn sum(&self, of: impl Fn(&Distribution) -> f64) -> f64 {
        self.parts.iter().map(|part| part.weight * of(&part.of)).sum()
    }
}

impl Family for Mixture {
    fn quantile(&self, p: f64) -> f64 {
        let next = self.atoms.partition_point(|atom| atom.upto < p);
        let (mut low, mut high) = (0.0_f64, f64::INFINITY);
        if let Some(atom) = self.atoms.get(next) {
            if atom.below < p {
                return atom.value;
            }
            high = atom.value;
        }
        if next > 0 {
            low = self.atoms[next - 1].value;
        }
        let (from, to) = self.surroundings(p);
        (low, high) = (low.max(from), high.min(to));
        if low >= high || high.is_infinite() {
            return high;
        }
        let guess = f64::midpoint(low, high);
        // Either tail is nearly straight on a logarithmic scale.
        if p <= 0.5 {
            let target = libm::log(p);
            increasing_root(low, high, guess, |x| {
                let lower = self.cdf(x);
                (libm::log(lower) - target, self.density(x) / lower)
            })
        } else {
            let target = libm::log(1.0 - p);
            increasing_root(low, high, guess, |x| {
                let upper = self.survival(x);
                (target - libm::log(upper), self.density(x) / upper)
            })
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        self.sum(|part| part.cdf(x))
    }

    fn survival(&self, x: f64) -> f64 {
        self.sum(|part| part.survival(x))
    }

    fn density(&self, x: f64) -> f64 {
        self.sum(|part| part.density(x))
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.sum(|part| part.limited_mean(x))
    }

    fn exceedance(&self, x: f64) -> f64 {
        self.sum(|part| part.exceedance(x))
    }
}
