//! Properties for any parameters, names and uniform numbers.

mod families;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sim_core::random::{Distribution, LogNormal, Stream, StreamId, Variate, binomial_quantile, poisson_quantile};
use sim_core::stats::{Tally, TimeWeighted};
use sim_core::time::SimTime;

/// Any number at all, and often one that is an end of something.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::ANY,
        -10.0..10.0_f64,
        (-300.0..300.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent)),
        prop::sample::select(vec![0.0, -0.0, 1.0, 0.5, f64::INFINITY, f64::NAN, f64::MAX, f64::MIN_POSITIVE]),
    ]
}

/// A number of a sensible size.
fn moderate() -> impl Strategy<Value = f64> {
    (-3.0..3.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent))
}

/// The distributions that the constructors make of three numbers.
fn made_of([a, b, c]: [f64; 3]) -> Vec<Distribution> {
    let none = LogNormal::default();
    let simple = [
        Distribution::constant(a),
        Distribution::uniform(a, b),
        Distribution::exponential(a),
        Distribution::lognormal(&LogNormal { median: Some(a), sigma: Some(b), ..none }),
        Distribution::lognormal(&LogNormal { mean: Some(a), p95: Some(b), ..none }),
        Distribution::lognormal(&LogNormal { p95: Some(a), p99: Some(b), ..none }),
        Distribution::normal(a, b),
        Distribution::weibull(a, b),
        Distribution::gamma(a, b),
        Distribution::triangular(a, b, c),
        Distribution::pareto(a, b),
        Distribution::quantiles(vec![(0.5, a), (0.9, b), (0.99, c)]),
        Distribution::empirical(vec![a, b, c]),
    ];
    let mut all: Vec<Distribution> = simple.into_iter().flatten().collect();
    let parts: Vec<Distribution> = all.iter().rev().take(3).cloned().collect();
    let share = 1.0 / parts.len() as f64;
    all.extend(Distribution::mixture(parts.into_iter().map(|part| (share, part)).collect()));
    all
}

fn uniform() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..1.0_f64, (-16.0..0.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent) / 2.0)]
        .prop_filter("open interval", |u| *u > 0.0)
}

