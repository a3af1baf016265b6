//! Several services that clients enter: endpoints in one region, under one name or under several.
//!
//! Delays are constants wherever they can be, so that instants follow from the text by addition.

use models::deployment::Happening;
use models::ids::AlarmId;

use crate::lab::{Diary, figures, firsts, of, opened, row, rows, watched};

/// Two services that clients enter, each with needs of its own.
const SERVICES: &str = "[services.web]\nkind = \"managed\"\nneeds = [{ read = \"carts\" }]\n\
     [services.api]\nkind = \"managed\"\n[stores.carts]\nkind = \"dynamodb-global-table\"\n";
/// A checker that probes every 10 s and turns at once.
const SHARP: &str = "interval = \"10s\"\nfailure-threshold = 1\ncheckers = 1\n";

/// One population of 100 requests/s near us-east-1 whose resolvers keep nothing; `look` at www with 80 % of the requests, `order`
/// at the name of its own that `api` says.
fn text(records: &str, journeys: [&str; 2], rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n[dns]\npropagation = \"3s\"\n{SERVICES}{records}\
         [[clients]]\nname = \"everybody\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
         [[journeys]]\nname = \"look\"\nshare = 0.8\n{}\n[[journeys]]\nname = \"order\"\nshare = 0.2\n{}\n{rest}",
        journeys[0], journeys[1],
    )
}

fn name(name: &str, policy: &str, answers: &str) -> String {
    format!(
        "[names.{name}]\nrecord = \"{name}\"\nttl = \"0s\"\n[records.{name}]\npolicy = \"{policy}\"\nanswers = [{answers}]\n"
    )
}

/// www leads to web, which is checked in us-east-1; orders leads to api, which nobody checks.
fn two_names(rest: &str) -> String {
    let www = name("www", "failover", "{ to = \"web@us-east-1\", health-check = \"web\" }, { to = \"web@eu-west-1\" }");
    let orders = name("orders", "failover", "{ to = \"api@us-east-1\" }, { to = \"api@eu-west-1\" }");
    let check = format!("[health-checks.web]\nendpoint = \"web@us-east-1\"\n{SHARP}");
    text(
        &format!("{www}{orders}{check}"),
        ["at = \"www\"\nenters = \"web\"", "at = \"orders\"\nenters = \"api\""],
        rest,
    )
}

fn fault(kind: &str, keys: &str) -> String {
    format!("[[faults]]\nkind = \"{kind}\"\nregion = \"us-east-1\"\nat = \"10m\"\n{keys}\n")
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
}

fn failed(text: &str, journey: &str, cause: &str) -> f64 {
    of(&rows(text, 1), &format!("journey.{journey}.cause.{cause}"))[0]
}

#[test]
fn two_services_under_two_names_fail_over_apart() {
    let text = two_names(&fault("region-outage", "duration = \"permanent\""));
    // The check turns in U(0, 10 s) + 4 s, and is seen 3 s later.
    for found in figures(&text, "journey.look.recovery_s", 20) {
        assert!((7.0..=17.0).contains(&found), "{found}");
    }
    assert!(figures(&text, "journey.order.recovery_s", 3).iter().all(|found| found.is_infinite()));
    near(failed(&text, "order", "no-path"), 20.0 * 3_000.0);
    assert_eq!(failed(&text, "order", "detection"), 0.0);
}

/// A fault of a region strikes all that is entered there, one of a service its endpoint alone.
#[test]
fn a_gray_failure_strikes_the_services_that_clients_enter_in_a_region_or_the_one_that_it_names() {
    let half = |service: &str| two_names(&fault("gray-failure", &format!("error = 0.5\nduration = \"10m\"{service}")));
    let [look, order] =
        ["look", "order"].map(|journey| move |text: &str| of(&rows(text, 1), &format!("journey.{journey}.failed"))[0]);
    let api = half("\nservice = \"api\"");
    near(order(&api), 20.0 * 0.5 * 600.0);
    assert_eq!(look(&api), 0.0);
    let web = half("\nservice = \"web\"");
    assert_eq!(order(&web), 0.0);
    assert!(look(&web) > 0.0);
    let both = half("");
    near(order(&both), 20.0 * 0.5 * 600.0);
    near(look(&both), look(&web));
}

