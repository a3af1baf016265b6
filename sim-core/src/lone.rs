//! A model of one component that speaks to nobody: what a first model often is.

use std::ops::Range;

use crate::component::Component;
use crate::engine::{Dispatched, Engine, Turn};
use crate::random::Trial;
use crate::simulation::{Model, Simulation, Window};
use crate::slot::Slot;
use crate::stats::Tally;
use crate::time::SimTime;

/// One component in a simulation of its own. Its signals are dropped.
///
/// Each trial gets a component of its own, so that nothing has to be put back; a model of many components, which rather
/// keeps them from trial to trial, implements [`Model`].
pub struct Lone<C: Component, F, G> {
    simulation: Simulation<()>,
    model: Placed<C, F, G>,
}

struct Placed<C: Component, F, G> {
    slot: Slot<C>,
    fresh: F,
    first: G,
}

impl<C, F, G> Lone<C, F, G>
where
    C: Component<Signal: Copy>,
    F: Fn(Trial<'_>) -> C,
    G: Fn() -> C::Event,
{
    /// `fresh` makes the component as it is at the start of a trial; `first` is what happens to it then, at
    /// time zero.
    pub fn new(fresh: F, first: G) -> Self {
        let mut simulation = Simulation::new();
        let slot = simulation.place((), fresh(Trial::from(0)));
        Self { simulation, model: Placed { slot, fresh, first } }
    }

    /// See [`Simulation::readings`].
    pub fn readings<R>(&mut self, trial: u64, window: Window, mut read: impl FnMut(&C, SimTime) -> R) -> [R; 2] {
        self.simulation.readings(&mut self.model, trial, window, |model, now| read(model.slot.component(), now))
    }

    /// See [`Simulation::time_averages`].
    pub fn time_averages(
        &mut self,
        trials: Range<u64>,
        window: Window,
        mut integral: impl FnMut(&C, SimTime) -> f64,
    ) -> Tally {
        let read = |model: &Placed<C, F, G>, now| integral(model.slot.component(), now);
        self.simulation.time_averages(&mut self.model, trials, window, read)
    }
}

impl<C, F, G> Model for Placed<C, F, G>
where
    C: Component<Signal: Copy>,
    F: Fn(Trial<'_>) -> C,
    G: Fn() -> C::Event,
{
    type Key = ();

    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<()>) {
        let Self { slot, fresh, first } = self;
        engine.begin(slot, |component, ctx| {
            *component = fresh(trial);
            ctx.schedule_at(SimTime::ZERO, first());
        });
    }

    fn dispatch(&mut self, (): (), turn: Turn<'_, ()>) -> Dispatched {
        turn.of(self, |it| &mut it.slot, |_, _, _| ())
    }
}
