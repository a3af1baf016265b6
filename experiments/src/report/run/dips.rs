//! Time down outside the recovery time: planned dips, and the first return of a journey that goes down again.

use super::rows::{quantiles, tail};
use crate::analyze::{JourneySummary, QUANTILES};
use crate::header::quantile_name;
use crate::report::RunReport;
use crate::report::document::{Cell, Column, Row, Table};

/// The time until journeys were first back for five minutes, for journeys where that differs from the recovery time.
/// Where faults recur, every outage has a recovery time of its own.
pub(super) fn first_back(report: &RunReport<'_>) -> Option<Table> {
    let differs = |journey: &&JourneySummary| journey.first_back != journey.recovery;
    let row = |journey: &JourneySummary| Row {
        size: tail(&journey.first_back),
        ..Row::new(&journey.name, quantiles(&journey.first_back))
    };
    let rows: Vec<Row> = report.summary.journeys.iter().filter(differs).map(row).collect();
    (!report.header.recurring && !rows.is_empty()).then(|| Table {
        head: "First back".to_owned(),
        caption: "From the start of the fault until the journey is back and stays up for 5 min, though it goes down \
                  again later; quantiles over the trials"
            .to_owned(),
        columns: QUANTILES.iter().map(|p| Column::figures(quantile_name(*p))).collect(),
        rows,
        largest: Some("journeys"),
        ..Table::default()
    })
}

/// Planned time down of the journeys, in a sentence.
pub(super) fn planned(report: &RunReport<'_>) -> Option<String> {
    let one = |journey: &JourneySummary| {
        let mean = journey.planned.mean.ok()?.interval;
        (mean.estimate > 0.0).then(|| format!("{} {}", journey.name, Cell::duration(&Ok(mean), None).on_one_line()))
    };
    let down: Vec<String> = report.summary.journeys.iter().filter_map(one).collect();
    (!down.is_empty()).then(|| {
        format!("Planned downtime, on average in a trial and no part of the recovery time: {}.", down.join(", "))
    })
}
