//! Services that clients enter and that others call as well: one cell, with load from both.

use models::deployment::{Clock, Observer};
use models::flow::Flow;
use sim_core::time::SimTime;

use crate::lab::{of, opened, row, rows, watched};

/// Two names: 80 requests/s enter `web`, which calls `api`, and 20 enter `api` by themselves, all of them in us-east-1.
fn text(api: &str, call: &str, rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n[dns]\npropagation = \"3s\"\n\
         [services.web]\nkind = \"managed\"\nneeds = [{{ call = \"api\"{call} }}]\n[services.api]\n{api}\n\
         [names.www]\nrecord = \"www\"\nttl = \"0s\"\n[records.www]\npolicy = \"simple\"\nanswers = [{{ to = \"web@us-east-1\" }}]\n\
         [names.orders]\nrecord = \"orders\"\nttl = \"0s\"\n[records.orders]\npolicy = \"simple\"\nanswers = [{{ to = \"api@us-east-1\" }}]\n\
         [[clients]]\nname = \"everybody\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
         [[journeys]]\nname = \"look\"\nshare = 0.8\nat = \"www\"\n[[journeys]]\nname = \"order\"\nshare = 0.2\nat = \"orders\"\n{rest}\n\
         [[faults]]\nkind = \"load-surge\"\nfactor = 1\nat = \"50m\"\nduration = \"1m\"\n"
    )
}

/// A service that carries so much.
fn carries(rate: u32) -> String {
    format!("kind = \"managed\"\nrequests-per-second = {rate}")
}

#[track_caller]
fn fails(text: &str, journey: &str, cause: &str, expected: f64) {
    let found = of(&rows(text, 1), &format!("journey.{journey}.cause.{cause}"))[0];
    assert!((found - expected).abs() <= 1e-6 * (1.0 + expected), "{found} of {journey} by {cause}, not {expected}");
}

#[test]
fn requests_and_calls_load_a_cell_together_and_it_sheds_the_same_share_of_both() {
    let text = text(&carries(50), "", "");
    // 80 + 20 come, and 50 find room.
    fails(&text, "look", "capacity", 80.0 * 0.5 * 3_600.0);
    fails(&text, "order", "capacity", 20.0 * 0.5 * 3_600.0);
}

#[test]
fn tries_of_calls_crowd_out_those_who_enter() {
    let text = text(&carries(50), ", attempts = 2", "");
    // 20 + 80 (1 + f) come, of which 50 find room: (1 - f)(100 + 80 f) = 50.
    let f = (-20.0 + f64::sqrt(400.0 + 4.0 * 80.0 * 50.0)) / 160.0;
    fails(&text, "look", "capacity", 80.0 * f * f * 3_600.0);
    fails(&text, "order", "capacity", 20.0 * f * 3_600.0);
}

#[test]
fn a_fault_of_the_service_fails_its_clients_at_the_endpoint_and_its_callers_as_a_dependency() {
    let gray = "[[faults]]\nkind = \"gray-failure\"\nservice = \"api\"\nregion = \"us-east-1\"\nerror = 0.5\nat = \"10m\"\nduration = \"10m\"";
    let text = text("kind = \"managed\"", "", gray);
    fails(&text, "look", "dependency", 80.0 * 0.5 * 600.0);
    fails(&text, "order", "no-path", 20.0 * 0.5 * 600.0);
}

#[test]
fn what_nobody_finds_full_changes_nothing_for_those_who_enter() {
    let quiet = text(&carries(1_000), "", "");
    for journey in ["look", "order"] {
        assert_eq!(of(&rows(&quiet, 1), &format!("journey.{journey}.failed"))[0], 0.0);
    }
}

/// The utilisation of the second endpoint when flows were first solved for.
#[derive(Default)]
struct Used(Option<f64>);

impl Observer for Used {
    fn began(&mut self, _: Clock) {}

    fn settled(&mut self, _: SimTime, flow: &Flow) {
        // `api` is the first service by name that runs everywhere: its cells are the fronts of the regions.
        self.0.get_or_insert(flow.utilization(0));
    }
}

#[test]
fn a_fleet_is_used_by_both() {
    let fleet = "kind = \"ec2-auto-scaling\"\ninstances = { desired = 4 }\nrequests-per-second = 50\nload-balancer = { kind = \"none\" }";
    let text = text(fleet, "", "");
    let used: Vec<Used> = watched(&text, 1);
    // 100 requests of 200; whichever of the two services has the fronts.
    let found = used[0].0.expect("flows settle");
    assert!((found - 0.5).abs() < 1e-9, "{found}");
}

#[test]
fn cells_with_load_from_both_are_the_same_eagerly() {
    let fleet = "kind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 2, max = 4 }\nrequests-per-second = 60\nkappa = 0.3\n\
         scaling = { target-utilization = 0.6, metric = \"requests\" }";
    let faults = "[[faults]]\nkind = \"instance-failures\"\nservice = \"api\"\nregion = \"us-east-1\"\nprobability = 0.6\nat = \"5m\"\nduration = \"10m\"\n\
         [[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.3\nat = \"20m\"\nduration = \"10m\"";
    let text = text(fleet, ", attempts = 2", faults).replace("ttl = \"0s\"", "ttl = \"60s\"");
    let text = text.replace("{ to = \"api@us-east-1\" }", "{ to = \"api@us-east-1\" }, { to = \"api@eu-west-1\" }");
    let bits = |eager: bool| -> Vec<Vec<u64>> {
        let experiment = opened(&text, eager);
        (0..5).map(|trial| row(&experiment.source, trial).into_iter().map(f64::to_bits).collect()).collect()
    };
    assert_eq!(bits(false), bits(true));
}
