//! Results of an earlier run, read back, and the check that they are those of the experiment beside them.

use std::fs;
use std::path::Path;

use models::cause::CAUSES;
use models::journeys::OVERALL;

use crate::documents::{FindingDocument, RunDocument};
use crate::exit::Failure;
use crate::header::Header;
use crate::report::formula;
use crate::report::sheet::{Sheet, number};
use crate::run::{Batch, Experiment, Trials};
use crate::table::TrialTable;
use crate::units::whole;
use crate::unknown::Unknown;
use measure::latencies::{Latencies, RequestsDocument};
use measure::outage::Outage;
use measure::{Journey, Whole};

/// How long requests took, of a run that was asked for it.
pub(super) const LATENCY: &str = "latency.json";

/// The facts that `summary.json` states about a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The version that ran it.
    pub version: String,
    /// Trials that were asked for, if the run was stopped before.
    pub asked: Option<u64>,
    /// The command that runs the same trials again.
    pub command: String,
    /// What was found in the file.
    pub findings: Vec<FindingDocument>,
    /// What is not known of the figures, if the run looked.
    pub unknown: Option<Unknown>,
    hash: String,
    trials: u64,
}

/// Reads `summary.json` of a results folder.
///
/// # Errors
/// When it does not exist or lacks a key.
pub fn kept(folder: &Path) -> Result<Kept, Failure> {
    let path = folder.join("summary.json");
    let text = fs::read_to_string(&path).map_err(|error| {
        Failure::usage(format!("failed to read `{}`: {error}", path.display()))
            .hint("a folder that `mrsim run FILE --out DIR` has filled has one")
    })?;
    let document: RunDocument = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("`{}` is not the summary of a run: {error}", path.display())))?;
    let RunDocument { version, hash, trials, trials_asked, complete, command, findings, unknown, .. } = document;
    let command = if command.is_empty() { "mrsim run experiment.toml --out again".to_owned() } else { command };
    Ok(Kept { version, hash, command, findings, unknown, asked: (!complete).then_some(trials_asked), trials })
}

/// Reads `trials.csv` of a results folder and checks that it holds the trials of `experiment` as this version runs
/// them: the page replays some of them.
///
/// # Errors
/// When it cannot be read, or is of another experiment or of a version whose trials come out differently.
pub fn trials<S: Trials>(folder: &Path, kept: &Kept, experiment: &Experiment<S>) -> Result<TrialTable, Failure> {
    let path = folder.join("trials.csv");
    if kept.hash != experiment.header.hash {
        return Err(Failure::usage(format!(
            "`{}` is not the experiment that the trials beside it are of",
            folder.join("experiment.toml").display()
        ))
        .hint("it was changed after the run; run it again into a new folder"));
    }
    let failed = |path: &Path, error: String| Failure::usage(format!("failed to read `{}`: {error}", path.display()));
    let sheet = Sheet::read(&path).map_err(|error| failed(&path, error))?;
    let columns = experiment.source.columns();
    columns.matches(&sheet.names).map_err(|mismatch| {
        let differs = differs(&path, &kept.version, &experiment.header.version);
        Failure { message: format!("{}: {mismatch}", differs.message), ..differs }
    })?;
    let mut table = TrialTable::new(columns.clone(), sheet.first_trial);
    table.append(&sheet.values);
    let beside = folder.join("outages.csv");
    table.append_outages(&outages(&beside, &experiment.header).map_err(|error| failed(&beside, error))?);
    table.append_latencies(&latencies(&folder.join(LATENCY))?);
    if table.is_empty() {
        return Err(Failure::usage(format!("`{}` holds no trials", path.display())));
    }
    // A truncated copy has fewer rows, and its figures would be those of the rows that are left.
    let partial = |path: &Path, found: usize, of: &str, expected: u64| {
        let (found, expected) = (whole(found as u64), whole(expected));
        Failure::usage(format!("`{}` holds {found} {of}, and the run had {expected}", path.display()))
            .hint("the file was changed or copied in part; copy the folder once more")
    };
    if table.len() as u64 != kept.trials {
        return Err(partial(&path, table.len(), "trials", kept.trials));
    }
    let journeys = (0..columns.subjects().journeys.len()).flat_map(|place| table.of(measure::OUTAGES, Journey(place)));
    let counted: f64 = journeys.chain(table.of(measure::OVERALL_OUTAGES, Whole)).sum();
    if counted != table.outages_len() as f64 {
        return Err(partial(&beside, table.outages_len(), "outages", counted as u64));
    }
    let (again, _) = replayed(experiment, table.first_trial())?;
    // NaN stands for a figure that did not happen, and a file has no negative zero.
    let same = |one: &f64, other: &f64| one == other || (one.is_nan() && other.is_nan());
    if table.row(0).iter().zip(&again).all(|(one, other)| same(one, other)) {
        Ok(table)
    } else {
        Err(differs(&path, &kept.version, &experiment.header.version))
    }
}

