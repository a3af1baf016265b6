//! The document of `mrsim sweep --format json` and of `sweep.json`. Durations are seconds; a censored value is `null`.

use std::io;

use serde_json::{Map, Value, json};

use super::{Report, Row};
use crate::analyze::LEVEL;
use crate::header::SCHEMA_VERSION;

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
    let Report { base, prepared, results, .. } = report;
    let plan = &prepared.plan;
    let mut rows = report.rows();
    rows.sort_by_key(|row| row.point);
    let points = rows.into_iter().map(|Row { point, is_base, result, .. }| {
        let settings = plan.sets(point).into_iter().map(|(key, value)| (key, Value::String(value)));
        json!({
            "point": point,
            "is-base": is_base,
            "settings": settings.collect::<Map<_, _>>(),
            "hash": result.hash,
            "seed": result.seed,
            "trials": result.trials,
            "watched": result.watched,
            "figures": result.figures,
            "availability": result.availability,
        })
    });
    json!({
        "schema-version": SCHEMA_VERSION,
        "experiment": base.name,
        "description": base.description,
        "version": base.version,
        "hash": base.hash,
        "seed": report.seed(),
        "design": plan.design,
        "axes": plan.axes.iter().map(|axis| &axis.key).collect::<Vec<_>>(),
        "held-against": prepared.base,
        "command": report.command,
        "notes": prepared.notes,
        "warnings": prepared.warnings,
        "points-asked": plan.points.len(),
        "complete": results.done() == plan.points.len(),
        "interval-level": LEVEL,
        "points": points.collect::<Vec<_>>(),
        "resolved": base.resolved,
    })
}
