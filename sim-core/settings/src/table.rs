//! Tables as data: which keys each has, and on what that depends.
//!
//! A key is declared once, by [`keys!`](crate::keys), which also lists it. The keys of a file form a tree: a key whose
//! form is a table has the [`Layout`] of that table. Reading, descriptions and schemas are made from it.

use super::form::{Form, Thing, Words};
use super::key::Key;

/// One key of a table, as data.
#[derive(Clone, Copy, Debug)]
pub struct KeyData {
    /// Name, meaning, default and range.
    pub key: Key,
    /// The form.
    pub takes: Takes,
}

impl<F: Form> Key<F> {
    /// The key as data.
    pub const fn entry(&self) -> KeyData {
        KeyData { key: self.any(), takes: F::TAKES }
    }
}

/// The form of a key, as data.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// A duration.
    Duration,
    /// A distribution over durations.
    Delay,
    /// The same, or this word.
    DelayOr(&'static str),
    /// A distribution over plain numbers.
    Quantity,
    /// A number.
    Number,
    /// A number of times per second, or `"2 per year"`.
    Rate,
    /// A number from 0 to 1, or `"99.95%"`.
    Share,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Flag,
    /// Free text.
    Text,
    /// One of these words.
    OneOf(fn() -> Vec<Word>),
    /// One of these names.
    Among(fn() -> Vec<&'static str>),
    /// The name of something that the file defines.
    Name(Thing),
    /// Several such names, or one.
    Names(Thing),
    /// A table from such names to numbers.
    NumbersBy(Thing),
    /// A table from such names to durations.
    DurationsBy(Thing),
    /// A table from such names to names of the second thing.
    NamesBy(Thing, Thing),
    /// A table with these keys.
    Table(Layout),
    /// An array of such tables.
    List(Layout),
    /// An array of arrays of such tables.
    Lists(Layout),
    /// A table of such tables under names of the author's choice.
    Named(Layout),
    /// A table with these keys, or an array of them.
    TableOrList(Layout),
    /// One of two forms.
    Either(&'static Takes, &'static Takes),
    /// The form in these words.
    Own(&'static str),
}

impl Takes {
    /// The keys inside, if it is a table or several of them.
    pub const fn layout(&self) -> Option<Layout> {
        match self {
            Self::Table(layout)
            | Self::List(layout)
            | Self::Lists(layout)
            | Self::Named(layout)
            | Self::TableOrList(layout) => Some(*layout),
            Self::Either(one, other) => match one.layout() {
                Some(layout) => Some(layout),
                None => other.layout(),
            },
            Self::Duration
            | Self::Delay
            | Self::DelayOr(_)
            | Self::Quantity
            | Self::Number
            | Self::Rate
            | Self::Share
            | Self::Count
            | Self::Flag
            | Self::Text
            | Self::OneOf(_)
            | Self::Among(_)
            | Self::Name(_)
            | Self::Names(_)
            | Self::NumbersBy(_)
            | Self::DurationsBy(_)
            | Self::NamesBy(..)
            | Self::Own(_) => None,
        }
    }
}

/// One of the words that a key chooses from.
#[derive(Clone, Copy, Debug)]
pub struct Word<M = ()> {
    /// As it is written.
    pub word: &'static str,
    /// The value for the reader.
    pub means: M,
    /// The meaning, as a sentence fragment.
    pub meaning: &'static str,
    /// Keys that the table has only with this word.
    pub keys: Layout,
}

impl<M> Word<M> {
    /// A word.
    pub const fn new(word: &'static str, means: M, meaning: &'static str) -> Self {
        Self { word, means, meaning, keys: &[] }
    }

    /// The same word, with keys that belong to it alone.
    #[must_use]
    pub const fn with(mut self, keys: Layout) -> Self {
        self.keys = keys;
        self
    }
}

impl Word {
    /// The words of `W` without what they stand for.
    pub fn described<W: Words>() -> Vec<Self> {
        let one = |word: &Word<W::Means>| Self { word: word.word, means: (), meaning: word.meaning, keys: word.keys };
        W::WORDS.iter().map(one).collect()
    }
}

/// The keys of a table.
pub type Layout = &'static [Listing];

/// Some of the keys of a table.
#[derive(Clone, Copy, Debug)]
pub enum Listing {
    /// These keys.
    Keys(&'static [KeyData]),
    /// The keys of these parts.
    All(Layout),
    /// These keys, where another one has this value.
    Where(&'static str, &'static str, Layout),
    /// These keys, beside one of others.
    Beside(&'static [&'static str], Layout),
    /// No keys of its own: the table has exactly one of these.
    ExactlyOne(&'static [&'static str]),
}

/// On what it depends that a table has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A key has this value.
    Is(&'static str, &'static str),
    /// One of these keys is written.
    Beside(&'static [&'static str]),
}

