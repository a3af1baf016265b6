//! The view of DNS: verdicts, routing controls and record edits, each with its delay.
//!
//! Flips of an endpoint apply in order, none overtakes another.
//!
//! Failback by hand: an answer is barred from the instant at which DNS sees it turn from healthy to unhealthy, whether by a
//! verdict or by a routing control, until an operator lets its region back. What has been unhealthy since before the trial
//! has not turned: it gets traffic when it is healthy for the first time. A barred answer counts as unhealthy, unless no
//! answer of the record is healthy: then bars are ignored. A shift to a barred region does not lift its bar; the region
//! gets traffic because no other answer is healthy then.
//!
//! A shift of a share s holds nobody out: the answer is s times what the whole shift would answer and 1 - s times the answer
//! without it. It takes the place of an earlier shift by the same means.

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::{Parameters, Policy};
use crate::by_id::ById;
use crate::cause::Removal;
use crate::ids::{PopulationId, RegionId};

/// Events of the routing.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// DNS sees an endpoint's verdict.
    VerdictSeen {
        /// The endpoint's region.
        region: RegionId,
        /// The verdict.
        healthy: bool,
    },
    /// DNS sees that every routing control but this region's is off.
    ControlsSeen {
        /// The region that stays on.
        to: RegionId,
        /// For this share of the traffic.
        share: f64,
    },
    /// DNS sees that a region is let back.
    ReadmissionSeen {
        /// The region.
        region: RegionId,
    },
    /// A record edit is visible: only this region's record is left.
    EditSeen {
        /// The region.
        to: RegionId,
        /// For this share of the traffic.
        share: f64,
    },
    /// Edits of records are redirected.
    EditsRedirected,
    /// A region has been out for so long that its endpoint counts as one without a healthy target.
    TargetsLost {
        /// The region.
        region: RegionId,
    },
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Answers may differ from now on.
    Changed,
    /// Edits of records are redirected from now on, or no longer.
    EditsRedirected(bool),
    /// Whether a region's endpoint counts as one without a healthy target because the region is out has changed.
    TargetsLost(RegionId),
}

/// Where edits of records go.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Redirected {
    No,
    Soon(Handle),
    Yes,
}

/// The routing of one name, as its authoritative servers see it.
#[derive(Debug)]
pub struct Routing {
    propagation: ById<RegionId, Variate>,
    controls: Variate,
    record_edit: SimDuration,
    redirection: Option<Variate>,
    redirected: Redirected,
    manual_failback: bool,
    targets_lost: ById<RegionId, Variate>,
    /// Due losses of target health, per region; and those that have come.
    losing: ById<RegionId, Option<Handle>>,
    lost: ById<RegionId, bool>,
    /// Regions that the record has an answer for, before any edit.
    held_by_record: ById<RegionId, bool>,
    /// Verdict as DNS sees it, per region.
    seen: ById<RegionId, bool>,
    /// Barred until an operator lets it back, per region.
    barred: ById<RegionId, bool>,
    /// Switched off by a routing control, per region.
    off: ById<RegionId, bool>,
    /// The region whose routing control alone is on, and for which share, once an operator has flipped them.
    on_only: Option<(RegionId, f64)>,
    /// The region to which records were edited last, and for which share, seen or not.
    edited_to: Option<(RegionId, f64)>,
    /// Shifts of a share that DNS sees, by routing controls and by edits.
    partly_on: Option<(RegionId, f64)>,
    partly_edited: Option<(RegionId, f64)>,
    /// The view of DNS if the first of these were whole.
    healthy_if_whole: ById<RegionId, bool>,
    /// Memory for an answer.
    spare: Vec<f64>,
    records: ById<RegionId, bool>,
    last_flip: ById<RegionId, SimTime>,
    last_control: SimTime,
    healthy: ById<RegionId, bool>,
}

