//! The tree of one start.

use super::moves::Moves;
use super::{Luck, Plan, Played, State};
use crate::random::{Mix, Stream, StreamId};

/// What grew from a start.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree<T> {
    /// How many trials exceeded each level, the last being the limit.
    pub reached: Vec<u64>,
    /// Trials that were played.
    pub played: u64,
    /// What was seen of those beyond the limit.
    pub beyond: Vec<T>,
}

impl<T> Tree<T> {
    /// The start's weight: what the chance is the mean of.
    pub fn weight(&self, plan: &Plan) -> f64 {
        self.beyond.len() as f64 * plan.weight()
    }
}

/// Grows the tree of a start, which is the plain trial of this number. The same seed, plan and number give the same tree.
///
/// # Errors
///
/// Those of `play`, which plays a trial.
pub fn tree<T: Clone, E>(
    seed: u64,
    plan: &Plan,
    start: u64,
    mut play: impl FnMut(&Mix) -> Result<Played<T>, E>,
) -> Result<Tree<T>, E> {
    let mut choice = Stream::new(StreamId::new(seed, "splitting", "moves"));
    choice.begin(start);
    let mut luck = Luck::of_start(start);
    let mut played = 0;
    let mut play = |mix: &Mix| {
        played += 1;
        play(mix)
    };
    let moves = Moves { count: plan.moves, matter: &plan.matter };
    let mut reached = vec![0; plan.levels.len()];
    let mix = Mix::of(start);
    let first = play(&mix)?;
    let mut states = vec![State { mix, played: first }];
    // States keep what exceeds the level; there is none below the first.
    for (index, &level) in plan.levels.iter().enumerate() {
        let mut beyond: Vec<State<T>> = Vec::new();
        match index.checked_sub(1) {
            None => beyond.extend(states.drain(..).filter(|state| state.played.response > level)),
            Some(below) => {
                for mut state in states.drain(..) {
                    for _ in 0..plan.factors[below] {
                        moves.step(&mut state, plan.levels[below], &mut luck, &mut choice, &mut play)?;
                        if state.played.response > level {
                            beyond.push(state.clone());
                        }
                    }
                }
            }
        }
        reached[index] = beyond.len() as u64;
        states = beyond;
    }
    let beyond = states.into_iter().map(|state| state.played.seen).collect();
    Ok(Tree { reached, played, beyond })
}
