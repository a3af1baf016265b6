//! Several levers together: the best pair, and the smallest set that meets all objectives.

use std::collections::BTreeMap;

use super::bench::{Base, Bench, Candidate, Search};
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
    /// None of those that were tried does.
    None {
        /// The one that comes nearest; nothing if no lever helps.
        nearest: Option<TriedSet>,
        /// How many sets were tried over all trials, levers alone among them.
        tried: usize,
    },
}

/// A set with its score.
pub(super) type Scored = (TriedSet, Score);

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
    fn go_together(&self, set: &[usize]) -> bool {
        let mut pairs = set.iter().enumerate().flat_map(|(at, one)| set[..at].iter().map(move |other| (*one, *other)));
        pairs.all(|(one, other)| self.levers[one].goes_with(&self.levers[other]))
    }

    fn levers(&self, set: &[usize]) -> Vec<&Lever> {
        set.iter().map(|&index| &self.levers[index]).collect()
    }

    /// Runs a set over all trials. Nothing of levers that the file refuses together, or with which a trial fails.
    fn run(&self, set: &[usize]) -> Result<Option<Scored>, Failure> {
        if !self.go_together(set) {
            return Ok(None);
        }
        let Ok(mut candidate) = self.bench.candidate(&self.levers(set)) else { return Ok(None) };
        self.bench.run(&mut candidate, self.trials)?;
        if candidate.failed.is_some() {
            return Ok(None);
        }
        let score = Score::new(self.targets, &self.base.first(candidate.trials()), &candidate.outcomes());
        Ok(Some((self.set(set, &candidate), score)))
    }

    /// The pairs of the levers that help most, of those that go together, the best first; those that fall out early are left out.
    pub(super) fn pairs(&self, ranked: &[usize]) -> Result<Vec<Scored>, Failure> {
        let best = &ranked[..ranked.len().min(PAIRED)];
        let (mut pairs, mut candidates) = (Vec::new(), Vec::new());
        for (at, &one) in best.iter().enumerate() {
            for pair in best[at + 1..].iter().map(|&other| [one, other]).filter(|pair| self.go_together(pair)) {
                // Levers that a file refuses together are no pair.
                if let Ok(candidate) = self.bench.candidate(&self.levers(&pair)) {
                    pairs.push(pair);
                    candidates.push(candidate);
                }
            }
        }
        let mut search = Search { bench: self.bench, targets: self.targets, base: self.base, candidates };
        let placed = Ladder::of_pairs(self.trials).climb(pairs.len(), &mut search)?;
        let whole = placed.iter().filter(|one| one.trials == self.trials);
        let scored = whole.filter_map(|one| {
            let candidate = &search.candidates[one.candidate];
            let tried = || (self.set(&pairs[one.candidate], candidate), one.score);
            candidate.failed.is_none().then(tried)
        });
        Ok(scored.collect())
    }

    fn set(&self, levers: &[usize], candidate: &Candidate<O::Source>) -> TriedSet {
        let outcome = Outcome::new(self.targets, self.base, candidate, self.seed, true);
        let cost = Bill::more(candidate.experiment.header.bill.as_ref(), self.base_bill);
        TriedSet { levers: levers.to_vec(), outcome, cost }
    }

    /// The smallest set that meets all objectives. `singles` and `pairs` are levers that ran all trials; `ranked` are all that
    /// gain something, the best first; `harmless` are those of them that make no objective worse.
    pub(super) fn smallest(
        &self,
        singles: &[Scored],
        pairs: &[Scored],
        ranked: &[usize],
        harmless: &[usize],
    ) -> Result<Smallest, Failure> {
        let mut meeting: Vec<&TriedSet> =
            singles.iter().map(|(set, _)| set).filter(|set| set.outcome.meets_all()).collect();
        // Where costs do not tell, the one with the least to do.
        meeting.sort_by_key(|set| self.levers[set.levers[0]].kind.effort());
        let pair = || pairs.iter().map(|(set, _)| set).find(|set| set.outcome.meets_all());
        if let Some(found) = cheapest(meeting.into_iter()).or_else(pair) {
            return Ok(Smallest::Found(found.clone()));
        }
        let mut walk = Walk { sets: self, known: BTreeMap::new() };
        for scored in singles.iter().chain(pairs) {
            walk.known.insert(key(&scored.0.levers), Some(scored.clone()));
        }
        let mut best: Option<Scored> = singles.iter().cloned().reduce(nearer);
        let single = || ranked.iter().take(1).copied().collect();
        let start: Vec<usize> = pairs.first().map_or_else(single, |(pair, _)| pair.levers.clone());
        // A lever that makes an objective worse may spoil what the others achieve.
        let starts = [(start, ranked), (harmless.iter().take(1).copied().collect(), harmless)];
        for (start, among) in starts.into_iter().filter(|(start, _)| !start.is_empty()) {
            if best.as_ref().is_some_and(|(set, _)| set.outcome.meets_all()) {
                break;
            }
            best = match (best, walk.forward(&start, among)?) {
                (Some(best), Some(found)) => Some(nearer(best, found)),
                (best, found) => best.or(found),
            };
        }
        let nearest = match best {
            Some(best) if best.0.outcome.standing().missed == 0 => Some(walk.back(best)?.0),
            best => best.map(|(set, _)| set),
        };
        let tried = walk.known.values().flatten().count();
        Ok(match nearest {
            Some(set) if set.outcome.meets_all() => Smallest::Found(set),
            nearest => Smallest::None { nearest, tried },
        })
    }
}

