//! The program of a runbook: its steps in order, some of them side by side, each with what may go wrong.

use std::ops::Range;

use sim_core::random::Distribution;

use super::action::{Action, Means};
use crate::ramp::Ramp;

/// One step of a runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its action.
    pub action: Action,
    /// Probability that an attempt succeeds.
    pub success: f64,
    /// Further attempts after a failed one.
    pub retries: u64,
    /// From an attempt that failed until the next one, in seconds.
    pub retry_after: Distribution,
    /// How it may be done wrong.
    pub wrong: Option<Wrong>,
    /// How long the action takes, in seconds, where it has no duration of its own.
    pub takes: Distribution,
    /// How its effect is spread over time.
    pub ramp: Option<Ramp>,
}

impl Step {
    /// The action of the step when all goes well, or when it goes wrong; `None` if that is without consequence.
    pub fn done(&self, wrong: bool) -> Option<&Action> {
        if wrong { self.wrong.as_ref().and_then(|wrong| wrong.action.as_ref()) } else { Some(&self.action) }
    }

    /// The share of its whole effect that is reached with this part, counted from 1.
    pub fn reached(&self, part: u64) -> f64 {
        self.ramp.map_or(1.0, |ramp| ramp.reached(part))
    }
}

/// A step that people may do to the wrong thing: it takes its time and has its effect there, and some time after it is
/// done somebody notices and the right step is begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// Probability that it happens, once each time that a run of the runbook comes to the step.
    pub probability: f64,
    /// The wrong action; none means one without consequence.
    pub action: Option<Action>,
    /// From when that is done until the step is begun as it was meant, in seconds.
    pub noticed: Distribution,
}

/// One entry of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A step.
    Step(usize),
    /// Steps side by side: the steps of each branch, in order. It ends when all branches have; one that is out of retries
    /// stops the runbook after the others.
    Parallel(Vec<Range<usize>>),
}

impl Block {
    /// So many steps, one after the other.
    pub fn in_order(steps: usize) -> Vec<Self> {
        (0..steps).map(Self::Step).collect()
    }

    /// Where one of its steps stands: nothing more to say if it is that step, else its branch and its place in that.
    #[allow(clippy::option_option, reason = "not in this block, the block itself, or a place in it")]
    pub(super) fn place(&self, step: usize) -> Option<Option<(usize, usize)>> {
        match self {
            Self::Step(own) => (*own == step).then_some(None),
            Self::Parallel(branches) => {
                let branch = branches.iter().position(|branch| branch.contains(&step))?;
                Some(Some((branch, step - branches[branch].start)))
            }
        }
    }
}

/// What a sequence of steps comes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A step.
    Step(usize),
    /// The sequences with these numbers, side by side.
    Fork(Range<usize>),
}

/// The sequences of a runbook: the first goes through its blocks, the others through the branches in these.
pub(super) fn courses(blocks: &[Block]) -> Vec<Vec<Stop>> {
    let mut branches: Vec<Vec<Stop>> = Vec::new();
    let main = blocks.iter().map(|block| match block {
        Block::Step(step) => Stop::Step(*step),
        Block::Parallel(all) => {
            let first = 1 + branches.len();
            branches.extend(all.iter().map(|branch| branch.clone().map(Stop::Step).collect()));
            Stop::Fork(first..first + all.len())
        }
    });
    let main: Vec<Stop> = main.collect();
    std::iter::once(main).chain(branches).collect()
}

/// How many shifts of a share these steps do in DNS that can be there at the same time: those that differ in means, record and region.
pub fn shares<'a>(steps: impl IntoIterator<Item = &'a Step>) -> usize {
    let mut found = Vec::new();
    for step in steps {
        for action in [step.done(false), step.done(true)].into_iter().flatten() {
            let &Action::Shift { means: means @ (Means::RoutingControl | Means::RecordEdit), to, share, record } =
                action
            else {
                continue;
            };
            if (share < 1.0 || step.ramp.is_some()) && !found.contains(&(means, to, record)) {
                found.push((means, to, record));
            }
        }
    }
    found.len()
}
