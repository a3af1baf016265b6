//! What the terminal shows of a sweep: one row a point.

use comfy_table::CellAlignment;

use super::{Report, Row};
use crate::analyze::Verdict;
use crate::compare::Figure;
use crate::header::Measure;
use crate::report::comparison::{CONSERVATIVE, bounded, star};
use crate::report::terminal::rows::{Rows, clip};
use crate::report::terminal::{BAD, DIM, GOOD, HEADING, OPEN, WIDTH};
use crate::sweep::{Change, Estimate, Found, Uptime};
use crate::units::{
    chosen_duration, chosen_percent, estimated_duration, longer_than, nearly_all, percent, whole, wrapped,
};

/// Tables do not get wider than this for what the files have as well.
const WIDEST: usize = 110;
/// More rows than this are left to the files.
const ROWS: usize = 40;
/// Settings longer than this are cut.
const SETTING: usize = 26;

/// The whole report, with colours and a line's end at its end.
pub fn terminal(report: &Report<'_>) -> String {
    let files = match report.files {
        Some(path) => format!("Files: {}", path.display()),
        None => "Files: none; --out DIR keeps every point as it is done, the charts and this table".to_owned(),
    };
    format!("{}{files}\n", kept(report))
}

/// The same without where the files are, as it is kept beside them.
pub(super) fn kept(report: &Report<'_>) -> String {
    let Report { base, prepared, results, .. } = report;
    let plan = &prepared.plan;
    let settings = format!(
        "{} of {}, {} each, {}",
        plan.design.word(),
        match plan.points.len() {
            1 => "1 point".to_owned(),
            many => format!("{} points", whole(many as u64)),
        },
        report.trials(),
        report.seed().map_or_else(|| "seed as varied".to_owned(), |seed| format!("seed {seed}"))
    );
    let name = clip(&base.name, WIDTH.saturating_sub(settings.chars().count() + 2).max(12));
    let mut lines = vec![format!("{HEADING}{name}{HEADING:#}  {settings}")];
    if !report.complete() {
        let (done, asked) = (whole(results.done() as u64), whole(plan.points.len() as u64));
        lines.push(format!("{OPEN}PARTIAL{OPEN:#}  stopped after {done} of {asked} points"));
    }
    for note in &prepared.notes {
        lines.extend(wrapped(&format!("Note: {note}."), WIDTH));
    }
    lines.push(String::new());
    lines.extend(table(report));
    lines.push(String::new());
    let hash = base.hash.get(..12).unwrap_or(&base.hash);
    lines.push(format!("mrsim {}, experiment {hash}", base.version));
    lines.join("\n") + "\n"
}

