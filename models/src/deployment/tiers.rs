//! The tiers behind the fronts: what a call meets.
//!
//! A tier's chain says what its needs do to an attempt that got past its targets. Chains are worked out from the tiers that call
//! nobody up to the fronts, so that each is done before all that call it; what arrives where follows from them.

use sim_core::engine::Engine;
use sim_core::time::SimDuration;

use super::attempts::{Attempt, Branch};
use super::needs::Met;
use super::{Assembly, Key};
use crate::cause::Cause;
use crate::faults::Struck;
use crate::flow::{Chain, all_fail, attempts_per_request, blamed_at, coarsely};
use crate::grid::Grid;
use crate::ids::{CellId, PlaceId, PopulationId, RegionId, ServiceId, SiteId, StoreId};
use crate::latency::{Failures, Mix, Places, Time};
use crate::needs::{Access, Asks, Call, Need, To};
use crate::services::{Caller, Graph, Sort};

/// A cell that services call: behind the fronts, or an endpoint that clients enter as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inner {
    pub(super) cell: CellId,
    pub(super) service: ServiceId,
    pub(super) region: RegionId,
    /// Whether faults of the region strike it.
    pub(super) inside: bool,
    /// Whether clients enter it as well.
    pub(super) entered: bool,
}

/// The tiers behind the fronts at this instant.
#[derive(Debug)]
pub(super) struct Tiers {
    /// Each after all that it calls.
    pub(super) inner: Vec<Inner>,
    /// What each tier's needs do: row = set of chains, column = cell.
    pub(super) chains: Grid<Chain, usize, CellId>,
    /// What the needs of the service that is entered do, in the region that is being worked out; spare otherwise.
    entry: Chain,
    /// Memory for what becomes of calls at each place that a name leads to.
    pub(super) branches: Vec<Branch>,
    /// Availability of needs that remember, the worst of all sets of chains.
    pub(super) availability: Grid<f64, SiteId, RegionId>,
    /// Whether chains are worked out only as far as loads follow from them: nobody asks yet what fails why and how long it takes.
    pub(super) loads_only: bool,
    /// Whether loads follow from how long calls take as well: some caller gives up.
    timed: bool,
}

impl Tiers {
    /// The tiers of a graph, as so many sets of chains see them.
    pub(super) fn new(graph: &Graph, sets: usize) -> Self {
        let inner = graph.inner().map(|(cell, service, region)| {
            let inside = graph.services[service].sort != Sort::External;
            Inner { cell, service, region, inside, entered: graph.is_entered(service) }
        });
        Self {
            inner: inner.collect(),
            chains: Grid::new(sets, graph.cells(), Chain::default()),
            entry: Chain::default(),
            branches: Vec::new(),
            availability: Grid::new(graph.sites, graph.regions, 1.0),
            loads_only: false,
            timed: graph.needs().any(|need| need.call().is_some_and(|call| call.timeout.is_some())),
        }
    }

    /// What the needs of a tier do to requests of nobody in particular.
    pub(super) fn chain_of_nobody(&self, cell: CellId) -> &Chain {
        &self.chains[(0, cell)]
    }

    /// Whether anybody asks how long requests take.
    pub(super) const fn asks_for_times(&self) -> bool {
        !self.loads_only || self.timed
    }

    /// Whether any service calls another.
    pub(super) fn any(&self) -> bool {
        !self.inner.is_empty()
    }

    /// Whether services call what runs in a cell.
    pub(super) fn calls(&self, cell: CellId) -> bool {
        self.inner.iter().any(|inner| inner.cell == cell)
    }
}

/// The parts behind the fronts that may be blamed for a failure: cells, then stores by region.
pub(super) fn parts(graph: &Graph, stores: usize) -> usize {
    if graph.asked.is_empty() { 0 } else { graph.store_part(StoreId::new(stores), RegionId::new(0)) }
}

/// Moves a part of what fails to a sum.
pub(super) fn add(sums: &mut Vec<(usize, f64)>, at: usize, share: f64) {
    if share == 0.0 {
        return;
    }
    match sums.iter_mut().find(|(own, _)| *own == at) {
        Some((_, sum)) => *sum += share,
        None => sums.push((at, share)),
    }
}

