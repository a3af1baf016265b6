//! Writes that one copy acknowledged, over time: what loss is counted in.

use sim_core::time::SimTime;

/// Writes that one copy acknowledged, over time: enough to say how many fell into any window.
#[derive(Debug, Default)]
pub struct AckLog {
    /// Since when, how many per second, and how many before.
    steps: Vec<(SimTime, f64, f64)>,
    /// How many per second before the first of them: as many as when nothing had happened yet.
    early: f64,
}

impl AckLog {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.steps.clear();
        self.early = 0.0;
    }

    /// The rate from `now` on.
    pub fn set(&mut self, rate: f64, now: SimTime) {
        match self.steps.last_mut() {
            None => {
                self.steps.push((now, rate, 0.0));
                self.early = rate;
            }
            Some((_, last, _)) if *last == rate => {}
            Some((since, last, _)) if *since == now => *last = rate,
            Some(&mut (since, last, before)) => {
                self.steps.push((now, rate, before + last * now.since(since).as_secs_f64()));
            }
        }
    }

    /// The present rate.
    pub fn rate(&self) -> f64 {
        self.steps.last().map_or(0.0, |&(_, rate, _)| rate)
    }

    /// Writes acknowledged from the start until `seconds`; before the start, less than none.
    pub fn until(&self, seconds: f64) -> f64 {
        let after = self.steps.partition_point(|(since, _, _)| since.as_secs_f64() <= seconds);
        let Some(&(since, rate, before)) = self.steps.get(after.saturating_sub(1)) else { return 0.0 };
        let rate = if after == 0 { self.early } else { rate };
        before + rate * (seconds - since.as_secs_f64())
    }

    /// When the write was acknowledged that comes after so many since the start, in seconds.
    pub fn after(&self, writes: f64) -> f64 {
        let later = self.steps.partition_point(|&(_, _, before)| before <= writes);
        let Some(&(since, rate, before)) = self.steps.get(later.saturating_sub(1)) else { return 0.0 };
        let (since, rate) = (since.as_secs_f64(), if later == 0 { self.early } else { rate });
        if rate > 0.0 { since + (writes - before) / rate } else { since }
    }

    /// The first instant from `start` on at which a write was acknowledged, in seconds.
    pub fn first(&self, start: SimTime) -> Option<f64> {
        let ends = self.steps.iter().skip(1).map(|&(since, _, _)| since).chain([SimTime::NEVER]);
        let writing = self.steps.iter().zip(ends).find(|&(&(_, rate, _), end)| rate > 0.0 && end > start);
        writing.map(|(&(since, _, _), _)| since.max(start).as_secs_f64())
    }

    /// The last instant until `end` at which a write was acknowledged, in seconds.
    pub fn last(&self, end: SimTime) -> Option<f64> {
        let mut until = end;
        for &(since, rate, _) in self.steps.iter().rev() {
            if rate > 0.0 && since < end {
                return Some(until.as_secs_f64());
            }
            until = until.min(since);
        }
        // Writes that a fault at the first instant ends were acknowledged before it.
        self.steps
            .first()
            .filter(|(since, _, _)| self.early > 0.0 && *since <= end)
            .map(|(since, _, _)| since.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_counts_the_writes_of_any_window() {
        let at = |seconds: u64| SimTime::from_nanos(seconds * 1_000_000_000);
        let mut log = AckLog::default();
        log.set(10.0, at(0));
        log.set(30.0, at(100));
        log.set(0.0, at(200));
        assert_eq!(log.until(100.0), 1_000.0);
        assert_eq!(log.until(150.0) - log.until(50.0), 50.0 * 10.0 + 50.0 * 30.0);
        assert_eq!(log.until(400.0), 4_000.0);
        assert_eq!(log.until(0.0) - log.until(-2.0), 20.0, "the first rate held before the start");
        assert_eq!(log.last(at(400)), Some(200.0));
        assert_eq!(log.last(at(150)), Some(150.0));
        assert_eq!((log.first(at(50)), log.first(at(200))), (Some(50.0), None));
        log.set(5.0, at(300));
        assert_eq!(log.first(at(200)), Some(300.0));
        // 1,000 until 100 s, 4,000 until 200 s, none until 300 s.
        for (writes, expected) in
            [(500.0, 50.0), (1_000.0, 100.0), (2_500.0, 150.0), (4_000.0, 300.0), (4_010.0, 302.0)]
        {
            assert_eq!(log.after(writes), expected, "{writes}");
        }
        assert_eq!(log.after(-20.0), -2.0, "the first rate held before the start");
        assert_eq!((AckLog::default().last(at(1)), AckLog::default().first(at(1))), (None, None));
    }

    #[test]
    fn what_ends_at_the_first_instant_was_acknowledged_before_it() {
        let mut log = AckLog::default();
        log.set(10.0, SimTime::ZERO);
        log.set(0.0, SimTime::ZERO);
        let minute = SimTime::from_nanos(60_000_000_000);
        assert_eq!((log.last(minute), log.until(60.0) - log.until(-2.0)), (Some(0.0), 20.0));
        log.set(5.0, minute);
        assert_eq!((log.until(62.0) - log.until(-2.0), log.first(SimTime::ZERO)), (30.0, Some(60.0)));
    }
}
