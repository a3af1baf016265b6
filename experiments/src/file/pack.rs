//! Packs: incidents in general terms, laid over whatever design a file describes.
//!
//! A pack is a file with a table `[pack]`: its name, the region that it strikes, and a source. Its faults take the place of
//! the file's own, and say in general terms what they strike: `stores-of = "KIND"` stands for every store of a kind that
//! has a copy in the region, and a fault without a `region` is one of the pack's. `NAME@REGION` lets it strike another one.
//! What a pack strikes and the design lacks is left out, and told. Everything else in a pack is laid over the file, such as a
//! `horizon` that is long enough.

use models::deployment::ALTERNATIVES;
use sim_settings::{Entry, Node, Place, Problem, Value, overlay};

/// A pack that comes with the program.
struct Known {
    name: &'static str,
    text: &'static str,
}

macro_rules! known {
    ($($name:literal),+ $(,)?) => {
        /// The packs that come with the program, the latest incident first.
        const KNOWN: &[Known] = &[$(Known {
            name: $name,
            text: include_str!(concat!("../../packs/", $name, ".toml")),
        }),+];
    };
}

known!("october-2025", "lambda-2023", "network-2021", "kinesis-2020", "s3-2017");

/// The names of the packs that come with the program.
pub fn pack_names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// The text of a pack that comes with the program.
pub(super) fn known(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|known| known.name == name).map(|known| known.text)
}

/// Something that a pack strikes and a design lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Where the pack is named.
    pub place: Place,
    /// The key that names it.
    pub path: &'static str,
    /// The problem, as a fragment of a sentence.
    pub message: String,
}

/// A pack, and where it is named.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) node: Node,
    pub(super) place: Place,
    /// The key that names it.
    pub(super) path: &'static str,
    /// The region that it strikes instead of its own.
    pub(super) region: Option<String>,
}

/// Whether a tree is a pack.
pub(super) fn is_pack(node: &Node) -> bool {
    node.get("pack").is_some()
}

/// Kinds of faults that have a region.
const IN_REGIONS: [&str; 7] = [
    "region-outage",
    "zone-outage",
    "gray-failure",
    "service-impairment",
    "instance-failures",
    "insufficient-capacity",
    "blip",
];

/// The keys of `[pack]`.
const KEYS: [&str; 4] = ["name", "region", "source", "description"];

/// Lays a pack over a design. Problems of the pack itself go to `problems`, and what the design lacks to `lacks`.
pub(super) fn lay(design: &Node, pack: Pack, problems: &mut Vec<Problem>, lacks: &mut Vec<Lack>) -> Node {
    let Pack { mut node, place, path, region } = pack;
    let Value::Table(entries) = &mut node.value else { return design.clone() };
    let head = entries.iter().position(|entry| entry.key == "pack").map(|index| entries.remove(index).node);
    let Some(head) = head else { return design.clone() };
    for entry in head.entries() {
        let expected = match (KEYS.contains(&entry.key.as_str()), entry.node.text()) {
            (false, _) => format!("one of {}", KEYS.join(", ")),
            (true, None) => "a text".to_owned(),
            (true, Some(_)) => continue,
        };
        let found =
            if KEYS.contains(&entry.key.as_str()) { entry.node.value.describe() } else { "an unknown key".to_owned() };
        problems.push(Problem { found, expected, ..Problem::at(entry.key_place, format!("pack.{}", entry.key)) });
    }
    let text = |key: &str| head.get(key).and_then(Node::text).map(str::to_owned);
    let name = text("name").unwrap_or_else(|| "without a name".to_owned());
    let strikes = Strikes { design, region: region.or_else(|| text("region")), name, place, path };
    if let Some(entry) = entries.iter_mut().find(|entry| entry.key == "faults")
        && let Value::Array(faults) = &mut entry.node.value
    {
        let before = faults.len();
        *faults = std::mem::take(faults).into_iter().flat_map(|fault| strikes.fault(fault, lacks)).collect();
        if faults.is_empty() && before > 0 {
            let message = format!("pack {} strikes nothing of this design", strikes.name);
            lacks.push(Lack { place, path, message });
        }
    }
    let mut laid = overlay(design, &node, &ALTERNATIVES);
    // Faults have no names: those of the pack take the place of the file's, also where none are left.
    if let (Some(faults), Value::Table(entries)) = (node.get("faults"), &mut laid.value)
        && let Some(entry) = entries.iter_mut().find(|entry| entry.key == "faults")
    {
        entry.node = faults.clone();
    }
    laid
}

