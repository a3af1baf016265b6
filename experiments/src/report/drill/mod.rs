//! The report of a drill: bands, what it cannot show, and a measured drill over the bands.

use sim_core::stats::fit::Observed;

use super::chart::{About, Band, Bands, Chart, Dot, Drawn};
use super::document::{
    Cell, Column, Content, Document, File, Manner, Picture, Reach, Rebuild, Row, Section, Span, Table, Tone,
};
use super::{not_drawn, write_forms};
use crate::documents;
use crate::drill::{
    Drill, DrillDocument, Mark, Placed, Row as Predicted, Tested, Verdict, blank, list, sheet, template_file,
};
use crate::exit::Failure;
use crate::folder::Folder;
use crate::header::Header;
use crate::units::{duration, percent, whole, wrapped};

/// A measurement beyond this share of predictions, or below its counterpart, is drawn in colour.
const FAR: f64 = 0.975;

/// A drill as its report sees it.
#[derive(Debug, Clone, Copy)]
pub struct DrillReport<'a> {
    /// The experiment.
    pub header: &'a Header,
    /// The drill.
    pub drill: &'a Drill,
    /// The name of the measured file, if there is one.
    pub measured: Option<&'a str>,
    /// The command that makes the report again.
    pub command: &'a str,
}

/// The short form.
pub fn brief(report: &DrillReport<'_>) -> Document {
    document(report, &[])
}

/// Writes everything that `--out` keeps; `bands.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &DrillReport<'_>) -> Result<(), Failure> {
    let DrillReport { header, drill, measured, .. } = report;
    folder.write("experiment.toml", |out| out.write_all(header.resolved.as_bytes()))?;
    for (index, template) in drill.templates.iter().enumerate() {
        folder.write(&template_file(index, &template.region), |out| documents::write(&template.document, out))?;
    }
    if let Some(plan) = &drill.plan {
        folder.write("arc-plan.json", |out| documents::write(plan, out))?;
    }
    folder.write("sheet.md", |out| out.write_all(sheet(drill, &header.name, header.seed).as_bytes()))?;
    folder.write("drill-blank.csv", |out| out.write_all(blank(&drill.play).as_bytes()))?;
    let list = list(&drill.play, measured.unwrap_or("drill.csv"));
    folder.write("calibrate.toml", |out| out.write_all(list.as_bytes()))?;
    let charts = drawn(report)?;
    let pictures = charts.iter().map(|(name, drawn)| (*name, drawn));
    write_forms(folder, &brief(report), pictures, &document(report, &charts))?;
    folder.write("bands.json", |out| documents::write(&DrillDocument::new(drill, header), out))
}

fn drawn(report: &DrillReport<'_>) -> Result<Vec<(&'static str, Drawn)>, Failure> {
    let one = |(name, chart)| Ok((name, Drawn::new(&Chart::Bands(chart)).map_err(|error| not_drawn(name, &error))?));
    [("drill-marks", marks(report)), ("drill-durations", durations(report))].into_iter().map(one).collect()
}

fn about(report: &DrillReport<'_>, title: &str, finding: String) -> About {
    let header = report.header;
    About {
        title: title.to_owned(),
        finding: Some(finding),
        experiment: header.name.clone(),
        trials: report.drill.bands.trials,
        seed: Some(header.seed),
        source: Some(format!("mrsim {}, {}", header.version, header.hash.get(..12).unwrap_or(&header.hash))),
        note: None,
    }
}

fn dots(placed: &[Placed], can_be_far: bool) -> Vec<Dot> {
    let dot = |one: &Placed| {
        let stopped = matches!(one.at, Observed::Above(_));
        let far = can_be_far && (one.place > FAR || (one.place < 1.0 - FAR && !stopped));
        Dot { at: one.at.middle(), stopped, surprising: far }
    };
    placed.iter().map(dot).collect()
}

fn charted(name: &str, row: &Predicted, placed: &[Placed], can_be_far: bool) -> Band {
    let quantiles = row.quantile(0.05).zip(row.quantile(0.5)).zip(row.quantile(0.95));
    Band {
        name: name.to_owned(),
        quantiles: quantiles.map(|((low, median), high)| [low, median, high]),
        never: row.never,
        measured: dots(placed, can_be_far),
    }
}

