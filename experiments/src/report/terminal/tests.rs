use super::{WIDTH, columns, render, width};
use crate::analyze::Summary;
use crate::report::RunReport;
use crate::report::run::brief;
use crate::run::synthetic::Synthetic;
use crate::run::{Stop, run_trials};
use std::num::NonZeroUsize;

fn plain(source: &Synthetic, trials: u64, asked: Option<u64>) -> String {
    let threads = NonZeroUsize::new(2).expect("not zero");
    let run = run_trials(source, 0..trials, threads, &|_| (), &Stop::new()).expect("runs");
    let summary = Summary::new(&source.header, &run.table);
    let report = RunReport { header: &source.header, summary: &summary, findings: &[], asked, command: "" };
    anstream::adapter::strip_str(&render(&brief(&report), WIDTH)).to_string()
}

fn fits(text: &str) {
    for line in text.lines() {
        assert!(columns(line) <= WIDTH, "{} columns: {line}\n{text}", columns(line));
    }
}

#[test]
fn a_typical_verdict_fits_a_screen() {
    let text = plain(&Synthetic::typical(), 4_000, None);
    fits(&text);
    assert!(text.lines().count() <= 30, "{} lines\n{text}", text.lines().count());
    for part in ["4,000 trials, seed 1, horizon 1 h", "MET", "rto.p99", "\u{2264} 10 min", "p99.9", "worst", "decision"]
    {
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
    for part in [
        "availability",
        "\u{2265} 99.9 %",
        "outages a trial",
        "nines",
        "all journeys",
        "Error budget: 3.6 s a trial",
        "of trials exceed it",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let mut never = source;
    never.harmless = true;
    never.header.name = "calm".to_owned();
    let text = plain(&never, 1_000, None);
    fits(&text);
    assert!(text.contains("never") && text.contains("no trial uses any of it"), "{text}");
}

/// One of 300 trials is not back within 50 min: with the chance of 2.5 % on that side their share is below 0.975^(1/300) = 99.9916 %.
/// No trial loses five seconds: that share is above 0.025^(1/300) = 98.78 %.
#[test]
fn a_chance_keeps_its_interval_where_there_is_no_room_beside_it() {
    let mut source = Synthetic::censored(300);
    source.header.availability = Some(0.999);
    source.header.objectives[0].limit = 3_000.0;
    let text = plain(&source, 300, None);
    fits(&text);
    let lines: Vec<&str> = text.lines().collect();
    for (name, chance, interval) in [("rto.p99", " 99.67", "\u{2013}99.9916"), ("rpo.p99", " 100", "98.8\u{2013}100")] {
        let row = lines.iter().position(|line| line.contains(name)).expect("a row");
        assert!(lines[row].trim_end().ends_with(chance), "{text}");
        assert!(lines[row + 1].trim().ends_with(interval), "{text}");
    }
    // A chance of which no interval is told is no longer there.
    let head = lines.iter().position(|line| line.starts_with("Objectives")).expect("a head");
    let rows = &lines[head + 1..head + 7];
    assert_eq!(rows.iter().filter(|line| line.trim_end().contains('\u{2013}')).count(), 3, "{text}");
    // With room it stands beside its chance.
    let threads = NonZeroUsize::new(2).expect("not zero");
    let run = run_trials(&source, 0..300, threads, &|_| (), &Stop::new()).expect("runs");
    let summary = Summary::new(&source.header, &run.table);
    let report = RunReport { header: &source.header, summary: &summary, findings: &[], asked: None, command: "" };
    let wide = anstream::adapter::strip_str(&render(&brief(&report), 120)).to_string();
    assert!(wide.lines().any(|line| line.contains("rpo.p99") && line.contains("100 [98.8, 100]")), "{wide}");
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
    assert!(text.lines().count() < 54, "{text}");
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

#[test]
fn the_width_is_that_of_the_terminal_within_reason() {
    let cases =
        [(None, 80), (Some("132"), 132), (Some(" 100 "), 100), (Some("7"), 60), (Some("wide"), 80), (Some(""), 80)];
    for (columns, expected) in cases {
        assert_eq!(width(columns), expected, "{columns:?}");
    }
}

/// A wider terminal has room for names that a narrow one cuts.
#[test]
fn names_take_the_room_that_there_is() {
    let mut source = Synthetic::typical();
    source.header.journeys = vec!["a journey with a rather long name".to_owned(), "other".to_owned()];
    let source = Synthetic::of(source.header);
    let threads = NonZeroUsize::new(2).expect("not zero");
    let run = run_trials(&source, 0..400, threads, &|_| (), &Stop::new()).expect("runs");
    let summary = Summary::new(&source.header, &run.table);
    let report = RunReport { header: &source.header, summary: &summary, findings: &[], asked: None, command: "" };
    let text = |width| anstream::adapter::strip_str(&render(&brief(&report), width)).to_string();
    let whole = |text: &str| text.lines().any(|line| line.starts_with("a journey with a rather long name "));
    assert!(!whole(&text(80)) && text(80).contains('…'), "{}", text(80));
    assert!(whole(&text(132)), "{}", text(132));
    assert!(text(132).lines().all(|line| columns(line) <= 132), "{}", text(132));
}

/// Letters that turn or hide the text around them are shown as escapes.
#[test]
fn what_is_hidden_in_a_name_is_shown() {
    let mut source = Synthetic::typical();
    source.header.name = "\u{202e}abc\u{202c}".to_owned();
    source.header.journeys[0] = "a\u{200b}b".to_owned();
    let text = plain(&Synthetic::of(source.header), 400, None);
    fits(&text);
    assert!(text.starts_with("\\u202Eabc\\u202C  400 trials"), "{text}");
    assert!(text.contains("a\\u200Bb") && !text.contains(['\u{202e}', '\u{202c}', '\u{200b}']), "{text}");
}
