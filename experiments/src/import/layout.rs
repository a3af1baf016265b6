//! The layout of the file: which tables there are, and what stands in each.

use std::collections::BTreeMap;

use super::draft::{Entry, Line, Loose, Table, guess, inline, list, number, quoted, seconds};
use super::readers::{Disruption, Policy};
use super::resource::Id;
use super::system::{Form, JOURNEY, Part, Runs, Site, System};

/// Keys that every region has, and those in which regions differ.
struct Shared {
    common: Vec<Entry>,
    own: BTreeMap<String, Vec<Entry>>,
}

/// Splits the keys of regions: what all of them have goes to the common stack with the value of the main region.
fn shared(sites: &BTreeMap<String, Vec<Entry>>, main: &str, whole: bool) -> Shared {
    let value =
        |entries: &[Entry], key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.clone());
    let first = sites.get(main).or_else(|| sites.values().next());
    let alike = |key: &str| {
        let values: Vec<Option<String>> = sites.values().map(|entries| value(entries, key)).collect();
        values.windows(2).all(|two| two[0] == two[1])
    };
    let Some(first) = first.filter(|_| whole && alike("kind")) else {
        return Shared { common: Vec::new(), own: sites.clone() };
    };
    let everywhere = |key: &str| sites.values().all(|entries| value(entries, key).is_some());
    let common: Vec<Entry> = first.iter().filter(|entry| everywhere(&entry.key)).cloned().collect();
    let differs = |entry: &&Entry| common.iter().all(|other| (&other.key, &other.value) != (&entry.key, &entry.value));
    let own = sites.iter().map(|(region, entries)| (region.clone(), entries.iter().filter(differs).cloned().collect()));
    let own = own.filter(|(_, entries): &(String, Vec<Entry>)| !entries.is_empty()).collect();
    let mut common = common;
    // A line of the common stack names the resources of every region that says the same.
    for entry in &mut common {
        for (region, entries) in sites {
            if region != main {
                let same = entries.iter().filter(|other| (&other.key, &other.value) == (&entry.key, &entry.value));
                entry.remark.from.extend(same.flat_map(|other| other.remark.from.iter().copied()).collect::<Vec<Id>>());
            }
        }
    }
    Shared { common, own }
}

/// Every table of the experiment.
pub(super) fn tables(system: &System<'_>, name: &str) -> Vec<Table> {
    let main = system.main_region().unwrap_or_default();
    let mut tables = vec![top(name)];
    if !system.objectives.is_empty() {
        let mut objectives = Table::new("[objectives]", "objectives");
        objectives.extend(system.objectives.iter().cloned());
        tables.push(objectives);
    }
    let mut regions: BTreeMap<String, Table> = BTreeMap::new();
    for region in system.serving.iter().chain(&system.others) {
        let mut table = Table::new(format!("[regions.{region}]"), format!("regions.{region}"));
        if !system.serving.contains(region) {
            table.push(Entry::plain("serves", "false").noted("copies, alarms and automation only"));
        }
        regions.insert(region.clone(), table);
    }
    let mut after = Vec::new();
    match system.form {
        Form::Short => short(system, &main, &mut tables[0], &mut regions, &mut after),
        Form::Graph => super::graph::services(system, &mut after),
    }
    if system.objectives.is_empty() {
        let question = "which recovery time and which data loss do you promise, and in which share of incidents? say so in [objectives], such as rto = { p99 = \"15m\" }";
        tables[0].ask(Loose::key("objectives", "objectives", question));
    }
    dns(system, &main, &mut regions, &mut after);
    tables.extend(regions.into_values());
    tables.extend(after);
    clients(system, &mut tables);
    for store in &system.stores {
        tables.push(part(
            &store.part,
            &format!("[stores.{}]", store.part.name),
            &format!("stores.{}", store.part.name),
            false,
        ));
    }
    tables.push(journey(system));
    for alarm in &system.alarms {
        tables.push(part(alarm, "[[alarms]]", &format!("alarms.{}", alarm.name), true));
    }
    for runbook in &system.runbooks {
        tables.push(part(runbook, "[[runbooks]]", &format!("runbooks.{}", runbook.name), true));
    }
    let question = "which fault do you fear? here: the main region is lost for good";
    tables.push(fault("region-outage", &main, Vec::new(), question));
    if !system.loose.is_empty() {
        let mut loose = Table::new("", "");
        loose.lines.extend(system.loose.iter().cloned().map(Line::Question));
        tables.push(loose);
    }
    tables
}

fn top(name: &str) -> Table {
    let mut top = Table::new("", "");
    top.push(Entry::plain("name", quoted(name)));
    top.push(Entry::asked("horizon", quoted("2h"), "how long may a trial last before it counts as not recovered?"));
    top
}

fn part(part: &Part, header: &str, path: &str, named: bool) -> Table {
    let mut table = Table::new(header, path);
    if named {
        table.push(Entry::plain("name", quoted(&part.name)));
    }
    table.lines.extend(part.lines.iter().cloned());
    table
}