/// Marks in the order of their medians; those that never come are last.
fn order(report: &DrillReport<'_>) -> Vec<usize> {
    let marks = &report.drill.bands.marks;
    let mut order: Vec<usize> =
        (0..marks.len()).filter(|index| report.drill.play.marks[*index].0 != Mark::Fault).collect();
    let median = |index: usize| marks[index].quantile(0.5).unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| median(*a).total_cmp(&median(*b)));
    order
}

fn marks(report: &DrillReport<'_>) -> Bands {
    let DrillReport { drill, .. } = report;
    let placed = |index: usize| drill.overlay.as_ref().map_or(&[][..], |it| &it.marks[index]);
    let rows = order(report)
        .into_iter()
        .map(|index| charted(&drill.play.marks[index].2, &drill.bands.marks[index], placed(index), true));
    let finding = match &drill.overlay {
        Some(overlay) if overlay.without_fault => {
            "The measured plan does not say when the fault began: see the durations".to_owned()
        }
        Some(overlay) => format!("{} over the predictions", drills(overlay.drills.len())),
        None => "What a drill should look like if the model and its figures are right".to_owned(),
    };
    Bands {
        about: about(report, "When each step of the recovery comes", finding),
        axis: "since the fault".to_owned(),
        rows: rows.collect(),
        horizon: drill.bands.horizon,
    }
}

fn drills(count: usize) -> String {
    if count == 1 { "1 drill".to_owned() } else { format!("{count} drills") }
}

fn durations(report: &DrillReport<'_>) -> Bands {
    let DrillReport { drill, .. } = report;
    let placed = |index: usize| drill.overlay.as_ref().map_or(&[][..], |it| &it.spans[index].placed);
    let rows = drill.play.spans.iter().zip(&drill.bands.spans).enumerate();
    let can = |index: usize| drill.overlay.as_ref().is_none_or(|it| it.spans[index].verdict != Verdict::NoSpread);
    let rows = rows.map(|(index, (span, row))| charted(&span.words, row, placed(index), can(index)));
    let finding = drill.overlay.as_ref().map_or_else(
        || "One late step delays all that follow; durations tell which one".to_owned(),
        |overlay| {
            let far = overlay.spans.iter().filter(|span| is_off(span.verdict)).count();
            let of = overlay.spans.iter().filter(|span| !span.placed.is_empty()).count();
            format!("{far} of {of} measured durations are longer or shorter than chance explains")
        },
    );
    Bands {
        about: about(report, "How long each step takes", finding),
        axis: "duration".to_owned(),
        rows: rows.collect(),
        horizon: drill.bands.horizon,
    }
}

const fn is_off(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Slower | Verdict::Faster | Verdict::NotPredicted)
}

fn document(report: &DrillReport<'_>, charts: &[(&'static str, Drawn)]) -> Document {
    let DrillReport { header, drill, command, .. } = report;
    let picture = |name: &str| {
        let drawn = charts.iter().find(|(known, _)| *known == name)?;
        Some(Picture { svg: drawn.1.svg.clone(), chart: true, caption: String::new() })
    };
    let mut sections = Vec::new();
    if drill.overlay.is_some() {
        sections.push(verdict(report));
    }
    let mut section = Section::new("marks", "When each step comes", "Marks");
    section.add(Reach::Everywhere, Content::Table(mark_table(report)));
    section.extend(picture("drill-marks"));
    sections.push(section);
    let mut section = Section::new("durations", "How long each step takes", "Durations");
    section.add(Reach::Everywhere, Content::Table(span_table(report)));
    section.extend(picture("drill-durations"));
    sections.push(section);
    let mut section = Section::new("limits", "What this drill cannot show", "Limits");
    section.add(Reach::Brief, Content::Heading { text: "What this drill cannot show".to_owned() });
    let items = drill.limits.iter().map(|limit| vec![Span::Plain(format!("{limit}."))]).collect();
    section.add(Reach::Everywhere, Content::List { items });
    sections.push(section);
    let file = File {
        name: "experiment.toml".to_owned(),
        of: header.name.clone(),
        hash: header.hash.clone(),
        text: header.resolved.clone(),
    };
    Document {
        name: header.name.clone(),
        kind: "drill",
        description: header.description.clone(),
        settings: format!("bands of {} trials, seed {}", whole(drill.bands.trials), header.seed),
        partial: None,
        sections,
        closing: format!("mrsim {}; {}", header.version, header.hash.get(..12).unwrap_or(&header.hash)),
        rebuild: Rebuild {
            version: header.version.clone(),
            save: "Save the text at the end as experiment.toml (the folder of --out has it already).".to_owned(),
            command: (*command).to_owned(),
            yields: "makes the same bands again",
            seed: header.seed.to_string(),
            range: format!("0 to {}", whole(drill.bands.trials.saturating_sub(1))),
            files: vec![file],
        },
    }
}

