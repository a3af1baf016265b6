//! The table `[solve]` of an experiment file: what may vary, what must hold, and what shall be small.

use models::ids::{JourneyId, StoreId};
use sim_settings::form::{Count, Custom, Duration, List, Name, OneOf, Own, Share, Sub, Table, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Problem, Report, Section, Value, Word, keys};

use super::axis::{Axis, Values};
use super::spec::Axes;
use crate::file::Setting;
use crate::header::{Indicator, Measured, Of};
use crate::symbol::Symbol;

keys! {
    /// The table of a solution in the file.
    pub(crate) struct SolveRootKeys {
        const SOLVE: Key<Option<Sub<SolveKeys>>> = Key::optional("solve", "what `mrsim solve` chooses from, and what must hold; every other command leaves it alone", "nothing to solve");
    }
}
keys! {
    /// The keys of `[solve]`.
    struct SolveKeys {
        const VARY: Key<Option<Own<Axes>>> = Key::optional(
            "vary",
            "the keys to choose, each with an array of values, or with a range such as \"6..12\"",
            "nothing varies but the alternatives",
        ).example("{ \"compute.instances.desired\" = \"6..12\" }");
        const STEPS: Key<Count> = Key::convention("steps", "values that are tried of a range; of few whole numbers all are", "5", "a first look")
            .at_least(2.0)
            .at_most(100.0);
        const ALTERNATIVES: Key<Option<Own<Files>>> = Key::optional(
            "alternatives",
            "other files, each a whole design, found as those of `extends` are; what varies here varies there",
            "this file alone",
        ).example("[\"warm-standby.toml\"]");
        const TARGETS: Key<Option<List<TargetTable>>> = Key::optional("targets", "what must hold, as chances", "the objectives of the file: a limit at p99 is a chance of 99 %");
        const CONFIDENCE: Key<Share> = Key::convention("confidence", "how sure a verdict must be, over all looks at the trials", "0.95", "the level of all intervals")
            .above(0.5)
            .at_most(0.999_999);
        const MINIMIZE: Key<OneOf<Goal>> = Key::convention("minimize", "what shall be small among all that meets the targets", "cost", "what one pays for");
    }
}
keys! {
    /// What must hold.
    struct TargetKeys {
        const RECOVERY: Key<Duration> = Key::required("recovery", "the recovery time of the worst journey, or of `journey`, is at most this");
        const LOSS: Key<Duration> = Key::required("loss", "the data loss of the worst store, or of `store`, is at most this, in seconds of writes");
        const UP: Key<Share> = Key::required("up", "all journeys, or `journey`, are up for at least this share of a trial");
        const CAUGHT_UP: Key<Duration> = Key::required("caught-up", "the slowest queue, or `store`, has caught up within this");
        const CHANCE: Key<Share> = Key::required("chance", "with at least this probability").above(0.0).at_most(0.999_999);
    }
}

keys! {
    /// Whose recovery or time up.
    struct JourneyKeys {
        const JOURNEY: Key<Option<Name<JourneyId>>> = Key::optional("journey", "the journey that it is about", "the worst one, or all together");
    }
}
keys! {
    /// Whose loss or backlog.
    struct StoreKeys {
        const STORE: Key<Option<Name<StoreId>>> = Key::optional("store", "the store, or the queue, that it is about", "the worst one");
    }
}

/// A target: exactly one figure, and its chance.
#[derive(Clone, Copy, Debug)]
enum TargetTable {}

impl Table for TargetTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&[RECOVERY.name, LOSS.name, UP.name, CAUGHT_UP.name]),
        Listing::Keys(TargetKeys::KEYS),
        Listing::Beside(&[RECOVERY.name, UP.name], &[Listing::Keys(JourneyKeys::KEYS)]),
        Listing::Beside(&[LOSS.name, CAUGHT_UP.name], &[Listing::Keys(StoreKeys::KEYS)]),
    ];
}

