//! `mrsim explain KEY`: meaning, form, range, default, source and example of one key, the keys of a table, what one of
//! the words means that a key chooses from, or what a word of the reports means.

use std::fmt::Write as _;

use sim_settings::quantity::duration_text;
use sim_settings::{Band, Key, KeyDefault, Placed, Takes, Word, nearest, placed};

use super::glossary;
use super::known::{Known, conditions, example};

/// What a key takes, in words.
pub(super) fn form(takes: &Takes) -> String {
    match takes {
        Takes::Duration => "a duration".to_owned(),
        Takes::Delay => "a duration, or a distribution of durations".to_owned(),
        Takes::DelayOr(word) => format!("a duration, a distribution of durations, or \"{word}\""),
        Takes::Quantity => "a number, or a distribution of numbers".to_owned(),
        Takes::Number => "a number".to_owned(),
        Takes::Rate => "a number per second, or a text such as \"2 per year\"".to_owned(),
        Takes::Share => "a share from 0 to 1, or a text such as \"99.95%\"".to_owned(),
        Takes::Count => "a whole number".to_owned(),
        Takes::Flag => "true or false".to_owned(),
        Takes::Text => "a text".to_owned(),
        Takes::OneOf(words) => format!("one of {}", listed(words().iter().map(|word| word.word))),
        Takes::Among(names) => format!("one of {}", listed(names())),
        Takes::Name(thing) => format!("the name of {}", one(thing.word)),
        Takes::Names(thing) => format!("the name of {}, or an array of such names", one(thing.word)),
        Takes::NumbersBy(thing) => format!("a table from names ({}) to numbers", thing.under),
        Takes::DurationsBy(thing) => format!("a table from names ({}) to durations", thing.under),
        Takes::NamesBy(from, to) => format!("a table from names ({}) to names ({})", from.under, to.under),
        Takes::Table(_) => "a table".to_owned(),
        Takes::List(_) => "an array of tables".to_owned(),
        Takes::Lists(_) => "an array of arrays of tables".to_owned(),
        Takes::Named(_) => "tables under names of your choice".to_owned(),
        Takes::TableOrList(_) => "a table, or an array of tables".to_owned(),
        Takes::Either(one, other) => format!("{}; or {}", form(one), form(other)),
        Takes::Own(words) => (*words).to_owned(),
    }
}

/// A word with its article.
fn one(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

/// What the number counts, in words; empty for what is no number.
const fn unit(key: &Key, takes: &Takes) -> &'static str {
    match takes {
        _ if !key.unit.is_empty() => key.unit,
        Takes::Duration | Takes::Delay | Takes::DelayOr(_) | Takes::DurationsBy(_) => {
            "ms, s, m, h or d, written with the number; seconds in data"
        }
        Takes::Share => "a part of 1",
        Takes::Rate => "per second, or as the text says",
        _ => "",
    }
}

/// The values that a key admits, in words; empty for what is no number.
pub(super) fn range(key: &Key, takes: &Takes) -> String {
    let plain = |bound: f64| format!("{bound}");
    let (range, unbounded) = match takes {
        Takes::Duration | Takes::Delay | Takes::DelayOr(_) | Takes::DurationsBy(_) => {
            (key.range(duration_text), if key.low == 0.0 { "at least 0s" } else { "any" })
        }
        Takes::Share => (key.range(plain), "from 0 to 1"),
        Takes::Number | Takes::Quantity | Takes::Rate | Takes::Count | Takes::NumbersBy(_) => {
            (key.range(plain), if key.low == 0.0 { "at least 0" } else { "any" })
        }
        _ => return String::new(),
    };
    if range.is_empty() { unbounded.to_owned() } else { range.trim_start_matches("of ").to_owned() }
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
pub fn taken_by<'a>(typed: &str, keys: &'a [Known]) -> Option<&'a Takes> {
    keys.iter().find(|known| matches(&known.path, typed)).map(Known::takes)
}

