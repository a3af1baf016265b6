//! A model at work: the loop over instants, events and signals, and windows of time in which it is measured.

use std::fmt::Debug;
use std::ops::Range;

use crate::component::Component;
use crate::engine::{Dispatched, Engine, Turn};
use crate::random::Trial;
use crate::slot::Slot;
use crate::stats::Tally;
use crate::time::{SimDuration, SimTime};

/// Components in their places, and what they mean to each other.
///
/// # What does not compile
///
/// This model is complete; each of the three below lacks one thing.
///
/// ```
/// # use sim_core::prelude::*;
/// # #[derive(Default)] struct Bell;
/// # #[derive(Clone, Copy)] struct Rang;
/// # impl Component for Bell {
/// #     type Event = ();
/// #     type Signal = Rang;
/// #     fn handle(&mut self, (): (), ctx: &mut Context<'_, (), Rang>) { ctx.signal(Rang) }
/// # }
/// # #[derive(Default)] struct Dog { awake: bool }
/// # impl Dog { fn wake(&mut self, _: &mut Context<'_, (), ()>) { self.awake = true } }
/// # impl Component for Dog {
/// #     type Event = ();
/// #     type Signal = ();
/// #     fn handle(&mut self, (): (), _: &mut Context<'_, (), ()>) {}
/// # }
/// # struct House { bell: Slot<Bell>, dog: Slot<Dog> }
/// #[derive(Clone, Copy, Debug)]
/// enum Key { Bell, Dog }
///
/// impl Model for House {
///     type Key = Key;
///     fn begin(&mut self, _trial: Trial<'_>, engine: &mut Engine<Key>) {
///         engine.begin(&mut self.bell, |_, ctx| ctx.schedule_in(SimDuration::from_secs(1), ()));
///         engine.begin(&mut self.dog, |dog, _| dog.awake = false);
///     }
///     fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
///         match key {
///             Key::Bell => turn.of(self, |it| &mut it.bell, |it, Rang, engine| engine.call(&mut it.dog, Dog::wake)),
///             Key::Dog => turn.of(self, |it| &mut it.dog, |_, (), _| ()),
///         }
///     }
/// }
/// # let mut simulation = Simulation::new();
/// # let bell = simulation.place(Key::Bell, Bell);
/// # let mut house = House { bell, dog: simulation.place(Key::Dog, Dog::default()) };
/// # simulation.begin(&mut house, 0);
/// # simulation.run_until(&mut house, SimTime::NEVER);
/// # assert!(house.dog.component().awake);
/// ```
///
/// A kind of component that is not dispatched (E0004, a pattern is not covered):
///
/// ```compile_fail,E0004
/// # use sim_core::prelude::*;
/// # struct Bell;
/// # #[derive(Clone, Copy)] struct Rang;
/// # impl Component for Bell {
/// #     type Event = ();
/// #     type Signal = Rang;
/// #     fn handle(&mut self, (): (), ctx: &mut Context<'_, (), Rang>) { ctx.signal(Rang) }
/// # }
/// # #[derive(Default)] struct Dog { awake: bool }
/// # impl Dog { fn wake(&mut self, _: &mut Context<'_, (), ()>) { self.awake = true } }
/// # impl Component for Dog {
/// #     type Event = ();
/// #     type Signal = ();
/// #     fn handle(&mut self, (): (), _: &mut Context<'_, (), ()>) {}
/// # }
/// # struct House { bell: Slot<Bell>, dog: Slot<Dog> }
/// # #[derive(Clone, Copy, Debug)] enum Key { Bell, Dog }
/// # impl Model for House {
/// #     type Key = Key;
/// #     fn begin(&mut self, _: Trial<'_>, _: &mut Engine<Key>) {}
/// fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
///     match key {
///         Key::Bell => turn.of(self, |it| &mut it.bell, |it, Rang, engine| engine.call(&mut it.dog, Dog::wake)),
///     }
/// }
/// # }
/// ```
///
/// One that is named and passed over (E0308, no [`Dispatched`] comes out):
///
/// ```compile_fail,E0308
/// # use sim_core::prelude::*;
/// # struct Bell;
/// # #[derive(Clone, Copy)] struct Rang;
/// # impl Component for Bell {
/// #     type Event = ();
/// #     type Signal = Rang;
/// #     fn handle(&mut self, (): (), ctx: &mut Context<'_, (), Rang>) { ctx.signal(Rang) }
/// # }
/// # #[derive(Default)] struct Dog { awake: bool }
/// # impl Dog { fn wake(&mut self, _: &mut Context<'_, (), ()>) { self.awake = true } }
/// # impl Component for Dog {
/// #     type Event = ();
/// #     type Signal = ();
/// #     fn handle(&mut self, (): (), _: &mut Context<'_, (), ()>) {}
/// # }
/// # struct House { bell: Slot<Bell>, dog: Slot<Dog> }
/// # #[derive(Clone, Copy, Debug)] enum Key { Bell, Dog }
/// # impl Model for House {
/// #     type Key = Key;
/// #     fn begin(&mut self, _: Trial<'_>, _: &mut Engine<Key>) {}
/// fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
///     match key {
///         Key::Bell => turn.of(self, |it| &mut it.bell, |it, Rang, engine| engine.call(&mut it.dog, Dog::wake)),
///         Key::Dog => {}
///     }
/// }
/// # }
/// ```
///
/// A call whose signals would wait for a push that somebody has to remember: only [`Engine::call`] makes a context, and it
/// queues the component itself (E0624, `Context::new` is private).
///
/// ```compile_fail,E0624
/// # use sim_core::component::{Agenda, FutureEventList};
/// # use sim_core::fel::Address;
/// # use sim_core::prelude::*;
/// # #[derive(Default)] struct Dog { awake: bool }
/// # impl Dog { fn wake(&mut self, _: &mut Context<'_, (), ()>) { self.awake = true } }
/// # impl Component for Dog {
/// #     type Event = ();
/// #     type Signal = ();
/// #     fn handle(&mut self, (): (), _: &mut Context<'_, (), ()>) {}
/// # }
/// # struct House { dog: Slot<Dog> }
/// # impl House {
/// fn wake_the_dog(&mut self, now: SimTime) {
///     let (mut list, mut agenda, mut signals) = (FutureEventList::new(), Agenda::default(), Vec::new());
///     let mut ctx = Context::new(now, Address::new(0), &mut list, &mut agenda, &mut signals);
///     self.dog.component_mut().wake(&mut ctx);
/// }
/// # }
/// ```
pub trait Model {
    /// Names each component of the model: an enum with a variant for each kind, and an index where there are several.
    type Key: Copy + Debug;

