//! One trial as a list of events, and the deployment that it happened to: plain figures for reports, without a model.

use models::cause::Cause;
use models::grid::Grid;
use sim_core::time::{SimDuration, SimTime};

/// The events and states of one trial. Times are exact instants of the trial.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Story {
    /// Its number.
    pub trial: u64,
    /// When the first fault struck, if one did.
    pub clock: Option<SimTime>,
    /// Where faults recur, the start of each of them.
    pub struck: Vec<SimTime>,
    /// The state just before each of those.
    pub before_each: Vec<Snapshot>,
    /// Where faults recur, the state each time that every journey was up again.
    pub up_again: Vec<Snapshot>,
    /// When it ended.
    pub end: SimTime,
    /// The events, in order.
    pub moments: Vec<Moment>,
    /// For each journey its stretches of equal success, without a gap.
    pub journeys: Vec<Vec<Stretch>>,
    /// Planned dips: the journey, and from when until when it was down, in seconds from the start of the trial.
    pub planned: Vec<(usize, f64, f64)>,
    /// The state before the first fault.
    pub before: Snapshot,
    /// The state once every journey was back for good, or at the end of the trial.
    pub after: Snapshot,
    /// What parts behind the fronts failed over the whole trial, those that failed something.
    pub blames: Vec<Blame>,
    /// The losses of each store.
    pub losses: Vec<Missing>,
    /// By link, the two stores and how many writes of the first refer to such of the second as are missing.
    pub dangling: Vec<(String, String, f64)>,
}

/// An event of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Its time.
    pub at: SimTime,
    /// The part of the picture that it belongs to.
    pub lane: Lane,
    /// A sentence about it.
    pub text: String,
    /// How it is told where space is short.
    pub told: Told,
    /// Share of requests that succeeded at that time, by journey.
    pub success: Vec<f64>,
}

/// The part of the picture that an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// With the populations of clients.
    Journeys,
    /// On the way: routing, the edge, the network between regions.
    Routing,
    /// In a region.
    Region(usize),
    /// With people and their automation.
    People,
}

/// How an event is told where space is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By itself.
    Always,
    /// By itself, and marked as the beginning of a fault.
    Fault,
    /// Only in the full list.
    InFull,
    /// Together with others of its kind in its region, with their number: `3 instances` and these words.
    Counted(&'static str),
    /// A launch that failed: told with a number, also in the full list.
    LaunchFailed,
}

/// A stretch of time in which the requests of a journey fared alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Its start.
    pub from: SimTime,
    /// Share of requests that succeed.
    pub success: f64,
    /// The cause that fails most while the journey is down.
    pub cause: Option<usize>,
}

/// The state of the deployment at one instant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// When.
    pub at: SimTime,
    /// Requests per second from each population to each region: row = population.
    pub traffic: Grid<f64>,
    /// The state of each region.
    pub regions: Vec<Condition>,
    /// The state of the services behind the fronts: row = service in the order of the overview, column = region, if it runs
    /// there. One outside AWS is in the first column.
    pub tiers: Grid<Option<TierCondition>>,
    /// The region of each store's writer, if the store has one.
    pub writers: Vec<Option<usize>>,
    /// Acknowledged writes per second: row = store, column = the region whose copy takes them.
    pub writes: Grid<f64>,
    /// Pairs of regions whose path a partition cuts.
    pub cut: Vec<(usize, usize)>,
}

/// The state of a region.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Condition {
    /// The region does not answer.
    pub dead: bool,
    /// Share of its requests that fail in a gray failure.
    pub gray: f64,
    /// Load over capacity, if it has a capacity.
    pub utilization: Option<f64>,
}

/// The state of a service behind the fronts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TierCondition {
    /// It does not answer.
    pub dead: bool,
    /// Calls per second that reach it.
    pub rate: f64,
    /// Share of its calls that fail there, apart from what it needs.
    pub fails: f64,
    /// Load over capacity, if it has a capacity.
    pub utilization: Option<f64>,
}

/// Requests that a part behind the fronts failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Blame {
    /// The part, such as `payment in eu-west-1`.
    pub part: String,
    /// How many by cause.
    pub causes: Vec<(Cause, f64)>,
}

