//! Drills against the predictions that they were drawn from. Seeds are fixed; where a correct program could fail, the
//! comment says how often.

use std::num::NonZeroUsize;

use sim_core::stats::fit::{Observed, spread_evenly};
use sim_core::time::SimDuration;

use super::*;
use crate::calibrate::read::Sheet;
use crate::experiment::{Simulation, open_text};
use crate::run::{Experiment, Overrides, Stop};

fn experiment() -> Experiment<Simulation> {
    let file = format!("{}/experiments/active-active.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).expect("it is there");
    open_text("x", &text, &Overrides::default()).expect("it is sound")
}

fn rehearsed(experiment: &Experiment<Simulation>, trials: std::ops::Range<u64>, threads: usize) -> (Play, Rehearsal) {
    let (header, topology) = (&experiment.header, experiment.source.topology());
    let play = Play::of(topology);
    let horizon = SimDuration::from_secs_f64(header.horizon);
    let threads = NonZeroUsize::new(threads).expect("one at least");
    let found = rehearse(topology, &play, (horizon, header.seed), trials, threads, &Stop::new()).expect("it runs");
    (play, found)
}

/// A sheet of these trials, as somebody with a perfect clock would fill it in; `stretched` changes the times of a step.
fn sheet_of(play: &Play, rows: &[Vec<f64>], stretched: &dyn Fn(&str, f64) -> f64) -> Sheet {
    let mut text = "drill,mark,at\n".to_owned();
    for (number, row) in rows.iter().enumerate() {
        for ((_, name, ..), at) in play.marks.iter().zip(row).skip(1).filter(|(_, at)| at.is_finite()) {
            text.push_str(&format!("{number},{name},{}ms\n", (stretched(name, *at) * 1e3).round()));
        }
    }
    Sheet::read(&text).expect("it is sound")
}

fn span(play: &Play, end: &str) -> usize {
    play.spans.iter().position(|span| play.marks[span.to].1 == end).expect("it is there")
}

const DECIDED: &str = "runbook.promote-orders.step.0.end";

#[test]
fn the_bands_are_the_same_for_any_number_of_threads() {
    let experiment = experiment();
    let (play, one) = rehearsed(&experiment, 0..60, 1);
    let (_, three) = rehearsed(&experiment, 0..60, 3);
    let bits = |found: &Rehearsal| found.rows.iter().flatten().map(|at| at.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&three));
    let promoted = play.place("promoted.orders").expect("it has a writer");
    let done = play.place("runbook.promote-orders.step.1.end").expect("it promotes");
    assert!(one.rows.iter().all(|row| row[promoted] == row[done]), "the step is done when the writer is new");
}

/// 200 drills drawn from the model lie evenly among its predictions, and each set of five is told to be off in about one of
/// twenty: 0 to 6 of 40, but for 1 of 100 seeds.
#[test]
fn drills_of_the_model_itself_are_as_predicted() {
    let experiment = experiment();
    let (play, predicted) = rehearsed(&experiment, 0..600, 2);
    let bands = bands(&play, &predicted);
    let (_, drawn) = rehearsed(&experiment, 600..800, 2);
    let all = overlay(&sheet_of(&play, &drawn.rows, &|_, at| at), &play, &bands).expect("marks are in order");
    let places: Vec<f64> = all.spans[span(&play, DECIDED)].placed.iter().map(|one| one.place).collect();
    assert_eq!(places.len(), 200);
    assert!(spread_evenly(&places) > 0.01, "{}", spread_evenly(&places));
    let off = drawn.rows.chunks(5).filter(|rows| {
        let set = overlay(&sheet_of(&play, rows, &|_, at| at), &play, &bands).expect("marks are in order");
        set.spans[span(&play, DECIDED)].p.is_some_and(|p| p < 0.05)
    });
    let off = off.count();
    assert!(off <= 6, "{off}");
}

