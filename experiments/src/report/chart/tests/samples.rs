//! Charts of every kind and of every awkward case.

use std::sync::OnceLock;

use super::super::*;

/// A fixed sequence of numbers below one; the constants are those of a common linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

fn lognormal(seed: u64, trials: usize, median: f64, sigma: f64) -> Vec<f64> {
    let mut numbers = Numbers(seed);
    (0..trials).map(|_| median * (sigma * numbers.normal()).exp()).collect()
}

/// Wilson's interval, near enough for a picture.
fn interval(k: u64, n: u64) -> (f64, f64) {
    let (k, n, z) = (k as f64, n as f64, 1.96);
    let share = k / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    (middle - half, middle + half)
}

fn about(title: &str, trials: usize) -> About {
    About {
        title: title.to_owned(),
        experiment: "active-active".to_owned(),
        trials: trials as u64,
        seed: 1,
        source: Some("mrsim 0.1.0 4f3a2b1c".to_owned()),
        ..About::default()
    }
}

fn series(name: &str, sample: &[f64]) -> Series {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let rank = |share: f64| sorted[((share * n).ceil() as usize).clamp(1, sorted.len()) - 1];
    let quantile = |p: f64| {
        let half = 1.96 * (p * (1.0 - p) / n.max(1.0)).sqrt();
        let estimate = if n * (1.0 - p) < 3.0 || n < 10.0 {
            Estimate::Refused
        } else {
            Estimate::Known { value: rank(p), low: rank(p - half), high: rank(p + half) }
        };
        Quantile { p, estimate }
    };
    let quantiles = [0.5, 0.9, 0.95, 0.99].map(quantile).to_vec();
    Series { name: name.to_owned(), curve: Curve::of_sample(sample, interval), quantiles }
}

fn distribution(title: &str, series: Vec<Series>, objectives: Vec<Objective>) -> Distribution {
    let trials = series.first().map_or(0, |series| series.curve.trials()) as usize;
    Distribution {
        about: about(title, trials),
        quantity: Quantity::RecoveryTime,
        series,
        objectives,
        horizon: 3600.0,
        confidence: 0.95,
    }
}

fn objective(quantile: f64, limit: f64, verdict: Verdict) -> Objective {
    Objective { series: 0, quantile, limit, verdict }
}

/// Sixty characters with everything that XML, fonts and terminals dislike.
pub(super) fn awful_name(index: usize) -> String {
    format!("<journey> & \"co\" {index:02} – Überweisung/決済 'with' a name of many letters\u{202e}\u{1}\n")
}

fn long_name(index: usize) -> String {
    format!("team-{index:02}/checkout-service-place-order-with-payment-region-{:02}", index * 7 % 30)
}

fn censored(mut sample: Vec<f64>, every: usize) -> Vec<f64> {
    sample.iter_mut().step_by(every).for_each(|value| *value = f64::INFINITY);
    sample
}

