//! The parts of a service that keeps data: its reading, and its component.

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Trial};
use sim_core::time::SimTime;
use sim_settings::{Layout, Section};

use super::{Attempt, Availability, Backlog, Loss, Others, Restored, Signal, Site};
use crate::ids::{PopulationId, RegionId, ServiceId, StoreId};
use crate::needs::Access;
use crate::stores::replicated_log;
use crate::world::World;

/// The settings of a service that keeps data.
pub trait Settings: Sized {
    /// The component that they describe.
    type Service: Service;
    /// How the file calls the service.
    const KIND: &'static str;
    /// The service in a few words.
    const MEANING: &'static str;
    /// The keys of this kind of store.
    const KEYS: Layout;
    /// The service whose control plane makes a copy the writer.
    const CONTROL_PLANE: &'static str = "the store";
    /// Whether it keeps what can be backed up, and corrupted.
    const KEEPS_DATA: bool = true;

    /// Reads one `[stores.NAME]` of this kind.
    fn read(section: &mut Section<'_>, regions: &[String]) -> Self;

    /// Reads the keys that refer to services.
    fn connect(&mut self, section: &mut Section<'_>, services: &[String]) {
        let _ = (section, services);
    }

    /// Reads the keys that refer to other parts of the experiment, once their names are known.
    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let _ = (section, others);
    }

    /// How its log behaves, if what it keeps is the log of one writer.
    fn log(&self) -> Option<&replicated_log::Parameters> {
        None
    }

    /// The store that a read which finds nothing here loads from, if this one is a cache.
    fn backs(&self) -> Option<StoreId> {
        None
    }

    /// Whether the writer can be moved as planned.
    fn switches_over(&self) -> bool {
        self.log().is_none_or(|log| log.switch_over_time.is_some())
    }

    /// Whether a copy can be made a cluster of its own that no name leads to.
    fn detaches(&self) -> bool {
        self.log().is_some_and(|log| log.detach_time.is_some())
    }

    /// The region that takes all writes at the start, if there is one.
    fn writer(&self) -> Option<RegionId> {
        self.log().map(|log| log.place.writer)
    }

    /// The regions that take writes at the start, of a store each of whose parts has one writer.
    fn writers(&self) -> Vec<RegionId> {
        self.writer().into_iter().collect()
    }

    /// The only copy from which others get what is written, where every copy takes writes of its own.
    fn replicates_from(&self) -> Option<RegionId> {
        None
    }

    /// The service that works off what is written to it, if one does.
    fn consumer(&self) -> Option<ServiceId> {
        None
    }

    /// Whether requests can read it.
    fn is_read(&self) -> bool {
        true
    }

    /// Number of parts that different populations use.
    fn shards(&self) -> usize {
        1
    }

    /// The part that a population uses.
    fn shard_of(&self, population: PopulationId) -> usize {
        let _ = population;
        0
    }

    /// Whether a writer that loses its zone goes on in another one.
    fn leaves_its_zone(&self) -> bool {
        self.log().is_none_or(|log| log.in_region_failover.is_some() || !log.zonal)
    }

    /// Whether each of its writers stands in one zone at a time, so that the loss of a zone may strike it.
    fn is_zonal(&self) -> bool {
        self.log().is_none_or(|log| log.zonal)
    }

    /// How long items take to another region, if what it keeps are items that replicate one by one.
    fn item_delay(&self) -> Option<&Distribution> {
        None
    }

    /// Whether each copy carries the writes of all others, beside its own.
    fn carries_all_writes(&self) -> bool {
        false
    }

    /// Regions of which two have to agree before a write has succeeded; none where its copy alone decides.
    fn voters(&self) -> Vec<RegionId> {
        Vec::new()
    }

    /// Whether such accesses wait until two of the voters agree.
    fn agrees_on(&self, access: Access) -> bool {
        access == Access::Write && !self.voters().is_empty()
    }

    /// The zone of that writer, if the file says so.
    fn zone(&self) -> Option<usize> {
        self.log()?.place.zone
    }

    /// Regions that hold a copy.
    fn regions(&self) -> &[RegionId];

    /// Whether it can be restored to a region: one with a copy, or one that takes the place of the first.
    fn is_restored_to(&self, to: RegionId) -> bool {
        self.regions().contains(&to) || self.log().is_some()
    }

    /// Whether a runbook can direct the requests of all regions to the copy in this one.
    fn directs(&self, to: RegionId) -> bool {
        let _ = to;
        false
    }

    /// The service in a few words; `region` names regions, `delay` tells delays.
    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String;

