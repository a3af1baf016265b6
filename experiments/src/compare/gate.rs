//! What `--fail-if-worse` asks of a difference.

use sim_core::stats::{Bounds, Difference};

use crate::analyze::Refusal;
use crate::header::Indicator;

/// What `--fail-if-worse` finds of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gate {
    /// It is not worse beyond doubt.
    Passed,
    /// It is.
    Worse,
    /// Nobody can tell: the figure is refused, or censored trials leave its difference open on both sides of zero.
    Unknown(Option<Refusal>),
}

impl Gate {
    /// What a difference of a measure, candidate minus baseline, comes to.
    pub(super) fn new(indicator: Indicator, difference: &Result<Difference, Refusal>) -> Self {
        let interval = match difference {
            Err(refusal) => return Self::Unknown(Some(*refusal)),
            Ok(Difference { interval, .. }) => *interval,
        };
        match worse_by(indicator, interval) {
            Bounds { low, .. } if low > 0.0 => Self::Worse,
            Bounds { low, high } if low.is_finite() || high < 0.0 => Self::Passed,
            _ => Self::Unknown(None),
        }
    }
}

/// By how much a candidate is worse that differs by so much: of availability there should be more.
pub(crate) fn worse_by(indicator: Indicator, difference: Bounds) -> Bounds {
    match indicator {
        Indicator::Rto | Indicator::Rpo => difference,
        Indicator::Availability => Bounds { low: -difference.high, high: -difference.low },
    }
}
