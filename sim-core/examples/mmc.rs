//! The M/M/c queue: customers come at random, c servers take the one who has waited longest.
//!
//! ```text
//!   Source --Arrived--> Desk (c servers, one queue)
//! ```
//!
//! Two components that do not know of each other, and a model that says what they mean to each other. The time average of
//! the number waiting is held against Erlang's formula (A. K. Erlang, 1917); `sim-core/tests/theory.rs` runs the same model.

use sim_core::prelude::*;

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

/// The model: both components in their places, and what is measured.
struct Queue {
    source: Slot<Source>,
    desk: Slot<Desk>,
    waiting: TimeWeighted,
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Source,
    Desk,
}

impl Model for Queue {
    type Key = Key;

    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        self.waiting = TimeWeighted::default();
        engine.begin(&mut self.desk, |desk, _| {
            desk.service.begin(trial);
            (desk.busy, desk.waiting) = (0, 0);
        });
        engine.begin(&mut self.source, |source, ctx| {
            source.gap.begin(trial);
            source.start(ctx);
        });
    }

    fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
        match key {
            Key::Source => {
                turn.of(self, |it| &mut it.source, |it, Arrived, engine| engine.call(&mut it.desk, Desk::accept))
            }
            Key::Desk => turn.of(
                self,
                |it| &mut it.desk,
                |it, Waiting(number), engine| it.waiting.set(engine.now(), f64::from(number)),
            ),
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
    let gap = Variate::exponential(1.0 / parameters.arrivals_per_second, StreamId::new(seed, "source", "gap"))?;
    let service = Variate::exponential(1.0 / parameters.services_per_second, StreamId::new(seed, "desk", "service"))?;
    let mut simulation = Simulation::new();
    let mut queue = Queue {
        source: simulation.place(Key::Source, Source { gap }),
        desk: simulation.place(Key::Desk, Desk { servers: parameters.servers, busy: 0, waiting: 0, service }),
        waiting: TimeWeighted::default(),
    };
    let window = Window::seconds(500, 2_000);
    let averages = simulation.time_averages(&mut queue, 0..trials, window, |it, now| it.waiting.integral_at(now));
    Ok(averages.mean_interval(level))
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
