//! Faults: what goes wrong, where, when and for how long.
//!
//! A fault announces its beginning and its end; what that does to places and services is up to the wiring.
//!
//! With a `rate` it begins again and again, as a Poisson process from t = 0: the numbers in disjoint stretches of time are
//! independent, and their mean is the rate times the length, however long an occurrence lasts. One that begins while an
//! earlier one of the same entry is under way is as good as one of another entry: what both strike is back when both have
//! ended, and shares and factors multiply.

mod deploy;
mod slow;
mod spec;
mod subject;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

pub use deploy::BadDeploy;
pub use slow::{OwnRecord, Slowdown, Struck};
pub(crate) use spec::FaultTable;
pub use spec::{Fault, Kind, Names, Probes, Start};

use crate::about::About;
use crate::by_id::ById;
use crate::ids::{FaultId, RegionId, ServiceId};
use crate::subjects::numbered;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Faults",
    modelled: "outages of regions and zones, partitions, gray failures, impaired stores and control planes, Lambda that \
         fails invocations, metrics that stop, instances that fail, surges of load, launches that fail for want of \
         capacity; replication that stops; data of a store that are wrong in all its copies; bad deployments that come to one \
         region after the other, in parts, until they are rolled back; blips of the path that checkers share; work that is slow, and capacity that is lost; overlapping \
         ones; ends and restarts; faults that come at a rate",
    not_modelled: "causes. A fault strikes when the file says so, and what it takes along is what its kind says. Seasons: a \
         rate is the same all year round, and what has just struck is no more likely to strike again",
    sources: "",
};

/// Events of the faults.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A fault begins.
    Begins(FaultId),
    /// The targets of an occurrence are back.
    Ends(usize),
    /// A bad deployment comes further.
    Advances(usize),
    /// Somebody notices an occurrence.
    Shows(usize),
}

/// Signals of the faults. Occurrences are numbered from 0 in the order in which they begin in a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// An occurrence began.
    Began(usize),
    /// The targets of an occurrence are back.
    Ended(usize),
    /// A bad deployment has come further.
    Advanced(usize),
    /// Somebody notices an occurrence of a corruption.
    Shows(usize),
}

#[derive(Debug)]
struct Drawn {
    /// Time to the first beginning, or from one to the next.
    gap: Variate,
    duration: Option<Variate>,
    restart: Variate,
    /// How long a corruption goes unnoticed.
    noticed: Option<Variate>,
    zone_choice: Stream,
    victims: Stream,
}

#[derive(Debug, Clone, Copy)]
struct Occurrence {
    fault: FaultId,
    /// The zone that it struck, if it was a zone.
    zone: Option<usize>,
}

/// A bad deployment under way.
#[derive(Debug)]
struct Deployment {
    occurrence: usize,
    began: SimTime,
    /// When it comes further, and when it ends by itself.
    next: Option<Handle>,
    end: Option<Handle>,
}

/// All faults of an experiment at work.
#[derive(Debug)]
pub struct Faults {
    written: ById<FaultId, Fault>,
    starts_clock: ById<FaultId, bool>,
    zones: ById<RegionId, usize>,
    drawn: ById<FaultId, Drawn>,
    first: Option<(FaultId, SimTime)>,
    occurrences: Vec<Occurrence>,
    /// In the order in which they began.
    deployments: Vec<Deployment>,
}

