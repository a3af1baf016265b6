//! The values of one column, trial by trial.

use std::iter::{Copied, Skip, StepBy};
use std::slice::Iter;

use super::disk::{BLOCK, Disk};

/// The values of one column, in trial order: first those on disk, then those in memory.
#[derive(Debug, Clone)]
pub struct Figures<'a> {
    stored: Option<Stored<'a>>,
    rest: Copied<StepBy<Skip<Iter<'a, f64>>>>,
}

/// The values on disk. One chunk of them is in memory.
#[derive(Debug, Clone)]
struct Stored<'a> {
    disk: &'a Disk,
    column: usize,
    next: usize,
    loaded: Option<usize>,
    chunk: Vec<f64>,
}

impl<'a> Figures<'a> {
    /// The column at this place of rows on disk and of `values`, which has the rows after them, one after the other.
    pub(super) fn new(disk: Option<&'a Disk>, values: &'a [f64], width: usize, column: usize) -> Self {
        let stored = disk.map(|disk| Stored { disk, column, next: 0, loaded: None, chunk: Vec::new() });
        Self { stored, rest: values.iter().skip(column).step_by(width).copied() }
    }
}

impl Stored<'_> {
    fn left(&self) -> usize {
        self.disk.rows_len() - self.next
    }

    fn take(&mut self) -> f64 {
        let (block, row) = (self.next / BLOCK, self.next % BLOCK);
        if self.loaded != Some(block) {
            self.disk.chunk(block, self.column, &mut self.chunk);
            self.loaded = Some(block);
        }
        self.next += 1;
        self.chunk[row]
    }
}

impl Iterator for Figures<'_> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        if let Some(stored) = &mut self.stored
            && stored.left() > 0
        {
            return Some(stored.take());
        }
        self.rest.next()
    }

    fn nth(&mut self, mut n: usize) -> Option<f64> {
        if let Some(stored) = &mut self.stored {
            let skipped = n.min(stored.left());
            stored.next += skipped;
            n -= skipped;
            if stored.left() > 0 {
                return Some(stored.take());
            }
        }
        self.rest.nth(n)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let stored = self.stored.as_ref().map_or(0, Stored::left);
        let (least, most) = self.rest.size_hint();
        (least + stored, most.map(|most| most + stored))
    }
}
