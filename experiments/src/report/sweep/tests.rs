//! Reports of a sweep of synthetic points.

use serde_json::Value;

use super::json::document;
use super::{SweepReport, charts, write_csv};
use crate::report::chart::{Chart, draw_svg};
use crate::report::terminal;
use crate::run::synthetic::Synthetic;
use crate::run::{Stop, run_trials};
use crate::sweep::SweepDocument;
use crate::sweep::{Figures, PointResult, Prepared, Results};
use crate::variation::{Axis, Design, Plan};

/// A sweep whose point i is censored in one of i + 2 trials.
fn with(vary: &[&str], design: Option<Design>, points: Option<u64>, check: impl Fn(&SweepReport<'_>)) {
    let axes: Vec<Axis> = vary.iter().map(|text| Axis::parse(text).expect("valid")).collect();
    let plan = Plan::new(&axes, design, points, 1).expect("valid");
    let header = Synthetic::typical().header;
    let figures = Figures::new(header.objectives.iter(), &[], true);
    let count = plan.points.len();
    let results = (0..count).map(|point| {
        let source = if point == 0 { Synthetic::typical() } else { Synthetic::censored(point as u64 + 2) };
        let run = run_trials(&source, 0..400, std::num::NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        Some(PointResult::new(&source.header, &run.table, &figures))
    });
    let results = Results { points: results.collect() };
    let prepared = Prepared {
        names: (0..count).map(|point| format!("{point:032}")).collect(),
        trials: vec![400; count],
        plan,
        base: 0,
        is_base: (0..count).map(|point| point == 0).collect(),
        figures,
        notes: Vec::new(),
        warnings: Vec::new(),
    };
    check(&SweepReport { base: &header, prepared: &prepared, results: &results, command: "mrsim sweep" });
}

fn csv(report: &SweepReport<'_>) -> String {
    let mut bytes = Vec::new();
    write_csv(report, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("it is text")
}

#[test]
fn every_point_is_a_row_of_each_report() {
    with(&["dns.ttl=10s,30s,60s", "dns.policy=latency,simple"], None, None, |report| {
        let text =
            anstream::adapter::strip_str(&terminal::render(&super::document(report), terminal::WIDTH)).to_string();
        assert!(text.starts_with("active-active  grid of 6 points, 400 trials each, seed 1\n"), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("10s") || line.starts_with("30s")).count(), 8, "{text}");
        assert!(text.contains("rto.p99 \u{2264} 10 min") && text.contains("chance, %"), "{text}");
        let csv = csv(report);
        assert_eq!(csv.lines().count(), 7);
        assert!(csv.starts_with("point,dns.ttl,dns.policy,trials,hash,rto.p99_s,rto.p99_low_s,"), "{csv}");
        assert!(
            csv.lines().nth(2).is_some_and(|row| row.starts_with("1,10s,simple,400,") && row.contains(",inf,")),
            "{csv}"
        );
        let document = document(report);
        let text = serde_json::to_string(&document).expect("it is JSON");
        // The document is read back whole.
        assert_eq!(serde_json::from_str::<SweepDocument>(&text).expect("it is the document"), document);
        let document: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(document["points"].as_array().map(Vec::len), Some(6));
        assert_eq!(document["points"][1]["settings"]["dns.policy"], "simple");
        assert_eq!(document["points"][1]["figures"][0]["value"]["estimate"], Value::Null);
    });
}

#[test]
fn beyond_two_axes_the_best_come_first() {
    with(&["a=1,2", "b=1,2", "c=1,2"], None, None, |report| {
        let order: Vec<usize> = report.rows().iter().map(|row| row.point).collect();
        // The first point is never censored; all others have a p99 beyond the horizon and keep their order.
        assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(charts::charts(report).is_empty());
        // Files stay in the order of the plan.
        assert!(csv(report).lines().nth(8).is_some_and(|row| row.starts_with("7,2,2,2,")));
    });
}

#[test]
fn one_axis_has_lines_and_two_have_colours() {
    with(&["dns.ttl=60s,10s,300s"], None, None, |report| {
        let charts = charts::charts(report);
        let names: Vec<&str> = charts.iter().map(|(_, name, _)| name.as_str()).collect();
        assert_eq!(names, ["recovery-time", "data-loss"]);
        let Chart::SettingLines(lines) = &charts[0].2 else { panic!("{:?}", charts[0].2) };
        let labels: Vec<&str> = lines.axis.settings.iter().map(|setting| setting.label.as_str()).collect();
        assert_eq!(labels, ["10s", "60s", "300s"]);
        assert_eq!(lines.series[0].limit, Some(600.0));
        draw_svg(&charts[0].2).expect("it is drawn");
    });
    with(&["dns.ttl=0s..60s", "x=a,b"], Some(Design::Sobol), Some(8), |report| {
        let charts = charts::charts(report);
        let Chart::HeatMap(map) = &charts[0].2 else { panic!("{:?}", charts[0].2) };
        assert_eq!((charts[0].1.as_str(), map.grid, map.spots.len()), ("recovery-time-p99", false, 8));
        draw_svg(&charts[0].2).expect("it is drawn");
    });
}

/// The first point meets its objective in all of 400 trials: the share is above 0.025^(1/400) = 99.08 %.
#[test]
fn a_chance_on_a_map_has_its_interval() {
    with(&["dns.ttl=10s,60s", "dns.policy=latency,simple"], None, None, |report| {
        for (_, name, chart) in charts::charts(report) {
            let svg = draw_svg(&chart).expect("it is drawn").replace('\u{a0}', " ");
            let chances: Vec<&str> = svg.split("met in ").skip(1).collect();
            assert_eq!(chances.len(), 4, "{name}: {svg}");
            // The interval stands beside it or is the next text.
            let interval = |chance: &&str| chance.split("<text").take(2).any(|text| text.contains('['));
            assert!(chances.iter().all(interval), "{name}: {svg}");
            assert!(svg.contains("[99.08, 100]"), "{name}: {svg}");
        }
    });
    // Cells of a tenth of the page have no room for either.
    let [one, other] =
        ["a", "b"].map(|key| format!("{key}={}", (0..10).map(|v| v.to_string()).collect::<Vec<_>>().join(",")));
    with(&[&one, &other], None, None, |report| {
        let svg = draw_svg(&charts::charts(report)[0].2).expect("it is drawn");
        assert!(!svg.contains("met in "), "{svg}");
    });
}
