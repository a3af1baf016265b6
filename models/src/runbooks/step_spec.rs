//! The keys of steps, and their reading.

use sim_settings::form::{
    self, Count, Either, IsList, Lists, Name, Number, OneOf, Share, Sub, Table, Text, Words as _,
};
use sim_settings::quantity::number_text;
use sim_settings::{Key, Keys as _, Layout, Listing, Section, keys};

use super::action::{Action, Crowd, Means};
use super::program::{Block, Step, Wrong};
use crate::fronts::route53::zone::Endpoints;
use crate::ids::{JourneyId, PopulationId, RecordId, RegionId, ServiceId, StoreId};
use crate::people::{Delay, HoursKeys};
use crate::ramp::{Ramp, RampKeys};
use crate::software::{self, Softwares};
use crate::stores::Promotion;
use crate::zones::zone_of;

/// Names that runbooks refer to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Regions: those that serve, then the others.
    pub regions: &'a [String],
    /// The endpoints of those that serve.
    pub endpoints: &'a Endpoints,
    /// Health checks that have names.
    pub checks: &'a [String],
    /// The same and after them further ones that automation can run in.
    pub places: &'a [String],
    /// Stores.
    pub stores: &'a [String],
    /// Journeys.
    pub journeys: &'a [String],
    /// Populations.
    pub clients: &'a [String],
    /// Alarms.
    pub alarms: &'a [String],
    /// Services.
    pub services: &'a [String],
    /// Records of DNS that have names.
    pub records: &'a [String],
    /// The only one that clients enter, if it has a name and there is no other.
    pub entered: Option<ServiceId>,
}

