//! Watches a trial and sums it up.

use models::aws::cloud_watch::State;
use models::by_id::ById;
use models::cause::{CAUSES, Cause};
use models::deployment::{Clock, Happening, Observer, TOLERANCE, Topology};
use models::flow::Flow;
use models::grid::Grid;
use models::ids::{FaultId, RegionId, RunbookId};
use models::runbooks::{self, Action};
use models::stores::{Loss, Signal};
use sim_core::stats::TimeWeighted;
use sim_core::time::{SimDuration, SimTime};

use super::journey::{JourneyFigures, dominant};
use super::latency;
use super::moves::Moves;
use super::parts::Parts;
use super::planned::PlannedWork;
use super::timeline::{Spent, Timeline, UP, longest_cause, not_up};
use super::trial::{JourneyTrial, PopulationTrial, StoreTrial, Time, Trial, Uptime};
use crate::outage::Outage;

/// Shares of the flow to the faulted region whose moving is a milestone.
const MOVED: [f64; 3] = [0.5, 0.9, 0.99];

/// Watches trials of one deployment, one after the other.
#[derive(Debug)]
pub struct Recorder {
    /// By journey, the share of its requests that must succeed for it to count as up.
    up_when: Vec<f64>,
    fault_regions: ById<FaultId, Option<RegionId>>,
    /// By runbook, the region that it moves traffic from, if that is certain.
    emptied: ById<RunbookId, Option<RegionId>>,
    starts_clock: Vec<bool>,
    /// Whether faults come again and again: then recovery times are those of outages.
    recurring: bool,
    start: Option<SimTime>,
    /// From when recovery times count.
    counts_from: Clock,
    /// Planned work that starts the clock and has not begun.
    work: Option<SimTime>,
    region: Option<RegionId>,
    journeys: Vec<JourneyFigures>,
    /// By journey.
    latencies: Vec<latency::Latency>,
    /// When any journey was down.
    overall: Timeline,
    planned: PlannedWork,
    /// Faults so far that start the clock.
    faults: u32,
    /// By population.
    offered: Vec<TimeWeighted>,
    failed: Vec<TimeWeighted>,
    /// Of the last flows.
    shares: Grid<f64>,
    parts: Parts,
    latency: Latency,
    /// Whether the clock has started, and what went to the faulted region then.
    counting: bool,
    moves: Moves,
    latency_before: Option<f64>,
    health_flip: Option<SimTime>,
    answer_change: Option<SimTime>,
    moved: [Option<SimTime>; 3],
    alarms: Vec<Option<SimTime>>,
    /// By store.
    moments: Vec<Moments>,
    /// By store.
    at_risk: Vec<AtRisk>,
    trial: Trial,
}

impl Recorder {
    /// A recorder for trials of this deployment.
    pub fn new(topology: &Topology) -> Self {
        let populations = topology.clients.len();
        Self {
            up_when: topology.journeys.ids().map(|journey| topology.up_when(journey)).collect(),
            fault_regions: topology.faults.iter().map(|fault| fault.kind.region()).collect(),
            emptied: topology.runbooks.iter().map(|runbook| emptied(topology, runbook)).collect(),
            starts_clock: topology.faults.iter().map(|fault| topology.starts_clock(fault)).collect(),
            recurring: topology.recurring(),
            start: None,
            counts_from: Clock::default(),
            work: None,
            region: None,
            journeys: vec![JourneyFigures::default(); topology.journeys.len()],
            latencies: vec![latency::Latency::default(); topology.journeys.len()],
            overall: Timeline::default(),
            planned: PlannedWork::new(topology),
            faults: 0,
            offered: vec![TimeWeighted::new(SimTime::ZERO, 0.0); populations],
            failed: vec![TimeWeighted::new(SimTime::ZERO, 0.0); populations],
            shares: Grid::new(populations, topology.regions.len(), 0.0),
            parts: Parts::new(topology),
            latency: Latency::default(),
            counting: false,
            moves: Moves::new(populations),
            latency_before: None,
            health_flip: None,
            answer_change: None,
            moved: [None; 3],
            alarms: vec![None; topology.alarm_names().count()],
            moments: vec![Moments::default(); topology.stores.len()],
            at_risk: vec![AtRisk::default(); topology.stores.len()],
            trial: Trial::default(),
        }
    }

