//! Health checks that alarms and runbooks watch by their names.

use models::cloud_watch::State;
use models::deployment::Happening;
use models::runbooks::Signal;

use crate::lab::{Diary, watched};

/// A checker that probes every 10 s and turns at once.
const SHARP: &str = "interval = \"10s\"\nfailure-threshold = 1\ncheckers = 1\n";

/// A name that leads to us-east-1, and to eu-west-1 once people say so; checks that no answer goes by; the first region goes dark.
fn text(checks: &str, rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n[regions.us-west-2]\nserves = false\n\
         [names.www]\nrecord = \"www\"\nttl = \"0s\"\n\
         [records.www]\npolicy = \"failover\"\nanswers = [{{ to = \"us-east-1\" }}, {{ to = \"eu-west-1\" }}]\n{checks}\
         [[clients]]\nname = \"everybody\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
         [[journeys]]\nname = \"visit\"\nshare = 1\n{rest}\
         [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"20m\"\n"
    )
}

fn probes(name: &str, keys: &str) -> String {
    format!("[health-checks.{name}]\nendpoint = \"us-east-1\"\n{SHARP}{keys}\n")
}

fn runbook(check: &str) -> String {
    format!(
        "[[runbooks]]\nname = \"leave\"\non = {{ health-check = \"{check}\" }}\nhosted-in = [\"us-west-2\"]\n\
         steps = [{{ shift = \"arc\", to = \"eu-west-1\" }}]\n"
    )
}

fn started(what: &Happening) -> bool {
    matches!(what, Happening::Runbook { signal: Signal::Started, .. })
}

fn turned(to: bool) -> impl Fn(&Happening) -> bool {
    move |what| matches!(what, Happening::CheckTurned { healthy, .. } if *healthy == to)
}

/// The check of an endpoint that no answer goes by starts a runbook at the instant at which it turns: in U(0, 10 s) + 4 s.
#[test]
fn a_runbook_starts_when_the_check_turns_that_it_names() {
    let text = text(&probes("east", ""), &runbook("east"));
    for diary in watched::<Diary>(&text, 20) {
        let (start, turn) = (diary.first(started), diary.first(turned(false)));
        assert_eq!(start, turn);
        let start = start.expect("the check turns");
        assert!((4.0..=14.0).contains(&start), "{start}");
        assert!(diary.first(turned(true)).is_some_and(|back| back > 1_200.0));
    }
}

/// An inverted check is unhealthy while what it asks answers: the runbook starts with the first probe after the region is back, and
/// of these there is one every 14 s while the region is out.
#[test]
fn an_inverted_check_turns_when_what_it_asks_answers_again() {
    let text = text(&probes("east", "inverted = true"), &runbook("east"));
    for diary in watched::<Diary>(&text, 5) {
        let start = diary.first(started).expect("the region comes back");
        assert!((1_200.0..=1_214.0).contains(&start), "{start}");
    }
}

/// A calculated check turns with the child that its count depends on.
#[test]
fn a_calculated_check_is_watched_as_any_other() {
    let west = "[health-checks.west]\nendpoint = \"eu-west-1\"\ninterval = \"10s\"\n";
    let checks = |healthy: u32| {
        let both = "[health-checks.both]\nkind = \"calculated\"\nchildren = [\"east\", \"west\"]";
        format!("{}{west}{both}\nhealthy-children = {healthy}\n", probes("east", ""))
    };
    let starts = |healthy: u32| {
        let diaries = watched::<Diary>(&text(&checks(healthy), &runbook("both")), 5);
        diaries.iter().map(|diary| diary.first(started)).collect::<Vec<_>>()
    };
    assert!(starts(2).iter().all(|start| start.is_some_and(|start| (4.0..=14.0).contains(&start))));
    assert!(starts(1).iter().all(Option::is_none), "one of two is enough");
}

/// An alarm on the status of a check has a datapoint a minute in us-east-1; that region is out here, so that it hears of nothing
/// until it is back. One on a check of the other region fires with it.
#[test]
fn an_alarm_watches_a_check_by_its_name() {
    let alarm = "[[alarms]]\nname = \"sick\"\nmetric = { health-check = \"west\" }\nabove = 0\n";
    let west = probes("west", "").replace("us-east-1", "eu-west-1");
    let text = text(&west, alarm).replace("region = \"us-east-1\"\nat", "region = \"eu-west-1\"\nat");
    for diary in watched::<Diary>(&text, 10) {
        let turn = diary.first(turned(false)).expect("the check turns");
        let fires = diary.first(|what| matches!(what, Happening::Alarm { state: State::Alarm, .. }));
        let fires = fires.expect("the alarm fires");
        // The period in which it turned ends within a minute, and its datapoint arrives 30 s later; or that of the next one.
        assert!((turn + 30.0..=turn + 150.0).contains(&fires), "{turn} {fires}");
    }
}
