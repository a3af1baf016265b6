//! `report.html` of a sweep.

use minijinja::context;
use serde::Serialize;

use super::{Report, Row, View, common, in_words, known, limit, word};
use crate::analyze::Verdict;
use crate::compare::Figure;
use crate::exit::Failure;
use crate::header::Measure;
use crate::overview::Fault;
use crate::report::comparison::{bounded, title};
use crate::report::html::{Cell, File, Rebuild, drawn, plain, rendered};
use crate::report::units::{chosen_duration, percent, whole};
use crate::sweep::{Estimate, Values, shown};

/// More points than this are left to the files.
const ROWS: usize = 200;
/// More settings than this share a column.
const COLUMNS: usize = 3;

/// What one figure comes to over all points.
#[derive(Serialize)]
struct Card {
    class: &'static str,
    title: String,
    counts: Option<String>,
    best: Option<String>,
}

/// The points by one figure.
#[derive(Serialize)]
struct Table {
    caption: String,
    /// Whether any point has an objective on it, and whether any differs from the base point.
    judged: bool,
    changes: bool,
    rows: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    settings: Vec<String>,
    value: Cell,
    class: &'static str,
    word: &'static str,
    /// The objective, where points have objectives of their own.
    limit: Option<String>,
    chance: Cell,
    change: Cell,
    change_class: &'static str,
}

/// The whole page; `charts` are drawn already.
///
/// # Errors
/// When the page cannot be filled in, which is a mistake of the program.
pub(super) fn page(report: &Report<'_>, charts: &[(Measure, String, String)]) -> Result<String, Failure> {
    let Report { base, prepared, command, .. } = report;
    let plan = &prepared.plan;
    let rows = report.rows();
    let figures = prepared.figures.all();
    let rooms: Vec<(Measure, &str)> = Measure::COMPARED
        .into_iter()
        .filter(|measure| figures.iter().any(|figure| figure.measure == *measure))
        .map(|measure| (measure, word(measure)))
        .collect();
    let mut nav = vec![("verdict", "Verdict"), ("question", "What is varied")];
    nav.extend(rooms.iter().map(|(measure, id)| (*id, title(*measure))));
    let measures = rooms.iter().map(|(measure, id)| {
        let own = figures.iter().filter(|figure| figure.measure == *measure);
        let svgs = charts.iter().filter(|(of, ..)| of == measure).map(|(_, _, svg)| drawn(svg.clone()));
        context! {
            id => *id,
            title => title(*measure),
            charts => svgs.collect::<Vec<_>>(),
            tables => plain(own.map(|figure| table(report, &rows, *figure)).collect::<Vec<_>>()),
        }
    });
    let axes = plan.axes.iter().map(|axis| match &axis.values {
        Values::Listed(values) => {
            let words: Vec<&str> = values.iter().map(|value| shown(value)).collect();
            (axis.key.as_str(), words.join(", "))
        }
        Values::Range(range) => (axis.key.as_str(), range.text.replace("..", " to ")),
    });
    let most = prepared.trials.iter().copied().max().unwrap_or(0);
    let points = if plan.points.len() == 1 {
        "1 point".to_owned()
    } else {
        format!("{} points", whole(plan.points.len() as u64))
    };
    let seed = report.seed().map_or_else(|| "as varied".to_owned(), |seed| seed.to_string());
    let hidden = rows.len().saturating_sub(ROWS) as u64;
    let context = context! {
        nav => plain(nav),
        name => base.name.as_str(),
        description => base.description.as_str(),
        made => context! {
            design => plan.design.word(),
            points => points,
            trials => report.trials(),
            seed => seed.as_str(),
            one_luck => report.seed().is_some(),
            horizon => chosen_duration(base.horizon),
        },
        faults => plain(base.overview.faults.iter().map(Fault::sentence).collect::<Vec<_>>()),
        notes => plain(&prepared.notes),
        warnings => plain(&prepared.warnings),
        cards => plain(figures.iter().map(|figure| card(report, &rows, *figure)).collect::<Vec<_>>()),
        axes => plain(axes.collect::<Vec<_>>()),
        base => plan.name(prepared.base),
        keys => plain(plan.axes.iter().map(|axis| axis.key.as_str()).collect::<Vec<_>>()),
        together => plan.axes.len() > COLUMNS,
        sorted => plan.axes.len() > 2,
        measures => measures.collect::<Vec<_>>(),
        hidden => (hidden > 0).then(|| whole(hidden)),
        rebuild => plain(Rebuild {
            version: base.version.clone(),
            save: "Save the text at the end as experiment.toml (a results folder has it already).".to_owned(),
            command: (*command).to_owned(),
            yields: "writes the same bytes again",
            seed: seed.clone(),
            range: format!("0 to {} of each point", whole(most.saturating_sub(1))),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: base.name.clone(),
                hash: base.hash.clone(),
                text: base.resolved.clone(),
            }],
        }),
    };
    rendered("sweep.html", context)
}