/// Blames a part behind the fronts for what fails of a chain.
pub(super) fn blame(chain: &mut Chain, cell: CellId, cause: Cause, share: f64) {
    chain.causes[cause.index()] += share;
    add(&mut chain.blames, blamed_at(cell.index(), cause), share);
}

/// Blames what an attempt meets, in proportion to the causes of one.
pub(super) fn blame_attempt(
    chain: &mut Chain,
    attempt: &Attempt,
    (served, late): (f64, f64),
    scale: f64,
    called: &Chain,
) {
    let Attempt { cell, arrives, front, overload, .. } = *attempt;
    if !arrives {
        return blame(chain, cell, Cause::Dependency, scale);
    }
    let past = front.past_impairment();
    let past_targets = past * (1.0 - front.dead_share);
    blame(chain, cell, Cause::Dependency, scale * (1.0 - past));
    blame(chain, cell, Cause::Targets, scale * past * front.dead_share);
    blame(chain, cell, Cause::Capacity, scale * past_targets * overload);
    // What takes too long because others were first is a matter of capacity.
    blame(chain, cell, if front.held.is_some() { Cause::Capacity } else { Cause::Slow }, scale * late);
    for (cause, share) in called.causes.iter().enumerate() {
        chain.causes[cause] += scale * served * share;
    }
    for &(at, share) in &called.blames {
        add(&mut chain.blames, at, scale * served * share);
    }
}

impl Assembly {
    /// The cell that a call from a region goes to, and the region of it.
    fn called(&self, call: &Call, site: Option<SiteId>, from: RegionId) -> (CellId, RegionId, bool) {
        let service = &self.topology.graph.services[call.service];
        let cell =
            |region: RegionId| self.topology.graph.cell(call.service, region).expect("a called service has cells");
        if service.sort == Sort::External {
            return (cell(from), from, true);
        }
        let closest = || self.world.closest(from, &service.regions).expect("a service runs somewhere");
        let to = match call.to {
            To::Region(to) => to,
            To::Local | To::Name(_) => closest(),
            To::Nearest { .. } => {
                let sees = |region: RegionId| match site {
                    Some(site) => self.sites[(site, from)].component().sees(region),
                    None => true,
                };
                self.world
                    .by_distance(from)
                    .find(|to| service.regions.contains(to) && sees(*to))
                    .unwrap_or_else(closest)
            }
        };
        // Where the caller's own region is out, this is what somebody there would find.
        (cell(to), to, to == from || (self.world.up(to) && self.world.linked(from, to)))
    }

    fn attempt(&self, call: &Call, site: Option<SiteId>, from: RegionId) -> Attempt {
        self.attempt_at(self.called(call, site, from), from)
    }

    /// What an attempt meets at a cell in a region.
    pub(super) fn attempt_at(&self, (cell, to, reached): (CellId, RegionId, bool), from: RegionId) -> Attempt {
        let front = self.solver.flow.fronts[cell.index()];
        let trip = self.solver.places.trip_to(cell, from, to);
        Attempt { cell, to, trip, arrives: reached && !front.dead, front, overload: self.solver.overload[cell.index()] }
    }

    /// Share of such calls from a region that work, of nobody in particular, whatever callers keep.
    pub(super) fn call_passes(&self, call: &Call, site: Option<SiteId>, from: RegionId) -> f64 {
        let attempt = self.attempt(call, site, from);
        let worst = (0..self.sharding.sets()).map(|set| self.tiers.chains[(set, attempt.cell)].pass);
        let each = (0..self.sharding.sets()).map(|set| &self.tiers.chains[(set, attempt.cell)]);
        let in_time = each.map(|called| self.in_time(call, &attempt, called)).fold(1.0, f64::min);
        let worst = worst.fold(1.0, f64::min) * in_time;
        let pass = if attempt.arrives { attempt.front.passes(attempt.overload) * worst } else { 0.0 };
        let lost = self.own_names.lost(Struck::Service(call.service), attempt.to, from);
        (1.0 - lost) * (1.0 - all_fail(1.0 - pass, call.attempts))
    }

