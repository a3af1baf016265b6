//! Fits held against independent optima, closed forms and their own claims. Every seed is fixed; where a correct program
//! could fail, the comment says how often.

use statrs::distribution::{ContinuousCDF as _, StudentsT};
use statrs::function::erf::erfc;

use super::*;
use crate::random::{Distribution, LogNormal, Stream, StreamId};

fn stream(purpose: &str, number: u64) -> Stream {
    let mut stream = Stream::new(StreamId::new(17, "fit/tests", purpose));
    stream.begin(number);
    stream
}

fn draws(law: &Law, n: usize, stream: &mut Stream) -> Vec<f64> {
    (0..n).map(|_| law.quantile(stream.uniform())).collect()
}

fn exact(values: &[f64]) -> Vec<Observed> {
    values.iter().copied().map(Observed::Exact).collect()
}

/// Median 5 min, p95 20 min.
const APPROVAL: Law = Law::LogNormal { mu: 5.703_782_474_656_201, sigma: 0.842_807_127_883_599 };

/// The likelihood written anew, by other functions.
fn ln_likelihood(mu: f64, sigma: f64, observed: &[Observed]) -> f64 {
    let above = |x: f64| erfc((x.ln() - mu) / sigma / std::f64::consts::SQRT_2) / 2.0;
    let one = |observed: &Observed| match *observed {
        Observed::Exact(x) => {
            let z = (x.ln() - mu) / sigma;
            -z * z / 2.0 - (std::f64::consts::TAU.sqrt() * sigma * x).ln()
        }
        Observed::Above(x) => above(x).ln(),
        Observed::Between(a, b) => (above(a) - above(b)).ln(),
    };
    observed.iter().map(one).sum()
}

#[test]
fn a_censored_lognormal_is_fitted_to_the_optimum_that_a_search_finds() {
    let observed = [
        Observed::Exact(130.0),
        Observed::Exact(95.0),
        Observed::Above(900.0),
        Observed::Between(240.0, 300.0),
        Observed::Exact(610.0),
        Observed::Above(900.0),
        Observed::Exact(412.0),
        Observed::Between(60.0, 120.0),
    ];
    // A grid that shrinks around its best point.
    let (mut mu, mut sigma, mut width) = (6.0, 1.0, 1.0);
    for _ in 0..60 {
        let mut best = (f64::NEG_INFINITY, mu, sigma);
        for i in -4..=4 {
            for j in -4..=4 {
                let at = (mu + width * f64::from(i) / 4.0, sigma * (width * f64::from(j) / 4.0).exp());
                let value = ln_likelihood(at.0, at.1, &observed);
                if value > best.0 {
                    best = (value, at.0, at.1);
                }
            }
        }
        (mu, sigma, width) = (best.1, best.2, width * 0.7);
    }
    let fitted = maximum(Family::LogNormal, &observed).expect("it has an optimum");
    let Law::LogNormal { mu: own_mu, sigma: own_sigma } = fitted.law else { panic!("{fitted:?}") };
    assert!((own_mu - mu).abs() < 1e-5 && (own_sigma - sigma).abs() < 1e-5, "{own_mu} {mu} {own_sigma} {sigma}");
    assert!((fitted.ln_likelihood - ln_likelihood(mu, sigma, &observed)).abs() < 1e-9);
}

#[test]
fn every_fit_is_a_peak() {
    for family in [Family::LogNormal, Family::Weibull, Family::Gamma] {
        for number in 0..5 {
            let mut observed = exact(&draws(&APPROVAL, 12, &mut stream("peak", number)));
            if number > 2 {
                observed[3] = Observed::Above(200.0);
                observed[7] = Observed::Between(60.0, 120.0);
            }
            let fitted = maximum(family, &observed).expect("it has a peak");
            let [a, b] = fitted.law.point();
            let at = |a: f64, b: f64| Law::at(family, [a, b]).ln_likelihood(&observed);
            let (h, top) = (1e-4, at(a, b));
            let slopes = [(at(a + h, b) - at(a - h, b)) / h, (at(a, b + h) - at(a, b - h)) / h];
            assert!(slopes.iter().all(|slope| slope.abs() < 1e-3), "{family:?} {slopes:?}");
            assert!([at(a + 0.1, b), at(a - 0.1, b), at(a, b + 0.1), at(a, b - 0.1)].iter().all(|other| *other < top));
        }
    }
}

