//! The deployment and its faults as every report tells them: parts by their names, each with its words, and what the
//! model leaves out of what is in use. Plain data, made once from the topology.

use models::about::About;

/// A part of the deployment and a few words about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// What the file calls it.
    pub name: String,
    /// About it, without its name.
    pub words: String,
}

/// What leads clients to regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Leads {
    /// Answers of DNS.
    #[default]
    Dns,
    /// Global Accelerator.
    Accelerator,
    /// The origin group of a `CloudFront` distribution.
    OriginGroup,
}

/// A store. Indices of regions are places in [`Overview::regions`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Store {
    /// What the file calls it.
    pub name: String,
    /// The service that it is of.
    pub service: &'static str,
    /// About it, without its name.
    pub words: String,
    /// Regions that hold a copy.
    pub copies: Vec<usize>,
    /// The copy that is called the writer at the start; without one all of them are.
    pub writer: Option<usize>,
    /// The only copy from which others get what is written, where all take writes.
    pub from: Option<usize>,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fault {
    /// What happens, as a main clause: `us-east-1 is gone`.
    pub what: String,
    /// When and for how long: `from 10 min on, for 4 h`.
    pub when: String,
}

impl Fault {
    /// Both in one clause.
    pub fn sentence(&self) -> String {
        format!("{}, {}", self.what, self.when)
    }
}

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// The regions in file order, with what serves requests there.
    pub regions: Vec<Part>,
    /// What `CloudFront` does, if there is one.
    pub edge: Option<String>,
    /// What leads clients to regions.
    pub leads: Leads,
    /// How that chooses; the origin group is told with the edge.
    pub routing: Option<String>,
    /// The stores in file order.
    pub stores: Vec<Store>,
    /// The populations of clients in file order.
    pub clients: Vec<Part>,
    /// The journeys in file order.
    pub journeys: Vec<Part>,
    /// The alarms in file order.
    pub alarms: Vec<Part>,
    /// The runbooks in file order.
    pub runbooks: Vec<Part>,
    /// The faults in file order.
    pub faults: Vec<Fault>,
    /// The parts of the model that are in use, in the order of pages.
    pub services: Vec<&'static About>,
}

impl Overview {
    /// The deployment without its faults, a line per part: what kind of part it is, and a sentence about it.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let named = |kind: &'static str, between: &'static str, parts: &[Part]| -> Vec<(&'static str, String)> {
            parts.iter().map(|part| (kind, format!("{}{between}{}", part.name, part.words))).collect()
        };
        let mut lines = named("region", ": ", &self.regions);
        lines.extend(self.edge.iter().map(|words| ("edge", words.clone())));
        lines.extend(self.routing.iter().map(|words| ("routing", words.clone())));
        lines.extend(self.stores.iter().map(|store| ("store", format!("{}: {}", store.name, store.words))));
        lines.extend(named("clients", " ", &self.clients));
        lines.extend(named("journey", " ", &self.journeys));
        lines.extend(named("alarm", " ", &self.alarms));
        lines.extend(named("runbook", " ", &self.runbooks));
        lines
    }

    /// What leads clients to regions, in a few words: the edge and what comes after it.
    pub fn door(&self) -> String {
        self.edge.iter().chain(&self.routing).map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}
