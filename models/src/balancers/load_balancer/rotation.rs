//! Which targets get requests.

/// Counts of targets, from which the share of requests that meet a dead one follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Targets that get requests.
    pub size: u32,
    /// Those among them that live.
    pub live: u32,
    /// Healthy targets as the checks see them: zero means fail-open.
    pub healthy: u32,
}

impl Rotation {
    /// Share of requests that meet a dead target; all of them without any target.
    pub fn dead_share(self) -> f64 {
        if self.size == 0 { 1.0 } else { f64::from(self.size - self.live) / f64::from(self.size) }
    }
}
