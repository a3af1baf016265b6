//! Items under way at an instant: they arrive at random, and each takes its own time.
//!
//! Such items are an M/G/infinity system. In equilibrium their number is Poisson with mean (rate x mean time) and their
//! ages follow the stationary excess of the time (Takács, Introduction to the Theory of Queues, 1962, chapter 3).
//!
//! Modelled:      the number and the oldest age at one instant, under the rate that held just before.
//! Not modelled:  the way back to equilibrium after a change of the rate (the cut is taken to be in equilibrium).

use sim_core::random::{Distribution, Stream, StreamId, Trial, poisson_quantile};
use sim_settings::form::Delay;
use sim_settings::{Key, Section};

/// Reads how long an item is under way: its mean has to exist.
pub fn read_time(section: &mut Section<'_>, key: &Key<Delay>) -> Distribution {
    let time = section.get(key);
    if !time.mean().is_finite() {
        let hint = "the number of items in flight is the write rate times the mean delay";
        section.reject(key.name, "an infinite mean", "a finite mean", Some(hint.to_owned()));
    }
    time
}

/// Items that are each under way for a time with this distribution.
#[derive(Debug, Clone)]
pub struct InFlight {
    time: Distribution,
    mean: f64,
}

/// The random numbers of one place where items are under way.
#[derive(Debug)]
pub struct Draws {
    number: Stream,
    oldest: Stream,
}

impl Draws {
    /// Streams named after `path`.
    pub fn new(seed: u64, path: &str, number: &str, oldest: &str) -> Self {
        let stream = |purpose| Stream::new(StreamId::new(seed, path, purpose));
        Self { number: stream(number), oldest: stream(oldest) }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: Trial<'_>) {
        self.number.begin(trial);
        self.oldest.begin(trial);
    }
}

impl InFlight {
    /// Items that take this long, in seconds.
    pub fn new(time: Distribution) -> Self {
        Self { mean: time.mean(), time }
    }

    /// Mean time under way, in seconds.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// How many are under way when so many set out per second, and the age of the oldest in seconds (0 without any).
    pub fn draw(&self, rate: f64, draws: &mut Draws) -> (u64, f64) {
        let count = poisson_quantile(rate * self.mean, draws.number.uniform());
        if count == 0 {
            return (0, 0.0);
        }
        // The oldest of n independent ages is their quantile at U^(1/n), which rounds to 1 for very large n.
        let largest = libm::pow(draws.oldest.uniform(), 1.0 / count as f64).min(1.0_f64.next_down());
        (count, self.time.excess_quantile(largest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_a_huge_number_of_items_has_an_age() {
        // U^(1/n) is 1 - 1e-17 here, which a double cannot tell from 1; the ages themselves have no end.
        let items = InFlight::new(Distribution::exponential(4.0).expect("a mean"));
        let mut draws = Draws::new(1, "here", "number", "oldest");
        for trial in 0..100 {
            draws.begin(trial.into());
            let (count, age) = items.draw(1e17, &mut draws);
            // Largest of n exponential ages of mean 4 s: 4 ln(2^53) at most, as far as doubles go.
            assert!(count > 100_000_000_000_000_000 && age > 100.0 && age < 4.0 * 37.0, "{age} of {count}");
        }
    }

    #[test]
    fn number_and_oldest_age_are_those_of_the_queue_in_equilibrium() {
        // Constant time T = 4 s at 0.5 per second: Poisson(m = 2). Ages are uniform over (0, T), so the oldest of n has the
        // mean T n / (n + 1), and E[n / (n + 1)] = 1 - E[1 / (n + 1)] = 1 - (1 - exp(-m)) / m.
        let items = InFlight::new(Distribution::constant(4.0).expect("a constant"));
        let mut draws = Draws::new(1, "here", "number", "oldest");
        let trials = 20_000;
        let (mut sum, mut none, mut ages) = (0.0, 0.0, 0.0);
        for trial in 0..trials {
            draws.begin(trial.into());
            let (count, age) = items.draw(0.5, &mut draws);
            assert!(age < 4.0);
            sum += count as f64;
            none += if count == 0 { 1.0 } else { 0.0 };
            ages += age;
        }
        let share = |sum: f64| sum / trials as f64;
        let empty = libm::exp(-2.0);
        // Five standard errors of each mean: sd of the count is sqrt 2, of the share 0.342, of the age below 2.
        assert!((share(sum) - 2.0).abs() < 5.0 * 0.01, "{}", share(sum));
        assert!((share(none) - empty).abs() < 5.0 * 0.342 / 141.4, "{}", share(none));
        let mean_age = 4.0 * (1.0 - (1.0 - empty) / 2.0);
        assert!((share(ages) - mean_age).abs() < 5.0 * 2.0 / 141.4, "{} against {mean_age}", share(ages));
    }
}
