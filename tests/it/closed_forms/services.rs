//! Services that call each other: loads, shares and instants that follow from arithmetic alone.
//!
//! One attempt at a tier works with p = (1 - impaired) (1 - f) times what its needs let pass. A call with k attempts fails with
//! (1 - p)^k and makes (1 - (1 - p)^k) / p of them. A tier that carries C of a load L > C fails f = 1 - C / L of it.

use models::deployment::{Happening, Observer};
use models::flow::Flow;
use models::ids::{CellId, ServiceId};
use sim_core::time::SimTime;

use crate::lab::{Diary, SECOND, figures, of, open, row, rows, watched};
use mrsim::run::Trials as _;

/// The flows at the end of a trial.
#[derive(Default)]
pub(super) struct AtTheEnd(pub(super) Flow);

impl Observer for AtTheEnd {
    fn settled(&mut self, _: SimTime, flow: &Flow) {
        self.0 = flow.clone();
    }
}

/// Two regions with a latency record; 100 requests/s near the first, so many attempts each.
pub(super) fn text(attempts: u32, services: &str, rest: &str) -> String {
    format!(
        r#"
        name = "services"
        horizon = "2h"
        [regions.us-east-1]
        [regions.eu-west-1]
        [dns]
        policy = "latency"
        health-check = false
        {services}
        [[journeys]]
        name = "buy"
        share = 1
        enters = "web"
        [[clients]]
        name = "everybody"
        near = "us-east-1"
        requests-per-second = 100
        cohorts = 1
        retries = {{ attempts = {attempts} }}
        {rest}"#
    )
}

pub(super) fn impaired(service: &str, region: &str, error: f64, lasts: &str) -> String {
    let place = if region.is_empty() { String::new() } else { format!("region = \"{region}\"\n") };
    format!(
        "[[faults]]\nkind = \"service-impairment\"\nservice = \"{service}\"\n{place}error = {error}\nat = \"10m\"\n\
         duration = \"{lasts}\"\n"
    )
}

/// The cell of a service in the first region.
fn cell(text: &str, service: &str) -> CellId {
    let topology = open(text).source;
    let graph = &topology.topology().graph;
    let id = graph.services.position(|own| own.name == service).expect("the service is there");
    graph.cell(id, crate::lab::FIRST).expect("it is called")
}

pub(super) fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
}

#[test]
fn retries_at_two_levels_multiply() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"pay\", attempts = 4 }]\n\
                    [services.pay]\nkind = \"managed\"\n";
    for (attempts, error) in [(3_u32, 1.0), (1, 1.0), (3, 0.4)] {
        let text = text(attempts, services, &impaired("pay", "us-east-1", error, "permanent"));
        let flow = watched::<AtTheEnd>(&text, 1).remove(0).0;
        // Each attempt of a client makes 1 + q + q^2 + q^3 tries, and fails with q^4.
        let tries = |q: f64, most: u32| (0..most).map(|tried| q.powi(tried.cast_signed())).sum::<f64>();
        let failed = error.powi(4);
        let expected = 100.0 * tries(failed, attempts) * tries(error, 4);
        close(flow.load[cell(&text, "pay").index()], expected);
        close(flow.journeys[0].failed, 100.0 * failed.powi(attempts.cast_signed()));
        if error == 1.0 {
            close(expected, 100.0 * f64::from(attempts) * 4.0);
        }
    }
}

