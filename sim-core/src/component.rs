//! The contract between a component and the model that it is part of.
//!
//! A component owns its private state, receives its own events and speaks through signals. The
//! [`Model`](crate::simulation::Model) decides the effect of a signal on other components, and is the only place where
//! components meet: there is no re-entrancy, and a component never holds a reference to another.
//!
//! ```
//! use sim_core::component::{Component, Context, Harness};
//! use sim_core::time::{SimDuration, SimTime};
//!
//! /// A lamp that goes out a minute after it was switched on.
//! #[derive(Default)]
//! struct Lamp { lit: bool }
//! struct TimeUp;
//! #[derive(Debug, PartialEq)]
//! enum Lighting { On, Off }
//!
//! impl Lamp {
//!     fn switch_on(&mut self, ctx: &mut Context<'_, TimeUp, Lighting>) {
//!         self.lit = true;
//!         ctx.signal(Lighting::On);
//!         ctx.schedule_in(SimDuration::from_secs(60), TimeUp);
//!     }
//! }
//! impl Component for Lamp {
//!     type Event = TimeUp;
//!     type Signal = Lighting;
//!     fn handle(&mut self, _: TimeUp, ctx: &mut Context<'_, TimeUp, Lighting>) {
//!         self.lit = false;
//!         ctx.signal(Lighting::Off);
//!     }
//! }
//!
//! let mut alone = Harness::new(Lamp::default());
//! alone.call(|lamp, ctx| lamp.switch_on(ctx));
//! alone.run_until(SimTime::NEVER);
//! assert_eq!(alone.signals(), &[
//!     (SimTime::ZERO, Lighting::On),
//!     (SimTime::ZERO + SimDuration::from_secs(60), Lighting::Off),
//! ]);
//! ```

pub use crate::fel::{Address, Agenda, Due, FutureEventList, Handle};
use crate::time::{SimDuration, SimTime};

/// A part of the model that changes with time.
pub trait Component {
    /// Its events.
    type Event;
    /// Its signals to the model.
    type Signal;

    /// Something that it scheduled has come up.
    fn handle(&mut self, event: Self::Event, ctx: &mut Context<'_, Self::Event, Self::Signal>);
}

/// The means of a component while it handles an event: read the time, schedule, cancel, announce.
#[derive(Debug)]
pub struct Context<'a, E, S> {
    now: SimTime,
    address: Address,
    list: &'a mut FutureEventList,
    agenda: &'a mut Agenda<E>,
    signals: &'a mut Vec<S>,
}

impl<'a, E, S> Context<'a, E, S> {
    /// The context of the component at `address` at the instant `now`. Private to the crate: a context that a model made
    /// for itself would leave signals behind that are never drained.
    pub(crate) fn new(
        now: SimTime,
        address: Address,
        list: &'a mut FutureEventList,
        agenda: &'a mut Agenda<E>,
        signals: &'a mut Vec<S>,
    ) -> Self {
        Self { now, address, list, agenda, signals }
    }

    /// The current instant.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules an event at an instant that is not in the past; at [`SimTime::NEVER`] it will not happen.
    #[inline]
    pub fn schedule_at(&mut self, time: SimTime, event: E) -> Handle {
        assert!(time >= self.now, "an event at {time} would lie before the current instant {}", self.now);
        let handle = self.agenda.put(event);
        if time == SimTime::NEVER {
            self.agenda.take(handle);
        } else {
            self.list.push(time, self.address, handle);
        }
        handle
    }

    /// Schedules an event after a delay.
    pub fn schedule_in(&mut self, delay: SimDuration, event: E) -> Handle {
        self.schedule_at(self.now + delay, event)
    }

    /// Cancels a pending event; one that has happened or was cancelled before is left alone.
    pub fn cancel(&mut self, handle: Handle) {
        self.agenda.take(handle);
    }

    /// Announces something: the model says at the same instant what it means for others.
    pub fn signal(&mut self, signal: S) {
        self.signals.push(signal);
    }
}

/// One component with a list of its own, to be driven by a test.
#[derive(Debug)]
pub struct Harness<C: Component> {
    component: C,
    now: SimTime,
    list: FutureEventList,
    agenda: Agenda<C::Event>,
    fresh: Vec<C::Signal>,
    signals: Vec<(SimTime, C::Signal)>,
}

impl<C: Component> Harness<C> {
    /// The component alone, at time zero.
    pub fn new(component: C) -> Self {
        Self {
            component,
            now: SimTime::ZERO,
            list: FutureEventList::new(),
            agenda: Agenda::default(),
            fresh: Vec::new(),
            signals: Vec::new(),
        }
    }

    /// Calls a method of the component at the current instant.
    pub fn call<R>(&mut self, call: impl FnOnce(&mut C, &mut Context<'_, C::Event, C::Signal>) -> R) -> R {
        let address = Address::new(0);
        let mut ctx = Context::new(self.now, address, &mut self.list, &mut self.agenda, &mut self.fresh);
        let result = call(&mut self.component, &mut ctx);
        self.signals.extend(self.fresh.drain(..).map(|signal| (self.now, signal)));
        result
    }

    /// Handles every event before `end` (exclusive) and moves the clock there.
    pub fn run_until(&mut self, end: SimTime) {
        while self.list.next_time().is_some_and(|time| time < end) {
            let due = self.list.pop().expect("the list has a next time");
            self.now = due.time;
            if let Some(event) = self.agenda.take(due.handle) {
                self.call(|component, ctx| component.handle(event, ctx));
            }
        }
        if end != SimTime::NEVER {
            self.now = end;
        }
    }

    /// The component.
    pub fn component(&self) -> &C {
        &self.component
    }

    /// All signals so far, with their instants.
    pub fn signals(&self) -> &[(SimTime, C::Signal)] {
        &self.signals
    }
}
