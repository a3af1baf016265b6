//! Crowds: populations whose requests fare alike wherever they arrive, added up.
//!
//! The sums are whole numbers of a small unit, so that they are exact in whichever order populations join and leave: what a
//! crowd sends somewhere is a function of where its populations are led now, and not of how they came there. A population
//! that moves then costs the same however many others there are. The number of requests since some instant is a whole
//! number as well, requests per second times nanoseconds: it does not depend on who looked at it meanwhile.

use sim_core::time::SimTime;

use crate::cause::Cause;
use crate::grid::Grid;

/// The binary digits that the sum of all offers has.
const DIGITS: i32 = 60;
/// The binary digits of a second.
const SECOND: i32 = 50;
/// The part of a second that round trips are counted in.
const PART: f64 = 1.0 / (1_u64 << SECOND) as f64;
/// The binary digits of a second where round trips are added up over a trial.
const COARSE: i32 = 4;
/// The part of a second that they are counted in then.
const COARSE_PART: f64 = 1.0 / (1_u64 << COARSE) as f64;
/// The seconds of a nanosecond.
const NANOSECOND: f64 = 1e-9;

/// A set of small numbers, in the order in which they were marked.
#[derive(Debug)]
pub struct Marks {
    list: Vec<usize>,
    on: Vec<bool>,
}

impl Marks {
    /// No mark on any of so many.
    pub(super) fn new(count: usize) -> Self {
        Self { list: Vec::with_capacity(count), on: vec![false; count] }
    }

    #[inline]
    pub(super) fn mark(&mut self, number: usize) {
        if !std::mem::replace(&mut self.on[number], true) {
            self.list.push(number);
        }
    }

    pub(super) fn mark_all(&mut self) {
        for number in 0..self.on.len() {
            self.mark(number);
        }
    }

    #[inline]
    pub(super) fn has(&self, number: usize) -> bool {
        self.on[number]
    }

    /// Those that are marked.
    #[inline]
    pub fn list(&self) -> &[usize] {
        &self.list
    }

    /// Removes all marks.
    #[inline]
    pub fn clear(&mut self) {
        for number in self.list.drain(..) {
            self.on[number] = false;
        }
    }
}

/// What one population sends to one region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sent {
    /// Requests.
    requests: i64,
    /// The same times their round-trip time.
    travelling: i128,
}

impl Sent {
    /// Requests times their round-trip time, in coarser parts of a second: whole years of them fit then.
    #[inline]
    const fn coarse(self) -> i128 {
        self.travelling >> (SECOND - COARSE)
    }
}

/// Requests that a crowd has sent to a region until an instant, in units times nanoseconds, and the same times their round-trip
/// time.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    sum: i128,
    travelled: i128,
    until: SimTime,
}

impl Total {
    /// What it is at `now` while so much is sent per second.
    #[inline]
    fn at(self, sent: Sent, now: SimTime) -> Self {
        let nanoseconds = i128::from(now.since(self.until).as_nanos());
        Self {
            sum: self.sum + i128::from(sent.requests) * nanoseconds,
            travelled: self.travelled + sent.coarse() * nanoseconds,
            until: now,
        }
    }
}

/// Populations of one class, with one set of chains, whose requests fail from the same cause at each region.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    pub(super) class: usize,
    pub(super) set: usize,
    /// By region.
    causes: Vec<Cause>,
    sent: Vec<Sent>,
    /// Since the sums were last started anew.
    totals: Vec<Total>,
}

impl Crowd {
    /// Why its requests fail where an endpoint is dead or gray.
    pub(super) fn cause(&self, region: usize) -> usize {
        self.causes[region].index()
    }

    /// Whether any of its requests go to a region.
    #[inline]
    pub(super) fn reaches(&self, region: usize) -> bool {
        self.sent[region].requests > 0
    }
}

/// All crowds, and what each population adds to its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Crowds {
    /// The first so many are in use.
    each: Vec<Crowd>,
    count: usize,
    of: Vec<usize>,
    /// Row = population, column = region.
    sent: Grid<Sent>,
    /// Units per request, and requests per unit.
    scale: f64,
    unit: f64,
    /// Round trips in parts of a second: row = population, column = region.
    round_trips: Grid<i64>,
    now: SimTime,
    /// Requests per second that came or went anywhere since somebody last asked, in units.
    moved: i64,
}

