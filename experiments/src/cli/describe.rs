//! `mrsim explain` and `mrsim schema`: what can be written in an experiment file, and what results hold.

use super::args::{ExplainArguments, SchemaArguments};
use super::check::wrapped_lines;
use super::console::Console;
use crate::describe;
use crate::exit::{Exit, Failure};
use crate::experiment::{LAYOUT, finding_kinds};
use crate::units::wrapped;

pub(super) fn explain(arguments: &ExplainArguments, console: &mut Console<'_>) -> Exit {
    let keys = describe::known(LAYOUT);
    let text = if let Some(key) = &arguments.key {
        describe::explain(key, &keys)
            .or_else(|hint| finding(key).ok_or(hint))
            .map(|text| wrapped_lines(&text, describe::LABEL, console.width()))
            .map_err(|hint| Failure::usage(format!("no key, value or word is called `{key}`")).hint(hint))
    } else {
        let lines = keys.iter().map(|known| format!("{}: {}", known.path, known.key().meaning));
        Ok(lines.flat_map(|line| hanging(&line, console.list_width())).collect::<Vec<_>>().join("\n") + "\n")
    };
    let printed = text.and_then(|text| console.print(text));
    printed.map_or_else(|failure| console.fail(&failure), |()| Exit::Done)
}

/// A line within so many columns, which goes on below to the right of its beginning.
fn hanging(line: &str, width: usize) -> Vec<String> {
    let parts = wrapped(line, width.saturating_sub(INDENT)).into_iter().enumerate();
    parts.map(|(index, part)| if index == 0 { part } else { format!("{:INDENT$}{part}", "") }).collect()
}

/// Columns by which a line that goes on is indented.
const INDENT: usize = 4;

/// What the name of a kind of finding says.
fn finding(typed: &str) -> Option<String> {
    let kind = finding_kinds().find(|kind| *kind == typed)?;
    Some(format!(
        "{kind}\n  meaning  a kind of finding: `mrsim check FILE` says where it is, what is wrong, and what to write instead\n"
    ))
}

pub(super) fn schema(arguments: &SchemaArguments, console: &mut Console<'_>) -> Exit {
    let schema = if arguments.results { describe::results_schema() } else { describe::schema(LAYOUT) };
    console.print(format!("{schema:#}\n")).map_or_else(|failure| console.fail(&failure), |()| Exit::Done)
}
