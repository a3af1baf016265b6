//! What a step of a runbook does, and what to.

use sim_core::random::Distribution;
use sim_settings::Word;
use sim_settings::form::Words;

use crate::ids::{JourneyId, PopulationId, RecordId, RegionId, ServiceId, StoreId};
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
    /// A store is restored from a backup.
    Restore {
        /// The store.
        store: StoreId,
        /// The region whose backup it is restored from, and where its writer is afterwards.
        to: RegionId,
    },
    /// Traffic goes to one region only, or a share of it does.
    Shift {
        /// By which means.
        means: Means,
        /// The region.
        to: RegionId,
        /// The share of the traffic that is shifted; the rest goes where it would go without.
        share: f64,
        /// The record that it is about; all of them without.
        record: Option<RecordId>,
    },
    /// A region is let back into DNS answers beside the others.
    Readmit {
        /// The region.
        region: RegionId,
        /// The record that it is about; all of them without.
        record: Option<RecordId>,
    },
    /// A group gets another desired size.
    Scale {
        /// The size.
        desired: u64,
        /// The region.
        to: RegionId,
        /// The service; the one that clients enter without.
        service: Option<ServiceId>,
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
        /// Of which service; of the one that clients enter without.
        service: Option<ServiceId>,
    },
    /// A zone gets no requests any more.
    ZonalShift {
        /// The zone.
        zone: usize,
        /// Its region.
        to: RegionId,
    },
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
            | Self::Restore { .. }
            | Self::Shift { .. }
            | Self::Scale { .. }
            | Self::ScaleStore { .. }
            | Self::Shed { .. }
            | Self::Rollback { .. }
            | Self::ZonalShift { .. } => true,
        }
    }

    /// The same action upon another region.
    pub(super) fn at(&self, other: RegionId) -> Self {
        let mut action = self.clone();
        match &mut action {
            Self::Promote { to, .. }
            | Self::Restore { to, .. }
            | Self::Shift { to, .. }
            | Self::Readmit { region: to, .. }
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
