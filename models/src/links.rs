//! Links between stores: writes of one that refer to writes of another, made at the same time.
//!
//! When a region is lost, each store keeps what its survivors have. An order may be there whose payment is not: it dangles.
//! The expected number of such writes is the sum, over the regions that write, of the integral over ages before the loss of
//! the rate of writes at that age, times the share of the first store's writes of that age that are there, times the share
//! of the second one's that are missing.
//!
//! Modelled:      a log whose writer was in the lost region, from which everything younger than its lag is missing; items,
//!                of which those written in the lost region are missing that had not arrived; other stores, of which
//!                nothing is missing.
//! Not modelled:  losses by restores and partitions; references to older writes; how often a write refers to another one.

use sim_core::random::Distribution;
use sim_core::time::SimTime;
use sim_settings::form::Name;
use sim_settings::{Key, Node, Section, keys};

use crate::by_id::ById;
use crate::ids::{RegionId, StoreId};
use crate::stores::{AckLog, Parameters};

keys! {
    /// The keys of `[[links]]`.
    pub(crate) struct LinkKeys {
        const FROM: Key<Name<StoreId>> = Key::required("from", "the store whose writes refer to those of another");
        const TO: Key<Name<StoreId>> = Key::required("to", "the store that they refer to, which is written at the same time").example("\"payments\"");
    }
}

/// Writes of one store that refer to those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The store whose writes refer to others.
    pub from: StoreId,
    /// The store that they refer to.
    pub to: StoreId,
}

impl Link {
    /// Reads one `[[links]]` entry after these others; `store` is what a store is.
    pub fn read<'a>(
        section: &mut Section<'_>,
        stores: &[String],
        others: &[Self],
        store: impl Fn(StoreId) -> Option<&'a Parameters>,
    ) -> Self {
        let link = Self { from: section.name(&FROM, stores), to: section.name(&TO, stores) };
        // A misspelt name goes by the one that was probably meant, and makes no second mistake.
        let mut written =
            |key| section.node(key).and_then(Node::text).is_some_and(|text| stores.iter().any(|it| it == text));
        let certain = written(&FROM) && written(&TO);
        if certain && others.contains(&link) {
            section.reject("", "a link that is written already", "another one", None);
        }
        let name = |id: StoreId| stores.get(id.index()).map_or("", String::as_str);
        if link.from == link.to && section.has(FROM.name) && section.has(TO.name) {
            section.reject_among(&[TO.name, FROM.name], name(link.to), "another store than `from`", None);
        }
        for (key, id) in [(FROM.name, link.from), (TO.name, link.to)] {
            let Some(parameters) = store(id).filter(|_| section.has(key)) else { continue };
            if !parameters.keeps_data() || parameters.shards() > 1 {
                let found = format!("{}, {}", name(id), parameters.about().name);
                section.reject(key, found, "a store that is kept in one piece", None);
            }
        }
        link
    }
}

/// What the survivors of a lost region have of a store.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept<'a> {
    /// Everything older than this, in seconds: a log whose writer was there.
    Log(f64),
    /// Of what was written there, what arrived within its delay; and everything else.
    Items(&'a Distribution),
    /// Everything.
    Whole,
}

/// The writes that refer to others, before a region was lost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writes<'a> {
    /// What each region's copy acknowledged.
    pub(crate) logs: &'a ById<RegionId, AckLog>,
    /// The lost region, and when it was lost.
    pub(crate) lost: RegionId,
    pub(crate) at: SimTime,
    /// Writes per second in the lost region just before.
    pub(crate) there: f64,
    /// Those per second of all regions whose counterparts were written in the lost region.
    pub(crate) beside: f64,
    /// The integral over all ages of the probability that an item of the first store has arrived and one of the second
    /// has not, in seconds.
    pub(crate) apart: f64,
}

