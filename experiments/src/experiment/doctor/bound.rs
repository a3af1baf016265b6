//! What bounds the load of a cell, in words.

use models::compute::Parameters;
use models::deployment::Topology;
use models::ids::CellId;
use models::work::Work;
use sim_core::random::Distribution;
use sim_settings::quantity::number_text;

/// What bounds the load that a cell carries: the key that says it, what stands before the figure, and the advice.
pub(super) struct Bound {
    pub(super) key: Option<&'static str>,
    pub(super) has: String,
    pub(super) enough: String,
}

impl Bound {
    pub(super) fn new(key: Option<&'static str>, has: impl Into<String>, enough: impl Into<String>) -> Self {
        Self { key, has: has.into(), enough: enough.into() }
    }

    /// What bounds the service itself, which gets so many requests per second.
    pub(super) fn of(topology: &Topology, cell: CellId, load: f64) -> Self {
        let Some(compute) = topology.compute(cell) else { return Self::new(None, "it carries", "give it more") };
        let work = topology.work(cell);
        let admits = work.map_or(f64::INFINITY, Work::admits);
        match compute {
            Parameters::AutoScaling(_) | Parameters::Ecs(_) | Parameters::Eks(_) => {
                let fleet = compute.fleet().expect("instances, tasks and pods are fleets");
                let aimed = compute.target().unwrap_or(1.0);
                let enough = (load / (fleet.requests_per_second.min(admits) * aimed)).ceil();
                Self::new(
                    Some(compute.noun()),
                    format!("{} {} carry", fleet.desired, compute.noun()),
                    format!("begin with `desired = {enough}` or more"),
                )
            }
            Parameters::Lambda(_) => Self::new(None, "its functions carry", "raise what the account allows"),
            Parameters::Managed { carries } | Parameters::External { carries, .. } if admits < *carries => {
                let seconds = work.and_then(|work| work.response.as_ref()).map_or(0.0, Distribution::mean);
                let enough = number_text((load * seconds * 1e6).ceil() / 1e6);
                Self::new(
                    Some("concurrency"),
                    "its concurrency admits",
                    format!("let `concurrency` be {enough} or more"),
                )
            }
            Parameters::Managed { .. } | Parameters::External { .. } => Self::new(
                Some("requests-per-second"),
                "it carries",
                format!("let `requests-per-second` be {} or more", number_text(load)),
            ),
        }
    }
}
