//! What is not known: the same trials under many sets of the figures that are guesses or rest on few observations.
//!
//! ```text
//! Figure (key, provenance) -> Belief (band or posterior) -> Set (one draw of every belief)
//!                                                             |
//! Trials --with_figures(set)--> run_trials -> Observed (values of each objective) -> interval, shares, condition, forecast
//!                                                             |
//!                                                          Unknown (what results keep)
//! ```
//!
//! - `belief` says how each figure may differ from what the file has, and draws it.
//! - `sets` lays the draws out: a scrambled Sobol sequence over all beliefs. Sets depend on the seed, their number and the
//!   figures alone, and all of them run the same trials.
//! - `observed` takes from a run what an objective is about; `interval` puts chance and sets together.
//! - `shares` divides the variance between the sets among the figures; `forecast` says what measuring one would do, and
//!   `condition` what a verdict hangs on.
//! - [`study`] runs it all, and `judging` says what follows for each objective.

mod belief;
mod condition;
mod forecast;
mod interval;
mod judging;
mod least_squares;
mod observed;
mod sets;
mod shares;
mod study;
#[cfg(test)]
mod tests;

pub use study::{Request, cost, default_request, study};

/// The least number of sets: fewer say nothing of an interval.
pub const LEAST_SETS: u64 = 8;

/// The largest number of sets.
pub const MOST_SETS: u64 = 10_000;
