//! Where figures come from, and what is not known of them: through the program.

use std::fs;

use mrsim::describe::{Known, known};
use mrsim::experiment::LAYOUT;
use serde_json::Value;
use sim_settings::{Extent, KeyDefault, Mark, Takes};

use crate::program::{VALID, ask, ask_in, content, root, text};

/// The valid experiment with an objective that its figures can miss.
const SETS: [&str; 2] = ["--set", "objectives.rto={ p50 = \"30m\" }"];

fn json(arguments: &[&str]) -> Value {
    let answer = ask(arguments);
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}{}", answer.out, answer.err))
}

/// Every guess says how far it may be off and why, and stays in its key's range there.
#[test]
fn every_assumed_default_has_a_band_with_its_reason() {
    let mut guesses = 0;
    for Known { path, placed, .. } in known(LAYOUT) {
        for place in placed {
            let (key, takes) = (place.entry.key, place.entry.takes);
            let KeyDefault::Value { mark: Mark::Assumed, text, .. } = key.default else { continue };
            guesses += 1;
            let band = key.band.unwrap_or_else(|| panic!("{path}: the guess {text} has no band"));
            assert!(band.reason.len() > 20 && !band.reason.ends_with('.'), "{path}: {}", band.reason);
            let is_time = matches!(takes, Takes::Duration | Takes::Delay | Takes::DelayOr(_));
            match band.extent {
                Extent::Factor { low, high } => {
                    assert!(low > 0.0 && low <= 1.0 && high >= 1.0 && low < high, "{path}: {low} {high}");
                }
                Extent::Range { low, high } => {
                    assert!(key.admits(low) && key.admits(high) && low < high && !is_time, "{path}: {low} {high}");
                    let number: f64 = text.parse().expect("a number");
                    assert!((low..=high).contains(&number), "{path}: {text} lies outside its own band");
                }
                // What has no number cannot be varied, and nothing times a factor is nothing.
                Extent::Choice => assert!(!is_time || text == "0s", "{path}"),
            }
        }
    }
    assert!(guesses > 50, "{guesses}");
}

#[test]
fn explain_tells_the_band_of_a_guess() {
    let told = ask(&["explain", "stores.promotion-time"]).out;
    assert!(told.contains("  band     from 0.5 to 3 times it: "), "{told}");
    let of_a_share = ask(&["explain", "stores.hit-ratio"]).out;
    assert!(of_a_share.contains("  band     from 70.0 % to 99.0 %: "), "{of_a_share}");
}

#[test]
fn check_tells_where_every_figure_comes_from() {
    let promotion = "stores.orders.promotion-time={ lognormal = { median = \"3m\", p95 = \"6m\" }, \
                     source = \"measured\", from = \"drill of May\", observations = 12 }";
    let arguments = [
        "check",
        VALID,
        "--set",
        promotion,
        "--set",
        "dns.propagation={ lognormal = { median = \"3s\", p95 = \"10s\" } }",
    ];
    let told = ask(&arguments).out;
    // Lines are wrapped between words.
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("(measured: drill of May, 12 observations)"), "{told}");
    assert!(words.contains("figures ") && words.contains(" 1 yours, ") && words.contains(" unsourced"), "{told}");
    // A default that is written out is the guess that it is.
    assert!(words.contains("assumed dns.propagation = "), "{told}");
    let document = json(&[&arguments[..], &["--format", "json"]].concat());
    let figure = |path: &str| {
        let figures = document["figures"].as_array().expect("a list");
        figures.iter().find(|figure| figure["path"] == path).unwrap_or_else(|| panic!("{path}")).clone()
    };
    let own = figure("stores.orders.promotion-time");
    assert_eq!(
        (&own["provenance"], &own["observations"], &own["written"]),
        (&"yours".into(), &12.into(), &true.into())
    );
    assert_eq!(figure("dns.propagation")["provenance"], "assumed");
    assert_eq!(figure("dns.ttl")["provenance"], "documented", "60 s is what the documentation recommends");
    assert_eq!(figure("compute.requests-per-second")["provenance"], "unsourced");
    assert_eq!(figure("stores.orders.endpoint-update")["written"], false);
}

