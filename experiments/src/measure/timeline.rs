//! When a journey was down, why, and which fault came before: from stages over time to outages.

use models::cause::{CAUSES, Cause};
use sim_core::time::{SimDuration, SimTime};

/// Stages of the recovery time: the causes, and being up.
pub(super) const STAGES: usize = CAUSES + 1;
pub(super) const UP: usize = CAUSES;

/// Down episodes closer than this are one outage (design 6.1).
pub(super) const CLOSE: SimDuration = SimDuration::from_secs(300);

/// Time spent in each stage.
pub(super) type Spent = [SimDuration; STAGES];

/// An instant, and the time spent in each stage until then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    pub(super) at: SimTime,
    spent: Spent,
}

impl Mark {
    /// Time spent in each stage from `earlier` until then.
    pub(super) fn since(&self, earlier: &Self) -> Spent {
        std::array::from_fn(|stage| {
            SimDuration::from_nanos(self.spent[stage].as_nanos() - earlier.spent[stage].as_nanos())
        })
    }
}

/// Down episodes that are close to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outage {
    /// When it began.
    pub(super) start: Mark,
    /// When it ended, if it did.
    pub(super) end: Option<Mark>,
    /// The latest fault before it began; without one, the first that began while it lasted.
    pub(super) fault: Option<(usize, Mark)>,
    /// Requests that had failed before it, and until its last end.
    failed: (f64, f64),
}

impl Outage {
    /// Requests that failed in it, once it has ended or [`Timeline::finish`] was called.
    pub(super) fn failed(&self) -> f64 {
        self.failed.1 - self.failed.0
    }
}

/// The stages of one journey, or of all together, over one trial.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    stage: usize,
    now: Mark,
    /// The first fault, and the latest.
    first: Option<Mark>,
    latest: Option<(usize, Mark)>,
    outages: Vec<Outage>,
}

impl Default for Timeline {
    fn default() -> Self {
        let now = Mark { at: SimTime::ZERO, spent: [SimDuration::ZERO; STAGES] };
        Self { stage: UP, now, first: None, latest: None, outages: Vec::new() }
    }
}

impl Timeline {
    /// Starts a trial and keeps the memory.
    pub(super) fn begin(&mut self) {
        let mut outages = std::mem::take(&mut self.outages);
        outages.clear();
        *self = Self { outages, ..Self::default() };
    }

    /// A fault that starts the clock begins.
    pub(super) fn fault(&mut self, fault: usize, now: SimTime) {
        let mark = self.at(now);
        self.first.get_or_insert(mark);
        self.latest = Some((fault, mark));
        if let Some(outage) = self.outages.last_mut().filter(|outage| outage.end.is_none()) {
            outage.fault.get_or_insert((fault, mark));
        }
    }

    /// The stage from `now` on; so many requests have failed so far.
    pub(super) fn turn(&mut self, stage: usize, failed: f64, now: SimTime) {
        if stage == self.stage {
            return;
        }
        self.now = self.at(now);
        if self.stage == UP {
            self.go_down(failed);
        } else if stage == UP {
            self.close(failed, Some(self.now));
        }
        self.stage = stage;
    }

    /// The trial is over.
    pub(super) fn finish(&mut self, failed: f64, end: SimTime) {
        self.now = self.at(end);
        if self.stage != UP {
            self.close(failed, None);
        }
    }

    fn go_down(&mut self, failed: f64) {
        match self.outages.last_mut() {
            Some(last) if last.end.is_some_and(|end| self.now.at.since(end.at) < CLOSE) => last.end = None,
            _ => {
                let outage = Outage { start: self.now, end: None, fault: self.latest, failed: (failed, failed) };
                self.outages.push(outage);
            }
        }
    }

    fn close(&mut self, failed: f64, end: Option<Mark>) {
        let outage = self.outages.last_mut().expect("who is down went down");
        outage.end = end;
        outage.failed.1 = failed;
    }

    /// The mark of an instant that is not before the last turn.
    fn at(&self, now: SimTime) -> Mark {
        let mut spent = self.now.spent;
        spent[self.stage] = spent[self.stage] + now.since(self.now.at);
        Mark { at: now, spent }
    }

    /// The present stage.
    pub(super) const fn stage(&self) -> usize {
        self.stage
    }

    /// Whether it is down.
    pub(super) const fn down(&self) -> bool {
        self.stage != UP
    }

    /// The instant of the last turn, or the trial's end.
    pub(super) const fn now(&self) -> &Mark {
        &self.now
    }

    /// When the clock started.
    pub(super) fn clock(&self) -> Option<SimTime> {
        self.first.as_ref().map(|mark| mark.at)
    }

    /// Time spent in each stage from the first fault on; from the start without any.
    pub(super) fn since_clock(&self) -> Option<Spent> {
        self.first.map(|first| self.now.since(&first))
    }

    /// Time not up since the start of the trial.
    pub(super) fn downtime(&self) -> SimDuration {
        not_up(&self.now.spent)
    }

    /// All outages, in order.
    pub(super) fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// From the first fault to the last return, and where that time went; censored if it is not back at the end.
    pub(super) fn since_first(&self) -> (Option<SimDuration>, Spent) {
        let nothing = (Some(SimDuration::ZERO), [SimDuration::ZERO; STAGES]);
        let (Some(first), Some(last)) = (&self.first, self.outages.last()) else { return nothing };
        match last.end {
            None => (None, self.now.since(first)),
            Some(end) if end.at >= first.at => (Some(end.at.since(first.at)), end.since(first)),
            Some(_) => nothing,
        }
    }

