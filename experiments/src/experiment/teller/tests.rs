use crate::experiment::open_text;
use crate::run::{Overrides, Trials as _};

/// All that is told of the first trial of an experiment.
fn told(text: &str) -> String {
    let experiment = open_text("text", text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    let story = experiment.source.story(0).expect("it can be told");
    let texts: Vec<String> = story.moments.into_iter().map(|moment| moment.text).collect();
    texts.join("\n")
}

/// Where nothing is the writer, applications are pointed at an endpoint.
#[test]
fn a_database_without_a_writer_is_told_without_one() {
    let text = told(
        r#"
name = "told"
horizon = "1h"
[regions.us-east-1]
[regions.us-east-2]
[regions.eu-west-1]
[regions.us-west-2]
serves = false
[dns]
policy = "latency"
[[clients]]
name = "c"
near = "eu-west-1"
requests-per-second = 100
[stores.s]
kind = "aurora-dsql"
regions = ["us-east-1", "us-east-2"]
witness = "us-west-2"
[[journeys]]
name = "j"
share = 1
needs = [{ write = "s" }]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "permanent"
"#,
    );
    assert!(text.contains("s: eu-west-1 is pointed at the other endpoint"), "{text}");
    assert!(!text.contains("writer"), "{text}");
}

/// A record that looks at no health drops nothing, whatever guards its answer.
#[test]
fn a_simple_record_drops_nothing() {
    let of = |policy: &str| {
        told(&format!(
            r#"
name = "told"
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
[names.www]
record = "top"
[records.top]
policy = "{policy}"
answers = [{{ to = "us-east-1", health-check = "own" }}]
[health-checks.own]
endpoint = "us-east-1"
[[clients]]
name = "c"
near = "us-east-1"
requests-per-second = 100
[[journeys]]
name = "j"
share = 1
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "10m"
"#
        ))
    };
    let (simple, failover) = (of("simple"), of("failover"));
    for text in [&simple, &failover] {
        assert!(text.contains("health check own turns unhealthy"), "{text}");
    }
    assert!(!simple.contains("record top"), "{simple}");
    assert!(failover.contains("record top drops us-east-1"), "{failover}");
}

/// Each way to make another copy the writer has its own word.
#[test]
fn a_switchover_is_not_told_as_a_promotion() {
    let of = |step: &str, fault: &str| {
        told(&format!(
            r#"
name = "told"
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
[dns]
policy = "latency"
[[clients]]
name = "c"
near = "us-east-1"
requests-per-second = 100
[stores.s]
kind = "aurora-global"
writer = "us-east-1"
[[journeys]]
name = "j"
share = 1
needs = [{{ write = "s" }}]
[[runbooks]]
name = "r"
on = {{ health-check = "us-east-1" }}
hosted-in = "eu-west-1"
steps = [{{ {step} = "s", to = "eu-west-1" }}]
[[faults]]
{fault}
region = "us-east-1"
at = "10m"
duration = "permanent"
"#
        ))
    };
    // A writer that answers is not replaced by a failover, and is needed for a switchover.
    let (out, gray) = ("kind = \"region-outage\"", "kind = \"gray-failure\"\nerror = 1.0\nseen = 1.0");
    for (step, fault, said) in [
        ("promote", out, "s: the promotion in eu-west-1 is under way"),
        ("switch-over", gray, "s: the switchover to eu-west-1 is under way"),
    ] {
        let text = of(step, fault);
        assert!(text.contains(said), "{text}");
        assert!(step == "promote" || !text.contains("promotion"), "{text}");
    }
}
