//! Charts for an architecture review: what they show is given as plain figures, what comes out is an SVG and the same
//! picture as PNG. Nothing here knows a model, a results table or a file.
//!
//! | chart | answers |
//! |---|---|
//! | [`Distribution`] | how long does it take (how much is lost), how sure are we, is the objective met |
//! | [`WhereTheTimeWent`] | which stage is to blame |
//! | [`SuccessOverTime`] | what do users see, minute by minute, and what brought it back |
//! | [`SettingLines`], [`HeatMap`], [`SettingRanges`] | what would other settings give |
//! | [`Tornado`] | which step changes how much |
//! | [`Front`] | what does a better figure cost, in money or in false alarms |
//! | [`Fit`] | does a law hold for what was measured |
//! | [`Bands`] | when would each step of a recovery come, and when did it in a drill |
//!
//! Names come from the user's file: they may be of any length and hold any character, and are cleaned, fitted and
//! escaped here. Figures may be anything an `f64` can be: what is not a finite number is left out, never drawn as if it
//! were. The same input gives the same bytes.
//!
//! ```
//! use mrsim::report::chart::{About, Chart, Curve, Distribution, Quantity, Series, draw_svg, png};
//!
//! // Two of three trials recover; the interval of a share would be Clopper and Pearson's.
//! let curve = Curve::of_sample(&[42.0, 95.5, f64::INFINITY], |k, n| (0.0, k as f64 / n as f64));
//! let chart = Chart::Distribution(Distribution {
//!     about: About { title: "Recovery time when us-east-1 goes dark".into(), trials: 3, ..About::default() },
//!     quantity: Quantity::RecoveryTime,
//!     series: vec![Series { name: "worst journey".into(), curve, quantiles: vec![] }],
//!     objectives: vec![],
//!     horizon: 3600.0,
//!     confidence: 0.95,
//! });
//! let svg = draw_svg(&chart)?;
//! assert!(svg.contains("33.3\u{a0}% [33.3, 100] not back when the trial ended"));
//! assert!(png(&svg)?.starts_with(b"\x89PNG"));
//! # Ok::<(), mrsim::report::chart::ChartError>(())
//! ```
//!
//! The embedded font knows Latin, Greek and Cyrillic. An SVG leaves any other letter to the reader's own fonts; a PNG takes
//! it from a font of the machine that draws it, or spells it as `U+6C7A`, and says that its bytes depend on the machine.

mod bands;
mod canvas;
mod causes;
mod curve;
mod distribution;
mod error;
mod fit;
mod front;
mod geometry;
mod lanes;
mod ledger;
mod legend;
mod letters;
mod mark;
mod page;
mod palette;
mod png;
pub(crate) mod scale;
mod settings;
mod success;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod ticks;
mod tornado;
pub(crate) mod words;

pub use bands::{Band, Bands, Dot};
pub(crate) use canvas::{Anchor, escaped};
pub use curve::{Curve, CurvePoint};
pub use error::ChartError;
pub use fit::Fit;
pub use front::{Front, FrontDesign, Price};
pub use png::{Drawn, png};
pub use settings::{
    HeatMap, Places, RangeRow, RangeValue, Setting, SettingAxis, SettingLines, SettingRanges, SettingSeries, Spot,
    Subject,
};
pub(crate) use success::shown_until;
pub use tornado::{Tornado, TornadoRow};

/// The facts that every chart states.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    /// The subject of the finding, for example `Recovery time when us-east-1 goes dark`.
    pub title: String,
    /// The finding in one sentence, with its interval. Without it the chart writes its own where it can.
    pub finding: Option<String>,
    /// The experiment's name.
    pub experiment: String,
    /// How many trials the figures rest on.
    pub trials: u64,
    /// The master seed; none if it is what the chart goes over.
    pub seed: Option<u64>,
    /// Where the figures come from, for example version and hash.
    pub source: Option<String>,
    /// A remark on the picture itself.
    pub note: Option<String>,
}

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// The distribution of a recovery time or of a data loss.
    Distribution(Distribution),
    /// Mean recovery time and mean failed requests by cause.
    WhereTheTimeWent(WhereTheTimeWent),
    /// The share of requests that succeed over time.
    SuccessOverTime(SuccessOverTime),
    /// Figures over one setting.
    SettingLines(SettingLines),
    /// A figure over two settings.
    HeatMap(HeatMap),
    /// A figure over several settings, each by itself.
    SettingRanges(SettingRanges),
    /// Which figure owns which share of what is not known.
    Ledger(Ledger),
    /// What each of several steps changes.
    Tornado(Tornado),
    /// Designs by cost and figure.
    Front(Front),
    /// A law beside its observations.
    Fit(Fit),
    /// Predicted and measured instants.
    Bands(Bands),
}

/// The quantity of a distribution, which decides the words on the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Seconds from the first fault until a journey stays up; zero is "never down".
    RecoveryTime,
    /// Seconds from the latest fault until an outage was over, of each outage.
    RecoveryOfOutages,
    /// Seconds of acknowledged writes that the survivor lacks; zero is "lose nothing".
    DataLoss,
}

/// The cumulative distribution of one or more series.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Title and footer.
    pub about: About,
    /// The quantity.
    pub quantity: Quantity,
    /// The series; the first is the one that the chart is about (the worst journey, the candidate). Six more get a
    /// colour, those with the longest tails; what is left is drawn as thin grey context.
    pub series: Vec<Series>,
    /// Objectives to mark.
    pub objectives: Vec<Objective>,
    /// For how many seconds every censored value was watched: a censored curve goes on until then.
    pub horizon: f64,
    /// The confidence of bands and intervals, for example 0.95.
    pub confidence: f64,
}

