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

use sim_core::prelude::*;
use sim_core::random::LogNormal;
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
    queue: VecDeque<usize>,
    repair: Variate,
}

/// This machine is repaired.
#[derive(Debug)]
struct RepairDone(usize);

/// This machine can run again.
#[derive(Clone, Copy, Debug)]
struct Mended(usize);

impl Workshop {
    fn bring(&mut self, machine: usize, ctx: &mut Context<'_, RepairDone, Mended>) {
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

/// The model: all components in their places, and what is measured.
struct Floor {
    people: usize,
    machines: Vec<Slot<Machine>>,
    workshop: Slot<Workshop>,
    running: TimeWeighted,
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Machine(usize),
    Workshop,
}

impl Floor {
    fn new(parameters: &Parameters, seed: u64, simulation: &mut Simulation<Key>) -> Self {
        let machine = |index| {
            let id = StreamId::new(seed, &format!("machine-{index}"), "life");
            let machine = Machine { life: Variate::new(parameters.life.clone(), id) };
            simulation.place(Key::Machine(index), machine)
        };
        let machines = (0..usize::from(parameters.machines)).map(machine).collect();
        let repair = Variate::new(parameters.repair.clone(), StreamId::new(seed, "workshop", "repair"));
        let workshop = Workshop { idle: 0, queue: VecDeque::new(), repair };
        let workshop = simulation.place(Key::Workshop, workshop);
        Self { people: parameters.people, machines, workshop, running: TimeWeighted::default() }
    }

    fn broke(&mut self, machine: usize, engine: &mut Engine<Key>) {
        self.running.add(engine.now(), -1.0);
        engine.call(&mut self.workshop, |workshop, ctx| workshop.bring(machine, ctx));
    }

    fn mended(&mut self, machine: usize, engine: &mut Engine<Key>) {
        self.running.add(engine.now(), 1.0);
        engine.call(&mut self.machines[machine], Machine::start);
    }
}

impl Model for Floor {
    type Key = Key;

    /// All machines run at time zero.
    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        self.running = TimeWeighted::new(SimTime::ZERO, self.machines.len() as f64);
        engine.begin(&mut self.workshop, |workshop, _| {
            workshop.repair.begin(trial);
            workshop.queue.clear();
            workshop.idle = self.people;
        });
        for machine in &mut self.machines {
            engine.begin(machine, |machine, ctx| {
                machine.life.begin(trial);
                machine.start(ctx);
            });
        }
    }

    fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
        match key {
            Key::Machine(index) => {
                turn.of(self, |it| &mut it.machines[index], |it, Broke, engine| it.broke(index, engine))
            }
            Key::Workshop => {
                turn.of(self, |it| &mut it.workshop, |it, Mended(machine), engine| it.mended(machine, engine))
            }
        }
    }
}

/// Mean share of machines that run, from `trials` trials of 2000 seconds after 500 seconds of warm-up.
pub(crate) fn simulated(parameters: &Parameters, seed: u64, trials: u64, level: f64) -> Option<Interval> {
    let mut simulation = Simulation::new();
    let mut floor = Floor::new(parameters, seed, &mut simulation);
    let window = Window::seconds(500, 2_000);
    let count = f64::from(parameters.machines);
    let share = |it: &Floor, now| it.running.integral_at(now) / count;
    simulation.time_averages(&mut floor, 0..trials, window, share).mean_interval(level)
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
