//! Reports of a solution: what they say, data, the chart of its front.

mod document;

use std::io;

use super::chart::{About, Chart, Drawn, Front, FrontDesign, Price, Verdict};
use super::comparison::title;
use super::document::Document;
use super::{not_drawn, write_forms};
use crate::analyze::LEVEL;
use crate::documents;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::solve::{Solution, SolutionDocument, Solved, Standing};

/// A solution, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct SolutionReport<'a> {
    /// The results.
    pub solution: &'a Solution,
    /// The command that runs it again.
    pub command: &'a str,
}

/// The short form of the report.
pub fn document(report: &SolutionReport<'_>) -> Document {
    document::document(report, None)
}

/// Writes everything that `--out` keeps; `solution.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &SolutionReport<'_>) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.solution.header.resolved.as_bytes()))?;
    let drawn = match front(report.solution) {
        Some(chart) => Some(Drawn::new(&chart).map_err(|error| not_drawn("front", &error))?),
        None => None,
    };
    let pictures = drawn.iter().map(|drawn| ("front", drawn));
    write_forms(folder, &document(report), pictures, &document::document(report, drawn.as_ref()))?;
    folder.write("solution.json", |out| write_json(report, out))
}

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write_json(report: &SolutionReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&SolutionDocument::from(report.solution), out)
}

/// The chart of cost and figure, where there are prices.
fn front(solution: &Solution) -> Option<Chart> {
    let currency = solution.header.bill.as_ref()?.currency.clone();
    let several = solution.several();
    let (measured, quantile) = solution.measure;
    let target = solution.targets.iter().find(|target| target.measured == measured && target.chance == quantile);
    let figure =
        format!("{}{} {}", title(measured.indicator), measured.of.suffix(), crate::header::quantile_name(quantile));
    let design = |(index, one): (usize, &Solved)| FrontDesign {
        name: one.label(several),
        paid: one.cost.as_ref().map_or(f64::INFINITY, |total| total.sum),
        figure: one.figure.map_or([f64::INFINITY; 3], |found| [found.estimate, found.low, found.high]),
        verdict: Some(match one.standing {
            Standing::Sure => Verdict::Met,
            Standing::Hopeless => Verdict::Missed,
            Standing::Undecided => Verdict::Undecided,
            Standing::Left => Verdict::NotJudged,
        }),
        on_front: solution.front.contains(&index),
        marked: solution.best == Some(index),
    };
    Some(Chart::Front(Front {
        about: About {
            title: format!("{figure} against the cost of a month"),
            finding: Some(document::answer(solution)),
            experiment: solution.header.name.clone(),
            trials: solution.solved.iter().map(|one| one.trials).max().unwrap_or(0),
            seed: Some(solution.header.seed),
            source: Some(format!("mrsim {}", solution.header.version)),
            note: None,
        },
        figure,
        price: Price::Money(currency),
        limit: target.map(|target| target.limit),
        designs: solution.solved.iter().enumerate().map(design).collect(),
        confidence: LEVEL,
    }))
}
