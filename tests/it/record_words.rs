//! Records, checks and assumed figures of names that a file writes out, as `check` tells them.

use mrsim::overview::Part;
use mrsim::run::Trials as _;

use crate::lab::open;

/// Two populations, of which one is near each region, and these names, records and checks.
fn deployment(rest: &str) -> String {
    format!(
        "name = \"words\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n\
         [[clients]]\nname = \"america\"\nnear = \"us-east-1\"\nrequests-per-second = 100\n\
         [[clients]]\nname = \"europe\"\nnear = \"eu-west-1\"\nrequests-per-second = 100\n\
         [[journeys]]\nname = \"visit\"\nshare = 1\n[names.www]\nrecord = \"top\"\n[records.top]\n{rest}"
    )
}

fn words(parts: &[Part], name: &str) -> String {
    parts.iter().find(|part| part.name == name).map_or_else(String::new, |part| part.words.clone())
}

fn record(rest: &str) -> String {
    words(&open(&deployment(rest)).header.overview.records, "top")
}

#[test]
fn an_answer_by_location_says_whom_it_is_for() {
    let of = |first: &str, second: &str| {
        record(&format!(
            "policy = \"geolocation\"\nanswers = [{{ to = \"eu-west-1\", location = {first} }}, \
             {{ to = \"us-east-1\", location = {second} }}]\n"
        ))
    };
    let told = of("\"europe\"", "\"default\"");
    assert!(told.contains("eu-west-1 for europe [") && told.contains("us-east-1 for everybody else ["), "{told}");
    let told = of("\"europe\"", "[\"america\", \"default\"]");
    assert!(told.contains("us-east-1 for america and everybody else ["), "{told}");
    let told = of("\"europe\"", "\"america\"");
    assert!(told.ends_with("nobody else is left"), "{told}");
}

#[test]
fn the_nearest_answer_and_the_quickest_one_have_words_of_their_own() {
    let of = |policy: &str| {
        record(&format!(
            "policy = \"{policy}\"\nanswers = [{{ to = \"eu-west-1\", region = \"eu-west-1\" }}, \
             {{ to = \"us-east-1\", region = \"us-east-1\" }}]\n"
        ))
    };
    let (latency, nearness) = (of("latency"), of("geoproximity"));
    assert!(latency.starts_with("the healthy one with the shortest round trip"), "{latency}");
    assert!(nearness.starts_with("the nearest healthy one"), "{nearness}");
}

/// A check that counts no child says one thing for ever: healthy, or the contrary where it is turned round.
#[test]
fn a_check_without_a_healthy_child_to_count_says_what_it_always_says() {
    let of = |inverted: bool| {
        let text = deployment(&format!(
            "policy = \"failover\"\nanswers = [{{ to = \"us-east-1\", health-check = \"still\" }}, {{ to = \"eu-west-1\" }}]\n\
             [health-checks.still]\nkind = \"calculated\"\nchildren = [\"own\"]\nhealthy-children = 0\ninverted = {inverted}\n\
             [health-checks.own]\nendpoint = \"us-east-1\"\n"
        ));
        words(&open(&text).header.overview.checks, "still")
    };
    assert!(of(false).starts_with("always healthy") && of(true).starts_with("always unhealthy"), "{}", of(true));
}

/// When lost targets are seen is assumed where an answer looks at targets, and nowhere else.
#[test]
fn what_no_answer_looks_at_is_not_assumed() {
    let of = |evaluates: bool| {
        let text = deployment(&format!(
            "policy = \"failover\"\nanswers = [{{ to = \"us-east-1\", evaluate-target-health = {evaluates} }}, \
             {{ to = \"eu-west-1\" }}]\n"
        ));
        open(&text).header.assumed.iter().any(|figure| figure.path == "dns.target-health-lost")
    };
    assert!(of(true) && !of(false));
}

/// What a trace says of the record.
fn told(rest: &str) -> Vec<String> {
    let story = open(&deployment(rest)).source.story(0).expect("it can be told");
    story.moments.into_iter().map(|it| it.text).filter(|text| text.starts_with("record top")).collect()
}

const GUARDED: &str = "policy = \"failover\"\nfailback = \"manual\"\n\
     answers = [{ to = \"us-east-1\", health-check = \"us\" }, { to = \"eu-west-1\", health-check = \"eu\" }]\n\
     [health-checks.us]\nendpoint = \"us-east-1\"\n[health-checks.eu]\nendpoint = \"eu-west-1\"\n";

fn outage(region: &str, at: &str) -> String {
    format!("[[faults]]\nkind = \"region-outage\"\nregion = \"{region}\"\nat = \"{at}\"\nduration = \"10m\"\n")
}

/// An answer that waits to be let back is given again when the other one breaks: not for the sake of a check.
#[test]
fn a_trace_says_when_bars_are_ignored() {
    let told = told(&format!("{GUARDED}{}{}", outage("us-east-1", "5m"), outage("eu-west-1", "30m")));
    assert_eq!(
        told,
        [
            "record top drops us-east-1: health check us is seen unhealthy",
            "record top may answer with us-east-1: all that is healthy waits to be let back, and nothing else is left",
            "record top drops eu-west-1: health check eu is seen unhealthy",
            "record top may answer with eu-west-1: all that is healthy waits to be let back, and nothing else is left",
        ]
    );
}

#[test]
fn a_trace_says_which_record_a_share_was_shifted_of() {
    for (means, by) in [("arc", "routing controls"), ("record-edit", "an edit")] {
        let told = told(&format!(
            "{GUARDED}[[runbooks]]\nname = \"away\"\non = {{ at = \"5m\" }}\nhosted-in = \"eu-west-1\"\n\
             steps = [{{ shift = \"{means}\", to = \"eu-west-1\", share = 0.25 }}]\n"
        ));
        assert_eq!(told, [format!("record top leads 25 % to eu-west-1: by {by}")]);
    }
}
