//! Requests that are refused at the edge: they reach no region and fail there.
//!
//! The flows are solved for the requests that are let in. The refused ones are added for observers, and taken off again before
//! the flows are solved anew, so that no bit of the flows depends on who watches.

use super::{JourneyFlow, Solver};
use crate::cause::Cause;
use crate::grid::Grid;

/// Which requests are refused, and what the flows are without them.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// Share of each population's requests, and of each journey's, one independent of the other.
    populations: Vec<f64>,
    journeys: Vec<f64>,
    /// Share of each journey in all requests, and the same in those of each set of chains.
    shares: Vec<f64>,
    by_set: Grid<f64>,
    /// By set of chains, the share of requests that is let in as far as journeys go.
    let_in: Vec<f64>,
    /// What each population offers, refused or not.
    offered: Vec<f64>,
    /// Whether anything is refused, and whether that is in the flows now.
    any: bool,
    added: bool,
    /// Flows of what is let in: of each journey, and of each population what it offers and what fails.
    admitted: Vec<JourneyFlow>,
    admitted_by: Vec<(f64, f64)>,
    /// Whether anything has been refused in this trial, and how much is now: of each journey and of each population.
    have_been: bool,
    of_journey: Vec<f64>,
    of_population: Vec<f64>,
}

impl Refused {
    /// Nothing of these populations and journeys is refused.
    pub(super) fn new(populations: usize, shares: &[f64], sets: usize) -> Self {
        Self {
            populations: vec![0.0; populations],
            journeys: vec![0.0; shares.len()],
            shares: shares.to_vec(),
            by_set: Grid::from_fn(sets, shares.len(), |_, journey: usize| shares[journey]),
            let_in: vec![1.0; sets],
            offered: vec![0.0; populations],
            any: false,
            added: false,
            admitted: vec![JourneyFlow::default(); shares.len()],
            admitted_by: vec![(0.0, 0.0); populations],
            have_been: false,
            of_journey: vec![0.0; shares.len()],
            of_population: vec![0.0; populations],
        }
    }

    /// Requests per second of a journey that are refused.
    pub(super) fn rate_of_journey(&self, journey: usize) -> f64 {
        if self.added { self.of_journey[journey] } else { 0.0 }
    }

    /// Requests per second of a population that are refused.
    pub(super) fn rate_of_population(&self, population: usize) -> f64 {
        if self.added { self.of_population[population] } else { 0.0 }
    }

    /// Whether anything has been refused in this trial.
    pub(super) const fn have_been(&self) -> bool {
        self.have_been
    }

    /// Journeys have these shares in the requests of each set of chains.
    pub(super) fn share(&mut self, by_set: &Grid<f64>) {
        self.by_set = by_set.clone();
    }

    /// Share of a population's requests of a journey.
    fn refused(&self, population: usize, journey: usize) -> f64 {
        1.0 - (1.0 - self.populations[population]) * (1.0 - self.journeys[journey])
    }
}

/// The shares of journeys in what is let in, into `kept`; returns the share of all requests that is.
fn admit(shares: &[f64], refused: &[f64], kept: &mut [f64]) -> f64 {
    kept.copy_from_slice(shares);
    if refused.iter().all(|refused| *refused == 0.0) {
        return 1.0;
    }
    let admitted = |(share, refused): (&f64, &f64)| share * (1.0 - refused);
    let let_in = shares.iter().zip(refused).map(admitted).sum::<f64>() / shares.iter().sum::<f64>();
    if let_in > 0.0 {
        let now = shares.iter().zip(refused).map(admitted);
        kept.iter_mut().zip(now).for_each(|(kept, share)| *kept = share / let_in);
    }
    let_in
}

impl Solver {
    /// Nothing is refused any more.
    pub fn refuse_nothing(&mut self) {
        self.refused.populations.fill(0.0);
        self.refused.journeys.fill(0.0);
        self.refused.any = false;
        self.refused.added = false;
        self.refused.have_been = false;
        self.share_what_is_let_in();
    }

    /// The journeys' shares in what is let in, which add up to the whole as those of all requests do.
    fn share_what_is_let_in(&mut self) {
        let Refused { shares, by_set, journeys, let_in, .. } = &mut self.refused;
        admit(shares, journeys, &mut self.shape.journey_shares);
        for (set, let_in) in let_in.iter_mut().enumerate() {
            *let_in = admit(by_set.row(set), journeys, self.shares.row_mut(set));
        }
    }

    /// Whether anything is refused.
    pub(super) const fn refuses(&self) -> bool {
        self.refused.any
    }

    /// Share of a population's requests that are refused, whatever their journey.
    pub fn refused_of_population(&self, population: usize) -> f64 {
        self.refused.populations[population]
    }

    /// Share of a journey's requests that are refused, whoever makes them.
    pub fn refused_of_journey(&self, journey: usize) -> f64 {
        self.refused.journeys[journey]
    }

    /// This share of a population's requests is refused from now on; what it offers has to be told anew.
    pub fn refuse_population(&mut self, population: usize, share: f64) {
        self.take_refused_off();
        self.refused.populations[population] = share;
        self.refused_changed();
    }

    /// This share of a journey's requests is refused from now on; what everybody offers has to be told anew.
    pub fn refuse_journey(&mut self, journey: usize, share: f64) {
        self.take_refused_off();
        self.refused.journeys[journey] = share;
        self.share_what_is_let_in();
        self.refused_changed();
    }

    fn refused_changed(&mut self) {
        let all = self.refused.populations.iter().chain(&self.refused.journeys);
        self.refused.any = all.copied().any(|share| share > 0.0);
        self.everything_changed();
    }

    /// A population offers so many requests per second; returns how many of them are let in.
    pub fn let_in(&mut self, population: usize, offered: f64) -> f64 {
        self.refused.offered[population] = offered;
        if self.refused.any {
            offered
                * (1.0 - self.refused.populations[population])
                * self.refused.let_in[self.shape.chain_sets[population]]
        } else {
            offered
        }
    }

    /// Adds what is refused to the flows, if anything is.
    pub fn add_refused(&mut self) {
        let Self { flow, refused, shape, .. } = self;
        if !refused.any || refused.added {
            return;
        }
        (refused.added, refused.have_been) = (true, true);
        refused.of_journey.fill(0.0);
        refused.admitted.copy_from_slice(&flow.journeys);
        let by = flow.offered.iter().copied().zip(flow.failed.iter().copied());
        refused.admitted_by.iter_mut().zip(by).for_each(|(kept, now)| *kept = now);
        for population in 0..flow.offered.len() {
            let offered = refused.offered[population];
            let mut sum = 0.0;
            for (journey, result) in flow.journeys.iter_mut().enumerate() {
                let share = refused.by_set[(shape.chain_sets[population], journey)];
                let requests = offered * share * refused.refused(population, journey);
                result.offered += requests;
                result.failed += requests;
                result.causes[Cause::NoPath.index()] += requests;
                refused.of_journey[journey] += requests;
                sum += requests;
            }
            refused.of_population[population] = sum;
            flow.offered[population] = offered;
            flow.failed[population] += sum;
        }
    }

    /// Takes off again what was added.
    pub fn take_refused_off(&mut self) {
        let Self { flow, refused, .. } = self;
        if !std::mem::take(&mut refused.added) {
            return;
        }
        flow.journeys.copy_from_slice(&refused.admitted);
        for (population, (offered, failed)) in refused.admitted_by.iter().enumerate() {
            (flow.offered[population], flow.failed[population]) = (*offered, *failed);
        }
    }
}
