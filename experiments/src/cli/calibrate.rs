//! `mrsim calibrate`: measurements into distributions, and the commands that fetch what is missing.

use std::path::Path;

use sim_settings::Takes;

use super::args::{CalibrateArguments, CalibrationFormat};
use super::console::Console;
use crate::calibrate::{
    Calibration, CalibrationDocument, Spec, calibrate as calibrated, fragment, plan, read, written_into,
};
use crate::describe::{known, taken_by};
use crate::documents::{self, RunDocument};
use crate::exit::{Exit, Failure};
use crate::experiment::LAYOUT;
use crate::folder::{Folder, write_new};
use crate::report::{calibration, markdown, shown};
use crate::run::{Experiment, Open};
use crate::unknown::Unknown;

pub(super) fn calibrate<O: Open>(open: &O, arguments: &CalibrateArguments, console: &mut Console<'_>) -> Exit {
    let overrides = arguments.changes.alone();
    let outcome = open.open(&arguments.file, &overrides).and_then(|experiment| {
        if let Some(list) = &arguments.from {
            from_list(open, &experiment, list, arguments, console)
        } else {
            let unknown =
                arguments.ledger.as_deref().map(|path| ledger(path, &experiment.header.hash, console)).transpose()?;
            console.print(plan::script(&plan::plan(&experiment.header, unknown.as_ref()))).map(|()| Exit::Done)
        }
    });
    outcome.unwrap_or_else(|failure| console.fail(&failure))
}

/// What a run with many sets of figures has found out about them.
fn ledger(path: &Path, hash: &str, console: &mut Console<'_>) -> Result<Unknown, Failure> {
    let name = path.display().to_string();
    let text = read::text_of(path, &name)?;
    let document: RunDocument = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{name}: found no results of a run ({error}), expected its summary.json"))
    })?;
    if document.hash != hash {
        console.note(format_args!("warning: {name} is of another file, or of another state of this one\n"));
    }
    document.unknown.ok_or_else(|| {
        Failure::usage(format!("{name}: the run did not vary its figures, so it has no ledger"))
            .hint("mrsim run FILE --parameters 50 --out DIR keeps one")
    })
}

fn from_list<O: Open>(
    open: &O,
    experiment: &Experiment<O::Source>,
    list: &Path,
    arguments: &CalibrateArguments,
    console: &mut Console<'_>,
) -> Result<Exit, Failure> {
    let keys = known(LAYOUT);
    let takes = |path: &str| match taken_by(path, &keys) {
        Some(taken) if is_delay(taken) => Ok(()),
        Some(_) => Err("a key that takes a distribution of durations; this one takes something else".to_owned()),
        None => Err("a key of experiment files, as `mrsim explain` lists them".to_owned()),
    };
    let text = read::text_of(list, &list.display().to_string())?;
    let spec = Spec::read(list, &text, &takes)?;
    let outcomes = calibrated(&spec, arguments.accept_coarse)?;
    let header = &experiment.header;
    let found = Calibration {
        experiment: header.name.clone(),
        version: header.version.clone(),
        list: spec.name.clone(),
        outcomes,
    };
    // The experiment itself says whether it has these keys and what they take.
    let mut overrides = arguments.changes.alone();
    overrides.sets.extend(found.calibrated().map(|one| (one.key.clone(), one.written.value())));
    open.open(&arguments.file, &overrides)?;
    let written = arguments.write.as_deref().map(|path| prepared(path, &arguments.file, &found)).transpose()?;
    let work = format!("calibration of {} from {}", header.name, spec.name);
    let folder = arguments.out.as_deref().map(|out| Folder::claim(out, &work, arguments.force)).transpose()?;
    let kept =
        folder.as_ref().map_or(Ok(()), |folder| calibration::write_all(folder, &found).and_then(|()| folder.finish()));
    match arguments.format {
        CalibrationFormat::Text => {
            console.print(shown(&calibration::brief(&found), console.width(), folder.as_ref().map(Folder::path)))?;
        }
        CalibrationFormat::Markdown => console.print(markdown::render(&calibration::brief(&found)))?,
        CalibrationFormat::Toml => console.print(fragment(&found))?,
        CalibrationFormat::Json => console.data(|out| documents::write(&CalibrationDocument::from(&found), out))?,
    }
    kept?;
    if let Some((path, text)) = written {
        keep(path, &text)?;
        console.note(format_args!("wrote {0}\nnext: mrsim check {0}\n", path.display()));
    }
    Ok(if found.refused().next().is_some() { Exit::Missed } else { Exit::Done })
}

/// The text of the experiment with the calibrated values, before anything is printed or written.
fn prepared<'a>(path: &'a Path, file: &Path, found: &Calibration) -> Result<(&'a Path, String), Failure> {
    let text = read::text_of(file, &file.display().to_string())?;
    let text = written_into(&text, found.calibrated()).map_err(|why| {
        Failure::usage(format!("cannot write {}: {why}", path.display()))
            .hint("calibrate the file that has the list, or take the line with --set")
    })?;
    Ok((path, text))
}

fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    write_new(path, |out| out.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::usage(format!("`{}` is there already", path.display()))
            .hint("nothing is ever overwritten: name another file with -o"),
        _ => Failure::failed(format!("failed to write `{}`: {error}", path.display())),
    })
}

/// Whether a key takes durations that may vary.
fn is_delay(takes: &Takes) -> bool {
    match takes {
        Takes::Delay | Takes::DelayOr(_) => true,
        Takes::Either(one, other) => is_delay(one) || is_delay(other),
        _ => false,
    }
}
