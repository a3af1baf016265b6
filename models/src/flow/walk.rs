//! Flows to answers of several addresses: a client tries them in random order, and goes on from one that is dead.
//!
//! Policy `multivalue` answers with up to [`ADDRESSES`] addresses. A dead one costs the client its time to connect; one that
//! answers, if only with an error, ends the walk. One attempt of a request is one walk, so that a retry may find another
//! region. A walk fails where all of its addresses are dead. Where it has waited for longer than clients do before one of
//! them answers, the request has failed as slow: nothing is tried again.

use super::Front;
use crate::clients::Steps;
use crate::fronts::route53::zone::Columns;

/// Addresses in one answer at most (documented). Where there are more endpoints, resolvers get different ones of them.
pub const ADDRESSES: usize = 8;

/// The walks of those who follow one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Walk {
    /// Share of the population.
    pub(super) weight: f64,
    /// Share of walks that end at each live address in time.
    pub(super) live: f64,
    /// Share of walks that find all of their addresses dead, for each dead one.
    pub(super) dead: f64,
    /// Share of walks that would find a live address too late.
    pub(super) late: f64,
    /// Share of walks that end at each live address in time after so many dead ones.
    pub(super) ends: [f64; ADDRESSES],
    /// What a walk takes that finds all of its addresses dead, in seconds.
    pub(super) in_vain: f64,
}

impl Walk {
    /// Walks over so many addresses, of which an answer has at most [`ADDRESSES`], in random order.
    pub(super) fn over(live: usize, dead: usize, weight: f64, steps: Steps) -> Self {
        let all = live + dead;
        let mut walk = Self { weight, ..Self::default() };
        // P(the first `met` addresses are dead).
        let mut met_dead = 1.0;
        for met in 0..all.min(ADDRESSES) {
            let next_dead = met_dead * dead.saturating_sub(met) as f64 / (all - met) as f64;
            let ends_here = met_dead - next_dead;
            if met <= steps.outlasts {
                walk.live += ends_here;
                walk.ends[met] = if live > 0 { ends_here / live as f64 } else { 0.0 };
            } else {
                walk.late += ends_here;
            }
            met_dead = next_dead;
        }
        let each = |share: f64, count: usize| if count > 0 { share / count as f64 } else { 0.0 };
        let in_vain = all.min(ADDRESSES) as f64 * steps.connect;
        Self { live: each(walk.live, live), dead: each(met_dead, dead), in_vain, ..walk }
    }

    /// What walks to each live address have waited on average, times their share, in seconds.
    pub(super) fn waited(&self, connect: f64) -> f64 {
        self.ends.iter().enumerate().map(|(met, share)| share * met as f64 * connect).sum()
    }
}

/// Which answers every population follows, and how it walks through them.
#[derive(Debug)]
pub(super) struct Walks {
    regions: usize,
    /// By population.
    steps: Vec<Steps>,
    each: Vec<Vec<Walk>>,
    /// By population, for each of its walks and each region whether that is in the answer.
    members: Vec<Vec<bool>>,
    /// What records answer with several addresses, where not all that one is led to is in one answer.
    columns: Columns,
    /// Memory for one answer.
    answer: Vec<f64>,
}

impl Walks {
    /// Walks of populations with these steps among so many regions.
    pub(super) fn new(steps: Vec<Steps>, regions: usize, columns: Columns) -> Self {
        let count = steps.len();
        let (each, members) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        Self { regions, steps, each, members, columns, answer: vec![0.0; regions] }
    }

    /// Traffic of a population follows these answers, each with its share of the population, and comes to `shares`.
    pub(super) fn follow_all<'a>(
        &mut self,
        population: usize,
        answers: impl Iterator<Item = (f64, &'a [f64])>,
        fronts: &[Front],
        shares: &mut [f64],
    ) {
        shares.fill(0.0);
        self.each[population].clear();
        self.members[population].clear();
        for (weight, answer) in answers {
            if answer.len() > self.regions {
                self.follow_in_tree(population, weight, answer, fronts, shares);
            } else {
                self.follow(population, weight, answer, fronts, shares);
            }
        }
    }

    /// A population, or a part of it with this weight, goes through the addresses that have a part of this answer; its traffic
    /// comes on top of `shares`.
    fn follow(&mut self, population: usize, weight: f64, answer: &[f64], fronts: &[Front], shares: &mut [f64]) {
        let members = || answer.iter().zip(fronts).filter(|(part, _)| **part > 0.0);
        let dead = members().filter(|(_, front)| front.dead).count();
        let live = members().count() - dead;
        let walk = Walk::over(live, dead, weight, self.steps[population]);
        for ((share, part), front) in shares.iter_mut().zip(answer).zip(fronts) {
            // Who gives up is at a dead address then.
            let ends = if front.dead { walk.dead + walk.late / dead as f64 } else { walk.live };
            *share += if *part > 0.0 { weight * ends } else { 0.0 };
        }
        self.each[population].push(walk);
        self.members[population].extend(answer.iter().map(|part| *part > 0.0));
    }

    /// The same of an answer with columns behind the places: each place by itself is an answer with one address, and so is
    /// what each record answers with several.
    fn follow_in_tree(&mut self, population: usize, weight: f64, answer: &[f64], fronts: &[Front], shares: &mut [f64]) {
        let mut one = std::mem::take(&mut self.answer);
        let (places, columns) = answer.split_at(self.regions);
        for (place, part) in places.iter().enumerate().filter(|(_, part)| **part > 0.0) {
            one.fill(0.0);
            one[place] = 1.0;
            self.follow(population, weight * part, &one, fronts, shares);
        }
        let mut first = 0;
        for record in 0..self.columns.sizes.len() {
            let next = first + self.columns.sizes[record];
            let part: f64 = columns[first..next].iter().sum();
            if part > 0.0 {
                one.fill(0.0);
                // An address that is there twice is one address.
                for (place, part) in self.columns.places[first..next].iter().zip(&columns[first..next]) {
                    one[place.index()] += part;
                }
                self.follow(population, weight * part, &one, fronts, shares);
            }
            first = next;
        }
        self.answer = one;
    }

    /// The walks of a population, each with the regions that its answer has.
    pub(super) fn of(&self, population: usize) -> impl Iterator<Item = (&Walk, &[bool])> {
        self.each[population].iter().zip(self.members[population].chunks_exact(self.regions))
    }
}
