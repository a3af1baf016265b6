//! What must hold between a fault and the parts that it strikes.

use sim_settings::Section;

use super::{Region, Store};
use crate::by_id::ById;
use crate::faults::{Fault, Kind, OwnRecord, Struck};
use crate::ids::{RegionId, StoreId};
use crate::services::Graph;

/// What is impaired must be there: places of one's own have no services of AWS.
pub(super) fn check_service(section: &Section<'_>, fault: &Fault, regions: &ById<RegionId, Region>) {
    let (Kind::ControlPlaneOutage { region } | Kind::LambdaImpairment { region, .. } | Kind::MetricsOutage { region }) =
        fault.kind
    else {
        return;
    };
    if let Some(region) = regions.get(region).filter(|region| !region.place.is_aws()) {
        let found = format!("{}, which is no region of AWS and has none of its services", region.name);
        section.reject("region", found, "a region of AWS", None);
    }
}

/// What is corrupted must be kept somewhere.
pub(super) fn check_corruption(section: &Section<'_>, fault: &Fault, stores: &ById<StoreId, Store>) {
    let mut spoiled = fault.kind.spoils().iter().filter_map(|&store| stores.get(store));
    if let Some(store) = spoiled.find(|store| !store.parameters.keeps_data()) {
        let found = format!("{}, which lives on instances", store.name);
        section.reject("store", found, "a store that keeps data", None);
    }
}

/// A name that is lost must be one that somebody asks for.
pub(super) fn check_own_record(
    section: &Section<'_>,
    fault: &Fault,
    stores: &ById<StoreId, Store>,
    (graph, regions): (&Graph, &[String]),
) {
    let Kind::OwnRecordLost(OwnRecord { of, region, .. }) = fault.kind else { return };
    let place = |region: RegionId| regions.get(region.index()).map_or("", String::as_str);
    match of {
        Struck::Store(store) => {
            let Some(store) = stores.get(store) else { return };
            if let Some(region) = region.filter(|region| !store.parameters.regions().contains(region)) {
                let found = format!("{}, which holds no copy of {}", place(region), store.name);
                section.reject("region", found, "a region that holds a copy", None);
            }
        }
        Struck::Service(service) => {
            let Some(own) = graph.services.get(service) else { return };
            if graph.entered.is_some() && !graph.asked.contains(&service) {
                let found = format!("{}, which nobody calls by its own name", own.name);
                section.reject("service", found, "a service that others call; clients ask for `names`", None);
            } else if let Some(region) = region.filter(|region| !own.regions.contains(region)) {
                let found = format!("{}, where {} does not run", place(region), own.name);
                section.reject("region", found, "one of its regions", None);
            }
        }
        Struck::Entry => {}
    }
}

/// The callers of a name keep its answers for one time, whichever fault takes it; `before` are those of earlier faults.
pub(super) fn check_same_callers(section: &Section<'_>, fault: &Fault, before: &mut Vec<OwnRecord>) {
    let Kind::OwnRecordLost(record) = fault.kind else { return };
    if let Some(first) = before.iter().find(|first| first.is_of(&record)) {
        for (key, differs) in
            [("ttl", first.ttl != record.ttl), ("negative-ttl", first.negative_ttl != record.negative_ttl)]
        {
            if differs {
                let found = format!("another `{key}` of the same name than in an earlier fault");
                section.reject(key, found, "the same: the callers of a name keep what they heard for one time", None);
            }
        }
    }
    before.push(record);
}

/// Only what stands on members has zones that can fail in part.
pub(super) fn check_gray_zone(
    section: &Section<'_>,
    fault: &Fault,
    (regions, graph): (&ById<RegionId, Region>, &Graph),
) {
    let Kind::GrayFailure { region, service, zone: Some(zone), .. } = fault.kind else { return };
    check_zone(section, Some(zone), regions.get(region));
    let tier = service.and_then(|service| graph.tier(service, region)).map(|tier| &tier.compute);
    let compute = tier.or_else(|| regions.get(region)?.compute.as_ref());
    if compute.is_none_or(|compute| compute.fleet().is_none()) {
        let found = "a zone of what has no instances, tasks or pods";
        section.reject("zone", found, "no such key: such a service has no members in zones", None);
    }
}

/// A zone that somebody names must be one of the region's.
pub(super) fn check_zone(section: &Section<'_>, zone: Option<usize>, region: Option<&Region>) {
    if let (Some(zone), Some(region)) = (zone, region)
        && zone >= region.zones()
    {
        let letter = |zone: usize| char::from(b'a' + zone as u8);
        let found = format!("zone {}", letter(zone));
        let expected =
            format!("one of the {} zones of {}, a to {}", region.zones(), region.name, letter(region.zones() - 1));
        section.reject("zone", found, expected, None);
    }
}
