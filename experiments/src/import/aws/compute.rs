//! Tiers: which groups of different regions are the same thing, and which of them clients enter.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::{self, FUNCTION};
use super::load_balancing::{self, BALANCERS, Balancers, TARGET_GROUPS};
use super::names::Endpoints;
use super::scaling::{CAPACITY, Compute};
use super::{ec2, ecs, eks};
use crate::import::draft::{Entry, guess, number};
use crate::import::resource::{Id, Resource};
use crate::import::system::{Form, Runs, Site, System, Tier};

/// Something that runs an application in one region.
struct Group {
    id: Id,
    runs: Runs,
    region: String,
    role: String,
    groups: Vec<Id>,
    fronts: Vec<Id>,
    /// Whether something that leads clients leads there.
    entered: bool,
    /// Whether something outside may lead there.
    fronted: bool,
    /// What stands before it, where that is no load balancer.
    gateway: Vec<Entry>,
}

pub(super) fn map(system: &mut System<'_>, balancers: &Balancers, endpoints: &Endpoints) {
    let inventory = system.inventory;
    let mut entered: BTreeSet<Id> = endpoints.leads.clone();
    for id in inventory.of(&["aws_globalaccelerator_endpoint_group"]) {
        entered.extend(inventory.targets(id, "endpoint_configuration", &BALANCERS));
    }
    for id in inventory.of(&["aws_cloudfront_distribution"]) {
        entered.extend(inventory.targets(id, "origin", &BALANCERS));
    }
    let groups = found(system, balancers, &entered);
    let tiers = tiers(&groups);
    let Some(first) = chosen(&groups, &tiers) else { return };
    if system.form == Form::Graph && !fits_a_graph(system, &groups, &tiers, first, endpoints) {
        system.form = Form::Short;
    }
    let ec2 = ec2::Groups::new(inventory);
    let ecs = ecs::Services::new(inventory);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (index, tier) in tiers.iter().enumerate() {
        let entry = index == first;
        let name = if entry { "app".to_owned() } else { groups[tier[0]].role.clone() };
        let name = if name.is_empty() { "tier".to_owned() } else { name };
        let name = crate::import::draft::unique(&name, &mut names);
        let ids: Vec<Id> = tier.iter().map(|at| groups[*at].id).collect();
        if !entry && works_alone(&groups[tier[0]]) {
            let question = format!("a tier that works by itself ({name}): which requests wait for it? (here: none)");
            system.ask_all(&ids, &question);
            continue;
        }
        if !entry && system.form == Form::Short {
            system.ask_all(
                &ids,
                &format!("a further tier ({name}): which requests need it? a file has one tier (here: left out)"),
            );
            continue;
        }
        let mut sites: BTreeMap<String, Site> = BTreeMap::new();
        for &at in tier {
            let group = &groups[at];
            if sites.contains_key(&group.region) {
                let question = format!("a second group of the same tier in {}: which of them serves?", group.region);
                system.ask(group.id, question);
                continue;
            }
            let Compute { keys, load } = match group.runs {
                Runs::Instances => ec2.keys(system, group.id),
                Runs::Tasks => ecs.keys(system, group.id),
                Runs::Pods => eks::keys(system, group.id),
                Runs::Function => functions::keys(system, group.id),
            };
            let target = group.groups.first();
            let balancer = match target.map(|it| load_balancing::keys(inventory, *it, &group.fronts)) {
                Some(keys) if group.runs != Runs::Function => keys,
                _ => group.gateway.clone(),
            };
            {
                system.fates.used(group.id, if entry { "compute".to_owned() } else { format!("services.{name}") });
                for target in &group.groups {
                    system.fates.used(*target, "load-balancer");
                }
                for front in group.fronts.iter().copied().chain(balancers.listeners(&group.fronts)) {
                    system.fates.used(front, format!("regions.{}", group.region));
                }
            }
            let site =
                Site { runs: group.runs, id: group.id, compute: keys, load, balancer, fronts: group.fronts.clone() };
            sites.insert(group.region.clone(), site);
        }
        system.tiers.push(Tier { name, sites, entered: entry });
    }
    if system.form == Form::Graph {
        capacities(system);
    }
}

/// More tiers than these make no file that anybody reads.
const MOST_TIERS: usize = 24;

