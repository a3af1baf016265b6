//! The verdict that fits one screen.
//!
//! Written with colours; whoever prints it passes it through a stream that takes them out where no terminal watches or
//! `NO_COLOR` is set. It reads the same without them, and is at most [`WIDTH`] columns wide.

mod availability;
pub(super) mod cells;
mod closing;
pub(super) mod rows;
mod stages;
#[cfg(test)]
mod tests;

use anstyle::{AnsiColor, Style};
use comfy_table::CellAlignment;
use sim_core::stats::Interval;

use super::Report;
use super::units::{beyond, chosen_duration, whole, wrapped};
use crate::analyze::{Assessed, Distribution, Refusal, Summary, Verdict, share};
use crate::header::Measure;
use cells::{count_cell, duration_cell, on_one_line, trials};
pub use closing::{Closing, closing};
use rows::{Rows, clip};

/// Columns that every terminal has.
pub const WIDTH: usize = 80;

/// More journeys or stores than this do not fit: the worst are shown, the document has all.
const ROWS: usize = 6;
/// Names longer than this are cut.
pub(super) const NAME: usize = 16;

pub(super) const HEADING: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const OPEN: Style = AnsiColor::Yellow.on_default().bold();

/// The whole verdict, with colours and a line's end at its end.
pub fn verdict(report: &Report<'_>) -> String {
    let files = match report.files {
        // A path is not cut: it is there to be copied.
        Some(path) => format!("Files: {}", path.display()),
        None => "Files: none; --out DIR keeps every trial, the charts and this verdict".to_owned(),
    };
    format!("{}{files}\n", kept(report))
}

/// The same without where the files are, as it is kept beside them.
pub fn kept(report: &Report<'_>) -> String {
    let mut lines = title(report);
    lines.extend(objectives(report));
    lines.extend(availability::availability(report));
    lines.extend(recovery(report));
    lines.extend(loss(report));
    lines.extend(stages::where_time_went(report));
    lines.extend(provenance(report));
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn title(report: &Report<'_>) -> Vec<String> {
    let Report { header, summary, asked, .. } = report;
    let settings =
        format!("{}, seed {}, horizon {}", trials(summary.trials), header.seed, chosen_duration(header.horizon));
    let name = clip(&header.name, WIDTH.saturating_sub(settings.len() + 2));
    let mut lines = vec![format!("{HEADING}{name}{HEADING:#}  {settings}")];
    if let Some(asked) = asked {
        lines.push(format!(
            "{OPEN}PARTIAL{OPEN:#}  stopped after {} of {} trials",
            whole(summary.trials),
            whole(*asked)
        ));
    }
    lines
}

fn objectives(report: &Report<'_>) -> Vec<String> {
    let assessed = &report.summary.objectives;
    let budget = &report.summary.budget;
    if assessed.is_empty() && budget.is_none() {
        return vec![String::new(), "No objectives are set.".to_owned()];
    }
    let mut table = Rows::new(&["Objectives", "", "limit", "estimate, 95 % interval", "chance to meet it, %"]);
    for objective in assessed {
        table.row(objective_cells(objective));
    }
    if let Some(budget) = budget {
        let [limit, estimate, chance] = availability::budget_cells(budget);
        table.row(vec![word(budget.verdict).to_owned(), "available".to_owned(), limit, estimate, chance]);
    }
    let verdicts = assessed.iter().map(|assessed| assessed.verdict).chain(budget.iter().map(|budget| budget.verdict));
    let verdicts: Vec<Verdict> = verdicts.collect();
    let mut lines = vec![String::new()];
    for (index, line) in table.lines(CellAlignment::Left).into_iter().enumerate() {
        lines.push(match index.checked_sub(1).and_then(|index| verdicts.get(index)) {
            Some(&verdict) => paint(&line, word(verdict), colour(verdict)),
            None => format!("{HEADING}{line}{HEADING:#}"),
        });
    }
    if assessed.iter().any(|assessed| assessed.objective.measure == Measure::Rpo) {
        lines.extend(without_writer(report.summary));
    }
    if report.header.recurring {
        lines.push(format!("{DIM}  chance: rto of an outage, rpo and available of a trial{DIM:#}"));
    }
    if verdicts.contains(&Verdict::Undecided) {
        lines.push(format!(
            "{DIM}  undecided: no interval or one that straddles the limit; more trials may decide{DIM:#}"
        ));
    }
    lines
}

fn objective_cells(assessed: &Assessed) -> Vec<String> {
    let estimate = on_one_line(&assessed.quantile, assessed.at_least.as_ref());
    vec![
        word(assessed.verdict).to_owned(),
        assessed.objective.name(),
        format!("<= {}", chosen_duration(assessed.objective.limit)),
        estimate,
        availability::chance(&assessed.probability),
    ]
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "MET",
        Verdict::Missed => "MISSED",
        Verdict::Undecided => "UNDECIDED",
    }
}

const fn colour(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Met => GOOD,
        Verdict::Missed => BAD,
        Verdict::Undecided => OPEN,
    }
}

fn paint(line: &str, word: &str, style: Style) -> String {
    line.replacen(word, &format!("{style}{word}{style:#}"), 1)
}

