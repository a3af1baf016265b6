use sim_core::component::Harness;

use super::*;
use crate::ids::R;

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

fn zone_outage(start: Start, duration: Distribution) -> Fault {
    let kind = Kind::ZoneOutage { region: R[0], zone: None, terminated: false };
    let subject = "zone-outage/us-east-1/any".to_owned();
    Fault { subject, kind, start, duration: Some(duration), restart: constant(0.0) }
}

/// Whether a fault of these tests starts the clock: zone outages do.
const fn starts_clock(fault: &Fault) -> bool {
    matches!(fault.kind, Kind::ZoneOutage { .. })
}

fn play(faults: &[Fault], trial: u64, until: f64) -> Harness<Faults> {
    let mut alone = Harness::new(Faults::new(faults.iter().map(|fault| (fault, starts_clock(fault))), &[3], 1));
    alone.call(|faults, ctx| faults.begin(trial.into(), ctx));
    alone.run_until(SimTime::ZERO + SimDuration::from_secs_f64(until));
    alone
}

fn starts(alone: &Harness<Faults>) -> Vec<f64> {
    let began = |(at, signal): &(SimTime, Signal)| matches!(signal, Signal::Began(_)).then(|| at.as_secs_f64());
    alone.signals().iter().filter_map(began).collect()
}

#[test]
fn occurrences_at_a_rate_are_a_poisson_process_however_long_they_last() {
    // 4 expected in 400 s, each of 300 s: most overlap. Number: mean 4, variance 4; of those of a trial, each lies in
    // the first half with probability 1/2.
    let (trials, expected) = (4_000, 4.0);
    let (mut sum, mut squares, mut early, mut none) = (0.0, 0.0, 0.0, 0.0);
    for trial in 0..trials {
        let alone = play(&[zone_outage(Start::Rate(0.01), constant(300.0))], trial, 400.0);
        let starts = starts(&alone);
        let count = starts.len() as f64;
        sum += count;
        squares += (count - expected) * (count - expected);
        early += starts.iter().filter(|start| **start < 200.0).count() as f64;
        none += f64::from(u8::from(starts.is_empty()));
    }
    let n = f64::from(trials as u32);
    // Five standard errors each (false alarms below 1e-6): of the mean 2 / sqrt n, of the variance sqrt(36 / n) as
    // the fourth central moment of a Poisson number is m + 3 m^2 = 52, of a half 1 / (2 sqrt(4 n)), of a share its own.
    assert!((sum / n - expected).abs() < 5.0 * 2.0 / n.sqrt(), "{}", sum / n);
    assert!((squares / n - expected).abs() < 5.0 * (36.0 / n).sqrt(), "{}", squares / n);
    assert!((early / sum - 0.5).abs() < 5.0 * 0.5 / sum.sqrt(), "{}", early / sum);
    let empty = libm::exp(-expected);
    assert!((none / n - empty).abs() < 5.0 * (empty * (1.0 - empty) / n).sqrt(), "{}", none / n);
}

#[test]
fn each_occurrence_draws_its_own_duration_and_zone_and_ends_by_itself() {
    let duration = Distribution::exponential(100.0).expect("a distribution");
    let alone = play(&[zone_outage(Start::Rate(0.05), duration)], 7, 10_000.0);
    let mut open: Vec<(usize, SimTime)> = Vec::new();
    let (mut lengths, mut most) = (Vec::new(), 0);
    for &(at, signal) in alone.signals() {
        match signal {
            Signal::Began(occurrence) => open.push((occurrence, at)),
            Signal::Ended(occurrence) => {
                let place = open.iter().position(|(own, _)| *own == occurrence).expect("it began and had not ended");
                lengths.push(at.since(open.swap_remove(place).1));
            }
            Signal::Advanced(_) => panic!("it is no deployment"),
            Signal::Shows(_) => panic!("a zone is not corrupt"),
        }
        most = most.max(open.len());
    }
    assert!(most > 5, "five are under way on average");
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() > 400, "{}", lengths.len());
    let zone = |occurrence| alone.component().zone(occurrence).expect("it struck a zone");
    let mut struck = [0; 3];
    (0..alone.component().occurrences.len()).for_each(|occurrence| struck[zone(occurrence)] += 1);
    assert!(struck.iter().all(|count| *count > 100), "{struck:?}");
}

