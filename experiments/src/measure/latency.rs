//! How long the requests of a journey took: before the clock started, until the journey was back for good, and after that.
//!
//! Where faults recur there is no one recovery: then the second phase is the time down since the clock started, and the third
//! the time up.

use sim_core::time::SimTime;

/// The phases of a trial.
pub const PHASES: usize = 3;

/// Requests that succeeded, and how long they took together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Served {
    /// Seconds; or seconds per second.
    seconds: f64,
    /// Requests; or requests per second.
    requests: f64,
}

impl Served {
    fn add(&mut self, rate: Self, seconds: f64) {
        self.seconds += rate.seconds * seconds;
        self.requests += rate.requests * seconds;
    }

    fn less(self, other: Self) -> Self {
        Self { seconds: self.seconds - other.seconds, requests: self.requests - other.requests }
    }

    /// Mean seconds of a request, if there is as much as a thousandth of one.
    fn mean(self) -> Option<f64> {
        (self.requests > 1e-3).then(|| self.seconds / self.requests)
    }
}

/// One journey's latency in one trial.
#[derive(Debug, Clone, Default)]
pub(super) struct Latency {
    rate: Served,
    up: bool,
    since: SimTime,
    /// From when the second phase counts.
    start: Option<SimTime>,
    before: Served,
    /// Since then, and the part of it in which the journey was down.
    rest: Served,
    down: Served,
    /// When the journey came back up since then, and what had been served by then.
    returns: Vec<(SimTime, Served)>,
}

impl Latency {
    /// Starts a trial and keeps the memory.
    pub(super) fn begin(&mut self, start: Option<SimTime>) {
        let mut returns = std::mem::take(&mut self.returns);
        returns.clear();
        *self = Self { returns, start, up: true, ..Self::default() };
    }

    /// So many requests per second succeed from `now` on, which take so many seconds together, and the journey is up or not.
    pub(super) fn set(&mut self, now: SimTime, seconds: f64, requests: f64, up: bool) {
        let rate = Served { seconds, requests };
        if rate == self.rate && up == self.up {
            return;
        }
        self.add_up(now);
        if up && !self.up && self.start.is_some_and(|start| now >= start) {
            self.returns.push((now, self.rest));
        }
        (self.rate, self.up) = (rate, up);
    }

    fn add_up(&mut self, now: SimTime) {
        let since = std::mem::replace(&mut self.since, now);
        let start = self.start.unwrap_or(SimTime::NEVER).clamp(since, now);
        self.before.add(self.rate, start.since(since).as_secs_f64());
        let seconds = now.since(start).as_secs_f64();
        self.rest.add(self.rate, seconds);
        if !self.up {
            self.down.add(self.rate, seconds);
        }
    }

    /// Mean seconds in each phase of a trial that has ended; `back` says when the journey was back for good, nothing if it was not.
    pub(super) fn finish(&mut self, end: SimTime, back: Option<SimTime>, recurring: bool) -> [Option<f64>; PHASES] {
        self.add_up(end);
        let Some(start) = self.start.filter(|start| *start < end) else {
            return [self.before.mean(), None, None];
        };
        let during = match back {
            _ if recurring => self.down,
            None => self.rest,
            Some(back) if back <= start => Served::default(),
            // Without a return at that instant nothing was down, or only as planned.
            Some(back) => {
                self.returns.iter().rfind(|(at, _)| *at <= back).map(|(_, served)| *served).unwrap_or_default()
            }
        };
        let after = if back.is_none() && !recurring { Served::default() } else { self.rest.less(during) };
        [self.before.mean(), during.mean(), after.mean()]
    }
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;

    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    /// 10 requests/s: at 0.1 s until 100 s, at 0.5 s while down until 130 s, and 5 requests/s at 0.3 s until 200 s. The clock starts
    /// at 100 s.
    fn played(start: Option<SimTime>) -> Latency {
        let mut latency = Latency::default();
        latency.begin(start);
        latency.set(at(0), 1.0, 10.0, true);
        latency.set(at(100), 5.0, 10.0, false);
        latency.set(at(130), 1.5, 5.0, true);
        latency
    }

    fn close(found: [Option<f64>; PHASES], expected: [Option<f64>; PHASES]) {
        for (found, expected) in found.iter().zip(expected) {
            match (found, expected) {
                (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-12, "{found} {expected}"),
                (found, expected) => assert_eq!(*found, expected),
            }
        }
    }

    #[test]
    fn each_phase_has_its_own_mean() {
        close(played(Some(at(100))).finish(at(200), Some(at(130)), false), [Some(0.1), Some(0.5), Some(0.3)]);
        close(played(Some(at(100))).finish(at(200), None, false), [Some(0.1), Some((150.0 + 105.0) / 650.0), None]);
        close(played(Some(at(100))).finish(at(200), Some(at(100)), false), [Some(0.1), None, Some(255.0 / 650.0)]);
        // A clock that starts between two changes divides what holds then.
        close(played(Some(at(50))).finish(at(200), Some(at(130)), false), [Some(0.1), Some(200.0 / 800.0), Some(0.3)]);
        close(played(None).finish(at(200), Some(at(0)), false), [Some(355.0 / 1_650.0), None, None]);
        close(played(Some(at(100))).finish(at(200), Some(at(130)), true), [Some(0.1), Some(0.5), Some(0.3)]);
    }
}
