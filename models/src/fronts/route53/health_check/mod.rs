//! A Route 53 health check: checkers all over the world that probe one endpoint, and their quorum.
//!
//! Modelled:      checkers with phases of their own; the next request leaves one interval after the last response, so a
//!                probe that hangs stretches the cycle; consecutive contrary results, the same number both ways; the
//!                quorum of more than 18 %.
//! Not modelled:  checkers that lose their own connectivity, string matching, checker regions with their own latency.
//! Sources:       interval, threshold, quorum, time-outs: documented; 16 checkers: derived from probe rates.
//!
//! While probes end alike, what every checker will do is known, and so is when the quorum turns: it has one event pending,
//! at its next turn. Of clean ends that is an order statistic of the instants at which the checkers turn. Of a gray
//! endpoint it is looked for some probes ahead, one by one where some take longer than others.

mod checker;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Stream, StreamId, Trial};
use sim_core::time::{SimDuration, SimTime};

use checker::{Cadence, Checker, TOGETHER};

/// How a request of a checker ends that leaves now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Answered well, in no time.
    Pass,
    /// Answered badly, in no time.
    Error,
    /// No connection within 4 s.
    BlackHole,
    /// A connection, but no status within 2 s.
    Hangs,
    /// Now and then answered badly, or not within 2 s of connecting.
    Flaky {
        /// Probability of an answer that is bad, in no time.
        errors: f64,
        /// Probability of either.
        failing: f64,
    },
}

impl Outcome {
    /// How long a failing probe takes: connect within 4 s, status within 2 s of connecting (documented).
    const fn response_time(self) -> SimDuration {
        match self {
            Self::Pass | Self::Error | Self::Flaky { .. } => SimDuration::ZERO,
            Self::BlackHole => SimDuration::from_secs(4),
            Self::Hangs => HANGS,
        }
    }

    /// Whether probes take differently long, so that no arithmetic says when they leave.
    fn wavers(self) -> bool {
        matches!(self, Self::Flaky { errors, failing } if errors < failing)
    }
}

/// How long a request takes that is not answered (documented).
const HANGS: SimDuration = SimDuration::from_secs(2);

/// The quorum: an endpoint is healthy while more than this percentage of its checkers says so (documented).
const QUORUM_PERCENT: usize = 18;

/// What can happen to a health check: its verdict turns, or it has to look further ahead.
#[derive(Debug, Clone, Copy)]
pub struct Due;

/// The endpoint's verdict turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// Its new state.
    pub healthy: bool,
}

/// One health check and its checkers.
#[derive(Debug)]
pub struct HealthCheck {
    cadence: Cadence,
    eager: bool,
    outcome: Outcome,
    /// Per checker, the streams of its phase and of its probes of a gray endpoint. Apart, so that walking the checkers
    /// touches little memory.
    phases: Vec<Stream>,
    luck: Vec<Stream>,
    /// As they were when the outcome last changed; with `eager`, as they are.
    checkers: Vec<Checker>,
    healthy: bool,
    /// Whether the pending event is a turn.
    turns: bool,
    pending: Option<Handle>,
    /// When checkers turn, and to what: memory for the one who looks ahead.
    ahead: Vec<(SimTime, bool)>,
}

impl HealthCheck {
    /// A check with this cadence; `path` names its streams.
    pub fn new(interval: SimDuration, threshold: u32, checkers: usize, path: &str, seed: u64, eager: bool) -> Self {
        let streams = |purpose: &str| {
            let stream = |index| Stream::new(StreamId::new(seed, &format!("{path}/checker-{index}"), purpose));
            (0..checkers).map(stream).collect()
        };
        let cadence = Cadence { interval, threshold };
        Self {
            cadence,
            eager,
            outcome: Outcome::Pass,
            phases: streams("phase"),
            luck: streams("gray-probe"),
            checkers: vec![Checker::new(SimTime::ZERO); checkers],
            healthy: true,
            turns: false,
            pending: None,
            ahead: Vec::with_capacity(checkers * cadence.most_turns()),
        }
    }

    /// Starts a trial with a healthy endpoint.
    pub fn begin(&mut self, trial: Trial<'_>, ctx: &mut Context<'_, Due, Turned>) {
        self.outcome = Outcome::Pass;
        self.healthy = true;
        self.pending = None;
        let interval = self.cadence.interval.as_secs_f64();
        for ((checker, phase), luck) in self.checkers.iter_mut().zip(&mut self.phases).zip(&mut self.luck) {
            phase.begin(trial);
            luck.begin(trial);
            *checker = Checker::new(SimTime::ZERO + SimDuration::from_secs_f64(phase.uniform() * interval));
        }
        self.look_ahead(ctx);
    }

