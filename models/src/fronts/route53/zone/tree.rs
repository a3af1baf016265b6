//! From what records say to a zone: answers, what guards them, and the order of records.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::Section;

use super::answer_spec::{
    ANSWER_BIAS, ANSWER_CHECK, ANSWER_EVALUATES, ANSWER_REGION, STATIC, STATIC_OK, TO, WEIGHT, read_location,
};
use super::check_spec::Checks;
use super::policy::Policy;
use super::written::{Page, Written};
use super::{Answer, Choice, Guard, Name, Record, Source, Target, Zone};
use crate::by_id::ById;
use crate::fronts::route53::{Surroundings, answers};
use crate::ids::{CheckId, GuardId, NameId, PlaceId, PopulationId, RecordId, RegionId, ServiceId};
use crate::services::callees_first;

/// What a record says besides its policy and answers.
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) manual_failback: bool,
    pub(super) propagation: Distribution,
    pub(super) edit: SimDuration,
}

/// What each answer says that its policy goes by.
#[derive(Default)]
struct Said {
    regions: Vec<RegionId>,
    biases: Vec<f64>,
    weights: Vec<f64>,
    matched: ById<PopulationId, Option<usize>>,
    default: Option<usize>,
}

/// A zone that is not complete yet.
pub(super) struct Unfinished<'a> {
    around: Surroundings<'a>,
    /// Whether Route 53 answers, and no other provider.
    by_route53: bool,
    checks: Checks<'a>,
    record_names: &'a [String],
    journeys: &'a [String],
    records: ById<RecordId, Record>,
    guards: ById<GuardId, Guard>,
    pages: Vec<Page>,
    unanswered: bool,
    used: Vec<bool>,
}

