//! What the file says of a population: rates, resolvers, retries, connections, load over time.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{
    Among, Count, Delay, Duration, DurationsBy, Either, List, Number, OneOf, Share, Sub, Text, Words,
};
use sim_settings::quantity::sum_text;
use sim_settings::{Band, Key, KeyDefault, Mark, Section, Word, keys};

use crate::ids::RegionId;
use crate::network::{self, Known};
use crate::sources::{cited, pages};

keys! {
    /// The keys of `[[clients]]`.
    pub(crate) struct PopulationKeys {
        const NAME: Key<Text> = Key::required("name", "what the population is called").example("\"europe\"");
        const NEAR: Key<Among<Known>> = Key::required("near", "the region whose round-trip times these clients see");
        const RATE: Key<Number> =
            Key::required("requests-per-second", "requests that the population offers, all journeys together").at_least(0.0).unit("requests per second");
        const COHORTS: Key<Count> =
            Key::convention("cohorts", "groups of resolvers that expire together", "200", "a resolution of half a percent")
                .at_least(1.0)
                .at_most(100_000.0);
        const ZIPF: Key<Option<Number>> =
            Key::optional("zipf", "exponent s of Zipf weights: the i-th cohort weighs in proportion to 1/i^s", "all cohorts weigh the same").at_least(0.0);
        const CACHING: Key<Either<List<ResolverKeys>, OneOf<Mix>>> = Key::assumed(
            "caching",
            "kinds of resolvers: share, and a floor or a cap on the TTL they use; or \"typical\", the mix of resolvers as they are",
            "[{ share = 1 }]",
            cited!(
                "every resolver honours the TTL, which errs on the fast side: 8.74 % of the resolvers that were measured keep \
                 answers for longer, and caching = \"typical\" has such ones",
                pages::TTL_STUDY
            ),
        )
        .band(Band::choice("mixes of resolvers are lists, not numbers: caching = \"typical\" has those that are measured"));
        const RETRIES: Key<Option<Sub<RetryKeys>>> = Key::optional("retries", "what a client does when a request fails", "no retries");
        const TIMEOUT: Key<Duration> =
            Key::assumed("timeout", "how long a client waits for an answer, all attempts together", "60s", "no published figure; clients differ")
        .band(Band::factor(0.1, 2.0, "libraries wait from a few seconds to two minutes"))
                .above(0.0);
        const CONNECT: Key<Duration> = Key::assumed(
            "connect-timeout",
            "how long a client waits at a dead address before it tries the next one of an answer with several",
            "3s",
            "no published figure; some browsers take 3 s, others as long as the operating system, 20 s and more",
        )
        .band(Band::factor(0.33, 7.0, "browsers give up after 3 s, operating systems after 20 s and more"))
        .above(0.0);
        const LIFETIME: Key<Option<Delay>> = Key::optional("connection-lifetime", "how long a connection lives once it is made", "no standing connections: traffic moves at the refresh");
        const PROFILE: Key<Option<List<LoadStepKeys>>> = Key::optional("profile", "steps of the load over time, as factors on requests-per-second", "an even load");
        const ROUND_TRIP: Key<Option<DurationsBy<RegionId>>> =
            Key::optional("round-trip", "round-trip times by region, where the built-in table is not good enough", "those of the built-in table; an estimate by distance where that has no measurement");
    }
}
keys! {
    /// A kind of resolver.
    struct ResolverKeys {
        const SHARE: Key<Share> = Key::required("share", "share of the population");
        const FLOOR: Key<Option<Duration>> = Key::optional("floor", "these resolvers keep an answer at least that long", "no floor");
        const CAP: Key<Option<Duration>> = Key::optional("cap", "these resolvers keep an answer at most that long", "no cap");
    }
}
keys! {
    /// What a client does when a request fails.
    struct RetryKeys {
        const ATTEMPTS: Key<Count> = Key::convention("attempts", "attempts per request, the first included", "1", "no retries")
            .at_least(1.0)
            .at_most(100.0);
        const BACKOFF: Key<Option<Sub<BackoffKeys>>> = Key::optional(
            "backoff",
            "waits between attempts, with full jitter: before the k-th repetition a uniform part of min(cap, base x 2^(k - 1))",
            "it tries again at once",
        );
    }
}
keys! {
    /// Waits between attempts.
    struct BackoffKeys {
        const BASE: Key<Duration> = Key::required("base", "the most that a client waits before its first repetition").above(0.0).example("\"50ms\"");
        const MOST: Key<Duration> = Key::measured(
            "cap",
            "the most that it ever waits",
            "20s",
            cited!("the standard mode of the SDKs, as botocore 1.44.8 has it", pages::SDK_RETRIES),
        )
        .above(0.0);
    }
}
keys! {
    /// A step of the load.
    struct LoadStepKeys {
        const AT: Key<Duration> = Key::required("at", "when the step is taken");
        const FACTOR: Key<Number> = Key::required("factor", "factor on requests-per-second from then on").at_least(0.0);
    }
}
/// Resolvers as they are: 8.74 % of those that were measured extend TTLs, and 6.5 % of flows start more than a minute after
/// an answer has expired. How far they extend them is assumed.
const TYPICAL: [(f64, TtlRule); 3] = [
    (0.9, TtlRule::Honours),
    (0.07, TtlRule::Floor(SimDuration::from_secs(300))),
    (0.03, TtlRule::Floor(SimDuration::from_secs(1_800))),
];

