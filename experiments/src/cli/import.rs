//! `mrsim import`: from plans, states and templates to an experiment that asks what they do not say.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::console::Console;
use super::help;
use crate::exit::{Exit, Failure};
use crate::file::{Answers, load_text, value_text};
use crate::folder::write_new;
use crate::import::{self, Form, Hints, Imported, Input, Outcome};

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::IMPORT, "import"))]
pub(super) struct ImportArguments {
    /// Plans or states as JSON, or folders with a CDK assembly; several are one system
    #[arg(value_name = "FILE", required_unless_present_any = ["stack", "preview"])]
    files: Vec<PathBuf>,
    /// A template of `CloudFormation` and the region that it is deployed to; may be repeated
    #[arg(long, value_name = "REGION=FILE", value_parser = pair)]
    stack: Vec<(String, String)>,
    /// A folder with source of Terraform, of which a draft is made without a plan; may be repeated
    ///
    /// A draft knows defaults of variables and modules beside the source. What a provider or a module from elsewhere
    /// would tell, it does not know: plan when you can.
    #[arg(long, value_name = "DIR")]
    preview: Vec<PathBuf>,
    /// Values of variables for --preview; may be repeated
    #[arg(long, value_name = "FILE", requires = "preview")]
    var_file: Vec<PathBuf>,
    /// A folder with the source of a plan, which may tell the regions that local values give; may be repeated
    #[arg(long, value_name = "DIR")]
    source: Vec<PathBuf>,
    #[command(flatten)]
    hints: HintArguments,
    /// The DNS name that clients use, where the inputs have several
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// A policy of Resilience Hub, as JSON: its limits become objectives, with an experiment for each disruption
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The file to write, `-` for standard output; named after a single input, else imported.toml, by default
    ///
    /// An existing file is left alone: what the inputs say otherwise than it does is printed instead, key by key.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write nothing, and list every resource: what it is used as, what is asked about it, or why it is left out
    #[arg(long, conflicts_with = "out")]
    explain: bool,
    /// What --explain prints
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text, requires = "explain")]
    format: ExplainFormat,
    /// Exit with code 3 if questions are open
    #[arg(long)]
    strict: bool,
}

/// What inputs lack, for every command that reads them.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct HintArguments {
    /// The region of a provider or a stack that an input does not tell, such as aws.west=eu-west-1; may be repeated
    #[arg(long = "region", value_name = "KEY=REGION", value_parser = pair)]
    regions: Vec<(String, String)>,
    /// A parameter of templates, or REGION/NAME=VALUE for those of one region; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
    /// A file that answers questions of imports, by the paths that they name
    ///
    /// It may be an experiment that was imported before: what it does not ask any more, it answers.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

impl HintArguments {
    pub(super) fn hints(&self) -> Hints {
        let map = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
        Hints { regions: map(&self.regions), parameters: map(&self.parameters), variables: Vec::new() }
    }

