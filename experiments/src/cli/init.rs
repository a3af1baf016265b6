//! `mrsim init`: a file to begin with.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::console::Console;
use super::help;
use crate::exit::{Exit, Failure};
use crate::folder::write_new;
use crate::patterns::{PATTERNS, PRICES, Pattern};

#[derive(Debug, Args)]
#[command(after_help = help::INIT)]
pub(super) struct InitArguments {
    /// The pattern to begin with; `--list` describes each
    #[arg(value_name = "PATTERN", default_value = PATTERNS[0].name, hide_possible_values = true,
        value_parser = PossibleValuesParser::new(PATTERNS.map(|pattern| pattern.name)))]
    pattern: String,
    /// The file to write, `-` for standard output; PATTERN.toml by default. An existing file is left alone
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Add hints for prices as comments, with their date and source, for the cost of a month and of an incident
    #[arg(long)]
    prices: bool,
    /// List the patterns
    #[arg(long, conflicts_with_all = ["pattern", "out", "prices"])]
    list: bool,
}

pub(super) fn init(arguments: &InitArguments, console: &mut Console<'_>) -> Exit {
    let outcome = if arguments.list { console.print(list()) } else { write(arguments, console) };
    outcome.map_or_else(|failure| console.fail(&failure), |()| Exit::Done)
}

fn list() -> String {
    let width = PATTERNS.iter().map(|pattern| pattern.name.len()).max().unwrap_or(0);
    let lines = PATTERNS.map(|pattern| format!("{:<width$}  {}\n", pattern.name, pattern.description()));
    lines.concat()
}

fn write(arguments: &InitArguments, console: &mut Console<'_>) -> Result<(), Failure> {
    let pattern = Pattern::named(&arguments.pattern).expect("the arguments take the names of patterns only");
    let text = format!("{}{}", pattern.text(), if arguments.prices { PRICES } else { "" });
    let path = match &arguments.out {
        Some(path) if path == Path::new("-") => return console.print(text),
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.toml", pattern.name)),
    };
    let shown = path.display();
    // Without this the message would name the temporary file.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(missing) = parent.filter(|parent| !parent.is_dir()) {
        return Err(Failure::failed(format!("failed to write `{shown}`: there is no folder `{}`", missing.display())));
    }
    write_new(&path, |out| out.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!("`{shown}` is there already"))
            .hint("nothing is ever overwritten: name another file with -o"),
        _ => Failure::failed(format!("failed to write `{shown}`: {error}")),
    })?;
    console.note(format_args!(
        "wrote {shown}: {}\nnext: mrsim check {shown}\n      mrsim run {shown}\n      mrsim schema > {} (for editors)\n",
        pattern.description(),
        path.with_file_name("mrsim.schema.json").display(),
    ));
    Ok(())
}
