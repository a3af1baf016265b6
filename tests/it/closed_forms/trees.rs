//! `[dns]` and the tree of one level that it stands for give the same rows, bit for bit; what is never chosen changes nothing.

use crate::lab::rows;

/// Two regions with instances, two populations, something that breaks, and people.
fn text(routing: &str, alarms: &str) -> String {
    let client = |name: &str, near: &str| {
        format!(
            "[[clients]]\nname = \"{name}\"\nnear = \"{near}\"\nrequests-per-second = 100\ncohorts = 20\n\
             caching = [{{ share = 0.9 }}, {{ share = 0.1, floor = \"5m\" }}]\n"
        )
    };
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n\
         [compute]\nkind = \"ec2-auto-scaling\"\ninstances = {{ min = 2, desired = 4, max = 8 }}\nrequests-per-second = 100\n\
         {}{}[[journeys]]\nname = \"visit\"\nshare = 1\n{routing}\n{alarms}\n\
         [[runbooks]]\nname = \"away\"\non = {{ operator = {{ lognormal = {{ median = \"5m\", p95 = \"15m\" }} }} }}\n\
         hosted-in = \"eu-west-1\"\n\
         steps = [{{ shift = \"arc\", to = \"eu-west-1\" }}, {{ wait = \"10m\" }}, {{ readmit = \"us-east-1\" }}]\n\
         [[runbooks]]\nname = \"edits\"\non = {{ operator = \"8m\" }}\nhosted-in = \"eu-west-1\"\n\
         steps = [{{ shift = \"record-edit\", to = \"eu-west-1\", share = 0.3 }}]\n\
         [[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.7\nat = \"5m\"\nduration = \"10m\"\n\
         [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"20m\"\nduration = \"15m\"\n\
         [[faults]]\nkind = \"zone-outage\"\nregion = \"eu-west-1\"\nat = \"45m\"\nduration = \"5m\"\n",
        client("america", "us-east-1"),
        client("europe", "eu-west-1"),
    )
}

/// The tree with one record of this policy and these answers.
fn tree(record: &str, checks: &str) -> String {
    format!(
        "[dns]\npropagation = {{ uniform = [\"1s\", \"20s\"] }}\n[names.www]\nrecord = \"top\"\nttl = \"30s\"\n\
         [records.top]\n{record}\n{checks}"
    )
}

fn short(dns: &str) -> String {
    format!("[dns]\npropagation = {{ uniform = [\"1s\", \"20s\"] }}\nttl = \"30s\"\n{dns}\n")
}

/// Asserts that two texts give the same rows, whatever their bits mean.
fn same(one: &str, other: &str) {
    let (one_rows, other_rows) = (rows(one, 40), rows(other, 40));
    assert_eq!(one_rows.columns().names(), other_rows.columns().names());
    for place in 0..one_rows.columns().names().len() {
        let bits = |table: &mrsim::table::TrialTable| table.at(place).map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(&one_rows), bits(&other_rows), "{}\n{one}\n{other}", one_rows.columns().names()[place]);
    }
}

const CHECKS: &str = "[health-checks.a]\nendpoint = \"us-east-1\"\ninterval = \"10s\"\n\
                      [health-checks.b]\nendpoint = \"eu-west-1\"\ninterval = \"10s\"\n";
const CHECK: &str = "health-check = { interval = \"10s\" }";