/// People who take twice as long: a set of five shows it in 45 % of cases (the median moves by 0.82 deviations of the
/// logarithm). 9 to 28 of 40, but for 1 of 100 seeds; and the report's own figure for the power agrees.
#[test]
fn a_doubled_step_shows_in_about_half_of_sets_of_five() {
    let experiment = experiment();
    let (play, predicted) = rehearsed(&experiment, 0..600, 2);
    let bands = bands(&play, &predicted);
    let (_, drawn) = rehearsed(&experiment, 600..800, 2);
    let place = span(&play, DECIDED);
    let mut found = 0;
    let mut power = 0.0;
    for rows in drawn.rows.chunks(5) {
        let (begin, end) = (play.spans[place].from, play.spans[place].to);
        let doubled: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| {
                let extra = row[end] - row[begin];
                row.iter().enumerate().map(|(at, time)| if at >= end { time + extra } else { *time }).collect()
            })
            .collect();
        let set = overlay(&sheet_of(&play, &doubled, &|_, at| at), &play, &bands).expect("marks are in order");
        let tested = &set.spans[place];
        found += usize::from(tested.p.is_some_and(|p| p < 0.05));
        power = tested.power.expect("it was measured").0;
        // The steps after it begin later, and take as long as before: they are not to blame.
        let next = &set.spans[span(&play, "runbook.promote-orders.step.1.begin")];
        assert_eq!(next.verdict, Verdict::NoSpread);
    }
    assert!((9..=28).contains(&found), "{found}");
    assert!((power - 0.45).abs() < 0.06, "{power}");
}

#[test]
fn what_was_stopped_or_never_predicted_is_told_as_that() {
    let experiment = experiment();
    let (play, predicted) = rehearsed(&experiment, 0..200, 2);
    let bands = bands(&play, &predicted);
    let lay = |text: &str| overlay(&measured(text, &play).expect("it is sound"), &play, &bands).expect("in order");
    let step = "mark,at\nrunbook.promote-orders.step.0.begin,2m\nrunbook.promote-orders.step.0.end,";
    let decided = span(&play, DECIDED);
    // Stopped early it says nothing, stopped late it does.
    let early = lay(&format!("{step}> 3m\n"));
    assert_eq!(early.spans[decided].verdict, Verdict::AsPredicted);
    let late = lay(&format!("{step}> 40m\n"));
    assert_eq!(late.spans[decided].verdict, Verdict::Slower);
    assert!(matches!(late.spans[decided].placed[0].at, Observed::Above(_)));
    // The alarm starts the runbook at once in every trial.
    let paged = lay("mark,at\nalarm.orders-down,2m\nrunbook.promote-orders.start,12m\n");
    assert_eq!(paged.spans[span(&play, "runbook.promote-orders.start")].verdict, Verdict::Slower);
    let soon = lay("mark,at\nalarm.orders-down,2m\nrunbook.promote-orders.start,2m 20s\n");
    assert_eq!(soon.spans[span(&play, "runbook.promote-orders.start")].verdict, Verdict::NoSpread);
    // Five inside leave a coverage of 0.025^(1/5) possible.
    let five: String = (0..5).map(|drill| format!("{drill},detect,40s\n")).collect();
    let error =
        measured(&format!("drill,mark,at\n{five}"), &play).expect_err("there is no such mark").of("x").to_string();
    assert!(error.contains("line 2: found the mark \"detect\", expected one of fault, health-flip"), "{error}");
    let five: String = (0..5).map(|drill| format!("{drill},health-flip,40s\n")).collect();
    let five = lay(&format!("drill,mark,at\n{five}"));
    assert!((five.ruled_out_below - 0.025_f64.powf(0.2)).abs() < 1e-9);
}

