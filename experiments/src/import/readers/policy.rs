//! Policies of Resilience Hub, of its first and of its second version: limits for each kind of disruption.

use serde_json::Value;

use crate::import::input::Spot;
use crate::import::resource::Resource;
use crate::import::tree::Tree;
use crate::import::trouble::Trouble;

/// What a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) enum Disruption {
    /// A region is lost.
    Region,
    /// A zone is lost.
    Zone,
    /// Instances fail.
    Hardware,
    /// The software fails.
    Software,
}

impl Disruption {
    /// How files about it are named.
    pub(in crate::import) const fn word(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Zone => "zone",
            Self::Hardware => "hardware",
            Self::Software => "software",
        }
    }
}

/// Limits under one disruption, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::import) struct Target {
    /// The disruption.
    pub(in crate::import) disruption: Disruption,
    /// The recovery time.
    pub(in crate::import) rto: Option<f64>,
    /// The data loss.
    pub(in crate::import) rpo: Option<f64>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import) struct Policy {
    /// Its name.
    pub(in crate::import) name: String,
    /// Its limits, in the order of [`Disruption`].
    pub(in crate::import) targets: Vec<Target>,
    /// The share of the time that it asks for.
    pub(in crate::import) availability: Option<f64>,
}

/// The policy in a document: what the API takes, what it answers, or what a template holds.
pub(super) fn read(label: &str, document: &Value) -> Result<Policy, Trouble> {
    let mut here = document;
    // Answers wrap the policy, once or in a list.
    for _ in 0..3 {
        let inner = ["resiliencyPolicy", "policies", "Properties"].iter().find_map(|key| here.get(key));
        let inner =
            inner.or_else(|| here.get("policy").filter(|it| it.get("policy").is_some() || it.get("name").is_some()));
        match inner.map(|inner| inner.as_array().map_or(inner, |list| list.first().unwrap_or(&Value::Null))) {
            Some(inner) => here = inner,
            None => break,
        }
    }
    policy(&Tree::known(here)).ok_or_else(|| {
        Trouble::new(format!("{} is no policy of Resilience Hub", Spot::root(label, document).label()))
            .hint("it has `policy` with Region, AZ, Hardware and Software, or `multiRegion` and `multiAz`")
    })
}

/// The policy that a resource is.
pub(super) fn of(resource: &Resource) -> Option<Policy> {
    let kinds =
        ["aws_resiliencehub_resiliency_policy", "awscc_resiliencehub_resiliency_policy", "aws_resiliencehubv2_policy"];
    kinds.contains(&resource.kind.as_str()).then(|| policy(&resource.attributes)).flatten()
}

/// Names are written in four ways: `rtoInSecs`, `RtoInSecs`, `rto_in_secs`, and `rto` with a text such as `1h0m0s`.
fn plain(key: &str) -> String {
    key.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn field<'a>(tree: &'a Tree, name: &str) -> Option<&'a Tree> {
    let tree = match tree {
        Tree::List(elements) => elements.first()?,
        other => other,
    };
    match tree {
        Tree::Map(fields) => fields.iter().find(|(key, _)| plain(key) == name).map(|(_, value)| value),
        _ => None,
    }
}

fn policy(tree: &Tree) -> Option<Policy> {
    let name = ["policyname", "name"].iter().find_map(|key| field(tree, key).and_then(Tree::text)).unwrap_or("policy");
    let first = field(tree, "policy");
    let mut targets = Vec::new();
    for (disruption, old, new) in [
        (Disruption::Region, "region", Some("multiregion")),
        (Disruption::Zone, "az", Some("multiaz")),
        (Disruption::Hardware, "hardware", None),
        (Disruption::Software, "software", None),
    ] {
        let written = first.and_then(|it| field(it, old)).or_else(|| new.and_then(|new| field(tree, new)));
        let Some(written) = written else { continue };
        let (rto, rpo) = (limit(written, "rto"), limit(written, "rpo"));
        if rto.is_some() || rpo.is_some() {
            targets.push(Target { disruption, rto, rpo });
        }
    }
    let availability = field(tree, "availabilityslo").and_then(|it| field(it, "target")).and_then(Tree::number);
    let availability = availability.filter(|share| *share > 0.0 && *share < 100.0).map(|share| share / 100.0);
    let known = first.is_some() || field(tree, "multiregion").is_some() || field(tree, "multiaz").is_some();
    (known || availability.is_some()).then(|| Policy { name: name.to_owned(), targets, availability })
}

