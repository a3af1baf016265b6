//! What operators do by parts: shifts of a share, ramps, shed load, bad deployments and their rollback.
//!
//! Everything is constant here: clients follow DNS at once, and nothing is drawn that a figure depends on.

use crate::lab::{head, of, rows};

const MINUTE: f64 = 60.0;
const RATE: f64 = 100.0;

/// Two regions for an hour; everybody is led to the first one, without a check and without a cache.
fn text(whole: &str, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\n{whole}"),
        &["us-east-1", "eu-west-1"],
        "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\nttl = \"0s\"\npropagation = \"0s\"\n\
         record-edit = \"1s\"\nhealth-check = false",
        &[("all", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!("{head}{rest}")
}

const ONE_JOURNEY: &str = "[[journeys]]\nname = \"buy\"\nshare = 1\n";

/// A runbook that is planned for minute 10.
fn planned(steps: &str) -> String {
    format!("[[runbooks]]\nname = \"work\"\non = {{ at = \"10m\" }}\nhosted-in = [\"eu-west-1\"]\nsteps = [{steps}]\n")
}

/// A region that fails a share of requests from the first instant on.
fn gray(region: &str, error: f64) -> String {
    format!(
        "[[faults]]\nkind = \"gray-failure\"\nregion = \"{region}\"\nerror = {error}\nseen = 0\nat = \"0s\"\n\
         duration = \"permanent\"\n"
    )
}

#[track_caller]
fn one(text: &str, column: &str) -> f64 {
    let found = of(&rows(text, 2), column);
    assert!(found[0] == found[1] || (found[0] - found[1]).abs() < 1e-6, "nothing is drawn: {found:?}");
    found[0]
}

#[track_caller]
fn is(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} instead of {expected}");
}

/// A share s of the traffic meets what the whole of it would meet.
#[test]
fn a_shift_of_a_share_exposes_that_share() {
    // An edit of records is seen a second later.
    for (means, rest) in [("arc", 50.0 * MINUTE), ("record-edit", 50.0 * MINUTE - 1.0)] {
        for share in [0.0625, 0.3, 1.0] {
            let step = format!("{{ shift = \"{means}\", to = \"eu-west-1\", share = {share} }}");
            let text = text("", &format!("{ONE_JOURNEY}{}{}", planned(&step), gray("eu-west-1", 0.5)));
            is(one(&text, "journey.buy.failed"), RATE * 0.5 * share * rest);
        }
    }
}

/// In n equal parts, `every` apart and the first at once, the exposure before the last part is that of
/// every x (1 + .. + (n - 1)) / n = every (n - 1) / 2.
#[test]
fn a_ramp_exposes_the_integral_of_its_steps() {
    for (parts, share) in [(1, 1.0), (4, 1.0), (5, 0.4)] {
        let every = 2.0 * MINUTE;
        let step = format!(
            "{{ shift = \"arc\", to = \"eu-west-1\", share = {share}, ramp = {{ steps = {parts}, every = \"2m\" }} }}"
        );
        let text = text("", &format!("{ONE_JOURNEY}{}{}", planned(&step), gray("eu-west-1", 0.5)));
        let n = f64::from(parts);
        let whole = 50.0 * MINUTE - every * (n - 1.0);
        is(one(&text, "journey.buy.failed"), RATE * 0.5 * share * (every * (n - 1.0) / 2.0 + whole));
    }
}

/// A later shift by the same means takes the place of the earlier one, and a region that is let back ends it.
#[test]
fn shifts_of_a_share_replace_each_other() {
    let steps = "{ shift = \"arc\", to = \"eu-west-1\", share = 0.5 }, { wait = \"10m\" }, \
                 { shift = \"arc\", to = \"eu-west-1\", share = 0.2 }, { wait = \"10m\" }, { readmit = \"us-east-1\" }";
    let text = text("", &format!("{ONE_JOURNEY}{}{}", planned(steps), gray("eu-west-1", 1.0)));
    is(one(&text, "journey.buy.failed"), RATE * 10.0 * MINUTE * (0.5 + 0.2));
}

/// The parts of a step side by side take as long as the longest branch.
#[test]
fn branches_side_by_side_take_the_longest() {
    let parallel = "{ parallel = [[{ wait = \"3m\" }, { wait = \"4m\" }], [{ wait = \"5m\" }]] }, \
                    { shift = \"arc\", to = \"eu-west-1\" }";
    let text = text("", &format!("{ONE_JOURNEY}{}{}", planned(parallel), gray("eu-west-1", 1.0)));
    is(one(&text, "journey.buy.failed"), RATE * (50.0 - 7.0) * MINUTE);
}

/// What is refused fails as `no-path`, reaches nobody, and is let in again in equal parts.
#[test]
fn shed_load_fails_at_the_edge_and_returns_by_equal_parts() {
    let journeys = "[[journeys]]\nname = \"buy\"\nshare = 0.75\n[[journeys]]\nname = \"look\"\nshare = 0.25\n";
    for (whom, buy, look) in [("\"all\"", 0.75, 0.25), ("{ journey = \"look\" }", 0.0, 0.25)] {
        let steps = format!(
            "{{ shed = {whom}, share = 0.4 }}, {{ wait = \"10m\" }}, \
             {{ admit = {whom}, ramp = {{ steps = 4, every = \"1m\" }} }}"
        );
        let table = rows(&text("", &format!("{journeys}{}", planned(&steps))), 1);
        // 0.4 for ten minutes, then 0.3, 0.2 and 0.1 for a minute each.
        let refused = RATE * 0.4 * (10.0 + 0.75 + 0.5 + 0.25) * MINUTE;
        for (journey, share) in [("buy", buy), ("look", look)] {
            let figure = |column: &str| of(&table, &format!("journey.{journey}.{column}"))[0];
            is(figure("failed"), refused * share);
            is(figure("cause.no-path"), refused * share);
            is(figure("offered"), RATE * 3_600.0 * if journey == "buy" { 0.75 } else { 0.25 });
        }
        is(of(&table, "population.all.failed")[0], refused * (buy + look));
        is(of(&table, "population.all.offered")[0], RATE * 3_600.0);
    }
}

/// Four instances carry 60 of 100 requests per second. Where 40 of them are refused the rest all succeed, and where 20 are,
/// the fleet sheds 20 of the 80.
#[test]
fn shed_load_loads_nobody() {
    let compute = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { desired = 4 }\nrequests-per-second = 15\n";
    for (share, refused, overload) in [(0.4, 40.0, 0.0), (0.2, 20.0, 20.0), (0.7, 70.0, 0.0), (1.0, 100.0, 0.0)] {
        let steps = format!("{{ shed = {{ journey = \"buy\" }}, share = {share} }}");
        let table = rows(&text("", &format!("{compute}{ONE_JOURNEY}{}", planned(&steps))), 1);
        let figure = |column: &str| of(&table, &format!("journey.buy.{column}"))[0];
        is(figure("cause.no-path"), refused * 50.0 * MINUTE);
        // Before the work the fleet sheds 40 of 100.
        let capacity = 40.0 * 10.0 * MINUTE + overload * 50.0 * MINUTE;
        assert!(
            (figure("cause.capacity") - capacity).abs() < 1e-6 * capacity,
            "{} {capacity}",
            figure("cause.capacity")
        );
    }
}

/// The copy of a store carries 50 writes per second, and a step lets it carry more.
#[test]
fn a_store_is_scaled_by_a_factor() {
    for (factor, sheds) in [(1.0, 50.0), (1.5, 25.0), (3.0, 0.0)] {
        let store = "[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\ncapacity = { writes = 50 }\n";
        let journey = "[[journeys]]\nname = \"buy\"\nshare = 1\nneeds = [{ write = \"orders\" }]\n";
        let step = format!("{{ scale = {factor}, store = \"orders\", to = \"us-east-1\" }}");
        let text = text("", &format!("{store}{journey}{}", planned(&step)));
        let failed = one(&text, "journey.buy.failed");
        let expected = (50.0 * 10.0 + sheds * 50.0) * MINUTE;
        assert!((failed - expected).abs() < 1e-6 * expected, "{failed} instead of {expected}");
    }
}

/// A zone of three holds two of six instances, each of which carries 25 of 100 requests per second.
#[test]
fn a_zonal_shift_takes_the_zone_out_of_rotation_at_once() {
    let fleet = |instances: u64| {
        format!(
            "[compute]\nkind = \"ec2-auto-scaling\"\nzones = 3\ninstances = {{ desired = {instances} }}\n\
             requests-per-second = 25\n"
        )
    };
    let outage = "[[faults]]\nkind = \"instance-failures\"\nregion = \"us-east-1\"\nprobability = 0\nat = \"0s\"\n\
                  duration = \"permanent\"\n";
    for (instances, left) in [(6, 4.0), (3, 2.0)] {
        let step = "{ zonal-shift = \"b\", to = \"us-east-1\" }";
        let text = text("", &format!("{}{ONE_JOURNEY}{}{outage}", fleet(instances), planned(step)));
        let shed = |count: f64| (RATE - 25.0 * count).max(0.0);
        let expected = (shed(instances as f64) * 10.0 + shed(left) * 50.0) * MINUTE;
        let failed = one(&text, "journey.buy.failed");
        assert!((failed - expected).abs() <= 1e-6 * expected.max(1.0), "{failed} instead of {expected}");
    }
}

/// A deployment that fails half of the requests comes to the first region at minute 20 and to the second four minutes later,
/// and a rollback ends it. Half of the traffic is in each.
#[test]
fn a_bad_deployment_fails_what_it_has_come_to_until_it_is_rolled_back() {
    let clients = "[[clients]]\nname = \"europe\"\nnear = \"eu-west-1\"\nrequests-per-second = 100\ncohorts = 1\n";
    let fault = |ramp: &str| {
        format!(
            "[[faults]]\nkind = \"bad-deploy\"\nregions = [\"us-east-1\", \"eu-west-1\"]\nstagger = \"4m\"\nerror = 0.5\n\
             seen = 0\nat = \"20m\"\nduration = \"permanent\"\n{ramp}"
        )
    };
    let runbook = "[[runbooks]]\nname = \"back\"\non = { at = \"30m\" }\nhosted-in = [\"eu-west-1\"]\n\
                   steps = [{ rollback = \"app\", takes = \"2m\" }]\n";
    let world = |fault: &str| {
        let text = text("", &format!("{clients}{ONE_JOURNEY}{runbook}{fault}"));
        text.replace(
            "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"",
            "policy = \"latency\"",
        )
    };
    // Twelve minutes in the first region, eight in the second.
    is(one(&world(&fault("")), "journey.buy.failed"), RATE * 0.5 * (12.0 + 8.0) * MINUTE);
    is(one(&world(&fault("")), "journey.buy.recovery_s"), 12.0 * MINUTE);
    // In four parts two minutes apart a region has had 2 (1 + 2 + 3) / 4 = 3 minutes of it in the first six.
    let ramp = "ramp = { steps = 4, every = \"2m\" }\n";
    is(one(&world(&fault(ramp)), "journey.buy.failed"), RATE * 0.5 * (3.0 + 6.0 + 3.0 + 2.0) * MINUTE);
}

/// Planned work moves everybody to a region that fails all requests, for four minutes: that is downtime and planned, and no
/// recovery time. An outage half an hour later is.
#[test]
fn planned_dips_never_enter_the_recovery_time() {
    let steps = "{ shift = \"arc\", to = \"eu-west-1\" }, { wait = \"4m\" }, { readmit = \"us-east-1\" }";
    let calm = "[[faults]]\nkind = \"insufficient-capacity\"\nregion = \"us-east-1\"\nprobability = 0\nat = \"0s\"\n\
                duration = \"permanent\"\n";
    let outage = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"40m\"\nduration = \"5m\"\n";
    // What is down from the first instant on, and no fault: a region whose only store nobody can write to.
    let dead = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 0, desired = 4, max = 4 }\n\
                requests-per-second = 100\n[regions.eu-west-1.compute]\ninstances = { min = 0, desired = 0, max = 4 }\n";
    for (fault, recovery, from) in [(calm, 0.0, 600.0), (outage, 300.0, 2_400.0)] {
        let table = rows(&text("", &format!("{dead}{ONE_JOURNEY}{}{fault}", planned(steps))), 2);
        let figure = |column: &str| of(&table, column)[0];
        is(figure("journey.buy.planned_s"), 4.0 * MINUTE);
        is(figure("journey.buy.recovery_s"), recovery);
        is(figure("journey.buy.downtime_s"), 4.0 * MINUTE + recovery);
        is(figure("journey.buy.first_back_s"), 4.0 * MINUTE);
        is(figure("first_fault_s"), 600.0);
        is(figure("recovery_from_s"), from);
        // The traffic of the emptied region has gone at once.
        is(figure("moved99_s"), 0.0);
    }
}

