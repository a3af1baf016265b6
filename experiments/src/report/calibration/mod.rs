//! The report of a calibration: what each key rests on, how well the law fits, and a chart for each.

use sim_core::stats::fit::Observed;

use super::chart::{About, Chart, Drawn, Fit};
use super::document::{Cell, Column, Content, Document, Manner, Picture, Reach, Rebuild, Row, Section, Span, Table};
use super::{html, not_drawn, write_forms};
use crate::calibrate::{Calibrated, Calibration, CalibrationDocument, Figure, Outcome, Refused, fragment, line};
use crate::documents;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::units::{duration, estimated_duration, longer_than, whole};

/// The name of a key's chart, without its end: keys may hold anything, and files may not.
fn chart_name(index: usize, key: &str) -> String {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    format!("law-{}-{}", index + 1, key.chars().map(plain).take(80).collect::<String>())
}

/// The short form.
pub fn brief(calibration: &Calibration) -> Document {
    document(calibration, &[])
}

/// The page, without the name of its folder.
///
/// # Errors
/// When a chart cannot be drawn or the template fails, which are mistakes of the program.
pub fn page(calibration: &Calibration) -> Result<String, Failure> {
    html::render(&document(calibration, &drawn(calibration)?))
}

/// Writes everything that `--out` keeps; `calibration.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, calibration: &Calibration) -> Result<(), Failure> {
    folder.write("calibrated.toml", |out| out.write_all(fragment(calibration).as_bytes()))?;
    let charts = drawn(calibration)?;
    let pictures = charts.iter().map(|(name, drawn)| (name.as_str(), drawn));
    write_forms(folder, &brief(calibration), pictures, &document(calibration, &charts))?;
    folder.write("calibration.json", |out| documents::write(&CalibrationDocument::from(calibration), out))
}

/// A chart for each key that has a distribution.
fn drawn(calibration: &Calibration) -> Result<Vec<(String, Drawn)>, Failure> {
    let one = |(index, outcome): (usize, &Outcome)| {
        let Outcome::Calibrated(found) = outcome else { return None };
        let name = chart_name(index, &found.key);
        let drawn = Drawn::new(&Chart::Fit(fit(calibration, found))).map_err(|error| not_drawn(&name, &error));
        Some(drawn.map(|drawn| (name, drawn)))
    };
    calibration.outcomes.iter().enumerate().filter_map(one).collect()
}

fn fit(calibration: &Calibration, found: &Calibrated) -> Fit {
    let about = About {
        title: found.key.clone(),
        finding: Some(finding(found)),
        experiment: calibration.experiment.clone(),
        trials: 0,
        seed: None,
        source: Some(format!("mrsim {}", calibration.version)),
        note: Some(format!("from {}", found.from)),
    };
    Fit {
        about,
        law: found.family.to_owned(),
        observations: format!("{} observed", whole(found.values as u64)),
        values: found.values,
        steps: found.curve.steps.clone(),
        stops: found.curve.stops.clone(),
        points: found.curve.law.clone(),
    }
}

/// What a chart says, in a sentence.
fn finding(found: &Calibrated) -> String {
    let median = found.figures.first().map_or(f64::NAN, |figure| figure.value);
    let p95 = found.figures.iter().find(|figure| figure.p > 0.94).map_or(f64::NAN, |figure| figure.value);
    let fit = match found.plausibility {
        Some(it) if it.p < 0.05 => format!("; the {} is not plausible (p = {:.3})", found.family, it.p),
        Some(it) => format!("; the {} is plausible (p = {:.2})", found.family, it.p),
        None => String::new(),
    };
    format!(
        "Median {}, p95 {}, known as well as from {} observations{fit}",
        duration(median),
        duration(p95),
        found.observations
    )
}

