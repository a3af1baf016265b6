//! Machines break, and a few people repair them, one machine a person at a time.
//!
//! ```text
//!   Machine 1..n --Broke--> Workshop (r people, one queue)
//!        ^----------Mended---------'
//! ```
//!
//! The share of machines that run is held against the closed form of the machine-repair model (C. Palm, 1947), which needs
//! exponential repairs, but holds for *any* time to failure; with a person for every machine the repair may be anything,
//! too. `sim-core/tests/theory.rs` runs the same model.

use sim_core::component::{Address, Component, Context, FutureEventList};
use sim_core::random::{Distribution, Invalid, LogNormal, StreamId, Variate};
use sim_core::slot::Slot;
use sim_core::stats::{Interval, Tally, TimeWeighted};
use sim_core::time::SimTime;
use std::collections::VecDeque;

/// One machine. It only knows when it will break.
#[derive(Debug)]
struct Machine {
    life: Variate,
}

/// It has run its time.
#[derive(Debug)]
struct LifeOver;

/// It stands still.
#[derive(Clone, Copy, Debug)]
struct Broke;

impl Machine {
    fn start(&mut self, ctx: &mut Context<'_, LifeOver, Broke>) {
        ctx.schedule_in(self.life.draw_duration(), LifeOver);
    }
}

impl Component for Machine {
    type Event = LifeOver;
    type Signal = Broke;

    fn handle(&mut self, LifeOver: LifeOver, ctx: &mut Context<'_, LifeOver, Broke>) {
        ctx.signal(Broke);
    }
}

/// The people who repair.
#[derive(Debug)]
struct Workshop {
    idle: usize,
    queue: VecDeque<u16>,
    repair: Variate,
}

/// This machine is repaired.
#[derive(Debug)]
struct RepairDone(u16);

/// This machine can run again.
#[derive(Clone, Copy, Debug)]
struct Mended(u16);

impl Workshop {
    fn bring(&mut self, machine: u16, ctx: &mut Context<'_, RepairDone, Mended>) {
        self.queue.push_back(machine);
        self.take_up(ctx);
    }

    fn take_up(&mut self, ctx: &mut Context<'_, RepairDone, Mended>) {
        while self.idle > 0
            && let Some(machine) = self.queue.pop_front()
        {
            self.idle -= 1;
            ctx.schedule_in(self.repair.draw_duration(), RepairDone(machine));
        }
    }
}

impl Component for Workshop {
    type Event = RepairDone;
    type Signal = Mended;

    fn handle(&mut self, RepairDone(machine): RepairDone, ctx: &mut Context<'_, RepairDone, Mended>) {
        self.idle += 1;
        ctx.signal(Mended(machine));
        self.take_up(ctx);
    }
}

/// A shop floor. Distributions are in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) machines: u16,
    pub(crate) people: usize,
    pub(crate) life: Distribution,
    pub(crate) repair: Distribution,
}

/// The wiring.
struct Model {
    list: FutureEventList,
    people: usize,
    machines: Vec<Slot<Machine>>,
    workshop: Slot<Workshop>,
}

const MACHINE: u16 = 0;
const WORKSHOP: u16 = 1;

impl Model {
    fn new(parameters: &Parameters, seed: u64) -> Self {
        let machine = |index| {
            let id = StreamId::new(seed, &format!("machine-{index}"), "life");
            Slot::new(Machine { life: Variate::new(parameters.life.clone(), id) }, Address { kind: MACHINE, index })
        };
        let repair = Variate::new(parameters.repair.clone(), StreamId::new(seed, "workshop", "repair"));
        let workshop = Workshop { idle: 0, queue: VecDeque::new(), repair };
        Self {
            list: FutureEventList::new(),
            people: parameters.people,
            machines: (0..parameters.machines).map(machine).collect(),
            workshop: Slot::new(workshop, Address { kind: WORKSHOP, index: 0 }),
        }
    }