/// A key of a table with everything that must hold for the table to have it.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The key.
    pub entry: KeyData,
    /// The conditions, all of which must hold.
    pub when: Vec<Condition>,
}

/// All keys of a table, each as often as there are conditions under which it has it.
pub fn placed(layout: Layout) -> Vec<Placed> {
    let mut found = Vec::new();
    gather(layout, &[], &mut found);
    found
}

fn gather(layout: Layout, when: &[Condition], found: &mut Vec<Placed>) {
    let with = |condition: Condition| {
        let mut when = when.to_vec();
        when.push(condition);
        when
    };
    for part in layout {
        match part {
            Listing::Keys(entries) => {
                for entry in *entries {
                    found.push(Placed { entry: *entry, when: when.to_vec() });
                    if let Takes::OneOf(words) = entry.takes {
                        for word in words() {
                            gather(word.keys, &with(Condition::Is(entry.key.name, word.word)), found);
                        }
                    }
                }
            }
            Listing::All(inner) => gather(inner, when, found),
            Listing::Where(key, value, inner) => gather(inner, &with(Condition::Is(key, value)), found),
            Listing::Beside(keys, inner) => gather(inner, &with(Condition::Beside(keys)), found),
            Listing::ExactlyOne(_) => {}
        }
    }
}

/// The groups of which a table has exactly one key each, wherever in the layout they stand.
pub fn exclusive(layout: Layout) -> Vec<(Vec<Condition>, &'static [&'static str])> {
    let mut found = Vec::new();
    gather_exclusive(layout, &[], &mut found);
    found
}

fn gather_exclusive(layout: Layout, when: &[Condition], found: &mut Vec<(Vec<Condition>, &'static [&'static str])>) {
    let with = |condition: Condition| [when, &[condition]].concat();
    for part in layout {
        match part {
            Listing::Keys(entries) => {
                for entry in *entries {
                    if let Takes::OneOf(words) = entry.takes {
                        for word in words() {
                            gather_exclusive(word.keys, &with(Condition::Is(entry.key.name, word.word)), found);
                        }
                    }
                }
            }
            Listing::All(inner) => gather_exclusive(inner, when, found),
            Listing::Where(key, value, inner) => gather_exclusive(inner, &with(Condition::Is(key, value)), found),
            Listing::Beside(keys, inner) => gather_exclusive(inner, &with(Condition::Beside(keys)), found),
            Listing::ExactlyOne(keys) => found.push((when.to_vec(), keys)),
        }
    }
}

/// Whether a table has the key, under whatever conditions.
pub(crate) fn lists(layout: Layout, key: &Key) -> bool {
    layout.iter().any(|part| match part {
        Listing::Keys(entries) => entries.iter().any(|entry| {
            entry.key == *key
                || match entry.takes {
                    Takes::OneOf(words) => words().iter().any(|word| lists(word.keys, key)),
                    _ => false,
                }
        }),
        Listing::All(inner) | Listing::Where(_, _, inner) | Listing::Beside(_, inner) => lists(inner, key),
        Listing::ExactlyOne(_) => false,
    })
}

/// A list of keys that belong together: the whole of a table, or a part of it.
pub trait Keys {
    /// The keys.
    const KEYS: &'static [KeyData];
}

/// A table that has these keys and no others.
impl<T: Keys> super::form::Table for T {
    const LAYOUT: Layout = &[Listing::Keys(T::KEYS)];
}

/// Declares keys as constants, and lists them under the name of a type.
///
/// The constants stand as they would without; the list is that of all of them, so that none can be forgotten.
///
/// ```
/// use sim_settings::form::{Count, Duration};
/// use sim_settings::{Key, Keys, keys};
///
/// keys! {
///     /// The keys of a cache.
///     struct Cache {
///         const TTL: Key<Duration> = Key::documented("ttl", "how long an answer is kept", "60s", "the manual, page 7");
///         const SIZE: Key<Option<Count>> = Key::optional("size", "answers that are kept; all of them without", "");
///     }
/// }
///
/// assert_eq!(Cache::KEYS.len(), 2);
/// assert_eq!(Cache::KEYS[0].key.name, TTL.name);
/// assert_eq!(SIZE.name, "size");
/// ```
#[macro_export]
macro_rules! keys {
    (
        $(#[$doc:meta])* $visible:vis struct $list:ident {
            $($(#[$key_doc:meta])* $key_visible:vis const $key:ident: $type:ty = $value:expr;)*
        }
    ) => {
        $($(#[$key_doc])* $key_visible const $key: $type = $value.listed();)*

        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        $visible enum $list {}

        impl $crate::Keys for $list {
            const KEYS: &'static [$crate::KeyData] = &[$($key.entry()),*];
        }
    };
}
