//! The figures of the page: every estimate beside its interval, every refusal in words.

use models::cause::Cause;
use serde::Serialize;
use sim_core::stats::Interval;

use crate::analyze::{
    Assessed, Availability, Budget, Distribution, QUANTILES, Refusal, Sample, Stages, StoreSummary, Summary, Verdict,
    nines, share,
};
use crate::header::{Header, Measure};
use crate::measure::{self, CauseOf, Journey};
use crate::outage::Outage;
use crate::report::pictures::milestone_name;
use crate::report::terminal::cells::{on_one_line, refusal};
use crate::report::units::{
    beyond, chosen_duration, chosen_percent, count, duration, estimated_duration, nearly_all, percent,
};
use crate::table::TrialTable;

use super::Cell;

/// A named row of figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    name: String,
    cells: Vec<Cell>,
}

impl Cell {
    fn refused(reason: &Refusal) -> Self {
        Self { value: refusal(reason), interval: None }
    }

    fn duration(estimate: &Result<Interval, Refusal>, at_least: Option<&Interval>) -> Self {
        match estimate {
            Ok(estimate) => {
                let (value, low, high) = estimated_duration(estimate, at_least.unwrap_or(estimate));
                Self { value, interval: Some(format!("[{low}, {high}]")) }
            }
            Err(reason) => Self::refused(reason),
        }
    }

    fn count(estimate: &Result<Interval, Refusal>) -> Self {
        Self::of(estimate, count)
    }

    fn percent(estimate: &Result<Interval, Refusal>) -> Self {
        Self::of(estimate, percent)
    }

    fn of(estimate: &Result<Interval, Refusal>, words: impl Fn(f64) -> String) -> Self {
        match estimate {
            Ok(Interval { estimate, low, high, .. }) => {
                Self { value: words(*estimate), interval: Some(format!("[{}, {}]", words(*low), words(*high))) }
            }
            Err(reason) => Self::refused(reason),
        }
    }
}

/// An objective on its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Objective {
    class: &'static str,
    word: &'static str,
    name: String,
    relation: &'static str,
    limit: String,
    estimate: String,
    chance: String,
}

impl Objective {
    /// All objectives, in their order.
    pub(super) fn all(header: &Header, summary: &Summary) -> Vec<Self> {
        let quantiles = summary.objectives.iter().map(|assessed| Self::new(header, summary, assessed));
        quantiles.chain(summary.budget.as_ref().map(Self::available)).collect()
    }

    fn new(header: &Header, summary: &Summary, assessed: &Assessed) -> Self {
        let (class, word) = verdict(assessed.verdict);
        let (limit, name) = (chosen_duration(assessed.objective.limit), assessed.objective.name());
        let estimate = on_one_line(&assessed.quantile, assessed.at_least.as_ref());
        // What the probability is a share of.
        let one = match assessed.objective.measure {
            _ if !header.recurring => "one incident".to_owned(),
            Measure::Rto => "one outage".to_owned(),
            Measure::Rpo | Measure::Availability => format!("a trial of {}", chosen_duration(header.horizon)),
        };
        let mut notes = vec![format!("chance that {one} stays within it: {}", chance(&assessed.probability))];
        if assessed.objective.measure == Measure::Rpo {
            for (store, share) in summary.without_writer() {
                notes.push(format!("no writer at the end: {store}, in {} of trials", chance(&share)));
            }
        }
        let chance = notes.join("; ");
        Self { class, word, name, relation: "\u{2264}", limit, estimate, chance }
    }

    fn available(budget: &Budget) -> Self {
        let (class, word) = verdict(budget.verdict);
        let estimate = match &budget.time {
            Ok(time) => {
                let (value, low, high) = nearly_all(time);
                format!("{value} % [{low}, {high}]")
            }
            Err(reason) => refusal(reason),
        };
        let used = match &budget.consumed {
            Ok(used) => {
                let [value, low, high] = [used.estimate, used.low, used.high].map(|share| count(share * 100.0));
                format!("{value} % [{low}, {high}] used on average")
            }
            Err(reason) => refusal(reason),
        };
        let (allowed, kept) = (chosen_duration(budget.seconds), chance(&budget.kept));
        let limit = format!("{} %", chosen_percent(budget.objective));
        let chance = format!("error budget {allowed} a trial, {used}; chance that a trial stays within it: {kept}");
        Self { class, word, name: "availability".to_owned(), relation: "\u{2265}", limit, estimate, chance }
    }
}

const fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Met => ("met", "MET"),
        Verdict::Missed => ("missed", "MISSED"),
        Verdict::Undecided => ("undecided", "UNDECIDED"),
    }
}

fn chance(probability: &Result<Interval, Refusal>) -> String {
    match probability {
        Ok(Interval { estimate, low, high, .. }) => {
            format!("{} % [{}, {}]", percent(*estimate), percent(*low), percent(*high))
        }
        Err(reason) => refusal(reason),
    }
}

