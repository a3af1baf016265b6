//! Stores that nobody can write to at the end: complete data are of little use then, so every verdict on data loss says it.

use sim_core::stats::Interval;

use super::estimate::{Refusal, share};
use crate::header::{Indicator, Measured, Of};

/// A store that ended without a copy that takes writes, in some trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Writerless {
    /// Its name.
    pub store: String,
    /// The share of such trials.
    pub share: Result<Interval, Refusal>,
}

impl Writerless {
    /// Those among `stores`, each with the number of its trials without a writer, that a limit on this is about.
    pub fn of<'a>(measured: Measured, stores: impl Iterator<Item = (&'a str, u64)>, trials: u64) -> Vec<Self> {
        let about = |store: &str| match measured.of {
            Of::Worst => true,
            Of::Store(name) => name.as_str() == store,
            Of::Journey(_) => false,
        };
        let stores = stores.filter(|(store, found)| measured.indicator == Indicator::Rpo && *found > 0 && about(store));
        stores.map(|(store, found)| Self { store: store.to_owned(), share: share(found, trials) }).collect()
    }
}
