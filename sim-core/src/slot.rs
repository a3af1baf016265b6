//! A component's place in an assembled model: the component, its pending events and its outgoing signals.

use std::collections::VecDeque;

use crate::component::{Address, Agenda, Component, Context, Due, FutureEventList};
use crate::time::SimTime;

/// One component with everything that belongs to it alone.
#[derive(Debug)]
pub struct Slot<C: Component> {
    component: C,
    address: Address,
    agenda: Agenda<C::Event>,
    fresh: Vec<C::Signal>,
    waiting: VecDeque<C::Signal>,
}

impl<C: Component> Slot<C> {
    /// The component's place under this address.
    pub fn new(component: C, address: Address) -> Self {
        Self { component, address, agenda: Agenda::default(), fresh: Vec::new(), waiting: VecDeque::new() }
    }

    /// Starts a trial: forgets what was pending and announced, then lets the component reset itself.
    pub fn begin(&mut self, begin: impl FnOnce(&mut C)) {
        self.agenda.clear();
        self.fresh.clear();
        self.waiting.clear();
        begin(&mut self.component);
    }

    /// Calls a method that may schedule and announce.
    pub fn call<R>(
        &mut self,
        now: SimTime,
        list: &mut FutureEventList,
        call: impl FnOnce(&mut C, &mut Context<'_, C::Event, C::Signal>) -> R,
    ) -> R {
        let mut ctx = Context::new(now, self.address, list, &mut self.agenda, &mut self.fresh);
        let result = call(&mut self.component, &mut ctx);
        self.waiting.extend(self.fresh.drain(..));
        result
    }

    /// A key of this component has come up: handles the event, unless it was cancelled. Returns whether it was handled.
    pub fn deliver(&mut self, due: Due, list: &mut FutureEventList) -> bool {
        let Some(event) = self.agenda.take(due.handle) else { return false };
        self.call(due.time, list, |component, ctx| component.handle(event, ctx));
        true
    }

    /// The oldest signal that was not taken yet.
    pub fn next_signal(&mut self) -> Option<C::Signal> {
        self.waiting.pop_front()
    }

    /// The component, to read its pure part.
    pub const fn component(&self) -> &C {
        &self.component
    }

    /// The component, to change what neither schedules nor announces.
    pub const fn component_mut(&mut self) -> &mut C {
        &mut self.component
    }
}
