//! The report of advice as a document.

use super::AdviceReport;
use super::words;
use crate::advise::{Advice, Effect, Smallest, Target, Turned};
use crate::analyze::{Refusal, Verdict};
use crate::compare::worse_by;
use crate::documents::FindingDocument;
use crate::report::beside::NO_WRITER;
use crate::report::cells::{refusal, trials};
use crate::report::chart::Drawn;
use crate::report::comparison::bounded;
use crate::report::document::{
    Cell, Column, Content, Document, File, Manner, Picture, Reach, Rebuild, Row, Section, Span, Table, Tone, word,
};
use crate::report::run::short;
use crate::units::{chosen_duration, percent, whole, wrapped};

/// Levers of which the lines to change are shown.
const SHOWN: usize = 5;
/// Letters of a line of a lever's title in tables.
const NAME: usize = 26;

/// The whole report with these charts, or its short form.
pub(super) fn document(report: &AdviceReport<'_>, charts: Option<&[(String, Drawn)]>) -> Document {
    let advice = report.advice;
    let header = &advice.header;
    let mut sections = vec![answer(advice, charts)];
    sections.extend(lines(report));
    sections.extend(harm(advice));
    sections.push(method(advice));
    Document {
        name: header.name.clone(),
        kind: "advice",
        description: header.description.clone(),
        settings: format!(
            "{}, seed {}, horizon {}",
            trials(advice.trials),
            header.seed,
            chosen_duration(header.horizon)
        ),
        partial: None,
        sections,
        closing: format!("mrsim {}, experiment {}", header.version, short(&header.hash)),
        rebuild: Rebuild {
            version: header.version.clone(),
            save: "Save the text at the end as experiment.toml (a results folder has it already).".to_owned(),
            command: report.command.to_owned(),
            yields: "finds the same again",
            seed: header.seed.to_string(),
            range: format!("0 to {}", whole(advice.trials.saturating_sub(1))),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: header.name.clone(),
                hash: header.hash.clone(),
                text: header.resolved.clone(),
            }],
        },
    }
}

/// What to change, with the table of what helps.
fn answer(advice: &Advice, charts: Option<&[(String, Drawn)]>) -> Section {
    let mut section = Section::new("advice", "What to change", "Advice");
    section.say(Reach::Everywhere, Manner::Plain, words::standing(advice));
    match words::first(advice) {
        Some(text) if advice.smallest == Smallest::AsItIs => {
            section.say(Reach::Everywhere, Manner::Verdict, "Nothing has to change.");
            section.say(Reach::Everywhere, Manner::Plain, text);
        }
        None if advice.smallest == Smallest::AsItIs => {
            section.say(Reach::Everywhere, Manner::Verdict, "Nothing has to change.");
        }
        Some(text) => section.say(Reach::Everywhere, Manner::Verdict, text),
        None if few_trials(advice) => {
            let text = "The trials are too few to judge any step by; with more (--trials) that may change.";
            section.say(Reach::Everywhere, Manner::Verdict, text);
        }
        None => {
            section.say(Reach::Everywhere, Manner::Verdict, "No single step is shown to help without harm elsewhere.");
        }
    }
    for text in [words::pair(advice), words::smallest(advice)].into_iter().flatten() {
        section.say(Reach::Everywhere, Manner::Plain, text);
    }
    let helpful = of(advice, &[Effect::Helps, Effect::Trades]);
    if !helpful.is_empty() {
        let text = "Steps that help, each alone: its figure minus that of the file as it is";
        let table = table(advice, &helpful, "Steps", text);
        section.add(Reach::Everywhere, Content::Table(table.clone()));
        section.explain_stars(&table);
    }
    for (_, drawn) in charts.unwrap_or_default() {
        section.show(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() });
    }
    section
}

/// Whether no figure that has to get better has a difference at all, of any step, for want of trials.
fn few_trials(advice: &Advice) -> bool {
    let short = |turned: &Turned| {
        advice
            .wanted
            .iter()
            .all(|&index| matches!(turned.outcome.differences[index], Err(Refusal::TooFewTrials { .. })))
    };
    !advice.turned.is_empty() && advice.turned.iter().all(short)
}

fn of<'a>(advice: &'a Advice, effects: &[Effect]) -> Vec<&'a Turned> {
    advice.turned.iter().filter(|turned| effects.contains(&turned.effect)).collect()
}

/// A table of levers: every figure, the verdicts, the cost.
fn table(advice: &Advice, levers: &[&Turned], head: &str, caption: &str) -> Table {
    let priced = advice.header.bill.is_some();
    let judged = !advice.objectives.is_empty();
    let currency = advice.header.bill.as_ref().map_or("", |bill| bill.currency.as_str());
    let row = |turned: &&Turned| {
        let mut cells: Vec<Cell> = advice
            .targets
            .iter()
            .zip(&turned.outcome.differences)
            .map(|(target, found)| {
                let indicator = target.figure.indicator;
                match found {
                    Ok(found) => {
                        let tone = match worse_by(indicator, found.interval) {
                            worse if worse.high < 0.0 => Tone::Better,
                            worse if worse.low > 0.0 => Tone::Worse,
                            _ => Tone::Open,
                        };
                        let words = bounded(indicator, &found.estimate, &found.interval);
                        Cell::difference(words, found.method.is_conservative()).toned(tone)
                    }
                    Err(reason) => Cell::refused(refusal(reason)),
                }
            })
            .collect();
        if judged {
            cells.push(verdicts(turned));
        }
        if priced {
            let cost = turned.cost.as_ref().map(|cost| words::more_in_short(cost, currency));
            cells.push(Cell::words(cost.unwrap_or_default()));
        }
        cells.push(Cell::words(whole(turned.outcome.trials)));
        Row::new(wrapped(&turned.lever.title, NAME).join("\n"), cells)
    };
    // A narrow terminal shows what has to get better.
    let column = |(index, target): (usize, &Target)| {
        let column = Column::figures(words::head(target.figure));
        if advice.wanted.contains(&index) { column } else { column.spare() }
    };
    let mut columns: Vec<Column> = advice.targets.iter().enumerate().map(column).collect();
    columns.extend(judged.then(|| Column::words("then")));
    columns.extend(priced.then(|| Column::words("cost")));
    columns.push(Column::figures("trials").spare());
    Table {
        head: head.to_owned(),
        caption: caption.to_owned(),
        columns,
        rows: levers.iter().map(row).collect(),
        long: true,
        ..Table::default()
    }
}

