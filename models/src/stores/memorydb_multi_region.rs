//! Amazon `MemoryDB` Multi-Region: a cluster in each region that takes reads and writes, and keys that replicate.
//!
//! To the rest of a deployment it is a `DynamoDB` global table with eventual consistency and a delay of its own.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Names};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, keys};

use crate::about::About;
use crate::ids::RegionId;
use crate::in_flight;
use crate::sources::{cited, pages};
use crate::stores::dynamodb_global::{self, Consistency, Table};
use crate::stores::replicated_items::{REWRITE, RewriteKeys};
use crate::stores::{Settings, Site};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "MemoryDB Multi-Region",
    modelled: "local reads and writes in up to five regions; keys that replicate independently with a delay; keys in flight \
         when a region is cut off, which are stranded until it returns, lost if it was destroyed, or overwritten by newer \
         writes (last writer wins); keys that a partition delays, for however long it takes. A cluster that was out has \
         everything as soon as it is back. A write that was acknowledged is in several zones of its region",
    not_modelled: "the merging of parts of a collection (a key counts as written as a whole), shards and their slots, memory \
         that is full, the set of regions that AWS allows",
    sources: "five regions, \"typically within a second\", writes of an isolated region that are sent when it returns: documented; \
         distribution: assumed",
};

keys! {
    /// Keys of clusters in several regions.
    struct ClusterKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "regions with a cluster, two to five", "all regions").example("[\"us-east-1\", \"eu-west-1\"]");
        const DELAY: Key<Delay> = Key::assumed(
            "replication-delay",
            "how long a key takes to another region",
            "{ lognormal = { median = \"500ms\", p99 = \"2s\" } }",
            cited!("AWS says typically within a second and publishes no distribution", pages::MEMORYDB_REGIONS),
        )
            .band(Band::factor(0.5, 3.0, "typically within a second in the words of AWS; longer between far regions and under load"));
    }
}

/// Regions that a multi-region cluster may span, as AWS documents it.
const MOST: usize = 5;

/// Clusters that replicate to each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Regions with a cluster.
    pub regions: Vec<RegionId>,
    /// Replication delay in seconds.
    pub replication_delay: Distribution,
    /// Rewrites of a key per second.
    pub rewrite_rate: f64,
}

impl Settings for Parameters {
    type Service = Table;
    const KIND: &'static str = "memorydb-multi-region";
    const MEANING: &'static str = "MemoryDB clusters that replicate between regions";
    const KEYS: Layout = &[Listing::Keys(ClusterKeys::KEYS), Listing::Keys(RewriteKeys::KEYS)];

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = RegionId::all(names.len()).collect();
        }
        if !names.is_empty() && !(2..=MOST).contains(&regions.len()) {
            let count = regions.len();
            let found = if count == 1 { "one region".to_owned() } else { format!("{count} regions") };
            let key = if section.has(REGIONS.name) { REGIONS.name } else { "" };
            section.reject(key, found, "two to five regions", None);
        }
        Self { regions, replication_delay: in_flight::read_time(section, &DELAY), rewrite_rate: section.get(&REWRITE) }
    }

    fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    fn item_delay(&self) -> Option<&Distribution> {
        Some(&self.replication_delay)
    }

    fn is_restored_to(&self, _: RegionId) -> bool {
        true
    }

    fn words(&self, _: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        format!("MemoryDB Multi-Region, keys replicate in {}", delay(&self.replication_delay))
    }

    fn build(&self, site: Site<'_>) -> Table {
        let (replication_delay, rewrite_rate) = (self.replication_delay.clone(), self.rewrite_rate);
        let consistency = Consistency::Eventual { replication_delay, rewrite_rate };
        Table::new(&dynamodb_global::Parameters { regions: self.regions.clone(), consistency }, site)
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::time::{SimDuration, SimTime};
    use sim_settings::{Report, parse_toml};

    use super::*;
    use crate::ids::R;
    use crate::stores::Service as _;
    use crate::world::World;

    fn read(text: &str, names: &[&str]) -> (Parameters, Vec<String>) {
        let (node, mistakes) = parse_toml(text, 0);
        assert!(mistakes.is_empty(), "{text}");
        let report = Report::new();
        let mut section = report.root(&node);
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let parameters = Parameters::read(&mut section, &names);
        drop(section);
        (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
    }

    #[test]
    fn clusters_are_in_two_to_five_regions() {
        let six = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-west-2", "ap-south-1"];
        assert_eq!(read("", &six).1, ["6 regions"]);
        assert_eq!(read("", &six[..1]).1, ["one region"]);
        assert_eq!(read("regions = ['us-east-1']", &six).1, ["one region"]);
        assert!(read("regions = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-west-2']", &six).1.is_empty());
        assert_eq!(
            read("replication-delay = { pareto = { shape = 1, min = '1s' } }", &six[..2]).1,
            ["an infinite mean"]
        );
    }

    /// Keys in flight when a region goes out are Poisson with the mean rate x mean delay.
    #[test]
    fn keys_in_flight_are_stranded_with_their_region() {
        let names = ["us-east-1", "eu-west-1"];
        let (parameters, problems) = read("replication-delay = '500ms'", &names);
        assert!(problems.is_empty());
        let names = names.map(str::to_owned);
        let site = Site { path: "stores/m", regions: &names, zones: &[3, 3], seed: 1 };
        let mut alone = Harness::new(parameters.build(site));
        let trials = 2_000;
        let mut sum = 0.0;
        for trial in 0..trials {
            let mut world = World::new(&[3, 3], &[vec![0.0, 0.07], vec![0.07, 0.0]]);
            world.set_out(R[0], true);
            sum += alone.call(|table, ctx| {
                table.begin(trial.into());
                table.acknowledges(&[100.0, 0.0], ctx.now());
                table.world_changed(&world, ctx);
                table.loss(SimTime::ZERO + SimDuration::from_secs(60)).stranded
            });
        }
        let mean = sum / trials as f64;
        assert!((mean - 50.0).abs() < 5.0 * libm::sqrt(50.0 / trials as f64), "{mean}");
    }
}
