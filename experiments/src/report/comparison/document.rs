//! The report of a comparison as a document.

use sim_core::stats::{Bounds, Difference, Interval};

use super::cells::{difference, estimate, sides, title};
use super::{ComparisonReport, candidate_file};
use crate::analyze::{Refusal, Writerless, share};
use crate::compare::{Against, FigureRow, Wins, worse_by};
use crate::header::Indicator;
use crate::report::beside::{NO_WRITER, missed_by_chance, no_writer, not_judged};
use crate::report::cells::{refusal, trials};
use crate::report::chart::Drawn;
use crate::report::document::{
    Cell, Column, Content, Document, File, Manner, Picture, Reach, Rebuild, Row, Section, Span, Table, Tone, word,
};
use crate::report::drawing::svg;
use crate::report::run::short;
use crate::units::{chosen_duration, chosen_percent, percent, whole};

/// The bar of shares of trials, in its own units.
const BAR: (f64, f64) = (720.0, 12.0);

/// The whole report with these charts, or its short form.
pub(super) fn document(report: &ComparisonReport<'_>, charts: Option<&[(&'static str, Drawn)]>) -> Document {
    let comparison = report.comparison;
    let candidates = &comparison.candidates;
    let base = &candidates[0];
    let mut sections = vec![verdict(report), differences(report)];
    if let Some(charts) = charts {
        sections.extend([distributions(charts), settings(report)]);
    }
    let files: Vec<File> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| File {
            name: candidate_file(index),
            of: candidate.name.clone(),
            hash: candidate.header.hash.clone(),
            text: candidate.header.resolved.clone(),
        })
        .collect();
    let saved: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let own = candidates.iter().map(|one| format!("{} {}", one.file, short(&one.header.hash)));
    let own: Vec<String> = own.collect();
    let partial =
        comparison.asked.map(|asked| format!("stopped after {} of {} trials", whole(comparison.trials), whole(asked)));
    Document {
        name: match candidates.as_slice() {
            [base, other] => format!("{} against {}", other.name, base.name),
            [base, others @ ..] => format!("{} candidates against {}", others.len(), base.name),
            [] => String::new(),
        },
        kind: "comparison",
        description: String::new(),
        settings: format!("{} each, seed {}, common random numbers", trials(comparison.trials), comparison.seed),
        partial,
        sections,
        closing: format!("mrsim {}; {}", base.header.version, own.join(", ")),
        rebuild: Rebuild {
            version: base.header.version.clone(),
            save: format!("Save the texts at the end as {} (a results folder has them already).", saved.join(", ")),
            command: report.command.to_owned(),
            yields: "runs the same trials again, and mrsim report makes this page of the folder as it is",
            seed: comparison.seed.to_string(),
            range: format!("0 to {} of each", whole(comparison.trials.saturating_sub(1))),
            files,
        },
    }
}

/// The verdict of the comparison.
fn verdict(report: &ComparisonReport<'_>) -> Section {
    let comparison = report.comparison;
    let mut section = Section::new("verdict", "Verdict", "");
    let findings = comparison.against.iter().flat_map(|against| &against.findings).map(|(_, finding)| finding);
    for finding in findings.chain(comparison.ranking.iter().map(|ranking| &ranking.sentence)) {
        section.say(Reach::Everywhere, Manner::Verdict, format!("{finding}."));
    }
    objectives(report, &mut section);
    for against in &comparison.against {
        section.say(Reach::Everywhere, Manner::Plain, format!("For the pull request: {}.", against.pull_request));
    }
    for note in &comparison.notes {
        section.say(Reach::Everywhere, Manner::Plain, format!("Note: {note}."));
    }
    let open = comparison.candidates.iter().filter(|candidate| !candidate.header.questions.is_empty());
    let open: Vec<String> = open.map(|one| format!("{} in {}", one.header.questions.len(), one.name)).collect();
    if !open.is_empty() {
        let text = format!("Note: questions are open, and guesses stand for the answers: {}.", open.join(", "));
        section.say(Reach::Everywhere, Manner::Plain, text);
    }
    let rows = comparison.candidates.iter().enumerate().map(|(index, candidate)| {
        let cells = [&candidate.name, &candidate.file, &candidate.header.description].map(Cell::words);
        Row::new(if index == 0 { "baseline" } else { "candidate" }, cells.to_vec())
    });
    let table = Table {
        caption: "The candidates; each is held against the baseline".to_owned(),
        columns: vec![Column::words("name"), Column::code("file"), Column::words("what it is")],
        rows: rows.collect(),
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(table));
    remarks("Remarks on the files", report.warnings, &mut section);
    section
}

