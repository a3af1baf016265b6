//! A table of trials from a CSV file: the file names its columns.

use std::path::Path;

use super::formula;

/// Rows of consecutive trials. The column `trial` itself is not stored: row `i` is trial `first_trial + i`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    /// The names of the columns after `trial`.
    pub(super) names: Vec<String>,
    /// The trial of the first row.
    pub(super) first_trial: u64,
    /// All rows, one after the other.
    pub(super) values: Vec<f64>,
}

impl Sheet {
    /// A sheet without rows.
    pub(super) const fn new(names: Vec<String>, first_trial: u64) -> Self {
        Self { names, first_trial, values: Vec::new() }
    }

    /// Number of trials.
    pub(super) fn len(&self) -> usize {
        self.values.len().checked_div(self.names.len()).unwrap_or(0)
    }

    /// All rows, in trial order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.names.len().max(1))
    }

    /// The column at this place, trial by trial.
    pub(super) fn at(&self, place: usize) -> impl Iterator<Item = f64> {
        self.rows().map(move |row| row[place])
    }

    /// Reads a file that [`super::csv`] wrote.
    ///
    /// # Errors
    /// The reason why it is none, with the line.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().from_path(path).map_err(|error| error.to_string())?;
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        let mut names = headers.iter();
        if names.next() != Some("trial") {
            return Err("the first column is not `trial`".to_owned());
        }
        let mut sheet = Self::new(names.map(|name| formula::text(name).into_owned()).collect(), 0);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| error.to_string())? {
            let line = record.position().map_or(0, csv::Position::line);
            let mut cells = record.iter();
            let trial: u64 = cells
                .next()
                .and_then(|cell| cell.parse().ok())
                .ok_or_else(|| format!("line {line} does not begin with the number of a trial"))?;
            if sheet.values.is_empty() {
                sheet.first_trial = trial;
            } else if trial != sheet.first_trial + sheet.len() as u64 {
                return Err(format!("line {line}: trial {trial} does not follow the one before it"));
            }
            for (cell, name) in cells.zip(&sheet.names) {
                sheet.values.push(number(cell, line, name)?);
            }
        }
        Ok(sheet)
    }
}

/// A number as [`super::csv`] writes it: an empty cell is a figure that did not happen.
///
/// # Errors
/// When it is no number, with the line and the column.
pub(super) fn number(cell: &str, line: u64, column: &str) -> Result<f64, String> {
    let value = match cell {
        "" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        number => number.parse().ok(),
    };
    value.ok_or_else(|| format!("line {line}: `{cell}` in column `{column}` is not a number"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Sheet;

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        let mut sheet = Sheet::new(vec!["a".to_owned(), "journey.x,\"y\".failed".to_owned()], 7);
        sheet.values.extend([0.1 + 0.2, f64::INFINITY, f64::NAN, 1e-300]);
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("trials.csv");
        let mut bytes = Vec::new();
        super::super::csv::write_rows(&sheet.names, 7, sheet.rows(), &mut bytes).expect("a vector takes everything");
        fs::write(&path, bytes).expect("written");
        let read = Sheet::read(&path).expect("it is a table");
        assert_eq!((&read.names, read.first_trial, read.len()), (&sheet.names, 7, 2));
        let bits = |sheet: &Sheet| sheet.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&sheet));
    }

    #[test]
    fn a_table_that_is_none_is_told_by_line() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("trials.csv");
        for (text, told) in [
            ("a,b\n1,2\n", "the first column is not `trial`"),
            ("trial,a\n0,1\n2,1\n", "line 3: trial 2 does not follow"),
            ("trial,a\n0,x\n", "line 2: `x` in column `a` is not a number"),
            ("trial,a\n0,1,5\n", "found record with 3 fields"),
        ] {
            fs::write(&path, text).expect("written");
            let error = Sheet::read(&path).expect_err("it is none");
            assert!(error.contains(told), "{error}");
        }
    }
}
