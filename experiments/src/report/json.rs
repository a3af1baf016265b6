//! The document of `--format json` and of `summary.json`.
//!
//! Durations are seconds. A value that is censored, beyond the end of its trial, is `null`, and so is one that the
//! sample cannot support, with the reason in words under `refused`. Keys that a later version adds leave
//! `schema-version` as it is; a key that changes its meaning or goes raises it.

use std::io;

use serde_json::{Map, Value, json};
use sim_core::stats::Interval;

use super::Report;
use crate::analyze::{
    Assessed, Availability, Budget, CauseMeans, Distribution, JourneySummary, LEVEL, Mean, Milestone, Refusal,
    StoreSummary, nines,
};
use crate::header::quantile_name;
use crate::overview::Fault;

/// The version of the document's shape.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the document on one line, so that several make JSON lines.
///
/// # Errors
/// Those of `out`.
pub fn write_line(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &document(report))?;
    out.write_all(b"\n")
}

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    out.write_all(b"\n")
}

/// The document.
pub fn document(report: &Report<'_>) -> Value {
    let Report { header, summary, .. } = report;
    json!({
        "schema-version": SCHEMA_VERSION,
        "experiment": header.name,
        "description": header.description,
        "version": header.version,
        "hash": header.hash,
        "seed": header.seed,
        "trials": summary.trials,
        "first-trial": summary.first_trial,
        "trials-asked": report.asked.unwrap_or(summary.trials),
        "complete": report.asked.is_none(),
        "command": report.command,
        "horizon": header.horizon,
        "up-when": header.up_when,
        "interval-level": LEVEL,
        "faults": header.overview.faults.iter().map(Fault::sentence).collect::<Vec<_>>(),
        "recurring": header.recurring,
        "objectives": summary.objectives.iter().map(objective).chain(summary.budget.as_ref().map(budget)).collect::<Vec<_>>(),
        "availability": availability(&summary.availability),
        "worst": {
            "recovery-time": distribution(&summary.worst_recovery),
            "loss-seconds": distribution(&summary.worst_loss),
        },
        "journeys": named(&summary.journeys, |journey| (&journey.name, journey_value(journey))),
        "stores": named(&summary.stores, |store| (&store.name, store_value(store))),
        "populations": named(&summary.populations, |clients| (&clients.name, json!({
            "failed-requests": distribution(&clients.failed),
            "offered-requests": distribution(&clients.offered),
        }))),
        "milestones": named(&summary.milestones, |milestone| (&milestone.name, milestone_value(milestone))),
        "latency": {
            "before": distribution(&summary.latency.before),
            "after": distribution(&summary.latency.after),
        },
        "assumed": header.assumed,
        "resolved": header.resolved,
    })
}

/// An object with one entry per item, in their order.
fn named<'a, T>(items: &'a [T], entry: impl Fn(&'a T) -> (&'a String, Value)) -> Value {
    items.iter().map(entry).map(|(name, value)| (name.clone(), value)).collect::<Map<_, _>>().into()
}

fn objective(assessed: &Assessed) -> Value {
    let mut entries = Map::new();
    entries.insert("name".to_owned(), assessed.objective.name().into());
    entries.insert("quantile".to_owned(), assessed.objective.quantile.into());
    entries.insert("limit".to_owned(), assessed.objective.limit.into());
    entries.extend(estimate(assessed.quantile));
    entries.insert("censored".to_owned(), assessed.censored.into());
    entries.insert("probability".to_owned(), estimate(assessed.probability).into());
    entries.insert("verdict".to_owned(), json!(assessed.verdict));
    entries.into()
}

fn budget(budget: &Budget) -> Value {
    let mut entries = Map::new();
    entries.insert("name".to_owned(), "availability".into());
    entries.insert("quantile".to_owned(), Value::Null);
    entries.insert("limit".to_owned(), budget.objective.into());
    entries.extend(estimate(budget.time));
    entries.insert("censored".to_owned(), 0.0.into());
    entries.insert("probability".to_owned(), estimate(budget.kept).into());
    entries.insert("verdict".to_owned(), json!(budget.verdict));
    entries.insert("budget-seconds".to_owned(), budget.seconds.into());
    entries.insert("budget-used".to_owned(), estimate(budget.consumed).into());
    entries.into()
}

