//! Answers of several addresses: what a dead one costs those who go on to the next.

use models::deployment::Observer;
use models::flow::Flow;
use sim_core::time::SimTime;

use crate::lab::{figures, head, of, rows, watched};

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];

/// One population of 300 requests/s, led to three regions in equal parts.
fn text(clients: &str, faults: &str) -> String {
    let clients = format!("requests-per-second = 300\n{clients}");
    let dns = "policy = \"multivalue\"\nttl = \"60s\"\npropagation = \"3s\"";
    let head = head("horizon = \"30m\"", &REGIONS, dns, &[("browsers", "us-east-1", &clients)]);
    format!("{head}[[journeys]]\nname = \"page\"\nshare = 1\n{faults}")
}

fn outage(region: &str) -> String {
    format!("[[faults]]\nkind = \"region-outage\"\nregion = \"{region}\"\nat = \"10m\"\nduration = \"permanent\"\n")
}

/// The mean latency of what succeeds from minute 10 on, until anything else changes.
#[derive(Default)]
struct AfterTheFault(Option<f64>);

impl Observer for AfterTheFault {
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        if now.as_secs_f64() >= 600.0 && self.0.is_none() {
            self.0 = flow.mean_latency();
        }
    }
}

/// One of three is dead: nothing fails, with or without retries, and one request in three waits for 3 s, or for as long as
/// its client needs to give an address up. The round trips are those of the two that are left.
#[test]
fn a_dead_address_is_a_wait_and_no_failure() {
    let round_trips = "round-trip = { us-east-1 = \"10ms\", us-east-2 = \"20ms\", us-west-2 = \"70ms\" }\n";
    for (clients, wait) in [("", 3.0), ("retries = { attempts = 3 }", 3.0), ("connect-timeout = \"9s\"", 9.0)] {
        let text = text(&format!("{round_trips}{clients}"), &outage("us-west-2"));
        assert!(figures(&text, "journey.page.failed", 5).iter().all(|&failed| failed < 1e-6), "{clients}");
        for AfterTheFault(latency) in watched::<AfterTheFault>(&text, 3) {
            let latency = latency.expect("something succeeds");
            assert!((latency - (0.015 + wait / 3.0)).abs() < 1e-9, "{clients}: {latency}");
        }
    }
}

/// Two of three are dead and a client waits 5 s: whoever meets both first has waited 6 s when the live one would answer. That
/// is a third of all, until DNS sees the first of the two turn (each trial has one instant of that) and answers without it.
/// Retries do not help: the time is up.
#[test]
fn who_waits_for_longer_than_the_client_does_gives_up() {
    let impatient = |clients: &str| {
        let text = text(
            &format!("timeout = \"5s\"\ncohorts = 1\n{clients}"),
            &[outage("us-east-1"), outage("us-west-2")].concat(),
        );
        rows(&text, 200)
    };
    let (once, thrice) = (impatient(""), impatient("retries = { attempts = 3 }"));
    assert_eq!(of(&once, "journey.page.failed"), of(&thrice, "journey.page.failed"));
    assert_eq!(of(&once, "journey.page.cause.slow"), of(&once, "journey.page.failed"));
    for (failed, recovery) in of(&once, "journey.page.failed").iter().zip(of(&once, "journey.page.recovery_s")) {
        // 100 requests/s fail, until the only resolver takes an answer that leaves one of the two out.
        assert!((failed - 100.0 * recovery).abs() < 1e-6 * failed, "{failed} {recovery}");
        assert!(*failed > 0.0);
    }
}

/// All are dead: every request fails, and each endpoint has a third of the blame.
#[test]
fn where_all_addresses_are_dead_everything_fails() {
    let faults: String = REGIONS.iter().map(|region| outage(region)).collect();
    let table = rows(&text("", &format!("{faults}[regions.us-east-2.dns]\nhealth-check = false\n")), 20);
    for (failed, unguarded) in of(&table, "journey.page.failed").iter().zip(of(&table, "journey.page.cause.no-path")) {
        assert!((failed - 300.0 * 1_200.0).abs() < 1e-6);
        // The one without a check is in every answer, and in the end it is alone in them.
        assert!((120_000.0..=360_000.0).contains(&unguarded), "{unguarded}");
    }
}

/// An error is an answer: nobody goes on from it. A retry is another walk: of a third that fails, a third of a third is left.
#[test]
fn an_error_is_tried_elsewhere_only_by_a_retry() {
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-west-2\"\nerror = 1\nseen = 0\nat = \"10m\"\n\
                duration = \"10m\"\n";
    for (attempts, share) in [(1, 1.0 / 3.0), (2, 1.0 / 9.0), (3, 1.0 / 27.0)] {
        for failed in figures(&text(&format!("retries = {{ attempts = {attempts} }}"), gray), "journey.page.failed", 2)
        {
            assert!((failed - 300.0 * 600.0 * share).abs() < 1e-6, "{attempts}: {failed}");
        }
    }
}
