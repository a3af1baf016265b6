//! `mrsim drill`: what it writes is what AWS takes, and what it says it cannot show.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{ask, ask_in, root, text};
use crate::schema::refusal;

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("it was written");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Partitions, outages, pauses of buckets and tables, zones, instances, functions; runbooks with each kind of step.
const EXPERIMENTS: [&str; 9] = [
    "active-active",
    "split-brain",
    "object-storage",
    "zone-outage",
    "lambda-2023",
    "pilot-light",
    "promote-a-replica",
    "static-stability",
    "gray-failure",
];

#[test]
fn templates_and_plans_have_the_shape_that_the_services_take() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let shapes = ["fis", "region-switch"].map(|name| json(&root().join(format!("tests/it/{name}.schema.json"))));
    let (mut templates, mut plans) = (0, 0);
    for name in EXPERIMENTS {
        let out = home.path().join(name);
        let file = format!("experiments/{name}.toml");
        let answer = ask(&["drill", &file, "--trials", "25", "--quiet", "--out", text(&out)]);
        assert_eq!(answer.code, Some(0), "{name}: {}", answer.err);
        for entry in fs::read_dir(&out).expect("the folder is there").flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let shape = match file.as_str() {
                "arc-plan.json" => &shapes[1],
                _ if file.starts_with("fis") => &shapes[0],
                _ => continue,
            };
            let document = json(&entry.path());
            assert_eq!(refusal(shape.clone(), &document), None, "{name}: {document:#}");
            if file == "arc-plan.json" {
                plans += 1;
                continue;
            }
            templates += 1;
            // Every target of an action is one of the template.
            for action in document["actions"].as_object().expect("it has actions").values() {
                let targets = action["targets"].as_object().expect("it has targets").values();
                assert!(targets.clone().all(|target| document["targets"].get(target.as_str().unwrap_or("")).is_some()));
            }
            // The alarm that notices the fault does not end the drill.
            let stop = document["stopConditions"][0]["value"].as_str().unwrap_or("").to_owned();
            assert!(stop.ends_with(":stop-the-drill"), "{stop}");
        }
    }
    assert!(templates >= 7 && plans >= 5, "{templates} {plans}");
}

/// A shape that takes anything would show nothing.
#[test]
fn the_shapes_refuse_what_the_services_refuse() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("drill");
    ask(&["drill", "experiments/active-active.toml", "--trials", "25", "--quiet", "--out", text(&out)]);
    let read = |name: &str| fs::read_to_string(out.join(name)).expect("it was written");
    let shape = |name: &str| json(&root().join(format!("tests/it/{name}.schema.json")));
    for (file, name, from, to) in [
        ("fis.json", "fis", "\"Subnets\":", "\"RouteTables\":"),
        ("fis.json", "fis", "PT50M", "50 minutes"),
        ("fis.json", "fis", "\"ALL\"", "\"all\""),
        ("fis.json", "fis", "\"region\": \"eu-west-1\",", ""),
        ("fis.json", "fis", "aws:cloudwatch:alarm\"", "none\""),
        ("arc-plan.json", "region-switch", "\"name\": \"active-active\"", "\"name\": \"active active\""),
        ("arc-plan.json", "region-switch", "\"failover\"", "\"fail-over\""),
        ("arc-plan.json", "region-switch", "\"eu-west-1\"\n  ]", "\"eu-west-1\", \"eu-west-2\"\n  ]"),
        ("arc-plan.json", "region-switch", "ManualApproval", "Approval"),
    ] {
        let document = read(file);
        assert!(document.contains(from), "{from}: {document}");
        let changed: Value = serde_json::from_str(&document.replace(from, to)).expect("still JSON");
        assert!(refusal(shape(name), &changed).is_some(), "{to}");
    }
}

