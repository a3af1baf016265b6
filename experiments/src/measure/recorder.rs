//! Watches a trial and writes its row.

use models::aws::cloud_watch::State;
use models::deployment::{Happening, Observer, TOLERANCE, Topology};
use models::flow::Flow;
use models::stores::{Loss, Signal};
use sim_core::stats::TimeWeighted;
use sim_core::time::{SimDuration, SimTime};

use super::journey::JourneyFigures;

/// Shares of the flow to the faulted region whose moving is a milestone.
const MOVED: [f64; 3] = [0.5, 0.9, 0.99];

/// Requests per second that go to a region.
fn sent(offered: impl Iterator<Item = f64>, shares: &[f64], region: usize, regions: usize) -> f64 {
    offered.zip(shares.iter().skip(region).step_by(regions)).map(|(rate, share)| rate * share).sum()
}

/// Figures of one trial, in the order of [`super::columns()`].
#[derive(Debug)]
pub struct Recorder {
    up_when: f64,
    fault_regions: Vec<Option<usize>>,
    has_writer: Vec<bool>,
    start: Option<SimTime>,
    region: Option<usize>,
    journeys: Vec<JourneyFigures>,
    /// By population.
    offered: Vec<TimeWeighted>,
    failed: Vec<TimeWeighted>,
    /// Of the last flows.
    shares: Vec<f64>,
    latency: Option<f64>,
    /// Whether the clock has started, and what went to the faulted region then: offers by population, and the sum.
    counting: bool,
    struck_offer: Vec<f64>,
    struck: f64,
    latency_before: Option<f64>,
    health_flip: Option<SimTime>,
    answer_change: Option<SimTime>,
    moved: [Option<SimTime>; 3],
    alarms: Vec<Option<SimTime>>,
    promoted: Vec<Option<SimTime>>,
    row: Vec<f64>,
}

impl Recorder {
    /// A recorder for trials of this deployment.
    pub fn new(topology: &Topology) -> Self {
        let populations = topology.clients.len();
        Self {
            up_when: topology.up_when,
            fault_regions: topology.faults.iter().map(|fault| fault.kind.region()).collect(),
            has_writer: topology.stores.iter().map(|store| store.parameters.writer().is_some()).collect(),
            start: None,
            region: None,
            journeys: vec![JourneyFigures::default(); topology.journeys.len()],
            offered: vec![TimeWeighted::new(SimTime::ZERO, 0.0); populations],
            failed: vec![TimeWeighted::new(SimTime::ZERO, 0.0); populations],
            shares: vec![0.0; populations * topology.regions.len()],
            latency: None,
            counting: false,
            struck_offer: vec![0.0; populations],
            struck: 0.0,
            latency_before: None,
            health_flip: None,
            answer_change: None,
            moved: [None; 3],
            alarms: vec![None; topology.alarms.len()],
            promoted: vec![None; topology.stores.len()],
            row: Vec::new(),
        }
    }

    /// The row of the trial that ended last.
    pub fn row(&self) -> &[f64] {
        &self.row
    }

    /// The start of the clock, once it has started.
    fn clock(&self, now: SimTime) -> Option<SimTime> {
        self.start.filter(|&start| now >= start)
    }

    /// Follows the flow that went to the faulted region when the clock started: each population's offer of that
    /// instant, divided as its traffic is divided now.
    fn follow_moves(&mut self, now: SimTime, flow: &Flow) {
        let Some(region) = self.region else { return };
        let regions = flow.regions;
        if !self.counting {
            self.counting = true;
            // The flows before this instant, unless the trial begins with the fault.
            let begins = self.start == Some(SimTime::ZERO);
            for (struck, (before, now)) in self.struck_offer.iter_mut().zip(self.offered.iter().zip(&flow.offered)) {
                *struck = if begins { *now } else { before.value() };
            }
            let shares = if begins { &flow.shares } else { &self.shares };
            self.struck = sent(self.struck_offer.iter().copied(), shares, region, regions);
        }
        if self.struck <= 0.0 || self.moved[MOVED.len() - 1].is_some() {
            return;
        }
        let moved = 1.0 - sent(self.struck_offer.iter().copied(), &flow.shares, region, regions) / self.struck;
        for (milestone, share) in self.moved.iter_mut().zip(MOVED) {
            if milestone.is_none() && moved >= share - TOLERANCE {
                *milestone = Some(now);
            }
        }
    }

