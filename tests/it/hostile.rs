//! Misuse of every kind: each ends with a clear message and the right exit code, without a panic, and loses no file on
//! disk.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use crate::program::{Answer, VALID, ask, ask_in, content, mrsim, text};

/// The answer of a usage error: exit code 2, no data.
fn refused(arguments: &[&str]) -> String {
    let answer = ask(arguments);
    assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{arguments:?}: {}", answer.err);
    answer.err
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| text(&home.path().join(name)).to_owned();
    File::create(path("large")).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
    fs::write(path("latin"), b"name = 'x'\n# caf\xe9\n").expect("written");
    fs::write(path("empty"), "").expect("written");
    for (name, reason) in [
        ("large", "it is larger than 16 MiB"),
        ("latin", "it is not UTF-8 text (line 2)"),
        ("", "it is a directory"),
        ("nowhere", "there is no such file"),
        ("empty/inside", "part of the path is no directory"),
    ] {
        for command in [&["run"][..], &["check"], &["trace", "--trial", "1"]] {
            let message = refused(&[command, &[&path(name)]].concat());
            assert_eq!(message, format!("error: cannot read {}: {reason}\n", path(name)));
        }
    }
    assert!(refused(&["check", &path("empty")]).starts_with("error: an empty file\n"));
    assert!(refused(&["check", ""]).contains("a value is required for '<FILE>...'"));
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_or_without_end_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("secret.toml");
    fs::write(&path, "name = 'x'").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("it is ours");
    // A process with all rights may read this file.
    if File::open(&path).is_err() {
        assert!(refused(&["check", text(&path)]).contains("permission denied"));
    }
    if Path::new("/dev/zero").exists() {
        assert!(refused(&["check", "/dev/zero"]).contains("it is larger than 16 MiB"));
    }
}

#[test]
fn hostile_texts_are_refused_in_no_time() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("hostile.toml");
    let keys: Vec<String> = (0..100_000).map(|number| format!("k{number} = 1\n")).collect();
    let clients: Vec<String> = (0..30_000).map(|number| format!("[[clients]]\nname = 'c{number}'\n")).collect();
    for (content, told) in [
        (format!("a = {}", "[".repeat(200_000)), "error: "),
        (format!("a = {}{}", "[".repeat(200_000), "]".repeat(200_000)), "nesting that is too deep"),
        (format!("a = {}", "{ a = ".repeat(200_000)), "error: "),
        (format!("[{}a]\n", "a.".repeat(200_000)), "nesting that is too deep"),
        ("[a]\n[a.b]\n[a.b.c]\n[a]\n".repeat(20_000), "written twice"),
        ("= 1\n".repeat(200_000), "an empty key"),
        ("\0".repeat(1 << 20), "error: "),
        (format!("name = '{}'\n", "x".repeat(10 << 20)), "the key `horizon`"),
        (keys.concat(), "1000 problems"),
        (clients.concat(), "1000 problems"),
    ] {
        fs::write(&path, &content).expect("written");
        let arguments = ["check", text(&path)];
        let output = mrsim().args(arguments).timeout(Duration::from_secs(120)).output().expect("it starts");
        let answer = Answer::from(output);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{}", answer.err);
        assert!(answer.err.contains(told) && answer.err.len() < 100_000, "{told}: {:.2000}", answer.err);
        assert!(answer.err.lines().all(|line| line.chars().count() < 400), "{:.2000}", answer.err);
    }
}

#[test]
fn numbers_out_of_range_say_what_is_right() {
    for (arguments, told) in [
        (&["run", VALID, "--trials", "1000000000000000000"][..], "must be at most 1,000,000,000"),
        (&["run", VALID, "--trials", "0"], "must be at least 1"),
        (&["run", VALID, "--trials", "-7"], "must be at least 1"),
        (&["run", VALID, "--trials", "NaN"], "is not a whole number"),
        (&["run", VALID, "--seed", "-1"], "must be at least 0"),
        (&["run", VALID, "--seed", "9223372036854775808"], "must be at most 9223372036854775807"),
        (&["run", VALID, "--seed", "0x10"], "is not a whole number"),
        (&["run", VALID, "--threads", "0"], "must be at least 1"),
        (&["run", VALID, "--threads", "100000"], "must be at most 1024"),
        (&["run", VALID, "--precision", "inf"], "must be between 0 and 1"),
        (&["trace", VALID, "--trial", "-1"], "must be at least 0"),
        (&["trace", VALID, "--trial", "18446744073709551616"], "must be below"),
        (&["trace", VALID, "--percentile", "nan"], "must be above 0 and at most 100"),
        (&["run", VALID, "--set", "trials=1000000000000000000"], "expected a whole number from 1 to 1_000_000_000"),
        (&["run", VALID, "--set", "clients.europe.requests-per-second=nan"], "found nan"),
        (&["run", VALID, "--set", "dns.ttl=-5s"], "a duration cannot be negative"),
        (&["run", VALID, "--set", "horizon=36501d"], "at most a hundred years"),
        (&["run", VALID, "--set", "faults.0.region=mars-north-1"], "expected one of \"us-east-1\", \"eu-west-1\""),
        (&["run", VALID, "--set", "regions.mars-north-1.compute.zones=1"], "found the unknown name \"mars-north-1\""),
        (&["run", VALID, "--set", "dns.ttl"], "must be KEY=VALUE"),
        (&["run", VALID, "--format", "yaml"], "possible values: text, markdown, json"),
        (&["simulate", VALID], "unrecognized subcommand 'simulate'"),
        (&["run"], "required arguments were not provided"),
        (&["trace", VALID], "required arguments were not provided"),
    ] {
        let message = refused(arguments);
        assert!(message.contains(told), "{arguments:?}: {message}");
    }
}

