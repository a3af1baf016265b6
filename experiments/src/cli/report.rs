//! `mrsim report`: the page of existing results.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;

use super::console::Console;
use super::help;
use crate::analyze::Summary;
use crate::exit::{Exit, Failure};
use crate::folder::{PART, UNFINISHED, write_new};
use crate::report::{RunReport, comparison, page_of, stored, sweep};
use crate::run::{Experiment, Open, Overrides};
use crate::sweep::{StoredSweep, stored as stored_sweep};

#[derive(Debug, Args)]
#[command(after_help = help::REPORT)]
pub(super) struct ReportArguments {
    /// A folder that `mrsim run`, `compare` or `sweep` has filled with --out DIR
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The file to write, `-` for standard output; DIR/report.html by default. An existing file is left alone
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn report<O: Open>(open: &O, arguments: &ReportArguments, console: &mut Console<'_>) -> Exit {
    attempt(open, arguments, console).map_or_else(|failure| console.fail(&failure), |()| Exit::Done)
}

/// The kind of results in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Run,
    Comparison,
    Sweep,
}

/// Recognises the results in a folder; an error says why it has no page.
fn kind_of(folder: &Path) -> Result<Kind, Failure> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(
            Failure::usage(format!("there is no folder `{shown}`")).hint("`mrsim run FILE --out DIR` fills one")
        );
    }
    let has = |name: &str| folder.join(name).is_file();
    if has(UNFINISHED) {
        return Err(Failure::usage(format!(
            "`{shown}` holds a part of results, which are being written or never were"
        ))
        .hint(format!("its {UNFINISHED} says of which; the same command goes on with it")));
    }
    // Each command writes this file last.
    let found = [("summary.json", Kind::Run), ("comparison.json", Kind::Comparison), ("sweep.json", Kind::Sweep)];
    match found.into_iter().find(|(name, _)| has(name)) {
        Some((_, kind)) => Ok(kind),
        None if has("advice.json") || has("solution.json") => Err(Failure::usage(format!(
            "`{shown}` holds advice or a solution, which keep no trials to draw a page from"
        ))
        .hint("its report.html is the page; the same command writes it again")),
        None if has("manifest.json") => {
            Err(Failure::usage(format!("`{shown}` holds a part of a sweep, and has no page yet"))
                .hint("the same `mrsim sweep` command goes on with it"))
        }
        None if has(PART) => Err(Failure::usage(format!("`{shown}` holds the part of a shard, and has no page"))
            .hint("`mrsim merge` makes one of all parts")),
        // The reader of the results reports a missing file.
        None => Ok(Kind::Run),
    }
}

fn page<O: Open>(open: &O, folder: &Path) -> Result<String, Failure> {
    match kind_of(folder)? {
        Kind::Run => of_run(open, folder),
        Kind::Comparison => {
            let comparison::StoredComparison { comparison, outcomes, warnings, command } =
                comparison::stored(open, folder)?;
            comparison::page_of(&comparison::ComparisonReport {
                comparison: &comparison,
                outcomes: &outcomes,
                warnings: &warnings,
                command: &command,
            })
        }
        Kind::Sweep => of_sweep(open, folder),
    }
}

fn of_run<O: Open>(open: &O, folder: &Path) -> Result<String, Failure> {
    let kept = stored::kept(folder)?;
    let experiment = open.open(&folder.join("experiment.toml"), &Overrides::default())?;
    let table = stored::trials(folder, &kept, &experiment)?;
    let Experiment { header, source, .. } = &experiment;
    let summary = Summary { unknown: kept.unknown.clone(), ..Summary::new(header, &table) };
    let report =
        RunReport { header, summary: &summary, findings: &kept.findings, asked: kept.asked, command: &kept.command };
    page_of(&report, &table, source)
}

fn of_sweep<O: Open>(open: &O, folder: &Path) -> Result<String, Failure> {
    let StoredSweep { prepared, results, command, hash, version } = stored_sweep(folder)?;
    let path = folder.join("experiment.toml");
    let Experiment { header, .. } = open.open(&path, &Overrides::default())?;
    if header.hash != hash {
        return Err(Failure::usage(format!(
            "`{}` is not the experiment that the points beside it are of",
            path.display()
        ))
        .hint("it was changed after the sweep; run it again into a new folder"));
    }
    // Points keep no trials: this version cannot check that it gets the same figures.
    if header.version != version {
        return Err(Failure::usage(format!(
            "the points of `{}` are of mrsim {version}, and this is {}",
            folder.display(),
            header.version
        ))
        .hint("run the sweep again with this version, or use that one"));
    }
    let report = sweep::SweepReport { base: &header, prepared: &prepared, results: &results, command: &command };
    sweep::page_of(&report)
}

fn attempt<O: Open>(open: &O, arguments: &ReportArguments, console: &mut Console<'_>) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let page = page(open, folder)?;
    let path = match &arguments.out {
        Some(path) if path == Path::new("-") => return console.print(page),
        Some(path) => path.clone(),
        None => folder.join("report.html"),
    };
    let shown = path.display();
    write_new(&path, |out| out.write_all(page.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!("`{shown}` is there already"))
            .hint("nothing is ever overwritten: name another file with -o"),
        _ => Failure::failed(format!("failed to write `{shown}`: {error}")),
    })?;
    console.note(format_args!("wrote {shown}\n"));
    Ok(())
}
