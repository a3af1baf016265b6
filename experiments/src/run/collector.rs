//! Batches that finish in any order reach their sink in trial order.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::memory;
use crate::table::TrialTable;
use measure::latencies::Latencies;
use measure::outage::Outage;

/// The rows and outages of a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// Complete rows, one after the other.
    pub rows: Vec<f64>,
    /// The outages of these trials, in the order of [`TrialTable::outages`].
    pub outages: Vec<Outage>,
    /// How long the requests of these trials took, where anybody wants to know.
    pub latencies: Latencies,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every trial of the range was run.
    Complete,
    /// The sink had enough.
    Enough,
    /// A stop was asked for: the sink has the finished trials up to the first gap.
    Stopped,
}

/// What becomes of finished trials: it gets them batch by batch, in trial order, whatever the number of threads.
pub trait Sink: Send {
    /// Takes the next batch, and says whether that is enough.
    ///
    /// # Errors
    /// Why it cannot be kept, as a whole message.
    fn take(&mut self, batch: &Batch) -> Result<bool, String>;

    /// Memory of what it keeps and of all that will be made of it, in bytes.
    fn bytes(&self) -> u64;
}

/// How much memory rows may take, and where they go beyond that.
#[derive(Debug, Clone)]
pub struct Room {
    /// Memory in bytes, with all that is made of the rows.
    pub memory: u64,
    /// The folder that takes them then.
    pub folder: PathBuf,
    /// Whether recovery times are those of outages, so that an analysis gathers figures of all outages.
    pub recurring: bool,
}

/// A table that takes rows until a rule is satisfied.
pub struct Gathered<'a> {
    table: TrialTable,
    room: Option<Room>,
    enough: &'a mut (dyn FnMut(&TrialTable) -> bool + Send),
}

impl<'a> Gathered<'a> {
    /// Adds to `table` until `enough` accepts it. `enough` is asked after each batch and never sees a part of one.
    pub fn new(table: TrialTable, enough: &'a mut (dyn FnMut(&TrialTable) -> bool + Send)) -> Self {
        Self { table, room: None, enough }
    }

    /// The same, with rows that go to the disk once they outgrow their memory.
    #[must_use]
    pub fn within(mut self, room: Option<Room>) -> Self {
        self.room = room;
        self
    }

    /// The rows so far.
    pub const fn table(&self) -> &TrialTable {
        &self.table
    }

    /// The rows.
    pub fn into_table(self) -> TrialTable {
        self.table
    }
}

impl Sink for Gathered<'_> {
    fn take(&mut self, batch: &Batch) -> Result<bool, String> {
        self.table.append(&batch.rows);
        self.table.append_outages(&batch.outages);
        self.table.append_latencies(&batch.latencies);
        if let Some(room) = &self.room
            && !self.table.is_on_disk()
            && self.bytes() > room.memory
        {
            self.table.spill(&room.folder)?;
        }
        if let Some(failure) = self.table.failure() {
            return Err(failure.to_owned());
        }
        Ok((self.enough)(&self.table))
    }

    fn bytes(&self) -> u64 {
        let table = &self.table;
        let (trials, columns, outages) = (table.len() as u64, table.columns().len(), table.outages_len() as u64);
        match &self.room {
            Some(room) if table.is_on_disk() => {
                memory::bytes_on_disk(trials, columns, if room.recurring { outages } else { 0 })
            }
            _ => memory::bytes(trials, columns, outages),
        }
    }
}

/// Takes finished batches and hands each to the sink as soon as all batches before it are there.
pub(super) struct Collector<'a> {
    sink: &'a mut dyn Sink,
    /// Figures of a row.
    width: usize,
    next: u64,
    waiting: BTreeMap<u64, Batch>,
    outcome: Outcome,
}

/// What has come of the batches so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outcome {
    /// Trials that the sink took.
    pub(super) trials: u64,
    /// Whether the sink had enough.
    pub(super) enough: bool,
    /// Why the sink could not take a batch.
    pub(super) failure: Option<String>,
}

