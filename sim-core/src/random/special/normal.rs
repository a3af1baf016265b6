//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Density at `z`.
pub(crate) fn normal_density(z: f64) -> f64 {
    libm::exp(-z * z / 2.0) / libm::sqrt(2.0 * PI)
}

/// Probability of a value up to `z`, with its own relative accuracy far below 0.
pub fn normal_cdf(z: f64) -> f64 {
    libm::erfc(-z * FRAC_1_SQRT_2) / 2.0
}

/// Probability of a value above `z` over the density at `z`, for `z >= 0`: finite where both are too small to be told.
pub(crate) fn mills_ratio(z: f64) -> f64 {
    if z < 12.0 {
        return normal_cdf(-z) / normal_density(z);
    }
    if z.is_infinite() {
        return 0.0;
    }
    // Laplace's continued fraction 1/(z + 1/(z + 2/(z + 3/..))), from far enough inside.
    let tail = (1..=30_u8).rev().fold(z, |tail, k| z + f64::from(k) / tail);
    1.0 / tail
}

/// The value below which a share `p` lies. Relative error below 1e-15.
///
/// M. J. Wichura, Algorithm AS 241, Applied Statistics 37 (1988), 477-484, routine PPND16.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = libm::sqrt(-libm::log(tail));
    let z = if r <= 5.0 { ratio(r - 1.6, &MIDDLE) } else { ratio(r - 5.0, &TAIL) };
    z.copysign(q)
}

/// Coefficients of a numerator and a denominator of degree 7, constant first.
type Ratio = [[f64; 8]; 2];

fn ratio(r: f64, coefficients: &Ratio) -> f64 {
    let [numerator, denominator] = coefficients.map(|row| row.iter().rev().fold(0.0, |sum, c| sum * r + c));
    numerator / denominator
}

#[expect(clippy::excessive_precision, reason = "as published")]
const CENTRE: Ratio = [
    [
        3.387_132_872_796_366_608_0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
];
#[expect(clippy::excessive_precision, reason = "as published")]
const MIDDLE: Ratio = [
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
];
#[expect(clippy::excessive_precision, reason = "as published")]
const TAIL: Ratio = [
    [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_inverts_the_distribution_function_from_end_to_end() {
        let mut p = 1e-300;
        while p < 0.5 {
            let z = normal_quantile(p);
            let back = normal_cdf(z);
            // An error of one unit in z's last place moves p by z^2 times as much.
            assert!((back / p - 1.0).abs() < 1e-15 * (4.0 + 2.0 * z * z), "{p}: {z} gives {back}");
            p *= 1.07;
        }
        assert_eq!(normal_quantile(0.25), -normal_quantile(0.75));
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        // Tables of the normal distribution.
        for (p, z) in [(0.95, 1.644_853_626_951_472_2), (0.975, 1.959_963_984_540_054), (0.99, 2.326_347_874_040_841)] {
            assert!((normal_quantile(p) / z - 1.0).abs() < 1e-15, "{p}");
        }
    }

    #[test]
    fn mills_ratio_has_no_seam_and_keeps_to_its_bounds() {
        // z / (z^2 + 1) < R(z) < 1 / z.
        for tenths in 1..=1_000_u16 {
            let z = f64::from(tenths) / 10.0;
            assert!(mills_ratio(z) < 1.0 / z && mills_ratio(z) > z / (z * z + 1.0), "{z}");
        }
        let (below, above) = (mills_ratio(12.0 - 1e-12), mills_ratio(12.0));
        assert!((below / above - 1.0).abs() < 1e-13, "{below} {above}");
    }
}
