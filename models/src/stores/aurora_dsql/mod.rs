//! Amazon Aurora DSQL in two regions: a relational database that both write, with a third region that only votes.
//!
//!   a region's endpoint --it or its quorum is gone--> endpoint update --applications are pointed at the other--> works

#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, StreamId, Trial, Variate};
use sim_core::time::SimTime;
use sim_settings::form::{Delay, Name, Names};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, keys};

use crate::about::About;
use crate::by_id::ById;
use crate::cause::Cause;
use crate::grid::Grid;
use crate::ids::RegionId;
use crate::needs::Access;
use crate::quorum::Quorum;
use crate::sources::{cited, pages};
use crate::stores::{AckLog, Availability, Loss, Restored, Service, Settings, Signal, Site};
use crate::world::World;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Aurora DSQL",
    modelled: "two regions that read and write the same data, and a witness that only votes. A commit is in two of the three \
         regions before it succeeds, so that the loss of one costs no data and needs no promotion; a region that is cut \
         off from both others neither reads nor writes. Regions without an endpoint use the nearest, and stay with it \
         until it fails and they have been pointed at the other one. With a region out, a second loss costs everything: \
         the database is at risk. Where both are destroyed, all that was acknowledged is lost. A commit \
         waits for the round trip to the nearer of peer and witness",
    not_modelled: "transactions that conflict and are tried again; limits on what a \
         transaction may hold; the sets of regions that AWS allows; applications that keep an endpoint of their own \
         region which refuses them",
    sources: "two endpoints, witness, no failover, no loss, endpoints that clients change: documented; two of three: derived; how \
         long the change takes: assumed",
};

keys! {
    /// Keys of a database.
    struct DatabaseKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "the two regions with an endpoint", "all regions but the witness").example("[\"us-east-1\", \"eu-west-1\"]");
        const WITNESS: Key<Name<RegionId>> = Key::required("witness", "the region that only votes: it keeps the log of transactions and serves nobody").example("\"us-west-2\"");
        const CHANGE: Key<Delay> = Key::assumed(
            "endpoint-change",
            "from the loss of the endpoint that a region without one of its own uses until its applications use the other",
            "{ uniform = [\"30s\", \"2m\"] }",
            cited!("there is no endpoint for both regions; how fast applications change is up to them", pages::DSQL_RESILIENCE),
        )
            .band(Band::factor(0.2, 5.0, "a client that tries both endpoints takes seconds, a deployment several minutes"));
    }
}

/// A database in two regions.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The two regions with an endpoint.
    pub regions: Vec<RegionId>,
    /// The region that only votes.
    pub witness: RegionId,
    /// How long a change of endpoint takes, in seconds.
    pub endpoint_change: Distribution,
}

impl Settings for Parameters {
    type Service = Database;
    const KIND: &'static str = "aurora-dsql";
    const MEANING: &'static str = "an Aurora DSQL database in two regions with a witness";
    const KEYS: Layout = &[Listing::Keys(DatabaseKeys::KEYS)];

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let witness = section.name(&WITNESS, names);
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = RegionId::all(names.len()).filter(|&region| region != witness).collect();
        }
        let key = if section.has(REGIONS.name) { REGIONS.name } else { "" };
        if regions.contains(&witness) && section.has(WITNESS.name) {
            let found = format!("the witness {}", names[witness.index()]);
            section.reject_among(&[REGIONS.name, WITNESS.name], found, "two other regions", None);
        } else if regions.len() != 2 && section.has(WITNESS.name) {
            let count = regions.len();
            let found = if count == 1 { "one region".to_owned() } else { format!("{count} regions") };
            let hint = "`regions` lists those with an endpoint, without the witness";
            section.reject(key, format!("{found} besides the witness"), "exactly two", Some(hint.to_owned()));
        }
        Self { regions, witness, endpoint_change: section.get(&CHANGE) }
    }

    fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    fn carries_all_writes(&self) -> bool {
        true
    }

    fn voters(&self) -> Vec<RegionId> {
        self.regions.iter().copied().chain([self.witness]).collect()
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, _: &dyn Fn(&Distribution) -> String) -> String {
        let regions: Vec<String> = self.regions.iter().map(|&own| region(own)).collect();
        format!("Aurora DSQL, written in {}, {} as the witness", regions.join(" and "), region(self.witness))
    }

    fn build(&self, site: Site<'_>) -> Database {
        Database::new(self, site)
    }
}

/// The applications of a region are pointed at the other endpoint.
#[derive(Debug, Clone, Copy)]
pub struct EndpointChanges {
    region: RegionId,
}

/// A database at work.
#[derive(Debug)]
pub struct Database {
    /// Regions with an endpoint.
    copies: Vec<RegionId>,
    quorum: Quorum,
    change: ById<RegionId, Variate>,
    /// The endpoint that each region was pointed at; before that it uses the nearest.
    points_to: ById<RegionId, Option<RegionId>>,
    /// Regions whose applications are being pointed at another endpoint.
    changing: ById<RegionId, bool>,
    /// Whether the endpoint in one region (column) answers another (row).
    answers: Grid<bool, RegionId, RegionId>,
    /// Regions whose data are gone, until they are back.
    destroyed: ById<RegionId, bool>,
    /// Whether there was an instant at which the data of both regions were gone.
    gone: bool,
    all_up: bool,
    acknowledged: AckLog,
}

