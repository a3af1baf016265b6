//! Advice in sentences.

use sim_core::stats::Difference;

use crate::advise::{Advice, ChangeDocument, Place, Smallest, TriedSet, Turned, Untried, Unturned};
use crate::analyze::Verdict;
use crate::compare::{Figure, worse_by};
use crate::cost::{More, money};
use crate::header::Indicator;
use crate::levers::Change;
use crate::report::beside::NO_WRITER;
use crate::report::comparison::bounded;
use crate::run::quoted;
use crate::units::whole;

/// The first lever to turn, in a sentence with its effect and its cost; nothing where none helps.
pub(super) fn first(advice: &Advice) -> Option<String> {
    let best = advice.first()?;
    let effect = wanted_effects(advice, best).join(", ");
    let effect = if effect.is_empty() { effect } else { format!(": {effect}") };
    let cost = priced(advice, best.cost.as_ref());
    let head = if advice.smallest == Smallest::AsItIs { "What would make most of a difference" } else { "First" };
    let is_best = |&lever: &usize| advice.turned.get(lever) == Some(best);
    let with = advice.plan().filter(|plan| plan.levers.iter().any(is_best)).map(|plan| {
        let others = plan.levers.iter().map(|&lever| advice.turned[lever].lever.title.as_str());
        let others: Vec<&str> = others.filter(|title| *title != best.lever.title).collect();
        let who = if others.is_empty() {
            "alone it".to_owned()
        } else {
            format!("together with {} it", others.join(" and "))
        };
        let does = if plan.outcome.meets_all() { "meets all objectives" } else { "leaves no objective missed" };
        format!("; {who} {does}")
    });
    Some(format!("{head}: {}{effect}{cost}{}.", best.lever.title, with.unwrap_or_default()))
}

/// A lever that was not tried, and why.
pub(super) fn untried(unturned: &Unturned) -> String {
    let title = &unturned.lever.title;
    match &unturned.why {
        Untried::Refused(why) => format!("Not tried, since the file refuses it: {title}: {why}."),
        Untried::Failed(why) => {
            format!("Not tried, since a trial fails with it, which is a mistake of mrsim: {title}: {why}.")
        }
    }
}

/// What a lever does to the figures that have to get better.
fn wanted_effects(advice: &Advice, turned: &Turned) -> Vec<String> {
    let told = |&index: &usize| {
        let figure = advice.targets[index].figure;
        Some(effect(figure, turned.outcome.differences[index].as_ref().ok()?))
    };
    advice.wanted.iter().filter_map(told).collect()
}

/// A difference in words: `rto.p99 -19.6 s [-28.8, -12.0]`.
fn effect(figure: Figure, found: &Difference) -> String {
    let (value, low, high) = bounded(figure.indicator, &found.estimate, &found.interval);
    format!("{} {value} [{low}, {high}]", figure.name())
}

