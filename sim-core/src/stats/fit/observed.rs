//! What is known of a value that somebody measured.

/// What is known of one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// It.
    Exact(f64),
    /// It is larger: the observation ended before.
    Above(f64),
    /// It lies between these two.
    Between(f64, f64),
}

impl Observed {
    /// The least that it can be.
    pub const fn low(self) -> f64 {
        match self {
            Self::Exact(value) | Self::Above(value) | Self::Between(value, _) => value,
        }
    }

    /// The most that it can be; infinite if its observation ended before.
    pub const fn high(self) -> f64 {
        match self {
            Self::Exact(value) | Self::Between(_, value) => value,
            Self::Above(_) => f64::INFINITY,
        }
    }

    /// Whether its end was seen.
    pub const fn is_complete(self) -> bool {
        !matches!(self, Self::Above(_))
    }

    /// One number in its place: the middle of what it can be, or the least of it where it has no end.
    pub const fn middle(self) -> f64 {
        match self {
            Self::Exact(value) | Self::Above(value) => value,
            Self::Between(low, high) => f64::midpoint(low, high),
        }
    }
}
