//! AWS Global Accelerator: static anycast addresses that lead each client to the closest group that is healthy.
//!
//! Modelled:      one endpoint group per region with its traffic dial; one prober per group at a fixed cadence, the same
//!                number of consecutive results both ways; the delay until the edge reroutes; failover to the next
//!                closest group whatever its dial; fail-open to the closest group when none is healthy; dials turned by a
//!                runbook, through the control plane in us-west-2.
//! Not modelled:  several endpoints in a group (so a weight matters only where it is zero), client affinity, the loss of
//!                one of the two addresses, the limit of three groups that failover tries, UDP.
//! Sources:       each key names its page.
//!
//! There is no name to resolve and nothing to cache: new connections follow the accelerator at once. Established ones
//! stay where they are (facts 10), which is what a population's `connection-lifetime` says.
//!
//! A prober that agrees with what it sees sleeps: its next probes are known to change nothing.

use crate::sources::{cited, pages};
use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

const INTERVAL: Key = Key::documented(
    "interval",
    "time between two probes of a group; behind a load balancer that of its own target checks",
    "30s",
    cited!("the default for the health check interval", pages::ACCELERATOR_GROUPS),
)
.at_least(5.0)
.at_most(300.0);
const THRESHOLD: Key = Key::documented(
    "threshold",
    "consecutive contrary results that turn a group, both ways",
    "3",
    cited!("the default for the threshold count", pages::ACCELERATOR_GROUPS),
)
.at_least(1.0)
.at_most(10.0);
const DIAL: Key =
    Key::optional("dial", "share of the traffic directed to a region's group that it takes, 0 to 1; 1 unless given")
        .at_most(1.0);
const WEIGHTS: Key = Key::optional(
    "weights",
    "weight of a region's endpoint within its group, 0 to 255; 128 unless given, 0 never serves",
)
.at_most(255.0);
const REROUTE: Key = Key::assumed(
    "reroute-delay",
    "time from a verdict or a turned dial to the first rerouted connection",
    "{ uniform = [\"1s\", \"5s\"] }",
    cited!("no published figure for this part; AWS says up to 30 s all in all", pages::ACCELERATOR_FAILOVER),
);

/// An accelerator over the regions of a deployment.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Time between two probes of a group.
    pub interval: SimDuration,
    /// Consecutive contrary results that turn a group.
    pub threshold: u32,
    /// Traffic dial by region.
    pub dial: Vec<f64>,
    /// Whether a region's endpoint has a weight, so that it may serve.
    pub serves: Vec<bool>,
    /// From a verdict to the first rerouted connection, in seconds.
    pub reroute_delay: Distribution,
    /// Regions by distance: row = population, closest first, ties to the earlier.
    pub order: Vec<Vec<usize>>,
}

impl Parameters {
    /// Reads an `[edge]` of this kind; `round_trips`: row = population, column = region.
    pub fn read(section: &mut Section<'_>, regions: &[String], round_trips: &[Vec<f64>]) -> Self {
        let mut dial = vec![1.0; regions.len()];
        for (region, share) in section.numbers_by_name(&DIAL, regions) {
            dial[region] = share;
        }
        let mut serves = vec![true; regions.len()];
        for (region, weight) in section.numbers_by_name(&WEIGHTS, regions) {
            serves[region] = weight > 0.0;
        }
        if serves.iter().all(|serves| !serves) && section.has("weights") {
            section.reject("weights", "a weight of 0 for every region", "at least one weight above 0", None);
        }
        let takes = |(dial, serves): (&f64, &bool)| *serves && *dial > 0.0;
        if !dial.iter().zip(&serves).any(takes) && section.has("dial") {
            section.reject("dial", "a dial of 0 for every region that serves", "at least one dial above 0", None);
        }
        let by_distance = |row: &Vec<f64>| {
            let mut order: Vec<usize> = (0..regions.len()).collect();
            order.sort_by(|&a, &b| row[a].total_cmp(&row[b]).then(a.cmp(&b)));
            order
        };
        Self {
            interval: section.duration(&INTERVAL),
            threshold: section.count(&THRESHOLD) as u32,
            dial,
            serves,
            reroute_delay: section.delay(&REROUTE),
            order: round_trips.iter().map(by_distance).collect(),
        }
    }
}

