//! What a file says about where a figure comes from.
//!
//! A value may stand in a table that says where it comes from, `{ value = "60s", source = "measured" }`, and a
//! distribution may say it beside its family: `{ lognormal = { .. }, source = "measured", from = "drill of May",
//! observations = 12 }`. Both mean the same figure as without.

use super::families::NAMES;
use super::figure::{Amount, Measure, Said, Source};
use super::form::{Count, OneOf, Text, Words};
use super::key::{Key, KeyDefault};
use super::quantity::parse_duration;
use super::report::{Problem, Report};
use super::section::{Section, join};
use super::spot;
use super::table::{Keys as _, Word};
use super::tree::{Entry, Node, Value};
use sim_core::random::Given;

impl Words for Source {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new(Self::Measured.word(), Self::Measured, "somebody measured it"),
        Word::new(Self::Documented.word(), Self::Documented, "a document states it"),
        Word::new(Self::Assumed.word(), Self::Assumed, "a guess"),
    ];
}

/// The key that holds a value beside which its source is written.
pub const VALUE: &str = "value";

crate::keys! {
    /// The keys that say where a figure comes from, beside its value or its family.
    pub struct SourceKeys {
        const SOURCE: Key<OneOf<Source>> = Key::required("source", "where the figure comes from: measured, documented or assumed");
        const FROM: Key<Option<Text>> = Key::optional("from", "the drill, the dashboard or the page that it was taken from", "nothing more is known of the source").example("\"drill of 12 May\"");
        const OBSERVATIONS: Key<Option<Count>> = Key::optional("observations", "how many observations a measured distribution rests on, or a measured share or rate", "it is taken as exact").at_least(1.0).at_most(1e12).example("12");
    }
}

/// A value without what is said about its source, and that.
pub(crate) struct Peeled {
    /// The value alone.
    pub(crate) node: Node,
    /// What is said beside it; nothing after a mistake, which is reported.
    pub(crate) said: Option<Said>,
}

fn is_about_source(name: &str) -> bool {
    SourceKeys::KEYS.iter().any(|entry| entry.key.name == name)
}

/// Whether the node is a table that says where the value in it comes from.
pub fn is_sourced(node: &Node) -> bool {
    let entries = node.entries();
    let has = |wanted: &dyn Fn(&str) -> bool| entries.iter().any(|entry| wanted(&entry.key));
    has(&is_about_source) && has(&|key| key == VALUE || NAMES.contains(&key))
}

/// Takes a value out of the table that says where it comes from. Nothing if it is not in one.
pub(crate) fn peel(report: &Report, node: &Node, path: &str) -> Option<Peeled> {
    let entries = node.entries();
    let bare = entries.iter().find(|entry| entry.key == VALUE);
    let about: Vec<Entry> = entries.iter().filter(|entry| is_about_source(&entry.key)).cloned().collect();
    if bare.is_none() && about.is_empty() {
        return None;
    }
    let others: Vec<Entry> =
        entries.iter().filter(|entry| entry.key != VALUE && !is_about_source(&entry.key)).cloned().collect();
    let inner = match bare {
        Some(entry) => {
            // Beside a value there is nothing but its source: what else is there is told as unknown below.
            entry.node.clone()
        }
        None => Node { value: Value::Table(others.clone()), place: node.place },
    };
    let beside = if bare.is_some() { [about, others].concat() } else { about };
    let table = Node { value: Value::Table(beside), place: node.place };
    let before = report.count();
    let said = {
        let mut section = Section::over(report, &table, path.to_owned());
        let source = section.get(&SOURCE);
        let from = section.get(&FROM);
        // It is about a figure and is none itself.
        let observations = section.read(&OBSERVATIONS.any(), spot::count);
        Said { source, from, observations }
    };
    Some(Peeled { node: inner, said: (report.count() == before).then_some(said) })
}

