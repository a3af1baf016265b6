//! When a journey was down, why, and which fault came before: from stages over time to outages.

use models::cause::{CAUSES, Cause};
use sim_core::time::{SimDuration, SimTime};

use super::trial::Time;

/// Stages of the recovery time: the causes, and being up.
pub(super) const STAGES: usize = CAUSES + 1;
pub(super) const UP: usize = CAUSES;

/// Down episodes closer than this are one outage.
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
    /// Whether planned work made it and no fault: see [`Timeline::turn`].
    pub(super) planned: bool,
    /// Requests that had failed before it, and until its last end.
    failed: (f64, f64),
}

impl Outage {
    /// The fault that its recovery time counts from: planned ones have none.
    pub(super) fn cause(&self) -> Option<(usize, Mark)> {
        self.fault.filter(|_| !self.planned)
    }

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
    /// The start of planned work that starts the clock.
    work: Option<Mark>,
    /// The first fault, and the latest.
    first: Option<Mark>,
    latest: Option<(usize, Mark)>,
    /// When it last came up, and whether a fault has begun since.
    up_since: SimTime,
    struck: bool,
    outages: Vec<Outage>,
    /// When it first came back for good since the first fault.
    first_back: FirstBack,
}

/// When somebody is first back for as long as makes the next episode another outage.
#[derive(Debug, Clone, Copy, PartialEq)]
enum FirstBack {
    /// It was not down since the first fault.
    NeverDown,
    /// It is down, or has been up for too short a time to tell.
    Open,
    /// It is.
    At(SimTime),
}

impl Default for Timeline {
    fn default() -> Self {
        let now = Mark { at: SimTime::ZERO, spent: [SimDuration::ZERO; STAGES] };
        Self {
            stage: UP,
            now,
            work: None,
            first: None,
            latest: None,
            up_since: SimTime::ZERO,
            struck: false,
            outages: Vec::new(),
            first_back: FirstBack::NeverDown,
        }
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
        let starts = self.clock_mark().is_none();
        self.first.get_or_insert(mark);
        self.latest = Some((fault, mark));
        self.struck = true;
        if let Some(outage) = self.outages.last_mut().filter(|outage| outage.end.is_none()) {
            outage.planned = false;
            outage.fault.get_or_insert((fault, mark));
        }
        if starts && self.down() {
            self.first_back = FirstBack::Open;
        }
    }

    /// Planned work begins that starts the clock, not before the last turn.
    pub(super) fn work(&mut self, now: SimTime) {
        let starts = self.clock_mark().is_none();
        self.work.get_or_insert(self.at(now));
        if starts && self.down() {
            self.first_back = FirstBack::Open;
        }
    }

    /// When the clock started: with a fault or with planned work.
    fn clock_mark(&self) -> Option<Mark> {
        self.first.into_iter().chain(self.work).min_by_key(|mark| mark.at)
    }

    /// From when its recovery time counts: the first fault; without one, the planned work.
    fn counts_from(&self) -> Option<Mark> {
        self.first.or(self.work)
    }

    /// The stage from `now` on; so many requests have failed so far. `work` says whether planned work is being done or
    /// was until shortly before.
    ///
    /// A down episode is planned if there is such work, if the journey had been up for at least [`CLOSE`], and if no fault
    /// has begun since it came up. Episodes that begin closer to the end of a planned one belong to it, unless a fault
    /// has begun in between. One that is still down at the end of the trial, or during which a fault begins, is not
    /// planned.
    pub(super) fn turn(&mut self, stage: usize, failed: f64, now: SimTime, work: bool) {
        if stage == self.stage {
            return;
        }
        self.now = self.at(now);
        if self.stage == UP {
            self.go_down(failed, work);
        } else if stage == UP {
            self.close(failed, Some(self.now));
            self.up_since = now;
            self.struck = false;
        }
        self.stage = stage;
    }

