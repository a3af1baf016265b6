//! `mrsim run`: open everything, claim the folders, then run one experiment after the other.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::args::{Format, RunArguments};
use super::console::Console;
use super::limits::{Need, stopped};
use super::outcome::{Outcome, command, need, work};
use crate::analyze::Summary;
use crate::documents::FindingDocument;
use crate::exit::{Exit, Failure};
use crate::folder::{CHECKPOINT, Folder};
use crate::report::junit;
use crate::report::terminal::{self, Closing};
use crate::run::{
    Ended, Experiment, Gathered, LOOK_EVERY, Open, Overrides, Precision, ProgressBar, Run, RunError, Stop, Trials,
    default_threads, quoted, run_into,
};
use crate::shard::Checkpoint;
use crate::table::TrialTable;

pub(super) fn run<O: Open>(open: &O, arguments: &RunArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    let overrides = arguments.overrides();
    // Every error is found before anything runs: a slip in the last file must not cost the night.
    let experiments = match open_all(open, &arguments.files, &overrides, console) {
        Ok(experiments) => experiments,
        Err(exit) => return exit,
    };
    let limits = &arguments.more.limits;
    let begun = limits.begin(stop, needs(&experiments, arguments)).and_then(|()| claim(&experiments, arguments));
    let folders = match begun {
        Ok(folders) => folders,
        Err(failure) => return console.fail(&failure),
    };
    let junit = arguments.format == Format::Junit;
    let mut exit = if junit { printed(console, junit::BEGIN) } else { Exit::Done };
    let mut ends = Vec::new();
    for (index, (path, experiment)) in arguments.files.iter().zip(&experiments).enumerate() {
        if stop.asked() {
            let left: Vec<String> =
                arguments.files[index..].iter().map(|file| format!("`{}`", file.display())).collect();
            if junit {
                printed(console, junit::END);
            }
            return console.fail(&Failure::failed(format!("{} before {}", stopped(stop), left.join(", "))));
        }
        // The reader has closed the pipe and nothing is kept: the rest would run for nothing.
        if console.closed() && folders.is_empty() {
            break;
        }
        if index > 0 && arguments.format == Format::Text {
            exit = exit.max(printed(console, "\n"));
        }
        let one = One { path, experiment, overrides: &overrides, folder: folders.get(index), arguments };
        let (code, end) = one.run(console, stop);
        exit = exit.max(code);
        ends.push(end);
    }
    if ends.len() > 1 && arguments.format == Format::Text {
        let closing = terminal::closing(&ends, console.width());
        exit = exit.max(printed(console, &closing));
    }
    if junit {
        exit = exit.max(printed(console, junit::END));
    }
    exit
}

/// Prints what stands between experiments.
fn printed(console: &mut Console<'_>, text: &str) -> Exit {
    console.print(text).map_or_else(|failure| failure.exit, |()| Exit::Done)
}

/// Opens every file, or reports what is wrong with all of them.
pub(super) fn open_all<O: Open>(
    open: &O,
    files: &[PathBuf],
    overrides: &Overrides,
    console: &mut Console<'_>,
) -> Result<Vec<Experiment<O::Source>>, Exit> {
    let mut worst = Exit::Done;
    let mut experiments = Vec::new();
    for path in files {
        match open.open(path, overrides) {
            Ok(experiment) => experiments.push(experiment),
            Err(failure) => worst = worst.max(console.fail(&failure)),
        }
    }
    if worst == Exit::Done { Ok(experiments) } else { Err(worst) }
}

/// Memory of each experiment. The number of trials that a precision takes is not known, but it is at least one look.
fn needs<S: Trials>(experiments: &[Experiment<S>], arguments: &RunArguments) -> Vec<(String, Need)> {
    let least = LOOK_EVERY.min(arguments.max_trials);
    let trials = |experiment: &Experiment<S>| if arguments.precision.is_some() { least } else { experiment.trials };
    experiments
        .iter()
        .map(|experiment| need(experiment, trials(experiment), arguments.sets, arguments.out.is_some()))
        .collect()
}

/// The folders of `--out`, one per file, or none.
fn claim<S>(experiments: &[Experiment<S>], arguments: &RunArguments) -> Result<Vec<Folder>, Failure> {
    let Some(out) = &arguments.out else { return Ok(Vec::new()) };
    let one = |(path, experiment): (&PathBuf, &Experiment<S>)| {
        let Experiment { header, trials, .. } = experiment;
        Folder::claim(path, &work(header, *trials, arguments.rule(), arguments.sets), arguments.force)
    };
    // If a folder cannot be claimed, the last one is dropped first, and the folder around all of them with it.
    folders_of(&arguments.files, out)?.iter().zip(experiments).map(one).collect()
}

/// The path of each file's folder: that of `--out`, or, of several files, folders in it.
pub(super) fn folders_of(files: &[PathBuf], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    if files.len() == 1 {
        return Ok(vec![out.to_owned()]);
    }
    let mut owners: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut paths = Vec::new();
    for file in files {
        let path = out.join(folder_name(file));
        if let Some(other) = owners.insert(path.clone(), file) {
            return Err(Failure::usage(format!(
                "`{}` and `{}` would both be written to `{}`",
                other.display(),
                file.display(),
                path.display()
            )));
        }
        paths.push(path);
    }
    Ok(paths)
}

