//! Sobol points, scrambled.
//!
//! The digital sequence of I. M. Sobol (USSR Computational Mathematics and Mathematical Physics 7 (1967), 86-112) with the
//! direction numbers of S. Joe and F. Y. Kuo (SIAM Journal on Scientific Computing 30 (2008), 2635-2654). It is scrambled as
//! A. B. Owen proposed (Monte Carlo and Quasi-Monte Carlo Methods in Scientific Computing (1995), 299-317), digit by digit
//! and in the manner that S. Laine and T. Karras (Computer Graphics Forum 30 (2011), 1265-1276) and B. Burley (Journal of
//! Computer Graphics Techniques 9 (2020), 1-20) made cheap: a hash in which bits affect only those above them, applied to
//! the reversed digits. Scrambling keeps every stratum that holds one point holding one.

use sim_core::random::{Stream, StreamId};

use super::direction_numbers::{DIMENSIONS, JOE_KUO};

/// Binary digits of a place.
const DIGITS: usize = 32;

/// The first `points` points over the axes with these keys, at most [`DIMENSIONS`] of them.
pub(in crate::variation) fn sobol(keys: &[&str], points: usize, seed: u64) -> Vec<Vec<f64>> {
    assert!(keys.len() <= DIMENSIONS, "the table has direction numbers for {DIMENSIONS} axes");
    let axes: Vec<([u32; DIGITS], u32)> = keys
        .iter()
        .enumerate()
        .map(|(dimension, key)| {
            let mut stream = Stream::new(StreamId::new(seed, &format!("sweep/sobol/{key}"), "scrambling"));
            (directions(dimension), (stream.uniform() * (u64::from(u32::MAX) + 1) as f64) as u32)
        })
        .collect();
    (0..points as u32)
        .map(|index| axes.iter().map(|(numbers, seed)| share(scrambled(place(numbers, index), *seed))).collect())
        .collect()
}

/// The middle of the smallest stratum that a place stands for.
fn share(place: u32) -> f64 {
    (f64::from(place) + 0.5) / (u64::from(u32::MAX) + 1) as f64
}

/// Direction numbers of a dimension from 0 on.
fn directions(dimension: usize) -> [u32; DIGITS] {
    let Some((polynomial, initial)) = dimension.checked_sub(1).map(|row| JOE_KUO[row]) else {
        return std::array::from_fn(|digit| 1 << (DIGITS - 1 - digit));
    };
    let degree = initial.len();
    let mut numbers = [0; DIGITS];
    for digit in 0..DIGITS {
        if let Some(&number) = initial.get(digit) {
            numbers[digit] = number << (DIGITS - 1 - digit);
            continue;
        }
        let mut number = numbers[digit - degree] ^ (numbers[digit - degree] >> degree);
        // The polynomial's coefficients between the first and the last, which are 1.
        for back in 1..degree {
            if polynomial >> (degree - back) & 1 == 1 {
                number ^= numbers[digit - back];
            }
        }
        numbers[digit] = number;
    }
    numbers
}

/// The place of point `index`: the direction numbers of its binary digits, added without carry.
fn place(numbers: &[u32; DIGITS], index: u32) -> u32 {
    numbers.iter().enumerate().filter(|(digit, _)| index >> digit & 1 == 1).fold(0, |place, (_, number)| place ^ number)
}

