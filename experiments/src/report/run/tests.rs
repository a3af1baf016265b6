//! What charts of a run are made of.

use std::num::NonZeroUsize;

use sim_core::random::Mix;

use super::charts::success;
use crate::analyze::Summary;
use crate::report::RunReport;
use crate::report::chart::Chart;
use crate::run::synthetic::Synthetic;
use crate::run::{Stop, SuccessCurves, Trials, run_trials};
use measure::outage::Outage;
use measure::{Columns, Trial};

/// The first journey is back in all trials after this time, the second never in one of four.
const BACK: f64 = 70.0;

/// Made-up trials with S(t), on 480 instants.
struct Stepped(Synthetic);

impl Trials for Stepped {
    type Worker = Trial;

    fn columns(&self) -> &Columns {
        self.0.columns()
    }

    fn worker(&self) -> Trial {
        self.0.worker()
    }

    fn run(&self, worker: &mut Trial, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>) {
        self.0.run(worker, trial, row, outages);
    }

    fn run_mixed(&self, worker: &mut Trial, mix: &Mix, row: &mut [f64], outages: &mut Vec<Outage>) {
        self.0.run_mixed(worker, mix, row, outages);
    }

    fn curves(&self, trials: u64, until: f64) -> Option<SuccessCurves> {
        let times: Vec<f64> = (0..=480).map(|index| until * f64::from(index) / 480.0).collect();
        let share = |at: &f64| if *at < BACK { 0.0 } else { 1.0 };
        let first = times.iter().map(|at| [share(at); 3]).collect();
        let second = times.iter().map(|at| [0.0, share(at), share(at)]).collect();
        Some(SuccessCurves { trials, times, journeys: vec![first, second], faults: Vec::new() })
    }
}

/// A quarter of the trials is not back within the 50 min that they are watched, so the curves reach to there, an instant every
/// 6.25 s. The last that happens, a promotion at 303 s, is shown with a little room: then an instant is less than a second.
#[test]
fn instants_are_taken_where_they_are_shown() {
    let source = Stepped(Synthetic::censored(4));
    let run = run_trials(&source, 0..400, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
    let header = &source.0.header;
    let summary = Summary::new(header, &run.table);
    let report = RunReport { header, summary: &summary, findings: &[], asked: None, command: "" };
    let Some(Chart::SuccessOverTime(chart)) = success(&report, &run.table, &source) else {
        panic!("there are curves");
    };
    let back = chart.panels[0].points.iter().find(|point| point.median >= 0.99).expect("it is back").at;
    assert!((BACK..BACK + 1.0).contains(&back), "{back}");
    // The p95 of the worst journey is censored, its median is not.
    let finding = chart.about.finding.expect("there is one");
    assert!(finding.contains("in half of the 400 trials up again after"), "{finding}");
    assert!(finding.ends_with("; in at least 1 of 20 still down at the end (> 50 min)"), "{finding}");
}