    /// The trial that ended last.
    pub const fn trial(&self) -> &Trial {
        &self.trial
    }

    /// Adds the outages of the trial that ended last: of each journey in order, then of all together.
    pub fn outages(&self, trial: u64, outages: &mut Vec<Outage>) {
        let all = self.journeys.iter().enumerate().map(|(index, journey)| (Some(index), &journey.timeline));
        for (journey, timeline) in all.chain([(None, &self.overall)]) {
            outages.extend(timeline.outages().iter().map(|outage| {
                let last = outage.end.unwrap_or(*timeline.now());
                let within = last.since(&outage.start);
                let (recovery, stages) = match timeline.recovery(outage) {
                    Some((recovery, stages)) => (seconds(recovery), stages.map(SimDuration::as_secs_f64)),
                    None => (f64::NAN, [f64::NAN; CAUSES + 1]),
                };
                Outage {
                    trial,
                    journey,
                    start: outage.start.at.as_secs_f64(),
                    end: outage.end.map_or(f64::INFINITY, |end| end.at.as_secs_f64()),
                    fault: outage.cause().map(|(fault, mark)| (fault, mark.at.as_secs_f64())),
                    recovery,
                    downtime: not_up(&within).as_secs_f64(),
                    failed: outage.failed(),
                    cause: longest_cause(&within),
                    stages,
                }
            }));
        }
    }

    /// When any journey is down, and why: the cause that fails most flow of those that are.
    fn follow_overall(&mut self, now: SimTime, work: bool) {
        let mut down = self.journeys.iter().filter(|journey| journey.timeline.down());
        let first = down.next().map_or(UP, |journey| journey.timeline.stage());
        // What fails most of each fails most of all.
        let stage = if down.all(|journey| journey.timeline.stage() == first) {
            first
        } else {
            let mut causes = [0.0; CAUSES];
            for journey in self.journeys.iter().filter(|journey| journey.timeline.down()) {
                causes.iter_mut().zip(&journey.flow().causes).for_each(|(sum, rate)| *sum += rate);
                causes[Cause::Slow.index()] += journey.flow().late;
            }
            dominant(&causes)
        };
        if stage != self.overall.stage() {
            let failed = self.journeys.iter().map(|journey| journey.failed_until(now)).sum();
            self.overall.turn(stage, failed, now, work);
        }
    }

    /// The recovery time of a trial, and where it went: since its first fault, or of the longest outage.
    fn recovery(&self, timeline: &Timeline) -> (Option<SimDuration>, Spent) {
        if self.recurring { timeline.longest() } else { timeline.since_first() }
    }

    /// The start of the clock, once it has started.
    fn clock(&self, now: SimTime) -> Option<SimTime> {
        self.start.filter(|&start| now >= start)
    }

    /// Follows the flow that went to the faulted region when the clock started, of these populations or of all.
    fn follow_moves(&mut self, now: SimTime, flow: &Flow, populations: Option<&[usize]>) {
        let Some(region) = self.region.map(RegionId::index) else { return };
        if !self.counting {
            self.counting = true;
            // The flows before this instant, unless the trial begins with the fault.
            if self.start == Some(SimTime::ZERO) {
                self.moves.begin(flow.offered.iter().copied(), &flow.shares, region);
            } else {
                self.moves.begin(self.offered.iter().map(TimeWeighted::value), &self.shares, region);
            }
            self.moves.follow_all(&flow.shares, region);
        }
        if self.moved[MOVED.len() - 1].is_some() {
            return;
        }
        if let Some(populations) = populations {
            for &population in populations {
                self.moves.follow(population, &flow.shares, region);
            }
        } else {
            self.moves.follow_all(&flow.shares, region);
        }
        let Some(moved) = self.moves.moved() else { return };
        for (milestone, share) in self.moved.iter_mut().zip(MOVED) {
            if milestone.is_none() && moved >= share - TOLERANCE {
                *milestone = Some(now);
            }
        }
    }

