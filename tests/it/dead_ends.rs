//! Dead ends in files with several outages: each outage is looked at by itself, with what was lost for good before it.

use crate::lab::open;

fn told(more: &str) -> Vec<String> {
    let text = format!(
        r#"
        name = "dead-ends"
        horizon = "3h"
        [regions.us-east-1]
        [regions.eu-west-1]
        [regions.eu-central-1]
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 100
        [[journeys]]
        name = "read"
        share = 1
        {more}"#
    );
    open(&text).findings.iter().map(ToString::to_string).collect()
}

fn says(told: &[String], words: &str) -> bool {
    told.iter().any(|finding| finding.contains(words))
}

/// Outages of these regions, each at a minute, and for so long.
fn outages(all: &[(&str, u32, &str)]) -> String {
    let one = |(region, minute, duration): &(&str, u32, &str)| {
        format!(
            "[[faults]]\nkind = \"region-outage\"\nregion = \"{region}\"\nat = \"{minute}m\"\nduration = \"{duration}\"\n"
        )
    };
    all.iter().map(one).collect()
}

const FAILOVER: &str = "[dns]\npolicy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\n";

/// A short outage of the region that takes over changes nothing about what the long one leaves to be done.
#[test]
fn a_second_outage_hides_no_dead_end() {
    let edit = "[dns]\npolicy = \"simple\"\nprimary = \"us-east-1\"\n[[runbooks]]\nname = \"edit\"\non = { operator = \"5m\" }\n\
                hosted-in = [\"eu-west-1\"]\nsteps = [{ shift = \"record-edit\", to = \"eu-west-1\" }]\n";
    let stopped = "runbook edit needs Route 53's control plane";
    let alone = outages(&[("us-east-1", 10, "permanent")]);
    let both = outages(&[("us-east-1", 10, "permanent"), ("eu-west-1", 20, "1m")]);
    assert!(says(&told(&format!("{edit}{alone}")), stopped) && says(&told(&format!("{edit}{both}")), stopped));
    // The other way round the runbook is not for that outage: it leads into the region that is out.
    let hosted = "is hosted only in eu-west-1";
    assert!(!says(&told(&format!("{edit}{both}")), hosted), "{:?}", told(&format!("{edit}{both}")));
}

/// Two runbooks, each for the loss of the region that it watches, in the other one: nothing is wrong with them.
#[test]
fn runbooks_for_each_other_are_no_dead_ends() {
    let leave = |from: &str, to: &str| {
        format!(
            "[[runbooks]]\nname = \"leave-{from}\"\non = {{ health-check = \"{from}\" }}\nhosted-in = [\"{to}\"]\n\
             steps = [{{ shift = \"arc\", to = \"{to}\" }}]\n"
        )
    };
    let both = outages(&[("us-east-1", 10, "20m"), ("eu-west-1", 90, "20m")]);
    let sound = format!("{FAILOVER}{}{}{both}", leave("us-east-1", "eu-west-1"), leave("eu-west-1", "us-east-1"));
    assert!(!says(&told(&sound), "hosted only"), "{:?}", told(&sound));
    let wrong = sound.replacen("hosted-in = [\"eu-west-1\"]", "hosted-in = [\"us-east-1\"]", 1);
    assert!(says(&told(&wrong), "runbook leave-us-east-1 is hosted only in us-east-1"), "{:?}", told(&wrong));
}

/// Metrics of health checks live in us-east-1, which is lost for good before the region that the alarm is about.
#[test]
fn what_was_lost_before_is_out_in_a_later_outage() {
    let alarm = "[dns]\npolicy = \"failover\"\nprimary = \"eu-west-1\"\nsecondary = \"eu-central-1\"\n[[alarms]]\nname = \"gone\"\n\
                 metric = { health-check = \"eu-west-1\" }\nabove = 0\n[[runbooks]]\nname = \"promote\"\non = { alarm = \"gone\" }\n\
                 hosted-in = [\"eu-central-1\"]\nsteps = [{ promote = \"orders\", to = \"eu-central-1\" }]\n\
                 [stores.orders]\nkind = \"aurora-global\"\nwriter = \"eu-west-1\"\n";
    let blind = "alarm gone lives in us-east-1";
    let lost = outages(&[("us-east-1", 5, "permanent"), ("eu-west-1", 10, "permanent")]);
    assert!(says(&told(&format!("{alarm}{lost}")), blind), "{:?}", told(&format!("{alarm}{lost}")));
    let apart = outages(&[("us-east-1", 5, "1m"), ("eu-west-1", 10, "permanent")]);
    assert!(!says(&told(&format!("{alarm}{apart}")), blind), "it is back when the alarm is needed");
}

/// Planned work waits for nobody's outage: it starts at its time.
#[test]
fn planned_work_does_not_die_with_an_outage_that_is_over() {
    let planned = "[[runbooks]]\nname = \"move\"\non = { at = \"30m\" }\nhosted-in = [\"eu-west-1\"]\n\
                   steps = [{ shift = \"arc\", to = \"us-east-1\" }]\n";
    let over = outages(&[("eu-west-1", 20, "5m")]);
    assert!(!says(&told(&format!("{FAILOVER}{planned}{over}")), "hosted only"));
}

