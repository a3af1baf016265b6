//! `docs/services.md` and the table of stages: what the model says of itself, as pages; and which of its parts a
//! deployment uses.
//!
//! The pages are made of the data that the model has and of the keys that its readers list, so they cannot say anything
//! else than the code. `UPDATE=1 cargo test --test it services` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use models::about::{ABSENT, About};
use models::cause::Cause;
use models::deployment::services;
use mrsim::experiment::{Files, LAYOUT, open_text};
use mrsim::overview::Overview;
use mrsim::run::{Open as _, Overrides};
use sim_settings::{Condition, KeyDefault, Layout, Mark, Placed, Takes, placed};

use crate::program::{ask, names, root};
use crate::slots::SLOTS;

/// A part of the model by its name, the tables of the file that hold its keys (all of them, or those of one kind), an
/// experiment that shows it, and what that experiment has in its text.
struct Service {
    name: &'static str,
    tables: &'static [(&'static str, &'static str)],
    shown_by: &'static str,
    by_its: &'static str,
}

const fn service(
    name: &'static str,
    tables: &'static [(&'static str, &'static str)],
    shown_by: &'static str,
    by_its: &'static str,
) -> Service {
    Service { name, tables, shown_by, by_its }
}

/// Of several services that could own a key the first one does.
const SERVICES: &[Service] = &[
    service(
        "Route 53",
        &[("dns", ""), ("names", ""), ("records", ""), ("health-checks", "")],
        "active-active",
        "[dns]",
    ),
    service("CloudFront", &[("edge", "cloudfront")], "cloudfront", "cloudfront"),
    service("Global Accelerator", &[("edge", "global-accelerator")], "global-accelerator", "global-accelerator"),
    service(
        "API Gateway",
        &[("load-balancer", "api-gateway"), ("services.*.load-balancer", "api-gateway")],
        "api-gateway-limit",
        "api-gateway",
    ),
    service(
        "Application and Network Load Balancer",
        &[("load-balancer", ""), ("services.*.load-balancer", "")],
        "zone-outage",
        "target-health-check",
    ),
    service(
        "EC2 Auto Scaling",
        &[("compute", "ec2-auto-scaling"), ("services.*", "ec2-auto-scaling")],
        "static-stability",
        "ec2-auto-scaling",
    ),
    service(
        "ECS",
        &[("compute", "ecs"), ("services.*", "ecs"), ("quotas", "")],
        "fargate-active-active",
        "kind = \"ecs\"",
    ),
    service("EKS", &[("compute", "eks"), ("services.*", "eks")], "eks-evacuation", "kind = \"eks\""),
    service("Lambda", &[("compute", "lambda"), ("services.*", "lambda")], "lambda-standby-quota", "kind = \"lambda\""),
    service("Managed and external services", &[], "third-party", "kind = \"external\""),
    service("Services and calls", &[("services.*", ""), ("journeys.*.needs.*", "")], "microservices", "[services."),
    service("Capacity of stores", &[("stores.*.capacity", "")], "cold-cache", "capacity"),
    service("Aurora Global Database", &[("stores.*", "aurora-global")], "active-active", "aurora-global"),
    service("Sharded relational", &[("stores.*", "sharded-relational")], "shards", "sharded-relational"),
    service("RDS with a replica elsewhere", &[("stores.*", "rds-replica")], "promote-a-replica", "rds-replica"),
    service(
        "DynamoDB global tables",
        &[("stores.*", "dynamodb-global-table")],
        "strong-table",
        "dynamodb-global-table",
    ),
    service("S3 with cross-region replication", &[("stores.*", "s3-replication")], "object-storage", "s3-replication"),
    service("ElastiCache Global Datastore", &[("stores.*", "elasticache-global")], "cold-cache", "elasticache-global"),
    service(
        "Session state on the instance",
        &[("stores.*", "instance-session")],
        "session-on-instance",
        "instance-session",
    ),
    service("Aurora DSQL", &[("stores.*", "aurora-dsql")], "dsql", "aurora-dsql"),
    service("DocumentDB global clusters", &[("stores.*", "documentdb-global")], "ransomware", "documentdb-global"),
    service("MemoryDB Multi-Region", &[("stores.*", "memorydb-multi-region")], "dsql", "memorydb-multi-region"),
    service("EFS replication", &[("stores.*", "efs-replication")], "ransomware", "efs-replication"),
    service("Queues", &[("stores.*", "queue")], "order-queue", "kind = \"queue\""),
    service("Backups", &[("stores.*.backup", "")], "ransomware", "backup = {"),
    service("CloudWatch", &[("cloudwatch", ""), ("alarms.*", "")], "runbook-in-the-wrong-region", "[[alarms]]"),
    service("Clients and resolvers", &[("clients.*", "")], "active-active", "caching"),
    service("Network", &[], "own-data-centre", "place ="),
    service("Latency", &[], "slow-database", "slow-failure"),
    service("Work that waits", &[], "metastable", "queue "),
    service(
        "People",
        &[("start", ""), ("runbooks.*.on.hours.*", ""), ("runbooks.*.steps.*.hours.*", "")],
        "night-shift",
        "hours",
    ),
    service("Runbooks", &[("runbooks.*", "")], "pilot-light", "[[runbooks]]"),
    service("Control planes", &[], "network-2021", "record-edit"),
    service("Faults", &[("faults.*", "")], "october-2025", "service-impairment"),
];

