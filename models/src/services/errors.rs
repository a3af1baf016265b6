//! Errors that callers keep after a need works again.

/// Steps in which the share of callers grows that feel a failing need, or falls that keep an error.
pub const STEPS: u32 = 20;

const AGES: usize = STEPS as usize;

/// The shares of callers that met an error, by the number of steps that have gone by since they did.
///
/// Each goes on failing for a uniform part of the whole time: a twentieth of them is free again with each step. Who meets an error is
/// independent of who still keeps an earlier one. Steps are common to all that is kept, so that a need that fails now and then has no
/// more of them than one that failed once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Errors {
    met: [f64; AGES],
}

impl Errors {
    /// Nobody keeps any.
    pub(super) const NONE: Self = Self { met: [0.0; AGES] };

    /// So large a share of the callers has met one.
    pub(super) fn meet(&mut self, share: f64) {
        self.met[0] = 1.0 - (1.0 - self.met[0]) * (1.0 - share);
    }

    /// A step is over.
    pub(super) fn step(&mut self) {
        self.met.copy_within(..AGES - 1, 1);
        self.met[0] = 0.0;
    }

    /// Whether anybody keeps one.
    pub(super) fn any(&self) -> bool {
        self.met.iter().any(|share| *share > 0.0)
    }

    /// The share of callers that keep none.
    pub(super) fn free(&self) -> f64 {
        let left = |age: usize| 1.0 - age as f64 / f64::from(STEPS);
        self.met.iter().enumerate().map(|(age, share)| 1.0 - share * left(age)).product()
    }
}