    /// Puts everything to the start of a trial. Every component starts by [`Engine::begin`]; random streams begin this
    /// trial, so that it is the same trial whatever ran before.
    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Self::Key>);

    /// Says where the component of a key is and what its signals mean, by [`Turn::of`].
    fn dispatch(&mut self, key: Self::Key, turn: Turn<'_, Self::Key>) -> Dispatched;

    /// Moves what changes by itself between two events, without an event for each change (combined discrete and continuous
    /// simulation): from instant to instant by [`Engine::glide_to`], as long as the next one lies before
    /// [`Engine::free_until`]. `true` says that it stopped at an instant at which others have to hear of something: signals
    /// are drained and the state settles there, and then it is asked again. What changes at the instant of an event belongs
    /// to [`Model::settle`] of that instant.
    #[inline]
    fn glide(&mut self, engine: &mut Engine<Self::Key>) -> bool {
        let _ = engine;
        false
    }

    /// Everything that is due at this instant has happened, and all signals are drained: time to bring up to date what
    /// follows from the state of components. `true` asks to be called again at the same instant, after the signals that
    /// this raised are drained.
    fn settle(&mut self, engine: &mut Engine<Self::Key>) -> bool {
        let _ = engine;
        false
    }
}

/// The part of every trial that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From the start of the trial until the start does not show any more.
    pub warm_up: SimDuration,
    /// From there to the end.
    pub length: SimDuration,
}

impl Window {
    /// So many whole seconds of each.
    pub const fn seconds(warm_up: u64, length: u64) -> Self {
        Self { warm_up: SimDuration::from_secs(warm_up), length: SimDuration::from_secs(length) }
    }
}

/// How often one instant may be taken up again by what happened at it. Chains of a few dozen are usual; one that is longer than this
/// never ends.
const MOST_ROUNDS: u32 = 100_000;

