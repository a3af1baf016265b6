//! What a drill cannot show. An experiment strikes what a drill may not: what is left out has to be said before anybody
//! takes a good drill for a good day.

use models::deployment::Topology;
use models::faults::Kind;
use models::stores::Parameters;

/// Sentences on what the drill of an experiment cannot show, without full stops.
pub fn limits(topology: &Topology) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut say = |words: String| {
        if !said.contains(&words) {
            said.push(words);
        }
    };
    let region = |id: &models::ids::RegionId| topology.regions[*id].name.as_str();
    let aurora = topology.stores.iter().any(|store| matches!(store.parameters, Parameters::AuroraGlobal(_)));
    for fault in &topology.faults {
        match &fault.kind {
            Kind::RegionOutage { region: id, destroyed } => {
                let name = region(id);
                say(format!(
                    "no action takes a region away: the control planes of {name} stay up, so scaling, promotions and edits \
                     there go on, and a runbook that would wait for them does not"
                ));
                say(format!(
                    "clients and the checkers of Route 53 still reach {name}: the check of its endpoint has to be made to fail \
                     by hand, or nothing turns"
                ));
                say(format!(
                    "what else runs in {name} stays up: your pager, your pipeline, your identity provider, if they are there"
                ));
                say("nobody else fails over at the same time: capacity and quotas elsewhere are as on any day"
                    .to_owned());
                if aurora {
                    say("no action stops the replication of Aurora: the copy has everything, and a promotion loses nothing".to_owned());
                }
                if *destroyed {
                    say(format!("the data of {name} are still there"));
                }
            }
            Kind::Partition { .. } => {
                say(
                    "the cut strikes tagged subnets: managed services, and what talks from elsewhere, keep their paths"
                        .to_owned(),
                );
                if aurora {
                    say("no action stops the replication of Aurora: the copy has everything, and a promotion loses nothing".to_owned());
                }
            }
            Kind::ReplicationStall { .. } => {
                say("objects that were there before the pause may still be replicated for an hour".to_owned());
                if aurora {
                    say("no action stops the replication of Aurora: stall it by load, or leave it out".to_owned());
                }
            }
            Kind::ZoneOutage { region: id, .. } => {
                say(format!(
                    "the action strikes tagged subnets of {}: tag those of one zone, and know that managed services there stay up",
                    region(id)
                ));
            }
            Kind::InstanceFailures { .. } => {
                say("instances are terminated at once, and not slow or sick for a while first".to_owned());
            }
            Kind::InsufficientCapacity { .. } => {
                say("launches fail for the groups of the drill only, and not for everybody at once".to_owned());
            }
            Kind::LambdaImpairment { .. } => {
                say("the functions of the drill fail, and the service's own control plane does not".to_owned());
            }
            other => say(format!(
                "no action does what this fault does{}: it has to be made by hand, or by a switch in the application",
                other.region().map_or_else(String::new, |id| format!(" in {}", region(&id)))
            )),
        }
    }
    if topology.faults.iter().len() > 0 {
        say("people know of the drill: they are at their desks, and decide faster than at night".to_owned());
    }
    said
}
