//! Batches that finish in any order become rows in trial order.

use std::collections::BTreeMap;

use super::memory;
use crate::outage::Outage;
use crate::table::TrialTable;

/// The rows and outages of a batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Complete rows, one after the other.
    pub(super) rows: Vec<f64>,
    pub(super) outages: Vec<Outage>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every trial of the range was run.
    Complete,
    /// The rule was satisfied.
    Enough,
    /// A stop was asked for: the table holds the finished trials up to the first gap.
    Stopped,
}

/// Takes finished batches and appends each to the table as soon as all batches before it are there.
pub(super) struct Collector<'a> {
    table: TrialTable,
    next: u64,
    waiting: BTreeMap<u64, Batch>,
    enough: &'a mut (dyn FnMut(&TrialTable) -> bool + Send),
    done: bool,
}

impl<'a> Collector<'a> {
    pub(super) fn new(table: TrialTable, enough: &'a mut (dyn FnMut(&TrialTable) -> bool + Send)) -> Self {
        Self { table, next: 0, waiting: BTreeMap::new(), enough, done: false }
    }

    /// Takes batch `index`. The rule is asked after each batch in trial order, in whatever order batches finish, so its
    /// end does not depend on threads.
    pub(super) fn deposit(&mut self, index: u64, batch: Batch) {
        if self.done {
            return;
        }
        self.waiting.insert(index, batch);
        while let Some(batch) = self.waiting.remove(&self.next) {
            self.table.append(&batch.rows);
            self.table.append_outages(&batch.outages);
            self.next += 1;
            if (self.enough)(&self.table) {
                self.done = true;
                self.waiting.clear();
                return;
            }
        }
    }

    /// Whether the rule is satisfied: batches that are still running are not needed then.
    pub(super) const fn done(&self) -> bool {
        self.done
    }

    /// Memory of the rows so far and of all that will be made of them, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        memory::bytes(self.table.len() as u64, self.table.columns().len(), self.table.outages().len() as u64)
    }

    /// The rows so far and whether the rule ended the run.
    pub(super) fn finish(self) -> (TrialTable, bool) {
        (self.table, self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, Collector};
    use crate::measure::{self, Columns, Subjects, Whole};
    use crate::table::TrialTable;

    fn table() -> TrialTable {
        TrialTable::new(Columns::new(Subjects::default()), 0)
    }

    fn batch(faults: f64) -> Batch {
        Batch { rows: vec![faults; table().columns().len()], outages: Vec::new() }
    }

    fn faults(table: &TrialTable) -> Vec<f64> {
        table.of(measure::FAULTS, Whole).collect()
    }

    #[test]
    fn batches_are_appended_in_trial_order_and_a_gap_is_never_bridged() {
        let mut never = |_: &TrialTable| false;
        let mut collector = Collector::new(table(), &mut never);
        collector.deposit(2, batch(20.0));
        collector.deposit(1, batch(10.0));
        collector.deposit(0, batch(0.0));
        collector.deposit(4, batch(40.0));
        let (table, done) = collector.finish();
        assert_eq!(faults(&table), [0.0, 10.0, 20.0]);
        assert!(!done);
    }

    #[test]
    fn what_lies_beyond_the_rules_end_is_dropped() {
        let mut two = |table: &TrialTable| table.len() == 2;
        let mut collector = Collector::new(table(), &mut two);
        for index in [3, 2, 1, 0] {
            collector.deposit(index, batch(index as f64));
        }
        assert!(collector.done());
        let (table, done) = collector.finish();
        assert_eq!(faults(&table), [0.0, 1.0]);
        assert!(done);
    }
}
