//! Lists, lines and plans: what people write, and what they get.

use std::path::Path;

use sim_core::stats::fit::Observed;

use super::super::{Calibration, Outcome, Spec, fragment, line, plan, written_into};
use super::durations;

fn spec(text: &str) -> Result<Spec, String> {
    let takes = |path: &str| {
        if path.ends_with("lag") || path.ends_with("approve") { Ok(()) } else { Err("a delay".to_owned()) }
    };
    Spec::read(Path::new("calibrate.toml"), text, &takes)
        .map_err(|failure| anstream::adapter::strip_str(&failure.to_string()).to_string())
}

#[test]
fn a_list_says_what_is_wrong_with_it_and_where() {
    let read = spec(
        "stores.orders.replication-lag = { file = 'lag.json', unit = 'ms' }\n[runbooks.r.steps.0]\napprove = [{ file = 'a.csv' }, { file = 'b.csv', kind = 'drill' }]\n",
    );
    let read = read.expect("it is sound");
    let keys: Vec<&str> = read.requests.iter().map(|request| request.key.as_str()).collect();
    assert_eq!(keys, ["stores.orders.replication-lag", "runbooks.r.steps.0.approve"]);
    assert_eq!(read.requests[1].sources.len(), 2);
    for (text, told) in [
        ("lag = { file = 'x', units = 'ms' }", "calibrate.toml:1:21"),
        ("lag = { file = 'x', units = 'ms' }", "did you mean `unit`?"),
        ("lag = { unit = 'ms' }", "the key `file`: the export"),
        ("lag = 'lag.json'", "expected a table that says where the measurements are"),
        ("lag = { file = 'x', period = 60 }", "lag.period: found the number 60"),
        ("lag = { file = 'x', kind = 'exercise' }", "lag.kind: found the text \"exercise\""),
        ("lag = { file = 'x', writes-per-second = 0 }", "lag.writes-per-second"),
        ("ttl = { file = 'x' }", "ttl: found a key that takes no measurements"),
        ("", "error: a list without a key"),
        ("lag = {", "calibrate.toml:1"),
    ] {
        let error = spec(text).expect_err(told);
        assert!(error.contains(told), "{told}\n{error}");
    }
}

/// Two figures and where they come from, in the place of the old ones, with everything else as it was.
#[test]
fn calibrated_values_are_written_into_the_text() {
    let calibrated = |key: &str| {
        let values = [60.0, 90.0, 100.0, 130.0, 150.0, 240.0, 400.0].map(Observed::Exact).to_vec();
        let Outcome::Calibrated(mut found) = durations(values) else { panic!("it has a law") };
        found.key = key.to_owned();
        *found
    };
    let text = "# Shop\n[stores.orders]\nkind = \"aurora-global\" # one writer\npromotion-time = \"2m\" # a guess\n\n[[runbooks]]\nname = \"r\"\nsteps = [ { approve = \"2m\" }, { promote = \"orders\" } ] # two\n";
    let all = [
        calibrated("stores.orders.promotion-time"),
        calibrated("runbooks.r.steps.0.approve"),
        calibrated("compute.launch-time"),
    ];
    let written = written_into(text, all.iter()).expect("every key has a place");
    let law = "{ lognormal = { median = \"139.2s\", p95 = \"366.7s\" }, source = \"measured\", observations = 7, from = \"x\" }";
    assert!(written.contains(&format!("promotion-time = {law} # a guess")), "{written}");
    assert!(
        written.contains(&format!("steps = [ {{ approve = {law} }}, {{ promote = \"orders\" }} ] # two")),
        "{written}"
    );
    assert!(
        written.starts_with("# Shop\n") && written.ends_with(&format!("\n[compute]\nlaunch-time = {law}\n")),
        "{written}"
    );
    assert!(written_into(text, [calibrated("runbooks.other.steps.0.approve")].iter()).is_err());
    assert!(written_into("name = 'x'", [calibrated("runbooks.r.steps.0.approve")].iter()).is_err());
    // The logarithms' mean and deviation with the divisor n: what is written has them to four digits.
    let logs = [60.0_f64, 90.0, 100.0, 130.0, 150.0, 240.0, 400.0].map(f64::ln);
    let mean = logs.iter().sum::<f64>() / 7.0;
    let sd = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 7.0).sqrt();
    assert!((mean.exp() - 139.2).abs() < 0.05 && ((mean + 1.644_853_627 * sd).exp() - 366.7).abs() < 0.05);
}

