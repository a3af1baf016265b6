//! How many members a fleet has: at the start, at least and at most.

use sim_settings::form::Count;
use sim_settings::{Key, Section, keys};

keys! {
    /// The size of a fleet.
    pub(crate) struct SizeKeys {
        const DESIRED: Key<Count> = Key::required("desired", "how many there are at the start").at_most(100_000.0);
        const MIN: Key<Option<Count>> = Key::optional("min", "there are never fewer", "as `desired`").at_most(100_000.0);
        const MAX: Key<Option<Count>> = Key::optional("max", "there are never more", "as `desired`").at_most(100_000.0);
    }
}

/// The bounds of a fleet, and its size at the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) min: u64,
    pub(crate) desired: u64,
    pub(crate) max: u64,
}

impl Size {
    /// Reads a table of [`SizeKeys`].
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        let desired = section.get(&DESIRED);
        let min = section.get(&MIN).unwrap_or(desired);
        let max = section.get(&MAX).unwrap_or(desired);
        if min > max {
            let expected = format!("at most max = {max}");
            section.reject_among(&["min", "max", "desired"], min.to_string(), expected, None);
        } else if desired < min || desired > max {
            let expected = format!("between min = {min} and max = {max}");
            section.reject_among(&["desired", "min", "max"], desired.to_string(), expected, None);
        }
        Self { min, desired, max }
    }
}
