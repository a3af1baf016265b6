//! `docs/services.md` and the table of stages: what the model says of itself, as pages; and which of its parts a
//! deployment uses.
//!
//! The pages are made of the data that the model has and of the keys that its files declare, so they cannot say anything
//! else than the code. `UPDATE=1 cargo test --test it services` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use models::about::{ABSENT, About};
use models::cause::Cause;
use models::deployment::services;
use mrsim::experiment::{Files, open_text};
use mrsim::overview::Overview;
use mrsim::run::{Open as _, Overrides};

use crate::program::{ask, names, root};

/// A part of the model by its name, the files that declare its keys, an experiment that shows it, and what that
/// experiment has in its text.
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
        &[
            "aws/route53/spec.rs",
            "aws/route53/check_spec.rs",
            "aws/route53/mod.rs",
            "aws/route53/health_check/mod.rs",
            "aws/route53/answers.rs",
            "aws/route53/routing.rs",
        ],
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
    service("Capacity of stores", &["stores/capacity.rs"], "cold-cache", "capacity"),
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

/// A cell of a table of Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What the tests know of a part of the model.
fn known(about: &About) -> &'static Service {
    let known = SERVICES.iter().find(|service| service.name == about.name);
    known.unwrap_or_else(|| panic!("{} is not in this file's list", about.name))
}

fn page() -> String {
    let mut page = String::from(
        "# What is modelled, service by service\n\n\
         This page is made from what each part of the model says of itself (`ABOUT` in its file in `models/src`) and from the\n\
         keys that its files declare; a test holds it to them. `mrsim explain KEY` tells where a single default comes from.\n\n\
         | service | modelled | not modelled | rests on | shown by |\n|---|---|---|---|---|\n",
    );
    for about in services() {
        let shown_by = known(about).shown_by;
        let [modelled, not, sources] = [about.modelled, about.not_modelled, about.sources].map(cell);
        let name = about.name;
        let _ = writeln!(
            page,
            "| {name} | {modelled} | {not} | {sources} | [{shown_by}](../experiments/{shown_by}.toml) |"
        );
    }
    let _ = writeln!(page, "\nNot there at all: {}.", ABSENT.join(", "));
    page.push_str(
        "\n## Where the defaults come from\n\n\
         *Documented*: a vendor's documentation states it. *Measured*: somebody measured and published it. *Assumed*: no\n\
         published source; `mrsim check` lists those that an experiment rests on. Switches that are off unless asked for\n\
         are left out.\n\n\
         | service | documented | measured | assumed |\n|---|---|---|---|\n",
    );
    for about in services() {
        let Service { name, files, .. } = known(about);
        let keys: Vec<Declared> = files.iter().flat_map(|file| declared(&source(file))).collect();
        let [documented, measured, assumed] = ["documented", "measured", "assumed"].map(|mark| defaults(&keys, mark));
        let _ = writeln!(page, "| {name} | {documented} | {measured} | {assumed} |");
    }
    page
}

/// Whether pages are to be written anew.
fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[test]
fn the_page_on_services_says_what_the_code_says() {
    let path = root().join("docs/services.md");
    let page = page();
    if updates() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let committed = fs::read_to_string(&path).expect("the page is there");
    assert!(committed == page, "docs/services.md is out of date: UPDATE=1 cargo test --test it services");
}

#[test]
fn the_table_of_stages_says_what_the_code_says() {
    const HEAD: &str = "| stage | what one waits for | what shortens it |\n|---|---|---|\n";
    let mut table = String::new();
    for cause in Cause::ALL {
        let _ = writeln!(table, "| `{}` | {} | {} |", cause.name(), cause.waits_for(), cause.shortened_by());
    }
    let docs = names(&root().join("docs"), ".md").into_iter().map(|name| root().join(format!("docs/{name}.md")));
    let mut found = 0;
    for path in docs.chain([root().join("README.md")]) {
        let text = fs::read_to_string(&path).expect("the page is there");
        let Some((before, rest)) = text.split_once(HEAD) else { continue };
        found += 1;
        let rows: usize = rest.split_inclusive('\n').take_while(|line| line.starts_with('|')).map(str::len).sum();
        if updates() {
            fs::write(&path, format!("{before}{HEAD}{table}{}", &rest[rows..])).expect("the page can be written");
        } else {
            let update = "UPDATE=1 cargo test --test it services";
            assert_eq!(rest[..rows], table, "{} is out of date: {update}", path.display());
        }
    }
    assert_eq!(found, 1, "one page has the table");
}

