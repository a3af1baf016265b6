//! Crowds: populations whose requests fare alike wherever they arrive, added up.
//!
//! The sums are whole numbers of a small unit, so that they are exact in whichever order populations join and leave: what a
//! crowd sends somewhere is a function of where its populations are led now, and not of how they came there. A population
//! that moves then costs the same however many others there are.

use crate::cause::Cause;
use crate::grid::Grid;

/// The binary digits that the sum of all offers has.
const DIGITS: i32 = 60;
/// The binary digits of a second.
const SECOND: i32 = 50;
/// The part of a second that round trips are counted in.
const PART: f64 = 1.0 / (1_u64 << SECOND) as f64;

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

/// Populations of one class, with one set of chains, whose requests fail from the same cause at each region.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    pub(super) class: usize,
    pub(super) set: usize,
    /// By region.
    causes: Vec<Cause>,
    sent: Vec<Sent>,
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
#[derive(Debug)]
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
}

impl Crowds {
    /// So many populations among so many regions, with these round trips in seconds.
    pub(super) fn new(populations: usize, regions: usize, round_trips: &[Vec<f64>]) -> Self {
        let nobody =
            Crowd { class: 0, set: 0, causes: vec![Cause::Detection; regions], sent: vec![Sent::default(); regions] };
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
        }
    }

    /// All populations together offer so many requests per second. Returns whether the unit is another one now: then
    /// everything has to be sent again.
    pub(super) fn measure(&mut self, offered: f64) -> bool {
        let above = if offered > 0.0 { libm::ilogb(offered) + 1 } else { 0 };
        let scale = libm::ldexp(1.0, DIGITS - above);
        let changes = scale != self.scale;
        (self.scale, self.unit) = (scale, 1.0 / scale);
        changes
    }

    /// A population sends so many requests per second to a region. Returns whether that is something else than it was.
    #[inline]
    pub(super) fn send(&mut self, population: usize, region: usize, requests: f64) -> bool {
        let requests = (requests * self.scale) as i64;
        let travelling = i128::from(requests) * i128::from(self.round_trips[(population, region)]);
        let now = Sent { requests, travelling };
        let before = std::mem::replace(&mut self.sent[(population, region)], now);
        if now == before {
            return false;
        }
        let sum = &mut self.each[self.of[population]].sent[region];
        sum.requests += now.requests - before.requests;
        sum.travelling += now.travelling - before.travelling;
        true
    }

    /// Puts populations together anew, in the order of the file.
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

    /// Requests per second that a crowd sends to a region, and the same times their round trips in seconds.
    #[inline]
    pub(super) fn sends(&self, crowd: &Crowd, region: usize) -> (f64, f64) {
        let Sent { requests, travelling } = crowd.sent[region];
        (requests as f64 * self.unit, travelling as f64 * self.unit * PART)
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
            crowds.send(population, 0, rate * (1.0 - there));
            crowds.send(population, 1, rate * there);
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
