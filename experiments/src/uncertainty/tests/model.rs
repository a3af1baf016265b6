//! The whole study of a small model whose answers are known.
//!
//! A trial recovers after `mean` times an exponential draw of its own, plus `delay`. `idle` does nothing. So the p90 is
//! `mean` ln 10 + `delay`, and what each figure owns of its variance follows from the variance of the figure.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use sim_core::random::{Mix, Stream, StreamId};
use sim_settings::{Amount, Band, Figure, Measure};

use super::super::study::{Request, default_request, study};
use super::{guess, measured};
use crate::analyze::{Summary, Verdict};
use crate::header::{Header, Indicator, Objective, Of};
use crate::run::synthetic::Synthetic;
use crate::run::{RunError, Stop, Trials, run_trials};
use crate::unknown::{Judged, Unknown};
use measure::outage::Outage;
use measure::{Columns, Subjects, Whole};

/// The quantile in units of the mean: ln 10.
const P90: f64 = std::f64::consts::LN_10;

#[derive(Debug, Clone)]
struct Model {
    figures: Vec<Figure>,
    values: [f64; 3],
    columns: Columns,
    /// A mean above this is refused, as a file refuses settings that do not go together.
    most: f64,
}

const PATHS: [&str; 3] = ["app.mean", "app.delay", "app.idle"];

impl Model {
    fn new(figures: Vec<Figure>) -> Self {
        let values = [60.0, 30.0, 5.0];
        Self { figures, values, columns: Columns::new(Subjects::default()), most: f64::INFINITY }
    }

    /// The mean is known to a factor of 2 either way, the delay to 4.
    fn guesses() -> Self {
        let one = |path: &str, value, factor: f64| {
            guess(path, Amount::Number(value), Measure::Seconds, Band::factor(1.0 / factor, factor, "a test"))
        };
        Self::new(vec![one(PATHS[0], 60.0, 2.0), one(PATHS[1], 30.0, 4.0), one(PATHS[2], 5.0, 3.0)])
    }

    /// The figures of a trial that a stream has begun.
    fn fill(&self, stream: &mut Stream, row: &mut [f64]) {
        let [mean, delay, _] = self.values;
        for column in [measure::FIRST_FAULT, measure::OVERALL_OUTAGES] {
            row[self.columns.index(column, Whole)] = 0.0;
        }
        for column in [measure::OVERALL_AVAILABILITY, measure::OVERALL_SUCCESS] {
            row[self.columns.index(column, Whole)] = 1.0;
        }
        row[self.columns.index(measure::WORST_RECOVERY, Whole)] = delay - mean * (1.0 - stream.uniform()).ln();
    }
}

impl Trials for Model {
    type Worker = Stream;

    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn worker(&self) -> Stream {
        Stream::new(StreamId::new(3, "model", "recovery"))
    }

    fn run(&self, stream: &mut Stream, trial: u64, row: &mut [f64], _: &mut Vec<Outage>) {
        stream.begin(trial);
        self.fill(stream, row);
    }

    fn run_mixed(&self, stream: &mut Stream, mix: &Mix, row: &mut [f64], _: &mut Vec<Outage>) {
        stream.begin(mix);
        self.fill(stream, row);
    }

    fn figures(&self) -> &[Figure] {
        &self.figures
    }

    fn with_figures(&self, figures: &BTreeMap<String, Amount>) -> Result<Self, Vec<String>> {
        let mut model = self.clone();
        for (path, value) in PATHS.iter().zip(&mut model.values) {
            if let Some(Amount::Number(number)) = figures.get(*path) {
                *value = *number;
            }
        }
        if model.values[0] > self.most { Err(vec![PATHS[0].to_owned()]) } else { Ok(model) }
    }
}

fn header(limit: f64) -> Header {
    let none = Vec::new;
    Header {
        objectives: vec![Objective { of: Of::Worst, indicator: Indicator::Rto, quantile: 0.9, limit }],
        horizon: 1e6,
        journeys: none(),
        stores: none(),
        queues: none(),
        alarms: none(),
        assumed: Vec::new(),
        ..Synthetic::typical().header
    }
}

