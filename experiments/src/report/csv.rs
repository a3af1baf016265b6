//! CSV: `trials.csv`, one row a trial, and the writer of all other tables.
//!
//! Numbers are the shortest that read back as the same 64-bit float, whole ones without a decimal point; `inf` is a
//! censored value, an empty cell is a figure that did not happen. Names that a spreadsheet would take for formulas have
//! an apostrophe before them (`formula.rs`). The bytes depend on the rows alone.

use std::fmt::Write as _;
use std::io;

use super::formula;
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
pub(super) fn write_rows(
    names: &[String],
    first_trial: u64,
    figures: impl Iterator<Item = impl AsRef<[f64]>>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.text("trial")?;
    names.iter().try_for_each(|name| rows.text(name))?;
    rows.end()?;
    for (trial, row) in (first_trial..).zip(figures) {
        rows.whole(trial)?;
        row.as_ref().iter().try_for_each(|&value| rows.number(value))?;
        rows.end()?;
    }
    rows.finish()
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// A count, if there is one.
    Whole(Option<u64>),
    /// A name.
    Text(&'a str),
    /// A figure: infinite if censored, not a number if it did not happen.
    Number(f64),
}

#[cfg(feature = "parquet")]
impl<'a> Cell<'a> {
    /// The count in it.
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

/// Rows of a CSV file, cell by cell: the only writer of CSV in the program.
pub(super) struct Rows<W: io::Write> {
    rows: csv::Writer<W>,
    cell: String,
}

impl<W: io::Write> Rows<W> {
    pub(super) fn new(out: W) -> Self {
        let rows = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
        Self { rows, cell: String::new() }
    }

    /// A cell of any kind.
    pub(super) fn cell(&mut self, cell: &Cell<'_>) -> io::Result<()> {
        match *cell {
            Cell::Whole(Some(value)) => self.whole(value),
            Cell::Whole(None) => self.empty(),
            Cell::Text(text) => self.text(text),
            Cell::Number(value) => self.number(value),
        }
    }

    /// A cell with a name or words.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        Ok(self.rows.write_field(&*formula::cell(text))?)
    }

    /// A cell with a count.
    pub(super) fn whole(&mut self, value: u64) -> io::Result<()> {
        self.shown(value)
    }

    /// A cell with a figure: `inf` if it is infinite, empty if it is not a number.
    pub(super) fn number(&mut self, value: f64) -> io::Result<()> {
        if value.is_nan() {
            return self.empty();
        }
        // Negative zero is zero to every reader. Display is the shortest text that reads back as the same number, never
        // with an exponent.
        self.shown(if value == 0.0 { 0.0 } else { value })
    }

    /// An empty cell.
    pub(super) fn empty(&mut self) -> io::Result<()> {
        Ok(self.rows.write_field("")?)
    }

    fn shown(&mut self, value: impl std::fmt::Display) -> io::Result<()> {
        self.cell.clear();
        // Writing to a string cannot fail.
        let _ = write!(self.cell, "{value}");
        Ok(self.rows.write_field(&self.cell)?)
    }

    /// The end of a row.
    pub(super) fn end(&mut self) -> io::Result<()> {
        Ok(self.rows.write_record(None::<&[u8]>)?)
    }

    /// Flushes the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.rows.flush()
    }
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
