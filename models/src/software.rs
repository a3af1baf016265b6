//! What is deployed: services by their names, or the one that clients enter.

use sim_settings::Word;
use sim_settings::form::Words;

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
