//! Distributions as lines of an experiment.

use sim_core::stats::fit::Law;
use sim_settings::Value;
use sim_settings::quantity::duration_text;

use super::{Calibrated, Calibration, Outcome, Refused};
use crate::file::value_text;
use crate::header::quantile_name;

/// A distribution of durations in seconds as a file has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// A law of a family.
    Law(Law),
    /// Probabilities and values, both increasing.
    Quantiles(Vec<(f64, f64)>),
    /// Least, usual, most.
    Triangular([f64; 3]),
}

/// A duration with four digits: what is measured has no more.
fn short(seconds: f64) -> String {
    let rounded: f64 = format!("{seconds:.3e}").parse().unwrap_or(seconds);
    format!("\"{}\"", duration_text(rounded))
}

impl Written {
    /// The family and its figures, as TOML: `lognormal = { median = "2m", p95 = "8m" }`.
    pub fn family(&self) -> String {
        let lognormal = |mu: f64, sigma: f64| {
            // Two figures that people read; their laws' own quantiles, so that nothing is lost in between.
            let law = Law::LogNormal { mu, sigma };
            format!("lognormal = {{ median = {}, p95 = {} }}", short(law.quantile(0.5)), short(law.quantile(0.95)))
        };
        match self {
            Self::Law(Law::LogNormal { mu, sigma }) => lognormal(*mu, *sigma),
            // Whoever reads `observations` knows what they leave open of quantiles, and of no law of these families.
            Self::Law(law) => {
                let shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
                Self::Quantiles(shares.map(|p| (p, law.quantile(p))).to_vec()).family()
            }
            Self::Quantiles(points) => {
                let point = |(p, value): &(f64, f64)| {
                    let name = quantile_name(*p);
                    let name = if name.contains('.') { format!("\"{name}\"") } else { name };
                    format!("{name} = {}", short(*value))
                };
                format!("quantiles = {{ {} }}", points.iter().map(point).collect::<Vec<_>>().join(", "))
            }
            Self::Triangular([min, mode, max]) => {
                format!("triangular = {{ min = {}, mode = {}, max = {} }}", short(*min), short(*mode), short(*max))
            }
        }
    }

    /// The distribution alone, as the value of a key.
    pub fn value(&self) -> String {
        format!("{{ {} }}", self.family())
    }
}

/// The value of a calibrated key, with where it comes from.
pub(super) fn value(found: &Calibrated) -> String {
    let from = value_text(&Value::Text(found.from.clone()));
    let (family, n) = (found.written.family(), found.observations);
    format!("{{ {family}, source = \"measured\", observations = {n}, from = {from} }}")
}

/// The line of a calibrated key.
pub fn line(found: &Calibrated) -> String {
    format!("{} = {}", found.key, value(found))
}

/// All lines of a calibration. What was refused stands among them as a comment.
pub fn fragment(calibration: &Calibration) -> String {
    let mut text = format!("# Calibrated by mrsim {} from {}.\n", calibration.version, calibration.list);
    for outcome in &calibration.outcomes {
        text.push('\n');
        let mut comment = |words: &str| {
            for line in crate::units::wrapped(words, 108) {
                text.push_str("# ");
                text.push_str(&line);
                text.push('\n');
            }
        };
        match outcome {
            Outcome::Calibrated(found) => {
                comment(&summary(found));
                found.remarks.iter().for_each(|remark| comment(&format!("- {}", remark.words)));
                text.push_str(&line(found));
                text.push('\n');
            }
            Outcome::Refused(refused) => {
                comment(&format!("{}: no distribution: {}.", refused.key, refused.why));
                refused.remarks.iter().for_each(|remark| comment(&format!("- {}", remark.words)));
                if let Some(guess) = guess(refused) {
                    text.push_str(&format!("# {guess}\n"));
                }
            }
        }
    }
    text
}

/// The guess that stands in for a refused key.
pub(super) fn guess(refused: &Refused) -> Option<String> {
    let guess = refused.guess.as_ref()?;
    Some(format!("{} = {{ {}, source = \"assumed\" }}", refused.key, guess.family()))
}

/// One sentence on a calibrated key.
pub(super) fn summary(found: &Calibrated) -> String {
    let worth = if found.observations as usize == found.values {
        format!("{} observations", found.values)
    } else {
        format!("{} values, worth {} independent observations", found.values, found.observations)
    };
    let fit = found.plausibility.map_or_else(String::new, |it| format!(", p = {:.2}", it.p));
    format!("{}: {}{fit}; {worth} from {}.", found.key, found.family, found.from)
}
