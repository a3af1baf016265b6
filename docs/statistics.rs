//! The figures of `docs/statistics.md`, made anew:
//!
//! ```sh
//! cargo run --release --example statistics -- coverage
//! cargo run --release --example statistics -- simulated
//! cargo run --release --example statistics -- truth
//! cargo run --release --example statistics -- common-random-numbers
//! ```

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};

use measure::Whole;
use mrsim::experiment::{Files, Simulation, open_text};
use mrsim::run::{Experiment, Open as _, Overrides, Stop, Trials, default_threads, run_trials};
use rayon::prelude::*;
use sim_core::random::{Distribution, LogNormal, Stream, StreamId, binomial_quantile};
use sim_core::stats::{
    Bounds, Method, Observed, Tally, clopper_pearson, mean_difference, quantile, quantile_difference,
};

const LEVEL: f64 = 0.95;

/// How often each interval is found anew: chance then moves a share of 95 % by 0.34 %.
const REPETITIONS: u64 = 4_000;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("coverage") => coverage(),
        Some("simulated") => simulated(),
        Some("truth") => truth(),
        Some("common-random-numbers") => common_random_numbers(),
        _ => eprintln!("say what: coverage, simulated, truth or common-random-numbers"),
    }
}

const HEAD: &str =
    "| interval | of | trials | repetitions | holds the truth, % | found by |\n|---|---|---|---|---|---|";

/// The default number of trials, and a tenth of it.
const TRIALS: [usize; 2] = [10_000, 1_000];

/// How often the intervals hold the truth.
fn coverage() {
    println!("| probability | of {} trials, % | of {} trials, % |", TRIALS[0], TRIALS[1]);
    println!("|---|---|---|");
    for p in [0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999] {
        let [many, few] = TRIALS.map(|n| 100.0 * exact(p, n));
        println!("| {p} | {many:.1} | {few:.1} |");
    }
    let alone = TRIALS.into_iter().map(Rows::Alone);
    let pairs = PAIRS.iter().flat_map(|pair| TRIALS.map(|n| Rows::Pair(pair, &[0.5, 0.95, 0.99], n)));
    let uneven = UNEVEN.iter().flat_map(|pair| [10_000, 1_000, 400].map(|n| Rows::Pair(pair, &[0.95], n)));
    let all: Vec<Rows> = alone.chain(pairs).chain(uneven).collect();
    print(&all.par_iter().flat_map_iter(Rows::lines).collect::<Vec<Line>>());
}

/// The measured coverage of one interval.
struct Line {
    /// Whether the interval promises at least its level.
    at_least: bool,
    words: String,
}

/// Those that promise their level, and those that promise at least that.
fn print(lines: &[Line]) {
    for (title, at_least) in [("95 %", false), ("at least 95 %", true)] {
        println!("\n{title}\n\n{HEAD}");
        lines.iter().filter(|line| line.at_least == at_least).for_each(|line| println!("{}", line.words));
    }
}

/// Rows that belong together.
enum Rows {
    /// One distribution by itself.
    Alone(usize),
    /// A pair, and quantiles of it.
    Pair(&'static Pair, &'static [f64], usize),
}

impl Rows {
    fn lines(&self) -> Vec<Line> {
        match *self {
            Self::Alone(n) => {
                let quantiles = [0.5, 0.95, 0.99].map(|p| one_quantile(p, n));
                quantiles.into_iter().chain([0.5, 0.95, 0.99].map(|p| one_probability(p, n))).collect()
            }
            Self::Pair(pair, of, n) => {
                let mean = (of.len() > 1).then(|| one_mean_difference(pair, n));
                mean.into_iter().chain(quantile_differences(pair, of, n)).collect()
            }
        }
    }
}

fn row(interval: &str, of: &str, trials: usize, (hits, repetitions): (u64, u64), found_by: &str) -> Line {
    let share = 100.0 * hits as f64 / repetitions as f64;
    let words = format!("| {interval} | {of} | {trials} | {repetitions} | {share:.1} | {found_by} |");
    Line { at_least: false, words }
}

/// The same of an interval that promises at least its level.
fn at_least(line: Line) -> Line {
    Line { at_least: true, ..line }
}

