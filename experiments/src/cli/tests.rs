//! The command line with a synthetic experiment: streams and exit codes.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::console::Console;
use super::execute;
use crate::exit::{Exit, Failure};
use crate::finding::{Finding, Spot};
use crate::run::synthetic::Synthetic;
use crate::run::{Experiment, Open, Overrides, Stop, Trials as _};

/// Opens any path but `bad.toml`; other special names change the trials.
#[derive(Default)]
struct Shelf {
    stop: Stop,
}

impl Open for Shelf {
    type Source = Synthetic;

    fn open(&self, path: &Path, overrides: &Overrides) -> Result<Experiment<Synthetic>, Failure> {
        let mut source = Synthetic::typical();
        match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("bad") => return Err(Failure::bad_file("error: unknown key `ttll`\n --> bad.toml:3:1")),
            Some("missed") => source.header.objectives[0].limit = 1.0,
            Some("undecided") => source.header.objectives[0].limit = 480.0,
            Some("stopped") => source.stops_at = Some((60, self.stop.clone())),
            Some("panics") => source.panics_at = vec![300],
            _ => {}
        }
        source.header.seed = overrides.seed.unwrap_or(1);
        let trials = overrides.trials.unwrap_or(500);
        Ok(Experiment {
            header: source.header.clone(),
            trials,
            findings: if path == Path::new("sound.toml") { Vec::new() } else { vec![made_up(path)] },
            notes: vec![Finding { kind: "remarked", ..made_up(path) }],
            sweep: None,
            solve: None,
            source,
        })
    }

    fn trace(&self, experiment: &Experiment<Synthetic>, trial: u64, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "trial {trial} begins")?;
        let mut row = vec![0.0; experiment.source.columns().len()];
        experiment.source.run(&mut experiment.source.worker(), trial, &mut row, &mut Vec::new());
        writeln!(out, "recovered after {} s", row[0])
    }
}

const MADE_UP: &str = "warning: a.toml:3:1: this is made up; change it [made-up]\n";

fn made_up(path: &Path) -> Finding {
    Finding {
        kind: "made-up",
        spot: Spot { file: path.display().to_string(), line: 3, column: 1 },
        path: "dns.ttl".to_owned(),
        message: "this is made up".to_owned(),
        change: "change it".to_owned(),
    }
}

struct Answer {
    exit: Exit,
    out: String,
    err: String,
}

fn ask(arguments: &[&str]) -> Answer {
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let arguments = std::iter::once("mrsim").chain(arguments.iter().copied());
    let shelf = Shelf::default();
    let exit = execute(&shelf, arguments, &mut Console::new(&mut out, &mut err), &shelf.stop, false);
    let text = |stream: anstream::StripStream<Vec<u8>>| String::from_utf8(stream.into_inner()).expect("it is text");
    Answer { exit, out: text(out), err: text(err) }
}

#[test]
fn data_goes_to_stdout_and_words_to_stderr() {
    let answer = ask(&["run", "a.toml"]);
    assert_eq!((answer.exit, answer.err.as_str()), (Exit::Done, MADE_UP));
    assert!(answer.out.starts_with("active-active  500 trials, seed 1"), "{}", answer.out);
    assert_eq!(ask(&["run", "a.toml", "--quiet"]).err, "");
}

#[test]
fn overrides_reach_the_experiment() {
    let answer = ask(&["run", "a.toml", "--trials", "1_000", "--seed", "7", "--threads", "2"]);
    assert!(answer.out.starts_with("active-active  1,000 trials, seed 7"), "{}", answer.out);
}

#[test]
fn the_exit_code_says_whether_objectives_hold() {
    assert_eq!(ask(&["run", "missed.toml"]).exit, Exit::Missed);
    let undecided = ask(&["run", "undecided.toml"]);
    assert!(undecided.out.contains("UNDECIDED"), "{}", undecided.out);
    assert_eq!(undecided.exit, Exit::Done);
    assert_eq!(ask(&["run", "undecided.toml", "--strict"]).exit, Exit::Missed);
    // A p99 takes 299 trials: an objective that cannot be judged has not passed, and one that is missed all the same is
    // missed.
    assert_eq!(ask(&["run", "a.toml", "--trials", "298"]).exit, Exit::Missed);
    assert_eq!(ask(&["run", "a.toml", "--trials", "299"]).exit, Exit::Done);
    assert_eq!(ask(&["run", "a.toml", "missed.toml"]).exit, Exit::Missed);
}

