//! Amazon `DynamoDB` global tables, multi-Region eventual (MREC) or strong (MRSC) consistency.

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Trial};
use sim_core::time::SimTime;
use sim_settings::form::{Delay, Name, Names, OneOf, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use crate::about::About;
use crate::cause::Cause;
use crate::ids::RegionId;
use crate::in_flight;
use crate::needs::Access;
use crate::quorum::{Quorum, VOTERS};
use crate::sources::{cited, pages};
use crate::stores::replicated_items::{Items, REWRITE, RewriteKeys};
use crate::stores::{Availability, Loss, Restored, Service, Settings, Signal, Site};
use crate::world::World;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "DynamoDB global tables",
    modelled: "eventual: local reads and writes; items that replicate independently with a delay; items in flight when a \
         region is cut off, which are stranded until it returns, lost if it was destroyed, or overwritten by newer \
         writes (last writer wins); items that a partition delays. A copy that was out has everything as soon as it \
         is back; what waited for it goes away with its own region if that follows. Where every copy is destroyed, \
         all that was acknowledged is lost. Strong: exactly three regions, of which one may be a witness; a write \
         needs its own copy and one more region, a strong read as well; an isolated region refuses both; what \
         succeeded is in two regions, so that the loss of one costs no data. With one region out such a table is one \
         loss away from refusing writes, not from losing them, and does not count as at risk; with two out it does. Where \
         the capacity of copies is limited, what is written anywhere loads every copy that it reaches: what replicates \
         comes first, and all regions shed the same share of their own writes",
    not_modelled: "order between items, transactions, capacity that grows with the load, items merged into one replicated write, the round \
         trip that a strong access takes, conflicts between regions, the sets of regions that AWS allows; what a \
         strong table loses when two of its regions are destroyed; backups",
    sources: "\"typically within a second or less\", 0.5 to 2.5 s nearby: documented; distribution: assumed; MRSC: \
         documented, isolation inferred from the quorum",
};

keys! {
    /// Keys of all global tables.
    struct TableKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "regions that hold a copy", "all regions");
        const CONSISTENCY: Key<OneOf<Consistent>> = Key::documented(
            "consistency",
            "whether copies follow each other with a delay, or a write is in two regions before it succeeds",
            "eventual",
            cited!("eventual (MREC) unless chosen otherwise", pages::DYNAMODB_GLOBAL),
        );
    }
}
keys! {
    /// Keys of tables with eventual consistency.
    struct EventualKeys {
        const DELAY: Key<Delay> = Key::assumed(
            "replication-delay",
            "how long an item takes to another region",
            "{ lognormal = { median = \"800ms\", p99 = \"2.5s\" } }",
            cited!("AWS says typically within a second and publishes no distribution", pages::DYNAMODB_GLOBAL),
        )
        .band(Band::factor(0.5, 3.0, "typically within a second in the words of AWS; longer between far regions and under load"));
    }
}

keys! {
    /// Keys of tables with strong consistency.
    struct StrongKeys {
        const WITNESS: Key<Option<Name<RegionId>>> = Key::optional("witness", "the region that only votes and holds no copy", "every region holds a copy");
        const READS: Key<OneOf<Reads>> = Key::convention(
            "reads",
            "whether reads see the latest write, and so need a second region, or are served by any copy",
            "strong",
            "what strong consistency is chosen for",
        );
    }
}

/// How copies agree: whether strongly.
enum Consistent {}

impl Words for Consistent {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("eventual", false, "items replicate after the write has succeeded (MREC)")
            .with(&[Listing::Keys(EventualKeys::KEYS), Listing::Keys(RewriteKeys::KEYS)]),
        Word::new("strong", true, "a write is in two of three regions before it succeeds (MRSC)")
            .with(&[Listing::Keys(StrongKeys::KEYS)]),
    ];
}

/// Whether reads see the latest write.
enum Reads {}

impl Words for Reads {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("strong", true, "reads see the latest write, and need a second region"),
        Word::new("eventual", false, "any copy answers reads, and may lack the latest writes"),
    ];
}

/// How copies agree.
#[derive(Debug, Clone, PartialEq)]
pub enum Consistency {
    /// Items replicate after the write has succeeded.
    Eventual {
        /// Replication delay in seconds.
        replication_delay: Distribution,
        /// Rewrites of an item per second.
        rewrite_rate: f64,
    },
    /// A write is in two of three regions before it succeeds.
    Strong {
        /// The region that only votes.
        witness: Option<RegionId>,
        /// Whether reads need a second region, too.
        strong_reads: bool,
    },
}

