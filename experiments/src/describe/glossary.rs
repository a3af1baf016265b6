//! The words of the reports and of experiment files: one list, from which `mrsim explain` and the page are made.

use std::fmt::Write as _;

use models::cause::Cause;

/// A word and what it means.
#[derive(Clone, Copy, Debug)]
struct Term {
    /// The word.
    word: &'static str,
    /// What it means, in whole sentences.
    meaning: &'static str,
}

const fn term(word: &'static str, meaning: &'static str) -> Term {
    Term { word, meaning }
}

/// The words, in alphabetical order.
const GLOSSARY: &[Term] = &[
    term(
        "approve",
        "People decide before a runbook goes on: the step `approve` says how long that takes, such as `approve = \"5m\"`.",
    ),
    term(
        "assumed",
        "A default without a published source. It is a guess, and `mrsim check` lists those that a file rests on.",
    ),
    term(
        "at risk",
        "A store is at risk while a copy that should get new writes gets none. Losing one more region then costs data.",
    ),
    term("availability", "The share of a trial's time in which a journey was up."),
    term(
        "band",
        "The values of a guess that would not surprise an expert: a factor on times, a range of shares. `mrsim explain` gives \
         the reason for each.",
    ),
    term(
        "barred",
        "A region is barred from a record while a shift or a step has taken it out of its answers. The step `readmit` lifts that.",
    ),
    term("black hole", "A failure that answers nothing: clients and probes notice it only when their timeout is over."),
    term(
        "by chance alone",
        "The interval of a figure if every setting of the file were exactly right. It shows the luck of the trials alone.",
    ),
    term(
        "censored",
        "A journey that was not back when its trial ended is censored. Its recovery time is known only to be longer than \
         the time for which it was watched, so it is written as `> 50 min`. A longer `horizon` may end it.",
    ),
    term(
        "chance to meet it",
        "The share of trials that stayed within an objective's limit. An objective at p99 needs at least 99 %.",
    ),
    term(
        "cohort",
        "A group of resolvers whose cached answers expire together. A population of clients consists of cohorts.",
    ),
    term(
        "control plane",
        "The part of a service that changes settings: it edits records, promotes copies and launches instances. What runs \
         goes on without it.",
    ),
    term("convention", "A default that is a rule of this program, such as a feature that is off unless asked for."),
    term("data plane", "The part of a service that answers requests. It works without the control plane."),
    term(
        "delayed",
        "A write is delayed if a partition or a stall held it back and it reached the other copies later. It is not lost.",
    ),
    term(
        "destroyed",
        "A region is destroyed if it never comes back, and its data with it: `destroyed = true` on a `region-outage`. What no other copy has is lost.",
    ),
    term("documented", "A default that a vendor's documentation states."),
    term(
        "empirical",
        "A distribution of times that gives each observation an equal chance: `{ empirical = [\"40s\", \"2m\", \"9m\"] }`, or the name of a file with one observation in a line.",
    ),
    term("error budget", "The time that may be down under an objective on availability."),
    term(
        "errors",
        "As a metric of an alarm, the share of a journey's requests that fail: `metric = { errors = \"buy\" }`.",
    ),
    term(
        "exponential",
        "A distribution of times that come at a constant rate, given by its mean: `{ exponential = { mean = \"5m\" } }`.",
    ),
    term("fail-open", "A router that finds nothing healthy takes everything for healthy."),
    term("failback", "The return of traffic to a region that works again."),
    term("failover", "The move of traffic, or of the writer, from what has failed to what works."),
    term(
        "first back",
        "The first time at which a journey is back and stays up for five minutes, though it may go down again later.",
    ),
    term(
        "gamma",
        "A distribution of times that add up from several steps, given by its shape and scale: `{ gamma = { shape = 2, scale = \"1m\" } }`, whose mean is shape x scale.",
    ),
    term("goodput", "The requests per second that are served well."),
    term("gray failure", "A region that fails a share of requests while others succeed. Health checks may miss it."),
    term("horizon", "How long a trial lasts. An outage that lasts longer is censored."),
    term("interval", "Of a figure: the range in which it lies with 95 % confidence. Of a probe: the time between two."),
    term("journey", "A kind of user request, with the stores that it needs."),
    term(
        "ledger",
        "The uncertain figures of an experiment, ranked by the share that each owns of the variance of an objective between sets \
         of figures. `mrsim run FILE --parameters 50` makes it.",
    ),
    term(
        "lognormal",
        "A distribution of times of which most are short and a few are long, given by its median and one percentile: `{ lognormal = { median = \"2m\", p95 = \"5m\" } }`.",
    ),
    term(
        "lost",
        "A write is lost for good if a copy that lacked it was promoted over it, or if the region that held it was \
         destroyed.",
    ),
    term("measured", "A default that somebody measured and published."),
    term("MET", "A verdict: the whole interval of the quantile lies within the limit of the objective."),
    term(
        "MET, if",
        "The objective is met if every setting of the file is right, and not with what is not known of them. The word is \
         followed by the figure that it hangs on.",
    ),
    term(
        "MISSED",
        "A verdict: the whole interval lies beyond the limit, or too many trials missed the limit for the quantile to be \
         within it.",
    ),
    term(
        "mixture",
        "A distribution that is one of several, each with a weight: `{ mixture = [{ weight = 0.9, of = { uniform = [\"1s\", \"5s\"] } }, { weight = 0.1, of = \"5m\" }] }`.",
    ),
    term("nines", "Another way to write an availability: 99.9 % are three nines."),
    term(
        "no writer at the end",
        "Nothing took writes of a store when the trial ended: its writer was gone, and no copy had taken its place. What was kept may be complete, and nobody can add to it.",
    ),
    term(
        "normal",
        "A distribution of times around a mean, given by that and the standard deviation: `{ normal = { mean = \"5m\", sd = \"1m\" } }`. Times below zero are not drawn.",
    ),
    term(
        "NOT JUDGED",
        "A verdict: there is no interval that the limit could be held against. The trials are too few for the quantile, no \
         fault started the clock although a journey went down, or there are no stores. It exits 3.",
    ),
    term(
        "objective",
        "A limit on a quantile of the recovery time (RTO) or of the data loss (RPO), or on availability.",
    ),
    term(
        "outage",
        "The time from when a journey went down until it was up and stayed up. Where faults recur, down times less than five \
         minutes apart are one outage.",
    ),
    term(
        "overwritten",
        "A write is overwritten if it came back from a stranded region and lost against a newer write of the same item.",
    ),
    term(
        "owner",
        "Whoever runs a deployment and decides about its settings. What its owner does not scale is scaled by AWS.",
    ),
    term(
        "pareto",
        "A distribution of times with a long tail, given by its shape and least value: `{ pareto = { shape = 2.5, min = \"10s\" } }`.",
    ),
    term(
        "partial",
        "Results of a run that ended early, by a time limit, a memory limit or a signal. They are those of its finished trials, and a gate fails.",
    ),
    term("partition", "Two regions lose the path between them. Clients still reach both."),
    term(
        "planned",
        "A dip is planned if it begins at most five minutes after an operator moved traffic, a writer or capacity on purpose. \
         It counts as downtime and not in the recovery time. A planned switchover moves the writer while everything works, so \
         that no write is lost.",
    ),
    term(
        "promote",
        "A copy of a store becomes its writer: the step `{ promote = \"orders\", to = \"eu-west-1\" }` of a runbook.",
    ),
    term(
        "quantile",
        "A value that a share of the trials does not exceed. `p99 = 20 min` says that one trial in a hundred takes longer.",
    ),
    term(
        "quantiles",
        "A distribution of times through given quantiles: `{ quantiles = { p50 = \"5s\", p90 = \"30s\", p99 = \"2m\" } }`.",
    ),
    term("recovery time", "The time from the start of a fault until a journey is up and stays up."),
    term("RPO", "Recovery point objective: a limit on the data loss of the worst store."),
    term("RTO", "Recovery time objective: a limit on the recovery time of the worst journey."),
    term("runbook", "What people and automation do when something fails: a trigger, and steps in order."),
    term("share", "A part of a whole, from 0 to 1, or a text such as `\"99.95%\"`."),
    term(
        "shift",
        "A step of a runbook that leads traffic elsewhere: by an edit of records, a routing control, a traffic dial or an access point, such as `{ shift = \"arc\", to = \"eu-west-1\" }`.",
    ),
    term(
        "split brain",
        "Two regions both take writes of the same data during a partition. One side's writes are lost.",
    ),
    term("stage", "What failed a request first. The time of an outage is divided among its stages."),
    term(
        "stranded",
        "A write is stranded if it is only in a region that cannot be reached. It comes back if the region does.",
    ),
    term("trial", "One run of the experiment with its own random draws."),
    term(
        "triangular",
        "A distribution of times between a least and a most with a likeliest one: `{ triangular = { min = \"1m\", mode = \"3m\", max = \"10m\" } }`.",
    ),
    term("TTL", "Time to live: how long a resolver may keep an answer."),
    term(
        "UNDECIDED",
        "A verdict: the limit lies within the interval of the quantile. The report says whether more trials or a longer \
         horizon may decide.",
    ),
    term(
        "uniform",
        "A distribution of times that are all equally likely between two: `{ uniform = [\"10s\", \"20s\"] }`.",
    ),
    term("unsourced", "A figure of a file that says nothing about its source. It is taken as exact."),
    term(
        "up",
        "A journey is up while at least `up-when` of its requests succeed, 99 % unless the file says otherwise.",
    ),
    term(crate::analyze::UP_AGAIN, "Time in which a journey was up before it went down again in the same outage."),
    term(
        "verdict",
        "`MET`, `MISSED`, `UNDECIDED` or `NOT JUDGED`: whether the whole interval of a quantile is within its limit.",
    ),
    term(
        "weibull",
        "A distribution of times whose end becomes likelier or less likely as they last, given by its shape and scale: `{ weibull = { shape = 0.8, scale = \"5m\" } }`.",
    ),
    term(
        "with what is not known",
        "The interval of a figure by the luck of the trials and by what the guesses and the few observations of a file leave \
         open, together.",
    ),
    term(
        "worst",
        "In each trial the journey with the longest recovery time, or the store with the largest data loss. Objectives are \
         held against it.",
    ),
    term("writer", "The copy of a store that takes writes."),
    term(
        "yours",
        "A figure whose source the file names: `source = \"measured\"` or `\"documented\"` beside its value.",
    ),
];