/// Whether the tiers can stand as services that call each other: there are several, and the one that clients enter runs wherever
/// anything leads them.
fn fits_a_graph(
    system: &System<'_>,
    groups: &[Group],
    tiers: &[Vec<usize>],
    first: usize,
    endpoints: &Endpoints,
) -> bool {
    let runs: BTreeSet<&str> = tiers[first].iter().map(|at| groups[*at].region.as_str()).collect();
    let led = system.edges.iter().flat_map(|(_, regions)| regions.iter().map(String::as_str));
    let named = endpoints.records.iter().filter(|_| endpoints.routed).filter_map(|(_, region)| region.as_deref());
    let others = tiers.iter().enumerate().filter(|(at, tier)| *at != first && !works_alone(&groups[tier[0]])).count();
    (1..MOST_TIERS).contains(&others) && led.chain(named).all(|region| runs.contains(region))
}

/// Whether a tier works off something in the background, as its name says and as nothing leads to it.
fn works_alone(group: &Group) -> bool {
    const WORDS: [&str; 8] = ["worker", "consumer", "job", "jobs", "batch", "cron", "bastion", "runner"];
    !group.fronted && group.role.split('-').any(|word| WORDS.contains(&word))
}

/// Guesses what one member of a called tier serves: as much as keeps it as busy as it is meant to be while its callers are.
fn capacities(system: &mut System<'_>) {
    let Some(entry) = system.entry() else { return };
    let loads: BTreeMap<String, f64> =
        entry.sites.iter().filter_map(|(region, site)| Some((region.clone(), site.load?))).collect();
    for tier in system.tiers.iter_mut().filter(|tier| !tier.entered) {
        let wanted = tier.sites.iter().filter_map(|(region, site)| Some(loads.get(region)? / site.load? * CAPACITY));
        let Some(most) = wanted.reduce(f64::max) else { continue };
        let most = (most.max(1.0) * 10.0).ceil() / 10.0;
        for entry in tier.sites.values_mut().flat_map(|site| &mut site.compute) {
            if entry.key == "requests-per-second" && entry.value == guess(&number(CAPACITY)) {
                entry.value = guess(&number(most));
                entry.remark.question.push_str(" (here: what keeps it as busy as it is meant to be)");
            }
        }
    }
}

fn found(system: &mut System<'_>, balancers: &Balancers, entered: &BTreeSet<Id>) -> Vec<Group> {
    let inventory = system.inventory;
    let mut groups = Vec::new();
    let mut keep = |id: Id, runs: Runs, targets: Vec<Id>, fronted: bool| {
        let resource = inventory.get(id);
        let Some(region) = resource.region.clone() else { return };
        let fronts = balancers.before(&targets);
        let by_name = fronts.iter().any(|front| entered.contains(front)) || entered.contains(&id);
        let fronted = fronted || !fronts.is_empty() || !targets.is_empty();
        groups.push(Group {
            id,
            runs,
            region,
            role: role(resource),
            groups: targets,
            fronts,
            entered: by_name,
            fronted,
            gateway: Vec::new(),
        });
    };
    for id in inventory.of(&["aws_autoscaling_group"]) {
        let mut targets = inventory.targets(id, "target_group_arns", &TARGET_GROUPS);
        targets.extend(balancers.attached(id).iter().map(|(group, _)| *group));
        keep(id, Runs::Instances, targets, false);
    }
    for id in inventory.of(&["aws_ecs_service"]) {
        keep(id, Runs::Tasks, inventory.targets(id, "load_balancer.target_group_arn", &TARGET_GROUPS), false);
    }
    for id in inventory.of(&["aws_eks_cluster"]) {
        keep(id, Runs::Pods, Vec::new(), false);
    }
    let serving = functions::serving(inventory, balancers);
    for id in inventory.of(&FUNCTION) {
        if serving.contains_key(&id) {
            keep(id, Runs::Function, balancers.attached(id).iter().map(|(group, _)| *group).collect(), true);
        }
    }
    for group in &mut groups {
        let leads = serving.get(&group.id);
        group.gateway = leads.map(|leads| functions::gateway(inventory, leads)).unwrap_or_default();
    }
    for (function, leads) in serving {
        for lead in leads {
            system.fates.used(lead, format!("leads requests to {}", inventory.get(function).address));
        }
    }
    groups
}

