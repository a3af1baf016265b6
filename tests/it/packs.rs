//! Packs: incidents in general terms over one's own file.

use std::fs;

use serde_json::Value;

use crate::program::{Answer, VALID, ask, content, root, text};

fn check(arguments: &[&str]) -> Answer {
    ask(&[&["check", VALID, "--format", "json"], arguments].concat())
}

fn kinds(answer: &Answer) -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}", answer.err));
    let findings = document["findings"].as_array().expect("a list").clone();
    let told =
        |one: &Value| (one["kind"].as_str().unwrap_or("").to_owned(), one["message"].as_str().unwrap_or("").to_owned());
    findings.iter().map(told).collect()
}

/// The table of the valid experiment is in both regions; it has instances and no buckets.
#[test]
fn a_pack_takes_the_place_of_the_faults_and_strikes_every_store_of_a_kind() {
    let answer = ask(&["check", VALID, "--pack", "october-2025"]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    let said = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("100 % of accesses to sessions in us-east-1 fail, from 10 min on, for 172 min"), "{said}");
    assert!(said.contains("launches in us-east-1 fail with probability 100 %"), "{said}");
    assert!(!said.contains("us-east-1 is gone") && said.contains("horizon 16 h"), "{said}");
    let elsewhere = ask(&["check", VALID, "--pack", "october-2025@eu-west-1"]);
    assert!(elsewhere.out.contains("sessions in eu-west-1") && !elsewhere.out.contains("sessions in us-east-1"));
    // What the command line sets is said last.
    let set = ask(&["check", VALID, "--pack", "october-2025", "--set", "horizon=20h"]);
    assert!(set.out.contains("horizon 20 h"), "{}", set.out);
}

#[test]
fn what_a_pack_strikes_and_the_file_lacks_is_said() {
    let lacks = |pack: &str| {
        let all = kinds(&check(&["--pack", pack]));
        let own = all.into_iter().filter(|(kind, _)| kind == "pack-strikes-nothing");
        own.map(|(_, message)| message).collect::<Vec<_>>()
    };
    assert!(lacks("october-2025").is_empty());
    let buckets = lacks("s3-2017");
    assert_eq!(buckets.len(), 2, "reads and writes: {buckets:?}");
    assert!(buckets[0].contains("stores of the kind s3-replication in us-east-1"), "{buckets:?}");
    // A region that the file does not have, and from which nothing global is run.
    let tokyo = lacks("october-2025@ap-northeast-1");
    assert_eq!(tokyo.len(), 3, "{tokyo:?}");
    assert!(tokyo.iter().any(|said| said.contains("launches in ap-northeast-1")), "{tokyo:?}");
    assert!(tokyo.iter().any(|said| said.ends_with("strikes nothing of this design")), "{tokyo:?}");
}

#[test]
fn packs_that_are_none_say_which_there_are() {
    for (pack, said) in [
        ("october-2026", "did you mean october-2025?"),
        ("tests/broken/base/valid.toml", "a file with a table `[pack]`"),
        ("", "one of october-2025, lambda-2023"),
    ] {
        let answer = check(&["--pack", pack]);
        assert_eq!(answer.code, Some(2), "{pack}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains("--pack:1:1") && answer.err.contains(said), "{pack}: {}", answer.err);
    }
    let home = tempfile::tempdir().expect("a temporary folder");
    let own = home.path().join("own.toml");
    fs::write(&own, "[pack]\nname = 7\nreason = \"x\"\n[[faults]]\nkind = \"load-surge\"\nfactor = 2\nat = \"1m\"\nduration = \"1m\"\n")
        .expect("written");
    let answer = check(&["--pack", text(&own)]);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(
        answer.err.contains("pack.name: found the number 7")
            && answer.err.contains("pack.reason: found an unknown key")
    );
}

/// A list of files: each is laid over those before it, and a pack over all of them, wherever it stands in the list.
#[test]
fn several_files_lie_over_each_other_and_a_pack_over_all() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, written: &str| {
        let path = home.path().join(name);
        fs::write(&path, written).expect("written");
        path
    };
    let base = root().join(VALID);
    write("slow.toml", "dns.ttl = \"300s\"\nhorizon = \"2h\"\n");
    let pack = root().join("experiments/packs/october-2025.toml");
    let list = |files: &[&str]| files.iter().map(|file| format!("{file:?}")).collect::<Vec<_>>().join(", ");
    let all = [text(&pack), text(&base), "slow.toml"];
    let own = write("own.toml", &format!("extends = [{}]\nname = \"own\"\n", list(&all)));
    let answer = ask(&["run", text(&own), "--trials", "3", "--quiet", "--out", text(&home.path().join("out"))]);
    assert!(answer.code == Some(0) || answer.code == Some(3), "{}{}", answer.out, answer.err);
    let resolved = fs::read_to_string(home.path().join("out/experiment.toml")).expect("kept");
    assert!(resolved.contains("ttl = \"300s\"") && resolved.contains("horizon = \"16h\""), "{resolved}");
    assert!(
        !resolved.contains("extends") && !resolved.contains("pack") && !resolved.contains("stores-of"),
        "{resolved}"
    );
    // What is kept gives the same trials again, without the pack.
    let again = ask(&[
        "run",
        text(&home.path().join("out/experiment.toml")),
        "--trials",
        "3",
        "--quiet",
        "--out",
        text(&home.path().join("again")),
    ]);
    assert_eq!(again.code, answer.code, "{}", again.err);
    let trials = |folder: &str| {
        let files = content(&home.path().join(folder));
        files.into_iter().find(|(name, _)| name.ends_with("trials.csv")).expect("kept").1
    };
    assert!(trials("out") == trials("again"));
    // Two files that extend the same one are no circle.
    write("left.toml", &format!("extends = {:?}\ndns.ttl = \"30s\"\n", text(&base)));
    write("right.toml", &format!("extends = {:?}\nname = \"right\"\n", text(&base)));
    let both = write("both.toml", "extends = [\"left.toml\", \"right.toml\"]\n");
    let answer = ask(&["check", text(&both)]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    let one = write("one.toml", "extends = [\"left.toml\", 7]\n");
    let answer = ask(&["check", text(&one)]);
    assert!(answer.err.contains("or a list of such paths"), "{}", answer.err);
}

/// Every pack runs over a file of one's own, and says what it is from.
#[test]
fn every_pack_of_the_program_is_sound() {
    let folder = root().join("experiments/packs");
    let mut names: Vec<String> = crate::program::names(&folder, ".toml");
    names.sort();
    let mut known: Vec<String> = mrsim::file::pack_names().map(str::to_owned).collect();
    known.sort();
    assert_eq!(names, known, "the folder and the program have the same packs");
    for name in names {
        let answer = ask(&["run", VALID, "--pack", &name, "--trials", "2", "--quiet"]);
        assert!(answer.code == Some(0) || answer.code == Some(3), "{name}: {}", answer.err);
        let text = fs::read_to_string(folder.join(format!("{name}.toml"))).expect("there");
        assert!(
            text.contains("https://aws.amazon.com/message/") && text.contains(&format!("name   = \"{name}\"")),
            "{name}"
        );
    }
}
