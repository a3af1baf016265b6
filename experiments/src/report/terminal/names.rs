//! Names of rows on a terminal: cut where they have no room. Of a setting the key is cut, and never the value: points of a sweep
//! differ in their values.

use super::{clip, columns};
use crate::report::document::Row;
use crate::visible::visible;

/// Between a key and its value.
const IS: &str = " = ";
/// Less of a key says nothing.
const SHORTEST_KEY: usize = 4;

/// The lines of a row's name, each within `room`.
pub(super) fn of(row: &Row, room: usize) -> Vec<String> {
    if !row.keyed.is_empty() {
        return keyed(&row.keyed, room);
    }
    let name = match &row.group {
        Some(group) => format!("{group} {}", row.name),
        None => row.name.clone(),
    };
    name.split('\n').map(|line| clip(line, room)).collect()
}

/// A line for each setting, or more where its value takes them.
pub(super) fn keyed(settings: &[(String, String)], room: usize) -> Vec<String> {
    settings.iter().flat_map(|(key, value)| setting(&visible(key), &visible(value), room)).collect()
}

fn setting(key: &str, value: &str, room: usize) -> Vec<String> {
    let whole = format!("{key}{IS}{value}");
    if columns(&whole) <= room {
        return vec![whole];
    }
    let left = room.saturating_sub(columns(IS) + columns(value));
    if left >= SHORTEST_KEY {
        return vec![format!("{}{IS}{value}", end(key, left))];
    }
    // The value takes lines of its own.
    let mut lines = vec![end(key, room)];
    let (mut line, room) = ("  ".to_owned(), room.max(SHORTEST_KEY));
    for letter in value.chars() {
        if columns(&line) + columns(letter.encode_utf8(&mut [0; 4])) > room {
            lines.push(std::mem::replace(&mut line, "  ".to_owned()));
        }
        line.push(letter);
    }
    lines.push(line);
    lines
}

/// The end of a key, which says more than its beginning.
fn end(key: &str, width: usize) -> String {
    if columns(key) <= width {
        return key.to_owned();
    }
    let mut kept = key;
    while columns(kept) + 1 > width {
        let mut letters = kept.chars();
        if letters.next().is_none() {
            break;
        }
        kept = letters.as_str();
    }
    format!("\u{2026}{kept}")
}

#[cfg(test)]
mod tests {
    use super::{columns, setting};

    #[test]
    fn a_key_is_cut_and_its_value_is_not() {
        assert_eq!(setting("dns.ttl", "30s", 13), ["dns.ttl = 30s"]);
        assert_eq!(setting("dns.ttl", "30s", 12), ["\u{2026}s.ttl = 30s"]);
        assert_eq!(setting("dns.ttl", "30s", 10), ["\u{2026}ttl = 30s"]);
        // Without room for four letters of the key the value has lines of its own.
        assert_eq!(setting("dns.ttl", "30s", 9), ["dns.ttl", "  30s"]);
        let value = "{ lognormal = { median = \"2m\", p95 = \"8m\" } }";
        let lines = setting("runbooks.promote.steps.0.approve", value, 24);
        assert!(lines.iter().all(|line| columns(line) <= 24), "{lines:?}");
        let rest: String = lines[1..].iter().map(|line| &line[2..]).collect();
        assert_eq!(rest, value);
    }
}