/// A key with a default, where it stands, and the kinds of which its table and the tables around it have to be.
struct Default {
    path: String,
    kinds: Vec<&'static str>,
    mark: Mark,
    text: String,
}

/// Every default of the tables in `layout`.
fn defaults(layout: Layout, path: &str, kinds: &[&'static str], found: &mut Vec<Default>) {
    for Placed { entry, when } in placed(layout) {
        let kind = when.iter().filter_map(|condition| match condition {
            Condition::Is("kind", kind) => Some(*kind),
            _ => None,
        });
        let kinds: Vec<&'static str> = kinds.iter().copied().chain(kind).collect();
        let path = if path.is_empty() { entry.key.name.to_owned() } else { format!("{path}.{}", entry.key.name) };
        if let KeyDefault::Value { text, mark, .. } = entry.key.default {
            let text = format!("{} = {text}", entry.key.name);
            found.push(Default { path: path.clone(), kinds: kinds.clone(), mark, text });
        }
        if let Some(inner) = entry.takes.layout() {
            let several = matches!(
                entry.takes,
                Takes::List(_) | Takes::Named(_) | Takes::Either(Takes::List(_) | Takes::Named(_), _)
            );
            // A region repeats the common stack.
            let below = match path.as_str() {
                "regions" => String::new(),
                _ if several => format!("{path}.*"),
                _ => path,
            };
            defaults(inner, &below, &kinds, found);
        }
    }
}

/// Which service a default belongs to; none for those of the run itself.
fn owner(default: &Default) -> Option<&'static Service> {
    let owns = |(table, kind): &(&str, &'static str)| {
        let inside = default.path.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'));
        inside && (kind.is_empty() || default.kinds.contains(kind))
    };
    SERVICES.iter().find(|service| service.tables.iter().any(owns))
}

/// `interval = 30s, failure-threshold = 3` of all defaults of a service with this mark, in the order of their names.
fn with_mark(all: &[Default], name: &str, mark: Mark) -> String {
    let owned = |default: &&Default| default.mark == mark && owner(default).is_some_and(|service| service.name == name);
    let texts: BTreeSet<String> =
        all.iter().filter(owned).map(|default| format!("`{}`", default.text.replace('|', "\\|"))).collect();
    if texts.is_empty() { "-".to_owned() } else { texts.into_iter().collect::<Vec<_>>().join(", ") }
}

/// A cell of a table of Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The entry of a part of the model in this file's list.
fn known(about: &About) -> &'static Service {
    let known = SERVICES.iter().find(|service| service.name == about.name);
    known.unwrap_or_else(|| panic!("{} is not in this file's list", about.name))
}

fn page() -> String {
    let mut page = String::from(
        "# What is modelled, service by service\n\n\
         This page is made from what each part of the model says of itself (`ABOUT` in its file in `models/src`) and from the\n\
         keys of its tables; a test holds it to them. `mrsim explain KEY` tells where a single default comes from.\n\n\
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
    let _ = writeln!(page, "\nNot there at all: {}.", ABSENT.join("; "));
    page.push_str(
        "\n## Where the defaults come from\n\n\
         *Documented*: a vendor's documentation states it. *Measured*: somebody measured and published it. *Assumed*: no\n\
         published source; `mrsim check` lists those that an experiment rests on. Switches that are off unless asked for\n\
         are left out.\n\n\
         | service | documented | measured | assumed |\n|---|---|---|---|\n",
    );
    let mut all = Vec::new();
    defaults(LAYOUT, "", &[], &mut all);
    for about in services() {
        let [documented, measured, assumed] =
            [Mark::Documented, Mark::Measured, Mark::Assumed].map(|mark| with_mark(&all, about.name, mark));
        let _ = writeln!(page, "| {} | {documented} | {measured} | {assumed} |", about.name);
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
fn every_figure_belongs_to_a_service() {
    let mut all = Vec::new();
    defaults(LAYOUT, "", &[], &mut all);
    assert!(all.iter().filter(|default| owner(default).is_some()).count() > 50);
    for default in all.iter().filter(|default| default.mark != Mark::Convention) {
        assert!(owner(default).is_some(), "{} ({}) belongs to no service", default.path, default.text);
    }
}

#[test]
fn no_service_is_missing_from_the_page() {
    let parts = services();
    let named: BTreeSet<&str> = parts.iter().map(|about| about.name).collect();
    let known: BTreeSet<&str> = SERVICES.iter().map(|service| service.name).collect();
    assert_eq!(named, known, "each name in this file's list is one of the model's");
    assert_eq!(parts.len(), SERVICES.len());
    // Each file or folder of a slot is a service and says what it is, but for what several of them share.
    let says = |path: &Path| fs::read_to_string(path).is_ok_and(|text| text.contains("const ABOUT: About"));
    for (slot, shared, _) in SLOTS {
        for entry in fs::read_dir(root().join("models/src").join(slot)).expect("the folder is there").flatten() {
            let path = entry.path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned();
            let file = if path.is_dir() { path.join("mod.rs") } else { path };
            let is_shared = name == "mod" || shared.contains(&name.as_str());
            assert!(is_shared || says(&file), "{} does not say what it is", file.display());
        }
    }
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

/// The overview of an experiment of the catalogue.
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
    assert_eq!(in_use(&overview), ["Route 53", "Clients and resolvers", "Network", "Latency", "Faults"]);
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

/// The words for health checks.
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
