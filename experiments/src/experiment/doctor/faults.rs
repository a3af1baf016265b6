//! Faults that strike nothing, that never strike or that strike all the time, and their effect on recovery times.

use models::compute::Parameters;
use models::control_planes::Seats;
use models::deployment::{NamedStore, Topology};
use models::faults::{Fault, Kind, Slowdown, Start, Struck};
use models::ids::{CellId, FaultId, RegionId, StoreId};
use models::latency::Slow;
use models::needs::Access;
use models::services::Graph;
use models::work::Work;
use sim_core::random::Distribution;

use super::place::{At, fault_name, fault_path};
use super::stores::is_session;
use super::{Check, Examined, Told};
use crate::units::{chosen_duration, count, percent};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "pack-strikes-nothing", look: what_packs_lack },
    Check { kind: "no-clock", look: no_clock },
    Check { kind: "fault-after-horizon", look: begins_after_the_horizon },
    Check { kind: "fault-all-the-time", look: all_the_time },
    Check { kind: "second-incident", look: second_incident },
    Check { kind: "fault-without-effect", look: without_effect },
    Check { kind: "permanent-at-a-rate", look: permanent_at_a_rate },
    Check { kind: "never-replaced", look: never_replaced },
];

/// What packs strike and the design lacks.
fn what_packs_lack(examined: &Examined<'_>, told: &mut Told<'_>) {
    examined.lacks.iter().for_each(|lack| told.lacks(lack));
}

/// Members whose application fails for good, in a group that looks at hosts alone.
fn never_replaced(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for (index, fault) in topology.faults.pairs().filter(|(_, fault)| fault.duration.is_none()) {
        let Kind::InstanceFailures { region, service, terminated: false, .. } = fault.kind else { continue };
        let cell = service.map_or(Some(Graph::front(region)), |service| topology.graph.cell(service, region));
        let compute = cell.and_then(|cell| topology.compute(cell));
        if !matches!(compute, Some(Parameters::AutoScaling(group)) if !group.balancer_checks) {
            continue;
        }
        let key = "health-check-type";
        let at = match service.filter(|service| topology.graph.entered != Some(*service)) {
            Some(service) => At::top("services").key(&topology.graph.services[service].name).key(key),
            None => examined.of_stack(region, "compute", key),
        };
        told.add(
            &at,
            format!(
                "nothing replaces the instances that {} takes in {}: their hosts go on, and this group looks at nothing else",
                fault_name(index),
                examined.region(region)
            ),
            "write `health-check-type = \"elb\"`, so that the load balancer's checks count as well",
        );
    }
}

fn no_clock(examined: &Examined<'_>, told: &mut Told<'_>) {
    if !examined.topology.faults.iter().any(|fault| examined.topology.starts_clock(fault)) {
        told.add(
            &At::top("faults"),
            "no fault starts the clock, so recovery times are 0, or not judged where a journey goes down all the same",
            "add a fault that requests can feel, such as a region-outage, or ask for `availability`",
        );
    }
}

/// The least time that the model knows, in seconds.
const NANOSECOND: f64 = 1e-9;

/// Trials without a fault would count as met.
fn begins_after_the_horizon(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, fault) in examined.topology.faults.pairs().filter(|(_, fault)| examined.topology.starts_clock(fault)) {
        let Start::At(at) = &fault.start else { continue };
        // The horizon is exclusive: what would begin there does not happen.
        let late = 1.0 - at.cdf(examined.horizon.as_secs_f64() - NANOSECOND);
        if late > 0.0 {
            let (name, horizon, share) =
                (fault_name(index), chosen_duration(examined.horizon.as_secs_f64()), percent(late));
            told.add(
                &fault_path(index).key("at"),
                format!(
                    "{name} does not begin before the horizon of {horizon} in {share} % of trials, which count as never \
                     down"
                ),
                "let it begin earlier, or make `horizon` longer",
            );
        }
    }
}

