//! A source of made-up trials with the columns of a real one, for tests of runner, analysis and reports.

use models::cause::{CAUSES, Cause};
use models::stores::Loss;
use sim_core::random::{Mix, Stream, StreamId};
use sim_core::time::{SimDuration, SimTime};

use super::{Stop, Trials};
use crate::header::{AssumedFigure, Header, Indicator, Objective, Of};
use crate::overview::{Fault, Overview, Part};
use measure::outage::Outage;
use measure::{Columns, JourneyTrial, NervousTrial, PopulationTrial, Store, StoreTrial, Subjects, Time, Trial, Uptime};

/// A source whose figures are plain functions of the trial's number.
#[derive(Debug, Clone)]
pub(crate) struct Synthetic {
    pub(crate) header: Header,
    columns: Columns,
    /// Trials that panic.
    pub(crate) panics_at: Vec<u64>,
    /// Every n-th trial does not recover before the horizon.
    pub(crate) censor_every: Option<u64>,
    /// No trial goes down.
    pub(crate) harmless: bool,
    /// A trial during which a stop is asked for.
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
                Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.99, limit: 600.0 },
                Objective { indicator: Indicator::Rpo, of: Of::Worst, quantile: 0.99, limit: 5.0 },
            ],
            availability: None,
            own_availability: Vec::new(),
            own_up_when: Vec::new(),
            recurring: false,
            journeys: names(&["browse", "checkout"]),
            stores: names(&["sessions", "orders"]),
            queues: Vec::new(),
            alarms: names(&["orders-down"]),
            causes: Cause::ALL.iter().map(|cause| cause.name().to_owned()).collect(),
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
            questions: Vec::new(),
            assumed: vec![AssumedFigure {
                path: "dns.propagation".to_owned(),
                value: "{ lognormal = { median = \"3s\", p95 = \"10s\" } }".to_owned(),
                source: "no published figure".to_owned(),
                band: None,
            }],
            figures: Vec::new(),
            bill: None,
        };
        Self::of(header)
    }

    /// Trials of an experiment with this header.
    pub(crate) fn of(header: Header) -> Self {
        let columns = Columns::new(subjects(&header));
        Self { header, columns, panics_at: Vec::new(), censor_every: None, harmless: false, stops_at: None }
    }

    /// As [`Synthetic::typical`], with one trial in `every` not back at the horizon.
    pub(crate) fn censored(every: u64) -> Self {
        Self { censor_every: Some(every), ..Self::typical() }
    }
}

/// One store with a writer, and no others.
fn subjects(header: &Header) -> Subjects {
    let writers = header.stores.iter().position(|store| store == "orders").map(Store);
    Subjects {
        journeys: header.journeys.clone(),
        stores: header.stores.clone(),
        writers: writers.into_iter().collect(),
        queues: Vec::new(),
        alarms: header.alarms.clone(),
        populations: Vec::new(),
        parts: Vec::new(),
        parts_in_words: Vec::new(),
        links: Vec::new(),
        names: Vec::new(),
        blips: false,
        blips_recur: false,
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
    type Worker = Trial;

    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn worker(&self) -> Trial {
        Trial::default()
    }

    fn run(&self, worker: &mut Trial, trial: u64, row: &mut [f64], _: &mut Vec<Outage>) {
        assert!(!self.panics_at.contains(&trial), "synthetic failure");
        if let Some((_, stop)) = self.stops_at.as_ref().filter(|(at, _)| *at == trial) {
            stop.ask();
        }
        *worker = self.trial(trial);
        self.columns.write(worker, row);
    }

    /// All figures are of one stream.
    fn run_mixed(&self, worker: &mut Trial, mix: &Mix, row: &mut [f64], outages: &mut Vec<Outage>) {
        let mut stream = Stream::new(StreamId::new(self.header.seed, "synthetic", "trial"));
        stream.begin(mix);
        self.run(worker, (stream.uniform() * 1e9) as u64, row, outages);
    }
}

impl Synthetic {
    fn trial(&self, trial: u64) -> Trial {
        let subjects = self.columns.subjects();
        let censored = self.censor_every.is_some_and(|every| trial.is_multiple_of(every));
        // In every second trial two seconds, or five minutes.
        let down = if self.harmless { 0.0 } else { [2.0, 0.0, 300.0, 0.0][trial as usize % 4] / self.header.horizon };
        let uptime = Uptime { outages: usize::from(down > 0.0), availability: 1.0 - down, success: 1.0 - down / 2.0 };
        let journey = |index: u64| {
            let down = if self.harmless { 0.0 } else { 1.0 };
            let detection = down * (10.0 + 30.0 * uniform(trial, 10 * index));
            let decision = down * (60.0 + 400.0 * uniform(trial, 10 * index + 1).powi(3));
            // A censored trial's parts go on to the horizon; its fault is at 600 s.
            let total = if censored { 3_000.0 } else { detection + decision };
            let mut parts = [0.0; CAUSES];
            parts[Cause::Detection.index()] = detection;
            parts[Cause::Decision.index()] = total - detection;
            let stages = parts.map(SimDuration::from_secs_f64);
            let total = stages.iter().fold(SimDuration::ZERO, |sum, &stage| sum + stage);
            JourneyTrial {
                recovery: (!censored).then_some(total),
                downtime: total,
                offered: 2_880_000.0,
                failed: 10.0 * total.as_secs_f64(),
                causes: parts.map(|seconds| 10.0 * seconds),
                stages,
                lost_traffic: 0.8 * total.as_secs_f64(),
                first_back: if censored { Time::Censored } else { Time::Known(total) },
                uptime,
                ..JourneyTrial::default()
            }
        };
        let store = |index: u64| {
            let loss = (4.0 * uniform(trial, 100 + index)).powi(2) / 4.0;
            let loss =
                Loss { seconds: loss, lost: (loss * 40.0).floor(), stranded: (trial % 3) as f64, ..Loss::default() };
            let promoted = Some(SimDuration::from_secs(300 + trial % 7));
            StoreTrial { loss, promoted, ..StoreTrial::default() }
        };
        let journeys: Vec<JourneyTrial> = (0..subjects.journeys.len() as u64).map(journey).collect();
        let flip = SimDuration::from_secs_f64(10.0 + 30.0 * uniform(trial, 0));
        // The alarm does not fire in every trial.
        let alarm = (!trial.is_multiple_of(4)).then(|| SimDuration::from_secs(150));
        let after = |seconds| Some(SimDuration::from_secs(seconds));
        Trial {
            overall: uptime,
            worst_recovery: journeys
                .iter()
                .map(|journey| journey.recovery)
                .try_fold(SimDuration::ZERO, |most, own| own.map(|own| own.max(most))),
            journeys,
            stores: (0..subjects.stores.len() as u64).map(store).collect(),
            populations: vec![PopulationTrial::default(); subjects.populations.len()],
            links: vec![0.0; subjects.links.len()],
            queues: Vec::new(),
            parts: Vec::new(),
            names: Vec::new(),
            alarms: vec![alarm; subjects.alarms.len()],
            clock: Some(SimTime::ZERO + SimDuration::from_secs(600)),
            counts_from: Some(SimTime::ZERO + SimDuration::from_secs(600)),
            faults: 1,
            detected: Some(flip),
            health_flip: Some(flip),
            answer_change: Some(flip + SimDuration::from_secs(3)),
            moved: [after(50), after(80), after(200)],
            nervous: NervousTrial::default(),
            latency_before: Some(0.0425),
            latency_after: Some(0.08725),
        }
    }
}
