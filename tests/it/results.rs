//! Results are documents: real ones against the schema that the program prints, and read back whole; and the pages that
//! are made from the tables behind them. `UPDATE=1 cargo test --test it results` writes those anew.

use std::fs;
use std::path::PathBuf;

use mrsim::advise::AdviceDocument;
use mrsim::compare::ComparisonDocument;
use mrsim::describe::{data_dictionary, results_schema};
use mrsim::documents::RunDocument;
use mrsim::rare::RareDocument;
use mrsim::solve::SolutionDocument;
use mrsim::sweep::SweepDocument;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::program::{VALID, ask};

const FILE: &str = "experiments/active-active.toml";
const PRICE: &str = "prices.instance-hour=0.1";
const SOLVE: &str = "solve.vary={ \"dns.ttl\" = [\"10s\", \"60s\"] }";
const OBJECTIVE: &str = "objectives.rto={ p90 = \"10m\" }";

/// The output of a command with `--format json`.
fn document(arguments: &[&str]) -> String {
    let quiet: &[&str] = if arguments[0] == "check" { &[] } else { &["--quiet"] };
    let answer = ask(&[arguments, quiet, &["--format", "json"]].concat());
    assert!(matches!(answer.code, Some(0 | 3)) && answer.err.is_empty(), "{}", answer.err);
    answer.out
}

/// Real documents of every kind: with quantiles that few trials support and that they do not, censored ones, outages,
/// objectives on availability, rankings.
fn documents() -> Vec<(&'static str, String)> {
    let run = |file: &'static str, trials: &'static str| ("run", document(&["run", file, "--trials", trials]));
    let compare = |files: &[&str]| document(&[&["compare", "--trials", "50"], files].concat());
    vec![
        run(FILE, "400"),
        run(FILE, "20"),
        run("experiments/a-year-of-faults.toml", "50"),
        run("experiments/backup-and-restore.toml", "50"),
        ("compare", compare(&[FILE, "experiments/pilot-light.toml"])),
        ("compare", compare(&[FILE, "experiments/pilot-light.toml", "experiments/warm-standby.toml"])),
        ("sweep", document(&["sweep", FILE, "--vary", "dns.ttl=10s,60s", "--trials", "50"])),
        ("sweep", document(&["sweep", FILE, "--vary", "seed=1,2", "--trials", "50"])),
        ("sweep", document(&["sweep", FILE, "--vary", "dns.ttl=10s,60s", "--trials", "50", "--set", PRICE])),
        ("run", document(&["run", FILE, "--trials", "50", "--set", PRICE, "--set", "prices.failed-request=1"])),
        ("advise", document(&["advise", VALID, "--trials", "300", "--set", PRICE])),
        ("rare", document(&["rare", VALID, "--recovery-over", "15m", "--trials", "200"])),
        ("check", document(&["check", FILE])),
        ("check", document(&["check", FILE, "--set", "runbooks.promote-orders.steps.0.approve=30s"])),
        ("solve", document(&["solve", VALID, "--trials", "300", "--set", PRICE, "--set", SOLVE, "--set", OBJECTIVE])),
    ]
}

#[test]
fn real_documents_keep_their_schema() {
    let root = results_schema();
    let schema = Schema { root: &root };
    let mut documents = documents();
    for (kind, text) in &documents {
        let value: Value = serde_json::from_str(text).expect("it is JSON");
        // The branch of its kind tells more than that none of all fits.
        let kinds = ["run", "compare", "sweep", "advise", "solve", "rare", "calibrate", "drill", "check"];
        let branch = kinds.iter().position(|own| own == kind).expect("one of them");
        assert_eq!(schema.check(&root["anyOf"][branch], &value, "$"), Ok(()), "{kind}\n{text}");
        assert_eq!(schema.check(&root, &value, "$"), Ok(()), "{kind}\n{text}");
    }
    // A document without a key, or with words for a number, is refused.
    let mut run: Value = serde_json::from_str(&documents.remove(0).1).expect("it is JSON");
    let mut worst = run.clone();
    worst["worst"]["recovery-time"]["quantiles"]["p99"]["estimate"] = "long".into();
    assert!(schema.check(&root, &worst, "$").is_err());
    run.as_object_mut().expect("an object").remove("journeys");
    assert!(schema.check(&root, &run, "$").is_err());
}

/// JSON Schema as far as this one goes: a word that is not known here fails the test, so that nothing passes unseen.
#[derive(Clone, Copy)]
struct Schema<'a> {
    root: &'a Value,
}

