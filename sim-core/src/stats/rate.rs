//! Rates of events that are counted over clusters, such as trials.

use super::Interval;
use crate::random::special::normal_quantile;

/// The rate of events per unit of exposure: all events over all exposure. Each cluster is a count and its exposure; clusters
/// are independent, and the events of one may depend on each other.
///
/// The interval is that of a ratio estimator on the scale of logarithms (W. G. Cochran, Sampling Techniques, 1977, chapter 6):
/// of clusters with counts c and exposures e the variance of the rate R is n / (n - 1) times the sum of (c - R e)^2 over the
/// squared sum of e. Without any event the upper end is the rate at which none would be seen with half of what the level
/// leaves, -ln((1 - level) / 2) over the exposure: exact where events come independently.
///
/// Nothing without exposure, or where fewer than two clusters leave the spread unknown.
pub fn rate(clusters: impl IntoIterator<Item = (f64, f64)> + Clone, level: f64) -> Option<Interval> {
    let (mut n, mut events, mut exposure) = (0.0, 0.0, 0.0);
    for (count, time) in clusters.clone() {
        n += 1.0;
        events += count;
        exposure += time;
    }
    if exposure <= 0.0 || n < 2.0 {
        return None;
    }
    let left = (1.0 - level) / 2.0;
    if events == 0.0 {
        return Some(Interval { estimate: 0.0, low: 0.0, high: -libm::log(left) / exposure, level });
    }
    let estimate = events / exposure;
    let residuals = clusters.into_iter().map(|(count, time)| count - estimate * time);
    let squares: f64 = residuals.map(|residual| residual * residual).sum();
    let error = libm::sqrt(n / (n - 1.0) * squares) / exposure;
    // Where every cluster has the same rate, single events tell how sure that is.
    let relative = (error / estimate).max(if squares == 0.0 { 1.0 / libm::sqrt(events) } else { 0.0 });
    let factor = libm::exp(normal_quantile(1.0 - left) * relative);
    Some(Interval { estimate, low: estimate / factor, high: estimate * factor, level })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, StreamId};

    #[test]
    fn a_rate_is_all_events_over_all_exposure() {
        let found = rate([(2.0, 10.0), (0.0, 30.0), (4.0, 20.0)], 0.95).expect("there is exposure");
        assert!((found.estimate - 0.1).abs() < 1e-15);
        // Residuals 1, -3 and 2: the error is sqrt(3 / 2 x 14) / 60.
        let factor = libm::exp(normal_quantile(0.975) * libm::sqrt(21.0) / 60.0 / 0.1);
        assert!((found.low - 0.1 / factor).abs() < 1e-15 && (found.high - 0.1 * factor).abs() < 1e-15);
        let none = rate([(0.0, 10.0); 5], 0.95).expect("there is exposure");
        // e^(-50 x) = 0.025
        assert!(none.low == 0.0 && (libm::exp(-50.0 * none.high) - 0.025).abs() < 1e-12);
        assert_eq!(rate([(0.0, 0.0); 5], 0.95), None);
        assert_eq!(rate([(1.0, 5.0)], 0.95), None);
    }

    /// Events come at random, some of them in pairs. Of 400 intervals at 95 % between 366 and 393 hold the truth; a right method
    /// leaves that range once in 600 (binomial), and intervals of few events may hold it a little more often.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut stream = Stream::new(StreamId::new(11, "rate", "coverage"));
        for (truth, pairs) in [(0.02, 0.0), (0.1, 0.0), (0.05, 0.5)] {
            let mut held = 0;
            for set in 0..400 {
                stream.begin(set);
                let clusters: Vec<(f64, f64)> = (0..400)
                    .map(|_| {
                        // Episodes so that episodes x (1 + pairs) = truth, each in a unit of exposure.
                        let episode = f64::from(u8::from(stream.uniform() < truth / (1.0 + pairs)));
                        let events = episode * if stream.uniform() < pairs { 2.0 } else { 1.0 };
                        (events, 1.0)
                    })
                    .collect();
                held += u32::from(rate(clusters.iter().copied(), 0.95).is_some_and(|found| found.contains(truth)));
            }
            assert!((366..=395).contains(&held), "{held} of 400 at {truth}");
        }
    }
}
