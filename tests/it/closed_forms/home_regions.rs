//! Regions that serve nobody: where DNS records are edited, where metrics of health checks are, where automation runs.

use models::deployment::Happening;
use models::ids::StoreId;

use crate::lab::{Diary, THIRD, figures, head, open, watched};

/// Two European regions and what else there is.
fn text(dns: &str, rest: &str) -> String {
    let clients = [("everybody", "eu-west-1", "requests-per-second = 100\ncohorts = 1")];
    let head = head("horizon = \"2h\"", &["eu-west-1", "eu-central-1"], dns, &clients);
    format!("{head}[[journeys]]\nname = \"visit\"\nshare = 1\n{rest}")
}

fn outage(region: &str, at: &str, lasts: &str) -> String {
    format!("[[faults]]\nkind = \"region-outage\"\nregion = \"{region}\"\nat = \"{at}\"\nduration = \"{lasts}\"\n")
}

/// The minute at which an alarm on the check of eu-west-1 fires, in seconds since the first fault.
fn fires(faults: &str) -> Vec<Option<f64>> {
    let alarm = "[[alarms]]\nname = \"unhealthy\"\nmetric = { health-check = \"eu-west-1\" }\nabove = 0\n";
    let dns = "policy = \"latency\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }";
    let diaries = watched::<Diary>(&text(dns, &format!("{alarm}{faults}")), 20);
    let alarmed = |what: &Happening| matches!(what, Happening::Alarm { state: models::cloud_watch::State::Alarm, .. });
    diaries.iter().map(|diary| diary.first(alarmed)).collect()
}

/// The metric of a health check is in us-east-1 alone, which serves nobody here: while that is out nobody is told.
#[test]
fn an_alarm_on_a_health_check_is_blind_while_us_east_1_is_out() {
    let ours = outage("eu-west-1", "30m", "permanent");
    // Detection of 32 to 42 s, the rest of the minute, and 30 s until the datapoint arrives.
    assert!(fires(&ours).iter().all(|when| when.is_some_and(|when| (62.0..133.0).contains(&when))));
    // us-east-1 serves nobody, so the clock starts at 30 min; us-east-1 is back at 70 min.
    let after_the_end = fires(&format!("{ours}{}", outage("us-east-1", "10m", "60m")));
    assert!(after_the_end.iter().all(|when| when.is_some_and(|when| (2_400.0..2_461.0).contains(&when))));
    assert!(fires(&format!("{ours}{}", outage("us-east-1", "10m", "permanent"))).iter().all(Option::is_none));
}

/// An edit of a record takes 60 s once the control plane in us-east-1 takes it, whether or not the file has that region.
/// Elsewhere it needs nothing of AWS.
#[test]
fn edits_wait_for_the_home_region_of_route_53_and_for_nobody_elsewhere() {
    let edit = "[[runbooks]]\nname = \"edit\"\non = { operator = \"5m\" }\nhosted-in = \"eu-central-1\"\n\
                steps = [{ shift = \"record-edit\", to = \"eu-central-1\" }]\n";
    let ours = outage("eu-west-1", "10m", "permanent");
    let recovery = |dns: &str, other: &str| {
        let dns = format!("{dns}policy = \"simple\"\nprimary = \"eu-west-1\"\nttl = \"0s\"");
        figures(&text(&dns, &format!("{edit}{ours}{other}")), "journey.visit.recovery_s", 3)
    };
    let home = outage("us-east-1", "10m", "30m");
    assert_eq!(recovery("", ""), vec![360.0; 3]);
    assert_eq!(recovery("", &home), vec![1_860.0; 3]);
    assert_eq!(recovery("provider = \"other\"\n", &home), vec![360.0; 3]);
}

/// A region without a mention is none of the deployment's, and a mentioned one serves no clients.
#[test]
fn regions_for_operations_have_no_endpoint() {
    let dns = "policy = \"multivalue\"";
    let names = |rest: &str| open(&text(dns, rest)).source.deployment().topology().region_names();
    assert_eq!(names(""), ["eu-west-1", "eu-central-1"]);
    assert_eq!(names(&outage("us-east-1", "10m", "1h")), ["eu-west-1", "eu-central-1", "us-east-1"]);
    // Half of the answers lead to each region that serves, wherever the others stand in the file.
    let other = "[regions.us-west-2]\nserves = false\n";
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"eu-west-1\"\nerror = 1\nseen = 0\nat = \"10m\"\n\
                duration = \"10m\"\n";
    for rest in [gray.to_owned(), format!("{other}{gray}")] {
        assert_eq!(figures(&text(dns, &rest), "journey.visit.failed", 2), vec![30_000.0; 2], "{rest}");
    }
    // A copy of data may be there.
    let store =
        "[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-west-2\"\nregions = [\"us-west-2\", \"eu-west-1\"]\n";
    let deployment = open(&text(dns, &format!("{other}{store}"))).source.deployment();
    assert_eq!(deployment.topology().stores[StoreId::new(0)].parameters.writer(), Some(THIRD));
}
