//! The keys at the top of an experiment file: its name, how to run it, and the objectives.

use models::deployment::Topology;
use models::faults::Start;
use models::objectives::{Limit, LimitKeys, Up, UpKeys};
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Custom, Duration, Either, Own, Share, Sub, Text};
use sim_settings::{Key, Keys as _, Layout, Listing, Report, Section, keys};

use crate::cost::{self, Tariff};
use crate::header::{Indicator, Objective, Of};
use crate::run::MAX_TRIALS;
use crate::symbol::Symbol;
use crate::units::{count, whole};
use crate::variation::{self, SolveSpec, SweepSpec};

keys! {
    /// The keys at the top of a file.
    struct RunKeys {
        const NAME: Key<Text> = Key::required("name", "what the experiment is called").example("\"active-active\"");
        const DESCRIPTION: Key<Option<Text>> = Key::optional("description", "one sentence about it", "no description").example("\"two regions that both serve\"");
        const SEED: Key<Count> = Key::convention("seed", "the master seed", "1", "any number serves").at_least(0.0);
        const TRIALS: Key<Count> =
            Key::convention("trials", "how many trials to run", "10_000", "enough for a p99.9 with an interval")
                .at_least(1.0)
                .at_most(MAX_TRIALS as f64);
        const HORIZON: Key<Duration> =
            Key::required("horizon", "how long a trial lasts; a journey down at its end is censored").above(0.0);
        const OBJECTIVES: Key<Option<Sub<ObjectiveKeys>>> = Key::optional("objectives", "what recovery times and data losses are held against", "no objectives");
    }
}
keys! {
    /// The keys of `[objectives]`.
    struct ObjectiveKeys {
        const UP_WHEN: Key<Either<Share, Sub<UpKeys>>> = Key::convention(
            "up-when",
            "share of requests that must succeed for a journey to count as up, and how fast, if that is asked for",
            "0.99",
            "what most service level objectives count as up",
        );
        const RTO: Key<Option<Sub<LimitKeys>>> = Key::optional("rto", "limits on quantiles of the worst journey's recovery time", "no objective");
        const RPO: Key<Option<Sub<LimitKeys>>> = Key::optional("rpo", "limits on quantiles of the worst store's data loss, in seconds of writes", "no objective");
        const CAUGHT_UP: Key<Option<Sub<LimitKeys>>> = Key::optional(
            "caught-up",
            "limits on quantiles of the time until the backlog of the worst queue is back where it was when the clock started",
            "no objective",
        );
        const LATENCY: Key<Option<Sub<LimitKeys>>> = Key::optional(
            "latency",
            "limits on quantiles of the time that requests take, over all of all trials, of the journey that takes longest: before the clock starts, and after the recovery",
            "no objective",
        );
        const AVAILABILITY: Key<Option<Share>> = Key::optional("availability", "share of a trial's time in which all journeys should be up; the rest is the error budget", "no objective")
        .above(0.0)
        .at_most(0.999_999_999);
    }
}
keys! {
    /// Keys that are read before the others.
    struct FileKeys {
        const EXTENDS: Key<Option<Either<Text, Own<Paths>>>> = Key::optional(
            "extends",
            "another file that this one changes, or several, each laid over those before it; packs are laid over the whole",
            "the file stands alone",
        )
        .example("\"active-active.toml\"");
    }
}

/// Paths of files.
enum Paths {}

impl Custom for Paths {
    const WORDS: &'static str = "an array of paths";
}

/// Every key that an experiment file can have.
pub const LAYOUT: Layout = &[
    Listing::Keys(FileKeys::KEYS),
    Listing::Keys(RunKeys::KEYS),
    Listing::All(models::deployment::LAYOUT),
    Listing::Keys(variation::RootKeys::KEYS),
    Listing::Keys(variation::SolveRootKeys::KEYS),
    Listing::Keys(cost::RootKeys::KEYS),
];

/// Whether the value at a path says how to run the experiment or what to ask of it, and nothing of the deployment.
pub(super) fn is_of_the_run(path: &str) -> bool {
    let first = path.split('.').next().unwrap_or(path);
    let keys = RunKeys::KEYS.iter().chain(variation::RootKeys::KEYS).chain(variation::SolveRootKeys::KEYS);
    keys.into_iter().any(|entry| entry.key.name == first)
}

/// The content of an experiment file.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) seed: u64,
    pub(super) trials: u64,
    pub(super) horizon: SimDuration,
    pub(super) objectives: Vec<Objective>,
    pub(super) availability: Option<f64>,
    pub(super) sweep: Option<SweepSpec>,
    pub(super) solve: Option<SolveSpec>,
    pub(super) topology: Topology,
    pub(super) tariff: Option<Tariff>,
}

