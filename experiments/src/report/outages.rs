//! The table of outages, as `outages.csv` and `outages.parquet` hold it: its columns and their cells.

use models::journeys::OVERALL;

use crate::header::Header;
use crate::outage::Outage;

/// Columns before those of the stages.
const FIGURES: [&str; 10] =
    ["trial", "journey", "start_s", "end_s", "fault", "fault_s", "recovery_s", "downtime_s", "failed", "cause"];

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// A number of something, if there is something.
    Whole(Option<u64>),
    /// A name.
    Text(&'a str),
    /// A figure: infinite if censored, not a number if it did not happen.
    Number(f64),
}

/// The names of all columns.
pub(super) fn columns(header: &Header) -> Vec<String> {
    let stages = header.causes.iter().map(String::as_str).chain(["up"]);
    FIGURES.map(str::to_owned).into_iter().chain(stages.map(|stage| format!("stage.{stage}_s"))).collect()
}

/// The cell of an outage in one of [`columns`], whose kind is the same for every outage.
pub(super) fn cell<'a>(header: &'a Header, outage: &Outage, column: usize) -> Cell<'a> {
    let (fault, fault_start) = outage.fault.unzip();
    match column {
        0 => Cell::Whole(Some(outage.trial)),
        1 => Cell::Text(outage.journey.map_or(OVERALL, |journey| header.journeys[journey].as_str())),
        2 => Cell::Number(outage.start),
        3 => Cell::Number(outage.end),
        // Counted from 1, as the program counts faults wherever it speaks of them.
        4 => Cell::Whole(fault.map(|fault| fault as u64 + 1)),
        5 => Cell::Number(fault_start.unwrap_or(f64::NAN)),
        6 => Cell::Number(outage.recovery),
        7 => Cell::Number(outage.downtime),
        8 => Cell::Number(outage.failed),
        9 => Cell::Text(&header.causes[outage.cause]),
        stage => Cell::Number(outage.stages[stage - FIGURES.len()]),
    }
}

#[cfg(feature = "parquet")]
impl<'a> Cell<'a> {
    /// What it counts.
    pub(super) const fn whole(self) -> Option<u64> {
        if let Self::Whole(number) = self { number } else { None }
    }

    /// The name in it.
    pub(super) const fn text(self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The figure in it.
    pub(super) const fn number(self) -> Option<f64> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }
}