#[test]
fn what_has_no_law_is_refused() {
    assert_eq!(maximum(Family::LogNormal, &exact(&[3.0, 3.0, 3.0])), None);
    assert_eq!(maximum(Family::Gamma, &[Observed::Exact(3.0), Observed::Above(4.0)]), None);
    assert_eq!(maximum(Family::Weibull, &[]), None);
    let cut = [Observed::Above(1.0), Observed::Exact(2.0), Observed::Exact(3.0), Observed::Exact(4.0)];
    assert_eq!(maximum(Family::TwoLogNormals, &cut), None);
}

#[test]
fn a_mixture_is_found_where_there_is_one() {
    let law = Law::TwoLogNormals { weight: 0.7, first: [4.0, 0.3], second: [7.0, 0.4] };
    let observed = exact(&draws(&law, 300, &mut stream("mixture", 0)));
    let [two, one] =
        [Family::TwoLogNormals, Family::LogNormal].map(|family| maximum(family, &observed).expect("it has a peak"));
    assert!(two.criterion(300.0, 300) < one.criterion(300.0, 300));
    let Law::TwoLogNormals { weight, first, second } = two.law else { panic!("{two:?}") };
    // Standard errors are 0.026, 0.02 and 0.04.
    assert!((weight - 0.7).abs() < 0.1 && (first[0] - 4.0).abs() < 0.1 && (second[0] - 7.0).abs() < 0.15, "{two:?}");
    let single = exact(&draws(&APPROVAL, 300, &mut stream("mixture", 1)));
    let [two, one] = [Family::TwoLogNormals, Family::LogNormal]
        .map(|family| maximum(family, &single).map(|it| it.criterion(300.0, 300)));
    assert!(two.is_none_or(|two| one.is_some_and(|one| one < two)), "{two:?} {one:?}");
}

/// Drills were stopped at 15 minutes, and one in twenty takes more than 20.
#[test]
fn censored_drills_by_likelihood_beat_dropping_and_counting_them() {
    let mut p95 = [const { Vec::new() }; 3];
    for number in 0..400 {
        let values = draws(&APPROVAL, 12, &mut stream("drills", number));
        let cut = |over: fn(f64) -> Option<Observed>| -> Vec<Observed> {
            values
                .iter()
                .filter_map(|value| if *value > 900.0 { over(*value) } else { Some(Observed::Exact(*value)) })
                .collect()
        };
        let ways: [fn(f64) -> Option<Observed>; 3] =
            [|_| None, |_| Some(Observed::Exact(900.0)), |_| Some(Observed::Above(900.0))];
        for (found, way) in p95.iter_mut().zip(ways) {
            found.extend(maximum(Family::LogNormal, &cut(way)).map(|fitted| fitted.law.quantile(0.95) / 60.0));
        }
    }
    let [dropped, counted, likely] = p95.map(|mut found| {
        found.sort_by(f64::total_cmp);
        found[found.len() / 2]
    });
    // The standard error of each median is about 0.5.
    assert!(dropped + 2.0 < counted && counted + 0.4 < likely && likely < 21.0, "{dropped} {counted} {likely}");
}

/// A correct program misses 184 to 196 of 200 in 3 of 100 seeds.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    for (family, law) in [(Family::LogNormal, APPROVAL), (Family::Weibull, Law::Weibull { shape: 0.8, scale: 300.0 })] {
        for p in [0.5, 0.95] {
            let truth = law.quantile(p);
            let held = (0..200).filter(|number| {
                let observed = exact(&draws(&law, 8, &mut stream("coverage", *number)));
                let fitted = maximum(family, &observed).expect("it has a peak");
                let (low, high) = Posterior::new(&fitted, &observed, 1.0).expect("it has one").interval(p, 0.95);
                (low..=high).contains(&truth)
            });
            let held = held.count();
            assert!((184..=196).contains(&held), "{family:?} {p}: {held}");
        }
    }
}

