//! The future event list: pending events in the order (time, insertion).
//!
//! The list itself holds small keys; the events wait in the [`Agenda`] of the component that they belong to, so that
//! every component keeps its own event type without boxes or one enum that knows them all. Cancelling frees the event
//! at once and leaves its key behind, which is skipped when it comes up.
//!
//! A key that would be the very next one waits in a register in front of the heap: a component that walks through a
//! series of changes of its own never touches the heap.

use crate::time::SimTime;

/// Which component an event belongs to: its number in the simulation, in the order in which components were placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u32);

impl Address {
    /// The component of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}

/// A pending event, to cancel it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

/// A key that has come up: at this instant, this component has something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub time: SimTime,
    /// Whose.
    pub address: Address,
    /// What, in the component's [`Agenda`].
    pub handle: Handle,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    time: SimTime,
    insertion: u64,
    address: Address,
    handle: Handle,
}

impl Entry {
    fn before(&self, other: &Self) -> bool {
        (self.time, self.insertion) < (other.time, other.insertion)
    }
}

/// Pending keys in the order (time, insertion). Push and pop are O(log n), and O(1) for the key that is next anyway.
#[derive(Debug, Default)]
pub struct FutureEventList {
    front: Option<Entry>,
    heap: Vec<Entry>,
    insertions: u64,
}

impl FutureEventList {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets every pending key and keeps the memory.
    pub fn clear(&mut self) {
        self.front = None;
        self.heap.clear();
        self.insertions = 0;
    }

    /// Adds a key. Among equal times the one that was added first comes up first.
    #[inline]
    pub fn push(&mut self, time: SimTime, address: Address, handle: Handle) {
        let insertion = self.insertions;
        self.insertions += 1;
        let first = self.front.as_ref().or_else(|| self.heap.first());
        // Among equal times the earlier insertion goes first, and every other entry was inserted earlier.
        if first.is_some_and(|first| first.time <= time) {
            self.sift_in(time, insertion, address, handle);
        } else if let Some(front) = self.front.replace(Entry { time, insertion, address, handle }) {
            self.sift_in(front.time, front.insertion, front.address, front.handle);
        }
    }

    /// The time of the next key, cancelled or not.
    #[inline]
    pub fn next_time(&self) -> Option<SimTime> {
        self.front.as_ref().or_else(|| self.heap.first()).map(|entry| entry.time)
    }

    /// Takes the next key.
    #[inline]
    pub fn pop(&mut self) -> Option<Due> {
        let entry = match self.front.take() {
            Some(front) => front,
            None => self.sift_out()?,
        };
        Some(Due { time: entry.time, address: entry.address, handle: entry.handle })
    }

    /// Number of pending keys, cancelled ones included.
    pub fn len(&self) -> usize {
        self.heap.len() + usize::from(self.front.is_some())
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Field by field: a key that was put together in memory and is read back at once, as a whole, would have to wait
    /// until all its parts are there.
    #[inline]
    fn sift_in(&mut self, time: SimTime, insertion: u64, address: Address, handle: Handle) {
        let mut child = self.heap.len();
        self.heap.push(Entry { time, insertion, address, handle });
        while child > 0 {
            let parent = (child - 1) / 2;
            let above = &self.heap[parent];
            if (above.time, above.insertion) < (time, insertion) {
                break;
            }
            self.heap[child] = self.heap[parent];
            child = parent;
        }
        let place = &mut self.heap[child];
        (place.time, place.insertion, place.address, place.handle) = (time, insertion, address, handle);
    }

    fn sift_out(&mut self) -> Option<Entry> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else { return Some(last) };
        let mut hole = 0;
        loop {
            let mut child = 2 * hole + 1;
            if child >= self.heap.len() {
                break;
            }
            if child + 1 < self.heap.len() && self.heap[child + 1].before(&self.heap[child]) {
                child += 1;
            }
            if last.before(&self.heap[child]) {
                break;
            }
            self.heap[hole] = self.heap[child];
            hole = child;
        }
        self.heap[hole] = last;
        Some(first)
    }
}

/// The pending events of one component.
#[derive(Debug)]
pub struct Agenda<E> {
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot<E> {
    generation: u32,
    event: Option<E>,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<E> Agenda<E> {
    /// Forgets every event and keeps the memory. Keys that are still in a list would be skipped.
    pub fn clear(&mut self) {
        self.free.clear();
        for (index, slot) in self.slots.iter_mut().enumerate().rev() {
            if slot.event.take().is_some() {
                slot.generation = slot.generation.wrapping_add(1);
            }
            self.free.push(index as u32);
        }
    }

    /// Stores an event and returns the handle to find it by.
    #[inline]
    pub fn put(&mut self, event: E) -> Handle {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, event: None });
            (self.slots.len() - 1) as u32
        });
        let place = &mut self.slots[slot as usize];
        place.event = Some(event);
        Handle { slot, generation: place.generation }
    }

    /// Takes an event out, or nothing if it was cancelled.
    #[inline]
    pub fn take(&mut self, handle: Handle) -> Option<E> {
        let place = self.slots.get_mut(handle.slot as usize)?;
        if place.generation != handle.generation {
            return None;
        }
        let event = place.event.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(handle.slot);
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: Address = Address::new(0);

    #[test]
    fn events_come_up_by_time_then_by_insertion_and_cancelled_ones_never() {
        let mut list = FutureEventList::new();
        let mut agenda = Agenda::default();
        let mut handles = Vec::new();
        for (name, time) in [("c", 30), ("a", 10), ("b1", 20), ("b2", 20), ("b3", 20), ("first", 1)] {
            let handle = agenda.put(name);
            handles.push(handle);
            list.push(SimTime::from_nanos(time), ADDRESS, handle);
        }
        assert_eq!(agenda.take(handles[3]), Some("b2"));
        assert_eq!(agenda.take(handles[3]), None, "a handle works once");
        // The freed slot is used again; the old key must not find the new event.
        let late = agenda.put("late");
        list.push(SimTime::from_nanos(40), ADDRESS, late);
        let mut order = Vec::new();
        while let Some(due) = list.pop() {
            order.extend(agenda.take(due.handle));
        }
        assert_eq!(order, ["first", "a", "b1", "b3", "c", "late"]);
    }

    #[test]
    fn order_equals_a_stable_sort() {
        // A fixed scramble of interleaved pushes and pops against a sorted vector.
        let mut list = FutureEventList::new();
        let mut agenda = Agenda::default();
        let mut model: Vec<(u64, u64)> = Vec::new();
        let mut state = 7_u64;
        for insertion in 0..5_000_u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let time = (state >> 33) % 97;
            list.push(SimTime::from_nanos(time), ADDRESS, agenda.put(insertion));
            model.push((time, insertion));
            if state.is_multiple_of(3) {
                let due = list.pop().expect("something is pending");
                let least = *model.iter().min().expect("the model holds the same");
                model.retain(|entry| *entry != least);
                assert_eq!((due.time.as_nanos(), agenda.take(due.handle)), (least.0, Some(least.1)));
            }
        }
        assert_eq!(list.len(), model.len());
    }
}
