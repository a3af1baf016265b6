//! The best design among many: that which meets its targets for sure and has the least of what shall be small.
//!
//! ```text
//! SolveSpec -> Choice (file, settings) -> race (looks at more and more trials, hopeless ones drop out) -> Solution
//! ```
//!
//! All designs run the same trials. A verdict on a chance is sure at the confidence that the file asks for, over all looks
//! together: each look has its part of the doubt.

mod document;
mod race;
mod solution;
mod targets;

pub use document::{SolutionDocument, SolvedDocument};
pub use race::{Ask, solve};
pub use solution::{LeftOut, Solution, Solved, Standing};
