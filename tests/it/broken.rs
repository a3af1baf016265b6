//! Broken experiment files: each says what is wrong with it as its snapshot says.
//!
//! A case is one file in `tests/broken`, named after its theme. Lines that begin with `#--set ` are arguments. A person
//! reads the program's answer and accepts it with `INSTA_UPDATE=always`. Cases build on a valid file in
//! `tests/broken/base`, so that nothing is wrong with them but their theme.

use std::fs;
use std::path::PathBuf;

use crate::program::{ask_in, names, root};

fn cases() -> PathBuf {
    root().join("tests/broken")
}

fn snapshots() -> PathBuf {
    root().join("tests/snapshots/broken")
}

/// The arguments that a case is checked with, its own name first.
fn arguments(case: &str) -> Vec<String> {
    let bytes = fs::read(cases().join(case).with_extension("toml")).expect("the case is there");
    let text = String::from_utf8_lossy(&bytes);
    let sets = text.lines().filter_map(|line| line.strip_prefix("#--set "));
    let sets = sets.flat_map(|set| ["--set".to_owned(), set.to_owned()]);
    std::iter::once(format!("{case}.toml")).chain(sets).collect()
}

#[test]
fn every_broken_file_says_what_is_wrong_with_it() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for case in names(&cases(), ".toml") {
        let arguments = arguments(&case);
        let words: Vec<&str> = std::iter::once("check").chain(arguments.iter().map(String::as_str)).collect();
        let answer = ask_in(&cases(), &words);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{case}: {}", answer.err);
        let again = ask_in(&cases(), &[&["run"], &words[1..]].concat());
        assert_eq!((again.code, again.out.as_str()), (Some(2), ""), "{case}: {}", again.err);
        assert_eq!(again.err, answer.err, "{case}: `run` and `check` say the same");
        settings.bind(|| insta::assert_snapshot!(case.as_str(), answer.err));
    }
}

#[test]
fn every_broken_file_has_a_snapshot_and_every_snapshot_a_file() {
    let (cases, snapshots) = (names(&cases(), ".toml"), names(&snapshots(), ".snap"));
    let lacking: Vec<&String> = cases.iter().filter(|case| !snapshots.contains(case)).collect();
    let orphaned: Vec<&String> = snapshots.iter().filter(|snapshot| !cases.contains(snapshot)).collect();
    assert!(lacking.is_empty() && orphaned.is_empty(), "without snapshot: {lacking:?}, without file: {orphaned:?}");
    assert!(cases.len() >= 60, "{}", cases.len());
}

#[test]
fn what_broken_files_build_on_is_not_broken() {
    for file in ["base/valid.toml", "base/records.toml"] {
        let answer = ask_in(&cases(), &["check", file]);
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{file}");
    }
}