/// Acknowledged writes that a surviving copy lacks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Missing {
    /// Age of the oldest, in seconds.
    pub seconds: f64,
    /// Gone for good.
    pub lost: f64,
    /// Back with their region.
    pub stranded: f64,
    /// Back, and replaced by newer writes.
    pub overwritten: f64,
    /// Arrived late at the other copy.
    pub delayed: f64,
}

/// More than seconds as a number lose of an instant, and less than anything lasts.
pub const LOST: f64 = 1e-6;

/// Time that is told after an outage, as a part of the outage.
pub const AFTERWARDS: f64 = 0.12;

impl Story {
    /// Whether a journey that is down at this instant is so as planned.
    pub fn is_planned(&self, journey: usize, at: SimTime) -> bool {
        let at = at.as_secs_f64() + LOST;
        self.planned.iter().any(|&(own, from, to)| own == journey && (from..to).contains(&at))
    }

    /// Time since the first fault, if it has struck by then; where faults recur, since the latest.
    pub fn since(&self, at: SimTime) -> Option<SimDuration> {
        let latest = self.struck.partition_point(|struck| *struck <= at).checked_sub(1).map(|place| self.struck[place]);
        latest.or(self.clock).filter(|clock| at >= *clock).map(|clock| at.since(clock))
    }

    /// The part of a story that is about one outage: from its fault until some time after its end, or to the end of the
    /// trial if it was not over. Times are in seconds from the start of the trial.
    #[must_use]
    pub fn of_outage(self, fault: f64, end: f64) -> Self {
        let place = |seconds: f64| SimTime::ZERO + SimDuration::from_secs_f64(seconds);
        // Seconds as `f64` have lost the last nanoseconds.
        let far = |at: SimTime, from: SimTime| if at > from { at.since(from) } else { from.since(at) };
        let nearest = |at: SimTime| (0..self.struck.len()).min_by_key(|&index| far(self.struck[index], at));
        let Some(struck) = nearest(place(fault)) else { return self };
        let clock = self.struck[struck];
        let over = end.is_finite().then(|| self.up_again.iter().min_by_key(|up| far(up.at, place(end)))).flatten();
        let (after, to) = match over.filter(|up| up.at >= clock) {
            Some(up) => {
                let margin = SimDuration::from_secs_f64(AFTERWARDS * up.at.since(clock).as_secs_f64());
                (up.clone(), (up.at + margin.max(SimDuration::from_secs(30))).min(self.end))
            }
            None => (self.after, self.end),
        };
        let within = |moment: &Moment| moment.at >= clock && moment.at <= to;
        let cut = |stretches: Vec<Stretch>| {
            let first = stretches.partition_point(|stretch| stretch.from <= clock).saturating_sub(1);
            let seen = stretches.into_iter().skip(first).take_while(|stretch| stretch.from < to);
            seen.map(|stretch| Stretch { from: stretch.from.max(clock), ..stretch }).collect()
        };
        Self {
            trial: self.trial,
            clock: Some(clock),
            end: to,
            moments: self.moments.into_iter().filter(within).collect(),
            journeys: self.journeys.into_iter().map(cut).collect(),
            before: self.before_each.into_iter().nth(struck).unwrap_or(self.before),
            after,
            planned: self.planned,
            losses: self.losses,
            dangling: self.dangling,
            ..Self::default()
        }
    }

