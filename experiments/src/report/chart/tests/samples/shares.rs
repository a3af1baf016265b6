//! Success over time: one panel and thirty, crowds of milestones, a million points.

use super::*;

/// Down from zero on, back after `median` (`early` and `late` for the ends of the band), every `step` seconds.
fn panel(name: &str, depth: f64, (early, median, late): (f64, f64, f64), step: f64) -> Panel {
    let back = |at: f64, when: f64| {
        let partly = if at < 0.0 { 1.0 } else { 1.0 - depth * (1.0 - (at / when).min(1.0).powi(2)) };
        if at >= when { 1.0 } else { partly }
    };
    let count = (4200.0 / step) as usize;
    let points = (0..count)
        .map(|index| -600.0 + step * index as f64)
        .map(|at| SharePoint { at, low: back(at, late), median: back(at, median), high: back(at, early) })
        .collect();
    Panel { name: name.to_owned(), up_when: 0.99, points }
}

fn milestone(name: &str, at: f64) -> Milestone {
    Milestone { name: name.to_owned(), at, spread: Some((at * 0.8, at * 1.6)) }
}

pub(super) fn success() -> Vec<(&'static str, Chart)> {
    let chart = |panels: Vec<Panel>, faults: Vec<FaultSpan>, milestones: Vec<Milestone>| SuccessOverTime {
        lines: "lines: the first 1,000 of them".to_owned(),
        about: about("What users see when us-east-1 goes dark", 10_000),
        up_when: 0.99,
        panels,
        faults,
        milestones,
    };
    let outage = FaultSpan { name: "region-outage us-east-1".to_owned(), start: 0.0, end: None };
    let short = FaultSpan { name: "gray-failure eu-west-1".to_owned(), start: 120.0, end: Some(420.0) };
    let road = vec![
        milestone("detected", 34.0),
        milestone("answer changed", 39.0),
        milestone("alarm orders-down", 140.0),
        milestone("half of the traffic moved", 70.0),
        milestone("promoted orders", 560.0),
        milestone("99 % of the traffic moved", 340.0),
    ];
    let two = vec![panel("browse", 0.5, (60.0, 90.0, 300.0), 1.0), panel("checkout", 0.9, (380.0, 620.0, 1100.0), 1.0)];
    let many: Vec<Panel> = (0..30)
        .map(|index| {
            panel(&long_name(index), 0.3 + 0.02 * index as f64, (30.0, 60.0 + 20.0 * index as f64, 900.0), 2.0)
        })
        .collect();
    let crowd: Vec<Milestone> = (0..20)
        .map(|index| milestone(&format!("milestone {index} {}", long_name(index)), 300.0 + 3.0 * index as f64))
        .collect();
    let late = vec![
        milestone("detected", 34.0),
        milestone("failback to us-east-1 by the operator", 3300.0),
        milestone("everything is as it was before", 3350.0),
    ];
    let flat = vec![Panel {
        name: "browse".to_owned(),
        up_when: 0.99,
        points: vec![
            SharePoint { at: -60.0, low: 1.0, median: 1.0, high: 1.0 },
            SharePoint { at: 3000.0, low: 1.0, median: 1.0, high: 1.0 },
        ],
    }];
    let dip = vec![panel("browse", 0.04, (60.0, 90.0, 300.0), 1.0)];
    let strange = Panel {
        name: awful_name(7),
        up_when: 0.99,
        points: vec![
            SharePoint { at: f64::NAN, low: 0.1, median: 0.2, high: 0.3 },
            SharePoint { at: 5.0, low: f64::NAN, median: 0.2, high: 0.3 },
            SharePoint { at: 10.0, low: -3.0, median: 0.2, high: 30.0 },
        ],
    };
    let odd_faults = vec![
        FaultSpan { name: awful_name(8).repeat(4), start: f64::NAN, end: None },
        FaultSpan { name: awful_name(9).repeat(4), start: 4.0, end: Some(2.0) },
        FaultSpan { name: awful_name(9).repeat(4), start: 9.0, end: Some(f64::INFINITY) },
    ];
    let million = Panel {
        name: "a million points".to_owned(),
        up_when: 0.99,
        points: {
            let mut numbers = Numbers(3);
            (0..1_000_000)
                .map(|index| {
                    let noise = numbers.next() * 0.3;
                    SharePoint {
                        at: f64::from(index) * 3e-3 - 100.0,
                        low: 0.5 - noise,
                        median: 0.6 + noise / 2.0,
                        high: 0.9,
                    }
                })
                .collect()
        },
    };
    let five_faults: Vec<FaultSpan> = (0..6)
        .map(|index| FaultSpan {
            name: format!("fault {index}"),
            start: 100.0 * f64::from(index),
            end: Some(100.0 * f64::from(index) + 250.0),
        })
        .collect();
    [
        ("success-two", chart(two.clone(), vec![outage.clone()], road.clone())),
        ("success-single", chart(two[1..].to_vec(), vec![outage.clone(), short.clone()], road.clone())),
        ("success-many", chart(many, vec![outage.clone()], road.clone())),
        ("success-crowd", chart(two.clone(), vec![outage.clone()], crowd)),
        ("success-late", chart(two.clone(), vec![short], late)),
        ("success-flat", chart(flat, vec![outage.clone()], vec![])),
        ("success-dip", chart(dip, vec![outage.clone()], road.clone())),
        ("success-nothing", chart(vec![], vec![], vec![])),
        (
            "success-strange",
            chart(
                vec![strange, Panel::default()],
                odd_faults,
                vec![milestone("never", f64::INFINITY), milestone(&awful_name(3).repeat(3), 7.0)],
            ),
        ),
        ("success-million", chart(vec![million], five_faults, road)),
    ]
    .into_iter()
    .map(|(name, chart)| (name, Chart::SuccessOverTime(chart)))
    .collect()
}
