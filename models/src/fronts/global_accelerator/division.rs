//! How traffic divides over groups: the pure part.

use super::Member;
use crate::by_id::ById;
use crate::ids::{MemberId, RegionId};

/// Divides traffic over groups, closest first (documented). The dial applies to what is directed to a group; the overflow
/// goes to the next closest, and what even the last one leaves, back to the closest. What is due to a group without a healthy
/// endpoint goes to the next closest that has one, whatever its dial. None healthy = fail open: the closest group takes all.
///
/// Within a group the healthy endpoints divide by their weights; where none is healthy, all. An endpoint of weight 0 never
/// serves.
pub(super) fn divide(
    order: &[RegionId],
    dial: &ById<RegionId, f64>,
    members: &ById<MemberId, Member>,
    healthy: impl Fn(MemberId) -> bool,
    answer: &mut [f64],
) {
    answer.fill(0.0);
    let of = |group: RegionId| members.pairs().filter(move |(_, own)| own.group == group && own.weight > 0.0);
    let is_healthy = |group: RegionId| of(group).any(|(member, _)| healthy(member));
    let groups = || order.iter().copied().filter(|&group| of(group).next().is_some());
    let give = |group: RegionId, part: f64, answer: &mut [f64]| {
        let any = is_healthy(group);
        let takes = || of(group).filter(|&(member, _)| !any || healthy(member));
        let whole: f64 = takes().map(|(_, own)| own.weight).sum();
        for (_, own) in takes() {
            answer[own.place.index()] += part * (own.weight / whole);
        }
    };
    let Some(closest) = groups().next() else { return };
    let Some(closest_healthy) = groups().find(|&group| is_healthy(group)) else {
        give(closest, 1.0, answer);
        return;
    };
    let mut rest = 1.0;
    for (rank, group) in groups().enumerate() {
        let part = rest * dial[group];
        rest -= part;
        let next =
            if is_healthy(group) { Some(group) } else { groups().skip(rank + 1).find(|&group| is_healthy(group)) };
        give(next.unwrap_or(closest_healthy), part, answer);
    }
    give(closest_healthy, rest, answer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PlaceId;

    /// Endpoints by group, weight and health, under these dials.
    fn within(dial: &[f64], members: &[(usize, f64, bool)]) -> Vec<f64> {
        let order: Vec<RegionId> = RegionId::all(dial.len()).collect();
        let mut answer = vec![0.0; members.len()];
        let member = |(place, &(group, weight, _)): (usize, &(usize, f64, bool))| Member {
            place: PlaceId::new(place),
            group: RegionId::new(group),
            weight,
            name: String::new(),
        };
        let all: ById<MemberId, Member> = members.iter().enumerate().map(member).collect();
        divide(&order, &dial.to_vec().into(), &all, |member| members[member.index()].2, &mut answer);
        answer
    }

    /// One endpoint a group.
    fn divided(dial: &[f64], serves: &[bool], healthy: &[bool]) -> Vec<f64> {
        let member = |group: usize| (group, if serves[group] { 128.0 } else { 0.0 }, healthy[group]);
        within(dial, &(0..dial.len()).map(member).collect::<Vec<_>>())
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

    #[test]
    fn endpoints_of_a_group_divide_by_weight_what_it_takes() {
        let two =
            |first: bool, second: bool| within(&[0.8, 1.0], &[(0, 30.0, first), (0, 90.0, second), (1, 1.0, true)]);
        assert_eq!(two(true, true), [0.8 * 0.25, 0.8 * 0.75, 1.0 - 0.8]);
        assert_eq!(two(true, false), [0.8, 0.0, 1.0 - 0.8], "the dial is the group's");
        assert_eq!(two(false, false), [0.0, 0.0, 1.0]);
        let none = within(&[1.0, 1.0], &[(0, 30.0, false), (0, 90.0, false), (0, 0.0, true), (1, 1.0, false)]);
        assert_eq!(none, [0.25, 0.75, 0.0, 0.0], "an endpoint of weight 0 never serves");
    }
}
