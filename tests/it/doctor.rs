//! Findings of the doctor in files that are valid and will not do what their authors expect, and files without
//! findings.

use std::collections::BTreeSet;

use mrsim::experiment::finding_kinds;
use mrsim::finding::Finding;

use crate::lab::open;

/// A deployment in which nothing is to be found: two regions, of which the second takes over by itself.
const SOUND: &str = r#"name = "shop"
horizon = "1h"
[objectives]
rto = { p95 = "10m", p99 = "15m" }
[regions.us-east-1]
[regions.eu-west-1]
[compute]
kind = "ec2-auto-scaling"
instances = { min = 2, desired = 4, max = 8 }
requests-per-second = 100
[dns]
policy = "failover"
primary = "us-east-1"
secondary = "eu-west-1"
health-check = { interval = "10s" }
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 200
[stores.orders]
kind = "aurora-global"
writer = "us-east-1"
[[journeys]]
name = "buy"
share = 1
needs = [{ write = "orders" }]
[[alarms]]
name = "failing"
metric = { errors = "buy" }
above = 0.05
hosted-in = "eu-west-1"
[[runbooks]]
name = "promote"
hosted-in = ["eu-west-1"]
on = { alarm = "failing" }
steps = [{ promote = "orders", to = "eu-west-1" }]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "permanent"
"#;

/// A mistake: what becomes of lines of [`SOUND`], the kind of what is found, the setting that it is about, and the text of
/// the line that it stands in.
struct Mistake {
    edits: &'static [(&'static str, &'static str)],
    kind: &'static str,
    path: &'static str,
    line: &'static str,
}

const CORRUPTION: &str = "[[faults]]\nkind = \"corruption\"\nstore = \"orders\"\nat = \"20m\"\n[[faults]]";
const BACKUP: (&str, &str) =
    ("writer = \"us-east-1\"", "writer = \"us-east-1\"\nbackup = { every = \"1h\", takes = \"10m\" }");
const RESTORE: (&str, &str) = ("steps = [", "steps = [{ restore = \"orders\", to = \"us-east-1\" }, ");
const LAST: &str = "duration = \"permanent\"\n";

/// The `[dns]` of [`SOUND`].
const DNS: &str = "[dns]\npolicy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\n\
                   health-check = { interval = \"10s\" }";

/// The check of the file, on an alarm that never fires, and that alarm with these lines.
const ON_AN_ALARM: (&str, &str) =
    ("health-check = { interval = \"10s\" }", "health-check = { checks = [{ kind = \"alarm\", alarm = \"busy\" }] }");

