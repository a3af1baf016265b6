//! The description of one key: what it means, its default and where that comes from, its range.

use std::marker::PhantomData;

use super::form::Either;

/// How far the figure behind a default can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A vendor's documentation states it.
    Documented,
    /// Somebody measured and published it.
    Measured,
    /// No published source: a guess, shown as one wherever it is used.
    Assumed,
    /// Not a figure of the world at all: how this program counts, or something that is off unless asked for.
    Convention,
}

impl Mark {
    /// The word that reports print.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Measured => "measured",
            Self::Assumed => "assumed",
            Self::Convention => "convention",
        }
    }
}

/// The values of a figure that would not surprise somebody who knows the service, and why these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The values.
    pub extent: Extent,
    /// Why an expert would not be surprised by them, and would be by others.
    pub reason: &'static str,
}

/// The values of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// From one factor on the figure to another; a distribution keeps its shape.
    Factor {
        /// The least, above 0 and at most 1.
        low: f64,
        /// The greatest, at least 1.
        high: f64,
    },
    /// From one value to another, in base units.
    Range {
        /// The lowest.
        low: f64,
        /// The highest.
        high: f64,
    },
    /// It is not a number: one has it or has something else instead.
    Choice,
}

impl Band {
    /// From `low` times the figure to `high` times it.
    pub const fn factor(low: f64, high: f64, reason: &'static str) -> Self {
        Self { extent: Extent::Factor { low, high }, reason }
    }

    /// From `low` to `high`, in base units.
    pub const fn range(low: f64, high: f64, reason: &'static str) -> Self {
        Self { extent: Extent::Range { low, high }, reason }
    }

    /// No number, and why nothing else is tried in its place.
    pub const fn choice(reason: &'static str) -> Self {
        Self { extent: Extent::Choice, reason }
    }
}

/// The consequence of a key that is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDefault {
    /// It is an error.
    Required,
    /// The value is absent, which means something by itself.
    Optional {
        /// The meaning of that, as a fragment.
        without: &'static str,
    },
    /// This value is used, and the report says so.
    Value {
        /// A TOML value; text that is not one is taken as a string.
        text: &'static str,
        /// How far to trust it.
        mark: Mark,
        /// The source.
        source: &'static str,
    },
}

/// Any form: what a key is once its own form is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Any {}

/// One key of a section, and by its type what it takes. [`keys!`](crate::keys) declares it, beside the parameter that it
/// fills.
///
/// Numbers may not be negative unless [`Draft::at_least`] says otherwise.
#[derive(Debug)]
pub struct Key<F = Any> {
    /// The key as it is written, in kebab-case.
    pub name: &'static str,
    /// The meaning, as a sentence fragment.
    pub meaning: &'static str,
    /// The consequence when it is not written.
    pub default: KeyDefault,
    /// Lowest value, in base units: seconds, per second, plain.
    pub low: f64,
    /// Whether `low` itself is excluded.
    pub low_excluded: bool,
    /// Highest value, in base units; infinite if there is none.
    pub high: f64,
    /// The unit of the number, where the form does not give it; empty if it does.
    pub unit: &'static str,
    /// How it may be written, as TOML; empty if the default or the form shows it.
    pub example: &'static str,
    /// The values of its default that would surprise nobody, where the default is a guess.
    pub band: Option<Band>,
    form: PhantomData<F>,
}

impl<A, B> Key<Either<A, B>> {
    /// The key where the first of its forms is written.
    pub const fn one(&self) -> Key<A> {
        self.taking()
    }

    /// The key where the second of its forms is written.
    pub const fn other(&self) -> Key<B> {
        self.taking()
    }
}

impl<A, B> Key<Option<Either<A, B>>> {
    /// The key where the first of its forms is written, if it is written.
    pub const fn one(&self) -> Key<Option<A>> {
        self.taking()
    }

    /// The key where the second of its forms is written, if it is written.
    pub const fn other(&self) -> Key<Option<B>> {
        self.taking()
    }
}

impl<F> Clone for Key<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Key<F> {}

impl<F> PartialEq for Key<F> {
    fn eq(&self, other: &Self) -> bool {
        let parts = |key: &Self| {
            (key.name, key.meaning, key.default, key.low, key.low_excluded, key.high, key.unit, key.example)
        };
        parts(self) == parts(other)
    }
}

impl<F> Key<F> {
    const fn with(name: &'static str, meaning: &'static str, default: KeyDefault) -> Draft<F> {
        Draft(Self {
            name,
            meaning,
            default,
            low: 0.0,
            low_excluded: false,
            high: f64::INFINITY,
            unit: "",
            example: "",
            band: None,
            form: PhantomData,
        })
    }

    /// The key without its form.
    pub const fn any(&self) -> Key {
        self.taking()
    }

    /// The same key in another form.
    const fn taking<G>(&self) -> Key<G> {
        let Self { name, meaning, default, low, low_excluded, high, unit, example, band, form: _ } = *self;
        Key { name, meaning, default, low, low_excluded, high, unit, example, band, form: PhantomData }
    }

    /// A key that must be written.
    pub const fn required(name: &'static str, meaning: &'static str) -> Draft<F> {
        Self::with(name, meaning, KeyDefault::Required)
    }

    /// A key whose absence means something by itself, which `without` says.
    pub const fn optional(name: &'static str, meaning: &'static str, without: &'static str) -> Draft<F> {
        Self::with(name, meaning, KeyDefault::Optional { without })
    }