impl Section {
    /// Adds a picture to the page, if there is one.
    fn extend(&mut self, picture: Option<Picture>) {
        if let Some(picture) = picture {
            self.show(picture);
        }
    }
}

/// Letters of a line of a name in tables.
const NAME: usize = 24;

/// A name in as many lines as it takes: steps that begin alike differ in their last words.
fn in_lines(name: &str) -> String {
    wrapped(name, NAME).join("\n")
}

fn band_cell(row: &Predicted) -> Cell {
    let spread = row.quantile(0.05).zip(row.quantile(0.5)).zip(row.quantile(0.95));
    match spread {
        Some(((low, median), high)) => {
            let interval = sim_core::stats::Interval { estimate: median, low, high, level: 0.9 };
            Cell::figure(crate::units::estimated_duration(&interval, &crate::units::longer_than(f64::INFINITY)))
        }
        None => Cell::refused("never"),
    }
}

fn measured_cell(placed: &[Placed]) -> Cell {
    let one = |placed: &Placed| match placed.at {
        Observed::Exact(value) => duration(value),
        Observed::Above(value) => format!("> {}", duration(value)),
        Observed::Between(low, high) => format!("{} to {}", duration(low), duration(high)),
    };
    // More than a few make no cell; the chart has them all.
    let shown: Vec<String> = placed.iter().take(3).map(one).collect();
    let more = if placed.len() > 3 { format!(", {} more", placed.len() - 3) } else { String::new() };
    Cell::words(format!("{}{more}", shown.join(", ")))
}

fn mark_table(report: &DrillReport<'_>) -> Table {
    let DrillReport { drill, .. } = report;
    let overlay = drill.overlay.as_ref().filter(|overlay| !overlay.without_fault);
    let row = |index: usize| {
        let predicted = &drill.bands.marks[index];
        let never = if predicted.never > 0.0 { percent(predicted.never) } else { "0".to_owned() };
        let mut cells = vec![band_cell(predicted), Cell::words(never)];
        if let Some(overlay) = overlay {
            let placed = &overlay.marks[index];
            let places = placed.iter().take(3).map(|one| percent(one.place)).collect::<Vec<_>>().join(", ");
            cells.extend([measured_cell(placed), Cell::words(places)]);
        }
        Row::new(in_lines(&drill.play.marks[index].2), cells)
    };
    let mut columns = vec![Column::figures("predicted"), Column::figures("never, %")];
    if overlay.is_some() {
        columns.extend([Column::figures("measured"), Column::figures("place, %").spare()]);
    }
    Table {
        head: "Mark".to_owned(),
        caption: "Since the fault: median of the trials in which the mark comes, and between 5 % and 95 % of them"
            .to_owned(),
        columns,
        rows: order(report).into_iter().map(row).collect(),
        ..Table::default()
    }
}

fn span_table(report: &DrillReport<'_>) -> Table {
    let DrillReport { drill, .. } = report;
    let overlay = drill.overlay.as_ref();
    let rows = drill.play.spans.iter().zip(&drill.bands.spans).enumerate().map(|(index, (span, predicted))| {
        let mut cells = vec![band_cell(predicted)];
        if let Some(tested) = overlay.map(|overlay| &overlay.spans[index]) {
            let tone = if is_off(tested.verdict) { Tone::Missed } else { Tone::Plain };
            let power = tested.power.map_or_else(|| "-".to_owned(), |power| percent(power.0));
            cells.extend([
                measured_cell(&tested.placed),
                Cell::words(tested.verdict.word()).toned(tone),
                Cell::words(power),
            ]);
        }
        Row::new(in_lines(&span.words), cells)
    });
    let mut columns = vec![Column::figures("predicted")];
    if overlay.is_some() {
        columns.extend([
            Column::figures("measured"),
            Column::words("verdict"),
            Column::figures("would see \u{d7} 2, %").spare(),
        ]);
    }
    Table {
        head: "Duration".to_owned(),
        caption: "Between two marks: median, and between 5 % and 95 % of the trials".to_owned(),
        columns,
        rows: rows.collect(),
        ..Table::default()
    }
}