impl Crowds {
    /// So many populations among so many regions, with these round trips in seconds.
    pub(super) fn new(populations: usize, regions: usize, round_trips: &[Vec<f64>]) -> Self {
        let nobody = Crowd {
            class: 0,
            set: 0,
            causes: vec![Cause::Detection; regions],
            sent: vec![Sent::default(); regions],
            totals: vec![Total::default(); regions],
        };
        Self {
            each: vec![nobody; populations],
            count: 0,
            of: vec![0; populations],
            sent: Grid::new(populations, regions, Sent::default()),
            scale: 1.0,
            unit: 1.0,
            round_trips: Grid::from_fn(populations, regions, |population: usize, region: usize| {
                // Regions that serve nobody have no round trip and get no traffic.
                let seconds = round_trips[population].get(region).copied().unwrap_or_default();
                libm::ldexp(seconds, SECOND) as i64
            }),
            now: SimTime::ZERO,
            moved: 0,
        }
    }

    /// A trial starts: nothing has been sent.
    pub(super) fn begin(&mut self) {
        self.now = SimTime::ZERO;
        for total in self.each.iter_mut().flat_map(|crowd| &mut crowd.totals) {
            *total = Total::default();
        }
    }

    /// What is sent from now on is sent from this instant on.
    #[inline]
    pub(super) const fn set_now(&mut self, now: SimTime) {
        self.now = now;
    }

    /// The instant from which on everything is sent that is sent.
    #[inline]
    pub(super) const fn now(&self) -> SimTime {
        self.now
    }

    /// The unit in which so many requests per second of all populations are counted.
    fn scale_of(offered: f64) -> f64 {
        let above = if offered > 0.0 { libm::ilogb(offered) + 1 } else { 0 };
        libm::ldexp(1.0, DIGITS - above)
    }

    /// Whether the unit is another one if all populations together offer so many requests per second.
    pub(super) fn measures_otherwise(&self, offered: f64) -> bool {
        Self::scale_of(offered) != self.scale
    }

    /// All populations together offer so many requests per second. Everything has to be sent again if the unit is another one.
    pub(super) fn measure(&mut self, offered: f64) {
        self.scale = Self::scale_of(offered);
        self.unit = 1.0 / self.scale;
    }

    /// A population sends so many requests per second to each region, which are these shares of its offer. `differs` hears of
    /// each region to which it sent another number before, and that number.
    #[inline]
    pub(super) fn send(
        &mut self,
        population: usize,
        offered: f64,
        shares: &[f64],
        mut differs: impl FnMut(usize, f64),
    ) {
        let Self { each, of, sent, round_trips, scale, unit, now, moved, .. } = self;
        let crowd = &mut each[of[population]];
        let sums = crowd.sent.iter_mut().zip(&mut crowd.totals);
        let own = sent.row_mut(population).iter_mut().zip(round_trips.row(population));
        for (region, (((own, &trip), (sum, total)), share)) in own.zip(sums).zip(shares).enumerate() {
            let requests = (offered * share * *scale) as i64;
            if requests == own.requests {
                continue;
            }
            let sends = Sent { requests, travelling: i128::from(requests) * i128::from(trip) };
            let before = std::mem::replace(own, sends);
            *total = total.at(*sum, *now);
            let change = sends.requests - before.requests;
            sum.requests += change;
            sum.travelling += sends.travelling - before.travelling;
            *moved = moved.saturating_add(change.abs());
            differs(region, before.requests as f64 * *unit);
        }
    }

    /// Whether populations would be together as they are.
    pub(super) fn are_formed(&self, classes: &[usize], sets: &[usize], causes: &Grid<Cause>) -> bool {
        let known = |(population, (&class, &set)): (usize, (&usize, &usize))| {
            let crowd = &self.each[self.of[population]];
            crowd.class == class && crowd.set == set && crowd.causes == causes.row(population)
        };
        self.count > 0 && classes.iter().zip(sets).enumerate().all(known)
    }

    /// Puts populations together anew, in the order of the file. Nothing has been sent then.
    pub(super) fn form(&mut self, classes: &[usize], sets: &[usize], causes: &Grid<Cause>) {
        self.count = 0;
        for (population, (&class, &set)) in classes.iter().zip(sets).enumerate() {
            let causes = causes.row(population);
            let alike = |crowd: &Crowd| crowd.class == class && crowd.set == set && crowd.causes == causes;
            let place = self.each[..self.count].iter().position(alike).unwrap_or(self.count);
            let crowd = &mut self.each[place];
            if place == self.count {
                self.count += 1;
                (crowd.class, crowd.set) = (class, set);
                crowd.causes.copy_from_slice(causes);
                crowd.sent.fill(Sent::default());
                crowd.totals.fill(Total { until: self.now, ..Total::default() });
            }
            self.of[population] = place;
            for (sum, part) in crowd.sent.iter_mut().zip(self.sent.row(population)) {
                sum.requests += part.requests;
                sum.travelling += part.travelling;
            }
        }
    }

