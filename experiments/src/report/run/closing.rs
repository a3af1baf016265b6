//! The last three lines of a run: whether all is well, what holds it back, and what to do first.

use models::cause::Cause;

use super::unknown::assumption;
use crate::analyze::{Assessed, JourneySummary, QueueSummary, Refusal, StoreSummary, Summary, UP_AGAIN, Verdict};
use crate::header::{Indicator, Measured, Of};
use crate::report::RunReport;
use crate::report::beside::NO_WRITER;
use crate::report::document::{Content, Reach, Section, Span};
use crate::units::{chosen_duration, chosen_percent, duration, estimated_duration, nearly_all, percent};
use crate::unknown::Condition;

/// What to try first where a stage takes most of the time.
const STEPS: [(Cause, &str); 10] = [
    (Cause::Detection, "notice sooner: the interval and threshold of checks, or an alarm"),
    (Cause::Propagation, "a change of answers that needs no edit of records"),
    (Cause::DnsCache, "fewer resolvers in the way: an accelerator; a shorter TTL reaches those alone that honour it"),
    (
        Cause::NoPath,
        "answers that lead somewhere: a check on every endpoint, shallow, and a second answer; where a runbook sheds load, of \
         letting it in again sooner",
    ),
    (Cause::Targets, "targets that are probed more often"),
    (
        Cause::Capacity,
        "a reserve that carries everybody, or a warm pool; against a storm of retries, of fewer attempts, a shorter queue, or \
         shedding load",
    ),
    (Cause::Decision, "a shorter approval, or automation in its place, where the fault does not strike"),
    (Cause::Promotion, "a store that needs no promotion, or a promotion that begins sooner"),
    (Cause::EndpointUpdate, "write forwarding or a proxy, which need nobody to learn a new address"),
    (Cause::Dependency, "journeys that go on without what fails, and of a restore where data are spoiled"),
];

pub(super) fn section(report: &RunReport<'_>) -> Section {
    let mut section = Section::new("closing", "In short", "");
    let summary = report.summary;
    let lines = [
        ("Are we fine?", fine(summary)),
        ("What holds us back?", holds_back(summary)),
        ("What to do first?", first(summary)),
    ];
    let items = lines
        .into_iter()
        .map(|(question, answer)| vec![Span::Strong(question.to_owned()), Span::Plain(format!(" {answer}"))]);
    section.add(Reach::Brief, Content::List { items: items.collect() });
    section
}

/// Whether all objectives are met, and by how much the others are not.
fn fine(summary: &Summary) -> String {
    let count = summary.objectives.len() + summary.budgets().count();
    let with = |verdict: Verdict| {
        let own = summary.objectives.iter().filter(move |assessed| assessed.verdict == verdict);
        let budget = summary.budgets().filter(move |budget| budget.verdict == verdict);
        let quantiles = own.map(against);
        let availability = budget.map(|budget| {
            let found =
                budget.time.as_ref().map_or_else(ToString::to_string, |time| format!("{} %", nearly_all(time).0));
            format!("{} is {found}, and should be {} %", budget.name(), chosen_percent(budget.objective))
        });
        quantiles.chain(availability).collect::<Vec<_>>()
    };
    let (missed, mut open) = (with(Verdict::Missed), with(Verdict::Undecided));
    open.extend(with(Verdict::NotJudged));
    match (count, missed.is_empty(), open.is_empty()) {
        (0, ..) => "Nothing says so: the file has no objectives.".to_owned(),
        (_, false, _) => format!("No: {}.", missed.join("; ")),
        (_, true, false) => format!("Not shown: {}.", open.join("; ")),
        (_, true, true) if conditions(summary).next().is_some() => {
            let each =
                |(name, condition): (&str, &Condition)| format!("{name} stays so only if {}", assumption(condition));
            let hanging = conditions(summary).map(each).collect::<Vec<_>>().join("; ");
            let beside = without_writer(summary);
            format!("Not for sure: with the figures of the file all is met{beside}, and {hanging}.")
        }
        (1, true, true) => format!("Yes: the objective is met{}.", without_writer(summary)),
        (many, true, true) => format!("Yes: all {many} objectives are met{}.", without_writer(summary)),
    }
}

/// Objectives that are met by chance alone and not with what is not known: their names and what they hang on.
fn conditions(summary: &Summary) -> impl Iterator<Item = (&str, &Condition)> {
    let judged = summary.unknown.iter().flat_map(|unknown| &unknown.objectives);
    judged.filter_map(|judged| Some((judged.name.as_str(), judged.condition.as_ref()?)))
}

/// What a yes must not hide: stores that objectives are about and that nobody can write to at the end.
fn without_writer(summary: &Summary) -> String {
    let mut stores: Vec<&str> = Vec::new();
    for found in summary.objectives.iter().flat_map(|assessed| &assessed.writerless) {
        if !stores.contains(&found.store.as_str()) {
            stores.push(&found.store);
        }
    }
    if stores.is_empty() { String::new() } else { format!(", with {NO_WRITER} for {}", stores.join(", ")) }
}