keys! {
    /// The keys of a step.
    struct StepKeys {
        pub(super) const APPROVE: Key<form::Delay> = Key::required("approve", "how long people take to decide");
        pub(super) const WAIT: Key<form::Delay> = Key::required("wait", "how long it waits");
        pub(super) const PROMOTE: Key<Name<StoreId>> = Key::required("promote", "the store that gets a new writer, by managed failover");
        pub(super) const DETACH: Key<Name<StoreId>> = Key::required("detach", "the store whose copy becomes a cluster of its own");
        pub(super) const SWITCH_OVER: Key<Name<StoreId>> = Key::required("switch-over", "the store whose writer moves as planned");
        pub(super) const REPOINT: Key<Name<StoreId>> = Key::required("repoint", "the store whose applications are told of a detached copy, wherever that can be reached");
        pub(super) const RESTORE: Key<Name<StoreId>> = Key::required("restore", "the store that is restored from its newest backup of before anything was wrong with it");
        pub(super) const SHIFT: Key<OneOf<Means>> = Key::required("shift", "the means by which traffic is shifted");
        pub(super) const READMIT: Key<Name<RegionId>> = Key::required("readmit", "the region that DNS may answer with again, beside the others");
        pub(super) const SCALE: Key<Number> = Key::required("scale", "the desired number of instances; of a store's copy, so many times the capacity that the file gives it").unit("instances, or times");
        pub(super) const SHED: Key<Either<Name<PopulationId>, Sub<CrowdKeys>>> = Key::required("shed", "the population, or the journey, whose requests are refused at the edge");
        pub(super) const ADMIT: Key<Either<Name<PopulationId>, Sub<CrowdKeys>>> = Key::required("admit", "the population, or the journey, whose refused requests are let in again");
        pub(super) const ROLLBACK: Key<Either<OneOf<Softwares>, Name<ServiceId>>> = Key::required("rollback", "the service of which a bad deployment is undone, in every region");
        pub(super) const ZONAL_SHIFT: Key<Text> = Key::required("zonal-shift", "the zone that gets no requests any more, `a`, `b`, ..").example("\"a\"");
        const SUCCESS: Key<Number> =
            Key::convention("success", "probability that an attempt succeeds", "1", "nothing fails unless stated")
                .at_least(0.0)
                .at_most(1.0);
        const RETRIES: Key<Count> =
            Key::convention("retries", "further attempts after a failed one", "0", "none unless stated").at_most(1_000.0);
        const RETRY_AFTER: Key<form::Delay> = Key::convention(
            "retry-after",
            "how long people wait after an attempt that failed before they try again",
            "0s",
            "at once unless stated",
        );
        const TAKES: Key<form::Delay> = Key::convention("takes", "how long the action itself takes", "0s", "an API call");
    }
}
keys! {
    /// Steps side by side.
    struct ParallelKeys {
        const PARALLEL: Key<Lists<SingleTable>> = Key::required("parallel", "branches of steps that are done side by side; it ends when all have");
    }
}
keys! {
    /// Where an action is done.
    struct TargetKeys {
        const TO: Key<Name<RegionId>> = Key::required("to", "the region that the step is about");
    }
}
keys! {
    /// Whose capacity is scaled.
    struct ScaleKeys {
        const SCALED: Key<Option<Name<ServiceId>>> = Key::optional("service", "the service whose group gets the size", "the service that clients enter");
        const STORE: Key<Option<Name<StoreId>>> = Key::optional("store", "the store whose copy is scaled", "the region's instances");
    }
}
keys! {
    /// How much of it.
    struct ShareKeys {
        const SHARE: Key<Share> = Key::convention("share", "the share of the requests that it is about", "1", "all of them unless stated").above(0.0);
    }
}
keys! {
    /// Which part of DNS.
    struct SteeredKeys {
        const STEERED: Key<Option<Name<RecordId>>> = Key::optional("record", "the record that the step is about", "all records");
    }
}
keys! {
    /// How fast.
    struct MayRampKeys {
        const RAMP: Key<Option<Sub<RampKeys>>> = Key::optional("ramp", "how the effect is spread over time, in equal parts", "all at once");
    }
}
keys! {
    /// A journey, whoever makes its requests.
    pub(super) struct CrowdKeys {
        const JOURNEY: Key<Name<JourneyId>> = Key::required("journey", "the journey");
    }
}
keys! {
    /// The key of steps that act upon a region.
    struct MayGoWrongKeys {
        const WRONG: Key<Option<Sub<WrongKeys>>> = Key::optional("wrong", "how people may do something else by mistake", "they make no mistake");
    }
}
keys! {
    /// How a step may be done wrong.
    struct WrongKeys {
        const PROBABILITY: Key<Number> = Key::required("probability", "probability that the step is done wrong").at_most(1.0);
        const NOTICED: Key<form::Delay> =
            Key::required("noticed", "how long it takes, once the wrong thing is done, until the right one is begun");
        const WRONG_TO: Key<Option<Name<RegionId>>> =
            Key::optional("to", "the region that it is done to by mistake", "it is done where it changes nothing");
    }
}

/// The words that say what a step does, and last the one for several side by side.
const ACTIONS: [&str; 15] = [
    APPROVE.name,
    WAIT.name,
    PROMOTE.name,
    DETACH.name,
    SWITCH_OVER.name,
    REPOINT.name,
    RESTORE.name,
    SHIFT.name,
    READMIT.name,
    SCALE.name,
    SHED.name,
    ADMIT.name,
    ROLLBACK.name,
    ZONAL_SHIFT.name,
    PARALLEL.name,
];

/// Those of a single step.
const SINGLE: &[&str] = ACTIONS.split_at(ACTIONS.len() - 1).0;

/// Actions that have a region.
const TARGETED: &[&str] =
    &[PROMOTE.name, DETACH.name, SWITCH_OVER.name, RESTORE.name, SHIFT.name, SCALE.name, ZONAL_SHIFT.name];

/// Actions that may be done to another region by mistake.
const FALLIBLE: &[&str] =
    &[PROMOTE.name, DETACH.name, SWITCH_OVER.name, SHIFT.name, READMIT.name, SCALE.name, ZONAL_SHIFT.name];

