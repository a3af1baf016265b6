//! Successive halving: all candidates run few trials, the better half of them twice as many, and so on.

use super::score::Score;

/// The rungs of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// Trials of every candidate.
    pub first: u64,
    /// Trials of those that are left in the end.
    pub last: u64,
    /// How many are left at least.
    pub keep: usize,
}

/// What became of one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    /// Which one.
    pub(super) candidate: usize,
    /// Its trials.
    pub(super) trials: u64,
    /// Its score over them.
    pub(super) score: Score,
    /// Whether nothing was different in any trial.
    pub(super) same: bool,
}

/// A search as the ladder sees it.
pub(super) trait Climbing {
    /// What ends it.
    type Error;

    /// Runs a candidate until it has so many trials.
    fn run(&mut self, candidate: usize, trials: u64) -> Result<(), Self::Error>;

    /// Its score, and whether it differs from the file as it is in nothing.
    fn score(&self, candidate: usize) -> (Score, bool);
}

/// Pairs that run all trials.
const PAIRS: usize = 3;

impl Ladder {
    /// The rungs of pairs: there are few of them, and the best differ little.
    pub(super) fn of_pairs(last: u64) -> Self {
        Self { first: (last / 8).max(1), last, keep: PAIRS }
    }

    /// Every number of trials that a candidate may have when it is looked at.
    pub(super) fn rungs(&self) -> Vec<u64> {
        let doubled = std::iter::successors(Some(self.first.max(1)), |trials| trials.checked_mul(2));
        doubled.take_while(|trials| *trials < self.last).chain([self.last]).collect()
    }

    /// Runs the candidates `0..count` and returns all, the best first. Those that fall out early stand below those that
    /// do not. Candidates that change nothing on the first rung go no further. Ties go to the earlier candidate.
    pub(super) fn climb<C: Climbing>(&self, count: usize, climbing: &mut C) -> Result<Vec<Placed>, C::Error> {
        let mut left: Vec<usize> = (0..count).collect();
        let mut fallen: Vec<Placed> = Vec::new();
        let mut trials = self.first.min(self.last);
        loop {
            let mut rung = Vec::new();
            for &candidate in &left {
                climbing.run(candidate, trials)?;
                let (score, same) = climbing.score(candidate);
                rung.push(Placed { candidate, trials, score, same });
            }
            rung.sort_by(|one, other| one.same.cmp(&other.same).then(other.score.order(&one.score)));
            if trials == self.last {
                rung.extend(fallen);
                return Ok(rung);
            }
            let working = rung.iter().filter(|placed| !placed.same).count();
            let kept = rung.len().div_ceil(2).max(self.keep).min(working);
            let mut out = rung.split_off(kept);
            out.append(&mut fallen);
            fallen = out;
            left = rung.iter().map(|placed| placed.candidate).collect();
            // Fewer are left than fall out at the next rung: no need for more of them.
            trials = if left.len() <= self.keep { self.last } else { (2 * trials).min(self.last) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Climbing, Ladder, Score};

    /// Candidates whose score is their number, but for those that do nothing.
    struct Known {
        run: Vec<u64>,
        idle: usize,
    }

    impl Climbing for Known {
        type Error = ();

        fn run(&mut self, candidate: usize, trials: u64) -> Result<(), ()> {
            assert!(trials > self.run[candidate], "trials only grow");
            self.run[candidate] = trials;
            Ok(())
        }

        fn score(&self, candidate: usize) -> (Score, bool) {
            let score = Score { limits: candidate as f64, figures: 0.0 };
            if candidate < self.idle { (Score::default(), true) } else { (score, false) }
        }
    }

    #[test]
    fn half_fall_out_at_each_rung_and_the_best_has_all_trials() {
        let mut known = Known { run: vec![0; 16], idle: 0 };
        let placed = Ladder { first: 100, last: 800, keep: 2 }.climb(16, &mut known).expect("nothing ends it");
        let order: Vec<usize> = placed.iter().map(|placed| placed.candidate).collect();
        assert_eq!(order, (0..16).rev().collect::<Vec<_>>());
        // 16 of 100, 8 of 200, 4 of 400, 2 of 800: each rung costs as much as the first.
        assert_eq!(known.run.iter().sum::<u64>(), 8 * 100 + 4 * 200 + 2 * 400 + 2 * 800);
        assert_eq!(known.run[15], 800);
    }

    #[test]
    fn rungs_double_until_all_trials() {
        let rungs = |first, last| Ladder { first, last, keep: 1 }.rungs();
        assert_eq!(rungs(100, 700), [100, 200, 400, 700]);
        assert_eq!((rungs(700, 700), rungs(900, 700)), (vec![700], vec![700]));
    }

    #[test]
    fn what_changes_nothing_goes_no_further() {
        let mut known = Known { run: vec![0; 6], idle: 5 };
        let placed = Ladder { first: 100, last: 800, keep: 4 }.climb(6, &mut known).expect("nothing ends it");
        assert_eq!((known.run[5], known.run[..5].iter().max()), (800, Some(&100)));
        assert!(placed[0].candidate == 5 && placed[1..].iter().all(|placed| placed.same));
        // Where nothing works, nothing is left to run.
        let mut idle = Known { run: vec![0; 3], idle: 3 };
        assert_eq!(Ladder { first: 100, last: 800, keep: 2 }.climb(3, &mut idle).expect("fine").len(), 3);
        assert_eq!(idle.run, [100; 3]);
    }
}
