//! `mrsim report`: the page of results that are there already.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;

use super::console::Console;
use super::help;
use crate::analyze::Summary;
use crate::exit::{Exit, Failure};
use crate::report::out::write_new;
use crate::report::{Report, page_of, stored};
use crate::run::{Experiment, Open, Overrides};

#[derive(Debug, Args)]
#[command(after_help = help::REPORT)]
pub(super) struct ReportArguments {
    /// A folder that `mrsim run FILE --out DIR` has filled
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where to write the page, `-` for standard output; DIR/report.html by default. A file that is there is left alone
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn report<O: Open>(open: &O, arguments: &ReportArguments, console: &mut Console<'_>) -> Exit {
    attempt(open, arguments, console).map_or_else(|failure| console.fail(&failure), |()| Exit::Done)
}

/// Why a folder is none that `mrsim run` has filled, if that shows at once.
fn no_run(folder: &Path) -> Option<Failure> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Some(
            Failure::usage(format!("there is no folder `{shown}`")).hint("`mrsim run FILE --out DIR` fills one"),
        );
    }
    let has = |name: &str| folder.join(name).is_file();
    let (what, read) = match () {
        () if has("summary.json") => return None,
        () if has("comparison.json") => {
            ("a comparison", "report.md and report.txt are its report, the charts beside them")
        }
        () if has("sweep.json") => ("a sweep", "report.txt and sweep.csv are its report, the charts beside them"),
        () if has("manifest.json") => ("a part of a sweep", "the same `mrsim sweep` command goes on with it"),
        () => return None,
    };
    let message = format!("`{shown}` holds {what}, and the page is one of a run");
    Some(Failure::usage(message).hint(read))
}

fn attempt<O: Open>(open: &O, arguments: &ReportArguments, console: &mut Console<'_>) -> Result<(), Failure> {
    let folder = &arguments.folder;
    no_run(folder).map_or(Ok(()), Err)?;
    let kept = stored::kept(folder)?;
    let experiment = open.open(&folder.join("experiment.toml"), &Overrides::default())?;
    let table = stored::trials(folder, &kept, &experiment)?;
    let Experiment { header, source, .. } = &experiment;
    let summary = Summary::new(header, &table)
        .map_err(|missing| Failure::failed(format!("failed to summarise `{}`: {missing}", header.name)))?;
    let report = Report { header, summary: &summary, asked: kept.asked, files: None, command: &kept.command };
    let page = page_of(&report, &table, source)?;
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