/// Names of files.
enum Files {}

impl Custom for Files {
    const WORDS: &'static str = "an array of file names";
}

/// What shall be small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The cost of a month.
    Cost,
    /// The recovery time at the quantile of its first target.
    Recovery,
    /// The data loss at the quantile of its first target.
    Loss,
}

impl Words for Goal {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new("cost", Self::Cost, "the cost of a month, by `[prices]`"),
        Word::new("recovery", Self::Recovery, "the recovery time, at the quantile of its first target"),
        Word::new("loss", Self::Loss, "the data loss, at the quantile of its first target"),
    ];
}

impl Goal {
    /// As files and documents write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Recovery => "recovery",
            Self::Loss => "loss",
        }
    }
}

/// A chance that must be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChanceTarget {
    /// What of whom: recovery time, data loss, availability, or the time to catch up.
    pub measured: Measured,
    /// The limit: seconds at most, or of availability the share at least.
    pub limit: f64,
    /// The probability with which a trial is within it.
    pub chance: f64,
}

/// The content of `[solve]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SolveSpec {
    axes: Vec<Axis>,
    steps: usize,
    /// Other files.
    pub alternatives: Vec<String>,
    /// What must hold; those of the objectives where it is empty.
    pub targets: Vec<ChanceTarget>,
    /// How sure verdicts must be.
    pub confidence: f64,
    /// What shall be small.
    pub goal: Goal,
}

/// One design to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Which of the alternatives; nothing for the file itself.
    pub alternative: Option<usize>,
    /// What varies, as `--set` takes it.
    pub sets: Vec<(String, String)>,
    /// The same with places in the file, for messages.
    pub settings: Vec<Setting>,
}

impl SolveSpec {
    /// Every combination of values, of the file and of each alternative.
    pub fn choices(&self) -> Vec<Choice> {
        let mut points: Vec<Vec<(usize, String)>> = vec![Vec::new()];
        for (index, axis) in self.axes.iter().enumerate() {
            let values = match &axis.values {
                Values::Listed(values) => values.clone(),
                Values::Range(range) => range.spread(self.steps),
            };
            let with = |point: &Vec<(usize, String)>| {
                let extended = values.iter().map(|value| {
                    let mut point = point.clone();
                    point.push((index, value.clone()));
                    point
                });
                extended.collect::<Vec<_>>()
            };
            points = points.iter().flat_map(with).collect();
        }
        let files = std::iter::once(None).chain((0..self.alternatives.len()).map(Some));
        let choice = |alternative: Option<usize>, point: &Vec<(usize, String)>| {
            let key = |(axis, value): &(usize, String)| (self.axes[*axis].key.clone(), value.clone());
            // Places are those of this file.
            let setting = |(axis, value): &(usize, String)| match alternative {
                None => self.axes[*axis].setting(value),
                Some(_) => Setting::set(format!("{}={value}", self.axes[*axis].key)),
            };
            let (sets, settings) = (point.iter().map(key).collect(), point.iter().map(setting).collect());
            Choice { alternative, sets, settings }
        };
        files.flat_map(|file| points.iter().map(move |point| (file, point))).map(|(f, p)| choice(f, p)).collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        let sizes = self.axes.iter().map(|axis| match &axis.values {
            Values::Listed(values) => values.len(),
            Values::Range(range) => range.spread(self.steps).len(),
        });
        sizes.fold(1_usize, usize::saturating_mul).saturating_mul(self.alternatives.len() + 1)
    }
}

/// Names that targets may refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subjects<'a> {
    /// Journeys.
    pub(crate) journeys: &'a [String],
    /// Stores, queues among them.
    pub(crate) stores: &'a [String],
    /// Queues.
    pub(crate) queues: &'a [String],
}

/// The most designs of one solution.
const MAX_CHOICES: usize = 2_000;

