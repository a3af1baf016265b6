//! What nobody should do and somebody will: each ends with a clear message and the right exit code, without a panic, and
//! loses nothing that was on disk.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use crate::program::{Answer, VALID, ask, ask_in, mrsim, text};

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
    // Who may read everything may read this.
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
        (&["run", VALID, "--trials", "1000000000000000000"][..], "must be at most 10,000,000"),
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
        (&["run", VALID, "--set", "trials=1000000000000000000"], "expected a whole number from 1 to 10_000_000"),
        (&["run", VALID, "--set", "clients.europe.requests-per-second=nan"], "found nan"),
        (&["run", VALID, "--set", "dns.ttl=-5s"], "a duration cannot be negative"),
        (&["run", VALID, "--set", "horizon=36501d"], "at most a hundred years"),
        (&["run", VALID, "--set", "faults.0.region=mars-north-1"], "expected one of \"us-east-1\", \"eu-west-1\""),
        (&["run", VALID, "--set", "regions.mars-north-1.compute.zones=1"], "found the unknown name \"mars-north-1\""),
        (&["run", VALID, "--set", "dns.ttl"], "must be KEY=VALUE"),
        (&["run", VALID, "--format", "yaml"], "possible values: text, json"),
        (&["simulate", VALID], "unrecognized subcommand 'simulate'"),
        (&["run"], "required arguments were not provided"),
        (&["trace", VALID], "required arguments were not provided"),
    ] {
        let message = refused(arguments);
        assert!(message.contains(told), "{arguments:?}: {message}");
    }
}

/// Everything in a folder: relative path and content.
fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
        let path = entry.path();
        match fs::read(&path) {
            Ok(bytes) => files.push((text(&path).to_owned(), bytes)),
            Err(_) => files.extend(content(&path)),
        }
    }
    files.sort();
    files
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
    // Whoever comes second is told so, when it looks or when it writes.
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

#[cfg(unix)]
mod processes {
    use std::io::Read as _;
    use std::process::{Child, ChildStdout, Stdio};
    use std::thread::sleep;
    use std::time::Instant;

    use super::*;
    use crate::program::bare;

    /// A run that takes minutes: a single trial of it, with every probe of 80 years.
    const ENDLESS: [&str; 9] = ["run", VALID, "--set", "horizon=30000d", "--eager", "--trials", "1", "--threads", "1"];

    /// A program under way, which no failing test leaves behind.
    struct Running(Child);

    impl Running {
        fn start(arguments: &[&str]) -> Self {
            let mut command = bare();
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            Self(command.spawn().expect("the program starts"))
        }

        fn stdout(&mut self) -> ChildStdout {
            self.0.stdout.take().expect("it is piped")
        }

        /// Waits until the program has a handler for SIGINT: before that Ctrl-C just ends it.
        fn handles_interrupts(&self) {
            let status = format!("/proc/{}/status", self.0.id());
            let begun = Instant::now();
            while Path::new(&status).exists() && begun.elapsed() < Duration::from_secs(60) {
                let status = fs::read_to_string(&status).unwrap_or_default();
                let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
                let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
                // Signal 2 is the second bit.
                if caught & 2 != 0 {
                    return;
                }
                sleep(Duration::from_millis(5));
            }
            // Where nobody can be asked, a while will do.
            sleep(Duration::from_secs(1));
        }

        fn interrupt(&self) {
            let killed = std::process::Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
            assert!(killed.expect("kill is there").success());
        }

        fn is_running(&mut self) -> bool {
            self.0.try_wait().expect("it is ours").is_none()
        }

        /// Waits for the end; what it prints fits into the pipes.
        fn answer(mut self) -> Answer {
            let status = self.0.wait().expect("it is ours");
            let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
            if let Some(mut stream) = self.0.stdout.take() {
                stream.read_to_end(&mut stdout).expect("it is readable");
            }
            if let Some(mut stream) = self.0.stderr.take() {
                stream.read_to_end(&mut stderr).expect("it is readable");
            }
            std::process::Output { status, stdout, stderr }.into()
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            // It may have ended by itself, as it should.
            let _ = self.0.kill().and_then(|()| self.0.wait());
        }
    }

    /// Interrupts a run of a million trials once some of them are done.
    fn interrupted(arguments: &[&str]) -> Answer {
        for seconds in [1, 4, 16, 64] {
            let running = Running::start(arguments);
            running.handles_interrupts();
            sleep(Duration::from_secs(seconds));
            running.interrupt();
            let answer = running.answer();
            let too_early = ["nothing is kept", &format!("stopped before `{VALID}`")];
            if !too_early.iter().any(|told| answer.err.contains(told)) {
                return answer;
            }
        }
        panic!("no trial in a minute");
    }

