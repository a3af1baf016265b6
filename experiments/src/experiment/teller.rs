//! Watches one trial and tells what happened, where, and what it did to the journeys.

#[cfg(test)]
mod tests;

use models::balancers::{api_gateway, load_balancer};
use models::by_id::ById;
use models::cloud_watch::State;
use models::compute;
use models::compute::{fleet, lambda};
use models::control_planes::{RECORDS, RECORDS_REDIRECTED};
use models::deployment::{Clock, Happening, Observer, Strand, TOLERANCE, Topology};
use models::faults::Kind;
use models::flow::Flow;
use models::fronts::route53::routing::By;
use models::fronts::route53::zone::Choice;
use models::grid::Grid;
use models::ids::{CellId, FaultId, JourneyId, RegionId, RunbookId, ServiceId, StoreId, StrandId};
use models::runbooks::{self, Action, Lack};
use models::services::Graph;
use models::stores::{Loss, Promotion, Signal};
use models::zones::zone_letter;
use sim_core::time::SimTime;

use super::failing::Failing;
use super::simulation::Simulation;
use super::words;
use crate::run::story::{Condition, Lane, Missing, Moment, Snapshot, Story, Stretch, TierCondition, Told};
use measure::dominant;

/// Runs one trial by itself and tells it.
pub(super) fn tell(simulation: &Simulation, trial: u64) -> Story {
    let topology = simulation.topology();
    let mut teller = Teller {
        topology,
        pending: Vec::new(),
        now: Snapshot {
            writers: topology.stores.iter().map(|store| store.parameters.writer().map(RegionId::index)).collect(),
            ..Snapshot::default()
        },
        success: Vec::new(),
        failing: Failing::new(topology),
        up: vec![true; topology.journeys.len()],
        strands: topology.strands(),
        story: Story { trial, journeys: vec![Vec::new(); topology.journeys.len()], ..Story::default() },
    };
    simulation.watch(trial, &mut teller);
    teller.story
}

/// What makes a copy the writer, as the subject of a sentence that goes on with the region.
const fn noun(how: Promotion) -> &'static str {
    match how {
        Promotion::Failover => "the promotion in",
        Promotion::Detach => "the detachment in",
        Promotion::SwitchOver => "the switchover to",
    }
}

/// The lane of a region.
const fn lane(region: RegionId) -> Lane {
    Lane::Region(region.index())
}

struct Teller<'a> {
    topology: &'a Topology,
    /// What happened since the flows were settled last.
    pending: Vec<Moment>,
    /// Where requests go.
    now: Snapshot,
    success: Vec<f64>,
    failing: Failing,
    up: Vec<bool>,
    story: Story,
    strands: ById<StrandId, Strand>,
}