/// Occurrences in a trial above which the rate is probably a mistake.
const MANY: f64 = 1_000.0;

fn all_the_time(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, fault) in examined.topology.faults.pairs() {
        let Start::Rate(rate) = fault.start else { continue };
        let expected = rate * examined.horizon.as_secs_f64();
        if expected > MANY {
            let (name, times) = (fault_name(index), count(expected));
            told.add(
                &fault_path(index).key("rate"),
                format!("{name} begins {times} times a trial, which a rate in the wrong unit would explain"),
                "let it come less often, such as `rate = \"2 per year\"`",
            );
        }
    }
}

/// A recovery time goes from the first fault to the last return, so a second incident in the same trial makes it long.
fn second_incident(examined: &Examined<'_>, told: &mut Told<'_>) {
    let at = |fault: &Fault| match &fault.start {
        Start::At(at) => Some(at.clone()),
        Start::Rate(_) => None,
    };
    let faults = || examined.topology.faults.pairs().filter(|(_, fault)| examined.topology.starts_clock(fault));
    let starts = || faults().filter_map(|(index, fault)| Some((index, fault, at(fault)?)));
    let first = |one: &(FaultId, &Fault, Distribution), other: &(FaultId, &Fault, Distribution)| {
        one.2.quantile(0.5).total_cmp(&other.2.quantile(0.5))
    };
    let Some((first, fault, begins)) = starts().min_by(first) else { return };
    let Some(duration) = &fault.duration else { return };
    // The first fault is nearly always over before the second one begins.
    let over = begins.quantile(0.99) + duration.quantile(0.99) + fault.restart.quantile(0.99);
    for (index, _, begins) in starts().filter(|(index, ..)| *index != first) {
        let next = begins.quantile(0.01);
        if over < next && next < examined.horizon.as_secs_f64() {
            let (first, name) = (fault_name(first), fault_name(index));
            told.add(
                &fault_path(index).key("at"),
                format!(
                    "{name} begins when {first} is over, and recovery times count from the first of them to the last \
                     return"
                ),
                "give each a `rate` instead of `at`, which makes them outages of their own, or a file of its own",
            );
        }
    }
}

fn without_effect(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, fault) in examined.topology.faults.pairs() {
        if let Some(reason) = strikes_nothing(fault, examined.topology) {
            let name = fault_name(index);
            told.add(
                &fault_path(index).key("kind"),
                format!("{name} has no effect: {reason}"),
                "leave it out, or let it strike what the deployment has",
            );
        }
    }
}

fn permanent_at_a_rate(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, fault) in examined.topology.faults.pairs() {
        let lasts = fault.duration.is_none() && matches!(fault.start, Start::Rate(_)) && !adds_up(&fault.kind);
        if lasts && strikes_nothing(fault, examined.topology).is_none() {
            let name = fault_name(index);
            told.add(
                &fault_path(index).key("duration"),
                format!("{name} never ends, so only its first beginning in a trial makes a difference"),
                "give it a `duration`, or `at` instead of `rate`",
            );
        }
    }
}

/// Whether several such faults at once are worse than one: their shares and factors multiply.
const fn adds_up(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::GrayFailure { .. }
            | Kind::BadDeploy(_)
            | Kind::Blip { .. }
            | Kind::StoreImpairment { .. }
            | Kind::Corruption { .. }
            | Kind::LambdaImpairment { .. }
            | Kind::LoadSurge { .. }
            | Kind::SlowFailure(_)
            | Kind::CapacityLoss { .. }
            | Kind::InstanceFailures { .. }
            | Kind::ZoneOutage { zone: None, .. }
    )
}