fn document(calibration: &Calibration, charts: &[(String, Drawn)]) -> Document {
    let mut section = Section::new("calibrated", "Calibrated figures", "");
    let (found, refused) = (calibration.calibrated().count(), calibration.refused().count());
    let verdict = match (found, refused) {
        (found, 0) => format!("{found} of {found} keys have a distribution."),
        (found, refused) => format!("{found} of {} keys have a distribution.", found + refused),
    };
    section.say(Reach::Everywhere, Manner::Verdict, verdict);
    if found > 0 {
        section.add(Reach::Everywhere, Content::Table(table(calibration)));
        let note = "n counts independent observations. Intervals are of 95 %. Fit is the share of samples of the law that \
                    fit as badly or worse: below 0.05 it is not plausible. Next p99 is what the next one exceeds once in a \
                    hundred times, with all that so few observations leave open.";
        section.say(Reach::Everywhere, Manner::Note, note);
    }
    let mut sections = vec![section];
    for (index, outcome) in calibration.outcomes.iter().enumerate() {
        sections.push(match outcome {
            Outcome::Calibrated(found) => calibrated(index, found, charts),
            Outcome::Refused(refused) => without(refused),
        });
    }
    let lines: Vec<Vec<Span>> = calibration.calibrated().map(|found| vec![Span::Code(line(found))]).collect();
    if !lines.is_empty() {
        let mut section = Section::new("lines", "Lines for the experiment", "Lines");
        let how = "Lines of the experiment: --format toml prints them alone, -o writes the experiment with them.";
        section.say(Reach::Everywhere, Manner::Plain, how);
        section.add(Reach::Page, Content::List { items: lines });
        sections.push(section);
    }
    Document {
        name: calibration.experiment.clone(),
        kind: "calibration",
        description: String::new(),
        settings: format!("calibrated from {}", calibration.list),
        partial: None,
        sections,
        closing: format!("mrsim {}", calibration.version),
        rebuild: Rebuild {
            version: calibration.version.clone(),
            save: "Keep the exports and the list beside the experiment.".to_owned(),
            command: format!("mrsim calibrate EXPERIMENT --from {}", calibration.list),
            yields: "gives the same lines from the same exports",
            seed: "-".to_owned(),
            range: "-".to_owned(),
            files: Vec::new(),
        },
    }
}

fn figure(found: &Calibrated, p: f64) -> Cell {
    let Some(Figure { value, interval, .. }) = found.figures.iter().find(|figure| (figure.p - p).abs() < 1e-9) else {
        return Cell::refused("unknown");
    };
    match interval {
        Some((low, high)) => {
            let interval = sim_core::stats::Interval { estimate: *value, low: *low, high: *high, level: 0.95 };
            Cell::figure(estimated_duration(&interval, &longer_than(f64::INFINITY)))
        }
        None => Cell::words(duration(*value)),
    }
}

fn table(calibration: &Calibration) -> Table {
    let row = |found: &Calibrated| {
        let fit = found.plausibility.map_or_else(|| "-".to_owned(), |it| format!("{:.2}", it.p));
        let next = found.next_p99.map_or_else(|| "-".to_owned(), duration);
        let cells = vec![
            Cell::words(whole(found.observations)),
            figure(found, 0.5),
            figure(found, 0.95),
            figure(found, 0.99),
            Cell::words(next),
            Cell::words(fit),
        ];
        Row::new(&found.key, cells)
    };
    Table {
        head: "Key".to_owned(),
        caption: "Calibrated distributions".to_owned(),
        columns: vec![
            Column::figures("n"),
            Column::figures("p50"),
            Column::figures("p95"),
            Column::figures("p99").spare(),
            Column::figures("next p99").spare(),
            Column::figures("fit").spare(),
        ],
        rows: calibration.calibrated().map(row).collect(),
        ..Table::default()
    }
}

fn points(section: &mut Section, remarks: &[crate::calibrate::Remark]) {
    if !remarks.is_empty() {
        let items = remarks.iter().map(|remark| vec![Span::Plain(format!("{}.", remark.words))]).collect();
        section.add(Reach::Everywhere, Content::List { items });
    }
}

fn calibrated(index: usize, found: &Calibrated, charts: &[(String, Drawn)]) -> Section {
    let mut section = Section::new("key", found.key.clone(), "");
    section.add(Reach::Brief, Content::Heading { text: found.key.clone() });
    section.say(Reach::Everywhere, Manner::Plain, format!("{}.", finding(found)));
    points(&mut section, &found.remarks);
    let name = chart_name(index, &found.key);
    if let Some((_, drawn)) = charts.iter().find(|(known, _)| *known == name) {
        section.show(Picture { svg: drawn.svg.clone(), chart: true, caption: String::new() });
    }
    section
}

fn without(refused: &Refused) -> Section {
    let mut section = Section::new("key", refused.key.clone(), "");
    section.add(Reach::Brief, Content::Heading { text: refused.key.clone() });
    section.say(Reach::Everywhere, Manner::Plain, format!("No distribution: {}.", refused.why));
    if !refused.seen.is_empty() {
        let seen = refused.seen.iter().map(|one| match one {
            Observed::Exact(value) => duration(*value),
            Observed::Above(value) => format!("> {}", duration(*value)),
            Observed::Between(low, high) => format!("{} to {}", duration(*low), duration(*high)),
        });
        let list = seen.collect::<Vec<_>>().join(", ");
        section.say(Reach::Everywhere, Manner::Plain, format!("Observed: {list}."));
    }
    if let Some(guess) = &refused.guess {
        let spans = vec![
            Span::Plain("A guess in its place, which is no measurement: ".to_owned()),
            Span::Code(format!("{} = {{ {}, source = \"assumed\" }}", refused.key, guess.family())),
        ];
        section.add(Reach::Everywhere, Content::Text { manner: Manner::Plain, spans });
    }
    points(&mut section, &refused.remarks);
    section
}