    fn write_row(&mut self, end: SimTime, losses: &[Loss]) {
        let start = self.start.unwrap_or(SimTime::ZERO);
        let since = |at: Option<SimTime>| at.map_or(f64::NAN, |at| at.since(start).as_secs_f64());
        let seconds = |time: Option<SimDuration>| time.map_or(f64::INFINITY, SimDuration::as_secs_f64);
        let recovery = |journey: &JourneyFigures| match self.start {
            Some(start) => seconds(journey.recovery(start)),
            None => 0.0,
        };
        self.row.clear();
        for journey in &self.journeys {
            self.row.extend([recovery(journey), journey.downtime.as_secs_f64(), journey.failed]);
            self.row.extend(journey.causes);
        }
        for loss in losses {
            self.row.extend([loss.seconds, loss.lost, loss.stranded, loss.overwritten]);
        }
        let first_alarm = self.alarms.iter().flatten().min().copied();
        let detected = self.health_flip.into_iter().chain(first_alarm).min();
        self.row.extend([since(detected), since(self.health_flip), since(self.answer_change)]);
        self.row.extend(self.moved.map(since));
        self.row.extend(self.alarms.iter().map(|at| since(*at)));
        let promoted = self.promoted.iter().zip(&self.has_writer).filter(|(_, has)| **has);
        self.row.extend(promoted.map(|(at, _)| since(*at)));
        self.row.push(self.journeys.iter().map(recovery).fold(0.0, f64::max));
        self.row.push(losses.iter().map(|loss| loss.seconds).fold(0.0, f64::max));
        for journey in &self.journeys {
            self.row.extend(journey.stages().map(SimDuration::as_secs_f64));
            self.row.extend([journey.lost_traffic, journey.offered, journey.degraded]);
        }
        self.row.extend(losses.iter().map(|loss| loss.delayed));
        for (failed, offered) in self.failed.iter().zip(&self.offered) {
            self.row.extend([failed.integral_at(end), offered.integral_at(end)]);
        }
        let milliseconds = |latency: Option<f64>| latency.map_or(f64::NAN, |latency| latency * 1_000.0);
        self.row.extend([milliseconds(self.latency_before), milliseconds(self.latency)]);
    }
}

impl Observer for Recorder {
    fn began(&mut self, clock: Option<(usize, SimTime)>) {
        self.start = clock.map(|(_, start)| start);
        self.region = clock.and_then(|(fault, _)| self.fault_regions[fault]);
        self.journeys.fill(JourneyFigures::default());
        self.offered.fill(TimeWeighted::new(SimTime::ZERO, 0.0));
        self.failed.fill(TimeWeighted::new(SimTime::ZERO, 0.0));
        self.latency = None;
        self.counting = false;
        self.latency_before = None;
        self.health_flip = None;
        self.answer_change = None;
        self.moved = [None; 3];
        self.alarms.fill(None);
        self.promoted.fill(None);
    }

    fn settled(&mut self, now: SimTime, flow: &Flow) {
        for (journey, flow) in self.journeys.iter_mut().zip(&flow.journeys) {
            journey.set(flow, self.up_when, now, self.start);
        }
        if self.clock(now).is_some() {
            if self.latency_before.is_none() {
                self.latency_before = self.latency;
            }
            self.follow_moves(now, flow);
        }
        for (offered, rate) in self.offered.iter_mut().zip(&flow.offered) {
            offered.set(now, *rate);
        }
        for (failed, rate) in self.failed.iter_mut().zip(&flow.failed) {
            failed.set(now, *rate);
        }
        self.shares.copy_from_slice(&flow.shares);
        self.latency = flow.mean_latency();
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        if self.clock(now).is_none() {
            return;
        }
        match what {
            Happening::HealthTurned { healthy: false, .. } => drop(self.health_flip.get_or_insert(now)),
            Happening::AnswerChanged { .. } => drop(self.answer_change.get_or_insert(now)),
            Happening::Alarm { alarm, state: State::Alarm } => drop(self.alarms[alarm].get_or_insert(now)),
            Happening::Store { store, signal: Signal::Promoted(_) } => drop(self.promoted[store].get_or_insert(now)),
            _ => {}
        }
    }

    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        // The horizon is exclusive: a fault that would begin there or later does not happen.
        self.start = self.start.filter(|&start| start < end);
        for journey in &mut self.journeys {
            journey.accumulate(end, self.start);
        }
        self.write_row(end, losses);
    }
}
