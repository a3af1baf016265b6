//! How long requests take that pass a chain of needs: a mixture of paths, each a constant and a random duration.
//!
//! Constants are no part of the random durations, so that a path of 223 ms is one of 223 ms and nothing near it. A mixture has
//! few parts: one for each number of tries, for hits and misses of a cache, for soft needs that work and that do not.

use super::laws::{LawId, Laws, Time};

/// A probability below this is none.
pub const NEVER: f64 = 1e-9;
/// A nanosecond, in seconds: what times are rounded to.
const ROUNDING: f64 = 1e-9;
/// Parts of a mixture at most; the lightest ones are joined beyond.
const MOST: usize = 96;
/// Parts lighter than this are left to the heaviest one.
const LIGHT: f64 = 1e-12;

/// One path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    /// Share of the requests.
    pub weight: f64,
    /// How long it takes.
    pub time: Time,
}

/// A mixture of paths whose weights add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    paths: Vec<Path>,
}

impl Default for Mix {
    fn default() -> Self {
        Self { paths: vec![Path { weight: 1.0, time: Time::default() }] }
    }
}

impl Mix {
    /// Always this.
    pub fn of(time: Time) -> Self {
        Self { paths: vec![Path { weight: 1.0, time }] }
    }

    /// Of these paths, in proportion to their weights; at least one weighs more than 0, or it takes no time.
    pub fn made_of(paths: &[Path], laws: &Laws) -> Self {
        let all: f64 = paths.iter().map(|path| path.weight).sum();
        if all <= 0.0 {
            return Self::default();
        }
        let paths = paths.iter().filter(|path| path.weight > 0.0);
        let mut mix = Self { paths: paths.map(|path| Path { weight: path.weight / all, ..*path }).collect() };
        mix.tidy(laws);
        mix
    }

    /// Its paths.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// It takes no time again.
    pub fn clear(&mut self) {
        self.paths.clear();
        self.paths.push(Path { weight: 1.0, time: Time::default() });
    }

    /// The same as another one, in the memory that is there.
    pub fn copy_from(&mut self, other: &Self) {
        self.paths.clone_from(&other.paths);
    }

    /// It takes this long.
    pub fn start(&mut self, time: Time) {
        self.paths.clear();
        self.paths.push(Path { weight: 1.0, time });
    }

    /// A share of requests takes the other one on top.
    pub fn take(&mut self, share: f64, other: &Self, laws: &mut Laws) {
        if share >= 1.0 {
            return self.then(other, laws);
        }
        let mut more = self.clone();
        more.then(other, laws);
        self.or(share, &more, laws);
    }

    /// How long a call takes of something that takes so long: with so many tries that fail like this, a round trip and a limit
    /// for each, in seconds. A call that one can do without takes its time where all tries fail, too.
    #[must_use]
    pub fn tried(&self, tries: u32, failures: Failures, limits: (f64, f64), soft: bool, laws: &mut Laws) -> Self {
        let (trip, limit) = limits;
        let q = failures.all();
        let mut times = Self::default();
        if q < 1.0 {
            let mut served = if limit.is_finite() { self.within(limit - trip, laws) } else { self.clone() };
            served.add(Time::of(trip), laws);
            times = served.clone();
            let (mut weight, mut all) = (1.0, 1.0);
            for before in 1..tries {
                weight *= q;
                if weight < LIGHT {
                    break;
                }
                all += weight;
                let mut path = failures.row(before);
                path.then(&served, laws);
                times.or(weight / all, &path, laws);
            }
        }
        if soft {
            let lost = libm::pow(q, f64::from(tries));
            times.or(lost, &failures.row(tries), laws);
        }
        times
    }

    /// And then this long.
    pub fn add(&mut self, time: Time, laws: &mut Laws) {
        for path in &mut self.paths {
            path.time = laws.plus(path.time, time);
        }
    }

    /// And then the other one.
    pub fn then(&mut self, other: &Self, laws: &mut Laws) {
        if let [only] = other.paths.as_slice() {
            return self.add(only.time, laws);
        }
        let mut paths = Vec::with_capacity(self.paths.len() * other.paths.len());
        for one in &self.paths {
            for two in &other.paths {
                paths.push(Path { weight: one.weight * two.weight, time: laws.plus(one.time, two.time) });
            }
        }
        self.paths = paths;
        self.tidy(laws);
    }

    /// A share of requests takes the other one instead.
    pub fn or(&mut self, share: f64, other: &Self, laws: &Laws) {
        if share <= 0.0 {
            return;
        }
        for path in &mut self.paths {
            path.weight *= 1.0 - share;
        }
        self.paths.extend(other.paths.iter().map(|path| Path { weight: share * path.weight, ..*path }));
        self.tidy(laws);
    }

