//! Executions of a plan of Region switch and experiments of the Fault Injection Service.

use serde_json::Value;
use sim_core::stats::fit::Observed;

use super::super::spec::{Kind, Source};
use super::instant::instant;
use super::names::{plan_step, step_of};
use super::{Durations, Mistake, described, quoted};

/// What ran, with the instants of its parts in seconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// When it began.
    pub start: Option<f64>,
    /// When it ended.
    pub end: Option<f64>,
    /// Its steps or actions, in their order.
    pub parts: Vec<Part>,
    /// Whether the parts are actions of a fault injection.
    pub injection: bool,
}

/// A step or an action.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// When it began.
    pub start: Option<f64>,
    /// When it ended.
    pub end: Option<f64>,
    /// How.
    pub ended: Ended,
}

/// How a part ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It did what it was there for.
    Done,
    /// It tried and failed.
    Failed,
    /// It was stopped, or still runs: all that is known is that it takes longer.
    Stopped,
    /// It was not begun.
    Never,
}

impl Execution {
    /// A document of `aws arc-region-switch get-plan-execution` or `aws fis get-experiment`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn of(value: &Value) -> Result<Self, Mistake> {
        if let Some(steps) = value.get("stepStates") {
            let Some(steps) = steps.as_array() else {
                return Err(Mistake::new("$.stepStates", described(steps), "an array"));
            };
            let mut parts = Vec::with_capacity(steps.len());
            for (index, step) in steps.iter().enumerate() {
                let path = format!("$.stepStates[{index}]");
                let name = text(step, "name", &path)?;
                parts.push(part(step, name, &text(step, "status", &path)?, &path)?);
            }
            let (start, end) = (time(value, "startTime", "$")?, time(value, "endTime", "$")?);
            return Ok(Self { start, end, parts, injection: false });
        }
        let experiment = &value["experiment"];
        let Some(actions) = experiment.get("actions").and_then(Value::as_object) else {
            let found = described(experiment.get("actions").unwrap_or(experiment));
            return Err(Mistake::new("$.experiment.actions", found, "an object of actions"));
        };
        let mut parts = Vec::with_capacity(actions.len());
        for (name, action) in actions {
            let path = format!("$.experiment.actions.{name}");
            let state = action.get("state").unwrap_or(&Value::Null);
            parts.push(part(action, name.clone(), &text(state, "status", &format!("{path}.state"))?, &path)?);
        }
        let (start, end) =
            (time(experiment, "startTime", "$.experiment")?, time(experiment, "endTime", "$.experiment")?);
        Ok(Self { start, end, parts, injection: true })
    }

    /// The duration of the part that the list or the key names.
    pub(super) fn durations(&self, source: &Source, key: &str) -> Result<Durations, Mistake> {
        let listed = self.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(", ");
        let asked = if self.injection { &source.action } else { &source.step };
        let wanted = asked.clone().or_else(|| step_name(key).filter(|_| !self.injection));
        let mut parts = self.parts.iter().filter(|part| wanted.as_ref().is_none_or(|wanted| part.name == *wanted));
        let word = if self.injection { "action" } else { "step" };
        let (Some(part), None) = (parts.next(), parts.next()) else {
            let found =
                wanted.map_or_else(|| format!("several {word}s"), |wanted| format!("no {word} {}", quoted(&wanted)));
            return Err(Mistake::new("", found, format!("`{word}` in the list, one of {listed}")));
        };
        let mut found = Durations { kind: Kind::Drill, ..Durations::default() };
        match (part.ended, part.start, part.end.or(self.end)) {
            (Ended::Done, Some(start), Some(end)) if end >= start => found.observed.push(Observed::Exact(end - start)),
            (Ended::Stopped, Some(start), Some(end)) if end > start => {
                found.observed.push(Observed::Above(end - start));
            }
            (Ended::Failed, ..) => found.failed += 1,
            (Ended::Never, ..) => found.leave_out("not begun"),
            (Ended::Stopped, Some(_), None) => found.leave_out("still running, until nobody knows when"),
            _ => found.leave_out("without its times"),
        }
        Ok(found)
    }
}

/// The name that a plan made by `mrsim drill` gives to the step of a key: `runbooks.R.steps.K.approve` is `R-K`.
pub(super) fn step_name(key: &str) -> Option<String> {
    let (runbook, path) = step_of(key)?;
    Some(plan_step(&runbook, &path))
}

fn part(value: &Value, name: String, status: &str, path: &str) -> Result<Part, Mistake> {
    let ended = match status {
        "completed" => Ended::Done,
        "failed" => Ended::Failed,
        "running" | "initiating" | "stopping" | "stopped" | "canceled" | "cancelled" | "timedOut"
        | "pendingApproval" => Ended::Stopped,
        "notStarted" | "skipped" | "pending" => Ended::Never,
        other => {
            let expected = "completed, failed, running, stopped, canceled, pendingApproval, skipped or notStarted";
            return Err(Mistake::new(format!("{path}.status"), quoted(other), expected));
        }
    };
    Ok(Part { name, start: time(value, "startTime", path)?, end: time(value, "endTime", path)?, ended })
}

fn text(value: &Value, key: &str, path: &str) -> Result<String, Mistake> {
    let found = value.get(key).unwrap_or(&Value::Null);
    found.as_str().map(str::to_owned).ok_or_else(|| Mistake::new(format!("{path}.{key}"), described(found), "a text"))
}

fn time(value: &Value, key: &str, path: &str) -> Result<Option<f64>, Mistake> {
    let found = match value.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => instant(text),
        Some(Value::Number(number)) => instant(&number.to_string()),
        Some(_) => None,
    };
    let found = found.ok_or_else(|| Mistake::new(format!("{path}.{key}"), described(&value[key]), "a timestamp"))?;
    Ok(Some(found))
}
