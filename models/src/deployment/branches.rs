//! Calls of which each part goes somewhere else: where answers of a name lead them, or nowhere for want of one.

use sim_core::time::SimDuration;

use super::Assembly;
use super::attempts::{Attempt, Branch};
use super::tiers::{add, blame, blame_attempt};
use crate::cause::Cause;
use crate::flow::{Chain, all_fail, attempts_per_request, coarsely};
use crate::ids::{PlaceId, RegionId};
use crate::latency::{Failures, Mix};
use crate::needs::{Call, Need, Through};
use crate::services::Graph;

impl Assembly {
    /// Where a name leads calls: each place gets its share.
    pub(super) fn follow_name(
        &self,
        branches: &mut Vec<Branch>,
        (call, through): (&Call, Through),
        region: RegionId,
        set: usize,
    ) {
        let led = self.by_name.led(through.callers, region).iter().enumerate();
        for (place, &share) in led.filter(|(_, share)| **share > 0.0) {
            let place = PlaceId::new(place);
            // Nobody answers, or a page that is not what was asked for.
            if self.topology.beyond(place).is_some() {
                branches.push(Branch::of_nobody(share));
                continue;
            }
            let to = self.topology.graph.home(place);
            let reached = to == region || self.world.reaches(region, to);
            let attempt = self.attempt_at((Graph::cell_at(place), to, reached), region);
            branches.push(self.branch(call, share, attempt, set));
        }
    }

    /// What becomes of a share of calls, of which each try meets this.
    pub(super) fn branch(&self, call: &Call, share: f64, attempt: Attempt, set: usize) -> Branch {
        let called = &self.tiers.chains[(set, attempt.cell)];
        let served = if attempt.arrives { attempt.front.passes(attempt.overload) } else { 0.0 };
        let in_time = self.in_time(call, &attempt, called);
        let fails = 1.0 - served * called.pass * in_time;
        let late = served * called.pass * (1.0 - in_time);
        // Rounding may leave a hair of failure where there is none.
        let fails = if fails <= 1e-15 { 0.0 } else { fails };
        Branch { share, attempt: Some(attempt), served, fails, late }
    }

    /// One more call, of which each part goes somewhere else, with all of its tries.
    pub(super) fn extend_by_branches(
        &mut self,
        chain: &mut Chain,
        need: &Need,
        call: &Call,
        branches: Vec<Branch>,
        (region, set): (RegionId, usize),
    ) {
        let patience = call.timeout.map_or(f64::INFINITY, SimDuration::as_secs_f64);
        let tries = call.attempts;
        let (mut available, mut degraded) = (0.0, 0.0);
        for branch in &branches {
            let works = branch.share * (1.0 - all_fail(branch.fails, tries));
            let Some(attempt) = &branch.attempt else { continue };
            available += works;
            degraded += works * self.tiers.chains[(set, attempt.cell)].degraded;
        }
        // Those who succeed pass what they are led to.
        let degraded = if available > 0.0 { degraded / available } else { 0.0 };
        let lost: f64 = branches.iter().map(|it| it.share * all_fail(it.fails, tries)).sum();
        // What is left of rounding is no failure.
        let available = if lost <= 1e-15 { 1.0 } else { available.min(1.0) };
        let (works, kept) = self.remembered(need, region, available);
        if !kept && self.tiers.asks_for_times() {
            self.take_branches(chain, &branches, (call, patience), need.soft, set);
        }
        for Branch { share, attempt, served, fails, .. } in &branches {
            let Some(Attempt { cell, arrives: true, front, .. }) = attempt else { continue };
            if kept {
                continue;
            }
            let called = &self.tiers.chains[(set, *cell)];
            let reaching = chain.pass * share * attempts_per_request(*fails, tries);
            let worked = front.held.map_or(1.0, |held| held.worked);
            add(&mut chain.counts, self.solver.flow.called_at(cell.index()), reaching);
            for &(at, part) in &called.counts {
                add(&mut chain.counts, at, reaching * served * worked * part);
            }
        }
        if need.soft {
            chain.degraded = 1.0 - (1.0 - chain.degraded) * works * (1.0 - degraded);
        } else {
            chain.degraded = 1.0 - (1.0 - chain.degraded) * (1.0 - degraded);
            let failing = chain.pass * (1.0 - works);
            if failing > 0.0 && !self.tiers.loads_only {
                self.blame_branches(chain, &branches, failing, (tries, lost), set);
            }
            chain.pass *= works;
        }
        self.tiers.branches = branches;
    }

    /// What calls take that a name leads to several places.
    fn take_branches(
        &mut self,
        chain: &mut Chain,
        branches: &[Branch],
        (call, patience): (&Call, f64),
        soft: bool,
        set: usize,
    ) {
        let laws = &mut self.solver.places.laws;
        let mut all = 0.0;
        let mut times = Mix::default();
        for Branch { share, attempt, fails, late, .. } in branches {
            let weight = if soft { *share } else { share * (1.0 - all_fail(*fails, call.attempts)) };
            if weight <= 0.0 {
                continue;
            }
            all += weight;
            let own = match attempt {
                // Who is told of nobody waits for nobody.
                None => Mix::default(),
                Some(Attempt { cell, trip, arrives, front, .. }) => {
                    let late = if *arrives { *late } else { *fails };
                    let lasts = if call.timeout.is_some() { patience } else { *trip };
                    let failures = Failures { quick: (fails - late, *trip), slow: (late, lasts) };
                    let wait = front.held.map_or(0.0, |held| held.waits_for());
                    let before = trip + if patience.is_finite() { coarsely(wait.min(patience)) } else { wait };
                    let called = &self.tiers.chains[(set, *cell)].times;
                    called.tried(call.attempts, failures, (before, patience), soft, laws)
                }
            };
            times.or(weight / all, &own, laws);
        }
        if all > 0.0 {
            chain.times.then(&times, laws);
        }
    }

    /// What fails of calls that a name leads to several places, at each of them.
    fn blame_branches(
        &self,
        chain: &mut Chain,
        branches: &[Branch],
        failing: f64,
        (tries, lost): (u32, f64),
        set: usize,
    ) {
        let share_lost = |it: &Branch| if lost > 0.0 { it.share * all_fail(it.fails, tries) / lost } else { it.share };
        for branch in branches {
            let part = failing * share_lost(branch);
            match &branch.attempt {
                _ if part <= 0.0 => {}
                None => chain.causes[Cause::NoPath.index()] += part,
                Some(attempt) if branch.fails > 0.0 => {
                    let called = &self.tiers.chains[(set, attempt.cell)];
                    blame_attempt(chain, attempt, (branch.served, branch.late), part / branch.fails, called);
                }
                // It works, and errors are kept.
                Some(attempt) => blame(chain, attempt.cell, Cause::Dependency, part),
            }
        }
    }
}