/// Why a fault changes nothing, if that is certain.
fn strikes_nothing(fault: &Fault, topology: &Topology) -> Option<String> {
    if let Some(reason) = neutral(&fault.kind) {
        return Some(reason.to_owned());
    }
    let place = |region: RegionId| &topology.regions[region].name;
    let in_region = |region: RegionId, is: fn(&Parameters) -> bool| computes_in(region, topology).any(is);
    match &fault.kind {
        Kind::InstanceFailures { region, service, .. } => {
            let mut struck = topology.graph.cells_in(*region);
            let any = struck.any(|cell| topology.graph.is_struck(cell, *region, *service) && is_fleet(cell, topology));
            let what = service.map_or("what clients enter", |service| topology.graph.services[service].name.as_str());
            (!any).then(|| format!("{what} has no instances, tasks or pods in {}", place(*region)))
        }
        Kind::InsufficientCapacity { region, .. } => (!in_region(*region, |compute| compute.fleet().is_some()))
            .then(|| format!("nothing in {} launches instances, tasks or pods", place(*region))),
        Kind::ZoneOutage { region, .. } => {
            // A copy may become the writer before the zone fails.
            let zonal = |store: &NamedStore| {
                let parameters = &store.parameters;
                parameters.is_zonal() && (parameters.regions().contains(region) || parameters.shards() > 1)
            };
            let stands = in_region(*region, |compute| compute.fleet().is_some() || compute.function().is_some());
            (!stands && !topology.stores.iter().any(zonal)).then(|| {
                format!(
                    "in {} nothing runs that stands in a zone, and no store has a copy there that does",
                    place(*region)
                )
            })
        }
        Kind::LambdaImpairment { region, .. } => {
            let runs = in_region(*region, |compute| compute.function().is_some());
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
        &Kind::Partition { a, b } if topology.stores.is_empty() && !topology.anybody_calls_between(a, b) => {
            Some(format!(
                "no store replicates or is used between regions, and no call goes between {} and {}",
                place(a),
                place(b)
            ))
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
        Kind::SlowFailure(Slowdown { region, of, only, slow }) => {
            if let Struck::Store(store) = *of
                && let Some(found) = no_copy(store, *region, topology)
            {
                return Some(found);
            }
            let known = match *of {
                Struck::Store(store) => [Access::Read, Access::Write].iter().any(|access| {
                    only.is_none_or(|only| only == *access) && topology.stores[store].times.of(*access).is_some()
                }),
                Struck::Entry | Struck::Service(_) => cells(*of, *region, topology)
                    .any(|cell| topology.work(cell).is_some_and(|work| work.response.is_some())),
            };
            let what = if matches!(of, Struck::Store(_)) { "`read-time` and `write-time`" } else { "`response-time`" };
            (slow.adds.is_none() && !known).then(|| format!("a factor slows nothing down whose {what} is not given"))
        }
        Kind::CapacityLoss { region, of, .. } => match *of {
            Struck::Store(store) => no_copy(store, *region, topology).or_else(|| {
                let store = &topology.stores[store];
                let none = |at: &RegionId| !store.capacity.at(*at).any();
                region
                    .as_ref()
                    .map_or(!store.capacity.any(), none)
                    .then(|| format!("{} has no capacity that it could lose", store.name))
            }),
            Struck::Entry | Struck::Service(_) => (!cells(*of, *region, topology)
                .any(|cell| carries_so_much(cell, topology)))
            .then(|| "what it strikes has no capacity of its own".to_owned()),
        },
        _ => None,
    }
}

/// Why a fault changes nothing whatever it strikes: its own figure leaves everything as it is.
fn neutral(kind: &Kind) -> Option<&'static str> {
    match *kind {
        Kind::CapacityLoss { factor: 1.0, .. } => Some("with `factor = 1` what it strikes carries all that it did"),
        Kind::LoadSurge { factor: 1.0, .. } => Some("with `factor = 1` the load stays as it is"),
        Kind::SlowFailure(Slowdown { slow: Slow { factor: 1.0, adds: None }, .. }) => {
            Some("with `factor = 1` nothing takes longer")
        }
        Kind::InsufficientCapacity { probability: 0.0, .. } | Kind::InstanceFailures { probability: 0.0, .. } => {
            Some("with `probability = 0` it never strikes")
        }
        Kind::StoreImpairment { error: 0.0, .. }
        | Kind::ServiceImpairment { error: 0.0, .. }
        | Kind::LambdaImpairment { error: 0.0, .. } => Some("with `error = 0` nothing fails"),
        _ => None,
    }
}

/// Whether instances, tasks or pods run in a cell.
fn is_fleet(cell: CellId, topology: &Topology) -> bool {
    topology.compute(cell).is_some_and(|compute| compute.fleet().is_some())
}

/// Whether a cell has a capacity that it could lose a part of. That of a function is the account's.
fn carries_so_much(cell: CellId, topology: &Topology) -> bool {
    let admits = topology.work(cell).map_or(f64::INFINITY, Work::admits);
    match topology.compute(cell) {
        Some(Parameters::Managed { carries } | Parameters::External { carries, .. }) => carries.min(admits).is_finite(),
        Some(Parameters::Lambda(_)) | None => false,
        Some(Parameters::AutoScaling(_) | Parameters::Ecs(_) | Parameters::Eks(_)) => true,
    }
}

/// Why a fault of a store strikes nothing in a region.
fn no_copy(store: StoreId, region: Option<RegionId>, topology: &Topology) -> Option<String> {
    let (store, region) = (&topology.stores[store], region?);
    let copies = store.parameters.regions();
    (!copies.is_empty() && !copies.contains(&region))
        .then(|| format!("{} has no copy in {}", store.name, topology.regions[region].name))
}

/// The cells that a fault strikes.
fn cells(of: Struck, region: Option<RegionId>, topology: &Topology) -> impl Iterator<Item = CellId> + '_ {
    let regions = topology.regions.ids().filter(move |own| region.is_none_or(|region| region == *own));
    regions.flat_map(move |region| {
        let entries = topology.graph.entries(region).map(Graph::cell_at).filter(move |_| of == Struck::Entry);
        let service = match of {
            Struck::Service(service) => topology.graph.cell(service, region),
            Struck::Entry | Struck::Store(_) => None,
        };
        entries.chain(service)
    })
}