/// Every word with its meaning: the terms, and the stages of an outage as the model names them.
pub fn words() -> Vec<(&'static str, String)> {
    let stage = |cause: Cause| {
        let meaning =
            format!("A stage of an outage: {}. What shortens it: {}.", cause.waits_for(), cause.shortened_by());
        (cause.name(), meaning)
    };
    let terms = GLOSSARY.iter().map(|term| (term.word, term.meaning.to_owned()));
    let mut words: Vec<(&str, String)> = terms.chain(Cause::ALL.into_iter().map(stage)).collect();
    words.sort_by_key(|(word, _)| word.to_lowercase());
    words
}

/// The page of all words, in Markdown.
pub fn page() -> String {
    let mut page = String::from(
        "# Glossary\n\nThis page is made from `experiments/src/describe/glossary.rs` and from the stages in \
         `models/src/cause.rs`;\n`UPDATE=1 cargo test --test it describe` writes it anew. `mrsim explain WORD` says the \
         same.\n\n| word | meaning |\n|---|---|\n",
    );
    for (word, meaning) in words() {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| {word} | {meaning} |");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_each_once() {
        let words: Vec<String> = GLOSSARY.iter().map(|term| term.word.to_lowercase()).collect();
        let mut sorted = words.clone();
        sorted.sort();
        assert_eq!(words, sorted);
        let mut all: Vec<String> = super::words().into_iter().map(|(word, _)| word.to_lowercase()).collect();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn every_family_of_distributions_is_explained() {
        for (family, _) in sim_settings::FAMILIES {
            let term = GLOSSARY.iter().find(|term| term.word == family);
            assert!(term.is_some_and(|term| term.meaning.contains(&format!("{{ {family} = "))), "{family}");
        }
    }
}
