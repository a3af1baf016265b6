//! Numbers for people: three significant digits, with their units. One notation for terminal, page and charts:
//!
//! | what | as | by |
//! |---|---|---|
//! | a duration that is estimated | `4.21 min`, its interval `[3.98, 4.52]` in the same unit | [`duration`], [`estimated_duration`] |
//! | one that is longer than that | `4.20 min`, rounded down | [`at_least`] |
//! | one that somebody chose | `5 min`, `493 s` | [`chosen_duration`] |
//! | an instant of one trial, on its clock | `4 min 07 s` | [`instant`] |
//! | a count | `123`, `4,560`, `45.6 k` | [`count`] |
//! | one that is exact | `10,000` | [`whole`], [`number`] |
//! | a share in percent | `99.97`, `0.0069` | [`percent`] |
//! | one that somebody chose | `10`, `99.95` | [`chosen_percent`] |
//! | a difference of shares in percentage points | `0.0120`, `+0.0120` | [`points`], [`signed_points`] |

use sim_core::stats::Interval;
use sim_core::time::SimDuration;
use sim_settings::Extent;

/// Units of time in seconds, from the smallest on.
const TIME: [(f64, &str); 6] = [(1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "d")];

const SECOND: (f64, &str) = (1.0, "s");

/// Powers of ten, by their exponent.
const POWERS: [f64; 4] = [1.0, 10.0, 100.0, 1_000.0];

/// The decimals that show three significant digits of `value`, at most three: so small ends of intervals stay short.
fn decimals(value: f64) -> usize {
    // A value that rounds up to the next power of ten needs one decimal less.
    let fits = |power: f64| value.abs() < 1_000.0 / power * (1.0 - 5e-4);
    POWERS.iter().rposition(|&power| fits(power)).unwrap_or(0)
}

/// `value` with three significant digits, and zeros up to the point: `12.3`, `1,230`.
fn digits(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        _ if !value.is_finite() => if value > 0.0 { "\u{221e}" } else { "\u{2013}" }.to_owned(),
        _ if value.abs() >= 1e15 => format!("{value:.2e}"),
        _ if value.abs() >= 999.5 => {
            let scale = libm::exp10(libm::floor(libm::log10(value.abs())) - 2.0);
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", whole(((value.abs() / scale).round() * scale).round() as u64))
        }
        _ => format!("{value:.*}", decimals(value)),
    }
}

/// The largest unit of which `seconds` has at least one, once rounded to three digits: 59.97 s is 1.00 min. Zero is in
/// seconds.
fn unit(seconds: f64) -> (f64, &'static str) {
    let reaches = |below: f64, size: f64| rounded(seconds.abs() / below) * below >= size * (1.0 - 1e-9);
    match TIME.windows(2).rev().find(|pair| reaches(pair[0].0, pair[1].0)) {
        Some(pair) => pair[1],
        None if seconds == 0.0 => SECOND,
        None => TIME[0],
    }
}

/// The number before the unit. Rounding may have chosen the unit, so a little less than one is shown as one.
fn amount(seconds: f64, size: f64) -> String {
    let amount = seconds / size;
    digits(if amount > 0.9975 && amount < 1.0 { 1.0 } else { amount })
}

fn rounded(value: f64) -> f64 {
    let scale = POWERS[decimals(value)];
    (value * scale).round() / scale
}

/// A duration: `4.21 min`, `58.3 s`, `250 ms`.
pub fn duration(seconds: f64) -> String {
    let (size, name) = unit(seconds);
    format!("{} {name}", amount(seconds, size))
}

/// The unit for a duration of this size beside others, up to the `largest`: its seconds, and its name. It is a larger
/// one if the others would have more than three digits before the point and the duration itself keeps three.
pub fn time_unit(seconds: f64, largest: f64) -> (f64, &'static str) {
    let (size, name) = unit(seconds);
    let larger = unit(largest);
    let fits = largest.is_finite() && largest / size >= 999.5 && seconds.abs() >= 0.1 * larger.0;
    if fits { larger } else { (size, name) }
}

