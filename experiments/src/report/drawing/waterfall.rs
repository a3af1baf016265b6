//! The recovery time as a waterfall: each stage begins where the ones before it end, at the mean, so the stages add up. They
//! stand in the order in which a request passes them; after a first return some come once more, so that is no axis of time. The upper bar of a row
//! is the mean over all trials, the lower one that over the trials at the p99; the whisker is the spread of the stage.

use super::svg::{Anchor, Picture};
use crate::analyze::{Mean, Refusal, Stage, Stages};
use crate::report::chart::scale::Scale;
use crate::report::chart::text::{BODY, fit};
use crate::report::chart::ticks::time_ticks;
use crate::units::{duration, estimated_duration};

const WIDTH: f64 = 720.0;
const NAMES: f64 = 112.0;
const FIGURES: f64 = 150.0;
const ROW: f64 = 36.0;
const HEAD: f64 = 22.0;

/// Draws the stages; `None` if none took any time.
pub(in crate::report) fn draw(stages: &Stages, title: &str) -> Option<String> {
    if stages.stages.is_empty() {
        return None;
    }
    let total =
        |of: fn(&Stage) -> &Result<Mean, Refusal>| stages.stages.iter().map(|stage| mean(of(stage))).sum::<f64>();
    let longest = total(|stage| &stage.all).max(total(|stage| &stage.at));
    let whiskers = whiskers(stages);
    let reach = whiskers.iter().flatten().map(|(_, to)| *to).fold(longest, f64::max);
    let (left, right) = (NAMES, WIDTH - 2.0 * FIGURES - 8.0);
    let scale = Scale::linear(0.0, reach, left, right);
    let ticks = time_ticks(&scale, 16.0);
    let bottom = HEAD + ROW * stages.stages.len() as f64;
    let mut picture = Picture::default();
    for tick in &ticks.named {
        let x = scale.place(tick.value);
        picture.line("grid", (x, HEAD), (x, bottom));
        picture.small(&tick.label, (x, bottom + 11.0), Anchor::Middle);
    }
    let unit = format!("stages added up ({})", ticks.unit.unwrap_or("s"));
    picture.small(&unit, (f64::midpoint(left, right), bottom + 27.0), Anchor::Middle);
    picture.strong(&format!("all {}: mean", stages.unit), (WIDTH - FIGURES - 6.0, 10.0), Anchor::End);
    picture.strong("at the p99: mean", (WIDTH, 10.0), Anchor::End);
    let mut starts = [0.0, 0.0];
    for (index, (stage, whisker)) in stages.stages.iter().zip(whiskers).enumerate() {
        let top = HEAD + ROW * index as f64;
        let middle = top + ROW / 2.0;
        picture.body(&fit(stage.shown(), NAMES - 8.0, BODY), (NAMES - 8.0, middle), Anchor::End);
        let bars = [("all", &stage.all, top + 5.0), ("tail", &stage.at, top + 18.0)];
        for ((class, seconds, y), start) in bars.into_iter().zip(&mut starts) {
            let seconds = mean(seconds);
            let (from, to) = (scale.place(*start), scale.place(*start + seconds));
            // A stage above 0 is always visible.
            let width = if seconds > 0.0 { (to - from).max(1.0) } else { 0.0 };
            picture.bar(class, (from, y), (width, 12.0), &format!("{}: {}", stage.name, duration(seconds)));
            *start += seconds;
        }
        if let Some((from, to)) = whisker {
            let (from, to, y) = (scale.place(from), scale.place(to), top + 11.0);
            picture.line("whisker", (from, y), (to, y));
            picture.line("whisker", (from, y - 3.0), (from, y + 3.0));
            picture.line("whisker", (to, y - 3.0), (to, y + 3.0));
        }
        picture.body(&figure(&stage.all), (WIDTH - FIGURES - 6.0, middle), Anchor::End);
        picture.body(&figure(&stage.at), (WIDTH, middle), Anchor::End);
    }
    picture.line("axis", (left, HEAD), (left, bottom));
    Some(picture.finish("waterfall", (WIDTH, bottom + 36.0), title))
}

/// The range of each stage in all but the fastest and the slowest twentieth of the trials.
fn whiskers(stages: &Stages) -> Vec<Option<(f64, f64)>> {
    let mut start = 0.0;
    let one = |stage: &Stage| {
        let spread = stage.spread.map(|(low, high)| (start + low, start + high));
        start += mean(&stage.all);
        spread.filter(|(low, high)| high > low)
    };
    stages.stages.iter().map(one).collect()
}

/// A mean, 0 if it is not known.
fn mean(of: &Result<Mean, Refusal>) -> f64 {
    of.map_or(0.0, |mean| mean.interval.estimate)
}

/// A mean with its interval.
pub(in crate::report) fn figure(mean: &Result<Mean, Refusal>) -> String {
    match mean {
        Ok(mean) => {
            let (value, low, high) = estimated_duration(&mean.interval, &mean.interval);
            format!("{value} [{low}, {high}]")
        }
        Err(Refusal::NoTrials) => "too few trials".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}
