//! Findings about records that go on leading to a region that is out: who is led there, and what is known of the checks.

use crate::lab::open;

/// Two regions with the name `www` for one population near the first, an outage of that, and what else there is.
fn deployment(rest: &str) -> String {
    format!(
        "name = \"stays\"\nhorizon = \"2h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n[dns]\npropagation = \"3s\"\n\
         [[clients]]\nname = \"all\"\nnear = \"us-east-1\"\nrequests-per-second = 100\n\
         [[journeys]]\nname = \"visit\"\nshare = 1\nat = \"www\"\n\
         [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"1h\"\n\
         [names.www]\nrecord = \"top\"\n{rest}"
    )
}

/// Findings of one kind, as they are told.
fn told(text: &str, kind: &str) -> Vec<String> {
    let findings = open(text).findings;
    findings.iter().filter(|finding| finding.kind == kind).map(ToString::to_string).collect()
}

fn stays(text: &str) -> Vec<String> {
    told(text, "record-stays")
}

/// The only words about a record that stays.
#[track_caller]
fn says(text: &str, words: &str) {
    let told = stays(text);
    assert!(told.len() == 1 && told[0].contains(words), "{words}: {told:?}\n{text}");
}

/// A record that fails over from the region that is lost, whose answer goes by the check `own`.
const FAILOVER: &str = "[records.top]\npolicy = \"failover\"\n\
                        answers = [{ to = \"us-east-1\", health-check = \"own\" }, { to = \"eu-west-1\" }]\n";

/// The same by the metric of an alarm that lives in a region, with what the check says without data.
fn by_alarm(metric: &str, hosted_in: &str, insufficient: &str) -> String {
    deployment(&format!(
        "{FAILOVER}[health-checks.own]\nkind = \"alarm\"\nalarm = \"errors\"\ninsufficient-data = \"{insufficient}\"\n\
         [[alarms]]\nname = \"errors\"\nmetric = {{ {metric} }}\nabove = 0.2\nhosted-in = \"{hosted_in}\"\n"
    ))
}

/// What an alarm that is gone says is known, what one that lives says is not.
#[test]
fn checks_on_alarms_are_told_only_where_they_are_certain() {
    let (clients, own) = ("errors = \"visit\"", "errors = \"visit\", region = \"us-east-1\"");
    let lost = "what guards its endpoint stays healthy when that is lost";
    // With the alarm's region the check says what it says without data.
    says(&by_alarm(clients, "us-east-1", "healthy"), lost);
    says(&by_alarm(clients, "us-east-1", "last-known"), lost);
    assert!(stays(&by_alarm(clients, "us-east-1", "unhealthy")).is_empty());
    // From elsewhere clients' errors may fire it.
    for insufficient in ["healthy", "last-known", "unhealthy"] {
        assert!(stays(&by_alarm(clients, "eu-west-1", insufficient)).is_empty(), "{insufficient}");
    }
    // A region that is out publishes nothing, and where silence is usual the status stays.
    says(&by_alarm(own, "eu-west-1", "unhealthy"), lost);
    let every_period = format!("{own}, sparse = false");
    assert!(stays(&by_alarm(&every_period, "eu-west-1", "unhealthy")).is_empty());
    says(&by_alarm(&every_period, "eu-west-1", "last-known"), lost);
}

/// One alarm behind several answers fires for all of them or for none.
#[test]
fn an_alarm_that_takes_every_answer_along_leads_nowhere() {
    let of = |second: &str| {
        deployment(&format!(
            "[records.top]\npolicy = \"failover\"\n\
             answers = [{{ to = \"us-east-1\", health-check = \"own\" }}, {{ to = \"eu-west-1\"{second} }}]\n\
             [health-checks.own]\nkind = \"alarm\"\nalarm = \"errors\"\n\
             [[alarms]]\nname = \"errors\"\nmetric = {{ errors = \"visit\" }}\nabove = 0.2\nhosted-in = \"eu-west-1\"\n"
        ))
    };
    says(&of(", health-check = \"own\""), "takes every other answer out as well");
    assert!(stays(&of("")).is_empty());
}

/// A calculated check is as certain as the children that decide it.
#[test]
fn calculated_checks_are_certain_where_their_children_leave_no_choice() {
    let of = |healthy: u32| {
        deployment(&format!(
            "{FAILOVER}[health-checks.own]\nkind = \"calculated\"\nchildren = [\"far\", \"metric\"]\n\
             healthy-children = {healthy}\n[health-checks.far]\nendpoint = \"eu-west-1\"\ninterval = \"10s\"\n\
             [health-checks.metric]\nkind = \"alarm\"\nalarm = \"errors\"\n\
             [[alarms]]\nname = \"errors\"\nmetric = {{ errors = \"visit\" }}\nabove = 0.2\nhosted-in = \"eu-west-1\"\n"
        ))
    };
    // The check of the other endpoint is enough; or both are needed, and the alarm may fire.
    says(&of(1), "stays healthy");
    assert!(stays(&of(2)).is_empty());
}

/// An answer that never is healthy leads nobody anywhere: its region is left before any fault.
#[test]
fn an_answer_that_is_never_healthy_is_no_way_to_its_region() {
    let of = |first: &str| {
        deployment(&format!(
            "[records.top]\npolicy = \"failover\"\n\
             answers = [{{ to = \"eu-west-1\"{first} }}, {{ to = \"us-east-1\" }}]\n\
             [health-checks.off]\nkind = \"calculated\"\nchildren = [\"own\"]\nhealthy-children = 0\ninverted = true\n\
             [health-checks.own]\nendpoint = \"us-east-1\"\ninterval = \"10s\"\n\
             [[alarms]]\nname = \"off\"\nmetric = {{ health-check = \"off\" }}\nabove = 0.5\n"
        ))
    };
    says(&of(", health-check = \"off\""), "no check that can turn");
    assert!(stays(&of("")).is_empty(), "everybody is led to the other region from the start");
}

