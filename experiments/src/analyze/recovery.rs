//! The recovery times that a run is judged by: one a trial or, where faults recur, one an outage.

use super::estimate::{Observation, Sample};
use crate::header::Header;
use crate::measure::{self, Journey, Whole};
use crate::outage::Outage;
use crate::table::TrialTable;

/// Recovery times of a journey or, without one, the worst of all journeys.
pub(crate) fn recoveries(header: &Header, table: &TrialTable, journey: Option<Journey>) -> Sample {
    if header.recurring {
        return of_outages(header, table, journey, |outage| outage.recovery);
    }
    let values = match journey {
        Some(journey) => table.of(measure::RECOVERY, journey),
        None => table.of(measure::WORST_RECOVERY, Whole),
    };
    let starts = table.of(measure::FIRST_FAULT, Whole);
    let censored = values.clone().zip(starts).filter(|(value, _)| *value == f64::INFINITY);
    let watched: Vec<f64> = censored.map(|(_, start)| header.horizon - start).collect();
    Sample::new(values).watched_for(watched)
}

/// The shortest watched time after the fault of a censored recovery time, in seconds; without any, the horizon.
pub fn watched(header: &Header, table: &TrialTable) -> f64 {
    recoveries(header, table, None).shortest_watched().unwrap_or(header.horizon)
}

/// A figure of all outages of a journey, or of any journey, that follow a fault.
pub(super) fn of_outages(
    header: &Header,
    table: &TrialTable,
    journey: Option<Journey>,
    figure: impl Fn(&Outage) -> f64,
) -> Sample {
    let own = table.outages().iter().filter(|outage| outage.journey == journey.map(|journey| journey.0));
    Sample::clustered(own.filter_map(|outage| {
        let (_, fault) = outage.fault?;
        let trial = (outage.trial - table.first_trial()) as u32;
        Some(Observation { trial, value: figure(outage), watched: header.horizon - fault })
    }))
}
