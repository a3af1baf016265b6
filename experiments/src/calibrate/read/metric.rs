//! Metrics: `get-metric-data`, `get-metric-statistics`, and CSV of a console.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::spec::Source;
use super::super::unit;
use super::instant::instant;
use super::{Mistake, described, quoted};

/// Steps of a series at most: ten years of minutes.
const LONGEST: f64 = 6e6;

/// A statistic of the samples of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stat {
    /// How many there are.
    SampleCount,
    /// Their mean.
    Average,
    /// The least.
    Minimum,
    /// The largest.
    Maximum,
    /// This many of 100,000 lie below.
    Percentile(u32),
    /// Something else that is above 0 where there was traffic.
    Activity,
}

impl Stat {
    /// A statistic by its name, in the spelling of the service or in small letters: `Maximum`, `p99.9`.
    pub fn named(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        Some(match word.as_str() {
            "samplecount" | "samples" | "n" => Self::SampleCount,
            "average" | "avg" | "mean" => Self::Average,
            "minimum" | "min" => Self::Minimum,
            "maximum" | "max" => Self::Maximum,
            _ => {
                let digits = word.strip_prefix('p')?.replace('_', ".");
                let percent = digits.parse::<f64>().ok().filter(|percent| *percent > 0.0 && *percent < 100.0)?;
                Self::Percentile((percent * 1e3).round() as u32)
            }
        })
    }

    /// Its name.
    pub fn word(self) -> String {
        match self {
            Self::SampleCount => "SampleCount".to_owned(),
            Self::Average => "Average".to_owned(),
            Self::Minimum => "Minimum".to_owned(),
            Self::Maximum => "Maximum".to_owned(),
            Self::Percentile(thousandths) => format!("p{}", f64::from(thousandths) / 1e3),
            Self::Activity => "activity".to_owned(),
        }
    }
}

/// Statistics of a metric by periods of equal length; what is missing is none. Values are in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The beginning of the first period, in seconds since 1970.
    pub start: f64,
    /// The length of a period in seconds.
    pub period: f64,
    /// Whether the length was guessed from the timestamps.
    pub guessed_period: bool,
    /// The unit, and whether it was guessed from the metric's name.
    pub unit: (String, bool),
    /// By statistic, one value a period.
    pub stats: BTreeMap<Stat, Vec<Option<f64>>>,
    /// Whether the service called a part of the data incomplete.
    pub partial: bool,
}

/// A series as it was found.
struct Raw {
    /// Its id, its label, or the head of its column.
    names: Vec<String>,
    stat: Option<Stat>,
    points: Vec<(f64, f64)>,
}

/// A document of `aws cloudwatch get-metric-data`.
pub(super) fn from_data(value: &Value, source: &Source) -> Result<Grid, Mistake> {
    if value.get("NextToken").is_some_and(|token| !token.is_null()) {
        let expected = "all pages: leave out --max-items and --no-paginate";
        return Err(Mistake::new("$.NextToken", "a token, so that this is one page of several", expected));
    }
    let results = array(&value["MetricDataResults"], "$.MetricDataResults")?;
    let (mut raw, mut partial) = (Vec::new(), false);
    for (index, result) in results.iter().enumerate() {
        let path = format!("$.MetricDataResults[{index}]");
        let text = |key: &str| result.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match text("StatusCode").as_str() {
            "" | "Complete" => {}
            "PartialData" => partial = true,
            code => return Err(Mistake::new(format!("{path}.StatusCode"), quoted(code), "Complete or PartialData")),
        }
        let times = array(result.get("Timestamps").unwrap_or(&Value::Null), &format!("{path}.Timestamps"))?;
        let values = array(result.get("Values").unwrap_or(&Value::Null), &format!("{path}.Values"))?;
        if times.len() != values.len() {
            let found = format!("{} timestamps and {} values", times.len(), values.len());
            return Err(Mistake::new(path, found, "as many of both; the file may be cut off"));
        }
        let points = times.iter().zip(values).enumerate().map(|(at, (time, value))| {
            Ok((moment(time, &format!("{path}.Timestamps[{at}]"))?, number(value, &format!("{path}.Values[{at}]"))?))
        });
        let names = vec![text("Id"), text("Label")];
        let stat = named_in(&names);
        raw.push(Raw { names, stat, points: points.collect::<Result<_, _>>()? });
    }
    grid(raw, source, None, partial)
}

