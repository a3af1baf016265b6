//! How often traffic moves although nothing but the path of checkers is disturbed, and how soon something real is noticed.

use models::by_id::ById;
use models::cloud_watch::State;
use models::deployment::{Happening, Topology};
use models::faults::Kind;
use models::ids::FaultId;
use sim_core::time::SimTime;

use super::trial::{NervousTrial, Time};

/// Watches trials of a deployment whose faults include blips.
#[derive(Debug)]
pub(super) struct Nervous {
    /// By fault, whether it is a blip, and whether it starts the clock.
    faults: ById<FaultId, (bool, bool)>,
    now: Present,
}

/// A trial as it goes on.
#[derive(Debug, Default)]
struct Present {
    /// Faults under way that are no blips.
    under_way: u32,
    /// Since when there are none.
    quiet_since: SimTime,
    /// Whether a check has turned against an endpoint, or an alarm fired, while there were none.
    turned: bool,
    /// The first that starts the clock.
    real: Option<SimTime>,
    noticed: Option<SimTime>,
    trial: NervousTrial,
}

impl Nervous {
    /// Of a deployment; nothing without blips.
    pub(super) fn new(topology: &Topology) -> Option<Self> {
        let faults = topology.faults.iter().map(|fault| {
            let blip = matches!(fault.kind, Kind::Blip { .. });
            (blip, topology.starts_clock(fault))
        });
        let faults: ById<FaultId, (bool, bool)> = faults.collect();
        faults.iter().any(|(blip, _)| *blip).then(|| Self { faults, now: Present::default() })
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.now = Present::default();
    }

    /// Something happened.
    pub(super) fn happened(&mut self, now: SimTime, what: Happening) {
        let Self { faults, now: state } = self;
        match what {
            Happening::FaultBegan { fault, .. } if !faults[fault].0 => {
                if state.under_way == 0 {
                    state.trial.quiet = state.trial.quiet + now.since(state.quiet_since);
                }
                state.under_way += 1;
                state.turned = false;
                if faults[fault].1 {
                    state.real.get_or_insert(now);
                }
            }
            Happening::FaultEnded(fault) if !faults[fault].0 => {
                state.under_way = state.under_way.saturating_sub(1);
                if state.under_way == 0 {
                    state.quiet_since = now;
                }
            }
            Happening::HealthTurned { healthy: false, .. }
            | Happening::GuardTurned { healthy: false, .. }
            | Happening::Alarm { state: State::Alarm, .. } => {
                if state.under_way == 0 {
                    state.turned = true;
                } else if state.real.is_some() {
                    state.noticed.get_or_insert(now);
                }
            }
            Happening::HealthTurned { healthy: true, .. } | Happening::GuardTurned { healthy: true, .. } => {
                state.turned = false;
            }
            // The answers of all populations change at one instant.
            Happening::AnswerChanged { .. } if std::mem::take(&mut state.turned) => state.trial.failovers += 1,
            _ => {}
        }
    }

    /// The trial is over.
    pub(super) fn finish(&mut self, end: SimTime) -> NervousTrial {
        if self.now.under_way == 0 {
            self.now.trial.quiet = self.now.trial.quiet + end.since(self.now.quiet_since);
        }
        self.now.trial.noticed = match (self.now.real, self.now.noticed) {
            (None, _) => Time::Absent,
            (Some(_), None) => Time::Censored,
            (Some(real), Some(noticed)) => Time::Known(noticed.since(real)),
        };
        self.now.trial
    }
}

#[cfg(test)]
mod tests {
    use models::ids::{PlaceId, PopulationId};
    use sim_core::time::SimDuration;

    use super::*;

    const PLACE: PlaceId = PlaceId::new(0);

    /// Plays what happened at which second, with a blip and a region that goes; until 1,000 s.
    fn play(happenings: &[(u64, Happening)]) -> NervousTrial {
        let faults = [(true, true), (false, true)].into_iter().collect();
        let mut nervous = Nervous { faults, now: Present::default() };
        let at = |second: u64| SimTime::ZERO + SimDuration::from_secs(second);
        for &(second, what) in happenings {
            nervous.happened(at(second), what);
        }
        nervous.finish(at(1_000))
    }

    fn turned(healthy: bool) -> Happening {
        Happening::HealthTurned { place: PLACE, healthy }
    }

    fn led(population: usize) -> Happening {
        Happening::AnswerChanged { population: PopulationId::new(population), name: models::ids::NameId::new(0) }
    }

    fn began(fault: usize) -> Happening {
        Happening::FaultBegan { fault: FaultId::new(fault), zone: None }
    }

    #[test]
    fn traffic_that_moves_for_nothing_counts_once_however_many_populations_move() {
        let blip = [(10, began(0)), (20, turned(false)), (21, led(0)), (21, led(1))];
        let found = play(&[&blip[..], &[(40, turned(true)), (41, led(0)), (41, led(1))]].concat());
        assert_eq!((found.failovers, found.quiet), (1, SimDuration::from_secs(1_000)));
        assert_eq!(found.noticed, Time::Absent);
        // A check that turns back before DNS follows moves nobody.
        assert_eq!(play(&[(20, turned(false)), (25, turned(true)), (26, led(0))]).failovers, 0);
    }

    #[test]
    fn what_is_real_is_noticed_and_no_false_alarm() {
        let gone = [(100, began(1)), (140, turned(false)), (141, led(0))];
        let found = play(&gone);
        assert_eq!((found.failovers, found.quiet), (0, SimDuration::from_secs(100)));
        assert_eq!(found.noticed, Time::Known(SimDuration::from_secs(40)));
        assert_eq!(play(&gone[..1]).noticed, Time::Censored);
        let back = [&gone[..], &[(300, Happening::FaultEnded(FaultId::new(1)))]].concat();
        assert_eq!(play(&back).quiet, SimDuration::from_secs(100 + 700));
    }
}
