//! Statistics over time.

use crate::time::SimTime;

/// A value that stays the same between changes, and its integral over time (value x seconds).
///
/// Reading changes nothing: an integral at an instant between two changes is computed from the last one, so that a model that
/// is looked at often gives the same bits as one that is not looked at at all. For the same reason setting the value that
/// already holds is no change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeWeighted {
    start: SimTime,
    changed: SimTime,
    value: f64,
    integral: f64,
}

/// Zero from the start of a trial on.
impl Default for TimeWeighted {
    fn default() -> Self {
        Self::new(SimTime::ZERO, 0.0)
    }
}

impl TimeWeighted {
    /// `value` from `start` on.
    pub fn new(start: SimTime, value: f64) -> Self {
        Self { start, changed: start, value, integral: 0.0 }
    }

    /// `value` from `now` on. Instants must not decrease.
    #[inline]
    pub fn set(&mut self, now: SimTime, value: f64) {
        assert!(now >= self.changed, "a change at {now} would lie before the last one at {}", self.changed);
        if value == self.value {
            return;
        }
        self.integral = self.integral_at(now);
        self.changed = now;
        self.value = value;
    }

    /// Changes the value by this much from `now` on, and returns what it is then.
    #[inline]
    pub fn add(&mut self, now: SimTime, change: f64) -> f64 {
        self.set(now, self.value + change);
        self.value
    }

    /// The current value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The integral from the start to an instant that is not before the last change.
    pub fn integral_at(&self, now: SimTime) -> f64 {
        assert!(now >= self.changed, "{now} lies before the last change at {}", self.changed);
        self.integral + self.value * now.since(self.changed).as_secs_f64()
    }

    /// The time average from the start to an instant that is not before the last change; at the start itself, the value.
    pub fn average_at(&self, now: SimTime) -> f64 {
        let length = now.since(self.start).as_secs_f64();
        if length > 0.0 { self.integral_at(now) / length } else { self.value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn at(seconds: f64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs_f64(seconds)
    }

    #[test]
    fn the_integral_is_the_area_below_the_steps() {
        let mut level = TimeWeighted::new(at(10.0), 2.0);
        assert_eq!(level.average_at(at(10.0)), 2.0);
        level.set(at(13.0), 5.0);
        level.set(at(13.0), 1.0);
        level.set(at(15.0), 0.0);
        assert_eq!(level.integral_at(at(13.0 + 7.0)), 3.0 * 2.0 + 2.0 * 1.0);
        assert_eq!(level.average_at(at(20.0)), 0.8);
        assert_eq!(level.value(), 0.0);
    }

    #[test]
    fn neither_reading_nor_setting_the_same_value_leaves_a_trace() {
        let (mut watched, mut alone) = (TimeWeighted::new(at(0.0), 0.1), TimeWeighted::new(at(0.0), 0.1));
        for tenth in 1..100 {
            let now = at(f64::from(tenth) / 7.0);
            watched.integral_at(now);
            watched.set(now, watched.value());
        }
        watched.set(at(20.0), 0.3);
        alone.set(at(20.0), 0.3);
        assert_eq!(watched, alone);
    }
}
