//! How long the requests of a journey took: before the clock started, until the journey was back for good, and after that.
//!
//! Where faults recur there is no one recovery: then the second phase is the time down since the clock started, and the third
//! the time up.

use sim_core::time::SimTime;

/// The phases of a trial.
pub const PHASES: usize = 3;

/// Requests that have succeeded so far, and how long they took together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Served {
    pub(super) seconds: f64,
    pub(super) requests: f64,
}

/// What adds up over a trial.
pub(super) trait Sum: Clone + Default {
    fn and(&self, other: &Self) -> Self;

    fn less(&self, other: &Self) -> Self;
}

impl Sum for Served {
    fn and(&self, other: &Self) -> Self {
        Self { seconds: self.seconds + other.seconds, requests: self.requests + other.requests }
    }

    fn less(&self, other: &Self) -> Self {
        Self { seconds: self.seconds - other.seconds, requests: self.requests - other.requests }
    }
}

/// Requests by what they took; those that are missing at the end are none.
impl Sum for Vec<f64> {
    fn and(&self, other: &Self) -> Self {
        let (long, short) = if self.len() < other.len() { (other, self) } else { (self, other) };
        let mut sum = long.clone();
        sum.iter_mut().zip(short).for_each(|(sum, own)| *sum += own);
        sum
    }

    fn less(&self, other: &Self) -> Self {
        // What was met later is at the end.
        let mut rest = self.clone();
        rest.iter_mut().zip(other).for_each(|(rest, own)| *rest -= own);
        rest
    }
}

impl Served {
    /// Mean seconds of a request, if there is as much as a thousandth of one.
    pub(super) fn mean(self) -> Option<f64> {
        (self.requests > 1e-3).then(|| self.seconds / self.requests)
    }
}

/// One journey's latency in one trial.
#[derive(Debug, Clone, Default)]
pub(super) struct Latency<S> {
    down: bool,
    /// What had been served when the second phase began, once it has.
    start: Option<S>,
    /// What had been served when the journey went down, or when the second phase began if it was down then.
    fell: S,
    /// What has been served since then while it was down.
    meanwhile: S,
    /// When the journey came back up since then, and what had been served since then.
    returns: Vec<(SimTime, S)>,
}

impl<S: Sum> Latency<S> {
    /// Starts a trial and keeps the memory.
    pub(super) fn begin(&mut self) {
        let mut returns = std::mem::take(&mut self.returns);
        returns.clear();
        *self = Self { returns, ..Self::default() };
    }

    /// The second phase begins, and so much has been served.
    pub(super) fn start(&mut self, served: impl FnOnce() -> S) {
        if self.start.is_none() {
            self.fell = served();
            self.start = Some(self.fell.clone());
        }
    }

    /// The journey is up or down from `now` on; `served` says what has been served by then, if that is asked for.
    pub(super) fn turn(&mut self, now: SimTime, down: bool, served: impl FnOnce() -> S) {
        if std::mem::replace(&mut self.down, down) == down {
            return;
        }
        let Some(start) = &self.start else { return };
        let served = served();
        if down {
            self.fell = served;
        } else {
            self.meanwhile = self.meanwhile.and(&served.less(&self.fell));
            self.returns.push((now, served.less(start)));
        }
    }

    /// What was served in each phase of a trial that has ended, by whose end so much had been; `back` says when the journey was
    /// back for good, nothing if it was not, and the second phase counts from `from` on.
    pub(super) fn finish(
        &mut self,
        served: S,
        (from, back): (SimTime, Option<SimTime>),
        recurring: bool,
    ) -> [S; PHASES] {
        let Some(start) = &self.start else {
            return [served, S::default(), S::default()];
        };
        let rest = served.less(start);
        let during = match back {
            _ if recurring && self.down => self.meanwhile.and(&served.less(&self.fell)),
            _ if recurring => self.meanwhile.clone(),
            None => rest.clone(),
            Some(back) if back <= from => S::default(),
            // Without a return at that instant nothing was down, or only as planned.
            Some(back) => {
                self.returns.iter().rfind(|(at, _)| *at <= back).map(|(_, served)| served.clone()).unwrap_or_default()
            }
        };
        let after = if back.is_none() && !recurring { S::default() } else { rest.less(&during) };
        [start.clone(), during, after]
    }
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;

    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    /// 10 requests/s: at 0.1 s until 100 s, at 0.5 s while down until 130 s, and 5 requests/s at 0.3 s until 200 s.
    fn served(until: u64) -> Served {
        let [first, second, third] =
            [until.min(100), until.clamp(100, 130) - 100, until.max(130) - 130].map(|seconds| seconds as f64);
        Served { seconds: first + 5.0 * second + 1.5 * third, requests: 10.0 * (first + second) + 5.0 * third }
    }

    /// The means of the phases, the second of which begins at `start`.
    fn played(start: Option<u64>, back: Option<u64>, recurring: bool) -> [Option<f64>; PHASES] {
        let mut latency = Latency::default();
        latency.begin();
        let begins = |latency: &mut Latency<Served>, now| {
            if start == Some(now) {
                latency.start(|| served(now));
            }
        };
        begins(&mut latency, 50);
        begins(&mut latency, 100);
        latency.turn(at(100), true, || served(100));
        latency.turn(at(130), false, || served(130));
        latency.finish(served(200), (at(start.unwrap_or_default()), back.map(at)), recurring).map(Served::mean)
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
        close(played(Some(100), Some(130), false), [Some(0.1), Some(0.5), Some(0.3)]);
        close(played(Some(100), None, false), [Some(0.1), Some((150.0 + 105.0) / 650.0), None]);
        close(played(Some(100), Some(100), false), [Some(0.1), None, Some(255.0 / 650.0)]);
        // A clock that starts while the journey is up divides what holds then.
        close(played(Some(50), Some(130), false), [Some(0.1), Some(200.0 / 800.0), Some(0.3)]);
        close(played(None, Some(0), false), [Some(355.0 / 1_650.0), None, None]);
        close(played(Some(100), Some(130), true), [Some(0.1), Some(0.5), Some(0.3)]);
    }
}
