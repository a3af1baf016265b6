//! What a figure is for other settings: lines over one setting, colours over two.

mod axis;
mod heat;
mod lines;

pub(super) use heat::draw as draw_heat;
#[cfg(test)]
pub(super) use heat::layout as heat_layout;
pub(super) use lines::draw as draw_lines;
#[cfg(test)]
pub(super) use lines::layout as lines_layout;

use super::{About, Estimate, Quantity};

/// A figure over one setting, with the bands of its intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingLines {
    /// Title and footer.
    pub about: About,
    /// What the figures are of.
    pub quantity: Quantity,
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
    /// What it must not exceed, in seconds.
    pub limit: Option<f64>,
}

/// The settings along an axis, in increasing order of their places.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingAxis {
    /// The key, for example `dns.ttl`.
    pub name: String,
    /// What their places are.
    pub places: Places,
    /// The settings.
    pub settings: Vec<Setting>,
}

/// What the places of settings are: where there are too many to name each, round figures of this kind are named.
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
    /// What the figure is of.
    pub quantity: Quantity,
    /// The figure, for example `rto.p99`.
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

/// The figure at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Index of its setting across.
    pub across: usize,
    /// Index of its setting upwards.
    pub up: usize,
    /// The figure.
    pub value: Estimate,
    /// The chance to meet the objective, if it is one.
    pub chance: Option<f64>,
}
