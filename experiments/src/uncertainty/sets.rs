//! Sets of figures: one draw of every belief.

use std::collections::BTreeMap;

use sim_core::random::{Stream, StreamId};
use sim_settings::Amount;

use super::belief::{Belief, Drawn};
use crate::variation;

/// One draw of every belief, in their order.
#[derive(Debug, Clone)]
pub(super) struct Set(pub(super) Vec<Drawn>);

impl Set {
    /// The figures by the paths at which they are read.
    pub(super) fn figures(&self, beliefs: &[Belief]) -> BTreeMap<String, Amount> {
        let mut figures = BTreeMap::new();
        for (belief, drawn) in beliefs.iter().zip(&self.0) {
            let amount = drawn.amount.iter();
            figures
                .extend(amount.flat_map(|amount| belief.paths.iter().map(move |path| (path.clone(), amount.clone()))));
        }
        figures
    }

    /// The same set with one figure from another.
    pub(super) fn with(&self, figure: usize, other: &Self) -> Self {
        let mut set = self.clone();
        set.0[figure] = other.0[figure].clone();
        set
    }
}

/// So many sets: the points of a low-discrepancy sequence over all beliefs.
pub(super) fn sets(beliefs: &[Belief], count: usize, seed: u64) -> Vec<Set> {
    drawn(beliefs, &places(&axes(beliefs, "sets"), count, seed), seed, "sets")
}

/// As many sets again whose draws have nothing to do with the first ones. Their coordinates come after those of the first in
/// one sequence: two sequences of their own would have their points in the same order.
pub(super) fn other_sets(beliefs: &[Belief], count: usize, seed: u64) -> Vec<Set> {
    let (first, others) = (axes(beliefs, "sets"), axes(beliefs, "others"));
    let both = places(&[first.as_slice(), &others].concat(), count, seed);
    let rest: Vec<Vec<f64>> = both.into_iter().map(|place| place[first.len()..].to_vec()).collect();
    drawn(beliefs, &rest, seed, "others")
}

/// A key for each coordinate of each belief.
fn axes(beliefs: &[Belief], of: &str) -> Vec<String> {
    let axis = |belief: &Belief, number: usize| format!("parameters/{of}/{}/{number}", belief.path);
    beliefs.iter().flat_map(|belief| (0..belief.coordinates()).map(move |number| axis(belief, number))).collect()
}

fn places(keys: &[String], count: usize, seed: u64) -> Vec<Vec<f64>> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    variation::places(&keys, count, seed)
}

fn drawn(beliefs: &[Belief], places: &[Vec<f64>], seed: u64, of: &str) -> Vec<Set> {
    let mut streams: Vec<Stream> = beliefs.iter().map(|belief| stream(belief, seed, of)).collect();
    places.iter().enumerate().map(|(index, place)| set(beliefs, place, index as u64, &mut streams)).collect()
}

/// Sets in which one figure lies at either end of what is believed of it, and the others are as the file has them.
pub(super) fn ends(belief: &Belief, seed: u64) -> [Drawn; 2] {
    // Nineteen draws of twenty lie between.
    const ENDS: [f64; 2] = [0.025, 0.975];
    let mut stream = stream(belief, seed, "ends");
    [0, 1].map(|end| {
        stream.begin(end);
        belief.draw(&[ENDS[end as usize]; 2], &mut stream)
    })
}

fn stream(belief: &Belief, seed: u64, of: &str) -> Stream {
    Stream::new(StreamId::new(seed, &format!("parameters/{of}/{}", belief.path), "posterior"))
}

fn set(beliefs: &[Belief], place: &[f64], index: u64, streams: &mut [Stream]) -> Set {
    let mut rest = place;
    let drawn = beliefs.iter().zip(streams).map(|(belief, stream)| {
        let (own, others) = rest.split_at(belief.coordinates());
        rest = others;
        stream.begin(index);
        belief.draw(own, stream)
    });
    Set(drawn.collect())
}
