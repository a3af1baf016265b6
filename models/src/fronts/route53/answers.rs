//! Policies of `[dns]`, over the endpoints of regions. What they answer is that of the record that they stand for: see
//! [`super::zone::Choice`].

use crate::by_id::ById;
use crate::ids::{PopulationId, RegionId};

/// How DNS chooses among the endpoints of the regions.
#[derive(Debug, Clone, PartialEq)]
pub enum Policy {
    /// No health: all endpoints evenly, or the only one.
    Simple {
        /// The one endpoint of the record.
        only: Option<RegionId>,
    },
    /// The healthy endpoint with the lowest cost for the population: round-trip time (latency) or biased distance
    /// (geoproximity); ties to the earlier region.
    Ranked {
        /// Cost per population and region.
        cost: ById<PopulationId, ById<RegionId, f64>>,
    },
    /// Primary and secondary.
    Failover {
        /// Answers while it is healthy, and when both are not.
        primary: RegionId,
        /// Answers when only the primary is unhealthy.
        secondary: Option<RegionId>,
    },
    /// In proportion to weights.
    Weighted {
        /// Weight per region.
        weights: ById<RegionId, f64>,
    },
    /// By the population's location, with a default.
    Geolocation {
        /// The region that matches each population.
        matched: ById<PopulationId, Option<RegionId>>,
        /// The region for everybody else.
        default: RegionId,
    },
    /// Healthy endpoints evenly. An answer has eight of them at most; where there are more, resolvers get different ones.
    Multivalue,
}

/// Biased distances of policy geoproximity: d (1 - b/100) for b > 0, d / (1 + b/100) for b < 0; documented.
pub fn biased(distances: &[f64], bias: &ById<RegionId, f64>) -> ById<RegionId, f64> {
    distances.iter().zip(bias).map(|(distance, bias)| biased_by(*distance, *bias)).collect()
}

/// A biased distance.
pub fn biased_by(d: f64, b: f64) -> f64 {
    if b >= 0.0 { d * (1.0 - b / 100.0) } else { d / (1.0 + b / 100.0) }
}

impl Policy {
    /// Whether the record has an answer that leads to a region.
    pub fn holds(&self, region: RegionId) -> bool {
        match self {
            Self::Simple { only } => only.is_none_or(|only| only == region),
            Self::Ranked { .. } | Self::Weighted { .. } | Self::Multivalue => true,
            Self::Failover { primary, secondary } => *primary == region || *secondary == Some(region),
            Self::Geolocation { matched, default } => *default == region || matched.as_slice().contains(&Some(region)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bias_shrinks_and_stretches_distances() {
        assert_eq!(biased(&[1000.0, 1000.0], &vec![50.0, -50.0].into()).as_slice(), [500.0, 2000.0]);
    }
}
