//! The policies of records that a file writes out, their words, and the keys that go with them.

use sim_settings::Word;
use sim_settings::form::Words;

/// The seven policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Simple,
    Weighted,
    Latency,
    Failover,
    Geolocation,
    Geoproximity,
    Multivalue,
}

/// The words for them.
pub(super) enum Policies {}

impl Words for Policies {
    type Means = Policy;
    const WORDS: &'static [Word<Policy>] = &[
        Word::new("latency", Policy::Latency, "the healthy answer with the shortest round trip for each population"),
        Word::new("failover", Policy::Failover, "the first healthy answer in the order of the list"),
        Word::new("weighted", Policy::Weighted, "healthy answers, in proportion to their weights"),
        Word::new("simple", Policy::Simple, "all answers evenly, whatever their health"),
        Word::new("geolocation", Policy::Geolocation, "the answer whose location each population is in"),
        Word::new("geoproximity", Policy::Geoproximity, "the nearest healthy answer, distances changed by a bias"),
        Word::new("multivalue", Policy::Multivalue, "up to eight healthy answers at once, evenly; clients walk them"),
    ];
}

impl Policy {
    /// Whether a word names one.
    pub(super) fn is_known(word: &str) -> bool {
        Policies::WORDS.iter().any(|known| known.word == word)
    }

    /// Its word.
    pub(super) fn word(self) -> &'static str {
        Policies::WORDS.iter().find(|word| word.means == self).map_or("", |word| word.word)
    }

    /// The keys of answers that go with some policies alone, with those.
    pub(super) const KEYS: [(&'static str, &'static [Self]); 4] = [
        ("region", &[Self::Latency, Self::Geoproximity]),
        ("location", &[Self::Geolocation]),
        ("weight", &[Self::Weighted]),
        ("bias", &[Self::Geoproximity]),
    ];
}