/// Reads a whole file. Problems go to the report; the result must not be used if there are any.
pub(super) fn read(report: &Report, node: &sim_settings::Node) -> Spec {
    let mut root = report.root(node).with(LAYOUT);
    // Messages list missing keys in this order.
    let (name, description) = (root.get(&NAME), root.get(&DESCRIPTION).unwrap_or_default());
    let (seed, trials, horizon) = (root.get(&SEED), root.get(&TRIALS), root.get(&HORIZON));
    let mut objectives = Vec::new();
    let mut availability = None;
    let up_when = {
        let mut section = root.section_or_default(&OBJECTIVES);
        for (key, indicator) in [(&RTO, Indicator::Rto), (&RPO, Indicator::Rpo), (&CAUGHT_UP, Indicator::CaughtUp)] {
            let limits = section.section(key).map(|mut limits| Limit::read_all(&mut limits)).unwrap_or_default();
            objectives.extend(limits.iter().map(|limit| objective(indicator, Of::Worst, limit)));
        }
        let limits = section.section(&LATENCY).map(|mut limits| Limit::read_all(&mut limits)).unwrap_or_default();
        objectives.extend(latencies(Of::Worst, &limits));
        availability = section.get(&AVAILABILITY).or(availability);
        if section.node(&UP_WHEN).is_some_and(|node| !node.entries().is_empty()) {
            Up::read(&mut section.section_or_default(&UP_WHEN.other()))
        } else {
            Up { share: Some(section.get(&UP_WHEN.one())), within: None }
        }
    };
    let mut topology = Topology::read(&mut root, up_when);
    topology.percentiles |= objectives.iter().any(|objective| objective.indicator.phase().is_some());
    objectives.extend(own(&topology));
    refuse_endless_trials(&root, &topology, horizon);
    let sweep = variation::read(report, &mut root);
    let solve = {
        let journeys: Vec<String> = topology.journeys.iter().map(|journey| journey.name.clone()).collect();
        let stores: Vec<String> = topology.stores.iter().map(|store| store.name.clone()).collect();
        let queues = topology.stores.iter().filter(|store| store.parameters.consumer().is_some());
        let queues: Vec<String> = queues.map(|store| store.name.clone()).collect();
        let known = variation::Subjects { journeys: &journeys, stores: &stores, queues: &queues };
        variation::read_solve(report, &mut root, known)
    };
    let tariff = cost::read(&mut root);
    Spec { name, description, seed, trials, horizon, objectives, availability, sweep, solve, topology, tariff }
}

/// The most faults of a trial, on average: more would take minutes a trial, and few people mean more than a fault a
/// minute for a year.
const MOST_FAULTS: f64 = 1_000_000.0;

/// A rate that fills a trial with faults would run without an end, so it is refused before the run.
fn refuse_endless_trials(root: &Section<'_>, topology: &Topology, horizon: SimDuration) {
    for (index, fault) in topology.faults.iter().enumerate() {
        let Start::Rate(rate) = fault.start else { continue };
        let expected = rate * horizon.as_secs_f64();
        if expected > MOST_FAULTS {
            let found = format!("a rate that begins this fault {} times in a trial", count(expected));
            let most = format!("at most {} in a trial: a lower rate or a shorter horizon", whole(MOST_FAULTS as u64));
            root.reject_in(("faults", index), "rate", found, most);
        }
    }
}

fn objective(indicator: Indicator, of: Of, limit: &Limit) -> Objective {
    Objective { indicator, of, quantile: limit.quantile, limit: limit.seconds }
}

/// The objectives on what requests take: each limit is held against before and after, each said apart.
fn latencies(of: Of, limits: &[Limit]) -> Vec<Objective> {
    let phases = [Indicator::LatencyBefore, Indicator::LatencyAfter];
    limits.iter().flat_map(|limit| phases.map(|phase| objective(phase, of, limit))).collect()
}

/// The objectives of single journeys and stores.
fn own(topology: &Topology) -> Vec<Objective> {
    let journeys = topology.journeys.iter().flat_map(|journey| {
        let of = Of::Journey(Symbol::new(&journey.name));
        let rto = journey.objectives.rto.iter().map(move |limit| objective(Indicator::Rto, of, limit));
        rto.chain(latencies(of, &journey.objectives.latency))
    });
    let stores = topology.stores.iter().flat_map(|store| {
        let of = Of::Store(Symbol::new(&store.name));
        let rpo = store.objectives.rpo.iter().map(move |limit| objective(Indicator::Rpo, of, limit));
        rpo.chain(store.objectives.caught_up.iter().map(move |limit| objective(Indicator::CaughtUp, of, limit)))
    });
    journeys.chain(stores).collect()
}
