//! The race: all designs run some trials; those that cannot win drop out; the others run twice as many, and so on.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::solution::{Solution, Solved, Standing, chosen, front};
use super::targets::{chance, figure_of, has_all, outcomes, targets, unclocked, writerless};
use crate::compare::{Outcomes, Watched, notes};
use crate::cost::Uncounted;
use crate::exit::Failure;
use crate::file::within;
use crate::header::{Header, Indicator, Measured};
use crate::run::{Ended, Experiment, Open, Overrides, RunError, Stop, Trials as _, run_trials};
use crate::table::TrialTable;
use crate::variation::{ChanceTarget, Choice, Goal, SolveSpec};

/// A question for the best design.
pub struct Ask<'a, O> {
    /// Opens files.
    pub open: &'a O,
    /// The file.
    pub path: &'a Path,
    /// What the command line changes, in alternatives as well.
    pub overrides: &'a Overrides,
    /// What the file asks for.
    pub spec: &'a SolveSpec,
    /// The most trials of a design.
    pub trials: u64,
    /// Threads to run on.
    pub threads: NonZeroUsize,
    /// Ends the race.
    pub stop: &'a Stop,
    /// Told how many trials are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Words for a failed trial of a file.
    pub failed: &'a dyn Fn(&RunError, &Path, &Overrides) -> Failure,
}

/// Trials of every design at the first look.
const FIRST: u64 = 250;

/// A design on its way.
struct Runner<S> {
    experiment: Experiment<S>,
    path: PathBuf,
    overrides: Overrides,
    table: TrialTable,
    solved: Solved,
    runs: bool,
}

/// Finds the best design.
///
/// # Errors
/// When a file cannot be opened, there is nothing to hold designs against, a trial fails, or the race is stopped.
pub fn solve<O: Open>(ask: &Ask<'_, O>) -> Result<Solution, Failure> {
    let Ask { open, path, overrides, spec, trials, .. } = ask;
    let base = open.open(path, overrides)?;
    let header = base.header;
    let (targets, left_out) = targets(spec, &header);
    if targets.is_empty() {
        return Err(Failure::usage(format!("`{}` has nothing that designs must meet", path.display()))
            .hint("[[solve.targets]] with recovery = \"15m\" and chance = 0.99, or [objectives]"));
    }
    let measure = figure_of(spec.goal, &targets);
    // Every error is found before anything runs.
    let mut runners = Vec::new();
    for choice in spec.choices() {
        let runner = runner(ask, &header, choice)?;
        has_all(&runner.solved.file, &runner.experiment.header, &targets)?;
        runners.push(runner);
    }
    let Uncompared { unpriced, uncounted } = comparable(&runners, spec.goal)?;
    if spec.goal == Goal::Cost
        && let Some(unpriced) = runners.iter().find(|one| one.experiment.header.bill.is_none())
    {
        return Err(Failure::usage(format!("`{}` has no prices, and the cost shall be small", unpriced.solved.file))
            .hint("[prices] in the file (mrsim init --prices has hints), or minimize = \"recovery\""));
    }
    let looks = looks(*trials);
    let level = level(spec.confidence, looks.len());
    let mut done = 0;
    for &look in &looks {
        for runner in runners.iter_mut().filter(|runner| runner.runs) {
            run(ask, runner, look, &mut done)?;
            judge(runner, &targets, measure, level);
        }
        drop_out(&mut runners, spec.goal, look == *trials);
    }
    let grid = trials * runners.len() as u64;
    let solved: Vec<Solved> = runners.iter().map(|runner| runner.solved.clone()).collect();
    let watched: Vec<(String, Watched)> =
        runners.iter().map(|runner| (runner.solved.short(true), Watched::of(&runner.experiment.header))).collect();
    let recoveries = targets.iter().any(|target| target.measured.indicator == Indicator::Rto);
    let notes = notes(&watched, recoveries);
    let outcomes: Vec<Outcomes> =
        runners.iter().map(|runner| outcomes(&runner.experiment.header, &runner.table, &targets, measure.0)).collect();
    let figure = |index: usize, trials: u64| {
        let sample = outcomes[index].first(trials as usize).sample(measure.0);
        sample.quantile(measure.1).map_or(f64::INFINITY, |found| found.estimate)
    };
    let (best, next) = chosen(&solved, spec.goal);
    Ok(Solution {
        file: path.display().to_string(),
        targets,
        confidence: spec.confidence,
        goal: spec.goal,
        measure,
        best,
        next,
        front: front(&solved, &figure),
        solved,
        work: (done, grid),
        left_out,
        unpriced,
        uncounted,
        notes,
        header,
    })
}

/// What designs differ in and costs leave out.
#[derive(Default)]
struct Uncompared {
    /// Keys of prices that are missing.
    unpriced: Vec<&'static str>,
    /// What no price counts.
    uncounted: Vec<Uncounted>,
}

