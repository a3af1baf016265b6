//! Integration tests: one module per behaviour, all through the real program.

mod broken;
mod cli;
mod contract;
mod hostile;
mod program;
