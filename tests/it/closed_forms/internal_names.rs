//! Calls through names of DNS: callers follow the answers that they have cached, 20 cohorts in each region.

use models::deployment::Happening;

use crate::lab::{averages, figures, firsts, of, opened, row, rows};

/// Clients enter `web` in us-east-1 at 100 requests/s, which calls `pay` through a name with these answers.
fn text(name: &str, record: &str, to: &str, rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n[dns]\npropagation = \"3s\"\n\
         [services.web]\nkind = \"managed\"\nneeds = [{{ call = \"pay\", {to} }}]\n[services.pay]\nkind = \"managed\"\n\
         [names.www]\nrecord = \"www\"\nttl = \"0s\"\n[records.www]\npolicy = \"latency\"\n\
         answers = [{{ to = \"web@us-east-1\", region = \"us-east-1\" }}, {{ to = \"web@eu-west-1\", region = \"eu-west-1\" }}]\n\
         [names.\"pay.internal\"]\nrecord = \"pay\"\n{name}\n[records.pay]\n{record}\n\
         [health-checks.pay]\nendpoint = \"pay@us-east-1\"\ninterval = \"10s\"\nfailure-threshold = 1\ncheckers = 1\n\
         [[clients]]\nname = \"everybody\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
         [[journeys]]\nname = \"buy\"\nshare = 1\nat = \"www\"\n{rest}\n"
    )
}

const NAMED: &str = "to = { name = \"pay.internal\" }";
const FAILOVER: &str =
    "policy = \"failover\"\nanswers = [{ to = \"pay@us-east-1\", health-check = \"pay\" }, { to = \"pay@eu-west-1\" }]";
const GRAY: &str = "[[faults]]\nkind = \"gray-failure\"\nservice = \"pay\"\nregion = \"us-east-1\"\nerror = 1\nat = \"10m\"\nduration = \"permanent\"\n";

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-6 * (1.0 + expected.abs()), "{found} is not {expected}");
}

/// When the check of `pay` turned, in seconds after the fault.
fn turned(text: &str, trials: u64) -> Vec<f64> {
    firsts(text, trials, |what| matches!(what, Happening::HealthTurned { healthy: false, .. }))
}

#[test]
fn callers_follow_as_soon_as_the_answer_changes_where_nothing_is_kept() {
    let text = text("ttl = \"0s\"", FAILOVER, NAMED, GRAY);
    for (turned, failed) in turned(&text, 5).into_iter().zip(figures(&text, "journey.buy.cause.dependency", 5)) {
        near(failed, 100.0 * (turned + 3.0));
    }
}

#[test]
fn each_cohort_of_callers_follows_when_its_answer_expires() {
    let text = text("ttl = \"60s\"", FAILOVER, NAMED, GRAY);
    let failed = figures(&text, "journey.buy.failed", 400);
    // The check turns in U(0, 10 s), is seen 3 s later, and a cohort hears of it after U(0, 60 s).
    averages(&failed, 100.0 * (5.0 + 3.0 + 30.0), 0.05);
    for (turned, recovered) in turned(&text, 20).into_iter().zip(figures(&text, "journey.buy.recovery_s", 20)) {
        assert!((turned + 3.0..=turned + 63.0).contains(&recovered), "{recovered} after {turned}");
    }
    let once = figures(&text, "journey.buy.failed", 20);
    // All tries of a call follow one answer: they change nothing where everything fails.
    let thrice = text.replace(NAMED, &format!("{NAMED}, attempts = 3"));
    figures(&thrice, "journey.buy.failed", 20).into_iter().zip(once).for_each(|(three, one)| near(three, one));
}

#[test]
fn callers_that_keep_answers_for_longer_follow_later_and_those_that_never_ask_do_not() {
    let floor = |floor: &str| NAMED.replace(" }", &format!(", floor = \"{floor}\" }}"));
    let text = |to: &str| text("ttl = \"0s\"", FAILOVER, to, GRAY);
    averages(&figures(&text(&floor("120s")), "journey.buy.failed", 400), 100.0 * (5.0 + 3.0 + 60.0), 0.05);
    // One of 20 cohorts would ask within the rest of the hour in a trial of 600.
    for failed in figures(&text(&floor("10000h")), "journey.buy.failed", 3) {
        near(failed, 100.0 * 3_000.0);
    }
}

#[test]
fn a_name_without_a_record_fails_calls_and_callers_keep_that() {
    let lost = "[[faults]]\nkind = \"record-lost\"\nnames = \"pay.internal\"\nat = \"10m\"\nduration = \"90s\"\n";
    let text = text("ttl = \"0s\"\nnegative-ttl = \"60s\"", FAILOVER, NAMED, lost);
    // Who asks at once asks again after 60 s, which is too soon, and after 120 s.
    near(of(&rows(&text, 1), "journey.buy.cause.no-path")[0], 100.0 * 120.0);
}