/// A difference of durations with its sign, in a unit of [`time_unit`] that is written elsewhere: `+2.55`, `-0.4`, `0`.
pub fn signed_duration(seconds: f64, (size, _): (f64, &str)) -> String {
    let text = digits(seconds.abs() / size);
    match text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        true if seconds < 0.0 => format!("-{text}"),
        true => format!("+{text}"),
        false => "0".to_owned(),
    }
}

/// Words on lines of at most `width` characters, as far as their lengths allow.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A duration that somebody chose, as people write it: `5 min`, `1.5 h`, `493 s`.
pub fn chosen_duration(seconds: f64) -> String {
    let (largest, _) = unit(seconds);
    // 493 s is 8.21666.. min: this takes the largest unit with few decimals. Binary errs by up to 1e-9 of decimal
    // fractions.
    let short = |&&(size, _): &&(f64, &str)| {
        let thousandths = seconds / size * 1e3;
        size <= largest && (thousandths - thousandths.round()).abs() < 1e-6
    };
    match TIME.iter().rev().find(short) {
        Some((size, name)) => format!("{} {name}", (seconds / size * 1e3).round() / 1e3),
        None => duration(seconds),
    }
}

/// An instant, or a time between two, in whole seconds, and finer below a minute: `40.1 s`, `4 min 07 s`, `2 h 05 min
/// 07 s`.
pub fn instant(time: SimDuration) -> String {
    let whole = (time.as_secs_f64() + 0.5) as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours) {
        (0, 0) => time.to_string(),
        (0, _) => format!("{hours} h {minutes:02} min {seconds:02} s"),
        _ => format!("{days} d {hours:02} h {minutes:02} min"),
    }
}

/// A lower bound of a censored value: `> 50 min`, `> 1 h`, rounded down.
pub fn beyond(watched: f64) -> String {
    let (size, name) = unit(watched);
    format!("> {} {name}", floor(watched / size))
}

/// The largest number with three significant digits that is not above the value.
fn floor(value: f64) -> f64 {
    let down = |scaled: f64| {
        // A whole number that lost its last bit must not fall to the next lower one.
        if (scaled - scaled.round()).abs() < 1e-6 { scaled.round() } else { scaled.floor() }
    };
    if value.abs() >= 999.5 {
        let scale = libm::exp10(libm::floor(libm::log10(value.abs())) - 2.0);
        return down(value / scale) * scale;
    }
    let scale = POWERS[decimals(value)];
    down(value * scale) / scale
}

/// A lower bound of a duration: `4.20 min`, rounded down so that it stays true.
pub fn at_least(seconds: f64) -> String {
    let (size, name) = TIME.into_iter().rev().find(|(size, _)| seconds >= *size).unwrap_or(SECOND);
    format!("{} {name}", digits(floor(seconds / size)))
}

/// A lower bound of a difference, as [`signed_duration`] writes it, rounded down.
pub fn signed_at_least(seconds: f64, unit: (f64, &str)) -> String {
    signed_duration(floor(seconds / unit.0) * unit.0, unit)
}

/// An upper bound of a difference, as [`signed_duration`] writes it, rounded up.
pub fn signed_at_most(seconds: f64, unit: (f64, &str)) -> String {
    signed_duration(-floor(-seconds / unit.0) * unit.0, unit)
}

/// The lower bounds of values that were all watched for this long: an interval for [`estimated_duration`].
pub fn longer_than(seconds: f64) -> Interval {
    Interval { estimate: seconds, low: seconds, high: seconds, level: 1.0 }
}

