//! The verdict that fits one screen.
//!
//! Written with colours; whoever prints it passes it through a stream that takes them out where no terminal watches or
//! `NO_COLOR` is set. It reads the same without them, and is at most [`WIDTH`] columns wide.

use anstyle::{AnsiColor, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use sim_core::stats::Interval;

use super::Report;
use super::units::{beyond, chosen_duration, count, duration, estimated_duration, percent, whole};
use crate::analyze::{Assessed, Distribution, JourneySummary, Mean, Refusal, Verdict, share};

/// Columns that every terminal has.
pub const WIDTH: usize = 80;

/// More journeys or stores than this do not fit: the worst are shown, the document has all.
const ROWS: usize = 6;
/// The widest bar.
const BAR: usize = 30;
/// Names longer than this are cut.
const NAME: usize = 16;
/// Between columns.
const GAP: usize = 2;

const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const OPEN: Style = AnsiColor::Yellow.on_default().bold();

/// The whole verdict, with colours and a line's end at its end.
pub fn verdict(report: &Report<'_>) -> String {
    let mut lines = title(report);
    lines.extend(objectives(report));
    lines.extend(recovery(report));
    lines.extend(loss(report));
    lines.extend(where_time_went(report));
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

fn trials(count: u64) -> String {
    if count == 1 { "1 trial".to_owned() } else { format!("{} trials", whole(count)) }
}

fn objectives(report: &Report<'_>) -> Vec<String> {
    let assessed = &report.summary.objectives;
    if assessed.is_empty() {
        return vec![String::new(), "No objectives are set.".to_owned()];
    }
    let mut table = Rows::new(&["Objectives", "", "limit", "estimate, 95 % interval", "chance to meet it, %"]);
    for objective in assessed {
        table.row(objective_cells(objective, report.summary.watched));
    }
    let mut lines = vec![String::new()];
    for (index, line) in table.lines(CellAlignment::Left).into_iter().enumerate() {
        lines.push(match index.checked_sub(1).and_then(|index| assessed.get(index)) {
            Some(objective) => paint(&line, word(objective.verdict), colour(objective.verdict)),
            None => format!("{HEADING}{line}{HEADING:#}"),
        });
    }
    if assessed.iter().any(|objective| objective.verdict == Verdict::Undecided) {
        lines.push(format!(
            "{DIM}  undecided: no interval or one that straddles the limit; more trials may decide{DIM:#}"
        ));
    }
    lines
}

fn objective_cells(assessed: &Assessed, watched: f64) -> Vec<String> {
    let estimate = match &assessed.quantile {
        Ok(estimate) => {
            let (value, low, high) = estimated_duration(estimate, watched);
            format!("{value} [{low}, {high}]")
        }
        Err(refusal) => short(refusal),
    };
    let chance = match &assessed.probability {
        Ok(Interval { estimate: value, low, high, .. }) => {
            format!("{} [{}, {}]", percent(*value), percent(*low), percent(*high))
        }
        Err(refusal) => short(refusal),
    };
    vec![
        word(assessed.verdict).to_owned(),
        assessed.objective.name(),
        format!("<= {}", chosen_duration(assessed.objective.limit)),
        estimate,
        chance,
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
        let quantiles = distribution.quantiles.iter().map(|(_, quantile)| duration_cell(quantile, summary.watched));
        table.row(std::iter::once(name.to_owned()).chain(quantiles).collect());
    }
    let mut lines = vec![String::new()];
    lines.extend(table.lines_with_dim_intervals());
    lines.extend(left_out(hidden, "journeys"));
    let worst = &summary.worst_recovery;
    if worst.censored > 0
        && let Ok(Interval { estimate: value, low, high, .. }) = share(worst.censored, worst.trials)
    {
        lines.push(format!(
            "  Not back when the trial ended ({}): {} % [{}, {}] of trials",
            beyond(summary.watched),
            percent(value),
            percent(low),
            percent(high)
        ));
    }
    lines
}

fn loss(report: &Report<'_>) -> Vec<String> {
    let summary = report.summary;
    if summary.stores.is_empty() {
        return Vec::new();
    }
    let mut table = Rows::new(&["Data loss", "p50", "p99", "p99.9", "lost", "stranded", "overwritten"]);
    let (shown, hidden) = worst_first(&summary.stores, |store| tail(&store.loss));
    for store in shown {
        let quantiles = [0.5, 0.99, 0.999].map(|p| match store.loss.quantile(p) {
            Some(quantile) => duration_cell(quantile, summary.watched),
            None => String::new(),
        });
        let means = [&store.lost, &store.stranded, &store.overwritten].map(|writes| count_cell(&writes.mean));
        table.row(std::iter::once(store.name.clone()).chain(quantiles).chain(means).collect());
    }
    let mut lines = vec![String::new()];
    lines.extend(table.lines_with_dim_intervals());
    lines.extend(left_out(hidden, "stores"));
    lines.push(format!("{DIM}  age of the oldest missing write; mean missing writes ± standard error{DIM:#}"));
    lines
}

/// A quantile's estimate above its interval; a refusal takes the same two lines.
fn duration_cell(quantile: &Result<Interval, Refusal>, watched: f64) -> String {
    match quantile {
        Ok(estimate) => {
            let (value, low, high) = estimated_duration(estimate, watched);
            format!("{value}\n{low}\u{2013}{high}")
        }
        Err(refusal) => stacked(refusal),
    }
}

fn count_cell(mean: &Result<Mean, Refusal>) -> String {
    match mean {
        Ok(mean) => format!("{}\n\u{b1}{}", count(mean.interval.estimate), count(mean.standard_error)),
        Err(refusal) => stacked(refusal),
    }
}

/// A refusal that fits a cell of one line.
fn short(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoTrials => "no trials".to_owned(),
        Refusal::TooFewTrials { needed } => format!("needs {}", trials(*needed)),
        Refusal::OneTrial => "needs 2 trials".to_owned(),
        Refusal::Censored { .. } => "unknown: some not back".to_owned(),
        Refusal::LimitBeyondHorizon { .. } => "limit beyond horizon".to_owned(),
    }
}

/// A refusal over two lines.
fn stacked(refusal: &Refusal) -> String {
    short(refusal).replacen(' ', "\n", 1)
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

fn where_time_went(report: &Report<'_>) -> Vec<String> {
    let total = |journey: &JourneySummary| stages(journey).iter().map(|(_, mean)| mean.interval.estimate).sum::<f64>();
    let Some(journey) = report.summary.journeys.iter().max_by(|a, b| total(a).total_cmp(&total(b))) else {
        return Vec::new();
    };
    let parts = stages(journey);
    if parts.is_empty() {
        return Vec::new();
    }
    let whole = total(journey);
    if whole <= 0.0 {
        return vec![String::new(), "No journey went down.".to_owned()];
    }
    let censored = if journey.recovery.censored > 0 { ", censored trials to their end" } else { "" };
    let mut lines = vec![
        String::new(),
        format!("{HEADING}Where it went{HEADING:#}  mean of {} ± standard error{censored}", clip(&journey.name, NAME)),
    ];
    let (parts, small): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|(_, mean)| mean.interval.estimate >= 0.01 * whole);
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
        lines.push(format!("{DIM}  below 1 %: {}{DIM:#}", names.join(", ")));
    }
    lines
}

