//! Milestones: instants on the way from a fault to recovery, which not every trial has to reach.

use sim_core::stats::Interval;

use super::estimate::{Estimates, Refusal, Sample, share};
use crate::table::{Figures, TrialTable};
use measure::{Alarm, Resolved, Subjects, Whole, Writer};

/// What happened on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A health check turned or an alarm fired.
    Detect,
    /// A health check turned.
    HealthFlip,
    /// An answer of DNS changed, or where an accelerator leads.
    AnswerChange,
    /// Half of the struck region's traffic had gone elsewhere.
    Moved50,
    /// 90 % of it had.
    Moved90,
    /// 99 % of it had.
    Moved99,
    /// An answer of a name changed.
    NameChange(Resolved),
    /// Half of the struck region's traffic under a name had gone elsewhere.
    NameMoved50(Resolved),
    /// 90 % of it had.
    NameMoved90(Resolved),
    /// 99 % of it had.
    NameMoved99(Resolved),
    /// An alarm fired.
    Alarm(Alarm),
    /// A promotion was complete.
    Promoted(Writer),
    /// A copy was a cluster of its own.
    Detached(Writer),
    /// Applications had been told of that.
    Repointed(Writer),
    /// After a promotion all copies were whole again.
    Rebuilt(Writer),
}

impl Moment {
    /// All of a deployment, in the order of reports.
    fn all(subjects: &Subjects) -> Vec<Self> {
        let mut all =
            vec![Self::Detect, Self::HealthFlip, Self::AnswerChange, Self::Moved50, Self::Moved90, Self::Moved99];
        for name in (0..subjects.names.len()).map(Resolved) {
            all.extend([Self::NameChange, Self::NameMoved50, Self::NameMoved90, Self::NameMoved99].map(|of| of(name)));
        }
        all.extend((0..subjects.alarms.len()).map(|place| Self::Alarm(Alarm(place))));
        for moment in [Self::Promoted, Self::Detached, Self::Repointed, Self::Rebuilt] {
            all.extend((0..subjects.writers.len()).map(|place| moment(Writer(place))));
        }
        all
    }

    /// The place of its column.
    fn column(self, table: &TrialTable) -> usize {
        let columns = table.columns();
        match self {
            Self::Detect => columns.index(measure::DETECT, Whole),
            Self::HealthFlip => columns.index(measure::HEALTH_FLIP, Whole),
            Self::AnswerChange => columns.index(measure::ANSWER_CHANGE, Whole),
            Self::Moved50 => columns.index(measure::MOVED_50, Whole),
            Self::Moved90 => columns.index(measure::MOVED_90, Whole),
            Self::Moved99 => columns.index(measure::MOVED_99, Whole),
            Self::NameChange(name) => columns.index(measure::NAME_CHANGE, name),
            Self::NameMoved50(name) => columns.index(measure::NAME_MOVED_50, name),
            Self::NameMoved90(name) => columns.index(measure::NAME_MOVED_90, name),
            Self::NameMoved99(name) => columns.index(measure::NAME_MOVED_99, name),
            Self::Alarm(alarm) => columns.index(measure::ALARM, alarm),
            Self::Promoted(writer) => columns.index(measure::PROMOTED, writer),
            Self::Detached(writer) => columns.index(measure::DETACHED, writer),
            Self::Repointed(writer) => columns.index(measure::REPOINTED, writer),
            Self::Rebuilt(writer) => columns.index(measure::REBUILT, writer),
        }
    }

    /// The name of what it is about.
    fn subject(self, subjects: &Subjects) -> &str {
        match self {
            Self::Detect | Self::HealthFlip | Self::AnswerChange | Self::Moved50 | Self::Moved90 | Self::Moved99 => "",
            Self::NameChange(name) | Self::NameMoved50(name) | Self::NameMoved90(name) | Self::NameMoved99(name) => {
                &subjects.names[name.0]
            }
            Self::Alarm(alarm) => &subjects.alarms[alarm.0],
            Self::Promoted(writer) | Self::Detached(writer) | Self::Repointed(writer) | Self::Rebuilt(writer) => {
                subjects.writer(writer)
            }
        }
    }

    /// Whether it is told where it never happened: what few deployments have is told where it did.
    pub const fn is_expected(self) -> bool {
        !matches!(self, Self::Detached(_) | Self::Repointed(_) | Self::Rebuilt(_))
    }

    /// When it happened, trial by trial: not finite where it did not.
    pub fn times(self, table: &TrialTable) -> Figures<'_> {
        table.at(self.column(table))
    }
}

/// An instant that not every trial has to reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    /// What happened.
    pub moment: Moment,
    /// The name of the alarm or store that it is about, if it is about one.
    pub subject: String,
    /// The column's name without its unit, such as `detect` or `alarm.orders-down`.
    pub name: String,
    /// Share of trials in which it happened.
    pub happened: Result<Interval, Refusal>,
    /// Seconds from the first fault, over the trials in which it happened.
    pub time: Estimates,
}

/// All milestones, in the order of reports.
pub(super) fn milestones(table: &TrialTable) -> Vec<Milestone> {
    let milestone = |moment: Moment| {
        // What was under way when a trial ended has not happened in it.
        let times = moment.times(table).map(|time| if time.is_finite() { time } else { f64::NAN });
        let sample = Sample::new(times);
        let name = &table.columns().names()[moment.column(table)];
        Milestone {
            moment,
            subject: moment.subject(table.columns().subjects()).to_owned(),
            name: name.strip_suffix("_s").unwrap_or(name).to_owned(),
            happened: share(sample.len(), sample.len() + sample.absent()),
            time: sample.distribution(),
        }
    };
    Moment::all(table.columns().subjects()).into_iter().map(milestone).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use crate::analyze::Summary;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    #[test]
    fn milestones_tell_how_often_they_happen() {
        let source = Synthetic::typical();
        let run = run_trials(&source, 0..400, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        let summary = Summary::new(&source.header, &run.table);
        let names: Vec<&str> = summary.milestones.iter().map(|milestone| milestone.name.as_str()).collect();
        let expected = [
            "detect",
            "health_flip",
            "answer_change",
            "moved50",
            "moved90",
            "moved99",
            "alarm.orders-down",
            "promoted.orders",
            "detached.orders",
            "repointed.orders",
            "rebuilt.orders",
        ];
        assert_eq!(names, expected);
        let alarm = &summary.milestones[6];
        assert_eq!((alarm.time.trials, alarm.happened.expect("there are trials").estimate), (300, 0.75));
    }
}
