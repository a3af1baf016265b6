//! Calibrated values in the text of an experiment, its comments kept.

use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::Calibrated;
use super::fragment::value;
use super::spec::steps;

/// The text with the values of these keys.
///
/// # Errors
/// The first key that the text has no place for: an element of a list that it takes from a file that it extends.
pub fn written_into<'a>(text: &str, found: impl Iterator<Item = &'a Calibrated>) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("it is not TOML: {error}"))?;
    for one in found {
        let steps = steps(&one.key);
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let new: Value = value(one).parse().map_err(|error| format!("{}: {error}", one.key))?;
        set(document.as_table_mut(), &steps, new)
            .map_err(|step| format!("`{step}` of {} is an element of a list that stands in another file", one.key))?;
    }
    Ok(document.to_string())
}

/// Puts a value at a path, and says which step leads nowhere.
fn set(table: &mut dyn TableLike, steps: &[&str], new: Value) -> Result<(), String> {
    let [step, rest @ ..] = steps else { return Ok(()) };
    if rest.is_empty() {
        match table.get_mut(step).and_then(Item::as_value_mut) {
            Some(old) => {
                let decor = old.decor().clone();
                *old = new;
                *old.decor_mut() = decor;
            }
            None => {
                let mut new = new;
                // The blank before the brace stays there: `{ admit = "all", takes = "1m" }`.
                let last = table.iter_mut().last().and_then(|(_, item)| item.as_value_mut());
                if let Some(last) = last
                    && let Some(blank) = last.decor().suffix().and_then(|suffix| suffix.as_str())
                    && blank.trim().is_empty()
                {
                    let blank = blank.to_owned();
                    last.decor_mut().set_suffix("");
                    new.decor_mut().set_suffix(blank);
                }
                table.insert(step, Item::Value(new));
            }
        }
        return Ok(());
    }
    if !table.contains_key(step) {
        // What comes next may be an element, which cannot be made out of nothing.
        if rest[0].bytes().all(|byte| byte.is_ascii_digit()) || LISTS.contains(step) {
            return Err(rest[0].to_owned());
        }
        // A table of its own comes after all others; one that holds nothing but tables has no header.
        let mut inner = toml_edit::Table::new();
        inner.set_implicit(true);
        table.insert(step, Item::Table(inner));
    }
    match table.get_mut(step) {
        Some(Item::Table(inner)) => set(inner, rest, new),
        Some(Item::Value(Value::InlineTable(inner))) => {
            set(inner, rest, new)?;
            Ok(())
        }
        Some(Item::ArrayOfTables(elements)) => {
            let place = place(elements.iter().map(|it| it.get("name").and_then(Item::as_str)), rest[0]);
            let element = place.and_then(|index| elements.get_mut(index)).ok_or_else(|| rest[0].to_owned())?;
            set(element, &rest[1..], new)
        }
        Some(Item::Value(Value::Array(elements))) => {
            let names =
                elements.iter().map(|it| it.as_inline_table().and_then(|it| it.get("name")).and_then(Value::as_str));
            let place = place(names, rest[0]).filter(|index| *index < elements.len());
            let element = place.and_then(|index| elements.get_mut(index)).and_then(Value::as_inline_table_mut);
            set(element.ok_or_else(|| rest[0].to_owned())?, &rest[1..], new)
        }
        _ => Err((*step).to_owned()),
    }
}

/// Tables of the file that are lists of named elements.
const LISTS: [&str; 5] = ["clients", "journeys", "alarms", "runbooks", "faults"];

/// The index of an element by its name, or by its number from 0.
fn place<'a>(names: impl Iterator<Item = Option<&'a str>>, step: &str) -> Option<usize> {
    let names: Vec<Option<&str>> = names.collect();
    let named = names.iter().position(|name| *name == Some(step));
    named.or_else(|| step.parse().ok().filter(|index| *index < names.len()))
}
