//! Amazon `CloudFront`: edge caches between the clients and the regions.
//!
//! The effect of the edge on flows, for a journey of which the share `miss` = 1 - hit ratio goes on to the origin (all
//! of it, if it is not cacheable):
//!
//! - A hit succeeds whatever becomes of the origin, and no region sees it. A retry asks for the same object: a miss
//!   misses again.
//! - Origin group: the first origin fails the share q1 of attempts; a GET, HEAD or OPTIONS goes on to the second, so that
//!   an attempt fails with q1 x q2. At a dead first origin that costs attempts x connect-timeout of every request anew (at
//!   an error nothing); if that is longer than the client's timeout, the client has gone before.
//! - Stale copies: of the misses of a cacheable journey the share `stale-if-error` finds an expired copy at the edge, which
//!   is served if the first attempt at the origin fails: a success, but a degraded one.
//! - Error caching: the edge keeps an error of a cacheable journey for a while. So a retry meets the cached error and does
//!   not reach the origin: one attempt, however many the client makes. And when the origin's failing share falls, what it
//!   fell by still fails for the rest of the time that each edge keeps the error, U(0, `error-caching`), for the same
//!   cause. The origin's load is not relieved meanwhile.

mod cached_errors;
mod plan;
mod spec;
#[cfg(test)]
mod tests;

pub use cached_errors::{CachedErrors, Changed, Expires};
pub use plan::Plan;
pub(crate) use spec::DistributionKeys;
pub(in crate::fronts) use spec::ORIGIN_GROUP;
pub use spec::Parameters;

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "CloudFront",
    modelled: "a hit ratio for cacheable journeys; origins by their Route 53 names, one or several, which the edge resolves as often as their \
         TTLs ask; origin groups, whose second origin gets what the first one fails, request by request; error \
         caching; expired copies that are served when the origin fails (none unless stated)",
    not_modelled: "an origin group of a name's own beside others, a hit ratio that depends on load or time, filling of cold caches, Origin Shield, origin read timeouts, loss \
         of an edge location, changes of the configuration (control plane in us-east-1)",
    sources: "each key names its page",
};
