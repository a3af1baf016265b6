//! Faults: what goes wrong, where, when and for how long.
//!
//! A fault announces its beginning and its end; what that does to places and services is up to the wiring.
//!
//! With a `rate` it begins again and again, as a Poisson process from t = 0: the numbers in disjoint stretches of time are
//! independent, and their mean is the rate times the length, however long an occurrence lasts. One that begins while an
//! earlier one of the same entry is under way is as good as one of another entry: what both strike is back when both have
//! ended, and shares and factors multiply.
//!
//! Modelled:      outages of regions and zones, partitions, gray failures, impaired stores and control planes, Lambda that
//!                fails invocations, metrics that stop, instances that fail, surges of load, launches that fail for want of
//!                capacity; replication that stops; overlapping ones; ends and restarts; faults that come at a rate.
//! Not modelled:  causes. A fault strikes when the file says so, and what it takes along is what its kind says.
//!                Seasons: a rate is the same all year round, and what has just struck is no more likely to strike again.

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

use crate::journeys::Access;

const KIND: Key = Key::required("kind", "what goes wrong");
const AT: Key = Key::required("at", "when it begins");
const RATE: Key =
    Key::required("rate", "how often it begins, on average, at random instants; a year has 365.25 days").above(0.0);
const DURATION: Key = Key::required("duration", "how long it lasts, or \"permanent\"");
const RESTART: Key = Key::convention(
    "restart",
    "time from its end until what it struck is back",
    "0s",
    "its end is its end, unless stated",
);
const DESTROYED: Key = Key::convention(
    "destroyed",
    "whether the region's data never returns",
    "false",
    "an outage ends with the data intact unless stated",
);
const REGION: Key = Key::required("region", "the region that it strikes");
const ZONE: Key = Key::optional("zone", "the zone that it strikes, `a`, `b`, ..; drawn in each trial without");
const BETWEEN: Key = Key::required("between", "the two regions that lose their path");
const CLIENTS: Key = Key::optional("clients", "the populations that surge; all of them without");
const FACTOR: Key = Key::required("factor", "factor on the offered load").at_least(0.0);
const PROBABILITY: Key =
    Key::required("probability", "probability that an attempt to launch fails").at_least(0.0).at_most(1.0);
const STORE: Key = Key::optional("store", "the store that is impaired");
const STALLED: Key = Key::optional("store", "the store whose replication stops; that of all without");
const STALLED_REGION: Key = Key::optional("region", "only replication to and from this region stops");
const STALLED_BETWEEN: Key = Key::optional("between", "only replication between these two regions stops");
const SERVICE: Key = Key::required("service", "what is impaired besides stores");
const ACCESS: Key = Key::convention("access", "which accesses fail", "all", "all of them unless stated");
const STORE_ERROR: Key =
    Key::convention("error", "share of accesses that fail", "1", "all of them unless stated").at_most(1.0);
const INSTANCE_PROBABILITY: Key =
    Key::required("probability", "probability that an instance fails, each by itself").at_least(0.0).at_most(1.0);
const ERROR: Key = Key::required("error", "share of requests that fail");
const SEEN: Key = Key::convention(
    "seen",
    "share of the failing requests that health checks would see",
    "1",
    "health checks see what requests see unless stated",
)
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
    /// Replication stops; clients do not notice.
    ReplicationStall {
        /// The stores.
        stores: Vec<usize>,
        /// Only to and from this region.
        region: Option<usize>,
        /// Only between these two.
        between: Option<(usize, usize)>,
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
        !matches!(self, Self::InsufficientCapacity { .. } | Self::ReplicationStall { .. })
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
            Self::ReplicationStall { region, .. } => *region,
            Self::Partition { .. } | Self::LoadSurge { .. } => None,
        }
    }
}

/// When a fault begins.
#[derive(Debug, Clone)]
pub enum Start {
    /// Once, so many seconds after the start.
    At(Distribution),
    /// Again and again, so many times per second on average.
    Rate(f64),
}

impl Start {
    /// Time until the first beginning, in seconds. Of a rate it is also the time from one beginning to the next.
    pub fn first(&self) -> Distribution {
        match self {
            Self::At(at) => at.clone(),
            Self::Rate(rate) => {
                Distribution::exponential(1.0 / rate).expect("a rate is above 0, and so is its mean gap")
            }
        }
    }

    /// Whether it begins again and again.
    pub const fn recurs(&self) -> bool {
        matches!(self, Self::Rate(_))
    }
}

