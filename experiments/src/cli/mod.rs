//! The command line: commands, and the streams that their output goes to.
//!
//! Data go to stdout, everything else to stderr. [`Open`] knows what an experiment file means; the command line opens,
//! runs, reports and chooses the exit code.

mod advise;
mod alike;
mod answer;
mod args;
mod calibrate;
mod check;
mod compare;
mod console;
mod describe;
mod drill;
mod help;
mod import;
mod init;
mod limits;
mod manual;
mod merge;
mod outcome;
mod rare;
mod report;
mod run;
mod shard;
mod solve;
mod sweep;
#[cfg(test)]
mod tests;
mod trace;
mod values;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::io::Write as _;

use clap::{CommandFactory as _, Parser as _};

use crate::exit::Exit;
use crate::report::terminal::width;
use crate::run::{Open, Stop, fail_beyond_the_limit, keep_trial_panics_quiet};
use args::{Arguments, Command};
use console::Console;

/// The whole program: reads the arguments, runs the command on the streams of the process, and returns how it ended.
pub fn main<O: Open>(open: &O) -> Exit {
    keep_trial_panics_quiet();
    fail_beyond_the_limit();
    let stop = Stop::new();
    let mut out = anstream::stdout().lock();
    let mut err = anstream::stderr();
    let columns = std::env::var("COLUMNS").ok();
    let folds = columns.is_some() || std::io::stdout().is_terminal();
    let mut console = Console::new(&mut out, &mut err).with_width(width(columns.as_deref())).folding(folds);
    execute(open, std::env::args_os(), &mut console, &stop, true)
}

/// Runs the command in `arguments`, the program's name first. `catch` installs the handler of Ctrl-C while trials run.
fn execute<O: Open>(
    open: &O,
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    console: &mut Console<'_>,
    stop: &Stop,
    catch: bool,
) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            console.note(error.render().ansi());
            return Exit::Usage;
        }
        // --help and --version.
        Err(error) => {
            return console.print(error.render().ansi()).map_or_else(|failure| console.fail(&failure), |()| Exit::Done);
        }
    };
    let stoppable = match &arguments.command {
        Command::Run(arguments) => Some(arguments.more.quiet),
        Command::Compare(arguments) => Some(arguments.more.quiet),
        Command::Sweep(arguments) => Some(arguments.more.quiet),
        Command::Trace(arguments) => Some(arguments.more.quiet),
        Command::Advise(arguments) => Some(arguments.more.quiet),
        Command::Solve(arguments) => Some(arguments.more.quiet),
        Command::Rare(arguments) => Some(arguments.more.quiet),
        Command::Drill(arguments) => Some(arguments.more.quiet),
        _ => None,
    };
    if let Some(quiet) = stoppable.filter(|_| catch)
        && stop.on_ctrl_c(move |begun| tell_of_the_stop(quiet, begun)).is_err()
    {
        // Only the partial result of an interrupted run is lost.
        console.note("warning: Ctrl-C will end the run at once, without a result\n");
    }
    match &arguments.command {
        Command::Run(arguments) => match arguments.shard {
            Some(asked) => shard::run(open, asked, arguments, console, stop),
            None => run::run(open, arguments, console, stop),
        },
        Command::Compare(arguments) => compare::compare(open, arguments, console, stop),
        Command::Sweep(arguments) => sweep::sweep(open, arguments, console, stop),
        Command::Advise(arguments) => advise::advise(open, arguments, console, stop),
        Command::Solve(arguments) => solve::solve(open, arguments, console, stop),
        Command::Rare(arguments) => rare::rare(open, arguments, console, stop),
        Command::Check(arguments) => check::check(open, arguments, console),
        Command::Calibrate(arguments) => calibrate::calibrate(open, arguments, console),
        Command::Drill(arguments) => drill::drill(open, arguments, console, stop),
        Command::Trace(arguments) => trace::trace(open, arguments, console, stop),
        Command::Merge(arguments) => merge::merge(open, arguments, console, stop),
        Command::Report(arguments) => report::report(open, arguments, console),
        Command::Explain(arguments) => describe::explain(arguments, console),
        Command::Schema(arguments) => describe::schema(arguments, console),
        Command::Init(arguments) => init::init(arguments, console),
        Command::Import(arguments) => import::import(arguments, console),
        Command::Completions(arguments) => manual::completions(arguments, Arguments::command(), console),
        Command::Man(arguments) => manual::man(arguments, Arguments::command(), console),
    }
}

/// Acknowledges Ctrl-C at once: the partial result may take a while. `begun` tells whether there may be one.
fn tell_of_the_stop(quiet: bool, begun: bool) {
    // A closed stderr is no reason to fail.
    let _ = match (begun, quiet) {
        // The line begins anew, since a progress bar may stand there.
        (true, false) => {
            writeln!(anstream::stderr(), "\rstopping; finished trials are kept, Ctrl-C again ends the run at once")
        }
        (true, true) => Ok(()),
        (false, _) => writeln!(anstream::stderr(), "error: stopped before anything ran"),
    };
}
