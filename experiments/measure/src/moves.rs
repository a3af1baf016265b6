//! The share of a struck region's flow that goes elsewhere by now.

use models::deployment::TOLERANCE;
use models::grid::Grid;
use sim_core::time::SimTime;

/// Binary digits in which the struck region's flow is counted.
const DIGITS: i32 = 60;

/// Parts of a sum that rounding may take, with much to spare.
const ROUNDING: f64 = 1e-6;

/// Shares of a struck region's flow whose going elsewhere is a milestone.
const MILESTONES: [f64; 3] = [0.5, 0.9, 0.99];

/// The struck region's flow of all populations together, and of each name by itself where there are several.
#[derive(Debug)]
pub(super) struct Moves {
    all: Following,
    /// By name, where there are several.
    names: Vec<Following>,
    /// By population, once for each name that it asks for, the place of the name.
    name_of: Vec<usize>,
}

impl Moves {
    /// Of populations that ask for these of so many names.
    pub(super) fn new(name_of: Vec<usize>, names: usize) -> Self {
        let following = || Following::new(name_of.len());
        let names = if names > 1 { (0..names).map(|_| following()).collect() } else { Vec::new() };
        Self { all: following(), names, name_of }
    }

    /// Nothing is struck.
    pub(super) fn reset(&mut self) {
        std::iter::once(&mut self.all).chain(&mut self.names).for_each(|one| one.reached = [None; 3]);
    }

    /// What is entered at these places is struck at the instant of these offers and shares.
    pub(super) fn begin<I: Iterator<Item = f64>>(
        &mut self,
        offers: impl Fn() -> I,
        shares: &Grid<f64>,
        places: &[usize],
    ) {
        self.all.begin(offers(), shares, places);
        for (name, own) in self.names.iter_mut().enumerate() {
            let asks = |(offer, asked): (f64, &usize)| if *asked == name { offer } else { 0.0 };
            own.begin(offers().zip(&self.name_of).map(asks), shares, places);
        }
    }

    /// The traffic of all populations is divided like this now.
    pub(super) fn follow_all(&mut self, shares: &Grid<f64>, places: &[usize]) {
        std::iter::once(&mut self.all).chain(&mut self.names).for_each(|one| one.follow_all(shares, places));
    }

    /// The traffic of these populations is divided like this from now on.
    #[inline]
    pub(super) fn note(
        &mut self,
        now: SimTime,
        populations: impl Iterator<Item = usize> + Clone,
        shares: &Grid<f64>,
        places: &[usize],
    ) {
        if self.names.iter().any(Following::waits) {
            for population in populations.clone() {
                self.names[self.name_of[population]].follow(population, shares, places);
            }
            self.names.iter_mut().for_each(|one| one.note(now));
        }
        if self.all.waits() {
            populations.for_each(|population| self.all.follow(population, shares, places));
            self.all.note(now);
        }
    }

    /// When the milestones were reached, of all populations together.
    pub(super) const fn reached(&self) -> Reached {
        self.all.reached
    }

    /// The same by name, where there are several.
    pub(super) fn reached_by_name(&self) -> impl Iterator<Item = Reached> + '_ {
        self.names.iter().map(|one| one.reached)
    }
}

/// When half, 90 % and 99 % had gone elsewhere.
pub(super) type Reached = [Option<SimTime>; 3];

/// The flow that went to a region when the clock started: each population's offer of that instant, divided as its traffic
/// is divided now. Sums are whole numbers of a small unit, so that they do not depend on the order in which populations move.
#[derive(Debug)]
struct Following {
    offers: Vec<f64>,
    /// The part of each population's offer that goes to the region now, in units of 1 / `scale` requests per second.
    there: Vec<i64>,
    /// The same of all populations.
    sum: i64,
    scale: f64,
    /// The flow to the region when the clock started, in requests per second.
    whole: f64,
    reached: Reached,
}

