//! What becomes of requests that are led to no region: to a page from elsewhere, or nowhere.

use super::{Assembly, Beyond};
use crate::cause::Cause;
use crate::flow::Chain;
use crate::grid::Grid;
use crate::ids::PlaceId;

impl Assembly {
    /// What requests meet at a place behind the regions: a page is good enough for some journeys; all others fail, for there is
    /// no way to what they need.
    pub(super) fn update_chains_beyond(&self, place: PlaceId, chains: &mut Grid<Chain>) {
        for journey in self.topology.journeys.ids() {
            let content = match self.topology.beyond(place) {
                Some(Beyond::Page(page)) => page.ok[journey],
                Some(Beyond::Nothing) | None => false,
            };
            let chain = &mut chains[(place.index(), journey.index())];
            chain.clear();
            if !content {
                chain.pass = 0.0;
                chain.causes[Cause::NoPath.index()] = 1.0;
            }
        }
    }
}