/// A document of `aws cloudwatch get-metric-statistics`.
pub(super) fn from_statistics(value: &Value, source: &Source) -> Result<Grid, Mistake> {
    let points = array(&value["Datapoints"], "$.Datapoints")?;
    let label = value.get("Label").and_then(Value::as_str).unwrap_or_default();
    let mut unit: Option<String> = None;
    let mut by_stat: BTreeMap<Stat, Vec<(f64, f64)>> = BTreeMap::new();
    for (index, point) in points.iter().enumerate() {
        let path = format!("$.Datapoints[{index}]");
        let Some(fields) = point.as_object() else {
            return Err(Mistake::new(path, described(point), "a datapoint"));
        };
        let time = moment(fields.get("Timestamp").unwrap_or(&Value::Null), &format!("{path}.Timestamp"))?;
        if let Some(own) = fields.get("Unit").and_then(Value::as_str) {
            if unit.as_deref().is_some_and(|known| known != own) {
                let found = format!("the unit {} after {}", quoted(own), quoted(unit.as_deref().unwrap_or_default()));
                return Err(Mistake::new(format!("{path}.Unit"), found, "one unit for all datapoints"));
            }
            unit = Some(own.to_owned());
        }
        let extended = fields.get("ExtendedStatistics").and_then(Value::as_object);
        let named = fields.iter().chain(extended.into_iter().flatten());
        for (name, value) in named {
            let Some(stat) = Stat::named(name) else { continue };
            by_stat.entry(stat).or_default().push((time, number(value, &format!("{path}.{name}"))?));
        }
    }
    let raw = by_stat.into_iter().map(|(stat, points)| Raw {
        names: vec![label.to_owned(), stat.word()],
        stat: Some(stat),
        points,
    });
    grid(raw.collect(), source, unit, false)
}

/// Whether some line begins with a timestamp.
pub(super) fn looks_like_csv(text: &str) -> bool {
    let first =
        |line: &str| instant(line.split([',', ';', '\t']).next().unwrap_or_default().trim_matches('"')).is_some();
    text.lines().take(40).any(|line| line.contains([',', ';', '\t']) && first(line))
}

/// CSV with a time in the first column and a series in each of the others. Lines before the first time are labels; an
/// empty cell is a value that is missing.
pub(super) fn from_csv(text: &str, source: &Source) -> Result<Grid, Mistake> {
    let separator = if text.contains('\t') {
        b'\t'
    } else if text.contains(';') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut labels: Vec<Vec<String>> = Vec::new();
    let mut raw: Vec<Raw> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Mistake::new("", error.to_string(), "CSV"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let first = record.get(0).unwrap_or_default();
        let Some(time) = instant(first) else {
            if raw.is_empty() {
                labels.push(record.iter().map(str::to_owned).collect());
                continue;
            }
            return Err(Mistake::new(format!("line {line}"), quoted(first), "a timestamp, as in the lines before"));
        };
        if raw.is_empty() {
            let named = |column: usize| {
                let names = labels.iter().filter_map(|row| row.get(column)).filter(|name| !name.is_empty());
                names.cloned().collect::<Vec<_>>()
            };
            raw = (1..record.len())
                .map(|column| {
                    let names = named(column);
                    Raw { stat: named_in(&names), names, points: Vec::new() }
                })
                .collect();
        }
        if record.len() > raw.len() + 1 {
            let found = format!("{} columns", record.len());
            return Err(Mistake::new(
                format!("line {line}"),
                found,
                format!("{}, as in the first line", raw.len() + 1),
            ));
        }
        for (series, cell) in raw.iter_mut().zip(record.iter().skip(1)).filter(|(_, cell)| !cell.is_empty()) {
            let value = cell.parse::<f64>().ok().filter(|value| value.is_finite());
            let Some(value) = value else {
                return Err(Mistake::new(format!("line {line}"), quoted(cell), "a number, or nothing"));
            };
            series.points.push((time, value));
        }
    }
    grid(raw, source, None, false)
}

/// The statistic that one of the names is, or holds as a word.
fn named_in(names: &[String]) -> Option<Stat> {
    let words = names.iter().flat_map(|name| name.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '.')));
    names
        .iter()
        .find_map(|name| Stat::named(name))
        .or_else(|| words.into_iter().filter(|word| word.len() > 1).find_map(Stat::named))
}