#[test]
fn json_is_one_document_an_experiment() {
    let answer = ask(&["run", "a.toml", "missed.toml", "--format", "json"]);
    let documents: Vec<serde_json::Value> = serde_json::Deserializer::from_str(&answer.out)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("a stream of JSON");
    assert_eq!((documents.len(), answer.out.lines().count()), (2, 2));
    assert_eq!(documents[1]["objectives"][0]["verdict"], "missed");
}

#[test]
fn ci_systems_get_one_document_for_all_files() {
    let tests = ask(&["run", "a.toml", "missed.toml", "--format", "junit", "--quiet"]);
    assert_eq!(tests.exit, Exit::Missed);
    assert!(tests.out.starts_with("<?xml ") && tests.out.ends_with("</testsuites>\n"), "{}", tests.out);
    let count = |part: &str| tests.out.matches(part).count();
    assert_eq!((count("<testsuite "), count("<testcase "), count("<failure ")), (2, 4, 1), "{}", tests.out);
    let checked = ask(&["check", "a.toml", "bad.toml", "--format", "sarif"]);
    let document: serde_json::Value = serde_json::from_str(&checked.out).expect("one document");
    let rules: Vec<&str> = document["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|one| one["ruleId"].as_str())
        .collect();
    assert_eq!((checked.exit, rules), (Exit::Usage, vec!["made-up", "invalid-file"]));
    // People still read what is wrong.
    assert!(checked.err.contains("unknown key `ttll`"), "{}", checked.err);
    assert_eq!(ask(&["check", "a.toml", "--format", "sarif", "--strict"]).exit, Exit::Missed);
}

#[test]
fn every_bad_file_is_told_before_anything_runs() {
    let answer = ask(&["run", "a.toml", "bad.toml", "x/bad.toml"]);
    assert_eq!((answer.exit, answer.out.as_str()), (Exit::Usage, ""));
    assert_eq!(answer.err.matches("error: unknown key `ttll`").count(), 2);
}

#[test]
fn numbers_out_of_range_are_usage_errors_that_say_what_is_right() {
    let cases: [(&[&str], &str); 12] = [
        (&["run", "a.toml", "--trials", "0"], "must be at least 1"),
        (&["run", "a.toml", "--trials", "-5"], "must be at least 1"),
        (&["run", "a.toml", "--trials", "1000000000000000000"], "at most 1,000,000,000"),
        (&["run", "a.toml", "--trials", "99999999999999999999999"], "at most 1,000,000,000"),
        (&["run", "a.toml", "--trials", "10^18"], "write it out"),
        (&["run", "a.toml", "--trials", ""], "write it out"),
        (&["run", "a.toml", "--precision", "NaN"], "between 0 and 1"),
        (&["run", "a.toml", "--precision", "-0.1"], "between 0 and 1"),
        (&["run", "a.toml", "--precision", "0.1", "--trials", "5"], "cannot be used with"),
        (&["run", "a.toml", "--threads", "0"], "must be at least 1"),
        (&["run", "a.toml", "--set", "dns.ttl"], "must be KEY=VALUE"),
        (&["trace", "a.toml", "--percentile", "0"], "above 0 and at most 100"),
    ];
    for (arguments, expected) in cases {
        let answer = ask(arguments);
        assert_eq!((answer.exit, answer.out.as_str()), (Exit::Usage, ""), "{arguments:?}");
        assert!(answer.err.contains(expected), "{arguments:?}: {}", answer.err);
    }
    assert_eq!(ask(&["run", "a.toml", "--max-trials", "5"]).exit, Exit::Usage);
    assert_eq!(ask(&["trace", "a.toml"]).exit, Exit::Usage);
    assert_eq!(ask(&["run"]).exit, Exit::Usage);
}

#[test]
fn help_is_data_and_lists_exit_codes_and_examples() {
    let answer = ask(&["--help"]);
    assert_eq!((answer.exit, answer.err.as_str()), (Exit::Done, ""));
    assert!(answer.out.contains("Examples:") && answer.out.contains("Exit codes:"), "{}", answer.out);
    assert!(ask(&["run", "--help"]).out.contains("Exit codes:"));
    assert_eq!(ask(&["--version"]).out.trim(), concat!("mrsim ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn precision_runs_until_it_is_reached_or_says_by_how_much_it_is_not() {
    let answer = ask(&["run", "a.toml", "--precision", "0.02"]);
    assert_eq!((answer.exit, answer.err.as_str()), (Exit::Done, MADE_UP));
    let answer = ask(&["run", "a.toml", "--precision", "0.0001", "--max-trials", "2000"]);
    assert!(
        answer.out.contains("2,000 trials") && answer.err.contains("precision 0.0001 was not reached"),
        "{}",
        answer.err
    );
}

#[test]
fn a_folder_is_filled_once_and_never_overwritten() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("results");
    let path = out.to_str().expect("it is text");
    let answer = ask(&["run", "a.toml", "--quiet", "--out", path]);
    assert_eq!(answer.exit, Exit::Done, "{}", answer.err);
    for name in ["experiment.toml", "trials.csv", "report.txt", "summary.json"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    let report = fs::read_to_string(out.join("report.txt")).expect("read");
    assert_eq!(format!("{report}Files: {path}\n"), answer.out);
    assert_eq!(fs::read_to_string(out.join("trials.csv")).expect("read").lines().count(), 501);
    let again = ask(&["run", "a.toml", "--out", path]);
    assert_eq!((again.exit, again.out.as_str()), (Exit::Usage, ""));
    assert!(
        again.err.contains("is not empty") && again.err.contains("hint: results are never overwritten"),
        "{}",
        again.err
    );
}

/// Every file that a command writes is known as one of its own: `--force` could not overwrite it otherwise.
#[test]
fn every_command_overwrites_its_own_folder_if_it_is_forced_to() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let one: &[&str] = &["run", "a.toml"];
    let several: &[&str] = &["run", "a.toml", "b.toml"];
    let compared: &[&str] = &["compare", "a.toml", "b.toml"];
    let swept: &[&str] = &["sweep", "a.toml", "--vary", "dns.ttl=10s,20s", "--vary", "seed=1,2"];
    for (name, command) in [("one", one), ("several", several), ("compared", compared), ("swept", swept)] {
        let out = home.path().join(name);
        let command = [command, &["--trials", "300", "--out", out.to_str().expect("it is text")]].concat();
        let first = ask(&command);
        assert_eq!(first.exit, Exit::Done, "{}", first.err);
        if name != "swept" {
            assert_eq!(ask(&command).exit, Exit::Usage, "{name}");
        }
        let again = ask(&[&command[..], &["--force", "--seed", "7"]].concat());
        let again = if name == "swept" { ask(&[&command[..], &["--force"]].concat()) } else { again };
        assert_eq!(again.exit, Exit::Done, "{name}: {}", again.err);
    }
    let swept = ["sweep", "a.toml", "--vary", "dns.ttl=10s,30s", "--trials", "300", "--out"];
    let out = home.path().join("swept");
    let swept = [&swept[..], &[out.to_str().expect("it is text")]].concat();
    assert_eq!(ask(&swept).exit, Exit::Usage, "another sweep");
    let answer = ask(&[&swept[..], &["--force"]].concat());
    assert_eq!(answer.exit, Exit::Done, "{}", answer.err);
    assert_eq!(ask(&["run", "a.toml", "--force"]).exit, Exit::Usage, "there is nothing to overwrite");
}

/// A file whose name without its ending is `..` must not put its results beside the named folder.
#[test]
fn a_file_called_dots_stays_in_the_folder() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("results");
    let answer = ask(&["run", "...toml", "a.toml", "--trials", "300", "--out", out.to_str().expect("it is text")]);
    assert_eq!(answer.exit, Exit::Done, "{}", answer.err);
    assert!(out.join("...toml/summary.json").is_file() && out.join("a/summary.json").is_file());
    assert_eq!(fs::read_dir(home.path()).expect("listed").count(), 1);
}

#[test]
fn several_files_end_with_a_table() {
    let answer = ask(&["run", "a.toml", "missed.toml", "panics.toml", "undecided.toml"]);
    let closing: Vec<&str> = answer.out.lines().rev().take(5).collect();
    assert_eq!(closing[4], "1 of 3 experiments with objectives meet them all; 1 failed");
    for (line, words) in closing[..4].iter().rev().zip([
        ["MET", "a.toml"],
        ["MISSED", "missed.toml"],
        ["FAILED", "panics.toml"],
        ["UNDECIDED", "undecided.toml"],
    ]) {
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    // Programs read documents and not the table, and a single file needs none.
    let document = ask(&["run", "a.toml", "missed.toml", "--format", "json"]);
    assert!(document.out.lines().all(|line| line.starts_with('{')), "{}", document.out);
    assert!(!ask(&["run", "a.toml"]).out.contains("with objectives meet"));
}

/// A folder with something else, or nothing, is told for what it is.
#[test]
fn a_report_needs_a_folder_of_results() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("other");
    let folder = path.to_str().expect("it is text");
    let none = ask(&["report", folder]);
    assert_eq!((none.exit, none.err.contains("there is no folder `")), (Exit::Usage, true), "{}", none.err);
    fs::create_dir(&path).expect("made");
    let empty = ask(&["report", folder]);
    assert_eq!((empty.exit, empty.err.contains("summary.json")), (Exit::Usage, true), "{}", empty.err);
    fs::write(path.join("manifest.json"), "{}").expect("written");
    let part = ask(&["report", folder]);
    assert_eq!((part.exit, part.err.contains("holds a part of a sweep")), (Exit::Usage, true), "{}", part.err);
}

/// Messages never name the temporary file that is written first.
#[test]
fn a_pattern_for_a_folder_that_is_not_there_names_the_folder() {
    let answer = ask(&["init", "pilot-light", "-o", "/nowhere/at/all/shop.toml"]);
    assert_eq!(answer.exit, Exit::Failed);
    assert!(
        answer.err.contains("there is no folder `/nowhere/at/all`") && !answer.err.contains(".mrsim-"),
        "{}",
        answer.err
    );
}

/// With several files a remark names its file.
#[test]
fn check_tells_findings_first_and_fails_by_them_only_if_asked() {
    let answer = ask(&["check", "a.toml"]);
    let mut lines = answer.out.lines();
    assert_eq!(lines.next(), Some("a.toml: valid, 1 finding"));
    assert_eq!(lines.next(), Some(MADE_UP.trim_end()));
    assert_eq!((answer.exit, answer.err.as_str()), (Exit::Done, ""));
    assert_eq!(ask(&["check", "a.toml", "--strict"]).exit, Exit::Missed);
    assert_eq!(ask(&["check", "sound.toml", "--strict"]).exit, Exit::Done);
    // A note is told as well, and nothing fails by it.
    let noted = ask(&["check", "sound.toml"]);
    assert!(
        noted.out.contains("  note        sound.toml:3:1: this is made up; change it [remarked]\n"),
        "{}",
        noted.out
    );
    // A wrong file counts more than a misleading one.
    assert_eq!(ask(&["check", "a.toml", "bad.toml", "--strict"]).exit, Exit::Usage);
}

#[test]
fn programs_get_findings_as_data() {
    let answer = ask(&["check", "a.toml", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!((document["file"].as_str(), document["name"].as_str()), (Some("a.toml"), Some("active-active")));
    let finding = &document["findings"][0];
    assert_eq!((finding["kind"].as_str(), finding["line"].as_u64()), (Some("made-up"), Some(3)));
    assert_eq!(document["assumed"].as_array().map(Vec::len), Some(1));
    let note = &document["notes"][0];
    assert_eq!((note["kind"].as_str(), note["line"].as_u64()), (Some("remarked"), Some(3)));
    let several = ask(&["check", "a.toml", "sound.toml", "--format", "json"]);
    let lines: Vec<serde_json::Value> =
        several.out.lines().map(|line| serde_json::from_str(line).expect("a document on each line")).collect();
    assert_eq!((lines.len(), lines[1]["findings"].as_array().map(Vec::len)), (2, Some(0)));
}

#[test]
fn remarks_name_their_file_where_there_are_several() {
    let answer = ask(&["run", "a.toml", "b.toml"]);
    assert!(answer.err.contains(MADE_UP) && answer.err.contains("warning: b.toml:3:1: "));
    // A remark about every candidate of a comparison needs no name.
    assert_eq!(ask(&["compare", "a.toml", "b.toml"]).err, "warning: this is made up; change it [made-up]\n");
}

#[test]
fn several_files_have_folders_of_their_own() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().to_str().expect("it is text");
    assert_eq!(ask(&["run", "a.toml", "b.toml", "--out", path]).exit, Exit::Done);
    assert!(home.path().join("a/summary.json").is_file() && home.path().join("b/summary.json").is_file());
    let answer = ask(&["run", "x/c.toml", "y/c.toml", "--out", path]);
    assert_eq!(answer.exit, Exit::Usage);
    assert!(answer.err.contains("would both be written to"), "{}", answer.err);
    assert!(!home.path().join("c").exists(), "a refused run leaves no folder");
}

#[test]
fn a_failed_trial_is_named_with_the_command_that_replays_it() {
    let arguments = ["run", "panics.toml", "a.toml", "--set", "x='a b'", "--seed", "3"];
    let answer = ask(&arguments);
    assert_eq!(answer.exit, Exit::Failed);
    assert!(answer.err.contains("error: `panics.toml`: trial 300 failed: synthetic failure"), "{}", answer.err);
    let replay = r"mrsim trace panics.toml --trial 300 --seed 3 --set 'x='\''a b'\'''";
    assert!(answer.err.contains(replay), "{}", answer.err);
    assert!(answer.out.contains("active-active  500 trials"), "the other experiment still runs");
    let traced = ask(&["trace", "panics.toml", "--trial", "300"]);
    assert_eq!((traced.exit, traced.out.as_str()), (Exit::Failed, "trial 300 begins\n"));
}

#[test]
fn a_trace_takes_a_trial_or_a_percentile() {
    assert!(ask(&["trace", "a.toml", "--trial", "4711"]).out.starts_with("trial 4711 begins\n"));
    let answer = ask(&["trace", "a.toml", "--percentile", "99"]);
    assert_eq!(answer.exit, Exit::Done);
    assert!(answer.err.contains("is at percentile 99 of 500 trials: recovery time "), "{}", answer.err);
    assert_eq!(ask(&["trace", "a.toml", "--percentile", "99", "--trial", "1"]).exit, Exit::Usage);
}

#[test]
fn check_tells_what_the_file_says() {
    let answer = ask(&["check", "sound.toml", "bad.toml"]);
    assert_eq!(answer.exit, Exit::Usage);
    assert!(answer.out.starts_with("sound.toml: valid\n"), "{}", answer.out);
    for words in ["rto.p99 <= 10 min", "  1 assumed figure, ", "dns.propagation = "] {
        assert!(answer.out.contains(words), "{}", answer.out);
    }
}

#[test]
fn a_stopped_run_fails_and_leaves_no_folder() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("results");
    let stop = Stop::new();
    stop.ask();
    let (mut data, mut words) = (Vec::new(), Vec::new());
    let arguments = ["mrsim", "run", "a.toml", "--out", out.to_str().expect("it is text")];
    let exit = execute(&Shelf::default(), arguments, &mut Console::new(&mut data, &mut words), &stop, false);
    assert_eq!(exit, Exit::Failed);
    assert!(data.is_empty() && !out.exists());
}

#[test]
fn an_interrupted_run_keeps_what_is_finished_says_so_and_fails() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().to_str().expect("it is text");
    let answer = ask(&["run", "stopped.toml", "a.toml", "--threads", "1", "--out", path]);
    assert_eq!(answer.exit, Exit::Failed);
    assert!(answer.out.contains("PARTIAL  stopped after 75 of 500 trials"), "{}", answer.out);
    assert!(answer.err.contains("error: stopped after 75 of 500 trials; the result is partial"), "{}", answer.err);
    assert!(answer.err.contains("error: stopped before `a.toml`"), "{}", answer.err);
    assert_eq!(fs::read_to_string(home.path().join("stopped/trials.csv")).expect("read").lines().count(), 76);
    let summary = fs::read_to_string(home.path().join("stopped/summary.json")).expect("read");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("it is JSON");
    assert_eq!((&summary["complete"], &summary["trials-asked"]), (&false.into(), &500.into()));
    assert!(!home.path().join("a").exists());
}

/// A reader that closes the pipe, or a full disk.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_and_a_full_disk_is() {
    let ends =
        [(io::ErrorKind::BrokenPipe, Exit::Missed, ""), (io::ErrorKind::StorageFull, Exit::Failed, "failed to write")];
    for (kind, expected, said) in ends {
        let mut err = Vec::new();
        let mut out = Broken(kind);
        let arguments = ["mrsim", "run", "missed.toml", "--quiet"];
        let exit = execute(&Shelf::default(), arguments, &mut Console::new(&mut out, &mut err), &Stop::new(), false);
        assert_eq!(exit, expected);
        let err = String::from_utf8(err).expect("it is text");
        assert!(err.contains(said) && err.is_empty() == said.is_empty(), "{err}");
    }
}
