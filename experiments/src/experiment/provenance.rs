//! Where the figures of an experiment come from, as reports tell it.

use sim_settings::{Band, Figure, KeyDefault, Mark, Measure, Provenance, Report, Said, Source, UsedDefault};

use crate::file::value_text;
use crate::header::{AssumedFigure, SourcedFigure};
use crate::units;

/// Every figure that the experiment uses.
pub(super) fn sourced(figures: &[Figure]) -> Vec<SourcedFigure> {
    figures.iter().map(told).collect()
}

fn told(figure: &Figure) -> SourcedFigure {
    let (source, observations) = match &figure.provenance {
        Provenance::Default { source, .. } => (Some((*source).to_owned()), None),
        Provenance::Said(Said { source, from, observations }) => {
            let words = match from {
                Some(from) => format!("{}: {}", source.word(), on_one_line(from)),
                None => source.word().to_owned(),
            };
            (Some(words), *observations)
        }
        Provenance::Unsourced => (None, None),
    };
    SourcedFigure {
        path: figure.path.clone(),
        value: value_of(figure),
        written: figure.written,
        provenance: figure.provenance.word().to_owned(),
        source,
        observations,
        band: figure.provenance.is_assumed().then(|| band(figure)),
    }
}

/// Texts of the file stand in the middle of lines.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The value as one would write it. A default without quotes stays as its key has it.
fn value_of(figure: &Figure) -> String {
    match (figure.written, figure.key.default) {
        (false, KeyDefault::Value { text, .. }) => text.to_owned(),
        _ => value_text(&figure.value),
    }
}

/// The band of a guess in words: that of its key, or the one that every guess of a file has.
fn band(figure: &Figure) -> String {
    match figure.key.band {
        Some(Band { extent, reason }) => format!("{}: {reason}", units::extent(&extent)),
        None if figure.measure == Measure::Share => {
            "from half of it to half of the way to 1: a guess of the file".to_owned()
        }
        None => "from 0.5 to 2 times it: a guess of the file".to_owned(),
    }
}

/// Assumed figures in use, each once: a key that every region takes from the common stack is one figure. First what
/// stands in for keys that are not written, then what the file calls assumed.
pub(super) fn assumed(report: &Report, figures: &[Figure]) -> Vec<AssumedFigure> {
    let mut found: Vec<AssumedFigure> = Vec::new();
    let of =
        |path: &str| figures.iter().find(|figure| figure.path == path || figure.paths.iter().any(|own| own == path));
    for UsedDefault { path, text, source, .. } in
        report.used_defaults().into_iter().filter(|used| used.mark == Mark::Assumed)
    {
        let common = path.strip_prefix("regions.").and_then(|rest| rest.split_once('.')).map(|(_, path)| path);
        let shown = common.unwrap_or(&path).to_owned();
        if found.iter().all(|figure| figure.path != shown) {
            let band = of(&path).map(band);
            found.push(AssumedFigure { path: shown, value: text.to_owned(), source: source.to_owned(), band });
        }
    }
    for figure in figures.iter().filter(|figure| figure.written && figure.provenance.is_assumed()) {
        let source = match &figure.provenance {
            Provenance::Default { source, .. } => (*source).to_owned(),
            Provenance::Said(Said { from: Some(from), .. }) => on_one_line(from),
            Provenance::Said(_) | Provenance::Unsourced => format!("the file says {}", Source::Assumed.word()),
        };
        if found.iter().all(|other| other.path != figure.path) {
            let (path, value) = (figure.path.clone(), value_of(figure));
            found.push(AssumedFigure { path, value, source, band: Some(band(figure)) });
        }
    }
    // The existence of a health check comes before its figures.
    found.sort_by_key(|figure| figure.path != "dns.health-check");
    found
}