    /// Share of calls from a region that answer within so many seconds.
    pub(super) fn answers_call(&self, call: &Call, site: Option<SiteId>, from: RegionId, seconds: f64) -> f64 {
        self.within(&self.attempt(call, site, from), seconds)
    }

    /// Share of tries that answer before the caller gives up.
    pub(super) fn in_time(&self, call: &Call, attempt: &Attempt, called: &Chain) -> f64 {
        call.timeout.map_or(1.0, |timeout| self.answers(attempt, called, timeout.as_secs_f64()))
    }

    /// Share of tries that answer within so many seconds, in the worst set of chains.
    fn within(&self, attempt: &Attempt, seconds: f64) -> f64 {
        let sets = 0..self.sharding.sets();
        let each = sets.map(|set| self.answers(attempt, &self.tiers.chains[(set, attempt.cell)], seconds));
        each.fold(1.0, f64::min)
    }

    /// Share of tries that answer within so many seconds: those that are served in their turn, after what they wait.
    fn answers(&self, attempt: &Attempt, called: &Chain, seconds: f64) -> f64 {
        let (wait, in_turn) = attempt.front.held.map_or((0.0, 1.0), |held| (held.waits_for(), held.in_turn));
        in_turn * called.times.until(seconds - attempt.trip - wait, &self.solver.places.laws)
    }

    /// What the needs of each journey do to requests of each region.
    pub(super) fn update_chains(&mut self) {
        self.tiers.availability.fill(1.0);
        let mut chain = std::mem::take(&mut self.tiers.entry);
        for set in 0..self.sharding.sets() {
            let population = Some(self.sharding.representative(set));
            for index in 0..self.tiers.inner.len() {
                let Inner { cell, service, region, inside, .. } = self.tiers.inner[index];
                // The chain of the cell is worked on in the place of the spare one.
                std::mem::swap(&mut chain, &mut self.tiers.chains[(set, cell)]);
                chain.clear();
                chain.times.start(self.solver.places.service(cell));
                let up = !inside || self.world.up(region);
                for need in 0..self.topology.graph.services[service].needs.len() {
                    let need = self.topology.graph.services[service].needs[need];
                    self.extend_if(up, &mut chain, &need, region, (set, population));
                }
                std::mem::swap(&mut chain, &mut self.tiers.chains[(set, cell)]);
            }
        }
        self.tiers.entry = chain;
        self.update_fronts_chains();
    }

    /// The same for the fronts, where those behind them are done.
    fn update_fronts_chains(&mut self) {
        let mut chains = std::mem::take(&mut self.solver.chains);
        let mut entry = std::mem::take(&mut self.tiers.entry);
        for (set, chains) in chains.iter_mut().enumerate() {
            let population = Some(self.sharding.representative(set));
            for place in PlaceId::all(self.topology.places()) {
                if self.topology.beyond(place).is_some() {
                    self.update_chains_beyond(place, chains);
                    continue;
                }
                let region = self.topology.graph.home(place);
                let up = self.world.up(region);
                entry.clear();
                entry.times.start(self.solver.places.service(Graph::cell_at(place)));
                for need in 0..self.topology.graph.entry_needs(place).len() {
                    let need = self.topology.graph.entry_needs(place)[need];
                    self.extend_if(up, &mut entry, &need, region, (set, population));
                }
                for journey in self.topology.journeys.ids() {
                    let chain = &mut chains[(place.index(), journey.index())];
                    if self.tiers.loads_only {
                        chain.copy_loads_from(&entry);
                    } else {
                        chain.copy_from(&entry);
                    }
                    for need in 0..self.topology.journeys[journey].needs.len() {
                        let need = self.topology.journeys[journey].needs[need];
                        self.extend_if(up, chain, &need, region, (set, population));
                    }
                }
            }
        }
        self.solver.chains = chains;
        self.tiers.entry = entry;
    }