/// Reports observations that no measurement of this figure can rest on.
pub(crate) fn check(report: &Report, written: &Node, path: &str, said: &Said, measure: Measure, amount: &Amount) {
    let place = |name: &str| written.get(name).map_or(written.place, |node| node.place);
    let problem = |name: &str, found: String, expected: &str| {
        report.problem(Problem { found, expected: expected.to_owned(), ..Problem::at(place(name), join(path, name)) });
    };
    let Some(observations) = said.observations else { return };
    let name = OBSERVATIONS.name;
    let found = || format!("{observations} observations");
    if said.source != Source::Measured {
        let found = format!("observations of a figure that is {}", said.source.word());
        return problem(name, found, "them with source = \"measured\" alone");
    }
    match amount {
        Amount::Number(_) if matches!(measure, Measure::Share | Measure::Rate) => {}
        Amount::Number(_) => problem(
            name,
            "observations of a single value, which has no spread".to_owned(),
            "the distribution of the observations, such as { lognormal = { median = .., p95 = .. }, .. }",
        ),
        Amount::Law(law) => match law.given() {
            Given::Logarithms { .. } if observations < 2 => {
                problem(name, found(), "at least 2: one observation says nothing of the spread");
            }
            Given::Logarithms { .. } | Given::Mean(_) | Given::Quantiles(_) => {}
            Given::Observations(values) if values.len() as u64 != observations => {
                problem(name, found(), &format!("{}, as many as are written", values.len()));
            }
            Given::Observations(_) => {}
            Given::Otherwise => problem(
                name,
                "observations of a distribution of this family".to_owned(),
                "lognormal, exponential, quantiles or empirical, the families that observations are known to update",
            ),
        },
    }
}

/// Whether a value that is written is the default written out: the same durations, numbers and keys, however spelt.
pub(crate) fn is_default(written: &Node, default: &KeyDefault, parse: impl Fn(&str) -> Node) -> bool {
    let KeyDefault::Value { text, .. } = default else { return false };
    same(&written.value, &parse(text).value)
}

