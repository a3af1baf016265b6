//! A verdict on data loss says beside it that nobody can write at the end, in every form that a verdict has.
//!
//! The writer's region is out for good and nobody promotes: what it had not sent on is stranded, a second of writes, which an
//! objective of five seconds allows. All trials end like this, of which 100 leave the share above 0.025^(1/100) = 96.4 %.

use std::fs;

use serde_json::Value;

use crate::lab::head;
use crate::program::{ask_in, text};

const TRIALS: [&str; 3] = ["--trials", "100", "--quiet"];
const WORDS: &str = "no writer at the end";

/// A deployment whose first region is out for so long.
fn experiment(name: &str, lasts: &str) -> String {
    let regions = ["us-east-1", "eu-west-1"];
    let clients = [("us", regions[0], "requests-per-second = 100")];
    let whole = "horizon = \"2h\"\nseed = 208\nobjectives.rpo = { p50 = \"5s\" }";
    head(whole, &regions, "policy = \"latency\"", &clients).replace("\"test\"", &format!("{name:?}"))
        + "[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\nreplication-lag = \"1s\"\n\
           [[journeys]]\nname = \"buy\"\nshare = 1\nneeds = [{ write = \"orders\" }]\n[[faults]]\nkind = \"region-outage\"\n\
           region = \"us-east-1\"\nat = \"10m\"\n"
        + &format!("duration = \"{lasts}\"\n")
}

/// A folder with a design whose writer comes back and one whose writer does not.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, lasts) in [("back", "30m"), ("away", "permanent")] {
        fs::write(folder.path().join(format!("{name}.toml")), experiment(name, lasts)).expect("a file");
    }
    folder
}

/// What the program prints; it succeeds.
fn told(folder: &tempfile::TempDir, command: &[&str]) -> String {
    let answer = ask_in(folder.path(), command);
    assert_eq!(answer.code, Some(0), "{command:?}: {}", answer.err);
    answer.out
}

/// A text without its breaks of lines.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_comparison_says_it_in_each_form() {
    let folder = folder();
    let command = |options: &[&'static str]| [&["compare", "back.toml", "away.toml"], &TRIALS[..], options].concat();
    let brief = told(&folder, &command(&["--out", "kept"]));
    assert!(
        unwrapped(&brief).contains(&format!("away: {WORDS}: orders in 100 % [96.4, 100] of the trials.")),
        "{brief}"
    );
    assert!(unwrapped(&brief).contains(&format!("away: rpo.p50 MET with {WORDS}")), "{brief}");
    assert!(!unwrapped(&brief).contains("back: no writer"), "{brief}");
    let line = brief.lines().position(|line| line.starts_with("away") && line.contains("MET")).expect("a row");
    let beside: Vec<&str> = brief.lines().skip(line + 1).take(2).collect();
    assert!(beside[0].contains("no writer") && beside[1].contains("at the end"), "{brief}");
    let markdown = told(&folder, &command(&["--format", "markdown"]));
    assert!(markdown.contains(&format!("| away | rpo.p50 ≤ 5 s | MET, {WORDS} |")), "{markdown}");
    let document: Value = serde_json::from_str(&told(&folder, &command(&["--format", "json"]))).expect("JSON");
    let of = |place: usize| &document["candidates"][place]["objectives"][0]["no-writer-at-the-end"];
    assert_eq!((&of(0)["orders"], &of(1)["orders"]["estimate"]), (&Value::Null, &Value::from(1.0)));
    // The folder gives the same page again, from the marks beside the trials.
    let page = fs::read_to_string(folder.path().join("kept/report.html")).expect("a page");
    assert!(page.contains(&format!("MET<small>{WORDS}</small>")), "{page}");
    told(&folder, &["report", "kept", "--out", "again.html"]);
    let again = fs::read_to_string(folder.path().join("again.html")).expect("a page");
    assert_eq!(again, page);
    let trials = fs::read_to_string(folder.path().join("kept/trials.csv")).expect("trials");
    let mut lines = trials.lines();
    assert!(lines.next().expect("a head").ends_with(",back.orders.no_writer,away.orders.no_writer"));
    assert!(lines.all(|line| line.ends_with(",0,1")), "{trials}");
}

