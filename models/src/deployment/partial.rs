//! Failures in part, as shares.

/// The most zones that a region has.
pub(super) const ZONES: usize = 6;

/// What fails, as shares.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Gray {
    /// Of requests.
    pub(super) requests: f64,
    /// Of the probes of Route 53 and of accelerators.
    pub(super) probes: f64,
    /// Of the probes of load balancers.
    pub(super) target_probes: f64,
}

impl Gray {
    /// Another failure fails these shares of what the others let pass.
    pub(super) fn add(&mut self, other: Self) {
        let both = |one: f64, other: f64| 1.0 - (1.0 - one) * (1.0 - other);
        self.requests = both(self.requests, other.requests);
        self.probes = both(self.probes, other.probes);
        self.target_probes = both(self.target_probes, other.target_probes);
    }
}
