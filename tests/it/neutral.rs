//! Names stay names in every form: no formula in a spreadsheet, no mention in a pull request, nothing hidden on a
//! terminal or a page.

use std::fs;
use std::path::Path;

use crate::program::{ask, text};

/// One outage of one of two regions.
fn experiment(name: &str, journey: &str) -> String {
    format!(
        r#"
name = {name}
horizon = "1h"
trials = 40
[objectives]
rto = {{ p50 = "5m" }}
[regions.us-east-1]
[regions.eu-west-1]
[dns]
policy = "latency"
[[clients]]
name = "c"
near = "us-east-1"
requests-per-second = 100
[stores.s]
kind = "aurora-global"
writer = "us-east-1"
[[journeys]]
name = {journey}
share = 1
needs = [{{ write = "s" }}]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "permanent"
"#
    )
}

/// Runs it and returns what it printed; the results are in the folder `out`.
fn run(home: &Path, name: &str, journey: &str) -> String {
    let file = home.join("experiment.toml");
    fs::write(&file, experiment(name, journey)).expect("written");
    let answer = ask(&["run", text(&file), "--quiet", "--out", text(&home.join("out"))]);
    assert!(matches!(answer.code, Some(0 | 3)), "{}", answer.err);
    answer.out
}

fn kept(home: &Path, file: &str) -> String {
    fs::read_to_string(home.join("out").join(file)).expect("it was written")
}

/// A spreadsheet runs a cell that begins with one of these signs.
#[test]
fn no_cell_of_a_table_is_a_formula() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for journey in ["=HYPERLINK(\"http://evil\")", "@SUM(A1)", "+1+1", "-2+3"] {
        run(home.path(), "\"plain\"", &format!("'{journey}'"));
        for file in ["trials.csv", "outages.csv"] {
            let mut rows = csv::ReaderBuilder::new().has_headers(false).from_path(home.path().join("out").join(file));
            for record in rows.as_mut().expect("it is there").records() {
                for cell in &record.expect("it is CSV") {
                    let number = cell.parse::<f64>().is_ok();
                    assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{file}: {cell}");
                }
            }
        }
        assert!(kept(home.path(), "outages.csv").contains(&journey.replace('"', "\"\"")), "the name is there");
        // The name is what it was for whoever reads the results back.
        let page = ask(&["report", text(&home.path().join("out")), "-o", "-"]);
        assert_eq!((page.code, page.out == kept(home.path(), "report.html")), (Some(0), true), "{}", page.err);
        fs::remove_dir_all(home.path().join("out")).expect("removed");
    }
}

#[test]
fn markdown_calls_nobody_and_names_no_issue() {
    let home = tempfile::tempdir().expect("a temporary folder");
    run(home.path(), "\"@everyone #1\"", "\"<b>*j*</b>\"");
    let markdown = kept(home.path(), "report.md");
    assert!(!markdown.contains("@everyone") && !markdown.contains("#1"), "{markdown}");
    assert!(markdown.starts_with("### @<!-- -->everyone #<!-- -->1\n"), "{markdown}");
    assert!(markdown.contains("\\<b\\>\\*j\\*\\</b\\>"), "{markdown}");
    // In other forms the name is as it was.
    assert!(kept(home.path(), "report.txt").starts_with("@everyone #1  40 trials"));
}

#[test]
fn nothing_in_a_name_is_hidden() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let printed = run(home.path(), r#""\u202eabc\u202c""#, r#""a\u200bb\u2066""#);
    let forms =
        ["report.txt", "report.md", "report.html", "experiment.toml", "recovery-time.svg", "trials.csv", "outages.csv"];
    for (form, text) in forms.map(|file| (file, kept(home.path(), file))).into_iter().chain([("terminal", printed)]) {
        let hidden = |letter: char| matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!text.contains(hidden), "{form}");
    }
    assert!(kept(home.path(), "report.txt").starts_with("\\u202Eabc\\u202C  40 trials"));
    assert!(kept(home.path(), "report.html").contains("<h1>\\u202Eabc\\u202C</h1>"));
    // The page quotes the same experiment: TOML knows the escapes.
    let again = ask(&["check", text(&home.path().join("out/experiment.toml"))]);
    assert_eq!(again.code, Some(0), "{}", again.err);
}
