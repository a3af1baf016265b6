//! Which parts behind the fronts fail requests in one trial: since when, for which cause, and how many in all.

use models::cause::{CAUSES, Cause};
use models::deployment::{BlamedPart, Topology};
use models::flow::{Flow, Ledger, blamed_at};
use models::ids::RegionId;
use sim_core::time::SimTime;

use crate::run::story::Blame;
use measure::dominant;

/// Less than this share of all requests is none.
const NONE: f64 = 1e-9;

/// Follows the parts through a trial.
#[derive(Debug)]
pub(super) struct Failing {
    parts: Vec<BlamedPart>,
    /// By part: the cause that fails most there, while any does.
    causes: Vec<Option<Cause>>,
}

impl Failing {
    /// The parts of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        let parts = topology.parts();
        Self { causes: vec![None; parts.len()], parts }
    }

    /// What is new under these flows: the region, if the part is in one, and a sentence.
    pub(super) fn follow(&mut self, flow: &Flow) -> Vec<(Option<RegionId>, String)> {
        let least = flow.offered.iter().sum::<f64>() * NONE;
        let mut news = Vec::new();
        for (part, before) in self.parts.iter().zip(&mut self.causes) {
            let rates: [f64; CAUSES] = std::array::from_fn(|cause| {
                flow.blamed.get(blamed_at(part.index, Cause::ALL[cause])).copied().unwrap_or_default()
            });
            let fails = rates.iter().sum::<f64>() > least;
            let now = fails.then(|| Cause::ALL[dominant(&rates)]);
            if now == *before {
                continue;
            }
            let text = match (*before, now) {
                (None, Some(cause)) => format!("{} begins to fail requests ({})", part.words, cause.name()),
                (Some(old), Some(new)) => {
                    format!("{} fails requests for another cause ({}, before {})", part.words, new.name(), old.name())
                }
                (_, None) => format!("{} fails no more requests", part.words),
            };
            *before = now;
            news.push((part.region, text));
        }
        news
    }

    /// What each part has failed by the end, those that failed something.
    pub(super) fn sum_up(&self, end: SimTime, ledger: &Ledger) -> Vec<Blame> {
        let blame = |part: &BlamedPart| Blame {
            part: part.words.clone(),
            causes: Cause::ALL.into_iter().zip(ledger.blamed(part.index, end)).filter(|(_, sum)| *sum > 0.0).collect(),
        };
        self.parts.iter().map(blame).filter(|blame| !blame.causes.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use models::cause::Cause;
    use sim_core::time::{SimDuration, SimTime};

    use crate::experiment::open_text;
    use crate::run::{Overrides, Trials as _};

    /// Half of the calls to a third party fail for ten minutes: of 100 requests a second 30,000, all by it.
    #[test]
    fn a_trace_says_which_part_fails_requests_since_when_and_how_many() {
        let text = r#"
name = "parts"
horizon = "1h"
[regions.us-east-1]
[dns]
policy = "simple"
[services.web]
kind = "managed"
needs = [{ call = "bank" }]
[services.bank]
kind = "external"
place = "us-east-1"
[[clients]]
name = "c"
near = "us-east-1"
requests-per-second = 100
[[journeys]]
name = "j"
share = 1
[[faults]]
kind = "service-impairment"
service = "bank"
error = 0.5
at = "10m"
duration = "10m"
"#;
        let experiment = open_text("parts", text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        let story = experiment.source.story(0).expect("it can be told");
        let at = |minute: u64| SimTime::ZERO + SimDuration::from_secs(60 * minute);
        let told: Vec<(SimTime, &str)> = story
            .moments
            .iter()
            .filter(|it| it.text.starts_with("bank "))
            .map(|it| (it.at, it.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [(at(10), "bank begins to fail requests (dependency)"), (at(20), "bank fails no more requests")]
        );
        let [blame] = &story.blames[..] else { panic!("{:?}", story.blames) };
        let [(cause, count)] = blame.causes[..] else { panic!("{blame:?}") };
        assert_eq!((blame.part.as_str(), cause), ("bank", Cause::Dependency));
        assert!((count - 100.0 * 0.5 * 600.0).abs() < 1e-6, "{count}");
    }
}
