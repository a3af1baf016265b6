//! The list of what to calibrate from what: `calibrate.toml`.
//!
//! Its keys are those of the experiment, and each value says where the measurements are:
//! `stores.orders.replication-lag = { file = "lag.json", unit = "ms" }`.

use std::path::{Path, PathBuf};

use sim_settings::form::{Duration, Flag, Number, OneOf, Rate, Sub, Text, Words};
use sim_settings::{Key, Node, Place, Problem, Report, Section, Value, Word, keys, parse_toml};

use crate::exit::Failure;
use crate::file::{Sources, key_text, rejected};

keys! {
    /// The keys of one source of measurements.
    pub(super) struct SourceKeys {
        const FILE: Key<Text> = Key::required("file", "the export, beside the list or by its path").example("\"lag.json\"");
        const KIND: Key<Option<OneOf<Kinds>>> = Key::optional("kind", "where the durations come from", "executions and sheets are drills, everything else is incidents");
        const POOL: Key<Flag> = Key::convention("pool", "whether drills and incidents may be counted together", "false", "people who know of a drill are faster");
        const UNIT: Key<Option<Text>> = Key::optional("unit", "the unit of numbers: us, ms, s, m, h or d", "as the export or the metric says").example("\"ms\"");
        const METRIC: Key<Option<Text>> = Key::optional("metric", "the metric, where the export has several: a part of its label, its id, or its column", "there is one").example("\"AuroraGlobalDBReplicationLag\"");
        const STAT: Key<Option<Text>> = Key::optional("stat", "its statistic: average, maximum, minimum or a percentile", "as its id or label says").example("\"maximum\"");
        const PERIOD: Key<Option<Duration>> = Key::optional("period", "the length of a datapoint's period", "the shortest distance of two datapoints").above(0.0);
        const SAMPLES: Key<Option<Number>> = Key::optional("samples", "how many samples a datapoint sums up", "as the statistic SampleCount says").at_least(1.0).example("1");
        const INDEPENDENT: Key<Flag> = Key::convention("samples-independent", "whether samples of one period do not depend on each other, so that maxima can be turned back", "false", "a lag mostly changes more slowly than it is sampled");
        const ACTIVITY: Key<Option<Text>> = Key::optional("activity", "a series of the same export that is above 0 where there was traffic", "minutes at 0 count as idle").example("\"requests\"");
        const KEEP_ZEROS: Key<Flag> = Key::convention("keep-zeros", "whether a 0 without an `activity` is a measurement", "false", "a lag of 0 mostly means that nothing was written");
        const RATE: Key<Option<Rate>> = Key::optional("writes-per-second", "how often an item begins: the metric is the age of the oldest one under way", "the metric is the delay itself").above(0.0);
        const PENDING: Key<Option<Number>> = Key::optional("pending", "the mean number of items under way, to check by", "no check").above(0.0).example("12");
        const WITHIN: Key<Option<Text>> = Key::optional("within", "the only times that count, as `FROM .. TO`, several with commas", "all of them").example("\"2026-11-03T10:00Z .. 2026-11-03T12:00Z\"");
        const COARSE: Key<Flag> = Key::convention("accept-coarse", "whether averages and periods above a minute will do", "false", "they hide the tail");
        const COLUMN: Key<Option<Text>> = Key::optional("column", "the column or field with the duration", "`begin` and `end` give it").example("\"seconds_to_first_ack\"");
        const MINUS: Key<Option<Text>> = Key::optional("minus", "a column that is taken off", "nothing is").example("\"seconds_to_first_ack\"");
        const BEGIN: Key<Option<Text>> = Key::optional("begin", "the column with the beginning, or the mark of a sheet", "that of the key").example("\"created_at\"");
        const END: Key<Option<Text>> = Key::optional("end", "the column with the end, or the mark of a sheet", "that of the key").example("\"resolved_at\"");
        const ONLY: Key<Option<Text>> = Key::optional("only", "the rows that count, as `COLUMN = VALUE`, several with `and`", "all of them").example("\"urgency = high\"");
        const STEP: Key<Option<Text>> = Key::optional("step", "the step of an execution", "the step of the key").example("\"promote-orders-1\"");
        const ACTION: Key<Option<Text>> = Key::optional("action", "the action of a fault injection", "there is one").example("\"cut-the-network\"");
    }
}

