//! Watches a trial and sums it up.

use std::collections::BTreeMap;

use models::by_id::ById;
use models::cause::CAUSES;
use models::cloud_watch::State;
use models::deployment::{Clock, Happening, Observer, Topology};
use models::flow::{Flow, JourneyFlow, Ledger};
use models::grid::Grid;
use models::ids::{FaultId, PlaceId, RegionId, RunbookId, StoreId, StrandId};
use models::runbooks::{self, Action};
use models::stores::Backlog;
use models::stores::{Loss, Signal};
use sim_core::stats::TimeWeighted;
use sim_core::time::{SimDuration, SimTime};

use super::journey::{JourneyFigures, dominant};
use super::latency;
use super::moves::{Moves, Reached};
use super::nervous::Nervous;
use super::parts::Parts;
use super::passages::Passages;
use super::planned::PlannedWork;
use super::timeline::{Spent, Timeline, UP, longest_cause, not_up};
use super::trial::{JourneyTrial, NameTrial, PopulationTrial, QueueTrial, StoreTrial, Time, Trial, Uptime};
use crate::latencies::Key;
use crate::outage::Outage;

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
    latencies: Vec<latency::Latency<latency::Served>>,
    /// How long each request took, where that is asked for.
    passages: Passages,
    /// When any journey was down.
    overall: Timeline,
    planned: PlannedWork,
    nervous: Option<Nervous>,
    /// Faults so far that start the clock.
    faults: u32,
    /// By population, once for each name that it asks for, the population.
    population_of: Vec<usize>,
    offered: Vec<TimeWeighted>,
    /// Of the last flows.
    shares: Grid<f64>,
    /// By region, the places at which it is entered.
    entries: ById<RegionId, Vec<usize>>,
    parts: Parts,
    latency: Latency,
    /// Whether the clock had started when flows were told last.
    running: bool,
    /// By journey, requests of the whole trial.
    totals: Vec<JourneyFlow>,
    /// Whether the clock has started, and what went to the faulted region then.
    counting: bool,
    moves: Moves,
    latency_before: Option<f64>,
    health_flip: Option<SimTime>,
    answer_change: Option<SimTime>,
    /// By name, where there are several.
    names: Vec<Option<SimTime>>,
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
        let strands = topology.strands();
        let asking = strands.len();
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
            passages: Passages::new(topology),
            overall: Timeline::default(),
            planned: PlannedWork::new(topology),
            nervous: Nervous::new(topology),
            faults: 0,
            offered: vec![TimeWeighted::new(SimTime::ZERO, 0.0); asking],
            running: false,
            totals: vec![JourneyFlow::default(); topology.journeys.len()],
            shares: Grid::new(asking, topology.regions.len(), 0.0),
            entries: topology
                .regions
                .ids()
                .map(|region| topology.graph.entries(region).map(PlaceId::index).collect())
                .collect(),
            parts: Parts::new(topology),
            latency: Latency::default(),
            counting: false,
            moves: Moves::new(strands.iter().map(|strand| strand.name.index()).collect(), topology.zone.names.len()),
            population_of: strands.iter().map(|strand| strand.population.index()).collect(),
            latency_before: None,
            health_flip: None,
            answer_change: None,
            names: vec![None; if topology.zone.names.len() > 1 { topology.zone.names.len() } else { 0 }],
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
    fn follow_overall(&mut self, now: SimTime, ledger: &Ledger, work: bool) {
        let mut down = self.journeys.iter().filter(|journey| journey.timeline.down());
        let first = down.next().map_or(UP, |journey| journey.timeline.stage());
        // What fails most of each fails most of all.
        let stage = if down.all(|journey| journey.timeline.stage() == first) {
            first
        } else {
            let mut causes = [0.0; CAUSES];
            for journey in self.journeys.iter().filter(|journey| journey.timeline.down()) {
                causes.iter_mut().zip(journey.causes()).for_each(|(sum, rate)| *sum += rate);
            }
            dominant(&causes)
        };
        if stage != self.overall.stage() {
            let failed = (0..self.journeys.len()).map(|journey| ledger.failed(journey, now)).sum();
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

    /// Follows the flow that went to the faulted region when the clock started, of these populations.
    fn follow_moves(&mut self, now: SimTime, flow: &Flow, populations: impl Iterator<Item = usize> + Clone) {
        let Some(places) = self.region.map(|region| self.entries[region].as_slice()) else { return };
        if !self.counting {
            self.counting = true;
            // The flows before this instant, unless the trial begins with the fault.
            if self.start == Some(SimTime::ZERO) {
                self.moves.begin(|| flow.offered.iter().copied(), &flow.shares, places);
            } else {
                self.moves.begin(|| self.offered.iter().map(TimeWeighted::value), &self.shares, places);
            }
            self.moves.follow_all(&flow.shares, places);
        }
        self.moves.note(now, populations, &flow.shares, places);
    }

    /// The flows from `now` on, of which those of these populations or of all may be others than before.
    fn follow(&mut self, now: SimTime, flow: &Flow, populations: Option<&[usize]>) {
        let mut changed = false;
        let work = self.planned.explains(now);
        let ledger = &flow.ledger;
        let journeys = self.journeys.iter_mut().zip(&flow.journeys).zip(&self.up_when).enumerate();
        for (index, ((journey, flow), up_when)) in journeys {
            changed |= journey.set(flow, *up_when, now, work, || ledger.failed(index, now));
            let down = journey.timeline.down();
            self.latencies[index].turn(now, down, || served(&ledger.journey(index, now)));
            self.passages.turn(index, now, down, ledger);
        }
        if changed {
            self.follow_overall(now, ledger, work);
        }
        if self.clock(now).is_some() {
            self.running = true;
            if self.latency_before.is_none() {
                self.latency_before = self.latency.mean();
            }
            match populations {
                Some(populations) => self.follow_moves(now, flow, populations.iter().copied()),
                None => self.follow_moves(now, flow, 0..flow.offered.len()),
            }
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

    /// Where a population's requests go from now on.
    fn follow_population(&mut self, flow: &Flow, population: usize) {
        self.shares.row_mut(population).copy_from_slice(flow.shares.row(population));
    }

    /// Adds how long the requests of the last trial took.
    pub(crate) fn latencies(&mut self, trial: u64, into: &mut BTreeMap<Key, u128>) {
        self.passages.take(trial, into);
    }

    /// Sums the trial up, without new memory.
    fn sum_up(&mut self, end: SimTime, losses: &[Loss]) {
        let start = self.start.unwrap_or(SimTime::ZERO);
        let since = |at: Option<SimTime>| at.map(|at| at.since(start));
        let mut trial = std::mem::take(&mut self.trial);
        trial.journeys.clear();
        let mut latencies = std::mem::take(&mut self.latencies);
        let mut passages = std::mem::take(&mut self.passages);
        let journeys = self.journeys.iter().zip(&self.totals).zip(&mut latencies).enumerate();
        trial.journeys.extend(journeys.map(|(index, ((journey, total), latency))| {
            let (recovery, spent) = self.recovery(&journey.timeline);
            let from = self.counts_from.recovery_start().unwrap_or(SimTime::ZERO);
            let back = recovery.map(|recovery| from + recovery);
            let latency = latency.finish(served(total), (from, back), self.recurring).map(latency::Served::mean);
            passages.finish(index, (from, back), self.recurring);
            JourneyTrial {
                recovery,
                downtime: journey.timeline.since_clock().map_or(SimDuration::ZERO, |spent| not_up(&spent)),
                offered: total.offered,
                failed: total.failed,
                degraded: total.degraded,
                causes: total.causes,
                stages: std::array::from_fn(|cause| spent[cause]),
                up_between: spent[UP],
                lost_traffic: journey.lost_traffic,
                first_back: journey.timeline.first_back(),
                planned: journey.timeline.planned_downtime(),
                uptime: uptime(&journey.timeline, end, total.failed, total.offered),
                latency,
            }
        }));
        self.latencies = latencies;
        self.passages = passages;
        let sum = |part: fn(&JourneyFlow) -> f64| self.totals.iter().map(part).sum::<f64>();
        trial.overall = uptime(&self.overall, end, sum(|total| total.failed), sum(|total| total.offered));
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
        trial.alarms.clear();
        trial.alarms.extend(self.alarms.iter().map(|at| since(*at)));
        trial.clock = self.start;
        trial.counts_from = self.counts_from.recovery_start();
        trial.faults = self.faults;
        let first_alarm = self.alarms.iter().flatten().min().copied();
        trial.detected = since(self.health_flip.into_iter().chain(first_alarm).min());
        trial.health_flip = since(self.health_flip);
        trial.answer_change = since(self.answer_change);
        trial.names.clear();
        let names = self.names.iter().zip(self.moves.reached_by_name());
        let name = |(change, moved): (&Option<SimTime>, Reached)| NameTrial {
            answer_change: since(*change),
            moved: moved.map(since),
        };
        trial.names.extend(names.map(name));
        trial.moved = self.moves.reached().map(since);
        trial.latency_before = self.latency_before;
        trial.latency_after = self.latency.mean();
        self.trial = trial;
    }
}

/// What has been served of requests that add up to these.
fn served(total: &JourneyFlow) -> latency::Served {
    latency::Served { seconds: total.seconds, requests: total.offered - total.failed }
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
        self.latencies.iter_mut().for_each(latency::Latency::begin);
        self.passages.begin();
        self.overall.begin();
        self.planned.begin();
        self.nervous.iter_mut().for_each(Nervous::begin);
        self.running = false;
        self.faults = 0;
        self.offered.fill(TimeWeighted::new(SimTime::ZERO, 0.0));
        self.latency = Latency::default();
        self.counting = false;
        self.latency_before = None;
        self.health_flip = None;
        self.answer_change = None;
        self.names.fill(None);
        self.moves.reset();
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
        for population in 0..self.offered.len() {
            self.follow_population(flow, population);
        }
    }

    fn moved(&mut self, now: SimTime, flow: &Flow, populations: &[usize]) {
        self.begin_work(now);
        self.follow(now, flow, Some(populations));
        for &population in populations {
            self.follow_population(flow, population);
        }
    }

    fn follows_all(&self) -> bool {
        // Latencies before the clock starts are those of all flows until then.
        !self.running || self.latency_before.is_none()
    }

    fn drifted(&mut self, now: SimTime, flow: &Flow, strands: &[StrandId]) {
        for strand in strands {
            self.follow_population(flow, strand.index());
        }
        self.follow_moves(now, flow, strands.iter().map(|strand| strand.index()));
    }

    fn clock_starts(&mut self, now: SimTime, flow: &Flow) {
        if self.start.is_some_and(|start| now >= start) {
            for (index, journey) in self.journeys.iter_mut().enumerate() {
                journey.clock_starts(flow.ledger.failed(index, now));
            }
        }
        if self.counts_from.recovery_start().is_some_and(|from| now >= from) {
            for (index, latency) in self.latencies.iter_mut().enumerate() {
                latency.start(|| served(&flow.ledger.journey(index, now)));
                self.passages.start(index, now, &flow.ledger);
            }
        }
    }

    fn summed(&mut self, end: SimTime, flow: &Flow) {
        for (index, (journey, total)) in self.journeys.iter_mut().zip(&mut self.totals).enumerate() {
            *total = flow.ledger.journey(index, end);
            journey.finish(end, total.failed);
            self.passages.sum(index, end, &flow.ledger);
        }
        self.overall.finish(self.totals.iter().map(|total| total.failed).sum(), end);
        self.latency = Latency { sum: flow.latency_sum(), requests: flow.succeeding() };
        self.trial.populations.clear();
        for ((strand, offered), &population) in self.offered.iter().enumerate().zip(&self.population_of) {
            let (failed, offered) = (flow.ledger.failed_of(strand, end), offered.integral_at(end));
            // Those of one population follow each other.
            if population == self.trial.populations.len() {
                self.trial.populations.push(PopulationTrial { failed, offered });
            } else if let Some(sum) = self.trial.populations.last_mut() {
                sum.failed += failed;
                sum.offered += offered;
            }
        }
        self.parts.sum_up(end, &flow.ledger, &mut self.trial.parts);
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        self.begin_work(now);
        if let Some(nervous) = &mut self.nervous {
            nervous.happened(now, what);
        }
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
            // A check guards an endpoint, a record, or only what alarms and runbooks do.
            Happening::HealthTurned { healthy: false, .. }
            | Happening::GuardTurned { healthy: false, .. }
            | Happening::CheckTurned { healthy: false, .. } => drop(self.health_flip.get_or_insert(now)),
            Happening::AnswerChanged { name, .. } => {
                self.answer_change.get_or_insert(now);
                if let Some(first) = self.names.get_mut(name.index()) {
                    first.get_or_insert(now);
                }
            }
            Happening::Alarm { alarm, state: State::Alarm } => drop(self.alarms[alarm.index()].get_or_insert(now)),
            Happening::Store { store, signal } => self.moments[store.index()].note(signal, now),
            _ => {}
        }
    }

    fn dangled(&mut self, links: &[f64]) {
        self.trial.links.clear();
        self.trial.queues.clear();
        self.trial.links.extend_from_slice(links);
    }

    fn waited(&mut self, _: StoreId, backlog: &Backlog, end: SimTime) {
        let clock = self.start.filter(|&start| start < end);
        self.trial.queues.push(QueueTrial {
            largest: backlog.largest(),
            oldest: backlog.oldest(),
            caught_up: backlog.caught_up(clock),
            delays: backlog.delays(),
        });
    }

    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        // The horizon is exclusive: a fault that would begin there or later does not happen.
        self.start = self.start.filter(|&start| start < end);
        self.counts_from.fault = self.counts_from.fault.filter(|&(_, at)| at < end);
        self.counts_from.planned = self.counts_from.planned.filter(|&(_, at)| at < end);
        for at_risk in &mut self.at_risk {
            at_risk.turn(true, end, self.start);
        }
        self.trial.nervous = self.nervous.as_mut().map(|nervous| nervous.finish(end)).unwrap_or_default();
        self.sum_up(end, losses);
    }
}