#[test]
fn a_dependency_that_two_share_fails_each_need_by_itself_and_soft_needs_fail_nobody() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"a\" }, { call = \"b\" }, { call = \"c\", soft = true }]\n\
                    [services.a]\nkind = \"managed\"\nneeds = [{ call = \"keys\" }]\n\
                    [services.b]\nkind = \"managed\"\nneeds = [{ call = \"keys\" }]\n\
                    [services.c]\nkind = \"managed\"\nneeds = [{ call = \"keys\" }]\n\
                    [services.keys]\nkind = \"external\"\nplace = \"us-east-1\"\n";
    let text = text(1, services, &impaired("keys", "", 0.3, "permanent"));
    let flow = watched::<AtTheEnd>(&text, 1).remove(0).0;
    close(flow.journeys[0].failed, 100.0 * (1.0 - 0.7 * 0.7));
    // Of those that get through, 30 % miss the soft one.
    close(flow.journeys[0].degraded, 100.0 * 0.49 * 0.3);
    // The second is asked by what the first let pass, the third by what the second did.
    close(flow.load[cell(&text, "keys").index()], 100.0 * (1.0 + 0.7 + 0.49));
    // All of it is the fault of one part.
    close(flow.blamed.iter().sum::<f64>(), 51.0);
}

#[test]
fn a_tier_without_room_serves_what_it_carries_however_often_it_is_asked() {
    for tries in [1_u32, 3, 7] {
        let services = format!(
            "[services.web]\nkind = \"managed\"\nneeds = [{{ call = \"pay\", attempts = {tries} }}]\n\
             [services.pay]\nkind = \"managed\"\nrequests-per-second = 40\n"
        );
        let text = text(1, &services, "");
        let flow = watched::<AtTheEnd>(&text, 1).remove(0).0;
        // 100 (1 - f^k) = 40.
        assert!((flow.journeys[0].failed - 60.0).abs() < 1e-8, "{}", flow.journeys[0].failed);
        let f = 0.6_f64.powf(1.0 / f64::from(tries));
        let load = 100.0 * (1.0 - 0.6) / (1.0 - f);
        assert!((flow.load[cell(&text, "pay").index()] - load).abs() < 1e-6, "{tries}");
    }
}

/// What the tiers of a chain shed, by the plain way: all f move half of the way to what their loads say, until none moves.
fn plain(rate: f64, attempts: [u32; 3], carries: [f64; 3], kappa: f64, from: [f64; 3]) -> [f64; 3] {
    let mut f = from;
    for _ in 0..10_000 {
        let mut pass = [0.0; 3];
        let tries = |q: f64, most: u32| (0..most).map(|tried| q.powi(tried.cast_signed())).sum::<f64>();
        pass[2] = 1.0 - f[2];
        let available = |pass: f64, most: u32| 1.0 - (1.0 - pass).powi(most.cast_signed());
        pass[1] = (1.0 - f[1]) * available(pass[2], attempts[2]);
        pass[0] = (1.0 - f[0]) * available(pass[1], attempts[1]);
        let first = rate * tries(1.0 - pass[0], attempts[0]);
        let second = first * (1.0 - f[0]) * tries(1.0 - pass[1], attempts[1]);
        let third = second * (1.0 - f[1]) * tries(1.0 - pass[2], attempts[2]);
        let mut moved = false;
        for (tier, load) in [first, second, third].into_iter().enumerate() {
            let x = load / carries[tier];
            let says = if x <= 1.0 { 0.0 } else { 1.0 - (1.0 - kappa * (x - 1.0)).max(0.2) / x };
            let next = f64::midpoint(f[tier], says);
            moved |= (next - f[tier]).abs() > 1e-13;
            f[tier] = next;
        }
        if !moved {
            break;
        }
    }
    f
}

