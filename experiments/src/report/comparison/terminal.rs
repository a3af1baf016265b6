//! What the terminal shows of a comparison.

use super::Report;
use super::cells::{CONSERVATIVE, difference, estimate, shares, star, title};
use crate::compare::Against;
use crate::report::terminal::cells::{stacked, trials};
use crate::report::terminal::rows::{Rows, clip};
use crate::report::terminal::{DIM, HEADING, OPEN, WIDTH};
use crate::units::{whole, wrapped};

/// Names of candidates at the head of a column are cut to this.
const NAME: usize = 22;

/// The whole report, with colours and a line's end at its end.
pub fn terminal(report: &Report<'_>) -> String {
    let comparison = report.comparison;
    let base = &comparison.candidates[0];
    let settings = format!("{} each, seed {}, common random numbers", trials(comparison.trials), comparison.seed);
    let mut lines = vec![
        format!("{HEADING}Comparison{HEADING:#}  {settings}"),
        format!("{HEADING}Baseline{HEADING:#}    {}", clip(&base.name, WIDTH - 12)),
    ];
    if let Some(asked) = comparison.asked {
        let (done, asked) = (whole(comparison.trials), whole(asked));
        lines.push(format!("{OPEN}PARTIAL{OPEN:#}  stopped after {done} of {asked} trials"));
    }
    for note in &comparison.notes {
        lines.extend(wrapped(&format!("Note: {note}."), WIDTH));
    }
    for against in &comparison.against {
        lines.extend(one(report, against));
    }
    if let Some(ranking) = &comparison.ranking {
        lines.push(String::new());
        lines.extend(wrapped(&format!("{}.", ranking.sentence), WIDTH));
    }
    lines.push(String::new());
    let hashes: Vec<&str> = comparison.candidates.iter().map(|one| short(&one.header.hash)).collect();
    lines.extend(wrapped(&format!("mrsim {}, experiments {}", base.header.version, hashes.join(", ")), WIDTH));
    lines.push(match report.files {
        Some(path) => format!("Files: {}", path.display()),
        None => "Files: none; --out DIR keeps the trials, the charts and this report".to_owned(),
    });
    lines.join("\n") + "\n"
}

/// A hash as reports show it.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// One candidate against the baseline.
fn one(report: &Report<'_>, against: &Against) -> Vec<String> {
    let comparison = report.comparison;
    let name = |index: usize| clip(&comparison.candidates[index].name, NAME);
    let mut lines = vec![String::new()];
    let mut verdict = wrapped(&format!("{}.", against.verdict), WIDTH).into_iter();
    lines.extend(verdict.next().map(|first| format!("{HEADING}{first}{HEADING:#}")));
    lines.extend(verdict.map(|line| format!("{HEADING}{line}{HEADING:#}")));
    for (measure, wins) in &against.wins {
        let rows = comparison.rows.iter().zip(&against.differences).filter(|(row, _)| row.figure.measure == *measure);
        let mut table = Rows::new(&[title(*measure), &name(0), &name(against.candidate), "difference"]);
        for (row, found) in rows {
            let cell = |index: usize| {
                let beyond = report.outcomes[index].observed(*measure).beyond;
                match estimate(*measure, &row.estimates[index], beyond) {
                    Ok((value, low, high)) => format!("{value}\n{low}\u{2013}{high}"),
                    Err(refusal) => stacked(refusal),
                }
            };
            let found = match found {
                Ok(found) => {
                    let (value, low, high) = difference(*measure, found);
                    format!("{value}\n{low} to {high}{}", star(found.method.is_conservative()))
                }
                Err(refusal) => stacked(refusal),
            };
            table.row(vec![row.figure.short(), cell(0), cell(against.candidate), found]);
        }
        lines.push(String::new());
        lines.extend(table.lines_with_dim_intervals());
        lines.extend(
            wrapped(&format!("in trials: {}", shares(*measure, wins).join(", ")), WIDTH - 2)
                .into_iter()
                .map(|line| format!("{DIM}  {line}{DIM:#}")),
        );
    }
    if against.differences.iter().flatten().any(|found| found.method.is_conservative()) {
        lines.push(String::new());
        lines.extend(wrapped(CONSERVATIVE, WIDTH).into_iter().map(|line| format!("{DIM}{line}{DIM:#}")));
    }
    lines
}
