//! Chances of rare events, by generalised splitting.
//!
//! A trial has a *response*, such as a recovery time, and the event is that it exceeds a limit. Plain trials of which one in a hundred
//! thousand exceeds it need millions to say so. Splitting goes there by levels: of the trials that exceed the first level, more are
//! made by changing a part of their luck, those that exceed the next one are kept, and so on up to the limit.
//!
//! ```text
//! Pilot (luck of its own) -> Plan (levels, factors, groups that matter) -> tree of each start -> weights, one a start
//! ```
//!
//! A *start* is a plain trial. Its *tree* is what grows from it: every trial that exceeded a level is followed by a chain of as many
//! steps as the level's factor, and those steps that exceed the next level are followed in turn. The start's *weight* is the number of
//! trials in its tree beyond the limit, over the product of all factors. Its mean is the chance of the event, without bias, for any levels
//! and factors that were fixed before, and for any number of moves in a step: a step leaves the law of a trial beyond its level as it
//! is, because it draws some of its independent parts anew, or shifts them round and round, and stays where it was if the result is not
//! beyond the level.
//! Z. I. Botev and D. P. Kroese, Statistics and Computing 22 (2012), 1-16; Z. I. Botev and P. L'Ecuyer, Proceedings of the 2012
//! Winter Simulation Conference.
//!
//! Weights of different starts are independent and alike.

mod luck;
mod moves;
mod pilot;
mod tree;

pub use luck::Luck;
pub use pilot::{Pilot, Piloted};
pub use tree::{Tree, tree};

use crate::random::Mix;

/// What a trial gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Played<T> {
    /// Its response. Infinity is beyond every limit.
    pub response: f64,
    /// What else is worth keeping of it.
    pub seen: T,
}

/// A trial in a tree.
#[derive(Clone, Debug)]
struct State<T> {
    mix: Mix,
    played: Played<T>,
}

/// How to go from plain trials to the limit. It is fixed before any of the trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What has to be exceeded, one after the other, in ascending order. The last is the limit.
    pub levels: Vec<f64>,
    /// How many steps follow each trial that exceeded a level, of every level but the last; each at least 1.
    pub factors: Vec<u32>,
    /// How often a step tries to change a part of the luck.
    pub moves: u32,
    /// The groups of streams that move the response, as far as is known, in ascending order: their luck changes a few at a time,
    /// and that of all other groups is drawn anew every time.
    pub matter: Vec<usize>,
}

impl Plan {
    /// What one trial beyond the limit weighs.
    pub fn weight(&self) -> f64 {
        1.0 / self.factors.iter().map(|&factor| f64::from(factor)).product::<f64>()
    }
}