/// One tier as `[compute]` and `[load-balancer]`.
fn short(
    system: &System<'_>,
    main: &str,
    top: &mut Table,
    regions: &mut BTreeMap<String, Table>,
    after: &mut Vec<Table>,
) {
    let Some(tier) = system.entry() else {
        let question =
            "what runs the application? nothing in the inputs does (here: a region serves whatever reaches it)";
        top.ask(Loose::key("compute", "compute", question));
        return;
    };
    let missing: Vec<&String> = system.serving.iter().filter(|region| !tier.sites.contains_key(*region)).collect();
    let compute: BTreeMap<String, Vec<Entry>> =
        tier.sites.iter().map(|(region, site)| (region.clone(), site.compute.clone())).collect();
    let balancer: BTreeMap<String, Vec<Entry>> =
        tier.sites.iter().map(|(region, site)| (region.clone(), site.balancer.clone())).collect();
    for region in &missing {
        if let Some(table) = regions.get_mut(*region) {
            let question = format!(
                "what runs the application in {region}? nothing in the inputs does (here: it serves whatever reaches it)"
            );
            table.ask(Loose::key("compute", format!("regions.{region}.compute"), question));
        }
    }
    for (section, sites) in [("compute", compute), ("load-balancer", balancer)] {
        let balanced = tier.sites.values().any(|site| site.runs != Runs::Function || !site.balancer.is_empty());
        if section == "load-balancer" && !balanced {
            continue;
        }
        let Shared { common, own } = shared(&sites, main, missing.is_empty());
        for (region, entries) in own {
            if let Some(table) = regions.get_mut(&region) {
                table.extend(
                    entries.into_iter().map(|entry| Entry { key: format!("{section}.{}", entry.key), ..entry }),
                );
            }
        }
        let mut table = Table::new(format!("[{section}]"), section);
        table.extend(common);
        let bare = |site: &Site| site.balancer.is_empty() && site.fronts.is_empty() && site.runs != Runs::Function;
        if section == "load-balancer" && tier.sites.values().all(bare) {
            table.ask(Loose::settled("load-balancer", "what stands in front of the instances? no load balancer in the inputs leads to them (here: one with the default checks)"));
        }
        if !table.lines.is_empty() {
            after.push(table);
        }
    }
}

fn dns(system: &System<'_>, main: &str, regions: &mut BTreeMap<String, Table>, after: &mut Vec<Table>) {
    for (lines, _) in &system.edges {
        let header = if system.edges.len() > 1 { "[[edge]]" } else { "[edge]" };
        let mut table = Table::new(header, "edge");
        table.lines.extend(lines.iter().cloned());
        after.push(table);
    }
    let Some(dns) = &system.dns else { return };
    let mut table = Table::new("[dns]", "dns");
    table.lines.extend(dns.lines.iter().cloned());
    let common = dns.checks.get(main).or_else(|| dns.checks.values().next());
    match common {
        Some(common) => {
            let place =
                table.lines.iter().position(|line| matches!(line, Line::Question(_))).unwrap_or(table.lines.len());
            let mut common = common.clone();
            for (region, check) in &dns.checks {
                if check.value == common.value {
                    if region != main {
                        common.remark.from.extend(check.remark.from.iter().copied());
                    }
                } else if let Some(table) = regions.get_mut(region) {
                    let key = "dns.health-check".to_owned();
                    table.push(Entry { key, value: over(&common.value, &check.value), remark: check.remark.clone() });
                }
            }
            table.lines.insert(place, Line::Entry(common));
        }
        None => table.push(Entry::plain("health-check", "false")),
    }
    after.push(table);
}

/// A check that is laid over the common one: what that has and this one has not is written out.
fn over(common: &str, own: &str) -> String {
    let lacks = |key: &str| common.contains(&format!("{key} = ")) && !own.contains(&format!("{key} = "));
    match own.strip_suffix(" }") {
        // Without a choice of regions all 16 checkers probe.
        Some(begun) if lacks("checkers") => format!("{begun}, checkers = 16 }}"),
        _ => own.to_owned(),
    }
}

fn clients(system: &System<'_>, tables: &mut Vec<Table>) {
    for region in &system.serving {
        let name = format!("near-{region}");
        let mut table = Table::new("[[clients]]", format!("clients.{name}"));
        table.push(Entry::plain("name", quoted(&name)));
        table.push(Entry::plain("near", quoted(region)));
        let load = system.entry().and_then(|tier| tier.sites.get(region)?.load);
        let here = if load.is_some() { " (here: what keeps the region as busy as it is meant to be)" } else { "" };
        let question =
            format!("how many requests per second come from clients near {region} at the busiest hour?{here}");
        table.push(Entry::asked("requests-per-second", guess(&number(load.unwrap_or(100.0).max(0.1))), question));
        table.push(
            Entry::plain("caching", quoted("typical"))
                .noted("resolvers as they are: one in ten keeps an answer for longer than its TTL"),
        );
        tables.push(table);
    }
}

