//! From the trials of a run to everything that is made of them: figures, files, the verdict, the exit code. `run` and
//! `merge` end here, so that parts that were merged give what one process gives.

use std::num::NonZeroUsize;

use super::args::{Format, Ledger, Sets};
use super::console::Console;
use super::limits::{Need, stopped};
use crate::analyze::{Summary, Verdict};
use crate::documents::FindingDocument;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::header::Header;
use crate::report::run::brief;
use crate::report::{RunReport, json, junit, markdown, shown, write_all};
use crate::run::{Experiment, ProgressBar, Stop, Trials};
use crate::table::TrialTable;
use crate::uncertainty::{Request, cost, default_request, study};
use crate::units::whole;
use crate::unknown::Unknown;

/// How the trials of one experiment are told.
pub(super) struct Outcome<'a, S> {
    pub(super) header: &'a Header,
    pub(super) source: &'a S,
    pub(super) findings: &'a [FindingDocument],
    /// The command that runs the same trials again, from the folder of the files.
    pub(super) command: &'a str,
    /// Where files are kept, if anywhere.
    pub(super) folder: Option<&'a Folder>,
    pub(super) format: Format,
    /// Whether this is one of several experiments.
    pub(super) several: bool,
    pub(super) quiet: bool,
    pub(super) strict: bool,
    /// How many sets of other figures to look at, if the command says so, and how to divide what they show.
    pub(super) sets: Sets,
    pub(super) threads: NonZeroUsize,
}

impl<S: Trials> Outcome<'_, S> {
    /// Writes the files, prints the verdict and returns the exit code. `asked` is the number of trials that were asked
    /// for; if there are fewer, `stop` says why. `shortfall` is what else there is to say about the trials.
    ///
    /// # Errors
    /// When files cannot be written, the result cannot be printed, or is partial.
    pub(super) fn tell(
        &self,
        mut summary: Summary,
        table: &TrialTable,
        asked: Option<u64>,
        shortfall: Option<&str>,
        console: &mut Console<'_>,
        stop: &Stop,
    ) -> Result<Exit, Failure> {
        let Self { header, source, findings, command, folder, .. } = *self;
        // The summary is of all rows or of none.
        if let Some(failure) = table.failure() {
            return Err(Failure::failed(failure));
        }
        if asked.is_none() {
            let unknown = self.unknown(&summary, table, console, stop);
            // The trials are done, whatever becomes of the study: the same command need not run them again.
            if let (Err(_), Some(folder)) = (&unknown, folder) {
                folder.keep();
            }
            summary.unknown = unknown?;
        }
        let summary = &summary;
        let report = RunReport { header, summary, findings, asked, command };
        // Files first: a reader of the verdict may look for them at once. If writing fails, the verdict is still
        // printed.
        let kept = folder.map_or(Ok(()), |folder| {
            write_all(folder, &report, table, source)?;
            if asked.is_some() { folder.stop() } else { folder.finish() }
        });
        match self.format {
            Format::Text => {
                // Who has them as warnings already does not need them twice.
                let findings: &[FindingDocument] = if self.quiet { findings } else { &[] };
                let brief = brief(&RunReport { findings, ..report });
                console.print(shown(&brief, console.width(), folder.map(Folder::path)))?;
            }
            Format::Markdown => console.print(markdown::render(&brief(&report)))?,
            // Of several experiments each has a line, so that programs can tell where one ends.
            Format::Json if self.several => console.data(|out| json::write_line(&report, out))?,
            Format::Json => console.data(|out| json::write(&report, out))?,
            Format::Junit => console.print(junit::suite(&report, self.strict))?,
        }
        if let Some(shortfall) = shortfall.filter(|_| !self.quiet && asked.is_none()) {
            console.note(format_args!("warning: {shortfall}\n"));
        }
        kept?;
        if let Some(asked) = asked {
            let (done, asked) = (whole(summary.trials), whole(asked));
            let how = stopped(stop);
            let failure = Failure::failed(format!("{how} after {done} of {asked} trials; the result is partial"));
            return Err(match folder {
                Some(_) => failure.hint("the same command goes on from there"),
                None => failure,
            });
        }
        Ok(self.exit(summary))
    }

    /// What is not known of the figures, and what it changes: if it is asked for, or if files are kept or a strict verdict rests
    /// on it, and it costs little.
    fn unknown(
        &self,
        summary: &Summary,
        table: &TrialTable,
        console: &mut Console<'_>,
        stop: &Stop,
    ) -> Result<Option<Unknown>, Failure> {
        let Self { header, source, .. } = *self;
        let trials = table.len() as u64;
        let full = self.sets.ledger == Ledger::Full;
        let request = match self.sets.parameters {
            Some(sets) => Some(Request { sets, trials, full }),
            None if self.folder.is_some() || self.strict => default_request(header, trials),
            None => None,
        };
        let Some(request) = request else {
            if self.strict && !self.quiet {
                console.note(format_args!(
                    "note: {} was judged with the figures of the file alone: --parameters says whether a verdict hangs on a guess\n",
                    header.name
                ));
            }
            return Ok(None);
        };
        let cost = cost(source, request, trials);
        if full && !self.quiet {
            let (cost, own) = (whole(cost), whole(trials));
            console.note(format_args!(
                "--ledger full runs {cost} trials more, after {own} with the figures of the file\n"
            ));
        }
        let bar = ProgressBar::new(&format!("{}, other figures", header.name), cost, self.quiet);
        let found = study(source, header, (summary, table), request, self.threads, &|done| bar.show(done), stop)
            .map_err(|error| Failure::failed(format!("`{}` with other figures: {error}", header.name)))?;
        drop(bar);
        if found.is_none() && self.sets.parameters.is_some() {
            if stop.asked() {
                let how = stopped(stop);
                return Err(Failure::failed(format!(
                    "`{}` was {how} before its sets of figures were done",
                    header.name
                )));
            }
            if !self.quiet {
                console.note(format_args!(
                    "note: no figure of {} is a guess or rests on few observations: --parameters changes nothing\n",
                    header.name
                ));
            }
        }
        Ok(found)
    }

    fn exit(&self, summary: &Summary) -> Exit {
        // A gate that cannot judge has not passed.
        let failed = summary.any(Verdict::Missed) || summary.any(Verdict::NotJudged);
        let hangs = summary.unknown.iter().flat_map(|unknown| &unknown.objectives).any(|one| one.condition.is_some());
        let undecided = self.strict && (summary.any(Verdict::Undecided) || hangs);
        if failed || undecided { Exit::Missed } else { Exit::Done }
    }
}

