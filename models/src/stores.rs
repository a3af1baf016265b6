//! What every data store offers to the rest of the deployment, whichever service it is.
//!
//! The flow solver asks a store whether a read or a write from a region works at this instant; the wiring tells it what
//! happened to places, which writes it acknowledges, and which steps a runbook takes.

use sim_core::component::{Address, Component, Context, Due, FutureEventList};
use sim_core::random::Distribution;
use sim_core::settings::{Key, Section};
use sim_core::slot::Slot;
use sim_core::time::SimTime;

use crate::aws::{
    aurora_global, dynamodb_global, elasticache_global, instance_session, rds_replica, s3_replication,
    sharded_relational,
};
use crate::cause::Cause;
use crate::journeys::Access;
use crate::world::World;

/// Whether an access works at this instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Availability {
    /// Share of accesses that work.
    pub share: f64,
    /// Why the others fail.
    pub cause: Cause,
    /// Whether a failing access hangs instead of failing at once.
    pub hangs: bool,
    /// The region whose copy does the work.
    pub at: usize,
}

impl Availability {
    /// It works, at that region's copy.
    pub const fn works(at: usize) -> Self {
        Self { share: 1.0, cause: Cause::Dependency, hangs: false, at }
    }

    /// It fails.
    pub const fn fails(cause: Cause, hangs: bool) -> Self {
        Self { share: 0.0, cause, hangs, at: 0 }
    }
}

/// An access that any copy can serve: the own region's, else the nearest one that answers.
pub fn nearest_copy(copies: &[usize], region: usize, world: &World) -> Availability {
    world.nearest(region, copies).map_or(Availability::fails(Cause::Dependency, false), Availability::works)
}

/// Acknowledged writes that a survivor lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    /// Age of the oldest at the last acknowledgement, in seconds.
    pub seconds: f64,
    /// Gone for good.
    pub lost: f64,
    /// Come back with their region.
    pub stranded: f64,
    /// Came back and lost against newer writes.
    pub overwritten: f64,
    /// Reached the other side only after a partition.
    pub delayed: f64,
}

/// What others may learn from a store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// Accesses may work differently from now on.
    Changed,
    /// A promotion of this region's copy is under way.
    PromotionBegan(usize),
    /// This region's copy is the writer now.
    Promoted(usize),
    /// A promotion ended without effect.
    PromotionFailed(usize),
    /// This region writes to the present writer from now on.
    EndpointUpdated(usize),
    /// Requests of all regions go to the copy in this one from now on.
    Directed(usize),
    /// The writer in this region holds commits back from now on: no copy is close enough behind.
    CommitsHeld(usize),
    /// It takes them again.
    CommitsGoOn(usize),
}

/// How a region's copy is made the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promotion {
    /// Managed failover: the writer's name follows.
    Failover,
    /// The copy is taken out of the global cluster and made a cluster of its own.
    Detach,
    /// Planned: waits for the copy to catch up, loses nothing.
    SwitchOver,
}

impl Promotion {
    /// The key of a runbook's step that does it.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Failover => "promote",
            Self::Detach => "detach",
            Self::SwitchOver => "switch-over",
        }
    }
}

const KIND: Key = Key::required("kind", "the service that keeps the data");

/// Where a store's component finds its place in the deployment.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// What its streams are named after.
    pub path: &'a str,
    /// Names of the regions.
    pub regions: &'a [String],
    /// Zones of each region.
    pub zones: &'a [usize],
    /// The master seed.
    pub seed: u64,
}

/// Names of other parts of the experiment that a store may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Others<'a> {
    /// Regions.
    pub regions: &'a [String],
    /// Stores.
    pub stores: &'a [String],
    /// Populations of clients.
    pub populations: &'a [String],
}

/// What every copy of a store carries before it sheds, in accesses per second; infinite unless stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Reads.
    pub reads: f64,
    /// Writes.
    pub writes: f64,
}

const CAPACITY: Key = Key::optional("capacity", "what every copy carries before it sheds; everything without");
const READS: Key = Key::optional("reads", "reads per second").above(0.0);
const WRITES: Key = Key::optional("writes", "writes per second").above(0.0);

