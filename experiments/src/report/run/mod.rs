//! The report of one run as a document.
//!
//! ```text
//! RunReport (header, summary) ---------> verdict, loss, milestones, scope --+
//! TrialTable --> analyze::Stages ---> stages ----------------------------+--> Document
//! Trials::story, Trials::curves ----> stories, charts -------------------+
//! ```

mod charts;
mod closing;
mod cost;
mod dips;
mod latency;
mod loss;
mod rows;
mod stages;
mod stories;
#[cfg(test)]
mod tests;
mod unknown;
mod verdict;

use models::about::ABSENT;

pub(super) use charts::{charted, series};
use stories::Told;

use super::cells::{refusal, trials};
use super::chart::{ChartError, Drawn};
use super::document::{
    Cell, Column, Content, Document, File, Manner, Picture, Reach, Rebuild, Row, Section, Span, Table,
};
use super::nervous::sentence;
use super::{RunReport, not_drawn};
use crate::documents::{FindingDocument, NervousDocument};
use crate::exit::Failure;
use crate::header::Header;
use crate::header::{AssumedFigure, SourcedFigure};
use crate::run::Trials;
use crate::table::TrialTable;
use crate::units::{chosen_duration, whole};

/// The parts of the page beyond the short form: the trials, charts and stories.
struct Full<'a> {
    table: &'a TrialTable,
    charts: &'a Charts,
    told: Vec<Told>,
}

/// The charts of a run under the names of their files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Charts(Vec<(&'static str, Drawn)>);

impl Charts {
    /// Draws all charts.
    ///
    /// # Errors
    /// When a chart cannot be drawn, which is a mistake of the program.
    pub fn draw(report: &RunReport<'_>, table: &TrialTable, source: &impl Trials) -> Result<Self, Failure> {
        let one = |(name, chart)| match Drawn::new(&chart) {
            Ok(drawn) => Ok((name, drawn)),
            Err(error) => Err::<_, (&str, ChartError)>((name, error)),
        };
        let drawn = charts::charts(report, table, source).into_iter().map(one).collect::<Result<_, _>>();
        drawn.map(Self).map_err(|(name, error)| not_drawn(name, &error))
    }

    /// All charts with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Drawn)> {
        self.0.iter().map(|(name, drawn)| (*name, drawn))
    }

    /// The chart of this name, as the page shows it.
    fn picture(&self, name: &str) -> Option<Picture> {
        let (_, drawn) = self.0.iter().find(|(own, _)| *own == name)?;
        Some(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() })
    }
}

/// The short form of a report.
pub fn brief(report: &RunReport<'_>) -> Document {
    document(report, None)
}

/// The whole report of these trials, with its charts.
pub fn full(report: &RunReport<'_>, table: &TrialTable, source: &impl Trials, charts: &Charts) -> Document {
    document(report, Some(&Full { table, charts, told: Told::two(report, table, source) }))
}

fn document(report: &RunReport<'_>, full: Option<&Full<'_>>) -> Document {
    let RunReport { header, summary, asked, command, .. } = report;
    let assumed = match header.assumed.len() {
        0 => "No assumed figures".to_owned(),
        1 => "1 assumed figure, see mrsim check".to_owned(),
        many => format!("{many} assumed figures, see mrsim check"),
    };
    let closing = match open_questions(header) {
        Some(open) => format!("{open}; {assumed}"),
        None => assumed,
    };
    let last = summary.first_trial + summary.trials.saturating_sub(1);
    let mut sections = vec![verdict::section(report, full.map(|full| full.charts))];
    sections.extend(unknown::section(report, full.map(|full| full.charts)));
    sections.extend((!report.findings.is_empty()).then(|| remarks(report)));
    sections.extend(full.map(|full| stories::topology(report, full)));
    sections.push(stages::section(report, full.map(|full| full.table)));
    sections.extend(full.map(|full| curve(full.charts)));
    sections.push(latency::section(report));
    sections.extend(nervousness(report));
    sections.push(loss::section(report, full.map(|full| (full.table, full.charts))));
    sections.extend(cost::section(report));
    if let Some(full) = full {
        sections.extend([stories::timelines(report, full), milestones(report), assumptions(report), scope(report)]);
    }
    sections.push(closing::section(report));
    Document {
        name: header.name.clone(),
        kind: "recovery time and data loss",
        description: header.description.clone(),
        settings: format!(
            "{}, seed {}, horizon {}",
            trials(summary.trials),
            header.seed,
            chosen_duration(header.horizon)
        ),
        partial: asked.map(|asked| format!("stopped after {} of {} trials", whole(summary.trials), whole(asked))),
        sections,
        closing: format!("{closing}; mrsim {}, experiment {}", header.version, short(&header.hash)),
        rebuild: Rebuild {
            version: header.version.clone(),
            save: "Save the text at the end as experiment.toml (a results folder has it already).".to_owned(),
            command: (*command).to_owned(),
            yields: "writes the same bytes again",
            seed: header.seed.to_string(),
            range: format!("{} to {}", whole(summary.first_trial), whole(last)),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: header.name.clone(),
                hash: header.hash.clone(),
                text: header.resolved.clone(),
            }],
        },
    }
}

/// How many questions the file leaves open, if it leaves any.
pub(super) fn open_questions(header: &Header) -> Option<String> {
    match header.questions.len() {
        0 => None,
        1 => Some("1 question open, see mrsim check".to_owned()),
        many => Some(format!("{many} questions open, see mrsim check")),
    }
}