/// An objective and its figure.
fn against(assessed: &Assessed) -> String {
    let name = assessed.objective.name();
    let limit = chosen_duration(assessed.objective.limit);
    match (&assessed.quantile, &assessed.at_least) {
        (Ok(found), least) => {
            let value = estimated_duration(found, least.as_ref().unwrap_or(found)).0;
            match found.estimate - assessed.objective.limit {
                over if assessed.verdict == Verdict::Missed && over.is_finite() => {
                    format!("{name} is {value}, {} beyond the limit of {limit}", duration(over))
                }
                _ if assessed.verdict == Verdict::Missed => format!("{name} is {value}, beyond the limit of {limit}"),
                _ => format!("{name} is {value}, and its interval holds the limit of {limit}"),
            }
        }
        (Err(refusal @ (Refusal::TooFewTrials { .. } | Refusal::TooFewOutages { .. })), _) => {
            format!("{name} {refusal}")
        }
        (Err(refusal), _) => format!("{name}: {refusal}"),
    }
}

/// What has to get better first, and at which quantile: the first objective that is missed, else the first undecided one.
fn wanting(summary: &Summary) -> Option<(Measured, Option<f64>)> {
    let of = |verdict: Verdict| {
        let own = summary.objectives.iter().filter(move |assessed| assessed.verdict == verdict);
        let quantiles = own.map(|assessed| (assessed.objective.measured(), Some(assessed.objective.quantile)));
        let shares = summary.budgets().filter(move |budget| budget.verdict == verdict);
        let shares = shares.map(|budget| (Measured { indicator: Indicator::Availability, of: budget.of }, None));
        quantiles.chain(shares).next()
    };
    of(Verdict::Missed).or_else(|| of(Verdict::Undecided))
}

/// The indicator of that.
fn indicator(summary: &Summary) -> Indicator {
    wanting(summary).map_or(Indicator::Rto, |(measured, _)| measured.indicator)
}

/// Journeys that the answer may be about: the one that has to get better, else those that somebody has an objective on, and all of
/// them where an objective is on the worst or there is none.
fn asked(summary: &Summary) -> Vec<&JourneySummary> {
    let quantiles = summary.objectives.iter().map(|assessed| assessed.objective.of);
    let all: Vec<Of> = match wanting(summary) {
        Some((measured, _)) => vec![measured.of],
        None => quantiles.chain(summary.budgets().map(|budget| budget.of)).collect(),
    };
    let own = |of: &Of| match of {
        Of::Journey(name) => summary.journeys.iter().find(|journey| journey.name == name.as_str()),
        Of::Worst | Of::Store(_) => None,
    };
    let named: Option<Vec<&JourneySummary>> = all.iter().map(own).collect();
    named.filter(|named| !named.is_empty()).unwrap_or_else(|| summary.journeys.iter().collect())
}

/// The stage that takes most of the time that the slowest journey of those that are asked for is down.
struct Longest<'a> {
    journey: &'a JourneySummary,
    stage: &'a str,
    /// Its share of the recovery time, and of that without the time up between two outages.
    share: f64,
    share_down: f64,
    /// The share of the recovery time that is up between two outages.
    up: f64,
}

fn longest(summary: &Summary) -> Option<Longest<'_>> {
    let time = |journey: &JourneySummary| journey.stages().iter().map(|(_, mean)| mean.interval.estimate).sum::<f64>();
    let slower = |one, other| if time(other) > time(one) { other } else { one };
    let journey = asked(summary).into_iter().reduce(slower)?;
    let stages = || journey.stages().into_iter().map(|(name, mean)| (name, mean.interval.estimate));
    let total: f64 = stages().map(|(_, seconds)| seconds).sum();
    // Time up holds nobody back: what takes a journey down does.
    let down = || stages().filter(|(name, _)| *name != UP_AGAIN);
    let down_total: f64 = down().map(|(_, seconds)| seconds).sum();
    let (stage, most) = down().reduce(|most, other| if other.1 > most.1 { other } else { most })?;
    let [share, share_down, up] = [most / total, most / down_total, 1.0 - down_total / total];
    (down_total > 0.0).then_some(Longest { journey, stage, share, share_down, up })
}

fn holds_back(summary: &Summary) -> String {
    let wanted = wanting(summary);
    let told = match wanted.map(|(measured, _)| measured) {
        Some(Measured { indicator: Indicator::Rpo, of }) => largest_loss(summary, of),
        Some(Measured { indicator: Indicator::CaughtUp, of }) => slowest_queue(summary, of),
        Some(Measured { indicator: Indicator::LatencyBefore | Indicator::LatencyAfter, .. }) => {
            Some("What requests pass on their way, not what fails.".to_owned())
        }
        Some(Measured { indicator: Indicator::Rto | Indicator::Availability, .. }) | None => None,
    };
    if let Some(told) = told {
        return told;
    }
    match longest(summary) {
        Some(Longest { journey, stage, share_down, share, up }) if up > share => format!(
            "{} goes down again after it was back: it is up for {} % of its mean recovery time, which lasts until it \
             is back for good. {stage} takes {} % of the time that it is down.",
            journey.name,
            percent(up),
            percent(share_down)
        ),
        Some(Longest { journey, stage, share, .. }) => {
            format!("{stage}: {} % of the mean recovery time of {}.", percent(share), journey.name)
        }
        None => without_recovery(summary),
    }
}

