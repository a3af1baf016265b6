//! The M/M/c queue: customers come at random, c servers take the one who has waited longest.
//!
//! ```text
//!   Source --Arrived--> Desk (c servers, one queue)
//! ```
//!
//! Two components that do not know of each other, the wiring between them, and a loop over trials. The time average of the
//! number waiting is held against Erlang's formula (A. K. Erlang, 1917); `sim-core/tests/theory.rs` runs the same model.

use sim_core::component::{Address, Agenda, Component, Context, FutureEventList};
use sim_core::random::{Distribution, Invalid, StreamId, Variate};
use sim_core::stats::{Interval, Tally, TimeWeighted};
use sim_core::time::SimTime;

/// Sends customers.
#[derive(Debug)]
struct Source {
    /// Seconds between two customers.
    gap: Variate,
}

/// The next customer is due.
#[derive(Debug)]
struct CustomerDue;

/// A customer is here.
#[derive(Debug)]
struct Arrived;

impl Source {
    fn start(&mut self, ctx: &mut Context<'_, CustomerDue, Arrived>) {
        ctx.schedule_in(self.gap.draw_duration(), CustomerDue);
    }
}

impl Component for Source {
    type Event = CustomerDue;
    type Signal = Arrived;

    fn handle(&mut self, CustomerDue: CustomerDue, ctx: &mut Context<'_, CustomerDue, Arrived>) {
        ctx.signal(Arrived);
        ctx.schedule_in(self.gap.draw_duration(), CustomerDue);
    }
}

/// Serves customers. They differ in nothing, so that a number stands for the queue.
#[derive(Debug)]
struct Desk {
    servers: u32,
    busy: u32,
    waiting: u32,
    /// Seconds that one customer takes.
    service: Variate,
}

/// A server is done with a customer.
#[derive(Debug)]
struct ServiceDone;

/// So many wait now.
#[derive(Debug)]
struct Waiting(u32);

impl Desk {
    fn accept(&mut self, ctx: &mut Context<'_, ServiceDone, Waiting>) {
        if self.busy < self.servers {
            self.busy += 1;
            ctx.schedule_in(self.service.draw_duration(), ServiceDone);
        } else {
            self.waiting += 1;
            ctx.signal(Waiting(self.waiting));
        }
    }
}

impl Component for Desk {
    type Event = ServiceDone;
    type Signal = Waiting;

    fn handle(&mut self, ServiceDone: ServiceDone, ctx: &mut Context<'_, ServiceDone, Waiting>) {
        if self.waiting == 0 {
            self.busy -= 1;
        } else {
            self.waiting -= 1;
            ctx.signal(Waiting(self.waiting));
            ctx.schedule_in(self.service.draw_duration(), ServiceDone);
        }
    }
}

/// A queue, in customers per second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters {
    pub(crate) servers: u32,
    pub(crate) arrivals_per_second: f64,
    /// One server's.
    pub(crate) services_per_second: f64,
}

/// The wiring: the list of pending events, the components with their agendas, and what they have announced.
struct Model {
    list: FutureEventList,
    source: Source,
    source_agenda: Agenda<CustomerDue>,
    arrived: Vec<Arrived>,
    desk: Desk,
    desk_agenda: Agenda<ServiceDone>,
    waiting: Vec<Waiting>,
}

const SOURCE: Address = Address { kind: 0, index: 0 };
const DESK: Address = Address { kind: 1, index: 0 };

impl Model {
    fn new(parameters: Parameters, seed: u64) -> Result<Self, Invalid> {
        let gap = Distribution::exponential(1.0 / parameters.arrivals_per_second)?;
        let service = Distribution::exponential(1.0 / parameters.services_per_second)?;
        Ok(Self {
            list: FutureEventList::new(),
            source: Source { gap: Variate::new(gap, StreamId::new(seed, "source", "gap")) },
            source_agenda: Agenda::default(),
            arrived: Vec::new(),
            desk: Desk {
                servers: parameters.servers,
                busy: 0,
                waiting: 0,
                service: Variate::new(service, StreamId::new(seed, "desk", "service")),
            },
            desk_agenda: Agenda::default(),
            waiting: Vec::new(),
        })
    }

