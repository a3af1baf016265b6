//! Simulated time: whole nanoseconds since the trial's start.
//!
//! Instants and durations are different types. Neither converts from a bare number without naming its unit, and
//! neither can be negative. Arithmetic saturates at [`SimTime::NEVER`], which lies after every horizon.

use std::fmt;
use std::ops::{Add, Sub};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant, in nanoseconds since the trial's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A length of time in nanoseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of a trial.
    pub const ZERO: Self = Self(0);
    /// After every other instant: the time of something that does not happen.
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start.
    #[inline]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// Time since `earlier`; zero if `earlier` is later.
    #[inline]
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }

    /// The first instant of the grid `anchor + n * step` (n = 0, 1, ..) that is not before `self`.
    ///
    /// Periodic processes that sleep while nothing changes use it to wake up exactly where they would have been.
    #[must_use]
    #[inline]
    pub const fn next_on_grid(self, anchor: Self, step: SimDuration) -> Self {
        if self.0 <= anchor.0 || step.0 == 0 {
            return if self.0 <= anchor.0 { anchor } else { self };
        }
        let steps = (self.0 - anchor.0).div_ceil(step.0);
        Self(anchor.0.saturating_add(steps.saturating_mul(step.0)))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than every horizon.
    pub const FOREVER: Self = Self(u64::MAX);

    /// `nanos` nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// `seconds` whole seconds.
    #[inline]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// `seconds` rounded to the nearest nanosecond; negative values and NaN become zero, huge ones [`Self::FOREVER`].
    #[inline]
    pub fn from_secs_f64(seconds: f64) -> Self {
        // `as` saturates, so no value can wrap around.
        Self(libm::round(seconds * NANOS_PER_SECOND as f64) as u64)
    }

    /// Nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds.
    #[inline]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// `count` times this duration.
    #[must_use]
    #[inline]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// Whether this is no time at all.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    #[inline]
    fn add(self, duration: SimDuration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }
}

impl Add for SimDuration {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub<SimDuration> for SimTime {
    type Output = Self;
    /// Earlier by `duration`; not before the trial's start.
    #[inline]
    fn sub(self, duration: SimDuration) -> Self {
        Self(self.0.saturating_sub(duration.0))
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER { f.write_str("never") } else { SimDuration(self.0).fmt(f) }
    }
}

/// Largest two units, three significant digits below a minute: `250 ms`, `4.25 s`, `3 min 07 s`, `2 h 05 min`, `3 d 04 h`.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_secs_f64();
        if self.0 == 0 {
            return f.write_str("0 s");
        }
        for (limit, unit, scale) in [(1e-6, "ns", 1e9), (1e-3, "µs", 1e6), (1.0, "ms", 1e3), (60.0, "s", 1.0)] {
            if seconds < limit {
                let value = seconds * scale;
                let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
                let text = format!("{value:.decimals$}");
                let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
                // 59.97 s rounds to "60.0": say one minute instead.
                if text == "60" {
                    break;
                }
                return write!(f, "{text} {unit}");
            }
        }
        let whole = libm::round(seconds) as u64;
        let (days, hours, minutes, rest) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60);
        match (days, hours, minutes) {
            (0, 0, m) => write!(f, "{m} min {rest:02} s"),
            (0, h, m) => write!(f, "{h} h {m:02} min"),
            (d, h, _) => write!(f, "{d} d {h:02} h"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_starts_at_its_anchor_and_contains_its_own_points() {
        let at = SimTime::from_nanos;
        let step = SimDuration::from_nanos(10);
        assert_eq!(at(0).next_on_grid(at(3), step), at(3));
        assert_eq!(at(3).next_on_grid(at(3), step), at(3));
        assert_eq!(at(4).next_on_grid(at(3), step), at(13));
        assert_eq!(at(13).next_on_grid(at(3), step), at(13));
        assert_eq!(at(14).next_on_grid(at(3), step), at(23));
    }

    #[test]
    fn seconds_are_rounded_to_the_nearest_nanosecond() {
        assert_eq!(SimDuration::from_secs_f64(1.000_000_000_4).as_nanos(), 1_000_000_000);
        assert_eq!(SimDuration::from_secs_f64(1.000_000_000_6).as_nanos(), 1_000_000_001);
        assert_eq!(SimDuration::from_secs_f64(-1.0), SimDuration::ZERO);
        assert_eq!(SimDuration::from_secs_f64(f64::INFINITY), SimDuration::FOREVER);
    }

    #[test]
    fn durations_read_aloud() {
        let text = |seconds: f64| SimDuration::from_secs_f64(seconds).to_string();
        assert_eq!(text(0.25), "250 ms");
        assert_eq!(text(4.25), "4.25 s");
        assert_eq!(text(45.0), "45 s");
        assert_eq!(text(59.97), "1 min 00 s");
        assert_eq!(text(187.0), "3 min 07 s");
        assert_eq!(text(7_500.0), "2 h 05 min");
        assert_eq!(text(273_600.0), "3 d 04 h");
    }

    #[test]
    fn nothing_comes_after_never() {
        assert_eq!(SimTime::NEVER + SimDuration::from_secs(1), SimTime::NEVER);
    }
}
