//! The facts that every report states about its experiment: names, objectives, and the source of the figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cost::Bill;
use crate::file::OpenQuestion;
use crate::overview::Overview;
use crate::symbol::Symbol;
use crate::table::{Figures, TrialTable};
use measure::{Column, Whole};

/// What an objective is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indicator {
    /// Recovery time of the worst journey of each trial (column `worst.recovery_s`).
    Rto,
    /// Data loss in seconds of the worst store of each trial (column `worst.loss_s`).
    Rpo,
    /// Share of each trial's time in which all journeys are up (column `overall.availability`). More is better, and its
    /// objective and its comparisons are about its mean.
    Availability,
    /// The time until the backlog of a queue is back where it was, of the worst queue of each trial (column
    /// `worst.caught_up_s`).
    CaughtUp,
    /// What requests take before the clock starts, over all of all trials; of the journey whose requests take longest.
    LatencyBefore,
    /// The same after the recovery.
    LatencyAfter,
}

impl Indicator {
    /// Those whose objectives are about quantiles, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Rto, Self::Rpo, Self::CaughtUp, Self::LatencyBefore, Self::LatencyAfter];

    /// Those of which trials have a value each, by which candidates are compared, in the order of reports.
    pub const COMPARED: [Self; 4] = [Self::Rto, Self::Rpo, Self::Availability, Self::CaughtUp];

    /// All of them, in the order of reports.
    pub const REPORTED: [Self; 6] =
        [Self::Rto, Self::Rpo, Self::Availability, Self::CaughtUp, Self::LatencyBefore, Self::LatencyAfter];

    /// Whether it is reported where nobody asks for it: recovery times always, losses where there are stores.
    pub const fn is_usual(self, stores: bool) -> bool {
        match self {
            Self::Rto => true,
            Self::Rpo => stores,
            Self::Availability | Self::CaughtUp | Self::LatencyBefore | Self::LatencyAfter => false,
        }
    }

    /// How names of objectives and figures begin.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rto => "rto",
            Self::Rpo => "rpo",
            Self::Availability => "availability",
            Self::CaughtUp => "caught-up",
            Self::LatencyBefore => "latency-before",
            Self::LatencyAfter => "latency-after",
        }
    }

    /// The key of objectives on it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::LatencyBefore | Self::LatencyAfter => "latency",
            other => other.word(),
        }
    }

    /// Of what requests take, the phase of a trial.
    pub const fn phase(self) -> Option<usize> {
        match self {
            Self::LatencyBefore => Some(0),
            Self::LatencyAfter => Some(2),
            Self::Rto | Self::Rpo | Self::Availability | Self::CaughtUp => None,
        }
    }

    /// The column of the trials that it is about; percentiles of requests have none.
    pub const fn column(self) -> Option<Column<Whole>> {
        match self {
            Self::Rto => Some(measure::WORST_RECOVERY),
            Self::Rpo => Some(measure::WORST_LOSS),
            Self::Availability => Some(measure::OVERALL_AVAILABILITY),
            Self::CaughtUp => Some(measure::WORST_CAUGHT_UP),
            Self::LatencyBefore | Self::LatencyAfter => None,
        }
    }
}

/// Whose figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// That of the worst journey or store of each trial, or of all journeys together.
    Worst,
    /// That of the journey with this name.
    Journey(Symbol),
    /// That of the store with this name.
    Store(Symbol),
}

impl Of {
    /// The name of one of its figures: `rto.p99` of the worst, `checkout.rto.p99` of a journey.
    pub fn name(self, figure: &str) -> String {
        match self {
            Self::Worst => figure.to_owned(),
            Self::Journey(name) | Self::Store(name) => format!("{name}.{figure}"),
        }
    }

    /// What is added to a title.
    pub fn suffix(self) -> String {
        match self {
            Self::Worst => String::new(),
            Self::Journey(name) | Self::Store(name) => format!(" of {name}"),
        }
    }
}

/// An indicator of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measured {
    /// Which one.
    pub indicator: Indicator,
    /// Whose.
    pub of: Of,
}

impl From<Indicator> for Measured {
    fn from(indicator: Indicator) -> Self {
        Self { indicator, of: Of::Worst }
    }
}

impl Measured {
    /// Its values, trial by trial; none if the deployment has no such journey or store.
    pub fn values(self, table: &TrialTable) -> Option<Figures<'_>> {
        let subjects = table.columns().subjects();
        Some(match (self.indicator, self.of) {
            (Indicator::CaughtUp, Of::Worst) if subjects.queues.is_empty() => return None,
            (indicator, Of::Worst) => table.of(indicator.column()?, Whole),
            (Indicator::Rto, Of::Journey(name)) => table.of(measure::RECOVERY, subjects.journey(name.as_str())?),
            (Indicator::Availability, Of::Journey(name)) => {
                table.of(measure::AVAILABILITY, subjects.journey(name.as_str())?)
            }
            (Indicator::Rpo, Of::Store(name)) => table.of(measure::LOSS, subjects.store(name.as_str())?),
            (Indicator::CaughtUp, Of::Store(name)) => {
                table.of(measure::CAUGHT_UP, subjects.queue(subjects.store(name.as_str())?)?)
            }
            (Indicator::Rto | Indicator::Availability, Of::Store(_))
            | (Indicator::Rpo | Indicator::CaughtUp, Of::Journey(_))
            | (Indicator::LatencyBefore | Indicator::LatencyAfter, _) => return None,
        })
    }
}