#[test]
fn an_execution_of_the_plan_is_a_drill_without_the_time_before_it() {
    let experiment = experiment();
    let (play, predicted) = rehearsed(&experiment, 0..200, 2);
    let bands = bands(&play, &predicted);
    let text = r#"{"startTime":"2026-11-29T10:00:00Z","endTime":"2026-11-29T10:20:00Z","actualRecoveryTime":"PT14M30S","stepStates":[
      {"name":"promote-orders-0","status":"completed","startTime":"2026-11-29T10:00:00Z","endTime":"2026-11-29T10:03:00Z"},
      {"name":"promote-orders-1","status":"completed","startTime":"2026-11-29T10:03:00Z","endTime":"2026-11-29T10:05:00Z"}]}"#;
    let sheet = measured(text, &play).expect("it is sound");
    let laid = overlay(&sheet, &play, &bands).expect("in order");
    assert!(laid.without_fault && laid.marks.iter().all(Vec::is_empty));
    assert_eq!(laid.spans[span(&play, DECIDED)].placed[0].at, Observed::Exact(180.0));
    assert_eq!(sheet.at("", "recovered"), Some(Observed::Exact(870.0)));
    assert!(laid.spans[span(&play, "health-flip")].placed.is_empty());
    for (text, told) in [
        ("", "an empty file"),
        ("a,b\n1,2\n", "the sheet drill.csv"),
        ("{\"stepStates\":[]}", "an execution without times"),
        (
            "{\"startTime\":\"2026-11-29T10:00:00Z\",\"stepStates\":[{\"name\":\"x\",\"status\":\"completed\"}]}",
            "promote-orders-0, promote-orders-1",
        ),
        ("{\"experiment\":{\"actions\":{}}}", "which knows when the fault was there"),
        ("{\"experiment\":", "the end of the file"),
    ] {
        let error = measured(text, &play).expect_err(told).of("x").to_string();
        assert!(error.contains(told), "{told}\n{error}");
    }
}

#[test]
fn a_plan_gives_each_step_its_predicted_time_and_comes_back() {
    let experiment = experiment();
    let (play, predicted) = rehearsed(&experiment, 0..200, 2);
    let bands = bands(&play, &predicted);
    let plan = plan(experiment.source.topology(), &experiment.header, &play, &bands).expect("it promotes");
    let steps = plan["workflows"][0]["steps"].as_array().expect("it has steps");
    assert_eq!(
        steps.iter().map(|step| step["name"].as_str().unwrap_or("")).collect::<Vec<_>>(),
        ["promote-orders-0", "promote-orders-1"]
    );
    let timeout = &steps[0]["executionBlockConfiguration"]["executionApprovalConfig"]["timeoutMinutes"];
    let p99 = bands.spans[span(&play, DECIDED)].quantile(0.99).expect("it is decided");
    assert_eq!(timeout.as_f64(), Some((p99 / 60.0).ceil()));
    let targets: Vec<&str> =
        [0, 1].map(|index| plan["workflows"][index]["workflowTargetRegion"].as_str().unwrap_or("")).to_vec();
    assert_eq!(targets, ["eu-west-1", "us-east-1"]);
    assert_eq!(
        plan["workflows"][1]["steps"][1]["executionBlockConfiguration"]["globalAuroraConfig"]["behavior"],
        "switchoverOnly"
    );
}

#[test]
fn the_list_of_a_drill_measures_what_its_spans_measure() {
    let experiment = experiment();
    let play = Play::of(experiment.source.topology());
    let text = list(&play, "drill.csv");
    let (node, problems) = sim_settings::parse_toml(&text, 0);
    assert!(problems.is_empty(), "{problems:?}");
    let at = |path: &[&str]| {
        path.iter()
            .try_fold(&node, |node, key| node.get(key))
            .and_then(|it| it.get("end"))
            .and_then(sim_settings::Node::text)
    };
    assert_eq!(at(&["runbooks", "promote-orders", "steps", "0", "approve"]), Some(DECIDED));
    assert_eq!(at(&["stores", "orders", "promotion-time"]), Some("runbook.promote-orders.step.1.end"));
    // Every mark has a line in the blank sheet.
    assert_eq!(blank(&play).lines().count(), play.marks.len() + 1);
}