/// The one of two that is nearer to all objectives, the first of equals.
fn nearer(one: Scored, other: Scored) -> Scored {
    let standing = |scored: &Scored| scored.0.outcome.standing();
    let order = standing(&one).cmp(&standing(&other)).then(other.1.order(&one.1));
    if order.is_gt() { other } else { one }
}

/// A set by which it is found again, in whatever order it was put together.
fn key(set: &[usize]) -> Vec<usize> {
    let mut key = set.to_vec();
    key.sort_unstable();
    key
}

/// A way through sets, each of which runs once.
struct Walk<'s, 'b, 'a, O: Open> {
    sets: &'s Sets<'b, 'a, O>,
    known: BTreeMap<Vec<usize>, Option<Scored>>,
}

impl<O: Open> Walk<'_, '_, '_, O> {
    fn tried(&mut self, set: &[usize]) -> Result<Option<Scored>, Failure> {
        if let Some(known) = self.known.get(&key(set)) {
            return Ok(known.clone());
        }
        let found = self.sets.run(set)?;
        self.known.insert(key(set), found.clone());
        Ok(found)
    }

    /// Adds each lever that brings the set nearer to all objectives, until it meets them.
    fn forward(&mut self, start: &[usize], among: &[usize]) -> Result<Option<Scored>, Failure> {
        let Some(mut best) = self.tried(start)? else { return Ok(None) };
        for &lever in among.iter().filter(|lever| !start.contains(lever)) {
            if best.0.outcome.meets_all() {
                break;
            }
            let with: Vec<usize> = best.0.levers.iter().copied().chain([lever]).collect();
            if let Some(found) = self.tried(&with)? {
                best = nearer(best, found);
            }
        }
        Ok(Some(best))
    }

    /// Leaves out each lever without which the set is as near to all objectives, the last ones first.
    fn back(&mut self, set: Scored) -> Result<Scored, Failure> {
        let mut best = set;
        for lever in best.0.levers.clone().into_iter().rev() {
            let without: Vec<usize> = best.0.levers.iter().copied().filter(|&other| other != lever).collect();
            if without.is_empty() {
                break;
            }
            if let Some(found) = self.tried(&without)?
                && found.0.outcome.standing() <= best.0.outcome.standing()
            {
                best = found;
            }
        }
        Ok(best)
    }
}

/// The cheapest of some sets; the first where costs are not known.
fn cheapest<'s>(sets: impl Iterator<Item = &'s TriedSet>) -> Option<&'s TriedSet> {
    let known = |set: &TriedSet| set.cost.as_ref().filter(|cost| cost.is_whole()).map(|cost| cost.amount);
    sets.reduce(|best, other| match (known(best), known(other)) {
        (Some(cost), Some(less)) if less < cost => other,
        _ => best,
    })
}
