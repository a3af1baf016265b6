use std::num::NonZeroUsize;
use std::path::Path;

use super::{Report, WIDTH, verdict};
use crate::analyze::Summary;
use crate::run::synthetic::Synthetic;
use crate::run::{Stop, run_trials};

fn plain(source: &Synthetic, trials: u64, asked: Option<u64>) -> String {
    let threads = NonZeroUsize::new(2).expect("not zero");
    let run = run_trials(source, 0..trials, threads, &|_| (), &Stop::new()).expect("runs");
    let summary = Summary::new(&source.header, &run.table);
    let report =
        Report { header: &source.header, summary: &summary, asked, files: Some(Path::new("results")), command: "" };
    anstream::adapter::strip_str(&verdict(&report)).to_string()
}

fn fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= WIDTH, "{} columns: {line}\n{text}", line.chars().count());
    }
}

#[test]
fn a_typical_verdict_fits_a_screen() {
    let text = plain(&Synthetic::typical(), 4_000, None);
    fits(&text);
    assert!(text.lines().count() <= 26, "{} lines\n{text}", text.lines().count());
    for part in [
        "4,000 trials, seed 1, horizon 1 h",
        "MET",
        "rto.p99",
        "<= 10 min",
        "p99.9",
        "worst",
        "decision",
        "Files: results",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn censored_values_are_bounds_and_never_numbers() {
    let text = plain(&Synthetic::censored(4), 1_000, None);
    fits(&text);
    assert!(text.contains("> 50 min"), "the fault was watched for 50 of 60 minutes\n{text}");
    assert!(text.contains("Not back when the trial ended (> 50 min): 25.0 % ["), "{text}");
    assert!(!text.contains("inf") && !text.contains("NaN"), "{text}");
}

#[test]
fn few_trials_are_refused_in_words_and_still_fit() {
    for trials in [1, 2, 30, 300] {
        let text = plain(&Synthetic::typical(), trials, Some(10_000));
        fits(&text);
        assert!(text.contains("needs"), "{text}");
        assert!(text.contains("PARTIAL  stopped after "), "{text}");
        assert!(!text.contains("inf") && !text.contains("NaN"), "{text}");
    }
}

#[test]
fn availability_has_a_table_and_its_objective_fits_among_the_others() {
    let mut source = Synthetic::typical();
    source.header.availability = Some(0.999);
    let text = plain(&source, 1_000, None);
    fits(&text);
    for part in
        ["available", ">= 99.9 %", "outages a trial", "nines", "overall", "Error budget 3.6 s a trial", "exceeded in"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let mut never = source;
    never.harmless = true;
    never.header.name = "calm".to_owned();
    let text = plain(&never, 1_000, None);
    fits(&text);
    assert!(text.contains("never") && text.contains("never touched"), "{text}");
}

#[test]
fn many_and_long_names_still_fit() {
    let mut source = Synthetic::typical();
    source.header.journeys = (0..20).map(|index| format!("a journey with a long name {index}\u{1b}[31m")).collect();
    source.header.stores = (0..20).map(|index| format!("store-number-{index}-of-twenty")).collect();
    source.header.name = "n".repeat(200);
    let text = plain(&Synthetic::of(source.header), 400, None);
    fits(&text);
    assert!(text.contains("and 14 journeys with less"), "{text}");
    assert!(text.lines().count() < 50, "{text}");
}

#[test]
fn an_experiment_without_stores_and_objectives_has_a_verdict_too() {
    let mut source = Synthetic::typical();
    source.header.stores.clear();
    source.header.objectives.clear();
    source.header.assumed.clear();
    let text = plain(&Synthetic::of(source.header), 400, None);
    assert!(text.contains("No objectives are set.") && !text.contains("Data loss"), "{text}");
}

#[test]
fn a_harmless_fault_is_said_to_be_one() {
    let mut source = Synthetic::typical();
    source.harmless = true;
    let text = plain(&source, 400, None);
    assert!(text.contains("No journey went down in any trial."), "{text}");
}