/// How available each journey was, and all together, where faults come again and again or somebody asks.
pub(super) fn availability(header: &Header, summary: &Summary) -> Vec<Row> {
    if !header.recurring && summary.budget.is_none() {
        return Vec::new();
    }
    let share = |share: &Result<Interval, Refusal>| match share {
        Ok(share) => {
            let (value, low, high) = nearly_all(share);
            Cell { value: format!("{value} %"), interval: Some(format!("[{low}, {high}]")) }
        }
        Err(reason) => Cell::refused(reason),
    };
    let row = |name: &str, found: &Availability| Row {
        name: name.to_owned(),
        cells: vec![
            Cell::count(&found.outages.mean.map(|mean| mean.interval)),
            share(&found.time),
            Cell::of(&found.time, |share| format!("{:.2}", nines(share))),
            share(&found.requests),
        ],
    };
    let journeys = summary.journeys.iter().map(|journey| row(&journey.name, &journey.availability));
    let overall = (summary.journeys.len() != 1).then(|| row("all journeys", &summary.availability));
    journeys.chain(overall).collect()
}

/// The names of the quantiles.
pub(super) fn quantile_names() -> Vec<String> {
    QUANTILES.iter().map(|p| format!("p{}", (p * 1e8).round() / 1e6)).collect()
}

/// The quantiles of a duration.
fn quantiles(distribution: &Distribution) -> Vec<Cell> {
    let both = distribution.quantiles.iter().zip(&distribution.at_least);
    both.map(|((_, quantile), at_least)| Cell::duration(quantile, at_least.as_ref())).collect()
}

/// Recovery times by journey, the worst last where there is more than one.
pub(super) fn recovery(summary: &Summary) -> Vec<Row> {
    let row = |name: &str, distribution: &Distribution| Row { name: name.to_owned(), cells: quantiles(distribution) };
    let mut rows: Vec<Row> = summary.journeys.iter().map(|journey| row(&journey.name, &journey.recovery)).collect();
    if rows.len() > 1 {
        let of = if summary.worst_recovery.outages.is_some() { "outage" } else { "trial" };
        rows.push(row(&format!("worst journey of each {of}"), &summary.worst_recovery));
    }
    rows
}

/// How many trials were not back, in a sentence.
pub(super) fn censored(summary: &Summary) -> Option<String> {
    let worst = &summary.worst_recovery;
    let Interval { estimate, low, high, .. } =
        share(worst.censored, worst.count()).ok().filter(|_| worst.censored > 0)?;
    let (value, low, high) = (percent(estimate), percent(low), percent(high));
    let (when, of) = if worst.outages.is_some() {
        ("Not over when the trial ended".to_owned(), "outages")
    } else {
        (format!("Not back when the trial ended ({})", beyond(summary.watched)), "trials")
    };
    Some(format!("{when}: {value} % [{low}, {high}] of the {of}."))
}

/// What became of the writes of one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Account {
    name: String,
    rows: Vec<Fate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Fate {
    fate: &'static str,
    cells: Vec<Cell>,
}

/// The ledger of data loss.
pub(super) fn ledger(summary: &Summary, table: &TrialTable) -> Vec<Account> {
    let account = |store: &StoreSummary| {
        let any = |column| {
            let values = table.of(column, store.of);
            let some = values.clone().filter(|value| *value > 0.0).count() as u64;
            Cell::percent(&share(some, values.len() as u64))
        };
        let quantile = |writes: &Distribution, p: f64| match writes.quantile(p) {
            Some(quantile) => Cell::count(quantile),
            None => Cell::refused(&Refusal::NoTrials),
        };
        let writes = |fate: &'static str, writes: &Distribution, column| Fate {
            fate,
            cells: vec![
                Cell::count(&writes.mean.map(|mean| mean.interval)),
                quantile(writes, 0.5),
                quantile(writes, 0.99),
                any(column),
            ],
        };
        let age = |p: f64| {
            store
                .loss
                .quantile(p)
                .map_or_else(|| Cell::refused(&Refusal::NoTrials), |quantile| Cell::duration(quantile, None))
        };
        let mean_age = Cell::duration(&store.loss.mean.map(|mean| mean.interval), None);
        let risk = &store.at_risk;
        let time_at_risk = |p: f64| {
            risk.quantile(p)
                .map_or_else(|| Cell::refused(&Refusal::NoTrials), |quantile| Cell::duration(quantile, None))
        };
        let mean_risk = Cell::duration(&risk.mean.map(|mean| mean.interval), None);
        let rows = vec![
            writes("lost", &store.lost, measure::LOST),
            writes("stranded", &store.stranded, measure::STRANDED),
            writes("overwritten", &store.overwritten, measure::OVERWRITTEN),
            writes("delayed", &store.delayed, measure::DELAYED),
            Fate {
                fate: "age of the oldest that is missing",
                cells: vec![mean_age, age(0.5), age(0.99), any(measure::LOSS)],
            },
            Fate {
                fate: "time at risk: a copy gets no new writes",
                cells: vec![mean_risk, time_at_risk(0.5), time_at_risk(0.99), any(measure::AT_RISK)],
            },
        ];
        Account { name: store.name.clone(), rows }
    };
    summary.stores.iter().map(account).collect()
}

