//! Distributions of durations on a grid: what is left of one above its lowest value, as masses on points that lie evenly in the
//! logarithm.
//!
//! Sums of independent durations are worked out on the grid. A sum that falls between points is divided among the three next to
//! it, so that mass, mean and variance stay what they are: errors of the distribution function are then of the third order of the
//! distance between points, 1.1 % of the value. Tests hold sums of lognormals against draws.

use std::sync::LazyLock;

use sim_core::random::Distribution;

/// Points for each factor of two.
const PER_OCTAVE: usize = 64;
/// The first point above 0, in seconds.
const FIRST: f64 = 1e-6;
/// The number of points: the last one lies beyond a week.
const POINTS: usize = 40 * PER_OCTAVE + 2;
/// Probability on either side that a distribution is cut off at.
const LOW: f64 = 1e-7;
const HIGH: f64 = 1e-12;
/// Mass on either side that is not worth a point.
const DUST: f64 = 1e-15;

static GRID: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let above = (0..POINTS - 1).map(|point| FIRST * libm::exp2(point as f64 / PER_OCTAVE as f64));
    std::iter::once(0.0).chain(above).collect()
});

/// The sum of two points, by how far apart they are: which point is closest to it, counted from the larger one, and what the
/// points around that one get.
static SUMS: LazyLock<Vec<(usize, [f64; 3])>> = LazyLock::new(|| {
    let ratio = |steps: f64| libm::exp2(steps / PER_OCTAVE as f64);
    let sum = |apart: usize| {
        let value = 1.0 + ratio(-(apart as f64));
        let closest = libm::round(libm::log2(value) * PER_OCTAVE as f64);
        (closest as usize, divide(value, [ratio(closest - 1.0), ratio(closest), ratio(closest + 1.0)]))
    };
    (0..POINTS).map(sum).collect()
});

/// Divides a unit of mass at `value` among three points so that mass, mean and variance are kept.
fn divide(value: f64, points: [f64; 3]) -> [f64; 3] {
    let [below, middle, above] = points;
    let from = points.map(|point| value - point);
    [
        from[1] * from[2] / ((below - middle) * (below - above)),
        from[0] * from[2] / ((middle - below) * (middle - above)),
        from[0] * from[1] / ((above - below) * (above - middle)),
    ]
}

/// The point at or below a value.
fn below(value: f64) -> usize {
    if value < FIRST {
        return 0;
    }
    if value >= GRID[POINTS - 1] {
        return POINTS - 1;
    }
    let guess = 1 + (libm::log2(value / FIRST) * PER_OCTAVE as f64) as usize;
    let guess = guess.min(POINTS - 1);
    // The logarithm may be a hair off.
    if GRID[guess] > value { guess - 1 } else { guess }
}

/// Where the cell of a point ends: halfway to the next one.
fn end(point: usize) -> f64 {
    GRID.get(point + 1).map_or(GRID[point], |next| f64::midpoint(GRID[point], *next))
}

/// A distribution of a duration, less its lowest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// The first point with mass.
    first: usize,
    masses: Vec<f64>,
    /// Mass at each point and all before it.
    sums: Vec<f64>,
    /// The mean, in seconds; exact, unless it is infinite.
    mean: f64,
}

impl Law {
    /// The lowest value of a distribution, and what lies above it; nothing if all values are the same.
    pub(super) fn of(distribution: &Distribution) -> (f64, Option<Self>) {
        if let Some(value) = distribution.is_constant() {
            return (value, None);
        }
        let lowest = distribution.quantile(LOW);
        let highest = distribution.quantile(1.0 - HIGH) - lowest;
        let mut masses = vec![0.0; POINTS];
        // Twice as many cells as points, so that what is lost within them does not show.
        let start = below((distribution.quantile(100.0 * LOW) - lowest) / 2.0);
        let stop = below(highest) + 1;
        let edges = (start..=stop.min(POINTS - 2)).flat_map(|point| [GRID[point], end(point)]);
        let mut from = 0.0;
        for to in edges.chain([f64::INFINITY]).filter(|edge| *edge > 0.0) {
            let mass = mass_between(distribution, lowest, from, to);
            if mass > 0.0 {
                put(&mut masses, mass, mean_between(distribution, lowest, from, to, mass));
            }
            from = to;
        }
        let mean = distribution.mean() - lowest;
        (lowest, Some(Self::new(&masses, mean)))
    }