impl Capacity {
    /// Reads the `capacity` of a `[stores.NAME]` of any kind.
    pub fn read(section: &mut Section<'_>) -> Self {
        let mut capacity = section.section(&CAPACITY);
        let mut most = |key: &Key| capacity.as_mut().and_then(|it| it.maybe_rate(key)).unwrap_or(f64::INFINITY);
        Self { reads: most(&READS), writes: most(&WRITES) }
    }

    /// The one for this kind of access.
    pub const fn of(&self, access: Access) -> f64 {
        match access {
            Access::Read => self.reads,
            Access::Write => self.writes,
        }
    }

    /// Whether there is any.
    pub const fn any(&self) -> bool {
        self.reads.is_finite() || self.writes.is_finite()
    }
}

/// The settings of a service that keeps data.
pub trait Settings: Sized {
    /// The component that they describe.
    type Service: Service;
    /// How the file calls the service.
    const KIND: &'static str;
    /// The service whose control plane makes a copy the writer.
    const CONTROL_PLANE: &'static str = "the store";

    /// Reads one `[stores.NAME]` of this kind.
    fn read(section: &mut Section<'_>, regions: &[String]) -> Self;

    /// Reads the keys that refer to other parts of the experiment, once their names are known.
    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let _ = (section, others);
    }

    /// The store that a read which finds nothing here loads from, if this one is a cache.
    fn backs(&self) -> Option<usize> {
        None
    }

    /// Whether the writer can be moved as planned.
    fn switches_over(&self) -> bool {
        true
    }

    /// The region that takes all writes at the start, if there is one.
    fn writer(&self) -> Option<usize> {
        None
    }

    /// The only copy from which others get what is written, where every copy takes writes of its own.
    fn replicates_from(&self) -> Option<usize> {
        None
    }

    /// Number of parts that different populations use.
    fn shards(&self) -> usize {
        1
    }

    /// The part that a population uses.
    fn shard_of(&self, population: usize) -> usize {
        let _ = population;
        0
    }

    /// The zone of that writer, if the file says so.
    fn zone(&self) -> Option<usize> {
        None
    }

    /// Regions that hold a copy.
    fn regions(&self) -> &[usize];

    /// Whether a runbook can direct the requests of all regions to the copy in this one.
    fn directs(&self, to: usize) -> bool {
        let _ = to;
        false
    }

