//! Shards: one run on many machines, and what a process that was killed goes on from.
//!
//! ```text
//! --shard i/n  -> Split (which trials, which points of a sweep)        --shard auto: what the scheduler of a cluster says
//! trials       -> Log (rows to the bit, in frames with a digest)       part.json and trials.bin: a part
//!                                                                      checkpoint.bin: what a run goes on from
//! parts        -> Parts (nothing missing, nothing twice, one run)   -> TrialTable -> the same analysis and reports as of a run
//! ```
//!
//! A shard runs trials of the whole run under their own numbers, so a merged table has the same bits as that of one
//! process. A part has the same bytes whenever it is made, also if its process was killed on the way.

mod checkpoint;
mod frame;
mod log;
mod merge;
mod part;
mod scheduler;
mod split;

pub use checkpoint::Checkpoint;
pub use log::Log;
pub(crate) use merge::twice;
pub use merge::{Origin, Parts};
pub use part::{Part, PartKind, RunPart, kind, open, read};
pub use scheduler::{Asked, Environment};
pub use split::Split;
