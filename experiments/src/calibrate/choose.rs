//! From values to a law that an experiment can have, with what is left open.

use sim_core::random::Distribution;
use sim_core::stats::fit::{
    Family, Fitted, KaplanMeier, Law, Observed, Plausibility, Posterior, maximum, plausibility,
};
use sim_core::stats::{quantile, quantile_of};

use super::fragment::Written;
use super::{Kind, Outcome, Remark};
use crate::units::duration;

/// Fewer observations support no law.
pub const FEWEST: usize = 5;
/// From so many independent observations on families compete.
const COMPARED_FROM: f64 = 30.0;
/// From so many on quantiles speak for themselves.
const QUANTILES_FROM: f64 = 1_000.0;
/// The level of intervals.
const LEVEL: f64 = 0.95;
/// Below this a law is not plausible.
const IMPLAUSIBLE: f64 = 0.05;
/// The seed of bootstraps: the same figures from the same file, on any machine.
const SEED: u64 = 1;
/// Points of a likelihood: a longer series is thinned to quantiles of itself.
const THINNED: usize = 400;

/// A quantile of a calibrated law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Which.
    pub p: f64,
    /// Its value in seconds.
    pub value: f64,
    /// The interval of 95 % that the observations leave, if they support one.
    pub interval: Option<(f64, f64)>,
    /// The same quantile of the observations themselves, where they reach it.
    pub seen: Option<f64>,
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Steps of the observed distribution: value and share up to it.
    pub steps: Vec<(f64, f64)>,
    /// Values at which observations ended too soon.
    pub stops: Vec<f64>,
    /// The law: value, share, and the ends of the band.
    pub law: Vec<[f64; 4]>,
}

/// A key and its distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The key's path.
    pub key: String,
    /// The distribution as a file has it.
    pub written: Written,
    /// Independent observations that it is worth.
    pub observations: u64,
    /// Values that were read.
    pub values: usize,
    /// Those of them that ended too soon.
    pub stopped: usize,
    /// The files.
    pub from: String,
    /// Where the durations come from; none of a metric.
    pub kind: Option<Kind>,
    /// The law in a word or two.
    pub family: &'static str,
    /// Its median, p90, p95 and p99.
    pub figures: Vec<Figure>,
    /// The value that the next observation exceeds once in a hundred times, all that is open taken into account.
    pub next_p99: Option<f64>,
    /// How plausible the law is; none for quantiles.
    pub plausibility: Option<Plausibility>,
    /// The largest value that was seen.
    pub largest: f64,
    /// What a reader must know.
    pub remarks: Vec<Remark>,
    /// For charts.
    pub curve: Curve,
}

/// A key without a distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The key's path.
    pub key: String,
    /// The reason, as a sentence without its full stop.
    pub why: String,
    /// The files.
    pub from: String,
    /// The observations in seconds, if they are few.
    pub seen: Vec<Observed>,
    /// A guess that spans them.
    pub guess: Option<Written>,
    /// What a reader must know besides.
    pub remarks: Vec<Remark>,
}

/// What is to be chosen for.
pub(super) struct Sample<'a> {
    pub(super) key: &'a str,
    pub(super) from: String,
    pub(super) kind: Option<Kind>,
    /// In the order of time, if there is one.
    pub(super) observed: Vec<Observed>,
    /// Independent observations that they are worth.
    pub(super) worth: f64,
    /// The same for the share up to a value, where it differs.
    pub(super) worth_at: &'a dyn Fn(f64) -> f64,
    pub(super) remarks: Vec<Remark>,
}

/// Chooses a law, or says why there is none.
pub(super) fn choose(sample: Sample<'_>) -> Outcome {
    let complete = sample.observed.iter().filter(|one| one.is_complete()).count();
    // What was stopped says that it is long, and not how long.
    let worth = sample.worth.min(complete as f64);
    if worth < FEWEST as f64 {
        return Outcome::Refused(refused(sample, complete, worth));
    }
    let estimate = KaplanMeier::new(&sample.observed);
    let all_exact = complete == sample.observed.len();
    if worth > QUANTILES_FROM
        && all_exact
        && let Some(found) = by_quantiles(&sample, &estimate, worth)
    {
        return Outcome::Calibrated(Box::new(found));
    }
    by_law(sample, &estimate, worth)
}