    /// The service in a few words; `region` names regions, `delay` tells delays.
    fn words(&self, region: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String;

    /// The service at work.
    fn build(&self, site: Site<'_>) -> Self::Service;
}

/// A service that keeps data, at work.
pub trait Service: Component<Signal = Signal> {
    /// Starts a trial.
    fn begin(&mut self, trial: u64);

    /// Whether an access to a shard from `region` works at this instant. A store that is whole has only shard 0.
    fn access(&self, shard: usize, access: Access, region: usize, world: &World) -> Availability;

    /// Share of reads that find what they look for in the copy of region `at`; the others go to what the store backs.
    fn hit_ratio(&self, at: usize) -> f64 {
        let _ = at;
        1.0
    }

    /// Places or paths changed.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Self::Event, Signal>);

    /// From now on each region's copy acknowledges this many writes per second; with shards one row of regions each.
    fn acknowledges(&mut self, rates: &[f64], now: SimTime);

    /// The data that the region holds until it returns are gone.
    fn destroyed(&mut self, region: usize);

    /// Replication from one region to another stops for a reason of its own, or goes on. [`Service::world_changed`] follows.
    fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        let _ = (from, to, begins);
    }

    /// Instances of a region are gone, with whatever they kept: this share of those that served.
    fn instances_gone(&mut self, region: usize, share: f64) {
        let _ = (region, share);
    }

    /// A region's copy answers with errors from now on, or does so no longer: one that can be reached may have to be
    /// promoted over all the same.
    fn errs(&mut self, region: usize, erring: bool) {
        let _ = (region, erring);
    }

    /// A runbook makes the copy in region `to` the writer; `effective` says whether the attempt will succeed. Returns
    /// whether anything was begun (or is under way already) that will end with a signal.
    fn promote(
        &mut self,
        how: Promotion,
        to: usize,
        effective: bool,
        world: &World,
        ctx: &mut Context<'_, Self::Event, Signal>,
    ) -> bool {
        let _ = (how, to, effective, world, ctx);
        false
    }

    /// A runbook directs the requests of all regions to the copy in region `to`, if [`Settings::directs`] says so.
    fn direct(&mut self, to: usize, ctx: &mut Context<'_, Self::Event, Signal>) {
        let _ = (to, ctx);
    }

    /// Replication lag as `CloudWatch` shows it: seconds, and since when it has been growing by a second per second.
    fn lag(&self) -> (f64, Option<SimTime>);

    /// Whether every copy gets new writes, so that no single loss costs more than what is under way at any time; a store
    /// that was meant to have a single copy has none that could lack them.
    fn complete(&self) -> bool {
        self.lag().1.is_none()
    }

    /// What was lost in this trial, at its end.
    fn loss(&mut self, end: SimTime) -> Loss;
}

/// Lists the services that keep data, once: everything that has to know all of them follows from the list.
macro_rules! services {
    ($($name:ident($module:ident)),+ $(,)?) => {
        /// A store of some service, as the file describes it.
        #[allow(clippy::large_enum_variant, reason = "a handful exists per deployment, and none is moved in a trial")]
        #[derive(Debug, Clone)]
        pub enum Parameters {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $name($module::Parameters)),+
        }

        /// A store of some service at work.
        #[allow(clippy::large_enum_variant, reason = "a handful exists per deployment, and none is moved in a trial")]
        #[derive(Debug)]
        pub enum Store {
            $(#[doc = concat!("See [`", stringify!($module), "`].")]
            $name(Slot<<$module::Parameters as Settings>::Service>)),+
        }

        impl Parameters {
            /// Reads one `[stores.NAME]`.
            pub fn read(section: &mut Section<'_>, regions: &[String]) -> Self {
                type Reader = fn(&mut Section<'_>, &[String]) -> Parameters;
                let readers: &[(&'static str, Reader)] = &[
                    $((<$module::Parameters as Settings>::KIND, |section, regions| {
                        Parameters::$name(Settings::read(section, regions))
                    })),+
                ];
                section.choice(&KIND, readers)(section, regions)
            }

            /// See [`Settings::relate`].
            pub fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
                match self { $(Self::$name(parameters) => parameters.relate(section, others)),+ }
            }

            /// See [`Settings::backs`].
            pub fn backs(&self) -> Option<usize> {
                match self { $(Self::$name(parameters) => Settings::backs(parameters)),+ }
            }

            /// See [`Settings::switches_over`].
            pub fn switches_over(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::switches_over(parameters)),+ }
            }

            /// The region that takes all writes at the start, if there is one.
            pub fn writer(&self) -> Option<usize> {
                match self { $(Self::$name(parameters) => Settings::writer(parameters)),+ }
            }

            /// See [`Settings::replicates_from`].
            pub fn replicates_from(&self) -> Option<usize> {
                match self { $(Self::$name(parameters) => Settings::replicates_from(parameters)),+ }
            }

            /// See [`Settings::shards`].
            pub fn shards(&self) -> usize {
                match self { $(Self::$name(parameters) => Settings::shards(parameters)),+ }
            }

            /// See [`Settings::shard_of`].
            pub fn shard_of(&self, population: usize) -> usize {
                match self { $(Self::$name(parameters) => Settings::shard_of(parameters, population)),+ }
            }

            /// The zone of that writer, if the file says so.
            pub fn zone(&self) -> Option<usize> {
                match self { $(Self::$name(parameters) => Settings::zone(parameters)),+ }
            }

            /// Regions that hold a copy.
            pub fn regions(&self) -> &[usize] {
                match self { $(Self::$name(parameters) => Settings::regions(parameters)),+ }
            }

            /// See [`Settings::CONTROL_PLANE`].
            pub fn control_plane(&self) -> &'static str {
                match self { $(Self::$name(_) => <$module::Parameters as Settings>::CONTROL_PLANE),+ }
            }

