//! What a step of a runbook does, and what to.

use sim_core::random::Distribution;
use sim_settings::Word;
use sim_settings::form::Words;

use super::step_spec as spec;
use crate::faults::{Software, zone_letter};
use crate::ids::{JourneyId, PopulationId, RegionId, StoreId};
use crate::people::Delay;
use crate::stores::Promotion;

/// How traffic is shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A record edit: control plane in us-east-1.
    RecordEdit,
    /// A routing control of Application Recovery Controller (ARC): data plane.
    RoutingControl,
    /// The traffic dials of Global Accelerator: control plane in us-west-2.
    TrafficDial,
    /// The dial of the S3 Multi-Region Access Points: an API that several regions accept.
    AccessPoint,
}

impl Words for Means {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new("record-edit", Self::RecordEdit, "an edit of DNS records: needs the control plane in us-east-1"),
        Word::new("arc", Self::RoutingControl, "a routing control of Application Recovery Controller: data plane"),
        Word::new(
            "traffic-dial",
            Self::TrafficDial,
            "the traffic dials of Global Accelerator: needs the control plane in us-west-2",
        ),
        Word::new(
            "access-point",
            Self::AccessPoint,
            "the dial of S3 Multi-Region Access Points: an API that several regions accept",
        ),
    ];
}

/// Whose requests are refused at the edge, or let in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// Those of a population.
    Population(PopulationId),
    /// Those of a journey, whoever makes them.
    Journey(JourneyId),
}

/// The action of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// People decide.
    Approve(Delay),
    /// Time passes.
    Wait(Distribution),
    /// A copy becomes the writer.
    Promote {
        /// Managed failover, detachment or planned switchover.
        how: Promotion,
        /// The store.
        store: StoreId,
        /// The region of the copy.
        to: RegionId,
    },
    /// Applications are told of a store's detached copy.
    Repoint {
        /// The store.
        store: StoreId,
    },
    /// Traffic goes to one region only, or a share of it does.
    Shift {
        /// By which means.
        means: Means,
        /// The region.
        to: RegionId,
        /// The share of the traffic that is shifted; the rest goes where it would go without.
        share: f64,
    },
    /// A region is let back into DNS answers beside the others.
    Readmit {
        /// The region.
        region: RegionId,
    },
    /// A group gets another desired size.
    Scale {
        /// The size.
        desired: u64,
        /// The region.
        to: RegionId,
    },
    /// A store's copy gets another capacity.
    ScaleStore {
        /// The store.
        store: StoreId,
        /// The region of the copy.
        to: RegionId,
        /// So many times the capacity that the file gives it.
        factor: f64,
    },
    /// A share of requests is refused at the edge.
    Shed {
        /// Whose.
        whom: Crowd,
        /// The share.
        share: f64,
    },
    /// Refused requests are let in again.
    Admit {
        /// Whose.
        whom: Crowd,
    },
    /// A bad deployment is undone.
    Rollback {
        /// Of what.
        software: Software,
    },
    /// A zone gets no requests any more.
    ZonalShift {
        /// The zone.
        zone: usize,
        /// Its region.
        to: RegionId,
    },
}

/// Names of the parts of a deployment, by their numbers.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Regions.
    pub regions: &'a [String],
    /// Stores.
    pub stores: &'a [String],
    /// Journeys.
    pub journeys: &'a [String],
    /// Populations.
    pub clients: &'a [String],
}

impl Action {
    /// Whether it does something to a region, which may be the wrong one.
    pub(super) const fn has_target(&self) -> bool {
        !matches!(
            self,
            Self::Approve(_)
                | Self::Wait(_)
                | Self::Repoint { .. }
                | Self::Shed { .. }
                | Self::Admit { .. }
                | Self::Rollback { .. }
        )
    }

    /// Whether it is done against an outage. Moving back what an outage moved is done because that is over.
    pub(super) const fn mends(&self) -> bool {
        match self {
            Self::Approve(_)
            | Self::Wait(_)
            | Self::Readmit { .. }
            | Self::Admit { .. }
            | Self::Promote { how: Promotion::SwitchOver, .. } => false,
            Self::Promote { how: Promotion::Failover | Promotion::Detach, .. }
            | Self::Repoint { .. }
            | Self::Shift { .. }
            | Self::Scale { .. }
            | Self::ScaleStore { .. }
            | Self::Shed { .. }
            | Self::Rollback { .. }
            | Self::ZonalShift { .. } => true,
        }
    }

    /// What it does and what to, as words with slashes between them: what the random numbers of its step go by. Sizes,
    /// shares and the means of a shift are no part of it.
    pub(super) fn subject(&self, named: Named<'_>) -> String {
        let region = |id: RegionId| &named.regions[id.index()];
        let store = |id: StoreId| &named.stores[id.index()];
        let crowd = |whom: &Crowd| match whom {
            Crowd::Population(id) => format!("population/{}", named.clients[id.index()]),
            Crowd::Journey(id) => format!("journey/{}", named.journeys[id.index()]),
        };
        match self {
            Self::Approve(_) => spec::APPROVE.name.to_owned(),
            Self::Wait(_) => spec::WAIT.name.to_owned(),
            Self::Promote { how, store: promoted, to } => {
                let how = match how {
                    Promotion::Failover => spec::PROMOTE.name,
                    Promotion::Detach => spec::DETACH.name,
                    Promotion::SwitchOver => spec::SWITCH_OVER.name,
                };
                format!("{how}/{}/{}", store(*promoted), region(*to))
            }
            Self::Repoint { store: told } => format!("{}/{}", spec::REPOINT.name, store(*told)),
            Self::Shift { to, .. } => format!("{}/{}", spec::SHIFT.name, region(*to)),
            Self::Readmit { region: back } => format!("{}/{}", spec::READMIT.name, region(*back)),
            Self::Scale { to, .. } => format!("{}/{}", spec::SCALE.name, region(*to)),
            Self::ScaleStore { store: scaled, to, .. } => {
                format!("{}/{}/{}", spec::SCALE.name, store(*scaled), region(*to))
            }
            Self::Shed { whom, .. } => format!("{}/{}", spec::SHED.name, crowd(whom)),
            Self::Admit { whom } => format!("{}/{}", spec::ADMIT.name, crowd(whom)),
            Self::Rollback { software } => format!("{}/{}", spec::ROLLBACK.name, software.name()),
            Self::ZonalShift { zone, to } => {
                format!("{}/{}/{}", spec::ZONAL_SHIFT.name, region(*to), zone_letter(*zone))
            }
        }
    }

    /// The same action upon another region.
    pub(super) fn at(&self, other: RegionId) -> Self {
        let mut action = self.clone();
        match &mut action {
            Self::Promote { to, .. }
            | Self::Shift { to, .. }
            | Self::Readmit { region: to }
            | Self::Scale { to, .. }
            | Self::ScaleStore { to, .. }
            | Self::ZonalShift { to, .. } => {
                *to = other;
            }
            Self::Approve(_)
            | Self::Wait(_)
            | Self::Repoint { .. }
            | Self::Shed { .. }
            | Self::Admit { .. }
            | Self::Rollback { .. } => {}
        }
        action
    }
}
