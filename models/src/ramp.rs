//! Effects that come in parts.

use sim_core::time::SimDuration;
use sim_settings::form::{Count, Duration};
use sim_settings::{Key, Section, keys};

keys! {
    /// An effect that is spread over time.
    pub(crate) struct RampKeys {
        const PARTS: Key<Count> = Key::required("steps", "how many parts; the first comes at once").at_least(1.0).at_most(1_000.0).unit("parts");
        const EVERY: Key<Duration> = Key::required("every", "from one part to the next").above(0.0);
    }
}

/// How something is spread over time: in equal parts, the first of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ramp {
    /// How many parts.
    pub steps: u64,
    /// From one to the next.
    pub every: SimDuration,
}

impl Ramp {
    /// The share of the whole that is reached with this part, counted from 1.
    pub fn reached(self, part: u64) -> f64 {
        part as f64 / self.steps as f64
    }

    /// Reads the table of a ramp.
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        Self { steps: section.get(&PARTS).max(1), every: section.get(&EVERY).max(SimDuration::from_nanos(1)) }
    }
}
