//! What is believed of a figure: a band around a guess, or what its observations leave open.
//!
//! | given | posterior | prior |
//! |---|---|---|
//! | lognormal, n | the variance of the logarithms from n s² / chi²(n - 1), their mean from a normal around the mean | 1 / variance, which is Jeffreys' for each by itself |
//! | exponential, n | the rate from a gamma of shape n | 1 / rate |
//! | quantiles, n | the probabilities below the values from a Dirichlet with n times their gaps | none |
//! | empirical | weights of the observations from a Dirichlet with ones: the Bayesian bootstrap of D. B. Rubin, Annals of Statistics 9 (1981), 130-134 | none |
//! | a share, n | a beta | Jeffreys' |
//! | a rate, n events | a gamma of shape n + 1/2 | Jeffreys' |
//!
//! A lognormal of n observations is read as the maximum-likelihood mean and standard deviation of n logarithms. Its
//! posterior intervals are those of Student's t: they hold the true value as often as they say.

use sim_core::random::{Distribution, Given, Stream, beta_quantile, normal_quantile};
use sim_settings::{Amount, Band, Extent, Figure, Measure, Provenance, Said, Source};

/// The factor within which a guess of a file lies that has no band of its own.
const GUESS: f64 = 2.0;

/// The fewest values that stand for a weighted sample: weights are rounded to one part in so many.
const FINE: usize = 1_000;

/// A figure that is not known exactly.
#[derive(Debug, Clone)]
pub(super) struct Belief {
    pub(super) path: String,
    /// Where it is read.
    pub(super) paths: Vec<String>,
    pub(super) measure: Measure,
    pub(super) amount: Amount,
    kind: Kind,
}

/// How it may differ from what the file has.
#[derive(Debug, Clone)]
enum Kind {
    /// A factor between these, evenly on a logarithmic scale.
    Factor { low: f64, high: f64 },
    /// Evenly between these.
    Range { low: f64, high: f64 },
    /// The logarithms of so many observations.
    Logarithms { mu: f64, sigma: f64, count: f64 },
    /// The mean of so many exponential observations.
    Mean { mean: f64, count: f64 },
    /// Probabilities below values, of so many observations.
    Quantiles { points: Vec<(f64, f64)>, count: f64 },
    /// Observations.
    Observations(Vec<f64>),
    /// A share of so many.
    Share { share: f64, count: f64 },
    /// So many events at this rate.
    Events { rate: f64, count: f64 },
}

/// One draw of a belief.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    /// The figure; nothing if there is no such figure, as beyond the range of numbers.
    pub(super) amount: Option<Amount>,
    /// Numbers that describe the draw: an objective is a smooth function of them.
    pub(super) features: Vec<f64>,
    /// The number, or the median.
    pub(super) shown: f64,
}

/// The beliefs about the figures of an experiment, those that are uncertain.
pub(super) fn beliefs(figures: &[Figure]) -> Vec<Belief> {
    let one = |figure: &Figure| {
        let band = figure.key.band.map(|Band { extent, .. }| extent);
        Some(Belief {
            path: figure.path.clone(),
            paths: figure.paths.clone(),
            measure: figure.measure,
            amount: figure.amount.clone(),
            kind: kind(figure, band)?,
        })
    };
    figures.iter().filter_map(one).collect()
}

fn kind(figure: &Figure, band: Option<Extent>) -> Option<Kind> {
    if let Provenance::Said(Said { source: Source::Measured, observations: Some(count), .. }) = figure.provenance {
        return observed(figure, count as f64);
    }
    if figure.provenance.is_assumed() {
        return assumed(figure, band);
    }
    // Observations are their own number, whoever made them.
    match &figure.amount {
        Amount::Law(law) => match law.given() {
            Given::Observations(values) if values.len() > 1 => Some(Kind::Observations(values.to_vec())),
            _ => None,
        },
        Amount::Number(_) => None,
    }
}

