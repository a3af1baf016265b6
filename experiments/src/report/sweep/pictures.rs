//! Charts of a sweep: lines over one setting, colours over two. More settings have no picture: the table tells.

use super::{Report, Row, best};
use crate::analyze::LEVEL;
use crate::compare::Figure;
use crate::header::Measure;
use crate::report::chart::{
    About, Chart, Estimate, HeatMap, Places, Setting, SettingAxis, SettingLines, SettingSeries, Spot,
};
use crate::report::comparison::title;
use crate::report::pictures::quantity;
use crate::report::units::{chosen_duration, estimated_duration, longer_than};
use crate::sweep::{self, Design, Found, coordinate};

/// All charts with what they are about and their file names, extensions left out.
pub(super) fn pictures(report: &Report<'_>) -> Vec<(Measure, String, Chart)> {
    let rows = report.rows();
    match report.prepared.plan.axes.len() {
        _ if rows.is_empty() => Vec::new(),
        1 => lines(report, &rows),
        2 if report.prepared.plan.design != Design::OneAtATime => heat(report, &rows),
        _ => Vec::new(),
    }
}

fn about(report: &Report<'_>, title: String) -> About {
    let header = report.base;
    About {
        title,
        finding: None,
        experiment: header.name.clone(),
        trials: report.prepared.trials.iter().copied().max().unwrap_or(0),
        seed: header.seed,
        source: Some(format!("mrsim {}, {}", header.version, header.hash.get(..12).unwrap_or(&header.hash))),
    }
}

fn estimate(estimate: &sweep::Estimate) -> Estimate {
    estimate.interval().map_or(Estimate::Refused, |interval| Estimate::Known {
        value: interval.estimate,
        low: interval.low,
        high: interval.high,
    })
}

/// What a censored value of these rows exceeds.
fn horizon(rows: &[Row<'_>]) -> f64 {
    rows.iter().map(|row| row.result.watched).fold(f64::INFINITY, f64::min)
}

/// The settings of an axis among the rows, each once and in order: figures by size, words as they came. Where the file's own
/// stays there is no figure, and all become words.
fn axis(report: &Report<'_>, rows: &[Row<'_>], axis: usize) -> SettingAxis {
    let mut labels: Vec<&str> = Vec::new();
    for row in rows {
        if !labels.contains(&row.settings[axis]) {
            labels.push(row.settings[axis]);
        }
    }
    let places: Option<Vec<_>> = labels.iter().map(|label| coordinate(label)).collect();
    // Seconds and plain numbers have no common measure.
    let figures = places.filter(|places| {
        places.iter().all(|place| place.1 == places[0].1 || !seconds(place.1) && !seconds(places[0].1))
    });
    let mut settings: Vec<Setting> = labels
        .iter()
        .enumerate()
        .map(|(index, label)| Setting {
            label: if label.is_empty() { "(file)".to_owned() } else { (*label).to_owned() },
            at: figures.as_ref().map_or(index as f64, |figures| figures[index].0),
        })
        .collect();
    settings.sort_by(|a, b| a.at.total_cmp(&b.at));
    let places = match figures.as_ref().and_then(|figures| figures.first()) {
        None => Places::Listed,
        Some((_, sweep::Scale::Duration)) => Places::Seconds,
        Some((_, sweep::Scale::Percentage)) => Places::Shares,
        Some(_) => Places::Numbers,
    };
    SettingAxis { name: report.prepared.plan.axes[axis].key.clone(), places, settings }
}

/// What a map comes to: its objective, and the point where the figure is least.
fn least(report: &Report<'_>, rows: &[Row<'_>], figure: Figure) -> Option<String> {
    let (row, interval) = best(rows, figure)?;
    let name = figure.name();
    let (value, low, high) = estimated_duration(&interval, &longer_than(row.result.watched));
    let axes = report.prepared.plan.axes.iter().zip(&row.settings);
    let settings: Vec<String> = axes.map(|(axis, setting)| format!("{} = {setting}", axis.key)).collect();
    let limit = row.view(figure)?.objective;
    let objective = limit.map(|limit| format!("Objective {name} \u{2264} {}; ", chosen_duration(limit)));
    let objective = objective.unwrap_or_default();
    Some(format!("{objective}{name} is least with {}: {value} [{low}, {high}]", settings.join(", ")))
}