#[test]
fn lines_are_toml_whatever_the_names_are() {
    let values = [60.0, 90.0, 100.0, 130.0, 150.0].map(Observed::Exact).to_vec();
    let Outcome::Calibrated(mut found) = durations(values) else { panic!("it has a law") };
    found.from = "a \"b\"\n.csv".to_owned();
    found.key = "stores.\"or.ders\".replication-lag".to_owned();
    let (node, problems) = sim_settings::parse_toml(&line(&found), 0);
    assert!(problems.is_empty(), "{problems:?}");
    let value = node
        .get("stores")
        .and_then(|it| it.get("or.ders"))
        .and_then(|it| it.get("replication-lag"))
        .expect("it is there");
    assert_eq!(value.get("from").and_then(sim_settings::Node::text), Some("a \"b\"\n.csv"));
    let calibration = Calibration {
        experiment: "e".to_owned(),
        version: "0".to_owned(),
        list: "l".to_owned(),
        outcomes: vec![Outcome::Calibrated(found)],
    };
    let (_, problems) = sim_settings::parse_toml(&fragment(&calibration), 0);
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn the_ledger_decides_what_comes_first() {
    let file = format!("{}/experiments/active-active.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).expect("it is there");
    let experiment = crate::experiment::open_text("x", &text, &crate::run::Overrides::default()).expect("it is sound");
    let mut found = plan::plan(&experiment.header);
    let keys = |plan: &plan::Plan| plan.needs.iter().map(|need| need.key.clone()).collect::<Vec<_>>();
    // People first, then promotions, then instances, then what decides on losses.
    assert_eq!(
        keys(&found),
        [
            "runbooks.promote-orders.steps.0.approve",
            "stores.orders.promotion-time",
            "stores.orders.rebuild-time",
            "compute.launch-time",
            "stores.orders.replication-lag",
            "stores.sessions.replication-delay",
        ]
    );
    // Nothing detaches or switches over there, and no zone fails.
    assert!(found.unused.iter().any(|path| path == "stores.orders.detach-time"), "{:?}", found.unused);
    let ledger = ["stores.sessions.replication-delay".to_owned(), "stores.orders.promotion-time".to_owned()];
    plan::order(&mut found.needs, Some(&ledger));
    assert_eq!(
        keys(&found)[..3],
        [
            "stores.sessions.replication-delay",
            "stores.orders.promotion-time",
            "runbooks.promote-orders.steps.0.approve"
        ]
    );
    let script = plan::script(&found);
    assert!(script.contains("--metric-data-queries '[{\"Id\":\"samplecount\""), "{script}");
    // A name cannot leave its comment or its quotes.
    let hostile = text.replace("stores.orders", "stores.\"zq'; rm -rf ~\"").replace("\"orders\"", "\"zq'; rm -rf ~\"");
    let experiment =
        crate::experiment::open_text("x", &hostile, &crate::run::Overrides::default()).expect("it is sound");
    let script = plan::script(&plan::plan(&experiment.header));
    let commands = script.lines().filter(|line| !line.starts_with('#') && line.starts_with("aws "));
    assert!(commands.clone().count() > 3 && commands.clone().all(|line| !line.contains("zq'")), "{script}");
    assert!(script.lines().all(|line| !line.starts_with("rm")), "{script}");
}
