//! The keys of metrics and alarms, and their reading.

use super::composite::{RULE, RuleKeys};
use crate::fronts::route53::zone::{Endpoint, EndpointOrCheck, Endpoints, Watched};
use crate::ids::{JourneyId, PlaceId, RegionId, StoreId};
use crate::periods::exceeds;
use crate::sources::{cited, pages};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Duration, Flag, Name, Number, OneOf, Sub, Table, Text, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

keys! {
    /// The keys of `[cloudwatch]`.
    pub(crate) struct CloudWatchKeys {
        const INGESTION: Key<Delay> = Key::assumed(
            "ingestion-delay",
            "from the end of a period to the arrival of its datapoint",
            "30s",
            cited!(
                "no published figure for ordinary datapoints; new metrics take up to 2 minutes",
                pages::CLOUDWATCH_PUBLISHING
            ),
        )
        .band(Band::factor(0.33, 4.0, "AWS says up to two minutes for new metrics; ten seconds are the shortest period"));
    }
}
keys! {
    /// Where an alarm on a health check lives.
    struct HomeKeys {
        const HOME: Key<Name<RegionId>> = Key::documented(
            "hosted-in",
            "the region that the alarm lives in: metrics of health checks are in no other",
            "us-east-1",
            cited!("the only region that has metrics of health checks", pages::ROUTE53_METRICS),
        );
    }
}

keys! {
    /// The key of every alarm.
    struct NameKeys {
        pub(super) const NAME: Key<Text> = Key::required("name", "what the alarm is called").example("\"checkout-errors\"");
    }
}
keys! {
    /// What an alarm of its own watches.
    struct WatchKeys {
        const METRIC: Key<Sub<MetricTable>> = Key::required("metric", "what the alarm watches");
    }
}
keys! {
    /// The keys of an alarm on a metric.
    struct AlarmKeys {
        const ABOVE: Key<Number> = Key::required("above", "a datapoint above this breaches").at_least(0.0).unit("as the metric");
        const BELOW: Key<Number> = Key::required("below", "a datapoint below this breaches").at_least(0.0).unit("as the metric");
        const PERIOD: Key<Duration> = Key::documented(
            "period",
            "length of a period: whole minutes, or 10 s, 20 s or 30 s of a metric of high resolution",
            "1m",
            cited!("metrics of AWS services have a datapoint a minute", pages::CLOUDWATCH_CONCEPTS),
        )
        .at_least(1.0);
        const DATAPOINTS: Key<Text> = Key::documented(
            "datapoints",
            "`M of N`: breaching datapoints that fire",
            "1 of 1",
            cited!("M equals N unless chosen otherwise", pages::CLOUDWATCH_ALARMS),
        );
        const MISSING: Key<OneOf<Missing>> = Key::documented(
            "missing",
            "what a missing datapoint counts as",
            "missing",
            cited!("the default treatment of missing data", pages::CLOUDWATCH_ALARMS),
        );
        const OWN_INGESTION: Key<Option<Delay>> = Key::optional("ingestion-delay", "from the end of a period to the arrival of its datapoint, for this alarm", "as `cloudwatch.ingestion-delay`");
        const HOSTED_IN: Key<Name<RegionId>> =
            Key::required("hosted-in", "the region that the alarm lives in; us-east-1 if it is on a health check");
    }
}

keys! {
    /// Errors at the front of one region.
    struct RegionErrorKeys {
        const SPARSE_IN_REGION: Key<Flag> = Key::documented(
            "sparse",
            "whether a period without failures has no datapoint, at the front of a region",
            "true",
            cited!("a load balancer publishes counts of errors only when they are not zero", pages::BALANCER_METRICS),
        );
    }
}
keys! {
    /// Keys that narrow the errors of a journey down.
    struct ErrorKeys {
        const REGION: Key<Option<Name<RegionId>>> = Key::optional("region", "only what reached this region's front", "requests everywhere");
        const SPARSE: Key<Flag> = Key::convention(
            "sparse",
            "whether a period without failures has no datapoint",
            "false",
            "clients and canaries report what succeeds, too",
        );
    }
}
keys! {
    /// The metrics of an alarm.
    struct MetricKeys {
        const ERRORS: Key<Name<JourneyId>> = Key::required("errors", "failed over offered requests of this journey");
        const UNHEALTHY_HOSTS: Key<Name<Endpoint>> = Key::required("unhealthy-hosts", "targets of this endpoint that are out of rotation: a region that serves, or `SERVICE@REGION`");
        const HEALTH_CHECK: Key<Name<EndpointOrCheck>> =
            Key::required("health-check", "1 while this is unhealthy: the endpoint of a region, `SERVICE@REGION`, or a check of `[health-checks]`");
        const REPLICATION_LAG: Key<Name<StoreId>> = Key::required("replication-lag", "replication lag of this store in seconds");
        const UTILIZATION: Key<Name<Endpoint>> =
            Key::required("utilization", "load over capacity of this endpoint, which is a region or `SERVICE@REGION`; of a function, concurrency over the limit");
        const THROTTLES: Key<Name<Endpoint>> =
            Key::required("throttles", "share of the requests that reach the compute of this endpoint, which is a region or `SERVICE@REGION`, for which it has no capacity");
    }
}

