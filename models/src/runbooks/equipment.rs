//! What the steps of a runbook draw and need.

use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};

use super::Parameters;
use super::action::Action;
use super::subject::Named;
use crate::by_id::ById;
use crate::control_planes::{Editing, Seats};
use crate::ids::RegionId;
use crate::people::{Pace, WeekTime};
use crate::subjects::numbered;
use crate::world::World;

/// How the steps of a runbook go wrong.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) luck: Stream,
    pub(super) noticed: Variate,
}

/// What each step draws and needs; a step is in one turn at most.
#[derive(Debug)]
pub(super) struct Equipment {
    /// Where the plane of each step's action stands, as it is meant and as it may be done by mistake.
    seats: Vec<[Seats; 2]>,
    pub(super) decisions: Vec<Option<Pace>>,
    pub(super) durations: Vec<Variate>,
    pub(super) luck: Vec<Stream>,
    pub(super) pauses: Vec<Variate>,
    pub(super) mistakes: Vec<Option<Mistake>>,
    /// Whether automation runs, by region.
    pub(super) hosts: ById<RegionId, bool>,
    /// Whether those planes answer.
    pub(super) answers: Vec<[bool; 2]>,
}

impl Equipment {
    /// That of a runbook at this path.
    pub(super) fn new(parameters: &Parameters, path: &str, editing: Editing, named: Named<'_>, seed: u64) -> Self {
        let subjects = numbered(parameters.steps.iter().map(|step| step.action.subject(named)));
        let steps = || subjects.iter().map(|subject| format!("{path}/{subject}")).zip(&parameters.steps);
        let variate = |distribution: &Distribution, path: &str, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let decisions = steps().map(|(path, step)| match &step.action {
            Action::Approve(delay) => Some(Pace::new(delay, StreamId::new(seed, &path, "duration"))),
            _ => None,
        });
        let durations = steps().map(|(path, step)| match &step.action {
            Action::Wait(time) => variate(time, &path, "duration"),
            _ => variate(&step.takes, &path, "duration"),
        });
        let mistakes = steps().map(|(path, step)| {
            let luck = Stream::new(StreamId::new(seed, &path, "wrong"));
            step.wrong.as_ref().map(|wrong| Mistake { luck, noticed: variate(&wrong.noticed, &path, "noticed") })
        });
        Self {
            decisions: decisions.collect(),
            durations: durations.collect(),
            luck: steps().map(|(path, _)| Stream::new(StreamId::new(seed, &path, "success"))).collect(),
            pauses: steps().map(|(path, step)| variate(&step.retry_after, &path, "retry-after")).collect(),
            mistakes: mistakes.collect(),
            hosts: ById::new(named.regions.len(), true),
            answers: vec![[true; 2]; parameters.steps.len()],
            seats: parameters
                .steps
                .iter()
                .map(|step| [false, true].map(|wrong| Seats::new(step.done(wrong), editing, named.regions)))
                .collect(),
        }
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self, trial: Trial<'_>) {
        for pace in self.decisions.iter_mut().flatten() {
            pace.begin(trial);
        }
        for duration in self.durations.iter_mut().chain(&mut self.pauses) {
            duration.begin(trial);
        }
        for mistake in self.mistakes.iter_mut().flatten() {
            mistake.luck.begin(trial);
            mistake.noticed.begin(trial);
        }
        for luck in &mut self.luck {
            luck.begin(trial);
        }
        self.hosts.fill(true);
        self.answers.fill([true; 2]);
    }

    /// Regions or control planes went out or came back.
    pub(super) fn world_changed(&mut self, world: &World) {
        for (region, host) in self.hosts.pairs_mut() {
            *host = world.automates(region);
        }
        for (answers, seats) in self.answers.iter_mut().zip(&self.seats) {
            *answers = [seats[0].answer(world), seats[1].answer(world)];
        }
    }
}

/// What a turn has around it.
pub(super) struct Around<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) equipment: &'a mut Equipment,
    /// Whether the journeys that the run is about are up again, and it ends for that.
    pub(super) over: bool,
    pub(super) week: WeekTime,
}
