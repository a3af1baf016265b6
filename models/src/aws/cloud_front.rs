//! Amazon `CloudFront`: edge caches between the clients and the regions.
//!
//! Modelled:      a hit ratio for cacheable journeys; origins by the Route 53 name, which the edge resolves as often as its
//!                TTL asks; origin groups, whose second origin gets what the first one fails, request by request; error
//!                caching; expired copies that are served when the origin fails (none unless stated).
//! Not modelled:  a hit ratio that depends on load or time, filling of cold caches, Origin Shield, origin read timeouts,
//!                loss of an edge location, changes of the configuration (control plane in us-east-1).
//! Sources:       each key names its page.
//!
//! What the edge does to flows, for a journey of which the share `miss` = 1 - hit ratio goes on to the origin (all of it,
//! if it is not cacheable):
//!
//! - A hit succeeds whatever becomes of the origin, and no region sees it. A retry asks for the same object: what missed
//!   misses again.
//! - Origin group: the first origin fails the share q1 of attempts; a GET, HEAD or OPTIONS goes on to the second, so that
//!   an attempt fails with q1 x q2. At a dead first origin that costs attempts x connect-timeout of every request anew (at
//!   an error nothing); if that is longer than the client's timeout, the client has gone before.
//! - Stale copies: of the misses of a cacheable journey the share `stale-if-error` finds an expired copy at the edge, which
//!   is served if the first attempt at the origin fails: a success, but a degraded one.
//! - Error caching: the edge keeps an error of a cacheable journey for a while. So a retry meets the cached error and does
//!   not reach the origin: one attempt, however many the client makes. And when the origin's failing share falls, what it
//!   fell by still fails for the rest of the time that each edge keeps the error, U(0, `error-caching`), for the same
//!   cause. The origin's load is not relieved meanwhile.

use sim_core::component::{Component, Context};
use sim_core::random::{Stream, StreamId};
use sim_core::settings::{Key, Section, Value};
use sim_core::time::SimDuration;

use crate::cause::{CAUSES, Cause};
use crate::clients;
use crate::journeys::Journey;
use crate::sources::{cited, pages};

const HIT_RATIO: Key = Key::required("hit-ratio", "share of the requests of cacheable journeys that the edge answers");
const ORIGIN_GROUP: Key = Key::optional(
    "origin-group",
    "the regions of the first and the second origin; without it the origin is the Route 53 name",
);
const ATTEMPTS: Key = Key::documented(
    "attempts",
    "attempts to connect to the first origin of a group before the second one gets the request",
    "3",
    cited!("the default for connection attempts", pages::CLOUDFRONT_DISTRIBUTION),
)
.at_least(1.0)
.at_most(3.0);
const CONNECT: Key = Key::documented(
    "connect-timeout",
    "how long an attempt to connect to an origin waits",
    "10s",
    cited!("the default for the connection timeout", pages::CLOUDFRONT_DISTRIBUTION),
)
.at_least(1.0)
.at_most(10.0);
const ERROR_CACHING: Key = Key::documented(
    "error-caching",
    "how long the edge keeps an error of a cacheable journey",
    "10s",
    cited!(
        "errors of the server are kept for 10 s, or for as long as the origin says if that is longer",
        pages::CLOUDFRONT_ERRORS
    ),
);
const STALE: Key = Key::assumed(
    "stale-if-error",
    "share of the misses of cacheable journeys that find an expired copy, served when the origin fails",
    "0",
    cited!(
        "no published figure: the edge serves every expired copy that it still has, objects decide how many",
        pages::CLOUDFRONT_ERRORS
    ),
);

/// `CloudFront` in front of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Share of the requests of cacheable journeys that the edge answers.
    pub hit_ratio: f64,
    /// First and second origin, if they are regions' own names.
    pub origin_group: Option<(usize, usize)>,
    /// How long a request waits for a dead first origin.
    pub wait: SimDuration,
    /// How long the edge keeps an error.
    pub error_caching: SimDuration,
    /// Share of misses that find an expired copy.
    pub stale_if_error: f64,
}