/// A `simple` record goes by no check, so that none helps.
#[test]
fn a_simple_record_is_told_to_get_another_policy() {
    let of = |more: &str| {
        deployment(&format!(
            "[records.top]\npolicy = \"simple\"\nanswers = [{{ to = \"us-east-1\"{more} }}]\n\
             [health-checks.own]\nendpoint = \"us-east-1\"\ninterval = \"10s\"\n\
             [[alarms]]\nname = \"down\"\nmetric = {{ health-check = \"own\" }}\nabove = 0.5\n"
        ))
    };
    for more in ["", ", health-check = \"own\", evaluate-target-health = true"] {
        says(&of(more), "policy simple looks at no health; choose a policy that does");
    }
}

/// A name inside is asked by those who call through it, where they run, and by no client.
#[test]
fn names_inside_are_asked_by_their_callers() {
    let of = |pay: &str| {
        deployment(&format!(
            "[records.top]\npolicy = \"latency\"\n\
             answers = [{{ to = \"web@us-east-1\", region = \"us-east-1\", health-check = \"own\" }}, \
             {{ to = \"web@eu-west-1\", region = \"eu-west-1\" }}]\n\
             [health-checks.own]\nendpoint = \"web@us-east-1\"\ninterval = \"10s\"\n\
             [services.web]\nkind = \"managed\"\nneeds = [{{ call = \"pay\", to = {{ name = \"pay.internal\" }} }}]\n\
             [services.pay]\nkind = \"managed\"\n\
             [names.\"pay.internal\"]\nrecord = \"pay\"\n[records.pay]\n{pay}\n"
        ))
    };
    // Those in the region that is left ask for what is near.
    let latency = "policy = \"latency\"\nanswers = [{ to = \"pay@us-east-1\", region = \"us-east-1\" }, \
                   { to = \"pay@eu-west-1\", region = \"eu-west-1\" }]";
    assert!(stays(&of(latency)).is_empty());
    // No location is that of a caller.
    let located = |all: &str, others: &str| {
        format!(
            "policy = \"geolocation\"\nanswers = [{{ to = \"pay@{all}\", location = \"all\" }}, \
             {{ to = \"pay@{others}\", location = \"default\" }}]"
        )
    };
    assert!(stays(&of(&located("us-east-1", "eu-west-1"))).is_empty());
    says(&of(&located("eu-west-1", "us-east-1")), "pay.internal leads web in eu-west-1 to us-east-1");
}

/// A page is good enough for a journey that is led there; a call fails whatever the page says.
#[test]
fn a_page_behind_a_name_inside_is_good_for_nothing() {
    let of = |www: &str| {
        let text = deployment(&format!(
            "[records.top]\npolicy = \"failover\"\n\
             answers = [{{ to = \"web@us-east-1\", health-check = \"own\" }}, {www}]\n\
             [health-checks.own]\nendpoint = \"web@us-east-1\"\ninterval = \"10s\"\n\
             [services.web]\nkind = \"managed\"\nneeds = [{{ call = \"pay\", to = {{ name = \"pay.internal\" }} }}]\n\
             [services.pay]\nkind = \"managed\"\n\
             [names.\"pay.internal\"]\nrecord = \"pay\"\n[records.pay]\npolicy = \"failover\"\n\
             answers = [{{ to = \"pay@us-east-1\", evaluate-target-health = true }}, {{ static = \"stub\", static-ok = true }}]\n"
        ));
        told(&text, "setting-without-effect")
    };
    let none = of("{ to = \"web@eu-west-1\" }");
    assert!(none.len() == 1 && none[0].contains("`static-ok` of page stub has no effect"), "{none:?}");
    assert!(of("{ static = \"stub\" }").is_empty(), "clients are led to the same page");
}

/// In the partition of the US government there are no routing controls that could be advised.
#[test]
fn advice_for_a_lost_control_plane_is_what_the_partition_has() {
    let of = |home: &str, other: &str| {
        let text = format!(
            "name = \"plane\"\nhorizon = \"2h\"\n[regions.{home}]\n[regions.{other}]\n[names.www]\nrecord = \"top\"\n\
             [records.top]\npolicy = \"failover\"\nanswers = [{{ to = \"{home}\" }}, {{ to = \"{other}\" }}]\n\
             [[clients]]\nname = \"all\"\nnear = \"{other}\"\nrequests-per-second = 100\n\
             [[journeys]]\nname = \"visit\"\nshare = 1\n\
             [[runbooks]]\nname = \"leave\"\non = {{ operator = \"5m\" }}\nhosted-in = [\"{other}\"]\n\
             steps = [{{ shift = \"record-edit\", to = \"{other}\" }}]\n\
             [[faults]]\nkind = \"region-outage\"\nregion = \"{home}\"\nat = \"10m\"\nduration = \"permanent\"\n"
        );
        told(&text, "step-without-its-plane")
    };
    for (home, other, arc) in [("us-gov-west-1", "us-gov-east-1", false), ("us-east-1", "eu-west-1", true)] {
        let told = of(home, other);
        assert!(told.len() == 1 && told[0].contains("shift = \"arc\"") == arc, "{told:?}");
        assert!(arc || told[0].contains("let health checks of the other answers lead there"), "{told:?}");
    }
}