/// A quantile of an indicator and the limit that it must not exceed.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Which one.
    pub indicator: Indicator,
    /// Whose.
    pub of: Of,
    /// The quantile, such as 0.99.
    pub quantile: f64,
    /// The limit in seconds.
    pub limit: f64,
}

impl Objective {
    /// `rto.p99`, `rpo.p99.9`, `checkout.rto.p99`.
    pub fn name(&self) -> String {
        self.of.name(&format!("{}.{}", self.indicator.word(), quantile_name(self.quantile)))
    }

    /// What it is about.
    pub const fn measured(&self) -> Measured {
        Measured { indicator: self.indicator, of: self.of }
    }
}

/// `p99`, `p99.9`.
pub fn quantile_name(quantile: f64) -> String {
    // 0.999 * 100 is not 99.9 in binary: this rounds to the number that a person wrote.
    format!("p{}", (quantile * 1e8).round() / 1e6)
}

/// A figure without a published source that this experiment uses: a default, or what the file calls assumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssumedFigure {
    /// The key path, such as `dns.propagation`.
    pub path: String,
    /// The value in use, as one would write it in the file.
    pub value: String,
    /// The reason for this value.
    pub source: String,
    /// The values that would not surprise an expert, and why these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
}

/// A figure of the file, or a default in its place, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SourcedFigure {
    /// The key path, such as `dns.propagation`.
    pub path: String,
    /// The value in use, as one would write it in the file.
    pub value: String,
    /// Whether the file writes it.
    pub written: bool,
    /// `documented`, `measured`, `assumed` or `convention` of a default; `yours` if the file says where it comes from;
    /// `unsourced` if it does not.
    pub provenance: String,
    /// What is known of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many observations it rests on, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observations: Option<u64>,
    /// The values that would not surprise an expert, and why these, of a guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
}

/// Everything that a report needs to know about an experiment, apart from its trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The experiment's name.
    pub name: String,
    /// One sentence about it.
    pub description: String,
    /// The program's version.
    pub version: String,
    /// Digest of the resolved text.
    pub hash: String,
    /// The experiment as resolved from file, `extends` and `--set`.
    pub resolved: String,
    /// The master seed.
    pub seed: u64,
    /// The horizon in seconds.
    pub horizon: f64,
    /// Share of requests that must succeed for a journey to count as up.
    pub up_when: f64,
    /// The objectives on quantiles: those of the worst, then those of single journeys and stores, each in file order.
    pub objectives: Vec<Objective>,
    /// Share of the time that all journeys should be up, if that is an objective.
    pub availability: Option<f64>,
    /// The same of single journeys, in file order.
    pub own_availability: Vec<(Symbol, f64)>,
    /// Share of requests that must succeed, of the journeys that have one of their own.
    pub own_up_when: Vec<(Symbol, f64)>,
    /// Whether faults recur: then recovery times are those of outages, not of trials.
    pub recurring: bool,
    /// Names of journeys in file order.
    pub journeys: Vec<String>,
    /// Names of stores in file order.
    pub stores: Vec<String>,
    /// Names of the stores that are queues, in file order.
    pub queues: Vec<String>,
    /// Names of alarms in file order.
    pub alarms: Vec<String>,
    /// Names of the causes in the order of the stages, as they stand in column names.
    pub causes: Vec<String>,
    /// The deployment and its faults.
    pub overview: Overview,
    /// Assumed figures in use.
    pub assumed: Vec<AssumedFigure>,
    /// Every figure in use and where it comes from.
    pub figures: Vec<SourcedFigure>,
    /// What a month costs, if the file gives prices.
    pub bill: Option<Bill>,
    /// What the file asks, as `mrsim import` writes it, and nobody has answered.
    pub questions: Vec<OpenQuestion>,
}

impl Header {
    /// The objectives on availability, that of all journeys together first.
    pub fn availabilities(&self) -> impl Iterator<Item = (Of, f64)> + '_ {
        let all = self.availability.map(|share| (Of::Worst, share));
        all.into_iter().chain(self.own_availability.iter().map(|&(name, share)| (Of::Journey(name), share)))
    }

    /// Share of requests that must succeed for this journey to count as up.
    pub fn up_when_of(&self, journey: &str) -> f64 {
        let own = self.own_up_when.iter().find(|(name, _)| name.as_str() == journey);
        own.map_or(self.up_when, |(_, share)| *share)
    }
}
