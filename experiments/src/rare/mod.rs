//! Chances too small for plain trials: `mrsim rare`.
//!
//! ```text
//! Event (what exceeds which limit) -> pilot -> plan -> a tree for each start, on threads -> Rarity
//! ```
//!
//! The method is that of [`sim_core::splitting`]; here is what it is asked about, and what is said of the answer.

mod ask;
mod document;
mod event;
mod rarity;

pub use ask::{Ask, rare};
pub use document::{LevelDocument, RareDocument};
pub use event::{Event, Over};
pub use rarity::{Level, Rarity};
