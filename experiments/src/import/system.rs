//! The system that the inputs describe, in the terms of an experiment: what mappers fill and the writer writes.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Entry, Fates, Line, Loose, slug};
use super::readers::Policy;
use super::resource::{Id, Inventory};

/// What runs an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runs {
    /// An EC2 Auto Scaling group.
    Instances,
    /// An ECS service.
    Tasks,
    /// A cluster of Kubernetes.
    Pods,
    /// A function.
    Function,
}

/// A tier in one region.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) runs: Runs,
    /// The group, the service or the function.
    pub(super) id: Id,
    /// Keys of its compute.
    pub(super) compute: Vec<Entry>,
    /// The load under which it is at rest, in requests per second.
    pub(super) load: Option<f64>,
    /// Keys of its load balancer.
    pub(super) balancer: Vec<Entry>,
    /// The load balancers in front of it.
    pub(super) fronts: Vec<Id>,
}

/// Something that runs in one or more regions and does the same in each.
#[derive(Debug, Clone)]
pub(super) struct Tier {
    pub(super) name: String,
    pub(super) sites: BTreeMap<String, Site>,
    /// Whether clients enter there.
    pub(super) entered: bool,
}

/// A store, an alarm or a runbook: a name and its keys.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
}

impl Part {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), lines: Vec::new() }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.lines.push(Line::Entry(entry));
    }

    pub(super) fn ask(&mut self, question: Loose) {
        self.lines.push(Line::Question(question));
    }
}

/// What mappers have to know of a store.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) part: Part,
    pub(super) writer: Option<String>,
    pub(super) regions: Vec<String>,
    /// The resources that it is.
    pub(super) ids: Vec<Id>,
    /// Whether losing the writer's region leaves a copy to promote.
    pub(super) promotable: bool,
    /// Whether requests read it only, such as a cache.
    pub(super) reads: bool,
}

/// How clients find a region.
#[derive(Debug, Clone, Default)]
pub(super) struct Dns {
    pub(super) lines: Vec<Line>,
    /// The health check of each region's endpoint, as TOML.
    pub(super) checks: BTreeMap<String, Entry>,
    /// Regions that answers lead to.
    pub(super) regions: BTreeSet<String>,
    pub(super) primary: Option<String>,
    /// Whether anything leads away from a region by itself.
    pub(super) moves: bool,
}

/// Everything that the file will say.
#[derive(Debug)]
pub(super) struct System<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) fates: Fates,
    pub(super) tiers: Vec<Tier>,
    pub(super) dns: Option<Dns>,
    /// Edges: the kind, the lines, and the regions that it leads to.
    pub(super) edges: Vec<(Vec<Line>, BTreeSet<String>)>,
    pub(super) stores: Vec<Store>,
    pub(super) alarms: Vec<Part>,
    /// The name under which an alarm is in the file.
    pub(super) alarm_names: BTreeMap<Id, String>,
    pub(super) runbooks: Vec<Part>,
    /// Stores that a runbook promotes.
    pub(super) promoted: BTreeSet<String>,
    /// Regions that serve clients.
    pub(super) serving: BTreeSet<String>,
    /// Other regions that something lives in.
    pub(super) others: BTreeSet<String>,
    /// Questions about resources that the file has no key for.
    pub(super) loose: Vec<Loose>,
    /// Limits: keys of `[objectives]`.
    pub(super) objectives: Vec<Entry>,
    /// Policies, with the resources that they are.
    pub(super) policies: Vec<(Policy, Option<Id>)>,
    pub(super) taken: BTreeSet<String>,
    /// The name that the command line asks for.
    pub(super) service: Option<String>,
    /// How tiers are written.
    pub(super) form: Form,
}

/// How tiers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// One tier, as `[compute]` and `[load-balancer]`; further ones are asked about.
    #[default]
    Short,
    /// Every tier as `[services.NAME]`.
    Graph,
}

/// The name of the only kind of request that an import knows.
pub(super) const JOURNEY: &str = "all";

impl<'a> System<'a> {
    pub(super) fn new(inventory: &'a Inventory, service: Option<String>, form: Form) -> Self {
        Self {
            inventory,
            fates: Fates::default(),
            tiers: Vec::new(),
            dns: None,
            edges: Vec::new(),
            stores: Vec::new(),
            alarms: Vec::new(),
            alarm_names: BTreeMap::new(),
            runbooks: Vec::new(),
            promoted: BTreeSet::new(),
            serving: BTreeSet::new(),
            others: BTreeSet::new(),
            loose: Vec::new(),
            objectives: Vec::new(),
            policies: Vec::new(),
            taken: BTreeSet::new(),
            service,
            form,
        }
    }

    /// Asks about a resource that the file has no key for.
    pub(super) fn ask(&mut self, id: Id, question: impl Into<String>) {
        let question = question.into();
        let address = self.inventory.get(id).address.clone();
        self.fates.asked(id, question.clone());
        self.loose.push(Loose::settled(address, question));
    }

    /// Asks once about several resources of one sort.
    pub(super) fn ask_all(&mut self, ids: &[Id], question: &str) {
        let Some(first) = ids.first() else { return };
        for id in ids {
            self.fates.asked(*id, question);
        }
        let path = self.inventory.get(*first).address.clone();
        let others = super::draft::addresses(self.inventory, &ids[1..]);
        let with = if others.is_empty() { String::new() } else { format!(" (with {others})") };
        self.loose.push(Loose::settled(path, format!("{question}{with}")));
    }

    /// A name of the file after what a resource is called.
    pub(super) fn name(&mut self, wanted: &str) -> String {
        super::draft::unique(&slug(wanted), &mut self.taken)
    }

    /// The tier that clients enter, if there is one.
    pub(super) fn entry(&self) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.entered)
    }

    /// The region that matters most: the primary's, the writer's, or the one with the most resources.
    pub(super) fn main_region(&self) -> Option<String> {
        let serves = |region: &&String| self.serving.contains(*region);
        let writer = self.stores.iter().filter_map(|store| store.writer.as_ref()).find(serves);
        let primary = self.dns.as_ref().and_then(|dns| dns.primary.as_ref()).filter(serves);
        let count = |region: &String| self.inventory.all().filter(|(_, it)| it.region.as_ref() == Some(region)).count();
        // Of equal ones the first.
        let largest = || self.serving.iter().rev().max_by_key(|region| count(region));
        primary.or(writer).or_else(largest).or_else(|| self.others.iter().next()).cloned()
    }
}
