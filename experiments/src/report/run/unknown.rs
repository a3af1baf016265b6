//! What is not known: two intervals for each objective, and the figures that own the difference.

use crate::compare::Figure;
use crate::header::Indicator;
use crate::report::RunReport;
use crate::report::cells::trials;
use crate::report::document::{Bar, Bars, Card, Cell, Column, Content, Manner, Reach, Row, Section, Spread, Table};
use crate::units::{count, percent, time_unit, whole};
use crate::unknown::{After, Condition, Ends, Judged, Share, Unknown, Varied};

use super::Charts;

/// The name of the chart of what is not known.
pub(super) const LEDGER: &str = "what-is-not-known";

/// Bars of the short form.
const BARS: usize = 8;

/// Smaller shares are nothing to look at.
pub(super) const SEEN: f64 = 0.005;

/// The objective whose interval what is not known widens most, for its size, of those that figures move.
pub(super) fn foremost(unknown: &Unknown) -> Option<&Judged> {
    let moved = unknown.objectives.iter().filter(|judged| !judged.shares.is_empty());
    moved.reduce(|foremost, judged| if widened(judged) > widened(foremost) { judged } else { foremost })
}

/// How many times as wide an interval is with what is not known.
fn widened(judged: &Judged) -> f64 {
    let width = |ends: Ends| {
        let (low, high) = ends.numbers();
        high - low
    };
    let (known, all) = (width(judged.by_chance), width(judged.with_unknown));
    if all.is_finite() && known > 0.0 { all / known } else { f64::INFINITY }
}

