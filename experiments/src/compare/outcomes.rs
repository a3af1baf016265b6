//! The trials of all candidates, side by side.

use std::num::NonZeroUsize;

use sim_core::stats::{Interval, Observed};

use super::figure::{Figure, Statistic};
use crate::analyze::{Assessed, Refusal, Sample, judged, latency, mean_share, never_back, watched};
use crate::header::{Header, Indicator, Measured, Objective, Of};
use crate::run::{BATCH, Ended, RunError, Stop, Trials, run_trials};
use crate::table::TrialTable;
use measure::latencies::Latencies;
use measure::{Store, Whole};

/// Candidates take turns, so that a comparison that is stopped has a part of all of them.
pub const TURNS: u64 = 10;

/// Figures of each trial that a candidate keeps; the marks of stores without a writer take no more than one more.
pub const OUTCOMES: usize = 5;

/// One of the designs that are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its name in reports: the experiment's name, made unique.
    pub name: String,
    /// The file that it was read from, as the user wrote it.
    pub file: String,
    /// The rest.
    pub header: Header,
}

/// The results of one candidate, trial by trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    /// Recovery time in seconds of each trial's worst journey; infinite if censored.
    pub recovery: Vec<f64>,
    /// Data loss in seconds of each trial's worst store.
    pub loss: Vec<f64>,
    /// Share of each trial's time in which all journeys are up.
    pub up: Vec<f64>,
    /// For how many seconds each trial's recovery time was watched: what a censored one is known to exceed.
    pub watched: Vec<f64>,
    /// The horizon, in seconds: a lower bound of a loss that is not settled.
    pub horizon: f64,
    /// Whether there is anything to lose.
    pub stores: bool,
    /// What is compared of single journeys and stores, trial by trial; nothing of those that the candidate does not have.
    pub single: Vec<(Measured, Option<Vec<f64>>)>,
    /// With an objective on data loss: by store, the trials that ended without a copy that takes writes.
    pub no_writer: Vec<(String, Vec<bool>)>,
    /// How long the requests of all trials took, where anybody asks.
    pub latencies: Latencies,
    /// Names of journeys in file order.
    pub journeys: Vec<String>,
}

/// Whether its values are kept beside those of the worst that every candidate has.
pub(crate) fn is_single(measured: &Measured) -> bool {
    let by_trial = measured.indicator.phase().is_none();
    by_trial && (measured.of != Of::Worst || measured.indicator == Indicator::CaughtUp)
}

/// What figures are of, besides the worst that every candidate has, each once.
pub fn singles(figures: &[Figure]) -> Vec<Measured> {
    let mut singles = Vec::new();
    for measured in figures.iter().map(Figure::measured).filter(is_single) {
        if !singles.contains(&measured) {
            singles.push(measured);
        }
    }
    singles
}

impl Outcomes {
    fn new(header: &Header, singles: &[Measured]) -> Self {
        let has = |measured: &Measured| match measured.of {
            Of::Worst => measured.indicator != Indicator::CaughtUp || !header.queues.is_empty(),
            Of::Store(name) if measured.indicator == Indicator::CaughtUp => {
                header.queues.iter().any(|own| own == name.as_str())
            }
            Of::Journey(name) => header.journeys.iter().any(|own| own == name.as_str()),
            Of::Store(name) => header.stores.iter().any(|own| own == name.as_str()),
        };
        Self {
            single: singles.iter().map(|measured| (*measured, has(measured).then(Vec::new))).collect(),
            recovery: Vec::new(),
            loss: Vec::new(),
            up: Vec::new(),
            watched: Vec::new(),
            horizon: header.horizon,
            stores: !header.stores.is_empty(),
            no_writer: Self::judged_stores(header).map(|store| (store.clone(), Vec::new())).collect(),
            latencies: Latencies::default(),
            journeys: header.journeys.clone(),
        }
    }