fn table(report: &Report<'_>) -> Vec<String> {
    let rows = report.rows();
    if rows.is_empty() {
        return vec!["No point is done.".to_owned()];
    }
    // What the files have as well is left out where the table would be too wide, the least needed first. Settings are not
    // cut to fit: with many of them the table is as wide as it is.
    let all = [Columns::All, Columns::WithoutChances, Columns::WithoutChanges, Columns::Figures];
    let tables = all.map(|columns| (columns, rows_of(report, &rows, columns).lines(CellAlignment::Right)));
    let width = |lines: &[String]| lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let fits = tables.iter().position(|(_, lines)| width(lines) <= WIDEST).unwrap_or(all.len() - 1);
    let (columns, lines) = &tables[fits];
    // Every second line below the head holds the intervals.
    let styled = |(index, line): (usize, String)| match index {
        0 => format!("{HEADING}{line}{HEADING:#}"),
        _ if index % 2 == 0 => format!("{DIM}{line}{DIM:#}"),
        _ => coloured(line),
    };
    let mut lines: Vec<String> = lines.iter().cloned().enumerate().map(styled).collect();
    let compared = report.compared(&rows);
    if columns.changes() && compared {
        let base = report.prepared.plan.name(report.prepared.base);
        lines.extend(
            wrapped(&format!("change: against {base}, over the same trials, with its 95 % interval"), WIDTH)
                .into_iter()
                .map(|line| format!("{DIM}{line}{DIM:#}")),
        );
        let changes = || rows.iter().flat_map(|row| &row.result.figures).filter_map(|found| found.change.as_ref());
        if changes().any(|change| change.conservative) {
            lines.extend(wrapped(CONSERVATIVE, WIDTH).into_iter().map(|line| format!("{DIM}{line}{DIM:#}")));
        }
    }
    if !columns.changes() && compared {
        lines.push(format!("{DIM}(base): what changes are counted from{DIM:#}"));
    }
    if rows.iter().any(|row| row.settings.contains(&"")) {
        lines.push(format!("{DIM}· among the settings: as the file has it{DIM:#}"));
    }
    if *columns != Columns::All {
        let left = match (columns.changes(), columns.chances()) {
            (true, _) => "chances",
            (_, true) => "changes",
            _ => "chances and changes",
        };
        lines.push(format!("{DIM}{left} are in --format csv and json, and in the files of --out DIR{DIM:#}"));
    }
    if rows.len() > ROWS {
        lines.push(format!(
            "{DIM}and {} more; --out DIR and --format json have all{DIM:#}",
            whole((rows.len() - ROWS) as u64)
        ));
    }
    lines
}

/// How much of each figure a table has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    All,
    WithoutChances,
    WithoutChanges,
    Figures,
}

impl Columns {
    const fn changes(self) -> bool {
        matches!(self, Self::All | Self::WithoutChances)
    }

    const fn chances(self) -> bool {
        matches!(self, Self::All | Self::WithoutChanges)
    }
}

fn rows_of(report: &Report<'_>, rows: &[Row<'_>], columns: Columns) -> Rows {
    let changes = columns.changes();
    let chances = |name: &str| columns.chances() && has_chance(rows, name);
    let mut head: Vec<String> = report.prepared.plan.axes.iter().map(|axis| tail(&axis.key)).collect();
    let changed = |name: &str| {
        changes && Figure::named(name).is_ok_and(|figure| rows.iter().any(|row| row.change(figure).is_some()))
    };
    for found in rows.first().map_or(&[][..], |row| &row.result.figures) {
        // Where every point has the same limit it stands at the head.
        head.push(match common_limit(rows, &found.name) {
            Some(limit) => format!("{} <= {}", found.name, chosen_duration(limit)),
            None => found.name.clone(),
        });
        head.extend(changed(&found.name).then(|| "change".to_owned()));
        head.extend(chances(&found.name).then(|| "chance, %".to_owned()));
    }
    let availability = report.prepared.figures.availability;
    let up_changed = changes && rows.iter().any(|row| row.change(Figure::AVAILABILITY).is_some());
    let kept = columns.chances() && availability;
    if availability {
        let mut asked = rows.iter().map(|row| row.result.availability.as_ref().and_then(|found| found.objective));
        let first = asked.next().flatten().filter(|first| asked.all(|objective| objective == Some(*first)));
        let limit = first.map_or_else(String::new, |objective| format!(" >= {} %", chosen_percent(objective)));
        head.push(format!("availability{limit}"));
        head.extend(up_changed.then(|| "change".to_owned()));
        head.extend(kept.then(|| "chance, %".to_owned()));
    }
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let held = report.compared(rows);
    let mut table = Rows::new(&head);
    for row in rows.iter().take(ROWS) {
        let Row { settings, result, .. } = row;
        let mut cells: Vec<String> = settings.iter().map(|setting| setting_cell(setting)).collect();
        if let Some(first) = cells.first_mut().filter(|_| held && row.is_base) {
            first.push_str("\n(base)");
        }
        for found in &result.figures {
            cells.push(estimate_cell(found, result.watched));
            cells.extend(changed(&found.name).then(|| change_cell(Measure::Rto, found.change.as_ref())));
            cells.extend(chances(&found.name).then(|| chance_cell(found.chance.as_ref())));
        }
        if availability {
            let found = result.availability.as_ref();
            cells.push(found.map_or_else(|| "unknown\n".to_owned(), uptime_cell));
            cells.extend(
                up_changed.then(|| change_cell(Measure::Availability, found.and_then(|found| found.change.as_ref()))),
            );
            cells.extend(kept.then(|| chance_cell(found.and_then(|found| found.chance.as_ref()))));
        }
        table.row(cells);
    }
    table
}

