//! What starts a runbook: alarms, health checks, operators who notice, and the calendar; one of several, or several at once.
//!
//! Conditions hold and cease to hold: an alarm is in its alarm state, an endpoint is unhealthy, an operator has noticed an
//! outage that is not over, a planned time has come. A runbook starts at the instant at which all conditions of one of its
//! alternatives hold and did not hold before.

use sim_core::component::{Context, Handle};
use sim_core::random::{Distribution, StreamId, Trial, Variate};
use sim_core::time::SimTime;
use sim_settings::form::{self, Either, List, Name, Table, Text};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Value, keys};

use super::{Event, Signal};
use crate::by_id::ById;
use crate::fronts::route53::zone::{EndpointOrCheck, Watched};
use crate::ids::{AlarmId, JourneyId};
use crate::people::{Delay, HoursKeys, Pace, WeekTime};

keys! {
    /// One trigger of a runbook.
    struct TriggerKeys {
        const ALARM: Key<Name<AlarmId>> = Key::required("alarm", "the alarm that starts it");
        const HEALTH_CHECK: Key<Name<EndpointOrCheck>> = Key::required("health-check", "what turns unhealthy: the endpoint of a region, `SERVICE@REGION`, or a check of `[health-checks]`");
        const OPERATOR: Key<form::Delay> = Key::required("operator", "how long an operator takes to notice that a journey is down");
        const AT: Key<Either<form::Delay, Text>> = Key::required(
            "at",
            "when planned work begins: a time from the start of the trial, or a time of the week such as \"sun 02:00\", every week",
        )
        .example("\"sun 02:00\"");
    }
}
keys! {
    /// Several triggers together.
    struct AllKeys {
        const ALL: Key<List<TriggerTable>> = Key::required("all", "triggers of which all must hold at the same time");
    }
}
keys! {
    /// The journeys that an operator watches.
    struct OperatorKeys {
        const JOURNEY: Key<Option<Name<JourneyId>>> = Key::optional("journey", "the journey that the operator watches", "any of them");
    }
}

/// The words for triggers.
const SINGLE: [&str; 4] = [ALARM.name, HEALTH_CHECK.name, OPERATOR.name, AT.name];

/// The words that say what starts a runbook.
pub const TRIGGERS: [&str; 5] = [ALARM.name, HEALTH_CHECK.name, OPERATOR.name, AT.name, ALL.name];

/// One trigger.
#[derive(Clone, Copy, Debug)]
enum TriggerTable {}

impl Table for TriggerTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&SINGLE),
        Listing::Keys(TriggerKeys::KEYS),
        Listing::Beside(&[OPERATOR.name], &[Listing::Keys(OperatorKeys::KEYS), Listing::Keys(HoursKeys::KEYS)]),
    ];
}

/// What starts a runbook.
#[derive(Clone, Copy, Debug)]
pub(super) enum StartTable {}

impl Table for StartTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&TRIGGERS),
        Listing::Keys(TriggerKeys::KEYS),
        Listing::Keys(AllKeys::KEYS),
        Listing::Beside(&[OPERATOR.name], &[Listing::Keys(OperatorKeys::KEYS), Listing::Keys(HoursKeys::KEYS)]),
    ];
}

/// When planned work begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Due {
    /// So many seconds after the start of the trial.
    After(Distribution),
    /// At this time of every week.
    Weekly(WeekTime),
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// An alarm fires.
    Alarm(AlarmId),
    /// An endpoint or a check turns unhealthy.
    HealthCheck(Watched),
    /// An operator notices that a journey is down.
    Operator {
        /// How long that takes from the first instant.
        delay: Delay,
        /// The journey, or any.
        journey: Option<JourneyId>,
    },
    /// Work is planned for then.
    At(Due),
}

impl Trigger {
    fn read(on: &mut Section<'_>, names: super::Names<'_>, word: Option<&str>) -> Option<Self> {
        Some(match word? {
            "alarm" => Self::Alarm(on.name(&ALARM, names.alarms)),
            "health-check" => Self::HealthCheck(Watched::read(on, &HEALTH_CHECK, names.endpoints, names.checks)),
            "at" => Self::At(Due::read(on)),
            _ => Self::Operator { delay: Delay::read(on, &OPERATOR), journey: on.maybe_name(&JOURNEY, names.journeys) },
        })
    }
}

impl Due {
    fn read(on: &mut Section<'_>) -> Self {
        let text = on.node(&AT).and_then(sim_settings::Node::text);
        // A duration begins with a digit, a time of the week with its day.
        if let Some(text) = text.filter(|text| text.starts_with(|letter: char| letter.is_alphabetic())) {
            if let Some(time) = WeekTime::parse(text) {
                return Self::Weekly(time);
            }
            let expected = "a time from the start, such as \"10m\", or a time of the week, such as \"sun 02:00\"";
            on.reject(AT.name, format!("the text {text:?}"), expected, None);
            return Self::Weekly(WeekTime::default());
        }
        Self::After(on.get(&AT.one()))
    }
}

