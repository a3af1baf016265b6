//! What the deployment tells those who watch it: flows after each change, and what happened when.

use sim_core::time::SimTime;

use crate::balancers::{api_gateway, load_balancer};
use crate::cloud_watch;
use crate::compute::{fleet, lambda};
use crate::flow::Flow;
use crate::fronts::route53::routing::By;
use crate::ids::{
    AlarmId, CheckId, FaultId, GuardId, JourneyId, NameId, PlaceId, PopulationId, RecordId, RegionId, RunbookId,
    ServiceId, StoreId, StrandId,
};
use crate::runbooks;
use crate::stores::Backlog;
use crate::stores::{self, Loss};

/// Something that happened, for timelines and milestones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happening {
    /// A fault began; `zone` is the one that a zone outage struck.
    FaultBegan {
        /// The fault.
        fault: FaultId,
        /// The zone, if it struck one.
        zone: Option<usize>,
    },
    /// What a fault struck is back.
    FaultEnded(FaultId),
    /// Somebody noticed what a corruption had spoiled.
    CorruptionNoticed(FaultId),
    /// The health check of an endpoint turned.
    HealthTurned {
        /// The endpoint.
        place: PlaceId,
        /// Its new state.
        healthy: bool,
    },
    /// A check that alarms or runbooks watch turned, which no answer goes by alone.
    CheckTurned {
        /// The check.
        check: CheckId,
        /// Its new state.
        healthy: bool,
    },
    /// What answers of records go by says something else; where the file writes records out.
    GuardTurned {
        /// The guard.
        guard: GuardId,
        /// What it says now.
        healthy: bool,
    },
    /// A record may give an answer from now on, or no longer; where the file writes records out.
    RecordTurned {
        /// The record.
        record: RecordId,
        /// The answer's number in it.
        answer: usize,
        /// Whether it may.
        usable: bool,
        /// By what.
        by: By,
    },
    /// A record leads a share of its traffic to a region alone from now on; where the file writes records out.
    RecordShared {
        /// The record.
        record: RecordId,
        /// The region.
        to: RegionId,
        /// The share.
        share: f64,
        /// By what.
        by: By,
    },
    /// The front door (DNS, or an accelerator) leads a population elsewhere.
    AnswerChanged {
        /// The population.
        population: PopulationId,
        /// The name that it asks for.
        name: NameId,
    },
    /// Edits of DNS records go to another control plane, or no longer.
    EditsRedirected(bool),
    /// A load balancer changed its rotation.
    Target {
        /// The region.
        region: RegionId,
        /// The service, unless it is the one that clients enter.
        service: Option<ServiceId>,
        /// What happened.
        signal: load_balancer::Signal,
    },
    /// A group of instances, a service of tasks or a deployment of pods acted.
    Group {
        /// The region.
        region: RegionId,
        /// The service, unless it is the one that clients enter.
        service: Option<ServiceId>,
        /// What happened.
        signal: fleet::Signal,
    },
    /// A function throttles, or serves all that it is asked again.
    Function {
        /// The region.
        region: RegionId,
        /// The service, unless it is the one that clients enter.
        service: Option<ServiceId>,
        /// Its new state.
        condition: lambda::Condition,
    },
    /// The gateways of a region refuse what exceeds their rate, or let everything through again.
    Gateway {
        /// The region.
        region: RegionId,
        /// Which of both.
        signal: api_gateway::Signal,
    },
    /// A store changed.
    Store {
        /// The store.
        store: StoreId,
        /// What happened.
        signal: stores::Signal,
    },
    /// A further loss would cost writes from now on, for some copy of a store's data gets none or has left for good; or
    /// all get them again.
    Protection {
        /// The store.
        store: StoreId,
        /// Whether every copy gets them.
        complete: bool,
    },
    /// An alarm changed its state.
    Alarm {
        /// The alarm.
        alarm: AlarmId,
        /// Its new state.
        state: cloud_watch::State,
    },
    /// A runbook went on.
    Runbook {
        /// The runbook.
        runbook: RunbookId,
        /// What happened.
        signal: runbooks::Signal,
    },
    /// A step of a runbook changed something just now: it moved traffic, a region's admission or a group's size, or told
    /// applications of a store. One that finds everything as it wants it changes nothing.
    Acted {
        /// The runbook.
        runbook: RunbookId,
        /// The step.
        step: usize,
        /// Whether it did so by mistake.
        wrong: bool,
    },
    /// A journey went down or came back up.
    Journey {
        /// The journey.
        journey: JourneyId,
        /// Whether it is up now.
        up: bool,
    },
}

/// What starts the clock of a trial: the first fault that does, and the first work that is planned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// The fault and when it begins.
    pub fault: Option<(FaultId, SimTime)>,
    /// The runbook and when it is planned to start.
    pub planned: Option<(RunbookId, SimTime)>,
}

impl Clock {
    /// When the clock starts, if it does: with whichever comes first.
    pub fn start(&self) -> Option<SimTime> {
        let (fault, planned) = (self.fault.map(|(_, at)| at), self.planned.map(|(_, at)| at));
        fault.into_iter().chain(planned).min()
    }

