//! What a candidate does to each objective, and what that makes it.

use sim_core::stats::Difference;

use super::bench::{Base, Candidate};
use super::target::Target;
use crate::analyze::{Refusal, Summary, Verdict};
use crate::compare::{difference, worse_by};
use crate::documents::ObjectiveDocument;
use crate::run::Trials;

/// What turning a lever amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It is better in something that is wanted, and worse in nothing, beyond doubt.
    Helps,
    /// It is better in something that is wanted and worse in something else, beyond doubt.
    Trades,
    /// Nothing is shown.
    Open,
    /// Not one trial differs.
    Same,
    /// It is worse in something and better in nothing that is wanted, beyond doubt.
    Harms,
}

impl Effect {
    /// As documents write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Helps => "helps",
            Self::Trades => "trades",
            Self::Open => "open",
            Self::Same => "same",
            Self::Harms => "harms",
        }
    }
}

/// How many objectives are not met, the nearest to all of them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// Those that are missed.
    pub missed: usize,
    /// Those that are neither met nor missed for sure.
    pub open: usize,
}

/// What a candidate does to each target.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its trials.
    pub trials: u64,
    /// Its figure minus the file's, target by target.
    pub differences: Vec<Result<Difference, Refusal>>,
    /// Its own objectives, if it ran all trials.
    pub judged: Option<Vec<ObjectiveDocument>>,
}

impl Outcome {
    /// The outcome of a candidate beside the file as it is. Its objectives are judged where `judge` says so.
    pub(super) fn new<S: Trials>(
        targets: &[Target],
        base: &Base,
        candidate: &Candidate<S>,
        seed: u64,
        judge: bool,
    ) -> Self {
        let own = candidate.outcomes();
        let base = base.first(candidate.trials());
        let of = |target: &Target| difference(target.figure, &base, &own, seed, "advise");
        let differences = targets.iter().map(of).collect();
        Self { trials: candidate.trials(), differences, judged: judge.then(|| judged(candidate)) }
    }

    /// What it amounts to; `wanted` are the targets that have to get better.
    pub(super) fn effect(&self, targets: &[Target], wanted: &[usize], same: bool) -> Effect {
        if same {
            return Effect::Same;
        }
        let worse = |index: usize| {
            let found = self.differences[index].as_ref().ok()?;
            Some(worse_by(targets[index].figure.indicator, found.interval))
        };
        let better = wanted.iter().any(|&index| worse(index).is_some_and(|worse| worse.high < 0.0));
        let harmed = (0..targets.len()).any(|index| worse(index).is_some_and(|worse| worse.low > 0.0));
        match (better, harmed) {
            (true, false) => Effect::Helps,
            (true, true) => Effect::Trades,
            (false, true) => Effect::Harms,
            (false, false) => Effect::Open,
        }
    }

    /// Whether the difference of a target is another one.
    pub(super) fn differs_from(&self, other: &Self, target: usize) -> bool {
        let found = |one: &Self| one.differences[target].as_ref().ok().map(|found| (found.estimate, found.interval));
        found(self) != found(other)
    }

    /// How far it is from meeting all objectives.
    pub fn standing(&self) -> Standing {
        let count = |is: fn(Verdict) -> bool| {
            let all = self.judged.iter().flatten();
            all.filter(|one| is(one.verdict)).count()
        };
        if self.judged.is_none() {
            return Standing { missed: usize::MAX, open: usize::MAX };
        }
        Standing {
            missed: count(|verdict| verdict == Verdict::Missed),
            open: count(|verdict| matches!(verdict, Verdict::Undecided | Verdict::NotJudged)),
        }
    }

    /// Whether every objective is met, and there is at least one.
    pub fn meets_all(&self) -> bool {
        self.judged.as_ref().is_some_and(|all| !all.is_empty() && all.iter().all(|one| one.verdict == Verdict::Met))
    }
}

/// The objectives of a candidate, held against its own trials.
pub(super) fn judged<S: Trials>(candidate: &Candidate<S>) -> Vec<ObjectiveDocument> {
    let summary = Summary::new(&candidate.experiment.header, &candidate.table);
    let quantiles = summary.objectives.iter().map(ObjectiveDocument::from);
    quantiles.chain(summary.budgets().map(ObjectiveDocument::from)).collect()
}
