//! Routing and capacity that somebody steers: calculated checks, checks on an alarm's metric, failback by hand, bias,
//! warm pools, scheduled capacity, load profiles.
//!
//! Delays are constants wherever they can be, so that instants follow from the text by addition.

use models::balancers::load_balancer::Signal as Target;
use models::cloud_watch::State;
use models::compute::auto_scaling::Signal as Group;
use models::deployment::Happening;
use models::ids::{AlarmId, PlaceId, RegionId};

use crate::lab::{Diary, FIRST, figures, firsts, head, watched};

const TRIALS: u64 = 40;

/// Two regions without compute, one population near each; us-east-1 fails from the tenth minute on, for 10 minutes.
fn two_regions(dns: &str, fault: &str, more: &str) -> String {
    let rate = "requests-per-second = 100";
    let head = head(
        "horizon = \"1h\"",
        &["us-east-1", "eu-west-1"],
        &format!("ttl = \"0s\"\npropagation = \"2s\"\n{dns}"),
        &[("america", "us-east-1", rate), ("europe", "eu-west-1", rate)],
    );
    format!(
        r#"{head}
[[journeys]]
name = "shop"
share = 1
[[faults]]
at = "10m"
duration = "10m"
{fault}
{more}
"#
    )
}

const OUTAGE: &str = "kind = \"region-outage\"\nregion = \"us-east-1\"";
/// A quarter of requests fail where no check sees it.
const UNSEEN: &str = "kind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.25\nseen = 0";
const ALARM: &str = r#"
[[alarms]]
name = "errors-here"
metric = { errors = "shop", region = "us-east-1" }
above = 0.2
hosted-in = "us-east-1"
"#;

fn turns(region: RegionId, healthy: bool) -> impl Fn(&Happening) -> bool {
    move |what| *what == Happening::HealthTurned { place: PlaceId::of(region), healthy }
}

#[test]
fn a_check_on_an_alarms_metric_sees_what_probes_do_not() {
    let shallow = two_regions("policy = \"latency\"", UNSEEN, ALARM);
    assert!(firsts(&shallow, TRIALS, turns(FIRST, false)).iter().all(|at| at.is_nan()), "no probe fails");
    let dns = "policy = \"latency\"\nhealth-check.checks = [{ kind = \"alarm\", alarm = \"errors-here\" }]";
    let times = firsts(&two_regions(dns, UNSEEN, ALARM), TRIALS, turns(FIRST, false));
    // The first period with more than 0.2 has at least 48 of its 60 s after the fault (0.25 x 48 / 60 = 0.2), and its
    // datapoint arrives 30 s after its end: between 48 + 30 and 60 + 48 + 30 s.
    assert!(times.iter().all(|at| (78.0..138.001).contains(at)), "{times:?}");
}

#[test]
fn a_calculated_check_counts_its_healthy_children() {
    let children = "[{ kind = \"shallow\" }, { kind = \"alarm\", alarm = \"errors-here\" }]";
    let dns = |needed: u32| {
        format!("policy = \"latency\"\nhealth-check = {{ checks = {children}, healthy-children = {needed} }}")
    };
    let any = firsts(&two_regions(&dns(1), UNSEEN, ALARM), TRIALS, turns(FIRST, false));
    assert!(any.iter().all(|at| at.is_nan()), "the shallow child alone keeps it healthy");
    let all = firsts(&two_regions(&dns(2), UNSEEN, ALARM), TRIALS, turns(FIRST, false));
    assert!(all.iter().all(|at| at.is_finite()));
    let none = firsts(&two_regions(&dns(0), OUTAGE, ALARM), TRIALS, turns(FIRST, false));
    assert!(none.iter().all(|at| at.is_nan()), "a threshold of 0 is always healthy");
}

#[test]
fn an_inverted_check_fails_where_its_endpoint_is_well() {
    let dns = "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nhealth-check.inverted = true";
    let text = two_regions(dns, OUTAGE, "");
    // Down from the first verdict on both sides are unhealthy, so DNS fails open to the primary; when that goes out its
    // inverted check turns healthy, and the primary is answered all the more: nothing is back before its end.
    assert!(firsts(&text, TRIALS, turns(FIRST, true)).iter().all(|at| (0.0..600.0).contains(at)));
    assert!(figures(&text, "journey.shop.recovery_s", TRIALS).iter().all(|recovery| *recovery == 600.0));
}

