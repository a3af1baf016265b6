//! How many independent observations a series is worth.

use crate::random::special::normal_quantile;

/// The window is so many times the correlation time (A. Sokal, Monte Carlo Methods in Statistical Mechanics, 1989).
const WINDOW: f64 = 5.0;

/// The worth of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dependence {
    /// Values that are there.
    pub present: usize,
    /// So many steps in a row count as one independent observation.
    pub time: f64,
    /// Independent observations that tell as much.
    pub effective: f64,
}

/// The worth of a series of equal steps, of which some values may be missing.
///
/// It is the number of values over their integrated correlation time, 1 + 2 times the sum of the correlations at all
/// distances. Correlations are those of normal scores of the ranks, so that single large values do not hide them, and are
/// taken from pairs of which both values are there.
pub fn dependence(series: &[Option<f64>]) -> Dependence {
    let scores = scores(series);
    let present = scores.iter().flatten().count();
    let variance = scores.iter().flatten().map(|score| score * score).sum::<f64>() / present.max(1) as f64;
    if present < 3 || variance < 1e-12 {
        // Nothing varies, so nothing tells how fast.
        return Dependence { present, time: 1.0, effective: present as f64 };
    }
    let mut time = 1.0;
    let longest = series.len() / 3;
    for distance in 1..longest {
        let (mut sum, mut pairs) = (0.0, 0_usize);
        for (one, other) in scores.iter().zip(&scores[distance..]) {
            if let (Some(one), Some(other)) = (one, other) {
                sum += one * other;
                pairs += 1;
            }
        }
        if pairs > 0 {
            time += 2.0 * sum / pairs as f64 / variance;
        }
        if distance as f64 >= WINDOW * time {
            break;
        }
    }
    let time = time.clamp(1.0, present as f64);
    Dependence { present, time, effective: present as f64 / time }
}

/// Normal scores of the ranks; equal values share the score of their mean rank.
fn scores(series: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<(f64, usize)> =
        series.iter().enumerate().filter_map(|(index, value)| value.map(|value| (value, index))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut scores = vec![None; series.len()];
    let mut first = 0;
    while first < order.len() {
        let ties = order[first..].partition_point(|entry| entry.0 <= order[first].0);
        let rank = first as f64 + ties as f64 / 2.0;
        for entry in &order[first..first + ties] {
            scores[entry.1] = Some(normal_quantile(rank / order.len() as f64));
        }
        first += ties;
    }
    // Ties leave a mean that is not zero.
    let mean = scores.iter().flatten().sum::<f64>() / order.len().max(1) as f64;
    scores.iter_mut().flatten().for_each(|score| *score -= mean);
    scores
}
