//! The stages of the recovery time.

use models::cause::Cause;

use crate::analyze::{PartMean, Refusal, STAGE_QUANTILES, Stage, Stages};
use crate::header::quantile_name;
use crate::report::RunReport;
use crate::report::document::{Bar, Bars, Cell, Column, Content, Manner, Picture, Reach, Row, Section, Table};
use crate::report::drawing::waterfall;
use crate::table::TrialTable;
use crate::units::whole;

/// Stages below this share of the whole are named without a bar.
const SMALL: f64 = 0.01;

pub(super) fn section(report: &RunReport<'_>, table: Option<&TrialTable>) -> Section {
    let mut section = Section::new("waterfall", "Where the recovery time goes", "Where the time goes");
    brief(report, &mut section);
    if let Some(table) = table {
        full(report, table, &mut section);
    }
    parts(report, &mut section);
    section
}

/// Parts that are told; the others are in the data.
const MOST_PARTS: usize = 8;

/// What failed requests behind the fronts, where services call each other.
fn parts(report: &RunReport<'_>, section: &mut Section) {
    let all = &report.summary.parts;
    let known = |part: &PartMean| part.failed.map_or(0.0, |mean| mean.interval.estimate);
    let widest = all.first().map_or(0.0, known);
    if widest <= 0.0 {
        return;
    }
    let bars = all.iter().take(MOST_PARTS).map(|part| Bar {
        name: format!("{}, {}", part.words, part.cause.name()),
        part: known(part) / widest,
        cell: Cell::mean_count(&part.failed),
    });
    let head = "Failed requests by part".to_owned();
    let of = "mean of a trial \u{b1} standard error, behind the fronts".to_owned();
    section.add(Reach::Everywhere, Content::Bars(Bars { head, of, bars: bars.collect() }));
    if let Some(left @ 1..) = all.len().checked_sub(MOST_PARTS) {
        let text = format!("{} more in the data.", whole(left as u64));
        section.say(Reach::Everywhere, Manner::Note, text);
    }
}

/// The mean recovery time by stage, of the journey that takes longest.
fn brief(report: &RunReport<'_>, section: &mut Section) {
    let Some(journey) = report.summary.slowest() else { return };
    let parts = journey.stages();
    if parts.is_empty() {
        let mean = report.summary.worst_recovery.mean;
        if mean.is_ok_and(|mean| mean.interval.estimate == 0.0) {
            section.say(Reach::Brief, Manner::Plain, nothing(report));
        }
        return;
    }
    let sum: f64 = parts.iter().map(|(_, mean)| mean.interval.estimate).sum();
    let widest = parts.iter().map(|(_, mean)| mean.interval.estimate).fold(0.0, f64::max);
    let (parts, small): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|(_, mean)| mean.interval.estimate >= SMALL * sum);
    let bars = parts.iter().map(|(name, mean)| Bar {
        name: (*name).to_owned(),
        part: mean.interval.estimate / widest,
        cell: Cell::mean_duration(mean),
    });
    let head = "Where the time went".to_owned();
    let of = format!("mean of {} \u{b1} standard error", journey.name);
    section.add(Reach::Brief, Content::Bars(Bars { head, of, bars: bars.collect() }));
    let mut notes = Vec::new();
    if !small.is_empty() {
        let names: Vec<&str> = small.iter().map(|(name, _)| *name).collect();
        notes.push(format!("Below 1 %: {}.", names.join(", ")));
    }
    if journey.recovery.censored > 0 {
        notes.push("Trials that are not back count up to their end.".to_owned());
    }
    if !notes.is_empty() {
        section.say(Reach::Brief, Manner::Note, notes.join(" "));
    }
}

/// The same as a picture, beside the stages of the slow trials.
fn full(report: &RunReport<'_>, table: &TrialTable, section: &mut Section) {
    let never = nothing(report);
    let Some(journey) = report.summary.slowest() else {
        section.say(Reach::Page, Manner::Plain, never);
        return;
    };
    let stages = Stages::new(report.header, journey, table, 0.99);
    let name = &journey.name;
    let Some(svg) = waterfall::draw(&stages, &format!("Stages of the recovery time of {name}")) else {
        section.say(Reach::Page, Manner::Plain, never);
        return;
    };
    let unit = stages.unit;
    section.say(
        Reach::Page,
        Manner::Plain,
        match (stages.owner(), &stages.at) {
            (Some(stage), Ok(trials)) => {
                let p99 = journey.recovery.quantile(0.99).map_or_else(String::new, |quantile| {
                    format!(" ({})", Cell::duration(quantile, journey.recovery.at_least(0.99).as_ref()).on_one_line())
                });
                format!(
                    "Most of the p99 of {name}{p99} is spent in the stage {}: {} on average, over the {} {unit} at the p99.",
                    stage.name,
                    waterfall::figure(&stage.at),
                    whole(*trials),
                )
            }
            (_, Err(reason)) => format!("The p99 of {name} is not known: it {reason}."),
            (None, Ok(_)) => format!("{name} is not down in the {unit} at its p99."),
        },
    );
    let note = if journey.recovery.censored > 0 { " What was not back counts up to the end of its trial." } else { "" };
    let caption = format!(
        "{name}, stage by stage; the stages add up to the recovery time. They stand in the order in which a request passes \
         them, which is no order of time: what comes after a first return is part of its stage, too. Upper bars: mean over all {unit}; the whisker spans all but the fastest and the slowest \
         5 % of them. Lower bars: mean over the {unit} at the p99, which are those within its interval.{note}"
    );
    section.show(Picture { svg, chart: false, caption });
    let row = |stage: &Stage| {
        Row::new(stage.shown(), stage.quantiles.iter().map(|quantile| Cell::duration(quantile, None)).collect())
    };
    let rows = Table {
        head: "stage".to_owned(),
        caption: "How long each stage lasts; quantiles of the stage by itself".to_owned(),
        columns: STAGE_QUANTILES.map(|p| Column::figures(quantile_name(p))).to_vec(),
        rows: stages.stages.iter().map(row).collect(),
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(rows));
    let term = |stage: &Stage| {
        let cause = Cause::named(&stage.name)?;
        Some((stage.name.clone(), format!("{}. What shortens it: {}.", cause.waits_for(), cause.shortened_by())))
    };
    section.add(Reach::Page, Content::Terms { terms: stages.stages.iter().filter_map(term).collect() });
}

/// Why no recovery time took any time.
fn nothing(report: &RunReport<'_>) -> &'static str {
    let summary = report.summary;
    let down = !matches!(summary.availability.time, Err(Refusal::RarelyDown { down: 0, .. }));
    if summary.unclocked.is_some() {
        "There is no recovery time: no fault started the clock when journeys were down."
    } else if down {
        "No journey went down after a fault, but as planned or before it."
    } else {
        "No journey went down in any trial."
    }
}