/// An estimated duration and its interval in the same unit: `("4.21 min", "3.98", "4.52")`. Infinite parts, which are
/// censored, are written as beyond those of `at_least`.
pub fn estimated_duration(estimate: &Interval, at_least: &Interval) -> (String, String, String) {
    // An estimate of zero has no size that chooses a unit, and neither has a censored one.
    let seconds = match (estimate.estimate, estimate.high) {
        (value, high) if value == 0.0 && high.is_finite() => high,
        (value, _) if value != 0.0 && value.is_finite() => value,
        _ if at_least.estimate.is_finite() => at_least.estimate,
        _ => estimate.low,
    };
    let (size, name) = time_unit(seconds, estimate.high);
    let part = |seconds: f64, least: f64| {
        match (seconds.is_finite(), least.is_finite()) {
            (true, _) => amount(seconds, size),
            (false, true) => format!(">{}", floor(least / size)),
            // Not cut off by the end of a trial, but without end.
            (false, false) => "\u{221e}".to_owned(),
        }
    };
    let value = if estimate.estimate.is_finite() {
        format!("{} {name}", amount(estimate.estimate, size))
    } else if at_least.estimate.is_finite() {
        beyond(at_least.estimate)
    } else {
        "\u{221e}".to_owned()
    };
    (value, part(estimate.low, at_least.low), part(estimate.high, at_least.high))
}

/// A count: `123`, `12.3`, `4,560`, `45.6 k`.
pub fn count(value: f64) -> String {
    let scales = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")];
    let size = value.abs();
    match scales.iter().find(|(scale, _)| size >= 9_995.0 && size / scale >= 1.0 - 5e-4) {
        Some((scale, name)) if size < 1e15 => format!("{}{name}", digits(value / scale)),
        _ => digits(value),
    }
}

/// A number that somebody chose, with all its digits: `0.5`, `1,200`.
pub fn number(value: f64) -> String {
    if (0.0..1e15).contains(&value) && value.fract() == 0.0 { whole(value as u64) } else { value.to_string() }
}