/// A global table.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Regions that hold a copy.
    pub regions: Vec<RegionId>,
    /// How they agree.
    pub consistency: Consistency,
}

fn read_strong(section: &mut Section<'_>, regions: &mut Vec<RegionId>, names: &[String]) -> Consistency {
    let witness = section.maybe_name(&WITNESS, names);
    regions.retain(|&region| Some(region) != witness);
    let voters = regions.len() + usize::from(witness.is_some());
    if voters != VOTERS && !names.is_empty() {
        let key = if section.has("regions") { "regions" } else { "consistency" };
        let expected = "exactly three, the witness included, if the table is strongly consistent";
        let hint = "`regions` lists those with a copy, `witness` may name the third";
        let found = if voters == 1 { "one region".to_owned() } else { format!("{voters} regions") };
        section.reject_among(&[key, "witness"], found, expected, Some(hint.to_owned()));
    }
    let strong_reads = section.get(&READS);
    Consistency::Strong { witness, strong_reads }
}

impl Settings for Parameters {
    type Service = Table;
    const KIND: &'static str = "dynamodb-global-table";
    const MEANING: &'static str = "a DynamoDB global table: every region reads and writes";
    const KEYS: Layout = &[Listing::Keys(TableKeys::KEYS)];

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = RegionId::all(names.len()).collect();
        }
        let consistency = if section.get(&CONSISTENCY) {
            read_strong(section, &mut regions, names)
        } else {
            let replication_delay = in_flight::read_time(section, &DELAY);
            Consistency::Eventual { replication_delay, rewrite_rate: section.get(&REWRITE) }
        };
        Self { regions, consistency }
    }

    fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    fn item_delay(&self) -> Option<&Distribution> {
        match &self.consistency {
            Consistency::Eventual { replication_delay, .. } => Some(replication_delay),
            Consistency::Strong { .. } => None,
        }
    }

    fn is_restored_to(&self, to: RegionId) -> bool {
        self.regions.contains(&to) || matches!(self.consistency, Consistency::Eventual { .. })
    }

    fn voters(&self) -> Vec<RegionId> {
        match &self.consistency {
            Consistency::Eventual { .. } => Vec::new(),
            Consistency::Strong { witness, .. } => self.regions.iter().copied().chain(*witness).collect(),
        }
    }

    fn agrees_on(&self, access: Access) -> bool {
        match &self.consistency {
            Consistency::Eventual { .. } => false,
            Consistency::Strong { strong_reads, .. } => access == Access::Write || *strong_reads,
        }
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        match &self.consistency {
            Consistency::Eventual { replication_delay, .. } => {
                format!("DynamoDB global table, items replicate in {}", delay(replication_delay))
            }
            Consistency::Strong { witness: None, .. } => {
                "DynamoDB global table, strong: two of three regions".to_owned()
            }
            Consistency::Strong { witness: Some(witness), .. } => {
                format!("DynamoDB global table, strong: two of three regions, {} as the witness", region(*witness))
            }
        }
    }

    fn build(&self, site: Site<'_>) -> Table {
        Table::new(self, site)
    }
}

/// Nothing happens to a table by itself.
#[derive(Debug, Clone, Copy)]
pub enum Event {}

/// How the copies of a table at work agree.
#[derive(Debug)]
enum Agreement {
    Eventual(Box<Items>),
    Strong { quorum: Quorum, strong_reads: bool },
}

/// A global table at work.
#[derive(Debug)]
pub struct Table {
    /// Regions with a copy in the file, and in this trial.
    regions: Vec<RegionId>,
    copies: Vec<RegionId>,
    agreement: Agreement,
}

impl Table {
    /// A table at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let copies = &parameters.regions;
        let agreement = match &parameters.consistency {
            Consistency::Eventual { replication_delay, rewrite_rate } => {
                Agreement::Eventual(Box::new(Items::new(copies, |_, _| true, replication_delay, *rewrite_rate, site)))
            }
            Consistency::Strong { strong_reads, .. } => {
                Agreement::Strong { quorum: Quorum::new(parameters.voters()), strong_reads: *strong_reads }
            }
        };
        Self { regions: copies.clone(), copies: copies.clone(), agreement }
    }
}

impl Service for Table {
    fn begin(&mut self, trial: Trial<'_>) {
        self.copies.clone_from(&self.regions);
        match &mut self.agreement {
            Agreement::Eventual(items) => {
                items.lie_in(&self.regions);
                items.begin(trial);
            }
            Agreement::Strong { quorum, .. } => quorum.begin(),
        }
    }