/// What `typed` is: a key, a word that a key chooses from, or a word of the reports.
///
/// # Errors
/// What was probably meant, as a sentence.
pub fn explain(typed: &str, keys: &[Known]) -> Result<String, String> {
    let typed = typed.trim_matches('.');
    // What stands between brackets or is a number is a place in an array.
    let typed = typed.replace('[', ".").replace(']', "");
    let words = keys_words(&typed, keys) + &terms(&typed);
    match keys.iter().find(|known| matches(&known.path, &typed)) {
        Some(known) => Ok(described(known, keys) + &words),
        None if !words.is_empty() => Ok(words),
        None => Err(meant(&typed, keys)),
    }
}

/// What the word means in the reports, if it is one of theirs.
fn terms(typed: &str) -> String {
    let plain = |word: &str| word.replace('-', " ").to_lowercase();
    let mut text = String::new();
    for (word, meaning) in glossary::words().into_iter().filter(|(word, _)| plain(word) == plain(typed)) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{word}\n  meaning  {meaning}");
    }
    text
}

/// What the word means where a key chooses it.
fn keys_words(typed: &str, keys: &[Known]) -> String {
    let mut told: Vec<(String, Word)> = Vec::new();
    for known in keys {
        for Placed { entry, .. } in &known.placed {
            for word in words_of(&entry.takes).into_iter().filter(|word| word.word == typed) {
                // A region's own table has what the common one has.
                let again = |(path, other): &(String, Word)| {
                    other.meaning == word.meaning && known.path.ends_with(path.as_str())
                };
                if !told.iter().any(again) {
                    told.push((known.path.clone(), word));
                }
            }
        }
    }
    let mut text = String::new();
    for (path, word) in told {
        let _ = writeln!(text, "{}\n  value of {path}\n  meaning  {}", word.word, word.meaning);
        let own = names_of(placed(word.keys).iter());
        if !own.is_empty() {
            let _ = writeln!(text, "  keys     {own}");
        }
    }
    text
}

/// The words that a key chooses from, if it does.
pub(super) fn words_of(takes: &Takes) -> Vec<Word> {
    match takes {
        Takes::OneOf(words) => words(),
        Takes::Either(one, other) => [words_of(one), words_of(other)].concat(),
        _ => Vec::new(),
    }
}