impl Teller<'_> {
    fn region(&self, region: RegionId) -> &str {
        &self.topology.regions[region].name
    }

    /// Moves what is pending and happened at such instants to the story, under the present flows.
    fn tell(&mut self, now: impl Fn(SimTime) -> bool) {
        let (told, later): (Vec<Moment>, Vec<Moment>) =
            std::mem::take(&mut self.pending).into_iter().partition(|moment| now(moment.at));
        self.pending = later;
        let success = &self.success;
        self.story.moments.extend(told.into_iter().map(|moment| Moment { success: success.clone(), ..moment }));
    }

    /// Where it happened, what it was, and how it is told.
    fn describe(&self, what: Happening) -> Option<(Lane, String, Told)> {
        let topology = self.topology;
        let of_fault = |fault: FaultId| topology.faults[fault].kind.region().map_or(Lane::Routing, lane);
        Some(match what {
            Happening::FaultBegan { fault, zone } => {
                // When and for how long is the file's; in this trial the time stands beside it.
                let text = words::fault(&topology.faults[fault], topology).what;
                // A zone that the file names is in the sentence already.
                let drawn = zone.filter(|_| matches!(topology.faults[fault].kind, Kind::ZoneOutage { zone: None, .. }));
                let zone = drawn.map(|zone| format!(" (zone {})", zone_letter(zone))).unwrap_or_default();
                (of_fault(fault), format!("FAULT {text}{zone}"), Told::Fault)
            }
            Happening::FaultEnded(fault) => {
                let text = words::fault(&topology.faults[fault], topology).what;
                (of_fault(fault), format!("faults.{} is over ({text})", fault.index()), Told::Always)
            }
            Happening::CorruptionNoticed(fault) => {
                let text = words::fault(&topology.faults[fault], topology).what;
                (of_fault(fault), format!("faults.{} shows ({text})", fault.index()), Told::Always)
            }
            // Where records are written out, their guards are told.
            Happening::HealthTurned { .. } if topology.zone.written => return None,
            Happening::HealthTurned { place, healthy } => {
                let verdict = if healthy { "healthy" } else { "unhealthy" };
                let text = format!("health check of {} turns {verdict}", topology.place_name(place));
                (lane(topology.graph.home(place)), text, Told::Always)
            }
            Happening::CheckTurned { check, healthy } => {
                let verdict = if healthy { "healthy" } else { "unhealthy" };
                let text = format!("health check {} turns {verdict}", topology.zone.checks[check].name);
                (Lane::Routing, text, Told::Always)
            }
            Happening::GuardTurned { guard, healthy } => {
                let place = topology.zone.guards[guard].places.first();
                let at = place.map_or(Lane::Routing, |place| lane(topology.graph.home(*place)));
                (at, words::guard_turned(guard, healthy, topology), Told::Always)
            }
            // A simple record goes on answering with what is unhealthy; only an edit changes its answers.
            Happening::RecordTurned { record, by, .. }
                if by != By::Edit && topology.zone.records[record].choice == Choice::Simple =>
            {
                return None;
            }
            Happening::RecordTurned { record, answer, usable, by } => {
                (Lane::Routing, words::record_turned(record, answer, usable, by, topology), Told::Always)
            }
            Happening::RecordShared { record, to, share, by } => {
                (Lane::Routing, words::record_shared(record, to, share, by, topology), Told::Always)
            }
            Happening::AnswerChanged { population, name: asked } => {
                let name = &topology.clients[population].name;
                let text = if topology.edge.accelerator.is_some() {
                    format!("the accelerator leads {name} elsewhere from now on")
                } else if topology.zone.names.len() > 1 {
                    format!("{} leads {name} elsewhere from now on", topology.zone.names[asked].name)
                } else {
                    format!("DNS answers {name} differently from now on")
                };
                (Lane::Routing, text, Told::Always)
            }
            Happening::EditsRedirected(redirected) => {
                let to = if redirected { RECORDS_REDIRECTED } else { RECORDS };
                (Lane::Routing, format!("Route 53 takes edits of records in {to} from now on"), Told::Always)
            }
            Happening::Target { region, service, signal } => self.target(region, service, signal),
            // The launch that follows tells enough.
            Happening::Group { signal: fleet::Signal::Asks { .. } | fleet::Signal::HostAsks { .. }, .. } => {
                return None;
            }
            Happening::Group { region, service, signal } => self.group(region, service, signal),
            Happening::Gateway { region, signal } => {
                let what = match signal {
                    api_gateway::Signal::Throttles => "throttle: their bucket is empty",
                    api_gateway::Signal::Passes => "let everything through again",
                };
                (lane(region), format!("{}: API gateways {what}", self.region(region)), Told::Always)
            }
            Happening::Function { region, service, condition } => self.function(region, service, condition),
            Happening::Store { store, signal } => self.store(store, signal)?,
            Happening::Protection { store, complete } => {
                let state =
                    if complete { "every copy gets new writes again" } else { "at risk, a copy gets no new writes" };
                (Lane::Routing, format!("{}: {state}", self.topology.stores[store].name), Told::InFull)
            }
            Happening::Alarm { alarm, state } => {
                let state = match state {
                    State::Ok => "is OK",
                    State::Alarm => "FIRES",
                    State::InsufficientData => "has insufficient data",
                };
                let (name, host) = topology.alarm(alarm);
                (lane(host), format!("alarm {name} {state}"), Told::Always)
            }
            Happening::Runbook { runbook, signal } => self.runbook(runbook, signal)?,
            // The runbook says itself what it has done.
            Happening::Acted { .. } => return None,
            Happening::Journey { journey, up } => {
                let state = if up { "is UP" } else { "is DOWN" };
                (Lane::Journeys, format!("{} {state}", topology.journeys[journey].name), Told::Always)
            }
        })
    }

    fn target(
        &self,
        region: RegionId,
        service: Option<ServiceId>,
        signal: load_balancer::Signal,
    ) -> (Lane, String, Told) {
        let (target, what, counted) = match signal {
            load_balancer::Signal::InService(target) => {
                (target, "passes its first probe and serves", "pass their first probe and serve")
            }
            load_balancer::Signal::Left(target) => (target, "leaves the rotation", "leave the rotation"),
            load_balancer::Signal::Returned(target) => (target, "is back in rotation", "are back in rotation"),
        };
        let [one, _] = words::members(self.compute(region, service));
        (lane(region), format!("{}: {one} {target} {what}", self.place(region, service)), Told::Counted(counted))
    }

    fn group(&self, region: RegionId, service: Option<ServiceId>, signal: fleet::Signal) -> (Lane, String, Told) {
        let compute = self.compute(region, service);
        let [one, host] = words::members(compute);
        let (what, told) = match signal {
            fleet::Signal::Ordered(member) => (format!("orders {one} {member}"), Told::InFull),
            fleet::Signal::LaunchFailed(member) => {
                let why = if self.needs_for_launches(region, service) {
                    "no capacity, or something that it needs fails"
                } else {
                    "insufficient capacity"
                };
                (format!("cannot launch {one} {member}: {why}"), Told::LaunchFailed)
            }
            fleet::Signal::Asks { member, .. } => (format!("{one} {member} asks for its launch"), Told::InFull),
            fleet::Signal::HostAsks { host: number, .. } => {
                (format!("{host} {number} asks for its launch"), Told::InFull)
            }
            fleet::Signal::Launched(member) => (format!("{one} {member} has started"), Told::InFull),
            fleet::Signal::Withdrawn(member) => (
                format!("{one} {member} is unfit and waits for its replacement"),
                Told::Counted("wait for replacement"),
            ),
            fleet::Signal::Terminated(member) => {
                (format!("{one} {member} is terminated"), Told::Counted("are terminated"))
            }
            fleet::Signal::Resized(desired) => (format!("wants {}", words::counted(desired, one)), Told::Always),
            fleet::Signal::HostsOrdered(count) => {
                (format!("orders {} for what finds no room", words::counted(count, host)), Told::Always)
            }
            fleet::Signal::HostReady(number) => (format!("{host} {number} is ready"), Told::InFull),
        };
        (lane(region), format!("{}: {what}", self.place(region, service)), told)
    }

    /// The cell of a service behind the front of a region, or the front.
    fn cell(&self, region: RegionId, service: Option<ServiceId>) -> Option<CellId> {
        service.map_or(Some(Graph::front(region)), |service| self.topology.graph.cell(service, region))
    }

    fn compute(&self, region: RegionId, service: Option<ServiceId>) -> Option<&compute::Parameters> {
        self.topology.compute(self.cell(region, service)?)
    }

    /// Whether launches need anything besides capacity.
    fn needs_for_launches(&self, region: RegionId, service: Option<ServiceId>) -> bool {
        self.cell(region, service).is_some_and(|cell| !self.topology.launch_needs(cell).is_empty())
    }

    fn function(
        &self,
        region: RegionId,
        service: Option<ServiceId>,
        condition: lambda::Condition,
    ) -> (Lane, String, Told) {
        let what = match condition {
            lambda::Condition::Serves => "serves all that it is asked",
            lambda::Condition::Scales => "throttles: it cannot add environments as fast as more is asked",
            lambda::Condition::AtLimit => "throttles: the account's limit is reached",
        };
        let name = service.map_or("Lambda", |service| self.topology.graph.services[service].name.as_str());
        (lane(region), format!("{name} in {} {what}", self.region(region)), Told::Always)
    }

    /// A service behind the front of a region, or the region.
    fn place(&self, region: RegionId, service: Option<ServiceId>) -> String {
        let region = self.region(region);
        match service {
            Some(service) => format!("{} in {region}", self.topology.graph.services[service].name),
            None => region.to_owned(),
        }
    }

    fn store(&self, store: StoreId, signal: Signal) -> Option<(Lane, String, Told)> {
        let (region, what, told) = match signal {
            Signal::Changed | Signal::RebuildsDue => return None,
            Signal::PromotionBegan { how, to } => {
                (to, format!("{} {} is under way", noun(how), self.region(to)), Told::Always)
            }
            Signal::Promoted(to) => (to, format!("{} is the writer", self.region(to)), Told::Always),
            Signal::Detached(to) => {
                let alone =
                    format!("{} is a writer of its own, which applications have yet to be told", self.region(to));
                (to, alone, Told::Always)
            }
            Signal::PromotionFailed { how, to } => {
                (to, format!("{} {} failed", noun(how), self.region(to)), Told::Always)
            }
            Signal::SwitchOverWaits(to) => {
                (to, format!("the switchover to {} waits until the copy there is whole", self.region(to)), Told::Always)
            }
            Signal::Repointed => {
                let told = format!("{}: applications are told of its detached copy", self.topology.stores[store].name);
                return Some((Lane::Routing, told, Told::Always));
            }
            Signal::RebuildBegan(region) => {
                (region, format!("the copy in {} is being built anew", self.region(region)), Told::Always)
            }
            Signal::Rebuilt(region) => {
                (region, format!("the copy in {} is whole again", self.region(region)), Told::Always)
            }
            Signal::AllRebuilt => {
                let whole = format!("{}: every copy is whole again", self.topology.stores[store].name);
                return Some((Lane::Routing, whole, Told::InFull));
            }
            Signal::FailsOver(region) => {
                (region, format!("the writer moves to another zone of {}", self.region(region)), Told::Always)
            }
            Signal::FailedOver(region) => {
                (region, format!("the writer goes on in another zone of {}", self.region(region)), Told::Always)
            }
            Signal::AddressUpdated(region) => {
                (region, format!("{} knows the writer's new address", self.region(region)), Told::InFull)
            }
            Signal::EndpointUpdated(region) if self.topology.stores[store].parameters.writer().is_none() => {
                (region, format!("{} is pointed at the other endpoint", self.region(region)), Told::Always)
            }
            Signal::EndpointUpdated(region) if self.is_out(region) => {
                let region_name = self.region(region);
                (region, format!("the writer's name is updated for {region_name}, which is out"), Told::InFull)
            }
            Signal::EndpointUpdated(region) => {
                (region, format!("{} writes to the new writer", self.region(region)), Told::Always)
            }
            Signal::Directed(to) => (to, format!("requests go to {}", self.region(to)), Told::Always),
            Signal::RestoreBegan(to) => (
                to,
                format!("a restore from the backup in {} is under way, nothing works", self.region(to)),
                Told::Always,
            ),
            Signal::Restored(to) => (to, format!("restored from the backup in {}", self.region(to)), Told::Always),
            Signal::RestoreFailed(to) => {
                (to, format!("the restore from the backup in {} failed", self.region(to)), Told::Always)
            }
            Signal::CommitsHeld(region) => {
                let held = format!("{} holds commits back: no copy is within the bound", self.region(region));
                (region, held, Told::Always)
            }
            Signal::CommitsGoOn(region) if self.is_out(region) => {
                (region, format!("{} is out and need not hold commits back", self.region(region)), Told::InFull)
            }
            Signal::CommitsGoOn(region) => {
                (region, format!("{} takes commits again", self.region(region)), Told::Always)
            }
        };
        Some((lane(region), format!("{}: {what}", self.topology.stores[store].name), told))
    }

    /// The two regions between which a fault cuts the path, if it is one that does.
    fn partition(&self, fault: FaultId) -> Option<(usize, usize)> {
        match self.topology.faults[fault].kind {
            Kind::Partition { a, b } => Some((a.index(), b.index())),
            _ => None,
        }
    }

    fn is_out(&self, region: RegionId) -> bool {
        self.now.regions.get(region.index()).is_some_and(|region| region.dead)
    }

    fn runbook(&self, runbook: RunbookId, signal: runbooks::Signal) -> Option<(Lane, String, Told)> {
        let runbook = &self.topology.runbooks[runbook];
        let step = |step: usize| words::action(&runbook.steps[step].action, self.topology);
        let (what, told) = match signal {
            runbooks::Signal::Started => ("starts".to_owned(), Told::Always),
            runbooks::Signal::StepBegan(index) => (format!("begins: {}", step(index)), Told::InFull),
            runbooks::Signal::StepWaits { step: index, lacks: Lack::Host } => {
                (format!("waits for a region to run in: {}", step(index)), Told::Always)
            }
            runbooks::Signal::StepWaits { step: index, lacks: Lack::Plane } => {
                let plane = words::plane(&runbook.steps[index].action, self.topology).unwrap_or_default();
                (format!("waits for {plane}: {}", step(index)), Told::Always)
            }
            runbooks::Signal::StoodDown(index) => {
                (format!("stands down, what it is about is up again; not done: {}", step(index)), Told::Always)
            }
            runbooks::Signal::NothingToNotice => {
                ("does not start: the outage was over before an operator noticed".to_owned(), Told::InFull)
            }
            runbooks::Signal::StepFailed(index) if matches!(runbook.steps[index].action, Action::Approve(_)) => {
                ("debates without a decision".to_owned(), Told::Always)
            }
            runbooks::Signal::StepFailed(index) => (format!("failed: {}", step(index)), Told::Always),
            runbooks::Signal::StepDone(index) => (format!("done: {}", step(index)), Told::Always),
            runbooks::Signal::StepSkipped(index) if matches!(runbook.steps[index].action, Action::Restore { .. }) => {
                (format!("does not need to: {}; nothing is wrong with it", step(index)), Told::Always)
            }
            runbooks::Signal::StepSkipped(index) => {
                (format!("does not need to: {}; the writer answers", step(index)), Told::Always)
            }
            runbooks::Signal::Finished => ("is finished".to_owned(), Told::InFull),
            runbooks::Signal::Stopped => ("gives up".to_owned(), Told::Always),
            runbooks::Signal::StepWrong(index) => {
                let done = runbook.steps[index].done(true).map(|action| words::action(action, self.topology));
                let done = done.unwrap_or_else(|| "something of no effect".to_owned());
                (format!("makes a mistake, not noticed yet: {done} instead of {}", step(index)), Told::Always)
            }
            runbooks::Signal::TakesEffect { step: index, part, .. } => {
                let ramp = runbook.steps[index].ramp?;
                (format!("part {part} of {}: {}", ramp.steps, step(index)), Told::InFull)
            }
            runbooks::Signal::Asks(_) | runbooks::Signal::Promote { .. } | runbooks::Signal::Restore { .. } => {
                return None;
            }
        };
        Some((Lane::People, format!("runbook {} {what}", runbook.name), told))
    }

    /// The state of the services behind the fronts.
    fn tiers(&self, flow: &Flow) -> Grid<Option<TierCondition>> {
        let graph = &self.topology.graph;
        let services: Vec<ServiceId> = graph.called.iter().rev().copied().collect();
        Grid::from_fn(services.len(), flow.regions, |row: usize, region: usize| {
            let (service, region) = (services[row], RegionId::new(region));
            graph.tier(service, region)?;
            let cell = graph.cell(service, region)?.index();
            let front = &flow.fronts[cell];
            let limited = front.capacity > 0.0 && front.capacity.is_finite();
            let shed = if front.dead { 0.0 } else { front.overload(flow.load[cell]) };
            Some(TierCondition {
                dead: front.dead,
                rate: flow.called(cell),
                fails: 1.0 - front.passes(shed),
                utilization: limited.then(|| flow.load[cell] / front.capacity),
            })
        })
    }

    /// Follows each journey and where requests go.
    fn follow(&mut self, now: SimTime, flow: &Flow) {
        let started = self.story.clock.is_some_and(|clock| now >= clock);
        if !started {
            // What held until now.
            self.story.before.clone_from(&self.now);
        }
        self.now.at = now;
        self.now.traffic = Grid::new(self.topology.clients.len(), flow.regions, 0.0);
        for (number, strand) in self.strands.iter().enumerate() {
            for region in 0..flow.regions {
                let rate = flow.shares[(number, region)] * flow.offered[number];
                self.now.traffic[(strand.population.index(), region)] += rate;
            }
        }
        let mut rows = flow.acknowledged().chunks_exact(flow.regions.max(1));
        let stores = self.topology.stores.iter();
        let shards: Vec<Vec<&[f64]>> =
            stores.map(|store| rows.by_ref().take(store.parameters.shards()).collect()).collect();
        self.now.writes = Grid::from_fn(shards.len(), flow.regions, |store: usize, region: usize| {
            shards[store].iter().map(|shard| shard[region]).sum::<f64>()
        });
        let condition = |(region, front): (usize, &models::flow::Front)| Condition {
            dead: front.dead,
            gray: front.gray,
            utilization: (front.capacity > 0.0 && front.capacity.is_finite()).then(|| flow.utilization(region)),
        };
        self.now.regions = flow.fronts.iter().take(flow.regions).enumerate().map(condition).collect();
        self.now.tiers = self.tiers(flow);
        if self.story.before.traffic.cells().is_empty() {
            // Nothing held before: the trial begins here.
            self.story.before.clone_from(&self.now);
        }
        let mut back = false;
        for (index, journey) in flow.journeys.iter().enumerate() {
            let success = journey.success();
            let up = success >= self.topology.up_when(JourneyId::new(index)) - TOLERANCE;
            back |= up && !self.up[index];
            self.up[index] = up;
            let cause = (!up).then(|| dominant(&journey.causes));
            let stretches = &mut self.story.journeys[index];
            let same = |last: &Stretch| last.success == success && last.cause == cause;
            if !stretches.last().is_some_and(same) {
                stretches.push(Stretch { from: now, success, cause });
            }
        }
        if back && self.up.iter().all(|up| *up) {
            self.story.after.clone_from(&self.now);
            if self.topology.recurring() {
                self.story.up_again.push(self.now.clone());
            }
        }
    }
}

