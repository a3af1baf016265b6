//! Every family: the right shape (against independent samplers), consistent functions, and the same bits for ever.

mod families;

use families::{PLACES, all, close, continuous, lognormal};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::Distribution as Sampler;
use sim_core::random::{Distribution, Given, LogNormal, Stream, StreamId, binomial_quantile, poisson_quantile};

const DRAWS: usize = 20_000;

/// Kolmogorov and Smirnov's two-sample test at a false-alarm rate of 1e-6 (conservative where there are ties).
fn same_shape(name: &str, mut ours: Vec<f64>, mut theirs: Vec<f64>) {
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let share = |sorted: &[f64], x: f64| sorted.partition_point(|&value| value <= x) as f64 / sorted.len() as f64;
    let distance = ours.iter().chain(&theirs).map(|&x| (share(&ours, x) - share(&theirs, x)).abs()).fold(0.0, f64::max);
    let limit = (-(1e-6_f64 / 2.0).ln() / 2.0).sqrt() * (2.0 / DRAWS as f64).sqrt();
    assert!(distance < limit, "{name}: {distance} is not below {limit}");
}

fn ours(distribution: &Distribution) -> Vec<f64> {
    let mut stream = Stream::new(StreamId::new(1, "distributions", "ours"));
    (0..DRAWS).map(|_| distribution.quantile(stream.uniform())).collect()
}

fn theirs<V>(sampler: impl Sampler<V>, value: impl Fn(V) -> f64) -> Vec<f64> {
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    (0..DRAWS).map(|_| value(sampler.sample(&mut generator))).collect()
}

/// A sampler by rejection, composition or the like, out of others.
struct By<F>(F);

impl<F: Fn(&mut dyn FnMut() -> f64) -> f64> Sampler<f64> for By<F> {
    fn sample<R: rand::Rng + ?Sized>(&self, generator: &mut R) -> f64 {
        (self.0)(&mut || rand_distr::StandardNormal.sample(generator))
    }
}

#[test]
fn draws_have_the_shape_of_independent_samplers() {
    let check = |name: &str, distribution: Result<Distribution, _>, theirs: Vec<f64>| {
        let distribution: Distribution = distribution.unwrap_or_else(|invalid| panic!("{name}: {invalid}"));
        same_shape(name, ours(&distribution), theirs);
    };
    let same = |value: f64| value;
    // Note the orders: Pareto, Weibull and Triangular differ from ours in the library.
    let library = "parameters that the library takes";
    check("exponential", Distribution::exponential(3.0), theirs(rand_distr::Exp::new(1.0 / 3.0).expect(library), same));
    check(
        "lognormal",
        Ok(lognormal(2.0, 0.8)),
        theirs(rand_distr::LogNormal::new(2.0_f64.ln(), 0.8).expect(library), same),
    );
    check("weibull", Distribution::weibull(1.7, 3.0), theirs(rand_distr::Weibull::new(3.0, 1.7).expect(library), same));
    for shape in [0.3, 1.0, 4.5, 1_500.0] {
        check(
            "gamma",
            Distribution::gamma(shape, 2.0),
            theirs(rand_distr::Gamma::new(shape, 2.0).expect(library), same),
        );
    }
    check(
        "triangular",
        Distribution::triangular(1.0, 2.0, 5.0),
        theirs(rand_distr::Triangular::new(1.0, 5.0, 2.0).expect(library), same),
    );
    check("pareto", Distribution::pareto(1.2, 3.0), theirs(rand_distr::Pareto::new(3.0, 1.2).expect(library), same));
    check("uniform", Distribution::uniform(2.0, 5.0), theirs(rand_distr::Uniform::new(2.0, 5.0).expect(library), same));
    // By rejection of what is below 0.
    let rejected = By(|normal: &mut dyn FnMut() -> f64| {
        loop {
            let value = -1.0 + 2.0 * normal();
            if value >= 0.0 {
                return value;
            }
        }
    });
    check("normal", Distribution::normal(-1.0, 2.0), theirs(rejected, same));
    // By choosing a part: here with the sign of one more normal.
    let composed = By(
        |normal: &mut dyn FnMut() -> f64| {
            if normal() > 0.0 { (0.3 * normal()).exp() } else { 5.0 * (0.9 * normal()).exp() }
        },
    );
    let parts = vec![(0.5, lognormal(1.0, 0.3)), (0.5, lognormal(5.0, 0.9))];
    check("mixture", Distribution::mixture(parts), theirs(composed, same));
    // ln value = z up to the p50 and 3 z from there on.
    let bent = By(|normal: &mut dyn FnMut() -> f64| {
        let z = normal();
        if z < 0.0 { z.exp() } else { (3.0 * z).exp() }
    });
    let unit = 0.841_344_746_068_542_9;
    let points = vec![(1.0 - unit, (-1.0_f64).exp()), (0.5, 1.0), (unit, 3.0_f64.exp())];
    check("quantiles", Distribution::quantiles(points), theirs(bent, same));
    let digits: Vec<f64> = (0..10).map(f64::from).collect();
    let any_digit = rand_distr::Uniform::new(0, 10).expect(library);
    check("empirical", Distribution::empirical(digits), theirs(any_digit, f64::from));
}

