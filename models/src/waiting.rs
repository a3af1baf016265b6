//! Requests that wait before services, and attempts of clients that gave up and will ask again.
//!
//! What waits is a fluid: it grows by what is let in and shrinks by the capacity, along straight lines between the instants at
//! which either changes. Those who arrive see it as it was last looked at, moved on by half the time until the next look: whenever it
//! has changed by a 20th of itself, and at least every 20th part of the shortest time for which a caller waits, as long as anything
//! waits or is on its way. So flows are constant between two looks unless something else happens.
//!
//! An attempt that is given up is made again one limit after it was made. What is due at a look is what was made that long before.

use std::collections::VecDeque;

use sim_core::component::{Component, Context, Handle};
use sim_core::time::{SimDuration, SimTime};

use crate::about::About;
use crate::flow::{Held, Late, Room};
use crate::ids::CellId;
use crate::line::{Limit, Queue};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Work that waits",
    modelled: "requests that wait before a service whose capacity they exceed, up to a limit and in the order of their arrival or the \
         newest first: their callers give up after their own time limits and ask again while the old work is still done, so that a \
         storm needs a trigger of some length, outlasts it, and drains at the pace of what is spare; what is beyond the limit is \
         rejected at once; calls that a partition held back arrive together when it ends; a region that comes back has empty queues",
    not_modelled: "queues before stores, behind CloudFront's origins and behind answers of several addresses; that calls between \
         services are made again one time limit later and not at once; calls that a hung service held back; the time that what waited in a lost region had cost its callers",
    sources: "",
};

/// Looks in the shortest time for which a caller waits, and in the time in which what waits doubles or is served.
const LOOKS: f64 = 20.0;
/// Parts of the longest time between two looks that the shortest one takes while little waits.
const FINEST: f64 = 20.0;
/// The longest time between two looks, in seconds.
const LONGEST: f64 = 1.0;
/// The shortest one, so that a tiny limit does not stop the clock.
const SHORTEST: f64 = 1e-3;
/// Seconds of calls into a path that is cut which arrive when it is not any more, if more may not wait (assumed by the design of
/// the model: connections keep what was sent for about as long).
const HELD_BACK: f64 = 10.0;
/// Where what waits grows otherwise from now on by this share of the capacity, those who arrive see it as it is now.
const SUDDEN: f64 = 0.01;
/// What differs by less than this share is the same.
const SAME: f64 = 1e-9;

/// The only event: a look at what waits and at what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look;

/// The only signal: those who arrive meet something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed;

/// What waits before one cell.
#[derive(Debug, Clone, Copy)]
struct Line {
    cell: CellId,
    queue: Queue,
    /// Requests that waited at an instant, and how fast they become more, per second.
    waiting: f64,
    at: SimTime,
    growth: f64,
    /// How many may wait at most, at the present capacity.
    most: f64,
    /// How many waited at the last look, and how fast they became more until then, per second.
    seen: f64,
    seen_growth: f64,
    /// Requests per second that arrive, and that are served.
    arriving: f64,
    capacity: f64,
    /// While a path to it is cut: how many arrived before, and since when it is cut.
    cut: Option<(f64, SimTime)>,
}

impl Line {
    /// The line before a cell at the start of a trial: nothing waits.
    const fn empty(cell: CellId, queue: Queue) -> Self {
        Self {
            cell,
            queue,
            waiting: 0.0,
            at: SimTime::ZERO,
            growth: 0.0,
            most: f64::INFINITY,
            seen: 0.0,
            seen_growth: 0.0,
            arriving: 0.0,
            capacity: 0.0,
            cut: None,
        }
    }

    fn advance(&mut self, now: SimTime) {
        let seconds = now.since(self.at).as_secs_f64();
        self.at = now;
        if self.growth != 0.0 {
            // Beyond the most nothing is let in; what waits beyond it since the capacity fell goes on waiting.
            let most = self.most.max(self.waiting);
            self.waiting = (self.waiting + self.growth * seconds).clamp(0.0, most);
        }
    }

    /// The time until the next look, in seconds, where it is `every` at most.
    fn step(&self, every: f64) -> f64 {
        if self.growth == 0.0 {
            return every;
        }
        let step = (self.waiting / self.growth.abs() / LOOKS).clamp(every / FINEST, every);
        // What is served to the end, or is full, is seen at that instant.
        let left = if self.growth < 0.0 { self.waiting } else { self.most - self.waiting };
        if left > 0.0 { step.min((left / self.growth.abs()).max(SHORTEST)) } else { step }
    }
}

/// Attempts of one population that were given up, by the instants from which on they were made at some rates.
#[derive(Debug)]
struct Tries {
    limit: SimDuration,
    /// Rates at a time: by journey and number of the attempt.
    width: usize,
    times: VecDeque<SimTime>,
    rates: VecDeque<Late>,
    due: Vec<Late>,
}