impl Routing {
    /// The routing among these regions, of which the first `endpoints` serve.
    pub fn new(parameters: &Parameters, regions: &[String], endpoints: usize, seed: u64) -> Self {
        let variate = |path: &str, purpose: &str| {
            Variate::new(parameters.propagation.clone(), StreamId::new(seed, path, purpose))
        };
        let count = regions.len();
        let lost = |region: &String| {
            let id = StreamId::new(seed, &format!("dns/{region}"), "target-health-lost");
            Variate::new(parameters.target_health_lost.clone(), id)
        };
        let watched = if parameters.evaluate_target_health { endpoints } else { 0 };
        let held_by_record =
            ById::from_fn(count, |region: RegionId| region.index() < endpoints && parameters.policy.holds(region));
        Self {
            targets_lost: regions[..watched].iter().map(lost).collect(),
            losing: ById::new(watched, None),
            lost: ById::new(count, false),
            propagation: regions.iter().map(|region| variate(&format!("dns/{region}"), "propagation")).collect(),
            controls: variate("dns", "routing-control"),
            record_edit: parameters.record_edit,
            redirection: parameters
                .accelerated_recovery
                .as_ref()
                .map(|time| Variate::new(time.clone(), StreamId::new(seed, "dns", "accelerated-recovery"))),
            redirected: Redirected::No,
            manual_failback: parameters.manual_failback,
            seen: ById::new(count, true),
            barred: ById::new(count, false),
            off: ById::new(count, false),
            on_only: None,
            edited_to: None,
            partly_on: None,
            partly_edited: None,
            healthy_if_whole: ById::new(count, true),
            spare: vec![0.0; count],
            records: held_by_record.clone(),
            held_by_record,
            last_flip: ById::new(count, SimTime::ZERO),
            last_control: SimTime::ZERO,
            healthy: ById::new(count, true),
        }
    }

    /// Starts a trial in which all is well.
    pub fn begin(&mut self, trial: u64) {
        for variate in self.propagation.iter_mut().chain(&mut self.targets_lost) {
            variate.begin(trial);
        }
        self.controls.begin(trial);
        if let Some(redirection) = &mut self.redirection {
            redirection.begin(trial);
        }
        self.redirected = Redirected::No;
        self.seen.fill(true);
        self.healthy.fill(true);
        self.records.copy_from(&self.held_by_record);
        for flags in [&mut self.barred, &mut self.off, &mut self.lost] {
            flags.fill(false);
        }
        self.losing.fill(None);
        self.on_only = None;
        self.edited_to = None;
        (self.partly_on, self.partly_edited) = (None, None);
        self.last_flip.fill(SimTime::ZERO);
        self.last_control = SimTime::ZERO;
    }

    /// DNS has seen this verdict since long before the trial.
    pub fn assume(&mut self, region: RegionId, healthy: bool) {
        self.seen[region] = healthy;
        self.healthy[region] = healthy;
    }

    /// The answer to a population now.
    pub fn answer(&mut self, policy: &Policy, population: PopulationId, answer: &mut [f64]) {
        policy.answer(population, &self.records, &self.healthy, answer);
        if let Some((_, share)) = self.partly_on {
            policy.answer(population, &self.records, &self.healthy_if_whole, &mut self.spare);
            for (part, whole) in answer.iter_mut().zip(&self.spare) {
                *part = share * whole + (1.0 - share) * *part;
            }
        }
        // With one record left there is one answer, whatever the policy.
        if let Some((to, share)) = self.partly_edited {
            answer.iter_mut().for_each(|part| *part *= 1.0 - share);
            answer[to.index()] += share;
        }
    }

    /// Whether DNS still sees an endpoint's guards as healthy.
    pub fn seen(&self, region: RegionId) -> bool {
        self.seen[region]
    }