    /// A law with these masses at all points and this mean.
    fn new(masses: &[f64], mean: f64) -> Self {
        let total: f64 = masses.iter().sum();
        let dust = |masses: &mut dyn Iterator<Item = &f64>| {
            let mut sum = 0.0;
            let light = |mass: &&f64| {
                sum += mass.abs();
                sum <= DUST * total
            };
            masses.take_while(light).count()
        };
        let first = dust(&mut masses.iter()).min(masses.len() - 1);
        let last = masses.len() - dust(&mut masses.iter().rev());
        let masses: Vec<f64> = masses[first..last.max(first + 1)].iter().map(|mass| mass / total).collect();
        let mut sum = 0.0;
        let add = |mass: &f64| {
            sum += mass;
            sum
        };
        let sums: Vec<f64> = masses.iter().map(add).collect();
        let mut law = Self { first, masses, sums, mean };
        if !mean.is_finite() {
            law.mean = law.points().map(|(point, mass)| GRID[point] * mass).sum();
        }
        law
    }

    fn points(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.masses.iter().enumerate().map(|(place, mass)| (self.first + place, *mass))
    }

    /// What it is made of: its first point, the masses from there on, and the mean in seconds.
    pub fn parts(&self) -> (usize, &[f64], f64) {
        (self.first, &self.masses, self.mean)
    }

    /// The law that has these parts; nothing if none can have them.
    pub fn of_parts(first: usize, masses: Vec<f64>, mean: f64) -> Option<Self> {
        let sound = !masses.is_empty() && first.checked_add(masses.len()).is_some_and(|end| end <= POINTS);
        let all: f64 = masses.iter().sum();
        let sums = masses.iter().scan(0.0, |sum, mass| {
            *sum += mass;
            Some(*sum)
        });
        let sums = sums.collect();
        (sound && (all - 1.0).abs() < 1e-6 && mean.is_finite()).then_some(Self { first, masses, sums, mean })
    }

    /// The mean in seconds.
    pub(super) const fn mean(&self) -> f64 {
        self.mean
    }

    /// The sum of two independent durations.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut masses = vec![0.0; POINTS];
        for (one, left) in self.points() {
            for (two, right) in other.points() {
                let mass = left * right;
                let (small, large) = (one.min(two), one.max(two));
                if small == 0 {
                    masses[large] += mass;
                    continue;
                }
                let (closest, parts) = &SUMS[large - small];
                let middle = large + closest;
                for (part, point) in parts.iter().zip(middle - 1..) {
                    masses[point.min(POINTS - 1)] += mass * part;
                }
            }
        }
        Self::new(&masses, self.mean + other.mean)
    }

    /// P(X <= x).
    pub fn until(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 0.0;
        }
        let (place, part) = self.place(x);
        let before = if place == 0 { 0.0 } else { self.sums[place - 1] };
        let own = self.masses.get(place).copied().unwrap_or_default();
        (before + part * own).clamp(0.0, 1.0)
    }

    /// The place among the masses whose cell `x` lies in, and how much of it lies below `x`.
    fn place(&self, x: f64) -> (usize, f64) {
        let mut point = below(x);
        point += usize::from(x > end(point));
        if point < self.first {
            return (0, 0.0);
        }
        let place = point - self.first;
        if place >= self.masses.len() {
            return (self.masses.len(), 0.0);
        }
        let begin = if point == 0 { 0.0 } else { end(point - 1) };
        let width = end(point) - begin;
        (place, if width > 0.0 { ((x - begin) / width).clamp(0.0, 1.0) } else { 1.0 })
    }

    /// E(X; X <= x), in seconds.
    pub(super) fn mean_until(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 0.0;
        }
        let (place, part) = self.place(x);
        let above = self.points().skip(place).enumerate().map(|(index, (point, mass))| {
            let left = if index == 0 { 1.0 - part } else { 1.0 };
            left * mass * GRID[point]
        });
        (self.mean - above.sum::<f64>()).max(0.0)
    }

    /// The law of X given that X <= x; nothing where that cannot be.
    pub(super) fn cut(&self, x: f64) -> Option<Self> {
        let until = self.until(x);
        if until <= 0.0 {
            return None;
        }
        let (place, part) = self.place(x);
        let mut masses = vec![0.0; POINTS];
        for (index, (point, mass)) in self.points().take(place + 1).enumerate() {
            masses[point] = if index == place { part * mass } else { mass };
        }
        Some(Self::new(&masses, self.mean_until(x) / until))
    }
}