/// Reads the table, if there is one. Problems go to the report; the result must not be used if there are any.
pub(crate) fn read(report: &Report, root: &mut Section<'_>, known: Subjects<'_>) -> Option<SolveSpec> {
    let mut section = root.section(&SOLVE)?;
    let (axes, problems) = match section.node(&VARY) {
        Some(node) => Axis::from_table(node, "solve.vary"),
        None => (Vec::new(), Vec::new()),
    };
    let steps = section.get(&STEPS) as usize;
    let (alternatives, more) = section.node(&ALTERNATIVES).map_or_else(Default::default, read_files);
    let sound = problems.is_empty() && more.is_empty();
    problems.into_iter().chain(more).for_each(|problem| report.problem(problem));
    let targets = section.sections(&TARGETS).iter_mut().map(|target| read_target(target, known)).collect();
    let (confidence, goal) = (section.get(&CONFIDENCE), section.get(&MINIMIZE));
    let spec = SolveSpec { axes, steps, alternatives, targets, confidence, goal };
    if sound && spec.count() > MAX_CHOICES {
        let expected = format!("at most {MAX_CHOICES} designs: fewer values, or larger steps");
        section.reject("vary", format!("{} designs", spec.count()), expected, None);
    }
    if sound && spec.count() < 2 {
        section.reject("", "one design", "at least two: `vary`, or `alternatives`", None);
    }
    Some(spec)
}

fn read_target(section: &mut Section<'_>, known: Subjects<'_>) -> ChanceTarget {
    let figure = section.one_of(&[RECOVERY.name, LOSS.name, UP.name, CAUGHT_UP.name]);
    let (indicator, limit) = match figure {
        Some("loss") => (Indicator::Rpo, section.get(&LOSS).as_secs_f64()),
        Some("up") => (Indicator::Availability, section.get(&UP)),
        Some("caught-up") => (Indicator::CaughtUp, section.get(&CAUGHT_UP).as_secs_f64()),
        _ => (Indicator::Rto, section.get(&RECOVERY).as_secs_f64()),
    };
    let symbol = |names: &[String], index: usize| names.get(index).map(|name| Symbol::new(name));
    let of = match indicator {
        Indicator::Rpo | Indicator::CaughtUp => {
            let id = section.maybe_name(&STORE, known.stores);
            id.and_then(|id| symbol(known.stores, id.index())).map_or(Of::Worst, Of::Store)
        }
        _ => {
            let id = section.maybe_name(&JOURNEY, known.journeys);
            id.and_then(|id| symbol(known.journeys, id.index())).map_or(Of::Worst, Of::Journey)
        }
    };
    if let (Indicator::CaughtUp, Of::Store(name)) = (indicator, of)
        && !known.queues.iter().any(|queue| queue == name.as_str())
    {
        section.reject(STORE.name, format!("{name}, which is no queue"), "a store of the kind `queue`", None);
    }
    if indicator == Indicator::CaughtUp && known.queues.is_empty() {
        section.reject(
            CAUGHT_UP.name,
            "a file without a queue",
            "a store of the kind `queue`, or no such target",
            None,
        );
    }
    ChanceTarget { measured: Measured { indicator, of }, limit, chance: section.get(&CHANCE) }
}

/// Names of files, and what is wrong with them.
fn read_files(node: &Node) -> (Vec<String>, Vec<Problem>) {
    let wrong = |node: &Node| Problem {
        found: node.value.describe(),
        expected: "an array of file names, such as [\"warm-standby.toml\"]".to_owned(),
        ..Problem::at(node.place, "solve.alternatives")
    };
    let Value::Array(elements) = &node.value else { return (Vec::new(), vec![wrong(node)]) };
    let (names, others): (Vec<&Node>, Vec<&Node>) = elements.iter().partition(|element| element.text().is_some());
    (names.iter().filter_map(|name| name.text().map(str::to_owned)).collect(), others.into_iter().map(wrong).collect())
}
