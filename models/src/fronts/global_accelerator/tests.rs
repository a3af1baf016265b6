use sim_core::component::Harness;
use sim_settings::{Problem, Report, parse_toml};

use super::*;
use crate::fronts::route53::zone::Endpoints;
use crate::ids::R;
use crate::services::Graph;

const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

fn regions() -> Vec<String> {
    REGIONS.iter().map(|&region| region.to_owned()).collect()
}

fn read(text: &str) -> (Parameters, Vec<String>) {
    let (node, syntax) = parse_toml(text, 0);
    assert!(syntax.is_empty(), "{syntax:?}");
    let report = Report::new();
    let round_trips = [vec![0.004, 0.07], vec![0.069, 0.001]];
    let endpoints = Endpoints::new(&Graph::default(), &regions(), &[]);
    let parameters = Parameters::read(&mut report.root(&node), &regions(), &endpoints, &round_trips);
    let line = |problem: &Problem| format!("{} / {}", problem.found, problem.expected);
    (parameters, report.problems().iter().map(line).collect())
}

fn accelerator(text: &str, trial: u64, eager: bool) -> Harness<Accelerator> {
    let mut harness = Harness::new(Accelerator::new(&read(text).0, REGIONS.len(), 7, eager));
    harness.call(|accelerator, ctx| accelerator.begin(trial.into(), ctx));
    harness
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
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
        harness.call(|accelerator, ctx| accelerator.set_health(MemberId::new(0), Health::Probes(1.0), ctx));
        harness.run_until(at(200));
        let [(turned, first), (rerouted, second)] = harness.signals() else { panic!("{:?}", harness.signals()) };
        assert_eq!((*first, *second), (Signal::Turned { place: PlaceId::of(R[0]), healthy: false }, Signal::Changed));
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
        harness.call(|accelerator, ctx| accelerator.set_health(MemberId::new(0), Health::Probes(1.0), ctx));
        harness.run_until(at(600));
        harness.call(|accelerator, ctx| accelerator.set_health(MemberId::new(0), Health::Probes(0.0), ctx));
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
        harness.call(|accelerator, _| accelerator.answer(PopulationId::new(0), &mut answer));
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
                harness.call(|accelerator, ctx| accelerator.set_health(MemberId::new(1), Health::Probes(failing), ctx));
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
    harness.call(|accelerator, ctx| accelerator.turn_dials(R[1], 1.0, ctx));
    assert_eq!(
        [R[0], R[1]].map(|group| harness.component().removal(PlaceId::of(group))),
        [Removal::Coming, Removal::None]
    );
    let mut answer = [0.0; 2];
    harness.call(|accelerator, _| accelerator.answer(PopulationId::new(0), &mut answer));
    assert_eq!(answer, [1.0, 0.0]);
    harness.run_until(at(4));
    harness.call(|accelerator, _| accelerator.answer(PopulationId::new(0), &mut answer));
    assert_eq!(answer, [0.0, 1.0]);
}

#[test]
fn dials_for_a_share_leave_the_rest_where_it_was_and_hold_nobody_out() {
    let mut harness = accelerator("reroute-delay = '3s'", 0, false);
    let mut answer = [0.0; 2];
    let (none, out) = (Removal::None, Removal::Visible);
    let steps = [
        (R[1], 0.25, [0.75, 0.25], [none, none]),
        (R[1], 0.5, [0.5, 0.5], [none, none]),
        (R[1], 1.0, [0.0, 1.0], [out, none]),
        // Back by parts: the first leaves nine tenths where the whole shift has led them.
        (R[0], 0.1, [0.1, 0.9], [none, none]),
        (R[0], 0.6, [0.6, 0.4], [none, none]),
        (R[1], 0.5, [0.3, 0.7], [none, none]),
        (R[0], 1.0, [1.0, 0.0], [none, out]),
    ];
    for (round, (to, share, expected, held)) in steps.into_iter().enumerate() {
        harness.call(|accelerator, ctx| accelerator.turn_dials(to, share, ctx));
        harness.run_until(at(4 * (round as u64 + 1)));
        harness.call(|accelerator, _| accelerator.answer(PopulationId::new(0), &mut answer));
        for (part, expected) in answer.iter().zip(expected) {
            assert!((part - expected).abs() < 1e-15, "{answer:?}");
        }
        assert_eq!([R[0], R[1]].map(|group| harness.component().removal(PlaceId::of(group))), held);
    }
}

#[test]
fn what_cannot_serve_is_refused() {
    assert!(read("dial = { us-east-1 = 0.7 }\nweights = { eu-west-1 = 0 }").1.is_empty());
    assert_eq!(
        read("weights = { us-east-1 = 0, eu-west-1 = 0 }").1,
        ["a weight of 0 for every endpoint / at least one weight above 0"]
    );
    assert_eq!(
        read("dial = { us-east-1 = 0, eu-west-1 = 0 }").1,
        ["a dial of 0 for every region that serves / at least one dial above 0"]
    );
    assert_eq!(
        read("endpoints = ['us-east-1']\nweights = { eu-west-1 = 1 }").1,
        ["a weight of eu-west-1, to which this accelerator does not lead / an endpoint of `endpoints`"]
    );
    assert_eq!(
        read("endpoints = ['us-east-1']\ndial = { us-east-1 = 0 }").1,
        ["a dial of 0 for every region that serves / at least one dial above 0"]
    );
    assert_eq!(read("dial = { us-east-1 = 70 }").1.len(), 1, "a dial is a share");
    assert_eq!(read("dial = { us-east-l = 0.5 }").1.len(), 1);
}
