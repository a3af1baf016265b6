//! Corruption and restores: what is lost is the age of the restore point, and what came between it and the restore.

use crate::lab::{figures, follows, head, of, rows, uniform};

const TRIALS: u64 = 1_000;

/// Writes of 8/s from the first region and of 75/s from the second to a store that a runbook restores.
fn text(seed: u64, store: &str, to: &str, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"6h\"\nseed = {seed}\nobjectives.up-when = 1.0"),
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"",
        &[("west", "us-east-1", "requests-per-second = 8"), ("east", "eu-west-1", "requests-per-second = 75")],
    );
    format!(
        "{head}\n[[journeys]]\nname = \"buy\"\nshare = 1.0\nneeds = [{{ write = \"store\" }}]\n\
         [[runbooks]]\nname = \"restore\"\non = {{ operator = \"5m\" }}\nhosted-in = [\"eu-west-1\"]\n\
         steps = [{{ restore = \"store\", to = \"{to}\" }}]\n[stores.store]\n{store}\n{rest}"
    )
}

/// Every hour, complete after 10 min, and 20 min later in the other region; a restore takes 20 min.
const HOURLY: &str = "backup = { every = \"1h\", takes = \"10m\", restore-time = \"20m\" }";
const COPIED: &str = "backup = { every = \"1h\", takes = \"10m\", restore-time = \"20m\", copy-to = \"eu-west-1\", copy-delay = \"20m\" }";

fn corruption(rest: &str) -> String {
    format!("[[faults]]\nkind = \"corruption\"\nstore = \"store\"\nat = \"3h\"\n{rest}\n")
}

const KINDS: [&str; 8] = [
    "kind = \"aurora-global\"\nwriter = \"us-east-1\"",
    "kind = \"documentdb-global\"\nwriter = \"us-east-1\"",
    "kind = \"rds-replica\"\nwriter = \"us-east-1\"",
    "kind = \"elasticache-global\"\nwriter = \"us-east-1\"",
    "kind = \"efs-replication\"\nfrom = \"us-east-1\"\nto = \"eu-west-1\"",
    "kind = \"dynamodb-global-table\"",
    "kind = \"memorydb-multi-region\"",
    "kind = \"s3-replication\"",
];

/// Noticed after 30 min, decided within 5, restored within 20. Accesses fail once it is noticed, so that the last write
/// that was acknowledged is 30 min younger than the fault: the age of the point is U(10 min, 70 min) before that.
#[test]
fn a_corruption_costs_the_age_of_the_point_and_the_time_that_nobody_notices() {
    for (seed, kind) in (300..).zip(KINDS) {
        let table = rows(
            &text(seed, &format!("{kind}\n{HOURLY}"), "us-east-1", &corruption("noticed-after = \"30m\"")),
            TRIALS,
        );
        let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
        follows(&seconds, |x| uniform((x - 600.0 - 1_800.0) / 3_600.0));
        for (seconds, lost) in seconds.iter().zip(&lost) {
            assert!((lost - 83.0 * seconds).abs() < 1e-3, "{kind}: {lost} writes in {seconds} s");
        }
        for (column, expected) in
            [("journey.buy.recovery_s", 3_300.0), ("restored.store_s", 3_300.0), ("store.store.stranded", 0.0)]
        {
            let all = of(&table, column);
            assert!(all.iter().all(|value| (value - expected).abs() < 1e-6), "{kind}: {column} {:?}", &all[..3]);
        }
    }
}

/// Where a part of the accesses fails, the rest is acknowledged until the restore begins, and lost with it.
#[test]
fn writes_that_are_acknowledged_beside_the_failures_are_lost_as_well() {
    let store = format!("{}\n{COPIED}", KINDS[0]);
    let table = rows(&text(320, &store, "eu-west-1", &corruption("error = 0.25")), 300);
    // Decided after 5 min. Of the copy in the other region the age is U(30 min, 90 min).
    let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
    follows(&seconds, |x| uniform((x - 1_800.0 - 300.0) / 3_600.0));
    for (seconds, lost) in seconds.iter().zip(&lost) {
        let expected = 83.0 * (seconds - 300.0) + 0.75 * 83.0 * 300.0;
        assert!((lost - expected).abs() < 1e-3, "{lost} instead of {expected}");
    }
}

/// A store with its only copy in a region that is destroyed comes back from its backup in another one, and nothing but
/// what came after the point is missing.
#[test]
fn a_destroyed_store_comes_back_elsewhere() {
    let outage = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"3h\"\nduration = \"permanent\"\n\
                  destroyed = true\n";
    for (seed, kind) in (340..).zip([KINDS[0], KINDS[2], KINDS[5]]) {
        let store = format!("{kind}\nregions = [\"us-east-1\"]\n{COPIED}");
        // Clients of the dead region stay there: those of the other are up again after 5 and 20 min.
        let text =
            text(seed, &store, "eu-west-1", outage).replace("requests-per-second = 8\n", "requests-per-second = 0\n");
        let table = rows(&text, TRIALS);
        let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
        follows(&seconds, |x| uniform((x - 1_800.0) / 3_600.0));
        for (seconds, lost) in seconds.iter().zip(&lost) {
            assert!((lost - 75.0 * seconds).abs() < 1e-3, "{kind}: {lost} writes in {seconds} s");
        }
        let back = of(&table, "journey.buy.recovery_s");
        assert!(back.iter().all(|back| (back - 1_500.0).abs() < 1e-6), "{kind}: {:?}", &back[..3]);
    }
}