/// A pack over a design.
struct Strikes<'a> {
    design: &'a Node,
    /// The region that it strikes.
    region: Option<String>,
    name: String,
    place: Place,
    path: &'static str,
}

impl Strikes<'_> {
    /// A fault of the pack as faults of the design: one for each store that it strikes, or none if the design lacks it.
    fn fault(&self, mut fault: Node, lacks: &mut Vec<Lack>) -> Vec<Node> {
        let kind = fault.get("kind").and_then(Node::text).unwrap_or_default().to_owned();
        let own = fault.get("region").and_then(Node::text).map(str::to_owned);
        let region = own.clone().or_else(|| self.region.clone()).filter(|_| IN_REGIONS.contains(&kind.as_str()));
        if let (Some(region), None) = (&region, own) {
            add(&mut fault, "region", region);
        }
        let stores = take(&mut fault, "stores-of");
        let service = fault.get("service").and_then(Node::text).map(str::to_owned);
        let Some(region) = region else { return vec![fault] };
        let mut lack = |what: String| {
            let message = format!("pack {} strikes {what} in {region}, which this design does not have", self.name);
            lacks.push(Lack { place: self.place, path: self.path, message });
            Vec::new()
        };
        let Some(stores) = stores else {
            // Services that are not a part of the design are there all the same, wherever it runs.
            let everywhere = service.is_some() || kind == "region-outage";
            let what = service.unwrap_or_else(|| match kind.as_str() {
                "insufficient-capacity" => "launches".to_owned(),
                _ => "what runs".to_owned(),
            });
            return if self.has(&region) || (everywhere && self.runs_services(&region)) {
                vec![fault]
            } else {
                lack(what)
            };
        };
        let kind = stores.text().unwrap_or_default().to_owned();
        let struck = self.stores(&kind, &region);
        if struck.is_empty() {
            return lack(format!("stores of the kind {kind}"));
        }
        let one = |store: &str| {
            let mut fault = fault.clone();
            add(&mut fault, "store", store);
            fault
        };
        struck.into_iter().map(one).collect()
    }

    /// Whether a region is one of the design's.
    fn has(&self, region: &str) -> bool {
        self.design.get("regions").is_some_and(|regions| regions.get(region).is_some())
    }

    /// Whether global services that the design uses are run from a region.
    fn runs_services(&self, region: &str) -> bool {
        let names: Vec<String> = self
            .design
            .get("regions")
            .map_or_else(Vec::new, |regions| regions.entries().iter().map(|entry| entry.key.clone()).collect());
        models::deployment::places(&names).iter().any(|place| place == region)
    }

    /// The stores of a kind that have a copy in a region.
    fn stores(&self, kind: &str, region: &str) -> Vec<&str> {
        if !self.has(region) {
            return Vec::new();
        }
        let in_region = |store: &Node| match store.get("regions").map(|regions| &regions.value) {
            Some(Value::Array(regions)) => regions.iter().any(|own| own.text() == Some(region)),
            Some(Value::Text(own)) => own == region,
            _ => true,
        };
        let stores = self.design.get("stores").map_or(&[][..], Node::entries).iter();
        let own = stores.filter(|entry| entry.node.get("kind").and_then(Node::text) == Some(kind));
        own.filter(|entry| in_region(&entry.node)).map(|entry| entry.key.as_str()).collect()
    }
}

/// Adds a text to a table.
fn add(table: &mut Node, key: &str, text: &str) {
    let place = table.place;
    if let Value::Table(entries) = &mut table.value {
        let node = Node { value: Value::Text(text.to_owned()), place };
        entries.push(Entry { key: key.to_owned(), key_place: place, node });
    }
}

/// Takes a value out of a table.
fn take(table: &mut Node, key: &str) -> Option<Node> {
    let Value::Table(entries) = &mut table.value else { return None };
    let index = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(index).node)
}
