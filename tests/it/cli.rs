//! The command line as scripts and people rely on it: exit codes, what goes to which stream, colours, and bytes that are
//! the same on any number of threads.

use std::fs;

use predicates::prelude::*;
use serde_json::Value;

use crate::program::{Answer, VALID, ask, catalogue, mrsim, root, text};

fn json(arguments: &[&str]) -> Value {
    let answer = ask(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}{}", answer.out, answer.err))
}

/// An objective on the median recovery time of the valid experiment, at this many times its estimate.
fn objective(factor: f64) -> String {
    let document = json(&["run", VALID]);
    let median = document["worst"]["recovery-time"]["quantiles"]["p50"]["estimate"].as_f64().expect("it recovers");
    format!("objectives.rto={{ p50 = \"{}ms\" }}", (median * 1e3 * factor).round())
}

#[test]
fn exit_codes_tell_met_from_missed_from_undecided() {
    let run = |limit: &str, strict: bool| {
        let arguments = ["run", VALID, "--quiet", "--set", limit];
        ask(&[&arguments[..], if strict { &["--strict"] } else { &[] }].concat())
    };
    for (factor, verdict, code, strict_code) in [(2.0, "MET", 0, 0), (0.1, "MISSED", 3, 3), (1.0, "UNDECIDED", 0, 3)] {
        let limit = objective(factor);
        let (answer, strict) = (run(&limit, false), run(&limit, true));
        assert!(answer.out.contains(verdict), "{limit}: {}", answer.out);
        assert_eq!((answer.code, strict.code), (Some(code), Some(strict_code)), "{limit}: {}", answer.out);
        assert_eq!((answer.err.as_str(), &answer.out), ("", &strict.out));
    }
}

#[test]
fn of_several_experiments_the_gravest_end_counts() {
    let missed = objective(0.1);
    assert_eq!(ask(&["run", VALID, VALID, "--set", &missed]).code, Some(3));
    // Every error is found before anything runs.
    let answer = ask(&["run", VALID, "nowhere.toml", "--set", &missed]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""));
    assert!(answer.err.contains("cannot read nowhere.toml: there is no such file"), "{}", answer.err);
}

#[test]
fn the_catalogue_is_sound() {
    let files = catalogue();
    assert!(!files.is_empty());
    for file in files {
        let checked = ask(&["check", &file]);
        assert_eq!(checked.code, Some(0), "{}", checked.err);
        assert!(checked.out.starts_with(&format!("{file}: valid")), "{}", checked.out);
        let traced = ask(&["trace", &file, "--trial", "0"]);
        assert_eq!((traced.code, traced.err.as_str()), (Some(0), ""), "{file}");
        assert!(traced.out.lines().count() > 2, "{file}: {}", traced.out);
    }
}

#[test]
fn a_trial_is_the_same_wherever_it_runs() {
    let alone = ask(&["trace", VALID, "--trial", "17"]);
    assert_eq!(alone.code, Some(0));
    assert_eq!(ask(&["trace", VALID, "--trial", "17", "--eager"]).out, alone.out);
    assert_ne!(ask(&["trace", VALID, "--trial", "18"]).out, alone.out);
    let found = ask(&["trace", VALID, "--percentile", "50"]);
    assert_eq!(found.code, Some(0));
    assert!(found.err.contains("is at percentile 50 of 100 trials"), "{}", found.err);
    assert_eq!(ask(&["trace", VALID, "--percentile", "50", "--quiet"]).err, "");
}

#[test]
fn every_byte_is_the_same_for_any_number_of_threads() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let outputs = ["1", "2", "7"].map(|threads| {
        let out = home.path().join(threads);
        let arguments = ["run", VALID, "--trials", "500", "--quiet", "--threads", threads];
        let kept = ask(&[&arguments[..], &["--out", text(&out)]].concat());
        assert_eq!(kept.code, Some(0), "{}", kept.err);
        let read = |name: &str| fs::read(out.join(name)).expect("it was written");
        let mut files = ["experiment.toml", "trials.csv", "summary.json", "report.html"].map(read).to_vec();
        files.extend(cfg!(feature = "parquet").then(|| read("trials.parquet")));
        // The verdict names the folder, which is the run's own.
        let verdict = kept.out.replace(text(&out), "DIR");
        (ask(&[&arguments[..], &["--format", "json"]].concat()).out, verdict, files)
    });
    assert!(outputs[0] == outputs[1] && outputs[0] == outputs[2]);
    assert_eq!(String::from_utf8_lossy(&outputs[0].2[1]).lines().count(), 501);
}

#[test]
fn standard_output_carries_data_and_nothing_else() {
    // An objective that no DNS failover can meet, which draws a remark.
    let run = ["run", VALID, "--set", "objectives.rto={ p50 = \"1s\" }"];
    let answer = ask(&run);
    assert!(answer.out.starts_with("valid  100 trials, seed 1"), "{}", answer.out);
    assert!(answer.err.lines().all(|line| line.starts_with("warning: ")) && !answer.err.is_empty(), "{}", answer.err);
    let quiet = ask(&[&run[..], &["--quiet"]].concat());
    assert_eq!((quiet.err.as_str(), quiet.code), ("", answer.code));
    // Without the warnings the report carries the remarks, and nothing else is another line.
    let mut lines = quiet.out.lines();
    assert!(answer.out.lines().all(|line| lines.any(|other| other == line)), "{}", quiet.out);
    let more: Vec<&str> = quiet.out.lines().filter(|line| !answer.out.contains(line)).collect();
    assert!(more.first() == Some(&"Remarks on the file") && more.len() > 1, "{more:?}");
    let help = ask(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    assert!(help.out.contains("Exit codes:"));
    let nothing = ask(&[]);
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(2), ""));
    assert!(nothing.err.contains("Usage: mrsim <COMMAND>"), "{}", nothing.err);
}

