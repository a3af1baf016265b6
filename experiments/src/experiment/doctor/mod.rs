//! The doctor: looks through a valid experiment for settings that cannot work, or that work differently than their
//! author thinks.
//!
//! A kind of finding is one function and one line in the `CHECKS` of its file. The function gets everything that is
//! known of the experiment and tells its findings: place, problem and advice. `mrsim check` and `mrsim run` tell each
//! finding once, in the order of the file. The doctor tells only certain mistakes: a design that somebody may have
//! meant is none.

mod place;

mod alarms;
mod automation;
mod backups;
mod bound;
mod capacity;
mod concerns;
mod edge;
mod faults;
mod metrics;
mod notes;
mod objectives;
mod records;
mod routing;
mod short;
mod stays;
mod stores;

use std::collections::BTreeSet;

use models::deployment::Topology;
use models::faults::{Fault, Kind};
use models::flow::Flow;
use models::ids::{FaultId, RegionId};
use sim_core::time::SimDuration;
use sim_settings::Node;

use crate::file::{Lack, Sources};
use crate::finding::Finding;
use crate::header::{Objective, Of};

use place::At;

/// Everything that is known of an experiment before it runs.
pub(super) struct Examined<'a> {
    /// The deployment and its faults.
    pub(super) topology: &'a Topology,
    /// The flows when a trial starts, without faults.
    pub(super) at_first: Option<&'a Flow>,
    /// The same once the first clients have waited as long as they do.
    pub(super) soon: Option<&'a Flow>,
    /// Limits on quantiles.
    pub(super) objectives: &'a [Objective],
    /// Shares of the time that journeys should be up.
    pub(super) availabilities: &'a [(Of, f64)],
    /// The length of a trial.
    pub(super) horizon: SimDuration,
    /// The whole file, with the places of its values.
    pub(super) file: &'a Node,
    /// The texts that those places point into.
    pub(super) sources: &'a Sources,
    /// What packs strike and the design lacks.
    pub(super) lacks: &'a [Lack],
}

/// A kind of finding, and the function that finds it.
struct Check {
    /// The stable name of the kind, in lower case with hyphens.
    kind: &'static str,
    look: fn(&Examined<'_>, &mut Told<'_>),
}

/// Every kind of finding, by the file that it stands in.
const ALL: [&[Check]; 12] = [
    faults::CHECKS,
    objectives::CHECKS,
    alarms::CHECKS,
    metrics::CHECKS,
    automation::CHECKS,
    routing::CHECKS,
    records::CHECKS,
    stays::CHECKS,
    edge::CHECKS,
    capacity::CHECKS,
    stores::CHECKS,
    backups::CHECKS,
];

/// The names of all kinds of findings.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    let kinds: BTreeSet<&str> = ALL.iter().flat_map(|checks| checks.iter()).map(|check| check.kind).collect();
    kinds.into_iter()
}

/// All findings about an experiment, in the order of the file.
pub(super) fn findings(examined: &Examined<'_>) -> Vec<Finding> {
    told(examined, &ALL)
}

/// What an experiment takes for granted that is no mistake, in the order of the file.
pub(super) fn notes(examined: &Examined<'_>) -> Vec<Finding> {
    told(examined, &[notes::NOTES, metrics::NOTES])
}

fn told(examined: &Examined<'_>, lists: &[&[Check]]) -> Vec<Finding> {
    let mut found = Vec::new();
    for check in lists.iter().flat_map(|checks| checks.iter()) {
        (check.look)(examined, &mut Told { kind: check.kind, examined, found: &mut found });
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// Collects the findings of a check.
struct Told<'a> {
    kind: &'static str,
    examined: &'a Examined<'a>,
    found: &'a mut Vec<(sim_settings::Place, Finding)>,
}

impl Told<'_> {
    /// What a pack strikes and the design lacks, where the pack is named.
    fn lacks(&mut self, lack: &Lack) {
        let finding = Finding {
            kind: self.kind,
            spot: self.examined.sources.spot(lack.place),
            path: lack.path.to_owned(),
            message: lack.message.clone(),
            change: "what the pack does besides is in the results".to_owned(),
        };
        self.found.push((lack.place, finding));
    }

    /// A problem `at` a setting: `message` is the problem, and `change` the advice, as fragments of a sentence that
    /// begin in lower case and end without a full stop.
    fn add(&mut self, at: &At, message: impl Into<String>, change: impl Into<String>) {
        let place = at.place(self.examined.file);
        let finding = Finding {
            kind: self.kind,
            spot: self.examined.sources.spot(place),
            path: at.path(self.examined.file),
            message: message.into(),
            change: change.into(),
        };
        // Two faults that strike alike make one mistake of one setting.
        if !self.found.iter().any(|(_, known)| (known.kind, &known.path) == (finding.kind, &finding.path)) {
            self.found.push((place, finding));
        }
    }
}

impl Examined<'_> {
    /// Whether the file writes this key.
    fn says(&self, at: &At) -> bool {
        at.written(self.file)
    }

    /// A key of a region's stack: the region's own where it is written there, the common one elsewhere.
    fn of_stack(&self, region: RegionId, table: &str, key: &str) -> At {
        let own = At::top("regions").key(self.region(region)).key(table).key(key);
        let entered = self.topology.graph.entered.map(|service| &self.topology.graph.services[service].name);
        match entered.map(|name| At::top("services").key(name)).filter(|service| self.says(service)) {
            _ if self.says(&own) => own,
            Some(service) if table == "compute" => service.key(key),
            Some(service) => service.key(table).key(key),
            None => At::top(table).key(key),
        }
    }

    /// A region's name.
    fn region(&self, region: RegionId) -> &str {
        &self.topology.regions[region].name
    }

    /// Regions that an outage strikes, with the number of the fault.
    fn struck(&self) -> impl Iterator<Item = (RegionId, FaultId, &Fault)> {
        self.topology.faults.pairs().filter_map(|(index, fault)| match fault.kind {
            Kind::RegionOutage { region, .. } => Some((region, index, fault)),
            _ => None,
        })
    }

    /// Those of them that serve requests.
    fn struck_endpoints(&self) -> impl Iterator<Item = (RegionId, FaultId, &Fault)> {
        self.struck().filter(|(region, ..)| self.topology.regions[*region].serves)
    }

    /// The same where the other regions are reliable: if outages strike several regions, a setting that fails in one
    /// outage may be meant for the other.
    fn struck_alone(&self) -> impl Iterator<Item = (RegionId, FaultId, &Fault)> {
        let several = self.struck().any(|(region, ..)| self.struck().any(|(other, ..)| other != region));
        self.struck().filter(move |_| !several)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, kinds};

    /// People put the names of kinds into the rules of their build.
    #[test]
    fn kinds_are_words_in_lower_case_with_hyphens() {
        for kind in kinds() {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(kind.bytes().all(plain) && !kind.starts_with('-') && !kind.ends_with('-'), "{kind}");
        }
        assert!(ALL.iter().all(|checks| !checks.is_empty()));
    }
}