fn recovery() -> Vec<(&'static str, Chart)> {
    let worst = censored(lognormal(1, 10_000, 140.0, 0.7), 32);
    let browse: Vec<f64> = lognormal(2, 10_000, 70.0, 0.4);
    let checkout: Vec<f64> = worst.iter().map(|value| value * 0.98).collect();
    let met = objective(0.99, 300.0, Verdict::Missed);
    let title = "Recovery time when us-east-1 goes dark for good";
    let three = vec![series("worst journey", &worst), series("browse", &browse), series("checkout", &checkout)];
    let single = vec![series("checkout", &lognormal(5, 400, 95.0, 0.35))];
    let step = vec![series("checkout", &[42.0; 1000])];
    let zero = vec![series("checkout", &[0.0; 1000])];
    let lost = vec![series("checkout", &[f64::INFINITY; 1000])];
    let million = vec![series("checkout", &censored(lognormal(9, 1_000_000, 100.0, 0.9), 9))];
    let many: Vec<Series> = (0..30)
        .map(|index| {
            let sample = lognormal(index as u64 + 50, 2000, 30.0 + 9.0 * index as f64, 0.5);
            series(&long_name(index), &if index % 5 == 0 { censored(sample, 40) } else { sample })
        })
        .collect();
    let overlaid: Vec<Series> = [
        ("active-active", 60.0, 0.5),
        ("warm-standby", 310.0, 0.5),
        ("pilot-light", 1500.0, 0.7),
        ("backup-restore", 2900.0, 0.4),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (name, median, sigma))| {
        let sample = lognormal(index as u64 + 20, 3000 + 500 * index, median, sigma);
        series(
            name,
            &sample.iter().map(|value| if *value < 3600.0 { *value } else { f64::INFINITY }).collect::<Vec<_>>(),
        )
    })
    .collect();
    let mostly_up: Vec<f64> = lognormal(3, 5000, 40.0, 0.6)
        .into_iter()
        .enumerate()
        .map(|(index, value)| if index % 8 == 0 { 0.0 } else { value })
        .collect();
    let objectives = vec![
        objective(0.5, 60.0, Verdict::Met),
        objective(0.95, 280.0, Verdict::Undecided),
        Objective { series: 1, ..objective(0.99, 300.0, Verdict::Missed) },
        Objective { series: 7, ..objective(0.999, 3400.0, Verdict::Met) },
    ];
    let awful = vec![series(&awful_name(1), &worst), series(&"x".repeat(10_000), &browse), series("", &checkout)];
    let mut awful = distribution(&awful_name(2).repeat(5), awful, objectives.clone());
    awful.about.experiment = awful_name(3).repeat(9);
    awful.about.source = Some(awful_name(4).repeat(9));
    vec![
        ("recovery-three", distribution(title, three.clone(), vec![met])),
        ("recovery-single", distribution(title, single, vec![objective(0.99, 300.0, Verdict::Met)])),
        ("recovery-many", distribution(title, many, vec![met])),
        (
            "recovery-overlaid",
            distribution("Recovery time of four candidates when us-east-1 goes dark", overlaid, vec![]),
        ),
        ("recovery-step", distribution(title, step, vec![objective(0.99, 300.0, Verdict::Met)])),
        ("recovery-zero", distribution(title, zero, vec![objective(0.99, 300.0, Verdict::Met)])),
        ("recovery-never", distribution(title, lost, vec![met])),
        ("recovery-million", distribution(title, million, vec![met])),
        (
            "recovery-mostly-up",
            distribution(title, vec![series("worst journey", &mostly_up), series("browse", &browse)], vec![]),
        ),
        ("recovery-objectives", distribution(title, three, objectives)),
        (
            "recovery-one-trial",
            distribution(title, vec![series("checkout", &[75.0])], vec![objective(0.99, 300.0, Verdict::Undecided)]),
        ),
        ("recovery-no-trial", distribution(title, vec![series("checkout", &[])], vec![met])),
        ("recovery-no-series", distribution(title, vec![], vec![])),
        ("recovery-awful", awful),
    ]
    .into_iter()
    .map(|(name, chart)| (name, Chart::Distribution(chart)))
    .collect()
}

fn loss() -> Vec<(&'static str, Chart)> {
    let mut numbers = Numbers(4);
    let mostly_nothing: Vec<f64> = lognormal(6, 8000, 0.25, 0.8)
        .into_iter()
        .map(|value| if numbers.next() < 0.62 { 0.0 } else { value })
        .collect();
    let loss = |title: &str, series: Vec<Series>, objectives: Vec<Objective>| {
        Chart::Distribution(Distribution { quantity: Quantity::DataLoss, ..distribution(title, series, objectives) })
    };
    let title = "Data loss of orders when us-east-1 goes dark";
    vec![
        (
            "loss-mostly-nothing",
            loss(title, vec![series("orders", &mostly_nothing)], vec![objective(0.99, 5.0, Verdict::Met)]),
        ),
        (
            "loss-two",
            loss(
                title,
                vec![series("orders", &mostly_nothing), series("sessions", &lognormal(8, 8000, 0.9, 0.5))],
                vec![],
            ),
        ),
        ("loss-nothing", loss(title, vec![series("orders", &[0.0; 500])], vec![objective(0.99, 5.0, Verdict::Met)])),
    ]
}

fn split(parts: &[(usize, f64)], standard_error: Option<f64>) -> CauseSplit {
    let mut split = CauseSplit { standard_error, ..CauseSplit::default() };
    for (cause, value) in parts {
        split.parts[*cause] = *value;
    }
    split
}

