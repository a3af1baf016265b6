//! Named streams of random numbers, distributions, and random quantities.
//!
//! A number depends only on (seed, path name, purpose, trial, how many the stream has given in this trial), never on
//! what else the model holds. Candidates that share components are thereby compared under common random numbers.
//!
//! Every draw inverts a distribution function at one uniform number and uses the portable functions of `libm` only, so
//! that it has the same bits on every platform and moves in one direction with the uniform number.
//!
//! ```
//! use sim_core::random::{Distribution, LogNormal, StreamId, Variate};
//!
//! let spec = LogNormal { median: Some(2.0), p95: Some(10.0), ..LogNormal::default() };
//! let delay = Distribution::lognormal(&spec)?;
//! let mut delay = Variate::new(delay, StreamId::new(1, "dns/us-east-1", "propagation"));
//! delay.begin(4711);
//! let first = delay.draw();
//! delay.begin(4711);
//! assert_eq!(delay.draw(), first, "trial 4711 is the same trial wherever it runs");
//! # Ok::<(), sim_core::random::Invalid>(())
//! ```

mod block;
mod counts;
mod distribution;
pub(crate) mod special;
mod streams;
mod trial;
mod variate;

pub use counts::{beta_cdf, beta_quantile, binomial_quantile, poisson_quantile};
pub use distribution::{Distribution, Given, Invalid, LogNormal};
pub use special::{normal_cdf, normal_quantile};
pub use streams::{Stream, StreamId};
pub use trial::{Mix, Trial};
pub use variate::Variate;