/// How long requests took, as a file says it; nothing where there is none.
pub(super) fn latencies(path: &Path) -> Result<Latencies, Failure> {
    if !path.exists() {
        return Ok(Latencies::default());
    }
    let failed = |error: String| Failure::usage(format!("failed to read `{}`: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let document: RequestsDocument = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    document.read().ok_or_else(|| failed("its numbers do not fit each other".to_owned()))
}

/// Why trials of another version cannot be shown.
pub(super) fn differs(path: &Path, kept: &str, own: &str) -> Failure {
    Failure::usage(format!(
        "the trials of `{}` are of mrsim {kept}, and come out differently with mrsim {own}",
        path.display()
    ))
    .hint("run the experiment again with this version, or use that one")
}

/// One trial, run again: its row and its outages.
pub(super) fn replayed<S: Trials>(experiment: &Experiment<S>, trial: u64) -> Result<(Vec<f64>, Vec<Outage>), Failure> {
    let Batch { rows, outages, .. } = experiment.replayed(trial).map_err(|error| Failure::failed(error.to_string()))?;
    Ok((rows, outages))
}

/// The outages as [`super::csv`] writes them.
fn outages(path: &Path, header: &Header) -> Result<Vec<Outage>, String> {
    let mut reader = csv::ReaderBuilder::new().from_path(path).map_err(|error| error.to_string())?;
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    let expected = super::outages::columns(header);
    if columns.iter().ne(expected.iter().map(String::as_str)) {
        return Err("the columns are not those of outages".to_owned());
    }
    let mut outages = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        let line = record.position().map_or(0, csv::Position::line);
        let unknown = |column: usize| format!("line {line}: unknown {} `{}`", &columns[column], &record[column]);
        let figure = |column: usize| number(&record[column], line, &columns[column]);
        let (fault, fault_start) = (figure(4)?, figure(5)?);
        let mut stages = [0.0; CAUSES + 1];
        for place in 0..stages.len() {
            stages[super::outages::stage(place)] = figure(10 + place)?;
        }
        let name = formula::text(&record[1]);
        let journey = header.journeys.iter().position(|own| *own == name);
        outages.push(Outage {
            trial: record[0].parse().map_err(|_| unknown(0))?,
            journey: if name == OVERALL { None } else { Some(journey.ok_or_else(|| unknown(1))?) },
            start: figure(2)?,
            end: figure(3)?,
            fault: if fault.is_nan() {
                None
            } else {
                Some(((fault as usize).checked_sub(1).ok_or_else(|| unknown(4))?, fault_start))
            },
            recovery: figure(6)?,
            downtime: figure(7)?,
            failed: figure(8)?,
            cause: header.causes.iter().position(|name| *name == record[9]).ok_or_else(|| unknown(9))?,
            stages,
        });
    }
    Ok(outages)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use models::cause::CAUSES;

    use super::outages;
    use crate::run::synthetic::Synthetic;
    use crate::table::TrialTable;
    use measure::outage::Outage;
    use measure::{Columns, Subjects};

    #[test]
    fn outages_are_read_back_to_the_bit() {
        let header = Synthetic::typical().header;
        let whole = Outage {
            trial: 12,
            journey: Some(1),
            start: 0.1 + 0.2,
            end: 1e9 / 3.0,
            fault: Some((2, 0.1)),
            recovery: 1e9 / 7.0,
            downtime: 5.5,
            failed: 1e-3,
            cause: 9,
            stages: std::array::from_fn(|stage| stage as f64 / 3.0),
        };
        let censored = Outage { journey: None, end: f64::INFINITY, recovery: f64::INFINITY, ..whole };
        let mut table = TrialTable::new(Columns::new(Subjects::default()), 0);
        table.append_outages(&[whole, censored]);
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("outages.csv");
        let mut bytes = Vec::new();
        super::super::outages::write(&header, &table, &mut bytes).expect("a vector takes everything");
        fs::write(&path, &bytes).expect("written");
        assert_eq!(outages(&path, &header), Ok(table.outages().collect()));
        // An outage without a fault has NaN, which is not equal to itself, so the bytes are compared.
        let alone = Outage { fault: None, recovery: f64::NAN, stages: [f64::NAN; CAUSES + 1], ..whole };
        table.append_outages(&[alone]);
        let write = |table: &TrialTable| {
            let mut bytes = Vec::new();
            super::super::outages::write(&header, table, &mut bytes).expect("a vector takes everything");
            bytes
        };
        fs::write(&path, write(&table)).expect("written");
        let mut again = TrialTable::new(Columns::new(Subjects::default()), 0);
        again.append_outages(&outages(&path, &header).expect("it is a table"));
        assert_eq!(write(&again), write(&table));
        for (from, to, told) in [
            ("12,checkout", "12,nobody", "line 2: unknown journey `nobody`"),
            (",dependency,", ",bad luck,", "line 2: unknown cause `bad luck`"),
            ("trial,", "what,", "the columns are not those of outages"),
        ] {
            let text = String::from_utf8(bytes.clone()).expect("text").replacen(from, to, 1);
            fs::write(&path, text).expect("written");
            assert_eq!(outages(&path, &header), Err(told.to_owned()));
        }
    }
}
