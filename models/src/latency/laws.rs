//! All distributions of durations that a deployment has met, each worked out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use sim_core::random::Distribution;

use super::grid::Law;
use super::known::{law_of, sum_of};

/// The random part of a duration, among all that were worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LawId(u32);

impl LawId {
    /// There is none.
    pub const NONE: Self = Self(0);

    /// The one with this number.
    pub const fn numbered(number: u32) -> Self {
        Self(number)
    }

    /// Its number: 0 where there is none.
    pub const fn number(self) -> u32 {
        self.0
    }

    const fn place(self) -> usize {
        self.0 as usize - 1
    }
}

/// A duration: a constant part in seconds, and a random one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Time {
    /// Seconds.
    pub shift: f64,
    /// What comes on top.
    pub law: LawId,
}

impl Time {
    /// Always so many seconds.
    pub const fn of(shift: f64) -> Self {
        Self { shift, law: LawId::NONE }
    }
}

/// The distributions. Sums and cuts are kept, so that each is worked out once, however often it is asked for; what they are
/// does not depend on who asked first.
#[derive(Debug, Default)]
pub struct Laws {
    laws: Vec<Arc<Law>>,
    /// Distributions of the file, and what was made of them.
    given: Vec<(Distribution, Time)>,
    sums: BTreeMap<(LawId, LawId), LawId>,
    /// By law and the bits of the limit.
    cuts: BTreeMap<(LawId, u64), Option<LawId>>,
}

impl Laws {
    fn add(&mut self, law: Arc<Law>) -> LawId {
        self.laws.push(law);
        LawId(self.laws.len() as u32)
    }

    /// One of them; nothing where there is no random part.
    pub fn law(&self, id: LawId) -> Option<Arc<Law>> {
        (id != LawId::NONE).then(|| Arc::clone(&self.laws[id.place()]))
    }

    /// The duration with this distribution.
    pub fn time(&mut self, distribution: &Distribution) -> Time {
        if let Some((_, time)) = self.given.iter().find(|(own, _)| own == distribution) {
            return *time;
        }
        let (shift, law) = law_of(distribution);
        let law = law.map_or(LawId::NONE, |law| self.add(law));
        let time = Time { shift, law };
        self.given.push((distribution.clone(), time));
        time
    }

    /// One after the other.
    pub fn sum(&mut self, one: LawId, other: LawId) -> LawId {
        match (one, other) {
            (LawId::NONE, law) | (law, LawId::NONE) => law,
            pair => {
                if let Some(known) = self.sums.get(&pair) {
                    return *known;
                }
                let sum = sum_of(&self.laws[one.place()], &self.laws[other.place()]);
                let sum = self.add(sum);
                self.sums.insert(pair, sum);
                sum
            }
        }
    }

    /// One after the other.
    pub fn plus(&mut self, one: Time, other: Time) -> Time {
        Time { shift: one.shift + other.shift, law: self.sum(one.law, other.law) }
    }

    /// The same duration, of which is known that its random part is at most so long; nothing if that cannot be.
    pub(super) fn cut(&mut self, law: LawId, limit: f64) -> Option<LawId> {
        if law == LawId::NONE {
            return (limit >= 0.0).then_some(law);
        }
        let key = (law, limit.to_bits());
        if let Some(known) = self.cuts.get(&key) {
            return *known;
        }
        let cut = self.laws[law.place()].cut(limit);
        let cut = cut.map(|cut| self.add(Arc::new(cut)));
        self.cuts.insert(key, cut);
        cut
    }

    /// P(random part <= x).
    pub(super) fn until(&self, law: LawId, x: f64) -> f64 {
        match law {
            LawId::NONE => f64::from(u8::from(x >= 0.0)),
            law => self.laws[law.place()].until(x),
        }
    }

    /// E(random part; it is <= x), in seconds.
    pub(super) fn mean_until(&self, law: LawId, x: f64) -> f64 {
        match law {
            LawId::NONE => 0.0,
            law => self.laws[law.place()].mean_until(x),
        }
    }

    /// Its mean in seconds.
    pub fn mean(&self, law: LawId) -> f64 {
        match law {
            LawId::NONE => 0.0,
            law => self.laws[law.place()].mean(),
        }
    }
}