#[test]
fn a_drill_says_what_it_cannot_show_and_is_made_once() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("drill");
    let arguments = ["drill", "experiments/active-active.toml", "--trials", "50", "--quiet", "--out", text(&out)];
    let answer = ask(&arguments);
    assert!(answer.out.contains("the control planes of us-east-1 stay up"), "{}", answer.out);
    assert!(
        fs::read_to_string(out.join("sheet.md")).expect("written").contains("the control planes of us-east-1 stay up")
    );
    let again = ask(&arguments);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is not empty"), "{}", again.err);
    // A sheet that somebody filled in is not the program's to overwrite.
    fs::write(out.join("drill.csv"), "mark,at\nhealth-flip,41s\n").expect("written");
    let forced = ask(&[&arguments[..], &["--force"]].concat());
    assert!(forced.code == Some(2) && forced.err.contains("holds `drill.csv`"), "{}", forced.err);
    let rated = ask(&["drill", "experiments/a-year-of-faults.toml"]);
    assert_eq!((rated.code, rated.out.as_str()), (Some(2), ""));
    assert!(rated.err.contains("a drill needs one fault at one time"), "{}", rated.err);
}

/// The drill's times go back into the experiment's figures, marked as a drill.
#[test]
fn times_of_drills_go_back_into_the_figures() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("drill");
    ask(&["drill", "experiments/active-active.toml", "--trials", "25", "--quiet", "--out", text(&out)]);
    let mut sheet = "drill,mark,at\n".to_owned();
    for (drill, minutes) in [4, 5, 7, 9, 6, 8].into_iter().enumerate() {
        let step = "runbook.promote-orders.step";
        sheet += &format!(
            "{drill},{step}.0.begin,2m\n{drill},{step}.0.end,{minutes}m\n{drill},{step}.1.begin,{minutes}m\n{drill},{step}.1.end,> 20m\n"
        );
    }
    fs::write(out.join("drill.csv"), sheet).expect("written");
    let file = root().join("experiments/active-active.toml");
    let answer = ask_in(&out, &["calibrate", text(&file), "--from", "calibrate.toml", "--format", "toml"]);
    // Nobody saw a promotion end: that key has no distribution.
    assert_eq!(answer.code, Some(3), "{}", answer.err);
    let line = "runbooks.promote-orders.steps.0.approve = { lognormal = {";
    assert!(
        answer.out.contains(line) && answer.out.contains("observations = 6, from = \"drill: drill.csv\" }"),
        "{}",
        answer.out
    );
    assert!(
        answer.out.contains("# stores.orders.promotion-time: no distribution: 0 of 6 observations came to their end"),
        "{}",
        answer.out
    );
    let laid = ask_in(
        &out,
        &["drill", text(&file), "--trials", "100", "--quiet", "--measured", "drill.csv", "--format", "json"],
    );
    let document: Value = serde_json::from_str(&laid.out).expect("it is JSON");
    let spans = document["spans"].as_array().expect("it has spans");
    let promoted = spans.iter().find(|span| span["mark"] == "runbook.promote-orders.step.1.end").expect("it is there");
    assert_eq!((promoted["verdict"].as_str(), document["drills"].as_u64()), (Some("slower"), Some(6)));
}

/// What a ramp takes stands in the file: a list that gave the whole time of its step to `takes` would count it twice.
#[test]
fn the_time_of_a_ramp_is_not_calibrated_as_what_its_step_takes() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let list = |ramp: &str| {
        let out = home.path().join(if ramp.is_empty() { "as-it-is" } else { "at-once" });
        let base = ["drill", "experiments/metastable.toml", "--trials", "25", "--quiet", "--out", text(&out)];
        let set: &[&str] = if ramp.is_empty() { &[] } else { &["--set", ramp] };
        let answer = ask(&[&base, set].concat());
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        fs::read_to_string(out.join("calibrate.toml")).expect("a list")
    };
    // Steps of the file: approve, shed, wait, and admit with a ramp of four parts.
    let ramped = list("");
    assert!(ramped.contains("steps.1.takes") && !ramped.contains("steps.3.takes"), "{ramped}");
    let at_once = list("runbooks.shed-load.steps=[{ approve = \"5m\" }, { admit = \"everybody\" }]");
    assert!(at_once.contains("steps.1.takes"), "{at_once}");
}
