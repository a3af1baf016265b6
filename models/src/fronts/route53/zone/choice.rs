//! The pure part: what a record answers to a population, given which of its answers it sees as healthy.

use crate::by_id::ById;
use crate::ids::PopulationId;

/// How a record chooses among its answers, which are numbered in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// All evenly, whatever their health.
    Simple,
    /// The healthy answer with the lowest cost for the population: round-trip time (latency) or biased distance
    /// (geoproximity); ties to the earlier answer.
    Ranked {
        /// Cost per population and answer.
        cost: ById<PopulationId, Vec<f64>>,
    },
    /// The first healthy one in this order.
    Failover {
        /// All answers.
        order: Vec<usize>,
    },
    /// In proportion to weights.
    Weighted {
        /// Weight per answer.
        weights: Vec<f64>,
    },
    /// By the population's location.
    Located {
        /// The answer that matches each population.
        matched: ById<PopulationId, Option<usize>>,
        /// The answer for everybody else; without one they get none.
        default: Option<usize>,
    },
    /// Healthy ones evenly. An answer has eight of them at most; where there are more, resolvers get different ones.
    Multivalue,
}

/// What a record has to choose among.
#[derive(Debug, Clone, Copy)]
pub struct There<'a> {
    /// The answers that it has now: an edit can take some out and put another in.
    pub present: &'a [bool],
    /// Whether it takes each for healthy.
    pub healthy: &'a [bool],
    /// The endpoint to which it was edited, in the place of those that were taken out.
    pub stand_in: Option<usize>,
}

impl Choice {
    /// What it chooses for a population, as weights over the answers that sum to 1, or to 0 where nobody is answered.
    pub fn choose(&self, population: PopulationId, there: There<'_>, shares: &mut [f64]) {
        let There { present, healthy, stand_in } = there;
        shares.fill(0.0);
        let good = |answer: usize| present[answer] && healthy[answer];
        let any_good = (0..present.len()).any(good);
        // None healthy = all count as healthy.
        let eligible = |answer: usize| if any_good { good(answer) } else { present[answer] };
        let one = match self {
            Self::Simple => return evenly(shares, |answer| present[answer]),
            Self::Multivalue => return evenly(shares, eligible),
            Self::Weighted { weights } => return weighted(weights, present, healthy, shares),
            Self::Ranked { cost } => {
                let cost = &cost[population];
                let mut best: Option<usize> = None;
                for answer in (0..present.len()).filter(|&answer| eligible(answer)) {
                    if best.is_none_or(|best| cost[answer] < cost[best]) {
                        best = Some(answer);
                    }
                }
                best
            }
            Self::Failover { order } => {
                let mut there = order.iter().copied().filter(|&answer| present[answer]);
                there.clone().find(|&answer| healthy[answer]).or_else(|| there.next())
            }
            Self::Located { matched, default } => {
                let now = |answer: usize| if present[answer] { Some(answer) } else { stand_in };
                let (own, default) = (matched[population].and_then(now), default.and_then(now));
                let chain = own.into_iter().chain(default);
                chain.clone().find(|&answer| good(answer)).or(own).or(default)
            }
        };
        if let Some(answer) = one {
            shares[answer] = 1.0;
        }
    }
}

fn evenly(shares: &mut [f64], mut chosen: impl FnMut(usize) -> bool) {
    let mut count = 0.0;
    for (answer, share) in shares.iter_mut().enumerate() {
        *share = if chosen(answer) { 1.0 } else { 0.0 };
        count += *share;
    }
    if count > 0.0 {
        shares.iter_mut().for_each(|share| *share /= count);
    }
}

