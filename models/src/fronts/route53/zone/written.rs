//! What `[names]`, `[records]` and `[health-checks]` make, before the places of pages are known.

use super::{Choice, Target, Zone};
use crate::by_id::ById;
use crate::ids::{JourneyId, PlaceId};

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

    /// The name of a record with several addresses in an answer of which one is a record.
    pub fn address_of_a_record(&self) -> Option<&str> {
        let mut several = self.zone.records.iter().filter(|record| record.choice == Choice::Multivalue);
        let led = several.find(|record| record.answers.iter().any(|answer| answer.to.is_record()));
        led.map(|record| record.name.as_str())
    }

    /// The zone, in which pages have no places yet.
    pub const fn unplaced(&self) -> &Zone {
        &self.zone
    }

    /// The zone where pages stand behind the regions from this one on.
    pub fn zone(self, first: usize) -> Zone {
        let mut zone = self.zone;
        for answer in zone.records.iter_mut().flat_map(|record| &mut record.answers) {
            if let Target::Page(page) = answer.to {
                answer.to = Target::Page(PlaceId::new(first + page.index()));
            }
        }
        zone
    }
}