fn observed(figure: &Figure, count: f64) -> Option<Kind> {
    match &figure.amount {
        Amount::Law(law) => match law.given() {
            Given::Logarithms { mu, sigma } => Some(Kind::Logarithms { mu, sigma, count }),
            Given::Mean(mean) => Some(Kind::Mean { mean, count }),
            Given::Quantiles(points) => Some(Kind::Quantiles { points: points.to_vec(), count }),
            Given::Observations(values) => Some(Kind::Observations(values.to_vec())),
            Given::Otherwise => None,
        },
        Amount::Number(share) if figure.measure == Measure::Share => Some(Kind::Share { share: *share, count }),
        Amount::Number(rate) => Some(Kind::Events { rate: *rate, count }),
    }
}

fn assumed(figure: &Figure, band: Option<Extent>) -> Option<Kind> {
    let number = match &figure.amount {
        Amount::Number(number) => *number,
        Amount::Law(law) => law.quantile(0.5),
    };
    // Nothing times a factor is nothing.
    if number == 0.0 && !matches!(band, Some(Extent::Range { .. })) {
        return None;
    }
    match (band, &figure.amount) {
        (Some(Extent::Choice), _) => None,
        (Some(Extent::Range { low, high }), Amount::Number(_)) if (low..=high).contains(&number) => {
            Some(Kind::Range { low, high })
        }
        (Some(Extent::Factor { low, high }), _) => Some(admitted(figure, low, high)),
        _ if figure.measure == Measure::Share => {
            Some(Kind::Range { low: number / GUESS, high: number + (1.0 - number) / GUESS })
        }
        _ => Some(admitted(figure, 1.0 / GUESS, GUESS)),
    }
}

/// Factors between these, as far as the key admits what comes of them. A tail without an end is admitted.
fn admitted(figure: &Figure, low: f64, high: f64) -> Kind {
    let Amount::Law(law) = &figure.amount else { return Kind::Factor { low, high } };
    let (least, greatest) = (law.quantile(0.0), law.quantile(1.0));
    let most = if greatest.is_finite() && greatest > 0.0 { figure.key.high / greatest } else { f64::INFINITY };
    let fewest = if least > 0.0 { figure.key.low / least } else { 0.0 };
    Kind::Factor { low: low.max(fewest).min(1.0), high: high.min(most).max(1.0) }
}

impl Belief {
    /// How many coordinates a draw takes from the sequence. What takes more than two numbers has a stream of its own.
    pub(super) const fn coordinates(&self) -> usize {
        match self.kind {
            Kind::Factor { .. } | Kind::Range { .. } | Kind::Mean { .. } | Kind::Share { .. } | Kind::Events { .. } => {
                1
            }
            Kind::Logarithms { .. } => 2,
            Kind::Quantiles { .. } | Kind::Observations(_) => 0,
        }
    }

    /// What is believed, in words.
    pub(super) fn words(&self) -> String {
        let observations = |count: f64| format!("{count} observations");
        match &self.kind {
            Kind::Factor { low, high } => crate::units::extent(&Extent::Factor { low: *low, high: *high }),
            Kind::Range { low, high } => crate::units::extent(&Extent::Range { low: *low, high: *high }),
            Kind::Logarithms { count, .. }
            | Kind::Mean { count, .. }
            | Kind::Quantiles { count, .. }
            | Kind::Share { count, .. }
            | Kind::Events { count, .. } => observations(*count),
            Kind::Observations(values) => observations(values.len() as f64),
        }
    }

    /// The number that the file has, or the median.
    pub(super) fn number(&self) -> f64 {
        match &self.amount {
            Amount::Number(number) => *number,
            Amount::Law(law) => law.quantile(0.5),
        }
    }

    /// Whether it is a distribution.
    pub(super) const fn is_law(&self) -> bool {
        matches!(self.amount, Amount::Law(_))
    }