#[test]
fn no_file_of_a_service_is_missing_from_the_page() {
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
    let parts = services();
    assert_eq!(parts.len(), SERVICES.len(), "each name in this file's list is one of the model's");
    for about in parts {
        assert!(!about.modelled.is_empty() && !about.not_modelled.is_empty(), "{} says what it is", about.name);
        assert!(!about.modelled.ends_with('.') && !about.not_modelled.ends_with('.'), "{}", about.name);
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

/// What an experiment of the catalogue is.
fn of_catalogue(file: &str) -> Overview {
    let path = root().join("experiments").join(format!("{file}.toml"));
    Files.open(&path, &Overrides::default()).expect("the catalogue is sound").header.overview
}

fn of_text(text: &str) -> Overview {
    open_text("text", text, &Overrides::default()).expect("it is valid").header.overview
}

fn in_use(overview: &Overview) -> Vec<&'static str> {
    overview.services.iter().map(|about| about.name).collect()
}

/// Two regions that serve whatever reaches them, and as much more.
fn small(dns: &str, more: &str) -> String {
    format!(
        r#"
name = "small"
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
[dns]
{dns}
[[clients]]
name = "world"
near = "us-east-1"
requests-per-second = 100
{more}
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "permanent"
"#
    )
}

const ONE_JOURNEY: &str = "[[journeys]]\nname = \"use\"\nshare = 1\n";

#[test]
fn what_is_in_use_is_asked_of_the_deployment() {
    let active = of_catalogue("active-active");
    let here = in_use(&active);
    for service in ["Route 53", "EC2 Auto Scaling", "Aurora Global Database", "DynamoDB global tables", "CloudWatch"] {
        assert!(here.contains(&service), "{service}: {here:?}");
    }
    for service in ["Global Accelerator", "CloudFront", "RDS with a replica elsewhere", "Lambda"] {
        assert!(!here.contains(&service), "{service}: {here:?}");
    }
    for (file, service) in [
        ("global-accelerator", "Global Accelerator"),
        ("cloudfront", "CloudFront"),
        ("object-storage", "S3 with cross-region replication"),
        ("session-on-instance", "Session state on the instance"),
        ("cold-cache", "Capacity of stores"),
        ("cold-cache", "ElastiCache Global Datastore"),
    ] {
        assert!(in_use(&of_catalogue(file)).contains(&service), "{file} uses {service}");
    }
    assert!(!in_use(&of_catalogue("global-accelerator")).contains(&"Route 53"), "the accelerator replaces it");
}

/// Names of the user's own are no services, whatever they say.
#[test]
fn journeys_named_like_services_bring_none() {
    let journeys =
        ["session", "s3", "aurora", "lambda"].map(|name| format!("[[journeys]]\nname = \"{name}\"\nshare = 0.25\n"));
    let overview = of_text(&small("policy = \"latency\"", &journeys.concat()));
    // No instances, no stores, no alarms, no runbooks.
    assert_eq!(in_use(&overview), ["Route 53", "Clients and resolvers", "Network", "Faults"]);
}

#[test]
fn the_report_lists_what_is_left_out_of_the_services_in_use_alone() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("named.toml");
    let journeys = "[[journeys]]\nname = \"session\"\nshare = 0.5\n[[journeys]]\nname = \"s3\"\nshare = 0.5\n";
    fs::write(&file, small("policy = \"latency\"", journeys)).expect("written");
    let folder = home.path().join("results");
    let [file, folder] = [&file, &folder].map(|path| crate::program::text(path));
    let answer = ask(&["run", file, "--trials", "100", "--quiet", "--out", folder]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    let page = fs::read_to_string(Path::new(folder).join("report.html")).expect("it was written");
    let scope = page.split("<section id=\"scope\">").nth(1).and_then(|rest| rest.split("</section>").next());
    let scope = scope.expect("the page says what is not modelled");
    assert!(scope.contains("points of presence that disagree"), "{scope}");
    for other in ["S3", "Session", "delete markers"] {
        assert!(!scope.contains(other), "{other}: {scope}");
    }
}

/// What health checks look at, word for word.
#[test]
fn health_checks_are_told_as_what_they_are() {
    let alarm = "[[alarms]]\nname = \"a\"\nmetric = { errors = \"use\", region = \"us-east-1\" }\nabove = 0.2\n\
                 hosted-in = \"us-east-1\"\n";
    let told = |dns: &str, more: &str| {
        let overview = of_text(&small(&format!("policy = \"latency\"\n{dns}"), &format!("{ONE_JOURNEY}{more}")));
        overview.routing.expect("DNS leads").split("; ").skip(2).collect::<Vec<_>>().join("; ")
    };
    let shallow = "shallow, every 30 s, 3 in a row";
    assert_eq!(told("", ""), format!("health check: {shallow}"));
    assert_eq!(
        told("health-check = { checks = [{ kind = \"alarm\", alarm = \"a\" }] }", alarm),
        "health check: on the metric of alarm a (as it was without data)"
    );
    let both = "{ kind = \"shallow\" }, { kind = \"alarm\", alarm = \"a\"";
    assert_eq!(
        told(&format!("health-check = {{ checks = [{both} }}], healthy-children = 2 }}"), alarm),
        format!(
            "calculated health check, healthy while 2 of 2 are: {shallow}; on the metric of alarm a (as it was without data)"
        )
    );
    assert_eq!(
        told(
            &format!(
                "health-check = {{ checks = [{both}, insufficient-data = \"unhealthy\", inverted = true }}], \
                 healthy-children = 1 }}"
            ),
            alarm
        ),
        format!(
            "calculated health check, healthy while 1 of 2 are: {shallow}; on the metric of alarm a (unhealthy without \
             data), turned round"
        )
    );
    assert_eq!(told("health-check = false", ""), "no health check");
    assert_eq!(
        told("", "[regions.eu-west-1.dns]\nhealth-check = { interval = \"10s\" }\n"),
        format!("us-east-1: health check: {shallow}; eu-west-1: health check: shallow, every 10 s, 3 in a row")
    );
    let instances = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 4, desired = 4, max = 8 }\n\
                     requests-per-second = 100\n";
    assert_eq!(
        told("alias = true\nevaluate-target-health = true", instances),
        format!("health check: {shallow}; unhealthy as well without a healthy target")
    );
}
