//! `mrsim`: see the command line in [`mrsim::cli`].

use std::io;
use std::path::Path;
use std::process::ExitCode;

use mrsim::exit::Failure;
use mrsim::run::{Experiment, Open, Overrides, Trials};

fn main() -> ExitCode {
    mrsim::cli::main(&Unassembled).into()
}

/// Stands where experiment files meet the models until they do.
struct Unassembled;

impl Open for Unassembled {
    type Source = Nothing;

    fn open(&self, path: &Path, _: &Overrides) -> Result<Experiment<Nothing>, Failure> {
        Err(Failure::failed(format!("failed to open `{}`: the models are not assembled yet", path.display())))
    }

    fn trace(&self, experiment: &Experiment<Nothing>, _: u64, _: &mut dyn io::Write) -> io::Result<()> {
        match experiment.source {}
    }
}

/// No trials at all.
enum Nothing {}

impl Trials for Nothing {
    type Worker = ();

    fn columns(&self) -> Vec<String> {
        match *self {}
    }

    fn worker(&self) {
        match *self {}
    }

    fn run(&self, (): &mut (), _: u64, _: &mut [f64]) {
        match *self {}
    }
}
