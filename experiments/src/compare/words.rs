//! A comparison in sentences.

use std::fmt::Write as _;

use sim_core::stats::{Bounds, Difference, Method};

use super::figure::{Figure, Statistic};
use super::outcomes::Outcomes;
use super::row::FigureRow;
use super::unit::{share_size, unit};
use super::wins::Wins;
use crate::analyze::Refusal;
use crate::header::Indicator;
use crate::units::{beyond, estimated_duration, percent, signed_at_least, signed_duration, signed_points};

/// The figure that a sentence speaks of: the highest quantile, or else the mean.
pub(super) fn headline(figures: impl Iterator<Item = Figure>, indicator: Indicator) -> Option<Figure> {
    let size = |figure: &Figure| match figure.statistic {
        Statistic::Quantile(p) => p,
        Statistic::Mean => 0.0,
    };
    figures.filter(|figure| figure.measured() == indicator.into()).max_by(|a, b| size(a).total_cmp(&size(b)))
}

/// How the words of a measure go.
struct Tongue {
    verb: &'static str,
    /// The word before `less` and `more` where no amount is given.
    be: &'static str,
    less: &'static str,
    more: &'static str,
    noun: &'static str,
    unsettled: &'static str,
}

const fn tongue(indicator: Indicator) -> Tongue {
    match indicator {
        Indicator::Rto => Tongue {
            verb: "recovers",
            be: "is",
            less: "sooner",
            more: "later",
            noun: "recovery time",
            unsettled: "not back",
        },
        Indicator::Rpo => Tongue {
            verb: "loses",
            be: "loses",
            less: "less data",
            more: "more data",
            noun: "data loss",
            unsettled: "not settled",
        },
        Indicator::CaughtUp => Tongue {
            verb: "catches up",
            be: "is",
            less: "sooner",
            more: "later",
            noun: "time to catch up",
            unsettled: "not caught up",
        },
        Indicator::LatencyBefore | Indicator::LatencyAfter => Tongue {
            verb: "answers",
            be: "is",
            less: "sooner",
            more: "later",
            noun: "latency",
            unsettled: "not settled",
        },
        Indicator::Availability => Tongue {
            verb: "is up",
            be: "is up",
            less: "less of the time",
            more: "more of the time",
            noun: "availability",
            unsettled: "not settled",
        },
    }
}

/// The sizes of a difference and of the ends of its interval, without signs, in one unit and as tables have them.
struct Sizes {
    indicator: Indicator,
    /// Seconds of the unit and its name.
    unit: (f64, &'static str),
    /// The share whose digits all have.
    share: f64,
}

impl Sizes {
    fn new(indicator: Indicator, estimate: &Bounds, interval: &Bounds) -> Self {
        Self { indicator, unit: unit(estimate, interval), share: share_size(estimate, interval) }
    }

    /// `4.21`, `0.0120`.
    fn number(&self, size: f64) -> String {
        let signed = match self.indicator {
            Indicator::Rto
            | Indicator::Rpo
            | Indicator::CaughtUp
            | Indicator::LatencyBefore
            | Indicator::LatencyAfter => signed_duration(size, self.unit),
            Indicator::Availability => signed_points(size, self.share),
        };
        unsigned(&signed)
    }

    /// The same of what is at least so large.
    fn at_least(&self, size: f64) -> String {
        match self.indicator {
            Indicator::Rto
            | Indicator::Rpo
            | Indicator::CaughtUp
            | Indicator::LatencyBefore
            | Indicator::LatencyAfter => unsigned(&signed_at_least(size, self.unit)),
            // Shares of the time are never censored.
            Indicator::Availability => self.number(size),
        }
    }

    /// `min`, `percentage points`.
    const fn unit(&self) -> &'static str {
        match self.indicator {
            Indicator::Rto
            | Indicator::Rpo
            | Indicator::CaughtUp
            | Indicator::LatencyBefore
            | Indicator::LatencyAfter => self.unit.1,
            Indicator::Availability => "percentage points",
        }
    }

    /// The unit behind an interval whose estimate has it: that of shares need not be said again.
    fn unit_again(&self) -> String {
        match self.indicator {
            Indicator::Rto
            | Indicator::Rpo
            | Indicator::CaughtUp
            | Indicator::LatencyBefore
            | Indicator::LatencyAfter => format!(" {}", self.unit()),
            Indicator::Availability => String::new(),
        }
    }
}