impl Outcome {
    /// Whether no batch is needed any more.
    pub(super) const fn done(&self) -> bool {
        self.enough || self.failure.is_some()
    }
}

impl<'a> Collector<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, width: usize) -> Self {
        Self { sink, width, next: 0, waiting: BTreeMap::new(), outcome: Outcome::default() }
    }

    /// Takes batch `index`. The sink is asked after each batch in trial order, in whatever order batches finish, so its
    /// end does not depend on threads.
    pub(super) fn deposit(&mut self, index: u64, batch: Batch) {
        if self.done() {
            return;
        }
        self.waiting.insert(index, batch);
        while let Some(batch) = self.waiting.remove(&self.next) {
            match self.sink.take(&batch) {
                Ok(enough) => {
                    self.outcome.trials += (batch.rows.len() / self.width) as u64;
                    self.outcome.enough = enough;
                    self.next += 1;
                }
                Err(message) => self.outcome.failure = Some(message),
            }
            if self.done() {
                self.waiting.clear();
                return;
            }
        }
    }

    /// Whether the sink takes no more: batches that are still running are not needed then.
    pub(super) const fn done(&self) -> bool {
        self.outcome.done()
    }

    /// Memory of the rows so far and of all that will be made of them, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.sink.bytes()
    }

    /// What has come of it.
    pub(super) fn finish(self) -> Outcome {
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, Collector, Gathered, Sink};
    use crate::table::TrialTable;
    use measure::{Columns, Subjects, Whole};

    fn table() -> TrialTable {
        TrialTable::new(Columns::new(Subjects::default()), 0)
    }

    fn batch(faults: f64) -> Batch {
        Batch { rows: vec![faults; table().columns().len()], ..Batch::default() }
    }

    fn faults(table: &TrialTable) -> Vec<f64> {
        table.of(measure::FAULTS, Whole).collect()
    }

    #[test]
    fn batches_are_appended_in_trial_order_and_a_gap_is_never_bridged() {
        let mut never = |_: &TrialTable| false;
        let mut gathered = Gathered::new(table(), &mut never);
        let mut collector = Collector::new(&mut gathered, table().columns().len());
        collector.deposit(2, batch(20.0));
        collector.deposit(1, batch(10.0));
        collector.deposit(0, batch(0.0));
        collector.deposit(4, batch(40.0));
        let outcome = collector.finish();
        assert_eq!(faults(gathered.table()), [0.0, 10.0, 20.0]);
        assert_eq!((outcome.trials, outcome.done()), (3, false));
    }

    #[test]
    fn what_lies_beyond_the_rules_end_is_dropped() {
        let mut two = |table: &TrialTable| table.len() == 2;
        let mut gathered = Gathered::new(table(), &mut two);
        let mut collector = Collector::new(&mut gathered, table().columns().len());
        for index in [3, 2, 1, 0] {
            collector.deposit(index, batch(index as f64));
        }
        assert!(collector.done());
        let outcome = collector.finish();
        assert_eq!(faults(gathered.table()), [0.0, 1.0]);
        assert!(outcome.enough && outcome.failure.is_none());
    }

    /// Takes one batch, and then the disk is full.
    struct Full(u64);

    impl Sink for Full {
        fn take(&mut self, _: &Batch) -> Result<bool, String> {
            self.0 += 1;
            if self.0 == 1 { Ok(false) } else { Err("the disk is full".to_owned()) }
        }

        fn bytes(&self) -> u64 {
            0
        }
    }

    #[test]
    fn after_a_batch_that_cannot_be_kept_nothing_is_taken() {
        let mut full = Full(0);
        let mut collector = Collector::new(&mut full, table().columns().len());
        for index in [2, 1, 0] {
            collector.deposit(index, batch(index as f64));
        }
        let outcome = collector.finish();
        assert_eq!((full.0, outcome.trials), (2, 1));
        assert_eq!(outcome.failure.as_deref(), Some("the disk is full"));
    }
}