#[test]
fn failback_by_hand_keeps_a_region_out_until_somebody_lets_it_back() {
    let moved = |failback: &str, more: &str| {
        let text = two_regions(&format!("policy = \"latency\"\nfailback = \"{failback}\""), OUTAGE, more);
        let count = |diary: &Diary| {
            let answers = diary.entries.iter().filter(|(_, what)| matches!(what, Happening::AnswerChanged { .. }));
            answers.map(|(at, _)| *at).collect::<Vec<f64>>()
        };
        watched::<Diary>(&text, TRIALS).iter().map(count).collect::<Vec<_>>()
    };
    assert!(moved("automatic", "").iter().all(|changes| changes.len() == 2 && changes[1] > 600.0), "there and back");
    assert!(moved("manual", "").iter().all(|changes| changes.len() == 1), "there, and not back");
    let later = r#"
[[runbooks]]
name = "back"
on = { health-check = "us-east-1" }
hosted-in = "eu-west-1"
steps = [{ wait = "30m" }, { shift = "arc", to = "us-east-1" }]
"#;
    // The check turns 2 s before the first answer does; 30 min later the region is let back, which is seen 2 s later. It
    // switches eu-west-1 off as well.
    let by_hand = moved("manual", later);
    assert!(by_hand.iter().all(|changes| (changes[1] - changes[0] - 1800.0).abs() < 1e-6), "{by_hand:?}");
}

#[test]
fn bias_draws_a_border_between_regions() {
    let share = |bias: &str| {
        let text = two_regions(&format!("policy = \"geoproximity\"\n{bias}"), UNSEEN, "");
        // Failures in 10 minutes: a quarter of the requests to us-east-1.
        let share = figures(&text, "journey.shop.failed", 1)[0] / (0.25 * 600.0 * 100.0);
        (share * 1e9).round() / 1e9
    };
    assert_eq!(share(""), 1.0, "each its own region");
    // Washington and Dublin are some 5,500 km apart; d / (1 + b / 100) or d (1 - b / 100) cannot beat a distance of 0.
    assert_eq!(share("bias = { us-east-1 = 99 }"), 1.0);
    let near = |place: &str| {
        two_regions(&format!("policy = \"geoproximity\"\nbias = {{ {place} }}"), UNSEEN, "")
            .replace("near = \"eu-west-1\"", "near = \"ca-central-1\"")
    };
    // Montreal is ten times nearer to Washington than to Dublin: it takes a bias beyond 90 to turn it round.
    let failed = |text: &str| figures(text, "population.europe.failed", 1)[0];
    assert!(failed(&near("eu-west-1 = 50")) > 0.0);
    assert_eq!(failed(&near("eu-west-1 = 95")), 0.0);
}

/// One region with this compute; whatever the fault, it only starts the clock.
fn fleet(compute: &str, more: &str) -> String {
    format!(
        r#"
name = "test"
horizon = "1h"
[regions.us-east-1]
[compute]
kind = "ec2-auto-scaling"
requests-per-second = 100
warm-up = "0s"
launch-time = "5m"
{compute}
[load-balancer]
target-health-check = {{ interval = "10s" }}
[dns]
policy = "simple"
[[journeys]]
name = "shop"
share = 1
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 300
{more}
"#
    )
}

const DOUBLED: &str = "[[faults]]\nkind = \"load-surge\"\nfactor = 2\nat = \"20m\"\nduration = \"permanent\"\n";

fn scale_in(minutes: u32) -> String {
    // Four more instances when the surge comes.
    format!("instances = {{ min = 4, desired = 4, max = 12 }}\nscheduled = [{{ at = \"{minutes}m\", desired = 8 }}]")
}

#[test]
fn scheduled_capacity_is_there_when_its_time_comes() {
    let early = figures(&fleet(&scale_in(10), DOUBLED), "journey.shop.recovery_s", TRIALS);
    assert!(early.iter().all(|recovery| *recovery == 0.0), "8 x 100 carry 600 from the first instant");
    // Ordered with the surge: six serve 5 min and up to one probe interval later.
    let late = figures(&fleet(&scale_in(20), DOUBLED), "journey.shop.recovery_s", TRIALS);
    assert!(late.iter().all(|recovery| (300.0..310.001).contains(recovery)), "{late:?}");
}

