//! A drill as it was measured: a sheet that somebody filled in, or an execution of a plan.

use sim_core::stats::fit::Observed;

use crate::calibrate::read::{Entry, Execution, Mistake, Sheet, json};

use super::play::{Mark, Play};

/// A measured drill of the text of a file, with its marks known to the play.
///
/// # Errors
/// When it is neither a sheet nor an execution, or names a mark that the experiment does not have.
pub fn measured(text: &str, play: &Play) -> Result<Sheet, Mistake> {
    if text.trim().is_empty() {
        return Err(Mistake { place: String::new(), found: "an empty file".to_owned(), expected: FORMS.to_owned() });
    }
    if text.trim_start().starts_with('{') {
        let value = json(text)?;
        let execution = Execution::of(&value)?;
        return of_execution(&execution, &value, play);
    }
    if !Sheet::is_one(text) {
        let first: String = text.lines().next().unwrap_or_default().chars().take(40).collect();
        return Err(Mistake { place: "line 1".to_owned(), found: format!("{first:?}"), expected: FORMS.to_owned() });
    }
    let sheet = Sheet::read(text)?;
    for entry in &sheet.entries {
        if play.place(&entry.mark).is_none() {
            let near = sim_settings::nearest(&entry.mark, play.names());
            let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            let known: Vec<&str> = play.names().take(40).collect();
            return Err(Mistake {
                place: format!("line {}", entry.line),
                found: format!("the mark {:?}", entry.mark),
                expected: format!("one of {}{near}", known.join(", ")),
            });
        }
    }
    Ok(sheet)
}

const FORMS: &str =
    "the sheet drill.csv with its columns mark and at, or JSON of `aws arc-region-switch get-plan-execution`";

/// Steps of an execution as marks. Its clock is the plan's own: no mark counts from the fault, and only durations between
/// marks mean anything.
fn of_execution(execution: &Execution, value: &serde_json::Value, play: &Play) -> Result<Sheet, Mistake> {
    let mistake = |found: String, expected: String| Mistake { place: String::new(), found, expected };
    if execution.injection {
        return Err(mistake(
            "an experiment of fault injection, which knows when the fault was there and no step".to_owned(),
            "the sheet of the drill, or the execution of its plan".to_owned(),
        ));
    }
    let start = execution.start.or_else(|| execution.parts.iter().filter_map(|part| part.start).reduce(f64::min));
    let Some(start) = start else {
        return Err(mistake("an execution without times".to_owned(), "startTime".to_owned()));
    };
    let mut sheet = Sheet { drills: vec![String::new()], without_fault: true, ..Sheet::default() };
    let mut note = |mark: String, at: Observed| {
        sheet.entries.push(Entry { drill: String::new(), mark, at, line: 0 });
    };
    let named = |runbook: &str, step: usize| play.place(&format!("runbook.{runbook}.step.{step}.begin")).is_some();
    let mut first = None;
    for part in &execution.parts {
        let split = part.name.rsplit_once('-').and_then(|(runbook, step)| Some((runbook, step.parse::<usize>().ok()?)));
        let Some((runbook, step)) = split.filter(|(runbook, step)| named(runbook, *step)) else { continue };
        let path = format!("runbook.{runbook}.step.{step}");
        let Some(began) = part.start else { continue };
        note(format!("{path}.begin"), Observed::Exact(began - start));
        first.get_or_insert_with(|| runbook.to_owned());
        use crate::calibrate::read::Ended;
        match (part.ended, part.end.or(execution.end)) {
            (Ended::Done, Some(end)) => note(format!("{path}.end"), Observed::Exact(end - start)),
            (Ended::Stopped | Ended::Failed, Some(end)) => note(format!("{path}.end"), Observed::Above(end - start)),
            _ => {}
        }
    }
    let Some(runbook) = first else {
        let steps: Vec<&str> = execution.parts.iter().map(|part| part.name.as_str()).collect();
        let known = play.marks.iter().filter_map(|mark| match mark.0 {
            Mark::Begin(_, step) => {
                let runbook = mark.1.strip_prefix("runbook.")?.strip_suffix(&format!(".step.{step}.begin"))?;
                Some(format!("{runbook}-{step}"))
            }
            _ => None,
        });
        return Err(mistake(
            format!("the steps {}", steps.join(", ")),
            format!("steps named as in arc-plan.json: {}", known.collect::<Vec<_>>().join(", ")),
        ));
    };
    note(format!("runbook.{runbook}.start"), Observed::Exact(0.0));
    // From the start of the plan until its alarms were green again.
    if let Some(recovery) = value.get("actualRecoveryTime").and_then(serde_json::Value::as_str).and_then(iso_duration) {
        note("recovered".to_owned(), Observed::Exact(recovery));
    }
    Ok(sheet)
}

/// Seconds of a duration such as `PT12M30S`.
fn iso_duration(text: &str) -> Option<f64> {
    let rest = text.strip_prefix('P')?;
    let (days, clock) = rest.split_once('T').unwrap_or((rest, ""));
    let mut seconds = 0.0;
    for (part, units) in [(days, &[('D', 86_400.0)][..]), (clock, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)][..])] {
        let mut part = part;
        for (unit, size) in units {
            if let Some((number, rest)) = part.split_once(*unit) {
                seconds += number.parse::<f64>().ok()? * size;
                part = rest;
            }
        }
        if !part.is_empty() {
            return None;
        }
    }
    Some(seconds)
}
