//! Logs with one writer: what bounds them, and who takes over.

use crate::lab::{Law, averages, follows, happens, head, of, rows, uniform};

const TRIALS: u64 = 4_000;

/// Writes of 8/s from the first region and of 75/s from the second; the writer is in the first.
fn text(seed: u64, store: &str, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}\nobjectives.up-when = 1.0"),
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"",
        &[("west", "us-east-1", "requests-per-second = 8"), ("east", "eu-west-1", "requests-per-second = 75")],
    );
    format!(
        r#"{head}
        [[journeys]]
        name = "buy"
        share = 1.0
        needs = [{{ write = "store" }}]
        [stores.store]
        writer = "us-east-1"
        {store}
        {rest}"#
    )
}

fn fault(what: &str, at: &str, lasts: &str) -> String {
    format!("[[faults]]\n{what}\nat = {at}\nduration = {lasts}\n")
}

const REGION: &str = "kind = \"region-outage\"\nregion = \"us-east-1\"";
const ZONE: &str = "kind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"";
const PATH: &str = "kind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]";

/// Somebody acts so long after the first failed request.
fn runbook(after: &str, step: &str) -> String {
    format!(
        "[[runbooks]]\nname = \"act\"\non = {{ operator = \"{after}\" }}\nhosted-in = [\"eu-west-1\"]\n\
         steps = [{{ {step} = \"store\", to = \"eu-west-1\" }}]\n"
    )
}

fn all(sample: &[f64], expected: f64, within: f64) {
    assert!(sample.iter().all(|value| (value - expected).abs() < within), "{expected}, not all of {sample:?}");
}

#[test]
fn a_backlog_is_lost_on_top_of_the_lag() {
    // Of 83 writes per second 60 are applied: at t seconds 23 t wait, the last t 23 / 83 seconds of writing, and the draw
    // comes on top.
    let store = "kind = \"aurora-global\"\nreplication-lag = { uniform = [\"1s\", \"9s\"] }\napply-rate = 60";
    let rest = fault(REGION, "{ uniform = [\"10m\", \"15m\"] }", "\"permanent\"") + &runbook("2m", "promote");
    let table = rows(&text(71, store, &rest), TRIALS);
    let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
    let wait = 23.0 / 83.0;
    let law = Law::new(0.05, 300.0 * wait, |x| uniform(x / (300.0 * wait)));
    let law = law.plus(&Law::new(0.05, 8.0, |x| uniform(x / 8.0))).after(1.0 + 600.0 * wait);
    follows(&seconds, law.cdf());
    for (seconds, lost) in seconds.iter().zip(&lost) {
        assert!((lost - 83.0 * seconds).abs() < 1e-3, "{lost} in {seconds} s");
    }
}

const BOUNDED: &str = "kind = \"aurora-global\"\nreplication-lag = { uniform = [\"1s\", \"9s\"] }\nrpo-bound = \"20s\"\npromotion-time = \"1m\"";

#[test]
fn a_bounded_writer_stalls_when_no_copy_is_within() {
    // Two minutes without a path: the other side cannot write at all, the own one until the copy is 20 s behind, which
    // was L behind at the start: 120 - (20 - L) s.
    let table = rows(&text(72, BOUNDED, &fault(PATH, "\"10m\"", "\"2m\"")), TRIALS);
    let stalled: Vec<f64> = of(&table, "journey.buy.cause.dependency").iter().map(|failed| failed / 8.0).collect();
    follows(&stalled, |x| uniform((x - 101.0) / 8.0));
    all(&of(&table, "journey.buy.cause.decision"), 75.0 * 120.0, 1e-6);
    all(&of(&table, "store.store.lost"), 0.0, 1e-9);
    // The copy is within the bound again as soon as there is a path.
    all(&of(&table, "journey.buy.recovery_s"), 120.0, 1e-6);
}

#[test]
fn a_bounded_writer_that_is_promoted_over_loses_its_bound() {
    let rest = fault(PATH, "\"10m\"", "\"40m\"") + &runbook("2m", "promote");
    let table = rows(&text(73, BOUNDED, &rest), 200);
    all(&of(&table, "store.store.loss_s"), 20.0, 1e-6);
    // Both sides wrote until the path was cut, the own one until the stall: 83 L + 8 (20 - L) with L in (1, 9).
    let lag: Vec<f64> = of(&table, "store.store.lost").iter().map(|lost| (lost - 160.0) / 75.0).collect();
    follows(&lag, |x| uniform((x - 1.0) / 8.0));
}

