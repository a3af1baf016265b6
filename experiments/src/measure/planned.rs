//! Planned work: steps of runbooks that may take a journey down on purpose.

use models::deployment::Topology;
use models::runbooks::{Action, Signal};
use models::stores::Promotion;
use sim_core::time::SimTime;

use super::timeline::CLOSE;

/// Whether such steps are under way, or were shortly before.
#[derive(Debug)]
pub(super) struct PlannedWork {
    /// Of each step of each runbook, whether it is one of them.
    steps: Vec<Vec<bool>>,
    /// By runbook, whether it is at one of them.
    running: Vec<bool>,
    /// When one of them last ended.
    ended: Option<SimTime>,
}

/// Whether an action moves traffic, the writer or capacity as planned; promotions answer a loss.
const fn is_planned(action: &Action) -> bool {
    match action {
        Action::Shift { .. } | Action::Readmit { .. } | Action::Scale { .. } => true,
        Action::Promote { how, .. } => matches!(how, Promotion::SwitchOver),
        Action::Approve(_) | Action::Wait(_) | Action::Repoint { .. } => false,
    }
}

impl PlannedWork {
    /// That of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        let steps = |runbook: &models::runbooks::Parameters| {
            runbook.steps.iter().map(|step| is_planned(&step.action)).collect()
        };
        Self {
            steps: topology.runbooks.iter().map(steps).collect(),
            running: vec![false; topology.runbooks.len()],
            ended: None,
        }
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.running.fill(false);
        self.ended = None;
    }

    /// A runbook went on.
    pub(super) fn follow(&mut self, runbook: usize, signal: Signal, now: SimTime) {
        let runs = match signal {
            Signal::StepBegan(step) => self.steps[runbook][step],
            Signal::StepWaits { .. }
            | Signal::StepFailed(_)
            | Signal::StepDone(_)
            | Signal::StepSkipped(_)
            | Signal::StoodDown(_)
            | Signal::Finished
            | Signal::Stopped => false,
            // The step goes on, whatever it does.
            Signal::Started
            | Signal::NothingToNotice
            | Signal::Asks(_)
            | Signal::Promote { .. }
            | Signal::TakesEffect { .. }
            | Signal::StepWrong(_) => return,
        };
        if std::mem::replace(&mut self.running[runbook], runs) {
            self.ended = Some(now);
        }
    }

    /// Whether one of them is under way or ended at most five minutes ago.
    pub(super) fn explains(&self, now: SimTime) -> bool {
        self.running.contains(&true) || self.ended.is_some_and(|ended| now.since(ended) <= CLOSE)
    }
}
