//! The data contract: what programs may rely on in the JSON document and in `trials.csv`.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::program::{VALID, ask, text};

const FILE: &str = "experiments/active-active.toml";
const CAUSES: [&str; 10] = [
    "detection",
    "propagation",
    "dns-cache",
    "no-path",
    "targets",
    "capacity",
    "decision",
    "promotion",
    "endpoint-update",
    "dependency",
];
/// No step promotes, so writes to `orders` never work again.
const FOR_GOOD: [&str; 2] = ["--set", "runbooks=[]"];

/// A run's document and the cells of its table by column, in the table's order of rows.
struct Run {
    document: Value,
    columns: Vec<String>,
    cells: BTreeMap<String, Vec<String>>,
}

impl Run {
    fn of(file: &str, trials: &str, more: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let out = home.path().join("out");
        let arguments = ["run", file, "--quiet", "--trials", trials, "--format", "json", "--out", text(&out)];
        let answer = ask(&[&arguments[..], more].concat());
        assert!(matches!(answer.code, Some(0 | 3)) && answer.err.is_empty(), "{}", answer.err);
        let summary = fs::read_to_string(out.join("summary.json")).expect("it was written");
        assert_eq!(summary, answer.out, "the summary is the document");
        let document = serde_json::from_str(&answer.out).expect("it is JSON");
        let mut reader = csv::Reader::from_path(out.join("trials.csv")).expect("it was written");
        let columns: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
        let mut cells: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for record in reader.records() {
            for (column, cell) in columns.iter().zip(&record.expect("a row")) {
                cells.entry(column.clone()).or_default().push(cell.to_owned());
            }
        }
        Self { document, columns, cells }
    }

    /// A column as numbers; `inf` is infinite, and no cell may be empty.
    fn numbers(&self, column: &str) -> Vec<f64> {
        self.cells[column].iter().map(|cell| cell.parse().expect("a number")).collect()
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("{value} is an object")).keys().map(String::as_str).collect()
}

#[test]
fn the_table_has_the_columns_of_the_contract_in_their_order() {
    let mut expected = vec!["trial".to_owned()];
    for journey in ["browse", "checkout"] {
        expected.extend(["recovery_s", "downtime_s", "failed"].map(|figure| format!("journey.{journey}.{figure}")));
        expected.extend(CAUSES.map(|cause| format!("journey.{journey}.cause.{cause}")));
    }
    for store in ["sessions", "orders"] {
        let figures = ["loss_s", "lost", "stranded", "overwritten"];
        expected.extend(figures.map(|figure| format!("store.{store}.{figure}")));
    }
    let milestones = ["detect_s", "health_flip_s", "answer_change_s", "moved50_s", "moved90_s", "moved99_s"];
    expected.extend(milestones.map(str::to_owned));
    expected.extend(["alarm.orders-down_s", "promoted.orders_s"].map(str::to_owned));
    let run = Run::of(FILE, "100", &[]);
    assert_eq!(run.columns[..expected.len()], expected);
    // Derived columns come after it, and no name comes twice.
    assert_eq!(run.cells.len(), run.columns.len());
    let trials: Vec<String> = (0..100).map(|trial: u32| trial.to_string()).collect();
    assert_eq!(run.cells["trial"], trials);
}

