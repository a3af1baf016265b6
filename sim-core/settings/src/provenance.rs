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
