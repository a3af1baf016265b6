//! Durations, rates and percentages as people write them.

/// The form of a duration, for messages.
pub const DURATION_FORM: &str = "a duration in ms, s, m, h or d, such as \"10s\" or \"1m 30s\"";
/// The form of a rate, for messages.
pub const RATE_FORM: &str = "a rate such as \"2 per year\" or \"0.5 per 30d\", or a number per second";

/// Longer durations are refused: a hundred years of nanoseconds still fit the clock with room to add.
const LONGEST_SECONDS: f64 = 36_500.0 * 86_400.0;

/// Units of time, longest first, with the power of ten or the factor that makes them seconds.
const UNITS: [(&[&str], Scale); 7] = [
    (&["d"], Scale::Times(86_400.0)),
    (&["h"], Scale::Times(3_600.0)),
    (&["m", "min"], Scale::Times(60.0)),
    (&["s"], Scale::Times(1.0)),
    (&["ms"], Scale::Power("e-3")),
    (&["us", "µs", "μs"], Scale::Power("e-6")),
    (&["ns"], Scale::Power("e-9")),
];

#[derive(Clone, Copy)]
enum Scale {
    Times(f64),
    /// Read together with the digits, so that "250ms" is exactly the number 0.25 stands for.
    Power(&'static str),
}

/// Seconds of a duration such as `250ms`, `1.5h` or `1m 30s`: longer units first, each at most once.
///
/// # Errors
/// Says what to write instead, as a hint.
pub fn parse_duration(text: &str) -> Result<f64, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("write a number and a unit".to_owned());
    }
    let (mut seconds, mut next_unit) = (0.0, 0);
    while !rest.is_empty() {
        let (digits, tail) = split_number(rest).ok_or_else(|| not_a_number(rest))?;
        let tail = tail.trim_start();
        let length = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(length);
        let index =
            UNITS.iter().position(|(names, _)| names.contains(&unit)).ok_or_else(|| wrong_unit(digits, unit, tail))?;
        if index < next_unit {
            return Err("longer units come first, each once, as in \"1h 30m\"".to_owned());
        }
        next_unit = index + 1;
        let value = match UNITS[index].1 {
            Scale::Times(factor) => digits.parse::<f64>().map(|number| number * factor),
            Scale::Power(exponent) => format!("{digits}{exponent}").parse::<f64>(),
        };
        seconds += value.map_err(|_| not_a_number(digits))?;
        rest = tail.trim_start();
    }
    if seconds <= LONGEST_SECONDS { Ok(seconds) } else { Err("at most a hundred years, \"36500d\"".to_owned()) }
}

/// Events per second of a text such as `2 per year`, `1 per month` or `0.5 per 30d`.
///
/// Here, unlike in a duration, a month and a year are fine: a rate is a mean, and so are 30.4375 d and 365.25 d.
pub fn parse_rate(text: &str) -> Option<f64> {
    let (count, period) = text.split_once(" per ")?;
    let count = positive(count.trim())?;
    let seconds = match period.trim() {
        "second" => 1.0,
        "minute" => 60.0,
        "hour" => 3_600.0,
        "day" => 86_400.0,
        "week" => 604_800.0,
        "month" => 365.25 * 86_400.0 / 12.0,
        "year" => 365.25 * 86_400.0,
        other => parse_duration(other).ok()?,
    };
    let rate = count / seconds;
    rate.is_finite().then_some(rate)
}

/// The share that a text such as `99.95%` stands for; may be above 1.
pub fn parse_percentage(text: &str) -> Option<f64> {
    let digits = text.trim().strip_suffix('%')?.trim_end();
    positive(digits)?;
    // The decimal point is moved in the text: dividing by 100 would round twice.
    format!("{digits}e-2").parse().ok()
}

