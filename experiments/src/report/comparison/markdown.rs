//! What one pastes into a pull request.

use std::fmt::Write as _;

use super::Report;
use super::cells::{CONSERVATIVE, difference, estimate, refused, shares, star, title};
use super::terminal::short;
use crate::header::Measure;
use crate::report::terminal::cells::trials;

/// The comparison as Markdown, a line's end at its end.
pub fn markdown(report: &Report<'_>) -> String {
    let comparison = report.comparison;
    let base = &comparison.candidates[0];
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    let mut line = |words: String| {
        let _ = writeln!(text, "{words}");
    };
    for against in &comparison.against {
        let candidate = &comparison.candidates[against.candidate];
        line(format!("### {} against {}\n", escaped(&candidate.name), escaped(&base.name)));
        line(format!("{}.\n", escaped(&against.verdict)));
        line(format!("| | {} | {} | difference, 95 % interval |", escaped(&base.name), escaped(&candidate.name)));
        line("|---|---|---|---|".to_owned());
        for (row, found) in comparison.rows.iter().zip(&against.differences) {
            let cell = |index: usize| {
                let beyond = report.outcomes[index].observed(row.figure.measure).beyond;
                match estimate(row.figure.measure, &row.estimates[index], beyond) {
                    Ok((value, low, high)) => format!("{value} [{low}, {high}]"),
                    Err(refusal) => refused(refusal),
                }
            };
            let found = match found {
                Ok(found) => {
                    let (value, low, high) = difference(row.figure.measure, found);
                    format!("**{value}** [{low}, {high}]{}", escaped(star(found.method.is_conservative())))
                }
                Err(refusal) => refused(refusal),
            };
            let name = format!("{} {}", title(row.figure.measure).to_lowercase(), row.figure.short());
            line(format!("| {name} | {} | {} | {found} |", cell(0), cell(against.candidate)));
        }
        for (measure, wins) in &against.wins {
            let what = match measure {
                Measure::Rto => "recovery, in trials",
                Measure::Rpo => "data loss, in trials",
                Measure::Availability => "availability, in trials",
            };
            line(format!("| {what} | | | {} |", shares(*measure, wins).join("<br>")));
        }
        line(String::new());
        if against.differences.iter().flatten().any(|found| found.method.is_conservative()) {
            line(format!("{}.\n", escaped(CONSERVATIVE)));
        }
    }
    if let Some(ranking) = &comparison.ranking {
        line(format!("{}.\n", escaped(&ranking.sentence)));
    }
    for note in &comparison.notes {
        line(format!("Note: {}.\n", escaped(note)));
    }
    let partial = comparison.asked.map_or_else(String::new, |asked| format!(" (stopped before {asked})"));
    let files: Vec<String> = comparison
        .candidates
        .iter()
        .map(|one| format!("`{}` {}", one.file.replace('`', "'"), short(&one.header.hash)))
        .collect();
    line(format!(
        "{} each{partial}, seed {}, common random numbers. mrsim {}; {}.",
        trials(comparison.trials),
        comparison.seed,
        base.header.version,
        files.join(", ")
    ));
    text
}

/// Names are the user's: nothing in them is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~') {
            out.push('\\');
        }
        out.push(if letter.is_control() { ' ' } else { letter });
    }
    out
}
