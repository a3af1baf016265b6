//! A source of made-up trials with the columns of a real one: what tests of runner, analysis and reports run.

use super::{Stop, Trials};
use crate::header::{AssumedFigure, Header, Measure, Objective};
use crate::outage::Outage;
use crate::overview::{Fault, Overview, Part};

/// Causes in the order of the stages.
const CAUSES: [&str; 10] = [
    "detection",
    "propagation",
    "dns-cache",
    "no-path",
    "targets",
    "capacity",
    "decision",
    "promotion",
    "endpoint-update",
    "dependency",
];

/// A source whose figures are plain functions of the trial's number.
#[derive(Debug, Clone)]
pub(crate) struct Synthetic {
    pub(crate) header: Header,
    /// Trials that panic.
    pub(crate) panics_at: Vec<u64>,
    /// Every n-th trial does not recover before the horizon.
    pub(crate) censor_every: Option<u64>,
    /// Whether the trials tell of availability.
    pub(crate) available: bool,
    /// No trial goes down.
    pub(crate) harmless: bool,
    /// A trial during which somebody asks for a stop.
    pub(crate) stops_at: Option<(u64, Stop)>,
}

impl Synthetic {
    /// Two journeys, two stores, an alarm, two objectives; every trial recovers.
    pub(crate) fn typical() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let header = Header {
            name: "active-active".to_owned(),
            description: "Two regions serve; one writer".to_owned(),
            version: "0.1.0".to_owned(),
            hash: "b3:0123456789abcdef".to_owned(),
            resolved: "name = \"active-active\"\nseed = 1\n".to_owned(),
            seed: 1,
            horizon: 3_600.0,
            up_when: 0.99,
            objectives: vec![
                Objective { measure: Measure::Rto, quantile: 0.99, limit: 600.0 },
                Objective { measure: Measure::Rpo, quantile: 0.99, limit: 5.0 },
            ],
            availability: None,
            recurring: false,
            journeys: names(&["browse", "checkout"]),
            stores: names(&["sessions", "orders"]),
            alarms: names(&["orders-down"]),
            causes: names(&CAUSES),
            overview: Overview {
                regions: ["us-east-1", "eu-west-1"]
                    .map(|name| Part { name: name.to_owned(), ..Part::default() })
                    .to_vec(),
                faults: vec![Fault {
                    what: "us-east-1 is gone".to_owned(),
                    when: "from 10 min on, for good".to_owned(),
                }],
                ..Overview::default()
            },
            assumed: vec![AssumedFigure {
                path: "dns.propagation".to_owned(),
                value: "{ lognormal = { median = \"3s\", p95 = \"10s\" } }".to_owned(),
                source: "no published figure".to_owned(),
            }],
        };
        Self { header, panics_at: Vec::new(), censor_every: None, available: false, harmless: false, stops_at: None }
    }

    /// As [`Synthetic::typical`], with one trial in `every` not back at the horizon.
    pub(crate) fn censored(every: u64) -> Self {
        Self { censor_every: Some(every), ..Self::typical() }
    }
}