/// What can happen to an accelerator.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A group's next probe leaves.
    Probe(usize),
    /// The edge follows a group's verdict.
    Rerouted {
        /// The group.
        group: usize,
        /// The verdict.
        healthy: bool,
    },
    /// The edge follows the dials: only this group's is open.
    Dialled {
        /// The group.
        to: usize,
    },
}

/// What others may learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The verdict on a group turned.
    Turned {
        /// The group.
        group: usize,
        /// What it turned to.
        healthy: bool,
    },
    /// Traffic may be led elsewhere from now on.
    Changed,
}

#[derive(Debug)]
struct Group {
    phase: Stream,
    luck: Stream,
    reroute: Variate,
    /// Probability that a probe fails that leaves now.
    failing: f64,
    healthy: bool,
    /// Consecutive results that contradict the verdict.
    contrary: u32,
    next: SimTime,
    due: Option<Handle>,
    /// The verdict as the edge follows it, and when it follows the last one: none overtakes.
    seen: bool,
    last_rerouted: SimTime,
}

/// An accelerator at work.
#[derive(Debug)]
pub struct Accelerator {
    parameters: Parameters,
    eager: bool,
    groups: Vec<Group>,
    dial_delay: Variate,
    dial: Vec<f64>,
    /// The only group whose dial an operator left open, followed by the edge or not yet.
    only: Option<usize>,
}

