//! The recovery times that a run is judged by: one a trial or, where faults recur, one an outage.

use super::estimate::{Observation, Sample};
use crate::header::{Header, Indicator, Measured, Of};
use crate::table::{Figures, TrialTable};
use measure::outage::Outage;
use measure::{Journey, Whole};

/// Recovery times of a journey or, without one, the worst of all journeys.
pub(crate) fn recoveries(header: &Header, table: &TrialTable, journey: Option<Journey>) -> Sample {
    if header.recurring {
        return of_outages(header, table, journey, |outage| outage.recovery);
    }
    let values = match journey {
        Some(journey) => table.of(measure::RECOVERY, journey),
        None => table.of(measure::WORST_RECOVERY, Whole),
    };
    let starts = table.of(measure::COUNTS_FROM, Whole);
    let censored = values.clone().zip(starts).filter(|(value, _)| *value == f64::INFINITY);
    let watched: Vec<f64> = censored.map(|(_, start)| header.horizon - start).collect();
    Sample::new(values).watched_for(watched)
}

/// The sample that an objective is held against; none if the deployment has no such journey or store.
pub(crate) fn sample_of(header: &Header, table: &TrialTable, measured: Measured) -> Option<Sample> {
    let Measured { indicator, of } = measured;
    match (indicator, of) {
        (Indicator::Rto, Of::Worst) => Some(recoveries(header, table, None)),
        (Indicator::Rto, Of::Journey(name)) => {
            let journey = table.columns().subjects().journey(name.as_str())?;
            Some(recoveries(header, table, Some(journey)))
        }
        (Indicator::CaughtUp, _) => Some(caught_up(header, table, measured.values(table)?)),
        _ => measured.values(table).map(Sample::new),
    }
}

/// Times until backlogs were back. Censored ones were watched from the start of the clock to the horizon; where nothing starts
/// it, from the start of the trial at most.
pub(super) fn caught_up(header: &Header, table: &TrialTable, values: Figures<'_>) -> Sample {
    let starts = table.of(measure::FIRST_FAULT, Whole);
    let censored = values.clone().zip(starts).filter(|(value, _)| *value == f64::INFINITY);
    let watched: Vec<f64> =
        censored.map(|(_, start)| header.horizon - if start.is_nan() { 0.0 } else { start }).collect();
    Sample::new(values).watched_for(watched)
}

/// The same with planned downtime added: of each trial, what the journey (without one, the worst) would have taken if its
/// planned downtime came on top; of outages, the planned ones as outages of their own.
pub(super) fn with_planned(header: &Header, table: &TrialTable, journey: Option<Journey>) -> Sample {
    let starts = || table.of(measure::COUNTS_FROM, Whole);
    if header.recurring {
        let starts: Vec<f64> = starts().collect();
        let all = table.outages().filter(|outage| outage.journey == journey.map(|journey| journey.0));
        return Sample::clustered(all.filter_map(|outage| {
            let trial = outage.trial - table.first_trial();
            let (value, watched) = match outage.fault {
                Some((_, fault)) => (outage.recovery, header.horizon - fault),
                // Since the first fault, only a planned outage has none.
                None if outage.start >= *starts.get(usize::try_from(trial).ok()?)? => {
                    (outage.downtime, header.horizon - outage.start)
                }
                None => return None,
            };
            Some(Observation { trial: trial as u32, value, watched })
        }));
    }
    let mut worst: Vec<f64> = match journey {
        Some(journey) => table.of(measure::RECOVERY, journey).collect(),
        None => table.of(measure::WORST_RECOVERY, Whole).collect(),
    };
    let journeys = (0..table.columns().subjects().journeys.len()).map(Journey);
    for journey in journeys.filter(|own| journey.is_none_or(|journey| journey == *own)) {
        let both = table.of(measure::RECOVERY, journey).zip(table.of(measure::PLANNED, journey));
        for (worst, (recovery, planned)) in worst.iter_mut().zip(both) {
            *worst = worst.max(recovery + planned);
        }
    }
    let censored = worst.iter().zip(starts()).filter(|(value, _)| **value == f64::INFINITY);
    let watched: Vec<f64> = censored.map(|(_, start)| header.horizon - start).collect();
    Sample::new(worst).watched_for(watched)
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
    let own = table.outages().filter(|outage| outage.journey == journey.map(|journey| journey.0));
    Sample::clustered(own.filter_map(|outage| {
        let (_, fault) = outage.fault?;
        let trial = (outage.trial - table.first_trial()) as u32;
        Some(Observation { trial, value: figure(&outage), watched: header.horizon - fault })
    }))
}