fn causes() -> Vec<(&'static str, Chart)> {
    let row = |name: &str, recovery, failed| CauseRow { name: name.to_owned(), recovery, censored: 0.0, failed };
    let two = vec![
        row(
            "browse",
            split(&[(0, 34.0), (1, 4.1), (2, 48.0), (5, 11.0)], Some(0.4)),
            split(&[(0, 23_000.0), (1, 2700.0), (2, 14_500.0), (5, 1200.0)], Some(310.0)),
        ),
        CauseRow {
            censored: 0.031,
            ..row(
                "checkout",
                split(&[(0, 34.0), (1, 4.0), (2, 12.0), (6, 262.0), (7, 131.0), (8, 18.0), (10, 9.0)], Some(3.2)),
                split(&[(0, 4100.0), (1, 480.0), (2, 2500.0), (6, 31_000.0), (7, 15_700.0), (8, 2100.0)], Some(900.0)),
            )
        },
    ];
    let all: Vec<(usize, f64)> = (0..CAUSES.len()).map(|cause| (cause, 30.0 + 7.0 * cause as f64)).collect();
    let every = vec![row("everything at once", split(&all, Some(2.0)), split(&all, None))];
    let many = |count: usize| {
        let rows = (0..count).map(|index| {
            let size = 1.0 + index as f64;
            let parts = [(0, 3.0 * size), (2, 5.0 * size), (6, 20.0 / size), (7, 9.0), (9, 2.0)];
            let failed = parts.map(|(cause, value)| (cause, value * 911.0));
            row(&long_name(index), split(&parts, Some(0.3 * size)), split(&failed, Some(99.0)))
        });
        rows.collect::<Vec<_>>()
    };
    let zero = vec![row("browse", CauseSplit::default(), CauseSplit::default())];
    let lonely = vec![row("browse", split(&[(2, 41.0)], None), split(&[(2, 0.4)], None))];
    let strange = vec![row(
        &awful_name(5),
        split(&[(0, f64::NAN), (1, f64::INFINITY), (2, -4.0), (3, 1e12)], Some(f64::NAN)),
        split(&[(3, 1e300), (4, 1e-300)], Some(1e200)),
    )];
    let extreme = vec![
        row("tiny", split(&[(0, 0.2), (1, 0.05)], Some(0.01)), split(&[(0, 3.0)], Some(0.2))),
        row("huge", split(&[(6, 3_000.0), (0, 30.0)], Some(44.0)), split(&[(6, 4.1e7), (0, 2e5)], Some(4e5))),
    ];
    let title = "Where the recovery time went when us-east-1 went dark";
    [
        ("causes-two", two),
        ("causes-all", every),
        ("causes-30", many(30)),
        ("causes-45", many(45)),
        ("causes-6", many(6)),
        ("causes-zero", zero),
        ("causes-one", lonely),
        ("causes-none", vec![]),
        ("causes-strange", strange),
        ("causes-extreme", extreme),
    ]
    .into_iter()
    .map(|(name, journeys)| (name, Chart::WhereTheTimeWent(WhereTheTimeWent { about: about(title, 10_000), journeys })))
    .collect()
}

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
    Panel { name: name.to_owned(), points }
}

fn milestone(name: &str, at: f64) -> Milestone {
    Milestone { name: name.to_owned(), at, spread: Some((at * 0.8, at * 1.6)) }
}

fn success() -> Vec<(&'static str, Chart)> {
    let chart = |panels: Vec<Panel>, faults: Vec<FaultSpan>, milestones: Vec<Milestone>| SuccessOverTime {
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
        points: vec![
            SharePoint { at: -60.0, low: 1.0, median: 1.0, high: 1.0 },
            SharePoint { at: 3000.0, low: 1.0, median: 1.0, high: 1.0 },
        ],
    }];
    let dip = vec![panel("browse", 0.04, (60.0, 90.0, 300.0), 1.0)];
    let strange = Panel {
        name: awful_name(7),
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

/// A chart with its document.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) chart: Chart,
    pub(super) svg: String,
}

/// All samples, drawn once for all tests.
pub(super) fn all() -> &'static [Sample] {
    static ALL: OnceLock<Vec<Sample>> = OnceLock::new();
    ALL.get_or_init(|| {
        let drawn = |(name, chart)| Sample { name, svg: draw_svg(&chart).expect("a chart is drawn"), chart };
        [recovery(), loss(), causes(), success()].concat().into_iter().map(drawn).collect()
    })
}
