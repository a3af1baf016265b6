//! What to change: every lever of a deployment, tried alone, in pairs and in sets, over the same trials.
//!
//! ```text
//! levers -> Bench (opens and runs candidates) -> Ladder (successive halving) -> Turned (effects, ranked)
//!                                                                            -> sets (best pair, smallest set)
//!                                                                            -> Advice -> report::advise
//! ```
//!
//! All candidates meet the same incidents with the same luck, so an effect is known far better than either figure. The
//! search is deterministic: the same file and seed give the same bytes for any number of threads.

mod advice;
mod bench;
mod document;
mod effect;
mod ladder;
mod score;
mod sets;
mod target;
#[cfg(test)]
mod tests;

pub use advice::{Advice, Ask, Place, Turned, Untried, Unturned, Work, advise};
pub use document::{AdviceDocument, ChangeDocument, SetDocument, TurnedDocument};
pub use effect::{Effect, Outcome, Standing};
pub use ladder::Ladder;
pub use sets::{Smallest, TriedSet};
pub use target::{ObjectiveId, Target};
