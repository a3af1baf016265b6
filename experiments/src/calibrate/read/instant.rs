//! Instants and durations as exports write them.

use sim_core::stats::fit::Observed;
use sim_settings::quantity::parse_duration;

use super::super::unit;

/// Seconds since 1970 of a timestamp: `2026-11-29T10:00:00Z`, with an offset or a fraction or without seconds, a space in
/// place of the `T`, or the number itself. Without a zone it is in UTC.
pub fn instant(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        // A plain number is an instant only in the years in which exports are made; in milliseconds where it is that large.
        return match number {
            _ if (1e8..1e11).contains(&number) => Some(number),
            _ if (1e11..1e14).contains(&number) => Some(number / 1e3),
            _ => None,
        };
    }
    let (date, time) = text.split_once(['T', ' '])?;
    let mut parts = date.split(['-', '/']);
    let mut whole = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (year, month, day) = (whole()?, whole()?, whole()?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    if day > next - days(year, month, 1) {
        return None;
    }
    let time = time.trim();
    let zone = time.find(['Z', 'z', '+']).or_else(|| time.rfind('-'));
    let (clock, zone) = time.split_at(zone.unwrap_or(time.len()));
    let mut parts = clock.trim().split(':');
    let mut number = || parts.next().map(|part| part.parse::<f64>().ok());
    let (hour, minute, second) = (number()??, number()??, number().unwrap_or(Some(0.0))?);
    let in_range = (0.0..24.0).contains(&hour) && (0.0..60.0).contains(&minute) && (0.0..61.0).contains(&second);
    if !in_range || hour.fract() != 0.0 || minute.fract() != 0.0 {
        return None;
    }
    let offset = match zone.trim() {
        "" | "Z" | "z" => 0.0,
        zone => {
            let (sign, digits) = zone.split_at(1);
            let digits = digits.replace(':', "");
            let sound = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.parse::<f64>().ok().filter(|_| sound)?;
            let minutes =
                if digits.len() == 2 { number * 60.0 } else { (number / 100.0).floor() * 60.0 + number % 100.0 };
            if sign == "-" { -minutes * 60.0 } else { minutes * 60.0 }
        }
    };
    Some(days(year, month, day) as f64 * 86_400.0 + hour * 3_600.0 + minute * 60.0 + second - offset)
}

/// Days since 1 January 1970 (H. Hinnant, Low-Level Date Algorithms).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A duration that somebody wrote down, in seconds: `4m 10s`, a number of `unit`, `> 15m` for one that was stopped then,
/// `4m..5m` for one between two.
///
/// # Errors
/// What was expected.
pub fn amount(text: &str, unit: Option<&str>) -> Result<Observed, String> {
    let one = |text: &str| -> Result<f64, String> {
        let text = text.trim();
        if let Ok(number) = text.parse::<f64>() {
            let scale = unit.and_then(unit::seconds);
            let seconds = scale
                .map(|scale| number * scale)
                .ok_or_else(|| "a duration with its unit, such as \"4m 10s\", or `unit` in the list".to_owned())?;
            return if seconds >= 0.0 && seconds.is_finite() { Ok(seconds) } else { Err(NOT_NEGATIVE.to_owned()) };
        }
        parse_duration(text).map_err(|hint| format!("a duration such as \"4m 10s\", \"> 15m\" or \"4m..5m\"; {hint}"))
    };
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('>') {
        return one(rest.trim_start_matches('=')).map(Observed::Above);
    }
    if let Some((low, high)) = text.split_once("..") {
        let (low, high) = (one(low)?, one(high)?);
        return if low < high {
            Ok(Observed::Between(low, high))
        } else {
            Err("a lower end below its upper one".to_owned())
        };
    }
    one(text).map(Observed::Exact)
}

const NOT_NEGATIVE: &str = "a duration that is not negative";

/// Stretches of time: `FROM .. TO`, several with commas between them.
pub(in super::super) fn windows(text: &str) -> Option<Vec<(f64, f64)>> {
    let one = |text: &str| {
        let (from, to) = text.split_once("..")?;
        let (from, to) = (instant(from)?, instant(to)?);
        (from < to).then_some((from, to))
    };
    text.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_of_every_export_mean_the_same() {
        for text in [
            "2026-11-29T10:00:00Z",
            "2026-11-29T10:00:00+00:00",
            "2026-11-29T12:00:00+02:00",
            "2026-11-29T04:30:00.000-05:30",
            "2026-11-29 10:00",
            "2026/11/29 10:00:00",
            "1795946400",
            "1795946400.0",
            "1795946400000",
        ] {
            assert_eq!(instant(text), Some(1_795_946_400.0), "{text}");
        }
        assert_eq!(
            instant("2024-02-29T00:00:00Z").zip(instant("2024-03-01T00:00:00Z")).map(|(a, b)| b - a),
            Some(86_400.0)
        );
        for wrong in [
            "",
            "10:00",
            "2026-13-01T00:00Z",
            "2026-11-29",
            "29.11.2026 10:00",
            "42",
            "-5",
            "2026-11-29T25:00Z",
            "2026-11-29T10:00+1",
            "2026-02-29T10:00Z",
        ] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_of_drills_may_have_been_stopped() {
        assert_eq!(amount("4m 10s", None), Ok(Observed::Exact(250.0)));
        assert_eq!(amount("250", Some("ms")), Ok(Observed::Exact(0.25)));
        assert_eq!(amount("> 15m", None), Ok(Observed::Above(900.0)));
        assert_eq!(amount("4m..5m", None), Ok(Observed::Between(240.0, 300.0)));
        for wrong in ["250", "", "soon", "-4", "5m..4m", ">", "1e999", "nan"] {
            assert!(amount(wrong, if wrong == "250" { None } else { Some("s") }).is_err(), "{wrong}");
        }
    }

    #[test]
    fn stretches_have_two_ends() {
        assert_eq!(windows("2026-11-29T10:00Z .. 2026-11-29T10:01Z").map(|it| it.len()), Some(1));
        assert_eq!(
            windows("2026-11-29T10:00Z .. 2026-11-29T10:01Z, 2026-11-30T10:00Z..2026-11-30T10:01Z").map(|it| it.len()),
            Some(2)
        );
        assert_eq!(windows("2026-11-29T10:00Z"), None);
        assert_eq!(windows("2026-11-29T10:01Z .. 2026-11-29T10:00Z"), None);
    }
}
