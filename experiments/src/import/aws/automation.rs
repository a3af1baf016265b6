//! Functions that fail over, found by what their roles allow, and the people who do it where nothing does.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::FUNCTION;
use crate::import::draft::{Entry, Loose, inline, list, quoted};
use crate::import::resource::{Id, Inventory};
use crate::import::system::{Part, System};

/// What an action of IAM does in a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Promote,
    SwitchOver,
    Detach,
    Scale,
    Arc,
    Records,
    Dial,
    Plan,
}

/// Actions that only a failover needs, or that it needs among others. What a role allows says more than a name.
const ACTIONS: [(&str, Act); 14] = [
    ("rds:FailoverGlobalCluster", Act::Promote),
    ("rds:PromoteReadReplica", Act::Promote),
    ("elasticache:FailoverGlobalReplicationGroup", Act::Promote),
    ("rds:SwitchoverGlobalCluster", Act::SwitchOver),
    ("rds:RemoveFromGlobalCluster", Act::Detach),
    ("autoscaling:UpdateAutoScalingGroup", Act::Scale),
    ("autoscaling:SetDesiredCapacity", Act::Scale),
    ("autoscaling:*", Act::Scale),
    ("ecs:UpdateService", Act::Scale),
    ("route53-recovery-cluster:UpdateRoutingControlState", Act::Arc),
    ("route53-recovery-cluster:*", Act::Arc),
    ("route53:ChangeResourceRecordSets", Act::Records),
    ("globalaccelerator:UpdateEndpointGroup", Act::Dial),
    ("arc-region-switch:StartPlanExecution", Act::Plan),
];

/// How long people take where nothing is known of them.
pub(super) const PEOPLE: &str =
    "{ operator = { lognormal = { median = \"5m\", p95 = \"15m\" }, source = \"assumed\" } }";

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    let allowed = Allowed::new(inventory);
    let starts = Starts::new(inventory);
    let mut shifted = !system.runbooks.is_empty();
    for id in inventory.of(&FUNCTION) {
        if system.fates.has(id) {
            continue;
        }
        let (acts, by) = allowed.of(inventory, id);
        let function = inventory.get(id);
        let Some(region) = function.region.clone() else { continue };
        if acts.is_empty() {
            let name = function.at("function_name").text().unwrap_or(&function.name).to_lowercase();
            if ["failover", "fail-over", "promot", "switchover", "disaster"].iter().any(|word| name.contains(word)) {
                system.ask(id, "its name speaks of a failover, and what its role allows is not in the inputs: what does it do, and who starts it?");
            }
            continue;
        }
        // Each of these alone is a part of other work as often as of a failover.
        if acts.iter().all(|act| matches!(act, Act::Scale | Act::Plan | Act::Detach)) && acts.len() == 1 {
            let question = "its role lets it change sizes, start a plan or take a cluster out of a global database: \
                            is it a part of a failover? (here: left out)";
            system.ask(id, question);
            continue;
        }
        let (steps, stores) = steps(system, &acts, &region);
        if steps.is_empty() {
            system.ask(
                id,
                "its role lets it fail over, and nothing in the file can be failed over by that: what does it do?",
            );
            continue;
        }
        shifted |= acts.iter().any(|act| matches!(act, Act::Arc | Act::Records | Act::Dial));
        system.promoted.extend(stores);
        let wanted = function.at("function_name").text().unwrap_or(&function.name).to_owned();
        let name = system.name(&wanted);
        let mut part = Part::new(&name);
        let own = starts.of(id).iter().find_map(|alarm| Some((*alarm, system.alarm_names.get(alarm)?.clone())));
        match own {
            Some((alarm, name)) => part.push(Entry::from("on", inline(&[("alarm", quoted(&name))]), &[alarm, id])),
            None => part.push(
                Entry::asked(
                    "on",
                    PEOPLE,
                    "what starts this function, and how long does that take? (here: somebody who notices)",
                )
                .of(&[id]),
            ),
        }
        part.push(Entry::from("hosted-in", list([&region]), &[id]));
        part.push(
            Entry::asked(
                "steps",
                format!("[ {} ]", steps.join(", ")),
                "in which order does it act, and how long does each step take? (here: what its role allows, at once)",
            )
            .of(&[id]),
        );
        system.fates.used(id, format!("runbooks.{name}"));
        for policy in by {
            system.fates.used(policy, format!("tells what {wanted} may do"));
        }
        for link in starts.links(id) {
            system.fates.used(link, format!("starts runbooks.{name}"));
        }
        if !system.serving.contains(&region) {
            system.others.insert(region);
        }
        system.runbooks.push(part);
    }
    people(system, shifted);
}

