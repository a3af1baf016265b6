//! The bench of these tests: experiments from text, trials from experiments, and laws to hold figures against.
//!
//! Every comparison with a law has a fixed seed and, of a correct program, fails once in a million ([`FALSE_ALARM`]).

use std::num::NonZeroUsize;

use models::deployment::{Clock, Happening, Observer};
use models::ids::RegionId;
use mrsim::experiment::{Files, Simulation, open_text};
use mrsim::run::{Experiment, Open as _, Overrides, Stop, Trials as _, run_trials};
use mrsim::table::TrialTable;
use sim_core::random::{Distribution, LogNormal};
use sim_core::stats::{Tally, clopper_pearson};
use sim_core::time::SimTime;

/// Probability with which one comparison fails although all is well.
pub(crate) const FALSE_ALARM: f64 = 1e-6;

/// The regions of a test, in the order of its file.
pub(crate) const FIRST: RegionId = RegionId::new(0);
pub(crate) const SECOND: RegionId = RegionId::new(1);
pub(crate) const THIRD: RegionId = RegionId::new(2);

/// Values closer together than this are the same: times are whole nanoseconds.
const SAME: f64 = 1e-6;

/// The experiment in a text.
pub(crate) fn open(text: &str) -> Experiment<Simulation> {
    opened(text, false)
}

/// The experiment in a text; `eager` runs every periodic process.
pub(crate) fn opened(text: &str, eager: bool) -> Experiment<Simulation> {
    match open_text("test.toml", text, &Overrides { eager, ..Overrides::default() }) {
        Ok(experiment) => experiment,
        Err(failure) => panic!("{}\n{text}", failure.message),
    }
}

/// The head of an experiment's text: keys of the whole, the regions, what `[dns]` says, and clients by their names, the
/// regions that they are near, and their other keys.
pub(crate) fn head(whole: &str, regions: &[&str], dns: &str, clients: &[(&str, &str, &str)]) -> String {
    let regions = regions.iter().map(|region| format!("[regions.{region}]\n"));
    let client = |(name, near, rest): &(&str, &str, &str)| {
        format!("[[clients]]\nname = \"{name}\"\nnear = \"{near}\"\n{rest}\n")
    };
    let clients: String = clients.iter().map(client).collect();
    format!("name = \"test\"\n{whole}\n{}[dns]\n{dns}\n{clients}", regions.collect::<String>())
}

