//! The cumulative distribution of a sample, thinned to what a page can show.

/// A step of a [`Curve`]: from `at` on, `share` of the trials lie at or below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Seconds.
    pub at: f64,
    /// Share of all trials, censored ones included, that lie at or below.
    pub share: f64,
    /// Lower end of the share's interval.
    pub low: f64,
    /// Upper end of the share's interval.
    pub high: f64,
}

/// A cumulative distribution with its pointwise confidence band.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Sample size.
    trials: u64,
    /// Steps in order of time; the first is at zero.
    points: Vec<CurvePoint>,
}

impl Curve {
    /// Share of trials between two steps that are kept: a quarter of a page unit on the tallest plot.
    const SHARE_STEP: f64 = 1e-3;
    /// Ratio of two instants that are kept however little lies between them.
    const TIME_RATIO: f64 = 1.003;

    /// The curve of a sample in any order. Infinite values are censored; NaN (did not happen) is left out and not
    /// counted; negative values count as zero. `interval(k, n)` is the confidence interval of a share of which `k` of
    /// `n` were seen (Clopper-Pearson, say); it is asked only for the steps that are kept.
    pub fn of_sample(sample: &[f64], interval: impl Fn(u64, u64) -> (f64, f64)) -> Self {
        let mut values: Vec<f64> = sample.iter().filter(|value| !value.is_nan()).map(|value| value.max(0.0)).collect();
        values.sort_unstable_by(f64::total_cmp);
        let trials = values.len();
        let finite = values.partition_point(|value| value.is_finite());
        let mut curve = Self { trials: trials as u64, points: Vec::new() };
        if trials == 0 {
            return curve;
        }
        let mut keep = |at: f64, count: usize| {
            let share = count as f64 / trials as f64;
            let (low, high) = interval(count as u64, trials as u64);
            let low = if low.is_nan() { share } else { low.clamp(0.0, share) };
            let high = if high.is_nan() { share } else { high.clamp(share, 1.0) };
            curve.points.push(CurvePoint { at, share, low, high });
            (at, count)
        };
        let zeros = values.partition_point(|value| *value <= 0.0);
        let (mut last_at, mut last_count) = keep(0.0, zeros);
        let mut index = zeros;
        while index < finite {
            let at = values[index];
            let count = index + values[index..finite].partition_point(|value| *value <= at);
            let moved = (count - last_count) as f64 >= Self::SHARE_STEP * trials as f64;
            if moved || at >= last_at * Self::TIME_RATIO || count == finite {
                (last_at, last_count) = keep(at, count);
            }
            index = count;
        }
        curve
    }

    /// The sample size.
    pub const fn trials(&self) -> u64 {
        self.trials
    }

    /// The steps in order of time; the first is at zero. None without a trial.
    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// Share of trials at zero.
    pub fn at_zero(&self) -> f64 {
        self.points.first().map_or(0.0, |point| point.share)
    }

    /// Share of trials beyond the horizon.
    pub fn censored(&self) -> f64 {
        self.points.last().map_or(0.0, |point| 1.0 - point.share)
    }

    /// The interval of the share at zero.
    pub(crate) fn at_zero_between(&self) -> (f64, f64) {
        self.points.first().map_or((0.0, 1.0), |point| (point.low, point.high))
    }

    /// The interval of the share beyond the horizon.
    pub(crate) fn censored_between(&self) -> (f64, f64) {
        self.points.last().map_or((0.0, 1.0), |point| (1.0 - point.high, 1.0 - point.low))
    }

    /// The largest difference of the two shares at any instant, those before the first step and beyond the last included.
    pub(crate) fn differs(&self, other: &Self) -> f64 {
        let at_steps = |one: &Self, other: &Self| {
            one.points.iter().map(|point| (point.share - other.share_by(point.at)).abs()).fold(0.0, f64::max)
        };
        at_steps(self, other).max(at_steps(other, self))
    }

    /// The share of the trials at or below an instant.
    fn share_by(&self, at: f64) -> f64 {
        let after = self.points.partition_point(|point| point.at <= at);
        after.checked_sub(1).map_or(0.0, |index| self.points[index].share)
    }

    /// The first instant at or below which `share` of the trials lie; infinite if they do not.
    pub(crate) fn reaches(&self, share: f64) -> f64 {
        let index = self.points.partition_point(|point| point.share < share - 1e-12);
        self.points.get(index).map_or(f64::INFINITY, |point| point.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(k: u64, n: u64) -> (f64, f64) {
        let share = k as f64 / n as f64;
        (share - 0.1, share + 0.1)
    }

    #[test]
    fn censored_and_zero_trials_keep_their_share() {
        let curve = Curve::of_sample(&[f64::INFINITY, 2.0, 0.0, f64::NAN, -1.0], exact);
        assert_eq!(curve.trials(), 4);
        assert_eq!(curve.at_zero(), 0.5);
        assert_eq!(curve.censored(), 0.25);
        assert_eq!(curve.reaches(0.75), 2.0);
        assert_eq!(curve.reaches(0.76), f64::INFINITY);
    }

    #[test]
    fn ties_are_one_step() {
        let curve = Curve::of_sample(&[42.0; 1000], exact);
        assert_eq!(curve.points().len(), 2, "zero, and the step");
        assert_eq!(curve.points()[1], CurvePoint { at: 42.0, share: 1.0, low: 0.9, high: 1.0 });
    }

    #[test]
    fn a_million_points_become_a_few_thousand_that_still_end_at_the_largest() {
        let sample: Vec<f64> = (1..=1_000_000).map(f64::from).collect();
        let curve = Curve::of_sample(&sample, exact);
        assert!(curve.points().len() < 6000, "{}", curve.points().len());
        let last = curve.points()[curve.points().len() - 1];
        assert_eq!((last.at, last.share), (1_000_000.0, 1.0));
        for share in [0.5, 0.9, 0.99] {
            assert!((curve.reaches(share) / (share * 1e6) - 1.0).abs() < 0.005);
        }
    }

    #[test]
    fn curves_differ_by_what_lies_between_them_at_most() {
        let of = |sample: &[f64]| Curve::of_sample(sample, exact);
        let whole = of(&[1.0, 2.0, 3.0, f64::INFINITY]);
        assert_eq!(whole.differs(&whole), 0.0);
        // From 2 on until 3 three of four trials are back in one and two in the other.
        assert_eq!(whole.differs(&of(&[1.0, 2.0, 2.0, f64::INFINITY])), 0.25);
        // The fourth is back in the end.
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0]).differs(&whole), 0.25);
        // One is never down, and the other is until 10.
        assert_eq!(of(&[0.0, 0.0]).differs(&of(&[10.0, 10.0])), 1.0);
    }

    #[test]
    fn no_trial_no_curve() {
        let curve = Curve::of_sample(&[f64::NAN], exact);
        assert_eq!((curve.trials(), curve.points().len(), curve.censored()), (0, 0, 0.0));
    }
}
