//! How long requests take.
//!
//! A request passes its parts one after the other: the way to the front, the service that it enters, what that reads, writes and
//! calls in order, and what failed tries took before. Parts are independent. The chain of needs carries a mixture of paths
//! ([`Mix`]), each a constant and a random duration ([`Laws`]): for what there is to say of a request it takes no more than to look
//! it up. A mixture is a function of the state: it changes where that changes and is worked out anew there and nowhere else.

mod clients;
mod grid;
mod known;
mod laws;
mod mix;
mod places;

pub use clients::{Clients, Success};
pub use grid::Law;
pub use laws::{LawId, Laws, Time};
pub use mix::{Failures, Mix, NEVER, Path};
pub use places::{CellTimes, Places, Slow};

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Latency",
    modelled: "the round trip to the front, or to the edge and on to the origin; each service's own response time; round trips of \
         calls between regions; reads and writes, with the round trip to the copy that answers and that of the quorum; failed tries, \
         time limits and backoff; cold starts of a function that clients enter; slow failures. The time limit of a client spans all \
         tries of a request: what succeeds later has failed as `slow`",
    not_modelled: "new connections: names are resolved and TLS is spoken already; jitter and loss on the way; time within load balancers and \
         gateways; what a try waited for before it failed with an error; time that a service holds a worker while it waits for others, \
         so that its concurrency does not fill with them; waiting for a service that has no room (it sheds); retries \
         that come later than what they repeat",
    sources: "each key names its page",
};
