//! Threads that run trials.

use std::num::NonZeroUsize;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The stack of a thread, in bytes: what the standard library gives to one.
const STACK: usize = 2 << 20;

/// The addresses that glibc sets aside for what a thread allocates, in bytes.
const HEAP: usize = 64 << 20;

/// A pool of this many threads.
///
/// Addresses for all of them are asked for first, and given back. A thread that starts and then finds no memory for its
/// own data ends the whole process, and a refusal that comes before the first one starts does not.
///
/// # Errors
/// When there is no room for that many, or the system starts no more.
pub(crate) fn pool(threads: NonZeroUsize) -> Result<ThreadPool, String> {
    // One by one, since a system may refuse more at once than it has memory, and grant it in parts that nobody touches.
    let mut rooms: Vec<Vec<u8>> = Vec::new();
    for _ in 0..threads.get() {
        let mut room = Vec::new();
        room.try_reserve_exact(STACK + HEAP)
            .map_err(|_| format!("no addresses for {threads} stacks of 2 MiB and heaps of 64 MiB"))?;
        rooms.push(room);
    }
    drop(rooms);
    ThreadPoolBuilder::new().num_threads(threads.get()).stack_size(STACK).build().map_err(|error| error.to_string())
}
