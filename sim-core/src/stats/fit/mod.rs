//! Laws of durations from few observations, and how far to trust them.
//!
//! | step | by |
//! |---|---|
//! | what is known of each value: it, that it is larger, or that it lies between two | [`Observed`] |
//! | the law of a family that makes the observations most likely | [`maximum`] |
//! | what the observations leave open | [`Posterior`] |
//! | whether they can be of that law at all | [`plausibility`] |
//! | what they say without any family | [`KaplanMeier`] |
//! | how many independent ones a series is worth | [`dependence`] |
//! | the delay of each from the age of the oldest | [`oldest_share`], [`delay_of_oldest`] |
//! | where a measurement lies among predictions | [`place`], [`two_sided`], [`spread_evenly`] |
//!
//! Values are positive; a zero is known up to the resolution of its clock, [`Observed::Between`]. Everything here gives
//! the same bits for the same input: random numbers come from named streams.

mod dependence;
mod goodness;
mod kaplan_meier;
mod law;
mod maximum;
mod observed;
mod oldest;
mod places;
mod posterior;
mod simplex;
#[cfg(test)]
mod tests;

pub use dependence::{Dependence, dependence};
pub use goodness::{Plausibility, plausibility};
pub use kaplan_meier::KaplanMeier;
pub use law::{Family, Law};
pub use maximum::{Fitted, maximum};
pub use observed::Observed;
pub use oldest::{delay_of_oldest, oldest_share};
pub use places::{place, spread_evenly, two_sided};
pub use posterior::Posterior;
