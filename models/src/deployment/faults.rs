//! What faults do to the deployment: to places and paths, and to the services that they impair.

use sim_core::engine::Engine;

use super::compute::Compute;
use super::door::Door;
use super::{Assembly, Happening, Key, Observer};
use crate::compute::auto_scaling::Failure;
use crate::faults::{Kind, Signal, Slowdown, Struck};
use crate::ids::{AlarmId, FaultId, PopulationId, RegionId, ServiceId, StoreId};
use crate::needs::Access;
use crate::services::Graph;

impl Assembly {
    pub(super) fn on_fault(&mut self, signal: Signal, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let (occurrence, begins) = match signal {
            Signal::Began(occurrence) => (occurrence, true),
            Signal::Ended(occurrence) => (occurrence, false),
            Signal::Advanced(occurrence) => {
                return self.deployment_changed(self.faults.component().fault_of(occurrence), engine);
            }
            Signal::Shows(occurrence) => return self.corruption_shows(occurrence, observer, engine),
        };
        let fault = self.faults.component().fault_of(occurrence);
        let zone = self.faults.component().zone(occurrence);
        let what = if begins { Happening::FaultBegan { fault, zone } } else { Happening::FaultEnded(fault) };
        observer.happened(engine.now(), what);
        let under_way = &mut self.under_way[fault];
        *under_way = if begins { *under_way + 1 } else { *under_way - 1 };
        match self.topology.faults[fault].kind {
            Kind::RegionOutage { region, destroyed } => {
                self.region_struck(region, destroyed, begins, observer, engine);
            }
            Kind::ZoneOutage { region, terminated, .. } => {
                let zone = zone.expect("a zone outage has a zone");
                if begins && terminated {
                    self.hosts_gone(region, zone, engine);
                }
                if self.world.set_zone_out(region, zone, begins) {
                    self.zone_changed(region, zone, !begins, engine);
                }
            }
            Kind::Partition { a, b } => {
                if self.world.set_cut(a, b, begins) {
                    self.path_of_calls_changed([a, b], begins, engine);
                    self.places_changed(engine);
                }
            }
            Kind::ReplicationStall { .. } => self.replication_stalled(fault, begins, engine),
            Kind::GrayFailure { region, service, .. } => {
                self.gray_changes(region, service, engine);
            }
            Kind::Blip { region, .. } => self.gray_changes(region, None, engine),
            Kind::RecordLost { ref names } => {
                for &name in names {
                    let lost = &mut self.lost_names[name];
                    *lost = if begins { *lost + 1 } else { *lost - 1 };
                }
                self.dirty.routing = true;
            }
            Kind::OwnRecordLost(_) => self.own_name_changed(fault, engine),
            Kind::SlowFailure(Slowdown { region, of, .. }) => self.slowed(region, of, engine),
            Kind::CapacityLoss { region, of: Struck::Store(store), .. } => self.lessen(region, store),
            Kind::CapacityLoss { .. } => self.dirty.places = true,
            Kind::BadDeploy(_) => self.deployment_changed(fault, engine),
            Kind::ServiceImpairment { service, region, .. } => self.service_impaired(service, region),
            Kind::StoreImpairment { store, region, .. } => self.impairment_changed(store, region, engine),
            Kind::Corruption { .. } => self.stores_corrupted(fault, engine),
            Kind::ControlPlaneOutage { region } => {
                if self.world.set_control_out(region, begins) {
                    let (up, control_up) = (self.world.up(region), self.world.control_up(region));
                    for &cell in &self.cells[region] {
                        if let Some(compute) = &mut self.computes[cell] {
                            compute.control_changed(up, control_up, engine);
                        }
                    }
                    self.places_changed(engine);
                }
            }
            Kind::LambdaImpairment { region, error } => {
                for index in 0..self.cells[region].len() {
                    self.gray_changed(self.cells[region][index], engine);
                }
                // As long as anything gets through, events that are tried again do.
                if error >= 1.0 && self.world.set_lambda_out(region, begins) {
                    self.places_changed(engine);
                }
            }
            Kind::MetricsOutage { region } => {
                if self.world.set_metrics_out(region, begins) {
                    self.alarms_changed(region, observer, engine);
                    for &cell in &self.cells[region] {
                        if let Some(compute) = &mut self.computes[cell] {
                            compute.set_measured(!begins, engine);
                        }
                    }
                }
            }
            Kind::InstanceFailures { region, service, probability, terminated } => {
                let failure = if terminated { Failure::Terminated } else { Failure::Application };
                let before = self.serving(region);
                for index in 0..self.cells[region].len() {
                    let cell = self.cells[region][index];
                    let struck = self.topology.graph.is_struck(cell, region, service);
                    let Some(compute) = self.computes[cell].as_mut().filter(|_| struck) else { continue };
                    if begins {
                        let strikes = || self.faults.component_mut().strikes(fault, probability);
                        compute.instances_fail(occurrence, failure, strikes, engine);
                    } else {
                        compute.instances_recover(occurrence, engine);
                    }
                    self.dirty.places = true;
                }
                self.instances_gone(region, before);
            }
            Kind::LoadSurge { .. } => {
                for population in self.surge.ids() {
                    self.surge[population] = self.combined_surge(population);
                }
                self.dirty.traffic = u64::MAX;
            }
            Kind::InsufficientCapacity { region, .. } => {
                let probability = self.combined_shortage(region);
                for &cell in &self.cells[region] {
                    if let Some(compute) = &mut self.computes[cell] {
                        compute.set_shortage(probability);
                    }
                }
            }
        }
    }

