//! Integration tests.

mod closed_forms;
mod determinism;
mod generated;
mod lab;
mod properties;
mod streams;
