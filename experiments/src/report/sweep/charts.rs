//! Charts of a sweep: lines over one setting, colours over two, and ranges where each setting is changed by itself. Other
//! designs over more settings have no picture: the table tells.

use super::named::Named;
use super::{Row, SweepReport, best, common, limit, word};
use crate::analyze::LEVEL;
use crate::compare::Figure;
use crate::header::{Indicator, Of};
use crate::report::chart::{
    About, Chart, Estimate, HeatMap, Places, RangeRow, RangeValue, Setting, SettingAxis, SettingLines, SettingRanges,
    SettingSeries, Spot, Subject,
};
use crate::report::comparison::title;
use crate::report::run::charted;
use crate::sweep;
use crate::variation::{Design, Scale, coordinate};

/// All charts with what they are about and their file names, extensions left out.
pub(super) fn charts(report: &SweepReport<'_>) -> Vec<(Indicator, String, Chart)> {
    let rows = report.rows();
    let named = Named::new(report);
    match report.prepared.plan.axes.len() {
        _ if rows.is_empty() => Vec::new(),
        1 => lines(report, &rows, &named),
        _ if report.prepared.plan.design == Design::OneAtATime => ranges(report, &rows, &named),
        2 => heat(report, &rows, &named),
        _ => Vec::new(),
    }
}

fn about(report: &SweepReport<'_>, title: String) -> About {
    let header = report.base;
    About {
        title,
        finding: None,
        experiment: header.name.clone(),
        trials: report.prepared.trials.iter().copied().max().unwrap_or(0),
        seed: report.seed(),
        source: Some(format!("mrsim {}, {}", header.version, header.hash.get(..12).unwrap_or(&header.hash))),
        note: None,
    }
}

/// The subject of the charts of an indicator.
const fn subject(indicator: Indicator) -> Subject {
    match indicator {
        Indicator::Rto => Subject::RecoveryTime,
        Indicator::Rpo => Subject::DataLoss,
        Indicator::Availability => Subject::Availability,
        Indicator::CaughtUp => Subject::CaughtUp,
        Indicator::LatencyBefore | Indicator::LatencyAfter => Subject::Latency,
    }
}

fn estimate(estimate: &sweep::Estimate) -> Estimate {
    estimate.interval().map_or(Estimate::Refused, |interval| Estimate::Known {
        value: interval.estimate,
        low: interval.low,
        high: interval.high,
    })
}

/// A lower bound of the censored values of these rows.
fn horizon(rows: &[Row<'_>]) -> f64 {
    rows.iter().map(|row| row.result.watched).fold(f64::INFINITY, f64::min)
}

/// A setting of a row: where the file's own stays, what that is, if the file says it.
fn label<'a>(row: &'a Row<'_>, axis: usize, named: &'a Named) -> &'a str {
    match (row.settings[axis], &named.own[axis]) {
        ("", Some(own)) => own,
        ("", None) => "(file)",
        (setting, _) => setting,
    }
}

/// The settings of a row, in the order of the axes.
pub(super) fn settings_of(row: &Row<'_>, named: &Named) -> String {
    (0..named.axes.len()).map(|axis| label(row, axis, named)).collect::<Vec<_>>().join(", ")
}

/// The rows that have a place: on axes of figures the file as it is has one only if the file says which.
fn with_places<'r, 'a>(rows: &'r [Row<'a>], named: &Named) -> Vec<&'r Row<'a>> {
    let has =
        |row: &&Row<'_>| row.settings.iter().zip(&named.own).all(|(setting, own)| !setting.is_empty() || own.is_some());
    let placed: Vec<&Row<'_>> = rows.iter().filter(has).collect();
    // Among words it may stand as what it is.
    let figures = placed.iter().any(|row| row.settings.iter().any(|setting| coordinate(setting).is_some()));
    if figures { placed } else { rows.iter().collect() }
}