    /// The stores of a candidate, if it has an objective on data loss: a verdict on that says which have no writer at the end.
    pub(crate) fn judged_stores(header: &Header) -> impl Iterator<Item = &String> {
        let judged = header.objectives.iter().any(|objective| objective.indicator == Indicator::Rpo);
        header.stores.iter().filter(move |_| judged)
    }

    /// The number of trials of each store that ended without a writer.
    pub fn writerless(&self) -> impl Iterator<Item = (&str, u64)> {
        let count = |marks: &[bool]| marks.iter().filter(|none| **none).count() as u64;
        self.no_writer.iter().map(move |(store, marks)| (store.as_str(), count(marks)))
    }

    /// Those of a whole table.
    pub(crate) fn of(header: &Header, table: &TrialTable, singles: &[Measured]) -> Self {
        let mut own = Self::new(header, singles);
        own.extend(header, table);
        own
    }

    /// Those of a whole table, with all that the file has an objective on.
    pub(crate) fn of_objectives(header: &Header, table: &TrialTable) -> Self {
        let quantiles = header.objectives.iter().map(Objective::measured);
        let shares = header.availabilities().map(|(of, _)| Measured { indicator: Indicator::Availability, of });
        let singles: Vec<Measured> = quantiles.chain(shares).filter(is_single).collect();
        Self::of(header, table, &singles)
    }

    fn extend(&mut self, header: &Header, table: &TrialTable) {
        self.recovery.extend(table.of(measure::WORST_RECOVERY, Whole));
        self.loss.extend(table.of(measure::WORST_LOSS, Whole));
        self.up.extend(table.of(measure::OVERALL_AVAILABILITY, Whole));
        self.latencies.merge(table.latencies());
        for (measured, values) in &mut self.single {
            if let Some(values) = values {
                values.extend(measured.values(table).into_iter().flatten());
            }
        }
        for (place, (_, marks)) in self.no_writer.iter_mut().enumerate() {
            marks.extend(table.of(measure::NO_WRITER, Store(place)).map(|none| none > 0.0));
        }
        if header.recurring {
            // Of many outages each was watched for another time, and the longest may be any of them.
            self.watched.extend(std::iter::repeat_n(watched(header, table), table.len()));
        } else {
            self.watched.extend(table.of(measure::COUNTS_FROM, Whole).map(|start| header.horizon - start.max(0.0)));
        }
    }

    /// For how many seconds every censored recovery time was watched at least; without any, the horizon.
    pub fn watched_at_least(&self) -> f64 {
        let both = self.recovery.iter().zip(&self.watched);
        let censored = both.filter(|(value, _)| value.is_infinite()).map(|(_, watched)| *watched);
        censored.fold(self.horizon, f64::min)
    }