/// Healthy answers share by weight. Answers of weight zero are considered only when every other one is unhealthy
/// (documented); when none is healthy, the others share by weight as if all were.
fn weighted(weights: &[f64], present: &[bool], healthy: &[bool], shares: &mut [f64]) {
    let pass = |answer: usize, heavy: bool, well: bool| {
        present[answer] && (weights[answer] > 0.0) == heavy && (healthy[answer] || !well)
    };
    for (heavy, well) in [(true, true), (false, true), (true, false), (false, false)] {
        let chosen = |answer: usize| pass(answer, heavy, well);
        if !(0..present.len()).any(chosen) {
            continue;
        }
        if !heavy {
            return evenly(shares, chosen);
        }
        let sum: f64 = (0..present.len()).filter(|&answer| chosen(answer)).map(|answer| weights[answer]).sum();
        for (answer, share) in shares.iter_mut().enumerate() {
            *share = if chosen(answer) { weights[answer] / sum } else { 0.0 };
        }
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(choice: &Choice, healthy: &[bool]) -> Vec<f64> {
        let mut shares = vec![0.0; healthy.len()];
        let present = vec![true; healthy.len()];
        choice.choose(PopulationId::new(0), There { present: &present, healthy, stand_in: None }, &mut shares);
        shares
    }

    #[test]
    fn latency_takes_the_nearest_healthy_answer_and_fails_open() {
        let choice = Choice::Ranked { cost: vec![vec![0.2, 0.1, 0.1]].into() };
        assert_eq!(choose(&choice, &[true, true, true]), [0.0, 1.0, 0.0], "a tie goes to the earlier answer");
        assert_eq!(choose(&choice, &[true, false, false]), [1.0, 0.0, 0.0]);
        assert_eq!(choose(&choice, &[false, false, false]), [0.0, 1.0, 0.0], "as if no check existed");
    }

    #[test]
    fn failover_takes_the_first_healthy_one_in_order_and_the_first_when_none_is() {
        let choice = Choice::Failover { order: vec![1, 0, 2] };
        assert_eq!(choose(&choice, &[true, true, true]), [0.0, 1.0, 0.0]);
        assert_eq!(choose(&choice, &[true, false, true]), [1.0, 0.0, 0.0]);
        assert_eq!(choose(&choice, &[false, false, true]), [0.0, 0.0, 1.0]);
        assert_eq!(choose(&choice, &[false, false, false]), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn weights_of_zero_serve_only_when_every_other_answer_is_unhealthy() {
        let choice = Choice::Weighted { weights: vec![30.0, 10.0, 0.0] };
        assert_eq!(choose(&choice, &[true, true, true]), [0.75, 0.25, 0.0]);
        assert_eq!(choose(&choice, &[false, true, true]), [0.0, 1.0, 0.0]);
        assert_eq!(choose(&choice, &[false, false, true]), [0.0, 0.0, 1.0]);
        assert_eq!(choose(&choice, &[false, false, false]), [0.75, 0.25, 0.0]);
    }

    #[test]
    fn geolocation_falls_back_to_the_default_and_fails_open_to_the_match() {
        let choice = Choice::Located { matched: vec![Some(0)].into(), default: Some(2) };
        assert_eq!(choose(&choice, &[true, true, true]), [1.0, 0.0, 0.0]);
        assert_eq!(choose(&choice, &[false, true, true]), [0.0, 0.0, 1.0]);
        assert_eq!(choose(&choice, &[false, true, false]), [1.0, 0.0, 0.0]);
        let nobody = Choice::Located { matched: vec![None].into(), default: None };
        assert_eq!(choose(&nobody, &[true, true, true]), [0.0; 3], "no match and no default is no answer");
    }

    /// The first answer is an endpoint, the second a page for everybody else, and the third is what an edit may put in.
    #[test]
    fn an_edit_puts_an_endpoint_in_the_place_of_the_one_that_matches() {
        let located =
            |matched: Option<usize>, default: Option<usize>, (present, stand_in): &([bool; 3], Option<usize>)| {
                let choice = Choice::Located { matched: vec![matched].into(), default };
                let mut shares = vec![0.0; 3];
                let there = There { present, healthy: &[true; 3], stand_in: *stand_in };
                choice.choose(PopulationId::new(0), there, &mut shares);
                shares
            };
        let (before, after) = (([true, true, false], None), ([false, true, true], Some(2)));
        assert_eq!(located(Some(0), Some(1), &before), [1.0, 0.0, 0.0]);
        assert_eq!(located(Some(0), Some(1), &after), [0.0, 0.0, 1.0]);
        assert_eq!(located(None, Some(1), &after), [0.0, 1.0, 0.0], "everybody else goes on to the page");
        assert_eq!(located(None, None, &after), [0.0; 3], "whom nothing matches still gets no answer");
    }

    #[test]
    fn multivalue_and_simple_split_evenly() {
        assert_eq!(choose(&Choice::Multivalue, &[true, false]), [1.0, 0.0]);
        assert_eq!(choose(&Choice::Multivalue, &[false, false]), [0.5, 0.5]);
        assert_eq!(choose(&Choice::Simple, &[true, false]), [0.5, 0.5], "no health");
    }
}
