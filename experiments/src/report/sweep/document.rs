//! The report of a sweep as a document.

use sim_core::stats::Interval;

use super::named::Named;
use super::{Row as Point, SweepReport, Topic, View, common, limit, word};
use crate::analyze::Verdict;
use crate::compare::{Figure, worse_by};
use crate::cost::money;
use crate::header::{Indicator, Of};
use crate::overview::Fault;
use crate::report::beside::{BY_CHANCE, NO_WRITER};
use crate::report::chart::Drawn;
use crate::report::comparison::{bounded, remarks, title};
use crate::report::document::{
    self, Card, Cell, Column, Content, Document, File, Manner, Picture, Reach, Rebuild, Row, Section, Span, Table, Tone,
};
use crate::report::run::short;
use crate::sweep::{Change, Estimate, PointCost};
use crate::units::{chosen_duration, percent, whole};
use crate::variation::{Values, shown};

/// More points than this are left to the files.
const ROWS: usize = 200;
/// More settings than this share a column.
const COLUMNS: usize = 3;

/// The whole report with these charts, or its short form.
pub(super) fn document(report: &SweepReport<'_>, charts: Option<&[(Topic, String, Drawn)]>) -> Document {
    let SweepReport { base, prepared, results, command, .. } = report;
    let plan = &prepared.plan;
    let points = |count: usize| match count {
        1 => "1 point".to_owned(),
        many => format!("{} points", whole(many as u64)),
    };
    let all = match plan.drawn() {
        Some(drawn) => format!("{} and the file as it is", points(drawn)),
        None => points(plan.points.len()),
    };
    let seed = report.seed().map_or_else(|| "as varied".to_owned(), |seed| seed.to_string());
    let most = prepared.trials.iter().copied().max().unwrap_or(0);
    let rows = report.rows();
    let mut sections = vec![verdict(report, &rows), question(report, &rows)];
    sections.extend(Indicator::REPORTED.into_iter().filter_map(|indicator| figures(report, &rows, indicator, charts)));
    let nervous = charts.into_iter().flatten().find(|(of, ..)| *of == Topic::Nervousness);
    sections.extend(super::nervous::section(report, &rows, nervous.map(|(_, _, drawn)| drawn)));
    let partial = (!report.complete())
        .then(|| format!("stopped after {} of {}", whole(results.done() as u64), points(plan.points.len())));
    Document {
        name: base.name.clone(),
        kind: "sweep",
        description: base.description.clone(),
        settings: format!("{} of {all}, {} each, seed {seed}", plan.design.word(), report.trials()),
        partial,
        sections,
        closing: format!("mrsim {}, experiment {}", base.version, short(&base.hash)),
        rebuild: Rebuild {
            version: base.version.clone(),
            save: "Save the text at the end as experiment.toml (a results folder has it already).".to_owned(),
            command: (*command).to_owned(),
            yields: "writes the same bytes again",
            seed,
            range: format!("0 to {} of each point", whole(most.saturating_sub(1))),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: base.name.clone(),
                hash: base.hash.clone(),
                text: base.resolved.clone(),
            }],
        },
    }
}

/// The outcome of each figure over all points.
fn verdict(report: &SweepReport<'_>, rows: &[Point<'_>]) -> Section {
    let SweepReport { base, prepared, .. } = report;
    let mut section = Section::new("verdict", "Verdict", "");
    let cards: Vec<Card> = prepared.figures.all().iter().map(|figure| card(report, rows, *figure)).collect();
    section.add(Reach::Everywhere, Content::Cards { cards });
    let figures = prepared.figures.all();
    let mut views = figures.iter().flat_map(|figure| rows.iter().filter_map(|row| row.view(*figure)));
    if views.any(|view| view.verdict == Some(Verdict::Missed) && view.value.interval().is_err()) {
        section.say(
            Reach::Everywhere,
            Manner::Note,
            format!("{BY_CHANCE}, which is below what the quantile asks for."),
        );
    }
    for fault in base.overview.faults.iter().map(Fault::sentence) {
        section.say(Reach::Page, Manner::Plain, format!("Fault, as in the file: {fault}."));
    }
    for note in &prepared.notes {
        section.say(Reach::Everywhere, Manner::Plain, format!("Note: {note}."));
    }
    remarks("Remarks on the points", &prepared.warnings, &mut section);
    section
}

