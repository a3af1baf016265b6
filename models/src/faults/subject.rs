//! What a fault is called by: what goes wrong and what it strikes.
//!
//! The random numbers of a fault go by its subject, with a number among faults of the same one, and not by its place in the
//! file: another fault before it moves none of them. How badly it strikes is no part of the subject, so that designs meet
//! the same incidents under different severities.

use super::slow::{OwnRecord, Slowdown, Struck};
use super::spec::{Kind, Names};
use crate::ids::{Id, RegionId, ServiceId};
use crate::needs::Access;
use crate::software::APP;

/// The letters of zones.
const ZONES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

impl Kind {
    /// The subject, as words with slashes between them; `named` says whether the file names the stores or populations that it
    /// strikes, and does not mean all of them.
    pub(super) fn subject(&self, names: Names<'_>, named: bool) -> String {
        let region = |id: RegionId| name(names.regions, id);
        let name_of = |id: ServiceId| names.graph.services.get(id).map_or("", |service| service.name.as_str());
        let what = |of: Struck| match of {
            Struck::Entry => APP,
            Struck::Service(service) => name_of(service),
            Struck::Store(store) => name(names.stores, store),
        };
        let words: Vec<&str> = match self {
            Self::RegionOutage { region: struck, .. } => vec!["region-outage", region(*struck)],
            Self::ZoneOutage { region: struck, zone, .. } => {
                let zone = zone.and_then(|zone| ZONES.get(zone).copied());
                vec!["zone-outage", region(*struck), zone.unwrap_or("any")]
            }
            Self::Partition { a, b } => {
                let (a, b) = (region(*a), region(*b));
                vec!["partition", a.min(b), a.max(b)]
            }
            Self::GrayFailure { region: struck, service, zone, .. } => {
                let mut words = vec!["gray-failure", region(*struck)];
                words.extend(service.map(name_of));
                words.extend(zone.and_then(|zone| ZONES.get(zone).copied()));
                words
            }
            Self::ServiceImpairment { service, region: struck, .. } => {
                vec!["service", name_of(*service), struck.map_or("", region)]
            }
            Self::StoreImpairment { store, region: struck, only, .. } => {
                let accesses = match only {
                    None => "all",
                    Some(Access::Read) => "reads",
                    Some(Access::Write) => "writes",
                };
                vec!["store", name(names.stores, *store), region(*struck), accesses]
            }
            Self::Corruption { stores, .. } => return format!("corruption/{}", all(names.stores, stores, true)),
            Self::RecordLost { names: lost } => return format!("record-lost/{}", all(names.names, lost, true)),
            Self::OwnRecordLost(OwnRecord { of, region: place, .. }) => {
                let sort = if matches!(of, Struck::Store(_)) { "store" } else { "service" };
                vec!["record-lost", sort, what(*of), place.map_or("", region)]
            }
            Self::ControlPlaneOutage { region: struck } => vec!["control-plane", region(*struck)],
            Self::LambdaImpairment { region: struck, .. } => vec!["lambda", region(*struck)],
            Self::MetricsOutage { region: struck } => vec!["cloudwatch", region(*struck)],
            Self::InstanceFailures { region: struck, service, .. } => {
                let mut words = vec!["instances", region(*struck)];
                words.extend(service.map(name_of));
                words
            }
            Self::LoadSurge { clients, .. } => return format!("load-surge/{}", all(names.clients, clients, named)),
            Self::ReplicationStall { stores, region: only, between } => {
                let place = match (only, between) {
                    (_, Some((a, b))) => format!("{}/{}", region(*a).min(region(*b)), region(*a).max(region(*b))),
                    (Some(only), None) => region(*only).to_owned(),
                    (None, None) => String::new(),
                };
                return format!("replication-stall/{}/{place}", all(names.stores, stores, named));
            }
            Self::Blip { region: struck, .. } => vec!["blip", region(*struck)],
            Self::SlowFailure(Slowdown { region: place, of, .. }) => {
                vec!["slow-failure", what(*of), place.map_or("", region)]
            }
            Self::CapacityLoss { region: place, of, .. } => vec!["capacity-loss", what(*of), place.map_or("", region)],
            Self::BadDeploy(deploy) => {
                let regions = all(names.regions, &deploy.regions, named);
                return format!("bad-deploy/{}/{regions}", deploy.service.map_or(APP, name_of));
            }
            Self::InsufficientCapacity { region: struck, .. } => vec!["insufficient-capacity", region(*struck)],
        };
        words.join("/")
    }
}

/// A name of a list; nothing where the file has a mistake.
fn name<I: Id>(list: &[String], id: I) -> &str {
    list.get(id.index()).map_or("", String::as_str)
}

/// Names of a list, if the file names them.
fn all<I: Id>(list: &[String], ids: &[I], named: bool) -> String {
    let names: Vec<&str> = ids.iter().filter(|_| named).map(|&id| name(list, id)).collect();
    names.join("+")
}
