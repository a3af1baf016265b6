//! Values of arguments and their limits.

use std::num::NonZeroUsize;

use sim_settings::quantity::parse_duration;

use crate::run::MAX_TRIALS;
use crate::uncertainty::{LEAST_SETS, MOST_SETS};
use crate::units::whole;

/// A whole number; one that is too long for 64 bits is above every limit.
fn whole_number(text: &str, least: u64) -> Result<u64, String> {
    let digits = text.replace('_', "");
    let too_small = || Err(format!("must be at least {least}"));
    if digits.strip_prefix('-').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit())) {
        return too_small();
    }
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("is not a whole number; write it out, as 10000 or 10_000".to_owned());
    }
    let number = digits.parse().unwrap_or(u64::MAX);
    if number < least { too_small() } else { Ok(number) }
}

pub(super) fn number(text: &str) -> Result<u64, String> {
    whole_number(text, 1)
}

/// A number that an experiment file can hold as well: results repeat the seed in their resolved text.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    const MOST: u64 = i64::MAX as u64;
    match whole_number(text, 0)? {
        seed @ 0..=MOST => Ok(seed),
        _ => Err(format!("must be at most {MOST}")),
    }
}

pub(super) fn index(text: &str) -> Result<u64, String> {
    match whole_number(text, 0)? {
        u64::MAX => Err(format!("must be below {}", u64::MAX)),
        index => Ok(index),
    }
}

pub(super) fn trials(text: &str) -> Result<u64, String> {
    let trials = number(text)?;
    if trials > MAX_TRIALS {
        return Err(format!("must be at most {}: far fewer settle a p99.9", whole(MAX_TRIALS)));
    }
    Ok(trials)
}

pub(super) fn starts(text: &str) -> Result<u64, String> {
    /// The trees have numbers for so many.
    const MOST: u64 = 1_000_000_000;
    let starts = number(text)?;
    if starts > MOST {
        return Err(format!("must be at most {}", whole(MOST)));
    }
    Ok(starts)
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    parse_duration(text).map_err(|hint| format!("is not a duration: {hint}"))
}

pub(super) fn sets(text: &str) -> Result<u64, String> {
    let sets = whole_number(text, LEAST_SETS)?;
    if sets > MOST_SETS {
        return Err(format!("must be at most {}: a few hundred tell every figure that matters", whole(MOST_SETS)));
    }
    Ok(sets)
}

pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    /// More threads than any machine has processors: a slip of the finger would start them all.
    const MOST: usize = 1_024;
    usize::try_from(number(text)?)
        .ok()
        .filter(|&threads| threads <= MOST)
        .and_then(NonZeroUsize::new)
        .ok_or_else(|| format!("must be at most {MOST}"))
}

pub(super) fn precision(text: &str) -> Result<f64, String> {
    let inside = |value: &f64| *value > 0.0 && *value < 1.0;
    text.parse().ok().filter(inside).ok_or_else(|| "must be between 0 and 1, such as 0.02 for ±2 %".to_owned())
}

pub(super) fn percentile(text: &str) -> Result<f64, String> {
    let inside = |value: &f64| *value > 0.0 && *value <= 100.0;
    text.parse().ok().filter(inside).ok_or_else(|| "must be above 0 and at most 100, such as 99 or 99.9".to_owned())
}

pub(super) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("must be KEY=VALUE, such as dns.ttl=30s".to_owned()),
    }
}
