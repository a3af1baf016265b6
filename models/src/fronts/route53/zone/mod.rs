//! What Route 53 holds: names, the trees of records behind them, and health checks.
//!
//! A name stands for a record. A record chooses among its answers by its policy; an answer is another record, the endpoint of
//! a region, or a page from elsewhere. A file with `[names]` writes its zone out; for a
//! file with `[dns]` alone, [`Zone::short`] makes a tree of one level.

mod addresses;
mod answer_spec;
mod check_spec;
mod choice;
mod endpoints;
mod policy;
mod short;
mod spec;
mod tree;
mod walk;
mod watched;
mod ways;
mod written;

use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use super::Insufficient;
use crate::by_id::ById;
use crate::ids::{AlarmId, CheckId, GuardId, NameId, PlaceId, RecordId, RegionId};
use crate::needs::Need;

pub use addresses::Columns;
pub(crate) use addresses::SHARES;
pub(crate) use check_spec::NamedChecksKeys;
pub use choice::Choice;
pub use endpoints::{Endpoint, Endpoints};
pub use short::Looked;
pub use spec::Reading;
pub(crate) use spec::{NamesKeys, RecordsKeys};
pub use walk::Metric;
pub(crate) use walk::{Places, Scene, Walk};
pub use watched::{EndpointOrCheck, Watched};
pub use ways::{Step, Way, Ways};
pub use written::{Page, Written};

/// A name that clients resolve.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name; empty if the file gives it none.
    pub name: String,
    /// The record behind it.
    pub record: RecordId,
    /// How long resolvers may keep its answers.
    pub ttl: SimDuration,
    /// How long they keep that it has no record.
    pub negative_ttl: SimDuration,
}

/// What an answer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Another record.
    Record(RecordId),
    /// The endpoint of a service that clients enter, in a region.
    Endpoint(PlaceId),
    /// A page from elsewhere.
    Page(PlaceId),
}

impl Target {
    /// The record, if it is one.
    pub const fn record(self) -> Option<RecordId> {
        match self {
            Self::Record(record) => Some(record),
            Self::Endpoint(_) | Self::Page(_) => None,
        }
    }

    /// Whether it is a record.
    pub const fn is_record(self) -> bool {
        self.record().is_some()
    }

    /// The place, if it is none.
    pub const fn place(self) -> Option<PlaceId> {
        match self {
            Self::Record(_) => None,
            Self::Endpoint(place) | Self::Page(place) => Some(place),
        }
    }
}

/// An answer of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it leads to.
    pub to: Target,
    /// What its own health goes by, all of it, besides that of a record that it leads to.
    pub guards: Vec<GuardId>,
    /// Whether it is unhealthy while the record that it leads to is.
    pub evaluates: bool,
    /// Whether the record has it before any edit. The others are there once an edit leads to their region.
    pub held: bool,
}

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its name; empty if the file gives it none.
    pub name: String,
    /// How it chooses.
    pub choice: Choice,
    /// What it chooses among.
    pub answers: Vec<Answer>,
    /// Whether an answer that turned unhealthy waits for somebody to let it back.
    pub manual_failback: bool,
    /// Time until a verdict or a routing control shows, in seconds.
    pub propagation: Distribution,
    /// Time until an edit shows.
    pub edit: SimDuration,
}

/// What a guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// What a health check says.
    Check(CheckId),
    /// The health of targets at this endpoint.
    Targets(PlaceId),
}

/// What the health of answers goes by. Those that go by the same see it turn at the same instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// What it says.
    pub source: Source,
    /// The endpoints that it speaks of.
    pub places: Vec<PlaceId>,
    /// Time until it shows, in seconds.
    pub propagation: Distribution,
    /// What its random numbers go by.
    pub path: String,
}

impl Guard {
    /// The health check that it goes by, if it does.
    pub const fn check(&self) -> Option<CheckId> {
        match self.source {
            Source::Check(check) => Some(check),
            Source::Targets(_) => None,
        }
    }

