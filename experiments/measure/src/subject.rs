//! What measures are of: journeys, stores and the like, each by its place in the file.

use models::cause::Cause;
use models::deployment::Topology;
use models::ids::StoreId;

/// The trial as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole;

/// A journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journey(pub usize);

/// One cause in a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CauseOf(pub Journey, pub Cause);

/// A store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Store(pub usize);

/// A store that has one writer at a time, by its place among those: see [`Subjects::writers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer(pub usize);

/// An alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm(pub usize);

/// A population of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Population(pub usize);

/// A part behind the fronts that may fail requests where services call each other: a service in a region, or a store as a region
/// meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part(pub usize);

/// One cause of what a part fails, by its place among the causes that there are behind the fronts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartCause(pub Part, pub usize);

/// A queue, by its place among the stores that are one: see [`Subjects::queues`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue(pub usize);

/// A name that clients resolve, where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved(pub usize);

/// A link between two stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link(pub usize);

/// What a column may be of.
pub trait Subject: Copy {
    /// Its place among those of its kind.
    fn place(self) -> usize;

    /// Which of the columns that one of its kind has under one measure.
    fn part(self) -> usize {
        0
    }
}

impl Subject for Whole {
    fn place(self) -> usize {
        0
    }
}

impl Subject for CauseOf {
    fn place(self) -> usize {
        self.0.0
    }

    fn part(self) -> usize {
        self.1.index()
    }
}

impl Subject for PartCause {
    fn place(self) -> usize {
        self.0.0
    }

    fn part(self) -> usize {
        self.1
    }
}

macro_rules! by_place {
    ($($subject:ty),*) => {
        $(impl Subject for $subject {
            fn place(self) -> usize {
                self.0
            }
        })*
    };
}

by_place!(Journey, Store, Writer, Queue, Alarm, Population, Part, Link, Resolved);

/// The names of everything in a deployment that has measures, each list in file order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Journeys.
    pub journeys: Vec<String>,
    /// Stores.
    pub stores: Vec<String>,
    /// Which of the stores have one writer at a time.
    pub writers: Vec<Store>,
    /// Which of the stores are queues.
    pub queues: Vec<Store>,
    /// Alarms.
    pub alarms: Vec<String>,
    /// Populations.
    pub populations: Vec<String>,
    /// Parts behind the fronts, such as `payment@eu-west-1`.
    pub parts: Vec<String>,
    /// The same in words, such as `payment in eu-west-1`.
    pub parts_in_words: Vec<String>,
    /// Links between stores: the names of the two with a dot between them.
    pub links: Vec<String>,
    /// Names that clients resolve, where there are several.
    pub names: Vec<String>,
    /// Whether faults include blips, and whether each of them comes at a rate.
    pub blips: bool,
    /// See `blips`.
    pub blips_recur: bool,
}

impl Subjects {
    /// Those of a deployment.
    pub fn of(topology: &Topology) -> Self {
        let (parts, parts_in_words) = topology.parts().into_iter().map(|part| (part.name, part.words)).unzip();
        let has_writer = |store: &StoreId| topology.stores[*store].parameters.writer().is_some();
        let blips = || topology.faults.iter().filter(|it| matches!(it.kind, models::faults::Kind::Blip { .. }));
        let is_queue = |store: &StoreId| topology.stores[*store].parameters.consumer().is_some();
        Self {
            journeys: topology.journeys.iter().map(|journey| journey.name.clone()).collect(),
            stores: topology.stores.iter().map(|store| store.name.clone()).collect(),
            writers: topology.stores.ids().filter(has_writer).map(|store| Store(store.index())).collect(),
            queues: topology.stores.ids().filter(is_queue).map(|store| Store(store.index())).collect(),
            alarms: topology.alarm_names().map(str::to_owned).collect(),
            links: topology
                .links
                .iter()
                .map(|link| format!("{}.{}", topology.stores[link.from].name, topology.stores[link.to].name))
                .collect(),
            names: several(topology.zone.names.iter().map(|name| name.name.clone()).collect()),
            populations: topology.clients.iter().map(|clients| clients.name.clone()).collect(),
            parts,
            parts_in_words,
            blips: blips().next().is_some(),
            blips_recur: blips().all(|blip| blip.start.recurs()),
        }
    }

    /// The place of a store among the queues, if it is one.
    pub fn queue(&self, store: Store) -> Option<Queue> {
        self.queues.iter().position(|own| *own == store).map(Queue)
    }

    /// The journey of this name.
    pub fn journey(&self, name: &str) -> Option<Journey> {
        self.journeys.iter().position(|own| own == name).map(Journey)
    }

    /// The store of this name.
    pub fn store(&self, name: &str) -> Option<Store> {
        self.stores.iter().position(|own| own == name).map(Store)
    }

    /// The name of the store that has this writer.
    pub fn writer(&self, writer: Writer) -> &str {
        &self.stores[self.writers[writer.0].0]
    }
}

/// Names, where there are several.
fn several(names: Vec<String>) -> Vec<String> {
    if names.len() > 1 { names } else { Vec::new() }
}
