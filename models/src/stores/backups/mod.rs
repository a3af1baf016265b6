//! Backups of a store of any kind, its corruption, and its restore.
//!
//!   well --corruption--> wrong, and nobody knows --noticed--> a share of accesses fails --restore--> nothing works --> well
//!
//! A corruption strikes all copies at once, since they follow each other, and ends by a restore only. The newest point that
//! was complete before it began is restored: all writes that were acknowledged from that point until the restore began are
//! lost. A store that was destroyed with its region is restored elsewhere in the same way.

mod points;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::{AckLog, Loss};
use crate::about::About;
use crate::ids::RegionId;
use crate::world::World;

use points::{Bad, GivenUp, Points};

pub use spec::Backup;
pub(crate) use spec::BackupsKeys;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Backups",
    modelled: "whole backups at equal distances, complete after a time; continuous ones, which can be restored to any instant but \
         the last minutes; copies in other regions, which are complete later. A corruption strikes all copies at once: \
         wrong data are served as if they were right until somebody notices, then a share of accesses fails, and it ends \
         by a restore only. A restore goes back to the newest point that was complete in its region before the corruption \
         (or the destruction of the store) began, and passes over points at which the store was corrupt; nothing works \
         while it runs, then everything does, all copies alike. No backup is made in a region while that is out. All writes since that point are lost, each once. A restore \
         whose region goes out fails at its end. A store that is corrupt at the end of the trial counts as if it were \
         restored then, from whichever region has the newest point; without a backup everything is lost. Backups in a \
         region whose data were destroyed are gone. Less capacity for some time after a restore",
    not_modelled: "how much longer accesses take after a restore; backups that fail, windows and queues in which they start; \
         backups of a copy that was promoted: they are made where the store was written at first; restoring a part; copies that are \
         made anew one after the other; a single draw of each duration holds for a trial",
    sources: "continuous backups are about 5 min behind, 95 % of restores of DynamoDB in less than an hour: documented; other times: \
         assumed",
};

/// Events of backups.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// The restore with this number ends.
    RestoreEnds(u32),
    /// The store that this restore brought back has loaded everything.
    Loaded(u32),
}

/// Signals of backups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// The store is as it was at a point, in all its copies, with its writer in the region that was restored to.
    Restored(Restored),
    /// A restore to this region had no effect.
    Failed(RegionId),
    /// The store is as fast as ever again.
    Loaded,
}

/// The store that a restore brought back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restored {
    /// The region that it was restored to.
    pub to: RegionId,
    /// The point in time whose state it has, in seconds from the start of the trial.
    pub point: f64,
}

/// A restore under way.
#[derive(Debug, Clone, Copy)]
struct Restore {
    what: Restored,
    began: SimTime,
    effective: bool,
}

/// The backups of one store at work.
#[derive(Debug)]
pub struct Backups {
    /// Regions where it is written, and so backed up.
    homes: Vec<RegionId>,
    copy_to: Vec<RegionId>,
    every: Option<SimDuration>,
    phase: Stream,
    takes: Variate,
    copy_delay: Variate,
    age: Option<Variate>,
    restore_time: Variate,
    slow: Option<(f64, SimDuration)>,

    /// In this trial: the phase, and the two times after which a backup is complete at home and elsewhere, in seconds.
    drawn: (f64, f64, f64),
    /// In this trial: the age of the newest point of continuous backups.
    drawn_age: Option<f64>,
    acknowledged: AckLog,
    /// Since when the store has been corrupt.
    corrupt: Option<SimTime>,
    /// Share of accesses that work all the same.
    pass: f64,
    /// When the data in a region where it is written were destroyed, unless it was restored since.
    lost: Option<SimTime>,
    /// Regions whose backups were destroyed, and when.
    wiped: Vec<(RegionId, SimTime)>,
    bad: Vec<Bad>,
    /// Stretches of time in which a region where it is written was out, the last one perhaps without an end.
    out: Vec<(RegionId, Bad)>,
    /// Bad stretches as one region sees them.
    seen: Vec<Bad>,
    given_up: GivenUp,
    restoring: Option<Restore>,
    restores: u32,
    loading: bool,
}

