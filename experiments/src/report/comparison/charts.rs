//! The candidates' distributions over one another.

use super::ComparisonReport;
use super::cells::title;
use crate::analyze::{Assessed, LEVEL};
use crate::header::Indicator;
use crate::report::chart::{About, Chart, Distribution, Objective, Quantity};
use crate::report::run::{charted, series};

/// A chart for each measure with an objective, with its file name, extension left out.
pub(super) fn charts(report: &ComparisonReport<'_>) -> Vec<(&'static str, Chart)> {
    report
        .measures()
        .filter_map(|indicator| {
            let (name, quantity) = quantity(indicator)?;
            Some((name, distribution(report, indicator, quantity)))
        })
        .collect()
}

/// The name and the subject of the chart of an indicator. A mean has no distribution.
const fn quantity(indicator: Indicator) -> Option<(&'static str, Quantity)> {
    match indicator {
        Indicator::Rto => Some(("recovery-time", Quantity::RecoveryTime)),
        Indicator::Rpo => Some(("data-loss", Quantity::DataLoss)),
        Indicator::Availability | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => None,
    }
}

/// Each candidate's objectives on a measure, as far as its own trials judge them.
fn objectives(report: &ComparisonReport<'_>, indicator: Indicator) -> Vec<Objective> {
    let all = having(report, indicator).map(|place| &report.comparison.objectives[place]);
    all.enumerate()
        .flat_map(|(series, own)| {
            let own = own.assessed.iter().filter(|assessed| assessed.objective.measured() == indicator.into());
            own.map(move |Assessed { objective, verdict, .. }| Objective {
                series,
                quantile: objective.quantile,
                limit: objective.limit,
                verdict: charted(*verdict),
            })
        })
        .collect()
}

/// The places of the candidates that have the measure at all: who has no stores has not lost nothing.
fn having(report: &ComparisonReport<'_>, indicator: Indicator) -> impl Iterator<Item = usize> {
    let all = report.outcomes.iter().enumerate();
    all.filter(move |(_, outcomes)| outcomes.lacks(indicator).is_none()).map(|(place, _)| place)
}

fn distribution(report: &ComparisonReport<'_>, indicator: Indicator, quantity: Quantity) -> Chart {
    let comparison = report.comparison;
    let names: Vec<&str> = comparison.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let all = having(report, indicator).map(|place| {
        let sample = report.outcomes[place].sample(indicator);
        series(names[place], &sample, &sample.distribution(), report.beyond(indicator))
    });
    let title = match names.as_slice() {
        [base, other] => format!("{}: {other} against {base}", title(indicator)),
        [base, others @ ..] => format!("{}: {} candidates against {base}", title(indicator), others.len()),
        [] => title(indicator).to_owned(),
    };
    let finding = match (comparison.against.as_slice(), &comparison.ranking) {
        ([one], _) => one.findings.iter().find(|(of, _)| *of == indicator).map(|(_, finding)| format!("{finding}.")),
        (_, Some(ranking)) if ranking.figure.measured() == indicator.into() => Some(format!("{}.", ranking.sentence)),
        _ => None,
    };
    Chart::Distribution(Distribution {
        about: About {
            title,
            finding,
            experiment: names.join(", "),
            trials: comparison.trials,
            seed: Some(comparison.seed),
            source: Some(format!("mrsim {}", comparison.candidates[0].header.version)),
            note: None,
        },
        quantity,
        series: all.collect(),
        objectives: objectives(report, indicator),
        horizon: report.beyond(indicator),
        confidence: LEVEL,
    })
}
