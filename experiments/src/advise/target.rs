//! What levers are held against: the objectives of a file, or the usual figures where it has none.

use crate::analyze::Verdict;
use crate::compare::Figure;
use crate::documents::ObjectiveDocument;
use crate::header::{Header, Indicator};

/// A figure, and its limit if it is an objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The figure.
    pub figure: Figure,
    /// The limit: seconds at most, or of availability the share of the time at least.
    pub limit: Option<f64>,
    /// Which of the objectives of the file it is.
    pub objective: Option<ObjectiveId>,
}

/// The number of an objective among all of a file, in the order of reports: quantiles, then shares of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectiveId(usize);

impl Target {
    /// The objectives in the order of reports, that on availability last; without any, p99 of the recovery time and, where
    /// there are stores, of the data loss.
    pub fn all(header: &Header) -> Vec<Self> {
        let quantiles = header
            .objectives
            .iter()
            .map(|objective| (Figure::quantile_of(objective.measured(), objective.quantile), objective.limit));
        let shares = header.availabilities().map(|(of, share)| (Figure { of, ..Figure::AVAILABILITY }, share));
        let numbered = quantiles.chain(shares).enumerate();
        let all: Vec<Self> = numbered
            .map(|(place, (figure, limit))| Self { figure, limit: Some(limit), objective: Some(ObjectiveId(place)) })
            .collect();
        if !all.is_empty() {
            return all;
        }
        let measures = Indicator::ALL.into_iter().filter(|of| of.is_usual(!header.stores.is_empty()));
        measures.map(|of| Self { figure: Figure::quantile(of, 0.99), limit: None, objective: None }).collect()
    }

    /// Its verdict among those of all objectives, in the order of reports.
    pub fn verdict(&self, objectives: &[ObjectiveDocument]) -> Option<Verdict> {
        objectives.get(self.objective?.0).map(|one| one.verdict)
    }
}
