//! What a region lets through for all services of the file together: launches on Fargate, and requests through gateways.
//! Beside them, what launches of a cell need, and probes that compete with requests.

use sim_core::engine::Engine;
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;

use super::{Assembly, Key, Topology};
use crate::balancers::api_gateway::{Gateway, Limits};
use crate::by_id::ById;
use crate::compute::Parameters;
use crate::compute::fleet::{Granted, Launches, Request};
use crate::ids::{CellId, RegionId};
use crate::needs::Asks;

/// What limits launches and gateways of each region.
#[derive(Debug)]
pub(super) struct Gates {
    /// Launches on Fargate, where there are some.
    launches: ById<RegionId, Option<Slot<Launches>>>,
    /// Launches of instances, where they are limited.
    instances: ById<RegionId, Option<Slot<Launches>>>,
    /// Gateways, where there are some.
    gateways: ById<RegionId, Option<Slot<Gateway>>>,
    /// The cells with a gateway in front, and the region of each.
    gated: Vec<(CellId, RegionId)>,
    /// The cells whose launches need something.
    needing: Vec<CellId>,
    /// The cells whose probes compete with requests.
    competing: Vec<CellId>,
}

impl Gates {
    pub(super) fn new(topology: &Topology, simulation: &mut Simulation<Key>) -> Self {
        let region_of = |cell: CellId| topology.graph.place(cell).1;
        let launches = topology.regions.ids().map(|region| {
            let mut there = topology.computes().filter(|(cell, _)| region_of(*cell) == region);
            let bucket = topology.regions[region].quotas.fargate;
            there
                .any(|(_, compute)| compute.is_on_fargate())
                .then(|| simulation.place(Key::Launches(region), Launches::new(bucket)))
        });
        let launches = launches.collect();
        let instances = topology.regions.pairs().map(|(region, place)| {
            let bucket = place.quotas.instances?;
            Some(simulation.place(Key::InstanceLaunches(region), Launches::new(bucket)))
        });
        let instances = instances.collect();
        let gateways = topology.regions.pairs().map(|(region, place)| {
            let there = topology.gateways().filter(|(cell, _)| region_of(*cell) == region);
            let limits = Limits::together(&place.name, there.map(|(_, gateway)| gateway));
            limits.map(|limits| simulation.place(Key::Gateway(region), Gateway::new(limits)))
        });
        let gateways = gateways.collect();
        let cells = || CellId::all(topology.graph.cells());
        Self {
            launches,
            instances,
            gateways,
            gated: topology.gateways().map(|(cell, _)| (cell, region_of(cell))).collect(),
            needing: cells().filter(|&cell| !topology.launch_needs(cell).is_empty()).collect(),
            competing: cells().filter(|&cell| topology.balancer(cell).is_some_and(|it| it.probes_compete)).collect(),
        }
    }

    /// Whether every change of flows has to settle, because launches or probes fail by what is shed.
    pub(super) const fn follow_flows(&self) -> bool {
        !self.needing.is_empty() || !self.competing.is_empty()
    }

    /// Whether several gateways share a bucket.
    pub(super) const fn are_shared(&self) -> bool {
        self.gated.len() > 1
    }

    pub(super) fn begin(&mut self, engine: &mut Engine<Key>) {
        for launches in self.launches.iter_mut().chain(self.instances.iter_mut()).flatten() {
            engine.begin(launches, |launches, _| launches.begin());
        }
        for gateway in self.gateways.iter_mut().flatten() {
            engine.begin(gateway, |gateway, _| gateway.begin());
        }
    }

    /// The launches of a region.
    pub(super) fn launches(&mut self, region: RegionId) -> Option<&mut Slot<Launches>> {
        self.launches[region].as_mut()
    }

    /// The launches of instances of a region.
    pub(super) fn instance_launches(&mut self, region: RegionId) -> Option<&mut Slot<Launches>> {
        self.instances[region].as_mut()
    }

    /// The gateways of a region.
    pub(super) fn gateway(&mut self, region: RegionId) -> Option<&mut Slot<Gateway>> {
        self.gateways[region].as_mut()
    }

    /// A launch asks for its turn in a region.
    pub(super) fn ask(&mut self, region: RegionId, request: Request, topology: &Topology, engine: &mut Engine<Key>) {
        let fargate = !request.host && topology.compute(request.cell).is_some_and(Parameters::is_on_fargate);
        let launches = if fargate { &mut self.launches } else { &mut self.instances };
        let launches = launches[region].as_mut().expect("what asks for its turn has a launch rate in its region");
        engine.call(launches, |launches, ctx| launches.ask(request, ctx));
    }

    /// Requests per second that a gateway lets through to a cell under the loads that were solved for last: gateways of a
    /// region share what is let through in proportion to what is asked of each.
    pub(super) fn passes(&self, cell: CellId, loads: &[f64]) -> f64 {
        let Some(&(_, region)) = self.gated.iter().find(|(own, _)| *own == cell) else { return f64::INFINITY };
        let rate = self.gateways[region].as_ref().and_then(|gateway| gateway.component().lets_through());
        let Some(rate) = rate else { return f64::INFINITY };
        let all = self.load(region, loads);
        if all > 0.0 { rate * loads[cell.index()] / all } else { rate }
    }

    /// Requests per second that arrive at the gateways of a region.
    fn load(&self, region: RegionId, loads: &[f64]) -> f64 {
        self.gated.iter().filter(|(_, own)| *own == region).map(|(cell, _)| loads[cell.index()]).sum()
    }

    /// Tells gateways what arrives.
    pub(super) fn tell(&mut self, loads: &[f64], engine: &mut Engine<Key>) {
        for region in self.gateways.ids() {
            let load = self.load(region, loads);
            if let Some(gateway) = &mut self.gateways[region] {
                engine.call(gateway, |gateway, ctx| gateway.set_load(load, ctx));
            }
        }
    }
}

impl Assembly {
    /// A launch got its turn.
    pub(super) fn on_granted(&mut self, Granted(request): Granted, engine: &mut Engine<Key>) {
        if let Some(compute) = &mut self.computes[request.cell] {
            compute.granted(request, engine);
        }
    }

    /// Tells fleets whether what their launches need works, and balancers what share of their probes overload fails.
    pub(super) fn tell_launches_and_probes(&mut self, engine: &mut Engine<Key>) {
        for index in 0..self.gates.needing.len() {
            let cell = self.gates.needing[index];
            let region = self.topology.graph.place(cell).1;
            let works = |asks: &Asks| match asks {
                Asks::Store { access, store } => self.meet(*access, *store, region, None).pass,
                Asks::Service(call) => self.call_passes(call, None, region),
            };
            let works: f64 = self.topology.launch_needs(cell).iter().map(|need| works(&need.asks)).product();
            if let Some(compute) = &mut self.computes[cell] {
                compute.set_needs_failing(1.0 - works);
            }
        }
        for index in 0..self.gates.competing.len() {
            self.tell_target_probes(self.gates.competing[index], engine);
        }
    }
}
