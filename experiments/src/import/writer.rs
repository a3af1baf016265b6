//! The text of the file: each line with where it came from, each guess with its question.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::draft::{Line, Remark, Table, addresses, visible};
use super::resource::Inventory;

/// A question that the file leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its number in the file, from 1.
    pub number: usize,
    /// What an answer names it by: a key, or the address of a resource.
    pub path: String,
    /// The question.
    pub text: String,
}

/// The text of tables.
pub(super) struct Text {
    pub(super) toml: String,
    pub(super) questions: Vec<Question>,
    /// Paths that were answered.
    pub(super) answered: BTreeSet<String>,
    /// Guesses, by their paths.
    pub(super) guessed: BTreeMap<String, String>,
}

/// Values of paths as TOML: what somebody has said, and better guesses.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) answers: &'a dyn Fn(&str) -> Option<String>,
    pub(super) guesses: &'a dyn Fn(&str) -> Option<String>,
}

/// Writes the tables.
pub(super) fn write(tables: &[Table], inventory: &Inventory, said: &Said<'_>) -> Text {
    let Said { answers, guesses } = *said;
    let mut out =
        Text { toml: String::new(), questions: Vec::new(), answered: BTreeSet::new(), guessed: BTreeMap::new() };
    for table in tables {
        if !out.toml.is_empty() {
            out.toml.push('\n');
        }
        if !table.header.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(out.toml, "{}", table.header);
        }
        for line in &table.lines {
            match line {
                Line::Entry(entry) => {
                    let path =
                        if table.path.is_empty() { entry.key.clone() } else { format!("{}.{}", table.path, entry.key) };
                    let mut remark = entry.remark.clone();
                    let mut value = entry.value.clone();
                    // What the inputs say is no question: an answer does not change it.
                    if let Some(answer) = answers(&path).filter(|_| !remark.question.is_empty()) {
                        value = answer;
                        remark = Remark { from: remark.from, note: "answered".to_owned(), question: String::new() };
                        out.answered.insert(path.clone());
                    } else if !remark.question.is_empty() {
                        value = guesses(&path).unwrap_or(value);
                        out.guessed.insert(path.clone(), value.clone());
                    }
                    let parts = table.parts_of(&entry.key);
                    for (loose, part) in parts {
                        // A value that is no table has no parts: the question stays.
                        if let (Some(answer), Some(begun)) = (answers(&loose.path), value.strip_suffix(" }")) {
                            value = format!("{begun}, {part} = {answer} }}");
                            out.answered.insert(loose.path.clone());
                        }
                    }
                    out.entry(&entry.key, &value, &remark, &path, inventory);
                }
                Line::Question(loose) => {
                    // An answer to a part of a value was written with the value.
                    if out.answered.contains(&loose.path) {
                        continue;
                    }
                    if let Some(answer) = answers(&loose.path) {
                        let whole = loose.key.split('.').next().unwrap_or_default();
                        if loose.key.is_empty() {
                            out.answered.insert(loose.path.clone());
                            continue;
                        }
                        if !table.has(whole) {
                            let remark = Remark { note: "answered".to_owned(), ..Remark::default() };
                            out.entry(&loose.key, &answer, &remark, &loose.path, inventory);
                            out.answered.insert(loose.path.clone());
                            continue;
                        }
                    }
                    let number = out.ask(&loose.path, &loose.question);
                    let _ = writeln!(
                        out.toml,
                        "# QUESTION {number}: {}: {}",
                        visible(&loose.path),
                        visible(&loose.question)
                    );
                }
            }
        }
    }
    out
}

impl Text {
    fn ask(&mut self, path: &str, text: &str) -> usize {
        let number = self.questions.len() + 1;
        self.questions.push(Question { number, path: path.to_owned(), text: text.to_owned() });
        number
    }

    fn entry(&mut self, key: &str, value: &str, remark: &Remark, path: &str, inventory: &Inventory) {
        let mut comment = Vec::new();
        if !remark.question.is_empty() {
            let number = self.ask(path, &remark.question);
            comment.push(format!("QUESTION {number}: {}", visible(&remark.question)));
        }
        if !remark.note.is_empty() {
            comment.push(remark.note.clone());
        }
        if !remark.from.is_empty() {
            comment.push(addresses(inventory, &remark.from));
        }
        // Writing to a string cannot fail.
        let _ = if comment.is_empty() {
            writeln!(self.toml, "{key} = {value}")
        } else {
            writeln!(self.toml, "{key} = {value}   # {}", comment.join("; "))
        };
    }
}
