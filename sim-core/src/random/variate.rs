//! A random quantity: a distribution and the stream that feeds it.

use super::{Distribution, Invalid, Stream, StreamId, Trial};
use crate::time::SimDuration;

/// A random quantity of one component. One purpose a variate, one draw an occurrence.
#[derive(Clone, Debug)]
pub struct Variate {
    distribution: Distribution,
    stream: Stream,
}

impl Variate {
    /// A quantity with this distribution, drawn from the stream `id`.
    pub fn new(distribution: Distribution, id: StreamId) -> Self {
        Self { distribution, stream: Stream::new(id) }
    }

    /// An exponential quantity with this mean.
    pub fn exponential(mean: f64, id: StreamId) -> Result<Self, Invalid> {
        Ok(Self::new(Distribution::exponential(mean)?, id))
    }

    /// The same quantity at the start of `trial`.
    #[must_use]
    pub fn at<'a>(&self, trial: impl Into<Trial<'a>>) -> Self {
        let mut other = self.clone();
        other.begin(trial);
        other
    }

    /// Goes to the start of `trial`.
    pub fn begin<'a>(&mut self, trial: impl Into<Trial<'a>>) {
        self.stream.begin(trial);
    }

    /// The next value. Takes one number from the stream; a constant takes none.
    pub fn draw(&mut self) -> f64 {
        match self.distribution.is_constant() {
            Some(value) => value,
            None => self.distribution.quantile(self.stream.uniform()),
        }
    }

    /// The next value, in seconds, rounded to the nanosecond.
    pub fn draw_duration(&mut self) -> SimDuration {
        SimDuration::from_secs_f64(self.draw())
    }

    /// The distribution of the values.
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }
}