    /// One more need of what passes a chain, if its region is up. If it is out nobody asks, and what callers remember of the need
    /// goes on: they are told how it fares.
    fn extend_if(
        &mut self,
        up: bool,
        chain: &mut Chain,
        need: &Need,
        region: RegionId,
        whose: (usize, Option<PopulationId>),
    ) {
        if up {
            self.extend(chain, need, region, whose);
        } else if let Some(site) = need.site {
            let available = self.would_work(need, region, whose);
            let known = &mut self.tiers.availability[(site, region)];
            *known = known.min(available);
        }
    }

    /// Share of requests for which a need would work that somebody made in a region.
    fn would_work(&mut self, need: &Need, region: RegionId, (set, population): (usize, Option<PopulationId>)) -> f64 {
        let call = match need.asks {
            Asks::Store { access, store } => return self.meet(access, store, region, population).pass,
            Asks::Service(call) => call,
        };
        let mut branches = std::mem::take(&mut self.tiers.branches);
        branches.clear();
        if let To::Name(through) = call.to {
            self.follow_name(&mut branches, (&call, through), region, set);
        } else {
            let attempt = self.attempt(&call, need.site, region);
            let lost = self.own_names.lost(Struck::Service(call.service), attempt.to, region);
            branches.push(self.branch(&call, 1.0 - lost, attempt, set));
        }
        let works = branches.iter().map(|it| it.share * (1.0 - all_fail(it.fails, call.attempts))).sum();
        self.tiers.branches = branches;
        works
    }

    /// One more need of what passes a chain.
    fn extend(&mut self, chain: &mut Chain, need: &Need, region: RegionId, whose: (usize, Option<PopulationId>)) {
        match need.asks {
            Asks::Store { access, store } => self.extend_by_access(chain, need, (access, store), region, whose.1),
            Asks::Service(call) => self.extend_by_call(chain, need, &call, region, whose.0),
        }
    }

    /// Share of requests for which a need of this availability works, after what callers keep.
    pub(super) fn remembered(&mut self, need: &Need, region: RegionId, available: f64) -> (f64, bool) {
        let Some(site) = need.site else { return (available, false) };
        let place = (site, region);
        let known = &mut self.tiers.availability[place];
        *known = known.min(available);
        let component = self.sites[place].component();
        if !component.keeps() {
            return (available, false);
        }
        (component.works(available, self.caller(site, region).newer), component.keeps_values())
    }

    /// The caller that has a need, in a region.
    fn caller(&self, site: SiteId, region: RegionId) -> Caller {
        let (cell, outside) = match self.callers[site] {
            Some(service) => {
                let outside = self.topology.graph.services[service].sort == Sort::External;
                (self.topology.graph.cell(service, region), outside)
            }
            None => (Some(Graph::front(region)), false),
        };
        let up = outside || self.world.up(region);
        let Some(compute) = cell.and_then(|cell| self.computes[cell].as_ref()) else {
            return Caller { asks: up, ..Caller::default() };
        };
        let newer = self.sites[(site, region)].component().keeps_last().map_or(0.0, |than| compute.newer(than));
        Caller { asks: up && !compute.is_dead(), renewed: compute.renewed(), newer }
    }

    fn extend_by_access(
        &mut self,
        chain: &mut Chain,
        need: &Need,
        (access, store): (Access, StoreId),
        region: RegionId,
        population: Option<PopulationId>,
    ) {
        let met = self.meet(access, store, region, population);
        let (works, kept) = self.remembered(need, region, met.pass);
        let behind = self.tiers.any();
        if !kept && met.pass > 0.0 && self.tiers.asks_for_times() {
            let times = self.access_times(access, store, &met, region);
            chain.times.take(if need.soft { works } else { 1.0 }, &times, &mut self.solver.places.laws);
        }
        let first_meter = self.solver.flow.first_meter;
        if !kept {
            for &(meter, share) in met.metered.iter().flatten() {
                count(&mut chain.counts, first_meter + meter, chain.pass * share, behind);
            }
        }
        if need.soft {
            chain.degraded = 1.0 - (1.0 - chain.degraded) * works;
        } else {
            if !self.tiers.loads_only {
                self.fail_by_access(chain, &met, works, region, behind);
            }
            chain.pass *= works;
        }
        if access == Access::Write && met.pass > 0.0 {
            let reaching = if need.soft { chain.pass * met.pass } else { chain.pass };
            count(&mut chain.counts, self.solver.flow.writes_at(met.row, met.at.index()), reaching, behind);
        }
    }

