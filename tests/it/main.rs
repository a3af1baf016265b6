//! Integration tests.

mod closed_forms;
mod generated;
mod lab;
mod properties;