/// One name with endpoints of two services in the same region: each request needs what the service needs that it is led to.
#[test]
fn a_request_needs_what_the_service_needs_that_its_answer_leads_to() {
    let www =
        name("www", "weighted", "{ to = \"web@us-east-1\", weight = 30 }, { to = \"api@us-east-1\", weight = 10 }");
    let text = text(
        &www,
        ["", ""],
        "[[faults]]\nkind = \"service-impairment\"\nstore = \"carts\"\nregion = \"us-east-1\"\nerror = 1\nat = \"10m\"\nduration = \"10m\"\n",
    );
    near(failed(&text, "look", "dependency"), 80.0 * 0.75 * 600.0);
    near(failed(&text, "order", "dependency"), 20.0 * 0.75 * 600.0);
}

/// Where the service fails that does the work, another one in the same region takes over.
#[test]
fn another_service_takes_over_in_the_same_region() {
    let answers = "{ to = \"web@us-east-1\", health-check = \"web\" }, { to = \"api@us-east-1\" }";
    let check = format!("[health-checks.web]\nendpoint = \"web@us-east-1\"\n{SHARP}");
    let gray = fault("gray-failure", "service = \"web\"\nerror = 1\nduration = \"permanent\"");
    let text = text(&format!("{}{check}", name("www", "failover", answers)), ["", ""], &gray);
    // An error comes back at once: the check turns in U(0, 10 s), and is seen 3 s later.
    for found in figures(&text, "journey.look.recovery_s", 20) {
        assert!((3.0..=13.0).contains(&found), "{found}");
    }
    let turned = firsts(&text, 5, |what| matches!(what, Happening::HealthTurned { healthy: false, .. }));
    let recovered = figures(&text, "journey.look.recovery_s", 5);
    turned.iter().zip(recovered).for_each(|(turned, recovered)| near(recovered, turned + 3.0));
}

/// Answers that can never be chosen, and services that they lead to, change nothing.
#[test]
fn an_endpoint_that_is_never_chosen_changes_nothing() {
    let outage = fault("region-outage", "duration = \"30m\"");
    let with = |third: &str| {
        let answers =
            format!("{{ to = \"web@us-east-1\", health-check = \"web\" }}, {{ to = \"web@eu-west-1\" }}{third}");
        let check = format!("[health-checks.web]\nendpoint = \"web@us-east-1\"\n{SHARP}");
        text(
            &format!("{}{check}", name("www", "failover", &answers)),
            ["enters = \"web\"", "enters = \"web\""],
            &outage,
        )
    };
    let one = with("");
    let other = with(", { to = \"api@eu-west-1\" }").replace("enters = \"web\"", "");
    let columns = ["look", "order"]
        .map(|journey| ["recovery_s", "failed", "downtime_s"].map(|column| format!("journey.{journey}.{column}")));
    for column in columns.iter().flatten() {
        assert_eq!(figures(&one, column, 20), figures(&other, column, 20), "{column}");
    }
}

/// What a load balancer or a service publishes is asked of its endpoint; errors in a region are those of all that is entered there.
#[test]
fn alarms_watch_endpoints_and_regions_with_several() {
    let alarm = |metric: &str| {
        two_names(&format!(
            "{}[[alarms]]\nname = \"alarm\"\nmetric = {metric}\nabove = 0.1\nhosted-in = \"eu-west-1\"\n",
            fault("gray-failure", "service = \"api\"\nerror = 0.5\nduration = \"30m\"")
        ))
    };
    let fires = |text: &str| {
        let diaries: Vec<Diary> = watched(text, 3);
        let fired = |what: &Happening| matches!(what, Happening::Alarm { alarm, state: models::cloud_watch::State::Alarm } if *alarm == AlarmId::new(0));
        diaries.iter().all(|diary| diary.first(fired).is_some())
    };
    assert!(fires(&alarm("{ errors = \"order\", region = \"us-east-1\" }")));
    assert!(!fires(&alarm("{ errors = \"look\", region = \"us-east-1\" }")));
    assert!(!fires(&alarm("{ errors = \"order\", region = \"eu-west-1\" }")));
}

