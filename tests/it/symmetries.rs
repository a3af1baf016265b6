//! Changes to an experiment that say the same in other words.

use mrsim::experiment::Simulation;
use mrsim::run::Trials as _;
use proptest::prelude::*;

use crate::generated::{Numbers, Wish, holds, numbers};
use crate::lab::{agree, of, open, row, rows};

const TRIALS: u64 = 3;

/// Everybody hears new answers at once: no answer is kept, and no connection.
fn without_caches(text: &str) -> String {
    let kept = |line: &&str| !line.starts_with("caching = ") && !line.starts_with("connection-lifetime = ");
    let at_once = |line: &str| if line.starts_with("ttl = ") { "ttl = \"0s\"".to_owned() } else { line.to_owned() };
    text.lines().filter(kept).map(at_once).map(|line| line + "\n").collect()
}

/// The first population in two halves.
fn in_two(text: &str) -> String {
    let begins = text.find("[[clients]]").expect("there are clients");
    let ends = text[begins + 1..].find("\n[").map_or(text.len(), |after| begins + after + 2);
    let one = &text[begins..ends];
    let mut half = one.to_owned();
    for (rate, part) in [("= 100\n", "= 50\n"), ("= 250\n", "= 125\n"), ("= 7\n", "= 3.5\n")] {
        half = half.replace(&format!("requests-per-second {rate}"), &format!("requests-per-second {part}"));
    }
    assert_ne!(one, half);
    let twin = half.replace("clients-0", "twin");
    let text = text.replacen(one, &format!("{half}{twin}"), 1);
    // The twin belongs to the same shard and is in the same place.
    let text = text.replace("[\"clients-0\"]", "[\"clients-0\", \"twin\"]");
    let located = |line: &str| match line.strip_prefix("locations = { clients-0 = ") {
        Some(region) => format!("locations = {{ twin = {}, clients-0 = {region}\n", region.trim_end_matches(" }")),
        None => format!("{line}\n"),
    };
    text.lines().map(located).collect()
}

/// All columns but those of the population that is divided have the same bits. Where clients go from address to address or
/// wait in line, or percentiles are asked for, populations are counted one by one, and sums are rounded in another order.
fn same_but_for_the_halves(text: &str, one: &Simulation, two: &Simulation) -> Result<(), TestCaseError> {
    let there = two.columns();
    let topology = one.topology();
    let one_by_one = topology.percentiles || topology.walks() || topology.queues().next().is_some();
    for trial in 0..TRIALS {
        let (whole, halves) = (row(one, trial), row(two, trial));
        for (name, value) in one.columns().names().iter().zip(&whole) {
            if name.starts_with("population.clients-0.") {
                continue;
            }
            let other = halves[there.named(name).expect("the column is still there")];
            let near = one_by_one && (value - other).abs() <= 1e-12 * value.abs();
            let same = value.to_bits() == other.to_bits() || (value.is_nan() && other.is_nan()) || near;
            prop_assert!(same, "trial {trial}: {name} is {value:?} and {other:?}\n{text}");
        }
    }
    Ok(())
}

#[test]
fn a_population_in_two_halves_changes_no_bit_where_nobody_keeps_an_answer() {
    holds(150, &numbers(), |numbers: Numbers| {
        let text = without_caches(&numbers.text(Wish::default()));
        // An edge keeps errors for each population by itself.
        if text.contains("cloudfront") {
            return Ok(());
        }
        same_but_for_the_halves(&text, &open(&text).source, &open(&in_two(&text)).source)
    });
}

/// Other names, which come in another order.
const RENAMED: [(&str, &str); 12] = [
    ("service-0", "west-wing"),
    ("service-1", "annex"),
    ("store-0", "vault"),
    ("store-1", "drawer"),
    ("clients-0", "yonder"),
    ("clients-1", "hither"),
    ("clients-2", "between"),
    ("journey-0", "voyage"),
    ("journey-1", "errand"),
    ("alarm-0", "siren"),
    ("alarm-1", "bell"),
    ("runbook-0", "recipe"),
];

fn renamed(text: &str) -> String {
    RENAMED.iter().fold(text.to_owned(), |text, (name, other)| text.replace(name, other))
}

#[test]
fn other_names_change_no_distribution() {
    // Kolmogorov and Smirnov's test of two samples, which a correct program fails once in a million times, for each column.
    const TRIALS: u64 = 460;
    let mut compared = 0;
    for seed in 0..40 {
        let text = Numbers::of_seed(7_000 + seed).text(Wish::default());
        // A graph, with something that goes wrong.
        if !text.contains("[services.app]") || !text.contains("[[faults]]") {
            continue;
        }
        let (one, other) = (rows(&text, TRIALS), rows(&renamed(&text), TRIALS));
        for column in
            ["worst.recovery_s", "overall.availability", "journey.journey-0.failed", "journey.journey-0.downtime_s"]
        {
            agree(&of(&one, column), &of(&other, &renamed(column)));
        }
        compared += 1;
        if compared == 6 {
            break;
        }
    }
    assert!(compared >= 4, "{compared} graphs");
}
