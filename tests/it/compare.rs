//! `mrsim compare` as scripts and reviewers rely on it.

use std::fs;

use serde_json::Value;

use crate::program::{Answer, VALID, ask, content, root, text};

/// A folder with candidates that extend the valid experiment.
struct Candidates(tempfile::TempDir);

impl Candidates {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A candidate that changes `rest`.
    fn add(&self, name: &str, rest: &str) -> String {
        let path = self.0.path().join(format!("{name}.toml"));
        let base = root().join(VALID);
        let written = format!("extends = {:?}\nname = {name:?}\n{rest}", text(&base));
        fs::write(&path, written).expect("written");
        text(&path).to_owned()
    }

    fn out(&self, name: &str) -> String {
        text(&self.0.path().join(name)).to_owned()
    }
}

/// Settings of a candidate whose people need this long.
fn approved_in(time: &str) -> String {
    format!(
        "[[runbooks]]\nname = \"promote-orders\"\n\
         steps = [{{ approve = \"{time}\" }}, {{ promote = \"orders\", to = \"eu-west-1\" }}]\n"
    )
}

fn compare(files: &[&str], options: &[&str]) -> Answer {
    // Long enough for every trial to be back.
    let common = ["--trials", "500", "--quiet", "--set", "horizon=2h", "--set", "objectives.rto={ p90 = \"5m\" }"];
    ask(&[&["compare"], files, &common, options].concat())
}

fn document(files: &[&str], options: &[&str]) -> Value {
    let answer = compare(files, &[options, &["--format", "json"]].concat());
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}{}", answer.out, answer.err))
}

#[test]
fn people_who_decide_faster_recover_sooner() {
    let candidates = Candidates::new();
    let short = candidates.add("short", &approved_in("30s"));
    let answer = compare(&[VALID, &short], &[]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    assert!(answer.out.starts_with("short against valid  500 trials each, seed 1"), "{}", answer.out);
    assert!(answer.out.contains("\nshort recovers ") && answer.out.contains(" sooner at p90"), "{}", answer.out);
    let markdown = compare(&[VALID, &short], &["--markdown"]);
    assert!(markdown.out.starts_with("### short against valid\n\n500 trials each"), "{}", markdown.out);
    assert!(markdown.out.contains("\n\n**short recovers "), "{}", markdown.out);
    assert_eq!(compare(&[VALID, &short], &["--format", "markdown"]).out, markdown.out);
}

#[test]
fn a_candidate_against_itself_differs_in_nothing() {
    let document = document(&[VALID, VALID], &[]);
    let found = &document["comparisons"][0];
    for (_, difference) in found["differences"].as_object().expect("an object") {
        let ends = ["estimate", "low", "high"].map(|end| difference[end].as_f64());
        assert_eq!(ends, [Some(0.0); 3], "{difference}");
    }
    assert_eq!(found["in-trials"]["rto"]["same"]["estimate"], 1.0);
    assert_eq!(document["candidates"][0]["hash"], document["candidates"][1]["hash"]);
    assert_eq!((&document["baseline"], &found["candidate"]), (&"valid".into(), &"valid (2)".into()));
}

#[test]
fn candidates_run_under_the_seed_and_trials_of_the_first() {
    let candidates = Candidates::new();
    let other = candidates.add("other", "seed = 99\ntrials = 7\n");
    let answer = ask(&["compare", VALID, &other, "--format", "json"]);
    let document: Value = serde_json::from_str(&answer.out).expect("it is JSON");
    assert_eq!((&document["seed"], &document["trials"]), (&1.into(), &100.into()));
    // The two differ in what was overridden alone.
    assert_eq!(document["comparisons"][0]["in-trials"]["rto"]["same"]["estimate"], 1.0);
    let seeded = self::document(&[VALID, &other], &["--seed", "5"]);
    assert_eq!((&seeded["seed"], &seeded["trials"]), (&5.into(), &500.into()));
}

#[test]
fn a_gate_fails_if_a_candidate_is_worse_and_only_then() {
    let candidates = Candidates::new();
    let short = candidates.add("short", &approved_in("30s"));
    let gate = |files: [&str; 2], figure: &str| compare(&files, &["--fail-if-worse", figure]);
    assert_eq!(gate([VALID, &short], "rto.p90").code, Some(0));
    assert_eq!(gate([VALID, VALID], "rto.p90").code, Some(0));
    let worse = gate([&short, VALID], "rto.p90");
    assert_eq!((worse.code, worse.err.as_str()), (Some(3), "worse: rto.p90 of valid is above that of short\n"));
    assert_eq!(gate([&short, VALID], "rto.mean").code, Some(3));
    // Too few trials for this quantile, since 0.999^2994 > 5 %: a gate that cannot judge has not passed.
    let refused = gate([&short, VALID], "rto.p99.9");
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    let said = "error: rto.p99.9 cannot be held against the baseline: it takes 2,995 trials, and there are 500";
    assert!(refused.err.starts_with(said) && refused.err.contains("--trials 2995"), "{}", refused.err);
    let wrong = gate([VALID, &short], "mttr.p99");
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(2), ""));
    assert!(wrong.err.contains("rto.p99"), "{}", wrong.err);
}