    /// How long accesses take that work.
    fn access_times(&mut self, access: Access, store: StoreId, met: &Met, region: RegionId) -> Mix {
        let places = &mut self.solver.places;
        let time = |places: &mut Places, store, at| places.access(access, store, (region, at), &self.world);
        let Some((cache, missed)) = met.cache else { return Mix::of(time(places, met.store, met.at)) };
        // A cache is asked first, if it is there.
        let asked = cache.map_or(Time::default(), |at| time(places, store, at));
        let behind = time(places, met.store, met.at);
        let behind = places.laws.plus(asked, behind);
        let mut times = Mix::of(asked);
        times.or((missed / met.pass).min(1.0), &Mix::of(behind), &places.laws);
        times
    }

    /// What an access fails, by cause and, where services call each other, by copy.
    fn fail_by_access(&self, chain: &mut Chain, met: &Met, works: f64, region: RegionId, behind: bool) {
        let all = 1.0 - met.pass;
        // What callers keep makes it more or less than the store alone.
        let scale = if works == met.pass || all <= 0.0 { 1.0 } else { (1.0 - works) / all };
        for (cause, share) in met.fails {
            chain.causes[cause.index()] += chain.pass * share * scale;
        }
        let mut part = |cause, share| {
            // Who finds nobody blames nobody.
            if cause == Cause::NoPath {
                return;
            }
            let at = if met.pass > 0.0 { met.at } else { region };
            let part = self.topology.graph.store_part(met.store, at);
            add(&mut chain.blames, blamed_at(part, cause), chain.pass * share);
        };
        if behind {
            for (cause, share) in met.fails {
                part(cause, share * scale);
            }
        }
        if all <= 0.0 && works < 1.0 {
            chain.causes[Cause::Dependency.index()] += chain.pass * (1.0 - works);
            if behind {
                part(Cause::Dependency, 1.0 - works);
            }
        }
    }

    fn extend_by_call(&mut self, chain: &mut Chain, need: &Need, call: &Call, region: RegionId, set: usize) {
        if let To::Name(through) = call.to {
            let mut branches = std::mem::take(&mut self.tiers.branches);
            branches.clear();
            self.follow_name(&mut branches, (call, through), region, set);
            return self.extend_by_branches(chain, need, call, branches, (region, set));
        }
        let attempt = self.attempt(call, need.site, region);
        let lost = self.own_names.lost(Struck::Service(call.service), attempt.to, region);
        if lost > 0.0 {
            let mut branches = std::mem::take(&mut self.tiers.branches);
            branches.clear();
            branches.push(self.branch(call, 1.0 - lost, attempt, set));
            branches.push(Branch::of_nobody(lost));
            return self.extend_by_branches(chain, need, call, branches, (region, set));
        }
        let Attempt { cell, trip, arrives, front, overload, .. } = attempt;
        let (wait, worked) = front.held.map_or((0.0, 1.0), |held| (held.waits_for(), held.worked));
        let called = &self.tiers.chains[(set, cell)];
        let served = if arrives { front.passes(overload) } else { 0.0 };
        let patience = call.timeout.map_or(f64::INFINITY, SimDuration::as_secs_f64);
        let in_time = self.in_time(call, &attempt, called);
        let fails = 1.0 - served * called.pass * in_time;
        let late = served * called.pass * (1.0 - in_time);
        // Rounding may leave a hair of failure where there is none.
        let fails = if fails <= 1e-15 { 0.0 } else { fails };
        let lost = all_fail(fails, call.attempts);
        let tries = attempts_per_request(fails, call.attempts);
        let degraded = called.degraded;
        let (works, kept) = self.remembered(need, region, 1.0 - lost);
        if !kept && self.tiers.asks_for_times() {
            let late = if arrives { late } else { fails };
            let lasts = if call.timeout.is_some() { patience } else { trip };
            let failures = Failures { quick: (fails - late, trip), slow: (late, lasts) };
            let places = &mut self.solver.places;
            let called = &self.tiers.chains[(set, cell)].times;
            // The part of a distribution that comes within the caller's patience is worked out once for each wait.
            let before = trip + if patience.is_finite() { coarsely(wait.min(patience)) } else { wait };
            let times = called.tried(call.attempts, failures, (before, patience), need.soft, &mut places.laws);
            chain.times.then(&times, &mut places.laws);
        }
        let called = &self.tiers.chains[(set, cell)];
        let reaching = chain.pass * tries;
        if arrives && !kept {
            add(&mut chain.counts, self.solver.flow.called_at(cell.index()), reaching);
            for &(at, share) in &called.counts {
                add(&mut chain.counts, at, reaching * served * worked * share);
            }
        }
        if need.soft {
            chain.degraded = 1.0 - (1.0 - chain.degraded) * works * (1.0 - degraded);
            return;
        }
        chain.degraded = 1.0 - (1.0 - chain.degraded) * (1.0 - degraded);
        if self.tiers.loads_only {
            chain.pass *= works;
            return;
        }
        let failing = chain.pass * (1.0 - works);
        if failing > 0.0 && fails > 0.0 {
            // In proportion to the causes of one attempt.
            blame_attempt(chain, &attempt, (served, late), failing / fails, called);
        } else if failing > 0.0 {
            blame(chain, cell, Cause::Dependency, failing);
        }
        chain.pass *= works;
    }