impl Parameters {
    /// Reads an `[edge]` of this kind.
    pub fn read(section: &mut Section<'_>, regions: &[String], journeys: &[Journey]) -> Self {
        let hit_ratio = section.share(&HIT_RATIO);
        if hit_ratio > 0.0 && section.has("hit-ratio") && !journeys.iter().any(|journey| journey.cacheable) {
            let hint = "without one, the edge never hits; `hit-ratio = 0` says so";
            let found = "a hit ratio without a cacheable journey";
            section.reject("hit-ratio", found, "a journey with `cacheable = true`", Some(hint.to_owned()));
        }
        let written = section.node(&ORIGIN_GROUP).map_or(2, |node| match &node.value {
            Value::Array(names) => names.len(),
            _ => 1,
        });
        if written != 2 {
            let found = if written == 1 { "one region".to_owned() } else { format!("{written} regions") };
            section.reject("origin-group", found, "two regions: the first origin and the second", None);
        }
        let origin_group = match section.names(&ORIGIN_GROUP, regions)[..] {
            [first, second] => Some((first, second)),
            _ => None,
        };
        let attempts = section.count(&ATTEMPTS);
        let connect = section.duration(&CONNECT);
        Self {
            hit_ratio,
            origin_group,
            wait: connect.times(attempts),
            error_caching: section.duration(&ERROR_CACHING),
            stale_if_error: section.share(&STALE),
        }
    }
}

/// What can happen at the edge: a cached error expires.
#[derive(Debug, Clone, Copy)]
pub struct Expires {
    remnant: usize,
}

/// What others may learn from it: a population meets other cached errors from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The population.
    pub population: usize,
}

/// Edges per population whose cached errors expire together. As many as cohorts of resolvers by default.
const EDGES: f64 = 200.0;

/// Errors that some edges keep of one population's requests of one journey.
#[derive(Debug, Clone, Copy)]
struct Remnant {
    place: usize,
    share: f64,
    cause: Cause,
}

/// Errors that the edge still serves although the origin would not fail any more.
#[derive(Debug)]
pub struct CachedErrors {
    keeps: SimDuration,
    journeys: usize,
    /// By place: row = population, column = journey.
    streams: Vec<Stream>,
    /// Share of misses that the origin failed when last seen.
    failing: Vec<(f64, Cause)>,
    remnants: Vec<Remnant>,
    left: Vec<usize>,
    shares: Vec<[f64; CAUSES]>,
}

impl CachedErrors {
    /// The error caches of these populations.
    pub fn new(parameters: &Parameters, populations: &[clients::Parameters], journeys: &[Journey], seed: u64) -> Self {
        let mut streams = Vec::new();
        for population in populations {
            for journey in journeys {
                let path = format!("cloudfront/{}/{}", population.name, journey.name);
                streams.push(Stream::new(StreamId::new(seed, &path, "error-caching")));
            }
        }
        Self {
            keeps: parameters.error_caching,
            journeys: journeys.len(),
            failing: vec![(0.0, Cause::Detection); streams.len()],
            remnants: Vec::new(),
            left: vec![0; streams.len()],
            shares: vec![[0.0; CAUSES]; streams.len()],
            streams,
        }
    }

    /// Starts a trial without errors.
    pub fn begin(&mut self, trial: u64) {
        for stream in &mut self.streams {
            stream.begin(trial);
        }
        self.failing.fill((0.0, Cause::Detection));
        self.remnants.clear();
        self.left.fill(0);
        self.shares.fill([0.0; CAUSES]);
    }

    /// The origin fails these shares of misses from now on, mostly for these causes. Where a share fell, the edges keep
    /// the errors of what it fell by.
    pub fn observe(&mut self, failing: &[(f64, Cause)], cached: &[bool], ctx: &mut Context<'_, Expires, Changed>) {
        for (place, &(share, cause)) in failing.iter().enumerate() {
            let (before, cause_before) = std::mem::replace(&mut self.failing[place], (share, cause));
            let fallen = before - share;
            if fallen <= 1e-12 || !cached[place % self.journeys] {
                continue;
            }
            // Cohorts of resolvers move about one edge's worth at a time, a recovery all at once.
            let edges = libm::ceil(fallen * EDGES - 1e-6).clamp(1.0, EDGES);
            for _ in 0..edges as usize {
                let rest = self.streams[place].uniform() * self.keeps.as_secs_f64();
                let part = fallen / edges;
                self.remnants.push(Remnant { place, share: part, cause: cause_before });
                self.left[place] += 1;
                self.shares[place][cause_before.index()] += part;
                let remnant = self.remnants.len() - 1;
                ctx.schedule_in(SimDuration::from_secs_f64(rest), Expires { remnant });
            }
        }
    }

    /// Shares of misses that meet a cached error, by cause: row = population, column = journey.
    pub fn shares(&self) -> &[[f64; CAUSES]] {
        &self.shares
    }
}

impl Component for CachedErrors {
    type Event = Expires;
    type Signal = Changed;