    /// Requests of checkers have ended like this since long before the trial, and every checker knows.
    pub fn assume(&mut self, outcome: Outcome, ctx: &mut Context<'_, Due, Turned>) {
        self.outcome = outcome;
        self.healthy = matches!(outcome, Outcome::Pass | Outcome::Flaky { .. });
        for checker in &mut self.checkers {
            checker.healthy = self.healthy;
        }
        self.look_ahead(ctx);
    }

    /// The verdict of the quorum.
    pub const fn healthy(&self) -> bool {
        self.healthy
    }

    /// From now on requests of checkers end like this. A request that leaves at this very instant has left before: what
    /// probes meet changes when everything else of the instant has happened.
    pub fn set_outcome(&mut self, outcome: Outcome, ctx: &mut Context<'_, Due, Turned>) {
        if outcome == self.outcome {
            return;
        }
        self.catch_up(ctx.now());
        self.outcome = outcome;
        self.look_ahead(ctx);
    }

    /// Brings all checkers to `now`.
    fn catch_up(&mut self, now: SimTime) {
        for (checker, luck) in self.checkers.iter_mut().zip(&self.luck) {
            checker.advance(now, self.outcome, self.cadence, luck);
        }
    }

    /// Whether an endpoint is healthy that so many checkers find healthy.
    fn quorum(&self, healthy: usize) -> bool {
        healthy * 100 > QUORUM_PERCENT * self.checkers.len()
    }

    /// Schedules the next turn, or another look from as far as is looked now.
    fn look_ahead(&mut self, ctx: &mut Context<'_, Due, Turned>) {
        if let Some(handle) = self.pending.take() {
            ctx.cancel(handle);
        }
        let now = ctx.now();
        let until = match self.outcome {
            _ if self.eager => self.checkers.iter().map(Checker::due).min().unwrap_or(SimTime::NEVER),
            Outcome::Flaky { .. } => now + self.cadence.interval.times(TOGETHER),
            Outcome::Pass | Outcome::Error | Outcome::BlackHole | Outcome::Hangs => SimTime::NEVER,
        };
        let turn = self.next_turn(now, until);
        self.turns = turn.is_some();
        let next = turn.unwrap_or(until);
        self.pending = (next != SimTime::NEVER).then(|| ctx.schedule_at(next, Due));
    }

    /// When the verdict turns next, after `now` and until `until`.
    fn next_turn(&mut self, now: SimTime, until: SimTime) -> Option<SimTime> {
        let mut ahead = std::mem::take(&mut self.ahead);
        ahead.clear();
        // Checkers that do not turn may be enough, whatever the others do: then these need not be looked at.
        let (mut stay_healthy, mut stay_unhealthy, mut healthy) = (0, 0, 0);
        let mut decided = false;
        for (checker, luck) in self.checkers.iter().zip(&self.luck) {
            let mut checker = *checker;
            checker.advance(now, self.outcome, self.cadence, luck);
            healthy += usize::from(checker.healthy);
            let known = ahead.len();
            checker.turns(until, self.outcome, self.cadence, luck, |time, healthy| ahead.push((time, healthy)));
            if ahead.len() == known {
                *if checker.healthy { &mut stay_healthy } else { &mut stay_unhealthy } += 1;
                decided = self.quorum(stay_healthy) || !self.quorum(self.checkers.len() - stay_unhealthy);
                if decided {
                    break;
                }
            }
        }
        let mut turn = None;
        if !decided {
            ahead.sort_unstable();
            for together in ahead.chunk_by(|one, other| one.0 == other.0) {
                for &(_, becomes_healthy) in together {
                    if becomes_healthy { healthy += 1 } else { healthy -= 1 }
                }
                if self.quorum(healthy) != self.healthy {
                    turn = Some(together[0].0);
                    break;
                }
            }
        }
        self.ahead = ahead;
        turn
    }
}

impl Component for HealthCheck {
    type Event = Due;
    type Signal = Turned;

    fn handle(&mut self, _: Due, ctx: &mut Context<'_, Due, Turned>) {
        self.pending = None;
        if self.turns {
            self.healthy = !self.healthy;
            ctx.signal(Turned { healthy: self.healthy });
        }
        if self.eager || self.outcome.wavers() {
            self.catch_up(ctx.now());
        }
        self.look_ahead(ctx);
    }
}
