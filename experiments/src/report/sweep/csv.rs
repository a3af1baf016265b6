//! `sweep.csv`: one row a point, in the order of the plan.
//!
//! The axes come first, under their keys, then of each figure `NAME_s`, `NAME_low_s`, `NAME_high_s` (`inf` if censored, empty
//! if refused), `NAME_censored`, and of objectives `NAME_limit_s`, `NAME_chance`, `NAME_chance_low`, `NAME_chance_high`,
//! `NAME_verdict`; then, over the trials that the point shares with the base point, `NAME_change_s`, `NAME_change_low_s`,
//! `NAME_change_high_s` (empty where nothing bounds them, and at the base point). With an objective on it, `availability`,
//! its ends, `availability_objective`, chance and verdict follow. Last come the axes as numbers: `KEY_s` of durations, in
//! seconds, and `KEY_share` of percentages; where the file's own setting stays, what that is.

use std::io;

use super::named::Named;
use super::{Row, SweepReport};
use crate::report::formula;
use crate::sweep::{Change, Estimate, PointAvailability, PointFigure, PointResult};
use crate::variation::{Scale, coordinate};

/// Writes all points that are done, below a line with the columns' names.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &SweepReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    let mut head = vec!["point".to_owned()];
    head.extend(report.prepared.plan.axes.iter().map(|axis| axis.key.clone()));
    head.extend(["trials".to_owned(), "hash".to_owned()]);
    let mut points = report.rows();
    points.sort_by_key(|row| row.point);
    for found in points.first().map_or(&[][..], |row| &row.result.figures) {
        for end in FIGURE {
            head.push(format!("{}{end}", found.name));
        }
    }
    let availability = report.prepared.figures.availability;
    if availability {
        head.extend(UPTIME.map(|end| format!("availability{end}")));
    }
    let measured = measured(report, &points);
    head.extend(measured.iter().map(|axis| axis.head.clone()));
    rows.write_record(&head)?;
    for Row { point, settings, result, .. } in points {
        let mut cells = vec![point.to_string()];
        cells.extend(settings.iter().map(|setting| formula::cell(setting).into_owned()));
        let PointResult { trials, hash, figures, .. } = result;
        cells.extend([trials.to_string(), hash.clone()]);
        for found in figures {
            cells.extend(figure(found));
        }
        if availability {
            cells.extend(result.availability.as_ref().map_or_else(<[String; UPTIME.len()]>::default, uptime));
        }
        cells.extend(measured.iter().map(|Measured { axis, own, .. }| match settings[*axis] {
            "" => number(*own),
            setting => number(coordinate(setting).map(|(value, _)| value)),
        }));
        rows.write_record(&cells)?;
    }
    rows.flush()
}

/// An axis whose settings are written in a unit.
struct Measured {
    axis: usize,
    /// The head of its column.
    head: String,
    /// What the file itself has.
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

const FIGURE: [&str; 12] = [
    "_s",
    "_low_s",
    "_high_s",
    "_censored",
    "_limit_s",
    "_chance",
    "_chance_low",
    "_chance_high",
    "_verdict",
    "_change_s",
    "_change_low_s",
    "_change_high_s",
];

const UPTIME: [&str; 11] = [
    "",
    "_low",
    "_high",
    "_objective",
    "_chance",
    "_chance_low",
    "_chance_high",
    "_verdict",
    "_change",
    "_change_low",
    "_change_high",
];

/// The estimate, if it is known outright, and the ends of the interval.
fn change(change: Option<&Change>) -> [String; 3] {
    let known = change.and_then(|change| change.at_least.filter(|least| change.at_most == Some(*least)));
    [known, change.and_then(|change| change.low), change.and_then(|change| change.high)].map(number)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn interval(estimate: Option<&Estimate>) -> [String; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval().ok());
    [interval.map(|found| found.estimate), interval.map(|found| found.low), interval.map(|found| found.high)]
        .map(number)
}

fn uptime(uptime: &PointAvailability) -> [String; UPTIME.len()] {
    let [value, low, high] = interval(Some(&uptime.value));
    let [chance, chance_low, chance_high] = interval(uptime.chance.as_ref());
    let verdict = uptime.verdict.map_or("", crate::analyze::Verdict::word).to_owned();
    let [by, by_low, by_high] = change(uptime.change.as_ref());
    let objective = number(uptime.objective);
    [value, low, high, objective, chance, chance_low, chance_high, verdict, by, by_low, by_high]
}

fn figure(found: &PointFigure) -> [String; FIGURE.len()] {
    let [estimate, low, high] = interval(Some(&found.value));
    let [chance, chance_low, chance_high] = interval(found.chance.as_ref());
    let verdict = found.verdict.map_or("", crate::analyze::Verdict::word).to_owned();
    let (censored, limit) = (number(Some(found.censored)), number(found.limit));
    let [by, by_low, by_high] = change(found.change.as_ref());
    [estimate, low, high, censored, limit, chance, chance_low, chance_high, verdict, by, by_low, by_high]
}
