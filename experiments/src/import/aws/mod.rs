//! Mappers: one for each family of AWS services, from resources to what an experiment says of them.

mod alarms;
mod automation;
mod caches;
mod cloudfront;
mod compute;
mod documents;
mod dynamodb;
mod ec2;
mod ecs;
mod eks;
mod functions;
mod global_accelerator;
mod health_checks;
mod leftovers;
mod load_balancing;
mod managed;
mod names;
mod policies;
mod rds;
mod region_switch;
mod route53;
mod s3;
mod scaling;

use super::system::System;

pub(super) use leftovers::is_relevant;

/// Fills the system, family by family. The order matters: records name load balancers, alarms name stores and regions,
/// health checks name alarms, and runbooks name all of them.
pub(super) fn map(system: &mut System<'_>) {
    let balancers = load_balancing::Balancers::new(system.inventory);
    let endpoints = names::find(system);
    global_accelerator::map(system, &endpoints);
    cloudfront::map(system);
    compute::map(system, &balancers, &endpoints);
    rds::map(system);
    documents::map(system);
    dynamodb::map(system);
    s3::map(system);
    caches::map(system);
    names::regions(system, &endpoints);
    alarms::map(system, &endpoints);
    route53::map(system, &endpoints);
    region_switch::map(system);
    automation::map(system);
    route53::unused_checks(system);
    managed::map(system);
    policies::map(system);
    leftovers::map(system);
}
