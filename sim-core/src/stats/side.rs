//! One candidate of a comparison with its observations.

/// One candidate's observations, in the order of trials.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    /// The values; an infinite one is censored.
    pub values: &'a [f64],
    /// A lower bound of the censored values.
    pub beyond: f64,
}

/// A candidate with its observations in order.
pub(super) struct Side<'a> {
    pub(super) values: &'a [f64],
    pub(super) sorted: Vec<f64>,
    /// The rank of each trial from 0 on, equal values in the order of trials.
    pub(super) ranks: Vec<u32>,
    pub(super) beyond: f64,
}

impl<'a> Side<'a> {
    pub(super) fn new(observed: Observed<'a>) -> Self {
        let values = observed.values;
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
        let mut ranks = vec![0; values.len()];
        for (rank, &trial) in order.iter().enumerate() {
            ranks[trial as usize] = rank as u32;
        }
        Self {
            values,
            sorted: order.iter().map(|&trial| values[trial as usize]).collect(),
            ranks,
            beyond: observed.beyond,
        }
    }

    /// Of each trial, whether it is beyond the `rank`-th observation.
    pub(super) fn beyond_rank(&self, rank: usize) -> impl Iterator<Item = bool> {
        self.ranks.iter().map(move |&own| own as usize >= rank)
    }

    /// The observation of this rank from 1 on; the first or the last where there is none.
    pub(super) fn at(&self, rank: u64) -> f64 {
        self.sorted[rank.clamp(1, self.sorted.len() as u64) as usize - 1]
    }
}