/// The same with a stop for each at an instant of its own. The claim is approximate there: 180 to 198 of 200, which a
/// coverage of 95 % misses in 2 of 1,000 seeds.
#[test]
fn intervals_of_censored_drills_hold_the_truth() {
    let truth = APPROVAL.quantile(0.95);
    let mut held = 0;
    for number in 0..200 {
        let mut stream = stream("stops", number);
        let values = draws(&APPROVAL, 12, &mut stream);
        let cut = |value: f64| {
            let stop = 300.0 + 1_500.0 * stream.uniform();
            if value > stop { Observed::Above(stop) } else { Observed::Exact(value) }
        };
        let observed: Vec<Observed> = values.into_iter().map(cut).collect();
        let fitted = maximum(Family::LogNormal, &observed).expect("it has a peak");
        let (low, high) = Posterior::new(&fitted, &observed, 1.0).expect("it has one").interval(0.95, 0.95);
        held += usize::from((low..=high).contains(&truth));
    }
    assert!((180..=198).contains(&held), "{held}");
}

/// With the flat prior the next logarithm is Student's t: mean + s t sqrt(1 + 1/n).
#[test]
fn the_next_value_follows_students_law() {
    for n in [5_usize, 8, 20] {
        let values = draws(&APPROVAL, n, &mut stream("next", n as u64));
        let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        let mean = logs.iter().sum::<f64>() / n as f64;
        let s = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt();
        let t = StudentsT::new(0.0, 1.0, (n - 1) as f64).expect("a law").inverse_cdf(0.99);
        let expected = (mean + s * t * (1.0 + 1.0 / n as f64).sqrt()).exp();
        let observed = exact(&values);
        let fitted = maximum(Family::LogNormal, &observed).expect("it has a peak");
        let posterior = Posterior::new(&fitted, &observed, 1.0).expect("it has one");
        let found = posterior.predictive(0.99);
        assert!((found / expected - 1.0).abs() < 0.02, "{n}: {found} {expected}");
        // Observations that are worth ten times as much leave less open.
        let surer = Posterior::new(&fitted, &observed, 10.0).expect("it has one");
        assert!(surer.predictive(0.99) < found && surer.interval(0.5, 0.95).0 > posterior.interval(0.5, 0.95).0);
    }
}

/// Under the fitted law the p value is below 1 in 10 in 10 of 100 samples: 3 to 19 of them, but for 1 of 100 seeds. With
/// tables for a law that is not fitted it would hardly ever be.
#[test]
fn plausibility_knows_that_the_law_was_fitted() {
    let low = |law: Law, cut: bool, purpose: &str| {
        (0..100)
            .filter(|number| {
                let values = draws(&law, 20, &mut stream(purpose, *number));
                let seen = |value| if cut && value > 700.0 { Observed::Above(700.0) } else { Observed::Exact(value) };
                let observed: Vec<Observed> = values.into_iter().map(seen).collect();
                let fitted = maximum(Family::LogNormal, &observed).expect("it has a peak");
                plausibility(&fitted.law, &observed, 1).expect("it can be told").p < 0.1
            })
            .count()
    };
    let (whole, cut) = (low(APPROVAL, false, "null"), low(APPROVAL, true, "null"));
    assert!((3..=19).contains(&whole) && (2..=20).contains(&cut), "{whole} {cut}");
    // Seven of ten in a minute, the others in half an hour: no lognormal.
    let two = Law::TwoLogNormals { weight: 0.7, first: [4.0, 0.2], second: [7.5, 0.2] };
    assert!(low(two, false, "two") > 80);
}

#[test]
fn the_product_limit_estimate_is_that_of_the_textbook() {
    // J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd edition, table 4.1: weeks of remission, 6-MP arm.
    let events = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|week| Observed::Exact(f64::from(week)));
    let stops = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|week| Observed::Above(f64::from(week)));
    let estimate = KaplanMeier::new(&[&events[..], &stops].concat());
    for (week, surviving) in
        [(6.0, 0.857), (7.0, 0.807), (10.0, 0.753), (13.0, 0.690), (16.0, 0.627), (22.0, 0.538), (23.0, 0.448)]
    {
        assert!((1.0 - estimate.share(week) - surviving).abs() < 5e-4, "{week}");
    }
    assert_eq!((estimate.quantile(0.5), estimate.quantile(0.6), estimate.last()), (Some(23.0), None, 35.0));
}

