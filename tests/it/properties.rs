//! Properties of every experiment.

use measure::{Cells, Unit};
use models::cause::{CAUSES, Cause};
use models::clients::Parameters as Clients;
use models::deployment::Observer;
use models::flow::Flow;
use mrsim::experiment::Simulation;
use mrsim::run::Trials as _;
use proptest::prelude::*;
use sim_core::time::SimTime;

use crate::generated::{Numbers, Wish, holds, numbers};
use crate::lab::{of, open, opened, row};

const TRIALS: u64 = 3;

/// A trial's row under the names of its columns.
struct Row {
    names: Vec<String>,
    values: Vec<f64>,
}

impl Row {
    fn of(source: &Simulation, trial: u64) -> Self {
        Self { names: source.columns().names().to_vec(), values: row(source, trial) }
    }

    fn get(&self, name: &str) -> f64 {
        let place = self.names.iter().position(|own| own == name);
        self.values[place.unwrap_or_else(|| panic!("no column {name}"))]
    }

    /// The sum of all columns that begin and end so.
    fn sum(&self, begins: &str, ends: &str) -> f64 {
        let wanted = |name: &str| name.starts_with(begins) && name.ends_with(ends);
        self.names.iter().zip(&self.values).filter(|(name, _)| wanted(name)).map(|(_, value)| value).sum()
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

/// Bit by bit, and what did not happen equals itself.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Runs the first trials of generated experiments.
fn in_every_trial(cases: u32, wish: Wish, property: impl Fn(&Simulation, &Row) -> Result<(), TestCaseError>) {
    holds(cases, &numbers(), |numbers| {
        let text = numbers.text(wish);
        let source = open(&text).source;
        (0..TRIALS).try_for_each(|trial| {
            property(&source, &Row::of(&source, trial))
                .map_err(|error| TestCaseError::fail(format!("trial {trial}: {error}\n{text}")))
        })
    });
}

/// What surges and populations that grow make of the load at most.
const MOST_SURGE: f64 = 10.0;

#[test]
fn figures_of_a_trial_add_up() {
    in_every_trial(300, Wish::default(), |source, row| {
        let topology = source.topology();
        let horizon = source.horizon().as_secs_f64();
        for journey in &topology.journeys {
            let figure = |name: &str| row.get(&format!("journey.{}.{name}", journey.name));
            let causes: f64 = Cause::ALL.iter().map(|cause| figure(&format!("cause.{}", cause.name()))).sum();
            prop_assert!(close(causes, figure("failed")), "causes {causes}, failed {}", figure("failed"));
            prop_assert!(figure("failed") <= figure("offered") * (1.0 + 1e-9));

            let stages = row.sum(&format!("journey.{}.stage.", journey.name), "_s");
            let (recovery, downtime) = (figure("recovery_s"), figure("downtime_s"));
            let within = if recovery.is_finite() { recovery } else { stages };
            prop_assert!(close(stages, within), "stages {stages}, recovery {recovery}");
            prop_assert!(stages <= horizon + 1e-9 && downtime <= horizon + 1e-9, "{stages} {downtime}");
            let down = stages - figure("stage.up_s");
            if topology.recurring() {
                // The recovery time is that of the longest outage, the down time that of all.
                prop_assert!(down <= downtime + 1e-6, "down {downtime}, {down} of it in the longest outage");
            } else {
                prop_assert!(close(down, downtime) && downtime <= within + 1e-9, "down {downtime} of {stages}");
            }
            let availability = figure("availability");
            prop_assert!(availability <= 1.0 - downtime / horizon + 1e-9, "{availability} with {downtime} down");
            prop_assert!(row.get("overall.availability") <= availability + 1e-12);
            prop_assert!(figure("lost_traffic_s") >= downtime * (1.0 - topology.up_when) * (1.0 - 1e-6) - 1e-6);
        }
        prop_assert!(close(row.sum("journey.", ".failed"), row.sum("population.", ".failed")));
        let (decided, offered) = (row.sum("journey.", ".offered"), row.sum("population.", ".offered"));
        if topology.queues().next().is_some() {
            // Requests count for journeys when they are decided: some are on their way at the end.
            let most = |clients: &Clients| {
                clients.requests_per_second * f64::from(clients.attempts) * clients.timeout.as_secs_f64() * MOST_SURGE
            };
            let on_the_way: f64 = topology.clients.iter().map(most).sum();
            prop_assert!((decided - offered).abs() <= on_the_way, "{decided} of {offered} decided");
        } else {
            prop_assert!(close(decided, offered));
        }
        for (name, value) in row.names.iter().zip(&row.values) {
            prop_assert!(value.is_nan() || *value >= 0.0, "{name} = {value}");
        }
        for (place, value) in row.values.iter().enumerate() {
            let (name, measure) = (&row.names[place], source.columns().measure(place));
            let as_said = match measure.cells {
                Cells::Always => value.is_finite(),
                Cells::Censored | Cells::Boundless => !value.is_nan(),
                Cells::Sometimes => !value.is_infinite(),
                Cells::Open => true,
                Cells::CensoredOrNone => value.is_nan() == row.get("first_fault_s").is_nan(),
            };
            prop_assert!(as_said, "{name} = {value}");
            prop_assert!(measure.unit != Unit::Share || *value <= 1.0, "{name} = {value}");
            prop_assert!(measure.unit != Unit::Count || value.fract() == 0.0, "{name} = {value}");
        }
        Ok(())
    });
}

/// Looks at the flows at every instant.
#[derive(Default)]
struct Auditor {
    attempts: Vec<f64>,
    origin_group: bool,
    /// Whether requests wait: what is decided at an instant was offered at other ones.
    waits: bool,
    last: SimTime,
    complaint: Option<String>,
}

impl Auditor {
    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.complaint.is_none() {
            self.complaint = Some(what());
        }
    }
}

/// What fails for causes that there are behind the fronts.
fn behind(causes: &[f64; CAUSES]) -> f64 {
    Cause::BEHIND.iter().map(|cause| causes[cause.index()]).sum()
}

impl Observer for Auditor {
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        let before = std::mem::replace(&mut self.last, now);
        self.expect(now >= before, || format!("{now} after {before}"));
        let offered: f64 = flow.offered.iter().sum();
        let mut most = 0.0;
        for (population, shares) in flow.shares.each_row().enumerate() {
            let whole: f64 = shares.iter().sum();
            let proper = shares.iter().all(|share| (0.0..=1.0).contains(share));
            self.expect(proper && (whole - 1.0).abs() < 1e-12, || format!("{now}: {population} is divided {shares:?}"));
            self.expect(self.waits || flow.failed[population] <= flow.offered[population] * (1.0 + 1e-12), || {
                format!("{now}: {} of {} fail", flow.failed[population], flow.offered[population])
            });
            most += flow.offered[population] * self.attempts[population];
        }
        for (index, journey) in flow.journeys.iter().enumerate() {
            let success = journey.success();
            self.expect((-1e-12..=1.0).contains(&success), || format!("{now}: S of journey {index} is {success}"));
            let causes: f64 = journey.causes.iter().sum();
            self.expect(close(causes, journey.failed), || format!("{now}: causes {causes} of {}", journey.failed));
            let succeeding = journey.offered - journey.failed;
            self.expect(journey.degraded <= succeeding + 1e-9, || format!("{now}: {} degraded", journey.degraded));
        }
        if self.waits {
            most = f64::INFINITY;
        }
        self.expect(self.waits || close(flow.journeys.iter().map(|journey| journey.offered).sum(), offered), || {
            format!("{now}: journeys do not offer {offered}")
        });
        self.expect(close(flow.journeys.iter().map(|journey| journey.failed).sum(), flow.failed.iter().sum()), || {
            format!("{now}: populations do not fail as journeys do")
        });
        let load: f64 = flow.load[..flow.regions].iter().sum();
        let behind: f64 = flow.journeys.iter().map(|journey| behind(&journey.causes)).sum();
        let blamed: f64 = flow.blamed.iter().sum();
        self.expect(blamed <= behind * (1.0 + 1e-9) + 1e-9, || format!("{now}: parts fail {blamed} of {behind}"));
        // An origin group may send what failed at the first origin to the second.
        let origins = if self.origin_group { 2.0 } else { 1.0 };
        self.expect(load <= most * origins * (1.0 + 1e-9), || format!("{now}: {load} attempts of at most {most}"));
        for cell in flow.regions..flow.load.len() {
            let (load, front) = (flow.load[cell], flow.fronts[cell]);
            let asked = if front.dead { 0.0 } else { flow.called(cell) * (1.0 - front.dead_share) };
            self.expect(close(load, asked), || format!("{now}: {load} at tier {cell}, which is asked {asked}"));
        }
        let arrived: f64 = flow.arrived.cells().iter().map(|(offered, _)| offered).sum();
        self.expect(arrived <= most * origins * (1.0 + 1e-9), || format!("{now}: {arrived} arrive of {most}"));
        let numbers = flow.journeys.iter().flat_map(|journey| journey.causes).chain(flow.load.iter().copied());
        let numbers: Vec<f64> = numbers.chain(flow.counted.iter().copied()).collect();
        self.expect(numbers.iter().all(|number| *number >= 0.0), || format!("{now}: {numbers:?}"));
    }
}

