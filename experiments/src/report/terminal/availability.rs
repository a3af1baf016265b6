//! How available the journeys were, and what is left of the error budget.

use sim_core::stats::Interval;

use super::cells::{count_cell, refusal, stacked, trials};
use super::rows::Rows;
use super::{WIDTH, left_out, worst_first};
use crate::analyze::{Availability, Budget, Refusal, nines};
use crate::report::Report;
use crate::report::units::{chosen_duration, chosen_percent, count, nearly_all, percent};

/// The table of journeys, where faults come again and again or somebody asks for availability.
pub(super) fn availability(report: &Report<'_>) -> Vec<String> {
    let summary = report.summary;
    if !report.header.recurring && summary.budget.is_none() {
        return Vec::new();
    }
    let missing = |found: &Availability| found.time.map_or(0.0, |time| 1.0 - time.estimate);
    let journeys: Vec<(&str, &Availability)> =
        summary.journeys.iter().map(|journey| (journey.name.as_str(), &journey.availability)).collect();
    let mut table = Rows::new(&["Availability", "outages a trial", "time up, %", "nines", "requests, %"]);
    let (shown, hidden) = worst_first(&journeys, |(_, found)| missing(found));
    // Of one journey all together are itself.
    let overall = (journeys.len() != 1).then_some(("overall", &summary.availability));
    for (name, found) in shown.into_iter().copied().chain(overall) {
        table.row(vec![
            name.to_owned(),
            count_cell(&found.outages.mean),
            share_cell(&found.time),
            nines_cell(&found.time),
            share_cell(&found.requests),
        ]);
    }
    let mut lines = vec![String::new()];
    lines.extend(table.lines_with_dim_intervals());
    lines.extend(left_out(hidden, "journeys"));
    lines.extend(summary.budget.as_ref().map(budget));
    lines
}

fn share_cell(share: &Result<Interval, Refusal>) -> String {
    match share {
        Ok(share) => {
            let (value, low, high) = nearly_all(share);
            format!("{value}\n{low}\u{2013}{high}")
        }
        Err(reason) => stacked(reason),
    }
}

fn nines_cell(share: &Result<Interval, Refusal>) -> String {
    match share {
        Ok(share) => {
            let [value, low, high] =
                [share.estimate, share.low, share.high].map(|share| format!("{:.2}", nines(share)));
            format!("{value}\n{low}\u{2013}{high}")
        }
        Err(_) => "\n".to_owned(),
    }
}

/// The objective as a row of the table of objectives: limit, interval, chance to meet it. The estimate stands in the table
/// of availability; here is no room for it.
pub(super) fn budget_cells(budget: &Budget) -> [String; 3] {
    let interval = match &budget.time {
        Ok(time) => {
            let (_, low, high) = nearly_all(time);
            format!("{low}\u{2013}{high} %")
        }
        Err(reason) => refusal(reason),
    };
    [format!(">= {} %", chosen_percent(budget.objective)), interval, chance(&budget.kept)]
}

/// A probability in percent with its interval.
pub(super) fn chance(share: &Result<Interval, Refusal>) -> String {
    match share {
        Ok(Interval { estimate: value, low, high, .. }) => {
            format!("{} [{}, {}]", percent(*value), percent(*low), percent(*high))
        }
        Err(reason) => refusal(reason),
    }
}

fn budget(budget: &Budget) -> String {
    let used = match &budget.consumed {
        Ok(used) => {
            let [value, low, high] = [used.estimate, used.low, used.high].map(|share| count(share * 100.0));
            format!("{value} % [{low}, {high}] used")
        }
        Err(Refusal::RarelyDown { down: 0, .. }) => "never touched".to_owned(),
        Err(Refusal::RarelyDown { down, .. }) => format!("only {} touched it", trials(*down)),
        Err(_) => "not known".to_owned(),
    };
    let exceeded = budget.kept.map(|kept| Interval {
        estimate: 1.0 - kept.estimate,
        low: 1.0 - kept.high,
        high: 1.0 - kept.low,
        level: kept.level,
    });
    let used = format!("  Error budget {} a trial: {used};", chosen_duration(budget.seconds));
    let exceeded = format!("exceeded in {} % of trials", chance(&exceeded));
    if used.chars().count() + 1 + exceeded.chars().count() <= WIDTH {
        format!("{used} {exceeded}")
    } else {
        format!("{used}\n  {exceeded}")
    }
}