    /// Joins paths that take as long, and the lightest ones with the heaviest.
    fn tidy(&mut self, laws: &Laws) {
        let mut kept: Vec<Path> = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            match kept.iter_mut().find(|own| own.time == path.time) {
                Some(own) => own.weight += path.weight,
                None => kept.push(*path),
            }
        }
        let mut least = LIGHT;
        while kept.len() > 1 && (kept.len() > MOST || kept.iter().any(|path| path.weight < LIGHT)) {
            let heavy: Vec<Path> = kept.iter().copied().filter(|path| path.weight >= least).collect();
            if heavy.is_empty() {
                break;
            }
            let light: Vec<Path> = kept.iter().copied().filter(|path| path.weight < least).collect();
            kept = heavy;
            for path in light {
                let mean = |own: &Path| own.time.shift + laws.mean(own.time.law);
                let apart = |own: &Path| (mean(own) - mean(&path)).abs();
                let closest = kept.iter_mut().min_by(|one, other| apart(one).total_cmp(&apart(other)));
                if let Some(closest) = closest {
                    closest.weight += path.weight;
                }
            }
            least *= 10.0;
        }
        self.paths = kept;
    }

    /// The mean in seconds.
    pub fn mean(&self, laws: &Laws) -> f64 {
        self.paths.iter().map(|path| path.weight * (path.time.shift + laws.mean(path.time.law))).sum()
    }

    /// P(it takes at most so many seconds). What differs from 1 by less than [`NEVER`] is 1.
    pub fn until(&self, limit: f64, laws: &Laws) -> f64 {
        let each = |path: &Path| path.weight * laws.until(path.time.law, limit - path.time.shift + ROUNDING);
        let until: f64 = self.paths.iter().map(each).sum();
        if until > 1.0 - NEVER { 1.0 } else { until }
    }

    /// E(time; it is at most so many seconds).
    pub fn mean_until(&self, limit: f64, laws: &Laws) -> f64 {
        let each = |&Path { weight, time: Time { shift, law } }: &Path| {
            let left = limit - shift + ROUNDING;
            weight * (shift * laws.until(law, left) + laws.mean_until(law, left))
        };
        self.paths.iter().map(each).sum()
    }

    /// What it takes given that it takes at most so long.
    #[must_use]
    pub fn within(&self, limit: f64, laws: &mut Laws) -> Self {
        let mut paths = Vec::with_capacity(self.paths.len());
        let mut all = 0.0;
        for &Path { weight, time: Time { shift, law } } in &self.paths {
            let left = limit - shift + ROUNDING;
            let until = laws.until(law, left);
            let cut = if until > 1.0 - NEVER { Some(law) } else { laws.cut(law, left) };
            if let Some(law) = cut {
                paths.push(Path { weight: weight * until, time: Time { shift, law } });
                all += weight * until;
            }
        }
        if all <= 0.0 {
            return Self::of(Time::of(limit));
        }
        for path in &mut paths {
            path.weight /= all;
        }
        Self { paths }
    }

    /// Whether it always takes the same.
    pub fn is_constant(&self) -> bool {
        matches!(self.paths.as_slice(), [Path { time: Time { law: LawId::NONE, .. }, .. }])
    }
}

/// The failed tries before one that succeeds: how often each outcome comes, and what it takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Failures {
    /// Share of tries that fail at once, and what that takes in seconds.
    pub quick: (f64, f64),
    /// Share of tries that the caller gives up on, and what that takes.
    pub slow: (f64, f64),
}

impl Failures {
    /// Share of tries that fail.
    pub fn all(&self) -> f64 {
        self.quick.0 + self.slow.0
    }

    /// What `count` of them in a row take, given that they fail.
    pub fn row(&self, count: u32) -> Mix {
        let all = self.all();
        if all <= 0.0 || count == 0 {
            return Mix::default();
        }
        let late = self.slow.0 / all;
        let mut paths = Vec::with_capacity(count as usize + 1);
        // Of so many failures, how many were given up on: binomial.
        let mut ways = 1.0;
        for given_up in 0..=count {
            let rest = count - given_up;
            let weight = ways * libm::pow(late, f64::from(given_up)) * libm::pow(1.0 - late, f64::from(rest));
            ways *= f64::from(rest) / f64::from(given_up + 1);
            if weight > LIGHT {
                let shift = f64::from(given_up) * self.slow.1 + f64::from(rest) * self.quick.1;
                paths.push(Path { weight, time: Time::of(shift) });
            }
        }
        Mix { paths }
    }
}
