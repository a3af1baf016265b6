//! The two sides of a threshold over the points of a sweep: false failovers in a year, and how soon something real is noticed.

use super::document::{heads, settings};
use super::named::Named;
use super::{Row as Point, SweepReport};
use crate::analyze::LEVEL;
use crate::documents::NervousDocument;
use crate::report::chart::{About, Chart, Drawn, Front, FrontDesign, Price};
use crate::report::document::{Cell, Column, Content, Manner, Picture, Reach, Section, Table};
use crate::report::nervous::{failovers, noticed};

/// The name of the chart and of the section.
pub(super) const WORD: &str = "nervousness";

/// The points at which faults include blips.
fn nervous<'r, 'a>(rows: &'r [Point<'a>]) -> impl Iterator<Item = (&'r Point<'a>, &'a NervousDocument)> + Clone {
    let told = |row: &&Point<'_>| row.result.nervousness.as_ref().is_some_and(|found| !found.is_silent());
    rows.iter().filter(told).filter_map(|row| Some((row, row.result.nervousness.as_ref()?)))
}

/// The section, if any point has one.
pub(super) fn section(report: &SweepReport<'_>, rows: &[Point<'_>], drawn: Option<&Drawn>) -> Option<Section> {
    nervous(rows).next()?;
    let mut section = Section::new(WORD, "How nervous", "");
    let text = "A false failover is one after a check turned or an alarm fired while no fault but blips was under way; a year is \
                one without any other fault. What is real is noticed when a check turns or an alarm fires after it began.";
    section.say(Reach::Page, Manner::Plain, text);
    if let Some(drawn) = drawn {
        section.show(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() });
    }
    let (head, mut columns, together) = heads(report);
    let line = |(row, found): (&Point<'_>, &NervousDocument)| {
        let mut line = settings(report, row, together);
        let own = if row.is_base { "the file as it is" } else { "" };
        line.cells.extend([failovers(found), noticed(found, row.result.watched), Cell::words(own)]);
        line
    };
    columns.extend([Column::figures("false failovers a year"), Column::figures("noticed p95"), Column::words("")]);
    let rows = nervous(rows).map(line).collect();
    let caption =
        "False failovers in a year, and the time within which 95 % of the trials notice what is real".to_owned();
    let table = Table { head, caption, columns, rows, long: true, ..Table::default() };
    section.add(Reach::Everywhere, Content::Table(table));
    Some(section)
}

/// The chart of one side against the other, if any point has both.
pub(super) fn chart(report: &SweepReport<'_>, rows: &[Point<'_>]) -> Option<Chart> {
    let named = Named::new(report);
    let place = |(row, found): (&Point<'_>, &NervousDocument)| {
        let paid = found.false_failovers_a_year.interval().ok()?.estimate;
        let figure = found.noticed_p95.interval().ok()?;
        let name = super::charts::settings_of(row, &named);
        Some((row.is_base, name, paid, [figure.estimate, figure.low, figure.high]))
    };
    let placed: Vec<_> = nervous(rows).filter_map(place).collect();
    let designs: Vec<FrontDesign> = placed
        .iter()
        .map(|(is_base, name, paid, figure)| {
            let beats = |(_, _, other, value): &(bool, String, f64, [f64; 3])| {
                *other <= *paid && value[0] <= figure[0] && (*other < *paid || value[0] < figure[0])
            };
            let on_front = !placed.iter().any(beats);
            FrontDesign { name: name.clone(), paid: *paid, figure: *figure, verdict: None, on_front, marked: *is_base }
        })
        .collect();
    if designs.is_empty() {
        return None;
    }
    let header = report.base;
    Some(Chart::Front(Front {
        about: About {
            title: "How soon it is noticed against false failovers".to_owned(),
            finding: Some(format!("Points are named by their settings: {}.", named.axes.join(", "))),
            experiment: header.name.clone(),
            trials: report.prepared.trials.iter().copied().max().unwrap_or(0),
            seed: report.seed(),
            source: Some(format!("mrsim {}, {}", header.version, header.hash.get(..12).unwrap_or(&header.hash))),
            note: None,
        },
        figure: "Noticed p95".to_owned(),
        price: Price::FalseFailovers,
        limit: None,
        designs,
        confidence: LEVEL,
    }))
}