/// Sees to it that costs can be held against each other, and gives what they leave out.
fn comparable<S>(runners: &[Runner<S>], goal: Goal) -> Result<Uncompared, Failure> {
    let bills = || runners.iter().filter_map(|one| Some((one, one.experiment.header.bill.as_ref()?)));
    let Some((first, bill)) = bills().next() else { return Ok(Uncompared::default()) };
    let (mut unpriced, mut uncounted) = (Vec::new(), Vec::new());
    for (other, own) in bills().skip(1) {
        let Some(more) = own.more_than(bill) else {
            let (one, two) = (&first.solved, &other.solved);
            return Err(Failure::usage(format!(
                "`{}` has prices in {}, and `{}` in {}: their costs cannot be held against each other",
                one.name(true),
                bill.currency,
                two.name(true),
                own.currency
            ))
            .hint("one currency in all files"));
        };
        unpriced.extend(more.unpriced);
        uncounted.extend(more.uncounted);
    }
    unpriced.sort_unstable();
    unpriced.dedup();
    uncounted.sort_unstable();
    uncounted.dedup();
    match unpriced.first() {
        Some(key) if goal == Goal::Cost => Err(Failure::usage(format!(
            "designs differ in what `prices.{key}` is for, and it has no price: which one is the cheapest cannot be told"
        ))
        .hint(format!("[prices] {key} = .. (mrsim explain prices.{key}), or minimize = \"recovery\""))),
        _ => Ok(Uncompared { unpriced, uncounted }),
    }
}

/// How many trials each look sees: twice as many as the one before.
fn looks(trials: u64) -> Vec<u64> {
    let doubled = std::iter::successors(Some(FIRST), |look| look.checked_mul(2));
    let mut looks: Vec<u64> = doubled.take_while(|look| *look < trials).collect();
    looks.push(trials);
    looks
}

/// The level of the intervals of one look, so that verdicts over all looks are as sure as asked for: each look has its
/// part of the doubt, and a verdict needs one end of an interval alone.
fn level(confidence: f64, looks: usize) -> f64 {
    1.0 - 2.0 * (1.0 - confidence) / looks as f64
}

fn runner<O: Open>(ask: &Ask<'_, O>, base: &Header, choice: Choice) -> Result<Runner<O::Source>, Failure> {
    let path = match choice.alternative {
        None => ask.path.to_owned(),
        Some(index) => ask.path.parent().unwrap_or(Path::new("")).join(&ask.spec.alternatives[index]),
    };
    let overrides =
        Overrides { varied: choice.settings, seed: Some(base.seed), trials: Some(ask.trials), ..ask.overrides.clone() };
    if choice.alternative.is_some() {
        within(overrides.confined.as_deref(), &path)?;
    }
    let experiment = ask.open.open(&path, &overrides)?;
    let solved = Solved {
        file: path.display().to_string(),
        sets: choice.sets,
        trials: 0,
        chances: Vec::new(),
        figure: Err(crate::analyze::Refusal::NoTrials),
        at_least: None,
        cost: experiment.header.bill.as_ref().map(crate::cost::Bill::total),
        standing: Standing::Undecided,
        writerless: Vec::new(),
    };
    let table = TrialTable::new(experiment.source.columns().clone(), 0);
    Ok(Runner { experiment, path, overrides, table, solved, runs: true })
}

fn run<O: Open>(ask: &Ask<'_, O>, runner: &mut Runner<O::Source>, to: u64, done: &mut u64) -> Result<(), Failure> {
    let from = runner.table.len() as u64;
    let before = *done;
    let progress = |part: u64| (ask.progress)(before + part);
    let run = run_trials(&runner.experiment.source, from..to, ask.threads, &progress, ask.stop)
        .map_err(|error| (ask.failed)(&error, &runner.path, &runner.overrides))?;
    if run.ended == Ended::Stopped {
        return Err(Failure::failed("stopped before the race was over; nothing is kept"));
    }
    *done += to - from;
    run.table.rows().for_each(|row| runner.table.append(&row));
    runner.table.append_outages(&run.table.outages().collect::<Vec<_>>());
    runner.table.append_latencies(run.table.latencies());
    Ok(())
}

