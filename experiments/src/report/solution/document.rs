//! The report of a solution as a document.

use super::SolutionReport;
use crate::cost::{Total, money};
use crate::header::{Indicator, Of};
use crate::report::beside::{NO_WRITER, no_writer};
use crate::report::cells::trials;
use crate::report::chart::Drawn;
use crate::report::document::{
    Cell, Column, Content, Document, File, Manner, Picture, Reach, Rebuild, Row, Section, Table, Tone,
};
use crate::report::run::short;
use crate::solve::{Solution, Solved, Standing};
use crate::units::{chosen_duration, chosen_percent, percent, whole, wrapped};
use crate::variation::{ChanceTarget, Goal};

/// More designs than this are left to the data.
const ROWS: usize = 40;
/// Letters of a line of a design's name in tables.
const NAME: usize = 30;

/// The whole report with its chart, or its short form.
pub(super) fn document(report: &SolutionReport<'_>, chart: Option<&Drawn>) -> Document {
    let solution = report.solution;
    let header = &solution.header;
    let most = solution.solved.iter().map(|one| one.trials).max().unwrap_or(0);
    Document {
        name: header.name.clone(),
        kind: "solution",
        description: header.description.clone(),
        settings: format!(
            "{} designs, at most {} each, seed {}",
            whole(solution.solved.len() as u64),
            trials(most),
            header.seed
        ),
        partial: None,
        sections: vec![verdict(solution, chart), method(solution)],
        closing: format!("mrsim {}, experiment {}", header.version, short(&header.hash)),
        rebuild: Rebuild {
            version: header.version.clone(),
            save: "Run it where the file and its alternatives are; the text at the end is the file alone.".to_owned(),
            command: report.command.to_owned(),
            yields: "finds the same again",
            seed: header.seed.to_string(),
            range: format!("0 to {}", whole(most.saturating_sub(1))),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: header.name.clone(),
                hash: header.hash.clone(),
                text: header.resolved.clone(),
            }],
        },
    }
}

/// A target in words: `recovery ≤ 15 min with 99 %`.
fn target(target: &ChanceTarget) -> String {
    let chance = chosen_percent(target.chance);
    let limit = match target.measured.indicator {
        Indicator::Availability => format!("for \u{2265} {} %", chosen_percent(target.limit)),
        _ => format!("\u{2264} {}", chosen_duration(target.limit)),
    };
    format!("{} {limit} with {chance} %", subject(target))
}

/// What a target is about: `recovery of checkout`.
fn subject(target: &ChanceTarget) -> String {
    let what = match target.measured.indicator {
        Indicator::Rto => "recovery",
        Indicator::Rpo => "loss",
        Indicator::Availability => "up",
        Indicator::CaughtUp => "caught up",
        Indicator::LatencyBefore | Indicator::LatencyAfter => "latency",
    };
    match target.measured.of {
        Of::Worst => what.to_owned(),
        Of::Journey(name) if target.measured.indicator == Indicator::Availability => format!("{name} {what}"),
        Of::Store(name) if target.measured.indicator == Indicator::CaughtUp => format!("{name} {what}"),
        Of::Journey(name) | Of::Store(name) => format!("{what} of {name}"),
    }
}

/// What is made small of a design, in words.
fn small(solution: &Solution, one: &Solved) -> String {
    match solution.goal {
        Goal::Cost => one.cost.as_ref().map_or_else(|| "an unknown cost".to_owned(), |total| cost(solution, total)),
        Goal::Recovery | Goal::Loss => format!("{} {}", solution.measure_name(), figure(one).on_one_line()),
    }
}

fn cost(solution: &Solution, total: &Total) -> String {
    let currency = solution.header.bill.as_ref().map_or("", |bill| &bill.currency);
    let least = if total.unpriced.is_empty() && solution.uncounted.is_empty() { "" } else { "at least " };
    format!("{least}{} a month", money(total.sum, currency))
}

fn figure(one: &Solved) -> Cell {
    Cell::duration(&one.figure, one.at_least.as_ref())
}

/// The answer in a sentence or two.
pub(super) fn answer(solution: &Solution) -> String {
    let several = solution.several();
    let least = match solution.goal {
        Goal::Cost if solution.uncounted.is_empty() => "The cheapest",
        Goal::Cost => "The cheapest by what is counted",
        Goal::Recovery | Goal::Loss => "The best",
    };
    let named = |index: usize| {
        let one = &solution.solved[index];
        let stores = one.writerless.iter().filter_map(|own| Some((own.store.as_str(), own.share.ok()?)));
        let beside = no_writer(stores).map(|text| format!(", with {text}")).unwrap_or_default();
        format!("{}, {}{beside}", one.name(several), small(solution, one))
    };
    let best = solution.best.map(|index| format!("{least} that meets every target for sure: {}.", named(index)));
    let next = solution.next.map(|index| match solution.best {
        Some(_) => format!("Next below it and undecided: {}; more trials may decide it.", named(index)),
        None => format!("None meets every target for sure; undecided, {}: {}.", least.to_lowercase(), named(index)),
    });
    match (best, next) {
        (None, None) => "No design in the range meets the targets: each misses one for sure.".to_owned(),
        (best, next) => best.into_iter().chain(next).collect::<Vec<_>>().join(" "),
    }
}

