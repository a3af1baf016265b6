//! The description of a part of the model, as data: pages, reports and the table of services are made from it.

/// The description of a service or of another part of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its name for people.
    pub name: &'static str,
    /// Behaviour that the model shares with the real service.
    pub modelled: &'static str,
    /// Behaviour of the real service that the model leaves out.
    pub not_modelled: &'static str,
    /// The sources of its behaviour and defaults; empty where the keys alone name their pages.
    pub sources: &'static str,
}

/// Subjects that no part of the model covers.
pub const ABSENT: &[&str] = &[
    "work that waits in front of a store under overload: what finds no room there fails at once",
    "requests that wait before a service that clients enter and others call",
];
