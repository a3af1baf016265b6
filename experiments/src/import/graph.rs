//! Tiers as `[services.NAME]`: every tier of the system, and not only the one that clients enter.

use super::draft::{Entry, Loose, Table, inline, list, quoted};
use super::system::{Runs, System};

/// A table for each tier, and for each region in which it differs.
pub(super) fn services(system: &System<'_>, after: &mut Vec<Table>) {
    for tier in &system.tiers {
        let path = format!("services.{}", tier.name);
        let main = system.main_region().unwrap_or_default();
        let Some(first) = tier.sites.get(&main).or_else(|| tier.sites.values().next()) else { continue };
        let kind = match first.runs {
            Runs::Instances => "ec2-auto-scaling",
            Runs::Tasks => "ecs",
            Runs::Pods => "eks",
            Runs::Function => "lambda",
        };
        let mut table = Table::new(format!("[{path}]"), &path);
        table.push(Entry::from("kind", quoted(kind), &[first.id]));
        table.push(Entry::plain("regions", list(tier.sites.keys())));
        // Tasks and pods have kinds of their own here, so the question of the short form is answered.
        table.extend(first.compute.iter().filter(|entry| entry.key != "kind").cloned());
        let balancer = match first.balancer.first() {
            Some(check) => inline(&[("kind", quoted("application")), ("target-health-check", check.value.clone())]),
            None if first.fronts.is_empty() && first.runs == Runs::Function => {
                inline(&[("kind", quoted("api-gateway"))])
            }
            None if first.fronts.is_empty() => inline(&[("kind", quoted("none"))]),
            None => inline(&[("kind", quoted("application"))]),
        };
        table.push(Entry::from("load-balancer", balancer, &first.fronts));
        if !tier.entered {
            let question = format!("which other tiers call {}, and for what? (here: nobody does)", tier.name);
            table.ask(Loose::settled(format!("{path}.callers"), question));
        }
        after.push(table);
        for (region, site) in &tier.sites {
            let differs = |entry: &&Entry| {
                entry.key != "kind"
                    && first.compute.iter().all(|other| (&other.key, &other.value) != (&entry.key, &entry.value))
            };
            let own: Vec<Entry> = site.compute.iter().filter(differs).cloned().collect();
            if !own.is_empty() {
                let path = format!("regions.{region}.{path}");
                let mut table = Table::new(format!("[{path}]"), &path);
                table.extend(own);
                after.push(table);
            }
        }
    }
}