/// What the measured drill says, and how little that may be.
fn verdict(report: &DrillReport<'_>) -> Section {
    let DrillReport { drill, .. } = report;
    let mut section = Section::new("verdict", "Verdict", "");
    let Some(overlay) = &drill.overlay else { return section };
    let n = overlay.drills.len();
    let measured: Vec<&Tested> = overlay.spans.iter().filter(|span| !span.placed.is_empty()).collect();
    let off: Vec<&&Tested> = measured.iter().filter(|span| is_off(span.verdict)).collect();
    let verdict = if measured.is_empty() {
        "The sheet has no duration between two marks: nothing can be tested.".to_owned()
    } else if off.is_empty() {
        format!(
            "{}: none of {} measured durations is longer or shorter than chance explains.",
            drills(n),
            measured.len()
        )
    } else {
        format!(
            "{}: {} of {} measured durations cannot be what the experiment predicts.",
            drills(n),
            off.len(),
            measured.len()
        )
    };
    section.say(Reach::Everywhere, Manner::Verdict, verdict);
    let items: Vec<Vec<Span>> = off.iter().map(|tested| vec![Span::Plain(sentence(report, tested))]).collect();
    if !items.is_empty() {
        section.add(Reach::Everywhere, Content::List { items });
    }
    let powers: Vec<(usize, [f64; 4])> = measured.iter().filter_map(|span| Some((span.span, span.power?.1))).collect();
    // The step that varies most is the one that a drill says least about.
    if let Some((hardest, power)) = powers.iter().min_by(|a, b| a.1[1].total_cmp(&b.1[1])) {
        let [one, three, five, ten] = power.map(percent);
        let words = format!(
            "So few drills show little. If it took twice as long as predicted, the duration that varies most ({}) would show it \
             in {one} % of cases with 1 drill, in {three} % with 3, in {five} % with 5, in {ten} % with 10. That {} inside all \
             bands rules out only that bands of 95 % hold less than {} % of drills.",
            drill.play.spans[*hardest].words,
            if n == 1 { "1 drill lies".to_owned() } else { format!("{n} drills lie") },
            percent(overlay.ruled_out_below)
        );
        section.say(Reach::Everywhere, Manner::Plain, words);
        let tests = format!(
            "Durations are tested and not instants: one late start would fail all that follow. Probabilities are adjusted for \
             looking at {} of them.",
            powers.len()
        );
        section.say(Reach::Everywhere, Manner::Note, tests);
    }
    if overlay.without_fault {
        let words = "Times of a plan count from its own start: detection and the decision to start it are not in them.";
        section.say(Reach::Everywhere, Manner::Note, words);
    }
    let back = "The drill's times go back into the experiment by mrsim calibrate, with the list calibrate.toml of --out; they are \
                marked as a drill and are not counted together with incidents.";
    section.say(Reach::Everywhere, Manner::Note, back);
    section
}

/// What a duration that is off means.
fn sentence(report: &DrillReport<'_>, tested: &Tested) -> String {
    let DrillReport { drill, .. } = report;
    let (span, row) = (&drill.play.spans[tested.span], &drill.bands.spans[tested.span]);
    let taken = measured_cell(&tested.placed).text;
    if tested.p.is_none() && tested.verdict == Verdict::Slower {
        let always = duration(row.quantile(0.5).unwrap_or_default());
        return format!(
            "{}: {taken}; predicted {always} in every trial: the experiment lacks what took so long.",
            span.words
        );
    }
    if tested.verdict == Verdict::NotPredicted {
        return format!("{}: {taken}; it happens in no trial, so the model lacks what led to it.", span.words);
    }
    let (low, high) = (row.quantile(0.05).unwrap_or_default(), row.quantile(0.95).unwrap_or_default());
    let slower = tested.verdict == Verdict::Slower;
    let beyond = tested.placed.iter().map(|one| if slower { 1.0 - one.place } else { one.place }).fold(1.0, f64::min);
    let word = if slower { "longer" } else { "shorter" };
    format!(
        "{}: {taken}; predicted {} to {}; {} of {} trials are {word}: the model or its figure is wrong (p = {:.3}).",
        span.words,
        duration(low),
        duration(high),
        whole((beyond * row.sorted.len() as f64).round() as u64),
        whole(row.sorted.len() as u64),
        tested.adjusted.unwrap_or(1.0)
    )
}
