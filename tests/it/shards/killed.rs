//! Runs and shards that are killed, or stopped, and go on.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{assert_same, merge};
use crate::program::{VALID, ask, bare, text};

/// Starts the program, and kills it once a file of its folder has this size.
fn killed_at(arguments: &[&str], file: &Path, size: u64) -> bool {
    let mut command = bare();
    let mut child =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let begun = Instant::now();
    while fs::metadata(file).map_or(0, |file| file.len()) < size && begun.elapsed() < Duration::from_secs(120) {
        if child.try_wait().expect("it is ours").is_some() {
            return false;
        }
        sleep(Duration::from_millis(1));
    }
    // SIGKILL: nothing of the program runs after it.
    child.kill().and_then(|()| child.wait()).expect("it is ours");
    true
}

/// A run and a shard are killed again and again, each time some trials further, and end with the bytes of a run that was
/// left alone.
#[test]
fn what_is_killed_goes_on_where_it_was() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let trials = ["run", VALID, "--trials", "9_000", "--quiet", "--threads", "1"];
    for (name, file, shard) in [("run", "checkpoint.bin", &[][..]), ("shard", "trials.bin", &["--shard", "1/1"])] {
        let at = |kind: &str| home.path().join(format!("{name}-{kind}"));
        let (through, killed) = (at("through"), at("killed"));
        let through_it = [&trials[..], shard, &["--out", text(&through)]].concat();
        let command = [&trials[..], shard, &["--out", text(&killed)]].concat();
        let begun = Instant::now();
        let whole = ask(&through_it);
        let alone = begun.elapsed();
        let rows = killed.join(file);
        let mut size = 1 << 20;
        let mut kills = 0;
        while kills < 4 && killed_at(&command, &rows, size) {
            kills += 1;
            // What was finished stays, so that the next process begins beyond it.
            let left = fs::metadata(&rows).expect("it is there").len();
            assert!(left >= size, "{left} of {size} bytes");
            size = left + (1 << 20);
        }
        assert!(kills >= 2, "{name} was killed {kills} times in {alone:?}");
        if name == "run" {
            // Other work does not take the folder, and there is no page yet.
            let other = ask(&["run", VALID, "--trials", "41_000", "--out", text(&killed)]);
            assert!(other.code == Some(2) && other.err.contains("holds a part of other results"), "{}", other.err);
            assert!(ask(&["report", text(&killed)]).err.contains("holds a part of results"));
        } else {
            let merged = merge(std::slice::from_ref(&killed), &[]);
            assert!(merged.code == Some(2) && merged.err.contains("is unfinished: it holds "), "{}", merged.err);
        }
        let answer = ask(&command);
        assert_eq!((answer.code, answer.err.as_str()), (whole.code, ""), "{name}");
        assert_eq!(answer.out.replace(text(&killed), text(&through)), whole.out);
        assert_same(&through, &killed);
    }
}

/// A rule that looks at the trials ends a run that was killed where it would have ended anyway.
#[test]
fn a_precision_is_reached_at_the_same_trial_after_a_kill() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (through, killed) = (home.path().join("through"), home.path().join("killed"));
    let run = ["run", VALID, "--precision", "0.03", "--max-trials", "60_000", "--quiet", "--threads", "1", "--out"];
    let whole = ask(&[&run[..], &[text(&through)]].concat());
    let command = [&run[..], &[text(&killed)]].concat();
    assert!(killed_at(&command, &killed.join("checkpoint.bin"), 1 << 20), "it is killed on its way");
    let answer = ask(&command);
    assert_eq!((answer.code, answer.err), (whole.code, whole.err));
    assert_same(&through, &killed);
}

/// A stop keeps the result of what is finished, and the same command makes it whole.
#[test]
fn what_was_stopped_goes_on_with_the_same_command() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (through, stopped) = (home.path().join("through"), home.path().join("stopped"));
    let run = |out: &Path, options: &[&str]| {
        ask(&[&["run", VALID, "--trials", "9_000", "--quiet", "--threads", "1", "--out", text(out)], options].concat())
    };
    let whole = run(&through, &[]);
    // A fast machine is done within the first of these.
    let partial = ["300ms", "100ms", "30ms", "10ms"].iter().find_map(|time| {
        let answer = run(&stopped, &["--max-time", time]);
        if answer.code == whole.code {
            fs::remove_dir_all(&stopped).expect("it is ours");
            return None;
        }
        Some(answer)
    });
    let partial = partial.expect("some time is too short for all trials");
    assert_eq!(partial.code, Some(1), "{}", partial.err);
    assert!(partial.err.ends_with("hint: the same command goes on from there\n"), "{}", partial.err);
    assert!(stopped.join("summary.json").is_file() && stopped.join("stopped.txt").is_file());
    let again = run(&stopped, &[]);
    assert_eq!((again.code, again.err), (whole.code, whole.err));
    assert_same(&through, &stopped);
    // What is whole is whole.
    assert!(run(&stopped, &[]).err.contains("is not empty"));
}
