//! Where settings are written, for advice that names a line.

use std::path::Path;

use sim_settings::{Node, Place, Value};

use super::failure::LoadFailure;
use super::set::{self, Setting};
use super::{load, value_text};
use crate::finding::Spot;

/// Where a setting is written, or where it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The place of its value; where it is not written, that of the nearest table around it.
    pub spot: Spot,
    /// Its value as TOML, if it is written.
    pub written: Option<String>,
    /// The path of that table; the whole path where the setting is written.
    pub under: String,
}

/// Finds these keys, paths as `--set` takes them, in the experiment at `path`. Nothing for one that belongs to the top of
/// a file and is not written.
///
/// # Errors
/// Those of [`load`].
pub fn whereabouts(
    path: &Path,
    settings: &[Setting],
    confined: Option<&Path>,
    keys: &[String],
) -> Result<Vec<Option<Whereabouts>>, LoadFailure> {
    let loaded = load(path, settings, confined)?;
    let find = |key: &String| {
        let found = deepest(&loaded.node, &set::elements(key)?)?;
        let spot = loaded.sources.spot(found.place);
        Some(Whereabouts { spot, written: found.written, under: found.under })
    };
    Ok(keys.iter().map(find).collect())
}

struct Deepest {
    place: Place,
    written: Option<String>,
    under: String,
}

/// The last written part of a path, if anything of it is.
fn deepest(root: &Node, path: &[String]) -> Option<Deepest> {
    let mut at = root;
    let mut found = None;
    let mut under = String::new();
    for (index, key) in path.iter().enumerate() {
        let next = match &at.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == *key).map(|entry| &entry.node),
            Value::Array(elements) => set::place_of(elements, key).map(|place| &elements[place]),
            _ => None,
        };
        let Some(node) = next else { break };
        let text = super::key_text(key);
        under = if under.is_empty() { text } else { format!("{under}.{text}") };
        let written = (index + 1 == path.len()).then(|| value_text(&node.value));
        found = Some(Deepest { place: node.place, written, under: under.clone() });
        at = node;
    }
    found
}
