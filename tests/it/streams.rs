//! Common random numbers: what two designs share happens at the same instants in both, and streams know nothing of each
//! other.

use models::deployment::Happening;
use models::stores::Signal;
use mrsim::run::{Stop, run_trials};
use mrsim::table::TrialTable;

use crate::lab::{Diary, FALSE_ALARM, of, open_file};

const TRIALS: u64 = 200;

/// The first trials of the active-active experiment with these changes.
fn table(sets: &[(&str, &str)], trials: u64) -> TrialTable {
    let source = open_file("active-active", sets).source;
    run_trials(&source, 0..trials, std::num::NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("all trials run").table
}

/// In every trial these columns have the same bits in both designs.
#[track_caller]
fn shared(one: &TrialTable, other: &TrialTable, columns: &[&str]) {
    for column in columns {
        let bits = |table: &TrialTable| of(table, column).iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert!(bits(one) == bits(other), "{column} differs");
    }
}

const DETECTION: [&str; 2] = ["health_flip_s", "answer_change_s"];
const WRITER: [&str; 4] = ["alarm.orders-down_s", "promoted.orders_s", "store.orders.loss_s", "store.orders.lost"];

#[test]
fn the_ttl_changes_what_it_is_about_and_nothing_else() {
    let (long, short) = (table(&[], TRIALS), table(&[("dns.ttl", "10s")], TRIALS));
    shared(&long, &short, &DETECTION);
    shared(&long, &short, &WRITER);
    assert!(of(&long, "moved50_s") != of(&short, "moved50_s"));
}

#[test]
fn health_checks_do_not_shift_the_writers_numbers_nor_the_writer_theirs() {
    let usual = table(&[], TRIALS);
    shared(&usual, &table(&[("dns.health-check.failure-threshold", "1")], TRIALS), &WRITER);
    shared(&usual, &table(&[("stores.orders.promotion-time", "1s")], TRIALS), &DETECTION);
}

#[test]
fn another_region_shifts_nobodys_numbers() {
    let desired = ("regions.ap-south-1.compute.instances.desired", "8");
    let (two, three) = (table(&[], TRIALS), table(&[desired], TRIALS));
    shared(&two, &three, &DETECTION);
    shared(&two, &three, &WRITER);
    // A second survivor lacks items of its own; those that the first one lacks are the same ones.
    for (two, three) in of(&two, "store.sessions.stranded").iter().zip(of(&three, "store.sessions.stranded")) {
        assert!(three >= *two, "{three} with another survivor, {two} without");
    }
}

#[test]
fn a_promotion_takes_as_long_whenever_somebody_decides() {
    let took = |sets: &[(&str, &str)]| -> Vec<u64> {
        let mut deployment = open_file("active-active", sets).source.deployment();
        let took = |trial| {
            let mut diary = Diary::default();
            deployment.run(trial, &mut diary);
            let at = |is: fn(&Signal) -> bool| {
                let signals = |what: &Happening| matches!(what, Happening::Store { signal, .. } if is(signal));
                diary.first(signals).expect("somebody promotes")
            };
            let seconds = at(|signal| matches!(signal, Signal::Promoted(_)))
                - at(|signal| matches!(signal, Signal::PromotionBegan { .. }));
            (seconds * 1e6).round() as u64
        };
        (0..TRIALS).map(took).collect()
    };
    assert_eq!(took(&[]), took(&[("alarms.0.above", "0.9")]));
}

/// Where each value stands among the others, from 0 to 1.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, &index) in order.iter().enumerate() {
        ranks[index] = rank as f64 / values.len() as f64;
    }
    ranks
}

/// Spearman's rank correlation is what chance allows: of independent pairs it is nearly normal with variance 1 / (n - 1),
/// and 4.9 standard deviations are exceeded once in a million times.
#[track_caller]
fn independent(one: &[f64], other: &[f64]) {
    const { assert!(FALSE_ALARM >= 1e-6) };
    let (one, other) = (ranks(one), ranks(other));
    let n = one.len() as f64;
    let covariance: f64 = one.iter().zip(&other).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum::<f64>() / n;
    let correlation = 12.0 * covariance;
    assert!(correlation.abs() < 4.9 / (n - 1.0).sqrt(), "a correlation of {correlation}");
}

#[test]
fn streams_trials_and_seeds_know_nothing_of_each_other() {
    let trials = 3_000;
    let figures = table(&[], trials);
    let between = |from: &str, to: &str| -> Vec<f64> {
        of(&figures, to).iter().zip(of(&figures, from)).map(|(to, from)| to - from).collect()
    };
    let columns = [
        of(&figures, "health_flip_s"),
        between("health_flip_s", "answer_change_s"),
        between("answer_change_s", "moved90_s"),
        of(&figures, "alarm.orders-down_s"),
        of(&figures, "store.orders.loss_s"),
    ];
    for (index, one) in columns.iter().enumerate() {
        for other in &columns[index + 1..] {
            independent(one, other);
        }
        // One trial and the next.
        independent(&one[1..], &one[..one.len() - 1]);
    }
    let other = table(&[("seed", "2")], trials);
    for (column, one) in ["health_flip_s", "alarm.orders-down_s"].iter().zip([&columns[0], &columns[3]]) {
        independent(one, &of(&other, column));
    }
}
