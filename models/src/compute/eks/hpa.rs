//! The horizontal pod autoscaler: what it sees of a deployment, and the number of pods that it asks for.
//!
//! Every period it compares the mean utilisation of ready pods with the target, as both were `age` ago, when its metrics
//! were taken. Within the tolerance nothing happens. On the way up, pods that were not ready then are counted and weigh
//! nothing; on the way down, pods that have gone silent weigh as much as they were given. It never goes the other way than
//! the first comparison said. A step up at most doubles the number or adds four, whichever is more; a step down goes to
//! the most that was asked for in the stabilisation window.

use std::collections::VecDeque;

use sim_core::time::{SimDuration, SimTime};

use crate::compute::fleet::Size;

/// A horizontal pod autoscaler.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autoscaler {
    /// The utilisation aimed at.
    pub target: f64,
    /// Whether utilisation is capped at 1 at each instant.
    pub capped: bool,
    /// Time from one look to the next.
    pub period: SimDuration,
    /// Distance of the utilisation over the target from 1 at which nothing happens.
    pub tolerance: f64,
    /// Age of what it sees.
    pub age: SimDuration,
    /// A step down goes to the most that was asked for in this time.
    pub stabilisation: SimDuration,
}

impl Autoscaler {
    /// The number of pods that it comes to rest at; `load` is in what one pod carries.
    pub(super) fn rests_at(&self, load: f64, bounds: Size) -> u64 {
        let mut size = bounds.desired;
        while size > 0 {
            let utilization = load / size as f64;
            let utilization = if self.capped { utilization.min(1.0) } else { utilization };
            let next = self
                .wants(size as f64 * utilization, size as f64)
                .map_or(size, |wants| wants.clamp(bounds.min, bounds.max));
            // Numbers move one way, since the load does not.
            if next == size || (next > size) != (next > bounds.desired) {
                break;
            }
            size = next;
        }
        size
    }

    /// The pods that so much work among so many of them asks for, if the tolerance lets it ask.
    fn wants(&self, work: f64, among: f64) -> Option<u64> {
        let ratio = work / (among * self.target);
        let near = (ratio - 1.0).abs() <= self.tolerance + ROUNDING;
        (!near).then(|| libm::ceil(ratio * among - ROUNDING).max(0.0) as u64)
    }
}

/// A step up at most adds so many pods, or doubles them.
const ADDS: u64 = 4;
/// Numbers of pods this close to a whole one are that: 1e-9.
const ROUNDING: f64 = 1e-9;

/// What held from an instant on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    since: SimTime,
    /// Utilisation, added up over pods.
    work: f64,
    /// Ready pods.
    ready: f64,
}

/// Pods at this instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Census {
    /// All of them, those that start or wait for room included.
    pub(super) total: u64,
    /// Those that ran and are silent.
    pub(super) silent: u64,
}

/// An autoscaler at work.
#[derive(Debug)]
pub(super) struct Hpa {
    pub(super) parameters: Autoscaler,
    utilization: f64,
    samples: VecDeque<Sample>,
    asked: VecDeque<(SimTime, u64)>,
}

impl Hpa {
    pub(super) const fn new(parameters: Autoscaler) -> Self {
        Self { parameters, utilization: 0.0, samples: VecDeque::new(), asked: VecDeque::new() }
    }

    pub(super) fn begin(&mut self) {
        self.utilization = 0.0;
        self.samples.clear();
        self.asked.clear();
    }

    /// Load over capacity of the pods that get requests, from now on, and their share of those that serve. Returns whether
    /// what it sees is another one.
    pub(super) fn set_utilization(&mut self, utilization: f64, busy: f64) -> bool {
        let utilization = busy * if self.parameters.capped { utilization.min(1.0) } else { utilization };
        std::mem::replace(&mut self.utilization, utilization) != utilization
    }

    /// From now on so many pods serve, and so many are ready.
    pub(super) fn note(&mut self, now: SimTime, serving: u32, ready: u64) {
        let sample = Sample { since: now, work: self.utilization * f64::from(serving), ready: ready as f64 };
        match self.samples.back_mut() {
            Some(last) if last.since == now => *last = sample,
            Some(last) if (last.work, last.ready) == (sample.work, sample.ready) => {}
            _ => self.samples.push_back(sample),
        }
    }

    /// What it sees now. Before the start all was as at the start.
    fn sees(&mut self, now: SimTime) -> Option<Sample> {
        let age = self.parameters.age;
        while self.samples.get(1).is_some_and(|next| next.since + age <= now) {
            self.samples.pop_front();
        }
        self.samples.front().copied()
    }

    /// The number of pods from now on, if it looks now.
    pub(super) fn look(&mut self, now: SimTime, pods: Census, size: Size) -> u64 {
        let asks = self.asks(now, pods, size.desired).clamp(size.min, size.max);
        let window = self.parameters.stabilisation;
        while self.asked.front().is_some_and(|(at, _)| *at + window < now) {
            self.asked.pop_front();
        }
        self.asked.push_back((now, asks));
        if asks >= size.desired {
            asks.min((2 * size.desired).max(size.desired + ADDS))
        } else {
            let most = self.asked.iter().map(|(_, asks)| *asks).max().unwrap_or(asks);
            most.min(size.desired)
        }
    }

