//! Descriptions: of the keys of experiment files, for people (`mrsim explain`), for editors (`mrsim schema`) and as a
//! page; of the words of reports; and of results, for programs (`mrsim schema --results`) and for people (the data
//! dictionary).

mod dictionary;
mod explain;
mod glossary;
mod known;
mod reference;
mod results;
mod schema;

pub use dictionary::data_dictionary;
pub use explain::{explain, taken_by};
pub use glossary::{page as glossary, words};
pub use known::{Known, known};
#[cfg(test)]
pub(crate) use known::{constant, example, table_with};
pub use reference::reference;
pub use results::results_schema;
pub use schema::schema;

/// Columns of the names before the lines of an explanation.
pub(crate) const LABEL: usize = 9;
