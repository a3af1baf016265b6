//! Amazon S3 with Cross-Region Replication (CRR), with or without a Multi-Region Access Point.
//!
//! Modelled:      buckets that replicate one way or both ways; objects that replicate independently with a delay, shorter
//!                with Replication Time Control (RTC); objects in flight when a region is cut off, which are stranded until
//!                it returns, lost if it was destroyed, or shadowed by newer versions; objects that a partition delays;
//!                objects that wait for a bucket that is out, which has them as soon as it is back, and which go away with
//!                their own region if that follows; everything is lost where every bucket is destroyed;
//!                an access point that redirects by itself (active-active) or when somebody turns its dial.
//!                With one-way replication a replica accepts writes like any bucket, and nothing takes them elsewhere:
//!                they count as delayed while it lives, as stranded or lost when its region goes out.
//! Not modelled:  delete markers, order between objects, versions that are all kept, reads of objects that have not
//!                arrived yet, bandwidth (1 Gbps per account and pair with RTC), replication that fails and is not retried.
//! Sources:       facts 7 (thresholds of RTC: documented; distributions, and the time of a dial: assumed).
//!
//!   path to the active bucket lost: decision --dial turned--> endpoint update --shift time--> the other bucket serves

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::SimTime;

use crate::cause::Cause;
use crate::in_flight;
use crate::journeys::Access;
use crate::replicated_items::{Items, REWRITE};
use crate::stores::{Availability, Loss, Service, Settings, Signal, Site};
use crate::world::World;

const REGIONS: Key = Key::optional("regions", "regions with a bucket, each replicated to the others; all without");
const FROM: Key = Key::optional("from", "the region whose bucket is replicated one way; both ways without");
const TO: Key = Key::optional("to", "regions that it is replicated to; all others without");
const RTC: Key = Key::documented("rtc", "whether Replication Time Control is on", "false", "facts 7: off by default");
const DELAY: Key = Key::assumed(
    "replication-delay",
    "how long an object takes to another region",
    "{ weibull = { shape = 0.5, scale = \"2m\" } }",
    "facts 7: most objects within 15 minutes (here 94 %), hours for large ones (remembered); no distribution is published",
);
const DELAY_RTC: Key = Key::assumed(
    "replication-delay",
    "how long an object takes to another region",
    "{ weibull = { shape = 0.44, scale = \"11s\" } }",
    "facts 7: most in seconds, 99.9 % within 15 minutes (documented); no distribution is published",
);
const ACCESS: Key = Key::convention(
    "access",
    "whether each region uses its own bucket, or all of them an access point that leads to any",
    "regional",
    "facts 7: an access point is something to create",
);
const ACTIVE: Key = Key::optional("active", "the only region that the access point leads to; the nearest one without");
const SHIFT: Key = Key::assumed(
    "shift-time",
    "from a turn of the access point's dial until requests follow",
    "2m",
    "facts 7: within minutes (documented), typically about 2 (remembered)",
);

/// A Multi-Region Access Point.
#[derive(Debug, Clone)]
pub struct AccessPoint {
    /// The only region that it leads to; the nearest that answers without.
    pub active: Option<usize>,
    /// From a turn of its dial until requests follow, in seconds.
    pub shift_time: Distribution,
}