impl Backups {
    /// The backups of the store at this path, which is written in `homes`; a store without any may be corrupted as well.
    pub fn new(backup: Option<&Backup>, homes: &[RegionId], path: &str, seed: u64) -> Self {
        let id = |purpose: &str| StreamId::new(seed, path, purpose);
        let variate = |distribution: Option<&Distribution>, purpose: &str| {
            let never = Distribution::constant(0.0).expect("0 is a constant");
            Variate::new(distribution.cloned().unwrap_or(never), id(purpose))
        };
        let age = backup.and_then(|backup| backup.continuous.as_ref());
        Self {
            homes: homes.to_vec(),
            copy_to: backup.map(|backup| backup.copy_to.clone()).unwrap_or_default(),
            every: backup.and_then(|backup| backup.every),
            phase: Stream::new(id("backup-phase")),
            takes: variate(backup.map(|backup| &backup.takes), "backup-takes"),
            copy_delay: variate(backup.map(|backup| &backup.copy_delay), "backup-copy-delay"),
            age: age.map(|age| Variate::new(age.clone(), id("backup-age"))),
            restore_time: variate(backup.map(|backup| &backup.restore_time), "restore-time"),
            slow: backup.and_then(|backup| backup.slow),
            drawn: (0.0, 0.0, 0.0),
            drawn_age: None,
            acknowledged: AckLog::default(),
            corrupt: None,
            pass: 1.0,
            lost: None,
            wiped: Vec::new(),
            bad: Vec::new(),
            out: Vec::new(),
            seen: Vec::new(),
            given_up: GivenUp::default(),
            restoring: None,
            restores: 0,
            loading: false,
        }
    }

    /// Starts a trial.
    pub fn begin(&mut self, trial: Trial<'_>) {
        self.phase.begin(trial);
        for variate in [&mut self.takes, &mut self.copy_delay, &mut self.restore_time].into_iter().chain(&mut self.age)
        {
            variate.begin(trial);
        }
        let every = self.every.map_or(0.0, SimDuration::as_secs_f64);
        let takes = self.takes.draw();
        self.drawn = (self.phase.uniform() * every, takes, takes + self.copy_delay.draw());
        self.drawn_age = self.age.as_mut().map(Variate::draw);
        self.acknowledged.clear();
        (self.corrupt, self.pass, self.lost, self.restoring) = (None, 1.0, None, None);
        self.wiped.clear();
        self.bad.clear();
        self.out.clear();
        self.given_up.clear();
        (self.restores, self.loading) = (0, false);
    }

    /// From now on the store acknowledges so many writes per second, all its copies together.
    pub fn acknowledges(&mut self, rate: f64, now: SimTime) {
        self.acknowledged.set(rate, now);
    }

    /// What is written from now on, and what there is, is wrong.
    pub fn corrupted(&mut self, now: SimTime) {
        self.corrupt.get_or_insert(now);
    }

    /// Somebody notices: so many of the accesses fail from now on, of those that others did not fail.
    pub fn shows(&mut self, error: f64) {
        self.pass *= 1.0 - error;
    }

    /// The data that a region holds are gone, its backups included.
    pub fn destroyed(&mut self, region: RegionId, now: SimTime) {
        self.wiped.push((region, now));
        if self.homes.contains(&region) {
            self.lost.get_or_insert(now);
        }
    }

    /// Places changed: no backup is made in a region that is out, and a restore to one that goes out comes to nothing.
    pub fn world_changed(&mut self, world: &World, now: SimTime) {
        let now = now.as_secs_f64();
        for &home in &self.homes {
            let open = self.out.iter_mut().find(|(region, (_, until))| *region == home && until.is_infinite());
            match (world.up(home), open) {
                (true, Some((_, (_, until)))) => *until = now,
                (false, None) => self.out.push((home, (now, f64::INFINITY))),
                _ => {}
            }
        }
        if let Some(restore) = &mut self.restoring {
            restore.effective &= world.up(restore.what.to);
        }
    }

    /// Share of accesses that fail because the store is corrupt or being restored.
    pub const fn error(&self) -> f64 {
        if self.restoring.is_some() { 1.0 } else { 1.0 - self.pass }
    }

    /// How many times less a copy carries while the store is loading its data.
    pub fn slowness(&self) -> f64 {
        self.slow.filter(|_| self.loading).map_or(1.0, |(factor, _)| factor)
    }

    /// Whether what the store holds is wrong.
    pub const fn is_corrupt(&self) -> bool {
        self.corrupt.is_some()
    }

    /// Whether there is nothing that a restore would mend.
    pub const fn is_well(&self) -> bool {
        self.corrupt.is_none() && self.lost.is_none() && self.restoring.is_none()
    }

    /// Whether a restore to this region is under way.
    pub fn awaits(&self, to: RegionId) -> bool {
        self.restoring.is_some_and(|restore| restore.what.to == to)
    }

