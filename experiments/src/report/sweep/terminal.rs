//! What the terminal shows of a sweep: one row a point.

use comfy_table::CellAlignment;

use super::{Report, Row};
use crate::analyze::Verdict;
use crate::report::terminal::cells::trials;
use crate::report::terminal::rows::{Rows, clip};
use crate::report::terminal::{BAD, DIM, GOOD, HEADING, OPEN, WIDTH};
use crate::report::units::{chosen_duration, estimated_duration, longer_than, percent, whole};
use crate::sweep::Found;

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
    let most = prepared.trials.iter().copied().max().unwrap_or(0);
    let settings = format!(
        "{} of {}, {} each, seed {}",
        plan.design.word(),
        match plan.points.len() {
            1 => "1 point".to_owned(),
            many => format!("{} points", whole(many as u64)),
        },
        trials(most),
        base.seed
    );
    let name = clip(&base.name, WIDTH.saturating_sub(settings.chars().count() + 2).max(12));
    let mut lines = vec![format!("{HEADING}{name}{HEADING:#}  {settings}")];
    if !report.complete() {
        let (done, asked) = (whole(results.done() as u64), whole(plan.points.len() as u64));
        lines.push(format!("{OPEN}PARTIAL{OPEN:#}  stopped after {done} of {asked} points"));
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
    let Some(first) = rows.first() else { return vec!["No point is done.".to_owned()] };
    let mut head: Vec<String> = report.prepared.plan.axes.iter().map(|axis| tail(&axis.key)).collect();
    for found in &first.result.figures {
        // Where every point has the same limit it stands at the head.
        head.push(match common_limit(&rows, &found.name) {
            Some(limit) => format!("{} <= {}", found.name, chosen_duration(limit)),
            None => found.name.clone(),
        });
        if has_chance(&rows, &found.name) {
            head.push("chance, %".to_owned());
        }
    }
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mut table = Rows::new(&head);
    for Row { settings, result, .. } in rows.iter().take(ROWS) {
        let mut cells: Vec<String> = settings.iter().map(|setting| setting_cell(setting)).collect();
        for found in &result.figures {
            cells.push(estimate_cell(found, result.watched));
            if has_chance(&rows, &found.name) {
                cells.push(chance_cell(found));
            }
        }
        table.row(cells);
    }
    // Settings are not cut to fit a screen: with many of them the table is as wide as it is. Every second line below the
    // head holds the intervals.
    let styled = |(index, line): (usize, String)| match index {
        0 => format!("{HEADING}{line}{HEADING:#}"),
        _ if index % 2 == 0 => format!("{DIM}{line}{DIM:#}"),
        _ => coloured(line),
    };
    let mut lines: Vec<String> = table.lines(CellAlignment::Right).into_iter().enumerate().map(styled).collect();
    if rows.len() > ROWS {
        lines.push(format!(
            "{DIM}and {} more; --out DIR and --format json have all{DIM:#}",
            whole((rows.len() - ROWS) as u64)
        ));
    }
    lines
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

fn chance_cell(found: &Found) -> String {
    match found.chance.as_ref().map(|chance| chance.interval()) {
        Some(Ok(interval)) => {
            format!("{}\n{}\u{2013}{}", percent(interval.estimate), percent(interval.low), percent(interval.high))
        }
        Some(Err(_)) => "unknown\n".to_owned(),
        None => "\n".to_owned(),
    }
}