#[test]
fn flow_is_conserved_at_every_instant() {
    holds(200, &numbers(), |numbers| {
        let text = numbers.text(Wish::default());
        let source = open(&text).source;
        let mut deployment = source.deployment();
        for trial in 0..TRIALS {
            let attempts = source.topology().clients.iter().map(|clients| f64::from(clients.attempts)).collect();
            let origin_group = source.topology().edge.origin_group().is_some();
            let waits = source.topology().queues().next().is_some();
            let mut auditor = Auditor { attempts, origin_group, waits, ..Auditor::default() };
            deployment.run(trial, &mut auditor);
            if let Some(complaint) = auditor.complaint {
                return Err(TestCaseError::fail(format!("trial {trial}: {complaint}\n{text}")));
            }
        }
        Ok(())
    });
}

#[test]
fn without_a_fault_nothing_fails_and_nothing_is_lost() {
    in_every_trial(150, Wish { calm: true, ..Wish::default() }, |_, row| {
        for (name, value) in row.names.iter().zip(&row.values) {
            let quiet = ["recovery_s", "downtime_s", "failed", "loss_s", "lost", "stranded", "overwritten", "delayed"];
            let quiet = quiet.iter().any(|figure| name.ends_with(figure)) || name.contains(".cause.");
            prop_assert!(!quiet || *value == 0.0, "{name} = {value}");
        }
        Ok(())
    });
}