/// What the mix of resolvers as they are takes for granted.
const EXTENDED: KeyDefault = KeyDefault::Value {
    text: "typical",
    mark: Mark::Assumed,
    source: cited!(
        "no published figure for how long resolvers keep answers beyond their TTL, only for how many do: 7 of 100 are taken to \
         keep them for 5 minutes, and 3 for half an hour",
        pages::TTL_STUDY
    ),
};

/// Mixes of resolvers that have a name.
enum Mix {}

impl Words for Mix {
    type Means = [(f64, TtlRule); 3];
    const WORDS: &'static [Word<Self::Means>] =
        &[Word::new("typical", TYPICAL, "resolvers as they are: one in ten keeps an answer for longer than its TTL")];
}

/// Cohorts of the callers of a service in a region.
const CALLERS: usize = 20;

/// What a kind of resolver makes of a record's TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TtlRule {
    /// Uses it as it is.
    Honours,
    /// Never less than this.
    Floor(SimDuration),
    /// Never more than this.
    Cap(SimDuration),
}

impl TtlRule {
    /// How long an answer with this TTL stays in the cache.
    pub fn effective(self, ttl: SimDuration) -> SimDuration {
        match self {
            Self::Honours => ttl,
            Self::Floor(floor) => ttl.max(floor),
            Self::Cap(cap) => ttl.min(cap),
        }
    }
}

/// A population of clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// The region whose round-trip times it sees.
    pub near: &'static network::Place,
    /// Offered requests per second, all journeys together.
    pub requests_per_second: f64,
    /// Number of cohorts.
    pub cohorts: usize,
    /// Zipf exponent; equal weights without.
    pub zipf: Option<f64>,
    /// Kinds of resolvers with their shares.
    pub caching: Vec<(f64, TtlRule)>,
    /// Attempts per request.
    pub attempts: u32,
    /// Base and cap of the waits between them, in seconds.
    pub backoff: Option<(f64, f64)>,
    /// How long a client waits.
    pub timeout: SimDuration,
    /// What a dead address costs a client that has others.
    pub connect_timeout: SimDuration,
    /// Connection lifetime in seconds.
    pub connection_lifetime: Option<Distribution>,
    /// Load steps.
    pub profile: Vec<(SimDuration, f64)>,
    /// Round-trip time to each region in seconds.
    pub round_trip: Vec<f64>,
}

/// How a population goes through the addresses of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// What a dead address costs, in seconds.
    pub connect: f64,
    /// Dead addresses after which a client has not given up yet.
    pub outlasts: usize,
}

impl Parameters {
    /// Reads one `[[clients]]` entry.
    pub fn read(section: &mut Section<'_>, regions: &[String], places: &[network::Place]) -> Self {
        let name = section.get(&NAME);
        let near = &network::PLACES[section.name_among(&NEAR)];
        let caching = read_caching(section);
        let (attempts, backoff) = section.section(&RETRIES).map_or((1, None), |mut retries| {
            let attempts = retries.get(&ATTEMPTS) as u32;
            let waits = |mut waits: Section<'_>| (waits.get(&BASE).as_secs_f64(), waits.get(&MOST).as_secs_f64());
            (attempts, retries.section(&BACKOFF).map(waits))
        });
        let mut profile = Vec::new();
        for mut step in section.sections(&PROFILE) {
            let at = step.get(&AT);
            if profile.last().is_some_and(|&(last, _)| at <= last) {
                step.reject("at", "a step that is not later than the one before", "steps in the order of time", None);
            }
            profile.push((at, step.get(&FACTOR)));
        }
        let by_hand = section.durations_by_name(&ROUND_TRIP, regions);
        let given =
            |region: RegionId| by_hand.iter().find(|(own, _)| *own == region).map(|(_, time)| time.as_secs_f64());
        let to = || RegionId::all(regions.len()).zip(places);
        if to().any(|(region, to)| given(region).is_none() && near.measured_round_trip(to).is_none()) {
            section.assume(&ROUND_TRIP, network::ESTIMATED_ROUND_TRIP);
        }
        let round_trip = to().map(|(region, to)| given(region).unwrap_or_else(|| near.round_trip(to))).collect();
        Self {
            name,
            near,
            requests_per_second: section.get(&RATE),
            cohorts: section.get(&COHORTS) as usize,
            zipf: section.get(&ZIPF),
            caching,
            attempts,
            backoff,
            timeout: section.get(&TIMEOUT),
            connect_timeout: section.get(&CONNECT),
            connection_lifetime: section.get(&LIFETIME),
            profile,
            round_trip,
        }
    }
}