impl Database {
    /// A database at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, seed, .. } = site;
        let variate = |region: &String| {
            let id = StreamId::new(seed, &format!("{path}/{region}"), "endpoint-change");
            Variate::new(parameters.endpoint_change.clone(), id)
        };
        let count = regions.len();
        Self {
            copies: parameters.regions.clone(),
            quorum: Quorum::new(parameters.voters()),
            change: regions.iter().map(variate).collect(),
            points_to: ById::new(count, None),
            changing: ById::new(count, false),
            answers: Grid::new(count, count, true),
            destroyed: ById::new(count, false),
            gone: false,
            all_up: true,
            acknowledged: AckLog::default(),
        }
    }

    /// The endpoint that a region uses: its own, the one that it was pointed at, or else the nearest.
    fn endpoint(&self, region: RegionId, world: &World) -> Option<RegionId> {
        if self.copies.contains(&region) {
            return Some(region);
        }
        self.points_to[region].or_else(|| world.closest(region, &self.copies))
    }

    /// Points a region's applications at the endpoint that answers, if theirs does not.
    fn look_for_another(&mut self, region: RegionId, ctx: &mut Context<'_, EndpointChanges, Signal>) {
        let Some(endpoint) = self.points_to[region].filter(|_| !self.changing[region]) else { return };
        let answers = |copy: RegionId| self.answers[(region, copy)];
        if !answers(endpoint) && self.copies.iter().any(|&copy| answers(copy)) {
            self.changing[region] = true;
            ctx.schedule_in(self.change[region].draw_duration(), EndpointChanges { region });
        }
    }
}

impl Service for Database {
    fn begin(&mut self, trial: Trial<'_>) {
        self.quorum.begin();
        for change in &mut self.change {
            change.begin(trial);
        }
        self.points_to.fill(None);
        self.changing.fill(false);
        self.answers.fill(true);
        self.destroyed.fill(false);
        (self.gone, self.all_up) = (false, true);
        self.acknowledged.clear();
    }

    /// Reads see the latest commit, so that they need the quorum as well as writes.
    fn access(&self, _: usize, _: Access, region: RegionId, world: &World) -> Availability {
        match self.endpoint(region, world) {
            Some(endpoint) if !self.gone && self.answers[(region, endpoint)] => Availability::works(endpoint),
            Some(endpoint) if self.changing[region] => {
                Availability::fails(Cause::EndpointUpdate, !world.reaches(region, endpoint))
            }
            _ => Availability::fails(Cause::Dependency, false),
        }
    }

    fn carries(&self, from: RegionId, to: RegionId, world: &World) -> bool {
        self.copies.contains(&from) && self.copies.contains(&to) && world.reaches(from, to)
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, EndpointChanges, Signal>) {
        self.quorum.world_changed(world);
        for region in self.destroyed.ids() {
            // One that is back has the data of the other.
            self.destroyed[region] &= !world.up(region);
        }
        self.all_up = self.copies.iter().all(|&copy| world.up(copy));
        for region in self.changing.ids() {
            for &copy in &self.copies {
                let stands = self.quorum.agrees(copy, world);
                self.answers[(region, copy)] = stands && world.reaches(region, copy);
            }
            if !self.copies.contains(&region) {
                self.points_to[region] = self.endpoint(region, world);
                self.look_for_another(region, ctx);
            }
        }
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.acknowledged.set(rates.iter().sum(), now);
    }

    fn destroyed(&mut self, region: RegionId) {
        self.destroyed[region] = true;
        self.gone |= self.copies.iter().all(|&copy| self.destroyed[copy]);
    }

    /// What had been lost with both regions is there again.
    fn restored(&mut self, _: Restored, world: &World, ctx: &mut Context<'_, EndpointChanges, Signal>) {
        self.gone = false;
        self.world_changed(world, ctx);
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        (0.0, None)
    }

    /// With both regions up a commit is in both, or on its way there: the loss of one costs nothing.
    fn complete(&self) -> bool {
        self.all_up && !self.gone && self.quorum.stands()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        if !self.gone {
            return Loss::default();
        }
        let lost = self.acknowledged.until(end.as_secs_f64());
        // Without writes there is no age.
        let seconds = if self.acknowledged.last(end).is_some() { f64::INFINITY } else { 0.0 };
        Loss { lost, seconds, no_writer: true, ..Loss::default() }
    }
}

impl Component for Database {
    type Event = EndpointChanges;
    type Signal = Signal;

    fn handle(&mut self, EndpointChanges { region }: EndpointChanges, ctx: &mut Context<'_, EndpointChanges, Signal>) {
        self.changing[region] = false;
        let answers = |copy: &RegionId| self.answers[(region, *copy)];
        // Who finds the former endpoint well again stays with it.
        if self.points_to[region].is_some_and(|endpoint| !answers(&endpoint))
            && let Some(&other) = self.copies.iter().find(|copy| answers(copy))
        {
            self.points_to[region] = Some(other);
            ctx.signal(Signal::EndpointUpdated(region));
        }
        ctx.signal(Signal::Changed);
    }
}
