//! Settings: one declarative read of a text that people wrote.
//!
//! A reader declares its keys once, by [`keys!`], as [`Key`] constants (name, form, meaning, default and where the default
//! comes from, range), and asks a [`Section`] for each of them. That one pass yields the values, *all* mistakes with
//! their places, the keys that are not known, and the defaults that were used. The same declarations are lists, from
//! which descriptions and schemas are made.
//!
//! ```
//! use sim_settings::form::Duration;
//! use sim_settings::{Key, Report, keys, parse_toml};
//!
//! keys! {
//!     /// The keys of a cache.
//!     struct CacheKeys {
//!         const TTL: Key<Duration> =
//!             Key::documented("ttl", "how long an answer is cached", "60s", "the manual, page 7").at_least(1.0);
//!     }
//! }
//!
//! let (node, syntax) = parse_toml("ttl = 10\ntll = 3", 0);
//! assert!(syntax.is_empty());
//! let report = Report::new();
//! let mut section = report.root(&node);
//! let ttl = section.get(&TTL);
//! drop(section); // reports the keys that were not asked for
//! let problems = report.problems();
//! assert_eq!(problems[0].found, "the number 10");
//! assert_eq!(problems[1].nearest.as_deref(), Some("ttl"));
//! assert_eq!(ttl.as_secs_f64(), 60.0); // reading went on with the default
//! ```
//!
//! Nothing here reads files: the program loads them and hands over trees ([`parse_toml`], [`overlay()`]).

#![deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

mod distribution;
mod families;
mod family;
mod figure;
pub mod form;
mod getters;
mod key;
mod names;
mod nearest;
mod overlay;
mod provenance;
pub mod quantity;
mod reject;
mod report;
mod section;
mod spot;
mod structure;
mod syntax;
mod table;
mod tree;

pub use families::{FAMILIES, Parameters};
pub use figure::{Amount, Figure, Measure, Provenance, Said, Source};
pub use key::{Any, Band, Draft, Extent, Key, KeyDefault, Mark};
pub use nearest::nearest;
pub use overlay::{is_distribution, is_distribution_family, overlay};
pub use provenance::{SourceKeys, VALUE, is_sourced};
pub use report::{Problem, Report, UsedDefault};
pub use section::{Section, child_path};
pub use table::{Condition, KeyData, Keys, Layout, Listing, Placed, Takes, Word, exclusive, placed};
pub use tree::{Entry, Node, Place, Value, parse_toml, parse_value};