    /// The crowds of which anybody sends anything to a region.
    #[inline]
    pub(super) fn at(&self, region: usize) -> impl Iterator<Item = &Crowd> {
        self.each[..self.count].iter().filter(move |crowd| crowd.reaches(region))
    }

    /// All crowds.
    #[inline]
    pub(super) fn all(&self) -> impl Iterator<Item = &Crowd> {
        self.each[..self.count].iter()
    }

    /// Requests that a crowd has sent to a region until `now`, since the sums were started anew, and the same times their round
    /// trips in seconds.
    #[inline]
    pub(super) fn sent_until(&self, crowd: &Crowd, region: usize, now: SimTime) -> (f64, f64) {
        let Total { sum, travelled, .. } = crowd.totals[region].at(crowd.sent[region], now);
        if sum == 0 {
            return (0.0, 0.0);
        }
        (sum as f64 * self.unit * NANOSECOND, travelled as f64 * self.unit * NANOSECOND * COARSE_PART)
    }

    /// Starts the sums of a region anew.
    pub(super) fn start_anew(&mut self, region: usize) {
        for crowd in &mut self.each[..self.count] {
            crowd.totals[region] = Total { until: self.now, ..Total::default() };
        }
    }

    /// Requests per second that a population sends to a region.
    #[inline]
    pub(super) fn sends_of(&self, population: usize, region: usize) -> f64 {
        self.sent[(population, region)].requests as f64 * self.unit
    }

    /// Requests per second that a crowd sends to a region, and the same times their round trips in seconds.
    #[inline]
    pub(super) fn sends(&self, crowd: &Crowd, region: usize) -> (f64, f64) {
        let Sent { requests, travelling } = crowd.sent[region];
        (requests as f64 * self.unit, travelling as f64 * self.unit * PART)
    }

    /// Requests per second that a crowd sends to a region.
    #[inline]
    pub(super) fn arrives(&self, crowd: &Crowd, region: usize) -> f64 {
        crowd.sent[region].requests as f64 * self.unit
    }

    /// Requests per second that came or went anywhere since that was last forgotten.
    #[inline]
    pub(super) fn moved(&self) -> f64 {
        self.moved as f64 * self.unit
    }

    /// Forgets what came and went.
    pub(super) const fn forget_moved(&mut self) {
        self.moved = 0;
    }

    /// Requests per second that arrive at a region.
    #[inline]
    pub(super) fn arriving(&self, region: usize) -> f64 {
        self.at(region).map(|crowd| crowd.sent[region].requests).sum::<i64>() as f64 * self.unit
    }

    /// Whether a population sends anything to a region.
    #[inline]
    pub(super) fn reaches(&self, population: usize, region: usize) -> bool {
        self.sent[(population, region)].requests > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_present_however_they_came_about() {
        let trips = vec![vec![0.01, 0.3]; 3];
        let causes = Grid::new(3, 2, Cause::Detection);
        let fresh = || {
            let mut crowds = Crowds::new(3, 2, &trips);
            crowds.measure(1_000.0);
            crowds.form(&[0; 3], &[0; 3], &causes);
            crowds
        };
        let (mut one, mut other) = (fresh(), fresh());
        let send = |crowds: &mut Crowds, population: usize, there: f64| {
            let rate = [700.0, 200.0, 100.0][population];
            crowds.send(population, rate, &[1.0 - there, there], |_, _| ());
        };
        for step in 0..1_000 {
            send(&mut one, step % 3, (step * 7 % 11) as f64 / 11.0);
        }
        for (population, there) in [(2, 0.25), (0, 0.1), (1, 1.0 / 3.0)] {
            send(&mut one, population, there);
            send(&mut other, population, there);
        }
        for region in 0..2 {
            let sums = |crowds: &Crowds| crowds.at(region).map(|crowd| crowds.sends(crowd, region)).collect::<Vec<_>>();
            assert_eq!(sums(&one), sums(&other));
        }
        assert!((one.arriving(1) - (25.0 + 70.0 + 200.0 / 3.0)).abs() < 1e-12);
        // Nobody is left where nobody is led.
        for population in 0..3 {
            send(&mut one, population, 1.0);
        }
        assert_eq!((one.arriving(0), one.at(0).count(), one.arriving(1)), (0.0, 0, 1_000.0));
        // Whoever fails from another cause is another crowd.
        let mut causes = causes;
        causes[(1, 0)] = Cause::DnsCache;
        one.form(&[0; 3], &[0; 3], &causes);
        let sent: Vec<f64> = one.at(1).map(|crowd| one.sends(crowd, 1).0).collect();
        assert_eq!(sent, [800.0, 200.0]);
    }
}
