//! Which figure owns which share of the variance of an outcome between the sets.
//!
//! The first-order index of Sobol is the share of the variance that a figure explains by itself. It is estimated from the
//! sets as they are, without further runs: the outcome is regressed on polynomials in what describes the figure's draws,
//! after what other figures explain has been taken off, as many of them as serve. The share of the variance that a regression explains is corrected
//! for what noise alone would explain with as many polynomials (M. Ezekiel, Methods of Correlation Analysis, 1930). Its
//! standard error is that over resampled sets. The variance that is left to chance, since the sets ran a limited number of
//! trials, is measured by resampling the trials, the same ones in every set, and taken off the whole.
//!
//! The total index, with everything that a figure does together with others, needs further runs in which one figure alone is
//! exchanged: M. J. W. Jansen, Computer Physics Communications 117 (1999), 35-43.

use sim_core::random::{Stream, StreamId};

use super::least_squares::{centred, coefficients, combined, dot, explained_by_each};
use super::observed::Observed;
use super::sets::Set;

/// Resamples from which standard errors and the share of chance come.
const RESAMPLES: u64 = 100;

/// The sets and outcomes of one objective.
pub(super) struct Spread<'a> {
    sets: &'a [Set],
    /// The outcome of each set.
    outcomes: Vec<f64>,
    /// The part of their variance that is chance.
    noise: f64,
    seed: u64,
    /// From how many resamples standard errors come.
    resamples: u64,
}

/// An estimate with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Index {
    pub(super) share: f64,
    pub(super) error: f64,
}

/// What the draws of a figure explain.
pub(super) struct Effect {
    columns: Basis,
    weights: Vec<f64>,
}

impl Effect {
    /// The effect of each set's draw of the figure, or of other draws in their place.
    pub(super) fn of(&self, features: &[Vec<f64>]) -> Vec<f64> {
        combined(&self.columns.of(features), &self.weights, features.len())
    }
}

impl<'a> Spread<'a> {
    /// The sets with the values of each.
    pub(super) fn new(sets: &'a [Set], observed: &[Observed], quantile: Option<f64>, trials: u64, seed: u64) -> Self {
        let outcomes: Vec<f64> = observed.iter().map(|observed| observed.outcome(quantile)).collect();
        let noise = noise(observed, &outcomes, quantile, trials, seed);
        Self { sets, outcomes, noise, seed, resamples: RESAMPLES }
    }

    /// The same of outcomes that are known.
    #[cfg(test)]
    pub(super) fn exact(sets: &'a [Set], outcomes: Vec<f64>, seed: u64) -> Self {
        Self { sets, outcomes, noise: 0.0, seed, resamples: RESAMPLES / 4 }
    }

    /// The variance of the outcomes.
    fn variance(&self) -> f64 {
        variance(&self.outcomes)
    }

    /// The share of the variance that is chance, at most 1; 1 if there is no variance at all.
    pub(super) fn chance_share(&self) -> f64 {
        let all = self.variance();
        if all > 0.0 { (self.noise / all).min(1.0) } else { 1.0 }
    }

