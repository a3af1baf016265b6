//! What becomes of the requests of every population at every region, added up.

use super::crowds::{Crowds, Marks};
use super::direct::{Dirty, Parts};
use super::ledger::Ledger;
use super::lines::Lines;
use super::refused::Refused;
use super::waiting::Waits;
use super::walk::Walks;
use super::{Chain, Flow, Front, JourneyFlow, Shape};
use crate::cause::{CAUSES, Cause};
use crate::fronts::cloud_front::Plan;
use crate::grid::Grid;
use crate::ids::CellId;
use crate::latency::{Clients, Places};

/// Populations whose requests fare alike wherever they arrive.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Class {
    /// Attempts per request.
    pub(super) attempts: u32,
    /// What they make of the time that requests take.
    pub(super) clients: Clients,
}

/// The solver with its inputs, its memory and its result.
#[derive(Debug)]
pub struct Solver {
    pub(super) shape: Shape,
    pub(super) retrying: bool,
    /// Classes of populations, and which of them each population belongs to.
    pub(super) classes: Vec<Class>,
    pub(super) class_of: Vec<usize>,
    /// Share of each journey in the requests of those who pass a set of chains: row = set, column = journey.
    pub(super) shares: Grid<f64>,
    /// How long services and stores take.
    pub places: Places,
    /// What becomes of requests now.
    pub(super) lines: Lines,
    /// Regions whose lines have to be worked out again.
    pub(super) stale: Vec<bool>,
    /// Without an edge or walks: what of the result has to be added up again.
    pub(super) dirty: Dirty,
    pub(super) parts: Parts,
    /// Needs, by set of chains: row = region, column = journey.
    pub chains: Vec<Grid<Chain>>,
    /// Why requests fail at a dead or gray endpoint: row = population, column = region.
    pub endpoint_causes: Grid<Cause>,
    /// The memory: share of requests that overload fails, by cell.
    pub overload: Vec<f64>,
    /// Share of misses that meet an error that the edge has cached, by cause: row = population, column = journey. Here
    /// and below: of `CloudFront`, empty without.
    pub cached_errors: Grid<[f64; CAUSES]>,
    /// Share of misses that the origins fail, and the main cause: row = population, column = journey.
    pub failing: Grid<(f64, Cause)>,
    /// Where clients go through several addresses: whose.
    pub(super) walks: Option<Walks>,
    /// Where requests wait before fronts: attempts on their way, and what meets them.
    pub(super) waits: Option<Waits>,
    /// What never gets in.
    pub(super) refused: Refused,
    /// The result, and what the next one starts from.
    pub flow: Flow,
    /// Populations whose shares or failing requests were worked out again, and regions whose load was, until somebody
    /// clears them; without an edge or walks.
    pub touched: Marks,
    /// See [`Self::touched`].
    pub solved: Vec<bool>,
    /// Requests per second that may come and go before another cause fails most, once that was asked for.
    pub(super) slack: Option<f64>,
}

impl Solver {
    /// Whether the overload of the fronts is found together with that of tiers behind them, from outside: flows are then those
    /// under the present overload.
    pub(super) const fn joint(&self) -> bool {
        self.shape.parts > 0
    }

