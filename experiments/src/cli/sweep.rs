//! `mrsim sweep`: one experiment with many settings.

use sim_settings::Takes;

use super::args::{SweepArguments, SweepFormat};
use super::console::Console;
use super::limits::{Need, stopped};
use super::run::failed;
use super::shard::chosen;
use crate::describe::{known, taken_by};
use crate::exit::{Exit, Failure};
use crate::experiment::LAYOUT;
use crate::header::Header;
use crate::report::sweep::{SweepReport, document, write_all, write_csv, write_json};
use crate::report::{markdown, shown};
use crate::run::{Experiment, Open, ProgressBar, Stop, Trials as _, default_threads, quoted};
use crate::sweep::{Prepared, Progress, Results, Runner, SweepFolder, prepare};
use crate::units::whole;
use crate::variation::{Axis, Misfit, Plan, SweepSpec, Values};

pub(super) fn sweep<O: Open>(open: &O, arguments: &SweepArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    match attempt(open, arguments, console, stop) {
        Ok(()) => Exit::Done,
        Err(failure) => console.fail(&failure),
    }
}

fn attempt<O: Open>(
    open: &O,
    arguments: &SweepArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<(), Failure> {
    // Every error is found before anything runs.
    let overrides = arguments.overrides();
    let Experiment { header, sweep, source, .. } = open.open(&arguments.file, &overrides)?;
    let prepared = prepare(open, &arguments.file, &overrides, plan(sweep.as_ref(), arguments, header.seed)?)?;
    let trials = prepared.trials.iter().copied().max().unwrap_or(0);
    let need = Need { trials, columns: source.columns().len(), disk: false };
    arguments.more.limits.begin(stop, [(format!("each point of `{}`", header.name), need)])?;
    let shard = arguments.shard.map(chosen).transpose()?;
    let store = match (arguments.out.as_deref(), shard) {
        (Some(out), Some(shard)) => {
            let points = prepared.plan.points.len() as u64;
            if shard.of() > points {
                return Err(Failure::usage(format!("{points} points cannot be cut into {} shards", shard.of())));
            }
            Some(SweepFolder::of_shard(&shard.placed(out), &header, &prepared, shard, arguments.force)?)
        }
        (Some(out), None) => Some(SweepFolder::open(out, &header, &prepared, arguments.force)?),
        (None, _) => None,
    };
    if !arguments.more.quiet {
        for warning in &prepared.warnings {
            console.note(format_args!("warning: {warning}\n"));
        }
    }
    let runner = Runner {
        open,
        path: &arguments.file,
        base: &overrides,
        prepared: &prepared,
        shard,
        store: store.as_ref(),
        threads: arguments.more.threads.unwrap_or_else(default_threads),
        stop,
    };
    let bar = ProgressBar::new(&header.name, runner.trials(), arguments.more.quiet);
    let progress = |progress| match progress {
        Progress::Kept(trials) => bar.begin_at(trials),
        Progress::Done(trials) => bar.show(trials),
    };
    let results = runner.run(&progress, &|error, overrides| failed(error, &arguments.file, overrides))?;
    drop(bar);
    let (done, asked) = (results.done(), runner.asked());
    match (shard, &store) {
        // What the shard says is for who looks after it: the result is that of the merge.
        (Some(shard), Some(store)) if done == asked && !arguments.more.quiet => {
            let (of, path) = (whole(prepared.plan.points.len() as u64), store.folder().path().display());
            let done = whole(done as u64);
            console.note(format_args!("shard {shard} of {}: {done} of {of} points are in {path}\n", header.name));
        }
        (Some(_), _) => {}
        (None, _) => tell(&header, &prepared, &results, store.as_ref(), arguments.format, console)?,
    }
    if done < asked {
        let (done, asked) = (whole(done as u64), whole(asked as u64));
        let failure = Failure::failed(format!("{} after {done} of {asked} points", stopped(stop)));
        return Err(match store {
            Some(_) => failure.hint("the same command goes on from there"),
            None => failure.hint("with --out DIR the same command would go on from there"),
        });
    }
    Ok(())
}

/// Writes the files of a sweep that is done, and prints its report as far as there is one.
pub(super) fn tell(
    base: &Header,
    prepared: &Prepared,
    results: &Results,
    store: Option<&SweepFolder>,
    format: SweepFormat,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    let command = command(&prepared.plan);
    let report = SweepReport { base, prepared, results, command: &command };
    let done = results.done();
    // Tables and charts are written once all points are there: until then the points themselves are the result.
    let kept = match store {
        Some(store) if done == prepared.plan.points.len() => write_all(store.folder(), &report),
        _ => Ok(()),
    };
    if done > 0 {
        let files = store.map(|store| store.folder().path());
        match format {
            SweepFormat::Text => console.print(shown(&document(&report), console.width(), files))?,
            SweepFormat::Markdown => console.print(markdown::render(&document(&report)))?,
            SweepFormat::Csv => console.data(|out| write_csv(&report, out))?,
            SweepFormat::Json => console.data(|out| write_json(&report, out))?,
        }
    }
    kept
}

/// The command that runs the same points again, from a folder with `experiment.toml`, whatever its own table varies.
/// That file holds the seed, the number of trials and every change by `--set`.
fn command(plan: &Plan) -> String {
    let mut words = vec!["mrsim sweep experiment.toml".to_owned()];
    words.extend(plan.axes.iter().map(|axis| {
        let values = match &axis.values {
            Values::Listed(values) => values.join(","),
            Values::Range(range) => range.text.clone(),
        };
        format!("--vary {}", quoted(&format!("{}={values}", axis.key)))
    }));
    words.push(format!("--design {}", plan.design.word()));
    words.extend(plan.drawn().map(|points| format!("--points {points}")));
    words.push("--out again".to_owned());
    words.join(" ")
}

/// The keys to vary and the design, from the command line and, where that gives none, from the file.
fn plan(file: Option<&SweepSpec>, arguments: &SweepArguments, seed: u64) -> Result<Plan, Failure> {
    let axes = match file {
        Some(file) if arguments.vary.is_empty() => &file.axes,
        _ => &arguments.vary,
    };
    // A varied key cannot be fixed as well: the option would win, and the table would lie.
    for (key, fixed) in [("seed", arguments.more.seeded()), ("trials", arguments.has_trials())] {
        if fixed && axes.iter().any(|axis| axis.key == key) {
            return Err(Failure::usage(format!("{key} is varied, and fixed by --{key}")));
        }
    }
    // The key decides whether a range is one of whole numbers, and not how its ends are written.
    let known = known(LAYOUT);
    let axes: Vec<Axis> = axes
        .iter()
        .map(|axis| match taken_by(&axis.key, &known) {
            None | Some(Takes::Count | Takes::Own(_)) => axis.clone(),
            Some(_) => axis.clone().of_numbers(),
        })
        .collect();
    // The file's design belongs to the file's axes.
    let file = file.filter(|_| arguments.vary.is_empty());
    let design = arguments.design.or(file.map(|file| file.design));
    // The file's number of points belongs to the file's design.
    let own = file.filter(|file| design == Some(file.design) || design.is_some_and(crate::variation::Design::samples));
    let points = arguments.points.or(own.and_then(|file| file.points));
    Plan::new(&axes, design, points, seed).map_err(|Misfit { key, found, expected }| {
        let failure = Failure::usage(format!("{found}, expected {expected}"));
        match (key, axes.is_empty()) {
            ("vary", true) => failure.hint("a [sweep] table in the file, or --vary dns.ttl=10s,30s,60s"),
            ("design", _) => failure.hint("--points 64"),
            _ => failure,
        }
    })
}