#[test]
fn weights_divide_calls_and_no_try_goes_elsewhere() {
    let weighted = "policy = \"weighted\"\nanswers = [{ to = \"pay@us-east-1\", weight = 3, health-check = \"blind\" }, { to = \"pay@eu-west-1\", weight = 1 }]\n\
         [health-checks.blind]\nendpoint = \"pay@eu-west-1\"";
    let half = GRAY.replace("error = 1", "error = 0.5");
    let text = text("ttl = \"0s\"", weighted, &format!("{NAMED}, attempts = 2"), &half).replace(
        "[health-checks.pay]\nendpoint = \"pay@us-east-1\"\ninterval = \"10s\"\nfailure-threshold = 1\ncheckers = 1\n",
        "",
    );
    // Of three quarters both tries fail in a quarter of the cases.
    near(of(&rows(&text, 1), "journey.buy.cause.dependency")[0], 100.0 * 0.75 * 0.25 * 3_000.0);
}

#[test]
fn callers_of_each_region_are_answered_by_where_they_are() {
    let latency = "policy = \"latency\"\nanswers = [{ to = \"pay@us-east-1\", region = \"us-east-1\" }, { to = \"pay@eu-west-1\", region = \"eu-west-1\", health-check = \"pay\" }]";
    let both = "[[clients]]\nname = \"others\"\nnear = \"eu-west-1\"\nrequests-per-second = 40\ncohorts = 1\n";
    // The check is of the endpoint that fails, and guards the other one, which is the last that is left.
    let text = text("ttl = \"0s\"", latency, NAMED, &format!("{both}{GRAY}"))
        .replace("endpoint = \"pay@us-east-1\"", "endpoint = \"pay@eu-west-1\"");
    let table = rows(&text, 1);
    near(of(&table, "population.everybody.failed")[0], 100.0 * 3_000.0);
    assert_eq!(of(&table, "population.others.failed")[0], 0.0);
}

/// A name with a single answer is a fixed region.
#[test]
fn a_name_with_one_answer_is_that_region() {
    let simple = "policy = \"simple\"\nanswers = [{ to = \"pay@eu-west-1\" }]";
    let faults = "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"10m\"\nduration = \"5m\"\n\
         [[faults]]\nkind = \"gray-failure\"\nservice = \"pay\"\nregion = \"eu-west-1\"\nerror = 0.3\nat = \"30m\"\nduration = \"5m\"\n";
    let watched =
        "[[alarms]]\nname = \"pay\"\nmetric = { health-check = \"pay\" }\nabove = 0.5\nhosted-in = \"us-east-1\"\n";
    let named = text("ttl = \"60s\"", simple, &format!("{NAMED}, attempts = 2"), &format!("{faults}{watched}"));
    let fixed = named.replace(NAMED, "to = \"eu-west-1\"");
    let spare = "[[journeys]]\nname = \"pay\"\nshare = 0\nat = \"pay.internal\"\n";
    let fixed = format!("{fixed}{spare}");
    for column in ["failed", "cause.dependency", "recovery_s", "downtime_s", "latency_before_ms"] {
        let column = format!("journey.buy.{column}");
        figures(&named, &column, 2)
            .into_iter()
            .zip(figures(&fixed, &column, 2))
            .for_each(|(one, other)| near(one, other));
    }
}

#[test]
fn callers_that_go_through_names_are_the_same_eagerly() {
    let lost = "[[faults]]\nkind = \"record-lost\"\nnames = \"pay.internal\"\nat = \"30m\"\nduration = \"90s\"\n\
         [[faults]]\nkind = \"record-lost\"\nservice = \"keys\"\nregion = \"us-east-1\"\nat = \"40m\"\nduration = \"90s\"\nnegative-ttl = \"3m\"\n";
    let text = text("ttl = \"60s\"\nnegative-ttl = \"2m\"", FAILOVER, NAMED, &format!("{GRAY}{lost}"))
        .replace("[services.pay]\n", "[services.keys]\nkind = \"managed\"\n[services.pay]\nneeds = [{ call = \"keys\", attempts = 2, soft = true }]\n")
        .replace("cohorts = 1\n", "cohorts = 50\n")
        .replace("duration = \"permanent\"", "duration = \"15m\"");
    let bits = |eager: bool| -> Vec<Vec<u64>> {
        let experiment = opened(&text, eager);
        (0..5).map(|trial| row(&experiment.source, trial).into_iter().map(f64::to_bits).collect()).collect()
    };
    assert_eq!(bits(false), bits(true));
}
