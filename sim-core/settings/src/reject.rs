//! Checks across keys: what the description of no single key can say.

use super::report::Problem;
use super::section::{Section, join, key_text};
use super::tree::Value;

impl Section<'_> {
    /// Whether nothing was found wrong so far with the value of `name` or a part of it.
    pub fn is_sound(&self, name: &str) -> bool {
        self.report.is_sound(&self.path_to(name))
    }

    /// Reports a problem at the value of `name`, or of the section itself if `name` is empty: for checks that a key's
    /// description cannot say. Nothing comes of it if that value or a part of it is wrong by itself.
    pub fn reject(&self, name: &str, found: impl Into<String>, expected: impl Into<String>, hint: Option<String>) {
        self.reject_among(&[name], found, expected, hint);
    }

    /// Reports a problem at the value of the first of `names` that comes of all of them together. Nothing comes of it if
    /// any of these values is wrong by itself: what stands in for it was never written.
    pub fn reject_among(
        &self,
        names: &[&str],
        found: impl Into<String>,
        expected: impl Into<String>,
        hint: Option<String>,
    ) {
        let path = |name: &&str| if name.is_empty() { self.path() } else { self.path_to(name) };
        let paths: Vec<String> = names.iter().map(path).collect();
        let place = self.place_of(names.first().copied().unwrap_or_default());
        let at = Problem::at(place, paths.first().cloned().unwrap_or_default());
        self.report.rejection(Problem { found: found.into(), expected: expected.into(), hint, ..at }, paths);
    }

    /// Reports a problem at the value of `name` that comes of the values at `paths` together, wherever these stand. Nothing
    /// comes of it if any of them is wrong by itself.
    pub fn reject_sum(
        &self,
        name: &str,
        paths: Vec<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
        hint: Option<String>,
    ) {
        let at = Problem::at(self.place_of(name), self.path_to(name));
        self.report.rejection(Problem { found: found.into(), expected: expected.into(), hint, ..at }, paths);
    }

    /// Reports a problem at the value of `name` in an element of the array `list` whose elements have no names of their
    /// own. Nothing comes of it if anything in that element is wrong by itself.
    pub fn reject_in(
        &self,
        (list, index): (&str, usize),
        name: &str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let element = self.written_node(list).and_then(|node| match &node.value {
            Value::Array(elements) => elements.get(index),
            _ => None,
        });
        let place = element.map_or(self.place_of(list), |element| element.get(name).unwrap_or(element).place);
        let element = format!("{}.{index}", self.path_to(list));
        let at = Problem::at(place, join(&element, &key_text(name)));
        self.report.rejection(Problem { found: found.into(), expected: expected.into(), ..at }, vec![element]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, Report, parse_toml};

    const TTL: Key = Key::assumed("ttl", "how long an answer lives", "60s", "a guess").listed();
    const CLIENTS: Key = Key::optional("clients", "who asks", "").listed();

    /// Reads `text` by `read` and returns each problem as `path: found / expected`, at the text it points to.
    fn problems(text: &str, read: impl FnOnce(&mut Section<'_>)) -> Vec<String> {
        let (node, syntax) = parse_toml(text, 0);
        assert!(syntax.is_empty(), "{syntax:?}");
        let report = Report::new();
        read(&mut report.root(&node));
        let line = |problem: &Problem| {
            let at = &text[problem.place.start as usize..problem.place.end as usize];
            format!("{}: {} / {} @ {at}", problem.path, problem.found, problem.expected)
        };
        report.problems().iter().map(line).collect()
    }

    #[test]
    fn a_whole_is_not_rejected_for_a_part_that_is_wrong_by_itself() {
        let read = |section: &mut Section<'_>| {
            for mut client in section.sections(&CLIENTS) {
                client.share(&Key::required("share", "").listed());
            }
            section.reject("clients", "shares that sum to 2", "shares that sum to 1", None);
        };
        assert_eq!(problems("clients = [{ share = 1 }, { share = 1 }]", read).len(), 1);
        let found = problems("clients = [{ share = 1 }, { share = 92 }]", read);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("clients.1.share: the number 92"), "{found:?}");
    }

    #[test]
    fn values_are_not_held_against_one_that_is_wrong_by_itself() {
        let read = |section: &mut Section<'_>| {
            let ttl = section.duration(&TTL);
            let check = section.duration(&Key::required("check", "").listed());
            if check < ttl {
                section.reject_among(&["check", "ttl"], "a short one", "a long one", None);
            }
        };
        assert_eq!(problems("ttl = '5s'\ncheck = '3s'", read), ["check: a short one / a long one @ '3s'"]);
        assert_eq!(problems("ttl = '5'\ncheck = '3s'", read).len(), 1);
        assert_eq!(problems("ttl = '5s'", read), ["check: nothing / the key `check`:  @ "]);
    }

    #[test]
    fn rejections_point_into_elements() {
        let found = problems("clients = [{ ttl = '5s' }, { ttl = 3 }]", |section| {
            for mut client in section.sections(&CLIENTS) {
                client.duration(&TTL);
            }
            section.reject_in(("clients", 0), "ttl", "too little", "more");
            section.reject_in(("clients", 1), "ttl", "too little", "more");
        });
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], "clients.0.ttl: too little / more @ '5s'");
        assert!(found[1].starts_with("clients.1.ttl: the number 3"), "{found:?}");
    }

    #[test]
    fn rejections_point_at_the_value() {
        let found = problems("ttl = '5s'", |section| {
            section.duration(&TTL);
            section.reject("ttl", "5s", "less than the interval", None);
            section.reject("other", "nothing", "something", None);
            section.reject("", "all of it", "something else", None);
        });
        assert_eq!(found[0], "other: nothing / something @ ");
        assert_eq!(found[1], ": all of it / something else @ ");
        assert_eq!(found[2], "ttl: 5s / less than the interval @ '5s'");
    }
}