/// P(from < X - lowest <= to), with what lies below the first edge.
fn mass_between(distribution: &Distribution, lowest: f64, from: f64, to: f64) -> f64 {
    let below = |edge: f64| if edge <= 0.0 { 0.0 } else { distribution.cdf(lowest + edge) };
    let above = |edge: f64| match edge {
        0.0 => 1.0,
        _ if edge.is_infinite() => 0.0,
        _ => distribution.survival(lowest + edge),
    };
    // Whichever side is smaller has more digits.
    if above(from) < 0.5 {
        above(from) - above(to)
    } else {
        (if to.is_infinite() { 1.0 } else { below(to) }) - below(from)
    }
}

/// The mean of X - lowest between two edges, where so much mass lies between them.
fn mean_between(distribution: &Distribution, lowest: f64, from: f64, to: f64, mass: f64) -> f64 {
    // The integral of x dF up to x is E min(X, x) - x P(X > x).
    let until =
        |edge: f64| distribution.limited_mean(lowest + edge) - (lowest + edge) * distribution.survival(lowest + edge);
    let usual = if to.is_infinite() { from } else { f64::midpoint(from, to) };
    if mass < 1e-9 || to.is_infinite() {
        return usual;
    }
    let mean = (until(to) - if from > 0.0 { until(from) } else { 0.0 }) / mass - lowest;
    if mean.is_finite() { mean.clamp(from, to) } else { usual }
}

/// Adds mass at a value to the points around it.
fn put(masses: &mut [f64], mass: f64, value: f64) {
    let under = below(value);
    if under + 1 >= POINTS {
        masses[POINTS - 1] += mass;
        return;
    }
    let middle = if value > end(under) { under + 1 } else { under };
    if middle == 0 || middle + 1 >= POINTS {
        let over = (value - GRID[under]) / (GRID[under + 1] - GRID[under]);
        masses[under] += mass * (1.0 - over);
        masses[under + 1] += mass * over;
        return;
    }
    let parts = divide(value, [GRID[middle - 1], GRID[middle], GRID[middle + 1]]);
    for (part, point) in parts.iter().zip(middle - 1..) {
        masses[point] += mass * part;
    }
}

#[cfg(test)]
mod tests {
    use sim_core::random::{LogNormal, Stream, StreamId};

    use super::*;

    fn lognormal(median: f64, sigma: f64) -> Distribution {
        let spec = LogNormal { median: Some(median), sigma: Some(sigma), ..LogNormal::default() };
        Distribution::lognormal(&spec).expect("a lognormal")
    }

    fn law(distribution: &Distribution) -> (f64, Law) {
        let (lowest, law) = Law::of(distribution);
        (lowest, law.expect("its values differ"))
    }

