//! Traps of measurements, each of which a naive reading falls into, and exports that are not what they should be. Seeds are
//! fixed; where a correct program could fail, the comment says how often.

mod exports;
mod lists;

use sim_core::random::{Distribution, LogNormal, Stream, StreamId};
use sim_core::stats::fit::{Law, Observed};

use super::choose::{Sample, choose};
use super::read::{Grid, Stat};
use super::{Calibrated, Outcome, Source, series};

const KEY: &str = "stores.orders.replication-lag";

/// Median 0.25 s, p99 1 s.
const LAG: Law = Law::LogNormal { mu: -1.386_294_361_119_890_6, sigma: 0.595_910_171_728_492_4 };

fn stream(purpose: &str, number: u64) -> Stream {
    let mut stream = Stream::new(StreamId::new(23, "calibrate/tests", purpose));
    stream.begin(number);
    stream
}

/// A lag whose logarithm forgets itself within so many steps.
fn lags(n: usize, forgets: f64, stream: &mut Stream) -> Vec<f64> {
    let rho = if forgets > 0.0 { (-1.0 / forgets).exp() } else { 0.0 };
    let normal = Law::LogNormal { mu: 0.0, sigma: 1.0 };
    let mut state = normal.quantile(stream.uniform()).ln();
    let Law::LogNormal { mu, sigma } = LAG else { unreachable!("it is one") };
    (0..n)
        .map(|_| {
            state = rho * state + (1.0 - rho * rho).sqrt() * normal.quantile(stream.uniform()).ln();
            (mu + sigma * state).exp()
        })
        .collect()
}