    /// The flows from `now` on, of which those of these populations or of all may be others than before.
    fn follow(&mut self, now: SimTime, flow: &Flow, populations: Option<&[usize]>) {
        let mut changed = false;
        let work = self.planned.explains(now);
        for ((journey, flow), up_when) in self.journeys.iter_mut().zip(&flow.journeys).zip(&self.up_when) {
            changed |= journey.set(flow, *up_when, now, work);
        }
        if changed {
            self.follow_overall(now, work);
        }
        if self.clock(now).is_some() {
            if self.latency_before.is_none() {
                self.latency_before = self.latency.mean();
            }
            self.follow_moves(now, flow, populations);
        }
        self.parts.set(now, flow);
        let served = flow.journeys.iter().zip(&flow.latency);
        for ((latency, journey), (own, seconds)) in self.latencies.iter_mut().zip(&self.journeys).zip(served) {
            latency.set(now, *seconds, own.offered - own.failed, !journey.timeline.down());
        }
        self.latency = Latency { sum: flow.latency_sum(), requests: flow.succeeding() };
    }

    /// Planned work that starts the clock has begun by now.
    fn begin_work(&mut self, now: SimTime) {
        if let Some(at) = self.work.take_if(|at| *at <= now) {
            let journeys = self.journeys.iter_mut().map(|journey| &mut journey.timeline);
            journeys.chain([&mut self.overall]).for_each(|timeline| timeline.work(at));
        }
    }

    /// What of a population's requests fails from `now` on, and where they go.
    fn follow_population(&mut self, now: SimTime, flow: &Flow, population: usize) {
        self.failed[population].set(now, flow.failed[population]);
        self.shares.row_mut(population).copy_from_slice(flow.shares.row(population));
    }

    /// Sums the trial up, without new memory.
    fn sum_up(&mut self, end: SimTime, losses: &[Loss]) {
        let start = self.start.unwrap_or(SimTime::ZERO);
        let since = |at: Option<SimTime>| at.map(|at| at.since(start));
        let mut trial = std::mem::take(&mut self.trial);
        trial.journeys.clear();
        let mut latencies = std::mem::take(&mut self.latencies);
        trial.journeys.extend(self.journeys.iter().zip(&mut latencies).map(|(journey, latency)| {
            let (recovery, spent) = self.recovery(&journey.timeline);
            let from = self.counts_from.recovery_start().unwrap_or(SimTime::ZERO);
            let latency = latency.finish(end, recovery.map(|recovery| from + recovery), self.recurring);
            JourneyTrial {
                recovery,
                downtime: journey.timeline.since_clock().map_or(SimDuration::ZERO, |spent| not_up(&spent)),
                offered: journey.offered,
                failed: journey.failed,
                degraded: journey.degraded,
                causes: journey.causes,
                stages: std::array::from_fn(|cause| spent[cause]),
                up_between: spent[UP],
                lost_traffic: journey.lost_traffic,
                first_back: journey.timeline.first_back(),
                planned: journey.timeline.planned_downtime(),
                uptime: uptime(&journey.timeline, end, journey.failed, journey.offered),
                latency,
            }
        }));
        self.latencies = latencies;
        let sum = |part: fn(&JourneyFigures) -> f64| self.journeys.iter().map(part).sum::<f64>();
        trial.overall = uptime(&self.overall, end, sum(|journey| journey.failed), sum(|journey| journey.offered));
        trial.worst_recovery = if self.recurring {
            self.overall.longest().0
        } else {
            let mut each = trial.journeys.iter().map(|journey| journey.recovery);
            each.try_fold(SimDuration::ZERO, |worst, own| own.map(|own| worst.max(own)))
        };
        trial.stores.clear();
        let stores = losses.iter().zip(&self.moments).zip(&self.at_risk);
        trial.stores.extend(stores.map(|((loss, moments), at_risk)| StoreTrial {
            loss: *loss,
            promoted: since(moments.promoted),
            detached: since(moments.detached),
            repointed: since(moments.repointed),
            restored: since(moments.restored),
            rebuilt: match moments.rebuilt {
                _ if moments.rebuilding => Time::Censored,
                Some(at) => Time::Known(at.since(start)),
                None => Time::Absent,
            },
            at_risk: at_risk.time,
        }));
        trial.populations.clear();
        let populations = self.failed.iter().zip(&self.offered);
        trial.populations.extend(populations.map(|(failed, offered)| PopulationTrial {
            failed: failed.integral_at(end),
            offered: offered.integral_at(end),
        }));
        self.parts.finish(end, &mut trial.parts);
        trial.alarms.clear();
        trial.alarms.extend(self.alarms.iter().map(|at| since(*at)));
        trial.clock = self.start;
        trial.counts_from = self.counts_from.recovery_start();
        trial.faults = self.faults;
        let first_alarm = self.alarms.iter().flatten().min().copied();
        trial.detected = since(self.health_flip.into_iter().chain(first_alarm).min());
        trial.health_flip = since(self.health_flip);
        trial.answer_change = since(self.answer_change);
        trial.moved = self.moved.map(since);
        trial.latency_before = self.latency_before;
        trial.latency_after = self.latency.mean();
        self.trial = trial;
    }
}