#[test]
fn numbers_have_the_shape_of_independent_samplers() {
    let mut stream = Stream::new(StreamId::new(1, "distributions", "numbers"));
    let mut ours = |number: &dyn Fn(f64) -> u64| (0..DRAWS).map(|_| number(stream.uniform()) as f64).collect();
    for mean in [0.3, 8.0, 250.0, 5_000.0] {
        let library = theirs(rand_distr::Poisson::new(mean).expect("valid"), |value: f64| value);
        same_shape("poisson", ours(&|u| poisson_quantile(mean, u)), library);
    }
    for (n, p) in [(5, 0.3), (300, 0.02), (4_000, 0.6)] {
        let library = theirs(rand_distr::Binomial::new(n, p).expect("valid"), |value: u64| value as f64);
        same_shape("binomial", ours(&|u| binomial_quantile(n, p, u)), library);
    }
}

#[test]
fn distribution_functions_and_quantiles_undo_each_other() {
    for (name, distribution) in continuous() {
        for p in PLACES {
            let x = distribution.quantile(p);
            // Numbers are too coarse to tell a small probability from x if x is far from 0 and close to its neighbours.
            let grain = distribution.cdf(x.next_up()) - distribution.cdf(x.next_down());
            let grain = 4.0 * grain.max(f64::EPSILON);
            let (below, above) = (distribution.cdf(x), distribution.survival(x));
            assert!((below - p).abs() <= 1e-12 * p + grain, "{name} at {p}: {x} gives {below}");
            assert!((above - (1.0 - p)).abs() <= 1e-9 * (1.0 - p) + grain, "{name} at {p}: {x} leaves {above}");
        }
    }
}

#[test]
fn tails_keep_their_own_accuracy() {
    // Closed forms at 1 - p = 2^-40, where a difference from 1 has lost four digits.
    let rest = 0.5_f64.powi(40);
    for (name, distribution) in continuous() {
        let x = distribution.quantile(1.0 - rest);
        let slack = 1e-13 * x * 40.0;
        let (before, after) = (distribution.survival(x + slack), distribution.survival(x - slack));
        assert!(before <= rest * (1.0 + 1e-9) && rest <= after * (1.0 + 1e-9), "{name}: {x} {before} {after}");
    }
}

