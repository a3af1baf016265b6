//! The types that nearly every model needs, in one `use`.

pub use crate::component::{Component, Context};
pub use crate::engine::{Dispatched, Engine, Turn};
pub use crate::lone::Lone;
pub use crate::random::{Distribution, Invalid, StreamId, Trial, Variate};
pub use crate::simulation::{Model, Simulation, Window};
pub use crate::slot::Slot;
pub use crate::stats::{Interval, Tally, TimeWeighted};
pub use crate::time::{SimDuration, SimTime};