impl Faults {
    /// The faults of a deployment with so many zones per region, each with whether it starts the clock.
    pub fn new<'a>(faults: impl Iterator<Item = (&'a Fault, bool)>, zones: &[usize], seed: u64) -> Self {
        let (written, starts_clock): (Vec<Fault>, Vec<bool>) =
            faults.map(|(fault, starts)| (fault.clone(), starts)).unzip();
        let names = numbered(written.iter().map(|fault| fault.subject.clone()));
        let drawn = written.iter().zip(names).map(|(fault, name)| {
            let path = format!("faults/{name}");
            let variate = |distribution: &Distribution, purpose: &str| {
                Variate::new(distribution.clone(), StreamId::new(seed, &path, purpose))
            };
            Drawn {
                gap: variate(&fault.start.first(), if fault.start.recurs() { "gap" } else { "at" }),
                duration: fault.duration.as_ref().map(|duration| variate(duration, "duration")),
                restart: variate(&fault.restart, "restart"),
                noticed: match &fault.kind {
                    Kind::Corruption { noticed_after, .. } => Some(variate(noticed_after, "noticed-after")),
                    _ => None,
                },
                zone_choice: Stream::new(StreamId::new(seed, &path, "zone")),
                victims: Stream::new(StreamId::new(seed, &path, "victims")),
            }
        });
        Self {
            drawn: drawn.collect(),
            written: written.into(),
            starts_clock: starts_clock.into(),
            zones: zones.to_vec().into(),
            first: None,
            occurrences: Vec::new(),
            deployments: Vec::new(),
        }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: Trial<'_>, ctx: &mut Context<'_, Event, Signal>) {
        self.first = None;
        self.occurrences.clear();
        self.deployments.clear();
        for (fault, drawn) in self.drawn.pairs_mut() {
            let optional = drawn.duration.iter_mut().chain(&mut drawn.noticed);
            for variate in [&mut drawn.gap, &mut drawn.restart].into_iter().chain(optional) {
                variate.begin(trial);
            }
            drawn.zone_choice.begin(trial);
            drawn.victims.begin(trial);
            let start = SimTime::ZERO + drawn.gap.draw_duration();
            if self.starts_clock[fault] && self.first.is_none_or(|(_, first)| start < first) {
                self.first = Some((fault, start));
            }
            ctx.schedule_at(start, Event::Begins(fault));
        }
    }

    /// The first fault that starts the clock in this trial: its index and its start.
    pub const fn first(&self) -> Option<(FaultId, SimTime)> {
        self.first
    }

    /// A fault as the file describes it.
    pub fn fault(&self, fault: FaultId) -> &Fault {
        &self.written[fault]
    }

    /// Which fault this is an occurrence of.
    pub fn fault_of(&self, occurrence: usize) -> FaultId {
        self.occurrences[occurrence].fault
    }

    /// How many occurrences have begun in this trial.
    pub const fn occurrences(&self) -> usize {
        self.occurrences.len()
    }

    /// Whether the next instance fails by this fault.
    pub fn strikes(&mut self, fault: FaultId, probability: f64) -> bool {
        self.drawn[fault].victims.uniform() < probability
    }

    /// Bad deployments that run in a region at this instant, each with the share of it that does.
    pub fn deployed(&self, region: RegionId, now: SimTime) -> impl Iterator<Item = (&BadDeploy, f64)> {
        let of = move |deployment: &Deployment| match &self.written[self.fault_of(deployment.occurrence)].kind {
            Kind::BadDeploy(deploy) => Some((deploy, deploy.deployed(region, now.since(deployment.began)))),
            _ => None,
        };
        self.deployments.iter().filter_map(of)
    }

    /// Somebody undoes all bad deployments of this service, or of the one that clients enter. Returns whether there was any.
    pub fn roll_back(&mut self, service: Option<ServiceId>, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let mut any = false;
        let mut index = 0;
        while let Some(deployment) = self.deployments.get(index) {
            let (written, occurrence) = (&self.written, deployment.occurrence);
            let fault = self.occurrences[occurrence].fault;
            if !matches!(&written[fault].kind, Kind::BadDeploy(deploy) if deploy.service == service) {
                index += 1;
                continue;
            }
            let Deployment { next, end, .. } = self.deployments.remove(index);
            for handle in next.into_iter().chain(end) {
                ctx.cancel(handle);
            }
            ctx.signal(Signal::Ended(occurrence));
            any = true;
        }
        any
    }

    /// Schedules when a bad deployment comes further, if it does.
    fn advance(&mut self, place: usize, ctx: &mut Context<'_, Event, Signal>) {
        let Deployment { occurrence, began, .. } = self.deployments[place];
        let Kind::BadDeploy(deploy) = &self.written[self.occurrences[occurrence].fault].kind else { return };
        let next = deploy.next_change(ctx.now().since(began));
        self.deployments[place].next = next.map(|after| ctx.schedule_at(began + after, Event::Advances(occurrence)));
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
                let mut any = |region: RegionId| (drawn.zone_choice.uniform() * self.zones[region] as f64) as usize;
                let zone = match *kind {
                    Kind::ZoneOutage { region, zone, .. } => Some(zone.unwrap_or_else(|| any(region))),
                    _ => None,
                };
                let occurrence = self.occurrences.len();
                self.occurrences.push(Occurrence { fault, zone });
                let end = drawn.duration.as_mut().map(|duration| {
                    let lasts: SimDuration = duration.draw_duration() + drawn.restart.draw_duration();
                    ctx.schedule_in(lasts, Event::Ends(occurrence))
                });
                let noticed = drawn.noticed.as_mut().map(Variate::draw_duration);
                if let Kind::BadDeploy(_) = kind {
                    self.deployments.push(Deployment { occurrence, began: ctx.now(), next: None, end });
                    self.advance(self.deployments.len() - 1, ctx);
                }
                ctx.signal(Signal::Began(occurrence));
                match noticed {
                    Some(after) if after.is_zero() => ctx.signal(Signal::Shows(occurrence)),
                    Some(after) => drop(ctx.schedule_in(after, Event::Shows(occurrence))),
                    None => {}
                }
            }
            Event::Ends(occurrence) => {
                if let Some(place) = self.deployments.iter().position(|own| own.occurrence == occurrence) {
                    let Deployment { next, .. } = self.deployments.remove(place);
                    next.into_iter().for_each(|next| ctx.cancel(next));
                }
                ctx.signal(Signal::Ended(occurrence));
            }
            Event::Advances(occurrence) => {
                if let Some(place) = self.deployments.iter().position(|own| own.occurrence == occurrence) {
                    self.advance(place, ctx);
                    ctx.signal(Signal::Advanced(occurrence));
                }
            }
            Event::Shows(occurrence) => ctx.signal(Signal::Shows(occurrence)),
        }
    }
}
