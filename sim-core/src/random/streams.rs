//! Streams: the random numbers of one purpose of one component in one trial.

use super::Trial;
use super::block::block;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Names a stream: a digest of seed, path name and purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub(super) [u8; 32]);

impl StreamId {
    /// The stream of the component at `path` (such as `dns/us-east-1/checker-7`) for one `purpose`.
    ///
    /// Any difference in any part gives an unrelated stream: the parts are hashed with their lengths, so that a letter
    /// cannot wander from one part to the next unnoticed.
    pub fn new(seed: u64, path: &str, purpose: &str) -> Self {
        let mut digest = blake3::Hasher::new();
        digest.update(&seed.to_le_bytes());
        for part in [path, purpose] {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        Self(*digest.finalize().as_bytes())
    }
}

/// A sequence of uniform numbers for each trial.
///
/// The generator is `ChaCha8` with the id as its key and the trial as its 64-bit stream number. Its numbers are made when
/// the first one is asked for: a stream that a trial does not use costs it nothing.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 8],
    trial: u64,
    /// What is added to every number, round and round.
    shift: u64,
    /// How many numbers of the first block are taken; one more than all once `rest` has taken over.
    taken: usize,
    first: [u64; BLOCK],
    /// Everything after the first block.
    rest: ChaCha8Rng,
}

/// Numbers in a block.
const BLOCK: usize = 8;

impl Stream {
    /// Numbers of a trial that are had together, by [`Stream::block`].
    pub const BLOCK: u64 = BLOCK as u64;

    /// The stream `id`, at the start of trial 0.
    pub fn new(id: StreamId) -> Self {
        let mut words = id.0.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let key = std::array::from_fn(|_| words.next().expect("32 bytes are eight words"));
        Self { key, trial: 0, shift: 0, taken: 0, first: [0; BLOCK], rest: ChaCha8Rng::from_seed(id.0) }
    }

    /// Goes to the start of `trial`.
    #[inline]
    pub fn begin<'a>(&mut self, trial: impl Into<Trial<'a>>) {
        let luck = trial.into().of_key(&self.key);
        (self.trial, self.shift) = (luck.number, luck.shift);
        self.taken = 0;
    }

    #[inline]
    fn next_u64(&mut self) -> u64 {
        self.next_unshifted().wrapping_add(self.shift)
    }

    #[inline]
    fn next_unshifted(&mut self) -> u64 {
        if self.taken == 0 {
            self.first = block(&self.key, self.trial, 0);
        }
        if let Some(&number) = self.first.get(self.taken) {
            self.taken += 1;
            return number;
        }
        if self.taken == BLOCK {
            // In this order neither call generates anything: both only note where the next number has to come from.
            self.rest.set_word_pos(2 * BLOCK as u128);
            self.rest.set_stream(self.trial);
            self.taken += 1;
        }
        self.rest.next_u64()
    }

    /// The n-th number of the trial, counted from 0, without regard to those before it and without taking any.
    pub fn uniform_at(&self, n: u64) -> f64 {
        self.block(n / Self::BLOCK)[(n % Self::BLOCK) as usize]
    }

    /// The numbers of the trial from `BLOCK x number` on, without taking any: all of them cost little more than one.
    pub fn block(&self, number: u64) -> [f64; BLOCK] {
        block(&self.key, self.trial, number).map(|word| to_uniform(word.wrapping_add(self.shift)))
    }

    /// The next number, uniform over (0, 1), both ends excluded. Takes 64 bits from the generator.
    ///
    /// Values are the midpoints `(k + 1/2) / 2^52`, which fill the 53 bits of an `f64` exactly: neither 0 nor 1 can come
    /// up by rounding, and `1 - u` is exact and just as likely as `u`.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        to_uniform(self.next_u64())
    }
}

#[inline]
fn to_uniform(word: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 52) as f64;
    ((word >> 12) as f64 + 0.5) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(id: StreamId, trial: u64) -> Vec<f64> {
        let mut stream = Stream::new(id);
        stream.begin(trial);
        (0..100).map(|_| stream.uniform()).collect()
    }

    #[test]
    fn numbers_are_those_of_the_library_under_the_same_key() {
        let id = StreamId::new(5, "x", "y");
        let mut library = ChaCha8Rng::from_seed(id.0);
        library.set_stream(9);
        let mut stream = Stream::new(id);
        stream.begin(9);
        assert!((0..1_000).all(|_| stream.next_u64() == library.next_u64()));
    }

    #[test]
    fn begin_rewinds_wherever_the_stream_stands() {
        let id = StreamId::new(1, "a", "b");
        let expected = draws(id, 3);
        let mut stream = Stream::new(id);
        for taken in [0, 1, 7, 8, 9, 39, 40, 41, 100] {
            stream.begin(taken);
            for _ in 0..taken {
                stream.uniform();
            }
            stream.begin(3);
            let again: Vec<f64> = (0..100).map(|_| stream.uniform()).collect();
            assert_eq!(again, expected, "after {taken} draws");
        }
    }

    #[test]
    fn numbers_can_be_had_by_their_position() {
        let id = StreamId::new(1, "a", "b");
        let expected = draws(id, 7);
        let mut stream = Stream::new(id);
        stream.begin(7);
        assert_eq!(stream.uniform_at(93), expected[93]);
        assert_eq!(stream.uniform_at(3), expected[3]);
        assert_eq!(stream.block(4), expected[32..40]);
        assert_eq!(stream.uniform(), expected[0], "nothing was taken");
    }

    #[test]
    fn a_difference_in_any_part_gives_another_stream() {
        let base = draws(StreamId::new(1, "dns/a", "phase"), 0);
        for (seed, path, purpose, trial) in [
            (2, "dns/a", "phase", 0),
            (1, "dns/b", "phase", 0),
            (1, "dns/a", "delay", 0),
            (1, "dns/ap", "hase", 0),
            (1, "dns/a", "phase", 1),
            (1, "", "dns/aphase", 0),
        ] {
            let other = draws(StreamId::new(seed, path, purpose), trial);
            assert!(base.iter().zip(&other).all(|(a, b)| a != b), "{seed} {path} {purpose} {trial}");
        }
    }

    #[test]
    fn numbers_keep_away_from_both_ends() {
        // The smallest and the largest integer that the generator can give.
        for (k, expected) in [(0_u64, 0.5_f64.powi(53)), ((1 << 52) - 1, 1.0 - 0.5_f64.powi(53))] {
            assert_eq!((k as f64 + 0.5) / 2.0_f64.powi(52), expected);
        }
    }
}