pub(super) fn section(report: &RunReport<'_>, charts: Option<&Charts>) -> Option<Section> {
    let unknown = report.summary.unknown.as_ref()?;
    let mut section = Section::new("unknown", "What is not known", "Not known");
    section.add(Reach::Everywhere, Content::Table(intervals(unknown)));
    for judged in &unknown.objectives {
        if let Some(text) = bought(judged) {
            section.say(Reach::Everywhere, Manner::Note, text);
        }
    }
    let foremost = foremost(unknown);
    for judged in &unknown.objectives {
        let Some(bars) = bars(judged) else { continue };
        section.add(Reach::Brief, Content::Bars(bars));
    }
    section.say(Reach::Everywhere, Manner::Note, sets(unknown));
    for text in [idle(unknown), held(unknown), choices(unknown)].into_iter().flatten() {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(picture) = foremost.and(charts).and_then(|charts| charts.picture(LEDGER)) {
        section.show(picture);
    }
    for judged in &unknown.objectives {
        if !judged.shares.is_empty() {
            section.add(Reach::Page, Content::Table(shares(judged)));
        }
    }
    section.add(Reach::Page, Content::Table(figures(unknown)));
    Some(section)
}

/// The card of an objective that hangs on an assumption.
pub(super) fn hanging(unknown: Option<&Unknown>, card: Card) -> Card {
    let judged = unknown.and_then(|unknown| unknown.objectives.iter().find(|judged| judged.name == card.name));
    let Some((judged, condition)) = judged.and_then(|judged| Some((judged, judged.condition.as_ref()?))) else {
        return card;
    };
    let said = [card.more.clone(), format!("{}.", verdict(judged, condition))];
    let more: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
    Card { word: "MET, if", more: more.join(" "), ..card }
}

/// `rto.p99: MET, if stores.orders.promotion-time <= 3m`.
fn verdict(judged: &Judged, condition: &Condition) -> String {
    format!("{}: MET, if {}", judged.name, assumption(condition))
}

/// `stores.orders.promotion-time <= 3m`.
pub(super) fn assumption(condition: &Condition) -> String {
    let Condition { path, limit, at_most, median } = condition;
    let of = if *median { " (its median)" } else { "" };
    match limit {
        Some(limit) => format!("{path}{of} {} {limit}", if *at_most { "<=" } else { ">=" }),
        None => format!("{path} and the figures after it are as the file has them"),
    }
}

/// What observations of the first figure would do.
fn bought(judged: &Judged) -> Option<String> {
    let After { path, observations, interval } = judged.after.as_ref()?;
    let (now, then) = (ends(judged, judged.with_unknown), ends(judged, *interval));
    Some(format!(
        "{}: {} observations of {path}, if they come out as the file has it, would narrow {now} to about {then}.",
        judged.name,
        whole(*observations)
    ))
}

fn intervals(unknown: &Unknown) -> Table {
    let row = |judged: &Judged| {
        let cells = match &judged.refused {
            Some(why) => vec![Cell::refused(why.clone()), Cell::refused(why.clone())],
            None => vec![Cell::words(ends(judged, judged.by_chance)), Cell::words(ends(judged, judged.with_unknown))],
        };
        Row::new(&judged.name, cells)
    };
    Table {
        head: "95 % interval".to_owned(),
        caption: "Where each figure lies, by chance alone and with what is not known of the figures behind it"
            .to_owned(),
        columns: ["by chance alone", "with what is not known"].map(Column::figures).to_vec(),
        rows: unknown.objectives.iter().map(row).collect(),
        ..Table::default()
    }
}

/// The ends of an interval with their unit.
fn ends(judged: &Judged, ends: Ends) -> String {
    let (low, high) = ends.numbers();
    if Figure::named(&judged.name).is_ok_and(|figure| figure.indicator == Indicator::Availability) {
        return format!("[{}, {}] %", percent(low), percent(high));
    }
    let size = if high.is_finite() { high } else { low };
    let (unit, name) = time_unit(if size.is_finite() { size } else { 0.0 }, size);
    let part = |end: f64| if end.is_finite() { count(end / unit) } else { "beyond the trial".to_owned() };
    format!("[{}, {}] {name}", part(low), part(high))
}

/// The share of each figure that stands out, as bars.
fn bars(judged: &Judged) -> Option<Bars> {
    let widest = judged.shares.first()?.share;
    let shown = judged.shares.iter().filter(|share| share.share >= SEEN).take(BARS);
    let bars: Vec<Bar> =
        shown.map(|share| Bar { name: share.path.clone(), part: share.share / widest, cell: cell(share) }).collect();
    let head = format!("What moves {}", judged.name);
    (!bars.is_empty()).then_some(Bars { head, of: "% of the variance between sets".to_owned(), bars })
}

fn cell(share: &Share) -> Cell {
    let whole = |share: f64| format!("{:.0}", share * 100.0);
    Cell { text: whole(share.share), spread: Spread::Error { by: whole(share.error) }, ..Cell::default() }
}

fn shares(judged: &Judged) -> Table {
    let with_total = judged.shares.iter().any(|share| share.total.is_some());
    let row = |share: &Share| {
        let total = share
            .total
            .map(|total| cell(&Share { share: total, error: share.total_error.unwrap_or(0.0), ..share.clone() }));
        Row::new(&share.path, std::iter::once(cell(share)).chain(total.filter(|_| with_total)).collect())
    };
    let columns = if with_total { vec!["by itself, %", "with others, %"] } else { vec!["by itself, %"] };
    Table {
        head: judged.name.clone(),
        caption: format!(
            "Share of each figure in the variance of {} between the sets, \u{b1} standard error; {} % of that variance is chance \
             and taken off",
            judged.name,
            percent(judged.chance_share)
        ),
        columns: columns.into_iter().map(Column::figures).collect(),
        rows: judged.shares.iter().map(row).collect(),
        long: true,
        ..Table::default()
    }
}

/// What the figures of this section rest on.
fn sets(unknown: &Unknown) -> String {
    let Unknown { sets, trials: each, figures, .. } = unknown;
    format!(
        "From {} sets of {} uncertain figures, the same {} each: guesses within their bands, measured figures within what \
         their observations leave open.",
        whole(*sets),
        whole(figures.len() as u64),
        trials(*each)
    )
}

/// The figures that cannot matter.
fn idle(unknown: &Unknown) -> Option<String> {
    let idle: Vec<&str> =
        unknown.figures.iter().filter(|figure| figure.idle).map(|figure| figure.path.as_str()).collect();
    (!idle.is_empty()).then(|| {
        format!(
            "No matter here, since nothing in {} changes at either end of what is believed of them: {}.",
            trials(unknown.probed),
            idle.join(", ")
        )
    })
}

/// The figures that kept their own value.
fn held(unknown: &Unknown) -> Option<String> {
    let held: Vec<String> = unknown
        .figures
        .iter()
        .filter(|figure| figure.held > 0)
        .map(|figure| format!("{} in {}", figure.path, whole(figure.held)))
        .collect();
    (!held.is_empty()).then(|| {
        format!(
            "Figures kept the file's value in sets where the drawn one does not go together with other settings, so that the \
             wider interval is too narrow: {}.",
            held.join(", ")
        )
    })
}

/// The guesses that were not varied.
fn choices(unknown: &Unknown) -> Option<String> {
    (!unknown.choices.is_empty())
        .then(|| format!("Guesses that are no numbers, and were not varied: {}.", unknown.choices.join(", ")))
}

fn figures(unknown: &Unknown) -> Table {
    let row = |figure: &Varied| {
        let name = std::iter::once(&figure.path).chain(&figure.also).cloned().collect::<Vec<_>>().join(", ");
        let matters = if figure.idle { "no" } else { "yes" };
        Row::new(name, vec![Cell::words(&figure.belief), Cell::words(matters)])
    };
    Table {
        head: "figure".to_owned(),
        caption: "The figures that were varied, and what is believed of each".to_owned(),
        columns: vec![Column::words("what is believed"), Column::words("matters")],
        rows: unknown.figures.iter().map(row).collect(),
        long: true,
        ..Table::default()
    }
}
