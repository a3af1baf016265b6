//! The copies that follow a writer's log: which of them are cut off, and how far behind each is.

use sim_core::random::{StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::Parameters;
use crate::stores::Site;

/// Since when a copy gets nothing new, and the age of the newest write that it lacked then, in seconds.
#[derive(Debug, Clone, Copy)]
struct Cut {
    at: SimTime,
    lag: f64,
}

impl Cut {
    /// From when on the copy lacks writes, in seconds.
    fn first(self) -> f64 {
        self.at.as_secs_f64() - self.lag
    }
}

/// A writer and the copies that follow it.
#[derive(Debug)]
pub(super) struct Copies {
    writer: usize,
    /// Regions with a copy in the topology that the file describes.
    topology: Vec<usize>,
    /// Regions whose copies follow the writer, and the writer's own.
    regions: Vec<usize>,
    lag: Vec<Variate>,
    apply_rate: Option<f64>,
    /// Copies that do not get what is written, those that were left behind for good included.
    cuts: Vec<Option<Cut>>,
    /// Writes that each copy has not applied yet, at an instant, and how many the writer acknowledges since then.
    backlog: Vec<f64>,
    backlog_at: SimTime,
    writing: f64,
    /// How many faults keep the log of one region from another, row by row.
    held_up: Vec<u32>,
}

impl Copies {
    pub(super) fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let lag = site.regions.iter().map(|region| {
            let id = StreamId::new(site.seed, &format!("{}/{region}", site.path), "replication-lag");
            Variate::new(parameters.replication_lag.clone(), id)
        });
        let count = site.regions.len();
        Self {
            writer: parameters.place.writer,
            topology: parameters.place.regions.clone(),
            regions: parameters.place.regions.clone(),
            lag: lag.collect(),
            apply_rate: parameters.apply_rate,
            cuts: vec![None; count],
            backlog: vec![0.0; count],
            backlog_at: SimTime::ZERO,
            writing: 0.0,
            held_up: vec![0; count * count],
        }
    }

    pub(super) fn begin(&mut self, trial: u64, writer: usize) {
        for lag in &mut self.lag {
            lag.begin(trial);
        }
        self.writer = writer;
        self.regions.clone_from(&self.topology);
        self.cuts.fill(None);
        self.backlog.fill(0.0);
        (self.backlog_at, self.writing) = (SimTime::ZERO, 0.0);
        self.held_up.fill(0);
    }

    pub(super) const fn writer(&self) -> usize {
        self.writer
    }

    pub(super) fn regions(&self) -> &[usize] {
        &self.regions
    }

    /// Regions with a copy in the topology that the file describes.
    pub(super) fn topology(&self) -> &[usize] {
        &self.topology
    }

    /// Whether every copy of that topology follows the writer.
    pub(super) fn complete(&self) -> bool {
        self.topology.len() == self.regions.len() && self.topology.iter().all(|&region| !self.is_cut(region))
    }

    pub(super) fn contains(&self, region: usize) -> bool {
        self.regions.contains(&region)
    }

    pub(super) fn is_cut(&self, region: usize) -> bool {
        self.cuts[region].is_some()
    }

    /// A fault keeps the log of one region from another, or does so no longer.
    pub(super) fn hold_up(&mut self, from: usize, to: usize, begins: bool) {
        let count = &mut self.held_up[from * self.cuts.len() + to];
        *count = if begins { *count + 1 } else { *count - 1 };
    }

    /// From now on those copies follow the writer that `reached` says and that no fault keeps from it.
    pub(super) fn follow(&mut self, reached: impl Fn(usize) -> bool, now: SimTime) {
        self.apply_until(now);
        for index in 0..self.regions.len() {
            let region = self.regions[index];
            if region == self.writer {
                continue;
            }
            if self.arrives(region) && reached(region) {
                self.cuts[region] = None;
            } else {
                self.cut_off(region, now);
            }
        }
    }

    /// Whether no fault keeps the writer's log from a region.
    fn arrives(&self, region: usize) -> bool {
        self.held_up[self.writer * self.cuts.len() + region] == 0
    }

    /// A copy follows no longer, unless it has not for some time.
    pub(super) fn cut_off(&mut self, region: usize, now: SimTime) {
        if self.cuts[region].is_none() {
            self.cuts[region] = Some(Cut { at: now, lag: self.draw_lag(region) });
        }
    }

    /// No copy follows the writer any longer.
    pub(super) fn cut_off_all(&mut self, now: SimTime) {
        for index in 0..self.regions.len() {
            let region = self.regions[index];
            if region != self.writer {
                self.cut_off(region, now);
            }
        }
    }

    /// From when on a copy would lack writes if it were promoted now, in seconds.
    pub(super) fn lacks_from(&mut self, region: usize, now: SimTime) -> f64 {
        self.apply_until(now);
        self.cuts[region].unwrap_or_else(|| Cut { at: now, lag: self.draw_lag(region) }).first()
    }

    /// A copy, which lacks everything from `first` on, is the writer now, and acknowledges so many writes per second. Those
    /// others that `follows` names and that no fault keeps from it follow it. The rest lack what is written from now on,
    /// unless they lack older writes already.
    pub(super) fn take_over(
        &mut self,
        to: usize,
        first: f64,
        writing: f64,
        follows: impl Fn(usize) -> bool,
        now: SimTime,
    ) {
        self.writer = to;
        for index in 0..self.topology.len() {
            let region = self.topology[index];
            let follows = region == to || (self.contains(region) && self.arrives(region) && follows(region));
            let older = self.cuts[region].filter(|cut| !follows && cut.first() < first);
            self.cuts[region] = older;
            if older.is_none() {
                self.backlog[region] = 0.0;
            }
            if !follows {
                self.cut_off(region, now);
            }
        }
        (self.backlog_at, self.writing) = (now, writing);
    }

    /// From now on this copy stands alone.
    pub(super) fn stand_alone(&mut self, region: usize) {
        self.regions.clear();
        self.regions.push(region);
    }

    /// A copy whose data were destroyed is back: it has nothing until it follows the writer again.
    pub(super) fn comes_back_empty(&mut self, region: usize) {
        if self.is_cut(region) {
            self.cuts[region] = Some(Cut { at: SimTime::ZERO, lag: 0.0 });
        }
    }

    /// The writer acknowledges so many writes per second from now on.
    pub(super) fn writes(&mut self, rate: f64, now: SimTime) {
        // Only where the rate changes: the same sum however often it is told.
        if rate != self.writing {
            self.apply_until(now);
            self.writing = rate;
        }
    }

    /// Brings the backlogs up to date: what was acknowledged since then came in, what a connected copy applied went out.
    pub(super) fn apply_until(&mut self, now: SimTime) {
        let Some(rate) = self.apply_rate else { return };
        let elapsed = now.since(self.backlog_at).as_secs_f64();
        self.backlog_at = now;
        for &region in self.regions.iter().filter(|&&region| region != self.writer) {
            let applied = if self.cuts[region].is_none() { rate } else { 0.0 };
            self.backlog[region] = (self.backlog[region] + (self.writing - applied) * elapsed).max(0.0);
        }
    }

    /// How long a copy needs for what it has not applied yet, in seconds.
    pub(super) fn behind(&self, region: usize) -> f64 {
        self.apply_rate.map_or(0.0, |rate| self.backlog[region] / rate)
    }

    /// Age of the newest write that a copy lacks now; what it has yet to apply adds to it.
    fn draw_lag(&mut self, region: usize) -> f64 {
        self.lag[region].draw() + self.behind(region)
    }

    /// When the last copy has fallen further behind than the bound, or will; never while one follows, or where there is
    /// none.
    pub(super) fn all_beyond(&self, bound: f64) -> Option<SimTime> {
        let mut latest = None;
        for &region in self.regions.iter().filter(|&&region| region != self.writer) {
            let cut = self.cuts[region]?;
            latest = latest.max(Some(cut.at + SimDuration::from_secs_f64((bound - cut.lag).max(0.0))));
        }
        latest
    }

    /// Age of the newest write that the most backward copy lacks, and since when it has been growing. Backlogs count as
    /// of the last instant at which the rate of writes changed.
    pub(super) fn lag(&self) -> (f64, Option<SimTime>) {
        let behind = self.regions.iter().map(|&region| self.behind(region)).fold(0.0, f64::max);
        let usual = self.lag[self.writer].distribution().quantile(0.5) + behind;
        let cuts = self.regions.iter().filter_map(|&region| self.cuts[region]);
        cuts.min_by_key(|cut| cut.at).map_or((usual, None), |cut| (cut.lag, Some(cut.at)))
    }

    /// From when on, in seconds, writes are gone if the writer's are: what the best of the others lacks of those that are
    /// `left`, and everything since the trial began if there is none.
    pub(super) fn best_lacks_from(&self, left: impl Fn(usize) -> bool) -> f64 {
        let others = self.topology.iter().filter(|&&region| region != self.writer && left(region));
        let lacks = others.map(|&region| self.cuts[region].map_or(f64::INFINITY, Cut::first));
        lacks.max_by(f64::total_cmp).unwrap_or(0.0)
    }
}
