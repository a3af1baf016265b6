//! The services that keep data, listed once.

use std::fmt::Debug;

use sim_core::component::{Address, Due};
use sim_core::engine::{Engine, Part};
use sim_core::random::{Distribution, Trial};
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;
use sim_core::time::SimTime;
use sim_settings::form::{OneOf, Table, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Word, keys};

use super::backups::BackupsKeys;
use super::capacity::CapacityKeys;
use super::times::TimesKeys;
use super::{Attempt, Availability, Loss, Others, Restored, Service, Settings, Signal, Site};
use crate::about::About;
use crate::ids::{PopulationId, RegionId, ServiceId, StoreId};
use crate::needs::Access;
use crate::objectives::OfStoreKeys;
use crate::stores::replicated_log;
use crate::stores::{
    aurora_dsql, aurora_global, documentdb_global, dynamodb_global, efs_replication, elasticache_global,
    instance_session, memorydb_multi_region, queue, rds_replica, s3_replication, sharded_relational,
};
use crate::world::World;

keys! {
    /// The key that every store has.
    struct KindKeys {
        const KIND: Key<OneOf<Kinds>> = Key::required("kind", "the service that keeps the data");
    }
}

/// The keys of `[stores.NAME]`; most of them go with the kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StoreTable {}

impl Table for StoreTable {
    const LAYOUT: Layout = &[
        Listing::Keys(KindKeys::KEYS),
        Listing::Keys(CapacityKeys::KEYS),
        Listing::Keys(TimesKeys::KEYS),
        Listing::Keys(BackupsKeys::KEYS),
        Listing::Keys(OfStoreKeys::KEYS),
    ];
}

/// The kinds of stores, and how each is read.
enum Kinds {}