    /// All events in order. Launches that fail again and again in a region are told with their number, from the first
    /// one until an instance serves there.
    pub fn in_full(&self) -> Vec<Moment> {
        let mut moments: Vec<Option<Moment>> = self.moments.iter().cloned().map(Some).collect();
        // By lane: the failures that no success has ended yet.
        let mut failing: Vec<(Lane, Vec<usize>)> = Vec::new();
        let mut fold = |failures: Vec<usize>| {
            let [_, between @ .., last] = failures.as_slice() else { return };
            if between.is_empty() {
                return;
            }
            for &index in between {
                moments[index] = None;
            }
            if let Some(last) = &mut moments[*last] {
                last.text = format!("{}; the last of {} failures in a row", last.text, between.len() + 2);
            }
        };
        for (index, moment) in self.moments.iter().enumerate() {
            let run = failing.iter().position(|(lane, _)| *lane == moment.lane);
            match (moment.told, run) {
                (Told::LaunchFailed, Some(run)) => failing[run].1.push(index),
                (Told::LaunchFailed, None) => failing.push((moment.lane, vec![index])),
                (Told::Counted(_), Some(run)) => fold(failing.swap_remove(run).1),
                _ => {}
            }
        }
        for (_, failures) in failing {
            fold(failures);
        }
        moments.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(told: &[(Lane, Told)]) -> Story {
        let moments = told.iter().enumerate().map(|(index, &(lane, told))| Moment {
            at: SimTime::ZERO + SimDuration::from_secs(index as u64),
            lane,
            text: format!("{index}"),
            told,
            success: Vec::new(),
        });
        Story { moments: moments.collect(), ..Story::default() }
    }

    fn texts(told: &[(Lane, Told)]) -> Vec<String> {
        story(told).in_full().into_iter().map(|moment| moment.text).collect()
    }

    #[test]
    fn an_outage_is_told_by_itself() {
        let at = |seconds: u64| SimTime::ZERO + SimDuration::from_secs(seconds);
        let moment = |seconds| Moment {
            at: at(seconds),
            lane: Lane::Routing,
            text: format!("{seconds}"),
            told: Told::Always,
            success: Vec::new(),
        };
        let scene =
            |seconds| Snapshot { at: at(seconds), traffic: Grid::new(1, 1, seconds as f64), ..Snapshot::default() };
        let stretch = |seconds, cause| Stretch { from: at(seconds), success: 1.0, cause };
        let story = Story {
            trial: 7,
            clock: Some(at(100)),
            struck: vec![at(100), at(5_000), at(8_000)],
            before_each: vec![scene(1), scene(2), scene(3)],
            up_again: vec![scene(400), scene(6_000)],
            end: at(9_000),
            moments: [100, 4_999, 5_000, 6_000, 6_120, 6_121, 8_000].map(moment).to_vec(),
            journeys: vec![vec![
                stretch(0, None),
                stretch(100, Some(0)),
                stretch(400, None),
                stretch(5_000, Some(3)),
                stretch(6_000, None),
                stretch(8_000, Some(1)),
            ]],
            after: scene(9_000),
            ..Story::default()
        };
        let second = story.clone().of_outage(5_000.0, 6_000.0);
        let texts: Vec<&str> = second.moments.iter().map(|moment| moment.text.as_str()).collect();
        // A thousand seconds, and 12 % of them afterwards.
        assert_eq!(texts, ["5000", "6000", "6120"]);
        assert_eq!((second.clock, second.end, second.trial), (Some(at(5_000)), at(6_120), 7));
        assert_eq!(second.journeys, [[stretch(5_000, Some(3)), stretch(6_000, None)]]);
        assert_eq!((second.before.traffic[(0, 0)], second.after.traffic[(0, 0)]), (2.0, 6_000.0));
        assert_eq!(second.since(at(5_060)), Some(SimDuration::from_secs(60)));
        // An outage that is not over is told to the end.
        let third = story.of_outage(8_000.0, f64::INFINITY);
        assert_eq!((third.end, third.before.traffic[(0, 0)], third.after.traffic[(0, 0)]), (at(9_000), 3.0, 9_000.0));
        assert_eq!(third.journeys, [[stretch(8_000, Some(1))]]);
    }

    #[test]
    fn failures_between_the_first_and_the_last_of_a_region_are_counted() {
        let (here, there) = (Lane::Region(0), Lane::Region(1));
        let (fails, serves) = (Told::LaunchFailed, Told::Counted("serve"));
        assert_eq!(texts(&[(here, fails), (here, Told::Always), (here, fails)]), ["0", "1", "2"]);
        let many = [(here, fails), (there, fails), (here, fails), (here, fails), (here, serves), (here, fails)];
        assert_eq!(texts(&many), ["0", "1", "3; the last of 3 failures in a row", "4", "5"]);
    }
}
