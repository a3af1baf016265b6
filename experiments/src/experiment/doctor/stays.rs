//! Ways from which nothing leads: everybody who asks has seen that a region is out, and is led there all the same.

use models::by_id::ById;
use models::cloud_watch::{Missing, Parameters as Alarm};
use models::fronts::route53::Insufficient;
use models::fronts::route53::zone::{Choice, Way, Zone};
use models::ids::{AlarmId, NameId, PlaceId, PopulationId, RegionId};
use models::runbooks::Action;

use super::alarms::watched;
use super::place::{At, fault_name};
use super::{Check, Examined, Told};

pub(super) const CHECKS: &[Check] = &[Check { kind: "record-stays", look: records_that_stay }];

/// Of how many alarms each may fire or not: more make too many ways to try.
const ALARMS: usize = 8;

/// Those who ask for a name while a region is out, with words for them: the populations that enter by it, and the services that
/// call through it where they still run.
fn asking(examined: &Examined<'_>, name: NameId, out: RegionId) -> Vec<(PopulationId, String)> {
    let topology = examined.topology;
    let (graph, clients) = (&topology.graph, &topology.clients);
    let strands = topology.strands();
    let populations = strands.iter().filter(|strand| strand.name == name).map(|strand| strand.population);
    let mut all: Vec<(PopulationId, String)> = populations.map(|it| (it, clients[it].name.clone())).collect();
    for callers in graph.callers.iter().filter(|callers| callers.name == name) {
        let service = &graph.services[callers.service];
        let runs = |region: &RegionId| *region != out && graph.cell(callers.service, *region).is_some();
        for &region in service.regions.iter().filter(|region| runs(region)) {
            // To records that choose by who asks, callers of a region stand behind all populations.
            let asker = PopulationId::new(clients.len() + region.index());
            all.push((asker, format!("{} in {}", service.name, examined.region(region))));
        }
    }
    all
}

/// The places of a region that an answer leads to.
fn there<'a>(zone: &'a Zone, answer: &'a ById<PlaceId, f64>, region: RegionId) -> impl Iterator<Item = PlaceId> + 'a {
    answer.pairs().filter(move |(place, share)| zone.homes[*place] == region && **share > 0.0).map(|(place, _)| place)
}

/// Whether a check on the metric of an alarm is healthy while a region is out and nothing else is wrong, if that is certain.
fn settled(alarm: &Alarm, insufficient: Insufficient, (out, examined): (RegionId, &Examined<'_>)) -> Option<bool> {
    // Before anything was wrong it was healthy.
    let without_data = insufficient != Insufficient::Unhealthy;
    if alarm.hosted_in == out {
        return Some(without_data);
    }
    // What is published elsewhere may breach or not.
    (watched(alarm, examined.topology) == Some(out)).then_some(match alarm.missing {
        Missing::Breaching => false,
        // Silence is what such a metric is in the calm as well: the status stays.
        Missing::Missing if !alarm.sparse => without_data,
        Missing::Missing | Missing::Ignore | Missing::NotBreaching => true,
    })
}

/// The alarms of which nobody knows whether they fire that can lead away from where a name leads, each once.
fn open<'a>(examined: &Examined<'_>, ways: impl Iterator<Item = &'a Way>, out: RegionId) -> Vec<AlarmId> {
    let (zone, alarms) = (&examined.topology.zone, &examined.topology.alarms);
    let guards = ways.flat_map(|way| &way.guards);
    let checks = guards.filter_map(|&guard| zone.guards[guard].check());
    let mut open: Vec<AlarmId> = checks.flat_map(|check| zone.alarms_of(check)).collect();
    // What a check says without data makes no difference to whether it is known.
    open.retain(|alarm| settled(&alarms[*alarm], Insufficient::LastKnown, (out, examined)).is_none());
    open.sort_unstable();
    open.dedup();
    open
}

fn records_that_stay(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let (zone, places) = (&topology.zone, topology.places());
    if !zone.written {
        return;
    }
    let ways = zone.ways(places);
    for (region, fault, _) in examined.struck_endpoints() {
        let mut steps = topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
        if steps.any(|step| matches!(step.action, Action::Shift { to, .. } if to != region)) {
            continue;
        }
        for (id, name) in zone.names.pairs() {
            let open = open(examined, PlaceId::all(places).map(|place| &ways[(id, place)]), region);
            if open.len() > ALARMS {
                continue;
            }
            // Each of these alarms may fire: bit for bit, which of them do.
            let cases = 0..1_usize << open.len();
            let metric = |fire: usize| {
                let open = &open;
                move |alarm: AlarmId, insufficient: Insufficient| {
                    let fires = || open.iter().position(|own| *own == alarm).is_some_and(|bit| fire >> bit & 1 == 1);
                    let settled = settled(&topology.alarms[alarm], insufficient, (region, examined));
                    settled.unwrap_or_else(|| !fires())
                }
            };
            let stays = |asker: PopulationId| {
                let led = |fire: usize| {
                    let metric = metric(fire);
                    let answer =
                        zone.lead(id, asker, places, |answer| zone.is_good_without(answer, Some(region), &metric));
                    there(zone, &answer, region).next()
                };
                let first = led(0)?;
                cases.clone().all(|fire| led(fire).is_some()).then_some(first)
            };
            let before = |asker: PopulationId| {
                let answer = zone.lead(id, asker, places, |answer| zone.is_good_without(answer, None, &|_, _| true));
                there(zone, &answer, region).next().is_some()
            };
            let mut asking = asking(examined, id, region).into_iter().filter(|(asker, _)| before(*asker));
            let Some((who, stay)) = asking.find_map(|(asker, who)| Some((who, stays(asker)?))) else { continue };
            let way = &ways[(id, stay)];
            let turns = |fire: usize| {
                let metric = metric(fire);
                way.guards.iter().any(|&guard| !zone.says_good_without(guard, Some(region), &metric))
            };
            let (why, change) = why(zone, way, cases.clone().any(turns));
            told.add(
                &At::top("records").key(&zone.records[name.record].name),
                format!(
                    "{} leads {who} to {} while {} has it: {why}",
                    name.name,
                    examined.region(region),
                    fault_name(fault)
                ),
                change,
            );
        }
    }
}

/// Why a way is gone although it leads to what is out, and advice; `turns` says whether anything that guards it can turn then.
fn why(zone: &Zone, way: &Way, turns: bool) -> (&'static str, &'static str) {
    let simple = way.answers.iter().all(|step| zone.records[step.record].choice == Choice::Simple);
    if way.guards.is_empty() && simple {
        return ("policy simple looks at no health", "choose a policy that does");
    }
    if way.guards.is_empty() {
        let why = "no check that can turn and no health of targets guards its endpoint";
        return (why, "give the answer that leads there a `health-check`");
    }
    let own = "guard each answer by a check of its own endpoint";
    if !turns {
        return ("what guards its endpoint stays healthy when that is lost", own);
    }
    let why = "what guards its endpoint takes every other answer out as well, or nothing looks at it, so that a record fails \
               open";
    (why, own)
}