/// What a run is, in the words that tell it from every other: its folder is marked with them while it is filled.
pub(super) fn work(header: &Header, trials: u64, precision: Option<(f64, u64)>, sets: Sets) -> String {
    let precision = precision.map(|(target, most)| format!(", precision {target} up to {most}"));
    let ledger = if sets.ledger == Ledger::Full { " in full" } else { "" };
    let sets = sets.parameters.map(|parameters| format!(", {parameters} sets of figures{ledger}"));
    let [precision, sets] = [precision, sets].map(Option::unwrap_or_default);
    let Header { name, hash, version, .. } = header;
    format!("run of {name} ({hash}, mrsim {version}), {trials} trials{precision}{sets}")
}

/// The command that runs the same trials again, from a folder with `experiment.toml`. That file holds the seed, the
/// number of trials and every change by `--set`.
pub(super) fn command(precision: Option<(f64, u64)>, sets: Sets) -> String {
    let precision = precision.map(|(target, most)| format!(" --precision {target} --max-trials {most}"));
    let ledger = if sets.ledger == Ledger::Full { " --ledger full" } else { "" };
    let sets = sets.parameters.map(|parameters| format!(" --parameters {parameters}{ledger}"));
    let [precision, sets] = [precision, sets].map(Option::unwrap_or_default);
    format!("mrsim run experiment.toml{precision}{sets} --out again")
}

/// The size of a value that is kept of a set, in numbers.
const VALUE: usize = 3;

/// Memory of so many trials of an experiment, and of what sets of other figures leave of them.
pub(super) fn need<S: Trials>(experiment: &Experiment<S>, trials: u64, sets: Sets, folder: bool) -> (String, Need) {
    let columns = experiment.source.columns().len();
    // Of each set the values of each objective stay, and the trials of one set at a time.
    let objectives = experiment.header.objectives.len() + 1;
    let kept = |sets: u64| columns + usize::try_from(sets).unwrap_or(usize::MAX).saturating_mul(VALUE * objectives);
    let columns = columns + sets.parameters.map_or(0, kept);
    // The trials of a set are in memory.
    let disk = folder && sets.parameters.is_none();
    (format!("`{}`", experiment.header.name), Need { trials, columns, disk })
}
