//! The view of DNS: verdicts, routing controls and record edits, each with its delay.
//!
//! Flips of a guard apply in order, none overtakes another. Routing controls, edits and bars are of single answers of single
//! records; a step that names no record is about all of them.
//!
//! Failback by hand: an answer is barred from the instant at which DNS sees it turn from healthy to unhealthy, whether by a
//! verdict, by a routing control or, where it leads to a record, by the answers of that, until an operator lets its region
//! back. What has been unhealthy since before the trial has not turned: it gets traffic when it is healthy for the first time.
//! A barred answer counts as unhealthy; within a record of which no other answer is healthy bars are ignored. A shift to a barred
//! region does not lift its bar; the region gets traffic because no other answer is healthy then. Who lets a region back also
//! lifts the bars of answers that lead to it through other records.
//!
//! A shift holds out the endpoints of other regions; answers that are records or pages stay. By routing controls they count as
//! unhealthy. An edit takes them out of the record, and puts that region's endpoint in if the record has none; that one leaves
//! again once all others have been let back.
//!
//! A shift of a share s bars nobody: the answer is s times what the whole shift would answer and 1 - s times the answer
//! without it, which an earlier shift may have made. It takes the place of a share that the last shift of the same record by the
//! same means has led to the same region, as the parts of a ramp do; a whole shift takes the place of all before it. One step
//! shifts the same traffic in all its records; the shares of several steps are independent.
//!
//! Whoever is let back is so from all shifts that were made before, also from an edit that shows later.

mod event;
mod lead;
mod steer;
mod steered;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{StreamId, Trial, Variate};
use sim_core::time::SimTime;

use super::Parameters;
use super::zone::{Columns, Places, Scene, Target, Zone};
use crate::by_id::ById;
use crate::ids::{GuardId, PlaceId, RecordId, RegionId};
use lead::Parts;
use steered::{By as Means, Steered, StepNumber};

pub use event::{By, Event, Signal};

/// Where edits of records go.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Redirected {
    No,
    Soon(Handle),
    Yes,
}

/// Routing as the authoritative servers see it.
#[derive(Debug)]
pub struct Routing {
    zone: Zone,
    places: Places,
    /// The columns of what records answer with several addresses.
    columns: Columns,
    /// The place of those who get no answer.
    nowhere: Option<PlaceId>,
    /// By guard.
    propagation: ById<GuardId, Variate>,
    seen: ById<GuardId, bool>,
    last_flip: ById<GuardId, SimTime>,
    /// By record.
    controls: ById<RecordId, Variate>,
    last_control: ById<RecordId, SimTime>,
    steered: ById<RecordId, Steered>,
    /// How many steps of people there have been, and which of them shift a share.
    steps: StepNumber,
    parts: Parts,
    /// By region, for each record whether any of its answers leads there.
    leads: ById<RegionId, ById<RecordId, bool>>,
    redirection: Option<Variate>,
    redirected: Redirected,
    targets_lost: ById<RegionId, Variate>,
    /// Due losses of target health, per region; and those that have come.
    losing: ById<RegionId, Option<Handle>>,
    lost: ById<RegionId, bool>,
    /// By answer: barred until an operator lets it back; switched off by a routing control; well by its guard, its record and
    /// routing controls alone.
    barred: Vec<bool>,
    off: Vec<bool>,
    well: Vec<bool>,
    now: Scene,
    /// Memory for what would be if shifts of a share were whole.
    other: Scene,
    shares: Vec<f64>,
    /// Memory for what was before.
    before: Scene,
}

impl Routing {
    /// The routing of a zone among these regions, of which the first `endpoints` serve.
    pub fn new(
        parameters: &Parameters,
        (zone, nowhere): (&Zone, Option<PlaceId>),
        columns: &Columns,
        regions: &[String],
        endpoints: usize,
        seed: u64,
    ) -> Self {
        let count = regions.len();
        let lost = |region: &String| {
            let id = StreamId::new(seed, &format!("dns/{region}"), "target-health-lost");
            Variate::new(parameters.target_health_lost.clone(), id)
        };
        let watched = if zone.evaluates_targets() { endpoints } else { 0 };
        let places = Places::new(zone);
        let answers = places.count();
        let propagation = zone
            .guards
            .iter()
            .map(|guard| Variate::new(guard.propagation.clone(), StreamId::new(seed, &guard.path, "propagation")));
        let controls = zone
            .records
            .iter()
            .map(|record| Variate::new(record.propagation.clone(), StreamId::new(seed, "dns", "routing-control")));
        let scene = Scene::new(answers, zone.records.len());
        Self {
            targets_lost: regions[..watched].iter().map(lost).collect(),
            losing: ById::new(watched, None),
            lost: ById::new(count, false),
            propagation: propagation.collect(),
            seen: ById::new(zone.guards.len(), true),
            last_flip: ById::new(zone.guards.len(), SimTime::ZERO),
            controls: controls.collect(),
            last_control: ById::new(zone.records.len(), SimTime::ZERO),
            steered: ById::new(zone.records.len(), Steered::default()),
            steps: 0,
            parts: Parts::default(),
            leads: RegionId::all(count).map(|region| zone.leading_to(region)).collect(),
            redirection: parameters
                .accelerated_recovery
                .as_ref()
                .map(|time| Variate::new(time.clone(), StreamId::new(seed, "dns", "accelerated-recovery"))),
            redirected: Redirected::No,
            barred: vec![false; answers],
            off: vec![false; answers],
            well: vec![true; answers],
            other: scene.clone(),
            before: scene.clone(),
            now: scene,
            shares: vec![0.0; answers],
            columns: columns.clone(),
            places,
            nowhere,
            zone: zone.clone(),
        }
    }

