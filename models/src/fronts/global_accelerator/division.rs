//! How traffic divides over groups: the pure part.

use crate::by_id::ById;
use crate::ids::RegionId;

/// Divides traffic over groups, closest first (documented). The dial applies to what is directed to a group; the overflow
/// goes to the next closest, and what even the last one leaves, back to the closest. What is due to an unhealthy group
/// goes to the next closest healthy one, whatever its dial. None healthy = fail open: the closest group takes all.
pub(super) fn divide(
    order: &[RegionId],
    dial: &ById<RegionId, f64>,
    serves: impl Fn(RegionId) -> bool,
    healthy: impl Fn(RegionId) -> bool,
    answer: &mut [f64],
) {
    answer.fill(0.0);
    let groups = || order.iter().copied().filter(|&group| serves(group));
    let Some(closest) = groups().next() else { return };
    let Some(closest_healthy) = groups().find(|&group| healthy(group)) else {
        answer[closest.index()] = 1.0;
        return;
    };
    let mut rest = 1.0;
    for (rank, group) in groups().enumerate() {
        let part = rest * dial[group];
        rest -= part;
        let next = if healthy(group) { Some(group) } else { groups().skip(rank + 1).find(|&group| healthy(group)) };
        answer[next.unwrap_or(closest_healthy).index()] += part;
    }
    answer[closest_healthy.index()] += rest;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(dial: &[f64], serves: &[bool], healthy: &[bool]) -> Vec<f64> {
        let order: Vec<RegionId> = RegionId::all(dial.len()).collect();
        let mut answer = vec![0.0; dial.len()];
        let of = |flags: &[bool]| ById::<RegionId, bool>::from(flags.to_vec());
        let (dial, serves, healthy) = (dial.to_vec().into(), of(serves), of(healthy));
        divide(&order, &dial, |group| serves[group], |group| healthy[group], &mut answer);
        answer
    }

    #[test]
    fn overflow_goes_to_the_next_closest_and_what_is_left_back_to_the_closest() {
        assert_eq!(divided(&[1.0, 1.0], &[true; 2], &[true, true]), [1.0, 0.0]);
        assert_eq!(divided(&[0.75, 1.0], &[true; 2], &[true, true]), [0.75, 0.25]);
        // 0.5 here, 0.5 x 0.5 there, the last 0.25 nobody wants.
        assert_eq!(divided(&[0.5, 0.5], &[true; 2], &[true, true]), [0.75, 0.25]);
    }

    #[test]
    fn failover_ignores_dials_but_not_weights_of_zero() {
        assert_eq!(divided(&[1.0, 0.0, 1.0], &[true; 3], &[false, true, true]), [0.0, 1.0, 0.0]);
        assert_eq!(divided(&[1.0, 1.0, 1.0], &[true, false, true], &[false, true, true]), [0.0, 0.0, 1.0]);
        assert_eq!(divided(&[0.75, 1.0], &[true; 2], &[true, false]), [1.0, 0.0], "back to the closest healthy one");
    }

    #[test]
    fn none_healthy_fails_open_to_the_closest() {
        assert_eq!(divided(&[0.0, 1.0], &[true; 2], &[false, false]), [1.0, 0.0]);
        assert_eq!(divided(&[1.0, 1.0], &[false, true], &[false, false]), [0.0, 1.0]);
    }
}