    /// A draw: at these coordinates, each between 0 and 1, or by the stream.
    pub(super) fn draw(&self, at: &[f64], stream: &mut Stream) -> Drawn {
        let first = at.first().copied().unwrap_or(0.5);
        let scaled = |factor: f64| match &self.amount {
            Amount::Number(number) => Some(Amount::Number(number * factor)),
            Amount::Law(law) => law.scaled(factor).ok().map(Amount::Law),
        };
        let law = |law: Result<Distribution, _>| law.ok().map(Amount::Law);
        let (amount, features) = match &self.kind {
            Kind::Factor { low, high } => (scaled(low * libm::pow(high / low, first)), vec![first]),
            Kind::Range { low, high } => (Some(Amount::Number(low + first * (high - low))), vec![first]),
            Kind::Logarithms { mu, sigma, count } => {
                let second = at.get(1).copied().unwrap_or(0.5);
                let (own_sigma, deviate) = logarithms(*sigma, *count, first, second);
                let own_mu = mu + deviate * own_sigma / libm::sqrt(*count);
                let features = vec![libm::log(own_sigma / sigma), (own_mu - mu) / sigma];
                (law(Distribution::of_logarithms(own_mu, own_sigma)), features)
            }
            Kind::Mean { mean, count } => {
                let factor = count / gamma(*count, first);
                (law(Distribution::exponential(mean * factor)), vec![libm::log(factor)])
            }
            Kind::Share { share, count } => {
                let (hits, misses) = (share * count, (1.0 - share) * count);
                let drawn = beta_quantile(hits + 0.5, misses + 0.5, first);
                (Some(Amount::Number(drawn)), vec![drawn - share])
            }
            Kind::Events { rate, count } => {
                let factor = gamma(count + 0.5, first) / count;
                (Some(Amount::Number(rate * factor)), vec![libm::log(factor)])
            }
            Kind::Quantiles { points, count } => described(&self.amount, quantiles(points, *count, stream)),
            Kind::Observations(values) => described(&self.amount, bootstrap(values, stream)),
        };
        let shown = match amount.as_ref().unwrap_or(&self.amount) {
            Amount::Number(number) => *number,
            Amount::Law(law) => law.quantile(0.5),
        };
        Drawn { amount, features, shown }
    }

    /// How much of the spread of the belief, as a factor on standard deviations, is left after so many observations of the
    /// figure that come out as the file has it.
    pub(super) fn left_after(&self, observations: f64) -> f64 {
        let fewer = |count: f64| libm::sqrt(count / (count + observations));
        // Of a guess: the standard error of the observations beside the spread of the guess.
        let against = |spread: f64, single: f64| {
            let measured = single / libm::sqrt(observations);
            measured / libm::hypot(measured, spread)
        };
        match &self.kind {
            Kind::Logarithms { count, .. }
            | Kind::Mean { count, .. }
            | Kind::Quantiles { count, .. }
            | Kind::Share { count, .. }
            | Kind::Events { count, .. } => fewer(*count),
            Kind::Observations(values) => fewer(values.len() as f64),
            Kind::Factor { low, high } => against(uniform_sd(libm::log(high / low)), self.spread_of_logarithms()),
            Kind::Range { low, high } => {
                let share = match &self.amount {
                    Amount::Number(number) => number.clamp(0.0, 1.0),
                    Amount::Law(law) => law.quantile(0.5).clamp(0.0, 1.0),
                };
                against(uniform_sd(high - low), libm::sqrt(share * (1.0 - share)))
            }
        }
    }

    /// The draw at which the figure is as the file has it, of beliefs with a coordinate for it.
    pub(super) fn present(&self) -> Option<f64> {
        match &self.kind {
            Kind::Factor { low, high } => Some(libm::log(1.0 / low) / libm::log(high / low)),
            Kind::Range { low, high } => match &self.amount {
                Amount::Number(number) => Some((number - low) / (high - low)),
                Amount::Law(_) => None,
            },
            _ => None,
        }
    }

