//! Rows and outages on disk, for runs that outgrow memory.
//!
//! Rows lie there in blocks, and in a block column after column: an analysis reads one column of all trials at a time. The
//! files have no name, so that nothing is left of them, however the process ends.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use measure::outage::Outage;

/// Rows of a block. Each column of it is 32 kB, which a disk reads at its pace.
pub const BLOCK: usize = 1 << 12;

/// Outages that are written and read at once.
pub(super) const OUTAGES: usize = 1 << 12;

/// The first rows and outages of a table, in files.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    width: usize,
    blocks: usize,
    outages: usize,
    rows_file: Mutex<File>,
    outages_file: Mutex<File>,
    /// The first failure. What cannot be read is not a number; whoever reports asks for this first.
    failure: OnceLock<String>,
}

impl Disk {
    /// Empty files in this folder for rows of so many figures.
    ///
    /// # Errors
    /// When the folder takes no files.
    pub(super) fn new(folder: &Path, width: usize) -> Result<Self, String> {
        let file = || tempfile::tempfile_in(folder).map(Mutex::new).map_err(|error| unkept(folder, &error));
        Ok(Self {
            folder: folder.to_owned(),
            width,
            blocks: 0,
            outages: 0,
            rows_file: file()?,
            outages_file: file()?,
            failure: OnceLock::new(),
        })
    }

    pub(super) const fn rows_len(&self) -> usize {
        self.blocks * BLOCK
    }

    pub(super) const fn outages_len(&self) -> usize {
        self.outages
    }

    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Adds a block of rows, one row after the other.
    pub(super) fn add_block(&mut self, rows: &[f64]) {
        let mut bytes = Vec::with_capacity(size_of_val(rows));
        for column in 0..self.width {
            bytes.extend(rows.iter().skip(column).step_by(self.width).flat_map(|figure| figure.to_le_bytes()));
        }
        let at = self.blocks * BLOCK * self.width;
        self.put(&self.rows_file, at * size_of::<f64>(), &bytes);
        self.blocks += 1;
    }

    /// Adds outages.
    pub(super) fn add_outages(&mut self, outages: &[Outage]) {
        let mut bytes = Vec::with_capacity(outages.len() * Outage::BYTES);
        outages.iter().for_each(|outage| outage.write(&mut bytes));
        self.put(&self.outages_file, self.outages * Outage::BYTES, &bytes);
        self.outages += outages.len();
    }

    /// A column of a block.
    pub(super) fn chunk(&self, block: usize, column: usize, into: &mut Vec<f64>) {
        let at = (block * self.width + column) * BLOCK;
        let mut bytes = vec![0; BLOCK * size_of::<f64>()];
        if self.get(&self.rows_file, at * size_of::<f64>(), &mut bytes) {
            let figure = |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, f64::from_le_bytes);
            into.clear();
            into.extend(bytes.chunks_exact(size_of::<f64>()).map(figure));
        } else {
            into.clear();
            into.resize(BLOCK, f64::NAN);
        }
    }

    /// All rows, in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Vec<f64>> + '_ {
        (0..self.blocks).flat_map(|block| {
            let mut columns = vec![Vec::new(); self.width];
            for (column, chunk) in columns.iter_mut().enumerate() {
                self.chunk(block, column, chunk);
            }
            (0..BLOCK).map(move |row| columns.iter().map(|chunk| chunk[row]).collect())
        })
    }

    /// All outages, in their order.
    pub(super) fn outages(&self) -> impl Iterator<Item = Outage> + '_ {
        (0..self.outages).step_by(OUTAGES).flat_map(|first| {
            let mut bytes = vec![0; (self.outages - first).min(OUTAGES) * Outage::BYTES];
            let read = self.get(&self.outages_file, first * Outage::BYTES, &mut bytes);
            let outages: Vec<Outage> = bytes.chunks_exact(Outage::BYTES).filter_map(Outage::read).collect();
            if read { outages } else { Vec::new() }
        })
    }

    fn put(&self, file: &Mutex<File>, at: usize, bytes: &[u8]) {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.seek(SeekFrom::Start(at as u64)).and_then(|_| file.write_all(bytes));
        self.note(&written);
    }

    fn get(&self, file: &Mutex<File>, at: usize, bytes: &mut [u8]) -> bool {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(at as u64)).and_then(|_| file.read_exact(bytes));
        self.note(&read)
    }

    fn note(&self, done: &io::Result<()>) -> bool {
        if let Err(error) = done {
            self.failure.get_or_init(|| unkept(&self.folder, error));
        }
        done.is_ok()
    }
}

fn unkept(folder: &Path, error: &io::Error) -> String {
    format!("failed to keep trials on disk in `{}`: {error}", folder.display())
}
