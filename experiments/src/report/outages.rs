//! The table of outages, as `outages.csv` and `outages.parquet` hold it: its columns and their cells.

use models::cause::CAUSES;
use models::journeys::OVERALL;

use std::io;

use super::csv::{Cell, Rows};
use crate::header::Header;
use crate::table::TrialTable;
use measure::outage::Outage;

/// The columns and their meanings; the last one stands for each stage.
pub const OUTAGE_COLUMNS: [(&str, &str); 11] = [
    ("trial", "The number of the trial."),
    (
        "journey",
        "The journey; `overall` is all of them as one, which is down while any is. A planned dip of one that begins less \
         than 5 min after another came back belongs to that outage, so `overall` may last longer than any of them.",
    ),
    ("start_s", "When it began, in seconds from the start of the trial."),
    ("end_s", "When it ended; `inf` if it had not at the horizon."),
    (
        "fault",
        "The number of the fault that its recovery time counts from, the latest before it began or else the first \
               that began while it lasted; empty if there is none, and for planned outages.",
    ),
    ("fault_s", "When that fault began, in seconds from the start of the trial."),
    ("recovery_s", "Seconds from that fault to the end; `inf` if it had not ended, empty without a fault."),
    ("downtime_s", "Seconds down within it: episodes less than 5 min apart are one outage."),
    ("failed", "Requests that failed within it."),
    ("cause", "The cause under which it was down longest."),
    (
        "stage.CAUSE_s",
        "What of the recovery time it was down with this cause failing most; `stage.up_s`, the last but one, is \
                       what it was up; `stage.slow_s`, a cause that came later, follows it.",
    ),
];

/// Number of columns before those of the stages.
const FIGURES: usize = OUTAGE_COLUMNS.len() - 1;

/// The names of all columns.
pub(super) fn columns(header: &Header) -> Vec<String> {
    let names: Vec<&str> = header.causes.iter().map(String::as_str).chain(["up"]).collect();
    let stages = (0..names.len()).map(|place| names[stage(place)]);
    let figures = OUTAGE_COLUMNS[..FIGURES].iter().map(|(name, _)| (*name).to_owned());
    figures.chain(stages.map(|stage| format!("stage.{stage}_s"))).collect()
}

/// The stage in the column at this place among those of stages: time up comes before the last cause, which came later.
pub(super) const fn stage(place: usize) -> usize {
    match place {
        UP_AT => CAUSES,
        LAST => CAUSES - 1,
        _ => place,
    }
}

/// The places of the columns of time up and of the last cause.
const UP_AT: usize = CAUSES - 1;
const LAST: usize = CAUSES;

/// The cell of an outage in one of [`columns`], whose kind is the same for every outage.
pub(super) fn cell<'a>(header: &'a Header, outage: &Outage, column: usize) -> Cell<'a> {
    let (fault, fault_start) = outage.fault.unzip();
    match column {
        0 => Cell::Whole(Some(outage.trial)),
        1 => Cell::Text(outage.journey.map_or(OVERALL, |journey| header.journeys[journey].as_str())),
        2 => Cell::Number(outage.start),
        3 => Cell::Number(outage.end),
        // Faults count from 1, as everywhere in reports.
        4 => Cell::Whole(fault.map(|fault| fault as u64 + 1)),
        5 => Cell::Number(fault_start.unwrap_or(f64::NAN)),
        6 => Cell::Number(outage.recovery),
        7 => Cell::Number(outage.downtime),
        8 => Cell::Number(outage.failed),
        9 => Cell::Text(&header.causes[outage.cause]),
        column => Cell::Number(outage.stages[stage(column - FIGURES)]),
    }
}

/// Writes all outages of journeys, and of any journey under the name `overall`, below a line with the columns' names.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(header: &Header, table: &TrialTable, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    let columns = columns(header);
    columns.iter().try_for_each(|name| rows.text(name))?;
    rows.end()?;
    for outage in table.outages() {
        for column in 0..columns.len() {
            rows.cell(&cell(header, &outage, column))?;
        }
        rows.end()?;
    }
    rows.finish()
}
