//! `sweep.csv`: one row a point, in the order of the plan.
//!
//! The axes come first, under their keys, then of each figure `NAME_s`, `NAME_low_s`, `NAME_high_s` (`inf` if censored, empty
//! if refused), `NAME_censored`, and of objectives `NAME_limit_s`, `NAME_chance`, `NAME_chance_low`, `NAME_chance_high`,
//! `NAME_verdict`; then, over the trials that the point shares with the base point, `NAME_change_s`, `NAME_change_low_s`,
//! `NAME_change_high_s` (empty where nothing bounds them, and at the base point). With an objective on it, `availability`,
//! its ends, `availability_objective`, chance and verdict follow. Last come the axes as numbers: `KEY_s` of durations, in
//! seconds, and `KEY_share` of percentages; where the file's own setting stays, what that is. Of objectives on data loss
//! `NAME_no_writer` with its ends follows: the share of trials that ended without a writer of a store, that of the store with
//! the largest. Where faults include blips, `false_failovers_a_year` and
//! `noticed_p95_s` follow with their ends. Where the file gives prices, `monthly_cost` comes last: the sum of what has a price.

use std::io;

use super::named::Named;
use super::{Row, SweepReport};
use crate::analyze::{Verdict, share};
use crate::header::Indicator;
use crate::report::csv::{Cell, Rows};
use crate::sweep::{Change, Estimate, PointFigure, PointResult};
use crate::variation::{Scale, coordinate};

/// Writes all points that are done, below a line with the columns' names.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &SweepReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut points = report.rows();
    points.sort_by_key(|row| row.point);
    let measured = measured(report, &points);
    let losses = losses(report, &points);
    let blips = points.iter().any(|point| point.result.nervousness.is_some());
    let mut rows = Rows::new(out);
    if points.is_empty() {
        let axes = report.prepared.plan.axes.iter().map(|axis| axis.key.as_str());
        let heads = std::iter::once("point").chain(axes).chain(["trials", "hash"]);
        heads.into_iter().try_for_each(|head| rows.text(head))?;
        rows.end()?;
    }
    for (index, row) in points.iter().enumerate() {
        let cells = cells(report, row, &measured, &losses, blips);
        if index == 0 {
            cells.iter().try_for_each(|(head, _)| rows.text(head))?;
            rows.end()?;
        }
        cells.iter().try_for_each(|(_, cell)| rows.cell(cell))?;
        rows.end()?;
    }
    rows.finish()
}

/// The cells of a point, each under its head: the same heads for every point.
fn cells<'a>(
    report: &SweepReport<'_>,
    row: &Row<'a>,
    measured: &[Measured],
    losses: &[usize],
    blips: bool,
) -> Vec<(String, Cell<'a>)> {
    let PointResult { trials, hash, figures, availability, .. } = row.result;
    let mut cells = vec![("point".to_owned(), Cell::Whole(Some(row.point as u64)))];
    let axes = report.prepared.plan.axes.iter().zip(row.settings.iter().copied());
    cells.extend(axes.map(|(axis, setting)| (axis.key.clone(), Cell::Text(setting))));
    cells.extend([("trials".to_owned(), Cell::Whole(Some(*trials))), ("hash".to_owned(), Cell::Text(hash))]);
    for found in figures {
        let PointFigure { name, value, change, censored, limit, chance, verdict, .. } = found;
        let under = |end: &str, cell: Cell<'a>| (format!("{name}{end}"), cell);
        cells.extend(ends("_s", interval(Some(value))).map(|(end, cell)| under(&end, cell)));
        cells.extend([under("_censored", Cell::Number(*censored)), under("_limit_s", number(*limit))]);
        cells.extend(ends("_chance", interval(chance.as_ref())).map(|(end, cell)| under(&end, cell)));
        cells.push(under("_verdict", verdict_word(*verdict)));
        cells.extend(ends("_change_s", of_change(change.as_ref())).map(|(end, cell)| under(&end, cell)));
    }
    let all = report.prepared.figures.availability.then(|| ("availability".to_owned(), availability.as_ref()));
    let single = report.prepared.figures.own_availability.iter().map(|of| {
        let name = of.name("availability");
        let found = row.result.own_availability.get(&name);
        (name, found)
    });
    for (name, found) in all.into_iter().chain(single) {
        let under = |end: &str, cell: Cell<'a>| (format!("{name}{end}"), cell);
        cells.extend(ends("", interval(found.map(|found| &found.value))).map(|(end, cell)| under(&end, cell)));
        cells.push(under("_objective", number(found.and_then(|found| found.objective))));
        let chance = interval(found.and_then(|found| found.chance.as_ref()));
        cells.extend(ends("_chance", chance).map(|(end, cell)| under(&end, cell)));
        cells.push(under("_verdict", verdict_word(found.and_then(|found| found.verdict))));
        let change = of_change(found.and_then(|found| found.change.as_ref()));
        cells.extend(ends("_change", change).map(|(end, cell)| under(&end, cell)));
    }
    cells.extend(measured.iter().map(|Measured { axis, head, own }| {
        let value = match row.settings[*axis] {
            "" => *own,
            setting => coordinate(setting).map(|(value, _)| value),
        };
        (head.clone(), number(value))
    }));
    cells.extend(losses.iter().flat_map(|&place| {
        let PointFigure { name, verdict, no_writer_at_the_end, .. } = &figures[place];
        let shares = no_writer_at_the_end.values().filter_map(|share| share.interval().ok());
        let most = shares.max_by(|one, other| one.estimate.total_cmp(&other.estimate)).or(share(0, *trials).ok());
        let most = most.filter(|_| verdict.is_some());
        let values = [most.map(|it| it.estimate), most.map(|it| it.low), most.map(|it| it.high)];
        ends("", values).map(move |(end, cell)| (format!("{name}_no_writer{end}"), cell))
    }));
    if blips {
        let found = row.result.nervousness.as_ref();
        cells.extend(ends("false_failovers_a_year", interval(found.map(|found| &found.false_failovers_a_year))));
        cells.extend(ends("noticed_p95_s", interval(found.map(|found| &found.noticed_p95))));
    }
    cells.extend(row.result.cost.as_ref().map(|cost| ("monthly_cost".to_owned(), Cell::Number(cost.monthly))));
    cells
}

