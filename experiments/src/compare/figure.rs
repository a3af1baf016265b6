//! A compared figure: a quantile or the mean of the recovery time or of the data loss, or the mean availability.

use sim_core::stats::quantile;

use crate::analyze::LEVEL;
use crate::header::{Indicator, Measured, Objective, Of, quantile_name};
use crate::symbol::Symbol;

/// The statistic that is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// A quantile, such as 0.99.
    Quantile(f64),
    /// The mean.
    Mean,
}

/// One figure of each candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Recovery time, data loss, or availability.
    pub indicator: Indicator,
    /// Whose: the worst journey's or store's or that of all together, or that of a single one.
    pub of: Of,
    /// The statistic.
    pub statistic: Statistic,
}

impl Figure {
    /// The mean share of the time in which all journeys are up.
    pub const AVAILABILITY: Self =
        Self { indicator: Indicator::Availability, of: Of::Worst, statistic: Statistic::Mean };

    /// The quantile of a measure of the worst.
    pub const fn quantile(indicator: Indicator, quantile: f64) -> Self {
        Self { indicator, of: Of::Worst, statistic: Statistic::Quantile(quantile) }
    }

    /// The quantile of a measure.
    pub const fn quantile_of(measured: Measured, quantile: f64) -> Self {
        let Measured { indicator, of } = measured;
        Self { indicator, of, statistic: Statistic::Quantile(quantile) }
    }

    /// The mean of a measure.
    pub const fn mean_of(measured: Measured) -> Self {
        let Measured { indicator, of } = measured;
        Self { indicator, of, statistic: Statistic::Mean }
    }

    /// What it is a figure of.
    pub const fn measured(&self) -> Measured {
        Measured { indicator: self.indicator, of: self.of }
    }

    /// `rto.p99`, `rpo.mean`, `availability`, `checkout.rto.p99`: named like objectives.
    pub fn name(&self) -> String {
        self.of.name(&match self.indicator {
            Indicator::Availability => self.indicator.word().to_owned(),
            Indicator::Rto
            | Indicator::Rpo
            | Indicator::CaughtUp
            | Indicator::LatencyBefore
            | Indicator::LatencyAfter => {
                format!("{}.{}", self.indicator.word(), self.short())
            }
        })
    }

    /// `p99`, `mean`.
    pub fn short(&self) -> String {
        match self.statistic {
            Statistic::Quantile(p) => quantile_name(p),
            Statistic::Mean => "mean".to_owned(),
        }
    }

    /// How many trials it takes at least, if that is a number.
    pub fn needs(&self) -> Option<u64> {
        match self.statistic {
            // No sample is smaller than an empty one.
            Statistic::Quantile(p) => quantile(&[], p, LEVEL).err().map(|refused| refused.needed),
            Statistic::Mean => Some(2),
        }
    }

    /// The figure with this name.
    ///
    /// # Errors
    /// The form of a name.
    pub fn named(name: &str) -> Result<Self, String> {
        // A journey may be called `rto`, and its figures `rto.rto.p99`.
        Self::of_worst(name).or_else(|error| Self::of_single(name).ok_or(error))
    }

    /// The figure of a single journey or store with this name: the last part of the name that is one of its own.
    fn of_single(name: &str) -> Option<Self> {
        let splits = name.match_indices('.').map(|(at, _)| (&name[..at], &name[at + 1..]));
        let figure = |(subject, rest): (&str, &str)| {
            let figure = Self::of_worst(rest).ok().filter(|_| !subject.is_empty())?;
            let name = Symbol::new(subject);
            let of = match figure.indicator {
                Indicator::Rpo | Indicator::CaughtUp => Of::Store(name),
                Indicator::Rto | Indicator::Availability | Indicator::LatencyBefore | Indicator::LatencyAfter => {
                    Of::Journey(name)
                }
            };
            Some(Self { of, ..figure })
        };
        splits.filter_map(figure).next_back()
    }

    fn of_worst(name: &str) -> Result<Self, String> {
        if name == Self::AVAILABILITY.name() {
            return Ok(Self::AVAILABILITY);
        }
        let wanted = || {
            "must be availability, or rto, rpo or caught-up, a point, and a quantile or mean: rto.p99, rpo.mean, \
             availability; of one journey or store after its name: checkout.rto.p99"
                .to_owned()
        };
        let (indicator, statistic) = name.split_once('.').ok_or_else(wanted)?;
        // The time down is what the availability leaves: both would say the same.
        if indicator == "downtime" || indicator == Indicator::Availability.word() {
            return Err(
                "must be availability, by itself: the mean share of the time in which all journeys are up, which \
                        is what objectives on it are about"
                    .to_owned(),
            );
        }
        let indicator =
            Indicator::ALL.into_iter().find(|candidate| candidate.word() == indicator).ok_or_else(wanted)?;
        if statistic == "mean" && indicator.phase().is_none() {
            return Ok(Self::mean_of(indicator.into()));
        }
        let percent = statistic.strip_prefix('p').and_then(|digits| digits.parse::<f64>().ok());
        let percent = percent.filter(|percent| *percent > 0.0 && *percent < 100.0).ok_or_else(wanted)?;
        // The number is the same that objectives have for 0.999.
        Ok(Self::quantile(indicator, (percent * 1e6).round() / 1e8))
    }
}

/// Whether it is that of the worst, of which each trial has a value.
fn is_of_all(measured: Measured) -> bool {
    measured.of == Of::Worst && measured.indicator.phase().is_none()
}