fn seconds(scale: sweep::Scale) -> bool {
    scale == sweep::Scale::Duration
}

/// The index of a row's setting along an axis.
fn index(axis: &SettingAxis, row: &Row<'_>, number: usize) -> usize {
    let label = if row.settings[number].is_empty() { "(file)" } else { row.settings[number] };
    axis.settings.iter().position(|setting| setting.label == label).unwrap_or(0)
}

fn found<'a>(row: &'a Row<'_>, name: &str) -> Option<&'a Found> {
    row.result.figures.iter().find(|found| found.name == name)
}

fn lines(report: &Report<'_>, rows: &[Row<'_>]) -> Vec<(Measure, String, Chart)> {
    let axis = axis(report, rows, 0);
    let key = &axis.name;
    let of = |measure: Measure| {
        let figures = report.prepared.figures.quantiles.iter().filter(|(of, _)| *of == measure);
        let series: Vec<SettingSeries> = figures
            .map(|(_, quantile)| {
                let short = crate::header::quantile_name(*quantile);
                let name = format!("{}.{short}", measure.word());
                let mut values = vec![Estimate::Refused; axis.settings.len()];
                for row in rows {
                    if let Some(found) = found(row, &name) {
                        values[index(&axis, row, 0)] = estimate(&found.value);
                    }
                }
                let mut limits = rows.iter().map(|row| found(row, &name).and_then(|found| found.limit));
                let first = limits.next().flatten();
                SettingSeries {
                    name: short,
                    values,
                    limit: first.filter(|first| limits.all(|limit| limit == Some(*first))),
                }
            })
            .collect();
        let (name, quantity) = quantity(measure).filter(|_| !series.is_empty())?;
        let chart = Chart::SettingLines(SettingLines {
            about: about(report, format!("{} over {key}", title(measure))),
            quantity,
            axis: axis.clone(),
            series,
            horizon: horizon(rows),
            confidence: LEVEL,
        });
        Some((measure, name.to_owned(), chart))
    };
    Measure::ALL.into_iter().filter_map(of).collect()
}

fn heat(report: &Report<'_>, rows: &[Row<'_>]) -> Vec<(Measure, String, Chart)> {
    let (across, up) = (axis(report, rows, 0), axis(report, rows, 1));
    let figures = report.prepared.figures.quantiles.iter().filter_map(|&(measure, quantile)| {
        let (_, quantity) = quantity(measure)?;
        let short = crate::header::quantile_name(quantile);
        let name = format!("{}.{short}", measure.word());
        let spots = rows.iter().filter_map(|row| {
            let found = found(row, &name)?;
            let chance = found.chance.as_ref().and_then(|chance| chance.interval().ok());
            Some(Spot {
                across: index(&across, row, 0),
                up: index(&up, row, 1),
                value: estimate(&found.value),
                chance: chance.map(|interval| interval.estimate),
            })
        });
        let title = format!("{} {short} over {} and {}", title(measure), across.name, up.name);
        let map = HeatMap {
            about: About { finding: least(report, rows, Figure::quantile(measure, quantile)), ..about(report, title) },
            quantity,
            figure: name.clone(),
            intervals_in: "sweep.csv".to_owned(),
            spots: spots.collect(),
            across: across.clone(),
            up: up.clone(),
            grid: report.prepared.plan.design == Design::Grid,
            horizon: horizon(rows),
            confidence: LEVEL,
        };
        Some((measure, name, Chart::HeatMap(map)))
    });
    figures.collect()
}
