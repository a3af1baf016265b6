//! Figures over settings: a few and many, numbers and words, censored and refused, one cell and hundreds.

use super::*;

fn axis(name: &str, settings: &[(&str, f64)]) -> SettingAxis {
    let settings = settings.iter().map(|&(label, at)| Setting { label: label.to_owned(), at });
    SettingAxis { name: name.replace('.', " "), places: Places::Seconds, settings: settings.collect() }
}

const fn known(value: f64, low: f64, high: f64) -> Estimate {
    Estimate::Known { value, low, high }
}

const BEYOND: Estimate = known(f64::INFINITY, 2_400.0, f64::INFINITY);

pub(super) fn charts() -> Vec<(&'static str, Chart)> {
    let ttl = axis("dns.ttl", &[("10s", 10.0), ("30s", 30.0), ("60s", 60.0), ("5m", 300.0)]);
    let series = |name: &str, values: Vec<Estimate>, limit| SettingSeries { name: name.to_owned(), values, limit };
    let around =
        |values: &[f64]| values.iter().map(|&value| known(value, value * 0.96, value * 1.05)).collect::<Vec<_>>();
    let lines_of = |subject: Subject, title: &str, axis: &SettingAxis, series: Vec<SettingSeries>| {
        Chart::SettingLines(SettingLines {
            about: about(title, 10_000),
            subject,
            axis: axis.clone(),
            series,
            horizon: 3_000.0,
            confidence: 0.95,
        })
    };
    let lines = |title: &str, axis: &SettingAxis, series| lines_of(Subject::RecoveryTime, title, axis, series);
    let up = |down: &[f64]| {
        let around = down.iter().map(|&down| known(1.0 - down, 1.0 - 1.2 * down, 1.0 - 0.9 * down));
        vec![series("mean", around.collect(), Some(0.999_5))]
    };
    let two = vec![
        series("p50", around(&[140.0, 150.0, 162.0, 290.0]), None),
        series("p99", around(&[180.0, 200.0, 240.0, 520.0]), Some(300.0)),
    ];
    let cut = vec![
        series("p50", around(&[140.0, 150.0, 162.0, 290.0]), None),
        series(
            "p99",
            vec![known(180.0, 170.0, 200.0), known(900.0, 700.0, f64::INFINITY), BEYOND, BEYOND],
            Some(300.0),
        ),
        series("p99.9", vec![Estimate::Refused; 4], None),
    ];
    let policies = axis("dns.policy", &[("latency", 0.0), ("failover", 1.0), ("simple", 2.0)]);
    let many: Vec<(String, f64)> =
        (0..64).map(|index| (format!("{}.25s", 10 + index * 5), f64::from(10 + index * 5))).collect();
    let many_axis = axis("dns.ttl", &many.iter().map(|(label, at)| (label.as_str(), *at)).collect::<Vec<_>>());
    let rising: Vec<f64> = (0..64).map(|index| 100.0 + f64::from(index * index)).collect();
    let awful = SettingAxis {
        name: awful_name(1),
        places: Places::Listed,
        settings: (0..5).map(|index| Setting { label: awful_name(index), at: index as f64 }).collect(),
    };
    let instances = axis("compute.instances.desired", &[("4", 4.0), ("8", 8.0), ("12", 12.0)]);
    let heat = |across: &SettingAxis, up: &SettingAxis, grid: bool, value: &dyn Fn(usize, usize) -> Estimate| {
        let spots = |across_count: usize, up_count: usize| {
            (0..across_count).flat_map(move |across| (0..up_count).map(move |up| (across, up)))
        };
        Chart::HeatMap(HeatMap {
            about: about("p99 of the recovery time when us-east-1 goes dark", 10_000),
            subject: Subject::RecoveryTime,
            figure: "p99".to_owned(),
            intervals_in: "sweep.csv".to_owned(),
            spots: spots(across.settings.len(), up.settings.len())
                .map(|(across, up)| (across, up, value(across, up)))
                .map(|(across, up, value)| Spot {
                    across,
                    up,
                    value,
                    at_least: [3_000.0; 3],
                    chance: Some([0.1 * up as f64, 0.08 * up as f64, 0.12 * up as f64]),
                    verdict: match value {
                        Estimate::Refused => Some(Verdict::NotJudged),
                        Estimate::Known { .. } => {
                            [Some(Verdict::Met), Some(Verdict::Missed), Some(Verdict::Undecided), None]
                                [(across + 2 * up) % 4]
                        }
                    },
                })
                .collect(),
            across: across.clone(),
            up: up.clone(),
            grid,
            horizon: 3_000.0,
            confidence: 0.95,
        })
    };
    let plain = |across: usize, up: usize| {
        let value = 100.0 + 80.0 * across as f64 + 33.0 * up as f64;
        known(value, value - 8.0, value + 9.0)
    };
    let strange = |across: usize, up: usize| match (across + up) % 4 {
        0 => BEYOND,
        1 => Estimate::Refused,
        2 => known(1e-3, 0.0, 1e9),
        _ => known(f64::NAN, f64::NAN, f64::NAN),
    };
    let nothing = axis("nothing", &[]);
    let ranges = |base: Estimate, rows: Vec<RangeRow>| {
        Chart::SettingRanges(SettingRanges {
            about: about("Recovery time p99, one setting at a time", 2_000),
            subject: Subject::RecoveryTime,
            figure: "p99".to_owned(),
            base,
            base_at_least: [3_000.0; 3],
            limit: Some(600.0),
            rows,
            horizon: 3_000.0,
            confidence: 0.95,
        })
    };
    let row = |name: &str, values: &[(&str, Estimate)]| RangeRow {
        name: name.to_owned(),
        values: values
            .iter()
            .map(|&(label, figure)| RangeValue {
                label: label.to_owned(),
                figure,
                verdict: match figure {
                    Estimate::Known { high, .. } if high <= 600.0 => Some(Verdict::Met),
                    Estimate::Known { low, .. } if low > 600.0 => Some(Verdict::Missed),
                    Estimate::Known { .. } => Some(Verdict::Undecided),
                    Estimate::Refused => Some(Verdict::NotJudged),
                },
            })
            .collect(),
    };
    let near = |value: f64| known(value, value * 0.9, value * 1.1);
    let several = vec![
        row("Answers", &[("latency", near(300.0)), ("simple", near(300.0))]),
        row("DNS TTL", &[("10s", near(200.0)), ("30s", near(240.0)), ("5m", near(560.0)), ("10m", near(900.0))]),
        row("Health check failure threshold", &[("1", near(260.0)), ("10", near(480.0))]),
    ];
    let odd = vec![
        row("Launches", &[("1", Estimate::Refused), ("2", near(280.0)), ("3", BEYOND)]),
        row("None at all", &[("1", Estimate::Refused), ("2", Estimate::Refused)]),
        row("No number", &[("1", known(f64::NAN, f64::NAN, f64::NAN))]),
        row("Nothing", &[]),
    ];
    let crowd = |count: usize| {
        let values = |index: usize| (0..9).map(move |step| (format!("{step}s"), near(100.0 + (index * step) as f64)));
        let one = |index: usize| {
            let values: Vec<(String, Estimate)> = values(index).collect();
            let values: Vec<(&str, Estimate)> = values.iter().map(|(label, value)| (label.as_str(), *value)).collect();
            row(&long_name(index), &values)
        };
        (0..count).map(one).collect::<Vec<_>>()
    };
    let awful_ranges = (0..4)
        .map(|index| row(&awful_name(index), &[(&awful_name(7), near(100.0)), (&awful_name(8), near(900.0))]))
        .collect();
    vec![
        ("settings-lines", lines("Recovery time over dns.ttl", &ttl, two.clone())),
        ("settings-lines-cut", lines("Recovery time over dns.ttl", &ttl, cut)),
        (
            "settings-lines-words",
            lines("Recovery time over dns.policy", &policies, vec![series("p99", around(&[60.0, 70.0, 900.0]), None)]),
        ),
        (
            "settings-lines-many",
            lines("Recovery time over dns.ttl", &many_axis, vec![series("p99", around(&rising), Some(400.0))]),
        ),
        (
            "settings-lines-awful",
            lines(&awful_name(9), &awful, vec![series(&awful_name(3), around(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some(2.0))]),
        ),
        (
            "settings-lines-equal",
            lines(
                "Recovery time over dns.ttl",
                &ttl,
                ["p50", "p90", "p95", "p99"]
                    .into_iter()
                    .zip([140.0, 200.0, 200.0, 200.0])
                    .map(|(name, value)| series(name, around(&[value; 4]), None))
                    .collect(),
            ),
        ),
        ("settings-ranges", ranges(near(300.0), several)),
        ("settings-ranges-odd", ranges(near(300.0), odd.clone())),
        ("settings-ranges-beyond", ranges(BEYOND, odd.clone())),
        ("settings-ranges-refused", ranges(Estimate::Refused, odd)),
        ("settings-ranges-many", ranges(near(120.0), crowd(30))),
        ("settings-ranges-awful", ranges(near(300.0), awful_ranges)),
        ("settings-ranges-none", ranges(Estimate::Refused, vec![])),
        ("settings-lines-none", lines("Nothing", &nothing, vec![])),
        (
            "settings-lines-up",
            lines_of(Subject::Availability, "Availability", &ttl, up(&[0.000_2, 0.000_25, 0.000_4, 0.001])),
        ),
        ("settings-lines-always-up", lines_of(Subject::Availability, "Availability", &ttl, up(&[0.0; 4]))),
        ("settings-lines-never-up", lines_of(Subject::Availability, "Availability", &ttl, up(&[f64::NAN; 4]))),
        ("settings-heat", heat(&ttl, &instances, true, &plain)),
        ("settings-heat-many", heat(&many_axis, &many_axis, true, &plain)),
        ("settings-heat-odd", heat(&ttl, &instances, true, &strange)),
        ("settings-heat-awful", heat(&awful, &awful, true, &plain)),
        ("settings-heat-none", heat(&nothing, &nothing, true, &plain)),
        ("settings-spots", heat(&many_axis, &ttl, false, &plain)),
        ("settings-spots-odd", heat(&ttl, &instances, false, &strange)),
    ]
}
