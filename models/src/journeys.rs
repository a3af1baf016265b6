//! Journeys: kinds of user requests, and what each of them needs.

use sim_settings::form::{Flag, List, Name, OneOf, Share, Table, Text, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Word, keys};

use crate::ids::{NameId, ServiceId};
use crate::needs::{self, Access, Need, NeedTable, read_needs};
use crate::objectives::{self, OfJourneyKeys};

keys! {
    /// The keys of `[[journeys]]`.
    struct JourneyKeys {
        const NAME: Key<Text> = Key::required("name", "what the journey is called").example("\"checkout\"");
        const SHARE: Key<Share> = Key::required("share", "share of all requests");
        const ENTERS: Key<Option<Name<ServiceId>>> = Key::optional("enters", "the service that its requests enter", "the only service that is called by no other, or what the answers of its name lead to");
        const AT: Key<Option<Name<NameId>>> = Key::optional("at", "the name that its clients resolve", "the only name");
        const NEEDS: Key<Option<List<NeedTable>>> = Key::optional("needs", "what a request of this journey needs, in order, after what the service needs that it enters", "it needs nothing of its own");
        const METHOD: Key<Option<OneOf<Methods>>> = Key::optional("method", "the HTTP method", "POST if the journey writes, GET otherwise");
        const CACHEABLE: Key<Flag> = Key::convention(
            "cacheable",
            "whether the edge may answer from its cache",
            "false",
            "an edge caches what it is told to",
        );
    }
}
/// The keys of `[[journeys]]`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JourneyTable {}

impl Table for JourneyTable {
    const LAYOUT: Layout = &[Listing::Keys(JourneyKeys::KEYS), Listing::Keys(OfJourneyKeys::KEYS)];
}
/// The HTTP methods.
#[derive(Clone, Copy, Debug)]
pub enum Methods {}

impl Words for Methods {
    type Means = Method;
    const WORDS: &'static [Word<Method>] = &[
        Word::new("GET", Method::Get, "reads; an edge may cache and repeat it"),
        Word::new("HEAD", Method::Head, "reads; an edge may cache and repeat it"),
        Word::new("OPTIONS", Method::Options, "reads; an edge may cache and repeat it"),
        Word::new("POST", Method::Post, "changes something; an edge neither caches nor repeats it"),
        Word::new("PUT", Method::Put, "changes something; an edge neither caches nor repeats it"),
        Word::new("PATCH", Method::Patch, "changes something; an edge neither caches nor repeats it"),
        Word::new("DELETE", Method::Delete, "changes something; an edge neither caches nor repeats it"),
    ];
}

/// The name of all journeys together in results.
pub const OVERALL: &str = "overall";

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// OPTIONS.
    Options,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// Its name.
    pub fn name(self) -> &'static str {
        Methods::WORDS.iter().find(|word| word.means == self).map_or("", |word| word.word)
    }

    /// Whether it changes nothing, so that an edge may cache or repeat it.
    pub const fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }
}

/// A kind of user request.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// Its share of all requests.
    pub share: f64,
    /// The name that its clients resolve, if the file says so.
    pub at: Option<NameId>,
    /// The service that it enters, if the file says so.
    pub enters: Option<ServiceId>,
    /// Its needs, in order, after those of the service that it enters.
    pub needs: Vec<Need>,
    /// Its HTTP method.
    pub method: Method,
    /// Whether the edge may answer from its cache.
    pub cacheable: bool,
    /// What it is held against by itself.
    pub objectives: objectives::OfJourney,
}

impl Journey {
    /// Whether an entry says its share.
    pub fn has_share(section: &Section<'_>) -> bool {
        section.has(SHARE.name)
    }

    /// The paths of an entry's name and share: where either is wrong, the sum of the shares says nothing.
    pub fn paths_in_sum(section: &Section<'_>) -> [String; 2] {
        [NAME.name, SHARE.name].map(|key| section.path_to(key))
    }

    /// Reads one `[[journeys]]` entry.
    pub fn read(section: &mut Section<'_>, names: needs::Names<'_>, resolved: &[String]) -> Self {
        let (name, share) = (section.get(&NAME), section.get(&SHARE));
        if name == OVERALL {
            section.reject(
                "name",
                format!("the name {OVERALL:?}"),
                "another name: this one stands for all journeys together",
                None,
            );
        }
        let enters = section.maybe_name(&ENTERS, names.services);
        let at = section.maybe_name(&AT, resolved);
        if at.is_none() && resolved.len() > 1 {
            let found = "a journey without `at` where there are several names";
            section.reject("", found, "`at = \"NAME\"`", None);
        }
        let needs = read_needs(section, &NEEDS, names);
        let writes = needs.iter().any(|need| need.access().is_some_and(|(access, _)| access == Access::Write));
        let by_needs = if writes { Method::Post } else { Method::Get };
        let cacheable = section.get(&CACHEABLE);
        let method = section.get(&METHOD).unwrap_or(by_needs);
        if cacheable && !method.reads() {
            let hint =
                (!section.has("method")).then_some("a journey that writes is a POST unless `method` says otherwise");
            section.reject_among(
                &["cacheable", "method"],
                format!("a cacheable {}", method.name()),
                "`cacheable = true` only with GET, HEAD or OPTIONS",
                hint.map(str::to_owned),
            );
        }
        let objectives = objectives::OfJourney::read(section);
        Self { name, share, at, enters, needs, method, cacheable, objectives }
    }
}