/// Holds a design against the targets.
fn judge<S>(runner: &mut Runner<S>, targets: &[ChanceTarget], measure: (Measured, f64), level: f64) {
    let outcomes = outcomes(&runner.experiment.header, &runner.table, targets, measure.0);
    let own = &mut runner.solved;
    own.trials = runner.table.len() as u64;
    let losses = targets.iter().map(|target| target.measured).filter(|measured| measured.indicator == Indicator::Rpo);
    own.writerless.clear();
    for one in losses.flat_map(|measured| writerless(&runner.experiment.header, &runner.table, measured)) {
        if !own.writerless.contains(&one) {
            own.writerless.push(one);
        }
    }
    let unclocked = unclocked(&runner.experiment.header, &runner.table);
    own.chances = targets.iter().map(|target| chance(target, &outcomes, &unclocked, level)).collect();
    let sample = outcomes.sample(measure.0);
    own.figure = sample.quantile(measure.1);
    own.at_least = sample.quantile_at_least(measure.1).ok();
    let both = || own.chances.iter().zip(targets);
    own.standing = if both().any(|(found, target)| found.high < target.chance) {
        Standing::Hopeless
    } else if both().all(|(found, target)| found.low >= target.chance) {
        Standing::Sure
    } else {
        Standing::Undecided
    };
}

/// Takes out of the race who cannot win it any more.
fn drop_out<S>(runners: &mut [Runner<S>], goal: Goal, last: bool) {
    let sure = runners.iter().filter(|runner| runner.solved.standing == Standing::Sure);
    // An estimate decides nothing: only the upper end of the leader's figure counts against others.
    let most = |solved: &Solved| match goal {
        Goal::Cost => solved.goal(goal),
        Goal::Recovery | Goal::Loss => solved.figure.map_or(f64::INFINITY, |found| found.high),
    };
    let limit = sure.map(|runner| most(&runner.solved)).fold(f64::INFINITY, f64::min);
    for runner in runners.iter_mut().filter(|runner| runner.runs) {
        let least = match goal {
            Goal::Cost => runner.solved.goal(goal),
            Goal::Recovery | Goal::Loss => runner.solved.figure.map_or(0.0, |found| found.low),
        };
        match runner.solved.standing {
            Standing::Hopeless => runner.runs = false,
            Standing::Undecided if least >= limit && !last => {
                runner.solved.standing = Standing::Left;
                runner.runs = false;
            }
            // Who is sure and not the best needs no more trials.
            Standing::Sure if least > limit => runner.runs = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::random::{Stream, StreamId};

    use super::{chance, level, looks};
    use crate::compare::Outcomes;
    use crate::header::Indicator;
    use crate::variation::ChanceTarget;

    /// A design exactly at its target is called sure, at any look, in one race of twenty at most. Of 2,000 races a correct
    /// program exceeds 6.5 % once in a thousand at worst, and intervals that are far too wide would never be wrong.
    #[test]
    fn a_race_is_wrong_as_seldom_as_it_says() {
        let target = ChanceTarget { measured: Indicator::Rto.into(), limit: 60.0, chance: 0.9 };
        let (looks, races) = (looks(2_000), 2_000);
        assert_eq!(looks, [250, 500, 1_000, 2_000]);
        let level = level(0.95, looks.len());
        let mut stream = Stream::new(StreamId::new(3, "solve", "race"));
        let mut wrong = 0;
        for race in 0..races {
            stream.begin(race);
            let recovery: Vec<f64> = (0..2_000).map(|_| if stream.uniform() < 0.9 { 30.0 } else { 90.0 }).collect();
            let all = Outcomes {
                single: Vec::new(),
                no_writer: Vec::new(),
                latencies: measure::latencies::Latencies::default(),
                journeys: Vec::new(),
                loss: vec![0.0; 2_000],
                up: vec![1.0; 2_000],
                watched: vec![100.0; 2_000],
                horizon: 100.0,
                stores: false,
                recovery,
            };
            let clocked = vec![false; 2_000];
            let sure = |look: &u64| chance(&target, &all.first(*look as usize), &clocked, level).low >= target.chance;
            wrong += u32::from(looks.iter().any(sure));
        }
        let share = f64::from(wrong) / races as f64;
        assert!((0.002..0.065).contains(&share), "{share}");
    }

    #[test]
    fn what_was_not_watched_for_so_long_counts_on_both_sides() {
        let target = ChanceTarget { measured: Indicator::Rto.into(), limit: 60.0, chance: 0.9 };
        let outcomes = |watched: f64| Outcomes {
            single: Vec::new(),
            no_writer: Vec::new(),
            latencies: measure::latencies::Latencies::default(),
            journeys: Vec::new(),
            recovery: [vec![30.0; 90], vec![f64::INFINITY; 10]].concat(),
            loss: vec![0.0; 100],
            up: vec![1.0; 100],
            watched: vec![watched; 100],
            horizon: 100.0,
            stores: false,
        };
        let of = |watched, unclocked: bool| chance(&target, &outcomes(watched), &[unclocked; 100], 0.95);
        assert!(of(100.0, false).high < 0.96 && of(50.0, false).high > 0.99);
        assert_eq!(of(100.0, false).low, of(50.0, false).low);
        // Without a clock nothing is known at all.
        assert!(of(100.0, true).low < 1e-9 && of(100.0, true).high > 1.0 - 1e-9);
    }
}