/// A limit in seconds.
fn limit(tree: &Tree, word: &str) -> Option<f64> {
    let number = |name: String| field(tree, &name).and_then(Tree::number);
    let limit = number(format!("{word}insecs"))
        .or_else(|| number(format!("{word}inminutes")).map(|minutes| minutes * 60.0))
        .or_else(|| field(tree, word).and_then(|it| it.number().or_else(|| duration(it.text()?))))?;
    (limit >= 0.0).then_some(limit)
}

/// `1h30m0s` in seconds.
fn duration(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut digits = String::new();
    for sign in text.chars() {
        if sign.is_ascii_digit() || sign == '.' {
            digits.push(sign);
            continue;
        }
        let number: f64 = std::mem::take(&mut digits).parse().ok()?;
        total += number
            * match sign {
                'h' => 3_600.0,
                'm' => 60.0,
                's' => 1.0,
                _ => return None,
            };
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Disruption, Target, duration, read};

    /// 3,600 s and 60 min are the same hour, and a limit of 0 is a limit.
    #[test]
    fn seconds_minutes_and_texts_are_told_apart() {
        let region = |rto, rpo| Target { disruption: Disruption::Region, rto: Some(rto), rpo: Some(rpo) };
        let first = json!({"policyName": "p", "tier": "Critical", "policy": {
            "Software": {"rtoInSecs": 1, "rpoInSecs": 2}, "Hardware": {"rtoInSecs": 1, "rpoInSecs": 2},
            "AZ": {"rtoInSecs": 1, "rpoInSecs": 2}, "Region": {"rtoInSecs": 3600, "rpoInSecs": 0}}});
        let policy = read("p", &first).expect("a policy");
        assert_eq!((policy.targets.len(), policy.targets[0]), (4, region(3_600.0, 0.0)));
        let second = json!({"policy": {"name": "q", "availabilitySlo": {"target": 99.9}, "multiAz": {},
            "multiRegion": {"rtoInMinutes": 60, "rpoInMinutes": 0, "disasterRecoveryApproach": "WARM_STANDBY"}}});
        let policy = read("q", &second).expect("a policy");
        assert_eq!((policy.name.as_str(), policy.targets.clone()), ("q", vec![region(3_600.0, 0.0)]));
        assert!((policy.availability.expect("a share") - 0.999).abs() < 1e-12);
        assert_eq!(
            (duration("1h0m0s"), duration("90s"), duration("1h"), duration("x"), duration("5")),
            (Some(3_600.0), Some(90.0), Some(3_600.0), None, None)
        );
    }

    #[test]
    fn three_disruptions_are_a_policy_and_something_else_is_none() {
        let three = json!({"policyName": "p", "policy": {"Software": {"rtoInSecs": 1, "rpoInSecs": 2},
            "Hardware": {"rtoInSecs": 1, "rpoInSecs": 2}, "AZ": {"rtoInSecs": 60, "rpoInSecs": 5}}});
        let policy = read("p", &three).expect("a policy");
        assert_eq!(
            policy.targets.iter().map(|it| it.disruption.word()).collect::<Vec<_>>(),
            ["zone", "hardware", "software"]
        );
        assert!(read("p", &json!({"a": 1})).is_err() && read("p", &json!([])).is_err());
    }
}
