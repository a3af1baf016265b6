//! How warm the copies of a cache are, step by step.

use sim_core::time::SimDuration;

/// Steps of a time constant.
pub(super) const STEPS_PER_CONSTANT: u32 = 32;
/// Steps until a copy counts as warm.
pub(super) const STEPS: u32 = 8 * STEPS_PER_CONSTANT;

/// Mean of 1 - exp(-t / tau) over a step.
pub(super) fn warmth(step: u32) -> f64 {
    if step >= STEPS {
        return 1.0;
    }
    let width = 1.0 / f64::from(STEPS_PER_CONSTANT);
    1.0 - libm::exp(-f64::from(step) * width) * -libm::expm1(-width) / width
}

/// How long a step takes.
pub(super) fn step(time_constant: SimDuration) -> SimDuration {
    SimDuration::from_secs_f64(time_constant.as_secs_f64() / f64::from(STEPS_PER_CONSTANT))
}

/// Copies that are warm or warm up. Warmings of a copy are numbered: a later one overrides those before.
#[derive(Debug)]
pub(super) struct Warming {
    /// Steps that each copy has warmed.
    steps: Vec<u32>,
    numbers: Vec<u32>,
}

impl Warming {
    pub(super) fn new(copies: usize) -> Self {
        Self { steps: vec![STEPS; copies], numbers: vec![0; copies] }
    }

    /// Starts a trial in which all are warm.
    pub(super) fn begin(&mut self) {
        self.steps.fill(STEPS);
        self.numbers.fill(0);
    }

    /// A copy starts cold.
    pub(super) fn cool(&mut self, copy: usize) {
        self.steps[copy] = 0;
        self.numbers[copy] += 1;
    }

    /// The warming of a copy, if it is not warm.
    pub(super) fn under_way(&self, copy: usize) -> Option<u32> {
        (self.steps[copy] < STEPS).then(|| self.numbers[copy])
    }

    /// A copy has warmed for another step; returns whether this warming still counts.
    pub(super) fn advance(&mut self, copy: usize, warming: u32) -> bool {
        let counts = warming == self.numbers[copy];
        self.steps[copy] += u32::from(counts);
        counts
    }

    /// Share of its hit ratio that a copy has.
    pub(super) fn warmth(&self, copy: usize) -> f64 {
        warmth(self.steps[copy])
    }
}
