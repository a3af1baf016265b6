//! The share of a struck region's flow that goes elsewhere by now.

use models::grid::Grid;

/// Binary digits in which the struck region's flow is counted.
const DIGITS: i32 = 60;

/// Parts of a sum that rounding may take, with much to spare.
const ROUNDING: f64 = 1e-6;

/// The flow that went to a region when the clock started: each population's offer of that instant, divided as its traffic
/// is divided now. Sums are whole numbers of a small unit, so that they do not depend on the order in which populations move.
#[derive(Debug)]
pub(super) struct Moves {
    offers: Vec<f64>,
    /// The part of each population's offer that goes to the region now, in units of 1 / `scale` requests per second.
    there: Vec<i64>,
    /// The same of all populations.
    sum: i64,
    scale: f64,
    /// The flow to the region when the clock started, in requests per second.
    whole: f64,
}

impl Moves {
    /// Of so many populations.
    pub(super) fn new(populations: usize) -> Self {
        Self { offers: vec![0.0; populations], there: vec![0; populations], sum: 0, scale: 1.0, whole: 0.0 }
    }

    /// What is entered at these places is struck at the instant of these offers and shares.
    pub(super) fn begin(&mut self, offers: impl Iterator<Item = f64>, shares: &Grid<f64>, places: &[usize]) {
        for (own, offer) in self.offers.iter_mut().zip(offers) {
            *own = offer;
        }
        let rates = self.offers.iter().enumerate();
        self.whole = rates.map(|(population, rate)| rate * share(shares, population, places)).sum();
        let above = if self.whole > 0.0 { libm::ilogb(self.whole) + 1 } else { 0 };
        self.scale = libm::ldexp(1.0, DIGITS - above);
        self.there.fill(0);
        self.sum = 0;
        self.follow_all(shares, places);
    }

    /// The traffic of a population is divided like this now.
    #[inline]
    pub(super) fn follow(&mut self, population: usize, shares: &Grid<f64>, places: &[usize]) {
        let now = (self.offers[population] * share(shares, population, places) * self.scale) as i64;
        let before = std::mem::replace(&mut self.there[population], now);
        self.sum = self.sum.saturating_add(now).saturating_sub(before);
    }

    /// The traffic of all populations is divided like this now.
    pub(super) fn follow_all(&mut self, shares: &Grid<f64>, places: &[usize]) {
        for population in 0..self.offers.len() {
            self.follow(population, shares, places);
        }
    }

    /// Whether less than this share of it goes elsewhere for certain, whatever rounding takes.
    #[inline]
    pub(super) fn stays_below(&self, share: f64) -> bool {
        self.sum as f64 > (1.0 - share) * self.whole * self.scale * (1.0 + ROUNDING)
    }

    /// The share of it that goes elsewhere, if anything went there.
    #[inline]
    pub(super) fn moved(&self) -> Option<f64> {
        (self.whole > 0.0).then(|| 1.0 - self.sum as f64 / self.scale / self.whole)
    }
}

/// The share of a population's traffic that goes to these places.
#[inline]
fn share(shares: &Grid<f64>, population: usize, places: &[usize]) -> f64 {
    places.iter().map(|&place| shares[(population, place)]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_there_and_goes_elsewhere_has_moved() {
        let mut moves = Moves::new(3);
        let mut shares = Grid::new(3, 2, 0.5);
        moves.begin([600.0, 300.0, 0.0].into_iter(), &shares, &[0]);
        assert_eq!(moves.moved(), Some(0.0));
        shares[(0, 0)] = 0.0;
        moves.follow(0, &shares, &[0]);
        assert!((moves.moved().expect("something went there") - 2.0 / 3.0).abs() < 1e-15);
        shares.fill(0.0);
        moves.follow_all(&shares, &[0]);
        assert_eq!(moves.moved(), Some(1.0));
        moves.begin([0.0; 3].into_iter(), &shares, &[0]);
        assert_eq!(moves.moved(), None);
    }
}
