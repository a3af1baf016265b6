//! The deployment and its faults as every report tells them: parts by their names, each with a few words, and the
//! limits of the model for the services in use. Plain data, made once from the topology.

use std::ops::Range;

use models::about::About;

/// A part of the deployment and a few words about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// Its name in the file.
    pub name: String,
    /// A few words, without its name.
    pub words: String,
}

/// The service that leads clients to regions.
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

/// A service of the graph. Indices of regions are places in [`Overview::regions`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tier {
    /// Its name in the file.
    pub name: String,
    /// A few words, without its name.
    pub words: String,
    /// Whether clients enter it.
    pub entered: bool,
    /// Whether it stands outside AWS.
    pub external: bool,
    /// The regions in which it runs; none if it stands outside AWS.
    pub regions: Vec<usize>,
    /// What each of its requests asks for, in order.
    pub asks: Vec<Asked>,
}

/// What a request of a service asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// How: `calls`, `reads` or `writes`.
    pub verb: &'static str,
    /// The name of the service or store.
    pub what: String,
    /// Whether the request goes on without it.
    pub soft: bool,
}

/// A store. Indices of regions are places in [`Overview::regions`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Store {
    /// Its name in the file.
    pub name: String,
    /// The service that runs it.
    pub service: &'static str,
    /// A few words, without its name.
    pub words: String,
    /// Regions that hold a copy.
    pub copies: Vec<usize>,
    /// The region of the writer at the start; without one every copy takes writes.
    pub writer: Option<usize>,
    /// Where every copy takes writes: the only copy that the others replicate from, if there is one.
    pub from: Option<usize>,
    /// Whether copies get what is written to others; those of sessions and queues do not.
    pub replicates: bool,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fault {
    /// The effect, as a main clause: `us-east-1 is gone`.
    pub what: String,
    /// Start and duration: `from 10 min on, for 4 h`.
    pub when: String,
}

impl Fault {
    /// Effect and time in one clause.
    pub fn sentence(&self) -> String {
        format!("{}, {}", self.what, self.when)
    }
}

/// The whole deployment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// The regions in file order, with what serves requests there.
    pub regions: Vec<Part>,
    /// Which of them are no regions, but endpoints of further services that clients enter.
    pub doors: Range<usize>,
    /// A few words about `CloudFront`, if there is a distribution.
    pub edge: Option<String>,
    /// The service that leads clients to regions.
    pub leads: Leads,
    /// How that service chooses a region; the origin group is told with the edge.
    pub routing: Option<String>,
    /// Names that the file writes out, and the records behind them.
    pub names: Vec<Part>,
    /// Records that the file writes out.
    pub records: Vec<Part>,
    /// Health checks that the file writes out.
    pub checks: Vec<Part>,
    /// The services, each before those that it calls; none where regions run a single one.
    pub tiers: Vec<Tier>,
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
    /// How long requests take when all is well.
    pub latency: Latency,
}

/// How long requests take when all is well.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Latency {
    /// By journey, mean seconds of each part, in the order in which requests meet them.
    pub journeys: Vec<(String, Vec<(String, f64)>)>,
    /// Parts whose time nobody gives: they take none.
    pub left_out: Vec<String>,
    /// Whether the file says of any service how long it takes: without, latency is little more than the way.
    pub told: bool,
}

impl Overview {
    /// The deployment without its faults, a line per part: the kind of part, and a sentence about it.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let named = |kind: &'static str, between: &'static str, parts: &[Part]| -> Vec<(&'static str, String)> {
            parts.iter().map(|part| (kind, format!("{}{between}{}", part.name, part.words))).collect()
        };
        let mut lines = named("region", ": ", &self.regions);
        for line in &mut lines[self.doors.clone()] {
            line.0 = "endpoint";
        }
        lines.extend(self.edge.iter().map(|words| ("edge", words.clone())));
        lines.extend(self.routing.iter().map(|words| ("routing", words.clone())));
        lines.extend(named("name", ": ", &self.names));
        lines.extend(named("record", ": ", &self.records));
        lines.extend(named("check", ": ", &self.checks));
        lines.extend(self.tiers.iter().map(|tier| ("service", format!("{}: {}", tier.name, tier.words))));
        lines.extend(self.stores.iter().map(|store| ("store", format!("{}: {}", store.name, store.words))));
        lines.extend(named("clients", " ", &self.clients));
        lines.extend(named("journey", " ", &self.journeys));
        lines.extend(named("alarm", " ", &self.alarms));
        lines.extend(named("runbook", " ", &self.runbooks));
        lines
    }

    /// The service that leads clients to regions, in a few words: the edge, and the routing behind it.
    pub fn door(&self) -> String {
        self.edge.iter().chain(&self.routing).map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}
