//! The result of one point of a sweep, and its file.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::{Bounds, Difference};

use crate::analyze::{Assessed, Budget, Nervousness, Refusal, Verdict, mean_share, sample_of, watched};
use crate::compare::{Figure, Outcomes, difference, singles};
use crate::cost::Bill;
use crate::documents::{Estimate, NervousDocument, SCHEMA_VERSION, finite, no_writer};
use crate::header::{Header, Indicator, Measured, Objective, Of};
use crate::table::TrialTable;

/// What a sweep reports: the quantiles of the objectives of any point, or p50 and p99 of recovery time and, if there are
/// stores, of data loss; and the availability, if it is an objective of any point.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The quantiles.
    pub quantiles: Vec<(Measured, f64)>,
    /// Whether the availability of all journeys together is one of them.
    pub availability: bool,
    /// The journeys whose own availability is one of them.
    pub own_availability: Vec<Of>,
}

impl Figures {
    /// The figures of points with these objectives; with an objective on the availability alone it is the only one.
    pub fn new<'a>(objectives: impl Iterator<Item = &'a Objective>, availabilities: &[Of], stores: bool) -> Self {
        let availability = availabilities.contains(&Of::Worst);
        let mut own_availability: Vec<Of> = Vec::new();
        for of in availabilities.iter().filter(|of| **of != Of::Worst) {
            if !own_availability.contains(of) {
                own_availability.push(*of);
            }
        }
        let mut all: Vec<(Measured, f64)> =
            objectives.map(|objective| (objective.measured(), objective.quantile)).collect();
        if all.is_empty() && availabilities.is_empty() {
            let measures = Indicator::ALL.into_iter().filter(|indicator| indicator.is_usual(stores));
            all.extend(measures.flat_map(|indicator| [(indicator.into(), 0.5), (indicator.into(), 0.99)]));
        }
        let key = |(measured, _): &(Measured, f64)| (measured.of != Of::Worst, *measured);
        all.sort_by(|a, b| key(a).cmp(&key(b)).then(a.1.total_cmp(&b.1)));
        all.dedup();
        Self { quantiles: all, availability, own_availability }
    }

    /// All of them, in the order of reports.
    pub fn all(&self) -> Vec<Figure> {
        let quantiles = self.quantiles.iter().map(|&(measured, quantile)| Figure::quantile_of(measured, quantile));
        let own = self.own_availability.iter().map(|&of| Figure { of, ..Figure::AVAILABILITY });
        quantiles.chain(self.availability.then_some(Figure::AVAILABILITY)).chain(own).collect()
    }
}

/// The result of one point, as its file holds it. JSON has no infinity: what is censored is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    pub figures: Vec<PointFigure>,
    /// The share of the time in which all journeys are up, if any point has an objective on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<PointAvailability>,
    /// The same of single journeys, by name, if any point has an objective on theirs.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub own_availability: IndexMap<String, PointAvailability>,
    /// What checks make of blips, where the point's faults include some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nervousness: Option<NervousDocument>,
    /// The experiment as resolved from file, `extends`, `--set` and the point's own settings.
    pub resolved: String,
    /// What a month costs, if the file gives prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<PointCost>,
}

/// What a month of a point costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PointCost {
    /// The currency.
    pub currency: String,
    /// The sum of all lines that have a price.
    pub monthly: f64,
    /// Keys of missing prices: the sum is at least so much.
    pub unpriced: Vec<String>,
}

impl PointCost {
    fn new(bill: &Bill) -> Self {
        let total = bill.total();
        Self {
            currency: bill.currency.clone(),
            monthly: total.sum,
            unpriced: total.unpriced.iter().map(|key| (*key).to_owned()).collect(),
        }
    }
}

/// One figure of a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PointFigure {
    /// `rto.p99`.
    pub name: String,
    /// The quantile in seconds.
    pub value: Estimate,
    /// Where the quantile or an end of its interval is censored: what these three are at least, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<[f64; 3]>,
    /// That minus the base point's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Share of censored trials.
    pub censored: f64,
    /// The limit in seconds, if it is an objective.
    pub limit: Option<f64>,
    /// The chance that one incident stays within the limit.
    pub chance: Option<Estimate>,
    /// The verdict.
    pub verdict: Option<Verdict>,
    /// If it is an objective on data loss: stores that nobody could write to at the end, and in which share of the trials.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub no_writer_at_the_end: IndexMap<String, Estimate>,
}

