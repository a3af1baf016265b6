//! Who calls through names of DNS, and which services.

use super::{Callers, Graph};
use crate::ids::{CallersId, NameId, ServiceId};
use crate::journeys::Journey;
use crate::needs::{Asks, Call, Need, To};

impl Graph {
    /// Numbers those who call through names: callers of one service share what they cache of a name.
    pub(super) fn number_callers(&mut self, journeys: &mut [Journey], entered: ServiceId) {
        let Self { services, callers, .. } = self;
        let services = services.pairs_mut().map(|(id, service)| (id, &mut service.needs));
        let journeys = journeys.iter_mut().map(|journey| (journey.enters.unwrap_or(entered), &mut journey.needs));
        for (service, need) in services.chain(journeys).flat_map(|(id, needs)| needs.iter_mut().map(move |it| (id, it)))
        {
            let Asks::Service(Call { to: To::Name(through), .. }) = &mut need.asks else { continue };
            let own = Callers { service, name: through.name, floor: through.floor };
            through.callers = callers.position(|known| *known == own).unwrap_or(CallersId::new(callers.len()));
            if through.callers.index() == callers.len() {
                callers.push(own);
            }
        }
    }

    /// The names that services call through, each with the service that is called.
    pub(crate) fn names_called<'a>(
        &'a self,
        journeys: &'a [Journey],
    ) -> impl Iterator<Item = (NameId, ServiceId)> + 'a {
        let services = self.services.iter().flat_map(|service| &service.needs);
        let calls = services.chain(journeys.iter().flat_map(|journey| &journey.needs)).filter_map(Need::call);
        calls.filter_map(|call| match call.to {
            To::Name(through) => Some((through.name, call.service)),
            To::Local | To::Nearest { .. } | To::Region(_) => None,
        })
    }
}
