//! When the clock starts, and what planned work makes of a recovery time.

use measure::{Journey, Whole};
use models::ids::FaultId;
use mrsim::table::TrialTable;

use crate::lab::{Law, at_least, follows, head, lognormal, of, open, rows, uniform};

/// Two regions, each with the clients near it; one outage at 10 min, and whatever else goes wrong.
fn text(seed: u64, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"",
        &[("us", "us-east-1", "requests-per-second = 100"), ("eu", "eu-west-1", "requests-per-second = 100")],
    );
    format!("{head}\n[[journeys]]\nname = \"browse\"\nshare = 1\n{rest}")
}

const OUTAGE: &str =
    "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"permanent\"\n";

fn impairment(service: &str) -> String {
    format!(
        "[[faults]]\nkind = \"service-impairment\"\nservice = \"{service}\"\nregion = \"us-east-1\"\nat = \"2m\"\n\
         duration = \"50m\"\n"
    )
}

/// Nothing in the file needs a control plane or a metric, so the outage is met as if they were well: the same times to
/// the bit, counted from the outage.
#[test]
fn conditions_do_not_start_the_clock() {
    const TRIALS: u64 = 200;
    let recoveries = |table: &TrialTable| table.of(measure::RECOVERY, Journey(0)).collect::<Vec<f64>>();
    let alone = rows(&text(301, OUTAGE), TRIALS);
    for service in ["control-plane", "cloudwatch", "lambda"] {
        let both = rows(&text(301, &(impairment(service) + OUTAGE)), TRIALS);
        assert!(both.of(measure::FIRST_FAULT, Whole).all(|start| start == 600.0), "{service}");
        assert_eq!(recoveries(&both), recoveries(&alone), "{service}");
    }
}

/// The outage after an impairment is derived by itself: a standard check turns when the 14th of 16
/// checkers has failed for the third time, 72 s + U(0, 30) after the outage, DNS sees it some seconds later, and half of
/// the requests of those near it are 1 % of all when the 196th of their 200 caches of 60 s has expired: 2.65 min at the
/// median.
#[test]
fn an_outage_in_the_shadow_of_an_impairment_takes_as_long_as_its_own_stages() {
    const TRIALS: u64 = 3_000;
    let seen = lognormal(3.0, 10.0);
    let stages = Law::new(0.1, 30.0, |x| at_least(14, 16, uniform(x / 30.0))).after(72.0);
    let stages = stages.plus(&Law::new(0.1, 120.0, |x| seen.cdf(x)));
    let stages = stages.plus(&Law::new(0.1, 60.0, |x| at_least(196, 200, uniform(x / 60.0)))).cdf();
    assert!((stages(159.0) - 0.5).abs() < 0.05, "{}", stages(159.0));
    for (seed, service) in [(308, "control-plane"), (309, "cloudwatch")] {
        follows(&of(&rows(&text(seed, &(impairment(service) + OUTAGE)), TRIALS), "journey.browse.recovery_s"), &stages);
    }
}

