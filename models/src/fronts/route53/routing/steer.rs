//! What operators do to records: routing controls, edits, and letting a region back.

use sim_core::component::Context;
use sim_core::time::SimTime;

use super::steered::{By, StepNumber};
use super::{Event, Routing, Signal};
use crate::cause::Removal;
use crate::fronts::route53::zone::{Step, Way};
use crate::ids::{PlaceId, RecordId, RegionId};

impl Routing {
    /// The reason besides guards that keeps new answers away from a place, on the ways to it.
    pub fn removal(&self, place: PlaceId, way: &Way) -> Removal {
        let home = self.zone.homes[place];
        let mut visible = false;
        for &Step { record, answer, endpoint } in &way.answers {
            visible |= self.barred[answer];
            for by in By::ALL.into_iter().filter(|_| endpoint) {
                let (out, will_be) =
                    (self.steered[record].is_out(by, home), self.steered[record].will_be_out(by, home));
                if will_be && !out {
                    return Removal::Coming;
                }
                visible |= out;
            }
        }
        if visible { Removal::Visible } else { Removal::None }
    }

    /// The number of the step that people do now.
    fn next_step(&mut self) -> StepNumber {
        self.steps += 1;
        self.steps
    }

    /// The records that a step is about.
    fn meant(&self, only: Option<RecordId>) -> impl Iterator<Item = RecordId> + use<> {
        RecordId::all(self.zone.records.len()).filter(move |&id| only.is_none_or(|only| only == id))
    }

    /// An operator flips the routing controls of a record, or of all, so that only `to` is on (data plane), for this share of
    /// the traffic. Returns whether that changes any.
    pub fn flip_controls(
        &mut self,
        only: Option<RecordId>,
        to: RegionId,
        share: f64,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        let mut changes = false;
        let step = self.next_step();
        for record in self.meant(only) {
            changes |= self.steered[record].shift(step, By::Controls, to, share);
            let at = self.controls_at(record, ctx.now());
            ctx.schedule_at(at, Event::ControlsSeen { record, step });
        }
        ctx.signal(Signal::Changed);
        changes
    }

    /// An operator lets a region back beside the others: its routing controls go on, its answers are there again, and they are
    /// held out no more. Returns whether anything held them out.
    pub fn readmit(&mut self, only: Option<RecordId>, region: RegionId, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let mut changes = false;
        let step = self.next_step();
        for record in self.meant(only) {
            let at = self.controls_at(record, ctx.now());
            ctx.schedule_at(at, Event::ReadmissionSeen { record, step, region });
            changes |= self.to(record, region).any(|answer| self.barred[answer]);
            changes |= self.steered[record].readmit(step, region);
        }
        changes
    }

    /// The answers of a record that lead to a region, directly or through other records.
    fn to(&self, id: RecordId, region: RegionId) -> impl Iterator<Item = usize> + '_ {
        let answers = self.places.of(id).zip(&self.zone.records[id].answers);
        answers
            .filter(move |(_, answer)| self.zone.leads_to(answer.to, &self.leads[region], region))
            .map(|(place, _)| place)
    }

    /// When DNS sees what an operator does to the controls now; none overtakes another.
    fn controls_at(&mut self, record: RecordId, now: SimTime) -> SimTime {
        let at = (now + self.controls[record].draw_duration()).max(self.last_control[record]);
        self.last_control[record] = at;
        at
    }

    /// An edit of a record, or of all, was accepted by the control plane: only `to` keeps its answers, or gets this share of the
    /// traffic before all others. Returns whether that changes any.
    pub fn edit_records(
        &mut self,
        only: Option<RecordId>,
        to: RegionId,
        share: f64,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        let mut changes = false;
        let step = self.next_step();
        for record in self.meant(only) {
            changes |= self.steered[record].shift(step, By::Edits, to, share);
            ctx.schedule_in(self.zone.records[record].edit, Event::EditSeen { record, step });
        }
        ctx.signal(Signal::Changed);
        changes
    }
}