/// The figures of a comparison: every objective of any candidate and the figures in `more`, or p50 and p99 of both
/// measures if there are none; and the mean of every measure among them. Data loss is left out where nothing can be
/// lost. With `uptime`, which is set where an objective on availability exists or faults recur, availability is
/// compared as well. Figures of single journeys and stores, for their objectives and the `availabilities` that are asked of
/// them, follow those of the worst.
pub fn figures<'a>(
    objectives: impl Iterator<Item = &'a Objective>,
    availabilities: impl Iterator<Item = Of>,
    more: &[Figure],
    stores: bool,
    uptime: bool,
) -> Vec<Figure> {
    let (objectives, single): (Vec<&Objective>, Vec<&Objective>) =
        objectives.partition(|objective| is_of_all(objective.measured()));
    let mut quantiles: Vec<(Indicator, f64)> =
        objectives.iter().map(|objective| (objective.indicator, objective.quantile)).collect();
    let by_default =
        [Indicator::Rto, Indicator::Rpo].into_iter().flat_map(|indicator| [(indicator, 0.5), (indicator, 0.99)]);
    if quantiles.is_empty() {
        quantiles.extend(by_default.filter(|(indicator, _)| stores || *indicator == Indicator::Rto));
    }
    let (more, more_single): (Vec<Figure>, Vec<Figure>) = more.iter().partition(|figure| is_of_all(figure.measured()));
    quantiles.extend(more.iter().filter_map(|figure| match figure.statistic {
        Statistic::Quantile(p) => Some((figure.indicator, p)),
        Statistic::Mean => None,
    }));
    let mut figures = Vec::new();
    for indicator in Indicator::COMPARED {
        let mut own: Vec<f64> =
            quantiles.iter().filter(|(of, _)| *of == indicator).map(|(_, quantile)| *quantile).collect();
        own.sort_by(f64::total_cmp);
        own.dedup();
        let wanted = (uptime && indicator == Indicator::Availability)
            || !own.is_empty()
            || more.iter().any(|figure| figure.indicator == indicator);
        figures.extend(own.into_iter().map(|quantile| Figure::quantile(indicator, quantile)));
        figures.extend(wanted.then_some(Figure::mean_of(indicator.into())));
    }
    let single = single.iter().map(|objective| Figure::quantile_of(objective.measured(), objective.quantile));
    let availabilities = availabilities.filter(|of| *of != Of::Worst);
    let availabilities = availabilities.map(|of| Figure::mean_of(Measured { indicator: Indicator::Availability, of }));
    for figure in single.chain(availabilities).chain(more_single) {
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::{Figure, figures};
    use crate::header::{Indicator, Objective, Of};

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            "rto.p99",
            "rpo.p99.9",
            "rto.p50",
            "rpo.mean",
            "rto.p99.99",
            "availability",
            "checkout.rto.p99.9",
            "orders.eu.rpo.mean",
            "rto.rto.p99",
            "rto.p99.availability",
        ] {
            assert_eq!(Figure::named(name).map(|figure| figure.name()), Ok(name.to_owned()));
        }
        for name in
            ["", "rto", "rto.", "rto.99", "rto.p0", "rto.p100", "mtbf.p99", "rto.pNaN", "rto.p1e400", ".rto.p99"]
        {
            assert!(Figure::named(name).is_err_and(|error| error.contains("rto.p99")), "{name}");
        }
        let single = |name: &str| Figure::named(name).map(|figure| figure.of).expect("valid");
        let symbol = crate::symbol::Symbol::new;
        assert_eq!(single("a.b.rto.p99"), Of::Journey(symbol("a.b")));
        assert_eq!(single("rto.rpo.p99"), Of::Store(symbol("rto")));
        assert_eq!(single("rto.p99.rto.p99"), Of::Journey(symbol("rto.p99")));
        for name in ["downtime.mean", "availability.mean", "availability.p99"] {
            assert!(Figure::named(name).is_err_and(|error| error.starts_with("must be availability, by")), "{name}");
        }
    }

    #[test]
    fn objectives_of_any_candidate_are_compared_each_once_and_the_mean_with_them() {
        let objective = |indicator, quantile| Objective { indicator, of: Of::Worst, quantile, limit: 1.0 };
        let objectives =
            [objective(Indicator::Rto, 0.99), objective(Indicator::Rto, 0.5), objective(Indicator::Rto, 0.99)];
        let names = |figures: Vec<Figure>| figures.iter().map(Figure::name).collect::<Vec<_>>();
        assert_eq!(
            names(figures(objectives.iter(), [].into_iter(), &[], true, false)),
            ["rto.p50", "rto.p99", "rto.mean"]
        );
        let more = [Figure::named("rpo.p95").expect("valid"), Figure::named("rto.p99").expect("valid")];
        assert_eq!(
            names(figures(objectives.iter(), [].into_iter(), &more, true, false)),
            ["rto.p50", "rto.p99", "rto.mean", "rpo.p95", "rpo.mean"]
        );
    }

    /// The smallest sample with an observation on either side of the quantile: 0.99^299 < 5 %, and so on.
    #[test]
    fn a_figure_knows_how_many_trials_it_takes() {
        let needs = |name: &str| Figure::named(name).expect("valid").needs();
        assert_eq!((needs("rto.p99"), needs("rto.mean")), (Some(299), Some(2)));
    }

    #[test]
    fn without_objectives_it_is_the_middle_and_the_tail() {
        let names = |stores, uptime| {
            figures([].iter(), [].into_iter(), &[], stores, uptime).iter().map(Figure::name).collect::<Vec<_>>()
        };
        assert_eq!(names(true, false), ["rto.p50", "rto.p99", "rto.mean", "rpo.p50", "rpo.p99", "rpo.mean"]);
        assert_eq!(names(false, false), ["rto.p50", "rto.p99", "rto.mean"]);
        assert_eq!(names(false, true), ["rto.p50", "rto.p99", "rto.mean", "availability"]);
    }
}
