//! Tasks, pods, gateways and what stands in front of them: rates of launches, buckets, and who waits for what.

use models::balancers::load_balancer;
use models::compute::fleet::Signal;
use models::deployment::Happening;

use crate::lab::{Diary, at_least, averages, figures, firsts, follows, head, of, rows, uniform, watched};

/// One region and one population of so many requests per second.
fn text(rate: f64, services: &str, faults: &str) -> String {
    let head = head(
        "horizon = \"1h\"",
        &["us-east-1"],
        "policy = \"simple\"",
        &[("everybody", "us-east-1", &format!("requests-per-second = {rate}\ncohorts = 1"))],
    );
    format!("{head}\n{services}\n[[journeys]]\nname = \"visit\"\nshare = 1\n{faults}")
}

fn surge(factor: f64) -> String {
    format!("[[faults]]\nkind = \"load-surge\"\nfactor = {factor}\nat = \"10m\"\nduration = \"permanent\"")
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, not {expected}");
}

/// A service of ten tasks at half of what they carry, which grows by requests at once to thirty times as many.
const GROWS: &str = "tasks = { min = 10, desired = 10, max = 400 }\nrequests-per-second = 100\nlaunch-time = \"40s\"\n\
                     scaling = { target-utilization = 0.5, metric = \"requests\" }\nload-balancer = { kind = \"none\" }";

#[test]
fn services_on_fargate_share_the_launch_rate_of_their_region() {
    // A service asks for 290 tasks at once: a hundred go at once and the n-th beyond after n / 20 s. Two of them, which get the
    // same requests, ask for 580 and share the rate. A quota of its own, or one of instances, is the same with other figures.
    let fargate = |name: &str| format!("[services.{name}]\nkind = \"ecs\"\n{GROWS}\n");
    let entry = |calls: &str| format!("[services.web]\nkind = \"managed\"\nneeds = [{calls}]\n");
    let one = format!("{}{}", entry("{ call = \"api\" }"), fargate("api"));
    let both = entry("{ call = \"api\", soft = true }, { call = \"search\" }");
    let two = format!("{both}{}{}", fargate("api"), fargate("search"));
    let quota = "[regions.us-east-1.quotas]\nfargate-burst = 50\nfargate-rate = 4\n";
    let instances = one.replace("kind = \"ecs\"", "kind = \"ec2-auto-scaling\"").replace("tasks =", "instances =");
    let slow = "[regions.us-east-1.quotas]\nrun-instances = { burst = 60, rate = 5 }\n";
    let clock = "[cloudwatch]\ningestion-delay = \"30s\"\n";
    for (services, more, count, burst, rate) in [
        (one.clone(), "", 290, 100, 20.0),
        (two, "", 580, 100, 20.0),
        (one.clone(), quota, 290, 50, 4.0),
        (instances, slow, 290, 60, 5.0),
    ] {
        let text = text(500.0, &format!("{services}{clock}{more}"), &surge(30.0));
        let diary = watched::<Diary>(&text, 1).remove(0);
        let is_sized = |what: &Happening| matches!(what, Happening::Group { signal: Signal::Resized(300), .. });
        let asked = diary.first(is_sized).expect("it grows");
        let launched = |(when, what): &(f64, Happening)| match what {
            Happening::Group { signal: Signal::Launched(_), .. } => Some(*when - asked),
            _ => None,
        };
        let launched: Vec<f64> = diary.entries.iter().filter_map(launched).collect();
        assert_eq!(launched.len(), count);
        for (index, when) in launched.iter().enumerate() {
            let waits = (index + 1_usize).saturating_sub(burst) as f64 / rate;
            near(*when, 40.0 + waits, 1e-6);
        }
    }
}

/// Nine tasks in three zones carry a load of eight; the hosts of a zone are gone.
fn zone(balancer: &str, more: &str) -> String {
    let service = format!(
        "[compute]\nkind = \"ecs\"\ntasks = {{ desired = 9 }}\nrequests-per-second = 100\nlaunch-time = \"40s\"\n{more}\n\
         [load-balancer]\n{balancer}"
    );
    let fault = "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"b\"\nhosts = \"terminated\"\n\
                 at = \"10m\"\nduration = \"permanent\"";
    text(800.0, &service, fault)
}

#[test]
fn tasks_that_are_gone_are_replaced_at_once_and_serve_when_the_balancer_says_so() {
    // Six of the nine are left and two more are needed. They run after 40 s. An Application Load Balancer probes each
    // within its interval of 10 s: the second of three uniform times counts.
    let recovery = |text: &str, trials| figures(text, "journey.visit.recovery_s", trials);
    let application = zone("target-health-check = { interval = \"10s\" }", "");
    follows(&recovery(&application, 2_000), |x| at_least(2, 3, uniform((x - 40.0) / 10.0)));
    // A Network Load Balancer takes its registration delay, and without one tasks serve as soon as they run.
    near(recovery(&zone("kind = \"network\"\nregistration-delay = \"120s\"", ""), 1)[0], 160.0, 1e-6);
    near(recovery(&zone("kind = \"none\"", ""), 1)[0], 40.0, 1e-6);
    // Meanwhile 6 of 8 find room.
    let failed = of(&rows(&zone("kind = \"none\"", ""), 1), "journey.visit.failed")[0];
    near(failed, 200.0 * 40.0, 1e-6);
}