impl PointFigure {
    /// A figure that the point does not have, and what cannot be judged by it.
    pub(super) fn refused(figure: &Figure, refusal: Refusal, objective: Option<&Objective>) -> Self {
        Self {
            name: figure.name(),
            value: Estimate::from(Err(refusal)),
            at_least: None,
            change: None,
            censored: 0.0,
            limit: objective.map(|objective| objective.limit),
            chance: None,
            verdict: objective.map(|_| Verdict::NotJudged),
            no_writer_at_the_end: IndexMap::new(),
        }
    }
}

/// How available a point, or a journey of it, is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PointAvailability {
    /// The mean share of the time in which all journeys are up, or the single one.
    pub value: Estimate,
    /// That minus the base point's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The share that is asked for, if that is an objective of the point.
    pub objective: Option<f64>,
    /// The chance that a trial stays within what that leaves to be down.
    pub chance: Option<Estimate>,
    /// The verdict.
    pub verdict: Option<Verdict>,
}

impl PointAvailability {
    fn new(header: &Header, table: &TrialTable, own: &Outcomes, base: Option<&Base>, of: Of) -> Self {
        let objective = header.availabilities().find(|(own, _)| *own == of);
        let budget = objective.map(|objective| Budget::new(header, table, objective));
        let figure = Figure { of, ..Figure::AVAILABILITY };
        let value = match own.lacks(figure.measured()) {
            Some(refusal) => Err(refusal),
            None => mean_share(own.observed(figure.measured()).values),
        };
        Self {
            value: Estimate::from(value),
            change: base.map(|base| base.change(figure, own)),
            objective: objective.map(|(_, share)| share),
            chance: budget.as_ref().map(|budget| Estimate::from(budget.kept)),
            verdict: budget.map(|budget| budget.verdict),
        }
    }
}

/// The trials of the point that the others are held against.
#[derive(Debug, Clone)]
pub(super) struct Base {
    seed: u64,
    outcomes: Outcomes,
}

impl Base {
    pub(super) fn new(header: &Header, table: &TrialTable, figures: &Figures) -> Self {
        Self { seed: header.seed, outcomes: Outcomes::of(header, table, &singles(&figures.all())) }
    }

    /// Whether a point has met the same trials.
    fn pairs_with(&self, header: &Header, table: &TrialTable) -> bool {
        self.seed == header.seed && self.outcomes.recovery.len() == table.len()
    }

    /// By how much a figure of another point differs, as candidates of `mrsim compare` do.
    fn change(&self, figure: Figure, other: &Outcomes) -> Change {
        Change::new(&difference(figure, &self.outcomes, other, self.seed, "sweep"))
    }
}

/// A figure of a point minus that of the base point, over pairs of trials. An end that censored trials leave open is
/// missing, and so is an estimate that is not known outright.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Change {
    /// What is known of the estimate: at least this,
    pub at_least: Option<f64>,
    /// and at most that. The same where it is known outright.
    pub at_most: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Whether such intervals hold the truth at least as often as they say, instead of just as often.
    pub conservative: bool,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Change {
    fn new(found: &Result<Difference, Refusal>) -> Self {
        match found {
            Ok(Difference { estimate, interval, method, .. }) => Self {
                at_least: finite(estimate.low),
                at_most: finite(estimate.high),
                low: finite(interval.low),
                high: finite(interval.high),
                conservative: method.is_conservative(),
                refused: None,
            },
            Err(refusal) => Self {
                at_least: None,
                at_most: None,
                low: None,
                high: None,
                conservative: false,
                refused: Some(refusal.to_string()),
            },
        }
    }

    /// The estimate, and the interval around it.
    ///
    /// # Errors
    /// The refusal in words.
    pub fn bounds(&self) -> Result<(Bounds, Bounds), &str> {
        if let Some(refused) = &self.refused {
            return Err(refused);
        }
        let bounds = |low: Option<f64>, high: Option<f64>| Bounds {
            low: low.unwrap_or(f64::NEG_INFINITY),
            high: high.unwrap_or(f64::INFINITY),
        };
        Ok((bounds(self.at_least, self.at_most), bounds(self.low, self.high)))
    }
}