    /// From an outage's fault to its end, and where that time went; censored if it is not back. An outage without a fault
    /// has none.
    pub(super) fn recovery(&self, outage: &Outage) -> Option<(Option<SimDuration>, Spent)> {
        let (_, fault) = &outage.fault?;
        Some(match outage.end {
            Some(end) => (Some(end.at.since(fault.at)), end.since(fault)),
            None => (None, self.now.since(fault)),
        })
    }

    /// The longest recovery of any outage, and where its time went; nothing without outages.
    pub(super) fn longest(&self) -> (Option<SimDuration>, Spent) {
        let mut longest = (Some(SimDuration::ZERO), [SimDuration::ZERO; STAGES]);
        for found in self.outages.iter().filter_map(|outage| self.recovery(outage)) {
            let exceeds = |longest: SimDuration| found.0.is_none_or(|found| found > longest);
            if longest.0.is_some_and(exceeds) {
                longest = found;
            }
        }
        longest
    }
}

/// Time in all stages but the last.
pub(super) fn not_up(spent: &Spent) -> SimDuration {
    spent[..UP].iter().fold(SimDuration::ZERO, |sum, &stage| sum + stage)
}

/// The cause in which most time was spent; ties to the earlier stage.
pub(super) fn longest_cause(spent: &Spent) -> usize {
    let mut best = Cause::Detection.index();
    for (index, &time) in spent[..UP].iter().enumerate() {
        if time > spent[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    /// Down episodes under one cause each, faults, and the end of the trial, in seconds.
    fn play(episodes: &[(u64, u64, Cause)], faults: &[u64], end: u64) -> Timeline {
        let mut timeline = Timeline::default();
        let mut steps: Vec<(u64, Option<usize>)> = faults.iter().map(|&fault| (fault, None)).collect();
        for &(down, up, cause) in episodes {
            steps.extend([(down, Some(cause.index())), (up, Some(UP))]);
        }
        steps.sort_by_key(|&(time, what)| (time, what.is_some()));
        for (index, (time, what)) in steps.into_iter().filter(|(time, _)| *time < end).enumerate() {
            match what {
                Some(stage) => timeline.turn(stage, 0.0, at(time)),
                None => timeline.fault(index, at(time)),
            }
        }
        timeline.finish(0.0, at(end));
        timeline
    }

    /// Start, recovery time and down time of each outage.
    fn told(timeline: &Timeline) -> Vec<(u64, Option<f64>, f64)> {
        let tell = |outage: &Outage| {
            let recovery =
                timeline.recovery(outage).map(|(time, _)| time.map_or(f64::INFINITY, SimDuration::as_secs_f64));
            let end = outage.end.unwrap_or(*timeline.now());
            let start = outage.start.at.as_nanos() / 1_000_000_000;
            (start, recovery, not_up(&end.since(&outage.start)).as_secs_f64())
        };
        timeline.outages().iter().map(tell).collect()
    }

    #[test]
    fn episodes_closer_than_five_minutes_are_one_outage() {
        let cause = Cause::NoPath;
        let episodes = [(1_000, 1_100, cause), (1_399, 1_450, cause), (1_750, 1_800, cause)];
        // The first gap is 299 s, the second 300 s.
        assert_eq!(told(&play(&episodes, &[990], 9_000)), [(1_000, Some(460.0), 151.0), (1_750, Some(810.0), 50.0)]);
    }

    #[test]
    fn each_outage_counts_from_the_latest_fault_before_it() {
        let cause = Cause::Decision;
        let episodes = [(1_000, 1_100, cause), (5_000, 5_500, cause), (9_000, 9_010, cause)];
        // A fault in the middle of an outage is not before it; one at its very start is.
        let timeline = play(&episodes, &[900, 1_050, 5_000, 5_400], 20_000);
        let recovery: Vec<Option<f64>> = told(&timeline).into_iter().map(|(_, recovery, _)| recovery).collect();
        assert_eq!(recovery, [Some(200.0), Some(500.0), Some(3_610.0)]);
        assert_eq!(timeline.longest().0, Some(SimDuration::from_secs(3_610)));
        assert_eq!(timeline.since_first().0, Some(SimDuration::from_secs(8_110)));
    }

    #[test]
    fn without_a_fault_before_it_an_outage_counts_from_the_first_one_within() {
        let cause = Cause::Capacity;
        let timeline = play(&[(100, 200, cause), (1_000, 1_300, cause)], &[1_100, 1_200], 9_000);
        assert_eq!(told(&timeline), [(100, None, 100.0), (1_000, Some(200.0), 300.0)]);
        assert_eq!(timeline.downtime(), SimDuration::from_secs(400));
    }

    #[test]
    fn stages_add_up_and_what_is_not_back_is_censored() {
        let episodes =
            [(1_000, 1_100, Cause::Detection), (1_150, 1_200, Cause::DnsCache), (4_000, 9_999, Cause::NoPath)];
        let timeline = play(&episodes, &[990, 3_000], 5_000);
        let [one, two] = timeline.outages() else { panic!("two outages") };
        let (time, stages) = timeline.recovery(one).expect("a fault came before");
        assert_eq!(time, Some(SimDuration::from_secs(210)));
        assert_eq!(stages.iter().fold(SimDuration::ZERO, |sum, &stage| sum + stage), SimDuration::from_secs(210));
        assert_eq!(
            (stages[Cause::Detection.index()], stages[UP]),
            (SimDuration::from_secs(100), SimDuration::from_secs(60))
        );
        assert_eq!(longest_cause(&one.end.expect("it ended").since(&one.start)), Cause::Detection.index());
        let (time, stages) = timeline.recovery(two).expect("a fault came before");
        assert_eq!((time, not_up(&stages)), (None, SimDuration::from_secs(1_000)));
        assert_eq!(timeline.longest(), (None, stages));
        assert!(timeline.down());
    }
}
