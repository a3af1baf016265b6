//! What is shown of a finished run.

pub mod chart;
