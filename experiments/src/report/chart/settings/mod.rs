//! Figures over settings: lines over one setting, colours over two.

mod axis;
mod heat;
mod lines;
mod ranges;

pub(super) use heat::draw as draw_heat;
#[cfg(test)]
pub(super) use heat::layout as heat_layout;
pub(super) use lines::draw as draw_lines;
#[cfg(test)]
pub(super) use lines::layout as lines_layout;
pub(super) use ranges::draw as draw_ranges;
#[cfg(test)]
pub(super) use ranges::layout as ranges_layout;

use sim_core::stats::Interval;

use super::words;
use super::{About, Estimate, Verdict};
use crate::units;

/// The quantity of figures over settings, which decides the words and the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Seconds from the fault.
    RecoveryTime,
    /// Seconds of acknowledged writes.
    DataLoss,
    /// A share of the time, near 1; more is better.
    Availability,
    /// Seconds until a backlog is back.
    CaughtUp,
    /// Seconds that requests take.
    Latency,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Self::RecoveryTime => "Recovery time",
            Self::DataLoss => "Data loss",
            Self::Availability => "Availability",
            Self::CaughtUp => "Caught up",
            Self::Latency => "Latency",
        }
    }

    /// The limit in words: `≤ 5 min`, `≥ 99.9 %`.
    fn limit(self, limit: f64) -> String {
        match self {
            Self::RecoveryTime | Self::DataLoss | Self::CaughtUp | Self::Latency => {
                format!("≤ {}", words::chosen(limit))
            }
            Self::Availability => format!("≥ {}", words::chosen_share(limit)),
        }
    }

    fn value(self, value: f64) -> String {
        match self {
            Self::RecoveryTime | Self::DataLoss | Self::CaughtUp | Self::Latency => words::duration(value),
            Self::Availability => words::share(value),
        }
    }

    /// An estimate and its interval in the same unit; what is infinite exceeds what it is at least.
    fn estimated(self, estimate: [f64; 3], at_least: [f64; 3]) -> (String, Option<String>) {
        match (self, estimate) {
            (Self::Availability, [value, low, high]) if [value, low, high].iter().all(|share| share.is_finite()) => {
                let interval = Interval { estimate: value, low, high, level: 1.0 };
                let (value, low, high) = units::nearly_all(&interval);
                (format!("{value}{}%", words::BLANK), Some(format!("[{low}, {high}]")))
            }
            _ => words::estimated(estimate, at_least),
        }
    }
}

/// A figure over one setting, with the bands of its intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingLines {
    /// Title and footer.
    pub about: About,
    /// The quantity of the figures.
    pub subject: Subject,
    /// The setting.
    pub axis: SettingAxis,
    /// The figures; seven have a colour, the others are left out and counted.
    pub series: Vec<SettingSeries>,
    /// The horizon in seconds: what a censored value exceeds.
    pub horizon: f64,
    /// The confidence of bands, for example 0.95.
    pub confidence: f64,
}

/// One line: a quantile, for example.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingSeries {
    /// Its name, for example `p99`.
    pub name: String,
    /// Its values, one for each setting of the axis.
    pub values: Vec<Estimate>,
    /// The limit in seconds; for availability, the share that it must reach.
    pub limit: Option<f64>,
}

/// The settings along an axis, in increasing order of their places.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingAxis {
    /// Its name, for example `DNS TTL`.
    pub name: String,
    /// The kind of their places.
    pub places: Places,
    /// The settings.
    pub settings: Vec<Setting>,
}

/// The kind of the places of settings: where there are too many to name each, round figures of this kind are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// Their numbers in a list.
    Listed,
    /// Plain numbers.
    Numbers,
    /// Seconds.
    Seconds,
    /// Shares of 0..1.
    Shares,
}

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// As it is written.
    pub label: String,
    /// Its place: a figure, or its number in a list.
    pub at: f64,
}

/// A figure over two settings, as colours.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// Title and footer.
    pub about: About,
    /// The quantity of the figure.
    pub subject: Subject,
    /// The figure, for example `p99`.
    pub figure: String,
    /// Where the intervals are that have no room on the chart.
    pub intervals_in: String,
    /// The setting from left to right.
    pub across: SettingAxis,
    /// The setting from below to above.
    pub up: SettingAxis,
    /// The values.
    pub spots: Vec<Spot>,
    /// Whether they are a grid of all settings, drawn as cells, and not single spots.
    pub grid: bool,
    /// The horizon in seconds.
    pub horizon: f64,
    /// The confidence of intervals, for example 0.95.
    pub confidence: f64,
}

/// A figure over several settings, each changed by itself: how far it moves the figure from where the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingRanges {
    /// Title and footer.
    pub about: About,
    /// The quantity of the figure.
    pub subject: Subject,
    /// The figure, for example `p99`.
    pub figure: String,
    /// The figure with all settings as the file has them.
    pub base: Estimate,
    /// Lower bounds of its value and of the ends of its interval where they are infinite, in seconds.
    pub base_at_least: [f64; 3],
    /// The limit in seconds; for availability, the share that it must reach.
    pub limit: Option<f64>,
    /// The settings; twenty are drawn, those that move the figure furthest, and the chart says how many are not.
    pub rows: Vec<RangeRow>,
    /// The horizon in seconds: what a censored value exceeds.
    pub horizon: f64,
    /// The confidence of intervals, for example 0.95.
    pub confidence: f64,
}

/// A figure at one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeRow {
    /// Its name, for example `DNS TTL`.
    pub name: String,
    /// Its values beside that of the file.
    pub values: Vec<RangeValue>,
}

/// The figure for one value of a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeValue {
    /// The value as it is written.
    pub label: String,
    /// The figure.
    pub figure: Estimate,
    /// The verdict on the objective, if there is one.
    pub verdict: Option<Verdict>,
}

/// The figure at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Index of its setting across.
    pub across: usize,
    /// Index of its setting upwards.
    pub up: usize,
    /// The figure.
    pub value: Estimate,
    /// Lower bounds of value, low and high where they are infinite, in seconds.
    pub at_least: [f64; 3],
    /// The chance to meet the objective with the ends of its interval, if it is one.
    pub chance: Option<[f64; 3]>,
    /// The verdict on the objective, if there is one.
    pub verdict: Option<Verdict>,
}
