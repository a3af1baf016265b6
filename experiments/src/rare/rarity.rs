//! The answer: a chance, how sure it is, and what it took.

use sim_core::splitting::Plan;
use sim_core::stats::{Interval, Tally, clopper_pearson, skewed_mean_interval};

use super::event::Event;
use crate::analyze::LEVEL;
use crate::header::Header;

/// Starts whose trees came beyond the limit: with fewer the interval rests on too little to be given.
pub(super) const LEAST_ROOTS: u64 = 20;

/// A level on the way to the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// What has to be exceeded, in seconds.
    pub exceeds: f64,
    /// How many trials tried, starts or steps from trials beyond the level before.
    pub tried: u64,
    /// How many of them exceed it.
    pub reached: u64,
}

/// What the trees say.
#[derive(Debug, Clone)]
pub struct Rarity {
    /// The experiment.
    pub header: Header,
    /// The file, as the user wrote it.
    pub file: String,
    /// What it is about.
    pub event: Event,
    /// The levels, the limit last.
    pub levels: Vec<Level>,
    /// Starts: plain trials.
    pub starts: u64,
    /// How many of them are beyond the limit themselves.
    pub plain: u64,
    /// How many have trees that come beyond the limit.
    pub roots: u64,
    /// The largest part that one start has in the estimate.
    pub largest_part: f64,
    /// The chance, without bias.
    pub chance: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its interval, where enough starts carry it.
    pub interval: Option<Interval>,
    /// What the starts alone say, as plain trials: it rests on no assumption.
    pub bound: Interval,
    /// Trials of the pilot.
    pub piloted: u64,
    /// Trials of all trees, starts among them.
    pub played: u64,
    /// Mean time of the recovery of trials beyond the limit by what failed most, in seconds: by the causes, then up.
    pub stages: Vec<f64>,
}

/// What is known of each start.
#[derive(Debug, Clone)]
pub(super) struct Grown {
    pub(super) reached: Vec<u64>,
    pub(super) played: u64,
    pub(super) plain: bool,
    pub(super) weight: f64,
    /// Sums over its trials beyond the limit.
    pub(super) stages: Vec<f64>,
}

impl Rarity {
    pub(super) fn new(header: Header, file: String, event: Event, plan: &Plan, piloted: u64, grown: &[Grown]) -> Self {
        let starts = grown.len() as u64;
        let sum = |level: usize| grown.iter().map(|one| one.reached[level]).sum::<u64>();
        let reached: Vec<u64> = (0..plan.levels.len()).map(sum).collect();
        let tried = |level: usize| match level.checked_sub(1) {
            None => starts,
            Some(below) => reached[below] * u64::from(plan.factors[below]),
        };
        let levels = plan.levels.iter().enumerate();
        let levels = levels.map(|(at, &exceeds)| Level { exceeds, tried: tried(at), reached: reached[at] }).collect();
        let weights: Vec<f64> = grown.iter().map(|one| one.weight).collect();
        let mut tally = Tally::new();
        weights.iter().for_each(|&weight| tally.add(weight));
        let roots = weights.iter().filter(|&&weight| weight > 0.0).count() as u64;
        let plain = grown.iter().filter(|one| one.plain).count() as u64;
        let bound = clopper_pearson(plain, starts, LEVEL);
        let total: f64 = weights.iter().sum();
        let interval = if plan.levels.len() == 1 {
            // The weights are plain hits and misses.
            Some(bound).filter(|_| roots > 0)
        } else {
            skewed_mean_interval(&weights, LEVEL)
                .filter(|_| roots >= LEAST_ROOTS)
                .map(|found| Interval { low: found.low.max(0.0), ..found })
        };
        let beyond = reached.last().copied().unwrap_or(0);
        let width = grown.iter().map(|one| one.stages.len()).max().unwrap_or(0);
        let stage = |at: usize| {
            let sum: f64 = grown.iter().filter_map(|one| one.stages.get(at)).sum();
            sum / beyond as f64
        };
        Self {
            header,
            file,
            event,
            levels,
            starts,
            plain,
            roots,
            largest_part: weights.iter().copied().fold(0.0, f64::max) / total,
            chance: tally.mean(),
            standard_error: tally.standard_error(),
            interval,
            bound,
            piloted,
            played: grown.iter().map(|one| one.played).sum(),
            stages: (0..width).map(stage).collect(),
        }
    }

    /// How many plain trials give the same standard error; none where nothing is known of it.
    pub fn plain_trials(&self) -> Option<f64> {
        let known = self.chance > 0.0 && self.standard_error > 0.0;
        known.then(|| self.chance * (1.0 - self.chance) / (self.standard_error * self.standard_error))
    }

    /// Whether plain trials would say as much for the same work.
    pub fn is_usual(&self) -> bool {
        let all = (self.played + self.piloted) as f64;
        self.roots > 0 && (self.levels.len() == 1 || self.plain_trials().is_some_and(|plain| plain <= all))
    }
}
