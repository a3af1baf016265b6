//! The results of the trials: one row a trial, one column a figure, all of them `f64`.
//!
//! A figure that did not happen is NaN (an empty cell in the data). A censored figure is positive infinity: larger than
//! the horizon, and larger than every number in a quantile.

use std::iter::{Skip, StepBy};

use crate::latencies::Latencies;
use crate::measure::{Column, Columns, Subject};
use crate::outage::Outage;

/// Rows of consecutive trials of one deployment. The column `trial` itself is not stored: row `i` is trial
/// `first_trial + i`.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialTable {
    columns: Columns,
    first_trial: u64,
    values: Vec<f64>,
    outages: Vec<Outage>,
    latencies: Latencies,
}

/// The values of one column, in trial order.
pub type Figures<'a> = std::iter::Copied<StepBy<Skip<std::slice::Iter<'a, f64>>>>;

impl TrialTable {
    /// A table without rows whose first row will be `first_trial`.
    pub fn new(columns: Columns, first_trial: u64) -> Self {
        Self { columns, first_trial, values: Vec::new(), outages: Vec::new(), latencies: Latencies::default() }
    }

    /// The columns.
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The trial of the first row.
    pub const fn first_trial(&self) -> u64 {
        self.first_trial
    }

    /// Number of trials.
    pub const fn len(&self) -> usize {
        self.values.len() / self.columns.len()
    }

    /// Whether it has no trial.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Appends complete rows, one after the other.
    pub fn append(&mut self, rows: &[f64]) {
        assert_eq!(rows.len() % self.columns.len(), 0, "rows are complete");
        self.values.extend_from_slice(rows);
    }

    /// Appends outages of trials that were appended, in their order.
    pub fn append_outages(&mut self, outages: &[Outage]) {
        self.outages.extend_from_slice(outages);
    }

    /// Adds how long the requests of trials took that were appended.
    pub fn append_latencies(&mut self, latencies: &Latencies) {
        self.latencies.merge(latencies);
    }

    /// How long the requests of all trials took, where anybody wanted to know.
    pub const fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// All outages, in the order of trials, then of journeys, outages of any journey last, then of time.
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// All figures of one trial, by its row.
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.columns.len()..(index + 1) * self.columns.len()]
    }

    /// All rows, in trial order.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns.len())
    }

    /// A measure of one subject, trial by trial.
    pub fn of<S: Subject>(&self, column: Column<S>, subject: S) -> Figures<'_> {
        self.at(self.columns.index(column, subject))
    }

    /// The column at this place, trial by trial.
    pub fn at(&self, place: usize) -> Figures<'_> {
        self.values.iter().skip(place).step_by(self.columns.len()).copied()
    }

    /// A measure of one subject in one trial, by its row.
    pub fn cell<S: Subject>(&self, index: usize, column: Column<S>, subject: S) -> f64 {
        self.row(index)[self.columns.index(column, subject)]
    }
}
