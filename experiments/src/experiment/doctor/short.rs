//! What is short before any fault: the part behind the fronts whose capacity brings down what stands before it.
//!
//! What a store or a service sheds is tried again, and the load of all that stands before it grows, so that much may look overloaded.
//! The culprit is the part without whose limit all is well.

use models::compute::Parameters;
use models::deployment::Topology;
use models::flow::Flow;
use models::ids::{CellId, RegionId, ServiceId, StoreId};
use models::needs::Access;
use sim_settings::quantity::number_text;

use super::bound::Bound;
use super::place::At;
use super::{Examined, Told};
use crate::experiment::at_first::{Quiet, quiet_flows};

/// More than anybody asks for, and a number: what is asked of it is counted.
const PLENTY: f64 = 1e12;

/// Tells what is short behind the fronts, if one part explains that something is down or overloaded before any fault. Returns whether
/// it does.
pub(super) fn short_behind(examined: &Examined<'_>, told: &mut Told<'_>) -> bool {
    let topology = examined.topology;
    let parts = stores(topology).map(Part::Store).chain(services(topology).map(Part::Service));
    for part in parts {
        let relieved = part.without_its_limit(topology);
        let quiet = quiet_flows(&relieved);
        if is_well(&relieved, &quiet)
            && let Some(flow) = &quiet.at_first
        {
            part.tell(topology, flow, told);
            return true;
        }
    }
    false
}

/// Whether no front is overloaded and no journey is down.
fn is_well(topology: &Topology, quiet: &Quiet) -> bool {
    let (Some(first), Some(soon)) = (&quiet.at_first, &quiet.soon) else { return false };
    let carries = |region: RegionId| {
        let (load, capacity) = (first.load[region.index()], first.fronts[region.index()].capacity);
        load <= capacity * (1.0 + 1e-9)
    };
    topology.regions.ids().all(carries)
        && topology.journeys.ids().zip(&soon.journeys).all(|(id, flow)| flow.up() >= topology.up_when(id) - 1e-9)
}

/// Copies of stores that carry so much and no more.
fn stores(topology: &Topology) -> impl Iterator<Item = (StoreId, Access)> {
    topology.stores.pairs().flat_map(|(id, store)| {
        let limited = |access: &Access| store.capacity.least(*access).is_finite();
        [Access::Read, Access::Write].into_iter().filter(limited).map(move |access| (id, access))
    })
}

/// Services behind the fronts that carry so much and no more.
fn services(topology: &Topology) -> impl Iterator<Item = ServiceId> {
    let limited = |service: &ServiceId| {
        let tiers = topology.graph.services[*service].tiers.iter().flatten();
        tiers.into_iter().any(|tier| tier.compute.has_a_capacity() || tier.work.admits().is_finite())
    };
    topology.graph.called.iter().copied().filter(limited)
}

/// A part behind the fronts.
#[derive(Debug, Clone, Copy)]
enum Part {
    Store((StoreId, Access)),
    Service(ServiceId),
}

impl Part {
    /// The deployment in which it carries everything.
    fn without_its_limit(self, topology: &Topology) -> Topology {
        let mut relieved = topology.clone();
        match self {
            Self::Store((store, access)) => relieved.stores[store].capacity.let_all_carry(access, PLENTY),
            Self::Service(service) => {
                for tier in relieved.graph.services[service].tiers.iter_mut().flatten() {
                    tier.work.concurrency = None;
                    match &mut tier.compute {
                        Parameters::AutoScaling(it) => it.requests_per_second = PLENTY,
                        Parameters::Ecs(it) => it.requests_per_second = PLENTY,
                        Parameters::Eks(it) => it.requests_per_second = PLENTY,
                        Parameters::Lambda(it) => it.account_limit = PLENTY,
                        Parameters::Managed { carries } | Parameters::External { carries, .. } => *carries = PLENTY,
                    }
                }
            }
        }
        relieved
    }

    /// Tells that it is short, and of how much, where so much is asked of it that nothing is tried again.
    fn tell(self, topology: &Topology, flow: &Flow, told: &mut Told<'_>) {
        match self {
            Self::Store((store, access)) => {
                let name = &topology.stores[store].name;
                let rows = |store: StoreId| topology.stores[store].parameters.shards();
                let before: usize = StoreId::all(store.index()).map(rows).sum();
                let columns = topology.regions.len();
                // A copy of a store that replicates carries the writes of other regions, too.
                let parameters = &topology.stores[store].parameters;
                let all = access == Access::Write && parameters.carries_all_writes();
                let copies = parameters.regions();
                let reaches = |from: RegionId, to: RegionId| {
                    from == to || (all && copies.contains(&from) && copies.contains(&to))
                };
                let load = |row: usize| {
                    let row = 2 * row + usize::from(access == Access::Write);
                    let own = &flow.metered()[row * columns..(row + 1) * columns];
                    let regions = || RegionId::all(columns);
                    let copy = |to: RegionId| -> f64 {
                        regions().filter(|from| reaches(*from, to)).map(|from| own[from.index()]).sum()
                    };
                    regions().map(copy).fold(0.0, f64::max)
                };
                let load = number_text((before..before + rows(store)).map(load).fold(0.0, f64::max));
                let carries = number_text(topology.stores[store].capacity.least(access));
                let word = if access == Access::Write { "writes" } else { "reads" };
                told.add(
                    &At::top("stores").key(name).key("capacity").key(word),
                    format!(
                        "{name} is overloaded before any fault: {load} {word}/s reach a copy, and it carries {carries}"
                    ),
                    format!("let `capacity.{word}` be {load} or more"),
                );
            }
            Self::Service(service) => {
                let name = &topology.graph.services[service].name;
                let load = |cell: &CellId| flow.load[cell.index()];
                let cells = topology.graph.services[service].regions.iter();
                let cells = cells.filter_map(|region| topology.graph.cell(service, *region));
                let Some(cell) = cells.max_by(|one, other| load(one).total_cmp(&load(other))) else { return };
                let Bound { key, has, enough } = Bound::of(topology, cell, load(&cell));
                let at = At::top("services").key(name);
                let carries = number_text(carried(topology, cell));
                let load = number_text(load(&cell));
                told.add(
                    &key.map_or_else(|| at.clone(), |key| at.clone().key(key)),
                    format!("{name} is overloaded before any fault: {load} requests/s reach it, and {has} {carries}"),
                    enough,
                );
            }
        }
    }
}

/// Requests per second that a cell carries at the start.
fn carried(topology: &Topology, cell: CellId) -> f64 {
    let admits = topology.work(cell).map_or(f64::INFINITY, models::work::Work::admits);
    match topology.compute(cell) {
        Some(Parameters::Lambda(function)) => function.carries(function.account_limit),
        Some(Parameters::Managed { carries } | Parameters::External { carries, .. }) => carries.min(admits),
        Some(compute) => {
            compute.fleet().map_or(f64::INFINITY, |fleet| fleet.desired as f64 * fleet.requests_per_second.min(admits))
        }
        None => f64::INFINITY,
    }
}
