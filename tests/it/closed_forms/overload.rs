//! Retries: what they cost, and a storm that stays when its cause is gone.
//!
//! With a attempts a request fails with q^a and makes 1 + q + .. + q^(a-1) of them, where one attempt fails with q. With
//! an offer of x0 = rate / C the region's load x = L / C solves x = x0 S(f(x)), with S(f) = 1 + f + .. + f^(a-1) and
//! f(x) = 1 - g(x) / x, where g(x) = max(floor, 1 - kappa (x - 1)) above 1. So x0 = x / S(f(x)): its least value over
//! x > 1 is the fold. Any offer between the fold and 1 has two stable states, and only below the fold a storm ends.

use models::deployment::Observer;
use models::flow::Flow;
use sim_core::time::SimTime;

use crate::lab::{of, rows, watched};

/// The flows at the end of a trial.
#[derive(Default)]
struct AtTheEnd(Flow);

impl Observer for AtTheEnd {
    fn settled(&mut self, _: SimTime, flow: &Flow) {
        self.0 = flow.clone();
    }
}

/// A region that carries 1000/s, and a fault ten minutes on.
fn text(requests: f64, attempts: u32, compute: &str, rest: &str) -> String {
    format!(
        r#"
        name = "overload"
        horizon = "4h"
        [regions.us-east-1]
        [dns]
        policy = "simple"
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ desired = 10 }}
        requests-per-second = 100
        {compute}
        [[journeys]]
        name = "visit"
        share = 1.0
        [[clients]]
        name = "everybody"
        near = "us-east-1"
        requests-per-second = {requests}
        cohorts = 1
        retries = {{ attempts = {attempts} }}
        {rest}"#
    )
}

fn surge(factor: f64, lasts: &str) -> String {
    format!("[[faults]]\nkind = \"load-surge\"\nfactor = {factor}\nat = \"10m\"\nduration = \"{lasts}\"")
}

fn attempts(q: f64, most: u32) -> f64 {
    (0..most).map(|tried| q.powi(tried.cast_signed())).sum()
}

#[test]
fn every_failed_attempt_but_the_last_makes_another_one() {
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.3\nat = \"10m\"\nduration = \"permanent\"";
    for most in [1, 2, 3, 7] {
        let AtTheEnd(flow) = watched(&text(100.0, most, "", gray), 1).remove(0);
        let failed = 100.0 * 0.3_f64.powi(most.cast_signed());
        assert!((flow.journeys[0].failed - failed).abs() < 1e-9, "{}", flow.journeys[0].failed);
        // Attempts that a gray failure fails are load as well.
        assert!((flow.load[0] - 100.0 * attempts(0.3, most)).abs() < 1e-9, "{}", flow.load[0]);
    }
}

#[test]
fn with_ideal_shedding_retries_multiply_the_load_and_change_nothing_else() {
    // The goodput is C, whatever the load: rate (1 - f^a) = C.
    for most in [1, 2, 3, 7] {
        let AtTheEnd(flow) = watched(&text(800.0, most, "", &surge(2.0, "permanent")), 1).remove(0);
        assert!((flow.journeys[0].failed - 600.0).abs() < 1e-6, "{}", flow.journeys[0].failed);
        let f = (600.0_f64 / 1_600.0).powf(1.0 / f64::from(most));
        assert!((flow.load[0] - 1_600.0 * attempts(f, most)).abs() < 1e-5, "{}", flow.load[0]);
    }
    // And when the surge is over so is the overload, however close to capacity the region is.
    let table = rows(&text(999.0, 7, "", &surge(3.0, "2m")), 1);
    assert!((of(&table, "journey.visit.recovery_s")[0] - 120.0).abs() < 1e-6);
}

/// The least offer, as a share of the capacity, at which a storm can stay: by walking along all of its states.
fn fold(most: u32, kappa: f64, floor: f64) -> f64 {
    let offer = |x: f64| {
        let left = (1.0 - kappa * (x - 1.0)).max(floor);
        x / attempts(1.0 - left / x, most)
    };
    (1..800_000).map(|cell| offer(1.0 + f64::from(cell) * 1e-5)).fold(f64::INFINITY, f64::min)
}

#[test]
fn the_fold_of_two_attempts_can_be_had_by_hand() {
    // a = 2, kappa = 1/2: f = 3/2 - 3 / (2 x), x0 = x^2 / (5 x / 2 - 3 / 2), least where 5 x / 2 = 3: x = 1.2, x0 = 0.96.
    assert!((fold(2, 0.5, 0.0) - 0.96).abs() < 1e-9);
    // a = 3, kappa = 1: the worst state is a total collapse, x = 2 and f = 1: x0 = 2 / 3.
    assert!((fold(3, 1.0, 0.0) - 2.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_storm_outlives_its_cause_above_the_fold_and_not_below() {
    for (most, kappa, floor) in [(2, 0.5, 0.0), (3, 1.0, 0.0), (4, 2.0, 0.3), (3, 0.5, 0.2)] {
        let fold = fold(most, kappa, floor);
        assert!(fold < 0.97, "{fold}");
        let compute = format!("kappa = {kappa}\ngoodput-floor = {floor}");
        let recovery = |offer: f64| {
            let text = text(1_000.0 * offer, most, &compute, &surge(3.0, "2m"));
            of(&rows(&text, 1), "journey.visit.recovery_s")[0]
        };
        // The region carried that much before the surge.
        assert!(recovery(fold + 0.003).is_infinite(), "{most} {kappa} {floor}: the storm went at {fold}");
        assert!((recovery(fold - 0.003) - 120.0).abs() < 1e-6, "{most} {kappa} {floor}: it stayed at {fold}");
    }
}

#[test]
fn a_storm_ends_when_the_load_has_fallen_below_the_fold() {
    // From half an hour on the offer falls by half a percent of the capacity every minute.
    let (most, kappa) = (3, 1.0);
    let offer = |step: u32| 0.99 - 0.005 * f64::from(step);
    let steps: Vec<String> =
        (1..120).map(|step| format!("{{ at = \"{}m\", factor = {} }}", 30 + step, offer(step) / 0.99)).collect();
    let rest = format!("profile = [{}]\n{}", steps.join(", "), surge(3.0, "2m"));
    let text = text(990.0, most, &format!("kappa = {kappa}"), &rest);
    let recovery = of(&rows(&text, 1), "journey.visit.recovery_s")[0];
    let step = (recovery / 60.0 - 20.0).round() as u32;
    let fold = fold(most, kappa, 0.0);
    assert!(offer(step) < fold && fold < offer(step - 1), "over at {} and not at {fold}", offer(step));
}

#[test]
fn an_outage_of_the_region_ends_the_storm_too() {
    // No attempt reaches a dead region: after it the load starts from nothing.
    let outage = "\n[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"1h\"\nduration = \"60s\"";
    let text = text(900.0, 3, "kappa = 1.0", &(surge(3.0, "2m") + outage));
    let recovery = of(&rows(&text, 1), "journey.visit.recovery_s")[0];
    assert!((recovery - (3_600.0 - 600.0 + 60.0)).abs() < 1e-6, "{recovery}");
}