    /// The first-order index of each figure. Nothing where chance explains everything.
    pub(super) fn first_order(&self) -> Option<Vec<Index>> {
        let left = 1.0 - self.chance_share();
        if left <= 0.0 {
            return None;
        }
        let figures = self.sets.first().map_or(0, |set| set.0.len());
        let bases: Vec<Vec<Vec<f64>>> = (0..figures)
            .map(|figure| {
                let features = features(self.sets, figure);
                Basis::new(&features).of(&features)
            })
            .collect();
        let all: Vec<usize> = (0..self.sets.len()).collect();
        // No figure owns more than the whole, and corrections take no more than that off.
        let bounded = |share: f64| (share / left).clamp(-1.0, 1.0);
        let shares: Vec<f64> = explained(&bases, &self.outcomes, &all).iter().map(|part| bounded(part.share)).collect();
        let mut sums = vec![(0.0, 0.0, 0.0); figures];
        let mut stream = Stream::new(StreamId::new(self.seed, "parameters/shares", "resample"));
        for resample in 0..self.resamples {
            stream.begin(resample);
            let drawn: Vec<usize> = all.iter().map(|_| below(&mut stream, self.sets.len())).collect();
            // A draw that cannot tell figures apart says nothing of how well all sets tell them apart.
            let parts = explained(&bases, &self.outcomes, &drawn);
            for (sum, part) in sums.iter_mut().zip(parts).filter(|(_, part)| part.apart) {
                let share = bounded(part.share);
                sum.0 += share;
                sum.1 += share * share;
                sum.2 += 1.0;
            }
        }
        let error = |(sum, squares, count): (f64, f64, f64)| {
            // Where no draws tell, it may be anything up to the whole.
            if count < 2.0 { 1.0 } else { libm::sqrt(((squares - sum * sum / count) / (count - 1.0)).max(0.0)) }
        };
        Some(shares.into_iter().zip(sums).map(|(share, sums)| Index { share, error: error(sums) }).collect())
    }

    /// The total index of a figure, from outcomes of the same sets in which this figure alone was drawn anew.
    pub(super) fn total(&self, exchanged: &[f64]) -> Option<Index> {
        let left = self.variance() - self.noise;
        if left <= 0.0 {
            return None;
        }
        let halves: Vec<f64> =
            self.outcomes.iter().zip(exchanged).map(|(one, other)| (one - other) * (one - other) / 2.0).collect();
        let count = halves.len() as f64;
        // Figures that were drawn anew meet the same trials, so that only a part of the chance differs.
        let differing = if halves.iter().all(|half| *half == 0.0) { 0.0 } else { self.noise };
        let share = (halves.iter().sum::<f64>() / count - differing).max(0.0) / left;
        let error = libm::sqrt(variance(&halves) / count) / left;
        Some(Index { share, error })
    }

    /// What the draws of a figure explain by themselves.
    pub(super) fn effect(&self, figure: usize) -> Effect {
        let features = features(self.sets, figure);
        let basis = Basis::new(&features);
        let mut columns = basis.of(&features);
        let own = |column: &Vec<f64>| centred(column);
        let (size, _) = best(&columns.iter().map(own).collect::<Vec<_>>(), &centred(&self.outcomes));
        columns.truncate(size);
        let weights = coefficients(&with_constant(&columns, features.len()), &self.outcomes)[1..].to_vec();
        Effect { columns: basis, weights }
    }
}

fn with_constant(columns: &[Vec<f64>], rows: usize) -> Vec<Vec<f64>> {
    std::iter::once(vec![1.0; rows]).chain(columns.iter().cloned()).collect()
}

/// What describes a figure's draw in each set.
pub(super) fn features(sets: &[Set], figure: usize) -> Vec<Vec<f64>> {
    sets.iter().map(|set| set.0[figure].features.clone()).collect()
}

/// A whole number below `count`.
fn below(stream: &mut Stream, count: usize) -> usize {
    ((stream.uniform() * count as f64) as usize).min(count - 1)
}

fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let own = centred(values);
    dot(&own, &own) / (values.len() - 1) as f64
}

/// The variance between sets that comes of the trials: how much the differences between the sets vary if the trials, the same
/// ones for all sets, are drawn again.
fn noise(observed: &[Observed], outcomes: &[f64], quantile: Option<f64>, trials: u64, seed: u64) -> f64 {
    let mut stream = Stream::new(StreamId::new(seed, "parameters/chance", "resample"));
    let mut sum = 0.0;
    for resample in 0..RESAMPLES {
        stream.begin(resample);
        let mut weights = vec![0.0; trials as usize];
        for _ in 0..trials {
            weights[below(&mut stream, trials as usize)] += 1.0;
        }
        let differences: Vec<f64> = observed
            .iter()
            .zip(outcomes)
            .map(|(observed, own)| observed.outcome_with(quantile, &weights) - own)
            .collect();
        sum += variance(&differences);
    }
    sum / RESAMPLES as f64
}

