//! Every key that an experiment file can have: what the readers ask for when they read one of everything.

use sim_settings::{Key, KeyRecord, Kind, Report};

use super::spec;
use crate::file;

/// A file with one of everything. It need not make sense: only what is asked for counts.
const ONE_OF_EVERYTHING: &str = include_str!("one-of-everything.toml");

const EXTENDS: Key = Key::optional("extends", "another file that this one changes");

/// Settings that lead readers down roads that exclude one another.
const ROADS: [&[&str]; 10] = [
    &[],
    &["dns.health-check={ deep = [] }"],
    &["dns.policy=failover"],
    &["dns.policy=weighted"],
    &["dns.policy=simple"],
    &["dns.policy=geolocation"],
    &["dns.policy=geoproximity"],
    &["dns.policy=multivalue"],
    &["edge={ kind = \"cloudfront\" }"],
    &["edge={ kind = \"global-accelerator\" }"],
];

/// Every key, sorted by path, each once; choices are those of all roads together.
pub fn keys() -> Vec<KeyRecord> {
    let mut records: Vec<KeyRecord> = Vec::new();
    for sets in ROADS {
        let sets: Vec<file::Setting> = sets.iter().map(|set| file::Setting::set(*set)).collect();
        let loaded = file::load_text("one-of-everything.toml", ONE_OF_EVERYTHING, &sets)
            .expect("the built-in text is TOML, and its settings have paths");
        let report = Report::new();
        let _ = spec::read(&report, &loaded.node);
        for record in report.keys() {
            match records.iter_mut().find(|known| known.path == record.path) {
                Some(known) => widen(known, record),
                None => records.push(record),
            }
        }
    }
    // The common stack and a region's own are the same tables: whatever one is asked for, the other may have.
    for stack in ["compute", "load-balancer", "dns.health-check"] {
        let own = format!("regions.*.{stack}.");
        let common = format!("{stack}.");
        let mirrored: Vec<KeyRecord> = records
            .iter()
            .filter_map(|record| {
                let path = match (record.path.strip_prefix(&own), record.path.strip_prefix(&common)) {
                    (Some(rest), _) => format!("{common}{rest}"),
                    (_, Some(rest)) => format!("{own}{rest}"),
                    _ => return None,
                };
                Some(KeyRecord { path, ..record.clone() })
            })
            .collect();
        for record in mirrored {
            if records.iter().all(|known| known.path != record.path) {
                records.push(record);
            }
        }
    }
    for record in &mut records {
        if record.kind == Kind::Other && matches!(last(&record.path), "compute" | "load-balancer" | "edge") {
            record.kind = Kind::Section;
        }
    }
    // It has done its work before readers see a file.
    records.push(KeyRecord { path: EXTENDS.name.to_owned(), kind: Kind::Text, key: EXTENDS, by_kind: Vec::new() });
    records.sort_by(|a, b| a.path.cmp(&b.path));
    records
}

/// The keys that the readers of one file ask for.
///
/// # Errors
/// Why the file cannot be loaded.
pub fn keys_of(path: &std::path::Path) -> Result<Vec<String>, file::Failure> {
    let loaded = file::load(path, &[], None)?;
    let report = Report::new();
    let _ = spec::read(&report, &loaded.node);
    Ok(report.keys().into_iter().map(|record| record.path).collect())
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Two roads asked for the same key in different ways: what either takes is right.
fn widen(known: &mut KeyRecord, other: KeyRecord) {
    match (&mut known.kind, other.kind) {
        (Kind::Choice(words), Kind::Choice(more)) => {
            words.extend(more.into_iter().filter(|word| !words.contains(word)).collect::<Vec<_>>());
        }
        (kind @ Kind::Other, more) => *kind = more,
        _ => {}
    }
    known.by_kind.extend(other.by_kind.into_iter().filter(|one| !known.by_kind.contains(one)).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use sim_settings::{Report, Value};

    use super::{ONE_OF_EVERYTHING, keys, spec};
    use crate::describe::explain;
    use crate::file;

    /// What `explain` says of a kind of store is what the reader takes for it.
    #[test]
    fn the_default_of_a_kind_is_the_one_that_its_reader_uses() {
        let loaded = file::load_text("one-of-everything.toml", ONE_OF_EVERYTHING, &[]).expect("it is TOML");
        let report = Report::new();
        let _ = spec::read(&report, &loaded.node);
        let keys = keys();
        let child = |node: &sim_settings::Node, name: &str| {
            node.entries().iter().find(|entry| entry.key == name).map(|entry| entry.node.clone())
        };
        let stores = child(&loaded.node, "stores").expect("stores");
        let mut checked = 0;
        for used in report.used_defaults() {
            let parts: Vec<&str> = used.path.split('.').collect();
            let ["stores", name, _] = parts[..] else { continue };
            let kind = child(&stores, name).and_then(|store| child(&store, "kind")).map(|kind| kind.value);
            let Some(Value::Text(kind)) = kind else { panic!("{name} has a kind") };
            let text = explain(&used.path, &keys).expect("known");
            // The part about this kind, or all of it where the kinds agree.
            let of_kind = |part: &&str| part.lines().next().is_some_and(|of| of.split(", ").any(|one| one == kind));
            let own: Vec<&str> = text.split("\n  of       ").skip(1).filter(of_kind).collect();
            let own = if own.is_empty() { vec![text.as_str()] } else { own };
            let default = format!("  default  {}\n", used.text);
            let told = own.iter().any(|part| part.contains(&default));
            assert!(told, "{}: {kind}: {}\n{text}", used.path, used.text);
            checked += 1;
        }
        assert!(checked > 30, "{checked}");
    }
}