    /// Time average of the number waiting from `warm_up` to `end`, from an empty desk at time zero.
    fn run(&mut self, trial: u64, warm_up: SimTime, end: SimTime) -> f64 {
        self.list.clear();
        self.source_agenda.clear();
        self.desk_agenda.clear();
        self.source.gap.begin(trial);
        self.desk.service.begin(trial);
        (self.desk.busy, self.desk.waiting) = (0, 0);
        let (mut waiting, mut before) = (TimeWeighted::new(SimTime::ZERO, 0.0), None);

        let mut now = SimTime::ZERO;
        self.source.start(&mut Context::new(now, SOURCE, &mut self.list, &mut self.source_agenda, &mut self.arrived));
        while let Some(due) = self.list.pop().filter(|due| due.time < end) {
            now = due.time;
            if now >= warm_up && before.is_none() {
                before = Some(waiting.integral_at(warm_up));
            }
            if due.address == SOURCE {
                if let Some(event) = self.source_agenda.take(due.handle) {
                    let (list, agenda) = (&mut self.list, &mut self.source_agenda);
                    self.source.handle(event, &mut Context::new(now, SOURCE, list, agenda, &mut self.arrived));
                }
            } else if let Some(event) = self.desk_agenda.take(due.handle) {
                let (list, agenda) = (&mut self.list, &mut self.desk_agenda);
                self.desk.handle(event, &mut Context::new(now, DESK, list, agenda, &mut self.waiting));
            }
            self.settle(now, &mut waiting);
        }
        let span = end.since(warm_up).as_secs_f64();
        (waiting.integral_at(end) - before.unwrap_or(0.0)) / span
    }

    /// Passes on what was announced, at the same instant.
    fn settle(&mut self, now: SimTime, waiting: &mut TimeWeighted) {
        for Arrived in self.arrived.drain(..) {
            self.desk.accept(&mut Context::new(now, DESK, &mut self.list, &mut self.desk_agenda, &mut self.waiting));
        }
        for Waiting(number) in self.waiting.drain(..) {
            waiting.set(now, f64::from(number));
        }
    }
}

/// Mean number waiting, from `trials` trials of 2000 seconds after 500 seconds of warm-up.
pub(crate) fn simulated(
    parameters: Parameters,
    seed: u64,
    trials: u64,
    level: f64,
) -> Result<Option<Interval>, Invalid> {
    let mut model = Model::new(parameters, seed)?;
    let mut tally = Tally::new();
    for trial in 0..trials {
        tally.add(model.run(trial, seconds(500), seconds(2_500)));
    }
    Ok(tally.mean_interval(level))
}

/// Erlang C: the mean number waiting in equilibrium.
pub(crate) fn expected(parameters: Parameters) -> f64 {
    let offered = parameters.arrivals_per_second / parameters.services_per_second;
    let utilization = offered / f64::from(parameters.servers);
    // Erlang B by its recursion over the servers, then C from B.
    let blocked =
        (1..=parameters.servers).fold(1.0, |blocked, k| offered * blocked / (f64::from(k) + offered * blocked));
    let delayed = blocked / (1.0 - utilization * (1.0 - blocked));
    delayed * utilization / (1.0 - utilization)
}

fn seconds(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn main() -> Result<(), Invalid> {
    println!("mean number waiting, 200 trials a row, 95 % intervals");
    println!("servers  arrivals/s   Erlang C   simulated");
    for (servers, arrivals_per_second) in [(1, 0.5), (1, 0.8), (3, 2.0), (3, 2.7), (10, 8.0)] {
        let parameters = Parameters { servers, arrivals_per_second, services_per_second: 1.0 };
        if let Some(Interval { estimate, low, high, .. }) = simulated(parameters, 1, 200, 0.95)? {
            let theory = expected(parameters);
            println!("{servers:7}  {arrivals_per_second:10.1}  {theory:9.4}   {estimate:.4} ({low:.4} .. {high:.4})");
        }
    }
    Ok(())
}