/// With which probability Clopper and Pearson's interval holds `p`: the binomial probability of the counts whose interval
/// does. Counts beyond ten standard deviations have none to speak of.
fn exact(p: f64, n: usize) -> f64 {
    let (count, deviation) = (n as f64, (n as f64 * p * (1.0 - p)).sqrt());
    let (low, high) = (count * p - 10.0 * deviation - 10.0, (count * p + 10.0 * deviation + 10.0).min(count));
    // From one count to the next the probability changes by this factor; where the sum starts does not matter.
    let (mut mass, mut sum, mut holds) = (1e-200, 0.0, 0.0);
    for k in low.max(0.0) as u64..=high as u64 {
        sum += mass;
        if clopper_pearson(k, n as u64, LEVEL).contains(p) {
            holds += mass;
        }
        mass *= (count - k as f64) / (k as f64 + 1.0) * p / (1.0 - p);
    }
    holds / sum
}

fn stream(name: &str) -> Stream {
    Stream::new(StreamId::new(1, "docs/statistics", name))
}

fn minute() -> Distribution {
    let spec = LogNormal { median: Some(60.0), sigma: Some(0.7), ..LogNormal::default() };
    Distribution::lognormal(&spec).expect("valid")
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn one_quantile(p: f64, n: usize) -> Line {
    let (delay, mut stream) = (minute(), stream("quantile"));
    let truth = delay.quantile(p);
    let (mut hits, mut promised) = (0, 0.0);
    for _ in 0..REPETITIONS {
        let sample = sorted((0..n).map(|_| delay.quantile(stream.uniform())).collect());
        let found = quantile(&sample, p, LEVEL).expect("enough");
        hits += u64::from(found.interval().contains(truth));
        promised = found.coverage;
    }
    row(&format!("quantile p{}", p * 100.0), "a lognormal delay", n, (hits, REPETITIONS), &ranks(promised))
}

/// The coverage of order statistics is known.
fn ranks(coverage: f64) -> String {
    format!("order statistics; exactly {:.1}", 100.0 * coverage)
}

fn one_probability(p: f64, n: usize) -> Line {
    let mut stream = stream("probability");
    let hits = (0..REPETITIONS)
        .filter(|_| clopper_pearson(binomial_quantile(n as u64, p, stream.uniform()), n as u64, LEVEL).contains(p))
        .count();
    let found_by = format!("Clopper and Pearson; exactly {:.1}", 100.0 * exact(p, n));
    at_least(row("probability", &format!("{p}"), n, (hits as u64, REPETITIONS), &found_by))
}

/// Two candidates that share some of their luck.
struct Pair {
    name: &'static str,
    /// From four uniform numbers to both values.
    draw: fn([f64; 4]) -> [f64; 2],
    /// The distribution functions of both.
    cdf: [fn(f64) -> f64; 2],
}

/// P(delay + U(0, ttl) <= x), by the midpoint rule.
fn with_ttl(ttl: f64, x: f64) -> f64 {
    const STEPS: u32 = 4_000;
    let delay = minute();
    (0..STEPS).map(|step| delay.cdf(x - ttl * (f64::from(step) + 0.5) / f64::from(STEPS))).sum::<f64>()
        / f64::from(STEPS)
}

/// Lognormal candidates whose logarithms have this correlation.
fn correlated(uniforms: [f64; 4], rho: f64) -> [f64; 2] {
    let normal = Distribution::normal(1_000.0, 1.0).expect("valid");
    let [one, other] = [uniforms[0], uniforms[1]].map(|u| normal.quantile(u) - 1_000.0);
    let second = rho * one + (1.0 - rho * rho).sqrt() * other;
    [60.0 * (0.7 * one).exp(), 48.0 * (0.6 * second).exp()]
}

fn lognormal_cdf(x: f64, median: f64, sigma: f64) -> f64 {
    let spec = LogNormal { median: Some(median), sigma: Some(sigma), ..LogNormal::default() };
    Distribution::lognormal(&spec).expect("valid").cdf(x)
}

const PAIRS: [Pair; 4] = [
    Pair {
        name: "nothing in common",
        draw: |u| correlated(u, 0.0),
        cdf: [|x| lognormal_cdf(x, 60.0, 0.7), |x| lognormal_cdf(x, 48.0, 0.6)],
    },
    Pair {
        name: "correlation 0.9",
        draw: |u| correlated(u, 0.9),
        cdf: [|x| lognormal_cdf(x, 60.0, 0.7), |x| lognormal_cdf(x, 48.0, 0.6)],
    },
    Pair {
        name: "same people, caches of their own",
        draw: |u| {
            let decision = minute().quantile(u[0]);
            [decision + 60.0 * u[1], decision + 30.0 * u[2]]
        },
        cdf: [|x| with_ttl(60.0, x), |x| with_ttl(30.0, x)],
    },
    Pair {
        name: "same people, same caches, half the TTL",
        draw: |u| {
            let decision = minute().quantile(u[0]);
            [decision + 60.0 * u[1], decision + 30.0 * u[1]]
        },
        cdf: [|x| with_ttl(60.0, x), |x| with_ttl(30.0, x)],
    },
];

/// A failure that takes ten minutes more, one time in twenty.
fn fails(u: f64) -> f64 {
    if u < 0.05 { 600.0 } else { 0.0 }
}

/// A distribution function after the failures.
fn with_failures(cdf: impl Fn(f64) -> f64, x: f64) -> f64 {
    0.95 * cdf(x) + 0.05 * cdf(x - 600.0)
}

fn tens(x: f64) -> f64 {
    (x / 10.0).floor() * 10.0
}

/// Candidates without a density at the quantile.
const UNEVEN: [Pair; 3] = [
    Pair {
        name: "a runbook fails one time in twenty, the other never",
        draw: |u| {
            let decision = minute().quantile(u[0]);
            [decision + fails(u[1]), decision + 30.0 * u[2]]
        },
        cdf: [|x| with_failures(|x| minute().cdf(x), x), |x| with_ttl(30.0, x)],
    },
    Pair {
        name: "both fail in the same one of twenty",
        draw: |u| {
            let decision = minute().quantile(u[0]) + fails(u[1]);
            [decision, decision + 30.0 * u[2]]
        },
        cdf: [|x| with_failures(|x| minute().cdf(x), x), |x| with_failures(|x| with_ttl(30.0, x), x)],
    },
    Pair {
        name: "whole tens of seconds, same people",
        draw: |u| {
            let decision = minute().quantile(u[0]);
            [tens(decision + 60.0 * u[1]), tens(decision + 30.0 * u[2])]
        },
        cdf: [|x| with_ttl(60.0, tens(x) + 10.0), |x| with_ttl(30.0, tens(x) + 10.0)],
    },
];

impl Pair {
    fn sample(&self, n: usize, stream: &mut Stream) -> [Vec<f64>; 2] {
        let drawn = (0..n).map(|_| (self.draw)(std::array::from_fn(|_| stream.uniform())));
        let (one, other) = drawn.map(|[one, other]| (one, other)).unzip();
        [one, other]
    }

    /// The true difference of the quantiles, by bisection.
    fn difference(&self, p: f64) -> f64 {
        let [one, other] = self.cdf.map(|cdf| {
            let (mut low, mut high) = (0.0, 10_000.0);
            for _ in 0..60 {
                let middle = f64::midpoint(low, high);
                if cdf(middle) < p { low = middle } else { high = middle }
            }
            // Steps are at whole seconds, and bisection ends a hair beside them.
            (f64::midpoint(low, high) * 1e6).round() / 1e6
        });
        other - one
    }

    /// The true difference of the means: the integral of the difference of the distribution functions.
    fn mean_difference(&self) -> f64 {
        const STEP: f64 = 0.5;
        let [one, other] = self.cdf;
        (0..8_000).map(|step| (f64::from(step) + 0.5) * STEP).map(|x| (one(x) - other(x)) * STEP).sum()
    }
}

fn observed(values: &[f64]) -> Observed<'_> {
    Observed { values, beyond: f64::INFINITY }
}

