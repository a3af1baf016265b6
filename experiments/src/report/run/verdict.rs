//! The first section of a run: objectives, availability, recovery times.

use sim_core::stats::Interval;

use super::rows::{quantiles, tail};
use super::{Charts, dips, unknown};
use crate::analyze::{
    Assessed, Availability, Budget, Estimates, Mean, QUANTILES, Refusal, Summary, Verdict, nines, share,
};
use crate::header::{Header, Indicator, quantile_name};
use crate::overview::Fault;
use crate::report::RunReport;
use crate::report::beside::{self, missed_by_chance, not_judged};
use crate::report::cells::{refusal, trials};
use crate::report::document::{Card, Cell, Column, Content, Manner, Reach, Row, Section, Table, word};
use crate::units::{beyond, chosen_duration, chosen_percent, count, duration, percent, whole};

pub(super) fn section(report: &RunReport<'_>, charts: Option<&Charts>) -> Section {
    let RunReport { header, summary, .. } = report;
    let mut section = Section::new("verdict", "Verdict", "");
    objectives(report, &mut section);
    let open = header.questions.len();
    if open > 0 {
        let many = if open == 1 { "1 question".to_owned() } else { format!("{open} questions") };
        let text = format!("The file leaves {many} open: guesses stand for the answers, and the result rests on them.");
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(text) = unclocked(summary) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    for fault in header.overview.faults.iter().map(Fault::sentence) {
        section.say(Reach::Page, Manner::Plain, format!("Fault: {fault}."));
    }
    section.add(Reach::Everywhere, Content::Table(recovery(report)));
    let worst = &summary.worst_recovery;
    if let Some(outages) = worst.outages {
        let (down, all) = (whole(worst.trials), trials(summary.trials));
        let text = format!("{} outages of any journey, in {down} of {all}.", whole(outages));
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(text) = censored(report) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(table) = dips::first_back(report) {
        section.add(Reach::Everywhere, Content::Table(table));
    }
    if let Some(text) = dips::planned(report) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if header.recurring || summary.budgets().next().is_some() {
        section.add(Reach::Everywhere, Content::Table(availability(report)));
    }
    for budget in summary.budgets() {
        section.say(Reach::Everywhere, Manner::Note, error_budget(budget));
    }
    if let Some(picture) = charts.and_then(|charts| charts.picture("recovery-time")) {
        section.show(picture);
    }
    section
}

fn objectives(report: &RunReport<'_>, section: &mut Section) {
    let RunReport { header, summary, .. } = report;
    let mut cards: Vec<Card> = summary.objectives.iter().map(|assessed| card(header, assessed)).collect();
    cards.extend(summary.budgets().map(of_availability));
    cards = cards.into_iter().map(|card| unknown::hanging(summary.unknown.as_ref(), card)).collect();
    if cards.is_empty() {
        section.say(Reach::Everywhere, Manner::Plain, "No objectives are set.");
        return;
    }
    section.add(Reach::Everywhere, Content::Cards { cards });
    if summary.objectives.iter().any(|assessed| assessed.objective.indicator == Indicator::Rpo)
        && let Some(text) = no_writer(summary)
    {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(text) = chances(header).filter(|_| header.recurring) {
        section.say(Reach::Brief, Manner::Note, text);
    }
    let unjudged = not_judged(summary.objectives.iter(), summary.budgets());
    for text in missed_by_chance(summary.objectives.iter()).into_iter().chain(unjudged) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if summary.any(Verdict::Undecided) {
        section.say(Reach::Everywhere, Manner::Note, undecided(summary));
    }
}

/// What the chances to meet objectives are shares of, where faults come again and again.
fn chances(header: &Header) -> Option<String> {
    let has = |indicator: Indicator| header.objectives.iter().any(|objective| objective.indicator == indicator);
    let trials =
        [(Indicator::Rpo, has(Indicator::Rpo)), (Indicator::Availability, header.availabilities().next().is_some())];
    let trials: Vec<&str> = trials.into_iter().filter(|(_, has)| *has).map(|(indicator, _)| indicator.word()).collect();
    let of_trials = (!trials.is_empty()).then(|| format!("that of one trial for {}", trials.join(" and ")));
    let of_outages = has(Indicator::Rto).then(|| format!("that of one outage for {}", Indicator::Rto.word()));
    let said: Vec<String> = of_outages.into_iter().chain(of_trials).collect();
    (!said.is_empty()).then(|| format!("The chance is {}.", said.join(", and ")))
}

/// Why objectives are undecided, and the way to decide them.
fn undecided(summary: &Summary) -> String {
    let open = || summary.objectives.iter().filter(|assessed| assessed.verdict == Verdict::Undecided);
    let named = |wanted: bool| {
        let names = open().filter(|assessed| assessed.more_trials_may_decide() == wanted);
        names.map(|assessed| assessed.objective.name()).collect::<Vec<_>>()
    };
    let (mut more, longer) = (named(true), named(false));
    let budgets = summary.budgets().filter(|budget| budget.verdict == Verdict::Undecided);
    more.extend(budgets.map(Budget::name));
    let mut said = vec!["UNDECIDED: the interval does not lie on one side of the limit".to_owned()];
    if !more.is_empty() {
        said.push(format!("more trials may decide {} (--trials, or --precision 0.02)", more.join(", ")));
    }
    if !longer.is_empty() {
        let names = longer.join(", ");
        said.push(format!(
            "{names}: trials ended before the limit, so a longer horizon may decide, and more trials do not"
        ));
    }
    format!("{}.", said.join("; "))
}

/// For how long journeys were down although no fault had started the clock.
fn unclocked(summary: &Summary) -> Option<String> {
    let unclocked = summary.unclocked.as_ref()?;
    let one = |(name, mean): &(String, Result<Mean, Refusal>)| {
        let time = Cell::duration(&mean.map(|mean| mean.interval), None).on_one_line();
        format!("{name} {time}")
    };
    let down: Vec<String> = unclocked.down.iter().map(one).collect();
    Some(format!(
        "Down although no fault started the clock, on average over {}: {}.",
        trials(unclocked.trials),
        down.join(", ")
    ))
}

/// The stores that ended without a writer: complete data are of little use then.
pub(super) fn no_writer(summary: &Summary) -> Option<String> {
    let stores = summary.without_writer().filter_map(|(name, found)| Some((name, found.ok()?)));
    beside::no_writer(stores).map(|words| format!("There was {words}."))
}

fn card(header: &Header, assessed: &Assessed) -> Card {
    let objective = &assessed.objective;
    // The whole that the chance is a share of.
    let one = match objective.indicator {
        _ if !header.recurring => "one incident".to_owned(),
        Indicator::Rto => "one outage".to_owned(),
        Indicator::LatencyBefore | Indicator::LatencyAfter => "one request".to_owned(),
        Indicator::Rpo | Indicator::Availability | Indicator::CaughtUp => {
            format!("a trial of {}", chosen_duration(header.horizon))
        }
    };
    Card {
        tone: assessed.verdict.into(),
        word: word(assessed.verdict),
        name: objective.name(),
        limit: format!("\u{2264} {}", chosen_duration(objective.limit)),
        value: Cell::duration(&assessed.quantile, assessed.at_least.as_ref()).on_one_line(),
        chance_of: format!("Chance that {one} stays within it"),
        chance: Cell::percent(&assessed.probability),
        more: assessed.without_planned.map_or_else(String::new, |planned| {
            let (name, word) = (objective.name(), word(assessed.verdict));
            format!("{name}: {word}, without planned dips of up to {}.", duration(planned))
        }),
    }
}

fn of_availability(budget: &Budget) -> Card {
    let time = match &budget.time {
        Ok(_) => {
            let cell = Cell::nearly_all(&budget.time);
            format!("{} % {}", cell.text, cell.spread_in_brackets())
        }
        Err(reason) => refusal(reason),
    };
    Card {
        tone: budget.verdict.into(),
        word: word(budget.verdict),
        name: budget.name(),
        limit: format!("\u{2265} {} %", chosen_percent(budget.objective)),
        value: time,
        chance_of: "Chance that a trial stays within the error budget".to_owned(),
        chance: Cell::percent(&budget.kept),
        more: String::new(),
    }
}

/// The use of the error budget.
fn error_budget(budget: &Budget) -> String {
    let used = match &budget.consumed {
        // A budget that is exceeded many times over is told in multiples, not in percent.
        Ok(Interval { estimate, low, high, .. }) if *estimate >= 10.0 => {
            let [value, low, high] = [*estimate, *low, *high].map(count);
            format!("a trial uses it up {value} times over on average [{low}, {high}]")
        }
        Ok(Interval { estimate, low, high, .. }) => {
            let [value, low, high] = [*estimate, *low, *high].map(|share| count(share * 100.0));
            format!("a trial uses {value} % of it on average [{low}, {high}]")
        }
        Err(Refusal::RarelyDown { down: 0, .. }) => "no trial uses any of it".to_owned(),
        Err(Refusal::RarelyDown { down, .. }) => format!("only {} of all use any of it", trials(*down)),
        Err(_) => "its use is not known".to_owned(),
    };
    let exceeded = budget.kept.map(|kept| Interval {
        estimate: 1.0 - kept.estimate,
        low: 1.0 - kept.high,
        high: 1.0 - kept.low,
        level: kept.level,
    });
    let exceeded = match Cell::percent(&exceeded) {
        cell if exceeded.is_ok() => format!("; {} % {} of trials exceed it", cell.text, cell.spread_in_brackets()),
        _ => String::new(),
    };
    format!("Error budget{}: {} a trial; {used}{exceeded}.", budget.of.suffix(), chosen_duration(budget.seconds))
}

/// The availability of each journey and of all, where faults recur or an objective asks for it.
fn availability(report: &RunReport<'_>) -> Table {
    let summary = report.summary;
    let in_nines = |found: &Result<Interval, Refusal>| match found {
        Ok(_) => Cell::each(found, |share| {
            let nines = nines(share);
            if nines.is_finite() { format!("{:.2}", nines.max(0.0)) } else { "all".to_owned() }
        }),
        // The share of the time gives the reason.
        Err(_) => Cell::words(""),
    };
    let row = |name: &str, found: &Availability| Row {
        size: found.time.map_or(0.0, |time| 1.0 - time.estimate),
        ..Row::new(
            name,
            vec![
                Cell::mean_count(&found.outages.mean),
                Cell::nearly_all(&found.time),
                in_nines(&found.time),
                Cell::nearly_all(&found.requests),
            ],
        )
    };
    let journeys = summary.journeys.iter().map(|journey| row(&journey.name, &journey.availability));
    // With one journey, all journeys together are that one.
    let overall =
        (summary.journeys.len() != 1).then(|| Row { sum: true, ..row("all journeys", &summary.availability) });
    Table {
        head: "Availability".to_owned(),
        caption: "Availability: means over the trials; nines are counted from the time up, so that 99.9 % are 3"
            .to_owned(),
        columns: ["outages a trial", "time up, %", "nines", "requests, %"].map(Column::figures).to_vec(),
        rows: journeys.chain(overall).collect(),
        largest: Some("journeys"),
        ..Table::default()
    }
}

/// Recovery times by journey, the worst last where there is more than one.
fn recovery(report: &RunReport<'_>) -> Table {
    let RunReport { header, summary, .. } = report;
    let row = |name: &str, distribution: &Estimates| Row {
        size: tail(distribution),
        ..Row::new(name, quantiles(distribution))
    };
    let journeys = summary.journeys.iter().map(|journey| row(&journey.name, &journey.recovery));
    // With one journey, the worst is that one.
    let worst =
        (summary.journeys.len() != 1).then(|| Row { sum: true, ..row("worst journey", &summary.worst_recovery) });
    Table {
        head: "Recovery time".to_owned(),
        caption: if header.recurring {
            "Recovery time of each outage, from the start of the latest fault before it until the journey is back; quantiles over the outages"
        } else {
            "Recovery time, from the start of the fault until the journey is back for good; quantiles over the trials"
        }
        .to_owned(),
        columns: QUANTILES.iter().map(|p| Column::figures(quantile_name(*p))).collect(),
        rows: journeys.chain(worst).collect(),
        largest: Some("journeys"),
        ..Table::default()
    }
}

/// The number that were not back, in a sentence.
fn censored(report: &RunReport<'_>) -> Option<String> {
    let summary = report.summary;
    let worst = &summary.worst_recovery;
    let found = share(worst.censored, worst.count()).ok().filter(|_| worst.censored > 0)?;
    let part = format!("{} % [{}, {}]", percent(found.estimate), percent(found.low), percent(found.high));
    Some(match worst.outages {
        Some(_) => format!("Not over when the trial ended: {part} of the outages."),
        None => format!("Not back when the trial ended ({}): {part} of the trials.", beyond(summary.watched)),
    })
}