    /// The endpoint whose targets it goes by, if it does.
    pub const fn targets(&self) -> Option<PlaceId> {
        match self.source {
            Source::Targets(place) => Some(place),
            Source::Check(_) => None,
        }
    }
}

/// How checkers probe an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Probing {
    /// The endpoint.
    pub place: PlaceId,
    /// What a probe exercises behind the front.
    pub needs: Vec<Need>,
    /// Time between a response and the next request.
    pub interval: SimDuration,
    /// Consecutive contrary results that turn a checker.
    pub threshold: u32,
    /// Number of checkers.
    pub checkers: usize,
    /// What its random numbers go by.
    pub path: String,
}

/// What a health check goes by.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// Checkers that probe an endpoint.
    Probes(Probing),
    /// The metric of an alarm.
    Alarm {
        /// The alarm.
        alarm: AlarmId,
        /// What it says without data.
        insufficient: Insufficient,
    },
    /// Other checks.
    Calculated {
        /// These.
        children: Vec<CheckId>,
        /// So many of them have to be healthy.
        healthy: usize,
    },
}

/// A health check.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneCheck {
    /// Its name; empty if the file gives it none.
    pub name: String,
    /// What it goes by.
    pub sight: Sight,
    /// Whether its verdict is turned round.
    pub inverted: bool,
}

/// Names, records and health checks.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Whether the file writes it out, with names for everything.
    pub written: bool,
    /// Names, at least one.
    pub names: ById<NameId, Name>,
    /// Records, at least one.
    pub records: ById<RecordId, Record>,
    /// All records, each after those that its answers lead to.
    pub order: Vec<RecordId>,
    /// Health checks.
    pub checks: ById<CheckId, ZoneCheck>,
    /// What the health of answers goes by.
    pub guards: ById<GuardId, Guard>,
    /// By place, the region that it is in; of what is in none, one of its own.
    pub homes: ById<PlaceId, RegionId>,
}

impl Zone {
    /// The region of an answer that is an endpoint.
    pub fn home(&self, answer: Target) -> Option<RegionId> {
        match answer {
            Target::Endpoint(place) => Some(self.homes[place]),
            Target::Record(_) | Target::Page(_) => None,
        }
    }

    /// Whether an answer leads to a region, directly or by a record that does.
    pub fn leads_to(&self, answer: Target, records: &ById<RecordId, bool>, region: RegionId) -> bool {
        match answer {
            Target::Record(record) => records[record],
            Target::Endpoint(place) | Target::Page(place) => self.homes[place] == region,
        }
    }

    /// Whether a check can turn at all. A calculated one that needs no healthy child is always healthy; inverted, never.
    pub fn turns(&self, check: CheckId) -> bool {
        !matches!(self.checks[check].sight, Sight::Calculated { healthy: 0, .. })
    }

    /// Whether what a guard says can ever be another thing.
    pub fn can_turn(&self, guard: GuardId) -> bool {
        self.guards[guard].check().is_none_or(|check| self.turns(check))
    }

    /// Whether a check goes by another one, or is it.
    pub fn rests_on(&self, check: CheckId, other: CheckId) -> bool {
        if check == other {
            return true;
        }
        match &self.checks[check].sight {
            Sight::Calculated { children, .. } => children.iter().any(|&child| self.rests_on(child, other)),
            Sight::Probes(_) | Sight::Alarm { .. } => false,
        }
    }

    /// Whether any answer goes by the health of targets.
    pub fn evaluates_targets(&self) -> bool {
        self.guards.iter().any(|guard| guard.targets().is_some())
    }

    /// The alarms whose metrics checks go by, each once.
    pub fn alarms(&self) -> Vec<AlarmId> {
        let mut alarms = Vec::new();
        for check in &self.checks {
            if let Sight::Alarm { alarm, .. } = check.sight
                && !alarms.contains(&alarm)
            {
                alarms.push(alarm);
            }
        }
        alarms
    }
}