/// Reads the kinds of resolvers and their shares.
fn read_caching(section: &mut Section<'_>) -> Vec<(f64, TtlRule)> {
    let written = section.node(&CACHING);
    if written.is_some_and(|node| node.text().is_some()) {
        let mix = section.get(&CACHING.other());
        section.assume(&CACHING, EXTENDED);
        return mix.to_vec();
    }
    let mut caching = Vec::new();
    for mut kind in section.sections(&CACHING.one()) {
        let share = kind.get(&SHARE);
        let rule = match (kind.get(&FLOOR), kind.get(&CAP)) {
            (Some(floor), None) => TtlRule::Floor(floor),
            (None, Some(cap)) => TtlRule::Cap(cap),
            (None, None) => TtlRule::Honours,
            (Some(_), Some(_)) => {
                kind.reject("cap", "a cap beside a floor", "one of the two for a kind of resolver", None);
                TtlRule::Honours
            }
        };
        caching.push((share, rule));
    }
    if caching.is_empty() {
        caching.push((1.0, TtlRule::Honours));
    }
    let total: f64 = caching.iter().map(|(share, _)| share).sum();
    if (total - 1.0).abs() > 1e-9 {
        section.reject("caching", format!("shares that sum to {}", sum_text(total)), "shares that sum to 1", None);
    }
    caching
}

/// Nobody asks the resolvers of clients where an edge leads them or asks for them: nothing is assumed of them.
pub fn without_resolvers(section: &Section<'_>) {
    section.disregard(&CACHING);
}

/// Where answers have one address nobody goes on to another one: nothing is assumed of that.
pub fn without_walks(section: &Section<'_>) {
    section.disregard(&CONNECT);
}

impl Parameters {
    /// The same population behind an edge, whose own resolvers honour the TTL and which keeps no connection for long.
    #[must_use]
    pub fn behind_edge(&self) -> Self {
        Self { zipf: None, caching: vec![(1.0, TtlRule::Honours)], connection_lifetime: None, ..self.clone() }
    }

    /// Callers of a service that ask a name of DNS and keep its answers, for this long at least.
    pub(crate) fn of_callers(name: &str, floor: Option<SimDuration>) -> Self {
        Self {
            name: format!("callers/{name}"),
            near: &network::PLACES[0],
            requests_per_second: 0.0,
            cohorts: CALLERS,
            zipf: None,
            caching: vec![(1.0, floor.map_or(TtlRule::Honours, TtlRule::Floor))],
            attempts: 1,
            backoff: None,
            timeout: SimDuration::ZERO,
            connect_timeout: SimDuration::ZERO,
            connection_lifetime: None,
            profile: Vec::new(),
            round_trip: Vec::new(),
        }
    }

    /// How it goes through the addresses of an answer.
    pub fn steps(&self) -> Steps {
        let (connect, timeout) = (self.connect_timeout.as_nanos(), self.timeout.as_nanos());
        Steps { connect: self.connect_timeout.as_secs_f64(), outlasts: (timeout / connect.max(1)) as usize }
    }

    /// The same population where no resolver comes between it and the answers: it follows them at once, apart from
    /// standing connections. Without those, one cohort stands for all.
    #[must_use]
    pub fn without_cache(&self) -> Self {
        let caching = vec![(1.0, TtlRule::Cap(SimDuration::ZERO))];
        let cohorts = if self.connection_lifetime.is_some() { self.cohorts } else { 1 };
        Self { cohorts, caching, ..self.clone() }
    }
}
