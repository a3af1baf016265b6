//! What designs must meet, and how likely a design does.

use sim_core::stats::{Interval, clopper_pearson};

use super::solution::LeftOut;
use crate::analyze::Writerless;
use crate::compare::{Outcomes, is_single};
use crate::exit::Failure;
use crate::header::{Header, Indicator, Measured, Objective, Of};
use crate::table::TrialTable;
use crate::variation::{ChanceTarget, Goal, SolveSpec};
use measure::{Store, Whole};

/// What designs must meet: the targets of the file, or else its objectives.
pub(super) fn targets(spec: &SolveSpec, header: &Header) -> (Vec<ChanceTarget>, LeftOut) {
    if !spec.targets.is_empty() {
        return (spec.targets.clone(), LeftOut::default());
    }
    let of = |objective: &Objective| ChanceTarget {
        measured: objective.measured(),
        limit: objective.limit,
        chance: objective.quantile,
    };
    let (by_trial, by_request): (Vec<&Objective>, Vec<&Objective>) =
        header.objectives.iter().partition(|objective| objective.indicator.phase().is_none());
    let shares = header.availabilities().map(|(of, _)| of.name(Indicator::Availability.word()));
    let left_out = LeftOut { requests: by_request.into_iter().map(Objective::name).collect(), means: shares.collect() };
    (by_trial.into_iter().map(of).collect(), left_out)
}

/// A target is about what every design has.
pub(super) fn has_all(file: &str, header: &Header, targets: &[ChanceTarget]) -> Result<(), Failure> {
    for target in targets {
        let measured = target.measured;
        let (sort, there) = match measured.of {
            Of::Worst if measured.indicator == Indicator::CaughtUp => ("queue", !header.queues.is_empty()),
            Of::Worst => continue,
            Of::Journey(name) => ("journey", header.journeys.iter().any(|own| own == name.as_str())),
            Of::Store(name) if measured.indicator == Indicator::CaughtUp => {
                ("queue", header.queues.iter().any(|own| own == name.as_str()))
            }
            Of::Store(name) => ("store", header.stores.iter().any(|own| own == name.as_str())),
        };
        if !there {
            let whose = match measured.of {
                Of::Worst => String::new(),
                Of::Journey(name) | Of::Store(name) => format!(" {name}"),
            };
            let message = format!("`{file}` has no {sort}{whose}, which a target is about");
            return Err(Failure::usage(message).hint("the same name in all files, or a target without it"));
        }
    }
    Ok(())
}

/// What is looked at of a design.
pub(super) fn outcomes(header: &Header, table: &TrialTable, targets: &[ChanceTarget], figure: Measured) -> Outcomes {
    let mut singles: Vec<Measured> = Vec::new();
    let all = targets.iter().map(|target| target.measured).chain([figure]);
    for measured in all.filter(is_single) {
        if !singles.contains(&measured) {
            singles.push(measured);
        }
    }
    Outcomes::of(header, table, &singles)
}

/// The figure of the front: that of the goal, or else of the first target that has a quantile.
pub(super) fn figure_of(goal: Goal, targets: &[ChanceTarget]) -> (Measured, f64) {
    let of = |wanted: Indicator| {
        let first = targets.iter().find(|target| target.measured.indicator == wanted);
        first.map(|target| (target.measured, target.chance))
    };
    let usual = |indicator: Indicator| (Measured::from(indicator), 0.99);
    match goal {
        Goal::Loss => of(Indicator::Rpo).unwrap_or_else(|| usual(Indicator::Rpo)),
        Goal::Recovery => of(Indicator::Rto).unwrap_or_else(|| usual(Indicator::Rto)),
        Goal::Cost => {
            let first = of(Indicator::Rto).or_else(|| of(Indicator::Rpo)).or_else(|| of(Indicator::CaughtUp));
            first.unwrap_or_else(|| usual(Indicator::Rto))
        }
    }
}

/// Stores that a target is about and that nobody could write to at the end.
pub(super) fn writerless(header: &Header, table: &TrialTable, measured: Measured) -> Vec<Writerless> {
    let marked = |place: usize| table.of(measure::NO_WRITER, Store(place)).filter(|none| *none > 0.0).count() as u64;
    let stores = header.stores.iter().enumerate().map(|(place, name)| (name.as_str(), marked(place)));
    Writerless::of(measured, stores, table.len() as u64)
}

/// Of each trial, whether journeys were down although no fault had started the clock: there is no recovery time then.
pub(super) fn unclocked(header: &Header, table: &TrialTable) -> Vec<bool> {
    let starts = table.of(measure::FIRST_FAULT, Whole);
    let up = table.of(measure::OVERALL_AVAILABILITY, Whole);
    starts.zip(up).map(|(start, up)| !header.recurring && start.is_nan() && up < 1.0).collect()
}

/// The chance of a target. A trial without a recovery time, or that was not watched for as long as the limit, counts as
/// beyond it for the lower end and as within it for the upper one.
pub(super) fn chance(target: &ChanceTarget, outcomes: &Outcomes, unclocked: &[bool], level: f64) -> Interval {
    let observed = outcomes.observed(target.measured);
    let indicator = target.measured.indicator;
    let (mut within, mut unknown) = (0, 0);
    for (trial, &value) in observed.values.iter().enumerate() {
        let watched = match indicator {
            Indicator::Rto | Indicator::CaughtUp => outcomes.watched[trial],
            Indicator::Rpo | Indicator::Availability | Indicator::LatencyBefore | Indicator::LatencyAfter => {
                outcomes.horizon
            }
        };
        match indicator {
            Indicator::Availability => within += u64::from(value >= target.limit),
            Indicator::Rto if unclocked[trial] => unknown += 1,
            _ if value <= target.limit => within += 1,
            _ if value.is_infinite() && watched < target.limit => unknown += 1,
            _ => {}
        }
    }
    let all = observed.values.len() as u64;
    let least = clopper_pearson(within, all, level);
    Interval { high: clopper_pearson(within + unknown, all, level).high, ..least }
}
