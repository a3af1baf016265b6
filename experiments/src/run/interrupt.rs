//! The request to end a run early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit;

/// A flag that is looked at between batches. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A flag that nobody has raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to end: no batch of trials is begun after this.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Raises the flag at the first Ctrl-C, or when a scheduler or a closing terminal asks for the end (SIGTERM, SIGHUP),
    /// tells it by `tell`, and ends the process at the second.
    ///
    /// # Errors
    /// When the process already has a handler or the system refuses one.
    pub fn on_ctrl_c(&self, tell: impl Fn() + Send + 'static) -> Result<(), ctrlc::Error> {
        let stop = self.clone();
        ctrlc::set_handler(move || {
            if stop.0.swap(true, Ordering::Relaxed) {
                std::process::exit(exit::ABORTED.into());
            }
            tell();
        })
    }
}