#[test]
fn a_writer_that_loses_its_zone_fails_over_within_its_region() {
    let fault = fault(ZONE, "\"10m\"", "\"permanent\"");
    for (kind, zone, chance) in [
        ("aurora-global", "zone = \"a\"", 1.0),
        ("aurora-global", "", 1.0 / 3.0),
        ("elasticache-global", "zone = \"a\"", 1.0),
        ("rds-replica", "zone = \"a\"", 1.0),
        ("rds-replica", "zone = \"b\"", 0.0),
    ] {
        let store = format!(
            "kind = \"{kind}\"\nin-region-failover = {{ uniform = [\"20s\", \"50s\"] }}\nendpoint-ttl = \"0s\"\n{zone}"
        );
        let table = rows(&text(74, &store, &fault), 1_000);
        let times = of(&table, "journey.buy.recovery_s");
        let struck: Vec<f64> = times.iter().copied().filter(|&time| time > 0.0).collect();
        happens(struck.len(), times.len(), chance);
        if chance > 0.0 {
            follows(&struck, |x| uniform((x - 20.0) / 30.0));
        }
        all(&of(&table, "store.store.lost"), 0.0, 1e-9);
        let waited = of(&table, "journey.buy.cause.promotion");
        assert!(waited.iter().zip(&times).all(|(failed, time)| (failed - 83.0 * time).abs() < 1e-6));
    }
}

#[test]
fn a_writer_without_a_standby_waits_for_its_zone() {
    let store = "kind = \"rds-replica\"\nmulti-az = false\nzone = \"a\"";
    let table = rows(&text(75, store, &fault(ZONE, "\"10m\"", "\"25m\"")), 10);
    all(&of(&table, "journey.buy.recovery_s"), 1_500.0, 1e-6);
    all(&of(&table, "journey.buy.cause.decision"), 83.0 * 1_500.0, 1e-6);
    all(&of(&table, "store.store.lost"), 0.0, 1e-9);
}

#[test]
fn a_switchover_takes_its_time_and_loses_nothing() {
    // Five minutes of errors and a second make somebody move the writer after five minutes, which takes U(10, 40) s, then
    // 7 s until the name follows. In the last second of errors half of the second region's 75 requests do not get so far.
    let store = "kind = \"aurora-global\"\nswitch-over-time = { uniform = [\"10s\", \"40s\"] }\n\
                 endpoint-update = \"7s\"\nendpoint-ttl = \"0s\"";
    let gray = "kind = \"gray-failure\"\nregion = \"eu-west-1\"\nerror = 0.5\nseen = 0.0";
    let rest = fault(gray, "\"10m\"", "\"301s\"") + &runbook("5m", "switch-over");
    let table = rows(&text(76, store, &rest), TRIALS);
    let stopped = of(&table, "journey.buy.cause.promotion");
    let stopped: Vec<f64> = stopped.iter().map(|failed| (failed + 37.5) / 83.0).collect();
    follows(&stopped, |x| uniform((x - 10.0) / 30.0));
    averages(&stopped, 25.0, 0.05);
    all(&of(&table, "journey.buy.cause.endpoint-update"), 83.0 * 7.0, 1e-6);
    all(&of(&table, "store.store.loss_s"), 0.0, 1e-9);
    for (promoted, stopped) in of(&table, "promoted.store_s").iter().zip(&stopped) {
        assert!((promoted - 300.0 - stopped).abs() < 1e-6, "{promoted} after {stopped}");
    }
}