fn unknown(model: &Model, limit: f64, request: Request, threads: usize) -> (Unknown, Summary) {
    let header = header(limit);
    let threads = NonZeroUsize::new(threads).expect("at least one");
    let stop = Stop::new();
    let run = run_trials(model, 0..request.trials, threads, &|_| (), &stop).expect("it runs");
    let summary = Summary::new(&header, &run.table);
    let found = study(model, &header, (&summary, &run.table), request, threads, &|_| (), &stop);
    (found.expect("it runs").expect("it is uncertain"), summary)
}

fn judged(unknown: &Unknown) -> &Judged {
    &unknown.objectives[0]
}

const REQUEST: Request = Request { sets: 128, trials: 1_000, full: false };

/// Mean and variance of a value that is spread evenly on a logarithmic scale from a to b.
fn log_uniform(a: f64, b: f64) -> (f64, f64) {
    let width = (b / a).ln();
    let mean = (b - a) / width;
    (mean, (b * b - a * a) / (2.0 * width) - mean * mean)
}

#[test]
fn each_figure_owns_the_share_that_its_variance_has() {
    let (unknown, _) = unknown(&Model::guesses(), 1e6, Request { full: true, ..REQUEST }, 2);
    let (mean, delay) = (P90 * P90 * log_uniform(30.0, 120.0).1, log_uniform(7.5, 120.0).1);
    let shares = &judged(&unknown).shares;
    let [first, second] = shares.as_slice() else { panic!("{shares:?}") };
    for (share, path, variance) in [(first, PATHS[0], mean), (second, PATHS[1], delay)] {
        let expected = variance / (mean + delay);
        assert_eq!(share.path, path);
        // The sum has no interplay, so that both indices are the same.
        assert!((share.share - expected).abs() <= 3.0 * share.error + 0.02, "{share:?}, not {expected}");
        let (total, error) = share.total.zip(share.total_error).expect("it was asked for");
        assert!((total - expected).abs() <= 4.0 * error + 0.02, "{share:?}, not {expected}");
    }
    let idle: Vec<bool> = unknown.figures.iter().map(|figure| figure.idle).collect();
    assert_eq!(idle, [false, false, true]);
    assert!(judged(&unknown).chance_share < 0.05, "{}", judged(&unknown).chance_share);
}

/// The p90 has a distribution with a known range: no interval reaches beyond it, and it leaves out a twentieth.
#[test]
fn the_wider_interval_has_the_spread_of_the_figures() {
    let (unknown, _) = unknown(&Model::guesses(), 1e6, REQUEST, 2);
    let (low, high) = judged(&unknown).with_unknown.numbers();
    // All values of the p90, and by simulation of its law 40 times as finely, without the trials.
    let mut law: Vec<f64> = (0..400)
        .flat_map(|mean| (0..400).map(move |delay| (mean, delay)))
        .map(|(mean, delay)| {
            let at = |index: i32| (f64::from(index) + 0.5) / 400.0;
            P90 * 30.0 * 4.0_f64.powf(at(mean)) + 7.5 * 16.0_f64.powf(at(delay))
        })
        .collect();
    law.sort_by(f64::total_cmp);
    let (from, to) = (law[law.len() / 40], law[law.len() - law.len() / 40]);
    // The luck of the trials is a twentieth of the p90 to either side, and widens little what is so wide already.
    assert!((low / from - 1.0).abs() < 0.1 && (high / to - 1.0).abs() < 0.1, "{low} {high}, not {from} {to}");
    let (chance_low, chance_high) = judged(&unknown).by_chance.numbers();
    let file = 60.0 * P90 + 30.0;
    // 1,000 trials know the p90 with an error of sqrt(0.09 / 1,000) / 0.1 of the mean, which is 5.7 s: an end of the interval is
    // two of them from the estimate, and that is more than two and a half of them off once in eighty seeds.
    let near = |end: f64| (end - file).abs() < 26.0;
    assert!(near(chance_low) && near(chance_high), "{chance_low} {chance_high}");
    assert!(high - low > 6.0 * (chance_high - chance_low), "{low} {high}");
}

