//! `trials.csv`, one row a trial, and `outages.csv`, one row an outage: the columns of the data contract.
//!
//! Numbers are the shortest that read back as the same 64-bit float, whole ones without a decimal point; `inf` is a
//! censored value, an empty cell is what did not happen. Names that a spreadsheet would take for formulas have an
//! apostrophe before them (`formula.rs`). The bytes depend on the rows alone.

use std::fmt::Write as _;
use std::io;

use super::formula;
use super::outages::{self, Cell};
use crate::header::Header;
use crate::table::TrialTable;

/// Writes all trials, below a line with the columns' names.
///
/// # Errors
/// Those of `out`.
pub fn write(table: &TrialTable, out: &mut dyn io::Write) -> io::Result<()> {
    write_rows(table.columns().names(), table.first_trial(), table.rows(), out)
}

/// Writes rows of consecutive trials under columns of these names.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_rows<'a>(
    names: &[String],
    first_trial: u64,
    figures: impl Iterator<Item = &'a [f64]>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    rows.write_field("trial")?;
    rows.write_record(names.iter().map(|name| formula::cell(name).into_owned()))?;
    let mut cell = String::new();
    for (trial, row) in (first_trial..).zip(figures) {
        cell.clear();
        // Writing to a string cannot fail.
        let _ = write!(cell, "{trial}");
        rows.write_field(&cell)?;
        for &value in row {
            cell.clear();
            number(value, &mut cell);
            rows.write_field(&cell)?;
        }
        rows.write_record(None::<&[u8]>)?;
    }
    rows.flush()
}

/// Writes all outages of journeys, and of all together under the name `overall`, below a line with the columns' names.
///
/// # Errors
/// Those of `out`.
pub fn write_outages(header: &Header, table: &TrialTable, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    let columns = outages::columns(header);
    rows.write_record(&columns)?;
    let mut text = String::new();
    for outage in table.outages() {
        for column in 0..columns.len() {
            text.clear();
            match outages::cell(header, outage, column) {
                // Writing to a string cannot fail.
                Cell::Whole(value) => drop(value.map(|value| write!(text, "{value}"))),
                Cell::Text(name) => text.push_str(&formula::cell(name)),
                Cell::Number(value) => number(value, &mut text),
            }
            rows.write_field(&text)?;
        }
        rows.write_record(None::<&[u8]>)?;
    }
    rows.flush()
}

fn number(value: f64, cell: &mut String) {
    if value.is_nan() {
        return;
    }
    // Negative zero is zero to every reader.
    let value = if value == 0.0 { 0.0 } else { value };
    // Display is the shortest text that reads back as the same number, never with an exponent. Writing to a string
    // cannot fail.
    let _ = write!(cell, "{value}");
}

#[cfg(test)]
mod tests {
    use super::{write, write_rows};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};
    use crate::table::TrialTable;

    fn text(table: &TrialTable) -> String {
        let mut bytes = Vec::new();
        write(table, &mut bytes).expect("a vector takes everything");
        String::from_utf8(bytes).expect("the writer writes text")
    }

    /// Rows under two columns, one of them with a name that must be quoted.
    fn rows(rows: &[[f64; 2]]) -> String {
        let names = ["a".to_owned(), "journey.x,\"y\".failed".to_owned()];
        let mut bytes = Vec::new();
        write_rows(&names, 7, rows.iter().map(<[f64; 2]>::as_slice), &mut bytes).expect("a vector takes everything");
        String::from_utf8(bytes).expect("the writer writes text")
    }

    #[test]
    fn cells_are_shortest_floats_inf_and_empty() {
        let expected = "trial,a,\"journey.x,\"\"y\"\".failed\"\n\
                        7,0.30000000000000004,inf\n\
                        8,,1000000\n\
                        9,0,0.000000001\n";
        assert_eq!(rows(&[[0.1 + 0.2, f64::INFINITY], [f64::NAN, 1e6], [-0.0, 1e-9]]), expected);
    }

    #[test]
    fn a_table_without_rows_is_its_head() {
        assert_eq!(rows(&[]), "trial,a,\"journey.x,\"\"y\"\".failed\"\n");
    }

    #[test]
    fn the_bytes_are_the_same_for_every_number_of_threads() {
        let source = Synthetic::censored(10);
        let texts = [1, 2, 7].map(|threads| {
            let threads = std::num::NonZeroUsize::new(threads).expect("not zero");
            text(&run_trials(&source, 0..500, threads, &|_| (), &Stop::new()).expect("runs").table)
        });
        assert_eq!(texts[0].lines().count(), 501);
        assert!(
            texts[0].starts_with("trial,journey.browse.recovery_s,journey.browse.downtime_s,journey.browse.failed,")
        );
        assert!(texts.iter().all(|text| *text == texts[0]));
    }
}
