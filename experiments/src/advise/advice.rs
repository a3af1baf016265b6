//! The search for advice, from the levers of a file to their ranking.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use super::bench::{Base, Bench, Candidate, Search};
use super::effect::{Effect, Outcome, judged};
use super::ladder::Ladder;
use super::sets::{Sets, Smallest, TriedSet};
use super::target::Target;
use crate::analyze::Verdict;
use crate::cost::{Bill, More};
use crate::documents::{FindingDocument, ObjectiveDocument};
use crate::exit::Failure;
use crate::file::Whereabouts;
use crate::finding::Finding;
use crate::header::Header;
use crate::levers::Lever;
use crate::run::{Open, Overrides, RunError, Stop, Trials as _};

/// A question for advice.
pub struct Ask<'a, O> {
    /// Opens the file.
    pub open: &'a O,
    /// The file.
    pub path: &'a Path,
    /// What the command line changes in it.
    pub overrides: &'a Overrides,
    /// The rungs of the search; one rung runs every lever over all trials.
    pub ladder: Ladder,
    /// Threads to run on.
    pub threads: NonZeroUsize,
    /// Ends the search.
    pub stop: &'a Stop,
    /// Told how many trials are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Words for a failed trial.
    pub failed: &'a dyn Fn(&RunError, &Overrides) -> Failure,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The experiment.
    pub header: Header,
    /// The file, as the user wrote it.
    pub file: String,
    /// Trials of the file as it is, and of the levers that are left in the end.
    pub trials: u64,
    /// What levers are held against.
    pub targets: Vec<Target>,
    /// The targets that have to get better: objectives that are missed; else those that are undecided; else all.
    pub wanted: Vec<usize>,
    /// The objectives of the file as it is.
    pub objectives: Vec<ObjectiveDocument>,
    /// Levers, the best first.
    pub turned: Vec<Turned>,
    /// Levers that were not tried.
    pub refused: Vec<Unturned>,
    /// The best pair, if any two help together.
    pub pair: Option<TriedSet>,
    /// The smallest set that meets all objectives.
    pub smallest: Smallest,
    /// How much work the search was.
    pub work: Work,
}

impl Advice {
    /// The set that leaves no objective missed, if the file misses one.
    pub fn plan(&self) -> Option<&TriedSet> {
        match &self.smallest {
            Smallest::Found(set) => Some(set),
            Smallest::None { nearest, .. } => {
                let misses = self.objectives.iter().any(|one| one.verdict == Verdict::Missed);
                nearest.as_ref().filter(|set| misses && set.outcome.standing().missed == 0)
            }
            Smallest::NoObjectives | Smallest::AsItIs => None,
        }
    }

    /// The lever to turn first. Of a set that leaves nothing missed all have to be turned, and the one with the least to do is
    /// done soonest, if it is of any use before the others. Without such a set it is the one that helps most.
    pub fn first(&self) -> Option<&Turned> {
        let helps = || self.turned.iter().find(|turned| turned.effect == Effect::Helps);
        let planned = self.plan().into_iter().flat_map(|set| &set.levers).filter_map(|&lever| self.turned.get(lever));
        let alone = planned.filter(|turned| matches!(turned.effect, Effect::Helps | Effect::Open));
        alone.min_by_key(|turned| turned.lever.kind.effort()).or_else(helps)
    }
}

/// A lever and what it does alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Turned {
    /// The lever.
    pub lever: Lever,
    /// Of each of its changes, where that is in the file.
    pub places: Vec<Place>,
    /// What it does.
    pub outcome: Outcome,
    /// What that amounts to.
    pub effect: Effect,
    /// By how much a month costs more than with the file as it is, if there are prices.
    pub cost: Option<More>,
    /// What `mrsim check` finds with it and not without it.
    pub findings: Vec<FindingDocument>,
}

/// Where a setting is, or would be; nothing for one that belongs to the top of the file.
pub type Place = Option<Whereabouts>;

/// A lever that was not tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Unturned {
    /// The lever.
    pub lever: Lever,
    /// Why.
    pub why: Untried,
}

/// Why a lever was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untried {
    /// The file refuses it, with this message.
    Refused(String),
    /// A trial fails with it, with this message: a mistake of the program.
    Failed(String),
}

impl Untried {
    /// What the file or the trial says.
    pub fn message(&self) -> &str {
        let (Self::Refused(message) | Self::Failed(message)) = self;
        message
    }
}

/// How much work a search was, in trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Trials of all levers by themselves.
    pub alone: u64,
    /// What these would have been without halving.
    pub grid: u64,
    /// Trials of everything: the file as it is, levers alone, pairs and sets.
    pub all: u64,
}

