//! Quantiles as a dashboard shows them: p50, p90, p99.

use super::family::Family;
use super::{Invalid, positive};
use crate::random::special::{mills_ratio, normal_cdf, normal_density, normal_quantile};
use std::sync::Arc;

/// The logarithm of the value is piecewise linear in the standard-normal quantile, and the end slopes continue: pieces of
/// log-normal distributions, joined at the given points.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// In increasing order; at least one.
    pieces: Arc<[Piece]>,
    /// As given: probability and value.
    points: Arc<[(f64, f64)]>,
    mean: f64,
}

/// ln x = `log` + `slope` (z - `deviate`), from `from` to the next piece's.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    deviate: f64,
    log: f64,
    slope: f64,
    /// Where it begins; minus infinity for the first.
    from: f64,
    /// Where it ends; infinity for the last.
    to: f64,
    /// Share of E X from values before this piece.
    before: f64,
    /// Share of E X from values after this piece.
    after: f64,
}

impl Quantiles {
    pub(super) fn new(points: &[(f64, f64)]) -> Result<Self, Invalid> {
        if points.len() < 2 {
            return Err(Invalid::new("quantiles take at least two points".into()));
        }
        for &(p, value) in points {
            if !(p > 0.0 && p < 1.0) {
                return Err(Invalid::new(format!("a quantile's probability must lie between 0 and 1, not {p}")));
            }
            positive("a quantile's value", value)?;
        }
        if let Some(pair) = points.windows(2).find(|pair| !(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1)) {
            let ((p, value), (next_p, next_value)) = (pair[0], pair[1]);
            return Err(Invalid::new(format!(
                "quantiles must increase, but {value} at {p} is followed by {next_value} at {next_p}"
            )));
        }
        let mut pieces: Vec<Piece> = points
            .windows(2)
            .map(|pair| {
                let (deviate, to) = (normal_quantile(pair[0].0), normal_quantile(pair[1].0));
                let (log, end) = (libm::log(pair[0].1), libm::log(pair[1].1));
                let slope = (end - log) / (to - deviate);
                Piece { deviate, log, slope, from: deviate, to, before: 0.0, after: 0.0 }
            })
            .collect();
        let last = pieces.len() - 1;
        pieces[0].from = f64::NEG_INFINITY;
        pieces[last].to = f64::INFINITY;
        let shares: Vec<f64> = pieces.iter().map(|piece| piece.share(piece.from, piece.to)).collect();
        let mean = shares.iter().sum();
        for (index, piece) in pieces.iter_mut().enumerate() {
            piece.before = shares[..index].iter().sum();
            piece.after = shares[index + 1..].iter().sum();
        }
        let mean = positive("the mean, as far as the last two quantiles tell,", mean)?;
        Ok(Self { pieces: pieces.into(), points: points.into(), mean })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        let scaled: Vec<(f64, f64)> = self.points.iter().map(|&(p, value)| (p, value * factor)).collect();
        Self::new(&scaled)
    }

    /// The given points: probability and value.
    pub(super) fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    fn at_deviate(&self, z: f64) -> &Piece {
        let index = self.pieces.partition_point(|piece| piece.to <= z);
        &self.pieces[index.min(self.pieces.len() - 1)]
    }

    /// The piece that x lies in, and its deviate.
    fn at(&self, x: f64) -> (&Piece, f64) {
        let log = libm::log(x);
        let later = self.pieces[1..].partition_point(|piece| piece.log <= log);
        let piece = &self.pieces[later];
        let z = (piece.deviate + (log - piece.log) / piece.slope).max(piece.from).min(piece.to);
        (piece, z)
    }
}

impl Piece {
    fn value(&self, z: f64) -> f64 {
        libm::exp(self.log + self.slope * (z - self.deviate))
    }

    /// The integral of value(z) times the normal density between two deviates of the piece.
    fn share(&self, from: f64, to: f64) -> f64 {
        // exp(slope z) phi(z) is a normal density around the slope, up to a factor that can overflow while the integral
        // does not: hence as value(z) phi(z), the integrand at an end, times a ratio that stays moderate.
        let end = |z: f64, distance: f64| {
            if z.is_infinite() { 0.0 } else { self.value(z) * normal_density(z) * mills_ratio(distance) }
        };
        if from >= self.slope {
            end(from, from - self.slope) - end(to, to - self.slope)
        } else if to <= self.slope {
            end(to, self.slope - to) - end(from, self.slope - from)
        } else {
            let whole = libm::exp(self.log + self.slope * (self.slope / 2.0 - self.deviate));
            whole - end(from, self.slope - from) - end(to, to - self.slope)
        }
    }
}

impl Family for Quantiles {
    fn quantile(&self, p: f64) -> f64 {
        let z = normal_quantile(p);
        self.at_deviate(z).value(z)
    }

    fn cdf(&self, x: f64) -> f64 {
        normal_cdf(self.at(x).1)
    }

    fn survival(&self, x: f64) -> f64 {
        normal_cdf(-self.at(x).1)
    }

    fn density(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let (piece, z) = self.at(x);
        normal_density(z) / (piece.slope * x)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn limited_mean(&self, x: f64) -> f64 {
        let (piece, z) = self.at(x);
        piece.before + piece.share(piece.from, z) + x * normal_cdf(-z)
    }

    fn exceedance(&self, x: f64) -> f64 {
        let (piece, z) = self.at(x);
        (piece.share(z, piece.to) + piece.after - x * normal_cdf(-z)).max(0.0)
    }
}