    fn region_struck(
        &mut self,
        region: RegionId,
        destroyed: bool,
        begins: bool,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        if destroyed && begins {
            for store in &mut self.stores {
                store.destroyed(region);
            }
            self.backups_destroyed(region, engine);
        }
        if self.world.set_out(region, begins) {
            if begins {
                self.cut_links(region, engine.now());
            }
            self.region_changed(region, !begins, observer, engine);
        }
    }

    /// Replication of some stores stops between some regions, or goes on.
    fn replication_stalled(&mut self, fault: FaultId, begins: bool, engine: &mut Engine<Key>) {
        let Kind::ReplicationStall { stores, region, between } = &self.topology.faults[fault].kind else { return };
        let struck = |a: RegionId, b: RegionId| match *between {
            Some(pair) => pair == (a, b) || pair == (b, a),
            None => region.is_none_or(|region| region == a || region == b),
        };
        for from in self.topology.regions.ids() {
            for to in self.topology.regions.ids().filter(|&to| to != from && struck(from, to)) {
                for &store in stores {
                    self.stores[store].stalls(from, to, begins);
                }
            }
        }
        self.places_changed(engine);
    }

    /// A bad deployment came to a region, further into one, or is undone.
    fn deployment_changed(&mut self, fault: FaultId, engine: &mut Engine<Key>) {
        for region in RegionId::all(self.topology.endpoints) {
            let Kind::BadDeploy(deploy) = &self.topology.faults[fault].kind else { return };
            if deploy.regions.contains(&region) {
                self.gray_changes(region, deploy.service, engine);
            }
        }
    }

    /// Requests to a service fail more often or less often than before: in a region, or in its only place.
    fn service_impaired(&mut self, service: ServiceId, region: Option<RegionId>) {
        let pass = |kind: &Kind| match *kind {
            Kind::ServiceImpairment { service: own, region: place, error } if (own, place) == (service, region) => {
                1.0 - error
            }
            _ => 1.0,
        };
        let impaired = 1.0 - self.active().map(pass).product::<f64>();
        if let Some(cell) = self.topology.graph.cell(service, region.unwrap_or(RegionId::new(0))) {
            self.impaired_cells[cell] = impaired;
            self.dirty.places = true;
        }
    }

    /// Accesses to a store's copy fail more often or less often than before.
    pub(super) fn impairment_changed(&mut self, store: StoreId, region: RegionId, engine: &mut Engine<Key>) {
        let impaired = [Access::Read, Access::Write].map(|access| self.combined_impairment(store, region, access));
        self.impaired[(store, region)] = impaired;
        self.stores[store].errs(region, impaired[Access::Write as usize] > 0.0);
        self.look_again_at(store, engine);
        self.dirty.places = true;
    }

    /// What is under way, each occurrence by itself.
    pub(super) fn active(&self) -> impl Iterator<Item = &Kind> {
        let faults = self.topology.faults.iter().zip(&self.under_way);
        faults.flat_map(|(fault, &count)| std::iter::repeat_n(&fault.kind, count as usize))
    }