/// The edge resolves each name by itself.
#[test]
fn two_names_behind_an_edge_fail_over_apart() {
    let outage = fault("region-outage", "duration = \"permanent\"");
    let text = two_names(&format!("[edge]\nkind = \"cloudfront\"\nhit-ratio = 0\n{outage}"));
    for found in figures(&text, "journey.look.recovery_s", 20) {
        assert!((7.0..=17.0).contains(&found), "{found}");
    }
    near(failed(&text, "order", "no-path"), 20.0 * 3_000.0);
    assert_eq!(failed(&text, "order", "detection"), 0.0);
    // Without hits and kept errors an edge decides nothing.
    let direct = two_names(&outage);
    for column in ["journey.look.recovery_s", "journey.look.failed"] {
        figures(&text, column, 5)
            .into_iter()
            .zip(figures(&direct, column, 5))
            .for_each(|(one, other)| near(one, other));
    }
}

/// Two services in one region as origins: what the first one fails of reads, for want of its store, the second one answers.
#[test]
fn origins_are_endpoints_of_services() {
    let rest = "[edge]\nkind = \"cloudfront\"\nhit-ratio = 0\norigin-group = [\"web@us-east-1\", \"api@us-east-1\"]\n\
         [[faults]]\nkind = \"service-impairment\"\nstore = \"carts\"\nregion = \"us-east-1\"\nerror = 1\nat = \"10m\"\nduration = \"10m\"\n";
    let text = text("", ["", "method = \"POST\""], rest).replace("[dns]\npropagation = \"3s\"\n", "");
    assert_eq!(failed(&text, "look", "dependency"), 0.0);
    near(failed(&text, "order", "dependency"), 20.0 * 600.0);
}

/// Every periodic process and every instant worked out, or what changes alone: not one bit differs.
#[test]
fn several_services_in_a_tree_are_the_same_eagerly() {
    let www = name("www", "failover", "{ to = \"both\" }, { to = \"api@eu-west-1\" }");
    let both = "[records.both]\npolicy = \"multivalue\"\nanswers = [{ to = \"web@us-east-1\", health-check = \"web\" }, \
                { to = \"web@eu-west-1\", evaluate-target-health = true }]\n";
    let orders =
        name("orders", "weighted", "{ to = \"api@us-east-1\", weight = 3 }, { to = \"api@eu-west-1\", weight = 1 }");
    let check = "[health-checks.web]\nendpoint = \"web@us-east-1\"\ninterval = \"10s\"\n";
    let records = format!("{www}{both}{orders}{check}").replace("ttl = \"0s\"", "ttl = \"60s\"");
    let faults = [
        fault("region-outage", "duration = \"20m\""),
        fault("gray-failure", "service = \"api\"\nerror = 0.3\nduration = \"30m\"").replace("us-east-1", "eu-west-1"),
    ];
    let journeys = ["at = \"www\"", "at = \"orders\"\nenters = \"api\""];
    let text = text(&records, journeys, &faults.concat()).replace("cohorts = 1", "cohorts = 50");
    let bits = |eager: bool| -> Vec<Vec<u64>> {
        let experiment = opened(&text, eager);
        (0..5).map(|trial| row(&experiment.source, trial).into_iter().map(f64::to_bits).collect()).collect()
    };
    assert_eq!(bits(false), bits(true));
}

/// `[compute]` stands for one service that is called `app`: its endpoints have that name as well as those of their regions.
#[test]
fn endpoints_of_compute_are_those_of_app() {
    let text = |to: &str| {
        format!(
            "name = \"app\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n\
             [compute]\nkind = \"ec2-auto-scaling\"\ninstances = {{ desired = 4 }}\nrequests-per-second = 100\n\
             [names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
             answers = [{{ to = \"{to}us-east-1\", health-check = \"own\" }}, {{ to = \"{to}eu-west-1\" }}]\n\
             [health-checks.own]\nendpoint = \"{to}us-east-1\"\n\
             [[clients]]\nname = \"all\"\nnear = \"us-east-1\"\nrequests-per-second = 100\n\
             [[journeys]]\nname = \"visit\"\nshare = 1\n\
             [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"20m\"\n"
        )
    };
    let [own, named] = ["", "app@"].map(|to| rows(&text(to), 20));
    assert_eq!(of(&own, "journey.visit.failed"), of(&named, "journey.visit.failed"));
    assert!(of(&own, "journey.visit.failed").iter().all(|failed| *failed > 0.0));
}
