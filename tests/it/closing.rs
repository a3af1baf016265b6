//! The last lines of a run: what holds a journey back, where it is back in between.

use std::fs;

use serde_json::Value;

use crate::lab::head;
use crate::program::{VALID, ask, ask_in};

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

/// Two journeys, of which the one that nobody has an objective on takes longer: what is told is about the other one.
#[test]
fn what_holds_back_is_told_of_the_journey_that_has_to_get_better() {
    let store = |name: &str| format!("[stores.{name}]\nkind = \"dynamodb-global-table\"\n");
    let journey = |name: &str, need: &str, rest: &str| {
        format!("[[journeys]]\nname = \"{name}\"\nshare = 0.5\nneeds = [{{ {need} }}]\n{rest}")
    };
    let fails = |store: &str, lasts: &str| {
        format!(
            "[[faults]]\nkind = \"service-impairment\"\nstore = \"{store}\"\nregion = \"us-east-1\"\nat = \"10m\"\n\
             duration = \"{lasts}\"\n"
        )
    };
    let text = |limit: &str| {
        let head = head(
            "horizon = \"3h\"\ntrials = 100",
            &["us-east-1"],
            "policy = \"simple\"",
            &[("us", "us-east-1", "requests-per-second = 100")],
        );
        let browse =
            journey("browse", "read = \"prices\"", &format!("objectives = {{ rto = {{ p50 = \"{limit}\" }} }}\n"));
        let buy = journey("buy", "write = \"orders\"", "");
        [head, store("prices"), store("orders"), browse, buy, fails("prices", "30m"), fails("orders", "60m")].concat()
    };
    let folder = tempfile::tempdir().expect("a folder");
    // Missed or met: an objective on browse is what somebody wants to know about.
    for (limit, code) in [("5m", 3), ("45m", 0)] {
        fs::write(folder.path().join("two.toml"), text(limit)).expect("a file");
        let answer = ask_in(folder.path(), &["run", "two.toml", "--quiet"]);
        assert_eq!(answer.code, Some(code), "{}", answer.err);
        let told = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("What holds us back? dependency: 100 % of the mean recovery time of browse."), "{told}");
    }
}

/// A limit between the ends of the two intervals is met by chance alone, and not with what is not known: nobody may say yes.
#[test]
fn what_hangs_on_a_figure_is_no_yes() {
    let document = |limit: &str| {
        let set = format!("objectives.rto={{ p50 = \"{limit}\" }}");
        let run = ["run", VALID, "--trials", "400", "--parameters", "24", "--quiet", "--set", &set];
        let json = ask(&[&run[..], &["--format", "json"]].concat());
        let document: Value = serde_json::from_str(&json.out).expect("a document");
        let told = ask(&run).out.split_whitespace().collect::<Vec<_>>().join(" ");
        (document, told)
    };
    let (before, _) = document("30m");
    let end = |key: &str| before["unknown"]["objectives"][0][key]["high"].as_f64().expect("not censored");
    let (document, told) = document(&format!("{:.0}s", f64::midpoint(end("by-chance"), end("with-unknown"))));
    assert_eq!(document["objectives"][0]["verdict"], "met");
    let path = document["unknown"]["objectives"][0]["condition"]["path"].as_str().expect("it hangs on a figure");
    assert!(told.contains("Are we fine? Not for sure: ") && !told.contains("Nothing has to change"), "{told}");
    assert!(told.contains(&format!("What to do first? Measure {path}, on which it hangs")), "{told}");
}

/// Journeys that are down without a time to recover: overloaded from the first instant, or by planned work alone.
#[test]
fn down_without_a_recovery_time_is_not_never_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |rest: &str| {
        let head = head(
            "horizon = \"1h\"\ntrials = 30",
            &["us-east-1", "eu-west-1"],
            "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"",
            &[("us", "us-east-1", "requests-per-second = 100")],
        );
        let text = format!("{head}[[journeys]]\nname = \"buy\"\nshare = 1\n{rest}");
        fs::write(folder.path().join("down.toml"), text).expect("a file");
        let answer = ask_in(folder.path(), &["run", "down.toml", "--quiet"]);
        answer.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let store = "[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n";
    let move_it = format!(
        "needs = [{{ write = \"orders\" }}]\n{store}[[runbooks]]\nname = \"move\"\non = {{ at = \"10m\" }}\n\
         hosted-in = \"eu-west-1\"\nsteps = [{{ switch-over = \"orders\", to = \"eu-west-1\" }}]\n"
    );
    let planned = told(&move_it);
    assert!(planned.contains("What holds us back? Planned work alone: buy was down while it was done."), "{planned}");
    let short = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 1, max = 1 }\nrequests-per-second = 50\n";
    let overloaded = told(short);
    assert!(overloaded.contains("What holds us back? Journeys were down although no fault"), "{overloaded}");
    let well = told("");
    assert!(well.contains("What holds us back? No journey was down in any trial."), "{well}");
}