    /// The service at work.
    fn build(&self, site: Site<'_>) -> Self::Service;
}

/// A service that keeps data, at work.
pub trait Service: Component<Signal = Signal> {
    /// Starts a trial.
    fn begin(&mut self, trial: Trial<'_>);

    /// Whether an access to a shard from `region` works at this instant. A store that is whole has only shard 0.
    fn access(&self, shard: usize, access: Access, region: RegionId, world: &World) -> Availability;

    /// Whether the copy in region `to` carries the writes that the one in `from` acknowledges at this instant, beside its own.
    fn carries(&self, from: RegionId, to: RegionId, world: &World) -> bool {
        let _ = (from, to, world);
        false
    }

    /// Share of reads that find what they look for in the copy of region `at`; the others go to what the store backs.
    fn hit_ratio(&self, at: RegionId) -> f64 {
        let _ = at;
        1.0
    }

    /// Places or paths changed.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Self::Event, Signal>);

    /// From now on each region's copy acknowledges this many writes per second; with shards one row of regions each.
    fn acknowledges(&mut self, rates: &[f64], now: SimTime);

    /// Whether anything waits to be consumed in a region.
    fn waits(&self, at: RegionId) -> bool {
        let _ = at;
        false
    }

    /// From now on so much is consumed per second in each region.
    fn consumes(&mut self, rates: &[f64], ctx: &mut Context<'_, Self::Event, Signal>) {
        let _ = (rates, ctx);
    }

    /// What waited in this trial, at its end, if anything can.
    fn backlog(&mut self, end: SimTime) -> Option<&Backlog> {
        let _ = end;
        None
    }

    /// The data that the region holds until it returns are gone.
    fn destroyed(&mut self, region: RegionId);

    /// Replication from one region to another stops for a reason of its own, or goes on. [`Service::world_changed`] follows.
    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        let _ = (from, to, begins);
    }

    /// Instances of a region are gone, with whatever they kept: this share of those that served.
    fn instances_gone(&mut self, region: RegionId, share: f64) {
        let _ = (region, share);
    }

    /// A region's copy answers with errors from now on, or does so no longer: one that can be reached may have to be
    /// promoted over all the same.
    fn errs(&mut self, region: RegionId, erring: bool) {
        let _ = (region, erring);
    }

    /// A runbook makes a copy the writer. Returns whether anything was begun (or is under way already) that will end with
    /// a signal.
    fn promote(&mut self, attempt: Attempt, world: &World, ctx: &mut Context<'_, Self::Event, Signal>) -> bool {
        let _ = (attempt, world, ctx);
        false
    }

    /// Whether there is anything to promote in region `to`, or under way already, at this instant: no writer that answers
    /// it without errors.
    fn needs_promotion(&self, to: RegionId) -> bool {
        let _ = to;
        false
    }

    /// Applications are told of a detached writer: those in regions that are up and reach it use it from now on.
    fn repoint(&mut self, ctx: &mut Context<'_, Self::Event, Signal>) {
        let _ = ctx;
    }

    /// A restore has brought it back: in all its copies it is as it was at a point in time, with its writer in the region
    /// that it was restored to. What it lost since that point it counts no longer: that is counted by [`super::Backups`].
    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, Self::Event, Signal>) {
        let _ = restored;
        self.world_changed(world, ctx);
    }

    /// This share of the reads that a cache in region `at` does not answer is served by what it backs, from now on.
    fn misses_served(&mut self, at: RegionId, share: f64, ctx: &mut Context<'_, Self::Event, Signal>) {
        let _ = (at, share, ctx);
    }

    /// A runbook directs the requests of all regions to the copy in region `to`, if [`Settings::directs`] says so. Returns
    /// whether they go elsewhere now.
    fn direct(&mut self, to: RegionId, ctx: &mut Context<'_, Self::Event, Signal>) -> bool {
        let _ = (to, ctx);
        false
    }

    /// Replication lag as `CloudWatch` shows it: seconds, and since when it has been growing by a second per second.
    fn lag(&self) -> (f64, Option<SimTime>);

    /// Whether every copy gets new writes, so that no single loss costs more than what is under way at any time; a store
    /// that was meant to have a single copy has none that could lack them.
    fn complete(&self) -> bool {
        self.lag().1.is_none()
    }

    /// The region of the writer that it has now, if it has one.
    fn present_writer(&self) -> Option<RegionId> {
        None
    }

    /// From when on, in seconds, its present writer lacked what the former one had, when it took that one's place.
    fn passed(&self) -> f64 {
        f64::INFINITY
    }

    /// The losses of this trial, at its end.
    fn loss(&mut self, end: SimTime) -> Loss;
}
