//! What stands beside verdicts so that nobody reads more or less into them.

use sim_core::stats::Interval;

use super::document::Cell;
use crate::analyze::{Assessed, Verdict};
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

/// Why a verdict can be MISSED beside `needs 299 trials`.
pub(super) const BY_CHANCE: &str = "MISSED without an estimate: the chance to stay within the limit decides";

/// A chance in words.
pub(super) fn chance(found: &Interval) -> String {
    let cell = Cell::percent(&Ok(*found));
    format!("{} % {}", cell.text, cell.spread_in_brackets())
}