/// What is down where no journey has a time to recover.
fn without_recovery(summary: &Summary) -> String {
    if summary.unclocked.is_some() {
        return "Journeys were down although no fault had started the clock, so that there is no time to recover."
            .to_owned();
    }
    if summary.trials < 2 {
        return "One trial says nothing of means: run more.".to_owned();
    }
    let planned =
        |journey: &&JourneySummary| journey.planned.mean.as_ref().is_ok_and(|mean| mean.interval.estimate > 0.0);
    match summary.journeys.iter().find(planned) {
        Some(journey) => format!("Planned work alone: {} was down while it was done.", journey.name),
        None => "No journey was down in any trial.".to_owned(),
    }
}

/// The stores that an objective is about.
fn stores(summary: &Summary, of: Of) -> impl Iterator<Item = &StoreSummary> {
    summary.stores.iter().filter(move |store| match of {
        Of::Store(name) => store.name == name.as_str(),
        Of::Worst | Of::Journey(_) => true,
    })
}

/// The store that loses most, and how much.
fn largest_loss(summary: &Summary, of: Of) -> Option<String> {
    let tail = |store: &StoreSummary| {
        let found = store.loss.quantile(0.99).and_then(|found| found.as_ref().ok());
        found.map_or(0.0, |found| found.estimate)
    };
    let worst = stores(summary, of).reduce(|worst, other| if tail(other) > tail(worst) { other } else { worst });
    let store = worst.filter(|store| tail(store) > 0.0)?;
    let loss = tail(store);
    let age = if loss.is_finite() { duration(loss) } else { "everything".to_owned() };
    Some(format!("{}: what its survivors lack is {age} at the p99.", store.name))
}

/// The queue that takes longest to catch up, and what holds it back.
fn slowest_queue(summary: &Summary, of: Of) -> Option<String> {
    let tail = |queue: &QueueSummary| {
        let found = queue.caught_up.quantile(0.95).and_then(|found| found.as_ref().ok());
        found.map_or(0.0, |found| found.estimate)
    };
    let queues = stores(summary, of).filter_map(|store| Some((store.name.as_str(), store.queue.as_ref()?)));
    let (name, queue) = queues.reduce(|worst, other| if tail(other.1) > tail(worst.1) { other } else { worst })?;
    let time = match tail(queue) {
        0.0 => return None,
        time if time.is_finite() => format!("takes {} to catch up at the p95", duration(time)),
        _ => "has not caught up when trials end, at the p95".to_owned(),
    };
    Some(format!("{name} {time}: what consumes it has too little to spare beside what arrives."))
}

fn first(summary: &Summary) -> String {
    const MEASURE: &str = "mrsim advise FILE measures what helps";
    if summary.objectives.is_empty() && summary.budgets().next().is_none() {
        return format!("Write [objectives] into the file; {MEASURE}.");
    }
    if summary.any(Verdict::NotJudged) && !summary.any(Verdict::Missed) {
        let open = || summary.objectives.iter().filter(|assessed| assessed.verdict == Verdict::NotJudged);
        return if open().all(Assessed::more_trials_may_decide) {
            "More trials: they are too few to judge by (--trials).".to_owned()
        } else {
            "Make the objectives such that they can be judged; the note above says what is in the way.".to_owned()
        };
    }
    let step = match (indicator(summary), longest(summary)) {
        (Indicator::Rto | Indicator::Availability, Some(Longest { stage, .. })) => {
            STEPS.iter().find(|(cause, _)| cause.name() == stage).map(|(_, step)| *step)
        }
        _ => None,
    };
    match step {
        _ if !summary.any(Verdict::Missed) && !summary.any(Verdict::Undecided) => {
            let mut hanging: Vec<&str> = conditions(summary).map(|(_, condition)| condition.path.as_str()).collect();
            hanging.sort_unstable();
            hanging.dedup();
            match hanging.as_slice() {
                [] => format!("Nothing has to change; {MEASURE}."),
                paths => format!("Measure {}, on which it hangs; {MEASURE}.", paths.join(" and ")),
            }
        }
        Some(step) => format!("Think of {step}; {MEASURE}."),
        None if indicator(summary) == Indicator::CaughtUp => {
            format!("Think of more capacity of what consumes the queue; {MEASURE}.")
        }
        None => format!("{MEASURE}."),
    }
}
