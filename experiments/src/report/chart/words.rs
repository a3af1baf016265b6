//! Figures on charts: as everywhere else ([`units`]), with blanks at which no line is broken.

use sim_core::stats::Interval;

use crate::units;

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

/// An estimated duration: `250 ms`, `42.3 s`, `4.21 min`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds.is_finite() { kept(&units::duration(seconds)) } else { figure(seconds) }
}

/// A duration that somebody chose, and a round one on an axis: `5 min`.
pub(crate) fn chosen(seconds: f64) -> String {
    if seconds.is_finite() { kept(&units::chosen_duration(seconds)) } else { figure(seconds) }
}

/// A lower bound of a censored value: `> 50 min`.
pub(crate) fn beyond(seconds: f64) -> String {
    if seconds.is_finite() { kept(&units::beyond(seconds)) } else { figure(f64::INFINITY) }
}

/// An estimated duration, and its interval in the same unit: `4.21 min`, `[3.98, 4.52]`. An infinite part is known to
/// be longer than `least`; without more to say there is no interval.
pub(crate) fn estimated([value, low, high]: [f64; 3], least: [f64; 3]) -> (String, Option<String>) {
    if value.is_nan() || value.is_infinite() && !least[0].is_finite() {
        return (figure(value), None);
    }
    let interval = |[estimate, low, high]: [f64; 3]| Interval { estimate, low, high, level: 1.0 };
    let (text, from, to) = units::estimated_duration(&interval([value, low, high]), &interval(least));
    let known = !low.is_nan() && !high.is_nan() && (low.is_finite() || high.is_finite());
    (kept(&text), known.then(|| format!("[{from}, {to}]")))
}

/// A share in per cent. Neither 0 % nor 100 % is claimed for what is only near.
pub(crate) fn share(share: f64) -> String {
    format!("{}{BLANK}%", units::percent(share))
}

/// A share with its interval: `0.0069 % [0.0022, 0.016]`.
pub(crate) fn estimated_share(estimate: f64, ends: (f64, f64)) -> String {
    format!("{} {}", share(estimate), share_interval(ends))
}

/// The interval of a share in per cent: `[0.0022, 0.016]`.
pub(crate) fn share_interval((low, high): (f64, f64)) -> String {
    format!("[{}, {}]", units::percent(low), units::percent(high))
}

/// A share that somebody chose.
pub(crate) fn chosen_share(share: f64) -> String {
    format!("{}{BLANK}%", units::chosen_percent(share))
}

/// A number of things: `812`, `4,560`, `45.6 k`.
pub(crate) fn count(value: f64) -> String {
    kept(&units::count(value))
}

/// A round number of things on an axis: `500`, `2,000`, `20 k`, `1 M`.
pub(crate) fn round(value: f64) -> String {
    let scales = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    match scales.into_iter().find(|(scale, _)| value.abs() >= 1e4 && value.abs() >= *scale) {
        Some((scale, name)) if value.abs() < 1e15 => format!("{}{BLANK}{name}", figure(value / scale)),
        Some(_) => format!("{value:.0e}"),
        None if value >= 1e3 => units::count(value),
        None => figure(value),
    }
}

/// A whole number with its thousands apart: `10,000`.
pub(crate) fn whole(value: u64) -> String {
    units::whole(value)
}

/// A whole number of things: `1 trial`, `10,000 trials`.
pub(crate) fn things(value: u64, thing: &str) -> String {
    format!("{} {thing}{}", whole(value), if value == 1 { "" } else { "s" })
}

fn kept(text: &str) -> String {
    text.replace(' ', "\u{a0}")
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
    fn figures_are_those_of_the_other_reports_and_break_no_line() {
        for (seconds, text) in [(42.34, "42.3 s"), (252.2, "4.20 min"), (f64::INFINITY, "∞"), (f64::NAN, "–")] {
            assert_eq!(duration(seconds).replace(BLANK, " "), text);
        }
        assert_eq!(chosen(300.0), "5\u{a0}min");
        let (value, interval) = estimated([252.2, 240.0, f64::INFINITY], [0.0, 0.0, 3_000.0]);
        assert_eq!((value.as_str(), interval.as_deref()), ("4.20\u{a0}min", Some("[4.00, >50]")));
        let beyond = estimated([f64::INFINITY; 3], [3_000.0, 2_900.0, 3_100.0]);
        assert_eq!(beyond, (">\u{a0}50\u{a0}min".to_owned(), None));
        assert_eq!(estimated_share(6.9e-5, (2.2e-5, 1.6e-4)), "0.0069\u{a0}% [0.0022, 0.016]");
        assert_eq!([500.0, 2_000.0, 20_000.0, 1e6, 0.5].map(round), ["500", "2,000", "20\u{a0}k", "1\u{a0}M", "0.5"]);
    }

    #[test]
    fn counts_and_quantiles_read_well() {
        assert_eq!(count(0.0), "0");
        assert_eq!(count(12_345.0), "12.3\u{a0}k");
        assert_eq!(whole(1_234_567), "1,234,567");
        assert_eq!(things(1, "trial"), "1 trial");
        assert_eq!(quantile(0.999), "p99.9");
        assert_eq!(quantile(0.5), "p50");
    }
}
