//! Exports as they come: metrics, incidents, executions and sheets, told apart by what is in them.

mod executions;
mod instant;
mod metric;
mod names;
mod records;
mod sheet;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sim_core::stats::fit::Observed;

use super::spec::{Kind, Source, Spec};
use crate::exit::Failure;

pub use executions::{Ended, Execution, Part};
pub(super) use instant::windows;
pub use instant::{amount, instant};
pub use metric::{Grid, Stat};
pub use names::{plan_step, sheet_step};
pub use sheet::{Entry, Sheet};

/// Larger exports are refused: a year of minutes with four statistics has 100 MB as JSON.
const SIZE_LIMIT: u64 = 256 << 20;

/// What an export holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Material {
    /// A series of equal steps.
    Series(Grid),
    /// Durations that do not depend on each other.
    Durations(Durations),
}

/// Durations in seconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Durations {
    /// What is known of each.
    pub observed: Vec<Observed>,
    /// Where they come from, unless the list says otherwise.
    pub kind: Kind,
    /// Attempts that failed, and so have no duration.
    pub failed: usize,
    /// Rows that have none, with the reason.
    pub left_out: Vec<(usize, &'static str)>,
}

impl Durations {
    pub(super) fn leave_out(&mut self, why: &'static str) {
        match self.left_out.iter_mut().find(|(_, known)| *known == why) {
            Some((count, _)) => *count += 1,
            None => self.left_out.push((1, why)),
        }
    }
}

/// Where a mistake of an export is and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// A path such as `$.Datapoints[3].Maximum`, or a line.
    pub place: String,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
}

impl Mistake {
    pub(super) fn new(place: impl Into<String>, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { place: place.into(), found: found.into(), expected: expected.into() }
    }

    /// As the end of an invocation.
    pub fn of(self, file: &str) -> Failure {
        let Self { place, found, expected } = self;
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        Failure::usage(format!("{file}: {place}found {found}, expected {expected}"))
    }
}

/// A value of JSON in words.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing (null)".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// A text in quotes, short enough for a message.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { ".." } else { "" };
    format!("{short:?}{more}")
}

/// The text of an export: UTF-8, or UTF-16 with its mark, as some shells write it.
///
/// # Errors
/// Why it cannot be read.
pub fn text_of(path: &Path, named: &str) -> Result<String, Failure> {
    let unreadable = |why: String| Failure::usage(format!("cannot read {named}: {why}"));
    let mut bytes = Vec::new();
    if path.is_dir() {
        return Err(unreadable("it is a directory".to_owned()));
    }
    let file = File::open(path).map_err(|error| {
        unreadable(match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        })
    })?;
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(unreadable(format!("it is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    let wide = |units: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| units([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| unreadable("it is neither UTF-8 nor UTF-16 text".to_owned()))
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => {
            let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".to_owned()))?;
            Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
        }
    }
}

/// Reads one source of a list for a key.
///
/// # Errors
/// When the export cannot be read or does not have what the list asks for.
pub fn material(source: &Source, spec: &Spec, key: &str) -> Result<Material, Failure> {
    let path: PathBuf = spec.folder.join(&source.file);
    let text = text_of(&path, &source.file)?;
    parsed(&text, source, key).map_err(|mistake| mistake.of(&source.file))
}

/// The same of a text.
///
/// # Errors
/// The first mistake.
pub fn parsed(text: &str, source: &Source, key: &str) -> Result<Material, Mistake> {
    if text.trim().is_empty() {
        return Err(Mistake::new("", "an empty file", FORMS));
    }
    if !text.trim_start().starts_with(['{', '[']) {
        return if Sheet::is_one(text) {
            let sheet = Sheet::read(text)?;
            sheet.durations(source, key).map(Material::Durations)
        } else if metric::looks_like_csv(text) && !asks_for_records(source) {
            metric::from_csv(text, source).map(Material::Series)
        } else {
            records::from_csv(text, source).map(Material::Durations)
        };
    }
    let value = json(text)?;
    if value.get("MetricDataResults").is_some() {
        metric::from_data(&value, source).map(Material::Series)
    } else if value.get("Datapoints").is_some() {
        metric::from_statistics(&value, source).map(Material::Series)
    } else if value.get("stepStates").is_some() || value.get("experiment").is_some() {
        Execution::of(&value)?.durations(source, key).map(Material::Durations)
    } else {
        records::from_json(&value, source).map(Material::Durations)
    }
}

/// Whether the list names columns: rows with times in them are records then, and no series.
fn asks_for_records(source: &Source) -> bool {
    source.column.is_some() || source.begin.is_some() || source.end.is_some()
}

/// A text as JSON.
///
/// # Errors
/// Where it is none.
pub fn json(text: &str) -> Result<Value, Mistake> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let found = if error.is_eof() { "the end of the file".to_owned() } else { error.to_string() };
        Mistake::new(place, found, "JSON, complete")
    })
}

const FORMS: &str = "JSON of `aws cloudwatch get-metric-data`, of an incident list, of an execution; or CSV";
