//! A measured drill over the predictions, and how much so few drills can show.

use sim_core::random::{Stream, StreamId};
use sim_core::stats::clopper_pearson;
use sim_core::stats::fit::{Observed, place, two_sided};

use super::bands::{Bands, Row};
use super::play::Play;
use crate::calibrate::read::{Mistake, Sheet};

/// The level of tests.
const LEVEL: f64 = 0.05;
/// Clocks and notes of a drill agree to about a minute.
const GRAIN: f64 = 60.0;
/// Sets of drills that are drawn for the power of a test.
const SETS: u64 = 1_000;
/// The numbers of drills whose power is told.
const NUMBERS: [usize; 4] = [1, 3, 5, 10];

/// A measurement among the predictions of a mark or span.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The drill.
    pub drill: String,
    /// What was measured, in seconds.
    pub at: Observed,
    /// The share of predictions below it; of one that was stopped, at least.
    pub place: f64,
}

/// What a span's measurements say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was measured.
    Unmeasured,
    /// They can be of the predicted law.
    AsPredicted,
    /// They are longer than chance explains.
    Slower,
    /// They are shorter than chance explains.
    Faster,
    /// The prediction has no spread, and what was measured is within a minute of it or shorter.
    NoSpread,
    /// It was measured, and happens in no trial.
    NotPredicted,
}

impl Verdict {
    /// In tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unmeasured => "not measured",
            Self::AsPredicted => "as predicted",
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::NoSpread => "no spread predicted",
            Self::NotPredicted => "not predicted",
        }
    }
}

/// A span with its measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// Its place in the play.
    pub span: usize,
    /// The measurements.
    pub placed: Vec<Placed>,
    /// The probability that measurements of the predicted law lie as far to one side, or farther.
    pub p: Option<f64>,
    /// The same with regard to how many spans are looked at (S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70).
    pub adjusted: Option<f64>,
    /// What that means.
    pub verdict: Verdict,
    /// The chance that a test of this one span alone, at 5 %, would see that durations are twice as long as predicted:
    /// with as many drills as there are, then with 1, 3, 5 and 10.
    pub power: Option<(f64, [f64; 4])>,
}

/// A measured drill over the predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// Names of the drills.
    pub drills: Vec<String>,
    /// By mark, the measurements.
    pub marks: Vec<Vec<Placed>>,
    /// By span.
    pub spans: Vec<Tested>,
    /// The least coverage of a band of 95 % that so many drills inside of it leave possible.
    pub ruled_out_below: f64,
    /// Whether times count from the plan's own start and not from the fault.
    pub without_fault: bool,
}

/// Lays a sheet over the bands.
///
/// # Errors
/// When a mark comes before one that it follows.
pub fn overlay(sheet: &Sheet, play: &Play, bands: &Bands) -> Result<Overlay, Mistake> {
    let placed = |drill: &String, at: Observed, row: &Row| {
        let place = if row.sorted.is_empty() { f64::NAN } else { place(&row.sorted, at.middle()) };
        Placed { drill: drill.clone(), at, place }
    };
    let marks = play.marks.iter().zip(&bands.marks).map(|(mark, row)| {
        let own = sheet.drills.iter().filter_map(|drill| Some(placed(drill, sheet.at(drill, &mark.1)?, row)));
        own.collect::<Vec<_>>()
    });
    // An execution's clock is not the fault's.
    let marks = if sheet.without_fault { vec![Vec::new(); play.marks.len()] } else { marks.collect() };
    let mut spans = Vec::with_capacity(play.spans.len());
    for (index, (span, row)) in play.spans.iter().zip(&bands.spans).enumerate() {
        let mut own = Vec::new();
        for drill in &sheet.drills {
            if let Some(at) = sheet.between(drill, &play.marks[span.from].1, &play.marks[span.to].1)? {
                own.push(placed(drill, at, row));
            }
        }
        spans.push(tested(index, own, row));
    }
    holm(&mut spans);
    let n = sheet.drills.len() as u64;
    Ok(Overlay {
        drills: sheet.drills.clone(),
        marks,
        spans,
        ruled_out_below: clopper_pearson(n, n, 1.0 - LEVEL).low,
        without_fault: sheet.without_fault,
    })
}

fn tested(span: usize, placed: Vec<Placed>, row: &Row) -> Tested {
    let empty = Tested { span, p: None, adjusted: None, verdict: Verdict::Unmeasured, power: None, placed };
    if empty.placed.is_empty() {
        return empty;
    }
    if row.sorted.is_empty() {
        return Tested { verdict: Verdict::NotPredicted, ..empty };
    }
    if row.is_constant() {
        // Chance has no part in it: one drill that took noticeably longer refutes it.
        let always = row.quantile(0.5).unwrap_or_default();
        let late = empty.placed.iter().any(|one| one.at.low() > always * 1.1 + GRAIN);
        return Tested { verdict: if late { Verdict::Slower } else { Verdict::NoSpread }, ..empty };
    }
    let lows: Vec<f64> = empty.placed.iter().map(|one| one.place).collect();
    let highs: Vec<f64> = empty.placed.iter().map(|one| if one.at.is_complete() { one.place } else { 1.0 }).collect();
    let p = two_sided(&lows, &highs);
    let own = power(row, empty.placed.len());
    let others = NUMBERS.map(|number| power(row, number));
    // The side is decided once it is known whether there is one.
    let verdict = if lows.iter().sum::<f64>() > lows.len() as f64 / 2.0 { Verdict::Slower } else { Verdict::Faster };
    Tested { p: Some(p), verdict, power: Some((own, others)), ..empty }
}

/// Adjusts for how many spans are looked at: one of many is far out by chance.
fn holm(spans: &mut [Tested]) {
    let mut order: Vec<(f64, usize)> =
        spans.iter().enumerate().filter_map(|(index, span)| Some((span.p?, index))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (count, mut largest) = (order.len(), 0.0_f64);
    for (rank, (p, index)) in order.into_iter().enumerate() {
        largest = largest.max((p * (count - rank) as f64).min(1.0));
        spans[index].adjusted = Some(largest);
        if largest > LEVEL {
            spans[index].verdict = Verdict::AsPredicted;
        }
    }
}

/// The chance that so many drills of durations twice as long as predicted are found too long or too short.
fn power(row: &Row, drills: usize) -> f64 {
    let finite = row.finite();
    let mut stream = Stream::new(StreamId::new(0, "drill", "power"));
    let mut found = 0_u32;
    let mut places = Vec::with_capacity(drills);
    for set in 0..SETS {
        stream.begin(set);
        places.clear();
        places.extend((0..drills).map(|_| {
            let index = (stream.uniform() * finite.len() as f64) as usize;
            place(&row.sorted, 2.0 * finite[index.min(finite.len() - 1)])
        }));
        found += u32::from(two_sided(&places, &places) < LEVEL);
    }
    f64::from(found) / SETS as f64
}