#[test]
fn a_replica_promoted_for_nothing_loses_what_the_former_writer_took() {
    // Out from 600 s to 800 s. Promotion from 720 s to 1,020 s, everybody repointed at 1,080 s: until then the former
    // writer takes 83 writes per second, which nobody will see again, and the lag of 2 s is lost as well.
    let store = "kind = \"rds-replica\"\nreplication-lag = \"2s\"\npromotion-time = \"5m\"\n\
                 endpoint-update = \"60s\"\nendpoint-ttl = \"0s\"";
    let rest = fault(REGION, "\"10m\"", "\"200s\"") + &runbook("2m", "promote");
    let table = rows(&text(77, store, &rest), 20);
    all(&of(&table, "journey.buy.recovery_s"), 200.0, 1e-6);
    all(&of(&table, "promoted.store_s"), 420.0, 1e-6);
    all(&of(&table, "store.store.loss_s"), 482.0, 1e-6);
    all(&of(&table, "store.store.lost"), 83.0 * (2.0 + 280.0), 1e-3);
    // Somebody who looks too late finds a writer that answers, and promotes nothing.
    let late = rest.replace("operator = \"2m\"", "operator = \"4m\"");
    let table = rows(&text(77, store, &late), 20);
    all(&of(&table, "store.store.lost"), 0.0, 1e-9);
    assert!(of(&table, "promoted.store_s").iter().all(|at| at.is_nan()));
}

#[test]
fn forwarded_writes_need_the_path_and_no_endpoint() {
    // Promoted at 120 + 60 s; the second region's copy is the writer then, and needs no name to follow.
    let store =
        "kind = \"aurora-global\"\npromotion-time = \"60s\"\nreplication-lag = \"2s\"\nendpoint-update = \"30s\"";
    let rest = fault(REGION, "\"10m\"", "\"permanent\"") + &runbook("2m", "promote");
    let forwarded = rows(&text(78, &format!("{store}\nwrite-forwarding = true"), &rest), 50);
    let named = rows(&text(78, store, &rest), 50);
    all(&of(&forwarded, "population.east.failed"), 75.0 * 180.0, 1e-6);
    all(&of(&forwarded, "journey.buy.cause.endpoint-update"), 0.0, 1e-9);
    // The name follows after 30 s and U(0, 5) of its TTL.
    assert!(of(&named, "population.east.failed").iter().all(|failed| *failed > 75.0 * 210.0 && *failed < 75.0 * 215.0));
    all(&of(&forwarded, "store.store.lost"), 166.0, 1e-3);
}

#[test]
fn a_promotion_waits_for_the_targets_control_plane() {
    let store = "kind = \"aurora-global\"\npromotion-time = \"60s\"\nendpoint-update = \"0s\"\nendpoint-ttl = \"0s\"";
    let control = "kind = \"service-impairment\"\nservice = \"control-plane\"\nregion = \"eu-west-1\"";
    let rest = fault(REGION, "\"10m\"", "\"permanent\"") + &runbook("2m", "promote");
    let table = rows(&text(79, store, &(rest + &fault(control, "\"11m\"", "\"20m\""))), 10);
    // Impaired from 660 s to 1,860 s: begun then, done at 1,920 s.
    all(&of(&table, "promoted.store_s"), 1_320.0, 1e-6);
    all(&of(&table, "population.east.failed"), 75.0 * 1_320.0, 1e-6);
    // The writer is back at 750 s: from then on there is nothing to wait for, and the next outage, at 1,200 s, finds a
    // runbook that can start again, 120 s after it, and that waits only until the plane is back: whether it stood down
    // because the outage is over, or skipped a promotion that is not needed.
    let rest = fault(REGION, "\"10m\"", "\"150s\"") + &fault(REGION, "\"20m\"", "\"permanent\"");
    let rest = rest + &fault(control, "\"10m\"", "\"13m\"");
    let alarm = "[[alarms]]\nname = \"errors\"\nhosted-in = \"eu-west-1\"\nmetric = { errors = \"buy\" }\nabove = 0.5\n\
                 period = \"1m\"\ningestion-delay = \"0s\"\n";
    let automatic = runbook("2m", "promote").replace("operator = \"2m\"", "alarm = \"errors\"") + alarm;
    for runbook in [runbook("2m", "promote"), automatic] {
        let table = rows(&text(79, store, &(rest.clone() + &runbook)), 10);
        // Impaired until 1,380 s: begun then, done at 1,440 s.
        all(&of(&table, "promoted.store_s"), 840.0, 1e-6);
    }
}