/// The gravest verdict on the objectives with a lever turned.
fn verdicts(turned: &Turned) -> Cell {
    let Some(judged) = &turned.outcome.judged else { return Cell::words("fell out early") };
    let has = |verdict: Verdict| judged.iter().any(|one| one.verdict == verdict);
    let order = [Verdict::Missed, Verdict::NotJudged, Verdict::Undecided];
    let gravest = order.into_iter().find(|verdict| has(*verdict)).unwrap_or(Verdict::Met);
    // Complete data are of little use to those who cannot write.
    let beside = if judged.iter().any(|one| !one.no_writer_at_the_end.is_empty()) { NO_WRITER } else { "" };
    Cell::verdict(word(gravest), gravest, beside)
}

/// The lines of the file to change.
fn lines(report: &AdviceReport<'_>) -> Option<Section> {
    let advice = report.advice;
    let helpful = of(advice, &[Effect::Helps, Effect::Trades]);
    if helpful.is_empty() && advice.first().is_none() {
        return None;
    }
    let mut section = Section::new("lines", "Lines to change", "");
    section.add(Reach::Brief, Content::Heading { text: "Lines to change".to_owned() });
    let mut items: Vec<Vec<Span>> = Vec::new();
    // What is to be done first stands first.
    let first = advice.first();
    let rest = helpful.iter().copied().filter(|turned| first.is_none_or(|first| *turned != first));
    for turned in first.into_iter().chain(rest).take(SHOWN) {
        let both = turned.lever.changes.iter().zip(&turned.places);
        let lines: Vec<String> = both.map(|(change, place)| words::line(advice, change, place)).collect();
        let mut spans = vec![Span::Plain(format!("{}: ", turned.lever.title))];
        for (index, line) in lines.into_iter().enumerate() {
            if index > 0 {
                spans.push(Span::Plain("; ".to_owned()));
            }
            spans.push(Span::Code(line));
        }
        for finding in &turned.findings {
            let FindingDocument { kind, path, message, .. } = finding;
            spans.push(Span::Plain(format!("; mrsim check then says of {path}: {message} [{kind}]")));
        }
        items.push(spans);
    }
    section.add(Reach::Everywhere, Content::List { items });
    if let Some(best) = advice.first() {
        let command = format!("mrsim run {} {}", report.given, words::sets(best));
        let spans = vec![Span::Plain("Try it with: ".to_owned()), Span::Code(command)];
        section.add(Reach::Everywhere, Content::Text { manner: Manner::Note, spans });
    }
    Some(section)
}

/// What makes things worse, and what does nothing.
fn harm(advice: &Advice) -> Option<Section> {
    let mut section = Section::new("others", "What does not help", "");
    let harmful = of(advice, &[Effect::Harms]);
    if !harmful.is_empty() {
        let text = "Steps that make something worse and nothing better that has to be: their figures minus the file's";
        let table = table(advice, &harmful, "Worse", text);
        section.add(Reach::Everywhere, Content::Table(table.clone()));
        section.explain_stars(&table);
    }
    for (effect, said) in [(Effect::Open, "Nothing is shown for"), (Effect::Same, "No trial is different with")] {
        let titles: Vec<&str> = of(advice, &[effect]).iter().map(|turned| turned.lever.title.as_str()).collect();
        if !titles.is_empty() {
            section.say(Reach::Everywhere, Manner::Plain, format!("{said}: {}.", titles.join("; ")));
        }
    }
    for unturned in &advice.refused {
        let text = words::untried(unturned);
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    (!section.blocks.is_empty()).then_some(section)
}

/// How it was found.
fn method(advice: &Advice) -> Section {
    let work = advice.work;
    let mut section = Section::new("method", "How it was found", "Method");
    let share = percent(work.alone as f64 / work.grid.max(1) as f64);
    let text = format!(
        "{} steps, each alone, by successive halving: {} trials, {share} % of the {} that each of them over all trials would \
         take. With pairs and sets {} trials. All meet the same incidents; each 95 % interval holds by itself, so of many \
         steps that do nothing one in twenty may seem to do something.",
        advice.turned.len(),
        whole(work.alone),
        whole(work.grid),
        whole(work.all)
    );
    section.say(Reach::Everywhere, Manner::Note, text);
    if advice.header.recurring {
        let text = "With recurring faults a difference of recovery times is that of the longest outage of each trial; verdicts \
                    are about outages, as in mrsim run.";
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    section
}