    /// Starts a trial in which all is well.
    pub fn begin(&mut self, trial: Trial<'_>) {
        for variate in self.propagation.iter_mut().chain(&mut self.targets_lost).chain(&mut self.controls) {
            variate.begin(trial);
        }
        if let Some(redirection) = &mut self.redirection {
            redirection.begin(trial);
        }
        self.redirected = Redirected::No;
        self.seen.fill(true);
        self.barred.fill(false);
        self.off.fill(false);
        self.lost.fill(false);
        self.losing.fill(None);
        self.steered.iter_mut().for_each(Steered::clear);
        self.steps = 0;
        self.gather_parts();
        self.last_flip.fill(SimTime::ZERO);
        self.last_control.fill(SimTime::ZERO);
        for id in self.zone.records.ids() {
            self.steer(id);
        }
        self.look(true);
    }

    /// What people have done to a record holds as far as DNS sees it.
    fn steer(&mut self, id: RecordId) {
        let Self { zone, places, steered, off, now, .. } = self;
        let range = places.of(id);
        put(zone, id, &range, &steered[id], &[], now);
        for (place, answer) in range.zip(&zone.records[id].answers) {
            off[place] = zone.home(answer.to).is_some_and(|home| steered[id].is_out_with(Means::Controls, home, &[]));
        }
    }

    /// DNS sees what a step of people did to a record.
    fn see(&mut self, record: RecordId, step: StepNumber, by: By, ctx: &mut Context<'_, Event, Signal>) {
        let Self { zone, steered, .. } = self;
        let held = zone.records[record].answers.iter().filter(|answer| answer.held);
        steered[record].see(step, &held.filter_map(|answer| zone.home(answer.to)));
        if let Some((to, share)) = steered[record].part(step).filter(|_| zone.written) {
            ctx.signal(Signal::Shared { record, to, share, by });
        }
        self.steer(record);
        self.gather_parts();
    }

    /// DNS has seen this of a guard since long before the trial.
    pub fn assume(&mut self, guard: GuardId, healthy: bool) {
        self.seen[guard] = healthy;
        self.look(true);
    }

    /// Whether DNS still sees what a guard speaks of as healthy.
    pub fn seen(&self, guard: GuardId) -> bool {
        self.seen[guard]
    }

    /// Whether a region has been out for so long that its endpoint counts as one without a healthy target.
    pub fn targets_lost(&self, region: RegionId) -> bool {
        self.lost[region]
    }

    /// A region went out or came back.
    pub fn place_changed(&mut self, region: RegionId, up: bool, ctx: &mut Context<'_, Event, Signal>) {
        let Some(due) = self.losing.get_mut(region) else { return };
        if let Some(due) = due.take() {
            ctx.cancel(due);
        }
        if !up {
            let delay = self.targets_lost[region].draw_duration();
            self.losing[region] = Some(ctx.schedule_in(delay, Event::TargetsLost { region }));
        } else if std::mem::take(&mut self.lost[region]) {
            ctx.signal(Signal::TargetsLost(region));
        }
    }

    /// A guard says something else.
    pub fn verdict(&mut self, guard: GuardId, healthy: bool, ctx: &mut Context<'_, Event, Signal>) {
        let at = (ctx.now() + self.propagation[guard].draw_duration()).max(self.last_flip[guard]);
        self.last_flip[guard] = at;
        ctx.schedule_at(at, Event::VerdictSeen { guard, healthy });
    }

    /// The control plane that takes edits went out or came back.
    pub fn control_plane(&mut self, up: bool, ctx: &mut Context<'_, Event, Signal>) {
        match (self.redirected, &mut self.redirection) {
            (Redirected::No, Some(redirection)) if !up => {
                let due = ctx.schedule_in(redirection.draw_duration(), Event::EditsRedirected);
                self.redirected = Redirected::Soon(due);
            }
            (Redirected::Soon(due), _) if up => {
                ctx.cancel(due);
                self.redirected = Redirected::No;
            }
            (Redirected::Yes, _) if up => {
                self.redirected = Redirected::No;
                ctx.signal(Signal::EditsRedirected(false));
            }
            _ => {}
        }
    }