    /// The reason besides its guards that keeps new answers away from an endpoint.
    pub fn removal(&self, region: RegionId) -> Removal {
        let elsewhere = |to: Option<(RegionId, f64)>| to.is_some_and(|(to, share)| to != region && share >= 1.0);
        if (elsewhere(self.on_only) && !self.off[region]) || (elsewhere(self.edited_to) && self.records[region]) {
            Removal::Coming
        } else if self.off[region] || elsewhere(self.edited_to) || self.barred[region] {
            Removal::Visible
        } else {
            Removal::None
        }
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

    /// A health check turned.
    pub fn verdict(&mut self, region: RegionId, healthy: bool, ctx: &mut Context<'_, Event, Signal>) {
        let at = (ctx.now() + self.propagation[region].draw_duration()).max(self.last_flip[region]);
        self.last_flip[region] = at;
        ctx.schedule_at(at, Event::VerdictSeen { region, healthy });
    }

    /// An operator flips the routing controls so that only `to` is on (data plane), for this share of the traffic. Returns
    /// whether that changes any.
    pub fn flip_controls(&mut self, to: RegionId, share: f64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let changes = self.on_only.replace((to, share)) != Some((to, share));
        let at = self.controls_at(ctx.now());
        ctx.schedule_at(at, Event::ControlsSeen { to, share });
        ctx.signal(Signal::Changed);
        changes
    }

    /// An operator lets a region back beside the others: its routing control goes on, its record is there again, and it is
    /// held out no more. Returns whether anything held it out.
    pub fn readmit(&mut self, region: RegionId, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let at = self.controls_at(ctx.now());
        ctx.schedule_at(at, Event::ReadmissionSeen { region });
        let elsewhere = |to: Option<(RegionId, f64)>| to.is_some_and(|(to, _)| to != region);
        self.off[region] || self.barred[region] || elsewhere(self.on_only) || elsewhere(self.edited_to)
    }

    /// When DNS sees what an operator does to the controls now; none overtakes another.
    fn controls_at(&mut self, now: SimTime) -> SimTime {
        self.last_control = (now + self.controls.draw_duration()).max(self.last_control);
        self.last_control
    }

    /// A record edit was accepted by the control plane: only `to` keeps its record, or gets this share of the traffic before
    /// all others. Returns whether that changes any.
    pub fn edit_records(&mut self, to: RegionId, share: f64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let changes = self.edited_to.replace((to, share)) != Some((to, share));
        ctx.schedule_in(self.record_edit, Event::EditSeen { to, share });
        ctx.signal(Signal::Changed);
        changes
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

    /// The view of DNS by checks and routing controls alone.
    fn well(&self, region: RegionId) -> bool {
        self.seen[region] && !self.off[region]
    }

    fn refresh(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        // Where no answer of the record is healthy, bars are ignored.
        let free = |region: RegionId| self.records[region] && self.well(region) && !self.barred[region];
        let bars_count = self.healthy.ids().any(free);
        for region in self.healthy.ids() {
            self.healthy[region] = self.well(region) && !(bars_count && self.barred[region]);
            let whole = self.partly_on.is_some_and(|(to, _)| to == region);
            self.healthy_if_whole[region] = whole && self.seen[region];
        }
        ctx.signal(Signal::Changed);
    }

    /// DNS sees verdicts or routing controls change: with failback by hand, what turns unhealthy is barred.
    fn turn(&mut self, region: RegionId, change: impl FnOnce(&mut Self)) {
        let before = self.well(region);
        change(self);
        self.barred[region] |= self.manual_failback && before && !self.well(region);
    }
}

impl Component for Routing {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::VerdictSeen { region, healthy } => self.turn(region, |routing| routing.seen[region] = healthy),
            Event::ControlsSeen { to, share } => {
                let whole = share >= 1.0;
                self.partly_on = (!whole).then_some((to, share));
                for region in self.off.ids() {
                    self.turn(region, |routing| routing.off[region] = whole && region != to);
                }
            }
            Event::ReadmissionSeen { region } => {
                self.off[region] = false;
                self.barred[region] = false;
                self.on_only = None;
                self.records[region] = self.held_by_record[region];
                self.edited_to = None;
                (self.partly_on, self.partly_edited) = (None, None);
            }
            Event::EditSeen { to, share } => {
                let whole = share >= 1.0;
                self.partly_edited = (!whole).then_some((to, share));
                for region in self.records.ids() {
                    self.records[region] = if whole { region == to } else { self.held_by_record[region] };
                }
            }
            Event::TargetsLost { region } => {
                self.losing[region] = None;
                self.lost[region] = true;
                ctx.signal(Signal::TargetsLost(region));
                return;
            }
            Event::EditsRedirected => {
                self.redirected = Redirected::Yes;
                ctx.signal(Signal::EditsRedirected(true));
                return;
            }
        }
        self.refresh(ctx);
    }
}