    /// The standard deviation of the logarithm of one observation of the figure. One value is taken to vary by half of
    /// itself from time to time.
    fn spread_of_logarithms(&self) -> f64 {
        const SINGLE: f64 = 0.5;
        let Amount::Law(law) = &self.amount else { return SINGLE };
        let (low, high) = (law.quantile(0.158_655_253_931_457), law.quantile(0.841_344_746_068_543));
        if low > 0.0 && high > low { libm::log(high / low) / 2.0 } else { SINGLE }
    }
}

fn uniform_sd(width: f64) -> f64 {
    width / libm::sqrt(12.0)
}

/// A draw of the standard deviation of logarithms, and the deviate of their mean.
fn logarithms(sigma: f64, count: f64, first: f64, second: f64) -> (f64, f64) {
    let chi_square = 2.0 * gamma((count - 1.0) / 2.0, first);
    (sigma * libm::sqrt(count / chi_square), normal_quantile(second))
}

/// The quantile of a gamma distribution of scale 1.
fn gamma(shape: f64, p: f64) -> f64 {
    Distribution::gamma(shape, 1.0).map_or(shape, |gamma| gamma.quantile(p))
}

/// Shares that add up to 1, from a Dirichlet distribution with these parameters.
fn dirichlet(parameters: impl Iterator<Item = f64>, stream: &mut Stream) -> Vec<f64> {
    // Nothing vanishes altogether: two quantiles would then be one.
    const LEAST: f64 = 1e-9;
    let drawn: Vec<f64> = parameters.map(|shape| gamma(shape, stream.uniform())).collect();
    let sum: f64 = drawn.iter().sum();
    let kept: Vec<f64> = drawn.iter().map(|part| (part / sum).max(LEAST)).collect();
    let sum: f64 = kept.iter().sum();
    kept.iter().map(|part| part / sum).collect()
}

fn quantiles(points: &[(f64, f64)], count: f64, stream: &mut Stream) -> Option<Distribution> {
    let ends = points.iter().map(|(p, _)| *p).chain([1.0]);
    let gaps: Vec<f64> = ends.scan(0.0, |before, p| Some(p - std::mem::replace(before, p))).collect();
    let shares = dirichlet(gaps.into_iter().map(|gap| gap * count), stream);
    let sums = shares.iter().scan(0.0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    Distribution::quantiles(sums.zip(points).map(|(p, (_, value))| (p, *value)).collect()).ok()
}

/// The observations with random weights, as equally likely values.
fn bootstrap(values: &[f64], stream: &mut Stream) -> Option<Distribution> {
    let weights = dirichlet(values.iter().map(|_| 1.0), stream);
    let fine = FINE.max(4 * values.len());
    let (mut drawn, mut sum) = (Vec::with_capacity(fine), 0.0);
    for (value, weight) in values.iter().zip(weights) {
        sum += weight;
        let upto = libm::round(sum * fine as f64) as usize;
        drawn.resize(upto.clamp(drawn.len(), fine), *value);
    }
    Distribution::empirical(drawn).ok()
}

/// A distribution with two numbers that describe how it differs from the file's: its middle and its tail.
fn described(amount: &Amount, law: Option<Distribution>) -> (Option<Amount>, Vec<f64>) {
    let Amount::Law(own) = amount else { return (None, vec![0.0, 0.0]) };
    let features = law.as_ref().map_or_else(
        || vec![0.0, 0.0],
        |law| {
            let ratio =
                |one: f64, other: f64| if one > 0.0 && other > 0.0 { libm::log(one / other) } else { one - other };
            vec![ratio(law.mean(), own.mean()), ratio(law.quantile(0.95), own.quantile(0.95))]
        },
    );
    (law.map(Amount::Law), features)
}
