//! A small deterministic discrete-event engine.
//!
//! It knows time ([`time`]), the future event list ([`fel`]), components that receive events and announce signals
//! ([`component`], [`slot`]), named streams of random numbers and distributions ([`random`]), and statistics with
//! intervals ([`stats`]). It knows nothing of what is being simulated, and it reads no files: the crate `sim-settings`
//! beside it reads TOML, and depends on this one.
//!
//! A model is a few components in their [`slot::Slot`]s, one [`fel::FutureEventList`], and the wiring between them: take
//! the next key, deliver it, pass on what was announced, until the horizon. Two complete models, held against closed
//! forms by the crate's tests, show it.
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
pub mod fel;
pub mod random;
pub mod slot;
pub mod stats;
pub mod time;