/// What starts a runbook: alternatives, each of conditions that must hold together.
#[derive(Debug, Clone, PartialEq)]
pub struct On(pub Vec<Vec<Trigger>>);

impl From<Trigger> for On {
    fn from(only: Trigger) -> Self {
        Self(vec![vec![only]])
    }
}

impl On {
    /// Reads what is written under `on`: a table, or a list of them.
    pub(super) fn read(on: &mut Section<'_>, names: super::Names<'_>) -> Vec<Trigger> {
        match on.one_of(&TRIGGERS) {
            Some("all") => {
                let mut parts = on.sections(&ALL);
                if parts.is_empty() && on.has(ALL.name) {
                    on.reject(ALL.name, "no trigger", "at least one", None);
                }
                let read = |part: &mut Section<'_>| {
                    let word = part.one_of(&SINGLE);
                    Trigger::read(part, names, word)
                };
                parts.iter_mut().filter_map(read).collect()
            }
            word => Trigger::read(on, names, word).into_iter().collect(),
        }
    }

    /// The planned times that start it by themselves.
    pub fn planned(&self) -> impl Iterator<Item = &Due> {
        self.0.iter().filter_map(|alternative| match alternative.as_slice() {
            [Trigger::At(due)] => Some(due),
            _ => None,
        })
    }
}

/// One condition at work.
#[derive(Debug)]
struct Condition {
    alternative: usize,
    trigger: Trigger,
    holds: bool,
    notice: Option<Pace>,
    due: Option<Variate>,
    /// When an operator will have noticed.
    noticing: Option<Handle>,
}

/// A runbook's conditions at work.
#[derive(Debug)]
pub(super) struct Watch {
    conditions: Vec<Condition>,
    /// Whether each alternative is a condition by itself.
    alone: Vec<bool>,
    /// When the first work is planned that starts it by itself.
    planned: SimTime,
}

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cause {
    /// Whether an operator noticed something.
    pub(super) noticed: bool,
    /// The journey that he watches, if it is one.
    pub(super) journey: Option<JourneyId>,
}

impl Watch {
    /// The conditions of the runbook at this path.
    pub(super) fn new(on: &On, path: &str, seed: u64) -> Self {
        let mut numbers = [0; 2];
        let mut id = |sort: usize, purpose: &str| {
            numbers[sort] += 1;
            let purpose = if numbers[sort] == 1 { purpose.to_owned() } else { format!("{purpose}/{}", numbers[sort]) };
            StreamId::new(seed, path, &purpose)
        };
        let alternatives = on.0.iter().enumerate();
        let all = alternatives.flat_map(|(index, all)| all.iter().map(move |trigger| (index, trigger)));
        let conditions = all.map(|(alternative, trigger)| Condition {
            alternative,
            holds: false,
            notice: match trigger {
                Trigger::Operator { delay, .. } => Some(Pace::new(delay, id(0, "notice"))),
                Trigger::Alarm(_) | Trigger::HealthCheck(_) | Trigger::At(_) => None,
            },
            due: match trigger {
                Trigger::At(Due::After(after)) => Some(Variate::new(after.clone(), id(1, "at"))),
                _ => None,
            },
            trigger: trigger.clone(),
            noticing: None,
        });
        Self {
            conditions: conditions.collect(),
            alone: on.0.iter().map(|all| all.len() == 1).collect(),
            planned: SimTime::NEVER,
        }
    }

    /// Starts a trial that begins at this instant of the week.
    pub(super) fn begin(&mut self, trial: Trial<'_>, week: WeekTime, ctx: &mut Context<'_, Event, Signal>) {
        self.planned = SimTime::NEVER;
        for (index, condition) in self.conditions.iter_mut().enumerate() {
            condition.holds = false;
            condition.noticing = None;
            if let Some(notice) = &mut condition.notice {
                notice.begin(trial);
            }
            if let Some(due) = &mut condition.due {
                due.begin(trial);
            }
            let Trigger::At(due) = &condition.trigger else { continue };
            let first = SimTime::ZERO
                + match (due, &mut condition.due) {
                    (Due::Weekly(time), _) => week.until(*time),
                    (Due::After(_), drawn) => {
                        drawn.as_mut().expect("a time from the start has its draw").draw_duration()
                    }
                };
            ctx.schedule_at(first, Event::Due(index));
            if self.alone[condition.alternative] {
                self.planned = self.planned.min(first);
            }
        }
    }

    /// When the first work is planned in this trial that starts it by itself; never if none is.
    pub(super) const fn planned(&self) -> SimTime {
        self.planned
    }

    /// Conditions of this kind hold from now on, or no longer; returns what starts a run by that.
    pub(super) fn set(&mut self, concerns: impl Fn(&Trigger) -> bool, holds: bool) -> Option<Cause> {
        let mut cause = None;
        for index in 0..self.conditions.len() {
            if concerns(&self.conditions[index].trigger) {
                cause = cause.or(self.turn(index, holds));
            }
        }
        cause
    }