#[test]
fn three_tiers_shed_what_the_plain_way_ends_at_before_during_and_after_a_surge() {
    let mut storms = 0;
    for (attempts, carries, kappa) in [
        ([1, 1, 1], [1_000.0, 90.0, 50.0], 0.0),
        ([2, 2, 2], [1_000.0, 150.0, 120.0], 0.3),
        ([3, 1, 2], [300.0, 130.0, 110.0], 0.5),
        ([3, 3, 1], [110.0, 130.0, 105.0], 0.8),
        ([1, 4, 2], [400.0, 101.0, 130.0], 0.2),
        ([2, 1, 3], [120.0, 260.0, 115.0], 1.2),
    ] {
        let tier = |name: &str, carries: f64, needs: &str| {
            format!(
                "[services.{name}]\nkind = \"ec2-auto-scaling\"\nrequests-per-second = {carries}\nkappa = {kappa}\n\
                 goodput-floor = 0.2\ninstances = {{ desired = 1, min = 1, max = 1 }}\nlaunch-time = \"60s\"\nneeds = [{needs}]\n"
            )
        };
        let call = |name: &str, attempts: u32| format!("{{ call = \"{name}\", attempts = {attempts} }}");
        let services = tier("web", carries[0], &call("pay", attempts[1]))
            + &tier("pay", carries[1], &call("bank", attempts[2]))
            + &tier("bank", carries[2], "");
        let surge = "[[faults]]\nkind = \"load-surge\"\nfactor = 2.5\nat = \"10m\"\nduration = \"5m\"\n";
        let text = text(attempts[0], &services, surge);
        #[derive(Default)]
        struct Ways(Vec<(SimTime, Vec<f64>, f64)>);
        impl Observer for Ways {
            fn settled(&mut self, now: SimTime, flow: &Flow) {
                self.0.push((now, flow.load.clone(), flow.journeys[0].failed));
            }
        }
        let ways = watched::<Ways>(&text, 1).remove(0).0;
        let failed = |minute: f64| {
            let known = ways.iter().rev().find(|(now, ..)| now.as_secs_f64() <= minute * 60.0);
            known.expect("flows are told from the start").2
        };
        let (mut f, none) = ([0.0; 3], [0.0; 3]);
        for (minute, rate) in [(5.0, 100.0), (12.0, 250.0), (100.0, 100.0)] {
            f = plain(rate, attempts, carries, kappa, f);
            let available = |pass: f64, most: u32| 1.0 - (1.0 - pass).powi(most.cast_signed());
            let pay = (1.0 - f[1]) * available(1.0 - f[2], attempts[2]);
            let pass = (1.0 - f[0]) * available(pay, attempts[1]);
            let expected = rate * (1.0 - pass).powi(attempts[0].cast_signed());
            assert!((failed(minute) - expected).abs() < 1e-6 * rate, "{minute}: {} and {expected}", failed(minute));
            if minute == 100.0 && f != none && plain(rate, attempts, carries, kappa, none) == none {
                storms += 1;
            }
        }
    }
    assert!(storms > 0, "one of them stays down when the surge is over");
}

#[test]
fn calls_to_the_nearest_follow_what_is_seen_both_ways() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"keys\", to = \"nearest\", detect = \"25s\" }]\n\
                    [services.keys]\nkind = \"managed\"\n";
    // Wholly impaired: callers go elsewhere after 25 s. A share of it moves nobody.
    let rto = |error: f64, lasts: &str| {
        figures(&text(1, services, &impaired("keys", "us-east-1", error, lasts)), "journey.buy.downtime_s", 1)[0]
    };
    assert_eq!(rto(1.0, "10m"), 25.0);
    assert_eq!(rto(1.0, "10s"), 10.0);
    assert_eq!(rto(0.5, "10m"), 600.0);
    // A failure of 20 s is seen for 20 s, when it is over; the other region serves meanwhile.
    assert_eq!(rto(1.0, "24s"), 24.0);
}

#[test]
fn deep_checks_of_services_know_them_from_the_first_instant_of_every_trial() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"payment\" }]\n\
                    [services.payment]\nkind = \"managed\"\n";
    let fault = impaired("payment", "us-east-1", 1.0, "permanent");
    let check = "health-check = { interval = \"10s\", deep = [{ call = \"payment\" }] }";
    let text = text(1, services, &fault).replace("health-check = false", check);
    // No answer changes before the fault, in no trial.
    for diary in watched::<Diary>(&text, 3) {
        let changed = diary.first(|what| matches!(what, Happening::AnswerChanged { .. }));
        assert!(changed.is_some_and(|after| after > 0.0), "{changed:?}");
    }
    // Nor does a trial know how the one before it ended.
    let source = open(&text).source;
    let alone: Vec<Vec<u64>> = (0..3).map(|trial| bits(&row(&source, trial))).collect();
    let after: Vec<Vec<u64>> = {
        let mut worker = source.worker();
        let mut one = |trial| {
            let mut row = vec![0.0; source.columns().len()];
            source.run(&mut worker, trial, &mut row, &mut Vec::new());
            bits(&row)
        };
        (0..3).map(&mut one).collect()
    };
    assert_eq!(alone, after);
}

