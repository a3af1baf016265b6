//! `mrsim run`: open everything, claim the folders, then run one experiment after the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::{Format, RunArguments};
use super::console::Console;
use crate::analyze::{Summary, Verdict};
use crate::exit::{Exit, Failure};
use crate::file::Setting;
use crate::report::out::Folder;
use crate::report::units::whole;
use crate::report::{Report, json, terminal, write_all};
use crate::run::{
    Ended, Experiment, Open, Overrides, Precision, ProgressBar, Run, RunError, Stop, default_threads, run_until,
};

pub(super) fn run<O: Open>(open: &O, arguments: &RunArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    let overrides = arguments.overrides();
    // Everything that can be wrong is found before anything runs: a slip in the last file must not cost the night.
    let experiments = match open_all(open, &arguments.files, &overrides, console) {
        Ok(experiments) => experiments,
        Err(exit) => return exit,
    };
    let folders = match claim(arguments) {
        Ok(folders) => folders,
        Err(failure) => return console.fail(&failure),
    };
    let mut exit = Exit::Done;
    for (index, (path, experiment)) in arguments.files.iter().zip(&experiments).enumerate() {
        if stop.asked() {
            let left: Vec<String> =
                arguments.files[index..].iter().map(|file| format!("`{}`", file.display())).collect();
            return console.fail(&Failure::failed(format!("stopped before {}", left.join(", "))));
        }
        // Nobody reads and nothing is kept: what remains would run for nothing.
        if console.closed() && folders.is_empty() {
            break;
        }
        if index > 0 && arguments.format == Format::Text {
            exit = exit.max(console.print("\n").map_or_else(|failure| failure.exit, |()| Exit::Done));
        }
        let one = One { path, experiment, overrides: &overrides, folder: folders.get(index), arguments };
        exit = exit.max(one.run(console, stop).unwrap_or_else(|failure| console.fail(&failure)));
    }
    exit
}

/// Opens every file, or says what is wrong with all of them.
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

/// The folders of `--out`, one per file, or none.
fn claim(arguments: &RunArguments) -> Result<Vec<Folder>, Failure> {
    let Some(out) = &arguments.out else { return Ok(Vec::new()) };
    if let [_] = arguments.files.as_slice() {
        return Ok(vec![Folder::claim(out)?]);
    }
    let mut owners: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut paths = Vec::new();
    for file in &arguments.files {
        let path = out.join(file.file_stem().unwrap_or(file.as_os_str()));
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
    // The last of them is dropped first if one cannot be had, and with it the folder around all of them.
    paths.iter().map(|path| Folder::claim(path)).collect()
}

/// One experiment of the command line.
struct One<'a, S> {
    path: &'a Path,
    experiment: &'a Experiment<S>,
    overrides: &'a Overrides,
    folder: Option<&'a Folder>,
    arguments: &'a RunArguments,
}

impl<S: crate::run::Trials> One<'_, S> {
    fn run(&self, console: &mut Console<'_>, stop: &Stop) -> Result<Exit, Failure> {
        let header = &self.experiment.header;
        if !self.arguments.more.quiet {
            console.warn(&self.experiment.findings);
        }
        let (run, asked, shortfall) = self.trials(stop).map_err(|error| failed(&error, self.path, self.overrides))?;
        let partial = run.ended == Ended::Stopped;
        if run.table.is_empty() {
            return Err(Failure::failed(format!(
                "`{}` was stopped before its first trials were done; nothing is kept",
                header.name
            )));
        }
        let summary = Summary::new(header, &run.table);
        let report = Report {
            header,
            summary: &summary,
            asked: partial.then_some(asked),
            files: self.folder.map(Folder::path),
            command: &self.command(),
        };
        // Files first: whoever reads the verdict may look for them at once. If they fail the verdict is still told.
        let kept = self.folder.map_or(Ok(()), |folder| write_all(folder, &report, &run.table, &self.experiment.source));
        match self.arguments.format {
            Format::Text => console.print(terminal::verdict(&report))?,
            // Of several experiments each has a line, so that programs can tell where one ends.
            Format::Json if self.arguments.files.len() > 1 => console.data(|out| json::write_line(&report, out))?,
            Format::Json => console.data(|out| json::write(&report, out))?,
        }
        if let Some(shortfall) = shortfall.filter(|_| !self.arguments.more.quiet && !partial) {
            console.note(format_args!("warning: {shortfall}\n"));
        }
        kept?;
        if partial {
            let (done, asked) = (whole(summary.trials), whole(asked));
            return Err(Failure::failed(format!("stopped after {done} of {asked} trials; the result is partial")));
        }
        Ok(self.exit(&summary))
    }

    /// The trials, how many were asked for at most, and in what way they fell short of the precision asked for.
    fn trials(&self, stop: &Stop) -> Result<(Run, u64, Option<String>), RunError> {
        let Experiment { header, trials, source, .. } = self.experiment;
        let asked = if self.arguments.precision.is_some() { self.arguments.max_trials } else { *trials };
        let threads = self.arguments.more.threads.unwrap_or_else(default_threads);
        let bar = ProgressBar::new(&header.name, asked, self.arguments.more.quiet);
        let mut rule = self.arguments.precision.map(|target| Precision::new(header, target));
        let run = run_until(source, 0..asked, threads, &|done| bar.show(done), stop, &mut |table| {
            rule.as_mut().is_some_and(|rule| rule.enough(table))
        })?;
        let shortfall = rule.and_then(|rule| rule.shortfall(&run.table));
        Ok((run, asked, shortfall))
    }

    /// The command that runs the same trials again, from a folder with `experiment.toml`. The seed, the number of trials
    /// and whatever `--set` changed are in that file.
    fn command(&self) -> String {
        let precision = self
            .arguments
            .precision
            .map(|target| format!(" --precision {target} --max-trials {}", self.arguments.max_trials));
        format!("mrsim run experiment.toml{} --out again", precision.unwrap_or_default())
    }

    fn exit(&self, summary: &Summary) -> Exit {
        let undecided = self.arguments.strict && summary.any(Verdict::Undecided);
        if summary.any(Verdict::Missed) || undecided { Exit::Missed } else { Exit::Done }
    }
}

/// A failed run in words; of a failed trial, how to see it again.
pub(super) fn failed(error: &RunError, path: &Path, overrides: &Overrides) -> Failure {
    let failure = Failure::failed(format!("`{}`: {error}", path.display()));
    match error {
        RunError::Trial { trial, .. } => failure.hint(format!(
            "this is a mistake of mrsim, not of the file; replay the trial with `{}`",
            replay(path, overrides, *trial)
        )),
        RunError::Threads(_) => failure.hint("fewer --threads need less memory"),
    }
}

/// The command that replays one trial.
fn replay(path: &Path, overrides: &Overrides, trial: u64) -> String {
    let mut words = vec![format!("mrsim trace {} --trial {trial}", quoted(&path.display().to_string()))];
    words.extend(overrides.seed.map(|seed| format!("--seed {seed}")));
    let varied = overrides.varied.iter().filter_map(|setting| match setting {
        Setting::Varied { key, value, .. } => Some((key, value)),
        Setting::Argument { .. } => None,
    });
    let sets = overrides.sets.iter().map(|(key, value)| (key, value)).chain(varied);
    words.extend(sets.map(|(key, value)| format!("--set {}", quoted(&format!("{key}={value}")))));
    words.extend(overrides.eager.then(|| "--eager".to_owned()));
    words.join(" ")
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./=:,+%@".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
