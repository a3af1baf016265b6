//! Reports of a sweep: terminal, CSV, document, charts.

mod csv;
mod json;
mod pictures;
mod terminal;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::out::Folder;
use super::write_chart;
use crate::exit::Failure;
use crate::header::Header;
use crate::sweep::{Change, PointResult, Prepared, Results, shown};

pub use csv::write as write_csv;
pub use json::write as write_json;
pub use terminal::terminal;

/// A sweep, finished or stopped, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The experiment without any of the points' settings.
    pub base: &'a Header,
    /// The points.
    pub prepared: &'a Prepared,
    /// What they came to.
    pub results: &'a Results,
    /// Where the files are, if any were kept.
    pub files: Option<&'a Path>,
}

/// A point that is done.
struct Row<'a> {
    /// Its number in the plan.
    point: usize,
    /// The settings of the axes; nothing where the file's own stays.
    settings: Vec<&'a str>,
    /// Whether it is the point that the others are held against, or the same in other words.
    is_base: bool,
    result: &'a PointResult,
}

/// What the availability is called among the figures.
const AVAILABILITY: &str = "availability";

impl Row<'_> {
    /// By how much a figure differs from the base point's.
    fn change(&self, name: &str) -> Option<&Change> {
        if name == AVAILABILITY {
            return self.result.availability.as_ref()?.change.as_ref();
        }
        self.result.figures.iter().find(|found| found.name == name)?.change.as_ref()
    }

    /// Whether any does.
    fn changes(&self) -> bool {
        let figures = self.result.figures.iter().any(|found| found.change.is_some());
        figures || self.change(AVAILABILITY).is_some()
    }
}

impl Report<'_> {
    /// The points that are done: in their order for one axis or two, where neighbours belong together; beyond that by the
    /// first figure, the best first.
    fn rows(&self) -> Vec<Row<'_>> {
        let plan = &self.prepared.plan;
        let mut rows: Vec<Row<'_>> = self
            .results
            .points
            .iter()
            .enumerate()
            .filter_map(|(point, result)| {
                let settings = plan.points[point].iter().map(|value| value.as_deref().map_or("", shown)).collect();
                Some(Row { point, settings, is_base: self.prepared.is_base[point], result: result.as_ref()? })
            })
            .collect();
        if plan.axes.len() > 2 {
            let first = |row: &Row<'_>| {
                let value = row.result.figures.first().and_then(|found| found.value.interval().ok());
                // What is refused is worse than what is censored.
                value.map_or((1, 0.0), |interval| (0, interval.estimate))
            };
            rows.sort_by(|a, b| {
                let (a, b) = (first(a), first(b));
                a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
            });
        }
        rows
    }

    /// The seed of all points, unless that is what is varied.
    fn seed(&self) -> Option<u64> {
        let varied = self.prepared.plan.axes.iter().any(|axis| axis.key == "seed");
        (!varied).then_some(self.base.seed)
    }

    /// Whether every point is done.
    fn complete(&self) -> bool {
        self.results.points.iter().all(Option::is_some)
    }
}

/// Writes everything that `--out` keeps beside the points; `sweep.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &Report<'_>) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.base.resolved.as_bytes()))?;
    folder.write("sweep.csv", |out| write_csv(report, out))?;
    // Without the folder's own name: wherever the sweep is kept, the bytes are the same.
    let text = anstream::adapter::strip_str(&terminal::kept(report)).to_string();
    folder.write("report.txt", |out| out.write_all(text.as_bytes()))?;
    for (name, chart) in pictures::pictures(report) {
        write_chart(folder, &name, &chart)?;
    }
    folder.write("sweep.json", |out| write_json(report, out))
}