/// Buckets that replicate.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Regions with a bucket.
    pub regions: Vec<usize>,
    /// The source of one-way replication.
    pub from: Option<usize>,
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
fn read_buckets(section: &mut Section<'_>, names: &[String]) -> (Vec<usize>, Option<usize>) {
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
                section.reject("to", names[from].as_str(), "another region than `from`", None);
            }
            regions.retain(|&region| region != from);
            regions.insert(0, from);
        }
    } else if regions.is_empty() {
        regions = (0..names.len()).collect();
    }
    if let Some(from) = from.filter(|from| !regions.contains(from)) {
        let own: Vec<&str> = regions.iter().map(|&region| names[region].as_str()).collect();
        let expected = format!("one of the store's own regions, {}", own.join(", "));
        section.reject_among(&["from", "regions"], names[from].as_str(), expected, None);
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

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let (regions, from) = read_buckets(section, names);
        let rtc = section.flag(&RTC);
        let delay = if rtc { &DELAY_RTC } else { &DELAY };
        let access = [("regional", false), ("multi-region-access-point", true)];
        let access_point = section.deciding_choice(&ACCESS, &access).then(|| {
            let active = section.maybe_name(&ACTIVE, names);
            if let Some(active) = active.filter(|active| !regions.contains(active)) {
                let found = format!("{}, which has no bucket", names[active]);
                section.reject_among(&["active", "regions", "to"], found, "a region with a bucket", None);
            }
            AccessPoint { active, shift_time: section.delay(&SHIFT) }
        });
        Self {
            rtc,
            replication_delay: in_flight::read_time(section, delay),
            rewrite_rate: section.number(&REWRITE),
            regions,
            from,
            access_point,
        }
    }

    fn replicates_from(&self) -> Option<usize> {
        self.from
    }

    fn regions(&self) -> &[usize] {
        &self.regions
    }

    fn directs(&self, to: usize) -> bool {
        self.access_point.is_some() && self.regions.contains(&to)
    }

    fn words(&self, region: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
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

/// Requests follow the access point's dial.
#[derive(Debug, Clone, Copy)]
pub struct DialTurned {
    to: usize,
    /// Which turn this belongs to; a later one overrides it.
    turn: u32,
}

/// Replicated buckets at work.
#[derive(Debug)]
pub struct Buckets {
    parameters: Parameters,
    items: Items,
    shift_time: Option<Variate>,

    active: Option<usize>,
    turns: u32,
    turning: bool,
    turned: bool,
}

impl Buckets {
    /// Buckets at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let replicates = |from, _| parameters.from.is_none_or(|source| source == from);
        let (delay, rewrites) = (&parameters.replication_delay, parameters.rewrite_rate);
        let shift_time = parameters.access_point.as_ref().map(|access_point| {
            Variate::new(access_point.shift_time.clone(), StreamId::new(site.seed, site.path, "shift-time"))
        });
        Self {
            items: Items::new(&parameters.regions, replicates, delay, rewrites, site),
            shift_time,
            active: None,
            turns: 0,
            turning: false,
            turned: false,
            parameters: parameters.clone(),
        }
    }

    /// Through an access point with one active bucket: there or nowhere.
    fn through_dial(&self, active: usize, region: usize, world: &World) -> Availability {
        if world.reaches(region, active) {
            return Availability::works(active);
        }
        let cause = if self.turning {
            Cause::EndpointUpdate
        } else if self.turned && world.up(active) {
            Cause::NoPath
        } else {
            Cause::Decision
        };
        Availability::fails(cause, true)
    }
}

impl Service for Buckets {
    fn begin(&mut self, trial: u64) {
        self.items.begin(trial);
        if let Some(shift_time) = &mut self.shift_time {
            shift_time.begin(trial);
        }
        self.active = self.parameters.access_point.as_ref().and_then(|access_point| access_point.active);
        (self.turns, self.turning, self.turned) = (0, false, false);
    }

    /// A read or a write from a region. An application that names its bucket stays with it; an access point finds another.
    fn access(&self, _: usize, _: Access, region: usize, world: &World) -> Availability {
        let buckets = &self.parameters.regions;
        match (&self.parameters.access_point, self.active) {
            (Some(_), Some(active)) => self.through_dial(active, region, world),
            (Some(_), None) => crate::stores::nearest_copy(buckets, region, world),
            (None, _) => match world.closest(region, buckets) {
                Some(own) if world.reaches(region, own) => Availability::works(own),
                _ => Availability::fails(Cause::Dependency, false),
            },
        }
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, DialTurned, Signal>) {
        self.items.world_changed(world, ctx.now());
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.items.acknowledges(rates, now);
    }

    fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        self.items.stalls(from, to, begins);
    }

    fn destroyed(&mut self, region: usize) {
        self.items.destroyed(region);
    }

    fn direct(&mut self, to: usize, ctx: &mut Context<'_, DialTurned, Signal>) {
        if !self.parameters.directs(to) {
            return;
        }
        if let Some(shift_time) = &mut self.shift_time {
            self.turns += 1;
            self.turning = true;
            ctx.schedule_in(shift_time.draw_duration(), DialTurned { to, turn: self.turns });
            ctx.signal(Signal::Changed);
        }
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.items.lag()
    }

    fn complete(&self) -> bool {
        self.items.complete()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        self.items.loss(end)
    }
}

impl Component for Buckets {
    type Event = DialTurned;
    type Signal = Signal;

    fn handle(&mut self, event: DialTurned, ctx: &mut Context<'_, DialTurned, Signal>) {
        if event.turn == self.turns {
            self.active = Some(event.to);
            (self.turning, self.turned) = (false, true);
            ctx.signal(Signal::Directed(event.to));
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::settings::{Report, parse_toml};

    use super::*;

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
        buckets.begin(0);
        buckets
    }

    /// Mean number of objects stranded at `rate` per second, over many trials.
    fn mean_stranded(text: &str, rate: f64) -> (f64, f64) {
        let trials = 3_000;
        let mut alone = Harness::new(buckets(text));
        let (mut count, mut oldest) = (0.0, 0.0);
        for trial in 0..trials {
            let mut world = world();
            world.set_out(0, true);
            let loss = alone.call(|buckets, ctx| {
                buckets.begin(trial);
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
        let ask = |text: &str, region: usize, world: &World| buckets(text).access(0, Access::Read, region, world);
        let (own, point) = ("regions = ['us-east-1', 'eu-west-1']", "access = 'multi-region-access-point'");
        let point = &format!("{own}\n{point}");
        // us-west-2 has no bucket; the one in us-east-1 is nearer.
        assert_eq!((ask(own, 2, &world).at, ask(point, 2, &world).at), (0, 0));
        world.set_cut(0, 2, true);
        assert_eq!(ask(own, 2, &world), Availability::fails(Cause::Dependency, false));
        assert_eq!(ask(point, 2, &world), Availability::works(1), "redirected once the path is lost");
        world.set_out(1, true);
        assert_eq!(ask(point, 2, &world).share, 0.0);
        assert_eq!(ask(own, 0, &world), Availability::works(0));
    }

    #[test]
    fn an_active_passive_access_point_waits_for_its_dial() {
        let text = "access = 'multi-region-access-point'\nactive = 'us-east-1'\nshift-time = '2m'";
        let mut alone = Harness::new(buckets(text));
        let mut world = world();
        let ask = |alone: &Harness<Buckets>, world: &World| alone.component().access(0, Access::Write, 1, world);
        assert_eq!(ask(&alone, &world), Availability::works(0));
        world.set_out(0, true);
        assert_eq!(ask(&alone, &world), Availability::fails(Cause::Decision, true));
        alone.run_until(at(60));
        alone.call(|buckets, ctx| buckets.direct(1, ctx));
        assert_eq!(ask(&alone, &world), Availability::fails(Cause::EndpointUpdate, true));
        // Somebody changes their mind: the later turn counts.
        alone.run_until(at(120));
        alone.call(|buckets, ctx| buckets.direct(2, ctx));
        alone.run_until(at(239));
        assert_eq!(ask(&alone, &world).cause, Cause::EndpointUpdate);
        alone.run_until(at(241));
        assert_eq!(ask(&alone, &world), Availability::works(2));
        world.set_cut(1, 2, true);
        assert_eq!(ask(&alone, &world), Availability::fails(Cause::NoPath, true));
        assert_eq!(alone.signals().last(), Some(&(at(240), Signal::Directed(2))));
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
}