/// Clients of two regions write 100 times a second each, and each copy carries the writes of both.
#[test]
fn a_copy_that_is_short_carries_what_all_regions_write() {
    let table = "[dns]\npolicy = \"latency\"\n[stores.items]\nkind = \"dynamodb-global-table\"\n\
                 regions = [\"us-east-1\", \"eu-west-1\"]\ncapacity = { writes = 90 }\n[[clients]]\nname = \"others\"\n\
                 near = \"eu-west-1\"\nrequests-per-second = 100\n";
    let text = table.to_owned() + &outages(&[("us-east-1", 10, "20m")]);
    let writes = told(&text.replace("[dns]", "needs = [{ write = \"items\" }]\n[dns]"));
    assert!(says(&writes, "200 writes/s reach a copy, and it carries 90"), "{writes:?}");
    assert!(says(&writes, "`capacity.writes` be 200 or more"), "{writes:?}");
}

/// A group that looks at hosts alone keeps members whose application fails for good.
#[test]
fn members_that_nobody_replaces_are_told() {
    let group = |kind: &str, duration: &str| {
        format!(
            "[dns]\npolicy = \"simple\"\nprimary = \"us-east-1\"\n[compute]\nkind = \"ec2-auto-scaling\"\n\
             instances = {{ min = 2, desired = 2, max = 4 }}\nrequests-per-second = 100\nhealth-check-type = \"{kind}\"\n[[faults]]\n\
             kind = \"instance-failures\"\nregion = \"us-east-1\"\nprobability = 1.0\nat = \"10m\"\nduration = \"{duration}\"\n"
        )
    };
    let never = "nothing replaces the instances that `faults.0` takes in us-east-1";
    assert!(says(&told(&group("ec2", "permanent")), never), "{:?}", told(&group("ec2", "permanent")));
    assert!(!says(&told(&group("elb", "permanent")), never) && !says(&told(&group("ec2", "10m")), never));
}

/// An alarm that waits for more than a trial, and one on hosts that no fault strikes.
#[test]
fn alarms_without_time_or_cause_are_told() {
    let alarm = |metric: &str, datapoints: &str, struck: &str| {
        let stack = "[dns]\npolicy = \"latency\"\n[compute]\nkind = \"ec2-auto-scaling\"\n\
                     instances = { min = 2, desired = 2, max = 4 }\nrequests-per-second = 100\n";
        told(&format!(
            "{stack}[[alarms]]\nname = \"a\"\nmetric = {metric}\nabove = 0.5\nperiod = \"5m\"\ndatapoints = \"{datapoints}\"\n\
             hosted-in = \"eu-central-1\"\n{}",
            outages(&[(struck, 10, "20m")])
        ))
    };
    // 37 x 5 min are five minutes more than the three hours of a trial, and 36 x 5 min are as long as it.
    let errors = "{ errors = \"read\" }";
    let slow = "37 bad periods take 185 min, and a trial ends after 3 h";
    assert!(says(&alarm(errors, "37 of 40", "us-east-1"), slow), "{:?}", alarm(errors, "37 of 40", "us-east-1"));
    assert!(!says(&alarm(errors, "36 of 40", "us-east-1"), "bad periods"));
    let hosts = "{ unhealthy-hosts = \"eu-west-1\" }";
    let never = "no fault of this file strikes eu-west-1";
    assert!(says(&alarm(hosts, "2 of 2", "us-east-1"), never) && !says(&alarm(hosts, "2 of 2", "eu-west-1"), never));
}

/// A runbook that can run in two places is lost with both of them, and not with one.
#[test]
fn a_runbook_is_lost_with_all_its_hosts() {
    let with = |hosts: &str, faults: &str| {
        told(&format!(
            "[dns]\npolicy = \"simple\"\nprimary = \"us-east-1\"\n[[runbooks]]\nname = \"edit\"\non = {{ operator = \"30m\" }}\n\
             hosted-in = [{hosts}]\nsteps = [{{ shift = \"record-edit\", to = \"eu-central-1\" }}]\n{faults}"
        ))
    };
    let two = "\"us-east-1\", \"eu-west-1\"";
    let first = outages(&[("us-east-1", 10, "permanent")]);
    let both = outages(&[("eu-west-1", 5, "permanent"), ("us-east-1", 10, "permanent")]);
    let lost = "runbook edit is hosted only in us-east-1 and eu-west-1";
    assert!(says(&with(two, &both), lost), "{:?}", with(two, &both));
    assert!(says(&with(two, &both), "`faults.0` and `faults.1` take away: it never runs"), "{:?}", with(two, &both));
    assert!(!says(&with(two, &first), lost), "the other host runs it");
    assert!(says(&with("\"us-east-1\"", &first), "is hosted only in us-east-1, which `faults.0` takes away"));
}
