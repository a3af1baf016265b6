//! Amazon Aurora DSQL in two regions: a relational database that both write, with a third region that only votes.
//!
//!   a region's endpoint --it or its quorum is gone--> endpoint update --applications are pointed at the other--> works

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, StreamId, Variate};
use sim_core::time::SimTime;
use sim_settings::form::{Delay, Name, Names};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, keys};

use crate::about::About;
use crate::by_id::ById;
use crate::cause::Cause;
use crate::grid::Grid;
use crate::ids::RegionId;
use crate::journeys::Access;
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
         the database is at risk. Where both are destroyed, all that was acknowledged is lost. `mrsim check` says how \
         much a commit waits for: the round trip to the nearer of peer and witness",
    not_modelled: "that round trip in the latency of requests; transactions that conflict and are tried again; limits on what a \
         transaction may hold; the sets of regions that AWS allows; applications that keep an endpoint of their own \
         region which refuses them",
    sources: "two endpoints, witness, no failover, no loss, endpoints that clients change: documented; two of three: derived; how \
         long the change takes: assumed",
};

keys! {
    /// Keys of a database.
    struct DatabaseKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "the two regions with an endpoint", "all regions but the witness");
        const WITNESS: Key<Name<RegionId>> = Key::required("witness", "the region that only votes: it keeps the log of transactions and serves nobody");
        const CHANGE: Key<Delay> = Key::assumed(
            "endpoint-change",
            "from the loss of the endpoint that a region without one of its own uses until its applications use the other",
            "{ uniform = [\"30s\", \"2m\"] }",
            cited!("there is no endpoint for both regions; how fast applications change is up to them", pages::DSQL_RESILIENCE),
        );
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
    fn begin(&mut self, trial: u64) {
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

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::time::SimDuration;
    use sim_settings::{Report, parse_toml};

    use super::*;
    use crate::ids::R;

    /// Endpoints in the first two, the witness in the third; the fourth is nearest to the first.
    const NAMES: [&str; 4] = ["us-east-1", "us-east-2", "us-west-2", "ca-central-1"];
    const TEXT: &str = "regions = ['us-east-1', 'us-east-2']\nwitness = 'us-west-2'\nendpoint-change = '1m'";

    fn read(text: &str, regions: usize) -> (Parameters, Vec<String>) {
        let (node, mistakes) = parse_toml(text, 0);
        assert!(mistakes.is_empty(), "{text}");
        let report = Report::new();
        let mut section = report.root(&node);
        let names: Vec<String> = NAMES[..regions].iter().map(|&name| name.to_owned()).collect();
        let parameters = Parameters::read(&mut section, &names);
        drop(section);
        (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
    }

    struct Bench {
        database: Harness<Database>,
        world: World,
    }

    impl Bench {
        fn new() -> Self {
            let (parameters, problems) = read(TEXT, 4);
            assert!(problems.is_empty(), "{problems:?}");
            let names = NAMES.map(str::to_owned);
            let site = Site { path: "stores/ledger", regions: &names, zones: &[3; 4], seed: 1 };
            let mut database = Harness::new(parameters.build(site));
            database.call(|it, ctx| {
                it.begin(0);
                it.acknowledges(&[10.0, 5.0, 0.0, 0.0], ctx.now());
            });
            let trips = [
                vec![0.0, 0.012, 0.064, 0.015],
                vec![0.012, 0.0, 0.052, 0.025],
                vec![0.063, 0.051, 0.0, 0.06],
                vec![0.014, 0.024, 0.06, 0.0],
            ];
            Self { database, world: World::new(&[3; 4], &trips) }
        }

        fn change(&mut self, seconds: u64, what: impl FnOnce(&mut World)) {
            self.at(seconds);
            what(&mut self.world);
            self.database.call(|it, ctx| it.world_changed(&self.world, ctx));
        }

        fn at(&mut self, seconds: u64) {
            self.database.run_until(SimTime::ZERO + SimDuration::from_secs(seconds));
        }

        fn write(&self, region: RegionId) -> Result<RegionId, Cause> {
            let access = self.database.component().access(0, Access::Write, region, &self.world);
            if access.share == 1.0 { Ok(access.at) } else { Err(access.cause) }
        }
    }

    #[test]
    fn two_of_three_commit_and_one_alone_does_not() {
        // Every combination of regions that are out and paths that are cut, against the sentence itself.
        for state in 0_u32..64 {
            let bit = |index: u32| state >> index & 1 == 1;
            let (out, cut) = ([bit(0), bit(1), bit(2)], [bit(3), bit(4), bit(5)]);
            let paths = [(0, 1), (0, 2), (1, 2)];
            let mut bench = Bench::new();
            bench.change(10, |world| {
                for region in (0..3).filter(|&region| out[region]) {
                    world.set_out(R[region], true);
                }
                for (&(a, b), _) in paths.iter().zip(cut).filter(|(_, cut)| *cut) {
                    world.set_cut(R[a], R[b], true);
                }
            });
            for region in 0..2 {
                let whole = |other: usize| {
                    let pair = (region.min(other), region.max(other));
                    let path = paths.iter().position(|&path| path == pair).expect("a path");
                    !out[other] && !cut[path]
                };
                let agrees = !out[region] && (0..3).any(|other| other != region && whole(other));
                let expected = if agrees { Ok(R[region]) } else { Err(Cause::Dependency) };
                assert_eq!(bench.write(R[region]), expected, "{region} in {state:06b}");
            }
            let complete = !out[0] && !out[1];
            assert_eq!(bench.database.component().complete(), complete, "{state:06b}");
        }
    }

    #[test]
    fn applications_without_an_endpoint_of_their_own_are_pointed_at_the_other_one_and_stay_there() {
        let mut bench = Bench::new();
        assert_eq!((bench.write(R[3]), bench.write(R[2])), (Ok(R[0]), Ok(R[1])));
        bench.change(100, |world| assert!(world.set_out(R[0], true)));
        assert_eq!((bench.write(R[1]), bench.write(R[2])), (Ok(R[1]), Ok(R[1])), "nobody else notices");
        bench.at(159);
        assert_eq!(bench.write(R[3]), Err(Cause::EndpointUpdate));
        bench.at(161);
        assert_eq!(bench.write(R[3]), Ok(R[1]));
        bench.change(300, |world| assert!(world.set_out(R[0], false)));
        assert_eq!(bench.write(R[3]), Ok(R[1]), "nobody points them back");
        // Both go: there is nothing to be pointed at. The first one that is back is.
        bench.change(400, |world| assert!(world.set_out(R[0], true) && world.set_out(R[1], true)));
        bench.at(500);
        assert_eq!(bench.write(R[3]), Err(Cause::Dependency));
        bench.change(600, |world| assert!(world.set_out(R[0], false)));
        bench.at(661);
        assert_eq!(bench.write(R[3]), Ok(R[0]));
    }

    #[test]
    fn an_endpoint_that_is_back_before_the_change_is_kept() {
        let mut bench = Bench::new();
        bench.change(100, |world| assert!(world.set_out(R[0], true)));
        bench.change(130, |world| assert!(world.set_out(R[0], false)));
        assert_eq!(bench.write(R[3]), Ok(R[0]));
        bench.at(200);
        assert_eq!(bench.write(R[3]), Ok(R[0]));
    }

    #[test]
    fn the_loss_of_one_region_costs_nothing_and_that_of_both_everything() {
        let mut bench = Bench::new();
        bench.database.call(|it, _| it.destroyed(R[0]));
        bench.change(100, |world| assert!(world.set_out(R[0], true)));
        let end = SimTime::ZERO + SimDuration::from_secs(1_000);
        assert_eq!(bench.database.call(|it, _| it.loss(end)), Loss::default());
        // Back, it has everything, so that the other one may go.
        bench.change(200, |world| assert!(world.set_out(R[0], false)));
        bench.database.call(|it, _| it.destroyed(R[1]));
        bench.change(300, |world| assert!(world.set_out(R[1], true)));
        assert_eq!(bench.database.call(|it, _| it.loss(end)), Loss::default());
        bench.database.call(|it, ctx| {
            it.destroyed(R[0]);
            it.acknowledges(&[0.0; 4], ctx.now());
        });
        bench.change(300, |world| assert!(world.set_out(R[0], true)));
        let loss = bench.database.call(|it, _| it.loss(end));
        assert_eq!((loss.lost, loss.seconds, loss.no_writer), (15.0 * 300.0, f64::INFINITY, true));
        bench.change(400, |world| assert!(world.set_out(R[0], false) && world.set_out(R[1], false)));
        assert_eq!(bench.write(R[0]), Err(Cause::Dependency), "there is nothing to begin from");
    }

    #[test]
    fn databases_that_make_no_sense_are_refused() {
        for (text, regions, found) in [
            ("witness = 'us-west-2'", 4, "3 regions besides the witness"),
            ("witness = 'us-west-2'\nregions = ['us-east-1']", 3, "one region besides the witness"),
            ("witness = 'us-east-2'\nregions = ['us-east-1', 'us-east-2']", 3, "the witness us-east-2"),
        ] {
            assert_eq!(read(text, regions).1, [found], "{text}");
        }
        assert!(read("witness = 'us-west-2'", 3).1.is_empty(), "the two others");
        assert_eq!(read("regions = ['us-east-1', 'us-east-2']", 3).1.len(), 1, "a witness is required");
    }
}