/// Stands for the place of a source.
const SOURCE: Key<Sub<SourceKeys>> = Key::required("source", "where the measurements are").listed();

/// Where durations come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Real incidents.
    #[default]
    Incident,
    /// Drills, which people knew of.
    Drill,
}

impl Words for Kind {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new("incident", Self::Incident, "durations of real incidents, which nobody expected"),
        Word::new("drill", Self::Drill, "durations of drills, which people knew of beforehand"),
    ];
}

type Kinds = Kind;

/// One source of measurements.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Source {
    /// The file as it is named.
    pub file: String,
    /// The kind, if the list names it.
    pub kind: Option<Kind>,
    /// Whether drills and incidents may be counted together.
    pub pool: bool,
    /// The unit of plain numbers.
    pub unit: Option<String>,
    /// The metric.
    pub metric: Option<String>,
    /// Its statistic.
    pub stat: Option<String>,
    /// Seconds of a period.
    pub period: Option<f64>,
    /// Samples of a period.
    pub samples: Option<f64>,
    /// Whether samples do not depend on each other.
    pub independent: bool,
    /// The series that is above 0 with traffic.
    pub activity: Option<String>,
    /// Whether 0 is a measurement.
    pub keep_zeros: bool,
    /// Items that begin in a second, if the metric is the age of the oldest.
    pub rate: Option<f64>,
    /// Mean number of items under way.
    pub pending: Option<f64>,
    /// The only times that count.
    pub within: Option<String>,
    /// Whether averages and long periods will do.
    pub accept_coarse: bool,
    /// The column with the duration.
    pub column: Option<String>,
    /// The column that is taken off.
    pub minus: Option<String>,
    /// The column or mark of the beginning.
    pub begin: Option<String>,
    /// The column or mark of the end.
    pub end: Option<String>,
    /// The rows that count.
    pub only: Option<String>,
    /// The step of an execution.
    pub step: Option<String>,
    /// The action of a fault injection.
    pub action: Option<String>,
}

impl Source {
    fn read(section: &mut Section<'_>) -> Self {
        Self {
            file: section.get(&FILE),
            kind: section.get(&KIND),
            pool: section.get(&POOL),
            unit: section.get(&UNIT),
            metric: section.get(&METRIC),
            stat: section.get(&STAT),
            period: section.get(&PERIOD).map(sim_core::time::SimDuration::as_secs_f64),
            samples: section.get(&SAMPLES),
            independent: section.get(&INDEPENDENT),
            activity: section.get(&ACTIVITY),
            keep_zeros: section.get(&KEEP_ZEROS),
            rate: section.get(&RATE),
            pending: section.get(&PENDING),
            within: section.get(&WITHIN),
            accept_coarse: section.get(&COARSE),
            column: section.get(&COLUMN),
            minus: section.get(&MINUS),
            begin: section.get(&BEGIN),
            end: section.get(&END),
            only: section.get(&ONLY),
            step: section.get(&STEP),
            action: section.get(&ACTION),
        }
    }
}

/// A key and the sources of its measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The key's path in the experiment, as `--set` takes it.
    pub key: String,
    /// The place of the key.
    pub place: Place,
    /// At least one.
    pub sources: Vec<Source>,
}

/// A list.
#[derive(Debug)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// The folder that files are named from.
    pub folder: PathBuf,
    /// In the order of the list.
    pub requests: Vec<Request>,
}

