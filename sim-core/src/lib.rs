//! A small deterministic discrete-event engine.
//!
//! It knows time ([`time`]), components that receive events and announce signals ([`component`], [`slot`]), the loop over
//! pending events ([`simulation`], [`engine`], [`fel`]), named streams of random numbers and distributions ([`random`]), and
//! statistics with intervals ([`stats`]). It knows nothing of what is being simulated, and it reads no files: the crate
//! `sim-settings` beside it reads TOML, and depends on this one.
//!
//! # The M/M/1 queue: a first model
//!
//! ```
#![doc = include_str!("../examples/mm1.rs")]
//! ```
//!
//! # The M/M/c queue, against Erlang C
//!
//! ```no_run
#![doc = include_str!("../examples/mmc.rs")]
//! ```
//!
//! # Machines and repairmen, against their closed-form availability
//!
//! ```no_run
#![doc = include_str!("../examples/machine_repair.rs")]
//! ```

pub mod component;
pub mod engine;
pub mod fel;
pub mod lone;
pub mod prelude;
pub mod random;
pub mod simulation;
pub mod slot;
pub mod stats;
pub mod time;