/// The same columns of two experiments agree bit by bit.
fn agree(text: &str, one: &Simulation, other: &Simulation, but: &[&str]) -> Result<(), TestCaseError> {
    let there = other.columns();
    for trial in 0..TRIALS {
        let (here, row) = (Row::of(one, trial), row(other, trial));
        for (name, value) in here.names.iter().zip(&here.values) {
            let place = there.named(name).expect("the column is still there");
            let well = same(*value, row[place]) || but.contains(&name.as_str());
            prop_assert!(well, "trial {trial}: {name} is {value:?} and {:?}\n{text}", row[place]);
        }
    }
    Ok(())
}

#[test]
fn running_every_quiet_process_changes_no_bit() {
    holds(250, &numbers(), |numbers| {
        let text = numbers.text(Wish::default());
        agree(&text, &open(&text).source, &opened(&text, true).source, &[])
    });
}

/// Components that nobody needs, listens to or sends anything to.
const BYSTANDERS: [&str; 4] = [
    "[stores.unneeded]\nkind = \"dynamodb-global-table\"\n",
    "[stores.unneeded]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\nin-region-failover = \"17s\"\n",
    "[[clients]]\nname = \"nobody\"\nnear = \"us-east-1\"\nrequests-per-second = 0\ncohorts = 7\nretries = { attempts = 3 }\n",
    // More than all of them cannot fail.
    "[[alarms]]\nname = \"unheard\"\nmetric = { errors = \"journey-0\" }\nabove = 1.0\nperiod = \"1m\"\nhosted-in = \"us-east-1\"\n",
];

#[test]
fn bystanders_change_no_bit_of_anybody_elses_figures() {
    let strategy = (numbers(), 0..BYSTANDERS.len());
    holds(250, &strategy, |(numbers, bystander): (Numbers, usize)| {
        let text = numbers.text(Wish::default());
        // A new population belongs to a shard, too.
        let with =
            if bystander == 2 { text.replace("[\"clients-0\"]", "[\"clients-0\", \"nobody\"]") } else { text.clone() };
        let with = format!("{with}{}", BYSTANDERS[bystander]);
        // The first changed answer may be one to the population that was added.
        agree(&with, &open(&text).source, &open(&with).source, &["answer_change_s"][..usize::from(bystander == 2)])
    });
}

