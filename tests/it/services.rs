//! `docs/services.md`: what each service's own file says of itself, as one table.
//!
//! The page is made of the head of each source file and of the keys that it declares, so it cannot say anything else than
//! the code. `UPDATE_DOCS=1 cargo test --test it services` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::program::{names, root};

/// A service, the files that hold it (the first one has the head), what an experiment that shows it has in its text, and
/// the experiment.
struct Service {
    name: &'static str,
    files: &'static [&'static str],
    shown_by: &'static str,
    by_its: &'static str,
}

const fn service(
    name: &'static str,
    files: &'static [&'static str],
    shown_by: &'static str,
    by_its: &'static str,
) -> Service {
    Service { name, files, shown_by, by_its }
}

const SERVICES: &[Service] = &[
    service(
        "Route 53",
        &["aws/route53/mod.rs", "aws/route53/health_check.rs", "aws/route53/answers.rs", "aws/route53/routing.rs"],
        "active-active",
        "[dns]",
    ),
    service("CloudFront", &["aws/cloud_front/mod.rs", "aws/cloud_front/spec.rs"], "cloudfront", "cloudfront"),
    service(
        "Global Accelerator",
        &["aws/global_accelerator/mod.rs", "aws/global_accelerator/spec.rs"],
        "global-accelerator",
        "global-accelerator",
    ),
    service(
        "Application Load Balancer",
        &["aws/load_balancer/mod.rs", "aws/load_balancer/spec.rs"],
        "zone-outage",
        "target-health-check",
    ),
    service(
        "EC2 Auto Scaling",
        &["aws/auto_scaling/mod.rs", "aws/auto_scaling/spec.rs"],
        "static-stability",
        "ec2-auto-scaling",
    ),
    service("Lambda", &["aws/lambda/mod.rs", "aws/lambda/spec.rs"], "lambda-standby-quota", "kind = \"lambda\""),
    service("Aurora Global Database", &["aws/aurora_global.rs"], "active-active", "aurora-global"),
    service(
        "Sharded relational",
        &["aws/sharded_relational/mod.rs", "aws/sharded_relational/spec.rs"],
        "shards",
        "sharded-relational",
    ),
    service("RDS with a replica elsewhere", &["aws/rds_replica.rs"], "promote-a-replica", "rds-replica"),
    service("DynamoDB global tables", &["aws/dynamodb_global.rs"], "strong-table", "dynamodb-global-table"),
    service(
        "S3 with cross-region replication",
        &["aws/s3_replication/mod.rs", "aws/s3_replication/spec.rs"],
        "object-storage",
        "s3-replication",
    ),
    service(
        "ElastiCache Global Datastore",
        &["aws/elasticache_global/mod.rs", "aws/elasticache_global/spec.rs"],
        "cold-cache",
        "elasticache-global",
    ),
    service("Capacity of stores", &["deployment/needs.rs"], "cold-cache", "capacity"),
    service("Session state on the instance", &["aws/instance_session.rs"], "session-on-instance", "instance-session"),
    service(
        "CloudWatch",
        &["aws/cloud_watch/mod.rs", "aws/cloud_watch/spec.rs"],
        "runbook-in-the-wrong-region",
        "[[alarms]]",
    ),
    service("Clients and resolvers", &["clients/mod.rs", "clients/spec.rs"], "active-active", "caching"),
    service("Network", &["network/mod.rs"], "split-brain", "partition"),
    service("Runbooks", &["runbooks/mod.rs", "runbooks/spec.rs"], "pilot-light", "[[runbooks]]"),
    service("Control planes", &["control_planes.rs"], "network-2021", "record-edit"),
    service("People", &["people.rs"], "night-shift", "hours"),
    service("Faults", &["faults/mod.rs", "faults/spec.rs"], "october-2025", "service-impairment"),
];

/// Files below `models/src/aws` that are not a service but list them.
const LISTS: [&str; 1] = ["mod.rs"];