/// A number in [0, 1) that looks random and depends on the trial and the purpose alone.
fn uniform(trial: u64, purpose: u64) -> f64 {
    let mut bits = trial.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.wrapping_mul(0xD1B5_4A32_D192_ED03);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

impl Trials for Synthetic {
    type Worker = Vec<f64>;

    fn columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        for journey in &self.header.journeys {
            columns.extend(["recovery_s", "downtime_s", "failed"].map(|figure| format!("journey.{journey}.{figure}")));
            columns.extend(self.header.causes.iter().map(|cause| format!("journey.{journey}.cause.{cause}")));
        }
        for store in &self.header.stores {
            columns
                .extend(["loss_s", "lost", "stranded", "overwritten"].map(|figure| format!("store.{store}.{figure}")));
        }
        columns.extend(
            ["detect_s", "health_flip_s", "answer_change_s", "moved50_s", "moved90_s", "moved99_s"].map(str::to_owned),
        );
        columns.extend(self.header.alarms.iter().map(|alarm| format!("alarm.{alarm}_s")));
        columns.extend(["promoted.orders_s", "worst.recovery_s", "worst.loss_s"].map(str::to_owned));
        for journey in &self.header.journeys {
            columns.extend(self.header.causes.iter().map(|cause| format!("journey.{journey}.stage.{cause}_s")));
            columns.extend(
                ["stage.up_s", "lost_traffic_s", "offered"].map(|figure| format!("journey.{journey}.{figure}")),
            );
        }
        columns.extend(["latency_before_ms", "latency_after_ms"].map(str::to_owned));
        if self.available {
            let journeys = self.header.journeys.iter().map(|journey| format!("journey.{journey}"));
            for what in journeys.chain(["overall".to_owned()]) {
                columns.extend(["outages", "availability", "success"].map(|figure| format!("{what}.{figure}")));
            }
        }
        columns
    }

    fn worker(&self) -> Vec<f64> {
        Vec::new()
    }

    fn run(&self, worker: &mut Vec<f64>, trial: u64, row: &mut [f64], _: &mut Vec<Outage>) {
        assert!(!self.panics_at.contains(&trial), "synthetic failure");
        if let Some((_, stop)) = self.stops_at.as_ref().filter(|(at, _)| *at == trial) {
            stop.ask();
        }
        let censored = self.censor_every.is_some_and(|every| trial.is_multiple_of(every));
        worker.clear();
        let mut worst: f64 = 0.0;
        let mut stages = Vec::new();
        for index in 0..self.header.journeys.len() as u64 {
            let down = if self.harmless { 0.0 } else { 1.0 };
            let detection = down * (10.0 + 30.0 * uniform(trial, 10 * index));
            let decision = down * (60.0 + 400.0 * uniform(trial, 10 * index + 1).powi(3));
            // A censored trial's parts go on to the horizon; its fault is at 600 s.
            let total = if censored { 3_000.0 } else { detection + decision };
            let recovery = if censored { f64::INFINITY } else { total };
            worst = worst.max(recovery);
            worker.extend([recovery, total, 10.0 * total]);
            let mut causes = [0.0; CAUSES.len()];
            (causes[0], causes[6]) = (detection, total - detection);
            worker.extend(causes.map(|seconds| 10.0 * seconds));
            stages.extend(causes);
            stages.extend([0.0, 0.8 * total, 2_880_000.0]);
        }
        let mut worst_loss: f64 = 0.0;
        for index in 0..self.header.stores.len() as u64 {
            let loss = (4.0 * uniform(trial, 100 + index)).powi(2) / 4.0;
            worst_loss = worst_loss.max(loss);
            worker.extend([loss, (loss * 40.0).floor(), (trial % 3) as f64, 0.0]);
        }
        let flip = 10.0 + 30.0 * uniform(trial, 0);
        worker.extend([flip, flip, flip + 3.0, 50.0, 80.0, 200.0]);
        // The alarm does not fire in every trial.
        worker.extend(vec![if trial.is_multiple_of(4) { f64::NAN } else { 150.0 }; self.header.alarms.len()]);
        worker.extend([300.0 + (trial % 7) as f64, worst, worst_loss]);
        worker.extend(stages);
        worker.extend([42.5, 87.25]);
        if self.available {
            // In every second trial two seconds, or five minutes.
            let down =
                if self.harmless { 0.0 } else { [2.0, 0.0, 300.0, 0.0][trial as usize % 4] / self.header.horizon };
            for _ in 0..=self.header.journeys.len() {
                worker.extend([f64::from(u8::from(down > 0.0)), 1.0 - down, 1.0 - down / 2.0]);
            }
        }
        row.copy_from_slice(worker);
    }
}