fn unsigned(text: &str) -> String {
    text.trim_start_matches(['+', '-']).to_owned()
}

/// A candidate beside the baseline: what sentences are made of.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) base: &'a str,
    pub(super) name: &'a str,
    pub(super) figures: &'a [Figure],
    /// The difference of each figure.
    pub(super) differences: &'a [Result<Difference, Refusal>],
    pub(super) wins: &'a [(Indicator, Wins)],
}

impl Beside<'_> {
    /// The verdicts on the candidate, indicator by indicator, each a sentence without its full stop.
    pub(super) fn findings(&self) -> Vec<(Indicator, String)> {
        let one = |(indicator, wins): &(Indicator, Wins)| {
            Some((*indicator, self.finding(self.name, *indicator, wins)?.first()))
        };
        self.wins.iter().filter_map(one).collect()
    }

    /// The same as one sentence.
    pub(super) fn verdict(&self) -> String {
        let mut sentence = String::new();
        for (indicator, wins) in self.wins {
            let begins = sentence.is_empty();
            let Some(finding) = self.finding(if begins { self.name } else { "it" }, *indicator, wins) else { continue };
            if begins {
                sentence = finding.first();
            } else {
                sentence.extend(["; ", &finding.text]);
            }
        }
        sentence
    }

    /// The verdict on an indicator, from the first figure that the sample supports; if there is none, the reason.
    fn finding(&self, subject: &str, indicator: Indicator, wins: &Wins) -> Option<Clause> {
        let pairs = || self.figures.iter().zip(self.differences);
        let of = |known: bool| {
            let pairs = pairs().filter(|(_, difference)| difference.is_ok() || !known);
            headline(pairs.map(|(figure, _)| *figure), indicator)
        };
        let highest = of(true).or_else(|| of(false))?;
        let found = |figure: Figure| pairs().find_map(|(other, found)| (*other == figure).then_some(found));
        // A tail that shows nothing does not hide a mean that does.
        let mean = Figure::mean_of(indicator.into());
        let shown = |figure: Figure| matches!(found(figure), Some(Ok(found)) if found.interval.excludes_zero());
        let open = |figure: Figure| matches!(found(figure), Some(Ok(found)) if holds_zero(found.interval));
        let figure = if open(highest) && shown(mean) { mean } else { highest };
        let mut clause = clause(self.base, subject, figure, found(figure)?, wins);
        if figure != highest {
            // Writing to a string cannot fail.
            let _ = write!(clause.text, ", though at {} no difference is shown", highest.short());
        }
        Some(clause)
    }
}

/// A part of a verdict.
struct Clause {
    text: String,
    /// Whether it begins with a name, which stays as it is at the beginning of a sentence.
    named: bool,
}

impl Clause {
    const fn named(text: String) -> Self {
        Self { text, named: true }
    }

    const fn of_words(text: String) -> Self {
        Self { text, named: false }
    }

    /// As the beginning of a sentence.
    fn first(&self) -> String {
        let mut letters = self.text.chars();
        match letters.next().filter(|_| !self.named) {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => self.text.clone(),
        }
    }
}