#[test]
fn colours_are_for_terminals_and_never_with_no_color() {
    let escape = || predicate::str::contains("\u{1b}[");
    for arguments in [&["run", VALID, "--trials", "50"][..], &["--help"], &["trace", VALID, "--trial", "1"]] {
        mrsim().args(arguments).assert().success().stdout(escape().not()).stderr(escape().not());
        mrsim()
            .args(arguments)
            .env("CLICOLOR_FORCE", "1")
            .env("NO_COLOR", "1")
            .assert()
            .success()
            .stdout(escape().not());
    }
    // A file's mistakes are rendered far from the streams, and still the streams decide.
    let broken = ["check", VALID, "--set", "dns.ttl=60"];
    mrsim().args(broken).assert().code(2).stdout("").stderr(escape().not());
    mrsim().args(broken).env("CLICOLOR_FORCE", "1").assert().code(2).stdout("").stderr(escape());
    mrsim().args(broken).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").assert().code(2).stderr(escape().not());
    mrsim().args(["run", VALID, "--trials", "50"]).env("CLICOLOR_FORCE", "1").assert().success().stdout(escape());
}

/// `-` is standard input: the same document as of the file, and mistakes with their lines.
#[test]
fn an_experiment_can_come_from_standard_input() {
    let piped = |arguments: &[&str], input: &str| -> Answer {
        mrsim().args(arguments).write_stdin(input.to_owned()).output().expect("the program starts").into()
    };
    let run = |file| ["run", file, "--trials", "50", "--format", "json", "--quiet"];
    let source = fs::read_to_string(root().join(VALID)).expect("it is there");
    let answer = piped(&run("-"), &source);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    assert_eq!(answer.out, ask(&run(VALID)).out);
    assert!(piped(&["check", "-"], &source).out.starts_with("-: valid"));
    // What it extends lies where the program runs.
    let heir = piped(&run("-"), &format!("extends = \"{VALID}\"\nname = \"heir\"\n"));
    assert!(heir.code == Some(0) && heir.out.contains("\"experiment\": \"heir\""), "{}{}", heir.out, heir.err);
    let wrong = piped(&run("-"), &source.replace("ttl = \"60s\"", "tttl = \"60s\""));
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(2), ""));
    assert!(
        wrong.err.contains(" --> standard input:16:1") && wrong.err.contains("did you mean `ttl`"),
        "{}",
        wrong.err
    );
    assert_eq!(piped(&run("-"), "").code, Some(2), "nothing is no experiment");
}

/// What a file names, and what the command line sets for it, lies below the folder, or nothing is read.
#[test]
fn a_confined_file_leads_to_nothing_outside_its_folder() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let inside = home.path().join("inside");
    fs::create_dir(&inside).expect("made");
    let source = fs::read_to_string(root().join(VALID)).expect("it is there");
    fs::write(home.path().join("outside.toml"), &source).expect("written");
    fs::write(home.path().join("delays.csv"), "1\n2\n").expect("written");
    fs::write(inside.join("base.toml"), &source).expect("written");
    fs::write(inside.join("good.toml"), "extends = \"base.toml\"\n").expect("written");
    fs::write(inside.join("bad.toml"), "extends = \"../outside.toml\"\n").expect("written");
    let run = |file: &str, more: &[&str], verb: &str| {
        let path = inside.join(file);
        ask(&[&[verb, text(&path), "--confined", text(&inside)], more].concat())
    };
    let delays = format!("dns.propagation={{ empirical = \"{}\" }}", text(&home.path().join("delays.csv")));
    let delays = ["--set", delays.as_str()];
    for verb in ["check", "run"] {
        let trials: &[&str] = if verb == "run" { &["--trials", "25"] } else { &[] };
        assert_eq!(run("good.toml", trials, verb).code, Some(0));
        for (file, more) in [("bad.toml", &[][..]), ("good.toml", &delays)] {
            let refused = run(file, &[trials, more].concat(), verb);
            assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{}", refused.err);
            assert!(refused.err.contains("expected a file below ") && refused.err.contains("as --confined says"));
            // Without the bound both are read.
            let path = inside.join(file);
            assert_eq!(ask(&[&[verb, text(&path)], trials, more].concat()).code, Some(0));
        }
    }
    let nowhere = ask(&["check", VALID, "--confined", text(&home.path().join("none"))]);
    assert!(nowhere.code == Some(2) && nowhere.err.contains("cannot keep to the folder"), "{}", nowhere.err);
}

#[test]
fn settings_and_seed_of_the_command_line_are_those_of_the_result() {
    let document = json(&["run", VALID, "--trials", "1_000", "--seed", "7", "--set", "dns.ttl=30s"]);
    assert_eq!((&document["trials"], &document["seed"]), (&1_000.into(), &7.into()));
    let resolved = document["resolved"].as_str().expect("text");
    for line in ["seed = 7", "trials = 1000", "ttl = \"30s\""] {
        assert!(resolved.contains(line), "{resolved}");
    }
    // The command in a result gives the same result.
    let home = tempfile::tempdir().expect("a temporary folder");
    let again = home.path().join("again.toml");
    fs::write(&again, resolved).expect("written");
    assert_eq!(json(&["run", text(&again)]), document);
}