/// Correlations fall by e in ten steps: 20 steps count as one. The estimate of 20,000 steps has a standard error of about
/// 8 %.
#[test]
fn minutes_that_depend_on_each_other_count_less() {
    let mut stream = stream("minutes", 0);
    let (rho, mut state) = ((-0.1_f64).exp(), 0.0);
    let normal = Law::LogNormal { mu: 0.0, sigma: 1.0 };
    let mut series: Vec<Option<f64>> = (0..20_000)
        .map(|_| {
            state = rho * state + (1.0 - rho * rho).sqrt() * normal.quantile(stream.uniform()).ln();
            Some(state.exp())
        })
        .collect();
    let expected = (1.0 + rho) / (1.0 - rho);
    let whole = dependence(&series);
    assert!((whole.time / expected - 1.0).abs() < 0.3, "{} {expected}", whole.time);
    // An hour of each day is missing: the time of the others is the same.
    for (index, value) in series.iter_mut().enumerate() {
        if index % 1_440 < 60 {
            *value = None;
        }
    }
    let gaps = dependence(&series);
    assert!((gaps.time / whole.time - 1.0).abs() < 0.2 && gaps.present < whole.present);
    let alone: Vec<Option<f64>> = (0..5_000).map(|_| Some(stream.uniform())).collect();
    assert!(dependence(&alone).effective > 4_000.0);
    assert_eq!(dependence(&[Some(1.0); 50]).effective, 50.0);
}

/// Items of a delay with median 3 s and p99 60 s, written five times a second for a day and a half.
#[test]
fn the_delay_of_each_is_found_behind_the_age_of_the_oldest() {
    let spec = LogNormal { median: Some(3.0), p99: Some(60.0), ..LogNormal::default() };
    let delay = Distribution::lognormal(&spec).expect("a law");
    let (rate, minutes, before) = (5.0, 2_000_usize, 3_600.0);
    let mut stream = stream("oldest", 0);
    let mut ages = vec![0.0_f64; minutes];
    let mut at = -before;
    while at < minutes as f64 * 60.0 {
        at -= stream.uniform().ln() / rate;
        let end = at + delay.quantile(stream.uniform());
        // It is the oldest at most until it ends: its age grows in each minute that it touches.
        let mut minute = (at.max(0.0) / 60.0) as usize;
        while minute < minutes && minute as f64 * 60.0 < end {
            let age = end.min((minute + 1) as f64 * 60.0) - at;
            ages[minute] = ages[minute].max(age);
            minute += 1;
        }
    }
    for x in [60.0, 120.0, 240.0] {
        let share = ages.iter().filter(|age| **age <= x).count() as f64 / minutes as f64;
        let predicted = oldest_share(&delay, rate, 60.0, x);
        // Neighbouring minutes depend on each other: the standard error is about 0.02.
        assert!((share - predicted).abs() < 0.06, "{x}: {share} {predicted}");
    }
    let law = delay_of_oldest(&ages, rate, 60.0).expect("it is found");
    ages.sort_by(f64::total_cmp);
    let naive = ages[minutes / 2];
    assert!(naive > 25.0 * 3.0, "taken as a delay the metric is {naive} at its median");
    assert!((1.5..6.0).contains(&law.quantile(0.5)), "{law:?}");
    assert!((45.0..80.0).contains(&law.quantile(0.99)), "{law:?}");
}

#[test]
fn places_and_their_chances() {
    let sorted = [1.0, 2.0, 2.0, 3.0];
    assert_eq!([0.0, 1.0, 2.0, 2.5, 9.0].map(|value| place(&sorted, value)), [0.125, 0.125, 0.5, 0.75, 0.875]);
    // One measurement at the 97.5th percentile is as far out as one in twenty.
    assert!((two_sided(&[0.975], &[0.975]) - 0.05).abs() < 1e-12);
    assert!(two_sided(&[0.9; 5], &[0.9; 5]) < 0.005);
    // One that ended too soon cannot be fast.
    assert!(two_sided(&[0.01], &[1.0]) > 0.99);
    assert!(spread_evenly(&[0.1, 0.3, 0.5, 0.7, 0.9]) > 0.9);
    assert!(spread_evenly(&[0.48, 0.49, 0.5, 0.51, 0.52, 0.5, 0.5, 0.49, 0.51, 0.5]) < 0.05);
}