impl Schema<'_> {
    /// Whether a value keeps a schema; if not, where it does not.
    fn check(self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Some(words) = schema.as_object() else {
            return if schema == &Value::Bool(true) { Ok(()) } else { Err(format!("{at}: nothing is allowed")) };
        };
        let says = |holds: bool, word: &str| if holds { Ok(()) } else { Err(format!("{at}: not {word}: {value}")) };
        for (word, what) in words {
            match word.as_str() {
                // The formats are those of numbers: an unsigned whole one is also held to its minimum.
                "$schema" | "$defs" | "title" | "description" | "default" | "format" => {}
                "$ref" => {
                    let path = what.as_str().and_then(|path| path.strip_prefix('#')).expect("it is within the schema");
                    self.check(self.root.pointer(path).expect("it is defined"), value, at)?;
                }
                "type" => {
                    let is = |kind: &Value| match kind.as_str().expect("types are words") {
                        "null" => value.is_null(),
                        "boolean" => value.is_boolean(),
                        "string" => value.is_string(),
                        "integer" => value.is_u64() || value.is_i64(),
                        "number" => value.is_number(),
                        "array" => value.is_array(),
                        "object" => value.is_object(),
                        other => panic!("the type `{other}` is not known"),
                    };
                    let any = what.as_array().map_or_else(|| is(what), |kinds| kinds.iter().any(is));
                    says(any, &what.to_string())?;
                }
                "const" => says(what == value, &what.to_string())?,
                "enum" => says(what.as_array().expect("a list").contains(value), &what.to_string())?,
                "minimum" => {
                    let low = what.as_f64().expect("a number");
                    says(value.as_f64().is_none_or(|number| number >= low), &format!("at least {what}"))?;
                }
                "anyOf" | "oneOf" => {
                    let branches = what.as_array().expect("a list");
                    let found: Vec<_> = branches.iter().map(|branch| self.check(branch, value, at)).collect();
                    let fitting = found.iter().filter(|one| one.is_ok()).count();
                    if fitting == 0 || (word == "oneOf" && fitting > 1) {
                        return Err(format!("{at}: {fitting} of the branches fit: {found:?}"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(what, item, &format!("{at}[{index}]"))?;
                    }
                }
                "required" => {
                    for key in what.as_array().expect("a list").iter().filter_map(Value::as_str) {
                        says(value.as_object().is_none_or(|object| object.contains_key(key)), &format!("with {key}"))?;
                    }
                }
                "properties" => {
                    for (key, own) in what.as_object().expect("an object") {
                        if let Some(value) = value.get(key) {
                            self.check(own, value, &format!("{at}.{key}"))?;
                        }
                    }
                }
                "additionalProperties" => {
                    let known = |key: &String| words.get("properties").is_some_and(|own| own.get(key).is_some());
                    for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| !known(key)) {
                        self.check(what, value, &format!("{at}.{key}"))?;
                    }
                }
                other => panic!("{at}: the word `{other}` is not known"),
            }
        }
        Ok(())
    }
}

/// Reads a document and writes it again.
fn again<T: DeserializeOwned + Serialize>(text: &str) -> String {
    let document: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut bytes = Vec::new();
    mrsim::documents::write(&document, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("JSON is text")
}

#[test]
fn documents_are_read_back_to_the_byte() {
    for (kind, text) in documents() {
        let back = match kind {
            // Nothing keeps it, so nothing reads it.
            "check" => continue,
            "run" => again::<RunDocument>(&text),
            "compare" => again::<ComparisonDocument>(&text),
            "advise" => again::<AdviceDocument>(&text),
            "solve" => again::<SolutionDocument>(&text),
            "rare" => again::<RareDocument>(&text),
            _ => again::<SweepDocument>(&text),
        };
        assert!(back == text, "{kind}\n{text}\n{back}");
    }
}

/// The page in the repository is the one that the program makes.
fn held(path: &str, page: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, page).expect("the page can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "{} is out of date: UPDATE=1 cargo test --test it results", path.display());
}

#[test]
fn the_data_dictionary_is_made_from_the_tables() {
    held("docs/data-dictionary.md", &data_dictionary());
}

#[test]
fn the_committed_schema_of_results_is_the_one_that_the_program_prints() {
    let schema = results_schema();
    assert_eq!(ask(&["schema", "--results"]).out, format!("{schema:#}\n"));
    held("docs/results.schema.json", &format!("{schema:#}\n"));
}