/// The objectives of each candidate.
fn objectives(report: &ComparisonReport<'_>, section: &mut Section) {
    let comparison = report.comparison;
    let all = || comparison.candidates.iter().zip(&comparison.objectives);
    let row = |name: &str, objective: String, verdict: Cell, estimate: Cell, chance: Cell| {
        Row::new(name, vec![Cell::words(objective), verdict, estimate, chance])
    };
    let rows = all().flat_map(|(candidate, own)| {
        let quantiles = own.assessed.iter().map(|assessed| {
            let objective = &assessed.objective;
            let beside = if assessed.writerless.is_empty() { "" } else { NO_WRITER };
            row(
                &candidate.name,
                format!("{} \u{2264} {}", objective.name(), chosen_duration(objective.limit)),
                Cell::verdict(word(assessed.verdict), assessed.verdict, beside),
                Cell::duration(&assessed.quantile, assessed.at_least.as_ref()),
                Cell::percent(&assessed.probability),
            )
        });
        let budget = own.budgets.iter().map(|budget| {
            row(
                &candidate.name,
                format!("{} \u{2265} {} %", budget.name(), chosen_percent(budget.objective)),
                Cell::verdict(word(budget.verdict), budget.verdict, ""),
                Cell::nearly_all(&budget.time),
                Cell::percent(&budget.kept),
            )
        });
        quantiles.chain(budget)
    });
    let rows: Vec<Row> = rows.collect();
    if !rows.is_empty() {
        let table = Table {
            head: "Objectives".to_owned(),
            caption: "Each candidate's own objectives, held against its own trials".to_owned(),
            columns: vec![
                Column::words("objective"),
                Column::words("verdict"),
                Column::figures("estimate"),
                Column::figures("chance, %").spare(),
            ],
            rows,
            ..Table::default()
        };
        section.add(Reach::Everywhere, Content::Table(table));
    }
    no_writers(report, section);
    let assessed = || all().flat_map(|(_, own)| &own.assessed);
    if let Some(text) = missed_by_chance(assessed()) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    for text in not_judged(assessed(), all().flat_map(|(_, own)| &own.budgets)) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if all().any(|(_, own)| own.left_out > 0) {
        let text = "With recurring faults objectives on recovery times are about outages: mrsim run judges them.";
        section.say(Reach::Everywhere, Manner::Note, text);
    }
}

/// For each candidate the stores that a verdict on data loss is about and that nobody can write to at the end.
fn no_writers(report: &ComparisonReport<'_>, section: &mut Section) {
    let comparison = report.comparison;
    for (candidate, own) in comparison.candidates.iter().zip(&comparison.objectives) {
        let mut stores: Vec<(&str, Interval)> = Vec::new();
        for Writerless { store, share } in own.assessed.iter().flat_map(|assessed| &assessed.writerless) {
            let known = stores.iter().any(|(known, _)| known == store);
            stores.extend(share.ok().filter(|_| !known).map(|share| (store.as_str(), share)));
        }
        if let Some(words) = no_writer(stores.into_iter()) {
            section.say(Reach::Everywhere, Manner::Note, format!("{}: {words}.", candidate.name));
        }
    }
}

/// Remarks of the program on files or points, for the page: elsewhere they are among the messages.
pub(in crate::report) fn remarks(title: &str, remarks: &[String], section: &mut Section) {
    if !remarks.is_empty() {
        section.add(Reach::Page, Content::Heading { text: title.to_owned() });
        let items = remarks.iter().map(|remark| vec![Span::Plain(remark.clone())]).collect();
        section.add(Reach::Page, Content::List { items });
    }
}

/// Each candidate against the baseline.
fn differences(report: &ComparisonReport<'_>) -> Section {
    let comparison = report.comparison;
    let mut section = Section::new("differences", "Differences", "");
    let text = "A difference is the candidate's figure minus the baseline's. All candidates meet the same incident with the \
                same luck in the same trial, and the interval of a difference is found from such pairs of trials, not from \
                the two intervals beside it.";
    section.say(Reach::Page, Manner::Plain, text);
    let base = &comparison.candidates[0].name;
    for against in &comparison.against {
        let name = &comparison.candidates[against.candidate].name;
        section.add(Reach::Everywhere, Content::Heading { text: format!("{name} against {base}") });
        let columns = vec![
            Column::figures(base),
            Column::figures(name),
            Column::figures("difference"),
            Column::words("candidate is").spare(),
        ];
        let rows = comparison.rows.iter().zip(&against.differences);
        let rows = rows.map(|(row, found)| line(against, row, found)).collect();
        let table = Table { columns, rows, ..Table::default() };
        section.add(Reach::Everywhere, Content::Table(table.clone()));
        section.explain_stars(&table);
        section.add(Reach::Everywhere, Content::Table(shares(against)));
    }
    section
}

