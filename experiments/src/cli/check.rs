//! `mrsim check`: what the file says, without running it.

use std::fmt::Write as _;
use std::path::Path;

use super::args::CheckArguments;
use super::console::Console;
use crate::exit::Exit;
use crate::header::Header;
use crate::report::units::{chosen_duration, whole};
use crate::run::Open;
use crate::sweep::SweepSpec;

pub(super) fn check<O: Open>(open: &O, arguments: &CheckArguments, console: &mut Console<'_>) -> Exit {
    let overrides = arguments.overrides();
    let mut exit = Exit::Done;
    for path in &arguments.files {
        let outcome = open.open(path, &overrides).and_then(|experiment| {
            for warning in &experiment.warnings {
                console.warn((arguments.files.len() > 1).then_some(path), warning);
            }
            console.print(description(path, &experiment.header, experiment.trials, experiment.sweep.as_ref()))
        });
        exit = exit.max(outcome.map_or_else(|failure| console.fail(&failure), |()| Exit::Done));
    }
    exit
}

fn description(path: &Path, header: &Header, trials: u64, sweep: Option<&SweepSpec>) -> String {
    let mut text = format!("{}: valid\n  {}\n", path.display(), header.name);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<12}{value}");
        }
    };
    line("about", header.description.clone());
    line(
        "runs",
        format!("{} trials, seed {}, horizon {}", whole(trials), header.seed, chosen_duration(header.horizon)),
    );
    line("up when", format!("{} % of requests succeed", (header.up_when * 1e8).round() / 1e6));
    for (kind, sentence) in header.overview.lines() {
        line(kind, sentence);
    }
    for fault in &header.overview.faults {
        line("fault", fault.sentence());
    }
    for objective in &header.objectives {
        line("objective", format!("{} <= {}", objective.name(), chosen_duration(objective.limit)));
    }
    if let Some(sweep) = sweep {
        line("sweep", sweep.to_string());
    }
    line("hash", header.hash.clone());
    for figure in &header.assumed {
        line("assumed", format!("{} = {}  ({})", figure.path, figure.value, figure.source));
    }
    text
}
