//! A component's place in an assembled model: the component, its pending events and its outgoing signals.

use crate::component::{Address, Agenda, Component, Context, Due, FutureEventList};
use crate::time::SimTime;

/// One component with everything that belongs to it alone.
#[derive(Debug)]
pub struct Slot<C: Component> {
    component: C,
    address: Address,
    agenda: Agenda<C::Event>,
    signals: Vec<C::Signal>,
    /// How many of them were taken.
    taken: usize,
}

impl<C: Component> Slot<C>
where
    C::Signal: Copy,
{
    /// The component's place under this address.
    pub fn new(component: C, address: Address) -> Self {
        Self { component, address, agenda: Agenda::default(), signals: Vec::new(), taken: 0 }
    }

    /// Starts a trial: forgets what was pending and announced, then lets the component reset itself.
    pub fn begin(&mut self, begin: impl FnOnce(&mut C)) {
        self.agenda.clear();
        self.signals.clear();
        self.taken = 0;
        begin(&mut self.component);
    }

    /// Calls a method that may schedule and announce.
    pub fn call<R>(
        &mut self,
        now: SimTime,
        list: &mut FutureEventList,
        call: impl FnOnce(&mut C, &mut Context<'_, C::Event, C::Signal>) -> R,
    ) -> R {
        let mut ctx = Context::new(now, self.address, list, &mut self.agenda, &mut self.signals);
        call(&mut self.component, &mut ctx)
    }

    /// A key of this component has come up: handles the event, unless it was cancelled. Returns whether it was handled.
    pub fn deliver(&mut self, due: Due, list: &mut FutureEventList) -> bool {
        let Some(event) = self.agenda.take(due.handle) else { return false };
        self.call(due.time, list, |component, ctx| component.handle(event, ctx));
        true
    }

    /// The oldest signal that was not taken yet.
    pub fn next_signal(&mut self) -> Option<C::Signal> {
        let signal = self.signals.get(self.taken).copied();
        if signal.is_some() {
            self.taken += 1;
        } else {
            self.signals.clear();
            self.taken = 0;
        }
        signal
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
