//! Front doors beside DNS: how long Global Accelerator takes to lead clients away, and what `CloudFront` leaves of an
//! outage.

use models::deployment::Happening;

use crate::lab::{Law, figures, firsts, follows, of, opened, row, rows, uniform};

const TRIALS: u64 = 3_000;

fn text(edge: &str, fault: &str) -> String {
    format!(
        r#"
        name = "edge"
        horizon = "1h"
        [regions.us-east-1]
        [regions.eu-west-1]
        {edge}
        [dns]
        policy = "latency"
        health-check = {{ interval = "10s" }}
        [[clients]]
        name = "readers"
        near = "us-east-1"
        requests-per-second = 100
        [[journeys]]
        name = "read"
        share = 0.8
        cacheable = true
        [[journeys]]
        name = "write"
        share = 0.2
        method = "POST"
        [[faults]]
        region = "us-east-1"
        at = {{ uniform = ["10m", "11m"] }}
        {fault}"#
    )
}

const ACCELERATOR: &str = r#"
        [edge]
        kind = "global-accelerator"
        interval = "30s"
        threshold = 3"#;

const OUTAGE: &str = r#"
        kind = "region-outage"
        duration = "10m""#;

/// The first failing probe comes U(0, 30 s) after the fault, the third 60 s after that; the edge follows U(1 s, 5 s)
/// later, all at once, because nobody caches. So the recovery time is the sum of the three.
#[test]
fn an_accelerator_recovers_after_k_probes_and_a_delay() {
    let table = rows(&text(ACCELERATOR, OUTAGE), TRIALS);
    let detection = |x: f64| uniform((x - 60.0) / 30.0);
    follows(&of(&table, "health_flip_s"), detection);
    let delay = Law::new(0.05, 4.0, |x| uniform(x / 4.0));
    let rerouted = Law::new(0.05, 30.0, |x| uniform(x / 30.0)).plus(&delay).after(61.0);
    follows(&of(&table, "answer_change_s"), rerouted.cdf());
    for column in ["journey.read.recovery_s", "journey.write.recovery_s", "moved50_s", "moved99_s"] {
        assert_eq!(of(&table, column), of(&table, "answer_change_s"), "{column}");
    }
    assert!(of(&table, "journey.read.cause.dns-cache").iter().all(|&failed| failed == 0.0));
}

/// Two endpoints share a group as 1 to 3, and the larger one fails every request. Until three probes of its own have failed and
/// the edge has followed, three quarters of all requests fail; then its neighbour takes everything, and nothing leaves the region.
#[test]
fn an_endpoint_of_a_group_leaves_its_share_to_its_neighbour() {
    let edge = format!(
        r#"{ACCELERATOR}
        endpoints = ["blue@us-east-1", "green@us-east-1", "blue@eu-west-1"]
        weights = {{ "blue@us-east-1" = 30, "green@us-east-1" = 90 }}
        [services.blue]
        kind = "managed"
        [services.green]
        kind = "managed"
        regions = ["us-east-1"]"#
    );
    let fault = r#"
        kind = "gray-failure"
        service = "green"
        error = 1.0
        checks = 1.0
        duration = "10m""#;
    let table = rows(&text(&edge, fault), TRIALS);
    let delay = Law::new(0.05, 4.0, |x| uniform(x / 4.0));
    let rerouted = Law::new(0.05, 30.0, |x| uniform(x / 30.0)).plus(&delay).after(61.0);
    let recovery = of(&table, "journey.read.recovery_s");
    follows(&recovery, rerouted.cdf());
    for (recovery, failed) in recovery.iter().zip(of(&table, "journey.read.failed")) {
        assert!((failed - 0.75 * 80.0 * recovery).abs() < 1e-6 * failed, "{failed} in {recovery} s");
    }
    assert!(of(&table, "moved50_s").iter().all(|at| at.is_nan()), "nothing leaves the region");
    // Both endpoints of a region that is out have their own probes: Ireland has everything when the later one has failed three times.
    let out = rows(&text(&edge, OUTAGE), TRIALS);
    let one = Law::new(0.05, 30.0, |x| uniform(x / 30.0)).plus(&delay);
    let cdf = one.after(61.0).cdf();
    follows(&of(&out, "journey.read.recovery_s"), move |x| cdf(x) * cdf(x));
}

