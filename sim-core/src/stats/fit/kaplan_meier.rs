//! The distribution of durations of which some were cut short, without a family.

use super::observed::Observed;

/// The product-limit estimate (E. L. Kaplan and P. Meier, Journal of the American Statistical Association 53 (1958),
/// 457-481). A value between two counts in their middle.
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    /// Values at which the share grows, and the share up to them.
    steps: Vec<(f64, f64)>,
    /// The largest value of all, complete or not.
    last: f64,
}

impl KaplanMeier {
    /// The estimate from observations in any order.
    pub fn new(observed: &[Observed]) -> Self {
        let mut sorted: Vec<(f64, bool)> = observed.iter().map(|one| (one.middle(), one.is_complete())).collect();
        // What is cut short at a value is larger than what ended there.
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let mut steps: Vec<(f64, f64)> = Vec::new();
        let mut surviving = 1.0;
        for (index, (value, complete)) in sorted.iter().enumerate() {
            if !complete {
                continue;
            }
            let at_risk = (sorted.len() - index) as f64;
            surviving *= 1.0 - 1.0 / at_risk;
            match steps.last_mut() {
                Some(step) if step.0 == *value => step.1 = 1.0 - surviving,
                _ => steps.push((*value, 1.0 - surviving)),
            }
        }
        Self { steps, last: sorted.last().map_or(0.0, |last| last.0) }
    }

    /// Values at which the share grows, in order, and the share up to them.
    pub fn steps(&self) -> &[(f64, f64)] {
        &self.steps
    }

    /// The largest value that was looked at.
    pub const fn last(&self) -> f64 {
        self.last
    }

    /// The value below which a share `p` lies; none beyond the last one that ended.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        self.steps.iter().find(|(_, share)| *share >= p - 1e-12).map(|(value, _)| *value)
    }

    /// The share up to a value.
    pub fn share(&self, value: f64) -> f64 {
        let after = self.steps.partition_point(|step| step.0 <= value);
        after.checked_sub(1).map_or(0.0, |index| self.steps[index].1)
    }
}
