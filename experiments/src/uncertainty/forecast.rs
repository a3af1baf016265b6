//! What observations of a figure would do to an interval, if they come out as the file has it.

use super::belief::Belief;
use super::interval::{Runs, interval};
use super::sets::Set;
use super::shares::{Spread, features};
use crate::unknown::{After, Ends};

/// How many observations a drill or a quarter of operation may yield.
const OBSERVATIONS: u64 = 10;

/// The interval after that. Every set is moved by what the narrower belief about the figure changes in it, as far as the
/// figure acts by itself. Nothing if that would be no narrower.
pub(super) fn after(
    belief: &Belief,
    figure: usize,
    sets: &[Set],
    spread: &Spread<'_>,
    runs: &Runs<'_>,
    quantile: Option<f64>,
    level: f64,
) -> Option<After> {
    let left = belief.left_after(OBSERVATIONS as f64);
    let before = features(sets, figure);
    let centres = centres(belief, &before);
    let nearer = |features: &Vec<f64>| -> Vec<f64> {
        features.iter().zip(&centres).map(|(own, centre)| centre + left * (own - centre)).collect()
    };
    let narrowed: Vec<Vec<f64>> = before.iter().map(nearer).collect();
    let effect = spread.effect(figure);
    let shifts: Vec<f64> = effect.of(&narrowed).iter().zip(effect.of(&before)).map(|(then, now)| then - now).collect();
    let then = interval(&Runs { shifts: Some(&shifts), ..*runs }, quantile, level)?;
    let now = interval(runs, quantile, level)?;
    let width = |ends: Ends| {
        let (low, high) = ends.numbers();
        high - low
    };
    (width(then) < width(now)).then(|| After { path: belief.path.clone(), observations: OBSERVATIONS, interval: then })
}

/// The numbers that describe the figure as the file has it.
fn centres(belief: &Belief, features: &[Vec<f64>]) -> Vec<f64> {
    match belief.present() {
        Some(present) => vec![present],
        // Numbers of posteriors are logarithms of ratios to the file's.
        None => vec![0.0; features.first().map_or(0, Vec::len)],
    }
}
