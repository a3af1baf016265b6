//! Where requests from outside enter: the endpoints of services, and the regions that they are in.

use super::{Door, Graph};
use crate::ids::{CellId, PlaceId, RegionId, ServiceId};
use crate::needs::Need;

impl Graph {
    /// The cell that requests enter at a place.
    #[inline]
    pub const fn cell_at(place: PlaceId) -> CellId {
        CellId::new(place.index())
    }

    /// The door at a place, if there is one.
    pub fn door(&self, place: PlaceId) -> Option<&Door> {
        self.doors.get(place.index().checked_sub(self.first_door)?)
    }

    /// The region of a place; of what is in none, a number of its own.
    pub fn home(&self, place: PlaceId) -> RegionId {
        self.door(place).map_or(RegionId::new(place.index()), |door| door.region)
    }

    /// The services that requests from outside enter.
    pub fn entries_of_all(&self) -> impl Iterator<Item = ServiceId> + '_ {
        self.entered.into_iter().chain(self.entered_too.iter().copied())
    }

    /// Whether requests from outside enter a service.
    pub fn is_entered(&self, service: ServiceId) -> bool {
        self.entries_of_all().any(|entered| entered == service)
    }

    /// The service that all requests from outside enter, if it has a name and there is no other.
    pub fn only_entered(&self) -> Option<ServiceId> {
        self.entered.filter(|_| self.entered_too.is_empty())
    }

    /// The service that requests enter at a place, if it has a name.
    pub fn entered_at(&self, place: PlaceId) -> Option<ServiceId> {
        self.door(place).map_or(self.entered, |door| Some(door.service))
    }

    /// The endpoint of a service that is entered in a region.
    pub fn endpoint(&self, service: ServiceId, region: RegionId) -> Option<PlaceId> {
        if self.entered == Some(service) {
            return Some(PlaceId::of(region));
        }
        let door = Door { service, region };
        let number = self.doors.iter().position(|own| *own == door)?;
        Some(PlaceId::new(self.first_door + number))
    }

    /// The places at which a region is entered: its front, then the doors of other services there.
    pub fn entries(&self, region: RegionId) -> impl Iterator<Item = PlaceId> + '_ {
        let doors = self.doors.iter().enumerate().filter(move |(_, door)| door.region == region);
        let doors = doors.map(|(number, _)| PlaceId::new(self.first_door + number));
        std::iter::once(PlaceId::of(region)).chain(doors)
    }

    /// Whether a fault that names this service in a region strikes a cell; without one it strikes all that are entered there.
    pub fn is_struck(&self, cell: CellId, region: RegionId, service: Option<ServiceId>) -> bool {
        match service {
            Some(service) => self.cell(service, region) == Some(cell),
            None => cell.index() < self.regions && self.home(PlaceId::new(cell.index())) == region,
        }
    }

    /// What requests need of the service that they enter at a place.
    pub fn entry_needs(&self, place: PlaceId) -> &[Need] {
        self.entered_at(place).map_or(&[], |entered| &self.services[entered].needs)
    }
}