/// One measure's part of a verdict.
fn clause(base: &str, subject: &str, figure: Figure, difference: &Result<Difference, Refusal>, wins: &Wins) -> Clause {
    let Tongue { verb, be, less, more, noun, unsettled } = tongue(figure.indicator);
    let at = match figure.statistic {
        Statistic::Quantile(_) => format!("at {}", figure.short()),
        Statistic::Mean => "on average".to_owned(),
    };
    let Difference { estimate, interval, method, .. } = match difference {
        Ok(difference) => *difference,
        Err(refusal) => {
            return Clause::of_words(format!("nothing can be said of {} {at}: {refusal}", figure_of(subject, noun)));
        }
    };
    let share = |count: u64| format!("{} %", percent(count as f64 / wins.trials().max(1) as f64));
    let both_ways = || {
        let unknown = if wins.unknown > 0 { format!(", unknown in {}", share(wins.unknown)) } else { String::new() };
        format!("it {be} {less} in {} of trials and {more} in {}{unknown}", share(wins.less), share(wins.more))
    };
    if wins.same == wins.trials() {
        return Clause::named(format!("{subject} has the same {noun} as {base} in every trial"));
    }
    if interval == Bounds::exactly(0.0) {
        return Clause::named(format!("{subject} has the same {noun} {at} as {base}; {}", both_ways()));
    }
    if !interval.excludes_zero() {
        let text = undecided(subject, &at, (interval, method), &Sizes::new(figure.indicator, &estimate, &interval));
        return Clause::of_words(format!("{text}; {}", both_ways()));
    }
    let (direction, wins, from, to) = if interval.low > 0.0 {
        (more, wins.more, interval.low, interval.high)
    } else {
        (less, wins.less, -interval.high, -interval.low)
    };
    let level = level(method);
    let sizes = Sizes::new(figure.indicator, &estimate, &interval);
    let (number, unit) = (|size| sizes.number(size), sizes.unit());
    let mut clause = format!("{subject} {verb} ");
    // Writing to a string cannot fail.
    let _ = match estimate.known() {
        Some(value) if to.is_finite() => write!(
            clause,
            "{} {unit} {direction} {at} ({level} {} to {}{})",
            number(value),
            number(from),
            number(to),
            sizes.unit_again()
        ),
        Some(value) => write!(
            clause,
            "{} {unit} {direction} {at} ({level} {} {unit} to an unknown time, because some are {unsettled})",
            number(value),
            number(from)
        ),
        None => {
            let least = if interval.low > 0.0 { estimate.low } else { -estimate.high };
            let who = if interval.low > 0.0 { subject } else { base };
            write!(
                clause,
                "at least {} {unit} {direction} {at} ({level} from {} {unit} on: {who} is {unsettled} when its trials end)",
                sizes.at_least(least.max(from)),
                sizes.at_least(from)
            )
        }
    };
    let _ = write!(clause, " and {be} {direction} in {} of trials", share(wins));
    Clause::named(clause)
}

/// The kind of an interval.
const fn level(method: Method) -> &'static str {
    if method.is_conservative() { "interval of at least 95 %:" } else { "95 % interval" }
}

/// Whether an interval leaves it open who has less: it holds zero, and more than zero.
fn holds_zero(interval: Bounds) -> bool {
    !interval.excludes_zero() && interval != Bounds::exactly(0.0)
}

/// `the recovery time of NAME`, `its data loss`.
fn figure_of(subject: &str, noun: &str) -> String {
    if subject == "it" { format!("its {noun}") } else { format!("the {noun} of {subject}") }
}

/// An interval that holds zero.
fn undecided(subject: &str, at: &str, (interval, method): (Bounds, Method), sizes: &Sizes) -> String {
    let Tongue { less, more, noun, unsettled, .. } = tongue(sizes.indicator);
    let Bounds { low, high } = interval;
    // An unknown end on one side of zero, and zero itself: everything is possible on that side, and little less on the
    // other.
    if low.is_infinite() || high.is_infinite() {
        let whose = if low.is_infinite() && high.is_infinite() { "trials of both" } else { "some trials" };
        let noun = figure_of(subject, noun);
        return format!("nothing can be said of {noun} {at}: {whose} are {unsettled} when they end");
    }
    let end = |value: f64, word: &str| format!("{} {} {word}", sizes.number(value), sizes.unit());
    format!(
        "no difference in {} {at} is shown ({} {} to {})",
        figure_of(subject, noun),
        level(method),
        end(low, less),
        end(high, more)
    )
}

/// The candidates from the best to the worst, and who cannot be told apart.
pub(super) fn ranking(
    names: &[&str],
    row: &FigureRow,
    order: &[usize],
    settled: &[bool],
    outcomes: &[Outcomes],
) -> String {
    let value = |index: usize| match &row.estimates[index] {
        Ok(estimate) => estimated_duration(estimate, row.at_least[index].as_ref().unwrap_or(estimate)).0,
        Err(_) => beyond(outcomes[index].watched_at_least()),
    };
    let places: Vec<String> = order.iter().map(|&index| format!("{} ({})", names[index], value(index))).collect();
    let ties = order.windows(2).zip(settled).filter(|(_, settled)| !**settled);
    let ties: Vec<String> =
        ties.map(|(pair, _)| format!("{} and {} cannot be told apart", names[pair[0]], names[pair[1]])).collect();
    let ties = if ties.is_empty() { String::new() } else { format!("; {}", ties.join(", ")) };
    format!("By {}, best first: {}{ties}", row.figure.name(), places.join(", "))
}