/// `seconds` as it would be written: `250ms`, `10s`, `5m`, `36h`.
pub fn duration_text(seconds: f64) -> String {
    let whole = |unit: f64| seconds >= unit && (seconds / unit).fract() == 0.0;
    match seconds {
        s if s == 0.0 || !s.is_finite() => format!("{s}s"),
        s if whole(86_400.0) => format!("{}d", s / 86_400.0),
        s if whole(3_600.0) => format!("{}h", s / 3_600.0),
        s if whole(60.0) => format!("{}m", s / 60.0),
        s if s >= 1.0 => format!("{s}s"),
        s if s >= 1e-3 => format!("{}ms", without_noise(s * 1e3)),
        s => format!("{}us", without_noise(s * 1e6)),
    }
}

/// A product of a decimal fraction without the last bits that binary adds to it.
fn without_noise(value: f64) -> f64 {
    rounded(value, 12)
}

/// A number as people read it: at most six significant digits.
pub fn number_text(value: f64) -> String {
    rounded(value, 6).to_string()
}

/// A sum that should be 1: with as many digits as it takes to see that it is not.
pub fn sum_text(total: f64) -> String {
    let digits = (6..=17).find(|digits| rounded(total, *digits) != 1.0);
    rounded(total, digits.unwrap_or(17)).to_string()
}

/// A bound as it would be written in a file: `10_000_000`.
pub(crate) fn plain(value: f64) -> String {
    let text = value.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    if digits.len() < 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let mut grouped = sign.to_owned();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}

/// A number in plain decimal digits, without sign and exponent.
fn positive(digits: &str) -> Option<f64> {
    let (number, rest) = split_number(digits)?;
    if rest.is_empty() { number.parse().ok() } else { None }
}

fn split_number(text: &str) -> Option<(&str, &str)> {
    let length = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(length);
    let sound = number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit())
        && number.matches('.').count() <= 1;
    sound.then_some((number, rest))
}

fn not_a_number(text: &str) -> String {
    if text.starts_with('-') {
        "a duration cannot be negative".to_owned()
    } else {
        "every part is a number and a unit, as in \"1m 30s\"".to_owned()
    }
}

