//! `mrsim compare`: several experiments under one seed, each against the first.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::CompareArguments;
use super::console::Console;
use super::limits::{Need, stopped};
use super::run::{failed, open_all};
use crate::compare::{Candidate, Comparison, Figure, Gate, OUTCOMES, TURNS, figures, run_all, singles};
use crate::exit::{Exit, Failure};
use crate::finding::Finding;
use crate::folder::Folder;
use crate::header::Indicator;
use crate::report::comparison::{ComparisonReport, candidate_file, document, write_all, write_json};
use crate::run::{Experiment, Open, Overrides, ProgressBar, Stop, Trials, default_threads};
use crate::units::whole;

pub(super) fn compare<O: Open>(open: &O, arguments: &CompareArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    // Every error is found before anything runs.
    let experiments = match open_alike(open, arguments, console) {
        Ok(experiments) => experiments,
        Err(exit) => return exit,
    };
    attempt(&experiments, arguments, console, stop).unwrap_or_else(|failure| console.fail(&failure))
}

/// Opens all files under the seed and with the number of trials of the first, unless the command line gives others.
fn open_alike<O: Open>(
    open: &O,
    arguments: &CompareArguments,
    console: &mut Console<'_>,
) -> Result<Vec<Experiment<O::Source>>, Exit> {
    let overrides = arguments.overrides();
    let mut all = open_all(open, &arguments.files, &overrides, console)?;
    let (seed, trials) = (all[0].header.seed, all[0].trials);
    for (experiment, file) in all.iter().zip(&arguments.files).filter(|_| !arguments.more.quiet) {
        let own = [("seed", experiment.header.seed, seed), ("trials", experiment.trials, trials)];
        for (key, own, common) in own.into_iter().filter(|(_, own, common)| own != common) {
            let remark = format!("{key} = {own} is not used: all candidates have that of the first file, {common}");
            console.note(format_args!("warning: {}: {remark}\n", file.display()));
        }
    }
    let common = Overrides { seed: Some(seed), trials: Some(trials), ..overrides };
    for (experiment, file) in all.iter_mut().zip(&arguments.files) {
        // A file that agrees stays as it is, and so does its hash.
        if (experiment.header.seed, experiment.trials) != (seed, trials) {
            *experiment = open.open(file, &common).map_err(|failure| console.fail(&failure))?;
        }
    }
    Ok(all)
}