#[test]
fn a_network_load_balancer_has_defaults_of_its_own() {
    // Targets that swallow what they are sent fail a probe after U(0, 30 s), and the second one 30 s later, after its
    // timeout of 10 s. No others are registered meanwhile.
    let fault =
        "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"\nat = \"10m\"\nduration = \"30m\"";
    let compute = "[compute]\nkind = \"ec2-auto-scaling\"\nzones = 3\ninstances = { desired = 3 }\n\
                   requests-per-second = 100\nreplacement-delay = \"1h\"\n[load-balancer]\nkind = \"network\"";
    let left = |what: &Happening| matches!(what, Happening::Target { signal: load_balancer::Signal::Left(_), .. });
    follows(&firsts(&text(100.0, compute, fault), 2_000, left), |x| uniform((x - 40.0) / 30.0));
}

/// A function behind a gateway that lets 1,000 requests per second through, and 500 beyond them.
const GATED: &str = "kind = \"lambda\"\nduration = \"100ms\"\naccount-limit = 100_000\nburst = 100_000\n\
                     load-balancer = { kind = \"api-gateway\", rate = 1_000, burst = 500 }";

#[test]
fn a_gateways_bucket_lasts_for_its_burst_over_the_excess_and_then_sheds_the_excess() {
    // 1,600 per second: 500 / 600 s, and from then on 600 per second are refused. Retries are refused as well.
    for attempts in [1, 3] {
        let text = text(800.0, &format!("[services.web]\n{GATED}"), &surge(2.0))
            .replace("cohorts = 1", &format!("cohorts = 1\nretries = {{ attempts = {attempts} }}"));
        let throttles = |what: &Happening| matches!(what, Happening::Gateway { .. });
        near(firsts(&text, 1, throttles)[0], 500.0 / 600.0, 1e-6);
        let rows = rows(&text, 1);
        let failed = 600.0 * (3_000.0 - 500.0 / 600.0);
        near(of(&rows, "journey.visit.failed")[0], failed, 1e-6 * failed);
        near(of(&rows, "journey.visit.cause.capacity")[0], failed, 1e-6 * failed);
    }
}

#[test]
fn gateways_of_one_region_share_their_bucket() {
    // Each request passes two gateways: 800 each are 1,600, which empty the bucket as above. With a share s that both let
    // through, 800 s + 800 s^2 = 1,000 pass, so s = (sqrt(6) - 1) / 2, and s^2 of the requests succeed.
    let services = format!("[services.web]\nneeds = [{{ call = \"api\" }}]\n{GATED}\n[services.api]\n{GATED}");
    let text = text(400.0, &services, &surge(2.0));
    let throttles = |what: &Happening| matches!(what, Happening::Gateway { .. });
    near(firsts(&text, 1, throttles)[0], 500.0 / 600.0, 1e-6);
    let share = (6.0_f64.sqrt() - 1.0) / 2.0;
    let failed = 800.0 * (1.0 - share * share) * (3_000.0 - 500.0 / 600.0);
    near(figures(&text, "journey.visit.failed", 1)[0], failed, 1e-4 * failed);
}

#[test]
fn a_gateways_limit_is_that_of_its_region() {
    // 6,000 per second are within the usual 10,000, and 3,500 beyond the 2,500 of a newer region: from the start.
    let gated = GATED.replace(", rate = 1_000, burst = 500", "");
    let usual = text(6_000.0, &format!("[services.web]\n{gated}"), "");
    assert_eq!(figures(&usual, "journey.visit.failed", 1)[0], 0.0);
    let newer = usual.replace("us-east-1", "eu-south-1");
    near(figures(&newer, "journey.visit.failed", 1)[0], 3_500.0 * 3_600.0, 1.0);
}

