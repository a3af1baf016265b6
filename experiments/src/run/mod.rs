//! Running trials: over threads, in batches, until enough is known or somebody says stop.

/// A source of trials: the assembled model with its measures, seen as rows of figures.
///
/// `run` is a pure function of the trial's number: whatever a worker did before must not show.
pub trait Trials: Sync {
    /// What one thread needs to run trials one after the other without allocating.
    type Worker: Send;

    /// The columns of a row, in the order of the data contract, without `trial`.
    fn columns(&self) -> Vec<String>;

    /// A fresh worker.
    fn worker(&self) -> Self::Worker;

    /// Runs one trial and writes its figures to `row`, which has one place per column.
    fn run(&self, worker: &mut Self::Worker, trial: u64, row: &mut [f64]);
}
