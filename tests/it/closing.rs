//! The last lines of a run: what holds a journey back, where it is back in between.

use std::fs;

use crate::lab::head;
use crate::program::ask_in;

/// One region that nothing leads away from is out from 10 min to 20 min and from 70 min to 75 min. The recovery time is
/// 65 min, of which 15 min are down, all of them for want of another answer: 50 of 65 are 76.9 %.
#[test]
fn time_up_between_two_outages_holds_nobody_back() {
    let outage = |at: &str, lasts: &str| {
        format!("[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"{at}\"\nduration = \"{lasts}\"\n")
    };
    let text = head(
        "horizon = \"2h\"\ntrials = 50",
        &["us-east-1"],
        "policy = \"simple\"",
        &[("us", "us-east-1", "requests-per-second = 100")],
    ) + "[[journeys]]\nname = \"buy\"\nshare = 1\n"
        + &outage("10m", "10m");
    let folder = tempfile::tempdir().expect("a folder");
    let told = |text: &str| {
        fs::write(folder.path().join("twice.toml"), text).expect("a file");
        let answer = ask_in(folder.path(), &["run", "twice.toml", "--quiet"]);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        answer.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let once = told(&text);
    assert!(once.contains("What holds us back? no-path: 100 % of the mean recovery time of buy."), "{once}");
    let twice = told(&(text + &outage("70m", "5m")));
    let expected = "What holds us back? buy goes down again after it was back: it is up for 76.9 % of its mean recovery \
                    time, which lasts until it is back for good. no-path takes 100 % of the time that it is down.";
    assert!(twice.contains(expected), "{twice}");
}