    /// The values of a measure, trial by trial, and what censored ones are known to exceed. There are none of journeys and
    /// stores that the candidate does not have.
    pub fn observed(&self, measured: impl Into<Measured>) -> Observed<'_> {
        let measured = measured.into();
        let single = self.single.iter().find(|(own, _)| *own == measured);
        let values = match (measured.indicator, measured.of) {
            (Indicator::Rto, Of::Worst) => &self.recovery,
            (Indicator::Rpo, Of::Worst) => &self.loss,
            (Indicator::Availability, Of::Worst) => &self.up,
            _ => single.and_then(|(_, values)| values.as_deref()).unwrap_or_default(),
        };
        let beyond = match measured.indicator {
            Indicator::Rto | Indicator::CaughtUp => {
                let both = values.iter().zip(&self.watched).filter(|(value, _)| value.is_infinite());
                both.map(|(_, watched)| *watched).fold(self.watched_at_least(), f64::min)
            }
            Indicator::Rpo | Indicator::LatencyBefore | Indicator::LatencyAfter => self.horizon,
            Indicator::Availability => 1.0,
        };
        Observed { values, beyond }
    }

    /// The values of a measure as a sample.
    pub fn sample(&self, measured: impl Into<Measured>) -> Sample {
        let measured = measured.into();
        let values = || self.observed(measured).values.iter().copied();
        let watched = |(value, watched): (f64, f64)| value.is_infinite().then_some(watched);
        match measured.indicator {
            Indicator::Rto | Indicator::CaughtUp => {
                Sample::new(values()).watched_for(values().zip(self.watched.iter().copied()).filter_map(watched))
            }
            Indicator::Rpo => {
                let horizon = std::iter::repeat(self.horizon);
                Sample::new(values()).watched_for(values().zip(horizon).filter_map(watched))
            }
            Indicator::Availability | Indicator::LatencyBefore | Indicator::LatencyAfter => Sample::new(values()),
        }
    }

    /// The trials, if none of them is back when it ends.
    fn never_back(&self) -> Option<u64> {
        never_back(self.recovery.iter().copied())
    }

    /// An objective, held against these trials.
    pub(super) fn assessed(&self, objective: &Objective) -> Assessed {
        match objective.indicator.phase() {
            Some(_) => judged(&self.latencies, &self.journeys, objective, self.never_back()),
            None => {
                let trials = self.recovery.len() as u64;
                Assessed::new(objective, &self.sample(objective.measured())).beside(self.writerless(), trials)
            }
        }
    }

    /// Why a measure cannot be compared at all, if it cannot.
    pub(crate) fn lacks(&self, measured: impl Into<Measured>) -> Option<Refusal> {
        let measured = measured.into();
        if measured.indicator == Indicator::Rpo && !self.stores {
            return Some(Refusal::NoStores);
        }
        if measured.indicator == Indicator::CaughtUp && measured.of == Of::Worst && !self.knows(measured) {
            return Some(Refusal::NoQueues);
        }
        if let (Some(_), Of::Journey(name)) = (measured.indicator.phase(), measured.of) {
            let known = self.journeys.iter().any(|own| own == name.as_str());
            return (!known).then_some(Refusal::NoSubject);
        }
        (is_single(&measured) && !self.knows(measured)).then_some(Refusal::NoSubject)
    }

    /// Whether the candidate has values of it beside those of the worst.
    fn knows(&self, measured: Measured) -> bool {
        self.single.iter().any(|(own, values)| *own == measured && values.is_some())
    }

    /// Lower bounds of a figure and of the ends of its interval, for any values of the censored trials.
    pub(super) fn at_least(&self, figure: Figure) -> Option<Interval> {
        match figure.statistic {
            Statistic::Quantile(_) if figure.indicator.phase().is_some() => self.estimate(figure).ok(),
            Statistic::Quantile(p) => self.sample(figure.measured()).quantile_at_least(p).ok(),
            Statistic::Mean => None,
        }
    }

    /// The estimate of a figure.
    ///
    /// # Errors
    /// When the trials support none.
    pub fn estimate(&self, figure: Figure) -> Result<Interval, Refusal> {
        if let Some(refusal) = self.lacks(figure.measured()) {
            return Err(refusal);
        }
        if figure.indicator == Indicator::Availability {
            return mean_share(self.observed(figure.measured()).values);
        }
        let sample = self.sample(figure.measured());
        match figure.statistic {
            Statistic::Quantile(p) if figure.indicator.phase().is_some() => {
                latency(&self.latencies, &self.journeys, figure.measured(), p, self.never_back())
            }
            Statistic::Quantile(p) => sample.quantile(p),
            Statistic::Mean => sample.mean().map(|mean| mean.interval),
        }
    }

    /// Those of the first trials.
    pub(crate) fn first(&self, trials: usize) -> Self {
        let mut own = self.clone();
        own.truncate(trials);
        own
    }

    fn truncate(&mut self, trials: usize) {
        if trials < self.recovery.len() {
            // They are of all trials, and cannot be told apart.
            self.latencies = Latencies::default();
        }
        self.recovery.truncate(trials);
        self.loss.truncate(trials);
        self.up.truncate(trials);
        self.watched.truncate(trials);
        for values in self.single.iter_mut().filter_map(|(_, values)| values.as_mut()) {
            values.truncate(trials);
        }
        self.no_writer.iter_mut().for_each(|(_, marks)| marks.truncate(trials));
    }
}

