//! What each lever does to each figure that has to get better, as tornados.

use crate::advise::{Advice, Effect};
use crate::analyze::LEVEL;
use crate::header::Indicator;
use crate::report::chart::{About, Chart, Tornado, TornadoRow};
use crate::report::comparison::{bounded, title};

/// A chart for each figure that has to get better, with its file name, extension left out.
pub(super) fn charts(advice: &Advice) -> Vec<(String, Chart)> {
    let one = |&index: &usize| {
        let figure = advice.targets[index].figure;
        let shares = figure.indicator == Indicator::Availability;
        let rows = advice.turned.iter().filter(|turned| turned.effect != Effect::Same).map(|turned| {
            let found = turned.outcome.differences[index].as_ref().ok();
            TornadoRow {
                name: turned.lever.title.clone(),
                difference: found.map(|found| {
                    let value = found.estimate.known().unwrap_or(if found.estimate.low.is_finite() {
                        f64::INFINITY
                    } else {
                        f64::NEG_INFINITY
                    });
                    [value, found.interval.low, found.interval.high]
                }),
                label: found
                    .map(|found| bounded(figure.indicator, &found.estimate, &found.interval).0)
                    .unwrap_or_default(),
            }
        });
        let chart = Tornado {
            about: About {
                title: format!("{} {}: what each step changes by itself", title(figure.indicator), figure.short()),
                finding: super::words::first(advice),
                experiment: advice.header.name.clone(),
                trials: advice.trials,
                seed: Some(advice.header.seed),
                source: Some(format!("mrsim {}", advice.header.version)),
                note: None,
            },
            figure: format!("{} {}", title(figure.indicator), figure.short()),
            shares,
            rows: rows.collect(),
            confidence: LEVEL,
        };
        (format!("advice-{}", figure.name()), Chart::Tornado(chart))
    };
    advice.wanted.iter().map(one).collect()
}
