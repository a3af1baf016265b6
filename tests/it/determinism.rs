//! The same bytes wherever and however often a trial runs.

use std::num::NonZeroUsize;

use mrsim::experiment::Simulation;
use mrsim::report::csv;
use mrsim::run::{Stop, Trials as _, run_trials};
use mrsim::table::TrialTable;
use proptest::prelude::*;

use crate::generated::{Numbers, Wish, holds, numbers};
use crate::lab::{open, open_file, row};

const FILES: [&str; 4] = ["active-active", "deep-health-check", "warm-standby", "zone-outage"];

fn run(source: &Simulation, trials: std::ops::Range<u64>, threads: usize) -> TrialTable {
    let threads = NonZeroUsize::new(threads).expect("at least one thread");
    run_trials(source, trials, threads, &|_| (), &Stop::new()).expect("all trials run").table
}

fn bytes(table: &TrialTable) -> Vec<u8> {
    let mut bytes = Vec::new();
    csv::write(table, &mut bytes).expect("a vector takes everything");
    bytes
}

fn bits(row: &[f64]) -> Vec<u64> {
    row.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    for name in FILES {
        let source = open_file(name, &[]).source;
        let one = bytes(&run(&source, 0..180, 1));
        assert!(one == bytes(&run(&source, 0..180, 2)), "{name}: two threads");
        assert!(one == bytes(&run(&source, 0..180, 7)), "{name}: seven threads");
    }
}

#[test]
fn a_trial_is_the_same_alone_in_any_range_and_after_any_other() {
    holds(60, &(numbers(), 0..40_u64), |(numbers, trial)| {
        let text = numbers.text(Wish::default());
        let source = open(&text).source;
        let alone = bits(&row(&source, trial));
        let batch = run(&source, 0..trial + 1, 1);
        prop_assert!(bits(&batch.row(batch.len() - 1)) == alone, "trial {trial} of a batch\n{text}");
        // The same worker, back and forth.
        let (mut worker, mut again) = (source.worker(), vec![0.0; alone.len()]);
        for other in [trial + 1, trial, 3 * trial, trial] {
            source.run(&mut worker, other, &mut again, &mut Vec::new());
        }
        prop_assert!(bits(&again) == alone, "trial {trial} after {}\n{text}", 3 * trial);
        Ok(())
    });
}

#[test]
fn the_seed_makes_the_difference() {
    let rows = |seed: &str| bytes(&run(&open_file("active-active", &[("seed", seed)]).source, 0..3, 1));
    assert!(rows("1") == rows("1") && rows("1") != rows("2"));
}

/// Digests of the first rows of whole experiments, files and generated ones.
///
/// They say that nothing depends on the build, the machine or the day; they do not say that the figures are right. Whoever
/// changes the model, an experiment or the generator on purpose changes them, too, and puts here what the test prints.
const DIGESTS: [(&str, &str); 6] = [
    ("active-active", "70ac4c263cf34535"),
    ("deep-health-check", "64b2ad14ee2616e3"),
    ("warm-standby", "1d3e447f1784d706"),
    ("zone-outage", "875753e2f87a8112"),
    ("generated from 1 to 20", "c4042acffae4ed0b"),
    ("generated from 21 to 40", "e60e070fb8188c0a"),
];

#[test]
fn rows_have_the_same_bits_in_every_build() {
    let file = |name: &str| bytes(&run(&open_file(name, &[]).source, 0..10, 1));
    let generated = |seeds: std::ops::RangeInclusive<u64>| -> Vec<u8> {
        let text = |seed| Numbers::of_seed(seed).text(Wish::default());
        seeds.flat_map(|seed| bytes(&run(&open(&text(seed)).source, 0..3, 1))).collect()
    };
    let found = DIGESTS.map(|(name, _)| {
        let rows = match name {
            "generated from 1 to 20" => generated(1..=20),
            "generated from 21 to 40" => generated(21..=40),
            _ => file(name),
        };
        (name, blake3::hash(&rows).to_hex()[..16].to_owned())
    });
    let found: Vec<(&str, &str)> = found.iter().map(|(name, digest)| (*name, digest.as_str())).collect();
    assert_eq!(found, DIGESTS, "the rows are no longer what they were: on purpose?");
}