/// The target of a fault decides, and no event of the trial.
#[test]
fn a_fault_that_strikes_nothing_that_requests_pass_does_not_start_the_clock() {
    let instances = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 3, desired = 3, max = 3 }\n\
                     requests-per-second = 100\n";
    let log = "[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\nzone = \"a\"\n";
    let table = "[stores.table]\nkind = \"dynamodb-global-table\"\n";
    let read = |store: &str| format!("needs = [{{ read = \"{store}\" }}]\n{{}}");
    let write = |store: &str| format!("needs = [{{ write = \"{store}\" }}]\n{{}}");
    let no_needs = "{}".to_owned();
    let fault = |what: &str| format!("[[faults]]\nat = \"10m\"\nduration = \"1m\"\n{what}\n");
    let gray = "kind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.5";
    let zone = |zone: &str| format!("kind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"{zone}\"");
    let cut = "kind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]";
    let lambda = "kind = \"service-impairment\"\nservice = \"lambda\"\nregion = \"us-east-1\"";
    let impaired =
        |only: &str| format!("kind = \"service-impairment\"\nstore = \"log\"\nregion = \"us-east-1\"\n{only}");
    let failures = "kind = \"instance-failures\"\nregion = \"us-east-1\"\nprobability = 0.5";
    let function = "[compute]\nkind = \"lambda\"\nduration = \"100ms\"\n";
    // The journey's needs, what else is in the file, the fault, and whether it starts the clock.
    let cases = [
        (&no_needs, "", gray.to_owned(), true),
        (&no_needs, "", "kind = \"load-surge\"\nfactor = 2".to_owned(), true),
        // Without compute a zone has nothing that requests pass, unless a writer stands there.
        (&no_needs, "", zone("a"), false),
        (&no_needs, instances, zone("a"), true),
        (&no_needs, log, zone("a"), false),
        (&write("log"), log, zone("a"), true),
        (&write("log"), log, zone("b"), false),
        (&read("table"), table, zone("a"), false),
        (&no_needs, instances, failures.to_owned(), true),
        (&no_needs, "", lambda.to_owned(), false),
        (&no_needs, function, lambda.to_owned(), true),
        (&no_needs, function, zone("a"), true),
        // A path that nothing takes.
        (&no_needs, log, cut.to_owned(), false),
        (&write("log"), log, cut.to_owned(), true),
        (&read("log"), log, cut.to_owned(), true),
        (&read("table"), table, cut.to_owned(), true),
        // A copy that only others write.
        (&read("log"), log, impaired(""), true),
        (&read("log"), log, impaired("access = \"writes\""), false),
        (&write("log"), log, impaired("access = \"writes\""), true),
        (&no_needs, log, impaired(""), false),
    ];
    for (needs, rest, what, starts) in cases {
        let text = text(302, &needs.replace("{}", &format!("{rest}{}", fault(&what))));
        let experiment = open(&text);
        let topology = experiment.source.topology();
        assert_eq!(topology.starts_clock(&topology.faults[FaultId::new(0)]), starts, "{text}");
    }
}

/// A journey without a share has no requests that a fault could strike.
#[test]
fn journeys_without_requests_start_no_clock() {
    let store = "[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n";
    let never = "[[journeys]]\nname = \"report\"\nshare = 0\nneeds = [{ write = \"log\" }]\n";
    let cut =
        "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"10m\"\nduration = \"1m\"\n";
    let experiment = open(&text(303, &format!("{store}{never}{cut}")));
    let topology = experiment.source.topology();
    assert!(!topology.starts_clock(&topology.faults[FaultId::new(0)]));
}

/// A region for operations has no endpoint; a copy that a journey needs makes it one that counts.
#[test]
fn a_region_that_serves_nobody_starts_the_clock_only_by_its_copies() {
    let region = "[regions.us-west-2]\nserves = false\n";
    let fault = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-west-2\"\nat = \"10m\"\nduration = \"1m\"\n";
    let log = "needs = [{ read = \"log\" }]\n[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n\
               regions = [\"us-east-1\", \"us-west-2\"]\n";
    for (needs, starts) in [("", false), (log, true)] {
        let experiment = open(&text(306, &format!("{needs}{region}{fault}")));
        let topology = experiment.source.topology();
        assert_eq!(topology.starts_clock(&topology.faults[FaultId::new(0)]), starts, "{needs}");
    }
}

