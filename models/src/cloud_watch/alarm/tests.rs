use proptest::prelude::*;
use sim_core::component::Harness;
use sim_core::random::{Distribution, Stream, StreamId};

use super::super::{Missing, Threshold};
use super::*;
use crate::fronts::route53::zone::Watched;
use crate::ids::{PlaceId, R};

const SECOND: u64 = 1_000_000_000;
const FIRST_END: SimTime = SimTime::from_nanos(17 * SECOND);

/// What becomes of an alarm's metric or of its region.
#[derive(Debug, Clone, Copy)]
enum Change {
    Ratio(f64, f64),
    Grows(f64),
    Host(bool),
}

fn alarm(datapoints: (usize, usize), missing: Missing, ingestion: &Distribution, sparse: bool) -> Parameters {
    let threshold = Threshold::Above(0.5);
    Parameters {
        name: "errors".to_owned(),
        metric: Metric::HealthCheck(Watched::Endpoint(PlaceId::of(R[0]))),
        sparse,
        threshold,
        entry: 0,
        period: SimDuration::from_secs(60),
        datapoints,
        missing,
        ingestion: ingestion.clone(),
        hosted_in: R[0],
    }
}

fn make(alone: &mut Harness<Alarm>, change: Change) {
    alone.call(|alarm, ctx| match change {
        Change::Ratio(above, below) => alarm.set(above, below, ctx),
        Change::Grows(base) => alarm.set_growing(base, ctx.now(), ctx),
        Change::Host(up) => alarm.set_host(up, ctx),
    });
}

fn begun(parameters: &Parameters, eager: bool) -> Harness<Alarm> {
    let mut alone = Harness::new(Alarm::new(parameters, 1, eager));
    alone.call(|alarm, ctx| alarm.begin(0_u64.into(), FIRST_END, ctx));
    alone
}

/// Every end and every arrival in the order of time: when the alarm turns, and to what.
fn step_by_step(parameters: &Parameters, changes: &[(u64, Change)], until: u64) -> Vec<(SimTime, State)> {
    let mut delays = Stream::new(StreamId::new(1, "alarms/errors", "ingestion-delay"));
    delays.begin(0);
    let breached = |value: f64| match parameters.threshold {
        Threshold::Above(threshold) => value > threshold + 1e-9,
        Threshold::Below(threshold) => threshold > value + 1e-9,
    };
    let breaches = |above: f64, below: f64| {
        let value = (below > 0.0).then(|| above / below).filter(|value| !parameters.sparse || *value > 1e-9);
        value.map(breached)
    };
    // What happens to the points, and whether the region is up: by time, ends and arrivals before changes.
    let mut happens: Vec<(u64, u8, u64, Option<bool>)> = Vec::new();
    let (mut ratio, mut sums, mut grows) = ((0.0, 0.0), (0.0, 0.0), None);
    let (mut start, mut changed, mut changes_left) = (0, 0, changes.iter().peekable());
    for period in 1.. {
        let end = FIRST_END.as_nanos() + (period - 1) * 60 * SECOND;
        if end > until {
            break;
        }
        let held = |since: u64, now: u64| SimDuration::from_nanos(now - since).as_secs_f64();
        while let Some(&&(time, change)) = changes_left.peek().filter(|(time, _)| *time < end) {
            changes_left.next();
            match change {
                Change::Ratio(above, below) if ratio != (above, below) || grows.is_some() => {
                    let seconds = held(changed, time);
                    sums = (sums.0 + ratio.0 * seconds, sums.1 + ratio.1 * seconds);
                    (ratio, changed, grows) = ((above, below), time, None);
                }
                Change::Grows(base) => grows = Some((base, time)),
                Change::Host(up) => happens.push((time, 1, u64::from(up), None)),
                Change::Ratio(..) => {}
            }
        }
        let breach = match grows {
            Some((base, since)) => Some(breached(base + held(since, end))),
            None if changed <= start => breaches(ratio.0, ratio.1),
            None => {
                let seconds = held(changed, end);
                breaches(sums.0 + ratio.0 * seconds, sums.1 + ratio.1 * seconds)
            }
        };
        (sums, start, changed) = ((0.0, 0.0), end, end);
        let delay = parameters.ingestion.quantile(delays.uniform_at(period));
        happens.push((end + SimDuration::from_secs_f64(delay).as_nanos(), 0, period, breach));
    }
    happens.sort_by_key(|&(time, kind, number, _)| (time, kind, number));
    let length = range(parameters.datapoints);
    let (mut points, mut state, mut host_up) = (vec![(0, Some(false)); length], State::Ok, true);
    let mut turns = Vec::new();
    for (time, kind, number, breach) in happens {
        if kind == 1 {
            host_up = number == 1;
            continue;
        }
        points.push((number, breach));
        let newest = points.iter().map(|point| point.0).max().unwrap_or(0);
        // By their periods; before the first one nothing breached.
        let of = |later: u64| match later.checked_sub(length as u64) {
            Some(period) if period > 0 => points.iter().find(|point| point.0 == period).and_then(|point| point.1),
            _ => Some(false),
        };
        let ranged: Vec<Option<bool>> = (newest + 1..=newest + length as u64).map(of).collect();
        let next = evaluate(&ranged, parameters.datapoints, parameters.missing, state);
        if host_up && next != state && time < until {
            state = next;
            turns.push((SimTime::from_nanos(time), state));
        }
    }
    turns
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0..5_u8, 0..3_u8).prop_map(|(above, below)| Change::Ratio(f64::from(above) / 4.0, f64::from(below))),
        1 => prop_oneof![Just(0.0), -2_000.0..1.0].prop_map(Change::Grows),
        1 => any::<bool>().prop_map(Change::Host),
    ]
}