#[test]
fn nothing_that_is_on_disk_is_lost() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| text(&home.path().join(name)).to_owned();
    fs::create_dir(path("results")).expect("a folder");
    fs::write(path("results/trials.csv"), "precious").expect("written");
    fs::create_dir(path("hidden")).expect("a folder");
    fs::write(path("hidden/.keep"), "").expect("written");
    fs::write(path("file"), "precious").expect("written");
    let before = content(home.path());
    for (out, told) in [
        ("results", "is not empty"),
        ("hidden", "is not empty"),
        ("results/trials.csv", "is not a folder"),
        ("file", "is not a folder"),
        ("file/inside", "is not a folder"),
        ("", "is not empty"),
    ] {
        let message = refused(&["run", VALID, "--out", &path(out)]);
        assert!(message.contains(told), "{out}: {message}");
    }
    assert!(refused(&["run", VALID, "--out", &path("results")]).contains("hint: results are never overwritten"));
    assert!(refused(&["run", VALID, "--out", VALID]).contains("is not a folder"));
    assert!(refused(&["run", VALID, VALID, "--out", &path("both")]).contains("would both be written to"));
    assert_eq!(content(home.path()), before);

    let answer = ask(&["run", VALID, "--out", &path(&"x".repeat(300))]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""));
    assert!(answer.err.starts_with("error: failed to"), "{}", answer.err);
    if Path::new("/proc/self").exists() {
        let answer = ask(&["run", VALID, "--out", "/proc/mrsim/results"]);
        assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""));
        assert!(answer.err.contains("failed to create folder `/proc/mrsim/results`"), "{}", answer.err);
    }
    assert_eq!(content(home.path()), before);

    // A refused file leaves no folder either, and a second run never touches the first one's.
    refused(&["run", VALID, "--set", "dns.ttl=3", "--out", &path("new")]);
    assert!(!Path::new(&path("new")).exists());
    assert_eq!(ask(&["run", VALID, "--out", &path("new/deep")]).code, Some(0));
    let first = content(home.path());
    refused(&["run", VALID, "--seed", "2", "--out", &path("new/deep")]);
    assert_eq!(content(home.path()), first);
}

#[test]
fn two_runs_into_one_folder_do_not_mix() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let codes = std::thread::scope(|scope| {
        let runs = ["1", "2"].map(|seed| {
            let out = &out;
            scope.spawn(move || ask(&["run", VALID, "--trials", "500", "--seed", seed, "--out", text(out)]).code)
        });
        runs.map(|run| run.join().expect("no panic"))
    });
    // The second process is told so, when it looks or when it writes.
    assert!(matches!(codes, [Some(0), Some(1 | 2)] | [Some(1 | 2), Some(0)]), "{codes:?}");
    let alone = home.path().join("alone");
    let seed = if codes[0] == Some(0) { "1" } else { "2" };
    assert_eq!(ask(&["run", VALID, "--trials", "500", "--seed", seed, "--out", text(&alone)]).code, Some(0));
    for name in ["trials.csv", "summary.json", "experiment.toml"] {
        assert_eq!(fs::read(out.join(name)).ok(), fs::read(alone.join(name)).ok(), "{name}");
    }
}

#[test]
fn files_are_found_from_where_the_user_stands() {
    let home = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(home.path().join("sub")).expect("a folder");
    let base = fs::read(crate::program::root().join(VALID)).expect("it is there");
    fs::write(home.path().join("base.toml"), base).expect("written");
    fs::write(home.path().join("sub/child.toml"), "extends = '../base.toml'\ntrials = 5\n").expect("written");
    fs::write(home.path().join("-odd name.toml"), "extends = 'base.toml'\ntrials = 5\n").expect("written");
    assert_eq!(ask_in(home.path(), &["run", "sub/child.toml", "--out", "results"]).code, Some(0));
    assert!(home.path().join("results/trials.csv").is_file());
    assert_eq!(ask_in(&home.path().join("sub"), &["run", "child.toml"]).code, Some(0));
    assert_eq!(ask_in(home.path(), &["run", "--", "-odd name.toml"]).code, Some(0));
}
