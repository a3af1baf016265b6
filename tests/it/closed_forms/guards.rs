//! Ways out of a failing endpoint, and the causes of the failures: with health checks, without them, with checks that
//! cannot turn or have no data; and operators.

use models::deployment::Happening;
use models::ids::JourneyId;

use crate::lab::{figures, firsts, follows, head, of, rows, uniform};

const OUTAGE: &str =
    "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"permanent\"\n";
/// Checks see nothing of it.
const GRAY: &str = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1\nseen = 0\nat = \"10m\"\n\
                    duration = \"permanent\"\n";

/// One population of 100 requests/s near us-east-1, a record with this `[dns]`, and what else there is.
fn text(seed: u64, dns: &str, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1", "eu-west-1"],
        &format!("propagation = \"3s\"\n{dns}"),
        &[("everybody", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!("{head}[[journeys]]\nname = \"visit\"\nshare = 1\n{rest}")
}

/// An operator who acts five minutes after the fault.
fn operator(step: &str) -> String {
    format!(
        "[[runbooks]]\nname = \"move\"\non = {{ operator = \"5m\" }}\nhosted-in = \"eu-west-1\"\nsteps = [{step}]\n"
    )
}

fn rounded(requests: f64) -> f64 {
    (requests * 1e6).round() / 1e6
}

/// Failed requests of one trial by cause, of those that have any.
fn causes(text: &str) -> Vec<(&'static str, f64)> {
    let table = rows(text, 1);
    // Sums of many shares carry a little rounding.
    let of = |cause: &'static str| (cause, rounded(of(&table, &format!("journey.visit.cause.{cause}"))[0]));
    let all = ["detection", "propagation", "dns-cache", "no-path", "targets", "capacity", "dependency"];
    all.into_iter().map(of).filter(|(_, failed)| *failed > 0.0).collect()
}

/// Nothing leads away, so that 100 requests/s fail from minute 10 to minute 60, and nothing is waited for meanwhile.
#[test]
fn what_nothing_guards_fails_for_good_and_for_want_of_a_path() {
    let never = [
        "policy = \"latency\"\nhealth-check = false",
        "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nhealth-check = false",
        // A calculated check that needs no healthy child is always healthy.
        "policy = \"latency\"\nhealth-check = { checks = [{ kind = \"shallow\" }], healthy-children = 0 }",
        // A check that is there does not guard a simple record.
        "policy = \"simple\"\nprimary = \"us-east-1\"",
        "policy = \"simple\"\nprimary = \"us-east-1\"\nhealth-check = false\nevaluate-target-health = true",
        "provider = \"other\"\npolicy = \"latency\"",
    ];
    for dns in never {
        for fault in [OUTAGE, GRAY] {
            assert_eq!(causes(&text(1, dns, fault)), [("no-path", 300_000.0)], "{dns}\n{fault}");
        }
    }
}

/// `health-check` of a region is laid over that of all, or takes its place.
#[test]
fn a_region_has_a_check_of_its_own_or_none() {
    let own = |common: &str, region: &str, check: &str| {
        let text = text(2, &format!("policy = \"latency\"\nttl = \"0s\"\n{common}"), OUTAGE);
        figures(&format!("{text}[regions.{region}.dns]\nhealth-check = {check}\n"), "journey.visit.recovery_s", 400)
    };
    let fast = "health-check = { interval = \"10s\", failure-threshold = 2 }";
    for never in [own(fast, "us-east-1", "false"), own("health-check = false", "eu-west-1", "{ interval = \"10s\" }")] {
        assert!(never.iter().all(|recovery| recovery.is_infinite()));
    }
    // One failure of four seconds in place of two that are fourteen seconds apart; the interval is the common one.
    let one = own(fast, "us-east-1", "{ failure-threshold = 1, checkers = 1 }");
    follows(&one, |x| uniform((x - 4.0 - 3.0) / 10.0));
    let elsewhere =
        own("health-check = false", "us-east-1", "{ interval = \"10s\", failure-threshold = 1, checkers = 1 }");
    follows(&elsewhere, |x| uniform((x - 4.0 - 3.0) / 10.0));
}

/// A check on an alarm's metric, for the primary alone.
fn on_alarm(seed: u64, child: &str) -> String {
    let dns = format!(
        "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nttl = \"60s\"\n\
         health-check = {{ checks = [{{ kind = \"alarm\", alarm = \"errors\", {child} }}] }}"
    );
    let alarm = "[[alarms]]\nname = \"errors\"\nmetric = { errors = \"visit\", region = \"us-east-1\" }\nabove = 0.2\n\
                 hosted-in = \"us-east-1\"\n[regions.eu-west-1.dns]\nhealth-check = false\n";
    text(seed, &dns, &format!("{alarm}{OUTAGE}"))
}

/// The alarm dies with what it watches: there is no data from the first instant, DNS sees that after its 3 s, and the one
/// cohort asks again U(0, 60 s) later.
#[test]
fn a_check_without_data_says_what_it_was_told_to_say() {
    let column = "journey.visit.recovery_s";
    let moved = figures(&on_alarm(3, "insufficient-data = \"unhealthy\""), column, 2_000);
    follows(&moved, |x| uniform((x - 3.0) / 60.0));
    for stays in ["insufficient-data = \"healthy\"", "insufficient-data = \"last-known\"", "inverted = false"] {
        assert!(figures(&on_alarm(3, stays), column, 50).iter().all(|recovery| recovery.is_infinite()), "{stays}");
    }
}

/// A balancer publishes no failures where there are none. Once DNS has led everybody away from a region whose requests all fail,
/// its metric is silent; a check that calls silence healthy leads everybody back, until they fail again, and so on. One that keeps
/// the last status does not.
#[test]
fn a_check_that_calls_silence_healthy_leads_back() {
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1\nseen = 0\nat = \"10m\"\nduration = \"permanent\"\n";
    let of = |child: &str, sparse: bool| {
        let text = on_alarm(5, child).replace(OUTAGE, gray);
        let text = text.replace("region = \"us-east-1\" }", &format!("region = \"us-east-1\", sparse = {sparse} }}"));
        figures(&text, "journey.visit.failed", 20)
    };
    let (left, kept) = (of("insufficient-data = \"healthy\"", true), of("insufficient-data = \"last-known\"", true));
    // Each return takes minutes until the alarm has seen it.
    for (left, kept) in left.iter().zip(&kept) {
        assert!(*left > 3.0 * kept, "{left} and {kept}");
    }
    // A metric without traffic has no datapoint either, sparse or not: both are silent, and lead back alike.
    let every = of("insufficient-data = \"healthy\"", false);
    assert!(every.iter().zip(&kept).all(|(left, kept)| *left > 3.0 * kept));
}

/// The inverted check keeps all clients at the secondary while all is well: it calls a healthy metric unhealthy. Its
/// status without data is taken before the inversion, so `unhealthy` leads all clients to the region that is gone.
#[test]
fn what_is_said_without_data_is_turned_round_as_well() {
    let text = on_alarm(4, "insufficient-data = \"unhealthy\", inverted = true");
    let down = firsts(&text, 2_000, |what| *what == Happening::Journey { journey: JourneyId::new(0), up: false });
    follows(&down, |x| uniform((x - 3.0) / 60.0));
    let stays = on_alarm(4, "insufficient-data = \"healthy\", inverted = true");
    assert_eq!(figures(&stays, "journey.visit.failed", 50), vec![0.0; 50]);
}

/// Target health goes `target-health-lost` after the region, and nothing has happened to a region that is back before.
#[test]
fn a_region_that_is_gone_has_no_healthy_target_a_minute_later() {
    let dns = "policy = \"latency\"\nttl = \"0s\"\nhealth-check = false\nevaluate-target-health = true\n\
               target-health-lost = \"40s\"";
    let recovery =
        |lasts: &str| figures(&text(5, dns, &OUTAGE.replace("permanent", lasts)), "journey.visit.recovery_s", 20);
    assert_eq!(recovery("permanent"), vec![43.0; 20]);
    assert_eq!(recovery("30s"), vec![30.0; 20]);
    let flips = firsts(&text(5, dns, &OUTAGE.replace("permanent", "39s")), 5, |what| {
        matches!(what, Happening::HealthTurned { .. })
    });
    assert!(flips.iter().all(|flip| flip.is_nan()), "{flips:?}");
}

/// Before somebody acts the requests wait for a check to find out; then for the 60 s of an edit or the 3 s of a control,
/// and then, until the horizon, for the only resolver, which keeps its answer for a month.
#[test]
fn after_an_operator_has_acted_the_check_no_longer_counts() {
    let check = "ttl = \"30d\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }\n";
    let lazy = format!("policy = \"latency\"\n{check}");
    let unguarded = format!("policy = \"simple\"\nprimary = \"us-east-1\"\n{check}");
    let rest = 300_000.0 - 30_000.0;
    for (shift, seen) in [("record-edit", 6_000.0), ("arc", 300.0)] {
        let step = operator(&format!("{{ shift = \"{shift}\", to = \"eu-west-1\" }}"));
        let expected = [("detection", 30_000.0), ("propagation", seen), ("dns-cache", rest - seen)];
        assert_eq!(causes(&text(6, &lazy, &format!("{step}{GRAY}"))), expected, "{shift}");
    }
    let step = operator("{ shift = \"record-edit\", to = \"eu-west-1\" }");
    let expected = [("propagation", 6_000.0), ("dns-cache", rest - 6_000.0), ("no-path", 30_000.0)];
    assert_eq!(causes(&text(6, &unguarded, &format!("{step}{GRAY}"))), expected, "a simple record has no guard");
    // Of an outage the check has long told DNS: what the operator does is awaited all the same.
    let step = operator("{ shift = \"arc\", to = \"eu-west-1\" }");
    let table = rows(&text(6, &lazy, &format!("{step}{OUTAGE}")), 1);
    let of = |cause: &str| of(&table, &format!("journey.visit.cause.{cause}"))[0];
    assert!((of("propagation") - 600.0).abs() < 1e-6, "3 s of the check and 3 s of the control");
    assert!((of("detection") + of("dns-cache") - (300_000.0 - 600.0)).abs() < 1e-6);
}

/// Weights that are all 0 are equal ones: a region that fails all of its half for five minutes fails 15,000 requests.
#[test]
fn weights_that_are_all_zero_are_equal() {
    let weighted = |weights: &str| {
        let dns = format!("policy = \"weighted\"\nweights = {weights}");
        let failed = figures(&text(7, &dns, &GRAY.replace("permanent", "5m")), "journey.visit.failed", 3);
        failed.into_iter().map(rounded).collect::<Vec<f64>>()
    };
    assert_eq!(weighted("{ us-east-1 = 0, eu-west-1 = 0 }"), vec![15_000.0; 3]);
    assert_eq!(weighted("{ us-east-1 = 0, eu-west-1 = 1 }"), vec![0.0; 3], "beside others a 0 is a 0");
    assert_eq!(weighted("{ us-east-1 = 0 }"), vec![30_000.0; 3], "who is not named is not one of the equal ones");
}