/// How the file stands, in a sentence.
pub(super) fn standing(advice: &Advice) -> String {
    let of = |verdict: Verdict| {
        let own = advice.objectives.iter().filter(|one| one.verdict == verdict);
        own.map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    let told = [(Verdict::Missed, "missed"), (Verdict::Undecided, "undecided"), (Verdict::NotJudged, "not judged")];
    let said: Vec<String> = told
        .into_iter()
        .filter_map(|(verdict, word)| {
            let names = of(verdict);
            (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
        })
        .collect();
    let ended = advice.objectives.iter().flat_map(|one| one.no_writer_at_the_end.keys());
    let mut stores: Vec<&str> = ended.map(String::as_str).collect();
    stores.sort_unstable();
    stores.dedup();
    let writers =
        if stores.is_empty() { String::new() } else { format!(", with {NO_WRITER} for {}", stores.join(", ")) };
    match (advice.objectives.is_empty(), said.is_empty()) {
        (true, _) => "No objectives are set: steps are ranked by what they do to the figures below.".to_owned(),
        (false, true) => {
            format!("All objectives are met as it is{writers}. Steps are ranked by what they do to their figures.")
        }
        (false, false) => format!("As it is: {}{writers}.", said.join("; ")),
    }
}

/// A list of levers by their titles.
fn names(advice: &Advice, set: &TriedSet) -> String {
    let titles: Vec<&str> = set.levers.iter().map(|&lever| advice.turned[lever].lever.title.as_str()).collect();
    titles.join("; and ")
}

fn effects(advice: &Advice, set: &TriedSet) -> String {
    let told = |&index: &usize| {
        let figure = advice.targets[index].figure;
        Some(effect(figure, set.outcome.differences[index].as_ref().ok()?))
    };
    advice.wanted.iter().filter_map(told).collect::<Vec<_>>().join(", ")
}

fn priced(advice: &Advice, cost: Option<&More>) -> String {
    cost.map_or_else(String::new, |cost| format!(", {}", more(cost, currency(advice))))
}

fn currency(advice: &Advice) -> &str {
    advice.header.bill.as_ref().map_or("", |bill| &bill.currency)
}

/// The best pair in a sentence, if it is better in something that is wanted beyond doubt.
pub(super) fn pair(advice: &Advice) -> Option<String> {
    let better = |&index: &usize| {
        let found = |set: &TriedSet| set.outcome.differences[index].as_ref().ok().map(|found| found.interval);
        let worse = advice.pair.as_ref().and_then(found);
        worse.is_some_and(|interval| worse_by(advice.targets[index].figure.indicator, interval).high < 0.0)
    };
    let pair = advice.pair.as_ref().filter(|_| advice.wanted.iter().any(better))?;
    let met = if pair.outcome.meets_all() { "; together they meet all objectives" } else { "" };
    let cost = priced(advice, pair.cost.as_ref());
    Some(format!("The best pair: {}: {}{cost}{met}.", names(advice, pair), effects(advice, pair)))
}

/// The smallest set in a sentence.
pub(super) fn smallest(advice: &Advice) -> Option<String> {
    match &advice.smallest {
        Smallest::NoObjectives | Smallest::AsItIs => None,
        Smallest::Found(set) => {
            let cost = priced(advice, set.cost.as_ref());
            let how = match set.levers.len() {
                1 => "One step meets all objectives".to_owned(),
                many => format!("The smallest set found that meets all objectives, {} steps", whole(many as u64)),
            };
            Some(format!("{how}: {}: {}{cost}.", names(advice, set), effects(advice, set)))
        }
        Smallest::None { nearest: None, .. } => {
            Some("None of these steps does: nothing that was tried is shown to help.".to_owned())
        }
        Smallest::None { nearest: Some(set), tried } => {
            let of = |wanted: &[Verdict]| {
                let left = set.outcome.judged.iter().flatten().filter(|one| wanted.contains(&one.verdict));
                left.map(|one| one.name.as_str()).collect::<Vec<_>>()
            };
            let told = [
                (of(&[Verdict::Missed]), "still missed"),
                (of(&[Verdict::Undecided]), "undecided over so many trials"),
                (of(&[Verdict::NotJudged]), "not judged"),
            ];
            let told = told.into_iter().filter_map(|(names, what)| match names.as_slice() {
                [] => None,
                [one] => Some(format!("{one} is {what}")),
                many => Some(format!("{} are {what}", many.join(" and "))),
            });
            let told = told.collect::<Vec<_>>().join(", and ");
            let tried = match tried {
                1 => "One set of steps was tried, and it does not".to_owned(),
                many => format!("{} sets of steps were tried, and none does", whole(*many as u64)),
            };
            let effects = effects(advice, set);
            let effects = if effects.is_empty() { String::new() } else { format!(" ({effects})") };
            let head = if set.outcome.standing().missed == 0 {
                "None of these is shown to meet all objectives"
            } else {
                "None of these meets all objectives"
            };
            Some(format!("{head}. {tried}. Nearest comes: {}{effects}: {told}.", names(advice, set)))
        }
    }
}

/// A difference of costs: `+2,140 USD a month`.
pub(super) fn more(cost: &More, currency: &str) -> String {
    let amount = money(cost.amount, currency);
    let sign = if cost.amount > 0.0 { "+" } else { "" };
    if cost.amount == 0.0 && cost.is_whole() {
        return "no cost".to_owned();
    }
    let least = if cost.uncounted.is_empty() { "" } else { "at least " };
    let amount = format!("{least}{sign}{amount} a month");
    let missing: Vec<String> = cost.unpriced.iter().map(|key| format!("{key}, which has no price")).collect();
    let uncounted: Vec<&str> = cost.uncounted.iter().map(|what| what.words()).collect();
    let uncounted = (!uncounted.is_empty()).then(|| format!("{}, which no price counts", uncounted.join(" and ")));
    std::iter::once(amount).chain(missing).chain(uncounted).collect::<Vec<_>>().join(" and ")
}

/// The same for a column: what is not in the amount is never left out.
pub(super) fn more_in_short(cost: &More, currency: &str) -> String {
    let counted = || more(&More { unpriced: Vec::new(), uncounted: Vec::new(), ..cost.clone() }, currency);
    match (cost.unpriced.is_empty(), cost.uncounted.is_empty()) {
        (true, true) => counted(),
        (false, _) if cost.amount == 0.0 => "has no price".to_owned(),
        (true, false) if cost.amount == 0.0 => "not counted".to_owned(),
        (false, _) => format!("{}, and what has no price", counted()),
        (true, false) => format!("{}, and what is not counted", counted()),
    }
}

/// The line of the file to change: the place, the key, and the value before and after.
pub(super) fn line(advice: &Advice, change: &Change, place: &Place) -> String {
    let ChangeDocument { key, before, after, written, file, line } = ChangeDocument::new(change, place);
    let spot = match (file, line) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        _ => format!("{}: ", advice.file),
    };
    if let Some(list) = key.strip_suffix(".+") {
        return format!("{spot}add to [[{list}]]: {after}");
    }
    match before {
        Some(before) if written => format!("{spot}{key}: {before} -> {after}"),
        Some(before) => format!("{spot}add {key} = {after} (now {before}, which is not written)"),
        None => format!("{spot}add {key} = {after}"),
    }
}

/// The settings of a lever as options of the command line.
pub(super) fn sets(turned: &Turned) -> String {
    let sets = turned.lever.sets().map(|(key, value)| format!("--set {}", quoted(&format!("{key}={value}"))));
    sets.collect::<Vec<_>>().join(" ")
}

/// What a difference of this indicator is called in heads of tables.
pub(super) fn head(figure: Figure) -> String {
    match figure.indicator {
        Indicator::Availability => "availability, by".to_owned(),
        Indicator::Rto | Indicator::Rpo | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => {
            format!("{}, by", figure.name())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{more, more_in_short};
    use crate::cost::{More, Uncounted};

    #[test]
    fn only_what_is_counted_is_free() {
        let cost =
            |amount, uncounted: &[Uncounted]| More { amount, unpriced: Vec::new(), uncounted: uncounted.to_vec() };
        let told = |cost: &More| (more(cost, "USD"), more_in_short(cost, "USD"));
        let both = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(told(&cost(0.0, &[])), both("no cost", "no cost"));
        assert_eq!(told(&cost(3.5, &[])), both("+3.50 USD a month", "+3.50 USD a month"));
        let fast = "at least 0.00 USD a month and health checks every 10 s, which no price counts";
        assert_eq!(told(&cost(0.0, &[Uncounted::FastChecks])), both(fast, "not counted"));
        let faster = "at least +3.50 USD a month and health checks every 10 s, which no price counts";
        let short = "+3.50 USD a month, and what is not counted";
        assert_eq!(told(&cost(3.5, &[Uncounted::FastChecks])), both(faster, short));
    }
}
