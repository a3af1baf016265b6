//! What `[names]`, `[records]` and `[health-checks]` make, before the places of pages are known.

use super::{Choice, Target, Zone};
use crate::by_id::ById;
use crate::ids::{JourneyId, NameId, RegionId};

/// A page from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// By journey, whether it is good enough.
    pub ok: ById<JourneyId, bool>,
}

/// What `[names]`, `[records]` and `[health-checks]` say.
pub struct Written {
    /// The zone, in which pages have numbers of their own.
    pub(super) zone: Zone,
    /// Pages, in the order of their numbers.
    pub pages: Vec<Page>,
    /// Whether somebody may be given no answer at all.
    pub unanswered: bool,
}

impl Written {
    /// Whether clients go through several addresses of an answer.
    pub fn walks(&self) -> bool {
        self.zone.walks()
    }

    /// The name of a record with several addresses in an answer, where not all records are such.
    pub fn lone_walk(&self) -> Option<&str> {
        let mut several = self.zone.records.iter().filter(|record| record.choice == Choice::Multivalue);
        let alone = self.zone.walks() && self.zone.names.len() == 1;
        several.next().filter(|_| !alone).map(|record| record.name.as_str())
    }

    /// The second name, if there is one.
    pub fn second_name(&self) -> Option<&str> {
        self.zone.names.get(NameId::new(1)).map(|name| name.name.as_str())
    }

    /// The zone where pages stand behind the regions from this one on.
    pub fn zone(self, first: usize) -> Zone {
        let mut zone = self.zone;
        for answer in zone.records.iter_mut().flat_map(|record| &mut record.answers) {
            if let Target::Page(page) = answer.to {
                answer.to = Target::Page(RegionId::new(first + page.index()));
            }
        }
        zone
    }
}
