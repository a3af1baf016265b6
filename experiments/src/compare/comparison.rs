//! Each candidate against the first.

use sim_core::stats::Difference;

use super::difference::difference;
use super::figure::Figure;
use super::gate::Gate;
use super::notes::{Watched, notes, unlike};
use super::objectives::Objectives;
use super::outcomes::{Candidate, Outcomes};
use super::row::FigureRow;
use super::sentence::sentence;
use super::settings::{Differing, differing};
use super::wins::Wins;
use super::words;
use crate::analyze::Refusal;
use crate::header::Indicator;

/// Everything that reports say of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The candidates; the first is the baseline.
    pub candidates: Vec<Candidate>,
    /// Trials of each.
    pub trials: u64,
    /// How many were asked for, if the run was stopped before it had them.
    pub asked: Option<u64>,
    /// The seed of all.
    pub seed: u64,
    /// For how many seconds after the fault a censored trial of each candidate was watched at least.
    pub watched: Vec<f64>,
    /// The compared figures, each with the estimates of all candidates.
    pub rows: Vec<FigureRow>,
    /// The objectives of each candidate with their verdicts.
    pub objectives: Vec<Objectives>,
    /// The others against the first, in their order.
    pub against: Vec<Against>,
    /// Notes: differences between the candidates that a comparison must allow for.
    pub notes: Vec<String>,
    /// The ranking, with three candidates or more.
    pub ranking: Option<Ranking>,
}

/// One candidate against the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// Its index among the candidates.
    pub candidate: usize,
    /// Its figure minus the baseline's, in the order of the rows.
    pub differences: Vec<Result<Difference, Refusal>>,
    /// The numbers of trials in which either has less, for each indicator among the rows.
    pub wins: Vec<(Indicator, Wins)>,
    /// The verdict on each of these, a sentence each.
    pub findings: Vec<(Indicator, String)>,
    /// The same as one sentence.
    pub verdict: String,
    /// The settings in which its file differs.
    pub settings: Vec<Differing>,
    /// One sentence for a pull request, without its full stop.
    pub pull_request: String,
}

/// The candidates by one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Which figure.
    pub figure: Figure,
    /// Indices of the candidates, the best first.
    pub order: Vec<usize>,
    /// For each but the last, whether its lead on the next one is beyond doubt.
    pub settled: Vec<bool>,
    /// The same as a sentence.
    pub sentence: String,
}

impl Comparison {
    /// Compares the results of the candidates.
    pub fn new(candidates: Vec<Candidate>, outcomes: &[Outcomes], figures: &[Figure], asked: Option<u64>) -> Self {
        assert_eq!(candidates.len(), outcomes.len(), "every candidate has its trials");
        let (base, seed) = (&outcomes[0], candidates[0].header.seed);
        let rows: Vec<FigureRow> = figures
            .iter()
            .map(|&figure| FigureRow {
                figure,
                estimates: outcomes.iter().map(|one| one.estimate(figure)).collect(),
                at_least: outcomes.iter().map(|one| one.at_least(figure)).collect(),
            })
            .collect();
        let measures: Vec<Indicator> = {
            let compared =
                |indicator: &Indicator| figures.iter().any(|figure| figure.measured() == (*indicator).into());
            Indicator::COMPARED.into_iter().filter(compared).collect()
        };
        let names: Vec<&str> = candidates.iter().map(|candidate| candidate.name.as_str()).collect();
        let objectives = candidates.iter().zip(outcomes).map(|(one, outcomes)| Objectives::new(&one.header, outcomes));
        let objectives: Vec<Objectives> = objectives.collect();
        let against = outcomes
            .iter()
            .enumerate()
            .skip(1)
            .map(|(candidate, other)| {
                let differences: Vec<_> = figures
                    .iter()
                    .map(|&figure| difference(figure, base, other, seed, &pair(names[0], names[candidate])))
                    .collect();
                let wins: Vec<(Indicator, Wins)> = measures
                    .iter()
                    .filter(|indicator| base.lacks(**indicator).or(other.lacks(**indicator)).is_none())
                    .map(|&indicator| (indicator, Wins::new(base.observed(indicator), other.observed(indicator))))
                    .collect();
                let (base, name) = (names[0], names[candidate]);
                let beside = words::Beside { base, name, figures, differences: &differences, wins: &wins };
                let (findings, verdict) = (beside.findings(), beside.verdict());
                let settings = differing(&candidates[0].header.resolved, &candidates[candidate].header.resolved);
                let both = (&candidates[0], &candidates[candidate]);
                let judged = (&objectives[0], &objectives[candidate]);
                let pull_request = sentence(both, judged, figures, &differences);
                Against { candidate, differences, wins, findings, verdict, settings, pull_request }
            })
            .collect();
        let watched = outcomes.iter().map(Outcomes::watched_at_least).collect();
        let ranking = (outcomes.len() > 2).then(|| rank(&names, outcomes, &rows, seed)).flatten();
        let trials = base.recovery.len() as u64;
        let watched_like = candidates.iter().map(|one| (one.name.as_str(), Watched::of(&one.header)));
        let mut notes = notes(&watched_like.collect::<Vec<_>>(), measures.contains(&Indicator::Rto));
        notes.extend(unlike(&candidates));
        Self { candidates, trials, asked, seed, watched, rows, objectives, against, notes, ranking }
    }

