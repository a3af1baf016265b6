//! A step: from a trial beyond a level to another one beyond it.

use super::{Luck, Played, State};
use crate::random::{Mix, Stream};

/// How steps draw luck anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moves<'a> {
    pub(super) count: u32,
    /// Groups whose numbers are drawn anew a few at a time.
    pub(super) matter: &'a [usize],
}

impl Moves<'_> {
    /// Makes a step. Each move changes the luck of a random part of the groups, and is taken back if the response does not exceed the
    /// level. The choice of what changes does not look at the trial, and every change is as likely as the one that undoes it. So trials
    /// beyond the level have the same law before the step and after it.
    ///
    /// # Errors
    ///
    /// Those of `play`.
    pub(super) fn step<T, E>(
        self,
        state: &mut State<T>,
        level: f64,
        luck: &mut Luck,
        choice: &mut Stream,
        play: &mut impl FnMut(&Mix) -> Result<Played<T>, E>,
    ) -> Result<(), E> {
        for _ in 0..self.count {
            let mut mix = state.mix.clone();
            self.redraw(&mut mix, luck, choice);
            let played = play(&mix)?;
            if played.response > level {
                *state = State { mix, played };
            }
        }
        Ok(())
    }

    /// Changes the luck of a random part of the groups. Most moves choose among those that matter and draw all others anew;
    /// a quarter choose among all, because a group that is not known to matter may be the one that counts in this trial.
    fn redraw(self, mix: &mut Mix, luck: &mut Luck, choice: &mut Stream) {
        if choice.uniform() < AMONG_ALL {
            change(mix, Mix::GROUPS, |index| index, luck, choice);
            return;
        }
        let mut matter = self.matter.iter().peekable();
        for group in 0..Mix::GROUPS {
            if matter.next_if(|&&next| next == group).is_none() {
                mix.set(group, luck.fresh());
            }
        }
        change(mix, self.matter.len(), |index| self.matter[index], luck, choice);
    }
}

/// Changes some of so many groups. How many differs from move to move, since nobody knows how many have to keep their luck: each is
/// changed with 1/2, 1/4, and so on down to about one of all, all equally likely; one at least is. A quarter of the changes are new
/// draws. The others are shifts: beyond a level where one number in a million is left, a new draw is hardly ever taken, and a shift
/// of a millionth often is.
fn change(mix: &mut Mix, count: usize, group: impl Fn(usize) -> usize, luck: &mut Luck, choice: &mut Stream) {
    let sizes = libm::ceil(libm::log2(count.max(2) as f64));
    let share = libm::exp2(-1.0 - libm::floor(choice.uniform() * sizes));
    let sure = (choice.uniform() * count as f64) as usize;
    for index in 0..count {
        if choice.uniform() < share || index == sure {
            if choice.uniform() < NEW {
                mix.set(group(index), luck.fresh());
            } else {
                mix.shift(group(index), shift(choice));
            }
        }
    }
}

/// Share of the moves that choose among all groups.
const AMONG_ALL: f64 = 0.25;

/// Share of the changes that are new draws.
const NEW: f64 = 0.25;

/// The smallest shifts are 2 to this power of the whole range: no level is so rare that smaller ones would serve.
const SMALLEST: f64 = -24.0;

/// A shift of a random size, forwards as likely as backwards: its logarithm is uniform.
fn shift(choice: &mut Stream) -> u64 {
    let size = libm::exp2(64.0 + SMALLEST * choice.uniform() - 1.0) as u64;
    if choice.uniform() < 0.5 { size } else { size.wrapping_neg() }
}
