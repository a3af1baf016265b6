//! AWS services and their surroundings as components of a discrete-event simulation.
//!
//! **The data plane is a pure function of state; the control plane is events.** Requests are flows that the [`flow`]
//! solver distributes at each instant at which something changed; everything that AWS does with a delay is an event of
//! the component that does it.

#![deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

pub mod about;
pub mod balancers;
pub mod by_id;
pub mod cause;
pub mod clients;
pub mod cloud_watch;
pub mod compute;
pub mod control_planes;
pub mod deployment;
pub mod faults;
pub mod flow;
pub mod fronts;
pub mod grid;
pub mod ids;
pub mod in_flight;
pub mod journeys;
pub mod latency;
pub mod line;
pub mod links;
pub mod needs;
pub mod network;
pub mod objectives;
pub mod people;
mod periods;
pub mod quorum;
pub mod ramp;
pub mod runbooks;
pub mod services;
pub mod software;
mod sources;
pub mod stores;
mod subjects;
mod turns;
pub mod waiting;
pub mod work;
pub mod world;
pub mod zones;