    pub(super) fn answers(&self) -> Option<PathBuf> {
        self.answers.clone()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainFormat {
    /// A line for each resource, for people
    Text,
    /// A JSON document, for programs
    Json,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("must be two words with = between them".to_owned()),
    }
}

pub(super) fn import(arguments: &ImportArguments, console: &mut Console<'_>) -> Exit {
    attempt(arguments, console).unwrap_or_else(|failure| console.fail(&failure))
}

fn attempt(arguments: &ImportArguments, console: &mut Console<'_>) -> Result<Exit, Failure> {
    let mut inputs: Vec<Input> = arguments.files.iter().cloned().map(Input::Path).collect();
    inputs.extend(arguments.preview.iter().cloned().map(Input::Source));
    inputs.extend(
        arguments.stack.iter().map(|(region, path)| Input::Stack { region: region.clone(), path: path.into() }),
    );
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.toml", stem(&inputs))));
    let stdout = out == Path::new("-");
    let name = if stdout {
        stem(&inputs)
    } else {
        out.file_stem().map_or_else(|| stem(&inputs), |it| it.to_string_lossy().into_owned())
    };
    let given = arguments.hints.answers.as_deref().map(Answers::read).transpose()?;
    // A file that is there answers what it does not ask any more.
    let there = !stdout && !arguments.explain && out.exists();
    let own = if there { Some(Answers::read(&out)?) } else { None };
    let asked: RefCell<BTreeSet<String>> = RefCell::default();
    let answers = |path: &str| {
        let value = given.as_ref().and_then(|answers| answers.value(path));
        if value.is_some() {
            asked.borrow_mut().insert(path.to_owned());
        }
        value.or_else(|| own.as_ref().and_then(|answers| answers.value(path)))
    };
    let options = import::Options {
        hints: Hints { variables: arguments.var_file.clone(), ..arguments.hints.hints() },
        sources: arguments.source.clone(),
        service: arguments.service.clone(),
        policy: arguments.policy.clone(),
        answers: &answers,
        guesses: &|_| None,
        name,
        file: out.file_name().unwrap_or(out.as_os_str()).to_string_lossy().into_owned(),
        form: Form::Graph,
        list_only: arguments.explain,
    };
    let imported = import::import(&inputs, &options)?;
    for remark in &imported.remarks {
        console.note(format_args!("warning: {remark}\n"));
    }
    if let Some(answers) = given.filter(|answers| !answers.is_experiment()) {
        let unused = answers
            .paths()
            .into_iter()
            .filter(|path| !imported.answered.iter().any(|it| it == path || path.starts_with(&format!("{it}."))));
        for path in unused {
            console.note(format_args!("warning: nothing asks `{path}`, which the answers give\n"));
        }
    }
    if arguments.explain {
        explain(arguments.format, &imported, console)?;
    } else if stdout {
        console.print(&imported.toml)?;
    } else if there {
        differences(&out, &imported, console)?;
    } else {
        write(&out, &imported, console)?;
    }
    Ok(if arguments.strict && !imported.questions.is_empty() { Exit::Missed } else { Exit::Done })
}

/// The name of the experiment: that of a single input, up to its first point.
fn stem(inputs: &[Input]) -> String {
    let [input] = inputs else { return "imported".to_owned() };
    let name = input.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match name.split('.').next() {
        Some(stem) if !stem.is_empty() && stem != "-" => stem.to_owned(),
        _ => "imported".to_owned(),
    }
}

/// Writes the files, none of them over another.
fn write(out: &Path, imported: &Imported, console: &mut Console<'_>) -> Result<(), Failure> {
    let stem = out.file_stem().unwrap_or(out.as_os_str()).to_string_lossy();
    let beside = imported.files.iter().map(|(word, text)| (out.with_file_name(format!("{stem}-{word}.toml")), text));
    let files: Vec<(PathBuf, &String)> = std::iter::once((out.to_owned(), &imported.toml)).chain(beside).collect();
    for (path, text) in &files {
        let shown = path.display();
        write_new(path, |file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::usage(format!("`{shown}` is there already"))
                .hint("nothing is ever overwritten: name another file with -o"),
            _ => Failure::failed(format!("failed to write `{shown}`: {error}")),
        })?;
    }
    let mut text = format!("wrote {}: {}\n", out.display(), imported.totals());
    for (path, _) in &files[1..] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "wrote {}, which extends it", path.display());
    }
    text += &open(imported);
    let _ = writeln!(text, "next: mrsim check {0}\n      mrsim run {0}", out.display());
    console.note(text);
    Ok(())
}

/// How many questions are open, and where they stand.
fn open(imported: &Imported) -> String {
    match imported.questions.len() {
        0 => "no question is open\n".to_owned(),
        1 => "1 question is open: the line with a QUESTION holds a guess\n".to_owned(),
        many => format!("{many} questions are open: lines with a QUESTION hold guesses\n"),
    }
}

