//! `mrsim run --shard`: a part of the trials into a folder of its own.

use std::path::{Path, PathBuf};

use super::args::RunArguments;
use super::console::Console;
use super::limits::stopped;
use super::run::{failed, folders_of, open_all};
use crate::exit::{Exit, Failure};
use crate::run::{Ended, Experiment, Open, ProgressBar, RunError, Stop, Trials, default_threads, run_into};
use crate::shard::{Asked, Part, Split, open};
use crate::units::whole;

/// The shard of a command line.
///
/// # Errors
/// Why the scheduler's variables do not tell it.
pub(super) fn chosen(asked: Asked) -> Result<Split, Failure> {
    let environment = |name: &str| std::env::var(name).ok();
    asked.shard(&environment).map_err(|why| {
        Failure::usage(format!("--shard auto: {why}"))
            .hint("--shard 3/16 names the shard itself; where only the count is missing, --shard auto/16 gives it")
    })
}

/// Runs the shard of every experiment, one after the other.
pub(super) fn run<O: Open>(
    open: &O,
    asked: Asked,
    arguments: &RunArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Exit {
    let experiments = match open_all(open, &arguments.files, &arguments.overrides(), console) {
        Ok(experiments) => experiments,
        Err(exit) => return exit,
    };
    let parts = match claim(&experiments, asked, arguments, stop) {
        Ok(parts) => parts,
        Err(failure) => return console.fail(&failure),
    };
    let mut exit = Exit::Done;
    for ((file, experiment), part) in arguments.files.iter().zip(&experiments).zip(&parts) {
        if !arguments.more.quiet {
            console.warn(&experiment.findings);
        }
        let told = one(file, experiment, part, arguments, stop);
        exit = exit.max(match told {
            Ok(words) => {
                if !arguments.more.quiet {
                    console.note(words);
                }
                Exit::Done
            }
            Err(failure) => console.fail(&failure),
        });
        if stop.asked() {
            break;
        }
    }
    exit
}

/// The folders, one for each file.
fn claim<S: Trials>(
    experiments: &[Experiment<S>],
    asked: Asked,
    arguments: &RunArguments,
    stop: &Stop,
) -> Result<Vec<Part>, Failure> {
    if let Some(precision) = arguments.precision {
        return Err(Failure::usage(format!(
            "--shard with --precision {precision}: the rule looks at all trials in their order, which no shard has"
        ))
        .hint("say how many trials there are with --trials; one run with --precision tells how many it takes"));
    }
    let split = chosen(asked)?;
    let out = arguments.out.as_deref().ok_or_else(|| {
        Failure::usage("--shard without --out").hint("--out parts/{shard} names the folder of this part")
    })?;
    // Rows go to the file as they come: a shard needs no memory for them.
    arguments.more.limits.begin(stop, [])?;
    let paths: Vec<PathBuf> = folders_of(&arguments.files, &split.placed(out))?;
    paths.iter().zip(experiments).map(|(path, experiment)| open(path, experiment, split, arguments.force)).collect()
}

/// Runs what the part lacks, and says what it holds then.
fn one<S: Trials>(
    file: &Path,
    experiment: &Experiment<S>,
    part: &Part,
    arguments: &RunArguments,
    stop: &Stop,
) -> Result<String, Failure> {
    let (mut log, next) = part.log(experiment)?;
    let manifest = part.manifest();
    let (first, end) = (manifest.first, manifest.end);
    let threads = arguments.more.threads.unwrap_or_else(default_threads);
    let bar = ProgressBar::new(&experiment.header.name, end - first, arguments.more.quiet);
    bar.begin_at(next - first);
    let progress = |done: u64| bar.show(next - first + done);
    let ended = run_into(&experiment.source, next..end, threads, &progress, stop, &mut log)
        .map_err(|error: RunError| failed(&error, file, &arguments.overrides()))?;
    drop(bar);
    let (path, shard) = (part.path().display(), manifest.shard);
    if ended == Ended::Stopped {
        return Err(Failure::failed(format!("{} before all trials of shard {shard} were done", stopped(stop)))
            .hint(format!("`{path}` keeps what is finished; the same command goes on from there")));
    }
    log.finish().map_err(Failure::failed)?;
    let (from, to, of) = (whole(first), whole(end - 1), whole(manifest.trials));
    Ok(format!("shard {shard} of {}: trials {from} to {to} of {of} are in {path}\n", experiment.header.name))
}