#[test]
fn a_mixture_of_equals_is_that_and_its_jumps_are_hit_exactly() {
    let part = lognormal(2.0, 0.8);
    let mixture = Distribution::mixture(vec![(0.3, part.clone()), (0.7, part.clone())]).expect("valid");
    for p in PLACES {
        assert!(close(mixture.quantile(p), part.quantile(p), 1e-13), "{p}");
        assert!(close(mixture.excess_quantile(p), part.excess_quantile(p), 1e-9), "{p}");
    }
    let constant = Distribution::constant(5.0).expect("valid");
    let jump = Distribution::mixture(vec![(0.5, constant), (0.5, lognormal(5.0, 1.0))]).expect("valid");
    // F(5-) = 1/4 and F(5) = 3/4.
    for (p, side) in [(0.249, -1.0), (0.251, 0.0), (0.5, 0.0), (0.749, 0.0), (0.751, 1.0)] {
        assert_eq!((jump.quantile(p) - 5.0).partial_cmp(&0.0), f64::partial_cmp(&side, &0.0), "{p}");
    }
}

#[test]
fn parameters_out_of_range_are_refused_with_the_reason() {
    let valid = || Distribution::constant(1.0).expect("valid");
    let cases = [
        (Distribution::constant(-1.0), "the value must be at least 0, not -1"),
        (Distribution::constant(f64::NAN), "the value must be a finite number, not NaN"),
        (Distribution::uniform(5.0, 2.0), "the lower end 5 is not below the upper end 2"),
        (Distribution::exponential(0.0), "the mean must be above 0, not 0"),
        (Distribution::normal(-10.0, 1.0), "hardly ever at least 0"),
        (Distribution::normal(1.0, 0.0), "the standard deviation must be above 0, not 0"),
        (Distribution::weibull(0.0, 1.0), "the shape must be above 0, not 0"),
        (Distribution::weibull(0.001, 1.0), "the mean must be a finite number, not inf"),
        (Distribution::gamma(1.0, f64::INFINITY), "the scale must be a finite number, not inf"),
        (Distribution::triangular(1.0, 7.0, 5.0), "are not in increasing order"),
        (Distribution::pareto(1.0, 0.0), "min must be above 0, not 0"),
        (Distribution::mixture(vec![(0.5, valid()), (0.4, valid())]), "add up to 0.9, not 1"),
        (Distribution::mixture(vec![(1.5, valid()), (-0.5, valid())]), "a weight must be at least 0, not -0.5"),
        (Distribution::mixture(vec![]), "add up to 0, not 1"),
        (Distribution::quantiles(vec![(0.5, 1.0)]), "at least two points"),
        (Distribution::quantiles(vec![(0.5, 2.0), (0.9, 1.0)]), "2 at 0.5 is followed by 1 at 0.9"),
        (Distribution::quantiles(vec![(0.0, 1.0), (0.9, 2.0)]), "between 0 and 1, not 0"),
        (Distribution::quantiles(vec![(0.5, 0.0), (0.9, 2.0)]), "value must be above 0, not 0"),
        (
            Distribution::quantiles(vec![(0.5, 1.0), (0.500_01, 9.0)]),
            "the mean, as far as the last two quantiles tell, must be a finite number, not inf",
        ),
        (Distribution::empirical(vec![]), "there are no observations"),
        (Distribution::empirical(vec![1.0, -2.0]), "an observation must be at least 0, not -2"),
    ];
    for (result, fragment) in cases {
        let invalid = result.expect_err(fragment);
        assert!(invalid.reason.contains(fragment), "{fragment}: {}", invalid.reason);
        assert!(invalid.reason.starts_with(|c: char| c.is_lowercase()), "{}", invalid.reason);
        assert!(invalid.to_string().starts_with("invalid distribution: "));
    }
}

#[test]
fn degenerate_ranges_are_constants() {
    let constant = Distribution::constant(2.0).expect("valid");
    assert_eq!(Distribution::uniform(2.0, 2.0).expect("valid"), constant);
    assert_eq!(Distribution::triangular(2.0, 2.0, 2.0).expect("valid"), constant);
    assert_eq!(constant.is_constant(), Some(2.0));
    assert_eq!(lognormal(2.0, 0.1).is_constant(), None);
}