/// One that never comes back is worse by its quantile and on average; two that never do leave the gate without an answer.
#[test]
fn a_gate_judges_what_is_not_back() {
    let candidates = Candidates::new();
    let lost = candidates.add("lost", &approved_in("10d"));
    let gate = |files: [&str; 2], figure: &str| compare(&files, &["--fail-if-worse", figure]);
    for figure in ["rto.p90", "rto.mean"] {
        let worse = gate([VALID, &lost], figure);
        assert_eq!((worse.code, worse.err.starts_with("worse: ")), (Some(3), true), "{}", worse.err);
        assert_eq!(gate([&lost, VALID], figure).code, Some(0), "{figure}");
        let unknown = gate([&lost, &lost], figure);
        assert_eq!(unknown.code, Some(1), "{}", unknown.err);
        assert!(
            unknown.err.starts_with("error: ") && unknown.err.contains("cannot be held against"),
            "{}",
            unknown.err
        );
    }
}

#[test]
fn what_is_wrong_with_any_file_is_said_before_anything_runs() {
    let answer = compare(&["nowhere.toml", "tests/broken/nothing-here.toml"], &[]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""));
    assert!(answer.err.contains("nowhere.toml") && answer.err.contains("nothing-here.toml"), "{}", answer.err);
    let one = compare(&[VALID], &[]);
    assert_eq!((one.code, one.out.as_str()), (Some(2), ""));
}

#[test]
fn the_folder_holds_everything_and_the_same_bytes_for_any_number_of_threads() {
    let candidates = Candidates::new();
    let short = candidates.add("short", &approved_in("30s"));
    let slow = candidates.add("slow", &approved_in("5m"));
    let folders = ["1", "2", "5"].map(|threads| {
        let out = candidates.out(threads);
        let answer =
            compare(&[VALID, &short, &slow], &["--threads", threads, "--out", &out, "--fail-if-worse", "rpo.p50"]);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        assert!(answer.out.contains("best first: short ("), "{}", answer.out);
        let files = content(out.as_ref());
        let files: Vec<(String, Vec<u8>)> = files
            .into_iter()
            .map(|(path, bytes)| {
                (path.replace(&out, ""), String::from_utf8_lossy(&bytes).replace(&out, "").into_bytes())
            })
            .collect();
        files
    });
    let names: Vec<&str> = folders[0].iter().map(|(name, _)| name.trim_start_matches('/')).collect();
    let mut expected = vec![
        "candidate-1.toml",
        "candidate-2.toml",
        "candidate-3.toml",
        "comparison.json",
        "data-loss.png",
        "data-loss.svg",
        "recovery-time.png",
        "recovery-time.svg",
        "report.html",
        "report.md",
        "report.txt",
        "trials.csv",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(folders[1..].iter().all(|files| *files == folders[0]));
}

/// A constant decision that takes 270 s longer keeps the writer away for 270 s more of the 2 h, in every trial.
/// Downtime is the rest of availability and has no figure of its own.
#[test]
fn availability_is_compared_where_somebody_asks_for_it() {
    let candidates = Candidates::new();
    let fast = candidates.add("fast", &approved_in("30s"));
    let slow = candidates.add("slow", &approved_in("5m"));
    let named = document(&[&fast, &slow], &["--fail-if-worse", "availability"]);
    let asked = document(&[&fast, &slow], &["--set", "objectives.availability=0.999"]);
    for document in [&named, &asked] {
        let found = &document["comparisons"][0]["differences"]["availability"];
        let expected = -270.0 / 7_200.0;
        assert!(found["estimate"].as_f64().is_some_and(|share| (share - expected).abs() < 1e-4), "{found}");
    }
    assert!(document(&[&fast, &slow], &[])["comparisons"][0]["differences"]["availability"].is_null());
    let answer = compare(&[&fast, &slow], &["--fail-if-worse", "availability"]);
    assert_eq!(answer.code, Some(3), "{}", answer.err);
    assert!(
        answer.out.contains("percentage points less of the") && answer.out.contains("-3.75 points"),
        "{}",
        answer.out
    );
    assert_eq!(answer.err, "worse: availability of slow is below that of fast\n");
    assert_eq!(compare(&[&slow, &fast], &["--fail-if-worse", "availability"]).code, Some(0));
    let other = compare(&[&fast, &slow], &["--fail-if-worse", "downtime.mean"]);
    assert_eq!((other.code, other.out.as_str()), (Some(2), ""));
    assert!(other.err.contains("must be availability, by itself"), "{}", other.err);
}