impl Accelerator {
    /// The accelerator over these regions.
    pub fn new(parameters: &Parameters, regions: &[String], seed: u64, eager: bool) -> Self {
        let delay = |path: &str, purpose: &str| {
            Variate::new(parameters.reroute_delay.clone(), StreamId::new(seed, path, purpose))
        };
        let group = |region: &String| {
            let path = format!("global-accelerator/{region}");
            Group {
                phase: Stream::new(StreamId::new(seed, &path, "phase")),
                luck: Stream::new(StreamId::new(seed, &path, "gray-probe")),
                reroute: delay(&path, "reroute-delay"),
                failing: 0.0,
                healthy: true,
                contrary: 0,
                next: SimTime::ZERO,
                due: None,
                seen: true,
                last_rerouted: SimTime::ZERO,
            }
        };
        Self {
            eager,
            groups: regions.iter().map(group).collect(),
            dial_delay: delay("global-accelerator", "dial"),
            dial: parameters.dial.clone(),
            only: None,
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial in which all groups are healthy.
    pub fn begin(&mut self, trial: u64, ctx: &mut Context<'_, Event, Signal>) {
        self.dial_delay.begin(trial);
        self.dial.copy_from_slice(&self.parameters.dial);
        self.only = None;
        for index in 0..self.groups.len() {
            let group = &mut self.groups[index];
            group.phase.begin(trial);
            group.luck.begin(trial);
            group.reroute.begin(trial);
            group.failing = 0.0;
            group.healthy = true;
            group.contrary = 0;
            let phase = group.phase.uniform() * self.parameters.interval.as_secs_f64();
            group.next = SimTime::ZERO + SimDuration::from_secs_f64(phase);
            group.due = None;
            group.seen = true;
            group.last_rerouted = SimTime::ZERO;
            self.reschedule(index, ctx);
        }
    }

    /// From now on a probe of this group fails with that probability.
    pub fn set_failing(&mut self, group: usize, failing: f64, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        if place.failing == failing {
            return;
        }
        // The state at the instant of sending decides a probe, so one that is due now sees the new state.
        if place.next < ctx.now() {
            place.next = ctx.now().next_on_grid(place.next, self.parameters.interval);
        }
        place.failing = failing;
        self.reschedule(group, ctx);
    }

    /// An operator turned the dials so that only this group's is open: accepted by the control plane.
    pub fn turn_dials(&mut self, to: usize, ctx: &mut Context<'_, Event, Signal>) {
        let delay = self.dial_delay.draw_duration();
        self.only = Some(to);
        ctx.schedule_in(delay, Event::Dialled { to });
        ctx.signal(Signal::Changed);
    }

    /// Whether the edge still counts a group as healthy.
    pub fn seen(&self, group: usize) -> bool {
        self.groups[group].seen
    }

    /// Whether an operator has closed this group's dial, followed or not.
    pub fn closed(&self, group: usize) -> bool {
        self.only.is_some_and(|only| only != group)
    }

    /// Where a population's new connections go now, as weights over regions that sum to 1.
    pub fn answer(&self, population: usize, answer: &mut [f64]) {
        let Parameters { order, serves, .. } = &self.parameters;
        let healthy = |group: usize| self.groups[group].seen;
        divide(&order[population], &self.dial, |group| serves[group], healthy, answer);
    }

    /// Whether the coming probes are known to change nothing.
    fn sleeps(&self, group: usize) -> bool {
        let group = &self.groups[group];
        let agrees = if group.healthy { group.failing <= 0.0 } else { group.failing >= 1.0 };
        !self.eager && agrees && group.contrary == 0
    }

    fn reschedule(&mut self, group: usize, ctx: &mut Context<'_, Event, Signal>) {
        let sleeps = self.sleeps(group);
        let place = &mut self.groups[group];
        if sleeps {
            if let Some(handle) = place.due.take() {
                ctx.cancel(handle);
            }
        } else if place.due.is_none() {
            place.due = Some(ctx.schedule_at(place.next, Event::Probe(group)));
        }
    }

    fn probe(&mut self, group: usize, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        place.due = None;
        place.next = ctx.now() + self.parameters.interval;
        let passed = match place.failing {
            failing if failing <= 0.0 => true,
            failing if failing >= 1.0 => false,
            failing => place.luck.uniform() >= failing,
        };
        place.contrary = if passed == place.healthy { 0 } else { place.contrary + 1 };
        if place.contrary == self.parameters.threshold {
            place.contrary = 0;
            place.healthy = passed;
            let at = (ctx.now() + place.reroute.draw_duration()).max(place.last_rerouted);
            place.last_rerouted = at;
            ctx.schedule_at(at, Event::Rerouted { group, healthy: passed });
            ctx.signal(Signal::Turned { group, healthy: passed });
        }
        self.reschedule(group, ctx);
    }
}

impl Component for Accelerator {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Probe(group) => self.probe(group, ctx),
            Event::Rerouted { group, healthy } => {
                self.groups[group].seen = healthy;
                ctx.signal(Signal::Changed);
            }
            Event::Dialled { to } => {
                for (group, dial) in self.dial.iter_mut().enumerate() {
                    *dial = if group == to { 1.0 } else { 0.0 };
                }
                ctx.signal(Signal::Changed);
            }
        }
    }
}

