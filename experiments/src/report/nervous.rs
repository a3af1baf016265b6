//! The two sides of a threshold in words.

use super::document::Cell;
use crate::documents::NervousDocument;
use crate::units::{count, estimated_duration, longer_than};

/// False failovers in a year.
pub(super) fn failovers(found: &NervousDocument) -> Cell {
    match found.false_failovers_a_year.interval() {
        Ok(it) => Cell::figure((count(it.estimate), count(it.low), count(it.high))),
        Err(refused) => Cell::refused(refused),
    }
}

/// How soon something real is noticed, by trials that were watched for so many seconds.
pub(super) fn noticed(found: &NervousDocument, watched: f64) -> Cell {
    match found.noticed_p95.interval() {
        Ok(it) => Cell::figure(estimated_duration(&it, &longer_than(watched))),
        Err(refused) => Cell::refused(refused),
    }
}

/// Both in a sentence, without a full stop.
pub(super) fn sentence(found: &NervousDocument, watched: f64) -> String {
    let failovers = match found.false_failovers_a_year.interval() {
        Ok(_) => format!("{} a year", failovers(found).on_one_line()),
        Err(_) => format!("{}, so that a year has no number of them", failovers(found).on_one_line()),
    };
    let real = match found.noticed_p95.interval() {
        Ok(_) => {
            format!("; what is real is noticed within {} in 95 % of trials", noticed(found, watched).on_one_line())
        }
        Err(_) => String::new(),
    };
    format!("False failovers: {failovers}{real}")
}