/// Whether anything may have to wait for the control planes of a region: a fleet that launches, or a step of a runbook.
fn needs_control(region: RegionId, topology: &Topology) -> bool {
    // Targets that fail their probes are replaced, as those are that die.
    let loses = |fault: &Fault| match fault.kind {
        Kind::RegionOutage { region: place, .. }
        | Kind::ZoneOutage { region: place, .. }
        | Kind::InstanceFailures { region: place, .. }
        | Kind::GrayFailure { region: place, .. } => place == region,
        Kind::SlowFailure(Slowdown { region: place, .. }) => place.is_none_or(|place| place == region),
        Kind::BadDeploy(ref deploy) => deploy.regions.contains(&region),
        _ => false,
    };
    let launches = |compute: &Parameters| {
        let scheduled = compute.group().is_some_and(|group| !group.scheduled.is_empty());
        let fleet = compute.fleet();
        fleet.is_some_and(|fleet| fleet.scales || scheduled || topology.faults.iter().any(loses))
    };
    let names = topology.region_names();
    let mut steps = topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    let waits = |action| Seats::new(action, topology.dns.editing, &names).waits_for_control_in(region);
    computes_in(region, topology).any(launches)
        || steps.any(|step| [false, true].into_iter().any(|wrong| waits(step.done(wrong))))
}

/// Whether an alarm or a fleet looks at the metrics of a region.
fn needs_metrics(region: RegionId, topology: &Topology) -> bool {
    computes_in(region, topology).any(|compute| compute.tracking().is_some())
        || topology.alarms.iter().any(|alarm| alarm.hosted_in == region)
        || topology.composites.iter().any(|alarm| alarm.hosted_in == region)
}

/// What runs the services of a region: the entered ones, and those behind them.
fn computes_in(region: RegionId, topology: &Topology) -> impl Iterator<Item = &Parameters> {
    topology.graph.cells_in(region).filter_map(|cell| topology.compute(cell))
}
