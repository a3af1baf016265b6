//! Several levers together: the best pair, and the smallest set that meets all objectives.

use super::bench::{Base, Bench, Search};
use super::effect::Outcome;
use super::ladder::Ladder;
use super::score::Score;
use super::target::Target;
use crate::cost::{Bill, More};
use crate::exit::Failure;
use crate::levers::Lever;
use crate::run::Open;

/// Levers that were tried together.
#[derive(Debug, Clone, PartialEq)]
pub struct TriedSet {
    /// Their numbers among all levers, in their order of rank.
    pub levers: Vec<usize>,
    /// What they do together.
    pub outcome: Outcome,
    /// By how much a month costs more than with the file as it is, if there are prices.
    pub cost: Option<More>,
}

/// The smallest set of levers that meets all objectives.
#[derive(Debug, Clone, PartialEq)]
pub enum Smallest {
    /// There are no objectives.
    NoObjectives,
    /// All are met as it is.
    AsItIs,
    /// This one; no smaller one among those that were tried.
    Found(TriedSet),
    /// None of them does, not even these together, which help; nothing if none helps.
    None(Option<TriedSet>),
}

/// What sets are made of.
pub(super) struct Sets<'b, 'a, O: Open> {
    pub(super) bench: &'b Bench<'a, O>,
    pub(super) targets: &'b [Target],
    pub(super) base: &'b Base,
    pub(super) base_bill: Option<&'b Bill>,
    pub(super) levers: &'b [Lever],
    pub(super) seed: u64,
    /// Trials of a whole run.
    pub(super) trials: u64,
}

/// Levers of which pairs are made.
const PAIRED: usize = 6;

impl<O: Open> Sets<'_, '_, O> {
    fn together(&self, set: &[usize]) -> bool {
        let pairs = set.iter().enumerate().flat_map(|(at, one)| set[..at].iter().map(move |other| (*one, *other)));
        let levers: Vec<&Lever> = set.iter().map(|&index| &self.levers[index]).collect();
        pairs.into_iter().all(|(one, other)| self.levers[one].goes_with(&self.levers[other]))
            && self.bench.candidate(&levers).is_ok()
    }

    /// Runs a set over all trials.
    pub(super) fn tried(&self, set: &[usize]) -> Result<(TriedSet, Score), Failure> {
        let levers: Vec<&Lever> = set.iter().map(|&index| &self.levers[index]).collect();
        let mut candidate = self.bench.candidate(&levers)?;
        self.bench.run(&mut candidate, self.trials)?;
        let outcome = Outcome::new(self.targets, self.base, &candidate, self.seed, true);
        let score = Score::new(self.targets, &self.base.first(candidate.trials()), &candidate.outcomes());
        let cost = Bill::more(candidate.experiment.header.bill.as_ref(), self.base_bill);
        Ok((TriedSet { levers: set.to_vec(), outcome, cost }, score))
    }

    /// The best pair of the levers that help most, if two of them go together.
    pub(super) fn best_pair(&self, ranked: &[usize]) -> Result<Option<TriedSet>, Failure> {
        let best = &ranked[..ranked.len().min(PAIRED)];
        let mut pairs: Vec<[usize; 2]> = Vec::new();
        for (at, &one) in best.iter().enumerate() {
            pairs.extend(
                best[at + 1..]
                    .iter()
                    .map(|&other| [one, other])
                    .filter(|[one, other]| self.levers[*one].goes_with(&self.levers[*other])),
            );
        }
        if pairs.is_empty() {
            return Ok(None);
        }
        let mut candidates = Vec::new();
        // Levers that a file refuses together are no pair.
        pairs.retain(|pair| match self.bench.candidate(&pair.map(|index| &self.levers[index])) {
            Ok(candidate) => {
                candidates.push(candidate);
                true
            }
            Err(_) => false,
        });
        if pairs.is_empty() {
            return Ok(None);
        }
        let mut search = Search { bench: self.bench, targets: self.targets, base: self.base, candidates };
        let ladder = Ladder::of_pairs(self.trials);
        let placed = ladder.climb(pairs.len(), &mut search)?;
        let first = placed[0];
        let candidate = &search.candidates[first.candidate];
        let outcome = Outcome::new(self.targets, self.base, candidate, self.seed, candidate.trials() == self.trials);
        let cost = Bill::more(candidate.experiment.header.bill.as_ref(), self.base_bill);
        Ok(Some(TriedSet { levers: pairs[first.candidate].to_vec(), outcome, cost }))
    }

    /// The smallest set that meets all objectives. `singles` are levers that ran all trials with their outcomes; `ranked`
    /// are all that gain something, the best first.
    pub(super) fn smallest(
        &self,
        singles: &[TriedSet],
        pair: Option<&TriedSet>,
        ranked: &[usize],
    ) -> Result<Smallest, Failure> {
        let mut meeting: Vec<&TriedSet> = singles.iter().filter(|set| set.outcome.meets_all()).collect();
        // Where costs do not tell, the one with the least to do.
        meeting.sort_by_key(|set| self.levers[set.levers[0]].kind.effort());
        let one = cheapest(meeting.into_iter());
        if let Some(found) = one.or(pair.filter(|pair| pair.outcome.meets_all())) {
            return Ok(Smallest::Found(found.clone()));
        }
        let mut all: Vec<usize> = Vec::new();
        for &lever in ranked {
            let with: Vec<usize> = all.iter().copied().chain([lever]).collect();
            if self.together(&with) {
                all = with;
            }
        }
        if all.is_empty() {
            return Ok(Smallest::None(None));
        }
        let (everything, _) = self.tried(&all)?;
        if !everything.outcome.meets_all() {
            return Ok(Smallest::None(Some(everything)));
        }
        // Forward from the best pair, one lever at a time; then back, without those that are not needed.
        let start = pair.map_or_else(|| all[..1].to_vec(), |pair| pair.levers.clone());
        let mut set = start.clone();
        let mut met = everything;
        for &lever in all.iter().filter(|lever| !start.contains(lever)) {
            let with: Vec<usize> = set.iter().copied().chain([lever]).collect();
            if !self.together(&with) {
                continue;
            }
            set = with;
            let (tried, _) = self.tried(&set)?;
            if tried.outcome.meets_all() {
                met = tried;
                break;
            }
        }
        for lever in met.levers.clone() {
            let without: Vec<usize> = met.levers.iter().copied().filter(|&other| other != lever).collect();
            if without.len() < 2 {
                break;
            }
            let (tried, _) = self.tried(&without)?;
            if tried.outcome.meets_all() {
                met = tried;
            }
        }
        Ok(Smallest::Found(met))
    }
}

/// The cheapest of some sets; the first where costs are not known.
fn cheapest<'s>(sets: impl Iterator<Item = &'s TriedSet>) -> Option<&'s TriedSet> {
    let known = |set: &TriedSet| set.cost.as_ref().filter(|cost| cost.unpriced.is_empty()).map(|cost| cost.amount);
    sets.reduce(|best, other| match (known(best), known(other)) {
        (Some(cost), Some(less)) if less < cost => other,
        _ => best,
    })
}
