//! A small deterministic discrete-event engine.
//!
//! It knows time ([`time`]), the future event list ([`fel`]), components that receive events and announce signals
//! ([`component`]), named streams of random numbers and distributions ([`random`]), statistics with intervals
//! ([`stats`]) and how to read validated settings ([`settings`]). It knows nothing of what is being simulated.

pub mod component;
pub mod fel;
pub mod random;
pub mod settings;
pub mod slot;
pub mod stats;
pub mod time;
