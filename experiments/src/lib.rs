//! The program around the models: the experiment file, the runner, measures, analysis, reports and the command line.

pub mod analyze;
pub mod cli;
pub mod compare;
pub mod describe;
pub mod documents;
pub mod exit;
pub mod experiment;
pub mod file;
pub mod finding;
pub mod folder;
pub mod header;
pub mod measure;
pub mod outage;
pub mod overview;
pub mod patterns;
pub mod report;
pub mod run;
pub mod sweep;
pub mod symbol;
pub mod table;
pub mod units;
pub mod variation;
pub mod visible;
