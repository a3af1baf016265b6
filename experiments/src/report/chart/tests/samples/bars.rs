//! Stacked bars: two journeys and forty-five, nothing and more than a number holds.

use super::*;

fn split(parts: &[(usize, f64)], standard_error: Option<f64>) -> CauseSplit {
    let mut split = CauseSplit { standard_error, ..CauseSplit::default() };
    for (cause, value) in parts {
        split.parts[*cause] = *value;
    }
    split
}

pub(super) fn causes() -> Vec<(&'static str, Chart)> {
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
    .map(|(name, journeys)| {
        (
            name,
            Chart::WhereTheTimeWent(WhereTheTimeWent {
                about: about(title, 10_000),
                of_outages: name == "causes-all",
                journeys,
            }),
        )
    })
    .collect()
}