fn grid(period: f64, stats: Vec<(Stat, Vec<Option<f64>>)>) -> Grid {
    let start = 1_795_946_400.0;
    let stats = stats.into_iter().collect();
    Grid { start, period, guessed_period: false, unit: ("s".to_owned(), false), stats, partial: false }
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

fn source() -> Source {
    Source { file: "lag.json".to_owned(), ..Source::default() }
}

fn found(outcome: Outcome) -> Calibrated {
    match outcome {
        Outcome::Calibrated(found) => *found,
        Outcome::Refused(refused) => panic!("{refused:?}"),
    }
}

fn why(outcome: Outcome) -> String {
    match outcome {
        Outcome::Calibrated(found) => panic!("{found:?}"),
        Outcome::Refused(refused) => refused.why,
    }
}

fn quantile(found: &Calibrated, p: f64) -> f64 {
    found.figures.iter().find(|figure| (figure.p - p).abs() < 1e-9).map_or(f64::NAN, |figure| figure.value)
}

fn told(found: &Calibrated, kind: &str) -> bool {
    found.remarks.iter().any(|remark| remark.kind == kind)
}

/// Minutes of sixty samples each: mean and largest.
fn minutes(n: usize, forgets: f64, purpose: &str) -> (Vec<f64>, Vec<f64>) {
    let samples = lags(n * 60, forgets, &mut stream(purpose, 0));
    let of = |of: fn(&[f64]) -> f64| samples.chunks(60).map(of).collect();
    (of(|minute| minute.iter().sum::<f64>() / 60.0), of(|minute| minute.iter().copied().fold(0.0, f64::max)))
}

#[test]
fn averages_hide_the_tail_and_are_refused_unless_asked_for() {
    let (average, _) = minutes(2_000, 10.0, "averages");
    let counts = vec![Some(60.0); average.len()];
    let grid = grid(60.0, vec![(Stat::Average, some(&average)), (Stat::SampleCount, counts)]);
    assert!(why(series::calibrated(KEY, &grid, &source())).contains("the mean of 60 samples, which hides the tail"));
    let coarse = found(series::calibrated(KEY, &grid, &Source { accept_coarse: true, ..source() }));
    // The true p99 is 1 s; means over a minute of a lag that changes within ten seconds have less than two thirds of it.
    assert!(told(&coarse, "averages") && quantile(&coarse, 0.99) < 0.65, "{}", quantile(&coarse, 0.99));
}

#[test]
fn maxima_are_the_worse_end_or_are_turned_back() {
    let (average, maximum) = minutes(2_000, 0.0, "maxima");
    let counts = vec![Some(60.0); average.len()];
    let stats = vec![(Stat::Average, some(&average)), (Stat::Maximum, some(&maximum)), (Stat::SampleCount, counts)];
    let grid = grid(60.0, stats);
    let worse = found(series::calibrated(KEY, &grid, &source()));
    // Taken for the lag itself they have four times its median, and the report says so.
    assert!(told(&worse, "maxima") && quantile(&worse, 0.5) > 3.0 * LAG.quantile(0.5));
    let back = found(series::calibrated(KEY, &grid, &Source { independent: true, ..source() }));
    assert!(told(&back, "turned-back"));
    assert!(quantile(&back, 0.5).is_nan(), "maxima say nothing of the median");
    let p99 = back.figures.iter().find(|figure| figure.p == 0.99).expect("they reach it");
    let (low, high) = p99.interval.expect("it has one");
    let truth = LAG.quantile(0.99);
    assert!((low..=high).contains(&truth) && (p99.value / truth - 1.0).abs() < 0.1, "{low} {high} {truth}");
    // A lag that remembers half an hour has no independent samples within a minute, whatever the list says.
    let (_, maximum) = minutes(1_000, 1_800.0, "slow");
    let counts = vec![Some(60.0); maximum.len()];
    let slow = self::grid(60.0, vec![(Stat::Maximum, some(&maximum)), (Stat::SampleCount, counts)]);
    let slow = found(series::calibrated(KEY, &slow, &Source { independent: true, ..source() }));
    assert!(told(&slow, "not-independent") && !told(&slow, "turned-back"), "{:?}", slow.remarks);
}

#[test]
fn one_sample_a_minute_is_the_lag_itself() {
    let values = lags(5_000, 0.0, &mut stream("single", 0));
    let counts = vec![Some(1.0); values.len()];
    let grid = grid(60.0, vec![(Stat::Maximum, some(&values)), (Stat::SampleCount, counts)]);
    let lag = found(series::calibrated(KEY, &grid, &source()));
    assert!(!told(&lag, "maxima") && !told(&lag, "averages"), "{:?}", lag.remarks);
    assert_eq!(lag.family, "quantiles");
    assert!((quantile(&lag, 0.99) / LAG.quantile(0.99) - 1.0).abs() < 0.1);
}

#[test]
fn the_oldest_is_not_the_delay_of_each() {
    let spec = LogNormal { median: Some(3.0), p99: Some(60.0), ..LogNormal::default() };
    let delay = Distribution::lognormal(&spec).expect("a law");
    // Ages of the oldest by their own law: P(oldest <= x) solved for x.
    let mut stream = stream("oldest", 0);
    let ages: Vec<f64> = (0..1_500)
        .map(|_| {
            let u = stream.uniform();
            let (mut low, mut high) = (1e-3, 1e5);
            for _ in 0..80 {
                let middle = f64::midpoint(low, high);
                if sim_core::stats::fit::oldest_share(&delay, 5.0, 60.0, middle) < u {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            low
        })
        .collect();
    let grid = grid(60.0, vec![(Stat::Maximum, some(&ages))]);
    let naive = found(series::calibrated(KEY, &grid, &source()));
    assert!(quantile(&naive, 0.5) > 25.0 * 3.0);
    let behind = found(series::calibrated(KEY, &grid, &Source { rate: Some(5.0), pending: Some(40.0), ..source() }));
    assert!(told(&behind, "oldest") && told(&behind, "tail-only") && told(&behind, "pending"));
    assert!((1.5..6.0).contains(&quantile(&behind, 0.5)), "{}", quantile(&behind, 0.5));
    assert!((45.0..80.0).contains(&quantile(&behind, 0.99)), "{}", quantile(&behind, 0.99));
}

#[test]
fn gaps_and_idle_minutes_are_no_short_lags() {
    let values = lags(3_000, 0.0, &mut stream("gaps", 0));
    // A third of the minutes is idle, a tenth is missing, and the copy was the primary for some.
    let mixed: Vec<Option<f64>> = values
        .iter()
        .enumerate()
        .map(|(index, value)| match index % 30 {
            0..10 => Some(0.0),
            10..13 => None,
            13 => Some(-1.0),
            _ => Some(*value),
        })
        .collect();
    let traffic: Vec<Option<f64>> = (0..3_000).map(|index| Some(if index % 30 < 10 { 0.0 } else { 7.0 })).collect();
    let naive: Vec<f64> = mixed.iter().map(|value| value.unwrap_or(0.0).max(0.0)).collect();
    let below = naive.iter().filter(|value| **value < LAG.quantile(0.5)).count();
    assert!(below as f64 > 0.7 * naive.len() as f64, "zeros and gaps make the median a short one");
    let counts = vec![Some(1.0); 3_000];
    let plain = grid(60.0, vec![(Stat::Maximum, mixed.clone()), (Stat::SampleCount, counts.clone())]);
    let by_traffic = grid(60.0, vec![(Stat::Maximum, mixed), (Stat::SampleCount, counts), (Stat::Activity, traffic)]);
    for grid in [plain, by_traffic] {
        let lag = found(series::calibrated(KEY, &grid, &source()));
        assert!(["gaps", "idle", "primary"].iter().all(|kind| told(&lag, kind)), "{:?}", lag.remarks);
        assert!((quantile(&lag, 0.5) / LAG.quantile(0.5) - 1.0).abs() < 0.1, "{}", quantile(&lag, 0.5));
    }
    let negative = grid(60.0, vec![(Stat::Maximum, vec![Some(0.2), Some(-0.3), Some(0.1)])]);
    assert!(why(series::calibrated(KEY, &negative, &source())).contains("datapoint 2 is negative"));
}

/// Ten minutes of memory: 15 days are worth 1,080 minutes. The estimate has a standard error of about 8 %.
#[test]
fn minutes_are_worth_fewer_observations() {
    let values = lags(21_600, 10.0, &mut stream("dependence", 0));
    let grid = grid(60.0, vec![(Stat::Maximum, some(&values)), (Stat::SampleCount, vec![Some(1.0); 21_600])]);
    let lag = found(series::calibrated(KEY, &grid, &source()));
    assert!((700..1_500).contains(&lag.observations), "{}", lag.observations);
    assert!(told(&lag, "dependence"));
}

/// Half a day of minutes that remember ten: the interval of the median holds the truth as often as it says, where one that
/// takes minutes for independent does so in less than half of all cases. 178 to 199 of 200: the worth is itself
/// estimated, and a coverage of 94 % misses this in 2 of 100 seeds.
#[test]
fn intervals_know_that_minutes_depend_on_each_other() {
    let (mut held, mut naive) = (0, 0);
    let truth = LAG.quantile(0.5);
    for number in 0..200 {
        let values = lags(720, 10.0, &mut stream("coverage", number));
        let counts = vec![Some(1.0); values.len()];
        let grid = grid(60.0, vec![(Stat::Maximum, some(&values)), (Stat::SampleCount, counts)]);
        let lag = found(series::calibrated(KEY, &grid, &source()));
        let (low, high) = lag.figures[0].interval.expect("it has one");
        held += usize::from((low..=high).contains(&truth));
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let own = sim_core::stats::quantile(&sorted, 0.5, 0.95).expect("many");
        naive += usize::from((own.low..=own.high).contains(&truth));
    }
    assert!((178..=199).contains(&held), "{held}");
    assert!(naive < 110, "{naive}");
}

#[test]
fn calm_weeks_say_nothing_of_the_bad_hour() {
    let mut values = lags(1_440, 0.0, &mut stream("calm", 0));
    let counts = || vec![Some(1.0); 1_440];
    let calm = grid(60.0, vec![(Stat::Maximum, some(&values)), (Stat::SampleCount, counts())]);
    let words = |found: &Calibrated| {
        found.remarks.iter().find(|it| it.kind == "calm").map(|it| it.words.clone()).unwrap_or_default()
    };
    assert!(words(&found(series::calibrated(KEY, &calm, &source()))).contains("without a bad hour"));
    values[600..660].iter_mut().for_each(|value| *value *= 12.0);
    let bad = grid(60.0, vec![(Stat::Maximum, some(&values)), (Stat::SampleCount, counts())]);
    let all = found(series::calibrated(KEY, &bad, &source()));
    assert!(words(&all).contains("times the usual one"), "{}", words(&all));
    assert!(quantile(&all, 0.5) < 1.5 * LAG.quantile(0.5), "the day's median does not know the hour");
    // Minute 600 after 10:00 on 29 November 2026.
    let within = Source { within: Some("2026-11-29T20:00Z .. 2026-11-29T21:00Z".to_owned()), ..source() };
    let hour = found(series::calibrated(KEY, &bad, &within));
    assert!(quantile(&hour, 0.5) > 9.0 * LAG.quantile(0.5) && told(&hour, "within"));
    let wrong = Source { within: Some("yesterday".to_owned()), ..source() };
    assert!(why(series::calibrated(KEY, &bad, &wrong)).contains("is not `FROM .. TO`"));
}

#[test]
fn long_periods_are_refused_unless_asked_for() {
    let values = lags(300, 0.0, &mut stream("coarse", 0));
    let grid = grid(300.0, vec![(Stat::Maximum, some(&values)), (Stat::SampleCount, vec![Some(1.0); 300])]);
    assert!(why(series::calibrated(KEY, &grid, &source())).contains("a datapoint stands for 5 min"));
    assert!(told(&found(series::calibrated(KEY, &grid, &Source { accept_coarse: true, ..source() })), "coarse"));
}

#[test]
fn percentiles_are_pooled_by_how_many_items_they_stand_for() {
    // Busy minutes are slow: 900 items with a median of 2 s, and 100 with a median of 0.5 s, by turns.
    let of =
        |factor: f64| (0..400).map(|index| Some(if index % 2 == 0 { 2.0 * factor } else { 0.5 * factor })).collect();
    let counts = (0..400).map(|index| Some(if index % 2 == 0 { 900.0 } else { 100.0 })).collect();
    let stats = vec![
        (Stat::Percentile(50_000), of(1.0)),
        (Stat::Percentile(90_000), of(1.5)),
        (Stat::Percentile(99_000), of(2.0)),
        (Stat::SampleCount, counts),
    ];
    let delay = found(series::calibrated(KEY, &grid(60.0, stats), &source()));
    let part = |median: f64| {
        Distribution::quantiles(vec![(0.5, median), (0.9, 1.5 * median), (0.99, 2.0 * median)]).expect("a law")
    };
    for p in [0.5, 0.9, 0.99] {
        let value = quantile(&delay, p);
        let pooled = 0.9 * part(2.0).cdf(value) + 0.1 * part(0.5).cdf(value);
        assert!((pooled - p).abs() < 1e-6, "{p}: {value} {pooled}");
    }
}

fn durations(observed: Vec<Observed>) -> Outcome {
    let worth = observed.len() as f64;
    choose(Sample {
        key: KEY,
        from: "x".to_owned(),
        kind: None,
        observed,
        worth,
        worth_at: &|_| worth,
        remarks: Vec::new(),
    })
}

#[test]
fn fewer_than_five_that_ended_are_refused() {
    let exact = |n: usize| (1..=n).map(|value| Observed::Exact(value as f64 * 60.0)).collect::<Vec<_>>();
    let Outcome::Refused(four) = durations(exact(4)) else { panic!("four are too few") };
    assert!(four.why.contains("4 observations are too few") && four.guess.is_some() && four.seen.len() == 4);
    assert_eq!(found(durations(exact(5))).observations, 5);
    let stopped = [exact(4), vec![Observed::Above(900.0); 8]].concat();
    assert!(why(durations(stopped)).contains("4 of 12 observations came to their end"));
    assert!(why(durations(vec![Observed::Exact(60.0); 9])).contains("the same value"));
    // What was stopped makes the tail longer, and does not count as known.
    let (without, with) =
        (found(durations(exact(6))), found(durations([exact(6), vec![Observed::Above(420.0); 3]].concat())));
    assert_eq!((without.observations, with.observations, with.stopped), (6, 6, 3));
    assert!(quantile(&with, 0.95) > 1.2 * quantile(&without, 0.95));
}