/// Each digit is flipped or not, depending on the digits before it alone.
fn scrambled(place: u32, seed: u32) -> u32 {
    let mut bits = place.reverse_bits().wrapping_add(seed);
    for factor in [0x6c50_b47c, 0xb82f_1e52, 0xc7af_e638, 0x8d22_f6e6_u32] {
        bits ^= bits.wrapping_mul(factor);
    }
    bits.reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, DIMENSIONS, directions, place, scrambled, sobol};

    /// Points in the order of Gray codes, in which published programs give them.
    fn published(dimension: usize, index: u32) -> f64 {
        f64::from(place(&directions(dimension), index ^ (index >> 1))) / 2.0_f64.powi(32)
    }

    #[test]
    fn the_first_points_are_those_of_joe_and_kuo() {
        // The first eight points in five dimensions, as their program and scipy.stats.qmc.Sobol print them.
        let table = [
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25, 0.25, 0.75],
            [0.25, 0.75, 0.75, 0.75, 0.25],
            [0.375, 0.375, 0.625, 0.875, 0.375],
            [0.875, 0.875, 0.125, 0.375, 0.875],
            [0.625, 0.125, 0.875, 0.625, 0.625],
            [0.125, 0.625, 0.375, 0.125, 0.125],
        ];
        for (index, row) in table.iter().enumerate() {
            for (dimension, &expected) in row.iter().enumerate() {
                assert_eq!(published(dimension, index as u32), expected, "{index} {dimension}");
            }
        }
    }

    #[test]
    fn later_points_of_later_dimensions_are_theirs_too() {
        // scipy.stats.qmc.Sobol(d=64, scramble=False, bits=32), rows 1000 and 4095.
        let known = [
            (1000, 5, 0.907_226_562_5),
            (1000, 20, 0.522_460_937_5),
            (1000, 63, 0.446_289_062_5),
            (4095, 7, 0.390_869_140_625),
            (4095, 40, 0.200_927_734_375),
            (4095, 63, 0.553_466_796_875),
        ];
        for (index, dimension, expected) in known {
            assert_eq!(published(dimension, index), expected, "{index} {dimension}");
        }
    }

    #[test]
    fn two_axes_make_a_net_also_when_scrambled() {
        // The first two dimensions are a (0, m, 2)-net: each box of area 2^-m with sides of powers of two holds one point.
        for m in [0, 3, 6, 9] {
            let points = sobol(&["a", "b"], 1 << m, 7);
            for across in 0..=m {
                let (columns, rows) = ((1_u32 << across), (1_u32 << (m - across)));
                let mut boxes: Vec<(u32, u32)> = points
                    .iter()
                    .map(|point| ((point[0] * f64::from(columns)) as u32, (point[1] * f64::from(rows)) as u32))
                    .collect();
                boxes.sort_unstable();
                boxes.dedup();
                assert_eq!(boxes.len(), 1 << m, "{columns} by {rows}");
            }
        }
    }

    #[test]
    fn every_axis_is_stratified() {
        let names: Vec<String> = (0..DIMENSIONS).map(|axis| format!("axis-{axis}")).collect();
        let keys: Vec<&str> = names.iter().map(String::as_str).collect();
        let points = sobol(&keys, 256, 3);
        for axis in 0..DIMENSIONS {
            let mut parts: Vec<usize> = points.iter().map(|point| (point[axis] * 256.0) as usize).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..256).collect::<Vec<_>>(), "{axis}");
        }
    }

    #[test]
    fn scrambling_moves_strata_as_a_whole() {
        // Places that agree in their first k digits agree in their first k digits afterwards, and no further.
        for seed in [0, 1, 0x9e37_79b9] {
            for agreed in 0..DIGITS as u32 {
                let one = 0x1234_5678_u32;
                let other = one ^ (1 << (31 - agreed));
                let apart = scrambled(one, seed) ^ scrambled(other, seed);
                assert_eq!(apart.leading_zeros(), agreed, "{seed}");
            }
        }
    }

    #[test]
    fn integrals_come_out_far_better_than_by_chance() {
        // The mean of a product over five axes is 1; by chance 4,096 points would miss it by about 0.011.
        let points = sobol(&["a", "b", "c", "d", "e"], 4_096, 1);
        let value = |point: &Vec<f64>| point.iter().map(|x| 0.5 + x).product::<f64>();
        let mean = points.iter().map(value).sum::<f64>() / 4_096.0;
        assert!((mean - 1.0).abs() < 1e-3, "{mean}");
    }
}
