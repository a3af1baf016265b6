use sim_core::component::Harness;
use sim_core::time::{SimDuration, SimTime};
use sim_settings::form::List;
use sim_settings::{Key, Keys as _, Listing, Problem, Report, keys, parse_toml};

use super::*;
use crate::cause::{CAUSES, Cause};
use crate::clients::{self, PopulationKeys};
use crate::fronts::edge::{Edge, EdgeKeys, Surroundings};
use crate::fronts::route53::zone::Endpoints;
use crate::journeys::{Journey, JourneyTable};
use crate::needs::Names;
use crate::network::{Place, place};
use crate::services::Graph;

keys! {
    /// The part of a file that the tests read.
    struct PartKeys {
        const JOURNEYS: Key<List<JourneyTable>> = Key::required("journeys", "");
        const CLIENTS: Key<List<PopulationKeys>> = Key::required("clients", "");
    }
}

fn regions() -> Vec<String> {
    ["us-east-1", "eu-west-1", "us-west-2"].iter().map(|&region| region.to_owned()).collect()
}

fn places() -> Vec<Place> {
    regions().iter().map(|name| *place(name).expect("a region of AWS")).collect()
}

/// Journeys and one population, then the edge, of a text; with what is wrong with it.
fn read(text: &str) -> (Vec<Journey>, Vec<clients::Parameters>, Edge, Vec<String>) {
    let (node, syntax) = parse_toml(text, 0);
    assert!(syntax.is_empty(), "{syntax:?}");
    let report = Report::new();
    let (journeys, clients, edge) = {
        let mut root = report.root(&node).with(&[Listing::Keys(PartKeys::KEYS), Listing::Keys(EdgeKeys::KEYS)]);
        let stores = ["orders".to_owned()];
        let names = Names { stores: &stores, unread: &[], services: &[], regions: &regions(), resolved: &[] };
        let journeys: Vec<Journey> =
            root.sections(&JOURNEYS).iter_mut().map(|section| Journey::read(section, names, &[])).collect();
        let clients: Vec<clients::Parameters> =
            root.sections(&CLIENTS).iter_mut().map(|it| clients::Parameters::read(it, &regions(), &places())).collect();
        let round_trips: Vec<Vec<f64>> = clients.iter().map(|clients| clients.round_trip.clone()).collect();
        let endpoints = Endpoints::new(&Graph::default(), &regions(), &[]);
        let around =
            Surroundings { regions: &regions(), endpoints: &endpoints, journeys: &journeys, round_trips: &round_trips };
        let edge = Edge::read(&mut root, around);
        (journeys, clients, edge)
    };
    let line = |problem: &Problem| format!("{}: {} / {}", problem.path, problem.found, problem.expected);
    (journeys, clients, edge, report.problems().iter().map(line).collect())
}

fn with(edge: &str) -> String {
    format!(
        "{edge}
        [[clients]]
        name = 'hasty'
        near = 'us-east-1'
        requests-per-second = 100
        timeout = '20s'
        [[journeys]]
        name = 'browse'
        share = 0.7
        cacheable = true
        [[journeys]]
        name = 'buy'
        share = 0.3
        needs = [ {{ write = 'orders' }} ]"
    )
}

fn plan(edge: &str) -> Plan {
    let (journeys, clients, edge, problems) = read(&with(edge));
    assert!(problems.is_empty(), "{problems:?}");
    Plan::new(edge.cloud_front.as_ref().expect("CloudFront"), &journeys, &clients)
}

#[test]
fn only_cacheable_journeys_hit_and_only_reads_go_to_the_second_origin() {
    let plan = plan("edge = { kind = 'cloudfront', hit-ratio = 0.75, origin-group = ['us-east-1', 'eu-west-1'] }");
    assert_eq!(plan.misses, [0.25, 1.0]);
    assert_eq!(plan.fails_over, [true, false], "a journey that writes is a POST");
    assert_eq!((plan.origin_group, plan.wait), (Some((0, 1)), 30.0));
    assert_eq!(plan.gives_up, [true], "20 s are over before 3 x 10 s");
    assert_eq!(
        (&plan.stale[..], &plan.keeps_errors[..]),
        (&[0.0, 0.0][..], &[true, false][..]),
        "no stale copies, 10 s of errors"
    );
}

#[test]
fn a_wait_as_long_as_the_clients_patience_is_just_short_enough() {
    let group = "kind = 'cloudfront', hit-ratio = 0, origin-group = ['us-east-1', 'eu-west-1']";
    assert_eq!(plan(&format!("edge = {{ {group}, attempts = 2 }}")).gives_up, [false]);
    assert_eq!(plan(&format!("edge = {{ {group}, attempts = 3, connect-timeout = '7s' }}")).gives_up, [true]);
}