/// The steps that actions stand for, in the order in which a failover takes them, and the stores that they promote.
fn steps(system: &System<'_>, acts: &BTreeSet<Act>, region: &str) -> (Vec<String>, Vec<String>) {
    let main = system.main_region().unwrap_or_default();
    let away = if *region != main && system.serving.contains(region) {
        Some(region.to_owned())
    } else {
        system.serving.iter().find(|other| **other != main).cloned()
    };
    let mut steps = Vec::new();
    let mut stores = Vec::new();
    for act in acts {
        match act {
            Act::Promote | Act::SwitchOver | Act::Detach => {
                let verb = match act {
                    Act::Promote => "promote",
                    Act::SwitchOver => "switch-over",
                    _ => "detach",
                };
                // A role that allows several of them has one purpose.
                if !stores.is_empty() {
                    continue;
                }
                for store in system.stores.iter().filter(|store| store.promotable) {
                    if let Some(to) = copy_of(store, away.as_deref()) {
                        steps.push(inline(&[(verb, quoted(&store.part.name)), ("to", quoted(&to))]));
                        stores.push(store.part.name.clone());
                    }
                }
            }
            Act::Scale => {
                let size = system.entry().and_then(|tier| desired(system.inventory, tier.sites.get(&main)?.id));
                if let (Some(to), Some(size)) = (&away, size.filter(|size| *size > 0))
                    && system.entry().is_some_and(|tier| tier.sites.contains_key(to))
                {
                    steps.push(inline(&[("scale", size.to_string()), ("to", quoted(to))]));
                }
            }
            Act::Arc | Act::Records | Act::Dial => {
                let by = match act {
                    Act::Arc => "arc",
                    Act::Records => "record-edit",
                    _ => "traffic-dial",
                };
                let can = if by == "traffic-dial" { !system.edges.is_empty() } else { system.dns.is_some() };
                if let Some(to) = away.as_ref().filter(|_| can && system.serving.len() > 1) {
                    steps.push(inline(&[("shift", quoted(by)), ("to", quoted(to))]));
                }
            }
            Act::Plan => {}
        }
    }
    (steps, stores)
}

/// The region that a store is promoted in.
fn copy_of(store: &crate::import::system::Store, wanted: Option<&str>) -> Option<String> {
    let other = |region: &&String| Some(*region) != store.writer.as_ref();
    let there = store.regions.iter().filter(other).find(|region| Some(region.as_str()) == wanted);
    there.or_else(|| store.regions.iter().find(other)).cloned()
}

fn desired(inventory: &Inventory, id: Id) -> Option<u64> {
    let group = inventory.get(id);
    ["desired_capacity", "desired_count", "min_size"].iter().find_map(|key| group.at(key).whole())
}

/// What nothing does, people do: the file asks who they are.
fn people(system: &mut System<'_>, shifted: bool) {
    let main = system.main_region();
    let away = system.serving.iter().find(|region| Some(*region) != main.as_ref()).cloned();
    let left: Vec<(String, String)> = system
        .stores
        .iter()
        .filter(|store| store.promotable && !system.promoted.contains(&store.part.name))
        .filter_map(|store| Some((store.part.name.clone(), copy_of(store, away.as_deref())?)))
        .collect();
    if !left.is_empty() {
        let name = system.name("promote");
        let mut part = Part::new(name);
        let hosts: BTreeSet<&String> = left.iter().map(|(_, to)| to).collect();
        part.push(Entry::plain("hosted-in", list(hosts)));
        part.push(Entry::asked("on", PEOPLE, "who promotes the database, on what signal, and how long does it take them? (people are in no code of infrastructure)"));
        let steps: Vec<String> =
            left.iter().map(|(store, to)| inline(&[("promote", quoted(store)), ("to", quoted(to))])).collect();
        part.push(Entry::plain("steps", format!("[ {} ]", steps.join(", "))));
        system.runbooks.push(part);
    }
    let stays =
        system.dns.as_ref().is_some_and(|dns| !dns.moves) && system.edges.iter().all(|(_, regions)| regions.is_empty());
    if stays && !shifted && system.serving.len() > 1 {
        let question = "nothing leads clients away from a region by itself: who does, and how? (here: nobody)";
        system.loose.push(Loose::settled("runbooks.move-traffic", question));
    }
}

/// What roles allow.
struct Allowed {
    inline: BTreeMap<Id, Vec<Id>>,
    attached: BTreeMap<Id, Vec<Id>>,
}

const ROLE: [&str; 1] = ["aws_iam_role"];
const DOCUMENT: [&str; 1] = ["aws_iam_policy_document"];

impl Allowed {
    fn new(inventory: &Inventory) -> Self {
        let mut inline = inventory.back(&["aws_iam_role_policy"], "role", &ROLE);
        for (role, more) in inventory.back(&["aws_iam_role_policy", "aws_iam_policy"], "roles", &ROLE) {
            inline.entry(role).or_default().extend(more);
        }
        Self { inline, attached: inventory.back(&["aws_iam_role_policy_attachment"], "role", &ROLE) }
    }