    /// What arrives at the tiers that are called, as their loads: of calls, and at endpoints of clients as well.
    pub(super) fn load_tiers(&mut self) {
        for index in 0..self.tiers.inner.len() {
            let Inner { cell, entered, .. } = self.tiers.inner[index];
            let cell = cell.index();
            let flow = &mut self.solver.flow;
            let front = flow.fronts[cell];
            let calls = if front.dead { 0.0 } else { flow.called(cell) * (1.0 - front.dead_share) };
            flow.load[cell] = if entered { flow.entering[cell] + calls } else { calls };
        }
    }

    /// Tells the needs that remember what is available, and which called regions answer.
    pub(super) fn tell_sites(&mut self, engine: &mut Engine<Key>) {
        for site in SiteId::all(self.topology.graph.sites) {
            for region in self.topology.regions.ids() {
                let place = (site, region);
                if self.sites[place].component().keeps() {
                    let available = self.tiers.availability[place];
                    let caller = self.caller(site, region);
                    engine.call(&mut self.sites[place], |site, ctx| site.set_availability(available, caller, ctx));
                }
                if self.sites[place].component().follows() {
                    for to in self.topology.regions.ids() {
                        let answers = self.seen_to_answer(site, region, to);
                        engine.call(&mut self.sites[place], |site, ctx| site.set_answers(to, answers, ctx));
                    }
                }
            }
        }
    }

    /// What callers have long seen when a trial starts.
    pub(super) fn assume_sites(&mut self) {
        for site in SiteId::all(self.topology.graph.sites) {
            for region in self.topology.regions.ids() {
                for to in self.topology.regions.ids() {
                    let answers = self.seen_to_answer(site, region, to);
                    self.sites[(site, region)].component_mut().assume(to, answers);
                }
            }
        }
    }

    /// Whether callers in a region would see a service answer in another one: it is up, reached, has a live target in rotation
    /// and is not impaired as a whole. Neither load nor a gray failure shows.
    fn seen_to_answer(&self, site: SiteId, from: RegionId, to: RegionId) -> bool {
        let Some(service) = self.followed[site] else { return true };
        let Some(cell) = self.topology.graph.cell(service, to) else { return false };
        let targets =
            self.computes[cell].as_ref().is_none_or(|compute| !compute.is_dead() && compute.has_healthy_target());
        (from == to || self.world.linked(from, to)) && self.world.up(to) && targets && self.impaired_cells[cell] < 1.0
    }
}

/// Adds a share to a sum; without calls each access keeps an entry of its own, as it always had.
fn count(counts: &mut Vec<(usize, f64)>, at: usize, share: f64, together: bool) {
    if together {
        add(counts, at, share);
    } else {
        counts.push((at, share));
    }
}
