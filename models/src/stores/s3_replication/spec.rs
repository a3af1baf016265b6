//! The keys of buckets that replicate, and their reading.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Flag, Name, Names, OneOf, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use super::Buckets;
use crate::ids::RegionId;
use crate::in_flight;
use crate::sources::{cited, pages};
use crate::stores::replicated_items::{REWRITE, RewriteKeys};
use crate::stores::{Settings, Site};

keys! {
    /// Keys of all buckets that replicate.
    struct BucketKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "regions with a bucket, each replicated to the others", "all regions");
        const FROM: Key<Option<Name<RegionId>>> = Key::optional("from", "the region whose bucket is replicated one way", "buckets replicate both ways");
        const TO: Key<Option<Names<RegionId>>> = Key::optional("to", "regions that it is replicated to", "all other regions with a bucket");
        const RTC: Key<Flag> = Key::documented(
            "rtc",
            "whether Replication Time Control is on",
            "false",
            cited!("off by default", pages::S3_TIME_CONTROL),
        );
        const ACCESS: Key<OneOf<AccessBy>> = Key::convention(
            "access",
            "whether each region uses its own bucket, or all of them an access point that leads to any",
            "regional",
            "an access point is something to create",
        );
    }
}
keys! {
    /// Without it.
    struct DelayKeys {
        const DELAY: Key<Delay> = Key::assumed(
            "replication-delay",
            "how long an object takes to another region",
            "{ weibull = { shape = 0.5, scale = \"2m\" } }",
            "no published figure; most objects within 15 minutes (here 94 %), hours for large ones",
        )
        .band(Band::factor(0.25, 4.0, "AWS promises no time without Replication Time Control: small buckets take seconds, busy ones far longer"));
    }
}
keys! {
    /// With Replication Time Control.
    struct TimeControlKeys {
        const DELAY_RTC: Key<Delay> = Key::assumed(
            "replication-delay",
            "how long an object takes to another region with Replication Time Control",
            "{ weibull = { shape = 0.44, scale = \"11s\" } }",
            cited!("AWS says most in seconds, 99.9 % within 15 minutes, and publishes no distribution", pages::S3_TIME_CONTROL),
        )
        .band(Band::factor(0.5, 2.0, "the promise of 15 minutes for 99.9 % fixes the tail, so that only the middle is open"));
    }
}
keys! {
    /// Keys of an access point.
    struct AccessPointKeys {
        const ACTIVE: Key<Option<Name<RegionId>>> = Key::optional("active", "the only region that the access point leads to", "the nearest one");
        const SHIFT: Key<Delay> = Key::assumed(
            "shift-time",
            "from a turn of the access point's dial until requests follow",
            "2m",
            cited!("AWS says within minutes and publishes no distribution", pages::S3_FAILOVER),
        )
        .band(Band::factor(0.25, 2.5, "within minutes in the words of AWS, which is neither a few seconds nor an hour"));
    }
}

/// How requests reach buckets: whether through an access point.
enum AccessBy {}

impl Words for AccessBy {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("regional", false, "each region uses its own bucket, or the nearest if it has none"),
        Word::new("multi-region-access-point", true, "all regions use one access point, which leads to any bucket")
            .with(&[Listing::Keys(AccessPointKeys::KEYS)]),
    ];
}

/// A Multi-Region Access Point.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessPoint {
    /// The only region that it leads to; the nearest that answers without.
    pub active: Option<RegionId>,
    /// From a turn of its dial until requests follow, in seconds.
    pub shift_time: Distribution,
}

/// Buckets that replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Regions with a bucket.
    pub regions: Vec<RegionId>,
    /// The source of one-way replication.
    pub from: Option<RegionId>,
    /// Whether Replication Time Control is on.
    pub rtc: bool,
    /// Replication delay in seconds.
    pub replication_delay: Distribution,
    /// Rewrites of an object per second.
    pub rewrite_rate: f64,
    /// The access point; without one, each region uses its own bucket or, without one, the nearest.
    pub access_point: Option<AccessPoint>,
}

