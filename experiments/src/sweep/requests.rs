//! What requests take at a point: a quantile over all of all trials.

use indexmap::IndexMap;

use super::point::{Change, PointFigure};
use crate::analyze::{Refusal, judged, latency, never_back};
use crate::compare::{Figure, Statistic};
use crate::documents::Estimate;
use crate::header::Header;
use crate::table::TrialTable;
use measure::Whole;

impl PointFigure {
    /// A quantile of what requests take.
    pub(super) fn of_requests(figure: &Figure, header: &Header, table: &TrialTable, change: Option<Change>) -> Self {
        let Statistic::Quantile(quantile) = figure.statistic else {
            return Self::refused(figure, Refusal::NoSubject, None);
        };
        let (latencies, measured) = (table.latencies(), figure.measured());
        let found = header.objectives.iter().find(|one| one.measured() == measured && one.quantile == quantile);
        let never_back = never_back(table.of(measure::WORST_RECOVERY, Whole));
        let assessed = found.map(|objective| judged(latencies, &header.journeys, objective, never_back));
        Self {
            name: figure.name(),
            value: Estimate::from(latency(latencies, &header.journeys, measured, quantile, never_back)),
            at_least: None,
            change,
            censored: 0.0,
            limit: found.map(|objective| objective.limit),
            chance: assessed.as_ref().map(|assessed| Estimate::from(assessed.probability)),
            verdict: assessed.as_ref().map(|assessed| assessed.verdict),
            no_writer_at_the_end: IndexMap::new(),
        }
    }
}
