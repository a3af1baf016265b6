//! The forms of keys as types: `Key<Duration>` is read as a duration, described as one and checked as one.

mod ways;

use std::marker::PhantomData;

use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use crate::distribution::{self, Unit};
use crate::key::Key;
use crate::nearest::nearest;
use crate::quantity::{DURATION_FORM, parse_duration};
use crate::report::Problem;
use crate::section::Section;
use crate::spot::Spot;
use crate::table::{Layout, Takes, Word};
use crate::tree::Node;

pub use ways::{IsDurationsBy, IsList, IsLists, IsName, IsNamed, IsNames, IsNamesBy, IsNumbersBy, IsSub};

/// The form of a key, known to the compiler.
pub trait Form {
    /// The same as data.
    const TAKES: Takes;
}

/// A form whose value needs nothing but what is written: [`Section::get`] reads it.
pub trait Value: Form {
    /// The type that it is read as.
    type Read;

    /// Reads the key; `None` if it is absent or wrong.
    #[doc(hidden)]
    fn written(section: &mut Section<'_>, key: &Key) -> Option<Self::Read>;

    /// Reads the key; its default, or else a harmless value, if it is wrong.
    #[doc(hidden)]
    fn read(section: &mut Section<'_>, key: &Key) -> Self::Read;
}

/// A key that may be missing, which means something by itself.
impl<F: Form> Form for Option<F> {
    const TAKES: Takes = F::TAKES;
}

impl<F: Value> Value for Option<F> {
    type Read = Option<F::Read>;

    fn written(section: &mut Section<'_>, key: &Key) -> Option<Self::Read> {
        F::written(section, key).map(Some)
    }

    fn read(section: &mut Section<'_>, key: &Key) -> Self::Read {
        F::written(section, key)
    }
}

/// One of the forms whose value stands alone: its name, its description, what it is read as, and the two ways to read it.
macro_rules! value {
    ($(#[$doc:meta])* $form:ident, $takes:expr, $read:ty, $written:expr, $or_default:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $form {}

        impl Form for $form {
            const TAKES: Takes = $takes;
        }

        impl Value for $form {
            type Read = $read;

            fn written(section: &mut Section<'_>, key: &Key) -> Option<$read> {
                $written(section, key)
            }

            fn read(section: &mut Section<'_>, key: &Key) -> $read {
                $or_default(section, key)
            }
        }
    };
}

value!(
    /// A duration, such as `"10s"`.
    Duration, Takes::Duration, SimDuration, Section::maybe_duration, Section::duration
);
value!(
    /// A distribution over durations, in seconds. A bare duration is a constant.
    Delay, Takes::Delay, Distribution, Section::maybe_delay, Section::delay
);
value!(
    /// A distribution over plain numbers. A bare number is a constant.
    Quantity, Takes::Quantity, Distribution, Section::maybe_quantity, Section::quantity
);
value!(
    /// A finite number.
    Number, Takes::Number, f64, Section::maybe_number, Section::number
);
value!(
    /// A rate per second: a number, or text such as `"2 per year"`.
    Rate, Takes::Rate, f64, Section::maybe_rate, Section::rate
);
value!(
    /// A share from 0 to 1; text such as `"99.95%"` is one as well.
    Share, Takes::Share, f64, Section::maybe_share, Section::share
);
value!(
    /// A whole number that is not negative.
    Count, Takes::Count, u64, Section::maybe_count, Section::count
);
value!(
    /// `true` or `false`.
    Flag, Takes::Flag, bool, Section::maybe_flag, Section::flag
);
value!(
    /// Free text.
    Text, Takes::Text, String, Section::maybe_text, Section::text
);

/// The words that a key chooses from.
pub trait Words {
    /// The type that a word stands for.
    type Means: Copy + 'static;
    /// The words, at least one; after a mistake reading goes on with the first.
    const WORDS: &'static [Word<Self::Means>];
}

/// One of the words of `W`.
#[derive(Clone, Copy, Debug)]
pub struct OneOf<W>(PhantomData<W>);

impl<W: Words> Form for OneOf<W> {
    const TAKES: Takes = Takes::OneOf(Word::described::<W>);
}

impl<W: Words> OneOf<W> {
    fn choices() -> Vec<(&'static str, W::Means)> {
        W::WORDS.iter().map(|word| (word.word, word.means)).collect()
    }

    /// Whether the word says which other keys belong to the table.
    fn decides() -> bool {
        W::WORDS.iter().any(|word| !word.keys.is_empty())
    }
}

impl<W: Words> Value for OneOf<W> {
    type Read = W::Means;

    fn written(section: &mut Section<'_>, key: &Key) -> Option<W::Means> {
        section.maybe_choice(key, &Self::choices())
    }

    fn read(section: &mut Section<'_>, key: &Key) -> W::Means {
        if Self::decides() {
            section.deciding_choice(key, &Self::choices())
        } else {
            section.choice(key, &Self::choices())
        }
    }
}

/// A word that stands for no distribution at all.
pub trait Never {
    /// The word.
    const WORD: &'static str;
}

/// A distribution over durations, or the word of `W`, which stands for none.
#[derive(Clone, Copy, Debug)]
pub struct DelayOr<W>(PhantomData<W>);

impl<W: Never> Form for DelayOr<W> {
    const TAKES: Takes = Takes::DelayOr(W::WORD);
}

impl<W: Never> Value for DelayOr<W> {
    type Read = Option<Distribution>;

    fn written(section: &mut Section<'_>, key: &Key) -> Option<Self::Read> {
        section.read(key, |spot, node| delay_or(spot, node, W::WORD))
    }

    fn read(section: &mut Section<'_>, key: &Key) -> Self::Read {
        section.delay_or(key, W::WORD)
    }
}

#[allow(clippy::option_option, reason = "something wrong, no distribution, or one")]
pub(crate) fn delay_or(spot: &Spot<'_>, node: &Node, word: &str) -> Option<Option<Distribution>> {
    match node.text().map(|text| (text, parse_duration(text))) {
        Some((text, _)) if text == word => Some(None),
        Some((text, Err(hint))) => {
            let near = nearest(text, [word]).map(str::to_owned);
            spot.report.problem(Problem {
                found: node.value.describe(),
                expected: format!("\"{word}\", or {DURATION_FORM}"),
                hint: near.is_none().then_some(hint),
                nearest: near,
                ..Problem::at(node.place, spot.path)
            });
            None
        }
        _ => distribution::read(spot, node, Unit::Seconds).map(Some),
    }
}

/// The number of something that a file defines under a name, and refers to elsewhere: its position among the names.
pub trait Defined: From<usize> {
    /// The kind of thing.
    const THING: Thing;
}

/// A kind of thing with names, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing {
    /// The word for it, such as `region`.
    pub word: &'static str,
    /// The key under which the file defines it, such as `regions`.
    pub under: &'static str,
    /// A name, for examples.
    pub example: &'static str,
}

/// The name of a `T`: [`Section::name`].
#[derive(Clone, Copy, Debug)]
pub struct Name<T>(PhantomData<T>);

/// Names of `T`s, in an array, or a single one: [`Section::names`].
#[derive(Clone, Copy, Debug)]
pub struct Names<T>(PhantomData<T>);

/// A table from names of `T`s to numbers: [`Section::numbers_by_name`].
#[derive(Clone, Copy, Debug)]
pub struct NumbersBy<T>(PhantomData<T>);

/// A table from names of `T`s to durations: [`Section::durations_by_name`].
#[derive(Clone, Copy, Debug)]
pub struct DurationsBy<T>(PhantomData<T>);

/// A table from names of `T`s to names of `U`s: [`Section::names_by_name`].
#[derive(Clone, Copy, Debug)]
pub struct NamesBy<T, U>(PhantomData<(T, U)>);

impl<T: Defined> Form for Name<T> {
    const TAKES: Takes = Takes::Name(T::THING);
}

impl<T: Defined> Form for Names<T> {
    const TAKES: Takes = Takes::Names(T::THING);
}

impl<T: Defined> Form for NumbersBy<T> {
    const TAKES: Takes = Takes::NumbersBy(T::THING);
}

impl<T: Defined> Form for DurationsBy<T> {
    const TAKES: Takes = Takes::DurationsBy(T::THING);
}

impl<T: Defined, U: Defined> Form for NamesBy<T, U> {
    const TAKES: Takes = Takes::NamesBy(T::THING, U::THING);
}

/// Names that every file may use, without defining them.
pub trait Listed {
    /// The names, at least one.
    fn names() -> Vec<&'static str>;
}

/// One of the names that `L` lists: [`Section::name_among`].
#[derive(Clone, Copy, Debug)]
pub struct Among<L>(PhantomData<L>);

impl<L: Listed> Form for Among<L> {
    const TAKES: Takes = Takes::Among(L::names);
}

/// One form or another: the reader looks at what is written ([`Section::node`]) and asks for [`Key::one`] or
/// [`Key::other`].
#[derive(Clone, Copy, Debug)]
pub struct Either<A, B>(PhantomData<(A, B)>);

impl<A: Form, B: Form> Form for Either<A, B> {
    const TAKES: Takes = Takes::Either(&A::TAKES, &B::TAKES);
}

/// The keys of one sort of table, complete.
pub trait Table {
    /// The keys.
    const LAYOUT: Layout;
}

/// A table with the keys of `T`: [`Section::section`].
#[derive(Clone, Copy, Debug)]
pub struct Sub<T>(PhantomData<T>);

/// An array of tables with the keys of `T`: [`Section::sections`].
#[derive(Clone, Copy, Debug)]
pub struct List<T>(PhantomData<T>);

/// An array of arrays of tables with the keys of `T`: [`Section::lists`].
#[derive(Clone, Copy, Debug)]
pub struct Lists<T>(PhantomData<T>);

/// A table of tables with the keys of `T`, under names that the author chooses: [`Section::named`].
#[derive(Clone, Copy, Debug)]
pub struct Named<T>(PhantomData<T>);

/// A table with the keys of `T`, or an array of them.
#[derive(Clone, Copy, Debug)]
pub struct SubOrList<T>(PhantomData<T>);

impl<T: Table> Form for Sub<T> {
    const TAKES: Takes = Takes::Table(T::LAYOUT);
}

impl<T: Table> Form for List<T> {
    const TAKES: Takes = Takes::List(T::LAYOUT);
}

impl<T: Table> Form for Lists<T> {
    const TAKES: Takes = Takes::Lists(T::LAYOUT);
}

impl<T: Table> Form for Named<T> {
    const TAKES: Takes = Takes::Named(T::LAYOUT);
}

impl<T: Table> Form for SubOrList<T> {
    const TAKES: Takes = Takes::TableOrList(T::LAYOUT);
}

/// A form that its reader takes apart by itself: [`Section::node`].
pub trait Custom {
    /// The form, as a fragment that follows "takes".
    const WORDS: &'static str;
}

/// The form that `C` describes.
#[derive(Clone, Copy, Debug)]
pub struct Own<C>(PhantomData<C>);

impl<C: Custom> Form for Own<C> {
    const TAKES: Takes = Takes::Own(C::WORDS);
}