    /// The grid keeps each family's own distribution function and mean. What takes a few microseconds is not told apart.
    #[test]
    fn a_distribution_stays_what_it_is_on_the_grid() {
        let all = [
            lognormal(0.005, 0.05),
            lognormal(0.04, 0.8),
            lognormal(0.02, 2.0),
            Distribution::uniform(0.003, 0.008).expect("an interval"),
            Distribution::exponential(0.1).expect("a mean"),
            Distribution::normal(0.1, 0.001).expect("a normal"),
            Distribution::gamma(0.5, 0.1).expect("a gamma"),
            Distribution::pareto(1.5, 0.01).expect("a pareto"),
        ];
        for distribution in &all {
            let (lowest, law) = law(distribution);
            assert!((lowest + law.mean() - distribution.mean()).abs() < 1e-12, "{distribution:?}");
            for step in 1..1_000 {
                let p = f64::from(step) / 1_000.0;
                let x = distribution.quantile(p);
                if x - lowest < 10.0 * FIRST {
                    continue;
                }
                let found = law.until(x - lowest);
                assert!((found - p).abs() < 1e-3, "{distribution:?} at {p}: {found}");
            }
        }
    }

    /// The sum of n exponentials is a gamma.
    #[test]
    fn sums_of_exponentials_are_gammas() {
        let (lowest, one) = law(&Distribution::exponential(0.01).expect("a mean"));
        let mut sum = one.clone();
        for count in 2..=20_u32 {
            sum = sum.plus(&one);
            let gamma = Distribution::gamma(f64::from(count), 0.01).expect("a gamma");
            for step in 1..200 {
                let p = f64::from(step) / 200.0;
                let found = sum.until(gamma.quantile(p) - f64::from(count) * lowest);
                assert!((found - p).abs() < 5e-4, "{count} at {p}: {found}");
            }
            assert!((sum.mean() + f64::from(count) * lowest - gamma.mean()).abs() < 1e-12);
        }
    }

    /// The distribution function of the sum of independent lognormals against draws. The bound is 1e-3 and 4.9 times the largest
    /// standard error of an empirical share: with 63 comparisons a correct program fails for one seed in 16,000 at most.
    #[test]
    fn sums_of_lognormals_are_those_of_draws() {
        const DRAWS: usize = if cfg!(debug_assertions) { 400_000 } else { 10_000_000 };
        let bound = 1e-3 + 4.9 * 0.5 / (DRAWS as f64).sqrt();
        let sets = [
            vec![lognormal(0.04, 0.79), lognormal(0.004, 0.5), lognormal(0.02, 1.2)],
            vec![lognormal(0.1, 0.02), lognormal(0.001, 2.0)],
            vec![lognormal(0.01, 0.3); 8],
        ];
        let mut stream = Stream::new(StreamId::new(7, "latency", "test"));
        stream.begin(0);
        for set in &sets {
            let laws: Vec<(f64, Law)> = set.iter().map(law).collect();
            let lowest: f64 = laws.iter().map(|(lowest, _)| lowest).sum();
            let sum = laws[1..].iter().fold(laws[0].1.clone(), |sum, (_, next)| sum.plus(next));
            let mut draw = || set.iter().map(|one| one.quantile(stream.uniform())).sum::<f64>();
            let mut draws: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
            draws.sort_by(f64::total_cmp);
            for step in (1..=21).map(|step| f64::from(step) / 22.0) {
                let x = draws[(step * DRAWS as f64) as usize];
                let found = sum.until(x - lowest);
                assert!((found - step).abs() < bound, "at {step}: {found}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_is_the_part_below() {
        let distribution = lognormal(0.05, 1.0);
        let (lowest, law) = law(&distribution);
        for p in [0.1, 0.5, 0.9, 0.999] {
            let limit = distribution.quantile(p);
            let cut = law.cut(limit - lowest).expect("something is below");
            assert!((cut.until(distribution.quantile(p / 2.0) - lowest) - 0.5).abs() < 1e-3);
            let exact = (distribution.limited_mean(limit) - limit * distribution.survival(limit)) / p;
            assert!((cut.mean() + lowest - exact).abs() < 2e-3 * exact, "{p}: {} and {exact}", cut.mean() + lowest);
        }
    }
}