fn holds(interval: Bounds, truth: f64) -> u64 {
    u64::from(interval.low <= truth && truth <= interval.high)
}

fn one_mean_difference(pair: &Pair, n: usize) -> Line {
    let truth = pair.mean_difference();
    let mut stream = stream(&format!("mean {} {n}", pair.name));
    let mut hits = 0;
    for _ in 0..REPETITIONS {
        let [one, other] = pair.sample(n, &mut stream);
        hits += holds(mean_difference(&one, &other, LEVEL).expect("enough").interval, truth);
    }
    row("difference of means", pair.name, n, (hits, REPETITIONS), "Student's t")
}

fn quantile_differences(pair: &Pair, of: &[f64], n: usize) -> Vec<Line> {
    let mut stream = stream(&format!("{} {n}", pair.name));
    let mut counts: Vec<Count> = of.iter().map(|&p| Count::new(p, pair.difference(p))).collect();
    for _ in 0..REPETITIONS {
        let [one, other] = pair.sample(n, &mut stream);
        for count in &mut counts {
            count.add(&one, &other);
        }
    }
    counts.iter().map(|count| count.row(pair.name, n)).collect()
}

/// How often intervals of the difference of one quantile hold the truth.
struct Count {
    p: f64,
    truth: f64,
    draws: Stream,
    repetitions: u64,
    hits: u64,
    linear: u64,
}

