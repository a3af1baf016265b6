//! Planned work: acts of operators that may take a journey down on purpose.
//!
//! A step of a runbook *runs*, as far as it explains a dip, from its act on: a switchover from the instant at which writes
//! stop until it is done, and any other step when it takes effect, each part of a ramp by itself. While it waits, or is on its way to its effect, nothing
//! has changed yet, and a step that finds everything as it wants it changes nothing at all. A mistake is no
//! plan: nothing is explained from then on until the same runbook does the right thing.

use models::deployment::Topology;
use models::runbooks::{self, Action};
use models::stores::{self, Promotion};
use sim_core::time::SimTime;

use super::timeline::CLOSE;

/// Whether such acts are under way, or were shortly before.
#[derive(Debug)]
pub(super) struct PlannedWork {
    /// Of each step of each runbook, whether its effect is one of them.
    steps: Vec<Vec<bool>>,
    /// By runbook, whether it has done the wrong thing and not yet the right one.
    mistaken: Vec<bool>,
    /// By store, whether a switchover or a restore is under way.
    switching: Vec<bool>,
    /// When one of them last ended.
    ended: Option<SimTime>,
}

/// Whether the effect of an action moves traffic or capacity as planned. A switchover or a restore is told by its store.
const fn is_planned(action: &Action) -> bool {
    match action {
        Action::Shift { .. }
        | Action::Readmit { .. }
        | Action::Scale { .. }
        | Action::ScaleStore { .. }
        | Action::Shed { .. }
        | Action::Admit { .. }
        | Action::ZonalShift { .. } => true,
        Action::Promote { .. }
        | Action::Restore { .. }
        | Action::Approve(_)
        | Action::Wait(_)
        | Action::Repoint { .. }
        | Action::Rollback { .. } => false,
    }
}

impl PlannedWork {
    /// That of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        let steps =
            |runbook: &runbooks::Parameters| runbook.steps.iter().map(|step| is_planned(&step.action)).collect();
        Self {
            steps: topology.runbooks.iter().map(steps).collect(),
            mistaken: vec![false; topology.runbooks.len()],
            switching: vec![false; topology.stores.len()],
            ended: None,
        }
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.mistaken.fill(false);
        self.switching.fill(false);
        self.ended = None;
    }

    /// A step changed something.
    pub(super) fn acted(&mut self, runbook: usize, step: usize, wrong: bool, now: SimTime) {
        self.mistaken[runbook] = wrong;
        if self.steps[runbook][step] && !wrong {
            self.ended = Some(now);
        }
    }

    /// A runbook went on.
    pub(super) fn runbook(&mut self, runbook: usize, signal: runbooks::Signal) {
        match signal {
            runbooks::Signal::Promote { wrong: true, .. } | runbooks::Signal::Restore { wrong: true, .. } => {
                self.mistaken[runbook] = true;
            }
            // The right thing is done, or another incident begins.
            runbooks::Signal::StepDone(_) | runbooks::Signal::StepSkipped(_) | runbooks::Signal::Started => {
                self.mistaken[runbook] = false;
            }
            _ => {}
        }
    }

    /// A store changed.
    pub(super) fn store(&mut self, store: usize, signal: stores::Signal, now: SimTime) {
        let ends = matches!(
            signal,
            stores::Signal::Promoted(_)
                | stores::Signal::PromotionFailed { .. }
                | stores::Signal::Restored(_)
                | stores::Signal::RestoreFailed(_)
        );
        let begins = matches!(
            signal,
            stores::Signal::PromotionBegan { how: Promotion::SwitchOver, .. } | stores::Signal::RestoreBegan(_)
        );
        if begins {
            self.switching[store] = true;
        } else if ends && std::mem::take(&mut self.switching[store]) {
            self.ended = Some(now);
        }
    }

    /// Whether one of them is under way or ended at most five minutes ago.
    pub(super) fn explains(&self, now: SimTime) -> bool {
        let recent = || self.ended.is_some_and(|ended| now.since(ended) <= CLOSE);
        !self.mistaken.contains(&true) && (self.switching.contains(&true) || recent())
    }
}