/// One stage in the table below the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct StageRow {
    name: String,
    cells: Vec<Cell>,
    waits_for: &'static str,
    shortened_by: &'static str,
}

pub(super) fn stages(stages: &Stages) -> Vec<StageRow> {
    let row = |stage: &crate::analyze::Stage| {
        let cause = Cause::named(&stage.name);
        let quantile = |sample: &Sample, p: f64| Cell::duration(&sample.quantile(p), None);
        StageRow {
            name: if stage.name == "up" { "(up in between)".to_owned() } else { stage.name.clone() },
            cells: [0.5, 0.95, 0.99].map(|p| quantile(&stage.all, p)).to_vec(),
            waits_for: cause.map_or("", Cause::waits_for),
            shortened_by: cause.map_or("", Cause::shortened_by),
        }
    };
    stages.stages.iter().map(row).collect()
}

/// What happened on the way.
pub(super) fn milestones(header: &Header, summary: &Summary) -> Vec<Row> {
    let row = |milestone: &crate::analyze::Milestone| {
        let at = |p: f64| {
            milestone
                .time
                .quantile(p)
                .map_or_else(|| Cell::refused(&Refusal::NoTrials), |quantile| Cell::duration(quantile, None))
        };
        Row {
            name: milestone_name(header, milestone),
            cells: vec![Cell::percent(&milestone.happened), at(0.5), at(0.95), at(0.99)],
        }
    };
    summary.milestones.iter().map(row).collect()
}

/// The worst journey of one trial: how long it took, and what took most of it.
pub(super) fn sentence(header: &Header, table: &TrialTable, trial: u64, watched: f64) -> String {
    let index = usize::try_from(trial.saturating_sub(table.first_trial())).unwrap_or(usize::MAX);
    if index >= table.len() {
        return String::new();
    }
    let recovery = |journey: Journey| table.cell(index, measure::RECOVERY, journey);
    let stage = |journey: Journey, cause: Cause| table.cell(index, measure::STAGE, CauseOf(journey, cause));
    let total = |journey: Journey| -> f64 {
        let causes: f64 = Cause::ALL.iter().map(|&cause| stage(journey, cause)).sum();
        causes + table.cell(index, measure::STAGE_UP, journey)
    };
    // Of equals, and among those that are not back, the one that was watched longest.
    let worst = (0..header.journeys.len()).map(Journey).reduce(|worst, journey| {
        let longer = recovery(journey).total_cmp(&recovery(worst)).then(total(journey).total_cmp(&total(worst)));
        if longer.is_gt() { journey } else { worst }
    });
    let Some(worst) = worst else { return String::new() };
    let (seconds, sum) = (recovery(worst), total(worst));
    if seconds == 0.0 {
        return "No journey went down.".to_owned();
    }
    let name = &header.journeys[worst.0];
    let how = if seconds.is_finite() {
        format!("{name} was back for good after {}", duration(seconds))
    } else {
        format!("{name} was not back when the trial ended ({})", beyond(watched.min(sum)))
    };
    mostly(header, &how, sum, |cause| stage(worst, Cause::ALL[cause]))
}

/// One outage: how long it took until every journey was back, and what took most of it.
pub(super) fn sentence_of(header: &Header, outage: &Outage) -> String {
    let sum: f64 = outage.stages.iter().sum();
    let how = if outage.recovery.is_finite() {
        format!("All journeys were back after {}, counted from the start of the fault", duration(outage.recovery))
    } else {
        format!("It was not over when the trial ended ({})", beyond(sum))
    };
    mostly(header, &how, sum, |cause| outage.stages[cause])
}

/// A sentence with the cause that takes most of the time.
fn mostly(header: &Header, how: &str, sum: f64, seconds: impl Fn(usize) -> f64) -> String {
    let most = (0..header.causes.len()).reduce(|most, cause| if seconds(cause) > seconds(most) { cause } else { most });
    match most.filter(|_| sum > 0.0) {
        Some(most) => {
            let (cause, part) = (&header.causes[most], seconds(most));
            let why = Cause::named(cause).map_or(String::new(), |cause| format!(": {}", cause.waits_for()));
            format!("{how}; {} of it ({:.0} %) is {cause}{why}.", duration(part), part / sum * 100.0)
        }
        None => format!("{how}."),
    }
}
