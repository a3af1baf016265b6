//! `CloudFront`: origin groups, and how long an attempt takes.

use std::collections::BTreeSet;

use super::load_balancing::BALANCERS;
use crate::import::draft::{Entry, Line, Loose, list, quoted, seconds};
use crate::import::region::region_in;
use crate::import::resource::{Id, Inventory};
use crate::import::system::System;
use crate::import::tree::Tree;

const ORIGINS: [&str; 8] = [
    "aws_lb",
    "aws_alb",
    "aws_elb",
    "aws_s3_bucket",
    "aws_api_gateway_rest_api",
    "aws_apigatewayv2_api",
    "aws_lambda_function_url",
    "aws_instance",
];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    let mut all = inventory.of(&["aws_cloudfront_distribution"]);
    // One with an origin group leads by itself; the first of them is the file's.
    all.sort_by_key(|id| !inventory.get(*id).at("origin_group").is_set());
    let Some((id, others)) = all.split_first() else { return };
    system.ask_all(others, "a further distribution: does it lead the same clients? the file has one");
    let distribution = inventory.get(*id);
    let mut lines = vec![
        Line::Entry(Entry::from("kind", quoted("cloudfront"), &[*id])),
        Line::Entry(Entry::asked(
            "hit-ratio",
            "0",
            "which share of cacheable requests does the edge answer by itself? (here: none)",
        )),
    ];
    let members: Vec<&str> =
        distribution.at("origin_group.member").items().iter().filter_map(|it| it.at("origin_id").text()).collect();
    let mut regions = BTreeSet::new();
    if members.len() == 2 {
        let placed: Vec<Option<String>> = members.iter().map(|member| origin_region(inventory, *id, member)).collect();
        match (&placed[0], &placed[1]) {
            (Some(first), Some(second)) if first != second => {
                regions.extend([first.clone(), second.clone()]);
                lines.push(Line::Entry(Entry::from("origin-group", list([first, second]), &[*id])));
                attempts(distribution.at("origin"), members[0], *id, &mut lines);
            }
            _ => {
                let question = "which regions do the two origins of the group lie in? say so as edge.origin-group = [\"..\", \"..\"] (here: the origin is the name of [dns])";
                lines.push(Line::Question(Loose::key("origin-group", "edge.origin-group", question)));
                system.fates.asked(*id, "which regions do its origins lie in?");
            }
        }
        let codes: Vec<f64> = distribution
            .at("origin_group.failover_criteria.status_codes")
            .items()
            .iter()
            .filter_map(Tree::number)
            .collect();
        if !codes.is_empty() && !codes.iter().any(|code| *code >= 500.0) {
            let question =
                "the origin group does not fail over on any 5xx: is that meant? (the file knows no such group)";
            lines.push(Line::Question(Loose::settled("edge.failover-criteria", question)));
        }
    }
    let caching = distribution
        .at("custom_error_response")
        .items()
        .iter()
        .filter(|it| it.at("error_code").number().is_some_and(|code| code >= 500.0));
    let longest = caching.filter_map(|it| it.at("error_caching_min_ttl").number()).reduce(f64::max);
    if let Some(longest) = longest.filter(|it| *it >= 0.0) {
        lines.push(Line::Entry(Entry::from("error-caching", seconds(longest), &[*id])));
    }
    system.fates.used(*id, "edge");
    system.edges.push((lines, regions));
}

fn attempts(origins: &Tree, first: &str, id: Id, lines: &mut Vec<Line>) {
    let Some(origin) = origins.items().iter().find(|it| it.at("origin_id").text() == Some(first)) else { return };
    if let Some(attempts) = origin.at("connection_attempts").whole().filter(|it| (1..=3).contains(it)) {
        lines.push(Line::Entry(Entry::from("attempts", attempts.to_string(), &[id])));
    }
    if let Some(timeout) = origin.at("connection_timeout").number().filter(|it| (1.0..=10.0).contains(it)) {
        lines.push(Line::Entry(Entry::from("connect-timeout", seconds(timeout), &[id])));
    }
}

/// The region of an origin. Origins of one distribution share their references, so the name has to tell which is meant.
fn origin_region(inventory: &Inventory, id: Id, member: &str) -> Option<String> {
    let origins = inventory.get(id).at("origin").items();
    let origin = origins.iter().find(|it| it.at("origin_id").text() == Some(member))?;
    let name = origin.at("domain_name").text();
    if let Some(region) = name.and_then(region_in) {
        return Some(region);
    }
    let known = inventory.targets(id, "origin.domain_name", &ORIGINS);
    let named: Vec<Id> = known
        .iter()
        .copied()
        .filter(|it| {
            let it = inventory.get(*it);
            name.is_some_and(|name| {
                [it.at("dns_name").text(), it.at("bucket").text()]
                    .into_iter()
                    .flatten()
                    .any(|own| name.starts_with(own))
            })
        })
        .collect();
    if let [only] = named[..] {
        return inventory.get(only).region.clone();
    }
    // With one origin for each region, the word that the two have in common tells.
    let lower = member.to_lowercase();
    let said: Vec<Id> = known
        .iter()
        .copied()
        .filter(|it| {
            BALANCERS.contains(&inventory.get(*it).kind.as_str()) || inventory.get(*it).kind == "aws_s3_bucket"
        })
        .filter(|it| {
            let it = inventory.get(*it);
            let words = it.address.to_lowercase();
            lower
                .split(|sign: char| !sign.is_ascii_alphanumeric())
                .filter(|word| word.len() > 3)
                .any(|word| words.contains(word))
        })
        .collect();
    match said[..] {
        [only] => inventory.get(only).region.clone(),
        _ => None,
    }
}