    /// From when recovery times count: the first fault that starts the clock; without one, planned work.
    pub fn recovery_start(&self) -> Option<SimTime> {
        self.fault.map(|(_, at)| at).or(self.planned.map(|(_, at)| at))
    }
}

/// Somebody who watches a trial. Watching never steers.
pub trait Observer {
    /// A trial starts, whose clock starts like this.
    fn began(&mut self, clock: Clock) {
        let _ = clock;
    }

    /// The flows from `now` on, until the next call.
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        let _ = (now, flow);
    }

    /// The flows from `now` on, until the next call, where caches expired and nothing else happened: of these populations
    /// at most the shares or what fails differ from what they were.
    fn moved(&mut self, now: SimTime, flow: &Flow, populations: &[usize]) {
        let _ = populations;
        self.settled(now, flow);
    }

    /// Whether every change of the flows has to be told. One who does not ask for that is told those at which a journey comes up or
    /// goes down, or another cause may fail most of one that is down; of all others [`Observer::drifted`] tells.
    fn follows_all(&self) -> bool {
        true
    }

    /// Caches of these populations expired. Of the flows only loads, what is acknowledged, what fails of each journey and shares
    /// are those from `now` on; the ledger knows everything.
    fn drifted(&mut self, now: SimTime, flow: &Flow, strands: &[StrandId]) {
        let _ = (now, flow, strands);
    }

    /// Something happened.
    fn happened(&mut self, now: SimTime, what: Happening) {
        let _ = (now, what);
    }

    /// The clock of the trial starts, or recovery times begin to count; where these are two instants, once at each. The flows are
    /// those before this instant, and the ledger knows everything until then.
    fn clock_starts(&mut self, now: SimTime, flow: &Flow) {
        let _ = (now, flow);
    }

    /// The trial is about to be over: the flows at its end, and what they have added up to.
    fn summed(&mut self, end: SimTime, flow: &Flow) {
        let _ = (end, flow);
    }

    /// The trial is about to be over: by link, how many writes refer to such as are missing.
    fn dangled(&mut self, links: &[f64]) {
        let _ = links;
    }

    /// What waited in a queue until the end of the trial.
    fn waited(&mut self, queue: StoreId, backlog: &Backlog, end: SimTime) {
        let _ = (queue, backlog, end);
    }

    /// The trial is over; `losses` by store.
    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        let _ = (end, losses);
    }
}

/// Nobody watches.
impl Observer for () {
    fn follows_all(&self) -> bool {
        false
    }
}

/// Two watch.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn began(&mut self, clock: Clock) {
        self.0.began(clock);
        self.1.began(clock);
    }
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        self.0.settled(now, flow);
        self.1.settled(now, flow);
    }
    fn moved(&mut self, now: SimTime, flow: &Flow, populations: &[usize]) {
        self.0.moved(now, flow, populations);
        self.1.moved(now, flow, populations);
    }
    fn follows_all(&self) -> bool {
        self.0.follows_all() || self.1.follows_all()
    }
    fn drifted(&mut self, now: SimTime, flow: &Flow, strands: &[StrandId]) {
        self.0.drifted(now, flow, strands);
        self.1.drifted(now, flow, strands);
    }
    fn happened(&mut self, now: SimTime, what: Happening) {
        self.0.happened(now, what);
        self.1.happened(now, what);
    }
    fn clock_starts(&mut self, now: SimTime, flow: &Flow) {
        self.0.clock_starts(now, flow);
        self.1.clock_starts(now, flow);
    }
    fn summed(&mut self, end: SimTime, flow: &Flow) {
        self.0.summed(end, flow);
        self.1.summed(end, flow);
    }
    fn dangled(&mut self, links: &[f64]) {
        self.0.dangled(links);
        self.1.dangled(links);
    }
    fn waited(&mut self, queue: StoreId, backlog: &Backlog, end: SimTime) {
        self.0.waited(queue, backlog, end);
        self.1.waited(queue, backlog, end);
    }
    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        self.0.ended(end, losses);
        self.1.ended(end, losses);
    }
}

impl<O: Observer> Observer for &mut O {
    fn began(&mut self, clock: Clock) {
        (**self).began(clock);
    }
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        (**self).settled(now, flow);
    }
    fn moved(&mut self, now: SimTime, flow: &Flow, populations: &[usize]) {
        (**self).moved(now, flow, populations);
    }
    fn follows_all(&self) -> bool {
        (**self).follows_all()
    }
    fn drifted(&mut self, now: SimTime, flow: &Flow, strands: &[StrandId]) {
        (**self).drifted(now, flow, strands);
    }
    fn happened(&mut self, now: SimTime, what: Happening) {
        (**self).happened(now, what);
    }
    fn clock_starts(&mut self, now: SimTime, flow: &Flow) {
        (**self).clock_starts(now, flow);
    }
    fn summed(&mut self, end: SimTime, flow: &Flow) {
        (**self).summed(end, flow);
    }
    fn dangled(&mut self, links: &[f64]) {
        (**self).dangled(links);
    }
    fn waited(&mut self, queue: StoreId, backlog: &Backlog, end: SimTime) {
        (**self).waited(queue, backlog, end);
    }
    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        (**self).ended(end, losses);
    }
}
