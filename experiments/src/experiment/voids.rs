//! What a file says and nothing notices: faults that strike nothing, parts without what they are for.

use models::aws::auto_scaling::Parameters as Group;
use models::aws::cloud_watch::Metric;
use models::compute::Parameters;
use models::control_planes::Seats;
use models::deployment::{NamedStore, Topology};
use models::faults::{Fault, Kind, Start};
use models::stores;
use sim_settings::Node;
use sim_settings::quantity::duration_text;

/// Remarks about what has no effect; `file` is what the experiment file says.
pub(super) fn voids(topology: &Topology, file: &Node) -> Vec<String> {
    let mut remarks = Vec::new();
    for (index, fault) in topology.faults.iter().enumerate() {
        let number = index + 1;
        if let Some(reason) = strikes_nothing(fault, topology) {
            remarks.push(format!("fault {number} has no effect: {reason}"));
        } else if fault.duration.is_none() && matches!(fault.start, Start::Rate(_)) && !adds_up(&fault.kind) {
            remarks
                .push(format!("fault {number} never ends, so only its first beginning in a trial makes a difference"));
        }
    }
    for alarm in &topology.alarms {
        let (Metric::Utilization(region) | Metric::UnhealthyHosts(region) | Metric::Throttles(region)) = alarm.metric
        else {
            continue;
        };
        let place = &topology.regions[region];
        if place.compute.is_none() {
            let (alarm, place) = (&alarm.name, &place.name);
            remarks.push(format!("alarm {alarm} never fires: {place} has no compute that it could be about"));
        }
    }
    let written = |key: &str| file.entries().iter().any(|entry| entry.key == key);
    if written("load-balancer") && topology.regions.iter().all(|region| region.load_balancer.is_none()) {
        remarks.push("`[load-balancer]` has no effect: no region has instances behind it".to_owned());
    }
    for store in &topology.stores {
        let backed = store.parameters.backs().map(|backed| &topology.stores[backed]);
        if let Some(backed) = backed.filter(|backed| is_session(backed)) {
            let (store, backed) = (&store.name, &backed.name);
            remarks.push(format!(
                "{store} has no effect as a cache of {backed}, which lives on the instances that would ask it"
            ));
        }
    }
    accelerators_own_checks(topology, file, &mut remarks);
    nobody_asks(topology, &mut remarks);
    remarks
}

fn is_session(store: &NamedStore) -> bool {
    matches!(store.parameters, stores::Parameters::InstanceSession(_))
}

/// Whether several such faults at once are worse than one: their shares and factors multiply.
const fn adds_up(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::GrayFailure { .. }
            | Kind::StoreImpairment { .. }
            | Kind::LambdaImpairment { .. }
            | Kind::LoadSurge { .. }
            | Kind::InstanceFailures { .. }
            | Kind::ZoneOutage { zone: None, .. }
    )
}

