//! Figures in words: three significant digits, always with a unit.

/// Between a figure and its unit no line is broken.
pub(crate) const BLANK: char = '\u{a0}';

/// Three significant digits without trailing zeros, never in scientific notation.
pub(crate) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "∞".to_owned() } else { "–".to_owned() };
    }
    let size = value.abs();
    let text = match size {
        _ if size < 1e-9 => return "0".to_owned(),
        _ if size < 0.009_995 => format!("{value:.5}"),
        _ if size < 0.099_95 => format!("{value:.4}"),
        _ if size < 0.999_5 => format!("{value:.3}"),
        _ if size < 9.995 => format!("{value:.2}"),
        _ if size < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    };
    trimmed(&text).replace('-', "−")
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A duration from seconds: `250 ms`, `42.3 s`, `4 min 12 s`, `1 h 5 min`, `2 d 3 h`.
pub(crate) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return figure(seconds);
    }
    let size = seconds.abs();
    let sign = if seconds < 0.0 { "−" } else { "" };
    let two = |large: &str, small: &str, unit: f64, per: f64| {
        let units = (size / unit).round();
        let (whole, rest) = ((units / per).floor(), units % per);
        if rest == 0.0 {
            format!("{sign}{whole}{BLANK}{large}")
        } else {
            format!("{sign}{whole}{BLANK}{large}{BLANK}{rest}{BLANK}{small}")
        }
    };
    match size {
        _ if size < 5e-7 => format!("0{BLANK}s"),
        _ if size < 0.999_5 => format!("{}{BLANK}ms", figure(seconds * 1e3)),
        _ if size < 59.95 => format!("{}{BLANK}s", figure(seconds)),
        _ if size < 3599.5 => two("min", "s", 1.0, 60.0),
        _ if size < 86_370.0 => two("h", "min", 60.0, 60.0),
        _ if size < 100.0 * 86_400.0 => two("d", "h", 3600.0, 24.0),
        _ => format!("{}{BLANK}d", count(seconds / 86_400.0)),
    }
}

/// Durations without their inner blanks, where room is short: `[5m 17s, 5m 20s]`.
pub(crate) fn compact(text: &str) -> String {
    [("min", "m"), ("s", "s"), ("h", "h"), ("d", "d")]
        .into_iter()
        .fold(text.to_owned(), |text, (unit, short)| text.replace(&format!("{BLANK}{unit}"), short))
}

/// The error of a mean: not in milliseconds where the mean is not.
pub(crate) fn duration_error(error: f64, mean: f64) -> String {
    if mean.abs() >= 0.999_5 && error.abs() < 0.999_5 { format!("{}{BLANK}s", figure(error)) } else { duration(error) }
}

/// A share in per cent. Neither 0 % nor 100 % is claimed for what is only near.
pub(crate) fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.001 {
        return format!("<{BLANK}0.001{BLANK}%");
    }
    if percent > 99.95 && percent < 100.0 {
        // As many decimals as show what is missing.
        for decimals in 2..=4 {
            let text = format!("{percent:.decimals$}");
            if !text.starts_with("100") {
                return format!("{}{BLANK}%", trimmed(&text));
            }
        }
        return format!(">{BLANK}99.999{BLANK}%");
    }
    format!("{}{BLANK}%", figure(percent))
}

/// A number of things: `812`, `12.3 k`, `4.56 M`.
pub(crate) fn count(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size < 999.5 => figure(value),
        _ if size < 999_500.0 => format!("{}{BLANK}k", figure(value / 1e3)),
        _ if size < 999_500_000.0 => format!("{}{BLANK}M", figure(value / 1e6)),
        _ if size < 999.5e9 => format!("{}{BLANK}G", figure(value / 1e9)),
        _ if size < 999.5e12 => format!("{}{BLANK}T", figure(value / 1e12)),
        _ => format!("{value:.2e}"),
    }
}

/// A whole number with its thousands apart: `10 000`.
pub(crate) fn whole(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(BLANK);
        }
        text.push(digit);
    }
    text
}

/// A whole number of things: `1 trial`, `10 000 trials`.
pub(crate) fn things(value: u64, thing: &str) -> String {
    format!("{} {thing}{}", whole(value), if value == 1 { "" } else { "s" })
}

/// The name of a quantile: `p99`, `p99.9`.
pub(crate) fn quantile(p: f64) -> String {
    let text = format!("{:.4}", p * 100.0);
    format!("p{}", trimmed(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_into_the_next_unit() {
        let cases = [
            (0.0, "0 s"),
            (0.000_25, "0.25 ms"),
            (0.2499, "250 ms"),
            (0.9996, "1 s"),
            (42.34, "42.3 s"),
            (59.96, "1 min"),
            (252.2, "4 min 12 s"),
            (3599.6, "1 h"),
            (3900.0, "1 h 5 min"),
            (86_399.0, "1 d"),
            (183_600.0, "2 d 3 h"),
            (-30.0, "−30 s"),
            (f64::INFINITY, "∞"),
            (f64::NAN, "–"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds).replace(BLANK, " "), text);
        }
    }

    #[test]
    fn a_share_is_never_rounded_to_certainty() {
        let cases = [
            (0.0, "0 %"),
            (0.031, "3.1 %"),
            (0.62, "62 %"),
            (0.9996, "99.96 %"),
            (0.999_999, "99.9999 %"),
            (0.999_999_99, "> 99.999 %"),
            (1.0, "100 %"),
            (1e-9, "< 0.001 %"),
        ];
        for (value, text) in cases {
            assert_eq!(share(value).replace(BLANK, " "), text);
        }
    }

    #[test]
    fn counts_and_quantiles_read_well() {
        assert_eq!(count(0.0), "0");
        assert_eq!(count(12_345.0), "12.3\u{a0}k");
        assert_eq!(count(999_600.0), "1\u{a0}M");
        assert_eq!(whole(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(things(1, "trial"), "1 trial");
        assert_eq!(quantile(0.999), "p99.9");
        assert_eq!(quantile(0.5), "p50");
    }
}
