//! Figures that many parts of a file have alike: three hundred populations that assume the same are one line.

use std::hash::Hash;

use indexmap::IndexMap;

use crate::units::whole;

/// Fewer than this are told one by one: their paths are there to be copied.
const FEWEST: usize = 4;

/// Tables of parts under names, and what several of them are called.
const TABLES: [(&str, &str); 11] = [
    ("alarms", "alarms"),
    ("clients", "populations"),
    ("faults", "faults"),
    ("health-checks", "health checks"),
    ("journeys", "journeys"),
    ("names", "names"),
    ("records", "records"),
    ("regions", "regions"),
    ("runbooks", "runbooks"),
    ("services", "services"),
    ("stores", "stores"),
];

/// One figure, or those of several parts that are alike.
#[derive(Debug, PartialEq)]
pub(super) struct Alike<'a, T> {
    /// The first.
    pub(super) figure: &'a T,
    /// Its path; of several `clients.*.timeout`.
    pub(super) path: String,
    /// For whom, if there are several: `for 300 populations`.
    pub(super) of: Option<String>,
}

/// Figures that are alike, and what the parts that have them are called.
struct Group<'a, T> {
    parts: Option<&'static str>,
    figures: Vec<&'a T>,
}

/// The figures in their order, those together whose paths differ in the name of a part alone and of which `same` is equal.
pub(super) fn alike<'a, T, S: Hash + Eq>(
    figures: impl Iterator<Item = &'a T>,
    path: impl Fn(&T) -> &str,
    same: impl Fn(&'a T) -> S,
) -> Vec<Alike<'a, T>> {
    let mut groups: IndexMap<(String, S), Group<'a, T>> = IndexMap::new();
    for figure in figures {
        let (pattern, parts) = match pattern(path(figure)) {
            Some((pattern, parts)) => (pattern, Some(parts)),
            None => (path(figure).to_owned(), None),
        };
        let group = groups.entry((pattern, same(figure)));
        group.or_insert_with(|| Group { parts, figures: Vec::new() }).figures.push(figure);
    }
    let mut told = Vec::new();
    for ((pattern, _), Group { parts, figures }) in groups {
        match parts {
            Some(parts) if figures.len() >= FEWEST => {
                let of = Some(format!("for {} {parts}", whole(figures.len() as u64)));
                told.push(Alike { figure: figures[0], path: pattern, of });
            }
            _ => {
                told.extend(figures.into_iter().map(|figure| Alike {
                    figure,
                    path: path(figure).to_owned(),
                    of: None,
                }));
            }
        }
    }
    told
}

/// `clients.*.timeout` of `clients.c0.timeout`, and what such parts are called.
fn pattern(path: &str) -> Option<(String, &'static str)> {
    let (table, rest) = path.split_once('.')?;
    let (_, parts) = TABLES.iter().find(|(name, _)| *name == table)?;
    // A name with a point stands in quotes.
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.find('"')? + 2,
        None => rest.find('.')?,
    };
    let key = rest.get(name..)?.strip_prefix('.')?;
    Some((format!("{table}.*.{key}"), *parts))
}

#[cfg(test)]
mod tests {
    use super::{alike, pattern};

    fn told(figures: &[(&str, u32)]) -> Vec<String> {
        let found = alike(figures.iter(), |(path, _)| path, |(_, value)| *value);
        found.iter().map(|one| format!("{} = {} {}", one.path, one.figure.1, one.of.as_deref().unwrap_or(""))).collect()
    }

    #[test]
    fn what_is_alike_is_one_line_and_what_differs_is_another() {
        let paths: Vec<String> = (0..300).map(|index| format!("clients.c{index}.timeout")).collect();
        // The last waits for longer than the 299 others.
        let of = |index: usize| (paths[index].as_str(), if index == 299 { 90 } else { 60 });
        let mut figures = vec![("dns.ttl", 5)];
        figures.extend((0..300).map(of));
        assert_eq!(
            told(&figures),
            ["dns.ttl = 5 ", "clients.*.timeout = 60 for 299 populations", "clients.c299.timeout = 90 "]
        );
        // Three are told one by one.
        assert_eq!(told(&figures[1..4]).len(), 3);
    }

    #[test]
    fn the_name_of_a_part_may_have_points() {
        let found = |path| pattern(path).map(|(pattern, _)| pattern);
        assert_eq!(found("clients.\"a.b\".timeout").as_deref(), Some("clients.*.timeout"));
        assert_eq!(found("stores.orders.backup.every").as_deref(), Some("stores.*.backup.every"));
        assert_eq!((found("dns.ttl"), found("clients"), found("clients.a")), (None, None, None));
    }
}