fn card(report: &SweepReport<'_>, rows: &[Point<'_>], figure: Figure) -> Card {
    let views = || rows.iter().filter_map(|row| row.view(figure));
    let count = |verdict| views().filter(|view| view.verdict == Some(verdict)).count();
    let verdicts = [Verdict::Met, Verdict::Missed, Verdict::Undecided, Verdict::NotJudged];
    let counts = verdicts.map(count);
    let judged: usize = counts.iter().sum();
    let said: Vec<String> = verdicts
        .iter()
        .zip(counts)
        // The last is seldom, and nothing is learned from its absence.
        .filter(|(verdict, count)| **verdict != Verdict::NotJudged || *count > 0)
        .map(|(verdict, count)| format!("{} at {}", document::word(*verdict), whole(count as u64)))
        .collect();
    let best = super::best(rows, figure).map(|best| {
        let most = if figure.indicator == Indicator::Availability { "highest" } else { "least" };
        let at = report.prepared.plan.name(best.row.point);
        let elsewhere = best.elsewhere();
        format!("{most} with {at}: {}{elsewhere}", Cell::figure(best.figure).on_one_line())
    });
    let more: Vec<String> = best.into_iter().chain(no_writer(rows, figure)).collect();
    // All points alike have one verdict.
    let tone = verdicts.into_iter().zip(counts).find(|(_, count)| judged > 0 && *count == judged);
    Card {
        tone: tone.map_or(Tone::Plain, |(verdict, _)| verdict.into()),
        name: figure.name(),
        limit: common(rows, figure).map_or_else(String::new, |objective| limit(figure.indicator, objective)),
        value: if judged > 0 {
            format!("{} of {} points", said.join(", "), whole(judged as u64))
        } else {
            String::new()
        },
        more: more.join("; "),
        ..Card::default()
    }
}

/// At how many points nobody can write at the end, and in how many trials of the worst of them.
fn no_writer(rows: &[Point<'_>], figure: Figure) -> Option<String> {
    let stores = rows.iter().filter_map(|row| row.view(figure)?.writerless);
    let worst = stores.map(|stores| stores.values().filter_map(|share| share.interval().ok()));
    let worst: Vec<Interval> =
        worst.filter_map(|shares| shares.max_by(|one, other| one.estimate.total_cmp(&other.estimate))).collect();
    let most = worst.iter().max_by(|one, other| one.estimate.total_cmp(&other.estimate))?;
    let share = Cell::percent(&Ok(*most));
    let up_to = if worst.len() > 1 { "up to " } else { "" };
    Some(format!(
        "{NO_WRITER} at {} of {} points, in {up_to}{} % {} of the trials",
        worst.len(),
        rows.len(),
        share.text,
        share.spread_in_brackets()
    ))
}

/// The varied keys.
fn question(report: &SweepReport<'_>, rows: &[Point<'_>]) -> Section {
    let all = report.prepared.figures.all();
    let plan = &report.prepared.plan;
    let mut section = Section::new("question", "What is varied", "");
    let named = Named::new(report);
    let axes = plan.axes.iter().zip(named.axes).map(|(axis, name)| {
        let values = match &axis.values {
            Values::Listed(values) => values.iter().map(|value| shown(value)).collect::<Vec<_>>().join(", "),
            Values::Range(range) => range.text.replace("..", " to "),
        };
        Row::new(&axis.key, vec![Cell::words(name), Cell::words(values)])
    });
    let table = Table {
        head: "key".to_owned(),
        columns: vec![Column::words("in charts"), Column::words("values")],
        rows: axes.collect(),
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(table));
    let luck = match report.seed() {
        Some(_) => "All points meet the same incidents with the same luck, and ",
        None => "",
    };
    let horizon = chosen_duration(report.base.horizon);
    let spans = vec![
        Span::Plain(format!("{luck}each point is held against ")),
        Span::Code(plan.name(report.prepared.base)),
        Span::Plain(format!(
            ", trial by trial: its difference from that is its change. The interval of a change is found from pairs of \
             trials, and not from the intervals of the two estimates. Each trial lasts {horizon}."
        )),
    ];
    section.add(Reach::Page, Content::Text { manner: Manner::Plain, spans });
    let changes =
        rows.iter().any(|row| all.iter().any(|figure| row.view(*figure).is_some_and(|it| it.change.is_some())));
    if changes {
        let text =
            format!("A change is the difference from {}, over the same trials.", plan.name(report.prepared.base));
        section.say(Reach::Brief, Manner::Note, text);
    }
    section
}

