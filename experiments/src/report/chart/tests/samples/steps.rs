//! Steps around the file as it is, and designs by their cost.

use super::*;

fn tornado(shares: bool, rows: Vec<TornadoRow>) -> Chart {
    Chart::Tornado(Tornado {
        about: about("What each step changes by itself", 2_000),
        figure: if shares { "Availability mean" } else { "Recovery time p99" }.to_owned(),
        shares,
        rows,
        confidence: 0.95,
    })
}

fn row(name: &str, difference: Option<[f64; 3]>) -> TornadoRow {
    let label = difference.map_or_else(String::new, |[value, ..]| format!("{value:.1}"));
    TornadoRow { name: name.to_owned(), difference, label }
}

fn design(index: usize, paid: f64, figure: f64, verdict: Verdict, on_front: bool) -> FrontDesign {
    let figure = [figure, figure * 0.9, figure * 1.2];
    FrontDesign { name: long_name(index), paid, figure, verdict: Some(verdict), on_front, marked: index == 2 }
}

pub(super) fn charts() -> Vec<(&'static str, Chart)> {
    let several = vec![
        row("no approval", Some([-120.0, -180.0, -60.0])),
        row("a TTL of 30s", Some([0.0, -5.0, 5.0])),
        row("three attempts", Some([300.0, 200.0, f64::INFINITY])),
        row("what nobody could hold against the rest", None),
        row(&awful_name(3), Some([f64::NEG_INFINITY, f64::NEG_INFINITY, -10.0])),
    ];
    let many =
        (0..30).map(|index| row(&long_name(index), Some([f64::from(index as u32) - 9.0, -12.0, 25.0]))).collect();
    let front = |designs: Vec<FrontDesign>| {
        Chart::Front(Front {
            about: about("Recovery time p99 against the cost of a month", 2_000),
            figure: "Recovery time p99".to_owned(),
            price: Price::Money("USD".to_owned()),
            limit: Some(600.0),
            designs,
            confidence: 0.95,
        })
    };
    let designs = vec![
        design(0, 800.0, 1_500.0, Verdict::Missed, true),
        design(1, 1_000.0, 700.0, Verdict::Undecided, true),
        design(2, 1_100.0, 420.0, Verdict::Met, true),
        design(3, 1_900.0, 430.0, Verdict::NotJudged, false),
        design(4, 1_900.0, f64::INFINITY, Verdict::Missed, false),
    ];
    let settings = [(330.0, 31.0), (98.0, 41.0), (11.0, 61.0), (2.0, 101.0), (0.0, 160.0)];
    let setting = |(index, (paid, figure)): (usize, (f64, f64))| FrontDesign {
        verdict: None,
        ..design(index, paid, figure, Verdict::NotJudged, true)
    };
    let nervous = Chart::Front(Front {
        about: about("Noticed p95 against false failovers a year", 500),
        figure: "Noticed p95".to_owned(),
        price: Price::FalseFailovers,
        limit: None,
        designs: settings.into_iter().enumerate().map(setting).collect(),
        confidence: 0.95,
    });
    vec![
        ("tornado", tornado(false, several)),
        ("tornado-many", tornado(false, many)),
        ("tornado-shares", tornado(true, vec![row("a reserve", Some([0.001, 0.0005, 0.002]))])),
        ("tornado-nothing", tornado(false, vec![row("nothing", Some([0.0, 0.0, 0.0]))])),
        ("tornado-none", tornado(false, Vec::new())),
        ("front", front(designs)),
        ("front-none", front(Vec::new())),
        ("front-nervous", nervous),
        ("front-one", front(vec![design(2, 0.0, 0.0, Verdict::Met, true)])),
    ]
}