fn source(file: &str) -> String {
    let path = root().join("models/src").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the head of a file says after `label`, joined to one line.
fn said(text: &str, label: &str) -> String {
    let mut words = String::new();
    let mut within = false;
    for line in text.lines().map_while(|line| line.strip_prefix("//!")) {
        match line.strip_prefix(' ').and_then(|line| line.strip_prefix(label)) {
            Some(rest) => {
                within = true;
                words.push_str(rest.trim());
            }
            None if within && line.starts_with("     ") => {
                words.push(' ');
                words.push_str(line.trim());
            }
            None => within = false,
        }
    }
    // Links of the code's own documentation lead nowhere on this page.
    words.trim_end_matches('.').replace('|', "\\|").replace("[`crate::", "`").replace("`]", "`")
}

/// A key with a default, as its file declares it.
#[derive(Debug)]
struct Declared {
    mark: String,
    name: String,
    default: String,
}

/// The string literals that follow in a piece of source text, up to `limit` of them.
fn literals(text: &str, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while found.len() < limit {
        let Some(start) = rest.find('"') else { break };
        let mut literal = String::new();
        let mut letters = rest[start + 1..].char_indices();
        let end = loop {
            match letters.next() {
                Some((_, '\\')) => literal.extend(letters.next().map(|(_, letter)| letter)),
                Some((at, '"')) => break at,
                Some((_, letter)) => literal.push(letter),
                None => panic!("a literal without end: {rest:.80}"),
            }
        };
        found.push(literal);
        rest = &rest[start + 1 + end + 1..];
    }
    found
}

fn declared(text: &str) -> Vec<Declared> {
    let mut keys = Vec::new();
    for mark in ["documented", "measured", "assumed", "convention"] {
        for (at, call) in text.match_indices(&format!("Key::{mark}(")) {
            let literals = literals(&text[at + call.len()..], 3);
            let [name, _, default] = literals.as_slice() else { panic!("{mark}: {literals:?}") };
            keys.push(Declared { mark: mark.to_owned(), name: name.clone(), default: default.clone() });
        }
    }
    keys
}

/// `interval = 30s, failure-threshold = 3` of all keys with this mark, in the order of their names.
fn defaults(keys: &[Declared], mark: &str) -> String {
    let of_mark: BTreeSet<String> = keys
        .iter()
        .filter(|key| key.mark == mark)
        .map(|key| format!("`{} = {}`", key.name, key.default.replace('|', "\\|")))
        .collect();
    if of_mark.is_empty() { "-".to_owned() } else { of_mark.into_iter().collect::<Vec<_>>().join(", ") }
}

fn page() -> String {
    let mut page = String::from(
        "# What is modelled, service by service\n\n\
         This page is made from the head of each source file in `models/src` and from the keys that the file declares; a\n\
         test holds it to them. `mrsim explain KEY` tells where a single default comes from.\n\n\
         | service | modelled | not modelled | shown by |\n|---|---|---|---|\n",
    );
    for Service { name, files, shown_by, .. } in SERVICES {
        let head = source(files[0]);
        let (modelled, not) = (said(&head, "Modelled:"), said(&head, "Not modelled:"));
        assert!(!modelled.is_empty() && !not.is_empty(), "the head of {} says what is modelled and what not", files[0]);
        let _ = writeln!(page, "| {name} | {modelled} | {not} | [{shown_by}](../experiments/{shown_by}.toml) |");
    }
    page.push_str(
        "\n## Where the defaults come from\n\n\
         *Documented*: a vendor's documentation states it. *Measured*: somebody measured and published it. *Assumed*: no\n\
         published source; `mrsim check` lists those that an experiment rests on. Switches that are off unless asked for\n\
         are left out.\n\n\
         | service | documented | measured | assumed |\n|---|---|---|---|\n",
    );
    for Service { name, files, .. } in SERVICES {
        let keys: Vec<Declared> = files.iter().flat_map(|file| declared(&source(file))).collect();
        let [documented, measured, assumed] = ["documented", "measured", "assumed"].map(|mark| defaults(&keys, mark));
        let _ = writeln!(page, "| {name} | {documented} | {measured} | {assumed} |");
    }
    page
}

#[test]
fn the_page_on_services_says_what_the_code_says() {
    let path = root().join("docs/services.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let committed = fs::read_to_string(&path).expect("the page is there");
    assert!(committed == page, "docs/services.md is out of date: UPDATE_DOCS=1 cargo test --test it services");
}

#[test]
fn no_service_is_missing_from_the_page() {
    let listed: BTreeSet<&str> = SERVICES.iter().flat_map(|service| service.files).copied().collect();
    let aws = root().join("models/src/aws");
    for file in names(&aws, ".rs").iter().map(|name| format!("{name}.rs")).filter(|file| !LISTS.contains(&&**file)) {
        assert!(listed.contains(format!("aws/{file}").as_str()), "{file} is not in the list of services");
    }
    for folder in fs::read_dir(&aws).expect("the folder is there").filter_map(Result::ok) {
        if folder.path().is_dir() {
            let head = format!("aws/{}/mod.rs", folder.file_name().to_string_lossy());
            assert!(listed.contains(head.as_str()), "{head} is not in the list of services");
        }
    }
}

#[test]
fn experiments_show_what_they_are_said_to_show() {
    for Service { name, shown_by, by_its, .. } in SERVICES {
        let mut text = String::new();
        let mut file = Some(format!("{shown_by}.toml"));
        while let Some(name) = file {
            let own = fs::read_to_string(Path::new(&root()).join("experiments").join(&name)).expect("it is there");
            file = own
                .lines()
                .find_map(|line| line.strip_prefix("extends = "))
                .map(|base| base.trim_matches('"').to_owned());
            text.push_str(&own);
        }
        let uncommented: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(uncommented.iter().any(|line| line.contains(by_its)), "{shown_by} shows nothing of {name}");
    }
}