fn verdict(solution: &Solution, chart: Option<&Drawn>) -> Section {
    let mut section = Section::new("solution", "The best design", "Solution");
    let targets: Vec<String> = solution.targets.iter().map(target).collect();
    let sure = chosen_percent(solution.confidence);
    section.say(Reach::Everywhere, Manner::Plain, format!("Targets, sure at {sure} %: {}.", targets.join("; ")));
    section.say(Reach::Everywhere, Manner::Verdict, answer(solution));
    for name in &solution.left_out.means {
        let text =
            format!("The objective on {name} is about a mean, and no target: [[solve.targets]] with up says one.");
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    for name in &solution.left_out.requests {
        let text = format!("The objective on {name} is about requests, and no target: targets are chances of trials.");
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    for key in &solution.unpriced {
        let text = format!(
            "Designs differ in what prices.{key} is for, and it has no price: their costs are at least so much."
        );
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if !solution.uncounted.is_empty() {
        let what: Vec<&str> = solution.uncounted.iter().map(|what| what.words()).collect();
        let text =
            format!("Designs differ in what no price counts: {}. Their costs are at least so much.", what.join(", "));
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    for note in &solution.notes {
        section.say(Reach::Everywhere, Manner::Note, format!("Note: {note}."));
    }
    if let Some(drawn) = chart {
        section.show(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() });
    }
    section.add(Reach::Everywhere, Content::Table(table(solution)));
    let hidden = solution.solved.len().saturating_sub(ROWS) as u64;
    if hidden > 0 {
        let text = format!("{} more designs are in the data (--format json).", whole(hidden));
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    section
}

/// The designs, the best of each standing first.
fn table(solution: &Solution) -> Table {
    let several = solution.several();
    let order = |standing: Standing| match standing {
        Standing::Sure => 0,
        Standing::Undecided => 1,
        Standing::Left => 2,
        Standing::Hopeless => 3,
    };
    let mut indices: Vec<usize> = (0..solution.solved.len()).collect();
    indices.sort_by(|&one, &other| {
        let [one, other] = [one, other].map(|index| &solution.solved[index]);
        let both = order(one.standing).cmp(&order(other.standing));
        both.then(one.goal(solution.goal).total_cmp(&other.goal(solution.goal)))
    });
    let priced = solution.header.bill.is_some();
    let row = |&index: &usize| {
        let one = &solution.solved[index];
        let (word, tone) = match one.standing {
            Standing::Sure => ("MET", Tone::Met),
            Standing::Undecided => ("UNDECIDED", Tone::Undecided),
            Standing::Left => ("left", Tone::Open),
            Standing::Hopeless => ("MISSED", Tone::Missed),
        };
        let front = if solution.front.contains(&index) { "front" } else { "" };
        let beside = if one.writerless.is_empty() { "" } else { NO_WRITER };
        let mut cells = vec![Cell { beside, ..Cell::words(word) }.toned(tone)];
        if priced {
            cells.push(Cell::words(one.cost.as_ref().map_or_else(String::new, |total| cost(solution, total))));
            cells.push(Cell::words(front));
        }
        cells.push(figure(one));
        cells.extend(
            one.chances
                .iter()
                .map(|found| Cell::figure((percent(found.estimate), percent(found.low), percent(found.high)))),
        );
        cells.push(Cell::words(whole(one.trials)));
        Row::new(wrapped(&one.short(several), NAME).join("\n"), cells)
    };
    let mut columns = vec![Column::words("targets")];
    if priced {
        columns.extend([Column::words("cost"), Column::words("").spare()]);
    }
    columns.push(Column::figures(solution.measure_name()));
    let heads = solution.targets.iter().map(|one| format!("{} in limit, %", subject(one)));
    columns.extend(heads.map(|head| Column::figures(head).spare()));
    columns.push(Column::figures("trials").spare());
    Table {
        head: "Designs".to_owned(),
        caption: "Every design; chances have ends that hold over all looks, the figure has its own 95 % interval"
            .to_owned(),
        columns,
        rows: indices.iter().take(ROWS).map(row).collect(),
        long: true,
        ..Table::default()
    }
}

fn method(solution: &Solution) -> Section {
    let mut section = Section::new("method", "How it was found", "Method");
    let (done, grid) = solution.work;
    let text = format!(
        "A race over the same trials: {} trials, {} % of the {} that every design over all trials would take. A design \
         drops out when it misses a target for sure, or when another one is sure to be better.",
        whole(done),
        percent(done as f64 / grid.max(1) as f64),
        whole(grid)
    );
    section.say(Reach::Everywhere, Manner::Note, text);
    section
}
