//! What to measure next, and the commands that fetch it.
//!
//! A deployment rests on figures that nobody has measured: defaults marked `assumed`, and distributions written without a
//! source. Those that can be measured are listed, the most valuable first, each with the commands of the AWS CLI and the
//! line for the list. Names that only the account knows are placeholders in capitals.

mod fetch;

use std::fmt::Write as _;

use sim_settings::{Node, Value, child_path, is_distribution, parse_toml};

use crate::file::{key_text, value_text};
use crate::header::Header;
use crate::unknown::Unknown;
use crate::visible::visible;
use fetch::{Facts, Method};

/// Figures that can be measured, those first that recovery waits for longest: people, promotions, instances, then what
/// decides on losses. `*` stands for a name or a number. An order by what each figure owns of the variance of an objective
/// takes the place of this one: see [`order`].
const MEASURABLE: [(&str, Method); 12] = [
    ("runbooks.*.steps.*.approve", Method::People),
    ("runbooks.*.on.operator", Method::People),
    ("stores.*.promotion-time", Method::Promotion),
    ("stores.*.detach-time", Method::Promotion),
    ("stores.*.in-region-failover", Method::Promotion),
    ("stores.*.switch-over-time", Method::Promotion),
    ("stores.*.rebuild-time", Method::Promotion),
    ("compute.launch-time", Method::Launch),
    ("regions.*.compute.launch-time", Method::Launch),
    ("runbooks.*.steps.*.takes", Method::People),
    ("stores.*.replication-lag", Method::Replication),
    ("stores.*.replication-delay", Method::Replication),
];

/// What a figure rests on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// A default without a published source, which says why it was chosen.
    Assumed(String),
    /// It is written in the file, without a source.
    Unsourced,
}

/// A figure that can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its path.
    pub key: String,
    /// Its value now, as TOML.
    pub value: String,
    /// What that rests on.
    pub basis: Basis,
    /// What a measurement is, in a sentence.
    pub how: String,
    /// Commands that fetch it.
    pub commands: Vec<String>,
    /// Its line in the list.
    pub line: String,
    method: usize,
}

/// What is missing, the most valuable first.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The experiment.
    pub experiment: String,
    /// Figures that can be measured.
    pub needs: Vec<Need>,
    /// Assumed figures that no export has.
    pub others: Vec<String>,
    /// Assumed figures that no trial draws: they cannot matter here.
    pub unused: Vec<String>,
    /// The objective by whose variance the figures are ordered, if they are.
    pub by: Option<String>,
}

/// The plan of an experiment. `unknown` is what a run with many sets of its figures found out about them: which ones own
/// how much of the variance of its first objective, and which ones no trial feels.
pub fn plan(header: &Header, unknown: Option<&Unknown>) -> Plan {
    let (node, _) = parse_toml(&header.resolved, 0);
    let facts = Facts { node: &node };
    let named = |path: &str| facts.named(path);
    let idle: Vec<String> = unknown
        .map(|unknown| unknown.figures.iter().filter(|figure| figure.idle).map(|figure| named(&figure.path)).collect())
        .unwrap_or_default();
    let draws = |path: &str| facts.draws(path) && !idle.iter().any(|known| known == path);
    let mut needs: Vec<Need> = Vec::new();
    let (mut others, mut unused) = (Vec::new(), Vec::new());
    for figure in &header.assumed {
        let path = named(&figure.path);
        match method_of(&path) {
            _ if !draws(&path) => unused.push(path),
            Some(method) => {
                let basis = Basis::Assumed(figure.source.clone());
                needs.push(facts.need(&path, &figure.value, basis, method));
            }
            None => others.push(path),
        }
    }
    let mut written = Vec::new();
    walk(&node, "", &mut written);
    for (path, value) in written {
        let path = named(&path);
        let sourced = value.get("source").is_some() || value.get("observations").is_some();
        // A default that is written out is among those above.
        let known = header.assumed.iter().any(|figure| named(&figure.path) == path);
        if let (Some(method), false) = (method_of(&path), sourced || known || !draws(&path)) {
            needs.push(facts.need(&path, &value_text(&value.value), Basis::Unsourced, method));
        }
    }
    let judged = unknown.and_then(|unknown| unknown.objectives.iter().find(|judged| !judged.shares.is_empty()));
    let ledger = judged.map(|judged| judged.shares.iter().map(|share| named(&share.path)).collect::<Vec<_>>());
    order(&mut needs, ledger.as_deref());
    Plan { experiment: header.name.clone(), needs, others, unused, by: judged.map(|judged| judged.name.clone()) }
}

/// Puts the most valuable first. `ledger` has the paths of figures by the share of the variance of an objective that they
/// own, largest first; what it does not name follows in the order of `MEASURABLE`.
pub fn order(needs: &mut [Need], ledger: Option<&[String]>) {
    let of = |need: &Need| ledger.and_then(|ledger| ledger.iter().position(|path| *path == need.key));
    needs.sort_by_key(|need| (of(need).unwrap_or(usize::MAX), need.method));
}

/// The place in the table of what a path is.
fn method_of(path: &str) -> Option<usize> {
    let parts = super::spec::steps(path);
    MEASURABLE.iter().position(|(pattern, _)| {
        let pattern: Vec<&str> = pattern.split('.').collect();
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(|(known, part)| *known == "*" || known == part)
    })
}