/// `extends` and a resolved file keep what is said of a source; a figure that is set anew loses that of the old one.
#[test]
fn sources_survive_extends_and_the_files_of_results() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let base = fs::read_to_string(root().join(VALID)).expect("it is there");
    let sourced = base.replace(
        "requests-per-second = 100\n\n[dns]",
        "requests-per-second = { value = 100, source = \"measured\", from = \"a load test\" }\n\n[dns]",
    );
    assert_ne!(base, sourced);
    fs::write(home.path().join("base.toml"), sourced).expect("written");
    fs::write(home.path().join("own.toml"), "extends = \"base.toml\"\nname = \"own\"\n").expect("written");
    let provenance = |arguments: &[&str]| {
        let answer = ask_in(home.path(), &[&["check", "--format", "json"], arguments].concat());
        let document: Value = serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{}", answer.err));
        let figures = document["figures"].as_array().expect("a list").clone();
        let figure = figures.into_iter().find(|figure| figure["path"] == "compute.requests-per-second");
        figure.expect("it is read")["source"].clone()
    };
    assert_eq!(provenance(&["own.toml"]), "measured: a load test");
    assert_eq!(provenance(&["own.toml", "--set", "compute.requests-per-second=90"]), Value::Null);
    let run = ask_in(home.path(), &["run", "own.toml", "--trials", "50", "--quiet", "--out", "results"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(provenance(&["results/experiment.toml"]), "measured: a load test");
}

#[test]
fn options_that_cannot_be_are_refused() {
    for (options, words) in [
        (&["--parameters", "7"][..], "must be at least 8"),
        (&["--parameters", "many"], "not a whole number"),
        (&["--parameters", "10001"], "must be at most 10,000"),
        (&["--ledger", "full"], "--parameters"),
        (&["--parameters", "8", "--ledger", "half"], "first, full"),
    ] {
        let answer = ask(&[&["run", VALID][..], options].concat());
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{options:?}");
        assert!(answer.err.contains(words), "{options:?}: {}", answer.err);
    }
}

/// All that a reader gets: two intervals, the ledger, what is no matter; the same bytes on any number of threads, and again
/// from the files.
#[test]
fn sets_of_figures_give_two_intervals_and_a_ledger() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let run = |threads: &str| {
        let out = home.path().join(threads);
        let fixed = ["run", VALID, "--trials", "300", "--parameters", "16", "--threads", threads, "--quiet"];
        let answer = ask(&[&fixed[..], &SETS, &["--out", text(&out)]].concat());
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{}", answer.out);
        (answer.out, out)
    };
    let (shown, first) = run("1");
    let (_, second) = run("3");
    let files = |folder: &std::path::Path| {
        let all = content(folder).into_iter();
        all.map(|(path, bytes)| (path.rsplit('/').next().map(str::to_owned), bytes)).collect::<Vec<_>>()
    };
    assert_eq!(files(&first), files(&second));
    for words in
        ["by chance alone", "with what is not known", "What moves rto.p50", "From 16 sets of ", "No matter here, "]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let summary = fs::read_to_string(first.join("summary.json")).expect("it is kept");
    let document: Value = serde_json::from_str(&summary).expect("it is JSON");
    let unknown = &document["unknown"];
    assert_eq!((&unknown["sets"], &unknown["trials"]), (&16.into(), &300.into()));
    let judged = &unknown["objectives"][0];
    let ends = |key: &str| ["low", "high"].map(|end| judged[key][end].as_f64().expect("not censored"));
    let ([low, high], [wide_low, wide_high]) = (ends("by-chance"), ends("with-unknown"));
    assert!(wide_high - wide_low > high - low && low < wide_high && high > wide_low, "{judged}");
    // The promotion is what everybody waits for, and nobody fails over within the region.
    assert_eq!(judged["shares"][0]["path"], "stores.orders.promotion-time", "{judged}");
    let figures = unknown["figures"].as_array().expect("a list");
    let idle = |path: &str| figures.iter().find(|figure| figure["path"] == path).map(|figure| figure["idle"].clone());
    assert_eq!(idle("stores.orders.in-region-failover"), Some(true.into()));
    assert_eq!(idle("stores.orders.promotion-time"), Some(false.into()));
    assert!(
        document["command"].as_str().is_some_and(|command| command.contains(" --parameters 16 ")),
        "{}",
        document["command"]
    );
    // The page comes out the same from the files.
    let page = ask(&["report", text(&first), "--out", "-"]);
    assert_eq!(page.code, Some(0), "{}", page.err);
    assert_eq!(page.out, fs::read_to_string(first.join("report.html")).expect("it is kept"));
    assert!(page.out.contains("What is not known"));
}

/// The cost of total indices is told before it is paid.
#[test]
fn a_full_ledger_tells_its_cost_first() {
    let arguments = ["run", VALID, "--trials", "50", "--parameters", "8", "--ledger", "full", "--format", "json"];
    let answer = ask(&arguments);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(answer.err.contains("--ledger full runs "), "{}", answer.err);
}

/// A verdict that holds for the file and not for what is believed of its figures says what it hangs on, and does not pass
/// where nothing may be open.
#[test]
fn a_verdict_that_hangs_on_a_guess_says_so() {
    let fixed = ["run", VALID, "--trials", "400", "--parameters", "24", "--quiet", "--set"];
    let document = json(&[&fixed[..], &[SETS[1], "--format", "json"]].concat());
    let judged = &document["unknown"]["objectives"][0];
    let end = |key: &str| judged[key]["high"].as_f64().expect("not censored");
    let between = f64::midpoint(end("by-chance"), end("with-unknown"));
    let limit = format!("objectives.rto={{ p50 = \"{between:.0}s\" }}");
    let run = |more: &[&str]| ask(&[&fixed[..], &[limit.as_str()], more].concat());
    let answer = run(&[]);
    assert_eq!(answer.code, Some(0), "{}", answer.out);
    assert!(
        answer.out.contains("MET, if") && answer.out.contains("rto.p50: MET, if stores.orders.promotion-time"),
        "{}",
        answer.out
    );
    assert_eq!(run(&["--strict"]).code, Some(3));
}