fn card(report: &Report<'_>, rows: &[Row<'_>], figure: Figure) -> Card {
    let views = || rows.iter().filter_map(|row| row.view(figure));
    let count = |verdict| views().filter(|view| view.verdict == Some(verdict)).count();
    let [met, missed, undecided] = [Verdict::Met, Verdict::Missed, Verdict::Undecided].map(count);
    let judged = met + missed + undecided;
    let limit =
        common(rows, figure).map_or_else(String::new, |objective| format!(" {}", limit(figure.measure, objective)));
    let counts = (judged > 0).then(|| {
        let at = |word: &str, count: usize| format!("{word} at {}", whole(count as u64));
        format!(
            "{} of {} points",
            [at("MET", met), at("MISSED", missed), at("UNDECIDED", undecided)].join(", "),
            whole(judged as u64)
        )
    });
    let best = super::best(rows, figure).map(|(row, interval)| {
        let (value, low, high) = in_words(figure.measure, &interval, row.result.watched);
        let most = if figure.measure == Measure::Availability { "Highest" } else { "Least" };
        let equals = known(rows, figure).filter(|(_, other)| other.estimate == interval.estimate).count() - 1;
        let equals = match equals {
            0 => String::new(),
            1 => ", and at 1 other point".to_owned(),
            many => format!(", and at {} other points", whole(many as u64)),
        };
        format!("{most} with {}: {value} [{low}, {high}]{equals}", report.prepared.plan.name(row.point))
    });
    let class = match (met, missed, undecided) {
        (0, 0, 0) => "",
        (_, 0, 0) => "met",
        (0, _, 0) => "missed",
        (0, 0, _) => "undecided",
        _ => "",
    };
    Card { class, title: format!("{}{limit}", figure.name()), counts, best }
}

fn table(report: &Report<'_>, rows: &[Row<'_>], figure: Figure) -> Table {
    let views = || rows.iter().filter_map(|row| row.view(figure));
    let common = common(rows, figure);
    let what = match figure.measure {
        Measure::Availability => "the mean share of the time in which all journeys are up".to_owned(),
        _ if report.base.recurring && figure.measure == Measure::Rto => {
            format!("the {} over all outages", figure.short())
        }
        _ => format!("the {} over the trials", figure.short()),
    };
    let objective =
        common.map_or_else(String::new, |objective| format!(", objective {}", limit(figure.measure, objective)));
    Table {
        caption: format!("{}: {what}{objective}", figure.name()),
        judged: views().any(|view| view.verdict.is_some()),
        changes: views().any(|view| view.change.is_some()),
        rows: rows.iter().take(ROWS).map(|row| line(report, row, figure, common.is_some())).collect(),
    }
}

fn line(report: &Report<'_>, row: &Row<'_>, figure: Figure, common: bool) -> Line {
    let plan = &report.prepared.plan;
    let shown = |setting: &str| if setting.is_empty() { "as in the file".to_owned() } else { setting.to_owned() };
    let settings = row.settings.iter().zip(&plan.axes).map(|(setting, axis)| {
        if plan.axes.len() > COLUMNS { format!("{} = {}", axis.key, shown(setting)) } else { shown(setting) }
    });
    let settings: Vec<String> = settings.collect();
    let empty = || Cell::new(String::new(), None);
    let Some(view) = row.view(figure) else {
        return Line {
            settings,
            value: empty(),
            class: "",
            word: "",
            limit: None,
            chance: empty(),
            change: empty(),
            change_class: "",
        };
    };
    let (class, word) = match view.verdict {
        Some(Verdict::Met) => ("met", "MET"),
        Some(Verdict::Missed) => ("missed", "MISSED"),
        Some(Verdict::Undecided) => ("undecided", "UNDECIDED"),
        None => ("", ""),
    };
    let (change, change_class) = changed(&view, figure.measure, row.is_base);
    Line {
        settings,
        value: value(&view, figure.measure, row.result.watched),
        class,
        word,
        limit: view.objective.filter(|_| !common).map(|objective| limit(figure.measure, objective)),
        chance: view.chance.map_or_else(empty, chance),
        change,
        change_class,
    }
}

fn value(view: &View<'_>, measure: Measure, watched: f64) -> Cell {
    match view.value.interval() {
        Ok(interval) => {
            let (value, low, high) = in_words(measure, &interval, watched);
            Cell::new(value, Some(format!("[{low}, {high}]")))
        }
        Err(refused) => Cell::new(refused.to_owned(), None),
    }
}

fn chance(chance: &Estimate) -> Cell {
    match chance.interval() {
        Ok(found) => {
            let interval = format!("[{}, {}]", percent(found.low), percent(found.high));
            Cell::new(format!("{} %", percent(found.estimate)), Some(interval))
        }
        Err(refused) => Cell::new(refused.to_owned(), None),
    }
}

/// The change, and what it makes of the point.
fn changed(view: &View<'_>, measure: Measure, base: bool) -> (Cell, &'static str) {
    match view.change.map(crate::sweep::Change::bounds) {
        Some(Ok((estimate, interval))) => {
            let (value, low, high) = bounded(measure, &estimate, &interval);
            let worse = crate::compare::worse_by(measure, interval);
            let class = if worse.low > 0.0 {
                "worse"
            } else if worse.high < 0.0 {
                "better"
            } else {
                ""
            };
            (Cell::new(value, Some(format!("[{low}, {high}]"))), class)
        }
        Some(Err(refused)) => (Cell::new(refused.to_owned(), None), ""),
        None if base => (Cell::new("base".to_owned(), None), ""),
        None => (Cell::new("\u{b7}".to_owned(), None), ""),
    }
}
