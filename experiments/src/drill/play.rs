//! What happens in a drill: the marks to watch for, and the durations between them.
//!
//! This is the one place that reads the runbooks of a topology.

use crate::calibrate::read::sheet_step;
use models::deployment::Topology;
use models::ids::{AlarmId, JourneyId, RunbookId, StoreId};
use models::runbooks::{Action, Means, Parameters, Step, Trigger};
use models::stores::Promotion;

/// An instant to watch for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The fault: all others count from it.
    Fault,
    /// A health check turned.
    HealthFlip,
    /// An answer of DNS, or where an accelerator leads, changed.
    AnswerChange,
    /// An alarm fired.
    Alarm(AlarmId),
    /// A runbook started.
    Start(RunbookId),
    /// A step began.
    Begin(RunbookId, usize),
    /// A step was done.
    End(RunbookId, usize),
    /// A store had a new writer.
    Promoted(StoreId),
    /// Half of the traffic had gone elsewhere, or 90 %, or 99 %.
    Moved(u8),
    /// A journey was back for good.
    Up(JourneyId),
    /// All of them were.
    Recovered,
}

/// Who sees a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever leads the drill.
    Lead,
    /// Metrics and logs.
    Metrics,
    /// Whoever runs the runbook.
    Runbook,
}

impl Who {
    /// On the sheet.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lead => "drill lead",
            Self::Metrics => "metrics",
            Self::Runbook => "runbook",
        }
    }
}

/// A duration between two marks, by their places in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first mark.
    pub from: usize,
    /// The second.
    pub to: usize,
    /// What passes between them.
    pub words: String,
    /// The key of the experiment that it measures, if it is one alone.
    pub key: Option<String>,
}

/// The marks and spans of a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Play {
    /// Marks, with their names in sheets, what they are, and who sees them. The first is the fault.
    pub marks: Vec<(Mark, String, String, Who)>,
    /// Durations between them.
    pub spans: Vec<Span>,
}

/// The words of a step.
fn words(step: &Step, topology: &Topology) -> String {
    let region = |region: &models::ids::RegionId| topology.regions[*region].name.as_str();
    let store = |store: &StoreId| topology.stores[*store].name.as_str();
    match &step.action {
        Action::Approve(_) => "people decide".to_owned(),
        Action::Wait(_) => "wait".to_owned(),
        Action::Promote { how, store: id, to } => {
            let how = match how {
                Promotion::Failover => "promote",
                Promotion::Detach => "detach",
                Promotion::SwitchOver => "switch over",
            };
            format!("{how} {} to {}", store(id), region(to))
        }
        Action::Repoint { store: id } => format!("tell applications of {}", store(id)),
        Action::Restore { store: id, to } => format!("restore {} in {}", store(id), region(to)),
        Action::Shift { means, to, .. } => {
            let means = match means {
                Means::RecordEdit => "an edit of DNS records",
                Means::RoutingControl => "a routing control",
                Means::TrafficDial => "traffic dials",
                Means::AccessPoint => "the dial of access points",
            };
            format!("shift traffic to {} by {means}", region(to))
        }
        Action::Readmit { region: id, .. } => format!("readmit {}", region(id)),
        Action::Scale { desired, to, service } => {
            let service = service.map(|service| format!("{} in ", topology.graph.services[service].name));
            format!("scale {}{} to {desired}", service.unwrap_or_default(), region(to))
        }
        Action::ScaleStore { store: id, to, .. } => format!("scale {} in {}", store(id), region(to)),
        Action::Shed { .. } => "refuse requests at the edge".to_owned(),
        Action::Admit { .. } => "let refused requests in again".to_owned(),
        Action::Rollback { .. } => "roll the deployment back".to_owned(),
        Action::ZonalShift { to, .. } => format!("shift a zone of {} away", region(to)),
    }
}

/// The key of the experiment that a step's duration measures by itself. The file already says what a ramp takes. The duration of a
/// step with a ramp therefore measures no key.
fn key(step: &Step, runbook: &Parameters, index: usize, topology: &Topology) -> Option<String> {
    if step.ramp.is_some() {
        return None;
    }
    let path = |last: &str| Some(format!("runbooks.{}.{}.{last}", runbook.name, runbook.step_path(index)));
    match &step.action {
        Action::Approve(_) => path("approve"),
        Action::Promote { how: Promotion::Failover, store, .. } => {
            Some(format!("stores.{}.promotion-time", topology.stores[*store].name))
        }
        Action::Promote { how: Promotion::Detach, store, .. } => {
            Some(format!("stores.{}.detach-time", topology.stores[*store].name))
        }
        Action::Promote { how: Promotion::SwitchOver, store, .. } => {
            Some(format!("stores.{}.switch-over-time", topology.stores[*store].name))
        }
        Action::Repoint { .. }
        | Action::Shift { .. }
        | Action::Readmit { .. }
        | Action::Scale { .. }
        | Action::ScaleStore { .. }
        | Action::Shed { .. }
        | Action::Admit { .. }
        | Action::Rollback { .. }
        | Action::ZonalShift { .. } => path("takes"),
        Action::Restore { store, .. } => Some(format!("stores.{}.backup.restore-time", topology.stores[*store].name)),
        Action::Wait(_) => None,
    }
}

