//! The results of all points of a sweep.

use super::point::{Figures, PointResult};
use crate::compare::{Figure, Statistic};

/// The results of the points.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// Of each point, as far as it is done.
    pub points: Vec<Option<PointResult>>,
}

impl Results {
    /// How many points are done.
    pub fn done(&self) -> usize {
        self.points.iter().flatten().count()
    }

    /// The figures of all points, which are those of the first, if it is sound.
    pub(super) fn figures(&self) -> Option<Figures> {
        let first = self.points.first()?.as_ref()?;
        let quantile = |name: &str| match Figure::named(name).ok()? {
            Figure { indicator, statistic: Statistic::Quantile(p) } => Some((indicator, p)),
            Figure { statistic: Statistic::Mean, .. } => None,
        };
        Some(Figures {
            quantiles: first.figures.iter().map(|found| quantile(&found.name)).collect::<Option<_>>()?,
            availability: first.availability.is_some(),
        })
    }
}