impl Writes<'_> {
    /// How many a region acknowledged that are between so many seconds old.
    fn of(&self, region: RegionId, younger: f64, older: f64) -> f64 {
        let (log, at) = (&self.logs[region], self.at.as_secs_f64());
        log.until(at - younger) - log.until(at - older)
    }

    /// The same of all regions.
    fn all(&self, younger: f64, older: f64) -> f64 {
        self.logs.ids().map(|region| self.of(region, younger, older)).sum()
    }

    /// How many of them dangle.
    pub(crate) fn dangling(&self, from: Kept<'_>, to: Kept<'_>) -> f64 {
        match (from, to) {
            (_, Kept::Whole) => 0.0,
            (Kept::Log(lag), Kept::Log(other)) => {
                if other > lag {
                    self.all(lag, other)
                } else {
                    0.0
                }
            }
            (Kept::Whole, Kept::Log(lag)) => self.all(0.0, lag),
            (Kept::Items(delay), Kept::Log(lag)) => {
                let elsewhere = self.all(0.0, lag) - self.of(self.lost, 0.0, lag);
                elsewhere + self.there * (lag - delay.limited_mean(lag))
            }
            (Kept::Log(lag), Kept::Items(delay)) => self.beside * delay.exceedance(lag),
            (Kept::Whole, Kept::Items(delay)) => self.there * delay.mean(),
            (Kept::Items(_), Kept::Items(_)) => self.there * self.apart,
        }
    }
}

/// Steps of the integral of two delays.
const STEPS: usize = 4_096;

/// The integral over all ages of the probability that an item with one delay has arrived and one with another has not: the
/// mean of the other less that of the smaller of the two.
pub(crate) fn apart(from: &Distribution, to: &Distribution) -> f64 {
    let smaller = |step: usize| to.limited_mean(from.quantile((step as f64 + 0.5) / STEPS as f64));
    to.mean() - (0..STEPS).map(smaller).sum::<f64>() / STEPS as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;

    fn exponential(mean: f64) -> Distribution {
        Distribution::exponential(mean).expect("a distribution")
    }

    /// Of two exponential delays the smaller one has the rate of both: the integral is m2 - m1 m2 / (m1 + m2).
    #[test]
    fn two_delays_are_apart_as_their_means_say() {
        for (one, other) in [(1.0, 1.0), (0.5, 4.0), (30.0, 2.0)] {
            let expected = other - one * other / (one + other);
            let found = apart(&exponential(one), &exponential(other));
            assert!((found / expected - 1.0).abs() < 1e-3, "{found} instead of {expected}");
        }
        let constant = |value| Distribution::constant(value).expect("a constant");
        assert_eq!(apart(&constant(2.0), &constant(5.0)), 3.0);
        assert_eq!(apart(&constant(5.0), &constant(2.0)), 0.0);
    }

    /// Ten writes a second in the lost region and five in another one, for long.
    #[test]
    fn what_dangles_is_what_the_one_has_and_the_other_lacks() {
        let mut logs: ById<RegionId, AckLog> = (0..2).map(|_| AckLog::default()).collect();
        logs[R[0]].set(10.0, SimTime::ZERO);
        logs[R[1]].set(5.0, SimTime::ZERO);
        let (one, other) = (exponential(1.0), exponential(4.0));
        let writes = Writes {
            logs: &logs,
            lost: R[0],
            at: SimTime::from_nanos(600_000_000_000),
            there: 10.0,
            beside: 6.0,
            apart: apart(&one, &other),
        };
        let close = |from: Kept<'_>, to: Kept<'_>, expected: f64| {
            let found = writes.dangling(from, to);
            assert!((found - expected).abs() < 1e-2 * expected.max(1e-9), "{from:?} {to:?}: {found}, not {expected}");
        };
        close(Kept::Log(2.0), Kept::Log(7.0), 15.0 * 5.0);
        close(Kept::Log(7.0), Kept::Log(2.0), 0.0);
        close(Kept::Whole, Kept::Log(7.0), 15.0 * 7.0);
        // Of what was written there in the last three seconds, what has arrived: 3 - (1 - exp(-3)).
        close(Kept::Items(&one), Kept::Log(3.0), 5.0 * 3.0 + 10.0 * (2.0 + libm::exp(-3.0)));
        // What takes more than two seconds to arrive, beyond them: 4 exp(-2 / 4).
        close(Kept::Log(2.0), Kept::Items(&other), 6.0 * 4.0 * libm::exp(-0.5));
        close(Kept::Whole, Kept::Items(&other), 40.0);
        close(Kept::Items(&one), Kept::Items(&other), 10.0 * (4.0 - 0.8));
        for from in [Kept::Log(9.0), Kept::Items(&one), Kept::Whole] {
            close(from, Kept::Whole, 0.0);
        }
    }
}
