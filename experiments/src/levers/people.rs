//! People: how fast they decide and notice, and what decides in their place.

use models::runbooks::{Action, Parameters as Runbook, Trigger};

use super::alarms::{errors_alarm, free_name};
use super::site::{Site, element};
use super::step::{quoted, scaled};
use super::{Change, Kind, Lever};

/// The path of a runbook.
pub(super) fn path(site: &Site<'_>, index: usize) -> String {
    let all = &site.topology.runbooks;
    element("runbooks", &all.as_slice()[index].name, index, all.iter().map(|runbook| &runbook.name))
}

/// The approvals of all runbooks: the runbook, its path, and that of the step.
fn approvals<'a>(site: &Site<'a>) -> Vec<(&'a Runbook, String)> {
    let mut found = Vec::new();
    for (index, runbook) in site.topology.runbooks.iter().enumerate() {
        let own = path(site, index);
        let steps = runbook.steps.iter().enumerate();
        let people = steps.filter(|(_, step)| matches!(step.action, Action::Approve(_)));
        found.extend(people.map(|(step, _)| (runbook, format!("{own}.steps.{step}"))));
    }
    found
}

/// A delay of people at half its length, at all hours that the file tells apart.
fn halved(site: &Site<'_>, at: &str, key: &str) -> Vec<Change> {
    let hours = (0..).map(|hour| format!("{at}.hours.{hour}.delay"));
    let paths = std::iter::once(format!("{at}.{key}")).chain(hours.take_while(|path| site.written(path).is_some()));
    let half = |path: String| {
        let value = scaled(&site.written(&path)?, 0.5)?;
        Some(Change { key: path, value, now: None })
    };
    paths.filter_map(half).collect()
}

/// People who decide in half the time.
pub(super) fn approval(site: &Site<'_>) -> Vec<Lever> {
    let one = |(runbook, step): (&Runbook, String)| {
        let changes = halved(site, &step, "approve");
        let title = format!("decide on {} in half the time", runbook.name);
        (!changes.is_empty()).then(|| Lever::new(Kind::Approval, title, changes))
    };
    approvals(site).into_iter().filter_map(one).collect()
}

/// Automation that asks nobody.
pub(super) fn automation(site: &Site<'_>) -> Vec<Lever> {
    let one = |(runbook, step): (&Runbook, String)| {
        let mut changes = vec![Site::new_setting(format!("{step}.approve"), "\"0s\"")];
        let hours = format!("{step}.hours");
        changes.extend(site.written(&hours).map(|_| Site::new_setting(hours, "[]")));
        Lever::new(Kind::Automation, format!("run {} without an approval", runbook.name), changes)
    };
    approvals(site).into_iter().map(one).collect()
}

/// Runbooks that begin when an operator notices.
fn noticed<'a>(site: &Site<'a>) -> impl Iterator<Item = (usize, &'a Runbook)> {
    let all = site.topology.runbooks.iter().enumerate();
    all.filter(|(_, runbook)| matches!(runbook.on, Trigger::Operator { .. }))
}

/// Operators who notice in half the time.
pub(super) fn paging(site: &Site<'_>) -> Vec<Lever> {
    let one = |(index, runbook): (usize, &Runbook)| {
        let changes = halved(site, &format!("{}.on", path(site, index)), "operator");
        let title = format!("page somebody for {} in half the time", runbook.name);
        (!changes.is_empty()).then(|| Lever::new(Kind::Paging, title, changes))
    };
    noticed(site).filter_map(one).collect()
}

/// An alarm instead of an operator who notices.
pub(super) fn alarm_instead_of_people(site: &Site<'_>) -> Vec<Lever> {
    let one = |(index, runbook): (usize, &Runbook)| {
        let Trigger::Operator { journey, .. } = &runbook.on else { return None };
        // Any journey may be the one that is down: the largest is seen first.
        let largest = || {
            let all = site.topology.journeys.iter();
            all.reduce(|most, other| if other.share > most.share { other } else { most })
        };
        let journey = journey.map(|journey| &site.topology.journeys[journey]).or_else(largest)?;
        let host = runbook.hosted_in.iter().copied().find(|&region| !site.is_struck(region));
        let host = site.region(host.or_else(|| site.refuge(None))?);
        let name = free_name(site, &format!("{}-fails", journey.name));
        let changes = vec![
            Site::new_setting("alarms.+", errors_alarm(&name, &journey.name, host)),
            Site::new_setting(format!("{}.on", path(site, index)), format!("{{ alarm = {} }}", quoted(&name))),
        ];
        let title = format!("start {} by an alarm on failed {} instead of by somebody", runbook.name, journey.name);
        Some(Lever::new(Kind::AlarmInsteadOfPeople, title, changes))
    };
    noticed(site).filter_map(one).collect()
}
