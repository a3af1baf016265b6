//! Distributions as they are written: a bare value, or a family with named fields.

use super::families::{LOGNORMAL, NAMES};
use super::family::{Family, Ranged};
use super::key::{Any, Key};
use super::quantity::{DURATION_FORM, duration_text, plain};
use super::report::Problem;
use super::section::{Section, join, listed};
use super::spot::Spot;
use super::tree::{Entry, Node, Value};
use sim_core::random::Distribution;

/// The unit of a distribution's values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Durations, kept in seconds.
    Seconds,
    /// Plain numbers.
    Plain,
}

/// Reads a distribution and holds its values against the key's range.
///
/// Both bounds are held against the lowest and the highest value that the distribution can take. A delay without a
/// highest value is let through: long tails are what delays have, and a bound on one means the sensible, not the
/// possible.
pub(crate) fn read(spot: &Spot<'_>, node: &Node, unit: Unit) -> Option<Distribution> {
    let ranged = read_ranged(spot, node, unit)?;
    let text: fn(f64) -> String = if unit == Unit::Seconds { duration_text } else { plain };
    let constant = ranged.low == ranged.high;
    // A density of zero at the bound itself is as good as excluding it.
    let low_fits = ranged.low > spot.key.low || (ranged.low == spot.key.low && !(constant && spot.key.low_excluded));
    let high_fits = ranged.high <= spot.key.high || (unit == Unit::Seconds && ranged.high == f64::INFINITY);
    if low_fits && high_fits {
        return Some(ranged.distribution);
    }
    let range = spot.key.range(text);
    let expected = if range.is_empty() { "values that are not negative".to_owned() } else { format!("values {range}") };
    let found = match (constant, ranged.high < f64::INFINITY) {
        (true, _) => node.value.describe(),
        (false, true) => format!("values from {} to {}", text(ranged.low), text(ranged.high)),
        (false, false) => format!("values from {} without an upper end", text(ranged.low)),
    };
    spot.report.problem(Problem { found, expected, ..Problem::at(node.place, spot.path) });
    None
}

pub(crate) fn read_ranged(spot: &Spot<'_>, node: &Node, unit: Unit) -> Option<Ranged> {
    let Value::Table(entries) = &node.value else {
        if matches!(node.value, Value::Array(_) | Value::Boolean(_) | Value::Other(_)) {
            let two = matches!(&node.value, Value::Array(elements) if elements.len() == 2);
            let hint = two.then(|| "write { uniform = [.., ..] } if any value between the two is meant".to_owned());
            spot.problem(node, forms(unit), hint);
            return None;
        }
        let value = spot.amount(node, unit)?;
        return Some(Ranged { distribution: Distribution::constant(value).ok()?, low: value, high: value });
    };
    // Parameters of a lognormal without the family: it was forgotten.
    let told = |entry: &Entry| LOGNORMAL.contains(&entry.key.as_str());
    if !entries.is_empty() && entries.iter().all(told) {
        let hint = "write { lognormal = { .. } } around it if that is meant".to_owned();
        spot.problem(node, forms(unit), Some(hint));
        return None;
    }
    // A section over the table reports what does not belong here, beside the family.
    let mut table = Section::over(spot.report, node, spot.path.to_owned());
    let known: Vec<&'static str> =
        NAMES.into_iter().filter(|family| entries.iter().any(|entry| entry.key == *family)).collect();
    let family = table.one_of(&NAMES)?;
    let fields = table.node(&Key::<Any>::optional(family, "the family", "").listed())?;
    drop(table);
    if known.len() > 1 {
        return None;
    }
    let path = join(spot.path, family);
    let before = spot.report.count();
    let ranged = Family { spot: &Spot { path: &path, ..*spot }, node: fields, unit }.read(family);
    if spot.report.count() > before { None } else { ranged }
}

