//! `mrsim explain KEY`: meaning, form, range, default and source of one key, or the keys of a table.

use std::fmt::Write as _;

use sim_settings::{Key, KeyDefault, KeyRecord, Kind, nearest};

/// What a key takes, in words.
fn form(kind: &Kind) -> String {
    match kind {
        Kind::Duration => "a duration, such as \"250ms\", \"10s\" or \"5m\"".to_owned(),
        Kind::Delay => {
            "a duration, or a distribution such as { lognormal = { median = \"2m\", p95 = \"5m\" } }".to_owned()
        }
        Kind::Quantity => "a number, or a distribution such as { uniform = [1, 2] }".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Rate => "a number per second, or a text such as \"2 per year\"".to_owned(),
        Kind::Share => "a share from 0 to 1, or a text such as \"99.95%\"".to_owned(),
        Kind::Count => "a whole number".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Text => "a text".to_owned(),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Name => "the name of something defined in the file".to_owned(),
        Kind::Names => "a name, or an array of names, of things defined in the file".to_owned(),
        Kind::NumbersByName => "a table from names to numbers".to_owned(),
        Kind::DurationsByName => "a table from names to durations".to_owned(),
        Kind::NamesByName => "a table from names to names".to_owned(),
        Kind::Section => "a table".to_owned(),
        Kind::Sections => "an array of tables".to_owned(),
        Kind::Named => "tables under names of your choice".to_owned(),
        Kind::Either(forms) => format!("{}; or {}", form(&forms.0), form(&forms.1)),
        Kind::Other => "a form of its own".to_owned(),
    }
}

/// What a key is in the tables that have it, as far as they differ: the kinds of each group, and the key there. Tables
/// without a kind are one group.
pub(super) fn by_kind(record: &KeyRecord) -> Vec<(Vec<&str>, Key)> {
    let mut groups: Vec<(Vec<&str>, Key)> = Vec::new();
    for (kind, key) in &record.by_kind {
        let same = |other: &Key| (other.default, other.meaning) == (key.default, key.meaning);
        match groups.iter_mut().find(|(_, other)| same(other)) {
            Some((kinds, _)) if kinds.contains(&kind.as_str()) => {}
            Some((kinds, _)) => kinds.push(kind),
            None => groups.push((vec![kind], *key)),
        }
    }
    if groups.is_empty() { vec![(Vec::new(), record.key)] } else { groups }
}

/// What the number counts, in words; empty for what is no number.
fn unit(record: &KeyRecord) -> &'static str {
    let per_second = record.key.name.ends_with("per-second") || record.key.meaning.contains("per second");
    match record.kind {
        Kind::Duration | Kind::Delay => "ms, s, m, h or d, written with the number; seconds in data",
        Kind::Share => "a part of 1",
        Kind::Number | Kind::Quantity | Kind::Rate if per_second => "per second",
        Kind::Rate => "per second, or as the text says",
        _ => "",
    }
}

/// Whether the range of the key is one of numbers.
const fn is_number(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Duration | Kind::Delay | Kind::Share | Kind::Number | Kind::Quantity | Kind::Rate | Kind::Count
    )
}

/// A path as people type it matches a pattern whose `*` stand for names; the names may be left out.
fn matches(pattern: &str, typed: &str) -> bool {
    let without_stars: Vec<&str> = pattern.split('.').filter(|part| *part != "*").collect();
    if without_stars.join(".") == typed {
        return true;
    }
    let (pattern, typed): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), typed.split('.').collect());
    pattern.len() == typed.len() && pattern.iter().zip(&typed).all(|(part, word)| *part == "*" || part == word)
}

/// What the key at a path such as `clients.0.zipf` takes, if there is such a key.
pub fn kind_of<'a>(typed: &str, keys: &'a [KeyRecord]) -> Option<&'a Kind> {
    keys.iter().find(|record| matches(&record.path, typed)).map(|record| &record.kind)
}

