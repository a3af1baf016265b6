//! The fields of each family of distributions.

use super::distribution::{Unit, read_ranged};
use super::families::{AVERAGE, MAX, MEAN, MEDIAN, MIN, MODE, OF, P95, P99, SCALE, SD, SHAPE, SIGMA, WEIGHT};
use super::key::Key;
use super::quantity::{duration_text, number_text, sum_text};
use super::report::Problem;
use super::section::{Section, child_path, join};
use super::spot::{self, Spot};
use super::tree::{Node, Value};
use sim_core::random::{Distribution, Invalid, LogNormal};

/// A distribution with the range of its values.
pub(crate) struct Ranged {
    pub(crate) distribution: Distribution,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

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
                const FORM: &str = "an array of two values, the lowest and the highest";
                let [low, high] = self.values(FORM)?.try_into().ok().or_else(|| {
                    self.spot.problem(self.node, FORM, None);
                    None
                })?;
                if low >= high {
                    let (low, high) = (self.text(low), self.text(high));
                    return self.invalid(&format!("the lower end {low} is not below the upper end {high}"));
                }
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
                if !(min <= mode && mode <= max && min < max) {
                    let (min, mode, max) = (self.text(min), self.text(mode), self.text(max));
                    return self.invalid(&format!("min {min}, mode {mode} and max {max} do not increase"));
                }
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
        Some(Ranged { distribution: self.possible(distribution)?, low, high })
    }

    /// The distribution, or a problem with the reason why there is none.
    fn possible(&self, distribution: Result<Distribution, Invalid>) -> Option<Distribution> {
        distribution.map_err(|invalid| self.invalid::<()>(&invalid.reason)).ok()
    }

    fn invalid<T>(&self, reason: &str) -> Option<T> {
        self.spot.report.problem(Problem {
            found: format!("an invalid distribution: {reason}"),
            expected: "parameters that describe one".to_owned(),
            ..Problem::at(self.node.place, self.spot.path)
        });
        None
    }

    /// A value in its unit, for messages.
    fn text(&self, value: f64) -> String {
        if self.unit == Unit::Seconds { duration_text(value) } else { number_text(value) }
    }

    fn section(&self) -> Section<'_> {
        Section::over(self.spot.report, self.node, self.spot.path.to_owned())
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
        let before = self.spot.report.count();
        let mut section = self.section();
        let parameters = LogNormal {
            median: section.amount(&MEDIAN, self.unit),
            mean: section.amount(&AVERAGE, self.unit),
            p95: section.amount(&P95, self.unit),
            p99: section.amount(&P99, self.unit),
            sigma: section.amount(&SIGMA, Unit::Plain),
        };
        drop(section);
        (self.spot.report.count() == before).then_some(parameters)
    }

    fn mixture(&self) -> Option<Ranged> {
        let Value::Array(parts) = &self.node.value else {
            self.spot.problem(self.node, "an array of { weight = .., of = .. }", None);
            return None;
        };
        let (mut low, mut high, mut total, mut mixed) = (f64::INFINITY, 0.0_f64, 0.0, Vec::new());
        let before = self.spot.report.count();
        for (index, part) in parts.iter().enumerate() {
            let path = format!("{}.{index}", self.spot.path);
            let mut section = Section::over(self.spot.report, part, path.clone());
            let weight = section.amount(&WEIGHT, Unit::Plain);
            let Some(of) = section.node(&OF) else { continue };
            let inner_path = join(&path, OF.name);
            let Some(inner) = read_ranged(&Spot { path: &inner_path, ..*self.spot }, of, self.unit) else { continue };
            (low, high) = (low.min(inner.low), high.max(inner.high));
            total += weight.unwrap_or_default();
            mixed.extend(weight.map(|weight| (weight, inner.distribution)));
        }
        if self.spot.report.count() > before {
            return None;
        }
        if !parts.is_empty() && (total - 1.0).abs() > 1e-9 {
            return self.invalid(&format!("the weights sum to {}, not to 1", sum_text(total)));
        }
        if parts.is_empty() {
            return self.invalid("it has no parts");
        }
        Some(Ranged { distribution: self.possible(Distribution::mixture(mixed))?, low, high })
    }

    fn quantiles(&self) -> Option<Vec<(f64, f64)>> {
        const EXPECTED: &str = "quantiles such as p50, p90 or \"p99.9\"";
        if !matches!(self.node.value, Value::Table(_)) {
            self.spot.problem(self.node, "a table of quantiles, such as { p50 = .., p99 = .. }", None);
            return None;
        }
        let before = self.spot.report.count();
        let mut quantiles = Vec::new();
        for entry in self.node.entries() {
            let path = child_path(self.spot.path, &entry.key);
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
                let hint = super::syntax::POINT_HINT.to_owned();
                spot.problem(&entry.node, EXPECTED, Some(hint));
                continue;
            }
            quantiles.extend(spot.amount(&entry.node, self.unit).map(|value| (share, value)));
        }
        if self.spot.report.count() > before {
            return None;
        }
        quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        let falls = |pair: &&[(f64, f64)]| pair[0].1 >= pair[1].1;
        if let Some(&[(p, value), (next_p, next)]) = quantiles.windows(2).find(falls) {
            // 0.999 * 100 is not 99.9 in binary.
            let name = |p: f64, value: f64| format!("p{} = {}", number_text(p * 100.0), self.text(value));
            let (one, other) = (name(p, value), name(next_p, next));
            return self.invalid(&format!("{other} is not above {one}"));
        }
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
        let value = |(index, element)| {
            let path = format!("{}.{index}", self.spot.path);
            Spot { path: &path, ..*self.spot }.amount(element, self.unit)
        };
        let values: Vec<f64> = elements.iter().enumerate().filter_map(value).collect();
        (values.len() == elements.len()).then_some(values)
    }
}

impl Spot<'_> {
    /// A value of the distribution's own kind, not negative; the key's range is held against the whole later.
    pub(crate) fn amount(&self, node: &Node, unit: Unit) -> Option<f64> {
        const ANY: Key = Key::optional("", "", "").listed();
        let spot = Spot { key: &ANY, ..*self };
        match unit {
            Unit::Seconds => spot::seconds(&spot, node),
            Unit::Plain => spot::number(&spot, node),
        }
    }
}

impl Section<'_> {
    fn amount(&mut self, key: &Key, unit: Unit) -> Option<f64> {
        self.read(key, |spot, node| spot.amount(node, unit))
    }
}
