//! Getters for words from a list: fixed choices, and names of things that the same text defines elsewhere.

use super::figure::Measure;
use super::form::{Among, IsDurationsBy, IsName, IsNames, IsNamesBy, IsNumbersBy, Listed};
use super::getters::figure;
use super::key::{Key, KeyDefault};
use super::nearest::nearest;
use super::report::Problem;
use super::section::{Section, child_path, listed};
use super::spot::{self, Spot};
use super::tree::{Node, Value, quoted};
use sim_core::time::SimDuration;

impl Section<'_> {
    /// One of these words; after a mistake the first one. A required word decides which keys belong to the section, so a
    /// wrong one also silences complaints about the section's other keys.
    ///
    /// # Panics
    /// If there is nothing to choose from.
    pub(crate) fn choice<T: Copy>(&mut self, key: &Key, choices: &[(&'static str, T)]) -> T {
        self.maybe_choice(key, choices).unwrap_or_else(|| {
            let first = choices.first().expect("a choice has at least one option");
            first.1
        })
    }

    /// One of these words, where even a word with a default decides which keys belong to the section.
    ///
    /// # Panics
    /// If there is nothing to choose from.
    pub(crate) fn deciding_choice<T: Copy>(&mut self, key: &Key, choices: &[(&'static str, T)]) -> T {
        let before = self.report.count();
        let chosen = self.choice(key, choices);
        if self.report.count() > before {
            self.lose_certainty();
        }
        chosen
    }

    /// One of these words, if there is one.
    pub(crate) fn maybe_choice<T: Copy>(&mut self, key: &Key, choices: &[(&'static str, T)]) -> Option<T> {
        let words: Vec<&'static str> = choices.iter().map(|choice| choice.0).collect();
        let before = self.report.count();
        let chosen = self.read(key, |spot, node| {
            let found = node.text().and_then(|text| choices.iter().find(|choice| choice.0 == text));
            if found.is_none() {
                let nearest = node.text().and_then(|text| nearest(text, words.iter().copied()));
                let one_of = if words.len() == 1 { "" } else { "one of " };
                spot.wrong_word(node, format!("{one_of}{}", in_quotes(&words)), nearest);
            }
            found.map(|choice| choice.1)
        });
        let decides = key.default == KeyDefault::Required;
        if decides && (self.report.count() > before || self.is_missing(key)) {
            self.lose_certainty();
        }
        chosen
    }

    /// What a name in `known` stands for; the first after a mistake.
    pub fn name<F: IsName>(&mut self, key: &Key<F>, known: &[String]) -> F::Id {
        self.maybe_name(key, known).unwrap_or_else(|| F::Id::from(0))
    }

    /// The position of a name among those that every file may use.
    pub fn name_among<L: Listed>(&mut self, key: &Key<Among<L>>) -> usize {
        let names: Vec<String> = L::names().into_iter().map(str::to_owned).collect();
        self.read(&key.any(), |spot, node| spot.known(node, &names)).unwrap_or(0)
    }

    /// What a name in `known` stands for, if there is one.
    pub fn maybe_name<F: IsName>(&mut self, key: &Key<F>, known: &[String]) -> Option<F::Id> {
        self.read(&key.any(), |spot, node| spot.known(node, known)).map(F::Id::from)
    }

    /// What several names in `known` stand for: an array of texts, or a single text. Each name counts once.
    pub fn names<F: IsNames>(&mut self, key: &Key<F>, known: &[String]) -> Vec<F::Id> {
        let parse = |spot: &Spot<'_>, node: &Node| {
            let Value::Array(elements) = &node.value else { return Some(vec![spot.known(node, known)?]) };
            let mut positions = Vec::new();
            for (index, element) in elements.iter().enumerate() {
                let path = format!("{}.{index}", spot.path);
                let spot = Spot { path: &path, ..*spot };
                match spot.known(element, known) {
                    Some(position) if positions.contains(&position) => {
                        spot.problem(element, "each name once", None);
                    }
                    Some(position) => positions.push(position),
                    None => {}
                }
            }
            Some(positions)
        };
        self.read(&key.any(), parse).unwrap_or_default().into_iter().map(F::Id::from).collect()
    }

    /// A table from names to numbers, such as `{ us-east-1 = 70, eu-west-1 = 30 }`.
    pub fn numbers_by_name<F: IsNumbersBy>(&mut self, key: &Key<F>, known: &[String]) -> Vec<(F::Id, f64)> {
        self.by_name(&key.any(), known, "a table from names to numbers", spot::number)
    }

    /// A table from names to durations, such as `{ us-east-1 = "80ms" }`.
    pub fn durations_by_name<F: IsDurationsBy>(&mut self, key: &Key<F>, known: &[String]) -> Vec<(F::Id, SimDuration)> {
        self.by_name(&key.any(), known, "a table from names to durations", |spot, node| {
            figure(spot, node, true, Measure::Seconds, spot::seconds).map(SimDuration::from_secs_f64)
        })
    }

    /// A table from names to other names, such as `{ europe = "eu-west-1" }`.
    pub fn names_by_name<F: IsNamesBy>(
        &mut self,
        key: &Key<F>,
        known: &[String],
        values: &[String],
    ) -> Vec<(F::Id, F::Value)> {
        self.by_name(&key.any(), known, "a table from names to names", |spot, node| {
            spot.known(node, values).map(F::Value::from)
        })
    }

    fn by_name<I: From<usize>, T>(
        &mut self,
        key: &Key,
        known: &[String],
        expected: &str,
        value: impl Fn(&Spot<'_>, &Node) -> Option<T>,
    ) -> Vec<(I, T)> {
        let parse = |spot: &Spot<'_>, node: &Node| {
            let Value::Table(entries) = &node.value else {
                spot.problem(node, expected, None);
                return None;
            };
            let mut pairs = Vec::new();
            for entry in entries {
                let path = child_path(spot.path, &entry.key);
                let spot = Spot { path: &path, ..*spot };
                let position = known.iter().position(|name| *name == entry.key);
                if position.is_none() && !known.iter().any(String::is_empty) {
                    let nearest = nearest(&entry.key, known.iter().map(String::as_str)).map(str::to_owned);
                    spot.report.problem(Problem {
                        found: format!("the unknown name {}", quoted(&entry.key)),
                        expected: spot.known_names(known),
                        nearest,
                        ..Problem::at(entry.key_place, spot.path)
                    });
                }
                pairs.extend(position.map(I::from).zip(value(&spot, &entry.node)));
            }
            Some(pairs)
        };
        self.read(key, parse).unwrap_or_default()
    }
}

impl Spot<'_> {
    fn known(&self, node: &Node, known: &[String]) -> Option<usize> {
        let Some(text) = node.text() else {
            let hint = matches!(node.value, Value::Array(_)).then(|| "write one name, without brackets".to_owned());
            self.problem(node, self.known_names(known), hint);
            return None;
        };
        let position = known.iter().position(|name| name == text);
        // Something that lacks its name is a mistake of its own, and may be what was meant.
        if position.is_none() && !known.iter().any(String::is_empty) {
            self.wrong_word(node, self.known_names(known), nearest(text, known.iter().map(String::as_str)));
        }
        position
    }

    fn known_names(&self, known: &[String]) -> String {
        let known: Vec<&String> = known.iter().filter(|name| !name.is_empty()).collect();
        match known.as_slice() {
            [] => format!("{}; but none is defined", self.key.meaning),
            [one] => format!("the only known name, {}", quoted(one)),
            several => format!("one of {}", in_quotes(several)),
        }
    }

    fn wrong_word(&self, node: &Node, expected: String, nearest: Option<&str>) {
        self.report.problem(Problem {
            found: node.value.describe(),
            expected,
            nearest: nearest.map(str::to_owned),
            ..Problem::at(node.place, self.path)
        });
    }
}

fn in_quotes<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
    listed(words.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Report, parse_toml};

    const X: Key = Key::required("x", "which one").listed();
    const KIND: Key = Key::required("kind", "which one").listed();

    fn read<T>(text: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> (T, Vec<String>) {
        let (node, syntax) = parse_toml(text, 0);
        assert!(syntax.is_empty(), "{syntax:?}");
        let report = Report::new();
        let value = read(&mut report.root(&node));
        let line = |p: &Problem| format!("{} / {} / {}", p.found, p.expected, p.nearest.as_deref().unwrap_or("-"));
        (value, report.problems().iter().map(line).collect())
    }

    fn regions() -> Vec<String> {
        vec!["us-east-1".to_owned(), "eu-west-1".to_owned()]
    }

    #[test]
    fn a_choice_is_one_of_its_words() {
        let choices = [("simple", 1), ("weighted", 2)];
        assert_eq!(read("x = 'weighted'", |s| s.choice(&X, &choices)), (2, vec![]));
        let (value, found) = read("x = 'weigthed'", |s| s.choice(&X, &choices));
        assert_eq!(
            (value, found),
            (1, vec!["the text \"weigthed\" / one of \"simple\", \"weighted\" / weighted".to_owned()])
        );
        assert_eq!(read("x = 1", |s| s.maybe_choice(&X, &choices)).1.len(), 1);
    }

    #[test]
    fn a_wrong_choice_silences_guesses_about_the_other_keys() {
        let choices = [("a", 1), ("b", 2)];
        assert_eq!(read("x = 'c'\nonly-b-has-this = 1", |s| s.choice(&X, &choices)).1.len(), 1);
        // If the word is missing, what is missing is said, but nothing about the rest.
        let (_, found) = read("only-b-has-this = 1", |s| s.choice(&X, &choices));
        assert_eq!(found, ["nothing / the key `x`: which one / -"]);
        let (_, found) = read("only-b-has-this = 1\nkidn = 'b'", |s| s.choice(&KIND, &choices));
        assert_eq!(found, ["an unknown key / one of kind / kind"]);
    }

    #[test]
    fn names_must_be_known() {
        assert_eq!(read("x = 'eu-west-1'", |s| s.name(&X, &regions())), (1, vec![]));
        let (value, found) = read("x = 'eu-west-2'", |s| s.name(&X, &regions()));
        assert_eq!(value, 0);
        assert_eq!(found, ["the text \"eu-west-2\" / one of \"us-east-1\", \"eu-west-1\" / eu-west-1"]);
        let (_, found) = read("x = 'a'", |s| s.name(&X, &[]));
        assert_eq!(found, ["the text \"a\" / which one; but none is defined / -"]);
    }

    #[test]
    fn several_names_or_one() {
        assert_eq!(read("x = ['eu-west-1', 'us-east-1']", |s| s.names(&X, &regions())), (vec![1, 0], vec![]));
        assert_eq!(read("x = 'eu-west-1'", |s| s.names(&X, &regions())), (vec![1], vec![]));
        let (names, found) = read("x = ['eu-west-1', 'eu-west-1', 'mars', 3]", |s| s.names(&X, &regions()));
        assert_eq!((names, found.len()), (vec![1], 3));
    }

    #[test]
    fn weights_belong_to_known_names() {
        let read = |text: &str| read(text, |s| s.numbers_by_name(&X, &regions()));
        assert_eq!(read("x = { eu-west-1 = 30, us-east-1 = 70.5 }"), (vec![(1, 30.0), (0, 70.5)], vec![]));
        let (shares, found) = read("x = { eu-west-l = 30, us-east-1 = -1 }");
        assert!(shares.is_empty());
        assert_eq!(found[0], "the unknown name \"eu-west-l\" / one of \"us-east-1\", \"eu-west-1\" / eu-west-1");
        assert_eq!(found.len(), 2);
        assert_eq!(read("x = 3").1, ["the number 3 / a table from names to numbers / -"]);
    }
}