/// One fault of the experiment.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// When.
    pub start: Start,
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
            ("replication-stall", 8),
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
            8 => {
                let store = section.maybe_name(&STALLED, stores);
                let region = section.maybe_name(&STALLED_REGION, regions);
                let between = section.names(&STALLED_BETWEEN, regions);
                let pair = if let &[a, b] = between.as_slice() { Some((a, b)) } else { None };
                if section.has("between") && pair.is_none_or(|(a, b)| a == b) {
                    let found = if between.len() == 1 { "one region" } else { "not two regions" };
                    section.reject("between", found, "two regions, such as [\"us-east-1\", \"eu-west-1\"]", None);
                } else if pair.is_some() && region.is_some() {
                    section.reject("between", "`between` beside `region`", "only one of them", None);
                }
                let stores = store.map_or_else(|| (0..stores.len()).collect(), |store| vec![store]);
                Kind::ReplicationStall { stores, region, between: pair }
            }
            _ => Kind::InstanceFailures {
                region: section.name(&REGION, regions),
                probability: section.number(&INSTANCE_PROBABILITY),
            },
        };
        let start = match section.one_of(&["at", "rate"]) {
            Some("rate") => Start::Rate(section.rate(&RATE)),
            _ => Start::At(section.delay(&AT)),
        };
        Self { kind, start, duration: section.delay_or(&DURATION, "permanent"), restart: section.delay(&RESTART) }
    }
}

/// What can happen to the faults.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A fault begins.
    Begins(usize),
    /// What an occurrence struck is back.
    Ends(usize),
}

/// What others may learn from them. Occurrences are numbered from 0 in the order in which they begin in a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// An occurrence began.
    Began(usize),
    /// What an occurrence struck is back.
    Ended(usize),
}

#[derive(Debug)]
struct Drawn {
    /// Time to the first beginning, or from one to the next.
    gap: Variate,
    duration: Option<Variate>,
    restart: Variate,
    zone_choice: Stream,
    victims: Stream,
}

#[derive(Debug, Clone, Copy)]
struct Occurrence {
    fault: usize,
    /// The zone that it struck, if it was a zone.
    zone: Option<usize>,
}

/// All faults of an experiment at work.
#[derive(Debug)]
pub struct Faults {
    written: Vec<Fault>,
    zones: Vec<usize>,
    drawn: Vec<Drawn>,
    first: Option<(usize, SimTime)>,
    occurrences: Vec<Occurrence>,
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
                gap: variate(&fault.start.first(), if fault.start.recurs() { "gap" } else { "at" }),
                duration: fault.duration.as_ref().map(|duration| variate(duration, "duration")),
                restart: variate(&fault.restart, "restart"),
                zone_choice: Stream::new(StreamId::new(seed, &path, "zone")),
                victims: Stream::new(StreamId::new(seed, &path, "victims")),
            }
        });
        let (drawn, written, zones) = (drawn.collect(), faults.to_vec(), zones.to_vec());
        Self { drawn, written, zones, first: None, occurrences: Vec::new() }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: u64, ctx: &mut Context<'_, Event, Signal>) {
        self.first = None;
        self.occurrences.clear();
        for (index, drawn) in self.drawn.iter_mut().enumerate() {
            for variate in [&mut drawn.gap, &mut drawn.restart].into_iter().chain(&mut drawn.duration) {
                variate.begin(trial);
            }
            drawn.zone_choice.begin(trial);
            drawn.victims.begin(trial);
            let start = SimTime::ZERO + drawn.gap.draw_duration();
            if self.written[index].kind.starts_clock() && self.first.is_none_or(|(_, first)| start < first) {
                self.first = Some((index, start));
            }
            ctx.schedule_at(start, Event::Begins(index));
        }
    }

    /// The first fault that starts the clock in this trial: its index and its start.
    pub const fn first(&self) -> Option<(usize, SimTime)> {
        self.first
    }

    /// A fault as the file describes it.
    pub fn fault(&self, index: usize) -> &Fault {
        &self.written[index]
    }

    /// Which fault this is an occurrence of.
    pub fn fault_of(&self, occurrence: usize) -> usize {
        self.occurrences[occurrence].fault
    }

    /// Whether the next instance fails by this fault.
    pub fn strikes(&mut self, index: usize, probability: f64) -> bool {
        self.drawn[index].victims.uniform() < probability
    }

    /// The zone that this occurrence of a zone outage struck.
    pub fn zone(&self, occurrence: usize) -> Option<usize> {
        self.occurrences[occurrence].zone
    }
}

impl Component for Faults {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Begins(fault) => {
                let Fault { kind, start, .. } = &self.written[fault];
                let drawn = &mut self.drawn[fault];
                if start.recurs() {
                    ctx.schedule_in(drawn.gap.draw_duration(), Event::Begins(fault));
                }
                let mut any = |region: usize| (drawn.zone_choice.uniform() * self.zones[region] as f64) as usize;
                let zone = match *kind {
                    Kind::ZoneOutage { region, zone } => Some(zone.unwrap_or_else(|| any(region))),
                    _ => None,
                };
                let occurrence = self.occurrences.len();
                self.occurrences.push(Occurrence { fault, zone });
                if let Some(duration) = &mut drawn.duration {
                    let lasts: SimDuration = duration.draw_duration() + drawn.restart.draw_duration();
                    ctx.schedule_in(lasts, Event::Ends(occurrence));
                }
                ctx.signal(Signal::Began(occurrence));
            }
            Event::Ends(occurrence) => ctx.signal(Signal::Ended(occurrence)),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;