impl Tries {
    fn begin(&mut self) {
        self.times.clear();
        self.rates.clear();
        self.due.fill(Late::default());
    }

    /// From now on so many are made.
    fn note(&mut self, made: &[Late], now: SimTime) {
        let last = self.rates.len().saturating_sub(self.width);
        let same = if self.times.is_empty() {
            made.iter().all(|late| late.rate == 0.0)
        } else {
            self.rates.range(last..).eq(made)
        };
        if same {
            return;
        }
        if self.times.back() == Some(&now) {
            self.rates.range_mut(last..).zip(made).for_each(|(kept, made)| *kept = *made);
        } else {
            self.times.push_back(now);
            self.rates.extend(made);
        }
    }

    /// What is due now was made one limit ago. Returns whether that is something else than at the last look.
    fn look(&mut self, now: SimTime) -> bool {
        let made = if now >= SimTime::ZERO + self.limit { now - self.limit } else { return false };
        while self.times.get(1).is_some_and(|next| *next <= made) {
            self.times.pop_front();
            self.rates.drain(..self.width);
        }
        let any = self.times.front().is_some_and(|since| *since <= made);
        let mut changed = false;
        for (place, due) in self.due.iter_mut().enumerate() {
            let next = if any { self.rates[place] } else { Late::default() };
            changed |= next != *due;
            *due = next;
        }
        changed
    }

    /// Whether any is on its way.
    fn any(&self) -> bool {
        self.rates.iter().any(|late| late.rate > 0.0)
    }
}

/// What waits before all cells, and who will ask again.
#[derive(Debug)]
pub struct Waiting {
    lines: Vec<Line>,
    tries: Vec<Tries>,
    /// The longest time between two looks, in seconds.
    every: f64,
    /// The next look, and how long before it the last one was, in seconds.
    next: Option<(SimTime, Handle)>,
    ahead: f64,
}

impl Waiting {
    /// Of these cells; of populations with these limits, and so many rates each; and callers that wait no shorter than this.
    pub fn new(cells: &[(CellId, Queue)], tries: &[(SimDuration, usize)], shortest: SimDuration) -> Self {
        let tries = tries.iter().map(|&(limit, width)| Tries {
            limit,
            width,
            times: VecDeque::new(),
            rates: VecDeque::new(),
            due: vec![Late::default(); width],
        });
        let every = (shortest.as_secs_f64() / LOOKS).clamp(SHORTEST, LONGEST);
        Self {
            lines: cells.iter().map(|&(cell, queue)| Line::empty(cell, queue)).collect(),
            tries: tries.collect(),
            every,
            next: None,
            ahead: 0.0,
        }
    }

    /// Starts a trial: nothing waits.
    pub fn begin(&mut self) {
        for line in &mut self.lines {
            *line = Line::empty(line.cell, line.queue);
        }
        self.tries.iter_mut().for_each(Tries::begin);
        (self.next, self.ahead) = (None, 0.0);
    }

    /// What waits before a cell that serves so many requests per second, as those meet it that arrive; none if nothing may wait
    /// there.
    pub fn held(&self, cell: CellId, capacity: f64) -> Option<Held> {
        let Line { queue, seen, seen_growth, .. } = self.lines.iter().find(|line| line.cell == cell)?;
        let most = queue.limit.requests(capacity);
        let wait = match *seen {
            _ if capacity <= 0.0 => f64::INFINITY,
            0.0 => 0.0,
            seen => seen / capacity,
        };
        let room = match *seen {
            seen if seen > most * (1.0 + SAME) => Room::Over,
            seen if seen >= most * (1.0 - SAME) => Room::Full,
            _ => Room::Free,
        };
        let (drift, most) = if capacity > 0.0 { (seen_growth / capacity, most / capacity) } else { (0.0, wait) };
        Some(Held { wait, drift, most, ahead: self.ahead, room, order: queue.order, worked: 1.0, in_turn: 1.0 })
    }

    /// Attempts of a population that are due now, by journey and number.
    pub fn due(&self, population: usize) -> &[Late] {
        &self.tries[population].due
    }