impl<'a> Unfinished<'a> {
    pub(super) fn new(
        checks: Checks<'a>,
        record_names: &'a [String],
        journeys: &'a [String],
        (around, by_route53): (Surroundings<'a>, bool),
    ) -> Self {
        Self {
            by_route53,
            used: checks.names.iter().map(|name| around.watched.contains(name)).collect(),
            around,
            checks,
            record_names,
            journeys,
            records: ById::default(),
            guards: ById::default(),
            pages: Vec::new(),
            unanswered: false,
        }
    }

    /// Adds a record with these answers; a policy may be one that is not known, as has been told.
    pub(super) fn add(
        &mut self,
        record: &mut Section<'_>,
        (policy, known): (Policy, bool),
        sections: &mut [Section<'_>],
        settings: Settings,
    ) {
        let mut said = Said { matched: ById::new(self.around.round_trips.len(), None), ..Said::default() };
        let mut answers = Vec::new();
        for section in sections.iter_mut() {
            self.hear(section, policy, (answers.len(), known), &mut said);
            answers.push(self.read_answer(section, &settings));
        }
        if policy == Policy::Geolocation {
            let lacks = said.default.is_none();
            self.unanswered |= lacks && said.matched.iter().any(Option::is_none);
        }
        if policy == Policy::Simple && answers.len() > 1 && answers.iter().any(|it| it.to.is_record()) {
            let found = "a simple record with several answers of which one is a record";
            record.reject("answers", found, "a single alias, or a policy that chooses", None);
        }
        self.add_spares(&mut answers, &mut said);
        let count = answers.len();
        let choice = match policy {
            Policy::Simple => Choice::Simple,
            Policy::Multivalue => Choice::Multivalue,
            Policy::Failover => {
                // What an edit puts in takes the place of the first endpoint.
                let first = answers.iter().position(|answer| matches!(answer.to, Target::Endpoint(_)));
                let held = answers.iter().filter(|answer| answer.held).count();
                let place = first.map_or(held, |first| first + 1);
                Choice::Failover { order: (0..place).chain(held..count).chain(place..held).collect() }
            }
            Policy::Weighted => {
                // Where every weight is 0, all answers are equally likely.
                let alike = said.weights.iter().all(|weight| *weight == 0.0);
                let weights = said.weights.iter().map(|&weight| if alike { 1.0 } else { weight });
                Choice::Weighted { weights: weights.collect() }
            }
            Policy::Geolocation => Choice::Located { matched: said.matched, default: said.default },
            Policy::Latency | Policy::Geoproximity => {
                let nearness = if policy == Policy::Latency { self.around.round_trips } else { self.around.distances };
                let biased = |(region, bias): (&RegionId, &f64), row: &[f64]| {
                    let near = row.get(region.index()).copied().unwrap_or_default();
                    if policy == Policy::Latency { near } else { answers::biased_by(near, *bias) }
                };
                let cost = |row: &Vec<f64>| said.regions.iter().zip(&said.biases).map(|it| biased(it, row)).collect();
                Choice::Ranked { cost: nearness.iter().map(cost).collect() }
            }
        };
        let Settings { name, manual_failback, propagation, edit } = settings;
        self.records.push(Record { name, choice, answers, manual_failback, propagation, edit });
    }

    /// What an answer says that its policy goes by.
    fn hear(&self, section: &mut Section<'_>, policy: Policy, (number, known): (usize, bool), said: &mut Said) {
        let region = section.maybe_name(&ANSWER_REGION, self.around.regions);
        let (places, everybody) = read_location(section, self.around);
        let (weight, bias) = (section.get(&WEIGHT), section.get(&ANSWER_BIAS));
        for (key, policies) in Policy::KEYS.into_iter().filter(|_| known) {
            let goes = policies.contains(&policy);
            if section.has(key) && !goes {
                let with: Vec<&str> = policies.iter().map(|policy| policy.word()).collect();
                let found = format!("`{key}` under policy {}", policy.word());
                section.reject(key, found, format!("no such key: it goes with {}", with.join(" and ")), None);
            }
            if goes && key != "bias" && !section.has(key) {
                let found = format!("an answer without `{key}` under policy {}", policy.word());
                section.reject("", found, format!("`{key}`"), None);
            }
        }
        said.regions.push(region.unwrap_or(RegionId::new(0)));
        said.biases.push(bias.unwrap_or(0.0));
        said.weights.push(weight.unwrap_or(0.0));
        for population in places {
            if said.matched[population].replace(number).is_some() {
                let found = format!("{} again", self.around.populations[population.index()]);
                section.reject("location", found, "each population in one answer of the record", None);
            }
        }
        if everybody && said.default.replace(number).is_some() {
            section.reject("location", "`default` again", "one answer for everybody else", None);
        }
    }

    fn read_answer(&mut self, section: &mut Section<'_>, settings: &Settings) -> Answer {
        let page = section.one_of(&[TO.name, STATIC.name]) == Some(STATIC.name);
        let to =
            if page { self.read_page(section) } else { self.around.endpoints.target(section, &TO, self.record_names) };
        let check = self.read_check(section);
        let evaluates = section.get(&ANSWER_EVALUATES);
        if page && evaluates == Some(true) {
            section.reject("evaluate-target-health", "the health of a page", "a `health-check`, or no such key", None);
        }
        if to.place().is_some() && evaluates == Some(true) && !self.by_route53 {
            let found = "a feature of Route 53 at another provider";
            let expected = "no such key, or `provider = \"route53\"` in [dns]";
            section.reject(ANSWER_EVALUATES.name, found, expected, None);
        }
        let targets = match to {
            Target::Endpoint(place) if evaluates == Some(true) => {
                let home = self.around.graph.home(place);
                if self.around.outside.get(home) == Some(&true) {
                    let found = format!(
                        "the health of targets in {}, which is no region of AWS",
                        self.around.regions[home.index()]
                    );
                    section.reject(
                        ANSWER_EVALUATES.name,
                        found,
                        "a `health-check`: aliases lead to load balancers of AWS",
                        None,
                    );
                }
                Some(place)
            }
            Target::Endpoint(_) | Target::Record(_) | Target::Page(_) => None,
        };
        let sources = check.map(Source::Check).into_iter().chain(targets.map(Source::Targets));
        let guards = sources.map(|source| self.guard(source, to, settings)).collect();
        Answer { to, guards, evaluates: to.is_record() && evaluates != Some(false), held: true }
    }

    fn read_check(&mut self, section: &mut Section<'_>) -> Option<CheckId> {
        let check = section.maybe_name(&ANSWER_CHECK, &self.checks.names)?;
        self.used[check.index()] = true;
        Some(check)
    }

    fn read_page(&mut self, section: &mut Section<'_>) -> Target {
        let name = section.get(&STATIC);
        let words = section.node(&STATIC_OK).is_some_and(|node| !matches!(node.value, sim_settings::Value::Boolean(_)));
        let mut ok = ById::new(self.journeys.len(), false);
        if words {
            for journey in section.names(&STATIC_OK.other(), self.journeys) {
                ok[journey] = true;
            }
        } else {
            ok.fill(section.get(&STATIC_OK.one()).unwrap_or(false));
        }
        let known = self.pages.iter().position(|page| page.name == name);
        let place = known.unwrap_or(self.pages.len());
        match known {
            Some(known) if self.pages[known].ok != ok && section.has(STATIC_OK.name) => {
                let found = "another `static-ok` of the same page";
                section.reject(STATIC_OK.name, found, "the same as where the page is first named", None);
            }
            Some(_) => {}
            None => self.pages.push(Page { name, ok }),
        }
        Target::Page(PlaceId::new(place))
    }

    /// What an answer goes by: the same as another one that goes by the same.
    fn guard(&mut self, source: Source, to: Target, settings: &Settings) -> GuardId {
        let own = match to {
            Target::Endpoint(place) => Some(place),
            Target::Record(_) | Target::Page(_) => None,
        };
        let alike = |guard: &Guard| guard.source == source;
        let known = self.guards.position(|guard| alike(guard) && guard.propagation == settings.propagation);
        if let Some(known) = known {
            let places = &mut self.guards[known].places;
            if let Some(place) = own.filter(|place| !places.contains(place)) {
                places.push(place);
            }
            return known;
        }
        let path = self.guards.iter().find(|guard| alike(guard)).map(|guard| guard.path.clone());
        let path = path.unwrap_or_else(|| {
            let base = match (own, source) {
                (Some(place), _) | (None, Source::Targets(place)) => self.around.endpoints.path(place),
                (None, Source::Check(check)) => format!("dns/check/{}", self.checks.names[check.index()]),
            };
            let again = |path: &String| self.guards.iter().any(|guard| guard.path == *path);
            let others = (2..).map(|number| format!("{base}/{number}"));
            std::iter::once(base.clone()).chain(others).find(|path| !again(path)).unwrap_or(base)
        });
        let propagation = settings.propagation.clone();
        self.guards.push(Guard { source, places: own.into_iter().collect(), propagation, path });
        GuardId::new(self.guards.len() - 1)
    }

    /// Adds the endpoints that an edit may put into a record which has others: in their place, and with their weight.
    fn add_spares(&self, answers: &mut Vec<Answer>, said: &mut Said) {
        let graph = self.around.graph;
        let end = |answer: &Answer| match answer.to {
            Target::Endpoint(place) => Some(place),
            Target::Record(_) | Target::Page(_) => None,
        };
        let own = answers.iter().zip(&said.weights).filter(|(answer, _)| end(answer).is_some());
        let weight: f64 = own.map(|(_, weight)| weight).sum();
        let Some(first) = answers.iter().find_map(end) else { return };
        let service: Option<ServiceId> = graph.entered_at(first);
        for region in RegionId::all(self.around.regions.len()) {
            let there = |place: PlaceId| graph.home(place) == region;
            if answers.iter().filter_map(end).any(there) {
                continue;
            }
            // Another service is no substitute for the first one that the record leads to.
            let spare = service.map_or(Some(PlaceId::of(region)), |service| graph.endpoint(service, region));
            let Some(spare) = spare else { continue };
            answers.push(Answer { to: Target::Endpoint(spare), guards: Vec::new(), evaluates: false, held: false });
            said.regions.push(region);
            said.biases.push(0.0);
            said.weights.push(weight);
        }
    }

    /// The zone behind these names, if it has no circle; `names_lead` says whether all of them say where to.
    pub(super) fn finish(
        mut self,
        names: ById<NameId, Name>,
        names_lead: bool,
        sections: &[(String, Section<'_>)],
    ) -> Option<Written> {
        let below = |record: &Record| -> Vec<RecordId> {
            record.answers.iter().filter_map(|answer| answer.to.record()).collect()
        };
        let below: Vec<Vec<RecordId>> = self.records.iter().map(below).collect();
        let order = match callees_first(&below) {
            Ok(order) => order,
            Err(circle) => {
                let names: Vec<&str> = circle.iter().map(|&id| self.records[id].name.as_str()).collect();
                let found = format!("a circle of records: {}", names.join(" -> "));
                sections[circle[0].index()].1.reject("answers", found, "answers that end at endpoints", None);
                return None;
            }
        };
        let mut reached = ById::new(self.records.len(), false);
        for name in &names {
            reached[name.record] = true;
        }
        for &id in order.iter().rev() {
            if reached[id] {
                below[id.index()].iter().for_each(|&child| reached[child] = true);
            }
        }
        // What leads nowhere by mistake may have been meant for any record or check.
        let certain = names_lead && self.records.iter().all(|record| !record.answers.is_empty());
        let certain = certain && sections.iter().all(|(_, section)| section.is_sound("answers"));
        for (id, (_, section)) in self.records.ids().zip(sections).filter(|(id, _)| certain && !reached[*id]) {
            let found = format!("{}, a record that no name leads to", self.records[id].name);
            section.reject("", found, "a name or an answer that leads to it, or no such record", None);
        }
        if certain {
            self.tell_unused_checks();
        }
        let Checks { all: checks, sections: check_sections, .. } = self.checks;
        drop(check_sections);
        let zone = Zone {
            written: true,
            names,
            records: self.records,
            order,
            checks,
            guards: self.guards,
            homes: ById::default(),
        };
        Some(Written { zone, pages: self.pages, unanswered: self.unanswered })
    }

    /// A check that nothing goes by makes no difference.
    fn tell_unused_checks(&mut self) {
        // Calculated checks name others, which are used where they are.
        loop {
            let before = self.used.clone();
            for (check, _) in self.checks.all.iter().zip(&before).filter(|(_, used)| **used) {
                if let super::Sight::Calculated { children, .. } = &check.sight {
                    children.iter().for_each(|child| self.used[child.index()] = true);
                }
            }
            if before == self.used {
                break;
            }
        }
        for ((section, check), used) in self.checks.sections.iter().zip(&self.checks.all).zip(&self.used) {
            if !used {
                let found = format!("{}, a check that nobody uses", check.name);
                section.reject("", found, "`health-check` of an answer, an alarm or a runbook, or no such check", None);
            }
        }
    }
}