    /// Time average of the share of machines that run, from `warm_up` to `end`; all run at time zero.
    fn run(&mut self, trial: u64, warm_up: SimTime, end: SimTime) -> f64 {
        let Self { list, people, machines, workshop } = self;
        list.clear();
        workshop.begin(|workshop| {
            workshop.repair.begin(trial);
            workshop.queue.clear();
            workshop.idle = *people;
        });
        for machine in machines.iter_mut() {
            machine.begin(|machine| machine.life.begin(trial));
            machine.call(SimTime::ZERO, list, Machine::start);
        }
        let count = machines.len() as f64;
        let (mut running, mut before) = (TimeWeighted::new(SimTime::ZERO, count), None);
        while list.next_time().is_some_and(|time| time < end)
            && let Some(due) = list.pop()
        {
            let (now, index) = (due.time, due.address.index);
            if now >= warm_up && before.is_none() {
                before = Some(running.integral_at(warm_up));
            }
            if due.address.kind == WORKSHOP {
                workshop.deliver(due, list);
            } else {
                machines[usize::from(index)].deliver(due, list);
            }
            // What was announced is passed on at the same instant.
            while let Some(Broke) = machines[usize::from(index)].next_signal() {
                running.set(now, running.value() - 1.0);
                workshop.call(now, list, |workshop, ctx| workshop.bring(index, ctx));
            }
            while let Some(Mended(machine)) = workshop.next_signal() {
                running.set(now, running.value() + 1.0);
                machines[usize::from(machine)].call(now, list, Machine::start);
            }
        }
        let span = end.since(warm_up).as_secs_f64();
        (running.integral_at(end) - before.unwrap_or(0.0)) / span / count
    }
}

/// Mean share of machines that run, from `trials` trials of 2000 seconds after 500 seconds of warm-up.
pub(crate) fn simulated(parameters: &Parameters, seed: u64, trials: u64, level: f64) -> Option<Interval> {
    let mut model = Model::new(parameters, seed);
    let mut tally = Tally::new();
    for trial in 0..trials {
        tally.add(model.run(trial, seconds(500), seconds(2_500)));
    }
    tally.mean_interval(level)
}

/// The closed form: with k machines down, breaking goes on at the rate of the others and mending at that of min(k, r).
pub(crate) fn expected(parameters: &Parameters) -> f64 {
    let load = parameters.repair.mean() / parameters.life.mean();
    let count = f64::from(parameters.machines);
    let (mut weight, mut total, mut running) = (1.0, 0.0, 0.0);
    for down in 0..=parameters.machines {
        let down = f64::from(down);
        total += weight;
        running += weight * (count - down);
        weight *= (count - down) * load / (down + 1.0).min(parameters.people as f64);
    }
    running / total / count
}

fn seconds(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn main() -> Result<(), Invalid> {
    let minutes = |mean: f64| LogNormal { mean: Some(mean), sigma: Some(1.0), ..LogNormal::default() };
    let (steady, wear) = (Distribution::exponential(10.0)?, Distribution::weibull(3.0, 11.0)?);
    let (quick, odd) = (Distribution::exponential(2.0)?, Distribution::lognormal(&minutes(2.0))?);
    let floors = [
        ("one person, everything exponential", 4, 1, &steady, &quick),
        ("two people, everything exponential", 10, 2, &steady, &quick),
        ("two people, machines wear out", 10, 2, &wear, &quick),
        ("a person a machine, lognormal repairs", 5, 5, &steady, &odd),
    ];
    println!("share of machines that run, 200 trials a row, 95 % intervals");
    for (name, machines, people, life, repair) in floors {
        let floor = Parameters { machines, people, life: life.clone(), repair: repair.clone() };
        if let Some(Interval { estimate, low, high, .. }) = simulated(&floor, 1, 200, 0.95) {
            println!("{name:38}  theory {:.5}  simulated {estimate:.5} ({low:.5} .. {high:.5})", expected(&floor));
        }
    }
    Ok(())
}
