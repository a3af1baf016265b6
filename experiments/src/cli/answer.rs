//! An answer that is one document: where it is kept, and how it is printed.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console::Console;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::report::document::Document;
use crate::report::{markdown, shown};

/// Options of the commands that answer with one document.
#[derive(Debug, Clone, Args)]
pub(super) struct Answer {
    /// Keep the data, the report and the charts in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite the folder of --out if it holds nothing but results of mrsim
    #[arg(long, requires = "out")]
    force: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The answer and the tables behind it, for people
    Text,
    /// The same as Markdown, to be pasted into a pull request
    Markdown,
    /// A JSON document, for programs
    Json,
}

impl Answer {
    /// The same in Markdown.
    pub(super) fn in_markdown(&self) -> Self {
        Self { format: Form::Markdown, ..self.clone() }
    }

    /// Claims the folder of `--out` for this work, if there is one.
    pub(super) fn folder(&self, work: &str) -> Result<Option<Folder>, Failure> {
        self.out.as_deref().map(|out| Folder::claim(out, work, self.force)).transpose()
    }

    /// Keeps the answer and prints it. Files come first: a reader of the verdict may look for them at once. If writing them fails,
    /// the answer is still printed.
    pub(super) fn give(
        &self,
        console: &mut Console<'_>,
        folder: Option<&Folder>,
        keep: impl FnOnce(&Folder) -> Result<(), Failure>,
        brief: impl FnOnce() -> Document,
        json: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let kept = folder.map_or(Ok(()), |folder| keep(folder).and_then(|()| folder.finish()));
        match self.format {
            Form::Text => console.print(shown(&brief(), console.width(), folder.map(Folder::path)))?,
            Form::Markdown => console.print(markdown::render(&brief()))?,
            Form::Json => console.data(json)?,
        }
        kept
    }
}
