//! A small deterministic discrete-event engine.
//!
//! A model is a set of components that schedule events for themselves and announce signals to others. The engine keeps time,
//! hands every event to its component and every signal to the model, in the same order each time, and draws random numbers
//! from named streams: the same seed gives the same bytes on every machine. It knows nothing of what is being simulated, and
//! it reads no files: the crate `sim-settings` beside it reads TOML, and depends on this one.
//!
//! # The M/M/1 queue: a first model
//!
//! ```
#![doc = include_str!("../examples/mm1.rs")]
//! ```
//!
//! # Words
//!
//! | Word | Meaning |
//! |---|---|
//! | trial | one run of the model from time zero, with luck of its own; trials are numbered from 0 |
//! | instant, duration | [`SimTime`](time::SimTime) and [`SimDuration`](time::SimDuration), whole nanoseconds |
//! | component | a part of the model with private state ([`Component`](component::Component)) |
//! | event | something that a component has scheduled for itself, and that will happen to it alone |
//! | pending | scheduled, neither handled nor cancelled yet |
//! | due | pending for the current instant |
//! | signal | something that a component announces; the model says at the same instant what it means for others |
//! | context | what a component may do while it is called: read the time, schedule, cancel, announce ([`Context`](component::Context)) |
//! | slot | a component in its place, with its pending events and the signals that nobody has heard yet ([`Slot`](slot::Slot)) |
//! | key | the model's name for a component, a variant of an enum ([`Model::Key`](simulation::Model::Key)) |
//! | dispatch | from a key to the component and to what its signals mean ([`Model::dispatch`](simulation::Model::dispatch)) |
//! | drain | to hand signals to the model until none is left |
//! | settle | to bring up to date what follows from the state of components, once an instant's events and signals are through ([`Model::settle`](simulation::Model::settle)) |
//! | engine | the clock, pending events and waiting signals, as the model sees them ([`Engine`](engine::Engine)) |
//! | simulation | the loop around the engine ([`Simulation`](simulation::Simulation)) |
//! | stream | random numbers for one purpose of one component, independent of all others ([`Stream`](random::Stream)) |
//! | variate | a distribution and the stream that feeds it ([`Variate`](random::Variate)) |
//! | warm-up, window | the first part of a trial, which still shows how it began, and the part after it, which is measured ([`Window`](simulation::Window)) |
//!
//! # The life of a model
//!
//! 1. **Write components.** State, an event type, a signal type, [`Component::handle`](component::Component::handle), and
//!    methods for what others may do to it. A test drives one alone in a [`Harness`](component::Harness).
//! 2. **Place them.** [`Simulation::place`](simulation::Simulation::place) puts each into a slot under a key, once.
//! 3. **Say what they mean to each other.** [`Model::dispatch`](simulation::Model::dispatch) says for each key where the
//!    component is and what its signals do; [`Model::begin`](simulation::Model::begin) puts everything to the start of a
//!    trial. A model of one component that speaks to nobody has both in [`Lone`](lone::Lone).
//! 4. **Run trials.** [`Simulation::time_averages`](simulation::Simulation::time_averages) and
//!    [`readings`](simulation::Simulation::readings) warm up and measure;
//!    [`begin`](simulation::Simulation::begin) and [`run_until`](simulation::Simulation::run_until) leave that to the caller.
//!    At each instant: the events that are due, in the order in which they were scheduled, each followed by the signals that
//!    it raises, in the order in which components announced them; then settling. Then the clock moves on.
//! 5. **Read the result.** [`TimeWeighted`](stats::TimeWeighted) within a trial, [`Tally`](stats::Tally) over trials, and
//!    their [`Interval`](stats::Interval)s.
//!
//! # Failure modes
//!
//! | Symptom | Cause and remedy |
//! |---|---|
//! | "patterns not covered" in `dispatch` | A key is new. Say where its component is and what its signals mean |
//! | a panic: an event "would lie before the current instant" | A component scheduled into the past: an instant was computed from an old one |
//! | a panic: "the model finds another component under the key" | `dispatch` leads to another slot than the one that was placed under the key, often by a wrong index |
//! | a trial's result depends on which trials ran before it | Something was not put back in `begin`: a component's state, a statistic, or a stream whose trial was not begun |
//! | two components have the same luck | Their streams have the same path and purpose ([`StreamId`](random::StreamId)) |
//! | all other draws change when one is added | The new draw shares a stream: a purpose of its own leaves the others as they are |
//! | `run_until` with [`SimTime::NEVER`](time::SimTime::NEVER) does not return | A component always has something pending: give an end |
//! | time stands still | Two components answer each other's signals at the same instant, an event schedules another without delay, or `settle` always says that something changed |
//! | an event never happens | Its instant is [`SimTime::NEVER`](time::SimTime::NEVER), after about 584 years, where sums of time end; or it was cancelled |
//! | averages lean towards the start | The warm-up is too short for this load: measure with twice the warm-up and compare |
//! | an interval misses the truth more often than it says | Observations depend on each other: one observation a trial, and not one a customer |
//! | sums differ in the last digit from run to run | Results of threads were added in the order in which they were done: add them in the order of trials |
//!
//! # The M/M/c queue: two components, against Erlang C
//!
//! ```no_run
#![doc = include_str!("../examples/mmc.rs")]
//! ```
//!
//! # Machines and repairmen: many components of a kind, against their closed-form availability
//!
//! ```no_run
#![doc = include_str!("../examples/machine_repair.rs")]
//! ```

#![deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

pub mod component;
pub mod engine;
pub mod fel;
pub mod lone;
pub mod prelude;
pub mod random;
pub mod simulation;
pub mod slot;
pub mod splitting;
pub mod stats;
pub mod time;