fn names_of<'p>(placed: impl Iterator<Item = &'p Placed>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in placed.map(|placed| crate::file::key_text(placed.entry.key.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// The nearest path or word that exists, or where to look.
fn meant(typed: &str, keys: &[Known]) -> String {
    let known: Vec<String> = keys.iter().map(|known| known.path.replace(".*", "")).collect();
    // The end of a path that somebody remembers.
    let tail = format!(".{typed}");
    let ends: Vec<&str> = known.iter().map(String::as_str).filter(|path| path.ends_with(&tail)).take(8).collect();
    if !ends.is_empty() {
        return format!("did you mean {}?", ends.join(" or "));
    }
    let words = glossary::words();
    let names = known.iter().map(String::as_str).chain(words.iter().map(|(word, _)| *word));
    if let Some(near) = nearest(typed, names) {
        return format!("did you mean {near}?");
    }
    // A slip in a name that is remembered without its path.
    let lasts = known.iter().map(|path| path.rsplit('.').next().unwrap_or(path));
    let slip = nearest(typed.rsplit('.').next().unwrap_or(typed), lasts).and_then(|last| {
        let tail = format!(".{last}");
        known.iter().find(|path| path.ends_with(&tail))
    });
    slip.map_or_else(
        || "known keys are listed by `mrsim explain` without a key".to_owned(),
        |near| format!("did you mean {near}?"),
    )
}

/// The description of one key.
fn described(known: &Known, keys: &[Known]) -> String {
    let mut text = format!("{}\n", known.path);
    let groups = known.groups();
    for (index, (when, Placed { entry, .. })) in groups.iter().enumerate() {
        let (key, takes) = (&entry.key, &entry.takes);
        if groups.len() > 1 {
            text.push_str(if index > 0 { "\n" } else { "" });
            let kinds = when.iter().map(|when| conditions(when)).collect::<Vec<_>>().join(", ");
            line(&mut text, "where", &kinds);
        }
        line(&mut text, "meaning", key.meaning);
        line(&mut text, "form", &form(takes));
        for word in words_of(takes) {
            let own = names_of(placed(word.keys).iter());
            let own = if own.is_empty() { own } else { format!(" (keys: {own})") };
            line(&mut text, "", &format!("{}: {}{own}", word.word, word.meaning));
        }
        line(&mut text, "unit", unit(key, takes));
        line(&mut text, "range", &range(key, takes));
        line(&mut text, "default", &default(known, key));
        if let KeyDefault::Value { mark, source, .. } = key.default {
            line(&mut text, "source", &format!("{}: {source}", mark.word()));
        }
        if let Some(Band { extent, reason }) = &key.band {
            line(&mut text, "band", &format!("{}: {reason}", crate::units::extent(extent)));
        }
        line(&mut text, "example", &format!("{} = {}", crate::file::key_text(key.name), example(key, takes)));
    }
    if let [(when, _)] = groups.as_slice()
        && when.iter().all(|when| !when.is_empty())
    {
        line(&mut text, "only", &when.iter().map(|when| conditions(when)).collect::<Vec<_>>().join("; or "));
    }
    let elements = format!("{}.*", known.path);
    let inside = keys.iter().filter(|child| child.parent == known.path || child.parent == elements);
    let children: Vec<String> = inside.map(|child| crate::file::key_text(child.name())).collect();
    line(&mut text, "keys", &children.join(", "));
    text
}

/// Adds a line with a name before it, unless there is nothing to say.
fn line(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<width$}{value}", width = super::LABEL);
    }
}