/// Reads `[cloudwatch]`: the ingestion delay, in seconds.
pub fn read_ingestion(section: &mut Section<'_>) -> Distribution {
    section.get(&INGESTION)
}

/// Nobody looks at datapoints: nothing is assumed of when they arrive.
pub fn without_datapoints(section: &Section<'_>) {
    section.disregard(&INGESTION);
}

/// The metric of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Failed over offered requests of a journey, everywhere or at one region's front.
    Errors {
        /// The journey.
        journey: JourneyId,
        /// Only what reached this region's front.
        region: Option<RegionId>,
    },
    /// Targets of an endpoint that are out of rotation.
    UnhealthyHosts(PlaceId),
    /// Whether an endpoint or a check is unhealthy.
    HealthCheck(Watched),
    /// A store's replication lag in seconds.
    ReplicationLag(StoreId),
    /// An endpoint's load over capacity.
    Utilization(PlaceId),
    /// Share of the requests that reach an endpoint's compute for which it has no capacity.
    Throttles(PlaceId),
}

/// The meaning of a missing datapoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Insufficient data, unless the real points that there are all breach.
    Missing,
    /// Breaching.
    Breaching,
    /// Not breaching.
    NotBreaching,
    /// The state stays.
    Ignore,
}

impl Words for Missing {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new(
            "missing",
            Self::Missing,
            "a period without a datapoint is no data; the alarm fires if the datapoints that there are all breach",
        ),
        Word::new(
            "breaching",
            Self::Breaching,
            "a period without a datapoint counts as one that breaches: silence raises the alarm",
        ),
        Word::new(
            "not-breaching",
            Self::NotBreaching,
            "a period without a datapoint counts as one that does not breach: silence keeps the alarm quiet",
        ),
        Word::new(
            "ignore",
            Self::Ignore,
            "nothing: the alarm keeps its state, whatever it was, until a datapoint comes",
        ),
    ];
}

/// What breaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// A datapoint above this.
    Above(f64),
    /// A datapoint below this.
    Below(f64),
}

impl Threshold {
    /// Whether a datapoint breaches, by more than rounding makes of one that just reaches the threshold.
    pub fn is_breached(self, value: f64) -> bool {
        match self {
            Self::Above(threshold) => exceeds(value, threshold),
            Self::Below(threshold) => exceeds(threshold, value),
        }
    }

    /// The key that says it, and the number.
    pub const fn written(self) -> (&'static str, f64) {
        match self {
            Self::Above(threshold) => (ABOVE.name, threshold),
            Self::Below(threshold) => (BELOW.name, threshold),
        }
    }
}

/// An alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// Its entry in the list of the file.
    pub entry: usize,
    /// Its metric.
    pub metric: Metric,
    /// Whether a period in which the metric is 0 has no datapoint.
    pub sparse: bool,
    /// What breaches.
    pub threshold: Threshold,
    /// Length of a period.
    pub period: SimDuration,
    /// M of N.
    pub datapoints: (usize, usize),
    /// Treatment of missing data.
    pub missing: Missing,
    /// From the end of a period to the arrival of its datapoint, in seconds.
    pub ingestion: Distribution,
    /// The region that it lives in.
    pub hosted_in: RegionId,
}

/// The words that say what an alarm watches.
pub const METRICS: [&str; 6] =
    [ERRORS.name, UNHEALTHY_HOSTS.name, HEALTH_CHECK.name, REPLICATION_LAG.name, UTILIZATION.name, THROTTLES.name];

/// The words that say what an alarm goes by.
const KINDS: [&str; 2] = [METRIC.name, RULE.name];
/// The words for thresholds.
const THRESHOLDS: [&str; 2] = [ABOVE.name, BELOW.name];

/// The keys of `[[alarms]]`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AlarmTable {}

impl Table for AlarmTable {
    const LAYOUT: Layout = &[
        Listing::Keys(NameKeys::KEYS),
        Listing::ExactlyOne(&KINDS),
        Listing::Keys(WatchKeys::KEYS),
        Listing::Keys(RuleKeys::KEYS),
        Listing::Beside(
            &[METRIC.name],
            &[
                Listing::ExactlyOne(&THRESHOLDS),
                Listing::Keys(AlarmKeys::KEYS),
                Listing::Where(METRIC.name, HEALTH_CHECK.name, &[Listing::Keys(HomeKeys::KEYS)]),
            ],
        ),
    ];
}

/// The metric of an alarm: exactly one.
#[derive(Clone, Copy, Debug)]
enum MetricTable {}