    /// Whether some candidate is worse than the baseline in this figure, which must be among the rows: what the gate finds
    /// of each, in their order.
    pub fn gate(&self, figure: Figure) -> impl Iterator<Item = (&str, Gate)> {
        let index = self.rows.iter().position(|row| row.figure == figure);
        self.against.iter().map(move |against| {
            let name = self.candidates[against.candidate].name.as_str();
            (name, index.map_or(Gate::Unknown(None), |index| Gate::new(figure.indicator, &against.differences[index])))
        })
    }
}

/// The name of the random stream of a pair of candidates.
fn pair(base: &str, other: &str) -> String {
    format!("compare/{base}/{other}")
}

/// Ranks by the row that the verdicts speak of first, unless the sample supports none.
fn rank(names: &[&str], outcomes: &[Outcomes], rows: &[FigureRow], seed: u64) -> Option<Ranking> {
    let supported = |row: &&FigureRow| row.estimates.iter().all(Result::is_ok);
    let row = words::headline(rows.iter().filter(supported).map(|row| row.figure), rows.first()?.figure.indicator)?;
    let row = rows.iter().find(|other| other.figure == row)?;
    let value = |index: &usize| row.estimates[*index].map_or(f64::INFINITY, |estimate| estimate.estimate);
    let mut order: Vec<usize> = (0..outcomes.len()).collect();
    order.sort_by(|a, b| value(a).total_cmp(&value(b)));
    let settled: Vec<bool> = order
        .windows(2)
        .map(|pair| {
            let [first, next] = [pair[0], pair[1]];
            let stream = self::pair(names[first], names[next]);
            difference(row.figure, &outcomes[first], &outcomes[next], seed, &stream)
                .is_ok_and(|difference| difference.interval.low > 0.0)
        })
        .collect();
    let sentence = words::ranking(names, row, &order, &settled, outcomes);
    Some(Ranking { figure: row.figure, order, settled, sentence })
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Gate};
    use crate::analyze::Refusal;
    use crate::compare::{Candidate, Figure, Outcomes};
    use crate::header::Indicator;
    use crate::run::synthetic::Synthetic;

    fn candidates(names: &[&str]) -> Vec<Candidate> {
        let header = Synthetic::typical().header;
        let named =
            |name: &&str| Candidate { name: (*name).to_owned(), file: format!("{name}.toml"), header: header.clone() };
        names.iter().map(named).collect()
    }

    fn outcomes(recovery: impl Fn(u64) -> f64) -> Outcomes {
        let recovery: Vec<f64> = (0..2_000).map(recovery).collect();
        Outcomes {
            single: Vec::new(),
            no_writer: Vec::new(),
            latencies: measure::latencies::Latencies::default(),
            journeys: Vec::new(),
            loss: vec![0.0; recovery.len()],
            up: recovery.iter().map(|down| 1.0 - down.min(3_600.0) / 3_600.0).collect(),
            watched: vec![3_000.0; recovery.len()],
            recovery,
            horizon: 3_600.0,
            stores: true,
        }
    }

    /// A deployment without stores loses nothing because it keeps nothing: that is no figure to be better in.
    #[test]
    fn data_loss_is_not_compared_where_nothing_is_stored() {
        let rpo = Figure::quantile(Indicator::Rpo, 0.99);
        let without = Outcomes { stores: false, ..outcomes(base) };
        let comparison = Comparison::new(candidates(&["a", "b"]), &[outcomes(base), without], &[rpo], None);
        assert_eq!(gate(&comparison, rpo), Gate::Unknown(Some(Refusal::NoStores)));
        assert!(comparison.against[0].wins.is_empty() && comparison.rows[0].estimates[0].is_ok());
        assert_eq!(comparison.rows[0].estimates[1], Err(Refusal::NoStores));
    }

    /// Between 60 and 160 s, every value once in a while.
    fn base(trial: u64) -> f64 {
        60.0 + (trial * 617 % 2_000) as f64 / 20.0
    }

    fn compare(others: Vec<Outcomes>) -> Comparison {
        let names = ["base", "one", "two", "three"];
        let figures = [Figure::quantile(Indicator::Rto, 0.5), Figure::quantile(Indicator::Rto, 0.99)];
        let mut all = vec![outcomes(base)];
        all.extend(others);
        Comparison::new(candidates(&names[..all.len()]), &all, &figures, None)
    }

    #[test]
    fn the_verdict_says_by_how_much_and_in_how_many_trials() {
        // A tenth of the trials, spread evenly, stays as it is.
        let one = || outcomes(|trial| base(trial) - if trial % 10 == 0 { 0.0 } else { 30.0 });
        let comparison = compare(vec![one()]);
        let against = &comparison.against[0];
        assert_eq!(against.wins[0].1.less, 1_800);
        assert!(against.verdict.starts_with("one recovers "), "{}", against.verdict);
        // 20 trials beyond the p99 tell nothing but ranks, 1,000 beyond the median a density.
        for words in [" sooner at p99 (interval of at least 95 %: ", " to ", "and is sooner in 90.0 % of trials"] {
            assert!(against.verdict.contains(words), "{}", against.verdict);
        }
        let median = [Figure::quantile(Indicator::Rto, 0.5)];
        let verdict =
            &Comparison::new(candidates(&["a", "b"]), &[outcomes(base), one()], &median, None).against[0].verdict;
        assert!(verdict.contains(" sooner at p50 (95 % interval "), "{verdict}");
        assert_eq!(gate(&comparison, Figure::quantile(Indicator::Rto, 0.99)), Gate::Passed);
    }

    fn gate(comparison: &Comparison, figure: Figure) -> Gate {
        comparison.gate(figure).next().expect("there is a candidate").1
    }

    /// Less availability is worse: 18 s of an hour more, in every trial, are half a percentage point less.
    #[test]
    fn less_availability_is_worse() {
        let with = |all: [Outcomes; 2]| Comparison::new(candidates(&["a", "b"]), &all, &[Figure::AVAILABILITY], None);
        let slower = || outcomes(|trial| base(trial) + 18.0);
        let worse = with([outcomes(base), slower()]);
        assert_eq!(gate(&worse, Figure::AVAILABILITY), Gate::Worse);
        let found = worse.against[0].differences[0].expect("it is known");
        assert!(found.estimate.known().is_some_and(|share| (share + 0.005).abs() < 1e-12), "{found:?}");
        let verdict = &worse.against[0].verdict;
        let said = "b is up 0.500 percentage points less of the time on average (95 % interval 0.500 to 0.500) and is up \
                    less of the time in 100 % of trials";
        assert_eq!(verdict, said);
        assert_eq!(gate(&with([slower(), outcomes(base)]), Figure::AVAILABILITY), Gate::Passed);
    }

    #[test]
    fn a_gate_fails_only_beyond_doubt() {
        let p99 = Figure::quantile(Indicator::Rto, 0.99);
        assert_eq!(gate(&compare(vec![outcomes(|trial| base(trial) + 5.0)]), p99), Gate::Worse);
        // Other luck and a shade more: nothing that 2,000 trials can tell.
        let shade = outcomes(|trial| 60.001 + (trial * 1_213 % 2_000) as f64 / 20.0);
        assert_eq!(gate(&compare(vec![shade]), p99), Gate::Passed);
        let never = || outcomes(|trial| if trial % 20 == 3 { f64::INFINITY } else { base(trial) });
        assert_eq!(gate(&compare(vec![never()]), p99), Gate::Worse);
        // Where neither is back, nothing can be said, and the gate says so.
        let figures = [p99];
        let comparison = Comparison::new(candidates(&["a", "b"]), &[never(), never()], &figures, None);
        assert_eq!(gate(&comparison, p99), Gate::Unknown(None));
        let verdict = &comparison.against[0].verdict;
        assert!(verdict.contains("trials of both are not back when they end"), "{verdict}");
        // With two candidates, both are told.
        let both = compare(vec![outcomes(|trial| base(trial) + 5.0), outcomes(base)]);
        assert_eq!(both.gate(p99).collect::<Vec<_>>(), [("one", Gate::Worse), ("two", Gate::Passed)]);
    }

    /// 1 trial in 20 of the candidate is not back within 3,000 s, and all else is the same. So the mean is later by
    /// (3,000 s - a few minutes) / 20 = 145 s at least, by an unknown amount.
    #[test]
    fn a_censored_mean_is_bounded_and_fails_where_its_bound_excludes_zero() {
        let mean = Figure::named("rto.mean").expect("valid");
        let never = || outcomes(|trial| if trial % 20 == 3 { f64::INFINITY } else { base(trial) });
        let with = |all: [Outcomes; 2]| Comparison::new(candidates(&["a", "b"]), &all, &[mean], None);
        let comparison = with([outcomes(base), never()]);
        let found = comparison.against[0].differences[0].expect("it is bounded");
        assert!((found.estimate.low - 144.5).abs() < 2.0 && found.estimate.high == f64::INFINITY, "{found:?}");
        assert!(found.interval.low > 100.0 && found.interval.high == f64::INFINITY, "{found:?}");
        assert_eq!(gate(&comparison, mean), Gate::Worse);
        let verdict = &comparison.against[0].verdict;
        assert!(
            verdict.starts_with("b recovers at least 2.") && verdict.contains(" min later on average"),
            "{verdict}"
        );
        // The other way round it is better for certain.
        assert_eq!(gate(&with([never(), outcomes(base)]), mean), Gate::Passed);
        // Where both have such trials, nothing bounds the difference.
        let refused = with([never(), never()]);
        assert!(matches!(gate(&refused, mean), Gate::Unknown(Some(Refusal::Censored { censored: 100, .. }))));
        // Too few trials say nothing either.
        let few = |recovery: f64| Outcomes {
            recovery: vec![recovery],
            loss: vec![0.0],
            up: vec![1.0],
            watched: vec![1.0],
            horizon: 1.0,
            stores: true,
            single: Vec::new(),
            no_writer: Vec::new(),
            latencies: measure::latencies::Latencies::default(),
            journeys: Vec::new(),
        };
        assert!(matches!(gate(&with([few(1.0), few(2.0)]), mean), Gate::Unknown(Some(Refusal::OneTrial))));
    }

    /// A name at the beginning of a sentence is no word of the program's own.
    #[test]
    fn names_stay_as_they_are() {
        let tied = || outcomes(|trial| base(trial + 1));
        let figures = [Figure::quantile(Indicator::Rto, 0.5)];
        let of = |name: &str, other: Outcomes| {
            Comparison::new(candidates(&["base", name]), &[outcomes(base), other], &figures, None).against[0]
                .verdict
                .clone()
        };
        let faster = of("nothing new", outcomes(|trial| base(trial) - 20.0));
        assert!(faster.starts_with("nothing new recovers "), "{faster}");
        let open = of("nothing new", tied());
        assert!(open.starts_with("No difference in the recovery time of nothing new "), "{open}");
    }

    #[test]
    fn what_is_not_back_is_said_in_words() {
        let comparison = compare(vec![outcomes(|trial| if trial % 20 == 3 { f64::INFINITY } else { base(trial) })]);
        let verdict = &comparison.against[0].verdict;
        // Watched for 50 min; the baseline's p99 is 2.65 min: 47.35 min, and as a bound not more than that.
        assert!(verdict.starts_with("one recovers at least 47.3 min later at p99"), "{verdict}");
        assert!(verdict.contains("not back when its trials end"), "{verdict}");
    }

    #[test]
    fn three_are_ranked_and_a_tie_is_called_one() {
        let faster = || outcomes(|trial| base(trial) - 20.0);
        // The same luck as the baseline but in another trial: nothing tells them apart.
        let tied = || outcomes(|trial| base(trial + 1));
        let comparison = compare(vec![faster(), tied()]);
        let ranking = comparison.ranking.expect("three candidates");
        assert_eq!((ranking.order.as_slice(), ranking.settled.as_slice()), (&[1, 0, 2][..], &[true, false][..]));
        assert!(ranking.sentence.contains("base and two cannot be told apart"), "{}", ranking.sentence);
        assert!(compare(vec![faster()]).ranking.is_none());
    }
}
