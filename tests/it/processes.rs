//! The program as a process among others: Ctrl-C once and twice, readers that go away, disks that are full.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program::{Answer, VALID, ask, bare, content, root, text};

/// A run that takes minutes: a single trial of it, with every probe of 80 years.
const ENDLESS: [&str; 9] = ["run", VALID, "--set", "horizon=30000d", "--eager", "--trials", "1", "--threads", "1"];

/// A program under way, which no failing test leaves behind.
struct Running(Child);

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = bare();
        // As wide as what is kept.
        command.env("COLUMNS", "80");
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
        // Without a way to ask, waiting has to do.
        sleep(Duration::from_secs(1));
    }

    fn interrupt(&self) {
        let killed = std::process::Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        assert!(killed.expect("kill is there").success());
    }

    fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("it is ours").is_none()
    }

    /// Waits for the end. A document may be larger than a pipe; what goes to the other one fits.
    fn answer(mut self) -> Answer {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        if let Some(mut stream) = self.0.stdout.take() {
            stream.read_to_end(&mut stdout).expect("it is readable");
        }
        if let Some(mut stream) = self.0.stderr.take() {
            stream.read_to_end(&mut stderr).expect("it is readable");
        }
        let status = self.0.wait().expect("it is ours");
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
    let report = fs::read_to_string(out.join("report.txt")).expect("it was kept");
    assert_eq!(format!("{report}Files: {}\n", text(&out)), answer.out);

    // The finished trials are the first trials of the whole run, without a gap and unchanged.
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

/// Waits for a file or a folder.
fn appears(path: &Path, running: &mut Running) {
    while !path.exists() && running.is_running() {
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(500));
}

#[test]
fn a_stop_is_heard_inside_a_trial() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let mut running = Running::start(&[&ENDLESS[..], &["--out", text(&out)]].concat());
    running.handles_interrupts();
    // The folder is claimed just before the first trial begins.
    appears(&out, &mut running);
    running.interrupt();
    let answer = running.answer();
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""), "{}", answer.err);
    assert!(answer.err.contains("stopping; finished trials are kept, Ctrl-C again"), "{}", answer.err);
    assert!(answer.err.contains("was stopped before its first trials were done; nothing is kept"), "{}", answer.err);
    assert!(content(home.path()).is_empty());
}

/// The first asks for the end, which does not come while nobody reads what is printed.
#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let running = Running::start(&[
        "trace",
        VALID,
        "--percentile",
        "50",
        "--trials",
        "25",
        "--set",
        "horizon=30000d",
        "--set",
        "faults=[{ kind = \"region-outage\", region = \"us-east-1\", rate = \"1 per day\", duration = \"1h\" }]",
    ]);
    running.handles_interrupts();
    sleep(Duration::from_secs(1));
    running.interrupt();
    sleep(Duration::from_millis(20));
    running.interrupt();
    let answer = running.answer();
    assert!(matches!(answer.code, Some(130 | 1)), "{:?} {}", answer.code, answer.err);
}

/// A file that never comes to its end: a pipe that nobody writes to.
#[test]
fn a_stop_is_heard_while_a_file_is_read() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let pipe = home.path().join("pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo is there").success());
    let running = Running::start(&["run", text(&pipe)]);
    running.handles_interrupts();
    sleep(Duration::from_millis(200));
    running.interrupt();
    let answer = running.answer();
    assert_eq!(
        (answer.code, answer.out.as_str(), answer.err.as_str()),
        (Some(1), "", "error: stopped before anything ran\n")
    );
}