#[test]
fn a_warm_pool_is_quicker_and_a_running_one_cannot_fail_for_want_of_capacity() {
    let pool = |state: &str, more: &str| {
        let pool = format!("warm-pool = {{ instances = 2, launch-time = \"20s\", state = \"{state}\" }}");
        figures(&fleet(&format!("{}\n{pool}", scale_in(20)), &format!("{DOUBLED}{more}")), "worst.recovery_s", TRIALS)
    };
    // Six are enough for 600 requests/s, and the pool has two.
    assert!(pool("stopped", "").iter().all(|recovery| (20.0..30.001).contains(recovery)));
    let nothing_left = r#"
[[faults]]
kind = "insufficient-capacity"
region = "us-east-1"
probability = 1
at = "0s"
duration = "permanent"
"#;
    assert!(pool("running", nothing_left).iter().all(|recovery| (20.0..30.001).contains(recovery)));
    assert!(pool("stopped", nothing_left).iter().all(|recovery| recovery.is_infinite()));
}

#[test]
fn a_load_profile_scales_a_group_as_it_says() {
    let text = fleet(
        "instances = { min = 4, desired = 4, max = 12 }\nscaling = { target-utilization = 0.75, metric = \"requests\" }",
        "profile = [{ at = \"20m\", factor = 2 }]\n",
    );
    // u = 600 / 400 = 1.5, w = 4 x 1.5 = 6, D = ceil(6 / 0.75) = 8, at the third datapoint above 0.75. The first of
    // them covers the step with more than 0 of it: the datapoint of the minute in which the step lies is above 0.75.
    let sizes = |diary: &Diary| {
        let size = |(at, what): &(f64, Happening)| match what {
            Happening::Group { signal: Group::Resized(size), .. } => Some((*at, *size)),
            _ => None,
        };
        diary.entries.iter().filter_map(size).collect::<Vec<_>>()
    };
    for diary in watched::<Diary>(&text, TRIALS) {
        let sizes = sizes(&diary);
        // No fault, so the diary counts from the start. Third datapoint: 120 to 180 s after the step, and 30 s on its way.
        assert!(
            sizes.iter().all(|(_, size)| *size <= 8) && sizes.last().is_some_and(|(_, size)| *size == 8),
            "{sizes:?}"
        );
        assert!((1350.0..1410.001).contains(&sizes[0].0), "{sizes:?}");
        let serving = diary.first(|what| matches!(what, Happening::Target { signal: Target::InService(_), .. }));
        assert!(serving.is_some_and(|at| (300.0..310.001).contains(&(at - sizes[0].0))), "launch and one probe");
    }
}

#[test]
fn nothing_scales_by_metrics_that_stop_and_alarms_that_live_there_are_blind() {
    let elsewhere = r#"
[[alarms]]
name = "here"
metric = { errors = "shop" }
above = 0.2
hosted-in = "us-east-1"
[[alarms]]
name = "there"
metric = { errors = "shop" }
above = 0.2
hosted-in = "eu-west-1"
"#;
    let metrics = "[[faults]]\nkind = \"service-impairment\"\nservice = \"cloudwatch\"\nregion = \"us-east-1\"\n\
                   at = \"10m\"\nduration = \"40m\"\n";
    let text = fleet(
        "instances = { min = 4, desired = 4, max = 12 }\nscaling = { target-utilization = 0.75, metric = \"requests\" }",
        &format!("{DOUBLED}{metrics}{elsewhere}"),
    );
    let text = text.replace("[regions.us-east-1]", "[regions.us-east-1]\n[regions.eu-west-1]\ncompute.scaling = {}");
    let text = text.replace("policy = \"simple\"", "policy = \"failover\"\nprimary = \"us-east-1\"");
    for diary in watched::<Diary>(&text, TRIALS) {
        // Seconds since the surge at 20 min: metrics that stop start no clock. They are back at 50 min.
        let first = |is: &dyn Fn(&Happening) -> bool| diary.first(|what| is(what)).expect("it happens");
        let resized = first(&|what| matches!(what, Happening::Group { signal: Group::Resized(_), .. }));
        // Three datapoints that arrive after the end, a minute apart: 120 to 180 s.
        assert!((1_800.0 + 120.0..1_800.0 + 180.001).contains(&resized), "{resized}");
        let fires = |alarm: usize| {
            let alarm = AlarmId::new(alarm);
            first(&|what| matches!(*what, Happening::Alarm { alarm: own, state: State::Alarm } if own == alarm))
        };
        // 200 of 600 fail from 20 min on, before that none of 300. A period of which x seconds lie after that is above 0.2
        // if 200 x > 0.2 (300 (60 - x) + 600 x), x > 180 / 7; it ends so much later, and its datapoint takes 30 s.
        let least = 180.0 / 7.0 + 30.0;
        assert!((least..least + 60.001).contains(&fires(1)), "{}", fires(1));
        // The first datapoint after the end of the fault, whatever arrived meanwhile.
        assert!((1_800.0..1_860.001).contains(&fires(0)), "{}", fires(0));
    }
}

