//! The incomplete gamma function, its inverse, and Poisson probabilities.

use super::{Incomplete, increasing_root, normal_quantile};
use std::f64::consts::PI;

/// From this shape on Temme's expansion serves around the mean; its truncation is below 1e-14 there.
const LARGE: f64 = 1_000.0;
const STEPS: usize = 100_000;

/// e^-x x^a / Gamma(a + 1): for whole a the probability of a under a Poisson distribution with mean x.
///
/// C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000): no difference of large numbers.
pub(crate) fn poisson_mass(a: f64, x: f64) -> f64 {
    if a == 0.0 {
        return libm::exp(-x);
    }
    libm::exp(-stirling_rest(a) - deviance(a, x)) / libm::sqrt(2.0 * PI * a)
}

/// Density of a gamma distribution with shape `a` and scale 1 at `x > 0`.
pub(crate) fn gamma_density(a: f64, x: f64) -> f64 {
    poisson_mass(a, x) * a / x
}

/// ln n! less Stirling's formula: ln Gamma(n + 1) - (n + 1/2) ln n + n - ln sqrt(2 pi).
pub(crate) fn stirling_rest(n: f64) -> f64 {
    if n <= 15.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - libm::log(2.0 * PI) / 2.0;
    }
    let square = n * n;
    let series = [1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    series.iter().fold(0.0, |sum, term| sum / square + term) / n
}

