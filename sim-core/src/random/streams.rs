//! Streams: the random numbers of one purpose of one component in one trial.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Names a stream: a digest of seed, path name and purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId([u8; 32]);

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
    generator: ChaCha8Rng,
}

impl Stream {
    /// The stream `id`, at the start of trial 0.
    pub fn new(id: StreamId) -> Self {
        Self { generator: ChaCha8Rng::from_seed(id.0) }
    }

    /// Goes to the start of `trial`.
    pub fn begin(&mut self, trial: u64) {
        // In this order neither call generates anything: both only note where the next draw has to start.
        self.generator.set_word_pos(0);
        self.generator.set_stream(trial);
    }

    /// The next number, uniform over (0, 1), both ends excluded. Takes 64 bits from the generator.
    ///
    /// Values are the midpoints `(k + 1/2) / 2^52`, which fill the 53 bits of an `f64` exactly: neither 0 nor 1 can come
    /// up by rounding, and `1 - u` is exact and just as likely as `u`.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 52) as f64;
        let k = self.generator.next_u64() >> 12;
        (k as f64 + 0.5) * STEP
    }
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
    fn begin_rewinds_wherever_the_stream_stands() {
        let id = StreamId::new(1, "a", "b");
        let expected = draws(id, 3);
        let mut stream = Stream::new(id);
        for taken in [0, 1, 31, 32, 33, 100] {
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
