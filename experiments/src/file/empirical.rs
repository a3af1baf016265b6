//! Observations that a distribution names by file: `empirical = "lag.csv"`.

use std::path::Path;

use sim_settings::{Node, Problem, Value, child_path};

use super::bounds::Confines;
use super::sources::{Sources, read_text};

/// Observations taken from one file at most. Results carry all of them, and more of them make quantiles hardly finer.
const COUNT_LIMIT: usize = 100_000;

/// Replaces every file name under a key `empirical` by the numbers in the file, and returns the problems.
pub(super) fn read_files(node: &mut Node, sources: &Sources, bounds: &Confines) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(node, "", (sources, bounds), &mut problems);
    problems
}

fn walk(node: &mut Node, path: &str, from: (&Sources, &Confines), problems: &mut Vec<Problem>) {
    match &mut node.value {
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                walk(element, &format!("{path}[{index}]"), from, problems);
            }
        }
        Value::Table(entries) => {
            for entry in entries {
                let path = child_path(path, &entry.key);
                let name = if entry.key == "empirical" { entry.node.text().map(str::to_owned) } else { None };
                let Some(name) = name else {
                    walk(&mut entry.node, &path, from, problems);
                    continue;
                };
                let place = entry.node.place;
                // Relative to the file that names it, not to a file that extends that one.
                let (sources, bounds) = from;
                let file = sources.folder(place.source).join(&name);
                if let Err(expected) = bounds.hold(&file) {
                    problems.push(Problem { found: format!("{name:?}"), expected, ..Problem::at(place, path) });
                    continue;
                }
                match observations(&file) {
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

/// The numbers of a file, or the reason why they cannot be read.
fn observations(path: &Path) -> Result<Vec<f64>, String> {
    let text = read_text(path).map_err(|reason| format!("cannot read {}: {reason}", path.display()))?;
    numbers(text.strip_prefix('\u{feff}').unwrap_or(&text), &path.display().to_string())
}

/// The numbers in the first column; a first line that is not a number is a header. A line has as many columns as the
/// header, or one: `0,5` is half a second with a decimal comma, and is refused.
fn numbers(text: &str, path: &str) -> Result<Vec<f64>, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut numbers = Vec::new();
    let mut named = None;
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| format!("{path}: {error}"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let first = record.get(0).unwrap_or_default();
        let number = first.parse::<f64>().ok();
        let columns = record.iter().enumerate().filter(|(_, field)| !field.is_empty()).map(|(at, _)| at + 1).max();
        let columns = columns.unwrap_or(1);
        if index == 0 && number.is_none() && !first.is_empty() {
            named = Some(columns);
            continue;
        }
        let shown = || quoted(&record.iter().collect::<Vec<_>>().join(","));
        if columns > named.unwrap_or(1) {
            let second = record.get(1).unwrap_or_default();
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let looks_decimal = columns == 2 && digits(first.trim_start_matches(['-', '+'])) && digits(second);
            let advice = if looks_decimal {
                format!("; a decimal comma is written \"{first}.{second}\"")
            } else {
                String::new()
            };
            return Err(format!(
                "line {line} of {path}: {} has {columns} columns, and no header names as many{advice}",
                shown()
            ));
        }
        match number {
            Some(number) if number.is_finite() && number >= 0.0 => numbers.push(number),
            _ => {
                let first = quoted(first);
                return Err(format!("line {line} of {path}: {first} is not a number that is finite and not negative"));
            }
        }
        if numbers.len() > COUNT_LIMIT {
            let hint = "write its quantiles instead";
            return Err(format!("{path} has more than {COUNT_LIMIT} observations: {hint}"));
        }
    }
    if numbers.is_empty() { Err(format!("{path} has no observations")) } else { Ok(numbers) }
}

/// A piece of a line in quotes, short enough for a message.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::numbers;

    fn refused(text: &str) -> String {
        numbers(text, "lag.csv").expect_err(text)
    }

    #[test]
    fn the_first_column_is_read_and_a_header_names_it() {
        let read = |text: &str| numbers(text, "lag.csv");
        assert_eq!(read("0.5\n1.5\n"), Ok(vec![0.5, 1.5]));
        assert_eq!(read("seconds\n0.5\n"), Ok(vec![0.5]));
        assert_eq!(read("seconds,host\n0.5,a\n0.7\n"), Ok(vec![0.5, 0.7]));
        assert_eq!(read("0.5,\n0.7,\n"), Ok(vec![0.5, 0.7]), "a comma at the end of a line begins nothing");
    }

    /// Half a second is not no second at all.
    #[test]
    fn a_decimal_comma_is_no_second_column() {
        for text in ["seconds\n0,5\n0,7\n12,4\n", "0,5\n", "0.5\n0,7\n"] {
            assert!(refused(text).contains("; a decimal comma is written "), "{}", refused(text));
        }
        assert_eq!(
            refused("seconds\n0,5\n"),
            "line 2 of lag.csv: \"0,5\" has 2 columns, and no header names as many; a decimal comma is written \"0.5\""
        );
        // With quotes around it, it is one column and no number.
        assert!(refused("seconds\n\"0,5\"\n").contains("\"0,5\" is not a number"));
    }

    #[test]
    fn several_columns_need_a_header_that_names_them() {
        for text in ["0.5,17\n", "0.5,a\n", "seconds\n0.5,17.2\n", "1,2,3\n"] {
            assert!(refused(text).contains("no header names as many"), "{}", refused(text));
        }
    }
}