fn forms(unit: Unit) -> String {
    let families = listed(NAMES);
    match unit {
        Unit::Seconds => format!("{DURATION_FORM}, or a distribution ({families})"),
        Unit::Plain => format!("a number or a distribution ({families})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Report, parse_toml};
    use sim_core::random::LogNormal;

    const LAG: Key = Key::required("lag", "how far behind").listed();
    const ABOVE: Key = Key::required("lag", "how far behind").above(0.0).at_most(60.0).listed();
    const SHARE: Key = Key::required("lag", "how far behind").at_most(1.0).listed();

    fn delay_of(key: &Key, value: &str) -> (Option<Distribution>, Vec<String>) {
        read_as(value, |section| section.maybe_delay(key))
    }

    fn read_as<T>(value: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> (T, Vec<String>) {
        let (node, syntax) = parse_toml(&format!("lag = {value}"), 0);
        assert!(syntax.is_empty(), "{syntax:?}");
        let report = Report::new();
        let value = read(&mut report.root(&node));
        let line = |p: &Problem| format!("{}: {} / {}", p.path, p.found, p.expected);
        (value, report.problems().iter().map(line).collect())
    }

    #[test]
    fn every_family_has_its_form() {
        let lognormal = |median, p95| LogNormal { median, p95, ..LogNormal::default() };
        let constant = |value| Distribution::constant(value).expect("possible");
        for (text, expected) in [
            ("'75s'", Ok(constant(75.0))),
            ("{ uniform = ['10m', '11m'] }", Distribution::uniform(600.0, 660.0)),
            ("{ exponential = { mean = '3s' } }", Distribution::exponential(3.0)),
            (
                "{ lognormal = { median = '3s', p95 = '10s' } }",
                Distribution::lognormal(&lognormal(Some(3.0), Some(10.0))),
            ),
            (
                "{ lognormal = { mean = '3s', sigma = 0.5 } }",
                Distribution::lognormal(&LogNormal { mean: Some(3.0), sigma: Some(0.5), ..LogNormal::default() }),
            ),
            ("{ normal = { mean = '3s', sd = '250ms' } }", Distribution::normal(3.0, 0.25)),
            ("{ weibull = { shape = 1.5, scale = '2s' } }", Distribution::weibull(1.5, 2.0)),
            ("{ gamma = { shape = 2, scale = '2s' } }", Distribution::gamma(2.0, 2.0)),
            ("{ triangular = { min = '1s', mode = '2s', max = '4s' } }", Distribution::triangular(1.0, 2.0, 4.0)),
            ("{ pareto = { shape = 2, min = '1s' } }", Distribution::pareto(2.0, 1.0)),
            (
                "{ mixture = [{ weight = 0.9, of = '1s' }, { weight = 0.1, of = { exponential = { mean = '1m' } } }] }",
                Distribution::mixture(vec![
                    (0.9, constant(1.0)),
                    (0.1, Distribution::exponential(60.0).expect("possible")),
                ]),
            ),
            (
                "{ quantiles = { p99 = '3s', p50 = '1s', 'p99.9' = '9s' } }",
                Distribution::quantiles(vec![(0.5, 1.0), (0.99, 3.0), (0.999, 9.0)]),
            ),
            ("{ empirical = ['1s', '2s'] }", Distribution::empirical(vec![1.0, 2.0])),
            ("{ empirical = [1.0, 2.5] }", Distribution::empirical(vec![1.0, 2.5])),
        ] {
            assert_eq!(delay_of(&LAG, text), (Some(expected.expect("possible")), vec![]), "{text}");
        }
    }

    #[test]
    fn plain_numbers_have_no_unit() {
        let quantity = |value: &str| read_as(value, |section| section.maybe_quantity(&LAG));
        assert_eq!(quantity("{ uniform = [0.1, 0.3] }").0, Distribution::uniform(0.1, 0.3).ok());
        assert_eq!(quantity("2").0, Distribution::constant(2.0).ok());
        assert_eq!(quantity("'2s'").1, ["lag: the text \"2s\" / a number"]);
    }

    #[test]
    fn mistakes_are_told_at_the_field() {
        for (text, path) in [
            ("{ lognormall = { median = '3s', p95 = '10s' } }", "lag.lognormall"),
            ("{ lognormal = { median = 3, p95 = '10s' } }", "lag.lognormal.median"),
            ("{ lognormal = { median = '3s', p96 = '10s' } }", "lag.lognormal.p96"),
            ("{ lognormal = { median = '3s', sigma = '1s' } }", "lag.lognormal.sigma"),
            ("{ lognormal = '3s' }", "lag.lognormal"),
            ("{ normal = { mean = '3s' } }", "lag.normal.sd"),
            ("{ normal = { mean = '-3s', sd = '1s' } }", "lag.normal.mean"),
            ("{ uniform = ['1s'] }", "lag.uniform"),
            ("{ uniform = ['1s', 2] }", "lag.uniform.1"),
            ("{ uniform = ['2s', '1s'] }", "lag.uniform"),
            ("{ median = '1s', p99 = '2s' }", "lag"),
            ("{ mixture = [] }", "lag.mixture"),
            ("{ mixture = [{ weight = 0.5, of = '1s' }] }", "lag.mixture"),
            ("{ mixture = [{ weight = 1, of = { uniform = ['2s', '1s'] } }] }", "lag.mixture.0.of.uniform"),
            ("{ exponential = { mean = '1s' }, uniform = ['1s', '2s'] }", "lag.exponential"),
            ("{ exponential = { mean = '1s' }, extra = 1 }", "lag.extra"),
            ("{ mixture = 3 }", "lag.mixture"),
            ("{ mixture = [{ weight = 1 }] }", "lag.mixture.0.of"),
            ("{ mixture = [{ weight = 1, of = { uniform = 3 } }] }", "lag.mixture.0.of.uniform"),
            ("{ mixture = [3] }", "lag.mixture.0"),
            ("{ quantiles = { median = '1s' } }", "lag.quantiles.median"),
            ("{ quantiles = { p50 = '1s', p99.9 = '1s' } }", "lag.quantiles.p99"),
            ("{ quantiles = { p50 = '1s', p100 = '2s' } }", "lag.quantiles.p100"),
            ("{ empirical = 'lag.csv' }", "lag.empirical"),
            ("{ empirical = ['1s', 2] }", "lag.empirical.1"),
            ("{}", "lag"),
            ("true", "lag"),
            ("['1s', '2s']", "lag"),
        ] {
            let (value, found) = delay_of(&LAG, text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(value.is_none() || text.contains("extra"), "{text}");
            assert!(found[0].starts_with(&format!("{path}: ")), "{text}: {found:?}");
        }
    }

    #[test]
    fn an_impossible_distribution_says_why() {
        for (text, reason) in [
            ("{ lognormal = { median = '3s', p95 = '1s' } }", "no lognormal has a p95 that is not above its median"),
            ("{ uniform = ['10m', '90s'] }", "the lower end 10m is not below the upper end 90s"),
            ("{ triangular = { min = '1s', mode = '1h', max = '5s' } }", "min 1s, mode 1h and max 5s do not increase"),
            ("{ quantiles = { p50 = '1m', 'p99.9' = '2m', p99 = '3m' } }", "p99.9 = 2m is not above p99 = 3m"),
            (
                "{ mixture = [{ weight = 0.7, of = '1s' }, { weight = 0.2, of = '2s' }, { weight = 0.2, of = '3s' }] }",
                "the weights sum to 1.1, not to 1",
            ),
        ] {
            let (_, found) = delay_of(&LAG, text);
            assert!(found[0].contains(&format!("an invalid distribution: {reason} /")), "{found:?}");
        }
    }

    #[test]
    fn a_word_may_stand_for_no_distribution() {
        let or = |value: &str| read_as(value, |section| section.delay_or(&LAG, "permanent"));
        assert_eq!(or("'permanent'"), (None, vec![]));
        assert_eq!(or("'5s'"), (Distribution::constant(5.0).ok(), vec![]));
        assert_eq!(or("{ uniform = ['1s', '2s'] }"), (Distribution::uniform(1.0, 2.0).ok(), vec![]));
        for wrong in ["'permanant'", "'for ever'", "5", "{ uniform = ['2s', '1s'] }"] {
            let (value, found) = or(wrong);
            assert!(value.is_some() && found.len() == 1, "{wrong}: {found:?}");
        }
        assert!(or("'for ever'").1[0].contains("\"permanent\", or a duration"));
    }

    #[test]
    fn ranges_hold_for_all_values() {
        assert_eq!(delay_of(&ABOVE, "'0s'").1, ["lag: the text \"0s\" / values above 0s and at most 1m"]);
        assert_eq!(
            delay_of(&ABOVE, "{ uniform = ['10s', '2m'] }").1,
            ["lag: values from 10s to 2m / values above 0s and at most 1m"]
        );
        // The highest sensible value does not limit the tail.
        assert!(delay_of(&ABOVE, "{ exponential = { mean = '1s' } }").1.is_empty());
        let quantity = |value: &str| read_as(value, |section| section.maybe_quantity(&SHARE)).1;
        assert_eq!(
            quantity("{ exponential = { mean = 0.1 } }"),
            ["lag: values from 0 without an upper end / values from 0 to 1"]
        );
        assert!(quantity("{ mixture = [{ weight = 1, of = { uniform = [0.1, 1] } }] }").is_empty());
    }

    #[test]
    fn a_default_may_be_a_distribution() {
        const DELAY: Key =
            Key::assumed("delay", "", "{ lognormal = { median = \"3s\", p95 = \"10s\" } }", "no published source")
                .listed();
        let (value, found) = read_as("'1s'", |section| {
            section.delay(&LAG);
            section.delay(&DELAY)
        });
        assert!(found.is_empty());
        assert!((value.quantile(0.5) - 3.0).abs() < 1e-9);
    }
}
