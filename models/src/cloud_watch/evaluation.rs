//! What datapoints make of an alarm's state, missing ones included.
//!
//! An alarm looks at more periods than its N. If they hold N real datapoints, the newest N of these decide, however old
//! they are and whatever `missing` says. Otherwise as few missing ones as possible are filled in. Then one more rule
//! keeps single datapoints from firing the alarm too early, and silence after a breach from hiding it: with `missing` and
//! with `breaching` it fires as well when the oldest breaching datapoint is at least M periods old and everything newer
//! breaches or is missing.
//!
//! Of `0-X--` with 2 of 3 the documented table says OK for `missing`, where that rule taken by its words says ALARM. The
//! table stands: with `missing` the rule needs a range without any datapoint that does not breach.

use super::Missing;

/// An alarm's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not breaching.
    Ok,
    /// Breaching.
    Alarm,
    /// Not enough data to say.
    InsufficientData,
}

/// Periods that are looked at beyond N. AWS says that there are more than N; all of its examples have 5 for N = 3.
const EXTRA_PERIODS: usize = 2;

/// How many periods an alarm on M of N looks at.
pub(super) const fn range((_, looked_at): (usize, usize)) -> usize {
    looked_at + EXTRA_PERIODS
}

/// The state that the datapoints of the range lead to from the `present` one; the newest is the last, `None` is missing.
pub(super) fn evaluate(
    range: &[Option<bool>],
    (needed, looked_at): (usize, usize),
    missing: Missing,
    present: State,
) -> State {
    let real = range.iter().rev().filter_map(|point| *point).take(looked_at);
    let (count, breaching) =
        real.fold((0, 0), |(count, breaching), breach| (count + 1, breaching + usize::from(breach)));
    let absent = looked_at - count;
    let all_breach = breaching == count;
    let alarm = |fires| if fires { State::Alarm } else { State::Ok };
    match missing {
        _ if breaching >= needed => State::Alarm,
        _ if absent == 0 => State::Ok,
        Missing::Breaching => alarm(breaching + absent >= needed || breach_before_silence(range, needed)),
        Missing::Missing if count == 0 => State::InsufficientData,
        Missing::Missing => alarm(all_breach && breach_before_silence(range, needed)),
        Missing::Ignore if all_breach => present,
        Missing::Ignore | Missing::NotBreaching => State::Ok,
    }
}

/// Whether the oldest breaching datapoint is at least so many periods old, and everything newer breaches or is missing.
fn breach_before_silence(range: &[Option<bool>], periods: usize) -> bool {
    let Some(oldest) = range.iter().position(|point| *point == Some(true)) else { return false };
    range.len() - oldest >= periods && !range[oldest..].contains(&Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newest datapoint right: X breaches, 0 does not, - is missing. Results in the order missing, ignore, breaching,
    /// not-breaching; A = ALARM, O = OK, I = `INSUFFICIENT_DATA`, K = keeps its state.
    type Row = (&'static str, (usize, usize), &'static str);

    #[track_caller]
    fn hold(rows: &[Row]) {
        for (points, datapoints, results) in rows {
            let range: Vec<Option<bool>> =
                points.chars().map(|c| if c == '-' { None } else { Some(c == 'X') }).collect();
            let ways = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];
            for (way, expected) in ways.into_iter().zip(results.chars()) {
                for present in [State::Ok, State::Alarm, State::InsufficientData] {
                    let expected = match expected {
                        'A' => State::Alarm,
                        'O' => State::Ok,
                        'I' => State::InsufficientData,
                        _ => present,
                    };
                    let found = evaluate(&range, *datapoints, way, present);
                    assert_eq!(found, expected, "{points:?} {datapoints:?} {way:?}");
                }
            }
        }
    }

    /// The two tables of "How alarm state is evaluated when data is missing".
    #[test]
    fn missing_data_is_treated_as_the_documented_tables_say() {
        hold(&[
            ("0-X-X", (3, 3), "OOOO"),
            ("0----", (3, 3), "OOOO"),
            ("-----", (3, 3), "IKAO"),
            ("0XX-X", (3, 3), "AAAA"),
            ("--X--", (3, 3), "AKAO"),
            ("0-X-X", (2, 3), "AAAA"),
            ("00X0X", (2, 3), "AAAA"),
            ("0-X--", (2, 3), "OOAO"),
            ("----0", (2, 3), "OOAO"),
            ("---X-", (2, 3), "AKAO"),
        ]);
    }

    /// "Avoiding premature transitions to alarm state": one breach does not fire before it is M periods old.
    #[test]
    fn one_breach_and_silence_fire_when_the_breach_is_old_enough() {
        hold(&[
            // The one breach of a metric that is silent otherwise, on its way through the range.
            ("----X", (3, 3), "OKAO"),
            ("---X-", (3, 3), "OKAO"),
            ("--X--", (3, 3), "AKAO"),
            ("-X---", (3, 3), "AKAO"),
            ("X----", (3, 3), "AKAO"),
            ("----X", (2, 3), "OKAO"),
            ("X----", (2, 3), "AKAO"),
            // Two breaches: the older one counts.
            ("--X-X", (3, 3), "AKAO"),
            ("---XX", (3, 3), "OKAO"),
            // One is enough of 1 of N, however treated.
            ("----X", (1, 3), "AAAA"),
            ("X----", (1, 3), "AAAA"),
            // Something newer does not breach: it is over.
            ("-X-0-", (3, 3), "OOOO"),
            ("X--0-", (2, 3), "OOAO"),
            // Three real datapoints decide by themselves, however old the breach is.
            ("00X--", (2, 3), "OOOO"),
            ("0X0--", (2, 3), "OOOO"),
            // Something older does not breach: with `breaching` the rule adds to what filling gives, which is 2 of 3.
            ("0X---", (3, 3), "OOAO"),
            ("0--X-", (3, 3), "OOOO"),
        ]);
    }

    /// Silence after enough breaches keeps the alarm until the last of them leaves the range: N + 2 periods.
    #[test]
    fn silence_keeps_an_alarm_until_its_breaches_left_the_range_and_then_says_nothing() {
        let mut range = vec![Some(false), Some(false), Some(true), Some(true), Some(true)];
        let mut state = evaluate(&range, (3, 3), Missing::Missing, State::Ok);
        let mut lasts = 0;
        while state == State::Alarm {
            lasts += 1;
            range.remove(0);
            range.push(None);
            state = evaluate(&range, (3, 3), Missing::Missing, state);
        }
        assert_eq!((lasts, state), (5, State::InsufficientData));
    }
}