/// The correct form for `unit`, which stands between `digits` and `tail`.
fn wrong_unit(digits: &str, unit: &str, tail: &str) -> String {
    let start = unit.to_lowercase();
    if unit.is_empty() && tail.starts_with(',') {
        return "fractions are written with a point, as in \"1.5h\"".to_owned();
    }
    if unit.is_empty() && !tail.is_empty() {
        return not_a_number(tail);
    }
    if unit.is_empty() {
        // "1.234567" repeats what was written, a novel does not.
        let digits = if digits.len() > 20 { "10" } else { digits };
        return format!("a unit is missing: write \"{digits}s\" if seconds are meant");
    }
    if ["mo", "y", "year", "yr"].iter().any(|word| start.starts_with(word)) {
        return "months and years differ in length: count days, such as \"30d\" or \"365d\"".to_owned();
    }
    if start.starts_with('w') {
        return "count days: a week is \"7d\"".to_owned();
    }
    let written = |name: &str, unit: &str| format!("{name} are written \"{unit}\"");
    match start.as_str() {
        "ms" | "msec" | "msecs" | "millis" => written("milliseconds", "ms"),
        "m" => written("minutes", "m"),
        "s" => written("seconds", "s"),
        word if word.starts_with("millisec") => written("milliseconds", "ms"),
        word if word.starts_with("sec") => written("seconds", "s"),
        word if word.starts_with("min") => written("minutes", "m"),
        word if word.starts_with('h') => written("hours", "h"),
        word if word.starts_with('d') => written("days", "d"),
        _ => "the units are ms, s, m, h and d".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::time::SimDuration;

    #[test]
    fn durations_mean_what_they_say() {
        for (text, seconds) in [
            ("250ms", 0.25),
            ("3ms", 0.003),
            ("10s", 10.0),
            ("0s", 0.0),
            ("1m 30s", 90.0),
            ("1m30s", 90.0),
            (" 2 h ", 7_200.0),
            ("1.5h", 5_400.0),
            ("30d", 2_592_000.0),
            ("3 min 07 s", 187.0),
            ("1us", 1e-6),
            ("1 µs", 1e-6),
        ] {
            assert_eq!(parse_duration(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_the_program_prints_can_be_read_back() {
        for seconds in [0.0, 250e-9, 0.0042, 0.25, 4.25, 45.0, 187.0, 7_500.0, 273_600.0] {
            let duration = SimDuration::from_secs_f64(seconds);
            assert_eq!(parse_duration(&duration.to_string()).map(SimDuration::from_secs_f64), Ok(duration));
            assert_eq!(parse_duration(&duration_text(seconds)).map(SimDuration::from_secs_f64), Ok(duration));
        }
    }

    #[test]
    fn wrong_durations_say_what_to_write() {
        let hint = |text: &str| parse_duration(text).expect_err("not a duration");
        assert!(hint("10").contains("\"10s\""));
        assert!(hint("5 parsecs").contains("units are"));
        assert!(hint("3 months").contains("differ in length"));
        assert!(hint("1y").contains("differ in length"));
        assert!(hint("2 weeks").contains("\"7d\""));
        assert!(hint("5 seconds").contains("\"s\""));
        assert!(hint("5 M").contains("minutes are written \"m\""));
        assert!(hint("60 msec").contains("\"ms\""));
        assert!(hint("1,5m").contains("\"1.5h\""));
        assert!(hint("5:00").contains("every part"));
        assert!(hint("-5s").contains("negative"));
        assert!(hint("30s 1m").contains("first"));
        assert!(hint("1s 1s").contains("first"));
        assert!(hint("99999999d").contains("hundred years"));
        for text in ["", " ", "s", ".5s", "1.s", "1..2s", "1e3s", "NaNs", "infs", "1_000s", "١s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert!(parse_duration(&"9".repeat(100_000)).is_err());
        assert!(parse_duration(&format!("{}s", "9".repeat(100_000))).is_err());
    }

    #[test]
    fn rates_are_per_second() {
        assert_eq!(parse_rate("2 per year"), Some(2.0 / 31_557_600.0));
        assert_eq!(parse_rate("1 per 10s"), Some(0.1));
        assert_eq!(parse_rate("3 per day"), Some(3.0 / 86_400.0));
        for wrong in ["2", "per year", "2 per", "-1 per day", "1 per 0s", "1 per fortnight", "x per day"] {
            assert_eq!(parse_rate(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_rounded_where_people_read_them_and_never_to_what_they_are_not() {
        assert_eq!(number_text(0.1 + 0.2), "0.3");
        assert_eq!(number_text(12_345_678.0), "12345700");
        assert_eq!(sum_text(0.85 + 0.15 + 0.1), "1.1");
        assert_eq!(sum_text(0.999_999_9), "0.9999999");
        assert_eq!(sum_text(0.0), "0");
    }

    #[test]
    fn bounds_are_written_as_in_a_file() {
        assert_eq!(plain(10_000_000.0), "10_000_000");
        assert_eq!(plain(-100_000.0), "-100_000");
        for (bound, text) in [(0.0, "0"), (1440.0, "1440"), (0.25, "0.25"), (-99.0, "-99")] {
            assert_eq!(plain(bound), text);
        }
    }

    #[test]
    fn percentages_are_exact() {
        assert_eq!(parse_percentage("99.95%"), Some(0.9995));
        assert_eq!(parse_percentage("0.1 %"), Some(0.001));
        assert_eq!(parse_percentage("150%"), Some(1.5));
        for wrong in ["99.95", "%", "-1%", "1e2%", "1%%"] {
            assert_eq!(parse_percentage(wrong), None, "{wrong}");
        }
    }
}
