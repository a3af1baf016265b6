//! The tree of one level that `[dns]` stands for: one name, one record, an answer and a check for each endpoint.

use sim_core::time::SimDuration;

use super::{Answer, Choice, Guard, Name, Probing, Record, Sight, Source, Target, Zone, ZoneCheck};
use crate::by_id::ById;
use crate::fronts::route53::{Check, Look, Parameters, Policy};
use crate::ids::{CheckId, GuardId, PlaceId, RecordId, RegionId};

/// How long resolvers keep an empty answer, as the record of authority that Route 53 makes for every zone says.
pub(super) const NEGATIVE_TTL: SimDuration = SimDuration::from_secs(900);

/// Names of the parts of a deployment that checks look at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// Regions.
    pub regions: &'a [String],
    /// Stores.
    pub stores: &'a [String],
    /// Services.
    pub services: &'a [String],
    /// Alarms.
    pub alarms: &'a [String],
}

impl Zone {
    /// The zone of `[dns]` with this many endpoints. Its answers have the numbers of their regions.
    pub fn short(dns: &Parameters, endpoints: usize, names: Looked<'_>) -> Self {
        let mut checks: ById<CheckId, ZoneCheck> = ById::default();
        let mut guards: ById<GuardId, Guard> = ById::default();
        let mut answers = Vec::new();
        // A file without regions has been refused.
        for region in RegionId::all(endpoints.min(names.regions.len())) {
            let path = format!("dns/{}", names.regions[region.index()]);
            let written = dns.checks.get(region).and_then(Option::as_ref);
            let check = written.map(|check| add_check(&mut checks, check, PlaceId::of(region), &path, names));
            let place = PlaceId::of(region);
            let targets = dns.evaluate_target_health.then_some(place);
            let mut own = Vec::new();
            for source in check.map(Source::Check).into_iter().chain(targets.map(Source::Targets)) {
                let path = if own.is_empty() { path.clone() } else { format!("{path}/2") };
                own.push(GuardId::new(guards.len()));
                guards.push(Guard { source, places: vec![place], propagation: dns.propagation.clone(), path });
            }
            let held = dns.policy.holds(region);
            answers.push(Answer { to: Target::Endpoint(place), guards: own, evaluates: false, held });
        }
        let record = Record {
            name: String::new(),
            choice: choice(&dns.policy, endpoints),
            answers,
            manual_failback: dns.manual_failback,
            propagation: dns.propagation.clone(),
            edit: dns.record_edit,
        };
        let first = RecordId::new(0);
        Self {
            written: false,
            names: vec![Name { name: String::new(), record: first, ttl: dns.ttl, negative_ttl: NEGATIVE_TTL }].into(),
            records: vec![record].into(),
            order: vec![first],
            checks,
            guards,
            homes: ById::default(),
        }
    }
}

/// Adds the check of an endpoint, its children before it.
fn add_check(
    checks: &mut ById<CheckId, ZoneCheck>,
    check: &Check,
    place: PlaceId,
    path: &str,
    names: Looked<'_>,
) -> CheckId {
    let paths = check.paths(path, names.stores, names.services, names.alarms);
    let first = checks.len();
    for (child, path) in check.children.iter().zip(paths) {
        let needs = match &child.look {
            Look::Shallow => Vec::new(),
            Look::Deep(needs) => needs.clone(),
            Look::Alarm { alarm, insufficient } => {
                let sight = Sight::Alarm { alarm: *alarm, insufficient: *insufficient };
                checks.push(ZoneCheck { name: String::new(), sight, inverted: child.inverted });
                continue;
            }
        };
        let &Check { interval, threshold, checkers, .. } = check;
        let sight = Sight::Probes(Probing { place, needs, interval, threshold, checkers, path });
        checks.push(ZoneCheck { name: String::new(), sight, inverted: child.inverted });
    }
    if check.children.len() == 1 && check.healthy_children == 1 {
        return CheckId::new(first);
    }
    let children = CheckId::all(checks.len()).skip(first).collect();
    let sight = Sight::Calculated { children, healthy: check.healthy_children };
    checks.push(ZoneCheck { name: String::new(), sight, inverted: false });
    CheckId::new(checks.len() - 1)
}

/// A policy over regions as a choice among answers, of which there is one for each region.
fn choice(policy: &Policy, endpoints: usize) -> Choice {
    match policy {
        Policy::Simple { .. } => Choice::Simple,
        Policy::Multivalue => Choice::Multivalue,
        Policy::Ranked { cost } => {
            let of = |row: &ById<RegionId, f64>| row.iter().copied().take(endpoints).collect();
            Choice::Ranked { cost: cost.iter().map(of).collect() }
        }
        Policy::Failover { primary, secondary } => {
            let named = [Some(*primary), *secondary];
            let others = RegionId::all(endpoints).filter(|region| !named.contains(&Some(*region)));
            let order = named.into_iter().flatten().chain(others).map(RegionId::index).collect();
            Choice::Failover { order }
        }
        Policy::Weighted { weights } => Choice::Weighted { weights: weights.iter().copied().take(endpoints).collect() },
        Policy::Geolocation { matched, default } => Choice::Located {
            matched: matched.iter().map(|region| region.map(RegionId::index)).collect(),
            default: Some(default.index()),
        },
    }
}
