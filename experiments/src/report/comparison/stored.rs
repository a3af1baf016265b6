//! A comparison that was kept, read back: `comparison.json` says what it is, `trials.csv` and the candidates' files the rest.

use std::fs;
use std::path::Path;

use super::columns;
use crate::compare::{Candidate, Comparison, ComparisonDocument, Figure, Outcomes, singles};
use crate::exit::Failure;
use crate::header::Measured;
use crate::report::sheet::Sheet;
use crate::report::stored::{differs, latencies, replayed};
use crate::run::{Experiment, Open, Overrides};
use crate::table::TrialTable;
use measure::latencies::Latencies;

/// A comparison as its folder holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredComparison {
    /// The results.
    pub comparison: Comparison,
    /// The trials of its candidates.
    pub outcomes: Vec<Outcomes>,
    /// Remarks on the candidates.
    pub warnings: Vec<String>,
    /// The command that runs it again.
    pub command: String,
}

/// Reads the comparison in a folder, and checks that the files and trials in it belong together.
///
/// # Errors
/// When something is missing, is of another comparison, or of a version whose trials come out differently.
pub fn stored<O: Open>(open: &O, folder: &Path) -> Result<StoredComparison, Failure> {
    let path = folder.join("comparison.json");
    let text = fs::read_to_string(&path)
        .map_err(|error| Failure::usage(format!("failed to read `{}`: {error}", path.display())))?;
    let other = |error: String| {
        Failure::usage(format!("`{}` is not the document of a comparison of this version: {error}", path.display()))
            .hint("compare again into a new folder")
    };
    let document: ComparisonDocument = serde_json::from_str(&text).map_err(|error| other(error.to_string()))?;
    let ComparisonDocument { version, candidates: said, trials_asked, complete, warnings, command, .. } = document;
    let figures: Vec<Figure> =
        document.figures.iter().map(|name| Figure::named(name)).collect::<Result<_, _>>().map_err(other)?;
    if said.len() < 2 || figures.is_empty() {
        return Err(other("it compares nothing".to_owned()));
    }
    let asked = (!complete).then_some(trials_asked);
    let path = folder.join("trials.csv");
    let trials =
        Sheet::read(&path).map_err(|error| Failure::usage(format!("failed to read `{}`: {error}", path.display())))?;
    let names: Vec<&str> = said.iter().map(|one| one.name.as_str()).collect();
    let singles = singles(&figures);
    let opened = |index| open.open(&folder.join(super::candidate_file(index)), &Overrides::default());
    let experiments: Vec<Experiment<O::Source>> = (0..said.len()).map(opened).collect::<Result<_, _>>()?;
    let stores: Vec<Vec<String>> =
        experiments.iter().map(|one| Outcomes::judged_stores(&one.header).cloned().collect()).collect();
    if trials.names != columns(&names, &singles, &stores) || trials.values.is_empty() {
        return Err(Failure::usage(format!("`{}` does not hold the trials of {}", path.display(), names.join(", "))));
    }
    let (mut candidates, mut outcomes) = (Vec::new(), Vec::new());
    let mut marks = names.len() * (super::COLUMNS.len() + singles.len());
    let stores = stores.into_iter().map(|stores| {
        let own = (stores, marks);
        marks += own.0.len();
        own
    });
    let stores: Vec<(Vec<String>, usize)> = stores.collect();
    for (index, ((said, experiment), stores)) in said.into_iter().zip(experiments).zip(stores).enumerate() {
        if experiment.header.hash != said.hash {
            return Err(Failure::usage(format!(
                "`{}` is not the experiment that the trials beside it are of",
                folder.join(super::candidate_file(index)).display()
            ))
            .hint("it was changed after the run; compare again into a new folder"));
        }
        let mut own = own_outcomes(&experiment, &trials, index, &singles, stores);
        own.latencies = latencies(&folder.join(super::latency_file(index)))?;
        let again = Outcomes::of(&experiment.header, &first(&experiment, trials.first_trial)?, &singles);
        let same = |one: &[f64], other: &[f64]| one[0] == other[0] || (one[0].is_nan() && other[0].is_nan());
        let alike = own.single.iter().zip(&again.single).all(|pair| match pair {
            ((_, Some(own)), (_, Some(again))) => same(own, again),
            _ => true,
        });
        if !(alike && same(&own.recovery, &again.recovery) && same(&own.loss, &again.loss) && same(&own.up, &again.up))
        {
            return Err(differs(&path, &version, &experiment.header.version));
        }
        outcomes.push(own);
        candidates.push(Candidate { name: said.name, file: said.file, header: experiment.header });
    }
    let comparison = Comparison::new(candidates, &outcomes, &figures, asked);
    Ok(StoredComparison { comparison, outcomes, warnings, command })
}

/// The outcomes of one candidate among the columns of all; the marks of its stores begin at a column of their own.
fn own_outcomes<S>(
    experiment: &Experiment<S>,
    trials: &Sheet,
    candidate: usize,
    singles: &[Measured],
    (stores, first_mark): (Vec<String>, usize),
) -> Outcomes {
    let width = super::COLUMNS.len() + singles.len();
    let column = |figure: usize| trials.at(candidate * width + figure).collect::<Vec<f64>>();
    let header = &experiment.header;
    let single = |(place, measured): (usize, &Measured)| {
        let values = column(super::COLUMNS.len() + place);
        (*measured, (!values.iter().all(|value| value.is_nan())).then_some(values))
    };
    let mark =
        |(place, store): (usize, String)| (store, trials.at(first_mark + place).map(|none| none > 0.0).collect());
    Outcomes {
        recovery: column(0),
        loss: column(1),
        up: column(2),
        watched: column(3),
        horizon: header.horizon,
        stores: !header.stores.is_empty(),
        single: singles.iter().enumerate().map(single).collect(),
        no_writer: stores.into_iter().enumerate().map(mark).collect(),
        latencies: Latencies::default(),
        journeys: header.journeys.clone(),
    }
}

/// A table with one trial, run again.
fn first<S: crate::run::Trials>(experiment: &Experiment<S>, trial: u64) -> Result<TrialTable, Failure> {
    let mut table = TrialTable::new(experiment.source.columns().clone(), trial);
    let (row, outages) = replayed(experiment, trial)?;
    table.append(&row);
    table.append_outages(&outages);
    Ok(table)
}
