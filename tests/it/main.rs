//! Integration tests: one module per behaviour.

mod broken;
mod closed_forms;
mod controls;
mod describe;
mod determinism;
mod generated;
mod lab;
mod program;
mod properties;
mod streams;
