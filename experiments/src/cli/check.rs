//! `mrsim check`: what the file says and what in it will not work, without running it.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::alike::{Alike, alike};
use super::args::{CheckArguments, CheckFormat};
use super::console::Console;
use crate::documents::CheckDocument;
use crate::exit::{Exit, Failure};
use crate::file::OpenQuestion;
use crate::header::{AssumedFigure, Header, SourcedFigure};
use crate::report::sarif::{self, Checked};
use crate::run::{Experiment, Open};
use crate::units::{chosen_duration, chosen_percent, whole, wrapped};
use crate::variation::SweepSpec;

pub(super) fn check<O: Open>(open: &O, arguments: &CheckArguments, console: &mut Console<'_>) -> Exit {
    if arguments.format == CheckFormat::Sarif {
        return sarif(open, arguments, console);
    }
    let overrides = arguments.changes.alone();
    let mut exit = Exit::Done;
    for path in &arguments.files {
        let outcome = open.open(path, &overrides).and_then(|experiment| tell(path, &experiment, arguments, console));
        exit = exit.max(outcome.unwrap_or_else(|failure| console.fail(&failure)));
    }
    exit
}

fn tell<S>(
    path: &Path,
    experiment: &Experiment<S>,
    arguments: &CheckArguments,
    console: &mut Console<'_>,
) -> Result<Exit, Failure> {
    match arguments.format {
        CheckFormat::Text => console.print(wrapped_lines(&description(path, experiment), LABEL, console.width()))?,
        // Of several experiments each has a line, so that programs can tell where one ends.
        CheckFormat::Json => {
            console.data(|out| write_json(path, experiment, arguments.files.len() > 1, out))?;
        }
        // One document for all files.
        CheckFormat::Sarif => {}
    }
    Ok(if arguments.strict && !experiment.findings.is_empty() { Exit::Missed } else { Exit::Done })
}

/// The findings of all files as one document. It tells the errors of a file, too; people find them on stderr as well.
fn sarif<O: Open>(open: &O, arguments: &CheckArguments, console: &mut Console<'_>) -> Exit {
    let overrides = arguments.changes.alone();
    let opened: Vec<_> = arguments.files.iter().map(|path| (path, open.open(path, &overrides))).collect();
    let mut exit = Exit::Done;
    let mut shown = Vec::new();
    for (path, opened) in &opened {
        let (code, text) = match opened {
            Ok(experiment) if arguments.strict && !experiment.findings.is_empty() => (Exit::Missed, String::new()),
            Ok(_) => (Exit::Done, String::new()),
            Err(failure) => (console.fail(failure), failure.to_string()),
        };
        exit = exit.max(code);
        shown.push((path.display().to_string(), text));
    }
    let checked: Vec<Checked<'_>> = opened
        .iter()
        .zip(&shown)
        .map(|((_, opened), (file, message))| match opened {
            Ok(experiment) => Checked::Valid(&experiment.findings),
            // A mistake in an argument has a place in no file.
            Err(failure) => Checked::Invalid {
                file,
                spot: failure.spot.as_ref().filter(|spot| Path::new(&spot.file).is_file()),
                message,
            },
        })
        .collect();
    let document = sarif::document(env!("CARGO_PKG_VERSION"), &checked);
    let printed = console.data(|out| {
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    });
    exit.max(printed.map_or_else(|failure| console.fail(&failure), |()| Exit::Done))
}

fn write_json<S>(path: &Path, experiment: &Experiment<S>, line: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let Experiment { header, findings, notes, .. } = experiment;
    let Header { name, hash, assumed, figures, questions, resolved, .. } = header;
    let file = path.display().to_string();
    let document = CheckDocument { file, name, hash, findings, notes, assumed, figures, questions, resolved };
    if line {
        serde_json::to_writer(&mut *out, &document)
    } else {
        serde_json::to_writer_pretty(&mut *out, &document)
    }?;
    writeln!(out)
}

