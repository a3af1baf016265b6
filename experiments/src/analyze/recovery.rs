//! Which recovery times a run is judged by: one a trial, or, where faults come again and again, one an outage.

use super::estimate::{Observation, Sample};
use super::summary::MissingColumn;
use crate::header::Header;
use crate::outage::Outage;
use crate::table::TrialTable;

/// Recovery times of a journey, or with none those of all together: the worst.
pub(crate) fn recoveries(header: &Header, table: &TrialTable, journey: Option<usize>) -> Result<Sample, MissingColumn> {
    if header.recurring {
        return Ok(of_outages(header, table, journey, |outage| outage.recovery));
    }
    let column = match journey {
        Some(index) => format!("journey.{}.recovery_s", header.journeys[index]),
        None => "worst.recovery_s".to_owned(),
    };
    let values = table.column(&column).ok_or(MissingColumn(column))?;
    let watched = watch_times(header, table);
    let censored = values.iter().zip(&watched).filter(|(value, _)| **value == f64::INFINITY);
    let watched: Vec<f64> = censored.map(|(_, watched)| *watched).collect();
    Ok(Sample::new(values).watched_for(watched))
}

/// For how many seconds after its fault every censored recovery time was watched at least; without any, the horizon.
pub fn watched(header: &Header, table: &TrialTable) -> f64 {
    recoveries(header, table, None).ok().and_then(|sample| sample.shortest_watched()).unwrap_or(header.horizon)
}

/// A figure of all outages of a journey, or of all together, that a fault came before.
pub(super) fn of_outages(
    header: &Header,
    table: &TrialTable,
    journey: Option<usize>,
    figure: impl Fn(&Outage) -> f64,
) -> Sample {
    let own = table.outages().iter().filter(|outage| outage.journey == journey);
    Sample::clustered(own.filter_map(|outage| {
        let (_, fault) = outage.fault?;
        let trial = (outage.trial - table.first_trial()) as u32;
        Some(Observation { trial, value: figure(outage), watched: header.horizon - fault })
    }))
}

/// For how many seconds each trial was watched after its first fault.
fn watch_times(header: &Header, table: &TrialTable) -> Vec<f64> {
    if let Some(starts) = table.column("first_fault_s") {
        return starts.into_iter().map(|start| header.horizon - start).collect();
    }
    // The stages of a censored journey add up to it.
    let places: Vec<Vec<usize>> = header
        .journeys
        .iter()
        .map(|name| {
            let stages = header.causes.iter().map(String::as_str).chain(["up"]);
            stages.filter_map(|stage| table.index_of(&format!("journey.{name}.stage.{stage}_s"))).collect()
        })
        .collect();
    let sum = |row: &[f64], places: &Vec<usize>| places.iter().map(|&place| row[place]).sum::<f64>();
    let longest = |row: &[f64]| places.iter().map(|places| sum(row, places)).fold(0.0, f64::max);
    // The parts were rounded one by one: a microsecond is far below what they mean.
    (0..table.len()).map(|index| (longest(table.row(index)) * 1e6).round() / 1e6).collect()
}
