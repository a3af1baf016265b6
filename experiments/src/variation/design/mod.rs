//! The layout of the points of a sweep.
//!
//! - [`grid`]: every combination of listed values.
//! - [`one_at_a_time`]: the file as it is, then each value by itself.
//! - [`latin_hypercube`]: n points; each of n equal parts of each axis holds one.
//! - [`sobol`]: a scrambled sequence whose first 2^m points fill the space evenly in all axes together.
//!
//! The last two yield shares of each axis, 0 to 1. Their random numbers are keyed by the seed and the key of the axis,
//! so points do not depend on the machine, and the places on an axis do not depend on the other axes.

mod direction_numbers;
mod latin_hypercube;
mod sobol;

pub use direction_numbers::DIMENSIONS;
pub(super) use latin_hypercube::latin_hypercube;
pub(super) use sobol::sobol;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_settings::Word;
use sim_settings::form::Words;

/// The layout of the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    /// Every combination of the listed values
    Grid,
    /// The file as it is, then each listed value by itself
    OneAtATime,
    /// Points over ranges, each axis evenly filled
    LatinHypercube,
    /// Points over ranges, the space evenly filled; powers of two serve best
    Sobol,
}

/// The words of the file and the command line.
impl Words for Design {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new("grid", Self::Grid, "every combination of the listed values"),
        Word::new("one-at-a-time", Self::OneAtATime, "the file as it is, then each listed value by itself"),
        Word::new("latin-hypercube", Self::LatinHypercube, "points over ranges, each axis evenly filled"),
        Word::new("sobol", Self::Sobol, "points over ranges, the space evenly filled; powers of two serve best"),
    ];
}

impl Design {
    /// Its word in files.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|word| word.means == self).map_or("", |word| word.word)
    }

    /// Whether it takes a number of points, and ranges.
    pub const fn samples(self) -> bool {
        matches!(self, Self::LatinHypercube | Self::Sobol)
    }
}

/// Places in the unit cube, one coordinate for each key: those of [`sobol`] as far as there are direction numbers, and of
/// [`latin_hypercube`] beyond.
pub(crate) fn places(keys: &[&str], points: usize, seed: u64) -> Vec<Vec<f64>> {
    let (first, rest) = keys.split_at(keys.len().min(DIMENSIONS));
    let rest = latin_hypercube(rest, points, seed);
    let joined = sobol(first, points, seed).into_iter().zip(rest);
    joined.map(|(first, rest)| [first, rest].concat()).collect()
}

/// Every combination of indices below `lengths`, the last axis fastest.
pub(super) fn grid(lengths: &[usize]) -> Vec<Vec<usize>> {
    let mut points = vec![Vec::new()];
    for &length in lengths {
        points = points
            .into_iter()
            .flat_map(|point: Vec<usize>| (0..length).map(move |index| [&point[..], &[index]].concat()))
            .collect();
    }
    points
}

/// First no change, then one index of one axis at a time.
pub(super) fn one_at_a_time(lengths: &[usize]) -> Vec<Vec<Option<usize>>> {
    let mut points = vec![vec![None; lengths.len()]];
    for (axis, &length) in lengths.iter().enumerate() {
        points.extend((0..length).map(|index| {
            let mut point = vec![None; lengths.len()];
            point[axis] = Some(index);
            point
        }));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::{grid, one_at_a_time};

    #[test]
    fn a_grid_has_every_combination_once() {
        assert_eq!(grid(&[2, 3]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(grid(&[2, 3, 4]).len(), 24);
        assert_eq!(grid(&[1]), [[0]]);
    }

    #[test]
    fn one_at_a_time_begins_with_the_file_as_it_is() {
        let points = one_at_a_time(&[2, 1]);
        assert_eq!(points, [[None, None], [Some(0), None], [Some(1), None], [None, Some(0)]]);
    }
}
