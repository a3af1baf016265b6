//! Where the recovery time went: one bar a stage.

use super::rows::clip;
use super::{DIM, HEADING, NAME, WIDTH};
use crate::report::Report;
use crate::units::{duration, wrapped};

/// The widest bar.
const BAR: usize = 30;

/// The mean recovery time by stage, of the journey that takes longest.
pub(super) fn where_time_went(report: &Report<'_>) -> Vec<String> {
    let Some(journey) = report.summary.slowest() else { return Vec::new() };
    let parts = journey.stages();
    if parts.is_empty() {
        let never = report.summary.worst_recovery.mean.is_ok_and(|mean| mean.interval.estimate == 0.0);
        return if never { vec![String::new(), "No journey went down in any trial.".to_owned()] } else { Vec::new() };
    }
    let sum: f64 = parts.iter().map(|(_, mean)| mean.interval.estimate).sum();
    let spread = if journey.recovery.censored > 0 { "s.e., censored trials to the end" } else { "standard error" };
    let name = clip(&journey.name, NAME);
    let mut lines = vec![String::new(), format!("{HEADING}Where the time went{HEADING:#}  mean of {name} ± {spread}")];
    let (parts, small): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|(_, mean)| mean.interval.estimate >= 0.01 * sum);
    let widest = parts.iter().map(|(_, mean)| mean.interval.estimate).fold(0.0, f64::max);
    for (name, mean) in parts {
        let bar = bar(mean.interval.estimate / widest);
        lines.push(format!(
            "  {name:<NAME$} {bar:<BAR$} {} ±{}",
            duration(mean.interval.estimate),
            duration(mean.standard_error)
        ));
    }
    if !small.is_empty() {
        let names: Vec<&str> = small.iter().map(|(name, _)| *name).collect();
        let names = wrapped(&format!("below 1 %: {}", names.join(", ")), WIDTH - 2);
        lines.extend(names.into_iter().map(|line| format!("{DIM}  {line}{DIM:#}")));
    }
    lines
}

/// A bar of eighths of a character; what is not nothing shows.
fn bar(part: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = ((part * (BAR * 8) as f64).round() as usize).clamp(1, BAR * 8);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}
