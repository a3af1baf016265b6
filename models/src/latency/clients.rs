//! What clients make of the time that requests take: tries and waits between them, and their patience.

use super::laws::{Laws, Time};
use super::mix::Mix;

/// The clients of a population, as far as time goes. Seconds throughout.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clients {
    /// Tries of a request.
    pub attempts: u32,
    /// How long they wait for all tries together.
    pub timeout: f64,
    /// Before each try the wait for it, summed up over the tries before.
    pub waits: Vec<Time>,
    /// Their round trips to each region, where somebody may wait too long for what they get or where that is of interest.
    pub round_trips: Vec<f64>,
    /// By journey, the time beyond which what succeeds does not count as up.
    pub within: Vec<Option<f64>>,
    /// Whose they are, where it is asked how long each request takes: nobody shares them then.
    pub alone: Option<usize>,
}

/// What becomes of the time of requests that do not fail otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Success {
    /// Share of them that comes too late for its client.
    pub slow: f64,
    /// Share of them that comes in time for its client, and later than a journey that is up has it.
    pub late: f64,
    /// Mean seconds of those that are not too slow, without `trips`.
    pub seconds: f64,
    /// Mean number of round trips to the front that come on top of `seconds`, where those are not in there.
    pub trips: f64,
}

impl Clients {
    /// The clients of so many tries, backing off by full jitter before the second one and later ones.
    pub fn new(attempts: u32, timeout: f64, backoff: Option<(f64, f64)>, laws: &mut Laws) -> Self {
        let mut waits = vec![Time::default()];
        for attempt in 1..attempts {
            let before = waits[waits.len() - 1];
            let most = backoff.map_or(0.0, |(base, cap)| cap.min(base * libm::exp2(f64::from(attempt - 1))));
            let wait =
                sim_core::random::Distribution::uniform(0.0, most).map_or(Time::default(), |wait| laws.time(&wait));
            waits.push(laws.plus(before, wait));
        }
        Self { attempts, timeout, waits, ..Self::default() }
    }

    /// Whether somebody may wait too long, or it is of interest how long each waits.
    pub const fn exact(&self) -> bool {
        !self.round_trips.is_empty()
    }

    /// Mean number of tries that fail before one that succeeds, and mean seconds of the waits between them, where a try fails
    /// with `q`.
    pub fn before(&self, q: f64, laws: &Laws) -> (f64, f64) {
        if q <= 0.0 {
            return (0.0, 0.0);
        }
        let (mut weight, mut all, mut tries, mut waits) = (1.0, 0.0, 0.0, 0.0);
        for (before, wait) in self.waits.iter().enumerate() {
            all += weight;
            tries += weight * before as f64;
            waits += weight * (wait.shift + laws.mean(wait.law));
            weight *= q;
        }
        (tries / all, waits / all)
    }

    /// What becomes of requests to a region of which a try fails with `q`, at once, and one that does not takes as long as
    /// `served` says, both without the round trip; `way` gets how long those take that succeed, where that is asked for.
    pub fn succeed(
        &self,
        region: usize,
        journey: usize,
        q: f64,
        served: &Mix,
        way: Option<&mut Mix>,
        laws: &mut Laws,
    ) -> Success {
        if !self.exact() {
            let (tries, waits) = self.before(q, laws);
            return Success { seconds: served.mean(laws) + waits, trips: tries + 1.0, ..Success::default() };
        }
        // Regions that serve nobody have no round trip and get no traffic.
        let trip = self.round_trips.get(region).copied().unwrap_or_default();
        let mut served = served.clone();
        served.add(Time::of(trip), laws);
        let times = self.tries(q, &served, laws, |count, _| Mix::of(Time::of(f64::from(count) * trip)));
        let success = self.judge(journey, &times, laws);
        if let Some(way) = way {
            *way = self.in_time(&times, success.slow, laws);
        }
        success
    }

    /// How long those take that their clients wait for, where this share of all comes too late.
    pub fn in_time(&self, times: &Mix, slow: f64, laws: &mut Laws) -> Mix {
        if slow > 0.0 { times.within(self.timeout, laws) } else { times.clone() }
    }

    /// How long requests take of which a try fails with `q`; `row` says what so many failed tries take.
    pub fn tries(&self, q: f64, served: &Mix, laws: &mut Laws, mut row: impl FnMut(u32, &mut Laws) -> Mix) -> Mix {
        let mut times = served.clone();
        let (mut weight, mut all) = (1.0, 1.0);
        for (before, wait) in self.waits.iter().enumerate().skip(1) {
            weight *= q;
            if weight < 1e-12 {
                break;
            }
            all += weight;
            let mut path = row(before as u32, laws);
            path.add(*wait, laws);
            path.then(served, laws);
            times.or(weight / all, &path, laws);
        }
        times
    }

    /// What clients make of what takes so long.
    pub fn judge(&self, journey: usize, times: &Mix, laws: &Laws) -> Success {
        let until = times.until(self.timeout, laws);
        if until <= 0.0 {
            return Success { slow: 1.0, ..Success::default() };
        }
        let late = self
            .within
            .get(journey)
            .copied()
            .flatten()
            .map_or(0.0, |within| (until - times.until(within.min(self.timeout), laws)).max(0.0));
        let seconds = if until < 1.0 { times.mean_until(self.timeout, laws) / until } else { times.mean(laws) };
        Success { slow: 1.0 - until, late, seconds, trips: 0.0 }
    }
}
