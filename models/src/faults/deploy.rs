//! Faults of one's own making: deployments that fail a share of requests, and end when they are rolled back.
//!
//! A bad deployment strikes its regions in their order, a while apart, and may fail more and more in each (a canary that
//! grows). What it fails at an instant follows from how long ago it began.

use sim_core::time::SimDuration;

use super::Probes;
use crate::ids::{RegionId, ServiceId};
use crate::ramp::Ramp;

/// A bad deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct BadDeploy {
    /// The service; the one that clients enter without.
    pub service: Option<ServiceId>,
    /// The regions in the order in which it comes to them.
    pub regions: Vec<RegionId>,
    /// From one region to the next.
    pub stagger: SimDuration,
    /// Share of requests that fail where all of it is deployed.
    pub error: f64,
    /// What health checks see.
    pub probes: Probes,
    /// The parts in which it comes to each region.
    pub ramp: Option<Ramp>,
}

impl BadDeploy {
    /// Share of it that runs in a region, so long after it began.
    pub fn deployed(&self, region: RegionId, after: SimDuration) -> f64 {
        let place = self.regions.iter().position(|own| *own == region);
        let Some(begins) = place.map(|place| self.begins(place)).filter(|begins| *begins <= after) else { return 0.0 };
        let Some(ramp) = self.ramp else { return 1.0 };
        let within = after.as_nanos() - begins.as_nanos();
        ramp.reached((within / ramp.every.as_nanos() + 1).min(ramp.steps))
    }

    /// When it next changes something in a region, later than so long after it began.
    pub(super) fn next_change(&self, after: SimDuration) -> Option<SimDuration> {
        let next_in = |place: usize| {
            let begins = self.begins(place);
            if begins > after {
                return Some(begins);
            }
            let ramp = self.ramp?;
            let part = (after.as_nanos() - begins.as_nanos()) / ramp.every.as_nanos() + 1;
            (part < ramp.steps).then(|| begins + ramp.every.times(part))
        };
        (0..self.regions.len()).filter_map(next_in).min()
    }

    /// From its beginning until it comes to the region at this place.
    fn begins(&self, place: usize) -> SimDuration {
        self.stagger.times(place as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;

    fn seconds(seconds: u64) -> SimDuration {
        SimDuration::from_secs(seconds)
    }

    /// Two regions 100 s apart, in four parts of 30 s each.
    #[test]
    fn what_is_deployed_follows_from_the_time_since_it_began() {
        let mut deploy = BadDeploy {
            service: None,
            regions: vec![R[1], R[0]],
            stagger: seconds(100),
            error: 0.5,
            probes: Probes::See(1.0),
            ramp: Some(Ramp { steps: 4, every: seconds(30) }),
        };
        let shares = |deploy: &BadDeploy, region| {
            [0, 29, 30, 89, 90, 99, 100, 189, 190, 1_000].map(|after| deploy.deployed(region, seconds(after)))
        };
        assert_eq!(shares(&deploy, R[1]), [0.25, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(shares(&deploy, R[0]), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.75, 1.0, 1.0]);
        assert_eq!(deploy.deployed(R[2], seconds(500)), 0.0, "it does not come there");
        let mut changes = vec![0];
        while let Some(next) = deploy.next_change(seconds(changes[changes.len() - 1])) {
            changes.push(next.as_nanos() / 1_000_000_000);
        }
        assert_eq!(changes, [0, 30, 60, 90, 100, 130, 160, 190]);
        deploy.ramp = None;
        assert_eq!(shares(&deploy, R[0]), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(deploy.next_change(seconds(100)), None);
    }
}
