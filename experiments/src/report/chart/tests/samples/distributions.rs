//! Distributions: few and many trials, nothing and everything censored, one series and thirty.

use super::*;

/// Wilson's interval, near enough for a picture.
fn interval(k: u64, n: u64) -> (f64, f64) {
    let (k, n, z) = (k as f64, n as f64, 1.96);
    let share = k / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    (middle - half, middle + half)
}

pub(super) fn series(name: &str, sample: &[f64]) -> Series {
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
        Quantile { p, estimate, at_least: [3600.0; 3] }
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

fn censored(mut sample: Vec<f64>, every: usize) -> Vec<f64> {
    sample.iter_mut().step_by(every).for_each(|value| *value = f64::INFINITY);
    sample
}

pub(super) fn recovery() -> Vec<(&'static str, Chart)> {
    let worst = censored(lognormal(1, 10_000, 140.0, 0.7), 32);
    let browse: Vec<f64> = lognormal(2, 10_000, 70.0, 0.4);
    let checkout: Vec<f64> = worst.iter().map(|value| value * 0.98).collect();
    let met = objective(0.99, 300.0, Verdict::Missed);
    let title = "Recovery time when us-east-1 goes dark for good";
    let three = vec![series("worst journey", &worst), series("browse", &browse), series("checkout", &checkout)];
    // What is shown of the second and third is what is shown of the first; the fourth is so near that no eye tells them apart.
    let mut near = worst.clone();
    near.iter_mut().take(10).for_each(|value| *value = f64::INFINITY);
    let equal = vec![
        series("worst journey", &worst),
        series("upload", &worst),
        series("sell", &worst),
        series("account", &near),
        series("browse", &browse),
    ];
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
        ("recovery-equal", distribution(title, equal, vec![met])),
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
        ("recovery-odd", strange()),
        ("recovery-days", days()),
    ]
    .into_iter()
    .map(|(name, chart)| (name, Chart::Distribution(chart)))
    .collect()
}

pub(super) fn loss() -> Vec<(&'static str, Chart)> {
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

/// Figures that no trial yields and no caller should give.
fn strange() -> Distribution {
    let mut odd = series("tiny and huge", &[1e-300, 1e-9, 5e-324, 1e12, 1e300, f64::MAX, f64::INFINITY, -1.0]);
    let known = |value| Estimate::Known { value, low: f64::NAN, high: f64::NEG_INFINITY };
    odd.quantiles = [f64::NAN, -1.0, 0.5, 7.0, 0.9999, 1.0]
        .map(|p| Quantile { p, estimate: known(p * 1e9), at_least: [f64::NAN; 3] })
        .to_vec();
    let unknown = Curve::of_sample(&[1.0, 2.0, 3.0], |_, _| (f64::NAN, f64::INFINITY));
    let without = Series { name: "no interval".to_owned(), curve: unknown, quantiles: vec![] };
    let objectives = [f64::NAN, -1.0, 0.0, 1e300, f64::INFINITY].map(|limit| objective(0.99, limit, Verdict::Met));
    let mut chart = distribution("Figures that no trial yields", vec![odd, without], objectives.to_vec());
    (chart.horizon, chart.confidence) = (f64::NAN, f64::NAN);
    chart
}

/// A restore from backup: hours and days, with more objectives than can be marked.
fn days() -> Distribution {
    let sample = lognormal(77, 3000, 90_000.0, 0.8);
    let objectives = (1..=9)
        .map(|index| Objective { series: index % 2, ..objective(0.9, 20_000.0 * index as f64, Verdict::Missed) });
    let series = vec![series("backup-restore", &sample), series("orders", &lognormal(78, 3000, 40_000.0, 0.8))];
    Distribution {
        horizon: 1e7,
        ..distribution("Recovery from a backup in another region", series, objectives.collect())
    }
}
