//! A global table as the file describes it.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Name, Names, OneOf, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use super::Table;
use crate::ids::RegionId;
use crate::in_flight;
use crate::needs::Access;
use crate::quorum::VOTERS;
use crate::sources::{cited, pages};
use crate::stores::replicated_items::{REWRITE, RewriteKeys};
use crate::stores::{Settings, Site};

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

    fn carries_all_writes(&self) -> bool {
        true
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