/// The first trials, as many as there was time for, and the result that just these give.
#[test]
fn a_run_whose_time_is_up_is_that_of_its_first_trials() {
    let answer = ask(&["run", VALID, "--trials", "5_000_000", "--max-time", "2s", "--format", "json", "--quiet"]);
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    assert!(answer.err.starts_with("error: stopped by --max-time 2 s after "), "{}", answer.err);
    let partial: serde_json::Value = serde_json::from_str(&answer.out).expect("it is whole");
    let trials = partial["trials"].as_u64().expect("a number");
    assert_eq!((&partial["complete"], trials % 25), (&false.into(), 0));
    let whole = ask(&["run", VALID, "--trials", &trials.to_string(), "--format", "json", "--quiet"]);
    let whole: serde_json::Value = serde_json::from_str(&whole.out).expect("it is whole");
    for part in ["journeys", "stores", "objectives", "milestones"] {
        assert_eq!(partial[part], whole[part], "{part}");
    }
    let none = ask(&["run", VALID, "--max-time", "0s"]);
    assert_eq!(none.code, Some(1));
    assert!(none.err.contains("stopped by --max-time 0 s before"), "{}", none.err);
    // A verdict that a stop leaves open passes no gate.
    let gated = ["compare", VALID, "experiments/active-active.toml", "--trials", "1_000_000", "--max-time", "2s"];
    let gated = ask(&[&gated[..], &["--fail-if-worse", "rto.p50"]].concat());
    assert_eq!(gated.code, Some(1), "{}", gated.err);
}

#[test]
fn what_does_not_fit_into_memory_is_refused_before_it_runs() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let run = ["run", VALID, "--trials", "10_000_000", "--max-memory", "100MB", "--out", text(&out)];
    let answer = ask(&run);
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""));
    assert!(answer.err.contains(" of memory for 10,000,000 trials of ") && !out.exists(), "{}", answer.err);
    // The system's own limit counts as well: what would be an abort is a message.
    let limited = format!("ulimit -v 1000000; exec {} {}", env!("CARGO_BIN_EXE_mrsim"), run[..4].join(" "));
    let output = std::process::Command::new("sh").args(["-c", &limited]).current_dir(root()).output();
    let answer = Answer::from(output.expect("sh is there"));
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""), "{}", answer.err);
    assert!(answer.err.contains("--trials "), "{}", answer.err);
}

/// A hundred trials take more than a block in `trials.csv`, and a page has more than a block: the write that is too large is told with
/// its file, and the folder is known as partial. What is printed into a file fails in the same way.
#[test]
fn a_file_beyond_the_limit_of_the_shell_is_a_message() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let limited = |rest: &str| -> Answer {
        let run = format!("run {VALID} --trials 100 --quiet {rest}");
        let command = format!("ulimit -f 1; exec {} {run}", env!("CARGO_BIN_EXE_mrsim"));
        let output = std::process::Command::new("sh").args(["-c", &command]).current_dir(root()).output();
        output.expect("sh is there").into()
    };
    let out = home.path().join("out");
    let refused = limited(&format!("--out {}", text(&out)));
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(refused.err.contains("File too large"), "{}", refused.err);
    let answer = ask(&["report", text(&out)]);
    assert!(answer.code != Some(0) && !answer.err.contains("panicked"), "{}", answer.err);
    let printed = limited(&format!("--format json >{}", text(&home.path().join("printed.json"))));
    assert_eq!(printed.code, Some(1), "{}", printed.err);
    assert!(printed.err.contains("File too large"), "{}", printed.err);
}

/// Five hundred threads of 2 MiB of stack each do not fit into 700 MB of addresses; one does. Each of them needs a batch of 25
/// trials to be wanted.
#[test]
fn threads_that_cannot_start_are_a_message_and_nothing_is_left() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let limited = |threads: u32| -> Answer {
        let trials = 25 * threads;
        let run = format!("run {VALID} --trials {trials} --threads {threads} --out {} --quiet", text(&out));
        let command = format!("ulimit -v 700000; exec {} {run}", env!("CARGO_BIN_EXE_mrsim"));
        let output = std::process::Command::new("sh").args(["-c", &command]).current_dir(root()).output();
        output.expect("sh is there").into()
    };
    let refused = limited(500);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{}", refused.err);
    assert!(
        refused.err.contains("failed to start threads") && refused.err.contains("fewer --threads"),
        "{}",
        refused.err
    );
    assert!(!out.exists());
    let one = limited(1);
    assert_eq!((one.code, one.err.as_str()), (Some(0), ""), "{}", one.out);
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
    // A closed stderr is no reason to panic either.
    let output = bare().args(["check", "nowhere.toml"]).stderr(full).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
}