fn journey(system: &System<'_>) -> Table {
    let mut table = Table::new("[[journeys]]", format!("journeys.{JOURNEY}"));
    table.push(Entry::plain("name", quoted(JOURNEY)));
    table.push(Entry::plain("share", "1"));
    let needs = system.stores.iter().map(|store| {
        let access = if store.reads { "read" } else { "write" };
        inline(&[(access, quoted(&store.part.name))])
    });
    let needs: Vec<String> = needs.collect();
    if let Some(entry) = system.entry().filter(|_| system.form == Form::Graph) {
        table.push(Entry::plain("enters", quoted(&entry.name)));
    }
    let question = "which kinds of requests are there, what are their shares, and what does each need? (here: one kind that needs everything)";
    table.push(if needs.is_empty() {
        Entry::asked(
            "needs",
            "[]",
            "which kinds of requests are there, and what does each need? (no store is in the inputs)",
        )
    } else {
        Entry::asked("needs", format!("[ {} ]", needs.join(", ")), question)
    });
    table
}

fn fault(kind: &str, region: &str, more: Vec<Entry>, question: &str) -> Table {
    let mut table = Table::new("[[faults]]", "faults.0");
    table.push(Entry::asked("kind", quoted(kind), question));
    table.push(Entry::plain("region", quoted(region)));
    table.extend(more);
    table.push(Entry::plain("at", format!("{{ uniform = {} }}", list(["10m", "11m"]))));
    table.push(Entry::plain("duration", quoted("permanent")));
    table
}

const NO_PERCENTILE: &str =
    "the policy names a number and no percentile: which share of incidents has to meet it? (here: 99 of 100)";

/// Keys of `[objectives]` that one disruption of a policy sets.
pub(super) fn limits(rto: Option<f64>, rpo: Option<f64>, from: &[Id]) -> Vec<Entry> {
    let limit = |(key, limit): (&str, Option<f64>)| {
        let value = inline(&[("p99", seconds(limit?))]);
        Some(Entry::asked(key, value, NO_PERCENTILE).of(from))
    };
    [("rto", rto), ("rpo", rpo)].into_iter().filter_map(limit).collect()
}

/// An experiment for each disruption of a policy: the word in its file's name, and its tables.
pub(super) fn disruptions(
    system: &System<'_>,
    policy: &Policy,
    name: &str,
    base: &str,
    from: &[Id],
) -> Vec<(String, Vec<Table>)> {
    let main = system.main_region().unwrap_or_default();
    let mut files = Vec::new();
    let begin = |word: &str| {
        let mut top = Table::new("", "");
        top.push(Entry::plain("extends", quoted(base)));
        top.push(Entry::plain("name", quoted(&format!("{name}-{word}"))));
        top
    };
    for target in &policy.targets {
        let word = target.disruption.word();
        let fault = match target.disruption {
            Disruption::Region => {
                fault("region-outage", &main, Vec::new(), "is it the main region that you fear to lose?")
            }
            Disruption::Zone => {
                fault("zone-outage", &main, Vec::new(), "is it a zone of the main region that you fear to lose?")
            }
            Disruption::Hardware => {
                let share = Entry::asked("probability", "0.1", "which share of the instances fails at once?");
                fault(
                    "instance-failures",
                    &main,
                    vec![share],
                    "is it instances of the main region that you fear to lose?",
                )
            }
            Disruption::Software => {
                let share = Entry::asked("error", "0.5", "which share of the requests does faulty software fail?");
                fault(
                    "gray-failure",
                    &main,
                    vec![share],
                    "which fault of the software do you fear? here: a share of the requests fails",
                )
            }
        };
        let mut objectives = Table::new("[objectives]", "objectives");
        objectives.extend(limits(target.rto, target.rpo, from));
        files.push((word.to_owned(), vec![begin(word), objectives, fault]));
    }
    if let Some(availability) = policy.availability {
        let mut top = begin("availability");
        top.push(Entry::plain("horizon", quoted("365d")));
        top.push(Entry::plain("trials", "500"));
        let mut objectives = Table::new("[objectives]", "objectives");
        let share = number(availability);
        objectives.push(Entry::from("availability", share, from));
        let mut fault = Table::new("[[faults]]", "faults.0");
        fault.push(Entry::asked(
            "kind",
            quoted("region-outage"),
            "which faults come how often? here: the main region is out once in two years",
        ));
        fault.push(Entry::plain("region", quoted(&main)));
        fault.push(Entry::plain("rate", quoted("0.5 per year")));
        fault.push(Entry::asked(
            "duration",
            "{ lognormal = { median = \"2h\", p95 = \"10h\" } }",
            "how long do such outages last?",
        ));
        files.push(("availability".to_owned(), vec![top, objectives, fault]));
    }
    files
}