/// The figures of one measure over the points, if there are any.
fn figures(
    report: &SweepReport<'_>,
    rows: &[Point<'_>],
    indicator: Indicator,
    charts: Option<&[(Topic, String, Drawn)]>,
) -> Option<Section> {
    let all = report.prepared.figures.all();
    let own: Vec<Figure> = all.into_iter().filter(|figure| figure.indicator == indicator).collect();
    if own.is_empty() {
        return None;
    }
    let mut section = Section::new(word(indicator), title(indicator), "");
    for (_, _, drawn) in charts.into_iter().flatten().filter(|(of, ..)| *of == Topic::Figures(indicator)) {
        section.show(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() });
    }
    for figure in own {
        let table = table(report, rows, figure);
        section.add(Reach::Everywhere, Content::Table(table.clone()));
        section.explain_stars(&table);
    }
    let hidden = rows.len().saturating_sub(ROWS) as u64;
    if hidden > 0 {
        section.say(Reach::Page, Manner::Plain, format!("{} more points are in sweep.csv.", whole(hidden)));
    }
    Some(section)
}

/// The points by one figure.
fn table(report: &SweepReport<'_>, rows: &[Point<'_>], figure: Figure) -> Table {
    let plan = &report.prepared.plan;
    let views = || rows.iter().filter_map(|row| row.view(figure));
    let common = common(rows, figure).map(|objective| limit(figure.indicator, objective));
    let what = match figure.indicator {
        Indicator::Availability if figure.of == Of::Worst => {
            "the mean share of the time in which all journeys are up".to_owned()
        }
        Indicator::Availability => "the mean share of the time in which it is up".to_owned(),
        Indicator::Rto if report.base.recurring => format!("the {} over all outages", figure.short()),
        Indicator::Rto | Indicator::Rpo | Indicator::CaughtUp => {
            format!("the {} over the trials", figure.short())
        }
        Indicator::LatencyBefore | Indicator::LatencyAfter => {
            format!("the {} over the requests of all trials", figure.short())
        }
    };
    let objective = common.iter().map(|limit| format!(", objective {limit}"));
    let sorted = if plan.axes.len() > 2 { "; the best point by the first figure stands first" } else { "" };
    let caption = format!("{}: {what}{}{sorted}", figure.name(), objective.collect::<String>());
    let (head, mut columns, together) = heads(report);
    let shows = Shows {
        together,
        judged: views().any(|view| view.verdict.is_some()),
        changes: views().any(|view| view.change.is_some()),
        limits: common.is_none(),
        costs: rows.iter().any(|row| row.result.cost.is_some()),
    };
    let estimate = common.map_or_else(|| figure.name(), |limit| format!("{} {limit}", figure.name()));
    columns.extend(shows.judged.then(|| Column::words("objective")));
    columns.push(Column::figures(estimate));
    columns.extend(shows.changes.then(|| Column::figures("change")));
    columns.extend(shows.judged.then(|| Column::figures("chance, %").spare()));
    columns.extend(shows.costs.then(|| Column::figures("a month")));
    let rows = rows.iter().take(ROWS).map(|row| line(report, row, figure, shows)).collect();
    Table { head, caption, columns, rows, long: true, ..Table::default() }
}

/// Which columns a table has.
#[derive(Debug, Clone, Copy)]
struct Shows {
    together: bool,
    judged: bool,
    changes: bool,
    /// Whether points have objectives of their own.
    limits: bool,
    /// Whether the file gives prices.
    costs: bool,
}