/// The ledger counts every acknowledged write once, also where a promotion had lost some before: from the point on all of
/// them, and of what came before the tail that the promotion passed over.
#[test]
fn every_acknowledged_write_counts_once_through_promotion_and_restore() {
    let promote = "[[runbooks]]\nname = \"promote\"\non = { operator = \"1m\" }\nhosted-in = [\"eu-west-1\"]\n\
                   steps = [{ promote = \"store\", to = \"eu-west-1\" }]\n";
    let outage = |lasts: &str| {
        format!("[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"30m\"\nduration = \"{lasts}\"\n")
    };
    let store = "kind = \"aurora-global\"\nwriter = \"us-east-1\"\nreplication-lag = \"10s\"\npromotion-time = \"2m\"\n\
                 endpoint-update = \"0s\"\nendpoint-ttl = \"0s\"\nrebuild-time = \"10m\"\n\
                 backup = { every = \"4h\", takes = \"5m\", restore-time = \"20m\", copy-to = \"eu-west-1\", copy-delay = \"5m\" }";
    // Writes of 75/s until 30 min, none until 33 min, and again until 3 h.
    let acknowledged = |until: f64| 75.0 * (until.min(1_800.0) + (until - 1_980.0).max(0.0));
    for lasts in ["20m", "permanent"] {
        let rest = format!("{promote}{}{}", outage(lasts), corruption(""));
        let text =
            text(360, store, "eu-west-1", &rest).replace("requests-per-second = 8\n", "requests-per-second = 0\n");
        let table = rows(&text, 400);
        let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
        let mut before_the_promotion = 0;
        for (seconds, lost) in seconds.iter().zip(&lost) {
            let point = 10_800.0 - seconds;
            let tail = if point > 1_800.0 { 75.0 * 10.0 } else { (75.0 * (point - 1_790.0)).max(0.0) };
            before_the_promotion += usize::from(point < 1_800.0);
            let expected = acknowledged(10_800.0) - acknowledged(point) + tail;
            assert!((lost - expected).abs() < 1e-2, "{lasts}: {lost} instead of {expected} since {point}");
        }
        // While the region is out no backup is made, and without it none later either.
        let all = before_the_promotion == 400;
        assert_eq!(all, lasts == "permanent", "{before_the_promotion}");
    }
}

/// A store that is slow after its restore carries less for a time: 83 writes per second through 160 / 4.
#[test]
fn a_slow_store_sheds_until_it_has_loaded_its_data() {
    let store = "kind = \"aurora-global\"\nwriter = \"us-east-1\"\ncapacity = { writes = 160 }\n\
                 backup = { continuous = \"5m\", restore-time = \"20m\", slow-after-restore = { factor = 4, for = \"30m\" } }";
    let text = text(370, store, "us-east-1", &corruption(""));
    // Nothing for 25 min, then 40 of 83 for 30 min.
    let failed = 83.0 * 1_500.0 + 43.0 * 1_800.0;
    let told = figures(&text, "journey.buy.failed", 2);
    assert!(told.iter().all(|told| (told - failed).abs() < 0.5), "{told:?} instead of {failed}");
    let back = figures(&text, "journey.buy.recovery_s", 2);
    assert!(back.iter().all(|back| (back - 3_300.0).abs() < 1e-6), "{back:?}");
    let loss = figures(&text, "store.store.loss_s", 2);
    assert!(loss.iter().all(|loss| (loss - 300.0).abs() < 1e-6), "{loss:?}");
}

/// A rehearsal takes the store away on purpose: its downtime is planned, and what it loses is lost.
#[test]
fn a_restore_without_a_reason_is_planned() {
    let store = format!("{}\n{HOURLY}", KINDS[0]);
    let alarm = "[[alarms]]\nname = \"lag\"\nmetric = { replication-lag = \"store\" }\nabove = 60\nhosted-in = \"eu-west-1\"\n\
                 [[faults]]\nkind = \"replication-stall\"\nat = \"2h\"\nduration = \"20m\"\n";
    let text = text(380, &store, "us-east-1", alarm).replace("{ operator = \"5m\" }", "{ alarm = \"lag\" }");
    let planned = figures(&text, "journey.buy.planned_s", 5);
    assert!(planned.iter().all(|planned| (planned - 1_200.0).abs() < 1e-6), "{planned:?}");
    let loss = figures(&text, "store.store.loss_s", 5);
    assert!(loss.iter().all(|loss| (600.0..=4_200.0).contains(loss)), "{loss:?}");
}