    /// A key whose default value a vendor documents.
    pub const fn documented(
        name: &'static str,
        meaning: &'static str,
        text: &'static str,
        source: &'static str,
    ) -> Draft<F> {
        Self::with(name, meaning, KeyDefault::Value { text, mark: Mark::Documented, source })
    }

    /// A key whose default value somebody measured.
    pub const fn measured(
        name: &'static str,
        meaning: &'static str,
        text: &'static str,
        source: &'static str,
    ) -> Draft<F> {
        Self::with(name, meaning, KeyDefault::Value { text, mark: Mark::Measured, source })
    }

    /// A key whose default value is a guess; `source` says what the guess rests on. [`Draft::band`] says how far it may be
    /// off.
    pub const fn assumed(
        name: &'static str,
        meaning: &'static str,
        text: &'static str,
        source: &'static str,
    ) -> Draft<F> {
        Self::with(name, meaning, KeyDefault::Value { text, mark: Mark::Assumed, source })
    }

    /// A key whose default is a convention of this program, such as a feature that is off unless asked for.
    pub const fn convention(
        name: &'static str,
        meaning: &'static str,
        text: &'static str,
        reason: &'static str,
    ) -> Draft<F> {
        Self::with(name, meaning, KeyDefault::Value { text, mark: Mark::Convention, source: reason })
    }

    /// Whether `value`, in base units, lies in the key's range.
    pub fn admits(&self, value: f64) -> bool {
        value <= self.high && if self.low_excluded { value > self.low } else { value >= self.low }
    }

    /// The range in words that follow a noun, each bound written by `unit`: `from 1 to 10`, `above 0`; empty if there is
    /// none to speak of.
    pub fn range(&self, unit: impl Fn(f64) -> String) -> String {
        let low = unit(self.low);
        match (self.low_excluded, self.high < f64::INFINITY) {
            (true, true) => format!("above {low} and at most {}", unit(self.high)),
            (true, false) => format!("above {low}"),
            (false, true) if self.low == f64::NEG_INFINITY => format!("of at most {}", unit(self.high)),
            (false, true) => format!("from {low} to {}", unit(self.high)),
            (false, false) if self.low == 0.0 || self.low == f64::NEG_INFINITY => String::new(),
            (false, false) => format!("of at least {low}"),
        }
    }
}

/// A key that is not listed yet.
///
/// [`keys!`](crate::keys) lists it and makes it a [`Key`]. A section can be asked for listed keys alone, so a key that
/// descriptions and schemas do not know cannot be read:
///
/// ```compile_fail,E0308
/// use sim_settings::Key;
/// use sim_settings::form::Duration;
///
/// const TTL: Key<Duration> = Key::documented("ttl", "how long an answer is kept", "60s", "the manual, page 7");
/// ```
#[derive(Debug)]
pub struct Draft<F = Any>(Key<F>);

impl<F> Clone for Draft<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Draft<F> {}

impl<F> Draft<F> {
    /// The same key with what it counts, such as `requests per second`.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.0.unit = unit;
        self
    }

    /// The same key with the values that would not surprise an expert. Every assumed default has them; on a key without a
    /// default they hold for values that a file calls assumed.
    #[must_use]
    pub const fn band(mut self, band: Band) -> Self {
        self.0.band = Some(band);
        self
    }

    /// The same key with an example of how it is written, as TOML.
    #[must_use]
    pub const fn example(mut self, example: &'static str) -> Self {
        self.0.example = example;
        self
    }

    /// The same key with a lowest value, which may be negative.
    #[must_use]
    pub const fn at_least(mut self, low: f64) -> Self {
        self.0.low = low;
        self.0.low_excluded = false;
        self
    }

    /// The same key with a bound that values must exceed.
    #[must_use]
    pub const fn above(mut self, low: f64) -> Self {
        self.0.low = low;
        self.0.low_excluded = true;
        self
    }

    /// The same key with a highest value.
    #[must_use]
    pub const fn at_most(mut self, high: f64) -> Self {
        self.0.high = high;
        self
    }

    /// The key: for [`keys!`](crate::keys), which lists it.
    #[doc(hidden)]
    pub const fn listed(self) -> Key<F> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_their_bounds_unless_they_are_excluded() {
        const CLOSED: Key = Key::required("a", "").at_least(1.0).at_most(2.0).listed();
        const OPEN: Key = Key::required("a", "").above(1.0).listed();
        assert!(CLOSED.admits(1.0) && CLOSED.admits(2.0) && !CLOSED.admits(2.1) && !CLOSED.admits(f64::NAN));
        assert!(!OPEN.admits(1.0) && OPEN.admits(1.1) && OPEN.admits(f64::INFINITY));
        assert!(!Key::<Any>::required("a", "").listed().admits(-0.1));
    }

    #[test]
    fn ranges_read_aloud() {
        let plain = |v: f64| v.to_string();
        assert_eq!(Key::<Any>::required("a", "").listed().range(plain), "");
        assert_eq!(
            Key::<Any>::required("a", "").above(0.0).at_most(1.0).listed().range(plain),
            "above 0 and at most 1"
        );
        assert_eq!(Key::<Any>::required("a", "").at_least(-99.0).listed().range(plain), "of at least -99");
        assert_eq!(Key::<Any>::required("a", "").at_least(1.0).at_most(6.0).listed().range(plain), "from 1 to 6");
        assert_eq!(Key::<Any>::required("a", "").at_most(1.0).listed().range(plain), "from 0 to 1");
        assert_eq!(
            Key::<Any>::required("a", "").at_least(f64::NEG_INFINITY).at_most(1.0).listed().range(plain),
            "of at most 1"
        );
    }
}
