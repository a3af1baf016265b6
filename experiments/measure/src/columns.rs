//! The columns of a deployment's trials: the table of measures, laid out for its journeys, stores and the like.

use std::fmt;

use models::cause::{CAUSES, Cause};

use super::measures::{Column, Each, LAST_CAUSE, MEASURES, Measure, TABLE, Take};
use super::subject::{Subject, Subjects};
use super::trial::Trial;

/// The columns that a deployment's trials have, in the order of the table of measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    subjects: Subjects,
    names: Vec<String>,
    places: [Place; MEASURES],
}

/// Where the columns of one measure are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    /// The column of the first subject.
    first: usize,
    /// From the column of one subject to that of the next.
    stride: usize,
    /// How many subjects there are.
    subjects: usize,
    /// How many columns each has.
    width: usize,
}

/// Columns that are not those of an experiment's trials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Which column, counted from 0.
    column: usize,
    found: Option<String>,
    expected: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `trial` comes before them, and people count from 1.
        let place = self.column + 2;
        match (&self.found, &self.expected) {
            (Some(found), Some(expected)) => write!(f, "column {place} is `{found}` instead of `{expected}`"),
            (None, Some(expected)) => write!(f, "column {place}, `{expected}`, is missing"),
            (Some(found), None) => write!(f, "column {place}, `{found}`, is one too many"),
            (None, None) => f.write_str("the columns are others"),
        }
    }
}

impl std::error::Error for Mismatch {}

impl Measure {
    /// How many columns it has for each subject.
    const fn width(&self) -> usize {
        match self.take {
            // The last cause has a measure of its own.
            Take::CauseOf(_) => CAUSES - 1,
            Take::PartCause(_) => Cause::BEHIND.len() - 1,
            Take::Whole(_)
            | Take::Journey(_)
            | Take::Store(_)
            | Take::Writer(_)
            | Take::Alarm(_)
            | Take::Population(_)
            | Take::Queue(_)
            | Take::Resolved(_)
            | Take::Part(_)
            | Take::Link(_) => 1,
        }
    }

    /// The names of its columns for the subject of this name.
    fn names(&self, subject: &str) -> impl Iterator<Item = String> {
        // Names may hold any word: only the column's own words are replaced.
        let (before, after) = self.column.split_once("NAME").unwrap_or((self.column, ""));
        let subject = if before.len() == self.column.len() { "" } else { subject };
        let causes: &'static [Cause] = match self.take {
            Take::PartCause(_) => &Cause::BEHIND,
            _ => &Cause::ALL,
        };
        let cause = |part: usize| after.replace("CAUSE", causes[part].name());
        (0..self.width()).map(move |part| format!("{before}{subject}{}", cause(part)))
    }

    /// Its cells in the trial, for the subject at `place`.
    fn cells(&self, trial: &Trial, subjects: &Subjects, place: usize, mut write: impl FnMut(f64)) {
        match self.take {
            Take::Whole(take) => write(take(trial)),
            Take::Journey(take) => write(take(&trial.journeys[place])),
            Take::CauseOf(take) => {
                Cause::ALL[..CAUSES - 1].iter().for_each(|cause| write(take(&trial.journeys[place], *cause)));
            }
            Take::Store(take) => write(take(&trial.stores[place])),
            Take::Writer(take) => write(take(&trial.stores[subjects.writers[place].0])),
            Take::Alarm(take) => write(take(trial.alarms[place])),
            Take::Population(take) => write(take(&trial.populations[place])),
            Take::PartCause(take) => {
                let causes = &Cause::BEHIND[..self.width()];
                causes.iter().for_each(|cause| write(take(&trial.parts[place], *cause)));
            }
            Take::Part(take) => write(take(&trial.parts[place])),
            Take::Link(take) => write(take(trial.links[place])),
            Take::Queue(take) => write(take(&trial.queues[place])),
            Take::Resolved(take) => write(take(&trial.names[place])),
        }
    }
}

impl Subjects {
    /// How many there are of a kind.
    const fn count(&self, each: Each) -> usize {
        match each {
            Each::Whole => 1,
            Each::Journey => self.journeys.len(),
            Each::Store => self.stores.len(),
            Each::Writer => self.writers.len(),
            Each::Alarm => self.alarms.len(),
            Each::Population => self.populations.len(),
            Each::Part => self.parts.len(),
            Each::Link => self.links.len(),
            Each::Queue => self.queues.len(),
            Each::Queues => !self.queues.is_empty() as usize,
            Each::Blips => self.blips as usize,
            Each::Resolved => self.names.len(),
        }
    }

    /// The name of one of them.
    fn name(&self, each: Each, place: usize) -> &str {
        match each {
            Each::Whole | Each::Queues | Each::Blips => "",
            Each::Journey => &self.journeys[place],
            Each::Store => &self.stores[place],
            Each::Writer => &self.stores[self.writers[place].0],
            Each::Alarm => &self.alarms[place],
            Each::Population => &self.populations[place],
            Each::Part => &self.parts[place],
            Each::Link => &self.links[place],
            Each::Queue => &self.stores[self.queues[place].0],
            Each::Resolved => &self.names[place],
        }
    }
}