/// Findings first: what has to be changed must not drown in what is merely so.
fn description<S>(path: &Path, experiment: &Experiment<S>) -> String {
    let Experiment { header, trials, findings, notes, sweep, .. } = experiment;
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let found = if findings.is_empty() { String::new() } else { format!(", {}", counted(findings.len(), "finding")) };
    let open = header.questions.len();
    let asked = if open == 0 { String::new() } else { format!(", {} open", counted(open, "question")) };
    let mut text = format!("{}: valid{found}{asked}\n", path.display());
    for finding in findings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "warning: {finding}");
    }
    let _ = writeln!(text, "  {}", header.name);
    deployment(&mut text, header, *trials, sweep.as_ref());
    for note in notes {
        let _ = writeln!(text, "  {:<12}{note}", "note");
    }
    if open > 0 {
        let _ = writeln!(text, "  {} open; guesses stand for the answers:", counted(open, "question"));
    }
    for OpenQuestion { path, question } in &header.questions {
        let about = if path.is_empty() { String::new() } else { format!("{path}: ") };
        let _ = writeln!(text, "  {:<LABEL$}{about}{question}", "question");
    }
    if !header.assumed.is_empty() {
        let assumed = counted(header.assumed.len(), "assumed figure");
        let _ = writeln!(text, "  {assumed}, for which there is no published source:");
    }
    let same = |figure: &AssumedFigure| (figure.value.clone(), figure.source.clone(), figure.band.clone());
    for Alike { figure, path, of } in alike(header.assumed.iter(), |figure| &figure.path, same) {
        let AssumedFigure { value, source, band, .. } = figure;
        let band = band.as_ref().map_or_else(String::new, |band| format!("; {band}"));
        let of = of.map_or_else(String::new, |of| format!(" {of}"));
        let _ = writeln!(text, "  {:<LABEL$}{path} = {value}{of}  ({source}{band})", "assumed");
    }
    provenance(&mut text, header);
    text
}

/// Why fewer assumed figures are counted than are listed.
const ALIKE: &str = "; a guess that several parts share counts once, and a choice is no figure";

/// Where the other figures come from: those of the author one by one, those without a source by name.
fn provenance(text: &mut String, Header { figures, assumed, .. }: &Header) {
    if figures.is_empty() {
        return;
    }
    let words = ["documented", "measured", "assumed", "yours", "unsourced"];
    let of = |word: &'static str| figures.iter().filter(move |figure| figure.provenance == word);
    let counts = words.map(|word| (word, of(word).count())).into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(word, count)| format!("{count} {word}")).collect();
    // Writing to a string cannot fail.
    let why_fewer = if of("assumed").count() == assumed.len() { "" } else { ALIKE };
    let _ = writeln!(text, "  {:<LABEL$}{}{why_fewer}", "figures", counts.join(", "));
    for SourcedFigure { path, value, source, observations, .. } in of("yours") {
        let source = source.as_deref().unwrap_or_default();
        let observations = observations.map_or_else(String::new, |count| format!(", {} observations", whole(count)));
        let _ = writeln!(text, "  {:<LABEL$}{path} = {value}  ({source}{observations})", "yours");
    }
    let unsourced = alike(of("unsourced"), |figure| &figure.path, |_| ()).into_iter();
    let unsourced: Vec<String> =
        unsourced.map(|Alike { path, of, .. }| of.map_or(path.clone(), |of| format!("{path} {of}"))).collect();
    if !unsourced.is_empty() {
        let _ = writeln!(text, "  {:<LABEL$}{}", "unsourced", unsourced.join(", "));
    }
}

/// The same lines within so many columns; what a line goes on with stands below where its value begins, behind so many
/// columns of a label. Words that are wider, such as paths, stay whole: they are there to be copied.
pub(super) fn wrapped_lines(text: &str, columns: usize, width: usize) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.chars().count() <= width {
            lines.push(line.to_owned());
            continue;
        }
        let inner = line.trim_start();
        let indent = line.len() - inner.len();
        // What stands further right than labels do has none.
        let label = if (1..columns).contains(&indent) { columns } else { 0 };
        let below = " ".repeat(indent + label);
        let (head, rest) = inner.split_at_checked(label).unwrap_or(("", inner));
        let parts = wrapped(rest, width.saturating_sub(indent + label));
        for (index, part) in parts.iter().enumerate() {
            lines.push(if index == 0 {
                format!("{}{head}{part}", " ".repeat(indent))
            } else {
                format!("{below}{part}")
            });
        }
    }
    lines.join("\n") + "\n"
}

/// Columns of the words before a value.
const LABEL: usize = 12;

fn deployment(text: &mut String, header: &Header, trials: u64, sweep: Option<&SweepSpec>) {
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<LABEL$}{value}");
        }
    };
    line("about", header.description.clone());
    line(
        "runs",
        format!("{} trials, seed {}, horizon {}", whole(trials), header.seed, chosen_duration(header.horizon)),
    );
    let own = header.own_up_when.iter();
    let own: String = own.map(|(name, share)| format!(", of {name} {} %", chosen_percent(*share))).collect();
    line("up when", format!("{} % of requests succeed{own}", chosen_percent(header.up_when)));
    for (kind, sentence) in header.overview.lines() {
        line(kind, sentence);
    }
    for fault in &header.overview.faults {
        line("fault", fault.sentence());
    }
    for objective in &header.objectives {
        line("objective", format!("{} <= {}", objective.name(), chosen_duration(objective.limit)));
    }
    for (of, availability) in header.availabilities() {
        line("objective", format!("{} >= {} %", of.name("availability"), chosen_percent(availability)));
    }
    if let Some(sweep) = sweep {
        line("sweep", sweep.to_string());
    }
    line("hash", header.hash.clone());
}
