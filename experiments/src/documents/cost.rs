//! Costs in documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::estimate::MeanEstimate;
use crate::analyze::IncidentCost;
use crate::cost::{Bill, More};

/// What a deployment costs in a month, and what goes wrong costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CostDocument {
    /// The currency.
    pub currency: String,
    /// The sum of all lines that have a price.
    pub monthly: f64,
    /// The keys of prices that are missing: the sum is at least so much.
    pub unpriced: Vec<String>,
    /// The lines.
    pub lines: Vec<LineDocument>,
    /// The mean cost of what goes wrong in a trial, if the file gives values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<MeanEstimate>,
    /// How many trials make a year, where faults come at a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials_a_year: Option<f64>,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LineDocument {
    /// The key of its price.
    pub key: String,
    /// What is counted.
    pub what: String,
    /// How many a month.
    pub count: f64,
    /// The price of one; nothing if it is missing.
    pub price: Option<f64>,
    /// The cost of a month; nothing if the price is missing.
    pub monthly: Option<f64>,
}

/// A difference of costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MoreDocument {
    /// The difference of all lines that have a price.
    pub amount: f64,
    /// Keys of missing prices of what the two differ in, and names of what they differ in that no price counts.
    pub unpriced: Vec<String>,
}

impl From<&More> for MoreDocument {
    fn from(more: &More) -> Self {
        let uncounted = more.uncounted.iter().map(|what| what.word());
        let unpriced = more.unpriced.iter().copied().chain(uncounted).map(str::to_owned).collect();
        Self { amount: more.amount, unpriced }
    }
}

impl CostDocument {
    /// The document of a bill, and of the cost of trials.
    pub fn new(bill: &Bill, incident: Option<&IncidentCost>) -> Self {
        let total = bill.total();
        let lines = bill.lines.iter().map(|line| LineDocument {
            key: line.key.to_owned(),
            what: line.what.to_owned(),
            count: line.count,
            price: line.price,
            monthly: line.monthly(),
        });
        Self {
            currency: bill.currency.clone(),
            monthly: total.sum,
            unpriced: total.unpriced.iter().map(|key| (*key).to_owned()).collect(),
            lines: lines.collect(),
            trial: incident.map(|incident| incident.trial.into()),
            trials_a_year: incident.and_then(|incident| incident.trials_a_year),
        }
    }
}
