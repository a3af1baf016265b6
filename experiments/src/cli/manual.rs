//! `mrsim completions` and `mrsim man`: the command line for shells and for `man`.

use std::io;

use clap::{Args, Command};
use clap_complete::Shell;

use super::console::Console;
use super::help;
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
#[command(after_help = help::COMPLETIONS)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = help::MAN)]
pub(super) struct ManArguments {
    /// The command; without it the page is about the program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(super) fn completions(arguments: &CompletionsArguments, mut program: Command, console: &mut Console<'_>) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "mrsim", &mut script);
    print(&script, console)
}

pub(super) fn man(arguments: &ManArguments, program: Command, console: &mut Console<'_>) -> Exit {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let names: Vec<String> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = match &arguments.command {
        None => Some(program),
        Some(name) => program.find_subcommand(name).cloned(),
    };
    let Some(command) = command else {
        let name = arguments.command.as_deref().unwrap_or_default();
        let hint = format!("commands are {}", names.join(", "));
        return console.fail(&Failure::usage(format!("no command is called `{name}`")).hint(hint));
    };
    match page(command) {
        Ok(page) => print(&page, console),
        Err(error) => console.fail(&Failure::failed(format!("failed to write the page: {error}"))),
    }
}

/// The manual page; the section of examples gets a title that says so.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).manual("mrsim").render(&mut page)?;
    let text = String::from_utf8_lossy(&page).replace("\n.SH EXTRA\n", "\n.SH EXAMPLES\n.nf\n");
    Ok(text.into_bytes())
}

fn print(bytes: &[u8], console: &mut Console<'_>) -> Exit {
    console.data(|out| out.write_all(bytes)).map_or_else(|failure| console.fail(&failure), |()| Exit::Done)
}
