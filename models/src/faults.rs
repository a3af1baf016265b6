//! Faults: what goes wrong, where, when and for how long.
//!
//! A fault announces its beginning and its end; what that does to places and services is up to the wiring.
//!
//! Modelled:      outages of regions and zones, partitions, gray failures, impaired stores and control planes, Lambda that
//!                fails invocations, metrics that stop, instances that fail, surges of load, launches that fail for want of
//!                capacity; overlapping ones; ends and restarts.
//! Not modelled:  causes. A fault strikes when the file says so, and what it takes along is what design 5.7 lists.

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

use crate::journeys::Access;

const KIND: Key = Key::required("kind", "what goes wrong");
const AT: Key = Key::required("at", "when it begins");
const DURATION: Key = Key::required("duration", "how long it lasts, or \"permanent\"");
const RESTART: Key = Key::convention(
    "restart",
    "time from its end until what it struck is back",
    "0s",
    "design 5.4: the fleet is intact",
);
const DESTROYED: Key = Key::convention("destroyed", "whether the region's data never returns", "false", "design 5.7");
const REGION: Key = Key::required("region", "the region that it strikes");
const ZONE: Key = Key::optional("zone", "the zone that it strikes, `a`, `b`, ..; drawn in each trial without");
const BETWEEN: Key = Key::required("between", "the two regions that lose their path");
const CLIENTS: Key = Key::optional("clients", "the populations that surge; all of them without");
const FACTOR: Key = Key::required("factor", "factor on the offered load").at_least(0.0);
const PROBABILITY: Key =
    Key::required("probability", "probability that an attempt to launch fails").at_least(0.0).at_most(1.0);
const STORE: Key = Key::optional("store", "the store that is impaired");
const SERVICE: Key = Key::required("service", "what is impaired besides stores");
const ACCESS: Key = Key::convention("access", "which accesses fail", "all", "design 5.7: all of them unless stated");
const STORE_ERROR: Key =
    Key::convention("error", "share of accesses that fail", "1", "design 5.7: all of them unless stated").at_most(1.0);
const INSTANCE_PROBABILITY: Key =
    Key::required("probability", "probability that an instance fails, each by itself").at_least(0.0).at_most(1.0);
const ERROR: Key = Key::required("error", "share of requests that fail");
const SEEN: Key =
    Key::convention("seen", "share of the failing requests that health checks would see", "1", "design 5.7")
        .at_least(0.0)
        .at_most(1.0);

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A region and its control planes are gone: a black hole.
    RegionOutage {
        /// The region.
        region: usize,
        /// Whether its data never returns.
        destroyed: bool,
    },
    /// A zone is gone: a black hole.
    ZoneOutage {
        /// The region.
        region: usize,
        /// The zone; drawn if not given.
        zone: Option<usize>,
    },
    /// Two regions lose their path; clients reach both.
    Partition {
        /// One side.
        a: usize,
        /// The other.
        b: usize,
    },
    /// A region fails a share of requests, at once.
    GrayFailure {
        /// The region.
        region: usize,
        /// Share of requests that fail.
        error: f64,
        /// Share of these that checks see.
        seen: f64,
    },
    /// A store fails a share of the accesses that a region's copy would serve, at once.
    StoreImpairment {
        /// The store.
        store: usize,
        /// The region of the copy.
        region: usize,
        /// Only these accesses; all of them without.
        only: Option<Access>,
        /// Share of accesses that fail.
        error: f64,
    },
    /// A region's control planes do not answer; what runs goes on.
    ControlPlaneOutage {
        /// The region.
        region: usize,
    },
    /// Lambda fails a share of a region's invocations, at once; when it fails all of them, automation there stops.
    LambdaImpairment {
        /// The region.
        region: usize,
        /// Share of invocations that fail.
        error: f64,
    },
    /// A region's metrics stop: alarms that live there evaluate nothing, and nothing scales by them.
    MetricsOutage {
        /// The region.
        region: usize,
    },
    /// Instances of a region fail; they refuse connections.
    InstanceFailures {
        /// The region.
        region: usize,
        /// Probability that an instance fails.
        probability: f64,
    },
    /// Clients offer more.
    LoadSurge {
        /// The populations.
        clients: Vec<usize>,
        /// Factor on the load.
        factor: f64,
    },
    /// Launches fail.
    InsufficientCapacity {
        /// The region.
        region: usize,
        /// Probability that an attempt fails.
        probability: f64,
    },
}