/// The stages that took any time, in their order.
fn stages(journey: &JourneySummary) -> Vec<(&str, Mean)> {
    let causes = journey.causes.iter().map(|cause| (cause.name.as_str(), cause.recovery));
    causes
        .chain([("(up in between)", journey.up)])
        .filter_map(|(name, mean)| Some((name, mean?.ok()?)))
        .filter(|(_, mean)| mean.interval.estimate > 0.0)
        .collect()
}

/// A bar of eighths of a character; what is not nothing shows.
fn bar(part: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = ((part * (BAR * 8) as f64).round() as usize).clamp(1, BAR * 8);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

fn provenance(report: &Report<'_>) -> Vec<String> {
    let Report { header, files, .. } = report;
    let mut lines = vec![String::new()];
    if !header.assumed.is_empty() {
        let paths: Vec<&str> = header.assumed.iter().map(|figure| figure.path.as_str()).collect();
        let figures = if paths.len() == 1 { "figure" } else { "figures" };
        let text =
            format!("Assumed, without a source: {} {figures} (see mrsim check): {}", paths.len(), paths.join(", "));
        lines.push(clip(&text, WIDTH));
    }
    lines.push(match files {
        // A path is not cut: it is there to be copied.
        Some(path) => format!("Files: {}", path.display()),
        None => "Files: none; --out DIR keeps every trial, the charts and this verdict".to_owned(),
    });
    let hash: String = header.hash.chars().take(16).collect();
    lines.push(format!("{DIM}mrsim {}, experiment {hash}{DIM:#}", clip(&header.version, NAME)));
    lines
}

/// At most `width` characters on one line, whatever the text holds.
fn clip(text: &str, width: usize) -> String {
    let clean = |character: char| if character.is_control() { '?' } else { character };
    if text.chars().count() <= width {
        return text.chars().map(clean).collect();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).map(clean).collect();
    short.push('…');
    short
}

/// A table of few lines.
struct Rows {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|&title| title.to_owned()).collect(), rows: Vec::new() }
    }

    fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, the first column to the left and the others as `alignment` says.
    fn lines(&self, alignment: CellAlignment) -> Vec<String> {
        self.table(alignment).lines().map(|line| line.trim_end().to_owned()).collect()
    }

    fn table(&self, alignment: CellAlignment) -> Table {
        let mut table = Table::new();
        let header = self.header.iter().map(Cell::new);
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
        table.add_rows(self.rows.iter().map(|cells| cells.iter().map(Cell::new).collect::<Vec<_>>()));
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding(if index == 0 { (0, 0) } else { (GAP as u16, 0) });
            column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { alignment });
        }
        table
    }

    /// Names to the left, cut where the numbers, to the right, need the room. Every second line below the header holds the
    /// intervals.
    fn lines_with_dim_intervals(mut self) -> Vec<String> {
        let widths = self.table(CellAlignment::Right).column_max_content_widths();
        let others: usize = widths.into_iter().skip(1).map(|width| usize::from(width) + GAP).sum();
        let room = WIDTH.saturating_sub(others).clamp(1, NAME);
        for cells in std::iter::once(&mut self.header).chain(&mut self.rows) {
            if let Some(name) = cells.first_mut() {
                *name = clip(name, room);
            }
        }
        let styled = |(index, line): (usize, String)| match index {
            0 => format!("{HEADING}{line}{HEADING:#}"),
            _ if index % 2 == 0 => format!("{DIM}{line}{DIM:#}"),
            _ => line,
        };
        self.lines(CellAlignment::Right).into_iter().enumerate().map(styled).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::path::Path;

    use super::{Report, WIDTH, verdict};
    use crate::analyze::Summary;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn plain(source: &Synthetic, trials: u64, asked: Option<u64>) -> String {
        let threads = NonZeroUsize::new(2).expect("not zero");
        let run = run_trials(source, 0..trials, threads, &|_| (), &Stop::new()).expect("runs");
        let summary = Summary::new(&source.header, &run.table).expect("the columns are there");
        let report = Report { header: &source.header, summary: &summary, asked, files: Some(Path::new("results")) };
        anstream::adapter::strip_str(&verdict(&report)).to_string()
    }

    fn fits(text: &str) {
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{} columns: {line}\n{text}", line.chars().count());
        }
    }

    #[test]
    fn a_typical_verdict_fits_a_screen() {
        let text = plain(&Synthetic::typical(), 4_000, None);
        fits(&text);
        assert!(text.lines().count() <= 30, "{} lines\n{text}", text.lines().count());
        for part in [
            "4,000 trials, seed 1, horizon 1 h",
            "MET",
            "rto.p99",
            "<= 10 min",
            "p99.9",
            "worst",
            "decision",
            "Files: results",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn censored_values_are_bounds_and_never_numbers() {
        let text = plain(&Synthetic::censored(4), 1_000, None);
        fits(&text);
        assert!(text.contains("> 50 min"), "the fault was watched for 50 of 60 minutes\n{text}");
        assert!(text.contains("Not back when the trial ended (> 50 min): 25.0 % ["), "{text}");
        assert!(!text.contains("inf") && !text.contains("NaN"), "{text}");
    }

    #[test]
    fn few_trials_are_refused_in_words_and_still_fit() {
        for trials in [1, 2, 30, 300] {
            let text = plain(&Synthetic::typical(), trials, Some(10_000));
            fits(&text);
            assert!(text.contains("needs"), "{text}");
            assert!(text.contains("PARTIAL  stopped after "), "{text}");
            assert!(!text.contains("inf") && !text.contains("NaN"), "{text}");
        }
    }

    #[test]
    fn many_and_long_names_still_fit() {
        let mut source = Synthetic::typical();
        source.header.journeys = (0..20).map(|index| format!("a journey with a long name {index}\u{1b}[31m")).collect();
        source.header.stores = (0..20).map(|index| format!("store-number-{index}-of-twenty")).collect();
        source.header.name = "n".repeat(200);
        let text = plain(&source, 400, None);
        fits(&text);
        assert!(text.contains("and 14 journeys with less"), "{text}");
        assert!(text.lines().count() < 50, "{text}");
    }

    #[test]
    fn an_experiment_without_stores_and_objectives_has_a_verdict_too() {
        let mut source = Synthetic::typical();
        source.header.stores.clear();
        source.header.objectives.clear();
        source.header.assumed.clear();
        let text = plain(&source, 400, None);
        assert!(text.contains("No objectives are set.") && !text.contains("Data loss"), "{text}");
    }
}
