//! Differences as text.

use sim_core::stats::{Bounds, Difference, Interval};

use crate::analyze::Refusal;
use crate::compare::{Wins, share_size, unit};
use crate::header::Indicator;
use crate::units::{estimated_duration, nearly_all, signed_at_least, signed_at_most, signed_duration, signed_points};

/// The name of an indicator at the head of a table.
pub(in crate::report) const fn title(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::Rto => "Recovery time",
        Indicator::Rpo => "Data loss",
        Indicator::Availability => "Availability",
        Indicator::CaughtUp => "Caught up",
        Indicator::LatencyBefore => "Latency before",
        Indicator::LatencyAfter => "Latency after",
    }
}

/// A difference and its interval in the same unit: `("-2.55 min", "-2.60", "-2.50")`. Where censored values leave an end
/// open it is `unknown`; an estimate of which one side is known is `at least` or `at most` that.
pub(super) fn difference(indicator: Indicator, difference: &Difference) -> (String, String, String) {
    bounded(indicator, &difference.estimate, &difference.interval)
}

/// The same of an estimate and its interval. Availabilities differ by percentage points, and are never censored.
pub(in crate::report) fn bounded(
    indicator: Indicator,
    estimate: &Bounds,
    interval: &Bounds,
) -> (String, String, String) {
    if indicator == Indicator::Availability {
        let size = share_size(estimate, interval);
        let part = |share| signed_points(share, size);
        return (format!("{} points", part(estimate.low)), part(interval.low), part(interval.high));
    }
    let unit = unit(estimate, interval);
    let part = |value: f64| if value.is_finite() { signed_duration(value, unit) } else { "unknown".to_owned() };
    let (least, most) = (|low| signed_at_least(low, unit), |high| signed_at_most(high, unit));
    let value = match *estimate {
        Bounds { low, high } if low == high => format!("{} {}", part(low), unit.1),
        Bounds { low, high } if high.is_infinite() && low.is_finite() => format!("at least {} {}", least(low), unit.1),
        Bounds { low, high } if low.is_infinite() && high.is_finite() => format!("at most {} {}", most(high), unit.1),
        Bounds { low, high } if low.is_finite() && high.is_finite() => {
            format!("{} to {} {}", least(low), most(high), unit.1)
        }
        _ => "unknown".to_owned(),
    };
    // A bound that holds is rounded to the side on which it does, as in sentences.
    let end = |value: f64, rounded: &dyn Fn(f64) -> String| {
        if value.is_finite() && estimate.known().is_none() { rounded(value) } else { part(value) }
    };
    (value, end(interval.low, &least), end(interval.high, &most))
}

/// An estimate of a measure and its interval in the same unit; what is censored exceeds the parts of `at_least`.
pub(super) fn estimate<'a>(
    indicator: Indicator,
    estimate: &'a Result<Interval, Refusal>,
    at_least: Option<&Interval>,
) -> Result<(String, String, String), &'a Refusal> {
    let interval = estimate.as_ref()?;
    Ok(match indicator {
        Indicator::Rto | Indicator::Rpo | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => {
            estimated_duration(interval, at_least.unwrap_or(interval))
        }
        Indicator::Availability => {
            let (value, low, high) = nearly_all(interval);
            (format!("{value} %"), low, high)
        }
    })
}

/// In how many trials the candidate is better, the same, worse, and unknown, each with its word.
pub(super) const fn sides(indicator: Indicator, wins: &Wins) -> [(&'static str, u64); 4] {
    let (better, worse) = match indicator {
        Indicator::Rto | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => {
            (("sooner", wins.less), ("later", wins.more))
        }
        Indicator::Rpo => (("less lost", wins.less), ("more lost", wins.more)),
        Indicator::Availability => (("higher", wins.more), ("lower", wins.less)),
    };
    [better, ("same", wins.same), worse, ("unknown", wins.unknown)]
}