impl Following {
    /// Of so many populations.
    fn new(populations: usize) -> Self {
        Self {
            offers: vec![0.0; populations],
            there: vec![0; populations],
            sum: 0,
            scale: 1.0,
            whole: 0.0,
            reached: [None; 3],
        }
    }

    /// What is entered at these places is struck at the instant of these offers and shares.
    fn begin(&mut self, offers: impl Iterator<Item = f64>, shares: &Grid<f64>, places: &[usize]) {
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
    fn follow(&mut self, population: usize, shares: &Grid<f64>, places: &[usize]) {
        let now = (self.offers[population] * share(shares, population, places) * self.scale) as i64;
        let before = std::mem::replace(&mut self.there[population], now);
        self.sum = self.sum.saturating_add(now).saturating_sub(before);
    }

    /// The traffic of all populations is divided like this now.
    fn follow_all(&mut self, shares: &Grid<f64>, places: &[usize]) {
        for population in 0..self.offers.len() {
            self.follow(population, shares, places);
        }
    }

    /// Whether less than this share of it goes elsewhere for certain, whatever rounding takes.
    #[inline]
    fn stays_below(&self, share: f64) -> bool {
        self.sum as f64 > (1.0 - share) * self.whole * self.scale * (1.0 + ROUNDING)
    }

    /// The share of it that goes elsewhere, if anything went there.
    #[inline]
    fn moved(&self) -> Option<f64> {
        (self.whole > 0.0).then(|| 1.0 - self.sum as f64 / self.scale / self.whole)
    }

    /// Whether a milestone is still to come.
    #[inline]
    fn waits(&self) -> bool {
        self.reached.iter().any(Option::is_none)
    }

    /// Notes the milestones that are reached by now.
    #[inline]
    fn note(&mut self, now: SimTime) {
        let Some(next) = self.reached.iter().position(Option::is_none) else { return };
        if self.stays_below(MILESTONES[next] - TOLERANCE) {
            return;
        }
        let Some(moved) = self.moved() else { return };
        for (milestone, share) in self.reached.iter_mut().zip(MILESTONES) {
            if milestone.is_none() && moved >= share - TOLERANCE {
                *milestone = Some(now);
            }
        }
    }
}

/// The share of a population's traffic that goes to these places.
#[inline]
fn share(shares: &Grid<f64>, population: usize, places: &[usize]) -> f64 {
    places.iter().map(|&place| shares[(population, place)]).sum()
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;

    use super::*;

    #[test]
    fn what_went_there_and_goes_elsewhere_has_moved() {
        let mut moves = Following::new(3);
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

    #[test]
    fn each_name_moves_by_itself() {
        // The first asks for one name, the others for another, of which one goes first.
        let mut moves = Moves::new(vec![0, 1, 1], 2);
        let mut shares = Grid::new(3, 2, 0.0);
        (0..3).for_each(|population| shares[(population, 0)] = 1.0);
        moves.begin(|| [600.0, 300.0, 100.0].into_iter(), &shares, &[0]);
        let at = |second: f64| SimTime::ZERO + SimDuration::from_secs_f64(second);
        shares[(1, 0)] = 0.0;
        moves.note(at(1.0), std::iter::once(1), &shares, &[0]);
        shares[(0, 0)] = 0.0;
        moves.note(at(2.0), std::iter::once(0), &shares, &[0]);
        shares[(2, 0)] = 0.0;
        moves.note(at(3.0), std::iter::once(2), &shares, &[0]);
        // Of all 0.3, 0.9 and 1 have gone; of the first name 0, 1 and 1; of the second 0.75, 0.75 and 1.
        let reached = |seconds: [f64; 3]| seconds.map(|second| Some(at(second)));
        assert_eq!(moves.reached(), reached([2.0, 2.0, 3.0]));
        let names: Vec<Reached> = moves.reached_by_name().collect();
        assert_eq!(names, [reached([2.0; 3]), reached([1.0, 3.0, 3.0])]);
        moves.reset();
        assert!(moves.reached_by_name().chain([moves.reached()]).flatten().all(|at| at.is_none()));
    }
}