/// What single steps have besides.
const REST: Layout = &[
    Listing::Keys(StepKeys::KEYS),
    Listing::Beside(&[APPROVE.name], &[Listing::Keys(HoursKeys::KEYS)]),
    Listing::Beside(TARGETED, &[Listing::Keys(TargetKeys::KEYS)]),
    Listing::Beside(&[SCALE.name], &[Listing::Keys(ScaleKeys::KEYS)]),
    Listing::Beside(&[SHIFT.name, SHED.name], &[Listing::Keys(ShareKeys::KEYS)]),
    Listing::Beside(&[SHIFT.name, READMIT.name], &[Listing::Keys(SteeredKeys::KEYS)]),
    Listing::Beside(&[SHIFT.name, ADMIT.name], &[Listing::Keys(MayRampKeys::KEYS)]),
    Listing::Beside(FALLIBLE, &[Listing::Keys(MayGoWrongKeys::KEYS)]),
];

/// A step of a branch.
#[derive(Clone, Copy, Debug)]
enum SingleTable {}

impl Table for SingleTable {
    const LAYOUT: Layout = &[Listing::ExactlyOne(SINGLE), Listing::All(REST)];
}

/// An entry of the steps of a runbook: a step, or branches of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum StepTable {}

impl Table for StepTable {
    const LAYOUT: Layout = &[Listing::ExactlyOne(&ACTIONS), Listing::All(REST), Listing::Keys(ParallelKeys::KEYS)];
}

/// Reads the steps of a runbook, and the order in which they are done.
pub(super) fn read_steps<F: IsList>(
    runbook: &mut Section<'_>,
    key: &Key<F>,
    names: Names<'_>,
) -> (Vec<Step>, Vec<Block>) {
    let (mut steps, mut blocks) = (Vec::new(), Vec::new());
    for mut section in runbook.sections(key) {
        if section.one_of(&ACTIONS) != Some(PARALLEL.name) {
            blocks.push(Block::Step(steps.len()));
            steps.push(read_step(&mut section, names));
            continue;
        }
        let mut branches = Vec::new();
        for mut branch in section.lists(&PARALLEL) {
            let first = steps.len();
            for section in &mut branch {
                section.one_of(SINGLE);
                steps.push(read_step(section, names));
            }
            branches.push(first..steps.len());
        }
        if section.is_sound(PARALLEL.name) && (branches.len() < 2 || branches.iter().any(std::ops::Range::is_empty)) {
            let found = if branches.len() < 2 { "fewer than two branches" } else { "a branch without a step" };
            section.reject(PARALLEL.name, found, "two branches or more, each with a step", None);
        }
        blocks.push(Block::Parallel(branches));
    }
    (steps, blocks)
}

/// Reads one step, whose word has been looked for.
fn read_step(section: &mut Section<'_>, names: Names<'_>) -> Step {
    let promote = |section: &mut Section<'_>, key: &Key<Name<StoreId>>, how: Promotion| Action::Promote {
        how,
        store: section.name(key, names.stores),
        to: section.name(&TO, names.regions),
    };
    let written = SINGLE.iter().find(|word| section.has(word)).copied();
    let action = match written {
        Some("wait") => Action::Wait(section.get(&WAIT)),
        Some("promote") => promote(section, &PROMOTE, Promotion::Failover),
        Some("detach") => promote(section, &DETACH, Promotion::Detach),
        Some("switch-over") => promote(section, &SWITCH_OVER, Promotion::SwitchOver),
        Some("repoint") => Action::Repoint { store: section.name(&REPOINT, names.stores) },
        Some("restore") => {
            Action::Restore { store: section.name(&RESTORE, names.stores), to: section.name(&TO, names.regions) }
        }
        Some("shift") => Action::Shift {
            means: section.get(&SHIFT),
            to: section.name(&TO, names.regions),
            share: section.get(&SHARE),
            record: section.maybe_name(&STEERED, names.records),
        },
        Some("readmit") => {
            let record = section.maybe_name(&STEERED, names.records);
            Action::Readmit { region: section.name(&READMIT, names.regions), record }
        }
        Some("scale") => read_scale(section, names),
        Some("shed") => Action::Shed { whom: read_crowd(section, &SHED, names), share: section.get(&SHARE) },
        Some("admit") => Action::Admit { whom: read_crowd(section, &ADMIT, names) },
        Some("rollback") => Action::Rollback { service: read_rolled_back(section, names) },
        Some("zonal-shift") => read_zonal_shift(section, names),
        Some(_) => Action::Approve(Delay::read(section, &APPROVE)),
        // What is missing has been said.
        None => Action::Wait(sim_core::random::Distribution::constant(0.0).expect("zero is a constant")),
    };
    let ramp = matches!(action, Action::Shift { .. } | Action::Admit { .. }).then(|| section.section(&RAMP)).flatten();
    if let (Action::Shift { means: Means::AccessPoint, .. }, Some(_)) = (&action, &ramp) {
        let expected = "no `ramp`: the dials of an access point are open or closed";
        section.reject(RAMP.name, "an access point that is turned by parts", expected, None);
    }
    Step {
        success: section.get(&SUCCESS),
        retries: section.get(&RETRIES),
        retry_after: section.get(&RETRY_AFTER),
        wrong: read_wrong(section, &action, names),
        takes: section.get(&TAKES),
        ramp: ramp.map(|mut ramp| Ramp::read(&mut ramp)),
        action,
    }
}

