//! The numbers of trials in which either candidate is better.

use sim_core::stats::Observed;

/// Numbers of trials in which the other candidate has less than the base, the same, more, or an unknown difference,
/// because a censored value may be either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wins {
    /// Less: sooner, or less lost.
    pub less: u64,
    /// To the last bit the same.
    pub same: u64,
    /// More.
    pub more: u64,
    /// Unknown.
    pub unknown: u64,
}

impl Wins {
    /// Counts over pairs of trials.
    pub fn new(base: Observed<'_>, other: Observed<'_>) -> Self {
        let mut wins = Self::default();
        for (&from, &value) in base.values.iter().zip(other.values) {
            let count = match (from.is_finite(), value.is_finite()) {
                (true, true) if value < from => &mut wins.less,
                (true, true) if value > from => &mut wins.more,
                (true, true) => &mut wins.same,
                // A censored value whose bound is above the other's value is more than it.
                (false, true) if value <= base.beyond => &mut wins.less,
                (true, false) if from <= other.beyond => &mut wins.more,
                _ => &mut wins.unknown,
            };
            *count += 1;
        }
        wins
    }

    /// All trials.
    pub const fn trials(&self) -> u64 {
        self.less + self.same + self.more + self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::{Observed, Wins};

    #[test]
    fn what_is_not_back_loses_only_against_what_is_seen_to_be_shorter() {
        const NEVER: f64 = f64::INFINITY;
        let base = Observed { values: &[10.0, 10.0, 10.0, NEVER, NEVER, NEVER, 10.0, 80.0], beyond: 50.0 };
        let other = Observed { values: &[5.0, 10.0, 15.0, 20.0, 60.0, NEVER, NEVER, NEVER], beyond: 70.0 };
        assert_eq!(Wins::new(base, other), Wins { less: 2, same: 1, more: 2, unknown: 3 });
    }
}