/// One line of a [`Distribution`].
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The journey's, store's or experiment's name.
    pub name: String,
    /// Its cumulative distribution.
    pub curve: Curve,
    /// Its quantiles. The first four of the first series name the columns of the table under the chart.
    pub quantiles: Vec<Quantile>,
}

/// A quantile with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Which one, for example 0.99.
    pub p: f64,
    /// Its value.
    pub estimate: Estimate,
    /// Lower bounds of value, low and high where they are infinite, in seconds.
    pub at_least: [f64; 3],
}

/// A figure that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Estimate {
    /// A value and its interval, in seconds. Infinite means beyond the horizon.
    Known {
        /// The estimate.
        value: f64,
        /// Lower end of its interval.
        low: f64,
        /// Upper end of its interval.
        high: f64,
    },
    /// The sample cannot support it.
    Refused,
}

/// An objective: a quantile of a series must not exceed a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// Index of the series that it is about.
    pub series: usize,
    /// The quantile, for example 0.99.
    pub quantile: f64,
    /// The limit in seconds.
    pub limit: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// The verdict on an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The interval lies within the limit.
    Met,
    /// The interval lies beyond the limit.
    Missed,
    /// The interval straddles the limit.
    Undecided,
    /// The trials are too few for an interval.
    NotJudged,
}

/// The causes in their fixed order: parts of a [`CauseSplit`] are in the same order.
pub const CAUSES: [&str; 12] = [
    "detection",
    "propagation",
    "dns-cache",
    "no-path",
    "targets",
    "capacity",
    "decision",
    "promotion",
    "endpoint-update",
    "dependency",
    "slow",
    "up",
];

/// Stacked bars by cause, one row a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct WhereTheTimeWent {
    /// Title and footer.
    pub about: About,
    /// Whether mean recovery times are those of an outage and not of a trial.
    pub of_outages: bool,
    /// The journeys. Beyond 30, those that recover fastest are left out, and the chart says so.
    pub journeys: Vec<CauseRow>,
}

/// The bars of one journey.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseRow {
    /// The journey's name.
    pub name: String,
    /// Mean recovery time in seconds.
    pub recovery: CauseSplit,
    /// Share of trials or outages that were not back; they count to the end of their trial, so the mean is then a lower
    /// bound.
    pub censored: f64,
    /// Mean failed requests.
    pub failed: CauseSplit,
}

/// A mean and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CauseSplit {
    /// The parts, in the order of [`CAUSES`]; they add up to the mean.
    pub parts: [f64; CAUSES.len()],
    /// Standard error of the mean, if it can be given.
    pub standard_error: Option<f64>,
}

/// Shares of a variance, one bar a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Title and footer.
    pub about: About,
    /// The objective, for example `rto.p99`.
    pub of: String,
    /// The figures, the largest share first. Beyond 16, the others are counted.
    pub rows: Vec<LedgerRow>,
}

/// The share of one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRow {
    /// The figure's key path.
    pub name: String,
    /// Its share by itself.
    pub share: f64,
    /// Standard error of that.
    pub error: f64,
    /// Its share together with others, if that is known.
    pub total: Option<f64>,
}

/// The share of requests that succeed over time, one panel a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct SuccessOverTime {
    /// Title and footer.
    pub about: About,
    /// The sample of the lines, in a few words.
    pub lines: String,
    /// From which share on a journey counts as up, unless its panel says otherwise.
    pub up_when: f64,
    /// The journeys. Six are drawn, those that are down longest, and the chart says how many are not.
    pub panels: Vec<Panel>,
    /// The faults.
    pub faults: Vec<FaultSpan>,
    /// The milestones.
    pub milestones: Vec<Milestone>,
}

/// One journey's share of requests that succeed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// The journey's name.
    pub name: String,
    /// From which share on it counts as up.
    pub up_when: f64,
    /// The instants, in order; each value holds until the next.
    pub points: Vec<SharePoint>,
}

/// Shares from an instant on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharePoint {
    /// Seconds from the first fault; negative before it.
    pub at: f64,
    /// 5th percentile over the trials.
    pub low: f64,
    /// The median over the trials, or the trial in the middle.
    pub median: f64,
    /// 95th percentile over the trials.
    pub high: f64,
}

/// When a fault lasts.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultSpan {
    /// Its name, for example `region-outage us-east-1`.
    pub name: String,
    /// Start, in seconds from the first fault.
    pub start: f64,
    /// End, if it ends within the horizon.
    pub end: Option<f64>,
}

/// Something that happened at an instant, as the median over the trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    /// The event, for example `answer changed`.
    pub name: String,
    /// Seconds from the first fault.
    pub at: f64,
    /// 5th and 95th percentile over the trials, if it varies.
    pub spread: Option<(f64, f64)>,
}

/// Draws a chart as an SVG document.
pub fn draw_svg(chart: &Chart) -> Result<String, ChartError> {
    match chart {
        Chart::Distribution(distribution) => distribution::draw(distribution),
        Chart::WhereTheTimeWent(bars) => causes::draw(bars),
        Chart::SuccessOverTime(shares) => success::draw(shares),
        Chart::SettingLines(lines) => settings::draw_lines(lines),
        Chart::HeatMap(map) => settings::draw_heat(map),
        Chart::SettingRanges(ranges) => settings::draw_ranges(ranges),
        Chart::Ledger(bars) => ledger::draw(bars),
        Chart::Tornado(steps) => tornado::draw(steps),
        Chart::Front(designs) => front::draw(designs),
        Chart::Fit(law) => fit::draw(law),
        Chart::Bands(rows) => bands::draw(rows),
    }
}