#[test]
fn launches_wait_for_what_they_need_and_what_runs_goes_on() {
    // A registry fails from minute 9 to 20; it is no need of requests, and nobody notices. At minute 10 all tasks are gone:
    // attempts at 0, 15, 45, 105, 225, 465 and 945 s, of which the last one finds the registry.
    let service = "[services.web]\nkind = \"ecs\"\ntasks = { desired = 9 }\nrequests-per-second = 100\nlaunch-time = \"40s\"\n\
                   load-balancer = { kind = \"none\" }\n";
    let needs = "launch-needs = [{ call = \"registry\" }]\n[services.registry]\nkind = \"managed\"\n";
    let registry = "[[faults]]\nkind = \"service-impairment\"\nservice = \"registry\"\nregion = \"us-east-1\"\nerror = 1\n\
                    at = \"9m\"\nduration = \"11m\"\n";
    let gone = "[[faults]]\nkind = \"instance-failures\"\nregion = \"us-east-1\"\nprobability = 1\nterminated = true\n\
                at = \"10m\"\nduration = \"1s\"";
    let recovery =
        |services: &str, faults: &str| figures(&text(800.0, services, faults), "journey.visit.recovery_s", 1)[0];
    near(recovery(service, gone), 40.0, 1e-6);
    near(recovery(&format!("{service}{needs}"), gone), 40.0, 1e-6);
    near(recovery(&format!("{service}{needs}"), &format!("{registry}{gone}")), 945.0 + 40.0, 1e-6);
    let quiet = text(800.0, &format!("{service}{needs}"), registry);
    assert_eq!(figures(&quiet, "journey.visit.failed", 1)[0], 0.0, "what runs goes on");
}

#[test]
fn probes_that_compete_with_requests_take_overloaded_targets_out() {
    // One target, twice the load that it carries: each probe fails with probability 1/2. Two in a row take 6 probes on
    // average, the first within 10 s. Without competition nothing leaves.
    let compute = |competes: bool| {
        format!(
            "[compute]\nkind = \"ec2-auto-scaling\"\nzones = 1\ninstances = {{ desired = 1 }}\nrequests-per-second = 100\n\
             replacement-delay = \"1h\"\n[load-balancer]\nprobes-compete = {competes}\n\
             target-health-check = {{ interval = \"10s\", unhealthy-threshold = 2 }}"
        )
    };
    let left = |what: &Happening| matches!(what, Happening::Target { signal: load_balancer::Signal::Left(_), .. });
    let times = |competes| firsts(&text(100.0, &compute(competes), &surge(2.0)), 2_000, left);
    averages(&times(true), 5.0 + 5.0 * 10.0, 0.1);
    assert!(times(false).iter().all(|time| time.is_nan()));
}

/// Requests may wait, and probes wait among them. A target that carries 100 gets 200 for half a minute: after t seconds one waits for t s,
/// and then less by 0.2 s each second. A probe that is sent after 4 s waits beyond its timeout of 4 s, and so does the next one;
/// both fail as they time out.
#[test]
fn probes_that_compete_with_requests_wait_as_those_do() {
    let compute = "[compute]\nkind = \"ec2-auto-scaling\"\nzones = 1\ninstances = { desired = 1 }\nrequests-per-second = 100\n\
                   replacement-delay = \"1h\"\nqueue = { limit = \"60s\" }\n[load-balancer]\nprobes-compete = true\n\
                   target-health-check = { interval = \"10s\", timeout = \"4s\", unhealthy-threshold = 2 }";
    let left = |what: &Happening| matches!(what, Happening::Target { signal: load_balancer::Signal::Left(_), .. });
    let surge = surge(2.5).replace("permanent", "30s");
    let times = firsts(&text(80.0, compute, &surge), 300, left);
    follows(&times, |x| uniform((x - 18.0) / 10.0));
    // Those whose timeout is longer than anybody waits go on.
    let patient = compute.replace("interval = \"10s\", timeout = \"4s\"", "interval = \"40s\", timeout = \"31s\"");
    assert!(firsts(&text(80.0, &patient, &surge), 20, left).iter().all(|time| time.is_nan()));
}

#[test]
fn pods_wait_for_nodes_and_the_autoscaler_of_pods_for_nobody() {
    // Four pods on two nodes with room for two each, twice the load that they carry. The autoscaler sees it after its metrics' age
    // of 30 s and U(0, 15 s), asks for eight and then for sixteen. Nodes are ordered 10 s after the first of these and take
    // 100 s, pods 5 s: two more nodes of which the load needs all four pods.
    let compute = "[compute]\nkind = \"eks\"\nzones = 1\npods = { desired = 4, min = 4, max = 8 }\nrequests-per-second = 100\n\
                   launch-time = \"5s\"\nscaling = { target-utilization = 0.5, metric = \"requests\" }\n\
                   nodes = { desired = 2, max = 4, pods-per-node = 2, order-delay = \"10s\", launch-time = \"100s\" }\n\
                   [load-balancer]\nkind = \"none\"";
    let recovery = figures(&text(200.0, compute, &surge(4.0)), "journey.visit.recovery_s", 2_000);
    follows(&recovery, |x| uniform((x - 145.0) / 15.0));
    // With room the pods start at once.
    let roomy = compute.replace("desired = 2, max = 4", "desired = 4");
    let recovery = figures(&text(200.0, &roomy, &surge(4.0)), "journey.visit.recovery_s", 2_000);
    follows(&recovery, |x| uniform((x - 35.0) / 15.0));
}
