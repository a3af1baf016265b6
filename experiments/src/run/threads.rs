//! Threads that run trials.

use std::num::NonZeroUsize;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The stack of a thread, in bytes: what the standard library gives to one.
const STACK: usize = 2 << 20;

/// A pool of this many threads.
///
/// Addresses for all stacks are asked for first, and given back. A thread that starts and then finds no memory for its
/// own data ends the whole process, and a refusal that comes before the first one starts does not.
///
/// # Errors
/// When there is no room for that many, or the system starts no more.
pub(crate) fn pool(threads: NonZeroUsize) -> Result<ThreadPool, String> {
    let mut room: Vec<u8> = Vec::new();
    let stacks = STACK.saturating_mul(threads.get());
    room.try_reserve_exact(stacks).map_err(|_| format!("no memory for {threads} stacks of 2 MiB"))?;
    drop(room);
    ThreadPoolBuilder::new().num_threads(threads.get()).stack_size(STACK).build().map_err(|error| error.to_string())
}