impl Spec {
    /// Reads a list. `takes` says of a path whether the experiment can have a distribution of durations there, or what
    /// else is there.
    ///
    /// # Errors
    /// All of its mistakes, with their places.
    pub fn read(path: &Path, text: &str, takes: &dyn Fn(&str) -> Result<(), String>) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut texts = Sources::default();
        let source = texts.add(name.clone(), text.to_owned(), folder.clone());
        let (node, mut problems) = parse_toml(text, source);
        let mut requests = Vec::new();
        if problems.is_empty() {
            let report = Report::new();
            gather(&node, "", &report, &mut requests);
            for request in &requests {
                if let Err(expected) = takes(&request.key) {
                    report.problem(Problem {
                        found: "a key that takes no measurements".to_owned(),
                        expected,
                        ..Problem::at(request.place, request.key.clone())
                    });
                }
            }
            if requests.is_empty() && report.problems().is_empty() {
                report.problem(Problem {
                    found: "a list without a key".to_owned(),
                    expected:
                        "keys of the experiment, such as `stores.orders.replication-lag = { file = \"lag.json\" }`"
                            .to_owned(),
                    ..Problem::at(node.place, "")
                });
            }
            problems = report.problems();
        }
        if problems.is_empty() { Ok(Self { name, folder, requests }) } else { Err(rejected(&problems, &texts)) }
    }
}

/// Whether a table is a source, or holds some: a source has one of the keys of sources, whose values are no tables.
fn is_source(node: &Node) -> bool {
    use sim_settings::Keys as _;
    let named = |key: &str| SourceKeys::KEYS.iter().any(|known| known.key.name == key);
    node.entries().iter().any(|entry| named(&entry.key) && !matches!(entry.node.value, Value::Table(_)))
}

fn gather(node: &Node, path: &str, report: &Report, requests: &mut Vec<Request>) {
    let nowhere = Node { value: Value::Table(Vec::new()), place: node.place };
    let read = |node: &Node| Source::read(&mut report.root(&nowhere).element(&SOURCE, node, path).with(LAYOUT));
    for entry in node.entries() {
        let own = key_text(&entry.key);
        let path = if path.is_empty() { own } else { format!("{path}.{own}") };
        let nested = |node: &Node| matches!(node.value, Value::Table(_)) && !is_source(node);
        match &entry.node.value {
            Value::Table(_) if nested(&entry.node) && !entry.node.entries().is_empty() => {
                gather(&entry.node, &path, report, requests);
            }
            Value::Table(_) => {
                let source = Source::read(&mut report.root(&nowhere).element(&SOURCE, &entry.node, &path).with(LAYOUT));
                requests.push(Request { key: path, place: entry.key_place, sources: vec![source] });
            }
            Value::Array(elements) if !elements.is_empty() && elements.iter().all(is_source) => {
                let sources = elements.iter().map(read).collect();
                requests.push(Request { key: path, place: entry.key_place, sources });
            }
            other => report.problem(Problem {
                found: other.describe(),
                expected:
                    "a table that says where the measurements are, such as { file = \"lag.json\", unit = \"ms\" }"
                        .to_owned(),
                ..Problem::at(entry.node.place, path)
            }),
        }
    }
}

const LAYOUT: sim_settings::Layout = &[sim_settings::Listing::Keys(<SourceKeys as sim_settings::Keys>::KEYS)];

/// The parts of a path: names and numbers, of which a quoted one may hold points.
pub(super) fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let (mut quote, mut escaped) = (None, false);
    for sign in path.chars() {
        match (quote, sign) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), sign) if sign == open && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(sign),
            (None, '.') => steps.push(String::new()),
            (_, sign) => steps.last_mut().expect("there is always one").push(sign),
        }
        escaped = false;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn names_in_paths_may_hold_anything() {
        assert_eq!(steps("stores.orders.lag"), ["stores", "orders", "lag"]);
        assert_eq!(steps("stores.\"or.de\\\"rs\".0"), ["stores", "or.de\"rs", "0"]);
        assert_eq!(steps("stores.\"o\\'x\".lag"), ["stores", "o'x", "lag"]);
    }
}