    /// What a function may do in a failover, and the resources that say so.
    fn of(&self, inventory: &Inventory, function: Id) -> (BTreeSet<Act>, Vec<Id>) {
        let mut acts = BTreeSet::new();
        let mut by = Vec::new();
        let mut look = |id: Id, paths: &[&str]| {
            let resource = inventory.get(id);
            let own = paths.iter().flat_map(|path| resource.at(path).texts());
            let documents = paths.iter().flat_map(|path| {
                // Documents are there to be read only, and so no target among resources.
                let links = resource.links.iter().filter(move |link| link.attribute == **path);
                links.flat_map(|link| inventory.based(&link.target))
            });
            let documents = documents.filter(|it| DOCUMENT.contains(&inventory.get(*it).kind.as_str()));
            let documents = documents.flat_map(|it| inventory.get(it).at("actions").texts());
            let found: BTreeSet<Act> = own.chain(documents).flat_map(acts_in).collect();
            if !found.is_empty() {
                by.push(id);
                acts.extend(found);
            }
        };
        look(function, &["policies"]);
        for role in inventory.targets(function, "role", &ROLE) {
            look(role, &["inline_policy", "policies"]);
            for policy in self.inline.get(&role).into_iter().flatten() {
                look(*policy, &["policy", "policy_document"]);
            }
            for attachment in self.attached.get(&role).into_iter().flatten() {
                for policy in inventory.targets(*attachment, "policy_arn", &["aws_iam_policy"]) {
                    look(policy, &["policy", "policy_document"]);
                }
            }
        }
        by.retain(|id| *id != function);
        (acts, by)
    }
}

fn acts_in(text: &str) -> Vec<Act> {
    let whole = |at: usize, action: &str| {
        // An action ends where its word ends; `UpdateRoutingControlStates` is the plural of another.
        let rest = text[at + action.len()..].trim_start_matches('s');
        rest.chars().next().is_none_or(|next| !next.is_ascii_alphanumeric())
    };
    ACTIONS
        .iter()
        .filter(|(action, _)| text.match_indices(action).any(|(at, _)| whole(at, action)))
        .map(|(_, act)| *act)
        .collect()
}

/// What starts functions: alarms, through topics, rules, or themselves.
struct Starts {
    alarms: BTreeMap<Id, Vec<Id>>,
    links: BTreeMap<Id, Vec<Id>>,
}

impl Starts {
    fn new(inventory: &Inventory) -> Self {
        let mut alarms: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        let mut links: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        let mut topics: BTreeMap<Id, Vec<(Id, Id)>> = BTreeMap::new();
        for subscription in inventory.of(&["aws_sns_topic_subscription"]) {
            for function in inventory.targets(subscription, "endpoint", &FUNCTION) {
                for topic in inventory.targets(subscription, "topic_arn", &["aws_sns_topic"]) {
                    topics.entry(topic).or_default().push((function, subscription));
                }
            }
        }
        for alarm in inventory.of(&["aws_cloudwatch_metric_alarm"]) {
            for function in inventory.targets(alarm, "alarm_actions", &FUNCTION) {
                alarms.entry(function).or_default().push(alarm);
            }
            for topic in inventory.targets(alarm, "alarm_actions", &["aws_sns_topic"]) {
                for (function, subscription) in topics.get(&topic).into_iter().flatten() {
                    alarms.entry(*function).or_default().push(alarm);
                    links.entry(*function).or_default().extend([topic, *subscription]);
                }
            }
        }
        for target in inventory.of(&["aws_cloudwatch_event_target"]) {
            for function in inventory.targets(target, "arn", &FUNCTION) {
                for rule in inventory.targets(target, "rule", &["aws_cloudwatch_event_rule"]) {
                    let watched = inventory.targets(rule, "event_pattern", &["aws_cloudwatch_metric_alarm"]);
                    if !watched.is_empty() {
                        alarms.entry(function).or_default().extend(watched);
                        links.entry(function).or_default().extend([target, rule]);
                    }
                }
            }
        }
        Self { alarms, links }
    }

    fn of(&self, function: Id) -> &[Id] {
        self.alarms.get(&function).map_or(&[], Vec::as_slice)
    }

    fn links(&self, function: Id) -> Vec<Id> {
        self.links.get(&function).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, acts_in};

    #[test]
    fn actions_are_whole_words() {
        assert_eq!(acts_in("{\"Action\":\"rds:FailoverGlobalCluster\"}"), [Act::Promote]);
        assert_eq!(acts_in("route53-recovery-cluster:UpdateRoutingControlStates"), [Act::Arc]);
        assert!(acts_in("rds:FailoverGlobalClusterX").is_empty() && acts_in("rds:Describe*").is_empty());
    }
}
