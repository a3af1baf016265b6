//! Names of journeys and stores as plain values, so that a figure can say whose it is and still be copied.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A name. Equal names are equal symbols, and their order is that of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol(&'static str);

/// Every name that was ever asked for: a program reads a handful of files, and the names in them stay as long as it runs.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Symbol {
    /// The symbol of a name.
    pub fn new(name: &str) -> Self {
        // A set that somebody left in the middle of an insertion is still a set.
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return Self(known);
        }
        let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
        names.insert(kept);
        Self(kept)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Symbol;

    #[test]
    fn equal_names_are_one_symbol_and_keep_their_order() {
        let (one, again, other) = (Symbol::new("checkout"), Symbol::new("checkout"), Symbol::new("browse"));
        assert!(one == again && std::ptr::eq(one.as_str(), again.as_str()));
        assert!(other < one && other.to_string() == "browse");
    }
}
