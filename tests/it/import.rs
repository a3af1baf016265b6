//! Imports as a user meets them: a file that runs and that counts what it asks, and plans in place of experiments.

use std::fs;
use std::path::PathBuf;

use crate::program::{Answer, ask, ask_in, names, root};

const TWO: &str = "experiments/plans/two-regions.plan.json";
const CAPPED: &str = "experiments/plans/capped.plan.json";

/// A folder with the plans beside it, as in a clone.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("experiments")).expect("made");
        let plans = folder.path().join("experiments/plans");
        fs::create_dir(&plans).expect("made");
        for name in names(&root().join("experiments/plans"), ".json") {
            let name = format!("{name}.json");
            fs::copy(root().join("experiments/plans").join(&name), plans.join(&name)).expect("copied");
        }
        Self(folder)
    }

    fn ask(&self, arguments: &[&str]) -> Answer {
        ask_in(self.0.path(), arguments)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it was written")
    }
}

/// How many questions a text counts, as `11 questions open`.
fn open(text: &str) -> usize {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.windows(3).position(|three| three[1].starts_with("question") && three[2].starts_with("open"));
    at.map_or(0, |at| words[at].parse().expect("a number"))
}

#[test]
fn an_import_runs_as_it_is_and_says_that_it_is_not_finished() {
    let desk = Desk::new();
    let imports: [(&[&str], &str); 4] = [
        (&[TWO], "two-regions.toml"),
        (&["experiments/plans/local-region.plan.json", "--region", "aws.west=eu-west-1"], "local-region.toml"),
        (&["experiments/plans/nested-aliases.plan.json"], "nested-aliases.toml"),
        (&["CDK", "-o", "cdk.toml"], "cdk.toml"),
    ];
    let cdk = root().join("experiments/plans/cdk.out");
    for (arguments, file) in imports {
        let mut words = vec!["import"];
        words.extend(arguments.iter().map(|word| if *word == "CDK" { cdk.to_str().expect("UTF-8") } else { word }));
        let answer = desk.ask(&words);
        assert_eq!((answer.code, answer.out.as_str()), (Some(0), ""), "{}", answer.err);
        let asked = desk.text(file).matches("QUESTION ").count();
        let checked = desk.ask(&["check", file]);
        assert_eq!((checked.code, open(&checked.out)), (Some(0), asked), "{}{}", checked.out, checked.err);
        let ran = desk.ask(&["run", file, "--trials", "20", "--quiet"]);
        assert!(ran.out.contains(&format!("{asked} questions open")), "{}{}", ran.out, ran.err);
        let document = desk.ask(&["run", file, "--trials", "20", "--quiet", "--format", "json"]).out;
        let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
        assert_eq!(document["questions"].as_array().map(Vec::len), Some(asked));
    }
}

/// A comment that is taken away is an answer, and so is a line that an extending file writes.
#[test]
fn questions_end_with_their_comments() {
    let desk = Desk::new();
    desk.ask(&["import", TWO, "-o", "shop.toml"]);
    let before = open(&desk.ask(&["check", "shop.toml"]).out);
    let text = desk.text("shop.toml").replace(
        "requests-per-second = { value = 100, source = \"assumed\" }   # QUESTION",
        "requests-per-second = 150   # was a QUESTION",
    );
    fs::write(desk.path("shop.toml"), text).expect("written");
    assert_eq!(open(&desk.ask(&["check", "shop.toml"]).out), before - 1);
    fs::write(desk.path("mine.toml"), "extends = \"shop.toml\"\nhorizon = \"1h\"\n").expect("written");
    assert_eq!(open(&desk.ask(&["check", "mine.toml"]).out), before - 2);
    // The import reads the file that is there: what it does not ask any more, it answers, and nothing else has changed.
    let again = desk.ask(&["import", TWO, "-o", "shop.toml"]);
    assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{}", again.err);
    assert!(again.err.contains("says what the inputs say"), "{}", again.err);
}

