//! What is deployed: services by their names, or the one that clients enter.

use sim_settings::form::{IsName, Words};
use sim_settings::{Key, Section, Word};

use crate::ids::ServiceId;

/// The word for the service that clients enter, where services have no names.
pub const APP: &str = "app";

/// What may be rolled back, besides services by their names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Softwares {}

impl Words for Softwares {
    type Means = Option<ServiceId>;
    const WORDS: &'static [Word<Self::Means>] = &[Word::new(APP, None, "what `[compute]` runs in every region")];
}

/// The service that a key names. Where services have no names it is `app`, the one that clients enter, and nothing is returned.
pub(crate) fn named<F: IsName<Id = ServiceId>>(
    section: &mut Section<'_>,
    key: &Key<F>,
    services: &[String],
) -> Option<ServiceId> {
    if services.is_empty() {
        let _ = section.maybe_name(key, &[APP.to_owned()]);
        return None;
    }
    section.maybe_name(key, services)
}
