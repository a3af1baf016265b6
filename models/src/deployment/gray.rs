//! What fails in part: gray failures, blips, bad deployments, and functions of which some invocations fail; of a whole cell, or of
//! its members in one zone.

use sim_core::engine::Engine;
use sim_core::time::SimTime;

use super::compute::Compute;
use super::partial::{Gray, ZONES};
use super::{Assembly, Key};
use crate::faults::{BadDeploy, Kind};
use crate::ids::{CellId, RegionId, ServiceId};

impl Assembly {
    /// Requests to a service in a region, or to all that are entered there, fail more often or less often than before.
    pub(super) fn gray_changes(&mut self, region: RegionId, service: Option<ServiceId>, engine: &mut Engine<Key>) {
        for index in 0..self.cells[region].len() {
            let cell = self.cells[region][index];
            if self.topology.graph.is_struck(cell, region, service) {
                self.gray_changed(cell, engine);
            }
        }
    }

    /// Requests to a cell fail more often or less often than before.
    pub(super) fn gray_changed(&mut self, cell: CellId, engine: &mut Engine<Key>) {
        let gray = self.combined_gray(cell, engine.now());
        self.gray[cell] = gray;
        let zones = self.gray_zones(cell);
        if let Some(compute) = &mut self.computes[cell] {
            compute.set_gray_zones(zones, engine);
        }
        self.tell_target_probes(cell, engine);
        self.dirty.places = true;
    }

    /// What overlapping gray failures fail, each kind of request by itself. An impairment of Lambda is one where the
    /// application runs on it: invocations fail, those for checks like any others.
    fn combined_gray(&self, cell: CellId, now: SimTime) -> Gray {
        let (_, own) = self.topology.graph.place(cell);
        let on_lambda = self.topology.compute(cell).is_some_and(|it| it.function().is_some());
        let mut pass = [1.0; 3];
        for kind in self.active() {
            let (strikes, fails) = match *kind {
                Kind::GrayFailure { region, service, zone: None, error, probes } => (
                    region == own && self.topology.graph.is_struck(cell, region, service),
                    [error, probes.route53(error), probes.targets()],
                ),
                Kind::Blip { region, probes, error } => {
                    (self.topology.graph.is_struck(cell, region, None), [error, probes, 0.0])
                }
                Kind::LambdaImpairment { region, error } if on_lambda => (region == own, [error, error, 0.0]),
                _ => continue,
            };
            if strikes {
                for (pass, fails) in pass.iter_mut().zip(fails) {
                    *pass *= 1.0 - fails;
                }
            }
        }
        for (deploy, share) in self.faults.component().deployed(own, now) {
            let BadDeploy { error, probes, service, .. } = *deploy;
            if !self.topology.graph.is_struck(cell, own, service) {
                continue;
            }
            for (pass, fails) in pass.iter_mut().zip([error, probes.route53(error), probes.targets()]) {
                *pass *= 1.0 - share * fails;
            }
        }
        let [requests, probes, target_probes] = pass.map(|pass| 1.0 - pass);
        Gray { requests, probes, target_probes }
    }

    /// The same of gray failures of single zones, by zone.
    fn gray_zones(&self, cell: CellId) -> [Gray; ZONES] {
        let mut zones = [Gray::default(); ZONES];
        let (_, own) = self.topology.graph.place(cell);
        for kind in self.active() {
            let Kind::GrayFailure { region, service, zone: Some(zone), error, probes } = *kind else { continue };
            if region == own && self.topology.graph.is_struck(cell, region, service) {
                zones[zone].add(Gray {
                    requests: error,
                    probes: probes.route53(error),
                    target_probes: probes.targets(),
                });
            }
        }
        zones
    }
}

impl Compute {
    /// This fails in each zone from now on.
    pub(super) fn set_gray_zones(&mut self, zones: [Gray; ZONES], engine: &mut Engine<Key>) {
        let Self::Fleet { group, balancer, gray, .. } = self else { return };
        if *gray == zones {
            return;
        }
        *gray = zones;
        let members = group.members();
        for (zone, gray) in zones.iter().enumerate() {
            for member in 0..members.places() {
                if members.is_in_zone(member, zone) && balancer.component().knows(member) {
                    engine.call(balancer, |balancer, ctx| balancer.set_failing_at(member, gray.target_probes, ctx));
                }
            }
        }
    }

    /// What fails in zones, as shares of all that live members get.
    pub(super) fn gray_in_zones(&self) -> Gray {
        let mut all = Gray::default();
        let Self::Fleet { group, balancer, gray: zones, .. } = self else { return all };
        if zones.iter().all(|zone| *zone == Gray::default()) {
            return all;
        }
        let (members, balancer) = (group.members(), balancer.component());
        let whole = f64::from(balancer.rotation().live);
        for (zone, gray) in zones.iter().enumerate() {
            let serves = |member: &usize| members.is_in_zone(*member, zone) && balancer.serves(*member);
            let share = (0..members.places()).filter(serves).count() as f64 / whole.max(1.0);
            all.requests += share * gray.requests;
            all.probes += share * gray.probes;
        }
        all
    }
}