impl Count {
    fn new(p: f64, truth: f64) -> Self {
        Self { p, truth, draws: stream("joint ranks"), repetitions: 0, hits: 0, linear: 0 }
    }

    fn add(&mut self, one: &[f64], other: &[f64]) {
        let found = quantile_difference(observed(one), observed(other), self.p, LEVEL, &mut self.draws);
        let found = found.expect("enough");
        self.repetitions += 1;
        self.hits += holds(found.interval, self.truth);
        self.linear += u64::from(found.method == Method::Linear);
    }

    fn row(&self, of: &str, n: usize) -> Line {
        let found_by = match self.linear * 100 / self.repetitions {
            100 => "linear".to_owned(),
            0 if self.linear == 0 => "joint ranks".to_owned(),
            some => format!("linear in {some} %, else joint ranks"),
        };
        let line = row(&format!("difference of p{}", self.p * 100.0), of, n, (self.hits, self.repetitions), &found_by);
        // Which of the two is nearly always found says what the row is of.
        if 2 * self.linear < self.repetitions { at_least(line) } else { line }
    }
}

/// A simulated deployment without anything that is slow to simulate.
const SMALLEST: &str = r#"
name    = "smallest"
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
[dns]
policy = "latency"
[[clients]]
name = "world"
near = "us-east-1"
requests-per-second = 100
cohorts = 20
[[journeys]]
name  = "browse"
share = 1
[[faults]]
kind     = "region-outage"
region   = "us-east-1"
at       = { uniform = ["10m", "11m"] }
duration = "permanent"
"#;

const TTLS: [&str; 2] = ["60s", "30s"];

fn smallest(ttl: &str) -> Experiment<Simulation> {
    let sets = vec![("dns.ttl".to_owned(), ttl.to_owned())];
    open_text("smallest", SMALLEST, &Overrides { sets, ..Overrides::default() }).expect("valid")
}

/// The first of the ten million trials behind `TRUTHS`; the intervals are made of those from 0 on.
const FIRST_OF_TRUTH: u64 = 100_000_000;

/// The quantile p of the first, and of the difference, by `statistics truth`: ten million trials of each.
const TRUTHS: [(f64, f64, f64); 3] =
    [(0.5, 157.827_747_567, -28.802_56), (0.95, 165.612_531_265, -29.141_56), (0.99, 171.771_998_649, -29.051_71)];

/// The difference of the means, by the same trials; its standard error is 0.00095.
const TRUE_MEAN: f64 = -28.573_28;

/// Trials of each candidate that are cut into samples.
const SIMULATED: u64 = 10_000_000;

/// The model itself, with two TTLs.
fn simulated() {
    const OF: &str = "simulated, TTL 60 s and 30 s";
    let mut all = Vec::new();
    let [one, other] = TTLS.map(|ttl| many(ttl, 0, default_threads()));
    for trials in TRIALS {
        let samples: Vec<(&[f64], &[f64])> = one.chunks(trials).zip(other.chunks(trials)).collect();
        let repetitions = samples.len() as u64;
        let mean = |(one, other): &(&[f64], &[f64])| {
            holds(mean_difference(one, other, LEVEL).expect("enough").interval, TRUE_MEAN)
        };
        let hits = samples.par_iter().map(mean).sum();
        all.push(row("difference of means", OF, trials, (hits, repetitions), "Student's t"));
        let lines = TRUTHS.par_iter().flat_map_iter(|&(p, alone, difference)| {
            let mut count = Count::new(p, difference);
            let (mut hits, mut promised) = (0, 0.0);
            for (one, other) in &samples {
                count.add(one, other);
                let found = quantile(&sorted(one.to_vec()), p, LEVEL).expect("enough");
                hits += u64::from(found.interval().contains(alone));
                promised = found.coverage;
            }
            let name = format!("quantile p{}", p * 100.0);
            [row(&name, "simulated, TTL 60 s", trials, (hits, repetitions), &ranks(promised)), count.row(OF, trials)]
        });
        all.extend(lines.collect::<Vec<Line>>());
    }
    print(&all);
}

