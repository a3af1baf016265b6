//! What alarms and runbooks watch of health: an endpoint, or a health check that has a name.

use sim_settings::form::{Defined, IsName, Thing};
use sim_settings::{Key, Section};

use super::{Endpoints, Sight, Zone};
use crate::ids::{AlarmId, CheckId, PlaceId};

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// An endpoint: it is unhealthy while anything says so that answers to it go by.
    Endpoint(PlaceId),
    /// A health check: its own status, inverted where the check is.
    Check(CheckId),
}

/// The same in a file, by its number among endpoints and checks.
#[derive(Debug, Clone, Copy)]
pub struct EndpointOrCheck(usize);

impl From<usize> for EndpointOrCheck {
    fn from(index: usize) -> Self {
        Self(index)
    }
}

impl Defined for EndpointOrCheck {
    const THING: Thing = Thing { word: "endpoint or health check", under: "regions", example: "eu-west-1" };
}

impl Watched {
    /// Reads what is named under a key: a name that an endpoint and a check have is the endpoint's.
    pub fn read<F: IsName<Id = EndpointOrCheck>>(
        section: &mut Section<'_>,
        key: &Key<F>,
        endpoints: &Endpoints,
        checks: &[String],
    ) -> Self {
        let nothing = Self::Endpoint(PlaceId::new(0));
        if endpoints.is_wrong(section, key) {
            return nothing;
        }
        let known: Vec<String> = endpoints.names.iter().chain(checks).cloned().collect();
        match section.maybe_name(key, &known) {
            Some(EndpointOrCheck(number)) => match endpoints.places.get(number) {
                Some(place) => Self::Endpoint(*place),
                None => Self::Check(CheckId::new(number - endpoints.places.len())),
            },
            None => nothing,
        }
    }

    /// The endpoint, if it is one.
    pub const fn endpoint(self) -> Option<PlaceId> {
        match self {
            Self::Endpoint(place) => Some(place),
            Self::Check(_) => None,
        }
    }
}

impl Zone {
    /// The alarms whose metrics a check goes by, itself or through others.
    pub fn alarms_of(&self, check: CheckId) -> Vec<AlarmId> {
        match &self.checks[check].sight {
            Sight::Alarm { alarm, .. } => vec![*alarm],
            Sight::Probes(_) => Vec::new(),
            Sight::Calculated { children, .. } => children.iter().flat_map(|&child| self.alarms_of(child)).collect(),
        }
    }
}