    /// A read or a write from a region: at its own copy, else at the nearest one that answers. Where two regions have to
    /// agree, a region that is cut off from both others cannot serve, not even from the copy that it has.
    fn access(&self, _: usize, access: Access, region: RegionId, world: &World) -> Availability {
        let nearest = crate::stores::nearest_copy(&self.copies, region, world);
        match &self.agreement {
            Agreement::Strong { quorum, strong_reads }
                if nearest.share > 0.0
                    && (access == Access::Write || *strong_reads)
                    && !quorum.agrees(nearest.at, world) =>
            {
                Availability::fails(Cause::Dependency, false)
            }
            Agreement::Strong { .. } | Agreement::Eventual(_) => nearest,
        }
    }

    fn carries(&self, from: RegionId, to: RegionId, world: &World) -> bool {
        let copies = self.copies.contains(&from) && self.copies.contains(&to);
        copies
            && match &self.agreement {
                Agreement::Eventual(items) => items.arrive(from, to, world),
                Agreement::Strong { .. } => world.reaches(from, to),
            }
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        match &mut self.agreement {
            Agreement::Eventual(items) => items.world_changed(world, ctx.now()),
            Agreement::Strong { quorum, .. } => quorum.world_changed(world),
        }
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            items.acknowledges(rates, now);
        }
    }

    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            items.stalls(from, to, begins);
        }
    }

    fn destroyed(&mut self, region: RegionId) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            items.destroyed(region);
        }
    }

    /// A region without a copy takes the place of the first one that had one.
    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        if let Agreement::Eventual(items) = &mut self.agreement {
            if !self.copies.contains(&restored.to)
                && let Some(first) = self.copies.first_mut()
            {
                *first = restored.to;
                items.lie_in(&self.copies);
            }
            items.restored(restored.point, world, ctx.now());
        }
        self.world_changed(world, ctx);
    }

    /// A strongly consistent table has no such metric; nothing ever lags.
    fn lag(&self) -> (f64, Option<SimTime>) {
        match &self.agreement {
            Agreement::Eventual(items) => items.lag(),
            Agreement::Strong { .. } => (0.0, None),
        }
    }

    /// Under strong consistency a write is in two regions, so that as long as two are up no single loss costs any.
    fn complete(&self) -> bool {
        match &self.agreement {
            Agreement::Eventual(items) => items.complete(),
            Agreement::Strong { quorum, .. } => quorum.stands(),
        }
    }

    /// A write that succeeded under strong consistency is in two regions: nothing is missing.
    fn loss(&mut self, end: SimTime) -> Loss {
        match &mut self.agreement {
            Agreement::Eventual(items) => items.loss(end),
            Agreement::Strong { .. } => Loss::default(),
        }
    }
}

impl Component for Table {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, _: &mut Context<'_, Event, Signal>) {
        match event {}
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_settings::{Report, parse_toml};

    use super::*;
    use crate::ids::R;

    /// A fourth region holds no copy, wherever a test says nothing else; it is nearest to the first, then the second.
    const NAMES: [&str; 4] = ["us-east-1", "us-east-2", "us-west-2", "ca-central-1"];

    fn world() -> World {
        let trips = [
            vec![0.0, 0.012, 0.064, 0.015],
            vec![0.012, 0.0, 0.052, 0.025],
            vec![0.063, 0.051, 0.0, 0.06],
            vec![0.014, 0.024, 0.06, 0.0],
        ];
        World::new(&[3; 4], &trips)
    }

