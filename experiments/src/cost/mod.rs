//! What a deployment costs in a month as it stands, from the prices that the file gives. Nothing is simulated for it.
//!
//! ```text
//! [prices], [sizes] -> Tariff -+-> Bill (lines: count x price) -> Header -> run, compare, sweep, advise, solve
//! Topology --------------------+
//! ```
//!
//! The program ships no prices: they change, and differ by region and contract. A price that is missing makes a sum one of
//! at least so much. What costs and has no price at all ([`Uncounted`]) is named where two designs differ in it. What an incident costs is [`crate::analyze::IncidentCost`].

mod bill;
mod count;
mod spec;
mod uncounted;

pub use bill::{Bill, Line, More, Total, Values, money};
pub use spec::Tariff;
pub(crate) use spec::{RootKeys, read};
pub use uncounted::Uncounted;