    /// Begins a restore to a region, from the newest point that was complete there before anything went wrong. Returns
    /// whether one is under way now: without a point there is nothing to begin with.
    pub fn restore(&mut self, to: RegionId, effective: bool, ctx: &mut Context<'_, Event, Signal>) -> bool {
        if self.restoring.is_some() {
            return self.awaits(to);
        }
        let now = ctx.now();
        let before = self.corrupt.into_iter().chain(self.lost).min().unwrap_or(now);
        let Some(point) = self.newest(to, before) else { return false };
        self.restoring = Some(Restore { what: Restored { to, point }, began: now, effective });
        self.restores += 1;
        ctx.schedule_in(self.restore_time.draw_duration(), Event::RestoreEnds(self.restores));
        true
    }

    /// The points of one region.
    fn points(&self, region: RegionId) -> Points {
        let (phase, at_home, elsewhere) = self.drawn;
        let home = self.homes.contains(&region);
        let kept = home || self.copy_to.contains(&region);
        let every = self.every.filter(|_| kept).map(SimDuration::as_secs_f64);
        let later = if home { 0.0 } else { elsewhere - at_home };
        let wiped = self.wiped.iter().filter(|(own, _)| *own == region).map(|(_, at)| at.as_secs_f64());
        Points {
            whole: every.map(|every| (phase, every, if home { at_home } else { elsewhere })),
            age: self.drawn_age.filter(|_| kept).map(|age| age + later),
            wiped: wiped.fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// The newest point that can be restored in a region. What is copied there is made elsewhere: where there is one region
    /// to make it, in that.
    fn newest(&mut self, region: RegionId, before: SimTime) -> Option<f64> {
        let made_in = match self.homes.as_slice() {
            homes if homes.contains(&region) => Some(region),
            &[only] => Some(only),
            _ => None,
        };
        self.seen.clear();
        self.seen.extend_from_slice(&self.bad);
        let out = self.out.iter().filter(|(home, _)| Some(*home) == made_in).map(|(_, out)| *out);
        self.seen.extend(out);
        self.points(region).newest(before.as_secs_f64(), &self.seen)
    }

    /// The writes that restores gave up until `end`. A store that is corrupt then counts as if it were restored.
    pub fn loss(&mut self, end: SimTime) -> Loss {
        if let Some(since) = self.corrupt {
            let mut newest = f64::NEG_INFINITY;
            for place in 0..self.homes.len() + self.copy_to.len() {
                let region = self.homes.get(place).copied().unwrap_or_else(|| self.copy_to[place - self.homes.len()]);
                newest = newest.max(self.newest(region, since).unwrap_or(f64::NEG_INFINITY));
            }
            let Some(point) = Some(newest).filter(|newest| newest.is_finite()) else {
                // Of everything that was ever written the writes of the trial are counted.
                let lost = self.acknowledged.until(end.as_secs_f64());
                let written = self.acknowledged.last(end).is_some();
                return Loss { lost, seconds: if written { f64::INFINITY } else { 0.0 }, ..Loss::default() };
            };
            self.given_up.add(point, end.as_secs_f64());
        }
        let mut loss = Loss::default();
        for &(point, until) in self.given_up.each() {
            let at = SimTime::ZERO + SimDuration::from_secs_f64(until);
            let Some(last) = self.acknowledged.last(at).filter(|last| *last > point) else { continue };
            loss.lost += self.acknowledged.until(until) - self.acknowledged.until(point);
            loss.seconds = loss.seconds.max(last - point);
        }
        loss
    }
}

impl Component for Backups {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::RestoreEnds(number) if number == self.restores => {
                let Some(Restore { what, began, effective }) = self.restoring.take() else { return };
                if !effective {
                    ctx.signal(Signal::Failed(what.to));
                    return;
                }
                self.given_up.add(what.point, began.as_secs_f64());
                if let Some(since) = self.corrupt.take() {
                    self.bad.push((since.as_secs_f64(), ctx.now().as_secs_f64()));
                }
                (self.pass, self.lost) = (1.0, None);
                self.loading = self.slow.is_some();
                if let Some((_, time)) = self.slow {
                    ctx.schedule_in(time, Event::Loaded(number));
                }
                ctx.signal(Signal::Restored(what));
            }
            Event::Loaded(number) if number == self.restores => {
                self.loading = false;
                ctx.signal(Signal::Loaded);
            }
            Event::RestoreEnds(_) | Event::Loaded(_) => {}
        }
    }
}