/// Recovery: three passes at the same cadence, whatever the length of the outage.
#[test]
fn an_accelerator_returns_after_as_many_passes() {
    let back = firsts(&text(ACCELERATOR, OUTAGE), TRIALS, |what| {
        matches!(what, Happening::HealthTurned { healthy: true, .. })
    });
    follows(&back, |x| uniform((x - 600.0 - 60.0) / 30.0));
}

/// Three quarters of the reads hit. An origin group saves the rest of them, but no write: exactly 20 writes a second
/// fail for 600 s. If clients wait for less than the edge does, the 20 reads a second that miss fail as well, and then
/// for as long as 200 edges keep an error, U(0, 10 s) each by default: for 5 s on average, give or take 10 s / sqrt(12
/// x 200) = 0.2 s. In 20 trials, six times that is exceeded about once in 10^7.
#[test]
fn an_origin_group_saves_reads_and_no_write() {
    let edge = r#"
        [edge]
        kind = "cloudfront"
        hit-ratio = 0.75
        origin-group = ["us-east-1", "eu-west-1"]"#;
    let table = rows(&text(edge, OUTAGE), 20);
    assert!(of(&table, "journey.read.failed").iter().all(|&failed| failed == 0.0));
    for (failed, no_path) in of(&table, "journey.write.failed").iter().zip(of(&table, "journey.write.cause.no-path")) {
        assert!((failed - 20.0 * 600.0).abs() < 1e-6 && (no_path - failed).abs() < 1e-6, "{failed}");
    }
    let hasty = text(edge, OUTAGE).replace("requests-per-second = 100", "requests-per-second = 100\ntimeout = \"29s\"");
    for failed in figures(&hasty, "journey.read.failed", 20) {
        let lingering = failed - 80.0 * 0.25 * 600.0;
        assert!((lingering / 20.0 - 5.0).abs() < 6.0 * 0.205, "{failed}: 30 s are too long for these");
    }
    let at_once = hasty.replace("hit-ratio = 0.75", "hit-ratio = 0.75\nerror-caching = \"0s\"");
    for failed in figures(&at_once, "journey.read.failed", 20) {
        assert!((failed - 80.0 * 0.25 * 600.0).abs() < 1e-6, "{failed}: nothing lingers");
    }
}

/// Behind the Route 53 name the edge's own resolvers decide: a floor of the clients' does not matter, and the reads that
/// hit never fail.
#[test]
fn an_edge_honours_the_ttl_that_clients_do_not() {
    let edge = "[edge]\nkind = \"cloudfront\"\nhit-ratio = 0.75\nerror-caching = \"0s\"";
    let floor = "requests-per-second = 100\ncaching = [ { share = 1.0, floor = \"20m\" } ]";
    let plain = rows(&text(edge, OUTAGE), 200);
    let floored = rows(&text(edge, OUTAGE).replace("requests-per-second = 100", floor), 200);
    assert_eq!(of(&plain, "journey.read.recovery_s"), of(&floored, "journey.read.recovery_s"));
    let (reads, writes) = (of(&plain, "journey.read.failed"), of(&plain, "journey.write.failed"));
    for (reads, writes) in reads.iter().zip(&writes) {
        // 80 reads of which a quarter miss, as many as the 20 writes.
        assert!((reads - writes).abs() < 1e-6 * writes, "{reads} {writes}");
    }
}

#[test]
fn running_every_process_changes_nothing() {
    let errors = "[edge]\nkind = \"cloudfront\"\nhit-ratio = 0.75\nerror-caching = \"10s\"\nstale-if-error = 0.2";
    let both = format!("{}\n[[edge]]\nkind = \"global-accelerator\"", errors.replace("[edge]", "[[edge]]"));
    let gray = "kind = \"gray-failure\"\nerror = 0.9\nseen = 0.8\nduration = \"10m\"";
    for edge in [ACCELERATOR, errors, &both] {
        for fault in [OUTAGE, gray] {
            let (lazy, eager) = (opened(&text(edge, fault), false).source, opened(&text(edge, fault), true).source);
            for trial in 0..20 {
                let bits = |row: Vec<f64>| row.into_iter().map(f64::to_bits).collect::<Vec<_>>();
                assert_eq!(bits(row(&lazy, trial)), bits(row(&eager, trial)));
            }
        }
    }
}