    fn handle(&mut self, event: Expires, ctx: &mut Context<'_, Expires, Changed>) {
        let Remnant { place, share, cause } = self.remnants[event.remnant];
        self.left[place] -= 1;
        if self.left[place] == 0 {
            // Nothing is left, not even what rounding would leave.
            self.shares[place] = [0.0; CAUSES];
        } else {
            let rest = &mut self.shares[place][cause.index()];
            *rest = (*rest - share).max(0.0);
        }
        ctx.signal(Changed { population: place / self.journeys });
    }
}

/// What the edge makes of requests, for the flow solver: the pure part.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Share of a journey's requests that go on to the origin.
    pub misses: Vec<f64>,
    /// Share of a journey's misses that find an expired copy.
    pub stale: Vec<f64>,
    /// Whether the edge keeps a journey's errors.
    pub keeps_errors: Vec<bool>,
    /// Whether the second origin gets what the first one fails of a journey.
    pub fails_over: Vec<bool>,
    /// First and second origin.
    pub origin_group: Option<(usize, usize)>,
    /// How long a request waits for a dead first origin, in seconds.
    pub wait: f64,
    /// Whether a population's clients have gone by then.
    pub gives_up: Vec<bool>,
    /// From a population to its edge and back, in seconds.
    pub round_trips: Vec<f64>,
}

impl Plan {
    /// What `CloudFront` makes of these journeys and populations.
    pub fn new(parameters: &Parameters, journeys: &[Journey], populations: &[clients::Parameters]) -> Self {
        let Parameters { hit_ratio, origin_group, wait, error_caching, stale_if_error } = *parameters;
        let if_cacheable = |value: f64| move |journey: &Journey| if journey.cacheable { value } else { 0.0 };
        Self {
            misses: journeys.iter().map(if_cacheable(hit_ratio)).map(|hits| 1.0 - hits).collect(),
            stale: journeys.iter().map(if_cacheable(stale_if_error)).collect(),
            keeps_errors: journeys.iter().map(|journey| journey.cacheable && !error_caching.is_zero()).collect(),
            fails_over: journeys.iter().map(|journey| origin_group.is_some() && journey.method.reads()).collect(),
            origin_group,
            wait: wait.as_secs_f64(),
            gives_up: populations.iter().map(|clients| wait > clients.timeout).collect(),
            round_trips: populations.iter().map(|clients| clients.near.round_trip(clients.near)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::settings::{Problem, Report, parse_toml};
    use sim_core::time::SimTime;

    use super::*;
    use crate::edge::{Edge, Surroundings};

    fn regions() -> Vec<String> {
        ["us-east-1", "eu-west-1", "us-west-2"].iter().map(|&region| region.to_owned()).collect()
    }

    /// Journeys and one population, then the edge, of a text; with what is wrong with it.
    fn read(text: &str) -> (Vec<Journey>, Vec<clients::Parameters>, Edge, Vec<String>) {
        const JOURNEYS: Key = Key::required("journeys", "");
        const CLIENTS: Key = Key::required("clients", "");
        let (node, syntax) = parse_toml(text, 0);
        assert!(syntax.is_empty(), "{syntax:?}");
        let report = Report::new();
        let (journeys, clients, edge) = {
            let mut root = report.root(&node);
            let stores = ["orders".to_owned()];
            let journeys: Vec<Journey> =
                root.sections(&JOURNEYS).iter_mut().map(|section| Journey::read(section, &stores)).collect();
            let clients: Vec<clients::Parameters> =
                root.sections(&CLIENTS).iter_mut().map(|it| clients::Parameters::read(it, &regions())).collect();
            let round_trips: Vec<Vec<f64>> = clients.iter().map(|clients| clients.round_trip.clone()).collect();
            let around = Surroundings { regions: &regions(), journeys: &journeys, round_trips: &round_trips };
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
            ["edge.origin-group: one region / two regions: the first origin and the second"]
        );
        assert_eq!(
            problems("edge = { kind = 'cloudfront', hit-ratio = 0.5, origin-group = ['us-east-1', 'eu-west-2'] }"),
            ["edge.origin-group[1]: the text \"eu-west-2\" / one of \"us-east-1\", \"eu-west-1\", \"us-west-2\""]
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
            ["edge[1].kind: this kind again / each kind once"]
        );
        assert!(
            problems("edge = [{ kind = 'cloudfront', hit-ratio = 0.5 }, { kind = 'global-accelerator' }]").is_empty()
        );
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
        assert!(read(&cacheable.replace("cacheable = true\n            needs", "method = 'GET'\nneeds")).3.is_empty());
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
            harness.call(|caches, _| caches.begin(trial));
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
}