impl Kind {
    /// Whether it starts the clock of the recovery time; conditions that only make recovery harder do not.
    pub const fn starts_clock(&self) -> bool {
        !matches!(self, Self::InsufficientCapacity { .. })
    }

    /// The region whose traffic has to move, if there is one.
    pub const fn region(&self) -> Option<usize> {
        match self {
            Self::RegionOutage { region, .. }
            | Self::ZoneOutage { region, .. }
            | Self::GrayFailure { region, .. }
            | Self::StoreImpairment { region, .. }
            | Self::ControlPlaneOutage { region }
            | Self::LambdaImpairment { region, .. }
            | Self::MetricsOutage { region }
            | Self::InstanceFailures { region, .. }
            | Self::InsufficientCapacity { region, .. } => Some(*region),
            Self::Partition { .. } | Self::LoadSurge { .. } => None,
        }
    }
}

/// One fault of the experiment.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// When, in seconds.
    pub at: Distribution,
    /// For how long, in seconds; for good without.
    pub duration: Option<Distribution>,
    /// From its end until what it struck is back, in seconds.
    pub restart: Distribution,
}

/// A zone by its letter, `a` or `us-east-1a`; the value of key `of` is its region.
pub fn read_zone(section: &mut Section<'_>, key: &Key, of: &Key, region: Option<&str>) -> Option<usize> {
    let text = section.maybe_text(key)?;
    let letter = region.and_then(|region| text.strip_prefix(region)).unwrap_or(&text);
    if let &[letter @ b'a'..=b'f'] = letter.as_bytes() {
        return Some(usize::from(letter - b'a'));
    }
    let expected = format!("a zone by its letter, such as \"a\" or \"{}a\"", region.unwrap_or("us-east-1"));
    section.reject_among(&[key.name, of.name], format!("the text {text:?}"), expected, None);
    None
}

impl Fault {
    /// Reads one `[[faults]]` entry.
    pub fn read(section: &mut Section<'_>, regions: &[String], stores: &[String], clients: &[String]) -> Self {
        let kinds = [
            ("region-outage", 0),
            ("zone-outage", 1),
            ("partition", 2),
            ("gray-failure", 3),
            ("load-surge", 4),
            ("insufficient-capacity", 5),
            ("service-impairment", 6),
            ("instance-failures", 7),
        ];
        let kind = match section.choice(&KIND, &kinds) {
            0 => Kind::RegionOutage { region: section.name(&REGION, regions), destroyed: section.flag(&DESTROYED) },
            1 => {
                let region = section.name(&REGION, regions);
                let zone = read_zone(section, &ZONE, &REGION, regions.get(region).map(String::as_str));
                Kind::ZoneOutage { region, zone }
            }
            2 => match section.names(&BETWEEN, regions).as_slice() {
                &[a, b] => Kind::Partition { a, b },
                other => {
                    if section.has("between") {
                        let found = if other.len() == 1 { "one region" } else { "not two regions" };
                        section.reject("between", found, "two regions, such as [\"us-east-1\", \"eu-west-1\"]", None);
                    }
                    Kind::Partition { a: 0, b: 0 }
                }
            },
            3 => Kind::GrayFailure {
                region: section.name(&REGION, regions),
                error: section.share(&ERROR),
                seen: section.number(&SEEN),
            },
            4 => {
                let mut affected = section.names(&CLIENTS, clients);
                if affected.is_empty() {
                    affected = (0..clients.len()).collect();
                }
                Kind::LoadSurge { clients: affected, factor: section.number(&FACTOR) }
            }
            5 => Kind::InsufficientCapacity {
                region: section.name(&REGION, regions),
                probability: section.number(&PROBABILITY),
            },
            6 if section.one_of(&["store", "service"]) == Some("service") => {
                let service = section.choice(&SERVICE, &[("control-plane", 0), ("lambda", 1), ("cloudwatch", 2)]);
                let error = section.share(&STORE_ERROR);
                if error < 1.0 && service != 1 {
                    let expected = "1: control planes and metrics are there or are not";
                    section.reject("error", "a share of calls", expected, None);
                }
                let region = section.name(&REGION, regions);
                match service {
                    0 => Kind::ControlPlaneOutage { region },
                    1 => Kind::LambdaImpairment { region, error },
                    _ => Kind::MetricsOutage { region },
                }
            }
            6 => Kind::StoreImpairment {
                store: section.maybe_name(&STORE, stores).unwrap_or(0),
                region: section.name(&REGION, regions),
                only: section
                    .choice(&ACCESS, &[("all", None), ("reads", Some(Access::Read)), ("writes", Some(Access::Write))]),
                error: section.share(&STORE_ERROR),
            },
            _ => Kind::InstanceFailures {
                region: section.name(&REGION, regions),
                probability: section.number(&INSTANCE_PROBABILITY),
            },
        };
        Self {
            kind,
            at: section.delay(&AT),
            duration: section.delay_or(&DURATION, "permanent"),
            restart: section.delay(&RESTART),
        }
    }
}