    /// A solver for an experiment of this shape; all is well.
    pub fn new(shape: Shape) -> Self {
        let (regions, journeys, populations) = (shape.regions, shape.journey_shares.len(), shape.attempts.len());
        let first_meter = shape.stores * regions;
        let first_tier = first_meter + shape.meters;
        let first_front = first_tier + shape.tiers;
        let called_fronts = if shape.calls_fronts { regions } else { 0 };
        let flow = Flow {
            regions,
            journeys: vec![JourneyFlow::default(); journeys],
            offered: vec![0.0; populations],
            failed: vec![0.0; populations],
            shares: Grid::new(populations, regions, 0.0),
            load: vec![0.0; regions + shape.tiers],
            entering: vec![0.0; called_fronts],
            fronts: vec![Front::default(); regions + shape.tiers],
            arrived: Grid::new(regions, journeys, (0.0, 0.0)),
            counted: vec![0.0; first_front + called_fronts],
            first_meter,
            first_tier,
            first_front,
            blamed: vec![0.0; shape.parts * CAUSES],
            ledger: Ledger::new(
                Crowds::new(populations, regions, &shape.round_trips),
                (populations, regions, journeys),
                shape.parts * CAUSES,
            ),
        };
        let sets = shape.chain_sets.iter().max().map_or(1, |most| most + 1);
        let behind_edge = if shape.edge.is_some() { populations } else { 0 };
        let cells = flow.counted.len();
        let mut places = Places::default();
        let patient = |&attempts: &u32| Clients::new(attempts, f64::INFINITY, None, &mut places.laws);
        let patient: Vec<Clients> = shape.attempts.iter().map(patient).collect();
        let solver = Self {
            retrying: shape.attempts.iter().any(|&attempts| attempts > 1),
            class_of: Vec::new(),
            lines: Lines::default(),
            places,
            stale: vec![true; regions],
            dirty: Dirty::new(populations, regions),
            parts: Parts::new(regions, journeys, cells, shape.parts * CAUSES),
            touched: Marks::new(populations),
            solved: vec![false; regions],
            slack: None,
            classes: Vec::new(),
            chains: vec![Grid::new(regions, journeys, Chain::default()); sets],
            endpoint_causes: Grid::new(populations, regions, Cause::Detection),
            overload: vec![0.0; regions + shape.tiers],
            refused: Refused::new(populations, &shape.journey_shares, sets),
            shares: Grid::from_fn(sets, journeys, |_, journey: usize| shape.journey_shares[journey]),
            walks: shape.steps.clone().map(|steps| Walks::new(steps, regions, shape.columns.clone())),
            waits: shape.limits.clone().map(|limits| Waits::new(limits, (regions, journeys), &shape.attempts)),
            cached_errors: Grid::new(behind_edge, journeys, [0.0; CAUSES]),
            failing: Grid::new(behind_edge, journeys, (0.0, Cause::Detection)),
            flow,
            shape,
        };
        solver.with_clients(&patient)
    }

    /// The solver for clients of several names: the shares of journeys in the requests of each set of chains.
    #[must_use]
    pub fn with_names(mut self, shares: &Grid<f64>) -> Self {
        self.refused.share(shares);
        self.shares = shares.clone();
        self
    }

