//! Services of AWS stand in slots, and a new one takes the edits that the page on the architecture lists, and no others.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use crate::program::root;
use crate::tidy::{code, module, named, sources};

/// The slots of services: their folder in `models/src`, the files in it that several of its services share, and the only files
/// elsewhere that name a service of it, which are the edits that a new one takes.
pub(crate) const SLOTS: &[(&str, &[&str], &[&str])] = &[
    (
        "stores",
        &[
            "ack_log",
            "backlog",
            "backups",
            "capacity",
            "kinds",
            "replicated_items",
            "replicated_log",
            "service",
            "times",
        ],
        &["models/src/stores/mod.rs", "models/src/stores/kinds.rs"],
    ),
    (
        "fronts",
        // What answers names is what everything else refers to by name.
        &["edge", "route53"],
        &[
            "models/src/fronts/mod.rs",
            "models/src/fronts/edge.rs",
            "models/src/deployment/door.rs",
            "models/src/deployment/mod.rs",
            "models/src/deployment/wiring.rs",
            "models/src/deployment/services.rs",
            "models/src/deployment/probes.rs",
        ],
    ),
    (
        "balancers",
        &[],
        &[
            "models/src/balancers/mod.rs",
            "models/src/services/mod.rs",
            "models/src/services/spec.rs",
            "models/src/deployment/compute.rs",
            "models/src/deployment/gates.rs",
            "models/src/deployment/observer.rs",
            "models/src/deployment/services.rs",
            "models/src/deployment/spec/mod.rs",
            "models/src/deployment/spec/questions.rs",
            "models/src/deployment/spec/regions.rs",
            "experiments/src/experiment/teller.rs",
            "experiments/src/experiment/words/mod.rs",
        ],
    ),
    (
        "compute",
        &["fleet"],
        &[
            "models/src/compute/mod.rs",
            "models/src/deployment/compute.rs",
            "models/src/deployment/runner.rs",
            "models/src/deployment/observer.rs",
            "models/src/deployment/wiring.rs",
            "experiments/src/experiment/teller.rs",
            "experiments/src/experiment/words/mod.rs",
        ],
    ),
];

/// Files that name a service of a slot for what no other one of the slot has.
const KNOWN_BY_NAME: &[(&str, &str, &str)] = &[
    ("models/src/stores/sharded_relational/spec.rs", "aurora_global", "each shard is a cluster of it"),
    ("models/src/stores/memorydb_multi_region.rs", "dynamodb_global", "it merges items as that does"),
    ("models/src/flow/mod.rs", "cloud_front", "it keeps answers, so that flows are others behind it"),
    ("models/src/flow/solver.rs", "cloud_front", "the same"),
    ("models/src/flow/through_edge.rs", "cloud_front", "the same"),
    ("models/src/balancers/load_balancer/spec.rs", "api_gateway", "it is one of the kinds in front of a service"),
    ("models/src/deployment/faults.rs", "auto_scaling", "instances fail by themselves in no other one"),
    ("models/src/deployment/spec/quotas.rs", "ecs", "tasks on Fargate share a bucket of the account"),
    ("experiments/src/experiment/doctor/capacity.rs", "api_gateway", "its limit is one of the account"),
    ("experiments/src/cost/count.rs", "ecs", "tasks on Fargate have a price of their own"),
    ("experiments/src/experiment/words/mod.rs", "cloud_front", "what it keeps, in words"),
    ("experiments/src/levers/capacity.rs", "auto_scaling", "warm pools"),
    ("experiments/src/levers/capacity.rs", "lambda", "provisioned concurrency"),
    ("experiments/src/levers/site.rs", "ecs", "the instances that its tasks need room on"),
    ("experiments/src/levers/stores.rs", "dynamodb_global", "strong consistency"),
];

#[test]
fn a_service_is_named_where_its_slot_is_listed_and_nowhere_else() {
    let manual = fs::read_to_string(root().join("docs/architecture.md")).expect("the page can be read");
    let mut surprises = String::new();
    let mut used = BTreeSet::new();
    for (crate_root, within) in
        [("models/src", "crate"), ("experiments/measure/src", "models"), ("experiments/src", "models")]
    {
        for file in sources(&root().join(crate_root)) {
            let own = module(&file, &root().join(crate_root));
            if own.iter().any(|name| name == "tests") {
                continue;
            }
            let text = fs::read_to_string(&file).expect("sources can be read");
            let place =
                file.strip_prefix(root()).expect("it lies in the repository").to_str().expect("names are UTF-8");
            let paths = match within {
                "crate" => named(&code(&text), &own),
                _ => named(&code(&text).replace("models::", "crate::"), &own),
            };
            for path in paths {
                let [slot, service, ..] = path.as_slice() else { continue };
                let Some((_, shared, allowed)) = SLOTS.iter().find(|(name, ..)| name == slot) else { continue };
                let folder = root().join("models/src").join(slot);
                let is_service = folder.join(service).is_dir() || folder.join(service).with_extension("rs").is_file();
                let own_file = within == "crate" && own.starts_with(&[slot.clone(), service.clone()]);
                if service.is_empty()
                    || !is_service
                    || shared.contains(&service.as_str())
                    || own_file
                    || allowed.contains(&place)
                {
                    continue;
                }
                let known =
                    KNOWN_BY_NAME.iter().position(|(file, name, _)| *file == place && *name == service.as_str());
                used.extend(known);
                if known.is_none() {
                    let _ = writeln!(surprises, "{place} names {slot}::{service}");
                }
            }
        }
    }
    assert!(surprises.is_empty(), "{surprises}");
    let idle: Vec<_> = KNOWN_BY_NAME.iter().enumerate().filter(|(index, _)| !used.contains(index)).collect();
    assert!(idle.is_empty(), "these need no exception: {idle:?}");
    for file in SLOTS.iter().flat_map(|(.., files)| *files) {
        assert!(manual.contains(file), "docs/architecture.md does not say that a new service takes an edit in {file}");
    }
}