/// Why a fault makes no difference to anything, if that is certain.
fn strikes_nothing(fault: &Fault, topology: &Topology) -> Option<String> {
    let place = |region: usize| &topology.regions[region].name;
    let compute = |region: usize| topology.regions[region].compute.as_ref();
    match &fault.kind {
        Kind::InstanceFailures { region, .. } | Kind::InsufficientCapacity { region, .. } => compute(*region)
            .and_then(Parameters::group)
            .is_none()
            .then(|| format!("{} has no instances", place(*region))),
        Kind::ZoneOutage { region, .. } => {
            let zonal =
                |store: &NamedStore| store.parameters.writer() == Some(*region) || store.parameters.shards() > 1;
            (compute(*region).is_none() && !topology.stores.iter().any(zonal))
                .then(|| format!("{} has no compute, and no store has its writer there", place(*region)))
        }
        Kind::LambdaImpairment { region, .. } => {
            let runs = compute(*region).is_some_and(|compute| matches!(compute, Parameters::Lambda(_)));
            let hosts = topology.runbooks.iter().any(|runbook| runbook.hosted_in.contains(region));
            (!runs && !hosts).then(|| format!("nothing in {} runs on Lambda", place(*region)))
        }
        Kind::ControlPlaneOutage { region } if !needs_control(*region, topology) => Some(format!(
            "nothing is launched or promoted in {0}, and no runbook edits what {0} controls",
            place(*region)
        )),
        Kind::MetricsOutage { region } if !needs_metrics(*region, topology) => {
            Some(format!("no alarm lives in {0} and nothing scales in {0}", place(*region)))
        }
        Kind::Partition { .. } if topology.stores.is_empty() => {
            Some("no store replicates or is used between regions".to_owned())
        }
        Kind::StoreImpairment { store, region, .. } => {
            let store = &topology.stores[*store];
            let copies = store.parameters.regions();
            (!copies.is_empty() && !copies.contains(region))
                .then(|| format!("{} has no copy in {}", store.name, place(*region)))
        }
        Kind::ReplicationStall { stores, .. } if stores.iter().all(|&store| is_session(&topology.stores[store])) => {
            Some("sessions on instances are not replicated".to_owned())
        }
        _ => None,
    }
}

/// Whether anything may have to wait for the control planes of a region: a group that launches, or a step of a runbook.
fn needs_control(region: usize, topology: &Topology) -> bool {
    let group = topology.regions[region].compute.as_ref().and_then(Parameters::group);
    let dies = |fault: &Fault| match fault.kind {
        Kind::ZoneOutage { region: place, .. } | Kind::InstanceFailures { region: place, .. } => place == region,
        _ => false,
    };
    let launches =
        |group: &Group| group.scaling.is_some() || !group.scheduled.is_empty() || topology.faults.iter().any(dies);
    let names = topology.region_names();
    let mut steps = topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    let waits = |action| Seats::new(action, &names).waits_for_control_in(region);
    group.is_some_and(launches) || steps.any(|step| [false, true].into_iter().any(|wrong| waits(step.done(wrong))))
}

/// Whether an alarm or a group looks at the metrics of a region.
fn needs_metrics(region: usize, topology: &Topology) -> bool {
    let group = topology.regions[region].compute.as_ref().and_then(Parameters::group);
    group.is_some_and(|group| group.scaling.is_some()) || topology.alarms.iter().any(|alarm| alarm.hosted_in == region)
}

/// Journeys that nobody takes are up whatever happens.
fn nobody_asks(topology: &Topology, remarks: &mut Vec<String>) {
    let silent = topology.clients.iter().filter(|clients| clients.requests_per_second == 0.0);
    for clients in silent {
        remarks.push(format!("{} offers 0 requests/s: for it no journey is ever down", clients.name));
    }
    for journey in topology.journeys.iter().filter(|journey| journey.share == 0.0) {
        remarks.push(format!("{} has no share of the requests: it is never down", journey.name));
    }
}

/// Behind an accelerator a load balancer's own target checks count, and the accelerator's settings do not.
fn accelerators_own_checks(topology: &Topology, file: &Node, remarks: &mut Vec<String>) {
    let Some(accelerator) = &topology.edge.accelerator else { return };
    let written = file.entries().iter().any(|entry| entry.key == "load-balancer");
    let Some(balancer) = topology.regions.iter().find_map(|region| region.load_balancer.as_ref()).filter(|_| written)
    else {
        return;
    };
    let own = (accelerator.interval, accelerator.threshold);
    let (interval, threshold) = (balancer.interval, balancer.unhealthy_threshold);
    let text = duration_text(interval.as_secs_f64());
    if own != (interval, threshold) {
        remarks.push(format!(
            "the accelerator checks every {} and turns after {}, but in front of a load balancer AWS takes the health of \
             its targets instead: `interval = \"{text}\"` and `threshold = {threshold}` under the edge say so",
            own.0, own.1
        ));
    }
}