/// Prints in which keys the inputs and a file that is there differ.
fn differences(out: &Path, imported: &Imported, console: &mut Console<'_>) -> Result<(), Failure> {
    let shown = out.display();
    let text =
        std::fs::read_to_string(out).map_err(|error| Failure::failed(format!("failed to read `{shown}`: {error}")))?;
    let [old, new] = [text.as_str(), imported.toml.as_str()].map(|text| {
        let loaded = load_text(&shown.to_string(), text, &[], &[])?;
        let mut values = BTreeMap::new();
        flat(&loaded.node, "", &mut values);
        Ok::<_, Failure>(values)
    });
    let (old, new) = (old?, new?);
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).filter(|key| key.as_str() != "name").collect();
    let mut lines = String::new();
    for key in keys {
        // Writing to a string cannot fail.
        let _ = match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) if old == new => Ok(()),
            (Some(old), Some(new)) => writeln!(lines, "{key}: {old} in the file, {new} in the inputs"),
            (Some(old), None) => writeln!(lines, "{key}: {old} in the file, not in the inputs"),
            (None, Some(new)) => writeln!(lines, "{key}: not in the file, {new} in the inputs"),
            (None, None) => Ok(()),
        };
    }
    if lines.is_empty() {
        console.note(format_args!("{shown} says what the inputs say; nothing is written\n"));
        return Ok(());
    }
    console.print(&lines)?;
    console.note(format_args!("{shown} is there and stays as it is; what it answers counts as answered\n"));
    Ok(())
}

/// The values of a tree by their paths; elements of arrays by their names.
fn flat(node: &sim_settings::Node, path: &str, values: &mut BTreeMap<String, String>) {
    use sim_settings::Value;
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match &node.value {
        Value::Table(entries) if !entries.is_empty() && !sim_settings::is_distribution(node) => {
            for entry in entries {
                flat(&entry.node, &below(&entry.key), values);
            }
        }
        Value::Array(elements) if elements.iter().any(|element| !element.entries().is_empty()) => {
            for (index, element) in elements.iter().enumerate() {
                let name = element.get("name").and_then(sim_settings::Node::text);
                flat(element, &below(&name.map_or_else(|| index.to_string(), str::to_owned)), values);
            }
        }
        other => {
            values.insert(path.to_owned(), value_text(other));
        }
    }
}

/// What programs get of an import.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    resources: Vec<Resource<'a>>,
    used: usize,
    asked: usize,
    left_out: usize,
    questions: Vec<Question<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Resource<'a> {
    address: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    region: Option<&'a str>,
    outcome: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Question<'a> {
    number: usize,
    path: &'a str,
    question: &'a str,
}

fn explain(format: ExplainFormat, imported: &Imported, console: &mut Console<'_>) -> Result<(), Failure> {
    if format == ExplainFormat::Json {
        let resources = imported.rows.iter().map(|row| Resource {
            address: &row.address,
            kind: &row.kind,
            region: row.region.as_deref(),
            outcome: row.outcome.word(),
            detail: &row.detail,
        });
        let questions =
            imported.questions.iter().map(|it| Question { number: it.number, path: &it.path, question: &it.text });
        let [used, asked, left_out] = [Outcome::Used, Outcome::Asked, Outcome::LeftOut].map(|it| imported.count(it));
        let document =
            Document { resources: resources.collect(), used, asked, left_out, questions: questions.collect() };
        return console.data(|out| {
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)
        });
    }
    let mut text = String::new();
    for outcome in [Outcome::Used, Outcome::Asked, Outcome::LeftOut] {
        for row in imported.rows.iter().filter(|row| row.outcome == outcome) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<8}  {}: {}", outcome.word(), row.address, row.detail);
        }
    }
    let _ = writeln!(text, "{}", imported.totals());
    console.print(text)
}