#[test]
fn a_file_that_is_there_stays_and_differences_are_told_by_key() {
    let desk = Desk::new();
    desk.ask(&["import", TWO, "-o", "shop.toml"]);
    let first = desk.text("shop.toml");
    let answer = desk.ask(&["import", CAPPED, "-o", "shop.toml"]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert_eq!(answer.out, "regions.eu-west-1.compute.instances.max: 24 in the file, 6 in the inputs\n");
    assert_eq!(desk.text("shop.toml"), first);
}

#[test]
fn answers_are_kept_apart_and_those_that_nothing_asks_are_named() {
    let desk = Desk::new();
    fs::write(
        desk.path("answers.toml"),
        "horizon = \"1h\"\n[compute]\nrequests-per-second = 150\ninstances = { desired = 1 }\n",
    )
    .expect("written");
    let answer = desk.ask(&["import", TWO, "--answers", "answers.toml", "-o", "-", "--strict"]);
    assert_eq!(answer.code, Some(3), "{}", answer.err);
    assert!(answer.out.contains("requests-per-second = 150   # answered"), "{}", answer.out);
    assert!(answer.err.contains("nothing asks `compute.instances.desired`"), "{}", answer.err);
}

#[test]
fn a_region_that_is_nowhere_is_an_error_that_names_the_flag() {
    let answer = ask(&["import", "experiments/plans/local-region.plan.json", "-o", "-"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""));
    for words in ["`aws.west`", "`local.dr`", "--region aws.west=eu-west-1"] {
        assert!(answer.err.contains(words), "{}", answer.err);
    }
    let folder = ask(&["import", "experiments", "-o", "-"]);
    assert_eq!(folder.code, Some(2));
    let other = ask(&["import", "experiments/plans/policy.json", "-o", "-"]);
    assert!(other.code == Some(2) && other.err.contains("is no plan"), "{}", other.err);
}

#[test]
fn every_resource_has_a_line_in_the_explanation() {
    let text = ask(&["import", TWO, "--explain"]);
    let document = ask(&["import", TWO, "--explain", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.out).expect("JSON");
    let resources = document["resources"].as_array().expect("a list");
    let counted: u64 = ["used", "asked", "left-out"].iter().filter_map(|key| document[*key].as_u64()).sum();
    assert_eq!((resources.len() as u64, text.out.lines().count()), (counted, resources.len() + 1));
}

/// The guesses of both plans are those of the first: 400 and 300 requests a second, and 100 for an instance. Without the cap
/// the second region grows to carry all 700; with it, it carries 600 for good, and no trial comes back.
#[test]
fn plans_are_compared_like_experiments() {
    let gate = ["--fail-if-worse", "rto.mean"];
    let common = ["--trials", "300", "--quiet", "--markdown"];
    let answer = ask(&[&["compare", TWO, CAPPED][..], &common, &gate].concat());
    assert_eq!(answer.code, Some(3), "{}", answer.err);
    assert!(answer.out.contains("later"), "{}", answer.out);
    assert!(answer.out.contains("questions are open"), "{}", answer.out);
    let same = ask(&[&["compare", TWO, TWO][..], &common, &gate].concat());
    assert_eq!(same.code, Some(0), "{}", same.err);
}

#[test]
fn a_policy_becomes_objectives_and_an_experiment_for_each_disruption() {
    let desk = Desk::new();
    let answer = desk.ask(&["import", TWO, "--policy", "experiments/plans/policy.json", "-o", "shop.toml"]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    // 3,600 s and 5 s for a region, 900 s and 60 s for a zone.
    assert!(desk.text("shop.toml").contains("rto = { p99 = \"3600s\" }   # QUESTION"), "{}", desk.text("shop.toml"));
    for (word, fault, limit) in [
        ("region", "region-outage", "3600s"),
        ("zone", "zone-outage", "900s"),
        ("hardware", "instance-failures", "900s"),
        ("software", "gray-failure", "1800s"),
    ] {
        let name = format!("shop-{word}.toml");
        let text = desk.text(&name);
        assert!(text.contains(&format!("\"{fault}\"")) && text.contains(limit), "{text}");
        let ran = desk.ask(&["run", &name, "--trials", "20", "--quiet"]);
        assert!(matches!(ran.code, Some(0 | 3)), "{}{}", ran.out, ran.err);
    }
}