impl Play {
    /// The play of a deployment.
    pub fn of(topology: &Topology) -> Self {
        let mut marks = vec![(Mark::Fault, "fault".to_owned(), "the fault begins".to_owned(), Who::Lead)];
        let mut spans: Vec<Span> = Vec::new();
        let mut mark = |mark: Mark, name: String, words: String, who: Who| {
            marks.push((mark, name, words, who));
            marks.len() - 1
        };
        let span = |from: usize, to: usize, words: String, key: Option<String>| Span { from, to, words, key };
        let flip = mark(Mark::HealthFlip, "health-flip".into(), "a health check turns unhealthy".into(), Who::Metrics);
        spans.push(span(0, flip, "until a health check turns".to_owned(), None));
        let answer = mark(Mark::AnswerChange, "answer-change".into(), "DNS answers change".into(), Who::Metrics);
        spans.push(span(flip, answer, "from there until DNS answers change".to_owned(), None));
        let mut alarms = Vec::new();
        for (id, alarm) in topology.alarms.ids().zip(topology.alarms.iter()) {
            let name = &alarm.name;
            let at = mark(Mark::Alarm(id), format!("alarm.{name}"), format!("the alarm {name} fires"), Who::Metrics);
            spans.push(span(0, at, format!("until the alarm {name} fires"), None));
            alarms.push((id, at));
        }
        for (id, runbook) in topology.runbooks.ids().zip(topology.runbooks.iter()) {
            let name = &runbook.name;
            let path = format!("runbook.{name}");
            let start =
                mark(Mark::Start(id), format!("{path}.start"), format!("the runbook {name} starts"), Who::Runbook);
            let (from, until, own) = match runbook.on.only() {
                Some(Trigger::Alarm(alarm)) => {
                    (alarms.iter().find(|known| known.0 == *alarm).map_or(0, |known| known.1), "the alarm", None)
                }
                Some(Trigger::HealthCheck(_)) => (flip, "the health check", None),
                Some(Trigger::Operator { .. }) => (0, "the fault", Some(format!("runbooks.{name}.on.operator"))),
                Some(Trigger::At(_)) | None => (0, "the fault", None),
            };
            spans.push(span(from, start, format!("from {until} until {name} starts"), own));
            // What comes before a step; after branches side by side that is whichever ended last, and no one mark.
            let (mut last, mut ended) = (Some(start), vec![start; runbook.steps.len()]);
            let mut before = Some(start);
            for (index, step) in runbook.steps.iter().enumerate() {
                let what = words(step, topology);
                let path = sheet_step(name, &runbook.step_path(index));
                let begin = mark(
                    Mark::Begin(id, index),
                    format!("{path}.begin"),
                    format!("{name} begins: {what}"),
                    Who::Runbook,
                );
                match runbook.place(index) {
                    (_, None) => before = last,
                    (_, Some((0, 0))) => before = last,
                    _ => {}
                }
                let previous = match runbook.place(index) {
                    (_, None | Some((_, 0))) => before,
                    (_, Some(_)) => Some(ended[index - 1]),
                };
                spans.extend(previous.map(|last| span(last, begin, format!("{name} waits before: {what}"), None)));
                let end =
                    mark(Mark::End(id, index), format!("{path}.end"), format!("{name} is done: {what}"), Who::Runbook);
                spans.push(span(begin, end, format!("{name}: {what}"), key(step, runbook, index, topology)));
                ended[index] = end;
                last = runbook.place(index).1.is_none().then_some(end);
            }
        }
        for (id, store) in
            topology.stores.ids().zip(topology.stores.iter()).filter(|(_, it)| it.parameters.writer().is_some())
        {
            let name = &store.name;
            mark(Mark::Promoted(id), format!("promoted.{name}"), format!("{name} has a new writer"), Who::Metrics);
        }
        for share in [50, 90, 99] {
            mark(
                Mark::Moved(share),
                format!("moved{share}"),
                format!("{share} % of the traffic has moved"),
                Who::Metrics,
            );
        }
        for (id, journey) in topology.journeys.ids().zip(topology.journeys.iter()) {
            let name = &journey.name;
            mark(Mark::Up(id), format!("journey.{name}.up"), format!("{name} is back for good"), Who::Metrics);
        }
        mark(Mark::Recovered, "recovered".into(), "everything is back for good".into(), Who::Lead);
        Self { marks, spans }
    }

    /// The place of a mark by its name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.marks.iter().position(|mark| mark.1 == name)
    }

    /// Names of the marks in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().map(|mark| mark.1.as_str())
    }
}