#[test]
fn the_first_fault_is_the_earliest_that_starts_the_clock() {
    let shortage = Kind::InsufficientCapacity { region: R[0], probability: 1.0 };
    let condition = Fault { kind: shortage, ..zone_outage(Start::At(constant(1.0)), constant(5.0)) };
    let late = zone_outage(Start::At(constant(50.0)), constant(5.0));
    let again = zone_outage(Start::Rate(0.1), constant(5.0));
    for trial in 0..20 {
        let alone = play(&[condition.clone(), late.clone(), again.clone()], trial, 1_000.0);
        let others = starts(&play(&[condition.clone(), condition.clone(), again.clone()], trial, 1_000.0));
        let second = others.into_iter().find(|start| *start != 1.0).expect("a hundred are expected");
        let (fault, start) = alone.component().first().expect("two start the clock");
        assert_eq!(
            (fault, start.as_secs_f64()),
            if second < 50.0 { (FaultId::new(2), second) } else { (FaultId::new(1), 50.0) }
        );
    }
}

/// A deployment that comes to two regions 100 s apart, from 50 s on.
fn bad_deploy(duration: Option<f64>) -> Fault {
    let deploy = BadDeploy {
        service: None,
        regions: vec![R[0], R[1]],
        stagger: SimDuration::from_secs(100),
        error: 0.5,
        probes: Probes::See(1.0),
        ramp: None,
    };
    Fault {
        subject: "bad-deploy/app".to_owned(),
        kind: Kind::BadDeploy(deploy),
        start: Start::At(constant(50.0)),
        duration: duration.map(constant),
        restart: constant(0.0),
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

/// Share of the deployment that runs in either region.
fn deployed(alone: &Harness<Faults>, now: SimTime) -> [f64; 2] {
    [R[0], R[1]].map(|region| alone.component().deployed(region, now).map(|(_, share)| share).sum())
}

#[test]
fn a_rollback_ends_a_bad_deployment_before_it_comes_further() {
    for (rolled_back, signals) in [(100, 2), (200, 3)] {
        let mut alone = play(&[bad_deploy(None)], 0, rolled_back as f64);
        let before = if rolled_back == 100 { [1.0, 0.0] } else { [1.0, 1.0] };
        assert_eq!(deployed(&alone, at(rolled_back)), before);
        assert!(alone.call(|faults, ctx| faults.roll_back(None, ctx)));
        assert!(!alone.call(|faults, ctx| faults.roll_back(None, ctx)), "there is none any more");
        alone.run_until(at(1_000));
        assert_eq!(deployed(&alone, at(1_000)), [0.0, 0.0]);
        assert_eq!(alone.signals().len(), signals, "{:?}", alone.signals());
        assert_eq!(alone.signals().last(), Some(&(at(rolled_back), Signal::Ended(0))));
    }
}

#[test]
fn a_deployment_with_an_end_ends_once_and_takes_its_stages_with_it() {
    // It would come to the second region at 150 s.
    let alone = play(&[bad_deploy(Some(60.0))], 0, 1_000.0);
    let expected = [(at(50), Signal::Began(0)), (at(110), Signal::Ended(0))];
    assert_eq!(alone.signals(), &expected);
    let mut alone = play(&[bad_deploy(Some(60.0))], 0, 100.0);
    alone.call(|faults, ctx| faults.roll_back(None, ctx));
    alone.run_until(at(1_000));
    assert_eq!(alone.signals(), &[(at(50), Signal::Began(0)), (at(100), Signal::Ended(0))], "not at 110 s again");
}
