//! Integration tests.

mod closed_forms;
mod lab;