fn same(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Text(text) => parse_duration(text).ok(),
        _ => None,
    };
    let is_text = |value: &Value| matches!(value, Value::Text(_));
    match (one, other) {
        (Value::Table(one), Value::Table(other)) => {
            let found = |entry: &Entry| other.iter().find(|other| other.key == entry.key);
            one.len() == other.len()
                && one.iter().all(|entry| found(entry).is_some_and(|other| same(&entry.node.value, &other.node.value)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(&one.value, &other.value))
        }
        (Value::Text(one), Value::Text(other)) if one == other => true,
        (Value::Boolean(one), Value::Boolean(other)) => one == other,
        _ if is_text(one) == is_text(other) => number(one).zip(number(other)).is_some_and(|(one, other)| one == other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::{Figure, Provenance};
    use super::super::form::{Count as CountForm, Delay, Duration, DurationsBy, Name, Number, Rate, Share};
    use super::*;
    use crate::form::{Defined, Thing};
    use crate::{Band, Listing, Mark, overlay, parse_toml};
    use std::collections::BTreeMap;

    #[derive(Clone, Copy)]
    struct Place;

    impl From<usize> for Place {
        fn from(_: usize) -> Self {
            Self
        }
    }

    impl Defined for Place {
        const THING: Thing = Thing { word: "place", under: "places", example: "here" };
    }

    crate::keys! {
        struct Cache {
            const TTL: Key<Duration> = Key::documented("ttl", "how long", "60s", "a manual");
            const LAG: Key<Delay> = Key::assumed("lag", "how late", "{ lognormal = { median = \"3s\", p95 = \"10s\" } }", "a guess")
                .band(Band::factor(0.5, 2.0, "why not"));
            const HITS: Key<Option<Share>> = Key::optional("hits", "how often", "").at_most(0.99);
            const LOAD: Key<Option<Rate>> = Key::optional("load", "how much", "");
            const SIZE: Key<Option<CountForm>> = Key::optional("size", "how many", "");
            const COST: Key<Option<Number>> = Key::optional("cost", "how dear", "");
            const NEAR: Key<Option<DurationsBy<Place>>> = Key::optional("near", "how far", "");
            const AT: Key<Option<Name<Place>>> = Key::optional("at", "where", "");
        }
    }

    fn read(report: &Report, node: &Node) -> (f64, f64) {
        let mut section = report.root(node).with(&[Listing::Keys(Cache::KEYS)]);
        let known = ["here".to_owned()];
        let (ttl, lag) = (section.get(&TTL), section.get(&LAG));
        section.get(&HITS);
        section.get(&LOAD);
        section.get(&SIZE);
        section.get(&COST);
        section.durations_by_name(&NEAR, &known);
        section.maybe_name(&AT, &known);
        (ttl.as_secs_f64(), lag.quantile(0.5))
    }

    fn tree(text: &str) -> Node {
        let (node, syntax) = parse_toml(text, 0);
        assert!(syntax.is_empty(), "{text}: {syntax:?}");
        node
    }

    /// The figures of a valid text.
    fn figures(text: &str) -> Vec<Figure> {
        let (node, report) = (tree(text), Report::new());
        read(&report, &node);
        assert!(report.problems().is_empty(), "{text}: {:?}", report.problems());
        report.figures()
    }

    fn provenance(text: &str, path: &str) -> Provenance {
        let figures = figures(text);
        figures.into_iter().find(|figure| figure.path == path).expect("it was read").provenance
    }

    /// The only problem of a text: its path, what was found, what was expected, and the text that it points to.
    fn problem(text: &str) -> (String, String, String, String) {
        let (node, report) = (tree(text), Report::new());
        read(&report, &node);
        let problems = report.problems();
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        let at = text[problem.place.bytes()].to_owned();
        (problem.path.clone(), problem.found.clone(), problem.expected.clone(), at)
    }

    #[test]
    fn a_value_means_the_same_with_and_without_its_source() {
        for (plain, sourced) in [
            ("ttl = '5m'", "ttl = { value = '5m', source = 'measured' }"),
            ("lag = '2s'", "lag = { value = '2s', source = 'documented', from = 'page 7' }"),
            ("lag = { uniform = ['1s', '2s'] }", "lag = { uniform = ['1s', '2s'], source = 'assumed' }"),
            (
                "lag = { lognormal = { median = '1s', p95 = '3s' } }",
                "lag = { lognormal = { median = '1s', p95 = '3s' }, source = 'measured', observations = 12 }",
            ),
            (
                "lag = { exponential = { mean = '1s' } }",
                "lag = { value = { exponential = { mean = '1s' } }, source = 'measured', observations = 2 }",
            ),
        ] {
            let (plain, sourced, report) = (tree(plain), tree(sourced), Report::new());
            assert_eq!(read(&report, &plain), read(&report, &sourced));
            assert!(report.problems().is_empty(), "{:?}", report.problems());
        }
        for text in [
            "hits = { value = '90%', source = 'measured', observations = 40 }",
            "load = { value = '2 per year', source = 'measured', observations = 3 }",
            "size = { value = 3, source = 'documented' }",
            "cost = { value = 1.5, source = 'assumed' }",
            "near = { here = { value = '80ms', source = 'measured', from = 'ping' } }",
        ] {
            assert!(figures(text).iter().any(|figure| figure.provenance.word() != "documented"), "{text}");
        }
    }

    #[test]
    fn each_figure_says_where_it_comes_from() {
        let default = |mark, source| Provenance::Default { mark, source };
        assert_eq!(provenance("", "lag"), default(Mark::Assumed, "a guess"));
        assert_eq!(provenance("", "ttl"), default(Mark::Documented, "a manual"));
        assert_eq!(provenance("ttl = '61s'", "ttl"), Provenance::Unsourced);
        let said = provenance("ttl = { value = '61s', source = 'measured', from = 'a drill' }", "ttl");
        let expected = Said { source: Source::Measured, from: Some("a drill".to_owned()), observations: None };
        assert_eq!((said.word(), said), ("yours", Provenance::Said(expected)));
        assert_eq!(provenance("cost = { value = 2, source = 'assumed' }", "cost").word(), "assumed");
        assert_eq!(provenance("near = { here = '80ms' }", "near.here"), Provenance::Unsourced);
    }

    #[test]
    fn a_default_that_is_written_out_keeps_its_mark() {
        for text in ["ttl = '60s'", "ttl = '1m'", "ttl = '60 s'"] {
            assert_eq!(provenance(text, "ttl").word(), "documented", "{text}");
        }
        for text in [
            "lag = { lognormal = { median = '3s', p95 = '10s' } }",
            "lag = { lognormal = { p95 = '10s', median = '3000ms' } }",
        ] {
            assert_eq!(provenance(text, "lag").word(), "assumed", "{text}");
        }
        for text in ["lag = { lognormal = { median = '3s', p95 = '11s' } }", "lag = '3s'"] {
            assert_eq!(provenance(text, "lag"), Provenance::Unsourced, "{text}");
        }
        // What somebody has measured is measured, also if it comes out as the guess.
        let measured = "lag = { lognormal = { median = '3s', p95 = '10s' }, source = 'measured' }";
        assert_eq!(provenance(measured, "lag").word(), "yours");
    }

    #[test]
    fn what_cannot_be_said_of_a_source_is_one_mistake() {
        for (text, path, found, expected, at) in [
            ("ttl = { value = '5s' }", "ttl.source", "nothing", "the key `source`", "{ value = '5s' }"),
            ("ttl = { value = '5s', source = 'measurd' }", "ttl.source", "\"measurd\"", "\"measured\"", "'measurd'"),
            ("ttl = { value = '5s', source = 3 }", "ttl.source", "the number 3", "\"measured\"", "3"),
            ("ttl = { value = '5s', source = 'measured', form = 'x' }", "ttl.form", "unknown key", "from", "form"),
            ("ttl = { value = '5s', source = 'measured', from = 3 }", "ttl.from", "the number 3", "text", "3"),
            ("ttl = { value = 5, source = 'measured' }", "ttl", "the number 5", "a duration", "5"),
            ("hits = { value = 1, source = 'measured' }", "hits", "the number 1", "0.99", "1"),
            ("lag = { source = 'measured' }", "lag", "nothing", "exactly one of uniform", "{ source = 'measured' }"),
            (
                "lag = { uniform = ['1s', '2s'], from = 'x' }",
                "lag.source",
                "nothing",
                "the key `source`",
                "{ uniform = ['1s', '2s'], from = 'x' }",
            ),
            (
                "lag = { exponential = { mean = '1s' }, source = 'measured', observations = 0 }",
                "lag.observations",
                "the number 0",
                "from 1 to",
                "0",
            ),
            (
                "lag = { exponential = { mean = '1s' }, source = 'documented', observations = 3 }",
                "lag.observations",
                "observations of a figure that is documented",
                "source = \"measured\"",
                "3",
            ),
            (
                "lag = { lognormal = { median = '1s', p95 = '2s' }, source = 'measured', observations = 1 }",
                "lag.observations",
                "1 observations",
                "at least 2",
                "1",
            ),
            (
                "lag = { empirical = [1.0, 2.0], source = 'measured', observations = 3 }",
                "lag.observations",
                "3 observations",
                "2, as many",
                "3",
            ),
            (
                "lag = { uniform = ['1s', '2s'], source = 'measured', observations = 3 }",
                "lag.observations",
                "this family",
                "lognormal, exponential, quantiles or empirical",
                "3",
            ),
            (
                "ttl = { value = '5s', source = 'measured', observations = 3 }",
                "ttl.observations",
                "a single value",
                "the distribution",
                "3",
            ),
            (
                "at = { value = 'here', source = 'measured' }",
                "at",
                "a table",
                "here",
                "{ value = 'here', source = 'measured' }",
            ),
        ] {
            let (own_path, own_found, own_expected, own_at) = problem(text);
            assert_eq!((own_path.as_str(), own_at.as_str()), (path, at), "{text}: {own_found} / {own_expected}");
            assert!(
                own_found.contains(found) && own_expected.contains(expected),
                "{text}: {own_found} / {own_expected}"
            );
        }
    }

    #[test]
    fn a_source_belongs_to_one_value_and_no_other() {
        let base = tree("ttl = { value = '5s', source = 'measured', from = 'a drill' }");
        for over in ["ttl = '7s'", "ttl = { value = '7s', source = 'documented' }"] {
            let over = tree(over);
            assert!(overlay(&base, &over, &[]).same_as(&over));
        }
    }

    #[test]
    fn another_figure_takes_the_place_of_what_is_written_within_the_range_of_its_key() {
        let node = tree("ttl = '5s'\nhits = 0.5");
        let figures: BTreeMap<String, Amount> = [("ttl", 7.0), ("hits", 2.0), ("cost", 3.0)]
            .map(|(path, number)| (path.to_owned(), Amount::Number(number)))
            .into();
        let report = Report::replacing(figures);
        let mut section = report.root(&node);
        assert_eq!(section.get(&TTL).as_secs_f64(), 7.0);
        // Shares end at 0.99 here, and a figure that is not there stays away.
        assert_eq!((section.get(&HITS), section.get(&COST)), (Some(0.99), None));
        drop(section);
        assert!(report.problems().is_empty() && report.figures().is_empty());
    }
}
