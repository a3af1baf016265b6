//! Statistics over observations and over time, always with an interval.
//!
//! The intervals assume independent observations, which trials are, or independent clusters of them, and nothing about
//! their shape, except for the mean's, which rests on the central limit theorem. All of it is computed by portable functions, so that reports agree to the
//! last digit wherever they are made.

mod band;
mod clusters;
pub mod fit;
mod interval;
mod linear;
mod paired;
mod quantile;
mod rate;
mod side;
mod skewed;
mod tally;
mod time_weighted;

pub use band::cdf_band;
pub use clusters::{clustered_mean, clustered_share, effective_size};
pub use interval::{Interval, clopper_pearson, clopper_pearson_of};
pub use paired::{Bounds, Difference, Method, mean_difference, quantile_difference};
pub use quantile::{Quantile, Unsupported, quantile, quantile_of, rank_of, ranked};
pub use rate::rate;
pub use side::Observed;
pub use skewed::skewed_mean_interval;
pub use tally::Tally;
pub use time_weighted::TimeWeighted;
