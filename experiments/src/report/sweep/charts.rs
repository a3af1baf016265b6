//! Charts of a sweep: lines over one setting, colours over two. More settings have no picture: the table tells.

use super::{Row, SweepReport, best, common, in_words, limit, word};
use crate::analyze::LEVEL;
use crate::compare::Figure;
use crate::header::Indicator;
use crate::report::chart::{
    About, Chart, Estimate, HeatMap, Places, Setting, SettingAxis, SettingLines, SettingSeries, Spot, Subject,
};
use crate::report::comparison::title;
use crate::report::run::charted;
use crate::sweep;
use crate::variation::{Design, Scale, coordinate};

/// All charts with what they are about and their file names, extensions left out.
pub(super) fn charts(report: &SweepReport<'_>) -> Vec<(Indicator, String, Chart)> {
    let rows = report.rows();
    match report.prepared.plan.axes.len() {
        _ if rows.is_empty() => Vec::new(),
        1 => lines(report, &rows),
        2 if report.prepared.plan.design != Design::OneAtATime => heat(report, &rows),
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
    }
}

/// What the charts of a measure show.
const fn subject(indicator: Indicator) -> Subject {
    match indicator {
        Indicator::Rto => Subject::RecoveryTime,
        Indicator::Rpo => Subject::DataLoss,
        Indicator::Availability => Subject::Availability,
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
fn axis(report: &SweepReport<'_>, rows: &[Row<'_>], axis: usize) -> SettingAxis {
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
        Some((_, Scale::Duration)) => Places::Seconds,
        Some((_, Scale::Percentage)) => Places::Shares,
        Some(_) => Places::Numbers,
    };
    let key = report.prepared.plan.axes[axis].key.clone();
    let name = capital(&named(report, axis));
    SettingAxis { key: if name.eq_ignore_ascii_case(&key) { String::new() } else { key }, name, places, settings }
}

/// An axis in words; where two axes have the same words, each as its key.
fn named(report: &SweepReport<'_>, axis: usize) -> String {
    let keys = || report.prepared.plan.axes.iter().map(|axis| axis.key.as_str());
    let key = &report.prepared.plan.axes[axis].key;
    let name = phrase(key);
    if keys().filter(|other| phrase(other) == name).count() > 1 { key.clone() } else { name }
}

/// The last two words of a key: `instances desired` of `compute.instances.desired`, and of a numbered entry
/// `fault probability` of `faults.1.probability`.
fn phrase(key: &str) -> String {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_digit());
    let parts: Vec<&str> = key.split('.').collect();
    let words: Vec<String> = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| !number(part))
        .map(|(index, part)| match parts.get(index + 1) {
            Some(next) if number(next) => part.strip_suffix('s').unwrap_or(part).to_owned(),
            _ if ["dns", "ttl", "rto", "rpo"].contains(part) => part.to_uppercase(),
            _ => part.replace('-', " "),
        })
        .collect();
    words[words.len().saturating_sub(2)..].join(" ")
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a map comes to: its objective, and the point where the figure is best.
fn finding(report: &SweepReport<'_>, rows: &[Row<'_>], figure: Figure) -> Option<String> {
    let (row, interval) = best(rows, figure)?;
    let name = figure.name();
    let (value, low, high) = in_words(figure.indicator, &interval, row.result.watched);
    let axes = report.prepared.plan.axes.iter().zip(&row.settings);
    let settings: Vec<String> = axes.map(|(axis, setting)| format!("{} = {setting}", axis.key)).collect();
    let objective = row.view(figure)?.objective;
    let objective = objective.map(|objective| format!("Objective {name} {}; ", limit(figure.indicator, objective)));
    let objective = objective.unwrap_or_default();
    let most = if figure.indicator == Indicator::Availability { "highest" } else { "least" };
    Some(format!("{objective}{name} is {most} with {}: {value} [{low}, {high}]", settings.join(", ")))
}

fn seconds(scale: Scale) -> bool {
    scale == Scale::Duration
}

/// The index of a row's setting along an axis.
fn index(axis: &SettingAxis, row: &Row<'_>, number: usize) -> usize {
    let label = if row.settings[number].is_empty() { "(file)" } else { row.settings[number] };
    axis.settings.iter().position(|setting| setting.label == label).unwrap_or(0)
}

fn lines(report: &SweepReport<'_>, rows: &[Row<'_>]) -> Vec<(Indicator, String, Chart)> {
    let axis = axis(report, rows, 0);
    let name = named(report, 0);
    let figures = report.prepared.figures.all();
    let of = |indicator: Indicator| {
        let own = figures.iter().filter(|figure| figure.indicator == indicator);
        let series: Vec<SettingSeries> = own
            .map(|&figure| {
                let mut values = vec![Estimate::Refused; axis.settings.len()];
                for row in rows {
                    if let Some(view) = row.view(figure) {
                        values[index(&axis, row, 0)] = estimate(view.value);
                    }
                }
                SettingSeries { name: figure.short(), values, limit: common(rows, figure) }
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
    Indicator::COMPARED.into_iter().filter_map(of).collect()
}

fn heat(report: &SweepReport<'_>, rows: &[Row<'_>]) -> Vec<(Indicator, String, Chart)> {
    let (across, up) = (axis(report, rows, 0), axis(report, rows, 1));
    let figures = report.prepared.figures.all().into_iter().map(|figure| {
        let (indicator, name) = (figure.indicator, figure.name());
        let spots = rows.iter().filter_map(|row| {
            let view = row.view(figure)?;
            let chance = view.chance.and_then(|chance| chance.interval().ok());
            Some(Spot {
                across: index(&across, row, 0),
                up: index(&up, row, 1),
                value: estimate(view.value),
                chance: chance.map(|interval| interval.estimate),
                verdict: view.verdict.map(charted),
            })
        });
        let [first, second] = [0, 1].map(|axis| named(report, axis));
        let title = format!("{} {} over {first} and {second}", title(indicator), figure.short());
        let map = HeatMap {
            about: About { finding: finding(report, rows, figure), ..about(report, title) },
            subject: subject(indicator),
            figure: name.clone(),
            intervals_in: "sweep.csv".to_owned(),
            spots: spots.collect(),
            across: across.clone(),
            up: up.clone(),
            grid: report.prepared.plan.design == Design::Grid,
            horizon: horizon(rows),
            confidence: LEVEL,
        };
        let file = match figure.indicator {
            // There is one figure of it.
            Indicator::Availability => word(indicator).to_owned(),
            Indicator::Rto | Indicator::Rpo => format!("{}-{}", word(indicator), figure.short()),
        };
        (indicator, file, Chart::HeatMap(map))
    });
    figures.collect()
}

#[cfg(test)]
mod tests {
    use super::{capital, phrase};

    #[test]
    fn a_key_becomes_words() {
        let words = [
            ("compute.instances.desired", "Instances desired"),
            ("faults.1.probability", "Fault probability"),
            ("stores.0.replica.instances", "Replica instances"),
            ("dns.ttl", "DNS TTL"),
            ("dns.health-check.failure-threshold", "Health check failure threshold"),
            ("seed", "Seed"),
        ];
        for (key, expected) in words {
            assert_eq!(capital(&phrase(key)), expected, "{key}");
        }
    }
}
