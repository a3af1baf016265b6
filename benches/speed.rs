//! How fast it is, as a table: `cargo bench`.
//!
//! Machines are noisy, so every figure is the best of several short runs, and the last column relates it to one yardstick
//! measured in the same run: the time of one event in a list of 256 pending ones. Compare that column across machines
//! and commits, not the seconds.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use mrsim::experiment::{Files, Simulation, open_text};
use mrsim::run::{Experiment, Open, Overrides, Stop, Trials, default_threads, run_trials};
use sim_core::component::{Address, Agenda, FutureEventList};
use sim_core::time::{SimDuration, SimTime};

const RUNS: usize = 7;

/// Seconds per piece of work: the best of several runs.
fn best(mut run: impl FnMut() -> u64) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        let pieces = run();
        best = best.min(start.elapsed().as_secs_f64() / pieces as f64);
    }
    best
}

/// The hold model: a list that always holds so many events, each of which schedules another.
fn hold(pending: u64) -> f64 {
    const EVENTS: u64 = 400_000;
    let address = Address::new(0);
    let mut list = FutureEventList::new();
    let mut agenda = Agenda::default();
    let mut state = 1_u64;
    let mut delay = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        SimDuration::from_nanos(state >> 40)
    };
    for event in 0..pending {
        list.push(SimTime::ZERO + delay(), address, agenda.put(event));
    }
    best(|| {
        for _ in 0..EVENTS {
            let due = list.pop().expect("the list never runs dry");
            let event = agenda.take(due.handle).expect("nothing is cancelled");
            list.push(due.time + delay(), address, agenda.put(event));
        }
        EVENTS
    })
}

fn catalogue() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the catalogue is there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// An outage of one of two regions, with so many populations of so many cohorts that together offer so many requests per
/// second; `more` goes into the tables of clients.
fn outage(populations: usize, cohorts: usize, requests_per_second: f64, more: &str) -> String {
    let mut text = format!(
        r#"
name = "outage"
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
[compute]
kind = "ec2-auto-scaling"
instances = {{ min = 4, desired = 8, max = 24 }}
requests-per-second = 150
kappa = {kappa}
scaling = {{ target-utilization = 0.5 }}
[dns]
policy = "latency"
ttl = "60s"
health-check = {{ interval = "10s", failure-threshold = 3 }}
[stores.orders]
kind = "aurora-global"
writer = "us-east-1"
[[journeys]]
name = "browse"
share = 0.85
[[journeys]]
name = "checkout"
share = 0.15
needs = [{{ write = "orders" }}]
[[runbooks]]
name = "promote"
on = {{ health-check = "us-east-1" }}
hosted-in = "eu-west-1"
steps = [{{ promote = "orders", to = "eu-west-1" }}]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = {{ uniform = ["10m", "11m"] }}
duration = "permanent"
"#,
        kappa = if more.is_empty() { 0.0 } else { 0.2 }
    );
    for population in 0..populations {
        let near = ["us-east-1", "eu-west-1"][population % 2];
        let rate = requests_per_second / populations as f64;
        write!(
            text,
            "[[clients]]\nname = \"people-{population}\"\nnear = \"{near}\"\nrequests-per-second = {rate}\n\
             cohorts = {cohorts}\n{more}\n"
        )
        .expect("a string takes everything");
    }
    text
}

fn trials_per_second(path: &std::path::Path, eager: bool, threads: std::num::NonZeroUsize, trials: u64) -> f64 {
    let overrides = Overrides { eager, ..Overrides::default() };
    timed(&Files.open(path, &overrides).expect("the catalogue is valid"), threads, trials)
}

/// Seconds per trial of an experiment.
fn timed(experiment: &Experiment<Simulation>, threads: std::num::NonZeroUsize, trials: u64) -> f64 {
    if threads.get() == 1 {
        let mut worker = experiment.source.worker();
        let mut row = vec![0.0; experiment.source.columns().len()];
        let mut outages = Vec::new();
        return best(|| {
            outages.clear();
            for trial in 0..trials {
                experiment.source.run(&mut worker, trial, &mut row, &mut outages);
            }
            trials
        });
    }
    best(|| {
        let run = run_trials(&experiment.source, 0..trials, threads, &|_| (), &Stop::new()).expect("trials run");
        run.table.len() as u64
    })
}

fn main() {
    // `cargo test` runs benches too, to see that they work; then one figure is enough.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let yardstick = hold(256);
    println!("{:<44} {:>16} {:>12}", "what", "per second", "yardsticks");
    let line = |what: &str, seconds: f64| {
        println!("{what:<44} {:>16.0} {:>12.1}", 1.0 / seconds, seconds / yardstick);
    };
    line("events, 256 pending (the yardstick)", yardstick);
    if quick {
        return;
    }
    for pending in [16, 4_096, 65_536] {
        line(&format!("events, {pending} pending"), hold(pending));
    }
    let one = std::num::NonZeroUsize::MIN;
    let of = |text: &str, trials| {
        let experiment = open_text("outage.toml", text, &Overrides::default()).unwrap_or_else(|_| panic!("{text}"));
        timed(&experiment, one, trials)
    };
    for populations in [1, 16, 64, 256] {
        let seconds = of(&outage(populations, 200, 1_000.0, ""), 4_000 / (populations as u64 + 15));
        line(&format!("trials of {populations} populations, 200 cohorts"), seconds);
    }
    for cohorts in [50, 500, 5_000] {
        line(&format!("trials of 1 population, {cohorts} cohorts"), of(&outage(1, cohorts, 1_000.0, ""), 200));
    }
    // Four attempts each send nearly as much as there is room for: what fails comes back as load.
    line("trials with retries near the fold", of(&outage(1, 200, 1_120.0, "retries = { attempts = 4 }"), 200));
    for path in catalogue() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        line(&format!("trials of {name}"), trials_per_second(&path, false, one, 500));
        if name == "active-active" {
            line("  the same, every probe run (--eager)", trials_per_second(&path, true, one, 50));
            let all = default_threads();
            line(&format!("  the same on {all} threads"), trials_per_second(&path, false, all, 4_000));
        }
    }
}