/// Met with the figures of the file (p90 168 s), and not if the mean is larger than the limit allows at the largest delays.
#[test]
fn a_verdict_that_hangs_on_a_figure_names_it_and_its_limit() {
    let mut model = Model::guesses();
    // The delay is known: only the mean is open.
    model.figures.remove(1);
    let (unknown, summary) = unknown(&model, 220.0, REQUEST, 2);
    assert_eq!(summary.objectives[0].verdict, Verdict::Met);
    let condition = judged(&unknown).condition.as_ref().expect("it hangs on the mean");
    assert_eq!((condition.path.as_str(), condition.at_most, condition.median), (PATHS[0], true, false));
    // (220 - 30) / ln 10 = 82.5 s; the luck of the trials needs up to four times 5.7 s, that is 10 s of the mean.
    let limit = condition.limit.as_deref().expect("one figure decides");
    let seconds: f64 = limit.trim_end_matches('s').parse().expect("seconds");
    assert!((68.0..=82.0).contains(&seconds), "{limit}");
    // Where everything is met there is nothing to say, and where nothing is, neither.
    for limit in [500.0, 100.0] {
        assert_eq!(judged(&self::unknown(&model, limit, REQUEST, 2).0).condition, None, "{limit}");
    }
}

/// Ten observations of a guess leave a tenth of its variance and less: the interval gets narrow, and holds what the file has.
#[test]
fn observations_of_the_first_figure_narrow_the_interval() {
    let mut model = Model::guesses();
    model.figures.remove(1);
    let (unknown, _) = unknown(&model, 1e6, REQUEST, 2);
    let after = judged(&unknown).after.as_ref().expect("it helps");
    assert_eq!((after.path.as_str(), after.observations), (PATHS[0], 10));
    let ((low, high), (now_low, now_high)) = (after.interval.numbers(), judged(&unknown).with_unknown.numbers());
    let file = 60.0 * P90 + 30.0;
    assert!(
        (low..=high).contains(&file) && high - low < 0.75 * (now_high - now_low),
        "{low} {high} {now_low} {now_high}"
    );
}

#[test]
fn results_do_not_depend_on_threads() {
    let one = unknown(&Model::guesses(), 200.0, Request { sets: 16, trials: 500, full: true }, 1).0;
    assert_eq!(one, unknown(&Model::guesses(), 200.0, Request { sets: 16, trials: 500, full: true }, 3).0);
}

#[test]
fn a_figure_that_does_not_go_with_others_keeps_its_value_and_is_counted() {
    let model = Model { most: 90.0, ..Model::guesses() };
    let (unknown, _) = unknown(&model, 1e6, Request { sets: 64, trials: 500, full: false }, 2);
    // ln(120 / 90) of ln 4 lies above: 20.8 %, and the sequence has one draw in every 64th of the way.
    let held: Vec<u64> = unknown.figures.iter().map(|figure| figure.held).collect();
    assert!((12..=15).contains(&held[0]) && held[2] == 0, "{held:?}");
}

#[test]
fn sets_are_afforded_by_the_number_of_trials_alone() {
    let header = header(1e6);
    assert_eq!(default_request(&header, 10_000), Some(Request { sets: 32, trials: 625, full: false }));
    // A p90 takes 36 trials at least; a p99 takes 473 of them, however many sets there are.
    for (trials, affords) in [(100, false), (2_000, true), (20_000, true), (20_001, false)] {
        assert_eq!(default_request(&header, trials).is_some(), affords, "{trials}");
    }
    let mut strict = header;
    strict.objectives[0].quantile = 0.99;
    assert_eq!(default_request(&strict, 2_000), None);
}

/// A figure known from observations of its own is varied by what they leave open.
#[test]
fn nothing_uncertain_is_nothing_to_study() {
    let mut model = Model::guesses();
    model.figures.clear();
    let header = header(1e6);
    let stop = Stop::new();
    let run = run_trials(&model, 0..500, NonZeroUsize::MIN, &|_| (), &stop).expect("it runs");
    let summary = Summary::new(&header, &run.table);
    let request = Request { sets: 16, trials: 500, full: false };
    let of = |model: &Model, stop: &Stop| -> Result<Option<Unknown>, RunError> {
        study(model, &header, (&summary, &run.table), request, NonZeroUsize::MIN, &|_| (), stop)
    };
    assert_eq!(of(&model, &stop), Ok(None));
    model.figures.push(measured(PATHS[0], Amount::Number(0.5), Measure::Share, 10));
    assert!(of(&model, &stop).is_ok_and(|found| found.is_some()));
    stop.ask();
    assert_eq!(of(&model, &stop), Ok(None));
}