/// The head of the first column and the further ones for the settings of points, and whether all of these share one.
pub(super) fn heads(report: &SweepReport<'_>) -> (String, Vec<Column>, bool) {
    let axes = &report.prepared.plan.axes;
    let together = axes.len() > COLUMNS;
    let mut keys = axes.iter().map(|axis| axis.key.as_str());
    let head = if together { "settings".to_owned() } else { keys.next().unwrap_or_default().to_owned() };
    (head, if together { Vec::new() } else { keys.map(Column::words).collect() }, together)
}

/// The settings of a point, as [`heads`] has them.
pub(super) fn settings(report: &SweepReport<'_>, row: &Point<'_>, together: bool) -> Row {
    let plan = &report.prepared.plan;
    let shown = |setting: &str| if setting.is_empty() { "as in the file".to_owned() } else { setting.to_owned() };
    let values = || row.settings.iter().map(|setting| shown(setting));
    let keyed = || plan.axes.iter().map(|axis| axis.key.clone()).zip(values());
    if together {
        let lines: Vec<String> = keyed().map(|(key, value)| format!("{key} = {value}")).collect();
        return Row { keyed: keyed().collect(), ..Row::new(lines.join("\n"), Vec::new()) };
    }
    let mut values = values();
    let first = values.next().unwrap_or_default();
    Row::new(first, values.map(Cell::words).collect())
}

fn line(report: &SweepReport<'_>, row: &Point<'_>, figure: Figure, shows: Shows) -> Row {
    let mut line = settings(report, row, shows.together);
    let cells = &mut line.cells;
    let view = row.view(figure);
    let mut add = |shown: bool, cell: &dyn Fn(&View<'_>) -> Cell| {
        if shown {
            cells.push(view.as_ref().map_or_else(Cell::default, cell));
        }
    };
    add(shows.judged, &|view| match view.verdict {
        Some(verdict) => {
            let own = view.objective.filter(|_| shows.limits).map(|objective| limit(figure.indicator, objective));
            let word = document::word(verdict);
            let text = own.map_or_else(|| word.to_owned(), |own| format!("{word} {own}"));
            let beside = if view.writerless.is_some() { NO_WRITER } else { "" };
            Cell::verdict(text, verdict, beside)
        }
        None => Cell::default(),
    });
    add(true, &|view| match view.value.interval() {
        Ok(interval) => Cell::figure(view.in_words(figure.indicator, &interval)),
        Err(refused) => Cell::refused(refused),
    });
    add(shows.changes, &|view| changed(view, figure.indicator, row.is_base));
    add(shows.judged, &|view| view.chance.map_or_else(Cell::default, chance));
    add(shows.costs, &|_| row.result.cost.as_ref().map_or_else(Cell::default, cost));
    line
}

fn chance(chance: &Estimate) -> Cell {
    match chance.interval() {
        Ok(found) => Cell::figure((percent(found.estimate), percent(found.low), percent(found.high))),
        Err(refused) => Cell::refused(refused),
    }
}

/// The cost of a month.
fn cost(cost: &PointCost) -> Cell {
    let least = if cost.unpriced.is_empty() { "" } else { "at least " };
    Cell::words(format!("{least}{}", money(cost.monthly, &cost.currency)))
}

/// The change, and what it makes of the point.
fn changed(view: &View<'_>, indicator: Indicator, base: bool) -> Cell {
    match view.change.map(Change::bounds) {
        Some(Ok((estimate, interval))) => {
            let worse = worse_by(indicator, interval);
            let tone = if worse.low > 0.0 {
                Tone::Worse
            } else if worse.high < 0.0 {
                Tone::Better
            } else {
                Tone::Plain
            };
            let wider = view.change.is_some_and(|change| change.conservative);
            Cell::difference(bounded(indicator, &estimate, &interval), wider).toned(tone)
        }
        Some(Err(refused)) => Cell::refused(refused),
        None if base => Cell::words("base"),
        None => Cell::words("\u{b7}"),
    }
}
