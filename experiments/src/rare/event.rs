//! The event: a figure of a trial exceeds a limit.

use crate::header::{Header, Of};
use crate::units::chosen_duration;
use measure::outage::Outage;
use measure::{Columns, Whole};

/// What exceeds the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// A recovery time.
    Recovery,
    /// A data loss in seconds.
    Loss,
}

impl Over {
    /// In documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Loss => "loss",
        }
    }
}

/// A figure of somebody exceeds a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Which figure.
    pub over: Over,
    /// Whose: a journey, a store, or the worst of them.
    pub of: Of,
    /// The limit, in seconds.
    pub limit: f64,
}

impl Event {
    /// In words: `the recovery of checkout takes more than 1 h`.
    pub fn words(&self, header: &Header) -> String {
        let limit = chosen_duration(self.limit);
        match (self.over, header.recurring) {
            (Over::Loss, _) => format!("more than {limit} of writes are lost{}", self.of.suffix()),
            (Over::Recovery, true) => {
                let horizon = chosen_duration(header.horizon);
                format!("the longest outage{} of a trial of {horizon} takes more than {limit}", self.of.suffix())
            }
            (Over::Recovery, false) => format!("the recovery{} takes more than {limit}", self.of.suffix()),
        }
    }

    /// Why no trial can tell, if none can.
    pub fn blind(&self, header: &Header) -> Option<String> {
        (self.over == Over::Recovery && self.limit >= header.horizon).then(|| {
            let [limit, horizon] = [self.limit, header.horizon].map(chosen_duration);
            format!("a trial ends after {horizon}, so that none tells of a recovery of more than {limit}")
        })
    }
}

/// How the figure is read from a trial.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    event: Event,
    column: usize,
    starts: usize,
    journey: Option<usize>,
    recurring: bool,
    horizon: f64,
}

/// A trial that was not back at its end, and was watched for too short a time to say whether it exceeds the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unwatched {
    /// How long it was watched, in seconds.
    pub(super) seconds: f64,
}

impl Reading {
    /// None if there is no such journey or store.
    pub(super) fn new(event: Event, header: &Header, columns: &Columns) -> Option<Self> {
        let subjects = columns.subjects();
        let column = match (event.over, event.of) {
            (Over::Recovery, Of::Journey(name)) => columns.index(measure::RECOVERY, subjects.journey(name.as_str())?),
            (Over::Recovery, Of::Worst) => columns.index(measure::WORST_RECOVERY, Whole),
            (Over::Loss, Of::Store(name)) => columns.index(measure::LOSS, subjects.store(name.as_str())?),
            (Over::Loss, Of::Worst) => columns.index(measure::WORST_LOSS, Whole),
            (Over::Recovery, Of::Store(_)) | (Over::Loss, Of::Journey(_)) => return None,
        };
        let journey = match event.of {
            Of::Journey(name) => Some(subjects.journey(name.as_str())?.0),
            Of::Worst | Of::Store(_) => None,
        };
        let starts = columns.index(measure::COUNTS_FROM, Whole);
        Some(Self { event, column, starts, journey, recurring: header.recurring, horizon: header.horizon })
    }

    /// The response of a trial, in seconds; infinite where no end was seen and the limit is exceeded.
    pub(super) fn response(&self, row: &[f64], outages: &[Outage]) -> Result<f64, Unwatched> {
        match self.event.over {
            Over::Loss => Ok(row[self.column]),
            Over::Recovery if self.recurring => Ok(self.longest(outages)),
            Over::Recovery if row[self.column] == f64::INFINITY => {
                let seconds = self.horizon - row[self.starts];
                if seconds > self.event.limit { Ok(f64::INFINITY) } else { Err(Unwatched { seconds }) }
            }
            Over::Recovery => Ok(row[self.column]),
        }
    }

    /// The longest outage that follows a fault; one that goes on at the end counts as long as it was seen.
    fn longest(&self, outages: &[Outage]) -> f64 {
        let own = outages.iter().filter(|outage| outage.journey == self.journey);
        let lengths = own.filter_map(|outage| {
            let (_, fault) = outage.fault?;
            Some(if outage.recovery == f64::INFINITY { self.horizon - fault } else { outage.recovery })
        });
        lengths.filter(|length| !length.is_nan()).fold(0.0, f64::max)
    }
}
