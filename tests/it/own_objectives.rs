//! Objectives of single journeys and stores: judged, printed, gated, compared and swept like those of the worst.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::lab::{of, open, rows};
use crate::program::{Answer, ask, text};

/// Reading needs nothing, writing waits for people: of the region that is lost, `buy` is back 9 min after `look`.
const SHOP: &str = r#"
name = "shop"
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
[dns]
policy = "failover"
primary = "us-east-1"
secondary = "eu-west-1"
ttl = "0s"
propagation = "0s"
health-check = { interval = "10s" }
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 100
[stores.orders]
kind = "aurora-global"
writer = "us-east-1"
replication-lag = "3s"
promotion-time = "1m"
endpoint-update = "0s"
endpoint-ttl = "0s"
[stores.carts]
kind = "aurora-global"
writer = "eu-west-1"
[[journeys]]
name = "look"
share = 0.5
LOOK
[[journeys]]
name = "buy"
share = 0.5
needs = [{ write = "orders" }]
BUY
[[runbooks]]
name = "promote"
on = { operator = "9m" }
hosted-in = ["eu-west-1"]
steps = [{ promote = "orders", to = "eu-west-1" }]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "permanent"
"#;

/// The shop with objectives of its journeys and of orders.
fn shop(look: &str, buy: &str, orders: &str) -> String {
    let own = |objectives: &str| {
        if objectives.is_empty() { String::new() } else { format!("objectives = {{ {objectives} }}") }
    };
    let text = SHOP.replace("LOOK", &own(look)).replace("BUY", &own(buy));
    text.replace("replication-lag", &format!("{}\nreplication-lag", own(orders)))
}

fn run(folder: &Path, experiment: &str, more: &[&str]) -> Answer {
    let file = folder.join("shop.toml");
    fs::write(&file, experiment).expect("written");
    ask(&[&["run", text(&file), "--trials", "100", "--quiet"], more].concat())
}

fn data(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}{}", answer.out, answer.err))
}

#[test]
fn each_is_held_against_its_own_figures_and_the_exit_code_follows() {
    let home = tempfile::tempdir().expect("a temporary folder");
    // `buy` takes 10 min to be back, `look` less than one; orders lose 3 s.
    let met = shop("rto = { p90 = \"1m\" }", "rto = { p90 = \"11m\" }", "rpo = { p90 = \"4s\" }");
    let answer = run(home.path(), &met, &["--format", "json"]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    let objectives = data(&answer)["objectives"].clone();
    let told: Vec<(&str, &str)> = objectives
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| Some((one["name"].as_str()?, one["verdict"].as_str()?)))
        .collect();
    assert_eq!(told, [("look.rto.p90", "met"), ("buy.rto.p90", "met"), ("orders.rpo.p90", "met")]);
    // Each of them alone can be missed, and then the exit code is that of a missed objective.
    for (look, buy, orders, missed) in [
        ("rto = { p90 = \"10s\" }", "", "", "look.rto.p90"),
        ("rto = { p90 = \"1m\" }", "rto = { p90 = \"8m\" }", "", "buy.rto.p90"),
        ("", "", "rpo = { p90 = \"2s\" }", "orders.rpo.p90"),
        ("availability = 0.9999", "", "", "look.availability"),
    ] {
        let answer = run(home.path(), &shop(look, buy, orders), &[]);
        assert_eq!(answer.code, Some(3), "{missed}: {}{}", answer.out, answer.err);
        assert!(answer.out.contains("MISSED") && answer.out.contains(missed), "{}", answer.out);
    }
    let answer = run(home.path(), &shop("availability = 0.98", "availability = 0.8", ""), &[]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("look.availability") && answer.out.contains("buy.availability"), "{}", answer.out);
    assert!(
        answer.out.contains("Error budget of look") && answer.out.contains("Error budget of buy"),
        "{}",
        answer.out
    );
}

