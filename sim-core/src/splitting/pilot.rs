//! The pilot: a first way to the limit, from which the levels are taken. Its luck is used nowhere else.

use super::moves::Moves;
use super::{Luck, Plan, Played, State};
use crate::random::{Mix, Stream, StreamId};

/// How a pilot goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pilot {
    /// Trials at each level.
    pub trials: usize,
    /// Share of the trials beyond one level that should be beyond the next.
    pub share: f64,
    /// Moves of a step.
    pub moves: u32,
    /// Levels at most; from the last one the plan goes straight to the limit.
    pub levels: usize,
}

impl Default for Pilot {
    fn default() -> Self {
        Self { trials: 400, share: 0.2, moves: 10, levels: 40 }
    }
}

/// The most steps that follow a trial: where the pilot saw nothing of the next level, nobody knows how many it takes.
const MOST: f64 = 100.0;

/// Trials of each level whose groups are tried out one by one.
const TRIED: usize = 6;

/// What a pilot found.
#[derive(Clone, Debug, PartialEq)]
pub struct Piloted {
    /// The way.
    pub plan: Plan,
    /// Trials that were played.
    pub played: u64,
    /// Whether a trial of the pilot exceeded the limit.
    pub arrived: bool,
    /// The largest response that it met.
    pub largest: f64,
}

impl Pilot {
    /// Looks for a way to the limit.
    ///
    /// # Errors
    ///
    /// Those of `play`, which plays a trial.
    pub fn fly<T: Clone, E>(
        &self,
        seed: u64,
        limit: f64,
        mut play: impl FnMut(&Mix) -> Result<Played<T>, E>,
    ) -> Result<Piloted, E> {
        let mut choice = Stream::new(StreamId::new(seed, "splitting", "pilot"));
        choice.begin(0_u64);
        let mut luck = Luck::of_pilot();
        let (mut played, mut largest) = (0, f64::NEG_INFINITY);
        let mut play = |mix: &Mix| {
            played += 1;
            let played = play(mix)?;
            largest = largest.max(played.response);
            Ok(played)
        };
        let mut states = Vec::with_capacity(self.trials);
        for _ in 0..self.trials {
            let mix = Mix::of(luck.fresh());
            let played = play(&mix)?;
            states.push(State { mix, played });
        }
        let mut matters = [false; Mix::GROUPS];
        let (mut levels, mut shares): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let arrived = loop {
            let responses: Vec<f64> = states.iter().map(|state| state.played.response).collect();
            let (level, share) = next_level(&responses, self.share);
            let beyond = |level: f64| responses.iter().filter(|&&response| response > level).count();
            let stuck = levels.last().is_some_and(|&last| level <= last) || share == 0.0;
            if level >= limit || stuck || levels.len() + 1 >= self.levels {
                let there = beyond(limit);
                levels.push(limit);
                shares.push(there as f64 / responses.len() as f64);
                break there > 0;
            }
            levels.push(level);
            shares.push(share);
            states.retain(|state| state.played.response > level);
            try_out(&states, &mut matters, &mut luck, &mut play)?;
            let matter = known(&matters);
            let moves = Moves { count: self.moves, matter: &matter };
            // As many as before, each a step away from one of those that are left.
            let parents = states.len();
            let mut next = Vec::with_capacity(self.trials);
            for index in 0..self.trials {
                let parent = &mut states[index % parents];
                moves.step(parent, level, &mut luck, &mut choice, &mut play)?;
                next.push(parent.clone());
            }
            states = next;
        };
        let factors = shares.iter().skip(1).map(|share| (1.0 / share).clamp(1.0, MOST).round() as u32).collect();
        let plan = Plan { levels, factors, moves: self.moves, matter: known(&matters) };
        Ok(Piloted { plan, played, arrived, largest })
    }
}

/// The groups that matter; where none is known to, all may.
fn known(matters: &[bool; Mix::GROUPS]) -> Vec<usize> {
    let none = !matters.contains(&true);
    (0..Mix::GROUPS).filter(|&group| none || matters[group]).collect()
}

/// The level that at most this share of the responses exceed, and the share that does. Where many responses are the same, fewer
/// than that may exceed it; if none does, it is the next response below that some exceed.
fn next_level(responses: &[f64], share: f64) -> (f64, f64) {
    let mut sorted = responses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let above = (share * sorted.len() as f64) as usize;
    let mut level = sorted[sorted.len() - 1 - above.min(sorted.len() - 1)];
    let largest = sorted[sorted.len() - 1];
    if level == largest {
        level = sorted.iter().rev().copied().find(|&response| response < largest).unwrap_or(largest);
    }
    let beyond = sorted.iter().filter(|&&response| response > level).count();
    (level, beyond as f64 / sorted.len() as f64)
}

/// Draws each group by itself anew in a few trials, and notes those that move the response.
fn try_out<T, E>(
    states: &[State<T>],
    matters: &mut [bool; Mix::GROUPS],
    luck: &mut Luck,
    play: &mut impl FnMut(&Mix) -> Result<Played<T>, E>,
) -> Result<(), E> {
    for state in states.iter().step_by(states.len().div_ceil(TRIED).max(1)) {
        for (group, matters) in matters.iter_mut().enumerate().filter(|(_, matters)| !**matters) {
            let mut mix = state.mix.clone();
            mix.set(group, luck.fresh());
            *matters = play(&mix)?.response != state.played.response;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_has_something_beyond_it_unless_all_are_the_same() {
        let responses: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(next_level(&responses, 0.2), (79.0, 0.2));
        // Nine in ten are nothing.
        let mostly: Vec<f64> = (0..100).map(|index| if index < 90 { 0.0 } else { f64::from(index) }).collect();
        assert_eq!(next_level(&mostly, 0.2), (0.0, 0.1));
        // The largest is had so often that nothing lies beyond the usual place.
        let top: Vec<f64> = (0..100).map(|index| if index < 60 { f64::from(index) } else { f64::INFINITY }).collect();
        assert_eq!(next_level(&top, 0.2), (59.0, 0.4));
        assert_eq!(next_level(&[3.0; 10], 0.2), (3.0, 0.0));
    }
}