fn bits(row: &[f64]) -> Vec<u64> {
    row.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_call_into_a_fixed_region_goes_with_that_region_and_a_local_one_does_not() {
    let services = |to: &str| {
        format!(
            "[services.web]\nkind = \"managed\"\nneeds = [{{ call = \"identity\", to = \"{to}\" }}]\n\
             [services.identity]\nkind = \"managed\"\n"
        )
    };
    let outage = "[[faults]]\nkind = \"region-outage\"\nregion = \"eu-west-1\"\nat = \"10m\"\nduration = \"20m\"\n";
    let down = |to: &str| figures(&text(1, &services(to), outage), "journey.buy.downtime_s", 1)[0];
    assert_eq!((down("eu-west-1"), down("local")), (1_200.0, 0.0));
    let cut = "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"10m\"\nduration = \"20m\"\n";
    let down = |to: &str| figures(&text(1, &services(to), cut), "journey.buy.downtime_s", 1)[0];
    assert_eq!((down("eu-west-1"), down("local")), (1_200.0, 0.0));
}

#[test]
fn failures_are_told_by_part_and_cause() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"pay\" }]\n\
                    [services.pay]\nkind = \"managed\"\nrequests-per-second = 80\n";
    let text = text(1, services, &impaired("pay", "us-east-1", 0.1, "10m"));
    let table = rows(&text, 1);
    // All the time 20 of 100 find no room. While a tenth is impaired, a fifth of the rest does not.
    close(of(&table, "part.pay@us-east-1.cause.capacity")[0], 20.0 * 6_600.0 + 18.0 * 600.0);
    close(of(&table, "part.pay@us-east-1.cause.dependency")[0], 10.0 * 600.0);
    close(of(&table, "part.pay@eu-west-1.cause.capacity")[0], 0.0);
}

/// What `[compute]` and `[load-balancer]` say, and the same as a graph.
#[test]
fn the_short_form_is_the_graph_that_it_stands_for() {
    let stack = "kind = \"ec2-auto-scaling\"\nrequests-per-second = 60\nzones = 3\ninstances = { desired = 4, min = 2, max = 9 }\n\
                 launch-time = \"70s\"\nscaling = { target-utilization = 0.5, metric = \"cpu\" }\n";
    let check = "target-health-check = { interval = \"10s\" }\n";
    let faults = "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"15m\"\n\
                  [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"50m\"\nduration = \"15m\"\n";
    let short = text(2, &format!("[compute]\n{stack}[load-balancer]\n{check}"), faults).replace("enters = \"web\"", "");
    let graph = text(2, &format!("[services.web]\n{stack}[services.web.load-balancer]\n{check}"), faults);
    let (one, other) = (rows(&short, 20), rows(&graph, 20));
    assert_eq!(one.columns().names(), other.columns().names());
    for name in one.columns().names() {
        let bits = |table| of(table, name).into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(&one), bits(&other), "{name}");
    }
}

