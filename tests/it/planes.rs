//! Control planes that are out and automation that cannot run: who waits, for what, and how long.
//!
//! Delays are constants, so that instants follow from the text by addition. Faults begin after ten minutes.

use models::compute::auto_scaling::Signal as Group;
use models::deployment::Happening;
use models::runbooks::{Lack, Signal};

use crate::lab::{Diary, FIRST, figures, firsts, watched};

/// Two regions and one record, which names the first until somebody edits it.
fn text(dns: &str, regions: &str, step: &str, host: &str, faults: &[&str]) -> String {
    let faults: Vec<String> = faults.iter().map(|fault| format!("[[faults]]\nat = \"10m\"\n{fault}\n")).collect();
    format!(
        r#"
name = "planes"
horizon = "6h"
[regions.us-east-1]
[regions.eu-west-1]
{regions}
[dns]
ttl = "0s"
propagation = "2s"
{dns}
[[clients]]
name = "world"
near = "us-east-1"
requests-per-second = 100
[[journeys]]
name = "shop"
share = 1
[[runbooks]]
name = "move"
on = {{ operator = "2m" }}
hosted-in = {host}
steps = [{{ approve = "3m" }}, {step}]
{}"#,
        faults.concat()
    )
}

const OUT: &str = "kind = \"region-outage\"\nregion = \"us-east-1\"\nduration = \"3h\"";
/// A fault that does not touch the region's control planes, and starts people all the same.
const GRAY: &str = "kind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.5\nduration = \"3h\"";
const SIMPLE: &str = "policy = \"simple\"\nprimary = \"us-east-1\"";
const EDIT: &str = "{ shift = \"record-edit\", to = \"eu-west-1\" }";
const EUROPE: &str = "[\"eu-west-1\"]";

/// Seconds after the first fault at which clients are led elsewhere.
#[track_caller]
fn moves(text: &str, expected: f64) {
    let found = firsts(text, 1, |what| matches!(what, Happening::AnswerChanged { .. }))[0];
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

fn waits(text: &str) -> Vec<(f64, Lack)> {
    let wait = |(at, what): &(f64, Happening)| match what {
        Happening::Runbook { signal: Signal::StepWaits { lacks, .. }, .. } => Some((*at, *lacks)),
        _ => None,
    };
    watched::<Diary>(text, 1)[0].entries.iter().filter_map(wait).collect()
}

#[test]
fn an_edit_waits_for_the_control_plane_in_us_east_1_and_a_routing_control_for_nobody() {
    let edit = text(SIMPLE, "", EDIT, EUROPE, &[OUT]);
    moves(&edit, 3.0 * 3_600.0 + 60.0);
    assert_eq!(waits(&edit), [(300.0, Lack::Plane)]);
    let arc = "{ shift = \"arc\", to = \"eu-west-1\" }";
    let failover = "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nhealth-check.failure-threshold = 10\nhealth-check.interval = \"300s\"";
    let flip = text(failover, "", arc, EUROPE, &[OUT]);
    moves(&flip, 300.0 + 2.0);
    assert!(waits(&flip).is_empty());
}

#[test]
fn accelerated_recovery_redirects_edits_after_an_hour() {
    let accelerated = format!("{SIMPLE}\naccelerated-recovery = true");
    moves(&text(&accelerated, "", EDIT, EUROPE, &[OUT]), 3_600.0 + 60.0);
    let faster = format!("{accelerated}\naccelerated-recovery-time = \"20m\"");
    moves(&text(&faster, "", EDIT, EUROPE, &[OUT]), 1_200.0 + 60.0);
    // An outage that ends sooner is not waited for any longer.
    let short = OUT.replace("3h", "30m");
    moves(&text(&accelerated, "", EDIT, EUROPE, &[&short]), 1_800.0 + 60.0);
    // The control plane alone is enough to start the hour.
    let plane = "kind = \"service-impairment\"\nservice = \"control-plane\"\nregion = \"us-east-1\"\nduration = \"3h\"";
    moves(&text(&accelerated, "", EDIT, EUROPE, &[GRAY, plane]), 3_600.0 + 60.0);
    moves(&text(SIMPLE, "", EDIT, EUROPE, &[GRAY, plane]), 3.0 * 3_600.0 + 60.0);
}

#[test]
fn where_edits_are_redirected_to_must_not_be_out_either() {
    let accelerated = format!("{SIMPLE}\naccelerated-recovery = true");
    let west = "kind = \"region-outage\"\nregion = \"us-west-2\"\nduration = \"2h\"";
    moves(&text(&accelerated, "[regions.us-west-2]", EDIT, EUROPE, &[OUT, west]), 2.0 * 3_600.0 + 60.0);
}

#[test]
fn automation_waits_where_lambda_fails_everything_or_goes_where_it_does_not() {
    let lambda = |error: &str| {
        format!(
            "kind = \"service-impairment\"\nservice = \"lambda\"\nregion = \"eu-west-1\"\nerror = {error}\nduration = \"2h\""
        )
    };
    let text = |host: &str, error: &str| text(SIMPLE, "", EDIT, host, &[GRAY, &lambda(error)]);
    let alone = text(EUROPE, "1.0");
    // The operator's call is not made by automation, but what follows is: not even approval is asked for.
    moves(&alone, 2.0 * 3_600.0 + 180.0 + 60.0);
    assert_eq!(waits(&alone), [(120.0, Lack::Host)]);
    moves(&text("[\"eu-west-1\", \"us-east-1\"]", "1.0"), 300.0 + 60.0);
    // Events that are tried again get through.
    moves(&text(EUROPE, "0.9"), 300.0 + 60.0);
}

#[test]
fn instances_outlive_their_control_plane_and_launches_wait_for_it() {
    let regions = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 4, max = 8 }\n\
                   requests-per-second = 100\nlaunch-time = \"90s\"\nscheduled = [{ at = \"20m\", desired = 6 }]";
    let plane = "kind = \"service-impairment\"\nservice = \"control-plane\"\nregion = \"us-east-1\"\nduration = \"1h\"";
    let text = text(SIMPLE, regions, EDIT, EUROPE, &[plane]);
    assert_eq!(figures(&text, "journey.shop.failed", 1)[0], 0.0);
    let here = |is: fn(&Group) -> bool| {
        firsts(&text, 1, |what| matches!(what, Happening::Group { region: FIRST, signal, .. } if is(signal)))[0]
    };
    // A control plane starts no clock: these are seconds since the start of the trial, and it is out from 10 min to 70 min.
    assert_eq!(here(|signal| matches!(signal, Group::Resized(6))), 1_200.0);
    assert_eq!(here(|signal| matches!(signal, Group::Launched(_))), 4_200.0 + 90.0);
}