impl PointResult {
    /// The result of a point by itself.
    pub fn new(header: &Header, table: &TrialTable, figures: &Figures) -> Self {
        Self::against(None, header, table, figures)
    }

    /// The same, and by how much it differs from the base point, if the two have met the same trials. Recovery times of
    /// recurring faults are those of outages, which do not pair: there, as in `mrsim compare`, the longest outage of each
    /// trial is held against that of the same trial.
    pub(super) fn against(base: Option<&Base>, header: &Header, table: &TrialTable, figures: &Figures) -> Self {
        let base = base.filter(|base| base.pairs_with(header, table));
        let own = Outcomes::of(header, table, &singles(&figures.all()));
        let watched = watched(header, table);
        let found = figures.quantiles.iter().map(|&(measured, quantile)| {
            let figure = Figure::quantile_of(measured, quantile);
            if measured.indicator.phase().is_some() {
                return PointFigure::of_requests(&figure, header, table, base.map(|base| base.change(figure, &own)));
            }
            let objective = header.objectives.iter().find(|one| one.measured() == measured && one.quantile == quantile);
            let sample = match own.lacks(measured) {
                Some(refusal) => Err(refusal),
                None => sample_of(header, table, measured).ok_or(Refusal::NoSubject),
            };
            let sample = match sample {
                Ok(sample) => sample,
                Err(refusal) => return PointFigure::refused(&figure, refusal, objective),
            };
            let trials = table.len() as u64;
            let assessed =
                objective.map(|objective| Assessed::new(objective, &sample).beside(own.writerless(), trials));
            let value = sample.quantile(quantile);
            let censored = value.is_ok_and(|value| value.high.is_infinite());
            let least = sample.quantile_at_least(quantile).ok().filter(|_| censored);
            PointFigure {
                name: figure.name(),
                value: Estimate::from(value),
                at_least: least.map(|least| [least.estimate, least.low, least.high]),
                change: base.map(|base| base.change(figure, &own)),
                censored: sample.censored_share(),
                limit: objective.map(|objective| objective.limit),
                chance: assessed.as_ref().map(|assessed| Estimate::from(assessed.probability)),
                verdict: assessed.as_ref().map(|assessed| assessed.verdict),
                no_writer_at_the_end: assessed.map(|assessed| no_writer(&assessed.writerless)).unwrap_or_default(),
            }
        });
        let single = |of: &Of| {
            let name = Figure { of: *of, ..Figure::AVAILABILITY }.name();
            (name, PointAvailability::new(header, table, &own, base, *of))
        };
        Self {
            schema_version: SCHEMA_VERSION,
            version: header.version.clone(),
            hash: header.hash.clone(),
            seed: header.seed,
            first_trial: table.first_trial(),
            trials: table.len() as u64,
            watched,
            figures: found.collect(),
            availability: figures.availability.then(|| PointAvailability::new(header, table, &own, base, Of::Worst)),
            own_availability: figures.own_availability.iter().map(single).collect(),
            nervousness: Nervousness::new(table).map(NervousDocument::from),
            resolved: header.resolved.clone(),
            cost: header.bill.as_ref().map(PointCost::new),
        }
    }

    /// The text of its file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("every value of it is one of JSON") + "\n"
    }

    /// The content of a file.
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

    use super::{Figures, Of, PointResult};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn result(source: &Synthetic, trials: u64) -> PointResult {
        let run = run_trials(source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        PointResult::new(&source.header, &run.table, &Figures::new(source.header.objectives.iter(), &[Of::Worst], true))
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
        let count = |figures: Figures| figures.quantiles.len();
        assert_eq!(count(Figures::new(header.objectives.iter(), &[], true)), 2);
        assert_eq!(count(Figures::new([].iter(), &[], true)), 4);
        assert_eq!(count(Figures::new([].iter(), &[], false)), 2);
        assert_eq!(count(Figures::new([].iter(), &[Of::Worst], true)), 0);
    }
}
