//! What the trials yielded: one row a trial, one column a figure, all of them `f64`.
//!
//! A figure that did not happen is NaN (an empty cell in the data), a censored one is positive infinity: greater than
//! the horizon, and greater than every number in a quantile.

use crate::outage::Outage;

/// Rows of consecutive trials under named columns. The column `trial` itself is not stored: row `i` is trial
/// `first_trial + i`.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialTable {
    columns: Vec<String>,
    first_trial: u64,
    values: Vec<f64>,
    outages: Vec<Outage>,
}

impl TrialTable {
    /// A table without rows whose first row will be `first_trial`.
    pub fn new(columns: Vec<String>, first_trial: u64) -> Self {
        Self { columns, first_trial, values: Vec::new(), outages: Vec::new() }
    }

    /// The names of the columns, in the order of the data contract.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The trial of the first row.
    pub const fn first_trial(&self) -> u64 {
        self.first_trial
    }

    /// Number of trials.
    pub fn len(&self) -> usize {
        if self.columns.is_empty() { 0 } else { self.values.len() / self.columns.len() }
    }

    /// Whether there is no trial.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends complete rows, one after the other.
    pub fn append(&mut self, rows: &[f64]) {
        assert_eq!(rows.len() % self.columns.len().max(1), 0, "rows are complete");
        self.values.extend_from_slice(rows);
    }

    /// Appends outages of trials that were appended, in their order.
    pub fn append_outages(&mut self, outages: &[Outage]) {
        self.outages.extend_from_slice(outages);
    }

    /// All outages, in the order of trials, then of journeys, those of all together last, then of time.
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// One trial's figures, in the order of the columns.
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.columns.len()..(index + 1) * self.columns.len()]
    }

    /// The index of a column by its name.
    pub fn index_of(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// All values of one column by its name, in trial order.
    pub fn column(&self, column: &str) -> Option<Vec<f64>> {
        let index = self.index_of(column)?;
        Some(self.values.iter().skip(index).step_by(self.columns.len()).copied().collect())
    }
}
