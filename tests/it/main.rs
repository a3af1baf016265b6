//! Integration tests: one module per behaviour, all through the real program.

mod broken;
mod program;