#[test]
fn the_document_has_the_keys_of_the_contract() {
    let Run { document, .. } = Run::of(FILE, "300", &[]);
    for key in ["experiment", "version", "hash", "seed", "trials", "objectives", "journeys", "stores", "milestones"] {
        assert!(document.get(key).is_some(), "{key}");
    }
    assert_eq!((&document["experiment"], &document["seed"]), (&"active-active".into(), &1.into()));
    assert_eq!((&document["trials"], &document["version"]), (&300.into(), &env!("CARGO_PKG_VERSION").into()));
    let hash = document["hash"].as_str().expect("text");
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");

    let objectives = document["objectives"].as_array().expect("an array");
    let names: Vec<&str> = objectives.iter().filter_map(|objective| objective["name"].as_str()).collect();
    assert_eq!(names, ["rto.p99", "rpo.p99"]);
    for objective in objectives {
        for key in ["name", "quantile", "limit", "estimate", "low", "high", "probability", "verdict"] {
            assert!(objective.get(key).is_some(), "{key}");
        }
        assert!(["met", "missed", "undecided"].contains(&objective["verdict"].as_str().expect("text")));
    }
    assert_eq!((&objectives[0]["quantile"], &objectives[0]["limit"]), (&0.99.into(), &900.0.into()));

    assert_eq!(keys(&document["journeys"]), ["browse", "checkout"]);
    for journey in document["journeys"].as_object().expect("an object").values() {
        for figure in ["recovery-time", "downtime", "failed-requests"] {
            distribution(&journey[figure]);
        }
        assert_eq!(keys(&journey["causes"]), [&CAUSES[..], &["slow"]].concat());
        for cause in journey["causes"].as_object().expect("an object").values() {
            assert!(cause["failed-requests"]["estimate"].is_number(), "{cause}");
            assert!(cause["recovery-seconds"]["estimate"].is_number(), "{cause}");
        }
    }
    assert_eq!(keys(&document["stores"]), ["sessions", "orders"]);
    for store in document["stores"].as_object().expect("an object").values() {
        distribution(&store["loss-seconds"]);
        for kind in ["lost", "stranded", "overwritten"] {
            distribution(&store["loss-count"][kind]);
        }
    }
    let milestones = keys(&document["milestones"]);
    for milestone in ["detect", "moved50", "alarm.orders-down", "promoted.orders"] {
        assert!(milestones.contains(&milestone), "{milestones:?}");
    }
}

/// A distribution of the document: quantiles with intervals, and a mean with its own.
fn distribution(value: &Value) {
    assert_eq!(keys(value), ["trials", "censored", "quantiles", "mean"]);
    assert_eq!(keys(&value["quantiles"]), ["p50", "p90", "p95", "p99", "p99.9"]);
    for quantile in value["quantiles"].as_object().expect("an object").values() {
        let figures = ["estimate", "low", "high"].map(|key| quantile[key].as_f64());
        match figures {
            [Some(estimate), Some(low), Some(high)] => assert!(low <= estimate && estimate <= high, "{quantile}"),
            // An interval may reach beyond the horizon, and a sample may be too small; then the document says so.
            _ => assert!(quantile.get("refused").is_some() || value["censored"].as_f64() > Some(0.0), "{value}"),
        }
    }
    assert!(value["mean"].get("standard-error").is_some(), "{value}");
}

#[test]
fn the_document_summarises_the_table() {
    let run = Run::of(FILE, "400", &[]);
    for journey in ["browse", "checkout"] {
        let failed = run.numbers(&format!("journey.{journey}.failed"));
        let mean = failed.iter().sum::<f64>() / 400.0;
        let told = run.document["journeys"][journey]["failed-requests"]["mean"]["estimate"].as_f64().expect("a mean");
        assert!((mean - told).abs() <= 1e-9 * mean, "{journey}: {mean} {told}");
        let mut recovery = run.numbers(&format!("journey.{journey}.recovery_s"));
        recovery.sort_by(f64::total_cmp);
        let median = run.document["journeys"][journey]["recovery-time"]["quantiles"]["p50"]["estimate"].as_f64();
        let median = median.expect("it recovers");
        assert!(recovery[198] <= median && median <= recovery[201], "{journey}: {median}");
        // Every failed request has exactly one cause.
        for (row, failed) in failed.iter().enumerate() {
            let causes = CAUSES.map(|cause| run.numbers(&format!("journey.{journey}.cause.{cause}"))[row]);
            let sum: f64 = causes.iter().sum();
            assert!((sum - failed).abs() <= 1e-6 * failed.max(1.0), "{journey}, row {row}: {sum} {failed}");
            assert!(causes.iter().all(|count| *count >= 0.0), "{causes:?}");
        }
    }
}

