//! `sweep.csv`: one row a point, in the order of the plan.
//!
//! The axes come first, under their keys, then of each figure `NAME_s`, `NAME_low_s`, `NAME_high_s` (`inf` if censored, empty
//! if refused), `NAME_censored`, and of objectives `NAME_limit_s`, `NAME_chance`, `NAME_chance_low`, `NAME_chance_high`,
//! `NAME_verdict`.

use std::io;

use super::{Report, Row};
use crate::sweep::{Found, PointResult};

/// Writes all points that are done, below a line with the columns' names.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
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
    rows.write_record(&head)?;
    for Row { point, settings, result } in points {
        let mut cells = vec![point.to_string()];
        cells.extend(settings.iter().map(|&setting| setting.to_owned()));
        let PointResult { trials, hash, figures, .. } = result;
        cells.extend([trials.to_string(), hash.clone()]);
        for found in figures {
            cells.extend(figure(found));
        }
        rows.write_record(&cells)?;
    }
    rows.flush()
}

const FIGURE: [&str; 9] =
    ["_s", "_low_s", "_high_s", "_censored", "_limit_s", "_chance", "_chance_low", "_chance_high", "_verdict"];

fn figure(found: &Found) -> [String; FIGURE.len()] {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let interval = |estimate: Option<&crate::sweep::Estimate>| {
        let interval = estimate.and_then(|estimate| estimate.interval().ok());
        [interval.map(|found| found.estimate), interval.map(|found| found.low), interval.map(|found| found.high)]
            .map(number)
    };
    let [estimate, low, high] = interval(Some(&found.value));
    let [chance, chance_low, chance_high] = interval(found.chance.as_ref());
    let verdict = found.verdict.map_or("", crate::analyze::Verdict::word).to_owned();
    let (censored, limit) = (number(Some(found.censored)), number(found.limit));
    [estimate, low, high, censored, limit, chance, chance_low, chance_high, verdict]
}