/// Lays series on one grid, as the list names them.
fn grid(mut raw: Vec<Raw>, source: &Source, unit: Option<String>, partial: bool) -> Result<Grid, Mistake> {
    let known = |raw: &[Raw]| {
        let names = raw.iter().map(|one| {
            quoted(&one.names.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>().join(" "))
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let has = |one: &Raw, wanted: &str| one.names.iter().any(|name| name.contains(wanted));
    let mut activity = None;
    if let Some(wanted) = &source.activity {
        let place = raw.iter().position(|one| has(one, wanted));
        let Some(place) = place else {
            return Err(Mistake::new("", format!("no series {}", quoted(wanted)), format!("one of {}", known(&raw))));
        };
        activity = Some(raw.remove(place));
    }
    if let Some(wanted) = &source.metric {
        let listed = known(&raw);
        // The one series of a file is meant whatever its label says.
        if raw.len() > 1 {
            let kept: Vec<Raw> =
                raw.drain(..).filter(|one| has(one, wanted) || one.names.iter().all(String::is_empty)).collect();
            raw = kept;
        }
        if raw.is_empty() {
            return Err(Mistake::new("", format!("no series {}", quoted(wanted)), format!("one of {listed}")));
        }
    }
    if let Some(wanted) = &source.stat {
        let Some(stat) = Stat::named(wanted) else {
            return Err(Mistake::new(
                "",
                format!("the statistic {}", quoted(wanted)),
                "average, maximum, minimum or p99",
            ));
        };
        match raw.as_mut_slice() {
            [only] => only.stat = Some(stat),
            several => {
                let counts = |one: &Raw| one.stat == Some(Stat::SampleCount) || one.stat == Some(stat);
                if !several.iter().any(|one| one.stat == Some(stat)) {
                    let found = format!("no series of the statistic {}", stat.word());
                    return Err(Mistake::new("", found, format!("one of {}", known(several))));
                }
                raw.retain(counts);
            }
        }
    }
    let label =
        source.metric.iter().chain(raw.iter().flat_map(|one| &one.names)).find_map(|name| unit::of_metric(name));
    let (unit, guessed) = match (source.unit.clone().or(unit.filter(|unit| unit != "None")), label) {
        (Some(unit), _) => (unit, false),
        (None, Some((_, unit))) => (unit.to_owned(), true),
        (None, None) => {
            return Err(Mistake::new(
                "",
                "no unit: the export does not name it",
                "`unit` in the list, such as `unit = \"ms\"`",
            ));
        }
    };
    let Some(scale) = unit::seconds(&unit) else {
        let near = unit::meant(&unit).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        return Err(Mistake::new("", format!("the unit {}", quoted(&unit)), format!("{}{near}", unit::FORM)));
    };
    if let [only] = raw.as_mut_slice()
        && only.stat.is_none()
    {
        return Err(Mistake::new(
            "",
            "a series of an unknown statistic",
            "`stat` in the list, such as `stat = \"maximum\"`",
        ));
    }
    if let Some(unknown) = raw.iter().find(|one| one.stat.is_none()) {
        let found = format!("a series of an unknown statistic, {}", known(std::slice::from_ref(unknown)));
        return Err(Mistake::new("", found, "`metric` in the list, which names one of the series"));
    }
    lay(raw, activity, source, (unit, guessed), scale, partial)
}

fn lay(
    raw: Vec<Raw>,
    activity: Option<Raw>,
    source: &Source,
    unit: (String, bool),
    scale: f64,
    partial: bool,
) -> Result<Grid, Mistake> {
    let mut times: Vec<f64> = raw.iter().flat_map(|one| one.points.iter().map(|point| point.0)).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let [first, .., last] = times.as_slice() else {
        return Err(Mistake::new("", format!("{} datapoints", times.len()), "at least two"));
    };
    let shortest = times.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let period = source.period.unwrap_or(shortest);
    let steps = (last - first) / period;
    if steps > LONGEST {
        let found = format!("{steps:.0} periods of {period} s");
        return Err(Mistake::new("", found, "at most 6,000,000: are the timestamps in one unit?"));
    }
    let length = (steps + 1e-6) as usize + 1;
    let mut stats = BTreeMap::new();
    let all = raw
        .into_iter()
        .map(|one| (one.stat.unwrap_or(Stat::Activity), one))
        .chain(activity.map(|one| (Stat::Activity, one)));
    for (stat, one) in all {
        let factor = if matches!(stat, Stat::SampleCount | Stat::Activity) { 1.0 } else { scale };
        let mut values = vec![None; length];
        for (time, value) in one.points {
            let step = (time - first) / period;
            let index = step.round();
            if (step - index).abs() > 0.01 {
                let found = format!("a datapoint {} s after the first", time - first);
                return Err(Mistake::new("", found, format!("a multiple of the period, {period} s")));
            }
            // Traffic outside of the measured time tells nothing.
            let Some(place) = values.get_mut(index as usize).filter(|_| index >= 0.0) else { continue };
            if place.is_some() {
                let found = format!("two datapoints of {} for one period", stat.word());
                return Err(Mistake::new("", found, "one: `metric` in the list names one of several series"));
            }
            *place = Some(value * factor);
        }
        if stats.insert(stat, values).is_some() {
            let found = format!("two series of the statistic {}", stat.word());
            return Err(Mistake::new("", found, "one: `metric` in the list names it"));
        }
    }
    Ok(Grid { start: *first, period, guessed_period: source.period.is_none(), unit, stats, partial })
}

fn array<'a>(value: &'a Value, path: &str) -> Result<&'a Vec<Value>, Mistake> {
    value.as_array().ok_or_else(|| Mistake::new(path, described(value), "an array"))
}

fn moment(value: &Value, path: &str) -> Result<f64, Mistake> {
    let found = match value {
        Value::String(text) => instant(text),
        Value::Number(number) => instant(&number.to_string()),
        _ => None,
    };
    found.ok_or_else(|| Mistake::new(path, described(value), "a timestamp"))
}

fn number(value: &Value, path: &str) -> Result<f64, Mistake> {
    let found = value.as_f64().filter(|number| number.is_finite());
    found.ok_or_else(|| Mistake::new(path, described(value), "a number"))
}
