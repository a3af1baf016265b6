//! Where DNS leads a population now, and what it would answer if shifts of a share were whole.

use super::steered::Steered;
use super::{Routing, heed_bars, leads_elsewhere, record_is_well};
use crate::by_id::ById;
use crate::fronts::route53::zone::{Target, Walk};
use crate::ids::{NameId, PopulationId, RecordId, RegionId};

/// A shift of which only a share is done, as it would look if it were whole.
#[derive(Debug, Clone, Copy, Default)]
struct IfWhole {
    /// Of those by routing controls: at least of this share.
    controls: Option<f64>,
    /// Of those by edits.
    edits: Option<f64>,
}

impl Routing {
    /// The answer to a population that asks for a name now.
    pub fn answer(&mut self, name: NameId, population: PopulationId, answer: &mut [f64]) {
        self.answer_if(name, population, answer, IfWhole::default());
        let partly = |of: fn(&Steered) -> Option<(RegionId, f64)>, steered: &ById<RecordId, Steered>| {
            steered.iter().any(|steered| of(steered).is_some())
        };
        if partly(|steered| steered.partly_on, &self.steered) {
            self.mix(name, population, answer, |share| IfWhole { controls: Some(share), edits: None });
        }
        if partly(|steered| steered.partly_edited, &self.steered) {
            self.mix(name, population, answer, |share| IfWhole { controls: None, edits: Some(share) });
        }
    }

    /// Shifts of a share by one means: of the traffic, each share is answered as if all shifts of at least that share were
    /// whole.
    fn mix(
        &mut self,
        name: NameId,
        population: PopulationId,
        answer: &mut [f64],
        if_whole: impl Fn(f64) -> IfWhole + Copy,
    ) {
        let edits = if_whole(1.0).edits.is_some();
        let share_of = |steered: &Steered| {
            let partly = if edits { steered.partly_edited } else { steered.partly_on };
            partly.map_or(0.0, |(_, share)| share)
        };
        let most = self.steered.iter().map(share_of).fold(0.0, f64::max);
        answer.iter_mut().for_each(|part| *part *= 1.0 - most);
        let mut level = most;
        while level > 0.0 {
            let below = self.steered.iter().map(share_of).filter(|&share| share < level).fold(0.0, f64::max);
            let mut spare = std::mem::take(&mut self.spare);
            self.answer_if(name, population, &mut spare, if_whole(level));
            for (part, whole) in answer.iter_mut().zip(&spare) {
                *part += (level - below) * whole;
            }
            self.spare = spare;
            level = below;
        }
    }

    /// The answer if shifts of a share were whole.
    fn answer_if(&mut self, name: NameId, population: PopulationId, answer: &mut [f64], if_whole: IfWhole) {
        answer.fill(0.0);
        let plain = if_whole.controls.is_none() && if_whole.edits.is_none();
        if !plain {
            self.imagine(if_whole);
        }
        let mut walk = Walk {
            zone: &self.zone,
            places: &self.places,
            scene: if plain { &self.now } else { &self.other },
            population,
            nowhere: self.nowhere,
            columns: Some(&self.columns),
            count: self.zone.homes.len(),
            shares: &mut self.shares,
            answer,
        };
        walk.add_name(name, 1.0);
    }

    /// What DNS would see if shifts of a share were whole, into the spare memory.
    fn imagine(&mut self, if_whole: IfWhole) {
        let Self { zone, places, steered, seen, off, barred, now, other, .. } = self;
        for &id in &zone.order {
            let (record, range) = (&zone.records[id], places.of(id));
            let whole = |partly: Option<(RegionId, f64)>, least: Option<f64>| {
                partly.zip(least).and_then(|((to, share), least)| (share >= least).then_some(to))
            };
            let on_only = whole(steered[id].partly_on, if_whole.controls);
            let edited = whole(steered[id].partly_edited, if_whole.edits);
            for (place, answer) in range.clone().zip(&record.answers) {
                let elsewhere = |to: Option<RegionId>| to.is_some_and(|to| leads_elsewhere(zone, answer.to, to));
                other.present[place] = match (edited, answer.to) {
                    (Some(to), Target::Endpoint(place)) => zone.homes[place] == to,
                    _ => now.present[place],
                };
                let target = record_is_well(&other.records, answer.to, answer.evaluates);
                let guarded = answer.guards.iter().all(|&guard| seen[guard]);
                other.healthy[place] = guarded && target && !off[place] && !elsewhere(on_only);
            }
            other.records[id.index()] = heed_bars(&range, other, barred);
        }
    }
}