impl Observer for Teller<'_> {
    fn began(&mut self, clock: Clock) {
        self.story.clock = clock.start();
    }

    fn settled(&mut self, now: SimTime, flow: &Flow) {
        // What happened before this instant without a change of flow met the flows of then.
        self.tell(|at| at < now);
        self.success = flow.journeys.iter().map(models::flow::JourneyFlow::success).collect();
        for (region, text) in self.failing.follow(flow) {
            let lane = region.map_or(Lane::Routing, lane);
            self.pending.push(Moment { at: now, lane, text, told: Told::InFull, success: Vec::new() });
        }
        self.tell(|_| true);
        self.follow(now, flow);
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        if let Happening::FaultBegan { fault, .. } = what
            && self.topology.recurring()
            && self.topology.starts_clock(&self.topology.faults[fault])
        {
            self.story.struck.push(now);
            // What held until now.
            self.story.before_each.push(self.now.clone());
        }
        match what {
            Happening::Store { store, signal: Signal::Promoted(to) | Signal::Detached(to) } => {
                self.now.writers[store.index()] = Some(to.index());
            }
            Happening::FaultBegan { fault, .. } => self.now.cut.extend(self.partition(fault)),
            Happening::FaultEnded(fault) => {
                let mended = self.partition(fault);
                if let Some(index) = self.now.cut.iter().position(|cut| Some(*cut) == mended) {
                    self.now.cut.remove(index);
                }
            }
            _ => {}
        }
        if let Some((lane, text, told)) = self.describe(what) {
            self.pending.push(Moment { at: now, lane, text, told, success: Vec::new() });
        }
    }

    fn summed(&mut self, end: SimTime, flow: &Flow) {
        self.story.blames = self.failing.sum_up(end, &flow.ledger);
    }

    fn dangled(&mut self, links: &[f64]) {
        let name = |store: StoreId| self.topology.stores[store].name.as_str();
        let each = self.topology.links.iter().zip(links);
        self.story.dangling =
            each.map(|(link, count)| (name(link.from).to_owned(), name(link.to).to_owned(), *count)).collect();
    }

    fn ended(&mut self, end: SimTime, losses: &[Loss]) {
        self.tell(|_| true);
        let story = &mut self.story;
        story.end = end;
        story.clock = story.clock.filter(|clock| *clock < end);
        if story.after.traffic.cells().is_empty() || self.up.iter().any(|up| !up) {
            story.after.clone_from(&self.now);
            story.after.at = end;
        }
        story.losses = losses
            .iter()
            .map(|loss| Missing {
                seconds: loss.seconds,
                lost: loss.lost,
                stranded: loss.stranded,
                overwritten: loss.overwritten,
                delayed: loss.delayed,
            })
            .collect();
    }
}
