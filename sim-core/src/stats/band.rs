//! How sure a distribution is that was estimated from observations.

use super::{Interval, clopper_pearson};

/// The empirical distribution function of `sorted` observations at each of `places`, with its interval there.
///
/// The band is *pointwise*: at any one place the interval of [`clopper_pearson`] holds the true probability with the given
/// level; that all of them do at once is less likely. Infinite observations count as above every finite place.
pub fn cdf_band(sorted: &[f64], places: &[f64], level: f64) -> Vec<Interval> {
    let n = sorted.len() as u64;
    places
        .iter()
        .map(|&place| clopper_pearson(sorted.partition_point(|&value| value <= place) as u64, n, level))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_follows_the_share_of_observations_at_or_below() {
        let sorted = [1.0, 2.0, 2.0, 5.0, f64::INFINITY];
        let band = cdf_band(&sorted, &[0.5, 1.0, 2.0, 1e300], 0.9);
        let estimates: Vec<f64> = band.iter().map(|interval| interval.estimate).collect();
        assert_eq!(estimates, [0.0, 0.2, 0.6, 0.8]);
        assert_eq!(band[2], clopper_pearson(3, 5, 0.9));
    }
}