    /// Conditions of this kind have held since long before the trial.
    pub(super) fn assume(&mut self, concerns: impl Fn(&Trigger) -> bool) {
        for condition in self.conditions.iter_mut().filter(|condition| concerns(&condition.trigger)) {
            condition.holds = true;
        }
    }

    /// A planned time has come.
    pub(super) fn due(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) -> Option<Cause> {
        if let Trigger::At(Due::Weekly(_)) = self.conditions[index].trigger {
            ctx.schedule_in(WeekTime::week(), Event::Due(index));
        }
        let cause = self.turn(index, true);
        if self.alone[self.conditions[index].alternative] {
            // The next week begins anew.
            self.conditions[index].holds = false;
        }
        cause
    }

    /// An operator has noticed.
    pub(super) fn noticed(&mut self, index: usize) -> Option<Cause> {
        self.conditions[index].noticing = None;
        let cause = self.turn(index, true);
        if self.alone[self.conditions[index].alternative] {
            self.conditions[index].holds = false;
        }
        cause
    }

    /// A condition holds from now on, or no longer; returns the cause if all of its alternative hold by that.
    fn turn(&mut self, index: usize, holds: bool) -> Option<Cause> {
        let before = std::mem::replace(&mut self.conditions[index].holds, holds);
        let alternative = self.conditions[index].alternative;
        let own = || self.conditions.iter().filter(|condition| condition.alternative == alternative);
        if before || !own().all(|condition| condition.holds) {
            return None;
        }
        let operators = own().filter_map(|condition| match condition.trigger {
            Trigger::Operator { journey, .. } => Some(journey),
            Trigger::Alarm(_) | Trigger::HealthCheck(_) | Trigger::At(_) => None,
        });
        let noticed = own().any(|condition| matches!(condition.trigger, Trigger::Operator { .. }));
        Some(Cause { noticed, journey: operators.flatten().next() })
    }

    /// Journeys went down or came up again. An operator who watches one that went down will notice, unless a run is under
    /// way; what is over before that is not noticed.
    pub(super) fn journeys_changed(
        &mut self,
        before: &ById<JourneyId, bool>,
        up: &ById<JourneyId, bool>,
        (idle, week): (bool, WeekTime),
        ctx: &mut Context<'_, Event, Signal>,
    ) {
        for index in 0..self.conditions.len() {
            let watches = self.conditions[index].watches();
            let went_down = up.ids().any(|journey| watches(journey) && before[journey] && !up[journey]);
            if went_down {
                self.look(index, idle, week, ctx);
            } else if !up.ids().any(|journey| watches(journey) && !up[journey]) {
                let condition = &mut self.conditions[index];
                if matches!(condition.trigger, Trigger::Operator { .. }) {
                    condition.holds = false;
                }
                if let Some(handle) = condition.noticing.take() {
                    ctx.cancel(handle);
                    ctx.signal(Signal::NothingToNotice);
                }
            }
        }
    }

    /// Whoever sees a journey down will notice it.
    pub(super) fn look_again(
        &mut self,
        up: &ById<JourneyId, bool>,
        week: WeekTime,
        ctx: &mut Context<'_, Event, Signal>,
    ) {
        for index in 0..self.conditions.len() {
            let watches = self.conditions[index].watches();
            if up.ids().any(|journey| watches(journey) && !up[journey]) {
                self.look(index, true, week, ctx);
            }
        }
    }

    /// An operator will notice, unless he does so already, or a run is under way.
    fn look(&mut self, index: usize, idle: bool, week: WeekTime, ctx: &mut Context<'_, Event, Signal>) {
        let condition = &mut self.conditions[index];
        if condition.noticing.is_some() || condition.holds || !idle {
            return;
        }
        if let Some(notice) = &mut condition.notice {
            condition.noticing = Some(ctx.schedule_in(notice.draw(week, ctx.now()), Event::Noticed(index)));
        }
    }
}

impl Condition {
    /// The journeys that an operator watches; none if this is no operator.
    fn watches(&self) -> impl Fn(JourneyId) -> bool + use<> {
        let (is_operator, only) = match self.trigger {
            Trigger::Operator { journey, .. } => (true, journey),
            Trigger::Alarm(_) | Trigger::HealthCheck(_) | Trigger::At(_) => (false, None),
        };
        move |journey| is_operator && only.is_none_or(|only| only == journey)
    }
}

/// The elements of what is written under a key that takes a table or a list of them.
pub(super) fn tables<'a>(node: &'a sim_settings::Node, path: &str) -> Vec<(String, &'a sim_settings::Node)> {
    match &node.value {
        Value::Array(all) => all.iter().enumerate().map(|(index, one)| (format!("{path}.{index}"), one)).collect(),
        _ => vec![(path.to_owned(), node)],
    }
}
