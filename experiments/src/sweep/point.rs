//! What one point of a sweep came to, and how it is kept.

use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use crate::analyze::{Assessed, Refusal, Sample, Verdict, recoveries, watched};
use crate::header::{Header, Measure, Objective, quantile_name};
use crate::report::json::SCHEMA_VERSION;
use crate::table::TrialTable;

/// The quantiles that a sweep reports: those of the objectives of any point, or p50 and p99 of recovery time and, if there
/// are stores, of data loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures(pub Vec<(Measure, f64)>);

impl Figures {
    /// The figures of points with these objectives.
    pub fn new<'a>(objectives: impl Iterator<Item = &'a Objective>, stores: bool) -> Self {
        let mut all: Vec<(Measure, f64)> =
            objectives.map(|objective| (objective.measure, objective.quantile)).collect();
        if all.is_empty() {
            let measures = Measure::ALL.into_iter().filter(|measure| stores || *measure == Measure::Rto);
            all.extend(measures.flat_map(|measure| [(measure, 0.5), (measure, 0.99)]));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        all.dedup();
        Self(all)
    }
}

/// The result of one point, as its file holds it. JSON has no infinity: what is censored is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PointResult {
    /// The version of this shape.
    pub schema_version: u32,
    /// The program's version.
    pub version: String,
    /// Digest of the resolved text.
    pub hash: String,
    /// The seed.
    pub seed: u64,
    /// The first trial.
    pub first_trial: u64,
    /// How many trials.
    pub trials: u64,
    /// For how many seconds a censored trial was watched at least.
    pub watched: f64,
    /// The figures.
    pub figures: Vec<Found>,
    /// The experiment as resolved from file, `extends`, `--set` and the point's own settings.
    pub resolved: String,
}

/// One figure of a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Found {
    /// `rto.p99`.
    pub name: String,
    /// The quantile in seconds.
    pub value: Estimate,
    /// Share of censored trials.
    pub censored: f64,
    /// The limit in seconds, if it is an objective.
    pub limit: Option<f64>,
    /// The chance that one incident stays within the limit.
    pub chance: Option<Estimate>,
    /// What the trials say of the objective.
    pub verdict: Option<Verdict>,
}

/// An estimate with its interval, or why there is none. Without a refusal what is missing is censored: beyond what was
/// watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub estimate: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Estimate {
    fn new(found: &Result<Interval, Refusal>) -> Self {
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        match found {
            Ok(Interval { estimate, low, high, .. }) => {
                Self { estimate: finite(*estimate), low: finite(*low), high: finite(*high), refused: None }
            }
            Err(refusal) => Self { estimate: None, low: None, high: None, refused: Some(refusal.to_string()) },
        }
    }

    /// The interval, infinite where it is censored; or why there is none.
    ///
    /// # Errors
    /// The refusal in words.
    pub fn interval(&self) -> Result<Interval, &str> {
        if let Some(refused) = &self.refused {
            return Err(refused);
        }
        let [estimate, low, high] = [self.estimate, self.low, self.high].map(|value| value.unwrap_or(f64::INFINITY));
        Ok(Interval { estimate, low, high, level: crate::analyze::LEVEL })
    }
}

impl PointResult {
    /// What the trials of a point came to.
    pub fn new(header: &Header, table: &TrialTable, figures: &Figures) -> Self {
        let watched = watched(header, table);
        let samples = Measure::ALL.map(|measure| {
            let sample = match measure {
                Measure::Rto => recoveries(header, table, None).unwrap_or_default(),
                Measure::Rpo => Sample::new(table.column(measure.column()).unwrap_or_default()),
            };
            (measure, sample)
        });
        let found = figures.0.iter().map(|&(measure, quantile)| {
            let sample = &samples.iter().find(|(of, _)| *of == measure).expect("there are two measures").1;
            let name = format!("{}.{}", measure.word(), quantile_name(quantile));
            let objective = header.objectives.iter().find(|one| one.measure == measure && one.quantile == quantile);
            let assessed = objective.map(|objective| Assessed::new(objective, sample));
            Found {
                name,
                value: Estimate::new(&sample.quantile(quantile)),
                censored: sample.censored_share(),
                limit: objective.map(|objective| objective.limit),
                chance: assessed.as_ref().map(|assessed| Estimate::new(&assessed.probability)),
                verdict: assessed.as_ref().map(|assessed| assessed.verdict),
            }
        });
        Self {
            schema_version: SCHEMA_VERSION,
            version: header.version.clone(),
            hash: header.hash.clone(),
            seed: header.seed,
            first_trial: table.first_trial(),
            trials: table.len() as u64,
            watched,
            figures: found.collect(),
            resolved: header.resolved.clone(),
        }
    }

    /// The text of its file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("every value of it is one of JSON") + "\n"
    }

    /// What a file holds.
    ///
    /// # Errors
    /// Why it holds none.
    pub fn from_text(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{Figures, PointResult};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn result(source: &Synthetic, trials: u64) -> PointResult {
        let run = run_trials(source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        PointResult::new(&source.header, &run.table, &Figures::new(source.header.objectives.iter(), true))
    }

    #[test]
    fn a_result_reads_back_to_the_last_bit() {
        for source in [Synthetic::typical(), Synthetic::censored(4)] {
            for trials in [50, 1_000] {
                let result = result(&source, trials);
                assert_eq!(PointResult::from_text(&result.to_text()), Ok(result));
            }
        }
        assert!(PointResult::from_text("{}").is_err());
    }

    #[test]
    fn censored_and_refused_are_told_apart() {
        let censored = &result(&Synthetic::censored(4), 1_000).figures[0];
        assert_eq!(censored.value.interval().map(|interval| interval.estimate), Ok(f64::INFINITY));
        assert_eq!(censored.censored, 0.25);
        let refused = &result(&Synthetic::typical(), 50).figures[0];
        assert_eq!(refused.value.interval().map(|interval| interval.estimate), Err("needs 299 trials"));
    }

    #[test]
    fn figures_are_the_objectives_or_the_middle_and_the_tail() {
        let header = Synthetic::typical().header;
        assert_eq!(Figures::new(header.objectives.iter(), true).0.len(), 2);
        assert_eq!(Figures::new([].iter(), true).0.len(), 4);
        assert_eq!(Figures::new([].iter(), false).0.len(), 2);
    }
}
