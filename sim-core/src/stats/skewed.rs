//! The mean of skewed observations, such as time down in a year: mostly nothing, now and then a lot.

use super::Interval;
use super::tally::{Tally, student_reach};

/// The mean with an interval that allows for skewness; none for fewer than two observations or infinite ones.
///
/// In a sample that is skewed to the right, a mean that came out too low comes with a standard error that came out too low,
/// so that the t interval fails mostly on one side. Hall's cubic transformation of the t statistic takes the skewness
/// out and can be inverted (P. Hall, Journal of the Royal Statistical Society B 54 (1992), 221-228).
pub fn skewed_mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    let mut tally = Tally::new();
    for &value in values {
        tally.add(value);
    }
    let plain = tally.mean_interval(level)?;
    let (n, mean, deviation) = (values.len() as f64, tally.mean(), libm::sqrt(tally.variance()));
    if deviation == 0.0 {
        return Some(plain);
    }
    let skewness = values.iter().map(|value| cube((value - mean) / deviation)).sum::<f64>() / n;
    let reach = student_reach(n - 1.0, level) / libm::sqrt(n);
    // u + s u^2 / 3 + s^2 u^3 / 27 + s / (6 n) = y, solved for u = (sample mean - true mean) / deviation.
    let inverse = |y: f64| {
        if skewness.abs() < 1e-6 {
            y
        } else {
            3.0 / skewness * (libm::cbrt(1.0 + skewness * (y - skewness / (6.0 * n))) - 1.0)
        }
    };
    let (low, high) = (mean - deviation * inverse(reach), mean - deviation * inverse(-reach));
    Some(Interval { estimate: mean, low, high, level })
}

fn cube(value: f64) -> f64 {
    value * value * value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, StreamId};

    #[test]
    fn without_skewness_it_is_the_t_interval() {
        let values: Vec<f64> = (-50..=50).map(f64::from).collect();
        let mut tally = Tally::new();
        for &value in &values {
            tally.add(value);
        }
        let (own, plain) =
            (skewed_mean_interval(&values, 0.95).expect("many"), tally.mean_interval(0.95).expect("many"));
        assert!((own.low - plain.low).abs() < 1e-9 && (own.high - plain.high).abs() < 1e-9);
        assert_eq!(skewed_mean_interval(&[1.0], 0.95), None);
        assert_eq!(skewed_mean_interval(&[1.0, f64::INFINITY], 0.95), None);
    }

    #[test]
    fn the_end_solves_the_equation_of_the_transformation() {
        let values: Vec<f64> = (0..40).map(|i| libm::exp(f64::from(i) / 8.0)).collect();
        let interval = skewed_mean_interval(&values, 0.95).expect("many");
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let moment = |power: i32| values.iter().map(|value| libm::pow(value - mean, f64::from(power))).sum::<f64>();
        let deviation = libm::sqrt(moment(2) / (n - 1.0));
        let s = moment(3) / n / libm::pow(deviation, 3.0);
        for (end, sign) in [(interval.low, 1.0), (interval.high, -1.0)] {
            let u = (mean - end) / deviation;
            let y = u + s * u * u / 3.0 + s * s * u * u * u / 27.0 + s / (6.0 * n);
            assert!((y * libm::sqrt(n) - sign * student_reach(n - 1.0, 0.95)).abs() < 1e-9, "{y}");
        }
        assert!(interval.high - mean > 1.2 * (mean - interval.low), "it reaches further to where the tail is");
    }

    /// Time down in a trial: a Poisson number of lognormal outages.
    fn downtime(stream: &mut Stream, rate: f64) -> f64 {
        let (mut time, mut sum) = (-libm::log(stream.uniform()) / rate, 0.0);
        while time < 1.0 {
            // A normal number by Box and Muller; sigma 1, mean exp(1/2).
            let radius = libm::sqrt(-2.0 * libm::log(stream.uniform()));
            sum += libm::exp(radius * libm::cos(2.0 * std::f64::consts::PI * stream.uniform()));
            time -= libm::log(stream.uniform()) / rate;
        }
        sum
    }

    #[test]
    fn it_holds_the_mean_of_rare_and_heavy_downtimes_more_often_than_the_t_interval() {
        // The interval should hold the mean of 0.1 outages a trial, 400 trials long, in 95 % of runs.
        let (runs, trials, rate) = (1_500, 400, 0.1);
        let truth = rate * libm::exp(0.5);
        let mut stream = Stream::new(StreamId::new(3, "skewed", "downtime"));
        let (mut own, mut plain) = (0, 0);
        for run in 0..runs {
            stream.begin(run);
            let values: Vec<f64> = (0..trials).map(|_| downtime(&mut stream, rate)).collect();
            let mut tally = Tally::new();
            for &value in &values {
                tally.add(value);
            }
            own += u32::from(skewed_mean_interval(&values, 0.95).expect("many").contains(truth));
            plain += u32::from(tally.mean_interval(0.95).expect("many").contains(truth));
        }
        // One run's standard error is 0.006: three of them below 0.95 and what the approximation leaves.
        let share = |count: u32| f64::from(count) / runs as f64;
        assert!(share(own) > 0.925 && own > plain, "{} against {}", share(own), share(plain));
    }
}