fn attempt<S: crate::run::Trials>(
    experiments: &[Experiment<S>],
    arguments: &CompareArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<Exit, Failure> {
    let asked = experiments[0].trials;
    // If no trials could satisfy the gate, the user should know it before they run.
    for figure in &arguments.fail_if_worse {
        if let Some(needed) = figure.needs().filter(|needed| *needed > asked) {
            return Err(Failure::failed(format!(
                "{} cannot be held against the baseline: it takes {} trials, and there are {}",
                figure.name(),
                whole(needed),
                whole(asked)
            ))
            .hint(format!("--trials {needed}, or more")));
        }
    }
    arguments.more.limits.begin(stop, needs(experiments, asked))?;
    let work = work(experiments, asked);
    let folder = arguments.answer.folder(&work)?;
    let warnings = remarks(experiments, &arguments.files);
    for warning in warnings.iter().filter(|_| !arguments.more.quiet) {
        console.note(format_args!("warning: {warning}\n"));
    }
    let threads = arguments.more.threads.unwrap_or_else(default_threads);
    let sources: Vec<_> = experiments.iter().map(|experiment| (&experiment.header, &experiment.source)).collect();
    let bar = ProgressBar::new("compare", asked * sources.len() as u64, arguments.more.quiet);
    let objectives = experiments.iter().flat_map(|experiment| &experiment.header.objectives);
    let availabilities = experiments.iter().flat_map(|experiment| experiment.header.availabilities());
    let stores = experiments.iter().any(|experiment| !experiment.header.stores.is_empty());
    let uptime = |header: &crate::header::Header| header.recurring || header.availability.is_some();
    let uptime = experiments.iter().any(|experiment| uptime(&experiment.header));
    let figures = figures(objectives, availabilities.map(|(of, _)| of), &arguments.fail_if_worse, stores, uptime);
    let outcomes = run_all(&sources, &singles(&figures), asked, threads, &|done| bar.show(done), stop)
        .map_err(|(index, error)| failed(&error, &arguments.files[index], &arguments.overrides()))?;
    drop(bar);
    let trials = outcomes[0].recovery.len() as u64;
    if trials == 0 {
        let how = stopped(stop);
        return Err(Failure::failed(format!(
            "{how} before the first trials of all candidates were done; nothing is kept"
        )));
    }
    let partial = (trials < asked).then_some(asked);
    let comparison = Comparison::new(candidates(experiments, &arguments.files), &outcomes, &figures, partial);
    let report = ComparisonReport {
        comparison: &comparison,
        outcomes: &outcomes,
        warnings: &warnings,
        command: &command(experiments.len(), &arguments.fail_if_worse),
    };
    let keep = |folder: &Folder| write_all(folder, &report);
    let answer = if arguments.markdown { &arguments.answer.in_markdown() } else { &arguments.answer };
    let kept = answer.give(console, folder.as_ref(), keep, || document(&report), |out| write_json(&report, out));
    kept?;
    if partial.is_some() {
        let (done, asked) = (whole(trials), whole(asked));
        let how = stopped(stop);
        return Err(Failure::failed(format!("{how} after {done} of {asked} trials; the result is partial")));
    }
    Ok(gates(&comparison, arguments, console))
}

/// How an unfinished folder names its work.
fn work<S>(experiments: &[Experiment<S>], trials: u64) -> String {
    let candidates: Vec<String> = experiments
        .iter()
        .map(|Experiment { header, .. }| format!("{} ({}, mrsim {})", header.name, header.hash, header.version))
        .collect();
    format!("comparison of {}, {trials} trials", candidates.join(" and "))
}

/// Memory of the candidates: a few figures of every trial each, and all figures of one turn of one candidate.
fn needs<S: Trials>(experiments: &[Experiment<S>], trials: u64) -> [(String, Need); 2] {
    let widest = experiments.iter().map(|experiment| experiment.source.columns().len()).max().unwrap_or(0);
    let kept = Need { trials, columns: OUTCOMES * experiments.len(), disk: false };
    let turn = Need { trials: trials.div_ceil(TURNS), columns: widest, disk: false };
    [("the comparison".to_owned(), kept), ("a part of the comparison".to_owned(), turn)]
}

/// The command that runs the same trials again, from a folder with the candidates' files. These files hold the seed,
/// the number of trials and every change by `--set`.
fn command(candidates: usize, gates: &[Figure]) -> String {
    let files: Vec<String> = (0..candidates).map(candidate_file).collect();
    let gates: Vec<String> = gates.iter().map(|figure| format!(" --fail-if-worse {}", figure.name())).collect();
    format!("mrsim compare {}{} --out again", files.join(" "), gates.concat())
}

/// Remarks about the candidates, each once with the files that it is about; a remark about all of them has no names.
fn remarks<S>(experiments: &[Experiment<S>], files: &[PathBuf]) -> Vec<String> {
    let mut remarks: Vec<(String, Vec<String>)> = Vec::new();
    for (experiment, file) in experiments.iter().zip(files) {
        for words in experiment.findings.iter().map(Finding::words) {
            let file = file.display().to_string();
            match remarks.iter_mut().find(|(known, _)| *known == words) {
                Some((_, about)) => about.push(file),
                None => remarks.push((words, vec![file])),
            }
        }
    }
    let said = |(remark, about): (String, Vec<String>)| {
        if about.len() == files.len() { remark } else { format!("{}: {remark}", about.join(", ")) }
    };
    remarks.into_iter().map(said).collect()
}

/// The candidates under unique names: the experiment's name, or the file's where experiments share one.
fn candidates<S>(experiments: &[Experiment<S>], files: &[PathBuf]) -> Vec<Candidate> {
    let alike = |name: &str| experiments.iter().filter(|experiment| experiment.header.name == name).count() > 1;
    let mut taken = BTreeSet::new();
    let named = |(experiment, file): (&Experiment<S>, &PathBuf)| {
        let own = &experiment.header.name;
        let stem = |file: &Path| file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let name = if alike(own) { stem(file) } else { own.clone() };
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        Candidate {
            name: free.expect("there is no end of numbers"),
            file: file.display().to_string(),
            header: experiment.header.clone(),
        }
    };
    experiments.iter().zip(files).map(named).collect()
}

/// The outcome of `--fail-if-worse` in words, and the exit code.
fn gates(comparison: &Comparison, arguments: &CompareArguments, console: &mut Console<'_>) -> Exit {
    let mut exit = Exit::Done;
    for figure in &arguments.fail_if_worse {
        let base = &comparison.candidates[0].name;
        for (name, gate) in comparison.gate(*figure) {
            match gate {
                Gate::Passed => {}
                Gate::Worse => {
                    exit = exit.max(Exit::Missed);
                    let where_to = if figure.indicator == Indicator::Availability { "below" } else { "above" };
                    console.note(format_args!("worse: {} of {name} is {where_to} that of {base}\n", figure.name()));
                }
                // A gate that cannot judge has not passed.
                Gate::Unknown(refusal) => {
                    let reason = refusal.map_or_else(
                        || "too many trials of both are not back when they end".to_owned(),
                        |it| it.to_string(),
                    );
                    let failure =
                        Failure::failed(format!("{} of {name} cannot be held against {base}: {reason}", figure.name()));
                    let hint = "a longer horizon lets more trials come back; a lower quantile needs fewer of them";
                    exit = exit.max(console.fail(&failure.hint(hint)));
                }
            }
        }
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::candidates;
    use crate::run::Experiment;
    use crate::run::synthetic::Synthetic;

    #[test]
    fn candidates_have_names_of_their_own() {
        let experiment = |name: &str| {
            let mut source = Synthetic::typical();
            source.header.name = name.to_owned();
            Experiment {
                header: source.header.clone(),
                trials: 1,
                findings: Vec::new(),
                notes: Vec::new(),
                sweep: None,
                solve: None,
                source,
            }
        };
        let experiments = ["same", "other", "same", "same"].map(experiment);
        let files = ["a.toml", "b.toml", "dir/c.toml", "a.toml"].map(Into::into);
        let names: Vec<String> = candidates(&experiments, &files).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["a", "other", "c", "a (2)"]);
    }
}
