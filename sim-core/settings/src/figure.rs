//! Figures as data: what was read, and where it comes from.

use super::key::{Key, Mark};
use super::tree::{Place, Value};
use sim_core::random::Distribution;

/// The source of a figure, as a file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A document states it.
    Documented,
    /// Somebody measured it.
    Measured,
    /// Nobody did: it is a guess.
    Assumed,
}

impl Source {
    /// Its word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Measured => "measured",
            Self::Assumed => "assumed",
        }
    }
}

/// What a file says about the source of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its source.
    pub source: Source,
    /// The drill, the dashboard or the page.
    pub from: Option<String>,
    /// How many observations it rests on.
    pub observations: Option<u64>,
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The default of its key, also where it is written out.
    Default {
        /// How far to trust it.
        mark: Mark,
        /// The source.
        source: &'static str,
    },
    /// The file says so.
    Said(Said),
    /// The file has the figure, and says nothing about its source.
    Unsourced,
}

impl Provenance {
    /// The word that reports print. What the author has measured or looked up is `yours`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Default { mark, .. } => mark.word(),
            Self::Said(Said { source: Source::Assumed, .. }) => Mark::Assumed.word(),
            Self::Said(_) => "yours",
            Self::Unsourced => "unsourced",
        }
    }

    /// Whether it is a guess.
    pub const fn is_assumed(&self) -> bool {
        matches!(self, Self::Default { mark: Mark::Assumed, .. } | Self::Said(Said { source: Source::Assumed, .. }))
    }
}

/// The kind of number that a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Seconds.
    Seconds,
    /// A plain number.
    Plain,
    /// Per second.
    Rate,
    /// From 0 to 1.
    Share,
    /// A whole number.
    Count,
}

/// A figure, or another one in its place.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    /// One number, in base units: seconds, per second, plain.
    Number(f64),
    /// A distribution, in the same units.
    Law(Distribution),
}

/// A figure that was read.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Where it is read, such as `dns.propagation`.
    pub path: String,
    /// Every path at which the same text or the same default is read: regions share the common tables.
    pub paths: Vec<String>,
    /// Its key.
    pub key: Key,
    /// The kind of number.
    pub measure: Measure,
    /// The figure.
    pub amount: Amount,
    /// As it would be written, without its source.
    pub value: Value,
    /// Where it is written; the header of its table if it is not.
    pub place: Place,
    /// Whether it is written.
    pub written: bool,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A type that figures are read as.
pub(crate) trait Measured: Sized {
    /// The figure; nothing if the value stands for none.
    fn amount(&self) -> Option<Amount>;

    /// Another figure in its place, as far as the key admits it.
    fn replaced(&self, amount: &Amount, key: &Key) -> Option<Self>;
}

/// The nearest number that the key admits.
fn admitted(number: f64, key: &Key) -> Option<f64> {
    let inside = number.max(key.low).min(key.high);
    Some(inside).filter(|inside| key.admits(*inside))
}

impl Measured for f64 {
    fn amount(&self) -> Option<Amount> {
        Some(Amount::Number(*self))
    }

    fn replaced(&self, amount: &Amount, key: &Key) -> Option<Self> {
        let Amount::Number(number) = amount else { return None };
        admitted(*number, key)
    }
}

impl Measured for u64 {
    fn amount(&self) -> Option<Amount> {
        Some(Amount::Number(*self as f64))
    }

    fn replaced(&self, amount: &Amount, key: &Key) -> Option<Self> {
        let Amount::Number(number) = amount else { return None };
        admitted(number.round(), key).map(|number| number as Self)
    }
}

impl Measured for Distribution {
    fn amount(&self) -> Option<Amount> {
        Some(Amount::Law(self.clone()))
    }

    fn replaced(&self, amount: &Amount, _: &Key) -> Option<Self> {
        let Amount::Law(law) = amount else { return None };
        Some(law.clone())
    }
}

impl Measured for Option<Distribution> {
    fn amount(&self) -> Option<Amount> {
        self.as_ref().and_then(Measured::amount)
    }

    fn replaced(&self, amount: &Amount, key: &Key) -> Option<Self> {
        self.as_ref().and_then(|law| law.replaced(amount, key)).map(Some)
    }
}
