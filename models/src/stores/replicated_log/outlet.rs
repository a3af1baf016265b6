//! Where a log's events and signals go, alone or as a part of a component.

use sim_core::component::Context;
use sim_core::time::{SimDuration, SimTime};

use super::Event;
use crate::stores::Signal;

/// Where a log's events and signals go: a component's context, or what a component with several parts makes of it.
pub trait Outlet {
    /// The current instant.
    fn now(&self) -> SimTime;

    /// See [`Context::schedule_at`].
    fn schedule_at(&mut self, time: SimTime, event: Event);

    /// See [`Context::signal`].
    fn signal(&mut self, signal: Signal);

    /// See [`Context::schedule_in`].
    fn schedule_in(&mut self, delay: SimDuration, event: Event) {
        self.schedule_at(self.now() + delay, event);
    }
}

impl Outlet for Context<'_, Event, Signal> {
    fn now(&self) -> SimTime {
        Context::now(self)
    }

    fn schedule_at(&mut self, time: SimTime, event: Event) {
        Context::schedule_at(self, time, event);
    }

    fn signal(&mut self, signal: Signal) {
        Context::signal(self, signal);
    }
}