            /// See [`Settings::directs`].
            pub fn directs(&self, to: usize) -> bool {
                match self { $(Self::$name(parameters) => Settings::directs(parameters, to)),+ }
            }

            /// The service in a few words.
            pub fn words(
                &self,
                region: &dyn Fn(usize) -> String,
                delay: &dyn Fn(&Distribution) -> String,
            ) -> String {
                match self { $(Self::$name(parameters) => parameters.words(region, delay)),+ }
            }

            /// Builds the store's component.
            pub fn build(&self, address: Address, site: Site<'_>) -> Store {
                match self { $(Self::$name(parameters) => Store::$name(Slot::new(parameters.build(site), address))),+ }
            }
        }

        impl Store {
            /// Starts a trial.
            pub fn begin(&mut self, trial: u64) {
                match self { $(Self::$name(slot) => slot.begin(|service| service.begin(trial))),+ }
            }

            /// One of its events has come up; returns whether it was handled.
            pub fn deliver(&mut self, due: Due, list: &mut FutureEventList) -> bool {
                match self { $(Self::$name(slot) => slot.deliver(due, list)),+ }
            }

            /// The oldest signal that was not taken yet.
            pub fn next_signal(&mut self) -> Option<Signal> {
                match self { $(Self::$name(slot) => slot.next_signal()),+ }
            }

            /// See [`Service::access`].
            pub fn access(&self, shard: usize, access: Access, region: usize, world: &World) -> Availability {
                match self { $(Self::$name(slot) => slot.component().access(shard, access, region, world)),+ }
            }

            /// See [`Service::hit_ratio`].
            pub fn hit_ratio(&self, at: usize) -> f64 {
                match self { $(Self::$name(slot) => slot.component().hit_ratio(at)),+ }
            }

            /// See [`Service::world_changed`].
            pub fn world_changed(&mut self, world: &World, now: SimTime, list: &mut FutureEventList) {
                match self { $(Self::$name(slot) => slot.call(now, list, |it, ctx| it.world_changed(world, ctx))),+ }
            }

            /// See [`Service::acknowledges`].
            #[inline]
            pub fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
                match self { $(Self::$name(slot) => slot.component_mut().acknowledges(rates, now)),+ }
            }

            /// See [`Service::destroyed`].
            pub fn destroyed(&mut self, region: usize) {
                match self { $(Self::$name(slot) => slot.component_mut().destroyed(region)),+ }
            }

            /// See [`Service::stalls`].
            pub fn stalls(&mut self, from: usize, to: usize, begins: bool) {
                match self { $(Self::$name(slot) => slot.component_mut().stalls(from, to, begins)),+ }
            }

            /// See [`Service::instances_gone`].
            pub fn instances_gone(&mut self, region: usize, share: f64) {
                match self { $(Self::$name(slot) => slot.component_mut().instances_gone(region, share)),+ }
            }

            /// See [`Service::errs`].
            pub fn errs(&mut self, region: usize, erring: bool) {
                match self { $(Self::$name(slot) => slot.component_mut().errs(region, erring)),+ }
            }

            /// See [`Service::promote`].
            pub fn promote(
                &mut self,
                how: Promotion,
                to: usize,
                effective: bool,
                world: &World,
                now: SimTime,
                list: &mut FutureEventList,
            ) -> bool {
                match self {
                    $(Self::$name(slot) => slot.call(now, list, |it, ctx| it.promote(how, to, effective, world, ctx))),+
                }
            }

            /// See [`Service::direct`].
            pub fn direct(&mut self, to: usize, now: SimTime, list: &mut FutureEventList) {
                match self { $(Self::$name(slot) => slot.call(now, list, |it, ctx| it.direct(to, ctx))),+ }
            }

            /// See [`Service::lag`].
            pub fn lag(&self) -> (f64, Option<SimTime>) {
                match self { $(Self::$name(slot) => slot.component().lag()),+ }
            }

            /// See [`Service::complete`].
            pub fn complete(&self) -> bool {
                match self { $(Self::$name(slot) => slot.component().complete()),+ }
            }

            /// See [`Service::loss`].
            pub fn loss(&mut self, end: SimTime) -> Loss {
                match self { $(Self::$name(slot) => slot.component_mut().loss(end)),+ }
            }
        }
    };
}

