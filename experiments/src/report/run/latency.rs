//! How long requests take: means of each journey by phase, and where the milliseconds go.

use crate::analyze::{Estimates, JourneySummary, PERCENTILES, Percentiles};
use crate::header::quantile_name;
use crate::report::RunReport;
use crate::report::document::{Cell, Column, Content, Manner, Reach, Row, Section, Table};
use crate::units::{count, duration};
use measure::PHASES;

/// So many times the latency before, and so many seconds more, are told although the file says nothing of latency: what a
/// move to the farthest region costs stays below, and a wait for a dead origin does not.
const TIMES: f64 = 10.0;
const FELT: f64 = 1.0;

/// The section on latency.
pub(super) fn section(report: &RunReport<'_>) -> Section {
    let mut section = Section::new("latency", "How long requests take", "Latency");
    let phases = if report.header.recurring {
        ["before the first fault", "while down", "while up after it"]
    } else {
        ["before the fault", "until back for good", "after that"]
    };
    let mean =
        |found: &Estimates| Cell::duration(&found.mean.as_ref().map(|mean| mean.interval).map_err(Clone::clone), None);
    let row = |journey: &JourneySummary| Row::new(&journey.name, journey.latency.iter().map(mean).collect());
    let slow: f64 = report
        .summary
        .journeys
        .iter()
        .flat_map(|journey| journey.causes.iter().filter(|cause| cause.name == "slow"))
        .filter_map(|cause| cause.failed.as_ref().ok())
        .map(|mean| mean.interval.estimate)
        .sum();
    let table = Table {
        head: "Latency".to_owned(),
        caption: "Mean latency of requests that succeed, by journey: the mean over the trials of each trial's mean"
            .to_owned(),
        columns: phases.map(Column::figures).to_vec(),
        rows: report.summary.journeys.iter().map(row).collect(),
        largest: Some("journeys"),
        ..Table::default()
    };
    let slower: Vec<(String, [f64; 2])> = report.summary.journeys.iter().filter_map(slower).collect();
    let told = report.header.overview.latency.told || !slower.is_empty();
    section.add(if told { Reach::Everywhere } else { Reach::Page }, Content::Table(table));
    for (journey, [before, later]) in slower {
        let text = format!(
            "{journey}: requests take {} times as long on average as before the fault, {} instead of {}.",
            count(later / before),
            duration(later),
            duration(before)
        );
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    let own = report.summary.journeys.iter().map(|journey| (&journey.name, &journey.percentiles));
    if let Some(table) = percentiles("by journey", phases, own) {
        section.add(Reach::Everywhere, Content::Table(table));
    }
    let own = report.summary.populations.iter().map(|clients| (&clients.name, &clients.percentiles));
    if let Some(table) = percentiles("by population", phases, own) {
        section.add(Reach::Page, Content::Table(table));
    }
    if slow > 0.0 {
        let text = format!(
            "In a trial {} requests fail on average because they take longer than somebody waits: `slow`.",
            count(slow)
        );
        section.say(Reach::Everywhere, Manner::Plain, text);
    }
    let latency = &report.header.overview.latency;
    section.add(Reach::Page, Content::Table(components(report)));
    if !latency.left_out.is_empty() {
        let text = format!("Latency leaves out: {}; no time is given for them.", latency.left_out.join(", "));
        section.say(if told { Reach::Everywhere } else { Reach::Page }, Manner::Note, text);
    }
    section
}

/// A journey that takes far longer in a phase than before the fault, with its mean seconds before and then.
fn slower(journey: &JourneySummary) -> Option<(String, [f64; 2])> {
    let mean = |found: &Estimates| found.mean.as_ref().ok().map(|mean| mean.interval.estimate);
    let [before, phases @ ..] = &journey.latency;
    let before = mean(before).filter(|before| *before > 0.0)?;
    let later = phases.iter().filter_map(mean).reduce(f64::max)?;
    let far = later >= TIMES * before && later - before >= FELT;
    far.then(|| (journey.name.clone(), [before, later]))
}

/// Percentiles over all requests of all trials; nothing where nobody asked for them.
fn percentiles<'a>(
    by: &str,
    phases: [&str; PHASES],
    all: impl Iterator<Item = (&'a String, &'a Option<[Percentiles; PHASES]>)>,
) -> Option<Table> {
    let mut rows = Vec::new();
    for (name, found) in all {
        let found = found.as_ref()?.iter().zip(phases).filter(|(found, _)| found.requests > 0.0);
        rows.extend(found.map(|(found, phase)| {
            let requests = Cell::words(count(found.requests));
            let values = found.values.iter().map(|value| Cell::duration(value, None));
            Row::new(format!("{name}, {phase}"), std::iter::once(requests).chain(values).collect())
        }));
    }
    let columns = PERCENTILES.iter().map(|quantile| Column::figures(quantile_name(*quantile)));
    (!rows.is_empty()).then(|| Table {
        head: format!("Percentiles {by}"),
        caption: format!(
            "Latency {by}: percentiles over all requests of all trials that succeed, and how many there are in a trial on average"
        ),
        columns: std::iter::once(Column::figures("requests")).chain(columns).collect(),
        rows,
        largest: Some(if by == "by journey" { "journeys" } else { "populations" }),
        ..Table::default()
    })
}

/// Where the milliseconds go.
fn components(report: &RunReport<'_>) -> Table {
    let journeys = &report.header.overview.latency.journeys;
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in journeys.iter().flat_map(|(_, parts)| parts) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let cell = |parts: &[(String, f64)], name: &str| {
        let found = parts.iter().find(|(own, _)| own == name).map_or(0.0, |(_, seconds)| *seconds);
        Cell::words(milliseconds(found))
    };
    let row = |name: &&str| Row::new(*name, journeys.iter().map(|(_, parts)| cell(parts, name)).collect());
    let mut rows: Vec<Row> = names.iter().map(row).collect();
    let sum = |parts: &[(String, f64)]| Cell::words(milliseconds(parts.iter().map(|(_, seconds)| seconds).sum()));
    rows.push(Row::new("all together", journeys.iter().map(|(_, parts)| sum(parts)).collect()));
    Table {
        head: "part".to_owned(),
        caption: "Where the milliseconds go when all is well: the mean of each part, over all clients, in ms"
            .to_owned(),
        columns: journeys.iter().map(|(name, _)| Column::figures(name)).collect(),
        rows,
        ..Table::default()
    }
}

fn milliseconds(seconds: f64) -> String {
    if seconds > 0.0 { count(seconds * 1_000.0) } else { "-".to_owned() }
}