/// Polynomials in what describes a figure's draws.
struct Basis {
    /// The least and the greatest of each number.
    ends: Vec<(f64, f64)>,
    degree: usize,
}

impl Basis {
    /// As many polynomials as so many draws can tell apart; how many of them serve is decided by what they explain.
    fn new(features: &[Vec<f64>]) -> Self {
        let count = features.first().map_or(0, Vec::len);
        let ends = (0..count).map(|place| {
            let values = features.iter().map(|features| features[place]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        });
        let degree = match features.len() {
            0..24 => 2,
            24..500 => 6,
            _ => 8,
        };
        Self { ends: ends.collect(), degree }
    }

    /// Their values: one column for each.
    fn of(&self, features: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let scaled = |place: usize| -> Vec<f64> {
            let (low, high) = self.ends[place];
            features.iter().map(|features| 2.0 * (features[place] - low) / (high - low) - 1.0).collect()
        };
        let moving: Vec<Vec<f64>> = (0..self.ends.len())
            .filter(|&place| {
                let (low, high) = self.ends[place];
                high > low
            })
            .map(scaled)
            .collect();
        let power = |values: &[f64], degree| -> Vec<f64> { values.iter().map(|&x| legendre(degree, x)).collect() };
        match moving.as_slice() {
            [] => Vec::new(),
            [only] => (1..=self.degree).map(|degree| power(only, degree)).collect(),
            // Two numbers: both by themselves before what they do together.
            [one, other, ..] => vec![
                power(one, 1),
                power(other, 1),
                power(one, 2),
                power(other, 2),
                one.iter().zip(other).map(|(one, other)| one * other).collect(),
            ],
        }
    }
}

/// The polynomial of Legendre: those of different degrees have nothing to do with each other over evenly spread draws.
fn legendre(degree: usize, x: f64) -> f64 {
    let (mut before, mut own) = (1.0, x);
    for n in 1..degree {
        let n = n as f64;
        (before, own) = (own, ((2.0 * n + 1.0) * x * own - n * before) / (n + 1.0));
    }
    own
}

/// What a basis explains.
struct Explained {
    /// The share of the variance.
    share: f64,
    /// Whether it can be told apart from what the others explain.
    apart: bool,
}

/// How many times as large as the outcomes a part of a regression may be. Columns that are nearly the same get coefficients that
/// are huge and cancel; none of the parts means anything then.
const CANCELLING: f64 = 4.0;

/// The share of the variance that each basis explains by itself, over these rows, after what the others that matter explain.
fn explained(bases: &[Vec<Vec<f64>>], outcomes: &[f64], rows: &[usize]) -> Vec<Explained> {
    let y = centred(&rows.iter().map(|&row| outcomes[row]).collect::<Vec<f64>>());
    let all = dot(&y, &y);
    if all <= 0.0 {
        return bases.iter().map(|_| Explained { share: 0.0, apart: true }).collect();
    }
    let bases: Vec<Vec<Vec<f64>>> = bases
        .iter()
        .map(|columns| {
            let drawn = |column: &Vec<f64>| centred(&rows.iter().map(|&row| column[row]).collect::<Vec<f64>>());
            columns.iter().map(drawn).collect()
        })
        .collect();
    let chosen = chosen(&bases, &y);
    let part = |&(figure, size): &(usize, usize)| bases[figure][..size].to_vec();
    let all_chosen: Vec<Vec<f64>> = chosen.iter().flat_map(part).collect();
    let unexplained = residual(&all_chosen, &y);
    let one = |figure: usize| {
        let others: Vec<(usize, usize)> = chosen.iter().copied().filter(|(other, _)| *other != figure).collect();
        let known = chosen.iter().find(|(other, _)| *other == figure);
        let size = known.map_or_else(|| best(&bases[figure], &unexplained).0, |(_, size)| *size);
        // Together with the figure itself, so that the others do not explain what is its own.
        let joint: Vec<Vec<f64>> = others.iter().chain([&(figure, size)]).flat_map(part).collect();
        let weights = coefficients(&joint, &y);
        let apart = combined(&joint[..joint.len() - size], &weights[..joint.len() - size], y.len());
        let own: Vec<f64> = y.iter().zip(apart).map(|(y, apart)| y - apart).collect();
        let apart = dot(&own, &own) <= CANCELLING * all;
        // Where it cannot be told apart, what is left by all others that matter is its own at least.
        let rest = if apart { &own } else { &unexplained };
        let share = corrected(&bases[figure][..size], rest, joint.len() - size) * dot(rest, rest) / all;
        Explained { share, apart }
    };
    (0..bases.len()).map(one).collect()
}

/// What columns leave unexplained.
fn residual(columns: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let fitted = combined(columns, &coefficients(columns, y), y.len());
    y.iter().zip(fitted).map(|(y, fitted)| y - fitted).collect()
}

/// How many of the columns, from the first on, serve best to explain `y`, and the share that they explain: by the criterion
/// of G. Schwarz, Annals of Statistics 6 (1978), 461-464.
fn best(columns: &[Vec<f64>], y: &[f64]) -> (usize, f64) {
    let (rows, whole) = (y.len() as f64, dot(y, y));
    let shares = explained_by_each(columns, y).into_iter().scan(0.0, |sum, part| {
        *sum += part / whole;
        Some(f64::min(*sum, 1.0 - 1e-15))
    });
    let judged = shares.enumerate().map(|(index, share)| {
        let size = index + 1;
        (size, share, rows * libm::log(1.0 - share) + size as f64 * libm::log(rows))
    });
    let found = judged.reduce(|best, other| if other.2 < best.2 { other } else { best });
    found.map_or((0, 0.0), |(size, share, _)| (size, share))
}

/// The share of `y` that columns explain, less what they would explain of noise; `used` numbers were fitted before.
fn corrected(columns: &[Vec<f64>], y: &[f64], used: usize) -> f64 {
    let whole = dot(y, y);
    let free = y.len() as f64 - 1.0 - used as f64;
    let left = free - columns.len() as f64;
    if whole <= 0.0 || left <= 0.0 {
        return 0.0;
    }
    let fitted = combined(columns, &coefficients(columns, y), y.len());
    let plain = dot(&fitted, &fitted) / whole;
    1.0 - (1.0 - plain) * free / left
}

/// The figures that matter beyond doubt and how many of their columns serve, found one after the other, each the one that
/// explains most of what is left.
fn chosen(bases: &[Vec<Vec<f64>>], y: &[f64]) -> Vec<(usize, usize)> {
    // A figure that explains nothing gets there about once in a hundred.
    const BEYOND_CHANCE: f64 = 7.0;
    let rows = y.len() as f64;
    let (mut chosen, mut used, mut rest) = (Vec::<(usize, usize)>::new(), 0, y.to_vec());
    loop {
        let is_open = |figure: &usize| chosen.iter().all(|(own, _)| own != figure) && !bases[*figure].is_empty();
        let ratios = (0..bases.len()).filter(is_open).map(|figure| {
            let (size, share) = best(&bases[figure], &rest);
            let left = rows - 1.0 - (used + size) as f64;
            (figure, size, share / (1.0 - share) * left / size.max(1) as f64)
        });
        let found = ratios.reduce(|best, other| if other.2 > best.2 { other } else { best });
        let Some((figure, size, _)) = found.filter(|(_, _, ratio)| *ratio > BEYOND_CHANCE) else { return chosen };
        if (used + size) as f64 > rows / 3.0 {
            return chosen;
        }
        used += size;
        chosen.push((figure, size));
        let joint: Vec<Vec<f64>> =
            chosen.iter().flat_map(|&(figure, size)| bases[figure][..size].iter().cloned()).collect();
        rest = residual(&joint, y);
        if dot(&rest, &rest) <= 1e-18 * dot(y, y) {
            return chosen;
        }
    }
}
