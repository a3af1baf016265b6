//! Target tracking: looking ahead gives what every period and every datapoint give.

use proptest::prelude::*;

use super::*;

/// What happens to a group or to its load.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Load in instances: utilisation follows from how many are in service.
    Load(f64),
    Place {
        region_up: bool,
        control_up: bool,
    },
    Measured(bool),
    Desired(u64),
    Failing(f64),
    Zone(bool),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (0.0..16.0).prop_map(Change::Load),
        1 => any::<(bool, bool)>().prop_map(|(region_up, control_up)| Change::Place { region_up, control_up }),
        1 => any::<bool>().prop_map(Change::Measured),
        1 => (2..20_u64).prop_map(Change::Desired),
        1 => prop_oneof![Just(0.0), Just(1.0)].prop_map(Change::Failing),
        1 => any::<bool>().prop_map(Change::Zone),
    ]
}

/// The utilisation that a load makes, as the deployment tells it after each change.
fn tell(alone: &mut Harness<Group>, load: f64) {
    alone.call(|group, ctx| {
        let in_service = group.members().in_service();
        group.set_utilization(if in_service == 0 { 0.0 } else { load / f64::from(in_service) }, 1.0, ctx);
    });
}

fn make(alone: &mut Harness<Group>, change: Change, load: &mut f64) {
    match change {
        Change::Load(changed) => *load = changed,
        Change::Place { region_up, control_up } => {
            alone.call(|group, ctx| group.set_place(region_up, control_up, ctx));
        }
        Change::Measured(measured) => alone.call(|group, ctx| group.set_measured(measured, ctx)),
        Change::Desired(desired) => {
            alone.call(|group, ctx| group.set_desired(desired, ctx));
        }
        Change::Failing(probability) => alone.call(|group, _| group.set_failing(probability)),
        Change::Zone(false) => fail_zone(alone, 1, Failure::Terminated),
        Change::Zone(true) => recover_zone(alone, 1),
    }
    tell(alone, *load);
}

/// Everything that the group said, and when.
fn play(scaling: Scaling, delay: &Distribution, changes: &[(u64, Change)], eager: bool) -> Vec<(SimTime, Signal)> {
    let parameters = Parameters { scaling: Some(scaling), ..parameters() };
    let mut alone = Harness::new(Group::new(&parameters, delay, "compute/here", 1, eager));
    alone.call(|group, ctx| group.begin(0_u64.into(), at(60), ctx));
    let (mut load, mut now) = (5.0, 0);
    tell(&mut alone, load);
    for &(after, change) in changes {
        // New targets pass their probes some time later, and that changes what is in service.
        for step in 1..=4 {
            alone.run_until(at(now + after * step / 4) + SimDuration::from_nanos(1));
            serve(&mut alone);
            tell(&mut alone, load);
        }
        now += after;
        make(&mut alone, change, &mut load);
    }
    alone.run_until(at(now + 10_000));
    alone.signals().to_vec()
}

proptest! {
    #[test]
    fn looking_ahead_scales_as_every_datapoint_does(
        changes in prop::collection::vec((prop_oneof![0..90_u64, 0..3_000_u64], changes()), 1..20),
        (shortest, spread, five_minutes) in (0..200_u32, 0..70_u32, any::<bool>()),
    ) {
        let (low, high) = (f64::from(shortest), f64::from(shortest + spread) + 0.5);
        let delay = Distribution::uniform(low, high).expect("a range");
        let scaling = Scaling { shared_by: if five_minutes { 5 } else { 1 }, ..minutely(0.5) };
        prop_assert_eq!(play(scaling, &delay, &changes, false), play(scaling, &delay, &changes, true));
    }
}

#[test]
fn a_group_shrinks_at_the_next_datapoint_once_the_control_plane_is_back_however_late_that_is() {
    let parameters = Parameters { scaling: Some(minutely(0.5)), ..parameters() };
    let mut alone = group(&parameters);
    alone.call(|group, ctx| group.set_utilization(0.2, 1.0, ctx));
    alone.call(|group, ctx| group.set_place(true, false, ctx));
    alone.run_until(at(100_010));
    assert_eq!(alone.component().desired(), 10);
    alone.call(|group, ctx| group.set_place(true, true, ctx));
    alone.run_until(at(100_200));
    // Datapoints arrive half a minute after whole minutes: 99,990 was the last one without the control plane.
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Resized(4))), [at(100_050)]);
}

#[test]
fn a_group_whose_load_stays_as_it_is_has_no_event_pending() {
    let parameters = Parameters { scaling: Some(minutely(0.5)), ..parameters() };
    let mut alone = group(&parameters);
    // Within the band: nothing to do. The first look is at the end of the first minute.
    alone.call(|group, ctx| group.set_utilization(0.48, 1.0, ctx));
    let pending = |alone: &Harness<Group>| alone.component().tracking.as_ref().map(Tracking::pending);
    assert_eq!(pending(&alone), Some(at(60)));
    alone.run_until(at(61));
    assert_eq!(pending(&alone), Some(SimTime::NEVER));
    // Above the target from the middle of a minute on: the third datapoint resizes the group, as its minute's end tells.
    alone.run_until(at(6_030));
    alone.call(|group, ctx| group.set_utilization(0.8, 1.0, ctx));
    assert_eq!(pending(&alone), Some(at(6_060)));
    alone.run_until(at(6_061));
    assert_eq!(pending(&alone), Some(at(6_060 + 120 + 30)));
    alone.run_until(at(6_061 + 150));
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Resized(_))), [at(6_210)]);
}
