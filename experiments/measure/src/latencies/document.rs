//! `latency.json` of a run: numbers of requests by what they took.

use std::sync::Arc;

use models::latency::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GROUPS, Key, Latencies};

/// The content of `latency.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RequestsDocument {
    /// Random parts of what requests take: the first point with mass, the masses from there on, the mean in seconds. Point 0 is
    /// no time, point n 1 us x 2^((n - 1) / 64).
    pub laws: Vec<(u32, Vec<f64>, f64)>,
    /// Journey, population, phase (0 before the clock starts, 1 until the journey is back for good, 2 after that), group of trials,
    /// constant part in nanoseconds, random part (counted from 1; 0: none), requests x 2^20 in the decimal system.
    pub requests: Vec<(u32, u32, u8, u8, u64, u32, String)>,
}

impl From<&Latencies> for RequestsDocument {
    fn from(latencies: &Latencies) -> Self {
        let own = latencies.clone().in_order();
        let law = |law: &Arc<Law>| {
            let (first, masses, mean) = law.parts();
            (first as u32, masses.to_vec(), mean)
        };
        let entry = |(key, requests): (&Key, &u128)| {
            let Key { journey, population, phase, group, nanoseconds, law } = *key;
            (journey, population, phase, group, nanoseconds, law, requests.to_string())
        };
        Self { laws: own.laws.iter().map(law).collect(), requests: own.requests.iter().map(entry).collect() }
    }
}

impl RequestsDocument {
    /// What it says; nothing if that cannot be.
    pub fn read(self) -> Option<Latencies> {
        let law =
            |(first, masses, mean): (u32, Vec<f64>, f64)| Law::of_parts(first as usize, masses, mean).map(Arc::new);
        let mut own =
            Latencies { laws: self.laws.into_iter().map(law).collect::<Option<_>>()?, ..Latencies::default() };
        for (journey, population, phase, group, nanoseconds, law, requests) in self.requests {
            if law as usize > own.laws.len() || usize::from(group) >= GROUPS || phase > 2 {
                return None;
            }
            own.add(Key { journey, population, phase, group, nanoseconds, law }, requests.parse().ok()?);
        }
        Some(own)
    }
}
