//! `mrsim calibrate`: measurements into distributions of an experiment.
//!
//! ```text
//! calibrate.toml --> spec --+
//! exports ---------> read --+--> series | durations --> choose --> Calibration --> fragment, edit
//! experiment ------> plan --> commands that fetch what is missing
//! ```
//!
//! Measurements mislead in a few well-known ways: averages hide tails, maxima invent medians, the age of the oldest item is
//! not the delay of each, gaps are not zeros, minutes depend on each other, calm weeks say nothing of the bad hour. `series`
//! meets each of them, and passes over none in silence. A [`Remark`] of the result tells each value that was left out, guessed or
//! taken at its worse end.

mod choose;
mod document;
mod durations;
mod edit;
mod fragment;
pub mod plan;
pub mod read;
mod series;
mod spec;
#[cfg(test)]
mod tests;
mod unit;

use serde::Serialize;

use crate::exit::Failure;

pub use choose::{Calibrated, Curve, FEWEST, Figure, Refused};
pub use document::CalibrationDocument;
pub use edit::written_into;
pub use fragment::{Written, fragment, line};
pub use spec::{Kind, Request, Source, Spec};

/// Something that a reader must know about a calibrated figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// A stable name, such as `averages`.
    pub kind: &'static str,
    /// A sentence without its full stop.
    pub words: String,
}

impl Remark {
    pub(crate) fn new(kind: &'static str, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

/// What became of one key of the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It has a distribution.
    Calibrated(Box<Calibrated>),
    /// It has none.
    Refused(Refused),
}

impl Outcome {
    /// The key's path.
    pub fn key(&self) -> &str {
        match self {
            Self::Calibrated(found) => &found.key,
            Self::Refused(refused) => &refused.key,
        }
    }

    /// The remarks on it.
    pub fn remarks(&self) -> &[Remark] {
        match self {
            Self::Calibrated(found) => &found.remarks,
            Self::Refused(refused) => &refused.remarks,
        }
    }
}

/// All keys of a list with their distributions.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The experiment's name.
    pub experiment: String,
    /// The program's version.
    pub version: String,
    /// The list.
    pub list: String,
    /// By key, in the order of the list.
    pub outcomes: Vec<Outcome>,
}

impl Calibration {
    /// Those that have a distribution.
    pub fn calibrated(&self) -> impl Iterator<Item = &Calibrated> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Calibrated(found) => Some(&**found),
            Outcome::Refused(_) => None,
        })
    }

    /// Those that have none.
    pub fn refused(&self) -> impl Iterator<Item = &Refused> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Calibrated(_) => None,
            Outcome::Refused(refused) => Some(refused),
        })
    }
}

/// Reads the exports of a list and finds a distribution for each of its keys. `accept_coarse` takes averages and long
/// periods, with a remark.
///
/// # Errors
/// When an export cannot be read, or is not what the list says.
pub fn calibrate(spec: &Spec, accept_coarse: bool) -> Result<Vec<Outcome>, Failure> {
    spec.requests.iter().map(|request| of(request, spec, accept_coarse)).collect()
}

fn of(request: &Request, spec: &Spec, accept_coarse: bool) -> Result<Outcome, Failure> {
    let [first, rest @ ..] = request.sources.as_slice() else {
        return Err(Failure::usage(format!("{}: there is nothing to read", request.key)));
    };
    let material = read::material(first, spec, &request.key)?;
    if let read::Material::Series(grid) = material {
        if !rest.is_empty() {
            return Err(Failure::usage(format!("{}: several files, one of them a metric", request.key))
                .hint("a metric is a series of equal steps, which stands alone; incidents and drills are lists"));
        }
        let mut source = first.clone();
        source.accept_coarse |= accept_coarse;
        return Ok(series::calibrated(&request.key, &grid, &source));
    }
    let mut all = vec![durations(material)];
    for source in rest {
        match read::material(source, spec, &request.key)? {
            read::Material::Durations(more) => all.push(more),
            read::Material::Series(_) => {
                return Err(Failure::usage(format!("{}: a metric beside a list of durations", request.key)));
            }
        }
    }
    let kinds = || request.sources.iter().zip(&all).map(|(source, list)| source.kind.unwrap_or(list.kind));
    if kinds().any(|kind| kind == Kind::Drill) && kinds().any(|kind| kind == Kind::Incident) && !first.pool {
        return Err(Failure::usage(format!("{}: drills and incidents in one distribution", request.key)).hint(
            "people who know that a drill is coming are faster: calibrate from one of the two, or write `pool = true` \
             in the first table",
        ));
    }
    Ok(durations::calibrated(request, &all))
}

fn durations(material: read::Material) -> read::Durations {
    match material {
        read::Material::Durations(list) => list,
        read::Material::Series(_) => read::Durations::default(),
    }
}
