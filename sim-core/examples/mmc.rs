//! The M/M/c queue: customers come at random, c servers take the one who has waited longest.
//!
//! ```text
//!   Source --Arrived--> Desk (c servers, one queue)
//! ```
//!
//! Two components that do not know of each other, the wiring between them, and a loop over trials. The time average of the
//! number waiting is held against Erlang's formula (A. K. Erlang, 1917); `sim-core/tests/theory.rs` runs the same model.

use sim_core::component::{Address, Component, Context, FutureEventList};
use sim_core::random::{Distribution, Invalid, StreamId, Variate};
use sim_core::slot::Slot;
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
#[derive(Clone, Copy, Debug)]
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
#[derive(Clone, Copy, Debug)]
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

/// The wiring: the list of pending events, and the components in their places.
struct Model {
    list: FutureEventList,
    source: Slot<Source>,
    desk: Slot<Desk>,
}

const SOURCE: Address = Address { kind: 0, index: 0 };
const DESK: Address = Address { kind: 1, index: 0 };

impl Model {
    fn new(parameters: Parameters, seed: u64) -> Result<Self, Invalid> {
        let gap = Distribution::exponential(1.0 / parameters.arrivals_per_second)?;
        let service = Distribution::exponential(1.0 / parameters.services_per_second)?;
        let gap = Variate::new(gap, StreamId::new(seed, "source", "gap"));
        let service = Variate::new(service, StreamId::new(seed, "desk", "service"));
        Ok(Self {
            list: FutureEventList::new(),
            source: Slot::new(Source { gap }, SOURCE),
            desk: Slot::new(Desk { servers: parameters.servers, busy: 0, waiting: 0, service }, DESK),
        })
    }

    /// Time average of the number waiting from `warm_up` to `end`, from an empty desk at time zero.
    fn run(&mut self, trial: u64, warm_up: SimTime, end: SimTime) -> f64 {
        let Self { list, source, desk } = self;
        list.clear();
        desk.begin(|desk| {
            desk.service.begin(trial);
            (desk.busy, desk.waiting) = (0, 0);
        });
        source.begin(|source| source.gap.begin(trial));
        source.call(SimTime::ZERO, list, Source::start);
        let (mut waiting, mut before) = (TimeWeighted::new(SimTime::ZERO, 0.0), None);
        while list.next_time().is_some_and(|time| time < end)
            && let Some(due) = list.pop()
        {
            let now = due.time;
            if now >= warm_up && before.is_none() {
                before = Some(waiting.integral_at(warm_up));
            }
            if due.address == SOURCE {
                source.deliver(due, list);
            } else {
                desk.deliver(due, list);
            }
            // What was announced is passed on at the same instant.
            while let Some(Arrived) = source.next_signal() {
                desk.call(now, list, Desk::accept);
            }
            while let Some(Waiting(number)) = desk.next_signal() {
                waiting.set(now, f64::from(number));
            }
        }
        let span = end.since(warm_up).as_secs_f64();
        (waiting.integral_at(end) - before.unwrap_or(0.0)) / span
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