/// x ln(x / m) + m - x, without the cancellation around x = m.
pub(crate) fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * libm::log(x / m) - difference;
    }
    let v = difference / (x + m);
    let (mut sum, mut term) = (difference * v, 2.0 * x * v);
    // Each term is less than a hundredth of the one before.
    for k in 1..=20_u8 {
        term *= v * v;
        let next = sum + term / f64::from(2 * k + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// P(a, x) and Q(a, x), a > 0: distribution function and tail of a gamma distribution with scale 1.
pub(crate) fn incomplete_gamma(a: f64, x: f64) -> Incomplete {
    if x <= 0.0 {
        return Incomplete { lower: 0.0, upper: 1.0 };
    }
    if x.is_infinite() {
        return Incomplete { lower: 1.0, upper: 0.0 };
    }
    if a >= LARGE && (x - a).abs() < 9.0 * libm::sqrt(a) {
        return temme(a, x);
    }
    let mass = poisson_mass(a, x);
    if x < a + 1.0 {
        // 1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ..
        let (mut sum, mut term, mut n) = (1.0, 1.0, a);
        for _ in 0..STEPS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        let lower = (mass * sum).min(1.0);
        Incomplete { lower, upper: 1.0 - lower }
    } else {
        let upper = (mass * a * upper_fraction(a, x)).min(1.0);
        Incomplete { lower: 1.0 - upper, upper }
    }
}

/// Legendre's continued fraction for Gamma(a, x) / (e^-x x^a), evaluated by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    // Quotients of successive numerators, and of successive denominators upside down; their product moves the result.
    let mut term = x + 1.0 - a;
    let mut above = f64::INFINITY;
    let mut below = 1.0 / term;
    let mut product = below;
    let mut count = 0.0;
    for _ in 0..STEPS {
        count += 1.0;
        let factor = -count * (count - a);
        term += 2.0;
        below = 1.0 / (factor * below + term);
        above = term + factor / above;
        product *= above * below;
        if (above * below - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    product
}

/// N. M. Temme's uniform expansion (DLMF 8.12.7 to 8.12.10) within nine standard deviations of the mean.
fn temme(a: f64, x: f64) -> Incomplete {
    let square = deviance(a, x).max(0.0);
    let eta = libm::copysign(libm::sqrt(2.0 * square / a), x - a);
    let polynomial = |coefficients: &[f64]| coefficients.iter().rev().fold(0.0, |sum, c| sum * eta + c);
    let series = TEMME.iter().rev().fold(0.0, |sum, row| sum / a + polynomial(row));
    let rest = libm::exp(-square) / libm::sqrt(2.0 * PI * a) * series;
    let half = libm::copysign(libm::sqrt(square), x - a);
    Incomplete { lower: libm::erfc(-half) / 2.0 - rest, upper: libm::erfc(half) / 2.0 + rest }
}

/// Taylor coefficients of `c_0(eta)` to `c_3(eta)`, constant first. From `c_0 = 1/mu - 1/eta` and
/// `c_k = c_(k-1)' / eta + (-1)^k g_k / mu` with `eta^2 / 2 = mu - ln(1 + mu)` and Stirling's `g_k`, in exact fractions.
const TEMME: [&[f64]; 4] = [
    &[
        -0.333_333_333_333_333_3,
        8.333_333_333_333_333e-2,
        -1.481_481_481_481_481_5e-2,
        1.157_407_407_407_407_3e-3,
        3.527_336_860_670_194e-4,
        -1.787_551_440_329_218e-4,
        3.919_263_178_522_438e-5,
        -2.185_448_510_679_992e-6,
        -1.854_062_210_715_16e-6,
        8.296_711_340_953_087e-7,
        -1.766_595_273_682_607_8e-7,
        6.707_853_543_401_498e-9,
    ],
    &[
        -1.851_851_851_851_852e-3,
        -3.472_222_222_222_222e-3,
        2.645_502_645_502_645_4e-3,
        -9.902_263_374_485_596e-4,
        2.057_613_168_724_279_8e-4,
        -4.018_775_720_164_609e-7,
        -1.809_855_033_448_997_7e-5,
        7.649_160_916_081_11e-6,
        -1.612_090_089_456_344_6e-6,
    ],
    &[
        4.133_597_883_597_883e-3,
        -2.681_327_160_493_827_3e-3,
        7.716_049_382_716_049e-4,
        2.009_387_860_082_304_7e-6,
        -1.073_665_322_636_516e-4,
        5.292_344_882_912_012_5e-5,
        -1.276_063_518_861_872_8e-5,
    ],
    &[6.494_341_563_786_008e-4, 2.294_720_936_213_991_7e-4, -4.691_894_943_952_557e-4, 2.677_206_320_628_388_5e-4],
];

/// The x at which P(a, x) = p.
pub(crate) fn inverse_incomplete_gamma(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // Near 0 the function is x^a / Gamma(a + 1); elsewhere the cube root is nearly normal (Wilson and Hilferty).
    let rise = libm::exp((libm::log(p) + libm::lgamma(a + 1.0)) / a);
    let cube_root = 1.0 - 1.0 / (9.0 * a) + normal_quantile(p) / (3.0 * libm::sqrt(a));
    let guess = if rise < 0.2 * (a + 1.0) || cube_root <= 0.0 { rise } else { a * cube_root * cube_root * cube_root };
    if guess < f64::MIN_POSITIVE {
        return guess;
    }
    // Beyond this the tail is below e^-100, less than any 1 - p.
    let high = 2.0 * a + 200.0;
    // On a logarithmic scale either tail is nearly straight.
    if p <= 0.5 {
        let target = libm::log(p);
        increasing_root(0.0, high, guess, |x| {
            let lower = incomplete_gamma(a, x).lower;
            (libm::log(lower) - target, gamma_density(a, x) / lower)
        })
    } else {
        let target = libm::log(1.0 - p);
        increasing_root(0.0, high, guess, |x| {
            let upper = incomplete_gamma(a, x).upper;
            (target - libm::log(upper), gamma_density(a, x) / upper)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::gamma::gamma_lr;

    fn close(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * a.abs().max(b.abs())
    }

    #[test]
    fn whole_shapes_agree_with_sums_of_poisson_probabilities() {
        // Q(k + 1, x) = e^-x (1 + x + .. + x^k / k!), all terms positive.
        for (k, x) in [(0_u32, 0.3), (3, 0.01), (3, 7.0), (40, 20.0), (40, 41.0), (40, 90.0), (300, 310.0)] {
            let (mut sum, mut term) = (1.0_f64, 1.0_f64);
            for i in 1..=k {
                term *= x / f64::from(i);
                sum += term;
            }
            let expected = sum * (-x).exp();
            let got = incomplete_gamma(f64::from(k) + 1.0, x);
            assert!(close(got.upper, expected, 1e-13), "{k} {x}: {} {expected}", got.upper);
            assert!((got.lower + got.upper - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn broken_shapes_agree_with_an_independent_implementation() {
        for a in [0.01, 0.3, 1.7, 12.5, 150.25] {
            for factor in [0.01, 0.5, 0.99, 1.3, 3.0] {
                let x = a * factor;
                assert!(close(incomplete_gamma(a, x).lower, gamma_lr(a, x), 1e-11), "{a} {x}");
            }
        }
    }

    #[test]
    fn the_expansion_for_large_shapes_meets_the_series_and_the_fraction() {
        for a in [1_000.0_f64, 4_321.5, 100_000.0] {
            for deviate in [-8.9_f64, -4.0, -1.0, -0.01, 0.01, 1.0, 4.0, 8.9] {
                let x = a + deviate * a.sqrt();
                let (quick, mass) = (temme(a, x), poisson_mass(a, x));
                if x < a + 1.0 {
                    let (mut sum, mut term, mut n) = (1.0, 1.0, a);
                    while term > sum * 1e-18 {
                        n += 1.0;
                        term *= x / n;
                        sum += term;
                    }
                    assert!(close(quick.lower, mass * sum, 3e-13), "{a} {x}");
                } else {
                    assert!(close(quick.upper, mass * a * upper_fraction(a, x), 3e-13), "{a} {x}");
                }
            }
        }
    }

    #[test]
    fn the_inverse_comes_back() {
        for a in [0.02, 0.5, 1.0, 3.3, 80.0, 999.0, 2e4, 1e7] {
            for p in [1e-12, 1e-3, 0.2, 0.5, 0.500_001, 0.9, 1.0 - 1e-6, 1.0 - 1e-14] {
                let x = inverse_incomplete_gamma(a, p);
                if x < 1e-300 {
                    continue;
                }
                let back = incomplete_gamma(a, x);
                // The test allows for the effect of one unit in the last place of x on the probability.
                let grain = 4.0 * f64::EPSILON * x * gamma_density(a, x);
                assert!((back.lower - p).abs() < 1e-12 * p + grain, "{a} {p}: {x} gives {}", back.lower);
                assert!(
                    (back.upper - (1.0 - p)).abs() < 1e-11 * (1.0 - p) + grain,
                    "{a} {p}: {x} gives {}",
                    back.upper
                );
            }
        }
    }
}