/// A digest of the bits of many draws. It shows a change of results, not their correctness.
fn digest(draws: impl Iterator<Item = f64>) -> String {
    let mut hasher = blake3::Hasher::new();
    for draw in draws {
        hasher.update(&draw.to_bits().to_le_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[test]
fn draws_keep_their_bits() {
    let stream = || {
        let mut stream = Stream::new(StreamId::new(1, "golden", "draws"));
        stream.begin(4711);
        stream
    };
    let mut found = Vec::new();
    let mut note = |name: &str, digest: String| found.push(format!("{digest} {name}"));
    for (name, distribution) in all() {
        let (mut one, mut other) = (stream(), stream());
        note(name, digest((0..1_000).map(|_| distribution.quantile(one.uniform()))));
        note(&format!("{name}, excess"), digest((0..1_000).map(|_| distribution.excess_quantile(other.uniform()))));
    }
    let (mut one, mut other) = (stream(), stream());
    note("poisson", digest((0..1_000).map(|i| poisson_quantile(f64::from(i * i), one.uniform()) as f64)));
    note("binomial", digest((0..1_000).map(|i| binomial_quantile(i * i, 0.3, other.uniform()) as f64)));
    let pinned: Vec<&str> = include_str!("golden/draws.txt").lines().collect();
    assert_eq!(found, pinned, "the bits of draws have changed:\n{}\n", found.join("\n"));
}

/// Twice a value has twice every quantile, in every family.
#[test]
fn a_scaled_distribution_has_scaled_quantiles() {
    let lognormal = LogNormal { median: Some(3.0), p95: Some(10.0), ..LogNormal::default() };
    let made = [
        Distribution::constant(3.0),
        Distribution::uniform(1.0, 2.0),
        Distribution::exponential(3.0),
        Distribution::lognormal(&lognormal),
        Distribution::normal(3.0, 2.0),
        Distribution::weibull(1.5, 2.0),
        Distribution::gamma(2.0, 2.0),
        Distribution::triangular(1.0, 2.0, 4.0),
        Distribution::pareto(2.5, 1.0),
        Distribution::quantiles(vec![(0.5, 1.0), (0.99, 3.0)]),
        Distribution::empirical(vec![1.0, 2.0, 5.0]),
        Distribution::mixture(vec![
            (0.9, Distribution::constant(1.0).expect("possible")),
            (0.1, Distribution::exponential(60.0).expect("possible")),
        ]),
    ];
    for law in made.map(|law| law.expect("possible")) {
        let twice = law.scaled(2.5).expect("possible");
        for p in [0.01, 0.3, 0.5, 0.92, 0.999] {
            let (own, scaled) = (law.quantile(p), twice.quantile(p));
            assert!((scaled - 2.5 * own).abs() <= 1e-9 * scaled, "{law:?} at {p}: {own} {scaled}");
        }
        assert!((twice.mean() - 2.5 * law.mean()).abs() <= 1e-9 * twice.mean(), "{law:?}");
    }
    assert!(Distribution::exponential(1.0).expect("possible").scaled(0.0).is_err());
}

/// What a distribution was given by can be had back.
#[test]
fn a_distribution_knows_its_figures() {
    let law = Distribution::of_logarithms(1.25, 0.5).expect("possible");
    assert_eq!(law.given(), Given::Logarithms { mu: 1.25, sigma: 0.5 });
    assert!((law.quantile(0.5) - 1.25_f64.exp()).abs() < 1e-12);
    let points = vec![(0.5, 1.0), (0.999, 3.0)];
    assert_eq!(Distribution::quantiles(points.clone()).expect("possible").given(), Given::Quantiles(&points));
    assert_eq!(Distribution::empirical(vec![2.0, 1.0]).expect("possible").given(), Given::Observations(&[1.0, 2.0]));
    assert_eq!(Distribution::exponential(4.0).expect("possible").given(), Given::Mean(4.0));
    assert_eq!(Distribution::constant(4.0).expect("possible").given(), Given::Otherwise);
}