#[test]
fn a_place_struck_twice_is_back_when_both_faults_have_ended() {
    let kinds = [
        "kind = \"region-outage\"\nregion = \"us-east-1\"",
        "kind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"",
        "kind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]",
    ];
    holds(100, &(numbers(), 0..kinds.len()), |(numbers, kind): (Numbers, usize)| {
        let text = numbers.text(Wish { calm: true, ..Wish::default() });
        let kind = if text.contains("eu-west-1]") { kinds[kind] } else { kinds[kind % 2] };
        let fault = |at: &str, lasts: &str| format!("[[faults]]\n{kind}\nat = \"{at}\"\nduration = \"{lasts}\"\n");
        let two = format!("{text}{}{}", fault("10m", "10m"), fault("15m", "12m"));
        let one = format!("{text}{}", fault("10m", "17m"));
        agree(&two, &open(&one).source, &open(&two).source, &["faults"])
    });
}

/// The larger share of one sample that another one's distribution function lies below, at most.
fn ahead(early: &[f64], late: &[f64]) -> f64 {
    let share =
        |sample: &[f64], x: f64| sample.iter().filter(|value| **value <= x).count() as f64 / sample.len() as f64;
    late.iter().map(|&x| share(late, x) - share(early, x + 1e-9)).fold(0.0, f64::max)
}

#[test]
fn recovery_takes_no_shorter_with_a_longer_ttl_and_starts_at_the_same_instant() {
    // Not trial by trial: the instants at which a cache expires lie on a grid whose width is the TTL, and a coarser grid
    // may happen to have one earlier. In distribution: U(0, b) is never ahead of U(0, a) for b > a, nor is anything that
    // grows with it. With 300 trials each the late ones are ahead by 0.215 once in a million times.
    let strategy = (numbers(), 0..3_usize, 0..3_usize);
    holds(15, &strategy, |(numbers, ttls, lasts): (Numbers, usize, usize)| {
        let (short, long) = [(30, 60), (0, 45), (60, 240)][ttls];
        let fault = format!(
            "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"{}\"\n",
            ["permanent", "10m", "90s"][lasts]
        );
        let text = |ttl| format!("{}{fault}", numbers.text(Wish { calm: true, only_dns: Some(ttl) }));
        let rows = |ttl| crate::lab::rows(&text(ttl), 300);
        let (short, long) = (rows(short), rows(long));
        for column in ["health_flip_s", "answer_change_s"] {
            let (one, other) = (of(&short, column), of(&long, column));
            prop_assert!(one.iter().zip(&other).all(|(a, b)| same(*a, *b)), "{column} moved\n{}", text(0));
        }
        let ahead = ahead(&of(&short, "worst.recovery_s"), &of(&long, "worst.recovery_s"));
        prop_assert!(ahead < (1e6_f64.ln() / 300.0).sqrt(), "{ahead} ahead\n{}", text(0));
        Ok(())
    });
}

/// A function of one second per invocation that is asked a step of load every five minutes, in thousands per second.
fn failed_by_a_function(compute: &str, loads: &[u8]) -> f64 {
    let steps: Vec<String> = (1_u32..)
        .zip(loads)
        .map(|(step, load)| format!("{{ at = \"{}m\", factor = {} }}", 5 * step, f64::from(*load) / 32.0))
        .collect();
    let text = format!(
        "name = \"function\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[compute]\nkind = \"lambda\"\nduration = \"1s\"\n{compute}\n\
         [dns]\npolicy = \"simple\"\n[[journeys]]\nname = \"call\"\nshare = 1\n[[clients]]\nname = \"everybody\"\n\
         near = \"us-east-1\"\nrequests-per-second = 1_000\ncohorts = 1\nprofile = [{}]\n",
        steps.join(", ")
    );
    of(&crate::lab::rows(&text, 1), "journey.call.failed")[0]
}

#[test]
fn neither_a_higher_limit_nor_provisioned_concurrency_ever_throttles_more() {
    let loads = proptest::collection::vec(any::<u8>(), 1..10);
    holds(60, &(loads, 1..9_000_u32, 0..9_000_u32), |(loads, less, more): (Vec<u8>, u32, u32)| {
        let more = less + more;
        let limits = [less, more].map(|limit| failed_by_a_function(&format!("account-limit = {limit}"), &loads));
        // Times are whole nanoseconds, in which 100 environments per second grow by a ten millionth.
        prop_assert!(limits[1] <= limits[0] * (1.0 + 1e-9) + 1e-3, "{loads:?}: {limits:?} under {less} and {more}");
        let provisioned = [less, more].map(|some| {
            failed_by_a_function(&format!("account-limit = 20_000\nprovisioned-concurrency = {some}"), &loads)
        });
        prop_assert!(
            provisioned[1] <= provisioned[0] * (1.0 + 1e-9) + 1e-3,
            "{loads:?}: {provisioned:?} with {less} and {more}"
        );
        Ok(())
    });
}