#[test]
fn an_impairment_of_reads_leaves_writes_alone_and_the_other_way_round() {
    let failed = |access: &str| {
        let fault = format!(
            "kind = \"service-impairment\"\nstore = \"items\"\nregion = \"us-east-1\"\naccess = \"{access}\"\nerror = 0.25"
        );
        let store = "[stores.items]\nkind = \"dynamodb-global-table\"\n";
        let text = two_regions("policy = \"latency\"", &fault, store);
        let text = text.replace(
            "[[journeys]]\nname = \"shop\"\nshare = 1\n",
            "[[journeys]]\nname = \"read\"\nshare = 0.8\nneeds = [{ read = \"items\" }]\n\
             [[journeys]]\nname = \"write\"\nshare = 0.2\nneeds = [{ write = \"items\" }]\n",
        );
        ["read", "write"].map(|journey| figures(&text, &format!("journey.{journey}.failed"), 1)[0])
    };
    // A quarter of what the copy in us-east-1 serves of 100 requests per second, for 600 s.
    let (reads, writes) = (0.25 * 80.0 * 600.0, 0.25 * 20.0 * 600.0);
    for (access, expected) in [("reads", [reads, 0.0]), ("writes", [0.0, writes]), ("all", [reads, writes])] {
        let found = failed(access);
        assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-6), "{access}: {found:?}");
    }
}

/// A store is at risk from the cut until its other copy gets new writes again, and to the end if it never does.
#[test]
fn data_are_at_risk_until_there_is_a_second_copy_again() {
    let stores = "[stores.items]\nkind = \"dynamodb-global-table\"\n[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\nrebuild-time = \"5m\"\n\
                  [stores.alone]\nkind = \"dynamodb-global-table\"\nregions = [\"eu-west-1\"]\n";
    let promote = "[[runbooks]]\nname = \"promote\"\non = { operator = \"1m\" }\nhosted-in = \"eu-west-1\"\n\
                   steps = [{ promote = \"log\", to = \"eu-west-1\" }]\n";
    let needs = "share = 1\nneeds = [{ write = \"items\" }, { write = \"log\" }]\n";
    let at_risk = |fault: &str, more: &str| {
        let text = two_regions("policy = \"latency\"", fault, &format!("{stores}{more}")).replace("share = 1\n", needs);
        ["items", "log", "alone"].map(|store| figures(&text, &format!("store.{store}.at_risk_s"), 1)[0])
    };
    assert_eq!(at_risk(OUTAGE, ""), [600.0, 600.0, 0.0], "the outage lasts ten minutes");
    assert_eq!(at_risk(OUTAGE, promote), [600.0, 900.0, 0.0], "a former writer becomes a copy, five minutes later");
    let other = OUTAGE.replace("us-east-1", "eu-west-1");
    assert_eq!(at_risk(&other, ""), [600.0, 600.0, 0.0], "a writer without its copy is at risk as well");
    let cut = "kind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]";
    assert_eq!(at_risk(cut, ""), [600.0, 600.0, 0.0]);
    // The clock starts with the outage at 10 min; the stall begins earlier and lasts longer, to 30 min.
    let stall = "[[faults]]\nkind = \"replication-stall\"\nstore = \"log\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"5m\"\nduration = \"25m\"\n";
    assert_eq!(at_risk(&other, stall), [600.0, 1200.0, 0.0]);
}
