//! Running the sets, and what follows from them.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use super::belief::{Belief, beliefs};
use super::interval::Runs;
use super::judging::Judging;
use super::observed::{Observed, Outcome, outcomes};
use super::sets::{Set, ends, other_sets, sets};
use crate::analyze::{Sample, Summary};
use crate::header::Header;
use crate::run::{Ended, RunError, Stop, Trials, run_trials};
use crate::table::TrialTable;
use crate::unknown::{Unknown, Varied};

/// Trials in which each figure is tried by itself: enough to meet whatever happens in a hundredth of all.
const PROBED: u64 = 200;

/// How many sets run without being asked for, and with how many trials each at least.
const DEFAULT_SETS: u64 = 32;
const DEFAULT_TRIALS: u64 = 100;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// How many sets of figures.
    pub sets: u64,
    /// How many trials each of them runs at most; no more than the run has.
    pub trials: u64,
    /// Whether total indices are asked for, which take as many sets again for each figure.
    pub full: bool,
}

/// The sets that a report affords without being asked: all of them together run twice as many trials as the run itself, and
/// each enough for the highest quantile of the objectives. Nothing where those would be too few, or the run is long.
pub fn default_request(header: &Header, trials: u64) -> Option<Request> {
    /// From so many trials on, a run is long by its author's own choice.
    const LONG: u64 = 20_000;
    let each = 2 * trials / DEFAULT_SETS;
    let supported = |quantile: f64| {
        let values = Sample::new((0..each).map(|value| value as f64));
        values.quantile(quantile).is_ok()
    };
    let enough = outcomes(header).iter().filter_map(|outcome| outcome.quantile).all(supported);
    (trials <= LONG && each >= DEFAULT_TRIALS && enough).then_some(Request {
        sets: DEFAULT_SETS,
        trials: each,
        full: false,
    })
}

/// How many trials all sets together run, apart from those in which figures are tried by themselves.
pub fn cost<S: Trials>(source: &S, request: Request, trials: u64) -> u64 {
    let figures = beliefs(source.figures()).len() as u64;
    let times = if request.full { 1 + figures } else { 1 };
    request.sets * request.trials.min(trials) * times
}

/// Runs an experiment whose trials are in `table` again with other figures. Nothing if nothing is uncertain in it, or if a
/// stop was asked for.
///
/// # Errors
/// When a trial fails with other figures.
pub fn study<S: Trials>(
    source: &S,
    header: &Header,
    (summary, table): (&Summary, &TrialTable),
    request: Request,
    threads: NonZeroUsize,
    progress: &(dyn Fn(u64) + Sync),
    stop: &Stop,
) -> Result<Option<Unknown>, RunError> {
    let beliefs = beliefs(source.figures());
    if beliefs.is_empty() || table.is_empty() {
        return Ok(None);
    }
    let trials = request.trials.min(table.len() as u64);
    let work = Work { source, header, beliefs: &beliefs, first: table.first_trial(), threads, progress, stop };
    let same = part(table, trials);
    let outcomes: Vec<Outcome> = outcomes(header);
    let Some(idle) = work.idle(&part(table, trials.min(PROBED)))? else { return Ok(None) };
    let drawn = sets(&beliefs, request.sets as usize, header.seed);
    let mut held = vec![0; beliefs.len()];
    let Some(observed) = work.run_all(&drawn, trials, &outcomes, 0, &mut held)? else { return Ok(None) };
    let exchanged = if request.full {
        let others = other_sets(&beliefs, request.sets as usize, header.seed);
        let mut exchanged = Vec::new();
        for (figure, idle) in idle.iter().enumerate() {
            if *idle {
                exchanged.push(None);
                continue;
            }
            let mixed: Vec<Set> = drawn.iter().zip(&others).map(|(set, other)| set.with(figure, other)).collect();
            let done = (figure as u64 + 1) * request.sets * trials;
            let mut ignored = vec![0; beliefs.len()];
            let Some(values) = work.run_all(&mixed, trials, &outcomes, done, &mut ignored)? else { return Ok(None) };
            exchanged.push(Some(values));
        }
        exchanged
    } else {
        Vec::new()
    };
    let judged = outcomes.iter().enumerate().map(|(index, outcome)| {
        let file = Observed::of(header, table, outcome.measured);
        let same = Observed::of(header, &same, outcome.measured);
        let runs = Runs { file: &file, same: &same, sets: &observed[index], shifts: None };
        let exchanged: Vec<Option<&[Observed]>> =
            exchanged.iter().map(|one| one.as_ref().map(|values| values[index].as_slice())).collect();
        let judging = Judging { outcome, header, summary, beliefs: &beliefs, idle: &idle, sets: &drawn, trials };
        judging.judge(&runs, &exchanged)
    });
    let objectives = judged.collect();
    let varied = |(figure, belief): (usize, &Belief)| {
        let shown = drawn.iter().map(|set| set.0[figure].shown);
        let (low, high) =
            shown.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
        Varied {
            path: belief.path.clone(),
            also: belief.paths.iter().filter(|path| !is_same(path, &belief.path)).cloned().collect(),
            belief: belief.words(),
            low,
            high,
            idle: idle[figure],
            held: held[figure],
        }
    };
    Ok(Some(Unknown {
        sets: request.sets,
        trials,
        objectives,
        figures: beliefs.iter().enumerate().map(varied).collect(),
        probed: trials.min(PROBED),
        choices: choices(header, &beliefs),
    }))
}

/// The guesses in use that were not varied.
fn choices(header: &Header, beliefs: &[Belief]) -> Vec<String> {
    let varied = |path: &String| {
        beliefs.iter().any(|belief| belief.path == *path || belief.paths.iter().any(|own| is_same(own, path)))
    };
    header.assumed.iter().map(|figure| &figure.path).filter(|path| !varied(path)).cloned().collect()
}