impl Table for MetricTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&METRICS),
        Listing::Keys(MetricKeys::KEYS),
        Listing::Beside(
            &[ERRORS.name],
            &[Listing::Keys(ErrorKeys::KEYS), Listing::Beside(&[REGION.name], &[Listing::Keys(RegionErrorKeys::KEYS)])],
        ),
    ];
}

/// Names that an alarm may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Regions that serve.
    pub regions: &'a [String],
    /// Endpoints.
    pub endpoints: &'a Endpoints,
    /// Health checks that have names.
    pub checks: &'a [String],
    /// All regions that an alarm can live in, those that serve first.
    pub places: &'a [String],
    /// The region that has the metrics of health checks; one of the places.
    pub home: &'a str,
    /// Journeys.
    pub journeys: &'a [String],
    /// Stores.
    pub stores: &'a [String],
}

impl Names<'_> {
    /// The region that an alarm on this metric lives in.
    fn host(self, section: &mut Section<'_>, metric: Metric) -> RegionId {
        if !matches!(metric, Metric::HealthCheck(_)) {
            return section.name(&HOSTED_IN, self.places);
        }
        let home: RegionId = self.places.iter().position(|place| place == self.home).unwrap_or(0).into();
        let named = section.has("hosted-in").then(|| section.maybe_name(&HOME, self.places)).flatten();
        if let Some(region) = named.filter(|&region| region != home) {
            let found = format!("an alarm on a health check in {}", self.places[region.index()]);
            let expected = format!("{}: metrics of health checks are in no other region", self.home);
            section.reject("hosted-in", found, expected, None);
        }
        home
    }
}

/// The name of an `[[alarms]]` entry of either kind.
pub fn name_of(section: &mut Section<'_>) -> String {
    section.get(&NAME)
}

impl Parameters {
    /// Reads one `[[alarms]]` entry.
    pub fn read(section: &mut Section<'_>, entry: usize, names: Names<'_>, ingestion: &Distribution) -> Self {
        let Names { regions, endpoints, checks, journeys, stores, .. } = names;
        let endpoint = |metric: &mut Section<'_>, key: &Key<Name<Endpoint>>| {
            endpoints.read(metric, key).unwrap_or(PlaceId::new(0))
        };
        section.one_of(&KINDS);
        let mut sparse = false;
        let metric = section.section(&METRIC).map(|mut metric| match metric.one_of(&METRICS) {
            Some("unhealthy-hosts") => Metric::UnhealthyHosts(endpoint(&mut metric, &UNHEALTHY_HOSTS)),
            Some("health-check") => Metric::HealthCheck(Watched::read(&mut metric, &HEALTH_CHECK, endpoints, checks)),
            Some("replication-lag") => Metric::ReplicationLag(metric.name(&REPLICATION_LAG, stores)),
            Some("utilization") => Metric::Utilization(endpoint(&mut metric, &UTILIZATION)),
            Some("throttles") => Metric::Throttles(endpoint(&mut metric, &THROTTLES)),
            Some(_) => {
                let journey = metric.name(&ERRORS, journeys);
                let balancer = metric.has(REGION.name);
                let region = metric.maybe_name(&REGION, regions);
                sparse = metric.get(if balancer { &SPARSE_IN_REGION } else { &SPARSE });
                Metric::Errors { journey, region }
            }
            None => Metric::Errors { journey: JourneyId::new(0), region: None },
        });
        let datapoints = read_datapoints(section);
        let metric = metric.unwrap_or(Metric::Errors { journey: JourneyId::new(0), region: None });
        Self {
            name: name_of(section),
            entry,
            metric,
            sparse,
            threshold: match section.one_of(&THRESHOLDS) {
                Some("below") => Threshold::Below(section.get(&BELOW)),
                Some(_) => Threshold::Above(section.get(&ABOVE)),
                None => Threshold::Above(0.0),
            },
            period: section.get(&PERIOD),
            datapoints,
            missing: section.get(&MISSING),
            ingestion: section.get(&OWN_INGESTION).unwrap_or_else(|| ingestion.clone()),
            hosted_in: names.host(section, metric),
        }
    }
}

/// Most datapoints that an alarm looks at; AWS allows a day's worth of minutes.
const MOST_DATAPOINTS: usize = 1_440;

/// `"2 of 3"`.
fn read_datapoints(section: &mut Section<'_>) -> (usize, usize) {
    let text = section.get(&DATAPOINTS);
    let parsed = text.split_once(" of ").and_then(|(m, n)| Some((m.trim().parse().ok()?, n.trim().parse().ok()?)));
    match parsed {
        Some((m, n)) if 1 <= m && m <= n && n <= MOST_DATAPOINTS => (m, n),
        _ => {
            section.reject(
                "datapoints",
                format!("\"{text}\""),
                "\"M of N\" with 1 <= M <= N <= 1440, such as \"2 of 3\"",
                None,
            );
            (1, 1)
        }
    }
}