/// What holds where the key is not written.
pub(super) fn default(known: &Known, key: &Key) -> String {
    match key.default {
        KeyDefault::Value { text, .. } => text.to_owned(),
        _ if known.one_of.is_some_and(|names| names.contains(&key.name)) => {
            let names = known.one_of.unwrap_or_default();
            format!("none: exactly one of {} is written", names.join(", "))
        }
        KeyDefault::Required if known.path.starts_with("regions.") => {
            "what the common stack has; it must be written in one of the two".to_owned()
        }
        KeyDefault::Optional { without } if known.path.starts_with("regions.") => {
            format!("what the common stack has; if that has none either: {without}")
        }
        KeyDefault::Required => "none: it must be written".to_owned(),
        KeyDefault::Optional { without } => format!("not written: {without}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::known;
    use crate::experiment::LAYOUT;

    fn told(typed: &str) -> String {
        explain(typed, &known(LAYOUT)).unwrap_or_else(|hint| panic!("{typed}: {hint}"))
    }

    /// `p99.9` has a point and is one key.
    #[test]
    fn keys_with_a_point_are_keys_of_their_table() {
        let text = told("objectives.rto");
        assert!(text.contains("p99, \"p99.5\", \"p99.9\""), "{text}");
    }

    /// Two kinds of faults have a probability, and not of the same thing.
    #[test]
    fn what_differs_in_meaning_alone_is_told_apart() {
        let text = told("faults.0.probability");
        assert!(text.contains("attempt to launch fails") && text.contains("that an instance fails"), "{text}");
        let text = told("clients.0.near");
        assert!(text.contains("one of us-east-1, "), "{text}");
    }

    #[test]
    fn the_end_of_a_path_leads_to_the_whole() {
        let hint = explain("zzz", &known(LAYOUT)).expect_err("nothing like it");
        assert!(hint.contains("listed by"), "{hint}");
        let hint = explain("endpoint-tll", &known(LAYOUT)).expect_err("a slip");
        assert_eq!(hint, "did you mean stores.endpoint-ttl?");
        let hint = explain("failure-threshold", &known(LAYOUT)).expect_err("no whole path");
        // Checks of all endpoints, those with a name, and one region's.
        let all = "did you mean dns.health-check.failure-threshold or health-checks.failure-threshold or \
                   regions.dns.health-check.failure-threshold?";
        assert_eq!(hint, all);
    }

    /// Kinds that differ have a part each, with the source of each.
    #[test]
    fn defaults_that_differ_from_kind_to_kind_are_told_apart() {
        let text = told("stores.x.promotion-time");
        for (kind, default) in [
            ("aurora-global, sharded-relational", "{ lognormal = { median = \"2m\", p95 = \"5m\" } }"),
            ("rds-replica", "{ lognormal = { median = \"5m\", p95 = \"15m\" } }"),
            ("elasticache-global", "{ lognormal = { median = \"1m\", p95 = \"2m\" } }"),
        ] {
            let told =
                text.contains(&format!("  where    {kind}\n")) && text.contains(&format!("  default  {default}\n"));
            assert!(told, "{kind}: {text}");
        }
        // Two more kinds have the figures of others and sources of their own.
        assert_eq!(text.matches("  source   assumed: ").count(), 5, "{text}");
        // Where all kinds agree, one line does.
        let text = told("faults.duration");
        assert_eq!(text.matches("  default  ").count(), 1, "{text}");
    }

    #[test]
    fn a_region_need_not_repeat_what_the_common_stack_has() {
        let text = told("regions.us-east-1.compute.instances");
        assert!(text.contains("what the common stack has"), "{text}");
    }

    /// What an absent key means is said, and never that there is no default where one applies.
    #[test]
    fn every_key_says_what_holds_without_it() {
        let keys = known(LAYOUT);
        for key in &keys {
            let text = explain(&key.path, &keys).unwrap_or_else(|hint| panic!("{}: {hint}", key.path));
            assert!(text.contains("  default  ") && text.contains("  example  "), "{text}");
            assert!(!text.contains("default  absent") && !text.contains("not written: \n"), "{text}");
        }
        assert!(told("alarms.a.ingestion-delay").contains("as `cloudwatch.ingestion-delay`"));
        assert!(told("edge.weights").contains("128 for each endpoint"));
    }

    #[test]
    fn what_files_extend_is_a_key_like_any_other() {
        let text = told("extends");
        assert!(text.contains("another file") && text.contains("stands alone"), "{text}");
    }

    #[test]
    fn words_that_a_key_chooses_from_are_known() {
        let text = told("aurora-global");
        assert!(text.contains("value of stores.*.kind") && text.contains("rpo-bound"), "{text}");
        let text = told("multi-region-access-point");
        assert!(text.contains("  keys     active, shift-time"), "{text}");
        let text = told("dns.policy");
        assert!(text.contains("failover: the primary") && text.contains("(keys: primary, secondary)"), "{text}");
    }

    #[test]
    fn words_of_the_reports_are_known() {
        for word in [
            "censored",
            "stranded",
            "lost",
            "overwritten",
            "decision",
            "detection",
            "worst",
            "up",
            "planned",
            "at risk",
            "up again",
            "first-back",
            "MET",
            "not judged",
            "RTO",
            "dns-cache",
        ] {
            assert!(told(word).contains("  meaning  "), "{word}");
        }
        let hint = explain("censord", &known(LAYOUT)).expect_err("a slip");
        assert_eq!(hint, "did you mean censored?");
    }

    #[test]
    fn a_key_is_found_with_and_without_the_names_in_its_path() {
        for typed in [
            "dns.health-check.interval",
            "clients.europe.caching",
            "clients.caching",
            "clients[0].caching",
            "stores.x.promotion-time",
        ] {
            told(typed);
        }
        let text = told("dns.health-check.interval");
        assert!(text.contains("default  30s") && text.contains("documented") && text.contains("at least 1s"), "{text}");
        let hint = explain("dns.health-check.intervall", &known(LAYOUT)).expect_err("a slip");
        assert!(hint.contains("dns.health-check.interval"), "{hint}");
    }
}
