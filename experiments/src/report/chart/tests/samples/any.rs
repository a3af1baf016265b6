//! Charts put together at random, from a fixed sequence.

use super::*;

/// The chart of a seed.
pub(in super::super) fn any(seed: u64) -> Chart {
    let mut numbers = Numbers(seed * 7919 + 1);
    match seed % 3 {
        0 => Chart::Distribution(distribution(&mut numbers)),
        1 => Chart::WhereTheTimeWent(bars(&mut numbers)),
        _ => Chart::SuccessOverTime(shares(&mut numbers)),
    }
}

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        (self.next() * end as f64) as usize
    }

    /// Anything between a millisecond and a month.
    fn seconds(&mut self) -> f64 {
        10.0_f64.powf(self.next() * 9.0 - 3.0)
    }

    fn name(&mut self) -> String {
        match self.below(4) {
            0 => awful_name(self.below(99)),
            1 => long_name(self.below(30)),
            2 => "x".repeat(self.below(300)),
            _ => format!("journey {}", self.below(99)),
        }
    }
}

fn distribution(numbers: &mut Numbers) -> Distribution {
    let (trials, unit) = (1 + numbers.below(300), numbers.seconds());
    let horizon = unit * 10.0_f64.powf(2.0 * numbers.next());
    let (zeros, spread) = (numbers.next() * numbers.next(), 3.0 * numbers.next());
    let series: Vec<Series> = (0..numbers.below(10))
        .map(|_| {
            let sample: Vec<f64> = (0..trials)
                .map(|_| if numbers.next() < zeros { 0.0 } else { unit * (spread * numbers.normal()).exp() })
                .map(|value| if value > horizon { f64::INFINITY } else { value })
                .collect();
            distributions::series(&numbers.name(), &sample)
        })
        .collect();
    let objectives = (0..numbers.below(9))
        .map(|index| Objective {
            series: numbers.below(10),
            quantile: numbers.next(),
            limit: numbers.seconds(),
            verdict: [Verdict::Met, Verdict::Missed, Verdict::Undecided][index % 3],
        })
        .collect();
    let quantity = if numbers.below(2) == 0 { Quantity::RecoveryTime } else { Quantity::DataLoss };
    let about = About { finding: Some(numbers.name()), ..about(&numbers.name(), trials) };
    Distribution { about, quantity, series, objectives, horizon, confidence: 0.95 }
}

fn bars(numbers: &mut Numbers) -> WhereTheTimeWent {
    let split = |numbers: &mut Numbers| {
        let mut parts = [0.0; CAUSES.len()];
        for part in &mut parts {
            *part = (numbers.seconds() - 1.0).max(0.0);
        }
        CauseSplit { parts, standard_error: Some(numbers.seconds()) }
    };
    let journeys = (0..numbers.below(40))
        .map(|_| CauseRow {
            name: numbers.name(),
            recovery: split(numbers),
            censored: (numbers.next() - 0.5).max(0.0),
            failed: split(numbers),
        })
        .collect();
    WhereTheTimeWent { about: about(&numbers.name(), 10_000), of_outages: numbers.below(2) == 0, journeys }
}

fn shares(numbers: &mut Numbers) -> SuccessOverTime {
    let end = numbers.seconds();
    let panels = (0..numbers.below(9))
        .map(|_| Panel {
            name: numbers.name(),
            up_when: 0.5,
            points: (0..numbers.below(60))
                .map(|index| SharePoint {
                    at: end * (index as f64 / 50.0 - 0.1),
                    low: numbers.next(),
                    median: numbers.next(),
                    high: numbers.next(),
                })
                .collect(),
        })
        .collect();
    let faults = (0..numbers.below(7))
        .map(|_| {
            let start = end * numbers.next();
            let lasts = (numbers.below(2) == 0).then(|| end * numbers.next());
            FaultSpan { name: numbers.name(), start, end: lasts.map(|lasts| start + lasts) }
        })
        .collect();
    let milestones = (0..numbers.below(16))
        .map(|_| {
            let at = end * numbers.next();
            Milestone { name: numbers.name(), at, spread: (numbers.below(3) > 0).then_some((at / 2.0, at * 2.0)) }
        })
        .collect();
    SuccessOverTime {
        about: about(&numbers.name(), 100),
        lines: numbers.name(),
        up_when: numbers.next(),
        panels,
        faults,
        milestones,
    }
}