fn refused(sample: Sample<'_>, complete: usize, worth: f64) -> Refused {
    let all = sample.observed.len();
    let why = if sample.worth < all as f64 * 0.99 {
        format!("{all} datapoints are worth {worth:.1} independent ones, and a law takes {FEWEST}")
    } else if complete < all {
        format!("{complete} of {all} observations came to their end, and a law takes {FEWEST} that did")
    } else {
        format!("{all} observations are too few: a law takes {FEWEST}")
    };
    let mut sorted: Vec<f64> = sample.observed.iter().map(|one| one.high().min(one.low() * 2.0)).collect();
    sorted.sort_by(f64::total_cmp);
    // Few observations rarely hold the extremes: half of the least, twice the largest.
    let guess = match sorted.as_slice() {
        [first, .., last] if *last > 0.0 && sorted.len() <= 16 => {
            Some(Written::Triangular([first / 2.0, sorted[sorted.len() / 2], last * 2.0]))
        }
        _ => None,
    };
    let seen = if all <= 16 { sample.observed } else { Vec::new() };
    Refused { key: sample.key.to_owned(), why, from: sample.from, seen, guess, remarks: sample.remarks }
}

/// The quantiles that so many independent observations support.
fn by_quantiles(sample: &Sample<'_>, estimate: &KaplanMeier, worth: f64) -> Option<Calibrated> {
    let mut sorted: Vec<f64> = sample.observed.iter().map(|one| one.middle()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut figures = Vec::new();
    for p in [0.5, 0.9, 0.95, 0.99, 0.999] {
        let Ok(found) = quantile_of(&sorted, p, LEVEL, (sample.worth_at)(p).min(sorted.len() as f64)) else { break };
        if points.last().is_none_or(|(_, below)| found.estimate > *below) {
            points.push((p, found.estimate));
        }
        if p < 0.999 {
            let interval = Some((found.low, found.high));
            figures.push(Figure { p, value: found.estimate, interval, seen: Some(found.estimate) });
        }
    }
    let law = Distribution::quantiles(points.clone()).ok().filter(|_| points.len() >= 2)?;
    let largest = sorted.last().copied().unwrap_or_default();
    let mut remarks = sample.remarks.clone();
    if let Some((p, value)) = points.last() {
        let last = crate::header::quantile_name(*p);
        remarks.push(Remark::new(
            "extrapolated",
            format!(
                "beyond {last} = {} the distribution goes on as steeply as before; the largest value seen is {}",
                duration(*value),
                duration(largest)
            ),
        ));
    }
    let curve = Curve {
        steps: thin(estimate.steps()),
        stops: Vec::new(),
        law: grid(&sorted).map(|x| [x, law.cdf(x), f64::NAN, f64::NAN]).collect(),
    };
    Some(Calibrated {
        key: sample.key.to_owned(),
        written: Written::Quantiles(points),
        observations: worth as u64,
        values: sample.observed.len(),
        stopped: 0,
        from: sample.from.clone(),
        kind: sample.kind,
        family: "quantiles",
        figures,
        next_p99: None,
        plausibility: None,
        largest,
        remarks,
        curve,
    })
}

/// The best law of a family.
fn by_law(sample: Sample<'_>, estimate: &KaplanMeier, worth: f64) -> Outcome {
    let thinned = thinned(&sample.observed);
    let each = worth / thinned.len() as f64;
    let families: &[Family] = if worth < COMPARED_FROM {
        &[Family::LogNormal]
    } else {
        &[Family::LogNormal, Family::Weibull, Family::Gamma, Family::TwoLogNormals]
    };
    let fits = families.iter().filter_map(|family| maximum(*family, &thinned));
    let criterion = |fit: &Fitted| fit.criterion(worth, thinned.len());
    let Some(fit) = fits.min_by(|a, b| criterion(a).total_cmp(&criterion(b))) else {
        return Outcome::Refused(Refused {
            key: sample.key.to_owned(),
            why: "all observations are the same value, which is no distribution; write it as it is".to_owned(),
            from: sample.from,
            seen: Vec::new(),
            guess: None,
            remarks: sample.remarks,
        });
    };
    // Neighbours in a series resemble each other: what is held against the law stands as far apart as it takes.
    let apart = ((sample.observed.len() as f64 / sample.worth).round() as usize).max(1);
    let independent: Vec<Observed> = sample.observed.iter().copied().step_by(apart).collect();
    let plausibility =
        maximum(fit.law.family(), &independent).and_then(|own| plausibility(&own.law, &independent, SEED));
    let posterior = Posterior::new(&fit, &thinned, each);
    let mut sorted: Vec<f64> = sample.observed.iter().map(|one| one.middle()).collect();
    sorted.sort_by(f64::total_cmp);
    let complete = sample.observed.iter().filter(|one| one.is_complete()).count();
    let figures = [0.5, 0.9, 0.95, 0.99].map(|p| {
        let interval = posterior.as_ref().map(|it| it.interval(p, LEVEL)).or_else(|| {
            quantile(&sorted, p, LEVEL).ok().filter(|_| complete == sorted.len()).map(|found| (found.low, found.high))
        });
        Figure { p, value: fit.law.quantile(p), interval, seen: estimate.quantile(p) }
    });
    let largest = sample.observed.iter().map(|one| one.low()).fold(0.0, f64::max);
    let mut remarks = sample.remarks;
    remarks.extend(told(&fit.law, plausibility.as_ref(), &independent, figures[3].value, largest));
    if worth < COMPARED_FROM
        && let Some(other) = maximum(Family::Weibull, &thinned)
    {
        let words = format!(
            "a Weibull, as plausible to so few observations, has a p95 of {} where the lognormal has {}",
            duration(other.law.quantile(0.95)),
            duration(figures[2].value)
        );
        remarks.push(Remark::new("contrast", words));
    }
    let next_p99 = posterior.as_ref().map(|it| it.predictive(0.99));
    let band = |x: f64| posterior.as_ref().map_or((f64::NAN, f64::NAN), |it| it.band(x, LEVEL));
    let ends = [sorted.first(), sorted.last()].map(|end| end.copied().unwrap_or(1.0));
    let wide = [ends[0].min(fit.law.quantile(0.01)), ends[1].max(fit.law.quantile(0.99))];
    let curve = Curve {
        steps: thin(estimate.steps()),
        stops: sample.observed.iter().filter(|one| !one.is_complete()).map(|one| one.low()).collect(),
        law: grid(&wide)
            .map(|x| (x, fit.law.cdf(x), band(x)))
            .map(|(x, share, (low, high))| [x, share, low, high])
            .collect(),
    };
    Outcome::Calibrated(Box::new(Calibrated {
        key: sample.key.to_owned(),
        written: Written::Law(fit.law),
        observations: worth as u64,
        values: sample.observed.len(),
        stopped: sample.observed.len() - complete,
        from: sample.from,
        kind: sample.kind,
        family: fit.law.family().word(),
        figures: figures.to_vec(),
        next_p99,
        plausibility,
        largest,
        remarks,
        curve,
    }))
}

/// What the plausibility of a law and its tail mean.
fn told(law: &Law, plausibility: Option<&Plausibility>, observed: &[Observed], p99: f64, largest: f64) -> Vec<Remark> {
    let name = law.family().word();
    let mut remarks = Vec::new();
    if let Some(found) = plausibility.filter(|found| found.p < IMPLAUSIBLE) {
        let beyond = law.quantile(0.95);
        let longer = observed.iter().filter(|one| one.low() > beyond).count();
        let expected = 0.05 * observed.len() as f64;
        let tail = match longer as f64 {
            longer if longer > 2.0 * expected + 1.0 => "; the tail is heavier than fitted",
            longer if longer < expected / 2.0 - 1.0 => "; the tail is lighter than fitted",
            _ => "",
        };
        let words = format!(
            "a {name} is not plausible (p = {:.3}): {longer} of {} lie beyond its p95, {expected:.1} would{tail}",
            found.p,
            observed.len()
        );
        remarks.push(Remark::new("implausible", words));
    }
    if p99 > largest {
        let words = format!("p99 = {} lies beyond the largest value seen, {}", duration(p99), duration(largest));
        remarks.push(Remark::new("extrapolated", words));
    }
    remarks
}

/// At most so many observations with the distribution of all.
fn thinned(observed: &[Observed]) -> Vec<Observed> {
    if observed.len() <= THINNED || observed.iter().any(|one| !one.is_complete()) {
        return observed.to_vec();
    }
    let mut sorted = observed.to_vec();
    sorted.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    let place = |index: usize| ((index as f64 + 0.5) / THINNED as f64 * sorted.len() as f64) as usize;
    (0..THINNED).map(|index| sorted[place(index)]).collect()
}

/// Steps that a chart can show.
fn thin(steps: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let stride = steps.len().div_ceil(600).max(1);
    let last = steps.len().saturating_sub(1);
    steps.iter().enumerate().filter(|(index, _)| index % stride == 0 || *index == last).map(|(_, step)| *step).collect()
}

/// Values from somewhat below the first to somewhat above the last, evenly on a logarithmic scale.
fn grid(sorted: &[f64]) -> impl Iterator<Item = f64> {
    const POINTS: i32 = 120;
    let last = sorted.last().copied().unwrap_or(1.0).max(1e-6) * 1.6;
    let first = (sorted.first().copied().unwrap_or(1.0) / 1.6).max(last * 1e-6);
    let ratio = libm::log(last / first) / f64::from(POINTS);
    (0..=POINTS).map(move |index| first * libm::exp(ratio * f64::from(index)))
}