#[test]
fn a_tree_of_one_level_is_the_plain_policy_bit_for_bit() {
    let answers = |east: &str, west: &str| {
        format!(
            "answers = [{{ to = \"us-east-1\", health-check = \"a\"{east} }}, {{ to = \"eu-west-1\", health-check = \"b\"{west} }}]"
        )
    };
    let targets = ", evaluate-target-health = true";
    for (dns, record) in [
        (
            "policy = \"latency\"".to_owned(),
            format!("policy = \"latency\"\n{}", answers(", region = \"us-east-1\"", ", region = \"eu-west-1\"")),
        ),
        (
            "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"".to_owned(),
            format!("policy = \"failover\"\n{}", answers("", "")),
        ),
        (
            "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nfailback = \"manual\""
                .to_owned(),
            format!("policy = \"failover\"\nfailback = \"manual\"\n{}", answers("", "")),
        ),
        (
            "policy = \"weighted\"\nweights = { us-east-1 = 70, eu-west-1 = 30 }".to_owned(),
            format!("policy = \"weighted\"\n{}", answers(", weight = 70", ", weight = 30")),
        ),
        (
            "policy = \"geolocation\"\nlocations = { europe = \"eu-west-1\" }\ndefault = \"us-east-1\"".to_owned(),
            format!("policy = \"geolocation\"\n{}", answers(", location = \"default\"", ", location = \"europe\"")),
        ),
        (
            "policy = \"geoproximity\"\nbias = { us-east-1 = 40 }".to_owned(),
            format!(
                "policy = \"geoproximity\"\n{}",
                answers(", region = \"us-east-1\", bias = 40", ", region = \"eu-west-1\"")
            ),
        ),
        ("policy = \"multivalue\"".to_owned(), format!("policy = \"multivalue\"\n{}", answers("", ""))),
        (
            "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nevaluate-target-health = true"
                .to_owned(),
            format!("policy = \"failover\"\n{}", answers(targets, targets)),
        ),
    ] {
        same(&text(&short(&format!("{dns}\n{CHECK}")), ""), &text(&tree(&record, CHECKS), ""));
    }
}

#[test]
fn a_record_without_checks_is_the_plain_one_bit_for_bit() {
    let record = "policy = \"simple\"\nanswers = [{ to = \"us-east-1\" }]";
    let dns = "policy = \"simple\"\nprimary = \"us-east-1\"\nhealth-check = false";
    same(&text(&short(dns), ""), &text(&tree(record, ""), ""));
}

#[test]
fn children_of_a_check_and_checks_that_are_children_are_the_same_bit_for_bit() {
    let alarm = "[[alarms]]\nname = \"errors\"\nmetric = { errors = \"visit\", region = \"us-east-1\" }\nabove = 0.5\n\
                 hosted-in = \"us-east-1\"\n";
    let dns = "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nhealth-check = false\n\
               [regions.us-east-1.dns]\nhealth-check = { interval = \"10s\", healthy-children = 1, checks = [\
               { kind = \"shallow\" }, { kind = \"alarm\", alarm = \"errors\", inverted = true }] }";
    let record =
        "policy = \"failover\"\nanswers = [{ to = \"us-east-1\", health-check = \"both\" }, { to = \"eu-west-1\" }]";
    let checks = "[health-checks.both]\nkind = \"calculated\"\nchildren = [\"a\", \"c\"]\nhealthy-children = 1\n\
                  [health-checks.a]\nendpoint = \"us-east-1\"\ninterval = \"10s\"\n\
                  [health-checks.c]\nkind = \"alarm\"\nalarm = \"errors\"\ninverted = true\n";
    same(&text(&short(dns), alarm), &text(&tree(record, checks), alarm));
}

/// A third answer that is reached only if two others fail, a branch behind it, and a weight of 0 beside one that never fails.
#[test]
fn an_answer_that_can_never_be_chosen_changes_nothing() {
    let failover = |more: &str| {
        let record = format!(
            "policy = \"failover\"\nanswers = [{{ to = \"us-east-1\", health-check = \"a\" }}, {{ to = \"eu-west-1\" }}{more}]"
        );
        let check = "[health-checks.a]\nendpoint = \"us-east-1\"\ninterval = \"10s\"\n";
        let below = if more.contains("below") {
            "[records.below]\npolicy = \"simple\"\nanswers = [{ static = \"sorry\" }]\n"
        } else {
            ""
        };
        // Without the runbooks, which would make a difference to what an answer may lead to.
        let all = text(&tree(&record, &format!("{below}{check}")), "");
        let (before, after) =
            (all.find("[[runbooks]]").expect("there is one"), all.find("[[faults]]").expect("there is one"));
        format!("{}{}", &all[..before], &all[after..])
    };
    same(&failover(""), &failover(", { to = \"us-east-1\" }"));
    same(&failover(""), &failover(", { static = \"sorry\" }"));
    same(&failover(""), &failover(", { to = \"below\" }"));
    let weighted = |more: &str| {
        let record = format!("policy = \"weighted\"\nanswers = [{{ to = \"eu-west-1\", weight = 5 }}{more}]");
        text(&tree(&record, ""), "")
    };
    same(&weighted(""), &weighted(", { to = \"us-east-1\", weight = 0 }"));
}