#[test]
fn what_is_censored_is_null_in_the_document_and_inf_in_the_table() {
    let run = Run::of(VALID, "400", &FOR_GOOD);
    let recovery = &run.document["journeys"]["checkout"]["recovery-time"];
    assert_eq!(recovery["censored"], 1.0);
    for quantile in ["p50", "p99"] {
        for key in ["estimate", "low", "high"] {
            assert_eq!(recovery["quantiles"][quantile][key], Value::Null, "{quantile} {key}");
        }
    }
    assert_eq!(recovery["mean"]["estimate"], Value::Null);
    assert!(run.cells["journey.checkout.recovery_s"].iter().all(|cell| cell == "inf"));
    // Reading goes on.
    assert_eq!(run.document["journeys"]["browse"]["recovery-time"]["censored"], 0.0);
    assert!(run.numbers("journey.browse.recovery_s").iter().all(|seconds| seconds.is_finite()));
    // JSON has no infinity, and nothing smuggles one in.
    let text = run.document.to_string();
    assert!(!text.contains("Infinity") && !text.contains("NaN") && !text.contains("\"inf\""), "{text}");
}

#[test]
fn what_did_not_happen_is_an_empty_cell() {
    let run = Run::of(VALID, "50", &FOR_GOOD);
    assert!(run.cells["promoted.orders_s"].iter().all(String::is_empty));
    assert_eq!(run.document["milestones"]["promoted.orders"]["happened"]["estimate"], 0.0);
    assert!(run.cells["alarm.orders-down_s"].iter().all(|cell| !cell.is_empty()));
    let promoted = Run::of(VALID, "50", &[]);
    assert!(promoted.numbers("promoted.orders_s").iter().all(|seconds| *seconds > 120.0), "approval takes 2 min");
    // Of every row each cell is a number, `inf` or nothing: never a word, never NaN.
    for (column, cells) in &promoted.cells {
        let sound = |cell: &String| cell.is_empty() || cell.parse::<f64>().is_ok_and(|number| !number.is_nan());
        assert!(cells.iter().all(sound), "{column}");
    }
}

#[test]
fn without_a_fault_nothing_is_lost_and_nothing_happens() {
    let run = Run::of(VALID, "50", &["--set", "faults=[]"]);
    for column in ["journey.checkout.recovery_s", "journey.checkout.failed", "store.orders.loss_s", "store.orders.lost"]
    {
        assert!(run.numbers(column).iter().all(|number| *number == 0.0), "{column}");
    }
    for column in ["detect_s", "health_flip_s", "moved99_s", "alarm.orders-down_s", "promoted.orders_s"] {
        assert!(run.cells[column].iter().all(String::is_empty), "{column}");
    }
}

