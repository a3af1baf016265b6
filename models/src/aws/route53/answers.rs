//! The pure part: what DNS answers to a population, given which endpoints it sees as healthy.

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
    let apply = |(d, b): (&f64, &f64)| if *b >= 0.0 { d * (1.0 - b / 100.0) } else { d / (1.0 + b / 100.0) };
    distances.iter().zip(bias).map(apply).collect()
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

    /// The answer for a population as weights over regions that sum to 1. `records` are the endpoints that exist as
    /// records (a record edit can leave some out), `healthy` those that DNS sees as healthy.
    pub fn answer(
        &self,
        population: PopulationId,
        records: &ById<RegionId, bool>,
        healthy: &ById<RegionId, bool>,
        answer: &mut [f64],
    ) {
        answer.fill(0.0);
        let good = |region: RegionId| records[region] && healthy[region];
        let any_good = records.ids().any(good);
        // None healthy = all count as healthy.
        let eligible = |region: RegionId| if any_good { good(region) } else { records[region] };
        match self {
            Self::Simple { only } => match only {
                Some(region) if records[*region] => answer[region.index()] = 1.0,
                _ => evenly(answer, |region| records[region]),
            },
            Self::Multivalue => evenly(answer, eligible),
            Self::Ranked { cost } => {
                let cost = &cost[population];
                let mut best: Option<RegionId> = None;
                for region in records.ids().filter(|&region| eligible(region)) {
                    if best.is_none_or(|best| cost[region] < cost[best]) {
                        best = Some(region);
                    }
                }
                answer[best.map_or(0, RegionId::index)] = 1.0;
            }
            Self::Failover { primary, secondary } => {
                let edited = records.ids().find(|&region| records[region]).unwrap_or(*primary);
                let choice = match secondary {
                    _ if !records[*primary] => edited,
                    Some(secondary) if !healthy[*primary] && good(*secondary) => *secondary,
                    _ => *primary,
                };
                answer[choice.index()] = 1.0;
            }
            Self::Weighted { weights } => weighted(weights, records, healthy, answer),
            Self::Geolocation { matched, default } => {
                let first = matched[population].filter(|&region| records[region]);
                let chain = [first, Some(*default)];
                let healthy_one = chain.iter().flatten().copied().find(|&region| good(region));
                let edited = records.ids().find(|&region| records[region]).unwrap_or(*default);
                let fallback = first.unwrap_or(if records[*default] { *default } else { edited });
                answer[healthy_one.unwrap_or(fallback).index()] = 1.0;
            }
        }
    }
}

fn evenly(answer: &mut [f64], mut chosen: impl FnMut(RegionId) -> bool) {
    let mut count = 0.0;
    for (region, weight) in RegionId::all(answer.len()).zip(answer.iter_mut()) {
        *weight = if chosen(region) { 1.0 } else { 0.0 };
        count += *weight;
    }
    for weight in answer.iter_mut() {
        *weight /= count;
    }
}

/// Healthy records share by weight. Records of weight zero are considered only when every other one is unhealthy
/// (documented); when none is healthy, the others share by weight as if all were.
fn weighted(
    weights: &ById<RegionId, f64>,
    records: &ById<RegionId, bool>,
    healthy: &ById<RegionId, bool>,
    answer: &mut [f64],
) {
    let pass = |region: RegionId, heavy: bool, well: bool| {
        records[region] && (weights[region] > 0.0) == heavy && (healthy[region] || !well)
    };
    for (heavy, well) in [(true, true), (false, true), (true, false), (false, false)] {
        let chosen = |region: RegionId| pass(region, heavy, well);
        if !records.ids().any(chosen) {
            continue;
        }
        if !heavy {
            evenly(answer, chosen);
            return;
        }
        let sum: f64 = records.ids().filter(|&region| chosen(region)).map(|region| weights[region]).sum();
        for (region, part) in RegionId::all(answer.len()).zip(answer.iter_mut()) {
            *part = if chosen(region) { weights[region] / sum } else { 0.0 };
        }
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;

    fn answer(policy: &Policy, healthy: &[bool]) -> Vec<f64> {
        let mut answer = vec![0.0; healthy.len()];
        let records = ById::new(healthy.len(), true);
        policy.answer(PopulationId::new(0), &records, &healthy.to_vec().into(), &mut answer);
        answer
    }

    #[test]
    fn latency_takes_the_nearest_healthy_region_and_fails_open() {
        let policy = Policy::Ranked { cost: vec![vec![0.2, 0.1, 0.1].into()].into() };
        assert_eq!(answer(&policy, &[true, true, true]), [0.0, 1.0, 0.0], "a tie goes to the earlier region");
        assert_eq!(answer(&policy, &[true, false, false]), [1.0, 0.0, 0.0]);
        assert_eq!(answer(&policy, &[false, false, false]), [0.0, 1.0, 0.0], "as if no check existed");
    }

    #[test]
    fn failover_with_both_unhealthy_answers_with_the_primary() {
        let policy = Policy::Failover { primary: R[1], secondary: Some(R[0]) };
        assert_eq!(answer(&policy, &[true, true]), [0.0, 1.0]);
        assert_eq!(answer(&policy, &[true, false]), [1.0, 0.0]);
        assert_eq!(answer(&policy, &[false, false]), [0.0, 1.0]);
    }

    #[test]
    fn weights_of_zero_serve_only_when_every_other_record_is_unhealthy() {
        let policy = Policy::Weighted { weights: vec![30.0, 10.0, 0.0].into() };
        assert_eq!(answer(&policy, &[true, true, true]), [0.75, 0.25, 0.0]);
        assert_eq!(answer(&policy, &[false, true, true]), [0.0, 1.0, 0.0]);
        assert_eq!(answer(&policy, &[false, false, true]), [0.0, 0.0, 1.0]);
        assert_eq!(answer(&policy, &[false, false, false]), [0.75, 0.25, 0.0]);
    }

    #[test]
    fn geolocation_falls_back_to_the_default_and_fails_open_to_the_match() {
        let policy = Policy::Geolocation { matched: vec![Some(R[0])].into(), default: R[2] };
        assert_eq!(answer(&policy, &[true, true, true]), [1.0, 0.0, 0.0]);
        assert_eq!(answer(&policy, &[false, true, true]), [0.0, 0.0, 1.0]);
        assert_eq!(answer(&policy, &[false, true, false]), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn multivalue_and_simple_split_evenly() {
        assert_eq!(answer(&Policy::Multivalue, &[true, false]), [1.0, 0.0]);
        assert_eq!(answer(&Policy::Multivalue, &[false, false]), [0.5, 0.5]);
        assert_eq!(answer(&Policy::Simple { only: None }, &[true, false]), [0.5, 0.5], "no health");
    }

    #[test]
    fn bias_shrinks_and_stretches_distances() {
        assert_eq!(biased(&[1000.0, 1000.0], &vec![50.0, -50.0].into()).as_slice(), [500.0, 2000.0]);
    }
}
