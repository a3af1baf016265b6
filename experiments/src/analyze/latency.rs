//! Percentiles of what requests take, over all of all trials, and the objectives on them.

use sim_core::stats::Interval;

use super::estimate::{LEVEL, Refusal};
use super::objectives::{Assessed, Verdict};
use crate::header::{Indicator, Measured, Objective, Of};
use measure::PHASES;
use measure::latencies::{Distribution, Key, Latencies};

/// The percentiles that are reported.
pub const PERCENTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// The least number of trials that lie in two groups.
const TRIALS: u64 = 26;

/// What the requests of a phase took.
#[derive(Debug, Clone, PartialEq)]
pub struct Percentiles {
    /// Requests that succeed, mean of a trial.
    pub requests: f64,
    /// See [`PERCENTILES`], in seconds.
    pub values: [Result<Interval, Refusal>; PERCENTILES.len()],
}

impl Percentiles {
    fn new(found: &Distribution, trials: u64) -> Self {
        let requests = found.requests() / trials.max(1) as f64;
        Self { requests, values: PERCENTILES.map(|quantile| quantile_of(found, quantile)) }
    }

    /// Those of each phase, of the requests that are asked for; nothing where nobody asked how long requests take.
    pub(super) fn by_phase(latencies: &Latencies, trials: u64, asked: impl Fn(&Key) -> bool) -> Option<[Self; PHASES]> {
        let phase = |phase: usize| latencies.of(|key| usize::from(key.phase) == phase && asked(key));
        (!latencies.is_empty()).then(|| std::array::from_fn(|number| Self::new(&phase(number), trials)))
    }
}

fn quantile_of(found: &Distribution, quantile: f64) -> Result<Interval, Refusal> {
    if found.requests() <= 0.0 {
        return Err(Refusal::NoTrials);
    }
    found.quantile(quantile, LEVEL).ok_or(Refusal::TooFewTrials { needed: TRIALS })
}

/// What requests take that a figure is about: those of a journey, or of the journey whose requests take longest.
pub(crate) fn distribution(
    latencies: &Latencies,
    journeys: &[String],
    measured: Measured,
    quantile: f64,
) -> Result<Distribution, Refusal> {
    let phase = measured.indicator.phase().ok_or(Refusal::NoSubject)?;
    let of = |journey: usize| latencies.of(|key| key.journey as usize == journey && usize::from(key.phase) == phase);
    match measured.of {
        Of::Worst => {
            let all = (0..journeys.len()).map(of).filter_map(|own| Some((own.value(quantile)?, own)));
            let worst = all.reduce(|worst, own| if own.0 > worst.0 { own } else { worst });
            worst.map(|(_, own)| own).ok_or(Refusal::NoTrials)
        }
        Of::Journey(name) => {
            let journey = journeys.iter().position(|own| own == name.as_str()).ok_or(Refusal::NoSubject)?;
            Ok(of(journey))
        }
        Of::Store(_) => Err(Refusal::NoSubject),
    }
}

/// The quantile of what requests take; of trials none of which is back, `never_back` is their number.
///
/// # Errors
/// When there are none, or too few trials for an interval.
pub(crate) fn latency(
    latencies: &Latencies,
    journeys: &[String],
    measured: Measured,
    quantile: f64,
    never_back: Option<u64>,
) -> Result<Interval, Refusal> {
    let found = distribution(latencies, journeys, measured, quantile);
    found.and_then(|found| quantile_of(&found, quantile)).map_err(|refusal| match refusal {
        Refusal::NoTrials => nothing(measured.indicator, never_back),
        refusal => refusal,
    })
}

/// The trials, if the outage outlasts every one of them: recovery times that are not known are infinite.
pub(crate) fn never_back(recovery: impl Iterator<Item = f64>) -> Option<u64> {
    let mut trials = 0;
    for time in recovery {
        if time != f64::INFINITY {
            return None;
        }
        trials += 1;
    }
    Some(trials).filter(|trials| *trials > 0)
}

/// Why there are no requests to take a figure from, in trials of which none is back if it says so.
fn nothing(indicator: Indicator, never_back: Option<u64>) -> Refusal {
    match never_back {
        Some(trials) if indicator == Indicator::LatencyAfter => Refusal::NeverBack { trials },
        _ => Refusal::NoTrials,
    }
}

/// Holds an objective against what requests take; of trials none of which is back, `never_back` is their number.
pub(crate) fn judged(
    latencies: &Latencies,
    journeys: &[String],
    objective: &Objective,
    never_back: Option<u64>,
) -> Assessed {
    let indicator = objective.indicator;
    let found = match distribution(latencies, journeys, objective.measured(), objective.quantile) {
        Ok(found) if found.requests() > 0.0 => found,
        Ok(_) | Err(Refusal::NoTrials) => return Assessed::refused(objective, nothing(indicator, never_back)),
        Err(refusal) => return Assessed::refused(objective, refusal),
    };
    let quantile = quantile_of(&found, objective.quantile);
    let few = Refusal::TooFewTrials { needed: TRIALS };
    let verdict = match &quantile {
        Ok(found) if found.high <= objective.limit => Verdict::Met,
        Ok(found) if found.low > objective.limit => Verdict::Missed,
        Ok(_) => Verdict::Undecided,
        Err(_) => Verdict::NotJudged,
    };
    Assessed {
        objective: objective.clone(),
        at_least: quantile.as_ref().ok().copied(),
        quantile,
        censored: 0.0,
        probability: found.share_within(objective.limit, LEVEL).ok_or(few),
        verdict,
        without_planned: None,
        writerless: Vec::new(),
    }
}
