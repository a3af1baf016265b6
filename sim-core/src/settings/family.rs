//! The fields of each family of distributions.

use super::distribution::{Unit, read_ranged};
use super::key::Key;
use super::report::{Kind, Problem};
use super::section::{Section, join};
use super::spot::{self, Spot};
use super::tree::{Node, Value};
use crate::random::{Distribution, Invalid, LogNormal};

/// A distribution with the range of its values.
pub(crate) struct Ranged {
    pub(crate) distribution: Result<Distribution, Invalid>,
    pub(crate) low: f64,
    pub(crate) high: f64,
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

/// The fields of one family.
pub(crate) struct Family<'a> {
    pub(crate) spot: &'a Spot<'a>,
    pub(crate) node: &'a Node,
    pub(crate) unit: Unit,
}

impl Family<'_> {
    pub(crate) fn read(&self, family: &str) -> Option<Ranged> {
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
    pub(crate) fn amount(&self, node: &Node, unit: Unit) -> Option<f64> {
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