/// An axis whose settings are written in a unit.
struct Measured {
    axis: usize,
    /// The head of its column.
    head: String,
    /// The settings of the file itself.
    own: Option<f64>,
}

fn measured(report: &SweepReport<'_>, points: &[Row<'_>]) -> Vec<Measured> {
    let named = Named::new(report);
    let one = |axis: usize| {
        let settings = || points.iter().map(|row| row.settings[axis]).filter(|setting| !setting.is_empty());
        let scales: Option<Vec<Scale>> = settings().map(|setting| Some(coordinate(setting)?.1)).collect();
        let scales = scales.filter(|scales| scales.windows(2).all(|pair| pair[0] == pair[1]))?;
        let unit = match scales.first()? {
            Scale::Duration => "s",
            Scale::Percentage => "share",
            Scale::Whole | Scale::Number => return None,
        };
        let own = named.own[axis].as_deref().and_then(coordinate);
        let own = own.filter(|(_, scale)| Some(scale) == scales.first()).map(|(value, _)| value);
        Some(Measured { axis, head: format!("{}_{unit}", report.prepared.plan.axes[axis].key), own })
    };
    (0..report.prepared.plan.axes.len()).filter_map(one).collect()
}

/// The places of the figures of data loss that are objectives of any point.
fn losses(report: &SweepReport<'_>, points: &[Row<'_>]) -> Vec<usize> {
    let quantiles = report.prepared.figures.quantiles.iter().enumerate();
    let losses = quantiles.filter(|(_, (of, _))| of.indicator == Indicator::Rpo).map(|(place, _)| place);
    let judged = |place: &usize| points.iter().any(|row| row.result.figures[*place].verdict.is_some());
    losses.filter(judged).collect()
}

/// A value and the ends of its interval, under `NAME`, `NAME_low` and `NAME_high`, the unit last.
fn ends<'a>(name: &str, values: [Option<f64>; 3]) -> impl Iterator<Item = (String, Cell<'a>)> {
    let (name, unit) = name.strip_suffix("_s").map_or((name, ""), |name| (name, "_s"));
    let heads = ["", "_low", "_high"].map(|end| format!("{name}{end}{unit}"));
    heads.into_iter().zip(values.map(number))
}

/// The estimate, if it is known outright, and the ends of the interval.
fn of_change(change: Option<&Change>) -> [Option<f64>; 3] {
    let known = change.and_then(|change| change.at_least.filter(|least| change.at_most == Some(*least)));
    [known, change.and_then(|change| change.low), change.and_then(|change| change.high)]
}

fn interval(estimate: Option<&Estimate>) -> [Option<f64>; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval().ok());
    [interval.map(|found| found.estimate), interval.map(|found| found.low), interval.map(|found| found.high)]
}

fn number(value: Option<f64>) -> Cell<'static> {
    Cell::Number(value.unwrap_or(f64::NAN))
}

fn verdict_word(verdict: Option<Verdict>) -> Cell<'static> {
    Cell::Text(verdict.map_or("", Verdict::word))
}