/// A hash, shortened.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// The findings about the file.
fn remarks(report: &RunReport<'_>) -> Section {
    let title = "Remarks on the file";
    let mut section = Section::new("remarks", title, "Remarks");
    section.add(Reach::Brief, Content::Heading { text: title.to_owned() });
    let item = |finding: &FindingDocument| {
        let FindingDocument { kind, path, message, change } = finding;
        vec![Span::Code(path.clone()), Span::Plain(format!(": {message}; {change} [{kind}]"))]
    };
    let items = report.findings.iter().map(item).collect();
    section.add(Reach::Everywhere, Content::List { items });
    section
}

/// The section on users.
fn curve(charts: &Charts) -> Section {
    let mut section = Section::new("curve", "What users see", "");
    match charts.picture("success-over-time") {
        Some(picture) => {
            let text = "The share of requests that succeed at each instant, over the trials: the median as a line, and \
                        the band from the 5th to the 95th percentile.";
            section.say(Reach::Page, Manner::Plain, text);
            section.show(picture);
        }
        None => section.say(Reach::Page, Manner::Plain, "There is no fault from which time could be counted."),
    }
    section
}

/// What checks make of blips, where faults include some.
fn nervousness(report: &RunReport<'_>) -> Option<Section> {
    let found: NervousDocument = report.summary.nervousness.clone()?.into();
    if found.is_silent() {
        return None;
    }
    let mut section = Section::new("nervousness", "How nervous", "");
    section.say(Reach::Everywhere, Manner::Plain, format!("{}.", sentence(&found, report.summary.watched)));
    let text = "A false failover is one after a check turned or an alarm fired while no fault but blips was under way; a year is \
                one without any other fault.";
    section.say(Reach::Page, Manner::Note, text);
    Some(section)
}

/// The section on milestones.
fn milestones(report: &RunReport<'_>) -> Section {
    let mut section = Section::new("milestones", "Milestones", "");
    let told = |one: &&crate::analyze::Milestone| one.moment.is_expected() || one.time.trials > 0;
    let rows = report.summary.milestones.iter().filter(told).map(|milestone| {
        let at = |p: f64| match milestone.time.quantile(p) {
            Some(found) => Cell::duration(found, None),
            None => Cell::refused(refusal(&crate::analyze::Refusal::NoTrials)),
        };
        let cells = vec![Cell::percent(&milestone.happened), at(0.5), at(0.95), at(0.99)];
        Row::new(charts::milestone_name(report.header, milestone), cells)
    });
    let table = Table {
        head: "Milestone".to_owned(),
        caption: "Time from the fault to each milestone, over the trials in which it happened".to_owned(),
        columns: ["happened, % of trials", "p50", "p95", "p99"].map(Column::figures).to_vec(),
        rows: rows.collect(),
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(table));
    section
}

/// Figures without a published source.
fn assumptions(report: &RunReport<'_>) -> Section {
    let mut section = Section::new("assumptions", "Assumptions", "");
    if report.header.assumed.is_empty() {
        section.say(Reach::Page, Manner::Plain, "No assumed figure is in use.");
        sources(report, &mut section);
        return section;
    }
    let text = "AWS does not publish these figures, as far as this experiment uses them. Replace those that matter with your \
                own measurements.";
    section.say(Reach::Page, Manner::Plain, text);
    let row = |figure: &AssumedFigure| {
        let band = figure.band.as_deref().unwrap_or_default();
        Row::new(&figure.path, [&figure.value, &figure.source, band].map(Cell::words).to_vec())
    };
    let columns = vec![Column::code("value in use"), Column::words("why"), Column::words("what would not surprise")];
    let rows = report.header.assumed.iter().map(row).collect();
    let table = Table { head: "key".to_owned(), columns, rows, long: true, ..Table::default() };
    section.add(Reach::Page, Content::Table(table));
    sources(report, &mut section);
    section
}

/// Figures of the file that say where they come from, and the names of those that do not.
fn sources(report: &RunReport<'_>, section: &mut Section) {
    let of = |word: &'static str| report.header.figures.iter().filter(move |figure| figure.provenance == word);
    let row = |figure: &SourcedFigure| {
        let observations = figure.observations.map_or_else(String::new, whole);
        let source = figure.source.as_deref().unwrap_or_default();
        Row::new(&figure.path, [figure.value.as_str(), source, &observations].map(Cell::words).to_vec())
    };
    let rows: Vec<Row> = of("yours").map(row).collect();
    if !rows.is_empty() {
        let columns = vec![Column::code("value"), Column::words("source"), Column::figures("observations")];
        let caption = "Figures of the file that say where they come from".to_owned();
        let table = Table { head: "key".to_owned(), caption, columns, rows, long: true, ..Table::default() };
        section.add(Reach::Page, Content::Table(table));
    }
    let unsourced: Vec<&str> = of("unsourced").map(|figure| figure.path.as_str()).collect();
    if !unsourced.is_empty() {
        let text = format!("Figures of the file without a source, taken as exact: {}.", unsourced.join(", "));
        section.say(Reach::Page, Manner::Note, text);
    }
}

/// The limits of the model for the services in use.
fn scope(report: &RunReport<'_>) -> Section {
    let mut section = Section::new("scope", "What is not modelled", "Not modelled");
    let services = &report.header.overview.services;
    let rows = services.iter().map(|about| Row::new(about.name, vec![Cell::words(about.not_modelled)]));
    let table = Table {
        head: "in use".to_owned(),
        columns: vec![Column::words("left out")],
        rows: rows.collect(),
        long: true,
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(table));
    section.say(Reach::Page, Manner::Plain, format!("Not there at all: {}.", ABSENT.join("; ")));
    section
}
