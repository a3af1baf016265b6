//! Imports as a whole: from inputs to the text of an experiment.

mod families;
mod fixtures;
mod hostile;
mod sources;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Form, Hints, Imported, Input, Options, Trouble, import};

/// A file of `experiments/plans`.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/plans").join(name)
}

fn with(
    inputs: &[Input],
    hints: &[(&str, &str)],
    answers: &dyn Fn(&str) -> Option<String>,
) -> Result<Imported, Trouble> {
    let regions = hints.iter().map(|(key, region)| ((*key).to_owned(), (*region).to_owned())).collect();
    let options = Options {
        hints: Hints { regions, ..Hints::default() },
        service: None,
        sources: Vec::new(),
        policy: None,
        answers,
        guesses: &|_| None,
        name: "imported".to_owned(),
        file: "imported.toml".to_owned(),
        form: Form::Short,
        list_only: false,
    };
    import(inputs, &options)
}

/// The same with tiers in another form.
fn formed(inputs: &[Input], form: Form) -> Result<Imported, Trouble> {
    let options = Options {
        hints: Hints::default(),
        service: None,
        sources: Vec::new(),
        policy: None,
        answers: &|_| None,
        guesses: &|_| None,
        name: "imported".to_owned(),
        file: "imported.toml".to_owned(),
        form,
        list_only: false,
    };
    import(inputs, &options)
}

fn of(inputs: &[PathBuf]) -> Result<Imported, Trouble> {
    let inputs: Vec<Input> = inputs.iter().cloned().map(Input::Path).collect();
    with(&inputs, &[], &|_| None)
}

/// Writes documents to files of their own and imports them.
fn documents(documents: &[(&str, &Value)]) -> Result<Imported, Trouble> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for (name, document) in documents {
        let path = folder.path().join(name);
        std::fs::write(&path, document.to_string()).expect("written");
        paths.push(path);
    }
    of(&paths)
}

/// A plan of resources whose region stands in their values, as version 6 of the provider writes it. References are names.
fn plan(resources: &[(&str, Value)]) -> Value {
    let changes: Vec<Value> = resources
        .iter()
        .map(|(address, after)| {
            let kind = address.split('.').next().unwrap_or_default();
            json!({"address": address, "mode": "managed", "type": kind, "change": {"actions": ["create"], "after": after, "after_unknown": {}}})
        })
        .collect();
    json!({"format_version": "1.2", "resource_changes": changes, "configuration": {}})
}

fn planned(resources: &[(&str, Value)]) -> Imported {
    documents(&[("a.plan.json", &plan(resources))]).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// The text without the lines at its top, which name the inputs.
fn body(imported: &Imported) -> &str {
    imported.toml.split_once("\n\n").map_or("", |(_, body)| body)
}

/// Whether a line begins like this.
fn says(imported: &Imported, line: &str) -> bool {
    imported.toml.lines().any(|own| own.starts_with(line))
}

#[track_caller]
fn must_say(imported: &Imported, lines: &[&str]) {
    for line in lines {
        assert!(says(imported, line), "{line} is not in\n{}", imported.toml);
    }
}

fn fate<'a>(imported: &'a Imported, address: &str) -> (super::Outcome, &'a str) {
    let row = imported.rows.iter().find(|row| row.address == address);
    row.map_or_else(|| panic!("{address} is not listed"), |row| (row.outcome, row.detail.as_str()))
}
