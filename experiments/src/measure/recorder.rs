//! Watches a trial and writes its row.

use models::aws::cloud_watch::State;
use models::deployment::{Happening, Observer, TOLERANCE, Topology};
use models::flow::Flow;
use models::stores::{Loss, Signal};
use sim_core::time::{SimDuration, SimTime};

use super::journey::JourneyFigures;

/// Shares of the flow to the faulted region whose moving is a milestone.
const MOVED: [f64; 3] = [0.5, 0.9, 0.99];

/// Requests per second that go to a region.
fn sent(offered: &[f64], shares: &[f64], region: usize, regions: usize) -> f64 {
    offered.iter().enumerate().map(|(population, rate)| rate * shares[population * regions + region]).sum()
}

/// Figures of one trial, in the order of [`super::columns()`].
#[derive(Debug)]
pub struct Recorder {
    up_when: f64,
    fault_regions: Vec<Option<usize>>,
    has_writer: Vec<bool>,
    start: Option<SimTime>,
    region: Option<usize>,
    last: SimTime,
    journeys: Vec<JourneyFigures>,
    population_failed: Vec<f64>,
    population_offered: Vec<f64>,
    /// Flows since the last change.
    offered: Vec<f64>,
    failed: Vec<f64>,
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
            last: SimTime::ZERO,
            journeys: vec![JourneyFigures::default(); topology.journeys.len()],
            population_failed: vec![0.0; populations],
            population_offered: vec![0.0; populations],
            offered: vec![0.0; populations],
            failed: vec![0.0; populations],
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

    fn accumulate(&mut self, now: SimTime) {
        let clock = self.clock(now);
        let seconds = now.since(self.last).as_secs_f64();
        for journey in &mut self.journeys {
            journey.accumulate(self.last, now, seconds, clock);
        }
        for population in 0..self.offered.len() {
            self.population_offered[population] += self.offered[population] * seconds;
            self.population_failed[population] += self.failed[population] * seconds;
        }
        self.last = now;
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
            let (offered, shares) = if begins { (&flow.offered, &flow.shares) } else { (&self.offered, &self.shares) };
            self.struck_offer.copy_from_slice(offered);
            self.struck = sent(offered, shares, region, regions);
        }
        if self.struck <= 0.0 || self.moved[MOVED.len() - 1].is_some() {
            return;
        }
        let moved = 1.0 - sent(&self.struck_offer, &flow.shares, region, regions) / self.struck;
        for (milestone, share) in self.moved.iter_mut().zip(MOVED) {
            if milestone.is_none() && moved >= share - TOLERANCE {
                *milestone = Some(now);
            }
        }
    }

    fn write_row(&mut self, losses: &[Loss]) {
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
        for (failed, offered) in self.population_failed.iter().zip(&self.population_offered) {
            self.row.extend([*failed, *offered]);
        }
        let milliseconds = |latency: Option<f64>| latency.map_or(f64::NAN, |latency| latency * 1_000.0);
        self.row.extend([milliseconds(self.latency_before), milliseconds(self.latency)]);
    }
}

impl Observer for Recorder {
    fn began(&mut self, clock: Option<(usize, SimTime)>) {
        self.start = clock.map(|(_, start)| start);
        self.region = clock.and_then(|(fault, _)| self.fault_regions[fault]);
        self.last = SimTime::ZERO;
        self.journeys.fill(JourneyFigures::default());
        for figures in [&mut self.population_failed, &mut self.population_offered, &mut self.offered, &mut self.failed]
        {
            figures.fill(0.0);
        }
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
        self.accumulate(now);
        let clock = self.clock(now);
        for (journey, flow) in self.journeys.iter_mut().zip(&flow.journeys) {
            journey.set(flow, self.up_when, now, clock);
        }
        if clock.is_some() {
            if self.latency_before.is_none() {
                self.latency_before = self.latency;
            }
            self.follow_moves(now, flow);
        }
        self.offered.copy_from_slice(&flow.offered);
        self.failed.copy_from_slice(&flow.failed);
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
        self.accumulate(end);
        self.write_row(losses);
    }
}