/// Runs a model whose components have these keys: it owns time, pending events, dispatch and the draining of signals.
#[derive(Debug)]
pub struct Simulation<K> {
    engine: Engine<K>,
}

impl<K: Copy + Debug> Default for Simulation<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy + Debug> Simulation<K> {
    /// A simulation without components.
    pub fn new() -> Self {
        Self { engine: Engine::new() }
    }

    /// Makes a place for a component, which [`Model::dispatch`] will be asked for by this key. Once in the life of the model,
    /// not once a trial.
    ///
    /// # Panics
    ///
    /// If there are more than 2^32 - 1 components.
    pub fn place<C: Component>(&mut self, key: K, component: C) -> Slot<C> {
        self.engine.place(key, component)
    }

    /// The current instant.
    pub const fn now(&self) -> SimTime {
        self.engine.now()
    }

    /// Starts a trial, at time zero.
    pub fn begin<'a>(&mut self, model: &mut impl Model<Key = K>, trial: impl Into<Trial<'a>>) {
        self.engine.clear();
        model.begin(trial.into(), &mut self.engine);
        self.drain(model);
        self.settle(model);
    }

    /// Handles every event before `end` (exclusive) and moves the clock there. With [`SimTime::NEVER`] it goes on until
    /// nothing is pending, and the clock stays at the last event.
    ///
    /// # Panics
    ///
    /// If time stands still: [`Model::settle`] goes on to bring about events of the same instant, or to ask to be called again.
    pub fn run_until<M: Model<Key = K>>(&mut self, model: &mut M, end: SimTime) {
        self.engine.set_end(end);
        let mut rounds = 0;
        loop {
            while model.glide(&mut self.engine) {
                self.drain(model);
                self.settle(model);
            }
            let Some(time) = self.engine.next_time().filter(|&time| time < end) else { break };
            rounds = if time == self.now() { rounds + 1 } else { 0 };
            self.assert_time_passes(rounds);
            self.engine.set_now(time);
            while self.engine.next_time() == Some(time)
                && let Some((key, turn)) = self.engine.next_due()
            {
                let _proof: Dispatched = model.dispatch(key, turn);
                self.drain(model);
            }
            self.settle(model);
        }
        if end != SimTime::NEVER && end > self.now() {
            self.engine.set_now(end);
        }
    }

    /// Runs a trial and reads the model twice: at the end of the warm-up, and at the end of the window. What the model
    /// counts or sums up from the start of the trial (sums, counts, integrals) is that of the window alone in the
    /// difference of the two.
    pub fn readings<M: Model<Key = K>, R>(
        &mut self,
        model: &mut M,
        trial: u64,
        window: Window,
        mut read: impl FnMut(&M, SimTime) -> R,
    ) -> [R; 2] {
        self.begin(model, trial);
        let start = SimTime::ZERO + window.warm_up;
        [start, start + window.length].map(|instant| {
            self.run_until(model, instant);
            read(model, instant)
        })
    }

    /// The average over time in the window of each trial, one observation a trial. `integral` reads the integral from the
    /// start of a trial, such as [`TimeWeighted::integral_at`](crate::stats::TimeWeighted::integral_at).
    pub fn time_averages<M: Model<Key = K>>(
        &mut self,
        model: &mut M,
        trials: Range<u64>,
        window: Window,
        mut integral: impl FnMut(&M, SimTime) -> f64,
    ) -> Tally {
        let mut averages = Tally::new();
        for trial in trials {
            let [before, after] = self.readings(model, trial, window, &mut integral);
            averages.add((after - before) / window.length.as_secs_f64());
        }
        averages
    }

    /// Lets the model say what every signal means, until all is quiet.
    #[inline]
    fn drain<M: Model<Key = K>>(&mut self, model: &mut M) {
        while let Some((key, turn)) = self.engine.next_announcing() {
            let _proof: Dispatched = model.dispatch(key, turn);
        }
    }

    #[inline]
    fn settle<M: Model<Key = K>>(&mut self, model: &mut M) {
        let mut rounds = 0;
        while model.settle(&mut self.engine) {
            self.drain(model);
            rounds += 1;
            self.assert_time_passes(rounds);
        }
    }

    #[inline]
    fn assert_time_passes(&self, rounds: u32) {
        assert!(rounds < MOST_ROUNDS, "the model goes round and round at {}, and time stands still", self.now());
    }
}
