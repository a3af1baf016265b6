//! Observations that a distribution names by file: `empirical = "lag.csv"`.

use std::path::Path;

use sim_settings::{Node, Problem, Value, child_path};

use super::sources::{Sources, read_text};

/// Observations taken from one file. They travel with every result, and quantiles say as much in a line.
const COUNT_LIMIT: usize = 100_000;

/// Replaces every file name under a key `empirical` by the numbers in the file, and returns what is wrong.
pub(super) fn read_files(node: &mut Node, sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(node, "", sources, &mut problems);
    problems
}

fn walk(node: &mut Node, path: &str, sources: &Sources, problems: &mut Vec<Problem>) {
    match &mut node.value {
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                walk(element, &format!("{path}[{index}]"), sources, problems);
            }
        }
        Value::Table(entries) => {
            for entry in entries {
                let path = child_path(path, &entry.key);
                let name = if entry.key == "empirical" { entry.node.text().map(str::to_owned) } else { None };
                let Some(name) = name else {
                    walk(&mut entry.node, &path, sources, problems);
                    continue;
                };
                let place = entry.node.place;
                // Relative to the file that says so, not to the one that extends it.
                match observations(&sources.folder(place.source).join(&name)) {
                    Ok(numbers) => {
                        let element = |number| Node { value: Value::Float(number), place };
                        entry.node.value = Value::Array(numbers.into_iter().map(element).collect());
                    }
                    Err(hint) => problems.push(Problem {
                        found: format!("{name:?}"),
                        expected: "a CSV file with one observation a line, in the first column".to_owned(),
                        hint: Some(hint),
                        ..Problem::at(place, path)
                    }),
                }
            }
        }
        _ => {}
    }
}

/// The numbers in the first column; a first line that is not a number is a header.
fn observations(path: &Path) -> Result<Vec<f64>, String> {
    let text = read_text(path).map_err(|reason| format!("cannot read {}: {reason}", path.display()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut numbers = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| format!("{}: {error}", path.display()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let first = record.get(0).unwrap_or_default();
        let number = first.parse::<f64>().ok();
        match number {
            Some(number) if number.is_finite() && number >= 0.0 => numbers.push(number),
            None if index == 0 && !first.is_empty() => {}
            _ => {
                let short: String = first.chars().take(40).collect();
                return Err(format!(
                    "line {line} of {}: {short:?} is not a number that is finite and not negative",
                    path.display()
                ));
            }
        }
        if numbers.len() > COUNT_LIMIT {
            let hint = "write its quantiles instead";
            return Err(format!("{} has more than {COUNT_LIMIT} observations: {hint}", path.display()));
        }
    }
    if numbers.is_empty() { Err(format!("{} has no observations", path.display())) } else { Ok(numbers) }
}
