//! The backlog of all regions together over a trial.

use sim_core::time::SimTime;

/// A backlog that is above another one by less than this has not risen.
const RISEN: f64 = 1e-6;

/// How many messages wait, over time: straight lines between the points.
#[derive(Debug, Clone, Default)]
pub struct Backlog {
    points: Vec<(f64, f64)>,
    /// The largest age of a waiting message, in seconds.
    pub(super) oldest: f64,
    /// Mean and 99th percentile of the time that messages waited, in seconds; none if nothing was consumed.
    pub(super) delays: Option<(f64, f64)>,
}

impl Backlog {
    /// Starts a trial: nothing waits.
    pub(super) fn begin(&mut self) {
        self.points.clear();
        self.points.push((0.0, 0.0));
        (self.oldest, self.delays) = (0.0, None);
    }

    /// So many messages wait at this instant, in seconds. Two points at one instant are a step.
    pub(super) fn note(&mut self, at: f64, messages: f64) {
        if self.points.last() != Some(&(at, messages)) {
            self.points.push((at, messages));
        }
    }

    /// So many messages are gone since the last point.
    pub(super) fn drop(&mut self, messages: f64) {
        if let Some(&(at, before)) = self.points.last() {
            self.note(at, before - messages);
        }
    }

    /// The most messages that have waited.
    pub fn largest(&self) -> f64 {
        self.points.iter().map(|point| point.1).fold(0.0, f64::max)
    }

    /// The largest age of a waiting message, in seconds.
    pub const fn oldest(&self) -> f64 {
        self.oldest
    }

    /// Mean and 99th percentile of the time that messages waited until they were consumed, in seconds; none if none was.
    pub const fn delays(&self) -> Option<(f64, f64)> {
        self.delays
    }

    /// Seconds from the start of the clock to the last instant at which the backlog comes back to its level at that start, and
    /// stays: 0 if it never rose above it, infinite if it is above it at the end. Without a clock they count from the first
    /// instant at which the backlog grows.
    pub fn caught_up(&self, clock: Option<SimTime>) -> f64 {
        let grows = || self.points.windows(2).find(|pair| pair[1].1 > pair[0].1 + RISEN).map(|pair| pair[0].0);
        let Some(start) = clock.map(SimTime::as_secs_f64).or_else(grows) else { return 0.0 };
        let level = self.at(start) + RISEN;
        let Some(last) = self.points.iter().rposition(|&(at, messages)| at >= start && messages > level) else {
            return 0.0;
        };
        let Some(&(next, messages)) = self.points.get(last + 1) else { return f64::INFINITY };
        let (at, above) = self.points[last];
        // Back where the line crosses the level itself.
        let back = at + (next - at) * (above - (level - RISEN)) / (above - messages).max(f64::MIN_POSITIVE);
        back.min(next) - start
    }

    /// The backlog at an instant, before any step there.
    fn at(&self, seconds: f64) -> f64 {
        let next = self.points.partition_point(|point| point.0 < seconds);
        match (next.checked_sub(1).map(|last| self.points[last]), self.points.get(next)) {
            (Some((from, low)), Some(&(to, high))) if to > from => low + (high - low) * (seconds - from) / (to - from),
            (Some((_, value)), _) | (None, Some(&(_, value))) => value,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;

    use super::*;

    fn of(points: &[(f64, f64)]) -> Backlog {
        let mut backlog = Backlog::default();
        backlog.begin();
        points.iter().for_each(|&(at, messages)| backlog.note(at, messages));
        backlog
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    #[test]
    fn caught_up_is_the_last_return_to_the_level_at_the_start_of_the_clock() {
        // 100 wait when the clock starts at 60 s; the last return to 100 is half way down from 200 at 400 s to 0 at 500 s.
        let backlog = of(&[(10.0, 0.0), (110.0, 200.0), (200.0, 50.0), (300.0, 50.0), (400.0, 200.0), (500.0, 0.0)]);
        assert!((backlog.caught_up(Some(at(60))) - (450.0 - 60.0)).abs() < 1e-3);
        assert_eq!(backlog.largest(), 200.0);
        // Without a clock it counts from 10 s, when nothing waits.
        assert!((backlog.caught_up(None) - 490.0).abs() < 1e-3);
        // From the top on it only falls.
        assert_eq!(backlog.caught_up(Some(at(400))), 0.0);
    }

    #[test]
    fn what_never_rises_is_caught_up_and_what_does_not_come_back_is_not() {
        assert_eq!(of(&[(1_000.0, 0.0)]).caught_up(Some(at(10))), 0.0);
        assert_eq!(of(&[(1_000.0, 0.0)]).caught_up(None), 0.0);
        assert_eq!(of(&[(50.0, 0.0), (100.0, 9.0)]).caught_up(Some(at(10))), f64::INFINITY);
        // A step down, because a region is lost for good, is a return.
        assert_eq!(of(&[(50.0, 0.0), (100.0, 9.0), (100.0, 0.0)]).caught_up(Some(at(10))), 90.0);
    }
}
