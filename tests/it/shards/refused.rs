//! What a merge, and a shard, refuse: each with its message.

use std::fs;
use std::path::{Path, PathBuf};

use super::merge;
use crate::program::{VALID, ask, text};

/// What a merge refuses, and in which words.
#[test]
fn what_is_not_one_run_is_refused_and_the_part_is_named() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| home.path().join(name);
    let make = |name: &str, options: &[&str]| {
        let out = at(name);
        let answer = ask(&[&["run", VALID, "--trials", "90", "-q", "--out", text(&out)], options].concat());
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        out
    };
    let part = |index: u64| make(&format!("{index}"), &["--shard", &format!("{index}/3")]);
    let [one, two, three] = [1, 2, 3].map(part);
    let refused = |parts: &[&PathBuf], told: &[&str]| {
        let out = at("all");
        let parts: Vec<PathBuf> = parts.iter().map(|path| (*path).clone()).collect();
        let answer = merge(&parts, &["--out", text(&out)]);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{}", answer.err);
        for words in told {
            assert!(answer.err.contains(words), "{words}: {}", answer.err);
        }
        assert!(!out.exists(), "{}", answer.err);
    };
    // Gaps, and what is there twice.
    refused(&[&one, &three], &["no part holds trials 30 to 59 of 90 (shard 2/3)", "run the missing shards"]);
    refused(&[&two], &["no part holds trials 0 to 29, 60 to 89 of 90 (shard 1/3, 3/3)"]);
    refused(&[&one, &two, &three, &two], &[&format!("`{}` is named twice", text(&two))]);
    let half = make("half", &["--shard", "1/2"]);
    refused(&[&one, &half], &[text(&one), text(&half), "both hold trials 0 to 44"]);
    // Other runs.
    for (name, trials, options, told) in [
        ("seed", "90", &["--seed", "9"][..], "it is of seed 9, and `"),
        ("trials", "60", &[], "it is of a run of 60 trials, and `"),
        ("set", "90", &["--set", "dns.ttl=30s"], "the first difference is `ttl = \"30s\"` instead of `ttl = \"60s\"`"),
        ("name", "90", &["--set", "name=other"], "it is of `other`, and `"),
    ] {
        let out = at(name);
        let base = ["run", VALID, "-q", "--trials", trials, "--shard", "2/3", "--out", text(&out)];
        assert_eq!(ask(&[&base[..], options].concat()).code, Some(0));
        refused(&[&one, &out, &three], &[&format!("`{}` does not belong with `{}`: ", text(&out), text(&one)), told]);
    }
    // Another version.
    let version = at("version");
    copy(&two, &version);
    edit(&version.join("part.json"), "\"version\": \"", "\"version\": \"9.");
    refused(&[&one, &version, &three], &["it is of mrsim 9.", "of mrsim "]);
    refused(&[&version, &version], &["is named twice"]);
    let ends = at("ends");
    copy(&two, &ends);
    edit(&ends.join("part.json"), "\"end\": 60", "\"end\": 18446744073709551615");
    refused(&[&one, &ends, &three], &["part.json` is damaged: its trials are not those of its shard"]);
    // What is no part.
    let none = at("none");
    refused(&[&none], &["there is no folder"]);
    fs::create_dir(&none).expect("made");
    refused(&[&one, &none], &[&format!("`{}` is not a part: it has no part.json", text(&none))]);
    let whole = make("whole", &[]);
    refused(&[&whole], &["holds whole results, and not a part"]);
    // What was changed, cut, or mixed up.
    let damaged = at("damaged");
    copy(&two, &damaged);
    let rows = damaged.join("trials.bin");
    let mut bytes = fs::read(&rows).expect("it is there");
    let last = bytes.len() - 1;
    bytes[last - 500] ^= 1;
    fs::write(&rows, &bytes).expect("written");
    refused(&[&one, &damaged, &three], &["trials.bin` is damaged from trial 55 on", "run its command again"]);
    fs::write(&rows, &bytes[..bytes.len() / 2]).expect("written");
    refused(&[&one, &damaged, &three], &[&format!("`{}` is unfinished: it holds 0 of 30 trials", text(&damaged))]);
    fs::copy(one.join("trials.bin"), &rows).expect("copied");
    refused(&[&one, &damaged, &three], &["trials.bin` is not of the part.json beside it"]);
    fs::remove_file(&rows).expect("removed");
    refused(&[&one, &damaged, &three], &["is unfinished: it holds 0 of 30 trials"]);
    let edited = at("edited");
    copy(&one, &edited);
    edit(&edited.join("experiment.toml"), "ttl = \"60s\"", "ttl = \"50s\"");
    refused(&[&edited, &two, &three], &["experiment.toml` is not the experiment that the part beside it is of"]);
}

