//! What levers are held against: the objectives of a file, or the usual figures where it has none.

use crate::compare::Figure;
use crate::header::{Header, Indicator};

/// A figure, and its limit if it is an objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The figure.
    pub figure: Figure,
    /// The limit: seconds at most, or of availability the share of the time at least.
    pub limit: Option<f64>,
}

impl Target {
    /// The objectives in the order of reports, that on availability last; without any, p99 of the recovery time and, where
    /// there are stores, of the data loss.
    pub fn all(header: &Header) -> Vec<Self> {
        // Levers are held against what each trial has a value of.
        let objectives = header.objectives.iter().filter(|objective| objective.indicator.phase().is_none());
        let quantiles = objectives.map(|objective| Self {
            figure: Figure { of: objective.of, ..Figure::quantile(objective.indicator, objective.quantile) },
            limit: Some(objective.limit),
        });
        let shares = header
            .availabilities()
            .map(|(of, share)| Self { figure: Figure { of, ..Figure::AVAILABILITY }, limit: Some(share) });
        let all: Vec<Self> = quantiles.chain(shares).collect();
        if !all.is_empty() {
            return all;
        }
        let measures = Indicator::ALL.into_iter().filter(|of| of.is_usual(!header.stores.is_empty()));
        measures.map(|of| Self { figure: Figure::quantile(of, 0.99), limit: None }).collect()
    }
}
