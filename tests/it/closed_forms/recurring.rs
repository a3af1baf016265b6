//! Faults that come at a rate: how many there are, how much of the time they take, and which outages they amount to.
//!
//! Outages of a region that last D each and begin at rate r are the busy periods of an M/D/infinity queue that is empty at
//! first: at time t nothing is out with probability exp(-r min(t, D)).

use std::sync::OnceLock;

use mrsim::analyze::mean_share;
use mrsim::table::TrialTable;

use crate::lab::{FALSE_ALARM, happens, of, rows};

const TRIALS: u64 = 4_000;
const HOUR: f64 = 3_600.0;
/// Two outages of 20 minutes a day, 10 days long: some overlap, and some are closer than 5 minutes.
const RATE: f64 = 2.0 / (24.0 * HOUR);
const LASTS: f64 = 1_200.0;
const HORIZON: f64 = 240.0 * HOUR;
/// Gaps shorter than this do not end an outage.
const CLOSE: f64 = 300.0;

/// One region, whose clients have nowhere else to go: it is down while it is out, and not a moment longer.
fn text(faults: &str) -> String {
    format!(
        r#"
        name = "recurring"
        horizon = "10d"
        [objectives]
        availability = 0.97
        [regions.us-east-1]
        [dns]
        policy = "simple"
        [[clients]]
        name = "everybody"
        near = "us-east-1"
        requests-per-second = 100
        [[journeys]]
        name = "browse"
        share = 1.0
        {faults}"#
    )
}

fn outages() -> &'static TrialTable {
    static TABLE: OnceLock<TrialTable> = OnceLock::new();
    let fault =
        "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nrate = \"2 per day\"\nduration = \"20m\"";
    TABLE.get_or_init(|| rows(&text(fault), TRIALS))
}

/// The integral over the trial of exp(-r min(t, d)).
fn idle(d: f64) -> f64 {
    (1.0 - (-RATE * d).exp()) / RATE + (HORIZON - d) * (-RATE * d).exp()
}

/// A mean over trials lies within what chance allows: Bernstein's inequality for values up to `most`.
#[track_caller]
fn mean_is(values: &[f64], expected: f64, variance: f64, most: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let log = (2.0 / FALSE_ALARM).ln();
    let bound = (2.0 * variance * log / n).sqrt() + 2.0 * most * log / (3.0 * n);
    assert!((mean - expected).abs() <= bound, "{mean} and not {expected}, {bound} apart would be chance");
}

#[test]
fn the_number_of_occurrences_is_a_poisson_number() {
    let table = outages();
    let expected = RATE * HORIZON;
    let faults = of(table, "faults");
    // The largest of 4,000 Poisson numbers of mean 20 is below 100, as far as chance goes.
    mean_is(&faults, expected, expected, 100.0);
    let squares: Vec<f64> = faults.iter().map(|count| (count - expected) * (count - expected)).collect();
    mean_is(&squares, expected, expected + 2.0 * expected * expected, 6_400.0);
    let few = |most: f64| faults.iter().filter(|count| **count <= most).count();
    let at_most_12 =
        (0..=12).fold((0.0, (-expected).exp()), |(sum, mass), k| (sum + mass, mass * expected / f64::from(k + 1))).0;
    happens(few(12.0), faults.len(), at_most_12);
}

#[test]
fn availability_is_the_share_of_time_in_which_nothing_is_out() {
    let table = outages();
    let expected = idle(LASTS) / HORIZON;
    for column in ["journey.browse.availability", "overall.availability", "journey.browse.success"] {
        let shares = of(table, column);
        // Time out is at most D for each of a Poisson number: its variance is at most r H D^2.
        let variance = RATE * HORIZON * (LASTS / HORIZON) * (LASTS / HORIZON);
        mean_is(&shares, expected, variance, 100.0 * LASTS / HORIZON);
    }
    // Down time and availability are the same thing.
    let (up, down) = (of(table, "overall.availability"), of(table, "journey.browse.downtime_s"));
    assert!(up.iter().zip(&down).all(|(up, down)| (1.0 - down / HORIZON - up).abs() < 1e-12));
}

#[test]
fn outages_are_busy_periods_that_gaps_of_five_minutes_end() {
    let table = outages();
    // One begins where nothing was out, and nothing ended within five minutes before: it is as if each lasted longer.
    let expected = RATE * idle(LASTS + CLOSE);
    mean_is(&of(table, "overall.outages"), expected, RATE * HORIZON, 100.0);
    let own: Vec<_> = table.outages().filter(|outage| outage.journey == Some(0)).collect();
    let counted: f64 = of(table, "journey.browse.outages").iter().sum();
    assert_eq!(own.len() as f64, counted);
    // Each counts from the fault that it begins with, and most are of one fault alone: no other one began until it ended,
    // nor within five minutes after.
    let whole: Vec<_> = own.iter().filter(|outage| outage.start < HORIZON - LASTS - CLOSE).collect();
    assert!(whole.iter().all(|outage| outage.fault.is_some_and(|(fault, start)| fault == 0 && start == outage.start)));
    let alone = whole.iter().filter(|outage| (outage.recovery - LASTS).abs() < 1e-6).count();
    happens(alone, whole.len(), (-RATE * (LASTS + CLOSE)).exp());
    // No shorter ones, and the longest of each trial is its recovery time.
    assert!(whole.iter().all(|outage| outage.recovery > LASTS - 1e-6 && outage.downtime <= outage.recovery + 1e-6));
    let recovery = of(table, "journey.browse.recovery_s");
    for (trial, recovery) in recovery.iter().enumerate() {
        let longest =
            own.iter().filter(|outage| outage.trial == trial as u64).map(|outage| outage.recovery).fold(0.0, f64::max);
        assert_eq!(*recovery, longest, "trial {trial}");
    }
}

#[test]
fn the_interval_of_availability_holds_it_in_95_of_100_runs() {
    let table = outages();
    let shares = of(table, "overall.availability");
    let expected = idle(LASTS) / HORIZON;
    let (mut holds, mut runs, mut widths) = (0, 0, 0.0);
    for run in shares.chunks_exact(25) {
        let interval = mean_share(run).expect("every trial is down at times");
        runs += 1;
        holds += usize::from(interval.contains(expected));
        widths += interval.high - interval.low;
    }
    happens(holds, runs, 0.95);
    // An interval that is merely too wide holds it, too: twice 2.06 standard errors (Student, 24 degrees of freedom) of
    // what has a standard deviation of about D sqrt(r H) / H.
    let plain = 2.0 * 2.064 * LASTS * (RATE * HORIZON).sqrt() / HORIZON / 5.0;
    let width = widths / runs as f64;
    assert!((0.85..1.15).contains(&(width / plain)), "{width} against {plain}");
}

#[test]
fn an_error_budget_is_exceeded_as_often_as_its_trials_are_down_for_longer() {
    // 3 % of ten days are 7.2 h. Without overlaps that were 21.6 outages of 20 minutes; the median of 20 expected ones.
    let table = outages();
    let shares = of(table, "overall.availability");
    let exceeded = shares.iter().filter(|share| **share < 0.97).count() as u64;
    let faults = of(table, "faults");
    // Time down is at most D for each: who exceeds the budget had more than 21 faults.
    let more = faults.iter().filter(|count| **count > 21.0).count() as u64;
    assert!(exceeded <= more && exceeded > more / 2, "{exceeded} of {more}");
}
