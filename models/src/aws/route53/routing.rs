//! What DNS sees: verdicts, routing controls and record edits, each with its delay.
//!
//! Flips of an endpoint apply in order, none overtakes another.

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::Parameters;

/// What can happen to the routing.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// DNS sees an endpoint's verdict.
    VerdictSeen {
        /// The endpoint's region.
        region: usize,
        /// The verdict.
        healthy: bool,
    },
    /// DNS sees that every routing control but this region's is off.
    ControlsSeen {
        /// The region that stays on.
        to: usize,
    },
    /// DNS sees that a region is let back.
    ReadmissionSeen {
        /// The region.
        region: usize,
    },
    /// A record edit is visible: only this region's record is left.
    EditSeen {
        /// The region.
        to: usize,
    },
    /// Edits of records are redirected.
    EditsRedirected,
}

/// What others may learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Answers may differ from now on.
    Changed,
    /// Edits of records are redirected from now on, or no longer.
    EditsRedirected(bool),
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
    propagation: Vec<Variate>,
    controls: Variate,
    record_edit: SimDuration,
    redirection: Option<Variate>,
    redirected: Redirected,
    manual_failback: bool,
    /// Verdict as DNS sees it, per region.
    seen: Vec<bool>,
    /// Kept out until an operator lets it back, per region.
    held: Vec<bool>,
    /// Switched off by a routing control, per region.
    off: Vec<bool>,
    /// The region whose routing control alone is on, once an operator has flipped them.
    on_only: Option<usize>,
    records: Vec<bool>,
    last_flip: Vec<SimTime>,
    last_control: SimTime,
    healthy: Vec<bool>,
}

impl Routing {
    /// The routing among these regions.
    pub fn new(parameters: &Parameters, regions: &[String], seed: u64) -> Self {
        let variate = |path: &str, purpose: &str| {
            Variate::new(parameters.propagation.clone(), StreamId::new(seed, path, purpose))
        };
        let count = regions.len();
        Self {
            propagation: regions.iter().map(|region| variate(&format!("dns/{region}"), "propagation")).collect(),
            controls: variate("dns", "routing-control"),
            record_edit: parameters.record_edit,
            redirection: parameters
                .accelerated_recovery
                .as_ref()
                .map(|time| Variate::new(time.clone(), StreamId::new(seed, "dns", "accelerated-recovery"))),
            redirected: Redirected::No,
            manual_failback: parameters.manual_failback,
            seen: vec![true; count],
            held: vec![false; count],
            off: vec![false; count],
            on_only: None,
            records: vec![true; count],
            last_flip: vec![SimTime::ZERO; count],
            last_control: SimTime::ZERO,
            healthy: vec![true; count],
        }
    }

    /// Starts a trial in which all is well.
    pub fn begin(&mut self, trial: u64) {
        for variate in &mut self.propagation {
            variate.begin(trial);
        }
        self.controls.begin(trial);
        if let Some(redirection) = &mut self.redirection {
            redirection.begin(trial);
        }
        self.redirected = Redirected::No;
        for flags in [&mut self.seen, &mut self.records, &mut self.healthy] {
            flags.fill(true);
        }
        self.held.fill(false);
        self.off.fill(false);
        self.on_only = None;
        self.last_flip.fill(SimTime::ZERO);
        self.last_control = SimTime::ZERO;
    }

    /// DNS has seen this verdict since long before the trial.
    pub fn assume(&mut self, region: usize, healthy: bool) {
        self.seen[region] = healthy;
        self.healthy[region] = healthy;
    }

    /// Endpoints that DNS counts as healthy.
    pub fn healthy(&self) -> &[bool] {
        &self.healthy
    }

    /// Whether DNS still sees an endpoint's check and its routing control as healthy.
    pub fn seen(&self, region: usize) -> bool {
        self.seen[region] && !self.off[region]
    }

    /// Whether an operator has switched an endpoint off, seen or not.
    pub fn switched_off(&self, region: usize) -> bool {
        self.off[region] || self.on_only.is_some_and(|on| on != region)
    }

    /// Endpoints that exist as records.
    pub fn records(&self) -> &[bool] {
        &self.records
    }

    /// A health check turned.
    pub fn verdict(&mut self, region: usize, healthy: bool, ctx: &mut Context<'_, Event, Signal>) {
        let at = (ctx.now() + self.propagation[region].draw_duration()).max(self.last_flip[region]);
        self.last_flip[region] = at;
        ctx.schedule_at(at, Event::VerdictSeen { region, healthy });
    }

    /// An operator flips the routing controls so that only `to` is on (data plane).
    pub fn flip_controls(&mut self, to: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.on_only = Some(to);
        let at = self.controls_at(ctx.now());
        ctx.schedule_at(at, Event::ControlsSeen { to });
        ctx.signal(Signal::Changed);
    }

    /// An operator lets a region back beside the others: its routing control goes on, and it is held out no more.
    pub fn readmit(&mut self, region: usize, ctx: &mut Context<'_, Event, Signal>) {
        let at = self.controls_at(ctx.now());
        ctx.schedule_at(at, Event::ReadmissionSeen { region });
    }

    /// When DNS sees what an operator does to the controls now; none overtakes another.
    fn controls_at(&mut self, now: SimTime) -> SimTime {
        self.last_control = (now + self.controls.draw_duration()).max(self.last_control);
        self.last_control
    }

    /// A record edit was accepted by the control plane: only `to` keeps its record.
    pub fn edit_records(&mut self, to: usize, ctx: &mut Context<'_, Event, Signal>) {
        ctx.schedule_in(self.record_edit, Event::EditSeen { to });
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

    fn refresh(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        for region in 0..self.healthy.len() {
            self.healthy[region] = self.seen[region] && !self.held[region] && !self.off[region];
        }
        ctx.signal(Signal::Changed);
    }
}

impl Component for Routing {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::VerdictSeen { region, healthy } => {
                self.seen[region] = healthy;
                self.held[region] |= !healthy && self.manual_failback;
            }
            Event::ControlsSeen { to } => {
                for region in 0..self.off.len() {
                    self.off[region] = region != to;
                }
                self.held[to] = false;
            }
            Event::ReadmissionSeen { region } => {
                self.off[region] = false;
                self.held[region] = false;
                self.on_only = None;
            }
            Event::EditSeen { to } => {
                for region in 0..self.records.len() {
                    self.records[region] = region == to;
                }
                self.held[to] = false;
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
