//! docs/catalogue.md: every experiment of the catalogue with its question, its result and its lesson.
//!
//! Questions and lessons stand in `catalogue.toml`, the results are those of a run. `UPDATE=1 cargo test --test it
//! catalogue` writes the page anew.

use std::env;
use std::fmt::Write as _;
use std::fs;

use mrsim::units::duration;
use serde::Deserialize;
use serde_json::Value;

use crate::program::{ask, names, root};

const TRIALS: &str = "2000";

#[derive(Deserialize)]
struct Catalogue {
    story: Vec<Story>,
}

#[derive(Deserialize)]
struct Story {
    file: String,
    question: String,
    lesson: String,
}

/// A quantile of the worst journey or store, as the verdict prints it.
fn quantile(document: &Value, measure: &str, name: &str) -> String {
    let quantiles = &document["worst"][measure]["quantiles"];
    assert!(quantiles[name].is_object(), "the document has {measure} {name}");
    quantiles[name]["estimate"].as_f64().map_or_else(|| "not back".to_owned(), duration)
}

fn page() -> String {
    let text = include_str!("catalogue.toml");
    let catalogue: Catalogue = toml::from_str(text).expect("the catalogue is TOML");
    let mut page = String::from(
        "# The catalogue of experiments\n\n\
         Each file in `experiments/` is one story with a question, its deployment and its fault; its comments say what to look\n\
         for. Most files extend another one, so that a file says only what differs. Some show a mistake: `mrsim check` warns of it\n\
         before any trial runs.\n\n",
    );
    let _ = writeln!(
        page,
        "The figures are those of {TRIALS} trials with seed 1: recovery time of the worst journey, data loss of the worst store.\n\
         `not back` means that the journey is still down when the trial ends.\n"
    );
    page.push_str("| file | question | recovery p50 | p99 | data loss p99 | lesson |\n|---|---|---:|---:|---:|---|\n");
    for Story { file, question, lesson } in &catalogue.story {
        let path = format!("experiments/{file}.toml");
        let answer = ask(&["run", &path, "--trials", TRIALS, "--seed", "1", "--quiet", "--format", "json"]);
        let document: Value = serde_json::from_str(&answer.out).expect("the program prints a document");
        let recovery = |name| quantile(&document, "recovery-time", name);
        let (median, tail, loss) = (recovery("p50"), recovery("p99"), quantile(&document, "loss-seconds", "p99"));
        let _ = writeln!(page, "| [{file}](../{path}) | {question} | {median} | {tail} | {loss} | {lesson} |");
    }
    page.push_str(
        "\nAll of them, with charts; the exit code is 3, because some objectives are missed on purpose:\n\n\
         <!-- not run: it takes a minute -->\n```sh\nmrsim run experiments/*.toml --out results\n```\n",
    );
    page
}

#[test]
fn every_experiment_has_its_row_and_the_page_says_what_a_run_says() {
    let text = include_str!("catalogue.toml");
    let catalogue: Catalogue = toml::from_str(text).expect("the catalogue is TOML");
    let mut told: Vec<String> = catalogue.story.into_iter().map(|story| story.file).collect();
    told.sort();
    let there = names(&root().join("experiments"), ".toml");
    assert_eq!(told, there, "catalogue.toml and the folder list the same experiments");

    let path = root().join("docs/catalogue.md");
    let page = page();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let old = fs::read_to_string(&path).unwrap_or_default();
    assert!(old == page, "docs/catalogue.md is out of date: UPDATE=1 cargo test --test it catalogue");
}
