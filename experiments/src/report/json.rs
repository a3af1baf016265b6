//! The document of a run on the terminal and in `summary.json`.

use std::io;

use super::RunReport;
use crate::documents::{self, RunDocument};

/// Writes the document on one line, so that several make JSON lines.
///
/// # Errors
/// Those of `out`.
pub fn write_line(report: &RunReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write_line(&document(report), out)
}

/// Writes the document, indented, and a newline.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &RunReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&document(report), out)
}

/// The document.
pub fn document(report: &RunReport<'_>) -> RunDocument {
    RunDocument::new(report.header, report.summary, report.asked, report.command)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use serde_json::Value;

    use super::document;
    use crate::analyze::Summary;
    use crate::documents::RunDocument;
    use crate::report::RunReport;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn value(source: &Synthetic, trials: u64) -> Value {
        let threads = NonZeroUsize::new(2).expect("not zero");
        let run = run_trials(source, 0..trials, threads, &|_| (), &Stop::new()).expect("runs");
        let summary = Summary::new(&source.header, &run.table);
        let report = RunReport { header: &source.header, summary: &summary, asked: None, command: "again" };
        let document = document(&report);
        let text = serde_json::to_string(&document).expect("it is JSON");
        // The document is read back whole.
        assert_eq!(serde_json::from_str::<RunDocument>(&text).expect("it is the document"), document);
        serde_json::from_str(&text).expect("it is JSON")
    }

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().expect("an object").keys().map(String::as_str).collect()
    }

    #[test]
    fn the_document_has_the_shape_of_the_contract() {
        let document = value(&Synthetic::typical(), 1_000);
        assert_eq!(document["schema-version"], 1);
        assert_eq!(document["experiment"], "active-active");
        assert_eq!((&document["trials"], &document["seed"]), (&1_000.into(), &1.into()));
        assert_eq!(document["complete"], true);
        assert_eq!(document["resolved"], "name = \"active-active\"\nseed = 1\n");
        let objective = &document["objectives"][0];
        assert_eq!(
            keys(objective),
            ["name", "quantile", "limit", "estimate", "low", "high", "censored", "probability", "verdict"]
        );
        assert_eq!((&objective["name"], &objective["verdict"]), (&"rto.p99".into(), &"met".into()));
        assert_eq!(keys(&objective["probability"]), ["estimate", "low", "high"]);
        let journey = &document["journeys"]["checkout"];
        for figure in ["recovery-time", "downtime", "failed-requests"] {
            assert_eq!(keys(&journey[figure]), ["trials", "censored", "quantiles", "mean"]);
            assert_eq!(keys(&journey[figure]["quantiles"]), ["p50", "p90", "p95", "p99", "p99.9"]);
            assert_eq!(keys(&journey[figure]["quantiles"]["p99"]), ["estimate", "low", "high"]);
            assert_eq!(keys(&journey[figure]["mean"]), ["estimate", "low", "high", "standard-error"]);
        }
        assert_eq!(keys(&journey["causes"]).first(), Some(&"detection"));
        assert_eq!(keys(&journey["causes"]["detection"]), ["failed-requests", "recovery-seconds"]);
        assert_eq!(keys(&document["stores"]["orders"]), ["loss-seconds", "loss-count", "at-risk", "no-writer"]);
        assert_eq!(keys(&document["stores"]["orders"]["loss-count"]), ["lost", "stranded", "overwritten", "delayed"]);
        let alarm = &document["milestones"]["alarm.orders-down"];
        assert_eq!(alarm["happened"]["estimate"], 0.75);
        assert_eq!(alarm["time"]["quantiles"]["p50"]["estimate"], 150.0);
        assert!(document["latency"]["after"]["quantiles"]["p50"]["estimate"].as_f64().is_some_and(|s| s < 0.1));
    }

    #[test]
    fn censored_values_are_null_beside_their_share() {
        let document = value(&Synthetic::censored(4), 1_000);
        let recovery = &document["journeys"]["browse"]["recovery-time"];
        assert_eq!(recovery["censored"], 0.25);
        assert!(recovery["quantiles"]["p50"]["estimate"].is_number());
        assert_eq!(recovery["quantiles"]["p99"]["estimate"], Value::Null);
        assert_eq!(recovery["quantiles"]["p99"].get("refused"), None);
        let mean = &recovery["mean"];
        assert_eq!(mean["estimate"], Value::Null);
        assert_eq!(mean["refused"], "unknown: 250 of 1,000 trials were not back at the horizon");
        let objective = &document["objectives"][0];
        assert_eq!((&objective["estimate"], &objective["censored"]), (&Value::Null, &0.25.into()));
        assert_eq!((&objective["verdict"], &objective["probability"]["estimate"]), (&"missed".into(), &0.75.into()));
    }

    #[test]
    fn what_the_sample_cannot_support_is_refused_in_words() {
        let document = value(&Synthetic::typical(), 50);
        let p999 = &document["worst"]["recovery-time"]["quantiles"]["p99.9"];
        assert_eq!((&p999["estimate"], &p999["refused"]), (&Value::Null, &"needs 2,995 trials".into()));
    }
}
