//! Links between stores: what dangles when a region is lost, once it is known what the survivors lack.
//!
//! Where a log of the link had its writer in the lost region, its lag is known when another copy is promoted: the loss is
//! booked with the last of them, and never if one is not. Where there is none, it is booked at once.

use sim_core::random::Distribution;
use sim_core::time::SimTime;

use super::{Assembly, Topology};
use crate::by_id::ById;
use crate::ids::{RegionId, StoreId};
use crate::links::{Kept, Link, Writes, apart};
use crate::stores::AckLog;

/// A store's log, as far as a lost region had its writer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Log {
    /// It had not.
    Elsewhere,
    /// What the survivors lack is not known yet.
    Unpromoted,
    /// The survivors lack everything younger than this, in seconds.
    Lags(f64),
}

/// A lost region whose logs are still to be promoted.
#[derive(Debug, Clone, Copy)]
struct Cut {
    lost: RegionId,
    at: SimTime,
    /// Of the first store and of the second.
    logs: [Log; 2],
    /// See [`Writes`].
    there: f64,
    beside: f64,
}

impl Cut {
    /// Whether the lags of all logs are known.
    fn is_known(&self) -> bool {
        !self.logs.contains(&Log::Unpromoted)
    }
}

/// A link at work.
#[derive(Debug)]
struct Watched {
    link: Link,
    /// Delays of items, of those stores that keep any.
    delays: [Option<Distribution>; 2],
    apart: f64,
    /// What each region's copy of the first store acknowledged.
    written: ById<RegionId, AckLog>,
    /// Writes per second to the second one, by region.
    referred: Vec<f64>,
    cuts: Vec<Cut>,
    dangling: f64,
}

impl Watched {
    /// Books the cuts of which everything is known.
    fn book(&mut self) {
        let Self { delays, apart, written, cuts, dangling, .. } = self;
        cuts.retain(|cut| {
            if !cut.is_known() {
                return true;
            }
            let kept = |side: usize| match (cut.logs[side], &delays[side]) {
                (Log::Lags(lag), _) => Kept::Log(lag),
                (_, Some(delay)) => Kept::Items(delay),
                _ => Kept::Whole,
            };
            let Cut { lost, at, there, beside, .. } = *cut;
            let writes = Writes { logs: written, lost, at, there, beside, apart: *apart };
            *dangling += writes.dangling(kept(0), kept(1));
            false
        });
    }
}

/// The links of a deployment.
#[derive(Debug)]
pub(super) struct Links {
    each: Vec<Watched>,
    /// Writes that dangle, by link, at the end of a trial.
    dangling: Vec<f64>,
}

impl Links {
    pub(super) fn new(topology: &Topology) -> Self {
        let regions = topology.regions.len();
        let each = topology.links.iter().map(|&link| {
            let delays = [link.from, link.to].map(|store| topology.stores[store].parameters.item_delay().cloned());
            let apart = match &delays {
                [Some(from), Some(to)] => apart(from, to),
                _ => 0.0,
            };
            Watched {
                link,
                delays,
                apart,
                written: (0..regions).map(|_| AckLog::default()).collect(),
                referred: vec![0.0; regions],
                cuts: Vec::new(),
                dangling: 0.0,
            }
        });
        Self { each: each.collect(), dangling: Vec::with_capacity(topology.links.len()) }
    }

    pub(super) fn begin(&mut self) {
        for watched in &mut self.each {
            for log in &mut watched.written {
                log.clear();
            }
            watched.referred.fill(0.0);
            watched.cuts.clear();
            watched.dangling = 0.0;
        }
    }

    /// Writes of each link that dangle, by link.
    pub(super) fn dangling(&mut self) -> &[f64] {
        self.dangling.clear();
        self.dangling.extend(self.each.iter().map(|watched| watched.dangling));
        &self.dangling
    }
}

impl Assembly {
    /// Links learn what their stores acknowledge from now on.
    pub(super) fn publish_to_links(&mut self, now: SimTime) {
        for watched in &mut self.links.each {
            let rates = |store: StoreId| self.solver.flow.acknowledged_by(self.sharding.rows_of(store));
            for (log, &rate) in watched.written.iter_mut().zip(rates(watched.link.from)) {
                log.set(rate, now);
            }
            watched.referred.copy_from_slice(rates(watched.link.to));
        }
    }

    /// A region is lost, and what was written until now is as it was.
    pub(super) fn cut_links(&mut self, lost: RegionId, now: SimTime) {
        for watched in &mut self.links.each {
            let logs = [watched.link.from, watched.link.to].map(|store| {
                let there = self.stores[store].present_writer().is_some_and(|writer| writer == lost);
                if there { Log::Unpromoted } else { Log::Elsewhere }
            });
            let all: f64 = watched.written.iter().map(AckLog::rate).sum();
            let referred: f64 = watched.referred.iter().sum();
            let share = if referred > 0.0 { watched.referred[lost.index()] / referred } else { 0.0 };
            let there = watched.written[lost].rate();
            // What waits since an earlier loss of the region has come back with it.
            watched.cuts.retain(|cut| cut.lost != lost);
            watched.cuts.push(Cut { lost, at: now, logs, there, beside: all * share });
            watched.book();
        }
    }

    /// Another copy of a store is the writer now: it is known what that lacks.
    pub(super) fn book_links(&mut self, store: StoreId) {
        let first = self.stores[store].passed();
        for watched in &mut self.links.each {
            for (side, own) in [watched.link.from, watched.link.to].into_iter().enumerate() {
                for cut in watched.cuts.iter_mut().filter(|cut| own == store && cut.logs[side] == Log::Unpromoted) {
                    cut.logs[side] = Log::Lags((cut.at.as_secs_f64() - first).max(0.0));
                }
            }
            watched.book();
        }
    }
}