/// Words that tell one region's copy of something from another's, and nothing else.
const SIDES: [&str; 38] = [
    "primary",
    "secondary",
    "standby",
    "dr",
    "active",
    "passive",
    "main",
    "backup",
    "recovery",
    "failover",
    "hot",
    "warm",
    "cold",
    "pilot",
    "light",
    "east",
    "west",
    "north",
    "south",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
    "us",
    "eu",
    "ap",
    "ca",
    "sa",
    "me",
    "af",
    "il",
    "mx",
    "region",
    "virginia",
    "oregon",
    "ireland",
    "use",
];

/// What something is called, without the words that tell regions apart and without the module's.
fn role(resource: &Resource) -> String {
    let module =
        resource.module.split('.').filter(|step| *step != "module").map(|step| step.split('[').next().unwrap_or(step));
    let name = module.chain(std::iter::once(resource.name.as_str())).collect::<Vec<_>>().join("-");
    let words = name.split(|sign: char| !sign.is_ascii_alphabetic()).map(str::to_lowercase);
    let words: Vec<String> = words.filter(|word| !word.is_empty() && !SIDES.contains(&word.as_str())).collect();
    words.join("-")
}

/// Groups that are one tier: places in the list of groups.
fn tiers(groups: &[Group]) -> Vec<Vec<usize>> {
    let mut by_kind: BTreeMap<Runs, Vec<usize>> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        by_kind.entry(group.runs).or_default().push(index);
    }
    let mut tiers = Vec::new();
    for all in by_kind.into_values() {
        let regions: BTreeSet<&str> = all.iter().map(|at| groups[*at].region.as_str()).collect();
        // One in each region: the same thing, whatever it is called.
        if regions.len() == all.len() {
            tiers.push(all);
            continue;
        }
        let mut by_role: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for at in all {
            by_role.entry(&groups[at].role).or_default().push(at);
        }
        for mut tier in by_role.into_values() {
            // Of several in a region, the one that clients are led to comes first.
            tier.sort_by_key(|at| (!groups[*at].entered, !groups[*at].fronted, groups[*at].id));
            tiers.push(tier);
        }
    }
    joined(groups, tiers)
}

/// What names lead to in different regions is one tier, whatever it is called in each.
fn joined(groups: &[Group], tiers: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let (led, mut others): (Vec<_>, Vec<_>) =
        tiers.into_iter().partition(|tier| tier.iter().any(|at| groups[*at].entered));
    let regions = |tier: &[usize]| tier.iter().map(|at| groups[*at].region.clone()).collect::<BTreeSet<_>>();
    let mut whole: Vec<usize> = Vec::new();
    for tier in led {
        if regions(&whole).is_disjoint(&regions(&tier)) {
            whole.extend(tier);
        } else {
            others.push(tier);
        }
    }
    if !whole.is_empty() {
        others.insert(0, whole);
    }
    others
}

/// The tier that clients enter: the one that names lead to, in most regions.
fn chosen(groups: &[Group], tiers: &[Vec<usize>]) -> Option<usize> {
    let rank = |tier: &Vec<usize>| {
        let any = |of: fn(&Group) -> bool| tier.iter().any(|at| of(&groups[*at]));
        let regions: BTreeSet<&str> = tier.iter().map(|at| groups[*at].region.as_str()).collect();
        (any(|it| it.entered), any(|it| it.fronted), regions.len())
    };
    // The first of the best: `max_by_key` would take the last.
    let best = tiers.iter().map(rank).max()?;
    tiers.iter().position(|tier| rank(tier) == best)
}

#[cfg(test)]
mod tests {
    use super::role;
    use crate::import::resource::Resource;
    use crate::import::tree::Tree;

    #[test]
    fn words_for_regions_are_no_part_of_a_role() {
        let called = |module: &str, name: &str| {
            role(&Resource {
                address: String::new(),
                kind: String::new(),
                name: name.to_owned(),
                module: module.to_owned(),
                index: None,
                base: String::new(),
                region: None,
                provider: String::new(),
                attributes: Tree::Null,
                links: Vec::new(),
                data: false,
                input: 0,
            })
        };
        assert_eq!(called("module.east", "web"), called("module.west", "web"));
        assert_eq!(called("", "web_us_east_1"), called("", "web_eu_west_1"));
        assert_eq!(called("module.api[\"eu\"]", "asg"), "api-asg");
        assert_ne!(called("", "web"), called("", "worker"));
    }
}
