//! The traffic dials of an accelerator: as the file sets them, and as operators have turned them since.

use sim_core::random::{Trial, Variate};
use sim_core::time::SimTime;

use crate::by_id::ById;
use crate::cause::Removal;
use crate::ids::RegionId;

/// Dials turned by an operator so that only one group's is open.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turned {
    to: RegionId,
    /// For this share of the traffic; what was before holds for the rest.
    share: f64,
}

/// The dials of all groups.
#[derive(Debug)]
pub(super) struct Dials {
    /// As the file sets them.
    set: ById<RegionId, f64>,
    /// For each group, with its dial alone open.
    alone: ById<RegionId, ById<RegionId, f64>>,
    delay: Variate,
    /// What operators did, in that order; the edge follows the first ones.
    turned: Vec<Turned>,
    followed: usize,
    /// When the edge follows the last one: none overtakes another.
    last: SimTime,
}

impl Dials {
    pub(super) fn new(set: &ById<RegionId, f64>, delay: Variate) -> Self {
        let alone = |to: RegionId| set.ids().map(|group| if group == to { 1.0 } else { 0.0 }).collect();
        Self {
            set: set.clone(),
            alone: set.ids().map(alone).collect(),
            delay,
            turned: Vec::new(),
            followed: 0,
            last: SimTime::ZERO,
        }
    }

    pub(super) fn begin(&mut self, trial: Trial<'_>) {
        self.delay.begin(trial);
        self.turned.clear();
        (self.followed, self.last) = (0, SimTime::ZERO);
    }

    /// An operator turns them. Returns when the edge follows, and whether that turns any.
    pub(super) fn turn(&mut self, to: RegionId, share: f64, now: SimTime) -> (SimTime, bool) {
        let turned = Turned { to, share };
        let changes = self.turned.last() != Some(&turned);
        self.turned.push(turned);
        self.last = (now + self.delay.draw_duration()).max(self.last);
        (self.last, changes)
    }

    /// The edge follows the next turn. A whole one takes the place of all before it, a share that of a share which led to the
    /// same group.
    pub(super) fn follow(&mut self) {
        let Turned { to, share } = self.turned[self.followed];
        let replaces = |before: &Turned| before.to == to && before.share < 1.0;
        if share >= 1.0 {
            self.turned.drain(..self.followed);
            self.followed = 1;
        } else if self.turned[..self.followed].last().is_some_and(replaces) {
            self.turned.remove(self.followed - 1);
        } else {
            self.followed += 1;
        }
    }

    /// The settings that the edge follows, in order: each holds for its share of the traffic, and those before it for the rest.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&ById<RegionId, f64>, f64)> {
        let turned = self.turned[..self.followed].iter().map(|turned| (&self.alone[turned.to], turned.share));
        std::iter::once((&self.set, 1.0)).chain(turned)
    }

    /// Whether operators have closed the dial of a group for all traffic, and whether the edge follows that.
    pub(super) fn removal(&self, group: RegionId) -> Removal {
        let closed = |turned: &[Turned]| {
            turned.iter().fold(false, |before, turned| turned.to != group && (before || turned.share >= 1.0))
        };
        match (closed(&self.turned), closed(&self.turned[..self.followed])) {
            (true, false) if self.set[group] > 0.0 => Removal::Coming,
            (true, _) | (_, true) => Removal::Visible,
            (false, false) => Removal::None,
        }
    }
}
