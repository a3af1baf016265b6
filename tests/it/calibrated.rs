//! `mrsim calibrate` as a user runs it: exports beside a list, lines, files and exit codes.

use std::fs;
use std::path::Path;

use crate::program::{Answer, ask_in, root, text};

const FILE: &str = "experiments/active-active.toml";

/// A folder with these files.
fn desk(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        fs::write(home.path().join(name), content).expect("written");
    }
    home
}

fn ask(home: &Path, more: &[&str]) -> Answer {
    let file = root().join(FILE);
    ask_in(home, &[&["calibrate", text(&file), "--from", "calibrate.toml"][..], more].concat())
}

const INCIDENTS: &str =
    "urgency,seconds_to_mobilize\nhigh,90\nhigh,140\nhigh,60\nlow,10\nhigh,300\nhigh,200\nhigh,450\n";
const LIST: &str = "runbooks.promote-orders.steps.0.approve = { file = \"incidents.csv\", column = \"seconds_to_mobilize\", only = \"urgency = high\" }\n";

#[test]
fn a_list_of_incidents_becomes_a_line_and_a_file() {
    let home = desk(&[("incidents.csv", INCIDENTS), ("calibrate.toml", LIST)]);
    let answer = ask(home.path(), &["--format", "toml"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    // Logarithms of 90, 140, 60, 300, 200 and 450.
    let logs = [90.0_f64, 140.0, 60.0, 300.0, 200.0, 450.0].map(f64::ln);
    let mean = logs.iter().sum::<f64>() / 6.0;
    let sd = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 6.0).sqrt();
    let digits = |value: f64| format!("{value:.1}s");
    let (median, p95) = (digits(mean.exp()), digits((mean + 1.644_853_627 * sd).exp()));
    let line = format!(
        "lognormal = {{ median = \"{median}\", p95 = \"{p95}\" }}, source = \"measured\", observations = 6, from = \"incidents.csv\""
    );
    assert!(answer.out.contains(&line), "{line}\n{}", answer.out);
    let written = ask(home.path(), &["-o", "new.toml"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    let new = fs::read_to_string(home.path().join("new.toml")).expect("it was written");
    let old = fs::read_to_string(root().join(FILE)).expect("it is there");
    assert!(new.contains(&line));
    // One line differs.
    assert_eq!(new.lines().zip(old.lines()).filter(|(new, old)| new != old).count(), 1);
    // It is an experiment like any, and says where the figure comes from.
    let checked = ask_in(home.path(), &["check", "new.toml"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    let again = ask(home.path(), &["-o", "new.toml"]);
    assert!(again.code == Some(2) && again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn everything_is_kept_and_the_same_bytes_come_twice() {
    let home = desk(&[("incidents.csv", INCIDENTS), ("calibrate.toml", LIST)]);
    for out in ["one", "two"] {
        assert_eq!(ask(home.path(), &["--out", out]).code, Some(0));
    }
    let names = [
        "calibrated.toml",
        "calibration.json",
        "report.html",
        "report.md",
        "law-1-runbooks-promote-orders-steps-0-approve.png",
    ];
    for name in names {
        let read = |out: &str| fs::read(home.path().join(out).join(name)).expect("it was written");
        assert!(read("one") == read("two"), "{name}");
    }
}

#[test]
fn what_cannot_be_calibrated_is_said_once_and_with_its_place() {
    let few = "urgency,seconds_to_mobilize\nhigh,90\nhigh,140\nhigh,60\nhigh,70\n";
    let home = desk(&[("incidents.csv", few), ("calibrate.toml", LIST), ("lag.json", "{\"MetricDataResults\": [")]);
    let answer = ask(home.path(), &[]);
    assert_eq!(answer.code, Some(3));
    assert!(answer.out.contains("4 observations are too few: a law takes 5"), "{}", answer.out);
    assert!(answer.out.contains("triangular"), "{}", answer.out);
    for (list, told) in [
        (
            "stores.orders.replication-lagg = { file = \"lag.json\" }",
            "stores.orders.replication-lagg: found a key that takes no measurements",
        ),
        ("dns.ttl = { file = \"lag.json\" }", "expected a key that takes a distribution of durations"),
        (
            "stores.nowhere.replication-lag = { file = \"incidents.csv\", column = \"seconds_to_mobilize\" }\nstores.orders.promotion-time = { file = \"gone.csv\" }",
            "cannot read gone.csv: there is no such file",
        ),
        (
            "stores.orders.replication-lag = { file = \"lag.json\" }",
            "lag.json: line 1, column 23: found the end of the file",
        ),
        ("stores.orders.replication-lag = { file = \".\" }", "it is a directory"),
    ] {
        fs::write(home.path().join("calibrate.toml"), list).expect("written");
        let answer = ask(home.path(), &[]);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{told}: {}", answer.err);
        assert!(answer.err.contains(told), "{told}\n{}", answer.err);
    }
}

#[test]
fn drills_and_incidents_are_not_counted_together_unasked() {
    let drills: String = (0..5)
        .map(|drill| {
            format!(
                "{drill},runbook.promote-orders.step.0.begin,1m\n{drill},runbook.promote-orders.step.0.end,{}m\n",
                drill + 2
            )
        })
        .collect();
    let list = |pool: &str| {
        format!(
            "runbooks.promote-orders.steps.0.approve = [{{ file = \"incidents.csv\", column = \"seconds_to_mobilize\"{pool} }}, {{ file = \"drill.csv\" }}]\n"
        )
    };
    let home = desk(&[
        ("incidents.csv", INCIDENTS),
        ("drill.csv", &format!("drill,mark,at\n{drills}")),
        ("calibrate.toml", &list("")),
    ]);
    let answer = ask(home.path(), &[]);
    assert!(
        answer.code == Some(2) && answer.err.contains("drills and incidents in one distribution"),
        "{}",
        answer.err
    );
    fs::write(home.path().join("calibrate.toml"), list(", pool = true")).expect("written");
    let answer = ask(home.path(), &["--format", "toml"]);
    assert!(
        answer.code == Some(0) && answer.out.contains("observations = 12, from = \"drill: incidents.csv, drill.csv\""),
        "{}",
        answer.out
    );
}

#[test]
fn windows_shells_write_utf_16() {
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(INCIDENTS.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let home = desk(&[("calibrate.toml", LIST)]);
    fs::write(home.path().join("incidents.csv"), wide).expect("written");
    let answer = ask(home.path(), &["--format", "toml"]);
    assert!(answer.code == Some(0) && answer.out.contains("observations = 6"), "{}{}", answer.out, answer.err);
}

#[test]
fn the_plan_is_a_script_that_a_shell_can_read() {
    let home = desk(&[]);
    let file = root().join(FILE);
    let answer = ask_in(home.path(), &["calibrate", text(&file), "--plan"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    fs::write(home.path().join("fetch.sh"), &answer.out).expect("written");
    let shell =
        std::process::Command::new("sh").arg("-n").arg(home.path().join("fetch.sh")).output().expect("sh is there");
    assert!(shell.status.success(), "{}", String::from_utf8_lossy(&shell.stderr));
    // The list of the script is one that calibrate reads, once its files are there.
    let list: Vec<&str> = answer
        .out
        .lines()
        .skip_while(|line| !line.starts_with("cat >"))
        .skip(1)
        .take_while(|line| *line != "END")
        .collect();
    assert!(list.len() > 4, "{}", answer.out);
    fs::write(home.path().join("calibrate.toml"), list.join("\n")).expect("written");
    let read = ask(home.path(), &[]);
    assert!(read.code == Some(2) && read.err.contains("cannot read execution.json"), "{}", read.err);
}
