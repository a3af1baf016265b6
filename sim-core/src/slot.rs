//! A component's place in an assembled model: the component, its pending events and its outgoing signals.

use crate::component::{Address, Agenda, Component, Context, FutureEventList, Handle};
use crate::time::SimTime;

/// One component with everything that belongs to it alone.
///
/// [`Simulation::place`](crate::simulation::Simulation::place) makes it, and only the
/// [`Engine`](crate::engine::Engine) calls methods of the component that schedule or announce.
#[derive(Debug)]
pub struct Slot<C: Component> {
    component: C,
    address: Address,
    agenda: Agenda<C::Event>,
    signals: Vec<C::Signal>,
    /// How many of them were taken.
    taken: usize,
}

impl<C: Component> Slot<C> {
    pub(crate) fn new(component: C, address: Address) -> Self {
        Self { component, address, agenda: Agenda::default(), signals: Vec::new(), taken: 0 }
    }

    pub(crate) const fn address(&self) -> Address {
        self.address
    }

    /// Forgets what was pending and announced.
    pub(crate) fn clear(&mut self) {
        self.agenda.clear();
        self.signals.clear();
        self.taken = 0;
    }

    /// Whether no signal waits to be taken.
    #[inline]
    pub(crate) const fn is_quiet(&self) -> bool {
        self.taken == self.signals.len()
    }

    /// Takes a pending event, or nothing if it was cancelled.
    #[inline]
    pub(crate) fn take(&mut self, handle: Handle) -> Option<C::Event> {
        self.agenda.take(handle)
    }

    #[inline]
    pub(crate) fn enter<R>(
        &mut self,
        now: SimTime,
        list: &mut FutureEventList,
        call: impl FnOnce(&mut C, &mut Context<'_, C::Event, C::Signal>) -> R,
    ) -> R {
        let mut ctx = Context::new(now, self.address, list, &mut self.agenda, &mut self.signals);
        call(&mut self.component, &mut ctx)
    }

    /// The oldest signal that was not taken yet.
    #[inline]
    pub(crate) fn next_signal(&mut self) -> Option<C::Signal>
    where
        C::Signal: Copy,
    {
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
