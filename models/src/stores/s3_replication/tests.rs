use sim_core::component::Harness;
use sim_settings::{Report, parse_toml};

use super::*;
use crate::ids::{R, RegionId};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "us-west-2"];

fn at(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn world() -> World {
    let trips = [vec![0.0, 0.07, 0.06], vec![0.07, 0.0, 0.12], vec![0.06, 0.12, 0.0]];
    World::new(&[3; 3], &trips)
}

fn read(text: &str) -> (Parameters, Vec<String>) {
    let names = REGIONS.map(str::to_owned);
    let (node, problems) = parse_toml(text, 0);
    assert!(problems.is_empty(), "{text}");
    let report = Report::new();
    let mut section = report.root(&node);
    let parameters = Parameters::read(&mut section, &names);
    drop(section);
    (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
}

fn buckets(text: &str) -> Buckets {
    let (parameters, problems) = read(text);
    assert!(problems.is_empty(), "{text}: {problems:?}");
    let names = REGIONS.map(str::to_owned);
    let mut buckets = parameters.build(Site { path: "stores/media", regions: &names, zones: &[3; 3], seed: 1 });
    buckets.begin(0_u64.into());
    buckets
}

/// Mean number of objects stranded at `rate` per second, over many trials.
fn mean_stranded(text: &str, rate: f64) -> (f64, f64) {
    let trials = 3_000;
    let mut alone = Harness::new(buckets(text));
    let (mut count, mut oldest) = (0.0, 0.0);
    for trial in 0..trials {
        let mut world = world();
        world.set_out(R[0], true);
        let loss = alone.call(|buckets, ctx| {
            buckets.begin(trial.into());
            buckets.acknowledges(&[rate, 0.0, 0.0], ctx.now());
            buckets.world_changed(&world, ctx);
            buckets.loss(at(3_600))
        });
        assert_eq!((loss.lost, loss.overwritten, loss.delayed), (0.0, 0.0, 0.0));
        count += loss.stranded;
        oldest += loss.seconds;
    }
    (count / trials as f64, oldest / trials as f64)
}

#[test]
fn the_backlog_is_the_write_rate_times_the_mean_delay_with_and_without_rtc() {
    // The mean of a Weibull law is scale Gamma(1 + 1 / shape).
    let usual = 120.0 * libm::tgamma(1.0 + 1.0 / 0.5);
    let rtc = 11.0 * libm::tgamma(1.0 + 1.0 / 0.44);
    let mut ages = Vec::new();
    for (text, mean, rate) in [("", usual, 0.05), ("rtc = true", rtc, 1.0)] {
        let (count, age) = mean_stranded(&format!("{text}\nfrom = 'us-east-1'\nto = 'eu-west-1'"), rate);
        let error = libm::sqrt(rate * mean / 3_000.0);
        assert!((count - rate * mean).abs() < 5.0 * error, "{text}: {count} against {}", rate * mean);
        ages.push(age);
    }
    assert!(usual > 8.0 * rtc && ages[0] > 2.0 * ages[1], "{usual} and {rtc} s, oldest {ages:?}");
}

#[test]
fn rtc_means_15_minutes_for_999_of_1000_objects() {
    let late = |text: &str| read(text).0.replication_delay.survival(900.0);
    // exp(-(900 / 11)^0.44) and exp(-(900 / 120)^0.5).
    assert!((late("rtc = true") - 0.000_961).abs() < 1e-5, "{}", late("rtc = true"));
    assert!((late("") - 0.064_66).abs() < 1e-4, "{}", late(""));
}

#[test]
fn an_application_stays_with_its_bucket_and_an_access_point_finds_another() {
    let mut world = world();
    let ask = |text: &str, region: RegionId, world: &World| buckets(text).access(0, Access::Read, region, world);
    let (own, point) = ("regions = ['us-east-1', 'eu-west-1']", "access = 'multi-region-access-point'");
    let point = &format!("{own}\n{point}");
    // us-west-2 has no bucket; the one in us-east-1 is nearer.
    assert_eq!((ask(own, R[2], &world).at, ask(point, R[2], &world).at), (R[0], R[0]));
    world.set_cut(R[0], R[2], true);
    assert_eq!(ask(own, R[2], &world), Availability::fails(Cause::Dependency, false));
    assert_eq!(ask(point, R[2], &world), Availability::works(R[1]), "redirected once the path is lost");
    world.set_out(R[1], true);
    assert_eq!(ask(point, R[2], &world).share, 0.0);
    assert_eq!(ask(own, R[0], &world), Availability::works(R[0]));
}

#[test]
fn an_active_passive_access_point_waits_for_its_dial() {
    let text = "access = 'multi-region-access-point'\nactive = 'us-east-1'\nshift-time = '2m'";
    let mut alone = Harness::new(buckets(text));
    let mut world = world();
    let ask = |alone: &Harness<Buckets>, world: &World| alone.component().access(0, Access::Write, R[1], world);
    assert_eq!(ask(&alone, &world), Availability::works(R[0]));
    world.set_out(R[0], true);
    assert_eq!(ask(&alone, &world), Availability::fails(Cause::Decision, true));
    alone.run_until(at(60));
    alone.call(|buckets, ctx| buckets.direct(R[1], ctx));
    assert_eq!(ask(&alone, &world), Availability::fails(Cause::EndpointUpdate, true));
    // Somebody changes their mind: the later turn counts.
    alone.run_until(at(120));
    alone.call(|buckets, ctx| buckets.direct(R[2], ctx));
    alone.run_until(at(239));
    assert_eq!(ask(&alone, &world).cause, Cause::EndpointUpdate);
    alone.run_until(at(241));
    assert_eq!(ask(&alone, &world), Availability::works(R[2]));
    world.set_cut(R[1], R[2], true);
    assert_eq!(ask(&alone, &world), Availability::fails(Cause::NoPath, true));
    assert_eq!(alone.signals().last(), Some(&(at(240), Signal::Directed(R[2]))));
}

#[test]
fn writes_at_the_replica_of_a_one_way_replication_stay_there() {
    let mut alone = Harness::new(buckets("from = 'us-east-1'\nto = 'eu-west-1'\nreplication-delay = '10s'"));
    let world = world();
    let loss = alone.call(|buckets, ctx| {
        buckets.acknowledges(&[5.0, 3.0, 0.0], ctx.now());
        buckets.world_changed(&world, ctx);
        buckets.loss(at(100))
    });
    assert_eq!(loss, Loss { delayed: 300.0, ..Loss::default() });
    let both = buckets("replication-delay = '10s'").loss(at(100));
    assert_eq!(both, Loss::default());
}

#[test]
fn buckets_that_make_no_sense_are_refused() {
    for (text, found) in [
        ("to = 'eu-west-1'", "`to` alone"),
        ("from = 'eu-west-1'\nto = 'eu-west-1'", "eu-west-1"),
        ("from = 'us-west-2'\nregions = ['us-east-1', 'eu-west-1']", "us-west-2"),
        ("from = 'us-east-1'\nto = 'eu-west-1'\nregions = ['us-east-1', 'eu-west-1']", "`regions` beside `to`"),
        ("regions = ['us-east-1']", "one bucket"),
        ("replication-delay = { pareto = { shape = 1, min = '1s' } }", "an infinite mean"),
        (
            "regions = ['us-east-1', 'eu-west-1']\naccess = 'multi-region-access-point'\nactive = 'us-west-2'",
            "us-west-2",
        ),
    ] {
        let (_, problems) = read(text);
        assert!(problems.iter().any(|problem| problem.contains(found)), "{text}: {problems:?}");
    }
}