/// Work of every Sunday at 02:00, in trials that start on Saturday at 18:00: eight hours later, and a week after that.
#[test]
fn work_of_every_week_begins_every_week() {
    let runbook = "[[runbooks]]\nname = \"patch\"\non = { at = \"sun 02:00\" }\nhosted-in = [\"eu-west-1\"]\n\
                   steps = [{ shift = \"arc\", to = \"eu-west-1\" }, { wait = \"30m\" }, { readmit = \"us-east-1\" }]\n";
    let fault = gray("eu-west-1", 0.5);
    let text = text("starts = \"sat 18:00\"", &format!("{ONE_JOURNEY}{runbook}{fault}"));
    let long = text.replace("horizon = \"1h\"", "horizon = \"14d\"");
    is(one(&long, "journey.buy.failed"), RATE * 0.5 * 2.0 * 30.0 * MINUTE);
    is(one(&long, "journey.buy.outages"), 2.0);
}

/// A deployment of a service behind the front fails half of its requests from minute 20 on, and with it whoever calls it. A
/// rollback of another service ends nothing; one of its own does, two minutes after minute 30.
#[test]
fn a_bad_deployment_of_a_service_fails_who_calls_it() {
    let services = "[services.web]\nkind = \"managed\"\n[services.pay]\nkind = \"ec2-auto-scaling\"\n\
                    instances = { desired = 10 }\nrequests-per-second = 100\n";
    let journeys = "[[journeys]]\nname = \"buy\"\nshare = 0.5\nenters = \"web\"\nneeds = [{ call = \"pay\" }]\n\
                    [[journeys]]\nname = \"look\"\nshare = 0.5\nenters = \"web\"\n";
    let fault = "[[faults]]\nkind = \"bad-deploy\"\nservice = \"pay\"\nregions = [\"us-east-1\"]\nerror = 0.5\nseen = 0\n\
                 at = \"20m\"\nduration = \"permanent\"\n";
    for (rolled_back, minutes) in [("pay", 12.0), ("web", 40.0)] {
        let runbook = format!(
            "[[runbooks]]\nname = \"back\"\non = {{ at = \"30m\" }}\nhosted-in = [\"eu-west-1\"]\n\
             steps = [{{ rollback = \"{rolled_back}\", takes = \"2m\" }}]\n"
        );
        let table = rows(&text("", &format!("{services}{journeys}{runbook}{fault}")), 1);
        is(of(&table, "journey.buy.failed")[0], RATE * 0.5 * 0.5 * minutes * MINUTE);
        is(of(&table, "journey.look.failed")[0], 0.0);
    }
}
