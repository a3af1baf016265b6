use std::path::Path;

use super::TrialTable;
use super::disk::{BLOCK, OUTAGES};
use measure::outage::Outage;
use measure::{Columns, Subjects, Whole};

/// A table whose figures tell their trial and column; every seventh trial has outages. It goes to the disk after so many
/// rows.
fn table(rows: usize, spilled: Option<(usize, &Path)>) -> TrialTable {
    let mut table = TrialTable::new(Columns::new(Subjects::default()), 5);
    let width = table.columns().len();
    for trial in 0..rows {
        if let Some((after, folder)) = spilled
            && after == trial
        {
            table.spill(folder).expect("the folder takes files");
        }
        let odd = [f64::NAN, f64::INFINITY, -0.0];
        let figure = |column: usize| odd.get((trial + column) % 50).copied().unwrap_or((trial * width + column) as f64);
        table.append(&(0..width).map(figure).collect::<Vec<f64>>());
        let outage = |journey| Outage {
            trial: trial as u64 + 5,
            journey,
            start: trial as f64,
            end: f64::INFINITY,
            fault: (trial % 2 == 0).then_some((1, 0.5)),
            recovery: f64::NAN,
            downtime: 1.0,
            failed: 2.0,
            cause: 3,
            stages: std::array::from_fn(|stage| stage as f64),
        };
        if trial % 7 == 0 {
            table.append_outages(&[outage(Some(0)), outage(None)]);
        }
    }
    table
}

fn bits(figures: impl Iterator<Item = f64>) -> Vec<u64> {
    figures.map(f64::to_bits).collect()
}

#[test]
fn a_table_on_disk_has_the_figures_of_one_in_memory() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let rows = 4 * BLOCK + 100;
    let one = table(rows, None);
    assert!(one.outages_len() > OUTAGES, "outages reach the disk");
    for after in [0, 1, BLOCK + 1, rows - 1] {
        let other = table(rows, Some((after, home.path())));
        assert!(other.is_on_disk() && !one.is_on_disk() && other.failure().is_none());
        assert!(other.values.len() < BLOCK * one.columns().len() && other.outages.len() < OUTAGES);
        assert_eq!((one.len(), one.outages_len()), (other.len(), other.outages_len()));
        for place in 0..one.columns().len() {
            assert_eq!(bits(one.at(place)), bits(other.at(place)));
        }
        for index in [0, BLOCK - 1, BLOCK, 2 * BLOCK, rows - 1] {
            assert_eq!(bits(one.row(index).iter().copied()), bits(other.row(index).iter().copied()));
            let cell = |table: &TrialTable| table.cell(index, measure::FAULTS, Whole).to_bits();
            assert_eq!(cell(&one), cell(&other));
            assert_eq!(other.at(1).skip(index).size_hint(), (rows - index, Some(rows - index)));
            let from = |table: &TrialTable| bits(table.at(1).skip(index).take(3));
            assert_eq!(from(&one), from(&other));
        }
        assert!(
            one.rows()
                .zip(other.rows())
                .all(|(one, other)| { bits(one.iter().copied()) == bits(other.iter().copied()) })
        );
        assert_eq!(one.rows().count(), other.rows().count());
        // What is not a number is not equal to itself: words are compared.
        assert!(one.outages().zip(other.outages()).all(|(one, other)| format!("{one:?}") == format!("{other:?}")));
        assert_eq!(one.outages().count(), other.outages().count());
    }
    assert_eq!(home.path().read_dir().expect("it is there").count(), 0, "the files have no names");
}

#[test]
fn a_folder_that_takes_no_files_is_told() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let told = table(1, None).spill(&home.path().join("missing")).expect_err("it is not there");
    assert!(told.starts_with("failed to keep trials on disk in `"), "{told}");
}
