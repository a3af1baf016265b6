//! The two streams of the program.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Write};

use crate::exit::{Exit, Failure};
use crate::finding::Finding;
use crate::report::terminal::WIDTH;

/// Data go to one stream, messages to the other.
pub(super) struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    closed: bool,
    width: usize,
    /// Whether somebody reads lists on lines of that width, and not a program line by line.
    folds: bool,
}

impl<'a> Console<'a> {
    pub(super) fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { out, err, closed: false, width: WIDTH, folds: false }
    }

    /// The same for a terminal of so many columns.
    #[must_use]
    pub(super) fn with_width(self, width: usize) -> Self {
        Self { width, ..self }
    }

    /// The same for somebody who reads lists on lines of that width.
    #[must_use]
    pub(super) fn folding(self, folds: bool) -> Self {
        Self { folds, ..self }
    }

    /// The width of lists with an entry a line, in columns.
    pub(super) const fn list_width(&self) -> usize {
        if self.folds { self.width } else { usize::MAX }
    }

    /// The width of reports, in columns.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Prints data.
    pub(super) fn print(&mut self, data: impl Display) -> Result<(), Failure> {
        self.data(|out| write!(out, "{data}"))
    }

    /// Lets `writer` write data. A reader that closes the pipe early is no failure, and the exit code still tells how
    /// the run ended.
    pub(super) fn data(&mut self, writer: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        let mut out = BufWriter::new(&mut *self.out);
        match writer(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(Failure::failed(format!("failed to write to standard output: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Whether the reader of the data has closed the pipe.
    pub(super) const fn closed(&self) -> bool {
        self.closed
    }

    /// Writes a message. If stderr is closed there is nobody to tell, so errors are ignored.
    pub(super) fn note(&mut self, text: impl Display) {
        let _ = write!(self.err, "{text}").and_then(|()| self.err.flush());
    }

    /// Writes the findings about an experiment, a line each.
    pub(super) fn warn(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.note(format_args!("warning: {finding}\n"));
        }
    }

    /// Writes why an invocation has no result.
    pub(super) fn fail(&mut self, failure: &Failure) -> Exit {
        self.note(format_args!("{failure}\n"));
        failure.exit
    }
}
