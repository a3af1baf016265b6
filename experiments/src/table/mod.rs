//! The results of the trials: one row a trial, one column a figure, all of them `f64`.
//!
//! A figure that did not happen is NaN (an empty cell in the data). A censored figure is positive infinity: larger than
//! the horizon, and larger than every number in a quantile.
//!
//! Rows and outages are in memory, or the first of them on disk once [`TrialTable::spill`] was called. The figures are the
//! same either way.

mod disk;
mod figures;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::Path;

pub use disk::BLOCK as ROWS_OF_A_BLOCK;
use disk::{BLOCK, Disk, OUTAGES};
pub use figures::Figures;

use measure::latencies::Latencies;
use measure::outage::Outage;
use measure::{Column, Columns, Subject};

/// Rows of consecutive trials of one deployment. The column `trial` itself is not stored: row `i` is trial
/// `first_trial + i`.
#[derive(Debug)]
pub struct TrialTable {
    columns: Columns,
    first_trial: u64,
    /// The first rows and outages, if they are on disk.
    disk: Option<Disk>,
    /// The rows after those, one after the other.
    values: Vec<f64>,
    outages: Vec<Outage>,
    latencies: Latencies,
}

impl TrialTable {
    /// A table without rows whose first row will be `first_trial`.
    pub fn new(columns: Columns, first_trial: u64) -> Self {
        Self {
            columns,
            first_trial,
            disk: None,
            values: Vec::new(),
            outages: Vec::new(),
            latencies: Latencies::default(),
        }
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
    pub fn len(&self) -> usize {
        self.disk.as_ref().map_or(0, Disk::rows_len) + self.values.len() / self.columns.len()
    }

    /// Whether it has no trial.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts the rows and outages so far, and those to come, into files in `folder`. Memory then holds a few thousand.
    ///
    /// # Errors
    /// When the folder takes no files. Later failures are told by [`failure`](Self::failure).
    pub fn spill(&mut self, folder: &Path) -> Result<(), String> {
        if self.disk.is_none() {
            self.disk = Some(Disk::new(folder, self.columns.len())?);
            self.settle();
        }
        Ok(())
    }

    /// Whether rows are on disk.
    pub const fn is_on_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// Why rows on disk could not be written or read, if that ever happened: then no figure of this table may be told.
    pub fn failure(&self) -> Option<&str> {
        self.disk.as_ref()?.failure()
    }

    /// Moves whole blocks to the disk, if rows are there.
    fn settle(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let block = BLOCK * self.columns.len();
        if self.values.len() >= block {
            let whole = self.values.len() / block * block;
            self.values[..whole].chunks_exact(block).for_each(|rows| disk.add_block(rows));
            // The memory of all that was in memory goes back, too.
            self.values = self.values[whole..].to_vec();
        }
        if self.outages.len() >= OUTAGES {
            disk.add_outages(&self.outages);
            self.outages = Vec::new();
        }
    }

    /// Appends complete rows, one after the other.
    pub fn append(&mut self, rows: &[f64]) {
        assert_eq!(rows.len() % self.columns.len(), 0, "rows are complete");
        self.values.extend_from_slice(rows);
        self.settle();
    }

    /// Appends outages of trials that were appended, in their order.
    pub fn append_outages(&mut self, outages: &[Outage]) {
        self.outages.extend_from_slice(outages);
        self.settle();
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
    pub fn outages(&self) -> impl Iterator<Item = Outage> + '_ {
        self.disk.iter().flat_map(Disk::outages).chain(self.outages.iter().copied())
    }

    /// Number of outages.
    pub fn outages_len(&self) -> usize {
        self.disk.as_ref().map_or(0, Disk::outages_len) + self.outages.len()
    }

    /// All figures of one trial, by its row.
    pub fn row(&self, index: usize) -> Cow<'_, [f64]> {
        let (width, stored) = (self.columns.len(), self.disk.as_ref().map_or(0, Disk::rows_len));
        match index.checked_sub(stored) {
            Some(index) => Cow::Borrowed(&self.values[index * width..(index + 1) * width]),
            None => (0..width).filter_map(|column| self.at(column).nth(index)).collect(),
        }
    }

    /// All rows, in trial order.
    pub fn rows(&self) -> impl Iterator<Item = Cow<'_, [f64]>> {
        let stored = self.disk.iter().flat_map(Disk::rows).map(Cow::Owned);
        stored.chain(self.values.chunks_exact(self.columns.len()).map(Cow::Borrowed))
    }

    /// A measure of one subject, trial by trial.
    pub fn of<S: Subject>(&self, column: Column<S>, subject: S) -> Figures<'_> {
        self.at(self.columns.index(column, subject))
    }

    /// The column at this place, trial by trial.
    pub fn at(&self, place: usize) -> Figures<'_> {
        Figures::new(self.disk.as_ref(), &self.values, self.columns.len(), place)
    }

    /// A measure of one subject in one trial, by its row.
    pub fn cell<S: Subject>(&self, index: usize, column: Column<S>, subject: S) -> f64 {
        self.of(column, subject).nth(index).unwrap_or(f64::NAN)
    }
}
