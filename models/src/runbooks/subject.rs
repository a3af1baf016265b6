//! What a step is about, in words: its random numbers go by it.

use super::action::{Action, Crowd};
use super::step_spec as spec;
use crate::ids::{RegionId, StoreId};
use crate::software::APP;
use crate::stores::Promotion;
use crate::zones::zone_letter;

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
    /// Services.
    pub services: &'a [String],
}

impl Action {
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
            Self::Restore { store: restored, to } => {
                format!("{}/{}/{}", spec::RESTORE.name, store(*restored), region(*to))
            }
            Self::Shift { to, .. } => format!("{}/{}", spec::SHIFT.name, region(*to)),
            Self::Readmit { region: back, .. } => format!("{}/{}", spec::READMIT.name, region(*back)),
            Self::Scale { to, service: None, .. } => format!("{}/{}", spec::SCALE.name, region(*to)),
            Self::Scale { to, service: Some(scaled), .. } => {
                format!("{}/{}/{}", spec::SCALE.name, named.services[scaled.index()], region(*to))
            }
            Self::ScaleStore { store: scaled, to, .. } => {
                format!("{}/{}/{}", spec::SCALE.name, store(*scaled), region(*to))
            }
            Self::Shed { whom, .. } => format!("{}/{}", spec::SHED.name, crowd(whom)),
            Self::Admit { whom } => format!("{}/{}", spec::ADMIT.name, crowd(whom)),
            Self::Rollback { service } => {
                let name = service.map_or(APP, |id| named.services[id.index()].as_str());
                format!("{}/{name}", spec::ROLLBACK.name)
            }
            Self::ZonalShift { zone, to } => {
                format!("{}/{}/{}", spec::ZONAL_SHIFT.name, region(*to), zone_letter(*zone))
            }
        }
    }
}