/// The parts of a sweep, too.
#[test]
fn what_is_not_one_sweep_is_refused() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let make = |name: &str, shard: &str, options: &[&str]| {
        let out = home.path().join(name);
        let base = ["sweep", VALID, "-q", "--shard", shard, "--out", text(&out)];
        let answer = ask(&[&base[..], options].concat());
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        out
    };
    let ttl = ["--trials", "40", "--vary", "dns.ttl=10s,20s,30s,40s"];
    let (one, two) = (make("1", "1/2", &ttl), make("2", "2/2", &ttl));
    let other = make("other", "2/2", &["--trials", "40", "--vary", "dns.ttl=10s,20s,30s,50s"]);
    let seed = make("seed", "2/2", &[&ttl[..], &["--seed", "9"]].concat());
    let run = home.path().join("run");
    assert_eq!(ask(&["run", VALID, "-q", "--shard", "1/2", "--out", text(&run)]).code, Some(0));
    for (parts, told) in [
        (vec![&one], "no part holds 2 of 4 points: 1, 3"),
        (vec![&one, &two, &one], "is named twice"),
        (vec![&one, &other], "it varies other keys, has other values or other trials"),
        (vec![&one, &seed], "it is of seed 9, and `"),
        (vec![&one, &run], "is not the manifest of a part"),
    ] {
        let parts: Vec<PathBuf> = parts.into_iter().cloned().collect();
        let answer = merge(&parts, &[]);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{}", answer.err);
        assert!(answer.err.contains(told), "{told}: {}", answer.err);
    }
    let points: Vec<PathBuf> =
        fs::read_dir(two.join("points")).expect("listed").flatten().map(|entry| entry.path()).collect();
    fs::remove_file(&points[0]).expect("removed");
    let answer = merge(&[one.clone(), two.clone()], &[]);
    assert!(answer.err.contains(&format!("`{}` is unfinished: it lacks point ", text(&two))), "{}", answer.err);
    // The same command makes what is missing.
    make("2", "2/2", &ttl);
    assert_eq!(merge(&[one, two], &["-q"]).code, Some(0));
}

#[test]
fn what_no_shard_can_do_is_refused_before_anything_runs() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let run = |options: &[&str]| ask(&[&["run", VALID, "--out", text(&out)], options].concat());
    for (answer, told) in [
        (
            run(&["--shard", "1/4", "--precision", "0.02"]),
            "the rule looks at all trials in their order, which no shard has",
        ),
        (run(&["--shard", "5/4"]), "is shard 5, and there are 4"),
        (run(&["--shard", "0/4"]), "is shard 0, and shards are counted from 1"),
        (run(&["--shard", "1/200", "--trials", "100"]), "100 trials cannot be cut into 200 shards"),
        (run(&["--shard", "1/4", "--strict"]), "cannot be used with"),
        (run(&["--shard", "1/4", "--parameters", "20"]), "cannot be used with"),
        (run(&["--shard", "1/4", "--format", "json"]), "cannot be used with"),
        (run(&["--shard", "auto"]), "none of the variables of a scheduler is set"),
        (ask(&["run", VALID, "--shard", "1/4"]), "--out"),
        (
            ask(&["sweep", VALID, "--vary", "dns.ttl=10s,20s", "--shard", "1/3", "--out", text(&out)]),
            "2 points cannot be cut into 3 shards",
        ),
    ] {
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{told}: {}", answer.err);
        assert!(answer.err.contains(told), "{told}: {}", answer.err);
        assert!(!out.exists(), "{told}");
    }
    // A folder that holds something else is left alone.
    assert_eq!(run(&["--shard", "1/4"]).code, Some(0));
    let other = run(&["--shard", "2/4"]);
    assert!(other.code == Some(2) && other.err.contains("holds another shard"), "{}", other.err);
    let whole = run(&[]);
    assert!(whole.code == Some(2) && whole.err.contains("is not empty"), "{}", whole.err);
    let report = ask(&["report", text(&out)]);
    assert!(report.code == Some(2) && report.err.contains("mrsim merge"), "{}", report.err);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("made");
    for entry in fs::read_dir(from).expect("listed").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("it is text");
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}