/// Tries every lever of a file, and what helps in pairs and sets.
///
/// # Errors
/// When the file cannot be opened, a trial fails, or the search is stopped.
pub fn advise<O: Open>(ask: &Ask<'_, O>) -> Result<Advice, Failure> {
    let Ask { open, path, overrides, ladder, threads, stop, progress, failed } = ask;
    let trials = ladder.last;
    let bench = Bench {
        open: *open,
        path,
        overrides,
        threads: *threads,
        stop,
        progress: *progress,
        failed: *failed,
        done: AtomicU64::new(0),
    };
    let mut base = bench.candidate(&[])?;
    let header = base.experiment.header.clone();
    let (targets, seed) = (Target::all(&header), header.seed);
    let (mut levers, mut candidates, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for lever in base.experiment.source.levers(&header.resolved) {
        match bench.candidate(&[&lever]) {
            Ok(candidate) => {
                levers.push(lever);
                candidates.push(candidate);
            }
            Err(failure) => refused.push(Unturned { lever, why: Untried::Refused(first_line(&failure.message)) }),
        }
    }
    let outcomes = Base::run(&bench, &mut base, &targets, ladder)?;
    let objectives = judged(&base);
    let wanted = wanted(&targets, &objectives);
    let mut search = Search { bench: &bench, targets: &targets, base: &outcomes, candidates };
    let mut placed = ladder.climb(levers.len(), &mut search)?;
    placed.retain(|one| {
        let failed = search.candidates[one.candidate].failed.as_ref();
        let why = failed.map(|error| Untried::Failed(first_line(&error.to_string())));
        refused.extend(why.clone().map(|why| Unturned { lever: levers[one.candidate].clone(), why }));
        why.is_none()
    });
    let alone: u64 = search.candidates.iter().map(Candidate::trials).sum();
    let work = Work { alone, grid: trials * levers.len() as u64, all: 0 };
    let keys: Vec<String> =
        levers.iter().flat_map(|lever| lever.changes.iter().map(|change| change.key.clone())).collect();
    let mut places = open.whereabouts(path, overrides, &keys)?.into_iter();
    let places: Vec<Vec<Place>> =
        levers.iter().map(|lever| lever.changes.iter().map(|_| places.next().unwrap_or_default()).collect()).collect();
    let (mut ranked, mut harmless, mut singles, mut turned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in &placed {
        let candidate = &search.candidates[one.candidate];
        let outcome = Outcome::new(&targets, &outcomes, candidate, seed, one.trials == trials);
        let effect = outcome.effect(&targets, &wanted, one.same);
        let cost = Bill::more(candidate.experiment.header.bill.as_ref(), header.bill.as_ref());
        if one.score.gains() && matches!(effect, Effect::Helps | Effect::Trades | Effect::Open) {
            ranked.push(one.candidate);
            if effect != Effect::Trades {
                harmless.push(one.candidate);
            }
            if one.trials == trials {
                let set = TriedSet { levers: vec![one.candidate], outcome: outcome.clone(), cost: cost.clone() };
                singles.push((set, one.score));
            }
        }
        let (lever, places) = (levers[one.candidate].clone(), places[one.candidate].clone());
        let findings = new_findings(&base.experiment.findings, &candidate.experiment.findings);
        turned.push(Turned { lever, places, outcome, effect, cost, findings });
    }
    // Numbers in sets are those of the ranking.
    let rank_of = |candidate: usize| placed.iter().position(|placed| placed.candidate == candidate).unwrap_or(0);
    let sets = Sets {
        bench: &bench,
        targets: &targets,
        base: &outcomes,
        base_bill: header.bill.as_ref(),
        levers: &levers,
        seed,
        trials,
    };
    let met = !objectives.is_empty() && objectives.iter().all(|one| one.verdict == Verdict::Met);
    let pairs = if met { Vec::new() } else { sets.pairs(&ranked)? };
    // A pair that gains what one of the two gains alone is no pair.
    let pair = pairs.first().map(|(pair, _)| pair).filter(|pair| {
        let mut alone =
            singles.iter().map(|(single, _)| single).filter(|single| pair.levers.contains(&single.levers[0]));
        alone.all(|single| wanted.iter().any(|&index| pair.outcome.differs_from(&single.outcome, index)))
    });
    let mut smallest = match (objectives.is_empty(), met) {
        (true, _) => Smallest::NoObjectives,
        (_, true) => Smallest::AsItIs,
        _ => sets.smallest(&singles, &pairs, &ranked, &harmless)?,
    };
    let numbered = |set: &mut TriedSet| {
        set.levers.iter_mut().for_each(|lever| *lever = rank_of(*lever));
        set.levers.sort_unstable();
    };
    let mut pair = pair.cloned();
    pair.iter_mut().for_each(numbered);
    if let Smallest::Found(set) | Smallest::None { nearest: Some(set), .. } = &mut smallest {
        numbered(set);
    }
    let all = bench.done.load(std::sync::atomic::Ordering::Relaxed);
    Ok(Advice {
        header,
        file: path.display().to_string(),
        trials,
        targets,
        wanted,
        objectives,
        turned,
        refused,
        pair,
        smallest,
        work: Work { all, ..work },
    })
}

/// What is found with a lever and not without it.
fn new_findings(base: &[Finding], own: &[Finding]) -> Vec<FindingDocument> {
    let known = |one: &Finding| base.iter().any(|known| (known.kind, &known.path) == (one.kind, &one.path));
    let new: Vec<Finding> = own.iter().filter(|one| !known(one)).cloned().collect();
    FindingDocument::all(&new)
}

/// The targets that have to get better.
fn wanted(targets: &[Target], objectives: &[ObjectiveDocument]) -> Vec<usize> {
    let of = |verdicts: &[Verdict]| {
        let is = |target: &Target| target.verdict(objectives).is_some_and(|verdict| verdicts.contains(&verdict));
        let own = targets.iter().enumerate().filter(|(_, target)| is(target));
        own.map(|(index, _)| index).collect::<Vec<_>>()
    };
    let missed = of(&[Verdict::Missed]);
    let open = of(&[Verdict::Undecided, Verdict::NotJudged]);
    match (missed.is_empty(), open.is_empty()) {
        (false, _) => missed,
        (true, false) => open,
        (true, true) => (0..targets.len()).collect(),
    }
}

/// The first line of a message, without colours.
fn first_line(message: &str) -> String {
    let plain = anstream::adapter::strip_str(message).to_string();
    plain.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}
