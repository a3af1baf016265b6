//! What can be written in an experiment file, for people (`mrsim explain`), for editors (`mrsim schema`) and as a page; and
//! the words of the reports.

mod explain;
mod glossary;
mod known;
mod reference;
mod schema;

pub use explain::{explain, taken_by};
pub use glossary::{page as glossary, words};
pub use known::{Known, known};
pub use reference::reference;
pub use schema::schema;
