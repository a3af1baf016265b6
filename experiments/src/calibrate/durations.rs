//! Lists of durations: incidents, executions, drills.

use super::choose::{Sample, choose};
use super::read::Durations;
use super::{Kind, Outcome, Remark, Request};

/// The distribution of durations that do not depend on each other.
pub(super) fn calibrated(request: &Request, lists: &[Durations]) -> Outcome {
    let kinds: Vec<Kind> =
        request.sources.iter().zip(lists).map(|(source, list)| source.kind.unwrap_or(list.kind)).collect();
    let drill = kinds.contains(&Kind::Drill);
    let observed: Vec<_> = lists.iter().flat_map(|list| list.observed.iter().copied()).collect();
    let mut remarks = Vec::new();
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for (count, why) in lists.iter().flat_map(|list| &list.left_out) {
        match seen.iter_mut().find(|(known, _)| known == why) {
            Some((_, sum)) => *sum += count,
            None => seen.push((why, *count)),
        }
    }
    for (why, count) in seen {
        remarks.push(Remark::new(
            "left-out",
            format!("{count} {} left out: {why}", if count == 1 { "is" } else { "are" }),
        ));
    }
    let failed: usize = lists.iter().map(|list| list.failed).sum();
    let all = failed + observed.len();
    if failed > 0 {
        let words = format!(
            "{failed} of {all} attempts failed and have no duration; `success = {:.2}` beside the step says how often",
            (all - failed) as f64 / all as f64
        );
        remarks.push(Remark::new("failed", words));
    }
    let stopped = observed.iter().filter(|one| !one.is_complete()).count();
    if stopped > 0 {
        let words = format!(
            "{stopped} of {} did not come to their end; the law is the likeliest of those that reach beyond, and \
             `observations` counts the others",
            observed.len()
        );
        remarks.push(Remark::new("stopped", words));
    }
    if drill && kinds.contains(&Kind::Incident) {
        remarks.push(Remark::new("pooled", "drills and incidents are counted together, as `pool` says"));
    } else if drill {
        let words = "these are drills: people who know that one is coming are faster than in an incident";
        remarks.push(Remark::new("drill", words));
    }
    let columns = || request.sources.iter().filter_map(|source| source.column.as_deref());
    let acknowledged =
        request.sources.iter().all(|source| source.minus.is_none()) && columns().any(|column| column.contains("ack"));
    if acknowledged && request.key.ends_with("approve") {
        let words = "an acknowledgement is not the decision: `approve` runs from there to the first act";
        remarks.push(Remark::new("acknowledged", words));
    }
    let names: Vec<&str> = request.sources.iter().map(|source| source.file.as_str()).collect();
    let from = format!("{}{}", if drill { "drill: " } else { "" }, names.join(", "));
    let worth = observed.len() as f64;
    let kind = Some(if drill { Kind::Drill } else { Kind::Incident });
    choose(Sample { key: &request.key, from, kind, observed, worth, worth_at: &|_| worth, remarks })
}