/// A figure of a candidate beside the baseline's.
fn line(against: &Against, row: &FigureRow, found: &Result<Difference, Refusal>) -> Row {
    let indicator = row.figure.indicator;
    let cell = |index: usize| match estimate(indicator, &row.estimates[index], row.at_least[index].as_ref()) {
        Ok(parts) => Cell::figure(parts),
        Err(reason) => Cell::refused(refusal(reason)),
    };
    let (tone, word) = standing(indicator, found);
    let difference = match found {
        Ok(found) => Cell::difference(difference(indicator, found), found.method.is_conservative()).toned(tone),
        Err(reason) => Cell::refused(refusal(reason)),
    };
    let cells = vec![cell(0), cell(against.candidate), difference, Cell::words(word).toned(tone)];
    Row::new(format!("{}{} {}", title(indicator), row.figure.of.suffix(), row.figure.short()), cells)
}

/// The verdict on the candidate by the interval of a difference.
fn standing(indicator: Indicator, found: &Result<Difference, Refusal>) -> (Tone, &'static str) {
    let Ok(found) = found else { return (Tone::Open, "unknown") };
    match worse_by(indicator, found.interval) {
        Bounds { low, .. } if low > 0.0 => (Tone::Worse, "worse"),
        Bounds { high, .. } if high < 0.0 => (Tone::Better, "better"),
        interval if interval == Bounds::exactly(0.0) => (Tone::Open, "the same"),
        Bounds { low, high } if low.is_finite() && high.is_finite() => (Tone::Open, "undecided"),
        _ => (Tone::Open, "unknown"),
    }
}

/// In what share of trials the candidate is better.
fn shares(against: &Against) -> Table {
    let unknown = against.wins.iter().any(|(_, wins)| wins.unknown > 0);
    let sides_shown = if unknown { 4 } else { 3 };
    let row = |(indicator, wins): &(Indicator, Wins)| {
        let of = |count: u64| share(count, wins.trials());
        let cell = |&(_, count): &(&str, u64)| Cell::percent(&of(count));
        let cells = sides(*indicator, wins).iter().take(sides_shown).map(cell).collect();
        Row { below: Some(bar(*indicator, wins)), ..Row::new(title(*indicator), cells) }
    };
    Table {
        head: "Share of trials, %".to_owned(),
        caption: "In what share of trials the candidate is better than the baseline in the same trial: sooner back, less data \
                  lost, up for more of the time"
            .to_owned(),
        columns: ["better", "the same", "worse", "unknown"].into_iter().take(sides_shown).map(Column::figures).collect(),
        rows: against.wins.iter().map(row).collect(),
        ..Table::default()
    }
}

fn bar(indicator: Indicator, wins: &Wins) -> Picture {
    let mut picture = svg::Picture::default();
    let mut from = 0.0;
    for ((word, count), class) in sides(indicator, wins).iter().zip(["better", "same", "worse", "unknown"]) {
        let part = share(*count, wins.trials()).map_or(0.0, |Interval { estimate, .. }| estimate);
        picture.bar(class, (from, 0.0), (part * BAR.0, BAR.1), &format!("{word}: {} %", percent(part)));
        from += part * BAR.0;
    }
    let svg = picture.finish("wins", BAR, &format!("{}: shares of trials", title(indicator)));
    Picture { svg, ..Picture::default() }
}

/// The candidates over one another.
fn distributions(charts: &[(&'static str, Drawn)]) -> Section {
    let mut section = Section::new("distributions", "Distributions", "");
    let text =
        "The candidates over one another: the share of trials that are within a time, with bands for its interval.";
    section.say(Reach::Page, Manner::Plain, text);
    for (_, drawn) in charts {
        section.show(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() });
    }
    section
}

/// The settings in which the candidates' files differ.
fn settings(report: &ComparisonReport<'_>) -> Section {
    let comparison = report.comparison;
    let mut section = Section::new("settings", "What differs in the files", "");
    let base = &comparison.candidates[0].name;
    for against in &comparison.against {
        let name = &comparison.candidates[against.candidate].name;
        section.add(Reach::Page, Content::Heading { text: format!("{name} against {base}") });
        if against.settings.is_empty() {
            section.say(Reach::Page, Manner::Plain, "Nothing but names and descriptions.");
            continue;
        }
        let cell = |value: &Option<String>| Cell::words(value.as_deref().unwrap_or("(not set)"));
        let rows = against
            .settings
            .iter()
            .map(|setting| Row::new(&setting.key, vec![cell(&setting.baseline), cell(&setting.candidate)]));
        let table = Table {
            head: "key".to_owned(),
            caption: "Keys that the two files set differently, with all that they extend and what the command line set; a key \
                      that is not set has its default"
                .to_owned(),
            columns: vec![Column::code(base), Column::code(name)],
            rows: rows.collect(),
            long: true,
            ..Table::default()
        };
        section.add(Reach::Page, Content::Table(table));
    }
    section
}
