//! Which numbers the streams of a trial give.

use super::StreamId;

/// A trial, as streams know it: where each of them begins.
///
/// Usually a trial is a number, the same one for every stream. A [`Mix`] gives different streams the numbers of different trials,
/// so that some of the luck of a trial can be drawn anew and the rest kept. The models cannot tell one from the other.
#[derive(Clone, Copy, Debug)]
pub enum Trial<'a> {
    /// Every stream begins the trial of this number.
    Numbered(u64),
    /// Every stream begins the trial of its group.
    Mixed(&'a Mix),
}

impl Trial<'_> {
    /// The number of the trial that the stream with this key begins, and what is added to its numbers.
    #[inline]
    pub(super) const fn of_key(self, key: &[u32; 8]) -> Luck {
        match self {
            Self::Numbered(number) => Luck { number, shift: 0 },
            Self::Mixed(mix) => mix.0[group(key)],
        }
    }
}

impl From<u64> for Trial<'static> {
    fn from(number: u64) -> Self {
        Self::Numbered(number)
    }
}

impl<'a> From<&'a Mix> for Trial<'a> {
    fn from(mix: &'a Mix) -> Self {
        Self::Mixed(mix)
    }
}

/// The luck of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Luck {
    pub(super) number: u64,
    pub(super) shift: u64,
}

/// A number of a trial for each group of streams, and a shift.
///
/// Streams fall into [`Mix::GROUPS`] groups by their keys, which are digests: whatever the components are called, groups are as
/// good as drawn by lot. Under numbers that were never used before, the streams of a group are independent of everything that was
/// drawn with other numbers, and of the other groups in any case.
///
/// A shift is added to every number that the streams of the group give, round and round: what runs from 0 to 1 goes on at 0. Numbers
/// that were independent and uniform are so after a shift that was chosen without a look at them. A small shift changes the luck a
/// little, where a new number of a trial changes it altogether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix([Luck; Self::GROUPS]);

impl Mix {
    /// Into how many groups streams fall.
    pub const GROUPS: usize = 64;

    /// The trial of this number: the same one for all.
    pub const fn of(number: u64) -> Self {
        Self([Luck { number, shift: 0 }; Self::GROUPS])
    }

    /// Gives the streams of a group the trial of this number.
    ///
    /// # Panics
    ///
    /// If there is no such group.
    pub const fn set(&mut self, group: usize, number: u64) {
        self.0[group] = Luck { number, shift: 0 };
    }

    /// Shifts the numbers of a group by a share of their whole range, in 2^-64; beyond half of it that is backwards.
    ///
    /// # Panics
    ///
    /// If there is no such group.
    pub const fn shift(&mut self, group: usize, by: u64) {
        let luck = &mut self.0[group];
        luck.shift = luck.shift.wrapping_add(by);
    }

    /// The group of a stream, below [`Mix::GROUPS`].
    pub const fn group(id: &StreamId) -> usize {
        id.0[0] as usize % Self::GROUPS
    }
}

/// As [`Mix::group`], of the words of the key: the first byte is the lowest of the first word.
const fn group(key: &[u32; 8]) -> usize {
    key[0] as usize % Mix::GROUPS
}

#[cfg(test)]
mod tests {
    use super::super::Stream;
    use super::*;

    fn first(id: StreamId, trial: Trial<'_>) -> f64 {
        let mut stream = Stream::new(id);
        stream.begin(trial);
        stream.uniform()
    }

    #[test]
    fn a_mix_of_one_number_is_the_trial_of_that_number() {
        let mix = Mix::of(7);
        for name in 0..500 {
            let id = StreamId::new(1, &name.to_string(), "x");
            assert_eq!(first(id, Trial::from(&mix)), first(id, Trial::from(7)));
        }
    }

    #[test]
    fn a_shift_moves_every_number_of_its_group_round_and_round() {
        let id = StreamId::new(1, "a", "x");
        let (mut plain, mut shifted) = (Stream::new(id), Stream::new(id));
        let mut mix = Mix::of(7);
        mix.shift(Mix::group(&id), 1 << 62);
        mix.shift(Mix::group(&id), 1 << 61);
        plain.begin(7);
        shifted.begin(&mix);
        for n in 0..100 {
            // The sum loses its last bit beyond 1.
            assert!((shifted.uniform_at(n) - (plain.uniform_at(n) + 0.375) % 1.0).abs() < 1e-15);
            assert!((shifted.uniform() - (plain.uniform() + 0.375) % 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn a_number_of_a_group_reaches_its_streams_and_no_other() {
        let mut mix = Mix::of(7);
        mix.set(5, 8);
        let mut met = 0;
        for name in 0..2_000 {
            let id = StreamId::new(1, &name.to_string(), "x");
            let own = Mix::group(&id) == 5;
            met += u32::from(own);
            let number = if own { 8 } else { 7 };
            assert_eq!(first(id, Trial::from(&mix)), first(id, Trial::from(number)), "{name}");
        }
        // Binomial of 2,000 with 1/64: 31 on the average, and outside of 10 to 60 less than once in 100,000.
        assert!((10..=60).contains(&met), "{met} of 2,000 streams in one group of 64");
    }
}