/// A whole number in full: `10,000`.
pub fn whole(value: u64) -> String {
    let text = value.to_string();
    let mut grouped = String::with_capacity(text.len() * 4 / 3);
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share in percent, without its sign, with digits enough to tell it from 0 and from 100: two of the smaller part.
pub fn percent(share: f64) -> String {
    let rest = share.min(1.0 - share) * 100.0;
    let places = match rest {
        _ if rest <= 1e-9 => 0,
        _ if rest >= 1.0 => 1,
        _ => (1.0 - libm::floor(libm::log10(rest))).min(9.0) as usize,
    };
    format!("{:.places$}", share * 100.0)
}

/// A share that somebody chose in percent, without its sign and without more digits than it was given: `10`, `99.95`.
pub fn chosen_percent(share: f64) -> String {
    ((share * 1e11).round() / 1e9).to_string()
}

/// The decimals that show three significant digits of a share in percent.
fn places(share: f64) -> usize {
    let percent = share.abs() * 100.0;
    if percent > 0.0 { (2.0 - libm::floor(libm::log10(percent * (1.0 + 5e-4)))).clamp(0.0, 9.0) as usize } else { 0 }
}

/// The size of a difference of two shares in percentage points, with three significant digits: `3.75`, `0.0120`.
pub fn points(share: f64) -> String {
    format!("{:.*}", places(share), share * 100.0)
}

/// A difference of two shares in percentage points with its sign, and with the decimals of a difference of this `size`:
/// `+0.0120`, `-3.75`, `0`.
pub fn signed_points(share: f64, size: f64) -> String {
    let text = format!("{:+.*}", places(size), share * 100.0);
    if text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { text } else { "0".to_owned() }
}

/// A share near 1 and its interval in percent, without signs, with three digits of the part missing from 100, or two
/// where that is little: `("99.9914", "99.9902", "99.9925")`.
pub fn nearly_all(estimate: &Interval) -> (String, String, String) {
    let missing = (1.0 - estimate.estimate).max(1e-12) * 100.0;
    let first = -missing.log10().floor();
    let places = (first + if first > 2.0 { 1.0 } else { 2.0 }).clamp(1.0, 9.0) as usize;
    let part = |share: f64| format!("{:.places$}", share * 100.0);
    (part(estimate.estimate), part(estimate.low), part(estimate.high))
}

/// The values of a band in words.
pub fn extent(extent: &Extent) -> String {
    match extent {
        Extent::Factor { low, high } => format!("from {} to {} times it", number(*low), number(*high)),
        Extent::Range { low, high } if *high <= 1.0 => format!("from {} % to {} %", percent(*low), percent(*high)),
        Extent::Range { low, high } => format!("from {} to {}", number(*low), number(*high)),
        Extent::Choice => "a choice".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        at_least, beyond, chosen_duration, chosen_percent, count, duration, estimated_duration, instant, longer_than,
        nearly_all, number, percent, points, signed_at_least, signed_at_most, signed_duration, signed_points,
        time_unit, whole, wrapped,
    };
    use sim_core::stats::Interval;
    use sim_core::time::SimDuration;

    #[test]
    fn instants_keep_their_seconds() {
        let cases = [
            (40.12, "40.1 s"),
            (247.0, "4 min 07 s"),
            (3_599.4, "59 min 59 s"),
            (3_600.0, "1 h 00 min 00 s"),
            (7_507.3, "2 h 05 min 07 s"),
            (93_784.0, "1 d 02 h 03 min"),
        ];
        for (seconds, text) in cases {
            assert_eq!(instant(SimDuration::from_secs_f64(seconds)), text);
        }
    }

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        let cases = [
            (0.0, "0 s"),
            (0.25, "250 ms"),
            (0.012_34, "12.3 ms"),
            (0.000_05, "50.0 µs"),
            (1.0, "1.00 s"),
            (58.349, "58.3 s"),
            (59.97, "1.00 min"),
            (252.6, "4.21 min"),
            (3_599.9, "1.00 h"),
            (86_400.0 * 12.34, "12.3 d"),
            (86_400.0 * 1_234.0, "1,230 d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn chosen_durations_are_as_people_write_them() {
        assert_eq!(chosen_duration(300.0), "5 min");
        assert_eq!(chosen_duration(5.0), "5 s");
        assert_eq!(chosen_duration(5_400.0), "1.5 h");
        assert_eq!(chosen_duration(493.0), "493 s");
        assert_eq!(chosen_duration(0.1), "100 ms");
        assert_eq!(chosen_duration(86_400.0 * 30.0), "30 d");
        assert_eq!(chosen_duration(0.0), "0 s");
    }

    #[test]
    fn censored_values_are_rounded_down_and_never_a_number() {
        assert_eq!(beyond(3_600.0), "> 1 h");
        assert_eq!(beyond(3_000.0), "> 50 min");
        assert_eq!(beyond(2_999.0), "> 49.9 min");
        let estimate = Interval { estimate: f64::INFINITY, low: 2_700.0, high: f64::INFINITY, level: 0.95 };
        let expected = ("> 50 min".to_owned(), "45.0".to_owned(), ">50".to_owned());
        assert_eq!(estimated_duration(&estimate, &longer_than(3_000.0)), expected);
        // A loss of everything was not cut off: nothing is known that it exceeds.
        let everything = Interval { low: 60.0, ..estimate };
        let expected = ("\u{221e}".to_owned(), "1.00".to_owned(), "\u{221e}".to_owned());
        assert_eq!(estimated_duration(&everything, &everything), expected);
    }

    #[test]
    fn an_interval_has_the_unit_of_its_estimate() {
        let shown = |estimate, low, high| {
            estimated_duration(&Interval { estimate, low, high, level: 0.95 }, &longer_than(3_600.0))
        };
        let texts = |value: &str, low: &str, high: &str| (value.to_owned(), low.to_owned(), high.to_owned());
        assert_eq!(shown(252.6, 238.8, 271.2), texts("4.21 min", "3.98", "4.52"));
        assert_eq!(shown(59.0, 58.31, 61.2), texts("59.0 s", "58.3", "61.2"));
        assert_eq!(shown(60.0, 0.05, 180_000.0), texts("1.00 min", "0.001", "3,000"));
        assert_eq!(shown(0.0, 0.0, 0.012), texts("0 ms", "0", "12.0"));
        assert_eq!(shown(0.0, 0.0, 0.0), texts("0 s", "0", "0"));
    }

    #[test]
    fn what_is_missing_has_three_digits() {
        let shown = |estimate, low, high| nearly_all(&Interval { estimate, low, high, level: 0.95 });
        let texts = |value: &str, low: &str, high: &str| (value.to_owned(), low.to_owned(), high.to_owned());
        assert_eq!(shown(0.999_913_6, 0.999_902, 0.999_925), texts("99.9914", "99.9902", "99.9925"));
        assert_eq!(shown(0.95, 0.94, 0.96), texts("95.00", "94.00", "96.00"));
        assert_eq!(shown(0.5, 0.0, 1.0), texts("50.0", "0.0", "100.0"));
        assert_eq!(shown(0.999_2, 0.999, 1.0), texts("99.9200", "99.9000", "100.0000"));
    }

    #[test]
    fn counts_shares_and_whole_numbers() {
        assert_eq!([0.0, 12.34, 123.4, 0.5].map(count), ["0", "12.3", "123", "0.500"]);
        assert_eq!([999.7, 1_234.0, 4_567_890.0].map(count), ["1,000", "1,230", "4.57 M"]);
        assert_eq!([9_994.0, 9_996.0, 12_345.0, 999_600.0].map(count), ["9,990", "10.0 k", "12.3 k", "1.00 M"]);
        assert_eq!([f64::INFINITY, f64::NAN, 1e300].map(count), ["\u{221e}", "\u{2013}", "1.00e300"]);
        assert_eq!([1_200.0, 0.5, 1e4].map(number), ["1,200", "0.5", "10,000"]);
        assert_eq!([0.1, 0.999_5, 0.000_3, 1.0].map(chosen_percent), ["10", "99.95", "0.03", "100"]);
        assert_eq!([0, 999, 10_000, 1_234_567].map(whole), ["0", "999", "10,000", "1,234,567"]);
        let shares = [0.0, 1.0, 0.5, 0.985, 0.996_34, 0.999_97, 0.000_3, 0.000_069_06, 1e-7];
        assert_eq!(
            shares.map(percent),
            ["0", "100", "50.0", "98.5", "99.63", "99.9970", "0.030", "0.0069", "0.000010"]
        );
    }

    #[test]
    fn differences_of_shares_are_percentage_points() {
        assert_eq!([0.0375, 0.000_12, 0.999_99, 0.0, 0.012_345].map(points), ["3.75", "0.0120", "100", "0", "1.23"]);
        let beside = |share| signed_points(share, 0.0375);
        assert_eq!([0.0375, -0.0004, 0.0, 0.000_001].map(beside), ["+3.75", "-0.04", "0", "0"]);
    }

    #[test]
    fn differences_have_a_sign_and_nothing_has_none() {
        let minutes = time_unit(153.0, 160.0);
        assert_eq!(minutes.1, "min");
        assert_eq!([153.0, -3.0, 0.0, 1e-9].map(|s| signed_duration(s, minutes)), ["+2.55", "-0.050", "0", "0"]);
        // Its neighbour has no four digits.
        assert_eq!(time_unit(0.997, 1.051).1, "s");
    }

    /// 2 h 59 min 59 s are not three hours, and a bound that is hit stays as it is.
    #[test]
    fn bounds_are_rounded_to_the_side_on_which_they_hold() {
        let seconds = [10_799.0, 10_800.0, 59.99, 0.0, 252.599, 86_400.0 * 1_239.9, 1e-9];
        let texts = ["2.99 h", "3.00 h", "59.9 s", "0 s", "4.20 min", "1,230 d", "0 s"];
        assert_eq!(seconds.map(at_least), texts);
        let minutes = (60.0, "min");
        assert_eq!([153.599, -153.599, 153.0].map(|s| signed_at_least(s, minutes)), ["+2.55", "-2.56", "+2.55"]);
        assert_eq!([153.599, -153.599, 153.0].map(|s| signed_at_most(s, minutes)), ["+2.56", "-2.55", "+2.55"]);
    }

    #[test]
    fn words_are_wrapped_between_and_never_lost() {
        assert_eq!(wrapped("a bc  def", 4), ["a bc", "def"]);
        assert_eq!(wrapped("unbreakable a", 4), ["unbreakable", "a"]);
        assert!(wrapped("", 4).is_empty());
    }
}