/// Half of the requests for `buy` fail while `orders` is away, so that it is up all the time if half is enough.
#[test]
fn a_journey_counts_as_up_by_its_own_share() {
    let gray = SHOP.replace(
        "kind = \"region-outage\"\nregion = \"us-east-1\"",
        "kind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.3\nseen = 0",
    );
    let with = |look: &str, buy: &str| gray.replace("LOOK", look).replace("BUY", buy);
    let downtime = |text: &str, journey: &str| of(&rows(text, 1), &format!("journey.{journey}.downtime_s"))[0];
    let own = with("objectives = { up-when = 0.7 }", "");
    assert_eq!((downtime(&own, "look"), downtime(&own, "buy")), (0.0, 3_000.0));
    let other = with("objectives = { up-when = 0.71 }", "objectives = { up-when = 0.5 }");
    assert_eq!((downtime(&other, "look"), downtime(&other, "buy")), (3_000.0, 0.0));
    // Operators act on it: nobody notices a journey that is up.
    assert!(open(&own).header.own_up_when.iter().any(|(name, share)| name.as_str() == "look" && *share == 0.7));
}

#[test]
fn they_are_compared_gated_and_swept() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let objectives = shop("", "rto = { p90 = \"11m\" }, availability = 0.8", "rpo = { p90 = \"4s\" }");
    let base = file("base.toml", &objectives);
    // People take five minutes longer, which `look` does not feel.
    let slow = file("slow.toml", &objectives.replace("operator = \"9m\"", "operator = \"14m\""));
    let gate = ["--fail-if-worse", "buy.rto.p90", "--fail-if-worse", "look.rto.p90"];
    let common = ["--trials", "200", "--quiet"];
    let answer = ask(&[&["compare", &base, &slow][..], &common, &gate, &["--format", "json"]].concat());
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    assert!(answer.err.contains("worse: buy.rto.p90") && !answer.err.contains("look.rto.p90"), "{}", answer.err);
    let document = data(&answer);
    let differences = &document["comparisons"][0]["differences"];
    let difference = |name: &str| differences[name]["estimate"].as_f64().unwrap_or(f64::NAN);
    assert!((difference("buy.rto.p90") - 300.0).abs() < 1e-6, "{differences}");
    assert!((difference("look.rto.p90")).abs() < 1e-6 && difference("orders.rpo.p90").abs() < 1e-6, "{differences}");
    // Five of sixty minutes.
    assert!((difference("buy.availability") + 1.0 / 12.0).abs() < 1e-9, "{differences}");
    // A figure of nobody passes no gate.
    let nobody = ["--fail-if-worse", "sell.rto.p90"];
    let answer = ask(&[&["compare", &base, &slow][..], &common, &nobody].concat());
    assert_eq!(answer.code, Some(1), "{}{}", answer.out, answer.err);
    assert!(answer.err.contains("there is none of this name"), "{}", answer.err);
    // What is kept reads back to the same report.
    let out = home.path().join("kept");
    let kept = ask(&[&["compare", &base, &slow][..], &common, &["--out", text(&out)]].concat());
    assert_eq!(kept.code, Some(0), "{}{}", kept.out, kept.err);
    let rows = fs::read_to_string(out.join("trials.csv")).expect("kept");
    let heads = rows.lines().next().expect("a head").to_owned();
    assert!(heads.contains("base.buy.recovery_s") && heads.contains("slow.orders.loss_s"), "{heads}");
    let again = ask(&["report", text(&out), "-o", text(&home.path().join("again.html"))]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);

    let vary = ["--vary", "runbooks.promote.on.operator=1m,9m"];
    let sweep = ask(&[&["sweep", &base][..], &vary, &common, &["--format", "json"]].concat());
    let document = data(&sweep);
    let value = |point: usize, name: &str| {
        let figures = document["points"][point]["figures"].as_array().expect("a list");
        let found = figures.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {document}"));
        (found["value"]["estimate"].as_f64().expect("a number"), found["verdict"].clone())
    };
    let (quick, slow) = (value(0, "buy.rto.p90"), value(1, "buy.rto.p90"));
    assert!((slow.0 - quick.0 - 480.0).abs() < 1e-6 && slow.1 == "met", "{quick:?} {slow:?}");
    let up =
        |point: usize| document["points"][point]["own-availability"]["buy.availability"]["value"]["estimate"].clone();
    let gained = up(0).as_f64().expect("a number") - up(1).as_f64().expect("a number");
    assert!((gained - 480.0 / 3_600.0).abs() < 1e-9, "{gained}");
    let csv = ask(&[&["sweep", &base][..], &vary, &common, &["--format", "csv"]].concat());
    assert!(csv.out.contains("buy.rto.p90_s") && csv.out.contains("buy.availability_verdict"), "{}", csv.out);
}
