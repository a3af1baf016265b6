//! What can be written in an experiment file, for people (`mrsim explain`) and for editors (`mrsim schema`); and what
//! results hold, for programs (`mrsim schema --results`) and for people (the data dictionary).

mod dictionary;
mod explain;
mod results;
mod schema;

pub use dictionary::data_dictionary;
pub use explain::{explain, kind_of};
pub use results::results_schema;
pub use schema::schema;