fn read_rolled_back(section: &mut Section<'_>, names: Names<'_>) -> Option<ServiceId> {
    let written = section.node(&ROLLBACK).and_then(|node| node.text()).unwrap_or_default();
    let word = Softwares::WORDS.iter().any(|word| word.word == written);
    if names.services.is_empty() || (word && names.services.iter().all(|service| service != written)) {
        return section.get(&ROLLBACK.one());
    }
    let service: ServiceId = section.name(&ROLLBACK.other(), names.services);
    Some(service).filter(|service| names.entered != Some(*service))
}

fn read_scale(section: &mut Section<'_>, names: Names<'_>) -> Action {
    let size = section.get(&SCALE);
    let to = section.name(&TO, names.regions);
    let service = software::named(section, &SCALED, names.services);
    if let Some(store) = section.maybe_name(&STORE, names.stores) {
        if section.has(SCALED.name) {
            section.reject(SCALED.name, "`service` beside `store`", "only one of them", None);
        }
        return Action::ScaleStore { store, to, factor: size };
    }
    if size.fract() != 0.0 && !section.has(STORE.name) {
        section.reject(SCALE.name, format!("{} instances", number_text(size)), "a whole number", None);
    }
    Action::Scale { desired: size as u64, to, service }
}

fn read_crowd(
    section: &mut Section<'_>,
    key: &Key<Either<Name<PopulationId>, Sub<CrowdKeys>>>,
    names: Names<'_>,
) -> Crowd {
    let is_table = section.node(key).is_some_and(|node| node.text().is_none() && !node.entries().is_empty());
    if is_table {
        let journey = section.section(&key.other()).map(|mut crowd| crowd.name(&JOURNEY, names.journeys));
        return Crowd::Journey(journey.unwrap_or(JourneyId::new(0)));
    }
    Crowd::Population(section.name(&key.one(), names.clients))
}

fn read_zonal_shift(section: &mut Section<'_>, names: Names<'_>) -> Action {
    let (text, to) = (section.get(&ZONAL_SHIFT), section.name(&TO, names.regions));
    let region = names.regions.get(to.index()).map(String::as_str);
    let zone = zone_of(&text, region).unwrap_or_else(|| {
        let expected = format!("a zone by its letter, such as \"a\" or \"{}a\"", region.unwrap_or("us-east-1"));
        section.reject_among(&[ZONAL_SHIFT.name, TO.name], format!("the text {text:?}"), expected, None);
        0
    });
    Action::ZonalShift { zone, to }
}

fn read_wrong(step: &mut Section<'_>, action: &Action, names: Names<'_>) -> Option<Wrong> {
    if !action.has_target() {
        return None;
    }
    let mut section = step.section(&WRONG)?;
    let probability = section.get(&PROBABILITY);
    let to = section.maybe_name(&WRONG_TO, names.regions);
    Some(Wrong { probability, action: to.map(|to| action.at(to)), noticed: section.get(&NOTICED) })
}