/// Values of a tree that are no tables of further keys, with their paths; elements of lists by name or number.
fn walk(node: &Node, path: &str, found: &mut Vec<(String, Node)>) {
    match &node.value {
        Value::Table(entries) if !is_distribution(node) && node.get("value").is_none() => {
            entries.iter().for_each(|entry| walk(&entry.node, &child_path(path, &entry.key), found));
        }
        Value::Array(elements) if elements.iter().all(|element| matches!(element.value, Value::Table(_))) => {
            for (index, element) in elements.iter().enumerate() {
                let name = element.get("name").and_then(Node::text).map_or_else(|| index.to_string(), str::to_owned);
                walk(element, &child_path(path, &name), found);
            }
        }
        _ => found.push((path.to_owned(), node.clone())),
    }
}

impl Facts<'_> {
    fn need(&self, key: &str, value: &str, basis: Basis, place: usize) -> Need {
        let method = MEASURABLE[place].1;
        let steps = super::spec::steps(key);

        let (how, commands, line) = self.fetched(method, key, &steps);
        let (key, value) = (visible(key).into_owned(), visible(value).into_owned());
        Need { key, value, basis, how, commands, line, method: place }
    }

    /// A path by names, as keys of TOML, whoever wrote it: an element of a list with a name has that, not a number.
    fn named(&self, path: &str) -> String {
        let mut at = Some(self.node);
        let mut names = Vec::new();
        for step in super::spec::steps(&path.replace('[', ".").replace(']', "")) {
            let element = match at.map(|node| &node.value) {
                Some(Value::Array(elements)) => {
                    let place = elements.iter().position(|one| one.get("name").and_then(Node::text) == Some(&step));
                    place.or_else(|| step.parse().ok()).and_then(|index: usize| elements.get(index))
                }
                _ => None,
            };
            let name = element.and_then(|one| one.get("name")).and_then(Node::text).map(str::to_owned);
            at = element.or_else(|| at.and_then(|node| node.get(&step)));
            names.push(key_text(name.as_ref().unwrap_or(&step)));
        }
        names.join(".")
    }

    /// Whether any trial can draw a figure: times of promotions need a step that promotes, one of a zone a fault there.
    fn draws(&self, path: &str) -> bool {
        let steps = super::spec::steps(path);
        let [table, store, figure] = steps.as_slice() else { return true };
        if table != "stores" {
            return true;
        }
        let list = |name: &str| match self.node.get(name).map(|node| &node.value) {
            Some(Value::Array(elements)) => elements.as_slice(),
            _ => &[],
        };
        let acts = |word: &str| list("runbooks").iter().any(|runbook| has_step(runbook, word, store));
        let fault = |kinds: &[&str]| {
            list("faults")
                .iter()
                .any(|fault| fault.get("kind").and_then(Node::text).is_some_and(|kind| kinds.contains(&kind)))
        };
        match figure.as_str() {
            "promotion-time" => acts("promote"),
            "detach-time" => acts("detach"),
            "switch-over-time" => acts("switch-over"),
            "rebuild-time" => acts("promote") || acts("detach"),
            "in-region-failover" => fault(&["zone-outage", "instance-failures"]),
            _ => true,
        }
    }
}

/// Whether a runbook has a step with this word for this store, however deep it stands.
fn has_step(node: &Node, word: &str, store: &str) -> bool {
    match &node.value {
        Value::Table(entries) => entries
            .iter()
            .any(|entry| (entry.key == word && entry.node.text() == Some(store)) || has_step(&entry.node, word, store)),
        Value::Array(elements) => elements.iter().any(|element| has_step(element, word, store)),
        _ => false,
    }
}

/// The plan as a script for a shell: commands, and in comments what they are for; the list comes last.
pub fn script(plan: &Plan) -> String {
    let mut text = String::new();
    let mut say = |words: &str| {
        for line in crate::units::wrapped(&visible(words), 110) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# {line}");
        }
    };
    let by =
        plan.by.as_ref().map_or_else(String::new, |name| format!(" (by what each owns of the variance of {name})"));
    say(&format!(
        "What to measure of {}, the most valuable first{by}. Words in capitals are names of your account. The dates are those \
         of GNU date.",
        plan.experiment
    ));
    if plan.needs.is_empty() {
        say("Nothing: every figure that can be measured has a source.");
    }
    for (index, need) in plan.needs.iter().enumerate() {
        let _ = writeln!(text);
        let mut say = |words: &str| {
            for line in crate::units::wrapped(&visible(words), 110) {
                let _ = writeln!(text, "# {line}");
            }
        };
        let basis = match &need.basis {
            Basis::Assumed(why) => format!("assumed: {why}"),
            Basis::Unsourced => "written without a source".to_owned(),
        };
        say(&format!("{}. {} = {} ({basis})", index + 1, need.key, need.value));
        say(&need.how);
        for command in &need.commands {
            let known = plan.needs[..index].iter().any(|other| other.commands.contains(command));
            let _ = if known { writeln!(text, "# The command is that of above.") } else { writeln!(text, "{command}") };
        }
    }
    if !plan.needs.is_empty() {
        let _ = writeln!(text, "\n# The list for `mrsim calibrate --from calibrate.toml`:");
        let _ = writeln!(text, "cat > calibrate.toml <<'END'");
        for need in &plan.needs {
            let _ = writeln!(text, "{}", visible(&need.line));
        }
        let _ = writeln!(text, "END");
    }
    for (words, paths) in
        [("Assumed, and in no export", &plan.others), ("Assumed, and drawn by no trial", &plan.unused)]
    {
        if paths.is_empty() {
            continue;
        }
        let _ = writeln!(text);
        for line in crate::units::wrapped(&visible(&format!("{words}: {}.", paths.join(", "))), 110) {
            let _ = writeln!(text, "# {line}");
        }
    }
    text
}