/// Whether a path is another name of a figure: a region's own table has what the common one has.
fn is_same(path: &str, shown: &str) -> bool {
    path == shown || (path.starts_with("regions.") && path.ends_with(&format!(".{shown}")))
}

/// The first rows of a table.
fn part(table: &TrialTable, trials: u64) -> TrialTable {
    let mut part = TrialTable::new(table.columns().clone(), table.first_trial());
    let rows: Vec<f64> = table.rows().take(trials as usize).flat_map(Cow::into_owned).collect();
    part.append(&rows);
    let end = table.first_trial() + trials;
    let outages: Vec<_> = table.outages().filter(|outage| outage.trial < end).collect();
    part.append_outages(&outages);
    part
}

/// Everything that running a set takes.
struct Work<'a, S> {
    source: &'a S,
    header: &'a Header,
    beliefs: &'a [Belief],
    first: u64,
    threads: NonZeroUsize,
    progress: &'a (dyn Fn(u64) + Sync),
    stop: &'a Stop,
}

impl<S: Trials> Work<'_, S> {
    /// The trials of a set; nothing after a stop. Figures that do not go together with others keep the file's value, and are
    /// counted.
    fn run(&self, set: &Set, trials: u64, done: u64, held: &mut [u64]) -> Result<Option<TrialTable>, RunError> {
        let mut set = set.clone();
        let own = |figure: usize, set: &mut Set, held: &mut [u64]| {
            set.0[figure].amount = None;
            held[figure] += 1;
        };
        for figure in 0..set.0.len() {
            if set.0[figure].amount.is_none() {
                own(figure, &mut set, held);
            }
        }
        let source = loop {
            let paths = match self.source.with_figures(&set.figures(self.beliefs)) {
                Ok(source) => break source,
                Err(paths) => paths,
            };
            let drawn: Vec<usize> = (0..set.0.len()).filter(|&figure| set.0[figure].amount.is_some()).collect();
            // The path of a problem is that of one of the keys that do not go together; what else was drawn may be near it.
            let by = |fault: &dyn Fn(&str, &str) -> bool| -> Vec<usize> {
                let is_at = |own: &String| paths.iter().any(|path| fault(own, path));
                drawn.iter().copied().filter(|&figure| self.beliefs[figure].paths.iter().any(is_at)).collect()
            };
            let candidates = [by(&|own, path| is_part(path, own)), by(&same_table), drawn.clone()];
            let dropped = candidates.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
            if dropped.is_empty() {
                return Err(RunError::Figures(paths));
            }
            for figure in dropped {
                own(figure, &mut set, held);
            }
        };
        let range = self.first..self.first + trials;
        let told = |part: u64| (self.progress)(done + part);
        let run = run_trials(&source, range, self.threads, &told, self.stop)?;
        Ok((run.ended != Ended::Stopped).then_some(run.table))
    }

    /// What each outcome is about, for each set.
    fn run_all(
        &self,
        sets: &[Set],
        trials: u64,
        outcomes: &[Outcome],
        done: u64,
        held: &mut [u64],
    ) -> Result<Option<Vec<Vec<Observed>>>, RunError> {
        let mut observed: Vec<Vec<Observed>> = vec![Vec::with_capacity(sets.len()); outcomes.len()];
        for (index, set) in sets.iter().enumerate() {
            let Some(table) = self.run(set, trials, done + index as u64 * trials, held)? else { return Ok(None) };
            for (outcome, observed) in outcomes.iter().zip(&mut observed) {
                observed.push(Observed::of(self.header, &table, outcome.measured));
            }
        }
        Ok(Some(observed))
    }

    /// Of each figure, whether both ends of what is believed of it leave every row of `table` as it is.
    fn idle(&self, table: &TrialTable) -> Result<Option<Vec<bool>>, RunError> {
        let quiet = Work { progress: &|_| (), ..*self };
        let trials = table.len() as u64;
        let present =
            |belief: &Belief| super::belief::Drawn { amount: None, features: Vec::new(), shown: belief.number() };
        let own = Set(self.beliefs.iter().map(present).collect());
        let mut idle = Vec::with_capacity(self.beliefs.len());
        for (figure, belief) in self.beliefs.iter().enumerate() {
            let mut changes = false;
            for end in ends(belief, self.header.seed) {
                let mut set = own.clone();
                set.0[figure] = end;
                let Some(run) = quiet.run(&set, trials, 0, &mut vec![0; self.beliefs.len()])? else { return Ok(None) };
                changes |= !run.rows().eq_by_bits(table);
                if changes {
                    break;
                }
            }
            idle.push(!changes);
        }
        Ok(Some(idle))
    }
}

/// Whether a path is that of a figure or of a part of it.
fn is_part(path: &str, figure: &str) -> bool {
    path.strip_prefix(figure).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a problem at one path stands in the table of a figure at another.
fn same_table(figure: &str, problem: &str) -> bool {
    figure.rsplit_once('.').is_some_and(|(table, _)| is_part(problem, table))
}

trait Rows {
    fn eq_by_bits(self, other: &TrialTable) -> bool;
}

impl<'a, I: Iterator<Item = Cow<'a, [f64]>>> Rows for I {
    /// Whether every figure of every row is the same; what did not happen equals itself.
    fn eq_by_bits(self, other: &TrialTable) -> bool {
        let bits = |row: Cow<'_, [f64]>| -> Vec<u64> { row.iter().map(|value| value.to_bits()).collect() };
        self.map(bits).eq(other.rows().map(bits))
    }
}
