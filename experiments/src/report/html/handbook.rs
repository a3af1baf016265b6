//! What the README says of stages and `docs/services.md` of services, for the page that quotes them: each fact has one
//! place.

const README: &str = include_str!("../../../../README.md");
const SERVICES: &str = include_str!("../../../../docs/services.md");

/// What is to know about a stage of the recovery time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StageFacts {
    /// What one waits for.
    pub(super) waits_for: &'static str,
    /// What makes it shorter.
    pub(super) shortened_by: &'static str,
}

/// The rows of the first table of a text whose header begins so, without header and rule.
fn table(text: &'static str, header: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = text.lines().skip_while(move |line| !line.starts_with(header));
    lines
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
}

/// What the README says of a stage.
pub(super) fn stage(name: &str) -> Option<StageFacts> {
    table(README, "| stage |").find_map(|cells| match cells.as_slice() {
        &[stage, waits_for, shortened_by] if stage == name => Some(StageFacts { waits_for, shortened_by }),
        _ => None,
    })
}

/// What is not modelled of the services that the deployment's sentences speak of: service, and what is left out.
pub(super) fn left_out(topology: &[(&'static str, String)]) -> Vec<(&'static str, &'static str)> {
    let said = |kind: &'static str| topology.iter().filter(move |(own, _)| *own == kind).map(|(_, text)| text.as_str());
    // What people and their scripts do names services whose control plane they need, and those may run nothing.
    let runs = |kind: &str| !matches!(kind, "runbook" | "alarm");
    let anywhere = |word: &str| {
        topology
            .iter()
            .filter(|(kind, _)| runs(kind))
            .any(|(_, text)| text.split(|c: char| !c.is_alphanumeric()).any(|own| own.eq_ignore_ascii_case(word)))
    };
    let has_fleet = said("region").any(|text| text.contains("instances"));
    let in_use = |service: &str| match service {
        "Network" | "Faults" | "Clients and resolvers" => true,
        "EC2 Auto Scaling" | "Application Load Balancer" => has_fleet,
        "CloudWatch" => said("alarm").next().is_some(),
        "Runbooks" | "People" | "Control planes" => said("runbook").next().is_some(),
        "Route 53" => said("routing").any(|text| text.starts_with("DNS")),
        "Global Accelerator" => said("routing").any(|text| text.starts_with(service)),
        // The others are called by their first word.
        _ => service.split(' ').next().is_some_and(anywhere),
    };
    table(SERVICES, "| service | modelled |")
        .filter_map(|cells| match cells.as_slice() {
            &[service, _, left_out, ..] if in_use(service) => Some((service, left_out)),
            _ => None,
        })
        .collect()
}

/// What is not there at all.
pub(super) fn absent() -> &'static str {
    README.lines().find(|line| line.starts_with("Not there at all:")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use models::cause::Cause;

    use super::*;
    use crate::experiment::Files;
    use crate::run::{Open as _, Overrides};

    #[test]
    fn every_stage_is_explained() {
        for cause in Cause::ALL {
            let facts = stage(cause.name()).unwrap_or_else(|| panic!("{} is in the README", cause.name()));
            assert!(!facts.waits_for.is_empty() && !facts.shortened_by.is_empty());
        }
    }

    #[test]
    fn what_is_left_out_is_that_of_the_services_in_use() {
        let services = |file: &str| {
            let path = format!("{}/experiments/{file}.toml", env!("CARGO_MANIFEST_DIR"));
            let experiment = Files.open(path.as_ref(), &Overrides::default()).expect("the catalogue is sound");
            left_out(&experiment.header.topology).into_iter().map(|(service, _)| service).collect::<Vec<_>>()
        };
        let here = services("active-active");
        for service in
            ["Route 53", "EC2 Auto Scaling", "Aurora Global Database", "DynamoDB global tables", "CloudWatch"]
        {
            assert!(here.contains(&service), "{service}: {here:?}");
        }
        for service in ["Global Accelerator", "CloudFront", "RDS"] {
            assert!(!here.iter().any(|own| own.starts_with(service)), "{service}: {here:?}");
        }
        assert!(services("global-accelerator").contains(&"Global Accelerator"));
        assert!(services("cloudfront").contains(&"CloudFront"));
        assert!(services("object-storage").iter().any(|service| service.starts_with("S3")));
        assert!(services("session-on-instance").iter().any(|service| service.starts_with("Session")));
    }
}
