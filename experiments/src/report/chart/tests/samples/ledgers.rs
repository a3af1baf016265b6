//! Ledgers: a few figures and many, none, names of any kind, shares that are no numbers.

use super::*;

pub(super) fn ledgers() -> Vec<(&'static str, Chart)> {
    let row = |name: &str, share, error, total| LedgerRow { name: name.to_owned(), share, error, total };
    let few = vec![
        row("stores.orders.promotion-time", 0.62, 0.05, None),
        row("dns.propagation", 0.08, 0.03, None),
        row("cloudwatch.ingestion-delay", 0.01, 0.02, None),
    ];
    let full = few.iter().map(|row| LedgerRow { total: Some(row.share + 0.11), ..row.clone() }).collect();
    let many = (0..25).map(|index| {
        let share = 0.3 / (1.0 + f64::from(index));
        row(&long_name(index as usize), share, share / 3.0, None)
    });
    let strange = vec![
        row(&awful_name(3), 1.0, 0.9, Some(1.0)),
        row("nothing", 0.0, 0.0, Some(0.0)),
        row("no number", f64::NAN, f64::INFINITY, Some(f64::NAN)),
        row("less", -0.5, 0.1, None),
    ];
    let small = vec![row("dns.propagation", 1e-5, 1e-6, None)];
    [
        ("ledger-few", few),
        ("ledger-full", full),
        ("ledger-many", many.collect()),
        ("ledger-none", Vec::new()),
        ("ledger-strange", strange),
        ("ledger-small", small),
    ]
    .map(|(name, rows)| {
        let about = About { note: Some("a remark".to_owned()), ..about("What is not known about rto.p99", 10_000) };
        (name, Chart::Ledger(Ledger { about, of: "rto.p99".to_owned(), rows }))
    })
    .to_vec()
}