#[test]
fn a_sweep_says_it_in_each_form() {
    let folder = folder();
    let vary = ["--vary", "faults.0.duration=30m,permanent"];
    let command = |options: &[&'static str]| [&["sweep", "away.toml"], &vary[..], &TRIALS[..], options].concat();
    let brief = told(&folder, &command(&["--out", "kept"]));
    let most = format!("{WORDS} at 1 of 2 points, in 100 % [96.4, 100] of the trials");
    assert!(unwrapped(&brief).contains(&most), "{brief}");
    let line = brief.lines().position(|line| line.starts_with("permanent")).expect("a row");
    let beside: Vec<&str> = brief.lines().skip(line + 1).take(2).collect();
    assert!(beside[0].contains("no writer") && beside[1].contains("at the end"), "{brief}");
    let markdown = told(&folder, &command(&["--format", "markdown"]));
    assert!(markdown.contains(&format!("| permanent | MET, {WORDS} |")), "{markdown}");
    assert!(markdown.contains("| 30m | MET |"), "{markdown}");
    let page = fs::read_to_string(folder.path().join("kept/report.html")).expect("a page");
    assert!(page.contains(&format!("MET<small>{WORDS}</small>")) && page.contains(&most), "{page}");
    let sweep = fs::read_to_string(folder.path().join("kept/sweep.csv")).expect("a table");
    assert!(sweep.lines().next().expect("a head").contains("rpo.p50_no_writer,rpo.p50_no_writer_low"), "{sweep}");
    let json: Value = serde_json::from_str(&told(&folder, &command(&["--format", "json"]))).expect("JSON");
    let of = |place: usize| json["points"][place]["figures"][0]["no-writer-at-the-end"]["orders"]["estimate"].as_f64();
    assert_eq!((of(0), of(1)), (None, Some(1.0)), "{json}");
}

#[test]
fn documents_and_closing_tables_of_runs_say_it() {
    let folder = folder();
    let command = |options: &[&'static str]| [&["run", "back.toml", "away.toml"], &TRIALS[..], options].concat();
    let brief = told(&folder, &command(&[]));
    let closing = brief.lines().last().expect("a line");
    assert!(closing.contains("MET") && closing.ends_with(&format!("away.toml  rpo.p50: {WORDS}")), "{closing}");
    let fine = format!("Are we fine? Yes: the objective is met, with {WORDS} for orders.");
    assert_eq!(brief.matches(&fine).count(), 1, "{brief}");
    let junit = told(&folder, &command(&["--format", "junit"]));
    let own = format!("; {WORDS}: orders in 100 % [96.4, 100] of the trials</system-out>");
    assert_eq!(junit.matches(&own).count(), 1, "{junit}");
    let lines = told(&folder, &command(&["--format", "json"]));
    let documents: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |place: usize| documents[place]["objectives"][0]["no-writer-at-the-end"]["orders"]["low"].as_f64();
    assert_eq!(of(0), None);
    assert!(of(1).is_some_and(|low| (low - 0.025_f64.powf(0.01)).abs() < 1e-9), "{:?}", of(1));
}

/// A store of which an objective does not speak is not beside its verdict.
#[test]
fn an_objective_of_one_store_speaks_of_that_store() {
    let folder = folder();
    let more = "[stores.carts]\nkind = \"rds-replica\"\nwriter = \"eu-west-1\"\nobjectives.rpo = { p50 = \"5s\" }\n";
    let file = experiment("own", "permanent").replace("[stores.orders]", &format!("{more}[stores.orders]"));
    fs::write(folder.path().join("own.toml"), file).expect("a file");
    let json = told(&folder, &[&["run", "own.toml", "--format", "json"], &TRIALS[..]].concat());
    let document: Value = serde_json::from_str(&json).expect("JSON");
    let said: Vec<bool> = document["objectives"]
        .as_array()
        .expect("objectives")
        .iter()
        .map(|objective| objective["no-writer-at-the-end"]["orders"].is_object())
        .collect();
    assert_eq!(said, [true, false], "{}", text(&folder.path().join("own.toml")));
}
