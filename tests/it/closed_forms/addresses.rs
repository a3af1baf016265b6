//! Answers with several addresses within a tree, and beside other names: a client goes on to the addresses of its answer alone.

use models::deployment::Observer;
use models::flow::Flow;
use sim_core::time::SimTime;

use crate::lab::{figures, of, rows, watched};

const REGIONS: &str = "[regions.us-east-1]\n[regions.us-east-2]\n[regions.eu-west-1]\n";

fn outage(region: &str) -> String {
    format!("[[faults]]\nkind = \"region-outage\"\nregion = \"{region}\"\nat = \"10m\"\nduration = \"permanent\"\n")
}

fn record(name: &str, policy: &str, answers: &str) -> String {
    format!("[records.{name}]\npolicy = \"{policy}\"\nanswers = [{answers}]\n")
}

/// One population of 100 requests/s whose resolvers keep nothing and that nobody checks anything for, with these records behind
/// www, and what else there is.
fn text(records: &str, clients: &str, rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n{REGIONS}[names.www]\nrecord = \"top\"\nttl = \"0s\"\n{records}\
         [[clients]]\nname = \"everybody\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
         round-trip = {{ us-east-1 = \"10ms\", us-east-2 = \"20ms\", eu-west-1 = \"70ms\" }}\n{clients}\n{rest}"
    )
}

const VISIT: &str = "[[journeys]]\nname = \"visit\"\nshare = 1\n";

/// Seven in ten are given both regions of the United States, the others the one of Europe.
fn tree() -> String {
    let top = record("top", "weighted", "{ to = \"us\", weight = 70 }, { to = \"eu-west-1\", weight = 30 }");
    let us = record("us", "multivalue", "{ to = \"us-east-1\" }, { to = \"us-east-2\" }");
    format!("{top}{us}")
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
}

/// The mean latency of what succeeds from minute 10 on.
#[derive(Default)]
struct AfterTheFault(Option<f64>);

impl Observer for AfterTheFault {
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        if now.as_secs_f64() >= 600.0 && self.0.is_none() {
            self.0 = flow.mean_latency();
        }
    }
}

/// Half of those who have both addresses ask the dead one first, and wait for 3 s. Nobody of the others ever meets it.
#[test]
fn a_dead_address_costs_those_whose_answer_has_it() {
    let text = text(&tree(), "", &format!("{VISIT}{}", outage("us-east-1")));
    assert!(figures(&text, "journey.visit.failed", 3).iter().all(|&failed| failed < 1e-6));
    for AfterTheFault(latency) in watched::<AfterTheFault>(&text, 2) {
        near(latency.expect("something succeeds"), 0.7 * (0.020 + 3.0 / 2.0) + 0.3 * 0.070);
    }
}

/// A client that waits for 2 s gives up before the second address answers.
#[test]
fn who_gives_up_is_of_the_answer_with_the_dead_address() {
    let text = text(&tree(), "timeout = \"2s\"", &format!("{VISIT}{}", outage("us-east-1")));
    let table = rows(&text, 1);
    near(of(&table, "journey.visit.cause.slow")[0], 100.0 * 0.7 / 2.0 * 3_000.0);
    near(of(&table, "journey.visit.failed")[0], 100.0 * 0.7 / 2.0 * 3_000.0);
}

/// Where all addresses of an answer are dead, the live ones of other answers do not help.
#[test]
fn other_answers_do_not_help_where_all_addresses_of_one_are_dead() {
    let both = [outage("us-east-1"), outage("us-east-2")].concat();
    let text = text(&tree(), "", &format!("{VISIT}{both}"));
    near(of(&rows(&text, 1), "journey.visit.cause.no-path")[0], 100.0 * 0.7 * 3_000.0);
}

/// Each name has answers of its own: one with two addresses, one with the dead one alone.
#[test]
fn names_with_several_addresses_stand_beside_others() {
    let www = record("top", "multivalue", "{ to = \"us-east-1\" }, { to = \"us-east-2\" }");
    let api = "[names.api]\nrecord = \"api\"\nttl = \"0s\"\n";
    let only = record("api", "simple", "{ to = \"us-east-1\" }");
    let journeys = "[[journeys]]\nname = \"look\"\nat = \"www\"\nshare = 0.8\n\
                    [[journeys]]\nname = \"order\"\nat = \"api\"\nshare = 0.2\n";
    let text = text(&format!("{www}{api}{only}"), "", &format!("{journeys}{}", outage("us-east-1")));
    let table = rows(&text, 1);
    assert!(of(&table, "journey.look.failed")[0] < 1e-6);
    near(of(&table, "journey.order.cause.no-path")[0], 20.0 * 3_000.0);
}

/// A record above that has nothing else makes no difference, and neither does an answer that is never given.
#[test]
fn a_record_above_that_chooses_nothing_changes_nothing() {
    let both = [outage("us-east-1"), outage("us-east-2")].concat();
    let addresses = "{ to = \"us-east-1\", health-check = \"east\" }, { to = \"us-east-2\" }, { to = \"eu-west-1\" }";
    let check = "[health-checks.east]\nendpoint = \"us-east-1\"\ninterval = \"10s\"\n";
    let with = |records: &str| text(&format!("{records}{check}"), "timeout = \"5s\"", &format!("{VISIT}{both}"));
    let alone = with(&record("top", "multivalue", addresses));
    let under =
        with(&format!("{}{}", record("top", "failover", "{ to = \"some\" }"), record("some", "multivalue", addresses)));
    let idle = record("top", "failover", "{ to = \"some\", evaluate-target-health = false }, { to = \"us-east-2\" }");
    let idle = with(&format!("{idle}{}", record("some", "multivalue", addresses)));
    for column in ["journey.visit.failed", "journey.visit.recovery_s", "journey.visit.cause.slow"] {
        let expected = figures(&alone, column, 20);
        assert!(expected.iter().any(|figure| *figure > 0.0), "{column}");
        for text in [&under, &idle] {
            figures(text, column, 20).into_iter().zip(&expected).for_each(|(found, &expected)| near(found, expected));
        }
    }
}