/// A region is lost for half an hour, a copy is promoted, and hours later the writer is moved back as planned; then DNS is
/// told, if it has to be.
fn there_and_back(dns: &str, last: &str) -> String {
    let head = head(
        "horizon = \"6h\"\nseed = 304",
        &["us-east-1", "eu-west-1"],
        &format!("policy = \"latency\"\nhealth-check = {{ interval = \"10s\", failure-threshold = 3 }}\n{dns}"),
        &[("us", "us-east-1", "requests-per-second = 100"), ("eu", "eu-west-1", "requests-per-second = 100")],
    );
    format!(
        r#"{head}
        [stores.orders]
        kind = "aurora-global"
        writer = "us-east-1"
        replication-lag = "1s"
        promotion-time = "2m"
        endpoint-update = "10s"
        switch-over-time = "20s"
        rebuild-time = "30m"
        [[journeys]]
        name = "buy"
        share = 0.5
        needs = [{{ write = "orders" }}]
        [[journeys]]
        name = "look"
        share = 0.5
        needs = [{{ read = "orders" }}]
        [[runbooks]]
        name = "back"
        on = {{ operator = "3m", journey = "buy" }}
        hosted-in = ["eu-west-1"]
        steps = [
            {{ promote = "orders", to = "eu-west-1" }},
            {{ wait = "3h" }},
            {{ switch-over = "orders", to = "us-east-1" }},
            {last}
        ]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "30m"
        "#
    )
}

#[test]
fn a_planned_dip_is_downtime_and_no_recovery() {
    a_planned_dip_is_told_apart(&there_and_back("", ""));
}

/// Let back at the end of the switchover, the first region's clients return a second later: of those, 15 % and more have
/// by the time the name follows, and meet the address that their region has cached.
#[test]
fn a_return_by_hand_is_the_same_planned_dip() {
    let manual = "failback = \"manual\"\npropagation = \"1s\"";
    a_planned_dip_is_told_apart(&there_and_back(manual, "{ readmit = \"us-east-1\" },"));
}

fn a_planned_dip_is_told_apart(text: &str) {
    const TRIALS: u64 = 4_000;
    let table = rows(text, TRIALS);
    let buy = |figure: &str| of(&table, &format!("journey.buy.{figure}"));
    // Noticed after 3 min, promoted in 2, the name follows after 10 s and its cached address after U(0, 5).
    follows(&buy("recovery_s"), |x| uniform((x - 310.0) / 5.0));
    // 20 s for the switchover, 10 s for the name, and the later of two regions that have cached the old address.
    follows(&buy("planned_s"), Law::new(0.001, 5.0, |x| uniform(x / 5.0) * uniform(x / 5.0)).after(30.0).cdf());
    assert_eq!(buy("first_back_s"), buy("recovery_s"));
    let both = buy("recovery_s").into_iter().zip(buy("planned_s"));
    for ((recovery, planned), down) in both.zip(buy("downtime_s")) {
        assert!((recovery + planned - down).abs() < 1e-6, "{recovery} and {planned} of {down}");
    }
    // Both are outages, and the time up is the time that neither takes.
    assert!(buy("outages").iter().all(|outages| *outages == 2.0));
    for (up, down) in buy("availability").into_iter().zip(buy("downtime_s")) {
        assert!((up - (1.0 - down / 21_600.0)).abs() < 1e-9);
    }
    let worst = of(&table, "worst.recovery_s");
    let look = of(&table, "journey.look.recovery_s");
    for ((worst, buy), look) in worst.iter().zip(buy("recovery_s")).zip(look) {
        assert_eq!(*worst, buy.max(look));
    }
    assert!(of(&table, "journey.look.planned_s").iter().all(|planned| *planned == 0.0));
}

/// Without a fault that starts the clock there is no first return, and what was planned is all the time down.
#[test]
fn without_a_clock_there_is_no_first_return() {
    let table = rows(&text(305, &impairment("cloudwatch")), 50);
    assert!(of(&table, "journey.browse.first_back_s").iter().all(|back| back.is_nan()));
    assert!(of(&table, "first_fault_s").iter().all(|start| start.is_nan()));
    let harmless =
        rows(&text(305, "[[faults]]\nkind = \"load-surge\"\nfactor = 2\nat = \"10m\"\nduration = \"5m\"\n"), 50);
    assert!(of(&harmless, "journey.browse.first_back_s").iter().all(|back| *back == 0.0));
}