/// What can happen to the faults.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A fault begins.
    Begins(usize),
    /// What a fault struck is back.
    Ends(usize),
}

/// What others may learn from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A fault began.
    Began(usize),
    /// What a fault struck is back.
    Ended(usize),
}

#[derive(Debug)]
struct Drawn {
    at: Variate,
    duration: Option<Variate>,
    restart: Variate,
    zone_choice: Stream,
    victims: Stream,
    start: SimTime,
    zone: usize,
}

/// All faults of an experiment at work.
#[derive(Debug)]
pub struct Faults {
    written: Vec<Fault>,
    zones: Vec<usize>,
    drawn: Vec<Drawn>,
}

impl Faults {
    /// The faults of a deployment with so many zones per region.
    pub fn new(faults: &[Fault], zones: &[usize], seed: u64) -> Self {
        let drawn = faults.iter().enumerate().map(|(index, fault)| {
            let path = format!("faults/{index}");
            let variate = |distribution: &Distribution, purpose: &str| {
                Variate::new(distribution.clone(), StreamId::new(seed, &path, purpose))
            };
            Drawn {
                at: variate(&fault.at, "at"),
                duration: fault.duration.as_ref().map(|duration| variate(duration, "duration")),
                restart: variate(&fault.restart, "restart"),
                zone_choice: Stream::new(StreamId::new(seed, &path, "zone")),
                victims: Stream::new(StreamId::new(seed, &path, "victims")),
                start: SimTime::ZERO,
                zone: 0,
            }
        });
        Self { drawn: drawn.collect(), written: faults.to_vec(), zones: zones.to_vec() }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: u64, ctx: &mut Context<'_, Event, Signal>) {
        for (index, drawn) in self.drawn.iter_mut().enumerate() {
            drawn.at.begin(trial);
            drawn.restart.begin(trial);
            drawn.zone_choice.begin(trial);
            drawn.victims.begin(trial);
            if let Some(duration) = &mut drawn.duration {
                duration.begin(trial);
            }
            if let Kind::ZoneOutage { region, zone } = self.written[index].kind {
                let any = (drawn.zone_choice.uniform() * self.zones[region] as f64) as usize;
                drawn.zone = zone.unwrap_or(any);
            }
            drawn.start = SimTime::ZERO + drawn.at.draw_duration();
            ctx.schedule_at(drawn.start, Event::Begins(index));
        }
    }

    /// The first fault that starts the clock in this trial: its index and its start.
    pub fn first(&self) -> Option<(usize, SimTime)> {
        let starting = (0..self.written.len()).filter(|&index| self.written[index].kind.starts_clock());
        starting.map(|index| (index, self.drawn[index].start)).min_by_key(|&(index, start)| (start, index))
    }

    /// A fault as the file describes it.
    pub fn fault(&self, index: usize) -> &Fault {
        &self.written[index]
    }

    /// Whether the next instance fails by this fault.
    pub fn strikes(&mut self, index: usize, probability: f64) -> bool {
        self.drawn[index].victims.uniform() < probability
    }

    /// The zone that a zone outage strikes in this trial.
    pub fn zone(&self, index: usize) -> usize {
        self.drawn[index].zone
    }
}

impl Component for Faults {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Begins(index) => {
                let drawn = &mut self.drawn[index];
                if let Some(duration) = &mut drawn.duration {
                    let lasts: SimDuration = duration.draw_duration() + drawn.restart.draw_duration();
                    ctx.schedule_in(lasts, Event::Ends(index));
                }
                ctx.signal(Signal::Began(index));
            }
            Event::Ends(index) => ctx.signal(Signal::Ended(index)),
        }
    }
}