    /// The solver for services and stores that take so long.
    #[must_use]
    pub fn with_places(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    /// The solver for clients, by population, that make this of the time that requests take.
    #[must_use]
    pub fn with_clients(mut self, clients: &[Clients]) -> Self {
        let class = |clients: &Clients| Class { attempts: clients.attempts, clients: clients.clone() };
        let of: Vec<Class> = clients.iter().map(class).collect();
        self.classes.clear();
        for class in &of {
            if !self.classes.contains(class) {
                self.classes.push(class.clone());
            }
        }
        let place = |class: &Class| self.classes.iter().position(|own| own == class).expect("every class is listed");
        self.class_of = of.iter().map(place).collect();
        let (classes, sets) = (self.classes.len(), self.chains.len());
        let times = clients.iter().any(|clients| clients.alone.is_some());
        self.lines = Lines::new((classes, sets), self.shape.regions, self.shape.journey_shares.len(), times);
        self.parts.failing = Grid::new(self.shape.regions, classes * sets, f64::NAN);
        let places = self.class_of.iter().zip(&self.shape.chain_sets);
        let places = places.map(|(&class, &set)| self.lines.place(class, set)).collect();
        self.flow.ledger.place(places, &self.lines);
        self
    }

    /// A front was changed from outside: the region's outcomes have to be worked out again.
    pub fn place_changed(&mut self, region: usize) {
        self.stale[region] = true;
    }

    /// What `CloudFront` makes of requests, if it is there.
    pub const fn edge(&self) -> Option<&Plan> {
        self.shape.edge.as_ref()
    }

    /// Fronts, needs or memory were changed from outside: every region's lines have to be worked out again.
    pub fn places_changed(&mut self) {
        self.stale.fill(true);
    }

    /// Solves for the flows under the present fronts, chains, shares and offered loads.
    pub fn solve(&mut self) {
        if let Some(plan) = self.shape.edge.take() {
            self.solve_through_edge(&plan);
            self.shape.edge = Some(plan);
            return;
        }
        if let Some(walks) = self.walks.take() {
            self.solve_walking(&walks);
            self.walks = Some(walks);
            return;
        }
        if let Some(mut waits) = self.waits.take() {
            self.solve_waiting(&mut waits);
            self.waits = Some(waits);
            return;
        }
        self.solve_directly();
    }

    /// Nothing flows: what requests come to is added up anew.
    pub(super) fn clear_flows(&mut self) {
        self.flow.journeys.fill(JourneyFlow::default());
        self.flow.failed.fill(0.0);
        self.flow.arrived.fill((0.0, 0.0));
        self.flow.counted.fill(0.0);
        self.flow.blamed.fill(0.0);
        if let Some(passages) = self.flow.ledger.passages.as_mut() {
            passages.clear();
        }
    }

    /// What becomes of requests at a region.
    pub(super) fn work_out(&mut self, region: usize) {
        self.stale[region] = false;
        let Self { lines, classes, chains, shares, flow, places, overload, .. } = self;
        let (front, overload) = (&flow.fronts[region], overload[region]);
        for (class, Class { attempts, clients }) in classes.iter().enumerate() {
            for (set, chains) in chains.iter().enumerate() {
                let place = lines.place(class, set);
                let journeys = chains.row(region).iter().zip(shares.row(set).iter().copied());
                lines.work_out((place, region), front, overload, *attempts, journeys, |journey, fails, chain, way| {
                    let cold = places.start_cold(CellId::new(region), front.cold, &chain.times);
                    let times = cold.as_ref().unwrap_or(&chain.times);
                    clients.succeed(region, journey, fails, times, way, &mut places.laws)
                });
            }
        }
        self.flow.ledger.disturb(region);
    }
}

#[cfg(test)]
mod tests {
    use sim_core::random::Distribution;

    use super::*;
    use crate::latency::CellTimes;

    /// One region, one journey, one population of 100 per second that makes so many attempts.
    fn solver(attempts: u32) -> Solver {
        let mut solver = Solver::new(Shape {
            regions: 1,
            journey_shares: vec![1.0],
            attempts: vec![attempts],
            round_trips: vec![vec![0.05]],
            stores: 1,
            chain_sets: vec![0],
            ..Shape::default()
        });
        solver.flow.offered[0] = 100.0;
        solver.flow.shares.fill(1.0);
        solver.chains[0][(0, 0)].pass = 1.0;
        solver
    }

