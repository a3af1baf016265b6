//! Estimates and refusals as cells of tables and within sentences.

use sim_core::stats::Interval;

use super::document::{Cell, Spread, Tone};
use crate::analyze::{Mean, Refusal, Verdict};
use crate::units::{count, duration, estimated_duration, nearly_all, percent, whole};

/// A number of trials in words.
pub(super) fn trials(count: u64) -> String {
    if count == 1 { "1 trial".to_owned() } else { format!("{} trials", whole(count)) }
}

/// Why there is no value, in few words.
pub(super) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoTrials => "no trials".to_owned(),
        Refusal::NeverBack { .. } => "none back".to_owned(),
        Refusal::TooFewTrials { needed } => format!("needs {}", trials(*needed)),
        Refusal::TooFewOutages { needed } => format!("needs {} outages", whole(*needed)),
        Refusal::RarelyDown { down: 0, .. } => "never down".to_owned(),
        Refusal::RarelyDown { down, .. } => format!("only {} down", trials(*down)),
        Refusal::NoClock { .. } => "no fault started the clock".to_owned(),
        Refusal::OneTrial => "needs 2 trials".to_owned(),
        Refusal::NoStores => "no stores".to_owned(),
        Refusal::NoQueues => "no queues".to_owned(),
        Refusal::NoRate => "no rate".to_owned(),
        Refusal::NoSubject => "none of this name".to_owned(),
        Refusal::Censored { .. } | Refusal::CensoredOutages { .. } => "unknown: some not back".to_owned(),
        Refusal::LimitBeyondHorizon { .. } => "limit beyond horizon".to_owned(),
    }
}

impl Cell {
    /// Words, or a value without uncertainty.
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The reason why there is no value.
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self { text: why.into(), spread: Spread::Refused, ..Self::default() }
    }

    /// A value and the ends of its interval.
    pub(super) fn figure((text, low, high): (String, String, String)) -> Self {
        Self { text, spread: Spread::Interval { low, high, signed: false, wider: false }, ..Self::default() }
    }

    /// A difference, and whether its interval is of at least its level.
    pub(super) fn difference((text, low, high): (String, String, String), wider: bool) -> Self {
        Self { text, spread: Spread::Interval { low, high, signed: true, wider }, ..Self::default() }
    }

    /// The same value with a meaning.
    pub(super) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// A verdict, and what stands beside it.
    pub(super) fn verdict(text: impl Into<String>, verdict: Verdict, beside: &'static str) -> Self {
        Self { beside, ..Self::words(text) }.toned(verdict.into())
    }

    fn estimate(found: &Result<Interval, Refusal>, words: impl Fn(&Interval) -> (String, String, String)) -> Self {
        match found {
            Ok(interval) => Self::figure(words(interval)),
            Err(reason) => Self::refused(refusal(reason)),
        }
    }

    /// A duration. Censored ends are larger than those of `at_least`.
    pub(super) fn duration(found: &Result<Interval, Refusal>, at_least: Option<&Interval>) -> Self {
        Self::estimate(found, |interval| estimated_duration(interval, at_least.unwrap_or(interval)))
    }

    /// A figure; `words` writes the estimate and each end.
    pub(super) fn each(found: &Result<Interval, Refusal>, words: impl Fn(f64) -> String) -> Self {
        Self::estimate(found, |interval| (words(interval.estimate), words(interval.low), words(interval.high)))
    }

    /// A count.
    pub(super) fn count(found: &Result<Interval, Refusal>) -> Self {
        Self::each(found, count)
    }

    /// A share in percent, without its sign.
    pub(super) fn percent(found: &Result<Interval, Refusal>) -> Self {
        Self::each(found, percent)
    }

    /// A share near one in percent, without its sign.
    pub(super) fn nearly_all(found: &Result<Interval, Refusal>) -> Self {
        Self::estimate(found, nearly_all)
    }

    /// A mean count with its standard error.
    pub(super) fn mean_count(mean: &Result<Mean, Refusal>) -> Self {
        match mean {
            Ok(mean) => Self::with_error(count(mean.interval.estimate), count(mean.standard_error)),
            Err(reason) => Self::refused(refusal(reason)),
        }
    }

    /// A mean duration with its standard error.
    pub(super) fn mean_duration(mean: &Mean) -> Self {
        Self::with_error(duration(mean.interval.estimate), duration(mean.standard_error))
    }

    fn with_error(text: String, by: String) -> Self {
        Self { text, spread: Spread::Error { by }, ..Self::default() }
    }

    /// Whether there is a star behind the interval.
    pub(super) const fn is_wider(&self) -> bool {
        matches!(self.spread, Spread::Interval { wider: true, .. })
    }

    /// The uncertainty, in brackets or after `±`; empty where there is none.
    pub(super) fn spread_in_brackets(&self) -> String {
        match &self.spread {
            Spread::Interval { low, high, wider, .. } => format!("[{low}, {high}]{}", if *wider { "*" } else { "" }),
            Spread::Error { by } => format!("\u{b1}{by}"),
            Spread::None | Spread::Refused => String::new(),
        }
    }

    /// Value and spread on one line.
    pub(super) fn on_one_line(&self) -> String {
        let spread = self.spread_in_brackets();
        let mut line = if spread.is_empty() { self.text.clone() } else { format!("{} {spread}", self.text) };
        if !self.beside.is_empty() {
            line.extend([", ", self.beside]);
        }
        line
    }
}