/// The values of `TRUTHS`, from trials that `simulated` does not use.
fn truth() {
    let columns = TTLS.map(|ttl| many(ttl, FIRST_OF_TRUTH, default_threads()));
    let mut tally = Tally::new();
    columns[0].iter().zip(&columns[1]).for_each(|(one, other)| tally.add(other - one));
    println!("difference of means {:.5} ± {:.5}", tally.mean(), tally.standard_error());
    let columns = columns.map(sorted);
    for p in [0.5, 0.95, 0.99] {
        let [one, other] = [&columns[0], &columns[1]].map(|sorted| quantile(sorted, p, 0.95).expect("many"));
        println!("p{}: {one:?}\n     {other:?}\n     difference {:.5}", p * 100.0, other.estimate - one.estimate);
    }
}

/// The recovery times of ten million trials, in blocks whose other columns are not kept.
fn many(ttl: &str, first: u64, threads: NonZeroUsize) -> Vec<f64> {
    const BLOCK: u64 = 500_000;
    let experiment = smallest(ttl);
    let blocks = (0..SIMULATED / BLOCK).map(|index| first + index * BLOCK);
    blocks.flat_map(|from| recovery(&experiment.source, from..from + BLOCK, threads)).collect()
}

fn recovery(source: &impl Trials, trials: Range<u64>, threads: NonZeroUsize) -> Vec<f64> {
    let run = run_trials(source, trials, threads, &|_| (), &Stop::new()).expect("it runs");
    run.table.of(measure::WORST_RECOVERY, Whole).collect()
}

/// The changes to each file of the catalogue, where it has the key.
const CHANGES: [(&str, &str); 2] = [("dns.ttl", "20s"), ("dns.health-check.interval", "30s")];

/// How much narrower differences are on common random numbers.
fn common_random_numbers() {
    const TRIALS: u64 = 4_000;
    println!("| experiment | change | mean difference, s | variance ratio, mean | variance ratio, p50 |");
    println!("|---|---|---|---|---|");
    let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments"))
        .expect("the catalogue is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    let mut unmoved = Vec::new();
    for file in files {
        let open = |sets: Vec<(String, String)>| Files.open(&file, &Overrides { sets, ..Overrides::default() });
        for (key, value) in CHANGES {
            let change = vec![(key.to_owned(), value.to_owned())];
            let (Ok(base), Ok(other)) = (open(Vec::new()), open(change)) else { continue };
            let [one, other] = [&base, &other].map(|one| recovery(&one.source, 0..TRIALS, default_threads()));
            // Trials that were not back have no difference; the same trials are left out on both sides.
            let pairs = || one.iter().zip(&other).filter(|(a, b)| a.is_finite() && b.is_finite());
            let variance = |values: &mut dyn Iterator<Item = f64>| {
                let mut tally = Tally::new();
                values.for_each(|value| tally.add(value));
                (tally.mean(), tally.variance())
            };
            let (mean, paired) = variance(&mut pairs().map(|(a, b)| b - a));
            if pairs().all(|(a, b)| a == b) {
                unmoved.push(format!("{} with {key} = {value}", base.header.name));
                continue;
            }
            let apart = variance(&mut pairs().map(|(a, _)| *a)).1 + variance(&mut pairs().map(|(_, b)| *b)).1;
            // Turned by one trial the pairs have nothing in common, and the same distributions.
            let mut turned = other.clone();
            turned.rotate_left(1);
            let width = |other: &[f64]| {
                let mut draws = stream("joint ranks");
                let found = quantile_difference(observed(&one), observed(other), 0.5, LEVEL, &mut draws).ok()?;
                Some(found.interval.high - found.interval.low).filter(|width| width.is_finite() && *width > 0.0)
            };
            let median = match (width(&turned), width(&other)) {
                (Some(apart), Some(paired)) => format!("{:.1}", (apart / paired).powi(2)),
                _ => "none to compare".to_owned(),
            };
            println!(
                "| {} | {key} = {value} | {mean:.3} ± {:.3} | {:.1} | {median} |",
                base.header.name,
                (paired / pairs().count() as f64).sqrt(),
                apart / paired
            );
        }
    }
    println!("\nThe same in every trial: {}.", unmoved.join(", "));
}