    fn solved(solver: &mut Solver) -> JourneyFlow {
        solver.everything_changed();
        solver.solve();
        solver.flow.journeys[0]
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn all_is_well_without_a_reason_to_fail() {
        let mut solver = solver(3);
        let flow = solved(&mut solver);
        assert_eq!((flow.failed, flow.causes, flow.success()), (0.0, [0.0; CAUSES], 1.0));
        assert_eq!(solver.flow.load[0], 100.0);
        assert!(solver.flow.mean_latency().is_some_and(|latency| close(latency, 0.05)));
    }

    #[test]
    fn each_stage_fails_its_part_of_what_the_earlier_ones_let_pass() {
        // Gray 10 %, of the rest 20 % at dead targets, of the rest a capacity of 36 for 72 at live ones, of the rest 25 %
        // for want of a store: 10, 18, 36 and 9 of 100.
        let mut solver = solver(1);
        solver.flow.fronts[0] = Front { gray: 0.1, dead_share: 0.2, capacity: 40.0, ..Front::default() };
        solver.chains[0][(0, 0)].pass = 0.75;
        solver.chains[0][(0, 0)].causes[Cause::Dependency.index()] = 0.25;
        solver.endpoint_causes[(0, 0)] = Cause::Propagation;
        let flow = solved(&mut solver);
        // Requests that a gray failure fails are load, too: 80 attempts reach live targets, and half of them find room.
        assert!(close(solver.flow.load[0], 80.0) && close(solver.overload[0], 0.5));
        for (cause, expected) in [
            (Cause::Propagation, 10.0),
            (Cause::Targets, 18.0),
            (Cause::Capacity, 36.0),
            (Cause::Dependency, 9.0),
            (Cause::Detection, 0.0),
        ] {
            assert!(close(flow.causes[cause.index()], expected), "{cause:?}: {:?}", flow.causes);
        }
        assert!(close(flow.failed, 73.0));
    }

    #[test]
    fn retries_keep_the_proportions_of_one_attempt() {
        let mut solver = solver(3);
        solver.flow.fronts[0] = Front { gray: 0.5, dead_share: 0.2, ..Front::default() };
        let flow = solved(&mut solver);
        let q: f64 = 0.6;
        assert!(close(flow.failed, 100.0 * q * q * q));
        assert!(close(flow.causes[Cause::Detection.index()] / flow.failed, 0.5 / q));
        assert!(close(flow.causes[Cause::Targets.index()] / flow.failed, 0.1 / q));
        let attempts = 100.0 * (1.0 + q + q * q);
        assert!(close(solver.flow.load[0], 0.8 * attempts));
        // The balancer counts each attempt: a share q of what it answers are errors.
        let (arrived, errors) = solver.flow.arrived[(0, 0)];
        assert!(close(arrived, attempts) && close(errors, q * attempts), "{errors} of {arrived}");
    }

    #[test]
    fn a_dead_region_fails_everything_and_carries_nothing() {
        let mut solver = solver(3);
        solver.flow.fronts[0].dead = true;
        solver.endpoint_causes[(0, 0)] = Cause::DnsCache;
        let flow = solved(&mut solver);
        assert_eq!((flow.failed, flow.causes[Cause::DnsCache.index()], solver.flow.load[0]), (100.0, 100.0, 0.0));
        assert_eq!(solver.flow.mean_latency(), None);
    }

    #[test]
    fn writes_of_attempts_that_fail_later_are_acknowledged_all_the_same() {
        // The write works, the need after it does not: each of three attempts writes.
        let mut solver = solver(3);
        solver.chains[0][(0, 0)].pass = 0.0;
        solver.chains[0][(0, 0)].causes[Cause::Dependency.index()] = 1.0;
        solver.chains[0][(0, 0)].counts.push((0, 1.0));
        assert_eq!(solved(&mut solver).failed, 100.0);
        assert_eq!(solver.flow.acknowledged(), [300.0]);
    }

    #[test]
    fn overload_sheds_collapses_or_keeps_a_floor() {
        let front = |kappa, floor| Front { capacity: 100.0, kappa, floor, ..Front::default() };
        assert_eq!(front(0.0, 0.0).overload(100.0), 0.0, "up to the capacity nothing is lost");
        assert_eq!(front(0.0, 0.0).overload(200.0), 0.5, "ideal shedding");
        assert_eq!(front(0.5, 0.0).overload(200.0), 0.75, "half of the goodput is lost at twice the capacity");
        assert_eq!(front(1.0, 0.0).overload(200.0), 1.0, "collapse");
        assert_eq!(front(1.0, 0.4).overload(400.0), 0.9, "a floor of 40 of 400");
        assert_eq!(Front { capacity: 0.0, ..Front::default() }.overload(1.0), 1.0);
    }

    #[test]
    fn what_is_refused_does_not_depend_on_where_one_comes_from() {
        // With q = f at each of a attempts, 1 - f^a of 100 get through: that is the capacity.
        for (attempts, capacity) in [(1, 40.0), (2, 99.0), (3, 70.0), (3, 99.9), (3, 100.0 - 1e-7), (5, 1.0), (3, 0.0)]
        {
            for from in [0.0, 0.5, 1.0] {
                let mut solver = solver(attempts);
                solver.flow.fronts[0] = Front { capacity, ceiling: Some(200.0), ..Front::default() };
                solver.overload[0] = from;
                let flow = solved(&mut solver);
                assert!((100.0 - flow.failed - capacity).abs() < 1e-8, "{attempts} {capacity}: {}", flow.failed);
                assert!(close(flow.causes[Cause::Capacity.index()], flow.failed));
                assert!(close(solver.flow.utilization(0), capacity / 200.0));
                assert!(close(solver.demand(0), 100.0), "all of them would be served at once");
            }
        }
        let mut solver = solver(3);
        solver.flow.fronts[0] = Front { gray: 0.5, capacity: 100.0, ceiling: Some(200.0), ..Front::default() };
        solved(&mut solver);
        // With q = 0.5 each request makes 1.75 attempts if none is refused.
        assert!(close(solver.demand(0), 175.0), "{}", solver.demand(0));
    }

    #[test]
    fn clients_that_do_not_wait_for_cold_starts_fail_alone_and_try_nothing_again() {
        let shape = Shape { attempts: vec![1, 2, 1], round_trips: vec![vec![0.05]; 3], ..solver(1).shape };
        let cold = Distribution::constant(2.0).expect("a constant");
        let cell = CellTimes { cold: Some(&cold), ..CellTimes::default() };
        let mut places = Places::new(std::iter::once(cell), std::iter::empty(), &[vec![0.0]]);
        let mut clients = |attempts, timeout| {
            let clients = Clients::new(attempts, timeout, None, &mut places.laws);
            Clients { round_trips: vec![0.05], ..clients }
        };
        let clients = [clients(1, 5.0), clients(2, 1.0), clients(1, 2.04)];
        let mut solver =
            Solver::new(Shape { chain_sets: vec![0; 3], ..shape }).with_places(places).with_clients(&clients);
        solver.flow.offered.fill(100.0);
        solver.flow.shares.fill(1.0);
        solver.chains[0][(0, 0)].pass = 1.0;
        solver.flow.fronts[0] = Front { cold: 0.2, ..Front::default() };
        let flow = solved(&mut solver);
        assert_eq!(solver.flow.failed[0], 0.0);
        assert!(close(solver.flow.failed[1], 20.0) && close(solver.flow.failed[2], 20.0));
        assert!(close(flow.causes[Cause::Slow.index()], 40.0));
        // Two cold ones in ten of the first wait for 2 s.
        assert!(close(solver.flow.latency_sum(), 100.0 * 0.45 + 160.0 * 0.05));
    }

    #[test]
    fn the_overload_remembers_where_it_came_from_and_solving_again_changes_no_bit() {
        let mut solver = solver(3);
        solver.flow.fronts[0] = Front { capacity: 110.0, kappa: 1.0, ..Front::default() };
        assert_eq!(solved(&mut solver).failed, 0.0);
        for offered in [200.0, 100.0] {
            solver.flow.offered[0] = offered;
            solver.traffic_changed(0, true);
            solver.solve();
        }
        assert_eq!(solver.flow.journeys[0].failed, 100.0, "three attempts each keep it down");
        solver.overload[0] = 0.0;
        assert_eq!(solved(&mut solver).failed, 0.0);

        solver.flow.fronts[0].kappa = 0.2;
        solver.flow.offered[0] = 150.0;
        let once = solved(&mut solver);
        assert!(once.failed > 0.0 && solved(&mut solver) == once && solved(&mut solver) == once);
    }
}