    /// The cells before which requests may wait.
    pub fn cells(&self) -> impl Iterator<Item = CellId> + '_ {
        self.lines.iter().map(|line| line.cell)
    }

    /// So many requests per second arrive at a cell, are let in and are served there; none of its region is there any more where
    /// those are unknown.
    pub fn flows(&mut self, cell: CellId, rates: Option<[f64; 3]>, ctx: &mut Context<'_, Look, Changed>) {
        let Some(line) = self.lines.iter_mut().find(|line| line.cell == cell) else { return };
        let [arriving, let_in, capacity] = rates.unwrap_or([0.0, 0.0, f64::INFINITY]);
        (line.arriving, line.capacity) = (arriving, capacity);
        if rates.is_none() && (line.waiting > 0.0 || line.growth != 0.0) {
            // What waited is lost with its region.
            (line.waiting, line.growth, line.seen, line.seen_growth) = (0.0, 0.0, 0.0, 0.0);
            ctx.signal(Changed);
        }
        let growth = let_in - capacity;
        let growth = match growth {
            _ if growth.abs() <= SAME * capacity || growth == f64::NEG_INFINITY => 0.0,
            _ if line.waiting <= 0.0 && growth < 0.0 => 0.0,
            _ => growth,
        };
        let most = line.queue.limit.requests(capacity);
        if growth != line.growth || most != line.most {
            line.advance(ctx.now());
            (line.growth, line.most) = (growth, most);
        }
        let (waits, turns) = (line.waiting > 0.0, (growth - line.seen_growth).abs() > SUDDEN * capacity);
        let sudden = turns && line.seen != line.waiting;
        if growth != 0.0 || waits {
            self.look_on(ctx);
        }
        if sudden {
            self.see(ctx.now());
            ctx.signal(Changed);
        }
    }

    /// A path to a cell is cut, or no longer. What its callers sent meanwhile then arrives at once: no more than they would have
    /// sent in the time that their connections last, or than may wait.
    pub fn path_changed(&mut self, cell: CellId, cut: bool, ctx: &mut Context<'_, Look, Changed>) {
        let Some(line) = self.lines.iter_mut().find(|line| line.cell == cell) else { return };
        if cut {
            line.cut = line.cut.or(Some((line.arriving, ctx.now())));
            return;
        }
        let Some((before, since)) = line.cut.take() else { return };
        let lasts = match line.queue.limit {
            Limit::Seconds(seconds) => seconds,
            Limit::Requests(requests) => requests / line.capacity,
        };
        let lasts = ctx.now().since(since).as_secs_f64().min(lasts.max(HELD_BACK));
        let held_back = (before - line.arriving).max(0.0) * lasts;
        line.advance(ctx.now());
        line.waiting = (line.waiting + held_back).min(line.most.max(line.waiting));
        if line.waiting > line.seen {
            line.seen = line.waiting;
            ctx.signal(Changed);
            self.look_on(ctx);
        }
    }

    /// A population makes so many attempts per second that will be given up, by journey and number.
    pub fn give_up(&mut self, population: usize, made: &[Late], ctx: &mut Context<'_, Look, Changed>) {
        self.tries[population].note(made, ctx.now());
        if self.tries[population].any() {
            self.look_on(ctx);
        }
    }

    /// From now on those who arrive see what waits now. Returns whether that is something else than they saw before.
    fn see(&mut self, now: SimTime) -> bool {
        let mut changed = false;
        for line in &mut self.lines {
            line.advance(now);
            changed |= line.seen != line.waiting || line.seen_growth != line.growth;
            (line.seen, line.seen_growth) = (line.waiting, line.growth);
        }
        let ahead = self.next.map_or(0.0, |(at, _)| at.since(now).as_secs_f64());
        let other = std::mem::replace(&mut self.ahead, ahead) != ahead;
        changed || other && self.lines.iter().any(|line| line.growth != 0.0)
    }

    /// Looks again as soon as it has to.
    fn look_on(&mut self, ctx: &mut Context<'_, Look, Changed>) {
        let step = self.lines.iter().map(|line| line.step(self.every)).fold(self.every, f64::min);
        let at = ctx.now() + SimDuration::from_secs_f64(step);
        if self.next.is_some_and(|(pending, _)| pending <= at) {
            return;
        }
        if let Some((_, handle)) = self.next.take() {
            ctx.cancel(handle);
        }
        self.next = Some((at, ctx.schedule_at(at, Look)));
    }
}

impl Component for Waiting {
    type Event = Look;
    type Signal = Changed;

    fn handle(&mut self, _: Look, ctx: &mut Context<'_, Look, Changed>) {
        self.next = None;
        let mut changed = false;
        for tries in &mut self.tries {
            changed |= tries.look(ctx.now());
        }
        for line in &mut self.lines {
            line.advance(ctx.now());
        }
        let waits = |line: &Line| line.waiting > 0.0 || line.growth > 0.0;
        if self.lines.iter().any(waits) || self.tries.iter().any(Tries::any) {
            self.look_on(ctx);
        }
        changed |= self.see(ctx.now());
        // A storm at its height looks the same for long.
        if changed {
            ctx.signal(Changed);
        }
    }
}

#[cfg(test)]
mod tests;
