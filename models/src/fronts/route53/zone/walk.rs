//! From the answers of all records, which are there and which healthy, to where a population is led.

use super::choice::There;
use super::{Answer, Columns, Sight, Source, Target, Zone};
use crate::by_id::ById;
use crate::fronts::route53::Insufficient;
use crate::ids::{AlarmId, CheckId, GuardId, NameId, PlaceId, PopulationId, RecordId, RegionId};

/// Whether a check on the metric of an alarm is healthy, by the alarm and by what the check says without data.
pub type Metric<'a> = dyn Fn(AlarmId, Insufficient) -> bool + 'a;

/// Flags of all answers of a zone, record after record.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// Whether the record has the answer now.
    pub(crate) present: Vec<bool>,
    /// Whether the record takes it for healthy, bars considered.
    pub(crate) healthy: Vec<bool>,
    /// By record, whether any of its answers is.
    pub(crate) records: Vec<bool>,
    /// By record, the number of the answer that stands for those that an edit took out.
    pub(crate) stand_ins: Vec<Option<usize>>,
}

impl Scene {
    pub(crate) fn new(answers: usize, records: usize) -> Self {
        Self {
            present: vec![true; answers],
            healthy: vec![true; answers],
            records: vec![true; records],
            stand_ins: vec![None; records],
        }
    }
}

/// Where the answers of each record begin among those of all.
#[derive(Debug, Clone)]
pub(crate) struct Places(Vec<usize>);

impl Places {
    pub(crate) fn new(zone: &Zone) -> Self {
        Self(zone.first_answers())
    }

    /// Number of answers of all records.
    pub(crate) fn count(&self) -> usize {
        self.0[self.0.len() - 1]
    }

    pub(crate) fn of(&self, record: RecordId) -> std::ops::Range<usize> {
        self.0[record.index()]..self.0[record.index() + 1]
    }
}

/// Where a population is led, as weights over places.
pub(crate) struct Walk<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) places: &'a Places,
    pub(crate) scene: &'a Scene,
    pub(crate) population: PopulationId,
    /// The place of those who get no answer, if anybody may get none.
    pub(crate) nowhere: Option<PlaceId>,
    /// The columns of what records answer with several addresses, if they count.
    pub(crate) columns: Option<&'a Columns>,
    /// Which part of the traffic this is, of those that shifts of a share make of it.
    pub(crate) part: usize,
    /// How many places there are.
    pub(crate) count: usize,
    /// Memory for what each record chooses, by answer.
    pub(crate) shares: &'a mut [f64],
    /// Where it leads, by place and, behind the places, by column.
    pub(crate) answer: &'a mut [f64],
}

impl Walk<'_> {
    /// Adds what the record behind a name answers to what is there, times a weight.
    pub(crate) fn add_name(&mut self, name: NameId, weight: f64) {
        self.add(self.zone.names[name].record, weight);
    }

    fn add(&mut self, id: RecordId, weight: f64) {
        let record = &self.zone.records[id];
        let range = self.places.of(id);
        let (present, healthy) = (&self.scene.present[range.clone()], &self.scene.healthy[range.clone()]);
        let shares = &mut self.shares[range.clone()];
        let there = There { present, healthy, stand_in: self.scene.stand_ins[id.index()] };
        record.choice.choose(self.population, there, shares);
        let column = self.columns.and_then(|columns| columns.first(id, self.part));
        let mut answered = false;
        for (number, answer) in record.answers.iter().enumerate() {
            let share = self.shares[range.start + number];
            if share == 0.0 {
                continue;
            }
            answered = true;
            if let Some(first) = column {
                self.answer[self.count + first + number] += weight * share;
                continue;
            }
            match answer.to {
                // Records form no circle, so that nothing below needs the memory of this one.
                Target::Record(target) => self.add(target, weight * share),
                Target::Endpoint(place) | Target::Page(place) => self.answer[place.index()] += weight * share,
            }
        }
        if let Some(nowhere) = self.nowhere.filter(|_| !answered) {
            self.answer[nowhere.index()] += weight;
        }
    }
}

impl Zone {
    /// Where a population that asks for a name is led while these answers are healthy by themselves, as weights over so many
    /// places; what is left is given no answer. Answers that lead to records look at those as well.
    pub fn lead(
        &self,
        name: NameId,
        population: PopulationId,
        places: usize,
        good: impl Fn(&Answer) -> bool,
    ) -> ById<PlaceId, f64> {
        let numbers = Places::new(self);
        let mut scene = Scene::new(numbers.count(), self.records.len());
        for &id in &self.order {
            let range = numbers.of(id);
            for (place, answer) in range.clone().zip(&self.records[id].answers) {
                scene.present[place] = answer.held;
                let below = answer.to.record().is_none_or(|target| !answer.evaluates || scene.records[target.index()]);
                scene.healthy[place] = below && good(answer);
            }
            scene.records[id.index()] = range.into_iter().any(|place| scene.present[place] && scene.healthy[place]);
        }
        let mut answer = vec![0.0; places];
        let mut shares = vec![0.0; numbers.count()];
        let (shares, led) = (&mut shares[..], &mut answer[..]);
        let mut walk = Walk {
            zone: self,
            places: &numbers,
            scene: &scene,
            population,
            nowhere: None,
            columns: None,
            part: 0,
            count: places,
            shares,
            answer: led,
        };
        walk.add_name(name, 1.0);
        answer.into()
    }

    /// Whether an answer is healthy by itself once everybody has seen that a region is out, if one is, and nothing else is
    /// wrong. `metric` says of an alarm whether a check on its metric is healthy then.
    pub fn is_good_without(&self, answer: &Answer, out: Option<RegionId>, metric: &Metric<'_>) -> bool {
        answer.guards.iter().all(|&guard| self.says_good_without(guard, out, metric))
    }

    /// Whether a guard says healthy then.
    pub fn says_good_without(&self, guard: GuardId, out: Option<RegionId>, metric: &Metric<'_>) -> bool {
        match self.guards[guard].source {
            Source::Targets(place) => out != Some(self.homes[place]),
            Source::Check(check) => self.says_without(check, out, metric),
        }
    }

    /// What a check says then.
    fn says_without(&self, check: CheckId, out: Option<RegionId>, metric: &Metric<'_>) -> bool {
        let check = &self.checks[check];
        let healthy = match &check.sight {
            Sight::Probes(probing) => out != Some(self.homes[probing.place]),
            Sight::Alarm { alarm, insufficient } => metric(*alarm, *insufficient),
            Sight::Calculated { children, healthy } => {
                children.iter().filter(|&&child| self.says_without(child, out, metric)).count() >= *healthy
            }
        };
        healthy != check.inverted
    }
}