/// Lists the services that keep data, once: everything that has to know all of them follows from the list.
macro_rules! services {
    ($($name:ident($module:ident)),+ $(,)?) => {
        /// A store of some service, as the file describes it.
        #[allow(clippy::large_enum_variant, reason = "a handful exists per deployment, and none is moved in a trial")]
        #[derive(Debug, Clone, PartialEq)]
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

        impl Words for Kinds {
            type Means = fn(&mut Section<'_>, &[String]) -> Parameters;
            const WORDS: &'static [Word<Self::Means>] = &[
                $(Word::<Self::Means>::new(
                    <$module::Parameters as Settings>::KIND,
                    |section, regions| Parameters::$name(Settings::read(section, regions)),
                    <$module::Parameters as Settings>::MEANING,
                )
                .with(<$module::Parameters as Settings>::KEYS)),+
            ];
        }

        impl Parameters {
            /// The descriptions of the services that keep data, in the order of the list.
            pub const ABOUT: &[&About] = &[$(&$module::ABOUT),+];

            /// The description of the service.
            pub const fn about(&self) -> &'static About {
                match self { $(Self::$name(_) => &$module::ABOUT),+ }
            }

            /// Reads one `[stores.NAME]`.
            pub fn read(section: &mut Section<'_>, regions: &[String]) -> Self {
                section.get(&KIND)(section, regions)
            }

            /// See [`Settings::connect`].
            pub fn connect(&mut self, section: &mut Section<'_>, services: &[String]) {
                match self { $(Self::$name(parameters) => parameters.connect(section, services)),+ }
            }

            /// See [`Settings::relate`].
            pub fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
                match self { $(Self::$name(parameters) => parameters.relate(section, others)),+ }
            }

            /// See [`Settings::backs`].
            pub fn backs(&self) -> Option<StoreId> {
                match self { $(Self::$name(parameters) => Settings::backs(parameters)),+ }
            }

            /// See [`Settings::detaches`].
            pub fn detaches(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::detaches(parameters)),+ }
            }

            /// See [`Settings::switches_over`].
            pub fn switches_over(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::switches_over(parameters)),+ }
            }

            /// See [`Settings::log`].
            pub fn log(&self) -> Option<&replicated_log::Parameters> {
                match self { $(Self::$name(parameters) => Settings::log(parameters)),+ }
            }

            /// The region that takes all writes at the start, if there is one.
            pub fn writer(&self) -> Option<RegionId> {
                match self { $(Self::$name(parameters) => Settings::writer(parameters)),+ }
            }

            /// See [`Settings::writers`].
            pub fn writers(&self) -> Vec<RegionId> {
                match self { $(Self::$name(parameters) => Settings::writers(parameters)),+ }
            }

            /// See [`Settings::carries_all_writes`].
            pub fn carries_all_writes(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::carries_all_writes(parameters)),+ }
            }

            /// See [`Settings::replicates_from`].
            pub fn replicates_from(&self) -> Option<RegionId> {
                match self { $(Self::$name(parameters) => Settings::replicates_from(parameters)),+ }
            }

            /// See [`Settings::consumer`].
            pub fn consumer(&self) -> Option<ServiceId> {
                match self { $(Self::$name(parameters) => Settings::consumer(parameters)),+ }
            }

            /// See [`Settings::is_read`].
            pub fn is_read(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::is_read(parameters)),+ }
            }

            /// See [`Settings::shards`].
            pub fn shards(&self) -> usize {
                match self { $(Self::$name(parameters) => Settings::shards(parameters)),+ }
            }

            /// See [`Settings::shard_of`].
            pub fn shard_of(&self, population: PopulationId) -> usize {
                match self { $(Self::$name(parameters) => Settings::shard_of(parameters, population)),+ }
            }

            /// See [`Settings::leaves_its_zone`].
            pub fn leaves_its_zone(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::leaves_its_zone(parameters)),+ }
            }

            /// See [`Settings::is_zonal`].
            pub fn is_zonal(&self) -> bool {
                match self { $(Self::$name(parameters) => Settings::is_zonal(parameters)),+ }
            }

            /// See [`Settings::item_delay`].
            pub fn item_delay(&self) -> Option<&Distribution> {
                match self { $(Self::$name(parameters) => Settings::item_delay(parameters)),+ }
            }

            /// See [`Settings::voters`].
            pub fn voters(&self) -> Vec<RegionId> {
                match self { $(Self::$name(parameters) => Settings::voters(parameters)),+ }
            }

            /// See [`Settings::agrees_on`].
            pub fn agrees_on(&self, access: Access) -> bool {
                match self { $(Self::$name(parameters) => Settings::agrees_on(parameters, access)),+ }
            }

            /// The zone of that writer, if the file says so.
            pub fn zone(&self) -> Option<usize> {
                match self { $(Self::$name(parameters) => Settings::zone(parameters)),+ }
            }

            /// Regions that hold a copy.
            pub fn regions(&self) -> &[RegionId] {
                match self { $(Self::$name(parameters) => Settings::regions(parameters)),+ }
            }

            /// See [`Settings::CONTROL_PLANE`].
            pub fn control_plane(&self) -> &'static str {
                match self { $(Self::$name(_) => <$module::Parameters as Settings>::CONTROL_PLANE),+ }
            }

            /// See [`Settings::KEEPS_DATA`].
            pub fn keeps_data(&self) -> bool {
                match self { $(Self::$name(_) => <$module::Parameters as Settings>::KEEPS_DATA),+ }
            }

            /// See [`Settings::is_restored_to`].
            pub fn is_restored_to(&self, to: RegionId) -> bool {
                match self { $(Self::$name(parameters) => Settings::is_restored_to(parameters, to)),+ }
            }

            /// The regions where it is written at the start: its writers', or all with a copy where every copy is.
            pub fn written_in(&self) -> Vec<RegionId> {
                let writers = self.writers();
                if writers.is_empty() { self.regions().to_vec() } else { writers }
            }

            /// See [`Settings::directs`].
            pub fn directs(&self, to: RegionId) -> bool {
                match self { $(Self::$name(parameters) => Settings::directs(parameters, to)),+ }
            }

            /// The service in a few words.
            pub fn words(
                &self,
                region: &dyn Fn(RegionId) -> String,
                delay: &dyn Fn(&Distribution) -> String,
            ) -> String {
                match self { $(Self::$name(parameters) => parameters.words(region, delay)),+ }
            }

            /// Builds the store's component and places it under this key.
            pub fn build<K: Copy + Debug>(&self, key: K, site: Site<'_>, simulation: &mut Simulation<K>) -> Store {
                match self {
                    $(Self::$name(parameters) => Store::$name(simulation.place(key, parameters.build(site)))),+
                }
            }
        }

        impl Store {
            /// Starts a trial.
            pub fn begin<K: Copy + Debug>(&mut self, trial: Trial<'_>, engine: &mut Engine<K>) {
                match self { $(Self::$name(slot) => engine.begin(slot, |service, _| service.begin(trial))),+ }
            }

            /// See [`Service::access`].
            pub fn access(&self, shard: usize, access: Access, region: RegionId, world: &World) -> Availability {
                match self { $(Self::$name(slot) => slot.component().access(shard, access, region, world)),+ }
            }

            /// See [`Service::carries`].
            pub fn carries(&self, from: RegionId, to: RegionId, world: &World) -> bool {
                match self { $(Self::$name(slot) => slot.component().carries(from, to, world)),+ }
            }

            /// See [`Service::hit_ratio`].
            pub fn hit_ratio(&self, at: RegionId) -> f64 {
                match self { $(Self::$name(slot) => slot.component().hit_ratio(at)),+ }
            }

            /// See [`Service::world_changed`].
            pub fn world_changed<K: Copy + Debug>(&mut self, world: &World, engine: &mut Engine<K>) {
                match self { $(Self::$name(slot) => engine.call(slot, |it, ctx| it.world_changed(world, ctx))),+ }
            }

            /// See [`Service::acknowledges`].
            #[inline]
            pub fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
                match self { $(Self::$name(slot) => slot.component_mut().acknowledges(rates, now)),+ }
            }

            /// See [`Service::waits`].
            pub fn waits(&self, at: RegionId) -> bool {
                match self { $(Self::$name(slot) => slot.component().waits(at)),+ }
            }

            /// See [`Service::consumes`].
            pub fn consumes<K: Copy + Debug>(&mut self, rates: &[f64], engine: &mut Engine<K>) {
                match self { $(Self::$name(slot) => engine.call(slot, |it, ctx| it.consumes(rates, ctx))),+ }
            }

            /// See [`Service::backlog`].
            pub fn backlog(&mut self, end: SimTime) -> Option<&super::Backlog> {
                match self { $(Self::$name(slot) => slot.component_mut().backlog(end)),+ }
            }

            /// See [`Service::destroyed`].
            pub fn destroyed(&mut self, region: RegionId) {
                match self { $(Self::$name(slot) => slot.component_mut().destroyed(region)),+ }
            }

            /// See [`Service::stalls`].
            pub fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
                match self { $(Self::$name(slot) => slot.component_mut().stalls(from, to, begins)),+ }
            }

            /// See [`Service::instances_gone`].
            pub fn instances_gone(&mut self, region: RegionId, share: f64) {
                match self { $(Self::$name(slot) => slot.component_mut().instances_gone(region, share)),+ }
            }

            /// See [`Service::errs`].
            pub fn errs(&mut self, region: RegionId, erring: bool) {
                match self { $(Self::$name(slot) => slot.component_mut().errs(region, erring)),+ }
            }

            /// See [`Service::promote`].
            pub fn promote<K: Copy + Debug>(
                &mut self,
                attempt: Attempt,
                world: &World,
                engine: &mut Engine<K>,
            ) -> bool {
                match self { $(Self::$name(slot) => engine.call(slot, |it, ctx| it.promote(attempt, world, ctx))),+ }
            }

            /// See [`Service::needs_promotion`].
            pub fn needs_promotion(&self, to: RegionId) -> bool {
                match self { $(Self::$name(slot) => slot.component().needs_promotion(to)),+ }
            }

            /// See [`Service::repoint`].
            pub fn repoint<K: Copy + Debug>(&mut self, engine: &mut Engine<K>) {
                match self { $(Self::$name(slot) => engine.call(slot, |it, ctx| it.repoint(ctx))),+ }
            }

            /// See [`Service::restored`].
            pub fn restored<K: Copy + Debug>(&mut self, restored: Restored, world: &World, engine: &mut Engine<K>) {
                match self { $(Self::$name(slot) => engine.call(slot, |it, ctx| it.restored(restored, world, ctx))),+ }
            }

            /// See [`Service::misses_served`].
            pub fn misses_served<K: Copy + Debug>(&mut self, at: RegionId, share: f64, engine: &mut Engine<K>) {
                match self {
                    $(Self::$name(slot) => engine.call(slot, |it, ctx| it.misses_served(at, share, ctx))),+
                }
            }

            /// See [`Service::direct`].
            pub fn direct<K: Copy + Debug>(&mut self, to: RegionId, engine: &mut Engine<K>) -> bool {
                match self { $(Self::$name(slot) => engine.call(slot, |it, ctx| it.direct(to, ctx))),+ }
            }

            /// See [`Service::lag`].
            pub fn lag(&self) -> (f64, Option<SimTime>) {
                match self { $(Self::$name(slot) => slot.component().lag()),+ }
            }

            /// See [`Service::complete`].
            pub fn complete(&self) -> bool {
                match self { $(Self::$name(slot) => slot.component().complete()),+ }
            }

            /// See [`Service::present_writer`].
            pub fn present_writer(&self) -> Option<RegionId> {
                match self { $(Self::$name(slot) => slot.component().present_writer()),+ }
            }

            /// See [`Service::passed`].
            pub fn passed(&self) -> f64 {
                match self { $(Self::$name(slot) => slot.component().passed()),+ }
            }

            /// See [`Service::loss`].
            pub fn loss(&mut self, end: SimTime) -> Loss {
                match self { $(Self::$name(slot) => slot.component_mut().loss(end)),+ }
            }
        }

        impl Part for Store {
            type Signal = Signal;

            #[inline]
            fn is_at(&self, address: Address) -> bool {
                match self { $(Self::$name(slot) => slot.is_at(address)),+ }
            }

            #[inline]
            fn deliver<K: Copy + Debug>(&mut self, due: Due, engine: &mut Engine<K>) {
                match self { $(Self::$name(slot) => slot.deliver(due, engine)),+ }
            }

            #[inline]
            fn next_signal(&mut self) -> Option<Signal> {
                match self { $(Self::$name(slot) => slot.next_signal()),+ }
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
    AuroraDsql(aurora_dsql),
    DocumentDbGlobal(documentdb_global),
    MemoryDbMultiRegion(memorydb_multi_region),
    EfsReplication(efs_replication),
    Queue(queue),
}