services! {
    AuroraGlobal(aurora_global),
    DynamoDbGlobal(dynamodb_global),
    ElastiCacheGlobal(elasticache_global),
    RdsReplica(rds_replica),
    ShardedRelational(sharded_relational),
    S3Replication(s3_replication),
    InstanceSession(instance_session),
}

/// Writes that one copy acknowledged, over time: enough to say how many fell into any window.
#[derive(Debug, Default)]
pub struct AckLog {
    /// Since when, how many per second, and how many before.
    steps: Vec<(SimTime, f64, f64)>,
}

impl AckLog {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.steps.clear();
    }

    /// The rate from `now` on.
    pub fn set(&mut self, rate: f64, now: SimTime) {
        match self.steps.last_mut() {
            None => self.steps.push((now, rate, 0.0)),
            Some((_, last, _)) if *last == rate => {}
            Some((since, last, _)) if *since == now => *last = rate,
            Some(&mut (since, last, before)) => {
                self.steps.push((now, rate, before + last * now.since(since).as_secs_f64()));
            }
        }
    }

    /// The present rate.
    pub fn rate(&self) -> f64 {
        self.steps.last().map_or(0.0, |&(_, rate, _)| rate)
    }

    /// Writes acknowledged from the start until `seconds` (before the start the first rate is taken to have held).
    pub fn until(&self, seconds: f64) -> f64 {
        let after = self.steps.partition_point(|(since, _, _)| since.as_secs_f64() <= seconds);
        let Some(&(since, rate, before)) = self.steps.get(after.saturating_sub(1)) else { return 0.0 };
        before + rate * (seconds - since.as_secs_f64())
    }

    /// The first instant from `start` on at which a write was acknowledged, in seconds.
    pub fn first(&self, start: SimTime) -> Option<f64> {
        let ends = self.steps.iter().skip(1).map(|&(since, _, _)| since).chain([SimTime::NEVER]);
        let writing = self.steps.iter().zip(ends).find(|&(&(_, rate, _), end)| rate > 0.0 && end > start);
        writing.map(|(&(since, _, _), _)| since.max(start).as_secs_f64())
    }

    /// The last instant until `end` at which a write was acknowledged, in seconds.
    pub fn last(&self, end: SimTime) -> Option<f64> {
        let mut until = end;
        for &(since, rate, _) in self.steps.iter().rev() {
            if rate > 0.0 && since < end {
                return Some(until.as_secs_f64());
            }
            until = until.min(since);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_counts_the_writes_of_any_window() {
        let at = |seconds: u64| SimTime::from_nanos(seconds * 1_000_000_000);
        let mut log = AckLog::default();
        log.set(10.0, at(0));
        log.set(30.0, at(100));
        log.set(0.0, at(200));
        assert_eq!(log.until(100.0), 1_000.0);
        assert_eq!(log.until(150.0) - log.until(50.0), 50.0 * 10.0 + 50.0 * 30.0);
        assert_eq!(log.until(400.0), 4_000.0);
        assert_eq!(log.until(0.0) - log.until(-2.0), 20.0, "the first rate held before the start");
        assert_eq!(log.last(at(400)), Some(200.0));
        assert_eq!(log.last(at(150)), Some(150.0));
        assert_eq!((log.first(at(50)), log.first(at(200))), (Some(50.0), None));
        log.set(5.0, at(300));
        assert_eq!(log.first(at(200)), Some(300.0));
        assert_eq!((AckLog::default().last(at(1)), AckLog::default().first(at(1))), (None, None));
    }
}
