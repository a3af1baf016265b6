//! An occurrence of a fault that comes at a rate is as good as a fault of its own at that time, however many overlap.

use std::fmt::Write as _;

use models::deployment::{Happening, Observer};
use models::flow::Flow;
use models::ids::FaultId;
use models::stores::Loss;
use sim_core::time::SimTime;

use crate::lab::open_file;

/// Each fault without its timing; what is drawn when it strikes is certain.
const FAULTS: [&str; 10] = [
    "kind = \"region-outage\", region = \"us-east-1\"",
    "kind = \"zone-outage\", region = \"us-east-1\", zone = \"b\"",
    "kind = \"partition\", between = [\"us-east-1\", \"eu-west-1\"]",
    "kind = \"gray-failure\", region = \"us-east-1\", error = 0.3",
    "kind = \"load-surge\", factor = 1.7",
    "kind = \"service-impairment\", store = \"orders\", region = \"us-east-1\", error = 0.4",
    "kind = \"service-impairment\", service = \"control-plane\", region = \"us-east-1\"",
    "kind = \"instance-failures\", region = \"us-east-1\", probability = 1",
    "kind = \"insufficient-capacity\", region = \"us-east-1\", probability = 1",
    "kind = \"replication-stall\"",
];

/// The outcomes of requests, and the starts and ends of faults, in nanoseconds.
#[derive(Debug, Default, PartialEq)]
struct Log {
    flows: Vec<(SimTime, Vec<u64>)>,
    /// Beginnings and ends of the fault whose place this is.
    fault: Option<FaultId>,
    began: Vec<u64>,
    ended: Vec<u64>,
    losses: Vec<Loss>,
}

impl Observer for Log {
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        let bits = flow.journeys.iter().flat_map(|journey| [journey.offered.to_bits(), journey.failed.to_bits()]);
        let bits: Vec<u64> = bits.collect();
        if self.flows.last().is_none_or(|(_, last)| *last != bits) {
            self.flows.push((now, bits));
        }
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        match what {
            Happening::FaultBegan { fault, .. } if Some(fault) == self.fault => self.began.push(now.as_nanos()),
            Happening::FaultEnded(fault) if Some(fault) == self.fault => self.ended.push(now.as_nanos()),
            _ => {}
        }
    }

    fn ended(&mut self, _: SimTime, losses: &[Loss]) {
        self.losses = losses.to_vec();
    }
}

fn watch(faults: &str, trial: u64, fault: Option<FaultId>) -> Log {
    let source = open_file("active-active", &[("horizon", "8h"), ("faults", faults)]).source;
    let mut log = Log { fault, ..Log::default() };
    source.deployment().run(trial, &mut log);
    log
}

#[test]
fn an_occurrence_is_as_good_as_a_fault_of_its_own() {
    // Something else to recover from, so that conditions matter as well.
    let other = "{ kind = \"zone-outage\", region = \"us-east-1\", zone = \"a\", at = \"2h\", duration = \"3h\" }";
    for fault in FAULTS {
        let mut overlaps = 0;
        for trial in 0..4 {
            let again = format!("[{other}, {{ {fault}, rate = \"2 per hour\", duration = \"35m\" }}]");
            let recurring = watch(&again, trial, Some(FaultId::new(1)));
            let lasts = 35 * 60 * 1_000_000_000_u64;
            assert!(
                recurring.ended.iter().all(|end| recurring.began.contains(&(end - lasts))),
                "{fault}: each lasts as long"
            );
            overlaps += recurring.began.windows(2).filter(|pair| pair[1] - pair[0] < lasts).count();
            let mut each = format!("[{other}");
            for began in &recurring.began {
                let _ = write!(each, ", {{ {fault}, at = \"{began}ns\", duration = \"35m\" }}");
            }
            each.push(']');
            let apart = watch(&each, trial, None);
            assert!(
                !recurring.flows.is_empty() && recurring.flows == apart.flows,
                "{fault}: {} flows\n{each}",
                apart.flows.len()
            );
            assert_eq!(recurring.losses, apart.losses, "{fault}\n{each}");
        }
        assert!(overlaps > 10, "{fault}: {overlaps}");
    }
}
