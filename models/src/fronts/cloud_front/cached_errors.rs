//! Errors that the edge keeps after the origin has recovered.

use sim_core::component::{Component, Context};
use sim_core::random::{Stream, StreamId, Trial};
use sim_core::time::SimDuration;

use super::Parameters;
use crate::cause::{CAUSES, Cause};
use crate::clients;
use crate::ids::StrandId;
use crate::journeys::Journey;

/// An event at the edge: a cached error expires.
#[derive(Debug, Clone, Copy)]
pub struct Expires {
    remnant: usize,
}

/// A signal of the edge: a population at a name meets other cached errors from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The population, as far as it asks for one name.
    pub strand: StrandId,
}

/// Edges per population whose cached errors expire together. As many as cohorts of resolvers by default.
const EDGES: f64 = 200.0;

/// Errors that some edges keep of one population's requests of one journey.
#[derive(Debug, Clone, Copy)]
struct Remnant {
    place: usize,
    share: f64,
    cause: Cause,
}

/// Errors that the edge still serves although the origin would not fail any more.
#[derive(Debug)]
pub struct CachedErrors {
    keeps: SimDuration,
    journeys: usize,
    /// By place: row = population, column = journey.
    streams: Vec<Stream>,
    /// Share of misses that the origin failed when last seen.
    failing: Vec<(f64, Cause)>,
    remnants: Vec<Remnant>,
    left: Vec<usize>,
    shares: Vec<[f64; CAUSES]>,
}

impl CachedErrors {
    /// The error caches of these populations.
    pub fn new(parameters: &Parameters, populations: &[clients::Parameters], journeys: &[Journey], seed: u64) -> Self {
        let mut streams = Vec::new();
        for population in populations {
            for journey in journeys {
                let path = format!("cloudfront/{}/{}", population.name, journey.name);
                streams.push(Stream::new(StreamId::new(seed, &path, "error-caching")));
            }
        }
        Self {
            keeps: parameters.error_caching,
            journeys: journeys.len(),
            failing: vec![(0.0, Cause::Detection); streams.len()],
            remnants: Vec::new(),
            left: vec![0; streams.len()],
            shares: vec![[0.0; CAUSES]; streams.len()],
            streams,
        }
    }

    /// Starts a trial without errors.
    pub fn begin(&mut self, trial: Trial<'_>) {
        for stream in &mut self.streams {
            stream.begin(trial);
        }
        self.failing.fill((0.0, Cause::Detection));
        self.remnants.clear();
        self.left.fill(0);
        self.shares.fill([0.0; CAUSES]);
    }

    /// The origin fails these shares of misses from now on, mostly for these causes. Where a share fell, the edges keep
    /// the errors of what it fell by.
    pub fn observe(&mut self, failing: &[(f64, Cause)], cached: &[bool], ctx: &mut Context<'_, Expires, Changed>) {
        for (place, &(share, cause)) in failing.iter().enumerate() {
            let (before, cause_before) = std::mem::replace(&mut self.failing[place], (share, cause));
            let fallen = before - share;
            if fallen <= 1e-12 || !cached[place % self.journeys] {
                continue;
            }
            // Cohorts of resolvers move about one edge's worth at a time, a recovery all at once.
            let edges = libm::ceil(fallen * EDGES - 1e-6).clamp(1.0, EDGES);
            for _ in 0..edges as usize {
                let rest = self.streams[place].uniform() * self.keeps.as_secs_f64();
                let part = fallen / edges;
                self.remnants.push(Remnant { place, share: part, cause: cause_before });
                self.left[place] += 1;
                self.shares[place][cause_before.index()] += part;
                let remnant = self.remnants.len() - 1;
                ctx.schedule_in(SimDuration::from_secs_f64(rest), Expires { remnant });
            }
        }
    }

    /// Shares of misses that meet a cached error, by cause: row = population, column = journey.
    pub fn shares(&self) -> &[[f64; CAUSES]] {
        &self.shares
    }
}

impl Component for CachedErrors {
    type Event = Expires;
    type Signal = Changed;

    fn handle(&mut self, event: Expires, ctx: &mut Context<'_, Expires, Changed>) {
        let Remnant { place, share, cause } = self.remnants[event.remnant];
        self.left[place] -= 1;
        if self.left[place] == 0 {
            // Nothing is left, not even what rounding would leave.
            self.shares[place] = [0.0; CAUSES];
        } else {
            let rest = &mut self.shares[place][cause.index()];
            *rest = (*rest - share).max(0.0);
        }
        ctx.signal(Changed { strand: StrandId::new(place / self.journeys) });
    }
}
