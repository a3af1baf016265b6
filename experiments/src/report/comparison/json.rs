//! The document of `mrsim compare --format json` and of `comparison.json`.
//!
//! Durations are seconds; differences are the candidate minus the baseline. An end that censored values leave open is
//! `null`, and so is the estimate of a difference that is not known outright: its own bounds then stand in `at-least` and
//! `at-most`.

use std::io;

use serde_json::{Map, Value, json};
use sim_core::stats::{Difference, Method};

use super::Report;
use crate::analyze::{LEVEL, Refusal, share};
use crate::compare::{Against, Comparison, Wins};
use crate::header::SCHEMA_VERSION;
use crate::report::json::estimate;

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    out.write_all(b"\n")
}

/// The document.
pub(super) fn document(report: &Report<'_>) -> Value {
    let comparison = report.comparison;
    let candidates = comparison.candidates.iter().enumerate().map(|(index, candidate)| {
        let figures = comparison.rows.iter().map(|row| {
            let mut entries = estimate(row.estimates[index]);
            let values = report.outcomes[index].observed(row.figure.measure).values;
            let censored = values.iter().filter(|value| value.is_infinite()).count();
            entries.insert("censored".to_owned(), json!(censored as f64 / values.len().max(1) as f64));
            (row.figure.name(), Value::Object(entries))
        });
        json!({
            "name": candidate.name,
            "file": candidate.file,
            "hash": candidate.header.hash,
            "watched": comparison.watched[index],
            "figures": figures.collect::<Map<_, _>>(),
            "resolved": candidate.header.resolved,
        })
    });
    json!({
        "schema-version": SCHEMA_VERSION,
        "version": comparison.candidates[0].header.version,
        "seed": comparison.seed,
        "trials": comparison.trials,
        "first-trial": 0,
        "trials-asked": comparison.asked.unwrap_or(comparison.trials),
        "complete": comparison.asked.is_none(),
        "interval-level": LEVEL,
        "command": report.command,
        "warnings": report.warnings,
        "notes": comparison.notes,
        "figures": comparison.rows.iter().map(|row| row.figure.name()).collect::<Vec<_>>(),
        "baseline": comparison.candidates[0].name,
        "candidates": candidates.collect::<Vec<_>>(),
        "comparisons": comparison.against.iter().map(|against| against_value(comparison, against)).collect::<Vec<_>>(),
        "ranking": comparison.ranking.as_ref().map(|ranking| json!({
            "figure": ranking.figure.name(),
            "order": ranking.order.iter().map(|&index| &comparison.candidates[index].name).collect::<Vec<_>>(),
            "settled": ranking.settled,
            "sentence": ranking.sentence,
        })),
    })
}

fn against_value(comparison: &Comparison, against: &Against) -> Value {
    let differences =
        comparison.rows.iter().zip(&against.differences).map(|(row, found)| (row.figure.name(), difference(found)));
    let wins = against.wins.iter().map(|(measure, wins)| (measure.word().to_owned(), wins_value(wins)));
    json!({
        "candidate": comparison.candidates[against.candidate].name,
        "verdict": against.verdict,
        "differences": differences.collect::<Map<_, _>>(),
        "in-trials": wins.collect::<Map<_, _>>(),
        "settings": against.settings,
    })
}

fn difference(found: &Result<Difference, Refusal>) -> Value {
    // JSON has no infinity: what is open becomes null.
    match found {
        Ok(Difference { estimate, interval, method, .. }) => json!({
            "estimate": estimate.known(),
            "at-least": estimate.low,
            "at-most": estimate.high,
            "low": interval.low,
            "high": interval.high,
            "excludes-zero": interval.excludes_zero(),
            "conservative": method.is_conservative(),
            "method": match method {
                Method::Student => "student",
                Method::Linear => "linear",
                Method::JointRanks => "joint-ranks",
            },
        }),
        Err(refusal) => json!({ "estimate": null, "low": null, "high": null, "refused": refusal.to_string() }),
    }
}

fn wins_value(wins: &Wins) -> Value {
    let one = |count: u64| Value::Object(estimate(share(count, wins.trials())));
    json!({ "less": one(wins.less), "same": one(wins.same), "more": one(wins.more), "unknown": one(wins.unknown) })
}
