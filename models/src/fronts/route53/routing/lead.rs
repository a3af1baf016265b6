//! Where DNS leads a population now: without shifts of a share, and in the traffic that goes along with them.

use super::steered::{By, Steered, StepNumber};
use super::{Routing, heed_bars, put, record_is_well};
use crate::fronts::route53::zone::Walk;
use crate::ids::{NameId, PopulationId};

/// The shifts of a share that DNS sees.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Steps with their shares, the first one first.
    steps: Vec<(StepNumber, f64)>,
    /// Memory: those that the traffic under consideration goes along with.
    with: Vec<StepNumber>,
    /// How many parts of the traffic have been answered so far.
    answered: usize,
}

impl Routing {
    /// The answer to a population that asks for a name now.
    pub fn answer(&mut self, name: NameId, population: PopulationId, answer: &mut [f64]) {
        answer.fill(0.0);
        if self.parts.steps.is_empty() {
            self.add_answer((name, population), 1.0, false, answer);
        } else {
            self.parts.with.clear();
            self.parts.answered = 0;
            self.mix((name, population), self.parts.steps.len(), 1.0, answer);
        }
    }

    /// Looks which shifts of a share DNS sees.
    pub(super) fn gather_parts(&mut self) {
        let Self { parts, steered, .. } = self;
        parts.steps.clear();
        for (step, _, share) in steered.iter().flat_map(Steered::parts) {
            if !parts.steps.iter().any(|&(other, _)| other == step) {
                parts.steps.push((step, share));
            }
        }
        parts.steps.sort_unstable_by_key(|&(step, _)| step);
    }

    /// Adds the answer in this weight of the traffic, of which the last shifts have taken theirs and so many earlier ones have
    /// not. Each step takes its share of what it finds, in all its records at once; different steps take theirs independently.
    fn mix(&mut self, who: (NameId, PopulationId), left: usize, weight: f64, answer: &mut [f64]) {
        let Some(earlier) = left.checked_sub(1) else {
            self.imagine();
            self.add_answer(who, weight, true, answer);
            self.parts.answered += 1;
            return;
        };
        let (step, share) = self.parts.steps[earlier];
        if self.is_covered(step) {
            self.mix(who, earlier, weight, answer);
        } else {
            self.parts.with.push(step);
            self.mix(who, earlier, weight * share, answer);
            self.parts.with.pop();
            self.mix(who, earlier, weight * (1.0 - share), answer);
        }
    }

    /// Whether a step makes no difference to traffic that goes along with those that were noted.
    fn is_covered(&self, step: StepNumber) -> bool {
        let with = &self.parts.with;
        let covers = |steered: &Steered, by: By| {
            steered.parts().any(|(later, other, _)| later > step && other == by && with.contains(&later))
        };
        let differs = |steered: &Steered| steered.parts().any(|(own, by, _)| own == step && !covers(steered, by));
        !self.steered.iter().any(differs)
    }

    /// Adds what DNS answers in this weight of the traffic: as it stands without shifts of a share, or as it was imagined.
    fn add_answer(
        &mut self,
        (name, population): (NameId, PopulationId),
        weight: f64,
        imagined: bool,
        answer: &mut [f64],
    ) {
        let mut walk = Walk {
            zone: &self.zone,
            places: &self.places,
            scene: if imagined { &self.other } else { &self.now },
            population,
            nowhere: self.nowhere,
            columns: Some(&self.columns),
            part: if imagined { self.parts.answered } else { 0 },
            count: self.zone.homes.len(),
            shares: &mut self.shares,
            answer,
        };
        walk.add_name(name, weight);
    }

    /// What DNS would see if the noted shifts of a share were whole and there were no others, into the spare memory.
    fn imagine(&mut self) {
        let Self { zone, places, steered, seen, barred, other, parts, .. } = self;
        for &id in &zone.order {
            let (record, range) = (&zone.records[id], places.of(id));
            put(zone, id, &range, &steered[id], &parts.with, other);
            for (place, answer) in range.clone().zip(&record.answers) {
                let target = record_is_well(&other.records, answer.to, answer.evaluates);
                let off =
                    zone.home(answer.to).is_some_and(|home| steered[id].is_out_with(By::Controls, home, &parts.with));
                other.healthy[place] = answer.guards.iter().all(|&guard| seen[guard]) && target && !off;
            }
            other.records[id.index()] = heed_bars(&range, other, barred);
        }
    }
}