    fn constant(seconds: f64) -> Distribution {
        Distribution::constant(seconds).expect("a constant")
    }

    fn zone_outage(start: Start, duration: Distribution) -> Fault {
        let kind = Kind::ZoneOutage { region: 0, zone: None };
        Fault { kind, start, duration: Some(duration), restart: constant(0.0) }
    }

    fn play(faults: &[Fault], trial: u64, until: f64) -> Harness<Faults> {
        let mut alone = Harness::new(Faults::new(faults, &[3], 1));
        alone.call(|faults, ctx| faults.begin(trial, ctx));
        alone.run_until(SimTime::ZERO + SimDuration::from_secs_f64(until));
        alone
    }

    fn starts(alone: &Harness<Faults>) -> Vec<f64> {
        let began = |(at, signal): &(SimTime, Signal)| matches!(signal, Signal::Began(_)).then(|| at.as_secs_f64());
        alone.signals().iter().filter_map(began).collect()
    }

    #[test]
    fn occurrences_at_a_rate_are_a_poisson_process_however_long_they_last() {
        // 4 expected in 400 s, each of 300 s: most overlap. Number: mean 4, variance 4; of those of a trial, each lies in
        // the first half with probability 1/2.
        let (trials, expected) = (4_000, 4.0);
        let (mut sum, mut squares, mut early, mut none) = (0.0, 0.0, 0.0, 0.0);
        for trial in 0..trials {
            let alone = play(&[zone_outage(Start::Rate(0.01), constant(300.0))], trial, 400.0);
            let starts = starts(&alone);
            let count = starts.len() as f64;
            sum += count;
            squares += (count - expected) * (count - expected);
            early += starts.iter().filter(|start| **start < 200.0).count() as f64;
            none += f64::from(u8::from(starts.is_empty()));
        }
        let n = f64::from(trials as u32);
        // Five standard errors each (false alarms below 1e-6): of the mean 2 / sqrt n, of the variance sqrt(36 / n) as
        // the fourth central moment of a Poisson number is m + 3 m^2 = 52, of a half 1 / (2 sqrt(4 n)), of a share its own.
        assert!((sum / n - expected).abs() < 5.0 * 2.0 / n.sqrt(), "{}", sum / n);
        assert!((squares / n - expected).abs() < 5.0 * (36.0 / n).sqrt(), "{}", squares / n);
        assert!((early / sum - 0.5).abs() < 5.0 * 0.5 / sum.sqrt(), "{}", early / sum);
        let empty = libm::exp(-expected);
        assert!((none / n - empty).abs() < 5.0 * (empty * (1.0 - empty) / n).sqrt(), "{}", none / n);
    }

    #[test]
    fn each_occurrence_draws_its_own_duration_and_zone_and_ends_by_itself() {
        let duration = Distribution::exponential(100.0).expect("a distribution");
        let alone = play(&[zone_outage(Start::Rate(0.05), duration)], 7, 10_000.0);
        let mut open: Vec<(usize, SimTime)> = Vec::new();
        let (mut lengths, mut most) = (Vec::new(), 0);
        for &(at, signal) in alone.signals() {
            match signal {
                Signal::Began(occurrence) => open.push((occurrence, at)),
                Signal::Ended(occurrence) => {
                    let place =
                        open.iter().position(|(own, _)| *own == occurrence).expect("it began and had not ended");
                    lengths.push(at.since(open.swap_remove(place).1));
                }
            }
            most = most.max(open.len());
        }
        assert!(most > 5, "five are under way on average");
        lengths.sort_unstable();
        lengths.dedup();
        assert!(lengths.len() > 400, "{}", lengths.len());
        let zone = |occurrence| alone.component().zone(occurrence).expect("it struck a zone");
        let mut struck = [0; 3];
        (0..alone.component().occurrences.len()).for_each(|occurrence| struck[zone(occurrence)] += 1);
        assert!(struck.iter().all(|count| *count > 100), "{struck:?}");
    }

    #[test]
    fn the_first_fault_is_the_earliest_that_starts_the_clock() {
        let shortage = Kind::InsufficientCapacity { region: 0, probability: 1.0 };
        let condition = Fault { kind: shortage, ..zone_outage(Start::At(constant(1.0)), constant(5.0)) };
        let late = zone_outage(Start::At(constant(50.0)), constant(5.0));
        let again = zone_outage(Start::Rate(0.1), constant(5.0));
        for trial in 0..20 {
            let alone = play(&[condition.clone(), late.clone(), again.clone()], trial, 1_000.0);
            let others = starts(&play(&[condition.clone(), condition.clone(), again.clone()], trial, 1_000.0));
            let second = others.into_iter().find(|start| *start != 1.0).expect("a hundred are expected");
            let (fault, start) = alone.component().first().expect("two start the clock");
            assert_eq!((fault, start.as_secs_f64()), if second < 50.0 { (2, second) } else { (1, 50.0) });
        }
    }
}