/// A change of a duration, or of an availability.
fn change_cell(measure: Measure, change: Option<&Change>) -> String {
    match change.map(Change::bounds) {
        Some(Ok((estimate, interval))) => {
            let (value, low, high) = bounded(measure, &estimate, &interval);
            format!("{value}\n{low} to {high}{}", star(change.is_some_and(|change| change.conservative)))
        }
        Some(Err(refused)) => refused.replacen(' ', "\n", 1),
        None => "·\n".to_owned(),
    }
}

fn uptime_cell(uptime: &Uptime) -> String {
    match uptime.value.interval() {
        Ok(interval) => {
            let (value, low, high) = nearly_all(&interval);
            let verdict = uptime.verdict.map_or_else(String::new, |verdict| format!("{} ", mark(verdict)));
            format!("{verdict}{value} %\n{low}\u{2013}{high}")
        }
        Err(refused) => refused.replacen(' ', "\n", 1),
    }
}

/// Verdicts in their colours.
fn coloured(line: String) -> String {
    let words = [Verdict::Met, Verdict::Missed, Verdict::Undecided];
    words.into_iter().fold(line, |line, verdict| {
        let style = match verdict {
            Verdict::Met => GOOD,
            Verdict::Missed => BAD,
            Verdict::Undecided => OPEN,
        };
        let word = mark(verdict);
        line.replace(word, &format!("{style}{word}{style:#}"))
    })
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "MET",
        Verdict::Missed => "MISSED",
        Verdict::Undecided => "UNDECIDED",
    }
}

/// The end of a key, which says most.
fn tail(key: &str) -> String {
    let count = key.chars().count();
    if count <= SETTING {
        key.to_owned()
    } else {
        format!("…{}", key.chars().skip(count + 1 - SETTING).collect::<String>())
    }
}

fn setting_cell(setting: &str) -> String {
    if setting.is_empty() { "·".to_owned() } else { clip(setting, SETTING) }
}

fn common_limit(rows: &[Row<'_>], name: &str) -> Option<f64> {
    let mut limits = rows.iter().map(|row| row.result.figures.iter().find(|found| found.name == name)?.limit);
    let first = limits.next()??;
    limits.all(|limit| limit == Some(first)).then_some(first)
}

fn has_chance(rows: &[Row<'_>], name: &str) -> bool {
    rows.iter().flat_map(|row| &row.result.figures).any(|found| found.name == name && found.chance.is_some())
}

fn estimate_cell(found: &Found, watched: f64) -> String {
    match found.value.interval() {
        Ok(interval) => {
            let (value, low, high) = estimated_duration(&interval, &longer_than(watched));
            let verdict = found.verdict.map_or_else(String::new, |verdict| format!("{} ", mark(verdict)));
            format!("{verdict}{value}\n{low}\u{2013}{high}")
        }
        Err(refused) => refused.replacen(' ', "\n", 1),
    }
}

fn chance_cell(chance: Option<&Estimate>) -> String {
    match chance.map(Estimate::interval) {
        Some(Ok(interval)) => {
            format!("{}\n{}\u{2013}{}", percent(interval.estimate), percent(interval.low), percent(interval.high))
        }
        Some(Err(_)) => "unknown\n".to_owned(),
        None => "\n".to_owned(),
    }
}