    fn read(text: &str) -> (Parameters, Vec<String>) {
        let (node, problems) = parse_toml(text, 0);
        assert!(problems.is_empty(), "{text}");
        let report = Report::new();
        let mut section = report.root(&node);
        let parameters = Parameters::read(&mut section, &NAMES.map(str::to_owned));
        drop(section);
        (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
    }

    fn table(text: &str) -> Table {
        let (parameters, problems) = read(text);
        assert!(problems.is_empty(), "{text}: {problems:?}");
        let mut table = parameters.build(Site {
            path: "stores/ledger",
            regions: &NAMES.map(str::to_owned),
            zones: &[3; 4],
            seed: 1,
        });
        table.begin(0_u64.into());
        table
    }

    fn works(table: &Table, access: Access, region: RegionId, world: &World) -> bool {
        table.access(0, access, region, world).share == 1.0
    }

    const THREE: &str = "consistency = 'strong'\nregions = ['us-east-1', 'us-east-2', 'us-west-2']";

    #[test]
    fn a_strong_access_needs_its_own_region_and_one_more() {
        let table = table(THREE);
        // Every combination of regions that are out and paths that are cut, against the sentence itself.
        for state in 0_u32..64 {
            let bit = |index: u32| state >> index & 1 == 1;
            let (out, cut) = ([bit(0), bit(1), bit(2)], [bit(3), bit(4), bit(5)]);
            let mut world = world();
            let paths = [(0, 1), (0, 2), (1, 2)];
            for region in (0..3).filter(|&region| out[region]) {
                world.set_out(R[region], true);
            }
            for (&(a, b), _) in paths.iter().zip(cut).filter(|(_, cut)| *cut) {
                world.set_cut(R[a], R[b], true);
            }
            for region in (0..3).filter(|&region| !out[region]) {
                let whole = |other: usize| {
                    let pair = (region.min(other), region.max(other));
                    let path = paths.iter().position(|&path| path == pair).expect("a path");
                    !out[other] && !cut[path]
                };
                let expected = (0..3).any(|other| other != region && whole(other));
                for access in [Access::Read, Access::Write] {
                    assert_eq!(works(&table, access, R[region], &world), expected, "{region} in {state:06b}");
                }
            }
        }
    }

    #[test]
    fn eventual_reads_of_a_strong_table_need_nobody_else() {
        let (mut world, text) = (world(), format!("{THREE}\nreads = 'eventual'"));
        world.set_out(R[1], true);
        world.set_out(R[2], true);
        assert!(works(&table(&text), Access::Read, R[0], &world) && !works(&table(&text), Access::Write, R[0], &world));
        assert!(!works(&table(THREE), Access::Read, R[0], &world));
    }

    #[test]
    fn a_witness_votes_and_serves_nobody() {
        let table = table("consistency = 'strong'\nregions = ['us-east-1', 'us-west-2']\nwitness = 'us-east-2'");
        let mut world = world();
        assert_eq!(table.access(0, Access::Write, R[1], &world).at, R[0], "the witness' region uses the nearest copy");
        world.set_out(R[0], true);
        assert!(works(&table, Access::Write, R[2], &world), "the witness makes two");
        assert_eq!(table.access(0, Access::Write, R[1], &world).at, R[2]);
        world.set_cut(R[1], R[2], true);
        assert!(!works(&table, Access::Write, R[2], &world) && !works(&table, Access::Read, R[1], &world));
    }

    #[test]
    fn a_region_without_a_copy_uses_the_nearest_one() {
        let (table, mut world) = (table(THREE), world());
        assert_eq!(table.access(0, Access::Write, R[3], &world).at, R[0]);
        world.set_out(R[0], true);
        assert_eq!(table.access(0, Access::Write, R[3], &world).at, R[1]);
        world.set_out(R[2], true);
        assert!(!works(&table, Access::Write, R[3], &world));
    }

    #[test]
    fn nothing_that_succeeded_under_strong_consistency_is_ever_missing() {
        let mut table = table(THREE);
        table.acknowledges(&[100.0; 4], SimTime::ZERO);
        table.destroyed(R[0]);
        assert_eq!((table.loss(SimTime::NEVER), table.lag()), (Loss::default(), (0.0, None)));
    }

    #[test]
    fn a_strong_table_is_at_risk_once_two_of_its_regions_are_out() {
        for text in [THREE, "consistency = 'strong'\nregions = ['us-east-1', 'us-west-2']\nwitness = 'us-east-2'"] {
            let mut alone = Harness::new(table(text));
            let mut world = world();
            for (region, out, complete) in [
                (3, true, true),
                (0, true, true),
                (1, true, false),
                (0, false, true),
                (2, true, false),
                (1, false, true),
            ] {
                world.set_out(R[region], out);
                alone.call(|table, ctx| table.world_changed(&world, ctx));
                assert_eq!(alone.component().complete(), complete, "{text}: {region} out: {out}");
            }
        }
    }

    #[test]
    fn strong_tables_have_exactly_three_regions() {
        for (text, found) in [
            ("consistency = 'strong'", "4 regions"),
            ("consistency = 'strong'\nregions = ['us-east-1', 'us-east-2']", "2 regions"),
            ("consistency = 'strong'\nregions = ['us-east-1']\nwitness = 'us-east-2'", "2 regions"),
            ("consistency = 'strong'\nwitness = 'us-east-2'", "4 regions"),
        ] {
            assert_eq!(read(text).1, [found], "{text}");
        }
        let (parameters, problems) = read(&format!("{THREE}\nwitness = 'us-west-2'"));
        assert_eq!(
            (parameters.regions, problems),
            (R[..2].to_vec(), vec![]),
            "a witness among them is one of the three"
        );
    }
}