/// Runs the first `trials` trials of every source, in turns; `singles` says what is compared besides the worst. After a stop all have the same trials, fewer than were asked for.
///
/// `progress` is told how many trials of all candidates together are done.
///
/// # Errors
/// The index of the candidate that failed, and why.
pub fn run_all<S: Trials>(
    sources: &[(&Header, &S)],
    singles: &[Measured],
    trials: u64,
    threads: NonZeroUsize,
    progress: &(dyn Fn(u64) + Sync),
    stop: &Stop,
) -> Result<Vec<Outcomes>, (usize, RunError)> {
    let mut all: Vec<Outcomes> = sources.iter().map(|(header, _)| Outcomes::new(header, singles)).collect();
    let turn = trials.div_ceil(TURNS).next_multiple_of(BATCH);
    let mut done = 0;
    'turns: for first in (0..trials).step_by(usize::try_from(turn).unwrap_or(usize::MAX)) {
        for (index, (outcomes, (header, source))) in all.iter_mut().zip(sources).enumerate() {
            let range = first..trials.min(first + turn);
            let run = run_trials(*source, range, threads, &|part| progress(done + part), stop)
                .map_err(|error| (index, error))?;
            outcomes.extend(header, &run.table);
            done += run.table.len() as u64;
            if run.ended == Ended::Stopped {
                break 'turns;
            }
        }
    }
    let common = all.iter().map(|outcomes| outcomes.recovery.len()).min().unwrap_or(0);
    for outcomes in &mut all {
        outcomes.truncate(common);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::run_all;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};
    use measure::Whole;

    #[test]
    fn turns_do_not_show_in_the_outcomes() {
        let (one, other) = (Synthetic::typical(), Synthetic::censored(7));
        let sources = [(&one.header, &one), (&other.header, &other)];
        let most = AtomicU64::new(0);
        let progress = |done: u64| {
            most.fetch_max(done, Ordering::Relaxed);
        };
        let all = run_all(&sources, &[], 1_010, NonZeroUsize::MIN, &progress, &Stop::new()).expect("runs");
        assert_eq!(most.into_inner(), 2_020);
        for (outcomes, source) in all.iter().zip([&one, &other]) {
            let run = run_trials(source, 0..1_010, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
            assert!(outcomes.recovery.iter().copied().eq(run.table.of(measure::WORST_RECOVERY, Whole)));
            assert!(outcomes.loss.iter().copied().eq(run.table.of(measure::WORST_LOSS, Whole)));
        }
        assert_eq!((all[0].watched_at_least(), all[1].watched_at_least()), (3_600.0, 3_000.0));
    }

    #[test]
    fn a_stop_leaves_all_candidates_with_the_same_trials() {
        let stop = Stop::new();
        let (one, mut other) = (Synthetic::typical(), Synthetic::typical());
        other.stops_at = Some((730, stop.clone()));
        let sources = [(&one.header, &one), (&other.header, &other)];
        let all = run_all(&sources, &[], 2_000, NonZeroUsize::MIN, &|_| (), &stop).expect("runs");
        assert_eq!((all[0].recovery.len(), all[1].recovery.len(), all[0].loss.len()), (750, 750, 750));
    }

    #[test]
    fn the_candidate_that_fails_is_named() {
        let (one, mut other) = (Synthetic::typical(), Synthetic::typical());
        other.panics_at = vec![130];
        let sources = [(&one.header, &one), (&other.header, &other)];
        let (index, error) =
            run_all(&sources, &[], 200, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect_err("the second panics");
        assert_eq!(index, 1);
        assert!(error.to_string().starts_with("trial 130 failed"), "{error}");
    }
}