/// Divides traffic over groups, closest first (facts 10). The dial applies to what is directed to a group; the overflow
/// goes to the next closest, and what even the last one leaves, back to the closest. What is due to an unhealthy group
/// goes to the next closest healthy one, whatever its dial. None healthy = fail open: the closest group takes all.
fn divide(
    order: &[usize],
    dial: &[f64],
    serves: impl Fn(usize) -> bool,
    healthy: impl Fn(usize) -> bool,
    answer: &mut [f64],
) {
    answer.fill(0.0);
    let groups = || order.iter().copied().filter(|&group| serves(group));
    let Some(closest) = groups().next() else { return };
    let Some(closest_healthy) = groups().find(|&group| healthy(group)) else {
        answer[closest] = 1.0;
        return;
    };
    let mut rest = 1.0;
    for (rank, group) in groups().enumerate() {
        let part = rest * dial[group];
        rest -= part;
        let next = if healthy(group) { Some(group) } else { groups().skip(rank + 1).find(|&group| healthy(group)) };
        answer[next.unwrap_or(closest_healthy)] += part;
    }
    answer[closest_healthy] += rest;
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::settings::{Problem, Report, parse_toml};

    use super::*;

    const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

    fn regions() -> Vec<String> {
        REGIONS.iter().map(|&region| region.to_owned()).collect()
    }

    fn read(text: &str) -> (Parameters, Vec<String>) {
        let (node, syntax) = parse_toml(text, 0);
        assert!(syntax.is_empty(), "{syntax:?}");
        let report = Report::new();
        let parameters =
            Parameters::read(&mut report.root(&node), &regions(), &[vec![0.004, 0.07], vec![0.069, 0.001]]);
        let line = |problem: &Problem| format!("{} / {}", problem.found, problem.expected);
        (parameters, report.problems().iter().map(line).collect())
    }

    fn accelerator(text: &str, trial: u64, eager: bool) -> Harness<Accelerator> {
        let mut harness = Harness::new(Accelerator::new(&read(text).0, &regions(), 7, eager));
        harness.call(|accelerator, ctx| accelerator.begin(trial, ctx));
        harness
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn divided(dial: &[f64], serves: &[bool], healthy: &[bool]) -> Vec<f64> {
        let order: Vec<usize> = (0..dial.len()).collect();
        let mut answer = vec![0.0; dial.len()];
        divide(&order, dial, |group| serves[group], |group| healthy[group], &mut answer);
        answer
    }

    #[test]
    fn overflow_goes_to_the_next_closest_and_what_is_left_back_to_the_closest() {
        assert_eq!(divided(&[1.0, 1.0], &[true; 2], &[true, true]), [1.0, 0.0]);
        assert_eq!(divided(&[0.75, 1.0], &[true; 2], &[true, true]), [0.75, 0.25]);
        // 0.5 here, 0.5 x 0.5 there, the last 0.25 nobody wants.
        assert_eq!(divided(&[0.5, 0.5], &[true; 2], &[true, true]), [0.75, 0.25]);
    }

    #[test]
    fn failover_ignores_dials_but_not_weights_of_zero() {
        assert_eq!(divided(&[1.0, 0.0, 1.0], &[true; 3], &[false, true, true]), [0.0, 1.0, 0.0]);
        assert_eq!(divided(&[1.0, 1.0, 1.0], &[true, false, true], &[false, true, true]), [0.0, 0.0, 1.0]);
        assert_eq!(divided(&[0.75, 1.0], &[true; 2], &[true, false]), [1.0, 0.0], "back to the closest healthy one");
    }

    #[test]
    fn none_healthy_fails_open_to_the_closest() {
        assert_eq!(divided(&[0.0, 1.0], &[true; 2], &[false, false]), [1.0, 0.0]);
        assert_eq!(divided(&[1.0, 1.0], &[false, true], &[false, false]), [0.0, 1.0]);
    }

    /// Probes leave at phase + n x interval. A death at a fixed instant meets the first of k failing probes U(0, interval)
    /// later and the k-th (k - 1) intervals after that: detection is uniform on [(k - 1) i, k i).
    #[test]
    fn detection_takes_the_residual_interval_and_k_minus_1_whole_ones() {
        const TRIALS: u64 = 4_000;
        let mut sum = 0.0;
        for trial in 0..TRIALS {
            let mut harness = accelerator("interval = '10s'\nthreshold = 3\nreroute-delay = '2s'", trial, false);
            harness.run_until(at(95));
            harness.call(|accelerator, ctx| accelerator.set_failing(0, 1.0, ctx));
            harness.run_until(at(200));
            let [(turned, first), (rerouted, second)] = harness.signals() else { panic!("{:?}", harness.signals()) };
            assert_eq!((*first, *second), (Signal::Turned { group: 0, healthy: false }, Signal::Changed));
            let detection = turned.since(at(95)).as_secs_f64();
            assert!((20.0..=30.0).contains(&detection), "{detection}");
            assert_eq!(rerouted.since(*turned), SimDuration::from_secs(2));
            sum += detection;
        }
        // U(20 s, 30 s) has the mean 25 s and a standard deviation of 10 / sqrt(12) = 2.89 s.
        let mean = sum / TRIALS as f64;
        assert!((mean - 25.0).abs() < 4.0 * 2.89 / (TRIALS as f64).sqrt(), "{mean}");
    }

    #[test]
    fn recovery_takes_k_passes_at_the_same_cadence() {
        for trial in 0..200 {
            let mut harness = accelerator("interval = '30s'\nthreshold = 2\nreroute-delay = '1s'", trial, false);
            harness.call(|accelerator, ctx| accelerator.set_failing(0, 1.0, ctx));
            harness.run_until(at(600));
            harness.call(|accelerator, ctx| accelerator.set_failing(0, 0.0, ctx));
            harness.run_until(at(700));
            let turned: Vec<SimTime> = harness
                .signals()
                .iter()
                .filter(|(_, signal)| matches!(signal, Signal::Turned { .. }))
                .map(|(time, _)| *time)
                .collect();
            let [down, up] = turned[..] else { panic!("{turned:?}") };
            assert!((30.0..=60.0).contains(&up.since(at(600)).as_secs_f64()));
            // One cadence for both: whole intervals apart.
            assert_eq!(up.since(down).as_nanos() % SimDuration::from_secs(30).as_nanos(), 0);
            let mut answer = [0.0; 2];
            harness.component().answer(0, &mut answer);
            assert_eq!(answer, [1.0, 0.0]);
        }
    }

    #[test]
    fn running_every_probe_changes_nothing() {
        for trial in 0..50 {
            let play = |eager: bool| {
                let mut harness = accelerator("interval = '10s'", trial, eager);
                for (seconds, failing) in [(40, 0.6), (400, 0.0), (500, 1.0), (515, 0.0), (600, 1.0), (900, 0.3)] {
                    harness.run_until(at(seconds));
                    harness.call(|accelerator, ctx| accelerator.set_failing(1, failing, ctx));
                }
                harness.run_until(at(2_000));
                harness.signals().to_vec()
            };
            assert_eq!(play(false), play(true));
        }
    }

    #[test]
    fn turned_dials_show_after_the_delay() {
        let mut harness = accelerator("reroute-delay = '3s'", 0, false);
        harness.call(|accelerator, ctx| accelerator.turn_dials(1, ctx));
        assert!(harness.component().closed(0) && !harness.component().closed(1));
        let mut answer = [0.0; 2];
        harness.component().answer(0, &mut answer);
        assert_eq!(answer, [1.0, 0.0]);
        harness.run_until(at(4));
        harness.component().answer(0, &mut answer);
        assert_eq!(answer, [0.0, 1.0]);
    }

    #[test]
    fn what_cannot_serve_is_refused() {
        assert!(read("dial = { us-east-1 = 0.7 }\nweights = { eu-west-1 = 0 }").1.is_empty());
        assert_eq!(
            read("weights = { us-east-1 = 0, eu-west-1 = 0 }").1,
            ["a weight of 0 for every region / at least one weight above 0"]
        );
        assert_eq!(
            read("dial = { us-east-1 = 0, eu-west-1 = 0 }").1,
            ["a dial of 0 for every region that serves / at least one dial above 0"]
        );
        assert_eq!(read("dial = { us-east-1 = 70 }").1.len(), 1, "a dial is a share");
        assert_eq!(read("dial = { us-east-l = 0.5 }").1.len(), 1);
    }
}
