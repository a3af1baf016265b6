//! What a model reaches while the simulation runs: the clock, and the only way to call components.

use std::collections::VecDeque;
use std::fmt::Debug;

use crate::component::{Address, Component, Context, Due, FutureEventList};
use crate::slot::Slot;
use crate::time::SimTime;

/// The clock, the pending events, and which components have signals that were not drained yet.
///
/// Every call of a component goes through here, so that what it announces is always drained at the same instant: components
/// that announced first are drained first, and each one's signals in the order in which it raised them.
#[derive(Debug)]
pub struct Engine<K> {
    now: SimTime,
    /// No event at or after this instant is due in the present run.
    end: SimTime,
    list: FutureEventList,
    /// Components that have announced something, in the order in which they did.
    announcing: VecDeque<Address>,
    /// The model's keys, by address.
    keys: Vec<K>,
}

impl<K: Copy + Debug> Engine<K> {
    pub(crate) fn new() -> Self {
        Self {
            now: SimTime::ZERO,
            end: SimTime::ZERO,
            list: FutureEventList::new(),
            announcing: VecDeque::new(),
            keys: Vec::new(),
        }
    }

    /// The current instant.
    #[inline]
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// The next instant that is not free: an event is due then, or the present run ends.
    #[inline]
    pub fn free_until(&self) -> SimTime {
        self.list.next_time().map_or(self.end, |time| time.min(self.end))
    }

    /// Moves the clock to an instant before [`Engine::free_until`], for [`Model::glide`](crate::simulation::Model::glide).
    ///
    /// # Panics
    ///
    /// If the instant lies in the past or is not free.
    #[inline]
    pub fn glide_to(&mut self, instant: SimTime) {
        assert!(self.now <= instant && instant < self.free_until(), "{instant} is not free at {}", self.now);
        self.now = instant;
    }

    /// Whether no component has announced anything that was not drained yet.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.announcing.is_empty()
    }

    /// Calls a method of a component that may schedule and announce. Its signals are drained once the present one is dealt
    /// with.
    #[inline]
    pub fn call<C: Component, R>(
        &mut self,
        slot: &mut Slot<C>,
        call: impl FnOnce(&mut C, &mut Context<'_, C::Event, C::Signal>) -> R,
    ) -> R {
        let was_quiet = slot.is_quiet();
        let result = slot.enter(self.now, &mut self.list, call);
        // One that was not quiet is in the queue already, or being drained at this moment.
        if was_quiet && !slot.is_quiet() {
            self.announcing.push_back(slot.address());
        }
        result
    }

    /// Starts a trial for a component: forgets what it had pending and announced, then calls it.
    pub fn begin<C: Component, R>(
        &mut self,
        slot: &mut Slot<C>,
        call: impl FnOnce(&mut C, &mut Context<'_, C::Event, C::Signal>) -> R,
    ) -> R {
        slot.clear();
        self.call(slot, call)
    }

    pub(crate) fn place<C: Component>(&mut self, key: K, component: C) -> Slot<C> {
        let number = u32::try_from(self.keys.len()).expect("components fit into memory, and their number into 32 bits");
        self.keys.push(key);
        Slot::new(component, Address::new(number))
    }

    /// Back to time zero with nothing pending.
    pub(crate) fn clear(&mut self) {
        self.now = SimTime::ZERO;
        self.list.clear();
        self.announcing.clear();
    }

    pub(crate) fn set_end(&mut self, end: SimTime) {
        self.end = end;
    }

    pub(crate) fn set_now(&mut self, now: SimTime) {
        self.now = now;
    }

    #[inline]
    pub(crate) fn next_time(&self) -> Option<SimTime> {
        self.list.next_time()
    }

    /// The turn of the component that the next pending event belongs to.
    #[inline]
    pub(crate) fn next_due(&mut self) -> Option<(K, Turn<'_, K>)> {
        let due = self.list.pop()?;
        Some((self.keys[due.address.number()], Turn { address: due.address, due: Some(due), engine: self }))
    }

    /// The turn of the component that has waited longest with a signal.
    #[inline]
    pub(crate) fn next_announcing(&mut self) -> Option<(K, Turn<'_, K>)> {
        let address = self.announcing.pop_front()?;
        Some((self.keys[address.number()], Turn { address, due: None, engine: self }))
    }
}

/// A component in its place, or one of several kinds that announce the same: an enum of [`Slot`]s implements it by passing
/// each method on to the slot that it holds.
pub trait Part {
    /// What others may learn from it.
    type Signal;

    /// Whether this is the component that was placed at `address`.
    fn is_at(&self, address: Address) -> bool;

    /// Handles an event of its own that has come up, unless it was cancelled.
    fn deliver<K: Copy + Debug>(&mut self, due: Due, engine: &mut Engine<K>);

    /// The oldest signal that was not taken yet.
    fn next_signal(&mut self) -> Option<Self::Signal>;
}

impl<C: Component> Part for Slot<C>
where
    C::Signal: Copy,
{
    type Signal = C::Signal;

    #[inline]
    fn is_at(&self, address: Address) -> bool {
        self.address() == address
    }

    #[inline]
    fn deliver<K: Copy + Debug>(&mut self, due: Due, engine: &mut Engine<K>) {
        if let Some(event) = self.take(due.handle) {
            // The turn that delivers drains as well.
            self.enter(engine.now, &mut engine.list, |component, ctx| component.handle(event, ctx));
        }
    }

    #[inline]
    fn next_signal(&mut self) -> Option<C::Signal> {
        Self::next_signal(self)
    }
}

/// A component has something to do: an event of its own is due, or signals of it wait. The model says where the component
/// is and what its signals mean, and the turn does the rest.
#[derive(Debug)]
pub struct Turn<'a, K> {
    address: Address,
    due: Option<Due>,
    engine: &'a mut Engine<K>,
}

/// The proof that a [`Turn`] was taken: nothing else makes one.
#[derive(Debug)]
#[must_use]
pub struct Dispatched(());

impl<K: Copy + Debug> Turn<'_, K> {
    /// The turn of the component that `place` finds in the model. `meaning` hears its signals one by one.
    ///
    /// # Panics
    ///
    /// If another component was placed under the key.
    #[inline]
    pub fn of<M, P: Part>(
        self,
        model: &mut M,
        place: impl Fn(&mut M) -> &mut P,
        meaning: impl FnMut(&mut M, P::Signal, &mut Engine<K>),
    ) -> Dispatched {
        self.of_optional(model, |model| Some(place(model)), meaning)
    }

    /// As [`Turn::of`], for a component that some models do without.
    ///
    /// # Panics
    ///
    /// If another component was placed under the key, or none is found: one that is not there has neither events nor
    /// signals.
    #[inline]
    pub fn of_optional<M, P: Part>(
        self,
        model: &mut M,
        place: impl Fn(&mut M) -> Option<&mut P>,
        mut meaning: impl FnMut(&mut M, P::Signal, &mut Engine<K>),
    ) -> Dispatched {
        let Self { address, due, engine } = self;
        match place(model).filter(|part| part.is_at(address)) {
            Some(part) => {
                if let Some(due) = due {
                    part.deliver(due, engine);
                }
            }
            None => misplaced(engine.keys[address.number()]),
        }
        while let Some(signal) = place(model).and_then(Part::next_signal) {
            meaning(model, signal, engine);
        }
        Dispatched(())
    }
}

#[cold]
fn misplaced(key: impl Debug) -> ! {
    panic!("the model finds another component under the key {key:?} than the one that was placed under it")
}
