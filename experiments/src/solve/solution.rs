//! What came out: every design with its chances, the best one, and the front of cost and figure.

use std::path::Path;

use sim_core::stats::Interval;

use crate::analyze::{Refusal, Writerless};
use crate::cost::{Total, Uncounted};
use crate::header::{Header, Measured, quantile_name};
use crate::variation::{ChanceTarget, Goal, shown};

/// What is known of a design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It meets every target for sure.
    Sure,
    /// It may meet them or not.
    Undecided,
    /// It was left when another one was sure to be better: it may meet them or not.
    Left,
    /// It misses a target for sure.
    Hopeless,
}

impl Standing {
    /// As documents write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Undecided => "undecided",
            Self::Left => "left",
            Self::Hopeless => "hopeless",
        }
    }
}

/// One design.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// Its file.
    pub file: String,
    /// What it sets, as `--set` takes it.
    pub sets: Vec<(String, String)>,
    /// Its trials.
    pub trials: u64,
    /// The chance of each target, with the ends that hold for sure over all looks.
    pub chances: Vec<Interval>,
    /// The figure of the front, with its own interval.
    pub figure: Result<Interval, Refusal>,
    /// Lower bounds of what is censored in it.
    pub at_least: Option<Interval>,
    /// What a month costs, if there are prices.
    pub cost: Option<Total>,
    /// What is known of it.
    pub standing: Standing,
    /// With a target on data loss: stores that nobody could write to at the end.
    pub writerless: Vec<Writerless>,
}

impl Solved {
    /// What the design is called: its file if there are several, and its settings.
    pub fn name(&self, several: bool) -> String {
        let sets: Vec<String> = self.sets.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        match (several, sets.is_empty()) {
            (true, true) => self.file.clone(),
            (true, false) => format!("{}: {}", self.file, sets.join(", ")),
            (false, true) => "the file as it is".to_owned(),
            (false, false) => sets.join(", "),
        }
    }

    /// The same in few letters, for tables: of each key its last two parts.
    pub fn short(&self, several: bool) -> String {
        let last = |key: &str| {
            let parts: Vec<&str> = key.split('.').collect();
            parts[parts.len().saturating_sub(2)..].join(".")
        };
        let sets = self.sets.iter().map(|(key, value)| format!("{} = {}", last(key), shown(value)));
        self.joined(several, &sets.collect::<Vec<_>>())
    }

    /// The values alone, for charts.
    pub fn label(&self, several: bool) -> String {
        let values: Vec<String> = self.sets.iter().map(|(_, value)| shown(value).to_owned()).collect();
        self.joined(several, &values)
    }

    fn joined(&self, several: bool, sets: &[String]) -> String {
        let file =
            Path::new(&self.file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        match (several, sets) {
            (true, []) => file,
            (true, sets) => format!("{file}: {}", sets.join(", ")),
            (false, []) => "as it is".to_owned(),
            (false, sets) => sets.join(", "),
        }
    }

    /// What the goal makes small; infinite where it is not known.
    pub fn goal(&self, goal: Goal) -> f64 {
        match goal {
            Goal::Cost => self.cost.as_ref().map_or(f64::INFINITY, |total| total.sum),
            Goal::Recovery | Goal::Loss => self.figure.map_or(f64::INFINITY, |found| found.estimate),
        }
    }
}

/// The solution.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The file as it is.
    pub header: Header,
    /// Its name, as the user wrote it.
    pub file: String,
    /// What must hold.
    pub targets: Vec<ChanceTarget>,
    /// How sure verdicts are.
    pub confidence: f64,
    /// What shall be small.
    pub goal: Goal,
    /// What the front's figure is of, and its quantile.
    pub measure: (Measured, f64),
    /// Every design, in the order of the file.
    pub solved: Vec<Solved>,
    /// The best design that is sure.
    pub best: Option<usize>,
    /// The best of the designs that are undecided and have less of what shall be small; of all undecided ones if none is
    /// sure.
    pub next: Option<usize>,
    /// Designs of which no other has less cost and a smaller figure, the cheapest first; none without prices.
    pub front: Vec<usize>,
    /// Trials of all designs, and what they would have been without dropping any.
    pub work: (u64, u64),
    /// Objectives that are no targets.
    pub left_out: LeftOut,
    /// Keys of prices that are missing although designs differ in what they are for.
    pub unpriced: Vec<&'static str>,
    /// What designs differ in that no price counts.
    pub uncounted: Vec<Uncounted>,
    /// What the designs differ in that a comparison must allow for, a sentence each without its full stop.
    pub notes: Vec<String>,
}

