//! `mrsim`: see the command line in [`mrsim::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    mrsim::cli::main(&mrsim::experiment::Files).into()
}
