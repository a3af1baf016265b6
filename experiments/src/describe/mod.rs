//! What can be written in an experiment file, for people (`mrsim explain`) and for editors (`mrsim schema`).

mod explain;
mod schema;

pub use explain::{explain, kind_of};
pub use schema::schema;
