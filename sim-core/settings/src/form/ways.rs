//! Which forms are read as names and which as tables, and what the readers make of them.

use super::{Defined, DurationsBy, List, Lists, Name, Named, Names, NamesBy, NumbersBy, Sub, SubOrList, Table};
#[cfg(test)]
use crate::key::Any;
use crate::table::Layout;

/// Which forms each way of reading takes, and the numbers that it makes of names.
macro_rules! named_as {
    ($($way:ident: $form:ident;)+) => {
        $(
            #[doc = concat!("A key that is read as a [`", stringify!($form), "`].")]
            pub trait $way {
                /// What the names stand for.
                type Id: From<usize>;
            }
            #[cfg(test)]
            impl $way for Any {
                type Id = usize;
            }
            impl<T: Defined> $way for $form<T> {
                type Id = T;
            }
            impl<T: Defined> $way for Option<$form<T>> {
                type Id = T;
            }
        )+
    };
}

/// Which forms are read as tables, and the keys of these.
macro_rules! tables_as {
    ($($way:ident: $form:ident;)+) => {
        $(
            #[doc = concat!("A key that is read as a [`", stringify!($form), "`].")]
            pub trait $way {
                /// The keys inside.
                const LAYOUT: Option<Layout>;
            }
            #[cfg(test)]
            impl $way for Any {
                const LAYOUT: Option<Layout> = None;
            }
            impl<T: Table> $way for $form<T> {
                const LAYOUT: Option<Layout> = Some(T::LAYOUT);
            }
            impl<T: Table> $way for Option<$form<T>> {
                const LAYOUT: Option<Layout> = Some(T::LAYOUT);
            }
        )+
    };
}

tables_as! {
    IsSub: Sub;
    IsList: List;
    IsLists: Lists;
    IsNamed: Named;
}

impl<T: Table> IsSub for SubOrList<T> {
    const LAYOUT: Option<Layout> = Some(T::LAYOUT);
}

impl<T: Table> IsSub for Option<SubOrList<T>> {
    const LAYOUT: Option<Layout> = Some(T::LAYOUT);
}

named_as! {
    IsName: Name;
    IsNames: Names;
    IsNumbersBy: NumbersBy;
    IsDurationsBy: DurationsBy;
}

/// A key that is read as a [`NamesBy`].
pub trait IsNamesBy {
    /// What the names stand for.
    type Id: From<usize>;
    /// What the names that belong to them stand for.
    type Value: From<usize>;
}

impl<T: Defined, U: Defined> IsNamesBy for NamesBy<T, U> {
    type Id = T;
    type Value = U;
}

impl<T: Defined, U: Defined> IsNamesBy for Option<NamesBy<T, U>> {
    type Id = T;
    type Value = U;
}