/// Round-trip times of requests that succeed at an instant.
#[derive(Debug, Clone, Copy, Default)]
struct Latency {
    /// Seconds per second.
    sum: f64,
    /// Requests per second.
    requests: f64,
}

impl Latency {
    /// Their mean in seconds, if any succeed.
    fn mean(self) -> Option<f64> {
        (self.requests > 0.0).then(|| self.sum / self.requests)
    }
}

/// When something first became of a store.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    /// A copy was the writer, by whichever way.
    promoted: Option<SimTime>,
    detached: Option<SimTime>,
    repointed: Option<SimTime>,
    restored: Option<SimTime>,
    /// Whether copies are still to be built anew, and when all of them were whole last.
    rebuilding: bool,
    rebuilt: Option<SimTime>,
}

impl Moments {
    fn note(&mut self, signal: Signal, now: SimTime) {
        match signal {
            Signal::Promoted(_) => {
                self.promoted.get_or_insert(now);
            }
            Signal::Detached(_) => {
                self.promoted.get_or_insert(now);
                self.detached.get_or_insert(now);
            }
            Signal::Repointed => {
                self.repointed.get_or_insert(now);
            }
            Signal::Restored(_) => {
                self.restored.get_or_insert(now);
            }
            Signal::RebuildsDue => self.rebuilding = true,
            Signal::AllRebuilt => (self.rebuilding, self.rebuilt) = (false, Some(now)),
            Signal::Changed
            | Signal::PromotionBegan { .. }
            | Signal::PromotionFailed { .. }
            | Signal::SwitchOverWaits(_)
            | Signal::RebuildBegan(_)
            | Signal::Rebuilt(_)
            | Signal::FailsOver(_)
            | Signal::FailedOver(_)
            | Signal::AddressUpdated(_)
            | Signal::EndpointUpdated(_)
            | Signal::Directed(_)
            | Signal::CommitsHeld(_)
            | Signal::CommitsGoOn(_)
            | Signal::RestoreBegan(_)
            | Signal::RestoreFailed(_) => {}
        }
    }
}

/// How long some copy of a store has got no new writes since the clock started: another loss then costs what it lacks.
#[derive(Debug, Clone, Copy, Default)]
struct AtRisk {
    time: SimDuration,
    since: Option<SimTime>,
}

impl AtRisk {
    /// Every copy gets new writes from now on, or one does not.
    fn turn(&mut self, complete: bool, now: SimTime, start: Option<SimTime>) {
        if let (Some(since), Some(start)) = (self.since.take(), start) {
            self.time = self.time + now.max(start).since(since.max(start));
        }
        self.since = (!complete).then_some(now);
    }
}

/// The region that a runbook moves traffic from: with two endpoints, the one that its shifts do not go to.
fn emptied(topology: &Topology, runbook: &runbooks::Parameters) -> Option<RegionId> {
    let to = runbook.steps.iter().find_map(|step| match step.action {
        Action::Shift { to, .. } => Some(to),
        _ => None,
    })?;
    let mut others = RegionId::all(topology.endpoints).filter(|&region| region != to);
    others.next().filter(|_| others.next().is_none())
}

/// Seconds of what may be censored.
fn seconds(time: Option<SimDuration>) -> f64 {
    time.map_or(f64::INFINITY, SimDuration::as_secs_f64)
}

