//! What stands beside verdicts so that nobody reads more or less into them.

use sim_core::stats::Interval;

use super::cells::trials;
use super::document::Cell;
use crate::analyze::{Assessed, Budget, Refusal, Verdict};
use crate::header::Indicator;
use crate::units::chosen_percent;

/// What stands beside a verdict on data loss where nobody can write at the end.
pub(super) const NO_WRITER: &str = "no writer at the end";

/// The same with the stores and the share of the trials: `no writer at the end: orders in 100 % [98, 100] of the trials`.
pub(super) fn no_writer<'a>(stores: impl Iterator<Item = (&'a str, Interval)>) -> Option<String> {
    let one = |(store, share): (&str, Interval)| format!("{store} in {} of the trials", chance(&share));
    let stores: Vec<String> = stores.map(one).collect();
    (!stores.is_empty()).then(|| format!("{NO_WRITER}: {}", stores.join("; ")))
}

/// Why objectives are missed although the trials are too few for their quantiles.
pub(super) fn missed_by_chance<'a>(objectives: impl Iterator<Item = &'a Assessed>) -> Option<String> {
    let one = |assessed: &Assessed| {
        let found = assessed.probability.ok().filter(|_| assessed.verdict == Verdict::Missed)?;
        let asked = chosen_percent(assessed.objective.quantile);
        let decides = assessed.quantile.is_err();
        decides.then(|| format!("{} asks for {asked} %, and it is {}", assessed.objective.name(), chance(&found)))
    };
    let said: Vec<String> = objectives.filter_map(one).collect();
    (!said.is_empty()).then(|| format!("{BY_CHANCE}; {}.", said.join("; ")))
}

/// Why objectives are not judged, a sentence for each reason.
pub(super) fn not_judged<'a>(
    objectives: impl Iterator<Item = &'a Assessed>,
    budgets: impl Iterator<Item = &'a Budget>,
) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let quantiles = objectives.filter_map(|assessed| Some((assessed.objective.indicator, assessed.not_judged()?)));
    let shares = budgets.filter_map(|budget| Some((Indicator::Availability, budget.not_judged()?)));
    for (indicator, reason) in quantiles.chain(shares) {
        let text = format!("NOT JUDGED: {}, so a gate does not pass.", why_not(indicator, reason));
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said
}

/// Why an objective on this indicator is not judged.
fn why_not(indicator: Indicator, reason: Refusal) -> String {
    match reason {
        Refusal::TooFewTrials { .. } | Refusal::TooFewOutages { .. } => {
            "the trials are too few for an interval of that quantile".to_owned()
        }
        Refusal::NoClock { trials: down } => format!(
            "no fault started the clock in {} in which a journey was down, and there is no recovery time",
            trials(down)
        ),
        Refusal::NeverBack { trials: all } => {
            format!("the outage outlasts every trial ({}), so no request came after it", trials(all))
        }
        Refusal::NoStores => "the deployment has no stores".to_owned(),
        Refusal::NoQueues => "the deployment has no queues".to_owned(),
        Refusal::NoSubject => "the deployment has no such journey or store".to_owned(),
        Refusal::NoTrials if indicator == Indicator::LatencyBefore => "no request succeeded before a fault".to_owned(),
        Refusal::NoTrials if indicator == Indicator::LatencyAfter => "no request succeeded after an outage".to_owned(),
        Refusal::NoTrials => "there was no outage to judge by".to_owned(),
        Refusal::RarelyDown { down: 0, trials: all } => {
            format!("none of {} was ever down, and so few do not show that none would be", trials(all))
        }
        Refusal::RarelyDown { .. }
        | Refusal::OneTrial
        | Refusal::NoRate
        | Refusal::Censored { .. }
        | Refusal::CensoredOutages { .. }
        | Refusal::LimitBeyondHorizon { .. } => reason.to_string(),
    }
}

/// Why a verdict can be MISSED beside `needs 299 trials`.
pub(super) const BY_CHANCE: &str = "MISSED without an estimate: the chance to stay within the limit decides";

/// A chance in words.
pub(super) fn chance(found: &Interval) -> String {
    let cell = Cell::percent(&Ok(*found));
    format!("{} % {}", cell.text, cell.spread_in_brackets())
}
