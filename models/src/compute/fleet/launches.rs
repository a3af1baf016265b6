//! The rate at which a region launches for an account: a bucket that all fleets of the region share.
//!
//! A launch takes one token. While none is left launches wait in the order in which they asked, and each goes on at the
//! instant at which its token is there. AWS refuses what exceeds the rate and its schedulers ask again: that they get
//! every token as soon as it is there is assumed.

use std::collections::VecDeque;

use sim_core::component::{Component, Context, Handle};
use sim_core::time::{SimDuration, SimTime};

use crate::ids::CellId;

/// A bucket of tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// It never holds more, and is full at the start.
    pub holds: f64,
    /// Tokens that it gets per second.
    pub refill: f64,
}

/// A launch that asks for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Whose launch it is.
    pub cell: CellId,
    /// Whether it is that of a host, and not of a member.
    pub host: bool,
    /// The member's or the host's place.
    pub member: usize,
    /// Its birth: the place may belong to another by now.
    pub born: u64,
}

/// The next token is there.
#[derive(Debug, Clone, Copy)]
pub struct LaunchDue;

/// A launch may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted(pub Request);

/// One region's launches of one sort.
#[derive(Debug)]
pub struct Launches {
    bucket: Bucket,
    level: f64,
    since: SimTime,
    waiting: VecDeque<Request>,
    due: Option<Handle>,
}

/// Tokens this close to a whole one are one: 1e-9.
const TOLERANCE: f64 = 1e-9;

impl Launches {
    /// A full bucket.
    pub const fn new(bucket: Bucket) -> Self {
        Self { bucket, level: bucket.holds, since: SimTime::ZERO, waiting: VecDeque::new(), due: None }
    }

    /// Starts a trial with a full bucket.
    pub fn begin(&mut self) {
        self.level = self.bucket.holds;
        self.since = SimTime::ZERO;
        self.waiting.clear();
        self.due = None;
    }

    /// A launch asks for its turn.
    pub fn ask(&mut self, request: Request, ctx: &mut Context<'_, LaunchDue, Granted>) {
        self.waiting.push_back(request);
        self.serve(ctx);
    }

    fn serve(&mut self, ctx: &mut Context<'_, LaunchDue, Granted>) {
        let seconds = ctx.now().since(self.since).as_secs_f64();
        self.level = (self.level + self.bucket.refill * seconds).min(self.bucket.holds);
        self.since = ctx.now();
        while self.level >= 1.0 - TOLERANCE
            && let Some(request) = self.waiting.pop_front()
        {
            self.level = (self.level - 1.0).max(0.0);
            ctx.signal(Granted(request));
        }
        if self.due.is_none() && !self.waiting.is_empty() {
            let wait = SimDuration::from_secs_f64((1.0 - self.level) / self.bucket.refill);
            // An instant that rounding put just before the token is one that the tolerance accepts.
            self.due = Some(ctx.schedule_in(wait.max(SimDuration::from_nanos(1)), LaunchDue));
        }
    }
}

impl Component for Launches {
    type Event = LaunchDue;
    type Signal = Granted;

    fn handle(&mut self, _: LaunchDue, ctx: &mut Context<'_, LaunchDue, Granted>) {
        self.due = None;
        self.serve(ctx);
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;

    #[test]
    fn a_full_bucket_goes_at_once_and_the_rest_at_the_pace_of_the_refill() {
        // 100 and 20 per second: of 260 launches asked for at once, the n-th beyond 100 goes after n / 20 seconds.
        let mut alone = Harness::new(Launches::new(Bucket { holds: 100.0, refill: 20.0 }));
        alone.call(|launches, _| launches.begin());
        for member in 0..260 {
            alone.call(|launches, ctx| {
                launches.ask(Request { cell: CellId::new(0), host: false, member, born: 0 }, ctx);
            });
        }
        alone.run_until(SimTime::ZERO + SimDuration::from_secs(60));
        assert_eq!(alone.signals().len(), 260);
        for (number, (time, Granted(request))) in alone.signals().iter().enumerate() {
            let expected = number.saturating_sub(99) as f64 / 20.0;
            assert_eq!(request.member, number);
            assert!((time.as_secs_f64() - expected).abs() < 1e-6, "launch {number} at {time}");
        }
    }

    #[test]
    fn an_idle_bucket_fills_up_to_what_it_holds() {
        let mut alone = Harness::new(Launches::new(Bucket { holds: 2.0, refill: 0.5 }));
        alone.call(|launches, _| launches.begin());
        alone.run_until(SimTime::ZERO + SimDuration::from_secs(100));
        for member in 0..4 {
            alone.call(|launches, ctx| {
                launches.ask(Request { cell: CellId::new(0), host: false, member, born: 0 }, ctx);
            });
        }
        alone.run_until(SimTime::ZERO + SimDuration::from_secs(200));
        let times: Vec<u64> = alone.signals().iter().map(|(time, _)| time.as_nanos() / 1_000_000_000).collect();
        assert_eq!(times, [100, 100, 102, 104]);
    }
}
