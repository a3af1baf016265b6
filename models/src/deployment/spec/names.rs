//! How clients find endpoints: `[dns]` for a single name, or `[names]`, `[records]` and `[health-checks]`.

use sim_settings::form::Sub;
use sim_settings::{Key, Node, Place, Section, Value};

use super::Region;
use crate::by_id::ById;
use crate::fronts::edge::Edge;
use crate::fronts::route53::zone::{Looked, Page, Reading, Written, Zone};
use crate::fronts::route53::{self, DnsKeys, Surroundings};
use crate::ids::{NameId, RegionId};
use crate::network;

/// What stands behind the last region: places that requests are led to and that are no regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beyond {
    /// A page from elsewhere.
    Page(Page),
    /// Nothing: clients are given no answer.
    Nothing,
}

impl Beyond {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Page(page) => &page.name,
            Self::Nothing => "no answer",
        }
    }
}

/// How clients find endpoints, while the rest of the deployment is read.
pub(super) struct Finding {
    pub(super) dns: route53::Parameters,
    written: Option<Written>,
}

/// An empty table.
static NOTHING: Node = Node { value: Value::Table(Vec::new()), place: Place { source: 0, start: 0, end: 0 } };

/// The keys that write names out.
const WRITTEN: [&str; 3] = ["names", "records", "health-checks"];

impl Finding {
    /// Reads whichever form a file has.
    pub(super) fn read(
        root: &mut Section<'_>,
        key: &Key<Sub<DnsKeys>>,
        own: &mut [Option<Section<'_>>],
        edge: &Edge,
        (used, journeys): (&[Option<NameId>], &[String]),
        around: Surroundings<'_>,
    ) -> Self {
        let endpoints = around.regions.len();
        let unused = || route53::Parameters::unused(endpoints, around.partition);
        if Reading::is_written(root) {
            let mut settings =
                if root.has("dns") { root.section(key) } else { Some(root.element(key, &NOTHING, "dns")) };
            let dns = settings
                .as_mut()
                .map_or_else(unused, |section| route53::Parameters::read_settings(section, endpoints, around));
            for section in own.iter_mut().flatten() {
                let _ = route53::own_check(section);
                section.reject("", "a region's part of [dns] beside [names]", "`health-check` of an answer", None);
            }
            let written = WRITTEN.into_iter().find(|key| root.has(key)).unwrap_or_default();
            if edge.works_without_dns() {
                let found = format!("[{written}] where the edge leads to the regions");
                root.reject(written, found, "no such table: nobody asks for a name there", None);
            }
            let zone = Reading::read(root, &dns, (used, journeys), around);
            if let (Some(section), Some(zone)) = (&settings, &zone)
                && !zone.unplaced().evaluates_targets()
            {
                route53::without_targets(section);
            }
            drop(settings);
            let direct = edge.cloud_front.is_none();
            if let Some(record) = zone.as_ref().and_then(Written::address_of_a_record).filter(|_| direct) {
                let found = format!("{record}, a `multivalue` record with an answer that is a record");
                let expected = "endpoints and pages alone: an alias is no address among several";
                root.reject("records", found, expected, None);
            }
            return Self { dns, written: zone };
        }
        // Read wherever it is written, so that its mistakes show.
        let mut dns = unused();
        if root.has("dns") || !edge.works_without_dns() || own.iter().any(Option::is_some) {
            let read = route53::Parameters::read(&mut root.section_or_default(key), own, around);
            if edge.accelerator.is_none() {
                dns = read;
            }
        }
        Self { dns, written: None }
    }

    /// The zone that the file writes out, if it is right.
    pub(super) fn zone(&self) -> Option<&Zone> {
        self.written.as_ref().map(Written::unplaced)
    }

    /// Whether clients that ask DNS go through several addresses of an answer.
    pub(super) fn walks(&self) -> bool {
        self.written.as_ref().map_or(self.dns.policy == route53::Policy::Multivalue, Written::walks)
    }

    /// The zone, and what stands behind the regions.
    pub(super) fn finish(
        self,
        regions: &mut ById<RegionId, Region>,
        endpoints: usize,
        vanishes: bool,
        names: Looked<'_>,
    ) -> (route53::Parameters, Zone, Vec<Beyond>) {
        let (mut beyond, unanswered) = (Vec::new(), self.written.as_ref().is_some_and(|written| written.unanswered));
        let zone = match self.written {
            Some(written) => {
                beyond.extend(written.pages.iter().cloned().map(Beyond::Page));
                written.zone(regions.len())
            }
            None => Zone::short(&self.dns, endpoints, names),
        };
        if unanswered || vanishes {
            beyond.push(Beyond::Nothing);
        }
        // No fault of a region strikes them, and nothing runs there.
        let place = network::Place::own(0.0, 0.0, 1);
        regions.extend(beyond.iter().map(|it| Region::without_endpoint(it.name().to_owned(), place)));
        (self.dns, zone, beyond)
    }
}