fn availability(found: &Availability) -> Value {
    // JSON has no infinity: what never fails has no number of nines.
    let in_nines = found.time.map(|time| Interval {
        estimate: nines(time.estimate),
        low: nines(time.low),
        high: nines(time.high),
        level: time.level,
    });
    json!({
        "outages": distribution(&found.outages),
        "time-up": estimate(found.time),
        "nines": estimate(in_nines),
        "requests": estimate(found.requests),
    })
}

fn journey_value(journey: &JourneySummary) -> Value {
    json!({
        "recovery-time": distribution(&journey.recovery),
        "downtime": distribution(&journey.downtime),
        "failed-requests": distribution(&journey.failed),
        "lost-traffic": distribution(&journey.lost_traffic),
        "degraded-requests": distribution(&journey.degraded),
        "offered-requests": distribution(&journey.offered),
        "causes": named(&journey.causes, |cause| (&cause.name, cause_value(cause))),
        "availability": availability(&journey.availability),
        // Not a cause: what remains of the recovery time.
        "up-within-recovery": mean(journey.up),
    })
}

fn cause_value(cause: &CauseMeans) -> Value {
    json!({ "failed-requests": mean(cause.failed), "recovery-seconds": mean(cause.recovery) })
}

fn store_value(store: &StoreSummary) -> Value {
    json!({
        "loss-seconds": distribution(&store.loss),
        "loss-count": {
            "lost": distribution(&store.lost),
            "stranded": distribution(&store.stranded),
            "overwritten": distribution(&store.overwritten),
            "delayed": distribution(&store.delayed),
        },
        "at-risk": distribution(&store.at_risk),
        // Trials that ended without anything that took writes.
        "no-writer": store.no_writer,
    })
}

fn milestone_value(milestone: &Milestone) -> Value {
    json!({ "happened": estimate(milestone.happened), "time": distribution(&milestone.time) })
}

fn distribution(distribution: &Distribution) -> Value {
    let quantiles = distribution.quantiles.iter().map(|&(p, quantile)| (quantile_name(p), estimate(quantile).into()));
    let mut value = json!({
        "trials": distribution.trials,
        "censored": distribution.censored_share(),
        "quantiles": quantiles.collect::<Map<String, Value>>(),
        "mean": mean(distribution.mean),
    });
    if let Some(outages) = distribution.outages {
        value["outages"] = outages.into();
    }
    value
}

/// `estimate`, `low` and `high`; JSON has no infinity, so what is censored becomes null.
pub(super) fn estimate(estimate: Result<Interval, Refusal>) -> Map<String, Value> {
    let [value, low, high] = match estimate {
        Ok(Interval { estimate, low, high, .. }) => [estimate.into(), low.into(), high.into()],
        Err(_) => [Value::Null, Value::Null, Value::Null],
    };
    let mut entries = Map::new();
    entries.insert("estimate".to_owned(), value);
    entries.insert("low".to_owned(), low);
    entries.insert("high".to_owned(), high);
    if let Err(refusal) = estimate {
        entries.insert("refused".to_owned(), refusal.to_string().into());
    }
    entries
}

fn mean(mean: Result<Mean, Refusal>) -> Value {
    let mut entries = estimate(mean.map(|mean| mean.interval));
    entries.insert("standard-error".to_owned(), mean.ok().map(|mean| mean.standard_error).into());
    entries.into()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use serde_json::Value;

    use super::document;
    use crate::analyze::Summary;
    use crate::report::Report;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn value(source: &Synthetic, trials: u64) -> Value {
        let threads = NonZeroUsize::new(2).expect("not zero");
        let run = run_trials(source, 0..trials, threads, &|_| (), &Stop::new()).expect("runs");
        let summary = Summary::new(&source.header, &run.table);
        let text =
            document(&Report { header: &source.header, summary: &summary, asked: None, files: None, command: "" })
                .to_string();
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