proptest! {
    #[test]
    fn looking_ahead_gives_what_every_period_and_every_arrival_give(
        changes in prop::collection::vec((prop_oneof![0..50_u64, 0..1_500_u64], 1..SECOND, changes()), 1..16),
        datapoints in prop_oneof![Just((1, 1)), Just((2, 3)), Just((3, 5)), Just((5, 5))],
        missing in prop_oneof![
            Just(Missing::Missing), Just(Missing::Ignore), Just(Missing::Breaching), Just(Missing::NotBreaching)
        ],
        (shortest, spread, sparse, below) in (0..200_u32, 0..70_u32, any::<bool>(), any::<bool>()),
    ) {
        // Up to 270 s late: several datapoints are on their way at once. From 60 s on one can overtake another.
        let (low, high) = (f64::from(shortest), f64::from(shortest + spread) + 0.5);
        let delay = Distribution::uniform(low, high).expect("a range");
        let mut parameters = alarm(datapoints, missing, &delay, sparse);
        if below {
            parameters.threshold = Threshold::Below(0.5);
        }
        let mut time = 0;
        let changes: Vec<(u64, Change)> = changes
            .into_iter()
            .map(|(seconds, nanos, change)| {
                time += seconds * SECOND + nanos;
                (time, change)
            })
            .collect();
        let until = time + 10_000 * SECOND + 1;
        let expected = step_by_step(&parameters, &changes, until);
        for eager in [false, true] {
            let mut alone = begun(&parameters, eager);
            for &(time, change) in &changes {
                alone.run_until(SimTime::from_nanos(time));
                make(&mut alone, change);
            }
            alone.run_until(SimTime::from_nanos(until));
            let turns: Vec<(SimTime, State)> = alone.signals().iter().map(|(time, it)| (*time, it.state)).collect();
            prop_assert_eq!(&turns, &expected, "eager: {}", eager);
        }
    }
}

#[test]
fn only_what_decides_something_is_an_event() {
    let delay = Distribution::constant(30.0).expect("a delay");
    let parameters = alarm((2, 3), Missing::Missing, &delay, false);
    let mut alone = begun(&parameters, false);
    let pending = |alone: &Harness<Alarm>| alone.component().periods.pending();
    let at = |seconds: u64| SimTime::ZERO + SimDuration::from_secs(seconds);
    make(&mut alone, Change::Ratio(0.0, 1.0));
    assert_eq!(pending(&alone), SimTime::NEVER, "a metric that stays where it is");
    // A year later, 20 s after the end of a period: it looks at the end of the period that it cannot foresee.
    let end = 17 + 525_600 * 60;
    alone.run_until(at(end + 20));
    make(&mut alone, Change::Ratio(1.0, 1.0));
    assert_eq!(pending(&alone), at(end + 60));
    make(&mut alone, Change::Ratio(0.9, 1.0));
    assert_eq!(pending(&alone), at(end + 60), "nor by another change");
    // 0.9 for two thirds of the first period are above 0.5: the second datapoint fires.
    alone.run_until(at(end + 61));
    assert_eq!(pending(&alone), at(end + 150));
    alone.run_until(at(end + 151));
    assert_eq!(alone.signals(), &[(at(end + 150), Turned { state: State::Alarm })]);
    assert_eq!(pending(&alone), SimTime::NEVER, "it breaches for good");
    // A metric that grows from the start of a period: the 11th end from then on is the first at which it exceeds 0.5.
    make(&mut alone, Change::Ratio(0.0, 1.0));
    alone.run_until(at(end + 3_600));
    assert_eq!(alone.component().state(), State::Ok);
    make(&mut alone, Change::Grows(-600.0));
    assert_eq!(pending(&alone), at(end + 3_600 + 12 * 60 + 30), "as the second one arrives");
}
