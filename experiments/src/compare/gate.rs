//! The gate of `--fail-if-worse`.

use sim_core::stats::{Bounds, Difference};

use crate::analyze::Refusal;
use crate::header::Indicator;

/// The outcome of `--fail-if-worse` for a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gate {
    /// It is not worse beyond doubt.
    Passed,
    /// It is.
    Worse,
    /// Unknown: the figure is refused, or censored trials leave its difference open on both sides of zero.
    Unknown(Option<Refusal>),
}

impl Gate {
    /// The outcome of a difference, candidate minus baseline.
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

/// The difference in the direction of worse: for availability, more is better.
pub(crate) fn worse_by(indicator: Indicator, difference: Bounds) -> Bounds {
    match indicator {
        Indicator::Rto | Indicator::Rpo | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => {
            difference
        }
        Indicator::Availability => Bounds { low: -difference.high, high: -difference.low },
    }
}