impl Columns {
    /// The columns of a deployment with these subjects.
    pub fn new(subjects: Subjects) -> Self {
        let mut names = Vec::new();
        let mut places = [Place::default(); MEASURES];
        let mut index = 0;
        for group in TABLE {
            let count = subjects.count(group.each);
            let stride = group.measures.iter().map(Measure::width).sum();
            let mut first = names.len();
            for measure in group.measures {
                places[index] = Place { first, stride, subjects: count, width: measure.width() };
                first += measure.width();
                index += 1;
            }
            for place in 0..count {
                let subject = subjects.name(group.each, place);
                names.extend(group.measures.iter().flat_map(|measure| measure.names(subject)));
            }
        }
        Self { subjects, names, places }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none, which no deployment has.
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Their names in data, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What they are of.
    pub const fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// The place of a subject's column.
    pub fn index<S: Subject>(&self, column: Column<S>, subject: S) -> usize {
        let own = self.places[column.index];
        let (place, part) = (subject.place(), subject.part());
        let last = LAST_CAUSE.iter().find(|(measure, _)| *measure == column.index).filter(|_| part == own.width);
        let Place { first, stride, subjects, .. } = last.map_or(own, |(_, last)| self.places[*last]);
        let part = if last.is_some() { 0 } else { part };
        assert!(place < subjects, "the subject is one of these columns' deployment");
        first + place * stride + part
    }

    /// The place of the column with this name: names come from outside, the program itself has [`Columns::index`].
    pub fn named(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }

    /// The measure in the column at this place.
    ///
    /// # Panics
    /// Where there is no such column.
    pub fn measure(&self, place: usize) -> &'static Measure {
        let measures = TABLE.iter().flat_map(|group| group.measures);
        let own = |(at, measure): (&Place, &'static Measure)| {
            let within = place.checked_sub(at.first)?;
            let (subject, part) = (within.checked_div(at.stride)?, within % at.stride);
            (subject < at.subjects && part < measure.width()).then_some(measure)
        };
        self.places.iter().zip(measures).find_map(own).expect("each column is of a measure")
    }

    /// Holds the names of columns from outside against these.
    ///
    /// # Errors
    /// The first that differs.
    pub fn matches(&self, names: &[String]) -> Result<(), Mismatch> {
        let longest = self.names.len().max(names.len());
        match (0..longest).find(|&column| self.names.get(column) != names.get(column)) {
            None => Ok(()),
            Some(column) => {
                Err(Mismatch { column, found: names.get(column).cloned(), expected: self.names.get(column).cloned() })
            }
        }
    }

    /// Writes the row of a trial of this deployment; `row` has one place for each column.
    pub fn write(&self, trial: &Trial, row: &mut [f64]) {
        let mut cells = row.iter_mut();
        for group in TABLE {
            for place in 0..self.subjects.count(group.each) {
                for measure in group.measures {
                    measure.cells(trial, &self.subjects, place, |value| {
                        *cells.next().expect("a row has a place for each column") = value;
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate as measure;
    use crate::{CauseOf, Journey, Link, Part, PartCause, Population, Store, Whole, Writer};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn columns() -> Columns {
        Columns::new(Subjects {
            journeys: names(&["browse", "NAME.CAUSE"]),
            stores: names(&["carts", "orders"]),
            writers: vec![Store(1)],
            queues: Vec::new(),
            alarms: names(&["down"]),
            populations: names(&["europe", "america", "asia"]),
            parts: names(&["payment@eu-west-1", "mail"]),
            parts_in_words: names(&["payment in eu-west-1", "mail"]),
            links: names(&["orders.carts"]),
            names: names(&["www", "api"]),
            blips: true,
            blips_recur: true,
        })
    }

    /// Each column is found under its name by the measure and subject that it is of, and names may hold any word.
    #[test]
    fn a_column_is_where_its_name_is() {
        let columns = columns();
        let at = |place: usize| columns.names()[place].as_str();
        assert_eq!(at(columns.index(measure::RECOVERY, Journey(0))), "journey.browse.recovery_s");
        let cause = CauseOf(Journey(1), Cause::DnsCache);
        assert_eq!(at(columns.index(measure::FAILED_BY, cause)), "journey.NAME.CAUSE.cause.dns-cache");
        assert_eq!(at(columns.index(measure::STAGE, cause)), "journey.NAME.CAUSE.stage.dns-cache_s");
        assert_eq!(at(columns.index(measure::LOST, Store(1))), "store.orders.lost");
        assert_eq!(at(columns.index(measure::PROMOTED, Writer(0))), "promoted.orders_s");
        assert_eq!(at(columns.index(measure::POPULATION_OFFERED, Population(2))), "population.asia.offered");
        assert_eq!(at(columns.index(measure::PART_FAILED_BY, PartCause(Part(1), 1))), "part.mail.cause.capacity");
        assert_eq!(at(columns.index(measure::DANGLING, Link(0))), "link.orders.carts.dangling");
        assert_eq!(at(columns.index(measure::WORST_LOSS, Whole)), "worst.loss_s");
        for (place, name) in columns.names().iter().enumerate() {
            assert_eq!(columns.named(name), Some(place), "{name} comes twice");
            let (begin, end) =
                columns.measure(place).column.split_once("NAME").unwrap_or((columns.measure(place).column, ""));
            let end = end.split("CAUSE").last().unwrap_or_default();
            assert!(name.starts_with(begin) && name.ends_with(end), "{name} is of {begin}..{end}");
        }
    }

    #[test]
    fn the_first_column_that_differs_is_named() {
        let columns = columns();
        let mut other = columns.names().to_vec();
        assert_eq!(columns.matches(&other), Ok(()));
        let told = |names: &[String]| columns.matches(names).expect_err("they differ").to_string();
        other[2] = "journey.browse.lost".to_owned();
        assert_eq!(told(&other), "column 4 is `journey.browse.lost` instead of `journey.browse.failed`");
        let (last, name) = (columns.len() - 1, columns.names().last().expect("it has columns"));
        assert_eq!(told(&columns.names()[..last]), format!("column {}, `{name}`, is missing", last + 2));
        let more = [columns.names(), &["own".to_owned()]].concat();
        assert_eq!(told(&more), format!("column {}, `own`, is one too many", columns.len() + 2));
    }
}
