//! The program around the models: the experiment file, the runner, measures, analysis, reports and the command line.

pub use measure::{latencies, outage};

pub mod advise;
pub mod analyze;
pub mod calibrate;
pub mod cli;
pub mod compare;
pub mod cost;
pub mod describe;
pub mod documents;
pub mod drill;
pub mod exit;
pub mod experiment;
pub mod file;
pub mod finding;
pub mod folder;
pub mod header;
pub mod import;
pub mod levers;
pub mod overview;
pub mod patterns;
pub mod rare;
pub mod report;
pub mod run;
pub mod shard;
pub mod solve;
pub mod sweep;
pub mod symbol;
pub mod table;
pub mod uncertainty;
pub mod units;
pub mod unknown;
mod usage;
pub mod variation;
pub mod visible;
