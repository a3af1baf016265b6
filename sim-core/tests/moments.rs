//! Means, partial means and stationary excesses of every family, against quadrature, textbooks and their own equations.

mod families;

use families::{PLACES, all, close, continuous, lognormal};
use sim_core::random::Distribution;

/// The integral of the survival function from 0 to x: Gauss and Legendre's five points in each of many pieces that are
/// narrow near 0, where densities may be infinite.
fn integral(distribution: &Distribution, x: f64) -> f64 {
    const NODES: [(f64, f64); 5] = [
        (0.0, 0.568_888_888_888_888_9),
        (-0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
        (0.906_179_845_938_664, 0.236_926_885_056_189_1),
    ];
    let pieces = 4_000_u16;
    let at = |i: u16| x * (f64::from(i) / f64::from(pieces)).powi(4);
    (0..pieces)
        .map(|i| {
            let (from, to) = (at(i), at(i + 1));
            let (centre, half) = (f64::midpoint(from, to), (to - from) / 2.0);
            NODES.iter().map(|(node, weight)| weight * distribution.survival(centre + half * node)).sum::<f64>() * half
        })
        .sum()
}

#[test]
fn limited_means_are_integrals_of_the_survival_function() {
    for (name, distribution) in continuous() {
        for p in [0.01, 0.3, 0.5, 0.8, 0.99] {
            let x = distribution.quantile(p);
            let (limited, expected) = (distribution.limited_mean(x), integral(&distribution, x));
            // Kinks cost the quadrature some digits.
            assert!(close(limited, expected, 1e-7), "{name} at {p}: {limited} {expected}");
        }
    }
}

#[test]
fn limited_means_of_observations_are_means() {
    let values = [4.0, 0.0, 1.5, 1.5, 9.0, 2.0, 2.5];
    let distribution = Distribution::empirical(values.to_vec()).expect("valid");
    for x in [0.5, 1.5, 3.0, 9.0, 20.0] {
        let mean = |of: &dyn Fn(f64) -> f64| values.iter().map(|&value| of(value)).sum::<f64>() / 7.0;
        assert!(close(distribution.limited_mean(x), mean(&|value| value.min(x)), 1e-15));
        assert!((distribution.exceedance(x) - mean(&|value| (value - x).max(0.0))).abs() < 1e-15);
    }
}

#[test]
fn what_is_below_and_what_is_above_make_up_the_mean() {
    for (name, distribution) in all() {
        let mean = distribution.mean();
        for p in PLACES {
            let x = distribution.quantile(p);
            let both = distribution.limited_mean(x) + distribution.exceedance(x);
            assert!(close(both, mean, 1e-12), "{name} at {p}: {both} {mean}");
        }
        assert_eq!(distribution.limited_mean(0.0), 0.0, "{name}");
        assert!(close(distribution.exceedance(0.0), mean, 1e-15), "{name}");
    }
}

#[test]
fn means_agree_with_textbooks() {
    let means = [
        ("uniform", Distribution::uniform(2.0, 5.0), 3.5),
        ("exponential", Distribution::exponential(3.0), 3.0),
        ("lognormal", Ok(lognormal(2.0, 0.8)), 2.0 * 0.32_f64.exp()),
        // Half a normal: sd sqrt(2 / pi).
        ("normal", Distribution::normal(0.0, 2.0), 2.0 * (2.0 / std::f64::consts::PI).sqrt()),
        // Gamma(1 + 1/2) = sqrt(pi) / 2.
        ("weibull", Distribution::weibull(2.0, 3.0), 3.0 * std::f64::consts::PI.sqrt() / 2.0),
        ("gamma", Distribution::gamma(7.5, 2.0), 15.0),
        ("triangular", Distribution::triangular(1.0, 2.0, 6.0), 3.0),
        ("pareto", Distribution::pareto(2.5, 1.5), 2.5),
    ];
    for (name, distribution, mean) in means {
        assert!(close(distribution.expect("valid").mean(), mean, 1e-14), "{name}");
    }
    // Two points lie on a log-normal: ln 8/0.5 = 2 z99 sigma around ln 2.
    let through = Distribution::quantiles(vec![(0.01, 0.5), (0.99, 8.0)]).expect("valid");
    let sigma = 16.0_f64.ln() / (2.0 * 2.326_347_874_040_841);
    let (expected, line) = (lognormal(2.0, sigma), 1e-13);
    assert!(close(through.mean(), expected.mean(), line));
    for p in PLACES {
        assert!(close(through.quantile(p), expected.quantile(p), line), "{p}");
        let x = expected.quantile(p);
        assert!(close(through.limited_mean(x), expected.limited_mean(x), line), "{p}");
    }
}

#[test]
fn without_a_mean_there_is_still_a_distribution() {
    let wild = Distribution::pareto(0.9, 2.0).expect("valid");
    assert_eq!((wild.mean(), wild.excess_quantile(0.1)), (f64::INFINITY, f64::INFINITY));
    assert!(close(wild.quantile(0.5), 2.0 * 2.0_f64.powf(1.0 / 0.9), 1e-14));
    // E min(X, x) = (min^a x^(1 - a) - a min) / (1 - a)
    let expected = (2.0_f64.powf(0.9) * 50.0_f64.powf(0.1) - 0.9 * 2.0) / 0.1;
    assert!(close(wild.limited_mean(50.0), expected, 1e-13));
    let at_one = Distribution::pareto(1.0, 2.0).expect("valid");
    assert!(close(at_one.limited_mean(50.0), 2.0 + 2.0 * 25.0_f64.ln(), 1e-14));
    let part = Distribution::mixture(vec![(0.5, wild), (0.5, lognormal(1.0, 1.0))]).expect("valid");
    assert_eq!((part.mean(), part.excess_quantile(0.1)), (f64::INFINITY, f64::INFINITY));
    assert!(close(part.cdf(part.quantile(0.99)), 0.99, 1e-12));
}

#[test]
fn stationary_excesses_solve_their_equation() {
    for (name, distribution) in all() {
        let mean = distribution.mean();
        for p in PLACES {
            let x = distribution.excess_quantile(p);
            if mean == 0.0 {
                assert_eq!(x, 0.0, "{name}");
                continue;
            }
            // The equation holds at x up to a relative 1e-9 of x: between the two values around it.
            let (less, more) = (x * (1.0 - 1e-9), x * (1.0 + 1e-9));
            if p <= 0.5 {
                let part = p * mean;
                let around = (distribution.limited_mean(less), distribution.limited_mean(more));
                assert!(around.0 <= part && part <= around.1, "{name} at {p}: {x}, {around:?} around {part}");
            } else {
                let rest = (1.0 - p) * mean;
                let around = (distribution.exceedance(more), distribution.exceedance(less));
                // The last observation ends the support; beyond it nothing is left.
                assert!(around.0 <= rest && rest <= around.1 * (1.0 + 1e-6), "{name} at {p}: {x}, {around:?} {rest}");
            }
        }
    }
}

#[test]
fn stationary_excesses_with_closed_forms_have_them() {
    let exponential = Distribution::exponential(3.0).expect("valid");
    let constant = Distribution::constant(3.0).expect("valid");
    let uniform = Distribution::uniform(0.0, 3.0).expect("valid");
    let erlang = Distribution::gamma(2.0, 1.0).expect("valid");
    for p in PLACES {
        assert_eq!(exponential.excess_quantile(p), exponential.quantile(p), "no memory");
        assert!(close(constant.excess_quantile(p), 3.0 * p, 1e-15), "any phase");
        // F_e(x) = 1 - (1 - x / 3)^2
        let root = (1.0 - p).sqrt();
        assert!(close(uniform.excess_quantile(p), 3.0 * p / (1.0 + root), 1e-12), "{p}");
        // Half of the time two stages remain, half of the time one: 1 - F_e(x) = e^-x (1 + x / 2).
        let x = erlang.excess_quantile(p);
        assert!((-(-x + (x / 2.0).ln_1p()).exp_m1() - p).abs() < 1e-9 * p.min(1.0 - p) + 1e-16, "{p}: {x}");
    }
}
