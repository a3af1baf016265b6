//! Predictions as bands: quantiles of marks and of the durations between them.

use sim_core::stats::ranked;

use super::play::Play;
use super::rehearsal::Rehearsal;

/// Predictions of one mark or span.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Seconds of the trials in which it happens, in increasing order; infinite where it had not happened at the horizon
    /// though it was under way.
    pub sorted: Vec<f64>,
    /// Share of trials in which it does not happen by the horizon, or never begins.
    pub never: f64,
}

impl Row {
    fn new(values: impl Iterator<Item = f64>) -> Self {
        let all: Vec<f64> = values.collect();
        let mut sorted: Vec<f64> = all.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let finite = sorted.partition_point(|value| value.is_finite());
        Self { never: 1.0 - finite as f64 / all.len().max(1) as f64, sorted }
    }

    /// The part that happened.
    pub fn finite(&self) -> &[f64] {
        &self.sorted[..self.sorted.partition_point(|value| value.is_finite())]
    }

    /// The value below which a share of those lie that happened; none where nothing did.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        ranked(self.finite(), p)
    }

    /// Whether it takes the same time in all trials.
    pub fn is_constant(&self) -> bool {
        let finite = self.finite();
        finite.first().zip(finite.last()).is_some_and(|(first, last)| last - first < 1e-9)
    }
}

/// Predictions of all marks and spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Bands {
    /// By mark.
    pub marks: Vec<Row>,
    /// By span.
    pub spans: Vec<Row>,
    /// How many trials they rest on.
    pub trials: u64,
    /// The length of a trial in seconds.
    pub horizon: f64,
}

/// The bands of a rehearsal.
pub fn bands(play: &Play, rehearsal: &Rehearsal) -> Bands {
    let marks = (0..play.marks.len()).map(|mark| Row::new(rehearsal.rows.iter().map(|row| row[mark]))).collect();
    let between = |from: f64, to: f64| match to {
        // It was begun, and not done when the trial ended.
        to if !to.is_finite() => {
            if from.is_finite() && to.is_infinite() {
                f64::INFINITY
            } else {
                f64::NAN
            }
        }
        to if from.is_finite() && to >= from => to - from,
        _ => f64::NAN,
    };
    let spans =
        play.spans.iter().map(|span| Row::new(rehearsal.rows.iter().map(|row| between(row[span.from], row[span.to]))));
    Bands { marks, spans: spans.collect(), trials: rehearsal.rows.len() as u64, horizon: rehearsal.horizon }
}