#[test]
fn outages_have_a_table_of_their_own() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let fault = r#"faults=[{ kind = "region-outage", region = "us-east-1", rate = "3 per day", duration = "1h" }]"#;
    let sets = ["--set", fault, "--set", "horizon=2d", "--set", "objectives.availability=0.9"];
    let arguments = ["run", VALID, "--quiet", "--trials", "200", "--format", "json", "--out", text(&out)];
    let answer = ask(&[&arguments[..], &sets].concat());
    assert!(matches!(answer.code, Some(0 | 3)) && answer.err.is_empty(), "{}", answer.err);
    let document: Value = serde_json::from_str(&answer.out).expect("it is JSON");
    let mut reader = csv::Reader::from_path(out.join("outages.csv")).expect("it was written");
    let columns: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    let mut expected: Vec<String> =
        ["trial", "journey", "start_s", "end_s", "fault", "fault_s", "recovery_s", "downtime_s", "failed", "cause"]
            .map(str::to_owned)
            .to_vec();
    // A cause that came later comes after all others.
    expected.extend(CAUSES.iter().chain(&["up", "slow"]).map(|stage| format!("stage.{stage}_s")));
    assert_eq!(columns, expected);
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let number = |row: &csv::StringRecord, column: usize| row[column].parse::<f64>().expect("a number");
    // Each row agrees with itself.
    for row in &rows {
        assert!(["browse", "checkout", "overall"].contains(&&row[1]) && CAUSES.contains(&&row[9]), "{row:?}");
        assert_eq!(&row[4], "1");
        let (recovery, stages) = (number(row, 6), (10..22).map(|stage| number(row, stage)).sum::<f64>());
        assert!(recovery == f64::INFINITY || (recovery - stages).abs() < 1e-6, "{row:?}");
        assert!(recovery == f64::INFINITY || (number(row, 5) + recovery - number(row, 3)).abs() < 1e-6, "{row:?}");
        assert!(number(row, 7) > 0.0 && number(row, 7) <= stages + 1e-6 && number(row, 8) > 0.0, "{row:?}");
    }
    // The table of trials counts them, and the document is over them.
    let mut trials = csv::Reader::from_path(out.join("trials.csv")).expect("it was written");
    let head = trials.headers().expect("a head").clone();
    let place = |name: &str| head.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
    for (journey, figures) in [("checkout", "journey.checkout"), ("overall", "overall")] {
        let own: Vec<&csv::StringRecord> = rows.iter().filter(|row| &row[1] == journey).collect();
        trials.seek(csv::Position::new()).expect("it is a file");
        let records: Vec<csv::StringRecord> =
            trials.records().map(|row| row.expect("a row")).filter(|row| &row[0] != "trial").collect();
        assert_eq!(records.len(), 200);
        for record in &records {
            let of_trial = own.iter().filter(|row| row[0] == record[0]);
            let down: f64 = of_trial.clone().map(|row| number(row, 7)).sum();
            assert_eq!(of_trial.count() as f64, number(record, place(&format!("{figures}.outages"))));
            let availability = number(record, place(&format!("{figures}.availability")));
            assert!((1.0 - down / 172_800.0 - availability).abs() < 1e-9, "{availability}");
        }
        let recovery = if journey == "overall" {
            &document["worst"]["recovery-time"]
        } else {
            &document["journeys"][journey]["recovery-time"]
        };
        assert_eq!(recovery["outages"], own.len());
        let found = if journey == "overall" {
            &document["availability"]
        } else {
            &document["journeys"][journey]["availability"]
        };
        assert_eq!(keys(found), ["outages", "time-up", "nines", "requests"]);
        let (up, nines) = (found["time-up"]["estimate"].as_f64(), found["nines"]["estimate"].as_f64());
        let (up, nines) = (up.expect("they were down"), nines.expect("they were down"));
        assert!((10_f64.powf(-nines) - (1.0 - up)).abs() < 1e-12, "{up} {nines}");
    }
    let objectives = document["objectives"].as_array().expect("an array");
    let budget = objectives.last().expect("availability is one");
    assert_eq!(
        (&budget["name"], &budget["limit"], &budget["quantile"]),
        (&"availability".into(), &0.9.into(), &Value::Null)
    );
    let (used, up) = (budget["budget-used"]["estimate"].as_f64(), budget["estimate"].as_f64());
    assert!((used.expect("known") - (1.0 - up.expect("known")) / 0.1).abs() < 1e-9);
    assert!((budget["budget-seconds"].as_f64().expect("known") - 17_280.0).abs() < 1e-6);
}

#[test]
fn names_with_commas_and_quotes_survive_the_table() {
    let odd = r#"journeys=[{ name = "a, \"b\"", share = 1, needs = [] }]"#;
    let name = "name=a, \"b\"";
    let run = Run::of(VALID, "5", &["--set", name, "--set", odd, "--set", "alarms=[]", "--set", "runbooks=[]"]);
    assert_eq!(run.document["experiment"], "a, \"b\"");
    assert_eq!(keys(&run.document["journeys"]), ["a, \"b\""]);
    assert!(run.columns.contains(&"journey.a, \"b\".recovery_s".to_owned()), "{:?}", run.columns);
}
