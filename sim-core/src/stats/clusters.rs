//! Observations that come in clusters: independent from one cluster to the next, and perhaps alike within one.
//!
//! A trial may yield several outages. Their number is random and they may resemble each other, but what trials yield is
//! independent. So intervals count not the observations but the independent ones that would tell as much.

use super::{Interval, Tally, clopper_pearson_of, skewed_mean_interval};

/// How many independent observations tell as much about the share of hits as these, of which the first `hits` hit and the
/// i-th belongs to the cluster `clusters[i]`.
///
/// It is their number over the design effect: the variance of the share over clusters, as that of a ratio, relative to the
/// variance of as many independent observations (L. Kish, Survey Sampling, 1965, sections 5.4 and 8.2). It is never more
/// than their number. Where all or none hit there is no variance to see, and each cluster counts once.
pub fn effective_size(clusters: &[u32], hits: usize) -> f64 {
    let count = clusters.len() as f64;
    let share = hits as f64 / count;
    let places = clusters.iter().max().map_or(0, |&last| last as usize + 1);
    let mut sums = vec![(0.0, 0.0); places];
    for (index, &cluster) in clusters.iter().enumerate() {
        let (size, own) = &mut sums[cluster as usize];
        *size += 1.0;
        *own += if index < hits { 1.0 } else { 0.0 };
    }
    let some = sums.iter().filter(|(size, _)| *size > 0.0).count() as f64;
    if hits == 0 || hits == clusters.len() || some < 2.0 {
        return some;
    }
    let squares: f64 = sums.iter().map(|(size, own)| (own - share * size) * (own - share * size)).sum();
    let effect = squares * some / (some - 1.0) / (count * share * (1.0 - share));
    count / effect.max(1.0)
}

/// The share of hits, with an interval that knows of the clusters: [`clopper_pearson_of`] the [`effective_size`].
///
/// E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998), 193-201.
pub fn clustered_share(clusters: &[u32], hits: usize, level: f64) -> Interval {
    clopper_pearson_of(hits as f64 / clusters.len() as f64, effective_size(clusters, hits), level)
}

/// The mean of all observations with its interval and its standard error, as that of a ratio of sums over clusters; none
/// for fewer than two clusters or infinite observations. The interval allows for the skewness of the sums, as
/// [`skewed_mean_interval`] does.
pub fn clustered_mean(clusters: &[u32], values: &[f64], level: f64) -> Option<(Interval, f64)> {
    let places = clusters.iter().max().map_or(0, |&last| last as usize + 1);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let mut sums = vec![None; places];
    for (&cluster, &value) in clusters.iter().zip(values) {
        *sums[cluster as usize].get_or_insert(0.0) += value - mean;
    }
    // The sums have mean zero by definition; what a tally of them knows is the spread.
    let sums: Vec<f64> = sums.into_iter().flatten().collect();
    let mut tally = Tally::new();
    for &sum in &sums {
        tally.add(sum);
    }
    let factor = tally.count() as f64 / values.len() as f64;
    let Interval { low, high, .. } = skewed_mean_interval(&sums, level)?;
    mean.is_finite().then(|| {
        let interval = Interval { estimate: mean, low: mean + low * factor, high: mean + high * factor, level };
        (interval, tally.standard_error() * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, StreamId};
    use crate::stats::{clopper_pearson, quantile_of};

    #[test]
    fn clusters_of_one_are_independent_observations() {
        let clusters: Vec<u32> = (0..1_000).collect();
        // 1000/999 is the correction for the estimated mean; it is within what is never exceeded.
        assert!((effective_size(&clusters, 300) - 999.0).abs() < 1e-9);
        let (own, plain) = (clustered_share(&clusters, 300, 0.95), clopper_pearson(300, 1_000, 0.95));
        assert!((own.low - plain.low).abs() < 1e-4 && (own.high - plain.high).abs() < 1e-4);
        let values: Vec<f64> = (0..1_000).map(f64::from).collect();
        let mut tally = Tally::new();
        for &value in &values {
            tally.add(value);
        }
        let (mean, error) = clustered_mean(&clusters, &values, 0.95).expect("many clusters");
        assert!((error / tally.standard_error() - 1.0).abs() < 1e-12);
        assert!((mean.high - tally.mean_interval(0.95).expect("many").high).abs() < 1e-6, "they are not skewed");
    }

    #[test]
    fn clusters_that_agree_count_once() {
        // Ten observations in each of 100 clusters, 30 of which hit as a whole: as good as 30 of 100.
        let order = (0..30).chain(30..100_u32);
        let clusters: Vec<u32> = order.flat_map(|cluster| std::iter::repeat_n(cluster, 10)).collect();
        let effective = effective_size(&clusters, 300);
        assert!((effective - 99.0).abs() < 1e-9, "{effective}");
        let (own, plain) = (clustered_share(&clusters, 300, 0.95), clopper_pearson(30, 100, 0.95));
        assert!((own.low - plain.low).abs() < 2e-3 && (own.high - plain.high).abs() < 2e-3);
        assert_eq!(effective_size(&clusters, 0), 100.0);
        assert_eq!(effective_size(&clusters, 1_000), 100.0);
    }

    /// Poisson numbers of exponential values; `alike` makes those of one cluster the same.
    fn draw(run: u64, alike: bool) -> (Vec<u32>, Vec<f64>) {
        let mut stream = Stream::new(StreamId::new(11, "clusters", if alike { "alike" } else { "apart" }));
        stream.begin(run);
        let mut found: Vec<(f64, u32)> = Vec::new();
        for cluster in 0..300 {
            let value = -libm::log(stream.uniform());
            // Gaps of a Poisson process of rate 2 over a unit of time.
            let mut time = -libm::log(stream.uniform()) / 2.0;
            while time < 1.0 {
                found.push((if alike { value } else { -libm::log(stream.uniform()) }, cluster));
                time -= libm::log(stream.uniform()) / 2.0;
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        (found.iter().map(|one| one.1).collect(), found.iter().map(|one| one.0).collect())
    }

    #[test]
    fn intervals_hold_what_they_should_whether_clusters_agree_or_not() {
        let (runs, level, p) = (600, 0.9, 0.9);
        for alike in [false, true] {
            let truth = -libm::log(1.0 - p);
            let (mut quantiles, mut shares, mut means, mut naive) = (0, 0, 0, 0);
            for run in 0..runs {
                let (clusters, values) = draw(run, alike);
                let rank = libm::ceil(values.len() as f64 * p) as usize;
                let effective = effective_size(&clusters, rank);
                let holds = |effective: f64| {
                    let found = quantile_of(&values, p, level, effective).expect("many observations");
                    found.low <= truth && truth <= found.high
                };
                quantiles += u32::from(holds(effective));
                naive += u32::from(holds(values.len() as f64));
                let below = values.partition_point(|value| *value <= truth);
                shares += u32::from(clustered_share(&clusters, below, level).contains(p));
                means += u32::from(clustered_mean(&clusters, &values, level).expect("many").0.contains(1.0));
            }
            // The ends are conservative, and the design effect is estimated: between 0.88 and 0.97, with 600 runs a standard
            // error of 0.012 around 0.90, so that four of them below the level fail once in 30,000.
            for (what, count) in [("quantile", quantiles), ("share", shares), ("mean", means)] {
                let coverage = f64::from(count) / runs as f64;
                assert!((0.85..0.98).contains(&coverage), "{what}, alike {alike}: {coverage}");
            }
            let coverage = f64::from(naive) / runs as f64;
            assert!(if alike { coverage < 0.82 } else { coverage > 0.85 }, "alike {alike}: {coverage}");
        }
    }
}
