//! Journeys: kinds of user requests, and what each of them needs.

use sim_core::settings::{Key, Section};

const NAME: Key = Key::required("name", "what the journey is called");
const SHARE: Key = Key::required("share", "share of all requests");
const NEEDS: Key = Key::optional("needs", "what a request of this journey needs, in order");
const READ: Key = Key::optional("read", "the store that is read");
const WRITE: Key = Key::optional("write", "the store that is written");
const SOFT: Key = Key::convention(
    "soft",
    "whether the request goes on, degraded, when this need fails",
    "false",
    "design 5.5: needs are hard",
);

/// What a need does to its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads it.
    Read,
    /// Writes it.
    Write,
}

/// One dependency of a journey or of a deep health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Reading or writing.
    pub access: Access,
    /// The store's index.
    pub store: usize,
    /// Whether a request survives its failure.
    pub soft: bool,
}

/// A kind of user request.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// Its share of all requests.
    pub share: f64,
    /// What it needs, in order.
    pub needs: Vec<Need>,
}

impl Journey {
    /// Reads one `[[journeys]]` entry.
    pub fn read(section: &mut Section<'_>, stores: &[String]) -> Self {
        Self { name: section.text(&NAME), share: section.share(&SHARE), needs: read_needs(section, &NEEDS, stores) }
    }
}

/// Reads a list of needs such as `[{ read = "sessions" }, { write = "orders", soft = true }]`.
pub fn read_needs(section: &mut Section<'_>, key: &Key, stores: &[String]) -> Vec<Need> {
    let mut needs = Vec::new();
    for mut need in section.sections(key) {
        let form = need.one_of(&["read", "write"]);
        let (access, key) = if form == Some("write") { (Access::Write, &WRITE) } else { (Access::Read, &READ) };
        let store = if form.is_some() { need.name(key, stores) } else { 0 };
        let soft = need.flag(&SOFT);
        if !stores.is_empty() {
            needs.push(Need { access, store, soft });
        }
    }
    needs
}