    /// The trial is over.
    pub(super) fn finish(&mut self, failed: f64, end: SimTime) {
        self.now = self.at(end);
        if self.stage != UP {
            self.close(failed, None);
            self.outages.last_mut().expect("who is down went down").planned = false;
        } else if self.first_back == FirstBack::Open {
            self.first_back = FirstBack::At(self.up_since);
        }
    }

    fn go_down(&mut self, failed: f64, work: bool) {
        let up_for = self.now.at.since(self.up_since);
        if self.clock_mark().is_some() && !matches!(self.first_back, FirstBack::At(_)) {
            self.first_back = match self.first_back {
                FirstBack::Open if up_for >= CLOSE => FirstBack::At(self.up_since),
                _ => FirstBack::Open,
            };
        }
        let goes_on = |last: &&mut Outage| up_for < CLOSE && !(last.planned && self.struck);
        if let Some(last) = self.outages.last_mut().filter(goes_on) {
            last.end = None;
            return;
        }
        let planned = work && up_for >= CLOSE && !self.struck;
        let outage = Outage { start: self.now, end: None, fault: self.latest, planned, failed: (failed, failed) };
        self.outages.push(outage);
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
        self.clock_mark().map(|mark| mark.at)
    }

    /// Time spent in each stage from the start of the clock on.
    pub(super) fn since_clock(&self) -> Option<Spent> {
        self.clock_mark().map(|clock| self.now.since(&clock))
    }

    /// Time not up since the start of the trial.
    pub(super) fn downtime(&self) -> SimDuration {
        not_up(&self.now.spent)
    }

    /// All outages, in order.
    pub(super) fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// From the first fault, without one from planned work, to the last return, and where that time went; censored if it is
    /// not back at the end. Planned outages do not count, and their time is time up.
    pub(super) fn since_first(&self) -> (Option<SimDuration>, Spent) {
        let nothing = (Some(SimDuration::ZERO), [SimDuration::ZERO; STAGES]);
        let last = self.outages.iter().rfind(|outage| !outage.planned);
        let (Some(first), Some(last)) = (&self.counts_from(), last) else { return nothing };
        match last.end {
            None => (None, self.spent(first, &self.now)),
            Some(end) if end.at >= first.at => (Some(end.at.since(first.at)), self.spent(first, &end)),
            Some(_) => nothing,
        }
    }

    /// From an outage's fault to its end, and where that time went; censored if it is not back. An outage without a fault
    /// has none, and a planned one neither.
    pub(super) fn recovery(&self, outage: &Outage) -> Option<(Option<SimDuration>, Spent)> {
        let (_, fault) = &outage.cause()?;
        Some(match outage.end {
            Some(end) => (Some(end.at.since(fault.at)), self.spent(fault, &end)),
            None => (None, self.spent(fault, &self.now)),
        })
    }

    /// Time spent in each stage between two marks, that of planned outages as time up.
    fn spent(&self, from: &Mark, to: &Mark) -> Spent {
        let mut spent = to.since(from);
        for (planned, end) in self.planned().filter(|(planned, end)| planned.start.at >= from.at && end.at <= to.at) {
            let own = end.since(&planned.start);
            for (stage, time) in spent.iter_mut().zip(&own).take(UP) {
                *stage = SimDuration::from_nanos(stage.as_nanos() - time.as_nanos());
            }
            spent[UP] = spent[UP] + not_up(&own);
        }
        spent
    }

    /// Planned outages, each with its end.
    fn planned(&self) -> impl Iterator<Item = (&Outage, Mark)> {
        let planned = self.outages.iter().filter(|outage| outage.planned);
        planned.filter_map(|outage| Some((outage, outage.end?)))
    }

    /// Time down in planned outages since the start of the clock; since that of the trial without one.
    pub(super) fn planned_downtime(&self) -> SimDuration {
        let since = self.clock().unwrap_or(SimTime::ZERO);
        let own = self.planned().filter(|(planned, _)| planned.start.at >= since);
        own.fold(SimDuration::ZERO, |sum, (planned, end)| sum + not_up(&end.since(&planned.start)))
    }

