//! Where measurements lie among predictions, and whether they lie there by chance.

use crate::random::special::{normal_cdf, normal_quantile};
use crate::random::{Stream, StreamId};

/// The share of predictions below a value, equal ones counted by half, and never 0 or 1: the prediction has no more
/// resolution than its number of trials.
pub fn place(sorted: &[f64], value: f64) -> f64 {
    debug_assert!(sorted.is_sorted(), "predictions must be in increasing order");
    let n = sorted.len() as f64;
    let below = sorted.partition_point(|other| *other < value) as f64;
    let upto = sorted.partition_point(|other| *other <= value) as f64;
    (f64::midpoint(below, upto) / n).clamp(0.5 / n, 1.0 - 0.5 / n)
}

/// The probability that so many measurements of the predictions' own law lie as far to one side on average, or farther.
///
/// Each place is turned into the standard-normal value of its rank; their sum over the root of their number is standard
/// normal (S. A. Stouffer and others, The American Soldier, 1949). `lows` and `highs` are the least and the largest place
/// of each: they differ for a measurement that ended too soon, and then each side gets the end that speaks for it least.
pub fn two_sided(lows: &[f64], highs: &[f64]) -> f64 {
    let root = libm::sqrt(lows.len() as f64);
    let sum = |places: &[f64]| places.iter().map(|place| normal_quantile(*place)).sum::<f64>() / root;
    let slower = normal_cdf(-sum(lows));
    let faster = normal_cdf(sum(highs));
    (2.0 * slower.min(faster)).min(1.0)
}

/// Samples that are drawn for [`spread_evenly`].
const SAMPLES: u64 = 1_999;

/// The probability that places of the predictions' own law are spread so unevenly, or more so: by the statistic of
/// Anderson and Darling for the uniform law, against samples of the same size under a fixed seed.
pub fn spread_evenly(places: &[f64]) -> f64 {
    let statistic = unevenness(places.to_vec());
    let mut stream = Stream::new(StreamId::new(0, "fit", "places"));
    let mut as_far = 0_u32;
    for sample in 0..SAMPLES {
        stream.begin(sample);
        let drawn = (0..places.len()).map(|_| stream.uniform()).collect();
        as_far += u32::from(unevenness(drawn) >= statistic);
    }
    f64::from(as_far + 1) / (SAMPLES + 1) as f64
}

fn unevenness(mut places: Vec<f64>) -> f64 {
    places.sort_by(f64::total_cmp);
    let n = places.len() as f64;
    let term = |(index, place): (usize, &f64)| {
        let mirrored = places[places.len() - 1 - index];
        (2.0 * index as f64 + 1.0) * (libm::log(*place) + libm::log1p(-mirrored))
    };
    -n - places.iter().enumerate().map(term).sum::<f64>() / n
}