    /// The number of pods that the utilisation asks for by itself.
    fn asks(&mut self, now: SimTime, Census { total, silent }: Census, desired: u64) -> u64 {
        let parameters = self.parameters;
        let Some(Sample { work, ready, .. }) = self.sees(now) else { return desired };
        let (total, silent) = (total as f64, silent as f64);
        // Pods that have gone silent since publish nothing more.
        let measured = ready.min((total - silent).max(0.0));
        if measured <= 0.0 {
            return desired;
        }
        let work = work * measured / ready;
        if work > measured * parameters.target {
            parameters.wants(work, total.max(measured)).map_or(desired, |wants| wants.max(desired))
        } else {
            parameters.wants(work + silent, measured + silent).map_or(desired, |wants| wants.min(desired))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn hpa(capped: bool) -> Hpa {
        let seconds = SimDuration::from_secs;
        Hpa::new(Autoscaler {
            target: 0.5,
            capped,
            period: seconds(15),
            tolerance: 0.1,
            age: seconds(30),
            stabilisation: seconds(300),
        })
    }

    const fn size(desired: u64) -> Size {
        Size { min: 1, desired, max: 100 }
    }

    const fn pods(total: u64) -> Census {
        Census { total, silent: 0 }
    }

    #[test]
    fn the_rule_is_the_ceiling_of_pods_times_metric_over_target_and_nothing_within_the_tolerance() {
        // Ten pods at u: ceil(10 u / 0.5), within 10 % of 0.5 nothing.
        for (utilization, expected) in [(0.5, 10), (0.54, 10), (0.55, 10), (0.56, 12), (0.701, 15), (0.46, 10)] {
            let mut hpa = hpa(true);
            hpa.set_utilization(utilization, 1.0);
            hpa.note(at(0), 10, 10);
            assert_eq!(hpa.look(at(60), pods(10), size(10)), expected, "at {utilization}");
        }
        let mut hpa = hpa(true);
        hpa.set_utilization(0.44, 1.0);
        hpa.note(at(0), 10, 10);
        assert_eq!(hpa.look(at(60), pods(10), size(10)), 9, "below the tolerance it shrinks");
    }

    #[test]
    fn it_sees_what_held_when_its_metrics_were_taken() {
        let mut hpa = hpa(false);
        hpa.set_utilization(0.5, 1.0);
        hpa.note(at(0), 10, 10);
        hpa.set_utilization(0.7, 1.0);
        hpa.note(at(100), 10, 10);
        assert_eq!([115, 129, 130].map(|now| hpa.look(at(now), pods(10), size(10))), [10, 10, 14]);
    }

    #[test]
    fn on_the_way_up_pods_that_are_not_ready_count_and_weigh_nothing() {
        // Four pods at 1.0 of a target of 0.5 ask for 8. With 4 more that start, 8 pods at a mean of 0.5 are right.
        let mut hpa = hpa(true);
        hpa.set_utilization(1.0, 1.0);
        hpa.note(at(0), 4, 4);
        assert_eq!(hpa.look(at(60), pods(4), size(4)), 8);
        assert_eq!(hpa.look(at(75), pods(8), size(8)), 8);
    }

    #[test]
    fn on_the_way_down_silent_pods_weigh_what_they_were_given() {
        // Of 10 pods at 0.1, 4 fall silent: (6 x 0.1 + 4 x 1) / 10 = 0.46 is within the tolerance of 0.5.
        let mut hpa = hpa(true);
        hpa.set_utilization(0.1, 1.0);
        hpa.note(at(0), 10, 10);
        assert_eq!(hpa.look(at(60), Census { total: 10, silent: 4 }, size(10)), 10);
        // With 1 of them: (9 x 0.1 + 1) / 10 = 0.19 asks for ceil(10 x 0.19 / 0.5) = 4.
        let mut hpa = self::hpa(true);
        hpa.set_utilization(0.1, 1.0);
        hpa.note(at(0), 10, 10);
        assert_eq!(hpa.look(at(60), Census { total: 10, silent: 1 }, size(10)), 4);
    }

    #[test]
    fn a_step_down_waits_until_nothing_in_the_window_asked_for_more() {
        let mut hpa = hpa(true);
        hpa.set_utilization(0.5, 1.0);
        hpa.note(at(0), 10, 10);
        assert_eq!(hpa.look(at(30), pods(10), size(10)), 10);
        hpa.set_utilization(0.1, 1.0);
        hpa.note(at(31), 10, 10);
        // It sees 0.1, which asks for 2, from 61 s on; the last look that asked for 10 was at 60 s.
        for now in (45..=360).step_by(15) {
            assert_eq!(hpa.look(at(now), pods(10), size(10)), 10, "at {now}");
        }
        assert_eq!(hpa.look(at(375), pods(10), size(10)), 2);
    }

    #[test]
    fn four_pods_under_any_load_are_eight_sixteen_and_thirty_two_after_three_looks() {
        let mut hpa = hpa(false);
        hpa.set_utilization(4.0, 1.0);
        hpa.note(at(0), 4, 4);
        let mut desired = 4;
        let looks = [30, 45, 60].map(|now| {
            desired = hpa.look(at(now), pods(desired), size(desired));
            desired
        });
        // The work of 16 busy pods asks for 32 of them, half busy.
        assert_eq!(looks, [8, 16, 32]);
        // Below four a step adds four.
        let mut hpa = self::hpa(false);
        hpa.set_utilization(40.0, 1.0);
        hpa.note(at(0), 1, 1);
        assert_eq!(hpa.look(at(60), pods(1), size(1)), 5);
    }

    #[test]
    fn it_comes_to_rest_where_a_look_changes_nothing() {
        let scaling = hpa(true).parameters;
        // The load of six busy pods on ten: 0.6 of a target of 0.5 asks for 12, which are at 0.5.
        assert_eq!(scaling.rests_at(6.0, size(10)), 12);
        // That of twenty: processors show no more than 1, so numbers double, up to 40 that are at 0.5.
        assert_eq!(scaling.rests_at(20.0, size(10)), 40);
        assert_eq!(scaling.rests_at(5.4, size(10)), 10, "within the tolerance it stays");
        assert_eq!(scaling.rests_at(2.0, size(10)), 4);
    }
}