/// One of the experiments that come with the program, with changes.
pub(crate) fn open_file(name: &str, sets: &[(&str, &str)]) -> Experiment<Simulation> {
    let path = format!("{}/experiments/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let sets = sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let overrides = Overrides { sets, ..Overrides::default() };
    Files.open(path.as_ref(), &overrides).unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// The rows of the first trials of an experiment.
pub(crate) fn rows(text: &str, trials: u64) -> TrialTable {
    let source = open(text).source;
    let run = run_trials(&source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new());
    run.unwrap_or_else(|error| panic!("{error}\n{text}")).table
}

/// One column of the first trials of an experiment.
pub(crate) fn figures(text: &str, column: &str, trials: u64) -> Vec<f64> {
    of(&rows(text, trials), column)
}

/// One column of a table.
pub(crate) fn of(table: &TrialTable, column: &str) -> Vec<f64> {
    let columns = table.columns();
    let place = columns.named(column).unwrap_or_else(|| panic!("no column {column} among {:?}", columns.names()));
    table.at(place).collect()
}

/// One trial's row by itself.
pub(crate) fn row(source: &Simulation, trial: u64) -> Vec<f64> {
    let mut row = vec![0.0; source.columns().len()];
    source.run(&mut source.worker(), trial, &mut row, &mut Vec::new());
    row
}

/// The events of one trial, in seconds since the first fault.
#[derive(Debug, Default)]
pub(crate) struct Diary {
    start: SimTime,
    pub(crate) entries: Vec<(f64, Happening)>,
}

impl Diary {
    /// When something of this kind first happened.
    pub(crate) fn first(&self, is: impl Fn(&Happening) -> bool) -> Option<f64> {
        self.entries.iter().find(|(_, what)| is(what)).map(|(when, _)| *when)
    }
}

impl Observer for Diary {
    fn began(&mut self, clock: Clock) {
        self.start = clock.start().unwrap_or(SimTime::ZERO);
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        self.entries.push((now.as_secs_f64() - self.start.as_secs_f64(), what));
    }
}

/// The notes of an observer in each of the first trials.
pub(crate) fn watched<O: Observer + Default>(text: &str, trials: u64) -> Vec<O> {
    let mut deployment = open(text).source.deployment();
    let watch = |trial| {
        let mut observer = O::default();
        deployment.run(trial, &mut observer);
        observer
    };
    (0..trials).map(watch).collect()
}

/// When something of this kind first happened in each of the first trials, in seconds since the first fault.
pub(crate) fn firsts(text: &str, trials: u64, is: impl Fn(&Happening) -> bool) -> Vec<f64> {
    let first = |diary: Diary| diary.first(&is).unwrap_or(f64::NAN);
    watched(text, trials).into_iter().map(first).collect()
}

/// The sample follows the law with this distribution function, which may jump: Kolmogorov and Smirnov's distance with
/// the bound of P. Massart (1990), valid for every sample size and every law.
#[track_caller]
pub(crate) fn follows(sample: &[f64], cdf: impl Fn(f64) -> f64) {
    let sorted = sorted(sample);
    let n = sorted.len() as f64;
    let bound = ((2.0 / FALSE_ALARM).ln() / (2.0 * n)).sqrt();
    for (rank, &x) in sorted.iter().enumerate() {
        let (below, up_to) = (rank as f64 / n, (rank + 1) as f64 / n);
        let (low, high) = (cdf(x - SAME), cdf(x + SAME));
        assert!(up_to - high <= bound, "a share {up_to} lies up to {x}, not {high}; {bound} apart would be chance");
        assert!(low - below <= bound, "a share {below} lies below {x}, not {low}; {bound} apart would be chance");
    }
}

/// Two samples follow the same law, whatever it is: Kolmogorov and Smirnov's distance of two samples with the bound of
/// F. Wei and R. M. Dudley (2012), for equal sizes of 458 or more.
#[track_caller]
pub(crate) fn agree(one: &[f64], other: &[f64]) {
    assert!(one.len() == other.len() && one.len() >= 458, "{} and {}", one.len(), other.len());
    let (one, other) = (sorted(one), sorted(other));
    let n = one.len() as f64;
    let bound = ((2.0 / FALSE_ALARM).ln() / n).sqrt();
    let share = |sample: &[f64], x: f64| sample.partition_point(|&value| value <= x) as f64 / n;
    for (here, there) in [(&one, &other), (&other, &one)] {
        for &x in here {
            let apart = share(here, x - SAME) - share(there, x + SAME);
            assert!(apart <= bound, "{apart} apart at {x}; {bound} would be chance");
            let apart = share(here, x) - share(there, x + SAME);
            assert!(apart <= bound, "{apart} apart at {x}; {bound} would be chance");
        }
    }
}

/// The mean of the sample is this one, and the sample tells it to within `within` of itself.
#[track_caller]
pub(crate) fn averages(sample: &[f64], expected: f64, within: f64) {
    let mut tally = Tally::new();
    for &value in sample {
        tally.add(value);
    }
    let interval = tally.mean_interval(1.0 - FALSE_ALARM).expect("two observations");
    assert!(interval.contains(expected), "{expected} is not in {interval:?}");
    // An interval that holds everything would hold the truth, too.
    assert!(interval.relative_half_width() < within, "{interval:?} is too wide to tell anything");
}

/// So many of `n` are what an event of this probability yields.
#[track_caller]
pub(crate) fn happens(successes: usize, n: usize, probability: f64) {
    let interval = clopper_pearson(successes as u64, n as u64, 1.0 - FALSE_ALARM);
    assert!(interval.contains(probability), "{successes} of {n} is not {probability}: {interval:?}");
}

fn sorted(sample: &[f64]) -> Vec<f64> {
    assert!(sample.iter().all(|value| !value.is_nan()), "something did not happen in every trial");
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// P(at least `r` of `n` independent events of probability `p` happen): the distribution function of the r-th smallest
/// of n independent times, at a time that each of them has passed with probability `p`.
pub(crate) fn at_least(r: u32, n: u32, p: f64) -> f64 {
    if r == 0 || (r <= n && p >= 1.0) {
        return 1.0;
    }
    if r > n || p <= 0.0 {
        return 0.0;
    }
    let mut term = p.powi(n.cast_signed());
    let mut sum = term;
    for k in (r..n).rev() {
        term *= f64::from(k + 1) / f64::from(n - k) * (1.0 - p) / p;
        sum += term;
    }
    sum.min(1.0)
}

/// The distribution function of U(0, 1).
pub(crate) fn uniform(x: f64) -> f64 {
    x.clamp(0.0, 1.0)
}

/// The lognormal distribution with this median and 95th percentile.
pub(crate) fn lognormal(median: f64, p95: f64) -> Distribution {
    let spec = LogNormal { median: Some(median), p95: Some(p95), ..LogNormal::default() };
    Distribution::lognormal(&spec).expect("valid")
}

/// A law on a grid: what the cells of width `step` weigh. The sum of independent quantities is a convolution.
#[derive(Debug, Clone)]
pub(crate) struct Law {
    step: f64,
    /// The start of the first cell.
    from: f64,
    mass: Vec<f64>,
}

impl Law {
    /// The law with this distribution function, which has all of its weight between 0 and `to`.
    pub(crate) fn new(step: f64, to: f64, cdf: impl Fn(f64) -> f64) -> Self {
        let cells = (to / step).ceil() as usize;
        let mass = (0..cells).map(|cell| cdf((cell as f64 + 1.0) * step) - cdf(cell as f64 * step));
        Self { step, from: 0.0, mass: mass.collect() }
    }

    /// The sum with an independent quantity.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        assert!((self.step - other.step).abs() < 1e-12, "one grid");
        let mut mass = vec![0.0; self.mass.len() + other.mass.len() - 1];
        for (i, a) in self.mass.iter().enumerate() {
            for (sum, b) in mass[i..].iter_mut().zip(&other.mass) {
                *sum += a * b;
            }
        }
        // Weight sits in the middle of its cell, and so the sum of two cells is one step wide around the sum of the middles.
        Self { step: self.step, from: self.from + other.from + self.step / 2.0, mass }
    }

    /// The same quantity a constant later.
    pub(crate) fn after(mut self, seconds: f64) -> Self {
        self.from += seconds;
        self
    }

    /// The distribution function at many places, one after the other.
    pub(crate) fn cdf(&self) -> impl Fn(f64) -> f64 + use<> {
        let mut sums = vec![0.0];
        for mass in &self.mass {
            sums.push(sums[sums.len() - 1] + mass);
        }
        let (from, step) = (self.from, self.step);
        move |x| {
            let place = ((x - from) / step).clamp(0.0, (sums.len() - 1) as f64);
            let cell = (place as usize).min(sums.len() - 2);
            sums[cell] + (place - cell as f64) * (sums[cell + 1] - sums[cell])
        }
    }
}

/// A generator that owes nothing to the one under test: `SplitMix64` (G. L. Steele, D. Lea and C. H. Flood, 2014).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform over (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::EPSILON / 4.0
    }
}

#[test]
fn laws_add_up_as_they_should() {
    let one = Law::new(0.01, 1.0, uniform);
    let sum = one.plus(&one).plus(&one).after(2.0).cdf();
    // Three uniforms: x^3 / 6 up to 1, one half in the middle.
    assert!((sum(2.5) - 0.125 / 6.0).abs() < 1e-4 && (sum(3.5) - 0.5).abs() < 1e-4, "{} {}", sum(2.5), sum(3.5));
    assert!((at_least(14, 16, 0.9) - 0.789_249_3).abs() < 1e-6, "{}", at_least(14, 16, 0.9));
}

#[test]
fn a_wrong_law_is_told_from_the_right_one() {
    let mut dice = Dice::new(1);
    let sample: Vec<f64> = (0..5_000).map(|_| dice.uniform()).collect();
    follows(&sample, uniform);
    let wrong = std::panic::catch_unwind(|| follows(&sample, |x| uniform(x * 0.95)));
    assert!(wrong.is_err());
}
