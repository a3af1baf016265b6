//! The engine against closed forms: models that have nothing to do with its use here.
//!
//! Each comparison is an interval at level 1 - 1e-6 around the mean of independent trials with a fixed seed: of a million
//! such tests of a correct engine one would fail. The models are those of the examples.

#[allow(dead_code, reason = "the example's own main")]
#[path = "../examples/machine_repair.rs"]
mod machine_repair;
#[allow(dead_code, reason = "the example's own main")]
#[path = "../examples/mmc.rs"]
mod mmc;

use sim_core::random::{Distribution, LogNormal};

const LEVEL: f64 = 1.0 - 1e-6;

#[test]
fn erlangs_formula_gives_what_is_known_of_one_server() {
    // M/M/1: rho^2 / (1 - rho) customers wait.
    let queue = mmc::Parameters { servers: 1, arrivals_per_second: 0.8, services_per_second: 1.0 };
    assert!((mmc::expected(queue) - 3.2).abs() < 1e-12);
}

#[test]
fn queue_lengths_agree_with_erlang() {
    for (servers, arrivals_per_second) in [(1, 0.5), (1, 0.8), (3, 2.0), (10, 8.0)] {
        let queue = mmc::Parameters { servers, arrivals_per_second, services_per_second: 1.0 };
        let waiting = mmc::simulated(queue, 7, 100, LEVEL).expect("valid").expect("enough trials");
        assert!(waiting.contains(mmc::expected(queue)), "{queue:?}: {} in {waiting:?}", mmc::expected(queue));
        // An interval that holds everything would hold the truth, too.
        assert!(waiting.relative_half_width() < 0.25, "{queue:?}: {waiting:?}");
    }
}

#[test]
fn availability_agrees_with_the_machine_repair_model() {
    let exponential = |mean| Distribution::exponential(mean).expect("valid");
    let lognormal = LogNormal { mean: Some(2.0), sigma: Some(1.0), ..LogNormal::default() };
    let lognormal = Distribution::lognormal(&lognormal).expect("valid");
    let wear = Distribution::weibull(3.0, 11.0).expect("valid");
    let shops = [
        (4, 1, exponential(10.0), exponential(2.0)),
        (10, 2, exponential(10.0), exponential(2.0)),
        (10, 2, wear, exponential(2.0)),
        (5, 5, exponential(10.0), lognormal),
    ];
    for (machines, people, life, repair) in shops {
        let shop = machine_repair::Parameters { machines, people, life, repair };
        let running = machine_repair::simulated(&shop, 7, 100, LEVEL).expect("enough trials");
        let expected = machine_repair::expected(&shop);
        assert!(running.contains(expected), "{shop:?}: {expected} in {running:?}");
        assert!(running.relative_half_width() < 0.03, "{shop:?}: {running:?}");
    }
}

#[test]
fn a_trial_is_the_same_trial_whatever_ran_before_it() {
    let queue = mmc::Parameters { servers: 2, arrivals_per_second: 1.5, services_per_second: 1.0 };
    let once = mmc::simulated(queue, 3, 5, 0.95).expect("valid");
    assert_eq!(once, mmc::simulated(queue, 3, 5, 0.95).expect("valid"));
    assert_ne!(once, mmc::simulated(queue, 4, 5, 0.95).expect("valid"));
}

#[test]
fn the_first_example_stays_short() {
    // That it agrees with theory it asserts itself, as a test of the crate's documentation.
    let code = include_str!("../examples/mm1.rs").lines().map(str::trim);
    let code = code.filter(|line| !line.is_empty() && !line.starts_with("//")).count();
    assert!((20..=35).contains(&code), "{code} lines of code");
}