/// How much of a trial that ended at `end` was up.
fn uptime(timeline: &Timeline, end: SimTime, failed: f64, offered: f64) -> Uptime {
    let horizon = end.as_nanos() as f64;
    let down = timeline.downtime().as_nanos() as f64;
    Uptime {
        outages: timeline.outages().len(),
        availability: (horizon - down) / horizon,
        success: if offered > 0.0 { 1.0 - failed / offered } else { 1.0 },
    }
}

impl Observer for Recorder {
    fn began(&mut self, clock: Clock) {
        self.start = clock.start();
        self.counts_from = clock;
        self.work = clock.planned.map(|(_, at)| at);
        self.region = match (clock.fault, clock.planned) {
            (Some((fault, at)), planned) if planned.is_none_or(|(_, work)| at <= work) => self.fault_regions[fault],
            (_, Some((runbook, _))) => self.emptied[runbook],
            _ => None,
        };
        self.journeys.iter_mut().for_each(JourneyFigures::begin);
        let from = clock.recovery_start();
        self.latencies.iter_mut().for_each(|latency| latency.begin(from));
        self.overall.begin();
        self.planned.begin();
        self.parts.begin();
        self.faults = 0;
        self.offered.fill(TimeWeighted::new(SimTime::ZERO, 0.0));
        self.failed.fill(TimeWeighted::new(SimTime::ZERO, 0.0));
        self.latency = Latency::default();
        self.counting = false;
        self.latency_before = None;
        self.health_flip = None;
        self.answer_change = None;
        self.moved = [None; 3];
        self.alarms.fill(None);
        self.moments.fill(Moments::default());
        self.at_risk.fill(AtRisk::default());
    }

    fn settled(&mut self, now: SimTime, flow: &Flow) {
        self.begin_work(now);
        self.follow(now, flow, None);
        for (offered, rate) in self.offered.iter_mut().zip(&flow.offered) {
            offered.set(now, *rate);
        }
        for population in 0..self.failed.len() {
            self.follow_population(now, flow, population);
        }
    }

    fn moved(&mut self, now: SimTime, flow: &Flow, populations: &[usize]) {
        self.begin_work(now);
        self.follow(now, flow, Some(populations));
        for &population in populations {
            self.follow_population(now, flow, population);
        }
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        self.begin_work(now);
        match what {
            Happening::Protection { store, complete } => self.at_risk[store.index()].turn(complete, now, self.start),
            Happening::Runbook { runbook, signal } => self.planned.runbook(runbook.index(), signal),
            Happening::Acted { runbook, step, wrong } => self.planned.acted(runbook.index(), step, wrong, now),
            Happening::Store { store, signal } => self.planned.store(store.index(), signal, now),
            _ => {}
        }
        if self.clock(now).is_none() {
            return;
        }
        match what {
            Happening::FaultBegan { fault, .. } if self.starts_clock[fault.index()] => {
                self.faults += 1;
                let journeys = self.journeys.iter_mut().map(|journey| &mut journey.timeline);
                journeys.chain([&mut self.overall]).for_each(|timeline| timeline.fault(fault.index(), now));
            }
            Happening::HealthTurned { healthy: false, .. } => drop(self.health_flip.get_or_insert(now)),
            Happening::AnswerChanged { .. } => drop(self.answer_change.get_or_insert(now)),
            Happening::Alarm { alarm, state: State::Alarm } => drop(self.alarms[alarm.index()].get_or_insert(now)),
            Happening::Store { store, signal } => self.moments[store.index()].note(signal, now),
            _ => {}
        }
    }

    fn dangled(&mut self, links: &[f64]) {
        self.trial.links.clear();
        self.trial.links.extend_from_slice(links);
    }

    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        // The horizon is exclusive: a fault that would begin there or later does not happen.
        self.start = self.start.filter(|&start| start < end);
        self.counts_from.fault = self.counts_from.fault.filter(|&(_, at)| at < end);
        self.counts_from.planned = self.counts_from.planned.filter(|&(_, at)| at < end);
        let failed = self.journeys.iter().map(|journey| journey.failed_until(end)).sum();
        self.overall.finish(failed, end);
        for journey in &mut self.journeys {
            journey.finish(end);
        }
        for at_risk in &mut self.at_risk {
            at_risk.turn(true, end, self.start);
        }
        self.sum_up(end, losses);
    }
}