/// The name of a file's folder: the file's name without its ending, unless that is `..`, as of `...toml`, and would
/// lead elsewhere.
fn folder_name(file: &Path) -> &OsStr {
    let name = file.file_name().unwrap_or(OsStr::new("experiment"));
    match file.file_stem().and_then(OsStr::to_str) {
        Some("" | "." | "..") | None => name,
        Some(stem) => OsStr::new(stem),
    }
}

/// One experiment of the command line.
struct One<'a, S> {
    path: &'a Path,
    experiment: &'a Experiment<S>,
    overrides: &'a Overrides,
    folder: Option<&'a Folder>,
    arguments: &'a RunArguments,
}

impl<S: Trials> One<'_, S> {
    /// Runs it and prints the result, in full and as a line of the closing table of several experiments.
    fn run(&self, console: &mut Console<'_>, stop: &Stop) -> (Exit, Closing) {
        let name = self.path.display().to_string();
        let mut end = Closing::failed(&name);
        let told = self.tell(console, stop, &mut |summary| end = Closing::ran(&name, summary));
        (told.unwrap_or_else(|failure| console.fail(&failure)), end)
    }

    fn tell(&self, console: &mut Console<'_>, stop: &Stop, done: &mut dyn FnMut(&Summary)) -> Result<Exit, Failure> {
        let header = &self.experiment.header;
        if !self.arguments.more.quiet {
            console.warn(&self.experiment.findings);
        }
        let (run, asked, shortfall) = self.trials(stop)?;
        let partial = run.ended == Ended::Stopped;
        if run.table.is_empty() {
            return Err(Failure::failed(format!(
                "`{}` was {} before its first trials were done; nothing is kept",
                header.name,
                stopped(stop)
            )));
        }
        let summary = Summary::new(header, &run.table);
        done(&summary);
        let outcome = Outcome {
            header,
            source: &self.experiment.source,
            findings: &FindingDocument::all(&self.experiment.findings),
            command: &command(self.arguments.rule(), self.arguments.sets),
            folder: self.folder,
            format: self.arguments.format,
            several: self.arguments.files.len() > 1,
            quiet: self.arguments.more.quiet,
            strict: self.arguments.strict,
            sets: self.arguments.sets,
            threads: self.arguments.more.threads.unwrap_or_else(default_threads),
        };
        outcome.tell(summary, &run.table, partial.then_some(asked), shortfall.as_deref(), console, stop)
    }

    /// The trials, the most that were asked for, and how they miss the requested precision.
    fn trials(&self, stop: &Stop) -> Result<(Run, u64, Option<String>), Failure> {
        let Experiment { header, trials, source, .. } = self.experiment;
        let asked = if self.arguments.precision.is_some() { self.arguments.max_trials } else { *trials };
        let threads = self.arguments.more.threads.unwrap_or_else(default_threads);
        let mut rule = self.arguments.precision.map(|target| Precision::new(header, target));
        let mut enough = |table: &TrialTable| rule.as_mut().is_some_and(|rule| rule.enough(table));
        let room = self.folder.filter(|_| self.arguments.sets.parameters.is_none());
        let room = room.and_then(|folder| self.arguments.more.limits.room(folder.path(), header.recurring));
        let gathered = Gathered::new(TrialTable::new(source.columns().clone(), 0), &mut enough).within(room);
        let mut kept = match self.folder {
            Some(folder) => {
                let work = work(header, *trials, self.arguments.rule(), self.arguments.sets);
                Checkpoint::open(&folder.growing(CHECKPOINT)?, &work, self.experiment, gathered)?
            }
            None => Checkpoint::none(gathered),
        };
        let (before, is_enough) = kept.so_far();
        let bar = ProgressBar::new(&header.name, asked, self.arguments.more.quiet);
        bar.begin_at(before);
        let ended = if is_enough {
            Ended::Enough
        } else {
            run_into(source, before..asked, threads, &|done| bar.show(before + done), stop, &mut kept).map_err(
                |error| {
                    if let (RunError::Kept(_), Some(folder)) = (&error, self.folder) {
                        folder.keep();
                    }
                    failed(&error, self.path, self.overrides)
                },
            )?
        };
        drop(bar);
        let table = kept.gathered().into_table();
        let shortfall = rule.and_then(|rule| rule.shortfall(&table));
        Ok((Run { table, ended }, asked, shortfall))
    }
}

/// A failed run in words; for a failed trial also the command that shows it again.
pub(super) fn failed(error: &RunError, path: &Path, overrides: &Overrides) -> Failure {
    let failure = Failure::failed(format!("`{}`: {error}", path.display()));
    match error {
        RunError::Trial { trial, .. } => failure.hint(format!(
            "this is a mistake of mrsim, not of the file; replay the trial with `{}`",
            replay(path, overrides, *trial)
        )),
        RunError::Figures(_) => {
            failure.hint("this is a mistake of mrsim, not of the file: without --parameters it runs")
        }
        RunError::Threads(_) => failure.hint("fewer --threads need less memory"),
        RunError::Kept(message) => {
            Failure::failed(message.clone()).hint("what was finished is kept; the same command goes on from there")
        }
    }
}

/// The command that replays one trial.
fn replay(path: &Path, overrides: &Overrides, trial: u64) -> String {
    format!("mrsim trace {} --trial {trial}{}", quoted(&path.display().to_string()), overrides.options())
}