#[test]
fn the_order_of_services_changes_no_bit_and_a_tier_with_room_changes_nothing() {
    let pay =
        "[services.pay]\nkind = \"managed\"\nrequests-per-second = 70\nneeds = [{ call = \"bank\", attempts = 2 }]\n";
    let bank = "[services.bank]\nkind = \"external\"\nplace = \"eu-west-1\"\n";
    let web = |needs: &str| format!("[services.web]\nkind = \"managed\"\nneeds = [{needs}]\n");
    let fault = impaired("bank", "", 0.4, "20m");
    let call = "{ call = \"pay\", attempts = 2 }";
    let rows_of = |services: String| rows(&text(2, &services, &fault), 5);
    let (one, other) = (rows_of(web(call) + pay + bank), rows_of(bank.to_owned() + pay + &web(call)));
    for name in one.columns().names() {
        let bits = |table| of(table, name).into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(&one), bits(&other), "{name}");
    }
    // A tier between them that is always well and has room.
    let through = "[services.through]\nkind = \"managed\"\nneeds = [{ call = \"pay\", attempts = 2 }]\n";
    let more = rows_of(web("{ call = \"through\" }") + through + pay + bank);
    for name in ["journey.buy.failed", "journey.buy.recovery_s", "journey.buy.cause.capacity"] {
        for (one, more) in of(&one, name).into_iter().zip(of(&more, name)) {
            if one != more {
                close(more, one);
            }
        }
    }
}

/// Requests that walk through a graph one by one, each with dice of its own, fare as the flows say.
#[test]
fn single_requests_agree_with_the_flows() {
    // web calls a (2 tries) and softly b; a calls c (3 tries); b calls c; c fails 35 %, a 10 % by itself.
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"a\", attempts = 2 }, { call = \"b\", soft = true }]\n\
                    [services.a]\nkind = \"managed\"\nneeds = [{ call = \"c\", attempts = 3 }]\n\
                    [services.b]\nkind = \"managed\"\nneeds = [{ call = \"c\" }]\n\
                    [services.c]\nkind = \"managed\"\n";
    let faults = impaired("c", "us-east-1", 0.35, "permanent") + &impaired("a", "us-east-1", 0.1, "permanent");
    let text = text(2, services, &faults);
    let flow = watched::<AtTheEnd>(&text, 1).remove(0).0;
    let mut dice = crate::lab::Dice::new(11);
    let (mut failed, mut degraded, mut asked) = (0.0, 0.0, 0.0);
    let requests = 200_000;
    for _ in 0..requests {
        let mut c = |dice: &mut crate::lab::Dice| {
            asked += 1.0;
            dice.uniform() >= 0.35
        };
        let mut worked = None;
        for _ in 0..2 {
            let a = (0..2).any(|_| dice.uniform() >= 0.1 && (0..3).any(|_| c(&mut dice)));
            if a {
                worked = Some(c(&mut dice));
                break;
            }
        }
        failed += f64::from(u8::from(worked.is_none()));
        degraded += f64::from(u8::from(worked == Some(false)));
    }
    let share = |count: f64| count / f64::from(requests);
    // Six standard errors of a share: a correct program fails once in 10^8 times. Calls of c per request lie between 1 and 14.
    let error = |p: f64| 6.0 * (p * (1.0 - p) / f64::from(requests)).sqrt();
    let (fails, lacks) = (flow.journeys[0].failed / 100.0, flow.journeys[0].degraded / 100.0);
    assert!((share(failed) - fails).abs() < error(fails), "{} and {fails}", share(failed));
    assert!((share(degraded) - lacks).abs() < error(lacks), "{} and {lacks}", share(degraded));
    let calls = flow.load[cell(&text, "c").index()] / 100.0;
    assert!((share(asked) - calls).abs() < 6.0 * 1.5 / f64::from(requests).sqrt(), "{} and {calls}", share(asked));
}

/// A region that the second one's services run without.
#[test]
fn a_service_that_one_region_lacks_is_called_in_the_nearest_that_has_it() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"ledger\" }]\n\
                    [services.ledger]\nkind = \"managed\"\nregions = [\"eu-west-1\"]\n";
    let text = text(1, services, "");
    let source = open(&text).source;
    let graph = &source.topology().graph;
    let ledger: ServiceId = graph.services.position(|service| service.name == "ledger").expect("it is there");
    let flow = watched::<AtTheEnd>(&text, 1).remove(0).0;
    close(flow.load[graph.cell(ledger, SECOND).expect("it is called").index()], 100.0);
}
