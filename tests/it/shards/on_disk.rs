//! Runs and merges whose rows outgrow memory keep them on disk, and give the same bytes.

use super::{assert_same, merge, parts};
use crate::program::{ask, text};

/// What the rows of the run below do not fit into, and what its rows on disk leave in memory does: 8,000 trials of about 100
/// figures and three outages take 2.5 times 10 MB, and on disk some blocks of rows and 40 bytes a trial.
const LIMIT: [&str; 2] = ["--max-memory", "18MB"];

#[test]
fn rows_on_disk_give_the_bytes_of_rows_in_memory() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| home.path().join(name);
    let run = ["run", "experiments/active-active.toml", "--trials", "8_000", "--quiet"];
    let (one, other, merged) = (path("one"), path("other"), path("merged"));
    let whole = ask(&[&run[..], &["--out", text(&one)]].concat());
    let on_disk = ask(&[&run[..], &LIMIT, &["--out", text(&other)]].concat());
    assert_eq!((on_disk.code, on_disk.err.as_str()), (whole.code, ""));
    assert_eq!(on_disk.out.replace(text(&other), text(&one)), whole.out);
    assert_same(&one, &other);
    let parts = parts(home.path(), &run[..4], 3);
    let all = merge(&parts, &[&LIMIT[..], &["--out", text(&merged), "--quiet"]].concat());
    assert_eq!((all.code, all.err.as_str()), (whole.code, ""));
    assert_same(&one, &merged);
    // Without a folder they have no place to go to. That the limit is felt shows that they went there.
    for answer in [ask(&[&run[..], &LIMIT].concat()), merge(&parts, &LIMIT)] {
        assert!(answer.code == Some(1) && answer.err.contains("memory"), "{}", answer.err);
    }
    let less = ask(&[&run[..], &["--max-memory", "1MB", "--out", text(&path("less"))]].concat());
    assert!(less.code == Some(1) && less.err.contains("a column of all trials is in memory"), "{}", less.err);
}
