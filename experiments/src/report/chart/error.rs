//! Errors while a chart is drawn. The user causes none of them.

use std::fmt;

/// Why there is no chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChartError {
    /// The embedded font is not usable.
    Font(String),
    /// The drawing backend refused.
    Draw(String),
    /// The SVG could not be read back.
    Svg(String),
    /// The picture could not be rendered or encoded.
    Png(String),
}

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Font(why) => write!(f, "failed to load the embedded font: {why}"),
            Self::Draw(why) => write!(f, "failed to draw the chart: {why}"),
            Self::Svg(why) => write!(f, "failed to read the chart's SVG: {why}"),
            Self::Png(why) => write!(f, "failed to render the chart: {why}"),
        }
    }
}

impl std::error::Error for ChartError {}
