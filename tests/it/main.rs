//! Integration tests: one module per behaviour.

mod broken;
mod catalogue;
mod cli;
mod closed_forms;
mod compare;
mod contract;
mod controls;
mod describe;
mod determinism;
mod doctor;
mod generated;
mod hostile;
mod judged;
mod lab;
mod neutral;
mod notes;
mod own_objectives;
mod packs;
mod pages;
mod people;
mod planes;
mod processes;
mod program;
mod properties;
mod recurring;
mod report;
mod results;
mod schema;
mod services;
mod start;
mod stories;
mod streams;
#[cfg(unix)]
mod sweep;
mod tidy;
mod verdicts;