    #[test]
    fn ctrl_c_keeps_what_is_finished_and_says_that_it_is_partial() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let out = home.path().join("out");
        let run = ["run", VALID, "--trials", "5_000_000", "--threads", "2", "--out", text(&out)];
        let answer = interrupted(&run);
        assert_eq!(answer.code, Some(1), "{}", answer.err);
        assert!(answer.out.contains("PARTIAL  stopped after "), "{}", answer.out);
        assert!(answer.err.contains("of 5,000,000 trials; the result is partial\n"), "{}", answer.err);
        let summary = fs::read_to_string(out.join("summary.json")).expect("it was kept");
        let summary: serde_json::Value = serde_json::from_str(&summary).expect("it is whole");
        assert_eq!((&summary["complete"], &summary["trials-asked"]), (&false.into(), &5_000_000.into()));
        let done = summary["trials"].as_u64().expect("a number");
        let table = fs::read_to_string(out.join("trials.csv")).expect("it was kept");
        assert_eq!(table.lines().count() as u64, done + 1);
        assert_eq!(fs::read_to_string(out.join("report.txt")).expect("it was kept"), answer.out);

        // What is finished are the first trials of the whole run, none of them missing and none different.
        let first = table.lines().take(101).collect::<Vec<_>>().join("\n");
        let whole = home.path().join("whole");
        assert_eq!(ask(&["run", VALID, "--trials", "100", "--out", text(&whole)]).code, Some(0));
        assert_eq!(fs::read_to_string(whole.join("trials.csv")).expect("it is there").trim_end(), first);
    }

    #[test]
    fn an_interrupted_document_says_that_it_is_partial() {
        let answer = interrupted(&["run", VALID, "--trials", "5_000_000", "--format", "json", "--quiet"]);
        assert_eq!(answer.code, Some(1), "{}", answer.err);
        let document: serde_json::Value = serde_json::from_str(&answer.out).expect("it is whole");
        assert_eq!(document["complete"], false);
        assert!(answer.err.contains("the result is partial"), "{}", answer.err);
    }

    #[test]
    fn after_ctrl_c_no_other_experiment_begins() {
        let answer = interrupted(&["run", VALID, "experiments/active-active.toml", "--trials", "5_000_000"]);
        assert_eq!(answer.code, Some(1));
        assert!(answer.err.contains("error: stopped before `experiments/active-active.toml`"), "{}", answer.err);
        assert!(!answer.out.contains("active-active  "), "{}", answer.out);
        let trace = ["trace", VALID, "--percentile", "99", "--trials", "5_000_000"];
        let answer = interrupted(&trace);
        assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""));
        assert!(answer.err.contains("stopped before the trial at the percentile was known"), "{}", answer.err);
    }

    #[test]
    fn a_second_ctrl_c_ends_it_at_once_and_leaves_nothing_behind() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let out = home.path().join("out");
        let mut running = Running::start(&[&ENDLESS[..], &["--out", text(&out)]].concat());
        running.handles_interrupts();
        // The folder is claimed just before the first trial begins.
        while !out.exists() && running.is_running() {
            sleep(Duration::from_millis(5));
        }
        sleep(Duration::from_millis(500));
        running.interrupt();
        sleep(Duration::from_millis(500));
        assert!(running.is_running(), "the trial under way is finished first");
        running.interrupt();
        let answer = running.answer();
        assert_eq!((answer.code, answer.out.as_str()), (Some(130), ""), "{}", answer.err);
        assert!(content(home.path()).is_empty());
    }

    #[test]
    fn a_reader_that_goes_away_is_no_failure() {
        for (arguments, code) in [
            (&["run", VALID, "--trials", "2_000"][..], 0),
            (&["run", VALID, "--trials", "2_000", "--format", "json"], 0),
            (&["run", VALID, "--trials", "2_000", "--set", "objectives.rto={ p50 = \"1s\" }", "-q"], 3),
            (&["trace", VALID, "--trial", "3"], 0),
            (&["check", VALID], 0),
            (&["--help"], 0),
        ] {
            let mut running = Running::start(arguments);
            drop(running.stdout());
            let answer = running.answer();
            assert_eq!((answer.code, answer.err.as_str()), (Some(code), ""), "{arguments:?}");
        }
        // One that reads the first line only, as `head -1` does.
        let mut running = Running::start(&["trace", "experiments/active-active.toml", "--trial", "3"]);
        let mut first = [0; 1];
        running.stdout().read_exact(&mut first).expect("there is a line");
        assert_eq!(running.answer().code, Some(0));
    }

    #[test]
    fn a_full_disk_is_a_failure() {
        let Ok(full) = File::options().write(true).open("/dev/full") else { return };
        let home = tempfile::tempdir().expect("a temporary folder");
        let out = home.path().join("out");
        for arguments in [
            &["run", VALID, "--out", text(&out)][..],
            &["run", VALID, "--format", "json"],
            &["trace", VALID, "--trial", "3"],
            &["check", VALID],
            &["--help"],
        ] {
            let output = bare().args(arguments).stdout(full.try_clone().expect("a handle")).output();
            let answer = Answer::from(output.expect("the program starts"));
            assert_eq!(answer.code, Some(1), "{arguments:?}");
            let told = "error: failed to write to standard output: No space left on device (os error 28)\n";
            assert_eq!(answer.err, told, "{arguments:?}");
        }
        // The verdict could not be told, but the run was kept.
        assert_eq!(fs::read_to_string(out.join("trials.csv")).expect("it was kept").lines().count(), 101);
        // Nobody to complain to is no reason to panic either.
        let output = bare().args(["check", "nowhere.toml"]).stderr(full).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(2));
    }
}