/// The buckets, and the source if replication goes one way.
fn read_buckets(section: &mut Section<'_>, names: &[String]) -> (Vec<RegionId>, Option<RegionId>) {
    let from = section.maybe_name(&FROM, names);
    let (mut regions, to) = (section.names(&REGIONS, names), section.names(&TO, names));
    if section.has("to") {
        if !section.has("from") {
            let hint = "buckets that replicate both ways are listed by `regions`";
            section.reject("to", "`to` alone", "`from` beside it", Some(hint.to_owned()));
        } else if section.has("regions") {
            section.reject("regions", "`regions` beside `to`", "either of them", None);
        }
        regions = to;
        if let Some(from) = from {
            if regions.contains(&from) {
                section.reject("to", names[from.index()].as_str(), "another region than `from`", None);
            }
            regions.retain(|&region| region != from);
            regions.insert(0, from);
        }
    } else if regions.is_empty() {
        regions = RegionId::all(names.len()).collect();
    }
    if let Some(from) = from.filter(|from| !regions.contains(from)) {
        let own: Vec<&str> = regions.iter().map(|&region| names[region.index()].as_str()).collect();
        let expected = format!("one of the store's own regions, {}", own.join(", "));
        section.reject_among(&["from", "regions"], names[from.index()].as_str(), expected, None);
    }
    let listed = from.is_some() || !section.has("to");
    if listed && regions.len() < 2 && !names.is_empty() {
        section.reject("", "one bucket", "at least two, to replicate between", None);
    }
    (regions, from)
}

impl Settings for Parameters {
    type Service = Buckets;
    const KIND: &'static str = "s3-replication";
    const MEANING: &'static str = "S3 buckets that replicate their objects between regions";
    const KEYS: Layout = &[
        Listing::Keys(BucketKeys::KEYS),
        Listing::Keys(RewriteKeys::KEYS),
        Listing::Where(RTC.name, "false", &[Listing::Keys(DelayKeys::KEYS)]),
        Listing::Where(RTC.name, "true", &[Listing::Keys(TimeControlKeys::KEYS)]),
    ];

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let (regions, from) = read_buckets(section, names);
        let rtc = section.get(&RTC);
        let delay = if rtc { &DELAY_RTC } else { &DELAY };
        let access_point = section.get(&ACCESS).then(|| {
            let active = section.maybe_name(&ACTIVE, names);
            if let Some(active) = active.filter(|active| !regions.contains(active)) {
                let found = format!("{}, which has no bucket", names[active.index()]);
                section.reject_among(&["active", "regions", "to"], found, "a region with a bucket", None);
            }
            AccessPoint { active, shift_time: section.get(&SHIFT) }
        });
        Self {
            rtc,
            replication_delay: in_flight::read_time(section, delay),
            rewrite_rate: section.get(&REWRITE),
            regions,
            from,
            access_point,
        }
    }

    fn item_delay(&self) -> Option<&Distribution> {
        Some(&self.replication_delay)
    }

    fn replicates_from(&self) -> Option<RegionId> {
        self.from
    }

    fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    fn directs(&self, to: RegionId) -> bool {
        self.access_point.is_some() && self.regions.contains(&to)
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let how = match self.from {
            Some(from) => format!("one way from {}", region(from)),
            None => "both ways".to_owned(),
        };
        let rtc = if self.rtc { " with RTC" } else { "" };
        let access = match &self.access_point {
            None => String::new(),
            Some(AccessPoint { active: None, .. }) => ", one access point to the nearest bucket".to_owned(),
            Some(AccessPoint { active: Some(active), .. }) => format!(", one access point to {}", region(*active)),
        };
        format!("S3, objects replicate {how}{rtc} in {}{access}", delay(&self.replication_delay))
    }

    fn build(&self, site: Site<'_>) -> Buckets {
        Buckets::new(self, site)
    }
}
