//! The varied keys in words, for charts: paths of keys are for files.

use super::SweepReport;
use crate::file::written;
use crate::variation::shown;

/// The axes of a sweep in words.
pub(super) struct Named {
    /// The name of each axis, such as `DNS TTL`.
    pub(super) axes: Vec<String>,
    /// The file's own setting on each axis, if it has one.
    pub(super) own: Vec<Option<String>>,
}

impl Named {
    pub(super) fn new(report: &SweepReport<'_>) -> Self {
        let keys: Vec<&str> = report.prepared.plan.axes.iter().map(|axis| axis.key.as_str()).collect();
        let own = |key: &&str| written(&report.base.resolved, key).map(|value| shown(&value).to_owned());
        Self { axes: names(&keys), own: keys.iter().map(own).collect() }
    }
}

/// Each key in as many of its last words as tell it from the others: two at least, if it has as many.
fn names(keys: &[&str]) -> Vec<String> {
    let most = keys.iter().map(|key| words(key).len()).max().unwrap_or(0);
    let tell = |key: &&str| {
        let alone = |count: &usize| keys.iter().filter(|other| last(other, *count) == last(key, *count)).count() == 1;
        let plain = (2..=most.max(2)).find(alone).map(|count| last(key, count));
        // Entries of one array differ by their numbers alone.
        plain.unwrap_or_else(|| capital(&numbered(key).join(" ")))
    };
    keys.iter().map(tell).collect()
}

/// The last words of a key: `Instances desired` of `compute.instances.desired`, and of a numbered entry `Fault probability`
/// of `faults.1.probability`.
fn last(key: &str, count: usize) -> String {
    let words = words(key);
    capital(&words[words.len().saturating_sub(count)..].join(" "))
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_digit())
}

/// The parts of a key as words, without the numbers of entries.
fn words(key: &str) -> Vec<String> {
    let parts = numbered(key);
    parts.into_iter().filter(|part| !is_number(part)).collect()
}

/// The same with them.
fn numbered(key: &str) -> Vec<String> {
    let parts: Vec<&str> = key.split('.').map(|part| part.trim_matches(['"', '\''])).collect();
    let word = |(index, part): (usize, &&str)| match parts.get(index + 1) {
        Some(next) if is_number(next) => part.strip_suffix('s').unwrap_or(part).to_owned(),
        _ if ["dns", "ttl", "rto", "rpo"].contains(part) => part.to_uppercase(),
        _ => part.replace('-', " "),
    };
    parts.iter().enumerate().map(word).collect()
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_key_becomes_words() {
        let words = [
            ("compute.instances.desired", "Instances desired"),
            ("faults.1.probability", "Fault probability"),
            ("stores.0.replica.instances", "Replica instances"),
            ("dns.ttl", "DNS TTL"),
            ("dns.health-check.failure-threshold", "Health check failure threshold"),
            ("seed", "Seed"),
        ];
        for (key, expected) in words {
            assert_eq!(names(&[key]), [expected]);
        }
    }

    #[test]
    fn keys_with_the_same_words_have_more_of_them() {
        let regions = ["regions.us-east-1.compute.instances", "regions.eu-west-1.compute.instances", "dns.ttl"];
        assert_eq!(names(&regions), ["Us east 1 compute instances", "Eu west 1 compute instances", "DNS TTL"]);
        let faults = ["faults.0.probability", "faults.1.probability"];
        assert_eq!(names(&faults), ["Fault 0 probability", "Fault 1 probability"]);
    }
}