/// The same cases every time; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` look further.
fn settings() -> ProptestConfig {
    let defaults = ProptestConfig::default();
    let rng_seed = if defaults.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { defaults.rng_seed };
    ProptestConfig { failure_persistence: None, rng_seed, ..defaults }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn nothing_that_was_accepted_can_fail(numbers in prop::array::uniform3(number()), u in uniform()) {
        for distribution in made_of(numbers) {
            for p in [u, 1.0 - u, 0.0, 1.0] {
                let draw = distribution.quantile(p);
                prop_assert!(draw >= 0.0, "{distribution:?} at {p}: {draw}");
                prop_assert!(!distribution.cdf(draw).is_nan(), "{distribution:?} at {draw}");
            }
            prop_assert!(distribution.mean() >= 0.0, "{distribution:?}");
        }
    }

    #[test]
    fn draws_grow_with_the_uniform_number(
        numbers in prop::array::uniform3(moderate()),
        mut us in prop::array::uniform2(uniform()),
    ) {
        us.sort_by(f64::total_cmp);
        for distribution in made_of(numbers) {
            let [low, high] = us.map(|u| distribution.quantile(u));
            prop_assert!(low <= high * (1.0 + 1e-12), "{distribution:?} at {us:?}: {low} {high}");
            let [low, high] = us.map(|u| distribution.excess_quantile(u));
            prop_assert!(low <= high * (1.0 + 1e-12), "{distribution:?} excess at {us:?}: {low} {high}");
        }
        let [low, high] = us.map(|u| poisson_quantile(numbers[0], u));
        prop_assert!(low <= high);
        let [low, high] = us.map(|u| binomial_quantile(1_000, numbers[0].min(1.0), u));
        prop_assert!(low <= high);
    }

    #[test]
    fn the_quantile_is_the_first_value_that_reaches_the_probability(
        numbers in prop::array::uniform3(moderate()),
        u in uniform(),
    ) {
        for distribution in made_of(numbers) {
            let draw = distribution.quantile(u);
            if draw.is_infinite() {
                // A Pareto tail of the wildest kind.
                prop_assert!(distribution.mean().is_infinite(), "{distribution:?} at {u}");
                continue;
            }
            // Up to the accuracy that is promised, and the distance of neighbouring numbers.
            let slack = 1e-9 * draw + 1e-15 * distribution.quantile(0.9);
            let (before, after) = (distribution.cdf(draw - slack), distribution.cdf(draw + slack));
            prop_assert!(before <= u * (1.0 + 1e-9) + 1e-15, "{distribution:?} at {u}: {draw}");
            prop_assert!(after >= u * (1.0 - 1e-9) - 1e-15, "{distribution:?} at {u}: {draw}");
        }
    }

    #[test]
    fn a_stream_does_not_notice_what_others_do(
        seed: u64,
        path in "[a-z/0-9-]{0,20}",
        other in "[a-z/0-9-]{0,20}",
        trial: u64,
        takes in prop::collection::vec(0..12_usize, 1..20),
    ) {
        prop_assume!(path != other);
        let id = StreamId::new(seed, &path, "phase");
        let (mut alone, mut among) = (Stream::new(id), Stream::new(id));
        let mut others = Stream::new(StreamId::new(seed, &other, "phase"));
        alone.begin(trial);
        among.begin(trial);
        others.begin(trial);
        for take in takes {
            for _ in 0..take {
                others.uniform();
            }
            prop_assert_eq!(alone.uniform(), among.uniform());
            prop_assert_ne!(alone.clone().uniform(), others.clone().uniform());
        }
    }

    #[test]
    fn reading_an_integral_leaves_no_trace(
        steps in prop::collection::vec((1..5_000_000_000_u64, -10.0..10.0_f64, any::<bool>()), 1..50),
    ) {
        let (mut watched, mut alone) = (TimeWeighted::new(SimTime::ZERO, 0.0), TimeWeighted::new(SimTime::ZERO, 0.0));
        let (mut now, mut area) = (0, 0.0);
        for (length, value, change) in steps {
            area += alone.value() * SimTime::from_nanos(length).as_secs_f64();
            now += length;
            let now = SimTime::from_nanos(now);
            prop_assert!((watched.integral_at(now) - area).abs() < 1e-9);
            watched.set(now, watched.value());
            if change {
                watched.set(now, value);
                alone.set(now, value);
            }
            prop_assert_eq!(watched, alone);
        }
    }

    #[test]
    fn merged_tallies_know_what_one_tally_knows(
        values in prop::collection::vec(-1e3..1e3_f64, 2..60),
        cut in 0.0..1.0_f64,
    ) {
        let tally = |values: &[f64]| {
            let mut tally = Tally::new();
            for &value in values {
                tally.add(value);
            }
            tally
        };
        let cut = (cut * values.len() as f64) as usize;
        let (whole, mut merged) = (tally(&values), tally(&values[..cut]));
        merged.merge(&tally(&values[cut..]));
        prop_assert!((merged.mean() - whole.mean()).abs() < 1e-10);
        prop_assert!((merged.variance() - whole.variance()).abs() < 1e-8 * (1.0 + whole.variance()));
        prop_assert_eq!((merged.count(), merged.min(), merged.max()), (whole.count(), whole.min(), whole.max()));
    }
}

#[test]
fn the_first_numbers_of_many_trials_are_uniform() {
    // Most streams give one number a trial: it is these that have to be uniform, across trials and across names.
    const COUNT: u32 = 20_000;
    let limit = (-(1e-6_f64 / 2.0).ln() / 2.0).sqrt() / f64::from(COUNT).sqrt();
    let far_from_uniform = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        let gap = |(i, u): (usize, &f64)| {
            (*u - i as f64 / f64::from(COUNT)).abs().max((*u - (i + 1) as f64 / f64::from(COUNT)).abs())
        };
        numbers.iter().enumerate().map(gap).fold(0.0, f64::max)
    };
    let mut stream = Stream::new(StreamId::new(1, "stores/orders", "promotion-time"));
    let by_trial = (0..COUNT).map(|trial| {
        stream.begin(u64::from(trial));
        stream.uniform()
    });
    // One false alarm in a million for each of the two (Kolmogorov and Smirnov).
    assert!(far_from_uniform(by_trial.collect()) < limit);
    let by_name = (0..COUNT).map(|i| Stream::new(StreamId::new(1, &format!("checker-{i}"), "phase")).uniform());
    assert!(far_from_uniform(by_name.collect()) < limit);
}

#[test]
fn a_variate_gives_the_quantiles_of_its_stream() {
    for (name, distribution) in families::all() {
        let id = StreamId::new(1, name, "draws");
        let (mut stream, mut variate) = (Stream::new(id), Variate::new(distribution.clone(), id));
        stream.begin(3);
        variate.begin(3);
        for _ in 0..10 {
            assert_eq!(variate.draw(), distribution.quantile(stream.uniform()), "{name}");
        }
        let seconds = distribution.quantile(stream.uniform());
        assert!((variate.draw_duration().as_secs_f64() - seconds).abs() < 1e-9, "{name}");
    }
}
