//! Distributions as they are written: a bare value, or a family with named fields.

use super::key::Key;
use super::overlay::FAMILIES;
use super::quantity::{DURATION_FORM, duration_text};
use super::report::{Kind, Problem};
use super::section::{Section, join, listed};
use super::spot::{self, Spot};
use super::tree::{Node, Value};
use crate::random::{Distribution, Invalid, LogNormal};

/// What the values of a distribution are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Durations, kept in seconds.
    Seconds,
    /// Plain numbers.
    Plain,
}

/// A distribution with the range of its values.
struct Ranged {
    distribution: Result<Distribution, Invalid>,
    low: f64,
    high: f64,
}

const MEAN: Key = Key::required("mean", "the mean");
const SD: Key = Key::required("sd", "the standard deviation");
const SHAPE: Key = Key::required("shape", "the shape, a plain number");
const SCALE: Key = Key::required("scale", "the scale");
const MIN: Key = Key::required("min", "the lowest value");
const MODE: Key = Key::required("mode", "the likeliest value");
const MAX: Key = Key::required("max", "the highest value");
const WEIGHT: Key = Key::required("weight", "how often this part is chosen");
const OF: Key = Key::required("of", "the distribution of this part");

/// Reads a distribution and holds its values against the key's range.
///
/// Both bounds are held against the lowest and the highest value that the distribution can take. A delay without a
/// highest value is let through: long tails are what delays have, and a bound on one means the sensible, not the
/// possible.
pub(crate) fn read(spot: &Spot<'_>, node: &Node, unit: Unit) -> Option<Distribution> {
    let ranged = read_ranged(spot, node, unit)?;
    let distribution = match ranged.distribution {
        Ok(distribution) => distribution,
        Err(invalid) => {
            spot.report.problem(Problem {
                found: "an impossible distribution".to_owned(),
                expected: "parameters that describe one".to_owned(),
                hint: Some(invalid.reason),
                ..Problem::at(node.place, spot.path)
            });
            return None;
        }
    };
    let text: fn(f64) -> String = if unit == Unit::Seconds { duration_text } else { |value| value.to_string() };
    let constant = ranged.low == ranged.high;
    // A density of zero at the bound itself is as good as excluding it.
    let low_fits = ranged.low > spot.key.low || (ranged.low == spot.key.low && !(constant && spot.key.low_excluded));
    let high_fits = ranged.high <= spot.key.high || (unit == Unit::Seconds && ranged.high == f64::INFINITY);
    if low_fits && high_fits {
        return Some(distribution);
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

fn read_ranged(spot: &Spot<'_>, node: &Node, unit: Unit) -> Option<Ranged> {
    let Value::Table(entries) = &node.value else {
        if matches!(node.value, Value::Array(_) | Value::Boolean(_) | Value::Other(_)) {
            spot.problem(node, forms(unit), None);
            return None;
        }
        let value = spot.amount(node, unit)?;
        return Some(Ranged { distribution: Distribution::constant(value), low: value, high: value });
    };
    // A section over the table reports what does not belong here, beside the family.
    let mut table = Section::over(spot.report, node, spot.path.to_owned(), String::new());
    table.describes = false;
    let known: Vec<&'static str> =
        FAMILIES.into_iter().filter(|family| entries.iter().any(|entry| entry.key == *family)).collect();
    let family = table.one_of(&FAMILIES)?;
    let fields = table.node(&Key::optional(family, "the family"))?;
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
    let families = listed(FAMILIES);
    match unit {
        Unit::Seconds => format!("{DURATION_FORM}, or a distribution ({families})"),
        Unit::Plain => format!("a number or a distribution ({families})"),
    }
}

/// The fields of one family.
struct Family<'a> {
    spot: &'a Spot<'a>,
    node: &'a Node,
    unit: Unit,
}

impl Family<'_> {
    fn read(&self, family: &str) -> Option<Ranged> {
        let (distribution, low, high) = match family {
            "uniform" => {
                let [low, high] =
                    self.values("two values, the lowest and the highest")?.try_into().ok().or_else(|| {
                        self.spot.problem(self.node, "two values, the lowest and the highest", None);
                        None
                    })?;
                (Distribution::uniform(low, high), low, high)
            }
            "exponential" => {
                let [mean] = self.fields([&MEAN])?;
                (Distribution::exponential(mean), 0.0, f64::INFINITY)
            }
            "lognormal" => (Distribution::lognormal(&self.lognormal()?), 0.0, f64::INFINITY),
            "normal" => {
                let [mean, sd] = self.fields([&MEAN, &SD])?;
                (Distribution::normal(mean, sd), 0.0, f64::INFINITY)
            }
            "weibull" => {
                let [shape, scale] = self.fields([&SHAPE, &SCALE])?;
                (Distribution::weibull(shape, scale), 0.0, f64::INFINITY)
            }
            "gamma" => {
                let [shape, scale] = self.fields([&SHAPE, &SCALE])?;
                (Distribution::gamma(shape, scale), 0.0, f64::INFINITY)
            }
            "triangular" => {
                let [min, mode, max] = self.fields([&MIN, &MODE, &MAX])?;
                (Distribution::triangular(min, mode, max), min, max)
            }
            "pareto" => {
                let [shape, min] = self.fields([&SHAPE, &MIN])?;
                (Distribution::pareto(shape, min), min, f64::INFINITY)
            }
            "mixture" => return self.mixture(),
            "quantiles" => (Distribution::quantiles(self.quantiles()?), 0.0, f64::INFINITY),
            _ => {
                let values = self.observations()?;
                let low = values.iter().copied().fold(f64::INFINITY, f64::min);
                let high = values.iter().copied().fold(0.0, f64::max);
                (Distribution::empirical(values), low, high)
            }
        };
        Some(Ranged { distribution, low, high })
    }

    fn section(&self) -> Section<'_> {
        let mut section = Section::over(self.spot.report, self.node, self.spot.path.to_owned(), String::new());
        section.describes = false;
        section
    }

    /// Required fields, all of them; what is wrong with any is reported.
    fn fields<const N: usize>(&self, keys: [&Key; N]) -> Option<[f64; N]> {
        let mut section = self.section();
        let read = keys.map(|key| {
            let unit = if key.name == SHAPE.name { Unit::Plain } else { self.unit };
            section.amount(key, unit)
        });
        let values: Vec<f64> = read.into_iter().flatten().collect();
        values.try_into().ok()
    }

    fn lognormal(&self) -> Option<LogNormal> {
        let mut section = self.section();
        let parameters = LogNormal {
            median: section.amount(&Key::optional("median", ""), self.unit),
            mean: section.amount(&Key::optional("mean", ""), self.unit),
            p95: section.amount(&Key::optional("p95", ""), self.unit),
            p99: section.amount(&Key::optional("p99", ""), self.unit),
            sigma: section.amount(&Key::optional("sigma", ""), Unit::Plain),
        };
        let before = self.spot.report.count();
        drop(section);
        (self.spot.report.count() == before).then_some(parameters)
    }

    fn mixture(&self) -> Option<Ranged> {
        let Value::Array(parts) = &self.node.value else {
            self.spot.problem(self.node, "an array of { weight = .., of = .. }", None);
            return None;
        };
        let (mut low, mut high, mut mixed) = (f64::INFINITY, 0.0_f64, Vec::new());
        for (index, part) in parts.iter().enumerate() {
            let path = format!("{}[{index}]", self.spot.path);
            let mut section = Section::over(self.spot.report, part, path.clone(), String::new());
            section.describes = false;
            let weight = section.amount(&WEIGHT, Unit::Plain);
            let Some(of) = section.node(&OF) else { continue };
            let inner_path = join(&path, OF.name);
            let Some(inner) = read_ranged(&Spot { path: &inner_path, ..*self.spot }, of, self.unit) else { continue };
            (low, high) = (low.min(inner.low), high.max(inner.high));
            mixed.push(inner.distribution.map(|distribution| (weight.unwrap_or(1.0), distribution)));
        }
        let mixed: Result<Vec<_>, Invalid> = mixed.into_iter().collect();
        Some(Ranged { distribution: mixed.and_then(Distribution::mixture), low, high })
    }

    fn quantiles(&self) -> Option<Vec<(f64, f64)>> {
        const EXPECTED: &str = "quantiles such as p50, p90 or \"p99.9\"";
        if !matches!(self.node.value, Value::Table(_)) {
            self.spot.problem(self.node, "a table of quantiles, such as { p50 = .., p99 = .. }", None);
            return None;
        }
        let mut quantiles = Vec::new();
        for entry in self.node.entries() {
            let path = join(self.spot.path, &entry.key);
            // The decimal point is moved in the text: dividing by 100 would round twice.
            let share = entry.key.strip_prefix('p').filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
            let share = share.and_then(|digits| format!("{digits}e-2").parse::<f64>().ok());
            let Some(share) = share.filter(|share| *share > 0.0 && *share < 1.0) else {
                self.spot.report.problem(Problem {
                    found: "an unknown key".to_owned(),
                    expected: EXPECTED.to_owned(),
                    ..Problem::at(entry.key_place, path)
                });
                continue;
            };
            let spot = Spot { path: &path, ..*self.spot };
            if matches!(entry.node.value, Value::Table(_)) {
                let hint = "a key with a point needs quotes, as in \"p99.9\" = ..".to_owned();
                spot.problem(&entry.node, EXPECTED, Some(hint));
                continue;
            }
            quantiles.extend(spot.amount(&entry.node, self.unit).map(|value| (share, value)));
        }
        quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(quantiles)
    }

    /// Observations. Plain numbers are seconds where durations are read: that is how they come from a file.
    fn observations(&self) -> Option<Vec<f64>> {
        let numbers = |node: &&Node| matches!(node.value, Value::Integer(_) | Value::Float(_));
        match &self.node.value {
            Value::Array(elements) if elements.iter().all(|element| numbers(&element)) => {
                Family { unit: Unit::Plain, ..*self }.values("numbers")
            }
            _ => self.values("an array of observations, or the name of a CSV file"),
        }
    }

    /// An array of values.
    fn values(&self, expected: &str) -> Option<Vec<f64>> {
        let Value::Array(elements) = &self.node.value else {
            self.spot.problem(self.node, expected, None);
            return None;
        };
        let values: Vec<f64> = elements.iter().filter_map(|element| self.spot.amount(element, self.unit)).collect();
        (values.len() == elements.len()).then_some(values)
    }
}

impl Spot<'_> {
    /// A value of the distribution's own kind, not negative; the key's range is held against the whole later.
    fn amount(&self, node: &Node, unit: Unit) -> Option<f64> {
        const ANY: Key = Key::optional("", "");
        let spot = Spot { key: &ANY, ..*self };
        match unit {
            Unit::Seconds => spot::seconds(&spot, node),
            Unit::Plain => spot::number(&spot, node),
        }
    }
}

impl Section<'_> {
    fn amount(&mut self, key: &Key, unit: Unit) -> Option<f64> {
        self.read(key, Kind::Other, |spot, node| spot.amount(node, unit))
    }
}
