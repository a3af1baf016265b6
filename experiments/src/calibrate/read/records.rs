//! Lists of incidents or activities: one record each, as JSON or CSV.

use serde_json::Value;
use sim_core::stats::fit::Observed;
use sim_settings::nearest;

use super::super::spec::{Kind, Source};
use super::instant::{amount, instant};
use super::{Durations, Mistake, described, quoted};

/// How a row becomes an observation, if it is one.
type Take = Box<dyn Fn(&Row) -> Result<Option<Observed>, Mistake>>;

/// Names under which documents keep their list.
const LISTS: [&str; 6] = ["data", "incidents", "Activities", "Events", "records", "alerts"];
/// Levels of objects within a record whose fields are columns, with points between the names.
const DEPTH: usize = 4;

/// Records as a table of texts; an empty cell is none.
struct Records {
    columns: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    /// Where it is, for messages.
    place: String,
    cells: Vec<Option<String>>,
}

/// A list of objects, or a document that holds one.
pub(super) fn from_json(value: &Value, source: &Source) -> Result<Durations, Mistake> {
    let list = match value {
        Value::Array(list) => Some(("$".to_owned(), list)),
        Value::Object(fields) => {
            let named = LISTS.into_iter().filter_map(|name| Some((format!("$.{name}"), fields.get(name)?.as_array()?)));
            named.into_iter().next()
        }
        _ => None,
    };
    let Some((path, list)) = list else {
        let expected = format!("an array of objects, or an object with one under {}", LISTS.join(", "));
        return Err(Mistake::new("$", described(value), expected));
    };
    let mut columns: Vec<String> = Vec::new();
    let mut rows = Vec::with_capacity(list.len());
    for (index, record) in list.iter().enumerate() {
        let place = format!("{path}[{index}]");
        if !record.is_object() {
            return Err(Mistake::new(place, described(record), "an object"));
        }
        let mut fields = Vec::new();
        flatten(record, "", 0, &mut fields);
        let mut cells = vec![None; columns.len()];
        for (name, cell) in fields {
            let at = columns.iter().position(|known| *known == name).unwrap_or_else(|| {
                columns.push(name);
                cells.push(None);
                columns.len() - 1
            });
            cells[at] = cell;
        }
        rows.push(Row { place, cells });
    }
    durations(&Records { columns, rows }, source)
}

fn flatten(value: &Value, name: &str, depth: usize, fields: &mut Vec<(String, Option<String>)>) {
    match value {
        Value::Object(inner) if depth < DEPTH => {
            for (key, value) in inner {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(value, &name, depth + 1, fields);
            }
        }
        Value::Object(_) | Value::Array(_) => {}
        Value::Null => fields.push((name.to_owned(), None)),
        Value::String(text) => fields.push((name.to_owned(), Some(text.clone()).filter(|text| !text.is_empty()))),
        other => fields.push((name.to_owned(), Some(other.to_string()))),
    }
}

/// CSV with a header.
pub(super) fn from_csv(text: &str, source: &Source) -> Result<Durations, Mistake> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let bad =
        |error: csv::Error| Mistake::new("", error.to_string(), "CSV with a header and as many cells in each line");
    let columns: Vec<String> = reader.headers().map_err(bad)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let place = format!("line {}", record.position().map_or(0, csv::Position::line));
        let cells = record.iter().map(|cell| Some(cell.to_owned()).filter(|cell| !cell.is_empty())).collect();
        rows.push(Row { place, cells });
    }
    durations(&Records { columns, rows }, source)
}

impl Records {
    fn column(&self, name: &str) -> Result<usize, Mistake> {
        self.columns.iter().position(|known| known == name).ok_or_else(|| {
            let near = nearest(name, self.columns.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            let listed = self.columns.iter().take(24).map(String::as_str).collect::<Vec<_>>().join(", ");
            Mistake::new("", format!("no column {}", quoted(name)), format!("one of {listed}{near}"))
        })
    }
}

/// The duration of each row, as the list asks for it.
fn durations(records: &Records, source: &Source) -> Result<Durations, Mistake> {
    if records.rows.is_empty() {
        return Err(Mistake::new("", "no record", "at least one"));
    }
    let mut found = Durations { kind: Kind::Incident, ..Durations::default() };
    let mut only = Vec::new();
    for condition in source.only.iter().flat_map(|text| text.split(" and ")) {
        let Some((column, value)) = condition.split_once('=') else {
            return Err(Mistake::new("", format!("`only = {}`", quoted(condition)), "`COLUMN = VALUE`"));
        };
        only.push((records.column(column.trim())?, value.trim().to_owned()));
    }
    let automatic = records.columns.iter().position(|name| name == "auto_resolved");
    let take: Take = match (&source.column, &source.begin, &source.end) {
        (Some(column), None, None) => {
            let at = records.column(column)?;
            let minus = source.minus.as_deref().map(|minus| records.column(minus)).transpose()?;
            let unit = source.unit.clone().or_else(|| column.starts_with("seconds").then(|| "s".to_owned()));
            Box::new(move |row| {
                let read = |at: usize| {
                    let Some(cell) = row.cells.get(at).and_then(Option::as_deref) else { return Ok(None) };
                    amount(cell, unit.as_deref())
                        .map(Some)
                        .map_err(|expected| Mistake::new(&row.place, quoted(cell), expected))
                };
                let Some(minus) = minus else { return read(at) };
                let (Some(whole), Some(less)) = (read(at)?, read(minus)?) else { return Ok(None) };
                let difference = whole.low() - less.low();
                if difference < 0.0 || !less.is_complete() {
                    return Err(Mistake::new(
                        &row.place,
                        "a difference below 0",
                        "a column that is larger than `minus`",
                    ));
                }
                Ok(Some(if whole.is_complete() { Observed::Exact(difference) } else { Observed::Above(difference) }))
            })
        }
        (None, Some(begin), Some(end)) => {
            let (begin, end) = (records.column(begin)?, records.column(end)?);
            Box::new(move |row| {
                let read = |at: usize| {
                    let Some(cell) = row.cells.get(at).and_then(Option::as_deref) else { return Ok(None) };
                    instant(cell).map(Some).ok_or_else(|| Mistake::new(&row.place, quoted(cell), "a timestamp"))
                };
                let (Some(from), Some(to)) = (read(begin)?, read(end)?) else { return Ok(None) };
                if to < from {
                    return Err(Mistake::new(
                        &row.place,
                        "an end before its beginning",
                        "`begin` and `end` in this order",
                    ));
                }
                Ok(Some(Observed::Exact(to - from)))
            })
        }
        _ => {
            let listed = records.columns.iter().take(24).map(String::as_str).collect::<Vec<_>>().join(", ");
            let expected = format!("`column`, or `begin` and `end`, in the list; the columns are {listed}");
            return Err(Mistake::new("", "records, and nothing that says which column counts", expected));
        }
    };
    for row in &records.rows {
        let is =
            |at: usize, value: &str| row.cells.get(at).and_then(Option::as_deref).is_some_and(|cell| cell == value);
        if only.iter().any(|(at, value)| !is(*at, value)) {
            found.leave_out("other rows");
        } else if automatic.is_some_and(|at| is(at, "true") || is(at, "t") || is(at, "1")) {
            found.leave_out("resolved without people");
        } else {
            match take(row)? {
                Some(observed) => found.observed.push(observed),
                None => found.leave_out("without the figure"),
            }
        }
    }
    Ok(found)
}
