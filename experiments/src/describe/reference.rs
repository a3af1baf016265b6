//! The page of all keys, in Markdown: table by table, with the words that change a table's keys.

use std::fmt::Write as _;

use sim_settings::{Condition, FAMILIES, Key, KeyDefault, Layout, Placed, Takes, exclusive, placed};

use super::explain::{form, range, words_of};
use super::known::{conditions, example};

const HEAD: &str = "# The experiment file, key by key

This page is made from the keys that the readers list; `UPDATE=1 cargo test --test it describe` writes it anew.
`mrsim explain KEY` says the same of one key, and `mrsim schema` prints it for editors.

- *Documented*: a vendor's documentation states the default. *Measured*: somebody measured and published it. *Assumed*: no
  published source; `mrsim check` lists those that an experiment rests on. *Convention*: a rule of this program. The **band** of
  an assumed default holds the values that would not surprise an expert ([what is not known](uncertainty.md)).
- A **duration** is a text such as `\"250ms\"`, `\"10s\"`, `\"1m 30s\"` or `\"2h\"`; the units are ms, s, m, h and d.
- A **distribution** is a table with one family: FAMILIES.
  A bare value stands for itself, always.
- A **share** is a number from 0 to 1 or a text such as `\"99.95%\"`, a **rate** a number per second or a text such as
  `\"2 per year\"`.
- A number, a duration or a distribution may say where it comes from: `{ value = \"60s\", source = \"measured\", from = \"a drill\" }`, or
  `{ lognormal = { .. }, source = \"measured\", observations = 12 }`.
- `*` in a path stands for a name that the file chooses.
";

/// The page of a file that has the keys in `layout`.
pub fn reference(layout: Layout) -> String {
    let names: Vec<String> = FAMILIES.iter().map(|(family, _)| format!("`{family}`")).collect();
    let mut page = HEAD.replace("FAMILIES", &names.join(", "));
    let mut written = Vec::new();
    section(&mut page, &mut written, "", "the top of the file", layout);
    page
}

/// One table, and then the tables inside it.
fn section(page: &mut String, written: &mut Vec<(String, Vec<Key>)>, path: &str, meaning: &str, layout: Layout) {
    let all = placed(layout);
    let keys: Vec<Key> = all.iter().map(|placed| placed.entry.key).collect();
    let title = if path.is_empty() { "The top of the file".to_owned() } else { format!("`{path}`") };
    // Writing to a string cannot fail.
    let _ = write!(page, "\n## {title}\n\n");
    if !path.is_empty() {
        let _ = writeln!(page, "{}.\n", capital(meaning));
    }
    if let Some((other, _)) = written.iter().find(|(_, other)| *other == keys) {
        let _ = writeln!(page, "The keys are those of `{other}`.");
        return;
    }
    written.push((path.to_owned(), keys));
    let mut groups: Vec<(&[Condition], Vec<&Placed>)> = Vec::new();
    for one in &all {
        match groups.iter_mut().find(|(when, _)| *when == one.when) {
            Some((_, places)) => places.push(one),
            None => groups.push((&one.when, vec![one])),
        }
    }
    for (when, names) in exclusive(layout) {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let only = if when.is_empty() { String::new() } else { format!(" ({})", conditions(&when)) };
        let _ = writeln!(page, "Exactly one of {} is written{only}.\n", names.join(", "));
    }
    for (when, places) in &groups {
        if !when.is_empty() {
            let _ = writeln!(page, "\nWith {}:\n", held(when));
        }
        rows(page, places);
        for place in places {
            words(page, place);
        }
    }
    for place in &all {
        let Placed { entry, .. } = place;
        let Some(inner) = entry.takes.layout() else { continue };
        let name = crate::file::key_text(entry.key.name);
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        let path = match entry.takes {
            Takes::List(_) | Takes::Named(_) | Takes::Either(Takes::List(_) | Takes::Named(_), _) => {
                format!("{path}.*")
            }
            _ => path,
        };
        if written.iter().all(|(other, _)| *other != path) {
            section(page, written, &path, entry.key.meaning, inner);
        }
    }
}

/// Conditions as TOML.
fn held(when: &[Condition]) -> String {
    let one = |condition: &Condition| match condition {
        Condition::Is(key, value) if value.parse::<bool>().is_ok() => format!("`{key} = {value}`"),
        Condition::Is(key, value) => format!("`{key} = \"{value}\"`"),
        Condition::Beside(keys) => keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or "),
    };
    when.iter().map(one).collect::<Vec<_>>().join(" and ")
}

fn rows(page: &mut String, places: &[&Placed]) {
    let _ = writeln!(page, "| key | meaning | takes | default | example |\n|---|---|---|---|---|");
    for Placed { entry, .. } in places {
        let (key, takes) = (&entry.key, &entry.takes);
        let takes_words = match takes {
            Takes::OneOf(_) => "one of the words below".to_owned(),
            _ => form(takes),
        };
        let bounds = [range(key, takes), key.unit.to_owned()];
        let bounds: Vec<&str> = bounds.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let bounds = if bounds.is_empty() { String::new() } else { format!("; {}", bounds.join("; ")) };
        let default = match key.default {
            KeyDefault::Required => "must be written".to_owned(),
            KeyDefault::Optional { without } => format!("not written: {without}"),
            KeyDefault::Value { text, mark, source } => {
                let band = key.band.map_or_else(String::new, |band| {
                    format!("; band {}: {}", crate::units::extent(&band.extent), band.reason)
                });
                format!("`{text}` ({}: {source}{band})", mark.word())
            }
        };
        let cells = [key.meaning, &format!("{takes_words}{bounds}"), &default].map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(page, "| `{}` | {} | `{}` |", key.name, cells.join(" | "), example(key, takes));
    }
}

/// The words that a key chooses from.
fn words(page: &mut String, place: &Placed) {
    let words = words_of(&place.entry.takes);
    if words.is_empty() {
        return;
    }
    let _ = writeln!(page, "\nWords of `{}`:\n", place.entry.key.name);
    for word in words {
        let _ = writeln!(page, "- `{}`: {}", word.word, word.meaning);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
