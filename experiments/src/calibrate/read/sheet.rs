//! The sheet of a drill, filled in: which mark was reached when.
//!
//! ```csv
//! drill,mark,at
//! 1,fault,2026-11-29T10:00:00Z
//! 1,detect,2026-11-29T10:00:42Z
//! 1,runbook.promote-orders.step.0.end,> 15m
//! ```
//!
//! `at` is a timestamp, or a duration since the fault; `>` says that the mark had not been reached by then. The column
//! `drill` may be missing where there is one.

use sim_core::stats::fit::Observed;

use super::super::spec::{Kind, Source, steps};
use super::instant::{amount, instant};
use super::names::{sheet_step, step_of};
use super::{Durations, Mistake, quoted};

/// One mark of one drill.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The drill.
    pub drill: String,
    /// The mark, such as `runbook.promote-orders.step.0.end`.
    pub mark: String,
    /// When it was reached, in seconds since the fault.
    pub at: Observed,
    /// Its line.
    pub line: u64,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// In the order of the file; marks that were left empty are not among them.
    pub entries: Vec<Entry>,
    /// The drills in their order.
    pub drills: Vec<String>,
    /// Whether times do not count from the fault, but from the start of a plan.
    pub without_fault: bool,
}

/// The mark from which times count.
const FAULT: &str = "fault";

impl Sheet {
    /// Whether a text has the header of a sheet.
    pub fn is_one(text: &str) -> bool {
        let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let names: Vec<&str> = header.split(',').map(|name| name.trim().trim_matches('"')).collect();
        names.contains(&"mark") && names.contains(&"at")
    }

    /// Reads a sheet.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        let bad = |error: csv::Error| Mistake::new("", error.to_string(), "lines with as many cells as the header");
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers = reader.headers().map_err(bad)?.clone();
        let column = |name: &str| headers.iter().position(|known| known == name);
        let (Some(mark), Some(at)) = (column("mark"), column("at")) else {
            return Err(Mistake::new(
                "line 1",
                quoted(&headers.iter().collect::<Vec<_>>().join(",")),
                "the columns mark and at",
            ));
        };
        let drill = column("drill");
        let mut sheet = Self::default();
        let mut faults: Vec<(String, f64)> = Vec::new();
        let mut written: Vec<(String, String, String, u64)> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(bad)?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
            let name = drill.map_or_else(String::new, cell);
            let (mark, at) = (cell(mark), cell(at));
            if at.is_empty() {
                continue;
            }
            if mark.is_empty() {
                return Err(Mistake::new(format!("line {line}"), "no mark", "the name of a mark"));
            }
            if !sheet.drills.contains(&name) {
                sheet.drills.push(name.clone());
            }
            if mark == FAULT
                && let Some(time) = instant(&at)
            {
                faults.push((name.clone(), time));
            }
            written.push((name, mark, at, line));
        }
        for (name, mark, at, line) in written {
            let place = format!("line {line}");
            if sheet.entries.iter().any(|entry| entry.drill == name && entry.mark == mark) {
                return Err(Mistake::new(place, format!("the mark {} again", quoted(&mark)), "each mark once a drill"));
            }
            let (stopped, text) = match at.strip_prefix('>') {
                Some(rest) => (true, rest.trim()),
                None => (false, at.as_str()),
            };
            let at = match instant(text) {
                Some(time) => {
                    let Some((_, fault)) = faults.iter().find(|fault| fault.0 == name) else {
                        let expected =
                            "a line `fault` with a timestamp in the same drill, or durations since the fault";
                        return Err(Mistake::new(place, format!("the timestamp {}", quoted(text)), expected));
                    };
                    let since = time - fault;
                    if since < 0.0 {
                        return Err(Mistake::new(place, "an instant before the fault", "one after it"));
                    }
                    if stopped { Observed::Above(since) } else { Observed::Exact(since) }
                }
                None => amount(&at, None)
                    .map_err(|expected| Mistake::new(place, quoted(&at), format!("a timestamp, or {expected}")))?,
            };
            sheet.entries.push(Entry { drill: name, mark, at, line });
        }
        if sheet.entries.is_empty() {
            return Err(Mistake::new("", "a sheet without a time", "a time beside at least one mark"));
        }
        Ok(sheet)
    }

    /// When a drill reached a mark; 0 for the fault itself.
    pub fn at(&self, drill: &str, mark: &str) -> Option<Observed> {
        if mark == FAULT {
            return (!self.without_fault).then_some(Observed::Exact(0.0));
        }
        self.entries.iter().find(|entry| entry.drill == drill && entry.mark == mark).map(|entry| entry.at)
    }

    /// The time from one mark to another in a drill.
    ///
    /// # Errors
    /// When the second was reached before the first.
    pub fn between(&self, drill: &str, from: &str, to: &str) -> Result<Option<Observed>, Mistake> {
        let (Some(begin), Some(end)) = (self.at(drill, from), self.at(drill, to)) else { return Ok(None) };
        if !begin.is_complete() {
            return Ok(None);
        }
        let (low, high) = (end.low() - begin.high(), end.high() - begin.low());
        if high < 0.0 {
            let line =
                self.entries.iter().find(|entry| entry.drill == drill && entry.mark == to).map_or(0, |it| it.line);
            let found = format!("{} before {}", quoted(to), quoted(from));
            return Err(Mistake::new(format!("line {line}"), found, "marks in their order"));
        }
        let low = low.max(0.0);
        Ok(Some(match end {
            Observed::Above(_) => Observed::Above(low),
            _ if high > low => Observed::Between(low, high),
            _ => Observed::Exact(low),
        }))
    }

    /// The durations of a key, or between the marks that the list names.
    pub(super) fn durations(&self, source: &Source, key: &str) -> Result<Durations, Mistake> {
        let named = source.begin.clone().zip(source.end.clone()).or_else(|| marks_of(key));
        let Some((from, to)) = named else {
            return Err(Mistake::new(
                "",
                "a sheet of a drill",
                "`begin` and `end` in the list: the marks between which the time counts",
            ));
        };
        let mut found = Durations { kind: Kind::Drill, ..Durations::default() };
        for drill in &self.drills {
            match self.between(drill, &from, &to)? {
                Some(Observed::Exact(zero)) if zero <= 0.0 => found.observed.push(Observed::Between(0.0, 1.0)),
                Some(observed) => found.observed.push(observed),
                None => found.leave_out("without both marks"),
            }
        }
        if found.observed.is_empty() {
            let mut marks: Vec<&str> = self.entries.iter().map(|entry| entry.mark.as_str()).collect();
            marks.dedup();
            let found = format!("no drill with both {} and {}", quoted(&from), quoted(&to));
            return Err(Mistake::new(
                "",
                found,
                format!("marks of the sheet, such as {}", marks[..marks.len().min(12)].join(", ")),
            ));
        }
        Ok(found)
    }
}

/// The marks between which the time of a key passes.
fn marks_of(key: &str) -> Option<(String, String)> {
    if let Some((runbook, path)) = step_of(key) {
        let step = sheet_step(&runbook, &path);
        return Some((format!("{step}.begin"), format!("{step}.end")));
    }
    match steps(key).iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["runbooks", runbook, "on", "operator"] => Some((FAULT.to_owned(), format!("runbook.{runbook}.start"))),
        _ => None,
    }
}
