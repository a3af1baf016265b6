//! The families of distributions, and the parameters that each is written with.

use super::key::Key;

pub(crate) const MEDIAN: Key = Key::optional("median", "the median", "two others of its figures").listed();
pub(crate) const AVERAGE: Key = Key::optional("mean", "the mean", "two others of its figures").listed();
pub(crate) const P95: Key = Key::optional("p95", "the 95th percentile", "two others of its figures").listed();
pub(crate) const P99: Key = Key::optional("p99", "the 99th percentile", "two others of its figures").listed();
pub(crate) const SIGMA: Key =
    Key::optional("sigma", "the standard deviation of the logarithm", "two others of its figures").listed();
pub(crate) const MEAN: Key = Key::required("mean", "the mean").listed();
pub(crate) const SD: Key = Key::required("sd", "the standard deviation").listed();
pub(crate) const SHAPE: Key = Key::required("shape", "the shape, a plain number").listed();
pub(crate) const SCALE: Key = Key::required("scale", "the scale").listed();
pub(crate) const MIN: Key = Key::required("min", "the lowest value").listed();
pub(crate) const MODE: Key = Key::required("mode", "the likeliest value").listed();
pub(crate) const MAX: Key = Key::required("max", "the highest value").listed();
pub(crate) const WEIGHT: Key = Key::required("weight", "how often this part is chosen").listed();
pub(crate) const OF: Key = Key::required("of", "the distribution of this part").listed();

/// The figures of a lognormal, any two of which describe it.
pub(crate) const LOGNORMAL: &[&str] = &[MEDIAN.name, AVERAGE.name, P95.name, P99.name, SIGMA.name];

/// The form of a family's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// An array of two values, the lowest and the highest.
    Ends,
    /// A table with these figures, all of them.
    All(&'static [&'static str]),
    /// A table with two of these figures.
    TwoOf(&'static [&'static str]),
    /// An array of tables with a weight and a distribution each.
    Parts,
    /// A table from quantiles, such as `p99`, to values.
    Quantiles,
    /// An array of observations, or the name of a file with them.
    Observations,
}

/// The families by name, in the order of messages.
pub const FAMILIES: [(&str, Parameters); 11] = [
    ("uniform", Parameters::Ends),
    ("exponential", Parameters::All(&[MEAN.name])),
    ("lognormal", Parameters::TwoOf(LOGNORMAL)),
    ("normal", Parameters::All(&[MEAN.name, SD.name])),
    ("weibull", Parameters::All(&[SHAPE.name, SCALE.name])),
    ("gamma", Parameters::All(&[SHAPE.name, SCALE.name])),
    ("triangular", Parameters::All(&[MIN.name, MODE.name, MAX.name])),
    ("pareto", Parameters::All(&[SHAPE.name, MIN.name])),
    ("mixture", Parameters::Parts),
    ("quantiles", Parameters::Quantiles),
    ("empirical", Parameters::Observations),
];

/// Their names.
pub(crate) const NAMES: [&str; FAMILIES.len()] = {
    let mut names = [""; FAMILIES.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = FAMILIES[index].0;
        index += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::{FAMILIES, Parameters};
    use crate::form::Quantity;
    use crate::{Key, Report, parse_toml};

    /// Whether a distribution with these figures is accepted.
    fn accepted(family: &str, figures: &[&str]) -> bool {
        const LAW: Key<Quantity> = Key::required("law", "").listed();
        // They suit every family: ends and modes increase, and percentiles lie above median and mean.
        let value = |figure: &str| match figure {
            "sd" | "sigma" => 0.5,
            "min" | "median" | "shape" => 1.0,
            "mean" | "mode" | "scale" => 1.1,
            _ => 3.0,
        };
        let pairs: Vec<String> = figures.iter().map(|figure| format!("{figure} = {}", value(figure))).collect();
        let (node, problems) = parse_toml(&format!("law = {{ {family} = {{ {} }} }}", pairs.join(", ")), 0);
        assert!(problems.is_empty(), "{problems:?}");
        let report = Report::new();
        report.root(&node).get(&LAW);
        report.problems().is_empty()
    }

    #[test]
    fn families_are_read_with_the_figures_that_are_listed() {
        for (family, parameters) in FAMILIES {
            match parameters {
                Parameters::All(figures) => {
                    assert!(accepted(family, figures), "{family}");
                    assert!(!accepted(family, &figures[1..]), "{family} without {}", figures[0]);
                    assert!(!accepted(family, &[figures, &["sigma"]].concat()), "{family} with sigma");
                }
                Parameters::TwoOf(figures) => {
                    for other in &figures[1..] {
                        assert!(accepted(family, &[figures[0], other]), "{family} with {other}");
                    }
                    assert!(!accepted(family, &figures[..1]), "{family} with one");
                }
                Parameters::Ends | Parameters::Parts | Parameters::Quantiles | Parameters::Observations => {}
            }
        }
    }
}