const MISTAKES: &[Mistake] = &[
    Mistake {
        edits: &[
            ON_AN_ALARM,
            (
                "[[runbooks]]",
                "[[alarms]]\nname = \"busy\"\nmetric = { utilization = \"us-east-1\" }\nabove = 0.9\n\
                 datapoints = \"2 of 3\"\nhosted-in = \"eu-west-1\"\n[[runbooks]]",
            ),
        ],
        kind: "check-without-m-of-n",
        path: "alarms.busy.datapoints",
        line: "datapoints = \"2 of 3\"",
    },
    Mistake {
        edits: &[(
            "[stores.orders]\nkind = \"aurora-global\"",
            "[regions.vienna]\nserves = false\nplace = { latitude = 48, longitude = 16 }\n\
             [stores.orders]\nkind = \"aurora-global\"",
        )],
        kind: "copy-outside-aws",
        path: "stores.orders",
        line: "[stores.orders]",
    },
    Mistake {
        edits: &[
            ON_AN_ALARM,
            ("[compute]", "[regions.vienna]\nserves = false\nplace = { latitude = 48, longitude = 16 }\n[compute]"),
            (
                "[[runbooks]]",
                "[[alarms]]\nname = \"busy\"\nmetric = { utilization = \"us-east-1\" }\nabove = 0.9\n\
                 hosted-in = \"vienna\"\n[[runbooks]]",
            ),
        ],
        kind: "check-outside-aws",
        path: "alarms.busy.hosted-in",
        line: "hosted-in = \"vienna\"",
    },
    Mistake {
        edits: &[
            (
                "[compute]",
                "[services.old]\nkind = \"managed\"\nload-balancer = { kind = \"api-gateway\", rate = 9_000 }\n\
                 [services.new]\nkind = \"managed\"\nload-balancer = { kind = \"api-gateway\", rate = 5_000 }\n\
                 [services.web]\nneeds = [{ call = \"old\" }, { call = \"new\" }]",
            ),
            ("share = 1", "share = 1\nenters = \"web\""),
        ],
        kind: "gateways-differ",
        path: "services.old.load-balancer.rate",
        line: "rate = 9_000",
    },
    Mistake {
        edits: &[
            ("[compute]", "[services.idle]\nkind = \"managed\"\n[services.web]"),
            ("share = 1", "share = 1\nenters = \"web\""),
        ],
        kind: "service-unused",
        path: "services.idle",
        line: "[services.idle]",
    },
    Mistake {
        edits: &[(
            "requests-per-second = 200",
            "requests-per-second = 200\nretries = { attempts = 2, backoff = { base = \"100s\", cap = \"1s\" } }",
        )],
        kind: "backoff-above-cap",
        path: "clients.all.retries.backoff.base",
        line: "retries = { attempts",
    },
    Mistake {
        edits: &[(
            DNS,
            "[names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
             answers = [{ to = \"us-east-1\", health-check = \"own\" }, { to = \"eu-west-1\" }]\n\
             [health-checks.own]\nendpoint = \"us-east-1\"\ninterval = \"20s\"",
        )],
        kind: "named-check-interval",
        path: "health-checks.own.interval",
        line: "interval = \"20s\"",
    },
    Mistake {
        edits: &[(
            DNS,
            "[names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
             answers = [{ to = \"us-east-1\", health-check = \"own\" }, { to = \"eu-west-1\", health-check = \"own\" }]\n\
             [health-checks.own]\nendpoint = \"us-east-1\"",
        )],
        kind: "record-stays",
        path: "records.top",
        line: "[records.top]",
    },
    Mistake {
        edits: &[(
            DNS,
            "[names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
             answers = [{ to = \"us-east-1\" }, { to = \"eu-west-1\" }]",
        )],
        kind: "record-stays",
        path: "records.top",
        line: "[records.top]",
    },
    Mistake {
        edits: &[(
            DNS,
            "[names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
             answers = [{ to = \"us-east-1\" }, { to = \"eu-west-1\", health-check = \"far\" }]\n\
             [health-checks.far]\nendpoint = \"eu-west-1\"\ndeep = [{ write = \"orders\" }]",
        )],
        kind: "shared-writer-named-check",
        path: "health-checks.far.deep",
        line: "deep = [{ write",
    },
    Mistake {
        edits: &[(
            DNS,
            "[names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
             answers = [{ to = \"us-east-1\", health-check = \"outer\" }, { to = \"eu-west-1\" }]\n\
             [health-checks.outer]\nkind = \"calculated\"\nchildren = [\"inner\"]\n\
             [health-checks.inner]\nkind = \"calculated\"\nchildren = [\"own\"]\n\
             [health-checks.own]\nendpoint = \"us-east-1\"\ninterval = \"10s\"",
        )],
        kind: "calculated-of-calculated",
        path: "health-checks.outer.children",
        line: "children = [\"inner\"]",
    },
    Mistake {
        edits: &[
            (
                DNS,
                "[names.www]\nrecord = \"top\"\n[records.top]\npolicy = \"failover\"\n\
                 answers = [{ to = \"us-east-1\", health-check = \"failures\" }, { to = \"eu-west-1\" }]\n\
                 [health-checks.failures]\nkind = \"alarm\"\nalarm = \"failing\"\ninsufficient-data = \"unhealthy\"",
            ),
            ("errors = \"buy\" }", "errors = \"buy\", region = \"us-east-1\" }"),
        ],
        kind: "check-fails-in-the-calm",
        path: "health-checks.failures.insufficient-data",
        line: "insufficient-data = \"unhealthy\"",
    },
    Mistake {
        edits: &[("name = \"shop\"", "extends = \"experiments/packs/october-2025.toml\"\nname = \"shop\"")],
        kind: "pack-strikes-nothing",
        path: "extends",
        line: "extends = ",
    },
    Mistake {
        edits: &[("kind = \"region-outage\"\nregion = \"us-east-1\"", "kind = \"replication-stall\"")],
        kind: "no-clock",
        path: "faults",
        line: "[[faults]]",
    },
    Mistake {
        edits: &[("at = \"10m\"", "at = { uniform = [\"10m\", \"2h\"] }"), ("horizon = \"1h\"", "horizon = \"90m\"")],
        kind: "fault-after-horizon",
        path: "faults.0.at",
        line: "at = { uniform",
    },
    Mistake {
        edits: &[("at = \"10m\"", "at = \"1h\"")],
        kind: "fault-after-horizon",
        path: "faults.0.at",
        line: "at = \"1h\"",
    },
    Mistake {
        edits: &[
            ("rto = { p95", "rpo.p99 = \"1s\"\nrto = { p95"),
            ("needs = [{ write = \"orders\" }]", ""),
            ("[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"", ""),
            (
                "steps = [{ promote = \"orders\", to = \"eu-west-1\" }]",
                "steps = [{ shift = \"arc\", to = \"eu-west-1\" }]",
            ),
        ],
        kind: "objective-without-store",
        path: "objectives.rpo.p99",
        line: "rpo.p99",
    },
    Mistake {
        edits: &[("rto = { p95", "caught-up = { p99 = \"1h\" }\nrto = { p95")],
        kind: "objective-without-queue",
        path: "objectives.caught-up.p99",
        line: "caught-up = { p99",
    },
    Mistake {
        edits: &[("rto = { p95", "up-when = 0\nrto = { p95")],
        kind: "always-up",
        path: "objectives.up-when",
        line: "up-when = 0",
    },
    Mistake {
        edits: &[("at = \"10m\"", "rate = \"1 per second\""), ("\"permanent\"", "\"5s\"")],
        kind: "fault-all-the-time",
        path: "faults.0.rate",
        line: "rate = \"1 per",
    },
    Mistake {
        edits: &[(
            LAST,
            "duration = \"5m\"\n[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"20m\"\nduration = \"5m\"",
        )],
        kind: "second-incident",
        path: "faults.1.at",
        line: "at = \"20m\"",
    },
    Mistake {
        edits: &[(
            LAST,
            "duration = \"5m\"\n[[faults]]\nkind = \"service-impairment\"\nservice = \"lambda\"\nregion = \"us-east-1\"\nat = \"11m\"\nduration = \"5m\"",
        )],
        kind: "fault-without-effect",
        path: "faults.1.kind",
        line: "kind = \"service-impairment\"",
    },
    Mistake {
        edits: &[
            ("requests-per-second = 100", "requests-per-second = 100\nhealth-check-type = \"ec2\""),
            ("kind = \"region-outage\"", "kind = \"instance-failures\"\nprobability = 1"),
        ],
        kind: "never-replaced",
        path: "compute.health-check-type",
        line: "health-check-type = \"ec2\"",
    },
    Mistake {
        edits: &[("above = 0.05", "above = 0.05\nperiod = \"5m\"\ndatapoints = \"13 of 15\"")],
        kind: "alarm-too-slow",
        path: "alarms.failing.datapoints",
        line: "datapoints = \"13 of 15\"",
    },
    Mistake {
        edits: &[("metric = { errors = \"buy\" }", "metric = { unhealthy-hosts = \"eu-west-1\" }")],
        kind: "alarm-without-cause",
        path: "alarms.failing.metric",
        line: "metric = {",
    },
    Mistake {
        edits: &[("at = \"10m\"", "rate = \"1 per day\"")],
        kind: "permanent-at-a-rate",
        path: "faults.0.duration",
        line: "duration = \"permanent\"",
    },
    Mistake {
        edits: &[("p95 = \"10m\"", "p95 = \"10s\"")],
        kind: "objective-below-detection",
        path: "objectives.rto.p95",
        line: "rto = ",
    },
    Mistake {
        edits: &[("p95 = \"10m\"", "p95 = \"20m\"")],
        kind: "objective-implied",
        path: "objectives.rto.p95",
        line: "rto = ",
    },
    Mistake {
        edits: &[("horizon = \"1h\"", "horizon = \"24m\"")],
        kind: "horizon-too-short",
        path: "horizon",
        line: "horizon = \"24m\"",
    },
    // 1 % of an hour is 36 s, and three probes of 4 s each, 10 s apart, take 32 s; 0.9 % are 32.4 s, and 0.8 % 28.8 s.
    Mistake {
        edits: &[("[objectives]", "[objectives]\navailability = \"99.2%\"")],
        kind: "error-budget-exceeded",
        path: "objectives.availability",
        line: "availability = \"99.2%\"",
    },
    Mistake {
        edits: &[("above = 0.05", "above = 5")],
        kind: "alarm-cannot-fire",
        path: "alarms.failing.above",
        line: "above = 5",
    },
    Mistake {
        edits: &[
            ("name = \"buy\"\nshare = 1", "name = \"buy\"\nshare = 0"),
            ("[[alarms]]", "[[journeys]]\nname = \"look\"\nshare = 1\nneeds = [{ write = \"orders\" }]\n[[alarms]]"),
        ],
        kind: "alarm-without-metric",
        path: "alarms.failing.metric",
        line: "metric = { errors",
    },
    Mistake {
        edits: &[("above = 0.05\nhosted-in = \"eu-west-1\"", "above = 0.05\nhosted-in = \"us-east-1\"")],
        kind: "alarm-dies-with-region",
        path: "alarms.failing.hosted-in",
        line: "hosted-in = \"us-east-1\"",
    },
    Mistake {
        edits: &[("errors = \"buy\" }", "errors = \"buy\", region = \"us-east-1\" }")],
        kind: "alarm-dies-with-region",
        path: "alarms.failing.metric",
        line: "metric = { errors",
    },
    Mistake {
        edits: &[(
            "errors = \"buy\" }\nabove = 0.05",
            "errors = \"buy\", region = \"us-east-1\" }\nabove = 0.05\nmissing = \"breaching\"",
        )],
        kind: "alarm-fires-in-the-calm",
        path: "alarms.failing.missing",
        line: "missing = \"breaching\"",
    },
    Mistake {
        edits: &[("hosted-in = [\"eu-west-1\"]", "hosted-in = [\"us-east-1\"]")],
        kind: "runbook-dies-with-region",
        path: "runbooks.promote.hosted-in",
        line: "hosted-in = [\"us-east-1\"]",
    },
    Mistake {
        edits: &[(
            LAST,
            "duration = \"5m\"\n[[faults]]\nkind = \"service-impairment\"\nservice = \"lambda\"\nregion = \"eu-west-1\"\nat = \"11m\"\nduration = \"5m\"",
        )],
        kind: "runbook-without-lambda",
        path: "runbooks.promote.hosted-in",
        line: "hosted-in = [\"eu-west-1\"]",
    },
    Mistake {
        edits: &[("steps = [", "steps = [{ shift = \"record-edit\", to = \"eu-west-1\" }, ")],
        kind: "step-without-its-plane",
        path: "runbooks.promote.steps.0",
        line: "steps = [",
    },
    Mistake {
        edits: &[("steps = [", "steps = [{ scale = 4, to = \"eu-west-1\" }, ")],
        kind: "step-cannot-act",
        path: "runbooks.promote.steps.0",
        line: "steps = [",
    },
    Mistake {
        edits: &[("interval = \"10s\"", "interval = \"7s\"")],
        kind: "check-interval",
        path: "dns.health-check.interval",
        line: "health-check = ",
    },
    Mistake {
        edits: &[("interval = \"10s\"", "interval = \"10s\", deep = [{ write = \"orders\" }]")],
        kind: "shared-writer-check",
        path: "dns.health-check",
        line: "health-check = ",
    },
    Mistake {
        edits: &[("secondary = \"eu-west-1\"\n", "")],
        kind: "nothing-takes-over",
        path: "dns.policy",
        line: "policy = ",
    },
    Mistake {
        edits: &[
            ("policy = \"failover\"", "policy = \"simple\""),
            ("secondary = \"eu-west-1\"\n", ""),
            ("steps = [", "steps = [{ shift = \"arc\", to = \"eu-west-1\" }, "),
        ],
        kind: "shift-without-answer",
        path: "runbooks.promote.steps.0.shift",
        line: "steps = [",
    },
    Mistake {
        edits: &[("[[clients]]", "[edge]\nkind = \"global-accelerator\"\n[[clients]]")],
        kind: "setting-without-effect",
        path: "dns",
        line: "[dns]",
    },
    Mistake {
        edits: &[
            (
                "[dns]\npolicy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nhealth-check = { interval = \"10s\" }",
                "[edge]\nkind = \"global-accelerator\"\ninterval = \"10s\"",
            ),
            ("kind = \"region-outage\"", "kind = \"instance-failures\"\nprobability = 1"),
        ],
        kind: "accelerator-checks",
        path: "edge.interval",
        line: "interval = \"10s\"",
    },
    Mistake {
        edits: &[("health-check = { interval = \"10s\" }", "health-check = false")],
        kind: "nothing-takes-over",
        path: "dns.health-check",
        line: "health-check = false",
    },
    Mistake {
        edits: &[(
            "[[clients]]",
            "[edge]\nkind = \"cloudfront\"\nhit-ratio = 0\norigin-group = [\"us-east-1\", \"eu-west-1\"]\n[[clients]]",
        )],
        kind: "write-behind-origin-group",
        path: "journeys.buy.method",
        line: "[[journeys]]",
    },
    Mistake {
        edits: &[
            (
                "[[clients]]",
                "[edge]\nkind = \"cloudfront\"\nhit-ratio = 0\norigin-group = [\"us-east-1\", \"eu-west-1\"]\n[[clients]]",
            ),
            ("requests-per-second = 200", "requests-per-second = 200\ntimeout = \"10s\""),
            ("share = 1", "share = 1\nmethod = \"GET\""),
        ],
        kind: "impatient-clients",
        path: "clients.all.timeout",
        line: "timeout = \"10s\"",
    },
    // 401 requests/s for four instances of 100.
    Mistake {
        edits: &[
            ("requests-per-second = 200", "requests-per-second = 401"),
            ("requests-per-second = 100\n", "requests-per-second = 100\nscaling = { target-utilization = 0.5 }\n"),
        ],
        kind: "down-before-fault",
        path: "compute.instances",
        line: "instances = ",
    },
    Mistake {
        edits: &[("[regions.eu-west-1]", "[regions.eu-west-1]\ncompute.instances = { desired = 1, min = 1, max = 1 }")],
        kind: "survivors-too-small",
        path: "compute",
        line: "[compute]",
    },
    // 200 requests/s on four instances of 100/s: three at 67 % are what a target of 90 % leaves.
    Mistake {
        edits: &[(
            "requests-per-second = 100\n[dns]",
            "requests-per-second = 100\nscaling = { target-utilization = 0.9 }\n[dns]",
        )],
        kind: "not-at-rest",
        path: "compute.instances",
        line: "instances = {",
    },
    Mistake {
        edits: &[("writer = \"us-east-1\"", "writer = \"us-east-1\"\napply-rate = 199")],
        kind: "backlog-without-end",
        path: "stores.orders.apply-rate",
        line: "apply-rate = 199",
    },
    Mistake {
        edits: &[(
            "[stores.orders]",
            "[[clients]]\nname = \"none\"\nnear = \"eu-west-1\"\nrequests-per-second = 0\n[stores.orders]",
        )],
        kind: "clients-without-load",
        path: "clients.none.requests-per-second",
        line: "requests-per-second = 0",
    },
    Mistake {
        edits: &[("[[alarms]]", "[[journeys]]\nname = \"look\"\nshare = 0\n[[alarms]]")],
        kind: "journey-without-share",
        path: "journeys.look.share",
        line: "share = 0",
    },
    Mistake {
        edits: &[("[[journeys]]", "[stores.carts]\nkind = \"dynamodb-global-table\"\n[[journeys]]")],
        kind: "store-unused",
        path: "stores.carts",
        line: "[stores.carts]",
    },
    Mistake {
        edits: &[("{ promote = \"orders\", to = \"eu-west-1\" }", "{ wait = \"1m\" }")],
        kind: "writer-not-promoted",
        path: "stores.orders.writer",
        line: "writer = ",
    },
    Mistake {
        edits: &[
            ("[[journeys]]", "[stores.carts]\nkind = \"dynamodb-global-table\"\n[[journeys]]"),
            ("needs = [", "needs = [{ read = \"carts\" }, "),
            (LAST, "duration = \"5m\"\ndestroyed = true\n"),
        ],
        kind: "destroyed-copy-returns",
        path: "faults.0.destroyed",
        line: "destroyed = true",
    },
    Mistake {
        edits: &[
            (
                "[[journeys]]",
                "[stores.carts]\nkind = \"dynamodb-global-table\"\nregions = [\"us-east-1\"]\n[[journeys]]",
            ),
            ("needs = [", "needs = [{ read = \"carts\" }, "),
        ],
        kind: "only-copy",
        path: "stores.carts",
        line: "[stores.carts]",
    },
    Mistake {
        edits: &[
            (
                "[[journeys]]",
                "[stores.carts]\nkind = \"instance-session\"\n[stores.cache]\nkind = \"elasticache-global\"\nwriter = \"eu-west-1\"\nbacks = \"carts\"\n[[journeys]]",
            ),
            ("needs = [", "needs = [{ read = \"cache\" }, { read = \"carts\" }, "),
        ],
        kind: "cache-without-effect",
        path: "stores.cache.backs",
        line: "backs = \"carts\"",
    },
    Mistake {
        edits: &[
            ("[[journeys]]", "[stores.carts]\nkind = \"instance-session\"\n[[journeys]]"),
            ("needs = [", "needs = [{ read = \"carts\" }, "),
            (
                "kind = \"ec2-auto-scaling\"\ninstances = { min = 2, desired = 4, max = 8 }\nrequests-per-second = 100",
                "kind = \"lambda\"\nduration = \"100ms\"",
            ),
        ],
        kind: "sessions-without-instances",
        path: "stores.carts",
        line: "[stores.carts]",
    },
    Mistake {
        edits: &[("[[faults]]", CORRUPTION)],
        kind: "corruption-without-backup",
        path: "stores.orders",
        line: "[stores.orders]",
    },
    Mistake {
        edits: &[("[[faults]]", CORRUPTION), BACKUP],
        kind: "corruption-not-restored",
        path: "stores.orders.backup",
        line: "backup = {",
    },
    Mistake {
        edits: &[
            ("[[faults]]", CORRUPTION),
            BACKUP,
            RESTORE,
            ("[objectives]", "[objectives]\nrpo = { p50 = \"30m\" }"),
        ],
        kind: "objective-below-restore-point",
        path: "objectives.rpo.p50",
        line: "rpo = {",
    },
    Mistake {
        edits: &[(
            "writer = \"us-east-1\"",
            "writer = \"us-east-1\"\nbackup = { every = \"1h\", slow-after-restore = { factor = 2, for = \"1h\" } }",
        )],
        kind: "slow-without-capacity",
        path: "stores.orders.backup.slow-after-restore",
        line: "backup = {",
    },
    Mistake {
        edits: &[("requests-per-second = 100\n", "requests-per-second = 100\nzones = 4\n")],
        kind: "zones-beyond-region",
        path: "compute.zones",
        line: "zones = 4",
    },
];

/// [`SOUND`] with a mistake in it.
fn mistaken(edits: &[(&str, &str)]) -> String {
    let mut text = SOUND.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

#[test]
fn nothing_is_found_in_a_sound_file() {
    assert_eq!(open(SOUND).findings, []);
}

/// Each mistake is found, once, at its setting and at its line, and its twin without it is silent.
#[test]
fn every_kind_of_finding_is_found_where_it_stands() {
    let mut covered = BTreeSet::new();
    for Mistake { edits, kind, path, line } in MISTAKES {
        let text = mistaken(edits);
        let findings = open(&text).findings;
        let found: Vec<&Finding> = findings.iter().filter(|it| it.kind == *kind).collect();
        let [finding] = found[..] else { panic!("{kind}: {findings:#?}\n{text}") };
        assert_eq!(finding.path, *path, "{finding}");
        let written = text.lines().nth(finding.spot.line - 1).expect("a line of the file");
        assert!(written.contains(line), "{finding}\n{written}");
        covered.insert(*kind);
    }
    let all: BTreeSet<&str> = finding_kinds().collect();
    assert_eq!(covered, all, "each kind has a mistake that shows it");
}

/// The least that an outage takes is told exactly: three probes of 4 s with 10 s between one's end and the next one's start
/// are 32 s of an hour, 0.889 % of it.
#[test]
fn an_error_budget_is_held_against_what_one_outage_takes_at_least() {
    let found = |availability: &str, more: &[(&str, &str)]| {
        let objective = format!("[objectives]\navailability = \"{availability}\"");
        let edits = [&[("[objectives]", objective.as_str())], more].concat();
        open(&mistaken(&edits)).findings.iter().any(|finding| finding.kind == "error-budget-exceeded")
    };
    assert!(found("99.112%", &[]) && !found("99.11%", &[]), "31.97 s and 32.04 s");
    // An outage of 20 s takes no more than that: 0.556 % of an hour.
    let short: &[(&str, &str)] = &[("\"permanent\"", "\"20s\"")];
    assert!(found("99.45%", short) && !found("99.44%", short));
    // Somebody may be quicker than the checks, and what comes by chance may not come.
    let quick = [
        ("alarm = \"failing\"", "operator = \"5s\""),
        ("steps = [", "steps = [{ shift = \"arc\", to = \"eu-west-1\" }, "),
    ];
    assert!(!found("99.5%", &quick) && found("99.9%", &quick), "18 s and 3.6 s");
    assert!(!found("99.9%", &[("at = \"10m\"", "rate = \"1 per year\""), ("\"permanent\"", "\"20m\"")]));
    // The second region carries nothing before the fault.
    assert!(!found(
        "99.9%",
        &[("kind = \"region-outage\"\nregion = \"us-east-1\"", "kind = \"region-outage\"\nregion = \"eu-west-1\"")]
    ));
}

/// Each step that changes nothing, and its twin that does.
#[test]
fn steps_that_cannot_act_are_told_and_others_are_not() {
    let found = |steps: &str, more: &[(&str, &str)]| {
        let steps = format!("steps = [{steps}, ");
        let edits = [&[("steps = [", steps.as_str())], more].concat();
        open(&mistaken(&edits)).findings.iter().any(|finding| finding.kind == "step-cannot-act")
    };
    let scale = |size: u32| format!("{{ scale = {size}, to = \"eu-west-1\" }}");
    assert!(found(&scale(4), &[]) && !found(&scale(6), &[]) && !found(&format!("{}, {}", scale(4), scale(6)), &[]));
    let scaling =
        [("requests-per-second = 100\n", "requests-per-second = 100\nscaling = { target-utilization = 0.5 }\n")];
    assert!(!found(&scale(4), &scaling), "the group may have grown meanwhile");

    let readmit = "{ readmit = \"us-east-1\" }";
    let manual = [("policy = \"failover\"", "policy = \"failover\"\nfailback = \"manual\"")];
    assert!(found(readmit, &[]) && !found(readmit, &manual));
    for means in ["arc", "record-edit"] {
        assert!(!found(&format!("{{ shift = \"{means}\", to = \"eu-west-1\" }}, {readmit}"), &[]), "{means}");
    }

    // Of two records one is shifted away from the region, and the other does not lead there.
    let records = "[names.www]\nrecord = \"one\"\n[records.one]\npolicy = \"failover\"\n\
                   answers = [{ to = \"us-east-1\" }, { to = \"eu-west-1\" }]\n\
                   [names.eu]\nrecord = \"other\"\n[[journeys]]\nname = \"read\"\nshare = 0\nat = \"eu\"\n[records.other]\npolicy = \"simple\"\nanswers = [{ to = \"eu-west-1\" }]";
    let named = [(DNS, records), ("name = \"buy\"\n", "name = \"buy\"\nat = \"www\"\n")];
    let of = |region: &str, record: &str| format!("{{ readmit = \"{region}\", record = \"{record}\" }}");
    let away = "{ shift = \"arc\", to = \"eu-west-1\", record = \"one\" }";
    assert!(!found(&format!("{away}, {}", of("us-east-1", "one")), &named));
    assert!(found(&of("us-east-1", "one"), &named) && found(&format!("{away}, {}", of("us-east-1", "other")), &named));
    let away = "{ shift = \"arc\", to = \"us-east-1\", record = \"one\" }";
    assert!(found(&format!("{away}, {}", of("eu-west-1", "other")), &named), "that record was never shifted");

    let to_primary = "{ shift = \"arc\", to = \"us-east-1\" }";
    let short = [("duration = \"permanent\"", "duration = \"20m\"")];
    assert!(found(to_primary, &[]) && !found(to_primary, &short), "it is back after 20 min");

    let home = ("{ promote = \"orders\", to = \"eu-west-1\" }", "{ promote = \"orders\", to = \"us-east-1\" }");
    assert!(found("{ wait = \"1m\" }", &[home]), "it is the writer's region");
    assert!(!found("{ promote = \"orders\", to = \"eu-west-1\" }", &short), "somebody moves it first");
    let switched = ("{ promote = \"orders\"", "{ switch-over = \"orders\"");
    assert!(found("{ wait = \"1m\" }", &[switched]) && !found("{ wait = \"1m\" }", &[switched, short[0]]));
    assert!(found("{ shift = \"arc\", to = \"eu-west-1\", success = 0 }", &[]));

    // No name leads to a detached copy, and without one there is nothing that applications could be told.
    let detach = ("{ promote = \"orders\", to = \"eu-west-1\" }", "{ detach = \"orders\", to = \"eu-west-1\" }");
    let both = (detach.0, "{ detach = \"orders\", to = \"eu-west-1\" }, { repoint = \"orders\", takes = \"1m\" }");
    assert!(found("{ wait = \"1m\" }", &[detach]) && !found("{ wait = \"1m\" }", &[both]));
    assert!(found("{ repoint = \"orders\", takes = \"1m\" }", &[]));
    // A replica of RDS has no other way than to be promoted: applications are repointed as part of that.
    let replica = ("kind = \"aurora-global\"", "kind = \"rds-replica\"");
    assert!(!found("{ wait = \"1m\" }", &[detach, replica]));
}

/// A backup elsewhere and a step that restores it are what an only copy needs, and what a store needs that was spoiled.
#[test]
fn stores_that_somebody_restores_are_not_told() {
    let kinds = |edits: &[(&str, &str)]| {
        open(&mistaken(edits)).findings.iter().map(|finding| finding.kind.to_owned()).collect::<Vec<String>>()
    };
    let restored = [("[[faults]]", CORRUPTION), BACKUP, RESTORE];
    let told = kinds(&restored);
    assert!(!told.iter().any(|kind| kind.starts_with("corruption")), "{told:?}");
    // The region of the backup is away for good.
    let fits: &[(&str, &str)] = &[("[objectives]", "[objectives]\nrpo = { p50 = \"41m\" }")];
    let told = kinds(&[&restored[..], fits].concat());
    assert!(!told.iter().any(|kind| kind == "objective-below-restore-point"), "10 min and half of an hour: {told:?}");
    let alone =
        "writer = \"us-east-1\"\nregions = [\"us-east-1\"]\nbackup = { every = \"1h\", copy-to = \"eu-west-1\" }";
    let only = [
        ("writer = \"us-east-1\"", alone),
        ("{ promote = ", "{ restore = "),
        (LAST, "duration = \"permanent\"\ndestroyed = true\n"),
    ];
    let told = kinds(&only);
    assert!(!told.iter().any(|kind| kind == "only-copy" || kind == "writer-not-promoted"), "{told:?}");
}

/// Who moves a writer back to a region waits until that is there again; who edits records needs a control plane now.
#[test]
fn a_return_to_a_region_that_is_back_is_nothing_to_tell() {
    let found = |lasts: &str| {
        let back = "steps = [{ promote = \"orders\", to = \"eu-west-1\" }, { wait = \"30m\" }, \
                    { switch-over = \"orders\", to = \"us-east-1\" }]";
        let steps = ("steps = [{ promote = \"orders\", to = \"eu-west-1\" }]", back);
        let lasts = format!("duration = \"{lasts}\"\n");
        let findings = open(&mistaken(&[steps, (LAST, lasts.as_str())])).findings;
        findings.iter().any(|finding| finding.kind == "step-without-its-plane")
    };
    assert!(found("permanent") && !found("20m"));
}

/// A writer with a standby leaves its zone; one without goes with it.
#[test]
fn a_writer_that_goes_with_its_zone_is_told_like_one_that_goes_with_its_region() {
    let told = |zone: &str, more: &str| {
        let store = format!("kind = \"rds-replica\"\nzone = \"a\"\n{more}");
        let fault = format!("kind = \"zone-outage\"\nzone = \"{zone}\"\n");
        let edits = [
            ("kind = \"aurora-global\"", store.as_str()),
            ("kind = \"region-outage\"\n", fault.as_str()),
            ("{ promote = \"orders\", to = \"eu-west-1\" }", "{ wait = \"1m\" }"),
        ];
        let findings = open(&mistaken(&edits)).findings;
        findings.iter().any(|it| it.kind == "writer-not-promoted" && it.message.contains("takes zone a of us-east-1"))
    };
    assert!(told("a", "multi-az = false"));
    assert!(!told("a", "") && !told("b", "multi-az = false"));
}

/// A writer without data does not come back, whatever becomes of its region.
#[test]
fn writes_to_a_destroyed_writer_that_nobody_replaces_fail_for_good() {
    let told = |end: &str, words: &str| {
        let edits = [("{ promote = \"orders\", to = \"eu-west-1\" }", "{ wait = \"1m\" }"), (LAST, end)];
        let findings = open(&mistaken(&edits)).findings;
        findings.iter().any(|it| it.kind == "writer-not-promoted" && it.message.ends_with(words))
    };
    assert!(told("duration = \"5m\"\n", "until it is back"));
    assert!(told("duration = \"5m\"\ndestroyed = true\n", "for good") && told(LAST, "for good"));
}

/// A recovery within 15 min of a fault at 10 min is seen from a horizon of 25 min on.
#[test]
fn a_horizon_is_held_against_the_longest_limit() {
    let found = |horizon: &str, at: &str| {
        let (horizon, at) = (format!("horizon = \"{horizon}\""), format!("at = {at}"));
        let text = mistaken(&[("horizon = \"1h\"", &horizon), ("at = \"10m\"", &at)]);
        open(&text).findings.iter().any(|finding| finding.kind == "horizon-too-short")
    };
    assert!(found("24m 59s", "\"10m\"") && !found("25m", "\"10m\""));
    // Half of the faults come after 15 min.
    let any = "{ uniform = [\"10m\", \"20m\"] }";
    assert!(found("29m", any) && !found("30m", any));
}

/// Two regions with instances, with `more` after them.
fn with(more: &str) -> Vec<String> {
    stack(
        "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 2, max = 4 }\nrequests-per-second = 100",
        more,
    )
}

/// The same, with another stack.
fn stack(compute: &str, more: &str) -> Vec<String> {
    let text = format!(
        r#"
        name = "void"
        horizon = "1h"
        [regions.us-east-1]
        [regions.eu-west-1]
        {compute}
        [dns]
        policy = "latency"
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 10
        [[journeys]]
        name = "read"
        share = 1
        {more}"#
    );
    open(&text).findings.iter().map(ToString::to_string).collect()
}

fn fault(kind: &str) -> String {
    format!("[[faults]]\nat = \"1m\"\nduration = \"5m\"\nkind = {kind}")
}

fn says(warnings: &[String], words: &str) -> bool {
    warnings.iter().any(|warning| warning.contains(words))
}

const SESSIONS: &str = "[stores.carts]\nkind = \"instance-session\"\n";
const LOG: &str = "[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n";

#[test]
fn faults_that_strike_nothing_are_told_and_others_are_not() {
    let zone = fault("\"zone-outage\"\nregion = \"us-east-1\"");
    let lambda = fault("\"service-impairment\"\nservice = \"lambda\"\nregion = \"us-east-1\"");
    let partition = fault("\"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]");
    let stall = fault("\"replication-stall\"");
    let none = "has no effect";
    assert!(says(&stack("", &zone), none) && !says(&with(&zone), none));
    assert!(!says(&stack("", &format!("{LOG}{zone}")), none));
    assert!(says(&with(&lambda), "nothing in us-east-1 runs on Lambda"));
    assert!(!says(&stack("[compute]\nkind = \"lambda\"\nduration = \"100ms\"", &lambda), none));
    assert!(says(&with(&partition), none) && !says(&with(&format!("{LOG}{partition}")), none));
    assert!(says(&with(&format!("{SESSIONS}{stall}")), none) && !says(&with(&format!("{LOG}{stall}")), none));
    let table = "[stores.items]\nkind = \"dynamodb-global-table\"\nregions = [\"us-east-1\"]\n";
    let impaired = |region: &str| {
        with(&format!("{table}{}", fault(&format!("\"service-impairment\"\nstore = \"items\"\nregion = \"{region}\""))))
    };
    assert!(says(&impaired("eu-west-1"), "items has no copy in eu-west-1") && !says(&impaired("us-east-1"), none));
}

/// A verdict of a file in which nobody asks for anything would be MET for want of questions.
#[test]
fn journeys_that_nobody_takes_are_told() {
    let text = fault("\"region-outage\"\nregion = \"us-east-1\"");
    let quiet = "[[journeys]]\nname = \"write\"\nshare = 0\n[[clients]]\nname = \"none\"\nnear = \"eu-west-1\"\n\
                 requests-per-second = 0\n";
    let warnings = with(&format!("{quiet}{text}"));
    assert!(says(&warnings, "none offers 0 requests/s") && says(&warnings, "write has no share"), "{warnings:?}");
    assert!(!says(&with(&text), "never down"), "{:?}", with(&text));
}

/// Two incidents in one trial are one recovery time, which is seldom what is meant.
#[test]
fn a_fault_after_the_end_of_another_is_told() {
    let at = |at: &str, duration: &str| {
        format!("[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = {at}\nduration = \"{duration}\"\n")
    };
    let told = |one: &str, other: &str| says(&with(&format!("{one}{other}")), "count from the first of them");
    let early = at("\"1m\"", "5m");
    assert!(told(&early, &at("\"20m\"", "5m")) && told(&at("\"20m\"", "5m"), &early), "whatever the order");
    assert!(!told(&early, &at("\"5m\"", "5m")), "they overlap");
    assert!(!told(&at("\"1m\"", "permanent"), &at("\"20m\"", "5m")), "the first never ends");
    assert!(!told(&early, &at("{ uniform = [\"2m\", \"20m\"] }", "5m")), "they may overlap");
    assert!(!told(&early, &at("\"2h\"", "5m")), "the second is beyond the horizon");
}

/// Functions that fail all invocations leave their load to the others, like a region that is out.
#[test]
fn survivors_of_failing_functions_are_weighed() {
    let warnings = |limit: u64, error: f64| {
        let impaired = format!("service = \"lambda\"\nregion = \"us-east-1\"\nerror = {error}");
        let text = fault(&format!("\"service-impairment\"\n{impaired}"));
        let lambda = "[compute]\nkind = \"lambda\"\nduration = \"1s\"";
        stack(lambda, &format!("[regions.eu-west-1.compute]\naccount-limit = {limit}\n{text}"))
    };
    // Ten requests a second of a second each need ten environments.
    let few = "the other regions carry at most";
    assert!(says(&warnings(5, 1.0), few), "{:?}", warnings(5, 1.0));
    assert!(!says(&warnings(10, 1.0), few) && !says(&warnings(5, 0.5), few));
}

/// A control plane is needed by what is launched and by what runbooks change there, metrics by alarms and scaling.
#[test]
fn outages_of_planes_that_nothing_needs_are_told() {
    let out = |service: &str, region: &str| {
        fault(&format!("\"service-impairment\"\nservice = \"{service}\"\nregion = \"{region}\""))
    };
    let (control, west) = (out("control-plane", "us-east-1"), out("control-plane", "eu-west-1"));
    let none = "has no effect";
    assert!(says(&with(&control), "nothing is launched or promoted in us-east-1"), "{:?}", with(&control));
    // Instances that die are replaced, and those of another region are not its business.
    let dying = |region: &str| fault(&format!("\"instance-failures\"\nprobability = 0.5\nregion = \"{region}\""));
    assert!(!says(&with(&format!("{control}\n{}", dying("us-east-1"))), none));
    assert!(says(&with(&format!("{control}\n{}", dying("eu-west-1"))), "`faults.0` has no effect"));
    let runbook = |step: &str| {
        format!(
            "[[runbooks]]\nname = \"r\"\nhosted-in = [\"eu-west-1\"]\non = {{ operator = \"5m\" }}\nsteps = [{step}]\n"
        )
    };
    let promote = format!("{LOG}{}", runbook("{ promote = \"log\", to = \"eu-west-1\" }"));
    assert!(!says(&with(&format!("{promote}{west}")), none) && says(&with(&format!("{promote}{control}")), none));
    let edit = runbook("{ shift = \"record-edit\", to = \"eu-west-1\" }");
    assert!(!says(&with(&format!("{edit}{control}")), none) && says(&with(&format!("{edit}{west}")), none));
    let mistaken = runbook(
        "{ promote = \"log\", to = \"eu-west-1\", wrong = { probability = 0.1, noticed = \"1m\", to = \"us-east-1\" } }",
    );
    let mistaken = stack("", &format!("{LOG}{mistaken}{control}"));
    assert!(!says(&mistaken, none), "{mistaken:?}");

    let (metrics, alarm) = (out("cloudwatch", "us-east-1"), |region: &str| {
        format!("[[alarms]]\nname = \"a\"\nmetric = {{ errors = \"read\" }}\nabove = 0.2\nhosted-in = \"{region}\"\n")
    });
    assert!(says(&with(&metrics), "no alarm lives in us-east-1"));
    assert!(says(&with(&format!("{}{metrics}", alarm("eu-west-1"))), none));
    assert!(!says(&with(&format!("{}{metrics}", alarm("us-east-1"))), none));
    let scaling = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 2, max = 4 }\n\
                   requests-per-second = 100\nscaling = { target-utilization = 0.5 }";
    assert!(!says(&stack(scaling, &metrics), none) && !says(&stack(scaling, &control), none));
}

#[test]
fn what_never_ends_begins_once_unless_it_adds_up() {
    let often = |kind: &str| format!("[[faults]]\nrate = \"5 per day\"\nduration = \"permanent\"\nkind = {kind}");
    let once = "only its first beginning";
    assert!(says(&with(&often("\"region-outage\"\nregion = \"us-east-1\"")), once));
    assert!(says(&with(&often("\"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"")), once));
    assert!(!says(&with(&often("\"load-surge\"\nfactor = 1.1")), once));
}

#[test]
fn parts_without_what_they_are_for_are_told() {
    let alarm =
        "[[alarms]]\nname = \"busy\"\nmetric = { utilization = \"us-east-1\" }\nabove = 0.8\nhosted-in = \"us-east-1\"";
    assert!(says(&stack("", alarm), "alarm busy cannot fire") && !says(&with(alarm), "busy"));
    let balancer = "[load-balancer]\ntarget-health-check = { interval = \"10s\" }";
    assert!(says(&stack("", balancer), "`[load-balancer]` has no effect"));
    assert!(!says(&with(balancer), "[load-balancer]"));
    let cache = "[stores.cache]\nkind = \"elasticache-global\"\nwriter = \"us-east-1\"\nbacks = ";
    assert!(says(&with(&format!("{SESSIONS}{cache}\"carts\"")), "as a cache of carts"));
    assert!(!says(&with(&format!("{LOG}{cache}\"log\"")), "as a cache"));
}

/// In front of a load balancer an accelerator goes by its targets: its own cadence is for a region that is out.
#[test]
fn settings_of_an_accelerator_that_cannot_act_are_told() {
    let edge = |settings: &str, kind: &str| {
        with(&format!("[edge]\nkind = \"global-accelerator\"\n{settings}\n{}", fault(kind)))
    };
    let instances = "\"instance-failures\"\nprobability = 1\nregion = \"us-east-1\"";
    let region = "\"region-outage\"\nregion = \"us-east-1\"";
    for key in ["interval = \"10s\"", "threshold = 2"] {
        let name = key.split(' ').next().expect("a key");
        let told = format!("`{name}` has no effect");
        assert!(says(&edge(key, instances), &told), "{:?}", edge(key, instances));
        assert!(!says(&edge(key, region), &told), "a region that is out is probed");
        assert!(!says(&edge("", instances), &told), "nothing is written");
    }
}

/// A region that serves nobody takes no traffic along when it goes, and one without a check is not left.
#[test]
fn regions_for_operations_and_endpoints_without_a_check_are_told_apart() {
    let alone = "nothing takes over";
    let left = "nothing leads away from us-east-1";
    let region = |name: &str| fault(&format!("\"region-outage\"\nregion = \"{name}\""));
    assert!(says(&with(&format!("[regions.us-east-1.dns]\nhealth-check = false\n{}", region("us-east-1"))), left));
    assert!(!says(&with(&format!("[regions.us-east-1.dns]\nhealth-check = false\n{}", region("eu-west-1"))), left));
    let operations = with(&format!("[regions.us-west-2]\nserves = false\n{}", region("us-west-2")));
    assert!(!says(&operations, left) && !says(&operations, alone), "{operations:?}");
}
