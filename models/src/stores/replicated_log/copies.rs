//! The copies that follow a writer's log: which writer each follows, which of them are cut off, and how far behind each is.
//!
//! All copies of the file's topology follow one writer until a copy is detached: then that one is a writer of its own,
//! without copies, and the others stay with the former.

use sim_core::random::{StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::Parameters;
use super::losses::Losses;
use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::RegionId;
use crate::stores::Site;

/// Since when a copy gets nothing new, and the age of the oldest write that it lacked then, in seconds.
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

/// What a copy got and has not applied yet.
#[derive(Debug, Clone, Copy, Default)]
struct Backlog {
    writes: f64,
    /// Age of the oldest of them, in seconds.
    age: f64,
}

/// The present writer, and the copies that follow it or a former one.
#[derive(Debug)]
pub(super) struct Copies {
    writer: RegionId,
    /// Regions with a copy in the file.
    regions: Vec<RegionId>,
    /// Regions with a copy in this trial: a restored store may have one elsewhere.
    topology: Vec<RegionId>,
    /// By region, the writer whose log its copy gets; a writer's own region is its own source.
    source: ById<RegionId, RegionId>,
    lag: ById<RegionId, Variate>,
    apply_rate: Option<f64>,
    /// Copies that do not get what is written, those that were left behind for good included.
    cuts: ById<RegionId, Option<Cut>>,
    /// What each copy has not applied yet, at an instant, and how many writes per second each region acknowledges since.
    backlog: ById<RegionId, Backlog>,
    backlog_at: SimTime,
    writing: ById<RegionId, f64>,
    /// When the present writer was detached, if it was.
    detached_at: SimTime,
    /// How many faults keep the log of one region (row) from another (column).
    held_up: Grid<u32, RegionId, RegionId>,
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
            regions: parameters.place.regions.clone(),
            topology: parameters.place.regions.clone(),
            source: ById::new(count, parameters.place.writer),
            lag: lag.collect(),
            apply_rate: parameters.apply_rate,
            cuts: ById::new(count, None),
            backlog: ById::new(count, Backlog::default()),
            backlog_at: SimTime::ZERO,
            writing: ById::new(count, 0.0),
            detached_at: SimTime::ZERO,
            held_up: Grid::new(count, count, 0),
        }
    }

    pub(super) fn begin(&mut self, trial: Trial<'_>, writer: RegionId) {
        for lag in &mut self.lag {
            lag.begin(trial);
        }
        self.topology.clone_from(&self.regions);
        self.writer = writer;
        self.source.fill(writer);
        self.cuts.fill(None);
        self.backlog.fill(Backlog::default());
        self.backlog_at = SimTime::ZERO;
        self.writing.fill(0.0);
        self.held_up.fill(0);
    }

    pub(super) const fn writer(&self) -> RegionId {
        self.writer
    }

    /// Regions with a copy.
    pub(super) fn topology(&self) -> &[RegionId] {
        &self.topology
    }

    /// The writer whose log a region's copy gets.
    pub(super) fn source(&self, region: RegionId) -> RegionId {
        self.source[region]
    }

    /// Regions whose copies follow this writer, without its own.
    pub(super) fn followers(&self, writer: RegionId) -> impl Iterator<Item = RegionId> {
        let follows = move |&region: &RegionId| region != writer && self.source[region] == writer;
        self.topology.iter().copied().filter(follows)
    }

    /// Whether every copy follows the writer and gets what it takes.
    pub(super) fn complete(&self) -> bool {
        self.topology.iter().all(|&region| self.source[region] == self.writer && !self.is_cut(region))
    }

    /// Whether a region has a copy that follows the present writer, or that writer itself.
    pub(super) fn contains(&self, region: RegionId) -> bool {
        self.has(region) && self.source[region] == self.writer
    }

    /// Whether a region has a copy, whichever writer it follows.
    pub(super) fn has(&self, region: RegionId) -> bool {
        self.topology.contains(&region)
    }

    pub(super) fn is_cut(&self, region: RegionId) -> bool {
        self.cuts[region].is_some()
    }

    /// A fault keeps the log of one region from another, or does so no longer.
    pub(super) fn hold_up(&mut self, from: RegionId, to: RegionId, begins: bool) {
        let count = &mut self.held_up[(from, to)];
        *count = if begins { *count + 1 } else { *count - 1 };
    }

    /// A copy gets its writer's log from now on, or does not.
    pub(super) fn connect(&mut self, region: RegionId, gets: bool, now: SimTime) {
        if gets {
            self.cuts[region] = None;
        } else {
            self.cut_off(region, now);
        }
    }

    /// Whether no fault keeps a writer's log from a region.
    pub(super) fn arrives(&self, writer: RegionId, region: RegionId) -> bool {
        self.held_up[(writer, region)] == 0
    }

    /// A copy follows no longer, unless it has not for some time.
    pub(super) fn cut_off(&mut self, region: RegionId, now: SimTime) {
        if self.cuts[region].is_none() {
            self.cuts[region] = Some(Cut { at: now, lag: self.draw_lag(region) });
        }
    }

    /// No copy follows the writer any longer.
    pub(super) fn cut_off_all(&mut self, now: SimTime) {
        for index in 0..self.topology.len() {
            let region = self.topology[index];
            if region != self.writer && self.source[region] == self.writer {
                self.cut_off(region, now);
            }
        }
    }

    /// From when on a copy would lack writes if it were promoted now, in seconds.
    pub(super) fn lacks_from(&mut self, region: RegionId, losses: &Losses, now: SimTime) -> f64 {
        self.apply_until(losses, now);
        self.cuts[region].unwrap_or_else(|| Cut { at: now, lag: self.draw_lag(region) }).first()
    }

    /// The writer has moved as planned to a copy that lacks nothing. Those others that `follows` names and that no fault
    /// keeps from it follow it. The rest lack what is written from now on, unless they lack older writes already.
    pub(super) fn move_to(&mut self, to: RegionId, follows: impl Fn(RegionId) -> bool, losses: &Losses, now: SimTime) {
        self.apply_until(losses, now);
        let former = std::mem::replace(&mut self.writer, to);
        for index in 0..self.topology.len() {
            let region = self.topology[index];
            if self.source[region] != former {
                continue;
            }
            self.source[region] = to;
            if region == to || (self.arrives(to, region) && follows(region)) {
                (self.cuts[region], self.backlog[region]) = (None, Backlog::default());
            } else {
                self.cut_off(region, now);
            }
        }
    }

    /// A copy, which lacks everything from `first` on, is the writer now. All others are to be built anew from it: they
    /// hold nothing that was written since, and nothing older that they lacked before.
    pub(super) fn take_over(&mut self, to: RegionId, first: f64, now: SimTime) {
        self.writer = to;
        for index in 0..self.topology.len() {
            let region = self.topology[index];
            let older = self.cuts[region].filter(|cut| cut.first() < first);
            self.source[region] = to;
            self.cuts[region] = if region == to { None } else { older.or(Some(Cut { at: now, lag: 0.0 })) };
            self.backlog[region] = Backlog::default();
        }
        self.backlog_at = now;
    }

    /// A copy is a writer of its own from now on, and the present one.
    pub(super) fn detach(&mut self, to: RegionId, now: SimTime) {
        self.writer = to;
        self.detached_at = now;
        self.source[to] = to;
        self.cuts[to] = None;
        self.backlog[to] = Backlog::default();
    }

    /// All copies follow a writer that lacks nothing, in a region that had a copy or that takes the place of `first`.
    pub(super) fn begin_anew(&mut self, writer: RegionId, first: RegionId, now: SimTime) {
        if !self.has(writer) {
            let place = self.topology.iter().position(|&region| region == first).unwrap_or(0);
            if let Some(region) = self.topology.get_mut(place) {
                *region = writer;
            }
        }
        self.writer = writer;
        self.source.fill(writer);
        self.cuts.fill(None);
        self.backlog.fill(Backlog::default());
        self.backlog_at = now;
    }

    /// A copy that was built anew has everything.
    pub(super) fn renew(&mut self, region: RegionId) {
        (self.cuts[region], self.backlog[region]) = (None, Backlog::default());
    }

    /// A copy whose data were destroyed is back: it has nothing until it is built anew.
    pub(super) fn comes_back_empty(&mut self, region: RegionId) {
        self.cuts[region] = Some(Cut { at: SimTime::ZERO, lag: 0.0 });
    }

    /// The regions acknowledge so many writes per second from now on; `losses` knows what they acknowledged until now.
    pub(super) fn writes(&mut self, rates: &[f64], losses: &Losses, now: SimTime) {
        // Only where a writer's rate changes: the same sum however often it is told.
        if self.topology.iter().any(|&region| rates[self.source[region].index()] != self.writing[self.source[region]]) {
            self.apply_until(losses, now);
        }
        self.writing.as_mut_slice().copy_from_slice(rates);
    }

    /// Brings the backlogs up to date: what was acknowledged since then came in, what a connected copy applied went out.
    pub(super) fn apply_until(&mut self, losses: &Losses, now: SimTime) {
        let Some(rate) = self.apply_rate else { return };
        let elapsed = now.since(self.backlog_at).as_secs_f64();
        self.backlog_at = now;
        for &region in self.topology.iter().filter(|&&region| region != self.source[region]) {
            let applied = if self.cuts[region].is_none() { rate } else { 0.0 };
            let source = self.source[region];
            let writes = (self.backlog[region].writes + (self.writing[source] - applied) * elapsed).max(0.0);
            // The copy applies in order: what it has not applied are the last ones that its source acknowledged.
            let age = if writes > 0.0 {
                let (log, now) = (losses.acknowledged(source), now.as_secs_f64());
                (now - log.after(log.until(now) - writes)).max(0.0)
            } else {
                0.0
            };
            self.backlog[region] = Backlog { writes, age };
        }
    }

    /// How long a copy needs to apply what it has not applied yet, in seconds.
    pub(super) fn needs(&self, region: RegionId) -> f64 {
        self.apply_rate.map_or(0.0, |rate| self.backlog[region].writes / rate)
    }

    /// Age of the oldest write that a copy lacks now: what is on its way, and before that what it has yet to apply.
    fn draw_lag(&mut self, region: RegionId) -> f64 {
        self.lag[region].draw() + self.backlog[region].age
    }

    /// When the last copy of a writer has fallen further behind than the bound, or will; never while one follows, or where
    /// there is none.
    pub(super) fn all_beyond(&self, bound: f64, writer: RegionId) -> Option<SimTime> {
        let mut latest = None;
        for region in self.followers(writer) {
            let cut = self.cuts[region]?;
            latest = latest.max(Some(cut.at + SimDuration::from_secs_f64((bound - cut.lag).max(0.0))));
        }
        latest
    }

    /// Age of the oldest write that the most backward copy of the present writer lacks, and since when it has been growing.
    /// Backlogs count as of the last instant at which the rate of writes changed.
    pub(super) fn lag(&self) -> (f64, Option<SimTime>) {
        let behind = self.followers(self.writer).map(|region| self.backlog[region].age).fold(0.0, f64::max);
        let usual = self.lag[self.writer].distribution().quantile(0.5) + behind;
        let cuts = self.followers(self.writer).filter_map(|region| self.cuts[region]);
        cuts.min_by_key(|cut| cut.at).map_or((usual, None), |cut| (cut.lag, Some(cut.at)))
    }

    /// From when on, in seconds, writes are out of reach if the writer's are: what the best of the others lacks of those
    /// that are `left`, and everything that was ever written if there is none.
    pub(super) fn best_lacks_from(&self, left: impl Fn(RegionId) -> bool) -> f64 {
        let others = self.topology.iter().filter(|&&region| region != self.writer && left(region));
        let lacks = others.map(|&region| {
            // Copies of another writer have nothing of what this one took.
            let own = if self.source[region] == self.writer { f64::INFINITY } else { self.detached_at.as_secs_f64() };
            self.cuts[region].map_or(own, |cut| cut.first().min(own))
        });
        lacks.max_by(f64::total_cmp).unwrap_or(f64::NEG_INFINITY)
    }
}