    /// From the start of the clock to the first return that lasts for [`CLOSE`] or to the end, planned outages being outages like
    /// any; zero if it was never down since then. For after the end.
    pub(super) fn first_back(&self) -> Time {
        match (self.first_back, self.clock_mark()) {
            (_, None) => Time::Absent,
            (FirstBack::NeverDown, _) => Time::Known(SimDuration::ZERO),
            (FirstBack::Open, _) => Time::Censored,
            (FirstBack::At(at), Some(first)) => Time::Known(at.since(first.at)),
        }
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
        worked(episodes, faults, end, |_| false)
    }

    /// The same with planned work at these times.
    fn worked(episodes: &[(u64, u64, Cause)], faults: &[u64], end: u64, work: impl Fn(u64) -> bool) -> Timeline {
        let mut timeline = Timeline::default();
        let mut steps: Vec<(u64, Option<usize>)> = faults.iter().map(|&fault| (fault, None)).collect();
        for &(down, up, cause) in episodes {
            steps.extend([(down, Some(cause.index())), (up, Some(UP))]);
        }
        steps.sort_by_key(|&(time, what)| (time, what.is_some()));
        for (index, (time, what)) in steps.into_iter().filter(|(time, _)| *time < end).enumerate() {
            match what {
                Some(stage) => timeline.turn(stage, 0.0, at(time), work(time)),
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

    /// Recovery time, first return and planned down time, in seconds.
    fn recovered(timeline: &Timeline) -> (Option<u64>, Option<u64>, u64) {
        let whole = |time: SimDuration| time.as_nanos() / 1_000_000_000;
        let first_back = match timeline.first_back() {
            Time::Known(time) => Some(whole(time)),
            Time::Censored => None,
            Time::Absent => panic!("there is a fault"),
        };
        (timeline.since_first().0.map(whole), first_back, whole(timeline.planned_downtime()))
    }

    const DOWN: Cause = Cause::Promotion;

    #[test]
    fn a_dip_that_planned_work_makes_is_not_in_the_recovery_time() {
        let fault = [900];
        let dips = [(1_000, 1_100, DOWN), (5_000, 5_030, DOWN)];
        assert_eq!(recovered(&worked(&dips, &fault, 9_000, |at| at == 5_000)), (Some(200), Some(200), 30));
        assert_eq!(recovered(&worked(&dips, &fault, 9_000, |_| false)), (Some(4_130), Some(200), 0));
        // Work that was being done when the fault struck explains nothing.
        assert_eq!(recovered(&worked(&dips[..1], &fault, 9_000, |_| true)), (Some(200), Some(200), 0));
        // 299 s up is too short a time, 300 s are enough; before that, nobody is back for good.
        let soon = |gap: u64| [(1_000, 1_100, DOWN), (1_100 + gap, 1_150 + gap, DOWN)];
        assert_eq!(recovered(&worked(&soon(299), &fault, 9_000, |_| true)), (Some(549), Some(549), 0));
        assert_eq!(recovered(&worked(&soon(300), &fault, 9_000, |_| true)), (Some(200), Some(200), 50));
    }

    #[test]
    fn a_dip_is_not_planned_if_a_fault_has_begun_since_the_last_return_or_begins_in_it() {
        let dips = [(1_000, 1_100, DOWN), (5_000, 5_030, DOWN)];
        let of = |fault: u64| recovered(&worked(&dips, &[900, fault], 9_000, |at| at == 5_000));
        assert_eq!(of(4_000), (Some(4_130), Some(200), 0));
        assert_eq!(of(5_000), (Some(4_130), Some(200), 0));
        assert_eq!(of(5_010), (Some(4_130), Some(200), 0));
        assert_eq!(of(5_100), (Some(200), Some(200), 30));
        // Without an end it is none either.
        assert_eq!(recovered(&worked(&dips, &[900], 5_020, |at| at == 5_000)), (None, Some(200), 0));
    }

    #[test]
    fn what_follows_a_planned_dip_closely_belongs_to_it_unless_a_fault_lies_between() {
        let dips = [(1_000, 1_100, DOWN), (5_000, 5_030, DOWN), (5_100, 5_120, DOWN)];
        let work = |at| at == 5_000;
        assert_eq!(recovered(&worked(&dips, &[900], 9_000, work)), (Some(200), Some(200), 50));
        // Between them a fault: the last is an outage of its own, counted from it.
        let split = worked(&dips, &[900, 5_050], 9_000, work);
        assert_eq!(recovered(&split), (Some(4_220), Some(200), 30));
        assert_eq!(told(&split), [(1_000, Some(200.0), 100.0), (5_000, None, 30.0), (5_100, Some(70.0), 20.0)]);
        // What was never down since a fault that did it no harm is not down as planned: nothing tells the two apart.
        assert_eq!(recovered(&worked(&dips[1..], &[900], 9_000, work)), (Some(4_220), Some(4_220), 0));
    }

    #[test]
    fn planned_time_within_a_recovery_is_time_up() {
        let dips = [(1_000, 1_100, Cause::Detection), (3_000, 3_040, DOWN), (6_000, 6_010, Cause::NoPath)];
        let timeline = worked(&dips, &[900], 9_000, |at| at == 3_000);
        let (recovery, spent) = timeline.since_first();
        assert_eq!(recovery, Some(SimDuration::from_secs(5_110)));
        assert_eq!(
            (spent[DOWN.index()], spent[Cause::NoPath.index()]),
            (SimDuration::ZERO, SimDuration::from_secs(10))
        );
        assert_eq!(spent.iter().fold(SimDuration::ZERO, |sum, &stage| sum + stage), SimDuration::from_secs(5_110));
        assert_eq!(spent[UP], SimDuration::from_secs(5_000));
    }

    #[test]
    fn the_first_return_has_to_last() {
        let fault = [900];
        let of = |dips: &[(u64, u64, Cause)], end| recovered(&play(dips, &fault, end)).1;
        assert_eq!(of(&[], 9_000), Some(0));
        assert_eq!(of(&[(1_000, 1_100, DOWN)], 1_150), Some(200), "to the end of the trial");
        assert_eq!(of(&[(1_000, 1_100, DOWN)], 1_050), None);
        assert_eq!(of(&[(1_000, 1_100, DOWN), (1_300, 1_400, DOWN), (1_700, 1_800, DOWN)], 9_000), Some(500));
        // Down when the fault strikes, and before it: what was over by then does not count.
        assert_eq!(of(&[(800, 950, DOWN)], 9_000), Some(50));
        assert_eq!(of(&[(700, 850, DOWN)], 9_000), Some(0));
    }

    /// Planned work starts the clock, and recovery times count from the first fault all the same.
    #[test]
    fn planned_work_starts_the_clock_and_recovery_counts_from_the_fault_if_there_is_one() {
        let dips = [(1_010, 1_030, DOWN), (5_000, 5_100, Cause::NoPath)];
        let of = |faults: &[u64]| {
            let mut timeline = Timeline::default();
            let mut steps: Vec<(u64, Option<usize>)> = faults.iter().map(|&fault| (fault, None)).collect();
            for (down, up, cause) in dips {
                steps.extend([(down, Some(cause.index())), (up, Some(UP))]);
            }
            steps.sort_by_key(|&(time, what)| (time, what.is_some()));
            timeline.work(at(1_000));
            for (index, (time, what)) in steps.into_iter().enumerate() {
                match what {
                    Some(stage) => timeline.turn(stage, 0.0, at(time), (1_000..1_300).contains(&time)),
                    None => timeline.fault(index, at(time)),
                }
            }
            timeline.finish(0.0, at(9_000));
            timeline
        };
        let with = of(&[4_900]);
        assert_eq!(recovered(&with), (Some(200), Some(30), 20), "the dip is planned, and counts in the first return");
        assert_eq!(with.clock(), Some(at(1_000)));
        assert_eq!(with.since_clock().map(|spent| not_up(&spent)), Some(SimDuration::from_secs(120)));
        // Without a fault the second dip, which nothing planned, is a recovery from the work.
        assert_eq!(recovered(&of(&[])), (Some(4_100), Some(30), 20));
    }
}
