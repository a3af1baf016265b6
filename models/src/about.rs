//! What a part of the model says of itself, as data: pages, reports and the table of services are made from it.

/// What there is to know about a service or another part of the model before one trusts its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// What it is called, for people.
    pub name: &'static str,
    /// What the model does as the real one does.
    pub modelled: &'static str,
    /// What the real one does and the model leaves out.
    pub not_modelled: &'static str,
    /// What its behaviour and its defaults rest on; empty where the keys alone name their pages.
    pub sources: &'static str,
}

/// What no part of the model has.
pub const ABSENT: &[&str] = &["cost"];