/// Names of the objectives that are no targets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Those on what requests take: targets are chances of trials.
    pub requests: Vec<String>,
    /// Those on a mean over all trials: targets are chances.
    pub means: Vec<String>,
}

impl Solution {
    /// The name of the front's figure: `rto.p99`, `checkout.rto.p99`.
    pub fn measure_name(&self) -> String {
        let (measured, quantile) = self.measure;
        measured.of.name(&format!("{}.{}", measured.indicator.word(), quantile_name(quantile)))
    }

    /// Whether designs are of several files.
    pub fn several(&self) -> bool {
        self.solved.iter().any(|one| one.file != self.file)
    }
}

/// The designs that no other beats in both cost and figure, the cheapest first. `figure` is that of a design over its first
/// so many trials: two designs are held against each other over trials that both have, or luck would tell them apart.
pub(super) fn front(solved: &[Solved], figure: &dyn Fn(usize, u64) -> f64) -> Vec<usize> {
    let cost = |index: usize| solved[index].cost.as_ref().map_or(f64::INFINITY, |total| total.sum);
    let mut order: Vec<usize> = (0..solved.len()).filter(|&index| cost(index).is_finite()).collect();
    let own = |index: usize| figure(index, solved[index].trials);
    order.sort_by(|&one, &other| cost(one).total_cmp(&cost(other)).then(own(one).total_cmp(&own(other))));
    let mut front: Vec<usize> = Vec::new();
    for index in order.into_iter().filter(|&index| own(index).is_finite()) {
        let better = |&last: &usize| {
            let common = solved[index].trials.min(solved[last].trials);
            figure(index, common) < figure(last, common)
        };
        if front.last().is_none_or(better) {
            front.push(index);
        }
    }
    front
}

/// The best that is sure, and the next better one that is undecided.
pub(super) fn chosen(solved: &[Solved], goal: Goal) -> (Option<usize>, Option<usize>) {
    let of = |standing: Standing| {
        let own = solved.iter().enumerate().filter(move |(_, one)| one.standing == standing);
        own.map(move |(index, one)| (index, one.goal(goal)))
    };
    let least = |one: (usize, f64), other: (usize, f64)| if other.1 < one.1 { other } else { one };
    let best = of(Standing::Sure).reduce(least);
    let next = match best {
        // The nearest below: the least that has to be found out to save something.
        Some((_, limit)) => of(Standing::Undecided)
            .filter(|(_, own)| *own < limit)
            .reduce(|one, other| if other.1 > one.1 { other } else { one }),
        None => of(Standing::Undecided).reduce(least),
    };
    (best.map(|(index, _)| index), next.map(|(index, _)| index))
}

#[cfg(test)]
mod tests {
    use sim_core::stats::Interval;

    use super::{Solved, Standing, chosen, front};
    use crate::cost::Total;
    use crate::variation::Goal;

    fn solved(cost: f64, figure: f64, standing: Standing) -> Solved {
        Solved {
            file: "a.toml".to_owned(),
            sets: Vec::new(),
            trials: 1,
            chances: Vec::new(),
            figure: Ok(Interval { estimate: figure, low: figure, high: figure, level: 0.95 }),
            at_least: None,
            cost: Some(Total { sum: cost, unpriced: Vec::new() }),
            standing,
            writerless: Vec::new(),
        }
    }

    #[test]
    fn the_front_has_what_nothing_beats_in_both() {
        use Standing::{Hopeless, Sure};
        let all = [
            solved(10.0, 50.0, Hopeless),
            solved(20.0, 60.0, Hopeless),
            solved(30.0, 20.0, Sure),
            solved(30.0, 25.0, Sure),
            solved(40.0, f64::INFINITY, Hopeless),
            solved(50.0, 19.0, Sure),
        ];
        let figure = |index: usize, _: u64| all[index].figure.map_or(f64::INFINITY, |found| found.estimate);
        assert_eq!(front(&all, &figure), [0, 2, 5]);
    }

    #[test]
    fn the_best_is_sure_and_the_next_is_the_nearest_that_may_be_better() {
        use Standing::{Hopeless, Left, Sure, Undecided};
        let all = [
            solved(10.0, 1.0, Hopeless),
            solved(20.0, 1.0, Undecided),
            solved(25.0, 1.0, Undecided),
            solved(30.0, 1.0, Sure),
            solved(40.0, 1.0, Sure),
            solved(50.0, 1.0, Left),
        ];
        assert_eq!(chosen(&all, Goal::Cost), (Some(3), Some(2)));
        assert_eq!(chosen(&all[..3], Goal::Cost), (None, Some(1)));
        assert_eq!(chosen(&all[..1], Goal::Cost), (None, None));
    }
}
