//! Files beyond the limit of their size (`ulimit -f`).
//!
//! The system ends a process that writes beyond it, without a word: nobody learns what happened, and what was printed so far
//! looks complete. With any handler the write fails instead, and is told as every other write that fails.

/// Lets writes beyond the limit fail. Where the system knows no such signal there is nothing to do.
pub fn fail_beyond_the_limit() {
    #[cfg(unix)]
    {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;
        // Nobody reads the flag: the error of the write says it, at its place. Without the handler all is as it was.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}
