//! Differences as text.

use sim_core::stats::{Bounds, Difference, Interval};

use crate::analyze::{Refusal, share};
use crate::compare::Wins;
use crate::header::Measure;
use crate::report::units::{percent, signed_at_least, signed_at_most, signed_duration, time_unit};

/// What a measure is called at the head of a table.
pub(in crate::report) const fn title(measure: Measure) -> &'static str {
    match measure {
        Measure::Rto => "Recovery time",
        Measure::Rpo => "Data loss",
        Measure::Downtime => "Time not up",
    }
}

/// A difference and its interval in the same unit: `("-2.55 min", "-2.60", "-2.50")`. Where censored values leave an end
/// open it is `unknown`; an estimate of which one side is known is `at least` or `at most` that.
pub(super) fn difference(difference: &Difference) -> (String, String, String) {
    bounded(&difference.estimate, &difference.interval)
}

/// The same of an estimate and its interval.
pub(in crate::report) fn bounded(estimate: &Bounds, interval: &Bounds) -> (String, String, String) {
    let finite = [estimate.low, estimate.high, interval.low, interval.high];
    let largest = finite.into_iter().filter(|value| value.is_finite()).map(f64::abs).fold(0.0, f64::max);
    // The estimate's own size, or else the largest that there is.
    let size = match estimate.known() {
        Some(value) if value != 0.0 => value.abs(),
        _ => largest,
    };
    let unit = time_unit(size, largest);
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
    (value, part(interval.low), part(interval.high))
}

/// Shares of trials in words, each with its interval: `sooner 99.8 % [99.7, 99.9], ...`.
pub(super) fn shares(measure: Measure, wins: &Wins) -> Vec<String> {
    let (less, more) = match measure {
        Measure::Rto => ("sooner", "later"),
        Measure::Rpo => ("less lost", "more lost"),
        Measure::Downtime => ("shorter", "longer"),
    };
    [(less, wins.less), ("same", wins.same), (more, wins.more), ("unknown", wins.unknown)]
        .into_iter()
        .filter(|&(word, count)| count > 0 || word != "unknown")
        .filter_map(|(word, count)| {
            let Interval { estimate, low, high, .. } = share(count, wins.trials()).ok()?;
            Some(format!("{word} {} % [{}, {}]", percent(estimate), percent(low), percent(high)))
        })
        .collect()
}

/// A refusal in few words.
pub(super) fn refused(refusal: &Refusal) -> String {
    crate::report::terminal::cells::refusal(refusal)
}
