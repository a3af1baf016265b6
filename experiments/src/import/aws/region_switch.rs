//! Plans of ARC Region switch: one runbook for each workflow that activates a region.

use super::automation::PEOPLE;
use crate::import::draft::{Entry, inline, list, quoted, seconds, visible};
use crate::import::resource::Id;
use crate::import::system::{Part, System};
use crate::import::tree::Tree;

/// The steps of a workflow.
#[derive(Default)]
struct Steps {
    /// As the key `steps` has them.
    told: Vec<String>,
    /// Those that the file cannot tell, in words.
    open: Vec<String>,
    /// Stores that they promote.
    promoted: Vec<String>,
    /// Whether one of them does more than wait for somebody.
    acts: bool,
}

pub(super) fn map(system: &mut System<'_>) {
    for id in system.inventory.of(&["aws_arcregionswitch_plan"]) {
        objective(system, id);
        let plan = system.inventory.get(id);
        let primary = plan.at("primary_region").text().map(str::to_owned).or_else(|| system.main_region());
        let workflows = if plan.at("workflows").is_set() { plan.at("workflows") } else { plan.at("workflow") };
        let mut told = 0;
        for workflow in workflows.items() {
            let action = workflow.at("workflow_target_action").text().unwrap_or("activate").to_lowercase();
            let named = workflow.at("workflow_target_region").text().map(str::to_owned);
            let to = named.or_else(|| system.serving.iter().find(|region| Some(*region) != primary.as_ref()).cloned());
            let to = to.filter(|to| action == "activate" && Some(to) != primary.as_ref());
            let Some(to) = to.filter(|to| system.serving.contains(to)) else { continue };
            let mut steps = Steps::default();
            gather(system, workflow, &to, &mut steps);
            if steps.acts {
                runbook(system, id, &to, steps);
                told += 1;
            }
        }
        if told > 0 {
            system.fates.used(id, "runbooks");
        } else {
            system.ask(id, "no workflow that activates another region of the file can be told: what does the plan do?");
        }
    }
}

fn objective(system: &mut System<'_>, id: Id) {
    let minutes = system.inventory.get(id).at("recovery_time_objective_minutes").number();
    let Some(minutes) = minutes.filter(|it| *it > 0.0) else { return };
    let question =
        "the plan names a recovery time and no percentile: which share of incidents has to meet it? (here: 99 of 100)";
    let value = inline(&[("p99", seconds(minutes * 60.0))]);
    if system.objectives.iter().all(|entry| entry.key != "rto") {
        system.objectives.push(Entry::asked("rto", value, question).of(&[id]));
    }
}

fn runbook(system: &mut System<'_>, id: Id, to: &str, steps: Steps) {
    let plan = system.inventory.get(id);
    let name = system.name(&format!("{}-{to}", plan.at("name").text().unwrap_or(&plan.name)));
    let mut part = Part::new(&name);
    let who = "who starts the plan, on what signal, and how long does it take them?";
    part.push(Entry::asked("on", PEOPLE, who).of(&[id]));
    // A plan runs in the region that it activates.
    part.push(Entry::from("hosted-in", list([to]), &[id]));
    let value = format!("[ {} ]", steps.told.join(", "));
    part.push(if steps.open.is_empty() {
        Entry::from("steps", value, &[id])
    } else {
        let question = format!(
            "the plan has steps that the file cannot tell ({}): how long do they take, and what do they do?",
            steps.open.join(", ")
        );
        Entry::asked("steps", value, question).of(&[id])
    });
    system.runbooks.push(part);
    system.promoted.extend(steps.promoted);
}

/// The steps of a workflow, those of parallel blocks one after the other.
fn gather(system: &System<'_>, workflow: &Tree, to: &str, steps: &mut Steps) {
    let all = if workflow.at("steps").is_set() { workflow.at("steps") } else { workflow.at("step") };
    for step in all.items() {
        let kind = step.at("execution_block_type").text().unwrap_or("").replace('_', "").to_lowercase();
        let config = |name: &str| {
            let below = format!("execution_block_configuration.{name}");
            if step.at(&below).is_set() { step.at(&below) } else { step.at(name) }
        };
        match kind.as_str() {
            "manualapproval" => {
                steps.told.push(
                    "{ approve = { lognormal = { median = \"2m\", p95 = \"8m\" }, source = \"assumed\" } }".to_owned(),
                );
                steps.open.push("an approval, whose time is a guess".to_owned());
            }
            "auroraglobaldatabase" | "documentdb" => {
                let configs = ["global_aurora_config", "document_db_config"];
                let behavior = configs.iter().find_map(|name| config(name).at("behavior").text()).unwrap_or("failover");
                // What a switch-over waits for is gone in an outage; plans say what they do then.
                let mut then = configs.iter().flat_map(|name| config(name).at("ungraceful").texts());
                let planned = behavior.eq_ignore_ascii_case("switchoverOnly")
                    && !then.any(|word| word.eq_ignore_ascii_case("failover"));
                promote(system, if planned { "switch-over" } else { "promote" }, to, steps);
            }
            "rdspromotereadreplica" => promote(system, "promote", to, steps),
            "arcroutingcontrol" | "route53healthcheck" => {
                steps.told.push(inline(&[("shift", quoted("arc")), ("to", quoted(to))]));
                steps.acts = true;
            }
            "parallel" => {
                gather(system, config("parallel_config"), to, steps);
                steps.open.push("a parallel block, whose steps stand one after the other".to_owned());
            }
            "ec2autoscaling" | "ecsservicescaling" | "eksresourcescaling" => {
                steps.open.push("a scaling to a share of the other side's largest size of a day".to_owned());
            }
            "" => steps.open.push("a step without a type".to_owned()),
            other => steps.open.push(visible(other)),
        }
    }
}

fn promote(system: &System<'_>, verb: &str, to: &str, steps: &mut Steps) {
    for store in system.stores.iter().filter(|store| store.promotable) {
        if store.writer.as_deref() != Some(to) && store.regions.iter().any(|region| region == to) {
            steps.told.push(inline(&[(verb, quoted(&store.part.name)), ("to", quoted(to))]));
            steps.promoted.push(store.part.name.clone());
            steps.acts = true;
        }
    }
}
