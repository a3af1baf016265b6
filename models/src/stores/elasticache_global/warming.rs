//! How warm the copies of a cache are, step by step.

use crate::by_id::ById;
use crate::ids::RegionId;
use sim_core::time::{SimDuration, SimTime};

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

/// How long a step takes where all misses are served.
fn step(time_constant: SimDuration) -> f64 {
    time_constant.as_secs_f64() / f64::from(STEPS_PER_CONSTANT)
}

/// One copy, warm or on its way there.
#[derive(Debug, Clone, Copy)]
struct Copy {
    /// Steps that it has warmed.
    steps: u32,
    /// Share of the present step that lay behind it at an instant.
    part: f64,
    at: SimTime,
    /// Share of its misses that are served: it warms that much slower.
    pace: f64,
    /// Which announced end of a step counts; a later one overrides those before.
    number: u32,
}

/// Copies that are warm or warm up.
#[derive(Debug)]
pub(super) struct Warming {
    copies: ById<RegionId, Copy>,
}

const WARM: Copy = Copy { steps: STEPS, part: 0.0, at: SimTime::ZERO, pace: 1.0, number: 0 };

impl Warming {
    pub(super) fn new(copies: usize) -> Self {
        Self { copies: ById::new(copies, WARM) }
    }

    /// Starts a trial in which all are warm.
    pub(super) fn begin(&mut self) {
        self.copies.fill(WARM);
    }

    /// A copy starts cold.
    pub(super) fn cool(&mut self, copy: RegionId, now: SimTime) {
        let copy = &mut self.copies[copy];
        (copy.steps, copy.part, copy.at) = (0, 0.0, now);
        copy.number += 1;
    }

    /// A copy is as warm as another from now on.
    pub(super) fn equal(&mut self, copy: RegionId, other: RegionId) {
        let Copy { pace, number, .. } = self.copies[copy];
        self.copies[copy] = Copy { pace, number: number + 1, ..self.copies[other] };
    }

    /// This share of a copy's misses is served from now on; returns whether its step ends at another time than announced.
    pub(super) fn set_pace(&mut self, copy: RegionId, pace: f64, time_constant: SimDuration, now: SimTime) -> bool {
        let copy = &mut self.copies[copy];
        if copy.pace == pace {
            return false;
        }
        if copy.steps < STEPS {
            let elapsed = now.since(copy.at).as_secs_f64();
            copy.part = (copy.part + elapsed * copy.pace / step(time_constant)).min(1.0);
            copy.number += 1;
        }
        (copy.pace, copy.at) = (pace, now);
        copy.steps < STEPS
    }

    /// How long the present step of a copy takes from now on, and its number; neither for a warm copy, nor for one none of
    /// whose misses are served.
    pub(super) fn rest(&self, copy: RegionId, time_constant: SimDuration) -> Option<(SimDuration, u32)> {
        let Copy { steps, part, pace, number, .. } = self.copies[copy];
        let rest = step(time_constant) * (1.0 - part) / pace;
        (steps < STEPS && pace > 0.0).then(|| (SimDuration::from_secs_f64(rest), number))
    }

    /// A copy has warmed for another step; returns whether this end of one still counts.
    pub(super) fn advance(&mut self, copy: RegionId, number: u32, now: SimTime) -> bool {
        let copy = &mut self.copies[copy];
        let counts = number == copy.number;
        if counts {
            (copy.steps, copy.part, copy.at) = (copy.steps + 1, 0.0, now);
        }
        counts
    }

    /// Share of its hit ratio that a copy has.
    pub(super) fn warmth(&self, copy: RegionId) -> f64 {
        warmth(self.copies[copy].steps)
    }
}
