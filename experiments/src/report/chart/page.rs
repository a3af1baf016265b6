//! The parts of every page: title, finding, footer.

use super::About;
use super::canvas::{Anchor, Canvas, WIDTH};
use super::error::ChartError;
use super::geometry::at;
use super::palette::{INK, SOFT};
use super::text::{FINDING, SMALL, TITLE, clean, fit, name, width, wrap_start};
use super::words::things;

/// White around the page.
pub(crate) const MARGIN: f64 = 16.0;
/// Room for the footer at the lower end.
pub(crate) const FOOTER: f64 = 40.0;

/// Title and finding, broken into lines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) title: Vec<String>,
    finding: Vec<String>,
    /// Where the rest of the page starts.
    pub(crate) bottom: f64,
}

impl Header {
    /// `title` stands in for a title that is missing, `finding` for a finding.
    pub(crate) fn new(about: &About, title: &str, finding: Option<&str>) -> Self {
        let given = clean(&about.title);
        let title = wrap_start(if given.is_empty() { title } else { &given }, WIDTH - 2.0 * MARGIN, TITLE, 2);
        let finding = match about.finding.as_deref().or(finding) {
            Some(finding) => wrap_start(finding, WIDTH - 2.0 * MARGIN, FINDING, 2),
            None => Vec::new(),
        };
        let mut bottom = MARGIN + TITLE.line() * title.len() as f64;
        if !finding.is_empty() {
            bottom += 3.0 + FINDING.line() * finding.len() as f64;
        }
        Self { title, finding, bottom: bottom + 8.0 }
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let mut y = MARGIN;
        for line in &self.title {
            canvas.text(line, at(MARGIN, y + TITLE.line() / 2.0), TITLE, INK, Anchor::Start)?;
            y += TITLE.line();
        }
        y += 3.0;
        for line in &self.finding {
            canvas.text(line, at(MARGIN, y + FINDING.line() / 2.0), FINDING, SOFT, Anchor::Start)?;
            y += FINDING.line();
        }
        Ok(())
    }
}

/// The last two lines: experiment and source, and below them sample size, seed and `note`.
pub(crate) fn footer(canvas: &Canvas<'_>, about: &About, height: f64, note: Option<&str>) -> Result<(), ChartError> {
    let mut told = vec![things(about.trials, "trial")];
    told.extend(about.seed.map(|seed| format!("seed {seed}")));
    told.extend(note.map(str::to_owned));
    facts(canvas, about, height, told)
}

/// The same lines with these facts in place of sample size and seed.
pub(crate) fn facts(canvas: &Canvas<'_>, about: &About, height: f64, mut facts: Vec<String>) -> Result<(), ChartError> {
    let (y, room) = (height - MARGIN, WIDTH - 2.0 * MARGIN);
    facts.extend(about.note.clone());
    canvas.text(&fit(&facts.join("  ·  "), room, SMALL), at(MARGIN, y), SMALL, SOFT, Anchor::Start)?;
    let y = y - SMALL.line() - 1.0;
    let source = fit(&about.source.as_deref().map(clean).unwrap_or_default(), 200.0, SMALL);
    canvas.text(&source, at(WIDTH - MARGIN, y), SMALL, SOFT, Anchor::End)?;
    let experiment = format!("Experiment {}", name(&about.experiment));
    let room = room - width(&source, SMALL) - 24.0;
    canvas.text(&fit(&experiment, room, SMALL), at(MARGIN, y), SMALL, SOFT, Anchor::Start)
}