    /// Looks at all answers anew, records below first. With failback by hand, what turns unhealthy is barred, unless it has been
    /// so for `long`.
    fn look(&mut self, long: bool) {
        let Self { zone, places, seen, off, barred, well, now, .. } = self;
        for &id in &zone.order {
            let (record, range) = (&zone.records[id], places.of(id));
            for (place, answer) in range.clone().zip(&record.answers) {
                let target = record_is_well(&now.records, answer.to, answer.evaluates);
                let is_well = answer.guards.iter().all(|&guard| seen[guard]) && target && !off[place];
                barred[place] |= !long && record.manual_failback && well[place] && !is_well;
                well[place] = is_well;
                now.healthy[place] = is_well;
            }
            now.records[id.index()] = heed_bars(&range, now, barred);
        }
    }

    /// The same, and tells what is another thing than before.
    fn refresh(&mut self, by: By, ctx: &mut Context<'_, Event, Signal>) {
        self.look(false);
        if self.zone.written {
            for (id, record) in self.zone.records.pairs() {
                for (answer, place) in self.places.of(id).enumerate() {
                    let usable = |scene: &Scene| scene.present[place] && scene.healthy[place];
                    let usable_now = usable(&self.now);
                    if usable_now == usable(&self.before) {
                        continue;
                    }
                    let by = match record.answers[answer].to {
                        _ if self.well[place] != self.now.healthy[place] => By::Bar,
                        _ if usable_now && self.barred[place] => By::BarsIgnored,
                        Target::Record(target)
                            if self.now.records[target.index()] != self.before.records[target.index()] =>
                        {
                            By::Record
                        }
                        _ => by,
                    };
                    ctx.signal(Signal::Turned { record: id, answer, usable: usable_now, by });
                }
            }
        }
        ctx.signal(Signal::Changed);
    }

    /// Remembers what is, to tell later what has changed.
    fn remember(&mut self) {
        if self.zone.written {
            self.before.present.copy_from_slice(&self.now.present);
            self.before.healthy.copy_from_slice(&self.now.healthy);
            self.before.records.copy_from_slice(&self.now.records);
        }
    }
}

/// Which answers a record has in the traffic that goes along with these shifts of a share.
fn put(
    zone: &Zone,
    id: RecordId,
    range: &std::ops::Range<usize>,
    steered: &Steered,
    with: &[StepNumber],
    scene: &mut Scene,
) {
    let answers = &zone.records[id].answers;
    let edited_to = steered.edited_to(with);
    for (place, answer) in range.clone().zip(answers) {
        scene.present[place] = match zone.home(answer.to) {
            Some(home) if answer.held => !steered.is_out_with(Means::Edits, home, with),
            home => answer.held || (edited_to.is_some() && home == edited_to),
        };
    }
    let stand_in = |to: RegionId| answers.iter().position(|answer| zone.home(answer.to) == Some(to));
    scene.stand_ins[id.index()] = edited_to.and_then(stand_in);
}

/// Whether the record that an answer looks at, if it does, has a healthy answer.
fn record_is_well(records: &[bool], answer: Target, evaluates: bool) -> bool {
    match answer {
        Target::Record(target) => !evaluates || records[target.index()],
        Target::Endpoint(_) | Target::Page(_) => true,
    }
}

/// What is barred counts as unhealthy, unless nothing would be left in the record; returns whether anything is left. Above, a
/// record whose healthy answers are all barred is not healthy.
fn heed_bars(range: &std::ops::Range<usize>, scene: &mut Scene, barred: &[bool]) -> bool {
    let left = range.clone().any(|place| scene.present[place] && scene.healthy[place] && !barred[place]);
    for place in range.clone() {
        scene.healthy[place] &= !(left && barred[place]);
    }
    left
}

impl Component for Routing {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        self.remember();
        match event {
            Event::VerdictSeen { guard, healthy } => {
                self.seen[guard] = healthy;
                self.refresh(By::Guard(guard), ctx);
            }
            Event::ControlsSeen { record, step } => {
                self.see(record, step, By::Control, ctx);
                self.refresh(By::Control, ctx);
            }
            Event::ReadmissionSeen { record, step, region } => {
                self.see(record, step, By::Bar, ctx);
                for (place, answer) in self.places.of(record).zip(&self.zone.records[record].answers) {
                    if self.zone.leads_to(answer.to, &self.leads[region], region) {
                        self.barred[place] = false;
                    }
                }
                self.refresh(By::Bar, ctx);
            }
            Event::EditSeen { record, step } => {
                self.see(record, step, By::Edit, ctx);
                self.refresh(By::Edit, ctx);
            }
            Event::TargetsLost { region } => {
                self.losing[region] = None;
                self.lost[region] = true;
                ctx.signal(Signal::TargetsLost(region));
            }
            Event::EditsRedirected => {
                self.redirected = Redirected::Yes;
                ctx.signal(Signal::EditsRedirected(true));
            }
        }
    }
}