    /// Share of such accesses to a copy that overlapping impairments fail.
    fn combined_impairment(&self, store: StoreId, region: RegionId, access: Access) -> f64 {
        let pass = |kind: &Kind| match *kind {
            Kind::StoreImpairment { store: own, region: place, only, error }
                if (own, place) == (store, region) && only.is_none_or(|only| only == access) =>
            {
                1.0 - error
            }
            _ => 1.0,
        };
        1.0 - self.active().map(pass).product::<f64>() * (1.0 - self.unusable(store))
    }

    fn combined_surge(&self, population: PopulationId) -> f64 {
        let factor = |kind: &Kind| match kind {
            Kind::LoadSurge { clients, factor } if clients.contains(&population) => *factor,
            _ => 1.0,
        };
        self.active().map(factor).product()
    }

    fn combined_shortage(&self, region: RegionId) -> f64 {
        let pass = |kind: &Kind| match kind {
            Kind::InsufficientCapacity { region: own, probability } if *own == region => 1.0 - probability,
            _ => 1.0,
        };
        1.0 - self.active().map(pass).product::<f64>()
    }

    /// A region went out or came back.
    fn region_changed(&mut self, region: RegionId, up: bool, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let control_up = self.world.control_up(region);
        for &cell in &self.cells[region] {
            if let Some(compute) = &mut self.computes[cell] {
                compute.region_changed(up, control_up, engine);
            }
            self.solver.overload[cell.index()] = 0.0;
        }
        for population in &mut self.populations {
            for place in self.topology.graph.entries(region) {
                let several = self.columns.to(place).map(|column| self.topology.places() + column);
                for column in std::iter::once(place.index()).chain(several) {
                    engine.call(population, |population, ctx| population.set_serving(column, up, ctx));
                }
            }
        }
        if let Door::Dns(routing) = &mut self.door {
            engine.call(routing, |routing, ctx| routing.place_changed(region, up, ctx));
        }
        self.alarms_changed(region, observer, engine);
        self.places_changed(engine);
    }

    /// Alarms that live in a region went blind with it or with its metrics, or see again; so does what Route 53 evaluates
    /// of theirs.
    fn alarms_changed(&mut self, region: RegionId, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let sees = self.world.evaluates_alarms(region);
        let own = self.topology.alarms.len();
        for (index, alarm) in self.alarms.iter_mut().enumerate() {
            let written = if index < own { AlarmId::new(index) } else { self.evaluated[index - own] };
            if self.topology.alarms[written].hosted_in == region {
                engine.call(alarm, |alarm, ctx| alarm.set_host(sees, ctx));
            }
        }
        if !self.evaluated.is_empty() {
            self.update_guards(observer, engine);
        }
    }

    fn zone_changed(&mut self, region: RegionId, zone: usize, up: bool, engine: &mut Engine<Key>) {
        let before = self.serving(region);
        let others = (0..self.world.zones(region)).filter(|&other| other != zone);
        let others = others.filter(|&other| self.world.zone_up(region, other)).count();
        for &cell in &self.cells[region] {
            if let Some(compute) = &mut self.computes[cell] {
                compute.zone_changed(zone, up, others, engine);
            }
        }
        self.instances_gone(region, before);
        self.places_changed(engine);
    }

    /// The hosts of a zone are gone, and their instances with them.
    fn hosts_gone(&mut self, region: RegionId, zone: usize, engine: &mut Engine<Key>) {
        let before = self.serving(region);
        for &cell in &self.cells[region] {
            if let Some(compute) = &mut self.computes[cell] {
                compute.zone_failed(zone, Failure::Terminated, engine);
            }
        }
        self.instances_gone(region, before);
        self.dirty.places = true;
    }

    /// Live instances of the services that clients enter in a region, as far as they get requests.
    pub(super) fn serving(&self, region: RegionId) -> u32 {
        let entries = self.topology.graph.entries(region).map(Graph::cell_at);
        entries.filter_map(|cell| self.computes[cell].as_ref()).map(Compute::serving).sum()
    }

    /// Tells the stores how many of the instances that served before do so no longer: what they kept is gone. Returns whether any is
    /// gone.
    pub(super) fn instances_gone(&mut self, region: RegionId, before: u32) -> bool {
        let gone = before.saturating_sub(self.serving(region));
        if gone > 0 {
            for store in &mut self.stores {
                store.instances_gone(region, f64::from(gone) / f64::from(before));
            }
        }
        gone > 0
    }
}
