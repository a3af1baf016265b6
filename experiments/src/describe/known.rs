//! Every key that an experiment file can have, from the tables that list them.

use sim_settings::{Condition, Key, Layout, Placed, Takes, child_path, exclusive, placed};

/// One key, at its path.
#[derive(Clone, Debug)]
pub struct Known {
    /// The path, with `*` for what the author names: `clients.*.requests-per-second`.
    pub path: String,
    /// The path of the table that it stands in; empty for the file itself.
    pub parent: String,
    /// The key at each place where a table may have it: several if that depends on other keys, such as `kind`.
    pub placed: Vec<Placed>,
    /// The keys of which its table has exactly one, if this is one of them.
    pub one_of: Option<&'static [&'static str]>,
}

impl Known {
    /// The key at its first place.
    pub fn key(&self) -> &Key {
        &self.first().entry.key
    }

    /// The form of the key at its first place.
    pub fn takes(&self) -> &Takes {
        &self.first().entry.takes
    }

    fn first(&self) -> &Placed {
        self.placed.first().expect("a key is known from where it stands")
    }

    /// The key with each of its meanings, ranges, defaults and forms, and the conditions of each.
    pub fn groups(&self) -> Vec<(Vec<&[Condition]>, &Placed)> {
        let mut groups: Vec<(Vec<&[Condition]>, &Placed)> = Vec::new();
        for placed in &self.placed {
            match groups.iter_mut().find(|(_, other)| other.entry.key == placed.entry.key) {
                Some((conditions, _)) => conditions.push(&placed.when),
                None => groups.push((vec![&placed.when], placed)),
            }
        }
        groups
    }

    /// The last part of the path.
    pub fn name(&self) -> &'static str {
        self.key().name
    }

    /// The path of the keys inside, and their layout.
    fn inside(path: &str, takes: &Takes) -> Option<(String, Layout)> {
        let below = match takes {
            Takes::List(_) | Takes::Lists(_) | Takes::Named(_) | Takes::Either(Takes::List(_) | Takes::Named(_), _) => {
                format!("{path}.*")
            }
            _ => path.to_owned(),
        };
        Some((below, takes.layout()?))
    }
}

/// All keys of the tables in `layout`, sorted by path.
pub fn known(layout: Layout) -> Vec<Known> {
    let mut found = Vec::new();
    gather("", layout, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn gather(parent: &str, layout: Layout, found: &mut Vec<Known>) {
    let groups = exclusive(layout);
    for placed in placed(layout) {
        let name = placed.entry.key.name;
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        let inside = Known::inside(&path, &placed.entry.takes);
        if let Some(known) = found.iter_mut().find(|known| known.path == path) {
            known.placed.push(placed);
        } else {
            let one_of = groups.iter().map(|(_, names)| *names).find(|names| names.contains(&name));
            found.push(Known { path, parent: parent.to_owned(), placed: vec![placed], one_of });
        }
        if let Some((below, layout)) = inside {
            gather(&below, layout, found);
        }
    }
}

/// Conditions in words: `aurora-global`, `s3-replication, rtc = true`, `beside approve or wait`.
pub(super) fn conditions(when: &[Condition]) -> String {
    let one = |condition: &Condition| match condition {
        Condition::Is("kind" | "policy", value) => (*value).to_owned(),
        Condition::Is(key, value) => format!("{key} = {value}"),
        Condition::Beside(keys) => format!("beside {}", keys.join(" or ")),
    };
    when.iter().map(one).collect::<Vec<_>>().join(" with ")
}

/// An example of the key's value, as TOML.
pub(crate) fn example(key: &Key, takes: &Takes) -> String {
    if !key.example.is_empty() {
        return key.example.to_owned();
    }
    if let sim_settings::KeyDefault::Value { text, .. } = key.default {
        return written(text);
    }
    let number = || {
        let low = if key.low_excluded { key.low + 1.0 } else { key.low };
        f64::max(1.0, low).min(key.high)
    };
    match takes {
        Takes::Duration | Takes::Delay | Takes::DelayOr(_) => {
            format!("\"{}\"", sim_settings::quantity::duration_text(f64::max(10.0, key.low).min(key.high)))
        }
        Takes::Quantity | Takes::Number | Takes::Count => format!("{}", number()),
        Takes::Rate => "\"2 per minute\"".to_owned(),
        Takes::Share => format!("{}", f64::min(0.5, key.high)),
        Takes::Flag => "true".to_owned(),
        Takes::Text => "\"..\"".to_owned(),
        Takes::OneOf(words) => words().first().map_or_else(String::new, |word| format!("\"{}\"", word.word)),
        Takes::Among(names) => names().first().map_or_else(String::new, |name| format!("\"{name}\"")),
        Takes::Name(thing) => format!("\"{}\"", thing.example),
        Takes::Names(thing) => format!("[\"{}\"]", thing.example),
        Takes::NumbersBy(thing) => format!("{{ {} = {} }}", thing.example, number()),
        Takes::DurationsBy(thing) => format!("{{ {} = \"80ms\" }}", thing.example),
        Takes::NamesBy(from, to) => format!("{{ {} = \"{}\" }}", from.example, to.example),
        Takes::Table(layout) | Takes::TableOrList(layout) => table(layout),
        Takes::List(layout) => format!("[{}]", table(layout)),
        Takes::Lists(layout) => format!("[[{0}], [{0}]]", table(layout)),
        Takes::Named(layout) => format!("{{ some-name = {} }}", table(layout)),
        Takes::Either(one, _) => example(key, one),
        Takes::Own(_) => "{}".to_owned(),
    }
}

/// A default as TOML: text that is no other value gets quotes.
fn written(text: &str) -> String {
    let bare = sim_settings::parse_value(text, 0).is_some();
    if bare { text.to_owned() } else { format!("\"{text}\"") }
}

/// A table with its required keys, and with the first of the keys of which it has exactly one.
fn table(layout: Layout) -> String {
    table_with(layout, Vec::new())
}

/// A word or a flag as TOML.
pub(crate) fn constant(value: &str) -> String {
    if value.parse::<bool>().is_ok() { value.to_owned() } else { format!("\"{value}\"") }
}

/// The same table with these keys and values besides.
pub(crate) fn table_with(layout: Layout, mut written: Vec<(&'static str, String)>) -> String {
    let exclusive = exclusive(layout);
    let decided = |written: &[(&str, String)], when: &[Condition]| {
        when.iter().all(|condition| match condition {
            Condition::Is(key, value) => written.iter().any(|(name, text)| name == key && *text == constant(value)),
            Condition::Beside(keys) => keys.iter().any(|key| written.iter().any(|(name, _)| name == key)),
        })
    };
    for placed in placed(layout) {
        let name = placed.entry.key.name;
        let group = exclusive.iter().find(|(_, names)| names.contains(&name));
        let chosen = match group {
            Some((_, names)) => !names.iter().any(|name| written.iter().any(|(other, _)| other == name)),
            None => placed.entry.key.default == sim_settings::KeyDefault::Required,
        };
        if chosen && decided(&written, &placed.when) && written.iter().all(|(other, _)| *other != name) {
            written.push((name, example(&placed.entry.key, &placed.entry.takes)));
        }
    }
    if written.is_empty() {
        return "{}".to_owned();
    }
    let pairs: Vec<String> =
        written.iter().map(|(name, value)| format!("{} = {value}", child_path("", name))).collect();
    format!("{{ {} }}", pairs.join(", "))
}
