//! Integration tests.

mod closed_forms;
mod controls;
mod lab;
