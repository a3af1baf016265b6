//! What a verdict hangs on: a figure up to whose value an objective is met.

use sim_settings::Measure;
use sim_settings::quantity::duration_text;

use super::belief::Belief;
use super::sets::Set;
use crate::unknown::Condition;

/// From so many seconds on, a limit is written in minutes, and in hours.
const MINUTES: f64 = 100.0;
const HOURS: f64 = 7_200.0;

/// The fewest sets that a statement may rest on.
const FEWEST: usize = 8;

/// The condition on `figure` under which an outcome is within its limit. `met` is the probability of that for each set.
///
/// The sets are put in the order of the figure's values. The limit is the value up to which, or from which on, the sets meet
/// the objective with a probability of `sure` together, whatever the other figures are in them. It must admit what the
/// file has: otherwise no value of this figure alone decides.
pub(super) fn condition(belief: &Belief, figure: usize, sets: &[Set], met: &[f64], sure: f64) -> Condition {
    let mut order: Vec<(f64, f64)> = sets.iter().zip(met).map(|(set, met)| (set.0[figure].shown, *met)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = |part: &[(f64, f64)]| part.iter().map(|(_, met)| met).sum::<f64>() / part.len().max(1) as f64;
    let (lower, upper) = order.split_at(order.len() / 2);
    let at_most = mean(lower) >= mean(upper);
    if !at_most {
        order.reverse();
    }
    let own = belief.number();
    let admits = |limit: f64| if at_most { own <= limit } else { own >= limit };
    let last = (FEWEST.min(order.len())..=order.len()).rev().find(|&count| mean(&order[..count]) >= sure);
    let limit = last.map(|count| order[count - 1].0).filter(|limit| admits(*limit));
    Condition {
        path: belief.path.clone(),
        limit: limit.map(|limit| {
            // Digits count in the unit that is written.
            let unit = match belief.measure {
                Measure::Seconds if limit >= HOURS => 3_600.0,
                Measure::Seconds if limit >= MINUTES => 60.0,
                _ => 1.0,
            };
            written(rounded(limit / unit, at_most) * unit, belief.measure)
        }),
        at_most,
        median: belief.is_law(),
    }
}

/// Two digits, to the side that promises less.
fn rounded(value: f64, at_most: bool) -> f64 {
    if value <= 0.0 {
        return value;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(value)) - 1.0);
    // A value that has no more digits stays what it is.
    let steps = value / unit;
    let near = libm::round(steps);
    if (steps - near).abs() < 1e-9 * steps {
        return near * unit;
    }
    unit * if at_most { libm::floor(steps) } else { libm::ceil(steps) }
}

/// A value as one writes it in a file.
pub(super) fn written(value: f64, measure: Measure) -> String {
    match measure {
        // The unit in which the digits are few.
        Measure::Seconds if value >= HOURS => format!("{}h", crate::units::number(value / 3_600.0)),
        Measure::Seconds if value >= MINUTES => format!("{}m", crate::units::number(value / 60.0)),
        Measure::Seconds => duration_text(value),
        Measure::Plain | Measure::Rate | Measure::Share => crate::units::number(value),
        Measure::Count => format!("{}", value.round()),
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn limits_are_rounded_to_the_side_that_promises_less() {
        assert_eq!(rounded(187.0, true), 180.0);
        assert_eq!(rounded(181.0, false), 190.0);
        assert_eq!((rounded(180.0, true), rounded(180.0, false)), (180.0, 180.0));
        assert!((rounded(0.0347, true) - 0.034).abs() < 1e-12);
    }
}