/// The settings of an axis among the rows, each once and in order: figures by size, words as they came. Where the file's own
/// stays and the file does not say it there is no figure, and all become words.
fn axis(rows: &[&Row<'_>], axis: usize, named: &Named) -> SettingAxis {
    let mut labels: Vec<&str> = Vec::new();
    for row in rows {
        let label = label(row, axis, named);
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let places: Option<Vec<_>> = labels.iter().map(|label| coordinate(label)).collect();
    // Seconds and plain numbers have no common measure.
    let figures = places.filter(|places| {
        places.iter().all(|place| place.1 == places[0].1 || !seconds(place.1) && !seconds(places[0].1))
    });
    let at = |index: usize| figures.as_ref().map_or(index as f64, |figures| figures[index].0);
    let mut settings: Vec<Setting> =
        labels.iter().enumerate().map(|(index, label)| Setting { label: (*label).to_owned(), at: at(index) }).collect();
    settings.sort_by(|a, b| a.at.total_cmp(&b.at));
    let places = match figures.as_ref().and_then(|figures| figures.first()) {
        None => Places::Listed,
        Some((_, Scale::Duration)) => Places::Seconds,
        Some((_, Scale::Percentage)) => Places::Shares,
        Some(_) => Places::Numbers,
    };
    SettingAxis { name: named.axes[axis].clone(), places, settings }
}

/// The finding of a chart: its objective, and the point where the figure is best.
fn finding(rows: &[Row<'_>], figure: Figure, named: &Named) -> Option<String> {
    let best = best(rows, figure)?;
    let (value, low, high) = &best.figure;
    let settings = named.axes.iter().zip(&best.row.settings).filter(|(_, setting)| !setting.is_empty());
    let settings: Vec<String> = settings.map(|(name, setting)| format!("{name} = {setting}")).collect();
    let settings = if settings.is_empty() { "the file as it is".to_owned() } else { settings.join(", ") };
    let objective = best.row.view(figure)?.objective;
    let objective = objective.map(|objective| format!("Objective {}; ", limit(figure.indicator, objective)));
    let objective = objective.unwrap_or_default();
    let most = if figure.indicator == Indicator::Availability { "highest" } else { "least" };
    Some(format!("{objective}{most} with {settings}: {value} [{low}, {high}]{}", best.elsewhere()))
}

fn seconds(scale: Scale) -> bool {
    scale == Scale::Duration
}

/// The index of a row's setting along an axis.
fn index(axis: &SettingAxis, row: &Row<'_>, number: usize, named: &Named) -> usize {
    let label = label(row, number, named);
    axis.settings.iter().position(|setting| setting.label == label).unwrap_or(0)
}

fn lines(report: &SweepReport<'_>, rows: &[Row<'_>], named: &Named) -> Vec<(Indicator, String, Chart)> {
    let placed = with_places(rows, named);
    let axis = axis(&placed, 0, named);
    let name = &named.axes[0];
    let figures = report.prepared.figures.all();
    let of = |indicator: Indicator| {
        let own = figures.iter().filter(|figure| figure.indicator == indicator);
        let series: Vec<SettingSeries> = own
            .map(|&figure| {
                let mut values = vec![Estimate::Refused; axis.settings.len()];
                for row in &placed {
                    if let Some(view) = row.view(figure) {
                        values[index(&axis, row, 0, named)] = estimate(view.value);
                    }
                }
                SettingSeries { name: figure.of.name(&figure.short()), values, limit: common(rows, figure) }
            })
            .collect();
        (!series.is_empty()).then(|| {
            let chart = Chart::SettingLines(SettingLines {
                about: about(report, format!("{} over {name}", title(indicator))),
                subject: subject(indicator),
                axis: axis.clone(),
                series,
                horizon: horizon(rows),
                confidence: LEVEL,
            });
            (indicator, word(indicator).to_owned(), chart)
        })
    };
    Indicator::REPORTED.into_iter().filter_map(of).collect()
}

/// The title of the chart of one figure.
fn file_of(figure: Figure, place: usize) -> String {
    let name = match figure.indicator {
        // There is one figure of it.
        Indicator::Availability => word(figure.indicator).to_owned(),
        Indicator::Rto | Indicator::Rpo | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => {
            format!("{}-{}", word(figure.indicator), figure.short())
        }
    };
    // Names may hold anything; numbers make file names.
    match figure.of {
        Of::Worst => name,
        Of::Journey(_) | Of::Store(_) => format!("{name}-{}", place + 1),
    }
}

fn heat(report: &SweepReport<'_>, rows: &[Row<'_>], named: &Named) -> Vec<(Indicator, String, Chart)> {
    let placed = with_places(rows, named);
    let (across, up) = (axis(&placed, 0, named), axis(&placed, 1, named));
    let figures = report.prepared.figures.all().into_iter().enumerate().map(|(place, figure)| {
        let indicator = figure.indicator;
        let spots = placed.iter().filter_map(|row| {
            let view = row.view(figure)?;
            let chance = view.chance.and_then(|chance| chance.interval().ok());
            Some(Spot {
                across: index(&across, row, 0, named),
                up: index(&up, row, 1, named),
                value: estimate(view.value),
                at_least: view.at_least,
                chance: chance.map(|found| [found.estimate, found.low, found.high]),
                verdict: view.verdict.map(charted),
            })
        });
        let (what, short) = (format!("{}{}", title(indicator), figure.of.suffix()), figure.short());
        let title = format!("{what} {short} over {} and {}", across.name, up.name);
        let map = HeatMap {
            about: About { finding: finding(rows, figure, named), ..about(report, title) },
            subject: subject(indicator),
            figure: figure.short(),
            intervals_in: "sweep.csv".to_owned(),
            spots: spots.collect(),
            across: across.clone(),
            up: up.clone(),
            grid: report.prepared.plan.design == Design::Grid,
            horizon: horizon(rows),
            confidence: LEVEL,
        };
        (indicator, file_of(figure, place), Chart::HeatMap(map))
    });
    figures.collect()
}

/// Each setting by itself, figure by figure.
fn ranges(report: &SweepReport<'_>, rows: &[Row<'_>], named: &Named) -> Vec<(Indicator, String, Chart)> {
    let axes = 0..report.prepared.plan.axes.len();
    let one = |(place, figure): (usize, Figure)| {
        let indicator = figure.indicator;
        let of = |row: &Row<'_>| row.view(figure).map_or(Estimate::Refused, |view| estimate(view.value));
        let rows_of = |axis: usize| {
            let own = rows.iter().filter(move |row| !row.settings[axis].is_empty());
            let values = own.map(|row| RangeValue {
                label: row.settings[axis].to_owned(),
                figure: of(row),
                verdict: row.view(figure).and_then(|view| view.verdict).map(charted),
            });
            RangeRow { name: named.axes[axis].clone(), values: values.collect() }
        };
        let base = rows.iter().find(|row| row.settings.iter().all(|setting| setting.is_empty()));
        let title = format!("{}{} {}, one setting at a time", title(indicator), figure.of.suffix(), figure.short());
        let chart = SettingRanges {
            about: About { finding: finding(rows, figure, named), ..about(report, title) },
            subject: subject(indicator),
            figure: figure.short(),
            base: base.map_or(Estimate::Refused, of),
            base_at_least: base.and_then(|row| row.view(figure)).map_or([0.0; 3], |view| view.at_least),
            limit: common(rows, figure),
            rows: axes.clone().map(rows_of).collect(),
            horizon: horizon(rows),
            confidence: LEVEL,
        };
        (indicator, file_of(figure, place), Chart::SettingRanges(chart))
    };
    report.prepared.figures.all().into_iter().enumerate().map(one).collect()
}