fn recovery(report: &Report<'_>) -> Vec<String> {
    let summary = report.summary;
    let mut table = Rows::new(&["Recovery time", "p50", "p90", "p95", "p99", "p99.9"]);
    let (shown, hidden) = worst_first(&summary.journeys, |journey| tail(&journey.recovery));
    let named = shown.iter().map(|journey| (journey.name.as_str(), &journey.recovery));
    // Of one journey the worst is itself.
    let worst = (summary.journeys.len() != 1).then_some(("worst", &summary.worst_recovery));
    for (name, distribution) in named.chain(worst) {
        let quantiles = distribution.quantiles.iter().zip(&distribution.at_least);
        let quantiles = quantiles.map(|((_, quantile), at_least)| duration_cell(quantile, at_least.as_ref()));
        table.row(std::iter::once(name.to_owned()).chain(quantiles).collect());
    }
    let mut lines = vec![String::new()];
    lines.extend(table.lines_with_dim_intervals());
    lines.extend(left_out(hidden, "journeys"));
    let worst = &summary.worst_recovery;
    if let Some(outages) = worst.outages {
        let (down, all) = (whole(worst.trials), trials(summary.trials));
        lines.push(format!("{DIM}  of each of {} outages of any journey, in {down} of {all}{DIM:#}", whole(outages)));
    }
    if worst.censored > 0 {
        let share = availability::chance(&share(worst.censored, worst.count())).replacen(" [", " % [", 1);
        lines.push(if worst.outages.is_some() {
            format!("  Not over when the trial ended: {share} of outages")
        } else {
            format!("  Not back when the trial ended ({}): {share} of trials", beyond(summary.watched))
        });
    }
    lines
}

fn loss(report: &Report<'_>) -> Vec<String> {
    let summary = report.summary;
    if summary.stores.is_empty() {
        return Vec::new();
    }
    let mut table = Rows::new(&["Data loss", "p50", "p99", "p99.9", "mean lost", "stranded", "overwritten"]);
    let (shown, hidden) = worst_first(&summary.stores, |store| tail(&store.loss));
    for store in shown {
        let quantiles = [0.5, 0.99, 0.999].map(|p| match store.loss.quantile(p) {
            Some(quantile) => duration_cell(quantile, None),
            None => String::new(),
        });
        let means = [&store.lost, &store.stranded, &store.overwritten].map(|writes| count_cell(&writes.mean));
        table.row(std::iter::once(store.name.clone()).chain(quantiles).chain(means).collect());
    }
    let mut lines = vec![String::new()];
    lines.extend(table.lines_with_dim_intervals());
    lines.extend(left_out(hidden, "stores"));
    if !summary.objectives.iter().any(|assessed| assessed.objective.measure == Measure::Rpo) {
        lines.extend(without_writer(summary));
    }
    lines.extend(at_risk(summary).into_iter().flatten().map(|line| format!("  {line}")));
    lines
}

/// Which stores nobody could write to at the end: data that are not missing are of no use then.
fn without_writer(summary: &Summary) -> Vec<String> {
    let line = |(name, share): (&str, Result<Interval, Refusal>)| {
        let share = availability::chance(&share).replacen(" [", " % [", 1);
        format!("  {OPEN}no writer at the end{OPEN:#}: {}, in {share} of trials", clip(name, NAME))
    };
    summary.without_writer().map(line).collect()
}

/// How long a copy got no new writes, of the store that was so for longest, if any ever was.
fn at_risk(summary: &Summary) -> Option<Vec<String>> {
    let risks = summary.stores.iter().filter_map(|store| {
        let mean = store.at_risk.mean.ok()?.interval;
        (mean.estimate > 0.0).then_some((store, mean))
    });
    let risks: Vec<_> = risks.collect();
    let (store, mean) =
        risks.iter().copied().reduce(|most, other| if other.1.estimate > most.1.estimate { other } else { most })?;
    let others = if risks.len() > 1 { ", others for less" } else { "" };
    let time = on_one_line(&Ok(mean), None);
    let name = clip(&store.name, NAME);
    Some(wrapped(&format!("At risk, a copy without new writes: {name} for {time} on average{others}"), WIDTH - 2))
}

/// The rows that fit, in their order, the largest kept; and how many do not.
fn worst_first<T>(items: &[T], size: impl Fn(&T) -> f64) -> (Vec<&T>, usize) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| size(&items[b]).total_cmp(&size(&items[a])));
    order.truncate(ROWS);
    order.sort_unstable();
    (order.iter().map(|&index| &items[index]).collect(), items.len() - order.len())
}

fn left_out(hidden: usize, what: &str) -> Option<String> {
    (hidden > 0).then(|| format!("{DIM}  and {hidden} {what} with less; --format json has them{DIM:#}"))
}

/// What a distribution is ranked by: the largest quantile that the sample supports.
fn tail(distribution: &Distribution) -> f64 {
    distribution
        .quantiles
        .iter()
        .filter_map(|(_, quantile)| quantile.ok())
        .map(|estimate| estimate.estimate)
        .fold(0.0, f64::max)
}

fn provenance(report: &Report<'_>) -> Vec<String> {
    let header = report.header;
    let assumed = match header.assumed.len() {
        0 => "No assumed figures".to_owned(),
        1 => "1 assumed figure, see mrsim check".to_owned(),
        many => format!("{many} assumed figures, see mrsim check"),
    };
    let hash: String = header.hash.chars().take(12).collect();
    let version = clip(&header.version, NAME);
    vec![String::new(), format!("{assumed}; mrsim {version}, experiment {hash}")]
}
