//! The figures of `docs/statistics.md`, made anew:
//!
//! ```sh
//! cargo run --release --example statistics -- coverage
//! cargo run --release --example statistics -- common-random-numbers
//! ```

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use mrsim::experiment::{Files, open_text};
use mrsim::header::Measure;
use mrsim::run::{Open as _, Overrides, Stop, default_threads, run_trials};
use sim_core::random::{Distribution, LogNormal, Stream, StreamId, binomial_quantile};
use sim_core::stats::{Method, Observed, Tally, clopper_pearson, mean_difference, quantile, quantile_difference};

const LEVEL: f64 = 0.95;
const REPETITIONS: u64 = 1_000;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("coverage") => coverage(),
        Some("common-random-numbers") => common_random_numbers(),
        _ => eprintln!("say what: coverage or common-random-numbers"),
    }
}

/// How often the intervals hold the truth.
fn coverage() {
    println!("| interval | of | trials | holds the truth, % |");
    println!("|---|---|---|---|");
    for (p, n) in [(0.5, 1_000), (0.95, 1_000), (0.99, 1_000), (0.99, 10_000)] {
        one_quantile(p, n);
    }
    for (p, n) in [(0.5, 1_000), (0.06, 1_000), (0.99, 1_000), (0.99, 10_000)] {
        one_probability(p, n);
    }
    for pair in &PAIRS {
        one_mean_difference(pair, 1_000);
        for (p, n) in [(0.5, 1_000), (0.95, 1_000), (0.99, 1_000), (0.99, 10_000)] {
            one_quantile_difference(pair, p, n);
        }
    }
    simulated();
}

fn row(interval: &str, of: &str, trials: usize, hits: u64, repetitions: u64) {
    println!("| {interval} | {of} | {trials} | {:.1} |", 100.0 * hits as f64 / repetitions as f64);
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

fn one_quantile(p: f64, n: usize) {
    let (delay, mut stream) = (minute(), stream("quantile"));
    let truth = delay.quantile(p);
    let mut hits = 0;
    for _ in 0..REPETITIONS {
        let sample = sorted((0..n).map(|_| delay.quantile(stream.uniform())).collect());
        hits += u64::from(quantile(&sample, p, LEVEL).expect("enough").interval().contains(truth));
    }
    row(&format!("quantile p{}", p * 100.0), "a lognormal delay", n, hits, REPETITIONS);
}

fn one_probability(p: f64, n: usize) {
    let mut stream = stream("probability");
    let hits = (0..REPETITIONS)
        .filter(|_| clopper_pearson(binomial_quantile(n as u64, p, stream.uniform()), n as u64, LEVEL).contains(p))
        .count();
    row("probability", &format!("{p}"), n, hits as u64, REPETITIONS);
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
            f64::midpoint(low, high)
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

fn one_mean_difference(pair: &Pair, n: usize) {
    let truth = pair.mean_difference();
    let mut stream = stream(pair.name);
    let mut hits = 0;
    for _ in 0..REPETITIONS {
        let [one, other] = pair.sample(n, &mut stream);
        let interval = mean_difference(&one, &other, LEVEL).expect("enough").interval;
        hits += u64::from(interval.low <= truth && truth <= interval.high);
    }
    row("difference of means", pair.name, n, hits, REPETITIONS);
}

fn one_quantile_difference(pair: &Pair, p: f64, n: usize) {
    let truth = pair.difference(p);
    let (mut stream, mut draws) = (stream(pair.name), stream("joint ranks"));
    let (mut hits, mut linear) = (0, 0);
    for _ in 0..REPETITIONS {
        let [one, other] = pair.sample(n, &mut stream);
        let found = quantile_difference(observed(&one), observed(&other), p, LEVEL, &mut draws).expect("enough");
        hits += u64::from(found.interval.low <= truth && truth <= found.interval.high);
        linear += u64::from(found.method == Method::Linear);
    }
    let how = match linear * 100 / REPETITIONS {
        90.. => String::new(),
        0..=9 => ", joint ranks".to_owned(),
        some => format!(", joint ranks in {} %", 100 - some),
    };
    row(&format!("difference of p{}{how}", p * 100.0), pair.name, n, hits, REPETITIONS);
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

/// The model itself, with two TTLs. The truth is that of all trials together, a thousand times as many.
fn simulated() {
    const TRIALS: usize = 1_000;
    let all = ["60s", "30s"].map(|ttl| {
        let sets = vec![("dns.ttl".to_owned(), ttl.to_owned())];
        let experiment = open_text("smallest", SMALLEST, &Overrides { sets, ..Overrides::default() }).expect("valid");
        recovery(&experiment.source, TRIALS as u64 * REPETITIONS, default_threads())
    });
    let blocks = || all[0].chunks(TRIALS).zip(all[1].chunks(TRIALS));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let truth = mean(&all[1]) - mean(&all[0]);
    let holds = |interval: sim_core::stats::Bounds, truth: f64| interval.low <= truth && truth <= interval.high;
    let hits =
        blocks().filter(|(one, other)| holds(mean_difference(one, other, LEVEL).expect("enough").interval, truth));
    row("difference of means", "simulated, TTL 60 s and 30 s", TRIALS, hits.count() as u64, REPETITIONS);
    let whole = [&all[0], &all[1]].map(|values| sorted(values.clone()));
    for p in [0.5, 0.95] {
        let quantile_of = |sorted: &[f64]| sorted[(sorted.len() as f64 * p).ceil() as usize - 1];
        let truth = quantile_of(&whole[1]) - quantile_of(&whole[0]);
        let mut draws = stream("joint ranks");
        let hits = blocks().filter(|(one, other)| {
            let found = quantile_difference(observed(one), observed(other), p, LEVEL, &mut draws).expect("enough");
            holds(found.interval, truth)
        });
        row(
            &format!("difference of p{}", p * 100.0),
            "simulated, TTL 60 s and 30 s",
            TRIALS,
            hits.count() as u64,
            REPETITIONS,
        );
        let hits = all[0].chunks(TRIALS).filter(|one| {
            let sample = sorted(one.to_vec());
            quantile(&sample, p, LEVEL).expect("enough").interval().contains(quantile_of(&whole[0]))
        });
        row(&format!("quantile p{}", p * 100.0), "simulated, TTL 60 s", TRIALS, hits.count() as u64, REPETITIONS);
    }
}

fn recovery(source: &impl mrsim::run::Trials, trials: u64, threads: NonZeroUsize) -> Vec<f64> {
    let run = run_trials(source, 0..trials, threads, &|_| (), &Stop::new()).expect("it runs");
    run.table.column(Measure::Rto.column()).expect("every run has it")
}

/// What each file of the catalogue is changed in, where it has it.
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
            let [one, other] = [&base, &other].map(|one| recovery(&one.source, TRIALS, default_threads()));
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
