//! Names of steps: in experiments, in sheets, and in plans of Region switch.

use super::super::spec::steps;

/// The runbook of a key, and the path of its step there, such as `steps.1` or `steps.1.parallel.0.2`.
pub(super) fn step_of(key: &str) -> Option<(String, String)> {
    let parts = steps(key);
    let words: Vec<&str> = parts.iter().map(String::as_str).collect();
    let length = match words.as_slice() {
        ["runbooks", _, "steps", _, "parallel", _, _, ..] => 5,
        ["runbooks", _, "steps", _, ..] => 2,
        _ => return None,
    };
    Some((parts[1].clone(), parts[2..2 + length].join(".")))
}

/// What sheets call a step: `runbook.R.step.K`, and within `parallel` `runbook.R.step.K.parallel.B.P`.
pub fn sheet_step(runbook: &str, path: &str) -> String {
    format!("runbook.{runbook}.{}", path.replacen("steps.", "step.", 1))
}

/// What a plan of Region switch calls it: `R-K`, and within `parallel` `R-K-parallel-B-P`.
pub fn plan_step(runbook: &str, path: &str) -> String {
    let path = path.strip_prefix("steps.").unwrap_or(path);
    format!("{runbook}-{}", path.replace('.', "-"))
}

#[cfg(test)]
mod tests {
    use super::{plan_step, sheet_step, step_of};

    #[test]
    fn a_step_is_named_by_where_it_stands() {
        let named = |key: &str| {
            let (runbook, path) = step_of(key)?;
            Some([sheet_step(&runbook, &path), plan_step(&runbook, &path)])
        };
        let of = |sheet: &str, plan: &str| Some([sheet.to_owned(), plan.to_owned()]);
        assert_eq!(named("runbooks.r.steps.1.approve"), of("runbook.r.step.1", "r-1"));
        let inner = "runbooks.r.steps.1.parallel.0.2.takes";
        assert_eq!(named(inner), of("runbook.r.step.1.parallel.0.2", "r-1-parallel-0-2"));
        assert_eq!(named("stores.orders.promotion-time"), None);
        assert_eq!(named("runbooks.r.on.operator"), None);
    }
}
