//! How people begin: a file from a pattern, completions, the manual, help with examples.

use std::fs;

use crate::program::{ask, ask_in, text};

/// The commands as the help lists them.
fn commands() -> Vec<String> {
    let help = ask(&["--help"]).out;
    let list = help
        .split(
            "Commands:
",
        )
        .nth(1)
        .and_then(|rest| {
            rest.split(
                "

",
            )
            .next()
        })
        .expect("there is a list");
    let names = list.lines().filter_map(|line| line.split_whitespace().next().filter(|_| !line.starts_with("      ")));
    let names: Vec<String> = names.filter(|name| *name != "help").map(str::to_owned).collect();
    assert!(names.len() > 8, "{help}");
    names
}

#[test]
fn a_pattern_becomes_a_file_that_runs_and_is_never_overwritten() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let answer = ask_in(home.path(), &["init", "pilot-light"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(0), ""), "{}", answer.err);
    assert!(answer.err.contains("mrsim run pilot-light.toml"), "{}", answer.err);
    let written = fs::read_to_string(home.path().join("pilot-light.toml")).expect("it was written");
    assert_eq!(ask(&["init", "pilot-light", "-o", "-"]).out, written);
    // It stands by itself: nothing of what it extends in the catalogue lies beside it.
    let answer = ask_in(home.path(), &["run", "pilot-light.toml", "--trials", "50"]);
    assert!(answer.out.starts_with("pilot-light  50 trials"), "{}{}", answer.out, answer.err);
    assert_eq!(answer.err, "");

    fs::write(home.path().join("pilot-light.toml"), "precious").expect("written");
    let refused = ask_in(home.path(), &["init", "pilot-light"]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    assert!(refused.err.contains("`pilot-light.toml` is there already"), "{}", refused.err);
    assert_eq!(fs::read_to_string(home.path().join("pilot-light.toml")).expect("read"), "precious");
}

#[test]
fn patterns_are_listed_and_a_slip_in_a_name_is_answered_with_the_nearest() {
    let list = ask(&["init", "--list"]);
    let names: Vec<&str> = list.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    // Who has a real system begins with the first.
    assert!(
        names.len() >= 5 && names.starts_with(&["shop-in-three-regions", "minimal", "active-active"]),
        "{}",
        list.out
    );
    for name in names {
        assert!(ask(&["init", name, "-o", "-"]).out.contains(&format!("= \"{name}\"")), "{name}");
    }
    let slip = ask(&["init", "pilto-light"]);
    assert_eq!(slip.code, Some(2));
    assert!(slip.err.contains("'pilot-light'"), "{}", slip.err);
}

#[test]
fn every_command_teaches_by_example_and_has_a_page() {
    for command in &commands() {
        let help = ask(&[command, "--help"]).out;
        let examples = help.split("Examples:\n").nth(1).expect("there are examples");
        assert!(examples.trim_start().starts_with(&format!("mrsim {command}")), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        let page = ask(&["man", command]);
        assert_eq!(page.code, Some(0), "{}", page.err);
        assert!(page.out.starts_with(".ie") && page.out.contains(&format!(".TH mrsim-{command} 1")), "{}", page.out);
    }
    let page = ask(&["man"]).out;
    assert!(commands().iter().all(|command| page.contains(&format!("mrsim\\-{command}(1)"))), "{page}");
    assert_eq!(ask(&["man", "nothing"]).code, Some(2));
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ask(&["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""), "{shell}");
        assert!(commands().iter().all(|command| script.out.contains(command.as_str())), "{shell}: {}", script.out);
    }
    assert_eq!(ask(&["completions", "cmd"]).code, Some(2));
}

#[test]
fn two_files_of_one_name_leave_nothing_behind() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("new");
    let file = "tests/broken/base/valid.toml";
    let answer = ask(&["run", file, &format!("./{file}"), "--out", text(&out)]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.err.contains("would both be written to"), "{}", answer.err);
    assert!(!out.exists());
}
