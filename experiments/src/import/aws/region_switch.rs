//! Plans of ARC Region switch: one runbook for each workflow that activates a region.

use super::automation::PEOPLE;
use crate::import::draft::{Entry, inline, list, quoted, seconds};
use crate::import::system::{Part, System};
use crate::import::tree::Tree;

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    for id in inventory.of(&["aws_arcregionswitch_plan"]) {
        let plan = inventory.get(id);
        if let Some(minutes) = plan.at("recovery_time_objective_minutes").number().filter(|it| *it > 0.0) {
            let question = "the plan names a recovery time and no percentile: which share of incidents has to meet it? (here: 99 of 100)";
            let value = inline(&[("p99", seconds(minutes * 60.0))]);
            if system.objectives.iter().all(|entry| entry.key != "rto") {
                system.objectives.push(Entry::asked("rto", value, question).of(&[id]));
            }
        }
        let primary = plan.at("primary_region").text().map(str::to_owned).or_else(|| system.main_region());
        let workflows = if plan.at("workflows").is_set() { plan.at("workflows") } else { plan.at("workflow") };
        let mut told = 0;
        for workflow in workflows.items() {
            let action = workflow.at("workflow_target_action").text().unwrap_or("activate").to_lowercase();
            let named = workflow.at("workflow_target_region").text().map(str::to_owned);
            let to = named.or_else(|| system.serving.iter().find(|region| Some(*region) != primary.as_ref()).cloned());
            let Some(to) = to.filter(|to| action == "activate" && Some(to) != primary.as_ref()) else { continue };
            let mut steps = Vec::new();
            let mut open = Vec::new();
            gather(system, workflow, &to, &mut steps, &mut open);
            if steps.is_empty() {
                continue;
            }
            let called = plan.at("name").text().unwrap_or(&plan.name).to_owned();
            let name = system.name(&format!("{called}-{to}"));
            let mut part = Part::new(&name);
            part.push(
                Entry::asked("on", PEOPLE, "who starts the plan, on what signal, and how long does it take them?")
                    .of(&[id]),
            );
            // A plan runs in the region that it activates.
            part.push(Entry::from("hosted-in", list([&to]), &[id]));
            let value = format!("[ {} ]", steps.join(", "));
            part.push(if open.is_empty() {
                Entry::from("steps", value, &[id])
            } else {
                let question = format!(
                    "the plan has steps that the file cannot tell ({}): how long do they take, and what do they do?",
                    open.join(", ")
                );
                Entry::asked("steps", value, question).of(&[id])
            });
            system.runbooks.push(part);
            told += 1;
        }
        if told > 0 {
            system.fates.used(id, "runbooks");
        } else {
            system.ask(id, "no workflow that activates another region can be told: what does the plan do?");
        }
    }
}

/// The steps of a workflow, those of parallel blocks one after the other.
fn gather(system: &System<'_>, workflow: &Tree, to: &str, steps: &mut Vec<String>, open: &mut Vec<String>) {
    let all = if workflow.at("steps").is_set() { workflow.at("steps") } else { workflow.at("step") };
    for step in all.items() {
        let kind = step.at("execution_block_type").text().unwrap_or("").replace('_', "").to_lowercase();
        let config = |name: &str| {
            let below = format!("execution_block_configuration.{name}");
            if step.at(&below).is_set() { step.at(&below) } else { step.at(name) }
        };
        let promotable = |verb: &str, steps: &mut Vec<String>| {
            for store in
                system.stores.iter().filter(|store| store.promotable && store.regions.iter().any(|it| it == to))
            {
                if store.writer.as_deref() != Some(to) {
                    steps.push(inline(&[(verb, quoted(&store.part.name)), ("to", quoted(to))]));
                }
            }
        };
        match kind.as_str() {
            "manualapproval" => {
                steps.push("{ approve = { lognormal = { median = \"2m\", p95 = \"8m\" } } }".to_owned());
                open.push("an approval, whose time is a guess".to_owned());
            }
            "auroraglobaldatabase" | "documentdb" => {
                let configs = ["global_aurora_config", "document_db_config"];
                let behavior = configs.iter().find_map(|name| config(name).at("behavior").text()).unwrap_or("failover");
                promotable(
                    if behavior.eq_ignore_ascii_case("switchoverOnly") { "switch-over" } else { "promote" },
                    steps,
                );
            }
            "rdspromotereadreplica" => promotable("promote", steps),
            "arcroutingcontrol" => steps.push(inline(&[("shift", quoted("arc")), ("to", quoted(to))])),
            "route53healthcheck" => steps.push(inline(&[("shift", quoted("arc")), ("to", quoted(to))])),
            "parallel" => {
                let inner = config("parallel_config");
                gather(system, inner, to, steps, open);
                open.push("a parallel block, whose steps stand one after the other".to_owned());
            }
            "ec2autoscaling" | "ecsservicescaling" | "eksresourcescaling" => {
                open.push("a scaling to a share of the other side's largest size of a day".to_owned());
            }
            other => open.push(if other.is_empty() {
                "a step without a type".to_owned()
            } else {
                crate::import::draft::visible(other)
            }),
        }
    }
}