#[test]
fn mistakes_say_what_was_found_and_what_was_expected() {
    let problems = |edge: &str| read(&with(edge)).3;
    assert_eq!(
        problems("edge = { kind = 'cloudfront', hit-ratio = 0.5, origin-group = ['us-east-1'] }"),
        ["edge.origin-group: one origin / two: the first origin and the second"]
    );
    assert_eq!(
        problems("edge = { kind = 'cloudfront', hit-ratio = 0.5, origin-group = ['us-east-1', 'eu-west-2'] }"),
        [
            "edge.origin-group.1: the text \"eu-west-2\" / one of \"us-east-1\", \"eu-west-1\", \"us-west-2\", \"app@us-east-1\", \"app@eu-west-1\", \"app@us-west-2\""
        ]
    );
    assert_eq!(
        problems("edge = { kind = 'cloudfront' }"),
        [
            "edge.hit-ratio: nothing / the key `hit-ratio`: share of the requests of cacheable journeys that the edge answers"
        ]
    );
    assert_eq!(problems("edge = { kind = 'cloudfront', hit-ratio = 0.5, attempts = 4 }").len(), 1);
    assert_eq!(problems("edge = { kind = 'cloud-front', hit-ratio = 0.5 }").len(), 1);
    assert_eq!(
        problems("edge = [{ kind = 'global-accelerator' }, { kind = 'global-accelerator' }]"),
        ["edge.1.kind: this kind again / each kind once"]
    );
    assert!(problems("edge = [{ kind = 'cloudfront', hit-ratio = 0.5 }, { kind = 'global-accelerator' }]").is_empty());
    let both = "[[edge]]\nkind = 'cloudfront'\nhit-ratio = 0.5\norigin-group = ['us-east-1', 'eu-west-1']\n\
                [[edge]]\nkind = 'global-accelerator'";
    assert_eq!(problems(both), ["edge: an origin group beside an accelerator / one of them"]);
}

#[test]
fn what_writes_is_not_cacheable_and_a_hit_ratio_needs_something_that_is() {
    let text = with("edge = { kind = 'cloudfront', hit-ratio = 0.5 }");
    let cacheable = text.replace("share = 0.3", "share = 0.3\ncacheable = true");
    assert_eq!(
        read(&cacheable).3,
        ["journeys.buy.cacheable: a cacheable POST / `cacheable = true` only with GET, HEAD or OPTIONS"]
    );
    assert!(read(&cacheable.replace("cacheable = true\n        needs", "method = 'GET'\nneeds")).3.is_empty());
    assert_eq!(
        read(&text.replace("cacheable = true", "")).3,
        ["edge.hit-ratio: a hit ratio without a cacheable journey / a journey with `cacheable = true`"]
    );
    assert_eq!(read(&text.replace("share = 0.3", "share = 0.3\nmethod = 'get'")).3.len(), 1);
}

/// Each edge keeps the errors of a recovered origin for U(0, 10 s): after t seconds the share 1 - t / 10 s is left.
#[test]
fn cached_errors_fade_linearly_and_leave_nothing() {
    const TRIALS: u64 = 200;
    let edge = "edge = { kind = 'cloudfront', hit-ratio = 0.5, error-caching = '10s' }";
    let (journeys, clients, edge, _) = read(&with(edge));
    let parameters = edge.cloud_front.expect("CloudFront");
    let cached = [true, false];
    let at = |seconds: u64| SimTime::ZERO + SimDuration::from_secs(seconds);
    let mut left = [0.0; 11];
    for trial in 0..TRIALS {
        let mut harness = Harness::new(CachedErrors::new(&parameters, &clients, &journeys, 3));
        harness.call(|caches, _| caches.begin(trial.into()));
        harness.run_until(at(100));
        let fails = [(1.0, Cause::DnsCache), (1.0, Cause::NoPath)];
        harness.call(|caches, ctx| caches.observe(&fails, &cached, ctx));
        assert_eq!(harness.component().shares(), [[0.0; CAUSES]; 2], "while it fails, nothing lingers");
        harness.call(|caches, ctx| caches.observe(&[(0.0, Cause::Detection); 2], &cached, ctx));
        for (seconds, sum) in left.iter_mut().enumerate() {
            harness.run_until(at(100 + seconds as u64));
            *sum += harness.component().shares()[0][Cause::DnsCache.index()] / TRIALS as f64;
        }
        assert_eq!(harness.component().shares(), [[0.0; CAUSES]; 2], "after 10 s, exactly");
    }
    for (seconds, &share) in left.iter().enumerate() {
        // 200 edges in 200 trials: the standard error is 0.5 / sqrt(40,000) = 0.0025 at most.
        assert!((share - (1.0 - seconds as f64 / 10.0)).abs() < 0.012, "{share} after {seconds} s");
    }
}
