//! Strands: each population once for every name that its journeys use, with resolvers of its own.

use super::Topology;
use crate::by_id::ById;
use crate::clients;
use crate::grid::Grid;
use crate::ids::{NameId, PopulationId, StrandId};

/// A population as far as it asks for one name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strand {
    /// The population.
    pub population: PopulationId,
    /// The name.
    pub name: NameId,
    /// Its share in the population's requests: that of the journeys at the name.
    pub share: f64,
}

impl Topology {
    /// All strands, population after population. There is one for each where there is a single name.
    pub fn strands(&self) -> ById<StrandId, Strand> {
        let names: Vec<(NameId, f64)> = if self.zone.names.len() == 1 {
            vec![(NameId::new(0), 1.0)]
        } else {
            let at = |name: NameId| self.journeys.iter().filter(move |journey| journey.at == Some(name));
            let share = |name: NameId| at(name).map(|journey| journey.share).sum::<f64>();
            self.zone.names.ids().map(|name| (name, share(name))).filter(|(_, share)| *share > 0.0).collect()
        };
        let of = |population: PopulationId| names.iter().map(move |&(name, share)| Strand { population, name, share });
        self.clients.ids().flat_map(of).collect()
    }

    /// The clients of each strand, with a name of its own for what random numbers go by.
    pub(super) fn asking(&self, strands: &ById<StrandId, Strand>) -> Vec<clients::Parameters> {
        let one = |strand: &Strand| {
            let mut clients = self.clients[strand.population].clone();
            if let Some(name) = self.strand_path(strand) {
                clients.name = format!("{}/at/{name}", clients.name);
            }
            clients
        };
        strands.iter().map(one).collect()
    }

    /// The strand's name, where there are several names.
    pub(super) fn strand_path(&self, strand: &Strand) -> Option<&str> {
        // Names that callers use alone shift nobody's numbers.
        let first = self.journeys.iter().filter_map(|journey| journey.at).min().unwrap_or(NameId::new(0));
        (strand.name > first).then(|| self.zone.names[strand.name].name.as_str())
    }

    /// Shares of journeys in the requests of each set of chains, which is that of a name: row = set.
    pub(super) fn shares_by_set(&self, strands: &ById<StrandId, Strand>, sets: &[usize]) -> Grid<f64> {
        let count = sets.iter().max().map_or(1, |most| most + 1);
        Grid::from_fn(count, self.journeys.len(), |set: usize, journey: usize| {
            let strand = sets.iter().position(|own| *own == set).map(StrandId::new);
            let journey = &self.journeys.as_slice()[journey];
            match strand.map(|strand| &strands[strand]) {
                Some(strand) if self.zone.names.len() > 1 => {
                    if journey.at == Some(strand.name) {
                        journey.share / strand.share
                    } else {
                        0.0
                    }
                }
                _ => journey.share,
            }
        })
    }
}