/// The description of `typed`, or the nearest path that exists.
///
/// # Errors
/// What was probably meant, as a sentence.
pub fn explain(typed: &str, keys: &[KeyRecord]) -> Result<String, String> {
    let typed = typed.trim_matches('.');
    let Some(record) = keys.iter().find(|record| matches(&record.path, typed)) else {
        let known: Vec<String> = keys.iter().map(|record| record.path.replace(".*", "")).collect();
        let hint = nearest(typed, known.iter().map(String::as_str));
        // The end of a path that somebody remembers.
        let tail = format!(".{typed}");
        let ends: Vec<&str> = known.iter().map(String::as_str).filter(|path| path.ends_with(&tail)).take(8).collect();
        if !ends.is_empty() {
            return Err(format!("did you mean {}?", ends.join(" or ")));
        }
        return Err(hint.map_or_else(
            || "known keys are listed by `mrsim explain` without a key".to_owned(),
            |near| format!("did you mean {near}?"),
        ));
    };
    let mut text = format!("{}\n  meaning  {}\n", record.path, record.key.meaning);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<9}{value}");
        }
    };
    line("form", form(&record.kind));
    let seconds = matches!(record.kind, Kind::Duration | Kind::Delay);
    line("unit", unit(record).to_owned());
    let range = record.key.range(|bound| if seconds { format!("{bound} s") } else { format!("{bound}") });
    // What has no bounds of its own is at least 0 all the same.
    let unbounded = match record.kind {
        Kind::Share => "from 0 to 1",
        _ if is_number(&record.kind) && record.key.low == 0.0 => "at least 0",
        _ if is_number(&record.kind) => "any",
        _ => "",
    };
    line("range", if range.is_empty() { unbounded } else { range.trim_start_matches("of ") }.to_owned());
    let groups = by_kind(record);
    for (kinds, key) in &groups {
        if groups.len() > 1 {
            line("of", kinds.join(", "));
            if key.meaning != record.key.meaning {
                line("meaning", key.meaning.to_owned());
            }
        }
        match key.default {
            KeyDefault::Required if record.path.starts_with("regions.") => {
                line("default", "what the common stack has; it must be written in one of the two".to_owned());
            }
            KeyDefault::Required => line("default", "none: it must be written".to_owned()),
            KeyDefault::Optional => line("default", "absent".to_owned()),
            KeyDefault::Value { text, mark, source } => {
                line("default", text.to_owned());
                line("source", format!("{}: {source}", mark.word()));
            }
        }
    }
    let elements = format!("{}.*", record.path);
    let inside = |child: &&KeyRecord| child.parent() == record.path || child.parent() == elements;
    let mut children: Vec<String> =
        keys.iter().filter(inside).map(|child| crate::file::key_text(child.key.name)).collect();
    children.dedup();
    line("keys", children.join(", "));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::keys;

    /// `p99.9` has a point and is one key.
    #[test]
    fn keys_with_a_point_are_keys_of_their_table() {
        let text = explain("objectives.rto", &keys()).expect("known");
        assert!(text.contains("p99, \"p99.5\", \"p99.9\""), "{text}");
    }

    /// Two kinds of faults have a probability, and not of the same thing.
    #[test]
    fn what_differs_in_meaning_alone_is_told_apart() {
        let text = explain("faults.0.probability", &keys()).expect("known");
        assert!(text.contains("attempt to launch fails") && text.contains("that an instance fails"), "{text}");
        let text = explain("clients.0.near", &keys()).expect("known");
        assert!(text.contains("one of us-east-1, "), "{text}");
    }

    #[test]
    fn the_end_of_a_path_leads_to_the_whole() {
        let hint = explain("ttl", &keys()).expect_err("no whole path");
        assert!(hint.contains("dns.ttl"), "{hint}");
    }

    /// Kinds that differ have a line each, with the source of each.
    #[test]
    fn defaults_that_differ_from_kind_to_kind_are_told_apart() {
        let keys = keys();
        let text = explain("stores.x.promotion-time", &keys).expect("known");
        for (kind, default) in [
            ("aurora-global, sharded-relational", "{ lognormal = { median = \"2m\", p95 = \"5m\" } }"),
            ("rds-replica", "{ lognormal = { median = \"5m\", p95 = \"15m\" } }"),
            ("elasticache-global", "{ lognormal = { median = \"1m\", p95 = \"2m\" } }"),
        ] {
            let told =
                text.contains(&format!("  of       {kind}\n")) && text.contains(&format!("  default  {default}\n"));
            assert!(told, "{kind}: {text}");
        }
        assert_eq!(text.matches("  source   assumed: ").count(), 3, "{text}");
        // Where all kinds agree, one line does.
        let text = explain("faults.duration", &keys).expect("known");
        assert_eq!(text.matches("  default  ").count(), 1, "{text}");
    }

    #[test]
    fn a_region_need_not_repeat_what_the_common_stack_has() {
        let text = explain("regions.us-east-1.compute.instances", &keys()).expect("known");
        assert!(text.contains("what the common stack has"), "{text}");
    }

    #[test]
    fn what_files_extend_is_a_key_like_any_other() {
        let text = explain("extends", &keys()).expect("known");
        assert!(text.contains("another file") && text.contains("absent"), "{text}");
    }

    #[test]
    fn a_key_is_found_with_and_without_the_names_in_its_path() {
        let keys = keys();
        for typed in
            ["dns.health-check.interval", "clients.europe.caching", "clients.caching", "stores.x.promotion-time"]
        {
            assert!(explain(typed, &keys).is_ok(), "{typed}");
        }
        let text = explain("dns.health-check.interval", &keys).expect("known");
        assert!(
            text.contains("default  30s") && text.contains("documented") && text.contains("at least 1 s"),
            "{text}"
        );
        assert!(
            explain("dns.health-check.intervall", &keys).is_err_and(|hint| hint.contains("dns.health-check.interval"))
        );
    }
}
