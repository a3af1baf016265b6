//! `report.html` of a comparison.

use minijinja::context;
use serde::Serialize;
use sim_core::stats::{Bounds, Difference, Interval};

use super::cells::{difference, estimate, refused, sides, title};
use super::{Report, candidate_file};
use crate::analyze::{Refusal, share};
use crate::compare::{Against, Row, Wins, worse_by};
use crate::exit::Failure;
use crate::header::Measure;
use crate::report::html::svg::Picture;
use crate::report::html::{Cell, File, Rebuild, drawn, plain, rendered};
use crate::report::terminal::cells::trials;
use crate::units::{percent, whole};

/// The bar of wins, in its own units.
const BAR: (f64, f64) = (720.0, 12.0);

/// One figure of a candidate beside the baseline's.
#[derive(Serialize)]
struct Line {
    figure: String,
    baseline: Cell,
    candidate: Cell,
    difference: Cell,
    /// What that makes the candidate.
    class: &'static str,
    word: &'static str,
}

/// Who is better in how many trials.
#[derive(Serialize)]
struct Shares {
    measure: &'static str,
    /// Better, the same, worse, unknown.
    cells: Vec<Cell>,
    bar: String,
}

/// The whole page; `charts` are drawn already.
///
/// # Errors
/// When the page cannot be filled in, which is a mistake of the program.
pub(super) fn page(report: &Report<'_>, charts: &[(&'static str, String)]) -> Result<String, Failure> {
    let comparison = report.comparison;
    let candidates = &comparison.candidates;
    let base = &candidates[0];
    let name = match candidates.as_slice() {
        [base, other] => format!("{} against {}", other.name, base.name),
        [base, others @ ..] => format!("{} candidates against {}", others.len(), base.name),
        [] => String::new(),
    };
    let listed = candidates.iter().enumerate().map(|(index, candidate)| {
        context! {
            role => if index == 0 { "baseline" } else { "candidate" },
            name => candidate.name.as_str(),
            description => candidate.header.description.as_str(),
            file => candidate.file.as_str(),
        }
    });
    let against = comparison.against.iter().map(|against| {
        let shares: Vec<Shares> = against.wins.iter().map(|(measure, wins)| shares(*measure, wins)).collect();
        let bars = shares.iter().map(|shares| drawn(shares.bar.clone())).collect::<Vec<_>>();
        context! {
            name => candidates[against.candidate].name.as_str(),
            findings => plain(against.findings.iter().map(|(_, finding)| finding).collect::<Vec<_>>()),
            lines => plain(lines(report, against)),
            unknown => against.wins.iter().any(|(_, wins)| wins.unknown > 0),
            shares => plain(shares),
            bars => bars,
            settings => plain(&against.settings),
        }
    });
    let files: Vec<File> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| File {
            name: candidate_file(index),
            of: candidate.name.clone(),
            hash: candidate.header.hash.clone(),
            text: candidate.header.resolved.clone(),
        })
        .collect();
    let saved: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let context = context! {
        nav => plain([
            ("verdict", "Verdict"),
            ("differences", "Differences"),
            ("distributions", "Distributions"),
            ("settings", "What differs in the files"),
        ]),
        name => name,
        partial => comparison.asked.map(|asked| {
            format!("This comparison was stopped after {} of {} trials.", whole(comparison.trials), whole(asked))
        }),
        made => context! { trials => trials(comparison.trials), seed => comparison.seed.to_string() },
        baseline => base.name.as_str(),
        candidates => listed.collect::<Vec<_>>(),
        against => against.collect::<Vec<_>>(),
        ranking => comparison.ranking.as_ref().map(|ranking| ranking.sentence.as_str()),
        notes => plain(&comparison.notes),
        warnings => plain(report.warnings),
        charts => charts.iter().map(|(_, svg)| drawn(svg.clone())).collect::<Vec<_>>(),
        rebuild => plain(Rebuild {
            version: base.header.version.clone(),
            save: format!("Save the texts at the end as {} (a results folder has them already).", saved.join(", ")),
            command: report.command.to_owned(),
            yields: "runs the same trials again, and mrsim report makes this page of the folder as it is",
            seed: comparison.seed.to_string(),
            range: format!("0 to {} of each", whole(comparison.trials.saturating_sub(1))),
            files,
        }),
    };
    rendered("comparison.html", context)
}

fn lines(report: &Report<'_>, against: &Against) -> Vec<Line> {
    let line = |row: &Row, found: &Result<Difference, Refusal>| {
        let measure = row.figure.measure;
        let cell = |index: usize| {
            let beyond = report.outcomes[index].observed(measure).beyond;
            match estimate(measure, &row.estimates[index], beyond) {
                Ok((value, low, high)) => Cell::new(value, Some(format!("[{low}, {high}]"))),
                Err(reason) => Cell::new(refused(reason), None),
            }
        };
        let (class, word) = standing(measure, found);
        Line {
            figure: format!("{} {}", title(measure), row.figure.short()),
            baseline: cell(0),
            candidate: cell(against.candidate),
            difference: match found {
                Ok(found) => {
                    let (value, low, high) = difference(measure, found);
                    Cell::new(value, Some(format!("[{low}, {high}]")))
                }
                Err(reason) => Cell::new(refused(reason), None),
            },
            class,
            word,
        }
    };
    let rows = report.comparison.rows.iter().zip(&against.differences);
    rows.map(|(row, found)| line(row, found)).collect()
}

/// What the interval of a difference makes of the candidate: a class of the page, and a word.
fn standing(measure: Measure, found: &Result<Difference, Refusal>) -> (&'static str, &'static str) {
    let Ok(found) = found else { return ("open", "unknown") };
    match worse_by(measure, found.interval) {
        Bounds { low, .. } if low > 0.0 => ("worse", "worse"),
        Bounds { high, .. } if high < 0.0 => ("better", "better"),
        interval if interval == Bounds::exactly(0.0) => ("open", "the same"),
        Bounds { low, high } if low.is_finite() && high.is_finite() => ("open", "not shown to differ"),
        _ => ("open", "unknown"),
    }
}

fn shares(measure: Measure, wins: &Wins) -> Shares {
    let sides = sides(measure, wins);
    let of = |count: u64| share(count, wins.trials());
    let cell = |&(_, count): &(&str, u64)| match of(count) {
        Ok(Interval { estimate, low, high, .. }) => {
            Cell::new(format!("{} %", percent(estimate)), Some(format!("[{}, {}]", percent(low), percent(high))))
        }
        Err(reason) => Cell::new(refused(&reason), None),
    };
    let mut picture = Picture::default();
    let mut from = 0.0;
    for ((word, count), class) in sides.iter().zip(["better", "same", "worse", "unknown"]) {
        let part = of(*count).map_or(0.0, |share| share.estimate);
        let words = format!("{word}: {} %", percent(part));
        picture.bar(class, (from, 0.0), (part * BAR.0, BAR.1), &words);
        from += part * BAR.0;
    }
    Shares {
        measure: title(measure),
        cells: sides.iter().map(cell).collect(),
        bar: picture.finish("wins", BAR, &format!("{}: shares of trials", title(measure))),
    }
}
