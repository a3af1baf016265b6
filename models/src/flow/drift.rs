//! Flows while caches expire one after the other and lines stay as they are: of each instant only what others have to hear of.
//!
//! What fails of each journey, what stores acknowledge and what loads regions is worked out at each instant. Everything else, as what
//! fails by cause and by population, is left for [`Solver::solve`] until somebody asks for it; the ledger does not need it.

use sim_core::time::SimTime;

use super::{Flow, JourneyFlow, Ledger, Solver};
use crate::cause::{CAUSES, Cause};

/// Parts of what is left until another cause may fail most that rounding may take.
const ROUNDING: f64 = 1e-9;

impl Solver {
    /// Flows that are solved for next hold from this instant on.
    pub fn set_now(&mut self, now: SimTime) {
        self.flow.ledger.crowds.set_now(now);
    }

    /// A trial starts.
    pub fn begin(&mut self) {
        self.flow.ledger.begin();
        self.refuse_nothing();
        self.everything_changed();
    }

    /// Whether requests go straight to regions, each of which fares by itself.
    pub const fn is_direct(&self) -> bool {
        self.shape.edge.is_none() && self.walks.is_none() && self.waits.is_none()
    }

    /// Whether flows may drift as long as lines stay.
    pub const fn may_drift(&self) -> bool {
        self.is_direct() && !self.joint() && !self.refuses()
    }

    /// The instant is over: what it says counts from now on.
    pub fn settle_ledger(&mut self) {
        let direct = self.is_direct();
        if direct {
            self.flow.ledger.settle(&self.lines);
        }
        let Self { flow: Flow { journeys, failed, blamed, ledger, .. }, refused, .. } = self;
        for (journey, flow) in journeys.iter().enumerate() {
            if direct {
                // What is refused goes nowhere.
                let requests = refused.rate_of_journey(journey);
                let mut steady = JourneyFlow { offered: flow.offered, failed: requests, ..JourneyFlow::default() };
                steady.causes[Cause::NoPath.index()] = requests;
                ledger.hold(journey, &steady);
            } else {
                ledger.hold(journey, flow);
            }
        }
        if !direct {
            failed.iter().enumerate().for_each(|(population, failed)| ledger.hold_failed(population, *failed));
            ledger.hold_blamed(blamed);
        } else if refused.have_been() {
            (0..failed.len()).for_each(|own| ledger.hold_failed(own, refused.rate_of_population(own)));
        }
        if !direct {
            ledger.hold_passages();
        }
    }

    /// The shares of a population are others than before, and nothing else.
    pub fn drift(&mut self, population: usize) {
        self.dirty.populations.mark(population);
        self.send(population);
    }

    /// Whether lines stay as they are although other numbers of requests come to regions; then it says what follows.
    pub fn drifts(&mut self) -> bool {
        for region in 0..self.shape.regions {
            if !self.dirty.regions[region] {
                continue;
            }
            let front = self.flow.fronts[region];
            if front.dead {
                continue;
            }
            if self.overload[region] > 0.0 || self.stale[region] {
                return false;
            }
            let load = self.load_without_overload(region);
            if load > front.capacity {
                return false;
            }
            self.flow.load[region] = load;
        }
        if self.dirty.offers || self.dirty.causes {
            return false;
        }
        self.follow_drift();
        true
    }

    fn follow_drift(&mut self) {
        let Self { lines, parts, dirty, solved, flow, .. } = self;
        let Flow { journeys, arrived, counted, ledger: Ledger { crowds, .. }, .. } = flow;
        for (region, solved) in solved.iter_mut().enumerate() {
            if !dirty.regions[region] {
                continue;
            }
            *solved = true;
            let (own, arrived) = (parts.journeys.row_mut(region), arrived.row_mut(region));
            for (journey, arrived) in own.iter_mut().zip(&mut *arrived) {
                (journey.failed, journey.late) = (0.0, 0.0);
                *arrived = (0.0, 0.0);
            }
            let own_counted = parts.counted.row_mut(region);
            for crowd in crowds.all() {
                let place = lines.place(crowd.class, crowd.set);
                lines.counts(place, region).iter().for_each(|&(cell, _)| own_counted[cell] = 0.0);
            }
            for crowd in crowds.at(region) {
                let arriving = crowds.arrives(crowd, region);
                let place = lines.place(crowd.class, crowd.set);
                let sums = own.iter_mut().zip(&mut *arrived);
                for (line, (journey, arrived)) in lines.of(place, region).iter().zip(sums) {
                    journey.failed += arriving * line.failed;
                    journey.late += arriving * line.late;
                    arrived.0 += arriving * line.attempts;
                    arrived.1 += arriving * line.failing;
                }
                lines.counts(place, region).iter().for_each(|&(cell, share)| own_counted[cell] += arriving * share);
            }
            for crowd in crowds.all() {
                let place = lines.place(crowd.class, crowd.set);
                for &(cell, _) in lines.counts(place, region) {
                    counted[cell] = parts.counted.column(cell).sum();
                }
            }
        }
        for (number, flow) in journeys.iter_mut().enumerate() {
            (flow.failed, flow.late) = (0.0, 0.0);
            for part in parts.journeys.column(number) {
                flow.failed += part.failed;
                flow.late += part.late;
            }
        }
    }

    /// Whether no more requests have moved since flows were last solved for than may move before another cause fails most of a
    /// journey that is down, or of all of them together.
    pub fn causes_stay(&mut self, down: impl Iterator<Item = bool> + Clone) -> bool {
        let moved = self.flow.ledger.crowds.moved();
        let slack = *self.slack.get_or_insert_with(|| {
            let mut sums = ([0.0; CAUSES], 0.0);
            let mut slack = f64::INFINITY;
            for ((journey, flow), _) in self.flow.journeys.iter().enumerate().zip(down).filter(|(_, down)| *down) {
                // Whoever moves, no more of their requests are of this journey.
                let share = self.shares.column(journey).fold(0.0_f64, |most, share| most.max(*share));
                let causes = flow.blamed();
                slack = slack.min(lead(&causes) / share);
                sums.0.iter_mut().zip(&causes).for_each(|(sum, rate)| *sum += rate);
                sums.1 += share;
            }
            slack.min(if sums.1 > 0.0 { lead(&sums.0) / sums.1 } else { f64::INFINITY })
        });
        moved < slack
    }
}

/// By how much the cause that fails most is ahead of every other one, after rounding.
fn lead(causes: &[f64; CAUSES]) -> f64 {
    let (mut first, mut second) = (0.0, 0.0);
    for &rate in causes {
        if rate > first {
            (first, second) = (rate, first);
        } else if rate > second {
            second = rate;
        }
    }
    (first * (1.0 - ROUNDING) - second - ROUNDING * first) * (1.0 - ROUNDING)
}
